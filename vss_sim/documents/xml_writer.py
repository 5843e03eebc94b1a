"""From values to XML, by a vocabulary: one line in UTF-8 without a declaration, as Windows writes it."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import chain, groupby, repeat
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct

from vss_sim.documents.attribute_values import TEXT
from vss_sim.documents.elements import NEEDED, Attribute, Element, Vocabulary
from vss_sim.documents.leaf_batches import is_plain_leaf

_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN: Final = re.compile(r"[ !#-%'-;=?-~]*")
"""Text that stands in an attribute as it is."""

_SIGNS: Final = ("&", "<", ">", '"')
_CONTROLS: Final = bytes(range(32))
_TOGETHER: Final = 512
"""So many elements are written together; their texts are looked through at once."""

_FEWEST: Final = 2
"""Fewer texts, or less that follows them, are not worth a plan."""

_SPECIAL: Final = str.maketrans(
    {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "\t": "&#9;", "\n": "&#10;", "\r": "&#13;"}
)


def write_xml(vocabulary: Vocabulary, value: Any) -> str:
    """The document of a value.

    Raises:
        ValueError: the value has what a document cannot hold, such as a character that XML has not.
    """
    return "".join(_element(vocabulary.root, value, f' xmlns="{vocabulary.namespace}" version="{vocabulary.version}"'))


def _element(element: Element, value: Any, first: str = "") -> Iterator[str]:
    outside = "" if element.qualified else ' xmlns=""'
    begin = f"<{element.name}{outside}{first}{_attributes(element, value)}"
    inside = list(_children(element, value)) if element.children else None
    if inside:
        yield f"{begin}>"
        yield from inside
        yield f"</{element.name}>"
    else:
        yield f"{begin}/>"


def _children(element: Element, value: Any) -> Iterator[str]:
    for field, kinds in groupby(element.children, key=lambda child: child.field):
        if field is None:
            for part in kinds:
                if part.always or _is_there(part, value):
                    yield from _element(part, value)
            continue
        alike = list(kinds)
        held = getattr(value, field)
        if len(alike) == 1 and is_plain_leaf(alike[0]):
            yield from _leaves(alike[0], held)
            continue
        for one in held if alike[0].many else () if held is None else (held,):
            yield from _element(_fitting(alike, one), one)


class _LeafPlan(Struct, frozen=True):
    """How leaves of a kind are written: some texts that each has, and what comes after them.

    `pieces` pairs what stands before a text with what gets the text; `rest` gets all that follows, which is the same
    for most leaves, and so is written once, by `written`.
    """

    pieces: tuple[tuple[str, Callable[[Any], str]], ...]
    rest: Callable[[Any], tuple[Any, ...]]
    written: Callable[[Any], str]


@cache
def _leaf_plan(element: Element) -> _LeafPlan | None:
    """The plan for leaves of a kind; None where they do not begin with texts that every one has."""
    count = 0
    for one in element.attributes:
        if one.form is not TEXT or one.absent is not NEEDED:
            break
        count += 1
    first, more = element.attributes[:count], element.attributes[count:]
    if not first or len(more) < _FEWEST or element.means:
        return None
    before = f"<{element.name}" if element.qualified else f'<{element.name} xmlns=""'
    pieces = []
    for one in first:
        pieces.append((f'{before} {one.name}="', attrgetter(one.field)))
        before = '"'

    def written(value: Any) -> str:
        return f'"{_attribute_texts(more, value, element.name)}/>'

    return _LeafPlan(tuple(pieces), attrgetter(*(one.field for one in more)), written)


def _leaves(element: Element, values: Sequence[Any]) -> Iterator[str]:
    """Elements without children that stand in a list, some hundreds at a time.

    Where a text has a sign that needs an escape, the careful way is gone, with those beside it.
    """
    plan = _leaf_plan(element)
    ends: dict[tuple[Any, ...], str] = {}
    for begin in range(0, len(values), _TOGETHER):
        some = values[begin : begin + _TOGETHER]
        text = None if plan is None else _written_together(plan, ends, some)
        if text is not None:
            yield text
            continue
        for one in some:
            yield from _element(element, one)


def _written_together(plan: _LeafPlan, ends: dict[tuple[Any, ...], str], some: Sequence[Any]) -> str | None:
    """The elements of some values; None where one of their texts is not plain."""
    columns = [list(map(get, some)) for _, get in plan.pieces]
    if not all(map(_is_plain, map("".join, columns))):
        return None
    rests = list(map(plan.rest, some))
    if not ends.keys() >= set(rests):
        for rest, one in zip(rests, some, strict=True):
            if rest not in ends:
                ends[rest] = plan.written(one)
    before = (repeat(text) for text, _ in plan.pieces)
    parts = chain.from_iterable(zip(before, columns, strict=True))
    return "".join(chain.from_iterable(zip(*parts, map(ends.__getitem__, rests))))  # noqa: B905 - `repeat` has no end


def _is_plain(text: str) -> bool:
    """Whether a text stands in attributes as it is; said at once of very long ones."""
    if not text.isascii() or any(map(text.__contains__, _SIGNS)):
        return False
    return len(text.encode().translate(None, _CONTROLS)) == len(text)


def _is_there(part: Element, value: Any) -> bool:
    """Whether a part of a value has anything in it."""
    own = (attribute for attribute in part.attributes if not attribute.repeats)
    if any(_needs_words(attribute, attribute.held_by(value)) for attribute in own):
        return True
    return any(
        _is_there(child, value) if child.field is None else getattr(value, child.field) for child in part.children
    )


def _fitting(elements: list[Element], value: Any) -> Element:
    """The element that stands for this value, where several have the same place."""
    for element in elements:
        if all(getattr(value, field) == meant for field, meant in element.means.items()):
            return element
    kinds = " or ".join(str(meant) for element in elements for meant in element.means.values())
    raise ValueError(f"a document holds {kinds}, not {value!r}")


def _attributes(element: Element, value: Any) -> str:
    return _attribute_texts(element.attributes, value, element.name)


def _attribute_texts(attributes: tuple[Attribute, ...], value: Any, name: str) -> str:
    texts = []
    for attribute in attributes:
        held = attribute.held_by(value)
        if _needs_words(attribute, held):
            text = attribute.form.write(held)
            if _PLAIN.fullmatch(text) is None:
                text = _escaped(text, f"{attribute.name} of {name}")
            texts.append(f' {attribute.name}="{text}"')
    return "".join(texts)


def _escaped(text: str, where: str) -> str:
    wrong = _NOT_IN_XML.search(text)
    if wrong is not None:
        raise ValueError(f"{where} has U+{ord(wrong[0]):04X}, a character that XML cannot hold: {text!r:.80}")
    return text.translate(_SPECIAL)


def _needs_words(attribute: Attribute, held: Any) -> bool:
    return held is not None and (attribute.always or held != attribute.absent)
