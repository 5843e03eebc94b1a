"""Faults of files and services from outside: scripted at the n-th occurrence, in the world file and in Python."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.file_support import Computer, machine
from tests.test_world_files import MANY
from vss_sim.documents.errors import WorldError
from vss_sim.documents.world_file import read_world
from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.model.computer import Description, File, Machine, Service, Volume, Win32Fault
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.win32 import CALLS, Win32Error

FILE: Final = "C:\\db\\Data.mdf"


def computer(*faults: Win32Fault, **more: Any) -> Computer:
    """One on which calls fail by script."""
    return Computer(machine(win32_faults=faults, **more))


MADE: Final[dict[str, dict[str, Any]]] = {
    "CreateFile": {"lpFileName": FILE, "dwShareMode": 7},
    "ReadFile": {"lpFileName": FILE},
    "WriteFile": {"lpFileName": FILE, "content": "x"},
    "CopyFile": {"lpExistingFileName": FILE, "lpNewFileName": "D:\\copy"},
    "DeleteFile": {"lpFileName": "C:\\db\\hidden.txt"},
    "CreateDirectory": {"lpPathName": "D:\\new"},
    "RemoveDirectory": {"lpPathName": "C:\\empty"},
    "MoveFileEx": {"lpExistingFileName": FILE, "lpNewFileName": "C:\\moved"},
    "SetFileAttributes": {"lpFileName": FILE, "dwFileAttributes": 0},
    "GetFileAttributes": {"lpFileName": FILE},
    "FindFirstFile": {"lpFileName": "C:\\db\\*"},
    "ControlService": {"lpServiceName": "SQL", "dwControl": "SERVICE_CONTROL_STOP"},
    "StartService": {"lpServiceName": "Idle"},
}
BY_HANDLE: Final[dict[str, dict[str, Any]]] = {
    "SetEndOfFile": {"offset": 1},
    "GetFileSizeEx": {},
    "CloseHandle": {},
    "FindNextFile": {},
    "FindClose": {},
}


def test_every_call_can_be_scripted() -> None:
    """The names are those of the calls that there are."""
    assert set(CALLS) == {call.name for call in FILE_CALLS.values()} == set(MADE) | set(BY_HANDLE)


@pytest.mark.parametrize("name", MADE)
def test_a_call_that_fails_by_script_changes_nothing(name: str) -> None:
    """After it the same call does what it does; which occurrence that is, test_faults_at_the_nth_occurrence tells."""
    one = computer(Win32Fault(to=name, fails="ERROR_IO_DEVICE", times=1))
    before = one.disks
    assert one.call(name, **MADE[name]) == "IO_DEVICE"
    assert one.disks == before
    assert one.call(name, **MADE[name]) == "SUCCESS"


@pytest.mark.parametrize("name", BY_HANDLE)
def test_a_call_on_a_handle_fails_by_script(name: str) -> None:
    """The handle stays as it was."""
    one = computer(Win32Fault(to=name, fails="ERROR_NOT_READY", times=1))
    if name.startswith("Find"):
        handle = str(one.step("FindFirstFile", lpFileName="C:\\db\\*").out["hFindFile"])
        arguments = {"hFindFile": handle}
    else:
        handle = one.open(FILE, "GENERIC_WRITE", 7)
        arguments = {"hObject" if name == "CloseHandle" else "hFile": handle}
    assert one.call(name, **arguments, **BY_HANDLE[name]) == "NOT_READY"
    assert one.call(name, **arguments, **BY_HANDLE[name]) == "SUCCESS"


def test_a_script_is_about_the_files_that_its_path_means() -> None:
    """However the call writes the path, by handle too; what else is called is not even counted."""
    one = computer(Win32Fault(to="ReadFile", fails="ERROR_CRC", path="c:\\DB\\data.*", skip=1))
    assert one.read("C:\\db\\log.ldf") == "SHARING_VIOLATION"
    assert one.read("C:\\db\\hidden.txt") == "h"
    assert one.read(FILE) == "v1"
    assert one.read("\\\\?\\C:\\DB\\DATA.MDF") == "CRC"
    handle = one.open(FILE, share=7)
    assert one.call("ReadFile", hFile=handle) == "CRC"
    assert one.read("C:\\db\\hidden.txt") == "h"


def test_a_path_is_that_of_the_volume_wherever_that_is_mounted_and_of_a_shadow_copy_by_its_device() -> None:
    """A volume is known by its name; shadow copies by their devices."""
    one = computer(
        Win32Fault(to="WriteFile", fails="ERROR_DISK_FULL", path="D:\\*"),
        Win32Fault(to="ReadFile", fails="ERROR_CRC", path="*HarddiskVolumeShadowCopy1\\db\\*"),
    )
    assert one.write("C:\\mnt\\d\\x", "1") == "DISK_FULL"
    assert one.write("C:\\x", "1") == "SUCCESS"
    *_, device = one.snapshot()
    assert one.read(device + "db\\Data.mdf") == "CRC"
    assert one.read(FILE) == "v1"


def test_a_service_refuses_to_stop_twice_and_then_stops() -> None:
    """Only the one that the script names."""
    stop = {"dwControl": "SERVICE_CONTROL_STOP"}
    fault = Win32Fault(to="ControlService", fails="ERROR_SERVICE_REQUEST_TIMEOUT", service="sql", times=2)
    one = computer(fault, services=(Service(name="SQL"), Service(name="Other")))
    assert one.call("ControlService", lpServiceName="Other", **stop) == "SUCCESS"
    answers = [one.call("ControlService", lpServiceName="SQL", **stop) for _ in range(3)]
    assert answers == ["SERVICE_REQUEST_TIMEOUT", "SERVICE_REQUEST_TIMEOUT", "SUCCESS"]


def test_a_delayed_move_fails_at_the_start_of_the_machine() -> None:
    """The second of three; the others are made, in their order, and nothing is lost (rule rar-os-logs-failure)."""
    one = computer(
        Win32Fault(to="delayed move", fails="ERROR_SHARING_VIOLATION", skip=1, times=1),
        volumes=(Volume(name="C:\\"),),
        services=(),
        writers=(),
    )
    for name in "abc":
        one.write(f"C:\\{name}.new", name)
        moved = {"lpExistingFileName": f"C:\\{name}.new", "lpNewFileName": f"C:\\{name}"}
        assert one.call("MoveFileEx", dwFlags="MOVEFILE_DELAY_UNTIL_REBOOT", **moved) == "SUCCESS"
    one.simulation.happens("reboot")
    assert [move.outcome for move in one.disks.boot_moves] == [
        "ERROR_SUCCESS",
        "ERROR_SHARING_VIOLATION",
        "ERROR_SUCCESS",
    ]
    assert [one.read(f"C:\\{name}") for name in ("a", "b", "b.new", "c")] == ["a", "FILE_NOT_FOUND", "b", "c"]


def test_a_bad_argument_is_told_before_a_script_speaks() -> None:
    """What no program could call is no occurrence."""
    one = computer(Win32Fault(to="ReadFile", fails="ERROR_CRC", times=1))
    with pytest.raises(ValueError, match="nonsense"):
        one.call("ReadFile", nonsense=1)
    assert one.read(FILE) == "CRC"


def test_the_world_file_has_them() -> None:
    """With everything that a script has."""
    world = read_world(
        '{"machines": [{"win32Faults": ['
        '{"to": "WriteFile", "fails": "ERROR_DISK_FULL", "path": "C:\\\\x", "skip": 1}]}]}'
    )
    simulation = Simulation(world)
    codes = [
        simulation.call("WriteFile", arguments={"lpFileName": "C:\\x", "content": text}).answer for text in ("a", "b")
    ]
    assert codes == [Win32Error.ERROR_SUCCESS, Win32Error.ERROR_DISK_FULL]
    assert simulation.call("ReadFile", arguments={"lpFileName": "C:\\x"}).out["content"] == "a"


@pytest.mark.parametrize(
    ("fault", "place", "says"),
    [
        ('{"to": "Melt", "fails": "ERROR_CRC"}', "to", "ControlService"),
        ('{"to": "ReadFile", "fails": "ERROR_SUCCESS"}', "fails", "name of a Win32 error"),
        ('{"to": "StartService", "fails": "ERROR_CRC", "path": "C:\\\\x"}', "path", "about a service"),
        ('{"to": "ReadFile", "fails": "ERROR_CRC", "service": "S"}', "service", "about a file"),
    ],
)
def test_what_is_wrong_in_a_script_is_told_with_its_key(fault: str, place: str, says: str) -> None:
    """As everywhere in a world."""
    with pytest.raises(WorldError) as caught:
        read_world(f'{{"machines": [{{"win32Faults": [{fault}]}}]}}')
    assert caught.value.place == f"machines[0].win32Faults[0].{place}"
    assert says in caught.value.says


_PATHS: Final = st.sampled_from(["C:\\a", "C:\\b", "C:\\d\\a", "D:\\a"])
_FAULTS: Final = st.lists(
    st.builds(
        Win32Fault,
        to=st.sampled_from(["WriteFile", "DeleteFile", "CopyFile", "MoveFileEx", "CreateFile", "CloseHandle"]),
        fails=st.just("ERROR_IO_DEVICE"),
        path=st.none() | _PATHS,
        skip=st.integers(0, 3),
        times=st.integers(1, 3),
    ),
    max_size=4,
)


def _step(name: str, **arguments: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[str, dict[str, Any]]]:
    return st.tuples(st.just(name), st.fixed_dictionaries(arguments))


_STEPS: Final = st.lists(
    st.one_of(
        _step("WriteFile", lpFileName=_PATHS, content=st.text("xy", max_size=9)),
        _step("DeleteFile", lpFileName=_PATHS),
        _step("CopyFile", lpExistingFileName=_PATHS, lpNewFileName=_PATHS, bFailIfExists=st.booleans()),
        _step("MoveFileEx", lpExistingFileName=_PATHS, lpNewFileName=_PATHS, dwFlags=st.integers(0, 5)),
        _step("CreateFile", lpFileName=_PATHS, dwShareMode=st.integers(0, 7), dwCreationDisposition=st.integers(1, 4)),
        _step("CloseHandle", hObject=st.sampled_from(["file1", "file2", "file3"])),
        _step("reboot"),
        _step("machine crashes"),
    ),
    max_size=30,
)


def _small(*faults: Win32Fault) -> Simulation:
    volumes = (
        Volume(name="C:\\", capacity=20, files={"C:\\d\\": File(), "C:\\a": File(content="a")}),
        Volume(name="D:\\"),
    )
    return Simulation(Description(machines=(Machine(volumes=volumes, win32_faults=faults),)))


@MANY
@given(_FAULTS, _STEPS)
def test_a_run_with_faults_is_the_run_without_the_calls_that_failed_so(
    faults: list[Win32Fault], steps: list[tuple[str, dict[str, Any]]]
) -> None:
    """Nothing is lost and nothing invented by a fault, whatever comes before and after it, and through every start."""
    faulty, plain = _small(*faults), _small()
    for name, arguments in steps:
        if name not in CALLS:
            faulty.happens(name)
            plain.happens(name)
        elif faulty.call(name, arguments=arguments).answer != Win32Error.ERROR_IO_DEVICE:
            plain.call(name, arguments=arguments)
        assert faulty.world.machines[0].disks == plain.world.machines[0].disks
    assert [line for line in faulty.lines() if line.get("returns") != "ERROR_IO_DEVICE"] == list(plain.lines())
