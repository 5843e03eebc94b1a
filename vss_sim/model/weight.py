"""How much memory values take: all that one holds, or what it holds beside those that came before it."""

from collections.abc import Callable, Container, Mapping
from enum import Enum
from itertools import zip_longest
from math import inf
from operator import attrgetter
from sys import getsizeof
from typing import Any, Final

import msgspec

from vss_sim.model.maps import Map

_NOTHING: Final[Container[int]] = frozenset()
_OF_A_CHANGE: Final = 1024
"""Bytes that a persistent map takes beside another of which it was made by a change."""
_PLAIN: Final = (str, int, float, bytes, type(None))


def weigh(value: object, known: Container[int] = _NOTHING) -> tuple[int, set[int]]:
    """The bytes of all that `value` holds and that has no id among `known`; and the ids of what was weighed."""
    weight = 0
    seen: set[int] = set()
    stack: list[Any] = [value]
    while stack:
        one = stack.pop()
        if id(one) in seen or id(one) in known or isinstance(one, Enum):
            continue
        seen.add(id(one))
        weight += getsizeof(one)
        if isinstance(one, msgspec.Struct):
            stack.extend(getattr(one, field) for field in one.__struct_fields__)
        elif isinstance(one, Mapping):
            stack.extend(one.keys())
            stack.extend(one.values())
        elif isinstance(one, (tuple, list, set, frozenset)):
            stack.extend(one)
    return weight, seen


def added(value: object, before: object, known: Container[int] = _NOTHING, *, enough: float = inf) -> int:
    """At most so many bytes does `value` take beside `before`, with which it has in common what stands in one place.

    Both are looked through side by side where they differ, so it takes as long as what was changed is wide; what has an
    id among `known` is there anyway. Nobody counts on where it is `enough`.
    """
    weight = 0
    seen: set[int] = set()
    stack = [(value, before)]
    while stack and weight < enough:
        one, was = stack.pop()
        if one is was or id(one) in known or id(one) in seen:
            continue
        seen.add(id(one))
        weight += getsizeof(one)
        kind = type(one)
        parts = _PARTS.get(kind)
        if parts is None:
            parts = _PARTS[kind] = _parts_of(kind)
        stack += parts(one, was if type(was) is kind else None)
        weight += _OF_A_CHANGE if kind is Map else 0
    return weight


_Pairs = list[tuple[Any, Any]]
_Parts = Callable[[Any, Any], _Pairs]


def _of_nothing(_one: object, _was: object) -> _Pairs:
    return []


def _of_a_row(one: Any, was: Any) -> _Pairs:
    if was is None:
        return [(inner, None) for inner in one]
    return [pair for pair in zip_longest(one, was[: len(one)]) if pair[0] is not pair[1]]


def _of_a_mapping(one: Any, was: Any) -> _Pairs:
    if was is None:
        return [(inner, None) for pair in one.items() for inner in pair]
    return [
        pair
        for key, inner in one.items()
        if inner is not (before := was.get(key))
        for pair in ((key, key if key in was else None), (inner, before))
    ]


def _of_a_set(one: Any, was: Any) -> _Pairs:
    return [(inner, None) for inner in (one if was is None else one - was)]


def _of_a_struct(kind: Any) -> _Parts:
    fields = kind.__struct_fields__
    if len(fields) == 1:
        fields *= 2  # of a single one, attrgetter makes no tuple
    if not fields:
        return _of_nothing
    values = attrgetter(*fields)

    def parts(one: Any, was: Any) -> _Pairs:
        return _of_a_row(values(one), None if was is None else values(was))

    return parts


def _parts_of(kind: type) -> _Parts:
    """What stands in a value of this type, each beside what stood there before."""
    if issubclass(kind, msgspec.Struct):
        return _of_a_struct(kind)
    if issubclass(kind, (*_PLAIN, Enum)):
        return _of_nothing
    if issubclass(kind, Mapping):
        return _of_a_mapping
    if issubclass(kind, (set, frozenset)):
        return _of_a_set
    return _of_a_row if issubclass(kind, (tuple, list)) else _of_nothing


_PARTS: Final[dict[type, _Parts]] = dict.fromkeys(_PLAIN, _of_nothing)
