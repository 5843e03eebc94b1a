"""The room that shadow copies take: what their provider needs to begin with, and what they keep of old content.

A copy by copy-on-write keeps in the storage area of its volume what is overwritten after it. Where that has no room to
grow, the oldest copy of the volume goes first: the page leaves the choice to the implementation (dispute C81).
Page: https://learn.microsoft.com/openspecs/windows_protocols/ms-scmp/a57fce2c-1868-4bd2-b8a1-4b7833ce9ca0
"""

from itertools import pairwise

from vss_sim.engine import bits
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import with_disk
from vss_sim.engine.volumes import copies_of, provider_named, volume_place
from vss_sim.model.computer import StorageArea
from vss_sim.model.content import size_of
from vss_sim.model.disk import NO_NAMES, Disk, FileEntry, changed_folders
from vss_sim.model.objects import VolumeInSet
from vss_sim.model.world import Snapshot


def lacks_storage(desk: Desk, member: VolumeInSet) -> bool:
    """Whether the provider of a volume in a set needs more free space than there is (rule sn-storage)."""
    provider = provider_named(desk, member.provider_id)
    area = _area_of(desk, member.volume)
    place = volume_place(desk, area.on if area is not None else member.volume)
    if provider is None or place is None or not provider.storage_needed:
        return False
    free = desk.state.disks.volumes[place].free
    if area is not None and area.maximum is not None:
        free = min(free, area.maximum - _kept(desk, area))
    return free < provider.storage_needed


def _area_of(desk: Desk, volume: str) -> StorageArea | None:
    wanted = volume.casefold()
    return next((area for area in desk.machine.storage_areas if area.volume.casefold() == wanted), None)


def not_while_reverted_to(desk: Desk, *copies: Snapshot) -> None:
    """Shadow copies that go are none to which a volume is being reverted.

    Raises:
        NotSimulated: one is; no page says what the revert comes to.
    """
    wanted = {one.snapshot_id for one in desk.state.reverts if one.ends > desk.clock}
    if any(copy.snapshot_id in wanted for copy in copies):
        raise NotSimulated("no page says what a revert comes to whose shadow copy is deleted before its end")


def settle_storage(desk: Desk) -> None:
    """The storage areas of the machine take the room that they need now; where there is none, the oldest copies go.

    Raises:
        NotSimulated: a volume is being reverted to one that would go.
    """
    for area in desk.machine.storage_areas:
        while not _fits(desk, area, kept := _kept(desk, area)) and (copies := _copies(desk, area)):
            not_while_reverted_to(desk, copies[0])
            desk.drop_snapshot(copies[0].snapshot_id)
        place, disks = _place(desk, area.on), desk.state.disks
        saved = kept + sum(
            _kept(desk, other) for other in desk.machine.storage_areas if other is not area and _same(other, area)
        )
        if disks.volumes[place].saved != saved:
            desk.change_machine(disks=with_disk(disks, place, disks.volumes[place].saving(saved)))


def _place(desk: Desk, name: str) -> int:
    """The place of a volume that a storage area names; what is kept on it stays there while its LUN is masked."""
    return next(place for place, one in enumerate(desk.machine.volumes) if one.name.casefold() == name.casefold())


def _same(one: StorageArea, other: StorageArea) -> bool:
    return one.on.casefold() == other.on.casefold()


def _fits(desk: Desk, area: StorageArea, kept: int) -> bool:
    if area.maximum is not None and kept > area.maximum:
        return False
    disk = desk.state.disks.volumes[_place(desk, area.on)]
    beside = sum(_kept(desk, other) for other in desk.machine.storage_areas if other is not area and _same(other, area))
    return kept + beside + disk.used + disk.reserved <= disk.capacity


def _copies(desk: Desk, area: StorageArea) -> list[Snapshot]:
    """The copies by copy-on-write of the volume, the oldest first."""
    found = copies_of(desk, desk.machine.volumes[_place(desk, area.volume)])
    kept_here = (copy for copy in found if copy.attributes & bits.DIFFERENTIAL and not copy.lun)
    return sorted(kept_here, key=lambda copy: copy.number)


def _kept(desk: Desk, area: StorageArea) -> int:
    """The bytes that the storage area holds: of each copy, what the next one or the volume has no more."""
    shown = [copy.disk for copy in _copies(desk, area) if copy.disk is not None]
    if not shown:
        return 0
    states = [*shown, desk.state.disks.volumes[_place(desk, area.volume)]]
    return sum(_overwritten(older, newer) for older, newer in pairwise(states))


def _overwritten(older: Disk, newer: Disk) -> int:
    """The bytes of the files that are not on the newer disk as they were."""
    kept = 0
    for path in changed_folders(older, newer):
        now = newer.names(path) if newer.has_folder(path) else NO_NAMES
        for key, entry in older.names(path).items():
            there = now.get(key)
            same = isinstance(there, FileEntry) and isinstance(entry, FileEntry) and there.content is entry.content
            if isinstance(entry, FileEntry) and not same:
                kept += size_of(entry.content)
    return kept
