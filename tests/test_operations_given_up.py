"""Operations that end after their process, their object or their backup: what comes of them, and who hears of it."""

from typing import Any

import pytest

from tests.backups_by_stages import COMPONENT, WRITER_ID, Requester, conforms, machine, world
from tests.test_sets_in_progress import IN_PROGRESS
from vss_sim.model.computer import Machine, Reply, ScriptedAnswer, Writer
from vss_sim.model.objects import BackupObject
from vss_sim.spec.enums import WriterState
from vss_sim.spec.hresult import HResult
from vss_sim.spec.state import Phase


def test_an_orphaned_operation_goes_with_its_process() -> None:
    """An `IVssAsync` outlives the object that began it, and not the process that holds it."""
    simulation = world()
    requester = Requester(simulation, process="p").until("initialised")
    operation = requester("GatherWriterMetadata").out["pAsync"]
    requester.release()
    assert requester.asks(operation) == "VSS_S_ASYNC_CANCELLED"
    simulation.happens("process ends", process="p")
    assert not simulation.world.objects


def test_a_late_end_does_not_call_an_object_back() -> None:
    """Rule seq-one-creation-at-a-time: an object that went on stays where it is when an earlier operation ends."""
    simulation = world()
    first = Requester(simulation).until("created")
    operation = first("BackupComplete").out["ppAsync"]
    assert first("StartSnapshotSet").answer == HResult.S_OK
    first("IVssAsync::Wait", operation)
    assert Requester(simulation).until("added")("StartSnapshotSet").answer == IN_PROGRESS
    conforms(simulation)


def test_nothing_comes_of_a_creation_that_was_aborted() -> None:
    """Rule seq-abort-ends-events: no writer freezes and no shadow copy is made after AbortBackup."""
    simulation = world()
    requester = Requester(simulation).until("prepared")
    operation = requester("DoSnapshotSet").out["ppAsync"]
    assert [event.name for event in requester("AbortBackup").events] == ["Abort"]
    assert requester("IVssAsync::Wait", operation).events == ()
    assert requester.asks(operation) == "VSS_S_ASYNC_CANCELLED"
    assert not simulation.world.snapshots
    conforms(simulation)


def test_a_writer_that_was_told_of_the_end_waits_no_more() -> None:
    """Rules seq-freeze-then-thaw-or-abort and obs-status-after-abort: Abort ends it, a failure stays in its status."""
    calm = Writer(name="Calm", writer_id="{00000000-0000-4000-8000-000000000002}", components=())
    failing = machine("one", Reply(on="Freeze", fails="VSS_E_WRITERERROR_RETRYABLE")).writers[0]
    simulation = world(Machine(writers=(calm, failing)))
    requester = Requester(simulation)
    requester("InitializeForBackup")
    state: dict[str, Any] = {
        "bSelectComponents": False,
        "bBackupBootableSystemState": False,
        "backupType": "VSS_BT_FULL",
    }
    requester("SetBackupState", **state)
    requester.waits("GatherWriterMetadata")
    requester("StartSnapshotSet")
    requester("AddToSnapshotSet", pwszVolumeName="C:\\")
    requester.waits("PrepareForBackup")
    assert requester.waits("DoSnapshotSet") == "VSS_E_UNEXPECTED_WRITER_ERROR"
    obj = simulation.world.objects[requester.handle]
    assert isinstance(obj, BackupObject)
    states = {session.metadata.name: session.state for session in obj.sessions}
    assert states == {"Calm": WriterState.STABLE, "Sample Writer": WriterState.FAILED_AT_FREEZE}
    conforms(simulation)


def test_a_writer_that_was_prepared_hears_of_the_abort_though_it_was_filtered_out_since() -> None:
    """Rules seq-abort-event-every-writer and obs-gather-again: a later gather forgets nobody in progress."""
    simulation = world()
    requester = Requester(simulation).until("declared")
    requester("StartSnapshotSet")
    requester("AddToSnapshotSet", pwszVolumeName="C:\\")
    requester.waits("PrepareForBackup")
    requester("DisableWriterClasses", rgWriterClassId=[WRITER_ID], cClassId=1)
    requester.waits("GatherWriterMetadata")
    assert requester("GetWriterMetadataCount").out["pcWriters"] == 0
    assert [event.name for event in requester("AbortBackup").events] == ["Abort"]
    conforms(simulation)


def test_who_was_prepared_hears_of_the_abort_whatever_was_added_since() -> None:
    """Rule seq-abort-event-every-writer: also a writer none of whose components is in the backup any more."""
    other = Writer(name="Other", writer_id="{00000000-0000-4000-8000-000000000002}")
    simulation = world(Machine(writers=(other, *machine().writers)))
    requester = Requester(simulation).until("gathered")
    requester.waits("PrepareForBackup")
    requester("AddComponent", **COMPONENT)
    assert len(requester("AbortBackup").events) == 2
    conforms(simulation)


def test_a_writer_that_is_done_hears_of_no_abort() -> None:
    """Rule seq-abort-not-after-postsnapshot: neither after PostSnapshot nor after BackupComplete."""
    for stage in ("created", "completed"):
        assert Requester(world()).until(stage)("AbortBackup").events == ()


def test_a_late_end_does_not_complete_the_next_backup_of_the_object() -> None:
    """Rule object-single-operation: what ends is the operation that was begun, not what the object does since."""
    simulation = world(machine("one", answers=(ScriptedAnswer(to="BackupComplete", seconds=60),)))
    requester = Requester(simulation).until("created")
    requester("BackupComplete")
    for name in ("StartSnapshotSet", "AddToSnapshotSet"):
        requester(name, **({"pwszVolumeName": "C:\\"} if name == "AddToSnapshotSet" else {}))
    requester.waits("DoSnapshotSet")
    simulation.happens("time passes", seconds=60)
    obj = simulation.world.objects[requester.handle]
    assert isinstance(obj, BackupObject)
    assert obj.state & Phase.CREATED.bit


@pytest.mark.parametrize("ended", [0, 1])
def test_of_two_gathers_the_one_that_is_not_cancelled_counts(ended: int) -> None:
    """Rule obs-gather-again: to cancel one of two operations of a kind does not end the other."""
    requester = Requester(world()).until("declared")
    operations = [requester("GatherWriterMetadata").out["pAsync"] for _ in range(2)]
    requester("IVssAsync::Cancel", operations[1 - ended])
    requester("IVssAsync::Wait", operations[ended])
    assert requester("GetWriterMetadataCount").out["pcWriters"] == 1
    conforms(requester.simulation)


def test_who_was_prepared_hears_of_the_abort_whatever_the_context_is_since() -> None:
    """Rule seq-abort-event-every-writer: a context without writers that is set late takes nobody's Abort away."""
    simulation = world()
    requester = Requester(simulation).until("declared")
    requester.waits("PrepareForBackup")
    assert requester("SetContext", lContext="VSS_CTX_NAS_ROLLBACK").answer == HResult.S_OK
    assert [event.name for event in requester("AbortBackup").events] == ["Abort"]
    conforms(simulation)
