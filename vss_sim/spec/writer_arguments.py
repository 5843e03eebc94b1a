"""What VSS asks of the arguments of a writer's calls, and of those that make and register an express writer.

Rows are for full names, since a writer's AddComponent is not the requester's. What the metadata itself asks of what is
added to it stands in `vss_sim.engine.writer_metadata_calls`, which builds it.
"""

from typing import Final

from vss_sim.spec.argument_rules import ArgumentRule, Condition
from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Force
from vss_sim.spec.writer_calls import EXPRESS_USAGES, VETO_CODES

INITIALIZES: Final = ("CVssWriter::Initialize", "CVssWriterEx::InitializeEx")
SUBSCRIBES: Final = ("CVssWriter::Subscribe", "CVssWriterEx::SubscribeEx")
CREATE_METADATA: Final = "IVssExpressWriter::CreateMetadata"
SET_FAILURE: Final = "CVssWriter::SetWriterFailure"
SET_FAILURE_EX: Final = "CVssWriterEx2::SetWriterFailureEx"
DEVICE_NAME: Final = "CVssWriter::GetSnapshotDeviceName"
PATH_AFFECTED: Final = "CVssWriter::IsPathAffected"

_USAGES: Final = ("VSS_UT_BOOTABLESYSTEMSTATE", "VSS_UT_SYSTEMSERVICE", "VSS_UT_USERDATA", "VSS_UT_OTHER")
_SOURCES: Final = ("VSS_ST_TRANSACTEDDB", "VSS_ST_NONTRANSACTEDDB", "VSS_ST_OTHER")
_LEVELS: Final = ("VSS_APP_FRONT_END", "VSS_APP_BACK_END", "VSS_APP_SYSTEM", "VSS_APP_SYSTEM_RM")
_VETOES: Final = tuple(code.name for code in VETO_CODES)
_DEFAULT_EVENTS: Final = ("VSS_SM_BACKUP_EVENTS_FLAG|VSS_SM_RESTORE_EVENTS_FLAG",)
_NO_SUCH: Final = (HResult.VSS_E_OBJECT_NOT_FOUND, HResult.E_INVALIDARG)

WRITER_ARGUMENTS: Final = (
    ArgumentRule(INITIALIZES, "WriterId", Condition.NOT_NULL_ID, "wr-id-identity"),
    ArgumentRule(INITIALIZES, "wszWriterName", Condition.NOT_EMPTY, "wr-id-identity"),
    ArgumentRule(INITIALIZES, "ut", Condition.ONE_OF, "wr-id-identity", _USAGES),
    ArgumentRule(INITIALIZES, "st", Condition.ONE_OF, "wr-id-identity", _SOURCES),
    ArgumentRule(INITIALIZES, "nLevel", Condition.ONE_OF, "writer-init-level", _LEVELS, otherwise=Force.UNSURE),
    ArgumentRule(
        INITIALIZES,
        "aws",
        Condition.ONE_OF,
        "writer-init-reserved-defaults",
        ("VSS_AWS_NO_ALTERNATE_WRITER",),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        INITIALIZES,
        "bIOThrottlingOnly",
        Condition.NOT_TRUE,
        "writer-init-reserved-defaults",
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        SUBSCRIBES,
        "dwEventFlags",
        Condition.ONE_OF,
        "writer-subscribe-default-flags",
        _DEFAULT_EVENTS,
        otherwise=Force.UNSURE,
    ),
    ArgumentRule((SET_FAILURE,), "hr", Condition.ONE_OF, "wr-veto-code", _VETOES),
    ArgumentRule(
        (SET_FAILURE_EX,),
        "hrWriter",
        Condition.ONE_OF,
        "wr-veto-code",
        ("S_OK", *_VETOES, "VSS_E_WRITERERROR_PARTIAL_FAILURE"),
    ),
    ArgumentRule(
        (PATH_AFFECTED,),
        "wszPath",
        Condition.NO_WILDCARD,
        "writer-path-affected-format",
        answers=(),
        otherwise=Force.UNSURE,
    ),
    ArgumentRule((DEVICE_NAME,), "wszOriginalVolume", Condition.NOT_NULL, "ans-invalid-argument"),
    ArgumentRule(
        (DEVICE_NAME,),
        "wszOriginalVolume",
        Condition.ENDS_IN_BACKSLASH,
        "get-device-name-in-set",
        answers=_NO_SUCH,
        otherwise=Force.UNSURE,
    ),
    ArgumentRule(
        (CREATE_METADATA,),
        "usageType",
        Condition.ONE_OF,
        "express-create-usage",
        EXPRESS_USAGES,
        otherwise=Force.UNSURE,
    ),
    ArgumentRule((CREATE_METADATA,), "writerId", Condition.NOT_NULL_ID, "ans-invalid-argument", otherwise=Force.UNSURE),
    ArgumentRule((CREATE_METADATA,), "writerName", Condition.NOT_EMPTY, "ans-invalid-argument", otherwise=Force.UNSURE),
)

SHARES_SINCE_WINDOWS_8: Final = {
    PATH_AFFECTED: ("wszPath", "writer-path-affected-format"),
    DEVICE_NAME: ("wszOriginalVolume", "get-device-name-remote-share"),
}
"""Call → the parameter that may name a share from Windows 8 and Windows Server 2012 on, and the rule."""
