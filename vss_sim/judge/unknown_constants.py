"""Constants in a log that nobody knows: names of enumerations, flags, HRESULTs and truth values that there are not.

What is written so is read as not recorded. No program can pass such a name: it is a slip of the recorder.
"""

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache, lru_cache
from typing import Any, Final

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.contexts import number_of
from vss_sim.engine.inputs import meant_by, unknown_constant
from vss_sim.judge.recorded import code_of
from vss_sim.spec.enums import DROPPED_TARGET, members
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Direction, signatures
from vss_sim.spec.structures import STRUCTURES, structure_of
from vss_sim.trace.reader import near

_SHOWN: Final = 60
_KNOWN_TOO: Final = ("INFINITE", DROPPED_TARGET)
_MOST: Final = 16
"""So many elements of a list are looked at."""


class Kind(Enum):
    """What is written for a parameter, where that is no text and no handle."""

    __hash__ = object.__hash__  # a name is hashed in Python

    CONSTANT = "no constant of VSS"
    NUMBER = "neither a number nor a constant of VSS"
    TRUTH = "neither true nor false"
    CODE = "no HRESULT"


_KINDS: Final = {
    **dict.fromkeys(("LONG", "DWORD", "UINT", "ULONG"), Kind.NUMBER),
    **dict.fromkeys(("bool", "BOOL"), Kind.TRUTH),
    "HRESULT": Kind.CODE,
}


@cache
def _kind_of(type_name: str) -> Kind | str | None:
    """What stands for a value of this type, or the structure that it is; None where it may be anything."""
    plain, structure = type_name.rstrip("*"), structure_of(type_name)
    if structure is not None:
        return structure
    return Kind.CONSTANT if plain in members() else _KINDS.get(plain)


@cache
def _looked_at(full_name: str, *, given: bool) -> dict[str, Kind | str]:
    """The arguments that constants are written for, or the results; of a result only NULL is given."""
    parameters = signatures()[full_name].parameters
    kinds = {one.name: _kind_of(one.type) for one in parameters if not (given and one.direction is Direction.OUT)}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def unknown_constants(full_name: str, values: Mapping[str, Any], *, given: bool) -> Iterator[tuple[str, str]]:
    """What nobody knows in the arguments (`given`) or results of a call: the name of each, and what to say of it."""
    kinds = _looked_at(full_name, given=given)
    for name, value in values.items():
        if name in kinds and value is not None:
            yield from _unknown(full_name, name, kinds[name], value)


def _unknown(owner: str, name: str, kind: Kind | str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(kind, str):
        for part in value[:_MOST] if isinstance(value, list) else [value]:
            if isinstance(part, dict):
                yield from _in_structure(owner, kind, part)
    elif type(value) is str and (meant := _fault(kind, value)) is not None:
        yield name, f"{owner} has {name} {value[:_SHOWN]!r}, which is {kind.value}{meant}"


def _in_structure(owner: str, structure: str, value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    kinds = STRUCTURES[structure]
    for name, part in value.items():
        if name not in kinds:
            yield name, f"{structure} has no member {name[:_SHOWN]!r}{near(name, kinds)}"
        elif (kind := _kind_of(kinds[name])) is not None and part is not None:
            yield from _unknown(owner, name, kind, part)


@lru_cache(maxsize=1024)
def _fault(kind: Kind, value: str) -> str | None:
    """What may have been meant by a text that stands for nothing of the kind; None where it stands for something."""
    if kind is Kind.TRUTH:
        return None if truth_of(value) is not None or number_of(value) is not None else ""
    if kind is Kind.CODE:
        return None if code_of(value) is not None else near(value, HResult.__members__)
    if number_of(value) is not None or value in _KNOWN_TOO:
        return None
    return unknown_constant(value) if "|" in value else meant_by(value)
