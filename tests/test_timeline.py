"""`vss-sim timeline`: who is frozen from when to when, and what was called meanwhile."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, call, create
from vss_sim import Simulation, TimelineCalls, create_backup_components, read_world, timeline
from vss_sim.cli import main
from vss_sim.report.timeline import Timeline
from vss_sim.trace.reader import read_line

EXAMPLE = "docs/examples/frozen.jsonl"
SHOP = "{11111111-0000-4000-8000-000000000001}"
MAIL = "{11111111-0000-4000-8000-000000000002}"
STATUS = "IVssBackupComponents::GetWriterStatus"

INITIALIZED: dict[str, Any] = {
    "call": "CVssWriter::Initialize",
    "on": "w",
    "process": "shop.exe",
    "in": {"WriterId": SHOP, "wszWriterName": "Shop Writer"},
    "returns": "S_OK",
}


def event(name: str, writer: str = SHOP, answer: object = True, **more: Any) -> dict[str, Any]:
    """A line of an event; the instance is of the same digits as the class, but for the third group."""
    return {"event": name, "writer": writer, "instance": writer.replace("-4000-", "-4001-"), "answer": answer} | more


def named(name: str, writer: str) -> dict[str, Any]:
    """GetWriterStatus tells who it is."""
    out = {"pidWriter": writer, "pidInstance": event("", writer)["instance"], "pbstrWriter": name}
    return {"call": STATUS, "on": "bc", "returns": "S_OK", "out": out}


def drawn(lines: Iterable[dict[str, Any]], calls: TimelineCalls = TimelineCalls.TOGETHER) -> list[str]:
    """The rows and the sum, without the numbers of lines."""
    timeline = Timeline(None, calls)
    rows: list[str] = []
    for number, line in enumerate(lines, 2):
        rows += timeline.feed(number, read_line(json.dumps(line).encode(), number))
    return [re.sub(r"^ *\d+  +", "", row) for row in (*rows, *timeline.finish())]


@pytest.mark.parametrize("calls", [TimelineCalls.TOGETHER, TimelineCalls.FAILED])
def test_a_service_that_is_stopped_or_started_has_a_row(calls: TimelineCalls) -> None:
    """It stands where a restore stops it; to ask how it is stops nothing."""
    stop, ask = ({"lpServiceName": "Shop", "dwControl": code} for code in (1, "SERVICE_CONTROL_INTERROGATE"))
    lines = [{"call": "ControlServiceExW", "in": given, "returns": 0} for given in (stop, ask)]
    lines.append({"call": "StartServiceA", "in": {"lpServiceName": "Shop"}, "returns": "ERROR_SUCCESS"})
    rows = [row.strip() for row in drawn(lines, calls)]
    assert rows[0] == 'ControlServiceExW lpServiceName="Shop", dwControl=1'
    assert rows[-2] == 'StartServiceA lpServiceName="Shop"'
    assert len(rows) == (4 if calls is TimelineCalls.TOGETHER else 3)


def test_the_page_shows_what_is_printed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """And the log that it draws is one of a program that keeps the rules."""
    monkeypatch.chdir(ROOT)
    assert main(["check", "--quiet", EXAMPLE]) == 0
    capsys.readouterr()
    assert main(["timeline", EXAMPLE]) == 0
    assert f"```console\n$ vss-sim timeline {EXAMPLE}\n{capsys.readouterr().out}```" in (
        ROOT / "docs" / "timeline.md"
    ).read_text(encoding="utf-8")


def test_a_writer_is_frozen_from_freeze_to_thaw() -> None:
    """Whatever happens in between is drawn beside the bar; both times give the length."""
    rows = drawn(
        [
            create(),
            named("Shop", SHOP),
            event("Freeze", at=4.0),
            {"note": "the copy is made"},
            event("Thaw", at=10.5),
            event("PostSnapshot", at=10.5),
        ]
    )
    assert rows == [
        "CreateVssBackupComponents, GetWriterStatus",
        "4.0 s  ┏  Freeze: Shop",
        "┃  # the copy is made",
        "10.5 s  ┗  Thaw: Shop (frozen for 6.5 s)",
        "10.5 s  *  PostSnapshot: Shop",
        "2 calls, 3 events to 1 writer; Shop was frozen for longest, 6.5 s",
    ]


@pytest.mark.parametrize("method", ["CVssWriter::Initialize", "CVssWriterEx::InitializeEx"])
def test_a_writer_is_called_as_its_own_program_initialises_it(method: str) -> None:
    """A log of a writer alone has no call of a requester that would tell."""
    given = {"WriterId": SHOP, "wszWriterName": "Shop", "wszWriterInstanceName": "north"}
    rows = drawn([{"call": method, "on": "w", "in": given, "returns": "S_OK"}, event("Identify")])
    assert rows[1] == "*  Identify: Shop"
    rows = drawn([{"call": method, "on": "w", "in": given, "returns": "E_ACCESSDENIED"}, event("Identify")])
    assert rows[1] == f"*  Identify: {SHOP}"


def test_writers_that_hear_the_same_share_a_row() -> None:
    """At another time, or with another end, an event has a row of its own."""
    rows = drawn(
        [
            event("Freeze", at=1.0),
            event("Freeze", MAIL, at=1.0),
            event("Abort", at=2.0),
            event("Abort", MAIL, {"fails": "E_FAIL"}, at=3.0),
        ]
    )
    assert rows[:3] == [
        f"1.0 s  ┏ ┏  Freeze: {SHOP}, {MAIL}",
        f"2.0 s  ┗ ┃  Abort: {SHOP} (frozen for 1 s)",
        f"3.0 s  · !  Abort: {MAIL} fails with E_FAIL (frozen for 2 s)",
    ]


def test_who_fails_in_freeze_is_not_frozen() -> None:
    """It gets Abort with the others, and has nothing to thaw."""
    rows = drawn([event("Freeze", answer=False, at=1.0), event("Abort", at=2.0)])
    assert rows[0] == f"1.0 s  !  Freeze: {SHOP} fails"
    assert rows[1] == f"2.0 s  *  Abort: {SHOP}"


def test_a_second_freeze_does_not_begin_anew() -> None:
    """A log may tell it twice; the writer was frozen from the first."""
    rows = drawn([event("Freeze", at=1.0), event("Freeze", at=2.0), event("Thaw", at=4.0)])
    assert rows[2] == f"4.0 s  ┗  Thaw: {SHOP} (frozen for 3 s)"


def test_who_never_thaws_is_told_at_the_end() -> None:
    """A restart of its machine thaws it, that of another does not."""
    frozen = [event("Freeze", machine="one")]
    still = f"{SHOP} is frozen at the end of the log: neither Thaw nor Abort came to it"
    assert still in drawn(frozen)
    assert still in drawn([*frozen, {"happens": "reboot", "machine": "two"}])
    rows = drawn([*frozen, {"happens": "reboot", "machine": "one"}])
    assert rows[1] == "·  one: --- reboot"
    assert still not in rows


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ({"happens": "writer crashes", "writer": "Shop Writer"}, [named("Shop Writer", SHOP)]),
        ({"happens": "writer crashes", "writer": SHOP.upper()}, []),
        ({"call": "CVssWriter::Unsubscribe", "on": "w", "returns": "S_OK"}, [INITIALIZED]),
        ({"call": "CVssWriter::~CVssWriter", "on": "w"}, [INITIALIZED]),
        ({"happens": "process ends", "process": "shop.exe"}, [INITIALIZED]),
    ],
)
def test_who_is_gone_is_not_frozen_any_more(line: dict[str, Any], names: list[dict[str, Any]]) -> None:
    """Nobody can thaw it, and others that are frozen stay so."""
    here = {"process": "shop.exe"} if names == [INITIALIZED] else {}
    told = "is frozen at the end of the log"
    rows = drawn([*names, event("Freeze"), event("Freeze", MAIL), line | here])
    assert [row for row in rows if told in row] == [f"{MAIL} {told}: neither Thaw nor Abort came to it"]
    assert any(row.startswith("· ┃") for row in rows)
    other = line | here | {"machine": "two"}
    assert any(told in row for row in drawn([*names, event("Freeze"), other]))


def test_what_of_another_writer_ends_thaws_nobody() -> None:
    """Another name, another process, another object of a program."""
    frozen = [INITIALIZED, event("Freeze")]
    for line in (
        {"happens": "writer crashes", "writer": "Mail Writer"},
        {"happens": "process ends", "process": "mail.exe"},
        {"call": "CVssWriter::Unsubscribe", "on": "v", "process": "shop.exe", "returns": "S_OK"},
        {"call": "CVssWriter::Unsubscribe", "on": "w", "process": "shop.exe", "returns": "E_FAIL"},
    ):
        assert any("is frozen at the end" in row for row in drawn([*frozen, line]))


def test_where_the_clock_goes_back_nobody_knows_for_how_long() -> None:
    """A time below none is no time; a long one is told in seconds, too, and without what subtracting leaves over."""
    back = drawn([event("Freeze", at=10), event("Thaw", at=5)])
    assert back[1].endswith(f"Thaw: {SHOP}")
    assert "frozen for" not in "".join(back)
    assert back[-1].endswith("how long they were frozen is not recorded (Freeze and Thaw without `at`)")
    for begin, end, said in ((0, 2_000_000, "2000000 s"), (0.1, 0.4, "0.3 s")):
        long = drawn([event("Freeze", at=begin), event("Thaw", at=end)])
        assert long[1].endswith(f"(frozen for {said})")
        assert long[-1].endswith(f"was frozen for longest, {said}")


def test_a_log_without_times_tells_no_seconds() -> None:
    """Left out is not recorded."""
    rows = drawn([event("Freeze"), event("Thaw", at=3.0)])
    assert rows == [
        f"┏  Freeze: {SHOP}",
        f"3.0 s  ┗  Thaw: {SHOP}",
        "0 calls, 2 events to 1 writer; how long they were frozen is not recorded (Freeze and Thaw without `at`)",
    ]


def test_calls_that_succeed_share_a_row_and_those_that_fail_have_one() -> None:
    """With what they were given; calls on what a backup hands out are counted."""
    lines = [
        create(),
        call("AddToSnapshotSet", returns="VSS_E_BAD_STATE", pwszVolumeName="C:\\"),
        call("GatherWriterMetadata"),
        {"call": "IVssAsync::Wait", "on": "async", "returns": "S_OK"},
        {"call": "IVssAsync::QueryStatus", "on": "async", "out": {"pHrResult": "VSS_E_WRITER_INFRASTRUCTURE"}},
        {"call": "CreateFile", "in": {"lpFileName": "C:\\a"}, "returns": "ERROR_SHARING_VIOLATION"},
        {"call": "FindNextFile", "returns": "ERROR_NO_MORE_FILES"},
        {"call": "ReadFile", "returns": "ERROR_SUCCESS"},
        {"call": "ReadFile", "returns": "ERROR_SUCCESS"},
        {"call": "IUnknown::Release", "on": "bc"},
    ]
    assert drawn(lines) == [
        "CreateVssBackupComponents",
        'AddToSnapshotSet pwszVolumeName="C:\\\\" → VSS_E_BAD_STATE',
        "GatherWriterMetadata, 1 other call",
        "QueryStatus → VSS_E_WRITER_INFRASTRUCTURE",
        'CreateFile lpFileName="C:\\\\a" → ERROR_SHARING_VIOLATION',
        "FindNextFile, ReadFile (2x), Release",
        "10 calls; no event of a writer was recorded",
    ]
    assert len(drawn(lines, TimelineCalls.FAILED)) == 4
    each = drawn(lines, TimelineCalls.EACH)
    assert len(each) == 11
    assert each[0] == 'CreateVssBackupComponents → S_OK ppBackup="bc"'


def test_what_happens_is_told_with_its_values() -> None:
    """And calls of another process, or on another machine, say so."""
    rows = drawn(
        [
            {"happens": "time passes", "seconds": 30},
            {"happens": "LUN masked", "lun": "LUN 7", "machine": "two"},
            {"call": "WriteFile", "returns": "ERROR_SUCCESS", "machine": "one", "process": "writer1"},
        ]
    )
    assert rows[:3] == ["--- time passes seconds=30", 'two: --- LUN masked lun="LUN 7"', "one: writer1: WriteFile"]


def test_a_row_and_its_columns_have_an_end() -> None:
    """However many calls a program makes in turn, and however many writers there are."""
    many = [{"call": name, "returns": "ERROR_SUCCESS"} for name in ("ReadFile", "WriteFile")] * 1000
    assert drawn(many)[0].endswith("WriteFile, and 1976 more")
    writers = [f"{{{number:08d}-0000-4000-8000-000000000001}}" for number in range(60)]
    (row, *_, end) = drawn(event("Freeze", writer) for writer in writers)
    assert row.count("┏") == 40
    assert end.startswith("0 calls, 60 events to more than 40 writers;")
    *_, end = drawn(event("Freeze", writer) for writer in writers[:40])
    assert end.startswith("0 calls, 40 events to 40 writers;")


def test_a_row_of_any_number_of_writers_keeps_signs_of_those_with_a_column() -> None:
    """All of them hear one event, and no other line comes between."""
    timeline = Timeline()
    for number in range(60):
        writer = f"{{{number:08d}-0000-4000-8000-000000000001}}"
        assert not [*timeline.feed(number + 2, read_line(json.dumps(event("Identify", writer)).encode(), number + 2))]
    assert timeline._row is not None
    assert len(timeline._row.signs) == 40


def test_a_name_does_nothing_to_a_terminal() -> None:
    """Control characters are written as what they are."""
    rows = drawn([named("\x1b[2J\nShop", SHOP), event("Freeze"), {"note": "\x07"}])
    assert all(row.isprintable() for row in rows)
    assert any(r"\x1b[2J\nShop" in row for row in rows)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", ":1: the trace is empty"),
        ("{}\n", ':1: the first line has no "vss-trace"'),
        ('{"vss-trace": 1}\n\n{"call": "Nonsense::Vss"}\n', ":3: there is no call"),
        ('{"vss-trace": 1, "world": "none.json"}\n', ":1: the world"),
    ],
)
def test_what_is_no_log_is_refused_with_its_line(
    text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The other inputs are drawn all the same."""
    bad = tmp_path / "bad.jsonl"
    bad.write_text(text, encoding="utf-8")
    assert main(["timeline", str(bad), str(tmp_path / "none"), str(ROOT / EXAMPLE)]) == 2
    heard = capsys.readouterr()
    assert f"vss-sim timeline: {bad}{says}" in heard.err
    assert heard.err.count("vss-sim timeline:") == 2
    assert "Shop was frozen for longest" in heard.out


def test_a_simulation_is_drawn_as_its_log_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the names of its world."""
    world = (ROOT / "docs" / "examples" / "frozen.json").read_text(encoding="utf-8")
    simulation = Simulation(read_world(world))
    with create_backup_components(simulation) as requester:
        requester.initialize_for_backup()
        requester.gather_writer_metadata().finish()
    log = tmp_path / "run.jsonl"
    header = {"vss-trace": 1, "world": json.loads(world)}
    log.write_text("\n".join(map(json.dumps, [header, *simulation.lines()])), encoding="utf-8")
    for words, calls in (([], TimelineCalls.TOGETHER), (["--events"], TimelineCalls.FAILED)):
        main(["timeline", *words, str(log)])
        assert capsys.readouterr().out == timeline(simulation, calls) + "\n"
        assert "Identify: Shop, Database, Mail" in timeline(simulation, calls)


def test_every_real_trace_can_be_drawn(capsys: pytest.CaptureFixture[str]) -> None:
    """They are of requesters alone."""
    assert main(["timeline", str(ROOT / "conformance" / "traces")]) == 0
    out = capsys.readouterr().out
    assert out.count("no event of a writer was recorded") == len(
        list((ROOT / "conformance" / "traces").glob("*.jsonl"))
    )
