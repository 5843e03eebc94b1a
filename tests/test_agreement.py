"""What once set the checker against the simulator: each a few lines on which the checker must stay silent."""

from typing import Any, Final

import pytest

from tests.support import (
    SET_ID,
    SNAPSHOT_ID,
    Checked,
    Entry,
    asynchronous,
    backup_until,
    call,
    check,
    create,
    restore_until,
)
from vss_sim.judge.findings import At
from vss_sim.spec.table import Profile

INITIALISED: Final = [create(), call("InitializeForBackup", bstrXML=None)]
SECOND_SET: Final = "{11111111-0000-0000-0000-000000000002}"
WRITER_ID: Final = "{00000000-0000-4000-8000-000000000001}"
OTHER_WRITER: Final = "{00000000-0000-4000-8000-000000000002}"
INSTANCE: Final = "{000000c0-0000-4000-8000-000000000001}"
OTHER_INSTANCE: Final = "{000000c0-0000-4000-8000-000000000002}"
COMPONENT: Final[dict[str, Any]] = {
    "writerId": WRITER_ID,
    "ct": "VSS_CT_FILEGROUP",
    "wszLogicalPath": None,
    "wszComponentName": "Database",
}


def _silent(entries: list[Entry], profile: Profile = Profile.WINDOWS) -> Checked:
    """The checker has nothing against the implementation, and no error at the last line."""
    checked = check(entries, profile)
    assert [finding for finding in checked.findings if finding.at is At.IMPLEMENTATION] == []
    last = len(entries) + 1
    assert [finding for finding in checked.errors() if finding.line == last] == []
    return checked


def test_references_of_every_object_are_counted() -> None:
    """Rule com-call-after-release: an `IVssAsync` that was taken once more lives on after one Release."""
    entries = [
        *INITIALISED,
        call("GatherWriterMetadata", out={"pAsync": "a"}),
        call("IUnknown::AddRef", "a", None),
        call("IUnknown::Release", "a", None),
        call("IVssAsync::QueryStatus", "a", out={"pHrResult": "VSS_S_ASYNC_PENDING"}),
    ]
    _silent(entries)
    gone = [*entries, call("IUnknown::Release", "a", None), call("IVssAsync::QueryStatus", "a")]
    assert "com-call-after-release" in check(gone).rules_at(len(gone) + 1)


def test_a_loaded_document_has_components_that_no_line_shows() -> None:
    """Rule set-backup-succeeded-match-component: they may have come with the document that the object began with."""
    entries = backup_until("do")
    entries[1] = call("InitializeForBackup", bstrXML="saved.xml")
    _silent([*entries, call("SetBackupSucceeded", instanceId=WRITER_ID, bSucceded=True, **COMPONENT)])


def test_an_earlier_set_is_made_though_another_is_begun() -> None:
    """Rule get-props-not-during-creation is about the set that is being made, not about the one before it."""
    entries = [*backup_until("do"), call("StartSnapshotSet", out={"pSnapshotSetId": SECOND_SET})]
    _silent([*entries, call("GetSnapshotProperties", SnapshotId=SNAPSHOT_ID, out={"pProp": {}})])


def test_who_deletes_an_earlier_set_deletes_not_the_next() -> None:
    """Rule sn-deleted-gone: gone is what was named."""
    second = "{22222222-0000-0000-0000-000000000002}"
    whole: dict[str, Any] = {
        "SourceObjectId": SET_ID,
        "eSourceObjectType": "VSS_OBJECT_SNAPSHOT_SET",
        "bForceDelete": False,
    }
    entries = [
        *backup_until("do"),
        call("StartSnapshotSet", out={"pSnapshotSetId": SECOND_SET}),
        call("AddToSnapshotSet", pwszVolumeName="D:\\", out={"pidSnapshot": second}),
        *asynchronous("PrepareForBackup", "p"),
        *asynchronous("DoSnapshotSet", "d"),
        call("DeleteSnapshots", out={"plDeletedSnapshots": 1}, **whole),
        call("GetSnapshotProperties", SnapshotId=second, out={"pProp": {}}),
    ]
    _silent(entries)


def test_a_refusal_tells_of_its_moment() -> None:
    """Rule seq-async-wait: an operation that was under way may have come to its end since, though nobody asked."""
    entries = [
        *INITIALISED,
        call("GatherWriterMetadata", out={"pAsync": "a"}),
        call("GetWriterMetadataCount", returns="VSS_E_BAD_STATE"),
        call("GetWriterMetadataCount", out={"pcWriters": 1}),
    ]
    _silent(entries)


def test_of_two_operations_of_a_kind_either_may_count() -> None:
    """Rule obs-gather-again: the one that was not cancelled gathered the metadata."""
    entries = [
        *INITIALISED,
        call("GatherWriterMetadata", out={"pAsync": "a"}),
        call("GatherWriterMetadata", out={"pAsync": "b"}),
        call("IVssAsync::Cancel", "b"),
        call("IVssAsync::QueryStatus", "b", out={"pHrResult": "VSS_S_ASYNC_CANCELLED"}),
        call("GetWriterMetadataCount", out={"pcWriters": 1}),
    ]
    _silent(entries)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [("SetContext", {"lContext": 3}), ("SetRollForward", {**COMPONENT, "rollType": 99, "wszRollForwardPoint": None})],
)
def test_arguments_may_be_refused_before_the_state(name: str, arguments: dict[str, Any]) -> None:
    """Rule obs-arguments-before-state: E_INVALIDARG is no surprise on an object that refuses the call anyway."""
    prefix = "IVssBackupComponentsEx2::" if name == "SetRollForward" else "IVssBackupComponents::"
    entries = [create(), call(prefix + name, returns="E_INVALIDARG", **arguments)]
    checked = check(entries)
    assert [finding.at for finding in checked.errors()] == [At.REQUESTER]
    assert {"obs-arguments-before-state", "ans-invalid-argument", "sn-ctx-invalid"} & checked.rules_at(3)


def test_what_is_not_in_the_document_is_found_after_the_state() -> None:
    """Rule obs-arguments-before-state: a state that the log does not show may refuse what also names nothing."""
    entries = backup_until("prepare")
    entries[-2:] = [call("IVssAsync::Cancel", "bc-a2")]
    refused = call("DoSnapshotSet", returns="VSS_E_BAD_STATE")
    checked = check([*entries, refused])
    assert [finding for finding in checked.findings if finding.at is At.IMPLEMENTATION] == []


def test_a_later_version_of_an_interface_answers_as_the_first() -> None:
    """Rule ans-object-not-found: `IVssWriterComponentsExt::GetComponent` has the codes of `IVssWriterComponents`."""
    entries = [
        *backup_until("gather"),
        call("GetWriterComponents", iWriter=0, out={"ppWriter": "w"}),
        call("IVssWriterComponents::GetComponent", "w", "VSS_E_OBJECT_NOT_FOUND", iComponent=7),
    ]
    checked = check(entries)
    assert [finding for finding in checked.findings if finding.at is At.IMPLEMENTATION] == []


def test_ids_may_stand_in_a_document_that_was_imported() -> None:
    """Rule sn-getprops-unknown: nobody needs to have been told of an id that came with ImportSnapshots."""
    imported = "{55555555-0000-4000-8000-000000000001}"
    entries = [
        *backup_until("do"),
        create("importer"),
        call("InitializeForBackup", "importer", bstrXML="saved.xml"),
        *asynchronous("ImportSnapshots", "i", "importer"),
        call("GetSnapshotProperties", SnapshotId=imported, out={"pProp": {}}),
    ]
    _silent(entries)


def _event(name: str, instance: str, writer: str = WRITER_ID, answer: Any = True) -> Entry:
    return {"event": name, "writer": writer, "instance": instance, "answer": answer}


@pytest.mark.parametrize("name", ["EnableWriterClasses", "DisableWriterClasses"])
def test_a_filter_after_the_writers_are_prepared_takes_nobody_out(name: str) -> None:
    """Rule seq-writer-filter-before-gather: who was prepared hears on, though no metadata were gathered before."""
    listed = [OTHER_WRITER] if name == "EnableWriterClasses" else [WRITER_ID]
    entries = [
        *backup_until("state"),
        call("DisableWriterClasses", rgWriterClassId=[OTHER_WRITER], cClassId=1),
        call("StartSnapshotSet", out={"pSnapshotSetId": SET_ID}),
        call("AddToSnapshotSet", pwszVolumeName="C:\\", out={"pidSnapshot": SNAPSHOT_ID}),
        call("PrepareForBackup", out={"ppAsync": "p"}),
        _event("PrepareForBackup", INSTANCE),
        call("IVssAsync::Wait", "p"),
        call("IVssAsync::QueryStatus", "p", out={"pHrResult": "VSS_S_ASYNC_FINISHED"}),
        call(name, rgWriterClassId=listed, cClassId=1),
        call("DoSnapshotSet", out={"ppAsync": "d"}),
        _event("PrepareForSnapshot", INSTANCE),
    ]
    _silent(entries)


def test_writers_of_a_loaded_document_are_prepared() -> None:
    """Rule sel-writer-inhibited: the document that the object began with may hold components of the writer."""
    entries = [
        create(),
        call("InitializeForBackup", bstrXML="saved.xml"),
        call("SetBackupState", bSelectComponents=True, bBackupBootableSystemState=False, backupType="VSS_BT_FULL"),
        *asynchronous("GatherWriterMetadata", "g"),
        call("AddComponent", instanceId=INSTANCE, **COMPONENT),
        call("PrepareForBackup", out={"ppAsync": "p"}),
        _event("PrepareForBackup", OTHER_INSTANCE, OTHER_WRITER),
    ]
    _silent(entries)
    entries[1] = call("InitializeForBackup", bstrXML=None)
    assert "sel-writer-inhibited" in check(entries).rules_at(len(entries) + 1)


@pytest.mark.parametrize("prepared", [True, False])
def test_abort_may_be_written_down_before_its_call(prepared: bool) -> None:
    """Rule seq-abort-event-on-freeze-thaw: recorders write a call down when it returns, after all of its events."""
    failed = {"fails": "VSS_E_WRITERERROR_RETRYABLE"}
    made, *waited = asynchronous("DoSnapshotSet", "d", result="VSS_E_UNEXPECTED_WRITER_ERROR")
    before = backup_until("prepare")
    events = [
        _event("PrepareForSnapshot", INSTANCE),
        _event("PrepareForSnapshot", OTHER_INSTANCE, OTHER_WRITER),
        _event("Freeze", INSTANCE),
        _event("Freeze", OTHER_INSTANCE, OTHER_WRITER, failed),
    ]
    aborts = [_event("Abort", INSTANCE), _event("Abort", OTHER_INSTANCE, OTHER_WRITER)]
    if prepared:
        before[-2:-2] = [_event("PrepareForBackup", INSTANCE), _event("PrepareForBackup", OTHER_INSTANCE, OTHER_WRITER)]
    _silent([*before, *events, *aborts, made, *waited])
    silent = [*before, *events, made, *waited]
    assert "seq-abort-event-on-freeze-thaw" in {rule for found in check(silent).findings for rule in (found.rule,)}


def test_a_failure_does_not_outlive_another_gathering() -> None:
    """Rule wr-state-restore: a writer that is asked for its metadata anew stands where nobody says."""
    entries = [
        *restore_until("gather"),
        call("SetSelectedForRestore", bSelectedForRestore=True, **COMPONENT),
        *asynchronous("PreRestore", "pre"),
        call("PostRestore", out={"ppAsync": "post"}),
        _event("PostRestore", INSTANCE, answer={"fails": "VSS_E_WRITERERROR_TIMEOUT"}),
        call("IVssAsync::Wait", "post"),
        call("IVssAsync::QueryStatus", "post", out={"pHrResult": "VSS_S_ASYNC_FINISHED"}),
    ]
    asked, *waited = asynchronous("GatherWriterMetadata", "g2")
    again = [asked, _event("Identify", INSTANCE), *waited]
    status = [
        *asynchronous("GatherWriterStatus", "s"),
        call(
            "GetWriterStatus",
            iWriter=0,
            out={
                "pidInstance": INSTANCE,
                "pidWriter": WRITER_ID,
                "pnStatus": "VSS_WS_STABLE",
                "phResultFailure": "S_OK",
            },
        ),
    ]
    _silent([*entries, *again, *status])
    prepared = len(entries) - 4
    _silent([*entries[:prepared], asked, *entries[prepared:], _event("Identify", INSTANCE), *waited, *status])
    whole = [*entries, *status]
    assert "wr-state-restore" in check(whole).rules_at(len(whole) + 1)


def test_a_status_that_is_gathered_during_an_event_is_of_before_or_after_it() -> None:
    """Rule wr-state-complete: nobody waited for the status when BackupComplete was raised."""
    status, *waited = asynchronous("GatherWriterStatus", "s")
    complete, *ended = asynchronous("BackupComplete", "c")
    handled = [*backup_until("do"), complete, _event("BackupComplete", INSTANCE), *ended]
    shown = {"pidInstance": INSTANCE, "pidWriter": WRITER_ID, "phResultFailure": "S_OK"}
    for state in ("VSS_WS_STABLE", "VSS_WS_WAITING_FOR_BACKUP_COMPLETE"):
        asked = call("GetWriterStatus", iWriter=0, out={**shown, "pnStatus": state})
        made, *creating = asynchronous("DoSnapshotSet", "d")
        events = [_event(name, INSTANCE) for name in ("PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot")]
        _silent([*backup_until("prepare"), made, *events, *creating, status, *handled[-4:], *waited, asked])
    late = [*handled, status, *waited, asked]
    assert "wr-state-complete" in check(late).rules_at(len(late) + 1)


@pytest.mark.parametrize("state", ["VSS_WS_STABLE", 1])
def test_a_state_by_number_is_the_state_by_name(state: str | int) -> None:
    """Rule wr-state-restore: while PreRestore runs its writer may stand where it stood; when it is over it may not.

    Rule wr-state-complete: a writer that heard of the end stands as it is shown, or the status is wrong.
    """
    prepare, *prepared = asynchronous("PreRestore", "pre")
    failing = _event("PreRestore", INSTANCE, answer={"fails": "VSS_E_WRITERERROR_TIMEOUT"})
    shown = {"pidInstance": INSTANCE, "pidWriter": WRITER_ID, "pnStatus": state, "phResultFailure": "S_OK"}
    status = [*asynchronous("GatherWriterStatus", "s"), call("GetWriterStatus", iWriter=0, out=shown)]
    selected = call("SetSelectedForRestore", bSelectedForRestore=True, **COMPONENT)
    before = [*restore_until("gather"), selected, prepare]
    _silent([*before, failing, *status, *prepared])
    whole = [*before, failing, *prepared, *status]
    assert "wr-state-restore" in check(whole).rules_at(len(whole) + 1)
    waits = "VSS_WS_WAITING_FOR_BACKUP_COMPLETE" if isinstance(state, str) else 5
    complete, *ended = asynchronous("BackupComplete", "c")
    handled = [*backup_until("do"), complete, _event("BackupComplete", INSTANCE), *ended]
    late = [*handled, *status[:-1], call("GetWriterStatus", iWriter=0, out={**shown, "pnStatus": waits})]
    assert "wr-state-complete" in check(late).rules_at(len(late) + 1)


def test_nobody_hears_abort_after_a_good_end() -> None:
    """Rule abort-raises-abort: BackupComplete ended the backup for the writer, though no set was made."""
    prepare, *prepared = asynchronous("PrepareForBackup", "p")
    complete, *completed = asynchronous("BackupComplete", "c")
    entries = [
        *backup_until("gather"),
        prepare,
        _event("PrepareForBackup", INSTANCE),
        *prepared,
        complete,
        _event("BackupComplete", INSTANCE),
        *completed,
        call("StartSnapshotSet", out={"pSnapshotSetId": SECOND_SET}),
        call("AbortBackup"),
        _event("BackupShutdown", INSTANCE),
        call("IUnknown::Release", returns=None),
    ]
    _silent(entries)
    del entries[-8:-4]
    assert "abort-raises-abort" in {found.rule for found in check(entries).findings}
