"""Who goes the way of an earlier simulation comes to the same as who finds it, and neither sees the other."""

from enum import StrEnum
from typing import Any, Final

import pytest
from msgspec.structs import replace

from tests.choices import programs
from tests.machine_of_calls import walk
from tests.requester_support import OnNoWay, simulation, with_a_snapshot
from tests.ways import CREATE, FIRST, REQUESTER, is_on_a_way, prepared, remembered, second
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.step import Call, step
from vss_sim.model.computer import Description, File, Machine, ScriptedHappening, Volume
from vss_sim.requester import known_ways
from vss_sim.requester.known_ways import MEMORY
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.table import Profile

_WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"
LENGTH: Final = 120
WALKS: Final = 30


class _Process(StrEnum):
    """Processes of a program."""

    ONE = "app"


@pytest.mark.parametrize("seed", range(WALKS))
def test_the_way_of_another_leads_where_it_led(seed: int) -> None:
    """Drawn calls, with writers, several machines and processes, failures and what happens meanwhile."""
    world, steps = programs(seed, LENGTH)
    steps, profile = [*steps], tuple(Profile)[seed % 2]
    alone = walk(world, steps, profile, OnNoWay)
    walk(world, [], profile)
    first = walk(world, steps, profile)
    learned = remembered()
    second = walk(world, steps, profile)
    assert remembered() == learned > 0
    for other in (first, second):
        assert [made.step for made in other.made] == [made.step for made in alone.made]
        assert [*other.simulation.lines()] == [*alone.simulation.lines()]
        assert other.world == alone.world


def _world() -> Simulation:
    return simulation()


def test_each_caller_gets_results_of_its_own() -> None:
    """What one does to them, lists and structures in them too, the next does not see, nor the record."""
    expected = None
    for _ in range(3):
        there = _world()
        requester, properties = with_a_snapshot(there)
        found = there.call(
            f"{REQUESTER}GetSnapshotProperties", requester.handle, {"SnapshotId": properties.snapshot_id}
        )
        made = there.call(f"{REQUESTER}GatherWriterMetadata", requester.handle)
        lines = [*there.lines()]
        assert expected is None or (found.out, made.out, lines) == expected
        expected = {**found.out, "pProp": {**found.out["pProp"]}}, {**made.out}, lines
        found.out["pProp"]["m_SnapshotId"] = made.out["pAsync"] = "another"  # type: ignore[index]
        assert [*there.lines()] == lines


def test_arguments_that_are_changed_later_stay_as_they_were() -> None:
    """The record keeps them as they were in the call."""
    told = []
    for _ in range(3):
        there = _world()
        handle, arguments = prepared(there), {"lContext": 0}
        there.call(f"{REQUESTER}SetContext", handle, arguments)
        arguments["lContext"] = 1
        told.append([*there.lines()][-1]["in"])
    assert told == [{"lContext": 0}] * 3


@pytest.mark.parametrize(
    ("one", "another"),
    [
        ({"lContext": 0}, {"lContext": False}),
        ({"bSelectComponents": 1, "bBackupBootableSystemState": False}, {"bSelectComponents": True}),
        (
            {"bSelectComponents": True, "bBackupBootableSystemState": False, "backupType": 1},
            {"backupType": 1, "bBackupBootableSystemState": False, "bSelectComponents": True},
        ),
    ],
)
def test_what_is_only_alike_is_another_call(one: dict[str, Any], another: dict[str, Any]) -> None:
    """0 is not False, and the record keeps the order in which arguments came."""
    name = f"{REQUESTER}{'SetContext' if 'lContext' in one else 'SetBackupState'}"
    _world()
    for arguments in (one, another, one):
        there, alone = _world(), _world()
        handle = prepared(there)
        before = there.world
        try:
            expected = step(before, Call(name, handle, arguments))
        except BadCall:
            with pytest.raises(BadCall):
                there.call(name, handle, arguments)
            continue
        assert there.call(name, handle, arguments) == expected
        alone.world = replace(before)
        alone.call(name, handle, arguments)
        last = [*there.lines()][-1]
        assert str(last) == str([*alone.lines()][-1])


def test_whoever_leaves_the_way_is_on_it_again_in_a_world_of_it() -> None:
    """Calls on files are not of a way; a world that somebody goes back to may be."""
    there = second()
    handle = prepared(there)
    assert is_on_a_way(there)
    there.call("WriteFile", None, {"lpFileName": "C:\\a.txt", "content": "text"})
    assert not is_on_a_way(there)
    there = second()
    assert prepared(there) == handle
    before = there.world
    there.world = step(before, Call(f"{REQUESTER}AbortBackup", handle, {})).world
    assert not is_on_a_way(there)
    there.world = before
    there.happens("time passes", seconds=5.0)
    assert not is_on_a_way(there)
    late = there.call(f"{REQUESTER}SetContext", handle, {"lContext": 0})
    assert late.world.clock == 5
    there.world = before
    assert there.call(f"{REQUESTER}SetContext", handle, {"lContext": 0}).world.clock == 0
    assert is_on_a_way(there)


def test_nobody_can_make_a_call_that_nobody_could_make_before() -> None:
    """And whoever tried goes on as if he had not."""
    there = second()
    for name, on, arguments, more in (
        (f"{REQUESTER}Nothing", None, {}, {}),
        (CREATE, None, {"another": 1}, {}),
        (CREATE, None, {"another": []}, {}),
        (CREATE, None, 1, {}),
        ([], None, {}, {}),
        (CREATE, None, {}, {"process": 1}),
        (CREATE, None, {}, {"machine": "none"}),
    ):
        for _ in range(2):
            with pytest.raises(BadCall):
                there.call(name, on, arguments, **more)  # type: ignore[arg-type]
    assert is_on_a_way(there)
    assert [*there.lines()] == []
    assert prepared(there) == FIRST


def test_what_is_scripted_to_follow_follows_on_a_known_way_too() -> None:
    """It belongs to the call that it follows; the step's own world is the one before it."""
    scripted = (ScriptedHappening(after="InitializeForBackup", happens="time passes", seconds=7),)
    runs = []
    for _ in range(3):
        there = Simulation(Description(machines=(Machine(happenings=scripted),)))
        handle = str(there.call(CREATE).out["ppBackup"])
        done = there.call(f"{REQUESTER}InitializeForBackup", handle)
        runs.append((done, done.world.clock, there.world, [*there.lines()]))
    assert runs[0] == runs[1] == runs[2]
    assert (runs[2][1], runs[2][2].clock) == (0, 7)
    assert any("happens" in line for line in runs[2][3])


def test_notes_of_a_document_are_told_every_time() -> None:
    """What nobody knows there is passed over with a note."""
    newer = '<BACKUP_COMPONENTS xmlns="x-schema:#VssComponentMetadata" version="1.2" newer="yes"/>'
    told = []
    for _ in range(3):
        there = Simulation()
        handle = str(there.call(CREATE).out["ppBackup"])
        there.call(f"{REQUESTER}InitializeForRestore", handle, {"bstrXML": newer})
        told.append([*there.lines()])
    assert told[0] == told[1] == told[2]
    assert "note" in told[0][-2]


def test_a_description_that_is_changed_begins_another_way() -> None:
    """The maps in it can be written to, though nobody should."""
    volume = Volume(name="C:\\", files={"C:\\a.txt": File(content="a")})
    description = Description(machines=(Machine(volumes=(volume,)),))
    first = second(description)
    volume.files["C:\\b.txt"] = File(content="b")
    other = Simulation(description)
    assert first.world != other.world
    there = other.call("ReadFile", None, {"lpFileName": "C:\\b.txt"})
    assert there.out["content"] == "b"
    del volume.files["C:\\b.txt"]
    assert Simulation(description).world == first.world


def test_profiles_have_ways_of_their_own() -> None:
    """Their witnesses differ."""
    worlds = [Simulation(None, profile).world for profile in (*Profile, *Profile, *Profile)]
    assert worlds[2] is worlds[4] is not worlds[3]
    assert worlds[3] is worlds[5]


def test_a_fork_goes_its_own_way() -> None:
    """Both find what was found before, and neither moves the other."""
    there = second()
    handle = prepared(there)
    fork = there.fork()
    there.call(f"{REQUESTER}SetContext", handle, {"lContext": 0})
    assert is_on_a_way(fork)
    assert fork.world != there.world
    assert fork.call(f"{REQUESTER}SetContext", handle, {"lContext": 0}).world is there.world
    assert [*fork.lines()] == [*there.lines()]


@pytest.mark.parametrize(
    ("description", "known"),
    [
        (Description(), True),
        (Description(machines=(Machine(environment={"X": "y" * known_ways.LARGEST}),)), False),
        (Description(machines=(Machine(environment={"X": object()}),)), False),  # type: ignore[dict-item]
    ],
)
def test_from_a_large_world_no_ways_are_remembered(description: Description, known: bool) -> None:
    """Nor from one that no file describes; calls come to the same."""
    there = second(description)
    assert prepared(there) == FIRST
    assert is_on_a_way(there) is known is bool(remembered())


def test_a_large_description_is_looked_through_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its world is soon made: file lists of writers are in the description alone."""
    looked, written = [], known_ways._written

    def looks(value: object) -> bytes | None:
        looked.append(value)
        return written(value)

    monkeypatch.setattr(known_ways, "_written", looks)
    description = Description(machines=(Machine(environment={"X": "y" * known_ways.LARGEST}),))
    worlds = [Simulation(description).world for _ in range(3)]
    assert looked == [description]
    assert worlds[0] == worlds[1] == worlds[2]


def test_who_leaves_the_ways_by_a_call_of_his_own_pays_nothing_for_what_follows() -> None:
    """One call is noted down; whoever leaves them by the same call after him finds the way for the next ones."""
    prepared(second())
    learned, first = remembered(), None
    for number, more in enumerate((1, LENGTH // 2 + 1, LENGTH // 2 + 1)):
        there = Simulation()
        for _ in range(LENGTH // 2):
            there.call(CREATE, process="another")
        assert remembered() - learned == more
        assert is_on_a_way(there) is (number > 0)
        lines = [*there.lines()]
        assert lines == (first or lines)
        first = lines


def test_a_text_that_is_more_than_a_text_is_not_handed_to_others() -> None:
    """The process of an object, and what the record says, are those of the caller."""
    Simulation()
    for process in (_Process.ONE, "app"):
        there = Simulation()
        there.call(CREATE, process=process)
        assert type(there.unreleased()[0].process) is type(process)
        assert type(next(there.lines())["process"]) is type(process)


def test_another_thread_may_forget_meanwhile() -> None:
    """Between two looks of this one."""

    class _Forgotten(dict[Any, Any]):
        def __contains__(self, key: object) -> bool:
            found = super().__contains__(key)
            MEMORY.forget()
            return found

    Simulation()
    MEMORY._beginnings = _Forgotten(MEMORY._beginnings)
    assert prepared(Simulation()) == FIRST


def test_a_simulation_goes_on_where_all_was_forgotten_meanwhile() -> None:
    """On its way, which nobody else finds any more."""
    there = second()
    handle = prepared(there)
    MEMORY.forget()
    there.call(f"{REQUESTER}SetContext", handle, {"lContext": 0})
    assert is_on_a_way(there)
    other = Simulation()
    assert other.world == Simulation().world
    assert prepared(other) == handle


@pytest.mark.parametrize("given", [2**70, "\ud800", "x" * 200_000])
def test_what_no_file_may_have_is_answered_as_ever(given: Any) -> None:
    """A number that is too large, half a letter, a text without end: nobody remembers it."""
    answers: list[Any] = []
    for kind in (Simulation, Simulation, Simulation, OnNoWay):
        there = kind()
        handle = prepared(there)
        number = isinstance(given, int)
        name, parameter = ("SetContext", "lContext") if number else ("IsVolumeSupported", "pwszVolumeName")
        try:
            answers.append(there.call(f"{REQUESTER}{name}", handle, {parameter: given}))
        except BadCall as error:
            answers.append(str(error))
    assert answers[0] == answers[1] == answers[2] == answers[3]


@pytest.mark.parametrize("given", [[_WRITER], [_WRITER, _WRITER], [], (_WRITER,), [1], [True], [[_WRITER]], _WRITER])
def test_lists_of_ids_are_known_again(given: Any) -> None:
    """A class that is disabled at the beginning of all backups; what is no list of texts, every time anew."""
    told: list[Any] = []
    answers: list[Any] = []
    for kind in (Simulation, Simulation, Simulation, Simulation, OnNoWay):
        there = kind()
        handle, ids = prepared(there), given.copy() if isinstance(given, list) else given
        arguments = {"rgWriterClassId": ids, "cClassId": 1}
        try:
            answers.append(there.call(f"{REQUESTER}DisableWriterClasses", handle, arguments))
        except BadCall as error:
            answers.append(str(error))
        else:
            knows = isinstance(given, list) and all(isinstance(one, str) for one in given)
            assert kind is OnNoWay or len(answers) == 1 or is_on_a_way(there) is knows
        if isinstance(ids, list):
            ids.append("changed later")
        told.append([*there.lines()])
    assert all(answer == answers[0] for answer in answers)
    assert all(lines == told[0] for lines in told)


def test_nobody_changes_the_world_of_another_by_his_description() -> None:
    """The maps in it can be written to, though nobody should."""
    volumes = [Volume(name="C:\\", files={"C:\\a": File(content="a")}) for _ in range(3)]
    machines = [Machine(volumes=(volume,), environment={"X": "C:\\a"}) for volume in volumes]
    descriptions = [Description(machines=(machine,)) for machine in machines]
    worlds = [Simulation(description).world for description in descriptions]
    assert worlds[1] == worlds[2]
    machines[1].environment["X"] = "of another"
    volumes[1].files.clear()
    assert worlds[2].description == descriptions[2] == worlds[0].description
    assert machines[2].environment == {"X": "C:\\a"}
    worlds[2].description.machines[0].environment.clear()
    assert Simulation(descriptions[2]).world == worlds[0]
