"""What a writer may call inside the handler of an event: its own questions, its components, its metadata.

Each call has the handlers in which VSS answers it, and what it answers in the others. The limits of `IVssComponent` are
those of `vss_sim.spec.protocol.documents`, made narrower by the stances on C20 and C21.
"""

from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.protocol.documents import DOCUMENT_METHODS, HANDLERS, WITH_COMPONENTS
from vss_sim.spec.table import Force

ANYWHERE: Final = HANDLERS
IN_A_BACKUP: Final = HANDLERS - {"Identify", "PreRestore", "PostRestore"}
WITH_A_SET: Final = IN_A_BACKUP - {"BackupComplete", "BackupShutdown"}


class HandlerCallRow(Struct, frozen=True):
    """A call that a writer makes inside a handler: where VSS answers it, and how it refuses it elsewhere.

    `otherwise` tells how sure that refusal is. `meant` are the handlers in which the answer says something, where the
    call may be made in others as well.
    """

    full_name: str
    handlers: frozenset[str] = ANYWHERE
    rule: str = ""
    refusal: HResult = HResult.VSS_E_BAD_STATE
    otherwise: Force = Force.UNSURE
    meant: frozenset[str] = ANYWHERE

    @property
    def reserved(self) -> bool:
        """Whether there is no handler at all in which it may be made."""
        return not self.handlers


_WRITER: Final = "CVssWriter::"
_FROM_PREPARE_SNAPSHOT: Final = IN_A_BACKUP - {"PrepareForBackup"}
_IDENTIFIED: Final = frozenset({"PrepareForBackup", "PrepareForSnapshot", "PostSnapshot"})
_AT_POST_SNAPSHOT: Final = frozenset({"PostSnapshot"})
_METADATA: Final = "IVssCreateWriterMetadata::"

_QUESTIONS: Final = (
    HandlerCallRow(_WRITER + "IsPathAffected", rule="writer-path-affected-format"),
    HandlerCallRow(_WRITER + "AreComponentsSelected"),
    HandlerCallRow(_WRITER + "IsBootableSystemStateBackedUp"),
    HandlerCallRow(_WRITER + "GetBackupType"),
    HandlerCallRow(
        _WRITER + "GetRestoreType",
        rule="writer-restore-type-restore-only",
        meant=frozenset({"PreRestore", "PostRestore"}),
    ),
    HandlerCallRow(_WRITER + "IsPartialFileSupportEnabled"),
    HandlerCallRow(_WRITER + "GetCurrentSnapshotSetId", WITH_A_SET, "wr-shutdown-no-getsetid"),
    HandlerCallRow(_WRITER + "GetCurrentVolumeArray"),
    HandlerCallRow(_WRITER + "GetCurrentVolumeCount"),
    HandlerCallRow(_WRITER + "GetCurrentLevel"),
    HandlerCallRow(
        _WRITER + "GetContext", rule="writer-get-context-after-preparesnapshot", meant=_FROM_PREPARE_SNAPSHOT
    ),
    HandlerCallRow(
        _WRITER + "GetSnapshotDeviceName",
        _AT_POST_SNAPSHOT,
        "get-device-name-postsnapshot",
        otherwise=Force.REFUSED,
    ),
    HandlerCallRow("CVssWriterEx::GetIdentifyInformation", _IDENTIFIED, "writer-identify-info-window", HResult.E_FAIL),
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
            "SaveAsXML",
        )
    ),
    HandlerCallRow(
        "IVssCreateWriterMetadataEx::AddExcludeFilesFromSnapshot", _IN_IDENTIFY, "create-md-ex-only-in-onidentifyex"
    ),
    HandlerCallRow(_METADATA + "AddIncludeFiles", frozenset(), "create-md-include-reserved", HResult.E_NOTIMPL),
    HandlerCallRow(_METADATA + "GetDocument", frozenset(), "create-md-getdocument-reserved", HResult.E_NOTIMPL),
)

RESERVED: Final = {
    _WRITER + "InstallAlternateWriter": "writer-install-alternate-reserved",
    _WRITER + "OnBackOffIOOnVolume": "writer-backoff-io-reserved",
    _WRITER + "OnContinueIOOnVolume": "writer-continue-io-reserved",
    _WRITER + "OnVSSShutdown": "writer-onvssshutdown-reserved",
    _WRITER + "OnVSSApplicationStartup": "writer-onvssappstartup-reserved",
}
"""Methods of the writer's class that are reserved, inside a handler or not → the rule."""

DISPUTED_REFUSALS: Final = frozenset(
    {
        "create-md-dependency-other-writer",
        "create-md-dependency-remote",
        "create-md-restore-method-service",
        "custom-not-for-express",
        "rtal-not-for-express",
        "wre-express-never",
        "wr-schema-exclusive-needs-both",
        "wr-schema-stamp-needs-incdiff",
    }
)
"""What no page says an answer for: the simulator refuses it, and Windows may not."""

SAME_FACT: Final[dict[str, tuple[str, ...]]] = {
    "create-md-only-in-onidentify": ("wr-id-frozen-after", "fsbt-set-in-onidentify", "doc-wmd-readonly"),
    "create-md-ex-only-in-onidentifyex": ("wr-id-frozen-after",),
    "create-md-local-paths": ("wr-local-only",),
    "express-md-local-paths": ("wr-local-only",),
    "create-md-component-unique": ("wr-comp-unique",),
    "create-md-component-args": ("wr-comp-selectability-explicit",),
    "create-md-restore-method-service": ("svc-name-given",),
    "create-md-mapping-needed": ("restore-method-mapping-use",),
    **dict.fromkeys(
        ("custom-not-for-express", "rtal-not-for-express", "wre-express-never"),
        ("express-md-restore-method", "wr-express-limits"),
    ),
    "create-md-mapping-after-method": ("alm-after-method",),
    "create-md-mapping-match": ("alm-writer-match",),
    "express-md-schema": ("wr-express-limits", "create-md-schema-default"),
    "wr-schema-exclusive-needs-both": ("schema-exclusive-needs-both",),
    "wr-schema-stamp-needs-incdiff": ("schema-timestamped-needs-base",),
    "wr-schema-log-needs-logfile": ("schema-log-needs-logfile",),
    "wr-id-no-setfailure": ("writer-onidentify-no-failure-call", "set-writer-failure-not-identify"),
    "set-writer-failure-ex-not-identify": ("wr-id-no-setfailure",),
    "wr-shutdown-no-getsetid": ("writer-set-id-in-handlers",),
    "wr-complete-readonly": ("wr-doc-window", "writer-onbackupcomplete-readonly", "writer-onpostsnapshot-last-edits"),
    "wr-post-doc-readonly": ("writer-onpostrestore-readonly",),
    "wr-veto-thread": ("set-writer-failure-same-thread", "writer-handlers-same-thread"),
    "wr-no-exception": ("writer-handlers-no-throw",),
    "writer-init-instance-name": ("wr-instance-name",),
    "writer-init-reserved-defaults": ("alternate-writer-state-only-none",),
    "writer-subscribe-default-flags": ("subscribe-mask-only-six",),
    "writer-init-freeze-timeout": ("wr-freeze-window",),
    "wr-freeze-window": ("writer-init-freeze-timeout",),
    "writer-handlers-fail-protocol": ("wr-veto-return",),
    "add-differenced-schema": ("inc-diff-requires-lastmodify", "wr-unsupported-as-full"),
    "add-differenced-match": ("inc-diff-match-or-new",),
    "add-differenced-not-partial": ("inc-diff-and-partial",),
    "add-partial-file-new-file": ("inc-new-files-on-snapshot-volume",),
    "wr-exclude-from-snapshot": ("create-md-exclude-snapshot-report",),
}
"""Rule → further rules by which the same is wrong with a writer."""

COMPONENT: Final = "IVssComponent"
GET_COMPONENT: Final = "IVssWriterComponents::GetComponent"
"""How a writer comes to a component; it finds no more than are there (rule writer-components-index)."""
_COMPONENT_EX: Final = ("IVssComponentEx", "IVssComponentEx2")
POST_RESTORE_MESSAGE: Final = "IVssComponent::SetPostRestoreFailureMsg"
_MAKES_OBJECTS: Final = ("GetAlternateLocationMapping", "GetNewTarget")
"""What gives another object; a script has no place to hold one."""


ONLY_WRITERS: Final = "doc-setters-writer"
"""The rule by which a requester sets nothing in a component of the document."""


def is_setter(full_name: str) -> bool:
    """Whether a call on a component changes the document."""
    return full_name.rpartition("::")[2].startswith(("Set", "Add"))


def _component_row(full_name: str) -> HandlerCallRow:
    """Components are only there in handlers that are given them; setters also keep to the windows of C20 and C21."""
    row = DOCUMENT_METHODS.get(full_name)
    if row is not None and row.reserved:
        return HandlerCallRow(full_name, frozenset(), row.reserved, HResult.E_NOTIMPL)
    handlers, refusal = WITH_COMPONENTS, HResult.VSS_E_BAD_STATE
    for limit in row.limits if row is not None else ():
        handlers &= limit.handlers
        refusal = limit.need.answers[0]
    if is_setter(full_name) and not full_name.endswith("::SetFailure"):
        read_only = {"BackupComplete"} if full_name == POST_RESTORE_MESSAGE else {"BackupComplete", "PostRestore"}
        handlers -= read_only
    rules = row.rules if row is not None else ()
    return HandlerCallRow(full_name, handlers, rules[0] if rules else "writer-components-in-handlers", refusal)


@cache
def handler_calls() -> dict[str, HandlerCallRow]:
    """Full name → its row, for every call that a writer's script may make."""
    rows = {row.full_name: row for row in (*_QUESTIONS, *_METADATA_CALLS)}
    for full_name, signature in signatures().items():
        is_component = signature.interface in (COMPONENT, *_COMPONENT_EX)
        if is_component and signature.name not in (*_MAKES_OBJECTS, "QueryInterface"):
            rows[full_name] = _component_row(full_name)
    return rows


STILL_TAKEN: Final = (POST_RESTORE_MESSAGE, "IVssComponentEx2::SetFailure")
"""What a writer tells even where it only reads the document otherwise (dispute C21)."""

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

COMPONENT_FAILURES: Final = (
    "S_OK",
    *(code.name for code in VETO_CODES),
    "VSS_E_WRITER_NOT_RESPONDING",
    "VSS_E_WRITER_STATUS_NOT_AVAILABLE",
)
"""What IVssComponentEx2::SetFailure takes: its page lists all but the last two, which that of GetFailure adds."""

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
