"""What a program in Python can do wrong beside VSS: the error names the argument, and nothing has happened."""

from functools import partial
from typing import Any

import pytest

from tests.requester_support import initialised, simulation
from vss_sim import (
    BackupType,
    BadCall,
    RestoreType,
    Simulation,
    VssError,
    create_backup_components,
    is_volume_snapshotted,
    read_world,
)

_NUMBER: Any = 5


@pytest.mark.parametrize(
    ("call", "given", "says"),
    [
        (Simulation, (5,), "description is 5; expected what read_world gives"),
        (Simulation, ("lab.json",), "description is 'lab.json'; expected what read_world gives"),
        (Simulation, (None, "documented"), "profile is 'documented'; expected Profile.WINDOWS or"),
        (read_world, (5,), "text is 5; expected the text of a world"),
        (create_backup_components, (None,), "simulation is None; expected a Simulation"),
        (partial(create_backup_components, process=_NUMBER), (Simulation(),), "process is 5; expected a text"),
        (partial(create_backup_components, machine=_NUMBER), (Simulation(),), "machine is 5; expected a text"),
        (is_volume_snapshotted, ("C:\\", "C:\\"), "expected a Simulation"),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(call: Any, given: Any, says: str) -> None:
    """A profile by its name would count as the other one; a missing simulation is no fault of VSS."""
    with pytest.raises(TypeError) as fault:
        call(*given)
    assert says in str(fault.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((None, False, BackupType.FULL), "bSelectComponents is None; it is true or false"),
        ((1.5, False, BackupType.FULL), "bSelectComponents is 1.5"),
        ((True, False, None), "backupType is None; it is one of VSS_BT_UNDEFINED"),
        ((True, False, RestoreType.BY_COPY), "it is one of VSS_BT_UNDEFINED"),
        ((True, False, "VSS_BT_FUL"), "VSS_BT_FUL"),
        ((True, False, float("nan")), "backupType is nan"),
    ],
)
def test_a_value_that_no_program_could_pass_is_no_answer_of_vss(given: Any, says: str) -> None:
    """`BadCall` names the documented parameter and what it takes; the world is as it was."""
    there = simulation()
    requester = initialised(there)
    world = there.world
    with pytest.raises(BadCall) as fault:
        requester.set_backup_state(*given)
    assert says in str(fault.value)
    assert there.world is world


def test_a_released_object_answers_nothing() -> None:
    """Not even Release; a second object is not touched."""
    world = simulation()
    one, other = create_backup_components(world), create_backup_components(world)
    assert one.release() == 0
    for call in (one.release, one.initialize_for_backup, one.add_ref, one.get_writer_metadata_count):
        with pytest.raises(BadCall, match="or it was released"):
            call()
    other.initialize_for_backup()
    assert [left.handle for left in world.unreleased()] == [other.handle]


def test_cancel_then_wait_then_ask() -> None:
    """An operation that was cancelled stays so, however often it is asked; what it was for is not there."""
    world = Simulation(read_world('{"machines": [{"answers": [{"to": "GatherWriterMetadata", "seconds": 30}]}]}'))
    requester = create_backup_components(world)
    requester.initialize_for_backup()
    operation = requester.gather_writer_metadata()
    operation.wait(1000)
    assert operation.query_status().name == "VSS_S_ASYNC_PENDING"
    assert operation.cancel().name == "S_OK"
    operation.wait()
    assert operation.query_status().name == operation.cancel().name == "VSS_S_ASYNC_CANCELLED"
    assert operation.finish().name == "VSS_S_ASYNC_CANCELLED"
    with pytest.raises(VssError) as refused:
        requester.get_writer_metadata_count()
    assert refused.value.rule == "metadata-count-after-gather"


def test_what_is_under_way_needs_only_to_be_waited_for() -> None:
    """A second DoSnapshotSet while the first one runs: no other object is needed for what it brings."""
    world = Simulation(read_world('{"machines": [{"answers": [{"to": "DoSnapshotSet", "seconds": 30}]}]}'))
    requester = create_backup_components(world)
    requester.initialize_for_backup()
    requester.gather_writer_metadata().finish()
    requester.set_backup_state(False, False, BackupType.COPY)
    requester.start_snapshot_set()
    requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().finish()
    requester.do_snapshot_set()
    with pytest.raises(VssError) as refused:
        requester.do_snapshot_set()
    assert refused.value.instead == ("IVssAsync::Wait",)
