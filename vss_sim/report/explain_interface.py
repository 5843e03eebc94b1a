"""What an interface is, as text for people: its versions, who hands it out, its methods, its class in Python."""

from collections.abc import Iterator
from functools import cache
from typing import Final

from vss_sim.report.words import wrapped
from vss_sim.spec.methods import FAMILIES, UNKNOWN, Signature, signatures
from vss_sim.spec.protocol.objects import DEAD_POINTER, POINTER_FAMILIES
from vss_sim.spec.rules import page_address, rules

_IN_COLUMN: Final = 12
_CLASSES: Final = "CVss"
"""How the names begin of what is no interface, but a class to derive from."""
_CALLERS: Final = {"management": "programs that manage shadow copies"}
"""Kind of calls → who makes them, where the name of the kind does not tell."""


@cache
def interfaces() -> dict[str, str]:
    """Folded name → the name, of every interface and class."""
    names = [*(signature.interface for signature in signatures().values()), *FAMILIES]
    return {name.casefold(): name for name in names if name}


def explain_interface(name: str, python: str = "") -> Iterator[str]:
    """The explanation of an interface by its documented name, line by line; `python` is its class in Python, if any."""
    family = FAMILIES.get(name, name)
    of_family = [signature for signature in signatures().values() if signature.family == family]
    own = [signature for signature in of_family if name in (family, signature.interface)]
    kinds = ", ".join(dict.fromkeys(_CALLERS.get(one.kind, f"{one.kind}s") for one in of_family))
    what = "a class" if name.startswith(_CLASSES) else "an interface"
    yield f"{name}, {what} for {kinds}"
    versions = list(dict.fromkeys([family, *(one.interface for one in of_family), *_versions(family)]))
    if len(versions) > 1:
        yield _column("versions", f"{', '.join(versions)}: one object")
    if python:
        yield _column("in Python", python)
    makers = [one.full_name for one in signatures().values() if any(p.makes == family for p in one.parameters)]
    if makers:
        yield _column("made by", ", ".join(makers))
    if family in POINTER_FAMILIES:
        yield _column("its life", f"{rules()[DEAD_POINTER].statement} [{DEAD_POINTER}]")
    yield ""
    yield "  methods (vss-sim explain METHOD):"
    yield from _methods(own, name)
    yield ""
    yield f"  page      {page_address(_page(own or of_family, name))}"


def _versions(family: str) -> Iterator[str]:
    return (name for name, of in FAMILIES.items() if of == family)


def _column(label: str, text: str) -> str:
    return wrapped(f"{label:<{_IN_COLUMN - 2}}{text}", "  ", " " * (_IN_COLUMN - 2))


def _methods(own: list[Signature], asked: str) -> Iterator[str]:
    """Each method with what it does; of those that a later version brought, which one."""
    told: set[str] = set()
    for one in own:
        if one.name in told:
            continue
        told.add(one.name)
        since = f" ({one.interface})" if one.interface != asked else ""
        yield wrapped(f"{one.name}{since}: {one.does}", "    ", "  ")
    if not own:
        yield "    none of its own"


def _page(own: list[Signature], name: str) -> str:
    """The page of an interface stands beside those of its methods."""
    if name == UNKNOWN:
        return "api:nn-unknwn-iunknown"
    header = own[0].page.removeprefix("api:nf-").partition("-")[0]
    return f"api:{'nl' if header in _ABSTRACT_CLASSES or name.startswith(_CLASSES) else 'nn'}-{header}-{name.lower()}"


_ABSTRACT_CLASSES: Final = ("vsbackup", "vswriter")
"""Headers whose interfaces the reference lists as classes (`nl-`), not as interfaces (`nn-`)."""
