"""Asynchronous operations that nobody waits for: abandoned, overtaken by another, or given up with their backup."""

from typing import Any

import msgspec
import pytest

from vss_sim import (
    Async,
    BackupComponents,
    BackupType,
    HResult,
    Simulation,
    create_backup_components,
    read_world,
)
from vss_sim.engine.inputs import Gone
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding, Level
from vss_sim.trace.reader import read_line

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
