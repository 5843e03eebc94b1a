"""Files on shadow copies: they are read by the device object and a path from the root, and written by nobody.

A copy of a set is the data of one moment; the volume itself is not. Copies that were imported or broken stay read-only
as well, until a set is broken read-write.

Pages: https://learn.microsoft.com/windows/win32/vss/requestor-access-to-shadow-copied-data,
https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.file_deeds import access_of, file_changed, file_read
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, MachineView, Mark
from vss_sim.judge.paths import device_of, on_shadow_copy
from vss_sim.judge.shadows.known_copies import ShadowFacts
from vss_sim.judge.shadows.transports import judge_late_read
from vss_sim.judge.win32_words import answer_of
from vss_sim.spec.enums import numbers
from vss_sim.spec.events import POST_SNAPSHOT
from vss_sim.spec.state import Phase
from vss_sim.spec.win32 import CHANGED_FILE, CHANGED_FOLDER, COPIES, DELETE, READ_FILE, WRITE, Win32Error
from vss_sim.trace.values import parse_guid

TOUCHES: Final = frozenset({*READ_FILE, *CHANGED_FILE, *CHANGED_FOLDER})
"""Functions that read or write a file or folder by its path."""

_DONE: Final = Win32Error.ERROR_SUCCESS.name
_PROTECTED: Final = Win32Error.ERROR_WRITE_PROTECT.name
_MAKE_WRITABLE: Final = (
    "write to another place; a copy by hardware becomes a volume to write to by BreakSnapshotSetEx"
    " with VSS_BREAKEX_FLAG_MAKE_READ_WRITE"
)
_LEFT_READ_ONLY: Final = (
    "make the volume writable with the tools of the storage (VDS), or break the set by BreakSnapshotSetEx"
    " with VSS_BREAKEX_FLAG_MAKE_READ_WRITE in the first place"
)
_MAKES_READ_WRITE: Final = numbers()["VSS_BREAKEX_FLAG_MAKE_READ_WRITE"]
_NO_AUTORECOVERY: Final = "VSS_VOLSNAP_ATTR_NO_AUTORECOVERY"


def judge_file(history: History, step: Step, name: str) -> None:
    """Judge where a file call leads."""
    machine = history.machine(step.line)
    source = file_read(step, name)
    read = on_shadow_copy(source)
    if read is not None and read[1] and not read[1].startswith("\\"):
        says = "the device object of a shadow copy has no backslash at its end; the path needs one after it"
        history.note(step, Level.WARNING, "sn-device-object", says)
    elif read is not None:
        facts = machine.shadow_devices.get(read[0])
        _judge_deleted(history, step, machine, facts)
        judge_late_read(history, step, facts)
    elif source is not None:
        _judge_live(history, step, name, machine, source.casefold())
    written = on_shadow_copy(file_changed(step, name)) if _is_a_write(step, name) else None
    if written is not None and _is_a_writers(history, step):
        _judge_recovery(history, step, machine)
    elif written is not None:
        _judge_write(history, step, machine, written[0])


def _judge_deleted(history: History, step: Step, machine: MachineView, facts: ShadowFacts | None) -> None:
    """A file is read by the device of a copy that was deleted; said once of a copy. A restart numbers devices anew."""
    deleted = facts.deleted if facts is not None else None
    if facts is None or deleted is None or facts.read_gone or machine.booted > deleted[0]:
        return
    facts.read_gone = True
    at, says = At.REQUESTER, "a file is read by the device of a shadow copy that was deleted"
    if answer_of(step) == _DONE:
        at, says = At.IMPLEMENTATION, "a file of a shadow copy that was deleted was read by its device"
    history.note(step, Level.WARNING, "sn-deleted-gone", says, deleted, at=at)


def _is_a_writers(history: History, step: Step) -> bool:
    """Whether a writer is at work in PostSnapshot, where it may recover its data and delete files (by its process)."""
    handler = history.documents.handler_at(step.number)
    own = handler is not None and handler.process is not None and str(step.line.process) == handler.process
    return own and handler is not None and handler.event == POST_SNAPSHOT


def _is_a_write(step: Step, name: str) -> bool:
    return name != "CreateFile" or bool(access_of(step) & (WRITE | DELETE))


def _judge_live(history: History, step: Step, name: str, machine: MachineView, path: str) -> None:
    """What is saved after the set was made comes from the set; of the volume itself, once is enough to say so."""
    process = str(step.line.process or "")
    if name not in COPIES:
        return
    for transport in machine.imported.values():
        importer = transport.importer
        elsewhere = importer is not None and importer.machine != transport.source.machine
        if importer is None or importer.process != process or not transport.imported or not elsewhere:
            continue
        if any(path.startswith(name) for name in transport.source.volumes):
            says = "the path is that of the original volume; on this machine the copy is read by its device object"
            history.note(step, Level.WARNING, "im-read-by-device-object", says, transport.imported)
            return
    for obj in machine.creators:
        if obj.process != process or holds(obj.state, Phase.CREATED.bit) is not Certainty.YES:
            continue
        if not obj.told.copied_live and any(path.startswith(name) for name in obj.volumes):
            obj.telling().copied_live = True
            says = "a file is copied from the volume itself, of which there is a shadow copy"
            history.note(step, Level.INFO, "sn-not-live-volume", says, *obj.grounds_of(Phase))
            return


def _judge_recovery(history: History, step: Step, machine: MachineView) -> None:
    """A writer changes a copy in PostSnapshot, where the context keeps writers from it."""
    creating = [obj for obj in machine.creators if obj.state & Phase.CREATING.bit]
    seen = creating[0].seen if len(creating) == 1 else None
    if seen is None or seen.context_set is None or answer_of(step) != _DONE:
        return
    if _NO_AUTORECOVERY in seen.attributes:
        says = "the context is without auto-recovery, and a writer changed the shadow copy in PostSnapshot"
        rule = "sn-attr-no-autorecovery"
        history.note(step, Level.ERROR, rule, says, seen.context_set, at=At.IMPLEMENTATION)


def _judge_write(history: History, step: Step, machine: MachineView, device: str) -> None:
    """Who writes to a shadow copy is told that it is write-protected.

    A device that the log does not show, and that takes the write, is what was broken elsewhere. What tools of the
    storage make of the volume of a broken set, the log does not show.
    """
    known = machine.shadow_devices.get(device)
    if known is not None and known.writable:
        return
    succeeded = answer_of(step) == _DONE
    if known is not None and known.broken:
        _judge_write_to_broken(history, step, known.broken, succeeded=succeeded)
    elif known is not None and known.may_be_broken:
        history.undecided += not succeeded  # it may have come before the end of the break
    elif known is not None and known.transport is not None:
        _judge_write_to_imported(history, step, succeeded=succeeded)
    elif known is not None or not succeeded:
        says = "a shadow copy is written to, which is read-only"
        history.note(step, Level.WARNING, "sn-read-only", says, mends=_MAKE_WRITABLE)


def _judge_write_to_broken(history: History, step: Step, broken: Mark, *, succeeded: bool) -> None:
    rule = "sn-break-readonly-default"
    if succeeded:
        says = "the set was broken and left read-only, and its volume takes a write; nothing in the log made it do so"
        history.note(step, Level.WARNING, rule, says, broken, at=At.IMPLEMENTATION)
    elif answer_of(step) == _PROTECTED:
        says = "the set was broken and left read-only, and its volume is written to"
        history.note(step, Level.INFO, rule, says, broken, mends=_LEFT_READ_ONLY)


def _judge_write_to_imported(history: History, step: Step, *, succeeded: bool) -> None:
    if succeeded:
        says = "the volume of an imported shadow copy is read-only, and was written to"
        history.note(step, Level.ERROR, "im-hidden-readonly", says, at=At.IMPLEMENTATION)
        return
    says = "an imported shadow copy is written to, which was not broken and made read-write"
    also = ("im-fr-break-before-write",)
    history.note(step, Level.WARNING, "sn-read-only", says, also=also, mends=_MAKE_WRITABLE)


def learn_shadow_device(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Which device is that of which shadow copy."""
    del obj
    found = device_of(step.results.get("pProp"))
    key = parse_guid(step.arguments.get("SnapshotId"))
    machine = history.machine(step.line)
    if found is None or key is None or not certain:
        return
    facts = machine.shadows.get(key) or ShadowFacts()
    facts.transport = machine.imported.get(key)
    keep(machine.shadow_devices, found, facts, _MOST)


_MOST: Final = 256
"""So many devices are remembered; a restart gives their names to other copies."""


def learn_broken(machine: MachineView, key: str | None, step: Step, flags: object) -> None:
    """A set was broken: its volumes are read-only, unless they were to be made read-write."""
    known = [machine.shadows[one] for one in machine.members.get(key or "", ())]
    for facts in (*known, *machine.shadow_devices.values()):
        if key is not None and facts.set_id == key:
            facts.broken, facts.writable = step.mark("its set was broken"), flags is None or _is_writable(flags)


def _is_writable(flags: object) -> bool:
    if isinstance(flags, int):
        return bool(flags & _MAKES_READ_WRITE)
    return "MAKE_READ_WRITE" in str(flags)
