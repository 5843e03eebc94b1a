"""The asynchronous operations on shadow copies that exist: break, revert, resync."""

from msgspec.structs import replace

from vss_sim.engine.desk import Desk
from vss_sim.model.objects import AsyncObject, BackupObject, Handle
from vss_sim.spec.hresult import HResult

Ended = tuple[BackupObject, HResult]


def forget_set(desk: Desk, set_id: str) -> None:
    """VSS knows the shadow copies of the set no more; their volumes stay (rule sn-break-forgets)."""
    for snapshot in desk.local_snapshots():
        if snapshot.set_id == set_id:
            desk.drop_snapshot(snapshot.snapshot_id)


def break_set(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """The set whose id the call named is broken."""
    forget_set(desk, operation.argument)
    return obj, HResult.S_OK


def revert_status(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """The revert of the volume has come to its end."""
    still = tuple(volume for volume in desk.state.reverting if volume != operation.argument)
    desk.change_machine(reverting=still)
    return obj, HResult.S_OK


def recover_set(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """The LUNs of the recovery set equal their shadow copies."""
    return replace(obj, recovery_set=()), HResult.S_OK
