"""A revert takes its time by the clock, whoever watches; nothing stops it, and what is over is found no more.

Pages: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-reverttosnapshot,
https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-queryrevertstatus
"""

import json
from typing import Any

import pytest

from tests.requester_support import initialised
from tests.support import blamed_on_vss
from tests.two_machines import SYSTEM, hardware
from vss_sim import (
    BackupComponents,
    HResult,
    ObjectType,
    ProviderId,
    Simulation,
    SnapshotContext,
    SnapshotId,
    VssError,
    read_world,
)
from vss_sim.engine.coverage import NotSimulated
from vss_sim.model.computer import SYSTEM_PROVIDER_ID

IN_PROGRESS, NOT_FOUND = HResult.VSS_E_REVERT_IN_PROGRESS, HResult.VSS_E_OBJECT_NOT_FOUND


def _copied(seconds: float = 60, **machine: Any) -> tuple[Simulation, BackupComponents, SnapshotId]:
    """A persistent copy of a volume by the system provider; the volume takes so long to go back to one."""
    volume = {"name": "D:\\", "revertSeconds": seconds, "files": {"D:\\a.txt": {"content": "as it was"}}}
    simulation = Simulation(read_world(json.dumps({"machines": [{"volumes": [volume], **machine}]})))
    requester = initialised(simulation)
    requester.set_context(SnapshotContext.NAS_ROLLBACK)
    requester.start_snapshot_set()
    copy = requester.add_to_snapshot_set("D:\\", ProviderId(SYSTEM_PROVIDER_ID))
    requester.do_snapshot_set().finish()
    return simulation, requester, copy


def _status(requester: BackupComponents) -> HResult:
    """What QueryRevertStatus answers, whose operation is given up again."""
    try:
        requester.query_revert_status("D:\\").release()
    except VssError as refused:
        return refused.hresult
    return HResult.S_OK


def _again(requester: BackupComponents, copy: SnapshotId) -> HResult:
    """What another revert of the volume is answered with."""
    try:
        requester.revert_to_snapshot(copy, force_dismount=True)
    except VssError as refused:
        return refused.hresult
    return HResult.S_OK


def test_a_revert_that_nobody_watches_ends_with_the_clock() -> None:
    """Until then the volume has a revert in process (rule sn-revert-one-at-a-time); then it can be reverted again."""
    simulation, requester, copy = _copied()
    requester.revert_to_snapshot(copy, force_dismount=True)
    simulation.happens("time passes", seconds=59)
    assert (_again(requester, copy), _status(requester)) == (IN_PROGRESS, HResult.S_OK)
    simulation.happens("time passes", seconds=2)
    assert _status(requester) is NOT_FOUND
    assert _again(requester, copy) is HResult.S_OK
    assert _status(requester) is HResult.S_OK
    assert blamed_on_vss(simulation.lines()) == []


def test_a_revert_that_takes_no_time_is_over_when_any_has_passed() -> None:
    """At the moment in which it began it can be seen to run."""
    simulation, requester, copy = _copied(seconds=0)
    requester.revert_to_snapshot(copy, force_dismount=True)
    assert (_again(requester, copy), _status(requester)) == (IN_PROGRESS, HResult.S_OK)
    simulation.happens("time passes", seconds=1)
    assert (_status(requester), _again(requester, copy)) == (NOT_FOUND, HResult.S_OK)


def test_who_waits_for_a_revert_waits_until_its_end() -> None:
    """And who looks before that is told that it is under way."""
    simulation, requester, copy = _copied()
    requester.revert_to_snapshot(copy, force_dismount=True)
    simulation.happens("time passes", seconds=10)
    watched = requester.query_revert_status("D:\\")
    assert watched.query_status() is HResult.VSS_S_ASYNC_PENDING
    watched.wait(20_000)
    assert (watched.query_status(), simulation.world.clock) == (HResult.VSS_S_ASYNC_PENDING, 30.0)
    assert watched.finish() is HResult.VSS_S_ASYNC_FINISHED
    assert simulation.world.clock == 60.0
    assert (_status(requester), _again(requester, copy)) == (NOT_FOUND, HResult.S_OK)


@pytest.mark.parametrize("what", ["reboot", "machine crashes", "VSS crashes", "process ends", "release"])
def test_a_revert_goes_on_whatever_becomes_of_who_asked_for_it(what: str) -> None:
    """Also over a restart (rule revert-final)."""
    simulation, requester, copy = _copied()
    requester.revert_to_snapshot(copy, force_dismount=True)
    if what == "release":
        requester.release()
    else:
        simulation.happens(what)
    other = initialised(simulation)
    other.set_context(SnapshotContext.NAS_ROLLBACK)
    assert _again(other, copy) is IN_PROGRESS
    assert other.query_revert_status("D:\\").finish() is HResult.VSS_S_ASYNC_FINISHED
    assert simulation.world.clock == 60.0


def test_a_revert_is_watched_on_when_its_object_is_gone() -> None:
    """The operation ends with the revert, and never as cancelled (rule revert-status-no-cancel)."""
    simulation, requester, copy = _copied()
    requester.revert_to_snapshot(copy, force_dismount=True)
    watched = requester.query_revert_status("D:\\")
    requester.release()
    assert watched.query_status() is HResult.VSS_S_ASYNC_PENDING
    simulation.happens("time passes", seconds=60)
    assert watched.query_status() is HResult.VSS_S_ASYNC_FINISHED


def test_a_volume_that_was_reverted_is_one_that_can_be() -> None:
    """An array makes its copies by default, which cannot revert (E_NOTIMPL); its last revert tells otherwise."""
    simulation, requester, copy = _copied(providers=[hardware(), SYSTEM])
    assert _status(requester) is HResult.E_NOTIMPL
    requester.revert_to_snapshot(copy, force_dismount=True)
    assert _status(requester) is HResult.S_OK
    simulation.happens("time passes", seconds=61)
    assert _status(requester) is NOT_FOUND


def test_a_revert_gives_back_the_room_that_older_content_took() -> None:
    """What the copy shows is on the volume again, so that its storage area keeps nothing of it (rule sn-storage)."""
    areas = [{"volume": "D:\\", "on": "D:\\", "maximum": 1000}]
    simulation, requester, copy = _copied(storageAreas=areas)
    free = simulation.world.machines[0].disks.volumes[0].free
    simulation.call("WriteFile", None, {"lpFileName": "D:\\a.txt", "content": "as it is"})
    assert simulation.world.machines[0].disks.volumes[0].saved == len("as it was")
    requester.revert_to_snapshot(copy, force_dismount=True)
    disk = simulation.world.machines[0].disks.volumes[0]
    assert (disk.saved, disk.free) == (0, free)


def test_what_deleting_the_copy_of_a_revert_does_to_it_no_page_says() -> None:
    """Until its end; what was reverted to once is deleted like any other."""
    simulation, requester, copy = _copied(seconds=60)
    requester.revert_to_snapshot(copy, force_dismount=True)
    with pytest.raises(NotSimulated, match="revert"):
        requester.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=True)
    simulation.happens("time passes", seconds=61)
    assert requester.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=True).deleted_snapshots == 1


def test_what_a_revert_comes_to_whose_copy_needs_more_room_than_there_is_no_page_says() -> None:
    """The storage area lets the oldest copy go; the write that would make it do so is not made before the end."""
    area = {"volume": "D:\\", "on": "D:\\", "maximum": 4}
    simulation, requester, copy = _copied(seconds=60, storageAreas=[area])
    requester.revert_to_snapshot(copy, force_dismount=True)
    write = {"lpFileName": "D:\\a.txt", "content": "as it is"}
    with pytest.raises(NotSimulated, match="revert"):
        simulation.call("WriteFile", None, write)
    assert copy in simulation.world.snapshots
    simulation.happens("time passes", seconds=61)
    simulation.call("WriteFile", None, write)
    assert copy not in simulation.world.snapshots
