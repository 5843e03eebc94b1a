"""The short cut and the whole way say the same of every log."""

import copy
import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults import FAULTS, Fault
from tests.support import CASES, TRACES, Entry, entries_of
from vss_sim.judge import blocks, exact_lines
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding, Level, Tally
from vss_sim.spec.table import Profile
from vss_sim.trace.reader import TraceError


def _said(
    entries: list[Entry], profile: Profile, *, short_cut: bool, world: Entry | None = None
) -> tuple[Tally | str, list[Finding]]:
    findings: list[Finding] = []
    checker = Checker(findings.append, None, profile, short_cut=short_cut)
    checker.know(world)
    blanks = None if profile is Profile.WINDOWS else (",", ":")
    try:
        checker.feed_block(b"\n".join([json.dumps(entry, separators=blanks).encode() for entry in entries]), 1)
    except TraceError as error:
        return str(error), findings
    return checker.finish(), findings


def _agree(entries: list[Entry], world: Entry | None = None, *, late: bool = False) -> None:
    """Both ways say the same; with `late`, each line is read as one that comes late in a long log."""
    for profile in Profile:
        with pytest.MonkeyPatch.context() as patch:
            if late:
                patch.setattr(blocks, "FIRST_LINES", 0)
                patch.setattr(exact_lines, "_PATIENCE", 0)
            said = _said(entries, profile, short_cut=True, world=world)
            assert said == _said(entries, profile, short_cut=False, world=world)


@pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)
def test_both_ways_say_the_same_of_a_real_trace(path: Path) -> None:
    """Twice over as well: what was learned on the first round is used on the second."""
    entries = entries_of(path)
    _agree([*entries, *entries])


@pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_both_ways_say_the_same_of_a_case(path: Path) -> None:
    """Twice over, also without events in the first round; with the header's world; with results or answers left out."""
    header = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    entries = entries_of(path)
    _agree([*entries, *entries], header.get("world"))
    without = [entry for entry in entries if "event" not in entry]
    if without != entries:
        _agree([*without, *entries], header.get("world"))
    for key in ("out", "returns"):
        left_out = [{name: value for name, value in entry.items() if name != key} for entry in entries]
        _agree(left_out, header.get("world"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.__name__)
def test_both_ways_say_the_same_of_a_planted_fault(fault: Fault) -> None:
    """After a good round of the same trace, so that everything was learned before."""
    for path in TRACES[::3]:
        entries = entries_of(path)
        for planted in fault(entries):
            _agree([*entries, *planted.entries])


EVERY_ENTRY: list[Entry] = [entry for path in TRACES for entry in entries_of(path)]
EVERY_VALUE: list[tuple[str, object]] = [
    (name, value) for entry in EVERY_ENTRY for side in ("in", "out") for name, value in (entry.get(side) or {}).items()
]
VALUES: list[object] = [
    *(None, True, 0, -1, 1 << 32, 1 << 70, 1.5, "", "x", "0x2d", "VSS_CTX_BAKUP", "VSS_BT_FULL", "S_OK", "ture"),
    *([], [1], {}, {"a": 1}, "{5affb034-969f-4919-8875}", "GUID_NULL", "5affb034-969f-4919-8875-88f830d0ef89"),
]


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_both_ways_say_the_same_of_shuffled_logs(data: st.DataObject) -> None:
    """Traces with lines dropped, doubled, moved, borrowed from others, gone through in turns, and answers lost."""
    entries = copy.deepcopy(entries_of(data.draw(st.sampled_from(TRACES))))
    for _ in range(data.draw(st.integers(0, 12))):
        at = data.draw(st.integers(0, len(entries) - 1)) if entries else 0
        match data.draw(st.sampled_from(["drop", "double", "move", "turns", "borrow", "lose"])):
            case "drop" if entries:
                del entries[at]
            case "double" if entries:
                entries.insert(at, copy.deepcopy(entries[at]))
            case "move" if entries:
                entries.insert(data.draw(st.integers(0, len(entries) - 1)), entries.pop(at))
            case "turns":
                entries[at:at] = copy.deepcopy(entries[at : at + data.draw(st.integers(1, 6))]) * 2
            case "lose" if entries:
                entries[at].pop(data.draw(st.sampled_from(["returns", "out", "in"])), None)
            case _:
                entries.insert(at, copy.deepcopy(data.draw(st.sampled_from(EVERY_ENTRY))))
    _agree(entries, late=data.draw(st.booleans()))


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_both_ways_say_the_same_of_logs_with_slips(data: st.DataObject) -> None:
    """Names of other calls, values of other kinds, keys that nobody knows, after the same lines without them."""
    entries = copy.deepcopy(entries_of(data.draw(st.sampled_from(TRACES))))
    entries *= data.draw(st.integers(1, 3))
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(entries) - 1))
        side = data.draw(st.sampled_from(["in", "out"]))
        name, value = data.draw(st.sampled_from(EVERY_VALUE)), data.draw(st.sampled_from(VALUES))
        match data.draw(st.sampled_from(["key", "name", "name", "value", "value"])):
            case "key":
                entries[at]["duration"] = value
            case "value" if isinstance(entries[at].get(side), dict) and entries[at][side]:
                entries[at][side][data.draw(st.sampled_from(sorted(entries[at][side])))] = value
            case _:
                entries[at][side] = {
                    **(entries[at].get(side) or {}),
                    name[0]: data.draw(st.sampled_from([name[1], value])),
                }
    _agree(entries, late=True)


@settings(max_examples=50, deadline=None)
@given(data=st.data())
def test_a_log_may_be_read_in_any_pieces(data: st.DataObject) -> None:
    """Where the pieces end changes nothing."""
    entries = entries_of(data.draw(st.sampled_from(TRACES)))
    texts = [json.dumps(entry).encode() for entry in entries]
    findings: list[Finding] = []
    checker = Checker(findings.append)
    number = 1
    while texts:
        size = data.draw(st.integers(1, 10))
        number = checker.feed_block(b"\n".join(texts[:size]), number)
        texts = texts[size:]
    assert (checker.finish(), findings) == _said(entries, Profile.WINDOWS, short_cut=True)


GIVEN_UP: list[Entry] = [
    {"call": "IVssExamineWriterMetadata::GetComponent", "on": "m", "returns": "S_OK", "out": {"ppComponent": "c"}},
    {"call": "IUnknown::Release", "on": "c"},
]


@pytest.mark.parametrize("arguments", [{}, {"in": {"iFile": 7}}], ids=["bare", "with arguments"])
def test_a_line_that_left_nothing_behind_is_judged_anew_once_something_was_done(arguments: Entry) -> None:
    """A call on a handle that nothing is known of is idle; the same call is an error once that handle was given up."""
    read: Entry = {"call": "IVssWMComponent::GetFile", "on": "c", **arguments, "returns": "S_OK"}
    entries = [read, read, read, *GIVEN_UP, read, read]
    _agree(entries)
    for profile in Profile:
        _, findings = _said(entries, profile, short_cut=True)
        assert [finding.line for finding in findings if finding.level is Level.ERROR] == [7, 8]


def test_arguments_that_came_with_another_object_are_judged_with_this_one() -> None:
    """What is idle on two objects that nothing is known of is an error on one that was given up."""
    one, other, third = ({"call": "IVssWMComponent::GetFile", "on": on, "returns": "S_OK"} for on in ("d", "e", "c"))
    entries: list[Entry] = [
        {**entry, "in": {"iFile": index}}
        for entry, index in ((one, 7), (one, 7), (other, 8), (other, 8), (one, 8), (other, 7))
    ]
    log = [*entries, *entries, *GIVEN_UP, *entries, {**third, "in": {"iFile": 8}}, *entries]
    _agree(log)
    _, findings = _said(log, Profile.WINDOWS, short_cut=True)
    assert [finding.line for finding in findings if finding.level is Level.ERROR] == [2 + 3 * len(entries) + 2]


def test_a_log_whose_lines_hardly_come_again_is_judged_all_the_same() -> None:
    """Each line tells its time; later they do not, and come again."""
    read: Entry = {"call": "IVssWMComponent::GetFile", "on": "c", "in": {"iFile": 7}, "returns": "S_OK"}
    entries = [*({**read, "at": time} for time in range(100)), *([read] * 100), *GIVEN_UP, *([read] * 3)]
    findings: list[Finding] = []
    checker = Checker(findings.append)
    for number, entry in enumerate(entries, 2):
        assert checker.feed_block(json.dumps(entry).encode(), number - 1) == number
    assert (checker.finish(), findings) == _said(entries, Profile.WINDOWS, short_cut=True)
    assert [finding.line for finding in findings if finding.level is Level.ERROR] == [204, 205, 206]
    _agree(entries)


def test_a_pending_operation_may_be_asked_any_number_of_times() -> None:
    """Who waits between two questions has waited; who does not has not."""
    begun: list[Entry] = [
        {"call": "CreateVssBackupComponents", "returns": "S_OK", "out": {"ppBackup": "b"}},
        {"call": "IVssBackupComponents::InitializeForBackup", "on": "b", "returns": "S_OK"},
        {"call": "IVssBackupComponents::GatherWriterMetadata", "on": "b", "returns": "S_OK", "out": {"pAsync": "a"}},
    ]
    ask: Entry = {"call": "IVssAsync::QueryStatus", "on": "a", "returns": "S_OK"}
    pending, finished = ({**ask, "out": {"pHrResult": f"VSS_S_ASYNC_{end}"}} for end in ("PENDING", "FINISHED"))
    wait: Entry = {"call": "IVssAsync::Wait", "on": "a", "returns": "S_OK"}
    read: Entry = {"call": "IVssBackupComponents::GetWriterMetadataCount", "on": "b", "returns": "S_OK"}
    for ends in ([pending, pending], [pending, wait, pending], [pending, pending, wait], [pending, pending, finished]):
        _agree([*begun, pending, *ends, read, *ends, read])


@pytest.mark.parametrize("arguments", [{}, {"in": {"iFile": 7}}], ids=["bare", "with arguments"])
@pytest.mark.parametrize("answer", ["S_OK", "S_FALSE"])
@pytest.mark.parametrize("handle", [{}, {"on": None}], ids=["left out", "null"])
def test_a_later_line_without_its_handle_is_refused(arguments: Entry, answer: str, handle: Entry) -> None:
    """However often its like was in order: a method is called on an object."""
    read: Entry = {"call": "IVssWMComponent::GetFile", **arguments, "returns": answer}
    entries: list[Entry] = [*([{**read, "on": "c"}] * 3), {**read, **handle}]
    said, _ = _said(entries, Profile.WINDOWS, short_cut=True)
    assert 'line 5: IVssWMComponent::GetFile has no "on"' in str(said)
    _agree(entries)


def test_a_release_that_failed_gave_nothing_up() -> None:
    """Where the code is not recorded, but that there was one, as where it is; later in a log, too."""
    failed: Entry = {"call": "IUnknown::Release", "on": "b", "fails": True}
    backup: list[Entry] = [
        {"call": "CreateVssBackupComponents", "returns": "S_OK", "out": {"ppBackup": "b"}},
        {"call": "IVssBackupComponents::InitializeForBackup", "on": "b", "returns": "S_OK"},
    ]
    given_up: list[Entry] = [*backup, {"call": "IUnknown::Release", "on": "b"}]
    entries = [*given_up, *given_up, *given_up, *backup, failed]
    _agree(entries)
    _, findings = _said(entries, Profile.WINDOWS, short_cut=True)
    assert [finding.rule for finding in findings] == ["object-release-after-operation"]
