"""A state, a need and a demand in words, as refusals and findings tell them."""

from enum import Enum, IntFlag
from functools import cache, lru_cache
from typing import Final

from vss_sim.engine.contexts import parse_context
from vss_sim.spec.argument_rules import ArgumentRule, Condition
from vss_sim.spec.enums import SnapshotContext, flag_names
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


def against(state: int, need: Need) -> str:
    """What in a state does not meet a need, and what would."""
    here, asked = describe(state, need.machines), wanted(need)
    return (here or "it is never allowed") + (f" - expected: {asked}" if asked else "")


_WITH_VALUES: Final = {
    Condition.ONE_OF: "{}",
    Condition.NONE_OF: "anything but {}",
    Condition.ALONE: "{} alone, or without it",
    Condition.NOT_ALL: "not {} together",
    Condition.WITHOUT: "none of {}",
    Condition.SAME_RANGES: "as many ranges of the same sizes as {} has",
}


def demanded(rule: ArgumentRule) -> str:
    """What a demand on an argument asks for, in words."""
    told = _WITH_VALUES.get(rule.condition)
    if told is None:
        return rule.condition.value
    joint = " and " if rule.condition is Condition.NOT_ALL else " or "
    return told.format(joint.join((", ".join(rule.values[:-1]), rule.values[-1])).removeprefix(joint))


def shown(value: object) -> str:
    """An argument as VSS names it: NULL, TRUE, a constant, a text in quotation marks."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, IntFlag):
        return str(flags_by_name(value))
    if isinstance(value, int):
        return repr(value)
    return repr(value.value if isinstance(value, Enum) else value)


def flags_by_name(value: IntFlag) -> str | int:
    """Flags by their names; a number, where one of them has none."""
    if isinstance(value, SnapshotContext):
        context = parse_context(int(value))
        return int(value) if context is None else "|".join((context[0], *context[1]))
    names = flag_names(type(value))
    known = [bit for bit in value if bit in names]
    return "|".join(names[bit] for bit in known) if known and sum(known) == value else int(value)
