"""LUN resync: which shadow copies and volumes a recovery set takes, and what RecoverSet may then do.

Page: https://learn.microsoft.com/windows/win32/vss/luns-resynchronization-scenarios
"""

from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import OF_THE_METHOD, OK, Answer, no
from vss_sim.engine.desk import Desk
from vss_sim.engine.files import dismounted
from vss_sim.engine.provider_failures import failure_for
from vss_sim.engine.volumes import find_volume, no_such_volume, provider_named, providers, supports, volume_place
from vss_sim.model.computer import Provider, Volume
from vss_sim.model.document import SnapshotRecord
from vss_sim.model.objects import AsyncObject, BackupObject, Handle
from vss_sim.spec.enums import ProviderType, numbers
from vss_sim.spec.hresult import HResult

Arguments = dict[str, Any]
Done = tuple[BackupObject, Answer]

_CALL: Final = "IVssBackupComponentsEx3::RecoverSet"
_LEGACY: Final = "VSS_PRV_CAPABILITY_LEGACY"
_RESYNC: Final = "VSS_PRV_CAPABILITY_LUN_RESYNC"
_REVERT_IDENTITY: Final = numbers()["VSS_RECOVERY_REVERT_IDENTITY_ALL"]
_NO_VOLUME_CHECK: Final = numbers()["VSS_RECOVERY_NO_VOLUME_CHECK"]


def add_snapshot_to_recovery_set(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """A shadow copy of the loaded document, and the volume whose LUN is made equal to it."""
    record = _record(obj, arguments["snapshotId"])
    refusal = _cannot_add(desk, record, arguments)
    if refusal is not None or record is None:
        return obj, refusal or OK
    more = (*obj.recovery_set, (record.snapshot_id, arguments["pwszDestinationVolume"]))
    return replace(obj, recovery_set=more), OK


def _record(obj: BackupObject, wanted: str) -> SnapshotRecord | None:
    return next((record for record in obj.document.snapshots if record.snapshot_id == wanted), None)


def _cannot_add(desk: Desk, record: SnapshotRecord | None, arguments: Arguments) -> Answer | None:
    if record is None:
        words = f"the document has no shadow copy {arguments['snapshotId']}"
        return no(HResult.VSS_E_SNAPSHOT_NOT_IN_SET, "sn-resync-in-doc", words)
    hardware = [provider for provider in providers(desk) if provider.type is ProviderType.HARDWARE]
    if not hardware:
        return no(HResult.VSS_E_BAD_STATE, OF_THE_METHOD, "the machine has no hardware provider")
    if _resync_runs(desk):
        return no(HResult.VSS_E_RESYNC_IN_PROGRESS, "sn-resync-one", "another resync is running")
    if not record.attributes & bits.HARDWARE_ASSISTED:
        words = f"the shadow copy {record.snapshot_id} is not a hardware provider's"
        return no(HResult.VSS_E_OBJECT_NOT_FOUND, OF_THE_METHOD, words)
    provider = provider_named(desk, record.provider_id)
    if provider is not None and _LEGACY in provider.capabilities:
        words = f"{provider.name} is of a version without resync"
        return no(HResult.VSS_E_LEGACY_PROVIDER, OF_THE_METHOD, words)
    return _cannot_be_destination(desk, provider, arguments["pwszDestinationVolume"])


def _resync_runs(desk: Desk) -> bool:
    return any(
        isinstance(known, AsyncObject)
        and known.machine == desk.machine_index
        and known.method == "RecoverSet"
        and known.end is None
        for known in desk.objects.values()
    )


def _cannot_be_destination(desk: Desk, provider: Provider | None, name: str | None) -> Answer | None:
    """Why the volume cannot be overwritten by a resync; none named is the volume of which the copy was made."""
    if name is None:
        return None
    volume = find_volume(desk, name)
    if volume is None:
        return no_such_volume(name)
    lun = desk.luns.get(volume.lun) if volume.lun is not None else None
    if any(one.quorum and lun is not None and one.lun == lun.lun for one in desk.world.description.storage.luns):
        words = f"{volume.name} is on the quorum disk of the cluster"
        return no(HResult.VSS_E_VOLUME_NOT_SUPPORTED, "sn-resync-dynamic", words)
    if volume.dynamic or (provider is not None and not supports(provider, volume)):
        words = f"{volume.name} is {'dynamic' if volume.dynamic else 'on no LUN of the hardware provider'}"
        return no(HResult.VSS_E_VOLUME_NOT_SUPPORTED, "sn-resync-dynamic", words)
    return None


def recover_set(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The resync begins; neither Windows PE nor safe mode has it."""
    if desk.machine.safe_mode or desk.system.preinstallation:
        where = "safe mode" if desk.machine.safe_mode else desk.system.name
        return obj, no(HResult.VSS_E_BAD_STATE, "recover-set-not-winpe", f"the machine runs {where}")
    for snapshot_id, _ in obj.recovery_set:
        record = _record(obj, snapshot_id)
        provider = provider_named(desk, record.provider_id) if record is not None else None
        if provider is not None and provider.capabilities and _RESYNC not in provider.capabilities:
            words = f"{provider.name} cannot make LUNs equal again"
            return obj, no(HResult.E_NOTIMPL, OF_THE_METHOD, words)
    if not arguments["dwFlags"] & _NO_VOLUME_CHECK:
        unselected = _unselected(desk, obj)
        if unselected is not None:
            words = f"{unselected.name} is on a LUN that would be overwritten"
            return obj, no(HResult.VSS_E_UNSELECTED_VOLUME, "sn-resync-unselected", words)
    return obj, OK


def _unselected(desk: Desk, obj: BackupObject) -> Volume | None:
    """A volume that lies beside one of the destinations without being one of them."""
    found = (find_volume(desk, name) for name in _destinations(obj))
    chosen = [volume for volume in found if volume is not None]
    luns = {volume.lun for volume in chosen if volume.lun is not None}
    beside = (volume for volume in desk.machine.volumes if volume.lun in luns and volume not in chosen)
    return next(beside, None)


def _destinations(obj: BackupObject) -> list[str]:
    originals = {record.snapshot_id: record.original_volume for record in obj.document.snapshots}
    return [destination or originals.get(snapshot_id, "") for snapshot_id, destination in obj.recovery_set]


def resync(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> tuple[BackupObject, HResult]:
    """The LUNs of the recovery set equal their shadow copies, unless a provider fails."""
    for (snapshot_id, _), volume in zip(obj.recovery_set, _destinations(obj), strict=True):
        record = _record(obj, snapshot_id)
        failure = failure_for(desk, record.provider_id, _CALL, volume) if record is not None else None
        if failure is not None:
            return obj, failure.code
    (flags,) = operation.argument
    if flags & _REVERT_IDENTITY and any(_would_collide(desk, obj, place) for place in range(len(obj.recovery_set))):
        return obj, HResult.VSS_E_CANNOT_REVERT_DISKID
    for (snapshot_id, _), volume in zip(obj.recovery_set, _destinations(obj), strict=True):
        if flags & _REVERT_IDENTITY:
            _give_identity_back(desk, obj, snapshot_id, volume)
        snapshot, place = desk.snapshots.get(snapshot_id), volume_place(desk, volume)
        if snapshot is not None and snapshot.disk is not None and place is not None:
            desk.change_machine(disks=dismounted(desk.state.disks, place, snapshot.disk))
    return replace(obj, recovery_set=()), HResult.S_OK


def _would_collide(desk: Desk, obj: BackupObject, place: int) -> bool:
    """Whether the machine sees the original as well, whose identity the destination is to take."""
    snapshot_id, destination = obj.recovery_set[place]
    record = _record(obj, snapshot_id)
    original = find_volume(desk, record.original_volume) if record is not None else None
    target = find_volume(desk, destination) if destination is not None else original
    return original is not None and target is not original


def _give_identity_back(desk: Desk, obj: BackupObject, snapshot_id: str, name: str) -> None:
    """The destination bears the identity of the original (rule sn-resync-identity); else it keeps its own."""
    record, volume = _record(obj, snapshot_id), find_volume(desk, name)
    lun = desk.luns.get(volume.lun) if volume is not None and volume.lun is not None else None
    if record is None or lun is None:
        return
    made = desk.luns.get(record.luns[0]) if record.luns else None
    desk.put_lun(lun.lun, replace(lun, identity=made.copy_of if made is not None else record.original_volume))
