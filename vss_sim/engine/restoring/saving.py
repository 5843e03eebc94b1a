"""Which files a backup reads, where it reads them, and what it keeps of them.

Files are found and read on the shadow copy of their volume. A recursive file set goes on through reparse points and
into mounted volumes, each read on its own shadow copy (rules path-mounted-follow, path-mounted-not-through-snapshot);
compatibility junctions are passed by. Folders without a file are kept, too (rule path-recursive-empty-dirs). What
cannot be saved is missed, and its component is no good (rule seq-succeeded-false-on-any-miss).

Differenced files come first, then partial ones, the rest by the masks of their sets (rule inc-order): what a writer
says of the first two stands before the mask (inc-diff-overrides-mask), and of a file that is both the first counts.
Page: https://learn.microsoft.com/windows/win32/vss/requestor-role-in-vss-incremental-and-differential-backups
"""

from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from msgspec import Struct, field

from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import find
from vss_sim.engine.ranges import Range, names_a_file, parse_ranges, ranges_file_of, ranges_in
from vss_sim.engine.restoring.documents import Differenced, Explicit, FileSet, StoredWriter, joined
from vss_sim.engine.restoring.media import Missed, Piece, SavedFile, SavedFolder
from vss_sim.engine.restoring.program import LONGEST, PIECE, Program, data_of, listing
from vss_sim.engine.selection.file_sets import files_meant, is_copied, type_for
from vss_sim.model import metadata
from vss_sim.model.names import fold, matches
from vss_sim.spec.backup_types import INCREMENTS
from vss_sim.spec.enums import BackupType
from vss_sim.spec.win32 import FileError, Win32Error

_DRIVE: Final = 2
_BOTH: Final = (
    "{!r} names {} as a differenced and as a partial file; it is saved as a differenced one (rule inc-diff-and-partial)"
)
_LINK: Final = "FILE_ATTRIBUTE_REPARSE_POINT"
_JUNCTION: Final = ("FILE_ATTRIBUTE_HIDDEN", "FILE_ATTRIBUTE_SYSTEM")


def volumes_of(program: Program, file_set: FileSet) -> set[str]:
    """The volumes that a file set reaches, as GetVolumePathName would tell (rule seq-volumes-cover-components)."""
    own = _place(program, file_set.source)
    found = set() if own is None else {own[0]}
    desk = Desk(program.caller.world, program.index)
    if file_set.recursive and any(disk.links for disk in desk.state.disks.volumes):
        whole = metadata.FileSet(path=file_set.source, filespec="*", recursive=True)
        stores = {meant.store for meant in files_meant(desk, whole, {})}
        found |= {desk.machine.volumes[store].name for store in stores if isinstance(store, int)}
    return found


def _place(program: Program, path: str) -> tuple[str, str] | None:
    """The volume that a path leads to, and the path on it; None where there is none."""
    desk = Desk(program.caller.world, program.index)
    folder, below = path, ""
    while folder:
        try:
            store, inside, name = find(desk, folder if len(folder) > _DRIVE else folder + "\\").key
        except FileError:
            folder, _, last = folder.rpartition("\\")
            below = f"\\{last}{below}"
            continue
        if not isinstance(store, int):
            return None
        volume = desk.machine.volumes[store].name
        there = "\\".join(filter(None, (inside, name))) + below
        as_written = fold(path) == fold(volume + there)
        return volume, path[len(volume) :] if as_written else there
    return None


class _Folder(Struct):
    """A folder on the way through a file set: its normal path, where it is on the live machine, and on its copy."""

    path: str
    live: str
    copied: str
    behind: tuple[str, ...]


class _Found(NamedTuple):
    """A file of a set: its normal path, where it is read, the reparse points on its way, when it was last written."""

    path: str
    source: str
    behind: tuple[str, ...]
    written: int


class Saving(Struct):
    """The files of a backup while they are read; `devices` are those of the shadow copies, by volume.

    `kind` is the type of the backup, `base` when the one was taken that it builds on. A file that was written at the
    very time since which changes count is saved: nobody knows which came first.
    """

    program: Program
    devices: dict[str, str]
    kind: BackupType
    base: int
    files: dict[str, SavedFile] = field(default_factory=dict)
    folders: dict[str, SavedFolder] = field(default_factory=dict)
    missed: list[Missed] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def component(self, explicit: Explicit, file_sets: Iterable[FileSet], writer: StoredWriter) -> bool:
        """Save what this backup needs of a component and of what it implies; whether nothing was missed."""
        before, sets = len(self.missed), tuple(file_sets)
        kind = BackupType(type_for(writer.schema, self.kind.value))
        partial = dict(self._partial(explicit))
        decided = self._differenced(explicit, sets, writer, partial) if kind in INCREMENTS else frozenset[str]()
        for file_set in sets:
            wanted = is_copied(file_set.mask, kind.value, is_log=file_set.is_log)
            there = list(self._of_a_set(file_set, writer.excluded)) if wanted or partial else []
            if wanted and not there and file_set.names_a_file:
                self._miss_named(explicit, file_set, writer)
            for found in there:
                key = fold(found.path)
                ranges = partial.pop(key, None)
                if key not in self.files and key not in decided and (wanted or ranges is not None):
                    self._save(explicit, found, ranges)
        for one in explicit.partial:  # those that no file set has are new
            path = joined(one.path, one.name)
            ranges = partial.get(fold(path))
            source_there = self._on_the_copy(path)
            if ranges is not None and source_there is not None:
                self._save(explicit, _Found(path, source_there, (), 0), ranges)
        return len(self.missed) == before

    def _differenced(
        self,
        explicit: Explicit,
        sets: tuple[FileSet, ...],
        writer: StoredWriter,
        partial: dict[str, tuple[Range, ...]],
    ) -> frozenset[str]:
        """Save the differenced files that changed; which files were decided on, saved or not."""
        decided: set[str] = set()
        for entry in explicit.differenced:
            for found in self._of_a_set(_set_of(entry, sets), writer.excluded):
                decided.add(fold(found.path))
                if partial.pop(fold(found.path), None) is not None:
                    self.notes.append(_BOTH.format(writer.name, found.path))
                if found.written >= (entry.since or self.base) and fold(found.path) not in self.files:
                    self._save(explicit, found, None)
        return frozenset(decided)

    def _partial(self, explicit: Explicit) -> Iterator[tuple[str, tuple[Range, ...]]]:
        """The partial files of a component with their ranges; a ranges file is saved, too (pf-ranges-file-saved)."""
        for one in explicit.partial:
            ranges = parse_ranges(one.ranges)
            if names_a_file(one.ranges):
                path = self.program.expanded(ranges_file_of(one.ranges))
                self._save(explicit, _Found(path, path, (), 0), None)
                listed = self.files.get(fold(path))
                ranges = ranges_in(listed.read(0, listed.size)) if listed is not None else None
            if ranges is None:
                says = f"{one.ranges!r} is neither a list of ranges nor a ranges file that can be read"
                self._miss(explicit, joined(one.path, one.name), says)
            else:
                yield fold(joined(one.path, one.name)), ranges

    def _miss(self, explicit: Explicit, path: str, says: str) -> None:
        self.missed.append(Missed(explicit.writer_id, explicit.key, path, says))

    def _miss_named(self, explicit: Explicit, file_set: FileSet, writer: StoredWriter) -> None:
        """A file that its set names is not there (rule path-missing-file-fails), unless it is excluded anyway."""
        if not is_excluded(writer.excluded, file_set.place, file_set.filespec):
            path = joined(file_set.place, file_set.filespec)
            self._miss(explicit, path, "its file set names it, and it is not there")

    def _on_the_copy(self, path: str) -> str | None:
        place = _place(self.program, path)
        if place is None or place[0] not in self.devices:
            return None
        return (self.devices[place[0]] + "\\" + place[1]).rstrip("\\")

    def _of_a_set(self, file_set: FileSet, excluded: tuple[FileSet, ...]) -> Iterator[_Found]:
        """The files of a set; a folder to which several ways lead is gone through once, by a plain one first."""
        source = file_set.source
        device = self._on_the_copy(source)
        waiting = [_Folder(file_set.place, source, device, ())] if device is not None else []
        links: list[_Folder] = []
        seen: set[str] = set()
        while waiting or links:
            folder = waiting.pop() if waiting else links.pop(0)
            if fold(folder.copied) in seen:
                continue
            seen.add(fold(folder.copied))
            has_files = False
            for entry in listing(self.program, folder.copied, "*" if file_set.recursive else file_set.filespec):
                name, attributes = entry["cFileName"], entry["dwFileAttributes"].split("|")
                if _LINK in attributes or "FILE_ATTRIBUTE_DIRECTORY" in attributes:
                    inner = self._inner(folder, name, attributes) if file_set.recursive else None
                    later = links if _LINK in attributes else waiting
                    later += [inner] if inner is not None else []
                elif matches(name, file_set.filespec) and not is_excluded(excluded, folder.path, name):
                    has_files = True
                    path, source = f"{folder.path}\\{name}", f"{folder.copied}\\{name}"
                    yield _Found(path, source, folder.behind, entry["ftLastWriteTime"])
            if file_set.recursive and not has_files and folder.path != file_set.place:
                self.folders.setdefault(fold(folder.path), SavedFolder(folder.path, folder.behind))

    def _inner(self, folder: _Folder, name: str, attributes: list[str]) -> _Folder | None:
        """A folder in a folder; through a reparse point on the copy of where that leads on the live machine."""
        path, live = f"{folder.path}\\{name}", f"{folder.live}\\{name}"
        if _LINK not in attributes:
            return _Folder(path, live, f"{folder.copied}\\{name}", folder.behind)
        if all(one in attributes for one in _JUNCTION):
            return None
        there = self._on_the_copy(live)
        return _Folder(path, live, there, (*folder.behind, path)) if there is not None else None

    def _save(self, explicit: Explicit, found: _Found, ranges: tuple[Range, ...] | None) -> None:
        """Keep a file: the whole, or the ranges that its writer named."""
        win, path = self.program.win, found.path
        code, out = win(
            "CreateFile",
            lpFileName=found.source,
            dwDesiredAccess="GENERIC_READ",
            dwShareMode="FILE_SHARE_READ",
            dwCreationDisposition="OPEN_EXISTING",
            dwFlagsAndAttributes="FILE_FLAG_BACKUP_SEMANTICS",
        )
        if code is not Win32Error.ERROR_SUCCESS:
            self._miss(explicit, path, f"CreateFile answers {code.name}")
            return
        handle = out["hFile"]
        size = self.program.size_of(handle)
        pieces, code = self._pieces(handle, size, ranges)
        self.program.does("CloseHandle", hObject=handle)
        if code is Win32Error.ERROR_SUCCESS:
            self.files[fold(path)] = SavedFile(path, pieces, size, ranges, found.behind)
        else:
            self._miss(explicit, path, f"ReadFile answers {code.name}")

    def _pieces(self, handle: str, size: int, ranges: tuple[Range, ...] | None) -> tuple[tuple[Piece, ...], Win32Error]:
        """The bytes of ranges, as far as the file has them; what is long and grows from a seed is only told of."""
        told = {"asGrown": True} if size > PIECE else {}
        most = LONGEST if told else PIECE
        pieces: list[Piece] = []
        for offset, length in ranges if ranges is not None else ((0, size),):
            at, end = offset, min(offset + length, size)
            while at < end:
                code, out = self.program.win(
                    "ReadFile", hFile=handle, offset=at, nNumberOfBytesToRead=min(most, end - at), **told
                )
                if code is not Win32Error.ERROR_SUCCESS:
                    return (), code
                pieces.append((at, data_of(out)))
                at += int(out["lpNumberOfBytesRead"])
        return tuple(pieces), Win32Error.ERROR_SUCCESS


def _set_of(entry: Differenced, sets: tuple[FileSet, ...]) -> FileSet:
    """The file set that a differenced entry is about, which may lie elsewhere (rule inc-diff-alternate-source)."""
    own = FileSet(entry.place, entry.filespec, entry.recursive, place=entry.place)
    known = fold(own.place), fold(own.filespec), own.recursive
    return next((one for one in sets if (fold(one.place), fold(one.filespec), one.recursive) == known), own)


def is_excluded(excluded: Iterable[FileSet], folder: str, name: str) -> bool:
    """Whether the writer leaves a file out, by its normal path (rule path-exclude-by-default-path)."""
    here = fold(folder)
    for one in excluded:
        top = fold(one.place)
        inside = here == top or (one.recursive and here.startswith(top + "\\"))
        if inside and matches(name, one.filespec):
            return True
    return False
