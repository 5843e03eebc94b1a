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
"""Signs of a text; what is longer takes its time anyway."""
_MOST_CHANGES: Final = 8192
_LONG: Final = 4096
"""A journal has half so many changes at most, of so many bytes each: it keeps all, and a look may go through all."""
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
    """A folder whose files change, and those that were found in it."""

    __slots__ = ("files", "path", "volume")

    def __init__(self, volume: _Volume, path: str) -> None:
        self.volume = volume
        self.path = path
        self.files: dict[str, _File] = {}


class _File:
    """A place in a folder, and the file that is there now, if any is."""

    __slots__ = ("entry", "folder", "key", "volume")

    def __init__(self, folder: _Folder, key: str, entry: FileEntry | None) -> None:
        self.folder = folder
        self.volume = folder.volume
        self.key = key
        self.entry = entry


class Journal:
    """What became of which files since a world: in `changes` a file and what it is then, one after the other."""

    __slots__ = ("_before", "_looked_at", "changes")

    def __init__(self, before: World) -> None:
        self._before = before
        self._looked_at = (0, before)
        self.changes: list[Any] = []
        """Flat, since a pair for each would be one more thing for the garbage collector to look through."""

    def world(self, end: int) -> World:
        """The world after the changes up to a place, of which the last of each file counts.

        It is made from the one that was made last, so that each look is short.
        """
        begin, world = self._looked_at if self._looked_at[0] <= end else (0, self._before)
        if begin != end:
            changes = self.changes[begin:end]
            world = _after(world, dict(zip(changes[::2], changes[1::2], strict=True)))
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

    __slots__ = ("_before", "_folders", "_journal", "_known", "_volumes", "now", "written")

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

    def _forget(self) -> None:
        self._known: tuple[dict[str, _File], ...] = tuple([{} for _ in self._before.machines])
        """For each machine: a path as calls write it → its file."""
        self._folders: dict[tuple[int, int, str], _Folder] = {}
        """The machine, the volume, the path as it is compared → the folder."""
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
        file.entry = entry
        changes = self._journal.changes
        changes.append(file)
        changes.append(entry)
        place = len(changes)
        self.now = Moment(self._journal, place)
        if size > _LONG or place >= _MOST_CHANGES:
            self.world()

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
        folder = self._folder(machine, place, where.folder)
        file = folder.files.get(key)
        if file is None:
            entry = names.get(key)
            if entry is not None and (type(entry) is not FileEntry or entry.attributes & READ_ONLY or entry.denied_to):
                return None
            file = folder.files[key] = _File(folder, key, entry)
        self._known[machine][path] = file
        return file

    def _folder(self, machine: int, place: int, path: str) -> _Folder:
        folder = self._folders.get((machine, place, path))
        if folder is None:
            volume = self._volumes.get((machine, place))
            if volume is None:
                volume = self._volumes[machine, place] = _Volume(self._before.machines[machine], machine, place)
            folder = self._folders[machine, place, path] = _Folder(volume, path)
        return folder


def _shows_one_in_a_folder(world: World) -> bool:
    """Whether a shadow copy is exposed in a folder, where a path to it looks like one to the volume."""
    return any(copy.attributes & bits.EXPOSED_LOCALLY for copy in world.snapshots.values())


def _read(files: PlainFiles, file: _File, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The whole of a file that is a text."""
    entry = file.entry
    if entry is None or len(given) != 1 or type(entry.content) is not bytes:
        return None
    data = entry.content
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


SHORT_WAYS: Final[dict[str, ShortWay]] = {
    f"{name}{form}": way
    for name, way in (("ReadFile", _read), ("WriteFile", _write), ("DeleteFile", _delete))
    for form in ("", "A", "W")
}
"""Name of a call → its short way."""


def _after(world: World, changed: dict[_File, FileEntry | None]) -> World:
    """The world in which these files are so."""
    folders: dict[_Folder, dict[str, FileEntry | None]] = {}
    for file, entry in changed.items():
        entries = folders.get(file.folder)
        if entries is None:
            entries = folders[file.folder] = {}
        entries[file.key] = entry
    volumes: dict[_Volume, dict[str, dict[str, FileEntry | None]]] = {}
    for folder, entries in folders.items():
        volumes.setdefault(folder.volume, {})[folder.path] = entries
    for volume, paths in volumes.items():
        world = _with_files(world, volume.machine, volume.place, paths)
    return world


def _with_files(world: World, machine: int, place: int, changed: dict[str, dict[str, FileEntry | None]]) -> World:
    """The world in which a volume has these files, by folder and name, or has them no more."""
    state = world.machines[machine]
    disk = state.disks.volumes[place]
    used, folders = disk.used, {}
    for path, entries in changed.items():
        folders[path], more = _with_entries(disk.folders[path], entries)
        used += more
    after = Disk(disk.capacity, disk.folders.update(folders), used, disk.reserved, disk.links, disk.saved)
    disks = replace(state.disks, volumes=_with(state.disks.volumes, place, after))
    return replace(world, machines=_with(world.machines, machine, replace(state, disks=disks)))


def _with_entries(names: Names, entries: dict[str, FileEntry | None]) -> tuple[Names, int]:
    """The names of a folder with these files, or without them; and how many bytes more there are in its files."""
    more = 0
    there: dict[str, FileEntry] = {}
    for key, entry in entries.items():
        old = names.get(key)
        if isinstance(old, FileEntry):
            more -= size_of(old.content)
            if entry is None:
                names = names.delete(key)
        if entry is not None:
            more += size_of(entry.content)
            there[key] = entry
    return names.update(there) if there else names, more


def _with(things: tuple[T, ...], place: int, thing: T) -> tuple[T, ...]:
    return (*things[:place], thing, *things[place + 1 :])
