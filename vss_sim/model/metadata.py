"""What a writer says of itself and its data: the content of a Writer Metadata Document.

Page: https://learn.microsoft.com/windows/win32/vss/writer-metadata-document-contents
"""

from enum import IntFlag
from functools import reduce
from typing import Annotated

from msgspec.structs import force_setattr

from vss_sim.model.values import Described, Guid, one_of, with_enumerations, with_guids, with_names, wrong
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


def _flags_of(kind: type[IntFlag], prefix: str) -> list[str]:
    return [prefix + str(name) for name in kind.__members__]


SchemaFlag = Annotated[str, one_of("VSS_BACKUP_SCHEMA", _flags_of(BackupSchema, "VSS_BS_"))]
ComponentFlag = Annotated[str, one_of("VSS_COMPONENT_FLAGS", _flags_of(ComponentFlags, "VSS_CF_"))]


def joined(names: tuple[str, ...]) -> int:
    """The number of flags that are listed by name."""
    return reduce(lambda mask, name: mask | numbers()[name], names, 0)


def with_flags(described: Described, field: str, kind: type[IntFlag], prefix: str) -> None:
    """Put flags by name into the order of their bits, each once, while a description is made; no flag has no name.

    Raises:
        ValueError: there is no flag of such a name.
    """
    names: tuple[str, ...] = getattr(described, field)
    if not names:
        return
    known = _flags_of(kind, prefix)
    with_names(described, field, known, f"there are {', '.join(known)}")
    mask = joined(names)
    if len(names) > 1 or not mask:
        single = [name for name in known if numbers()[name].bit_count() == 1]
        force_setattr(described, field, tuple(name for name in single if numbers()[name] & mask))


class FileSet(Described, frozen=True, kw_only=True, gc=False):
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
    component_flags: tuple[ComponentFlag, ...] = ()
    files: tuple[FileSet, ...] = ()
    database_files: tuple[FileSet, ...] = ()
    database_log_files: tuple[FileSet, ...] = ()
    dependencies: tuple[ComponentDependency, ...] = ()

    def __post_init__(self) -> None:
        with_enumerations(self, type=ComponentType)
        if self.type is ComponentType.UNDEFINED:
            raise wrong(self, "type", "a component is a database or a file group")
        with_flags(self, "component_flags", ComponentFlags, "VSS_CF_")

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

    def __post_init__(self) -> None:
        with_enumerations(self, method=RestoreMethod, writer_restore=WriterRestore)


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
    backup_schema: tuple[SchemaFlag, ...] = ()
    restore_method: RestoreMethodDescription | None = None
    alternate_location_mappings: tuple[AlternateLocationMapping, ...] = ()
    include_files: tuple[FileSet, ...] = ()
    exclude_files: tuple[FileSet, ...] = ()
    exclude_from_snapshot_files: tuple[FileSet, ...] = ()
    components: tuple[WriterComponent, ...] = ()

    def __post_init__(self) -> None:
        with_flags(self, "backup_schema", BackupSchema, "VSS_BS_")
        with_enumerations(self, usage=UsageType, source=SourceType)
        with_guids(self, "writer_id", "instance_id")

    @property
    def schema(self) -> int:
        """The backup schema as a number."""
        return joined(self.backup_schema)
