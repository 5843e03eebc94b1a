"""Leaves side by side, written as Windows writes them: read by one pattern, not by two events of the parser each.

A run is read so only where the parser stands between two elements, and only if every sign of it is accounted for: no
blank too many, no escape, no character that XML forbids or changes. What is left over is for the parser, which knows
all of XML; so a document has the same value either way.
"""

import re
from functools import lru_cache
from typing import Any, Final, NamedTuple

from vss_sim.documents.elements import Element
from vss_sim.documents.leaf_batches import NotPlainError, made_of

_PIECE: Final = 1 << 15
"""Bytes of a document that are read at once."""

_FEWEST: Final = 2
_SHAPES: Final = 64
_TEXT: Final = '[^"<&\\x00-\\x1f\\ufffe\\uffff]*'
_FIRST: Final = re.compile(f'<([A-Z_]{{1,40}})((?: [A-Za-z]{{1,40}}="{_TEXT}"){{{_FEWEST},20}})/>')
_NAME: Final = re.compile(f' ([A-Za-z]+)="{_TEXT}"')


class _Shape(NamedTuple):
    """How a leaf with certain attributes in a certain order is written; `signs` are those beside its texts."""

    pattern: re.Pattern[str]
    signs: int


@lru_cache(maxsize=_SHAPES)
def _shape(name: str, attributes: tuple[str, ...]) -> _Shape:
    written = f"<{name}" + "".join(f' {one}="{{}}"' for one in attributes) + "/>"
    return _Shape(re.compile(written.format(*[f"({_TEXT})"] * len(attributes))), len(written.replace("{}", "")))


class Run(NamedTuple):
    """The values of leaves of one kind, and where the next sign after them stands."""

    element: Element
    values: list[Any]
    end: int


def run_at(data: bytes, begin: int, leaves: dict[str, Element], texts: dict[str, str]) -> Run | None:
    """The leaves alike that stand at a place of a document, as far as one look goes; None where there are none.

    `leaves` are the kinds that may stand there, `texts` keeps each text once.
    """
    last = data.rfind(b"/>", begin, begin + _PIECE)
    if last < begin or data[begin] != ord("<"):
        return None
    try:
        text = data[begin : last + 2].decode("utf-8")
    except UnicodeDecodeError:
        return None
    first = _FIRST.match(text)
    element = leaves.get(first[1]) if first else None
    if first is None or element is None:
        return None
    names = tuple(_NAME.findall(first[2]))
    if len(set(names)) < len(names):
        return None
    shape = _shape(element.name, names)
    columns, end = _columns(shape, text)
    try:
        values = made_of(element, names, columns, texts)
    except NotPlainError:
        return None
    return Run(element, values, begin + (last + 2 - begin if end == len(text) else len(text[:end].encode())))


def _columns(shape: _Shape, text: str) -> tuple[list[tuple[str, ...]], int]:
    """The texts of the leaves at the beginning, attribute by attribute, and where the first other sign stands."""
    columns = list(zip(*shape.pattern.findall(text), strict=True))
    if len(columns[0]) * shape.signs + sum(sum(map(len, column)) for column in columns) == len(text):
        return columns, len(text)
    rows, end = [], 0
    while (found := shape.pattern.match(text, end)) is not None:
        rows.append(found.groups())
        end = found.end()
    return list(zip(*rows, strict=True)), end
