"""The short way of file calls: it and the long way come to the same world and the same answer, whatever is asked."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.file_support import Computer, machine
from tests.test_world_files import MANY
from vss_sim.engine import file_calls
from vss_sim.engine.file_calls import _the_long_way, make_file_call
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.plain_files import SHORT_WAYS
from vss_sim.model.computer import Description, Win32Fault
from vss_sim.model.world import World, new_world

PATHS: Final = (
    "C:\\db\\Data.mdf",
    "c:\\DB\\data.MDF",
    "C:\\db\\log.ldf",
    "C:\\db\\used.ldf",
    "C:\\db\\old.txt",
    "C:\\db\\hidden.txt",
    "C:\\db\\secret.key",
    "C:\\db\\new",
    "C:\\db",
    "C:\\db\\",
    "C:\\",
    "C:\\huge",
    "C:\\here\\Data.mdf",
    "C:\\loop",
    "C:\\missing\\x",
    "C:\\db\\NUL",
    "C:\\db\\a?b",
    "D:\\one",
    "D:\\two",
    "C:\\mnt\\d\\one",
    "\\\\?\\D:\\one",
    "R:\\x",
    "X:\\setup.exe",
    "Z:\\x",
    "D:\\" + "x" * 260,
    "",
    None,
    7,
)
CONTENTS: Final = ("", "v2", "\u00e4\ud800", "x" * 60, "x" * 200, 5)
MORE: Final[tuple[dict[str, Any], ...]] = ({}, {}, {}, {}, {"offset": 1}, {"hFile": None}, {"nonsense": 1})
CALLS: Final = st.lists(
    st.tuples(
        st.sampled_from(["ReadFile", "WriteFile", "WriteFile", "DeleteFile", "DeleteFileW"]),
        st.sampled_from(PATHS),
        st.sampled_from(CONTENTS),
        st.sampled_from(MORE),
    ),
    max_size=25,
)


def _arguments(name: str, path: Any, content: Any, more: dict[str, Any]) -> dict[str, Any]:
    return {"lpFileName": path, **({"content": content} if name == "WriteFile" else {}), **more}


def _came_to(way: Any, world: World, name: str, arguments: dict[str, Any]) -> Any:
    try:
        return way(world, name, arguments, 0, "")
    except BadCall as error:
        return str(error)


WORLD: Final = new_world(Description(machines=(machine(),)))


@MANY
@given(CALLS)
def test_both_ways_come_to_the_same(calls: list[tuple[str, Any, Any, dict[str, Any]]]) -> None:
    """Files that are in use, read-only, denied, behind links, on small, unknown and read-only volumes, and no files."""
    world = WORLD
    for name, path, content, more in calls:
        arguments = _arguments(name, path, content, more)
        before = repr(world)
        one = _came_to(make_file_call, world, name, arguments)
        other = _came_to(_the_long_way, world, name, arguments)
        assert one == other
        assert repr(world) == before
        if isinstance(one, tuple):
            world = one[0]


def test_the_short_way_is_taken_where_all_is_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only there: a shadow copy, a handle, an attribute or a script leads to the long way."""
    long_ways: list[str] = []
    known = file_calls._the_long_way

    def counted(world: World, name: str, *rest: Any) -> Any:
        long_ways.append(name)
        return known(world, name, *rest)

    monkeypatch.setattr(file_calls, "_the_long_way", counted)
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
    computer.read("D:\\one")
    assert long_ways == ["ReadFile"]
    scripted = Computer(machine(win32_faults=(Win32Fault(to="ReadFile", fails="ERROR_CRC"),)))
    scripted.write("D:\\one", "1")
    assert long_ways == ["ReadFile", "WriteFile"]


def test_every_short_way_is_of_a_call() -> None:
    """By each of its names."""
    assert set(SHORT_WAYS) < set(file_calls.FILE_CALLS)
