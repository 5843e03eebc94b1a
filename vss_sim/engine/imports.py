"""ImportSnapshots: the transportable shadow copies of a loaded document come to this machine.

Page: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-importsnapshots
"""

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.desk import Desk
from vss_sim.engine.volumes import provider_named
from vss_sim.model.document import SnapshotRecord
from vss_sim.model.objects import AsyncObject, BackupObject, Handle
from vss_sim.spec.enums import ProviderType
from vss_sim.spec.hresult import HResult


def import_snapshots(
    desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject
) -> tuple[BackupObject, HResult]:
    """Every shadow copy of the document that a hardware provider here can find; all, some or none of them come."""
    records = obj.document.snapshots
    found = [record for record in records if _can_come(desk, record)]
    for record in found:
        snapshot = desk.snapshots[record.snapshot_id]
        attributes = snapshot.attributes & ~bits.NOT_SURFACED | bits.IMPORTED
        auto_release = not attributes & bits.NO_AUTO_RELEASE
        desk.put_snapshot(
            replace(
                snapshot,
                machine=desk.machine_index,
                attributes=int(attributes),
                owner=handle if auto_release else None,
            )
        )
    if not found:
        return obj, HResult.VSS_E_NO_SNAPSHOTS_IMPORTED
    if len(found) < len(records):
        return obj, HResult.VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED
    return obj, HResult.S_OK


def leave_luns_behind(desk: Desk, obj: BackupObject) -> None:
    """What a failed import made visible stays on this machine until the requester deletes it (dispute C39)."""
    for record in obj.document.snapshots:
        if _can_come(desk, record):
            snapshot = desk.snapshots[record.snapshot_id]
            attributes = snapshot.attributes & ~bits.NOT_SURFACED
            desk.put_snapshot(replace(snapshot, machine=desk.machine_index, attributes=attributes, owner=None))


def _can_come(desk: Desk, record: SnapshotRecord) -> bool:
    snapshot = desk.snapshots.get(record.snapshot_id)
    provider = provider_named(desk, record.provider_id)
    transportable = record.attributes & bits.TRANSPORTABLE
    waits = snapshot is not None and snapshot.attributes & bits.NOT_SURFACED
    return bool(transportable and waits and provider is not None and provider.type is ProviderType.HARDWARE)
