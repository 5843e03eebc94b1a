"""What a constant, an enumeration, a number or joined flags say, as text for people.

A number means what its place in a log makes of it: 9 is a context, a state of a writer and two flags of a backup
schema. So every enumeration that has it is told, contexts and attributes first.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.engine.contexts import context_fault, parse_context
from vss_sim.report.explain_beside import flag_in_words, rules_naming
from vss_sim.report.explain_python import class_of
from vss_sim.report.restore_page import tree_in_words
from vss_sim.report.words import labelled, wrapped
from vss_sim.spec.argument_rules import Condition
from vss_sim.spec.arguments import ARGUMENT_RULES
from vss_sim.spec.constants import CONSTANTS
from vss_sim.spec.enums import RestoreMethod, flag_enumerations, members, numbers, page_of
from vss_sim.spec.hresult import SIGN_BIT
from vss_sim.spec.methods import signatures
from vss_sim.spec.rules import page_address, rules
from vss_sim.spec.tables import read_table
from vss_sim.spec.win32 import FLAGS
from vss_sim.spec.writer_arguments import WRITER_ARGUMENTS

_CONTEXTS: Final = "VSS_SNAPSHOT_CONTEXT"
_ATTRIBUTES: Final = "VSS_VOLUME_SNAPSHOT_ATTRIBUTES"
_ALL: Final = "VSS_CTX_ALL"
_WIN32: Final = "flags of Win32"
_MANY: Final = 12
_RESTORE_METHODS: Final = {method.value: method for method in RestoreMethod}


_ASKED: Final[dict[str, dict[str, tuple[Condition, ...]]]] = {
    "NULL": {"asked for": (Condition.NULL,), "not in": (Condition.NOT_NULL, Condition.NOT_EMPTY)},
    "GUID_NULL": {"asked for": (Condition.NULL_ID,), "not in": (Condition.NOT_NULL_ID,)},
    "TRUE": {"not in": (Condition.NOT_TRUE,)},
}
"""Constant → a word for parameters → what VSS, or a rule alone, asks of these."""


class Reading(Struct, frozen=True):
    """A number as one enumeration has it: the names in it, joined ones first, and the bits that none of them has."""

    enumeration: str
    names: tuple[str, ...]
    unknown: int = 0

    def in_short(self) -> str:
        """In one line; what a joined name covers is not told again."""
        told: list[str] = []
        covered = 0
        for name in self.names:
            if not numbers()[name] or numbers()[name] & ~covered:
                told.append(name)
                covered |= numbers()[name]
        return f"{self.enumeration}: {'|'.join(told)}"


@cache
def notes() -> dict[str, str]:
    """Constant → what its page says of it, in short."""
    return {row["member"]: row["note"] for row in read_table("enums.tsv")}


@cache
def _owners() -> dict[str, str]:
    """Constant → its enumeration."""
    return {name: enumeration for enumeration, names in members().items() for name in names} | dict.fromkeys(
        FLAGS, _WIN32
    )


def owner_of(constant: str) -> str | None:
    """The enumeration that a constant is of, or where flags of file calls are; None where it is no constant."""
    return _owners().get(constant)


def explain_constant(name: str) -> Iterator[str]:
    """The explanation of a member of an enumeration, line by line: its number, its meaning, the rules that name it."""
    yield wrapped(f"{name} = {_digits(numbers()[name])} = {numbers()[name]}, of {_owners()[name]}", "", "    ")
    if notes()[name]:
        yield wrapped(notes()[name])
    yield from _sum_in_words(name)
    if name in _RESTORE_METHODS:
        yield ""
        yield from tree_in_words(_RESTORE_METHODS[name])
    yield from rules_naming(name)
    yield ""
    yield f"  page      {page_address(page_of(_owners()[name]))}"


def explain_named_value(name: str) -> Iterator[str]:
    """The explanation of a constant that no enumeration has, line by line: its value, the parameters it stands in."""
    constant = CONSTANTS[name]
    yield f"{name} = {constant.value}"
    yield wrapped(constant.means)
    yield f"  in a line  {constant.written}"
    usual = [
        f"{one.full_name} ({parameter.name})"
        for one in signatures().values()
        for parameter in one.parameters
        if parameter.default in (name, name.lower())
    ]
    if usual:
        yield labelled("  default    ", ", ".join(usual))
    for words, conditions in _ASKED.get(name, {}).items():
        demands = [rule for rule in (*ARGUMENT_RULES, *WRITER_ARGUMENTS) if rule.condition in conditions]
        asked = dict.fromkeys(f"{method} ({rule.parameter})" for rule in demands for method in rule.methods)
        yield labelled(f"  {words:<11}", ", ".join(asked))
    yield from rules_naming(name)


def explain_enumeration(name: str) -> Iterator[str]:
    """The explanation of an enumeration, line by line: its members, and the calls that take it."""
    python = class_of(name)
    yield f"{name}, in Python {python}" if python else name
    yield from _rows(members()[name])
    takers = [
        f"{one.full_name} ({parameter.name})"
        for one in signatures().values()
        for parameter in one.parameters
        if parameter.type.rstrip("*") == name
    ]
    if takers:
        yield ""
        yield wrapped(f"in calls  {', '.join(takers[:_MANY])}{', ...' if takers[_MANY:] else ''}", "  ", " " * 10)
    yield ""
    yield f"  page      {page_address(page_of(name))}"


def explain_number(number: int) -> Iterator[str] | None:
    """The explanation of a number of 32 bits, line by line; None where its bits are nobody's.

    Where no enumeration has all of them, the one that leaves least over is told - but not of a number that has the
    look of an answer, or whose bits are mostly strangers.
    """
    readings = _readings(number) or _nearest(number)
    return _number(number, readings) if readings else None


def _number(number: int, readings: list[Reading]) -> Iterator[str]:
    first, *others = readings
    if first.enumeration == _CONTEXTS and others and others[0].enumeration == _ATTRIBUTES:
        others = others[1:]
    yield f"{_digits(number)} = {_signed(number)}"
    yield ""
    yield from _in_full(first, number)
    if others:
        yield ""
        yield "  where another enumeration is meant:"
        yield from _in_short(others)


def members_with(number: int) -> Iterator[str]:
    """What a number that is something else first may be a member, or flags, of; nothing where it is none."""
    readings = _readings(number)
    if readings:
        yield ""
        yield "  where the number is no answer:"
        yield from _in_short(readings)


def _in_short(readings: Iterable[Reading]) -> Iterator[str]:
    for reading in readings:
        yield wrapped(reading.in_short(), "    ", "  ")


def explain_joined(constants: list[str], digits: int) -> Iterator[str]:
    """The explanation of constants that were joined, line by line; `digits` are the bits that were joined by number.

    They add what they have to the flags that are named first.
    """
    named = list(dict.fromkeys(constants))
    owners = list(dict.fromkeys(_family(name) for name in named))
    number = _sum(named) | digits
    yield f"{'|'.join([*named, *([_digits(digits)] if digits else [])])} = {_digits(number)} = {_signed(number)}"
    if len(owners) > 1:
        yield f"  of different enumerations, which nothing takes at once: {', '.join(owners)}"
    for owner in owners:
        own = [name for name in named if _family(name) == owner]
        bits = _sum(own) | (digits if owner == owners[0] else 0)
        yield ""
        if owner not in (_WIN32, *flag_enumerations()) and (own[1:] or bits != numbers()[own[0]]):
            yield f"  members of {owner} are no flags, and are not joined:"
        yield from _flags_of_win32(own, bits) if owner == _WIN32 else _in_full(_asked(owner, bits, own), bits)


def _sum_in_words(constant: str) -> Iterator[str]:
    """What a constant of several bits is the sum of: a context of its attributes, a joined flag of single ones."""
    number = numbers()[constant]
    owner = _owners()[constant]
    parts = _names_in(_ATTRIBUTES if owner == _CONTEXTS else owner, number)
    single = [name for name in parts if numbers()[name].bit_count() == 1]
    if owner in flag_enumerations() and number.bit_count() > 1 and _sum(single) == number:
        yield ""
        yield "  is the sum of:"
        yield from _rows(single)


def _family(constant: str) -> str:
    """The enumeration of a constant; a context and its attributes are joined, so they are one."""
    owner = _owners()[constant]
    return _CONTEXTS if owner == _ATTRIBUTES else owner


def _asked(owner: str, number: int, named: list[str]) -> Reading:
    """The reading of names of one enumeration; of a plain one, they are told as they stand."""
    if owner == _CONTEXTS:
        return _context(number) or _flags(_ATTRIBUTES, number)
    return _flags(owner, number) if owner in flag_enumerations() else Reading(owner, tuple(named))


def _readings(number: int) -> list[Reading]:
    """As every enumeration that has all of a number."""
    context = _context(number)
    found = [context] if context is not None else []
    first = (_ATTRIBUTES, *(name for name in flag_enumerations() if name not in (_CONTEXTS, _ATTRIBUTES)))
    flags = (_flags(enumeration, number) for enumeration in first)
    found += [reading for reading in flags if reading.names and not reading.unknown]
    for enumeration, names in members().items():
        own = [name for name in names if numbers()[name] == number]
        if own and enumeration not in flag_enumerations():
            found.append(Reading(enumeration, tuple(own)))
    return found


def _nearest(number: int) -> list[Reading]:
    """As the flags that leave least of it over, where two of three bits at least are known."""
    flags = (_flags(name, number) for name in (_ATTRIBUTES, *flag_enumerations()) if name != _CONTEXTS)
    nearest = min(flags, key=lambda reading: reading.unknown.bit_count())
    unknown = nearest.unknown.bit_count()
    return [nearest] if number < SIGN_BIT and number.bit_count() >= 3 * unknown else []


def _context(number: int) -> Reading | None:
    parsed = parse_context(number)
    return Reading(_CONTEXTS, (parsed[0], *parsed[1])) if parsed is not None else None


def _flags(enumeration: str, number: int) -> Reading:
    names = _names_in(enumeration, number)
    return Reading(enumeration, names, number & ~_sum(names))


def _names_in(enumeration: str, number: int) -> tuple[str, ...]:
    """The members whose bits a number has: joined ones first; that of no bits where it has none."""
    own = [name for name in members()[enumeration] if numbers()[name] & ~number == 0]
    own = [name for name in own if bool(numbers()[name]) == bool(number)]
    return tuple(sorted(own, key=lambda name: numbers()[name].bit_count() == 1))


def _in_full(reading: Reading, number: int) -> Iterator[str]:
    """Each name with its bits and its meaning; of contexts and attributes, both."""
    if reading.enumeration in (_CONTEXTS, _ATTRIBUTES):
        yield from _context_in_full(number)
        return
    yield f"  {reading.enumeration}:"
    yield from _rows(reading.names)
    yield from _strangers(reading.unknown)


def _context_in_full(number: int) -> Iterator[str]:
    everything = number == numbers()[_ALL]
    attributes = Reading(_ATTRIBUTES, ()) if everything else _flags(_ATTRIBUTES, number)
    context = _context(number & ~attributes.unknown)
    if context is not None:
        yield f"  {_CONTEXTS}:"
        yield from _rows(context.names[:1])
    if attributes.names:
        yield f"  {_ATTRIBUTES}:"
        yield from _rows(attributes.names)
    yield from _strangers(attributes.unknown)
    fault = context_fault(number & ~attributes.unknown)
    if fault is not None:
        yield wrapped(f"as a context of SetContext it breaks a rule: {rules()[fault].statement} [{fault}]")


def _strangers(unknown: int) -> Iterator[str]:
    if unknown:
        yield f"    {_digits(unknown)}  is no flag that is known"


def _rows(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        note = f": {notes()[name]}" if notes()[name] else ""
        yield wrapped(f"{_digits(numbers()[name])}  {name}{note}", "    ", "            ")


def _flags_of_win32(names: list[str], number: int) -> Iterator[str]:
    for name in names:
        yield f"    {_digits(FLAGS[name])}  {flag_in_words(name)}"
    unknown = number & ~_sum(names)
    if unknown:
        yield f"    {_digits(unknown)}  is told by no name"


def _sum(names: Iterable[str]) -> int:
    number = 0
    for name in names:
        number |= FLAGS[name] if name in FLAGS else numbers()[name]
    return number


def _digits(number: int) -> str:
    return f"0x{number:08X}"


def _signed(number: int) -> int:
    """As C prints it of a LONG."""
    return number - 2 * SIGN_BIT if number >= SIGN_BIT else number
