"""Files and services in Python: each method is one Win32 function, typed, recorded, and raises the error's name."""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.file_support import machine
from tests.support import check
from vss_sim import (
    Disposition,
    FileAccess,
    FileAttributes,
    FileFlags,
    FileShare,
    MoveFlags,
    Simulation,
    Win32CallError,
    Win32Error,
)
from vss_sim.judge.findings import Level
from vss_sim.model.computer import Description, File, Machine, Volume
from vss_sim.requester import win32_flags
from vss_sim.spec.win32 import CALLS, FLAGS

FILE: Final = "C:\\db\\Data.mdf"
SHARED: Final = FileShare.READ | FileShare.WRITE | FileShare.DELETE


def simulation() -> Simulation:
    """A machine with files, services and small volumes."""
    return Simulation(Description(machines=(machine(),)))


def code_of(call: Callable[[], Any]) -> Win32Error:
    """The error that a call raises."""
    with pytest.raises(Win32CallError) as caught:
        call()
    assert caught.value.error.name in str(caught.value)
    return caught.value.error


def test_files_are_read_written_copied_moved_and_deleted() -> None:
    """Bytes in, bytes out, whatever they are."""
    files = simulation().machine().files
    assert files.read_file(FILE) == b"v1"
    for data in (b"", b"v2\r\n", "\u00e4".encode(), b"\xff\x00\xfe", bytes(1000)):
        assert files.write_file(FILE, data) == len(data)
        assert files.read_file(FILE) == data
    assert files.write_file(FILE, b"abc", offset=2) == 3
    assert files.read_file(FILE, 4, offset=1) == b"\x00abc"
    files.copy_file(FILE, "C:\\copy")
    assert code_of(lambda: files.copy_file(FILE, "C:\\copy", fail_if_exists=True)) is Win32Error.ERROR_FILE_EXISTS
    files.move_file("C:\\copy", "C:\\moved")
    assert (files.exists("C:\\copy"), files.exists("C:\\moved")) == (False, True)
    files.delete_file("C:\\moved")
    assert code_of(lambda: files.read_file("C:\\moved")) is Win32Error.ERROR_FILE_NOT_FOUND
    files.create_directory("C:\\new")
    assert FileAttributes.DIRECTORY in files.get_file_attributes("C:\\new")
    files.remove_directory("C:\\new")
    assert not files.exists("C:\\new\\x")


def test_a_handle_has_a_position_and_an_end() -> None:
    """And is closed at the end of its block, whatever happens in it."""
    files = simulation().machine().files
    with files.create_file(
        "C:\\h", FileAccess.GENERIC_READ | FileAccess.GENERIC_WRITE, disposition=Disposition.CREATE_NEW
    ) as handle:
        assert (handle.write(b"hello"), handle.write(b"!"), handle.size()) == (5, 1, 6)
        assert handle.read(2, offset=1) == b"el"
        assert handle.read() == b"lo!"
        handle.set_end_of_file(2)
        assert handle.size() == 2
        assert code_of(lambda: files.read_file("C:\\h")) is Win32Error.ERROR_SHARING_VIOLATION
    assert files.read_file("C:\\h") == b"he"
    assert code_of(handle.close) is Win32Error.ERROR_INVALID_HANDLE
    opened = files.create_file("C:\\h", FileAccess(0), disposition=Disposition.OPEN_ALWAYS)
    assert opened.existed
    opened.close()


def test_flags_and_attributes_do_what_those_of_windows_do() -> None:
    """Access denied is passed by a backup's semantics, a read-only file stays, and one goes with its handle."""
    files = simulation().machine().files
    assert code_of(lambda: files.create_file("C:\\db\\secret.key")) is Win32Error.ERROR_ACCESS_DENIED
    files.create_file("C:\\db\\secret.key", flags=FileFlags.BACKUP_SEMANTICS).close()
    assert FileAttributes.READONLY in files.get_file_attributes("C:\\db\\old.txt")
    assert code_of(lambda: files.delete_file("C:\\db\\old.txt")) is Win32Error.ERROR_ACCESS_DENIED
    files.set_file_attributes("C:\\db\\old.txt", FileAttributes.NORMAL)
    with files.create_file("C:\\db\\old.txt", FileAccess.DELETE, SHARED, flags=FileFlags.DELETE_ON_CLOSE):
        assert files.exists("C:\\db\\old.txt")
    assert not files.exists("C:\\db\\old.txt")


def test_entries_of_a_folder_are_found_and_the_handle_is_given_up() -> None:
    """By a pattern in the last part of the path; where nothing fits, there is nothing."""
    one = simulation()
    files = one.machine().files
    found = {entry.name: entry for entry in files.find_files("C:\\db\\*.txt")}
    assert list(found) == ["hidden.txt", "old.txt"]
    assert (found["old.txt"].size, FileAttributes.HIDDEN in found["hidden.txt"].attributes) == (1, True)
    assert list(files.find_files("C:\\db\\*.none")) == []
    next(iter(files.find_files("C:\\db\\*")))
    assert len(one.world.machines[0].disks.handles) == 0
    assert code_of(lambda: list(files.find_files("C:\\missing\\*"))) is Win32Error.ERROR_PATH_NOT_FOUND


def test_delayed_moves_are_made_at_the_start_of_the_machine() -> None:
    """What became of each is told."""
    one = simulation()
    files = one.machine().files
    files.move_file(FILE, "C:\\db\\hidden.txt", MoveFlags.DELAY_UNTIL_REBOOT)
    files.move_file("C:\\db\\log.ldf", None, MoveFlags.DELAY_UNTIL_REBOOT)
    one.happens("reboot")
    assert [move.outcome for move in files.boot_moves()] == ["ERROR_ALREADY_EXISTS", "ERROR_SUCCESS"]


def test_services_start_and_stop() -> None:
    """Those that cannot, with the error that Windows has for it."""
    services = simulation().machine().services
    assert services.is_running("sql")
    services.stop("SQL")
    assert not services.is_running("SQL")
    services.start("SQL")
    assert code_of(lambda: services.start("SQL")) is Win32Error.ERROR_SERVICE_ALREADY_RUNNING
    assert code_of(lambda: services.stop("Spooler")) is Win32Error.ERROR_INVALID_SERVICE_CONTROL
    assert code_of(lambda: services.is_running("none")) is Win32Error.ERROR_SERVICE_DOES_NOT_EXIST


def test_machines_and_processes_have_their_own() -> None:
    """A handle is of the process that opened it; a machine that is not there is told."""
    volumes = (Volume(name="C:\\", files={"C:\\x": File(content="of two")}),)
    one = Simulation(Description(machines=(Machine(name="one"), Machine(name="two", volumes=volumes))))
    assert one.machine("two").files.read_file("C:\\x") == b"of two"
    assert not one.machine("one").files.exists("C:\\x")
    handle = one.machine("two", process="a").files.create_file("C:\\x")
    other = one.machine("two", process="b").files
    stolen = type(handle)(other, handle.handle, existed=True)
    assert code_of(stolen.read) is Win32Error.ERROR_INVALID_HANDLE
    with pytest.raises(ValueError, match="there is no 'three'; there are one, two"):
        one.machine("three")


def test_what_is_done_stands_in_the_record_as_calls_of_win32() -> None:
    """So that the checker reads it, and another run may follow it."""
    one = simulation()
    files = one.machine().files
    files.write_file(FILE, b"v2")
    assert code_of(lambda: files.delete_file("C:\\none")) is Win32Error.ERROR_FILE_NOT_FOUND
    lines = list(one.lines())
    assert lines == [
        {
            "call": "WriteFile",
            "in": {"lpFileName": FILE, "content": "v2"},
            "returns": "ERROR_SUCCESS",
            "out": {"lpNumberOfBytesWritten": 2},
        },
        {"call": "DeleteFile", "in": {"lpFileName": "C:\\none"}, "returns": "ERROR_FILE_NOT_FOUND"},
    ]
    assert not [finding for finding in check(lines).findings if finding.level is not Level.INFO]


def test_flags_are_those_of_the_table() -> None:
    """Each by its own name, with a prefix or without."""
    kinds = {
        "FileAccess": ("", "FILE_"),
        "FileShare": ("FILE_SHARE_",),
        "Disposition": ("",),
        "FileAttributes": ("FILE_ATTRIBUTE_",),
        "FileFlags": ("FILE_FLAG_",),
        "MoveFlags": ("MOVEFILE_",),
    }
    for kind, prefixes in kinds.items():
        for member in getattr(win32_flags, kind):
            assert member.value in {FLAGS.get(prefix + member.name) for prefix in prefixes}


def test_every_call_is_made_by_a_method() -> None:
    """Nothing of Win32 that the simulator knows is missing in Python."""
    one = simulation()
    test = one.machine()
    with test.files.create_file(FILE, FileAccess.GENERIC_READ | FileAccess.GENERIC_WRITE) as handle:
        handle.read()
        handle.write(b"x")
        handle.size()
        handle.set_end_of_file()
    test.files.copy_file(FILE, "C:\\c")
    test.files.move_file("C:\\c", "C:\\m")
    test.files.set_file_attributes("C:\\m", test.files.get_file_attributes("C:\\m"))
    test.files.delete_file("C:\\m")
    test.files.create_directory("C:\\d")
    test.files.remove_directory("C:\\d")
    list(test.files.find_files("C:\\*"))
    test.services.stop("SQL")
    test.services.start("SQL")
    assert {line["call"] for line in one.lines()} == set(CALLS)
