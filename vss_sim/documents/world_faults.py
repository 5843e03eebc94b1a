"""Everything that is wrong in a world file: each value is held against its type by itself.

What an object as a whole is refused for - two machines of one name - can only be told once its values are right.
"""

import json
import types
from collections.abc import Iterator
from itertools import islice
from typing import Annotated, Any, Final, NamedTuple, Union, get_args, get_origin

import msgspec

from vss_sim.documents.errors import WorldError
from vss_sim.documents.json_places import line_of, places_twice
from vss_sim.documents.world_file import as_bytes, cut, explained, inside, read_world, there_twice
from vss_sim.model.computer import Description

MOST: Final = 20
"""So many of the things that are wrong are told of one file."""
COUNTED: Final = 1000
"""So many are looked for."""
_UNIONS: Final = (Union, types.UnionType)


class Wrong(NamedTuple):
    """The first things that are wrong in a file, and how many there are, as far as they were looked for."""

    told: tuple[WorldError, ...]
    number: int


def wrong_in(text: str | bytes) -> Wrong:
    """What is wrong in a world file, in the order in which it stands there."""
    try:
        read_world(text)
    except WorldError as first:
        try:
            data = as_bytes(text)
            value, twice = msgspec.json.decode(data), places_twice(data)
            found = _faults(value, Description, "")
            told = [_with_line(data, *fault) for fault in islice(found, MOST)]
            number = len(told) + sum(1 for _ in islice(found, COUNTED - MOST)) + len(twice)
        except (WorldError, msgspec.DecodeError, RecursionError):
            return Wrong((first,), 1)
        if not isinstance(value, dict):
            return Wrong((first,), 1)
        told += [there_twice(*one) for one in twice[: MOST - len(told)]]
        told.sort(key=lambda error: error.line or 0)
        return Wrong(tuple(told), number) if told else Wrong((first,), 1)
    return Wrong((), 0)


def _with_line(data: bytes, place: str, says: str) -> WorldError:
    return WorldError(line_of(data, place), cut(place), cut(says))


def _faults(value: Any, kind: Any, place: str) -> Iterator[tuple[str, str]]:
    """The places inside a value that are wrong by its type, each with what is said of it."""
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        wrong = set()
        for inner, expected, at in _parts(value, kind, place):
            for fault in _faults(inner, expected, at):
                wrong.add(at)
                yield fault
        unknown = _unknown_keys(value, kind)
        for key in unknown:
            yield explained(msgspec.ValidationError(f"Object contains unknown field `{key}`"), place)
        if not wrong and not unknown:
            yield explained(error, place)
        elif isinstance(value, dict):
            yield from _beside(value, kind, place, wrong)


def _beside(value: dict[str, Any], kind: Any, place: str, wrong: set[str]) -> Iterator[tuple[str, str]]:
    """What an object is refused for beside the values that are wrong: its plain values decide that."""
    fields = _fields(kind)
    plain = {
        key: one
        for key, one in value.items()
        if key in fields and not isinstance(one, (dict, list)) and inside(place, key) not in wrong
    }
    try:
        msgspec.convert(plain, kind)
    except msgspec.ValidationError as error:
        at, says = explained(error, place)
        if at != place:
            yield at, says


def _arms(kind: Any) -> Iterator[Any]:
    """The types that a type is one of."""
    origin = get_origin(kind)
    if origin is Annotated:
        yield from _arms(get_args(kind)[0])
    elif origin in _UNIONS:
        for arm in get_args(kind):
            yield from _arms(arm)
    else:
        yield kind


def _fields(kind: Any) -> dict[str, Any]:
    """Key → type, of the objects that a type stands for."""
    structs = (arm for arm in _arms(kind) if isinstance(arm, type) and issubclass(arm, msgspec.Struct))
    return {field.encode_name: field.type for struct in structs for field in msgspec.structs.fields(struct)}


def _unknown_keys(value: Any, kind: Any) -> list[str]:
    fields = _fields(kind)
    return [key for key in value if key not in fields] if fields and isinstance(value, dict) else []


def _parts(value: Any, kind: Any, place: str) -> Iterator[tuple[Any, Any, str]]:
    """What a value is made of, with type and place: the values of an object or of a map, the items of a list."""
    if isinstance(value, dict):
        fields = _fields(kind)
        inner = [get_args(arm)[1] for arm in _arms(kind) if get_origin(arm) is dict]
        for key, one in value.items():
            if key in fields:
                yield one, fields[key], inside(place, key)
            elif inner:
                yield one, inner[0], f"{place}[{json.dumps(key)}]"
    elif isinstance(value, list):
        items = [get_args(arm)[0] for arm in _arms(kind) if get_origin(arm) is tuple]
        for number, one in enumerate(value):
            if items:
                yield one, items[0], f"{place}[{number}]"
