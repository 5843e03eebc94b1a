"""Restores as cases, written by hand from the pages: `restore_cases.jsonl`, a world of a rehearsal a line, and its end.

`expect` has `ends` (component, branch, status, whom it blames), `disk` (path → its text afterwards, null: no file),
`folders` (path → whether it is there afterwards), `heard` (writer, its events, null or the rule by which it misses
PostRestore), `calls` that are made in this order, `never` for what no call of the restore begins with or tells, `quiet
until` for the call before which no file or service call is made, and `arrivals` (path → what the restart made of its
move). A case with a `backup`, as `--save` keeps it, restores that one in place of its own.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from tests.restoring import files_of
from vss_sim import read_world
from vss_sim.documents.backup_file import read_backup
from vss_sim.model.content import bytes_of
from vss_sim.report.rehearsal import rehearsal_json
from vss_sim.requester.rehearsal import Rehearsal, rehearse

CASES: Final[tuple[dict[str, Any], ...]] = tuple(
    json.loads(line)
    for line in Path(__file__).with_name("restore_cases.jsonl").read_text(encoding="utf-8").splitlines()
)
_TOUCHES: Final = ("CreateFile", "GetFileAttributes", "FindFirstFile", "ControlService")
_SHOWN: Final = (
    *("lpFileName", "lpNewFileName", "lpServiceName", "dwControl", "dwCreationDisposition", "dwFlags"),
    *("wszPath", "wszFilespec", "bRecursive", "wszDestination", "status"),
)


def hold(case: dict[str, Any]) -> None:
    """What the case expects is so; AssertionError says what is not."""
    saved = read_backup(json.dumps(case["backup"]).encode()) if "backup" in case else None
    rehearsed = rehearse(read_world(case["world"]), saved)
    expected, told = case["expect"], rehearsal_json(rehearsed)
    calls = list(_calls(rehearsed))
    ends = [[one["component"], one["branch"], one["status"], one["blamed"]] for one in told["components"]]
    assert ends == expected["ends"]
    disk = files_of(rehearsed.simulation.world)
    there = {
        path: bytes_of(disk[path.upper()]).decode() if path.upper() in disk else None
        for path in expected.get("disk", {})
    }
    assert there == expected.get("disk", {})
    folders = {path: _is_there(rehearsed, path) for path in expected.get("folders", {})}
    assert folders == expected.get("folders", {})
    heard = [[one.writer, list(one.events), one.missed and one.missed.rule] for one in rehearsed.hearings]
    assert heard == expected.get("heard", heard)
    left = iter(calls)
    for wanted in expected.get("calls", ()):
        assert any(call.startswith(wanted) for call in left), f"{wanted} does not come, or not in this order"
    for ruled_out in expected.get("never", ()):
        assert not [call for call in calls if call.startswith(ruled_out) or ruled_out in call.split()]
    before = calls[: calls.index(expected["quiet until"])] if "quiet until" in expected else []
    assert not [
        call for call in before if call.partition(" ")[0] in ("CreateFile", "GetFileAttributes", "ControlService")
    ]
    arrived = {one["path"]: one["outcome"] for one in told["afterReboot"]}
    assert arrived == expected.get("arrivals", arrived)


def _is_there(rehearsed: Rehearsal, path: str) -> bool:
    return rehearsed.simulation.call("GetFileAttributes", None, {"lpFileName": path}).answer == 0


def _calls(rehearsed: Rehearsal) -> Iterator[str]:
    """The calls of the restore with what they are about, one text each."""
    lines = list(rehearsed.simulation.lines())
    begins = next(n for n, line in enumerate(lines) if line.get("call", "").endswith("::InitializeForRestore"))
    for line in lines[begins:]:
        if "call" in line:
            given = line.get("in", {})
            shown = (str(given[name]) for name in _SHOWN if given.get(name) is not None)
            yield " ".join((line["call"].rpartition("::")[2], *shown))
