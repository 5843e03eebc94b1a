"""The elements and attributes of both documents, each with how it is known; `words` has the words for enumerations.

Pages say what the documents hold, not how it is written; what no source shows is chosen here, and only here. It was
looked for, in November 2026, in the pages of Microsoft and their issues, in saved documents and test data of public
repositories, in programs that read real documents and in posts of forums: real documents were found of machines whose
writers add neither partial nor differenced files, mappings, dependencies, targets nor failures, programs that read no
more than those have. Sources of Windows itself are no source here, wherever they turn up. A document of a machine with
such a writer settles a name: it is read (`vss-sim world from-metadata` tells what it passes over), and `OURS` goes.
"""

from typing import Any, Final

from vss_sim.documents import words
from vss_sim.documents.attribute_values import ID, NUMBER, STAMP, TEXT, YES_NO, mask
from vss_sim.documents.elements import Attribute, Element, Known, Vocabulary
from vss_sim.model.document import (
    BackupComponentsDocument,
    DifferencedFiles,
    DirectedTarget,
    DocumentComponent,
    Failure,
    PartialFile,
    RestoreSubcomponent,
    SnapshotRecord,
    WriterComponents,
)
from vss_sim.model.metadata import (
    ALL_BACKUPS_FROM_SNAPSHOT,
    AlternateLocationMapping,
    ComponentDependency,
    FileSet,
    RestoreMethodDescription,
    WriterComponent,
    WriterMetadata,
)
from vss_sim.model.values import GUID_NULL
from vss_sim.spec.enums import (
    BackupSchema,
    BackupType,
    ComponentFlags,
    ComponentType,
    FileRestoreStatus,
    RestoreType,
    RollForwardType,
)

_A: Final = Attribute
_REAL, _FRAGMENT, _PARSER, _OURS = Known.REAL, Known.FRAGMENT, Known.PARSER, Known.OURS
_IN_FULL: Final = int(ALL_BACKUPS_FROM_SNAPSHOT)


def _file_set(
    name: str, field: str, known: Known, *, recursive: bool = False, mask_always: bool = True, own_mask: Known = _REAL
) -> Element:
    return Element(
        name,
        known,
        (
            _A("path", "path", TEXT, known),
            _A("filespec", "filespec", TEXT, known),
            _A("recursive", "recursive", YES_NO, _REAL, absent=False, always=recursive),
            _A("alternatePath", "alternate_path", TEXT, _OURS, absent=None),
            _A("filespecBackupType", "backup_type", NUMBER, own_mask, absent=_IN_FULL, always=mask_always),
        ),
        field=field,
        make=FileSet,
    )


def _mapping(name: str, field: str) -> Element:
    return Element(
        name,
        _OURS,
        (
            _A("path", "path", TEXT, _OURS),
            _A("filespec", "filespec", TEXT, _OURS),
            _A("recursive", "recursive", YES_NO, _OURS, absent=False, always=True),
            _A("alternatePath", "destination", TEXT, _OURS),
        ),
        field=field,
        make=AlternateLocationMapping,
    )


def _metadata(**fields: Any) -> WriterMetadata:
    """A writer's metadata; RESTORE_METHOD without a method only carries mappings."""
    prefix = "restore_method."
    given = {name.removeprefix(prefix): fields.pop(name) for name in list(fields) if name.startswith(prefix)}
    if given.get("method") is not None:
        missing = [name for name in ("writer_restore", "reboot_required") if given[name] is None]
        if missing:
            raise ValueError("RESTORE_METHOD has a method, so it also says writerRestore and rebootRequired")
        fields["restore_method"] = RestoreMethodDescription(**given)
    elif any(value is not None for value in given.values()):
        raise ValueError("RESTORE_METHOD says how, but has no method")
    return WriterMetadata(**fields)


_FILE_LIST: Final = _file_set("FILE_LIST", "files", _REAL)
_DATABASE_FILES: Final = _file_set("DATABASE_FILES", "database_files", _FRAGMENT, own_mask=_FRAGMENT)
_DATABASE_LOGFILES: Final = _file_set("DATABASE_LOGFILES", "database_log_files", _FRAGMENT, own_mask=_FRAGMENT)
_DEPENDENCY: Final = Element(
    "DEPENDENCY",
    _OURS,
    (
        _A("writerId", "writer_id", ID, _OURS),
        _A("logicalPath", "logical_path", TEXT, _OURS, absent=""),
        _A("componentName", "component_name", TEXT, _OURS),
    ),
    field="dependencies",
    make=ComponentDependency,
)


def _component(name: str, kind: ComponentType, known: Known) -> Element:
    return Element(
        name,
        known,
        (
            _A("logicalPath", "logical_path", TEXT, known, absent=""),
            _A("componentName", "name", TEXT, known),
            _A("caption", "caption", TEXT, known, absent=None),
            _A("icon", "icon", TEXT, _OURS, absent=None),
            _A("restoreMetadata", "restore_metadata", YES_NO, known),
            _A("notifyOnBackupComplete", "notify_on_backup_complete", YES_NO, known),
            _A("selectable", "selectable", YES_NO, known),
            _A("selectableForRestore", "selectable_for_restore", YES_NO, known),
            _A("componentFlags", "component_flags", mask(ComponentFlags, "VSS_CF_"), known),
        ),
        (_FILE_LIST, _DATABASE_FILES, _DATABASE_LOGFILES, _DEPENDENCY),
        field="components",
        make=WriterComponent,
        means={"type": kind},
    )


WRITER_METADATA: Final = Vocabulary(
    Element(
        "WRITER_METADATA",
        _REAL,
        (_A("backupSchema", "backup_schema", mask(BackupSchema, "VSS_BS_"), _REAL, absent=()),),
        (
            Element(
                "IDENTIFICATION",
                _REAL,
                (
                    _A("writerId", "writer_id", ID, _REAL),
                    _A("instanceId", "instance_id", ID, _REAL, absent=None),
                    _A("instanceName", "instance_name", TEXT, _REAL, absent=None),
                    _A("friendlyName", "name", TEXT, _REAL),
                    _A("usage", "usage", words.USAGE, _REAL),
                    _A("dataSource", "source", words.SOURCE, _REAL),
                    _A("majorVersion", "major_version", NUMBER, _REAL, absent=0, always=True),
                    _A("minorVersion", "minor_version", NUMBER, _REAL, absent=0, always=True),
                ),
                always=True,
            ),
            Element(
                "RESTORE_METHOD",
                _REAL,
                (
                    _A("method", "restore_method.method", words.METHOD, _REAL, absent=None),
                    _A("service", "restore_method.service", TEXT, _OURS, absent=None),
                    _A("userProcedure", "restore_method.user_procedure", TEXT, _OURS, absent=None),
                    _A("writerRestore", "restore_method.writer_restore", words.WRITER_RESTORE, _REAL, absent=None),
                    _A("rebootRequired", "restore_method.reboot_required", YES_NO, _REAL, absent=None),
                ),
                (_mapping("ALTERNATE_LOCATION_MAPPING", "alternate_location_mappings"),),
            ),
            Element(
                "BACKUP_LOCATIONS",
                _REAL,
                (),
                (
                    _component("FILE_GROUP", ComponentType.FILEGROUP, _REAL),
                    _component("DATABASE", ComponentType.DATABASE, _FRAGMENT),
                    _file_set("INCLUDE_FILES", "include_files", _OURS, recursive=True, own_mask=_OURS),
                    _file_set(
                        "EXCLUDE_FILES", "exclude_files", _REAL, recursive=True, mask_always=False, own_mask=_OURS
                    ),
                    _file_set(
                        "EXCLUDE_FILES_FROM_SNAPSHOT",
                        "exclude_from_snapshot_files",
                        _REAL,
                        recursive=True,
                        mask_always=False,
                        own_mask=_OURS,
                    ),
                ),
                always=True,
            ),
        ),
        make=_metadata,
    ),
    "x-schema:#VssWriterMetadataInfo",
    "1.2",
)
"""The Writer Metadata Document."""


def _stamped(name: str, field: str, known: Known) -> Element:
    """Metadata of a component; such elements stand in no namespace."""
    return Element(name, known, (_A("metadata", field, STAMP, known),), qualified=False)


_COMPONENT: Final = Element(
    "COMPONENT",
    _REAL,
    (
        _A("logicalPath", "logical_path", TEXT, _REAL, absent=""),
        _A("componentName", "name", TEXT, _REAL),
        _A("componentType", "type", words.COMPONENT_TYPE, _REAL),
        _A("backupStamp", "backup_stamp", STAMP, _REAL, absent=None),
        _A("previousBackupStamp", "previous_backup_stamp", STAMP, _OURS, absent=None),
        _A("backupSucceeded", "backup_succeeded", YES_NO, _OURS, absent=None),
        _A("backupOptions", "backup_options", TEXT, _OURS, absent=None),
        _A("prepareForBackupFailureMsg", "prepare_failure", TEXT, _OURS, absent=None),
        _A("postSnapshotFailureMsg", "post_snapshot_failure", TEXT, _OURS, absent=None),
        _A("selectedForRestore", "selected_for_restore", YES_NO, _OURS, absent=False),
        _A("additionalRestores", "additional_restores", YES_NO, _OURS, absent=None),
        _A("restoreOptions", "restore_options", TEXT, _OURS, absent=None),
        _A("restoreTarget", "restore_target", words.RESTORE_TARGET, _OURS, absent=None),
        _A(
            "fileRestoreStatus",
            "file_restore_status",
            words.FILE_RESTORE_STATUS,
            _OURS,
            absent=FileRestoreStatus.UNDEFINED,
        ),
        _A("preRestoreFailureMsg", "pre_restore_failure", TEXT, _OURS, absent=None),
        _A("postRestoreFailureMsg", "post_restore_failure", TEXT, _OURS, absent=None),
        _A("authoritativeRestore", "authoritative_restore", YES_NO, _OURS, absent=False),
        _A("rollForward", "roll_forward", words.ROLL_FORWARD, _OURS, absent=RollForwardType.UNDEFINED),
        _A("rollForwardPoint", "roll_forward_point", TEXT, _OURS, absent=None),
        _A("restoreName", "restore_name", TEXT, _OURS, absent=None),
    ),
    (
        _stamped("BACKUP_METADATA", "backup_metadata", _REAL),
        _stamped("RESTORE_METADATA", "restore_metadata", _OURS),
        Element(
            "PARTIAL_FILE",
            _OURS,
            (
                _A("path", "path", TEXT, _OURS),
                _A("filename", "filename", TEXT, _OURS),
                _A("ranges", "ranges", TEXT, _OURS),
                _A("metadata", "metadata", TEXT, _OURS, absent=None),
                _A("rangesFile", "ranges_file", TEXT, _OURS, absent=None),
            ),
            field="partial_files",
            make=PartialFile,
        ),
        Element(
            "DIFFERENCED_FILE",
            _OURS,
            (
                _A("path", "path", TEXT, _OURS),
                _A("filespec", "filespec", TEXT, _OURS),
                _A("recursive", "recursive", YES_NO, _OURS),
                _A("lastModifyTime", "last_modify_time", NUMBER, _OURS, absent=0),
                _A("lsn", "lsn", TEXT, _OURS, absent=None),
            ),
            field="differenced_files",
            make=DifferencedFiles,
        ),
        Element(
            "FAILURE",
            _OURS,
            (
                _A("result", "hresult", TEXT, _OURS),
                _A("applicationResult", "application", TEXT, _OURS, absent="S_OK"),
                _A("applicationMessage", "message", TEXT, _OURS, absent=None),
            ),
            field="failure",
            make=Failure,
            many=False,
        ),
        Element(
            "RESTORE_SUBCOMPONENT",
            _OURS,
            (
                _A("logicalPath", "logical_path", TEXT, _OURS, absent=""),
                _A("componentName", "name", TEXT, _OURS),
                _A("repair", "repair", YES_NO, _OURS, absent=False),
            ),
            field="restore_subcomponents",
            make=RestoreSubcomponent,
        ),
        Element(
            "DIRECTED_TARGET",
            _OURS,
            (
                _A("sourcePath", "source_path", TEXT, _OURS),
                _A("sourceFilename", "source_filename", TEXT, _OURS),
                _A("sourceRanges", "source_ranges", TEXT, _OURS),
                _A("destinationPath", "destination_path", TEXT, _OURS),
                _A("destinationFilename", "destination_filename", TEXT, _OURS),
                _A("destinationRanges", "destination_ranges", TEXT, _OURS),
            ),
            field="directed_targets",
            make=DirectedTarget,
        ),
        _mapping("NEW_TARGET", "new_targets"),
        _mapping("ALTERNATE_LOCATION_MAPPING", "alternate_location_mappings"),
    ),
    field="components",
    make=DocumentComponent,
)

_LUN_MAPPING: Final = Element(
    "LUN_MAPPING",
    _PARSER,
    (),
    (
        Element(
            "DESTINATION_LUN",
            _PARSER,
            (),
            (Element("LUN_INFORMATION", _PARSER, (_A("diskSignature", "", TEXT, _PARSER),)),),
        ),
    ),
    field="luns",
    make=lambda **fields: fields[""],
)

_SNAPSHOT_SET: Final = Element(
    "SNAPSHOT_SET_DESCRIPTION",
    _PARSER,
    (_A("snapshotSetId", "snapshot_set_id", ID, _PARSER, absent=GUID_NULL, repeats=True),),
    (
        Element(
            "SNAPSHOT_DESCRIPTION",
            _PARSER,
            (
                _A("snapshotId", "snapshot_id", ID, _PARSER),
                _A("originalVolumeName", "original_volume", TEXT, _OURS),
                _A("providerId", "provider_id", ID, _OURS),
                _A("snapshotAttributes", "attributes", NUMBER, _OURS),
                _A("originatingMachine", "originating_machine", TEXT, _OURS),
                _A("creationTimestamp", "created", NUMBER, _OURS),
            ),
            (_LUN_MAPPING,),
            field="snapshots",
            make=SnapshotRecord,
        ),
    ),
)

BACKUP_COMPONENTS: Final = Vocabulary(
    Element(
        "BACKUP_COMPONENTS",
        _REAL,
        (
            _A("bootableSystemStateBackup", "bootable_system_state", YES_NO, _REAL, absent=False, always=True),
            _A("selectComponents", "select_components", YES_NO, _REAL, absent=False, always=True),
            _A("backupType", "backup_type", words.BACKUP_TYPE, _REAL, absent=BackupType.UNDEFINED),
            _A("partialFileSupport", "partial_file_support", YES_NO, _REAL, absent=False, always=True),
            _A("restoreType", "restore_type", words.RESTORE_TYPE, _OURS, absent=RestoreType.UNDEFINED),
            _A("snapshotSetId", "snapshot_set_id", ID, _REAL, absent=GUID_NULL),
        ),
        (
            Element(
                "WRITER_COMPONENTS",
                _REAL,
                (
                    _A("instanceId", "instance_id", ID, _REAL),
                    _A("instanceName", "instance_name", TEXT, _REAL, absent=None),
                    _A("writerId", "writer_id", ID, _REAL),
                    _A("backupSchema", "backup_schema", NUMBER, _REAL),
                ),
                (_COMPONENT,),
                field="writers",
                make=WriterComponents,
            ),
            _SNAPSHOT_SET,
        ),
        make=BackupComponentsDocument,
    ),
    "x-schema:#VssComponentMetadata",
    "1.2",
)
"""The Backup Components Document."""
