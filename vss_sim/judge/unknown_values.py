"""Values in a log that nobody can read: constants that there are not, ids that are no GUIDs, a list for a number.

What is written so is read as not recorded. No program can pass such a value: it is a slip of the recorder.
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
from vss_sim.spec.methods import Direction, Parameter, signatures
from vss_sim.spec.structures import STRUCTURES, structure_of
from vss_sim.trace.reader import argument_forms, near, shown
from vss_sim.trace.values import parse_guid

_SHOWN: Final = 60
KNOWN_TOO: Final = ("INFINITE", DROPPED_TARGET)
"""Constants of no enumeration."""

_MOST: Final = 16
"""So many elements of a list are looked at."""


class Kind(Enum):
    """What is written for a parameter."""

    __hash__ = object.__hash__  # a name is hashed in Python

    CONSTANT = "no constant of VSS"
    NUMBER = "neither a number nor a constant of VSS"
    TRUTH = "neither true nor false"
    CODE = "no HRESULT"
    GUID = "no GUID (expected {xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx} in hexadecimal digits, or GUID_NULL)"
    TEXT = "no text"
    HANDLE = "no handle (expected a text of your choice)"


_KINDS: Final = {
    **dict.fromkeys(("LONG", "DWORD", "UINT", "ULONG", "INT", "LONGLONG", "ULONGLONG"), Kind.NUMBER),
    **dict.fromkeys(("bool", "BOOL"), Kind.TRUTH),
    **dict.fromkeys(("VSS_ID", "const VSS_ID", "CLSID"), Kind.GUID),
    **dict.fromkeys(("BSTR", "LPCWSTR", "VSS_PWSZ"), Kind.TEXT),
    "HRESULT": Kind.CODE,
}
_NUMBERS: Final = (Kind.CONSTANT, Kind.NUMBER, Kind.TRUTH, Kind.CODE)
_INTEGERS: Final = (int, bool)
_INTERFACES: Final = ("IVss", "IUnknown")


@cache
def _kind_of(type_name: str) -> Kind | str | None:
    """What stands for a value of this type, or the structure that it is; None where it may be anything."""
    plain, structure = type_name.rstrip("*"), structure_of(type_name)
    if structure is not None:
        return structure
    if plain.startswith(_INTERFACES):
        return Kind.HANDLE
    return Kind.CONSTANT if plain in members() else _KINDS.get(plain)


def _written(parameter: Parameter, *, given: bool) -> Kind | str | None:
    """What a line writes for a parameter: of a list of texts that is given, anything."""
    if given and parameter.direction is Direction.OUT:
        return None
    kind = _kind_of(parameter.type)
    return None if given and kind is Kind.TEXT and parameter.type.endswith("*") else kind


@cache
def kinds_of(full_name: str, *, given: bool) -> dict[str, Kind | str]:
    """What is written for the arguments of a call, or for its results; of a result only NULL is given."""
    kinds = {one.name: _written(one, given=given) for one in signatures()[full_name].parameters}
    return {name: kind for name, kind in kinds.items() if kind is not None}


def unknown_values(full_name: str, values: Mapping[str, Any], *, given: bool) -> Iterator[tuple[str, str]]:
    """What nobody can read in the arguments (`given`) or results of a call: the name of each, and what to say of it.

    A line with another form of argument than its type has is refused (`vss_sim.trace.reader`); nothing is said of it.
    """
    kinds, refused = kinds_of(full_name, given=given), argument_forms(full_name) if given else ()
    for name, value in values.items():
        if name in kinds and value is not None and (isinstance(value, str) or name not in refused):
            yield from _unknown(full_name, name, kinds[name], value)


def is_readable(kind: Kind | str, value: Any) -> bool:
    """Whether nothing is to be said of a value of this kind, or of this structure."""
    if type(value) is str:
        if kind is Kind.GUID:
            return parse_guid(value) is not None
        return not isinstance(kind, Kind) or _fault(kind, value) is None
    if isinstance(kind, Kind) and not isinstance(value, list):
        return _fault_of_form(kind, value) is None
    return next(_unknown("", "", kind, value), None) is None


def _unknown(owner: str, name: str, kind: Kind | str, value: Any) -> Iterator[tuple[str, str]]:
    is_list = isinstance(value, list) and (isinstance(kind, str) or kind is Kind.GUID)
    for part in value[:_MOST] if is_list else [value]:
        if isinstance(kind, str):
            if isinstance(part, dict):
                yield from _in_structure(owner, kind, part)
        elif (meant := _fault(kind, part) if isinstance(part, str) else _fault_of_form(kind, part)) is not None:
            written = repr(part[:_SHOWN]) if isinstance(part, str) else shown(part)
            yield name, f"{owner} has {name} {written}, which is {kind.value}{meant}"


def _in_structure(owner: str, structure: str, value: dict[str, Any]) -> Iterator[tuple[str, str]]:
    kinds = STRUCTURES[structure]
    for name, part in value.items():
        if name not in kinds:
            yield name, f"{structure} has no member {name[:_SHOWN]!r}{near(name, kinds)}"
        elif (kind := _kind_of(kinds[name])) is not None and part is not None:
            yield from _unknown(owner, name, kind, part)


def _fault_of_form(kind: Kind, value: Any) -> str | None:
    """The same of a value that is no text: a number may stand for a constant and for a truth value."""
    return None if type(value) in _INTEGERS and kind in _NUMBERS else ""


@lru_cache(maxsize=1024)
def _fault(kind: Kind, value: str) -> str | None:
    """What may have been meant by a text that stands for nothing of the kind; None where it stands for something."""
    if kind in (Kind.TEXT, Kind.HANDLE):
        return None
    if kind is Kind.GUID:
        return None if parse_guid(value) is not None else ""
    if kind is Kind.TRUTH:
        return None if truth_of(value) is not None or number_of(value) is not None else ""
    if kind is Kind.CODE:
        return None if code_of(value) is not None else near(value, HResult.__members__)
    if number_of(value) is not None or value in KNOWN_TOO:
        return None
    return unknown_constant(value) if "|" in value else meant_by(value)
