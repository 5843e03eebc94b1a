"""For every method, how a program comes to its call: the calls before, and the arguments that are usual.

A call before is a name, or a name with arguments; a mapping is something that happens.
"""

from typing import Any, Final

from tests.answers import programs
from tests.answers import worlds as w
from vss_sim.engine.paths import WAIT, way_to_call
from vss_sim.spec.methods import CREATE, signatures
from vss_sim.spec.state import START

Arguments = dict[str, Any]
Before = str | tuple[str, Arguments] | dict[str, Any]

_COMPONENT: Final = {
    "writerId": w.WRITER,
    "instanceId": w.INSTANCE,
    "ct": "VSS_CT_FILEGROUP",
    "componentType": "VSS_CT_FILEGROUP",
    "wszLogicalPath": "tree",
    "wszComponentName": "Database",
}
_BY_PARAMETER: Final[Arguments] = {
    **_COMPONENT,
    "bSelectComponents": True,
    "bBackupBootableSystemState": False,
    "backupType": "VSS_BT_FULL",
    "restoreType": "VSS_RTYPE_BY_COPY",
    "lContext": "VSS_CTX_BACKUP",
    "pwszVolumeName": "C:\\",
    "wszVolumeName": "C:\\",
    "pwszVolume": "C:\\",
    "ProviderId": "GUID_NULL",
    "pwszFilePath": "C:\\db",
    "SourceObjectId": w.SNAPSHOT,
    "eSourceObjectType": "VSS_OBJECT_SNAPSHOT",
    "bForceDelete": False,
    "SnapshotId": w.SNAPSHOT,
    "SnapshotSetId": w.ARRAY_SET,
    "SnapshotSetID": w.ARRAY_SET,
    "dwBreakFlags": 0,
    "dwFlags": 0,
    "bForceDismount": True,
    "QueriedObjectId": "GUID_NULL",
    "eQueriedObjectType": "VSS_OBJECT_NONE",
    "eReturnedObjectsType": "VSS_OBJECT_PROVIDER",
    "rgWriterClassId": [w.UNKNOWN_ID],
    "rgWriterInstanceId": [w.UNKNOWN_ID],
    "wszPathFromRoot": None,
    "lAttributes": "VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY",
    "wszExpose": "X:",
    "wszSubComponentLogicalPath": "tree\\Database",
    "wszSubComponentName": "part",
    "bRepair": False,
    "bSelectedForRestore": True,
    "bAdditionalRestores": False,
    "bSucceded": True,
    "bRecursive": False,
    "bAuth": True,
    "rollType": "VSS_RF_ALL",
    "status": "VSS_RS_ALL",
    "celt": 1,
    "pwszDestinationVolume": None,
    "dwPreFastRecoveryFlags": 0,
    "dwFastRecoveryFlags": 0,
}
_USUAL: Final[dict[str, Arguments]] = {
    "InitializeForRestore": {"bstrXML": w.SAVED},
    "CreateVssExamineWriterMetadata": {"bstrXML": w.SAVED_METADATA},
    "LoadFromXML": {"bstrXML": w.SAVED_METADATA},
    "AddSnapshotToRecoverySet": {"snapshotId": w.ARRAY_SNAPSHOT},
    "UnexposeSnapshot": {"snapshotId": w.SNAPSHOT},
}


def usual(full_name: str) -> Arguments:
    """The arguments of a call that is as it should be."""
    signature = signatures()[full_name]
    arguments: Arguments = {}
    for parameter in signature.parameters:
        if parameter.direction.value != "in" or parameter.default is not None:
            continue
        zero: Any = 0 if parameter.type == "UINT" else "text"
        arguments[parameter.name] = _BY_PARAMETER.get(parameter.name, zero)
    return {**arguments, **(programs.USUAL.get(full_name) or _USUAL.get(signature.name, {}))}


_BACKUP: Final = ("InitializeForBackup", "SetBackupState", "GatherWriterMetadata", WAIT)
WITH_COMPONENT: Final = (*_BACKUP, "AddComponent")
PREPARED: Final = (*WITH_COMPONENT, "StartSnapshotSet", "AddToSnapshotSet", "PrepareForBackup", WAIT)
_STATUS: Final = (*WITH_COMPONENT, "PrepareForBackup", WAIT, "GatherWriterStatus", WAIT)
_METADATA: Final = (*_BACKUP, "GetWriterMetadata")
WM_COMPONENT: Final = (*_METADATA, "IVssExamineWriterMetadata::GetComponent")
_WRITERS: Final = ("InitializeForRestore", "GetWriterComponents")
_PERSISTENT: Final = ("InitializeForBackup", ("SetContext", {"lContext": "VSS_CTX_NAS_ROLLBACK"}))
_EVERY_CONTEXT: Final = ("InitializeForBackup", ("SetContext", {"lContext": "VSS_CTX_ALL"}))

BY_FAMILY: Final[dict[str, tuple[Before, ...]]] = {
    "IVssAsync": _BACKUP[:3],
    "IVssEnumObject": ("InitializeForBackup", "Query"),
    "IVssExamineWriterMetadata": _METADATA,
    "IVssWMComponent": WM_COMPONENT,
    "IVssWMFiledesc": (*WM_COMPONENT, "IVssWMComponent::GetFile"),
    "IVssWMDependency": (*WM_COMPONENT, "IVssWMComponent::GetDependency"),
    "IVssWriterComponents": _WRITERS,
    "IVssComponent": (*_WRITERS, "IVssWriterComponents::GetComponent"),
}
BY_METHOD: Final[dict[str, tuple[Before, ...]]] = {
    "SetBackupSucceeded": (*PREPARED, "DoSnapshotSet", WAIT),
    "SetBackupOptions": WITH_COMPONENT,
    "SetPreviousBackupStamp": WITH_COMPONENT,
    "GetWriterComponents": WITH_COMPONENT,
    "GetWriterStatus": _STATUS,
    "GetWriterStatusEx": _STATUS,
    "GetSnapshotProperties": _PERSISTENT,
    "ExposeSnapshot": _PERSISTENT,
    "UnexposeSnapshot": (*_PERSISTENT, "ExposeSnapshot"),
    "DeleteSnapshots": _EVERY_CONTEXT,
    "BreakSnapshotSet": _EVERY_CONTEXT,
    "BreakSnapshotSetEx": _EVERY_CONTEXT,
    "RevertToSnapshot": _EVERY_CONTEXT,
    "QueryRevertStatus": (*_EVERY_CONTEXT, "RevertToSnapshot"),
    "GetRestoreSubcomponent": (
        "InitializeForRestore",
        "SetSelectedForRestore",
        "AddRestoreSubcomponent",
        "GetWriterComponents",
        "IVssWriterComponents::GetComponent",
    ),
    "ImportSnapshots": (("InitializeForBackup", {"bstrXML": w.SAVED}),),
    "RecoverSet": ("InitializeForRestore", "AddSnapshotToRecoverySet"),
}


def before(full_name: str) -> tuple[Before, ...]:
    """The calls that lead to this one, beginning with the making of an object; none for a function."""
    signature = signatures()[full_name]
    of_a_program = programs.before(full_name)
    if of_a_program is not None:
        return of_a_program
    if not signature.interface:
        return ()
    calls = BY_METHOD.get(signature.name) or BY_FAMILY.get(signature.family)
    if calls is None:
        calls = tuple(step.partition("(")[0] for step in way_to_call(signature.name, START) or ())
    return (CREATE, *calls)
