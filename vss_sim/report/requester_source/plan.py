"""Which module of `vss_sim/requester` holds which calls: the laws of the modules, their classes, in order."""

from typing import Final

from msgspec import Struct

from vss_sim.spec.methods import Signature, signatures
from vss_sim.spec.writer_lives import calls_of_programs


class Part(Struct, frozen=True):
    """A class with calls of one family (no class: the functions), and the module that it is generated into."""

    module: str
    name: str
    says: str
    calls: tuple[str, ...]

    @property
    def signatures(self) -> tuple[Signature, ...]:
        """The calls by their signatures."""
        return tuple(signatures()[call] for call in self.calls)


def _methods(interfaces: tuple[str, ...], names: str) -> tuple[str, ...]:
    """The full names of methods, each looked for in these interfaces."""
    return tuple(
        next(f"{interface}::{name}" for interface in interfaces if f"{interface}::{name}" in signatures())
        for name in names.split()
    )


def _all_of(*interfaces: str) -> tuple[str, ...]:
    return tuple(
        name
        for name, signature in signatures().items()
        if signature.interface in interfaces and (signature.kind == "requester" or name in calls_of_programs())
    )


_BACKUP: Final = ("IVssBackupComponents", *(f"IVssBackupComponentsEx{version}" for version in ("", "2", "3", "4")))
_COMPONENT: Final = ("IVssComponent", "IVssComponentEx", "IVssComponentEx2")

LAWS: Final = {
    "backup_calls": "The calls of a backup, from the initialisation to the shadow copy set.",
    "completion_calls": "The calls at the end of a backup: marks, stamps, the document, BackupComplete, AbortBackup.",
    "restore_calls": "The calls that carry a restore: initialisation, selection, the events around the files.",
    "restore_option_calls": "What a requester tells the writers about a restore: where files go, and how.",
    "metadata_calls": "Which writers take part, and what they say of themselves.",
    "status_calls": "Where the writers stand, and what the document holds of them.",
    "snapshot_calls": "The calls on shadow copies that exist: query, properties, support, paths, deletion.",
    "snapshot_use_calls": "What is done with shadow copies: expose, import, break, revert.",
    "async_calls": "The calls of an asynchronous operation.",
    "enumeration": "The list that a query gives.",
    "examine_writer_metadata": "A Writer Metadata Document, read.",
    "writer_components": "The components of a writer in the Backup Components Document.",
    "component_backup_calls": "What a component of the document tells of its backup.",
    "component_restore_calls": "What a component of the document tells of its restore.",
    "component_file_calls": "What a component of the document tells of single files.",
    "metadata_parts": "The parts of a Writer Metadata Document: components, file sets, dependencies.",
    "writer_calls": "The calls of a writer's program outside of its handlers.",
    "express_writer": "An express writer, and how its metadata are made.",
    "functions": "The functions that need no object: they make the first ones, or ask about a volume.",
}
"""Module → its law."""

PARTS: Final = (
    Part(
        "backup_calls",
        "BackupCalls",
        "The calls of a backup, from the initialisation to the shadow copy set.",
        _methods(
            _BACKUP,
            "InitializeForBackup SetContext SetBackupState AddComponent StartSnapshotSet AddToSnapshotSet "
            "PrepareForBackup DoSnapshotSet",
        ),
    ),
    Part(
        "completion_calls",
        "CompletionCalls",
        "The calls at the end of a backup.",
        _methods(
            _BACKUP,
            "SetBackupSucceeded SetBackupOptions SetPreviousBackupStamp SaveAsXML BackupComplete AbortBackup "
            "GetSessionId",
        ),
    ),
    Part(
        "restore_calls",
        "RestoreCalls",
        "The calls that carry a restore.",
        _methods(
            _BACKUP,
            "InitializeForRestore SetRestoreState SetSelectedForRestore SetSelectedForRestoreEx "
            "AddRestoreSubcomponent PreRestore PostRestore SetFileRestoreStatus AddSnapshotToRecoverySet RecoverSet",
        ),
    ),
    Part(
        "restore_option_calls",
        "RestoreOptionCalls",
        "What a requester tells the writers about a restore.",
        _methods(
            _BACKUP,
            "SetRestoreOptions SetAdditionalRestores SetAuthoritativeRestore SetRollForward SetRestoreName "
            "AddAlternativeLocationMapping AddNewTarget SetRangesFilePath",
        ),
    ),
    Part(
        "metadata_calls",
        "MetadataCalls",
        "Which writers take part, and what they say of themselves.",
        _methods(
            _BACKUP,
            "EnableWriterClasses DisableWriterClasses DisableWriterInstances GatherWriterMetadata "
            "GetWriterMetadataCount GetWriterMetadata GetWriterMetadataEx FreeWriterMetadata",
        ),
    ),
    Part(
        "status_calls",
        "StatusCalls",
        "Where the writers stand, and what the document holds of them.",
        _methods(
            _BACKUP,
            "GatherWriterStatus GetWriterStatusCount GetWriterStatus GetWriterStatusEx FreeWriterStatus "
            "GetWriterComponentsCount GetWriterComponents",
        ),
    ),
    Part(
        "snapshot_calls",
        "SnapshotCalls",
        "The calls that ask about shadow copies, and delete them.",
        _methods(
            _BACKUP,
            "Query GetSnapshotProperties IsVolumeSupported GetRootAndLogicalPrefixPaths DeleteSnapshots "
            "PreFastRecovery FastRecovery",
        ),
    ),
    Part(
        "snapshot_use_calls",
        "SnapshotUseCalls",
        "What is done with shadow copies.",
        _methods(
            _BACKUP,
            "ExposeSnapshot UnexposeSnapshot ImportSnapshots BreakSnapshotSet BreakSnapshotSetEx RevertToSnapshot "
            "QueryRevertStatus",
        ),
    ),
    Part("async_calls", "AsyncCalls", "The calls of an asynchronous operation.", _all_of("IVssAsync")),
    Part(
        "enumeration",
        "EnumObject",
        "A list of shadow copies or providers, read from its beginning. `IVssEnumObject`.",
        _all_of("IVssEnumObject"),
    ),
    Part(
        "metadata_parts",
        "WMFiledesc",
        "A file set, or a mapping of one. `IVssWMFiledesc`.",
        _all_of("IVssWMFiledesc"),
    ),
    Part(
        "metadata_parts",
        "WMDependency",
        "A component of another writer that a component depends on. `IVssWMDependency`.",
        _all_of("IVssWMDependency"),
    ),
    Part(
        "metadata_parts",
        "WMComponent",
        "A component as its writer declares it; no later call changes it. `IVssWMComponent`.",
        _all_of("IVssWMComponent"),
    ),
    Part(
        "examine_writer_metadata",
        "ExamineWriterMetadata",
        "What one writer says of itself and its data. `IVssExamineWriterMetadata` to `Ex2`.",
        _all_of("IVssExamineWriterMetadata", "IVssExamineWriterMetadataEx", "IVssExamineWriterMetadataEx2"),
    ),
    Part(
        "component_backup_calls",
        "ComponentBackupCalls",
        "What a component of the document tells of its backup.",
        _methods(
            _COMPONENT,
            "GetLogicalPath GetComponentType GetComponentName GetBackupSucceeded GetBackupOptions GetBackupStamp "
            "GetPreviousBackupStamp GetBackupMetadata GetPrepareForBackupFailureMsg GetPostSnapshotFailureMsg "
            "GetFailure",
        ),
    ),
    Part(
        "component_restore_calls",
        "ComponentRestoreCalls",
        "What a component of the document tells of its restore.",
        _methods(
            _COMPONENT,
            "IsSelectedForRestore GetRestoreSubcomponentCount GetRestoreSubcomponent GetAdditionalRestores "
            "GetRestoreOptions GetRestoreMetadata GetAuthoritativeRestore GetRollForward GetRestoreName "
            "GetPreRestoreFailureMsg GetPostRestoreFailureMsg GetFileRestoreStatus",
        ),
    ),
    Part(
        "component_file_calls",
        "ComponentFileCalls",
        "What a component of the document tells of single files: which are saved in part, and which go elsewhere.",
        _methods(
            _COMPONENT,
            "GetPartialFileCount GetPartialFile GetDifferencedFilesCount GetDifferencedFile GetRestoreTarget "
            "GetAlternateLocationMappingCount GetAlternateLocationMapping GetNewTargetCount GetNewTarget "
            "GetDirectedTargetCount GetDirectedTarget",
        ),
    ),
    Part(
        "writer_components",
        "WriterComponents",
        "The components of one writer in the document; an event for writers ends it. `IVssWriterComponentsExt`.",
        _all_of("IVssWriterComponents"),
    ),
    Part(
        "writer_calls",
        "WriterCalls",
        "The calls of a writer's program: who it is, and that it hears events. `CVssWriter`.",
        _methods(("CVssWriter",), "Initialize Subscribe Unsubscribe"),
    ),
    Part(
        "writer_calls",
        "WriterExCalls",
        "The same with a version. `CVssWriterEx`.",
        _methods(("CVssWriterEx",), "InitializeEx SubscribeEx"),
    ),
    Part(
        "express_writer",
        "CreateExpressWriterMetadata",
        "The metadata of an express writer while they are made. `IVssCreateExpressWriterMetadata`.",
        _all_of("IVssCreateExpressWriterMetadata"),
    ),
    Part(
        "express_writer",
        "ExpressWriter",
        "A writer without a program: its metadata are stored, and it hears no events. `IVssExpressWriter`.",
        _all_of("IVssExpressWriter"),
    ),
    Part("functions", "", "", _all_of("")),
)
"""Every class that is generated, with its calls."""

STRUCTURES: Final = {
    "VSS_SNAPSHOT_PROP": ("SnapshotProperties", "What VSS tells of a shadow copy."),
    "VSS_PROVIDER_PROP": ("ProviderProperties", "What VSS tells of a provider."),
    "VSS_COMPONENTINFO": ("ComponentInfo", "What a writer tells of a component that it declares."),
}
"""Structure → the class that stands for it, and what it is."""

_HAND_WRITTEN: Final = {
    "Interface": "interface",
    "Origin": "interface",
    "make_call": "interface",
    "Simulation": "simulation",
    "Async": "asynchronous",
    "BackupComponents": "backup_components",
    "Component": "component",
    "answer_of": "conversions",
    "code_of": "conversions",
    "entries_of": "conversions",
    "number_of": "conversions",
    **dict.fromkeys(("WriterId", "InstanceId", "SnapshotId", "SnapshotSetId", "ProviderId", "SessionId"), "ids"),
}


def homes() -> dict[str, str]:
    """Name → the module of `vss_sim/requester` that it stands in."""
    found = {part.name: part.module for part in PARTS if part.name}
    found.update({name: "records" for name, _ in STRUCTURES.values()})
    return {**found, **_HAND_WRITTEN}
