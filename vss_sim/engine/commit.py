"""The instant at which shadow copies come to be, and how a set is given up."""

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.auto_recovery import is_recovered, volumes_to_recover
from vss_sim.engine.desk import Desk
from vss_sim.engine.devices import new_device
from vss_sim.engine.luns import make_lun, mark_originals
from vss_sim.engine.storage import settle_storage
from vss_sim.engine.volumes import FILESHARE, HARDWARE, provider_named, volume_place
from vss_sim.engine.writers import abort
from vss_sim.model.disk import Disk
from vss_sim.model.document import SnapshotRecord
from vss_sim.model.objects import BackupObject, Handle, VolumeInSet
from vss_sim.model.values import GUID_NULL
from vss_sim.model.world import Snapshot, beside_on_lun
from vss_sim.spec.creation import filetime


def committed(desk: Desk, handle: Handle, obj: BackupObject) -> BackupObject:
    """Every volume of the set has its shadow copy; the document tells of them."""
    records = []
    asked = volumes_to_recover(desk, obj)
    for member in obj.volumes:
        attributes = _attributes(desk, obj, member)
        if is_recovered(desk, obj, member, asked):
            attributes |= bits.AUTORECOVER
        lun = make_lun(desk, member, attributes)
        snapshot = Snapshot(
            snapshot_id=member.snapshot_id,
            set_id=obj.set_id,
            machine=desk.machine_index,
            volume=member.volume,
            provider_id=member.provider_id,
            attributes=attributes,
            context=obj.context,
            owner=None if attributes & bits.NO_AUTO_RELEASE else handle,
            originating_machine=desk.machine.name,
            created=filetime(desk.clock),
            number=new_device(desk),
            in_set=len(obj.volumes),
            lun=lun,
            disk=_now_on(desk, member.volume),
            beside=beside_on_lun(desk.machine, desk.state.disks, member.volume) if lun else (),
        )
        desk.put_snapshot(snapshot)
        records.append(
            SnapshotRecord(
                snapshot_id=member.snapshot_id,
                original_volume=member.volume,
                provider_id=member.provider_id,
                attributes=attributes,
                originating_machine=desk.machine.name,
                created=snapshot.created,
                luns=(snapshot.lun,) if snapshot.lun else (),
            )
        )
    document = replace(obj.document, snapshot_set_id=obj.set_id, snapshots=tuple(records))
    return replace(obj, document=document)


def _now_on(desk: Desk, name: str) -> Disk | None:
    """What is on a volume at this moment, which the shadow copy shows from now on."""
    place = volume_place(desk, name)
    return None if place is None else desk.state.disks.volumes[place]


def _attributes(desk: Desk, obj: BackupObject, member: VolumeInSet) -> int:
    """The attributes of a shadow copy: those of its context, and those that VSS sets by itself."""
    attributes = obj.context
    provider = provider_named(desk, member.provider_id)
    if provider is not None and provider.type is HARDWARE:
        attributes |= bits.HARDWARE_ASSISTED
    elif provider is not None and provider.type is FILESHARE:
        attributes |= bits.FILE_SHARE
    elif not attributes & bits.PLEX:
        attributes |= bits.DIFFERENTIAL
    if attributes & bits.TRANSPORTABLE:
        attributes |= bits.NOT_SURFACED
    return attributes


def give_set_up(desk: Desk, obj: BackupObject) -> BackupObject:
    """The set comes to nothing: the writers in progress are told, and what was made of it goes."""
    return undo_set(desk, abort(desk, obj))


def undo_set(desk: Desk, obj: BackupObject) -> BackupObject:
    """What was made of a set that is not finished goes: its copies with their LUNs, and the marks on the originals."""
    mark_originals(desk, obj, marked=False)
    for member in obj.volumes:
        if member.snapshot_id in desk.snapshots:
            desk.drop_snapshot(member.snapshot_id)
    settle_storage(desk)
    document = obj.document
    if document.snapshot_set_id == obj.set_id:  # not one of an earlier set, nor of the machine that made it
        document = replace(document, snapshot_set_id=GUID_NULL, snapshots=())
    return replace(obj, volumes=(), document=document)
