"""Elements without children by the hundred: from their attributes to values column by column.

A document of Windows has tens of thousands of file lists, all alike. What is alike is read together: the names of the
attributes once, every word and number once, and the values are made in one comprehension. What cannot be read so is for
the careful way (`xml_reader`), which says what is wrong and where.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain, groupby
from typing import Any, Final

from msgspec import Struct

from vss_sim.documents.attribute_values import TEXT
from vss_sim.documents.elements import NEEDED, Attribute, Element

_SHAPES: Final = 256


class NotPlainError(Exception):
    """Something is not as it is in almost all documents; the careful way tells what."""


class _Batch(Struct, frozen=True):
    """How elements with these attributes become values: a column for each, and what makes values of the rows."""

    attributes: tuple[Attribute, ...]
    make: Callable[[Iterable[tuple[Any, ...]]], list[Any]]


def is_plain_leaf(element: Element) -> bool:
    """Whether elements of a kind are values by their attributes alone, and stand in a list."""
    own = element.make is not None and element.field is not None and element.many and not element.children
    return own and bool(element.attributes) and not any(one.repeats or "." in one.field for one in element.attributes)


@cache
def leaves_of(element: Element) -> tuple[Element, ...]:
    """The plain leaves that an element may have."""
    return tuple(child for child in element.children if is_plain_leaf(child))


def values_of(element: Element, given: list[list[str]], texts: dict[str, str]) -> list[Any]:
    """The values of elements, each given as names and texts of its attributes in turn; `texts` keeps each text once.

    Raises:
        NotPlainError: one of them is for the careful way.
    """
    width = len(given[0])
    if len(set(map(len, given))) == 1:
        flat = list(chain.from_iterable(given))
        columns = [flat[place::width] for place in range(width)]
        if all(column.count(column[0]) == len(given) for column in columns[::2]):
            return made_of(element, tuple(given[0][::2]), columns[1::2], texts)
    found: list[Any] = []
    for shape, alike in groupby(given, key=lambda one: tuple(one[::2])):
        found += made_of(element, shape, list(zip(*alike, strict=True))[1::2], texts)
    return found


def made_of(
    element: Element, names: tuple[str, ...], columns: Sequence[Sequence[str]], texts: dict[str, str]
) -> list[Any]:
    """The values of elements alike: the names of their attributes, the texts of each.

    Raises:
        NotPlainError: one of them is for the careful way.
    """
    batch = _batch(element, names)
    found: list[Iterable[Any]] = []
    for attribute, column in zip(batch.attributes, columns, strict=True):
        if attribute.form is TEXT:
            found.append(map(texts.setdefault, column, column) if _repeats(column) else column)
        else:
            found.append(map(_read(attribute, column).__getitem__, column))
    try:
        return batch.make(zip(*found, strict=True))
    except (TypeError, ValueError):
        raise NotPlainError from None


def _repeats(column: Sequence[str]) -> bool:
    """Whether texts come again and again, so that it pays to keep each of them once."""
    return 2 * len(set(column)) < len(column)


def _read(attribute: Attribute, column: Sequence[str]) -> dict[str, Any]:
    """Every text of a column that is a word or a number, read once."""
    try:
        return {text: attribute.form.read(text) for text in set(column)}
    except ValueError:
        raise NotPlainError from None


@lru_cache(maxsize=_SHAPES)
def _batch(element: Element, names: tuple[str, ...]) -> _Batch:
    """How elements of a kind with these attributes, in this order, are read."""
    if set(names) - element.attribute_named.keys():
        raise NotPlainError
    attributes = tuple(element.attribute_named[name] for name in names)
    fixed: dict[str, Any] = dict(element.means)
    for attribute in element.attributes:
        if attribute.name not in names:
            if attribute.absent is NEEDED:
                raise NotPlainError
            fixed[attribute.field] = attribute.absent
    return _Batch(attributes, _maker(element.make, [attribute.field for attribute in attributes], fixed))


def _maker(make: Any, fields: list[str], fixed: dict[str, Any]) -> Callable[[Iterable[tuple[Any, ...]]], list[Any]]:
    """A comprehension in which the fields of our own vocabulary stand by name: a call by dictionary costs ten times."""
    row = "".join(f"_{place}, " for place in range(len(fields)))
    given = [f"{field}=_{place}" for place, field in enumerate(fields)]
    given += [f"{field}={field}" for field in fixed]
    bound = "".join(f", {name}={name}" for name in ("make", *fixed))
    source = f"lambda rows{bound}: [make({', '.join(given)}) for {row}in rows]"
    made: Callable[[Iterable[tuple[Any, ...]]], list[Any]] = eval(source, {"make": make, **fixed})  # noqa: S307
    return made
