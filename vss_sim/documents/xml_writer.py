"""From values to XML, by a vocabulary: one line in UTF-8 without a declaration, as Windows writes it."""

import re
from collections.abc import Iterator
from itertools import groupby
from typing import Any, Final

from vss_sim.documents.elements import Attribute, Element, Vocabulary

_NOT_IN_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_PLAIN: Final = re.compile(r"[ !#-%'-;=?-~]*")
"""Text that stands in an attribute as it is."""

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
        for one in held if alike[0].many else () if held is None else (held,):
            yield from _element(_fitting(alike, one), one)


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
    texts = []
    for attribute in element.attributes:
        held = attribute.held_by(value)
        if _needs_words(attribute, held):
            text = attribute.form.write(held)
            if _PLAIN.fullmatch(text) is None:
                text = _escaped(text, f"{attribute.name} of {element.name}")
            texts.append(f' {attribute.name}="{text}"')
    return "".join(texts)


def _escaped(text: str, where: str) -> str:
    wrong = _NOT_IN_XML.search(text)
    if wrong is not None:
        raise ValueError(f"{where} has U+{ord(wrong[0]):04X}, a character that XML cannot hold: {text!r:.80}")
    return text.translate(_SPECIAL)


def _needs_words(attribute: Attribute, held: Any) -> bool:
    return held is not None and (attribute.always or held != attribute.absent)
