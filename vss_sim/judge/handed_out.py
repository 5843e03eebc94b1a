"""What VSS hands out and the caller gives back: asynchronous objects, strings of structures, exposed names.

A log that never shows anything of a kind given back does not record it, and nothing is held against it. In one that
does, what is missing at the end is worth knowing.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.objects import AsyncObject, Known, Mark

_NAMES: Final = 64
"""So many exposed names are remembered."""

_ASYNC: Final = ("async-caller-releases", "seq-async-release")
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
            self._names[name.casefold()] = mark

    def memory_freed(self, text: object) -> None:
        """`CoTaskMemFree` was called, for a text that was recorded or not."""
        self.strings_freed = True
        if isinstance(text, str):
            self.names_freed = True
            self._names.pop(text.casefold(), None)

    def owed(self, last: int, handles: Iterable[Known]) -> Iterator[Finding]:
        """What was not given back when the log ends on line `last`."""
        asyncs = [known for known in handles if type(known) is AsyncObject]
        kept = [known for known in asyncs if not known.released]
        if kept and len(kept) < len(asyncs):
            names = ", ".join(dict.fromkeys(known.method.name for known in kept))
            says = f"the IVssAsync of {names} is never released"
            also: tuple[str, ...] = _ASYNC[1:]
            if any(known.method.name == "GatherWriterMetadata" for known in kept):
                also = (*also, "async-release")
            yield Finding(last, Level.INFO, At.REQUESTER, _ASYNC[0], says, (kept[0].ground,), also=also)
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
