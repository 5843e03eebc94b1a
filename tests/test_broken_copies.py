"""Broken copies are volumes that VSS does not know; masks hide them, and nothing is lost.

Page: https://learn.microsoft.com/windows/win32/vss/breaking-shadow-copies
"""

from typing import Any, Final

import pytest

from tests.support import blamed_on_vss
from tests.two_machines import (
    SYSTEM,
    exported,
    hardware,
    imported,
    importing,
    listed,
    opened,
    set_of,
    two_machines,
)
from vss_sim import (
    HardwareOptions,
    HResult,
    ObjectType,
    Simulation,
    SnapshotContext,
    VolumeSnapshotAttributes,
    VssError,
)
from vss_sim.engine.coverage import NotSimulated
from vss_sim.model.storage import HIDDEN, MARKED, READ_ONLY

READ: Final = "GENERIC_READ"


WRITE: Final = "GENERIC_WRITE"


@pytest.mark.parametrize("flags", [None, HardwareOptions(0), HardwareOptions.REVERT_IDENTITY_NONE])
def test_a_broken_copy_is_a_read_only_volume_that_vss_does_not_know(flags: HardwareOptions | None) -> None:
    """Rules sn-break-forgets, sn-break-readonly-default: Query, deletion and properties find nothing."""
    simulation = two_machines()
    target, (copy,), device = imported(simulation)
    whole = set_of(target, copy)
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
    target, (copy,), device = imported(simulation)
    target.expose_snapshot(copy, None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "X:")
    assert opened(simulation, f"{device}\\a.txt", "two", WRITE) == "WRITE_PROTECT"
    target.break_snapshot_set(set_of(target, copy), HardwareOptions.MAKE_READ_WRITE).finish()
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
    target, (copy,), _ = imported(simulation)
    target.expose_snapshot(copy, None, VolumeSnapshotAttributes[f"EXPOSED_{how}"], name)
    assert opened(simulation, f"{path}\\a.txt", "two") == "SUCCESS"
    target.break_snapshot_set(set_of(target, copy), HardwareOptions.MAKE_READ_WRITE).finish()
    assert opened(simulation, f"{path}\\a.txt", "two", WRITE) == "SUCCESS"
    simulation.happens("reboot", "two")
    assert opened(simulation, f"{path}\\a.txt", "two", WRITE) == "SUCCESS"
    target, (other,), _ = imported(simulation, "G")
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
    target, copies, _ = imported(simulation, "FG")
    whole = set_of(target, copies[0])
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
    target, copies, _ = imported(simulation, "F")
    with pytest.raises(VssError, match="Array answers VSS_E_PROVIDER_VETO") as failed:
        target.break_snapshot_set(set_of(target, copies[0]), HardwareOptions.MASK_LUNS).finish()
    assert "software provider" not in failed.value.because


def test_a_set_may_be_broken_and_masked() -> None:
    """VSS_BREAKEX_FLAG_MASK_LUNS: the LUNs stay on the array, and no machine sees them until they are unmasked."""
    simulation = two_machines()
    target, copies, device = imported(simulation, "FG")
    target.break_snapshot_set(set_of(target, copies[0]), HardwareOptions.MASK_LUNS).finish()
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
        target, copies, _ = imported(simulation)
        target.break_snapshot_set(set_of(target, copies[0]), HardwareOptions.MAKE_READ_WRITE).finish()
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
    target, (copy,), _ = imported(simulation)
    flags = HardwareOptions.MAKE_READ_WRITE
    target.break_snapshot_set(set_of(target, copy), flags).finish()
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
    target.break_snapshot_set(set_of(target, copy), flags).finish()
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
    whole = set_of(here, copy)
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
        source.break_snapshot_set(set_of(source, copy))
    assert refused.value.rule == "sn-break-imported-first"
    local, (copy,), _ = exported(simulation, SnapshotContext.NAS_ROLLBACK)
    local.break_snapshot_set(set_of(local, copy))


def test_a_letter_that_leads_to_a_broken_copy_is_not_free() -> None:
    """A drive letter stays with the volume that the break left; rule sn-expose-name-free asks for an unused one."""
    simulation = two_machines()
    target, copies, _ = imported(simulation)
    target.expose_snapshot(copies[0], None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "X:")
    target.break_snapshot_set(set_of(target, copies[0]))
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
