"""The recipes that no general way leads to: for a row of the table, what is particular about its world and calls.

A row is named by method, answer and stage; what is not said here is as for every call of the method.
"""

from typing import Any, Final

from tests.answers import programs
from tests.answers import worlds as w
from tests.answers.ready import PREPARED, WITH_COMPONENT, WM_COMPONENT
from vss_sim.engine.paths import WAIT
from vss_sim.model.computer import SYSTEM_PROVIDER_ID
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import CREATE
from vss_sim.spec.table import Profile

Particular = dict[str, Any]
Key = tuple[str, str, str]

_DOCUMENTED: Final = {"profile": Profile.DOCUMENTED}
_ALMOST_MADE: Final = (CREATE, *PREPARED)
_FAILED_CREATION: Final = {"world": w.WORLDS["a writer fails Freeze"], "answer": HResult.VSS_E_UNEXPECTED_WRITER_ERROR}
_LAST_IN_RESTORE: Final = (CREATE, "InitializeForRestore", "GetWriterComponents")
_GET_COMPONENT: Final = "IVssWriterComponents::GetComponent"
_IN_A_BACKUP: Final = (CREATE, *WITH_COMPONENT, "GetWriterComponents", _GET_COMPONENT)
_READY_TO_ADD: Final = (CREATE, "InitializeForBackup", "StartSnapshotSet")
_INITIALIZED: Final = (CREATE, "InitializeForBackup")
_RESTORING: Final = (CREATE, "InitializeForRestore")
_RESULT: Final = {"out": "pHrResult"}
_CD: Final = {"pwszVolumeName": "E:\\"}
_NESTED: Final = {"pwszVolumeName": "W:\\"}
_TEXT: Final = {"bstrXML": "no document"}


def _copy(snapshot: str) -> Particular:
    return {"arguments": {"SnapshotId": snapshot}}


PARTICULAR: Final[dict[Key, Particular]] = {
    **programs.PARTICULAR,
    ("IVssAsync::Cancel", "VSS_S_ASYNC_CANCELLED", "sync"): {"and_then": ("IVssAsync::Cancel",)},
    ("IVssAsync::Cancel", "VSS_S_ASYNC_FINISHED", "sync"): {"and_then": (WAIT,)},
    ("IVssAsync::Cancel", "(other)", "sync"): {
        "before": (*_ALMOST_MADE, "DoSnapshotSet", "IVssAsync::QueryStatus"), **_FAILED_CREATION,
    },
    ("IVssAsync::Wait", "E_INVALIDARG", "sync"): {
        "world": w.WORLDS["Windows Server 2003"], "arguments": {"dwMilliseconds": 1000},
    },
    ("IVssAsync::Wait", "(other)", "sync"): {
        "before": (*_ALMOST_MADE, "DoSnapshotSet"), **_FAILED_CREATION, **_DOCUMENTED,
    },
    ("IVssAsync::QueryStatus", "VSS_S_ASYNC_CANCELLED", "async"): {"and_then": ("IVssAsync::Cancel",)},
    ("IVssAsync::QueryStatus", "VSS_S_ASYNC_FINISHED", "async"): {"and_then": (WAIT,)},
    ("IVssAsync::QueryStatus", "VSS_S_ASYNC_PENDING", "async"): {"world": w.WORLDS["slow gathering"]},
    ("IVssAsync::QueryStatus", "(other)", "async"): {"before": (*_ALMOST_MADE, "DoSnapshotSet"), **_FAILED_CREATION},
    ("IVssEnumObject::Next", "S_FALSE", "sync"): {"arguments": {"celt": 99}},
    ("IVssEnumObject::Skip", "S_FALSE", "sync"): {"arguments": {"celt": 99}},
    ("IVssExamineWriterMetadata::GetRestoreMethod", "S_FALSE", "sync"): {
        "and_then": (("GetWriterMetadata", {"iWriter": 1}),),
    },
    ("IVssExamineWriterMetadata::LoadFromXML", "S_FALSE", "sync"): {"arguments": {"bstrXML": ""}},
    ("IVssExamineWriterMetadata::LoadFromXML", "E_INVALIDARG", "sync"): {"arguments": {"bstrXML": None}},
    ("IVssExamineWriterMetadata::LoadFromXML", "VSS_E_INVALID_XML_DOCUMENT", "sync"): {"arguments": _TEXT},
    ("CreateVssExamineWriterMetadata", "VSS_E_INVALID_XML_DOCUMENT", "sync"): {"arguments": _TEXT},
    ("IVssWMFiledesc::GetAlternateLocation", "S_FALSE", "sync"): {
        "before": (CREATE, *WM_COMPONENT, ("IVssWMComponent::GetFile", {"iFile": 1})),
    },
    ("IVssComponent::GetComponentName", "S_FALSE", "sync"): {
        "before": (*_LAST_IN_RESTORE, (_GET_COMPONENT, {"iComponent": 2})),
    },
    ("IVssComponent::GetBackupSucceeded", "S_FALSE", "sync"): {"before": _IN_A_BACKUP},
    ("IVssComponent::IsSelectedForRestore", "VSS_E_BAD_STATE", "sync"): {"before": _IN_A_BACKUP, **_DOCUMENTED},
    ("IVssComponent::GetFileRestoreStatus", "VSS_E_BAD_STATE", "sync"): {"before": _IN_A_BACKUP},
    ("IVssComponent::GetRestoreTarget", "VSS_E_OBJECT_NOT_FOUND", "sync"): {
        "before": (*_LAST_IN_RESTORE, (_GET_COMPONENT, {"iComponent": 1})), **_DOCUMENTED,
    },
    ("IVssBackupComponents::InitializeForBackup", "VSS_E_BAD_STATE", "sync"): {"before": _INITIALIZED},
    ("IVssBackupComponents::InitializeForRestore", "VSS_E_BAD_STATE", "sync"): {"before": _RESTORING},
    ("IVssBackupComponents::InitializeForBackup", "VSS_E_INVALID_XML_DOCUMENT", "sync"): {"arguments": _TEXT},
    ("IVssBackupComponents::InitializeForRestore", "VSS_E_INVALID_XML_DOCUMENT", "sync"): {"arguments": _TEXT},
    ("IVssBackupComponents::SetBackupState", "E_INVALIDARG", "sync"): {"arguments": {"backupType": "VSS_BT_UNDEFINED"}},
    ("IVssBackupComponents::SetRestoreState", "E_INVALIDARG", "sync"): {"arguments": {"restoreType": 99}},
    ("IVssBackupComponents::AddComponent", "VSS_E_OBJECT_ALREADY_EXISTS", "sync"): {"and_then": ("AddComponent",)},
    ("IVssBackupComponents::GatherWriterMetadata", "VSS_E_WRITER_INFRASTRUCTURE", "sync"): {
        "world": w.WORLDS["no event system"],
    },
    ("IVssBackupComponents::GatherWriterStatus", "VSS_E_WRITER_INFRASTRUCTURE", "sync"): {
        "world": w.WORLDS["no event system"],
    },
    ("IVssBackupComponents::GetWriterMetadata", "VSS_E_INVALID_XML_DOCUMENT", "sync"): {
        "world": w.WORLDS["invalid metadata"],
    },
    ("IVssBackupComponentsEx::GetWriterMetadataEx", "VSS_E_INVALID_XML_DOCUMENT", "sync"): {
        "world": w.WORLDS["invalid metadata"],
    },
    ("IVssBackupComponentsEx3::GetWriterStatusEx", "VSS_E_WRITERERROR_PARTIAL_FAILURE", "sync"): {
        "world": w.writer_that_replies(on="PrepareForBackup", fails="VSS_E_WRITERERROR_PARTIAL_FAILURE"), **_DOCUMENTED,
    },
    ("IVssBackupComponents::SetContext", "E_INVALIDARG", "sync"): {"arguments": {"lContext": 0x40000000}},
    ("IVssBackupComponents::SetContext", "E_NOTIMPL", "sync"): {"world": w.WORLDS["Windows XP"]},
    ("IVssBackupComponents::StartSnapshotSet", "VSS_E_SNAPSHOT_SET_IN_PROGRESS", "sync"): {
        "and_then": ("StartSnapshotSet", CREATE, "InitializeForBackup"),
    },
    ("IVssBackupComponents::AddToSnapshotSet", "VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED", "sync"): {
        "world": w.WORLDS["many volumes"],
        "before": (
            *_READY_TO_ADD, *(("AddToSnapshotSet", {"pwszVolumeName": f"C:\\{number}\\"}) for number in range(64)),
        ),
        "arguments": {"pwszVolumeName": "C:\\64\\"},
    },
    ("IVssBackupComponents::AddToSnapshotSet", "VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED", "sync"): {
        "world": w.WORLDS["512 copies"],
    },
    ("IVssBackupComponents::AddToSnapshotSet", "VSS_E_NESTED_VOLUME_LIMIT", "sync"): {"arguments": _NESTED},
    ("IVssBackupComponents::IsVolumeSupported", "VSS_E_NESTED_VOLUME_LIMIT", "sync"): {"arguments": _NESTED},
    ("IVssBackupComponents::AddToSnapshotSet", "VSS_E_PROVIDER_NOT_REGISTERED", "sync"): {
        "arguments": {"ProviderId": w.UNKNOWN_ID},
    },
    ("IVssBackupComponents::AddToSnapshotSet", "VSS_E_VOLUME_NOT_SUPPORTED", "sync"): {"arguments": _CD},
    ("IVssBackupComponents::AddToSnapshotSet", "VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER", "sync"): {
        "arguments": {**_CD, "ProviderId": SYSTEM_PROVIDER_ID},
    },
    ("IVssBackupComponents::BreakSnapshotSet", "E_INVALIDARG", "sync"): {"arguments": {"SnapshotSetId": "GUID_NULL"}},
    ("IVssBackupComponents::RevertToSnapshot", "E_INVALIDARG", "sync"): {"arguments": {"SnapshotId": "GUID_NULL"}},
    ("IVssBackupComponentsEx2::UnexposeSnapshot", "E_INVALIDARG", "sync"): {"arguments": {"snapshotId": "GUID_NULL"}},
    ("IVssBackupComponents::BreakSnapshotSet", "VSS_E_PROVIDER_VETO", "sync"): {
        "arguments": {"SnapshotSetId": w.SNAPSHOT_SET},
    },
    ("IVssBackupComponentsEx2::BreakSnapshotSetEx", "VSS_E_PROVIDER_VETO", "sync"): {
        "arguments": {"SnapshotSetID": w.SNAPSHOT_SET},
    },
    ("IVssBackupComponentsEx2::BreakSnapshotSetEx", "VSS_E_BREAK_REVERT_ID_FAILED", "sync"): {
        "arguments": {"dwBreakFlags": "VSS_BREAKEX_FLAG_REVERT_IDENTITY_ALL"}, **_RESULT,
    },
    ("IVssBackupComponents::RevertToSnapshot", "E_NOTIMPL", "sync"): _copy(w.ARRAY_SNAPSHOT),
    ("IVssBackupComponents::RevertToSnapshot", "VSS_E_PROVIDER_NOT_REGISTERED", "sync"): _copy(w.ORPHAN),
    ("IVssBackupComponents::RevertToSnapshot", "VSS_E_REVERT_IN_PROGRESS", "sync"): {"and_then": ("RevertToSnapshot",)},
    ("IVssBackupComponents::RevertToSnapshot", "VSS_E_UNSUPPORTED_CONTEXT", "sync"): _copy(w.PASSING_SNAPSHOT),
    ("IVssBackupComponents::RevertToSnapshot", "VSS_E_VOLUME_IN_USE", "sync"): {"arguments": {"bForceDismount": False}},
    ("IVssBackupComponents::RevertToSnapshot", "VSS_E_VOLUME_NOT_SUPPORTED", "sync"): _copy(w.REMOVABLE_SNAPSHOT),
    ("IVssBackupComponents::QueryRevertStatus", "E_INVALIDARG", "sync"): {"arguments": {"pwszVolume": None}},
    ("IVssBackupComponents::QueryRevertStatus", "E_NOTIMPL", "sync"): {
        "before": _INITIALIZED, "world": w.WORLDS["array of every volume"],
    },
    ("IVssBackupComponents::QueryRevertStatus", "VSS_E_VOLUME_NOT_SUPPORTED", "sync"): {
        "arguments": {"pwszVolume": "E:\\"},
    },
    ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet", "VSS_E_BAD_STATE", "sync"): {
        "before": _RESTORING, "world": w.WORLDS["no array"],
    },
    ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet", "VSS_E_LEGACY_PROVIDER", "sync"): {
        "world": w.WORLDS["legacy array"],
    },
    ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet", "VSS_E_OBJECT_NOT_FOUND", "sync"): {
        "arguments": {"snapshotId": w.SNAPSHOT},
    },
    ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet", "VSS_E_RESYNC_IN_PROGRESS", "sync"): {
        "and_then": ("AddSnapshotToRecoverySet", "RecoverSet"),
    },
    ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet", "VSS_E_SNAPSHOT_NOT_IN_SET", "sync"): {
        "arguments": {"snapshotId": w.UNKNOWN_ID},
    },
    ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet", "VSS_E_VOLUME_NOT_SUPPORTED", "sync"): {
        "world": w.WORLDS["dynamic volume"], "arguments": {"pwszDestinationVolume": "F:\\"},
    },
    ("IVssBackupComponentsEx3::RecoverSet", "E_NOTIMPL", "sync"): {"world": w.WORLDS["array without resync"]},
    ("IVssBackupComponentsEx3::RecoverSet", "VSS_E_BAD_STATE", "sync"): {"before": _RESTORING},
    ("IVssBackupComponentsEx3::RecoverSet", "VSS_E_UNSELECTED_VOLUME", "sync"): {
        "world": w.WORLDS["two volumes on a LUN"],
    },
    ("IVssBackupComponentsEx3::RecoverSet", "VSS_E_LEGACY_PROVIDER", "sync"): _RESULT,
    ("IVssBackupComponentsEx3::RecoverSet", "VSS_E_PROVIDER_VETO", "sync"): _RESULT,
    ("IVssBackupComponentsEx3::RecoverSet", "VSS_E_CANNOT_REVERT_DISKID", "sync"): _RESULT,
}  # fmt: skip
"""`and_then` are calls that go between those before and the call itself."""
