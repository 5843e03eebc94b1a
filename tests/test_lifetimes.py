"""How long things live: objects, sets in progress, pointers into the document, shadow copies; on several machines."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.support import check
from vss_sim.engine.desk import Step
from vss_sim.engine.inputs import BadCall, Gone
from vss_sim.model.computer import Description, Machine, Reply, ScriptedAnswer, Writer
from vss_sim.model.metadata import WriterComponent
from vss_sim.model.objects import BackupObject
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.enums import WriterState
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.objects import DEAD_POINTER
from vss_sim.spec.state import Phase
from vss_sim.spec.table import Profile

WRITER_ID: Final = "{00000000-0000-4000-8000-000000000001}"
INSTANCE_ID: Final = "{11111111-0000-4000-8000-000000000001}"
IN_PROGRESS: Final = HResult.VSS_E_SNAPSHOT_SET_IN_PROGRESS
COMPONENT: Final = {
    "instanceId": INSTANCE_ID,
    "writerId": WRITER_ID,
    "ct": "VSS_CT_FILEGROUP",
    "wszLogicalPath": None,
    "wszComponentName": "Database",
}


def machine(name: str = "one", *replies: Reply, answers: tuple[ScriptedAnswer, ...] = ()) -> Machine:
    """A machine with a writer of one component."""
    writer = Writer(
        name="Sample Writer",
        writer_id=WRITER_ID,
        instance_id=INSTANCE_ID,
        components=(WriterComponent(name="Database"),),
        replies=replies,
    )
    return Machine(name=name, writers=(writer,), answers=answers)


class Requester:
    """One object and the calls of a program on it; `begin` goes as far as the program wants it."""

    def __init__(self, simulation: Simulation, machine_name: str | None = None, process: str = "") -> None:
        self.simulation = simulation
        self.place: dict[str, Any] = {"machine": machine_name, "process": process}
        self.handle = simulation.call("CreateVssBackupComponents", **self.place).out["ppBackup"]

    def __call__(self, name: str, on: str | None = None, **arguments: Any) -> Step:
        """Make a call, by default one of `IVssBackupComponents` on the object."""
        full_name = name if "::" in name else f"IVssBackupComponents::{name}"
        return self.simulation.call(full_name, on or self.handle, arguments, **self.place)

    def waits(self, name: str) -> str:
        """Begin an operation, wait for its end, and say what it came to."""
        step = self(name)
        operation = next(iter(step.out.values()))
        self("IVssAsync::Wait", operation)
        return self.asks(operation)

    def asks(self, operation: str) -> str:
        """What an operation came to."""
        result: HResult = self("IVssAsync::QueryStatus", operation).out["pHrResult"]
        return result.name

    def until(self, stage: str, context: str | None = None) -> "Requester":
        """A good backup of one component, up to and including `stage`."""
        steps: dict[str, Callable[[], object]] = {
            "initialised": lambda: self("InitializeForBackup"),
            "context": lambda: context and self("SetContext", lContext=context),
            "declared": lambda: self(
                "SetBackupState",
                bSelectComponents=True,
                bBackupBootableSystemState=False,
                backupType="VSS_BT_FULL",
            ),
            "gathered": lambda: self.waits("GatherWriterMetadata"),
            "added": lambda: self("AddComponent", **COMPONENT),
            "started": lambda: self("StartSnapshotSet"),
            "filled": lambda: self("AddToSnapshotSet", pwszVolumeName="C:\\"),
            "prepared": lambda: self.waits("PrepareForBackup"),
            "created": lambda: self.waits("DoSnapshotSet"),
            "completed": lambda: self.waits("BackupComplete"),
        }
        for name, make in steps.items():
            make()
            if name == stage:
                return self
        raise ValueError(f"there is no stage {stage}")

    def release(self) -> int:
        """Give a reference up; how many are left."""
        return self("IUnknown::Release").answer


def world(*machines: Machine, profile: Profile = Profile.WINDOWS) -> Simulation:
    """A simulation of these machines, or of one with a writer."""
    return Simulation(Description(machines=machines or (machine(),)), profile)


def conforms(simulation: Simulation) -> None:
    """The checker finds nothing wrong with the implementation."""
    findings = check(simulation.lines(), simulation.world.profile).findings
    assert [finding for finding in findings if finding.at.value == "implementation"] == []


ENDS: Final[dict[str, Callable[[Requester], object]]] = {
    "finished": lambda one: (one.waits("PrepareForBackup"), one.waits("DoSnapshotSet")),
    "aborted": lambda one: one("AbortBackup"),
    "released": Requester.release,
    "its process ended": lambda one: one.simulation.happens("process ends", process="first"),
}


@pytest.mark.parametrize("end", ENDS)
@pytest.mark.parametrize("process", ["first", "second"])
def test_a_set_in_progress_blocks_every_other_object_of_the_machine_until_it_ends(end: str, process: str) -> None:
    """Rule seq-one-creation-at-a-time: in the same process and in another, until it is made, aborted or released."""
    simulation = world()
    first = Requester(simulation, process="first").until("filled")
    second = Requester(simulation, process=process).until("added")
    blocked = second("StartSnapshotSet")
    assert blocked.answer == IN_PROGRESS
    assert blocked.refusal is not None
    assert blocked.refusal.rule == "seq-one-creation-at-a-time"
    ENDS[end](first)
    if end == "its process ended" and process == "first":
        assert second.handle not in simulation.world.objects
    else:
        assert second("StartSnapshotSet").answer == HResult.S_OK
    conforms(simulation)


def test_a_creation_under_way_blocks_until_it_ends() -> None:
    """Rule seq-one-creation-at-a-time: until DoSnapshotSet has come to its end, not until it was called."""
    simulation = world(machine("one", answers=(ScriptedAnswer(to="DoSnapshotSet", seconds=60),)))
    first = Requester(simulation).until("prepared")
    first("DoSnapshotSet")
    second = Requester(simulation).until("added")
    simulation.happens("time passes", seconds=59)
    assert second("StartSnapshotSet").answer == IN_PROGRESS
    simulation.happens("time passes", seconds=1)
    assert second("StartSnapshotSet").answer == HResult.S_OK
    conforms(simulation)


@pytest.mark.parametrize("how", ["cancelled", "failed"])
def test_a_creation_that_came_to_nothing_blocks_nobody(how: str) -> None:
    """Rule seq-one-creation-at-a-time: a failed or cancelled DoSnapshotSet has ended, too."""
    replies = (Reply(on="Freeze", fails="VSS_E_WRITERERROR_RETRYABLE"),) if how == "failed" else ()
    simulation = world(machine("one", *replies))
    first = Requester(simulation).until("prepared")
    operation = first("DoSnapshotSet").out["ppAsync"]
    first("IVssAsync::Cancel" if how == "cancelled" else "IVssAsync::Wait", operation)
    assert Requester(simulation).until("added")("StartSnapshotSet").answer == HResult.S_OK
    conforms(simulation)


def test_a_finished_set_blocks_nobody() -> None:
    """Rule obs-next-set-after-do: the first backup need not be complete, nor its object released."""
    simulation = world()
    Requester(simulation).until("created")
    assert Requester(simulation).until("completed").waits("GatherWriterStatus") == "VSS_S_ASYNC_FINISHED"
    conforms(simulation)


def test_machines_do_not_block_each_other() -> None:
    """Rule seq-one-creation-at-a-time: one set a machine, not one set in the world."""
    simulation = world(machine("one"), machine("two"))
    Requester(simulation, "one").until("filled")
    assert Requester(simulation, "two").until("added")("StartSnapshotSet").answer == HResult.S_OK
    conforms(simulation)


def test_an_operation_ends_on_its_own_machine() -> None:
    """Rule seq-gather-raises-identify: time passes for all, and what ends raises its events where it was begun."""
    two = machine("two", answers=(ScriptedAnswer(to="GatherWriterMetadata", seconds=5),))
    simulation = world(Machine(name="one"), two)
    requester = Requester(simulation, "two").until("declared")
    requester("GatherWriterMetadata")
    events = simulation.happens("time passes", machine="one", seconds=10)
    assert [(event.name, event.machine) for event in events] == [("Identify", 1)]
    conforms(simulation)


def test_what_a_due_operation_makes_has_the_time_of_its_end() -> None:
    """A shadow copy is as old as the end of its creation, though more time has passed since."""
    simulation = world(machine("one", answers=(ScriptedAnswer(to="DoSnapshotSet", seconds=5),)))
    early, late = simulation.fork(), simulation.fork()
    for one, seconds in ((early, 5), (late, 500)):
        Requester(one).until("prepared")("DoSnapshotSet")
        one.happens("time passes", seconds=seconds)
    (first,), (second,) = early.world.snapshots.values(), late.world.snapshots.values()
    assert first.created == second.created


POINTER_DEATHS: Final = ("PrepareForBackup", "DoSnapshotSet", "BackupComplete")


@pytest.mark.parametrize("event", POINTER_DEATHS)
def test_a_pointer_into_the_document_dies_with_the_events_of_a_backup(event: str) -> None:
    """Rule get-writer-components-invalidated: the pointer must be got anew after each of them; a new one is good."""
    simulation = world(profile=Profile.DOCUMENTED)
    before = {"PrepareForBackup": "filled", "DoSnapshotSet": "prepared", "BackupComplete": "created"}[event]
    requester = Requester(simulation).until(before)
    _pointer_dies(requester, event)


@pytest.mark.parametrize("event", ["PreRestore", "PostRestore"])
def test_a_pointer_into_the_document_dies_with_the_events_of_a_restore(event: str) -> None:
    """Rule get-writer-components-invalidated, of a restore."""
    simulation = world(profile=Profile.DOCUMENTED)
    saved = Requester(simulation).until("completed")("SaveAsXML").out["pbstrXML"]
    requester = Requester(simulation)
    requester("InitializeForRestore", bstrXML=saved)
    requester.waits("GatherWriterMetadata")
    if event == "PostRestore":
        requester.waits("PreRestore")
    _pointer_dies(requester, event)


def _pointer_dies(requester: Requester, event: str) -> None:
    old = requester("GetWriterComponents", iWriter=0).out["ppWriter"]
    assert requester("IVssWriterComponents::GetComponentCount", old).out["pcComponents"] == 1
    assert requester.waits(event) == "VSS_S_ASYNC_FINISHED"
    with pytest.raises(Gone):
        requester("IVssWriterComponents::GetComponentCount", old)
    lines = [*requester.simulation.lines(), {"call": "IVssWriterComponents::GetComponentCount", "on": old}]
    checked = check(lines, Profile.DOCUMENTED)
    assert DEAD_POINTER in checked.rules_at(len(lines) + 1)
    new = requester("GetWriterComponents", iWriter=0).out["ppWriter"]
    assert requester("IVssWriterComponents::GetComponentCount", new).answer == HResult.S_OK
    conforms(requester.simulation)


def test_a_pointer_dies_with_its_object() -> None:
    """Rule com-call-after-release: what points into a document is no more when the document is gone."""
    requester = Requester(world()).until("added")
    pointer = requester("GetWriterComponents", iWriter=0).out["ppWriter"]
    requester.release()
    with pytest.raises(Gone):
        requester("IVssWriterComponents::GetComponentCount", pointer)


def test_release_with_an_open_set_cleans_up() -> None:
    """Rule obs-release-without-abort: writers hear Abort and BackupShutdown, no copy is left, the way is free."""
    simulation = world()
    requester = Requester(simulation).until("prepared")
    gone = requester("IUnknown::Release")
    assert [event.name for event in gone.events] == ["Abort", "BackupShutdown"]
    assert not simulation.world.snapshots
    assert Requester(simulation).until("created")("SaveAsXML").answer == HResult.S_OK
    conforms(simulation)


def test_the_last_reference_counts() -> None:
    """Rule com-call-after-release: an object lives until every reference to it is given up."""
    requester = Requester(world()).until("created")
    assert requester("IUnknown::AddRef").answer == 2
    assert requester("IUnknown::QueryInterface", riid="IID_IVssBackupComponentsEx").out["ppvObject"] == requester.handle
    assert (requester.release(), requester.release()) == (2, 1)
    assert len(requester.simulation.world.snapshots) == 1
    assert requester.release() == 0
    with pytest.raises(Gone):
        requester("GetWriterMetadataCount")
    lines = [*requester.simulation.lines(), {"call": "IVssBackupComponents::FreeWriterStatus", "on": requester.handle}]
    assert "com-call-after-release" in check(lines).rules_at(len(lines) + 1)
    conforms(requester.simulation)


@pytest.mark.parametrize("context", ["VSS_CTX_BACKUP", "VSS_CTX_APP_ROLLBACK"])
@pytest.mark.parametrize("end", ["release", "process ends", "reboot"])
def test_copies_go_with_their_object_or_stay(context: str, end: str) -> None:
    """Rules seq-release-deletes-autorelease, sn-ctx-autorelease and sn-ctx-persistent."""
    simulation = world()
    requester = Requester(simulation, process="p").until("completed", context)
    assert len(simulation.world.snapshots) == 1
    if end == "release":
        requester.release()
    else:
        simulation.happens(end, **({} if end == "reboot" else {"process": "p"}))
    assert len(simulation.world.snapshots) == (context != "VSS_CTX_BACKUP")
    conforms(simulation)


def test_a_persistent_copy_stays_until_it_is_deleted() -> None:
    """Rules sn-ctx-persistent and obs-context-must-match: it is found in VSS_CTX_ALL, and not in VSS_CTX_BACKUP."""
    simulation = world()
    Requester(simulation).until("completed", "VSS_CTX_APP_ROLLBACK").release()
    (copy,) = simulation.world.snapshots
    wanted: dict[str, Any] = {"SourceObjectId": copy, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT", "bForceDelete": False}
    blind = Requester(simulation).until("initialised")
    assert blind("DeleteSnapshots", **wanted).answer == HResult.VSS_E_OBJECT_NOT_FOUND
    seeing = Requester(simulation).until("context", "VSS_CTX_ALL")
    assert seeing("DeleteSnapshots", **wanted).answer == HResult.S_OK
    assert not simulation.world.snapshots
    conforms(simulation)


def test_what_one_object_releases_is_its_own() -> None:
    """Rule seq-release-deletes-autorelease: the copies of other objects stay."""
    simulation = world()
    one, two = Requester(simulation).until("completed"), Requester(simulation).until("completed")
    one.release()
    assert [copy.owner for copy in simulation.world.snapshots.values()] == [two.handle]


def test_a_process_takes_all_of_its_objects_along() -> None:
    """The end of a process gives up whatever lives in it, and nothing else; writers hear of it.

    Rule seq-release-raises-shutdown: also when its process dies.
    """
    simulation = world()
    other = Requester(simulation, process="other").until("gathered")
    kept = other("GetWriterMetadata", iWriter=0).out["ppMetadata"]
    dying = Requester(simulation, process="dying").until("completed")
    metadata = dying("GetWriterMetadata", iWriter=0).out["ppMetadata"]
    component = dying("IVssExamineWriterMetadata::GetComponent", metadata, iComponent=0).out["ppComponent"]
    args: dict[str, Any] = {
        "QueriedObjectId": None,
        "eQueriedObjectType": "VSS_OBJECT_NONE",
        "eReturnedObjectsType": "VSS_OBJECT_SNAPSHOT",
    }
    listed = dying("Query", **args).out["ppEnum"]
    pending = dying("GatherWriterStatus").out["pAsync"]
    events = simulation.happens("process ends", process="dying")
    assert [event.name for event in events] == ["BackupShutdown"]
    left = simulation.world.objects
    assert not {dying.handle, metadata, component, listed, pending} & set(left)
    assert {other.handle, kept} <= set(left)


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


def test_an_argument_that_a_call_has_not_is_refused() -> None:
    """By `Simulation.call` as on the wire: with the name that was probably meant, and nothing changes."""
    simulation = Simulation()
    handle = simulation.call("CreateVssBackupComponents").out["ppBackup"]
    world = simulation.world
    with pytest.raises(BadCall, match=r"no parameter 'lContex' \(did you mean lContext\?\); expected lContext"):
        simulation.call("IVssBackupComponents::SetContext", handle, {"lContex": 0})
    assert simulation.world is world
    assert len(simulation.record) == 1
