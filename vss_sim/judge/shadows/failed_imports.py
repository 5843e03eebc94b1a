"""An import that failed: by which rule, as far as the log shows it, what the requester does next, and what is left.

What speaks against an import when it begins is what it fails for, if it fails. Some results have one cause alone; of
the others the pages leave the cause open. Whose concern it is goes with the cause: who imports what cannot come
(requester), or the provider.

Page: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-importsnapshots
"""

from collections.abc import Iterator
from itertools import chain
from typing import Final

from vss_sim.engine import bits
from vss_sim.engine.contexts import number_of
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Finding, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import AsyncObject, BackupObject, End, MachineView, Mark
from vss_sim.judge.shadows.imported import may_have_gone, may_pass, passes, where_gone
from vss_sim.judge.shadows.known_copies import Transport
from vss_sim.judge.shadows.shadow_facts import machine_troubles
from vss_sim.judge.shadows.transports import import_troubles
from vss_sim.spec.answers import Failure
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import (
    AGAIN,
    ANEW,
    FAILS_FOR_ANOTHER_REASON,
    LOOK_AT,
    MASK_OR_DELETE,
    NOT_MADE_TO_TRAVEL,
    OF_THE_PROVIDER,
    ONE_CAUSE,
    TOUCHES_NO_LUN,
)
from vss_sim.spec.protocol.common import RELEASED
from vss_sim.spec.protocol.snapshots import IMPORT_SLOT
from vss_sim.spec.state import Phase
from vss_sim.trace.values import Code, parse_guid

_IMPORT: Final = "ImportSnapshots"
_LEAVERS: Final = 16
"""So many objects are remembered whose imports left something."""
_NO_RESULT: Final = ""
_PARTLY: Final = HResult.VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED
_LOOK: Final = LOOK_AT["VSS_E_NO_SNAPSHOTS_IMPORTED"]
_RESULT: Final = "im-async-result"
_NOT_ARRIVED: Final = "im-lun-not-arrived"
_WINDOW: Final = "im-nonpersistent-import-window"
_MAY_HAVE_GONE: Final = ("VSS_E_NO_SNAPSHOTS_IMPORTED",)
"""Results that tell of a set which is not there."""
_NOTHING_WAITS: Final = frozenset({"im-save-after-do", "im-once-only", _WINDOW, "sn-deleted-gone", "sn-break-forgets"})
"""Rules after whose breach no copy of the document waits for an import: another set is made, and no LUN comes."""
_NO_LUN_COMES: Final = _NOTHING_WAITS | {NOT_MADE_TO_TRAVEL.rule, "import-server-hardware-only", "im-hardware-only"}
"""These, and those after whose breach there is no provider that would make a LUN visible."""


def suspect(history: History, step: Step, begun: AsyncObject) -> None:
    """What speaks against the import, now that it begins."""
    of_the_machine = machine_troubles(begun.method, history, step.line, begun.owner)
    troubles = chain(of_the_machine, import_troubles(history, step.line, begun.owner))
    begun.suspected = next((one for one in troubles if one.rule not in FAILS_FOR_ANOTHER_REASON), None)


def see_serialised(history: History, step: Step, begun: AsyncObject) -> None:
    """Another object of the program imports on this machine, and nobody has waited for the end of that."""
    for other in history.machine(step.line).importers:
        running = other.running.get(begun.operation.pending)
        if running is None or other is begun.owner or other.process != begun.owner.process:
            continue
        unseen = running.end is None and running.has_handle and not running.waited
        if unseen and holds(other.state, begun.operation.pending) is Certainty.MAYBE:
            says = "an import begins, and nobody has waited for the end of the one before; it may still run"
            because, also = (Ground(*running.ground),), ("im-one-at-a-time", "import-one-at-a-time")
            at, level = At.REQUESTER, Level.WARNING
            history.find(Finding(step.number, level, at, "im-serialise", says, because, _IN_TURN, also))
            return


_IN_TURN: Final = ("IVssAsync::Wait", *AGAIN)


def import_failed(history: History, step: Step, begun: AsyncObject, result: Code, failure: Failure) -> bool:
    """Tell why an import failed; False for other operations."""
    if begun.method.name != _IMPORT:
        return False
    name, cause = result.name, ONE_CAUSE.get(result.name)
    at, rule, words, instead = At(failure.at), failure.rule, "", AGAIN
    slip = _slip(begun, name) or (_meanwhile(history, step, begun) if name in _MAY_HAVE_GONE else None)
    grounds: tuple[Ground, ...] = (Ground(*begun.ground),)
    if cause is not None:
        at, rule, words, instead = At.REQUESTER, cause.rule, cause.says, cause.instead
    elif slip is not None:
        at, rule, words = At.REQUESTER, slip.rule, slip.words
        instead = ANEW if rule in _NOTHING_WAITS else AGAIN
        instead = NOT_MADE_TO_TRAVEL.instead if rule == NOT_MADE_TO_TRAVEL.rule else instead
        grounds = (*slip.because, *grounds)
    elif name in LOOK_AT:
        words = f"look {LOOK_AT[name]}"
    if _may_leave_luns(begun, name) and rule not in _NOTHING_WAITS:
        words = f"{words}; {MASK_OR_DELETE}" if words else MASK_OR_DELETE
    also = tuple(one for one in (failure.rule, *failure.also) if one != rule)
    says = f"{_IMPORT} came to {name}: {words}"
    history.find(Finding(step.number, Level.INFO, at, rule, says, grounds, instead, also))
    return True


def _meanwhile(history: History, step: Step, begun: AsyncObject) -> Trouble | None:
    """What took the set away while its import ran, or ended VSS where it was made: then nothing is left to come."""
    found = (one for one in import_troubles(history, step.line, begun.owner) if one.rule in _NOTHING_WAITS)
    trouble, transport = next(found, None), begun.owner.arriving
    if trouble is not None or transport is None:
        return trouble
    maker = history.machines.get(transport.source.machine)
    if maker is None or not passes(transport) or not may_have_gone(history, transport.source):
        return None
    because = (Ground(maker.stopped, "VSS ended there"),)
    words = "the set is not persistent, and VSS ended on the machine that made it"
    return Trouble(_WINDOW, (), words, because=because)


def luns_left(machine: MachineView, asked: Step, begun: AsyncObject, end: End, result: Code) -> None:
    """The import may have left LUNs behind, also where it was cancelled; one that brought the whole set has not.

    It may have taken on what an earlier one left.
    """
    partly = end is End.FINISHED and result.known is _PARTLY
    if partly or (end is not End.FINISHED and _may_leave_luns(begun, result.name)):
        if begun.owner.told.orphans is None:
            machine.leavers = [*machine.leavers[-_LEAVERS:], begun.owner]
        begun.owner.telling().orphans = asked.mark(f"the import came to {result.name}")
    elif end is End.FINISHED:
        machine.came = asked.number


def partly_imported(history: History, asked: Step, begun: AsyncObject, end: End, result: Code) -> None:
    """The import brought some copies alone, which is a success: the others are found by no call."""
    if end is not End.FINISHED or result.known is not _PARTLY:
        return
    begun.owner.telling().partly = asked.mark("the import brought a part of the set")
    says = f"{_IMPORT} came to {_PARTLY.name}: a copy of the set, or more, did not come"
    gone, masked = _went_before(history, begun.owner.arriving), _masked_meanwhile(history.machine(asked.line), begun)
    at, also, grounds = At.PROVIDER, [], [Ground(*begun.ground)]
    for key, mark, rule in gone:
        at, says = At.REQUESTER, f"{says}; {{{key}}} was there no more"
        also.append(rule)
        grounds.append(Ground(*mark))
    if masked is not None:
        also.append(_NOT_ARRIVED)
        grounds.append(Ground(*masked))
    if not also:
        says = f"{says}; look {_LOOK}"
    because, rules = tuple(grounds), tuple(dict.fromkeys(also))
    history.find(Finding(asked.number, Level.INFO, at, _RESULT, says, because, also=rules))


def _went_before(history: History, transport: Transport | None) -> list[tuple[str, Mark, str]]:
    """The copies of a set that went by calls where it was made: each with the line, and the rule."""
    view = history.machines.get(transport.source.machine) if transport is not None else None
    if view is None or transport is None:
        return []
    known = ((key, view.snapshots.get(key)) for key in transport.copies)
    return [(key, copy.gone, copy.gone_by[-1]) for key, copy in known if copy is not None and copy.gone]


def _masked_meanwhile(machine: MachineView, begun: AsyncObject) -> Mark | None:
    """Where a LUN was masked from the machine that imports since the import began, if it may be one of the set."""
    if machine.masked is None or machine.masked[0] < begun.began:
        return None
    transport = begun.owner.arriving
    by_id = {key for key, mark in machine.masked_copies.items() if mark[0] > begun.began}
    if transport is not None and by_id and not by_id & {transport.set_id, *transport.copies}:
        return None
    return machine.masked


def import_seen(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The importer reads the properties of a copy that came by an import: by its own, where none brought it before."""
    told = step.results.get("pProp")
    if IMPORT_SLOT.held_in not in obj.running or not certain or not isinstance(told, dict):
        return
    transport = history.machine(step.line).imported.get(parse_guid(step.arguments.get("SnapshotId")) or "")
    attributes = number_of(told.get("m_lSnapshotAttributes")) or 0
    if attributes & bits.IMPORTED and not (transport and transport.imported):
        obj.telling().brought = step.number


def import_cut_off(machine: MachineView, obj: BackupObject, mark: Mark) -> None:
    """An object goes while its import may run: the LUNs that were made visible by then stay so."""
    running = obj.running.get(IMPORT_SLOT.held_in)
    if running is None or running.end is not None or running.waited or obj.told.orphans is not None:
        return
    if obj.told.brought > running.began:
        return
    if holds(obj.state, IMPORT_SLOT.held_in) is not Certainty.NO and _may_leave_luns(running, _NO_RESULT):
        machine.leavers = [*machine.leavers[-_LEAVERS:], obj]
        obj.telling().orphans = mark


def luns_never_cleaned_up(history: History, last: int) -> Iterator[Finding]:
    """What failed imports left behind, and nothing in the log removed; another object may do so after the importer."""
    for machine in history.machines.values():
        for obj in machine.leavers:
            left = obj.told.orphans
            if left is None or max(machine.cleaned, machine.came) >= left[0] or _went(history, obj.arriving):
                continue
            gone = obj.grounds_of(Phase) if holds(obj.state, RELEASED) is Certainty.YES else ()
            number = gone[0][0] if gone else last
            says = "no line shows that the import brought the set, and none cleans up LUNs that it may have left"
            rule, also = "import-failure-cleanup", ("im-failure-requester-cleanup",)
            says = f"{says}; VSS does not"
            yield Finding(number, Level.INFO, At.REQUESTER, rule, says, (Ground(*left),), also=also)


def _went(history: History, transport: Transport | None) -> bool:
    """Whether the copies went with their LUNs where they were made: by calls, or with the object that held them.

    A LUN that is deleted is gone for every machine (dispute C39).
    """
    if transport is None:
        return False
    gone = where_gone(history, transport) is not None
    return gone or (may_pass(transport) and may_have_gone(history, transport.source))


def _may_leave_luns(begun: AsyncObject, result: str) -> bool:
    """Whether a LUN may have been made visible before the import failed."""
    slip = _slip(begun, result)
    return (slip is None or slip.rule not in _NO_LUN_COMES) and result not in TOUCHES_NO_LUN


def _slip(begun: AsyncObject, result: str) -> Trouble | None:
    """What spoke against the import when it began, where it can be what the import came to this result for."""
    return None if result in OF_THE_PROVIDER else begun.suspected
