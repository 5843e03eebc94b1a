r"""Shadow copies of file shares: by the name of a server, from Windows 8 and Windows Server 2012 on.

Pages: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-addtosnapshotset,
https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponentsex4-getrootandlogicalprefixpaths
"""

from typing import Any, Final

import pytest

from tests.requester_support import initialised, simulation
from tests.two_machines import SYSTEM
from vss_sim import (
    BackupComponents,
    BackupType,
    HResult,
    NotSimulated,
    ObjectType,
    ProviderType,
    Simulation,
    SnapshotContext,
    SnapshotId,
    VolumeSnapshotAttributes,
    VssError,
    create_backup_components,
)
from vss_sim.spec.win32 import Win32Error

SHARE: Final = "\\\\files.example.com\\data\\"
SHORT: Final = "\\\\files\\data\\"
PROVIDER: Final = {"name": "File share provider", "type": "VSS_PROV_FILESHARE"}
VOLUMES: Final = [{"name": "C:\\"}, {"name": SHARE, "files": {f"{SHARE}a.txt": {"content": "as it was"}}}]


def _server(**more: Any) -> Simulation:
    return simulation({"machines": [{"name": "one", "volumes": VOLUMES, "providers": [PROVIDER, SYSTEM], **more}]})


def _with_a_set(computer: Simulation, context: SnapshotContext = SnapshotContext.FILE_SHARE_BACKUP) -> BackupComponents:
    requester = initialised(computer)
    requester.set_context(context)
    requester.start_snapshot_set()
    return requester


def _copied(computer: Simulation, name: str = SHARE) -> tuple[BackupComponents, SnapshotId]:
    requester = _with_a_set(computer)
    copy = requester.add_to_snapshot_set(name)
    requester.do_snapshot_set().finish()
    return requester, copy


@pytest.mark.parametrize("name", [SHARE, SHORT, SHARE.upper()])
def test_a_copy_of_a_share_shows_it_as_it_was(name: str) -> None:
    """By the host name of its server or with the domain; it is read by its device object, and is read-only."""
    computer = _server()
    requester, copy = _copied(computer, name)
    told = requester.get_snapshot_properties(copy)
    assert told.snapshot_attributes & VolumeSnapshotAttributes.FILE_SHARE
    assert told.original_volume_name == SHARE
    computer.call("WriteFile", None, {"lpFileName": f"{SHARE}a.txt", "content": "new"})
    path = f"{told.snapshot_device_object}\\a.txt"
    assert computer.call("ReadFile", None, {"lpFileName": path}).out["content"] == "as it was"
    refused = computer.call("WriteFile", None, {"lpFileName": path, "content": "new"})
    assert refused.answer == Win32Error.ERROR_WRITE_PROTECT
    requester.release()
    assert computer.world.snapshots == {}


def test_the_file_share_provider_makes_no_copies_of_volumes_and_no_other_those_of_shares() -> None:
    """Rule add-to-set-default-provider: each volume and share gets the provider that supports it."""
    computer = _server()
    requester = _with_a_set(computer)
    of_share, of_volume = (requester.add_to_snapshot_set(name) for name in (SHARE, "C:\\"))
    requester.do_snapshot_set().finish()
    with requester.query(None, ObjectType.NONE, ObjectType.PROVIDER).objects as found:
        kinds = {one.provider_id: one.provider_type for one in found.next(9).objects}  # type: ignore[union-attr]
    made_by = [kinds[requester.get_snapshot_properties(copy).provider_id] for copy in (of_share, of_volume)]
    assert made_by == [ProviderType.FILESHARE, ProviderType.SYSTEM]


@pytest.mark.parametrize(
    ("machine", "name", "answer"),
    [
        ({"providers": [SYSTEM]}, SHARE, HResult.VSS_E_VOLUME_NOT_SUPPORTED),
        ({"os": "Windows Server 2008 R2"}, SHARE, HResult.VSS_E_VOLUME_NOT_SUPPORTED),
        ({}, "\\\\files.example.com\\other\\", HResult.VSS_E_OBJECT_NOT_FOUND),
        ({}, "\\\\files.example.org\\data\\", HResult.VSS_E_OBJECT_NOT_FOUND),
        ({}, SHARE.rstrip("\\"), HResult.VSS_E_OBJECT_NOT_FOUND),
    ],
)
def test_a_share_that_cannot_be_copied(machine: dict[str, Any], name: str, answer: HResult) -> None:
    """No provider for it, a Windows without them, no such share, no backslash at the end."""
    with pytest.raises(VssError) as refused:
        _with_a_set(_server(**machine)).add_to_snapshot_set(name)
    assert refused.value.hresult is answer


def test_a_share_by_the_address_of_its_server_is_refused_for_that() -> None:
    """Rule add-to-set-unc-hostname: the refusal says what is wrong with the path, not that there is no such volume."""
    for address in ("192.0.2.7", "fe80--1.ipv6-literal.net"):
        with pytest.raises(VssError, match="host name") as refused:
            _with_a_set(_server()).add_to_snapshot_set(f"\\\\{address}\\data\\")
        assert (refused.value.hresult, refused.value.rule) == (
            HResult.VSS_E_OBJECT_NOT_FOUND,
            "add-to-set-unc-hostname",
        )


def test_whether_a_share_is_supported() -> None:
    """`IsVolumeSupported` takes the path of a share as well."""
    assert initialised(_server()).is_volume_supported(None, SHARE)
    assert not initialised(_server(providers=[SYSTEM])).is_volume_supported(None, SHARE)


def test_a_path_on_a_share_is_made_fit_for_a_set() -> None:
    """The root in one form of the server's name or the other; the prefix is the share itself."""
    requester = initialised(_server())
    for path in (f"{SHARE}folder\\a.txt", f"{SHORT}folder"):
        short = requester.get_root_and_logical_prefix_paths(path)
        full = requester.get_root_and_logical_prefix_paths(path, normalize_fqdn=True)
        assert (short.root_path, full.root_path) == (SHORT, SHARE)
        assert short.logical_prefix == full.logical_prefix == SHARE
    with pytest.raises(NotSimulated, match="by the address"):
        requester.get_root_and_logical_prefix_paths("\\\\192.0.2.7\\data\\a.txt")
    with pytest.raises(NotSimulated, match="domain"):
        requester.get_root_and_logical_prefix_paths("\\\\elsewhere\\data\\", normalize_fqdn=True)


def test_what_no_page_says_of_copies_of_shares_is_not_simulated() -> None:
    """They are exposed by nobody here; they are not broken, and no volume is reverted to them."""
    computer = _server()
    requester, copy = _copied(computer)
    with pytest.raises(NotSimulated, match="file share"):
        requester.expose_snapshot(copy, None, VolumeSnapshotAttributes.EXPOSED_REMOTELY, "share")
    set_id = requester.get_snapshot_properties(copy).snapshot_set_id
    with create_backup_components(computer) as other:
        other.initialize_for_backup()
        other.set_context(SnapshotContext.ALL)
        with pytest.raises(VssError) as refused:
            other.break_snapshot_set(set_id)
    assert refused.value.hresult is HResult.VSS_E_PROVIDER_VETO


@pytest.mark.parametrize("path", [f"{SHARE}a.txt", f"{SHORT}a.txt", f"{SHORT}no such folder\\b.txt"])
def test_a_writer_learns_that_a_path_on_the_share_is_in_the_set(path: str) -> None:
    """Page of CVssWriter::IsPathAffected: since Windows 8 and Windows Server 2012 the path may be that of a share."""
    asked = {"on": "PrepareForSnapshot", "calls": [{"call": "CVssWriter::IsPathAffected", "in": {"wszPath": path}}]}
    notes = {"name": "Notes", "writerId": "{33333333-0000-4000-8000-000000000001}", "replies": [asked]}
    computer = _server(writers=[notes])
    requester = initialised(computer)
    requester.set_backup_state(False, False, partial_file_support=False, backup_type=BackupType.FULL)
    requester.gather_writer_metadata().finish()
    requester.start_snapshot_set()
    requester.add_to_snapshot_set(SHARE)
    requester.prepare_for_backup().finish()
    requester.do_snapshot_set().finish()
    told = [line["out"]["value"] for line in computer.lines() if line.get("call") == "CVssWriter::IsPathAffected"]
    assert told == [True]


def _machines(first: dict[str, Any], second: dict[str, Any], **more: Any) -> Simulation:
    """Two machines with one volume each beside C:, whose names may differ."""
    volumes = {"one": first, "two": second}
    described = [
        {"name": name, "volumes": [{"name": "C:\\"}, volume], "providers": [PROVIDER, SYSTEM], **more}
        for name, volume in volumes.items()
    ]
    return simulation({"machines": described})


def _csv(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "fileSystem": "CSVFS", "lun": "shared", **more}


@pytest.mark.parametrize(
    ("first", "second", "cluster", "refused"),
    [
        ({"name": "\\\\srv\\s\\"}, {"name": "\\\\SRV.dom.example\\s\\"}, None, True),
        ({"name": "\\\\srv\\s\\"}, {"name": "\\\\srv\\t\\"}, None, False),
        (_csv("C:\\ClusterStorage\\Volume1\\"), _csv("C:\\ClusterStorage\\V\\"), "K", True),
        (_csv("C:\\ClusterStorage\\V\\"), _csv("C:\\ClusterStorage\\V\\", lun="other"), "K", False),
        (_csv("E:\\", fileSystem="NTFS"), _csv("F:\\", fileSystem="NTFS"), "K", False),
        (_csv("C:\\ClusterStorage\\V\\"), _csv("C:\\ClusterStorage\\V\\"), None, False),
    ],
)
def test_one_machine_at_a_time_adds_what_they_share(
    first: dict[str, Any], second: dict[str, Any], cluster: str | None, refused: bool
) -> None:
    """Rule ans-set-in-progress-elsewhere: a clustered volume from two nodes, a share from two clients."""
    both = _machines(first, second, **({"cluster": cluster} if cluster else {}))
    one, two = initialised(both, machine="one"), initialised(both, machine="two")
    for requester in (one, two):
        requester.set_context(SnapshotContext.FILE_SHARE_BACKUP)
        requester.start_snapshot_set()
    one.add_to_snapshot_set(first["name"])
    if refused:
        with pytest.raises(VssError) as found:
            two.add_to_snapshot_set(second["name"])
        assert found.value.hresult is HResult.VSS_E_SNAPSHOT_SET_IN_PROGRESS
        one.do_snapshot_set().finish()
    assert two.add_to_snapshot_set(second["name"])
