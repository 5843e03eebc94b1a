"""What VSS asks of the arguments of a call, before it looks at the state of the object.

Each row names a parameter, the condition it must meet, the rule, and the answers of a call that does not meet it. Only
what was recorded is looked at: a parameter that is left out is not held against anybody.
"""

from typing import Final

from vss_sim.spec.argument_rules import ArgumentRule, Condition
from vss_sim.spec.document_arguments import DOCUMENT_ARGUMENTS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.restore_arguments import RESTORE_ARGUMENTS
from vss_sim.spec.table import Force

_NO_ID: Final = (HResult.E_INVALIDARG, HResult.VSS_E_OBJECT_NOT_FOUND)
_NO_VOLUME: Final = (HResult.VSS_E_OBJECT_NOT_FOUND, HResult.E_INVALIDARG)

ARGUMENT_RULES: Final = (
    ArgumentRule(
        ("AddComponent",),
        "wszComponentName",
        Condition.NOT_NULL,
        "add-component-name-not-null",
        also=("sel-add-name",),
    ),
    *(
        ArgumentRule((method,), "wszComponentName", Condition.NOT_NULL, rule, also=("ans-invalid-argument",))
        for method, rule in (
            ("SetBackupSucceeded", "set-backup-succeeded-match-component"),
            ("SetBackupOptions", "set-backup-options-match-component"),
            ("SetRestoreOptions", "set-restore-options-match-component"),
        )
    ),
    *(
        ArgumentRule(
            ("AddRestoreSubcomponent",),
            parameter,
            Condition.NOT_NULL,
            "add-restore-sub-args",
            also=("sel-r-sub-path",),
        )
        for parameter in ("wszComponentName", "wszSubComponentLogicalPath", "wszSubComponentName")
    ),
    ArgumentRule(
        ("SetBackupState",),
        "backupType",
        Condition.NONE_OF,
        "backup-type-undefined-error",
        ("VSS_BT_UNDEFINED",),
    ),
    ArgumentRule(
        ("SetBackupState",),
        "backupType",
        Condition.ONE_OF,
        "seq-backupstate-facts",
        (
            "VSS_BT_UNDEFINED",
            "VSS_BT_FULL",
            "VSS_BT_INCREMENTAL",
            "VSS_BT_DIFFERENTIAL",
            "VSS_BT_LOG",
            "VSS_BT_COPY",
            "VSS_BT_OTHER",
        ),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("AddToSnapshotSet", "IsVolumeSupported"), "pwszVolumeName", Condition.NOT_NULL, "ans-invalid-argument"
    ),
    ArgumentRule(
        ("AddToSnapshotSet",),
        "pwszVolumeName",
        Condition.ENDS_IN_BACKSLASH,
        "obs-volume-name-backslash",
        answers=_NO_VOLUME,
        also=("add-to-set-trailing-backslash",),
    ),
    ArgumentRule(
        ("AddToSnapshotSet",),
        "pwszVolumeName",
        Condition.NAMED_SERVER,
        "add-to-set-unc-hostname",
        answers=_NO_VOLUME,
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("AddToSnapshotSet",),
        "pidSnapshot",
        Condition.NOT_NULL,
        "ans-invalid-argument",
        also=("add-to-set-id-not-queryable",),
    ),
    ArgumentRule(
        ("IsVolumeSupported",),
        "pwszVolumeName",
        Condition.ENDS_IN_BACKSLASH,
        "is-volume-supported-trailing-backslash",
        answers=_NO_VOLUME,
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(("QueryRevertStatus",), "pwszVolume", Condition.NOT_NULL, "ans-invalid-argument"),
    ArgumentRule(
        ("QueryRevertStatus",),
        "pwszVolume",
        Condition.ENDS_IN_BACKSLASH,
        "revert-status-volume-form",
        answers=_NO_VOLUME,
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("DeleteSnapshots",),
        "eSourceObjectType",
        Condition.ONE_OF,
        "delete-object-type",
        ("VSS_OBJECT_SNAPSHOT", "VSS_OBJECT_SNAPSHOT_SET"),
    ),
    *(
        ArgumentRule((method,), parameter, Condition.NOT_NULL_ID, "ans-invalid-argument", answers=_NO_ID)
        for method, parameter in (
            ("BreakSnapshotSet", "SnapshotSetId"),
            ("RevertToSnapshot", "SnapshotId"),
            ("UnexposeSnapshot", "snapshotId"),
        )
    ),
    ArgumentRule(("Query",), "QueriedObjectId", Condition.NULL_ID, "sn-query-args", also=("query-args",)),
    ArgumentRule(
        ("Query",),
        "eQueriedObjectType",
        Condition.ONE_OF,
        "sn-query-args",
        ("VSS_OBJECT_NONE",),
        also=("query-args",),
    ),
    ArgumentRule(
        ("Query",),
        "eReturnedObjectsType",
        Condition.NONE_OF,
        "query-none-means-all",
        ("VSS_OBJECT_NONE",),
        also=("query-args", "sn-query-args"),
    ),
    ArgumentRule(
        ("Query",),
        "eReturnedObjectsType",
        Condition.ONE_OF,
        "query-args",
        ("VSS_OBJECT_NONE", "VSS_OBJECT_SNAPSHOT", "VSS_OBJECT_PROVIDER"),
        also=("sn-query-args",),
    ),
    ArgumentRule(
        ("GetSnapshotProperties",),
        "pProp",
        Condition.ZEROED,
        "get-props-zero-struct",
        answers=(),
        otherwise=Force.TOLERATED,
    ),
    ArgumentRule(
        ("GetWriterStatusEx",),
        "pidInstance",
        Condition.NOT_NULL,
        "status-ex-not-null",
        also=("ans-invalid-argument",),
    ),
    ArgumentRule(
        ("GetWriterStatusEx",), "pidWriter", Condition.NOT_NULL, "status-ex-not-null", also=("ans-invalid-argument",)
    ),
    ArgumentRule(
        ("GetWriterStatusEx",),
        "pbstrWriter",
        Condition.NOT_NULL,
        "status-ex-not-null",
        also=("ans-invalid-argument",),
    ),
    ArgumentRule(
        ("GetWriterStatusEx",), "pnStatus", Condition.NOT_NULL, "status-ex-not-null", also=("ans-invalid-argument",)
    ),
    ArgumentRule(
        ("GetWriterStatusEx",),
        "phrFailureWriter",
        Condition.NOT_NULL,
        "ans-invalid-argument",
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("ExposeSnapshot",),
        "wszPathFromRoot",
        Condition.NULL,
        "expose-local-null-path",
        otherwise=Force.UNSURE,
        also=("sn-expose-local-no-subpath",),
        when=("lAttributes", ("VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY",)),
    ),
    ArgumentRule(
        ("ExposeSnapshot",),
        "wszPathFromRoot",
        Condition.NO_PATTERN,
        "sn-expose-subpath-plain",
        otherwise=Force.UNSURE,
        also=("expose-local-null-path",),
    ),
    ArgumentRule(
        ("ExposeSnapshot",),
        "wszExpose",
        Condition.LOCAL_PLACE,
        "expose-place-form",
        otherwise=Force.UNSURE,
        when=("lAttributes", ("VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY",)),
    ),
    ArgumentRule(
        ("ExposeSnapshot",),
        "wszExpose",
        Condition.SHARE_NAME,
        "expose-share-name",
        otherwise=Force.UNSURE,
        when=("lAttributes", ("VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY",)),
    ),
    ArgumentRule(
        ("QueryRevertStatus",),
        "pwszVolume",
        Condition.NOT_REMOTE,
        "revert-status-volume-form",
        answers=_NO_VOLUME,
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("IsVolumeSnapshotted",),
        "pwszVolumeName",
        Condition.ENDS_IN_BACKSLASH,
        "is-snapshotted-com-init",
        answers=_NO_VOLUME,
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("ShouldBlockRevert",),
        "wszVolumeName",
        Condition.ENDS_IN_BACKSLASH,
        "should-block-revert-source",
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("Next",),
        "rgelt",
        Condition.NOT_NULL,
        "enum-next-free",
        answers=(HResult.E_POINTER,),
        also=("ans-null-pointer",),
    ),
    ArgumentRule(
        ("Clone",),
        "ppenum",
        Condition.NULL,
        "enum-clone-null",
        answers=(),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("QueryStatus",),
        "pReserved",
        Condition.NULL,
        "async-query-reserved-null",
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(("QueryStatus",), "pHrResult", Condition.NOT_NULL, "async-query-reserved-null"),
    ArgumentRule(
        ("ExposeSnapshot",),
        "lAttributes",
        Condition.ONE_OF,
        "expose-attributes",
        ("VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY", "VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY"),
    ),
    ArgumentRule(
        ("BreakSnapshotSetEx",),
        "dwBreakFlags",
        Condition.ALONE,
        "sn-breakex-mask-exclusive",
        ("VSS_BREAKEX_FLAG_MASK_LUNS",),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("BreakSnapshotSetEx",),
        "dwBreakFlags",
        Condition.NOT_ALL,
        "sn-breakex-revert-exclusive",
        ("VSS_BREAKEX_FLAG_REVERT_IDENTITY_ALL", "VSS_BREAKEX_FLAG_REVERT_IDENTITY_NONE"),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("BreakSnapshotSetEx",),
        "dwBreakFlags",
        Condition.WITHOUT,
        "sn-breakex-flags-of-providers",
        (
            "VSS_ONLUNSTATECHANGE_NOTIFY_READ_WRITE",
            "VSS_ONLUNSTATECHANGE_NOTIFY_LUN_PRE_RECOVERY",
            "VSS_ONLUNSTATECHANGE_NOTIFY_LUN_POST_RECOVERY",
            "VSS_ONLUNSTATECHANGE_DO_MASK_LUNS",
        ),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(("SetContext",), "lContext", Condition.KNOWN_CONTEXT, "sn-ctx-invalid", otherwise=Force.UNSURE),
    *RESTORE_ARGUMENTS,
    *DOCUMENT_ARGUMENTS,
)

CONTEXT_FAULTS: Final[dict[str, tuple[str, ...]]] = {
    "sn-ctx-invalid": ("set-context-values",),
    "sn-attr-diff-plex-exclusive": ("set-context-diff-plex-exclusive",),
    "sn-attr-not-with-client-accessible": ("set-context-client-accessible-no-flags",),
    "sn-attr-auto-only": ("set-context-automatic-attributes", "set-context-or-flags", "set-context-values"),
}
"""What can be wrong with a context and its attributes → further rules that say the same."""


def demanded_by(rule: ArgumentRule) -> tuple[str, ...]:
    """Every rule that a demand on an argument rests on."""
    if rule.condition is Condition.KNOWN_CONTEXT:
        return tuple(found for fault, also in CONTEXT_FAULTS.items() for found in (fault, *also))
    return (rule.rule, *rule.also)


REQUESTER_ATTRIBUTES: Final = frozenset(
    {
        "VSS_VOLSNAP_ATTR_TRANSPORTABLE",
        "VSS_VOLSNAP_ATTR_DIFFERENTIAL",
        "VSS_VOLSNAP_ATTR_PLEX",
        "VSS_VOLSNAP_ATTR_NO_AUTORECOVERY",
        "VSS_VOLSNAP_ATTR_NOT_TRANSACTED",
        "VSS_VOLSNAP_ATTR_ROLLBACK_RECOVERY",
        "VSS_VOLSNAP_ATTR_TXF_RECOVERY",
        "VSS_VOLSNAP_ATTR_DELAYED_POSTSNAPSHOT",
    }
)
"""The attributes that a requester may add to a context (rules sn-attr-auto-only, sn-attr-requester-extra)."""

NOT_TO_CLIENT_ACCESSIBLE: Final = frozenset(
    {"VSS_VOLSNAP_ATTR_TRANSPORTABLE", "VSS_VOLSNAP_ATTR_DIFFERENTIAL", "VSS_VOLSNAP_ATTR_PLEX"}
)
"""Those that VSS_CTX_CLIENT_ACCESSIBLE does not take; its page names no other attribute and no other context."""
