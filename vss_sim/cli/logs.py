"""A log for who wants its lines one by one: the world of its header, then each line with its number."""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vss_sim.cli.header_worlds import world_in
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import empty, read_header, read_line

if TYPE_CHECKING:
    from vss_sim.model.computer import Description

_BOM: Final = b"\xef\xbb\xbf"


def read_log(blocks: Iterable[bytes], path: Path | None) -> "tuple[Description | None, Iterator[tuple[int, Line]]]":
    """Whole blocks of lines as the computer of their header, if it has one, and the lines after it while they are read.

    Blank lines are read over. The file of a world is named from the folder of `path`.

    Raises:
        TraceError: there is no header, or it is none; the lines raise it where they come to one that is none.
    """
    texts = _texts(blocks)
    number, text = next(texts, (0, b""))
    if not number:
        raise empty()
    header = read_header(text.removeprefix(_BOM), number)
    told = world_in(header, number, path)
    lines = ((number, read_line(text, number)) for number, text in texts)
    return (told[1] if told is not None else None), lines


def _texts(blocks: Iterable[bytes]) -> Iterator[tuple[int, bytes]]:
    """The lines that are not blank, with their numbers."""
    number = 0
    for block in blocks:
        for text in block.split(b"\n"):
            number += 1
            if text.strip():
                yield number, text
