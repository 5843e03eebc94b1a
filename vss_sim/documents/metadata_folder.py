"""Documents of a real machine, as a backup program or DiskShadow leaves them in a folder: which are of writers.

A folder has other XML beside them (the Backup Components Document, a manifest); what has another root is passed over,
what has the root of a Writer Metadata Document is read, and it is an error if it cannot be.
"""

import re
from typing import Final
from xml.parsers import expat

from vss_sim.documents.errors import DocumentError
from vss_sim.documents.vocabulary import WRITER_METADATA
from vss_sim.documents.writer_metadata import read_writer_metadata
from vss_sim.documents.xml_reader import as_utf8
from vss_sim.model.metadata import WriterMetadata

_DIGITS: Final = re.compile(r"([0-9]+)")


class _RootSeenError(Exception):
    """The root was found; the rest is not looked at."""


def in_order(name: str) -> tuple[tuple[int, int | str], ...]:
    """The key by which names of documents are sorted: `WM2` before `WM10`."""
    pieces = _DIGITS.split(name.casefold())
    return tuple((0, int(piece)) if place % 2 else (1, piece) for place, piece in enumerate(pieces))


def writer_in(data: bytes, passed_over: list[DocumentError] | None = None) -> WriterMetadata | str:
    """What a writer says of itself in this document, or the name of the root where it is another kind of document.

    What is not known in it is told to the list `passed_over`, if there is one, and left out.

    Raises:
        DocumentError: it is no XML, or a Writer Metadata Document that cannot be read.
    """
    root = _root_of(data)
    return read_writer_metadata(data, passed_over) if root == WRITER_METADATA.root.name else root


def _root_of(data: bytes) -> str:
    found: list[str] = []

    def begin(name: str, _: dict[str, str]) -> None:
        found.append(name)
        raise _RootSeenError

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = begin
    try:
        parser.Parse(as_utf8(data), True)
    except _RootSeenError:
        pass
    except expat.ExpatError as error:
        raise DocumentError(error.lineno, f"this is not XML: {expat.ErrorString(error.code)}") from None
    return found[0].rpartition(":")[2]
