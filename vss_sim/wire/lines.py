"""From a stream of bytes to lines, in bounded memory, whatever the other side sends."""

from collections.abc import Iterator
from typing import Final

from vss_sim.trace.reader import LONGEST_LINE

_KEPT: Final = LONGEST_LINE + 1
"""Of a line that is too long, so many bytes are kept: enough to see that it is."""


class Lines:
    """The lines of one stream, without their ends; holds one of them at most, and no more of it than may be."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = bytearray()

    def feed(self, chunk: bytes) -> Iterator[bytes]:
        """The lines that end in `chunk`."""
        *ends, rest = chunk.split(b"\n")
        for piece in ends:
            self._keep(piece)
            yield self._line()
        self._keep(rest)

    def end(self) -> Iterator[bytes]:
        """The stream is over: what came after the last line end counts as a line."""
        if self._rest:
            yield self._line()

    def _keep(self, piece: bytes) -> None:
        self._rest += piece[: _KEPT - len(self._rest)]

    def _line(self) -> bytes:
        line = bytes(self._rest)
        self._rest.clear()
        return line
