"""The suite is strong: wrong implementations fail it, each by a case that names a rule which it breaks."""

from collections.abc import Callable, Iterable
from functools import cache
from itertools import islice
from typing import Final

import pytest

from conformance.case import Case, find_cases
from conformance.dialogue import put
from conformance.results import Verdict
from tests.complete_cases import InProcess
from tests.implementations_that_lose import LOST, losing_implementations
from tests.mistakes_of_implementations import Wrong
from tests.mutants import Mutant, argument_mutants, seen_in, table_mutants
from tests.wrong_implementations import EQUIVALENT, FOUND_BESIDE, RULE_OF, wrong_implementations
from vss_sim.cli.suite import case_of
from vss_sim.generate.pairs import Pair
from vss_sim.generate.pairs import case_of as case_of_pair
from vss_sim.generate.refused_arguments import argument_cases

ALL: Final = (*wrong_implementations(), *losing_implementations())
BREAKS: Final = {**RULE_OF, **LOST}
"""What is wrong → a rule that it breaks."""
NEAREST: Final = 4
"""So many pairs in which a mutant shows are put, and as many of the furthest: there, components are added."""
EVERY: Final = 4
"""Of the mutants of the tables, one in so many is made in a test run; all of them are found out as well."""


@cache
def _cases() -> dict[str, tuple[Case, ...]]:
    """Rule → the cases that name it."""
    found: dict[str, list[Case]] = {}
    for case in find_cases():
        for rule in () if case.only_for_checkers else case.rules:
            found.setdefault(rule, []).append(case)
    return {rule: tuple(cases) for rule, cases in found.items()}


def _naming(rules: Iterable[str]) -> list[Case]:
    return list({case.id: case for rule in rules for case in _cases().get(rule, ())}.values())


def _breaks(wrong: Wrong) -> bool:
    """Whether a case finds the rule itself broken, not another thing beside it."""
    faults = (put(case, wrong.say()).fault for case in _naming([BREAKS[wrong.name]]))
    return any(fault is not None and BREAKS[wrong.name] in fault.breaks for fault in faults)


def _fails(cases: Iterable[Case], say: Callable[[], Callable[..., object]]) -> bool:
    return any(put(case, say()).verdict is Verdict.FAILED for case in cases)  # type: ignore[arg-type]


def test_there_are_enough_wrong_implementations() -> None:
    """Each with a rule that it breaks; their number may not fall. What nobody can see is none."""
    assert len(ALL) >= 155
    names = [wrong.name for wrong in ALL]
    assert len(names) == len(set(names))
    assert set(names) == set(BREAKS)
    assert not set(names) & set(EQUIVALENT)
    assert set(names) >= set(FOUND_BESIDE)
    assert all(FOUND_BESIDE.values())
    assert len(FOUND_BESIDE) <= 5


@pytest.mark.parametrize("wrong", ALL, ids=lambda wrong: wrong.name)
def test_a_wrong_implementation_is_found_out(wrong: Wrong) -> None:
    """By a case that finds its rule broken; a few by a case that is about it, at a line that breaks no rule."""
    if wrong.name in FOUND_BESIDE:
        assert not _breaks(wrong)
        assert _fails(_naming([BREAKS[wrong.name]]), wrong.say), BREAKS[wrong.name]
    else:
        assert _breaks(wrong), BREAKS[wrong.name]


def test_the_right_one_is_not_found_out() -> None:
    """By no case that finds out a wrong one."""
    cases = _naming(BREAKS.values())
    assert cases
    assert not _fails(cases, lambda: InProcess().say)


def test_mutants_of_the_tables_are_found_out(record_property: Callable[[str, object], None]) -> None:
    """A need dropped, a code swapped, a phase shifted, an effect forgotten, an argument not looked at."""
    arguments = [case_of(made) for made in argument_cases()]
    mutants = [*table_mutants(), *argument_mutants()]
    written = found = made = 0
    survivors = []
    for mutant in mutants[1::EVERY]:
        generated = _generated(mutant, arguments)
        if generated is None:
            continue
        made += 1
        with mutant.made():
            by_hand = _fails(_naming(mutant.rules), lambda: InProcess().say)
            written += by_hand
            if by_hand or _fails(generated, lambda: InProcess().say):
                found += 1
            else:
                survivors.append(mutant.name)
    record_property("score", f"wrong implementations: {len(ALL)}, each found out by a written case")
    record_property("score", f"mutants of the tables found out: {found} of {made} ({written} by written cases alone)")
    assert made > 60
    assert found == made, survivors


def _generated(mutant: Mutant, arguments: list[Case]) -> list[Case] | None:
    """The generated cases that should show a mutant; None where no program can tell it from the right one."""
    if not mutant.of_table:
        return [case for case in arguments if set(case.rules) & set(mutant.rules)]
    shown = seen_in(mutant)
    if not shown:
        return None
    return [*_of_pairs(shown, mutant), *_of_pairs(shown[::-1], mutant)]


def _of_pairs(shown: Iterable[Pair], mutant: Mutant) -> list[Case]:
    """The first cases of pairs that name a rule of the mutant."""
    made = (case_of_pair(pair, 1) for pair in shown)
    named = (case for case in made if case is not None and set(case.header["rules"]) & set(mutant.rules))
    return [case_of(case) for case in islice(named, NEAREST)]
