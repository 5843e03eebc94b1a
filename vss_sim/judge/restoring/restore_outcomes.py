"""What is owed once the files of a restore are where they are: mappings that are recorded, a restart, services.

AddAlternativeLocationMapping tells the writer where files went. It is held against the file calls before it; where the
log has no file calls, nothing is said. What a status tells is held against them in `restore_statuses`.
"""

from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.paths import folder_of
from vss_sim.judge.restoring.breaches import Scene
from vss_sim.judge.restoring.restore_plan import stored_document
from vss_sim.judge.restoring.restore_services import judge_services_at_post_restore
from vss_sim.judge.restoring.restores import COMPONENTS, Restoring
from vss_sim.spec.enums import FileRestoreStatus, RestoreMethod
from vss_sim.spec.restore_breaches import Breach

_ONLY_USED = "alm-record-only-used"
_WHOLE_SET = "alm-record-whole-set"


def learn_recorded(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A mapping is recorded as used: its files, all of them, have to be at the mapped place."""
    del certain
    restoring, key, arguments = obj.restoring, component_key(step.line.in_), step.arguments
    path, filespec, recursive = (arguments.get(name) for name in ("wszPath", "wszFilespec", "bRecursive"))
    if restoring is None or key is None or not isinstance(path, str) or not isinstance(filespec, str):
        return
    triple = folder_of(path), filespec.casefold(), bool(recursive)
    if len(restoring.recorded) < COMPONENTS:
        restoring.recorded.setdefault(key, []).append(triple)
    if (*key, f"{triple[0]}\\{triple[1]}") in restoring.partial_ranges and not triple[2]:
        document = stored_document(history, step.line, key[0])
        if document is not None and document.triples and triple not in document.triples:
            says = "a mapping is recorded for a file that was added as a partial file, which no mapping is for"
            history.note(step, Level.WARNING, "alm-new-partial-none", says)
    put_back = restoring.sets.get(key)
    if put_back is None:
        return
    if triple not in put_back.mappings_used:
        declared = restoring.new_targets.get(key, ())
        renewed = any(triple == (one.path, one.filespec, one.recursive) for one in declared)
        stayed = put_back.restored or (put_back.renewed if renewed else None)
        if stayed is not None:
            went = "original places" if stayed is put_back.restored else "new targets"
            says = f"a mapping is recorded as used, and the files went to their {went} ({key[2]!r})"
            history.note(step, Level.WARNING, _ONLY_USED, says, stayed)
    elif (missed := put_back.mapped.missed()) is not None:
        says = f"a mapping is recorded as used, and not all files of its file set went there ({key[2]!r})"
        history.note(step, Level.WARNING, _WHOLE_SET, says, missed)


def judge_end_of_files(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """PostRestore: what is owed once the files are where they are."""
    del certain
    restoring = obj.restoring
    if restoring is None:
        return
    restoring.post_restored = step.mark("PostRestore was called")
    restoring.judge_what_was_told(step)
    for key, put_back in list(restoring.sets.items()):
        scene = Scene.of(history, step, obj, key)
        told = restoring.statuses.get(key, ("",))[0]
        unrecorded = [m for used, m in put_back.mappings.items() if used not in restoring.recorded.get(key, ())]
        whole = put_back.mapped.missed() is None or told == FileRestoreStatus.ALL
        there = put_back.moved is not None or (bool(put_back.mapped.empty) and told == FileRestoreStatus.ALL)
        if unrecorded and there and whole:
            scene.say(Breach.MAPPING_UNRECORDED, unrecorded[0])
        given_up = told == FileRestoreStatus.NONE
        if scene.plan is not None and scene.plan.document.reboots and not given_up:
            restoring.reboots_asked.append((scene.plan.document.read[0], "the writer asks for a restart"))
    _together(history, step, obj, restoring)
    judge_services_at_post_restore(history, step, obj)


def _together(history: History, step: Step, obj: BackupObject, restoring: Restoring) -> None:
    """All selected sets of a writer whose files wait for the restart are staged (C07)."""
    for key, mark in restoring.selected.items():
        put_back = restoring.sets.get(key)
        status = restoring.statuses.get(key)
        others = [one for other, one in restoring.sets.items() if other[0] == key[0] and other != key and one.staged]
        staged = key in restoring.staged_for or (put_back is not None and (put_back.staged or put_back.renewed))
        if staged or not others or (status and status[0] == FileRestoreStatus.NONE):
            continue
        scene = Scene.of(history, step, obj, key)
        if scene.method is RestoreMethod.RESTORE_AT_REBOOT:
            scene.say(Breach.NOT_TOGETHER, mark, next(iter(others[0].staged.values())))
