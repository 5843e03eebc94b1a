"""What a log shows of asynchronous operations: pending, finished, cancelled, failed, or left alone."""

import pytest

from tests.support import (
    asynchronous,
    backup_until,
    call,
    check,
)
from vss_sim.judge.findings import At, Level


def test_a_handle_that_was_handed_out_tells_of_success() -> None:
    """A failed call hands out nothing."""
    lines = backup_until("do")
    for entry in lines:
        if "out" in entry:
            entry.pop("returns", None)
    assert not check([*lines, call("AbortBackup"), call("IUnknown::Release", returns=None)]).errors()


def test_wait_may_return_while_the_operation_is_pending() -> None:
    """A Wait whose time ran out is a success, and the operation goes on (rule obs-wait-returns-pending)."""
    lines = [
        *backup_until("prepare"),
        call("DoSnapshotSet", out={"ppAsync": "a"}),
        call("IVssAsync::Wait", "a", dwMilliseconds=1000),
        call("IVssAsync::QueryStatus", "a", out={"pHrResult": "VSS_S_ASYNC_PENDING"}),
        call("IVssAsync::Wait", "a"),
        call("IVssAsync::QueryStatus", "a", out={"pHrResult": "VSS_S_ASYNC_FINISHED"}),
        *asynchronous("BackupComplete", "b"),
        call("IUnknown::Release", returns=None),
    ]
    assert not [finding for finding in check(lines).findings if finding.line < len(lines) + 1]


def test_a_dependent_call_before_anybody_asked_is_a_warning() -> None:
    """DoSnapshotSet right after PrepareForBackup meets it half done (rule seq-async-wait)."""
    lines = [*backup_until("add"), call("PrepareForBackup", out={"ppAsync": "a"}), *asynchronous("DoSnapshotSet", "b")]
    checked = check(lines)
    assert "seq-async-wait" in {finding.rule for finding in checked.findings if finding.level is Level.WARNING}
    assert not checked.errors()


def test_an_abandoned_operation_leaves_its_result_unknown() -> None:
    """What depends on it may be answered either way (rule obs-unasked-result-unknown)."""
    for answer in ("S_OK", "VSS_E_BAD_STATE"):
        lines = [
            *backup_until("add"),
            call("PrepareForBackup", out={"ppAsync": "a"}),
            call("DoSnapshotSet", returns=answer),
        ]
        assert not [finding for finding in check(lines).findings if finding.at is At.IMPLEMENTATION]


def test_a_finished_operation_stays_finished() -> None:
    """An IVssAsync that says finished and then pending is wrong (rule seq-async-finished-code)."""
    lines = [
        *backup_until("do"),
        call("IVssAsync::QueryStatus", "bc-a3", out={"pHrResult": "VSS_S_ASYNC_PENDING"}),
    ]
    (finding,) = check(lines).errors()
    assert (finding.at, finding.rule) == (At.IMPLEMENTATION, "seq-async-finished-code")


def test_a_cancelled_creation_may_have_come_to_its_end_first() -> None:
    """After Cancel the set may exist or not: completing and aborting are both legal."""
    cancelled = [
        *backup_until("prepare"),
        call("DoSnapshotSet", out={"ppAsync": "a"}),
        call("IVssAsync::Cancel", "a"),
    ]
    for then in (asynchronous("BackupComplete"), [call("AbortBackup")]):
        assert not check([*cancelled, *then]).errors()
    finished = call("IVssAsync::QueryStatus", "a", out={"pHrResult": "VSS_S_ASYNC_FINISHED"})
    assert not check([*cancelled, finished]).errors()


@pytest.mark.parametrize("result", ["VSS_E_HOLD_WRITES_TIMEOUT", "0x80042306", "-2147212529"])
def test_a_failed_creation_is_the_providers_concern(result: str) -> None:
    """The program is told, and not blamed; BackupComplete is then refused."""
    lines = [*backup_until("prepare"), *asynchronous("DoSnapshotSet", result=result)]
    checked = check(lines)
    assert not checked.errors()
    assert checked.findings[0].at is At.PROVIDER
    after = check([*lines, call("BackupComplete", returns="VSS_E_BAD_STATE")])
    assert after.rules_at(len(lines) + 2) == {"seq-complete-not-after-failed-do"}


def test_an_operation_that_was_last_seen_running_is_not_waited_for() -> None:
    """Wait may return early; who goes on after VSS_S_ASYNC_PENDING is warned (rule seq-async-wait)."""
    pending = asynchronous("GatherWriterMetadata", "a", result="VSS_S_ASYNC_PENDING")
    read = call("GetWriterMetadataCount", out={"pcWriters": 1})
    finished = asynchronous("GatherWriterMetadata", "a")
    before = backup_until("state")
    assert "seq-async-wait" in check([*before, *pending, read]).rules_at(len(before) + 5)
    assert "seq-async-wait" not in check([*before, *pending, finished[-1], read]).rules_at(len(before) + 6)
