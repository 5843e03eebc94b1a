"""The short way of file calls: it and the long way come to the same world and the same answer, whatever is asked."""

import gc
import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.file_support import WRITER, Computer, machine
from tests.test_world_files import MANY
from vss_sim.engine import plain_files, present
from vss_sim.engine.desk import Step
from vss_sim.engine.file_calls import FILE_CALLS, make_file_call
from vss_sim.engine.files import LARGEST_READ
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.plain_files import SHORT_WAYS
from vss_sim.model import disk
from vss_sim.model.computer import File, Volume, Win32Fault
from vss_sim.model.world import World
from vss_sim.requester.simulation import Simulation

PLAIN: Final = {
    "P:\\a\\One.txt": File(content="one"),
    "P:\\a\\used": File(content="u", in_use=True),
    "P:\\a\\old": File(content="x", read_only=True),
    "P:\\a\\hidden": File(content="h", hidden=True),
    "P:\\a\\secret": File(content="s", denied_to=("administrators",)),
    "P:\\a\\grown": File(size=70, seed=7),
    "P:\\a\\bytes": File(content_base64="/w=="),
    "P:\\shown\\": File(),
}
VOLUMES: Final = (*(machine().volumes or ()), Volume(name="P:\\", capacity=300, files=PLAIN))
PATHS: Final = (
    "P:\\a\\One.txt",
    "p:\\A\\oNE.TXT",
    "\\\\?\\P:\\a\\One.txt",
    "P:\\a\\one.txt.",
    "P:\\a\\new",
    "P:\\a\\NEW",
    "P:\\shown\\new",
    "P:\\1",
    "p:\\2",
    "P:\\3",
    "P:\\4\\",
    "P:\\a\\used",
    "P:\\a\\old",
    "P:\\a\\hidden",
    "P:\\a\\secret",
    "P:\\a\\grown",
    "P:\\a\\bytes",
    "P:\\shown\\a\\One.txt",
    "P:\\a",
    "P:\\",
    "P:\\missing\\x",
    "P:\\a\\NUL",
    "P:\\a\\a?b",
    "D:\\one",
    "D:\\two",
    "C:\\db\\Data.mdf",
    "C:\\here\\Data.mdf",
    "C:\\mnt\\d\\one",
    "R:\\x",
    "X:\\setup.exe",
    "Z:\\x",
    "D:\\" + "x" * 260,
    "",
    None,
    7,
    ["D:\\one"],
)
CONTENTS: Final = ("", "v2", "\u00e4\ud800", "x" * 60, "x" * 200, "\u00e4" * 60, 5)
MORE: Final[tuple[dict[str, Any], ...]] = (*[{}] * 12, {"offset": 1}, {"hFile": None}, {"nonsense": 1})
OTHERS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("CreateFile", {"lpFileName": "P:\\a\\One.txt", "dwShareMode": 1}),
    ("CreateDirectory", {"lpPathName": "P:\\missing"}),
    ("SetFileAttributes", {"lpFileName": "P:\\a\\new", "dwFileAttributes": 1}),
    ("MoveFileEx", {"lpExistingFileName": "P:\\a\\new", "lpNewFileName": "P:\\a\\One.txt", "dwFlags": 1}),
    ("GetFileAttributes", {"lpFileName": "P:\\a\\new"}),
)
"""What changes the world beside the short way, or only looks at it."""


@st.composite
def _calls(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    if not draw(st.integers(0, 15)):
        other: tuple[str, dict[str, Any]] = draw(st.sampled_from(OTHERS))
        return other
    name = draw(st.sampled_from(["ReadFile", "WriteFile", "WriteFile", "WriteFileA", "DeleteFile", "DeleteFileW"]))
    path = draw(st.sampled_from(PATHS[:11]) | st.sampled_from(PATHS[:11]) | st.sampled_from(PATHS))
    content = {"content": draw(st.sampled_from(CONTENTS))} if name.startswith("Write") else {}
    return name, {"lpFileName": path, **content, **draw(st.sampled_from(MORE))}


CALLS: Final = st.lists(_calls(), min_size=10, max_size=50)


def _exposed(computer: Computer, path: str) -> None:
    bc, copy, _ = computer.snapshot("P:\\", "VSS_CTX_NAS_ROLLBACK")
    name, shown = "IVssBackupComponents::ExposeSnapshot", "VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY"
    arguments = {"SnapshotId": copy, "wszPathFromRoot": None, "lAttributes": shown, "wszExpose": path}
    assert not computer.simulation.call(name, bc, arguments).answer


def _world(kind: str) -> World:
    """A world with a plain volume `P:`; also with a shadow copy of it, or one that a folder on it shows."""
    computer = Computer(machine(volumes=VOLUMES))
    if kind == "a shadow copy":
        computer.snapshot("P:\\")
    if kind == "one in a folder":
        _exposed(computer, "P:\\shown\\")
    return computer.simulation.world


WORLDS: Final = {kind: _world(kind) for kind in ("plain", "a shadow copy", "one in a folder")}


def _came_to(way: Any, *call: Any) -> Any:
    try:
        return way(*call)
    except BadCall as error:
        return str(error)


@pytest.mark.parametrize("kind", WORLDS)
@MANY
@given(CALLS, st.randoms(use_true_random=False), st.sampled_from((3, 9, 1000)))
def test_both_ways_come_to_the_same(kind: str, calls: list[Any], chance: Any, most_changes: int) -> None:
    """Files that are in use, read-only, denied, behind links, on small, unknown and read-only volumes, and no files.

    The worlds are looked at after some calls at once, and after all calls in any order, in which nothing of a later
    call is.
    """
    held, world = Simulation(), WORLDS[kind]
    held.world = world
    steps: list[tuple[Step, World]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_files, "_MOST_CHANGES", most_changes)
        patch.setattr(disk, "_FEW", 1)
        patch.setattr(plain_files, "_MOST_PATHS", 5)
        for name, arguments in calls:
            before = repr(world)
            short = _came_to(held.call, name, None, arguments)
            long = _came_to(make_file_call, world, name, arguments, 0, "")
            assert repr(world) == before
            if isinstance(long, str):
                assert short == long
                continue
            assert (short.answer, short.out) == long[1:]
            world = long[0]
            steps.append((short, world))
            if not chance.randrange(12):
                assert held.world == world
        chance.shuffle(steps)
        for step, after in steps:
            assert step.world == after
        assert held.world == world


def test_the_short_way_is_taken_where_all_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only there: a handle, an attribute, a script, or a shadow copy in a folder lead to the long way."""
    long_ways: list[str] = []

    def counted(world: World, name: str, *rest: Any) -> Any:
        long_ways.append(name)
        return make_file_call(world, name, *rest)

    monkeypatch.setattr(present, "make_file_call", counted)
    computer = Computer()
    assert computer.write("D:\\one", "1") == computer.write("D:\\one", "2") == "SUCCESS"
    assert computer.read("D:\\one") == "2"
    assert computer.call("DeleteFile", lpFileName="D:\\one") == "SUCCESS"
    assert long_ways == []
    computer.write("D:\\one", "1")
    handle = computer.open("D:\\one", share=7)
    for plain in (False, True):
        assert computer.read("D:\\one") == "1"
        assert ("ReadFile" not in long_ways) is plain
        computer.call("CloseHandle", hObject=handle)
        long_ways.clear()
    computer.snapshot("D:\\")
    long_ways.clear()
    assert computer.read("D:\\one") == "1"
    assert long_ways == []
    shown = Computer(machine(volumes=VOLUMES))
    _exposed(shown, "P:\\shown\\")
    assert shown.read("P:\\a\\One.txt") == shown.read("P:\\shown\\a\\One.txt") == "one"
    assert long_ways == ["ReadFile", "ReadFile"]
    scripted = Computer(machine(win32_faults=(Win32Fault(to="ReadFile", fails="ERROR_CRC"),)))
    scripted.write("D:\\one", "1")
    assert long_ways == ["ReadFile", "ReadFile", "WriteFile"]


def test_a_fork_knows_nothing_of_what_is_written_after_it() -> None:
    """Nor does the one that it was forked from know what the fork writes; a world that was looked at stays."""
    one = Computer()
    one.write("D:\\file", "before")
    before = one.simulation.world
    other = one.fork()
    one.write("D:\\file", "one")
    other.write("D:\\file", "other")
    assert (one.read("D:\\file"), other.read("D:\\file")) == ("one", "other")
    assert len(one.simulation.record) == len(other.simulation.record) == 3
    one.simulation.world = before
    assert one.read("D:\\file") == "before"


def test_the_record_has_what_was_called_and_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of calls that go the short way it keeps texts only; its lines are those of the long way, letter by letter."""
    calls: tuple[tuple[str, dict[str, Any]], ...] = (
        ("WriteFile", {"lpFileName": "P:\\a\\new", "content": "\u00e4\u20ac"}),
        ("WriteFileW", {"content": "", "lpFileName": "P:\\a\\empty"}),
        ("WriteFileA", {"lpFileName": "p:\\A\\ONE.txt", "content": ""}),
        *(
            (f"ReadFile{form}", {"lpFileName": f"P:\\a\\{name}"})
            for form in "AW"
            for name in ("new", "One.txt", "empty")
        ),
        ("ReadFile", {"lpFileName": "P:\\a\\hidden"}),
        ("DeleteFileA", {"lpFileName": "P:\\a\\new"}),
        ("DeleteFile", {"lpFileName": "P:\\a\\new"}),
    )
    short, long = Computer(machine(volumes=VOLUMES)), Computer(machine(volumes=VOLUMES))
    for name, arguments in calls:
        short.step(name, **arguments)
    monkeypatch.setattr(plain_files.PlainFiles, "found", lambda *_: None)
    for name, arguments in calls:
        long.step(name, **arguments)
    assert json.dumps(list(short.simulation.lines())) == json.dumps(list(long.simulation.lines()))
    assert short.simulation.record.makers() == {}  # what was read names no object


def test_no_object_is_taken_for_one_that_a_file_names() -> None:
    """Whichever way the file was read."""
    computer = Computer()
    made = computer.simulation.call("CreateVssBackupComponents").out["ppBackup"]
    computer.write("D:\\one", made)
    assert computer.read("D:\\one") == computer.read("D:\\one", offset=0) == made
    assert [left.made_by for left in computer.simulation.unreleased()] == ["CreateVssBackupComponents"]


def test_the_record_keeps_the_arguments_as_they_were() -> None:
    """A program may use its dictionary again for the next call, whichever way the call goes."""
    simulation = Computer().simulation
    made = simulation.call("CreateVssBackupComponents").out["ppBackup"]
    arguments: dict[str, Any] = {"content": "", "lpFileName": "D:\\one"}
    for arguments["content"] in "12":
        simulation.call("WriteFile", arguments=arguments)
    arguments["offset"] = 1
    for arguments["content"] in "34":
        simulation.call("WriteFile", arguments=arguments)
    snapshot: dict[str, Any] = {"SnapshotId": WRITER}
    simulation.call("IVssBackupComponents::GetSnapshotProperties", made, snapshot)
    arguments.clear()
    snapshot.clear()
    _, *written, asked = simulation.lines()
    assert [line["in"]["content"] for line in written] == list("1234")
    assert asked["in"] == {"SnapshotId": WRITER}


def test_more_than_is_read_at_once_is_not_read() -> None:
    """By either way; the files of this volume go the short one."""
    computer = Computer(machine(volumes=(Volume(name="C:\\", capacity=1 << 30),)))
    assert computer.write("C:\\new", "x" * (LARGEST_READ + 1)) == "SUCCESS"
    assert computer.read("C:\\new") == "NO_SYSTEM_RESOURCES"
    assert computer.write("C:\\new", "x" * LARGEST_READ) == "SUCCESS"
    assert len(computer.read("C:\\new")) == LARGEST_READ


def test_nothing_is_left_to_the_garbage_collector() -> None:
    """What a simulation knows of files goes with it, at once: a run of any length costs no memory."""

    def used() -> None:
        computer = Computer(machine(volumes=VOLUMES))
        for path in PATHS[:11]:
            computer.write(path, "x")
            computer.read(path)
        assert computer.fork().disks.volumes
        computer.write("P:\\a\\new", "y")

    used()
    gc.collect()
    used()
    assert gc.collect() == 0


def test_more_paths_than_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was written by paths that are forgotten is read, and no look comes between."""
    monkeypatch.setattr(plain_files, "_MOST_PATHS", 3)
    computer = Computer()
    for turn in ("first", "second"):
        for number in range(10):
            computer.write(f"D:\\{number}", turn)
        assert {computer.read(f"D:\\{number}") for number in range(10)} == {turn}
        assert computer.disks.volumes[1].used == 10 * len(turn)


def test_every_short_way_is_of_a_call() -> None:
    """By each of its names."""
    known = {name for name, call in FILE_CALLS.items() if call.short is not None}
    assert known == {name + form for name in SHORT_WAYS for form in ("", "A", "W")}
