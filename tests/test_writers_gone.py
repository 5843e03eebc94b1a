"""Writers that end in the middle of a backup: what a requester is told of them, and what a checker makes of it."""

from typing import Any, Final

import pytest

from tests.support import blamed_on_vss
from tests.writers_at_work import SQL, WEB, Run, writer
from vss_sim.spec.enums import WriterState
from vss_sim.spec.hresult import HResult

FINISHED: Final = HResult.VSS_S_ASYNC_FINISHED
GONE: Final = (WriterState.UNKNOWN, "VSS_E_WRITER_NOT_RESPONDING")
RETRYABLE: Final = "VSS_E_WRITERERROR_RETRYABLE"
IDENTITY: Final[dict[str, Any]] = {
    "WriterId": SQL,
    "wszWriterName": "sql",
    "ut": "VSS_UT_USERDATA",
    "st": "VSS_ST_OTHER",
}
ENDS: Final = ("crash", "Unsubscribe", "~CVssWriter", "process")


def _begun(*more: dict[str, Any]) -> Run:
    """A backup of a writer that a program of its own runs, prepared."""
    run = Run(writer("sql", running=False), writer("web", *more))
    run.simulation.call("CVssWriter::CVssWriter", "w", process="ledger.exe")
    run.call("CVssWriter::Initialize", "w", **IDENTITY)
    run.call("CVssWriter::Subscribe", "w")
    run.prepare()
    return run


def _ends(run: Run, how: str) -> None:
    """The writer ends."""
    if how == "crash":
        run.happen("writer crashes", writer="sql")
    elif how == "process":
        run.happen("process ends", process="ledger.exe")
    else:
        run.call(f"CVssWriter::{how}", "w")


@pytest.mark.parametrize("how", ENDS)
@pytest.mark.parametrize("calls", [(), ("DoSnapshotSet",), ("DoSnapshotSet", "BackupComplete")])
def test_a_writer_that_is_gone_sends_no_status(how: str, calls: tuple[str, ...]) -> None:
    """GatherWriterStatus prompts each writer to send one (rule wr-status-not-responding)."""
    run = _begun()
    for call in calls:
        run.do(call)
    before = run.status("sql")
    assert before[1] == "S_OK"
    _ends(run, how)
    assert run.call("GetWriterStatus", iWriter=0).out["phResultFailure"] == "S_OK"
    assert run.status("sql") == GONE
    assert run.status("web")[1] == "S_OK"
    assert not run.blamed_on_vss()


def test_who_comes_back_is_another_instance() -> None:
    """What took part in the backup does not answer; the new one is not listed before it has identified itself."""
    run = Run()
    run.prepare()
    run.happen("writer crashes", writer="sql")
    run.happen("writer starts", writer="sql")
    assert run.status("sql") == GONE
    assert run.call("GetWriterStatusCount").out["pcWriters"] == 2


def test_a_failure_of_a_writer_that_is_gone_is_not_told_any_more() -> None:
    """It was the writer that told it."""
    run = Run(writer("sql", {"on": "PostSnapshot", "fails": RETRYABLE}), writer("web"))
    run.prepare()
    run.do("DoSnapshotSet")
    assert run.status("sql")[1] == RETRYABLE
    run.happen("writer crashes", writer="sql")
    assert run.status("sql") == GONE
    assert not run.blamed_on_vss()


def test_an_express_writer_needs_not_answer() -> None:
    """VSS lists it by itself (rule wr-express-limits)."""
    method = {"method": "VSS_RME_RESTORE_IF_NOT_THERE", "writerRestore": "VSS_WRE_NEVER"}
    express = writer("notes", express=True, restoreMethod=method)
    run = Run(writer("sql"), express)
    run.prepare(components=("sql",))
    assert run.status("notes") == (WriterState.STABLE, "S_OK")


@pytest.mark.parametrize("how", ENDS)
def test_a_writer_that_is_gone_is_told_of_no_abort(how: str) -> None:
    """Nobody is blamed that AbortBackup raises none for it."""
    run = _begun()
    _ends(run, how)
    run.call("AbortBackup")
    run.call("Release")
    assert run.events("sql") == ["Identify", "PrepareForBackup"]
    assert not run.blamed_on_vss()


@pytest.mark.parametrize("how", ENDS)
def test_a_writer_that_is_gone_while_it_is_frozen_is_not_thawed(how: str) -> None:
    """The set fails, and whoever else takes part gets Abort."""
    run = _begun({"on": "Freeze", "seconds": 10})
    run.call("DoSnapshotSet")
    run.pass_time(5)
    assert run.frozen() == {"sql", "web"}
    _ends(run, how)
    assert run.wait() is HResult.VSS_E_UNEXPECTED_WRITER_ERROR
    assert run.events("sql")[-1] == "Freeze"
    assert run.events("web")[-1] == "Abort"
    assert not run.blamed_on_vss()


@pytest.mark.parametrize("event", ["Freeze", "Thaw"])
def test_a_writer_that_gives_no_answer_while_it_is_frozen_gets_no_abort(event: str) -> None:
    """Its process is gone with the event."""
    run = Run(writer("sql", {"on": event, "crashes": True}), writer("web"))
    run.prepare()
    run.do("DoSnapshotSet")
    run.call("AbortBackup")
    run.call("Release")
    assert run.events("sql")[-1] == event
    assert not run.blamed_on_vss()


def test_the_time_of_a_writer_that_is_silent_while_it_is_frozen_may_be_over_first() -> None:
    """Then its status tells that, and not that it did not answer (rule wr-freeze-window)."""
    run = Run(writer("sql", {"on": "Freeze", "silent": True, "seconds": 61}), writer("web"))
    run.prepare()
    run.do("DoSnapshotSet")
    assert run.status("sql") == (WriterState.FAILED_AT_FREEZE, "VSS_E_WRITERERROR_TIMEOUT")
    assert not run.blamed_on_vss()


@pytest.mark.parametrize("state", ["VSS_WS_UNKNOWN", "VSS_WS_FAILED_AT_PREPARE_SNAPSHOT", "VSS_WS_STABLE"])
def test_no_page_tells_the_state_of_a_writer_that_does_not_answer(state: str) -> None:
    """VSS tells by a code that it did not; only who shows no failure at all is blamed (wr-status-not-responding)."""
    run = Run(writer("sql", {"on": "PrepareForSnapshot", "silent": True, "seconds": 5}), writer("web"))
    run.prepare()
    run.do("DoSnapshotSet")
    assert run.status("sql") == GONE
    lines = list(run.simulation.lines())
    shown = [line for line in lines if (line.get("out") or {}).get("phResultFailure") == GONE[1]]
    assert shown
    for code, blamed in ((GONE[1], False), ("S_OK", True)):
        for line in shown:
            line["out"] |= {"pnStatus": state, "phResultFailure": code}
        assert bool(blamed_on_vss(lines)) == blamed


@pytest.mark.parametrize(("process", "excused"), [("ledger.exe", False), ("other.exe", False), ("web.exe", True)])
def test_a_process_ends_and_its_own_writers_with_it(process: str, *, excused: bool) -> None:
    """Of a process of which the log shows nothing, any writer may have been; of others it is known."""
    run = _begun()
    run.call("AbortBackup")
    run.call("Release")
    lines = [line for line in run.simulation.lines() if (line.get("event"), line.get("writer")) != ("Abort", WEB)]
    lines = [{**line, "process": "ledger.exe"} if line.get("on") == "w" else line for line in lines]
    place = next(number for number, line in enumerate(lines) if "AbortBackup" in line.get("call", ""))
    made = {"call": "CreateVssBackupComponents", "returns": "S_OK", "out": {"ppBackup": "o"}, "process": "other.exe"}
    lines[place:place] = [made, {"happens": "process ends", "process": process}]
    assert (not blamed_on_vss(lines)) is excused
