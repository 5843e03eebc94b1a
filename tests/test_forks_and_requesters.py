"""The objects of a program as they are in a fork of their simulation."""

from typing import Self

import pytest

from tests.requester_support import simulation, snapshots, with_a_snapshot
from vss_sim import BadCall, HResult, ObjectType, Simulation, create_backup_components


def test_a_run_can_go_two_ways() -> None:
    """A fork shares the past; an object of it works on with the same handle."""
    world = simulation()
    requester, snapshot = with_a_snapshot(world)
    other = requester.in_fork(world.fork())
    other.delete_snapshots(snapshot.snapshot_id, ObjectType.SNAPSHOT, force_delete=False)
    assert (snapshots(requester), snapshots(other)) == (1, 0)
    with pytest.raises(TypeError, match="fork is None; expected a Simulation"):
        requester.in_fork(None)  # type: ignore[arg-type]


def test_every_kind_of_object_is_there_in_a_fork() -> None:
    """An operation that runs, too, with what an object keeps beside its handle."""
    world = simulation()
    requester = create_backup_components(world)
    requester.initialize_for_backup()
    running = requester.gather_writer_metadata()
    other = running.in_fork(world.fork())
    assert (other.begun_by, other.finish()) == (running.begun_by, HResult.VSS_S_ASYNC_FINISHED)
    with pytest.raises(BadCall):
        other.query_status()
    assert running.finish() is HResult.VSS_S_ASYNC_FINISHED
    listed = requester.query(None, ObjectType.NONE, ObjectType.PROVIDER).objects
    found = listed.in_fork(world.fork()).next(10).objects
    assert len(found) == 1
    assert found == listed.next(10).objects


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
