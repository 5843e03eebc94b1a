"""The objects of a program as they are in a fork of their simulation."""

from typing import Self

import pytest

from tests.requester_support import simulation, snapshots, with_a_snapshot
from vss_sim import ObjectType, Simulation, create_backup_components


def test_a_run_can_go_two_ways() -> None:
    """A fork shares the past; an object of it works on with the same handle."""
    world = simulation()
    requester, snapshot = with_a_snapshot(world)
    other = requester.in_fork(world.fork())
    other.delete_snapshots(snapshot.snapshot_id, ObjectType.SNAPSHOT, force_delete=False)
    assert (snapshots(requester), snapshots(other)) == (1, 0)
    with pytest.raises(TypeError, match="fork is None; expected a Simulation"):
        requester.in_fork(None)  # type: ignore[arg-type]


class _Lab(Simulation):
    """A simulation with a requester of its own, which a fork has as well."""

    def __init__(self) -> None:
        super().__init__()
        self.requester = create_backup_components(self, process="lab")

    def fork(self) -> Self:
        fork = super().fork()
        fork.requester = self.requester.in_fork(fork)
        return fork


def test_a_fork_can_take_its_requester_along() -> None:
    """As docs/requester.md has it: the fork's own calls leave the one that it was forked from alone."""
    lab = _Lab()
    fork = lab.fork()
    fork.requester.initialize_for_backup()
    assert (lab.record.calls(), fork.record.calls()) == (1, 2)
    assert [one.process for one in fork.unreleased()] == ["lab"]
