"""The traces about shadow copies made again in worlds that are written by hand, without a scripted answer.

Nothing of such a world comes from the log but the ids, so every answer is the simulator's own.
"""

import json
from collections.abc import Iterable
from typing import Any, Final

import pytest

from tests.support import TRACES, check
from tests.two_machines import ARRAY_PROVIDER, SYSTEM, hardware
from vss_sim import read_world
from vss_sim.judge.findings import Level, Outcome
from vss_sim.model.computer import Description
from vss_sim.requester.follower import Followed, Follower
from vss_sim.requester.simulation import Simulation
from vss_sim.trace.reader import read_line

SET: Final = "{c2a6d7c1-00b3-5e11-adf8-af5299a7e0a3}"
COPY: Final = "{44ecb6b9-68cd-5536-be6a-795086ae35d3}"
OTHER: Final = "{44ecb6b9-68cd-5536-be6a-000000000002}"
VOLUME: Final = "\\\\?\\Volume{aaaaaaaa-0000-0000-0000-000000000001}\\"
WRITER: Final = {
    "name": "Writer",
    "writerId": "{41d42cac-d143-5a92-a839-d2376e4345f9}",
    "instanceId": "{6a088589-7f45-5d43-873a-56931c60bc12}",
    "restoreMethod": {"method": "VSS_RME_RESTORE_IF_CAN_REPLACE"},
    "excludeFiles": [{"path": "E:\\c", "filespec": "*.tmp"}],
    "components": [
        {
            "name": "Component C",
            **{kind: [{"path": "E:\\c", "filespec": "*"}] for kind in ("files", "databaseFiles", "databaseLogFiles")},
            "dependencies": [{"writerId": "{41d42cac-d143-5a92-a839-d2376e4345f0}", "componentName": "D"}],
        }
    ],
}


def _lines(stem: str, machine: str | None = None) -> list[dict[str, Any]]:
    (path,) = [path for path in TRACES if path.stem == stem]
    texts = path.read_text(encoding="utf-8").splitlines()[1:]
    where = {"machine": machine} if machine else {}
    return [{**json.loads(text), **where} for text in texts if text.strip()]


def _followed(world: Description, lines: Iterable[dict[str, Any]]) -> list[Followed]:
    follower = Follower(Simulation(world))
    texts = [json.dumps(line).encode() for line in lines]
    steps = [follower.follow(number, read_line(text, number)) for number, text in enumerate(texts, 2)]
    return [step for step in steps if step is not None]


def _machine(**more: Any) -> dict[str, Any]:
    return {"name": "one", "volumes": [{"name": "C:\\"}, {"name": "E:\\"}], "providers": [SYSTEM], **more}


def _copy(**more: Any) -> dict[str, Any]:
    return {"snapshotId": COPY, "setId": SET, **more}


WORLDS: Final[dict[str, dict[str, Any]]] = {
    "vshadow-create-nw": _machine(),
    "vshadow-delete-snapshot": _machine(snapshots=[_copy()]),
    "vshadow-expose-local-drive": _machine(snapshots=[_copy()]),
    "vshadow-query-all": _machine(snapshots=[_copy(), _copy(snapshotId=OTHER)]),
    "vshadow-revert": _machine(volumes=[{"name": "D:\\", "volumeName": VOLUME}], snapshots=[_copy(volume="D:\\")]),
    "vshadow-break-ex": _machine(providers=[SYSTEM, hardware()], snapshots=[_copy(providerId=ARRAY_PROVIDER)]),
}


@pytest.mark.parametrize("stem", WORLDS)
def test_a_trace_is_answered_as_recorded(stem: str) -> None:
    """Call by call, results included."""
    world = read_world(json.dumps({"machines": [WORLDS[stem]]}))
    steps = _followed(world, _lines(stem))
    assert [step for step in steps if not step.agrees or step.differences] == []
    assert len(steps) > 5


def _both() -> list[dict[str, Any]]:
    """`vshadow -t` on machine one; from its script, `vshadow -i` on machine two; from that one's, `vshadow -bex`."""
    made, came, broken = (
        _lines("vshadow-create-transportable", "one"),
        _lines("vshadow-import", "two"),
        "vshadow-break-ex",
    )
    saved = next(place for place, line in enumerate(made) if line.get("call", "").endswith("::SaveAsXML"))
    script = next(place for place, line in enumerate(came) if "note" in line)
    other = [_renamed(line) for line in _lines(broken, "two")]
    whole = [*came[:script], *other, *came[script + 1 :]]
    return [*made[: saved + 1], *whole, *made[saved + 1 :]]


def _renamed(line: dict[str, Any]) -> dict[str, Any]:
    """The line with handles of another process."""
    text = json.dumps(line).replace('"bc"', '"bc of the break"').replace('"async1"', '"async of the break"')
    renamed: dict[str, Any] = json.loads(text)
    return renamed


def test_three_traces_are_one_transport() -> None:
    """The set, its id and its document go from trace to trace; every call is answered as each of them recorded."""
    one = _machine(writers=[WRITER], providers=[SYSTEM, hardware()])
    two = {"name": "two", "volumes": [{"name": "C:\\"}], "providers": [SYSTEM, hardware()]}
    world = read_world(json.dumps({"machines": [one, two]}))
    steps = _followed(world, _both())
    assert [step for step in steps if not step.agrees or step.differences] == []


def test_the_checker_reads_both_machines_as_one_log() -> None:
    """It conforms; that machine one tells its writers of the end after machine two is done is seen."""
    lines = _both()
    checked = check(lines)
    assert checked.outcome is Outcome.CONFORMS
    transport = [finding.rule for finding in checked.findings if finding.rule.startswith("im-")]
    assert transport == []
    early = next(place for place, line in enumerate(lines) if line.get("call", "").endswith("::BackupComplete"))
    first = next(place for place, line in enumerate(lines) if line["machine"] == "two")
    moved = [*lines[:first], *lines[early : early + 3], *lines[first:early], *lines[early + 3 :]]
    found = {finding.rule: finding.level for finding in check(moved).findings if finding.rule.startswith("im-")}
    assert found == {"im-signal-back": Level.WARNING}
