"""Handles are addresses in most logs: one that is given out again names a new object, whatever became of the old."""

from typing import Final

import msgspec
import pytest

from tests.support import SNAPSHOT_ID, Checked, Entry, backup_until, call, check, create
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding, Level
from vss_sim.trace.reader import read_line

RELEASE: Final = call("IUnknown::Release", "bc", None)
OTHER: Final = "{11111111-0000-0000-0000-000000000009}"


def _begins(on: str = "bc") -> list[Entry]:
    """A set is begun."""
    lines = backup_until("start", on)
    lines[-1] = call("StartSnapshotSet", on, out={"pSnapshotSetId": OTHER})
    return lines


def _grave(found: Checked, line: int) -> list[str]:
    return [one.says for one in found.findings if one.line >= line and one.level is not Level.INFO]


@pytest.mark.parametrize("also", [[], [call("IUnknown::QueryInterface", "bc", out={"ppvObject": "bc+8"})]])
def test_an_object_whose_handle_is_given_out_again_holds_nothing_back(also: list[Entry]) -> None:
    """Who keeps smart pointers records no Release; the set of the object before stands in nobody's way."""
    before = [*backup_until("add"), *also]
    lines = [*before, *_begins()]
    found = check(lines)
    assert not _grave(found, len(before) + 2)
    (told,) = [one for one in found.findings if "had this handle before" in one.says]
    assert (told.line, told.because[0].line) == (len(before) + 2, 2)
    assert _grave(check([*before, *[{**line, "process": 7} for line in _begins()]]), len(before) + 2)


def test_an_object_that_another_handle_names_holds_back() -> None:
    """Rule seq-one-creation-at-a-time, as ever."""
    before = backup_until("add")
    others = [*before, *_begins("bc2")]
    assert "seq-one-creation-at-a-time" in check(others).rules_at(len(others) + 1)


@pytest.mark.parametrize(
    "end", [[RELEASE], [{"happens": "process ends"}], [{"happens": "reboot"}]], ids=["released", "ended", "restarted"]
)
def test_an_object_that_is_gone_is_not_told(end: list[Entry]) -> None:
    """Nor a handle that is used over and over, more than once a log."""
    told = [one.says for one in check([*backup_until("complete"), *end, create()]).findings]
    assert not [says for says in told if "had this handle before" in says]
    often = [one.says for one in check([create()] * 5).findings]
    assert len([says for says in often if "had this handle before" in says]) == 1


def test_its_auto_release_copies_may_have_gone() -> None:
    """That they are not found is held against nobody, and that they are neither."""
    for returns in ("S_OK", "VSS_E_OBJECT_NOT_FOUND"):
        asks = call("GetSnapshotProperties", "bc", returns, SnapshotId=SNAPSHOT_ID)
        lines = [*backup_until("complete"), create(), call("InitializeForBackup", bstrXML=None), asks]
        found = check(lines)
        assert not _grave(found, len(lines) + 1)


def test_an_object_that_was_forgotten_holds_nothing_back() -> None:
    """Of more handles than are remembered, the oldest objects are forgotten, with the sets that they began."""
    findings: list[Finding] = []
    checker = Checker(findings.append, memory=4)
    others = [create(f"other{number}") for number in range(9)]
    for number, entry in enumerate([*backup_until("add"), *others, *_begins("bc2")], 2):
        checker.feed(number, read_line(msgspec.json.encode(entry), number))
    assert [one.rule for one in findings if one.level is Level.ERROR] == []
