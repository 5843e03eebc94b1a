"""Every event of a backup and of a restore: in its order, to the writers that should get it and to no others."""

import os
import re
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import ROOT
from tests.writers_at_work import SNAPSHOT_EVENTS, Run, writer
from vss_sim.spec.creation import CREATION, Taker
from vss_sim.spec.enums import WriterState
from vss_sim.spec.events import EVENTS, RAISED_BY
from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Profile

LOGS: Final = Path(os.environ.get("VSS_SIM_DATA") or ROOT.parent / "shared" / "data") / "logs"
LOG: Final = LOGS / "sqlwriter-component-backup-ok.log"
RETRYABLE: Final = "VSS_E_WRITERERROR_RETRYABLE"
FINISHED: Final = HResult.VSS_S_ASYNC_FINISHED
COMPONENT_BACKUP: Final = (
    "Identify",
    "PrepareForBackup",
    "PrepareForSnapshot",
    "Freeze",
    "Thaw",
    "PostSnapshot",
    "Identify",
    "BackupComplete",
)
"""What a SQL writer heard in a good component backup, in the middle of which somebody else listed the writers."""

_NAMES: Final = {"PrepareBackup": "PrepareForBackup", "PrepareSnapshot": "PrepareForSnapshot"}


def _whole_backup(run: Run, **begun: Any) -> None:
    """A backup from the first call to the last."""
    assert run.prepare(**begun) is FINISHED
    assert run.do("DoSnapshotSet") is FINISHED
    assert run.do("BackupComplete") is FINISHED


@pytest.mark.skipif(not LOG.exists(), reason=f"no log in {LOGS}; VSS_SIM_DATA names the folder above it")
def test_the_sql_writer_logged_a_good_component_backup() -> None:
    """The writer's own log of a backup has the order that is told here."""
    entered = re.findall(r"Entering SQL Writer On(\w+)", LOG.read_text(encoding="utf-8"))
    assert tuple(_NAMES.get(name, name) for name in entered) == COMPONENT_BACKUP


def test_a_good_component_backup_is_what_the_sql_writer_heard() -> None:
    """An Identify that somebody else asks for comes in its middle."""
    run = Run()
    run.prepare()
    run.do("DoSnapshotSet")
    run.create("other")
    run.call("InitializeForBackup", "other", bstrXML=None)
    run.do("GatherWriterMetadata", "other")
    run.do("BackupComplete")
    assert tuple(run.events("sql")) == COMPONENT_BACKUP


def test_a_writer_that_stopped_vetoes_nothing() -> None:
    """Page of GetWriterStatus: VSS itself says that a writer does not respond; the requester decides what to do.

    It is sent no event, and so neither returns false nor overruns its window, which is what fails a creation.
    """
    run = Run(writer("sql", hostedIn="svc"), writer("web"), services=[{"name": "svc"}])
    run.prepare()
    run.happen("service stops", service="svc")
    assert run.do("DoSnapshotSet") is FINISHED
    assert "PrepareForSnapshot" not in run.events("sql")
    assert run.status("sql") == (WriterState.UNKNOWN, "VSS_E_WRITER_NOT_RESPONDING")
    assert run.status("web") == (WriterState.WAITING_FOR_BACKUP_COMPLETE, "S_OK")


def test_a_writer_that_stops_while_it_is_frozen_cannot_be_thawed() -> None:
    """Freeze was sent and nobody answers Thaw, so that the creation fails (rule seq-abort-event-on-freeze-thaw)."""
    run = Run(writer("sql", hostedIn="svc"), writer("web", {"on": "Freeze", "seconds": 5}), services=[{"name": "svc"}])
    run.prepare()
    run.call("DoSnapshotSet")
    run.ask()
    run.pass_time(1)
    run.happen("service stops", service="svc")
    assert run.wait() is HResult.VSS_E_UNEXPECTED_WRITER_ERROR
    assert run.events("web")[-2:] == ["Thaw", "Abort"]
    assert not run.blamed_on_vss()


def test_the_steps_of_the_creation_raise_what_the_table_of_events_says() -> None:
    """Two tables, one order (rule seq-do-event-order)."""
    events = tuple(step.name for step in CREATION if step.taker is Taker.WRITERS)
    assert events == RAISED_BY["DoSnapshotSet"]


def test_a_whole_backup_raises_its_events_in_order() -> None:
    """Protocol B.1, with the end of the object."""
    run = Run()
    _whole_backup(run)
    run.call("Release")
    whole = ["Identify", "PrepareForBackup", *SNAPSHOT_EVENTS, "BackupComplete", "BackupShutdown"]
    assert run.events("sql") == run.events("web") == whole


def test_in_component_mode_only_writers_with_a_component_take_part() -> None:
    """Dispute C26: from PrepareForBackup on the others get nothing, but for the end of the object."""
    run = Run()
    _whole_backup(run, components=("sql",))
    run.call("Release")
    assert run.events("web") == ["Identify", "BackupShutdown"]


def test_in_volume_mode_every_writer_takes_part() -> None:
    """There are no components at all (dispute C26)."""
    run = Run()
    _whole_backup(run, bSelectComponents=False)
    assert run.events("sql") == run.events("web")
    assert "Freeze" in run.events("web")


@pytest.mark.parametrize("context", ["VSS_CTX_FILE_SHARE_BACKUP", "VSS_CTX_NAS_ROLLBACK"])
def test_a_context_without_writers_raises_no_event_of_a_backup(context: str) -> None:
    """Rule seq-writerless-no-events."""
    run = Run()
    run.create()
    run.call("InitializeForBackup", bstrXML=None)
    run.call("SetContext", lContext=context)
    run.call("StartSnapshotSet")
    run.call("AddToSnapshotSet", pwszVolumeName="C:\\")
    assert run.do("DoSnapshotSet") is FINISHED
    assert run.events() == []


def test_front_end_writers_freeze_before_those_behind_them() -> None:
    """Rule seq-freeze-by-level, whatever the order in which they are listed."""
    levels = {"rm": "VSS_APP_SYSTEM_RM", "system": "VSS_APP_SYSTEM", "back": "VSS_APP_BACK_END", "front": None}
    run = Run(*(writer(name, **({"level": level} if level else {})) for name, level in levels.items()))
    run.prepare(components=levels)
    run.do("DoSnapshotSet")
    ids = {one["writerId"]: one["name"] for one in run.writers}
    frozen = [ids[event.writer_id] for event in run.seen if event.name == "Freeze"]
    assert frozen == ["front", "back", "system", "rm"]


def test_a_writer_that_fails_identify_is_absent() -> None:
    """Rule seq-failed-identify-hidden; so is one that gives no answer (rule wr-status-only-identified)."""
    run = Run(writer("sql", {"on": "Identify", "fails": RETRYABLE}), writer("web"), writer("mute", _silent("Identify")))
    run.begin()
    assert [session.metadata.name for session in run.sessions()] == ["web"]


def _silent(event: str) -> dict[str, Any]:
    return {"on": event, "silent": True}


@pytest.mark.parametrize("event", ["PrepareForBackup", "PrepareForSnapshot"])
def test_a_writer_that_fails_before_freeze_is_never_frozen(event: str) -> None:
    """The others go on, and its failure stands in its status to the end (rules wr-state-*)."""
    run = Run(writer("sql", {"on": event, "fails": RETRYABLE}), writer("web"))
    _whole_backup(run)
    assert not {"Freeze", "Thaw", "PostSnapshot", "BackupComplete"} & set(run.events("sql"))
    assert run.status("sql") == (EVENTS[event].failed, RETRYABLE)
    assert run.events("web")[1:] == ["PrepareForBackup", *SNAPSHOT_EVENTS, "BackupComplete"]
    assert run.status("web") == (WriterState.STABLE, "S_OK")


@pytest.mark.parametrize(
    ("profile", "fatal", "told"),
    [(Profile.WINDOWS, True, ["Abort"]), (Profile.WINDOWS, False, []), (Profile.DOCUMENTED, True, [])],
)
def test_who_fails_prepare_for_snapshot_gets_abort_alone(profile: Profile, fatal: bool, told: list[str]) -> None:
    """As real Windows does where the handler returned false (obs-failed-prepare-snapshot-aborts, dispute C17)."""
    reply = {"on": "PrepareForSnapshot", "fails": "VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT", "fatal": fatal}
    run = Run(writer("sql", reply), writer("web"), profile=profile)
    if profile is Profile.DOCUMENTED:
        run.begin(context="VSS_CTX_BACKUP")
        run.call("StartSnapshotSet")
        run.call("AddToSnapshotSet", pwszVolumeName="C:\\")
        run.do("PrepareForBackup")
    else:
        run.prepare()
    assert run.do("DoSnapshotSet") is FINISHED
    assert run.events("sql")[2:] == ["PrepareForSnapshot", *told]
    assert "Abort" not in run.events("web")


@pytest.mark.parametrize("event", ["Freeze", "Thaw"])
@pytest.mark.parametrize("how", [{"fails": RETRYABLE}, {"fails": RETRYABLE, "fatal": False}, {"silent": True}])
def test_who_fails_freeze_or_thaw_fails_the_set(event: str, how: dict[str, Any]) -> None:
    """Whatever the handler returned (dispute C18), and when it never does; all in progress get Abort (protocol E.3)."""
    run = Run(writer("sql", {"on": event, **how}), writer("web"))
    run.prepare()
    assert run.do("DoSnapshotSet") is HResult.VSS_E_UNEXPECTED_WRITER_ERROR
    assert run.events("sql")[-1] == run.events("web")[-1] == "Abort"
    assert not run.simulation.world.snapshots
    state = WriterState.UNKNOWN if "silent" in how else EVENTS[event].failed
    assert run.status("sql") == (state, how.get("fails", "VSS_E_WRITER_NOT_RESPONDING"))
    assert run.status("web") == (WriterState.STABLE, "S_OK")


@pytest.mark.parametrize("event", ["PostSnapshot", "BackupComplete"])
def test_who_fails_later_fails_nothing_but_itself(event: str) -> None:
    """The shadow copy exists, and no Abort comes (rule seq-no-abort-on-prep-post)."""
    run = Run(writer("sql", {"on": event, "fails": RETRYABLE}), writer("web"))
    _whole_backup(run)
    assert "Abort" not in run.events()
    assert len(run.simulation.world.snapshots) == 1
    assert run.status("sql") == (EVENTS[event].failed, RETRYABLE)


def test_abort_is_for_writers_between_prepare_and_post_snapshot() -> None:
    """Dispute C16: neither earlier nor later, and once."""
    for stage, told in (("begin", False), ("prepare", True), ("do", False), ("complete", False)):
        run = Run()
        run.begin() if stage == "begin" else run.prepare()
        if stage in ("do", "complete"):
            run.do("DoSnapshotSet")
        if stage == "complete":
            run.do("BackupComplete")
        run.call("AbortBackup")
        run.call("AbortBackup")
        assert run.events("sql").count("Abort") == told, stage


def test_a_writer_that_crashes_in_a_handler_gets_nothing_more() -> None:
    """VSS hears nothing from it: its state is unknown (rule wr-status-not-responding)."""
    run = Run(writer("sql", {"on": "PrepareForBackup", "crashes": True}), writer("web"))
    _whole_backup(run)
    assert run.status("sql") == (WriterState.UNKNOWN, "VSS_E_WRITER_NOT_RESPONDING")
    assert run.events("sql") == ["Identify", "PrepareForBackup"]


def test_a_writer_whose_service_stops_while_it_is_frozen_fails_the_set() -> None:
    """Nobody answers Thaw any more."""
    service: dict[str, Any] = {"services": [{"name": "db"}]}
    run = Run(writer("sql", {"on": "Freeze", "seconds": 5}, hostedIn="db"), writer("web"), **service)
    run.prepare()
    run.call("DoSnapshotSet")
    run.ask()
    run.happen("service stops", service="db")
    run.pass_time(6)
    assert run.ask() is HResult.VSS_E_UNEXPECTED_WRITER_ERROR
    assert run.status("sql") == (WriterState.UNKNOWN, "VSS_E_WRITER_NOT_RESPONDING")
    assert run.frozen() == set()
    assert not run.blamed_on_vss()


@pytest.mark.parametrize(
    ("asked", "status", "told"),
    [
        ("VSS_WRE_ALWAYS", "VSS_RS_ALL", ["PreRestore", "PostRestore"]),
        ("VSS_WRE_NEVER", "VSS_RS_NONE", []),
        ("VSS_WRE_IF_REPLACE_FAILS", "VSS_RS_ALL", ["PreRestore"]),
        ("VSS_WRE_IF_REPLACE_FAILS", "VSS_RS_FAILED", ["PreRestore", "PostRestore"]),
    ],
)
def test_writer_restore_decides_about_the_events_of_a_restore(asked: str, status: str, told: list[str]) -> None:
    """Rules wre-always, wre-never, wre-if-replace-fails, by the file restore status (dispute C47)."""
    method = {"method": "VSS_RME_RESTORE_IF_CAN_REPLACE", "writerRestore": asked}
    run = Run(writer("sql", restoreMethod=method), writer("web"))
    _whole_backup(run)
    run.restore()
    names = {"ct": "VSS_CT_FILEGROUP", "wszLogicalPath": "", "wszComponentName": "sql data", "status": status}
    assert run.do("PreRestore", "restore") is FINISHED
    run.call("SetFileRestoreStatus", "restore", writerId=run.writers[0]["writerId"], **names)
    assert run.do("PostRestore", "restore") is FINISHED
    assert [name for name in run.events("sql") if name.endswith("Restore")] == told
    assert [name for name in run.events("web") if name.endswith("Restore")] == ["PreRestore", "PostRestore"]


def test_a_writer_of_which_nothing_is_selected_hears_nothing_of_a_restore() -> None:
    """Rule seq-r-unselected-silent."""
    run = Run()
    _whole_backup(run)
    run.restore(selected=("web",))
    run.do("PreRestore", "restore")
    run.do("PostRestore", "restore")
    assert not {"PreRestore", "PostRestore"} & set(run.events("sql"))


def test_a_writer_that_fails_pre_restore_says_so_and_gets_no_abort() -> None:
    """There is no Abort in a restore (protocol E.3)."""
    run = Run(writer("sql", {"on": "PreRestore", "fails": RETRYABLE, "message": "busy"}), writer("web"))
    _whole_backup(run)
    run.restore()
    assert run.do("PreRestore", "restore") is FINISHED
    assert run.status("sql", "restore") == (WriterState.FAILED_AT_PRE_RESTORE, RETRYABLE)
    assert "Abort" not in run.events()
    assert run.object("restore").document.writers[0].components[0].pre_restore_failure == "busy"


def test_express_writers_are_listed_and_get_no_events() -> None:
    """Rule wr-express-limits."""
    express = {
        "express": True,
        "restoreMethod": {"method": "VSS_RME_RESTORE_AT_REBOOT", "writerRestore": "VSS_WRE_NEVER"},
    }
    run = Run(writer("sql"), writer("web", **express))
    _whole_backup(run)
    assert [session.metadata.name for session in run.sessions()] == ["sql", "web"]
    assert run.events("web") == []
    assert run.status("web") == (WriterState.STABLE, "S_OK")
