"""Which traces are meant: files, folders, patterns, standard input."""

import glob
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from msgspec import Struct

from vss_sim.report.words import printable

STANDARD_INPUT: Final = "-"
_SUFFIX: Final = ".jsonl"
_CHUNK: Final = 1 << 16
_MAGIC: Final = "*?["


class UnreadableError(Exception):
    """An input fails while it is read; what fails while something is written is no fault of it."""


class Source(Struct, frozen=True):
    """Where a trace comes from; `name` is what messages call it, fit for printing."""

    name: str
    path: Path | None

    def chunks(self) -> Iterator[bytes]:
        """The bytes of the trace, piece by piece.

        Raises:
            UnreadableError: it cannot be read.
        """
        try:
            yield from self._chunks()
        except OSError as fault:
            raise UnreadableError(f"cannot be read: {fault.strerror or fault}") from None

    def _chunks(self) -> Iterator[bytes]:
        if self.path is None:
            if sys.stdin is None:
                raise OSError("standard input is closed")
            yield from iter(lambda: os.read(sys.stdin.fileno(), _CHUNK), b"")
            return
        with self.path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                yield chunk


class NoSource(Struct, frozen=True):
    """A name that leads to no trace, and why."""

    name: str
    says: str


def sources(names: list[str]) -> Iterator[Source | NoSource]:
    """The traces that `names` mean, in the order given; those of a folder or pattern sorted by name."""
    for name in names:
        path = Path(name)
        if name == STANDARD_INPUT:
            yield Source("<stdin>", None)
        elif path.is_dir():
            yield from _folder(path)
        elif path.exists() or not any(sign in name for sign in _MAGIC):
            yield Source(printable(name), path)
        else:
            yield from _pattern(name)


def _folder(folder: Path) -> Iterator[Source | NoSource]:
    found = sorted(path for path in folder.rglob("*") if path.suffix.casefold() == _SUFFIX and path.is_file())
    if not found:
        yield NoSource(printable(str(folder)), f"the folder has no trace in it; expected files that end in {_SUFFIX}")
    yield from (Source(printable(str(path)), path) for path in found)


def _pattern(pattern: str) -> Iterator[Source | NoSource]:
    found = sorted(name for name in glob.iglob(pattern, recursive=True) if Path(name).is_file())  # noqa: PTH207 - absolute patterns too
    if not found:
        yield NoSource(printable(pattern), "no file matches this pattern")
    yield from (Source(printable(name), Path(name)) for name in found)
