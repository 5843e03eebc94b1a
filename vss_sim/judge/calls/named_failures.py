"""A call on a shadow copy or set that is not found: it may be gone, not there yet, or has to be there."""

from typing import Final

from vss_sim.engine.contexts import is_auto_release
from vss_sim.engine.paths import WAIT
from vss_sim.judge.findings import At, Finding, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import lost_snapshot
from vss_sim.judge.objects import AsyncObject, BackupObject
from vss_sim.judge.shadows.imported import gone_here, should_have_come
from vss_sim.judge.shadows.shadow_facts import should_be_there
from vss_sim.spec.answers import Failure
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.common import NOT_DURING_CREATION
from vss_sim.spec.protocol.snapshots import IMPORT_SLOT
from vss_sim.spec.remedies import remedy
from vss_sim.spec.table import Method
from vss_sim.trace.lines import Line
from vss_sim.trace.values import Code, parse_guid

_LOOKS_ONLY: Final = "GetSnapshotProperties"
_UNSEEN: Final = {"DoSnapshotSet": NOT_DURING_CREATION, "ImportSnapshots": "im-async-result"}
"""Operation that brings shadow copies → the rule that has its end awaited."""

_RELEASED_WITH: Final = "seq-release-deletes-autorelease"
READ_IT: Final = "IVssAsync::QueryStatus"


def of_what_it_names(
    history: History, step: Step, method: Method, obj: BackupObject, code: Code, failure: Failure
) -> bool:
    """Say what the log shows of the shadow copy that a call failed for: it may be gone, not there yet, or has to be."""
    lost = lost_snapshot(history.machine(step.line), method, step.line)
    if lost is not None:
        says = f"{method.name} failed with {code.name}; what it names may be gone since line {lost[0]}"
        history.note(step, Level.INFO, failure.rule, says, lost, also=failure.also)
        return True
    if code.known is not HResult.VSS_E_OBJECT_NOT_FOUND:
        return False
    unseen = _unfinished_creation(method, step.line, obj) or _unseen_import(history, method, step.line, obj)
    if unseen is not None:
        rule, also = _UNSEEN[unseen.method.name], (failure.rule, *failure.also)
        says = f"{method.name} failed with {code.name}, and nobody saw what {unseen.method.name} came to"
        instead = (READ_IT if unseen.waited else WAIT, method.full_name)
        because = (unseen.ground,)
        history.find(Finding(step.number, Level.ERROR, At.REQUESTER, rule, says, because, instead, also))
        return True
    gone = gone_here(history.machine(step.line), method, step.line)
    if gone is not None:
        says = f"{method.name} failed with {code.name}: this shadow copy or set is gone"
        level = Level.WARNING if method.name == "DeleteSnapshots" else Level.ERROR
        history.note(step, level, gone[0], says, gone[1], mends=remedy(method.full_name, failure.hresult, gone[0]))
        return True
    if any(_went_with_a_restart(history, one, step.line) for one in _named(method, step.line)):
        says = f"{method.name} failed with {code.name}: this shadow copy or set was not persistent"
        booted, also = (history.machine(step.line).booted, "the machine was restarted"), (*failure.also, _RELEASED_WITH)
        mends = remedy(method.full_name, failure.hresult)
        history.note(step, Level(failure.level), failure.rule, says, booted, also=also, mends=mends)
        return True
    kept = should_be_there(history.machine(step.line), method, step.line, obj)
    kept = kept or should_have_come(history, step, method, obj)
    if kept is not None:
        says = f"{method.name} failed with {code.name}; {kept.why}"
        history.note(step, kept.level, kept.rule, says, *kept.because, at=At.IMPLEMENTATION)
    return kept is not None


def _unfinished_creation(method: Method, line: Line, obj: BackupObject) -> AsyncObject | None:
    """The creation that a call on a shadow copy of the object's own set may come too early for."""
    creation = next((running for running in obj.running.values() if running.method.name == "DoSnapshotSet"), None)
    if creation is None or creation.end is not None or method.name != _LOOKS_ONLY:
        return None
    return creation if any(one in obj.snapshots for one in _named(method, line)) else None


def _unseen_import(history: History, method: Method, line: Line, obj: BackupObject) -> AsyncObject | None:
    """The import that may have brought what a call names, and whose end the log does not show."""
    running, machine = obj.running.get(IMPORT_SLOT.held_in), history.machine(line)
    if running is None or running.end is not None:
        return None
    comes = obj.arriving.copies if obj.arriving is not None else ()
    of_it = any(one in comes or (one not in machine.snapshots and not comes) for one in _named(method, line))
    return running if of_it else None


def _went_with_a_restart(history: History, key: str, line: Line) -> bool:
    """Whether a copy or set was made in an auto-release context, before the machine was restarted."""
    machine = history.machine(line)
    known = machine.snapshots.get(key)
    context = known.owner.context if known is not None else None
    return known is not None and context is not None and is_auto_release(context) and known.made[0] < machine.booted


def _named(method: Method, line: Line) -> list[str]:
    named = (parse_guid((line.in_ or {}).get(reference.parameters[0])) for reference in method.references)
    return [one for one in named if one is not None]
