"""The short way of reading, writing and deleting by path: plain files on plain volumes, and nobody in the way.

Most file calls are such. What is not - a path to a shadow copy, a reparse point, a handle that is open, an attribute, a
lack of room, a script, an argument more - is left to the long way (`files`, `file_moves`), which decides everything.
Both ways come to the same world and the same answer (tests/test_plain_files.py).

The law of the short way: a call makes no world. It notes in a journal which file has which text now, and a world is
made of a moment of the journal when somebody looks; what was looked at never changes. So a call costs a look-up by its
path, and a file that is written ten times before somebody looks is made once.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import msgspec
from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import NOTHING
from vss_sim.model.content import size_of
from vss_sim.model.disk import FileEntry
from vss_sim.model.names import usual
from vss_sim.model.world import MachineState, World
from vss_sim.spec.creation import filetime
from vss_sim.spec.win32 import ARCHIVE, MAX_PATH, FileError, Win32Error

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
    """A volume whose files change, and for how many bytes more there is room; below zero, where there is too little."""

    __slots__ = ("machine", "place", "room")

    def __init__(self, state: MachineState, machine: int, place: int) -> None:
        disk = state.disks.volumes[place]
        self.machine = machine
        self.place = place
        self.room = disk.capacity - disk.reserved - disk.saved - disk.used


State = FileEntry | str | None
"""What a file is: as it was found, or the text that was written to it or read of it; None: it is not there."""


class _File:
    """A place in a folder, the file that is there now, if any is, and its bytes.

    `name` is as it is written, or would be if the file came to be; `has_other_names`: a path that leads here has it
    otherwise, so the path would have to say.
    """

    __slots__ = ("folder", "has_other_names", "key", "name", "size", "state", "volume")

    def __init__(self, volume: _Volume, folder: str, key: str, name: str, entry: FileEntry | None) -> None:
        self.volume = volume
        self.folder = folder
        self.key = key
        self.name = name if entry is None else entry.name
        self.has_other_names = False
        self.state: State = entry
        self.size = 0 if entry is None else size_of(entry.content)

    def made(self, state: State, written: int) -> FileEntry | None:
        """The file as it is in a world."""
        return FileEntry(self.name, state.encode(), ARCHIVE, (), written) if isinstance(state, str) else state


_States = dict[_File, State]


class Journal:
    """What became of which files since a world: a file, what it was and what it is, one after the other."""

    __slots__ = ("_before", "_looked_at", "_written", "changes")

    def __init__(self, before: World) -> None:
        self._before = before
        self._written = filetime(before.clock)
        self._looked_at = (0, before)
        self.changes: list[Any] = []
        """Flat, since a tuple for each would be one more thing for the garbage collector to look through."""

    def world(self, end: int) -> World:
        """The world after the changes up to a place. It is made from the one made last, so that each look is short."""
        begin, world = self._looked_at if self._looked_at[0] <= end else (0, self._before)
        if begin != end:
            changes = self.changes
            files = changes[begin:end:3]
            now: _States = dict(zip(files, changes[begin + 2 : end : 3], strict=True))
            was: _States = dict(zip(reversed(files), reversed(changes[begin + 1 : end : 3]), strict=True))
            world = _after(world, was, now, self._written)
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

    __slots__ = ("_before", "_folders", "_journal", "_volumes", "is_full", "known", "now")

    def __init__(self, before: World) -> None:
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
        self.known: tuple[dict[str, _File], ...] = tuple([{} for _ in self._before.machines])
        """For each machine: a path as calls write it → its file."""
        self._folders: dict[tuple[int, int, str], tuple[_Volume, str, dict[str, _File]]] = {}
        """The machine, the volume, the path as it is compared → the folder, and those of its files that were found.

        They know neither it nor each other: what knows each other waits for the garbage collector."""
        self._volumes: dict[tuple[int, int], _Volume] = {}

    def world(self) -> World:
        """The world after all calls; what follows is another journal's."""
        if self.now.place:
            self._begin(self.now.world())
        return self._before

    def change(self, file: _File, state: State, size: int) -> None:
        """A file is this now, of so many bytes."""
        changes = self._journal.changes
        changes += file, file.state, state
        file.state = state
        file.size = size
        self.now = Moment(self._journal, len(changes))
        if size > _LONG or len(changes) >= _MOST_CHANGES:
            self.is_full = True

    def found(self, path: str, machine: int) -> _File | None:
        """The place that a path leads to, if nothing about the way and the file is out of the ordinary."""
        if len(self.known[machine]) >= _MOST_PATHS:
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
        if not disk.has_folder(where.folder) or disk.links or place in disks.unrecognized or place in disks.read_only:
            return None
        volume, folder, files = self._folder(machine, place, where.folder)
        file = files.get(key)
        if file is None:
            entry = disk.entry(where.folder, key)
            if entry is not None and (type(entry) is not FileEntry or entry.attributes & ~ARCHIVE or entry.denied_to):
                return None
            file = files[key] = _File(volume, folder, key, where.name, entry)
        if file.name != where.name:
            file.has_other_names = True
        self.known[machine][path] = file
        return file

    def _folder(self, machine: int, place: int, path: str) -> tuple[_Volume, str, dict[str, _File]]:
        found = self._folders.get((machine, place, path))
        if found is None:
            volume = self._volumes.get((machine, place))
            if volume is None:
                volume = self._volumes[machine, place] = _Volume(self._before.machines[machine], machine, place)
            found = self._folders[machine, place, path] = volume, path, {}
        return found


def _shows_one_in_a_folder(world: World) -> bool:
    """Whether a shadow copy is exposed in a folder, where a path to it looks like one to the volume."""
    return any(copy.attributes & bits.EXPOSED_LOCALLY for copy in world.snapshots.values())


def _read(files: PlainFiles, file: _File, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The whole of a file that is a text."""
    state = file.state
    if state is None or len(given) != 1:
        return None
    if isinstance(state, FileEntry):
        text = _text(state)
        if text is None:
            return None
        file.state = state = text
    return {"content": state, "lpNumberOfBytesRead": file.size}


def _text(entry: FileEntry) -> str | None:
    """The text that is in a file, if it is one and not too long."""
    data = entry.content
    if type(data) is not bytes or len(data) > _LONGEST:
        return None
    try:
        return data.decode()
    except UnicodeDecodeError:
        return None


def _write(files: PlainFiles, file: _File, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A file has a new content, or comes to be."""
    content = given.get("content")
    if type(content) is not str or len(given) != 2:  # noqa: PLR2004
        return None
    size = len(content) if content.isascii() else _size(content)
    if size > _LONGEST or (file.has_other_names and file.state is None):
        return None
    volume, more = file.volume, size - file.size
    if more > volume.room and more > 0:
        return None
    volume.room -= more
    files.change(file, content, size)
    return {"lpNumberOfBytesWritten": size}


def _size(text: str) -> int:
    """The bytes of a text; what is none is too long."""
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        return _LONGEST + 1


def _delete(files: PlainFiles, file: _File, given: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """A file is no more."""
    if file.state is None or len(given) != 1:
        return None
    file.volume.room += file.size
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


def _after(world: World, was: _States, now: _States, written: int) -> World:
    """The world in which files that were so are so now."""
    volumes: dict[_Volume, dict[str, dict[str, FileEntry | None]]] = {}
    grown: dict[_Volume, int] = {}
    for file, state in now.items():
        old = was[file]
        if state is not None or old is not None:
            volume, path = file.volume, file.folder
            folders = volumes.get(volume)
            if folders is None:
                folders, grown[volume] = volumes.setdefault(volume, {}), 0
            grown[volume] += _bytes_in(state) - _bytes_in(old)
            files = folders.get(path)
            if files is None:
                files = folders[path] = {}
            files[file.key] = file.made(state, written)
    for volume, folders in volumes.items():
        machine = world.machines[volume.machine]
        disk = machine.disks.volumes[volume.place]
        disk = disk.with_files(folders, disk.used + grown[volume])
        disks = replace(machine.disks, volumes=_with(machine.disks.volumes, volume.place, disk))
        machines = _with(world.machines, volume.machine, replace(machine, disks=disks))
        world = replace(world, machines=machines)
    return world


def _bytes_in(state: State) -> int:
    if isinstance(state, str):
        return len(state) if state.isascii() else len(state.encode())
    return 0 if state is None else size_of(state.content)


def _with(things: tuple[T, ...], place: int, thing: T) -> tuple[T, ...]:
    return (*things[:place], thing, *things[place + 1 :])
