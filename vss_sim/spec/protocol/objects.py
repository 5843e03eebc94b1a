"""The life of the other objects: what an `IVssAsync` may say, and when pointers into the document die."""

from typing import Final

from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Force, need

POINTER_FAMILIES: Final = frozenset({"IVssWriterComponents", "IVssComponent"})
"""Objects that point into the Backup Components Document of the object they were got from."""

POINTERS_DIE_WITH: Final = frozenset(
    {"PrepareForBackup", "DoSnapshotSet", "BackupComplete", "PreRestore", "PostRestore"}
)
"""Calls after which such pointers must be fetched again, since writers may have changed the document."""

DEAD_POINTER: Final = "get-writer-components-invalidated"

LIVE_DATA: Final = frozenset(
    f"IVssExamineWriterMetadata::{name}"
    for name in ("GetComponent", "GetIncludeFile", "GetExcludeFile", "GetAlternateLocationMapping")
)
"""Calls that read files, components and mappings; at restore these count as stored (seq-r-stored-not-live)."""

TARGETS: Final = frozenset(
    f"IVssComponent::{name}" for name in ("GetRestoreTarget", "GetDirectedTargetCount", "GetDirectedTarget")
)
"""Calls that read what writers set while they handle PreRestore (seq-r-no-component-read-early)."""
FRESH_POINTER: Final = need(DEAD_POINTER, met=0, otherwise=Force.TOLERATED, documented=Force.REFUSED)
"""A pointer into the document is used before writers may have changed the document again."""

PENDING: Final = HResult.VSS_S_ASYNC_PENDING
FINISHED: Final = HResult.VSS_S_ASYNC_FINISHED
CANCELLED: Final = HResult.VSS_S_ASYNC_CANCELLED

PARTLY_DONE: Final = frozenset({HResult.VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED})
"""Results that are a success with news; the operation is over."""

ONE_END: Final = "seq-async-finished-code"
"""An operation comes to one end, and what was said of it stays true."""

RESULT_CODES: Final = "async-query-result-codes"
WAIT_FAILED: Final = "async-wait-2003-infinite"
READ_RESULT: Final = "async-wait-then-query"
"""Waiting tells that an operation is over, and QueryStatus what it came to."""

RESERVED: Final = "async-query-reserved-null"
CANCEL_CODES: Final = "seq-async-cancel-codes"
ENDED_CODES: Final = "async-cancel-after-end"
WAIT_FIRST: Final = "seq-async-wait"
"""A call that depends on a running operation comes after its end was waited or asked for."""

RESULT_CHANNEL: Final = "seq-async-result-channel"
"""What an operation came to is what QueryStatus says of it."""

ASYNC_NOTES: Final = {
    "Wait": ("obs-wait-returns-pending", READ_RESULT, WAIT_FIRST, WAIT_FAILED),
    "QueryStatus": (RESULT_CHANNEL, RESULT_CODES, ONE_END, RESERVED),
    "Cancel": (CANCEL_CODES, ENDED_CODES),
}
"""The rules that each method of `IVssAsync` rests on."""
