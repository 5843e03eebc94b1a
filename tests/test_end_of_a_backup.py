"""How a backup ends: what the log does not show is held against nobody, and memory has a bound."""

import json
from typing import Any

import pytest

from tests.support import SNAPSHOT_ID, Entry, asynchronous, backup_until, call, check
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import At, Finding
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.told import MANY, NOTHING_TOLD, Told

DEVICE = "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1"
WRITER = "{5affb034-969f-4919-8875-88f830d0ef89}"


def _instance(number: int) -> str:
    return f"{{33333333-0000-0000-0000-{number:012}}}"


def _event(name: str, number: int = 1) -> Entry:
    return {"event": name, "writer": WRITER, "instance": _instance(number), "answer": True}


def _status(number: int, failure: str) -> Entry:
    out = {"pidInstance": _instance(number), "pidWriter": WRITER, "phResultFailure": failure}
    return call("GetWriterStatus", iWriter=0, out=out)


def _marked(number: int, **more: Any) -> Entry:
    return call("SetBackupSucceeded", instanceId=_instance(number), writerId=WRITER, **more)


def _rules(lines: list[Entry]) -> set[str]:
    return {finding.rule for finding in check(lines).findings}


def _told_by(lines: list[Entry]) -> Told:
    """What the object `bc` was told."""
    findings: list[Finding] = []
    checker = Checker(findings.append)
    checker.feed_block(b"\n".join([json.dumps(line).encode() for line in lines]), 1)
    obj = vars(checker)["_history"].handles["bc"]
    assert isinstance(obj, BackupObject)
    return obj.told


def _after_creation(*lines: Entry) -> list[Entry]:
    return [*backup_until("do"), *asynchronous("GatherWriterStatus", "status"), *lines]


def test_a_writer_is_failed_as_long_as_its_last_status_says_so() -> None:
    """A later good status of the same instance takes a failure back, that of another instance does not."""
    failed, good = _status(1, "VSS_E_WRITERERROR_RETRYABLE"), _status(1, "S_OK")
    blamed = "seq-status-both-fields"
    assert blamed in _rules(_after_creation(failed, _marked(1, bSucceded=True)))
    assert blamed in _rules(_after_creation(failed, _status(2, "S_OK"), _marked(1, bSucceded=True)))
    assert blamed not in _rules(_after_creation(failed, good, _marked(1, bSucceded=True)))
    assert blamed not in _rules(_after_creation(failed, _marked(2, bSucceded=True)))
    assert blamed not in _rules(_after_creation(failed, _marked(1, bSucceded=False)))


def test_a_mark_whose_value_was_not_recorded_is_held_against_nobody() -> None:
    """Neither as saved nor as failed."""
    failed = _status(1, "VSS_E_WRITERERROR_RETRYABLE")
    assert "seq-status-both-fields" not in _rules(_after_creation(failed, _marked(1)))


def test_a_failure_from_before_the_backup_is_none_of_it() -> None:
    """Status that is gathered before any event may show what went wrong in an earlier operation."""
    lines = [*backup_until("gather"), *asynchronous("GatherWriterStatus", "status")]
    lines += [_status(1, "VSS_E_WRITERERROR_RETRYABLE"), *backup_until("prepare")[len(backup_until("gather")) :]]
    assert "seq-abort-on-accepted-veto" not in _rules([*lines, call("IUnknown::Release", returns=None)])


def test_a_log_without_releases_of_a_kind_shows_no_leak() -> None:
    """Who records no Release of an IVssAsync records none of them (rule seq-async-release)."""
    lines = backup_until("release")
    assert "seq-async-release" not in _rules(lines)
    released = [*lines[:-1], call("IUnknown::Release", "bc-a1", None), lines[-1]]
    assert "seq-async-release" in _rules(released)
    assert "seq-async-release" not in _rules(released[:-1])
    assert "seq-async-release" not in _rules([*released, {"happens": "process ends"}])


def test_abort_is_missed_only_by_writers_whose_events_are_in_the_log() -> None:
    """A writer that was told, or has handled PostSnapshot, waits for no Abort (rule abort-raises-abort)."""
    begun = backup_until("prepare")
    prepared = [*begun[:-2], _event("PrepareForBackup"), *begun[-2:]]
    end = [call("AbortBackup"), call("IUnknown::Release", returns=None)]
    assert "abort-raises-abort" in _rules([*prepared, *end])
    assert "abort-raises-abort" not in _rules([*backup_until("prepare"), *end])
    created = asynchronous("DoSnapshotSet")
    handled = [_event(name) for name in ("PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot")]
    assert "abort-raises-abort" not in _rules([*prepared, created[0], *handled, *created[1:], *end])
    assert "abort-raises-abort" not in _rules([*prepared, _event("Abort"), *end])
    assert "abort-raises-abort" not in _rules([*prepared, end[0], _event("Abort"), end[1]])


@pytest.mark.parametrize("handle", [None, "metadata"])
def test_a_writers_document_may_be_saved_through_a_handle_that_was_not_recorded(handle: str | None) -> None:
    """Nothing is missed where the log does not show that metadata was handed out (rule seq-save-both)."""
    names: dict[str, Any] = {"writerId": WRITER, "wszLogicalPath": None, "wszComponentName": "c"}
    out = {"ppMetadata": handle} if handle else {}
    lines = [*backup_until("gather"), call("GetWriterMetadata", iWriter=0, out=out), call("AddComponent", **names)]
    lines += [*backup_until("complete")[len(backup_until("gather")) :], call("SaveAsXML")]
    lines.append(call("IUnknown::Release", returns=None))
    assert ("seq-save-both" in _rules(lines)) == (handle is not None)


def test_who_asked_has_waited_whatever_was_recorded_of_the_answer() -> None:
    """A result that was not recorded may have been the end (rule seq-release-after-writers)."""
    begun = [*backup_until("do"), call("BackupComplete", out={"ppAsync": "last"})]
    released = call("IUnknown::Release", returns=None)
    assert "seq-release-after-writers" in _rules([*begun, released])
    assert "seq-release-after-writers" not in _rules([*begun, call("IVssAsync::QueryStatus", "last"), released])


@pytest.mark.parametrize(
    ("context", "late"), [("VSS_CTX_BACKUP", True), ("VSS_CTX_APP_ROLLBACK", False), (None, False)]
)
def test_a_persistent_shadow_copy_may_be_read_for_any_purpose_later(context: str | None, late: bool) -> None:
    """Only what goes with its object is there for the backup alone (rule seq-complete-after-verify)."""
    chosen = {"lContext": context} if context else {}
    lines = [*backup_until("initialize"), call("SetContext", **chosen)]
    lines += backup_until("complete")[len(backup_until("initialize")) :]
    properties = {"pProp": {"m_pwszSnapshotDeviceObject": DEVICE}}
    lines.append(call("GetSnapshotProperties", SnapshotId=SNAPSHOT_ID, out=properties))
    lines += [{"call": "CopyFile", "in": {"lpExistingFileName": f"{DEVICE}\\a"}, "returns": "ERROR_SUCCESS"}] * 2
    findings = [finding for finding in check(lines).findings if finding.rule == "seq-complete-after-verify"]
    assert len(findings) == late


def test_counts_belong_to_one_gathering() -> None:
    """Writers may have come and gone before the next one."""
    first = call("GetWriterStatusCount", out={"pcWriters": 1})
    second = call("GetWriterStatusCount", out={"pcWriters": 2})
    gather = asynchronous("GatherWriterStatus", "again")
    lines = [*backup_until("prepare"), *asynchronous("GatherWriterStatus", "status"), first, *gather]
    assert not check([*lines, call("GetWriterStatus", iWriter=1)]).errors()
    beyond = call("GetWriterStatus", returns="VSS_E_OBJECT_NOT_FOUND", iWriter=2)
    (error,) = check([*lines, second, beyond]).errors()
    assert (error.rule, error.at) == ("status-index", At.REQUESTER)


def test_what_is_remembered_of_an_object_has_a_bound() -> None:
    """However many writers fail or are prepared, and however many files cannot be copied."""
    told = {"pProp": {"m_pwszSnapshotDeviceObject": DEVICE}}
    lines = [*backup_until("prepare"), *(_event("PrepareForBackup", number) for number in range(1000))]
    lines += backup_until("do")[len(backup_until("prepare")) :]
    lines += asynchronous("GatherWriterStatus", "status")
    lines.append(call("GetSnapshotProperties", SnapshotId=SNAPSHOT_ID, out=told))
    for number in range(1000):
        lines.append(_status(number, "VSS_E_WRITERERROR_RETRYABLE"))
        copied = {"lpExistingFileName": f"{DEVICE}\\{number}", "lpNewFileName": "D:\\x"}
        lines.append({"call": "CopyFile", "in": copied, "returns": "ERROR_FILE_NOT_FOUND"})
    found = _told_by(lines)
    assert len(found.failed_writers) == len(found.failed_copies) == MANY
    assert not NOTHING_TOLD.failed_writers
    assert not NOTHING_TOLD.failed_copies


def test_one_call_that_is_missing_is_told_once() -> None:
    """Rules seq-abort-after-prepare, seq-abort-after-startset: one AbortBackup before the Release mends both."""
    lines = [*backup_until("prepare"), call("IUnknown::Release", returns=None)]
    (found,) = (one for one in check(lines).findings if "AbortBackup" in "".join(one.instead))
    assert {"seq-abort-after-prepare", "seq-abort-after-startset"} <= {found.rule, *found.also}
