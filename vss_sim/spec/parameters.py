"""What each parameter of a documented call means, how Python names it and what it takes; members of structures, too.

The table has one row for a name that means the same everywhere (`of` is `*`), and rows for single methods and
structures. A parameter without a Python name (a count of a list, a reserved value, all that only handlers of writers
and providers are called with) is not offered in Python.
"""

from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.spec.methods import Parameter, Signature
from vss_sim.spec.tables import read_table

_ANY: Final = "*"


class Naming(Struct, frozen=True):
    """A documented name, the Python name (empty: not offered), the Python type, and what it means in one clause."""

    name: str
    python: str
    type: str
    meaning: str


@cache
def _rows() -> dict[tuple[str, str], Naming]:
    return {
        (row["of"], row["name"]): Naming(row["name"], row["python"], row["type"], row["meaning"])
        for row in read_table("parameters.tsv")
    }


def naming(signature: Signature, parameter: Parameter) -> Naming:
    """How a parameter is named and what it means; every documented parameter has a row."""
    rows = _rows()
    for owner in (signature.full_name, signature.name, _ANY):
        found = rows.get((owner, parameter.name))
        if found is not None:
            return found
    raise KeyError(f"{signature.full_name}: {parameter.name} has no row in parameters.tsv")


def members(structure: str) -> tuple[Naming, ...]:
    """The members of a structure (`VSS_SNAPSHOT_PROP`), in their order."""
    return tuple(found for (owner, _), found in _rows().items() if owner == structure)
