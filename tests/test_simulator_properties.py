"""Whatever is called in whatever order: the simulator and the checker agree, and the simulator keeps its promises.

Programs are drawn as bytes and decoded into calls, mostly such as the table allows where the run stands
(`tests.machine_of_calls`); what must hold without the table is watched meanwhile (`tests.witnesses`).
"""

import json
import pickle
from collections import Counter
from functools import cache
from typing import Final

import pytest
from hypothesis import HealthCheck, event, given, settings, target
from hypothesis import strategies as st

from tests.agreement import disagreements
from tests.choices import STEP, WORLD, Choices, programs
from tests.drawn_worlds import draw_world
from tests.machine_of_calls import METHOD_NAMES, Walk, walk
from tests.reachable_states import reachable
from tests.requester_support import OnNoWay
from vss_sim.engine.protocol import column
from vss_sim.requester.known_ways import MEMORY
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import Phase
from vss_sim.spec.table import Profile

EXAMPLES: Final = 80
RUNS: Final = 120
LENGTH: Final = 150
ANEW: Final = 40
CARRIED: Final = 8
CALLS: Final = 20_000

_STEPS: Final = st.binary(min_size=STEP, max_size=STEP)
PROGRAMS: Final = st.integers(0, 120).flatmap(lambda length: st.lists(_STEPS, min_size=length, max_size=length))
WORLDS: Final = st.binary(min_size=WORLD, max_size=WORLD)
PROFILES: Final = st.sampled_from(Profile)
ENOUGH: Final = settings(
    max_examples=EXAMPLES, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
ENDS: Final = ("BackupComplete", "PostRestore", "ImportSnapshots")


def _text(run: Walk) -> str:
    return "\n".join(json.dumps(line) for line in run.simulation.lines())


@ENOUGH
@given(WORLDS, PROGRAMS, PROFILES)
def test_the_checker_accepts_what_the_simulator_does_and_finds_what_it_refuses(
    world: bytes, steps: list[bytes], profile: Profile
) -> None:
    """No answer of the simulator surprises the checker, and each refusal is found at its line, by its rule.

    Meanwhile: a refused call changes nothing, no writer stays frozen (seq-freeze-then-thaw-or-abort), no event goes to
    another machine or to writers of a context without any (seq-writerless-no-events), one set at a time is made on a
    machine (seq-one-creation-at-a-time), copies go with their object or stay (seq-release-deletes-autorelease).
    """
    run = walk(world, steps, profile)
    reached = set(run.witness.finished)
    for end in ENDS:
        if end in reached:
            event(f"{end} finished")
    target(len(reached), label="operations of different kinds that finished")
    assert list(disagreements(run)) == []


@ENOUGH
@given(WORLDS, PROGRAMS, PROFILES)
def test_the_same_calls_give_the_same_bytes(world: bytes, steps: list[bytes], profile: Profile) -> None:
    """Ids, handles, times, events and answers come from the world and the calls alone."""
    texts = []
    for _ in range(2):
        MEMORY.forget()
        texts.append(_text(walk(world, steps, profile)))
    assert texts[0] == texts[1]


@ENOUGH
@given(WORLDS, PROGRAMS, PROGRAMS, PROFILES)
def test_a_fork_of_the_world_is_independent(
    world: bytes, before: list[bytes], after: list[bytes], profile: Profile
) -> None:
    """What is done to the one leaves the other where it was, and then the other does the same."""
    run = walk(world, before, profile)
    fork, past, present = run.fork(), _text(run), repr(run.world)
    run.run(after)
    assert _text(fork) == past
    assert repr(fork.world) == present
    future, world_then = _text(run), repr(run.world)
    assert _text(fork.run(after)) == future
    assert repr(fork.world) == world_then
    assert (_text(run), repr(run.world)) == (future, world_then)


def test_a_call_comes_to_the_same_on_a_desk_that_stayed_and_on_one_that_is_laid_anew() -> None:
    """Nothing is left there of a call that nobody simulates, nor events and places of earlier calls."""
    for seed, stayed in enumerate(_long_walk()[:ANEW]):
        anew = walk(*programs(seed, LENGTH), stayed.world.profile, OnNoWay)
        assert [made.step for made in anew.made] == [made.step for made in stayed.made]
        assert (_text(anew), anew.world) == (_text(stayed), stayed.world)


def test_a_simulation_that_was_carried_away_goes_on_alike() -> None:
    """Pickled in the middle of a long run, with all that is under way, and unpickled."""
    for seed in range(CARRIED):
        world, program = programs(seed, LENGTH)
        steps = [*program]
        run = walk(world, steps[: LENGTH // 2], Profile.WINDOWS)
        carried = run.fork()
        carried.simulation = pickle.loads(pickle.dumps(run.simulation))  # noqa: S301 - made here
        assert (_text(carried), carried.world) == (_text(run), run.world)
        for one in (carried, run):
            one.run(steps[LENGTH // 2 :])
        assert (_text(carried), carried.world) == (_text(run), run.world)


@cache
def _long_walk() -> tuple[Walk, ...]:
    """Seeded runs in both profiles, the same on every machine."""
    profiles = tuple(Profile)
    return tuple(walk(*programs(seed, LENGTH), profiles[seed % 2]) for seed in range(RUNS))


@cache
def _counted() -> tuple[Counter[str], Counter[str]]:
    """How often each method was accepted, and how often the order of calls refused it."""
    accepted: Counter[str] = Counter()
    refused: Counter[str] = Counter()
    for run in _long_walk():
        for made in run.made:
            name = made.name.rpartition("::")[2]
            if made.step.refusal is None:
                accepted[name] += 1
            elif made.step.refusal.need is not None:
                refused[name] += 1
    return accepted, refused


def test_a_long_walk_agrees_with_the_checker() -> None:
    """The seeded runs as well, call by call."""
    assert [text for run in _long_walk() for text in disagreements(run)] == []


def test_a_long_walk_is_long_and_deep() -> None:
    """So many calls; nearly every second run completes a backup, more a restore, some an import."""
    walks = _long_walk()
    reached = Counter(end for run in walks for end in set(run.witness.finished) & set(ENDS))
    assert sum(len(run.made) for run in walks) >= CALLS
    assert reached["BackupComplete"] >= RUNS * 2 // 5
    assert reached["PostRestore"] >= RUNS // 2
    assert reached["ImportSnapshots"] >= 3
    assert sum(not run.crowded for run in walks) >= RUNS // 20


@pytest.mark.parametrize("name", METHOD_NAMES)
def test_a_long_walk_covers_every_method(name: str) -> None:
    """Each is accepted at least once and refused at least once, wherever the table has a state for it."""
    accepted, refused = _counted()
    may_pass, may_fail = _outcomes(name)
    assert bool(accepted[name]) is may_pass
    assert bool(refused[name]) is may_fail


@cache
def _states() -> tuple[int, ...]:
    return tuple(state for state in reachable() if not state & Phase.RELEASED.bit)


def _outcomes(name: str) -> tuple[bool, bool]:
    """Whether a reachable state accepts the method, and whether one refuses it."""
    rows = [column(name, METHODS[name].ways[0], profile)[state] for profile in Profile for state in _states()[::5]]
    return any(row.broken is None for row in rows), any(row.broken is not None for row in rows)


def test_drawn_worlds_differ() -> None:
    """One machine and two, with and without writers, failing ones among them."""
    worlds = [draw_world(Choices(programs(seed, 0)[0])) for seed in range(RUNS)]
    machines = [machine for world in worlds for machine in world.machines]
    assert {len(world.machines) for world in worlds} == {1, 2}
    assert {len(machine.writers) for machine in machines} == {0, 1, 2, 3}
    assert any(reply.fails for machine in machines for writer in machine.writers for reply in writer.replies)
    assert any(machine.answers for machine in machines)
