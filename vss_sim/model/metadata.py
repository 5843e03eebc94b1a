"""What a writer says of itself and its data: the content of a Writer Metadata Document.

Page: https://learn.microsoft.com/windows/win32/vss/writer-metadata-document-contents
"""

from functools import reduce

from msgspec.structs import force_setattr

from vss_sim.model.values import Described, Guid, with_guids
from vss_sim.spec.enums import (
    BackupSchema,
    ComponentFlags,
    ComponentType,
    FileSpecBackupType,
    RestoreMethod,
    SourceType,
    UsageType,
    WriterRestore,
    numbers,
)

ALL_BACKUPS_FROM_SNAPSHOT = FileSpecBackupType.ALL_BACKUP_REQUIRED | FileSpecBackupType.ALL_SNAPSHOT_REQUIRED
"""The mask of a file set whose writer gave none: every backup needs the files, from a shadow copy."""


def joined(names: tuple[str, ...]) -> int:
    """The number of flags that are listed by name."""
    return reduce(lambda mask, name: mask | numbers()[name], names, 0)


class FileSet(Described, frozen=True, kw_only=True):
    """Files by path, file specification and recursion; `alternate_path` is where a backup finds them instead."""

    path: str
    filespec: str
    recursive: bool = False
    alternate_path: str | None = None
    backup_type: int = int(ALL_BACKUPS_FROM_SNAPSHOT)


class AlternateLocationMapping(Described, frozen=True, kw_only=True):
    """Where the files of a file set may be restored instead of their original place."""

    path: str
    filespec: str
    recursive: bool = False
    destination: str


class ComponentDependency(Described, frozen=True, kw_only=True):
    """A component of another writer that has to be backed up and restored together with this one."""

    writer_id: Guid
    logical_path: str = ""
    component_name: str

    def __post_init__(self) -> None:
        with_guids(self, "writer_id")


class WriterComponent(Described, frozen=True, kw_only=True):
    """A component as its writer declares it, with its file sets."""

    type: ComponentType = ComponentType.FILEGROUP
    logical_path: str = ""
    name: str
    caption: str | None = None
    icon: str | None = None
    restore_metadata: bool = False
    notify_on_backup_complete: bool = False
    selectable: bool = True
    selectable_for_restore: bool = False
    component_flags: tuple[str, ...] = ()
    files: tuple[FileSet, ...] = ()
    database_files: tuple[FileSet, ...] = ()
    database_log_files: tuple[FileSet, ...] = ()
    dependencies: tuple[ComponentDependency, ...] = ()

    def __post_init__(self) -> None:
        if self.type is ComponentType.UNDEFINED:
            raise ValueError("a component is a database or a file group")
        force_setattr(self, "component_flags", _flags(ComponentFlags, "VSS_CF_", self.component_flags))

    @property
    def flags(self) -> int:
        """The component flags as a number."""
        return joined(self.component_flags)


class RestoreMethodDescription(Described, frozen=True, kw_only=True):
    """How the writer wants its files restored."""

    method: RestoreMethod
    service: str | None = None
    user_procedure: str | None = None
    writer_restore: WriterRestore = WriterRestore.ALWAYS
    reboot_required: bool = False


class WriterMetadata(Described, frozen=True, kw_only=True):
    """A Writer Metadata Document as a value; `instance_id` None: a new one each time the writer starts."""

    name: str
    writer_id: Guid
    instance_id: Guid | None = None
    instance_name: str | None = None
    usage: UsageType = UsageType.USERDATA
    source: SourceType = SourceType.OTHER
    major_version: int = 0
    minor_version: int = 0
    backup_schema: tuple[str, ...] = ()
    restore_method: RestoreMethodDescription | None = None
    alternate_location_mappings: tuple[AlternateLocationMapping, ...] = ()
    include_files: tuple[FileSet, ...] = ()
    exclude_files: tuple[FileSet, ...] = ()
    exclude_from_snapshot_files: tuple[FileSet, ...] = ()
    components: tuple[WriterComponent, ...] = ()

    def __post_init__(self) -> None:
        force_setattr(self, "backup_schema", _flags(BackupSchema, "VSS_BS_", self.backup_schema))
        with_guids(self, "writer_id", "instance_id")

    @property
    def schema(self) -> int:
        """The backup schema as a number."""
        return joined(self.backup_schema)


def _flags(kind: type[BackupSchema] | type[ComponentFlags], prefix: str, names: tuple[str, ...]) -> tuple[str, ...]:
    """Flags by name, each once, in the order of their bits; the name of no flag at all goes.

    Raises:
        ValueError: there is no flag of such a name.
    """
    known = [prefix + member for member in kind.__members__]
    for name in names:
        if name not in known:
            raise ValueError(f"{name!r} is none of {', '.join(known)}")
    mask = joined(names)
    return tuple(name for name in known if numbers()[name] & mask) if len(names) > 1 or not mask else names
