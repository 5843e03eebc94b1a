"""What becomes of each file of a component that is in a backup: saved from where, or not, and why.

In the order of the page: what the writer excludes goes first, whatever names it; differenced entries override partial
ones, and both the mask of the set; a file that has to come from a shadow copy needs its volume in the set.
Page: https://learn.microsoft.com/windows/win32/vss/generating-a-backup-set
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from vss_sim.engine.desk import Desk
from vss_sim.engine.selection.file_sets import Meant, covers, files_meant, is_copied, needs_shadow_copy
from vss_sim.engine.volumes import volume_place
from vss_sim.model.document import DocumentComponent
from vss_sim.model.metadata import FileSet
from vss_sim.spec.selection import File


class BackupOf(NamedTuple):
    """A backup as the files of one component see it.

    `excludes` are those of the writer, `places` the volumes of the shadow copy set by their places on the machine
    (None: not known), `entry` is what the document has of the component that stands for this one.
    """

    desk: Desk
    excludes: tuple[FileSet, ...]
    backup_type: str
    places: frozenset[int] | None
    variables: Mapping[str, str]
    entry: DocumentComponent | None = None


class FileStand(NamedTuple):
    """What becomes of a file, and what brings it about."""

    meant: Meant
    why: File
    by: str = ""

    @property
    def says(self) -> str:
        """The reason in words."""
        return self.why.ground.says.format(by=self.by)


def places_of(desk: Desk, volumes: tuple[str, ...] | None) -> frozenset[int] | None:
    """The volumes of a set, by their places on the machine."""
    if volumes is None:
        return None
    return frozenset(place for name in volumes if (place := volume_place(desk, name)) is not None)


def file_stands(backup: BackupOf, file_set: FileSet, *, is_log: bool = False) -> Iterator[FileStand]:
    """What becomes of each file of a file set; `is_log`: the set is one of database log files."""
    for meant in files_meant(backup.desk, file_set, backup.variables):
        yield _not_read(backup, meant) or _read(backup, file_set, meant, is_log=is_log)


def _not_read(backup: BackupOf, meant: Meant) -> FileStand | None:
    """A file that nobody reads: excluded by its normal path (path-exclude-by-default-path), or not there to be read."""
    excluded = next((one for one in backup.excludes if covers(one, meant.path, backup.variables)), None)
    if excluded is not None:
        folder = excluded.path.rstrip("\\")
        return FileStand(meant, File.EXCLUDED, f"{folder}\\{excluded.filespec}")
    return None if meant.why is None else FileStand(meant, meant.why)


def _read(backup: BackupOf, file_set: FileSet, meant: Meant, *, is_log: bool) -> FileStand:
    override = _override(backup, meant)
    if override is None and not is_copied(file_set.backup_type, backup.backup_type, is_log=is_log):
        return FileStand(meant, File.NOT_OF_TYPE)
    if isinstance(meant.store, int) and needs_shadow_copy(file_set, backup.backup_type):
        volume = backup.desk.machine.volumes[meant.store].name
        if backup.places is not None and meant.store not in backup.places:
            return FileStand(meant, File.MOUNTED_OUTSIDE if meant.mounted else File.VOLUME_OUTSIDE, volume)
        return override or FileStand(meant, File.SHADOW_COPY, volume)
    return override or FileStand(meant, File.LIVE)


def _override(backup: BackupOf, meant: Meant) -> FileStand | None:
    """Differenced files come before partial ones (rules inc-order, inc-diff-and-partial)."""
    if backup.entry is None:
        return None
    for one in backup.entry.differenced_files:
        if covers(FileSet(path=one.path, filespec=one.filespec, recursive=one.recursive), meant.path, backup.variables):
            since = f"since {one.last_modify_time}" if one.last_modify_time else "by the requester's own records"
            return FileStand(meant, File.DIFFERENCED, since)
    for partial in backup.entry.partial_files:
        if covers(FileSet(path=partial.path, filespec=partial.filename), meant.path, backup.variables):
            return FileStand(meant, File.PARTIAL, partial.ranges)
    return None
