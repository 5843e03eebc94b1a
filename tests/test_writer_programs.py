"""A writer's program makes its object, initialises and subscribes it, and is gone with its process."""

from collections.abc import Iterator
from typing import Final

import pytest

from tests.support import blamed_on_vss, check
from tests.test_requester_source import CALLS
from tests.writer_programs import (
    DESCRIBED,
    LEDGER,
    NOTES,
    begun,
    events,
    filled,
    gathered,
    identities,
    simulation,
    taken,
)
from vss_sim import (
    ApplicationLevel,
    BadCall,
    ComponentType,
    HResult,
    NotSimulated,
    Simulation,
    SourceType,
    UsageType,
    VssError,
    WriterProgram,
    create_express_writer,
)
from vss_sim.documents.world_file import read_world
from vss_sim.judge.findings import At, Level, Outcome
from vss_sim.spec.rules import rules
from vss_sim.spec.writer_lives import calls_of_programs

TICK: Final = 1e-7


def test_a_writer_hears_events_from_subscribe_to_unsubscribe() -> None:
    """Rule writer-initialize-before-subscribe: before, it is initialised only; afterwards it hears nothing."""
    world = simulation()
    with WriterProgram(world) as program:
        assert program.initialize(LEDGER, "Ledger", UsageType.USERDATA, SourceType.OTHER) is HResult.S_OK
        assert identities(world) == []
        program.subscribe()
        assert identities(world) == [(LEDGER, "Ledger")]
        program.unsubscribe()
        assert identities(world) == []
        program.subscribe()
        assert identities(world) == [(LEDGER, "Ledger")]
    assert identities(world) == []
    assert events(world) == ["Identify", "Identify"]


def test_a_program_does_what_the_world_says_of_its_class() -> None:
    """Components and replies stand in the description; who it is, the program says itself."""
    replies = [{"on": "Freeze", "calls": [{"call": "CVssWriter::GetCurrentLevel"}]}]
    world = simulation({**DESCRIBED, "replies": replies})
    assert identities(world) == []
    program = WriterProgram(world)
    program.initialize_ex(LEDGER, "Books", 2, 1, UsageType.OTHER, SourceType.TRANSACTEDDB, ApplicationLevel.BACK_END)
    program.subscribe_ex(1000)
    metadata = gathered(world).get_writer_metadata(0).metadata
    assert metadata.get_file_counts().components == 1
    version = metadata.get_version()
    assert (version.major_version, version.minor_version) == (2, 1)
    assert metadata.get_identity().usage is UsageType.OTHER
    taken(world)
    asked = [line for line in world.lines() if line.get("call") == "CVssWriter::GetCurrentLevel"]
    assert [line["out"]["value"] for line in asked] == ["VSS_APP_BACK_END"]


def test_who_calls_initialize_has_version_0_0() -> None:
    """Page api:nf-vswriter-cvsswriterex-initializeex: whatever the world says of another program of the class."""
    world = simulation({**DESCRIBED, "majorVersion": 3, "minorVersion": 2})
    begun(world)
    version = gathered(world).get_writer_metadata(0).metadata.get_version()
    assert (version.major_version, version.minor_version) == (0, 0)


def test_a_writer_that_nobody_described_has_the_handlers_of_the_base_class() -> None:
    """It declares who it is, and answers every event well."""
    world = simulation()
    begun(world)
    requester = taken(world)
    assert gathered(world).get_writer_metadata(0).metadata.get_file_counts().components == 0
    requester.gather_writer_status().finish()
    assert requester.get_writer_status(0).failure is HResult.S_OK


@pytest.mark.parametrize(("late", "passes"), [(0, True), (1, False)])
def test_the_window_that_initialize_sets_is_kept_to_its_last_tick(late: int, passes: bool) -> None:
    """Rule writer-init-freeze-timeout: 5 seconds here; one tick more, and the writer gets Abort."""
    slow = {"on": "Freeze", "seconds": 5 + late * TICK}
    world = simulation({**DESCRIBED, "replies": [slow]})
    begun(world, freeze_timeout=5000)
    requester = taken(world)
    world.happens("time passes", seconds=60)
    got = events(world)
    assert ("Thaw" in got, "Abort" in got) == (passes, not passes)
    requester.gather_writer_status().finish()
    failure = requester.get_writer_status(0).failure
    assert failure is (HResult.S_OK if passes else HResult.VSS_E_WRITERERROR_TIMEOUT)


def test_a_writer_is_subscribed_one_time_and_initialised_one_way() -> None:
    """Rules writer-subscribe-once, writer-initialize-before-subscribe, writer-init-or-initex."""
    world = simulation()
    program = WriterProgram(world)
    with pytest.raises(VssError, match="writer-initialize-before-subscribe"):
        program.subscribe()
    program.initialize(LEDGER, "Ledger", UsageType.USERDATA, SourceType.OTHER)
    with pytest.raises(VssError, match="writer-init-or-initex"):
        program.initialize_ex(LEDGER, "Ledger", 1, 0, UsageType.USERDATA, SourceType.OTHER)
    with pytest.raises(NotSimulated, match="second CVssWriter::Initialize"):
        program.initialize(LEDGER, "Ledger", UsageType.USERDATA, SourceType.OTHER)
    program.subscribe()
    for again in (program.subscribe, lambda: program.subscribe_ex(0)):
        with pytest.raises(VssError) as refused:
            again()
        assert refused.value.hresult is HResult.VSS_E_WRITER_ALREADY_SUBSCRIBED
    assert identities(world) == [(LEDGER, "Ledger")]


def test_unsubscribe_without_a_subscription_changes_nothing_and_succeeds() -> None:
    """Rule writer-unsubscribe-subscribed, dispute C79: its page names no answer of its own for that."""
    world = simulation()
    program = WriterProgram(world)
    program.unsubscribe()
    program.initialize(LEDGER, "Ledger", UsageType.USERDATA, SourceType.OTHER)
    program.unsubscribe()
    program.subscribe()
    assert identities(world) == [(LEDGER, "Ledger")]
    told = [finding.rule for finding in check(world.lines()).findings]
    assert told.count("writer-unsubscribe-subscribed") == 2


def test_a_call_out_of_order_is_told_alike_by_simulator_and_checker() -> None:
    """Dispute C79: no page names a code; VSS_E_BAD_STATE is what is answered, and taken for a refusal in a log."""
    world = simulation()
    program = WriterProgram(world)
    with pytest.raises(VssError) as early:
        program.subscribe()
    program.initialize(LEDGER, "Ledger", UsageType.USERDATA, SourceType.OTHER)
    with pytest.raises(VssError) as twice:
        program.initialize_ex(LEDGER, "Ledger", 1, 0, UsageType.USERDATA, SourceType.OTHER)
    assert {early.value.hresult, twice.value.hresult} == {HResult.VSS_E_BAD_STATE}
    errors = [finding for finding in check(world.lines()).findings if finding.level is Level.ERROR]
    assert [(finding.rule, finding.at) for finding in errors] == [
        ("writer-initialize-before-subscribe", At.WRITER),
        ("writer-init-or-initex", At.WRITER),
    ]
    for rule in ("writer-initialize-before-subscribe", "writer-init-or-initex", "writer-unsubscribe-subscribed"):
        assert "C79" in rules()[rule].disputes


@pytest.mark.parametrize("name", ["InstallAlternateWriter", "OnBackOffIOOnVolume", "OnVSSShutdown"])
def test_a_reserved_method_is_not_simulated_and_says_why(name: str) -> None:
    """Its page tells neither what it does nor what it answers."""
    world = simulation()
    program = WriterProgram(world)
    with pytest.raises(NotSimulated, match=r"is reserved: .*rule writer-"):
        world.call(f"CVssWriter::{name}", program.handle)


def test_in_safe_mode_a_writer_is_not_initialised() -> None:
    """The page of Initialize: S_FALSE, since there is no writer infrastructure; so it cannot subscribe either."""
    world = simulation(safeMode=True)
    program = WriterProgram(world)
    assert program.initialize(LEDGER, "Ledger", UsageType.USERDATA, SourceType.OTHER) is HResult.S_FALSE
    with pytest.raises(VssError, match="writer-initialize-before-subscribe"):
        program.subscribe()
    assert blamed_on_vss(world.lines()) == []


def test_instances_of_a_class_have_names_of_their_own() -> None:
    """Rule writer-init-instance-name: each program stands for the described instance of its name."""
    first = {**DESCRIBED, "name": "one", "instanceName": "one"}
    second = {**DESCRIBED, "name": "two", "instanceName": "two", "components": []}
    world = simulation(first, second)
    begun(world, instance_name="TWO")
    assert gathered(world).get_writer_metadata(0).metadata.get_file_counts().components == 0
    begun(world, instance_name="one")
    requester = gathered(world)
    counts = [requester.get_writer_metadata(index).metadata.get_file_counts().components for index in range(2)]
    assert counts == [1, 0]
    begun(world, instance_name="three")
    assert len(identities(world)) == 3


@pytest.mark.parametrize("end", ["process ends", "requester crashes"])
def test_a_writer_is_gone_with_its_process(end: str) -> None:
    """In the middle of a backup, too: its status says that it does not respond."""
    world = simulation(DESCRIBED)
    begun(world, process="books")
    requester = gathered(world)
    world.happens(end, process="books")
    requester.start_snapshot_set()
    requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().wait()
    requester.gather_writer_status().finish()
    assert requester.get_writer_status(0).failure is HResult.VSS_E_WRITER_NOT_RESPONDING
    assert identities(world) == []
    before = gathered(world)
    begun(world, process="books")
    assert before.get_writer_metadata_count() == 0
    assert identities(world) == [(LEDGER, "Ledger")]


def test_each_subscription_is_an_instance_of_its_own() -> None:
    """Rule svc-instance-id-new: the requester of the old instance does not reach the new one."""
    world = simulation(DESCRIBED)
    program = begun(world)
    old = gathered(world).get_writer_metadata(0).instance_id
    program.release()
    begun(world)
    assert gathered(world).get_writer_metadata(0).instance_id != old


def test_no_program_runs_after_a_restart_until_it_subscribes_again() -> None:
    """What is described as running starts with the machine; a program has to be started."""
    world = simulation(DESCRIBED)
    begun(world)
    begun(world, NOTES)
    assert len(identities(world)) == 2
    world.happens("reboot")
    assert identities(world) == []
    begun(world)
    assert identities(world) == [(LEDGER, "Ledger")]


def test_a_crash_of_vss_is_not_the_end_of_a_writer() -> None:
    """Its object is in its own process; the next backup finds it."""
    world = simulation(DESCRIBED)
    program = begun(world)
    world.happens("VSS crashes")
    assert identities(world) == [(LEDGER, "Ledger")]
    program.unsubscribe()
    assert identities(world) == []


def test_a_writers_object_is_named_by_its_program_and_counts_no_references() -> None:
    """It is made by a constructor, and is no COM object."""
    world = simulation()
    with pytest.raises(BadCall, match='needs "on"'):
        world.call("CVssWriter::CVssWriter")
    world.call("CVssWriter::CVssWriter", "w")
    with pytest.raises(BadCall, match="there is an object 'w' already"):
        world.call("CVssWriter::CVssWriter", "w")
    with pytest.raises(BadCall, match="no COM object"):
        world.call("IUnknown::Release", "w")
    world.call("CVssWriter::~CVssWriter", "w")
    assert world.unreleased() == ()
    with pytest.raises(BadCall, match="there is no object 'w'"):
        world.call("CVssWriter::Unsubscribe", "w")


def test_a_question_outside_of_a_handler_is_not_answered() -> None:
    """Rule writer-set-id-in-handlers and its like: a handler asks, by the script of the world."""
    world = simulation()
    begun(world)
    with pytest.raises(NotSimulated, match="in a handler"):
        world.call("CVssWriter::GetCurrentSnapshotSetId", "writer0")


def conversations() -> Iterator[Simulation]:
    """Runs in which writers begin, are backed up and end, as they should."""
    world = simulation({**DESCRIBED, "replies": [{"on": "Freeze", "seconds": 3}]})
    with begun(world):
        taken(world).abort_backup()
    yield world
    world = simulation()
    with create_express_writer(world) as express:
        filled(express)
        express.register()
    yield world


def test_the_record_of_a_writers_program_conforms() -> None:
    """The checker follows a writer through its life, and finds nothing that is an error."""
    for world in conversations():
        lines = list(world.lines())
        assert check(lines).outcome is Outcome.CONFORMS, check(lines).findings


def test_every_call_of_a_program_is_made() -> None:
    """Each once at least, by its Python name; what a program adds to the metadata is what a requester reads."""
    world = simulation()
    with begun(world) as program:
        program.unsubscribe()
    with WriterProgram(world) as program:
        program.initialize_ex(LEDGER, "Ledger", 1, 2, UsageType.USERDATA, SourceType.OTHER)
        program.subscribe_ex(30_000)
    with create_express_writer(world) as express:
        filled(express)
        with express.create_metadata(NOTES, "Notes", UsageType.USERDATA, 1, 2) as metadata:
            metadata.add_component(ComponentType.FILEGROUP, None, "Notes", None, False, False, True)
            metadata.add_exclude_files("C:\\notes", "*.tmp", False)
            metadata.add_component_dependency(None, "Notes", LEDGER, None, "books")
            document = metadata.save_as_xml()
        express.load_metadata(document)
        express.register()
        dependency = gathered(world).get_writer_metadata(0).metadata.get_component(0).get_dependency(0)
        assert dependency.get_writer_id().writer_id == LEDGER
        express.unregister(NOTES)
    made = {line["call"] for line in world.lines() if "call" in line}
    offered = set(CALLS) & calls_of_programs()
    assert offered <= made, offered - made
    assert blamed_on_vss(world.lines()) == []


def test_programs_have_no_part_in_a_fork_that_came_before_them() -> None:
    """A step makes another world; the one before does not know the writer."""
    world = simulation(DESCRIBED)
    before = world.fork()
    begun(world)
    assert identities(before) == []
    assert identities(world) == [(LEDGER, "Ledger")]


@pytest.mark.parametrize(("value", "as_writer", "as_requester"), [(1, True, False), (2, False, True), (3, True, True)])
def test_the_registry_grants_writers_and_requesters_by_values_of_their_own(
    value: int, as_writer: bool, as_requester: bool
) -> None:
    """Rule sec-registry-grant, dispute C62."""
    account = {"account": "ledger", "groups": ["Users"]}
    granted = {"requester": account, "registry": {"vssAccessControl": {"ledger": value}}}
    world = Simulation(read_world({"machines": [granted]}))
    world.call("CVssWriter::CVssWriter", "w")
    named = {"WriterId": LEDGER, "wszWriterName": "Ledger", "ut": "VSS_UT_USERDATA", "st": "VSS_ST_OTHER"}
    codes = {True: HResult.S_OK, False: HResult.E_ACCESSDENIED}
    assert world.call("CVssWriter::Initialize", "w", named).answer == codes[as_writer]
    assert world.call("CreateVssExpressWriter").answer == codes[as_writer]
    assert world.call("CreateVssBackupComponents").answer == codes[as_requester]
    assert blamed_on_vss(world.lines()) == []
