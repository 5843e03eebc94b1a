"""Paths of files as programs write them: names, forms, lengths, wildcards."""

import time
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.file_support import Computer, machine
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.listings import files_matching
from vss_sim.model.computer import Registry
from vss_sim.model.names import fold, matches, parse
from vss_sim.spec.win32 import FileError


@pytest.mark.parametrize("path", ["C:\\db\\data.mdf:stream", "C:\\a::$DATA", "\\\\?\\C:\\db:x\\y", "D:\\a:b:$DATA"])
@pytest.mark.parametrize("call", ["ReadFile", "CreateFile", "DeleteFile", "GetFileAttributes"])
def test_an_alternate_stream_is_not_simulated(call: str, path: str) -> None:
    """Windows has them, the disks here do not: to say that there is no such name would be wrong."""
    with pytest.raises(NotSimulated, match="alternate streams"):
        Computer().call(call, lpFileName=path)


GUID_NAME: Final = "\\\\?\\Volume{0000d15c-0000-4000-8000-000000000001}\\"


@pytest.mark.parametrize(
    "path",
    [
        "C:\\db\\data.mdf", "c:\\DB\\DATA.MDF", "\\\\?\\C:\\db\\data.mdf", "\\\\.\\C:\\db\\data.mdf",
        GUID_NAME + "db\\data.mdf", GUID_NAME.upper() + "DB\\data.mdf", "C:\\here\\data.mdf", "C:\\db.\\data.mdf. .",
    ],
)  # fmt: skip
def test_a_file_has_many_names(path: str) -> None:
    """Case does not count, dots and spaces at the end fall off, volumes have names, reparse points lead."""
    assert Computer().read(path) == "v1"


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("", "PATH_NOT_FOUND"), (None, "PATH_NOT_FOUND"), ("db\\a", "PATH_NOT_FOUND"), ("C:a", "PATH_NOT_FOUND"),
        ("\\db\\a", "PATH_NOT_FOUND"), ("Z:\\a", "PATH_NOT_FOUND"), ("C:\\none\\a", "PATH_NOT_FOUND"),
        ("C:\\none", "FILE_NOT_FOUND"), ("C:\\db\\data.mdf\\a", "PATH_NOT_FOUND"), ("C:/db/a", "PATH_NOT_FOUND"),
        ("C:\\db/data.mdf", "INVALID_NAME"), ("C:\\db\\..\\a", "INVALID_NAME"), ("C:\\db\\.\\a", "INVALID_NAME"),
        ("C:\\db\\\\a", "INVALID_NAME"), ("C:\\\\", "INVALID_NAME"), ("C:\\a\0b", "INVALID_NAME"),
        ("C:\\a\ud83d", "INVALID_NAME"), ("C:\\a*", "INVALID_NAME"), ("C:\\a:b:c:d", "INVALID_NAME"),
        ("C:\\db\\CON", "INVALID_NAME"), ("C:\\db\\nul.txt", "INVALID_NAME"), ("C:\\db\\Com1.a.b", "INVALID_NAME"),
        ("C:\\db\\lpt\u00b2", "INVALID_NAME"), ("C:\\...", "INVALID_NAME"), ("C:\\con \\a", "INVALID_NAME"),
        ("\\\\?\\C:\\" + "x" * 256, "INVALID_NAME"), ("\\\\?\\C:\\" + "\U0001f600" * 128, "INVALID_NAME"),
        ("C:\\" + "x\\" * 20_000, "FILENAME_EXCED_RANGE"), ("C:\\" + "x\\" * 130 + "y", "PATH_NOT_FOUND"),
        ("\\\\?\\C:\\" + "x\\" * 1000 + "y", "PATH_NOT_FOUND"), ("\\\\server\\share\\a", "BAD_NETPATH"),
        ("\\\\server", "BAD_NETPATH"), ("\\\\?\\C:\\db.\\data.mdf", "PATH_NOT_FOUND"), ("R:\\a", "UNRECOGNIZED_VOLUME"),
        ("C:\\loop", "CANT_RESOLVE_FILENAME"), ("C:\\loop\\a\\b", "CANT_RESOLVE_FILENAME"), ("C:\\db", "ACCESS_DENIED"),
        ("C:\\", "ACCESS_DENIED"), ("\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\a", "PATH_NOT_FOUND"),
        ("\\\\?\\", "PATH_NOT_FOUND"), ("\\\\.\\pipe\\x", "PATH_NOT_FOUND"), ("C:\\db\\secret.key", "ACCESS_DENIED"),
    ],
)  # fmt: skip
def test_a_path_that_leads_nowhere_is_refused_by_name(path: Any, error: str) -> None:
    """And quickly, whatever tricks are in it."""
    begin = time.process_time()
    assert Computer().read(path) == error
    assert time.process_time() - begin < 0.5


@given(st.text(st.characters(), max_size=40).map(lambda text: "C:\\" + text) | st.text(max_size=40))
def test_no_path_harms(path: str) -> None:
    """Each is a place, or refused with a Win32 error; what is parsed twice is the same."""
    try:
        place = parse(path)
    except FileError:
        return
    assert place == parse(path)
    assert fold(place.key) == place.key


def test_a_long_path_needs_its_prefix_or_the_registry() -> None:
    """LongPathsEnabled stands for the manifest of the program, too."""
    path = "C:\\db\\" + "a" * 200 + "\\" + "b" * 200
    for one, prefix in ((machine(), "\\\\?\\"), (machine(registry=Registry(long_paths_enabled=True)), "")):
        computer = Computer(one)
        assert computer.call("CreateDirectory", lpPathName=prefix + path.rpartition("\\")[0]) == "SUCCESS"
        assert computer.write(prefix + path, "long") == "SUCCESS"
        assert computer.read("\\\\?\\" + path) == "long"
        assert (computer.read(path) == "long") is (prefix == "")


def test_names_that_only_the_long_form_can_say() -> None:
    """The form with the question mark takes a name as it is."""
    computer = Computer()
    assert computer.write("\\\\?\\C:\\nul", "a") == computer.write("\\\\?\\C:\\db\\x. ", "b") == "SUCCESS"
    assert computer.read("\\\\?\\C:\\NUL") == "a"
    assert (computer.read("\\\\?\\C:\\db\\x. "), computer.read("C:\\db\\x. ")) == ("b", "FILE_NOT_FOUND")


def test_case_is_kept_and_compared_sign_by_sign() -> None:
    """As NTFS does: no sign becomes two, and none leaves its alphabet."""
    computer = Computer()
    assert computer.write("C:\\Größe", "1") == "SUCCESS"
    assert (computer.read("C:\\GRÖßE"), computer.read("C:\\GRÖSSE")) == ("1", "FILE_NOT_FOUND")
    assert (fold("\u0131"), fold("\u017f"), fold("ÿ"), fold("𐐨")) == ("\u0131", "\u017f", "Ÿ", "𐐨")
    computer.call("MoveFileEx", lpExistingFileName="C:\\größe", lpNewFileName="C:\\grÖßE")
    assert computer.step("FindFirstFile", lpFileName="C:\\gr*").out["lpFindFileData"]["cFileName"] == "grÖßE"


def test_volumes_in_folders() -> None:
    """By a mount point of a volume that has a letter, and by one that has none."""
    computer = Computer()
    assert computer.write("C:\\mnt\\d\\a", "1") == "SUCCESS"
    assert computer.read("D:\\a") == "1"
    assert computer.read("C:\\mnt\\e\\in.txt") == "inside"
    assert computer.call("MoveFileEx", lpExistingFileName="D:\\a", lpNewFileName="C:\\a") == "NOT_SAME_DEVICE"
    assert computer.call("RemoveDirectory", lpPathName="C:\\mnt\\d") == "SUCCESS"
    assert (computer.read("C:\\mnt\\d\\a"), computer.read("D:\\a")) == ("PATH_NOT_FOUND", "1")


@pytest.mark.parametrize(
    ("name", "specification", "fits"),
    [
        ("a", "*", True), ("a", "*.*", True), ("a.b", "*.*", True), ("a.TXT", "*.txt", True),
        ("page.html", "*.htm", False), ("ab", "a?", True), ("a", "a?", False), ("abc", "a?", False),
        ("", "*", True), ("a.b.c", "a.*", True),
        ("größe", "GR?ßE", True), ("a", "", False), ("longfi~1.txt", "longfile.txt", False),
        ("a" * 255, "*a" * 100 + "b", False),
    ],
)  # fmt: skip
def test_wildcards_mean_long_names(name: str, specification: str, fits: bool) -> None:
    """No short name counts, and no pattern takes long."""
    begin = time.process_time()
    assert matches(name, specification) is fits
    assert time.process_time() - begin < 0.5


def test_a_file_set_is_found_on_the_disk() -> None:
    """Recursive or not; through no reparse point, so that it ends."""
    computer = Computer()
    desk = Desk(computer.simulation.world, 0)
    names = [path for path, _ in files_matching(desk, "c:\\DB\\", "*.ldf", recursive=False)]
    assert names == ["c:\\DB\\log.ldf", "c:\\DB\\used.ldf"]
    below = [path for path, _ in files_matching(desk, "C:\\", "*.?mp", recursive=True)]
    assert below == ["C:\\db\\deep\\er\\a.tmp"]
    assert not list(files_matching(desk, "C:\\none", "*", recursive=True))
