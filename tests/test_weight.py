"""What a call brings into the world is weighed side by side with the world before, and not found too light."""

from itertools import pairwise
from random import Random
from sys import getsizeof
from typing import Any

import pytest

from tests.choices import programs
from tests.machine_of_calls import walk
from tests.requester_support import OnNoWay
from vss_sim.model.maps import Map
from vss_sim.model.objects import ListObject
from vss_sim.model.weight import added, weigh
from vss_sim.spec.table import Profile

LENGTH = 80


@pytest.mark.parametrize("seed", range(12))
def test_what_a_call_adds_is_what_is_there_and_was_not(seed: int) -> None:
    """Weighed alone it is never more, and not much less."""
    world, steps = programs(seed, LENGTH)
    made = walk(world, steps, Profile.WINDOWS, OnNoWay).made
    all_of_it = at_most = 0
    for one, other in pairwise(made):
        before, after = one.step.world, other.step.world
        _, known = weigh(before)
        new, _ = weigh(after, known)
        found = added(after, before, known)
        assert new <= found <= added(after, before)
        all_of_it += new
        at_most += found
    assert at_most <= 2 * all_of_it


@pytest.mark.parametrize(
    ("now", "before", "parts"),
    [
        ((1000, 2000), (1000,), [(1000, 2000), 2000]),
        ([1000], [1000, 2000], [[1000]]),
        ({"a": "x", "b": "y"}, {"a": "x"}, [{"a": "x", "b": "y"}, "b", "y"]),
        ({"a": "x"}, [1], [{"a": "x"}, "a", "x"]),
        (frozenset({"a", "b"}), frozenset({"a"}), [frozenset({"a", "b"}), "b"]),
        ({"a"}, (), [{"a"}, "a"]),
        ("x", "y", ["x"]),
        (Profile.WINDOWS, None, []),
    ],
)
def test_each_kind_of_value_is_looked_through(now: Any, before: Any, parts: list[Any]) -> None:
    """What is at the same place in both takes nothing; a member of an enumeration is there once."""
    shallow = sum(map(getsizeof, parts))
    assert shallow <= added(now, before) <= shallow + 100 * (not parts)


def test_a_persistent_map_is_looked_through() -> None:
    """What it has in common with the one that it was made of is no more."""
    rest = "x" * 5000
    before = Map({"a": rest})
    assert 5000 <= added(before, None) <= 8000
    assert added(before.set("b", "y"), before) <= 3000


def test_nobody_counts_on_where_it_is_enough() -> None:
    """A list of many things is not looked through to its end."""
    items = tuple({"n": Random(seed).random()} for seed in range(2000))
    listed = ListObject(machine=0, process="", items=items)
    assert added(listed, None) > 200_000
    assert 30_000 <= added(listed, None, enough=30_000) < 60_000
