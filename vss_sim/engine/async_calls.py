"""Asynchronous operations: they begin pending, and go on when somebody waits, asks in time, or time passes.

Nothing of an operation happens before it is `due` to begin: at once, or after the seconds that the script gives it.
Then it goes from stage to stage, each as long as writers and providers take for it. With nobody taking any time, the
first look finds it finished. How it stands at a moment is told by the clock alone, whoever looks.
"""

from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.creation import next_overrun, overrun
from vss_sim.engine.desk import Desk
from vss_sim.engine.failed_operations import why_it_failed
from vss_sim.engine.imports import all_have_arrived
from vss_sim.engine.operations import OPERATIONS, fail, stop
from vss_sim.engine.ruling import put
from vss_sim.engine.scripted import as_of
from vss_sim.model.computer import ScriptedAnswer
from vss_sim.model.objects import AsyncObject, BackupObject, Handle
from vss_sim.spec.constants import INFINITE
from vss_sim.spec.creation import ticks
from vss_sim.spec.hresult import CODES, S_OK, HResult
from vss_sim.spec.importing import LISTEN
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.completion import ENDED_BY_ABORT, GIVEN_UP
from vss_sim.spec.protocol.objects import CANCELLED, FINISHED, PENDING
from vss_sim.spec.systems import Generation
from vss_sim.spec.table import NO_TRACE, Profile

Arguments = dict[str, Any]
_MILLISECONDS: Final = 1000
LONGEST: Final = float("inf")
_CREATES: Final = "DoSnapshotSet"
_DOCUMENTED: Final = Profile.DOCUMENTED
_FINISHED: Final = FINISHED.name
_CANCELLED: Final = CANCELLED.name


def begin(
    desk: Desk, owner: BackupObject, method: str, argument: tuple[Any, ...], script: ScriptedAnswer | None
) -> Handle:
    """A new operation of the object on which the call is made, as long as the script wants it."""
    operation = AsyncObject(
        machine=owner.machine,
        process=owner.process,
        owner=desk.handle,
        method=method,
        due=desk.clock,
        argument=argument,
    )
    if script is not None:
        operation = replace(operation, due=desk.clock + script.seconds, polls=script.polls, result=script.result)
    return desk.make("async", operation)


def _next_moment(desk: Desk, known: AsyncObject) -> float:
    """When something happens next in an operation: its stage ends, or a window closes before."""
    if not known.busy or known.method != _CREATES:
        return known.due
    owner = desk.objects.get(known.owner)
    if not isinstance(owner, BackupObject):
        return known.due
    closing = next_overrun(desk, owner, known)
    return known.due if closing is None or ticks(known.due) <= ticks(closing) else closing


def _go_on(desk: Desk, handle: Handle, known: AsyncObject) -> AsyncObject:
    """What happens in an operation at the time of the desk, which is its next moment."""
    owner = desk.objects.get(known.owner)
    if not isinstance(owner, BackupObject):
        return _without_its_object(desk, handle, known)
    if owner.state & GIVEN_UP and known.method in ENDED_BY_ABORT:
        operation = METHODS[known.method].operation or NO_TRACE
        return _over(desk, handle, known, owner, _CANCELLED, operation.cancelled)
    if known.result is not None:
        result = as_of(HResult[known.result], desk.system.generation)
        after = fail(desk, owner, known.method, result) if result.failed else owner
        return _ended(desk, handle, known, after, result)
    if known.due != desk.clock and ticks(known.due) > ticks(desk.clock):
        failed = overrun(desk, owner, known)
        return _ended(desk, handle, replace(known, why=failed.why), failed.obj, failed.result)
    return _staged(desk, handle, known, owner)


def _without_its_object(desk: Desk, handle: Handle, known: AsyncObject) -> AsyncObject:
    """The object was given up: its operation is cancelled, or ends as it must where nothing stops it (revert-final)."""
    if not (METHODS[known.method].operation or NO_TRACE).irrevocable:
        return _over(desk, handle, known, None, _CANCELLED)
    nobody, (only,) = BackupObject(machine=known.machine, process=known.process), OPERATIONS[known.method].stages
    if not known.busy:
        known = replace(known, busy=True, due=desk.clock + only.begin(desk, known.owner, nobody, known).seconds)
    if ticks(known.due) > ticks(desk.clock):
        desk.put(handle, known)
        return known
    if only.end is not None:
        only.end(desk, known.owner, nobody, known)
    return _over(desk, handle, known, None, known.result or _FINISHED)


def _staged(desk: Desk, handle: Handle, known: AsyncObject, owner: BackupObject) -> AsyncObject:
    """The stage that is due ends or begins, and so do those after it, as far as they take no time."""
    course, stage, busy, due, hold_ends = OPERATIONS[known.method], known.stage, known.busy, known.due, known.hold_ends
    stages, onward, now = course.stages, course.onward[desk.machines[desk.machine_index].providers_obey], desk.clock
    result: HResult | None = None
    why = known.why
    while result is None and (not busy or due == now):
        if busy:
            end = stages[stage].end
            if known.fails:
                result = HResult[known.fails]
            elif end is not None:
                ended = end(desk, known.owner, owner, known)
                owner, result, why = ended.obj, ended.result, ended.why or why
            busy, stage = False, stage + 1
        else:
            stage = onward[not owner.sessions][stage]
            begun = stages[stage].begin(desk, known.owner, owner, known)
            if begun.holds is not None:
                hold_ends = now + begun.holds if begun.holds else None
            owner, result, busy, due = begun.obj, begun.result, True, now + begun.seconds
            why = begun.why or why
            if begun.fails is not None:
                known = replace(known, fails=begun.fails.name)
    if why is not known.why:
        known = replace(known, why=why)
    if result is not None:
        return _ended(desk, handle, known, owner, result)
    known = replace(known, stage=stage, busy=busy, due=due, hold_ends=hold_ends)
    desk.put(known.owner, owner)
    desk.put(handle, known)
    return known


def _ended(desk: Desk, handle: Handle, known: AsyncObject, owner: BackupObject, result: HResult | None) -> AsyncObject:
    """The operation has come to its end with this result."""
    operation = METHODS[known.method].operation or NO_TRACE
    if result is None or result is S_OK:
        return _over(desk, handle, known, owner, _FINISHED, operation.finished)
    leaves = operation.failed if result.failed else operation.finished
    return _over(desk, handle, known, owner, result.name, leaves)


def _over(
    desk: Desk, handle: Handle, known: AsyncObject, owner: BackupObject | None, end: str, leaves: int = 0
) -> AsyncObject:
    """The operation is over, and its object as this end leaves it.

    Of several values that a failure may leave, it is the one before the operation. An object that has gone on since
    stays where it is, and one on which another operation of the kind runs on waits.
    """
    if owner is not None:
        operation = METHODS[known.method].operation or NO_TRACE
        if owner.state & operation.pending and (leaves == operation.finished or not _another_runs(desk, handle, known)):
            owner = replace(owner, state=put(owner.state, leaves & -leaves))
        desk.put(known.owner, owner)
    known = replace(known, end=end)
    desk.put(handle, known)
    return known


def _up_to(desk: Desk, handle: Handle, known: AsyncObject) -> AsyncObject:
    """The operation as it is at the time of the desk."""
    until = desk.clock
    while known.end is None:
        moment = _next_moment(desk, known) if known.busy else known.due
        if moment != until and ticks(moment) > ticks(until):
            break
        desk.clock = moment
        known = _go_on(desk, handle, known)
    desk.clock = until
    return known


def _run(desk: Desk, until: float, *, but: Handle = "") -> None:
    """Time passes in the whole world up to a moment: what is due happens in the order of time, each on its machine."""
    here = desk.machine_index
    while True:
        running = [
            (_next_moment(desk, known), handle)
            for handle, known in desk.objects.items()
            if isinstance(known, AsyncObject) and known.end is None and handle != but
        ]
        moment, handle = min(running, default=(until, ""), key=lambda one: one[0])
        known = desk.objects.get(handle)
        if ticks(moment) > ticks(until) or not isinstance(known, AsyncObject):
            break
        desk.clock = max(desk.clock, moment)
        desk.go_to(known.machine)
        known = _go_on(desk, handle, known)
        if known.end is not None and not known.references:
            desk.put(handle, None)
    desk.clock = until
    desk.go_to(here)


def _another_runs(desk: Desk, handle: Handle, known: AsyncObject) -> bool:
    return any(
        isinstance(other, AsyncObject)
        and other_handle != handle
        and other.end is None
        and (other.owner, other.method) == (known.owner, known.method)
        for other_handle, other in desk.objects.items()
    )


def wait(desk: Desk, handle: Handle, known: AsyncObject, arguments: Arguments) -> Answer:
    """Wait until the end, or so many milliseconds; to wait in vain is no failure (rule obs-wait-returns-pending)."""
    patience = arguments["dwMilliseconds"]
    if patience != INFINITE and desk.system.generation < Generation.VISTA:
        words = f"dwMilliseconds is {patience}; this system waits without end only"
        return no(HResult.E_INVALIDARG, "async-wait-2003-infinite", words)
    if known.end is None and (patience == INFINITE or not known.polls):
        known = _up_to(desk, handle, known)
    if known.end is None:
        known = _waited(desk, handle, known, patience)
        if known.end is None:
            return OK
    if desk.world.profile is _DOCUMENTED and (failed := why_it_failed(known)) is not None:
        return Answer(failed.answer, rule=failed.rule, words=failed.words, changed=True)
    return OK


def _waited(desk: Desk, handle: Handle, known: AsyncObject, patience: int) -> AsyncObject:
    """The operation after a wait for it: until its end, or until patience has run out.

    While no time passes, nothing happens in other operations.
    """
    until = LONGEST if patience == INFINITE else desk.clock + patience / _MILLISECONDS
    while not known.polls or patience == INFINITE:
        known = _up_to(desk, handle, known)
        if known.end is not None or (moment := _next_moment(desk, known)) > until:
            break
        _run(desk, moment)
        known = _same(desk, handle, known)
    if known.end is None:
        _run(desk, until, but=handle if known.polls else "")
        known = _same(desk, handle, known)
    return known


def _same(desk: Desk, handle: Handle, known: AsyncObject) -> AsyncObject:
    """The operation as it is now."""
    now = desk.objects.get(handle)
    return now if isinstance(now, AsyncObject) else known


def query_status(desk: Desk, handle: Handle, known: AsyncObject, arguments: Arguments) -> Answer:
    """How the operation is doing; a look that finds it pending costs one of the polls that the script gives it."""
    if known.end is None and not known.polls:
        known = _up_to(desk, handle, known)
    if known.end is None:
        desk.put(handle, replace(known, polls=max(known.polls - 1, 0)))
        return Answer(S_OK, {"pHrResult": PENDING})
    return Answer(S_OK, {"pHrResult": CODES[known.end]})


def cancel(desk: Desk, handle: Handle, known: AsyncObject, arguments: Arguments) -> Answer:
    """Stop the operation where it can be stopped; afterwards the answer tells how it ended."""
    if known.end is not None:
        words = f"{known.method} failed before"
        return Answer(CODES[known.end], rule="async-cancel-after-end", words=words, changed=True)
    operation = METHODS[known.method].operation or NO_TRACE
    if operation.irrevocable:
        return OK
    owner = desk.objects.get(known.owner)
    owner = stop(desk, owner, known.method) if isinstance(owner, BackupObject) else None
    _over(desk, handle, known, owner, _CANCELLED, operation.cancelled)
    return OK


ASYNC_CALLS: Final = {"Wait": wait, "QueryStatus": query_status, "Cancel": cancel}


def let_time_pass(desk: Desk, seconds: float) -> None:
    """So much time passes; operations go on as far as they are by then, whether anybody asks or not."""
    _run(desk, desk.clock + seconds)


def abandon(desk: Desk, handle: Handle, known: AsyncObject) -> None:
    """Nobody has a reference any more, and the operation goes on by itself: to its end, at once or in its time."""
    if known.end is None and known.owner in desk.objects:
        known = known if known.polls else _up_to(desk, handle, known)
    going_on = known.end is None and known.owner in desk.objects
    desk.put(handle, replace(known, references=0) if going_on else None)


def luns_appear(desk: Desk) -> None:
    """LUNs have appeared on the machine: an import that listens for them, and misses none any more, goes on."""
    for handle, known in tuple(desk.objects.items()):
        if not isinstance(known, AsyncObject) or known.machine != desk.machine_index or not known.busy or known.end:
            continue
        owner = desk.objects.get(known.owner)
        listens = OPERATIONS[known.method].stages[known.stage].name == LISTEN
        if listens and isinstance(owner, BackupObject) and all_have_arrived(desk, owner):
            desk.put(handle, replace(known, due=desk.clock))
