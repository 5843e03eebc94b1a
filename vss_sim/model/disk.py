"""What is on a volume at one moment. A value: every change makes another, which shares with the first what is the same.

So a shadow copy is the disk as it was, and costs what changes afterwards - as a diff area does -, and a fork of a world
costs nothing. Every folder is a persistent map of the names in it, found by its path in one persistent map of folders.
To copy a node of such a map is to touch all its neighbours, and on a large disk each of those is far away: so what
changed of late lies in small maps of its own.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from msgspec.structs import replace

from vss_sim.model.content import Content, size_of
from vss_sim.model.maps import Map
from vss_sim.model.names import fold
from vss_sim.model.values import Value
from vss_sim.spec.win32 import DIRECTORY, REPARSE_POINT, FileError, Win32Error


class FileEntry(Value, frozen=True, gc=False):
    """A file in its folder; `denied_to` names the accounts and groups that its security keeps out.

    `written` is when its bytes last changed, in 100 ns since 1601.
    """

    name: str
    content: Content = b""
    attributes: int = 0
    denied_to: tuple[str, ...] = ()
    written: int = 0


class FolderEntry(Value, frozen=True, gc=False):
    """A folder in the folder that it stands in."""

    name: str
    attributes: int = DIRECTORY


class LinkEntry(Value, frozen=True, gc=False):
    """A reparse point: paths through it go on at `target`. A volume mounted in a folder is one to the volume's name."""

    name: str
    target: str
    attributes: int = DIRECTORY | REPARSE_POINT


Entry = FileEntry | FolderEntry | LinkEntry
Names = Map[str, Entry]
"""The entries of a folder, by their names as they are compared."""
Recent = Map[str, FileEntry | None]
"""What files of a folder became of late, by their names as they are compared; None: there is none any more."""

NO_NAMES: Final[Names] = Map()
ROOT: Final = FolderEntry("")
_NOTHING: Final[Recent] = Map()
_ELSEWHERE: Final = FileEntry("")
"""Stands for what did not change of late."""
_FEW: Final = 32
"""So many files of a folder may have changed of late, and as many as it has names."""
_LONG: Final = 4096
"""A content of more bytes is given up at once when it is overwritten, where nothing else has it."""


class Disk(Value, frozen=True, gc=False, eq=False):
    """The files of a volume.

    `settled` maps a folder's path, as it is compared, to the names in it; `""` is the root. `recent` maps the path of a
    folder in which files changed of late to what they became, and goes before it. So a change copies nodes of two small
    maps, and leaves those of all other files alone; what is in `recent` settles when it becomes too much for that.

    Only bytes of files take room, what is no file (`reserved`), and what shadow copies of this or another volume keep
    of old content here (`saved`). `links` counts reparse points.
    """

    capacity: int
    settled: Map[str, Names] = Map({"": NO_NAMES})
    used: int = 0
    reserved: int = 0
    links: int = 0
    saved: int = 0
    recent: Map[str, Recent] = Map()

    def __repr__(self) -> str:
        return f"<Disk: {len(self.settled)} folders, {self.used} bytes of {self.capacity}>"

    def __eq__(self, other: object) -> bool:
        """Whether the same is on both, whatever of it settled."""
        if not isinstance(other, Disk):
            return NotImplemented
        if self._numbers() != other._numbers():
            return False
        same = self.settled is other.settled and self.recent == other.recent
        return same or self.folders == other.folders

    def __hash__(self) -> int:
        return hash(self._numbers())

    def _numbers(self) -> tuple[int, ...]:
        return self.capacity, self.used, self.reserved, self.links, self.saved

    @property
    def free(self) -> int:
        """The bytes that there is room for."""
        return max(0, self.capacity - self.reserved - self.saved - self.used)

    @property
    def folders(self) -> Map[str, Names]:
        """Every folder's path, as it is compared, and the names in it. Who needs one should not ask for all."""
        return self.settled.update({path: _now(self.settled[path], recent) for path, recent in self.recent.items()})

    def names(self, folder: str) -> Names:
        """The names in a folder.

        Raises:
            FileError: there is no such folder.
        """
        names = self.settled.get(folder)
        if names is None:
            raise FileError(Win32Error.ERROR_PATH_NOT_FOUND)
        recent = self.recent.get(folder)
        return names if recent is None else _now(names, recent)

    def has_folder(self, folder: str) -> bool:
        """Whether there is a folder with this path."""
        return folder in self.settled

    def entry(self, folder: str, key: str) -> Entry | None:
        """What has this name; None where nothing has.

        Raises:
            FileError: there is no such folder.
        """
        recent = self.recent.get(folder)
        if recent is not None:
            found = recent.get(key, _ELSEWHERE)
            if found is not _ELSEWHERE:
                return found
        names = self.settled.get(folder)
        if names is None:
            raise FileError(Win32Error.ERROR_PATH_NOT_FOUND)
        return names.get(key) if key else ROOT

    def with_file(self, folder: str, key: str, entry: FileEntry) -> "Disk":
        """The disk with a file, in place of one that had its name.

        Raises:
            FileError: there is no such folder, or no room.
        """
        recent, settles = self.recent.get(folder, _NOTHING), False
        old: Entry | None = recent.get(key, _ELSEWHERE)
        if old is _ELSEWHERE:
            names = self.settled.get(folder)
            if names is None:
                raise FileError(Win32Error.ERROR_PATH_NOT_FOUND)
            old = names.get(key)
            settles = len(recent) >= len(names) + _FEW or is_long(old)
        content = entry.content
        used = self.used + (len(content) if isinstance(content, bytes) else content.size)
        if isinstance(old, FileEntry):
            content = old.content
            used -= len(content) if isinstance(content, bytes) else content.size
        if used > self.used and used > self.capacity - self.reserved - self.saved:
            raise FileError(Win32Error.ERROR_DISK_FULL)
        recent = recent.set(key, entry)
        if settles:
            return self._settled(folder, recent, used)
        changed = self.recent.set(folder, recent)
        return Disk(self.capacity, self.settled, used, self.reserved, self.links, self.saved, changed)

    def with_files(self, folders: Mapping[str, Mapping[str, FileEntry | None]], used: int) -> "Disk":
        """The disk on which files of folders are so now, None where there is none any more; there is room for them."""
        recent = {folder: self.recent.get(folder, _NOTHING).update(files) for folder, files in folders.items()}
        changed = self.recent.update(recent)
        disk = Disk(self.capacity, self.settled, used, self.reserved, self.links, self.saved, changed)
        for folder, files in recent.items():
            if len(files) > _FEW and len(files) > _FEW + len(self.settled[folder]):
                disk = disk._settled(folder, files, used)
        return disk

    def settling(self, folder: str) -> "Disk":
        """The same disk, on which nothing of a folder counts as changed of late."""
        recent = self.recent.get(folder)
        return self if recent is None else self._settled(folder, recent, self.used)

    def _settled(self, folder: str, recent: Recent, used: int) -> "Disk":
        """The disk on which what the files of a folder became settles, with so many bytes in files."""
        settled = self.settled.set(folder, _now(self.settled[folder], recent))
        rest = self.recent.delete(folder) if folder in self.recent else self.recent
        return Disk(self.capacity, settled, used, self.reserved, self.links, self.saved, rest)

    def with_folder(self, folder: str, key: str, name: str) -> "Disk":
        """The disk with a new, empty folder."""
        disk = self.settling(folder)
        names = disk.settled[folder].set(key, FolderEntry(name))
        return replace(disk, settled=disk.settled.set(folder, names).set(below(folder, key), NO_NAMES))

    def with_link(self, folder: str, key: str, entry: LinkEntry) -> "Disk":
        """The disk with a new reparse point."""
        disk = self.settling(folder)
        names = disk.settled[folder].set(key, entry)
        return replace(disk, settled=disk.settled.set(folder, names), links=self.links + 1)

    def without(self, folder: str, key: str) -> "Disk":
        """The disk without a file, a reparse point or an empty folder."""
        recent, settles = self.recent.get(folder, _NOTHING), False
        entry: Entry | None = recent.get(key, _ELSEWHERE)
        if entry is _ELSEWHERE:
            names = self.settled[folder]
            entry = names[key]
            settles = len(recent) >= len(names) + _FEW or is_long(entry)
        if not isinstance(entry, FileEntry):
            return self._without_folder(folder, key, entry)
        used, recent = self.used - size_of(entry.content), recent.set(key, None)
        if settles:
            return self._settled(folder, recent, used)
        changed = self.recent.set(folder, recent)
        return Disk(self.capacity, self.settled, used, self.reserved, self.links, self.saved, changed)

    def _without_folder(self, folder: str, key: str, entry: Entry | None) -> "Disk":
        """The disk without an empty folder or a reparse point."""
        disk = self.settling(folder).settling(below(folder, key))
        settled = disk.settled.set(folder, disk.settled[folder].delete(key))
        if isinstance(entry, LinkEntry):
            return replace(disk, settled=settled, links=self.links - 1)
        return replace(disk, settled=settled.delete(below(folder, key)))

    def moved(self, folder: str, key: str, to_folder: str, name: str) -> "Disk":
        """The disk with an entry under another name, where nothing else is; a folder takes along what is in it."""
        disk = self.settling(folder).settling(to_folder)
        entry, to_key = disk.settled[folder][key], fold(name)
        settled = disk.settled.set(folder, disk.settled[folder].delete(key))
        settled = settled.set(to_folder, settled[to_folder].set(to_key, renamed(entry, name)))
        disk = replace(disk, settled=settled)
        if isinstance(entry, FolderEntry):
            old, new = below(folder, key), below(to_folder, to_key)
            paths = _subtree(settled, old)
            for path in paths:
                disk = disk.settling(path)
            settled = disk.settled
            for path in paths:
                settled = settled.delete(path).set(new + path[len(old) :], settled[path])
            disk = replace(disk, settled=settled)
        return disk

    def filled(self) -> "Disk":
        """The disk with no room left."""
        return replace(self, reserved=self.reserved + self.free)

    def emptied(self) -> "Disk":
        """The disk with room again, as far as files leave it."""
        return replace(self, reserved=0)

    def saving(self, size: int) -> "Disk":
        """The disk with so many bytes taken by the storage areas of shadow copies."""
        return replace(self, saved=size)


def _now(names: Names, recent: Recent) -> Names:
    """The names in a folder, with what became of files."""
    names = names.update({key: entry for key, entry in recent.items() if entry is not None})
    for key, entry in recent.items():
        if entry is None and key in names:
            names = names.delete(key)
    return names


def is_long(entry: Entry | None) -> bool:
    """Whether this is a file whose content should not be kept for nothing."""
    return isinstance(entry, FileEntry) and isinstance(entry.content, bytes) and len(entry.content) > _LONG


def below(folder: str, key: str) -> str:
    """The path of a folder in a folder."""
    return f"{folder}\\{key}" if folder else key


def renamed(entry: Entry, name: str) -> Entry:
    """The same thing under another name."""
    if isinstance(entry, FileEntry):
        return FileEntry(name, entry.content, entry.attributes, entry.denied_to, entry.written)
    if isinstance(entry, LinkEntry):
        return LinkEntry(name, entry.target, entry.attributes)
    return FolderEntry(name, entry.attributes)


def changed_folders(older: Disk, newer: Disk) -> Iterator[str]:
    """The folders of an older disk that may be others on a newer one: hardly any, where that was made of it."""
    one, other = older.recent, newer.recent
    if older.settled is newer.settled:
        paths: Iterable[str] = () if one is other else {**one, **other}
    else:
        paths = older.settled
    for path in paths:
        if older.settled[path] is not newer.settled.get(path) or one.get(path) is not other.get(path):
            yield path


def _subtree(folders: Map[str, Names], top: str) -> list[str]:
    """The paths of a folder and of all folders in it, each before those in it."""
    found = [top]
    for path in found:
        found.extend(below(path, key) for key, entry in folders[path].items() if isinstance(entry, FolderEntry))
    return found
