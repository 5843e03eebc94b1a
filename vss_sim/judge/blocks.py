"""Blocks of lines as they stand in a file: each takes the short cut or the whole way, and slips in it are told.

The first lines of a log are looked at whatever they are; later ones where the short cut refuses them, whose decoder
knows the names and the values of every call that it lets pass.
"""

from collections.abc import Callable
from typing import Final

from vss_sim.judge.history import History
from vss_sim.judge.short_cut import ShortCut, read_wholly
from vss_sim.judge.unknown_names import look_at_line
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import LONGEST_LINE, TraceError, check_line, lines_in, read_line

FIRST_LINES: Final = 128
"""So many lines at the beginning of a log are looked at: in a short log there is nothing to gain by learning."""


class Blocks:
    """Reads blocks, and gives what cannot take the short cut to `feed`; `last` is the number of the last line read."""

    def __init__(self, history: History, short_cut: ShortCut | None, feed: Callable[[int, Line], None]) -> None:
        self.last = 1
        self._history = history
        self._short_cut = short_cut
        self._feed = feed

    def read(self, block: bytes, before: int) -> None:
        """Judge the lines of a block, without the last line end; `before` is the number of the line before them.

        Raises:
            TraceError: a line is not of the format, or cannot be.
        """
        texts = lines_in(block)
        short_cut = self._short_cut if len(block) <= LONGEST_LINE else None
        read = short_cut.read if short_cut is not None else read_wholly
        early = max(min(FIRST_LINES - before, len(texts)), 0)
        try:
            for number, text in enumerate(texts[:early], before + 1):
                try:
                    read([text], number - 1, self._whole_way)
                finally:
                    self._look_at(number, text)
            if early < len(texts):
                if short_cut is not None:
                    short_cut.lines.look_closely()
                read(texts[early:] if early else texts, before + early, self._whole_way)
        except TraceError as error:
            self.last = max(self.last, error.line)
            raise
        self.last = max(self.last, before + len(texts))

    def _whole_way(self, number: int, line: Line, text: bytes) -> None:
        if line.call is not None:
            check_line(line, number)
            self._feed(number, line)
            return
        text = text.removesuffix(b"\n")
        if not text or text.isspace():
            return
        try:
            self._feed(number, read_line(text, number))
        finally:  # what is odd about a line may be why it is refused
            if number > FIRST_LINES:
                self._look_at(number, text)

    def _look_at(self, number: int, text: bytes) -> None:
        line = look_at_line(self._history, number, text)
        if self._short_cut is not None:
            self._short_cut.lines.meet(line)
