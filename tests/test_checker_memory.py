"""The checker remembers what it needs, forgets in good order, and loses nothing that it had to say."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from tests.logs_by_hand import DONE, LOCKED, MAPPED, MAPPING, ORIGINALS, Log
from tests.support import SET_ID, SNAPSHOT_ID, Entry, asking_for_status, asynchronous, backup_until, call, check, create
from vss_sim.judge.checker import Checker
from vss_sim.judge.file_positions import Positions, follow
from vss_sim.judge.findings import At, Finding, Level, Outcome
from vss_sim.judge.history import Step
from vss_sim.trace.lines import Line


def _said(entries: list[Entry], **options: Any) -> tuple[Outcome, list[Finding]]:
    findings: list[Finding] = []
    checker = Checker(findings.append, **options)
    checker.feed_block(b"\n".join([json.dumps(entry).encode() for entry in entries]), 1)
    return checker.finish().outcome, findings


def test_an_earlier_operation_says_nothing_of_a_later_one() -> None:
    """PrepareForBackup failed and was made again: asking the first one once more changes nothing."""
    lines = [
        *backup_until("add"),
        *asynchronous("PrepareForBackup", "p1", result="VSS_E_UNEXPECTED"),
        *asynchronous("PrepareForBackup", "p2"),
        call("IVssAsync::QueryStatus", "p1", out={"pHrResult": "VSS_E_UNEXPECTED"}),
        *asynchronous("DoSnapshotSet", "d"),
    ]
    assert not check(lines).errors()


def test_a_handle_that_is_used_again_takes_nothing_with_it() -> None:
    """What was suspected of, or undecided about, the former object is said when its handle is given to another."""
    taken = [create(), call("IUnknown::QueryInterface"), *backup_until("state")[1:]]
    late = [*taken, call("IUnknown::Release", returns=None), call("GetWriterStatusCount")]
    assert _said([*late, *backup_until("release")])[0] is Outcome.VIOLATES
    open_ended = [
        *backup_until("gather"),
        call("StartSnapshotSet", returns=None),
        call("AddToSnapshotSet", returns=None),
    ]
    assert _said([*open_ended, *backup_until("release")])[0] is Outcome.INCONCLUSIVE


def test_the_oldest_handles_are_forgotten_first() -> None:
    """A handle that is made anew is young again, however often its text was used before."""
    lines: list[Entry] = []
    for round_ in range(40):
        lines += asking_for_status(backup_until("release"))
        lines += [create(f"other{round_}"), call("InitializeForBackup", f"other{round_}", bstrXML=None)]
    outcome, findings = _said(lines, memory=4)
    assert outcome is Outcome.CONFORMS
    assert {finding.rule for finding in findings} <= {"object-release-after-operation"}


def test_what_was_forgotten_is_unknown() -> None:
    """A very old object is judged like one whose making is not in the log."""
    lines = [*backup_until("gather"), *(create(f"other{number}") for number in range(20))]
    outcome, findings = _said([*lines, call("AddToSnapshotSet", pwszVolumeName="C:\\")], memory=4)
    assert outcome is Outcome.CONFORMS
    assert "log-open-world" in {finding.rule for finding in findings}


def test_a_success_settles_only_what_it_shows() -> None:
    """GetSessionId tells nothing of an unanswered AddToSnapshotSet; DoSnapshotSet does."""
    open_ended = [
        *backup_until("gather"),
        call("StartSnapshotSet", returns=None),
        call("AddToSnapshotSet", returns=None),
    ]
    assert check([*open_ended, call("IVssBackupComponentsEx3::GetSessionId")]).outcome is Outcome.INCONCLUSIVE
    shown = [*open_ended, *asynchronous("PrepareForBackup", "p"), *asynchronous("DoSnapshotSet", "d")]
    assert check(shown).outcome is Outcome.CONFORMS


def test_every_undecided_call_is_counted() -> None:
    """The first of them are named."""
    calls = [call("AddToSnapshotSet", returns=None) for _ in range(100)]
    tally = check([*backup_until("gather"), call("StartSnapshotSet", returns=None), *calls]).tally
    assert tally.undecided == 100


def test_the_end_of_a_process_ends_its_objects_and_no_others() -> None:
    """Without a process, only objects without one."""
    lines = [{**entry, "process": 1} for entry in backup_until("add")]
    abort = call("AbortBackup", process=1)
    assert not check([*lines, {"happens": "process ends"}, abort]).errors()
    assert check([*lines, {"happens": "process ends", "process": 1}, abort]).errors()


def test_components_are_compared_without_regard_to_case() -> None:
    """When they are marked as much as when they are found missing."""
    component: dict[str, Any] = {"writerId": SET_ID, "instanceId": SET_ID, "wszLogicalPath": "Dir"}
    component["wszComponentName"] = "Db"
    marked = {**component, "wszLogicalPath": "DIR", "wszComponentName": "DB"}
    first, second = backup_until("gather"), backup_until("do")[len(backup_until("gather")) :]
    backup = [*first, call("AddComponent", **component), *second]
    state: dict[str, Any] = {"bSelectComponents": True, "backupType": "VSS_BT_FULL"}
    backup[2] = call("SetBackupState", **state)
    done = asynchronous("BackupComplete", "c")
    assert not [
        f for f in check([*backup, call("SetBackupSucceeded", **marked), *done]).findings if f.level is Level.WARNING
    ]
    assert "seq-succeeded-per-component" in {finding.rule for finding in check([*backup, *done]).findings}
    missing = check([*backup, call("SetBackupSucceeded", returns=None, **{**marked, "wszComponentName": "X"})])
    assert missing.rules_at(len(backup) + 2) == {"set-backup-succeeded-match-component"}


@pytest.mark.parametrize(
    ("answer", "level"),
    [("VSS_S_ASYNC_FINISHED", None), ("VSS_S_ASYNC_CANCELLED", None), ("VSS_E_PROVIDER_VETO", Level.INFO)],
)
def test_cancel_tells_what_became_of_the_operation(answer: str, level: Level | None) -> None:
    """Too late, already cancelled, or failed before (rule seq-async-cancel-codes)."""
    lines = [
        *backup_until("prepare"),
        call("DoSnapshotSet", out={"ppAsync": "a"}),
        call("IVssAsync::Cancel", "a", answer),
        call("BackupComplete", returns="S_OK" if answer == "VSS_S_ASYNC_FINISHED" else "VSS_E_BAD_STATE"),
    ]
    checked = check(lines)
    assert [finding.level for finding in checked.findings if finding.line == len(lines)] == ([level] if level else [])
    assert not [finding for finding in checked.findings if finding.at is At.IMPLEMENTATION]


@pytest.mark.parametrize(
    ("entry", "rule", "level"),
    [
        (call("IVssAsync::Wait", "a", "E_INVALIDARG", dwMilliseconds=1000), "async-wait-2003-infinite", Level.INFO),
        (call("IVssAsync::Wait", "a", "E_INVALIDARG"), "async-wait-2003-infinite", Level.INFO),
        (call("IVssAsync::Wait", "a", "E_INVALIDARG", dwMilliseconds="INFINITE"), "ans-invalid-argument", Level.INFO),
        (call("IVssAsync::Wait", "a", "E_INVALIDARG", dwMilliseconds=-1), "ans-invalid-argument", Level.INFO),
        (call("IVssAsync::Wait", "a", "E_ACCESSDENIED"), "ans-unexpected", Level.INFO),
        (call("IVssAsync::Wait", "a", "VSS_E_PROVIDER_VETO"), "ans-provider-veto", Level.INFO),
        (call("IVssAsync::QueryStatus", "a", "E_INVALIDARG"), "async-query-reserved-null", Level.ERROR),
        (call("IVssAsync::QueryStatus", "a", "E_ACCESSDENIED"), "ans-unexpected", Level.INFO),
        (call("IVssAsync::QueryStatus", "a", out={"pHrResult": "nonsense!"}), "log-unknown-name", Level.INFO),
        (call("IVssAsync::QueryStatus", "a", out={"pHrResult": "S_OK"}), "async-query-result-codes", Level.WARNING),
        (call("IVssAsync::QueryStatus", "a", out={"pHrResult": "S_FALSE"}), "async-query-result-codes", Level.ERROR),
        (call("IVssAsync::QueryStatus", "a", out={"pHrResult": 0x8004230F}), "ans-provider-trouble", Level.INFO),
        (call("IVssAsync::QueryStatus", "a", out={"pHrResult": "E_NOTIMPL"}), "ans-undocumented", Level.WARNING),
    ],
)
def test_odd_answers_of_an_operation_are_judged(entry: Entry, rule: str, level: Level) -> None:
    """Each by its rule."""
    lines = [*backup_until("prepare"), call("DoSnapshotSet", out={"ppAsync": "a"}), entry]
    found = [(f.rule, f.level) for f in check(lines).findings if f.rule != "object-release-after-operation"]
    assert found == [(rule, level)]


def test_references_are_counted() -> None:
    """AddRef and a recorded QueryInterface keep an object alive; the count that Release answers is believed."""
    used = backup_until("state")
    release = call("IUnknown::Release", returns=None)
    later = call("GatherWriterStatus", out={"pAsync": "s"})
    assert not check([*used, call("IUnknown::AddRef", returns=None), release, later, release]).errors()
    queried = call("IUnknown::QueryInterface", out={"ppvObject": "bc2"})
    assert not check([*used, queried, release, {**later, "on": "bc2"}, {**release, "on": "bc2"}]).errors()
    assert not check([*used, call("IUnknown::Release", returns=1), later, release]).errors()
    assert check([*used, call("IUnknown::Release", returns=0), later]).errors()
    assert check([*used, release, release]).errors()


def test_a_released_async_is_gone() -> None:
    """As is any other object (rule com-call-after-release)."""
    lines = [*backup_until("gather"), call("IUnknown::Release", "bc-a1", None), call("IVssAsync::Wait", "bc-a1")]
    assert check(lines).rules_at(len(lines) + 1) == {"com-call-after-release"}
    meta = call("GetWriterMetadata", iWriter=0, out={"ppMetadata": "m"})
    reads = call("IVssExamineWriterMetadata::GetFileCounts", "m")
    lines = [*backup_until("gather"), meta, reads, call("IUnknown::Release", "m", None), reads]
    assert check(lines).rules_at(len(lines) + 1) == {"com-call-after-release"}


@pytest.mark.parametrize(
    ("context", "rule"),
    [
        ("VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_DIFFERENTIAL|VSS_VOLSNAP_ATTR_PLEX", "sn-attr-diff-plex-exclusive"),
        ("VSS_CTX_CLIENT_ACCESSIBLE|VSS_VOLSNAP_ATTR_TRANSPORTABLE", "sn-attr-not-with-client-accessible"),
        ("VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_IMPORTED", "sn-attr-auto-only"),
        ("VSS_CTX_APP_BACKUP", "log-unknown-name"),
        (0x40000000, "sn-ctx-invalid"),
        (True, "sn-ctx-invalid"),
    ],
)
def test_contexts_that_do_not_go_together(context: object, rule: str) -> None:
    """The pages forbid them, and name no code for certain."""
    lines = [*backup_until("initialize"), call("SetContext", lContext=context)]
    assert check(lines).rules_at(len(lines) + 1) == {rule}


@pytest.mark.parametrize("truth", [True, 1, "true", "TRUE"])
def test_a_boolean_may_be_written_in_several_ways(truth: object) -> None:
    """As recorders write it."""
    lines = [
        *backup_until("initialize"),
        call("SetBackupState", bSelectComponents=truth),
        *asynchronous("GatherWriterMetadata"),
    ]
    component = {"writerId": SET_ID, "instanceId": SET_ID, "wszLogicalPath": None, "wszComponentName": "c"}
    assert not [f for f in check([*lines, call("AddComponent", **component)]).findings if f.level is Level.WARNING]
    volumes = [*backup_until("initialize"), call("SetBackupState", bSelectComponents="false"), *lines[3:]]
    assert check([*volumes, call("AddComponent", **component)]).rules_at(len(volumes) + 2) == {
        "add-component-component-mode"
    }


def test_the_ids_of_a_set_may_be_forgotten_before_its_volumes_are_added(monkeypatch: pytest.MonkeyPatch) -> None:
    """A set of which nothing is known any more; what it has is not known in full, so that nobody is blamed for it."""
    monkeypatch.setattr("vss_sim.judge.named_things.MEMORY", 1)
    ids = [f"{{22222222-0000-0000-0000-0000000000{number:02}}}" for number in range(4)]
    added = [
        call("AddToSnapshotSet", pwszVolumeName=f"{'CDEF'[at]}:\\", out={"pidSnapshot": ids[at]}) for at in range(4)
    ]
    made = [call("GetSnapshotProperties", SnapshotId=one) for one in ids]
    lines = [*backup_until("start"), *added, *backup_until("do")[len(backup_until("add")) :], *made]
    assert {finding.level for finding in check(lines).findings} <= {Level.INFO}


_INITIALIZES: Final = {"call": "CoInitializeSecurity", "in": {}, "returns": "S_OK"}


@pytest.mark.parametrize(
    ("end", "again"),
    [
        ({"happens": "process ends", "process": 41}, False),
        ({"happens": "reboot"}, False),
        ({"happens": "process ends", "process": 42}, True),
    ],
)
def test_the_next_process_of_a_name_initialises_com_anew(end: Entry, *, again: bool) -> None:
    """Rule sec-com-once: whether it has made objects or not."""
    lines = [{**_INITIALIZES, "process": 41}, end, {**_INITIALIZES, "process": 41}]
    assert ("sec-com-once" in {one.rule for one in check(lines).findings}) is again


def test_of_many_processes_the_last_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Which of them initialised COM, and which tries a backup again; what goes on is younger than what began."""
    monkeypatch.setattr("vss_sim.judge.calls.com_security._PROCESSES", 2)
    monkeypatch.setattr("vss_sim.judge.backups.retries._PROCESSES", 2)
    told = [one.line for one in check([{**_INITIALIZES, "process": one} for one in (1, 2, 1, 3, 2, 1)]).findings]
    assert told == [4]
    case = Path(__file__).parent.parent / "conformance/cases/writer-status/retried-at-once.jsonl"
    lines = [json.loads(text) for text in case.read_text().splitlines()[1:]]
    began = next(number for number, line in enumerate(lines) if line.get("on") == "bc2") - 1
    for others, retried in ((1, True), (2, False)):
        entries = [{**line, "process": 0} for line in lines[:began]]
        for process in range(1, others + 1):
            entries += [{**line, "process": process} for line in lines[:began] if "call" in line]
        entries += [{**line, "process": 0} for line in lines[began:]]
        assert ("req-retryable-retry" in {one.rule for one in check(entries).findings}) is retried


def test_a_device_that_is_shown_anew_is_known_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    """Names of devices come again after a restart; those that were shown last are remembered, however many came first.

    Rule sn-deleted-gone: the copy that has the name now was not deleted.
    """
    monkeypatch.setattr("vss_sim.judge.shadows.shadow_files._MOST", 1)

    def copy_of(number: int, *more: Entry) -> list[Entry]:
        key = f"{{22222222-0000-0000-0000-0000000000{number:02}}}"
        shown = {"m_SnapshotId": key, "m_pwszSnapshotDeviceObject": _DEVICE + str(number % 2)}
        lines = json.dumps([*backup_until("do"), call("GetSnapshotProperties", SnapshotId=key, out={"pProp": shown})])
        return [*json.loads(lines.replace(SNAPSHOT_ID, key).replace("bc", f"bc{number}")), *more]

    read: Entry = {"call": "CopyFile", "in": {"lpExistingFileName": f"{_DEVICE}1\\a", "lpNewFileName": "X:\\a"}}
    key = "{22222222-0000-0000-0000-000000000001}"
    deleted = call("DeleteSnapshots", "bc1", SourceObjectId=key, eSourceObjectType="VSS_OBJECT_SNAPSHOT")
    again = [*copy_of(1, deleted), *copy_of(2), *copy_of(3)]
    assert "sn-deleted-gone" in {one.rule for one in check([*copy_of(1, deleted), read]).findings}
    assert "sn-deleted-gone" not in {one.rule for one in check([*again, read]).findings}


_DEVICE = "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy"


def test_of_more_delayed_removals_than_are_remembered_nobody_says_that_a_file_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Rule rar-replace-existing: the file that is there may be removed before the move."""
    monkeypatch.setattr("vss_sim.judge.restoring.delayed_moves.FILES", 1)
    log = Log().to("RESTORE_AT_REBOOT").look(ORIGINALS[0])
    removed = {"lpNewFileName": None, "dwFlags": "MOVEFILE_DELAY_UNTIL_REBOOT"}
    for path in ("C:\\x", ORIGINALS[0]):
        log.line("MoveFileEx", returns=DONE, given={"lpExistingFileName": path, **removed})
    log.put("C:\\stage\\a").move("C:\\stage\\a", ORIGINALS[0], 4)
    assert "rar-replace-existing" not in {one.rule for one in check(log.entries).findings}


def given_up_at_last() -> Log:
    """IF_CAN_REPLACE, with mappings: the last file of the set is held open."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", MAPPING)
    handles = [log.open(path) for path in ORIGINALS[:-1]]
    log.open(ORIGINALS[-1], returns=LOCKED)
    return log.close(*handles)


GREAT: Final[dict[str, Callable[[], Log]]] = {
    "made new": lambda: Log().to("RESTORE_IF_NOT_THERE").put(*ORIGINALS, how="CREATE_NEW").tell(),
    "mapped": lambda: (
        Log().to("RESTORE_IF_NOT_THERE", MAPPING).look(ORIGINALS[0]).put(*MAPPED, how="CREATE_NEW").record().tell()
    ),
    "replaced": lambda: Log().to("RESTORE_IF_CAN_REPLACE").put(*ORIGINALS, existed=True).tell(),
    "the last one is in the way": lambda: given_up_at_last().put(*MAPPED, how="CREATE_NEW").record().tell(),
}


@pytest.mark.parametrize("name", GREAT)
def test_of_more_files_than_are_remembered_nobody_says_what_became_of_them(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rules rint-never-overwrite-original, ricr-no-early-mapping: the verdict is left open, and that is told."""
    log = GREAT[name]().end()
    assert check(log.entries).findings == ()
    for module in ("put_back", "putting_back"):
        monkeypatch.setattr(f"vss_sim.judge.restoring.{module}.FILES", 1)
    found = check(log.entries)
    assert {(one.rule, one.level) for one in found.findings} == {("log-open-world", Level.INFO)}
    assert found.outcome is Outcome.INCONCLUSIVE


def test_where_more_handles_stand_than_are_remembered_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The handles that were moved last are remembered, as elsewhere."""
    monkeypatch.setattr("vss_sim.judge.file_positions._MOST", 2)
    positions: Positions = {}
    for number in range(4):
        given = {"hFile": f"h{number}", "liDistanceToMove": number, "dwMoveMethod": "FILE_BEGIN"}
        line = Line(call="SetFilePointerEx", in_=given, returns=DONE)
        follow(Step(number, line, None), "SetFilePointerEx", positions)
    assert positions == {"h2": 2, "h3": 3}
