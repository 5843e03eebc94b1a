"""What a name of the Python API is: a class, one of its methods, a function, an enumeration; as text for people.

A class or an enumeration of VSS's ends its docstring with the documented name (`IVssAsync`), a method with that of its
call; what has none is the API's own, and its docstring is the explanation.
"""

import inspect
import re
from collections.abc import Iterator
from enum import IntFlag
from functools import cache
from importlib import import_module
from types import ModuleType
from typing import Final

from vss_sim.report.explain_interface import interfaces
from vss_sim.report.words import wrapped
from vss_sim.spec.enums import Named, flag_names, members
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import FAMILIES, signatures
from vss_sim.spec.structures import STRUCTURES
from vss_sim.spec.win32 import Win32Error

_DOCUMENTED: Final = re.compile(r"`(\w+(?:::\w+)?)`")
_ROOT: Final = __name__.partition(".")[0]


def documented_name(name: str) -> str | None:
    """What VSS calls a class, enumeration, member, function or method of the Python API; None where there is none.

    A member of the answers has the name of the answer.
    """
    found = _find(name)
    if found is not None and isinstance(found[1], (HResult, Win32Error)):
        return found[1].name
    told = _DOCUMENTED.findall(inspect.getdoc(found[1]) or "") if found is not None else ()
    names = {*signatures(), *members(), *STRUCTURES}
    known = (one for one in told if one in names or one.casefold() in interfaces())
    documented = next(known, None)
    return _constant(found[1]) or documented if found is not None and documented in members() else documented


def _constant(member: object) -> str | None:
    """The constant of VSS that a member of an enumeration is; None where this is no member."""
    if isinstance(member, IntFlag):
        return flag_names(type(member)).get(member.value)
    return member.value if isinstance(member, Named) else None


def explain_python(name: str) -> Iterator[str] | None:
    """The explanation of a name that only the Python API has, line by line; None where it has none of the name."""
    found = _find(name)
    text = inspect.getdoc(found[1]) if found is not None else None
    return None if found is None or not text else _docstring(found[0], text)


def _docstring(name: str, text: str) -> Iterator[str]:
    yield f"vss_sim.{name}, of the Python API (docs/requester.md)"
    for paragraph in text.split("\n\n"):
        lines = paragraph.splitlines()
        if any(line.startswith(" ") for line in lines):
            yield from (f"  {line}".rstrip() for line in lines)
        else:
            yield wrapped(" ".join(lines))


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
    found: object = _api()
    for part in full.split("."):
        found = inspect.getattr_static(found, part) if inspect.isclass(found) else getattr(found, part)
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
