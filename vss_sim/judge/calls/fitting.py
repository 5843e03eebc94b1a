"""Acts that leave nothing behind, and acts only for lines of which all values can be read.

What an act is, `vss_sim.judge.calls.acts` says.
"""

from functools import cache
from typing import Any, Final

from vss_sim.judge.exact_lines import left_open
from vss_sim.judge.objects import Act, Known
from vss_sim.judge.unknown_values import Kind, is_readable
from vss_sim.trace.lines import Line


def skip(number: int, line: Line, known: Known | None) -> bool:
    """The act of a call that is in order and leaves nothing behind."""
    del number, line, known
    return True


def skip_without_results(number: int, line: Line, known: Known | None) -> bool:
    """The act of a call that may hand out an object, where none was recorded."""
    del number, known
    return line.out is None


def not_in_order(number: int, line: Line, known: Known | None) -> bool:
    """The act of a call that has to go the whole way."""
    del number, line, known
    return False


SKIPS_WITHOUT_RESULTS: Final[set[Act]] = {skip_without_results}
"""Acts that leave nothing behind where no result was recorded."""


def fitting(act: Act, full_name: str) -> Act:
    """The act of a call, for lines of which all values can be read, those too that their type leaves open."""
    given, told = left_open(full_name, given=True), left_open(full_name, given=False)
    if not given and (not told or act is skip_without_results):
        return act
    if not given and act is skip:
        return _skip_with_readable_results(full_name)

    def fits(number: int, line: Line, known: Any) -> bool:
        if given and line.in_ and _is_odd(given, line.in_):
            return False
        if told and line.out and _is_odd(told, line.out):
            return False
        return act(number, line, known)

    return fits


@cache
def _skip_with_readable_results(full_name: str) -> Act:
    told = left_open(full_name, given=False)

    def fits(number: int, line: Line, known: Known | None) -> bool:
        del number, known
        return not line.out or not _is_odd(told, line.out)

    SKIPS_WITHOUT_RESULTS.add(fits)
    return fits


def _is_odd(kinds: dict[str, Kind | str], values: dict[str, Any]) -> bool:
    for name, kind in kinds.items():
        value = values.get(name)
        if value is not None and not is_readable(kind, value):
            return True
    return False
