"""Paths of files as programs write them: names, forms, lengths, wildcards."""

from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.file_support import Computer, machine
from tests.soon import soon
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.listings import files_matching
from vss_sim.model.computer import Registry
from vss_sim.model.names import _as_since_dos, _reaches_the_end, covers, fold, matches, parse
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
    with soon(2):
        assert Computer().read(path) == error


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


MEANT: Final = {
    "*": (["a", "a.b", ".profile", "a.b.c"], []),
    "*.*": (["a", "a.b", ".profile", "a.b.c"], []),
    "*.txt": (["a.TXT", "a.b.txt", ".txt"], ["a.txt_old", "atxt", "a.txt.b"]),
    "*.htm": (["page.htm"], ["page.html"]),
    "a": (["A"], ["ab", "a.b"]),
    "": ([], ["a"]),
    "a.*": (["a", "a.b", "a.b.c"], ["ab", "ab.c"]),
    "a*": (["a", "ab", "a.b"], ["ba"]),
    "a*.*": (["a", "ab", "a.b", "ab.c"], ["ba.a"]),
    "*.": (["a", "readme"], ["a.b", "a.b.c", ".profile"]),
    "a*.": (["a", "abc"], ["a.b", "abc.d", "ba"]),
    "a.*.": (["a", "a.b"], ["ab", "ab.c", "a.b.c"]),
    "*.*.": (["a", "a.b"], []),
    "a.": (["a"], ["a.b", "ab"]),
    "a?": (["a", "ab"], ["abc", "a.b", "ab.c"]),
    "a??.": (["a", "ab", "abc"], ["abcd", "a.b"]),
    "?": (["a"], ["ab", "a.b"]),
    "a?.b": (["a.b", "ac.b"], ["acc.b", "a..b", "ab"]),
    "a?c": (["abc"], ["ac", "a.c"]),
    "a.???": (["a", "a.b", "a.bcd"], ["a.bcde", "ab", "a.b.c"]),
    "??.?": (["a", "ab", "a.b", "ab.c"], ["abc", "ab.cd"]),
    "*?": (["a", "a.b"], []),
    "*.b?": (["a.b", "a.bc", "a.a.b"], ["a.cb", "b"]),
    "*a.b": (["a.b", "ca.b", "c.a.b"], ["a.bc"]),
    "GR?\N{LATIN SMALL LETTER SHARP S}E": (
        ["gr\N{LATIN SMALL LETTER O WITH DIAERESIS}\N{LATIN SMALL LETTER SHARP S}e"],
        ["grsse"],
    ),
    "longfile.txt": (["LongFile.txt"], ["longfi~1.txt"]),
    "*a" * 100 + "b": ([], ["a" * 255]),
    "*?" * 100 + "b": ([], ["a" * 255]),
}
"""File specification → names that it means, and names that it does not."""


@pytest.mark.parametrize("specification", MEANT)
def test_a_specification_means_what_findfirstfile_finds(specification: str) -> None:
    """Rule path-wildcards; no short name counts, and no pattern takes long."""
    means, means_not = MEANT[specification]
    with soon(2):
        assert [name for name in (*means, *means_not) if matches(name, specification)] == means


@given(st.text("ab.", min_size=1, max_size=6), st.text("ab.*?", min_size=1, max_size=6))
def test_the_short_ways_of_matching_say_the_same(name: str, specification: str) -> None:
    """A name without wildcards means itself; an extension the names that end so; the rest goes the whole way."""
    name = name.rstrip(".") or "a"
    assert matches(name, specification) is _reaches_the_end(fold(name), _as_since_dos(specification))


def test_findfirstfile_finds_so() -> None:
    """The same reading for requesters, who walk a shadow copy with it."""
    computer = Computer()
    for name in ("read", "read.me", "read.me.txt", "reads"):
        computer.write(f"C:\\empty\\{name}", "x")
    for specification, found in (("read.*", 3), ("*.", 2), ("read?", 2), ("read.m?", 1), ("*.txt", 1)):
        handle = computer.step("FindFirstFile", lpFileName=f"C:\\empty\\{specification}").out["hFindFile"]
        names = 1
        while computer.call("FindNextFile", hFindFile=handle) == "SUCCESS":
            names += 1
        assert names == found, specification


@pytest.mark.parametrize(
    ("pattern", "path", "fits"),
    [
        ("C:\\db\\*", "C:\\DB\\a.b", True),
        ("C:\\db\\a.*", "C:\\db\\a", False),
        ("*.mdf", "C:\\db\\a.MDF", True),
        ("C:\\d?\\a", "C:\\db\\a", True),
        ("C:\\d?\\a", "C:\\d\\a", False),
    ],
)
def test_a_pattern_of_a_script_covers_whole_paths(pattern: str, path: str, fits: bool) -> None:
    """`*` any signs, `?` one; it is no file specification."""
    assert covers(pattern, path) is fits


def test_a_file_set_is_found_on_the_disk() -> None:
    """Recursive or not; through no reparse point, so that it ends."""
    computer = Computer()
    desk = Desk(computer.simulation.world, 0)
    names = [path for path, _ in files_matching(desk, "c:\\DB\\", "*.ldf", recursive=False)]
    assert names == ["c:\\DB\\log.ldf", "c:\\DB\\used.ldf"]
    below = [path for path, _ in files_matching(desk, "C:\\", "*.?mp", recursive=True)]
    assert below == ["C:\\db\\deep\\er\\a.tmp"]
    assert not list(files_matching(desk, "C:\\none", "*", recursive=True))
