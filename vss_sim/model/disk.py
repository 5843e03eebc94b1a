"""What is on a volume at one moment. A value: every change makes another, which shares with the first what is the same.

So a shadow copy is the disk as it was, and costs what changes afterwards - as a diff area does -, and a fork of a world
costs nothing. Every folder is a persistent map of the names in it, found by its path in one persistent map of folders:
a change copies a few nodes of two maps, however many files there are and however deep they lie.
"""

from typing import Any, Final

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

NO_NAMES: Final[Names] = Map()
ROOT: Final = FolderEntry("")


class Disk(Value, frozen=True, gc=False):
    """The files of a volume. `folders` maps a folder's path, as it is compared, to the names in it; `""` is the root.

    Only bytes of files take room, what is no file (`reserved`), and what shadow copies of this or another volume keep
    of old content here (`saved`). `links` counts reparse points.
    """

    capacity: int
    folders: Map[str, Names] = Map({"": NO_NAMES})
    used: int = 0
    reserved: int = 0
    links: int = 0
    saved: int = 0

    def __repr__(self) -> str:
        return f"<Disk: {len(self.folders)} folders, {self.used} bytes of {self.capacity}>"

    @property
    def free(self) -> int:
        """The bytes that there is room for."""
        return max(0, self.capacity - self.reserved - self.saved - self.used)

    def entry(self, folder: str, key: str) -> Entry | None:
        """What has this name; None where nothing has.

        Raises:
            FileError: there is no such folder.
        """
        names = self.folders.get(folder)
        if names is None:
            raise FileError(Win32Error.ERROR_PATH_NOT_FOUND)
        return names.get(key) if key else ROOT

    def with_file(self, folder: str, key: str, entry: FileEntry) -> "Disk":
        """The disk with a file, in place of one that had its name.

        Raises:
            FileError: there is no such folder, or no room.
        """
        names = self.folders.get(folder)
        if names is None:
            raise FileError(Win32Error.ERROR_PATH_NOT_FOUND)
        old = names.get(key)
        content = entry.content
        used = self.used + (len(content) if isinstance(content, bytes) else content.size)
        if isinstance(old, FileEntry):
            content = old.content
            used -= len(content) if isinstance(content, bytes) else content.size
        if used > self.used and used > self.capacity - self.reserved - self.saved:
            raise FileError(Win32Error.ERROR_DISK_FULL)
        return self.with_names(folder, names.set(key, entry), used)

    def with_names(self, folder: str, names: Names, used: int) -> "Disk":
        """The disk with other files in a folder, and so many bytes in files."""
        return Disk(self.capacity, self.folders.set(folder, names), used, self.reserved, self.links, self.saved)

    def with_folder(self, folder: str, key: str, name: str) -> "Disk":
        """The disk with a new, empty folder."""
        names = self.folders[folder].set(key, FolderEntry(name))
        return self._changed(self.folders.set(folder, names).set(below(folder, key), NO_NAMES))

    def with_link(self, folder: str, key: str, entry: LinkEntry) -> "Disk":
        """The disk with a new reparse point."""
        folders = self.folders.set(folder, self.folders[folder].set(key, entry))
        return self._changed(folders, links=self.links + 1)

    def without(self, folder: str, key: str) -> "Disk":
        """The disk without a file, a reparse point or an empty folder."""
        names = self.folders[folder]
        entry = names[key]
        folders = self.folders.set(folder, names.delete(key))
        if isinstance(entry, FolderEntry):
            return self._changed(folders.delete(below(folder, key)))
        if isinstance(entry, LinkEntry):
            return self._changed(folders, links=self.links - 1)
        return Disk(self.capacity, folders, self.used - size_of(entry.content), self.reserved, self.links, self.saved)

    def moved(self, folder: str, key: str, to_folder: str, name: str) -> "Disk":
        """The disk with an entry under another name, where nothing else is; a folder takes along what is in it."""
        entry = self.folders[folder][key]
        to_key = fold(name)
        folders = self.folders.set(folder, self.folders[folder].delete(key))
        folders = folders.set(to_folder, folders[to_folder].set(to_key, renamed(entry, name)))
        if isinstance(entry, FolderEntry):
            old, new = below(folder, key), below(to_folder, to_key)
            for path in subtree(folders, old):
                names = folders[path]
                folders = folders.delete(path).set(new + path[len(old) :], names)
        return self._changed(folders)

    def filled(self) -> "Disk":
        """The disk with no room left."""
        return self._changed(self.folders, reserved=self.reserved + self.free)

    def emptied(self) -> "Disk":
        """The disk with room again, as far as files leave it."""
        return self._changed(self.folders, reserved=0)

    def saving(self, size: int) -> "Disk":
        """The disk with so many bytes taken by the storage areas of shadow copies."""
        return self._changed(self.folders, saved=size)

    def _changed(self, folders: Map[str, Names], **changes: int) -> "Disk":
        kept = {"used": self.used, "reserved": self.reserved, "links": self.links, "saved": self.saved}
        now: dict[str, Any] = {**kept, **changes}
        return Disk(capacity=self.capacity, folders=folders, **now)


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


def subtree(folders: Map[str, Names], top: str) -> list[str]:
    """The paths of a folder and of all folders in it, each before those in it."""
    found = [top]
    for path in found:
        found.extend(below(path, key) for key, entry in folders[path].items() if isinstance(entry, FolderEntry))
    return found
