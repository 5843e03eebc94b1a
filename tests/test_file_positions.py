"""Where the bytes of a restore go: by the position of a handle, by OVERLAPPED, and over a file that ReplaceFile takes.

The logs are written by hand (`logs_by_hand`), as the pages of SetFilePointerEx, WriteFile and ReplaceFile have it.
Pages: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfilepointerex,
https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-writefile and
https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-replacefilew
"""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.logs_by_hand import DONE, HOME, LOCKED, NAMES, ORIGINALS, SERVICE, Log
from tests.support import check
from vss_sim.judge.findings import Finding, Level

FIRST, SECOND, THIRD = ORIGINALS
RANGES: Final = "4096:1024,8192:1024"
PLACE: Final = "F:\\new\\shop.mdb"
DIRECTED: Final = {
    "pbstrSourcePath": HOME[:-1],
    "pbstrSourceFileName": NAMES[0],
    "pbstrSourceRangeList": RANGES,
    "pbstrDestinationPath": "F:\\new",
    "pbstrDestinationFilename": NAMES[0],
    "pbstrDestinationRangeList": RANGES,
}


def found(log: Log) -> list[Finding]:
    """What is said of the log."""
    return list(check(log.entries).findings)


def rules(log: Log) -> set[str]:
    """The rules that are broken."""
    return {one.rule for one in found(log)}


class Pieces:
    """A file that is open, and is written piece by piece."""

    def __init__(self, log: Log, path: str, **flags: Any) -> None:
        self.log = log
        self.handle = log.open(path, "OPEN_EXISTING")
        log.entries[-1]["in"].update(flags)

    def seek(self, to: object, how: object = 0, **gives: Any) -> "Pieces":
        """SetFilePointerEx."""
        given = {"hFile": self.handle, "liDistanceToMove": to, "dwMoveMethod": how}
        self.log.line("SetFilePointerEx", returns=DONE, given=given, gives=gives or None)
        return self

    def write(self, size: int, returns: str = DONE, **more: Any) -> "Pieces":
        """WriteFile."""
        given = {"hFile": self.handle, "nNumberOfBytesToWrite": size, **more}
        self.log.line("WriteFile", returns=returns, given=given)
        return self

    def point(self, to: int) -> "Pieces":
        """SetFilePointer, whose answer is no error, but the lower half of the new position."""
        given = {"hFile": self.handle, "lDistanceToMove": to, "lpDistanceToMoveHigh": None, "dwMoveMethod": 0}
        self.log.line("SetFilePointer", given=given)
        self.log.entries[-1]["returns"] = to
        return self

    def ends(self) -> Log:
        """CloseHandle, and the end of the restore."""
        return self.log.close(self.handle).tell().end()


def directed(**flags: Any) -> Pieces:
    """The writer directs two pieces of a file to another one."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", target="VSS_RT_DIRECTED", directed=(DIRECTED,), specs=NAMES[:1])
    return Pieces(log, PLACE, **flags)


def partial(**flags: Any) -> Pieces:
    """Two pieces of a file were saved, which go into the file that is there."""
    log = Log().begin().load("VSS_RME_RESTORE_IF_CAN_REPLACE").gather().select().pre_restore().read_target()
    at = next(n for n, one in enumerate(log.entries) if str(one.get("call")).endswith("GetRestoreTarget"))
    gives = {"pbstrPath": HOME[:-1], "pbstrFilename": NAMES[0], "pbstrRange": RANGES, "pbstrMetadata": None}
    on = log.entries[at]["on"]
    told = Log().line("IVssComponent::GetPartialFile", on, given={"iPartialFile": 0}, gives=gives).entries
    log.entries[at:at] = told
    return Pieces(log, FIRST, **flags)


INSIDE: Final[dict[str, Callable[[Pieces], Pieces]]] = {
    "from the beginning": lambda one: one.seek(4096).write(1024).seek(8192).write(1024),
    "from where it stands": lambda one: one.seek(4096).write(512).write(512).seek(3072, 1).write(1024),
    "as the union is written": lambda one: one.seek({"QuadPart": 8192}, "FILE_BEGIN").write(1024),
    "as it was told": lambda one: one.seek(-100, "FILE_END", lpNewFilePointer=8192).write(1024),
    "by OVERLAPPED": lambda one: one.write(1024, lpOverlapped={"Offset": 4096, "OffsetHigh": 0}),
    "from an end that nobody told": lambda one: one.seek(0, 2).write(99999),
    "by an OVERLAPPED that was not read": lambda one: one.seek(0).write(1024, lpOverlapped="0x00d5f7a0"),
    "without seeks in the log": lambda one: one.write(1024).write(1024),
    "by SetFilePointer": lambda one: one.seek(4096).write(1024).point(8192).write(1024),
    "by this format's own key": lambda one: one.write(1024, offset=8192),
}
OUTSIDE: Final[dict[str, Callable[[Pieces], Pieces]]] = {
    "from the beginning": lambda one: one.seek(0).write(1024),
    "too long": lambda one: one.seek(4096).write(1024).write(1024),
    "from where it stands": lambda one: one.seek(4096).write(1024).seek(1024, "FILE_CURRENT").write(1024),
    "as it was told": lambda one: one.seek(0, 2, lpNewFilePointer={"QuadPart": 65536}).write(1024),
    "by OVERLAPPED": lambda one: one.write(1024, lpOverlapped={"Offset": 4096, "OffsetHigh": 1}),
    "pending": lambda one: one.write(1024, "ERROR_IO_PENDING", lpOverlapped={"Offset": 0, "OffsetHigh": 0}),
}


@pytest.mark.parametrize("made", [directed, partial])
@pytest.mark.parametrize("name", INSIDE)
def test_bytes_in_their_ranges_are_left_alone(name: str, made: Callable[[], Pieces]) -> None:
    """Also those of which the log does not show where they go."""
    assert not rules(INSIDE[name](made()).ends()) & {"dt-apply-ranges", "pf-restore-into-existing", "frs-all"}


@pytest.mark.parametrize(("made", "rule"), [(directed, "dt-apply-ranges"), (partial, "pf-restore-into-existing")])
@pytest.mark.parametrize("name", OUTSIDE)
def test_bytes_outside_of_their_ranges_are_found(name: str, made: Callable[[], Pieces], rule: str) -> None:
    """Rules dt-apply-ranges, pf-restore-into-existing: at the line that writes them."""
    log = OUTSIDE[name](made()).ends()
    written = [n for n, entry in enumerate(log.entries, 2) if entry.get("call") == "WriteFile"]
    assert [one.line for one in found(log) if one.rule == rule] == written[-1:]


def test_ranges_that_touch_are_one() -> None:
    """What goes into both at once is in neither alone."""
    one = {**DIRECTED, "pbstrSourceRangeList": "0:10,10:10", "pbstrDestinationRangeList": "10:10,0:10"}
    log = Log().to("RESTORE_IF_CAN_REPLACE", target="VSS_RT_DIRECTED", directed=(one,), specs=NAMES[:1])
    assert "dt-apply-ranges" not in rules(Pieces(log, PLACE).seek(0).write(20).ends())


def test_a_handle_that_appends_stands_nowhere() -> None:
    """With FILE_APPEND_DATA alone, bytes go to the end, wherever the handle stands."""
    log = directed(dwDesiredAccess="FILE_APPEND_DATA").seek(0).write(1024).ends()
    assert "dt-apply-ranges" not in rules(log)


def test_the_position_of_a_handle_counts_for_no_overlapped_one() -> None:
    """The page of SetFilePointerEx: it is not used for overlapped writes."""
    log = directed(dwFlagsAndAttributes="FILE_FLAG_OVERLAPPED").seek(0).write(1024).ends()
    assert "dt-apply-ranges" not in rules(log)


def test_a_write_that_is_pending_is_no_failure() -> None:
    """ERROR_IO_PENDING: all three files are on their way."""
    log = Log().to("RESTORE_IF_CAN_REPLACE")
    for path in ORIGINALS:
        Pieces(log, path).write(1024, "ERROR_IO_PENDING", lpOverlapped={"Offset": 0, "OffsetHigh": 0})
    assert found(log.tell().end()) == []


def replaced(log: Log, path: str, by: str, aside: str | None = None, returns: str = DONE) -> Log:
    """ReplaceFile."""
    given = {"lpReplacedFileName": path, "lpReplacementFileName": by, "lpBackupFileName": aside, "dwReplaceFlags": 0}
    return log.line("ReplaceFileW", returns=returns, given={**given, "lpExclude": None, "lpReserved": None})


def swapped(method: str = "RESTORE_IF_CAN_REPLACE", **more: Any) -> Log:
    """Each file is written beside its place, and takes it."""
    log = Log().to(method, **more)
    for path in ORIGINALS:
        replaced(log.put(path + ".tmp", how="CREATE_NEW"), path, path + ".tmp")
    return log


def one_fails(error: str, aside: str | None = None) -> Log:
    """All lie beside their places; the first one takes it, and the second one cannot."""
    log = Log().to("RESTORE_IF_CAN_REPLACE").put(*(path + ".tmp" for path in ORIGINALS), how="CREATE_NEW")
    replaced(log, FIRST, FIRST + ".tmp", FIRST + ".old" if aside else None)
    return replaced(log, SECOND, SECOND + ".tmp", aside, error)


def test_a_file_may_take_the_place_of_another() -> None:
    """Rule ricr-original-if-all-replaceable: by ReplaceFile, too."""
    assert found(swapped().tell().end()) == []
    assert found(swapped(specs=NAMES).tell().end()) == []


def test_what_is_replaced_was_there() -> None:
    """Rule rint-never-overwrite-original: ReplaceFile needs a file that it replaces."""
    (error,) = (one for one in found(swapped("RESTORE_IF_NOT_THERE").tell().end()) if one.level is Level.ERROR)
    assert (error.rule, f"({FIRST}," in error.says) == ("rint-never-overwrite-original", True)


def test_a_file_that_could_not_be_replaced_is_missing() -> None:
    """Rules frs-all, rm-preflight-whole: the first was replaced, and the second was not."""
    assert rules(one_fails(LOCKED).tell().end()) >= {"frs-all", "rm-preflight-whole"}
    assert "frs-all" in rules(one_fails("ERROR_UNABLE_TO_REMOVE_REPLACED").tell().end())


def test_what_lies_aside_is_to_be_put_back() -> None:
    """Rule rm-fallback-rollback: lpBackupFileName keeps the original, as a copy aside does."""
    log = one_fails(LOCKED, SECOND + ".old")
    assert "rm-fallback-rollback" in rules(log.tell("NONE").end())
    back = one_fails(LOCKED, SECOND + ".old").move(FIRST + ".old", FIRST, 1)
    back.delete(SECOND + ".tmp").delete(THIRD + ".tmp")
    assert not rules(back.tell("NONE").end()) & {"rm-fallback-rollback", "frs-none", "rm-nothing-touched-on-block"}


def test_what_has_another_name_is_to_get_its_own_back() -> None:
    """ERROR_UNABLE_TO_MOVE_REPLACEMENT_2: the original is lpBackupFileName by now, and NONE was restored."""
    for back, wrong in ((False, True), (True, False)):
        log = Log().to("RESTORE_IF_CAN_REPLACE").put(FIRST + ".tmp", how="CREATE_NEW")
        replaced(log, FIRST, FIRST + ".tmp", FIRST + ".old", "ERROR_UNABLE_TO_MOVE_REPLACEMENT_2")
        log = log.move(FIRST + ".old", FIRST) if back else log
        assert ("rm-fallback-rollback" in rules(log.delete(FIRST + ".tmp").tell("NONE").end())) is wrong


def test_a_file_that_is_gone_was_changed() -> None:
    """ERROR_UNABLE_TO_MOVE_REPLACEMENT without a copy: the replaced file no longer exists."""
    log = Log().to("RESTORE_IF_NOT_THERE").put(FIRST + ".tmp", how="CREATE_NEW")
    replaced(log, FIRST, FIRST + ".tmp", None, "ERROR_UNABLE_TO_MOVE_REPLACEMENT")
    assert "rint-never-overwrite-original" in rules(log.tell("NONE").end())


def test_the_handle_of_a_service_is_closed() -> None:
    """The same text is the handle of a file then."""
    log = Log().to("STOP_RESTORE_START", service=SERVICE)
    opened = {"lpServiceName": SERVICE, "dwDesiredAccess": 0xF01FF}
    log.line("OpenServiceW", returns=DONE, given=opened, gives={"hService": "0x40"})
    log.line("ControlService", returns=DONE, given={"hService": "0x40", "dwControl": 1})
    log.line("CloseServiceHandle", returns=DONE, given={"hSCObject": "0x40"})
    log.put(*ORIGINALS).line("OpenServiceW", returns=DONE, given=opened, gives={"hService": "0x40"})
    log.line("StartServiceW", returns=DONE, given={"hService": "0x40"})
    assert found(log.line("CloseServiceHandle", returns=DONE, given={"hSCObject": "0x40"}).tell().end()) == []


@pytest.mark.parametrize("name", ["ReplaceFileA", "SetFilePointerEx", "SetFilePointer", "CloseServiceHandle"])
def test_they_are_known(name: str) -> None:
    """No name that nobody knows: rule log-unknown-name."""
    assert "log-unknown-name" not in rules(Log().begin().line(name, returns=DONE, given={}))
