"""What a log says under a name that nobody knows is read over, and told: once, as a note, never as an error."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import pytest

from tests.support import CASES, TRACES, Entry, backup_until, call, check
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding, Level
from vss_sim.judge.history import History
from vss_sim.judge.unknown_names import FIRST_LINES, UNKNOWN_NAME, look_at_event, look_at_line
from vss_sim.spec.table import Profile
from vss_sim.trace.reader import read_line

CREATED: Final = {"call": "CreateVssBackupComponents", "returns": "S_OK", "out": {"ppBackup": "bc"}}


def _in_a_file(entries: Iterable[Entry]) -> list[Finding]:
    """What is said of unknown names in lines as they stand in a file."""
    found: list[Finding] = []
    Checker(found.append).feed_block("\n".join(map(json.dumps, entries)).encode(), 1)
    return [finding for finding in found if finding.rule == UNKNOWN_NAME]


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ({**CREATED, "retruns": "S_OK"}, "there is no key 'retruns' (did you mean returns?)"),
        ({**CREATED, "out": {"ppBackp": "bc"}}, "has no result 'ppBackp' (did you mean ppBackup?)"),
        (call("SetContext", lContxt="VSS_CTX_BACKUP"), "has no argument 'lContxt' (did you mean lContext?)"),
        (call("AddToSnapshotSet", pwszVolume="C:\\"), "has no argument 'pwszVolume' (did you mean pwszVolumeName?)"),
        (
            {"call": "DeleteFile", "in": {"lpFilename": "C:\\a"}},
            "has no argument 'lpFilename' (did you mean lpFileName?)",
        ),
        ({"event": "OnFreeze", "answer": True}, "there is no event 'OnFreeze' (did you mean Freeze?)"),
        ({"happens": "reboots"}, "there is no happening 'reboots' (did you mean reboot?)"),
        ({"happens": "time passes", "secnds": 3}, "there is no key 'secnds' (did you mean seconds?)"),
    ],
)
def test_a_misspelt_name_is_told_with_the_one_that_was_meant(line: Entry, says: str) -> None:
    """A note on its line."""
    (finding,) = _in_a_file([CREATED, line])
    assert (finding.level, finding.line) == (Level.INFO, 3)
    assert says in finding.says


def test_a_name_is_told_once_a_log() -> None:
    """However often it comes; the same name of another call is another one."""
    misspelt = [call("SetContext", lContxt="VSS_CTX_BACKUP"), call("SetContext", "other", lContxt="VSS_CTX_ALL")]
    assert len(_in_a_file([CREATED, *misspelt, *misspelt])) == 1
    assert len(_in_a_file([*misspelt, call("Query", lContxt=0)])) == 2


def test_names_by_the_thousand_are_another_format() -> None:
    """Of those not each is told."""
    assert len(_in_a_file({"note": "x", f"key{number}": 1} for number in range(100))) < 50


def test_a_name_that_comes_late_is_told_at_the_first_line_of_its_call_that_is_not_plain() -> None:
    """Beyond the first lines of a log, too."""
    many = [call("GetWriterMetadataCount", out={"pcWriters": 3})] * (2 * FIRST_LINES)
    late = {**call("DoSnapshotSet", "bc", None, out={"ppAsync": "a"}), "retruns": "S_OK"}
    (finding,) = _in_a_file([*backup_until("gather"), *many, late])
    assert "'retruns'" in finding.says


def test_line_by_line_the_arguments_are_looked_at() -> None:
    """Where lines are not given as text."""
    assert UNKNOWN_NAME in check([*backup_until("create"), call("SetContext", lContxt="x")]).rules_at(3)


@pytest.mark.parametrize("path", [*TRACES, *CASES], ids=lambda path: path.stem)
def test_no_name_of_a_trace_or_a_case_is_unknown(path: Path) -> None:
    """42 requesters, and every case: no false note."""
    found: list[Finding] = []
    history = History(Profile.WINDOWS, found.append, None)
    for number, text in enumerate(path.read_bytes().splitlines()[1:], 2):
        look_at_line(history, number, text)
        if b'"event"' in text or b'"happens"' in text:
            look_at_event(history, number, read_line(text, number))
    assert found == []
