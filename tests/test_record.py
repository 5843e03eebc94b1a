"""The record of a run is what was said and answered then, whatever the caller does with his values afterwards."""

import copy
import pickle
from collections.abc import Callable
from enum import IntFlag
from typing import Any

import pytest
from msgspec.structs import replace

from tests.requester_support import simulation
from vss_sim import create_backup_components, read_world, rehearse
from vss_sim.documents.writer_metadata import read_writer_metadata
from vss_sim.engine.answers import OK, Event, HandlerLine
from vss_sim.engine.calls import entry
from vss_sim.engine.inputs import BadCall
from vss_sim.model.computer import Description, Machine, ScriptedHappening
from vss_sim.model.world import new_world
from vss_sim.requester import calling
from vss_sim.requester.record import Record
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.hresult import S_OK

REQUESTER = "IVssBackupComponents::"
SAVE = f"{REQUESTER}SaveAsXML"


def _begun() -> tuple[Simulation, str]:
    world = simulation()
    requester = create_backup_components(world)
    requester.initialize_for_backup()
    return world, requester.handle


def test_a_list_that_is_changed_after_its_call_stands_as_it_was() -> None:
    """The classes of writers that DisableWriterClasses was given."""
    world, handle = _begun()
    classes = ["{11111111-0000-0000-0000-000000000001}"]
    arguments: dict[str, Any] = {"rgWriterClassId": classes, "cClassId": 1}
    world.call(f"{REQUESTER}DisableWriterClasses", handle, arguments)
    classes.append("another")
    arguments["cClassId"] = 2
    line = [*world.lines()][-1]
    assert line["in"] == {"rgWriterClassId": ["{11111111-0000-0000-0000-000000000001}"], "cClassId": 1}


@pytest.mark.parametrize("method", ["GatherWriterMetadata", "StartSnapshotSet"])
def test_results_that_are_changed_stand_as_they_were(method: str) -> None:
    """What a step hands out is the caller's."""
    world, handle = _begun()
    done = world.call(REQUESTER + method, handle)
    before = [*world.lines()]
    for name in done.out:
        done.out[name] = "changed"  # type: ignore[index]
    assert [*world.lines()] == before


def test_a_structure_that_is_changed_stands_as_it_was() -> None:
    """The properties of a shadow copy, member by member."""
    world, handle = _begun()
    requester_calls = ["StartSnapshotSet", "AddToSnapshotSet"]
    world.call(f"{REQUESTER}SetContext", handle, {"lContext": "VSS_CTX_FILE_SHARE_BACKUP"})
    world.call(REQUESTER + requester_calls[0], handle)
    added = world.call(REQUESTER + requester_calls[1], handle, {"pwszVolumeName": "C:\\"})
    begun = world.call(f"{REQUESTER}DoSnapshotSet", handle)
    world.call("IVssAsync::Wait", begun.out["ppAsync"])
    known = world.call(f"{REQUESTER}GetSnapshotProperties", handle, {"SnapshotId": added.out["pidSnapshot"]})
    before = [*world.lines()]
    known.out["pProp"]["m_pwszOriginalVolumeName"] = "changed"
    assert [*world.lines()] == before


@pytest.mark.parametrize("number", [0, 9, 16])
def test_flags_of_a_caller_stand_as_their_number(number: int) -> None:
    """They have no documented names."""

    class Own(IntFlag):
        BACKUP, PERSISTENT = 0, 9

    world, handle = _begun()
    world.call(f"{REQUESTER}SetContext", handle, {"lContext": Own(number)})
    assert [*world.lines()][-1]["in"] == {"lContext": number}


def test_a_result_that_is_spelt_like_a_handle_made_no_object() -> None:
    """Who forgot an object is told which call handed it out; a name or a text is none."""
    world, handle = _begun()
    world.record.called("IVssBackupComponents::SaveAsXML", handle, {}, 0, {"pbstrXML": handle}, (None, "", 0.0), ())
    assert [left.made_by for left in world.unreleased()] == ["CreateVssBackupComponents"]


def test_items_of_an_enumeration_that_are_changed_stand_as_they_were() -> None:
    """What Next gives out is no part of the world, in which the enumeration has it as well."""
    world, handle = _begun()
    of_all = {"QueriedObjectId": None, "eQueriedObjectType": "VSS_OBJECT_NONE"}
    asked = {**of_all, "eReturnedObjectsType": "VSS_OBJECT_PROVIDER"}
    listed = world.call(f"{REQUESTER}Query", handle, asked).out["ppEnum"]
    before, fork = world.world, world.fork()
    for item in fork.call("IVssEnumObject::Next", listed, {"celt": 9}).out["rgelt"]:
        item["Obj"]["Prov"].clear()
        item.clear()
    assert world.world is before
    items = world.call("IVssEnumObject::Next", listed, {"celt": 9}).out["rgelt"]
    assert items
    assert all(item["Obj"]["Prov"] for item in items)


def test_a_content_that_is_changed_after_it_was_written_stands_as_it_was() -> None:
    """One that is told by its size, and what a listing says of a file."""
    world, content = simulation(), {"size": 10, "seed": 1}
    world.call("WriteFile", arguments={"lpFileName": "C:\\grown", "contentGrown": content})
    content["size"] = 99
    found = world.call("FindFirstFile", arguments={"lpFileName": "C:\\g*"})
    found.out["lpFindFileData"]["cFileName"] = "changed"
    written, listed = world.lines()
    assert written["in"]["contentGrown"] == {"size": 10, "seed": 1}
    assert listed["out"]["lpFindFileData"]["cFileName"] == "grown"


def test_a_happening_that_is_changed_stands_as_it_was() -> None:
    """The groups of the account under which a requester goes on."""
    world, groups = simulation(), ["administrators"]
    world.happens("account changes", account="bob", groups=groups)
    groups.append("another")
    assert [*world.lines()][-1]["groups"] == ["administrators"]


def test_what_a_writer_called_stands_as_it_was() -> None:
    """The calls of an event are handed out with the step."""
    world, arguments, out = simulation(), {"iComponent": 0}, {"ppComponent": "one"}
    said = HandlerLine("IVssWriterComponents::GetComponent", "writer", arguments, S_OK, out)
    world.record.happened("reboot", None, {}, (Event("PostSnapshot", 0, "w", "i", calls=(said,)),))
    arguments["iComponent"], out["ppComponent"] = 1, "another"
    line = [*world.lines()][-1]
    assert (line["in"], line["out"]) == ({"iComponent": 0}, {"ppComponent": "one"})


def test_a_call_that_nobody_can_make_leaves_no_note() -> None:
    """What is not known in a document is noted with the call that read it."""
    world, handle = _begun()
    call = f"{REQUESTER}InitializeForRestore"
    newer = '<BACKUP_COMPONENTS xmlns="x-schema:#VssComponentMetadata" version="1.2" newer="yes"/>'
    before = [*world.lines()]
    with pytest.raises(BadCall):
        world.call(call, handle, {"bstrXML": newer, "another": 1})
    assert [*world.lines()] == before
    world.call(call, handle, {"bstrXML": newer})
    assert [*(line.keys() for line in world.lines())][-2:] == [{"note"}, {"call", "on", "in", "returns"}]


def _interrupted(*_: Any, **__: Any) -> Any:
    raise KeyboardInterrupt


def test_a_call_whose_document_is_not_written_was_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """A program that is interrupted meanwhile may go on as if it had not called."""
    world, handle = _begun()
    before, lines = world.world, [*world.lines()]
    with monkeypatch.context() as patch:
        patch.setattr(calling, "_as_text", _interrupted)
        patch.setattr(entry(SAVE), "body", lambda desk, obj, _: (replace(obj, context=7), OK))
        with pytest.raises(KeyboardInterrupt):
            world.call(SAVE, handle)
    assert (world.world, [*world.lines()]) == (before, lines)


def test_a_call_that_is_not_written_down_was_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """World and record tell the same, whenever a program is interrupted."""
    world = simulation()
    before = world.world
    with monkeypatch.context() as patch:
        patch.setattr(Record, "called", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            world.call("CreateVssBackupComponents", process="another")
    assert (world.world, [*world.lines()]) == (before, [])


def test_a_call_after_which_nothing_more_happened_was_not_made(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is scripted to follow belongs to the call."""
    happening = ScriptedHappening(after="CreateVssBackupComponents", happens="reboot", times=1)
    world = Simulation(Description(machines=(Machine(happenings=(happening,)),)))
    before = world.world
    with monkeypatch.context() as patch:
        patch.setattr(calling, "happens", _interrupted)
        with pytest.raises(KeyboardInterrupt):
            world.call("CreateVssBackupComponents")
    assert (world.world, [*world.lines()]) == (before, [])


def _carried(value: Any) -> Any:
    """As another process gets it."""
    return pickle.loads(pickle.dumps(value))  # noqa: S301 - made here


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, Simulation.fork, _carried])
def test_a_copy_goes_on_by_itself(copied: Callable[[Simulation], Simulation]) -> None:
    """Whoever copies a simulation gets a fork."""
    world, handle = _begun()
    other = copied(world)
    before, lines = world.world, [*world.lines()]
    other.call("WriteFile", arguments={"lpFileName": "C:\\other", "content": "x"})
    other.call("IUnknown::Release", handle)
    assert (world.world, [*world.lines()]) == (before, lines)
    assert [*other.lines()][: len(lines)] == lines


@pytest.mark.parametrize("copied", [copy.deepcopy, _carried])
def test_objects_that_are_copied_with_their_simulation_stay_in_it(copied: Callable[[Any], Any]) -> None:
    """A program that is carried to another process at once has one simulation there, as it had here."""
    there = simulation()
    requester = create_backup_components(there)
    requester.initialize_for_backup()
    operation = requester.gather_writer_metadata()
    before = [*there.lines()]
    world, again, waited = copied((there, requester, operation))
    waited.finish()
    assert again.get_writer_metadata_count() == len(there.world.machines[0].writers)
    assert again.origin.simulation is world
    assert [*there.lines()] == before
    assert [*world.lines()][: len(before)] == before


class Noting(Simulation):
    """A simulation of somebody who keeps something of theirs beside the world."""

    __slots__ = ("__dict__", "_own", "tag")

    def __init__(self) -> None:
        super().__init__()
        self.tag = "nightly"
        self._own = [1]
        self.notes = ["begun"]
        self.itself = self


class Narrow(Simulation):
    """One whose class has slots only, of which one is not set yet."""

    __slots__ = ("later", "seen")

    def __init__(self) -> None:
        super().__init__()
        self.seen = {"C:\\a": 1}


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, Simulation.fork, _carried])
def test_what_a_subclass_added_goes_along(copied: Callable[[Noting], Noting]) -> None:
    """As Python copies any object: its dictionary and its slots, and the world beside them."""
    there = Noting()
    there.call("CreateVssBackupComponents")
    there.seed = 7  # type: ignore[attr-defined]
    other = copied(there)
    assert type(other) is Noting
    assert (vars(other).keys(), other.tag, other._own) == (vars(there).keys(), "nightly", [1])
    assert (other.notes, vars(other)["seed"]) == (["begun"], 7)
    assert [*other.lines()] == [*there.lines()]
    other.tag, other.call_count = "mine", 1  # type: ignore[attr-defined]
    other.call("CreateVssBackupComponents")
    assert (there.tag, len(there.record), len(other.record)) == ("nightly", 1, 2)
    assert "call_count" not in vars(there)


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, Simulation.fork, _carried])
def test_slots_of_a_subclass_go_along(copied: Callable[[Narrow], Narrow]) -> None:
    """One that is not set stays so."""
    other = copied(Narrow())
    assert other.seen == {"C:\\a": 1}
    assert not hasattr(other, "later")


def test_how_deep_a_copy_goes_is_said_by_who_copies() -> None:
    """A fork shares what was added, as `copy.copy` does; a deep copy and a pickle have their own."""
    there = Noting()
    assert there.fork().notes is there.notes
    assert copy.copy(there).itself is there
    for other in (copy.deepcopy(there), _carried(there)):
        assert other.notes == there.notes
        assert other.notes is not there.notes
        assert other.itself is other


def test_what_a_call_came_to_can_be_carried_away() -> None:
    """A step without results, a refusal, and one whose world nobody has looked at yet."""
    there = Simulation()
    handle = there.call("CreateVssBackupComponents").out["ppBackup"]
    steps = [
        there.call(f"{REQUESTER}InitializeForBackup", handle),
        there.call(f"{REQUESTER}StartSnapshotSet", handle),
        there.call(f"{REQUESTER}DoSnapshotSet", handle),
        there.call("WriteFile", None, {"lpFileName": "C:\\a", "content": "x"}),
    ]
    assert _carried(steps) == steps
    assert _carried(steps[0]).out is steps[0].out


def _raised(act: Callable[[], object]) -> Exception:
    try:
        act()
    except Exception as error:  # noqa: BLE001 - whichever it is
        return error
    raise AssertionError("nothing was raised")


def test_an_error_can_be_carried_away() -> None:
    """A pool of processes hands on what was raised there."""
    there = Simulation()
    requester = create_backup_components(there)
    acts: list[Callable[[], object]] = [
        requester.start_snapshot_set,
        lambda: requester.set_backup_state(1.5, False, 1),  # type: ignore[arg-type]
        lambda: requester.initialize_for_backup("<a/>"),
        lambda: there.machine().files.read_file("C:\\none"),
        lambda: there.call("BackupRead"),
        lambda: read_world('{"machines": 5}'),
        lambda: read_writer_metadata("<a/>"),
        lambda: rehearse(read_world('{"then": [{"happens": "rain"}]}')),
    ]
    for error in map(_raised, acts):
        carried = _carried(error)
        assert (type(carried), str(carried)) == (type(error), str(error))
        assert vars(carried) == vars(error)


def test_a_simulation_says_of_itself_where_it_is() -> None:
    """Its machines, the calls of programs that it has recorded, and its clock; whoever asks changes nothing."""
    there = Simulation(Description(machines=(Machine(name="one"), Machine(name="two"))))
    assert repr(there) == "<Simulation of one, two: 0 calls, clock at 0 s>"
    there.call("CreateVssBackupComponents")
    there.call("WriteFile", None, {"lpFileName": "C:\\a", "content": "x"})
    there.happens("time passes", seconds=2_000_000.5)
    there.fork()
    there.call("DeleteFile", None, {"lpFileName": "C:\\a"})
    lines = [*there.lines()]
    assert repr(there) == "<Simulation of one, two: 3 calls, clock at 2000000.5 s>"
    assert [*there.lines()] == lines


def test_nothing_stays_nothing() -> None:
    """All calls without results share it."""
    there = Simulation()
    handle = there.call("CreateVssBackupComponents").out["ppBackup"]
    out: Any = there.call(f"{REQUESTER}InitializeForBackup", handle).out
    with pytest.raises(TypeError, match="cannot be changed"):
        out.update(a=1)
    with pytest.raises(TypeError, match="cannot be changed"):
        out["a"] = 1
    with pytest.raises(TypeError, match="cannot be changed"):
        out |= {"a": 1}
    assert out == {}


def test_a_simulation_goes_on_in_a_world_of_another_description() -> None:
    """Its machines are named in the lines, and what is scripted there follows."""
    happening = ScriptedHappening(after="InitializeForBackup", happens="time passes", seconds=5)
    machines = (Machine(name="one"), Machine(name="two", happenings=(happening,)))
    world = Simulation()
    world.world = new_world(Description(machines=machines))
    handle = world.call("CreateVssBackupComponents", machine="two").out["ppBackup"]
    world.call(f"{REQUESTER}InitializeForBackup", handle)
    assert {line["machine"] for line in world.lines()} == {"two"}
    assert [*world.lines()][-1]["happens"] == "time passes"
    assert world.world.clock == 5
