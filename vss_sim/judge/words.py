"""The sentences of findings: how grave a rule is, what was observed, what is wrong with a call."""

from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any, Final

from vss_sim.engine.contexts import number_of, parse_context
from vss_sim.judge.findings import At, Finding, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.spec.argument_rules import ArgumentRule
from vss_sim.spec.enums import Named, members, numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.remedies import remedy
from vss_sim.spec.rules import RuleForce, rules
from vss_sim.spec.table import Force, Method

_SHOWN: Final = 80


def graveness(rule: str) -> Level:
    """How grave it is to go against a rule that Windows lets pass: what one may do is only worth knowing."""
    return Level.INFO if rules()[rule].force is RuleForce.MAY else Level.WARNING


def names(codes: tuple[HResult, ...]) -> str:
    """Answers, by name, as people say them."""
    return " or ".join(code.name for code in codes)


def took_effect(method: Method) -> str:
    """What a call did that VSS took: an operation is only begun by it."""
    return f"{method.name} {'began' if method.operation else 'succeeded'}"


def refused(call: str, codes: tuple[HResult, ...], observed: str | None) -> str:
    """That VSS refuses a call, and with what; without codes no answer is defined."""
    short = call.rpartition("::")[2]
    if not codes:
        return f"{short} cannot be called"
    if observed is not None:
        return f"{short} was refused with {observed}"
    return f"{short} is refused with {names(codes)}"


def argument_words(rule: ArgumentRule, arguments: Mapping[str, Any]) -> str:
    """What was given for the parameter of a rule, and for the one on which it depends."""
    words = f"{rule.parameter} is {_value_words(rule.parameter, arguments.get(rule.parameter))}"
    other = rule.when[0] if rule.when is not None else None
    return words if other is None else f"{words}, where {other} is {_value_words(other, arguments.get(other))}"


def _value_words(parameter: str, value: object) -> str:
    """A value as it was recorded; of a number, the constants that it stands for."""
    if value is None:
        return "NULL"
    number = None if isinstance(value, str) and not value[:1].isdigit() else number_of(value)
    constants = "" if number is None else _constants_in(parameter, number)
    return f"{value!r}"[:_SHOWN] + (f" ({constants})" if constants else "")


@lru_cache(maxsize=64)
def _constants_in(parameter: str, number: int) -> str:
    """The constants that a number stands for, joined with `|`; empty for what is no number of constants."""
    if parameter == "lContext" and (parsed := parse_context(number)) is not None:
        return "|".join((parsed[0], *parsed[1]))
    known = {numbers()[name]: name for name in members().get(_enumeration_of(parameter), ())}
    parts = [number] if number in known else [bit for bit in known if bit and number & bit == bit]
    return "|".join(known[bit] for bit in parts) if number in known or sum(parts) == number else ""


@cache
def _enumeration_of(parameter: str) -> str:
    """The enumeration whose constants are given for a parameter; empty where there is none."""
    types = {one.type for row in signatures().values() for one in row.parameters if one.name == parameter}
    return _FLAGS.get(parameter) or next((one for one in types if one in members()), "")


_FLAGS: Final = {
    "lContext": "VSS_VOLUME_SNAPSHOT_ATTRIBUTES",
    "lAttributes": "VSS_VOLUME_SNAPSHOT_ATTRIBUTES",
    "dwBreakFlags": "VSS_HARDWARE_OPTIONS",
}
"""Parameters whose type tells nothing of the flags that are given for them."""


def mended_by(step: Step, signature_name: str, trouble: Trouble) -> str:
    """What mends a call that VSS refuses where no sequence of calls does; empty where nobody knows."""
    code = step.code
    failed = code is not None and not code.succeeded
    if trouble.instead or not (failed or trouble.force is Force.REFUSED):
        return ""
    seen = code.known if code is not None and failed else next(iter(trouble.answers), None)
    return "" if seen is None else remedy(signature_name, seen, trouble.rule)


def note_trouble(
    history: History, step: Step, call: str, level: Level, trouble: Trouble, says: str, at: At = At.REQUESTER
) -> None:
    """Say what is wrong with a call, with its grounds, the legal way on, and what else mends it."""
    mends = mended_by(step, call, trouble)
    because, instead, also = trouble.because, trouble.instead, trouble.also
    history.find(Finding(step.number, level, at, trouble.rule, says, because, instead, also, mends))


def legal_index(full_name: str, parameter: str, count: int) -> tuple[str, ...]:
    """The call with an index of something that is there; none where nothing is."""
    if count == 0:
        return ()
    return (f"{full_name}({parameter}: {'0' if count == 1 else f'0 to {count - 1}'})",)


def word_of(words: type[Named], value: object) -> str | None:
    """The documented name of a member of an enumeration, recorded by name or by number; None for anything else.

    A number may be written as text, as recorders in C do: `0x2`.
    """
    if isinstance(value, str) and not value[:1].isdigit():
        return value if value in _by_number(words).values() else None
    number = number_of(value)
    return None if number is None else _by_number(words).get(number)


@lru_cache(maxsize=16)
def _by_number(words: type[Named]) -> dict[int, str]:
    return {numbers()[member.value]: member.value for member in words}
