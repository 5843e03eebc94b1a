"""What a writer may call inside the handler of an event: its own questions, its components, its metadata.

Each call has the handlers in which VSS answers it, and what it answers in the others. The limits of `IVssComponent` are
those of `vss_sim.spec.protocol.documents`, made narrower by the stances on C20 and C21.
"""

from functools import cache
from typing import Final

from attrs import frozen

from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.protocol.documents import DOCUMENT_METHODS, HANDLERS, WITH_COMPONENTS

ANYWHERE: Final = HANDLERS
IN_A_BACKUP: Final = HANDLERS - {"Identify", "PreRestore", "PostRestore"}
WITH_A_SET: Final = IN_A_BACKUP - {"BackupComplete", "BackupShutdown"}


@frozen
class HandlerCallRow:
    """A call that a writer makes inside a handler: where VSS answers it, and how it refuses it elsewhere."""

    full_name: str
    handlers: frozenset[str] = ANYWHERE
    rule: str = ""
    refusal: HResult = HResult.VSS_E_BAD_STATE


_WRITER: Final = "CVssWriter::"
_METADATA: Final = "IVssCreateWriterMetadata::"

_QUESTIONS: Final = (
    HandlerCallRow(_WRITER + "IsPathAffected", rule="writer-path-affected-format"),
    HandlerCallRow(_WRITER + "AreComponentsSelected"),
    HandlerCallRow(_WRITER + "IsBootableSystemStateBackedUp"),
    HandlerCallRow(_WRITER + "GetBackupType"),
    HandlerCallRow(_WRITER + "GetRestoreType", rule="writer-restore-type-restore-only"),
    HandlerCallRow(_WRITER + "IsPartialFileSupportEnabled"),
    HandlerCallRow(_WRITER + "GetCurrentSnapshotSetId", WITH_A_SET, "wr-shutdown-no-getsetid"),
    HandlerCallRow(_WRITER + "GetCurrentVolumeArray"),
    HandlerCallRow(_WRITER + "GetCurrentVolumeCount"),
    HandlerCallRow(_WRITER + "GetCurrentLevel"),
    HandlerCallRow(_WRITER + "GetContext", rule="writer-get-context-after-preparesnapshot"),
    HandlerCallRow(_WRITER + "GetSnapshotDeviceName", frozenset({"PostSnapshot"}), "get-device-name-postsnapshot"),
    HandlerCallRow("CVssWriterEx2::GetSessionId"),
    HandlerCallRow("CVssWriterEx2::IsWriterShuttingDown"),
    HandlerCallRow(_WRITER + "SetWriterFailure", HANDLERS - {"Identify"}, "wr-id-no-setfailure"),
    HandlerCallRow("CVssWriterEx2::SetWriterFailureEx", HANDLERS - {"Identify"}, "set-writer-failure-ex-not-identify"),
)

_IN_IDENTIFY: Final = frozenset({"Identify"})
_METADATA_CALLS: Final = (
    *(
        HandlerCallRow(_METADATA + name, _IN_IDENTIFY, "create-md-only-in-onidentify")
        for name in (
            "AddExcludeFiles",
            "AddComponent",
            "AddDatabaseFiles",
            "AddDatabaseLogFiles",
            "AddFilesToFileGroup",
            "SetRestoreMethod",
            "AddAlternateLocationMapping",
            "AddComponentDependency",
            "SetBackupSchema",
        )
    ),
    HandlerCallRow(
        "IVssCreateWriterMetadataEx::AddExcludeFilesFromSnapshot", _IN_IDENTIFY, "create-md-ex-only-in-onidentifyex"
    ),
    HandlerCallRow(_METADATA + "AddIncludeFiles", frozenset(), "create-md-include-reserved", HResult.E_NOTIMPL),
)

COMPONENT: Final = "IVssComponent"
GET_COMPONENT: Final = "IVssWriterComponents::GetComponent"
"""How a writer comes to a component; it finds no more than are there (rule writer-components-index)."""
_COMPONENT_EX: Final = ("IVssComponentEx", "IVssComponentEx2")
POST_RESTORE_MESSAGE: Final = "IVssComponent::SetPostRestoreFailureMsg"
_MAKES_OBJECTS: Final = ("GetAlternateLocationMapping", "GetNewTarget")
"""What gives another object; a script has no place to hold one."""


def is_setter(full_name: str) -> bool:
    """Whether a call on a component changes the document."""
    return full_name.rpartition("::")[2].startswith(("Set", "Add"))


def _component_row(full_name: str) -> HandlerCallRow:
    """Components are only there in handlers that are given them; setters also keep to the windows of C20 and C21."""
    row = DOCUMENT_METHODS.get(full_name)
    if row is not None and row.reserved:
        return HandlerCallRow(full_name, frozenset(), row.reserved, HResult.E_NOTIMPL)
    handlers = WITH_COMPONENTS
    for limit in row.limits if row is not None else ():
        handlers &= limit.handlers
    if is_setter(full_name) and not full_name.endswith("::SetFailure"):
        read_only = {"BackupComplete"} if full_name == POST_RESTORE_MESSAGE else {"BackupComplete", "PostRestore"}
        handlers -= read_only
    rules = row.rules if row is not None else ()
    return HandlerCallRow(full_name, handlers, rules[0] if rules else "writer-components-in-handlers")


@cache
def handler_calls() -> dict[str, HandlerCallRow]:
    """Full name → its row, for every call that a writer's script may make."""
    rows = {row.full_name: row for row in (*_QUESTIONS, *_METADATA_CALLS)}
    for full_name, signature in signatures().items():
        is_component = signature.interface in (COMPONENT, *_COMPONENT_EX)
        if is_component and signature.name not in (*_MAKES_OBJECTS, "QueryInterface"):
            rows[full_name] = _component_row(full_name)
    return rows


READ_ONLY_RULES: Final = {"BackupComplete": "wr-complete-readonly", "PostRestore": "wr-post-doc-readonly"}
"""Handler → the rule by which a writer only reads the document there."""

VETO_CODES: Final = (
    HResult.VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT,
    HResult.VSS_E_WRITERERROR_OUTOFRESOURCES,
    HResult.VSS_E_WRITERERROR_TIMEOUT,
    HResult.VSS_E_WRITERERROR_RETRYABLE,
    HResult.VSS_E_WRITERERROR_NONRETRYABLE,
)
"""What SetWriterFailure takes (rule wr-veto-code); the later call takes success and a partial failure as well."""

EXPRESS_METHODS: Final = (
    "VSS_RME_RESTORE_IF_NOT_THERE",
    "VSS_RME_RESTORE_IF_CAN_REPLACE",
    "VSS_RME_STOP_RESTORE_START",
    "VSS_RME_RESTORE_AT_REBOOT",
    "VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE",
    "VSS_RME_RESTORE_STOP_START",
)
"""The restore methods that an express writer may declare (rules rtal-not-for-express, custom-not-for-express)."""

EXPRESS_SCHEMA: Final = ("VSS_BS_UNDEFINED", "VSS_BS_COPY", "VSS_BS_INDEPENDENT_SYSTEM_STATE")
EXPRESS_FLAGS: Final = ("VSS_CF_NOT_SYSTEM_STATE",)
EXPRESS_USAGES: Final = ("VSS_UT_BOOTABLESYSTEMSTATE", "VSS_UT_SYSTEMSERVICE", "VSS_UT_USERDATA")
EXPRESS_MASK: Final = 0x101
"""What the mask of an express writer's file set may hold: full backups (rule express-md-filegroup-alt-null)."""
