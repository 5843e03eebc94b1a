"""What the arguments of a call decide: which way of calling it is, and whether VSS takes them at all.

VSS looks at the arguments before it looks at the state of the object (rule obs-arguments-before-state).
"""

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from vss_sim.engine.contexts import context_choice, context_fault, number_of
from vss_sim.spec.arguments import ARGUMENT_RULES, ArgumentRule, Condition
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Direction, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.table import Method, Selector

_NULL_IDS: Final = ("GUID_NULL", "00000000-0000-0000-0000-000000000000", None)

Arguments = Mapping[str, Any]


def choices_of(method: Method, arguments: Arguments | None) -> tuple[str | None, ...]:
    """The ways in which this call may have been made: one where the argument that decides was recorded, else all."""
    if method.selects is None:
        return (None,)
    if arguments is not None and method.selects in arguments:
        chosen = _choose(method, arguments[method.selects])
        if chosen is not None:
            return (chosen,)
    return tuple(choice.name for choice in method.choices)


def _choose(method: Method, value: object) -> str | None:
    if method.selector is Selector.CONTEXT:
        return context_choice(value)
    first, second = (choice.name for choice in method.choices)
    if method.selector is Selector.DOCUMENT:
        return first if value is None or value == "" else second
    truth = _truth(value)
    return None if truth is None else (first if truth else second)


def _truth(value: object) -> bool | None:
    if isinstance(value, (bool, int)):
        return bool(value)
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.casefold())
    return None


@cache
def argument_rules(name: str) -> tuple[ArgumentRule, ...]:
    """What VSS asks of the arguments of a method."""
    return tuple(rule for rule in ARGUMENT_RULES if name in rule.methods)


@cache
def _results_of(full_name: str) -> frozenset[str]:
    return frozenset(
        parameter.name for parameter in signatures()[full_name].parameters if parameter.direction is Direction.OUT
    )


def broken_arguments(name: str, arguments: Arguments | None) -> tuple[tuple[ArgumentRule, str], ...]:
    """The demands on arguments that a call does not meet, each with the rule that says so.

    A result pointer recorded as NULL counts as well (rule ans-invalid-argument).
    """
    if not arguments:
        return ()
    broken = [
        (rule, fault)
        for rule in argument_rules(name)
        if rule.parameter in arguments and (fault := fault_of(rule, arguments[rule.parameter])) is not None
    ]
    results = _results_of(METHODS[name].full_name)
    for parameter, value in arguments.items():
        if value is None and parameter in results:
            rule_id = "im-null-pointer" if name == "ImportSnapshots" else "ans-invalid-argument"
            rule = ArgumentRule((name,), parameter, Condition.NOT_NULL, rule_id, (), (HResult.E_INVALIDARG,))
            broken.append((rule, rule_id))
    return tuple(broken)


def fault_of(rule: ArgumentRule, value: object) -> str | None:
    """The rule that `value` breaks, or None."""
    match rule.condition:
        case Condition.NOT_NULL:
            met = value is not None
        case Condition.NULL_ID:
            met = value is None or (isinstance(value, str) and value.strip("{}") in _NULL_IDS)
        case Condition.ONE_OF:
            met = _is_member(value, rule.values)
        case Condition.NONE_OF:
            met = not _is_member(value, rule.values)
        case Condition.ENDS_IN_BACKSLASH:
            met = not isinstance(value, str) or value.endswith("\\")
        case Condition.KNOWN_CONTEXT:
            return context_fault(value)
    return None if met else rule.rule


def _is_member(value: object, names: tuple[str, ...]) -> bool:
    number = number_of(value)
    return value in names or (number is not None and any(number_of(name) == number for name in names))
