"""Files as Windows has them: calls by their Win32 names, handles, and what shadow copies show of them."""

import doctest
from typing import Any, Final

import pytest

from tests.file_support import Computer, machine
from tests.support import ROOT
from vss_sim.documents.world_file import read_world
from vss_sim.engine.desk import Desk
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.listings import files_matching
from vss_sim.model.computer import Requester
from vss_sim.spec.creation import FIRST_MOMENT
from vss_sim.spec.hresult import HResult
from vss_sim.spec.win32 import Win32Error

DISPOSITIONS: Final = [
    ("CREATE_NEW", "SUCCESS", "FILE_EXISTS", False),
    ("CREATE_ALWAYS", "SUCCESS", "SUCCESS", True),
    ("OPEN_EXISTING", "FILE_NOT_FOUND", "SUCCESS", False),
    ("OPEN_ALWAYS", "SUCCESS", "SUCCESS", False),
    ("TRUNCATE_EXISTING", "FILE_NOT_FOUND", "SUCCESS", True),
]


@pytest.mark.parametrize(("how", "absent", "present", "emptied"), DISPOSITIONS)
def test_dispositions(how: str, absent: str, present: str, emptied: bool) -> None:
    """The table of CreateFile's page."""
    for path, answer in (("C:\\db\\new", absent), ("C:\\db\\data.mdf", present)):
        computer = Computer()
        arguments = {"dwDesiredAccess": "GENERIC_WRITE", "dwCreationDisposition": how}
        done = computer.step("CreateFile", lpFileName=path, **arguments)
        assert done.answer == Win32Error[f"ERROR_{answer}"]
        told = done.out.get("lastError")
        existed = path.endswith("mdf") and answer == "SUCCESS" and how.endswith("ALWAYS")
        assert told == ("ERROR_ALREADY_EXISTS" if existed else None)
        if answer != "SUCCESS":
            assert "hFile" not in done.out
            continue
        computer.call("CloseHandle", hObject=done.out["hFile"])
        assert computer.read(path) == ("" if emptied or path.endswith("new") else "v1")


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"dwCreationDisposition": 9}, "INVALID_PARAMETER"),
        ({"dwCreationDisposition": "TRUNCATE_EXISTING"}, "INVALID_PARAMETER"),
        ({"lpFileName": "C:\\db\\old.txt", "dwDesiredAccess": "GENERIC_WRITE"}, "ACCESS_DENIED"),
        ({"lpFileName": "C:\\db\\hidden.txt", "dwCreationDisposition": "CREATE_ALWAYS"}, "ACCESS_DENIED"),
        ({"lpFileName": "C:\\db", "dwCreationDisposition": "CREATE_NEW"}, "FILE_EXISTS"),
        ({"lpFileName": "C:\\db\\new\\", "dwCreationDisposition": "CREATE_NEW"}, "INVALID_NAME"),
        ({"lpFileName": "X:\\setup.exe", "dwDesiredAccess": "GENERIC_WRITE"}, "WRITE_PROTECT"),
        ({"lpFileName": "X:\\new", "dwCreationDisposition": "CREATE_NEW"}, "WRITE_PROTECT"),
        ({"lpFileName": "C:\\db\\old.txt", "dwFlagsAndAttributes": "FILE_FLAG_DELETE_ON_CLOSE"}, "ACCESS_DENIED"),
    ],
)
def test_what_create_file_refuses(arguments: dict[str, Any], error: str) -> None:
    """And a call that is refused changes nothing."""
    computer = Computer()
    before = computer.simulation.world
    assert computer.call("CreateFile", **{"lpFileName": "C:\\db\\data.mdf", **arguments}) == error
    assert computer.simulation.world is before


READ, WRITE, DELETE = "FILE_SHARE_READ", "FILE_SHARE_WRITE", "FILE_SHARE_DELETE"
SHARING: Final = [
    ("GENERIC_READ", 0, "GENERIC_READ", 7, False),
    ("GENERIC_READ", READ, "GENERIC_READ", READ, True),
    ("GENERIC_READ", READ, "GENERIC_WRITE", 7, False),
    ("GENERIC_READ", f"{READ}|{WRITE}", "GENERIC_WRITE", READ, True),
    ("GENERIC_WRITE", READ, "GENERIC_READ", READ, False),
    ("GENERIC_WRITE", READ, "GENERIC_READ", f"{READ}|{WRITE}", True),
    ("DELETE", 7, "GENERIC_READ", READ, False),
    ("DELETE", 7, "GENERIC_READ", f"{READ}|{DELETE}", True),
    (0, 0, "GENERIC_ALL", 0, True),
    ("GENERIC_ALL", 0, 0, 0, True),
]


@pytest.mark.parametrize(("access", "share", "then", "then_share", "goes"), SHARING)
def test_handles_beside_one_another(access: Any, share: Any, then: Any, then_share: Any, goes: bool) -> None:
    """Each must let the other do what it does; those that look at attributes only are in nobody's way."""
    computer = Computer()
    first = computer.open("C:\\db\\data.mdf", access, share)
    answer = computer.open("C:\\HERE\\data.mdf", then, then_share)
    assert (answer == "SHARING_VIOLATION") is not goes
    assert computer.call("CloseHandle", hObject=first) == "SUCCESS"
    assert computer.call("CloseHandle", hObject=answer) == ("SUCCESS" if goes else "INVALID_HANDLE")
    assert computer.open("C:\\db\\data.mdf", then, 7).startswith("file")


def test_handles_read_and_write_where_they_stand() -> None:
    """Or at an offset; a hole is zeros; SetEndOfFile cuts off and adds."""
    computer = Computer()
    handle = computer.open("C:\\db\\n", "GENERIC_READ|GENERIC_WRITE", 0, "CREATE_NEW")
    assert computer.step("WriteFile", hFile=handle, lpBuffer="hello").out == {"lpNumberOfBytesWritten": 5}
    assert computer.step("ReadFile", hFile=handle).out == {"content": "", "lpNumberOfBytesRead": 0}
    computer.step("WriteFile", hFile=handle, contentBase64="//8=", offset=7)
    assert computer.step("ReadFile", hFile=handle, offset=0).out["contentBase64"] == "aGVsbG8AAP//"
    assert computer.call("ReadFile", hFile=handle, offset=9) == "HANDLE_EOF"
    computer.call("SetEndOfFile", hFile=handle, offset=2)
    computer.call("SetEndOfFile", hFile=handle, offset=4)
    assert computer.step("ReadFile", hFile=handle, offset=1, nNumberOfBytesToRead=2).out["content"] == "e\0"
    computer.call("CloseHandle", hFile=handle)
    assert computer.call("WriteFile", hFile=handle, content="x") == "INVALID_HANDLE"
    appender = computer.open("C:\\db\\n", "FILE_APPEND_DATA")
    computer.call("WriteFile", hFile=appender, content="end", offset=0)
    assert computer.call("ReadFile", hFile=appender) == "ACCESS_DENIED"
    computer.call("CloseHandle", hObject=appender)
    assert computer.read("C:\\db\\n") == "he\0\0end"


def test_a_handle_belongs_to_its_process_and_goes_with_it() -> None:
    """Another process has no use for it."""
    computer = Computer()
    handle = computer.handle("one", lpFileName="C:\\db\\data.mdf")
    assert computer.call("ReadFile", "two", hFile=handle) == computer.call("CloseHandle", hObject=handle)
    assert computer.call("ReadFile", "two", hFile=handle) == "INVALID_HANDLE"
    assert computer.read("C:\\db\\data.mdf") == "SHARING_VIOLATION"
    computer.simulation.happens("process ends", process="one")
    assert computer.read("C:\\db\\data.mdf") == "v1"
    assert not computer.disks.handles


def test_a_deleted_file_goes_with_its_last_handle() -> None:
    """Until then its name is taken, and nobody opens it (DeleteFile's page)."""
    computer = Computer()
    first, second = (computer.open("C:\\db\\data.mdf", share=7) for _ in range(2))
    assert computer.call("DeleteFile", lpFileName="C:\\db\\data.mdf") == "SUCCESS"
    assert computer.open("C:\\db\\data.mdf", share=7) == "ACCESS_DENIED"
    computer.call("CloseHandle", hObject=first)
    assert computer.step("ReadFile", hFile=second).out["content"] == "v1"
    computer.call("CloseHandle", hObject=second)
    assert computer.read("C:\\db\\data.mdf") == "FILE_NOT_FOUND"
    computer.step("CreateFile", lpFileName="C:\\t", dwCreationDisposition=1, dwFlagsAndAttributes=0x04000000)
    computer.simulation.happens("process ends")
    assert computer.read("C:\\t") == "FILE_NOT_FOUND"


def test_delete_and_directories() -> None:
    """What is read-only, in use, a folder or not empty stays."""
    computer = Computer()
    answers = [
        computer.call("DeleteFile", lpFileName=f"C:\\db\\{name}") for name in ("old.txt", "used.ldf", "deep", "no")
    ]
    assert answers == ["ACCESS_DENIED", "SHARING_VIOLATION", "ACCESS_DENIED", "FILE_NOT_FOUND"]
    folders = [
        computer.call("RemoveDirectory", lpPathName=f"C:\\{name}") for name in ("db", "huge", "no", "empty", "here")
    ]
    assert folders == ["DIR_NOT_EMPTY", "DIRECTORY", "FILE_NOT_FOUND", "SUCCESS", "SUCCESS"]
    assert computer.read("C:\\db\\data.mdf") == "v1"
    made = [
        computer.call("CreateDirectory", lpPathName=f"C:\\{name}") for name in ("new", "NEW", "db\\data.mdf", "a\\b")
    ]
    assert made == ["SUCCESS", "ALREADY_EXISTS", "ALREADY_EXISTS", "PATH_NOT_FOUND"]


def test_copy_file() -> None:
    """With attributes; not over what is hidden, read-only, in use, or there already where that was to fail."""
    computer = Computer()

    def copy(source: str, target: str, **more: Any) -> str:
        return computer.call("CopyFile", lpExistingFileName=source, lpNewFileName=target, **more)

    assert copy("C:\\db\\data.mdf", "D:\\copy") == "SUCCESS"
    assert computer.read("D:\\copy") == "v1"
    assert copy("C:\\db\\data.mdf", "D:\\copy", bFailIfExists=True) == "FILE_EXISTS"
    assert copy("C:\\db\\data.mdf", "C:\\db\\hidden.txt") == copy("D:\\copy", "C:\\db\\old.txt") == "ACCESS_DENIED"
    assert copy("C:\\db\\data.mdf", "C:\\DB\\DATA.MDF") == "SHARING_VIOLATION"
    assert copy("C:\\db\\used.ldf", "C:\\x") == copy("C:\\db\\data.mdf", "C:\\db\\used.ldf") == "SHARING_VIOLATION"
    assert copy("C:\\none", "C:\\x") == "FILE_NOT_FOUND"
    assert copy("C:\\huge", "D:\\huge") == "DISK_FULL"
    assert copy("C:\\huge", "C:\\second") == "SUCCESS"
    assert copy("C:\\db\\old.txt", "C:\\copied") == "SUCCESS"
    assert computer.write("C:\\copied", "y") == "ACCESS_DENIED"
    attributes = computer.step("GetFileAttributes", lpFileName="C:\\copied").out["dwFileAttributes"]
    assert attributes == "FILE_ATTRIBUTE_READONLY|FILE_ATTRIBUTE_ARCHIVE"
    assert computer.call("SetFileAttributes", lpFileName="C:\\copied", dwFileAttributes=0x80) == "SUCCESS"
    assert computer.write("C:\\copied", "y") == "SUCCESS"


def test_move_file() -> None:
    """A new name, on the same volume, over another file only where that is wished."""
    computer = Computer()

    def move(source: str, target: str | None, flags: Any = 0) -> str:
        return computer.call("MoveFileEx", lpExistingFileName=source, lpNewFileName=target, dwFlags=flags)

    assert move("C:\\db\\data.mdf", "C:\\db\\log2") == "SUCCESS"
    assert (computer.read("C:\\db\\log2"), computer.read("C:\\db\\data.mdf")) == ("v1", "FILE_NOT_FOUND")
    assert move("C:\\db\\log2", "C:\\db\\old.txt") == "ALREADY_EXISTS"
    assert move("C:\\db\\log2", "C:\\db\\old.txt", "MOVEFILE_REPLACE_EXISTING") == "ACCESS_DENIED"
    assert move("C:\\db\\used.ldf", "C:\\x") == "SHARING_VIOLATION"
    assert move("C:\\db\\log2", "C:\\db\\used.ldf", 1) == move("C:\\db\\secret.key", "C:\\x") == "ACCESS_DENIED"
    assert move("C:\\db\\log2", "C:\\db\\hidden.txt", 1) == "SUCCESS"
    assert move("C:\\db\\hidden.txt", "D:\\x") == "NOT_SAME_DEVICE"
    assert move("C:\\db\\hidden.txt", "D:\\x", "MOVEFILE_COPY_ALLOWED") == "SUCCESS"
    assert (computer.read("D:\\x"), computer.read("C:\\db\\hidden.txt")) == ("v1", "FILE_NOT_FOUND")
    assert move("D:\\x", None) == move("D:\\x", "D:\\y", "MOVEFILE_CREATE_HARDLINK") == "INVALID_PARAMETER"
    assert move("D:\\none", "D:\\y") == "FILE_NOT_FOUND"
    assert move("C:\\db\\deep", "C:\\db\\DEEP\\er\\x") == "INVALID_PARAMETER"
    assert move("C:\\db\\deep", "C:\\empty\\Deep") == "SUCCESS"
    assert computer.read("C:\\empty\\deep\\er\\a.tmp") == "t"
    assert computer.read("C:\\db\\deep\\er\\a.tmp") == computer.read("C:\\db\\deep\\er") == "PATH_NOT_FOUND"
    assert move("C:\\db", "C:\\db2") == "ACCESS_DENIED"
    assert computer.call("CreateDirectory", lpPathName="C:\\db\\deep") == "SUCCESS"


def test_a_file_that_moves_takes_its_handles_along() -> None:
    """They shared deletion."""
    computer = Computer()
    handle = computer.open("C:\\db\\data.mdf", "GENERIC_WRITE", 7)
    computer.call("MoveFileEx", lpExistingFileName="C:\\db\\data.mdf", lpNewFileName="C:\\moved")
    computer.call("WriteFile", hFile=handle, content="2", offset=1)
    assert computer.read("C:\\moved") == "v2"


def test_security_keeps_out_all_but_a_backup() -> None:
    """By FILE_FLAG_BACKUP_SEMANTICS, with the privileges."""
    path = "C:\\db\\secret.key"
    flags = "FILE_FLAG_BACKUP_SEMANTICS|FILE_FLAG_SEQUENTIAL_SCAN"
    computer = Computer()
    handle = computer.handle(lpFileName=path, dwFlagsAndAttributes=flags)
    assert computer.step("ReadFile", hFile=handle).out["content"] == "s"
    computer.call("CloseHandle", hObject=handle)
    assert computer.write(path, "x") == computer.call("DeleteFile", lpFileName=path) == "ACCESS_DENIED"
    other = Computer(machine(requester=Requester(privileges=())))
    assert other.handle(lpFileName=path, dwFlagsAndAttributes=flags) == "ACCESS_DENIED"
    stranger = Computer(machine(requester=Requester(account="guest", groups=("Guests",))))
    assert stranger.read(path) == "s"


def test_a_folder_is_listed() -> None:
    """By name, with sizes and attributes, as often as one asks; the handle goes."""
    computer = Computer()
    first = computer.step("FindFirstFileW", lpFileName="C:\\db\\*.ldf")
    handle = first.out["hFindFile"]
    assert first.out["lpFindFileData"] == {
        "cFileName": "log.ldf", "nFileSize": 3, "dwFileAttributes": "FILE_ATTRIBUTE_ARCHIVE",
            "ftLastWriteTime": FIRST_MOMENT,
    }  # fmt: skip
    assert computer.step("FindNextFile", hFindFile=handle).out["lpFindFileData"]["cFileName"] == "used.ldf"
    assert computer.call("FindNextFile", hFindFile=handle) == "NO_MORE_FILES"
    assert computer.call("FindNextFile", "other", hFindFile=handle) == "INVALID_HANDLE"
    assert [computer.call("FindClose", hFindFile=handle) for _ in range(2)] == ["SUCCESS", "INVALID_HANDLE"]
    assert computer.call("FindFirstFile", lpFileName="C:\\db\\*.none") == "FILE_NOT_FOUND"
    assert computer.call("FindFirstFile", lpFileName="C:\\db\\data.mdf\\*") == "PATH_NOT_FOUND"
    data = computer.step("FindFirstFile", lpFileName="C:\\her?").out["lpFindFileData"]
    assert data["dwFileAttributes"] == "FILE_ATTRIBUTE_DIRECTORY|FILE_ATTRIBUTE_REPARSE_POINT"


def test_a_shadow_copy_shows_its_moment() -> None:
    """What happens afterwards is not in it; what is in use can be read of it; nothing can be written to it."""
    computer = Computer()
    bc, copy = computer.begin_snapshot("C:\\", "VSS_CTX_BACKUP")
    computer.write("C:\\db\\data.mdf", "v2")
    device = computer.finish_snapshot(bc, copy)
    computer.write("C:\\db\\data.mdf", "v3")
    computer.call("DeleteFile", lpFileName="C:\\huge")
    assert computer.read(device + "db\\DATA.mdf") == "v2"
    assert computer.read(device + "db\\used.ldf") == "u"
    assert computer.read(device + "huge", nNumberOfBytesToRead=0) == ""
    assert computer.read(device.replace("?", ".", 1) + "db\\data.mdf") == "v2"
    assert computer.read(device + "here\\data.mdf") == "v3", "its reparse points lead to the volumes as they are now"
    assert computer.write(device + "db\\data.mdf", "x") == computer.write(device + "new", "x") == "WRITE_PROTECT"
    for name, key in (
        ("DeleteFile", "lpFileName"),
        ("CreateDirectory", "lpPathName"),
        ("RemoveDirectory", "lpPathName"),
    ):
        path = device + ("new" if name.startswith("Create") else "db\\data.mdf")
        assert computer.call(name, **{key: path}) == "WRITE_PROTECT"
    assert computer.open(device + "db\\data.mdf", "GENERIC_WRITE") == "WRITE_PROTECT"
    assert computer.call("CopyFile", lpExistingFileName=device + "db\\data.mdf", lpNewFileName="C:\\back") == "SUCCESS"
    assert computer.read("C:\\back") == "v2"
    handle = computer.open(device + "db\\data.mdf", share=7)
    assert [path for path, _ in files_matching(Desk(computer.simulation.world, 0), device, "data*", recursive=True)]
    computer.simulation.call("IUnknown::Release", bc)
    assert computer.read(device + "db\\data.mdf") == "PATH_NOT_FOUND", "an auto-release copy goes with its object"
    assert computer.call("ReadFile", hFile=handle) == "FILE_INVALID"
    assert computer.call("CloseHandle", hObject=handle) == "SUCCESS"


@pytest.mark.parametrize(
    ("name", "path", "attributes", "shown"),
    [
        ("P:", None, "VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY", "P:\\db\\data.mdf"),
        ("C:\\empty\\", None, "VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY", "C:\\Empty\\db\\data.mdf"),
        ("share", None, "VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY", "\\\\ONE\\share\\db\\data.mdf"),
        ("share", "db", "VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY", "\\\\one\\SHARE\\data.mdf"),
        (None, "\\db\\", "VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY", "\\\\one\\share1\\data.mdf"),
    ],
)
def test_an_exposed_shadow_copy_is_read_by_its_name(name: Any, path: Any, attributes: str, shown: str) -> None:
    """A drive letter, a folder or a share; once it is hidden again, it is there no more."""
    computer = Computer()
    bc, copy, _ = computer.snapshot(context="VSS_CTX_NAS_ROLLBACK")
    computer.write("C:\\db\\data.mdf", "v2")
    arguments = {"SnapshotId": copy, "wszPathFromRoot": path, "lAttributes": attributes, "wszExpose": name}
    computer.simulation.call("IVssBackupComponents::ExposeSnapshot", bc, arguments)
    assert computer.read(shown) == "v1"
    assert computer.write(shown, "x") == "WRITE_PROTECT"
    computer.simulation.call("IVssBackupComponentsEx4::UnexposeSnapshot", bc, {"snapshotId": copy})
    assert computer.read(shown) in {"PATH_NOT_FOUND", "BAD_NETPATH"}


def test_a_revert_brings_the_bytes_back() -> None:
    """Of a volume that is not in use, or is dismounted by force: handles are gone then."""
    computer = Computer()
    bc, copy, _ = computer.snapshot(context="VSS_CTX_NAS_ROLLBACK")
    computer.write("C:\\db\\data.mdf", "v2")
    handle = computer.open("C:\\db\\data.mdf")
    call = computer.simulation.call
    name = "IVssBackupComponents::RevertToSnapshot"
    gentle = call(name, bc, {"SnapshotId": copy, "bForceDismount": False})
    assert gentle.answer is HResult.VSS_E_VOLUME_IN_USE
    assert computer.call("ReadFile", hFile=handle) == "SUCCESS"
    assert call(name, bc, {"SnapshotId": copy, "bForceDismount": True}).answer == 0
    assert computer.read("C:\\db\\data.mdf") == "v1"
    assert computer.call("ReadFile", hFile=handle) == "INVALID_HANDLE"


def test_what_no_program_could_pass_is_said() -> None:
    """With the call and the parameter; the calls themselves are known with A and W behind them."""
    computer = Computer()
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("CreateFile", {"lpFileName": 3}, "lpFileName is 3"),
        ("CreateFile", {}, "lpFileName is missing"),
        ("CreateFile", {"lpFileName": "C:\\a", "dwShareMode": "SHARE"}, "unknown flag 'SHARE'"),
        (
            "CreateFile",
            {"lpFileName": "C:\\a", "dwDesiredAccess": "GENERIC_READ|GENERIC_WRIT"},
            "dwDesiredAccess has the unknown flag 'GENERIC_WRIT' (did you mean GENERIC_WRITE?)",
        ),
        ("WriteFile", {"lpFileName": "C:\\a"}, "content is missing"),
        ("WriteFile", {"lpFileName": "C:\\a", "contentBase64": "?"}, "base64"),
        ("ReadFile", {"lpFileName": "C:\\a", "offset": -1}, "offset is -1"),
        ("CopyFile", {"lpExistingFileName": "C:\\a", "lpNewFileName": "C:\\b", "bFailIfExists": []}, "true or false"),
        ("DeleteFile", {"path": "C:\\a"}, "path is no parameter of it; there are lpFileName"),
        ("CloseHandle", {"hObject": None}, "hObject is None"),
    ]
    for name, arguments, says in wrong:
        with pytest.raises(BadCall, match="(?s)" + name) as caught:
            computer.call(name, **arguments)
        assert says in str(caught.value)
    assert computer.call("DeleteFileW", lpFileName="C:\\db\\data.mdf") == "SUCCESS"
    with pytest.raises(BadCall):
        computer.simulation.call("DeleteFile", arguments={"lpFileName": "C:\\a"}, machine="nobody")


def test_the_page_about_files_is_true() -> None:
    """Its world can be read, its example runs."""
    page = (ROOT / "docs" / "files.md").read_text(encoding="utf-8")
    world = page.partition("```json\n")[2].partition("```")[0]
    assert read_world(world).machines[0].volumes[0].files["C:\\here"].link_to == "C:\\db"
    assert doctest.testfile(str(ROOT / "docs" / "files.md"), module_relative=False).failed == 0
