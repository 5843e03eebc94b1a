"""What is watched beside the state: what the log does not show is held against nobody, and all of it is bounded."""

import json
from typing import Any

import pytest

from tests.support import CASES, ROOT, SET_ID, SNAPSHOT_ID, Entry, asynchronous, backup_until, call, check, entries_of
from vss_sim.judge.backups.seen import FACTS, FEW
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding, Level
from vss_sim.judge.objects import BackupObject

_META = "IVssExamineWriterMetadata::"
_COMPONENT = "IVssWMComponent::"
_FILE = "IVssWMFiledesc::"


def _case(name: str) -> tuple[list[Entry], dict[str, Any]]:
    path = ROOT / "conformance" / "cases" / f"{name}.jsonl"
    assert path in CASES
    return entries_of(path), json.loads(path.read_text(encoding="utf-8").splitlines()[0])


def _without(name: str, *parameters: str, calls: tuple[str, ...] = ()) -> tuple[list[Entry], dict[str, Any]]:
    """A case as a recorder writes it that leaves out these parameters, or the calls of these methods."""
    entries, header = _case(name)
    kept: list[Entry] = []
    for entry in entries:
        if str(entry.get("call", "")).rpartition("::")[2] in calls:
            continue
        for side in ("in", "out"):
            if side in entry:
                entry[side] = {key: value for key, value in entry[side].items() if key not in parameters}
        kept.append(entry)
    return kept, header


def _rules(entries: list[Entry], world: dict[str, Any] | None = None) -> set[str]:
    return {finding.rule for finding in check(entries, world=world).findings if finding.level is not Level.INFO}


_NEEDED = (
    ("snapshots/volume-of-a-component-left-out", "seq-volumes-cover-components", ("pbstrPath",), ()),
    ("snapshots/volume-of-a-component-left-out", "seq-volumes-cover-components", ("pwszVolumeName",), ()),
    ("snapshots/volume-of-a-component-left-out", "seq-volumes-cover-components", ("pdwTypeMask",), ()),
    ("snapshots/volume-of-a-component-left-out", "seq-volumes-cover-components", ("backupType",), ()),
    ("snapshots/volume-of-a-component-left-out", "seq-volumes-cover-components", ("ppInfo",), ()),
    ("snapshots/volume-of-a-component-left-out", "seq-volumes-cover-components", ("instanceId",), ()),
    ("backup/copy-before-do-snapshot-set", "seq-copy-after-do", ("pbstrFilespec",), ()),
    ("backup/copy-before-do-snapshot-set", "seq-copy-after-do", ("lpExistingFileName",), ()),
    ("components/add-what-an-ancestor-stands-for", "add-component-selectability", ("ppInfo",), ()),
    ("components/writer-without-a-component-is-counted", "get-writer-components-count-meaning", ("writerId",), ()),
    ("metadata/disabled-class-is-listed", "seq-disable-class-all-instances", ("rgWriterClassId",), ()),
    ("metadata/disabled-class-is-listed", "seq-disable-class-all-instances", ("pidWriter",), ()),
    ("metadata/writer-without-identify-is-listed", "gather-metadata-identify-event", ("pidInstance",), ()),
    ("contexts/persistent-copy-in-the-default-context", "seq-setcontext-default", ("pProp",), ()),
    ("contexts/persistent-copy-in-the-default-context", "seq-setcontext-default", ("pidSnapshot",), ()),
    ("snapshots/system-provider-before-another", "add-to-set-default-provider", ("ProviderId",), ()),
    ("snapshots/system-provider-before-another", "add-to-set-default-provider", (), ("IsVolumeSupported",)),
    ("contexts/transportable-with-the-system-provider", "set-context-transportable-editions", ("ProviderId",), ()),
)
"""Case, rule, and the parameters or calls without which nothing can be said."""


@pytest.mark.parametrize(("case", "rule", "left_out", "calls"), _NEEDED)
def test_what_was_left_out_is_held_against_nobody(
    case: str, rule: str, left_out: tuple[str, ...], calls: tuple[str, ...]
) -> None:
    """With all of it recorded the rule is named; without a part that it needs there is no more than an information."""
    entries, header = _case(case)
    assert rule in _rules(entries, header.get("world"))
    entries, header = _without(case, *left_out, calls=calls)
    assert rule not in _rules(entries, header.get("world"))


@pytest.mark.parametrize(
    ("case", "rule"),
    [
        ("contexts/context-set-on-windows-xp", "set-context-xp"),
        ("contexts/transportable-on-a-client", "set-context-transportable-editions"),
        ("snapshots/share-before-windows-server-2012", "add-to-set-remote-share"),
    ],
)
def test_without_a_world_nothing_is_known_of_the_computer(case: str, rule: str) -> None:
    """The version of Windows stands in the header; a log without it may be of any."""
    entries, header = _case(case)
    assert rule in _rules(entries, header["world"])
    assert rule not in _rules(entries)
    assert rule not in _rules(entries, {"machines": [{"name": "one", "os": "Windows of another day"}]})
    assert rule not in _rules(
        entries, {"machines": [header["world"]["machines"][0], {"name": "two"}]} | {"machines": []}
    )


@pytest.mark.parametrize("volume", ["\\\\?\\Volume{12345678-0000-0000-0000-000000000000}\\", "C:\\mnt\\db\\"])
def test_a_volume_that_goes_by_another_name_may_be_any(volume: str) -> None:
    """A drive whose components are backed up may be mounted there as well (rule seq-volumes-cover-components)."""
    entries, _ = _case("snapshots/volume-of-a-component-left-out")
    for entry in entries:
        if str(entry.get("call")).endswith("AddToSnapshotSet"):
            entry["in"]["pwszVolumeName"] = volume
    assert not _rules(entries)


def test_a_file_set_that_demands_no_shadow_copy_may_be_copied_at_any_time() -> None:
    """Its mask says so, for the type of this backup (rules seq-copy-after-do, seq-volumes-cover-components)."""
    for case in ("backup/copy-before-do-snapshot-set", "snapshots/volume-of-a-component-left-out"):
        entries, _ = _case(case)
        for entry in entries:
            if "pdwTypeMask" in entry.get("out", {}):
                entry["out"]["pdwTypeMask"] = "VSS_FSBT_ALL_BACKUP_REQUIRED|VSS_FSBT_LOG_SNAPSHOT_REQUIRED"
        assert not _rules(entries)


def test_a_late_filter_tells_nothing_of_who_is_listed() -> None:
    """It has no effect, so that the writers it names may well be listed (rule disable-classes-before-gather)."""
    entries, _ = _case("metadata/disabled-class-is-listed")
    disable = entries.pop(2)
    assert _rules([*entries[:5], disable, *entries[5:]]) == {"seq-writer-filter-before-gather"}


def test_more_components_make_an_old_count_worthless() -> None:
    """The count of writers is that of the moment (rule get-writer-components-index)."""
    entries, _ = _case("components/index-beyond-the-count")
    more = call(
        "AddComponent", writerId=SNAPSHOT_ID, instanceId=SNAPSHOT_ID, wszLogicalPath="", wszComponentName="Mail"
    )
    entries[-2]["returns"] = "S_OK"
    assert not _rules([*entries[:-2], more, *entries[-2:]])


def test_what_is_remembered_of_metadata_is_bounded() -> None:
    """A log that reads writers without end makes the checker remember no more than so many of them."""
    found: list[Finding] = []
    checker = Checker(found.append)
    lines = backup_until("gather")
    instances = [f"{{{number:08x}-0000-0000-0000-000000000000}}" for number in range(FACTS + 100)]
    lines[4:4] = [{"event": "Identify", "instance": instance} for instance in instances]
    for number, instance in enumerate(instances):
        lines.append(call("GetWriterMetadata", iWriter=number, out={"pidInstance": instance, "ppMetadata": "m"}))
        lines.append(call(f"{_META}GetComponent", "m", iComponent=0, out={"ppComponent": "c"}))
        for turn in range(2):
            lines.append(call(f"{_COMPONENT}GetFile", "c", iFile=turn, out={"ppFiledesc": "f"}))
            lines.append(call(f"{_FILE}GetPath", "f", out={"pbstrPath": "C:\\db"}))
        lines.append(call("IsVolumeSupported", ProviderId=SET_ID, pwszVolumeName=f"{number}:\\", out=_SUPPORTED))
    checker.feed_block(b"\n".join([json.dumps(line).encode() for line in lines]), 1)
    (obj,) = (known for known in checker._history.handles.values() if isinstance(known, BackupObject))
    seen = obj.seen
    assert seen is not None
    assert len(seen.writers) <= FACTS
    assert sum(len(writer.components) for writer in seen.writers.values()) <= FACTS
    assert len(seen.identified) <= FEW
    assert len(seen.supporters) <= FEW
    assert not [finding for finding in found if finding.level is not Level.INFO]


_SUPPORTED = {"pbSupportedByThisProvider": True}


def test_an_operation_whose_result_was_asked_for_is_no_more_asked_about() -> None:
    """QueryStatus that still says pending was asking too (rule async-wait-then-query)."""
    asked = [
        *backup_until("add"),
        call("PrepareForBackup", out={"ppAsync": "p"}),
        call("IVssAsync::QueryStatus", "p", out={"pHrResult": "VSS_S_ASYNC_PENDING"}),
        call("IVssAsync::Wait", "p"),
        *asynchronous("DoSnapshotSet", "d"),
    ]
    assert not _rules(asked)
    del asked[-5]
    assert _rules(asked) == {"async-wait-then-query"}


def test_a_list_of_statuses_has_the_writers_of_its_time() -> None:
    """A filter that was set after it was gathered takes nobody out of it; gathered again, it keeps to the filter."""
    listed = [
        *backup_until("state"),
        *asynchronous("GatherWriterStatus"),
        call("EnableWriterClasses", rgWriterClassId=[SET_ID], cClassId=1),
    ]
    shown = call("GetWriterStatus", iWriter=0) | {"out": {"pidInstance": SNAPSHOT_ID, "pidWriter": SNAPSHOT_ID}}
    assert "enable-classes-exclusive" not in _rules([*listed, shown])
    assert "enable-classes-exclusive" in _rules([*listed, *asynchronous("GatherWriterStatus"), shown])
