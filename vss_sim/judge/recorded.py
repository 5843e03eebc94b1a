"""What several judges read in a line in the same way: parameters that recorders, or pages, spell in several ways."""

from collections.abc import Mapping
from typing import Any, Final

from vss_sim.engine.arguments import truth_of
from vss_sim.judge.history import Step
from vss_sim.trace.values import Code, parse_code

_FAILURES: Final = ("phResultFailure", "pHrResultFailure", "phrFailureWriter")
"""What GetWriterStatus and GetWriterStatusEx call the failure of a writer, by page and header."""


OTHER_SPELLINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "SetBackupSucceeded": ("bSucceeded",),
    "GetWriterStatus": _FAILURES,
    "GetWriterStatusEx": _FAILURES,
}
"""Method → names of arguments and results that are taken for those of its page."""


def marked_as_saved(arguments: Mapping[str, Any] | None) -> bool:
    """Whether SetBackupSucceeded says that the component is saved; `bSucceded` is how the page spells it."""
    given = arguments or {}
    return truth_of(given.get("bSucceded", given.get("bSucceeded"))) is True


def whole_number(value: object) -> int | None:
    """A number that was recorded; None for anything else, and for true and false."""
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def writer_failure(step: Step) -> Code | None:
    """The failure that a status of a writer shows, S_OK included; None where none was recorded that can be read."""
    return code_of(next((step.results[name] for name in _FAILURES if name in step.results), None))


def code_of(value: object) -> Code | None:
    """The HRESULT that was recorded, by name or by number; None where it cannot be read."""
    if isinstance(value, bool) or not isinstance(value, (str, int)):
        return None
    try:
        return parse_code(value)
    except ValueError:
        return None
