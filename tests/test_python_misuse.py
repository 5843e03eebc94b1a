"""What a program in Python can do wrong beside VSS: the error names the argument, and nothing has happened."""

import pickle
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from tests.requester_support import initialised, simulation, with_a_set
from vss_sim import (
    BackupType,
    BadCall,
    Disposition,
    HResult,
    RestoreType,
    Simulation,
    SnapshotContext,
    VssError,
    Win32CallError,
    WorldError,
    create_backup_components,
    is_volume_snapshotted,
    read_world,
    rehearse,
    timeline,
)
from vss_sim.model.computer import Description, File, Machine, Volume
from vss_sim.model.writers import HandlerCall, Reply

_NUMBER: Any = 5


@pytest.mark.parametrize(
    ("call", "given", "says"),
    [
        (Simulation, (5,), "description is 5; expected what read_world gives"),
        (Simulation, ("lab.json",), "description is 'lab.json'; expected what read_world gives"),
        (Simulation, (None, "documented"), "profile is 'documented'; expected Profile.WINDOWS or"),
        (read_world, (5,), "text is 5; expected the text of a world"),
        (create_backup_components, (None,), "simulation is None; expected a Simulation"),
        (partial(create_backup_components, process=_NUMBER), (Simulation(),), "process is 5; expected a text"),
        (partial(create_backup_components, machine=_NUMBER), (Simulation(),), "machine is 5; expected a text"),
        (is_volume_snapshotted, ("C:\\", "C:\\"), "expected a Simulation"),
    ],
)
def test_an_argument_of_the_wrong_type_is_named(call: Any, given: Any, says: str) -> None:
    """A profile by its name would count as the other one; a missing simulation is no fault of VSS."""
    with pytest.raises(TypeError) as fault:
        call(*given)
    assert says in str(fault.value)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ((None, False, BackupType.FULL), "bSelectComponents is None; it is true or false"),
        ((1.5, False, BackupType.FULL), "bSelectComponents is 1.5"),
        ((True, False, None), "backupType is None; it is one of VSS_BT_UNDEFINED"),
        ((True, False, RestoreType.BY_COPY), "it is one of VSS_BT_UNDEFINED"),
        ((True, False, "VSS_BT_FUL"), "VSS_BT_FUL"),
        ((True, False, float("nan")), "backupType is nan"),
    ],
)
def test_a_value_that_no_program_could_pass_is_no_answer_of_vss(given: Any, says: str) -> None:
    """`BadCall` names the documented parameter and what it takes; the world is as it was."""
    there = simulation()
    requester = initialised(there)
    world = there.world
    with pytest.raises(BadCall) as fault:
        requester.set_backup_state(*given)
    assert says in str(fault.value)
    assert there.world is world


def test_a_released_object_answers_nothing() -> None:
    """Not even Release; a second object is not touched."""
    world = simulation()
    one, other = create_backup_components(world), create_backup_components(world)
    assert one.release() == 0
    for call in (one.release, one.initialize_for_backup, one.add_ref, one.get_writer_metadata_count):
        with pytest.raises(BadCall, match="or it was released"):
            call()
    other.initialize_for_backup()
    assert [left.handle for left in world.unreleased()] == [other.handle]


def test_cancel_then_wait_then_ask() -> None:
    """An operation that was cancelled stays so, however often it is asked; what it was for is not there."""
    world = Simulation(read_world('{"machines": [{"answers": [{"to": "GatherWriterMetadata", "seconds": 30}]}]}'))
    requester = create_backup_components(world)
    requester.initialize_for_backup()
    operation = requester.gather_writer_metadata()
    operation.wait(1000)
    assert operation.query_status().name == "VSS_S_ASYNC_PENDING"
    assert operation.cancel().name == "S_OK"
    operation.wait()
    assert operation.query_status().name == operation.cancel().name == "VSS_S_ASYNC_CANCELLED"
    assert operation.finish().name == "VSS_S_ASYNC_CANCELLED"
    with pytest.raises(VssError) as refused:
        requester.get_writer_metadata_count()
    assert refused.value.rule == "metadata-count-after-gather"


def test_who_cancelled_is_not_told_of_a_failure_alone() -> None:
    """What comes after a cancelled creation is what comes after a failed one; the words say both."""
    world = Simulation(read_world('{"machines": [{"answers": [{"to": "DoSnapshotSet", "seconds": 30}]}]}'))
    requester = with_a_set(world)
    requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().finish()
    requester.do_snapshot_set().cancel()
    with pytest.raises(VssError) as refused:
        requester.backup_complete()
    assert "DoSnapshotSet failed or was cancelled" in refused.value.because


def test_an_answer_is_printed_by_its_name() -> None:
    """A number says nothing to whoever prints what a call came to."""
    assert f"{HResult.VSS_S_ASYNC_PENDING}" == str(HResult.VSS_S_ASYNC_PENDING) == "VSS_S_ASYNC_PENDING"
    assert f"{HResult.VSS_E_BAD_STATE:#x}" == "0x80042301"


def test_what_is_under_way_needs_only_to_be_waited_for() -> None:
    """A second DoSnapshotSet while the first one runs: no other object is needed for what it brings."""
    world = Simulation(read_world('{"machines": [{"answers": [{"to": "DoSnapshotSet", "seconds": 30}]}]}'))
    requester = create_backup_components(world)
    requester.initialize_for_backup()
    requester.gather_writer_metadata().finish()
    requester.set_backup_state(False, False, BackupType.COPY)
    requester.start_snapshot_set()
    requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().finish()
    requester.do_snapshot_set()
    with pytest.raises(VssError) as refused:
        requester.do_snapshot_set()
    assert refused.value.instead == ("IVssAsync::Wait",)


_INITIALIZE = "IVssBackupComponents::InitializeForBackup"
_WRITE: Any = {"lpFileName": "C:\\a", "content": "x"}


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (([_INITIALIZE], "bc1"), "name is ['IVssBackupComponents::InitializeForBackup']; expected a text"),
        ((5,), "name is 5; expected a text"),
        ((_INITIALIZE, ["bc1"]), "on is ['bc1']; expected a handle, which is a text"),
        ((_INITIALIZE, {}), "there is no object {}"),
        ((_INITIALIZE, "bc1", None), "arguments is None; expected the arguments by the names of their parameters"),
        ((_INITIALIZE, "bc1", "text"), "arguments is 'text'; expected the arguments"),
        ((_INITIALIZE, "bc1", {}, 5), "there is no machine 5; there is 'one'"),
        ((_INITIALIZE, "bc1", {}, "two"), "there is no machine 'two'; there is 'one'"),
        ((_INITIALIZE, "bc1", {}, None, 5), "process is 5; expected a text"),
        (("CreateVssBackupComponents", None, {}, None, ["x"]), "process is ['x']; expected a text"),
        (("CreateVssBackupComponents", "bc1"), "CreateVssBackupComponents is a function; it is not called on 'bc1'"),
        (("WriteFile", "bc1", _WRITE), "WriteFile is a function; it is not called on 'bc1'"),
        (("WriteFile", None, _WRITE, None, 5), "process is 5; expected a text"),
        (("WriteFile", None, None), "arguments is None"),
        (("WriteFile", None, {5: 6}), "WriteFile: 5 is no parameter of it"),
        (("ReadFile", None, {}), "ReadFile: hFile or lpFileName is missing"),
        (("WriteFile", None, {"content": "x"}), "WriteFile: hFile or lpFileName is missing"),
        (("StartService",), "StartService: hService or lpServiceName is missing"),
        (("ControlService",), "ControlService: dwControl and hService or lpServiceName are missing"),
    ],
)
def test_a_call_by_name_says_which_part_of_it_is_wrong(call: Any, says: str) -> None:
    """`BadCall`, and nothing has happened, whichever part it is."""
    there = Simulation()
    assert there.call("CreateVssBackupComponents").out == {"ppBackup": "bc1"}
    there.fork().call(_INITIALIZE, "bc1")  # what it comes to without arguments is remembered
    world, lines = there.world, [*there.lines()]
    parts: Any = (*call, *(None, {}, None, "")[len(call) - 1 :])
    name, on, arguments, machine, process = parts
    with pytest.raises(BadCall) as fault:
        there.call(name, on, arguments, machine=machine, process=process)
    assert says in str(fault.value)
    assert (there.world, [*there.lines()]) == (world, lines)


def test_a_call_is_made_on_the_machine_of_its_object() -> None:
    """No program has an object of another machine."""
    there = Simulation(read_world({"machines": [{"name": "one"}, {"name": "two"}]}))
    handle = there.call("CreateVssBackupComponents", machine="two").out["ppBackup"]
    with pytest.raises(BadCall, match="'bc1' is an object on 'two', not on 'one'"):
        there.call(_INITIALIZE, handle, machine="one")
    assert there.call(_INITIALIZE, handle).answer == 0


@pytest.mark.parametrize(
    ("what", "more", "says"),
    [
        (5, {}, "what is 5; expected a text"),
        (["reboot"], {}, "what is ['reboot']; expected a text"),
        ("process ends", {"proces": "x"}, '"process ends" has no key "proces"; expected "process"'),
        ("reboot", {"process": "x"}, '"reboot" has no key "process"; expected none'),
        ("process ends", {"process": ["x"]}, '"process ends" needs "process", a text, not [\'x\']'),
        ("time passes", {}, '"time passes" needs "seconds"'),
    ],
)
def test_what_happens_has_its_own_keys(what: Any, more: dict[str, Any], says: str) -> None:
    """A slip in the name of a key would let the wrong process end."""
    there = Simulation()
    there.call("CreateVssBackupComponents")
    world, lines = there.world, [*there.lines()]
    with pytest.raises(BadCall) as fault:
        there.happens(what, **more)
    assert says in str(fault.value)
    assert (there.world, [*there.lines()]) == (world, lines)


def test_everything_that_is_missing_is_named_at_once() -> None:
    """Whoever writes a client by hand need not ask once for each parameter."""
    there = Simulation()
    there.call("CreateVssBackupComponents")
    state = "IVssBackupComponents::SetBackupState"
    calls: Any = (
        ((state, "bc1"), "bSelectComponents, bBackupBootableSystemState and backupType are missing"),
        ((state, "bc1", {"backupType": "VSS_BT_FULL", "bSelectComponents": True}), "bBackupBootableSystemState is mis"),
        (("CopyFile",), "CopyFile: lpExistingFileName and lpNewFileName are missing"),
    )
    for call, says in calls:
        with pytest.raises(BadCall) as fault:
            there.call(*call)
        assert says in str(fault.value)
    with pytest.raises(ValueError, match=r"and 'wszDestination' are missing; [A-Za-z:]* needs them, or null"):
        HandlerCall(call="IVssCreateWriterMetadata::AddAlternateLocationMapping")


def test_a_description_is_its_own() -> None:
    """What the caller does to his dictionaries afterwards is not done to the world, whichever way they came into it."""
    environment, rights, names = {"DATA": "C:\\one"}, {"NT AUTHORITY\\X": 1}, {"App": ["C:\\a.tmp"]}
    handed: dict[str, Any] = {"wszBackupStamp": "one"}
    happens: dict[str, Any] = {"happens": "account changes", "groups": ["one"]}
    told: dict[str, Any] = {
        "machines": [
            {
                "environment": environment,
                "registry": {"vssAccessControl": rights, "filesNotToSnapshot": names},
                "volumes": [{"name": "C:\\", "files": {"C:\\a": {"content": "v1"}}}],
            }
        ],
        "then": [happens],
    }
    files = {"C:\\b": File(content="v1")}
    copied = {"C:\\b": "v1"}
    made = Description(machines=(Machine(environment=environment, volumes=(Volume(name="C:\\", files=files),)),))
    call, reply = (
        HandlerCall(call="IVssComponent::SetBackupStamp", arguments=handed),
        Reply(on="PostSnapshot", write_in_copy=copied),
    )
    read = read_world(told)
    before = repr((made, read, call, reply))
    environment["DATA"] = handed["wszBackupStamp"] = "two"
    rights["NT AUTHORITY\\Y"] = 1
    names["App"].append("C:\\b.tmp")
    happens["groups"].append("two")
    told["machines"][0]["volumes"][0]["files"]["C:\\c"] = {"content": "v2"}
    files["C:\\c"] = File(content="v2")
    copied["C:\\c"] = "v2"
    assert repr((made, read, call, reply)) == before


@pytest.mark.parametrize("end", ["process ends", "reboot"])
def test_the_end_of_a_block_does_not_hide_why_it_ended(end: str) -> None:
    """What went with its process has not to be given up; the program's own error is the one that is seen."""
    there = Simulation()

    def fail() -> None:
        there.happens(end)
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"), create_backup_components(there):
        fail()
    files = there.machine().files
    with pytest.raises(KeyError, match="mine"), files.create_file("C:\\a", disposition=Disposition.CREATE_NEW):
        fail()
    assert [line.get("returns") for line in there.lines() if "call" in line] == ["S_OK", "ERROR_SUCCESS"]


def test_a_block_gives_up_once() -> None:
    """A program that released its object in the block, as every other program does, has nothing left at its end."""
    there = Simulation()
    with create_backup_components(there) as requester:
        requester.release()
    with there.machine().files.create_file("C:\\a", disposition=Disposition.CREATE_NEW) as handle:
        handle.close()
    assert [line["call"] for line in there.lines()] == [
        "CreateVssBackupComponents",
        "IUnknown::Release",
        "CreateFile",
        "CloseHandle",
    ]
    with pytest.raises(BadCall, match="or it was released"):
        requester.release()
    with pytest.raises(Win32CallError, match="ERROR_INVALID_HANDLE"):
        handle.close()


@pytest.mark.parametrize("arguments", [None, (), "", 0])
def test_what_is_no_arguments_is_told_however_often_the_call_was_made_without_any(arguments: Any) -> None:
    """What a call without arguments comes to is worked out once; what is none of them is not taken for it."""
    for _ in range(3):
        there = Simulation()
        there.call("CreateVssBackupComponents")
        there.call(_INITIALIZE, "bc1", {})
    there = Simulation()
    there.call("CreateVssBackupComponents")
    with pytest.raises(BadCall, match=r"arguments is .*; expected the arguments by the names of their parameters"):
        there.call(_INITIALIZE, "bc1", arguments)


def test_an_error_of_a_file_or_service_call_names_what_it_is_about() -> None:
    """A path or a service, which a program with many such calls cannot tell otherwise; in another process, too."""
    there = Simulation().machine()
    for call, about in (
        (lambda: there.files.read_file("C:\\none.db"), "ReadFile C:\\none.db: ERROR_FILE_NOT_FOUND: "),
        (lambda: there.files.move_file("C:\\none.db", "C:\\b"), "MoveFileEx C:\\none.db: ERROR_FILE_NOT_FOUND: "),
        (lambda: there.services.stop("Db"), "ControlService Db: ERROR_SERVICE_DOES_NOT_EXIST: "),
    ):
        with pytest.raises(Win32CallError) as refused:
            call()
        assert str(refused.value).startswith(about)
        assert str(pickle.loads(pickle.dumps(refused.value))) == str(refused.value)  # noqa: S301 - our own


def test_what_is_of_another_type_is_named() -> None:
    """By its argument; and a name is no text of a world."""
    text: Any = "text"
    for call, says in (
        (partial(Simulation().machine().files.write_file, "C:\\a", text), "data is 'text'; expected bytes"),
        (partial(rehearse, text), "description is 'text'; expected what read_world gives"),
        (partial(timeline, Simulation(), text), "calls is 'text'; expected one of TimelineCalls"),
    ):
        with pytest.raises(TypeError) as refused:
            call()
        assert str(refused.value) == says
    with pytest.raises(WorldError, match="the text of a world file, not its name"):
        read_world("lab.json")


def test_an_error_is_short_where_its_value_is_shown() -> None:
    """As in a list of errors, or the log of a thread."""
    with pytest.raises(VssError) as caught:
        create_backup_components(Simulation()).set_context(SnapshotContext.ALL)
    name = "IVssBackupComponents::SetContext"
    assert repr(caught.value) == f"<VssError: {name} answers VSS_E_BAD_STATE [{caught.value.rule}]>"


def test_an_id_that_is_a_guid_of_python_is_told_how_to_write() -> None:
    """Ids are texts here, as in the documents."""
    with pytest.raises(BadCall, match="an id is a GUID, written as a text"):
        create_backup_components(Simulation()).get_snapshot_properties(UUID(int=1))  # type: ignore[arg-type]
