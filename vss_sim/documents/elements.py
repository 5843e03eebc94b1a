"""What elements are made of: the pieces of the vocabulary, and how each is known.

Reader and writer know nothing of VSS; they go by these descriptions.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final

import attrs
from attrs import frozen

from vss_sim.documents.attribute_values import Form


class Known(StrEnum):
    """How a name of the vocabulary is known."""

    REAL = "seen in a document that Windows wrote"
    FRAGMENT = "seen in a fragment of a document on a page of the documentation"
    PARSER = "seen in a program that reads real documents"
    OURS = "chosen here: the real name is not known from a source that may be used"


class _Needed:
    """The mark of an attribute that a document cannot do without."""


NEEDED: Final = _Needed()


@frozen
class Attribute:
    """An attribute: its name, the field of the model it stands for, how its value is written.

    `absent` is what an attribute that is not there stands for; such a value is left out on writing, unless `always`.
    An attribute that `repeats` says again what an element around it says. `field` may lead into a field
    (`restore_method.service`); the empty one is the value itself.
    """

    name: str
    field: str
    form: Form
    known: Known
    absent: Any = NEEDED
    always: bool = False
    repeats: bool = False
    held_by: Callable[[Any], Any] = attrs.field(init=False)

    @held_by.default
    def _way(self) -> Callable[[Any], Any]:
        return way_to(self.field)


def way_to(field: str) -> Callable[[Any], Any]:
    """How to come from a value to what it holds at a field: None where the way ends before."""
    first, _, rest = field.partition(".")
    if not first:
        return _itself
    step = attrgetter(first)
    if not rest:
        return step
    further = way_to(rest)
    return lambda value: None if (inner := step(value)) is None else further(inner)


def _itself(value: Any) -> Any:
    return value


@frozen(eq=False)
class Element:
    """An element: a value of its own, or (`field` None) a part of what its parent stands for.

    `field` is the place in the parent's value, `many` tells whether there may be several, `make` makes the value of the
    fields, `means` are fields that the name of the element itself stands for. A part is written if there is anything in
    it, or `always`. `qualified` tells whether it stands in the namespace of the document.
    """

    name: str
    known: Known
    attributes: tuple[Attribute, ...] = ()
    children: "tuple[Element, ...]" = ()
    field: str | None = None
    make: Callable[..., Any] | None = None
    means: Mapping[str, Any] = attrs.field(factory=dict)
    many: bool = True
    always: bool = False
    qualified: bool = True
    attribute_named: dict[str, Attribute] = attrs.field(init=False)
    child_named: "dict[str, Element]" = attrs.field(init=False)

    @attribute_named.default
    def _by_name(self) -> dict[str, Attribute]:
        return {attribute.name: attribute for attribute in self.attributes}

    @child_named.default
    def _by_tag(self) -> "dict[str, Element]":
        return {child.name: child for child in self.children}


@frozen
class Vocabulary:
    """A kind of document: its root, its namespace, its version."""

    root: Element
    namespace: str
    version: str
