"""The record of a run is what was said and answered then, whatever the caller does with his values afterwards."""

from typing import Any

import pytest

from tests.requester_support import simulation
from vss_sim import create_backup_components
from vss_sim.requester.simulation import Simulation

REQUESTER = "IVssBackupComponents::"


def _begun() -> tuple[Simulation, str]:
    world = simulation()
    requester = create_backup_components(world)
    requester.initialize_for_backup()
    return world, requester.handle


def test_a_list_that_is_changed_after_its_call_stands_as_it_was() -> None:
    """The classes of writers that DisableWriterClasses was given."""
    world, handle = _begun()
    classes = ["{11111111-0000-0000-0000-000000000001}"]
    arguments: dict[str, Any] = {"rgWriterClassId": classes, "cClassId": 1}
    world.call(f"{REQUESTER}DisableWriterClasses", handle, arguments)
    classes.append("another")
    arguments["cClassId"] = 2
    line = [*world.lines()][-1]
    assert line["in"] == {"rgWriterClassId": ["{11111111-0000-0000-0000-000000000001}"], "cClassId": 1}


@pytest.mark.parametrize("method", ["GatherWriterMetadata", "StartSnapshotSet"])
def test_results_that_are_changed_stand_as_they_were(method: str) -> None:
    """What a step hands out is the caller's."""
    world, handle = _begun()
    done = world.call(REQUESTER + method, handle)
    before = [*world.lines()]
    for name in done.out:
        done.out[name] = "changed"  # type: ignore[index]
    assert [*world.lines()] == before


def test_a_structure_that_is_changed_stands_as_it_was() -> None:
    """The properties of a shadow copy, member by member."""
    world, handle = _begun()
    requester_calls = ["StartSnapshotSet", "AddToSnapshotSet"]
    world.call(f"{REQUESTER}SetContext", handle, {"lContext": "VSS_CTX_FILE_SHARE_BACKUP"})
    world.call(REQUESTER + requester_calls[0], handle)
    added = world.call(REQUESTER + requester_calls[1], handle, {"pwszVolumeName": "C:\\"})
    begun = world.call(f"{REQUESTER}DoSnapshotSet", handle)
    world.call("IVssAsync::Wait", begun.out["ppAsync"])
    known = world.call(f"{REQUESTER}GetSnapshotProperties", handle, {"SnapshotId": added.out["pidSnapshot"]})
    before = [*world.lines()]
    known.out["pProp"]["m_pwszOriginalVolumeName"] = "changed"
    assert [*world.lines()] == before


def test_a_result_that_is_spelt_like_a_handle_made_no_object() -> None:
    """Who forgot an object is told which call handed it out; a name or a text is none."""
    world, handle = _begun()
    world.record.called("IVssBackupComponents::SaveAsXML", handle, {}, 0, {"pbstrXML": handle}, (None, "", 0.0), ())
    assert [left.made_by for left in world.unreleased()] == ["CreateVssBackupComponents"]
