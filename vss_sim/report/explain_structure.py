"""What a structure is, as text for people: its members with their types, who hands it out, who frees it."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from vss_sim.report.words import wrapped
from vss_sim.spec.methods import Direction, Signature, signatures
from vss_sim.spec.parameters import members
from vss_sim.spec.rules import page_address
from vss_sim.spec.structures import STRUCTURES

_PAGES: Final = {
    "VSS_SNAPSHOT_PROP": "api:ns-vss-vss_snapshot_prop",
    "VSS_PROVIDER_PROP": "api:ns-vss-vss_provider_prop",
    "VSS_OBJECT_PROP": "api:ns-vss-vss_object_prop",
    "VSS_COMPONENTINFO": "api:ns-vsbackup-vss_componentinfo",
}
_OVERVIEW: Final = "volume-shadow-copy-api-structures"
_UNION: Final = "VSS_OBJECT_UNION"
_FREED_BY: Final = {
    "VSS_SNAPSHOT_PROP": "VssFreeSnapshotProperties",
    "VSS_OBJECT_PROP": "VssFreeSnapshotProperties, where it holds a shadow copy",
    "VSS_COMPONENTINFO": "IVssWMComponent::FreeComponentInfo",
}


@cache
def structures() -> dict[str, str]:
    """Folded name → the structure: by its own, that of a pointer to it, and those of members that are like no other."""
    found: dict[str, str] = {}
    for name, parts in STRUCTURES.items():
        for word in (name, f"P{name.replace('_', '')}", *(part for part in parts if part.startswith("m_"))):
            found.setdefault(word.casefold(), name)
    return found


def explain_structure(name: str, python: str = "") -> Iterator[str]:
    """The explanation of a structure by its documented name, line by line; `python` is its class in Python, if any."""
    yield f"{name}, a union: its Type tells which member is there" if name == _UNION else f"{name}, a structure"
    if python:
        yield f"  in Python {python}"
    givers = [one.full_name for one in signatures().values() if _hands_out(one, name)]
    if givers:
        yield wrapped(f"given by  {', '.join(givers)}", "  ", " " * 10)
    holders = [holder for holder, parts in STRUCTURES.items() if name in parts.values()]
    if holders:
        yield f"  part of   {', '.join(holders)}"
    if name in _FREED_BY:
        yield f"  freed by  {_FREED_BY[name]}"
    yield ""
    meanings = {member.name: member for member in members(name)}
    width = max(map(len, STRUCTURES[name])) + 1
    for member, kind in STRUCTURES[name].items():
        told = meanings.get(member)
        python = f" ({told.python})" if told is not None and told.python else ""
        meaning = f": {told.meaning}" if told is not None else ""
        yield wrapped(f"{member:<{width}} {kind}{python}{meaning}", "  ", " " * (width + 1))
    yield ""
    yield f"  page      {page_address(_PAGES.get(name, _OVERVIEW))}"


def _hands_out(signature: Signature, structure: str) -> bool:
    pointers = (f"{structure}*", f"P{structure.replace('_', '')}*")
    return any(one.type in pointers and one.direction is Direction.OUT for one in signature.parameters)
