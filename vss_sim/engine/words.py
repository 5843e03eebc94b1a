"""A state and a need in words, as refusals and findings tell them."""

from functools import cache, lru_cache
from typing import Final

from vss_sim.spec.state import MACHINE_MASK, machines_in, values_in
from vss_sim.spec.table import Need

_MANY: Final = 3


@lru_cache(maxsize=4096)
def describe(state: int, mask: int) -> str:
    """What is known of the machines that `mask` names, in words."""
    parts = []
    for machine in machines_in(mask):
        values = values_in(state & MACHINE_MASK[machine])
        meanings = [value.meaning for value in values]
        parts.append(" or ".join(meanings) if len(meanings) <= _MANY else "not known")
    return "; ".join(parts)


@cache
def wanted(need: Need) -> str:
    """What a need asks for, in words; empty where no state could meet it or too many could."""
    for mask in need.met:
        meanings = [value.meaning for value in values_in(mask)]
        if meanings and len(meanings) <= _MANY:
            return " or ".join(meanings)
    return ""
