"""Asynchronous operations that nobody waits for: abandoned, overtaken by another, or given up with their backup."""

from typing import Any

import msgspec
import pytest

from tests.support import asynchronous, backup_until, call, check
from vss_sim import (
    Async,
    BackupComponents,
    BackupType,
    HResult,
    Simulation,
    SnapshotContext,
    create_backup_components,
    read_world,
)
from vss_sim.engine.inputs import Gone
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import At, Finding, Level
from vss_sim.trace.reader import read_line

BROKEN = "{00000000-0000-0000-0000-0000000000f1}"
_WRITER = '"writers": [{"name": "W", "writerId": "{5affb034-969f-4919-8875-88f830d0ef89}"}]'


def _simulation(answers: str = "") -> Simulation:
    return Simulation(read_world(f'{{"machines": [{{{_WRITER}, "answers": [{answers}]}}]}}'))


def _with_a_set(simulation: Simulation, *, gather: bool = True) -> BackupComponents:
    requester = create_backup_components(simulation)
    requester.initialize_for_backup()
    requester.set_backup_state(False, False, BackupType.FULL)
    if gather:
        requester.gather_writer_metadata().finish()
    requester.start_snapshot_set()
    requester.add_to_snapshot_set("C:\\")
    return requester


def _events(simulation: Simulation) -> list[str]:
    return [line["event"] for line in simulation.lines() if "event" in line]


def _errors(simulation: Simulation) -> list[Finding]:
    found: list[Finding] = []
    checker = Checker(found.append)
    for number, line in enumerate(simulation.lines(), 2):
        checker.feed(number, read_line(msgspec.json.encode(line), number))
    checker.finish()
    return [finding for finding in found if finding.level is Level.ERROR]


def test_an_operation_goes_on_when_its_last_reference_is_released() -> None:
    """Release gives the reference up, not the work (rule seq-async-release): writers hear of it, the backup goes on."""
    simulation = _simulation()
    requester = _with_a_set(simulation)
    requester.prepare_for_backup().release()
    assert _events(simulation)[-1] == "PrepareForBackup"
    requester.do_snapshot_set().finish()
    assert not _errors(simulation)


def test_an_abandoned_creation_does_not_block_the_machine_for_ever() -> None:
    """What was begun ends in its time, with or without a reference (rule seq-one-creation-at-a-time)."""
    simulation = _simulation('{"to": "DoSnapshotSet", "seconds": 30}')
    requester = _with_a_set(simulation)
    requester.prepare_for_backup().finish()
    abandoned = requester.do_snapshot_set()
    abandoned.release()
    assert [left.interface for left in simulation.unreleased()] == ["IVssBackupComponents"]
    with pytest.raises(Gone):
        abandoned.query_status()
    simulation.happens("time passes", seconds=30)
    assert len(simulation.world.snapshots) == 1
    assert set(simulation.world.objects) == {requester.handle}
    _with_a_set(simulation)


def test_an_abandoned_operation_goes_with_its_object() -> None:
    """Release of the object itself ends what runs for it; nothing of it is left in the world."""
    simulation = _simulation('{"to": "PrepareForBackup", "seconds": 30}')
    requester = _with_a_set(simulation)
    requester.prepare_for_backup().release()
    requester.release()
    assert not simulation.world.objects
    simulation.happens("time passes", seconds=60)
    assert "PrepareForBackup" not in _events(simulation)


@pytest.mark.parametrize("patience", [30_000, 0xFFFFFFFF])
def test_other_operations_end_while_one_is_waited_for(patience: int) -> None:
    """Time passes for all: what is due within a wait is over after it, whoever was waited for."""
    scripts = '{"to": "GatherWriterMetadata", "seconds": 10}, {"to": "GatherWriterStatus", "seconds": 40}'
    simulation = _simulation(scripts)
    requester = create_backup_components(simulation)
    requester.initialize_for_backup()
    first, second = requester.gather_writer_metadata(), requester.gather_writer_status()
    second.wait(patience)
    assert requester.get_writer_metadata_count() == 1
    assert first.query_status() is HResult.VSS_S_ASYNC_FINISHED


def _began(requester: BackupComponents, method: str) -> Async:
    if method != "prepare_for_backup":
        requester.prepare_for_backup().finish()
    begun: Any = getattr(requester, method)()
    assert isinstance(begun, Async)
    return begun


@pytest.mark.parametrize("method", ["prepare_for_backup", "do_snapshot_set"])
def test_an_operation_of_a_backup_that_was_given_up_is_cancelled(method: str) -> None:
    """After AbortBackup no writer hears of the backup any more (rules abort-raises-abort, seq-abort-no-resume)."""
    simulation = _simulation()
    requester = _with_a_set(simulation, gather=False)
    running = _began(requester, method)
    made = len(simulation.world.snapshots)
    requester.abort_backup()
    before = _events(simulation)
    assert running.finish() is HResult.VSS_S_ASYNC_CANCELLED
    assert _events(simulation) == before
    assert len(simulation.world.snapshots) == made


def test_a_call_is_recorded_on_the_machine_of_its_object() -> None:
    """Sets on two machines do not meet (rule seq-one-creation-at-a-time), in the trace neither."""
    simulation = Simulation(read_world('{"machines": [{"name": "one"}, {"name": "two"}]}'))
    for machine in ("one", "two"):
        handle = create_backup_components(simulation, machine=machine).handle
        for method in ("InitializeForBackup", "StartSnapshotSet"):
            assert simulation.call(f"IVssBackupComponents::{method}", handle).answer == HResult.S_OK
    assert [line.get("machine", "one") for line in simulation.lines()] == ["one"] * 3 + ["two"] * 3
    assert not _errors(simulation)


def test_one_of_two_operations_of_a_kind_that_was_cancelled_says_nothing_of_the_other() -> None:
    """GatherWriterStatus twice, the second one cancelled: not there yet, and there once the first one has ended."""
    count = "IVssBackupComponents::GetWriterStatusCount"
    lines = [
        call("CreateVssBackupComponents", out={"ppBackup": "bc"}),
        call("IVssBackupComponents::InitializeForBackup", "bc", bstrXML=None),
        call("IVssBackupComponents::GatherWriterStatus", "bc", out={"pAsync": "first"}),
        call("IVssBackupComponents::GatherWriterStatus", "bc", out={"pAsync": "second"}),
        call("IVssAsync::Cancel", "second"),
        call("IVssAsync::QueryStatus", "second", out={"pHrResult": "VSS_S_ASYNC_CANCELLED"}),
        call(count, "bc", "VSS_E_BAD_STATE"),
        call("IUnknown::Release", "first"),
        call(count, "bc", out={"pcWriters": 1}),
    ]
    assert not [found for found in check(lines).findings if found.at is At.IMPLEMENTATION]


def test_an_operation_keeps_the_context_in_which_it_began() -> None:
    """SetContext while PrepareForBackup is under way: those who prepare are told all the same."""
    simulation = _simulation('{"to": "PrepareForBackup", "seconds": 5}')
    requester = create_backup_components(simulation)
    requester.initialize_for_backup()
    requester.set_backup_state(False, False, BackupType.FULL)
    requester.gather_writer_metadata().finish()
    preparing = requester.prepare_for_backup()
    requester.set_context(SnapshotContext.FILE_SHARE_BACKUP)
    preparing.finish()
    assert _events(simulation)[-1] == "PrepareForBackup"


def test_a_cancelled_creation_says_nothing_of_the_set_after_it() -> None:
    """Asked late, once the next set is begun; the ids that this one gives are there when it is created."""
    methods = "IVssBackupComponents::"
    lines = [
        *backup_until("prepare"),
        call(methods + "DoSnapshotSet", "bc", out={"ppAsync": "async3"}),
        call("IVssAsync::Cancel", "async3"),
        call(methods + "StartSnapshotSet", "bc", out={"pSnapshotSetId": BROKEN}),
        call("IVssAsync::Cancel", "async3", "VSS_S_ASYNC_CANCELLED"),
        call(
            methods + "AddToSnapshotSet",
            "bc",
            pwszVolumeName="D:\\",
            out={"pidSnapshot": "{00000000-0000-0000-0000-0000000000f2}"},
        ),
        call(methods + "DoSnapshotSet", "bc", out={"ppAsync": "next"}),
        call("IVssAsync::Wait", "next"),
        call("IVssAsync::QueryStatus", "next", out={"pHrResult": "VSS_S_ASYNC_FINISHED"}),
        call(methods + "BreakSnapshotSet", "bc", "VSS_E_PROVIDER_VETO", SnapshotSetId=BROKEN),
    ]
    assert not [found for found in check(lines).findings if found.at is At.IMPLEMENTATION]


def test_a_revert_is_never_cancelled_not_even_with_its_object() -> None:
    """It goes on when the object that asked for it is gone (rules revert-status-no-cancel, revert-final)."""
    simulation = _simulation('{"to": "QueryRevertStatus", "seconds": 60}')
    requester = create_backup_components(simulation)
    requester.initialize_for_backup()
    requester.set_context(SnapshotContext.NAS_ROLLBACK)
    requester.start_snapshot_set()
    snapshot = requester.add_to_snapshot_set("C:\\")
    requester.do_snapshot_set().finish()
    requester.revert_to_snapshot(snapshot, force_dismount=True)
    reverting = requester.query_revert_status("C:\\")
    requester.release()
    simulation.happens("time passes", seconds=100)
    assert reverting.query_status() is HResult.VSS_S_ASYNC_FINISHED


def test_statuses_that_are_older_than_a_failed_identify_may_show_its_writer() -> None:
    """What was gathered stays as it was (rule seq-failed-identify-hidden)."""
    writer, instance = "{5affb034-969f-4919-8875-88f830d0ef89}", "{000000c0-0000-4000-8000-00000000001a}"
    fails = {
        "event": "Identify",
        "writer": writer,
        "instance": instance,
        "answer": {"fails": "VSS_E_WRITERERROR_RETRYABLE"},
    }
    shown = call("GetWriterStatus", iWriter=0, out={"pidInstance": instance, "pidWriter": writer})
    gather, ask = asynchronous("GatherWriterMetadata", "a1", "bc"), asynchronous("GatherWriterStatus", "a2", "bc")
    identify = [gather[0], fails, *gather[1:]]
    older = check([*backup_until("initialize"), *ask, *identify, shown])
    newer = check([*backup_until("initialize"), *identify, *ask, shown])
    hidden = "seq-failed-identify-hidden"
    assert (hidden in {found.rule for found in older.findings}, hidden in {found.rule for found in newer.findings}) == (
        False,
        True,
    )
