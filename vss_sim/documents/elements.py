"""What elements are made of: the pieces of the vocabulary, and how each is known.

Reader and writer know nothing of VSS; they go by these descriptions.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from operator import attrgetter
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import force_setattr

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


def _itself(value: Any) -> Any:
    return value


class Attribute(Struct, frozen=True):
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
    held_by: Callable[[Any], Any] = _itself
    """The way to that field; follows from it."""

    def __post_init__(self) -> None:
        force_setattr(self, "held_by", way_to(self.field))


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


class Element(Struct, frozen=True, eq=False):
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
    means: Mapping[str, Any] = {}
    many: bool = True
    always: bool = False
    qualified: bool = True
    attribute_named: dict[str, Attribute] = {}
    child_named: "dict[str, Element]" = {}

    def __post_init__(self) -> None:
        force_setattr(self, "attribute_named", {attribute.name: attribute for attribute in self.attributes})
        force_setattr(self, "child_named", {child.name: child for child in self.children})


class Vocabulary(Struct, frozen=True):
    """A kind of document: its root, its namespace, its version."""

    root: Element
    namespace: str
    version: str
