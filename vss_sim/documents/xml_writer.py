"""From values to XML, by a vocabulary: one line in UTF-8 without a declaration, as Windows writes it."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from vss_sim.documents.elements import Attribute, Element, Vocabulary

_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
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
    inside = list(_children(element, value))
    outside = "" if element.qualified else ' xmlns=""'
    yield f"<{element.name}{outside}{first}{_attributes(element, value)}"
    if inside:
        yield ">"
        yield from inside
        yield f"</{element.name}>"
    else:
        yield "/>"


def _children(element: Element, value: Any) -> Iterator[str]:
    for field, kinds in groupby(element.children, key=lambda child: child.field):
        if field is None:
            for part in kinds:
                if part.always or _is_there(part, value):
                    yield from _element(part, value)
            continue
        alike = list(kinds)
        held = _held(value, field)
        for one in held if alike[0].many else () if held is None else (held,):
            yield from _element(_fitting(alike, one), one)


def _is_there(part: Element, value: Any) -> bool:
    """Whether a part of a value has anything in it."""
    if any(_needs_words(attribute, value) for attribute in part.attributes):
        return True
    return any(_is_there(child, value) if child.field is None else _held(value, child.field) for child in part.children)


def _fitting(elements: list[Element], value: Any) -> Element:
    """The element that stands for this value, where several have the same place."""
    for element in elements:
        if all(getattr(value, field) == meant for field, meant in element.means.items()):
            return element
    kinds = " or ".join(str(meant) for element in elements for meant in element.means.values())
    raise ValueError(f"a document holds {kinds}, not {value!r}")


def _attributes(element: Element, value: Any) -> str:
    texts = []
    for attribute in element.attributes:
        if _needs_words(attribute, value):
            text = attribute.form.write(_held(value, attribute.field))
            wrong = _NOT_IN_XML.search(text)
            if wrong is not None:
                where = f"{attribute.name} of {element.name}"
                raise ValueError(f"{where} has U+{ord(wrong[0]):04X}, a character that XML cannot hold: {text!r:.80}")
            texts.append(f' {attribute.name}="{text.translate(_SPECIAL)}"')
    return "".join(texts)


def _needs_words(attribute: Attribute, value: Any) -> bool:
    held = _held(value, attribute.field)
    return held is not None and (attribute.always or held != attribute.absent)


def _held(value: Any, field: str) -> Any:
    """What a value holds at a field; None where the way to it ends."""
    for name in field.split(".") if field else ():
        if value is None:
            return None
        value = getattr(value, name)
    return value
