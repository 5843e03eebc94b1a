"""The protocol table as a relation: every reachable state has exactly one row of each method, and each row decides."""

from functools import cache
from random import Random
from typing import Final

import pytest

from tests.reachable_states import reachable, successors
from vss_sim.engine.ruling import Certainty, Verdict, accepts, after_success, apply, holds, is_plain, meets, rule_on
from vss_sim.spec.methods import signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.rules import rules
from vss_sim.spec.state import ANYTHING, MACHINE_MASK, MACHINES, START, Phase, values_in
from vss_sim.spec.table import Force, Need, Profile, rules_of

EVERY_METHOD = pytest.mark.parametrize("name", METHODS)
EVERY_PROFILE = pytest.mark.parametrize("profile", Profile)
REACHABLE: Final = 22_705
"""So many states can be reached. A change of this number is a change of the protocol: look at what it brings."""


@cache
def _states(profile: Profile) -> tuple[int, ...]:
    return tuple(sorted(reachable(profile)))


@EVERY_PROFILE
def test_the_reachable_states_are_counted(profile: Profile) -> None:
    """The number of states is pinned in both profiles."""
    assert len(_states(profile)) == REACHABLE


@EVERY_PROFILE
def test_every_value_of_every_machine_is_reached(profile: Profile) -> None:
    """No phase and no other value stands in the table for nothing."""
    reached = 0
    for state in _states(profile):
        reached |= state
    assert values_in(ANYTHING & ~reached) == ()


def test_a_reached_state_has_one_value_of_each_machine() -> None:
    """A state that is wholly known sets one bit a machine."""
    for state in _states(Profile.WINDOWS):
        assert all((state & MACHINE_MASK[machine]).bit_count() == 1 for machine in MACHINES)


def _rows(name: str, state: int, profile: Profile) -> list[Need | None]:
    """The rows of a method that fit a state, each looked at by itself; None is the row that allows."""
    refusing = [need for need in METHODS[name].needs if need.force(profile) is Force.REFUSED]
    met = [meets(state, need) is Certainty.YES for need in refusing]
    rows: list[Need | None] = [need for index, need in enumerate(refusing) if all(met[:index]) and not met[index]]
    return rows + ([None] if all(met) else [])


@EVERY_PROFILE
@EVERY_METHOD
def test_no_two_rows_overlap(name: str, profile: Profile) -> None:
    """In a known state exactly one row fits, and it is the one that the engine takes."""
    for state in _states(profile)[::7]:
        (row,) = _rows(name, state, profile)
        ruling = rule_on(name, state, profile)
        assert (ruling.broken if ruling.verdict is Verdict.REFUSED else None) is row
        assert accepts(name, state, profile) == ruling.may_succeed
        assert is_plain(name, state, profile) == ruling.plain
        assert ruling.verdict is not Verdict.UNDECIDED


@EVERY_PROFILE
@EVERY_METHOD
def test_a_call_is_plain_as_its_ruling_says_in_a_half_known_state_too(name: str, profile: Profile) -> None:
    """What is one of two states, or anything in some machines."""
    states = _states(profile)[::97]
    for one, other in zip(states, reversed(states), strict=True):
        for mask in MACHINE_MASK.values():
            for half_known in (one | other, one | mask, one | other | mask):
                assert is_plain(name, half_known, profile) == rule_on(name, half_known, profile).plain


@EVERY_PROFILE
@EVERY_METHOD
def test_a_promise_is_kept(name: str, profile: Profile) -> None:
    """Where VSS promises to accept a call, no need refuses it."""
    for promise in METHODS[name].promises:
        promised = [state for state in _states(profile) if any(holds(state, when) for when in promise.when)]
        assert promised
        assert all(rule_on(name, state, profile).verdict is Verdict.ALLOWED for state in promised)


@EVERY_METHOD
def test_every_need_decides_somewhere(name: str) -> None:
    """A need that no reachable state leaves unmet, with all before it met, is no need."""
    states = _states(Profile.WINDOWS)
    for position, need in enumerate(METHODS[name].needs):
        before = [other for other in METHODS[name].needs[:position] if other.otherwise is Force.REFUSED]
        assert any(
            meets(state, need) is Certainty.NO and all(meets(state, other) is Certainty.YES for other in before)
            for state in states
        ), f"{name}: {need.rules[0]} never decides"


@EVERY_METHOD
def test_a_method_can_succeed(name: str) -> None:
    """Every method is accepted in some reachable state."""
    assert any(accepts(name, state) for state in _states(Profile.WINDOWS))


@EVERY_METHOD
def test_conditional_effects_do_not_overlap(name: str) -> None:
    """At most one effect with a condition of its own happens."""
    conditional = [effect for effect in METHODS[name].effects if effect.when != ANYTHING]
    for state in _states(Profile.WINDOWS)[::11]:
        assert sum(holds(state, effect.when) is Certainty.YES for effect in conditional) <= 1


def test_every_method_of_the_interface_stands_in_the_table() -> None:
    """IVssBackupComponents to Ex4, and the three methods of IUnknown."""
    documented = {s.name for s in signatures().values() if s.family in ("IVssBackupComponents", "IUnknown")}
    assert set(METHODS) == documented


@EVERY_METHOD
def test_asynchronous_methods_have_an_operation(name: str) -> None:
    """A method that hands out an IVssAsync begins an operation, and no other does."""
    signature = signatures()[METHODS[name].full_name]
    assert (METHODS[name].operation is not None) == signature.asynchronous


@EVERY_METHOD
def test_everything_in_the_table_rests_on_a_rule(name: str) -> None:
    """Every need, note, reference and claim names a rule that there is."""
    method = METHODS[name]
    cited = {rule for need in method.needs for rule in need.rules} | set(method.notes)
    cited |= {rule for reference in method.references for rule in rules_of(reference)}
    cited |= {method.claim.rule, *method.claim.also} if method.claim else set()
    assert cited <= set(rules())


def test_a_released_object_stays_released() -> None:
    """The end is the end."""
    for state in _states(Profile.WINDOWS):
        if state & Phase.RELEASED.bit:
            assert all(then & Phase.RELEASED.bit for then in successors(state))
            assert not any(accepts(name, state) for name in METHODS)


@pytest.mark.parametrize("name", METHODS)
def test_half_knowledge_covers_what_may_be(name: str) -> None:
    """What is certain of a half-known state is true of every state it may be (over seeded random pairs)."""
    states = _states(Profile.WINDOWS)
    drawn = Random(name)
    for one, other in ((drawn.choice(states), drawn.choice(states)) for _ in range(300)):
        both = one | other
        ruling = rule_on(name, both)
        verdicts = {rule_on(name, state).verdict for state in (one, other)}
        if ruling.verdict is Verdict.REFUSED:
            assert verdicts == {Verdict.REFUSED}
        if ruling.verdict is Verdict.ALLOWED:
            assert Verdict.REFUSED not in verdicts
        for state in (one, other):
            if accepts(name, state):
                assert ruling.may_succeed
                for choice in METHODS[name].choices or (None,):
                    label = choice.name if choice else None
                    then = after_success(name, state, label)
                    assert then & ~after_success(name, ruling.accepted, label) == 0


def test_an_effect_that_may_have_happened_leaves_both_possible() -> None:
    """AbortBackup ends what is under way and is ignored otherwise (rule abort-idle-ignored)."""
    effects = METHODS["AbortBackup"].effects
    idle, busy = START & ~Phase.NEW.bit | Phase.BACKUP.bit, START & ~Phase.NEW.bit | Phase.SET_FILLED.bit
    assert apply(idle, effects) == idle
    assert apply(busy, effects) & MACHINE_MASK[Phase] == Phase.ABORTED.bit
    assert apply(idle | busy, effects) & MACHINE_MASK[Phase] == Phase.BACKUP | Phase.ABORTED | Phase.SET_FILLED
