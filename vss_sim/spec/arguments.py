"""What VSS asks of the arguments of a call, before it looks at the state of the object.

Each row names a parameter, the condition it must meet, the rule, and the answers of a call that does not meet it. Only
what was recorded is looked at: a parameter that is left out is not held against anybody.
"""

from enum import Enum
from typing import Final

from attrs import frozen

from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Force

_INVALID: Final = (HResult.E_INVALIDARG,)
_NO_VOLUME: Final = (HResult.VSS_E_OBJECT_NOT_FOUND, HResult.E_INVALIDARG)


class Condition(Enum):
    """What is asked of one argument."""

    NOT_NULL = "not NULL"
    NULL_ID = "GUID_NULL"
    ONE_OF = "one of the values"
    NONE_OF = "none of the values"
    ENDS_IN_BACKSLASH = "a name that ends in a backslash"
    KNOWN_CONTEXT = "a documented context, with attributes that go together"
    ZERO = "zero"
    NO_WILDCARDS = "a name without wildcards"
    RANGES = "offset:length pairs, or the full path of a ranges file"
    SAME_RANGES = "ranges equal in number and sizes to those of the parameter named"


@frozen
class ArgumentRule:
    """One demand on one parameter of the methods named."""

    methods: tuple[str, ...]
    parameter: str
    condition: Condition
    rule: str
    values: tuple[str, ...] = ()
    answers: tuple[HResult, ...] = _INVALID
    otherwise: Force = Force.REFUSED


ARGUMENT_RULES: Final = (
    ArgumentRule(("AddComponent",), "wszComponentName", Condition.NOT_NULL, "add-component-name-not-null"),
    ArgumentRule(
        ("SetBackupSucceeded",), "wszComponentName", Condition.NOT_NULL, "set-backup-succeeded-match-component"
    ),
    ArgumentRule(("SetBackupOptions",), "wszComponentName", Condition.NOT_NULL, "set-backup-options-match-component"),
    ArgumentRule(("SetRestoreOptions",), "wszComponentName", Condition.NOT_NULL, "set-restore-options-match-component"),
    ArgumentRule(("AddRestoreSubcomponent",), "wszComponentName", Condition.NOT_NULL, "add-restore-sub-args"),
    ArgumentRule(("AddRestoreSubcomponent",), "wszSubComponentLogicalPath", Condition.NOT_NULL, "add-restore-sub-args"),
    ArgumentRule(("AddRestoreSubcomponent",), "wszSubComponentName", Condition.NOT_NULL, "add-restore-sub-args"),
    ArgumentRule(
        ("SetBackupState",),
        "backupType",
        Condition.NONE_OF,
        "backup-type-undefined-error",
        ("VSS_BT_UNDEFINED",),
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
    ),
    ArgumentRule(
        ("IsVolumeSupported",),
        "pwszVolumeName",
        Condition.ENDS_IN_BACKSLASH,
        "is-volume-supported-trailing-backslash",
        answers=_NO_VOLUME,
        otherwise=Force.UNSURE,
    ),
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
    ArgumentRule(("Query",), "QueriedObjectId", Condition.NULL_ID, "sn-query-args"),
    ArgumentRule(("Query",), "eQueriedObjectType", Condition.ONE_OF, "sn-query-args", ("VSS_OBJECT_NONE",)),
    ArgumentRule(
        ("Query",),
        "eReturnedObjectsType",
        Condition.ONE_OF,
        "query-args",
        ("VSS_OBJECT_SNAPSHOT", "VSS_OBJECT_PROVIDER"),
    ),
    ArgumentRule(
        ("ExposeSnapshot",),
        "lAttributes",
        Condition.ONE_OF,
        "expose-attributes",
        ("VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY", "VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY"),
    ),
    ArgumentRule(("SetContext",), "lContext", Condition.KNOWN_CONTEXT, "sn-ctx-invalid", otherwise=Force.UNSURE),
    ArgumentRule(("LoadFromXML",), "bstrXML", Condition.NOT_NULL, "examine-load-at-restore"),
    *(
        ArgumentRule(("AddPartialFile",), parameter, condition, "add-partial-file-args", otherwise=Force.UNSURE)
        for parameter in ("wszPath", "wszFilename")
        for condition in (Condition.NOT_NULL, Condition.NO_WILDCARDS)
    ),
    ArgumentRule(("AddPartialFile",), "wszRanges", Condition.NOT_NULL, "add-partial-file-args", otherwise=Force.UNSURE),
    ArgumentRule(
        ("AddPartialFile",), "wszRanges", Condition.RANGES, "add-partial-file-range-format", otherwise=Force.UNSURE
    ),
    *(
        ArgumentRule(
            ("AddDirectedTarget",),
            parameter,
            Condition.NO_WILDCARDS,
            "add-directed-target-ranges-match",
            otherwise=Force.UNSURE,
        )
        for parameter in ("wszSourceFilename", "wszDestinationFilename")
    ),
    ArgumentRule(
        ("AddDirectedTarget",),
        "wszDestinationRangeList",
        Condition.SAME_RANGES,
        "add-directed-target-ranges-match",
        ("wszSourceRangeList",),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        ("SetFailure",), "dwReserved", Condition.ZERO, "set-failure-with-writer-failure", otherwise=Force.UNSURE
    ),
    *(
        ArgumentRule(("GetFailure",), parameter, Condition.NOT_NULL, "get-failure-requester")
        for parameter in ("phr", "phrApplication", "pbstrApplicationMessage", "pdwReserved")
    ),
)

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
