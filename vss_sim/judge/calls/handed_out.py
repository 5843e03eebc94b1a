"""Memory that VSS hands out and the caller frees: strings of structures, exposed names.

A log that never shows anything of a kind freed does not record it, and nothing is held against it. In one that
does, what is missing at the end is worth knowing.
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.objects import Mark
from vss_sim.model.shown import shown

_NAMES: Final = 64
"""So many exposed names are remembered."""

_NAME: Final = "expose-free-string"


class HandedOut:
    """What one log shows of strings that were handed out and freed."""

    freed = 0
    names_freed = False
    strings_freed = False

    def __init__(self) -> None:
        self._filled: dict[str, tuple[int, Mark]] = {}
        self._names: dict[str, Mark] = {}

    def structure(self, mark: Mark, rule: str, count: int = 1) -> None:
        """Structures were filled with strings; `rule` says who frees them."""
        before = self._filled.get(rule)
        self._filled[rule] = (before[0] + count if before else count, mark)

    def name(self, name: object, mark: Mark) -> None:
        """The name of an exposed shadow copy was handed out."""
        if isinstance(name, str) and len(self._names) < _NAMES:
            self._names[shown(name)] = mark

    def memory_freed(self, text: object) -> None:
        """`CoTaskMemFree` was called, for a text that was recorded or not."""
        self.strings_freed = True
        if isinstance(text, str):
            self.names_freed = True
            self._names.pop(text.casefold(), None)

    def owed(self, last: int) -> Iterator[Finding]:
        """What was not given back when the log ends on line `last`."""
        filled = sum(count for count, _ in self._filled.values())
        if 0 < self.freed < filled and not self.strings_freed:
            rule, *more = self._filled
            says = f"the strings of {filled - self.freed} structures are never freed"
            grounds = (Ground(*self._filled[rule][1]),)
            yield Finding(last, Level.INFO, At.REQUESTER, rule, says, grounds, also=tuple(more))
        if self._names and self.names_freed:
            name, mark = next(iter(self._names.items()))
            says = f"the name {name!r} of the exposed shadow copy is never freed with CoTaskMemFree"
            yield Finding(last, Level.INFO, At.REQUESTER, _NAME, says, (Ground(*mark),))
