"""Whether what an implementation handed out is what a case expects.

Numbers, truths, names and texts must be the same, flags whatever their order, codes by name or by number; ids and texts
that an implementation makes up are bound. A structure or a list may have more in it than the case says. Times differ.
"""

from collections.abc import Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any, Final

from .binding import MADE_TEXTS, Binding
from .ids import guid_of
from .tables import code, numbers

_TIMES: Final = frozenset({"m_tsCreationTimestamp", "pftLastModifyTime"})
_ATTRIBUTES: Final = "m_lSnapshotAttributes"
"""A provider may add attributes of its own."""
_LISTED: Final = "rgelt"
"""In which order an enumerator lists, no page says."""
_STATE: Final = "pnStatus"
_FAILED: Final = "VSS_WS_FAILED"
_UNKNOWN: Final = "VSS_WS_UNKNOWN"
"""In which state a writer is shown that does not answer, no page says: its failure tells that."""


@dataclass(frozen=True)
class Difference:
    """A result that is another one; `free` where no rule settles what it has to be."""

    place: str
    expected: Any
    got: Any
    free: bool = False

    def __str__(self) -> str:
        return f"{self.place} is {self.got!r}; expected {self.expected!r}"


def differences(
    expected: dict[str, Any], got: dict[str, Any], binding: Binding, handles: AbstractSet[str], *, exact: bool = False
) -> list[Difference]:
    """What differs, by the names of parameters; `handles` are compared by nobody.

    `exact`: times and attributes of shadow copies count, too.
    """
    found: list[Difference] = []
    for name, value in expected.items():
        if name not in handles:
            found.extend(_compared(name, name, value, got.get(name), binding, exact=exact))
        elif isinstance(value, str) is not isinstance(got.get(name), str):
            found.append(Difference(name, value and "a handle", got.get(name)))
    return found


def _compared(place: str, name: str, expected: Any, got: Any, binding: Binding, *, exact: bool) -> Iterator[Difference]:
    if name in _TIMES and not exact:
        return
    if isinstance(expected, dict):
        if not isinstance(got, dict):
            yield Difference(place, expected, got)
            return
        for key, value in expected.items():
            yield from _compared(f"{place}.{key}", key, value, got.get(key), binding, exact=exact)
    elif isinstance(expected, list):
        if not isinstance(got, list) or len(got) != len(expected):
            yield Difference(place, expected, got)
            return
        if name == _LISTED:
            got = _ordered(expected, got, binding, exact=exact)
        for number, value in enumerate(expected):
            yield from _compared(f"{place}[{number}]", name, value, got[number], binding, exact=exact)
    elif not _is_same(name, expected, got, binding, exact=exact):
        free = name == _STATE and (expected == _UNKNOWN or not any(map(_is_failed, (expected, got))))
        yield Difference(place, binding.wanted(expected), got, free=free and got is not None)


def _ordered(expected: list[Any], got: list[Any], binding: Binding, *, exact: bool) -> list[Any]:
    """What was listed, in the order of the case where each is one of the case's; as it came where one is not."""
    tried, left, found = binding.copy(), list(got), []
    for value in expected:
        for place, one in enumerate(left):
            trial = tried.copy()
            if not any(_compared("", "", value, one, trial, exact=exact)):
                found.append(left.pop(place))
                tried = trial
                break
        else:
            return got
    return found


def _is_same(name: str, expected: Any, got: Any, binding: Binding, *, exact: bool) -> bool:
    if expected is None or expected == "":
        return got is None or got == ""
    if isinstance(expected, str):
        if name in MADE_TEXTS:
            return binding.bind_text(expected, got)
        if guid_of(expected) is not None:
            return binding.bind_id(name, expected, got)
        if expected == got:
            return True
    wanted, given = _number(expected), _number(got)
    if name == _ATTRIBUTES and not exact and wanted is not None and given is not None:
        return wanted & given == wanted
    return wanted == given if wanted is not None else bool(expected == got)


def _is_failed(state: Any) -> bool:
    """Whether a state is one of a writer that failed, by its name or by its number."""
    failed = {number for name, number in numbers().items() if name.startswith(_FAILED)}
    return _number(state) in failed


def _number(value: Any) -> int | None:
    """The number that a value is, by itself or by the names in it; None for any other text."""
    if isinstance(value, (bool, int)):
        return int(value) & 0xFFFFFFFF
    if not isinstance(value, str):
        return None
    total = 0
    for name in value.split("|"):
        number = numbers().get(name.strip())
        if number is None:
            known = code(value) if value[:2].lower() == "0x" else None
            return known if isinstance(known, int) else None
        total |= number
    return total
