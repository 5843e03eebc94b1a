"""The sentences of findings: what the state is, what a rule says, what was observed."""

from functools import cache, lru_cache

from vss_sim.judge.findings import Level
from vss_sim.spec.hresult import HResult
from vss_sim.spec.rules import RuleForce, rules
from vss_sim.spec.state import MACHINE_MASK, machines_in, values_in
from vss_sim.spec.table import Need

_MANY = 3


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


def graveness(rule: str) -> Level:
    """How grave it is to go against a rule that Windows lets pass: what one may do is only worth knowing."""
    return Level.INFO if rules()[rule].force is RuleForce.MAY else Level.WARNING


def names(codes: tuple[HResult, ...]) -> str:
    """Answers, by name, as people say them."""
    return " or ".join(code.name for code in codes)


def refused(call: str, codes: tuple[HResult, ...], observed: str | None) -> str:
    """That VSS refuses a call, and with what."""
    short = call.rpartition("::")[2]
    if not codes:
        return f"{short} is called on an object that is gone"
    if observed is not None:
        return f"{short} was refused with {observed}"
    return f"{short} is refused with {names(codes)}"
