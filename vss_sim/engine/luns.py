"""LUNs: the marks on those of a creation, the ones that providers make for copies, who sees them, and broken ones.

A LUN that a provider made goes with the shadow copy on it; once that was broken, it is a LUN like any other (rules
sn-flags-lun, im-failure-no-cleanup, sn-break-forgets).
Page: https://learn.microsoft.com/windows/win32/vss/the-shadow-copy-creation-process
"""

from typing import Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.desk import Desk
from vss_sim.engine.devices import device_of, device_root, new_device
from vss_sim.engine.volumes import HARDWARE, find_volume, provider_named
from vss_sim.model.disk import Disk, FolderEntry, LinkEntry, below
from vss_sim.model.disks import brought_back, locate, taken_away
from vss_sim.model.names import fold, parse
from vss_sim.model.objects import BackupObject, VolumeInSet
from vss_sim.model.storage import HIDDEN, MARKED, READ_ONLY, LunState
from vss_sim.model.values import GUID_NULL
from vss_sim.model.world import Snapshot, World, lun_named
from vss_sim.spec.protocol.common import BEING_CREATED
from vss_sim.spec.state import Import
from vss_sim.spec.win32 import FileError

_NOWHERE: Final = Disk(capacity=0)
_DRIVE: Final = 2


def mark_originals(desk: Desk, obj: BackupObject, *, marked: bool) -> None:
    """The LUNs of the volumes in a set get the marks of a creation after EndPrepareSnapshots, or lose them.

    One that is masked from the machine meanwhile loses them as well: they are on the LUN, wherever that is seen.
    """
    names = {member.volume for member in obj.volumes} if desk.luns else ()
    for volume in desk.machine.volumes if names else ():
        lun = desk.luns.get(volume.lun) if volume.name in names and volume.lun is not None else None
        marks = MARKED if marked else 0
        if lun is not None and lun.marks != marks:
            desk.put_lun(lun.lun, replace(lun, marks=marks))


def clear_originals(desk: Desk) -> None:
    """No LUN of a volume of the machine stays marked over a restart."""
    for volume in desk.machine.volumes:
        lun = desk.luns.get(volume.lun) if volume.lun is not None else None
        if lun is not None and lun.marks:
            desk.put_lun(lun.lun, replace(lun, marks=0))


def make_lun(desk: Desk, member: VolumeInSet, attributes: int) -> str:
    """The LUN on which a hardware provider has made the copy of a volume; empty for other providers.

    No machine sees it before LocateLuns: in the creation, unless the set is to be transported.
    """
    provider = provider_named(desk, member.provider_id) if attributes & bits.HARDWARE_ASSISTED else None
    if provider is None or provider.type is not HARDWARE:
        return ""
    volume = find_volume(desk, member.volume)
    name = lun_named(member.snapshot_id)
    lun = LunState(
        lun=name,
        array=provider.array or "",
        marks=MARKED,
        identity=name,
        copy_of=(volume.lun if volume is not None else None) or member.volume,
        snapshot_id=member.snapshot_id,
    )
    desk.put_lun(name, lun)
    return name


def luns_named(desk: Desk, name: str) -> list[LunState]:
    """The LUN with this identifier, or those that providers made for this shadow copy or set."""
    wanted = name.lower().strip("{}")
    made = {copy.lun for copy in desk.snapshots.values() if f"{{{wanted}}}" in (copy.snapshot_id, copy.set_id)}
    return [lun for lun in desk.luns.values() if lun.lun == name or lun.lun in made]


def reaches(desk: Desk, lun: LunState) -> bool:
    """Whether the machine is connected to the array of a LUN."""
    arrays = {array.name: array for array in desk.world.description.storage.arrays}
    array = arrays.get(lun.array)
    return array is None or array.machines is None or desk.machine.name in array.machines


def show(desk: Desk, lun: LunState) -> None:
    """The LUN is masked from this machine no more."""
    seen = replace(lun, seen_by=lun.seen_by | {desk.machine_index})
    desk.put_lun(lun.lun, seen)
    _show_volume(desk, seen, shown=True)


def mask(desk: Desk, lun: LunState) -> None:
    """The machine sees the LUN no more; it stays on its array."""
    left = replace(lun, seen_by=lun.seen_by - {desk.machine_index})
    desk.put_lun(lun.lun, left)
    _show_volume(desk, left, shown=False)


def _mount(desk: Desk, copy: Snapshot) -> None:
    """The folder in which a copy was exposed leads to its volume, as it led to the copy; it may be gone since."""
    path, disks = copy.exposed_name or "", desk.state.disks
    try:
        found = locate(disks, parse(path, long_paths=True))
    except FileError:
        return
    (store, folder, key), disk = found.key, found.disk
    if isinstance(store, int) and isinstance(found.entry, FolderEntry) and not disk.names(below(folder, key)):
        link = LinkEntry(found.entry.name, f"{device_of(copy)}\\")
        disk = disk.without(folder, key).with_link(folder, key, link)
        volumes = (*disks.volumes[:store], disk, *disks.volumes[store + 1 :])
        desk.change_machine(disks=replace(disks, volumes=volumes))


def _show_volume(desk: Desk, lun: LunState, *, shown: bool) -> None:
    """What lies on a LUN comes and goes with it: broken copies, and volumes that the world file put there."""
    here = {place for place, volume in enumerate(desk.machine.volumes) if volume.lun == lun.lun}
    if lun.volume is not None and lun.volume[0] == desk.machine_index:
        here.add(lun.volume[1])
    if here:
        change = brought_back if shown else taken_away
        desk.change_machine(disks=change(desk.state.disks, frozenset(here)))
    if lun.volume is not None and lun.volume[0] not in lun.seen_by and lun.seen_by:
        _move_volume(desk, lun, min(lun.seen_by))


def shared_by(desk: Desk, lun: LunState) -> str | None:
    """The machine that has mounted the volume on a broken LUN, and does not let this one mount it beside itself.

    Two nodes of a cluster may see a disk at the same time: one of them mounts it.
    """
    if lun.volume is None or lun.volume[0] == desk.machine_index or lun.volume[0] not in lun.seen_by:
        return None
    owner = desk.world.description.machines[lun.volume[0]]
    return None if owner.cluster is not None and owner.cluster == desk.machine.cluster else owner.name


def _move_volume(desk: Desk, lun: LunState, machine: int) -> None:
    """What lies on a broken LUN is a volume of another machine, since the one that had it sees the LUN no more."""
    assert lun.volume is not None  # noqa: S101 - the caller saw it
    here, (before, place) = desk.machine_index, lun.volume
    desk.go_to(before)
    disks = desk.state.disks
    disk, writable = disks.volumes[place], place not in disks.read_only
    for root in [root for root, there in disks.away.items() if there == place]:
        disks = replace(disks, away=disks.away.delete(root))
    desk.change_machine(disks=disks)
    desk.go_to(machine)
    moved = _new_volume(desk, disk, (device_root(new_device(desk)),), writable=writable)
    desk.put_lun(lun.lun, replace(lun, volume=(machine, moved)))
    desk.go_to(here)


def _new_volume(desk: Desk, disk: Disk, names: tuple[str, ...], *, writable: bool) -> int:
    """A volume more on this machine, by these roots of paths: its place."""
    disks = desk.state.disks
    place, roots = len(disks.volumes), disks.roots
    for root in names:
        roots = roots.set(root, place)
    read_only = disks.read_only if writable else disks.read_only | {place}
    desk.change_machine(disks=replace(disks, volumes=(*disks.volumes, disk), roots=roots, read_only=read_only))
    return place


def orphans(world: World, machine: int) -> list[LunState]:
    """The LUNs of shadow copies that a machine sees and on which neither VSS nor a broken volume is there.

    An import that failed, or that was cut off, leaves them behind (rule im-failure-no-cleanup); one that runs may bring
    them yet, and a creation shows those in which writers recover their data.
    """
    coming = {
        record.snapshot_id
        for obj in world.objects.values()
        if isinstance(obj, BackupObject) and obj.machine == machine and obj.state & (Import.PENDING | BEING_CREATED)
        for record in obj.document.snapshots
    }
    return [
        lun
        for lun in world.luns.values()
        if lun.copy_of and machine in lun.seen_by and lun.volume is None and not _is_known(world, lun, machine)
        if lun.snapshot_id not in coming
    ]


def _is_known(world: World, lun: LunState, machine: int) -> bool:
    copy = world.snapshots.get(lun.snapshot_id)
    return copy is not None and copy.machine == machine and not copy.attributes & bits.NOT_SURFACED


def leave_as_volume(desk: Desk, copy: Snapshot, *, writable: bool) -> None:
    """What lies on the LUN of a broken copy is a volume of this machine from now on.

    It has the device and the other access paths that the copy had (rule sn-break-forgets), and stays read-only unless
    asked otherwise (rule sn-break-readonly-default).
    """
    shown = fold(copy.exposed_name or "")
    names = [device_root(copy.number)]
    if copy.attributes & bits.EXPOSED_LOCALLY and len(shown) == _DRIVE:
        names.append(shown)
    elif copy.attributes & bits.EXPOSED_LOCALLY:
        _mount(desk, copy)
    elif copy.attributes & bits.EXPOSED_REMOTELY and not (copy.exposed_path or "").strip("\\"):
        names.append(f"\\\\{fold(desk.machine.name)}\\{shown}")
    place = _new_volume(desk, copy.disk or _NOWHERE, tuple(names), writable=writable)
    lun = desk.luns.get(copy.lun)
    if lun is not None:
        marks = lun.marks & ~(READ_ONLY | HIDDEN) if writable else lun.marks
        desk.put_lun(copy.lun, replace(lun, snapshot_id=GUID_NULL, volume=(desk.machine_index, place), marks=marks))
