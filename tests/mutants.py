"""Wrong implementations made of the right one: the protocol table with one fact changed, everything else as it is.

A mutant knows the rules that it breaks. It is found out by a case that names one of them: by one of the folder, or,
where the folder has none that sees it, by a pair of state and method.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

import vss_sim.engine.arguments
from conformance.holding import Hold, of_a_refusal
from conformance.tables import rules
from vss_sim.engine.calls import ENTRIES
from vss_sim.engine.ruling import Verdict, after_success, rule_on
from vss_sim.generate.pairs import Pair, pairs
from vss_sim.requester.known_ways import MEMORY
from vss_sim.spec.argument_rules import ArgumentRule
from vss_sim.spec.arguments import ARGUMENT_RULES
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Direction, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import MACHINE_MASK, Phase
from vss_sim.spec.table import Force, Method, Need

_ENGINE: Final = ("vss_sim.engine.", "vss_sim.requester.", "vss_sim.model.")
_OPEN: Final = (Verdict.UNSURE,)
_OTHER_CODES: Final = (HResult.VSS_E_UNEXPECTED, HResult.VSS_E_BAD_STATE)
_PHASES: Final = MACHINE_MASK[Phase]
_READ_ANYWAY: Final = {
    ("InitializeForRestore", "bstrXML"),
    ("LoadFromXML", "bstrXML"),
    ("AddSnapshotToRecoverySet", "snapshotId"),
}
"""Where NULL is passed for a document, or the null id, what reads it has an answer that the page allows as well."""
_REFUSED_ALIKE: Final = ("recover-set-nonempty",)
"""Needs without which the same calls get the same answer: to a recovery set to which nothing was added, nothing was
added since its last resync either (rule recover-set-anew)."""
_SEEN_OTHERWISE: Final = ("Release",)
"""That an object is gone, no state has to say: its last reference is."""


class Mutant(Struct, frozen=True):
    """A wrong implementation: what is wrong with it, the rules it breaks, and how it is made for a while."""

    name: str
    rules: tuple[str, ...]
    made: Callable[[], AbstractContextManager[None]]
    method: str = ""
    of_table: bool = False


def forget() -> None:
    """Nothing that was compiled from the tables is kept, nor what calls came to by them."""
    MEMORY.forget()
    ENTRIES.clear()
    for name, module in list(sys.modules.items()):
        if name.startswith(_ENGINE):
            for value in list(vars(module).values()):
                clear = getattr(value, "cache_clear", None)
                if clear is not None:
                    clear()


@contextmanager
def table_with(name: str, method: Method) -> Iterator[None]:
    """The protocol table with another row."""
    before = METHODS[name]
    METHODS[name] = method
    forget()
    try:
        yield
    finally:
        METHODS[name] = before
        forget()


@contextmanager
def patched(owner: Any, name: str, value: Any) -> Iterator[None]:
    """A function, or a table, that is another one."""
    before = getattr(owner, name)
    setattr(owner, name, value)
    forget()
    try:
        yield
    finally:
        setattr(owner, name, before)
        forget()


@contextmanager
def item(table: Any, key: Any, value: Any) -> Iterator[None]:
    """A table with another entry."""
    before = table[key]
    table[key] = value
    forget()
    try:
        yield
    finally:
        table[key] = before
        forget()


def table_mutants() -> Iterator[Mutant]:
    """Every settled need dropped, each code that a rule names swapped, its phases shifted; every effect forgotten.

    Not among them is what no program can tell from the right one: where another need refuses the same calls alike, and
    effects that no need looks at; nor what is no mistake: another code where none is named, a call let pass where only
    a disputed rule refuses it.
    """
    for name, method in METHODS.items():
        for place, need in enumerate(method.needs):
            if need.otherwise is Force.REFUSED and _held(need.rules, need.answers) is not Hold.FREE:
                yield from _of_need(name, method, place, need)
        forbidden = tuple(_forbids(method))
        if forbidden and name not in _SEEN_OTHERWISE:
            changed = replace(method, effects=())
            named = (*(rule for need in method.needs for rule in need.rules), *method.notes, *forbidden)
            yield _mutant(f"{name}: moves nothing", tuple(dict.fromkeys(named)), name, changed)


def _held(broken: Iterable[str], answers: Iterable[HResult]) -> Hold:
    """What a refusal is held to."""
    return of_a_refusal([code.name for code in answers], [rules()[rule] for rule in broken])


def _forbids(method: Method) -> Iterator[str]:
    """The rules by which other calls are refused where this one has led."""
    reached = [effect.gives & mask for effect in method.effects for mask in MACHINE_MASK.values()]
    for other in METHODS.values():
        for need in other.needs:
            if _held(need.rules, need.answers) is not Hold.FREE and any(
                given and all(met & mask and not met & given for met in need.met) for given, mask in _places(reached)
            ):
                yield from need.rules


def _places(reached: list[int]) -> Iterator[tuple[int, int]]:
    """Each value that was reached, with the machine that it is of."""
    for given in reached:
        yield from ((given, mask) for mask in MACHINE_MASK.values() if given & mask)


def _of_need(name: str, method: Method, place: int, need: Need) -> Iterator[Mutant]:
    before, after = method.needs[:place], method.needs[place + 1 :]
    dropped = replace(method, needs=(*before, *after))
    if need.rules[0] not in _REFUSED_ALIKE:
        yield _mutant(f"{name}: need {need.rules[0]} dropped", need.rules, name, dropped)
    if _held(need.rules, need.answers) is Hold.EXACT:
        code = next(code for code in _OTHER_CODES if code not in need.answers)
        swapped = replace(method, needs=(*before, replace(need, answers=(code,)), *after))
        yield _mutant(f"{name}: {code.name} for {need.rules[0]}", need.rules, name, swapped)
    if len(need.met) == 1 and need.met[0] & _PHASES and need.met[0] & _PHASES != _PHASES:
        shifted = need.met[0] << 1 & _PHASES
        changed = replace(need, met=(need.met[0] & ~_PHASES | shifted,))
        moved = replace(method, needs=(*before, changed, *after))
        yield _mutant(f"{name}: phases of {need.rules[0]} shifted", need.rules, name, moved)


def _mutant(what: str, named: tuple[str, ...], name: str, method: Method) -> Mutant:
    return Mutant(what, named, lambda: table_with(name, method), name, of_table=True)


@cache
def _pairs() -> dict[str, tuple[Pair, ...]]:
    found: dict[str, list[Pair]] = {}
    for pair in pairs():
        found.setdefault(pair.method, []).append(pair)
    return {name: tuple(some) for name, some in found.items()}


def seen_in(mutant: Mutant, among: Iterable[Pair] | None = None) -> list[Pair]:
    """The pairs in which a mutant of the table answers otherwise than the table, nearest first.

    Of all pairs, or of those of its method that are given: `among`. Where the table leaves the answer open, none is
    another one.
    """
    method = METHODS[mutant.method]
    asked = _pairs().get(mutant.method, ()) if among is None else among
    right = {pair: row for pair in asked if (row := _row(pair, method)).held is not Hold.FREE}
    with mutant.made():
        changed = METHODS[mutant.method]
        return [pair for pair, row in right.items() if row.tells_apart(_row(pair, changed))]


class _Row(Struct, frozen=True):
    """What the table says of a pair: the refusal and what is held of it, or what follows."""

    held: Hold
    refused: tuple[HResult, ...] = ()
    follows: tuple[object, ...] = ()

    def tells_apart(self, other: "_Row") -> bool:
        """Whether an implementation of the other row answers otherwise than this one is held to."""
        if self.refused and other.refused:
            return self.held is Hold.EXACT and self.refused != other.refused
        return self != other


def _row(pair: Pair, method: Method) -> _Row:
    ruling = rule_on(pair.method, pair.state)
    if ruling.verdict in _OPEN:
        return _Row(Hold.FREE)
    if ruling.verdict is Verdict.REFUSED and ruling.broken is not None:
        return _Row(_held(ruling.broken.rules, ruling.broken.answers), refused=ruling.broken.answers)
    follows = tuple(after_success(pair.method, pair.state, choice) for choice in method.ways)
    return _Row(Hold.EXACT, follows=follows)


def argument_mutants() -> Iterator[Mutant]:
    """Every demand on an argument dropped, and answered with another code."""
    for place, rule in enumerate(ARGUMENT_RULES):
        named = (rule.rule, *rule.also)
        if rule.otherwise is not Force.REFUSED or _held(named, rule.answers) is Hold.FREE:
            continue
        if _is_a_result(rule):
            continue  # that a result needs a place is seen for all results at once
        others = (*ARGUMENT_RULES[:place], *ARGUMENT_RULES[place + 1 :])
        what = f"{'/'.join(rule.methods)}: {rule.parameter}"
        method = rule.methods[0]
        if (method, rule.parameter) not in _READ_ANYWAY:
            yield Mutant(f"{what} not looked at ({rule.rule})", named, _arguments(others), method)
        if _held(named, rule.answers) is not Hold.EXACT:
            continue
        other = replace(rule, answers=(HResult.VSS_E_UNEXPECTED,))
        with_other = (*ARGUMENT_RULES[:place], other, *ARGUMENT_RULES[place + 1 :])
        yield Mutant(f"{what} refused with VSS_E_UNEXPECTED ({rule.rule})", named, _arguments(with_other), method)


def _is_a_result(rule: ArgumentRule) -> bool:
    return any(
        parameter.name == rule.parameter and parameter.direction is Direction.OUT
        for signature in signatures().values()
        if signature.name in rule.methods
        for parameter in signature.parameters
    )


def _arguments(rows: tuple[Any, ...]) -> Callable[[], AbstractContextManager[None]]:
    return lambda: patched(vss_sim.engine.arguments, "ARGUMENT_RULES", rows)
