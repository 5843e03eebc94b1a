"""What a parameter of a call is, as text for people: what it means, which calls have it, what VSS asks of its values.

It is found by its documented name, in whatever case, and by its name in the Python API. One name may be a parameter of
many calls with several meanings; a member of a structure and a parameter of a Win32 function are told with them.
"""

from collections.abc import Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.engine.arguments import argument_rules, writer_rules
from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.engine.words import demanded
from vss_sim.report.words import labelled, unmet_words, wrapped
from vss_sim.spec.argument_rules import ArgumentRule
from vss_sim.spec.methods import signatures
from vss_sim.spec.parameters import members, naming
from vss_sim.spec.rules import rules
from vss_sim.spec.structures import STRUCTURES, flags_of
from vss_sim.spec.win32 import NAMES_IN, NOT_LOOKED_AT
from vss_sim.spec.writer_calls import COMPONENT

_MANY: Final = 12


class _Use(Struct, frozen=True):
    """A parameter of one call, or a member of one structure: its names, its type with its direction, its meaning."""

    of: str
    name: str
    type: str
    python: str
    meaning: str


def explain_parameter(name: str) -> Iterator[str] | None:
    """The explanation of a parameter by its documented name or by that in Python; None where it is none."""
    uses = _uses().get(name.casefold())
    return _explained(uses) if uses else None


def parameter_names() -> tuple[str, ...]:
    """Every name of a parameter, in VSS and in Python."""
    return tuple(dict.fromkeys(name for uses in _uses().values() for use in uses for name in (use.name, use.python)))


def asked_of_arguments(full_name: str, parameter: str | None = None) -> Iterator[str]:
    """What VSS asks of the arguments of a call, or of one of them, before it looks at states: some lines for each."""
    for rule in _argument_rules(full_name):
        if parameter in (None, rule.parameter):
            yield labelled("    - ", f"{rule.parameter}{_when(rule)}: {demanded(rule)}")
            yield wrapped(f"{rules()[rule.rule].statement} [{rule.rule}]", "      ")
            yield wrapped(f"otherwise: {unmet_words(rule.otherwise, rule.answers)}", "      ", "  ")


@cache
def _uses() -> dict[str, tuple[_Use, ...]]:
    """Folded name, documented or of Python → what goes by it."""
    found: dict[str, list[_Use]] = {}
    for use in (*_of_calls(), *_of_structures(), *_of_functions()):
        for name in {use.name.casefold(), use.python}:
            if name:
                found.setdefault(name, []).append(use)
    return {name: tuple(uses) for name, uses in found.items()}


def _of_calls() -> Iterator[_Use]:
    for full_name, signature in signatures().items():
        for one in signature.parameters:
            told = naming(signature, one)
            yield _Use(full_name, one.name, f"{one.direction.value} {one.type}", told.python, told.meaning)


def _of_structures() -> Iterator[_Use]:
    for structure, parts in STRUCTURES.items():
        told = {member.name: member for member in members(structure)}
        for name, kind in parts.items():
            known = told.get(name)
            yield _Use(structure, name, f"member {kind}", known.python if known else "", known.meaning if known else "")


def _of_functions() -> Iterator[_Use]:
    functions = {call.name: tuple(call.takes) for call in FILE_CALLS.values()}
    for function in dict.fromkeys((*functions, *NOT_LOOKED_AT, *NAMES_IN)):
        ignored = NOT_LOOKED_AT.get(function, ())
        for name in dict.fromkeys((*functions.get(function, ()), *ignored, *NAMES_IN.get(function, ()))):
            words = NAMES_IN.get(function, {}).get(name)
            meaning = f"takes {', '.join(words)}" if words else "decides nothing here" if name in ignored else ""
            yield _Use(function, name, "of Win32", "", meaning)


def _explained(uses: tuple[_Use, ...]) -> Iterator[str]:
    names = dict.fromkeys(use.name for use in uses)
    what = "a member of structures" if all(use.of in STRUCTURES for use in uses) else "a parameter"
    python = dict.fromkeys(use.python for use in uses if use.python)
    in_python = f", in Python {', '.join(python)}" if python else ""
    yield wrapped(f"{', '.join(names)}, {what}{in_python}", "", "    ")
    told: dict[tuple[str, str], list[_Use]] = {}
    for use in uses:
        told.setdefault((use.type, use.meaning + _flags(use)), []).append(use)
    for (kind, meaning), alike in told.items():
        yield ""
        yield wrapped(f"{kind}: {meaning}" if meaning else kind)
        yield wrapped(f"of {_listed([use.of for use in alike])}", "    ", "  ")
    yield from _asked(uses)


def _listed(calls: list[str]) -> str:
    return ", ".join(calls[:_MANY]) + (f" and {len(calls) - _MANY} more" if calls[_MANY:] else "")


def _flags(use: _Use) -> str:
    """Of which enumerations a number takes flags, in words."""
    enumerations = flags_of(use.of, use.name)
    return f" ({', '.join(enumerations)} flags, joined with |)" if enumerations else ""


def _asked(uses: tuple[_Use, ...]) -> Iterator[str]:
    head = True
    for use in uses:
        asked = list(asked_of_arguments(use.of, use.name)) if use.of in signatures() else []
        if asked and head:
            yield ""
            yield "  what VSS asks of it, before it looks at the state of the object:"
            head = False
        if asked:
            yield f"  {use.of}"
            yield from asked


def _argument_rules(full_name: str) -> tuple[ArgumentRule, ...]:
    """Rows that name a method alone are for requesters, and for writers on a component; a writer's others say whose."""
    signature = signatures()[full_name]
    by_name = signature.kind == "requester" or signature.family == COMPONENT
    return argument_rules(signature.name) if by_name else writer_rules(full_name)


def _when(rule: ArgumentRule) -> str:
    """The values of another parameter with which alone a demand is made."""
    return f", where {rule.when[0]} is {' or '.join(rule.when[1])}" if rule.when else ""
