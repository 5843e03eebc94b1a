"""Ranges of a partial or directed file: `offset:length` pairs with commas between them, decimal or hexadecimal."""

import re
from typing import Final

_NUMBER: Final = r"(0[xX][0-9a-fA-F]{1,16}|[0-9]{1,20})"
_PAIR: Final = re.compile(rf"\s*{_NUMBER}\s*:\s*{_NUMBER}\s*")
_FULL_PATH: Final = re.compile(r"(?:File=)?(?:[A-Za-z]:\\|\\\\|%)[^*?]+")
_LIMIT: Final = 1 << 64
_WORD: Final = 8

Range = tuple[int, int]
"""Where a range begins, and how long it is."""


def parse_ranges(text: str) -> tuple[Range, ...] | None:
    """The ranges of a list, each number of 64 bits; None where the text is no such list."""
    found = []
    for pair in text.split(","):
        match = _PAIR.fullmatch(pair)
        if match is None:
            return None
        offset, length = (int(number, 16 if number[:2] in ("0x", "0X") else 10) for number in match.groups())
        if offset >= _LIMIT or length >= _LIMIT:
            return None
        found.append((offset, length))
    return tuple(found)


def lies_within(ranges: tuple[Range, ...], offset: int, length: int) -> bool:
    """Whether bytes lie in ranges, in one of them or in several that touch."""
    end = offset + length
    for start, size in sorted(ranges):
        if start <= offset < start + size:
            offset = start + size
    return offset >= end


def ranges_file_of(text: str) -> str:
    """The path of the ranges file that a text names."""
    return text.removeprefix("File=")


def ranges_in(data: bytes) -> tuple[Range, ...] | None:
    """The ranges of a ranges file: their number, then offset and length of each, 64 bits; None where it is none.

    The page does not say in which order the bytes stand; it is that of the machines that Windows runs on.
    """
    if len(data) < _WORD or len(data) != _WORD * (1 + 2 * int.from_bytes(data[:_WORD], "little")):
        return None
    words = [int.from_bytes(data[at : at + _WORD], "little") for at in range(_WORD, len(data), _WORD)]
    return tuple(zip(words[::2], words[1::2], strict=True))


def names_a_file(text: str) -> bool:
    """Whether a text is the full path of a ranges file, bare or after `File=` (both are documented: C55)."""
    return _FULL_PATH.fullmatch(text) is not None
