"""Who goes the way of an earlier simulation comes to the same as who finds it, and neither sees the other."""

from enum import StrEnum
from typing import Any, Final

import pytest
from msgspec.structs import replace

from tests.choices import programs
from tests.machine_of_calls import walk
from tests.requester_support import OnNoWay, simulation, with_a_snapshot
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.step import Call, step
from vss_sim.model.computer import Description, File, Machine, ScriptedHappening, Volume, Writer
from vss_sim.model.values import numbered_guid
from vss_sim.requester import known_ways
from vss_sim.requester.known_ways import MEMORY
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.table import Profile

CREATE: Final = "CreateVssBackupComponents"
REQUESTER: Final = "IVssBackupComponents::"
FIRST: Final = "bc1"
_WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"
LENGTH: Final = 120
WALKS: Final = 30


class _Process(StrEnum):
    """Processes of a program."""

    ONE = "app"


def _second(description: Description | None = None) -> Simulation:
    """A simulation that learns, as the second of a world does."""
    Simulation(description)
    return Simulation(description)


def _remembered() -> int:
    """How many calls are."""
    return known_ways.MOST - MEMORY._left


@pytest.mark.parametrize("seed", range(WALKS))
def test_the_way_of_another_leads_where_it_led(seed: int) -> None:
    """Drawn calls, with writers, several machines and processes, failures and what happens meanwhile."""
    world, steps = programs(seed, LENGTH)
    steps, profile = [*steps], tuple(Profile)[seed % 2]
    alone = walk(world, steps, profile, OnNoWay)
    walk(world, [], profile)
    first = walk(world, steps, profile)
    learned = _remembered()
    second = walk(world, steps, profile)
    assert _remembered() == learned > 0
    for other in (first, second):
        assert [made.step for made in other.made] == [made.step for made in alone.made]
        assert [*other.simulation.lines()] == [*alone.simulation.lines()]
        assert other.world == alone.world


def _world() -> Simulation:
    return simulation()


def _prepared(there: Simulation) -> str:
    """A backup components object that was initialised."""
    handle = str(there.call(CREATE).out["ppBackup"])
    there.call(f"{REQUESTER}InitializeForBackup", handle, {"bstrXML": None})
    return handle


def _is_on_a_way(there: Simulation) -> bool:
    return there._known is not None and there._known.world is there.world


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
        handle, arguments = _prepared(there), {"lContext": 0}
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
        handle = _prepared(there)
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
    """What happens to a machine and calls on files are not of a way; a world that somebody goes back to may be."""
    there = _second()
    handle = _prepared(there)
    assert _is_on_a_way(there)
    there.call("WriteFile", None, {"lpFileName": "C:\\a.txt", "content": "text"})
    assert not _is_on_a_way(there)
    there = _second()
    assert _prepared(there) == handle
    before = there.world
    there.happens("time passes", seconds=5)
    assert not _is_on_a_way(there)
    late = there.call(f"{REQUESTER}SetContext", handle, {"lContext": 0})
    assert late.world.clock == 5
    there.world = before
    assert there.call(f"{REQUESTER}SetContext", handle, {"lContext": 0}).world.clock == 0
    assert _is_on_a_way(there)


def test_nobody_can_make_a_call_that_nobody_could_make_before() -> None:
    """And whoever tried goes on as if he had not."""
    there = _second()
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
    assert _is_on_a_way(there)
    assert [*there.lines()] == []
    assert _prepared(there) == FIRST


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
    first = _second(description)
    volume.files["C:\\b.txt"] = File(content="b")
    second = Simulation(description)
    assert first.world != second.world
    there = second.call("ReadFile", None, {"lpFileName": "C:\\b.txt"})
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
    there = _second()
    handle = _prepared(there)
    fork = there.fork()
    there.call(f"{REQUESTER}SetContext", handle, {"lContext": 0})
    assert _is_on_a_way(fork)
    assert fork.world != there.world
    assert fork.call(f"{REQUESTER}SetContext", handle, {"lContext": 0}).world is there.world
    assert [*fork.lines()] == [*there.lines()]


@pytest.mark.parametrize(
    ("description", "remembered"),
    [
        (Description(), True),
        (Description(machines=(Machine(environment={"X": "y" * known_ways.LARGEST}),)), False),
        (Description(machines=(Machine(environment={"X": object()}),)), False),  # type: ignore[dict-item]
    ],
)
def test_from_a_large_world_no_ways_are_remembered(description: Description, remembered: bool) -> None:
    """Nor from one that no file describes; calls come to the same."""
    there = _second(description)
    assert _prepared(there) == FIRST
    assert _is_on_a_way(there) is remembered is bool(_remembered())


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


def test_what_is_remembered_is_bounded() -> None:
    """A simulation that goes on and on, and many that go different ways, leave little behind."""
    there, most = _second(), 0
    for _ in range(2 * known_ways.LONGEST):
        there.call(CREATE)
    assert not _is_on_a_way(there)
    assert known_ways.LONGEST < _remembered() < 2 * known_ways.LONGEST
    for number in range(known_ways.MOST):
        there = Simulation()
        handle = str(there.call(CREATE).out["ppBackup"])
        there.call(
            f"{REQUESTER}IsVolumeSupported", handle, {"ProviderId": numbered_guid(9, number), "pwszVolumeName": "C:\\"}
        )
        most = max(most, _remembered())
    assert known_ways.MOST * 0.9 < most <= known_ways.MOST


def test_who_leaves_the_ways_by_a_call_of_his_own_pays_nothing_for_what_follows() -> None:
    """One call is noted down; whoever leaves them by the same call after him finds the way for the next ones."""
    _prepared(_second())
    learned, first = _remembered(), None
    for number, remembered in enumerate((1, LENGTH // 2 + 1, LENGTH // 2 + 1)):
        there = Simulation()
        for _ in range(LENGTH // 2):
            there.call(CREATE, process="another")
        assert _remembered() - learned == remembered
        assert _is_on_a_way(there) is (number > 0)
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


def test_worlds_count_by_their_size() -> None:
    """What a world file describes takes many times its room in memory."""
    description = Description(machines=(Machine(environment={"X": "y" * 50_000}),))
    Simulation(description)
    before = _remembered()
    Simulation(description)
    assert _remembered() > before + 150


def test_another_thread_may_forget_meanwhile() -> None:
    """Between two looks of this one."""

    class _Forgotten(dict[Any, Any]):
        def __contains__(self, key: object) -> bool:
            found = super().__contains__(key)
            MEMORY.forget()
            return found

    Simulation()
    MEMORY._beginnings = _Forgotten(MEMORY._beginnings)
    assert _prepared(Simulation()) == FIRST


def test_long_texts_count_for_more() -> None:
    """A document is worth many calls."""
    there = _second()
    handle = str(there.call(CREATE).out["ppBackup"])
    before = _remembered()
    there.call(f"{REQUESTER}InitializeForRestore", handle, {"bstrXML": "x" * 60_000})
    assert _remembered() > before + 50


def test_a_simulation_goes_on_where_all_was_forgotten_meanwhile() -> None:
    """On its way, which nobody else finds any more."""
    there = _second()
    handle = _prepared(there)
    MEMORY.forget()
    there.call(f"{REQUESTER}SetContext", handle, {"lContext": 0})
    assert _is_on_a_way(there)
    other = Simulation()
    assert other.world == Simulation().world
    assert _prepared(other) == handle


@pytest.mark.parametrize("given", [2**70, "\ud800", "x" * 200_000])
def test_what_no_file_may_have_is_answered_as_ever(given: Any) -> None:
    """A number that is too large, half a letter, a text without end: nobody remembers it."""
    answers: list[Any] = []
    for kind in (Simulation, Simulation, Simulation, OnNoWay):
        there = kind()
        handle = _prepared(there)
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
        handle, ids = _prepared(there), given.copy() if isinstance(given, list) else given
        arguments = {"rgWriterClassId": ids, "cClassId": 1}
        try:
            answers.append(there.call(f"{REQUESTER}DisableWriterClasses", handle, arguments))
        except BadCall as error:
            answers.append(str(error))
        else:
            knows = isinstance(given, list) and all(isinstance(one, str) for one in given)
            assert kind is OnNoWay or len(answers) == 1 or _is_on_a_way(there) is knows
        if isinstance(ids, list):
            ids.append("changed later")
        told.append([*there.lines()])
    assert all(answer == answers[0] for answer in answers)
    assert all(lines == told[0] for lines in told)


@pytest.mark.parametrize(
    ("machine", "calls", "least"),
    [
        (Machine(volumes=(Volume(name="C:\\", files={f"C:\\{n}": File(content="") for n in range(1500)}),)), 60, 100),
        (Machine(writers=tuple(Writer(name="a", writer_id=numbered_guid(1, n)) for n in range(400))), 60, 400),
    ],
)
def test_what_a_call_brings_into_the_world_counts(machine: Machine, calls: int, least: int) -> None:
    """A listing of a folder, what many writers say: it is not in the results, and takes memory all the same."""
    there = _second(Description(machines=(machine,)))
    handle, before = _prepared(there), _remembered()
    for _ in range(calls // 4):
        if machine.writers:
            made = there.call(f"{REQUESTER}GatherWriterMetadata", handle)
            there.call("IVssAsync::Wait", str(made.out["pAsync"]))
            handle = str(there.call(CREATE).out["ppBackup"])
            there.call(f"{REQUESTER}InitializeForBackup", handle)
        else:
            for _ in range(4):
                there.call("FindFirstFile", None, {"lpFileName": "C:\\*"})
    assert _remembered() - before > calls + least


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
