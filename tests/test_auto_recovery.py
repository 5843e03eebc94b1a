"""What writers change in a shadow copy in PostSnapshot is what it shows, and nothing changes it afterwards.

Pages: https://learn.microsoft.com/windows/win32/api/vswriter/nf-vswriter-cvsswriter-onpostsnapshot,
https://learn.microsoft.com/windows/win32/vss/excluding-files-from-shadow-copies
"""

from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import check
from tests.two_machines import ARRAY_PROVIDER, hardware
from tests.writers_at_work import Run, writer
from vss_sim.model.content import bytes_of
from vss_sim.model.disk import FileEntry
from vss_sim.model.world import Snapshot
from vss_sim.spec.enums import VolumeSnapshotAttributes
from vss_sim.spec.hresult import HResult
from vss_sim.spec.win32 import Win32Error

FILES: Final = {"C:\\data\\db": "open", "C:\\data\\big.cache": "x", "C:\\data\\in\\b.cache": "y", "C:\\other": "z"}
ASKS: Final = ["VSS_CF_BACKUP_RECOVERY"]
ROLLS_BACK: Final = {"on": "PostSnapshot", "writeInCopy": {"C:\\data\\db": "rolled back"}}
DELETES: Final = {
    "on": "PostSnapshot",
    "deleteInCopy": [{"path": "C:\\data", "filespec": "*.cache", "recursive": True}],
}


def _writer(*replies: dict[str, Any], flags: list[str] | None = None) -> dict[str, Any]:
    component = {"name": "sql data", "files": [{"path": "C:\\data", "filespec": "*"}], "componentFlags": flags or []}
    return writer("sql", *replies, components=[component])


def _run(
    *replies: dict[str, Any], flags: list[str] | None = None, context: str | None = None, **machine: Any
) -> tuple[Run, Snapshot]:
    volume = {"name": "C:\\", "files": {path: {"content": text} for path, text in FILES.items()}}
    run = Run(_writer(*replies, flags=flags), **{"volumes": [volume], **machine})
    run.prepare(components=["sql"], context=context)
    assert run.do("DoSnapshotSet") is HResult.VSS_S_ASYNC_FINISHED
    (copy,) = run.simulation.world.snapshots.values()
    return run, copy


def _shown(copy: Snapshot) -> dict[str, str]:
    """The files of a copy, by their paths."""
    assert copy.disk is not None
    return {
        f"{folder}\\{key}".lstrip("\\"): bytes_of(entry.content).decode()
        for folder, names in copy.disk.folders.items()
        for key, entry in names.items()
        if isinstance(entry, FileEntry)
    }


def _as_they_were() -> dict[str, str]:
    return {path[3:].upper(): text for path, text in FILES.items()}


def test_a_copy_shows_what_its_writer_recovered_and_not_what_it_deleted() -> None:
    """Rules wr-autorecover-in-postsnapshot, wr-exclude-from-snapshot; the volume itself is untouched."""
    run, copy = _run({**ROLLS_BACK, **DELETES}, flags=ASKS)
    assert _shown(copy) == {"DATA\\DB": "rolled back", "OTHER": "z"}
    live = run.simulation.call("ReadFile", None, {"lpFileName": "C:\\data\\db"})
    assert live.out["content"] == "open"
    assert run.answers("PostSnapshot") == [
        ("GetSnapshotDeviceName", "S_OK"),
        *[(name, "ERROR_SUCCESS") for name in ("WriteFile", "DeleteFile", "DeleteFile")],
    ]


@pytest.mark.parametrize(
    ("flags", "context", "recovers"),
    [
        ([], None, False),
        (ASKS, None, True),
        (["VSS_CF_APP_ROLLBACK_RECOVERY"], None, False),
        (["VSS_CF_APP_ROLLBACK_RECOVERY"], "VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_ROLLBACK_RECOVERY", True),
        (ASKS, "VSS_CTX_APP_ROLLBACK", True),
        (ASKS, "VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_NO_AUTORECOVERY", False),
    ],
)
def test_a_copy_tells_whether_writers_recover_it(flags: list[str], context: str | None, recovers: bool) -> None:
    """By the flags of the components in the backup and by the context (VSS_COMPONENT_FLAGS)."""
    asks_what_it_is = {"on": "PostSnapshot", "calls": [{"call": "CVssWriter::GetContext"}]}
    run, copy = _run(asks_what_it_is, flags=flags, context=context)
    assert bool(copy.attributes & VolumeSnapshotAttributes.AUTORECOVER) is recovers
    (told,) = [call.out["value"] for one in run.seen for call in one.calls]
    assert bool(told & VolumeSnapshotAttributes.AUTORECOVER) is recovers


def test_a_component_that_is_not_in_the_backup_asks_for_nothing() -> None:
    """Another writer's component was added alone."""
    run = Run(_writer(flags=ASKS), writer("web"))
    run.prepare(components=["web"])
    run.do("DoSnapshotSet")
    (copy,) = run.simulation.world.snapshots.values()
    assert not copy.attributes & VolumeSnapshotAttributes.AUTORECOVER


def test_without_auto_recovery_writers_change_nothing() -> None:
    """Rule sn-attr-no-autorecovery: read-only at once, for recovery and for the deletion of files alike."""
    context = "VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_NO_AUTORECOVERY"
    run, copy = _run({**ROLLS_BACK, **DELETES}, flags=ASKS, context=context)
    assert _shown(copy) == _as_they_were()
    refused = {code for name, code in run.answers("PostSnapshot") if name in ("WriteFile", "DeleteFile")}
    assert refused == {"ERROR_WRITE_PROTECT"}


@pytest.mark.parametrize("event", ["PrepareForSnapshot", "Freeze", "Thaw", "BackupComplete"])
def test_no_other_event_is_one_to_change_a_copy_in(event: str) -> None:
    """Rule get-device-name-postsnapshot: VSS gives the device of a copy in PostSnapshot alone."""
    run, copy = _run({**ROLLS_BACK, "on": event}, flags=ASKS)
    run.do("BackupComplete")
    assert _shown(copy) == _as_they_were()
    assert run.answers(event) == [("GetSnapshotDeviceName", "VSS_E_BAD_STATE")]


def test_a_volume_that_is_not_in_the_set_has_no_device() -> None:
    """Rule get-device-name-in-set."""
    volumes = [{"name": "C:\\", "files": {"C:\\data\\db": {"content": "open"}}}, {"name": "D:\\"}]
    run, _ = _run({"on": "PostSnapshot", "writeInCopy": {"D:\\x": "new"}}, volumes=volumes)
    assert run.answers("PostSnapshot") == [("GetSnapshotDeviceName", "VSS_E_OBJECT_NOT_FOUND")]


@pytest.mark.parametrize(
    ("system", "masks", "recovers"),
    [
        ("Windows Server 2003 SP1", True, False),
        ("Windows Server 2008", True, True),
        ("Windows Server 2022", False, False),
    ],
)
def test_a_transportable_copy_is_recovered_where_its_lun_is_masked_again(
    system: str, masks: bool, recovers: bool
) -> None:
    """VSS_COMPONENT_FLAGS: not before Windows Server 2008, and only by a provider that masks LUNs."""
    provider = hardware(lunMasking=masks)
    run, copy = _run(
        {**ROLLS_BACK, **DELETES},
        flags=ASKS,
        context="VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_TRANSPORTABLE",
        providers=[provider],
        os=system,
    )
    assert _shown(copy) == ({"DATA\\DB": "rolled back", "OTHER": "z"} if recovers else _as_they_were())
    assert copy.provider_id == ARRAY_PROVIDER
    assert run.simulation.world.luns[copy.lun].seen_by == frozenset()


def test_a_set_that_fails_after_its_recovery_leaves_nothing() -> None:
    """PostFinalCommitSnapshots comes last."""
    provider = {"name": "p", "type": "VSS_PROV_SOFTWARE"}
    failing = {**provider, "replies": [{"on": "PostFinalCommitSnapshots", "fails": "VSS_E_PROVIDER_VETO"}]}
    run = Run(_writer(ROLLS_BACK, flags=ASKS), providers=[failing])
    run.prepare(components=["sql"])
    assert run.do("DoSnapshotSet") is HResult.VSS_E_PROVIDER_VETO
    assert run.simulation.world.snapshots == {}


def test_what_a_writer_writes_to_a_copy_takes_room_in_its_storage_area() -> None:
    """The volume has the old content, so the copy keeps its own."""
    volume = {"name": "C:\\", "files": {"C:\\data\\db": {"content": "open"}}}
    area = {"volume": "C:\\", "on": "C:\\"}
    run, copy = _run(ROLLS_BACK, flags=ASKS, volumes=[volume], storageAreas=[area])
    assert run.simulation.world.machines[0].disks.volumes[0].saved == len("rolled back")
    assert _shown(copy) == {"DATA\\DB": "rolled back"}


def test_a_recording_of_a_recovery_is_one_that_the_checker_takes() -> None:
    """The writer's file calls stand in its handler, by its process; those of a requester would be warned of."""
    run, _ = _run({**ROLLS_BACK, **DELETES}, flags=ASKS)
    lines = list(run.simulation.lines())
    (event,) = [line for line in lines if line.get("event") == "PostSnapshot"]
    written = [line for line in lines if line.get("call") in ("WriteFile", "DeleteFile")]
    assert {line["process"] for line in written} == {event["process"]}
    found = {finding.rule for finding in check(lines).findings}
    assert "sn-read-only" not in found


CHANGES: Final = st.dictionaries(st.sampled_from([*FILES, "C:\\data\\new", "C:\\none\\x"]), st.text("abc", max_size=3))
CONTEXTS: Final = st.sampled_from(
    [
        None,
        "VSS_CTX_APP_ROLLBACK",
        "VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_NO_AUTORECOVERY",
        "VSS_CTX_APP_ROLLBACK|VSS_VOLSNAP_ATTR_ROLLBACK_RECOVERY",
    ]
)
LATER: Final = st.lists(
    st.tuples(st.sampled_from(["WriteFile", "DeleteFile"]), st.booleans(), st.sampled_from([*FILES, "C:\\data\\new"])),
    max_size=6,
)


@settings(max_examples=60, deadline=None)
@given(CHANGES, st.lists(st.sampled_from(["*", "*.cache", "db"]), max_size=2), CONTEXTS, LATER)
def test_nothing_changes_a_copy_after_post_snapshot(
    written: dict[str, str], deleted: list[str], context: str | None, later: list[tuple[str, bool, str]]
) -> None:
    """A naive model says what it shows; who writes later, to the volume or the copy, and a restart, change it not."""
    files = [{"path": "C:\\data", "filespec": spec, "recursive": True} for spec in deleted]
    reply = {"on": "PostSnapshot", "writeInCopy": written, "deleteInCopy": files}
    run, copy = _run(reply, context=context)
    expected = dict(_as_they_were())
    if context is None or "NO_AUTORECOVERY" not in context:
        expected |= {path[3:].upper(): text for path, text in written.items() if "none" not in path}
        gone = [path for path in expected for spec in deleted if _means(spec, path)]
        expected = {path: text for path, text in expected.items() if path not in gone}
    assert _shown(copy) == expected
    device = f"\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy{copy.number}\\"
    for name, to_the_copy, path in later:
        given_ = {"lpFileName": path.replace("C:\\", device) if to_the_copy else path}
        done = run.simulation.call(name, None, {**given_, **({"content": "late"} if name == "WriteFile" else {})})
        assert not to_the_copy or done.answer in (Win32Error.ERROR_WRITE_PROTECT, Win32Error.ERROR_FILE_NOT_FOUND)
    run.happen("reboot")
    now = run.simulation.world.snapshots.get(copy.snapshot_id)
    assert now is None or now.disk is copy.disk
    assert (now is None) is (context is None or "APP_ROLLBACK" not in context)


def _means(spec: str, path: str) -> bool:
    if not path.startswith("DATA\\"):
        return False
    name = path.rpartition("\\")[2]
    return {"*": True, "*.cache": name.endswith(".CACHE"), "db": name == "DB"}[spec]
