"""An asynchronous operation: to wait for, to ask, to cancel; or all of it at once, with `finish`."""

from contextlib import suppress

from vss_sim.engine.failed_operations import why_failed
from vss_sim.model.objects import Handle
from vss_sim.requester.async_calls import AsyncCalls
from vss_sim.requester.errors import VssError
from vss_sim.requester.interface import Origin
from vss_sim.spec.hresult import HResult


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
            failed = why_failed(self.origin.simulation.world, self.handle)
        if failed is not None:
            raise VssError(failed)
        return result
