"""LUN resync: which shadow copies and volumes a recovery set takes, and what RecoverSet may then do.

The document tells the LUNs of a copy and the array copies from LUN to LUN, so the machine need not see the copy: it may
be masked, or wait for its import (rule recover-set-in-array, inferred). The volume to overwrite has to be there.
Pages: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponentsex3-recoverset,
https://learn.microsoft.com/windows/win32/api/vsprov/nf-vsprov-ivsshardwaresnapshotproviderex-resyncluns
"""

from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import OF_THE_METHOD, OK, Answer, no
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.files import dismounted
from vss_sim.engine.provider_failures import failure_for
from vss_sim.engine.storage import settle_storage
from vss_sim.engine.volumes import find_volume, no_such_volume, provider_named, providers, supports, volume_place
from vss_sim.model.computer import Provider, Volume
from vss_sim.model.disk import Disk
from vss_sim.model.document import SnapshotRecord
from vss_sim.model.objects import AsyncObject, BackupObject, Handle
from vss_sim.model.world import Snapshot
from vss_sim.spec.enums import ProviderType, numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.stored import RECOVERY_ANEW

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
    provider = provider_named(desk, record.provider_id)
    lacks = _not_owned(desk, record, provider)
    if provider is None or lacks:
        return no(HResult.VSS_E_OBJECT_NOT_FOUND, OF_THE_METHOD, f"the shadow copy {record.snapshot_id} {lacks}")
    if _LEGACY in provider.capabilities:
        words = f"{provider.name} is of a version without resync"
        return no(HResult.VSS_E_LEGACY_PROVIDER, OF_THE_METHOD, words)
    return _cannot_be_destination(desk, provider, record, arguments["pwszDestinationVolume"])


def _not_owned(desk: Desk, record: SnapshotRecord, provider: Provider | None) -> str:
    """Why no hardware provider of the machine owns a shadow copy of the document; empty where one does."""
    if not record.attributes & bits.HARDWARE_ASSISTED:
        return "is not a hardware provider's"
    if provider is None or provider.type is not ProviderType.HARDWARE:
        return "is of a provider that this machine does not have"
    if record.snapshot_id in desk.snapshots:
        return ""
    fate = desk.gone.get(record.snapshot_id)
    return "was never made on a LUN" if fate is None else fate.value


def _resync_runs(desk: Desk) -> bool:
    return any(
        isinstance(known, AsyncObject)
        and known.machine == desk.machine_index
        and known.method == "RecoverSet"
        and known.end is None
        for known in desk.objects.values()
    )


def _cannot_be_destination(desk: Desk, provider: Provider, record: SnapshotRecord, name: str | None) -> Answer | None:
    """Why the volume cannot be overwritten by a resync; none named is the volume of which the copy was made."""
    volume = _destination(desk, record, name)
    if volume is None:
        return no_such_volume(name or record.original_volume)
    lun = desk.luns.get(volume.lun) if volume.lun is not None else None
    if any(one.quorum and lun is not None and one.lun == lun.lun for one in desk.world.description.storage.luns):
        words = f"{volume.name} is on the quorum disk of the cluster"
        return no(HResult.VSS_E_VOLUME_NOT_SUPPORTED, "sn-resync-dynamic", words)
    if volume.dynamic or not supports(provider, volume):
        words = f"{volume.name} is {'dynamic' if volume.dynamic else 'on no LUN of the hardware provider'}"
        return no(HResult.VSS_E_VOLUME_NOT_SUPPORTED, "sn-resync-dynamic", words)
    return None


def _destination(desk: Desk, record: SnapshotRecord, name: str | None) -> Volume | None:
    """The volume that a resync overwrites, if it is there; where none is named, the one that was copied."""
    return find_volume(desk, name) if name is not None else _original(desk, record)


def _original(desk: Desk, record: SnapshotRecord) -> Volume | None:
    """The volume that was copied, which VSS finds by its LUN: one of the same name on another machine is another."""
    if record.originating_machine == desk.machine.name:
        return find_volume(desk, record.original_volume)
    copied = {made.copy_of for lun in record.luns if (made := desk.luns.get(lun)) is not None}
    seen = [volume for volume in desk.machine.volumes if volume.lun in copied and find_volume(desk, volume.name)]
    if len(seen) > 1:
        raise NotSimulated(
            "several volumes are on the LUN of the original; which of them it was, the world does not tell"
        )
    return seen[0] if seen else None


def recover_set(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The resync begins, one at a time, with what was added for it; neither Windows PE nor safe mode has it.

    Raises:
        NotSimulated: a copy or a volume of the recovery set went away after it was added; or, without the check of
            volumes, a volume that the copied LUN did not hold would be overwritten.
    """
    if not obj.recovery_set:
        words = "nothing was added to the recovery set since its resync"
        return obj, Answer(HResult.VSS_E_BAD_STATE, rule="recover-set-anew", words=words, ways=RECOVERY_ANEW)
    if _resync_runs(desk):
        return obj, no(HResult.VSS_E_RESYNC_IN_PROGRESS, "sn-resync-one", "another resync is running")
    if desk.machine.safe_mode or desk.system.preinstallation:
        where = "safe mode" if desk.machine.safe_mode else desk.system.name
        return obj, no(HResult.VSS_E_BAD_STATE, "recover-set-not-winpe", f"the machine runs {where}")
    chosen = _chosen(desk, obj)
    for one in chosen:
        provider = provider_named(desk, one.record.provider_id)
        if provider is not None and provider.capabilities and _RESYNC not in provider.capabilities:
            words = f"{provider.name} cannot make LUNs equal again"
            return obj, no(HResult.E_NOTIMPL, OF_THE_METHOD, words)
    unselected = _unselected(desk, chosen)
    if unselected and not arguments["dwFlags"] & _NO_VOLUME_CHECK:
        words = f"{unselected[0][0].name} is on a LUN that would be overwritten"
        return obj, no(HResult.VSS_E_UNSELECTED_VOLUME, "sn-resync-unselected", words)
    for volume, one in unselected:
        if volume.name not in dict(one.copy.beside) or _original(desk, one.record) is not one.volume:
            told = f"{volume.name} is on a LUN that a copy of another LUN is to overwrite"
            raise NotSimulated(f"RecoverSet: {told}; what becomes of such a volume is not simulated")
    return obj, OK


class _Chosen(NamedTuple):
    """A shadow copy of the recovery set, the record of it in the document, and the volume that it overwrites."""

    copy: Snapshot
    record: SnapshotRecord
    volume: Volume


def _chosen(desk: Desk, obj: BackupObject) -> list[_Chosen]:
    """The recovery set as it is now.

    Raises:
        NotSimulated: a copy or a volume of it is not there any more.
    """
    found = []
    for snapshot_id, name in obj.recovery_set:
        copy, record = desk.snapshots.get(snapshot_id), _record(obj, snapshot_id)
        volume = _destination(desk, record, name) if record is not None else None
        if copy is None or record is None or volume is None:
            gone = (
                f"the volume to overwrite with {snapshot_id}" if copy is not None else f"the shadow copy {snapshot_id}"
            )
            raise NotSimulated(f"no page says what a resync comes to when {gone} went away after it was added")
        found.append(_Chosen(copy, record, volume))
    return found


def _unselected(desk: Desk, chosen: list[_Chosen]) -> list[tuple[Volume, _Chosen]]:
    """The volumes that lie beside a destination without being one, each with what its LUN is overwritten by."""
    destinations = [one.volume for one in chosen]
    luns = {one.volume.lun: one for one in chosen if one.volume.lun is not None}
    beside = (volume for volume in desk.machine.volumes if volume not in destinations)
    return [(volume, luns[volume.lun]) for volume in beside if volume.lun in luns]


def resync(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> tuple[BackupObject, HResult]:
    """The LUNs of the recovery set equal their shadow copies, unless a provider fails (rule sn-resync-result-equal)."""
    chosen = _chosen(desk, obj)
    for one in chosen:
        failure = failure_for(desk, one.record.provider_id, _CALL, one.volume.name)
        if failure is not None:
            return obj, failure.code
    (flags,) = operation.argument
    if flags & _REVERT_IDENTITY and any(_would_collide(desk, one) for one in chosen):
        return obj, HResult.VSS_E_CANNOT_REVERT_DISKID
    for one in chosen:
        if flags & _REVERT_IDENTITY:
            _give_identity_back(desk, one)
        _overwrite(desk, one.volume, one.copy.disk)
    for volume, one in _unselected(desk, chosen):
        _overwrite(desk, volume, dict(one.copy.beside).get(volume.name))
    settle_storage(desk)
    return replace(obj, recovery_set=()), HResult.S_OK


def _overwrite(desk: Desk, volume: Volume, disk: Disk | None) -> None:
    """The volume is as it was when its LUN was copied; what was open on it is closed."""
    place = volume_place(desk, volume.name)
    if disk is not None and place is not None:
        desk.change_machine(disks=dismounted(desk.state.disks, place, disk))


def _would_collide(desk: Desk, one: _Chosen) -> bool:
    """Whether the machine sees the original as well, whose identity the destination is to take."""
    original = _original(desk, one.record)
    return original is not None and one.volume is not original


def _give_identity_back(desk: Desk, one: _Chosen) -> None:
    """The destination bears the identity of the original (rule sn-resync-identity); else it keeps its own."""
    lun = desk.luns.get(one.volume.lun) if one.volume.lun is not None else None
    if lun is None:
        return
    made = desk.luns.get(one.record.luns[0]) if one.record.luns else None
    desk.put_lun(lun.lun, replace(lun, identity=made.copy_of if made is not None else one.record.original_volume))
