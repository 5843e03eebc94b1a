"""Logs of restores as products write them that nobody here has seen: other paths, functions and processes.

The logs are written by hand (`logs_by_hand`). Each careful one is left alone; where one fault was put in, it is found.
Pages: https://learn.microsoft.com/windows/win32/fileio/naming-a-file,
https://learn.microsoft.com/windows/win32/fileio/file-streams
"""

from typing import Any, Final

import pytest

from tests.logs_by_hand import DONE, HOME, LOCKED, NAMES, ORIGINALS, SERVICE, Log
from tests.support import check
from vss_sim.judge.findings import Level
from vss_sim.judge.paths import is_stream, path_of

FIRST, SECOND, THIRD = ORIGINALS
EXISTS: Final = "ERROR_ALREADY_EXISTS"
LOST: Final = "rint-never-overwrite-original"
MISSED: Final = "frs-all"


def ready(method: str = "RESTORE_IF_CAN_REPLACE", **more: Any) -> Log:
    """Everything up to the files, each of which the set names."""
    return Log().to(method, **{"specs": NAMES, **more})


def call(log: Log, name: str, returns: str | None = DONE, gives: Any = None, **given: Any) -> Log:
    """Any function of Windows."""
    return log.line(name, None, returns, given=given, gives=gives)


def rules(log: Log, status: str = "ALL") -> set[str]:
    """The rules of errors and warnings."""
    found = check(log.tell(status).end().entries).findings
    return {one.rule for one in found if one.level is not Level.INFO}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("C:\\a\\..\\b\\.\\x", "c:\\b\\x"),
        ("C:/a//b\\\\X", "c:\\a\\b\\x"),
        ("C:\\..\\a", "c:\\a"),
        ("..\\a", "..\\a"),
        ("\\\\srv\\s\\..\\..\\x", "\\\\srv\\s\\x"),
        ("\\\\?\\UNC\\srv\\s\\x", "\\\\srv\\s\\x"),
        ("\\\\.\\C:\\a", "c:\\a"),
        ("\\\\.\\PhysicalDrive0", "\\\\.\\physicaldrive0"),
        ("\\a\\..\\.\\x", "\\x"),
        ("\\..\\x", "\\x"),
        ("a\\..\\..\\x", "..\\x"),
        ("\\\\?\\C:\\a\\..\\b", "c:\\a\\..\\b"),
        ("C:\\.git\\a", "c:\\.git\\a"),
        ("C:\\a::$DATA", "c:\\a"),
        ("C:\\", "c:"),
    ],
)
def test_paths_are_compared_as_windows_puts_them_together(written: str, read: str) -> None:
    """Page naming-a-file: dots and empty parts go, but for those of a path that is taken as it stands."""
    assert path_of(written) == read


def test_a_stream_is_told_by_its_colon() -> None:
    """Page file-streams; a drive has a colon, too."""
    assert [is_stream(one) for one in ("c:\\a\\x:s", "x:s:$data", "c:", "c:\\a", "c:x", "volume{1}\\a")] == [
        *(True, True, False, False, False, False),
    ]


ALIASES: Final = {
    "short folder": "C:\\PROGRA~3\\Shop\\",
    "share": "\\\\srv1\\c$\\ProgramData\\Shop\\",
    "verbatim share": "\\\\?\\UNC\\srv1\\c$\\ProgramData\\Shop\\",
    "junction": "C:\\Data\\",
    "volume": "\\\\?\\Volume{11111111-2222-3333-4444-555555555555}\\ProgramData\\Shop\\",
    "device": "\\\\?\\GLOBALROOT\\Device\\HarddiskVolume2\\ProgramData\\Shop\\",
    "relative": "",
    "dots": "C:\\ProgramData\\Shop\\..\\Shop\\",
    "twice": "C:\\\\ProgramData\\\\Shop\\",
    "drive as a device": "\\\\.\\" + HOME,
}


@pytest.mark.parametrize("name", ALIASES)
def test_a_file_may_go_by_another_path(name: str) -> None:
    """Rule frs-all: one file goes by the path that its writer knows, the others by one that may lead there."""
    assert rules(ready().put(FIRST, *(ALIASES[name] + one for one in NAMES[1:]))) == set()


def test_a_file_may_go_by_its_short_name() -> None:
    """Rule frs-all: which file has it, no log shows; one with another ending is missed all the same."""
    log = ready(specs=("shop database.mdb", "x.ldb")).put(HOME + "SHOPDA~1.MDB", HOME + "x.ldb")
    assert rules(log) == set()
    log = ready(specs=("shop database.mdb", "x.ldb")).put(HOME + "SHOPDA~1.LDF", HOME + "x.ldb")
    assert rules(log) == {MISSED}


@pytest.mark.parametrize(
    "path", ["c:/programdata/SHOP/shop.MDB", "\\\\?\\" + FIRST, "\\\\.\\" + FIRST, FIRST + "::$DATA"]
)
def test_a_file_that_was_seen_is_overwritten_by_whatever_path(path: str) -> None:
    """Rule rint-never-overwrite-original."""
    assert LOST in rules(ready("RESTORE_IF_NOT_THERE").look(FIRST).put(path, *ORIGINALS[1:]))


@pytest.mark.parametrize("existed", [True, False])
def test_a_stream_is_no_file_of_the_set(*, existed: bool) -> None:
    """Rules rint-never-overwrite-original, rm-preflight-create-new: streams follow their file, whatever they had."""
    log = ready("RESTORE_IF_NOT_THERE", specs=("*",))
    for path in ORIGINALS:
        log.put(path, how="CREATE_NEW").put(path + ":Zone.Identifier", existed=existed)
    assert check(log.tell().end().entries).findings == ()


@pytest.mark.parametrize("seen", ["made", "there already", "looked at"])
def test_a_folder_is_no_file_of_the_set(seen: str) -> None:
    """Rules rint-never-overwrite-original, rm-preflight-exclusive-open: a stream goes to the folder."""
    log, sub = ready("RESTORE_IF_NOT_THERE", specs=("*",), recursive=True), HOME + "sub"
    if seen == "looked at":
        call(log, "GetFileAttributesW", gives={"dwFileAttributes": 0x10}, lpFileName=sub)
    else:
        call(log, "CreateDirectoryW", DONE if seen == "made" else EXISTS, lpPathName=sub)
    handle = log.open(sub)
    log.entries[-1]["in"].update(dwFlagsAndAttributes="FILE_FLAG_BACKUP_SEMANTICS", dwShareMode=3)
    call(log, "BackupWrite", hFile=handle, nNumberOfBytesToWrite=200).close(handle)
    log.prove_and_put(*ORIGINALS, sub + "\\a.dat", how="CREATE_NEW")
    assert check(log.tell().end().entries).findings == ()


def test_a_file_is_no_folder_though_a_folder_could_not_be_made_for_it() -> None:
    """Rule rint-never-overwrite-original: CreateDirectory says ERROR_ALREADY_EXISTS of a file, too."""
    for removed in (True, False):
        log = ready("RESTORE_IF_NOT_THERE")
        for path in ORIGINALS:
            call(log, "CreateDirectoryW", DONE if removed else EXISTS, lpPathName=path)
            if removed:
                call(log, "RemoveDirectoryW", lpPathName=path)
        assert rules(log.put(*ORIGINALS, existed=True)) == {LOST}


UNKNOWN: Final = ("NtCreateFile", "CreateHardLinkW", "MapViewOfFile", "WriteEncryptedFileRaw", "SHFileOperationW")


@pytest.mark.parametrize("name", UNKNOWN)
def test_what_a_function_did_that_nobody_lists_is_not_known(name: str) -> None:
    """Rule frs-all: it may have put the others back, if it was called in this restore."""
    assert rules(call(ready().put(FIRST), name, None)) == set()
    log = call(Log(), name, None).to("RESTORE_IF_CAN_REPLACE", specs=NAMES).put(FIRST)
    assert rules(log) == {MISSED}


def test_a_function_that_asks_or_waits_hides_nothing() -> None:
    """Rule frs-all: by its name it puts no file back, unless it is given a path that tells otherwise."""
    for name in ("GetTickCount64", "IsWow64Process", "QueryPerformanceCounter", "Sleep", "WaitForSingleObject"):
        assert rules(call(ready().put(FIRST), name, None, dwMilliseconds=5)) == {MISSED}
    for name, given in {"GetOffTape": {"lpFileName": SECOND}, "Isolate": {}}.items():
        assert rules(call(ready().put(FIRST), name, None, **given)) == set()


@pytest.mark.parametrize("name", ["WriteFileEx", "WriteFileGather"])
def test_a_file_is_written_by_whichever_function(name: str) -> None:
    """Rules frs-all, frs-none: as WriteFile does it."""
    for status, wrong in (("ALL", set()), ("NONE", {"frs-none"})):
        log = ready()
        for path in ORIGINALS:
            handle = log.open(path)
            call(log, name, hFile=handle, nNumberOfBytesToWrite=4096).close(handle)
        assert rules(log, status) == wrong


def by_process(log: Log, number: int, first: int) -> int:
    """The lines from `first` on are of a process; where the next ones begin."""
    for entry in log.entries[first:]:
        entry["process"] = number
    return len(log.entries)


@pytest.mark.parametrize("paths", [ORIGINALS[1:], ORIGINALS[2:]], ids=["all", "but one"])
def test_a_helper_may_put_files_back(paths: tuple[str, ...]) -> None:
    """Rule frs-all: another process writes what the requester does not; of one file, nobody does."""
    log = ready()
    log.put(FIRST)
    at = by_process(log, 100, 0)
    log.put(*paths)
    at = by_process(log, 200, at)
    log.tell().end()
    by_process(log, 100, at)
    found = {one.rule for one in check(log.entries).findings if one.level is not Level.INFO}
    assert found == (set() if len(paths) > 1 else {MISSED})


@pytest.mark.parametrize("name", ["CreateProcessW", "IWbemServices::ExecMethod"])
def test_a_service_may_be_stopped_in_another_way(name: str) -> None:
    """Rule srs-stop-or-already-stopped: what a command or WMI did to it, the log does not show."""
    log = call(ready("STOP_RESTORE_START", service=SERVICE), name).put(*ORIGINALS)
    assert rules(call(log, name)) == set()
    assert rules(ready("STOP_RESTORE_START", service=SERVICE).put(*ORIGINALS)) == {"srs-stop-or-already-stopped"}


def test_an_attribute_that_is_taken_off_was_in_nobodys_way() -> None:
    """Rule rm-preflight-whole: a file is read-only, and written once it is not; one that stays so is in the way."""
    for again in (True, False):
        log = ready().put(FIRST)
        log.open(SECOND, returns="ERROR_ACCESS_DENIED")
        call(log, "SetFileAttributesW", lpFileName=SECOND, dwFileAttributes="FILE_ATTRIBUTE_NORMAL")
        log.put(*ORIGINALS[1 if again else 2 :])
        assert ("rm-preflight-whole" in rules(log)) is not again


def test_a_file_that_was_in_use_was_in_the_way() -> None:
    """Rule rm-preflight-whole: another one was written before that was seen."""
    log = ready().put(FIRST)
    log.open(SECOND, returns=LOCKED)
    assert "rm-preflight-whole" in rules(log.put(*ORIGINALS[1:]))
