"""File and service calls that Windows fails, and delayed moves that the start of the machine fails, by script."""

from typing import Annotated

from vss_sim.model.scripts import Timed
from vss_sim.model.values import one_of, with_names, wrong
from vss_sim.spec.win32 import CALLS, DELAYED_MOVE, SERVICE_CALLS, Win32Error

_ERRORS = tuple(error.name for error in Win32Error if error)
_FAILING = (*CALLS, DELAYED_MOVE)

FailingCall = Annotated[str, one_of("Win32Call", _FAILING)]
ErrorName = Annotated[str, one_of("Win32Error", _ERRORS)]


class Win32Fault(Timed, frozen=True, kw_only=True):
    """A file or service call that fails, `to`; or a delayed move, at the start of the machine.

    `path` is a whole path, with `*` for any signs (None: any file); a call on a handle is one on its file. `service`
    names a service (None: any).
    """

    to: FailingCall
    fails: ErrorName
    path: str | None = None
    service: str | None = None

    def __post_init__(self) -> None:
        with_names(self, "to", _FAILING, f"there are {', '.join(_FAILING)}")
        with_names(self, "fails", _ERRORS, "expected the name of a Win32 error (docs/files.md)")
        if self.path is not None and self.to in SERVICE_CALLS:
            raise wrong(self, "path", f"{self.to} is about a service")
        if self.service is not None and self.to not in SERVICE_CALLS:
            raise wrong(self, "service", f"{self.to} is about a file")
