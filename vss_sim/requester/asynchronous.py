"""An asynchronous operation: to wait for, to ask, to cancel; or all of it at once, with `finish`."""

from contextlib import suppress
from typing import Final

from vss_sim.engine.answers import Refusal
from vss_sim.model.objects import Handle
from vss_sim.requester.async_calls import AsyncCalls
from vss_sim.requester.errors import VssError
from vss_sim.requester.interface import Origin
from vss_sim.spec.answers import documented_answers, result_failures
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import LOOK_AT

_IMPORT: Final = "IVssBackupComponents::ImportSnapshots"
_UNDOCUMENTED: Final = "ans-undocumented"


class Async(AsyncCalls):
    """An operation that runs by itself; `begun_by` is the call that began it. `IVssAsync`."""

    __slots__ = ("begun_by",)

    def __init__(self, origin: Origin, handle: Handle, begun_by: str) -> None:
        super().__init__(origin, handle)
        self.begun_by = begun_by

    def finish(self) -> HResult:
        """Wait for the end, ask what it was, and release: the result, where it is a success.

        Returns:
            VSS_S_ASYNC_FINISHED, VSS_S_ASYNC_CANCELLED, or another success that the operation came to.

        Raises:
            VssError: the operation failed; the error names the call that began it.
        """
        with self:
            with suppress(VssError):
                self.wait()
            result = self.query_status()
        if result.failed:
            failure = result_failures(self.begun_by).get(result)
            rule = failure.rule if failure is not None else _UNDOCUMENTED
            words = f"the operation began, and failed: {_cause(self.begun_by, result)}"
            raise VssError(Refusal(self.begun_by, result, rule, words))
        return result


def _cause(begun_by: str, result: HResult) -> str:
    """What the pages say of this result of this operation, or what the code means everywhere."""
    told = (answer.condition for answer in documented_answers().get(begun_by, ()) if answer.hresult == result.name)
    cause = next(told, result.meaning.rstrip(".").partition(";")[0])
    look = LOOK_AT.get(result.name) if begun_by == _IMPORT else None
    return f"{cause}; look {look}" if look is not None else cause
