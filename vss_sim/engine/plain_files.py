"""The short way of reading, writing and deleting by path: plain files on plain volumes, and nobody in the way.

Most file calls are such. What is not - a path to a shadow copy, a reparse point, a handle that is open, an attribute, a
lack of room, a script, an argument more - is left to the long way (`files`, `file_moves`), which decides everything.
Both ways come to the same world and the same answer (tests/test_plain_files.py).

The law of the short way: a call makes no world. It notes in a journal which file is what now, and a world is made of a
moment of the journal when somebody looks; what was looked at never changes. So a call costs a look-up by its path, and
a file that is written ten times before somebody looks comes into a world once.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import NOTHING
from vss_sim.model.content import size_of
from vss_sim.model.disk import Disk, FileEntry, Names
from vss_sim.model.names import usual
from vss_sim.model.world import MachineState, World
from vss_sim.spec.creation import filetime
from vss_sim.spec.win32 import ARCHIVE, MAX_PATH, READ_ONLY, FileError, Win32Error

T = TypeVar("T")

SUCCESS: Final = Win32Error.ERROR_SUCCESS
"""The answer of every call that goes the short way."""
_LONGEST: Final = 1 << 20
"""Signs of a text, bytes of a file; what is longer takes its time anyway, and of some of it there is too much."""
_MOST_CHANGES: Final = 3 * 4096
_LONG: Final = 4096
"""A journal has a third of so many changes, of so many bytes each: it keeps all, and a look may go through all."""
_MOST_PATHS: Final = 16_384
"""So many paths of a machine are remembered."""


class _Volume:
    """A volume whose files change: how many bytes are in them now, and for how many there is room."""

    __slots__ = ("is_read_only", "machine", "place", "room", "used")

    def __init__(self, state: MachineState, machine: int, place: int) -> None:
        disk = state.disks.volumes[place]
        self.machine = machine
        self.place = place
        self.used = disk.used
        self.room = disk.capacity - disk.reserved - disk.saved
        self.is_read_only = place in state.disks.read_only


class _Folder:
    """A folder whose files change. It knows none of them: what knows each other waits for the garbage collector."""

    __slots__ = ("path", "volume")

    def __init__(self, volume: _Volume, path: str) -> None:
        self.volume = volume
        self.path = path


class _File:
    """A place in a folder, and the file that is there now, if any is."""

    __slots__ = ("entry", "folder", "key", "volume")

    def __init__(self, folder: _Folder, key: str, entry: FileEntry | None) -> None:
        self.folder = folder
        self.volume = folder.volume
        self.key = key
        self.entry = entry


_Entries = dict[_File, FileEntry | None]


class Journal:
    """What became of which files since a world: a file, what it was and what it is, one after the other."""

    __slots__ = ("_before", "_looked_at", "changes")

    def __init__(self, before: World) -> None:
        self._before = before
        self._looked_at = (0, before)
        self.changes: list[Any] = []
        """Flat, since a tuple for each would be one more thing for the garbage collector to look through."""

    def world(self, end: int) -> World:
        """The world after the changes up to a place. It is made from the one made last, so that each look is short."""
        begin, world = self._looked_at if self._looked_at[0] <= end else (0, self._before)
        if begin != end:
            changes = self.changes[begin:end]
            now: _Entries = dict(zip(changes[::3], changes[2::3], strict=True))
            was: _Entries = dict(zip(changes[-3::-3], changes[-2::-3], strict=True))
            world = _after(world, was, now)
            self._looked_at = (end, world)
        return world


class Moment(msgspec.Struct, frozen=True, eq=False, gc=False):
    """A moment of a journal: it is as good as its world, which is made when somebody looks."""

    journal: Journal
    place: int

    def world(self) -> World:
        """The world at this moment."""
        return self.journal.world(self.place)

    def __eq__(self, other: object) -> bool:
        return self.world() == (other.world() if isinstance(other, Moment) else other)

    def __hash__(self) -> int:
        return hash(self.world())

    def __repr__(self) -> str:
        return repr(self.world())


ShortWay = Callable[["PlainFiles", _File, Mapping[str, Any]], Mapping[str, Any] | None]


class PlainFiles:
    """The plain files of a world and its machines, as calls find and leave them."""

    __slots__ = ("_before", "_folders", "_journal", "_known", "_volumes", "is_full", "now", "written")

    def __init__(self, before: World) -> None:
        self.written = filetime(before.clock)
        """The time of what is written."""
        self._begin(before)
        self._forget()

    def _begin(self, before: World) -> None:
        """What follows changes this world."""
        self._before = before
        self._journal = Journal(before)
        self.now = Moment(self._journal, 0)
        """The moment after all calls."""
        self.is_full = False
        """Whether a world has to be made before the next call."""

    def _forget(self) -> None:
        self._known: tuple[dict[str, _File], ...] = tuple([{} for _ in self._before.machines])
        """For each machine: a path as calls write it → its file."""
        self._folders: dict[tuple[int, int, str], tuple[_Folder, dict[str, _File]]] = {}
        """The machine, the volume, the path as it is compared → the folder, and those of its files that were found."""
        self._volumes: dict[tuple[int, int], _Volume] = {}

    def world(self) -> World:
        """The world after all calls; what follows is another journal's."""
        if self.now.place:
            self._begin(self.now.world())
        return self._before

    def call(self, short: ShortWay, given: Mapping[str, Any], machine: int) -> Mapping[str, Any] | None:
        """What a call hands out that has this short way; nothing if it cannot be taken."""
        path = given.get("lpFileName")
        if type(path) is not str:
            return None
        file = self._known[machine].get(path) or self._found(path, machine)
        return short(self, file, given) if file is not None else None

    def change(self, file: _File, entry: FileEntry | None, size: int) -> None:
        """A file is this now, or is no more; so many bytes were written."""
        changes = self._journal.changes
        changes.extend((file, file.entry, entry))
        file.entry = entry
        place = len(changes)
        self.now = Moment(self._journal, place)
        if size > _LONG or place >= _MOST_CHANGES:
            self.is_full = True

    def _found(self, path: str, machine: int) -> _File | None:
        """The place that a path leads to, if nothing about the way and the file is out of the ordinary."""
        if len(self._known[machine]) >= _MOST_PATHS:
            self.world()
            self._forget()
        world = self._before
        state = world.machines[machine]
        if len(path) >= MAX_PATH or not state.plain_storage or (world.snapshots and _shows_one_in_a_folder(world)):
            return None
        try:
            where = usual(path)
        except FileError:
            return None
        disks, key = state.disks, where.key
        place = disks.roots.get(where.root)
        if place is None or not key or where.slash or (disks.holds and (place, where.folder, key) in disks.holds):
            return None
        disk = disks.volumes[place]
        names = disk.folders.get(where.folder)
        if names is None or disk.links or place in disks.unrecognized:
            return None
        folder, files = self._folder(machine, place, where.folder)
        file = files.get(key)
        if file is None:
            entry = names.get(key)
            if entry is not None and (type(entry) is not FileEntry or entry.attributes & READ_ONLY or entry.denied_to):
                return None
            file = files[key] = _File(folder, key, entry)
        self._known[machine][path] = file
        return file

    def _folder(self, machine: int, place: int, path: str) -> tuple[_Folder, dict[str, _File]]:
        found = self._folders.get((machine, place, path))
        if found is None:
            volume = self._volumes.get((machine, place))
            if volume is None:
                volume = self._volumes[machine, place] = _Volume(self._before.machines[machine], machine, place)
            found = self._folders[machine, place, path] = _Folder(volume, path), {}
        return found


def _shows_one_in_a_folder(world: World) -> bool:
    """Whether a shadow copy is exposed in a folder, where a path to it looks like one to the volume."""
    return any(copy.attributes & bits.EXPOSED_LOCALLY for copy in world.snapshots.values())


def _read(files: PlainFiles, file: _File, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The whole of a file that is a text."""
    entry = file.entry
    if entry is None or len(given) != 1 or type(entry.content) is not bytes:
        return None
    data = entry.content
    if len(data) > _LONGEST:
        return None
    try:
        return {"content": data.decode(), "lpNumberOfBytesRead": len(data)}
    except UnicodeDecodeError:
        return None


def _write(files: PlainFiles, file: _File, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A file has a new content, or comes to be."""
    content, old, volume = given.get("content"), file.entry, file.volume
    if type(content) is not str or len(given) != 2 or len(content) > _LONGEST or volume.is_read_only:  # noqa: PLR2004
        return None
    try:
        data = content.encode()
    except UnicodeEncodeError:
        return None
    size = len(data)
    if old is None:
        used = volume.used + size
        entry = FileEntry(usual(given["lpFileName"]).name, data, ARCHIVE, (), files.written)
    else:
        before = old.content
        used = volume.used + size - (len(before) if type(before) is bytes else size_of(before))
        entry = FileEntry(old.name, data, old.attributes | ARCHIVE, (), files.written)
    if used > volume.used and used > volume.room:
        return None
    volume.used = used
    files.change(file, entry, size)
    return {"lpNumberOfBytesWritten": size}


def _delete(files: PlainFiles, file: _File, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A file is no more."""
    old, volume = file.entry, file.volume
    if old is None or len(given) != 1 or volume.is_read_only:
        return None
    volume.used -= size_of(old.content)
    files.change(file, None, 0)
    return NOTHING


SHORT_WAYS: Final[dict[str, ShortWay]] = {"ReadFile": _read, "WriteFile": _write, "DeleteFile": _delete}
"""Name of a call → its short way."""


def told(name: str, path: str, content: str | None) -> tuple[dict[str, Any], Mapping[str, Any]]:
    """The arguments and the results of a call that went the short way: its path, and what it read or wrote."""
    if content is None:
        return {"lpFileName": path}, NOTHING
    size = len(content.encode())
    if name.startswith("WriteFile"):
        return {"lpFileName": path, "content": content}, {"lpNumberOfBytesWritten": size}
    return {"lpFileName": path}, {"content": content, "lpNumberOfBytesRead": size}


def _after(world: World, was: _Entries, now: _Entries) -> World:
    """The world in which files that were so are so now."""
    volumes: dict[_Volume, dict[_Folder, list[_File]]] = {}
    for file, entry in now.items():
        if entry is not was[file]:
            folders = volumes.get(file.volume)
            if folders is None:
                folders = volumes[file.volume] = {}
            files = folders.get(file.folder)
            if files is None:
                folders[file.folder] = [file]
            else:
                files.append(file)
    for volume, folders in volumes.items():
        state = world.machines[volume.machine]
        disk = _with_files(state.disks.volumes[volume.place], folders, was, now)
        disks = replace(state.disks, volumes=_with(state.disks.volumes, volume.place, disk))
        machines = _with(world.machines, volume.machine, replace(state, disks=disks))
        world = replace(world, machines=machines)
    return world


def _with_files(disk: Disk, changed: dict[_Folder, list[_File]], was: _Entries, now: _Entries) -> Disk:
    """The disk on which files that were so are so now."""
    used = disk.used
    folders: dict[str, Names] = {}
    for folder, files in changed.items():
        names = disk.folders[folder.path]
        there: dict[str, FileEntry] = {}
        for file in files:
            old, entry = was[file], now[file]
            if old is not None:
                used -= size_of(old.content)
            if entry is None:
                names = names.delete(file.key)
            else:
                used += size_of(entry.content)
                there[file.key] = entry
        folders[folder.path] = names.update(there) if there else names
    return Disk(disk.capacity, disk.folders.update(folders), used, disk.reserved, disk.links, disk.saved)


def _with(things: tuple[T, ...], place: int, thing: T) -> tuple[T, ...]:
    return (*things[:place], thing, *things[place + 1 :])
