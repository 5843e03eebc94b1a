"""What a requester of two machines, and a reader of their log, are told where a set is not (yet) where they look.

Pages: https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes,
https://learn.microsoft.com/windows/win32/vss/required-behaviors-for-shadow-copy-providers
"""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.requester_support import initialised
from tests.support import check
from tests.two_machines import (
    FINISHED,
    PASSING,
    PERSISTENT,
    SYSTEM,
    exported,
    hardware,
    imported,
    importing,
    set_of,
    two_machines,
)
from vss_sim import (
    BackupComponents,
    BackupType,
    HardwareOptions,
    HResult,
    ObjectType,
    Simulation,
    SnapshotContext,
    SnapshotId,
    SnapshotSetId,
    VolumeSnapshotAttributes,
    VssError,
)
from vss_sim.judge.findings import At, Finding, Level

OLD: Final = "Windows Server 2003 SP1"
STAYS: Final = SnapshotContext.NAS_ROLLBACK


def _refused_volume(machine: dict[str, Any], context: int) -> VssError:
    """Why F: is not taken into a set of this context."""
    simulation = two_machines(machine)
    requester = initialised(simulation, machine="one")
    requester.set_context(context)
    requester.start_snapshot_set()
    with pytest.raises(VssError) as refused:
        requester.add_to_snapshot_set("F:\\")
    assert refused.value.hresult is HResult.VSS_E_VOLUME_NOT_SUPPORTED
    return refused.value


@pytest.mark.parametrize(
    ("machine", "context", "words"),
    [
        (
            {"os": OLD, "volumes": [{"name": "F:\\", "dynamic": True}], "providers": [hardware()]},
            STAYS,
            "Array: a copy of a dynamic disk has to be transported before Windows Server 2008",
        ),
        (
            {"cluster": "K", "providers": [hardware()]},
            STAYS,
            "Array: on a node of a cluster a copy has to be transported",
        ),
        ({"providers": [SYSTEM]}, PERSISTENT, "provider 1.0: it does not make VSS_VOLSNAP_ATTR_TRANSPORTABLE copies"),
        ({"providers": [hardware(volumes=["G:\\"])]}, PERSISTENT, "Array: it does not support the volume"),
        (
            {"volumes": [{"name": "F:\\", "fileSystem": "FAT32"}], "providers": [hardware()]},
            PERSISTENT,
            "Array: persistent copies are of NTFS",
        ),
        ({"providers": []}, PERSISTENT, "the machine has none"),
    ],
    ids=["dynamic", "cluster", "software", "another volume", "file system", "no provider"],
)
def test_of_each_provider_it_is_told_why_it_makes_no_copy(machine: dict[str, Any], context: int, words: str) -> None:
    """VSS_E_VOLUME_NOT_SUPPORTED has many causes."""
    assert words in _refused_volume(machine, context).because


def test_a_set_of_another_context_is_told_as_that() -> None:
    """Rule obs-context-must-match: it is there, and the object does not see it."""
    simulation = two_machines()
    target, (copy,), _ = imported(simulation)
    whole = set_of(target, copy)
    other = initialised(simulation, machine="two")
    calls: list[Callable[[], object]] = [
        lambda: other.get_snapshot_properties(copy),
        lambda: other.break_snapshot_set(whole),
        lambda: other.break_snapshot_set(whole, HardwareOptions.MASK_LUNS),
    ]
    for call in calls:
        with pytest.raises(
            VssError, match="is of context VSS_CTX_NAS_ROLLBACK, which this object does not see"
        ) as refused:
            call()
        assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND


def test_the_id_of_another_kind_is_told_as_that_in_every_context() -> None:
    """No context helps whoever takes a set for a shadow copy."""
    simulation = two_machines()
    target, (copy,), _ = imported(simulation)
    whole = set_of(target, copy)
    for requester in (target, initialised(simulation, machine="two")):
        with pytest.raises(VssError, match="is the id of a shadow copy set, not of a shadow copy"):
            requester.get_snapshot_properties(SnapshotId(whole))
        with pytest.raises(VssError, match="is the id of a shadow copy, not of a shadow copy set"):
            requester.break_snapshot_set(SnapshotSetId(copy))


Looks = Callable[[BackupComponents, SnapshotId, SnapshotSetId], object]
LOOKS: Final[dict[str, Looks]] = {
    "GetSnapshotProperties": lambda requester, copy, whole: requester.get_snapshot_properties(copy),
    "BreakSnapshotSet": lambda requester, copy, whole: requester.break_snapshot_set(whole),
    "ExposeSnapshot": lambda requester, copy, whole: requester.expose_snapshot(
        copy, None, VolumeSnapshotAttributes.EXPOSED_LOCALLY, "X:"
    ),
}


def _told(simulation: Simulation) -> Finding:
    """What the checker says of the last call."""
    lines = list(simulation.lines())
    (found,) = [one for one in check(lines).findings if one.line == len(lines) + 1 and one.level is Level.ERROR]
    return found


@pytest.mark.parametrize("name", LOOKS)
@pytest.mark.parametrize("tried", [False, True])
def test_in_a_log_a_set_that_was_not_imported_is_told_as_that(name: str, tried: bool) -> None:
    """The document that the object began with has it, and no import brought it: with the lines that show so."""
    provider = hardware(replies=[{"on": "LocateLuns", "fails": "VSS_E_PROVIDER_VETO"}])
    simulation = two_machines(two={"providers": [provider]})
    source, (copy,), document = exported(simulation)
    whole = set_of(source, copy)
    target = importing(simulation, document)
    target.set_context(SnapshotContext.ALL)
    if tried:
        with pytest.raises(VssError):
            target.import_snapshots().finish()
    with pytest.raises(VssError):
        LOOKS[name](target, copy, whole)
    found = _told(simulation)
    assert "no import has brought it to this machine" in found.says
    assert found.instead[:1] == ("IVssBackupComponents::ImportSnapshots",)
    assert len(found.because) == (2 if tried else 1)


@pytest.mark.parametrize("name", LOOKS)
def test_in_a_log_a_set_that_went_to_another_machine_is_told_as_that(name: str) -> None:
    """Where it was made it is found no more, nor was it ever surfaced there."""
    simulation = two_machines()
    source, (copy,), document = exported(simulation)
    whole = set_of(source, copy)
    assert importing(simulation, document).import_snapshots().finish() is FINISHED
    with pytest.raises(VssError):
        LOOKS[name](source, copy, whole)
    lines = list(simulation.lines())
    found = [one for one in check(lines).findings if one.line == len(lines) + 1 and "released" not in one.says]
    came = next(number for number, line in enumerate(lines, 2) if "QueryStatus" in line.get("call", "") and number > 13)
    assert found
    for one in found:
        assert came in [because.line for because in one.because]
        assert "before its import" not in one.says


@pytest.mark.parametrize("step", ["PostCommitSnapshots", "GetTargetLuns", "PostFinalCommitSnapshots"])
def test_a_document_that_is_saved_before_the_creation_has_ended_tells_of_no_copy(step: str) -> None:
    """VSS puts the LUNs into the document when it has them; DoSnapshotSet is over then (rule im-save-after-do)."""
    simulation = two_machines({"providers": [hardware(replies=[{"on": step, "seconds": 5}]), SYSTEM]})
    source = initialised(simulation, machine="one")
    source.set_context(PERSISTENT)
    source.start_snapshot_set()
    source.add_to_snapshot_set("F:\\")
    creation = source.do_snapshot_set()
    creation.wait(1000)
    early = importing(simulation, source.save_as_xml())
    with pytest.raises(VssError) as failed:
        early.import_snapshots().finish()
    assert (failed.value.hresult, failed.value.rule) == (HResult.VSS_E_NO_SNAPSHOTS_IMPORTED, "im-save-after-do")
    assert creation.finish() is FINISHED
    assert [lun.seen_by for lun in simulation.luns()] == [()]
    assert importing(simulation, source.save_as_xml()).import_snapshots().finish() is FINISHED


Meanwhile = Callable[[Simulation, BackupComponents, SnapshotId], object]
MEANWHILE: Final[dict[str, tuple[int, Meanwhile, str, str]]] = {
    "its maker goes": (
        PASSING,
        lambda simulation, source, copy: source.release(),
        "im-nonpersistent-import-window",
        "IUnknown::Release",
    ),
    "VSS ends": (
        PASSING,
        lambda simulation, source, copy: simulation.happens("VSS crashes", "one"),
        "im-nonpersistent-import-window",
        "VSS crashes",
    ),
    "it is deleted": (
        PERSISTENT,
        lambda simulation, source, copy: source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False),
        "sn-deleted-gone",
        "IVssBackupComponents::DeleteSnapshots",
    ),
}


@pytest.mark.parametrize("what", MEANWHILE)
@pytest.mark.parametrize("before", [False, True])
def test_in_a_log_it_is_told_how_a_set_went_while_it_was_imported(what: str, before: bool) -> None:
    """As it is of one that went before the import began: by the line, and of whom it is the concern."""
    context, act, rule, caused = MEANWHILE[what]
    simulation = two_machines(two={"providers": [hardware(replies=[{"on": "LocateLuns", "seconds": 9}]), SYSTEM]})
    source, (copy,), document = exported(simulation, context)
    target = importing(simulation, document)
    if before:
        act(simulation, source, copy)
    running = target.import_snapshots()
    running.wait(1000)
    if not before:
        act(simulation, source, copy)
    with pytest.raises(VssError):
        running.finish()
    lines = list(simulation.lines())
    (found,) = [one for one in check(lines).findings if "came to VSS_E_NO_SNAPSHOTS_IMPORTED" in one.says]
    assert (found.rule, found.at) == (rule, At.REQUESTER)
    told = [lines[because.line - 2] for because in found.because]
    assert caused in [line.get("call") or line.get("happens") for line in told]


def test_in_a_log_the_document_of_a_creation_that_failed_is_told_as_that() -> None:
    """It tells of no copy, and the import brings none."""
    provider = hardware(replies=[{"on": "CommitSnapshots", "fails": "VSS_E_PROVIDER_VETO"}])
    simulation = two_machines({"providers": [provider, SYSTEM]})
    source = initialised(simulation, machine="one")
    source.set_context(PERSISTENT)
    source.start_snapshot_set()
    source.add_to_snapshot_set("F:\\")
    with pytest.raises(VssError):
        source.do_snapshot_set().finish()
    with pytest.raises(VssError) as failed:
        importing(simulation, source.save_as_xml()).import_snapshots().finish()
    assert "it was saved before DoSnapshotSet made one, or after it failed" in failed.value.because
    (found,) = [one for one in check(simulation.lines()).findings if "came to VSS_E_NO_SNAPSHOTS" in one.says]
    assert (found.rule, found.at) == ("im-save-after-do", At.REQUESTER)
    assert "DoSnapshotSet failed" in found.says


def test_an_import_after_the_writers_were_told_of_the_end_is_none_that_vss_knows_of() -> None:
    """Rule im-signal-back: VSS of machine two cannot tell, and lets it pass."""
    simulation = two_machines()
    source = initialised(simulation, machine="one")
    source.set_context(SnapshotContext.BACKUP | VolumeSnapshotAttributes.TRANSPORTABLE)
    source.set_backup_state(
        select_components=False, bootable_system_state=False, backup_type=BackupType.FULL, partial_file_support=False
    )
    source.gather_writer_metadata().finish()
    source.start_snapshot_set()
    source.add_to_snapshot_set("F:\\")
    source.prepare_for_backup().finish()
    source.do_snapshot_set().finish()
    document = source.save_as_xml()
    source.backup_complete().finish()
    assert importing(simulation, document).import_snapshots().finish() is FINISHED
    (found,) = [one for one in check(simulation.lines()).findings if one.rule == "im-signal-back"]
    assert found.says.startswith("Windows lets ImportSnapshots pass here, against the documentation: the writers")
