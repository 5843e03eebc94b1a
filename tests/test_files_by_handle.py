"""Handles of files in a log: written as numbers, and files that are renamed by them.

Pages: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfileinformationbyhandle and
https://learn.microsoft.com/windows/win32/api/winbase/ns-winbase-file_rename_info
"""

from collections.abc import Iterator

import pytest

from tests.logs_by_hand import HOME, LOCKED, NAMES, ORIGINALS, Log
from tests.restores_gone_wrong import MISTAKES, Mistake
from tests.support import Entry, check
from tests.test_file_siblings import Way, by_handle, informed, said, transacted
from vss_sim.judge.findings import Level

FIRST, SECOND, THIRD = ORIGINALS


def numbered(entries: list[Entry]) -> Iterator[Entry]:
    """Handles of files and transactions are numbers, as a recorder writes a HANDLE that it cast to an integer."""
    names = ("hFile", "hObject", "hTransaction", "TransactionHandle")
    numbers: dict[str, int] = {}
    for entry in entries:
        yield {
            part: {
                name: numbers.setdefault(value, 4 * len(numbers) + 4) if name in names else value
                for name, value in held.items()
            }
            if part in ("in", "out") and isinstance(held, dict)
            else held
            for part, held in entry.items()
        }


@pytest.mark.parametrize(
    "way", [lambda entries: entries, transacted, by_handle], ids=["plain", "transacted", "by handle"]
)
@pytest.mark.parametrize("mistake", MISTAKES, ids=[one[0].__name__ for one in MISTAKES])
def test_a_handle_may_be_a_number(mistake: Mistake, way: Way) -> None:
    """Of a file, of a service, and of a transaction that nobody saw being made."""
    entries = mistake[0]().entries
    assert said(list(numbered(list(way(entries))))) == said(entries)


def test_no_transaction_has_the_handle_null() -> None:
    """A call without a transaction is done at once, also where its function takes one."""
    log = Log().to("RESTORE_IF_NOT_THERE")
    given = {"lpFileName": FIRST, "hTransaction": 0}
    log.line("DeleteFileTransactedW", None, "ERROR_SUCCESS", given=given).put(FIRST, how="CREATE_NEW")
    assert "rint-never-overwrite-original" in {one.rule for one in check(log.tell().end().entries).findings}


def renamed_by_handle(log: Log, path: str, new: str, root: str | None = None, *, replaces: bool = False) -> Log:
    """The file is opened, and its name changed by its handle."""
    handle = log.open(path)
    log.entries[-1]["in"]["dwDesiredAccess"] = "DELETE"
    told = {"ReplaceIfExists": replaces, "RootDirectory": root, "FileName": new}
    log.entries.append(informed(handle, "FileRenameInfo", told))
    return log.close(handle)


def folder(log: Log) -> str:
    """The folder of the set is opened; gives the handle."""
    handle = log.open(HOME[:-1])
    log.entries[-1]["in"].update(dwDesiredAccess="FILE_TRAVERSE", dwFlagsAndAttributes="FILE_FLAG_BACKUP_SEMANTICS")
    return handle


def rules_of(log: Log) -> set[str]:
    """The rules of what is said, but for notes."""
    return {one.rule for one in check(log.entries).findings if one.level is not Level.INFO}


def test_a_new_name_may_begin_at_the_directory_of_a_handle() -> None:
    """Page ns-winbase-file_rename_info: RootDirectory is a directory, from which FileName leads on."""
    log = Log().to("RESTORE_IF_NOT_THERE").look(FIRST).put("C:\\stage\\0", how="CREATE_NEW")
    renamed_by_handle(log, "C:\\stage\\0", NAMES[0], folder(log), replaces=True)
    assert "rint-never-overwrite-original" in rules_of(log.tell().end())
    log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES)
    root = folder(log)
    renamed_by_handle(log, FIRST, "old.mdb", root).put(FIRST, how="CREATE_NEW").open(SECOND, returns=LOCKED)
    assert "rm-fallback-rollback" in rules_of(log.tell("NONE").end())
    log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES)
    root = folder(log)
    renamed_by_handle(log, FIRST, "old.mdb", root).put(FIRST, how="CREATE_NEW").open(SECOND, returns=LOCKED)
    log.delete(FIRST)
    renamed_by_handle(log, HOME + "old.mdb", NAMES[0], root)
    assert rules_of(log.tell("NONE").end()) == set()


@pytest.mark.parametrize(("new", "root"), [("old.mdb", None), ("..\\old.mdb", None), ("old.mdb", "unseen")])
def test_where_a_new_name_leads_nobody_may_know(new: str, root: str | None) -> None:
    """A path from the directory of the process on, or from one whose handle nobody saw being opened."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES)
    renamed_by_handle(log, FIRST, new, root).put(FIRST, how="CREATE_NEW").open(SECOND, returns=LOCKED)
    log.delete(FIRST)
    renamed_by_handle(log, "C:\\ProgramData\\Shop\\old.mdb", NAMES[0], root)
    assert rules_of(log.tell("NONE").end()) == set()
    log = Log().to("RESTORE_IF_NOT_THERE", specs=NAMES).look(FIRST)
    renamed_by_handle(log, FIRST, new, root).put(*ORIGINALS, how="CREATE_NEW")
    assert rules_of(log.tell().end()) == set()


def test_what_is_renamed_to_a_name_of_the_set_may_have_come_there() -> None:
    """A file that lies elsewhere gets the name of one that the set has, at a place that nobody knows."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES)
    for name, path in zip(NAMES, ORIGINALS, strict=True):
        log.put(path + ".new", how="CREATE_NEW")
        renamed_by_handle(log, path + ".new", name, replaces=True)
    assert rules_of(log.tell().end()) == set()


def test_a_stream_that_is_renamed_leaves_the_file_where_it_is() -> None:
    """Behind a colon stands the name of a stream."""
    log = Log().to("RESTORE_IF_NOT_THERE").look(FIRST)
    renamed_by_handle(log, FIRST, ":old")
    assert "rint-never-overwrite-original" in rules_of(log.put(FIRST, existed=True).tell().end())
