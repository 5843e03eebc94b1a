"""ImportSnapshots to the letter: what comes to the other machine, what a failure leaves there, how long it stays.

Pages: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-importsnapshots,
https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from typing import Any

import pytest

from tests.requester_support import initialised
from tests.support import blamed_on_vss, check
from tests.two_machines import (
    FINISHED,
    NOTHING,
    PASSING,
    PERSISTENT,
    SOME,
    exported,
    hardware,
    importing,
    left_behind,
    listed,
    opened,
    result,
    two_machines,
)
from vss_sim import HResult, ObjectType, SnapshotContext, SnapshotId, VolumeSnapshotAttributes, VssError


def test_a_set_comes_to_machine_two_with_all_of_its_copies() -> None:
    """It can be queried, read, exposed and broken there, and is marked as imported (rule im-usable-after-import)."""
    simulation = two_machines()
    _, copies, document = exported(simulation, volumes="FG")
    target = importing(simulation, document)
    target.set_context(SnapshotContext.ALL)
    assert listed(target) == []
    assert result(target) is FINISHED
    assert listed(target) == copies
    told = target.get_snapshot_properties(copies[0])
    assert told.snapshot_attributes & VolumeSnapshotAttributes.IMPORTED
    assert not told.snapshot_attributes & VolumeSnapshotAttributes.NOT_SURFACED
    assert (told.originating_machine, told.service_machine) == ("one", "one")  # which made it: ns-vss-vss_snapshot_prop
    assert opened(simulation, f"{told.snapshot_device_object}\\a.txt", "two") == "SUCCESS"
    assert target.expose_snapshot(copies[0], None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "X:") == "X:"
    assert opened(simulation, "X:\\a.txt", "two") == "SUCCESS"
    assert opened(simulation, "X:\\a.txt", "two", "GENERIC_WRITE") == "WRITE_PROTECT"


def test_a_transportable_copy_is_not_surfaced_where_it_was_made() -> None:
    """No device object, no query lists it, no machine sees its LUN (rule im-not-surfaced-locally)."""
    simulation = two_machines()
    source, (copy,), _ = exported(simulation)
    told = source.get_snapshot_properties(copy)
    assert told.snapshot_attributes & VolumeSnapshotAttributes.NOT_SURFACED
    assert not told.snapshot_device_object
    assert listed(source) == []
    assert [lun.seen_by for lun in simulation.luns() if lun.snapshot_id == copy] == [()]


def test_the_document_carries_the_lun_of_each_copy() -> None:
    """By its identifier, which the machine that imports looks for (rule im-lun-info-in-doc)."""
    simulation = two_machines()
    _, copies, document = exported(simulation, volumes="FG")
    luns = {lun.snapshot_id: lun.lun for lun in simulation.luns()}
    assert all(luns[copy] in document for copy in copies)


def test_a_lun_that_is_masked_while_the_import_runs_does_not_come() -> None:
    """A shadow copy is found by its LUN, which the machine sees no more; the others come."""
    simulation = two_machines(two={"providers": [hardware(replies=[{"on": "FillInLunInfo", "seconds": 9}])]})
    _, (first, second), document = exported(simulation, volumes="FG")
    target = importing(simulation, document)
    running = target.import_snapshots()
    running.wait(1000)
    simulation.happens("LUN masked", "two", lun=first)
    assert running.finish() is SOME
    assert target.get_snapshot_properties(second).snapshot_id == second
    with pytest.raises(VssError) as refused:
        target.get_snapshot_properties(first)
    assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND
    assert left_behind(simulation) == []


def test_some_of_a_set_may_come() -> None:
    """VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED: what was deleted on machine one in the meantime cannot."""
    simulation = two_machines()
    source, (first, second), document = exported(simulation, volumes="FG")
    source.delete_snapshots(first, ObjectType.SNAPSHOT, force_delete=False)
    target = importing(simulation, document)
    assert result(target) is SOME
    assert target.get_snapshot_properties(second).snapshot_id == second
    with pytest.raises(VssError) as refused:
        target.get_snapshot_properties(first)
    assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND


@pytest.mark.parametrize(
    ("provider", "code", "left"),
    [
        ({"failures": [{"to": "ImportSnapshots", "volume": "H:\\"}]}, HResult.VSS_E_PROVIDER_VETO, 2),
        ({"failures": [{"to": "ImportSnapshots", "volume": "F:\\"}]}, HResult.VSS_E_PROVIDER_VETO, 0),
        ({"replies": [{"on": "LocateLuns", "fails": "VSS_E_MISSING_DISK"}]}, HResult.VSS_E_MISSING_DISK, 3),
        (
            {"replies": [{"on": "LocateLuns", "fails": "E_FAIL", "seconds": 5}]},
            HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR,
            3,
        ),
    ],
    ids=["after two LUNs", "at once", "after LocateLuns", "after LocateLuns, slowly"],
)
def test_a_failed_import_leaves_its_luns_behind(provider: dict[str, Any], code: HResult, left: int) -> None:
    """VSS cleans up nothing, and knows of no copy; the import can be tried again (rule im-failure-no-cleanup)."""
    provider = {name: [{**one, "times": 1} for one in scripts] for name, scripts in provider.items()}
    simulation = two_machines(two={"providers": [hardware(**provider)]})
    _, copies, document = exported(simulation, volumes="FGH")
    target = importing(simulation, document)
    assert result(target) is code
    assert len(left_behind(simulation)) == left
    with pytest.raises(VssError):
        target.get_snapshot_properties(copies[0])
    assert result(target) is FINISHED
    assert left_behind(simulation) == []


@pytest.mark.parametrize("seconds", [0, 5])
@pytest.mark.parametrize(
    ("system", "code"),
    [
        ("Windows Server 2003 SP1", HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR),
        ("Windows Server 2008", FINISHED),
        ("Windows Server 2022", FINISHED),
    ],
)
def test_what_fill_in_lun_info_returns_is_ignored(system: str, code: HResult, seconds: int) -> None:
    """Rule im-fill-in-result-ignored: but for Windows Server 2003, where its failure is that of the import."""
    fails = hardware(replies=[{"on": "FillInLunInfo", "fails": "E_FAIL", "seconds": seconds}])
    simulation = two_machines({"os": system}, {"os": system, "providers": [fails]})
    _, _, document = exported(simulation, volumes="FG")
    assert result(importing(simulation, document)) is code
    assert len(left_behind(simulation)) == (2 if code.failed else 0)


@pytest.mark.parametrize("step", ["LocateLuns", "FillInLunInfo"])
@pytest.mark.parametrize(("missed", "code"), [("F", SOME), ("FG", HResult.VSS_E_NO_SNAPSHOTS_IMPORTED)])
def test_a_lun_that_a_provider_passes_over_does_not_come(step: str, missed: str, code: HResult) -> None:
    """Rule im-lun-not-arrived: it does not appear, or is not what GetTargetLuns told of, and then it stays visible."""
    names = [f"{letter}:\\" for letter in missed]
    simulation = two_machines(two={"providers": [hardware(replies=[{"on": step, "misses": names, "times": 1}])]})
    _, copies, document = exported(simulation, volumes="FG")
    target = importing(simulation, document)
    target.set_context(SnapshotContext.ALL)
    assert result(target) is code
    assert len(left_behind(simulation)) == (len(missed) if step == "FillInLunInfo" else 0)
    assert listed(target) == copies[len(missed) :]
    noted = [one.says for one in check(simulation.lines()).findings if one.rule == "im-async-result"]
    assert ["look whether" in says for says in noted] == [True]
    again = importing(simulation, document)
    assert result(again) is (FINISHED if missed == "FG" else SOME)
    assert left_behind(simulation) == []
    assert blamed_on_vss(simulation.lines()) == []


def test_of_many_copies_that_do_not_come_some_are_named() -> None:
    """Each by its id, its volume and its LUN; so does the cluster name those whose originals are mounted in it."""
    volumes = [{"name": f"{letter}:\\"} for letter in "FGHIJ"]
    names = [volume["name"] for volume in volumes]
    misses = {"providers": [hardware(replies=[{"on": "LocateLuns", "misses": names}])]}
    for one, two in (({}, misses), ({"cluster": "K"}, {"cluster": "K"})):
        simulation = two_machines({"volumes": volumes, **one}, two)
        _, copies, document = exported(simulation, volumes="FGHIJ")
        with pytest.raises(VssError) as refused:
            importing(simulation, document).import_snapshots().finish()
        told = refused.value.because
        assert [f"{copy} of {name} (LUN 'copy " in told for copy, name in zip(copies, names, strict=True)] == [
            True,
            True,
            True,
            False,
            False,
        ]
        assert ", 2 more: " in told


def test_a_copy_that_no_import_brought_is_said_to_wait_for_one() -> None:
    """Whoever asks for it on machine two before, or after an import that failed."""
    simulation = two_machines()
    _, (copy,), document = exported(simulation)
    target = importing(simulation, document)
    with pytest.raises(VssError, match="waits for its import since one made it") as refused:
        target.get_snapshot_properties(copy)
    assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND


def test_a_lun_that_was_visible_before_stays_so_where_its_provider_passes_it_over() -> None:
    """A failed import left it: the next one finds it, though LocateLuns does nothing for it."""
    replies = [{"on": "LocateLuns", "fails": "E_FAIL", "times": 1}, {"on": "LocateLuns", "misses": ["F:\\"]}]
    simulation = two_machines(two={"providers": [hardware(replies=replies)]})
    _, _, document = exported(simulation)
    assert result(importing(simulation, document)).failed
    assert result(importing(simulation, document)) is FINISHED


def _after_a_failure() -> tuple[Any, Any, list[SnapshotId]]:
    simulation = two_machines(two={"providers": [hardware(replies=[{"on": "LocateLuns", "fails": "E_FAIL"}])]})
    _, copies, document = exported(simulation, volumes="FG")
    target = importing(simulation, document)
    assert result(target).failed
    assert len(left_behind(simulation)) == 2
    return simulation, target, copies


def test_what_a_failed_import_left_is_there_until_it_is_deleted() -> None:
    """By the object that tried; the release of it cleans up nothing (im-failure-requester-cleanup, dispute C39)."""
    simulation, target, copies = _after_a_failure()
    done = target.delete_snapshots(copies[0], ObjectType.SNAPSHOT, force_delete=False)
    assert done.deleted_snapshots == 1
    assert len(left_behind(simulation)) == 1
    target.release()
    assert len(left_behind(simulation)) == 1


def test_what_a_failed_import_left_is_there_until_it_is_masked() -> None:
    """With the tools of the array; the set is whole on the storage, and can be imported again."""
    simulation, _, copies = _after_a_failure()
    (lun,) = [one for one in simulation.luns() if one.snapshot_id == copies[0]]
    simulation.happens("LUN masked", "two", lun=lun.lun)
    assert len(left_behind(simulation)) == 1
    simulation.happens("LUN masked", "two", lun=copies[1])
    assert left_behind(simulation) == []
    assert [one.snapshot_id for one in simulation.luns()] == copies


def test_an_auto_release_copy_goes_with_the_object_that_imported_it() -> None:
    """Rule im-nonpersistent-lifetime; a persistent one stays until it is deleted (rule im-delete-after-use)."""
    for context, stays in ((PASSING, False), (PERSISTENT, True)):
        simulation = two_machines()
        _, copies, document = exported(simulation, context)
        target = importing(simulation, document)
        assert result(target) is FINISHED
        target.release()
        other = initialised(simulation, machine="two")
        other.set_context(SnapshotContext.ALL)
        assert listed(other) == (copies if stays else [])
        assert bool(simulation.luns()) is stays


def test_an_auto_release_copy_is_imported_while_its_maker_lives() -> None:
    """Rule im-nonpersistent-import-window; released after the import, the maker takes it along too (dispute C36)."""
    simulation = two_machines()
    source, _, document = exported(simulation, PASSING)
    source.release()
    assert result(importing(simulation, document)) is NOTHING
    simulation = two_machines()
    source, copies, document = exported(simulation, PASSING)
    target = importing(simulation, document)
    assert result(target) is FINISHED
    source.release()
    with pytest.raises(VssError):
        target.get_snapshot_properties(copies[0])
    assert blamed_on_vss(simulation.lines()) == []


def test_import_and_deletion_on_machine_two_leave_machine_one_as_it_was() -> None:
    """Its files, volumes, writers and the objects that live there."""
    simulation = two_machines()
    source, copies, document = exported(simulation, volumes="FG")
    before = simulation.world.machines[0], simulation.world.objects[source.handle]
    target = importing(simulation, document)
    target.import_snapshots().finish()
    for copy in copies:
        target.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
    target.release()
    assert (simulation.world.machines[0], simulation.world.objects[source.handle]) == before
    assert simulation.luns() == ()
    assert simulation.world.snapshots == {}


def test_a_reboot_ends_an_import_and_leaves_the_persistent_copies() -> None:
    """What an import under way has made visible stays; what was imported stays."""
    simulation = two_machines(two={"providers": [hardware(replies=[{"on": "LocateLuns", "seconds": 9}])]})
    _, copies, document = exported(simulation)
    target = importing(simulation, document)
    target.import_snapshots().wait(1000)
    simulation.happens("machine crashes", "two")
    assert len(left_behind(simulation)) == 1
    again = importing(simulation, document)
    assert result(again) is FINISHED
    simulation.happens("reboot", "two")
    after = initialised(simulation, machine="two")
    after.set_context(SnapshotContext.ALL)
    assert listed(after) == copies


def test_a_set_is_deleted_where_it_is() -> None:
    """On machine one until it is imported, then on machine two, and nowhere twice (rule im-delete-after-use)."""
    simulation = two_machines()
    source, (first, second), document = exported(simulation, volumes="FG")
    target = importing(simulation, document)
    for requester, copy in ((target, first), (target, second)):
        with pytest.raises(VssError) as refused:
            requester.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
        assert refused.value.rule == "sn-delete-unknown"
    source.delete_snapshots(first, ObjectType.SNAPSHOT, force_delete=False)
    assert result(target) is SOME
    with pytest.raises(VssError) as refused:
        source.delete_snapshots(second, ObjectType.SNAPSHOT, force_delete=False)
    assert refused.value.rule == "sn-delete-unknown"
    assert target.delete_snapshots(second, ObjectType.SNAPSHOT, force_delete=False).deleted_snapshots == 1
    assert simulation.luns() == ()
    assert blamed_on_vss(simulation.lines()) == []


def test_of_two_machines_that_import_one_set_the_first_has_it() -> None:
    """The LUN that was made visible to the other one stays there, for its requester to clean up."""
    slow = [{"to": "ImportSnapshots", "polls": 1}]
    simulation = two_machines(
        {"providers": [hardware(replies=[{"on": "FillInLunInfo", "seconds": 5}])]}, {"answers": slow}
    )
    _, copies, document = exported(simulation)
    here, there = importing(simulation, document, "one"), importing(simulation, document)
    waiting = here.import_snapshots()
    waiting.wait(1000)
    assert result(there) is FINISHED
    assert there.get_snapshot_properties(copies[0]).snapshot_device_object
    with pytest.raises(VssError) as failed:
        waiting.finish()
    assert failed.value.hresult is NOTHING
    assert len(left_behind(simulation, "one")) == 1


@pytest.mark.parametrize(("attributes", "name"), [("EXPOSED_LOCALLY", "X:"), ("EXPOSED_REMOTELY", "share")])
def test_a_transportable_copy_is_exposed_where_it_was_imported_alone(attributes: str, name: str) -> None:
    """What is exposed is surfaced, too, and this one is not where it was made (rule im-not-surfaced-locally)."""
    simulation = two_machines()
    source, (copy,), document = exported(simulation)
    how = VolumeSnapshotAttributes[attributes]
    with pytest.raises(VssError) as refused:
        source.expose_snapshot(copy, None, how, name)
    assert (refused.value.hresult, refused.value.rule) == (HResult.VSS_E_OBJECT_NOT_FOUND, "im-not-surfaced-locally")
    assert source.get_snapshot_properties(copy).exposed_name is None
    target = importing(simulation, document)
    assert result(target) is FINISHED
    assert target.expose_snapshot(copy, None, how, name) == name


@pytest.mark.parametrize("cancelled", ["at once", "when the LUN was located", "when it was masked again"])
def test_to_cancel_an_import_makes_no_lun_visible(cancelled: str) -> None:
    """What the provider has located stays, what it has not, or what was masked since, does not come by that."""
    simulation = two_machines(two={"providers": [hardware(replies=[{"on": "FillInLunInfo", "seconds": 9}])]})
    _, (copy,), document = exported(simulation)
    running = importing(simulation, document).import_snapshots()
    if cancelled != "at once":
        running.wait(1000)
    if cancelled == "when it was masked again":
        simulation.happens("LUN masked", "two", lun=copy)
    running.cancel()
    assert len(left_behind(simulation)) == (cancelled == "when the LUN was located")
