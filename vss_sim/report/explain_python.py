"""What a name of the Python API is: a class, one of its methods, a function, an enumeration; as text for people.

A class or an enumeration of VSS's ends its docstring with the documented name (`IVssAsync`), a method with that of its
call; what has none is the API's own, and its docstring is the explanation.
"""

import inspect
import re
from collections.abc import Iterator
from enum import Enum, EnumType, IntFlag
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final, NewType

from vss_sim.report.explain_interface import interfaces
from vss_sim.report.words import wrapped
from vss_sim.spec.enums import Named, flag_names, members
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import FAMILIES, signatures
from vss_sim.spec.structures import STRUCTURES
from vss_sim.spec.win32 import FLAGS, Win32Error

_DOCUMENTED: Final = re.compile(r"`(\w+(?:::\w+)?)`")
_ROOT: Final = __name__.partition(".")[0]


def documented_name(name: str) -> str | None:
    """What VSS calls a class, enumeration, member, function or method of the Python API; None where there is none.

    A member of the answers has the name of the answer.
    """
    found = _find(name)
    if found is None:
        return None
    told = found[1]
    if isinstance(told, Enum):
        return _constant(told)
    names = {*signatures(), *members(), *STRUCTURES}
    words = _DOCUMENTED.findall(_text_of(told))
    return next((one for one in words if one in names or one.casefold() in interfaces()), None)


def _constant(member: Enum) -> str | None:
    """The constant of VSS or of Win32 that a member of an enumeration is; None where it is the API's own."""
    if isinstance(member, (HResult, Win32Error)):
        return member.name
    if isinstance(member, Named):
        return member.value
    if isinstance(member, IntFlag) and documented_name(type(member).__name__) in members():
        return flag_names(type(member)).get(member.value)
    flags = (name for name, number in FLAGS.items() if number == member.value and name.endswith(member.name))
    return next(flags, None)


def _text_of(found: object) -> str:
    """What is said of a thing where it is made; of a type of ids, where all of them are."""
    return (import_module(found.__module__).__doc__ if isinstance(found, NewType) else inspect.getdoc(found)) or ""


def explain_python(name: str) -> Iterator[str] | None:
    """The explanation of a name that only the Python API has, line by line; None where it has none of the name."""
    found = _find(name)
    text = _text_of(found[1]) if found is not None else ""
    return _docstring(found[0], text) if found is not None and text else None


def _docstring(name: str, text: str) -> Iterator[str]:
    yield f"vss_sim.{name}, of the Python API (docs/requester.md)"
    for paragraph in text.split("\n\n"):
        lines = paragraph.splitlines()
        if any(line.startswith(" ") for line in lines):
            yield from (f"  {line}".rstrip() for line in lines)
        else:
            yield wrapped(" ".join(lines))
    yield from _members(name)


def _members(name: str) -> Iterator[str]:
    """The members of an enumeration of Win32's, each with the constant that it is."""
    kind = getattr(_api(), name, None)
    ours: tuple[Enum, ...] = tuple(kind) if isinstance(kind, EnumType) else ()
    for member, constant in ((one.name, _constant(one)) for one in ours):
        if constant in FLAGS:
            yield f"    0x{FLAGS[constant]:08X}  {member}: {constant}"


def python_names() -> tuple[str, ...]:
    """Every public name of the API, and the classes' methods as `Class.method`."""
    return tuple(_names().values())


def class_of(interface: str) -> str:
    """The class that an interface is in Python, as one says it; empty where it has none."""
    family = FAMILIES.get(interface, interface)
    return next((f"vss_sim.{name}" for name in _public() if documented_name(name) == family), "")


def _find(name: str) -> tuple[str, object] | None:
    full = _names().get(name.removeprefix(f"{_ROOT}.").casefold())
    if full is None:
        return None
    owner, _, part = full.partition(".")
    found = getattr(_api(), owner)
    if part and part not in getattr(found, "__struct_fields__", ()):  # fields are told with their record
        found = inspect.getattr_static(found, part)
    return full, found


@cache
def _names() -> dict[str, str]:
    """Folded name → the name."""
    found = {name.casefold(): name for name in _public()}
    for name in _public():
        owner = getattr(_api(), name)
        if inspect.isclass(owner):
            own = [one for one in dir(owner) if not one.startswith("_") and _is_told(owner, one)]
            own += getattr(owner, "__members__", ())  # of flags, dir leaves out those that are 0 or joined
            own += (one for one in getattr(owner, "__struct_fields__", ()) if not one.startswith("_"))
            found |= {f"{name}.{one}".casefold(): f"{name}.{one}" for one in own}
    return found


def _is_told(owner: type, name: str) -> bool:
    """Whether a class says something of this attribute itself, or one of ours that it comes from does."""
    place = next((base for base in owner.__mro__ if name in vars(base)), object)
    return place.__module__.startswith(_ROOT) and bool(inspect.getdoc(vars(place)[name]))


def _public() -> tuple[str, ...]:
    return tuple(name for name in _api().__all__ if not name.startswith("_"))


def _api() -> ModuleType:
    return import_module(_ROOT)
