"""The Backup Components Document as a value: what a backup declared, took in and came to, writer by writer.

Page: https://learn.microsoft.com/windows/win32/vss/backup-components-document-contents
"""

from vss_sim.model.metadata import AlternateLocationMapping
from vss_sim.model.values import GUID_NULL, Described, Guid, Value
from vss_sim.spec.enums import BackupType, ComponentType, FileRestoreStatus, RestoreTarget, RestoreType, RollForwardType


class PartialFile(Described, frozen=True, kw_only=True):
    """A file of which only the ranges are saved."""

    path: str
    filename: str
    ranges: str
    metadata: str | None = None
    ranges_file: str | None = None
    """Where a requester put the ranges file back (SetRangesFilePath)."""

    @property
    def ranges_now(self) -> str:
        """The ranges, or the ranges file where it is now (rule pf-path-updated)."""
        return self.ranges_file or self.ranges


class DirectedTarget(Described, frozen=True, kw_only=True):
    """Ranges of a saved file, and where a writer wants them restored."""

    source_path: str
    source_filename: str
    source_ranges: str
    destination_path: str
    destination_filename: str
    destination_ranges: str


class DifferencedFiles(Described, frozen=True, kw_only=True):
    """A file set of which only what changed is saved, by time (100 ns since 1601) or by log sequence number."""

    path: str
    filespec: str
    recursive: bool
    last_modify_time: int = 0
    lsn: str | None = None


class RestoreSubcomponent(Value, frozen=True, kw_only=True):
    """A subcomponent chosen for restore under the component that was added explicitly."""

    logical_path: str
    name: str
    repair: bool = False


class Failure(Described, frozen=True, kw_only=True):
    """What a writer said of one component with SetFailure."""

    hresult: str
    application: str = "S_OK"
    message: str | None = None


class DocumentComponent(Value, frozen=True, kw_only=True):
    """A component of the document. None where nothing was stored; flags that were never set are None, too."""

    type: ComponentType
    logical_path: str
    name: str
    backup_succeeded: bool | None = None
    backup_options: str | None = None
    previous_backup_stamp: str | None = None
    backup_stamp: str | None = None
    backup_metadata: str | None = None
    partial_files: tuple[PartialFile, ...] = ()
    differenced_files: tuple[DifferencedFiles, ...] = ()
    prepare_failure: str | None = None
    post_snapshot_failure: str | None = None
    failure: Failure | None = None
    selected_for_restore: bool = False
    restore_subcomponents: tuple[RestoreSubcomponent, ...] = ()
    additional_restores: bool | None = None
    restore_options: str | None = None
    restore_metadata: str | None = None
    restore_target: RestoreTarget | None = None
    directed_targets: tuple[DirectedTarget, ...] = ()
    new_targets: tuple[AlternateLocationMapping, ...] = ()
    alternate_location_mappings: tuple[AlternateLocationMapping, ...] = ()
    file_restore_status: FileRestoreStatus = FileRestoreStatus.UNDEFINED
    pre_restore_failure: str | None = None
    post_restore_failure: str | None = None
    authoritative_restore: bool = False
    roll_forward: RollForwardType = RollForwardType.UNDEFINED
    roll_forward_point: str | None = None
    restore_name: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What names it among the components of its writer."""
        return self.logical_path, self.name


class WriterComponents(Value, frozen=True, kw_only=True):
    """The components of one writer instance."""

    writer_id: Guid
    instance_id: Guid
    instance_name: str | None = None
    backup_schema: int = 0
    components: tuple[DocumentComponent, ...] = ()


class SnapshotRecord(Value, frozen=True, kw_only=True):
    """What the document keeps of a shadow copy, so that another machine can find it."""

    snapshot_id: Guid
    original_volume: str
    provider_id: Guid
    attributes: int
    originating_machine: str
    created: int
    luns: tuple[str, ...] = ()


class BackupComponentsDocument(Value, frozen=True, kw_only=True):
    """The whole document."""

    select_components: bool = False
    bootable_system_state: bool = False
    backup_type: BackupType = BackupType.UNDEFINED
    partial_file_support: bool = False
    restore_type: RestoreType = RestoreType.UNDEFINED
    writers: tuple[WriterComponents, ...] = ()
    snapshot_set_id: Guid = GUID_NULL
    snapshots: tuple[SnapshotRecord, ...] = ()


EMPTY_DOCUMENT = BackupComponentsDocument()
