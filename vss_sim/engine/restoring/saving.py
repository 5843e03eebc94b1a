"""Which files a backup of a type saves, and how: differenced ones first, then partial ones, the rest by the masks.

The order is that of rule inc-order. What a writer says of differenced and partial files stands before the mask of the
file set that has them (inc-diff-overrides-mask), and of a file that is both the first counts (inc-diff-and-partial).
Page: https://learn.microsoft.com/windows/win32/vss/requestor-role-in-vss-incremental-and-differential-backups
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple

from attrs import define, field

from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import find
from vss_sim.engine.ranges import Range, names_a_file, parse_ranges, ranges_file_of, ranges_in
from vss_sim.engine.restoring.documents import Differenced, Explicit, FileSet, StoredWriter, joined
from vss_sim.engine.restoring.media import SavedFile
from vss_sim.engine.restoring.program import PIECE, Program, data_of, listing
from vss_sim.engine.selection.file_sets import is_copied, type_for
from vss_sim.model.names import fold, matches
from vss_sim.spec.backup_types import INCREMENTS
from vss_sim.spec.enums import BackupType
from vss_sim.spec.win32 import FileError, Win32Error

LARGEST: Final = 64 << 20
"""A file with more bytes is not backed up here: its bytes would be made and kept, every one."""

_DRIVE: Final = 2


class Found(NamedTuple):
    """A file of a file set: the path that it is saved under, where it is read, when it was last written."""

    path: str
    source: str
    written: int


@define
class Saving:
    """The files of a backup: of which type, from which shadow copies (volume → device), since when (`base`).

    A file that was written at the very time since which changes count is saved: nobody knows which came first.
    """

    program: Program
    kind: BackupType
    devices: Mapping[str, str]
    base: int
    files: dict[str, SavedFile] = field(factory=dict)
    """What is saved, by path as it is compared."""
    notes: list[str] = field(factory=list)

    def save(self, writer: StoredWriter, explicit: Explicit, file_sets: Iterable[FileSet]) -> None:
        """Save what this backup needs of a component that was added and those it implies."""
        sets = tuple(file_sets)
        kind = BackupType(type_for(writer.schema, self.kind.value))
        partial = dict(self._partial(explicit))
        decided: set[str] = set()
        for one in explicit.differenced if kind in INCREMENTS else ():
            for found in self._differenced(writer, one, sets):
                key = fold(found.path)
                decided.add(key)
                if partial.pop(key, None) is not None:
                    self._note_both(writer, found)
                if found.written >= (one.since or self.base):
                    self.files.setdefault(key, self._read(found.path, found.source, None))
        for file_set in sets:
            wanted = is_copied(file_set.mask, kind.value, is_log=file_set.is_log)
            for found in self._of_a_set(writer, file_set) if wanted or partial else ():
                key = fold(found.path)
                ranges = partial.pop(key, None)
                if key not in self.files and key not in decided and (wanted or ranges is not None):
                    self.files[key] = self._read(found.path, found.source, ranges)
        for one_partial in explicit.partial:
            self._save_new(joined(one_partial.path, one_partial.name), partial)

    def _note_both(self, writer: StoredWriter, found: Found) -> None:
        self.notes.append(
            f"{writer.name!r} names {found.path} as a differenced and as a partial file; it is saved as a differenced "
            "one (rule inc-diff-and-partial)"
        )

    def _save_new(self, path: str, left: Mapping[str, tuple[Range, ...]]) -> None:
        """A partial file that no file set of the component has: it is new."""
        source = self._on_the_copy(path)
        if fold(path) in left and source is not None:
            self.files[fold(path)] = self._read(path, source, left[fold(path)])

    def _differenced(self, writer: StoredWriter, one: Differenced, sets: tuple[FileSet, ...]) -> Iterator[Found]:
        """The files of an entry; those of a set with an alternate path lie there (rule inc-diff-alternate-source)."""
        mine = FileSet(one.place, one.filespec, one.recursive, place=one.place)
        same = next((known for known in sets if _alike(known, mine)), mine)
        return self._of_a_set(writer, same)

    def _partial(self, explicit: Explicit) -> Iterator[tuple[str, tuple[Range, ...]]]:
        """The partial files of a component with their ranges; their ranges files are saved (pf-ranges-file-saved)."""
        for one in explicit.partial:
            ranges = parse_ranges(one.ranges)
            if names_a_file(one.ranges):
                path = self.program.expanded(ranges_file_of(one.ranges))
                listed = self._read(path, path, None)
                self.files.setdefault(fold(path), listed)
                ranges = ranges_in(listed.read(0, listed.size))
            if ranges is None:
                raise NotSimulated(f"{one.name}: {one.ranges!r} is neither a list of ranges nor a ranges file")
            yield fold(joined(one.path, one.name)), ranges

    def _on_the_copy(self, path: str) -> str | None:
        volume = volume_of(self.program, path)
        if volume is None or volume not in self.devices:
            return None
        return self.devices[volume] + "\\" + path[len(volume) :]

    def _of_a_set(self, writer: StoredWriter, file_set: FileSet) -> Iterator[Found]:
        """The files of a set, but for those that its writer excludes."""
        device = self._on_the_copy(file_set.source)
        waiting = [] if device is None else [(file_set.place, device.rstrip("\\"))]
        while waiting:
            path, place = waiting.pop()
            for entry in listing(self.program, place):
                name, attributes = entry["cFileName"], entry["dwFileAttributes"]
                here, there = f"{path}\\{name}", f"{place}\\{name}"
                if "FILE_ATTRIBUTE_REPARSE_POINT" in attributes:
                    if file_set.recursive:
                        raise NotSimulated(f"{here}: a backup here does not follow reparse points in a file set")
                elif "FILE_ATTRIBUTE_DIRECTORY" in attributes:
                    if file_set.recursive:
                        waiting.append((here, there))
                elif matches(name, file_set.filespec) and not _excluded(writer.excluded, path, name):
                    if entry["nFileSize"] > LARGEST:
                        raise NotSimulated(f"{here}: files of more than {LARGEST >> 20} MiB are not backed up here")
                    yield Found(here, there, entry["ftLastWriteTime"])

    def _read(self, path: str, source: str, ranges: tuple[Range, ...] | None) -> SavedFile:
        """A file from its shadow copy: the whole, or the ranges that its writer named.

        Raises:
            NotSimulated: it cannot be read.
        """
        program = self.program
        code, out = program.win(
            "CreateFile",
            lpFileName=source,
            dwDesiredAccess="GENERIC_READ",
            dwShareMode="FILE_SHARE_READ",
            dwCreationDisposition="OPEN_EXISTING",
            dwFlagsAndAttributes="FILE_FLAG_BACKUP_SEMANTICS",
        )
        if code is not Win32Error.ERROR_SUCCESS:
            raise NotSimulated(f"{path}: the backup cannot read it on the shadow copy ({code.name})")
        handle = out["hFile"]
        size = program.win("GetFileSizeEx", hFile=handle)[1]["lpFileSize"]
        pieces = []
        for offset, length in ranges if ranges is not None else ((0, size),):
            for start in range(offset, offset + length, PIECE):
                wanted = min(PIECE, offset + length - start)
                code, read = program.win("ReadFile", hFile=handle, offset=start, nNumberOfBytesToRead=wanted)
                if code is Win32Error.ERROR_SUCCESS and read["lpNumberOfBytesRead"]:
                    pieces.append((start, data_of(read)))
        program.does("CloseHandle", hObject=handle)
        return SavedFile(path, tuple(pieces), size, ranges)


def volume_of(program: Program, path: str) -> str | None:
    """The volume that a path lies on, as GetVolumePathName would tell; None where there is none."""
    desk = Desk(program.caller.world, program.index)
    folder = path
    while folder:
        try:
            place = find(desk, folder if len(folder) > _DRIVE else folder + "\\").key[0]
        except FileError:
            folder = folder.rpartition("\\")[0]
            continue
        return desk.machine.volumes[place].name if isinstance(place, int) else None
    return None


def _alike(one: FileSet, other: FileSet) -> bool:
    """Whether two file sets are the same, by expanded path, specification and recursion."""
    same = fold(one.place) == fold(other.place) and fold(one.filespec) == fold(other.filespec)
    return same and one.recursive == other.recursive


def _excluded(excluded: Iterable[FileSet], folder: str, name: str) -> bool:
    """Whether the writer leaves a file out, by its normal path (rule path-exclude-by-default-path)."""
    here = fold(folder)
    for one in excluded:
        top = fold(one.place)
        inside = here == top or (one.recursive and here.startswith(top + "\\"))
        if inside and matches(name, one.filespec):
            return True
    return False
