"""What a name or a number means, as text for people: whatever stands in a log, a page or a message of this project."""

import re
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from functools import reduce
from operator import or_
from typing import Final

from vss_sim.report.explain_beside import ERRORS_PAGE, NAMES, explain_beside, win32_number
from vss_sim.report.explain_constant import (
    explain_constant,
    explain_enumeration,
    explain_joined,
    explain_named_value,
    explain_number,
    members_with,
    owner_of,
)
from vss_sim.report.explain_interface import explain_interface, interfaces
from vss_sim.report.explain_method import beyond_the_page, explain_method
from vss_sim.report.explain_parameter import explain_parameter, parameter_names
from vss_sim.report.explain_python import class_of, documented_name, explain_python, python_names
from vss_sim.report.explain_rule import explain_dispute, explain_rule
from vss_sim.report.explain_search import search
from vss_sim.report.explain_structure import explain_structure, structures
from vss_sim.report.explain_term import explain_term, message_in, terms_named, writers_in
from vss_sim.report.words import wrapped
from vss_sim.spec.answers import documented_answers
from vss_sim.spec.constants import CONSTANTS
from vss_sim.spec.enums import WriterState, members, numbers
from vss_sim.spec.events import ABORT, EVENTS, LEVELS, RAISED_BY, FailureLeads, WriterEvent
from vss_sim.spec.hresult import SIGN_BIT, HResult
from vss_sim.spec.importing import COMES_OF
from vss_sim.spec.methods import Signature, call_names, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.rules import disputes, page_address, rules
from vss_sim.spec.structures import STRUCTURES
from vss_sim.spec.table import Profile

_MANY: Final = 12
_BITS: Final = 0xFFFFFFFF
_BARE: Final = re.compile(r"([08a-f][0-9a-f]{7})[ul]*", re.IGNORECASE)
"""An HRESULT as event logs have it, without `0x`: `80042301`, `00042309`. A number of so many digits is no sum."""
_OF_C: Final = re.compile(r"(-?(?:0x[0-9a-f]+|\d+))[ul]+", re.IGNORECASE)
"""A number as headers of C have it: `0x80042301L`."""

_CODE: Final = re.compile(r"\b(?:0x[08][0-9a-f]{7}|(?:VSS_)?[ES]_[A-Z_]+)\b", re.IGNORECASE)
"""An answer in a pasted text, by its number or its name."""
_EVENT: Final = re.compile(r"\bevent(?: id)?:? +(\d+)\b", re.IGNORECASE)
"""An event of the application log in a pasted text: `Event ID: 8193`."""
_STATE: Final = re.compile(r"\[(\d+)\] +(?:stable|waiting|failed|unknown)", re.IGNORECASE)
"""A writer's state as `vssadmin list writers` prints it: `State: [8] Failed`."""
_VARIABLE: Final = re.compile(r"^[a-z]\w*(?:\.|->)(?=[A-Z])")
"""What a program calls its object, before a method: `pBackup->`."""
_AROUND: Final = "\"'`?!.,;: "
"""What a person may leave around a name."""

_TO_ABORT: Final = (FailureLeads.ABORTS_WRITER, FailureLeads.ABORTS_SET)


class UnknownNameError(Exception):
    """Nothing is known by this name; `near` are names that may have been meant.

    `joined`: it was to be joined with others, so that it would have to be a constant.
    """

    def __init__(self, name: str, near: tuple[str, ...], *, joined: bool = False) -> None:
        super().__init__(name, near)
        self.name = name
        self.near = near
        self.joined = joined

    def __str__(self) -> str:
        number = _number(self.name)
        if number is not None and not _fits(number):
            return f"{self.name!r:.200} does not fit into 32 bits, and an HRESULT has 32{_cut(number)}"
        error = win32_number(number)
        if error is not None:
            return f"{self.name!r:.200} is error {error} of Win32, about which nothing is known here: {ERRORS_PAGE}"
        close = f"; did you mean {' or '.join(self.near)}?" if self.near else ""
        if self.joined and not self.name:
            return "a name or a number is missing beside |"
        if self.joined:
            return f"{self.name!r:.200} is no constant, and only constants and numbers are joined with |{close}"
        if number is not None:
            return f"{self.name!r:.200} is no answer, no constant and no joined flags of VSS's pages{close}"
        return f"nothing is known by the name {self.name!r:.200}{close}"


def explain(name: str) -> str:
    """The explanation of `name`, ending in a line end.

    Raises:
        UnknownNameError: it is no rule, HRESULT, constant, interface, method, parameter, event of writers or
            contradiction, nor anything that stands in a log beside them, nor a name of the Python API.
    """
    wanted = name.strip().strip(_AROUND)
    named = _first(_NAMED, wanted)
    term = _term_named(wanted)
    found = _both(named, term, _first(_NUMBERED, wanted) if named is None else None)
    if found:
        return found
    documented = documented_name(wanted)
    if documented is not None:
        return explain(documented)
    told = _pasted(wanted) or search(wanted)
    if told is None:
        raise UnknownNameError(name, _near(wanted))
    return told


def _first(looks: Iterable[Callable[[str], str | None]], name: str) -> str | None:
    return next((found for look in looks if (found := look(name))), None)


def _term_named(name: str) -> str | None:
    found = [_joined(explain_term(term)) for term in terms_named(name)]
    return _both(*found) or None


def _pasted(text: str) -> str | None:
    """A text of a log or a tool, by what it has: events, writers, their states, and answers, by number or in words."""
    numbers_in = dict.fromkeys(match[0] for match in _CODE.finditer(text)) if " " in text else ()
    answers = [found for number in numbers_in if (found := _first((_code_named, _beside_named), number))]
    message = message_in(text) if not answers else None
    if message is not None:
        answers = [_joined(explain_term(message)), *(explain(name) for name in message.see)]
    writers = dict.fromkeys(_joined(explain_term(writer)) for writer in writers_in(text))
    states = dict.fromkeys(match[1] for match in _STATE.finditer(text))
    told = (_joined(explain_constant(one)) for state in states for one in WriterState if one.number == int(state))
    events = (_term_named(f"event {match[1]}") for match in _EVENT.finditer(text))
    return _both(*events, *writers, *told, *answers) or None


def _rule_named(name: str) -> str | None:
    if name in rules():
        return _joined(explain_rule(rules()[name]))
    dispute = re.sub(r"^C(\d)$", r"C0\1", name.upper())
    return _joined(explain_dispute(dispute)) if dispute in disputes() else None


def _code_named(name: str) -> str | None:
    code = _code(name)
    return _joined(_hresult(code)) + _as_member(name) if code is not None else None


def _constant_named(name: str) -> str | None:
    if name.upper() in numbers():
        return _joined(explain_constant(name.upper()))
    if name.upper() in CONSTANTS:
        return _joined(explain_named_value(name.upper()))
    return _joined(explain_enumeration(name.upper())) if name.upper() in members() else None


def _interface_named(name: str) -> str | None:
    interface = interfaces().get(name.casefold())
    return _joined(explain_interface(interface, class_of(interface))) if interface is not None else None


def _structure_named(name: str) -> str | None:
    """A structure by its name, or by that of a member."""
    structure = structures().get(name.casefold())
    return _joined(explain_structure(structure, class_of(structure))) if structure is not None else None


def _call_named(name: str) -> str | None:
    """A method, and an event of the same name."""
    found = _signature(name)
    event = next((event for event in EVENTS.values() if event.name.casefold() == name.casefold()), None)
    method = _joined(explain_method(found)) if found is not None else None
    return _both(method, _joined(_event(event)) if event else None)


def _beside_named(name: str) -> str | None:
    beside = explain_beside(name, _number(name))
    return _joined(beside) + _as_member(name) if beside is not None else None


def _as_member(name: str) -> str:
    """What a number that is an answer is in other places of a log."""
    number = _number(name)
    return "".join(f"{line}\n" for line in members_with(number & _BITS)) if number is not None else ""


def _sum_named(name: str) -> str | None:
    """A number, or names and numbers joined by `|`."""
    if "|" in name:
        words = [word.strip() for word in name.split("|")]
        digits = {word: number for word in words if (number := _number(word)) is not None and _fits(number)}
        constants = [_constant_of(word) for word in words if word not in digits]
        bits = reduce(or_, digits.values(), 0) & _BITS
        told = explain_joined(constants, bits) if constants else explain_number(bits)
    else:
        number = _number(name)
        told = explain_number(number & _BITS) if number is not None and _fits(number) else None
    return _joined(told) if told is not None else None


def _constant_of(word: str) -> str:
    """The constant that a joined word names, in Python's way or in VSS's."""
    for name in (word.upper(), documented_name(word)):
        if name is not None and owner_of(name) is not None:
            return name
    raise UnknownNameError(word, tuple(name for name in _near(word) if owner_of(name) is not None), joined=True)


def _python_or_parameter_named(name: str) -> str | None:
    """What only the Python API has, and a parameter, which may have the same name as a class."""
    python = explain_python(name) if documented_name(name) is None else None
    parameter = explain_parameter(name)
    return _both(_joined(python) if python else None, _joined(parameter) if parameter else None)


def _both(*told: str | None) -> str:
    """What one name means in two places."""
    return "\n".join(text for text in told if text is not None)


_NAMED: Final = (
    _rule_named,
    _code_named,
    _constant_named,
    _interface_named,
    _call_named,
    _structure_named,
    _beside_named,
)
_NUMBERED: Final = (_sum_named, _python_or_parameter_named)
"""Where a name is looked for, one after the other; each gives the explanation, or nothing. A word of VSS is told after
the things of the first list, and before those of the second."""


def _code(text: str) -> HResult | None:
    if text.upper() in HResult.__members__:
        return HResult[text.upper()]
    number = _number(text)
    return HResult.of(number) if number is not None and _fits(number) else None


def _number(text: str) -> int | None:
    bare, of_c = _BARE.fullmatch(text), _OF_C.fullmatch(text)
    try:
        return int(bare[1], 16) if bare is not None else int(of_c[1] if of_c is not None else text, 0)
    except ValueError:
        return None


def _fits(number: int) -> bool:
    """Whether 32 bits hold a number, signed or not."""
    return -SIGN_BIT <= number < 2 * SIGN_BIT


def _cut(number: int) -> str:
    """Which answer was probably meant by a number that is too long: its lower half, as 64-bit programs print it."""
    code = HResult.of(number)
    return f"; did you mean 0x{code.value:08X}, {code.name}?" if code is not None and code.failed else ""


def _signature(name: str) -> Signature | None:
    """A method by its name: with its interface or a variable before it, as C++ or C# join them, or without."""
    name = re.sub(r"\.|->", "::", _VARIABLE.sub("", name.removesuffix("()")))
    for call, full_name in call_names().items():
        if call.casefold() == name.casefold() and full_name in signatures():
            return signatures()[full_name]
    plain = name.replace("_", "").casefold()  # the way of Python, too
    bare = [signature for signature in signatures().values() if signature.name.casefold() == plain]
    requesters = [signature for signature in bare if signature.kind == "requester"]
    return next(iter(requesters or bare), None)


def _near(name: str) -> tuple[str, ...]:
    known = [*rules(), *disputes(), *HResult.__members__, *numbers(), *members(), *signatures(), *EVENTS, *NAMES]
    known += [
        *CONSTANTS,
        *interfaces().values(),
        *STRUCTURES,
        *python_names(),
        *parameter_names(),
        *(signature.name for signature in signatures().values()),
    ]
    lowered = {candidate.casefold(): candidate for candidate in known if candidate}
    close = get_close_matches(name[:200].casefold(), lowered, n=3, cutoff=0.6)
    return tuple(lowered[candidate] for candidate in close)


def _joined(lines: Iterator[str]) -> str:
    return "\n".join(lines) + "\n"


def _hresult(code: HResult) -> Iterator[str]:
    yield f"{code.name} = 0x{code.value:08X} = {code.signed}"
    yield wrapped(code.meaning)
    answers = [
        answer for answered in documented_answers().values() for answer in answered if answer.hresult == code.name
    ]
    if answers:
        yield ""
        yield "  documented answer of:"
        for answer in answers[:_MANY]:
            note = f" [{answer.os_note}]" if answer.os_note else ""
            yield wrapped(f"{answer.method}: {answer.condition}{note}", "    ", "  ")
        if len(answers) > _MANY:
            rest = ", ".join(dict.fromkeys(answer.method for answer in answers[_MANY:]))
            yield wrapped(f"and of: {rest}", "    ", "  ")
    found = {signature.full_name: beyond_the_page(signature).get(code) for signature in signatures().values()}
    beyond = [f"{full_name}{stage}" for full_name, stage in found.items() if stage is not None]
    if beyond:
        yield ""
        yield "  beyond the page of:"
        yield wrapped(", ".join(beyond), "    ")
    if code.name in COMES_OF:
        yield ""
        yield "  ImportSnapshots comes to it where (vss-sim explain RULE):"
        for cause in COMES_OF[code.name]:
            yield wrapped(f"{cause.says} [{cause.rule}]", "    ", "  ")
    breaking = [rule for rule in rules().values() if code.name in (answer.rstrip("?") for answer in rule.answers)]
    if breaking:
        yield ""
        yield "  the answer when these rules are broken (vss-sim explain RULE):"
        yield wrapped(", ".join(rule.id for rule in breaking), "    ")


def _event(event: WriterEvent) -> Iterator[str]:
    """An event that writers get: what it means, who gets it from which calls, what follows from a failure."""
    yield f"{event.name}, an event that VSS sends to writers"
    yield wrapped(event.means)
    yield wrapped(f"goes to   {event.audience.value}", "  ", " " * 10)
    calls = [METHODS[name].full_name for name, raised in RAISED_BY.items() if event.name in raised]
    yield wrapped(f"raised by {', '.join(calls)}", "  ", " " * 10)
    if event.name == ABORT:
        leading = [one.name for one in EVENTS.values() if one.failure_leads in _TO_ABORT]
        yield wrapped(f"and sent where a writer fails {', '.join(leading)}", " " * 12)
    if event.by_level:
        yield wrapped("order     " + ", then ".join(level.value for level in LEVELS), "  ", " " * 10)
    done, failed = event.done.value if event.done else "as before", event.failed.value if event.failed else "the same"
    yield wrapped(f"then      the writer's status is {done}; if it fails, {failed}", "  ", " " * 10)
    yield wrapped(f"failure   {event.leads(Profile.WINDOWS).value}", "  ", " " * 10)
    if event.documented:
        yield wrapped(f"{' ' * 10}by the letter of the pages: {event.documented.value}", "  ", " " * 10)
    yield ""
    yield "  it rests on:"
    for rule in event.rules:
        yield wrapped(f"- {rules()[rule].statement} [{rule}]", "    ", "  ")
    handler = signatures().get(f"CVssWriter::On{event.name}")
    if handler is not None:
        yield ""
        yield f"  page      {page_address(handler.page)}"
