"""What is in files: room, huge files, contents written piece by piece, worlds whose files cannot be."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.file_support import Computer
from tests.soon import soon
from vss_sim.documents.errors import WorldError
from vss_sim.documents.world_file import read_world
from vss_sim.model.computer import File, Machine, Volume
from vss_sim.model.content import Grown, bytes_of, overwritten, resized, same_bytes, size_of
from vss_sim.model.disk import Disk


def test_room_is_counted_in_bytes_of_files() -> None:
    """ERROR_DISK_FULL changes nothing; what is deleted makes room."""
    computer = Computer()
    assert computer.write("D:\\a", "x" * 100) == "SUCCESS"
    assert computer.write("D:\\b", "") == "SUCCESS"
    assert computer.write("D:\\b", "y") == computer.write("D:\\a", "z" * 101) == "DISK_FULL"
    handle = computer.open("D:\\b", "GENERIC_WRITE")
    assert computer.call("WriteFile", hFile=handle, content="y", offset=10**18) == "DISK_FULL"
    assert computer.call("SetEndOfFile", hFile=handle, offset=1) == "DISK_FULL"
    assert computer.read("D:\\a") == "x" * 100
    assert computer.write("D:\\a", "short") == "SUCCESS"
    assert computer.disks.volumes[1].free == 95
    computer.simulation.happens("volume full", volume="d:\\")
    assert (computer.write("D:\\c", "y"), computer.write("D:\\c", "")) == ("DISK_FULL", "SUCCESS")
    computer.simulation.happens("volume has room", volume="D:\\")
    assert computer.write("D:\\c", "y") == "SUCCESS"


def test_huge_files_cost_what_is_written_into_them() -> None:
    """Their bytes are made when they are read, so many at once."""
    computer = Computer()
    with soon(2):
        far = computer.step("ReadFile", lpFileName="C:\\huge", offset=10**14, nNumberOfBytesToRead=4)
        assert far.out == computer.step("ReadFile", lpFileName="C:\\huge", offset=10**14, nNumberOfBytesToRead=4).out
        assert computer.read("C:\\huge") == "NO_SYSTEM_RESOURCES"
        computer.write("C:\\huge", "here", offset=10**14)
        assert computer.read("C:\\huge", offset=10**14, nNumberOfBytesToRead=4) == "here"
        after = computer.step("ReadFile", lpFileName="C:\\huge", offset=10**14 + 4, nNumberOfBytesToRead=4)
        assert after.out != far.out


@given(st.lists(st.tuples(st.integers(0, 9000), st.binary(max_size=40) | st.integers(0, 9000)), max_size=8))
def test_contents_are_as_bytes_would_be(writes: list[tuple[int, bytes | int]]) -> None:
    """Whatever is written where, and wherever they are cut off."""
    content: Any = Grown(5000, 3)
    naive = bytes_of(content)
    for offset, what in writes:
        if isinstance(what, bytes):
            content = overwritten(content, offset, what)
            naive = naive[:offset].ljust(offset, b"\0") + what + naive[offset + len(what) :]
        else:
            content, naive = resized(content, what), naive[:what].ljust(what, b"\0")
    assert bytes_of(content) == naive
    assert size_of(content) == len(naive)
    assert bytes_of(content, 1000, 4500) == naive[1000:4500]
    assert same_bytes(content, naive)


def _world(*volumes: dict[str, Any]) -> str:
    return json.dumps({"machines": [{"volumes": list(volumes)}]})


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"D:\\a": {}}, "does not lie on"),
        ({"C:\\a": {}, "C:\\A": {}}, "is there twice"),
        ({"C:\\a": {}, "C:\\a\\b": {}}, "is a file and a folder"),
        ({"C:\\a": {}, "C:\\a\\": {}}, "is a file and a folder"),
        ({"C:\\a\\": {"content": "x"}}, "is a folder, of which nothing"),
        ({"C:\\a\\..\\b": {}}, "ERROR_INVALID_NAME"),
        ({"C:\\a": {"content": "x", "size": 3}}, "one of content"),
        ({"C:\\a": {"contentBase64": "?"}}, "base64"),
        ({"C:\\a": {"size": 2_000_000_000}}, "they take 2000000000 bytes"),
    ],
)
def test_a_world_file_with_files_that_cannot_be(files: dict[str, Any], says: str) -> None:
    """Is refused with the place and what is wrong."""
    with pytest.raises(WorldError) as caught:
        read_world(_world({"name": "C:\\", "files": files}))
    assert caught.value.place.startswith("machines[0].volumes[0].files")
    assert says in caught.value.says


def test_a_world_with_many_files_is_made_soon() -> None:
    """Each of them is looked at once."""
    files = {f"C:\\d{number // 100}\\f{number}": File() for number in range(30_000)}
    with soon(6):
        computer = Computer(Machine(volumes=(Volume(name="C:\\", files=files),)))
    assert computer.read("C:\\D299\\F29999") == ""
    assert repr(computer.disks.volumes[0]) == "<Disk: 301 folders, 0 bytes of 1000000000>"
    assert isinstance(computer.disks.volumes[0], Disk)
