"""What a backup keeps: the documents, and the bytes of files under the paths that they had."""

from bisect import bisect_left
from collections.abc import Iterator
from functools import cached_property
from typing import Final

from msgspec import Struct

from vss_sim.engine.ranges import Range
from vss_sim.model.content import Content, bytes_of, part_of, size_of
from vss_sim.model.names import fold, matches, only_name
from vss_sim.spec.enums import BackupType

WHOLE: Final = None
Piece = tuple[int, Content]
"""What is at an offset of a file."""


class SavedFile(Struct, frozen=True):
    """A file as it was: pieces of its bytes with their offsets; `ranges` where only those were saved.

    `size` is the size of the whole file, `behind` are the reparse points through which its path leads: its bytes belong
    to where those lead (rules path-mounted-record, path-mounted-restore).
    """

    path: str
    pieces: tuple[Piece, ...]
    size: int
    ranges: tuple[Range, ...] | None = WHOLE
    behind: tuple[str, ...] = ()

    def cut(self, offset: int, length: int) -> Iterator[Piece]:
        """The pieces of it between two offsets; the caller has seen that they were saved."""
        for start, data in self.pieces:
            first, last = max(start, offset), min(start + size_of(data), offset + length)
            if first < last:
                yield first, part_of(data, first - start, last - start)

    def read(self, offset: int, length: int) -> bytes:
        """Bytes of it."""
        return b"".join(bytes_of(data) for _, data in self.cut(offset, length))

    def has(self, offset: int, length: int) -> bool:
        """Whether these bytes were saved."""
        if self.ranges is None:
            return offset + length <= self.size
        return any(start <= offset and offset + length <= start + size for start, size in self.ranges)


class SavedFolder(Struct, frozen=True):
    """A folder of a recursive file set without a file of the set in it."""

    path: str
    behind: tuple[str, ...] = ()


class Missed(Struct, frozen=True):
    """A file that could not be saved, with the component (writer class, then logical path and name) it was for."""

    writer_id: str
    component: tuple[str, str]
    path: str
    says: str


class Saved(Struct, frozen=True):
    """A backup: its Backup Components Document, the documents of the writers, files, folders, and what is not in it.

    Documents are texts, or values where the program ran on a bare world. What a requester has to remember by itself,
    since no call tells it of a stored document (dispute C59): the type of the backup, and `taken`, when its shadow
    copies were made (100 ns since 1601). `components` are the class of the writer, path and name of those that were
    saved whole, as they are compared. `notes` are what writers did wrong, and what was left out.
    """

    backup_components: object
    writers: tuple[object, ...]
    files: tuple[SavedFile, ...]
    folders: tuple[SavedFolder, ...] = ()
    missed: tuple[Missed, ...] = ()
    backup_type: BackupType = BackupType.FULL
    taken: int = 0
    components: tuple[tuple[str, str, str], ...] = ()
    notes: tuple[str, ...] = ()


class Shelf:
    """The saved files, found by folder."""

    def __init__(self, files: tuple[SavedFile, ...], folders: tuple[SavedFolder, ...] = ()) -> None:
        self.files = files
        self.folders = folders
        self._folders: dict[str, list[SavedFile]] = {}
        for file in files:
            self._folders.setdefault(fold(file.path.rpartition("\\")[0]), []).append(file)

    @cached_property
    def _named(self) -> dict[str, dict[str, SavedFile]]:
        """The files of each folder by their names: a writer may have thousands of sets that name one file of it."""
        return {
            folder: {fold(file.path.rpartition("\\")[2]): file for file in files}
            for folder, files in self._folders.items()
        }

    @cached_property
    def _names(self) -> list[str]:
        return sorted(self._folders)

    def folders_below(self, path: str) -> Iterator[SavedFolder]:
        """The saved folders of a recursive file set."""
        below = fold(path.rstrip("\\")) + "\\"
        return (folder for folder in self.folders if fold(folder.path).startswith(below))

    def matching(self, path: str, filespec: str, *, recursive: bool) -> list[SavedFile]:
        """The saved files of a file set."""
        top = fold(path.rstrip("\\"))
        folders = [top] if top in self._folders else []
        if recursive:
            below = top + "\\"
            at = bisect_left(self._names, below)
            while at < len(self._names) and self._names[at].startswith(below):
                folders.append(self._names[at])
                at += 1
        only = only_name(filespec)
        if only is not None:
            return [self._named[folder][only] for folder in folders if only in self._named[folder]]
        return [
            file
            for folder in folders
            for file in self._folders[folder]
            if matches(file.path.rpartition("\\")[2], filespec)
        ]
