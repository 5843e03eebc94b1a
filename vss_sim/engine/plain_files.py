"""The short way of reading, writing and deleting by path: a plain file on a plain volume, and nobody in the way.

Most file calls are such. What is not - a shadow copy, a reparse point, a handle that is open, an attribute, a lack of
room, a script, an argument more - is left to the long way (`files`, `file_moves`), which decides everything. Both ways
come to the same world and the same answer (tests/test_plain_files.py).
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from msgspec.structs import replace

from vss_sim.engine.answers import NOTHING
from vss_sim.model.content import size_of
from vss_sim.model.disk import Disk, FileEntry, Names
from vss_sim.model.names import Where, usual
from vss_sim.model.world import MachineState, World
from vss_sim.spec.creation import filetime
from vss_sim.spec.win32 import ARCHIVE, MAX_PATH, READ_ONLY, FileError, Win32Error

T = TypeVar("T")
Done = tuple[World, Win32Error, Mapping[str, Any]]
ShortWay = Callable[[World, Mapping[str, Any], int], Done | None]

_SUCCESS: Final = Win32Error.ERROR_SUCCESS
_LONGEST: Final = 1 << 20
"""Signs of a text; what is longer takes its time anyway."""


_Place = tuple[int, Disk, Names, Where, FileEntry | None]
"""A file that may be there: its volume by number and as it is, its folder's names, its path, and the file."""


def _plain(world: World, index: int, state: MachineState, path: object) -> _Place | None:
    """Where a path leads, if nothing about the way and the file is out of the ordinary."""
    if type(path) is not str or len(path) >= MAX_PATH or world.snapshots or not state.plain_storage:
        return None
    try:
        where = usual(path)
    except FileError:
        return None
    disks, key, folder = state.disks, where.key, where.folder
    volume = disks.roots.get(where.root)
    if volume is None or not key or where.slash or (disks.holds and (volume, folder, key) in disks.holds):
        return None
    disk = disks.volumes[volume]
    names = disk.folders.get(folder)
    if names is None or disk.links or volume in disks.unrecognized:
        return None
    found = names.get(key)
    if found is not None and (type(found) is not FileEntry or found.attributes & READ_ONLY or found.denied_to):
        return None
    return volume, disk, names, where, found


def _read(world: World, given: Mapping[str, Any], index: int) -> Done | None:
    """The whole of a file that is a text."""
    if len(given) != 1:
        return None
    place = _plain(world, index, world.machines[index], given.get("lpFileName"))
    file = place[4] if place is not None else None
    if file is None or type(file.content) is not bytes:
        return None
    data = file.content
    try:
        return world, _SUCCESS, {"content": data.decode(), "lpNumberOfBytesRead": len(data)}
    except UnicodeDecodeError:
        return None


def _write(world: World, given: Mapping[str, Any], index: int) -> Done | None:
    """A file has a new content, or comes to be."""
    content = given.get("content")
    if len(given) != 2 or type(content) is not str or len(content) > _LONGEST:  # noqa: PLR2004 - path and content
        return None
    state = world.machines[index]
    place = _plain(world, index, state, given.get("lpFileName"))
    if place is None:
        return None
    volume, disk, names, path, old = place
    if volume in state.disks.read_only:
        return None
    try:
        data = content.encode()
    except UnicodeEncodeError:
        return None
    written = filetime(world.clock)
    if old is None:
        used, made = disk.used + len(data), FileEntry(path.name, data, ARCHIVE, (), written)
    else:
        used = disk.used + len(data) - size_of(old.content)
        made = FileEntry(old.name, data, old.attributes | ARCHIVE, (), written)
    if used > disk.used and used > disk.capacity - disk.reserved - disk.saved:
        return None
    folders = disk.folders.set(path.folder, names.set(path.key, made))
    after = Disk(disk.capacity, folders, used, disk.reserved, disk.links, disk.saved)
    return _with_disk(world, index, state, volume, after), _SUCCESS, {"lpNumberOfBytesWritten": len(data)}


def _delete(world: World, given: Mapping[str, Any], index: int) -> Done | None:
    """A file is no more."""
    if len(given) != 1:
        return None
    state = world.machines[index]
    place = _plain(world, index, state, given.get("lpFileName"))
    if place is None:
        return None
    volume, disk, names, path, old = place
    if old is None or volume in state.disks.read_only:
        return None
    folders = disk.folders.set(path.folder, names.delete(path.key))
    after = Disk(disk.capacity, folders, disk.used - size_of(old.content), disk.reserved, disk.links, disk.saved)
    return _with_disk(world, index, state, volume, after), _SUCCESS, NOTHING


def _with_disk(world: World, index: int, state: MachineState, volume: int, disk: Disk) -> World:
    """The world in which a volume of a machine has this on it."""
    disks = state.disks
    volumes = (disk,) if len(disks.volumes) == 1 else _with(disks.volumes, volume, disk)
    machine = replace(state, disks=replace(disks, volumes=volumes))
    machines = (machine,) if len(world.machines) == 1 else _with(world.machines, index, machine)
    return replace(world, machines=machines)


def _with(things: tuple[T, ...], place: int, thing: T) -> tuple[T, ...]:
    return (*things[:place], thing, *things[place + 1 :])


SHORT_WAYS: Final[dict[str, ShortWay]] = {
    f"{name}{form}": way
    for name, way in (("ReadFile", _read), ("WriteFile", _write), ("DeleteFile", _delete))
    for form in ("", "A", "W")
}
"""Name of a call → its short way, which gives nothing where it is not for it."""
