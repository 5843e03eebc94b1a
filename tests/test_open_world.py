"""What the log does not show is unknown, and what is unknown is never held against the requester."""

from typing import Any

import pytest

from tests.support import (
    FOREIGN_ID,
    SET_ID,
    SNAPSHOT_ID,
    asking_for_status,
    asynchronous,
    backup_until,
    call,
    check,
    create,
    restore_until,
)
from vss_sim.judge.findings import At, Level, Outcome
from vss_sim.spec.rules import Standing, rules
from vss_sim.spec.table import Profile


def test_a_good_backup_and_a_good_restore_conform_without_a_word() -> None:
    """The documented sequences, from creation to release."""
    for lines in (backup_until("release"), restore_until("release")):
        checked = check(asking_for_status(lines))
        assert checked.outcome is Outcome.CONFORMS
        assert not checked.findings


def test_an_object_whose_making_is_not_recorded_may_be_in_any_state() -> None:
    """A log that begins in the middle (rule log-open-world)."""
    for start in range(1, 12):
        checked = check(backup_until("release")[start:])
        assert not checked.errors()
        assert checked.rules_at(2) <= {"log-open-world"}


def test_what_an_unknown_object_accepted_is_known_from_then_on() -> None:
    """After a successful SetContext the object is initialised for backup, and a restore call is wrong."""
    checked = check([call("SetContext", lContext="VSS_CTX_BACKUP"), call("PreRestore", returns=None)])
    assert checked.rules_at(3) == {"seq-restore-call-in-backup"}


def test_a_refusal_of_an_unknown_object_names_every_cause_it_may_have() -> None:
    """VSS_E_BAD_STATE on an object of unknown state: no single rule is held to be the one."""
    checked = check([call("AddToSnapshotSet", returns="VSS_E_BAD_STATE", pwszVolumeName="C:\\")])
    (finding,) = checked.errors()
    assert "one of" in finding.says


def test_a_call_without_a_recorded_answer_may_have_failed() -> None:
    """What depends on it is then undecided, and the trace inconclusive, until a later success settles it."""
    unsure = [*backup_until("gather"), call("StartSnapshotSet", returns=None), call("AddToSnapshotSet", returns=None)]
    assert check(unsure).outcome is Outcome.INCONCLUSIVE
    assert check(unsure).rules_at(len(unsure) + 1) >= {"log-open-world"}
    settled = [*unsure, call("AddToSnapshotSet", pwszVolumeName="D:\\", out={"pidSnapshot": SNAPSHOT_ID})]
    assert check([*settled, call("AbortBackup"), call("IUnknown::Release", returns=None)]).outcome is Outcome.CONFORMS


def test_a_creation_that_was_not_recorded_explains_a_handle_that_comes_back() -> None:
    """The address of a released object may be that of the next one (rule log-open-world)."""
    second = [{"call": "CreateVssBackupComponents", "returns": "S_OK"}, *backup_until("release")[1:]]
    assert not check([*backup_until("release"), *second]).errors()


# Asynchronous operations


# Several objects, processes and machines


def test_one_creation_at_a_time_on_a_machine() -> None:
    """A set in progress blocks the machine until it is created, aborted or released (seq-one-creation-at-a-time)."""
    other = [create("other"), call("InitializeForBackup", "other", bstrXML=None)]
    start = call("StartSnapshotSet", "other", None)
    blocked = check([*backup_until("add"), *other, start])
    (finding,) = blocked.errors()
    assert finding.rule == "seq-one-creation-at-a-time"
    assert finding.instead == ("IVssBackupComponents::AbortBackup", "IVssBackupComponents::StartSnapshotSet")
    assert blocked.allowed_at(finding.line) == ("VSS_E_SNAPSHOT_SET_IN_PROGRESS",)
    for free in ([call("AbortBackup")], [call("IUnknown::Release", returns=None)]):
        assert not check([*backup_until("add"), *free, *other, start]).errors()
    assert not check([*backup_until("do"), *other, start]).errors()


def test_machines_do_not_block_each_other() -> None:
    """The creation slot is one a machine."""
    one = [{**entry, "machine": "one"} for entry in backup_until("add")]
    two = [{**entry, "machine": "two"} for entry in backup_until("release")]
    assert not check([*one, *two]).errors()


def test_a_set_of_another_process_is_waited_for() -> None:
    """What blocks is somebody else's: no fault, and the way on is the same call, later (rule seq-in-progress-wait)."""
    one = [{**entry, "process": 1} for entry in backup_until("add")]
    two = [{**entry, "process": 2} for entry in backup_until("gather")]
    refused = call("StartSnapshotSet", returns="VSS_E_SNAPSHOT_SET_IN_PROGRESS", process=2)
    checked = check([*one, *two, refused])
    finding = next(finding for finding in checked.findings if finding.line == len(one) + len(two) + 2)
    assert (finding.rule, finding.level) == ("seq-one-creation-at-a-time", Level.INFO)
    assert finding.instead == ("IVssBackupComponents::StartSnapshotSet",)
    assert "wait until that ends" in finding.says


def test_processes_may_use_the_same_handle_texts() -> None:
    """A handle is a text of one recorder in one process."""
    one = [{**entry, "process": 1} for entry in backup_until("release")]
    two = [{**entry, "process": 2} for entry in restore_until("release")]
    mixed = [entry for pair in zip(one, two, strict=False) for entry in pair] + one[len(two) :] + two[len(one) :]
    assert not check(mixed).errors()


def test_a_reboot_ends_every_object() -> None:
    """A handle does not outlive its machine."""
    lines = [*backup_until("add"), {"happens": "reboot"}, call("DoSnapshotSet", returns=None)]
    assert check(lines).rules_at(len(lines) + 1) == {"com-call-after-release"}


# Identifiers


def test_pointers_into_the_document_die_with_the_events() -> None:
    """IVssWriterComponents must be fetched again after PrepareForBackup (rule get-writer-components-invalidated)."""
    lines = [
        *backup_until("add"),
        call("GetWriterComponents", iWriter=0, out={"ppWriter": "w"}),
        call("IVssWriterComponentsExt::GetComponentCount", "w"),
        *asynchronous("PrepareForBackup"),
        call("IVssWriterComponentsExt::GetComponentCount", "w"),
    ]
    checked = check(lines)
    assert not checked.errors()
    assert checked.rules_at(len(lines) + 1) == {"get-writer-components-invalidated"}


# Profiles


def test_the_documented_profile_refuses_what_windows_lets_pass() -> None:
    """PrepareForBackup without GatherWriterMetadata (rule seq-gather-metadata-always)."""
    lines = [
        *backup_until("state"),
        call("StartSnapshotSet", out={"pSnapshotSetId": SET_ID}),
        call("AddToSnapshotSet", pwszVolumeName="C:\\", out={"pidSnapshot": SNAPSHOT_ID}),
        call("PrepareForBackup", returns=None),
    ]
    assert check(lines).outcome is Outcome.CONFORMS
    assert check(lines, Profile.DOCUMENTED).rules_at(len(lines) + 1) == {"seq-gather-metadata-always"}


# Answers


def test_an_answer_that_the_table_does_not_allow_is_the_implementations() -> None:
    """A refusal of a call that is certainly legal is news about the model, or a wrong implementation."""
    checked = check([create(), call("InitializeForBackup", returns="VSS_E_BAD_STATE", bstrXML=None)])
    (finding,) = checked.errors()
    assert finding.at is At.IMPLEMENTATION


def test_failures_of_the_machine_are_nobodys_fault() -> None:
    """E_OUTOFMEMORY, and codes of COM below VSS (rule ans-from-below), are worth knowing and no more."""
    for code in ("E_OUTOFMEMORY", "0x800706BA", "CO_E_NOTINITIALIZED", -2147221164):
        checked = check([create(), call("InitializeForBackup", returns=code, bstrXML=None)])
        assert checked.outcome is Outcome.CONFORMS
        assert checked.findings[0].level is Level.INFO


@pytest.mark.parametrize(
    ("name", "arguments", "rule"),
    [
        ("AddToSnapshotSet", {"pwszVolumeName": "C:"}, "obs-volume-name-backslash"),
        ("AddComponent", {"wszComponentName": None}, "add-component-name-not-null"),
        ("SetBackupState", {"backupType": "VSS_BT_UNDEFINED"}, "backup-type-undefined-error"),
        ("SetBackupState", {"backupType": 0}, "backup-type-undefined-error"),
        ("DeleteSnapshots", {"eSourceObjectType": "VSS_OBJECT_PROVIDER"}, "delete-object-type"),
        ("Query", {"QueriedObjectId": FOREIGN_ID}, "sn-query-args"),
        ("ImportSnapshots", {"ppAsync": None}, "im-null-pointer"),
    ],
)
def test_arguments_are_looked_at_first(name: str, arguments: dict[str, Any], rule: str) -> None:
    """A bad argument is refused whatever the state (rule obs-arguments-before-state)."""
    checked = check([create(), call(name, returns="E_INVALIDARG", **arguments)])
    assert rule in checked.rules_at(3)
    assert "E_INVALIDARG" in checked.allowed_at(3)


def test_an_object_whose_slot_was_taken_keeps_its_phase() -> None:
    """A second set that VSS let begin is an error of both sides; the first object goes on as it was."""
    other = [create("other"), call("InitializeForBackup", "other", bstrXML=None)]
    start = call("StartSnapshotSet", "other", out={"pSnapshotSetId": FOREIGN_ID})
    lines = [*backup_until("add"), *other, start]
    checked = check([*lines, call("IsVolumeSupported", pwszVolumeName="C:\\"), *asynchronous("PrepareForBackup")])
    assert {finding.line for finding in checked.errors()} == {len(lines) + 1}
    assert all(report.allowed for report in checked.calls)


def test_what_was_in_progress_when_the_service_stopped_is_unknown() -> None:
    """The set of the first object may be gone, and another may begin."""
    stops = {"happens": "service stops", "service": "VSS"}
    again = [create("other"), call("InitializeForBackup", "other", bstrXML=None), call("StartSnapshotSet", "other")]
    lines = backup_until("add")
    assert check([*lines, *again]).errors()
    assert not check([*lines, stops, *again]).errors()
    assert check([*lines, {**stops, "service": "SQLWriter"}, *again]).errors()
    assert not check([*lines, stops, *asynchronous("PrepareForBackup")]).errors()


def test_a_count_of_references_is_no_answer() -> None:
    """AddRef and Release answer with a number that means no HRESULT."""
    lines = [*backup_until("state"), call("IUnknown::AddRef", returns=2), call("IUnknown::Release", returns=1)]
    reports = check(lines).calls[-2:]
    assert [(report.observed, report.allowed) for report in reports] == [(None, ()), (None, ())]


def test_a_refusal_that_the_documentation_foresees_is_no_news_of_windows() -> None:
    """What Windows is known to let pass may be refused all the same: by the rule that was broken, and that is told."""
    gathered = asynchronous("GatherWriterMetadata", "bc-a1")
    begun = [line for line in backup_until("add") if line not in gathered]
    passed = check([*begun, call("PrepareForBackup", out={"ppAsync": "a"})])
    assert "seq-gather-metadata-always" in {finding.rule for finding in passed.findings}
    assert not passed.errors()
    (refused,) = check([*begun, call("PrepareForBackup", returns="VSS_E_BAD_STATE")]).errors()
    assert (refused.rule, refused.at) == ("seq-gather-metadata-always", At.REQUESTER)
    assert refused.instead[0].endswith("::GatherWriterMetadata")


def test_a_shadow_copy_that_vss_still_knows_is_not_held_against_every_call() -> None:
    """That it should be gone is said of the first call that VSS took; what it took shows that it is there."""
    gone = call("DeleteSnapshots", SourceObjectId=SNAPSHOT_ID, eSourceObjectType="VSS_OBJECT_SNAPSHOT")
    look = call("GetSnapshotProperties", SnapshotId=SNAPSHOT_ID)
    lines = [*backup_until("complete"), gone]
    assert {finding.line for finding in check([*lines, look, look]).errors()} == {len(lines) + 2}


def test_a_line_that_names_the_only_machine_is_of_the_same_as_one_that_names_none() -> None:
    """Where the world has one machine: a restart that names it ends the objects of calls that do not."""
    lines = [
        *backup_until("prepare"),
        {"happens": "reboot", "machine": "one"},
        call("DoSnapshotSet", out={"ppAsync": "a"}),
    ]
    alone = check(lines, world={"machines": [{"name": "one"}]})
    assert alone.rules_at(len(lines) + 1) == {"com-call-after-release"}
    assert not check(lines, world={"machines": [{"name": "one"}, {"name": "two"}]}).rules_at(len(lines) + 1)


@pytest.mark.parametrize(
    ("system", "code", "told"),
    [
        (None, "VSS_E_UNEXPECTED", None),
        (None, "E_UNEXPECTED", None),
        ("Windows Server 2008", "VSS_E_UNEXPECTED", Level.WARNING),
        ("Windows Server 2008", "E_UNEXPECTED", None),
        ("Windows Server 2008 R2", "VSS_E_UNEXPECTED", None),
        ("Windows 7", "E_UNEXPECTED", Level.INFO),
        ("Windows XP", "VSS_E_UNEXPECTED", Level.WARNING),
    ],
)
def test_by_which_code_a_failure_is_unexpected_the_system_says_that_the_header_names(
    system: str | None, code: str, told: Level | None
) -> None:
    """Rule ans-unexpected-by-system, of a call and of the result of an operation; a system not told is any of them."""
    world = {"machines": [{"name": "", "os": system}]} if system else None
    begun = [create(), call("InitializeForBackup", bstrXML=None)]
    for lines in (
        [*begun, call("SetBackupState", returns=code)],
        [*begun, *asynchronous("GatherWriterMetadata", result=code)],
        [{"call": "IsVolumeSnapshotted", "in": {"pwszVolumeName": "C:\\"}, "returns": code}],
    ):
        found = [one for one in check(lines, world=world).findings if one.rule == "ans-unexpected-by-system"]
        assert [(one.level, one.at) for one in found] == ([(told, At.IMPLEMENTATION)] if told else [])


def test_of_several_causes_one_leads_that_no_page_disputes() -> None:
    """Where the log shows nothing of the object, StartSnapshotSet may have been refused by any of its rules."""
    lone = call("StartSnapshotSet", returns="VSS_E_BAD_STATE")
    (finding,) = check([lone]).errors()
    assert rules()[finding.rule].standing is Standing.DOCUMENTED
    told = finding.says.partition("one of ")[2].split(", ")
    assert told[0] == finding.rule
    assert {"seq-init-before-anything", "seq-startset-before-prepare"} <= set(told)


def test_a_disputed_rule_leads_where_there_is_no_other() -> None:
    """It is the one thing that the log shows to be wrong."""
    late = call("StartSnapshotSet", returns="VSS_E_BAD_STATE")
    lines = [*backup_until("gather"), *asynchronous("PrepareForBackup", "bc-p"), late]
    (finding,) = check(lines).errors()
    assert finding.rule == "seq-startset-before-prepare"


def test_a_call_that_went_through_brings_no_writers_into_a_context_without_them() -> None:
    """What SetContext chose stays (rule seq-setcontext-once): the refusal and the creation after it are in order."""
    component = {"ct": "VSS_CT_FILEGROUP", "wszLogicalPath": None, "wszComponentName": "data"}
    lines = [
        *backup_until("initialize"),
        call("SetContext", lContext="VSS_CTX_FILE_SHARE_BACKUP"),
        *backup_until("add")[2:],
        call("AddComponent", instanceId=SET_ID, writerId=SNAPSHOT_ID, **component),
        call("PrepareForBackup", returns="VSS_E_BAD_STATE"),
        *asynchronous("DoSnapshotSet"),
    ]
    checked = check(lines)
    added = 2 + next(number for number, line in enumerate(lines) if line["call"].endswith("AddComponent"))
    errors = [(finding.line, finding.at, finding.rule) for finding in checked.errors()]
    assert errors == [
        (added, At.REQUESTER, "seq-writerless-forbidden"),
        (added, At.IMPLEMENTATION, "seq-writerless-forbidden"),
        (added + 1, At.REQUESTER, "seq-writerless-forbidden"),
    ]


def test_what_was_missing_is_told_of_a_call_that_windows_lets_pass_or_refuses() -> None:
    """PrepareForBackup without GatherWriterMetadata: systems differ, the pages do not (seq-gather-metadata-always)."""
    begun = [call("StartSnapshotSet"), call("AddToSnapshotSet", pwszVolumeName="C:\\")]
    before = [*backup_until("state"), *begun]
    missing = ": writer metadata was not gathered - expected: writer metadata is gathered"
    for answer, level in (("S_OK", Level.WARNING), ("VSS_E_BAD_STATE", Level.ERROR)):
        findings = check([*before, call("PrepareForBackup", returns=answer)]).findings
        (finding,) = (one for one in findings if one.rule == "seq-gather-metadata-always")
        assert finding.level is level
        assert missing in finding.says
