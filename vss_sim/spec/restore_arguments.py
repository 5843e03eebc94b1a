"""What VSS asks of the arguments of the calls of a restore."""

from typing import Final

from vss_sim.spec.argument_rules import ArgumentRule, Condition
from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Force

_MAPPING: Final = "add-alt-mapping-no-wildcard-path"
_REMOTE_MAPPING: Final = "add-alt-mapping-remote-share"
_TARGET: Final = "add-new-target-remote-share"

RESTORE_ARGUMENTS: Final = (
    ArgumentRule(
        ("InitializeForRestore",),
        "bstrXML",
        Condition.NOT_EMPTY,
        "init-restore-document",
        answers=(HResult.VSS_E_INVALID_XML_DOCUMENT, HResult.E_INVALIDARG),
        also=("seq-r-load-backup-document", "seq-init-doc-valid"),
    ),
    ArgumentRule(
        ("SetRestoreState",),
        "restoreType",
        Condition.NONE_OF,
        "restore-type-undefined-as-copy",
        ("VSS_RTYPE_UNDEFINED",),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("SetFileRestoreStatus",),
        "status",
        Condition.NONE_OF,
        "set-file-restore-status-values",
        ("VSS_RS_UNDEFINED",),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("SetRollForward",),
        "rollType",
        Condition.NONE_OF,
        "rollforward-undefined-error",
        ("VSS_RF_UNDEFINED",),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("AddRestoreSubcomponent",),
        "bRepair",
        Condition.NOT_TRUE,
        "add-restore-sub-args",
        otherwise=Force.UNSURE,
        also=("sel-r-sub-path",),
    ),
    ArgumentRule(
        ("AddAlternativeLocationMapping",), "wszPath", Condition.NO_WILDCARD, _MAPPING, otherwise=Force.UNSURE
    ),
    ArgumentRule(
        ("AddAlternativeLocationMapping",), "wszFilespec", Condition.NO_BACKSLASH, _MAPPING, otherwise=Force.UNSURE
    ),
    ArgumentRule(
        ("AddAlternativeLocationMapping",),
        "wszPath",
        Condition.NOT_REMOTE,
        _REMOTE_MAPPING,
        otherwise=Force.UNSURE,
        also=("alm-unc-late",),
        notable=True,
    ),
    ArgumentRule(
        ("AddAlternativeLocationMapping",),
        "wszDestination",
        Condition.NOT_REMOTE,
        _REMOTE_MAPPING,
        otherwise=Force.UNSURE,
        also=("alm-unc-late",),
        notable=True,
    ),
    ArgumentRule(("AddNewTarget",), "wszPath", Condition.NO_WILDCARD, _TARGET, otherwise=Force.UNSURE),
    ArgumentRule(("AddNewTarget",), "wszFileName", Condition.NO_BACKSLASH, _TARGET, otherwise=Force.UNSURE),
    *(
        ArgumentRule(
            ("AddNewTarget",),
            parameter,
            Condition.NOT_REMOTE,
            _TARGET,
            otherwise=Force.UNSURE,
            also=("nt-unc-late",),
            notable=True,
        )
        for parameter in ("wszPath", "wszAlternatePath")
    ),
    ArgumentRule(
        ("SetRestoreOptions",),
        "wszRestoreOptions",
        Condition.OPTIONS,
        "ro-syntax",
        otherwise=Force.UNSURE,
        notable=True,
    ),
    ArgumentRule(
        ("SetRestoreOptions",),
        "wszRestoreOptions",
        Condition.ONE_ALL,
        "ro-authoritative",
        otherwise=Force.UNSURE,
        notable=True,
    ),
    ArgumentRule(
        ("AddSnapshotToRecoverySet",),
        "snapshotId",
        Condition.NOT_NULL_ID,
        "recovery-set-args",
        answers=(HResult.E_INVALIDARG, HResult.VSS_E_SNAPSHOT_NOT_IN_SET, HResult.VSS_E_OBJECT_NOT_FOUND),
    ),
    ArgumentRule(
        ("AddSnapshotToRecoverySet",),
        "dwFlags",
        Condition.ONE_OF,
        "recovery-set-args",
        ("0",),
        otherwise=Force.UNSURE,
    ),
)
