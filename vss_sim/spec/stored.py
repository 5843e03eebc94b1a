"""What the calls of a restore ask of what was stored at backup, and of the writers that run now.

Each row names the methods, what is asked, the rules that say so (the first one is the one shown), and what happens to a
call of which it is not true. The documents of a restore are texts that an earlier line gave out; what they hold, the
log shows where it reads them. Of what it does not show, nothing is asked.
"""

from enum import Enum
from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Force

_NOT_FOUND: Final = (HResult.VSS_E_OBJECT_NOT_FOUND,)
_SELECTS: Final = ("SetSelectedForRestore", "SetSelectedForRestoreEx")

RECOVERY_ANEW: Final = ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet", "IVssBackupComponentsEx3::RecoverSet")
"""The way to another resync by the same object."""


class Asked(Enum):
    """What has to be true of that which the arguments name."""

    BACKUP_DOCUMENT = "the text is a Backup Components Document"
    IN_DOCUMENT = "the component was added explicitly at backup"
    BY_COMPONENTS = "the backup was one by components"
    WRITER_RUNS = "an instance of the writer runs"
    INSTANCE_RUNS = "this instance of the writer runs"
    SCHEMA = "the schema of the writer has the bit"
    SCHEMA_TO_MOVE = "the schema of the writer has the bit, where the component goes to another instance"
    SELECTED = "the component is selected for restore"
    SELECTABLE_FOR_BACKUP = "the component is selectable for backup"
    SELECTABLE = "the subcomponent is selectable for restore"
    MAPPED = "the writer gave an alternate location mapping"
    FILE_SET = "the writer added this file set"
    PARTIAL_FILE = "the component has a partial file of this index"
    SHADOW_COPY = "the shadow copy is one of the document"
    NO_RESYNC = "no other LUN resync runs"
    ADDED_SINCE = "a shadow copy was added since the last LUN resync of the object"


class Asking(Struct, frozen=True):
    """One demand of the methods named; `bit` is asked for of the schema, `instead` is the way on by calls."""

    methods: tuple[str, ...]
    asks: Asked
    rules: tuple[str, ...]
    answers: tuple[HResult, ...] = ()
    otherwise: Force = Force.UNSURE
    bit: str = ""
    instead: tuple[str, ...] = ()


def _schema(method: str, bit: str, *rules: str) -> Asking:
    return Asking((method,), Asked.SCHEMA, rules, bit=bit)


STORED_DEMANDS: Final = (
    Asking(
        ("InitializeForRestore",),
        Asked.BACKUP_DOCUMENT,
        ("init-restore-document", "seq-r-load-backup-document", "seq-init-doc-valid"),
        (HResult.VSS_E_INVALID_XML_DOCUMENT,),
        Force.REFUSED,
    ),
    Asking(
        ("SetSelectedForRestore",),
        Asked.IN_DOCUMENT,
        ("set-selected-explicit-only", "sel-r-unknown-component"),
        _NOT_FOUND,
        Force.REFUSED,
    ),
    Asking(
        ("SetSelectedForRestoreEx",),
        Asked.IN_DOCUMENT,
        ("set-selected-ex-explicit-only", "sel-r-unknown-component"),
        _NOT_FOUND,
        Force.REFUSED,
    ),
    Asking(
        ("SetRestoreOptions",),
        Asked.IN_DOCUMENT,
        ("set-restore-options-match-component", "obs-component-not-in-document"),
        _NOT_FOUND,
        Force.REFUSED,
    ),
    Asking(
        ("SetAdditionalRestores",), Asked.IN_DOCUMENT, ("obs-component-not-in-document",), _NOT_FOUND, Force.REFUSED
    ),
    Asking(("AddAlternativeLocationMapping",), Asked.IN_DOCUMENT, ("alm-record-call",), _NOT_FOUND, Force.REFUSED),
    Asking(
        ("AddNewTarget",),
        Asked.IN_DOCUMENT,
        ("add-new-target-component-in-document", "nt-explicit-component"),
        _NOT_FOUND,
        Force.REFUSED,
    ),
    Asking(
        ("SetFileRestoreStatus",),
        Asked.IN_DOCUMENT,
        ("frs-unknown-component", "frs-sub-under-definer"),
        _NOT_FOUND,
        Force.REFUSED,
    ),
    Asking(
        (
            "AddRestoreSubcomponent",
            "SetRangesFilePath",
            "SetAuthoritativeRestore",
            "SetRollForward",
            "SetRestoreName",
        ),
        Asked.IN_DOCUMENT,
        ("ans-object-not-found",),
        _NOT_FOUND,
        Force.REFUSED,
    ),
    Asking(("SetRestoreOptions",), Asked.SELECTABLE_FOR_BACKUP, ("ro-backup-selectable",), _NOT_FOUND),
    Asking(_SELECTS, Asked.BY_COMPONENTS, ("set-selected-component-mode", "sel-component-mode"), _NOT_FOUND),
    Asking(
        _SELECTS,
        Asked.WRITER_RUNS,
        ("set-selected-live-writer", "sel-r-writer-not-running", "examine-identity-stored"),
        _NOT_FOUND,
    ),
    Asking(
        ("SetSelectedForRestoreEx",),
        Asked.INSTANCE_RUNS,
        ("set-selected-ex-instance-match", "svc-stored-instance-useless", "doc-wmd-matching-writer"),
        _NOT_FOUND,
    ),
    Asking(
        ("SetSelectedForRestoreEx",),
        Asked.SCHEMA_TO_MOVE,
        ("set-selected-ex-schema", "ex-move-schema"),
        bit="VSS_BS_WRITER_SUPPORTS_RESTORE_WITH_MOVE",
    ),
    _schema("SetAuthoritativeRestore", "VSS_BS_AUTHORITATIVE_RESTORE", "set-auth-schema", "ex-authoritative-schema"),
    _schema("SetRollForward", "VSS_BS_ROLLFORWARD_RESTORE", "set-rollforward-schema", "ex-rollforward-schema"),
    _schema("SetRestoreName", "VSS_BS_RESTORE_RENAME", "set-restore-name-schema", "ex-rename-schema"),
    _schema("AddNewTarget", "VSS_BS_WRITER_SUPPORTS_NEW_TARGET", "new-target-needs-schema", "nt-schema"),
    Asking(
        ("AddRestoreSubcomponent",),
        Asked.SELECTED,
        ("add-restore-sub-after-selected", "sel-r-sub-sequence"),
        (HResult.VSS_E_BAD_STATE, HResult.VSS_E_OBJECT_NOT_FOUND),
    ),
    Asking(
        ("AddRestoreSubcomponent",),
        Asked.SELECTABLE,
        ("add-restore-sub-selectable", "sel-r-sub-flag", "sel-r-use-restore-flag"),
        _NOT_FOUND,
    ),
    Asking(("AddAlternativeLocationMapping",), Asked.MAPPED, ("add-alt-mapping-needs-writer-mapping",)),
    Asking(
        ("AddAlternativeLocationMapping",),
        Asked.FILE_SET,
        ("add-alt-mapping-match-fileset", "alm-match-set", "alm-record-exact-triple", "path-set-triple"),
        _NOT_FOUND,
    ),
    Asking(
        ("AddNewTarget",),
        Asked.FILE_SET,
        ("add-new-target-match-fileset", "nt-match-file-set", "path-set-triple"),
        _NOT_FOUND,
    ),
    Asking(
        ("SetRangesFilePath",),
        Asked.PARTIAL_FILE,
        ("set-ranges-index",),
        (HResult.VSS_E_OBJECT_NOT_FOUND, HResult.E_INVALIDARG),
    ),
    Asking(
        ("AddSnapshotToRecoverySet",),
        Asked.SHADOW_COPY,
        ("recovery-set-in-document", "sn-resync-in-doc"),
        (HResult.VSS_E_SNAPSHOT_NOT_IN_SET, HResult.VSS_E_OBJECT_NOT_FOUND),
        Force.REFUSED,
    ),
    Asking(
        ("AddSnapshotToRecoverySet", "RecoverSet"),
        Asked.NO_RESYNC,
        ("recovery-set-one-resync", "sn-resync-one"),
        (HResult.VSS_E_RESYNC_IN_PROGRESS,),
    ),
    Asking(
        ("RecoverSet",),
        Asked.ADDED_SINCE,
        ("recover-set-anew",),
        (HResult.VSS_E_BAD_STATE,),
        instead=RECOVERY_ANEW,
    ),
)


@cache
def stored_demands_of(method: str) -> tuple[Asking, ...]:
    """What the method asks, in the order of the table."""
    return tuple(demand for demand in STORED_DEMANDS if method in demand.methods)
