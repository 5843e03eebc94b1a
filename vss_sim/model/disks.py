"""The disks of a machine as they are now: who has which file open, what waits for the next start; how they began."""

from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from vss_sim.model.computer import File, Machine, Service, Volume
from vss_sim.model.content import Content, Grown, bytes_of_text
from vss_sim.model.disk import NO_NAMES, Disk, Entry, FileEntry, FolderEntry, LinkEntry, Names, below
from vss_sim.model.maps import Map
from vss_sim.model.names import Where, fold, is_share, names_of, parse, where, with_host_name
from vss_sim.model.values import Value, numbered_guid
from vss_sim.spec.win32 import (
    ARCHIVE,
    DIRECTORY,
    HIDDEN,
    READ,
    READ_ONLY,
    REPARSE_POINT,
    SYSTEM,
    WRITE,
    FileError,
    Win32Error,
)

MOST_LINKS: Final = 63
"""So many reparse points a path may lead through."""
FILE_SYSTEMS: Final = frozenset({"NTFS", "REFS", "CSVFS", "FAT", "FAT32", "EXFAT", "UDF", "CDFS"})
IN_USE: Final = "in use"
"""Who holds a file of which the world says no more than that it is in use."""

Store = int | str
"""A volume by its place on the machine, or a shadow copy by its id."""
Key = tuple[Store, str, str]
"""A file: its volume, its folder, its name, as they are compared."""


class Hold(Value, frozen=True, gc=False):
    """A file is open: by which handle or service, what it does with the file, and what it lets others do."""

    by: str
    access: int
    share: int


class OpenFile(Value, frozen=True, kw_only=True):
    """A handle of a process to a file; `desired_access` is as it was asked for, `position` where the next byte is."""

    process: str
    key: Key
    desired_access: int
    position: int = 0
    delete_on_close: bool = False


class Listing(Value, frozen=True, kw_only=True):
    """A handle of a process to the entries that a FindFirstFile found, and how many of them were read."""

    process: str
    entries: tuple[Entry, ...]
    position: int = 1


class DelayedMove(Value, frozen=True):
    """What MoveFileEx left for the next start; no target: the file is deleted."""

    source: str
    target: str | None
    flags: int


class BootMove(Value, frozen=True):
    """What became of a delayed move: the name of the Win32 error, ERROR_SUCCESS where it was done."""

    source: str
    target: str | None
    outcome: str


NO_ROOTS: Final[Map[str, int]] = Map()
NO_HANDLES: Final[Map[str, OpenFile | Listing]] = Map()
NO_HOLDS: Final[Map[Key, tuple[Hold, ...]]] = Map()


class Disks(Value, frozen=True, kw_only=True, gc=False):
    """The volumes of a machine in the order of its description, and what is going on with their files.

    `roots` maps a root of paths to its volume, `deleting` are files that go with their last handle, `boot_moves` what
    the last start made of the delayed moves. `read_only` are volumes that nothing can be written to, `unrecognized`
    those whose file system is not known. `away` are the roots of volumes whose LUN is masked from the machine.
    """

    volumes: tuple[Disk, ...] = ()
    roots: Map[str, int] = NO_ROOTS
    away: Map[str, int] = NO_ROOTS
    long_paths: bool = False
    read_only: frozenset[Store] = frozenset()
    unrecognized: frozenset[Store] = frozenset()
    handles: Map[str, OpenFile | Listing] = NO_HANDLES
    holds: Map[Key, tuple[Hold, ...]] = NO_HOLDS
    deleting: frozenset[Key] = frozenset()
    delayed: tuple[DelayedMove, ...] = ()
    boot_moves: tuple[BootMove, ...] = ()


class Found(Value, frozen=True, gc=False):
    """Where a path leads: the disk, the file's place on it, and what is there, if anything is."""

    key: Key
    name: str
    disk: Disk
    entry: Entry | None


Copies = Callable[[str], tuple[Store, Disk, str] | None]
"""The shadow copy, or what else is no volume, that a root stands for, and the folder on it that the root means."""


def _no_copies(root: str) -> None:
    return None


def locate(disks: Disks, place: Where, copies: Copies = _no_copies, *, follow: bool = True) -> Found:
    """Where a path leads, through reparse points; through the one that it names itself where `follow` says so.

    Raises:
        FileError: a volume or folder of the path is not there, or its reparse points have no end.
    """
    index = disks.roots.get(place.root)
    if index is not None and index not in disks.unrecognized:
        disk = disks.volumes[index]
        if not disk.links:
            return Found((index, place.folder, place.key), place.name, disk, disk.entry(place.folder, place.key))
    for _ in range(MOST_LINKS + 1):
        store, disk, top = _store(disks, place.root, copies)
        folder = f"{top}\\{place.folder}" if top and place.folder else top or place.folder
        link = _first_link(disk, folder, place.key, follow=follow) if disk.links else None
        if link is None:
            return Found((store, folder, place.key), place.name, disk, disk.entry(folder, place.key))
        entry, passed = link
        rest = _rest(folder, passed, place)
        onward = parse(entry.target, long_paths=True)
        names = (*below(onward.folder, onward.key).split("\\"), *rest) if onward.key else rest
        place = where(onward.root, names)
    raise FileError(Win32Error.ERROR_CANT_RESOLVE_FILENAME)


def _store(disks: Disks, root: str, copies: Copies) -> tuple[Store, Disk, str]:
    index = disks.roots.get(root)
    if index is not None:
        if index in disks.unrecognized:
            raise FileError(Win32Error.ERROR_UNRECOGNIZED_VOLUME)
        return index, disks.volumes[index], ""
    copy = copies(root)
    if copy is None:
        share = root.startswith("\\\\")
        raise FileError(Win32Error.ERROR_BAD_NETPATH if share else Win32Error.ERROR_PATH_NOT_FOUND)
    return copy


def _first_link(disk: Disk, folder: str, key: str, *, follow: bool) -> tuple[LinkEntry, int] | None:
    """The first reparse point on the way to a file, and how many names lie before and including it."""
    names = [*(folder.split("\\") if folder else ()), key]
    path = ""
    for count, name in enumerate(names, 1):
        if count == len(names) and not follow:
            return None
        entry = disk.entry(path, name) if disk.has_folder(path) else None
        if isinstance(entry, LinkEntry):
            return entry, count
        path = below(path, name)
    return None


def _rest(folder: str, passed: int, place: Where) -> tuple[str, ...]:
    """The names after the first `passed` ones; the last as it was written."""
    names = (*(folder.split("\\") if folder else ()), place.name)
    return names[passed:]


def volume_name(machine: int, place: int, volume: Volume) -> str:
    """The name of a volume with its GUID, which never changes; `place` counts from 1."""
    return volume.volume_name or f"\\\\?\\Volume{numbered_guid(0xD15C + machine, place)}\\"


def taken_away(disks: Disks, places: frozenset[int]) -> Disks:
    """The disks without these volumes, whose LUNs the machine sees no more."""
    gone = [root for root, place in disks.roots.items() if place in places]
    roots, away = disks.roots, disks.away
    for root in gone:
        roots, away = roots.delete(root), away.set(root, roots[root])
    return replace(disks, roots=roots, away=away)


def brought_back(disks: Disks, places: frozenset[int]) -> Disks:
    """The disks with these volumes, whose LUNs the machine sees again."""
    back = [root for root, place in disks.away.items() if place in places]
    roots, away = disks.roots, disks.away
    for root in back:
        roots, away = roots.set(root, away[root]), away.delete(root)
    return replace(disks, roots=roots, away=away)


def new_disks(index: int, machine: Machine) -> Disks:
    """The disks of a machine as its description has them, files in use held."""
    names = [volume_name(index, place, volume) for place, volume in enumerate(machine.volumes, 1)]
    roots: dict[str, int] = {}
    mounts: list[tuple[Where, int]] = []
    for place, volume in enumerate(machine.volumes):
        short = (with_host_name(volume.name),) if is_share(volume.name) else ()
        for path in (names[place], volume.name, *volume.mount_points, *short):
            found = _parsed(path if path.endswith("\\") else path + "\\")
            if found is not None and found.key:
                mounts.append((found, place))
            elif found is not None:
                roots.setdefault(found.root, place)
    volumes = list(map(_disk, machine.volumes))
    for folder, place in mounts:
        host = roots.get(folder.root)
        if host is not None:
            volumes[host] = _mounted(volumes[host], folder, names[place])
    numbered = list(enumerate(machine.volumes))
    disks = Disks(
        volumes=tuple(volumes),
        roots=Map(roots),
        long_paths=machine.registry.long_paths_enabled,
        read_only=frozenset(place for place, volume in numbered if volume.drive_type == "cdrom"),
        unrecognized=frozenset(place for place, volume in numbered if volume.file_system.upper() not in FILE_SYSTEMS),
    )
    return held(disks, _held_at_first(machine))


def _parsed(path: str) -> Where | None:
    try:
        return parse(path, long_paths=True)
    except FileError:
        return None


def _held_at_first(machine: Machine) -> Iterator[tuple[str, str]]:
    for volume in machine.volumes:
        yield from ((IN_USE, path) for path, file in volume.files.items() if file.in_use)
    for service in machine.services:
        if service.state != "stopped":
            yield from service_holds(service)


def service_holds(service: Service) -> Iterator[tuple[str, str]]:
    """Who holds which paths while a service runs."""
    yield from ((holder(service), path) for path in service.opens)


def holder(service: Service) -> str:
    """The name under which a service holds files."""
    return f"service {service.name}"


def held(disks: Disks, more: Iterable[tuple[str, str]]) -> Disks:
    """The disks with files held without sharing: who, and the path; what is no file, or is held, is passed over."""
    holds = disks.holds
    for by, path in more:
        try:
            found = locate(disks, parse(path, long_paths=True))
            free = isinstance(found.entry, FileEntry) and found.key not in holds
        except FileError:
            continue
        if free:
            holds = holds.set(found.key, (Hold(by, READ | WRITE, 0),))
    return replace(disks, holds=holds)


def _disk(volume: Volume) -> Disk:
    """The disk as a volume's description has it."""
    folders: dict[str, dict[str, Entry]] = {"": {}}
    used = links = 0
    for path, file in volume.files.items():
        names = names_of(path[len(volume.name) :], verbatim=True)
        if not names:
            continue
        entry = _entry(names[-1], file, is_folder=path.endswith("\\"))
        folder = _made(folders, names if isinstance(entry, FolderEntry) else names[:-1])
        if not isinstance(entry, FolderEntry):
            folders[folder][fold(entry.name)] = entry
        used += file.bytes
        links += isinstance(entry, LinkEntry)
    made: Map[str, Names] = Map({path: Map(entries) if entries else NO_NAMES for path, entries in folders.items()})
    return Disk(capacity=volume.capacity, settled=made, used=used, links=links)


def _made(folders: dict[str, dict[str, Entry]], names: tuple[str, ...]) -> str:
    """The path of a folder, made with all those above it."""
    path = ""
    for name in names:
        key = fold(name)
        inner = below(path, key)
        if inner not in folders:
            folders[inner] = {}
            folders[path][key] = FolderEntry(name)
        path = inner
    return path


def _entry(name: str, file: File, *, is_folder: bool) -> Entry:
    if is_folder:
        return FolderEntry(name)
    flags = ((file.read_only, READ_ONLY), (file.hidden, HIDDEN), (file.system, SYSTEM))
    own = sum(flag for given, flag in flags if given)
    if file.link_to is not None:
        return LinkEntry(name, file.link_to, DIRECTORY | REPARSE_POINT | own)
    return FileEntry(name, _content(file), ARCHIVE | own, file.denied_to, file.last_write_time)


def _content(file: File) -> Content:
    if file.content_base64 is not None:
        return b64decode(file.content_base64)
    if file.content is not None:
        return bytes_of_text(file.content)
    return Grown(file.size, file.seed) if file.size else b""


def _mounted(disk: Disk, folder: Where, target: str) -> Disk:
    """The host of a volume that is mounted in a folder; what is no folder cannot be one."""
    path = ""
    for key in folder.folder.split("\\") if folder.folder else ():
        there = disk.entry(path, key)
        if there is None:
            disk = disk.with_folder(path, key, key)
        elif not isinstance(there, FolderEntry):
            return disk
        path = below(path, key)
    return disk.with_link(path, folder.key, LinkEntry(folder.name, target))
