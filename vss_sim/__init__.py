"""A simulator of Windows' Volume Shadow Copy Service: its protocol as data, and tools that read it.

What a requester or a writer in Python needs stands here: `Simulation`, `create_backup_components`, `BackupComponents`,
`WriterProgram`, `ExpressWriter`, `VssError`, `Reason`, `BadCall`, `NotSimulated`, `HResult`, `Profile`, the functions,
ids and the enumerations, and what file calls take and raise. Each is imported when it is first asked for, so that
`import vss_sim` costs nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from vss_sim.documents.errors import WorldError
    from vss_sim.documents.world_file import read_world
    from vss_sim.engine.coverage import NotSimulated
    from vss_sim.engine.inputs import BadCall
    from vss_sim.report.timeline import TimelineCalls, timeline
    from vss_sim.requester.asynchronous import Async
    from vss_sim.requester.backup_components import BackupComponents
    from vss_sim.requester.component import Component
    from vss_sim.requester.computer import FileHandle, Win32CallError
    from vss_sim.requester.enumeration import EnumObject
    from vss_sim.requester.errors import Reason, VssError
    from vss_sim.requester.examine_writer_metadata import ExamineWriterMetadata
    from vss_sim.requester.express_writer import CreateExpressWriterMetadata, ExpressWriter
    from vss_sim.requester.functions import (
        create_backup_components,
        create_examine_writer_metadata,
        create_express_writer,
        is_volume_snapshotted,
        should_block_revert,
        vss_free_snapshot_properties,
    )
    from vss_sim.requester.ids import InstanceId, ProviderId, SessionId, SnapshotId, SnapshotSetId, WriterId
    from vss_sim.requester.metadata_parts import WMComponent, WMDependency, WMFiledesc
    from vss_sim.requester.records import ComponentInfo, ProviderProperties, SnapshotProperties
    from vss_sim.requester.rehearsal import Rehearsal, RehearsalError, rehearse
    from vss_sim.requester.simulation import Simulation
    from vss_sim.requester.win32_flags import (
        Disposition,
        FileAccess,
        FileAttributes,
        FileFlags,
        FileShare,
        MoveFlags,
    )
    from vss_sim.requester.writer_components import WriterComponents
    from vss_sim.requester.writer_program import WriterProgram
    from vss_sim.spec.enums import (
        ApplicationLevel,
        BackupSchema,
        BackupType,
        ComponentFlags,
        ComponentType,
        FileRestoreStatus,
        FileSpecBackupType,
        HardwareOptions,
        ObjectType,
        ProviderCapabilities,
        ProviderType,
        RecoveryOptions,
        RestoreMethod,
        RestoreTarget,
        RestoreType,
        RollForwardType,
        SnapshotCompatibility,
        SnapshotContext,
        SnapshotState,
        SourceType,
        UsageType,
        VolumeSnapshotAttributes,
        WriterRestore,
        WriterState,
    )
    from vss_sim.spec.hresult import HResult
    from vss_sim.spec.table import Profile
    from vss_sim.spec.win32 import Win32Error

__version__ = "0.1.0"

__all__ = [
    "ApplicationLevel",
    "Async",
    "BackupComponents",
    "BackupSchema",
    "BackupType",
    "BadCall",
    "Component",
    "ComponentFlags",
    "ComponentInfo",
    "ComponentType",
    "CreateExpressWriterMetadata",
    "Disposition",
    "EnumObject",
    "ExamineWriterMetadata",
    "ExpressWriter",
    "FileAccess",
    "FileAttributes",
    "FileFlags",
    "FileHandle",
    "FileRestoreStatus",
    "FileShare",
    "FileSpecBackupType",
    "HResult",
    "HardwareOptions",
    "InstanceId",
    "MoveFlags",
    "NotSimulated",
    "ObjectType",
    "Profile",
    "ProviderCapabilities",
    "ProviderId",
    "ProviderProperties",
    "ProviderType",
    "Reason",
    "RecoveryOptions",
    "Rehearsal",
    "RehearsalError",
    "RestoreMethod",
    "RestoreTarget",
    "RestoreType",
    "RollForwardType",
    "SessionId",
    "Simulation",
    "SnapshotCompatibility",
    "SnapshotContext",
    "SnapshotId",
    "SnapshotProperties",
    "SnapshotSetId",
    "SnapshotState",
    "SourceType",
    "TimelineCalls",
    "UsageType",
    "VolumeSnapshotAttributes",
    "VssError",
    "WMComponent",
    "WMDependency",
    "WMFiledesc",
    "Win32CallError",
    "Win32Error",
    "WorldError",
    "WriterComponents",
    "WriterId",
    "WriterProgram",
    "WriterRestore",
    "WriterState",
    "create_backup_components",
    "create_examine_writer_metadata",
    "create_express_writer",
    "is_volume_snapshotted",
    "read_world",
    "rehearse",
    "should_block_revert",
    "timeline",
    "vss_free_snapshot_properties",
]

_HOMES = {
    "Disposition": "requester.win32_flags",
    "FileAccess": "requester.win32_flags",
    "FileAttributes": "requester.win32_flags",
    "FileFlags": "requester.win32_flags",
    "FileHandle": "requester.computer",
    "FileShare": "requester.win32_flags",
    "MoveFlags": "requester.win32_flags",
    "Win32CallError": "requester.computer",
    "Win32Error": "spec.win32",
    "Async": "requester.asynchronous",
    "BackupComponents": "requester.backup_components",
    "Component": "requester.component",
    "ComponentInfo": "requester.records",
    "EnumObject": "requester.enumeration",
    "ExamineWriterMetadata": "requester.examine_writer_metadata",
    "HResult": "spec.hresult",
    "InstanceId": "requester.ids",
    "Profile": "spec.table",
    "ProviderId": "requester.ids",
    "ProviderProperties": "requester.records",
    "Reason": "requester.errors",
    "Rehearsal": "requester.rehearsal",
    "RehearsalError": "requester.rehearsal",
    "SessionId": "requester.ids",
    "Simulation": "requester.simulation",
    "SnapshotId": "requester.ids",
    "SnapshotProperties": "requester.records",
    "SnapshotSetId": "requester.ids",
    "BadCall": "engine.inputs",
    "NotSimulated": "engine.coverage",
    "VssError": "requester.errors",
    "WorldError": "documents.errors",
    "WMComponent": "requester.metadata_parts",
    "WMDependency": "requester.metadata_parts",
    "WMFiledesc": "requester.metadata_parts",
    "WriterComponents": "requester.writer_components",
    "WriterId": "requester.ids",
    "CreateExpressWriterMetadata": "requester.express_writer",
    "ExpressWriter": "requester.express_writer",
    "WriterProgram": "requester.writer_program",
    "create_express_writer": "requester.functions",
    "create_backup_components": "requester.functions",
    "create_examine_writer_metadata": "requester.functions",
    "is_volume_snapshotted": "requester.functions",
    "read_world": "documents.world_file",
    "rehearse": "requester.rehearsal",
    "should_block_revert": "requester.functions",
    "timeline": "report.timeline",
    "TimelineCalls": "report.timeline",
    "vss_free_snapshot_properties": "requester.functions",
}


def __getattr__(name: str) -> Any:
    """What is exported, imported when it is first asked for; everything without a home above is an enumeration."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = getattr(import_module(f"{__name__}.{_HOMES.get(name, 'spec.enums')}"), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
