"""LUNs and storage areas: broken copies are volumes, masks hide, what is overwritten takes room, nothing is lost.

Pages: https://learn.microsoft.com/windows/win32/vss/breaking-shadow-copies,
https://learn.microsoft.com/windows/win32/vss/the-shadow-copy-creation-process
"""

import json
from collections.abc import Callable
from itertools import chain, combinations
from typing import Any, Final

import pytest

from tests.requester_support import initialised
from tests.support import blamed_on_vss
from tests.two_machines import (
    PERSISTENT,
    SYSTEM,
    exported,
    hardware,
    importing,
    listed,
    opened,
    two_machines,
)
from tests.witnesses import storage
from tests.writers_at_work import Run, writer
from vss_sim import (
    BackupComponents,
    HardwareOptions,
    HResult,
    ObjectType,
    Simulation,
    SnapshotContext,
    SnapshotId,
    SnapshotSetId,
    VolumeSnapshotAttributes,
    VssError,
    read_world,
)
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.inputs import BadCall
from vss_sim.model.storage import HIDDEN, MARKED, READ_ONLY
from vss_sim.spec.creation import PROVIDER_EVENTS

READ, WRITE = "GENERIC_READ", "GENERIC_WRITE"
LOCALLY: Final = VolumeSnapshotAttributes.EXPOSED_LOCALLY


def _imported(simulation: Simulation, volumes: str = "F") -> tuple[BackupComponents, list[SnapshotId], str]:
    """The object that imported a set on machine two, its copies, and the device of the first of them."""
    _, copies, document = exported(simulation, volumes=volumes)
    target = importing(simulation, document)
    target.set_context(SnapshotContext.ALL)
    target.import_snapshots().finish()
    return target, copies, target.get_snapshot_properties(copies[0]).snapshot_device_object


def _set_of(target: BackupComponents, copy: SnapshotId) -> SnapshotSetId:
    return target.get_snapshot_properties(copy).snapshot_set_id


@pytest.mark.parametrize("flags", [None, HardwareOptions(0), HardwareOptions.REVERT_IDENTITY_NONE])
def test_a_broken_copy_is_a_read_only_volume_that_vss_does_not_know(flags: HardwareOptions | None) -> None:
    """Rules sn-break-forgets, sn-break-readonly-default: Query, deletion and properties find nothing."""
    simulation = two_machines()
    target, (copy,), device = _imported(simulation)
    whole = _set_of(target, copy)
    if flags is None:
        target.break_snapshot_set(whole)
    else:
        target.break_snapshot_set(whole, flags).finish()
    assert listed(target) == []
    with pytest.raises(VssError) as refused:
        target.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=True)
    assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND
    target.release()
    assert opened(simulation, f"{device}\\a.txt", "two") == "SUCCESS"
    assert opened(simulation, f"{device}\\a.txt", "two", WRITE) == "WRITE_PROTECT"
    simulation.happens("reboot", "two")
    assert opened(simulation, f"{device}\\a.txt", "two") == "SUCCESS"
    (lun,) = simulation.luns()
    assert (lun.seen_by, lun.snapshot_id, lun.left_behind) == (("two",), None, ())


def test_a_copy_that_is_broken_read_write_can_be_written_to() -> None:
    """And only such a one: its LUN loses the marks read-only and hidden (rule im-fr-break-before-write)."""
    simulation = two_machines()
    target, (copy,), device = _imported(simulation)
    target.expose_snapshot(copy, None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "X:")
    assert opened(simulation, f"{device}\\a.txt", "two", WRITE) == "WRITE_PROTECT"
    target.break_snapshot_set(_set_of(target, copy), HardwareOptions.MAKE_READ_WRITE).finish()
    assert opened(simulation, f"{device}\\a.txt", "two", WRITE) == "SUCCESS"
    assert opened(simulation, "X:\\a.txt", "two", WRITE) == "SUCCESS"
    (lun,) = simulation.world.luns.values()
    assert lun.marks == MARKED & ~(READ_ONLY | HIDDEN)


@pytest.mark.parametrize(
    ("how", "name", "path"),
    [("LOCALLY", "X:", "X:"), ("LOCALLY", "C:\\mnt", "C:\\mnt"), ("REMOTELY", "Share", "\\\\two\\share")],
)
def test_a_broken_copy_keeps_its_access_paths(how: str, name: str, path: str) -> None:
    """Page breaking-shadow-copies: it is accessible by its device and other paths, also after a restart."""
    simulation = two_machines(two={"volumes": [{"name": "C:\\", "files": {"C:\\mnt\\": {}}}]})
    target, (copy,), _ = _imported(simulation)
    target.expose_snapshot(copy, None, VolumeSnapshotAttributes[f"EXPOSED_{how}"], name)
    assert opened(simulation, f"{path}\\a.txt", "two") == "SUCCESS"
    target.break_snapshot_set(_set_of(target, copy), HardwareOptions.MAKE_READ_WRITE).finish()
    assert opened(simulation, f"{path}\\a.txt", "two", WRITE) == "SUCCESS"
    simulation.happens("reboot", "two")
    assert opened(simulation, f"{path}\\a.txt", "two", WRITE) == "SUCCESS"
    target, (other,), _ = _imported(simulation, "G")
    with pytest.raises(VssError) as refused:
        target.expose_snapshot(other, None, VolumeSnapshotAttributes[f"EXPOSED_{how}"], name.lower())
    assert refused.value.rule == "sn-expose-name-free"
    simulation.happens("LUN masked", "two", lun=simulation.luns()[0].lun)
    assert opened(simulation, f"{path}\\a.txt", "two") in ("PATH_NOT_FOUND", "BAD_NETPATH")


def test_a_break_takes_no_option_that_there_is_not() -> None:
    """`dwBreakFlags` is a mask of VSS_HARDWARE_OPTIONS; the set stays."""
    simulation = two_machines()
    _, (copy,), document = exported(simulation)
    target = importing(simulation, document)
    target.import_snapshots().finish()
    set_id = target.get_snapshot_properties(copy).snapshot_set_id
    with pytest.raises(VssError) as refused:
        target.break_snapshot_set(set_id, HardwareOptions(0x10))
    assert (refused.value.hresult, refused.value.rule) == (HResult.E_INVALIDARG, "ans-invalid-argument")
    assert target.get_snapshot_properties(copy).snapshot_set_id == set_id


@pytest.mark.parametrize("other", ["break", "delete"])
def test_a_set_that_went_before_its_break_ran_is_not_broken(other: str) -> None:
    """Nobody is told that options were honoured which came too late (rule sn-break-forgets)."""
    simulation = two_machines()
    target, copies, _ = _imported(simulation, "FG")
    whole = _set_of(target, copies[0])
    first = target.break_snapshot_set(whole, HardwareOptions.MAKE_READ_WRITE)
    if other == "break":
        late = target.break_snapshot_set(whole, HardwareOptions.MASK_LUNS)
        assert first.finish() is HResult.VSS_S_ASYNC_FINISHED
    else:
        late = first
        target.delete_snapshots(whole, ObjectType.SNAPSHOT_SET, force_delete=False)
    with pytest.raises(VssError, match="went since the call was made") as failed:
        late.finish()
    assert (failed.value.hresult, failed.value.rule) == (HResult.VSS_E_OBJECT_NOT_FOUND, "sn-break-forgets")
    assert blamed_on_vss(simulation.lines()) == []


def test_a_break_that_a_hardware_provider_vetoes_names_the_provider() -> None:
    """The page explains the code with a software provider, which this is not."""
    veto = hardware(failures=[{"to": "BreakSnapshotSetEx"}])
    simulation = two_machines(two={"providers": [veto, SYSTEM]})
    target, copies, _ = _imported(simulation, "F")
    with pytest.raises(VssError, match="Array answers VSS_E_PROVIDER_VETO") as failed:
        target.break_snapshot_set(_set_of(target, copies[0]), HardwareOptions.MASK_LUNS).finish()
    assert "software provider" not in failed.value.because


def test_a_set_may_be_broken_and_masked() -> None:
    """VSS_BREAKEX_FLAG_MASK_LUNS: the LUNs stay on the array, and no machine sees them until they are unmasked."""
    simulation = two_machines()
    target, copies, device = _imported(simulation, "FG")
    target.break_snapshot_set(_set_of(target, copies[0]), HardwareOptions.MASK_LUNS).finish()
    assert opened(simulation, f"{device}\\a.txt", "two") == "PATH_NOT_FOUND"
    assert [lun.seen_by for lun in simulation.luns()] == [(), ()]
    for lun in simulation.luns():
        simulation.happens("LUN unmasked", "two", lun=lun.lun)
    assert opened(simulation, f"{device}\\a.txt", "two") == "SUCCESS"
    with pytest.raises(NotSimulated, match="mounted on 'two'"):
        simulation.happens("LUN unmasked", "one", lun=simulation.luns()[0].lun)


@pytest.mark.parametrize(
    ("call", "given"), [("GetFileAttributes", {"lpFileName": "F:\\"}), ("CreateVssExpressWriter", {})]
)
def test_a_call_after_which_nobody_knows_what_happens_is_not_made(call: str, given: dict[str, Any]) -> None:
    """Where the world lets a machine see a volume of another by itself: neither world nor record has the call."""
    lun = ""
    for scripted in (False, True):
        script = {"after": call, "happens": "LUN unmasked", "lun": lun}
        simulation = two_machines({"happenings": [script]} if scripted else {})
        target, copies, _ = _imported(simulation)
        target.break_snapshot_set(_set_of(target, copies[0]), HardwareOptions.MAKE_READ_WRITE).finish()
        lun = simulation.luns()[0].lun
    before, lines = simulation.world, list(simulation.lines())
    with pytest.raises(NotSimulated, match="share no volume"):
        simulation.call(call, arguments=given, machine="one")
    assert simulation.world == before
    assert list(simulation.lines()) == lines


def _write(simulation: Simulation, machine: str, content: str) -> None:
    (lun,) = simulation.luns()
    simulation.call("WriteFile", None, {"lpFileName": f"{lun.device}\\a.txt", "content": content}, machine=machine)


def _content(simulation: Simulation, machine: str) -> str:
    (lun,) = simulation.luns()
    return str(
        simulation.call("ReadFile", None, {"lpFileName": f"{lun.device}\\a.txt"}, machine=machine).out["content"]
    )


def test_a_broken_copy_goes_from_machine_to_machine_with_its_lun() -> None:
    """With what was written to it meanwhile; each machine numbers devices for itself."""
    simulation = two_machines()
    target, (copy,), _ = _imported(simulation)
    flags = HardwareOptions.MAKE_READ_WRITE
    target.break_snapshot_set(_set_of(target, copy), flags).finish()
    (lun,) = simulation.luns()
    for here, other in (("two", "one"), ("one", "two")):
        _write(simulation, here, f"written on {here}")
        simulation.happens("LUN masked", here, lun=lun.lun)
        assert simulation.luns()[0].device is None
        simulation.happens("LUN unmasked", other, lun=lun.lun)
        assert _content(simulation, other) == f"written on {here}"
    (lun,) = simulation.luns()
    assert (lun.seen_by, opened(simulation, f"{lun.device}\\a.txt", "one")) == (("two",), "PATH_NOT_FOUND")


def test_the_nodes_of_a_cluster_see_a_broken_copy_and_one_mounts_it() -> None:
    """A fast recovery to its end (rule im-fr-order); where one node sees the copy no more, the other mounts it."""
    volumes = [{"name": "F:\\", "lun": "original", "files": {"F:\\a.txt": {"content": "as it was"}}}]
    simulation = two_machines({"cluster": "K", "volumes": volumes}, {"cluster": "K"})
    _, (copy,), document = exported(simulation)
    simulation.happens("LUN masked", "one", lun="original")
    target = importing(simulation, document, "one")
    target.import_snapshots().finish()
    flags = HardwareOptions.MAKE_READ_WRITE | HardwareOptions.REVERT_IDENTITY_ALL
    target.break_snapshot_set(_set_of(target, copy), flags).finish()
    recovered = next(lun for lun in simulation.luns() if lun.lun != "original")
    simulation.happens("LUN unmasked", "two", lun=recovered.lun)
    recovered = next(lun for lun in simulation.luns() if lun.lun != "original")
    assert (recovered.seen_by, recovered.identity) == (("one", "two"), "original")
    path = f"{recovered.device}\\a.txt"
    assert (opened(simulation, path, "one", WRITE), opened(simulation, path, "two")) == ("SUCCESS", "PATH_NOT_FOUND")
    simulation.happens("LUN masked", "one", lun=recovered.lun)
    recovered = next(lun for lun in simulation.luns() if lun.lun != "original")
    assert opened(simulation, f"{recovered.device}\\a.txt", "two", WRITE) == "SUCCESS"


def test_an_identity_is_given_back_where_the_original_is_not_seen() -> None:
    """Rule sn-breakex-revert-collision: beside the original no identity changes, and the set is whole."""
    simulation = two_machines({"volumes": [{"name": "F:\\", "lun": "original"}]})
    source, (copy,), document = exported(simulation)
    here = importing(simulation, document, "one")
    here.import_snapshots().finish()
    whole = _set_of(here, copy)
    with pytest.raises(VssError) as refused:
        here.break_snapshot_set(whole, HardwareOptions.REVERT_IDENTITY_ALL).finish()
    assert refused.value.hresult is HResult.VSS_E_BREAK_REVERT_ID_FAILED
    assert here.get_snapshot_properties(copy).snapshot_id == copy
    simulation.happens("LUN masked", "one", lun="original")
    here.break_snapshot_set(whole, HardwareOptions.REVERT_IDENTITY_ALL).finish()
    identities = {lun.lun: lun.identity for lun in simulation.luns() if lun.lun != "original"}
    assert list(identities.values()) == ["original"]
    source.release()


def test_a_transportable_set_is_imported_before_it_is_broken() -> None:
    """Rule sn-break-imported-first; a hardware set that was made to stay is imported by its creation."""
    simulation = two_machines()
    source, (copy,), _ = exported(simulation)
    with pytest.raises(VssError) as refused:
        source.break_snapshot_set(_set_of(source, copy))
    assert refused.value.rule == "sn-break-imported-first"
    local, (copy,), _ = exported(simulation, SnapshotContext.NAS_ROLLBACK)
    local.break_snapshot_set(_set_of(local, copy))


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
@pytest.mark.parametrize("imported", [True, False], ids=["imported", "made here"])
def test_a_copy_whose_lun_is_masked_is_not_found_until_it_is_unmasked(call: str, *, imported: bool) -> None:
    """It is on a volume that the machine does not see (rule sn-masked-not-found); LUNs list it all the time."""
    simulation = two_machines()
    if imported:
        target, (copy,), device = _imported(simulation)
    else:
        target, (copy,), _ = exported(simulation, SnapshotContext.NAS_ROLLBACK)
        device = target.get_snapshot_properties(copy).snapshot_device_object
    machine, whole = "two" if imported else "one", _set_of(target, copy)
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
        target, (copy, other), _ = _imported(simulation, "FG")
        whole = _set_of(target, copy)
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


_SYSTEMS: Final = ("Windows XP", "Windows Server 2003 Standard", "Windows Server 2003 SP1 Standard", "Windows 10")
_TRANSPORTABLE: Final = VolumeSnapshotAttributes.TRANSPORTABLE


@pytest.mark.parametrize("attribute", [0, _TRANSPORTABLE, VolumeSnapshotAttributes.DIFFERENTIAL])
@pytest.mark.parametrize("system", _SYSTEMS)
def test_which_windows_takes_which_attribute(system: str, attribute: int) -> None:
    """Transportable sets are for servers, not for every edition of the first (dispute C69); XP has no context."""
    simulation = Simulation(read_world(json.dumps({"machines": [{"os": system}]})))
    requester = initialised(simulation)
    lacks = attribute == VolumeSnapshotAttributes.TRANSPORTABLE and system in (
        "Windows Server 2003 Standard",
        "Windows 10",
    )
    expected = HResult.E_NOTIMPL if system == "Windows XP" else HResult.VSS_E_UNSUPPORTED_CONTEXT if lacks else None
    if expected is None:
        requester.set_context(SnapshotContext.NAS_ROLLBACK | attribute)
        return
    with pytest.raises(VssError) as refused:
        requester.set_context(SnapshotContext.NAS_ROLLBACK | attribute)
    assert refused.value.hresult is expected


def test_a_node_of_a_cluster_makes_no_hardware_copy_to_stay() -> None:
    """Rule im-no-autoimport-in-cluster: the next provider makes it, or none; a transportable one is made."""
    simulation = two_machines({"cluster": "K", "providers": [hardware()]})
    with pytest.raises(VssError) as refused:
        exported(simulation, SnapshotContext.NAS_ROLLBACK)
    assert refused.value.hresult is HResult.VSS_E_VOLUME_NOT_SUPPORTED
    assert exported(two_machines({"cluster": "K", "providers": [hardware()]}), PERSISTENT)


def test_the_system_provider_needs_an_ntfs_volume() -> None:
    """Rule sn-vol-ntfs-present: for what it keeps."""
    for systems, supported in ((["FAT32"], False), (["FAT32", "NTFS"], True)):
        volumes = [{"name": f"{letter}:\\", "fileSystem": kind} for letter, kind in zip("CD", systems, strict=False)]
        simulation = Simulation(read_world(json.dumps({"machines": [{"volumes": volumes}]})))
        requester = initialised(simulation)
        assert requester.is_volume_supported(None, "C:\\") is supported


_CONTEXTS: Final = tuple(one for name, one in SnapshotContext.__members__.items() if name != "ALL")
_ADDED: Final = (
    VolumeSnapshotAttributes.TRANSPORTABLE,
    VolumeSnapshotAttributes.DIFFERENTIAL,
    VolumeSnapshotAttributes.PLEX,
    VolumeSnapshotAttributes.NOT_TRANSACTED,
    VolumeSnapshotAttributes.NO_AUTORECOVERY,
    VolumeSnapshotAttributes.ROLLBACK_RECOVERY,
)
_MECHANISMS: Final = frozenset(_ADDED[:3])


@pytest.mark.parametrize("context", _CONTEXTS)
def test_every_context_with_every_attribute_that_may_be_added(context: SnapshotContext) -> None:
    """Differential and plex exclude each other; VSS_CTX_CLIENT_ACCESSIBLE takes neither, nor transportable."""
    for_clients = context in (SnapshotContext.CLIENT_ACCESSIBLE, SnapshotContext.CLIENT_ACCESSIBLE_WRITERS)
    simulation = two_machines({"providers": [hardware()]})
    for chosen in chain.from_iterable(combinations(_ADDED, count) for count in range(len(_ADDED) + 1)):
        both = {VolumeSnapshotAttributes.DIFFERENTIAL, VolumeSnapshotAttributes.PLEX} <= set(chosen)
        requester = initialised(simulation, machine="one")
        if both or (context is SnapshotContext.CLIENT_ACCESSIBLE and not _MECHANISMS.isdisjoint(chosen)):
            with pytest.raises(VssError) as refused:
                requester.set_context(context | sum(chosen))
            assert refused.value.hresult is HResult.E_INVALIDARG
            continue
        requester.set_context(context | sum(chosen))
        requester.start_snapshot_set()
        if for_clients:  # which only the system provider makes
            with pytest.raises(VssError) as refused:
                requester.add_to_snapshot_set("F:\\")
            assert refused.value.hresult is HResult.VSS_E_VOLUME_NOT_SUPPORTED
        else:
            assert requester.add_to_snapshot_set("F:\\")
        requester.release()


@pytest.mark.parametrize("by", ["returns", "result"])
def test_no_transaction_is_late_where_transactions_are_left_alone(by: str) -> None:
    """Rule do-set-not-transacted: what keeps VSS from freezing them is met by other contexts only."""
    script = {"to": "DoSnapshotSet", by: "VSS_E_TRANSACTION_FREEZE_TIMEOUT"}
    simulation = Simulation(read_world(json.dumps({"machines": [{"answers": [script]}]})))
    for attributes, late in ((0, True), (VolumeSnapshotAttributes.NOT_TRANSACTED, False)):
        requester = initialised(simulation)
        requester.set_context(SnapshotContext.FILE_SHARE_BACKUP | attributes)
        requester.start_snapshot_set()
        requester.add_to_snapshot_set("C:\\")
        if late:
            with pytest.raises(VssError, match="VSS_E_TRANSACTION_FREEZE_TIMEOUT"):
                requester.do_snapshot_set().finish()
            requester.abort_backup()
        else:
            assert requester.do_snapshot_set().finish() is HResult.VSS_S_ASYNC_FINISHED


@pytest.mark.parametrize(
    ("attribute", "made"),
    [("DIFFERENTIAL", True), ("NO_AUTORECOVERY", True), ("PLEX", False), ("TRANSPORTABLE", False)],
)
def test_what_the_context_for_clients_with_writers_takes_is_up_to_its_provider(attribute: str, made: bool) -> None:
    """Its page bars nothing; the system provider, which alone makes such copies, copies on write."""
    requester = initialised(Simulation())
    requester.set_context(SnapshotContext.CLIENT_ACCESSIBLE_WRITERS | VolumeSnapshotAttributes[attribute])
    requester.start_snapshot_set()
    if made:
        assert requester.add_to_snapshot_set("C:\\")
    else:
        with pytest.raises(VssError, match="VSS_E_VOLUME_NOT_SUPPORTED"):
            requester.add_to_snapshot_set("C:\\")


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


def test_a_letter_that_leads_to_a_broken_copy_is_not_free() -> None:
    """A drive letter stays with the volume that the break left; rule sn-expose-name-free asks for an unused one."""
    simulation = two_machines()
    target, copies, _ = _imported(simulation)
    target.expose_snapshot(copies[0], None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "X:")
    target.break_snapshot_set(_set_of(target, copies[0]))
    _, (other,), document = exported(simulation, volumes="G")
    again = importing(simulation, document)
    again.import_snapshots().finish()
    with pytest.raises(VssError, match="in use") as refused:
        again.expose_snapshot(other, None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "x:")
    assert refused.value.rule == "sn-expose-name-free"
    assert opened(simulation, "X:\\a.txt", "two") == "SUCCESS"


@pytest.mark.parametrize("masked", [False, True])
def test_a_new_copy_has_another_device_than_a_broken_one(*, masked: bool) -> None:
    """Rule sn-break-forgets: the broken copy keeps its device object; what is written to it shows in no other copy."""
    simulation = two_machines()
    maker, (copy,), _ = exported(simulation, SnapshotContext.NAS_ROLLBACK)
    told = maker.get_snapshot_properties(copy)
    maker.break_snapshot_set(told.snapshot_set_id, HardwareOptions.MAKE_READ_WRITE).finish()
    path = f"{told.snapshot_device_object}\\a.txt"
    assert opened(simulation, path, "one", WRITE) == "SUCCESS"
    lun = simulation.luns()[0].lun
    if masked:
        simulation.happens("LUN masked", "one", lun=lun)
    later, (other,), _ = exported(simulation, SnapshotContext.NAS_ROLLBACK)
    device = later.get_snapshot_properties(other).snapshot_device_object
    assert device != told.snapshot_device_object
    assert opened(simulation, f"{device}\\a.txt", "one", WRITE) == "WRITE_PROTECT"
    assert opened(simulation, path, "one", WRITE) == ("PATH_NOT_FOUND" if masked else "SUCCESS")


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
