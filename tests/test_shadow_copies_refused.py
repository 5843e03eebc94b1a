"""What cannot be done with a shadow copy, or with a path; and the writer that fails before the freeze."""

import json
from typing import Any, Final

import pytest

from tests.requester_support import initialised
from tests.two_machines import listed
from vss_sim import (
    BackupComponents,
    BackupType,
    HardwareOptions,
    HResult,
    ObjectType,
    Simulation,
    SnapshotContext,
    SnapshotId,
    SnapshotSetId,
    VolumeSnapshotAttributes,
    VssError,
    WriterState,
    create_backup_components,
    is_volume_snapshotted,
    read_world,
)

_SET = SnapshotSetId("{22222222-0000-4000-8000-000000000001}")
_COPIES = {
    "persistent": "VSS_CTX_NAS_ROLLBACK",
    "passing": "VSS_CTX_FILE_SHARE_BACKUP",
    "client-accessible": "VSS_CTX_CLIENT_ACCESSIBLE",
    "exposed": "VSS_CTX_NAS_ROLLBACK",
    "shared": "VSS_CTX_FILE_SHARE_BACKUP",
}
_IDS = {name: SnapshotId(f"{{44444444-0000-4000-8000-{number:012x}}}") for number, name in enumerate(_COPIES, 1)}
_LOCALLY, _REMOTELY = VolumeSnapshotAttributes.EXPOSED_LOCALLY, VolumeSnapshotAttributes.EXPOSED_REMOTELY
_FIRST, _SECOND = "{5affb034-969f-4919-8875-88f830d0ef89}", "{5affb034-969f-4919-8875-88f830d0ef90}"


def _requester(**machine: Any) -> BackupComponents:
    copies = [{"snapshotId": _IDS[name], "setId": _SET, "context": context} for name, context in _COPIES.items()]
    described = {"snapshots": copies, "volumes": [{"name": "C:\\"}, {"name": "C:\\mount\\"}], **machine}
    requester = create_backup_components(Simulation(read_world(json.dumps({"machines": [described]}))))
    requester.initialize_for_backup()
    if "writers" not in machine:
        requester.set_context(SnapshotContext.ALL)
    return requester


_WAY_ON: Final = {
    "expose-place-form": "ExposeSnapshot(wszExpose: ",
    "expose-local-null-path": "ExposeSnapshot(wszPathFromRoot: NULL)",
    "expose-subpath-there": "a folder that the shadow copy has",
    "expose-hide-first": "UnexposeSnapshot",
}


@pytest.mark.parametrize(
    ("copy", "path", "attributes", "name", "rule"),
    [
        ("client-accessible", None, _REMOTELY, "share", "sn-expose-not-client-accessible"),
        ("passing", None, _LOCALLY, "X:", "sn-expose-local-persistent"),
        ("persistent", "folder", _LOCALLY, "X:", "expose-local-null-path"),
        ("persistent", "fold*", _REMOTELY, "share", "sn-expose-subpath-plain"),
        ("persistent", "%temp%", _REMOTELY, "share", "sn-expose-subpath-plain"),
        ("persistent", "\\none", _REMOTELY, "share", "expose-subpath-there"),
        ("persistent", "\\data\\a.txt", _REMOTELY, "share", "expose-subpath-there"),
        *(("persistent", None, _LOCALLY, name, "expose-place-form") for name in (None, "", "\\", "X", "9:", "X:a")),
        ("persistent", None, _LOCALLY, "\\\\server\\share", "expose-place-form"),
        *(("persistent", None, _REMOTELY, f"a{sign}b", "expose-share-name") for sign in '"\\/[]:|<>+=;,*?\t'),
        ("persistent", None, _REMOTELY, "s" * 81, "expose-share-name"),
        ("persistent", None, _REMOTELY, "", "expose-share-name"),
        ("persistent", None, _REMOTELY, "\\\\one\\share", "expose-share-name"),
        ("persistent", None, _LOCALLY, "C:", "sn-expose-name-free"),
        ("persistent", None, _LOCALLY, "e:\\", "sn-expose-name-free"),
        ("persistent", None, _REMOTELY, "E:\\", "expose-share-name"),
        ("persistent", None, _REMOTELY, "SHARE", "sn-expose-name-free"),
        ("exposed", None, _LOCALLY, "Y:", "expose-hide-first"),
    ],
)
def test_a_shadow_copy_that_cannot_be_exposed_so(
    copy: str, path: str | None, attributes: VolumeSnapshotAttributes, name: str | None, rule: str
) -> None:
    """Every refusal of ExposeSnapshot bears its rule, and nothing is exposed."""
    requester = _requester(volumes=[{"name": "C:\\", "files": {"C:\\data\\a.txt": {}}}])
    assert requester.expose_snapshot(_IDS["exposed"], None, _LOCALLY, "E:\\") == "E:"
    assert requester.expose_snapshot(_IDS["shared"], "\\data", _REMOTELY, "Share") == "Share"
    with pytest.raises(VssError) as refused:
        requester.expose_snapshot(_IDS[copy], path, attributes, name)
    assert (refused.value.hresult, refused.value.rule) == (HResult.E_INVALIDARG, rule)
    way_on = _WAY_ON.get(rule)
    assert way_on is None or way_on in (refused.value.mends or refused.value.instead[0])
    if copy == "exposed":
        return
    with pytest.raises(VssError) as refused:
        requester.unexpose_snapshot(_IDS[copy])
    assert refused.value.rule == "unexpose-must-be-exposed"


@pytest.mark.parametrize(("first", "second"), [("C:\\empty\\", "c:\\empty"), ("C:\\empty", "C:\\empty\\")])
def test_a_folder_in_use_is_the_same_with_a_backslash(first: str, second: str) -> None:
    """Rule sn-expose-name-free: the copy of an empty volume looks like an empty folder, and is none."""
    requester = _requester(volumes=[{"name": "C:\\", "files": {"C:\\empty\\": {}}}, {"name": "C:\\mount\\"}])
    requester.expose_snapshot(_IDS["exposed"], None, _LOCALLY, first)
    with pytest.raises(VssError, match="in use") as refused:
        requester.expose_snapshot(_IDS["persistent"], None, _LOCALLY, second)
    assert refused.value.rule == "sn-expose-name-free"


def test_the_letter_of_a_mount_point_is_in_use() -> None:
    """Rule sn-expose-name-free: a volume has more names than its first."""
    requester = _requester(volumes=[{"name": "C:\\"}, {"name": "D:\\", "mountPoints": ["M:\\"]}])
    with pytest.raises(VssError, match="in use") as refused:
        requester.expose_snapshot(_IDS["persistent"], None, _LOCALLY, "m:")
    assert refused.value.rule == "sn-expose-name-free"


@pytest.mark.parametrize(("attributes", "name"), [(_LOCALLY, "Y:"), (_REMOTELY, "share"), (_REMOTELY, None)])
def test_a_copy_that_is_exposed_is_hidden_before_it_is_exposed_anew(
    attributes: VolumeSnapshotAttributes, name: str | None
) -> None:
    """Rule expose-hide-first."""
    requester, copy = _requester(), _IDS["persistent"]
    requester.expose_snapshot(copy, None, _LOCALLY, "X:")
    with pytest.raises(VssError, match="UnexposeSnapshot hides it"):
        requester.expose_snapshot(copy, None, attributes, name)
    assert requester.get_snapshot_properties(copy).exposed_name == "X:"
    requester.unexpose_snapshot(copy)
    assert requester.expose_snapshot(copy, None, attributes, name) == name or name is None


@pytest.mark.parametrize(
    ("name", "path", "shown"),
    [
        ("x:", None, "x:"),
        ("X:\\", None, "X:"),
        ("C:\\empty", None, "C:\\empty"),
        ("C:\\empty\\", None, "C:\\empty"),
        ("s" * 80, "data", "s" * 80),
        ("Übersicht $ (1)", "\\data\\", "Übersicht $ (1)"),
    ],
)
def test_the_name_of_an_exposure_has_the_form_that_its_page_gives(name: str, path: str | None, shown: str) -> None:
    """A share name, a drive letter followed by a colon, or a mounted folder; the path is kept as it was given."""
    files = {"C:\\empty\\": {}, "C:\\data\\a.txt": {"content": "x"}}
    requester, copy = _requester(volumes=[{"name": "C:\\", "files": files}]), _IDS["persistent"]
    how = _LOCALLY if path is None else _REMOTELY
    assert requester.expose_snapshot(copy, path, how, name) == shown
    found = requester.get_snapshot_properties(copy)
    assert (found.exposed_name, found.exposed_path) == (shown, path)


def test_nothing_is_exposed_inside_a_shadow_copy() -> None:
    """It is read-only (rule sn-read-only), and so are its empty folders."""
    requester = _requester(volumes=[{"name": "C:\\", "files": {"C:\\empty\\": {}}}])
    requester.expose_snapshot(_IDS["exposed"], None, _LOCALLY, "X:")
    with pytest.raises(VssError, match="no empty folder") as refused:
        requester.expose_snapshot(_IDS["persistent"], None, _LOCALLY, "X:\\empty")
    assert refused.value.rule == "sn-expose-name-free"


@pytest.mark.parametrize("later", ["PostSnapshot", "Thaw"])
def test_a_copy_is_none_before_its_set_is_completed(later: str) -> None:
    """Rules query-completed-only, get-props-not-during-creation: nobody lists, reads, deletes or exposes it yet.

    The volume has one all the same (rule is-snapshotted-from-commit).
    """
    slow = {"name": "A", "writerId": _FIRST, "replies": [{"on": later, "seconds": 9}]}
    requester = _requester(writers=[slow], snapshots=[])
    requester.set_context(SnapshotContext.APP_ROLLBACK)
    requester.set_backup_state(False, False, BackupType.FULL, False)
    requester.gather_writer_metadata().finish()
    whole = requester.start_snapshot_set()
    copy = requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().finish()
    simulation = requester.origin.simulation
    assert not is_volume_snapshotted(simulation, "C:\\").snapshots_present
    creating = requester.do_snapshot_set()
    creating.wait(5000)
    other = initialised(simulation)
    other.set_context(SnapshotContext.ALL)
    refused = (
        lambda: other.get_snapshot_properties(copy),
        lambda: requester.get_snapshot_properties(copy),
        lambda: other.delete_snapshots(whole, ObjectType.SNAPSHOT_SET, force_delete=True),
        lambda: other.expose_snapshot(copy, None, _LOCALLY, "X:"),
        lambda: other.revert_to_snapshot(copy, force_dismount=True),
        lambda: other.break_snapshot_set(whole),
    )
    assert listed(other) == []
    for call in refused:
        with pytest.raises(VssError) as found:
            call()
        assert found.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND
    assert is_volume_snapshotted(simulation, "C:\\").snapshots_present  # from its commit on it exists
    creating.finish()
    assert listed(other) == [copy]


def test_a_share_without_a_name_gets_one() -> None:
    """Rule expose-null-name-remote; hidden again, the name is free."""
    requester = _requester()
    share = requester.expose_snapshot(_IDS["persistent"], None, _REMOTELY, None)
    assert share
    requester.unexpose_snapshot(_IDS["persistent"])
    assert requester.expose_snapshot(_IDS["passing"], None, _REMOTELY, share) == share


def test_a_software_providers_set_is_not_broken() -> None:
    """Rule sn-break-hardware-only, whatever else is wrong; flags that are no requester's are looked at before."""
    requester = _requester()
    with pytest.raises(VssError) as refused:
        requester.break_snapshot_set(_SET)
    assert (refused.value.hresult, refused.value.rule) == (HResult.VSS_E_PROVIDER_VETO, "sn-break-hardware-only")
    for flags, rule in (
        (HardwareOptions.MASK_LUNS | HardwareOptions.MAKE_READ_WRITE, "sn-breakex-mask-exclusive"),
        (HardwareOptions.REVERT_IDENTITY_ALL | HardwareOptions.REVERT_IDENTITY_NONE, "sn-breakex-revert-exclusive"),
        (HardwareOptions.ONLUNSTATECHANGE_NOTIFY_READ_WRITE, "sn-breakex-flags-of-providers"),
        (HardwareOptions.ONLUNSTATECHANGE_NOTIFY_LUN_PRE_RECOVERY, "sn-breakex-flags-of-providers"),
        (HardwareOptions.ONLUNSTATECHANGE_NOTIFY_LUN_POST_RECOVERY, "sn-breakex-flags-of-providers"),
        (HardwareOptions.ONLUNSTATECHANGE_DO_MASK_LUNS, "sn-breakex-flags-of-providers"),
    ):
        with pytest.raises(VssError) as refused:
            requester.break_snapshot_set(_SET, break_flags=flags)
        assert (refused.value.hresult, refused.value.rule) == (HResult.E_INVALIDARG, rule)
        assert refused.value.instead[0].startswith("IVssBackupComponentsEx2::BreakSnapshotSetEx(dwBreakFlags: ")


@pytest.mark.parametrize(
    ("path", "root"),
    [
        ("C:\\folder\\file", "C:\\"),
        ("c:\\mount\\file", "C:\\mount\\"),
        ("\\\\server\\share\\folder", "\\\\server\\share\\"),
        ("\\\\server", None),
        ("\\\\server\\", None),
        ("Q:\\file", None),
    ],
)
def test_the_root_of_a_path_is_its_volume_or_share(path: str, root: str | None) -> None:
    """A share's root is the share; a path that is on neither is no valid argument (rule ans-invalid-argument)."""
    requester = _requester()
    if root is not None:
        assert requester.get_root_and_logical_prefix_paths(path).root_path == root
        return
    with pytest.raises(VssError) as refused:
        requester.get_root_and_logical_prefix_paths(path)
    assert refused.value.hresult is HResult.E_INVALIDARG


def test_a_writer_that_fails_prepare_for_snapshot_is_aborted_alone() -> None:
    """It hears of no Freeze, the others go on, and its status tells (rule obs-failed-prepare-snapshot-aborts)."""
    failing = [{"on": "PrepareForSnapshot", "fails": "VSS_E_WRITERERROR_NONRETRYABLE"}]
    writers = [{"name": "A", "writerId": _FIRST, "replies": failing}, {"name": "B", "writerId": _SECOND}]
    requester = _requester(writers=writers)
    requester.set_backup_state(False, False, BackupType.FULL)
    requester.gather_writer_metadata().finish()
    requester.start_snapshot_set()
    requester.add_to_snapshot_set("C:\\")
    requester.prepare_for_backup().finish()
    requester.do_snapshot_set().finish()
    heard: dict[str, list[str]] = {_FIRST: [], _SECOND: []}
    for line in requester.origin.simulation.lines():
        if "event" in line:
            heard[line["writer"]].append(line["event"])
    assert heard[_FIRST][-2:] == ["PrepareForSnapshot", "Abort"]
    assert heard[_SECOND][-4:] == ["PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot"]
    requester.gather_writer_status().finish()
    status = requester.get_writer_status(0)
    assert status.state is WriterState.FAILED_AT_PREPARE_SNAPSHOT
    assert status.failure is HResult.VSS_E_WRITERERROR_NONRETRYABLE


def test_flags_that_do_not_go_together_are_told_by_their_names() -> None:
    """Not by a number that nobody knows (rules expose-attributes, sn-breakex-mask-exclusive)."""
    requester, copy = _requester(), _IDS["persistent"]
    with pytest.raises(VssError, match=r"lAttributes is VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY\|VSS_VOLSNAP_ATTR_EXP"):
        requester.expose_snapshot(copy, None, _LOCALLY | _REMOTELY, "X:")
