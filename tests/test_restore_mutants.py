"""Mistakes that implementers of a restore make, planted one by one into the engine or its table: a check kills each.

A check is a scene or a walkthrough that is a test of its own, or a case; with the mistake it must fail.
"""

from typing import Any, Final

import pytest

from tests.restore_cases import CASES, hold
from tests.restore_mistakes import Mutant
from tests.restore_mutants import MUTANTS, Check
from vss_sim.spec.rules import rules


def test_there_are_mutants_of_the_rules_that_are_most_often_broken() -> None:
    """Each of a rule that the project has."""
    assert len(MUTANTS) >= 30
    assert {rule for rule, *_ in MUTANTS} <= set(rules())


@pytest.mark.parametrize(("mutant", "holds"), [mutant[2:] for mutant in MUTANTS], ids=[mutant[1] for mutant in MUTANTS])
def test_a_mistake_is_noticed(mutant: Mutant, holds: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check holds without the mistake, and fails with it."""
    holds()
    with mutant(monkeypatch), pytest.raises(AssertionError):
        holds()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["rules"][0])
def test_a_case_holds(case: dict[str, Any]) -> None:
    """A restore that was written down by hand comes to the end that the page says."""
    assert set(case["rules"]) <= set(rules())
    hold(case)


KILLED: Final = [
    (rule, mistake, mutant, case) for rule, mistake, mutant, _ in MUTANTS for case in CASES if rule in case["rules"]
]


def test_each_rule_has_a_mutant_that_a_case_kills() -> None:
    """No mutant is left to the checks that are written in Python."""
    assert {rule for rule, *_ in KILLED} == {rule for rule, *_ in MUTANTS}


@pytest.mark.parametrize(("mutant", "case"), [killed[2:] for killed in KILLED], ids=[killed[1] for killed in KILLED])
def test_a_case_notices_a_mistake(mutant: Mutant, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The case of the rule that the mistake is against fails with it."""
    with mutant(monkeypatch), pytest.raises(AssertionError):
        hold(case)
