"""The device objects of shadow copies: whose number is given when, and that it means one copy alone."""

import json
from typing import Any

import pytest

from tests.requester_support import initialised, with_a_snapshot
from tests.two_machines import PERSISTENT, exported, hardware, importing, two_machines
from vss_sim import ObjectType, Simulation, SnapshotContext, read_world

LASTING = SnapshotContext.APP_ROLLBACK


def _number(device: str | None) -> int:
    assert device is not None
    return int(device.rpartition("Copy")[2])


def _next(simulation: Simulation, context: int = SnapshotContext.BACKUP, **where: str) -> int:
    """The number of a shadow copy that is made now, and goes at once."""
    requester, shown = with_a_snapshot(simulation, context, **where)
    requester.delete_snapshots(shown.snapshot_id, ObjectType.SNAPSHOT, force_delete=False)
    requester.release()
    return _number(shown.snapshot_device_object)


def test_a_device_number_is_given_once_while_the_machine_runs() -> None:
    """Whoever still reads by the device of a copy that is gone does not read another one."""
    simulation = Simulation()
    assert [_next(simulation), _next(simulation, LASTING), _next(simulation)] == [1, 2, 3]
    simulation.happens("VSS crashes")
    assert _next(simulation) == 4


@pytest.mark.parametrize("what", ["reboot", "machine crashes"])
def test_numbers_begin_after_those_that_are_there_when_the_machine_starts(what: str) -> None:
    """A persistent copy keeps its device."""
    simulation = Simulation()
    kept, shown = with_a_snapshot(simulation, LASTING)
    kept.release()
    assert (_next(simulation), _next(simulation)) == (2, 3)
    simulation.happens(what)
    again = initialised(simulation)
    again.set_context(SnapshotContext.ALL)
    assert again.get_snapshot_properties(shown.snapshot_id) == shown
    assert _next(simulation) == 2


def test_each_machine_counts_for_itself() -> None:
    """A copy that is imported gets its device where it is imported; before that it has none that leads anywhere."""
    simulation = two_machines()
    assert [_next(simulation, volume="G:\\", machine="one") for _ in range(3)] == [1, 2, 3]
    source, (copy,), document = exported(simulation)
    assert not source.get_snapshot_properties(copy).snapshot_device_object
    assert _next(simulation, volume="G:\\", machine="one") == 5
    target = importing(simulation, document)
    target.import_snapshots().finish()
    assert _number(target.get_snapshot_properties(copy).snapshot_device_object) == 1
    assert _next(simulation, volume="C:\\", machine="two") == 2


def test_a_copy_that_is_described_has_its_device_on_its_machine() -> None:
    """From 1 on, on each machine; one that waits for its import has none."""
    ids = [f"{{22222222-0000-0000-0000-00000000000{number}}}" for number in range(1, 4)]
    copies: list[dict[str, Any]] = [
        {"snapshotId": one, "setId": one, "volume": "C:\\", "providerId": hardware()["providerId"]} for one in ids
    ]
    copies[1]["attributes"] = ["VSS_VOLSNAP_ATTR_TRANSPORTABLE", "VSS_VOLSNAP_ATTR_NOT_SURFACED"]
    machines = [{"name": f"m{place}", "snapshots": [copy]} for place, copy in enumerate(copies)]
    machines[0]["snapshots"] = copies[:2]
    del machines[1]
    world = read_world(json.dumps({"machines": [{**one, "providers": [hardware()]} for one in machines]}))
    simulation = Simulation(world)
    numbers = {copy.snapshot_id: copy.number for copy in simulation.world.snapshots.values()}
    assert numbers == {ids[0]: 1, ids[1]: 0, ids[2]: 1}


def test_a_broken_copy_keeps_its_device_and_no_other_gets_it() -> None:
    """Also after a restart, when VSS knows nothing of it any more."""
    simulation = two_machines()
    _, (copy,), document = exported(simulation, PERSISTENT)
    target = importing(simulation, document)
    target.import_snapshots().finish()
    set_id = target.get_snapshot_properties(copy).snapshot_set_id
    target.break_snapshot_set(set_id)
    assert _next(simulation, volume="C:\\", machine="two") == 2
    simulation.happens("reboot", "two")
    assert _next(simulation, volume="C:\\", machine="two") == 2
