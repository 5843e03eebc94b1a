"""A service that a requester stops for a restore, and starts again whatever came of it (C05)."""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from vss_sim.engine.restoring.program import Program
from vss_sim.spec.restoring import reading
from vss_sim.spec.restoring.parameters import RESTART_AFTER_ERROR, START_IF_FOUND_STOPPED
from vss_sim.spec.win32 import Win32Error

_LOOKS: Final = 10
"""So often a program looks whether a service has stopped."""


class ServiceStop(Struct):
    """A service by the name that GetRestoreMethod gave (rule svc-name-from-metadata)."""

    program: Program
    name: str
    stops: bool | None = None
    """Whether it is stopped for the restore; None: nobody has tried."""
    was_running: bool = False
    refused: Win32Error | None = None
    """What Windows answered if it could not be stopped."""

    def stop(self) -> bool:
        """Stop it, if nobody did yet, and wait until it is stopped; one that does not run is stopped already."""
        if self.stops is None:
            code, _ = self.program.win("ControlService", lpServiceName=self.name, dwControl="SERVICE_CONTROL_STOP")
            self.was_running = code is Win32Error.ERROR_SUCCESS
            self.stops = code is Win32Error.ERROR_SERVICE_NOT_ACTIVE or (self.was_running and self._has_stopped())
            if not self.stops:
                self.refused = Win32Error.ERROR_SERVICE_REQUEST_TIMEOUT if self.was_running else code
                self._tell(f"cannot be stopped ({self.refused.name})")
            else:
                self._tell("stops" if self.was_running else "is stopped already")
        return self.stops

    def _has_stopped(self) -> bool:
        """Rule srs-wait-stopped."""
        asked = {"lpServiceName": self.name, "dwControl": "SERVICE_CONTROL_INTERROGATE"}
        stopped = Win32Error.ERROR_SERVICE_NOT_ACTIVE
        return any(self.program.win("ControlService", **asked)[0] is stopped for _ in range(_LOOKS))

    def start(self, readings: Mapping[str, str], *, succeeded: bool) -> None:
        """Start it again, if it was stopped for this."""
        found_stopped = bool(self.stops) and not self.was_running
        again = self.was_running and (succeeded or reading(RESTART_AFTER_ERROR, readings) == "always")
        if again or (found_stopped and succeeded and reading(START_IF_FOUND_STOPPED, readings) == "start"):
            code, _ = self.program.win("StartService", lpServiceName=self.name)
            started = code is Win32Error.ERROR_SUCCESS
            self._tell("starts" if started else f"cannot be started ({code.name})")

    def _tell(self, what: str) -> None:
        self.program.events.append(f"service {self.name} {what}")
