"""A shadow copy set in progress: whom it blocks, and when it ends; on several machines."""

from collections.abc import Callable
from typing import Final

import pytest

from tests.backups_by_stages import Requester, conforms, machine, world
from vss_sim.model.computer import Machine, Reply, ScriptedAnswer
from vss_sim.spec.hresult import HResult

IN_PROGRESS: Final = HResult.VSS_E_SNAPSHOT_SET_IN_PROGRESS

ENDS: Final[dict[str, Callable[[Requester], object]]] = {
    "finished": lambda one: (one.waits("PrepareForBackup"), one.waits("DoSnapshotSet")),
    "aborted": lambda one: one("AbortBackup"),
    "released": Requester.release,
    "its process ended": lambda one: one.simulation.happens("process ends", process="first"),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("process", ["first", "second"])
def test_a_set_in_progress_blocks_every_other_object_of_the_machine_until_it_ends(end: str, process: str) -> None:
    """Rule seq-one-creation-at-a-time: in the same process and in another, until it is made, aborted or released."""
    simulation = world()
    first = Requester(simulation, process="first").until("filled")
    second = Requester(simulation, process=process).until("added")
    blocked = second("StartSnapshotSet")
    assert blocked.answer == IN_PROGRESS
    assert blocked.refusal is not None
    assert blocked.refusal.rule == "seq-one-creation-at-a-time"
    ENDS[end](first)
    if end == "its process ended" and process == "first":
        assert second.handle not in simulation.world.objects
    else:
        assert second("StartSnapshotSet").answer == HResult.S_OK
    conforms(simulation)


def test_a_creation_under_way_blocks_until_it_ends() -> None:
    """Rule seq-one-creation-at-a-time: until DoSnapshotSet has come to its end, not until it was called."""
    simulation = world(machine("one", answers=(ScriptedAnswer(to="DoSnapshotSet", seconds=60),)))
    first = Requester(simulation).until("prepared")
    first("DoSnapshotSet")
    second = Requester(simulation).until("added")
    simulation.happens("time passes", seconds=59)
    assert second("StartSnapshotSet").answer == IN_PROGRESS
    simulation.happens("time passes", seconds=1)
    assert second("StartSnapshotSet").answer == HResult.S_OK
    conforms(simulation)


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_a_creation_that_came_to_nothing_blocks_nobody(how: str) -> None:
    """Rule seq-one-creation-at-a-time: a failed or cancelled DoSnapshotSet has ended, too."""
    replies = (Reply(on="Freeze", fails="VSS_E_WRITERERROR_RETRYABLE"),) if how == "failed" else ()
    simulation = world(machine("one", *replies))
    first = Requester(simulation).until("prepared")
    operation = first("DoSnapshotSet").out["ppAsync"]
    first("IVssAsync::Cancel" if how == "cancelled" else "IVssAsync::Wait", operation)
    assert Requester(simulation).until("added")("StartSnapshotSet").answer == HResult.S_OK
    conforms(simulation)


def test_a_finished_set_blocks_nobody() -> None:
    """Rule obs-next-set-after-do: the first backup need not be complete, nor its object released."""
    simulation = world()
    Requester(simulation).until("created")
    assert Requester(simulation).until("completed").waits("GatherWriterStatus") == "VSS_S_ASYNC_FINISHED"
    conforms(simulation)


def test_machines_do_not_block_each_other() -> None:
    """Rule seq-one-creation-at-a-time: one set a machine, not one set in the world."""
    simulation = world(machine("one"), machine("two"))
    Requester(simulation, "one").until("filled")
    assert Requester(simulation, "two").until("added")("StartSnapshotSet").answer == HResult.S_OK
    conforms(simulation)


def test_an_operation_ends_on_its_own_machine() -> None:
    """Rule seq-gather-raises-identify: time passes for all, and what ends raises its events where it was begun."""
    two = machine("two", answers=(ScriptedAnswer(to="GatherWriterMetadata", seconds=5),))
    simulation = world(Machine(name="one"), two)
    requester = Requester(simulation, "two").until("declared")
    requester("GatherWriterMetadata")
    events = simulation.happens("time passes", machine="one", seconds=10)
    assert [(event.name, event.machine) for event in events] == [("Identify", 1)]
    conforms(simulation)


def test_what_a_due_operation_makes_has_the_time_of_its_end() -> None:
    """A shadow copy is as old as the end of its creation, though more time has passed since."""
    simulation = world(machine("one", answers=(ScriptedAnswer(to="DoSnapshotSet", seconds=5),)))
    early, late = simulation.fork(), simulation.fork()
    for one, seconds in ((early, 5), (late, 500)):
        Requester(one).until("prepared")("DoSnapshotSet")
        one.happens("time passes", seconds=seconds)
    (first,), (second,) = early.world.snapshots.values(), late.world.snapshots.values()
    assert first.created == second.created
