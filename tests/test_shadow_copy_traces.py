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
SECOND_VOLUME: Final = "\\\\?\\Volume{bbbbbbbb-0000-0000-0000-000000000002}\\"
QEMU: Final = "{3629d4ed-ee09-4e0e-9a5c-6d8ba2872aef}"
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


def _writing(*replies: dict[str, Any], **machine: Any) -> dict[str, Any]:
    """A machine with the writer, which replies so."""
    return _machine(writers=[{**WRITER, "replies": list(replies)}], **machine)


def _by_qemu(seconds: float) -> dict[str, Any]:
    """The provider of QEMU's guest agent takes its commit for the moment in which the hypervisor makes its snapshot."""
    name, replies = "QEMU Guest Agent VSS Provider", [{"on": "CommitSnapshots", "seconds": seconds}]
    provider = {"name": name, "type": "VSS_PROV_HARDWARE", "providerId": QEMU, "replies": replies}
    volumes = [{"name": "E:\\", "volumeName": VOLUME}, {"name": "F:\\", "volumeName": SECOND_VOLUME}]
    return _writing(volumes=volumes, providers=[provider])


def _failing(call: str, fails: str) -> dict[str, Any]:
    """The system provider fails a call."""
    return _writing(providers=[{**SYSTEM, "failures": [{"to": call, "fails": fails}]}])


SLOW_TO_IDENTIFY: Final = {"on": "Identify", "seconds": 3}
HYPER_V: Final = {
    "writerId": "{66841cd4-6ded-4f4b-8f17-fd23f8ddc3de}",
    "instanceId": "{386fcb76-e606-5ae5-8ef4-8d33ec5d9dd8}",
}
SHARED_VOLUME: Final = {"name": "C:\\ClusterStorage\\Volume1\\", "volumeName": VOLUME}

WORLDS: Final[dict[str, dict[str, Any]]] = {
    **dict.fromkeys(
        (
            "alphavss-vssbackup-components",
            "bareos-full",
            "duplicati-alphavss",
            "field-alphavss-51-nas-rollback-prepare",
            "restic-default-provider",
            "restic-in-progress-retry",
            "restic-prepare-fails-abort",
            "shadowspawn-full",
            "shadowspawn-simulate",
            "vshadow-create-writers",
            "vshadow-create-writers-exec-fails",
            "vshadow-create-writer-failed-dosnapshot",
            "wimlib-capture",
        ),
        _writing(),
    ),
    "bareos-snapshot-fails-close": _failing("DoSnapshotSet", "VSS_E_UNEXPECTED_PROVIDER_ERROR"),
    "boxbackup-xp": _writing(os="Windows XP SP2"),
    "field-bareos-1923": _writing({"on": "PrepareForBackup", "fails": "VSS_E_WRITERERROR_RETRYABLE"}),
    "field-breeze-add-no-backslash": _writing(SLOW_TO_IDENTIFY),
    "field-breeze-add-without-start": _writing(SLOW_TO_IDENTIFY),
    "field-hypervbackup-12-duplicate": _writing(volumes=[{"name": "C:\\"}, SHARED_VOLUME]),
    "field-restic-3142-pending": _writing({"on": "PrepareForSnapshot", "seconds": 200}),
    "hypervbackup-vm": _machine(writers=[{**WRITER, **HYPER_V}]),
    "qemu-ga-freeze-thaw": _by_qemu(8),
    "qemu-ga-frozen-timeout": _by_qemu(100),
    "restic-delete-fails-abort": _failing("DeleteSnapshots", "VSS_E_PROVIDER_VETO"),
    "urbackup-components-full": _writing(volumes=[{"name": f"{letter}:\\"} for letter in "CDE"]),
    "vshadow-create-nw": _machine(),
    "vshadow-delete-snapshot": _machine(snapshots=[_copy()]),
    "vshadow-expose-local-drive": _machine(snapshots=[_copy()]),
    "vshadow-query-all": _machine(snapshots=[_copy(), _copy(snapshotId=OTHER)]),
    "vshadow-revert": _machine(volumes=[{"name": "D:\\", "volumeName": VOLUME}], snapshots=[_copy(volume="D:\\")]),
    "vshadow-break-ex": _machine(providers=[SYSTEM, hardware()], snapshots=[_copy(providerId=ARRAY_PROVIDER)]),
}
"""Trace → the one machine of its world. Traces that are about one computer after the other, or about two, are made
below; the others make no shadow copies."""

OTHERS_SET: Final = {"restic-in-progress-retry": ("IVssBackupComponents::StartSnapshotSet", 3)}
"""Trace → the call that meets the set of another process, and how often."""


def _asleep(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The lines of a program that sleeps when it found an operation pending; its log does not tell of it."""
    pending = "VSS_S_ASYNC_PENDING"
    slept = [[line, {"happens": "time passes", "seconds": 10}] for line in lines]
    return [one for pair in slept for one in pair[: 1 + (pair[0].get("out", {}).get("pHrResult") == pending)]]


def _as_it_was(stem: str) -> list[dict[str, Any]]:
    """The lines of a trace, with what went on beside them."""
    lines = _asleep(_lines(stem))
    if stem in OTHERS_SET:
        name, times = OTHERS_SET[stem]
        calls = [place for place, line in enumerate(lines) if line.get("call") == name]
        other = {"on": "other", "process": "other"}
        begun: list[dict[str, Any]] = [
            {"call": "CreateVssBackupComponents", "out": {"ppBackup": "other"}, "process": "other"},
            {"call": "IVssBackupComponents::InitializeForBackup", "in": {"bstrXML": None}, **other},
            {"call": name, **other},
        ]
        lines.insert(calls[times], {"call": "IUnknown::Release", **other})
        lines[0:0] = begun
    return lines


@pytest.mark.parametrize("stem", WORLDS)
def test_a_trace_is_answered_as_recorded(stem: str) -> None:
    """Call by call, results included."""
    world = read_world(json.dumps({"machines": [WORLDS[stem]]}))
    assert not world.machines[0].answers
    steps = _followed(world, _as_it_was(stem))
    assert [step for step in steps if not step.agrees or step.differences] == []
    assert len(steps) > 5


def test_no_trace_that_makes_or_uses_shadow_copies_is_left_out() -> None:
    """Two are a backup and the one that builds on it, three the way of a set to another machine."""
    uses = ("DoSnapshotSet", "ImportSnapshots", "ExposeSnapshot", "Break", "Revert", "::Query", "DeleteSnapshots")
    with_copies = {
        path.stem
        for path in TRACES
        for line in _lines(path.stem)
        if any(name in line.get("call", "").replace("QueryStatus", "").replace("QueryInter", "") for name in uses)
    }
    assert with_copies - set(WORLDS) == {"vshadow-create-transportable", "vshadow-import", *CHAIN}


CHAIN: Final = ("betest-full", "betest-incremental-stamps")
SLOW: Final = {
    **WRITER,
    "backupSchema": ["VSS_BS_INCREMENTAL", "VSS_BS_TIMESTAMPED"],
    "alternateLocationMappings": [{"path": "E:\\c", "filespec": "*", "destination": "E:\\elsewhere"}],
    "statusSeconds": 2,
    "replies": [
        *({"on": event, "seconds": 2, "times": 9} for event in ("Identify", "PrepareForBackup", "Freeze")),
        {"on": "PostSnapshot", "setBackupStamp": "the first", "times": 1},
        {"on": "BackupComplete", "seconds": 2, "times": 9},
    ],
}
"""A writer that answers nothing at once, so that every operation is found pending, and keeps stamps."""


def test_an_incremental_backup_builds_on_the_document_of_the_full_one() -> None:
    """Two runs of a program on one computer: the second reads the stamp in the document that the first has saved."""
    volumes = [{"name": "E:\\", "volumeName": VOLUME}]
    world = read_world(json.dumps({"machines": [_machine(writers=[SLOW], volumes=volumes)]}))
    steps = _followed(world, _asleep([{**line, "process": stem} for stem in CHAIN for line in _lines(stem)]))
    assert [step for step in steps if not step.agrees or step.differences] == []
    (stamp,) = [step for step in steps if step.call == "IVssComponent::GetBackupStamp"]
    assert (stamp.answered, stamp.out) == ("S_OK", {"pbstrBackupStamp": "the first"})
    pending = [step for step in steps if step.recorded.get("pHrResult") == "VSS_S_ASYNC_PENDING"]
    assert len(pending) == 14


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
