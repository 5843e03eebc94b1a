"""Asynchronous operations: they begin pending, and come to their end when somebody waits, asks in time, or time passes.

Nothing of an operation happens before its end, so that what is cancelled has left no trace. An operation takes the
seconds that the script gives it, none by default; then the first look finds it finished.
"""

from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.desk import Desk
from vss_sim.engine.inputs import INFINITE
from vss_sim.engine.operations import OPERATIONS, fail
from vss_sim.engine.ruling import put
from vss_sim.engine.scripted import as_of
from vss_sim.model.computer import ScriptedAnswer
from vss_sim.model.objects import AsyncObject, BackupObject, Handle
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.objects import CANCELLED, FINISHED, PENDING
from vss_sim.spec.systems import Generation
from vss_sim.spec.table import NO_TRACE, Profile

Arguments = dict[str, Any]
_MILLISECONDS: Final = 1000
_NOT_CANCELLABLE: Final = ("QueryRevertStatus",)


def begin(desk: Desk, owner: Handle, method: str, argument: Any, script: ScriptedAnswer | None) -> Handle:
    """A new operation of `owner`, as long as the script wants it."""
    operation = AsyncObject(
        machine=desk.machine_index,
        process=desk.process,
        owner=owner,
        method=method,
        due=desk.clock + (script.seconds if script else 0),
        polls=script.polls if script else 0,
        result=script.result if script else None,
        argument=argument,
    )
    return desk.make("async", operation)


def end(desk: Desk, handle: Handle, known: AsyncObject) -> AsyncObject:
    """The operation comes to its end now."""
    owner = desk.objects.get(known.owner)
    if not isinstance(owner, BackupObject):
        return _over(desk, handle, known, CANCELLED)
    operation = METHODS[known.method].operation or NO_TRACE
    if known.result is not None:
        result = as_of(HResult[known.result], desk.system.generation)
    else:
        owner, result = OPERATIONS[known.method](desk, known.owner, owner, known)
    if result.failed:
        owner = fail(desk, owner, known.method) if known.result is not None else owner
        desk.put(known.owner, _moved(desk, owner, known, operation.failed))
        return _over(desk, handle, known, result)
    desk.put(known.owner, _moved(desk, owner, known, operation.finished))
    return _over(desk, handle, known, FINISHED if result is HResult.S_OK else result)


def _moved(desk: Desk, owner: BackupObject, known: AsyncObject, ends: int) -> BackupObject:
    """The object as the end leaves it; of several values that a failure may leave, the one before the operation.

    An object that has gone on since stays where it is, and one on which another operation of the kind runs on waits.
    """
    operation = METHODS[known.method].operation or NO_TRACE
    if not owner.state & operation.pending:
        return owner
    if ends != operation.finished and _another_runs(desk, known):
        return owner
    return replace(owner, state=put(owner.state, ends & -ends))


def _another_runs(desk: Desk, known: AsyncObject) -> bool:
    return any(
        isinstance(other, AsyncObject)
        and other is not known
        and other.end is None
        and (other.owner, other.method) == (known.owner, known.method)
        for other in desk.objects.values()
    )


def _over(desk: Desk, handle: Handle, known: AsyncObject, result: HResult) -> AsyncObject:
    known = replace(known, end=result.name)
    desk.put(handle, known)
    return known


def wait(desk: Desk, handle: Handle, known: AsyncObject, arguments: Arguments) -> Answer:
    """Wait until the end, or so many milliseconds; to wait in vain is no failure (rule obs-wait-returns-pending)."""
    patience = arguments["dwMilliseconds"]
    if patience != INFINITE and desk.system.generation < Generation.VISTA:
        words = f"dwMilliseconds is {patience}; this system waits without end only"
        return no(HResult.E_INVALIDARG, "async-wait-2003-infinite", words)
    if known.end is None:
        until = desk.clock + patience / _MILLISECONDS
        if patience != INFINITE and (known.polls or until < known.due):
            desk.clock = until
            return OK
        desk.clock = max(desk.clock, known.due)
        known = end(desk, handle, known)
    result = HResult[known.end or "S_OK"]
    if result.failed and desk.profile is Profile.DOCUMENTED:
        return Answer(result, rule="async-wait-then-query", words=f"{known.method} failed", changed=True)
    return OK


def query_status(desk: Desk, handle: Handle, known: AsyncObject, arguments: Arguments) -> Answer:
    """How the operation is doing; a look that finds it pending costs one of the polls that the script gives it."""
    if known.end is None:
        if known.polls or known.due > desk.clock:
            desk.put(handle, replace(known, polls=max(known.polls - 1, 0)))
            return Answer(HResult.S_OK, {"pHrResult": PENDING})
        known = end(desk, handle, known)
    return Answer(HResult.S_OK, {"pHrResult": HResult[known.end or "S_OK"]})


def cancel(desk: Desk, handle: Handle, known: AsyncObject, arguments: Arguments) -> Answer:
    """Stop the operation where it can be stopped; afterwards the answer tells how it ended."""
    if known.end is not None:
        result = HResult[known.end]
        return Answer(result, rule="async-cancel-after-end", words=f"{known.method} failed before", changed=True)
    if known.method in _NOT_CANCELLABLE:
        return OK
    owner = desk.objects.get(known.owner)
    operation = METHODS[known.method].operation or NO_TRACE
    if isinstance(owner, BackupObject):
        owner = fail(desk, owner, known.method)
        desk.put(known.owner, _moved(desk, owner, known, operation.cancelled))
    _over(desk, handle, known, CANCELLED)
    return OK


ASYNC_CALLS: Final = {"Wait": wait, "QueryStatus": query_status, "Cancel": cancel}


def let_time_pass(desk: Desk, seconds: float) -> None:
    """So much time passes in the whole world; operations that are due by then end, each on its machine, in its time."""
    until = desk.clock + seconds
    due = [
        (known.due, handle)
        for handle, known in desk.objects.items()
        if isinstance(known, AsyncObject) and known.end is None and known.due <= until
    ]
    here = desk.machine_index
    for moment, handle in sorted(due, key=lambda one: one[0]):
        known = desk.objects[handle]
        if isinstance(known, AsyncObject):
            desk.clock, desk.machine_index = max(desk.clock, moment), known.machine
            end(desk, handle, known)
    desk.clock, desk.machine_index = until, here
