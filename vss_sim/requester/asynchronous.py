"""An asynchronous operation: to wait for, to ask, to cancel; or all of it at once, with `finish`."""

from contextlib import suppress

from vss_sim.engine.failed_operations import why_not_whole
from vss_sim.model.objects import Handle
from vss_sim.requester.async_calls import AsyncCalls
from vss_sim.requester.errors import Reason, VssError
from vss_sim.requester.interface import Origin
from vss_sim.spec.hresult import HResult


class Async(AsyncCalls):
    """An operation that runs by itself; `begun_by` is the call that began it. `IVssAsync`."""

    __slots__ = ("_told", "begun_by")

    def __init__(self, origin: Origin, handle: Handle, begun_by: str) -> None:
        super().__init__(origin, handle)
        self.begun_by = begun_by
        self._told: Reason | None = None

    @property
    def why(self) -> Reason | None:
        """Why it failed, or came to a success that is a part only, as ImportSnapshots may; None where neither is so.

        Of VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED, `because` names the shadow copies that did not come. It is known from the
        end on until the object is released, and for good where `finish` released it.
        """
        world = self.origin.simulation.world
        if self.handle not in world.objects:
            return self._told
        told = why_not_whole(world, self.handle)
        return Reason(told) if told is not None else None

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
            told = why_not_whole(self.origin.simulation.world, self.handle)
        self._told = Reason(told) if told is not None else None
        if told is not None and told.answer.failed:
            raise VssError(told)
        return result
