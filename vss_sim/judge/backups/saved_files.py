"""What the copying of files from a shadow copy tells of the backup that it belongs to.

Writers may truncate their logs on BackupComplete, so everything is copied before it; and a file that could not be
copied fails its component. A path tells its shadow copy where GetSnapshotProperties gave the device object out. A
persistent shadow copy may be read for any purpose later, so only those are looked at that go with their object.
"""

from typing import Final

from vss_sim.engine.contexts import is_auto_release
from vss_sim.judge.file_deeds import file_read
from vss_sim.judge.findings import Level
from vss_sim.judge.history import MEMORY, History, Step
from vss_sim.judge.objects import BackupObject, End
from vss_sim.judge.paths import device_of, is_in_set, on_shadow_copy
from vss_sim.judge.told import added, without
from vss_sim.judge.win32_words import answer_of, succeeded
from vss_sim.model.shown import joined, written
from vss_sim.spec.state import Phase
from vss_sim.trace.values import parse_guid

_LOGS_ONLY: Final = "VSS_BT_LOG"


def learn_device(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Take on which shadow copy a device object belongs to."""
    machine = history.machine(step.line)
    snapshot = machine.snapshots.get(parse_guid(step.arguments.get("SnapshotId")) or "")
    found = device_of(step.results.get("pProp"))
    if certain and snapshot is not None and found is not None:
        if len(machine.devices) >= MEMORY:
            del machine.devices[next(iter(machine.devices))]
        machine.devices[found] = snapshot.owner


def judge_copy(history: History, step: Step, name: str) -> None:
    """Judge the copying of one file; that copying comes late is said once of an object."""
    place = on_shadow_copy(file_read(step, name))
    obj = history.machine(step.line).devices.get(place[0]) if place is not None else None
    if place is None or obj is None or obj.process != str(step.line.process or ""):
        return
    path = joined(*place)
    _judge_source(history, step, obj, place[1])
    complete = obj.running.get(Phase.COMPLETING.bit)
    if complete is None:
        _note_result(step, obj, path)
        return
    completed = complete.end not in (End.FAILED, End.CANCELLED)
    if completed and obj.context and is_auto_release(obj.context) and not obj.told.copied_late:
        obj.telling().copied_late = True
        says = "a file is copied from the shadow copy after BackupComplete told the writers that all is saved"
        history.note(step, Level.WARNING, "seq-complete-after-verify", says, (complete.began, "BackupComplete began"))


def _judge_source(history: History, step: Step, obj: BackupObject, inside: str) -> None:
    """Files with an alternate path are read from there; a log backup is of log files only."""
    for chosen in obj.seen.chosen if obj.seen is not None else ():
        sets = [one for one in chosen.facts.file_sets if one.path is not None and one.filespec is not None]
        holding = [one for one in sets if _lies_in(inside, one.path or "", one.filespec or "", one.recursive)]
        if holding and all(one.alternate is not None for one in holding):
            says = (
                f"{written(inside)} is read from its own place, and {holding[0].alternate} is where a backup finds it"
            )
            rules = ("create-md-filegroup-alternate-path", "inc-diff-alternate-source")
            history.note(step, Level.WARNING, rules[0], says, chosen.added, also=rules[1:])
        if holding and obj.backup_type == _LOGS_ONLY and not any(one.is_log for one in holding):
            says = f"{written(inside)} is saved in a log backup, and is no log file of {chosen.facts.name!r}"
            history.note(step, Level.WARNING, "inc-log-files", says, chosen.added)


def _lies_in(inside: str, path: str, filespec: str, recursive: bool | None) -> bool:
    """Whether a path below a device is one of a file set, whose path begins with a drive."""
    return path[1:2] == ":" and is_in_set(inside, path[2:], filespec, recursive=bool(recursive))


def _note_result(step: Step, obj: BackupObject, path: str) -> None:
    """A copy that failed counts until one of the same file succeeds."""
    answer, known = answer_of(step), obj.told.failed_copies
    if succeeded(step):
        if path in known:
            obj.telling().failed_copies = without(known, path)
    elif answer is not None:
        obj.telling().failed_copies = added(known, path, step.mark(f"the copying of a file failed with {answer}"))
