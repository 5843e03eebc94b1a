"""A LUN that is masked takes its volume along, and no call finds its shadow copy until it is unmasked."""

from collections.abc import Callable
from typing import Final

import pytest

from tests.requester_support import initialised
from tests.support import blamed_on_vss
from tests.two_machines import (
    SYSTEM,
    exported,
    hardware,
    imported,
    listed,
    opened,
    set_of,
    two_machines,
)
from tests.writers_at_work import Run, writer
from vss_sim import (
    BackupComponents,
    HardwareOptions,
    HResult,
    ObjectType,
    SnapshotContext,
    SnapshotId,
    SnapshotSetId,
    VolumeSnapshotAttributes,
    VssError,
)
from vss_sim.engine.inputs import BadCall
from vss_sim.model.storage import MARKED
from vss_sim.spec.creation import PROVIDER_EVENTS


def test_a_masked_lun_takes_its_volume_along() -> None:
    """Files, and the volume for VSS; unmasked, both are there as before."""
    simulation = two_machines({"volumes": [{"name": "F:\\", "lun": "L", "files": {"F:\\a.txt": {"content": "x"}}}]})
    source = initialised(simulation, machine="one")
    for _ in range(2):
        assert opened(simulation, "F:\\a.txt", "one") == "SUCCESS"
        assert source.is_volume_supported(None, "F:\\")
        simulation.happens("LUN masked", "one", lun="L")
        assert opened(simulation, "F:\\a.txt", "one") == "PATH_NOT_FOUND"
        with pytest.raises(VssError) as refused:
            source.is_volume_supported(None, "F:\\")
        assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND
        simulation.happens("LUN unmasked", "one", lun="L")
    with pytest.raises(BadCall, match="the identifier of a LUN"):
        simulation.happens("LUN masked", "one", lun="M")


LOCALLY: Final = VolumeSnapshotAttributes.EXPOSED_LOCALLY
_CALLS_ON_A_COPY: Final[dict[str, Callable[[BackupComponents, SnapshotId, SnapshotSetId], object]]] = {
    "GetSnapshotProperties": lambda target, copy, whole: target.get_snapshot_properties(copy),
    "ExposeSnapshot": lambda target, copy, whole: target.expose_snapshot(copy, None, LOCALLY, "X:"),
    "UnexposeSnapshot": lambda target, copy, whole: target.unexpose_snapshot(copy),
    "DeleteSnapshots": lambda target, copy, whole: target.delete_snapshots(
        copy, ObjectType.SNAPSHOT, force_delete=True
    ),
    "DeleteSnapshots of the set": lambda target, copy, whole: target.delete_snapshots(
        whole, ObjectType.SNAPSHOT_SET, force_delete=True
    ),
    "BreakSnapshotSet": lambda target, copy, whole: target.break_snapshot_set(whole),
    "BreakSnapshotSetEx": lambda target, copy, whole: target.break_snapshot_set(whole, HardwareOptions(0)),
}


@pytest.mark.parametrize("call", _CALLS_ON_A_COPY)
@pytest.mark.parametrize("brought", [True, False], ids=["imported", "made here"])
def test_a_copy_whose_lun_is_masked_is_not_found_until_it_is_unmasked(call: str, *, brought: bool) -> None:
    """It is on a volume that the machine does not see (rule sn-masked-not-found); LUNs list it all the time."""
    simulation = two_machines()
    if brought:
        target, (copy,), device = imported(simulation)
    else:
        target, (copy,), _ = exported(simulation, SnapshotContext.NAS_ROLLBACK)
        device = target.get_snapshot_properties(copy).snapshot_device_object
    machine, whole = "two" if brought else "one", set_of(target, copy)
    if call == "UnexposeSnapshot":
        target.expose_snapshot(copy, None, LOCALLY, "X:")
    simulation.happens("LUN masked", machine, lun=copy)
    assert listed(target) == []
    with pytest.raises(VssError) as refused:
        _CALLS_ON_A_COPY[call](target, copy, whole)
    assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND
    assert "masked" in refused.value.because
    assert refused.value.mends.startswith("have the LUN unmasked")
    assert [(lun.snapshot_id, lun.seen_by) for lun in simulation.luns()] == [(copy, ())]
    simulation.happens("LUN unmasked", machine, lun=copy)
    assert listed(target) == [copy]
    assert target.get_snapshot_properties(copy).snapshot_device_object == device
    _CALLS_ON_A_COPY[call](target, copy, whole)
    assert blamed_on_vss(simulation.lines()) == []


def test_a_set_of_which_a_member_is_masked_is_what_the_machine_sees_of_it() -> None:
    """What is deleted or broken are the others; the masked one is there when it is unmasked."""
    for act in ("DeleteSnapshots of the set", "BreakSnapshotSet"):
        simulation = two_machines()
        target, (copy, other), _ = imported(simulation, "FG")
        whole = set_of(target, copy)
        simulation.happens("LUN masked", "two", lun=other)
        _CALLS_ON_A_COPY[act](target, copy, whole)
        assert listed(target) == []
        simulation.happens("LUN unmasked", "two", lun=other)
        assert listed(target) == [other]
        assert blamed_on_vss(simulation.lines()) == []


def test_a_lun_may_be_masked_from_the_beginning() -> None:
    """The world file says who sees it; unmasked, its volume is there, where the machine reaches the array."""
    volume = {"name": "F:\\", "lun": "L", "files": {"F:\\a.txt": {"content": "x"}}}
    arrays = [{"name": "A", "machines": ["one"]}]
    storage = {"arrays": arrays, "luns": [{"lun": "L", "array": "A", "machines": []}]}
    simulation = two_machines({"volumes": [volume]}, storage=storage)
    assert opened(simulation, "F:\\a.txt", "one") == "PATH_NOT_FOUND"
    simulation.happens("LUN unmasked", "one", lun="L")
    assert opened(simulation, "F:\\a.txt", "one") == "SUCCESS"
    with pytest.raises(BadCall, match="'two' is not connected to the array of 'L'"):
        simulation.happens("LUN unmasked", "two", lun="L")


def test_the_luns_of_the_originals_are_marked_between_prepare_and_commit() -> None:
    """Rule sn-flags-lun: and never longer, also where the machine crashes in between."""
    provider = hardware(replies=[{"on": "PreCommitSnapshots", "seconds": 5}])
    run = Run(writer("sql"), providers=[provider], volumes=[{"name": "C:\\", "lun": "L"}])
    run.prepare(context="VSS_CTX_APP_ROLLBACK", components=("sql",))
    run.call("DoSnapshotSet")
    run.pass_time(1)
    assert run.simulation.world.luns["L"].marks == MARKED
    run.happen("machine crashes")
    assert run.simulation.world.luns["L"].marks == 0


@pytest.mark.parametrize("step", PROVIDER_EVENTS[1:])
def test_a_volume_whose_lun_is_masked_before_the_commit_gets_no_copy(step: str) -> None:
    """The creation fails, and no mark stays on the LUN, wherever it is seen; masked after it, the copy is there."""
    provider = hardware(replies=[{"on": step, "seconds": 5}])
    run = Run(writer("sql"), providers=[provider], volumes=[{"name": "C:\\", "lun": "L"}, {"name": "D:\\"}])
    run.prepare(context="VSS_CTX_APP_ROLLBACK", components=("sql",))
    run.call("DoSnapshotSet")
    run.pass_time(1)
    run.happen("LUN masked", lun="L")
    run.pass_time(100)
    status = run.call("IVssAsync::QueryStatus", run.asyncs["bc"]).out["pHrResult"]
    before = step in ("EndPrepareSnapshots", "PreCommitSnapshots", "CommitSnapshots")
    assert status == (HResult.VSS_E_OBJECT_NOT_FOUND if before else HResult.VSS_S_ASYNC_FINISHED)
    assert bool(run.simulation.world.snapshots) is not before
    assert run.simulation.world.luns["L"].marks == 0
    assert blamed_on_vss(run.simulation.lines()) == []


@pytest.mark.parametrize("masked", ["G", "H"])
def test_what_a_storage_area_keeps_stays_while_a_lun_is_masked(masked: str) -> None:
    """That of the volume, or that of the area itself: the copies are there still, and take the same room after it."""
    volumes = [{"name": f"{one}:\\", "lun": one, "files": {f"{one}:\\a.txt": {"content": "x" * 30}}} for one in "GH"]
    areas = [{"volume": "G:\\", "on": "H:\\"}]
    simulation = two_machines({"volumes": volumes, "storageAreas": areas, "providers": [SYSTEM]})
    exported(simulation, SnapshotContext.NAS_ROLLBACK, "G")
    write = {"lpFileName": "G:\\a.txt", "content": "y"}
    simulation.call("WriteFile", None, write, machine="one")

    def kept() -> int:
        return simulation.world.machines[0].disks.volumes[1].saved

    assert kept() == 30
    simulation.happens("LUN masked", "one", lun=masked)
    other = "GH".replace(masked, "")
    simulation.call("WriteFile", None, {"lpFileName": f"{other}:\\b.txt", "content": "new"}, machine="one")
    assert kept() == 30
    simulation.happens("LUN unmasked", "one", lun=masked)
    simulation.call("WriteFile", None, {**write, "content": "z"}, machine="one")
    assert kept() == 30
