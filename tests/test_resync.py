"""LUN resync: the destination equals the shadow copy afterwards, or somebody is told; nothing else is overwritten.

Pages: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponentsex3-addsnapshottorecoveryset,
https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponentsex3-recoverset
"""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.support import blamed_on_vss, check
from tests.two_machines import PERSISTENT, SYSTEM, exported, hardware, two_machines
from vss_sim import (
    BackupComponents,
    HardwareOptions,
    HResult,
    ObjectType,
    RecoveryOptions,
    Simulation,
    SnapshotContext,
    SnapshotId,
    VssError,
    create_backup_components,
)
from vss_sim.engine.coverage import NotSimulated

LOCAL: Final = SnapshotContext.NAS_ROLLBACK
NO_VOLUME_CHECK: Final = RecoveryOptions.NO_VOLUME_CHECK
ELSEWHERE: Final = [{"name": "C:\\"}, {"name": "F:\\", "files": {"F:\\a.txt": {"content": "of machine two"}}}]


def _write(simulation: Simulation, path: str, content: str) -> None:
    simulation.call("WriteFile", None, {"lpFileName": path, "content": content})


def _read(simulation: Simulation, path: str, machine: str = "one") -> Any:
    return simulation.call("ReadFile", None, {"lpFileName": path}, machine=machine).out.get("content")


def _copied(
    context: int = LOCAL, two: dict[str, Any] | None = None
) -> tuple[Simulation, BackupComponents, SnapshotId, str]:
    """A copy of F: of machine one, which was overwritten since; the object that made it, and the document."""
    simulation = two_machines(two=two)
    maker, (copy,), document = exported(simulation, context)
    _write(simulation, "F:\\a.txt", "as it is")
    return simulation, maker, copy, document


def _restoring(simulation: Simulation, document: str, machine: str = "one") -> BackupComponents:
    requester = create_backup_components(simulation, machine=machine)
    requester.initialize_for_restore(document)
    return requester


@pytest.mark.parametrize(("destination", "path"), [(None, "F:\\a.txt"), ("G:\\", "G:\\a.txt")])
def test_the_destination_is_as_the_copy_shows_it(destination: str | None, path: str) -> None:
    """Rule sn-resync-result-equal; NULL means the volume that was copied (rule recovery-set-args)."""
    simulation, _, copy, document = _copied()
    _write(simulation, path, "to be overwritten")
    requester = _restoring(simulation, document)
    requester.add_snapshot_to_recovery_set(copy, 0, destination)
    assert requester.recover_set(0).finish() == HResult.VSS_S_ASYNC_FINISHED
    assert _read(simulation, path) == "as it was"


def _masked(simulation: Simulation, copy: SnapshotId) -> None:
    simulation.happens("LUN masked", machine="one", lun=copy)


def _left_alone(simulation: Simulation, copy: SnapshotId) -> None:
    """A transportable copy that nobody has imported."""


@pytest.mark.parametrize(("context", "unseen"), [(LOCAL, _masked), (PERSISTENT, _left_alone)])
def test_the_array_copies_from_a_lun_that_the_machine_does_not_see(
    context: int, unseen: Callable[[Simulation, SnapshotId], None]
) -> None:
    """Rule recover-set-in-array (inferred): the document tells the LUNs. Other calls do not find a masked copy."""
    simulation, _, copy, document = _copied(context)
    unseen(simulation, copy)
    requester = _restoring(simulation, document)
    requester.add_snapshot_to_recovery_set(copy, 0)
    assert requester.recover_set(0).finish() == HResult.VSS_S_ASYNC_FINISHED
    assert _read(simulation, "F:\\a.txt") == "as it was"


def _delete(maker: BackupComponents, copy: SnapshotId) -> None:
    maker.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)


def _break(maker: BackupComponents, copy: SnapshotId) -> None:
    maker.break_snapshot_set(maker.get_snapshot_properties(copy).snapshot_set_id, HardwareOptions(0)).finish()


def _release(maker: BackupComponents, copy: SnapshotId) -> None:
    maker.release()


@pytest.mark.parametrize(
    ("context", "gone", "how"),
    [
        (LOCAL, _delete, "no more: it was deleted"),
        (LOCAL, _break, "no more: its set was broken"),
        (SnapshotContext.FILE_SHARE_BACKUP, _release, "no more: it was not persistent"),
    ],
)
def test_a_copy_that_is_gone_is_owned_by_no_provider(
    context: int, gone: Callable[[BackupComponents, SnapshotId], None], how: str
) -> None:
    """The document still tells of it, and nothing comes back from it (rules ans-resync-not-owned, sn-deleted-gone)."""
    simulation, maker, copy, document = _copied(context)
    gone(maker, copy)
    with pytest.raises(VssError, match=how) as refused:
        _restoring(simulation, document).add_snapshot_to_recovery_set(copy, 0)
    assert (refused.value.hresult, refused.value.rule) == (HResult.VSS_E_OBJECT_NOT_FOUND, "ans-resync-not-owned")


def test_a_copy_that_goes_after_it_was_added_is_no_success() -> None:
    """No page says what a resync comes to then; VSS_S_ASYNC_FINISHED it is not."""
    simulation, maker, copy, document = _copied()
    requester = _restoring(simulation, document)
    requester.add_snapshot_to_recovery_set(copy, 0)
    _delete(maker, copy)
    with pytest.raises(NotSimulated, match="went away after it was added"):
        requester.recover_set(0)
    assert _read(simulation, "F:\\a.txt") == "as it is"


def test_a_second_resync_needs_a_new_addition() -> None:
    """What was overwritten since would not be as the copy shows it (rules recover-set-anew, sn-resync-result-equal)."""
    simulation, _, copy, document = _copied()
    requester = _restoring(simulation, document)
    requester.add_snapshot_to_recovery_set(copy, 0)
    assert requester.recover_set(0).finish() == HResult.VSS_S_ASYNC_FINISHED
    _write(simulation, "F:\\a.txt", "overwritten again")
    with pytest.raises(VssError) as refused:
        requester.recover_set(0)
    assert (refused.value.hresult, refused.value.rule) == (HResult.VSS_E_BAD_STATE, "recover-set-anew")
    way = ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet", "IVssBackupComponentsEx3::RecoverSet")
    assert refused.value.instead == way
    (finding,) = (one for one in check(simulation.lines()).findings if one.rule == "recover-set-anew")
    assert finding.instead == way
    requester.add_snapshot_to_recovery_set(copy, 0)
    assert requester.recover_set(0).finish() == HResult.VSS_S_ASYNC_FINISHED
    assert _read(simulation, "F:\\a.txt") == "as it was"


def test_a_resync_that_fails_can_be_tried_again() -> None:
    """Its recovery set was not used; a second one waits for the first to end (rule sn-resync-one)."""
    fails = hardware(failures=[{"to": "RecoverSet", "times": 1}])
    slow = [{"to": "RecoverSet", "seconds": 60}]
    simulation = two_machines({"providers": [fails, SYSTEM], "answers": slow})
    _, (copy,), document = exported(simulation, LOCAL)
    _write(simulation, "F:\\a.txt", "as it is")
    first, second = _restoring(simulation, document), _restoring(simulation, document)
    for requester in (first, second):
        requester.add_snapshot_to_recovery_set(copy, 0)
    running = first.recover_set(0)
    for requester in (first, second):
        with pytest.raises(VssError) as refused:
            requester.recover_set(0)
        assert (refused.value.hresult, refused.value.rule) == (HResult.VSS_E_RESYNC_IN_PROGRESS, "sn-resync-one")
    with pytest.raises(VssError, match="VSS_E_PROVIDER_VETO"):
        running.finish()
    assert first.recover_set(0).finish() is HResult.VSS_S_ASYNC_FINISHED
    assert _read(simulation, "F:\\a.txt") == "as it was"
    assert blamed_on_vss(simulation.lines()) == []


def test_another_machine_has_no_original_by_the_same_letter() -> None:
    """VSS identifies the original volume by its LUN: F: of machine two is another volume, and stays as it is."""
    simulation, _, copy, document = _copied(PERSISTENT, {"volumes": ELSEWHERE})
    requester = _restoring(simulation, document, "two")
    with pytest.raises(VssError, match="no volume") as refused:
        requester.add_snapshot_to_recovery_set(copy, 0)
    assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND
    requester.add_snapshot_to_recovery_set(copy, 0, "F:\\")
    assert requester.recover_set(0).finish() == HResult.VSS_S_ASYNC_FINISHED
    assert _read(simulation, "F:\\a.txt", "two") == "as it was"


def test_a_provider_that_the_machine_lacks_owns_no_copy() -> None:
    """Another hardware provider is not enough (rule ans-resync-not-owned)."""
    other = hardware(providerId="{44444444-0000-4000-8000-000000000002}")
    simulation, _, copy, document = _copied(PERSISTENT, {"volumes": ELSEWHERE, "providers": [other, SYSTEM]})
    with pytest.raises(VssError, match="does not have") as refused:
        _restoring(simulation, document, "two").add_snapshot_to_recovery_set(copy, 0, "F:\\")
    assert (refused.value.hresult, refused.value.rule) == (HResult.VSS_E_OBJECT_NOT_FOUND, "ans-resync-not-owned")


def _beside(flags: int, destination: str | None = None) -> Simulation:
    """F: and G: lie on one LUN, of which F: was copied; F: goes back. Both were overwritten since."""
    volumes = [
        {"name": f"{letter}:\\", "lun": lun, "files": {f"{letter}:\\a.txt": {"content": "as it was"}}}
        for letter, lun in (("F", "shared"), ("G", "shared"), ("H", "other"), ("I", "other"))
    ]
    simulation = two_machines({"volumes": volumes})
    _, (copy,), document = exported(simulation, LOCAL)
    for letter in "FGHI":
        _write(simulation, f"{letter}:\\a.txt", "as it is")
    requester = _restoring(simulation, document)
    requester.add_snapshot_to_recovery_set(copy, 0, destination)
    requester.recover_set(flags).finish()
    return simulation


def test_a_volume_beside_the_destination_is_overwritten_where_nobody_checks() -> None:
    """VSS_RECOVERY_NO_VOLUME_CHECK: a LUN is copied and overwritten as a whole; with the check, nothing happens."""
    with pytest.raises(VssError) as refused:
        _beside(0)
    assert (refused.value.hresult, refused.value.rule) == (HResult.VSS_E_UNSELECTED_VOLUME, "sn-resync-unselected")
    simulation = _beside(NO_VOLUME_CHECK)
    now = {letter: _read(simulation, f"{letter}:\\a.txt") for letter in "FGH"}
    assert now == {"F": "as it was", "G": "as it was", "H": "as it is"}


def test_a_lun_with_other_volumes_than_were_copied_is_not_overwritten_here() -> None:
    """What would become of them is not simulated, and nothing says success."""
    with pytest.raises(NotSimulated, match="I:"):
        _beside(NO_VOLUME_CHECK, "H:\\")
