"""Why an asynchronous operation came to a failure, or to a part of what it was for, in the words of refused calls.

What the simulator knows of it stands with the operation; of a result that a script gave, the pages tell what it means.
"""

from typing import Final

from vss_sim.engine.answers import Refusal
from vss_sim.model.objects import AsyncObject
from vss_sim.model.world import World
from vss_sim.spec.answers import documented_answers, result_failures
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import LOOK_AT, MASK_OR_DELETE, TOUCHES_NO_LUN
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.objects import PARTLY_DONE

_UNDOCUMENTED: Final = "ans-undocumented"
_IMPORT: Final = "IVssBackupComponents::ImportSnapshots"


def why_failed(world: World, handle: str) -> Refusal | None:
    """Why the operation of an IVssAsync failed; None where it did not, or goes on."""
    known = world.objects.get(handle)
    return why_it_failed(known) if isinstance(known, AsyncObject) else None


def why_not_whole(world: World, handle: str) -> Refusal | None:
    """The same, or why it came to a success that is a part only: ImportSnapshots may bring some shadow copies."""
    known = world.objects.get(handle)
    if not isinstance(known, AsyncObject):
        return None
    result = HResult[known.end] if known.end is not None else HResult.S_OK
    if known.why is None or result not in PARTLY_DONE:
        return why_it_failed(known)
    return Refusal(METHODS[known.method].full_name, result, known.why.rule, known.why.words, ways=known.why.instead)


def why_it_failed(known: AsyncObject) -> Refusal | None:
    """Why an operation failed that is at hand."""
    result = HResult[known.end] if known.end is not None else HResult.S_OK
    if not result.failed:
        return None
    method = METHODS[known.method].full_name
    if known.why is not None:
        return _told(method, result, known.why.rule, known.why.words, known.why.instead)
    failure = result_failures(method).get(result)
    rule = failure.rule if failure is not None else _UNDOCUMENTED
    if method != _IMPORT:
        return _told(method, result, rule, _meaning(method, result))
    look = f"; look {LOOK_AT[result.name]}" if result.name in LOOK_AT else ""
    left = "" if result.name in TOUCHES_NO_LUN else f"; {MASK_OR_DELETE}"
    return _told(method, result, rule, f"{_meaning(method, result)}{look}{left}", (_IMPORT,))


def _told(method: str, result: HResult, rule: str, words: str, ways: tuple[str, ...] = ()) -> Refusal:
    return Refusal(method, result, rule, f"the operation began, and failed: {words}", ways=ways)


def _meaning(method: str, result: HResult) -> str:
    """What the pages say of this result of this operation, or what the code means everywhere."""
    told = (answer.condition for answer in documented_answers().get(method, ()) if answer.hresult == result.name)
    return next(told, result.meaning.rstrip(".").partition(";")[0])
