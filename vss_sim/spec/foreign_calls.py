"""Calls in a log that are none of VSS: what a program does beside its backup, by names that nobody lists.

A real log may hold any function of Windows, or any method of another interface; that one is not known here is no fault
of the log. But a call of VSS that is misspelt must not pass as one: a name is taken for a call of VSS where its
interface has VSS in its name, or where it is a letter away from a documented one.

Only VSS's own names count. One that is like a Win32 function that is known (`CreateFile2`) is mostly another function.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from vss_sim.spec.methods import BACKUP_COMPONENTS, signatures

_NAME: Final = re.compile(r"[A-Za-z_]\w*((::|\.)~?\w+)*")
_LONGEST: Final = 100
_OF_DISKS: Final = "ivds"
"""How the interfaces of the Virtual Disk Service begin, which are a letter away from those of VSS: `IVdsAsync`."""

_SHORTEST: Final = 8
"""Of shorter methods, written without their interface, only the name itself counts: `Clone` is close to `Close`."""


def is_foreign(call: str) -> bool:
    """Whether a call that is not documented by VSS is evidently none of it, and no slip of the pen either."""
    if len(call) > _LONGEST or not _NAME.fullmatch(call):
        return False
    interface, colons, _ = call.casefold().rpartition("::")
    if "vss" in call.casefold():
        return False
    if colons:
        return interface.startswith(_OF_DISKS) or not _is_like(interface, _interfaces())
    _, dot, method = call.casefold().rpartition(".")
    if dot and len(method) >= _SHORTEST and method in _of_backups():
        return False
    return call.casefold() not in _methods() and not _is_like(call.casefold(), _long_names())


def _is_like(name: str, known: frozenset[str]) -> bool:
    """Whether one letter more, less or other, or two exchanged, make the name one of `known` (`_variants` of names)."""
    return not known.isdisjoint(_variants(name))


def _variants(name: str) -> Iterator[str]:
    """The name, and what is left of it without any one letter."""
    yield name
    for at in range(len(name)):
        yield name[:at] + name[at + 1 :]


@cache
def _interfaces() -> frozenset[str]:
    names = {signature.interface.casefold() for signature in signatures().values() if signature.interface}
    return frozenset(variant for name in names for variant in _variants(name))


@cache
def _methods() -> frozenset[str]:
    return frozenset(signature.name.casefold() for signature in signatures().values())


@cache
def _of_backups() -> frozenset[str]:
    """The methods of a backup components object, which some write behind the name of a variable: `bc.DoSnapshotSet`."""
    return frozenset(one.name.casefold() for one in signatures().values() if one.family == BACKUP_COMPONENTS)


@cache
def _long_names() -> frozenset[str]:
    return frozenset(variant for name in _methods() if len(name) >= _SHORTEST for variant in _variants(name))
