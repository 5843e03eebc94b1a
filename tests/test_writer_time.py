"""The virtual clock in a creation: windows that close, one tick before and one tick after; who is frozen when."""

from typing import Any

import pytest

from tests.support import check
from tests.writers_at_work import TICK, Run, writer
from vss_sim.spec.creation import FIRST_MOMENT, FREEZE_WINDOW, HOLD_WINDOW, ticks
from vss_sim.spec.enums import WriterState
from vss_sim.spec.hresult import HResult

TIMEOUT = "VSS_E_WRITERERROR_TIMEOUT"
PENDING = HResult.VSS_S_ASYNC_PENDING
FINISHED = HResult.VSS_S_ASYNC_FINISHED


def _takes(event: str, seconds: float) -> dict[str, Any]:
    return {"on": event, "seconds": seconds}


def _provider(event: str, seconds: float, **more: Any) -> list[dict[str, Any]]:
    return [{"name": "array", "type": "VSS_PROV_SOFTWARE", "replies": [{"on": event, "seconds": seconds, **more}]}]


@pytest.mark.parametrize("window", [FREEZE_WINDOW, 5.0, 90.0, 0.5])
@pytest.mark.parametrize(("tick", "result"), [(0, FINISHED), (-TICK, FINISHED), (TICK, None)])
def test_the_window_of_a_writer_ends_with_its_last_tick(window: float, tick: float, result: HResult | None) -> None:
    """From Freeze to Thaw: 60 seconds, or what the writer set (wr-freeze-window, wr-freeze-window-config, C30)."""
    slow = writer("web", _takes("Freeze", window + tick), level="VSS_APP_BACK_END", freezeTimeout=1000)
    own = {} if window == FREEZE_WINDOW else {"freezeTimeout": window}
    run = Run(writer("sql", **own), slow)
    run.prepare()
    assert run.do("DoSnapshotSet") is (result or HResult.VSS_E_UNEXPECTED_WRITER_ERROR)
    if result is None:
        assert run.times("sql")[-2:] == [("Freeze", 0.0), ("Abort", window)]
        assert run.status("sql") == (WriterState.FAILED_AT_FREEZE, TIMEOUT)
        assert run.status("web") == (WriterState.STABLE, "S_OK")
        assert not run.simulation.world.snapshots
    else:
        assert run.status("sql") == (WriterState.WAITING_FOR_BACKUP_COMPLETE, "S_OK")


@pytest.mark.parametrize(("tick", "result"), [(0, FINISHED), (-TICK, FINISHED), (TICK, None)])
@pytest.mark.parametrize(
    ("flush", "commit", "code"),
    [
        (0, HOLD_WINDOW, HResult.VSS_E_HOLD_WRITES_TIMEOUT),
        (4, HOLD_WINDOW - 4, HResult.VSS_E_HOLD_WRITES_TIMEOUT),
        (HOLD_WINDOW, 0, HResult.VSS_E_FLUSH_WRITES_TIMEOUT),
    ],
)
def test_writes_are_held_for_ten_seconds(
    flush: float, commit: float, tick: float, code: HResult, result: HResult | None
) -> None:
    """The window cannot be changed; who is at work when it closes names the failure (rule sn-prov-commit-10s)."""
    late_flush = tick if code is HResult.VSS_E_FLUSH_WRITES_TIMEOUT else 0
    late_commit = 0 if late_flush else max(tick, -commit)
    volumes = [{"name": "C:\\", "flushSeconds": flush + late_flush}]
    run = Run(volumes=volumes, providers=_provider("CommitSnapshots", commit + late_commit))
    run.prepare()
    assert run.do("DoSnapshotSet") is (result or code)
    assert run.frozen() == set()
    assert len(run.simulation.world.snapshots) == (result is not None)
    if result is None:
        assert run.times("sql")[-1] == ("Abort", HOLD_WINDOW)
        assert run.status("sql") == (WriterState.STABLE, "S_OK")


def test_the_window_of_held_writes_is_there_without_writers() -> None:
    """The limit is that of the volumes, not of writers."""
    run = Run(providers=_provider("CommitSnapshots", 11))
    run.create()
    run.call("InitializeForBackup", bstrXML=None)
    run.call("SetContext", lContext="VSS_CTX_FILE_SHARE_BACKUP")
    run.call("StartSnapshotSet")
    run.call("AddToSnapshotSet", pwszVolumeName="C:\\")
    assert run.do("DoSnapshotSet") is HResult.VSS_E_HOLD_WRITES_TIMEOUT


def test_other_steps_of_providers_have_no_window_of_their_own() -> None:
    """Only frozen writers hurry them."""
    for event, seconds in (("EndPrepareSnapshots", 1000), ("PreCommitSnapshots", 59), ("PostFinalCommitSnapshots", 99)):
        run = Run(providers=_provider(event, seconds))
        run.prepare()
        assert run.do("DoSnapshotSet") is FINISHED, event
        assert run.simulation.world.clock == seconds
    run = Run(providers=_provider("PreCommitSnapshots", 61))
    run.prepare()
    assert run.do("DoSnapshotSet") is HResult.VSS_E_UNEXPECTED_WRITER_ERROR


def test_the_states_of_writers_follow_the_clock() -> None:
    """Each answers after its own time; the operation goes on when the last has."""
    run = Run(
        writer("sql", _takes("PrepareForSnapshot", 3), _takes("Freeze", 2)),
        writer("web", _takes("PrepareForSnapshot", 1), _takes("Thaw", 4)),
    )
    run.prepare()
    run.call("DoSnapshotSet")
    ws = WriterState
    seen = []
    for _ in range(11):
        assert run.ask() is (PENDING if run.simulation.world.clock < 9 else FINISHED)
        operation = run.asyncs["bc"]
        seen.append((run.status("sql")[0], run.status("web")[0], sorted(run.frozen())))
        run.asyncs["bc"] = operation
        run.pass_time(1)
    both = ["sql", "web"]
    assert seen == [
        (ws.STABLE, ws.STABLE, []),
        (ws.STABLE, ws.WAITING_FOR_FREEZE, []),
        (ws.STABLE, ws.WAITING_FOR_FREEZE, []),
        (ws.WAITING_FOR_FREEZE, ws.WAITING_FOR_THAW, both),
        (ws.WAITING_FOR_FREEZE, ws.WAITING_FOR_THAW, both),
        (ws.WAITING_FOR_POST_SNAPSHOT, ws.WAITING_FOR_THAW, []),
        (ws.WAITING_FOR_POST_SNAPSHOT, ws.WAITING_FOR_THAW, []),
        (ws.WAITING_FOR_POST_SNAPSHOT, ws.WAITING_FOR_THAW, []),
        (ws.WAITING_FOR_POST_SNAPSHOT, ws.WAITING_FOR_THAW, []),
        (ws.WAITING_FOR_BACKUP_COMPLETE, ws.WAITING_FOR_BACKUP_COMPLETE, []),
        (ws.WAITING_FOR_BACKUP_COMPLETE, ws.WAITING_FOR_BACKUP_COMPLETE, []),
    ]
    assert not run.blamed_on_vss()


def test_who_was_frozen_when_is_read_from_the_record() -> None:
    """Lines carry `at`; lines from before any time has passed need none. The checker reads them as every trace."""
    run = Run(writer("sql", _takes("PrepareForSnapshot", 2), _takes("Freeze", 1.5)), writer("web"))
    run.prepare()
    run.do("DoSnapshotSet")
    run.do("BackupComplete")
    run.call("Release")
    lines = list(run.simulation.lines())
    frozen = {(line["event"], line["at"]) for line in lines if line.get("event") in ("Freeze", "Thaw")}
    assert frozen == {("Freeze", 2.0), ("Thaw", 3.5)}
    assert all("at" not in line for line in lines if line.get("event") == "PrepareForBackup")
    assert [line.get("at", 0) for line in lines] == sorted(line.get("at", 0) for line in lines)
    assert not check(lines).errors()


def test_a_wait_gives_the_operation_the_time_that_it_waits() -> None:
    """And no more (rule obs-wait-returns-pending)."""
    run = Run(writer("sql", _takes("Freeze", 30)), writer("web"))
    run.prepare()
    run.call("DoSnapshotSet")
    run.call("IVssAsync::Wait", run.asyncs["bc"], dwMilliseconds=29_000)
    assert run.ask() is PENDING
    assert run.frozen() == {"sql", "web"}
    run.call("IVssAsync::Wait", run.asyncs["bc"], dwMilliseconds=5_000)
    assert run.ask() is FINISHED
    assert run.simulation.world.clock == 30


def test_while_one_waits_the_others_go_on() -> None:
    """Operations of two objects, in the order of time."""
    run = Run(writer("sql", _takes("PrepareForBackup", 20)), writer("web", _takes("PrepareForBackup", 10)))
    for on, component in (("one", "sql"), ("two", "web")):
        run.begin(on, components=(component,))
    run.call("PrepareForBackup", "one")
    run.call("PrepareForBackup", "two")
    assert run.wait("one") is FINISHED
    assert run.session("web", "two").handling is None
    assert run.ask("two") is FINISHED
    assert run.simulation.world.clock == 20


@pytest.mark.parametrize("stop", ["cancel", "abort", "release", "process ends"])
def test_frozen_writers_get_abort_when_the_backup_stops_in_the_middle(stop: str) -> None:
    """Rule seq-freeze-then-thaw-or-abort."""
    run = Run(writer("sql", _takes("Freeze", 30)), writer("web"))
    run.prepare(process="backup.exe")
    run.call("DoSnapshotSet")
    run.ask()
    run.pass_time(10)
    assert run.frozen() == {"sql", "web"}
    if stop == "cancel":
        run.call("IVssAsync::Cancel", run.asyncs["bc"])
    elif stop == "abort":
        run.call("AbortBackup")
    elif stop == "release":
        run.call("Release")
    else:
        run.happen("process ends", process="backup.exe")
    for name in ("sql", "web"):
        assert run.times(name)[-1] in [("Abort", 10.0), ("BackupShutdown", 10.0)]
        assert ("Abort", 10.0) in run.times(name)
    run.pass_time(100)
    assert run.events("sql").count("Abort") == 1
    assert not {"Thaw", "PostSnapshot"} & set(run.events("sql"))


def test_what_is_cancelled_before_it_begins_has_left_no_trace() -> None:
    """Nobody has looked and no time has passed."""
    run = Run()
    run.prepare()
    before = run.events()
    run.call("DoSnapshotSet")
    run.call("IVssAsync::Cancel", run.asyncs["bc"])
    assert set(run.events()[len(before) :]) == {"Abort"}


def test_a_shadow_copy_is_taken_at_the_commit() -> None:
    """Its time is that of the virtual clock when writes go on."""
    run = Run(
        writer("sql", _takes("PrepareForSnapshot", 100), _takes("PostSnapshot", 50)),
        providers=_provider("CommitSnapshots", 4),
    )
    run.prepare(components=("sql",))
    run.do("DoSnapshotSet")
    (snapshot,) = run.simulation.world.snapshots.values()
    assert snapshot.created == FIRST_MOMENT + ticks(104)
    assert run.simulation.world.clock == 154


def test_a_timeout_after_the_commit_takes_the_shadow_copy_back() -> None:
    """There is no partial success of a set."""
    run = Run(providers=_provider("PostCommitSnapshots", 61))
    run.prepare()
    assert run.do("DoSnapshotSet") is HResult.VSS_E_UNEXPECTED_WRITER_ERROR
    assert not run.simulation.world.snapshots
    assert run.status("web") == (WriterState.FAILED_AT_FREEZE, TIMEOUT)


def test_a_writer_takes_its_time_to_tell_where_it_stands() -> None:
    """GatherWriterStatus waits for the slowest that runs, and finds what has become of the others meanwhile."""
    run = Run(writer("sql", statusSeconds=3), writer("web"))
    run.prepare()
    assert run.call("GatherWriterStatus").answer == HResult.S_OK
    assert run.ask() is PENDING
    run.pass_time(3 - TICK)
    assert run.ask() is PENDING
    run.pass_time(TICK)
    assert run.ask() is FINISHED
    assert run.call("GetWriterStatusCount").out["pcWriters"] == 2


def test_nobody_waits_for_the_status_of_a_writer_that_is_gone() -> None:
    """It does not answer at all."""
    run = Run(writer("sql", statusSeconds=3), writer("web"))
    run.prepare()
    run.happen("writer crashes", writer="sql")
    assert run.call("GatherWriterStatus").answer == HResult.S_OK
    assert run.ask() is FINISHED


def test_the_handler_of_thaw_has_no_window() -> None:
    """The time of a writer ends when it receives Thaw (dispute C84)."""
    run = Run(writer("sql", {"on": "Thaw", "seconds": 61}), writer("web"))
    run.prepare()
    assert run.do("DoSnapshotSet") is FINISHED
    assert run.times("sql")[-2:] == [("Thaw", 0), ("PostSnapshot", 61)]
