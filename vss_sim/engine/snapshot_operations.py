"""The asynchronous operations on shadow copies that exist: break, revert."""

from typing import Final

from vss_sim.engine.desk import Desk
from vss_sim.engine.provider_failures import failure_for
from vss_sim.engine.volumes import find_volume
from vss_sim.model.objects import AsyncObject, BackupObject, Handle
from vss_sim.spec.hresult import HResult

Ended = tuple[BackupObject, HResult]
_BREAK: Final = "IVssBackupComponentsEx2::BreakSnapshotSetEx"


def forget_set(desk: Desk, set_id: str) -> None:
    """VSS knows the shadow copies of the set no more; their volumes stay (rule sn-break-forgets)."""
    for snapshot in desk.local_snapshots():
        if snapshot.set_id == set_id:
            desk.drop_snapshot(snapshot.snapshot_id)


def break_set(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """The set whose id the call named is broken, unless its provider fails."""
    for snapshot in desk.local_snapshots():
        failure = failure_for(desk, snapshot.provider_id, _BREAK, snapshot.volume)
        if snapshot.set_id == operation.argument and failure is not None:
            return obj, failure.code
    forget_set(desk, operation.argument)
    return obj, HResult.S_OK


def revert_status(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """The revert of the volume has come to its end."""
    volume = find_volume(desk, operation.argument)
    still = tuple(name for name in desk.state.reverting if volume is None or name != volume.name)
    desk.change_machine(reverting=still)
    return obj, HResult.S_OK
