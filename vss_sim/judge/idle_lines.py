"""Lines that left nothing behind, known by their texts: when they come again, they need not be read again.

That holds until something is done, which may make another line of the same text: a handle given up, or given out anew.
A line without arguments is known by its whole text. Of one with arguments, which do not matter where it leaves nothing
behind, the first half is known - which call on which object -, and apart from it every second half that was seen with
that call on whatever object: a loop asks for one index after the other, and the next loop for the same again. Results
and times hardly come again, and where most lines of a log have some, it is not looked for any.
"""

from collections import defaultdict
from typing import Final

from vss_sim.trace.lines import Line
from vss_sim.trace.reader import are_halves

_ARGUMENTS: Final = 1 << 16
"""So many second halves are remembered; a log may hold any number of them."""

_LONGEST: Final = 128
"""Longer ones do not come again."""

_PAUSE: Final = 16
"""Where lines hardly come again, one block in so many is looked at."""


class IdleLines:
    """The texts; `whole` and `calls` hold until something is done, the second halves for the whole log."""

    def __init__(self) -> None:
        self.whole: Final[set[bytes]] = set()
        """Texts of lines."""
        self.calls: Final[dict[bytes, set[bytes]]] = {}
        """First halves of lines with arguments, each with the second halves of its call: those with the answer S_OK,
        and without results."""
        self._arguments: Final[dict[str, set[bytes]]] = defaultdict(set)
        """Call → second halves."""
        self._kept = 0
        self._lines, self._new, self._pause = 1, 0, 0

    def begin_block(self, lines: int) -> bool:
        """Whether to look for such lines in a block of so many: not where most of the last one were new."""
        self.forget()
        if self._kept > _ARGUMENTS:
            self._arguments.clear()
            self._kept = 0
        if self._new > self._lines * 3 // 4:
            self._pause = _PAUSE
        self._lines, self._new, self._pause = lines, 0, max(self._pause - 1, 0)
        return not self._pause

    def keep(self, line: Line, text: bytes, call: bytes, arguments: bytes) -> None:
        """Remember a line that answered S_OK and left nothing behind, by its text or by the halves of it."""
        self._new += 1
        if line.out is not None or line.at is not None:
            return
        if line.in_ is None:
            self.whole.add(text)
        elif len(arguments) <= _LONGEST and are_halves(call, arguments):
            known = self.calls[call] = self._arguments[line.call or ""]
            self._kept += arguments not in known
            known.add(arguments)

    def forget(self) -> None:
        """Something was done."""
        self.whole.clear()
        self.calls.clear()
