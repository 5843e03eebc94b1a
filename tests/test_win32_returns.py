"""Logs whose `returns` is what a function of Windows returned itself: a BOOL, or a handle.

The logs are written by hand (`logs_by_hand`), and written anew as a recorder has them without GetLastError.
Pages: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew,
https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-copyfile
"""

from collections.abc import Iterator
from typing import Any, Final

import pytest

from tests.logs_by_hand import DONE, LOCKED, NAMES, ORIGINALS, SERVICE, Log
from tests.restores_gone_wrong import MISTAKES, Mistake
from tests.support import Entry, check
from vss_sim.judge.findings import At, Level
from vss_sim.spec.win32 import RETURN_BOOL

FIRST, SECOND, THIRD = ORIGINALS
TOLD: Final = "log-unknown-name"


def raw(entries: list[Entry], true: Any = "TRUE", false: Any = "FALSE") -> Iterator[Entry]:
    """What the functions returned, with the error in `lastError`."""
    handles: dict[str, str] = {}
    for entry in entries:
        name, given = str(entry.get("call")).removesuffix("W"), dict(entry.get("in", {}))
        given.update({key: handles.get(given[key], given[key]) for key in ("hFile", "hObject") if key in given})
        done, out = entry.get("returns") == DONE, dict(entry.get("out", {}))
        if name == "CreateFile":
            handle = out.pop("hFile", "")
            handles[handle] = hex(0x1000 + 4 * len(handles))
            returns: Any = handles[handle] if done else "0xffffffffffffffff"
        elif name in RETURN_BOOL:
            returns = true if done else false
        else:
            yield entry
            continue
        out.update({} if done else {"lastError": entry["returns"]})
        yield {**entry, "in": given, "returns": returns, "out": out}


def said(entries: list[Entry]) -> set[tuple[str, At, Level]]:
    """Every finding but for its line, and for the notes on what was taken for what."""
    return {(one.rule, one.at, one.level) for one in check(entries).findings if one.rule != TOLD}


@pytest.mark.parametrize(("true", "false"), [("TRUE", "FALSE"), (1, "FALSE"), ("0x1", "FALSE")])
@pytest.mark.parametrize("mistake", MISTAKES, ids=[one[0].__name__ for one in MISTAKES])
def test_a_mistake_is_one_whatever_was_written_for_the_answer(mistake: Mistake, true: Any, false: Any) -> None:
    """Each of the mistakes of `restores_gone_wrong`."""
    entries = mistake[0]().entries
    assert said(list(raw(entries, true, false))) == said(entries)


def copied(returns: Any, *, third: Any = None) -> Log:
    """All files are copied to their places; `third` is the answer of the last copy, where it is another one."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES)
    for path, answer in zip(ORIGINALS, (returns, returns, returns if third is None else third), strict=True):
        log.copy("E:\\saved\\x", path, answer)
    return log.tell().end()


def test_what_was_taken_for_an_answer_is_told_once() -> None:
    """Rule log-unknown-name: at the first line of its kind, in words of the format."""
    log = Log().to("RESTORE_IF_CAN_REPLACE").put(*ORIGINALS).tell().end()
    found = [one for one in check(list(raw(log.entries))).findings if one.rule == TOLD]
    assert [one.says.partition(",")[0] for one in found] == [
        "CreateFile has '0x1000' for `returns`",
        "WriteFile has 'TRUE' for `returns`",
    ]
    assert check(log.entries).findings == ()


def test_nothing_is_false_before_something_is_true() -> None:
    """0 is ERROR_SUCCESS; in a log with a BOOL before, it is FALSE."""
    assert said(copied(0).entries) == set()
    assert {rule for rule, *_ in said(copied(1, third=0).entries)} >= {"frs-all"}


def test_an_error_is_no_handle() -> None:
    """A number that is an error is one, of whatever function; so is one that no handle can be."""
    for number in (32, "0x20", 5, 1450, 0x80070020, "0x80070020", -0x7FF8FFE0):
        log = Log().to("RESTORE_IF_CAN_REPLACE").put(FIRST)
        log.open(SECOND, "CREATE_ALWAYS", LOCKED)
        log.entries[-1]["returns"] = number
        assert "rm-preflight-whole" in {rule for rule, *_ in said(log.tell().end().entries)}


def test_the_handle_of_a_service_may_be_what_was_returned() -> None:
    """Rule srs-stop-or-already-stopped: OpenService returns a handle, by which the service is stopped and started."""
    log = Log().to("STOP_RESTORE_START", service=SERVICE)
    log.line("OpenServiceW", None, "0x9010", given={"lpServiceName": SERVICE})
    log.line("ControlService", None, "1", given={"hService": "0x9010", "dwControl": 1})
    status = {"lpServiceStatus": {"dwCurrentState": 1}}
    log.line("QueryServiceStatus", None, "1", given={"hService": "0x9010"}, gives=status)
    log.put(*ORIGINALS).line("StartServiceW", None, "1", given={"hService": "0x9010"})
    assert said(log.tell().end().entries) == set()


def test_where_numbers_are_errors_one_is_an_error_and_no_handle() -> None:
    """ERROR_INVALID_FUNCTION is 1: after an error that no BOOL is, it tells nothing of 0; nor is 1224 a handle then."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES)
    gone: Entry = {"call": "DeleteFileW", "in": {"lpFileName": "E:\\tmp"}}
    log.entries += [{**gone, "returns": 2}, {**gone, "returns": 1}]
    for path in ORIGINALS:
        log.copy("E:\\saved\\x", path, "0")
    assert check(log.tell().end().entries).findings == ()
    opened = {"call": "CreateFileW", "in": {"lpFileName": "E:\\tmp"}, "returns": 0, "out": {"hFile": "0x4f0"}}
    for numbers in ([], [opened], [{**gone, "returns": 2}]):
        log = Log().to("RESTORE_IF_CAN_REPLACE").put(FIRST)
        log.open(SECOND, "CREATE_ALWAYS", LOCKED)
        log.entries[-1]["returns"] = 1224
        found = said([*numbers, *log.tell().end().entries])
        assert ("rm-preflight-whole" in {rule for rule, *_ in found}) is bool(numbers)
