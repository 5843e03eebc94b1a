"""Functions that do to a file what another does: a restore is judged alike, whichever of them a program calls.

The logs are those of other tests, by hand; their file calls are written anew as the pages of these functions have them:
https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-copyfile2,
https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfileinformationbyhandle,
https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-movefilewithprogressw,
https://learn.microsoft.com/windows/win32/fileio/programming-considerations-for-transacted-fileio-
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

import pytest

from tests.logs_by_hand import LOCKED, MAPPED, MAPPING, NAMES, ORIGINALS, Log
from tests.restores_gone_wrong import MISTAKES, Mistake
from tests.support import CASES, Entry, check, entries_of
from tests.test_temporary_files import GOOD
from vss_sim.judge.findings import At, Level, Outcome
from vss_sim.spec.table import Profile

FIRST, SECOND, THIRD = ORIGINALS
_AS_HRESULT: Final = {"ERROR_SUCCESS": "S_OK"}


def _stem(entry: Entry) -> str:
    return str(entry.get("call")).removesuffix("W")


def newer(entries: list[Entry]) -> Iterator[Entry]:
    """CopyFile2, CreateFile2 and MoveFileWithProgress."""
    for entry in entries:
        given = dict(entry.get("in", {}))
        match _stem(entry):
            case "CopyFile" | "CopyFileEx":
                new = bool(given.get("bFailIfExists")) or "FAIL" in str(given.get("dwCopyFlags"))
                flags = {"dwCopyFlags": "COPY_FILE_FAIL_IF_EXISTS|COPY_FILE_NO_BUFFERING" if new else 0}
                names = {f"pwsz{key}": given[f"lp{key}"] for key in ("ExistingFileName", "NewFileName")}
                told = entry.get("returns")
                code = {} if told is None else {"returns": _AS_HRESULT.get(told, f"HRESULT_FROM_WIN32({told})")}
                yield {**entry, "call": "CopyFile2", "in": {**names, "pExtendedParameters": flags}, **code}
            case "CreateFile":
                flags = {"dwFileFlags": given.pop("dwFlagsAndAttributes", 0), "dwFileAttributes": 0x80}
                yield {**entry, "call": "CreateFile2", "in": {**given, "pCreateExParams": flags}}
            case "MoveFileEx" | "MoveFile":
                yield {**entry, "call": "MoveFileWithProgressW", "in": {**given, "lpProgressRoutine": None}}
            case _:
                yield entry


def transacted(entries: list[Entry]) -> Iterator[Entry]:
    """Every file call is in a transaction of its own."""
    names = ("CopyFile", "CreateFile", "DeleteFile", "MoveFileEx", "CreateDirectory", "RemoveDirectory")
    opened: dict[str, str] = {}
    for number, entry in enumerate(entries):
        if _stem(entry) not in names:
            if "::" in _stem(entry):  # the writers are told: what was done is done
                yield from map(committed, opened.values())
                opened.clear()
            yield entry
            handle = entry.get("in", {}).get("hObject")
            if handle in opened and entry["call"] == "CloseHandle":
                yield committed(opened.pop(handle))
            continue
        handle = f"ktm{number}"
        yield {
            **entry,
            "call": f"{_stem(entry).removesuffix('Ex')}TransactedW",
            "in": {**entry["in"], "hTransaction": handle},
        }
        if "out" in entry:
            opened[entry["out"]["hFile"]] = handle
        else:
            yield committed(handle)


def committed(handle: str, call: str = "CommitTransaction") -> Entry:
    """The end of a transaction."""
    return {"call": call, "in": {"TransactionHandle": handle}, "returns": "ERROR_SUCCESS"}


def by_handle(entries: list[Entry]) -> Iterator[Entry]:
    """What is deleted or renamed is opened for that, and named by its handle."""
    for number, entry in enumerate(entries):
        given, handle = entry.get("in", {}), f"h{number}"
        told: tuple[str, Any] | None = None
        if _stem(entry) == "DeleteFile" and entry["returns"] == "ERROR_SUCCESS":
            path, told = given["lpFileName"], ("FileDispositionInfo", {"DeleteFile": True})
        elif _stem(entry) == "MoveFileEx" and entry["returns"] == "ERROR_SUCCESS" and not given.get("dwFlags", 0) & 4:
            path, replaces = given["lpExistingFileName"], bool(given.get("dwFlags", 0) & 1)
            told = "FileRenameInfo", {"ReplaceIfExists": replaces, "FileName": given["lpNewFileName"]}
        if told is None:
            yield entry
            continue
        opens = {"lpFileName": path, "dwDesiredAccess": "DELETE", "dwCreationDisposition": "OPEN_EXISTING"}
        opens |= {"dwShareMode": "FILE_SHARE_READ|FILE_SHARE_DELETE", "dwFlagsAndAttributes": 0}
        yield {"call": "CreateFileW", "in": opens, "returns": "ERROR_SUCCESS", "out": {"hFile": handle}}
        yield informed(handle, *told)
        yield {"call": "CloseHandle", "in": {"hObject": handle}, "returns": "ERROR_SUCCESS"}


def informed(handle: str, kind: str | int, told: Entry, returns: str = "ERROR_SUCCESS") -> Entry:
    """SetFileInformationByHandle."""
    given = {"hFile": handle, "FileInformationClass": kind, "lpFileInformation": told}
    return {"call": "SetFileInformationByHandle", "in": given, "returns": returns}


Way = Callable[[list[Entry]], Iterator[Entry]]
WAYS: Final[tuple[Way, ...]] = (newer, transacted, by_handle)


def said(entries: list[Entry]) -> set[tuple[str, At, Level]]:
    """Every finding but for its line."""
    return {(one.rule, one.at, one.level) for one in check(entries).findings}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", GOOD)
def test_a_careful_restore_is_one_by_any_function(name: str, way: Way) -> None:
    """What replaces files by temporary ones is no breach, by whatever function they are copied, moved and removed."""
    entries = GOOD[name]().entries
    assert said(list(way(entries))) == said(entries)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("mistake", MISTAKES, ids=[one[0].__name__ for one in MISTAKES])
def test_a_mistake_is_one_by_any_function(mistake: Mistake, way: Way) -> None:
    """Each of the mistakes of `restores_gone_wrong`."""
    entries = mistake[0]().entries
    assert said(list(way(entries))) == said(entries)


OF_FILES: Final = [path for path in CASES if re.search(rb'"(CopyFile|CreateFile|MoveFile)', path.read_bytes())]
"""The cases of the suite in which files are copied, opened or moved."""


def test_every_case_of_files_is_judged_alike_by_newer_functions() -> None:
    """Backups, increments, shadow copies and restores, those that keep the rules and those that break them."""
    for path in OF_FILES:
        header, entries = json.loads(path.read_text(encoding="utf-8").splitlines()[0]), entries_of(path)
        profile, world = Profile(header.get("profile", "windows")), header.get("world")
        found, alike = (check(lines, profile, world).findings for lines in (entries, newer(entries)))
        assert [(one.line, one.rule, one.says) for one in found] == [(one.line, one.rule, one.says) for one in alike]


def all_or_nothing(end: str | None, *, blocked: bool = True) -> Log:
    """IF_CAN_REPLACE: all originals are replaced in one transaction, unless one is in use; then all are mapped."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", MAPPING)
    for number, path in enumerate(ORIGINALS):
        given = {"lpExistingFileName": f"E:\\saved\\{number}", "lpNewFileName": path, "hTransaction": "ktm"}
        returns = LOCKED if blocked and path == THIRD else "ERROR_SUCCESS"
        log.line("CopyFileTransactedW", returns=returns, given={**given, "dwCopyFlags": 0})
    if end is not None:
        log.entries.append(committed("ktm", end))
    return log


def test_what_is_rolled_back_was_never_done() -> None:
    """Rule rm-preflight-whole: a transaction is a proof, and the set goes to its mapped places as a whole."""
    log = all_or_nothing("RollbackTransaction").put(*MAPPED).record().tell().end()
    assert said(log.entries) == set()
    assert said(all_or_nothing("CommitTransaction", blocked=False).tell().end().entries) == set()
    half = all_or_nothing("CommitTransaction").put(*MAPPED).record().tell().end()
    assert Level.ERROR in {level for _, _, level in said(half.entries)}


@pytest.mark.parametrize("status", ["ALL", "NONE", "FAILED"])
def test_of_a_transaction_whose_end_is_not_seen_nobody_knows(status: str) -> None:
    """A recorder may not hear of CommitTransaction, and a handle that is closed may roll back."""
    assert said(all_or_nothing(None, blocked=status != "ALL").tell(status).end().entries) == set()


def test_a_transaction_that_is_too_long_leaves_the_verdict_open(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is forgotten is held against nobody, and is told: of how many calls nobody knows what they did."""
    monkeypatch.setattr("vss_sim.judge.transactions.MOST", 1)
    entries = all_or_nothing("CommitTransaction").put(*MAPPED).record().tell().end().entries
    assert said(entries) == set()
    assert check(entries).outcome is Outcome.INCONCLUSIVE


def opened(log: Log, path: str, handle: str, transaction: str | None = None) -> Log:
    """CreateFile, or CreateFileTransacted, as handles get their values again once they are closed."""
    given: Entry = {"lpFileName": path, "dwDesiredAccess": 0x40000000, "dwShareMode": 0, "dwCreationDisposition": 3}
    if transaction is not None:
        given["hTransaction"] = transaction
    call = "CreateFileW" if transaction is None else "CreateFileTransactedW"
    return log.line(call, returns="ERROR_SUCCESS", given=given, gives={"hFile": handle})


def written(log: Log, path: str, handle: str, transaction: str | None = None) -> Log:
    """The same, with the bytes of the file, and closed."""
    return opened(log, path, handle, transaction).write(handle).close(handle)


def test_a_handle_that_was_closed_in_a_transaction_may_lead_elsewhere() -> None:
    """Its value is given to the next file, which is none of the transaction, whatever becomes of that."""
    for end in ("CommitTransaction", "RollbackTransaction", None):
        log = written(Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES), "C:\\list.txt", "0x40", "ktm")
        for path in ORIGINALS[:2]:
            written(log, path, "0x40")
        assert check(log.copy("E:\\saved\\2", THIRD, LOCKED).entries).findings, "the files beside it are judged at once"
        log.entries += [committed("ktm", end)] if end is not None else []
        assert "rm-nothing-touched-on-block" in {rule for rule, _, _ in said(log.tell("FAILED").end().entries)}


def test_a_file_that_is_open_at_a_commit_keeps_its_handle() -> None:
    """The handle was that of a file in the transaction before; its bytes go to the file that it leads to."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES)
    opened(written(log, FIRST, "0x40", "ktm"), SECOND, "0x40")
    log.entries.append(committed("ktm"))
    written(log.write("0x40").close("0x40"), THIRD, "0x40")
    assert said(log.tell().end().entries) == set()


@pytest.mark.parametrize("seen", ["CloseHandle", "CreateTransaction"])
def test_a_transaction_whose_handle_is_closed_is_none_that_is_committed_later(seen: str) -> None:
    """Page of CreateTransaction: it is rolled back; another one may get the same handle."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES)
    for path in ORIGINALS:
        written(log, path, "0x40", "0x50")
    if seen == "CloseHandle":
        log.close("0x50")
    else:
        log.line(seen, returns=None, gives={"return": "0x50"})
    written(log, "C:\\list.txt", "0x40", "0x50").entries.append(committed("0x50"))
    assert said(log.tell("NONE").end().entries) == set()


def test_of_a_name_that_a_file_may_have_got_in_a_transaction_nobody_knows() -> None:
    """The end of the transaction was not recorded, and the file that could not be replaced may be there by now."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES)
    log.open(THIRD, "OPEN_EXISTING", LOCKED)
    opened(log, "C:\\stage\\t", "0x40", "ktm").write("0x40")
    log.entries.append(informed("0x40", "FileRenameInfo", {"ReplaceIfExists": True, "FileName": THIRD}))
    assert said(log.close("0x40").tell().end().entries) == set()


@pytest.mark.parametrize(
    ("end", "missed"), [("RollbackTransaction", True), (None, False), ("CommitTransaction", False)]
)
def test_a_file_that_was_missed_may_have_come_by_a_transaction(end: str | None, *, missed: bool) -> None:
    """Rule frs-all: what is rolled back is missed still; of one whose end was not recorded nobody knows."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES)
    log.open(THIRD, "OPEN_EXISTING", LOCKED)
    for path in (THIRD, SECOND, FIRST):
        written(log, path, "0x40", "ktm")
    log.entries += [committed("ktm", end)] if end is not None else []
    log.put(*ORIGINALS[:2], how="OPEN_EXISTING")
    rules = {"frs-all", "rm-nothing-touched-on-block"}
    assert {rule for rule, _, _ in said(log.tell().end().entries)} & rules == (rules if missed else set())


def test_a_machine_with_many_transactions_goes_on_with_those_that_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    """A call in a transaction that is under way already needs no room for another."""
    monkeypatch.setattr("vss_sim.judge.transactions._TRANSACTIONS", 1)
    log = Log().to("RESTORE_IF_NOT_THERE", specs=NAMES)
    for path in ORIGINALS:
        written(log, path, "0x40", "ktm")
    log.entries.append(committed("ktm"))
    (error,) = check(log.tell().end().entries).errors()
    assert (error.rule, FIRST in error.says) == ("rint-never-overwrite-original", True)


def test_what_is_open_is_open_for_a_set_that_is_selected_later() -> None:
    """The calls of a transaction are looked at again, when there is another set that they may be about."""
    log = Log().begin().load("VSS_RME_RESTORE_IF_CAN_REPLACE", specs=NAMES).gather().select(name="Other")
    log.pre_restore().read_target()
    written(log, THIRD, "0x40", "ktm").select().open(THIRD, "OPEN_EXISTING", LOCKED)
    log.put(*ORIGINALS[:2], how="OPEN_EXISTING").tell()
    assert "frs-all" not in {rule for rule, _, _ in said(log.end().entries)}


def given_up(kind: str | int, told: Entry, returns: str = "ERROR_SUCCESS", flags: str = "FILE_ATTRIBUTE_NORMAL") -> Log:
    """IF_NOT_THERE: the proof makes a file, is to remove it by its handle, meets another, and gives up."""
    log = Log().to("RESTORE_IF_NOT_THERE")
    handle = log.open(FIRST, "CREATE_NEW")
    log.entries[-1]["in"]["dwFlagsAndAttributes"] = flags
    log.open(SECOND, "CREATE_NEW", "ERROR_FILE_EXISTS")
    log.entries.append(informed(handle, kind, told, returns))
    return log.close(handle)


@pytest.mark.parametrize(
    ("log", "stays"),
    [
        (given_up("FileDispositionInfo", {"DeleteFile": True}), False),
        (given_up(4, {"DeleteFile": 1}), False),
        (given_up("FileDispositionInfoEx", {"Flags": "FILE_DISPOSITION_FLAG_DELETE|0x2"}), False),
        (given_up(21, {"Flags": 3}), False),
        (given_up("FileDispositionInfo", {"DeleteFile": False}), True),
        (given_up("FileDispositionInfo", {"DeleteFile": False}, flags="FILE_FLAG_DELETE_ON_CLOSE"), False),
    ],
)
def test_a_file_that_is_marked_goes_with_its_handle(log: Log, *, stays: bool) -> None:
    """Rule rm-preflight-undo-placeholders; the mark has no effect where the handle deletes on close."""
    rules = {rule for rule, _, _ in said(log.tell("NONE").end().entries)}
    assert ("rm-preflight-undo-placeholders" in rules) is stays


def test_a_mark_that_cannot_be_taken_back_is_no_deletion() -> None:
    """Rule rm-preflight-undo-placeholders: nothing was to be removed, and the file stays."""
    log = given_up("FileDispositionInfoEx", {"Flags": 0}, "ERROR_INVALID_PARAMETER")
    rules = {rule for rule, _, _ in said(log.tell("NONE").end().entries)}
    assert "rm-preflight-undo-placeholders" in rules


@pytest.mark.parametrize("status", ["NONE", "ALL", "FAILED"])
def test_a_mark_that_is_refused_is_a_deletion_that_is_refused(status: str) -> None:
    """What DeleteFile could not remove, SetFileInformationByHandle cannot remove either."""
    log, deleted = given_up(4, {"DeleteFile": True}, LOCKED), given_up(4, {"DeleteFile": True}, LOCKED)
    deleted.entries[-2] = {"call": "DeleteFileW", "in": {"lpFileName": FIRST}, "returns": LOCKED}
    assert said(log.tell(status).end().entries) == said(deleted.tell(status).end().entries)


def test_a_file_that_was_renamed_by_its_handle_is_written_under_its_new_name() -> None:
    """Rule rint-never-overwrite-original: the bytes go to the original, which the handle leads to now."""
    log = Log().to("RESTORE_IF_NOT_THERE")
    handle = log.open("C:\\stage\\a", "CREATE_NEW")
    told = {"Flags": "FILE_RENAME_FLAG_REPLACE_IF_EXISTS", "RootDirectory": None, "FileName": FIRST}
    log.look(FIRST).entries.append(informed(handle, "FileRenameInfoEx", told))
    (error,) = check(log.write(handle).close(handle).tell().end().entries).errors()
    assert (error.rule, FIRST in error.says) == ("rint-never-overwrite-original", True)


@pytest.mark.parametrize(("kind", "member"), [("FileEndOfFileInfo", "EndOfFile"), (5, "AllocationSize")])
def test_an_original_that_is_cut_off_by_its_handle_is_a_file_without_bytes(kind: str | int, member: str) -> None:
    """Rule frs-all: a file that is made to have no bytes is restored; one with room left for some is not yet."""
    for size, level in (({"QuadPart": 0}, set()), (65536, {"frs-all"})):
        log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES).put(FIRST, SECOND)
        handle = log.open(THIRD, "OPEN_EXISTING")
        log.entries.append(informed(handle, kind, {member: size}))
        assert {rule for rule, _, _ in said(log.close(handle).tell().end().entries)} == level


@pytest.mark.parametrize("returns", ["HRESULT_FROM_WIN32(ERROR_FILE_EXISTS)", 0x80070050, "0x80070050", -2147024816])
def test_copyfile2_tells_by_its_hresult_that_a_file_is_there(returns: str | int) -> None:
    """Rule rint-any-exists-blocks: then none of the set is restored to its original place."""
    given = {"pwszExistingFileName": "E:\\saved\\0", "pwszNewFileName": FIRST}
    flags = {"pExtendedParameters": {"dwSize": 32, "dwCopyFlags": 1}}
    copied = Log().to("RESTORE_IF_NOT_THERE").line("CopyFile2", returns=None, given={**given, **flags})
    copied.entries[-1]["returns"] = returns
    assert said(copied.tell("NONE").end().entries) == set()


@pytest.mark.parametrize("told", [None, "0x7ffd0", {}, {"FileName": "beside"}])
def test_a_structure_that_was_not_recorded_tells_nothing(told: Any) -> None:
    """Nor does a name that is relative to no one knows what."""
    log = Log().to("RESTORE_IF_NOT_THERE")
    for path in ORIGINALS:
        log.look(path, "ERROR_FILE_NOT_FOUND")
    for path in ORIGINALS:
        handle = log.open(path, "CREATE_NEW")
        log.write(handle).entries.append(informed(handle, "FileRenameInfo", told))
        log.close(handle)
    assert said(log.tell().end().entries) == set()
