"""Storage areas fill up, creations fail at every step or are left in the middle: nothing stays in progress or is lost.

Page: https://learn.microsoft.com/windows/win32/vss/the-shadow-copy-creation-process
"""

import json
from typing import Any, Final

import pytest

from tests.requester_support import initialised
from tests.support import blamed_on_vss
from tests.two_machines import (
    SYSTEM,
    exported,
    hardware,
    listed,
    opened,
    two_machines,
)
from tests.witnesses import storage
from tests.writers_at_work import Run, writer
from vss_sim import (
    BackupComponents,
    HResult,
    ObjectType,
    Simulation,
    SnapshotContext,
    SnapshotId,
    VolumeSnapshotAttributes,
    VssError,
    read_world,
)
from vss_sim.spec.creation import PROVIDER_EVENTS


def _with_areas(*areas: dict[str, Any], **volume: Any) -> Simulation:
    files = {f"C:\\{number}.bin": {"size": 100, "seed": number} for number in range(4)}
    volumes = [{"name": "C:\\", "capacity": 1000, "files": files, **volume}, {"name": "D:\\", "capacity": 350}]
    return Simulation(read_world(json.dumps({"machines": [{"volumes": volumes, "storageAreas": list(areas)}]})))


def _copy_of_c(simulation: Simulation) -> tuple[BackupComponents, SnapshotId]:
    requester = initialised(simulation)
    requester.set_context(SnapshotContext.NAS_ROLLBACK)
    requester.start_snapshot_set()
    copy = requester.add_to_snapshot_set("C:\\")
    requester.do_snapshot_set().finish()
    return requester, copy


def _delete(simulation: Simulation, number: int) -> None:
    assert simulation.call("DeleteFile", None, {"lpFileName": f"C:\\{number}.bin"}).answer == 0


def test_what_is_overwritten_takes_room_where_the_storage_area_is() -> None:
    """As much as the copies keep; a deletion of the copy gives it back."""
    simulation = _with_areas({"volume": "C:\\", "on": "D:\\"})
    requester, copy = _copy_of_c(simulation)
    disks = simulation.world.machines[0].disks
    assert disks.volumes[1].free == 350
    _delete(simulation, 0)
    _delete(simulation, 1)
    assert simulation.world.machines[0].disks.volumes[1].free == 150
    requester.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
    assert simulation.world.machines[0].disks.volumes[1].free == 350


@pytest.mark.parametrize(
    "area",
    [{"volume": "C:\\", "on": "D:\\"}, {"volume": "C:\\", "on": "C:\\", "maximum": 350}],
    ids=["the volume is full", "the maximum is reached"],
)
def test_the_oldest_copy_goes_first_where_there_is_no_room(area: dict[str, Any]) -> None:
    """The files of the volume go on; older copies make way for younger ones."""
    simulation = _with_areas(area)
    copies = []
    for number in range(4):
        requester, copy = _copy_of_c(simulation)
        copies.append(copy)
        _delete(simulation, number)
    assert listed(requester) == copies[1:]


def test_a_copy_on_a_lun_of_its_own_takes_no_room_in_a_storage_area() -> None:
    """Also where its provider was asked to copy on write; it does not make way for the copies of the system."""
    volumes = [{"name": "C:\\", "files": {"C:\\a": {"size": 100}, "C:\\b": {"size": 100}}}]
    area = {"volume": "C:\\", "on": "C:\\", "maximum": 150}
    machine = {"volumes": volumes, "storageAreas": [area], "providers": [hardware(), SYSTEM]}
    simulation = Simulation(read_world(json.dumps({"machines": [machine]})))
    requester = initialised(simulation)
    requester.set_context(SnapshotContext.NAS_ROLLBACK | VolumeSnapshotAttributes.DIFFERENTIAL)
    requester.start_snapshot_set()
    copy = requester.add_to_snapshot_set("C:\\")
    requester.do_snapshot_set().finish()
    for name in "ab":
        simulation.call("DeleteFile", None, {"lpFileName": f"C:\\{name}"})
    assert listed(requester) == [copy]
    assert simulation.world.machines[0].disks.volumes[0].saved == 0


def test_a_copy_that_has_no_room_before_it_is_finished_is_no_success() -> None:
    """What a writer writes to it in PostSnapshot fills the storage area: VSS_E_INSUFFICIENT_STORAGE, and no set."""
    volume = {"name": "C:\\", "files": {"C:\\db": {"content": "open"}}}
    area = {"volume": "C:\\", "on": "C:\\", "maximum": 50}
    run = Run(
        writer("sql", {"on": "PostSnapshot", "writeInCopy": {"C:\\db": "x" * 100}}),
        volumes=[volume],
        storageAreas=[area],
    )
    run.prepare(components=("sql",))
    assert run.do("DoSnapshotSet") is HResult.VSS_E_INSUFFICIENT_STORAGE
    assert run.simulation.world.snapshots == {}
    assert run.call("StartSnapshotSet").answer == HResult.S_OK


def test_a_creation_fails_where_the_storage_area_has_no_room() -> None:
    """Rule sn-storage: VSS_E_INSUFFICIENT_STORAGE, and nothing of the set is left."""
    system = {"name": "Microsoft", "type": "VSS_PROV_SYSTEM", "storageNeeded": 300}
    world = {"volumes": [{"name": "C:\\"}, {"name": "D:\\", "capacity": 200}], "providers": [system]}
    areas = [{"volume": "C:\\", "on": "D:\\"}]
    simulation = Simulation(read_world(json.dumps({"machines": [{**world, "storageAreas": areas}]})))
    with pytest.raises(VssError) as refused:
        _copy_of_c(simulation)
    assert refused.value.hresult is HResult.VSS_E_INSUFFICIENT_STORAGE
    assert simulation.world.snapshots == {}


_WRITER_EVENTS: Final = ("PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot")
FAILURES: Final = [
    *(("provider", name, {"fails": "VSS_E_PROVIDER_VETO"}) for name in PROVIDER_EVENTS[1:]),
    *(("provider", name, {"seconds": 100}) for name in PROVIDER_EVENTS[1:]),
    *(("writer", name, {"fails": "VSS_E_WRITERERROR_RETRYABLE"}) for name in _WRITER_EVENTS),
    *(("writer", name, {"seconds": 100}) for name in _WRITER_EVENTS),
    ("volume", "FlushAndHoldWrites", {"seconds": 100}),
]


@pytest.mark.parametrize("end", ["AbortBackup", "IUnknown::Release"])
@pytest.mark.parametrize(("who", "step", "reply"), FAILURES, ids=str)
def test_every_failure_of_every_step_leaves_nothing_in_progress(
    who: str, step: str, reply: dict[str, Any], end: str
) -> None:
    """After abort or release writers are thawed, the slot is free, no LUN is marked, and nothing unlisted is left."""
    replies = [{"on": step, **reply}]
    provider = hardware(replies=replies if who == "provider" else [])
    volume = {"name": "C:\\", "lun": "L", "flushSeconds": reply["seconds"] if who == "volume" else 0}
    run = Run(writer("sql", *(replies if who == "writer" else [])), providers=[provider], volumes=[volume])
    run.prepare(context="VSS_CTX_APP_ROLLBACK", components=("sql",))
    before = run.simulation.world
    result = run.do("DoSnapshotSet")
    run.call(end)
    heard = [one.name for one in run.seen]
    assert "Freeze" not in heard or {"Thaw", "Abort"} & set(heard[heard.index("Freeze") :])
    world = run.simulation.world
    storage(before, world)
    assert bool(world.snapshots) is result.succeeded
    assert world.luns["L"].marks == 0
    run.begin("other", components=())
    assert run.call("StartSnapshotSet", "other").answer == HResult.S_OK


ENDS: Final = (
    "AbortBackup",
    "IUnknown::Release",
    "IVssAsync::Cancel",
    "process ends",
    "VSS crashes",
    "machine crashes",
)


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("step", PROVIDER_EVENTS[1:])
@pytest.mark.parametrize("context", ["VSS_CTX_NAS_ROLLBACK", "VSS_CTX_APP_ROLLBACK", "VSS_CTX_FILE_SHARE_BACKUP"])
def test_whoever_leaves_in_the_middle_leaves_nothing(context: str, step: str, end: str) -> None:
    """Whatever step of DoSnapshotSet is under way: no copy, no LUN of one, no mark on the original."""
    provider = hardware(replies=[{"on": step, "seconds": 5}])
    run = Run(writer("sql"), providers=[provider], volumes=[{"name": "C:\\", "lun": "L"}])
    run.begin(context=context, components=())
    run.call("StartSnapshotSet")
    run.call("AddToSnapshotSet", pwszVolumeName="C:\\")
    if context == "VSS_CTX_APP_ROLLBACK":
        run.do("PrepareForBackup")
    run.call("DoSnapshotSet")
    run.pass_time(1)
    if end.startswith("IVssAsync"):
        run.call(end, run.asyncs["bc"])
    elif end in ("AbortBackup", "IUnknown::Release"):
        run.call(end)
    else:
        run.happen(end, **({"process": ""} if end == "process ends" else {}))
    run.pass_time(100)
    assert run.simulation.world.snapshots == {}
    assert [(lun.lun, lun.marks) for lun in run.simulation.world.luns.values()] == [("L", 0)]


def test_a_copy_is_exposed_in_an_empty_folder_that_is_there() -> None:
    """Rule sn-expose-name-free: in no other folder, and at no file."""
    files = {"C:\\mnt\\": {}, "C:\\full\\a.txt": {"content": "x"}}
    simulation = Simulation(read_world(json.dumps({"machines": [{"volumes": [{"name": "C:\\", "files": files}]}]})))
    requester, copy = _copy_of_c(simulation)
    for name in ("C:\\full", "C:\\full\\a.txt", "C:\\none", "Q:\\mnt"):
        with pytest.raises(VssError) as refused:
            requester.expose_snapshot(copy, None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, name)
        assert refused.value.rule == "sn-expose-name-free"
    requester.expose_snapshot(copy, None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "C:\\mnt")
    assert opened(simulation, "C:\\mnt\\full\\a.txt", "one") == "SUCCESS"


def test_the_error_of_a_deletion_that_stops_tells_how_far_it_came() -> None:
    """Rule delete-stops-at-first-error: how many copies are gone, and which one is the first that is not."""
    failures = [{"to": "DeleteSnapshots", "volume": "G:\\"}]
    simulation = two_machines({"providers": [hardware(failures=failures)]})
    source, copies, _ = exported(simulation, SnapshotContext.NAS_ROLLBACK, "FGH")
    set_id = source.get_snapshot_properties(copies[0]).snapshot_set_id
    with pytest.raises(VssError) as refused:
        source.delete_snapshots(set_id, ObjectType.SNAPSHOT_SET, force_delete=False)
    assert refused.value.out == {"plDeletedSnapshots": 1, "pNondeletedSnapshotID": copies[1]}
    with pytest.raises(VssError) as refused:
        source.get_snapshot_properties(copies[0])
    assert refused.value.out == {}
    assert blamed_on_vss(simulation.lines()) == []
