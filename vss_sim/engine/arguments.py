"""What the arguments of a call decide: which way of calling it is, and whether VSS takes them at all.

VSS looks at the arguments before it looks at the state of the object (rule obs-arguments-before-state).
"""

import re
from collections.abc import Callable, Mapping
from functools import cache, partial
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.contexts import context_choice, context_fault, number_of
from vss_sim.engine.inputs import ENUMERATIONS
from vss_sim.engine.ranges import names_a_file, parse_ranges
from vss_sim.engine.words import demanded
from vss_sim.model.names import VERBATIM
from vss_sim.spec.answers import answer_rule, documented_answers
from vss_sim.spec.argument_rules import ArgumentRule, Condition
from vss_sim.spec.arguments import ARGUMENT_RULES, CONTEXT_FAULTS
from vss_sim.spec.constants import NULL_GUID
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Direction, Parameter, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.table import Force, Method, Profile, Selector
from vss_sim.spec.writer_arguments import WRITER_ARGUMENTS

_PATTERN: Final = re.compile(r"[*?]|%[^%]+%")
_OPTION: Final = r'\s*(?:"[^"]+"\s*:\s*)?"[^"]+"\s*=\s*"[^"]*"\s*'
_OPTIONS: Final = re.compile(rf"{_OPTION}(,{_OPTION})*")
_ALL: Final = re.compile(r'(?:"([^"]+)"\s*:\s*)?"(?i:authoritative)"\s*=\s*"All"')
_REMOTE: Final = re.compile(r"\\\\([^?.\\]|\?\\UNC\\)", re.IGNORECASE)
"""A path on another computer; `\\\\?\\` and `\\\\.\\` begin names of devices and volumes of this one."""

_PLACE: Final = re.compile(r"(\\\\\?\\)?[A-Z]:(\\.*)?", re.IGNORECASE)
_SHARE: Final = re.compile(r'[^\x00-\x1f"\\/\[\]:|<>+=;,*?]{1,80}')
"""Page: https://learn.microsoft.com/openspecs/windows_protocols/ms-fscc/dc9978d7-6299-4c5a-a22d-a039cdc716ea"""

_ADDRESS: Final = re.compile(r"\\\\(\d{1,3}(\.\d{1,3}){3}|[0-9a-f-]+\.ipv6-literal\.net)\\", re.IGNORECASE)
"""The server of a share as an IPv4 address, or as an IPv6 address in the form that such a path can have."""


def names_an_address(path: str) -> bool:
    """Whether the server of a share goes by its address."""
    return _ADDRESS.match(path) is not None


_NULL_IDS: Final = ("GUID_NULL", NULL_GUID, None)

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
    truth = truth_of(value)
    return None if truth is None else (first if truth else second)


def truth_of(value: object) -> bool | None:
    """The truth value that a recorded argument stands for; None where it is none."""
    if isinstance(value, (bool, int)):
        return bool(value)
    if isinstance(value, str):
        return {"true": True, "false": False}.get(value.casefold())
    return None


@cache
def argument_rules(name: str) -> tuple[ArgumentRule, ...]:
    """What VSS asks of the arguments of a method: the rows for it, then that numbers are of their enumerations."""
    rows = tuple(rule for rule in ARGUMENT_RULES if name in rule.methods)
    if name not in METHODS:
        return rows
    listed = {rule.parameter for rule in rows if rule.condition is Condition.ONE_OF}
    return rows + tuple(
        _of_its_enumeration(name, parameter)
        for parameter in signatures()[METHODS[name].full_name].parameters
        if parameter.type in ENUMERATIONS and parameter.name not in listed and parameter.direction is Direction.IN
    )


@cache
def legal_call(full_name: str, rule: ArgumentRule) -> str:
    """The call with what VSS takes for the parameter that a demand is about: `Method(parameter: not NULL)`."""
    method = METHODS.get(full_name.rpartition("::")[2])
    if method is not None and method.asks.startswith(f"{rule.parameter}:"):
        return f"{full_name}({method.asks})"
    if rule.condition is Condition.ONE_OF:
        others = [row for row in ARGUMENT_RULES if rule.methods[0] in row.methods and row.parameter == rule.parameter]
        never = {value for row in others if row.condition is Condition.NONE_OF for value in row.values}
        rule = replace(rule, values=tuple(value for value in rule.values if value not in never))
    return f"{full_name}({rule.parameter}: {demanded(rule)})"


def writer_rules(full_name: str) -> tuple[ArgumentRule, ...]:
    """What VSS asks of the arguments of a call of the writer's side."""
    return tuple(rule for rule in WRITER_ARGUMENTS if full_name in rule.methods)


def _of_its_enumeration(name: str, parameter: Parameter) -> ArgumentRule:
    values = tuple(member.value for member in ENUMERATIONS[parameter.type])
    answers, unsure = (HResult.E_INVALIDARG,), Force.UNSURE
    return ArgumentRule((name,), parameter.name, Condition.ONE_OF, "ans-invalid-argument", values, answers, unsure)


def refuses(rule: ArgumentRule, profile: Profile) -> bool:
    """Whether a simulated call that does not meet the demand is refused.

    A context that nobody knows is refused even where Windows was not seen to, since nothing could be made in it.
    """
    strict = rule.otherwise is Force.REFUSED or rule.condition is Condition.KNOWN_CONTEXT
    return bool(rule.answers) and (strict or profile is Profile.DOCUMENTED)


@cache
def places_of_results(full_name: str) -> Mapping[str, ArgumentRule]:
    """The results for which a place must be given, each with the demand that says so.

    It is the row for the parameter, or what the page answers to a result without a place: some pages know E_POINTER.
    """
    signature = signatures()[full_name]
    named = {answer.hresult for answer in documented_answers().get(full_name, ())}
    pointer = (HResult.E_POINTER,) if HResult.E_POINTER.name in named else ()
    answers = (*pointer, HResult.E_INVALIDARG)
    rule = answer_rule(full_name, answers[0])
    demands = argument_rules(signature.name) if signature.kind == "requester" else ()
    rows = {row.parameter: row for row in demands if row.condition is Condition.NOT_NULL and row.answers}
    return {
        name: rows.get(name, ArgumentRule((signature.name,), name, Condition.NOT_NULL, rule, (), answers))
        for name in (
            parameter.name
            for parameter in signature.parameters
            if parameter.direction is Direction.OUT and parameter.default is None
        )
    }


def unmet_demands(name: str, arguments: Arguments | None) -> tuple[tuple[ArgumentRule, str], ...]:
    """The demands of the argument rules that a call does not meet, each with the rule that says so."""
    if not arguments:
        return ()
    rules = argument_rules(name)
    return tuple((rule, fault) for rule in rules if (fault := fault_in(rule, arguments)) is not None)


def broken_arguments(name: str, arguments: Arguments | None) -> tuple[tuple[ArgumentRule, str], ...]:
    """The demands on arguments that a call does not meet, each with the rule that says so.

    A result of a method of the protocol table whose pointer is recorded as NULL counts as well.
    """
    if not arguments:
        return ()
    broken = list(unmet_demands(name, arguments))
    places = places_of_results(METHODS[name].full_name) if name in METHODS else {}
    for parameter, value in arguments.items():
        if value is None and parameter in places and places[parameter] not in argument_rules(name):
            broken.append((places[parameter], places[parameter].rule))
    return tuple(broken)


def fault_in(rule: ArgumentRule, arguments: Arguments) -> str | None:
    """The rule that a call breaks with these arguments, as far as they were given, or None."""
    if rule.parameter not in arguments:
        return None
    if rule.when is not None and not _is_member(arguments.get(rule.when[0]), rule.when[1]):
        return None
    if rule.condition is Condition.SAME_RANGES:
        return None if _same_ranges(arguments[rule.parameter], arguments.get(rule.values[0])) else rule.rule
    return fault_of(rule, arguments[rule.parameter])


def check_of(rule: ArgumentRule) -> Callable[[Arguments], str | None]:
    """`fault_in` of one rule, compiled: for those who ask it of many calls."""
    if rule.when is not None or rule.condition in (Condition.SAME_RANGES, Condition.KNOWN_CONTEXT):
        return partial(fault_in, rule)
    parameter, meets, values, fault = rule.parameter, _MEETS[rule.condition], rule.values, rule.rule

    def check(arguments: Arguments) -> str | None:
        return None if parameter not in arguments or meets(arguments[parameter], values) else fault

    return check


def _same_ranges(one: object, other: object) -> bool:
    """Whether two lists have as many ranges, of the same sizes; what is no list is not looked at."""
    ranges, others = parse_ranges(_text(one)), parse_ranges(_text(other))
    return ranges is None or others is None or [found[1] for found in ranges] == [found[1] for found in others]


def fault_of(rule: ArgumentRule, value: object) -> str | None:
    """The rule that `value` breaks, or None."""
    if rule.condition is Condition.KNOWN_CONTEXT:
        return None if _is_no_number(value) else context_fault(value)
    return None if _MEETS[rule.condition](value, rule.values) else rule.rule


def _bare(value: object) -> object:
    return value.strip("{}") if isinstance(value, str) else value


def _is_zero(value: object) -> bool:
    return not value or _bare(value) in _NULL_IDS


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def same_fault(rule: ArgumentRule, fault: str) -> tuple[str, ...]:
    """Further rules that say the same as `fault`, which is what a demand on an argument found."""
    return CONTEXT_FAULTS.get(fault, ()) if rule.condition is Condition.KNOWN_CONTEXT else rule.also


def _is_member(value: object, names: tuple[str, ...]) -> bool:
    if value in names:
        return True
    number = number_of(value)
    return number is not None and any(_named(name) == number for name in names)


def _named(name: str) -> int | None:
    """The number of a constant of the headers: of a value, or of an answer."""
    return int(HResult[name]) if name in HResult.__members__ else number_of(name)


def _is_no_constant(value: object, names: tuple[str, ...]) -> bool:
    """Whether a text stands for no value that a program could pass, where numbers are asked for."""
    return _is_no_number(value) and number_of(names[0]) is not None


def _is_no_number(value: object) -> bool:
    return isinstance(value, str) and number_of(value) is None


def _flags(value: object) -> int:
    return number_of(value) or 0


def _sum(names: tuple[str, ...]) -> int:
    return _flags("|".join(names))


def _one_all(value: str) -> bool:
    """Whether no component or subcomponent is said to be authoritative as a whole twice (rule ro-authoritative)."""
    whole = [subcomponent.casefold() for subcomponent in _ALL.findall(value)]
    return len(whole) == len(set(whole))


_MEETS: Final[dict[Condition, Callable[[object, tuple[str, ...]], bool]]] = {
    Condition.NOT_NULL: lambda value, _: value is not None,
    Condition.NOT_EMPTY: lambda value, _: value is not None and value != "",
    Condition.NOT_TRUE: lambda value, _: truth_of(value) is not True,
    Condition.NULL: lambda value, _: value is None or value == "",
    Condition.NULL_ID: lambda value, _: value is None or (isinstance(value, str) and _bare(value) in _NULL_IDS),
    Condition.NOT_NULL_ID: lambda value, _: value is not None and _bare(value) not in _NULL_IDS,
    Condition.ONE_OF: lambda value, names: _is_member(value, names) or _is_no_constant(value, names),
    Condition.NONE_OF: lambda value, names: not _is_member(value, names),
    Condition.ALONE: lambda value, names: not _flags(value) & _sum(names) or _flags(value) == _sum(names),
    Condition.NOT_ALL: lambda value, names: _flags(value) & _sum(names) != _sum(names),
    Condition.WITHOUT: lambda value, names: not _flags(value) & _sum(names),
    Condition.ENDS_IN_BACKSLASH: lambda value, _: not isinstance(value, str) or value.endswith("\\"),
    Condition.NO_WILDCARD: lambda value, _: not {"*", "?"} & set(_text(value).removeprefix(VERBATIM)),
    Condition.NO_PATTERN: lambda value, _: _PATTERN.search(_text(value)) is None,
    Condition.NO_BACKSLASH: lambda value, _: "\\" not in _text(value),
    Condition.NOT_REMOTE: lambda value, _: _REMOTE.match(_text(value)) is None,
    Condition.LOCAL_PLACE: lambda value, _: isinstance(value, str) and _PLACE.fullmatch(value) is not None,
    Condition.SHARE_NAME: lambda value, _: value is None or _SHARE.fullmatch(_text(value)) is not None,
    Condition.NAMED_SERVER: lambda value, _: not names_an_address(_text(value)),
    Condition.ZERO: lambda value, _: number_of(value) in (0, None),
    Condition.RANGES: lambda value, _: (
        not isinstance(value, str) or parse_ranges(value) is not None or names_a_file(value)
    ),
    Condition.OPTIONS: lambda value, _: not isinstance(value, str) or _OPTIONS.fullmatch(value) is not None,
    Condition.ONE_ALL: lambda value, _: not _OPTIONS.fullmatch(_text(value)) or _one_all(_text(value)),
    Condition.ZEROED: lambda value, _: not isinstance(value, dict) or all(map(_is_zero, value.values())),
}
"""How each condition is met, as a function of the value and of the values that the rule names; what has not the form
of a text, an id or a flag is not looked at."""
