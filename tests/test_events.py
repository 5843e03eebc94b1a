"""Writer events: what a log that shows some, or only some of them, is held against, and what is held against nobody."""

import json
from pathlib import Path

import pytest

from tests.support import CASES, Entry, asynchronous, backup_until, call, check, create, entries_of
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import At, Finding, Level
from vss_sim.spec.events import EVENTS, NOT_RAISED, RAISED_BY, RAISED_IN
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.rules import rules

GOOD = [
    path
    for path in CASES
    if path.parent.name == "events" and json.loads(path.read_text().splitlines()[0])["verdict"] == "conforms"
]
EVERY_GOOD_CASE = pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
WRITER = "{33333333-0000-0000-0000-000000000001}"
INSTANCE = "{44444444-0000-0000-0000-000000000001}"


def event(name: str, instance: str = INSTANCE, **more: object) -> Entry:
    """An event line."""
    return {"event": name, "writer": WRITER, "instance": instance, "answer": True, **more}


def against_vss(entries: list[Entry]) -> list[Finding]:
    """The errors of the implementation."""
    return [finding for finding in check(entries).errors() if finding.at is At.IMPLEMENTATION]


def test_the_table_of_events_is_whole() -> None:
    """Every event is raised by a method of the protocol, and every rule is there."""
    assert set(RAISED_BY) <= set(METHODS)
    assert {event for events in RAISED_BY.values() for event in events} == set(EVENTS)
    assert set(RAISED_IN) == set(RAISED_BY)
    cited = {rule for event in EVENTS.values() for rule in event.rules}
    cited |= {rule for broken in NOT_RAISED.values() for rule in broken}
    assert cited <= set(rules())


@EVERY_GOOD_CASE
def test_a_log_without_events_says_nothing_of_events(path: Path) -> None:
    """Open world: who records no event is not held to have raised none."""
    assert not against_vss([entry for entry in entries_of(path) if "event" not in entry])


@EVERY_GOOD_CASE
@pytest.mark.parametrize("kept", [{"Freeze", "Thaw", "Abort"}, {"Identify"}, {"PrepareForBackup", "BackupComplete"}])
def test_a_recorder_of_some_kinds_is_no_error(path: Path, kept: set[str]) -> None:
    """A kind of event that the log never shows is missed by a warning, once, and never by an error."""
    entries = [entry for entry in entries_of(path) if entry.get("event", "Freeze") in kept]
    entries = [entry for entry in entries_of(path) if "event" not in entry or entry["event"] in kept]
    assert not against_vss([*entries, *entries])


@EVERY_GOOD_CASE
def test_a_recorder_of_one_writer_is_no_error(path: Path) -> None:
    """The events of other writers are not missed."""
    entries = entries_of(path)
    for instance in {entry["instance"] for entry in entries if "event" in entry}:
        assert not against_vss([entry for entry in entries if entry.get("instance", instance) == instance])


@EVERY_GOOD_CASE
def test_a_log_may_begin_and_end_anywhere(path: Path) -> None:
    """What came before and what comes after is held against nobody."""
    entries = entries_of(path)
    for at in range(len(entries)):
        assert not against_vss(entries[:at])
        assert not against_vss(entries[at:])


@EVERY_GOOD_CASE
def test_a_call_may_be_written_down_when_it_returns(path: Path) -> None:
    """The first events of a call may stand in the log before the call itself."""
    entries = entries_of(path)
    for at in range(1, len(entries)):
        called = entries[at - 1].get("call", "").rpartition("::")[2]
        if "event" in entries[at] and called in RAISED_BY:
            moved = [*entries[: at - 1], entries[at], entries[at - 1], *entries[at + 1 :]]
            assert not [finding for finding in check(moved).findings if finding.at is At.IMPLEMENTATION]


@EVERY_GOOD_CASE
def test_a_writer_that_goes_away_is_not_missed(path: Path) -> None:
    """The process of a writer may end between two backups, and with it its instance."""
    entries = entries_of(path)
    again = json.loads(json.dumps(entries).replace("44444444", "55555555"))
    assert not against_vss([*entries, *again])


def test_events_of_a_requester_outside_the_log_are_not_ours() -> None:
    """A whole backup of somebody else goes by while an object of the log does nothing."""
    names = ("Identify", "PrepareForBackup", "PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot")
    foreign = [event(name) for name in (*names, "BackupComplete", "BackupShutdown")]
    idle = [create(), call("InitializeForBackup", bstrXML=None)]
    assert not against_vss([*idle, *foreign, call("IUnknown::Release", returns=None)])
    restore = [event("PreRestore"), event("PostRestore")]
    assert not against_vss([*idle, *restore, call("IUnknown::Release", returns=None)])


def test_what_another_requester_could_have_raised_is_a_warning() -> None:
    """BackupComplete before its call: an error only where the line names the object."""
    lines = backup_until("do")
    for at, entry in reversed(list(enumerate(lines, 1))):
        if entry["call"].endswith("::PrepareForBackup"):
            lines.insert(at, event("PrepareForBackup"))
    early = [*lines, event("BackupComplete"), *[call("FreeWriterMetadata")], *asynchronous("BackupComplete", "bc-a4")]
    found = [finding for finding in check(early).findings if finding.rule == "seq-complete-event-on-call"]
    assert [finding.level for finding in found] == [Level.WARNING]
    named = [event("BackupComplete", on="bc") if entry == event("BackupComplete") else entry for entry in early]
    found = [finding for finding in check(named).findings if finding.rule == "seq-complete-event-on-call"]
    assert [finding.level for finding in found] == [Level.ERROR]


def test_events_belong_to_their_machine() -> None:
    """Freeze on another machine is none of this one's shadow copy set."""
    begun = backup_until("add")
    assert against_vss([*begun, event("Freeze")])
    assert not against_vss([*begun, event("Freeze", machine="two")])


def test_an_unknown_event_or_one_without_an_instance_is_read_over() -> None:
    """A line that does not say whose event it is tells nothing of any writer."""
    begun = backup_until("release")
    nameless = {"event": "Thaw", "writer": WRITER, "answer": True}
    assert not against_vss([*begun, nameless, event("Frieze"), nameless])


def test_memory_of_writers_is_bounded() -> None:
    """However many instances a log shows, so many are remembered and no more."""
    findings: list[Finding] = []
    checker = Checker(findings.append)
    lines: list[Entry] = []
    for number in range(1500):
        lines += backup_until("release", f"bc{number}") if number % 15 == 0 else []
        lines.append(event("Identify", f"{{44444444-0000-0000-0000-{number:012}}}"))
    checker.feed_block(b"\n".join([json.dumps(entry).encode() for entry in lines]), 1)
    memory = checker._history.machines[""].writers
    assert memory is not None
    assert len(memory.writers) <= 512
    assert len(memory.sessions) <= 64


def test_an_implementation_that_lets_everybody_in_is_found() -> None:
    """An account without the right gets an object all the same: once an error of the implementation."""
    world = {"machines": [{"name": "one", "requester": {"account": "CONTOSO\\reader", "groups": ["Users"]}}]}
    lines = backup_until("release")
    found = [finding for finding in check(lines, world=world).errors() if finding.rule == "sec-account"]
    assert [(finding.line, finding.at) for finding in found] == [(2, At.IMPLEMENTATION)]
    assert not check(lines).errors()


def test_an_implementation_that_refuses_an_administrator_is_found() -> None:
    """An account with the right is refused: an error of the implementation, where the world shows the right."""
    refused = [call("CreateVssBackupComponents", None, "E_ACCESSDENIED")]
    machine = {"name": "one", "requester": {"account": "CONTOSO\\nightly", "groups": ["Administrators"]}}
    errors = check(refused, world={"machines": [machine]}).errors()
    assert [finding.at for finding in errors] == [At.IMPLEMENTATION]
    assert not check(refused).errors()


def _prepared(on: str) -> list[Entry]:
    """A backup of an object that the log does not show from its beginning, as far as the writer is prepared."""
    asked = f"prepared {on}"
    return [
        call("PrepareForBackup", on, out={"ppAsync": asked}),
        event("PrepareForBackup"),
        call("IVssAsync::QueryStatus", asked, out={"pHrResult": "VSS_S_ASYNC_FINISHED"}),
    ]


def _ended(on: str) -> list[Entry]:
    return [event("BackupShutdown"), call("IUnknown::Release", on, returns=None)]


@pytest.mark.parametrize("order", [("one", "two"), ("two", "one")])
def test_the_end_of_a_backup_that_went_beside_another_is_not_taken_for_that_of_the_next(order: tuple[str, str]) -> None:
    """Whose BackupShutdown it is, no event tells; each object raised one, in whatever order they were given up."""
    beside = [*_prepared("one"), *_prepared("two"), *_ended(order[0]), *_ended(order[1])]
    after = [*_prepared("three"), *_ended("three"), *_prepared("four"), *_ended("four"), *_prepared("five")]
    assert not against_vss([*beside, *after])
    forgotten = [*beside, *_prepared("three"), *_ended("three"), *_prepared("four"), *_ended("four")[1:]]
    assert [one.rule for one in against_vss([*forgotten, *_prepared("five")])] == ["seq-release-raises-shutdown"]


def test_an_abort_that_comes_too_late_for_one_backup_may_be_of_another() -> None:
    """Events name no object: where the writer is in two backups, the one that AbortBackup gives up next has it."""
    failed = {**event("PrepareForSnapshot"), "answer": {"fails": "VSS_E_WRITERERROR_RETRYABLE"}}
    first = [
        *_prepared("one"),
        call("DoSnapshotSet", "one", out={"ppAsync": "making one"}),
        failed,
        call("IVssAsync::QueryStatus", "making one", out={"pHrResult": "VSS_S_ASYNC_FINISHED"}),
    ]
    events = ("PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot")
    second = [*_prepared("two"), call("DoSnapshotSet", "two", out={"ppAsync": "making two"}), *map(event, events)]
    aborted = [event("Abort"), call("AbortBackup", "one")]
    rule = "seq-abort-not-after-postsnapshot"
    assert rule not in {one.rule for one in against_vss([*first, *second, *aborted])}
    assert rule in {one.rule for one in against_vss([*second, event("Abort"), call("AbortBackup", "two")])}
