"""Computers on which something fails: what is left then, and what is not touched by it."""

from typing import Any

import pytest
from msgspec.structs import replace

from tests.answers import worlds as w
from tests.answers.played import Player
from tests.answers.ready import PREPARED, before
from tests.answers.recipes import with_answer
from vss_sim.engine.inputs import BadCall, NotThere
from vss_sim.engine.lifetimes import happens
from vss_sim.engine.paths import WAIT
from vss_sim.model.computer import SYSTEM_PROVIDER, Description, Machine, ProviderFailure, ShadowCopy, Volume
from vss_sim.model.values import GUID_NULL
from vss_sim.model.world import new_world
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import CREATE

_VOLUMES = (Volume(name="C:\\"), Volume(name="D:\\"), Volume(name="E:\\", virtual_disk_on="D:\\"))
_SET = "{11111111-0000-4000-8000-000000000009}"
_COPIES = tuple(
    ShadowCopy(
        snapshot_id=f"{{44444444-0000-4000-8000-{number:012x}}}",
        set_id=_SET,
        volume=volume.name,
        context="VSS_CTX_BACKUP",
    )
    for number, volume in enumerate(_VOLUMES)
)


def _player(world: Description, *calls: str) -> Player:
    player = Player(new_world(world))
    for call in calls:
        player.make(call)
    return player


def _on(machine: Machine) -> Player:
    return _player(Description(machines=(machine,)), CREATE, "InitializeForBackup")


def _failing(**failure: Any) -> Machine:
    provider = replace(SYSTEM_PROVIDER, failures=(ProviderFailure(**failure),))
    return Machine(volumes=_VOLUMES, providers=(provider,), snapshots=_COPIES)


def test_a_deletion_stops_at_the_first_copy_that_a_provider_keeps() -> None:
    """Rule delete-stops-at-first-error: how many are gone is told, and which one was not."""
    player = _on(_failing(to="DeleteSnapshots", volume="D:\\"))
    player.call("SetContext", {"lContext": "VSS_CTX_ALL"})
    whole = {"SourceObjectId": _SET, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT_SET"}
    done = player.call("DeleteSnapshots", whole)
    assert done.answer == HResult.VSS_E_PROVIDER_VETO
    assert done.refusal is not None
    assert done.out == {"plDeletedSnapshots": 1, "pNondeletedSnapshotID": _COPIES[1].snapshot_id}
    assert list(done.world.snapshots) == [copy.snapshot_id for copy in _COPIES[1:]]


def test_a_deletion_that_nobody_stops_takes_the_whole_set() -> None:
    """And no copy is named."""
    player = _on(_failing(to="Query"))
    player.call("SetContext", {"lContext": "VSS_CTX_ALL"})
    done = player.call("DeleteSnapshots", {"SourceObjectId": _SET, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT_SET"})
    assert done.answer == HResult.S_OK
    assert done.out == {"plDeletedSnapshots": 3, "pNondeletedSnapshotID": GUID_NULL}


def test_a_code_that_vss_does_not_know_is_turned_into_another() -> None:
    """Rule sn-prov-codes."""
    player = _on(_failing(to="AddToSnapshotSet", fails="VSS_E_REVERT_IN_PROGRESS"))
    player.make("StartSnapshotSet")
    refused = player.call("AddToSnapshotSet", {})
    assert refused.answer == HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR
    assert refused.refusal is not None
    assert refused.refusal.rule == "sn-prov-codes"


def test_a_commit_that_fails_gives_the_set_up() -> None:
    """The frozen writers get Abort, no shadow copy comes to be, and the backup cannot be completed."""
    world = w.providers_that_fail("DoSnapshotSet", "VSS_E_INSUFFICIENT_STORAGE")
    player = Player(new_world(world))
    for call in (CREATE, *PREPARED, "DoSnapshotSet"):
        player.make(call)
    kept = set(player.world.snapshots)
    done = player.call(WAIT, {})
    assert [event.name for event in done.events] == ["PrepareForSnapshot", "Freeze", "Abort"]
    assert player.result() == HResult.VSS_E_INSUFFICIENT_STORAGE
    assert set(player.world.snapshots) == kept
    assert player.call("BackupComplete", {}).answer == HResult.VSS_E_BAD_STATE


@pytest.mark.parametrize("first_and_second", [("D:\\", "E:\\"), ("E:\\", "D:\\")])
def test_a_virtual_disk_is_not_in_one_set_with_its_host(first_and_second: tuple[str, str]) -> None:
    """Rule sn-vol-nested-vhd, whichever comes first; before Windows Server 2008 R2 nobody looks."""
    for system, answer in (
        ("Windows Server 2022", HResult.VSS_E_NESTED_VOLUME_LIMIT),
        ("Windows Server 2008", HResult.S_OK),
    ):
        player = _on(Machine(volumes=_VOLUMES, os=system))
        player.make("StartSnapshotSet")
        first, second = first_and_second
        assert player.call("AddToSnapshotSet", {"pwszVolumeName": first}).answer == HResult.S_OK
        assert player.call("AddToSnapshotSet", {"pwszVolumeName": second}).answer == answer


def test_a_resync_without_checks_overwrites_what_lies_beside() -> None:
    """Rule sn-resync-unselected: unless checks were switched off."""
    player = _player(w.WORLDS["two volumes on a LUN"], *map(str, before("IVssBackupComponentsEx3::RecoverSet")))
    assert player.call("RecoverSet", {}).answer == HResult.VSS_E_UNSELECTED_VOLUME
    assert player.call("RecoverSet", {"dwFlags": "VSS_RECOVERY_NO_VOLUME_CHECK"}).answer == HResult.S_OK
    assert player.result() == HResult.VSS_S_ASYNC_FINISHED


def test_a_client_has_neither_hardware_providers_nor_reverts() -> None:
    """Rules sn-hw-server-only, revert-final."""
    client = Machine(os="Windows 11", volumes=_VOLUMES, snapshots=_COPIES)
    player = _on(replace(w.WORLDS["usual"].machines[0], os="Windows 11"))
    player.make("StartSnapshotSet")
    assert player.call("AddToSnapshotSet", {"ProviderId": w.HARDWARE}).answer == HResult.VSS_E_PROVIDER_NOT_REGISTERED
    with pytest.raises(NotThere, match="RevertToSnapshot is not on Windows 11"):
        _on(client).call("RevertToSnapshot", {"SnapshotId": _COPIES[0].snapshot_id})


def test_a_requester_that_drops_its_rights_keeps_what_it_has() -> None:
    """Rule sec-account: calls that ask for rights are refused, others go on; and rights may be taken up again."""
    player = Player(new_world(w.WORLDS["usual"]))
    player.make(CREATE)
    player.make({"happens": "account changes", "account": "guest", "groups": ["Users"]})
    assert player.call("InitializeForBackup", {}).answer == HResult.E_ACCESSDENIED
    player.make({"happens": "account changes", "account": "admin", "groups": ["Backup Operators"]})
    assert player.call("InitializeForBackup", {}).answer == HResult.S_OK
    with pytest.raises(BadCall, match="groups"):
        happens(player.world, "account changes", groups="Users")


def test_a_scripted_answer_that_no_page_names_says_so() -> None:
    """Rule ans-undocumented: any code may be scripted."""
    world = with_answer(w.WORLDS["usual"], to="SetBackupState", returns="VSS_E_MAXIMUM_DIFFAREA_ASSOCIATIONS_REACHED")
    done = _player(world, CREATE, "InitializeForBackup").call("SetBackupState", {})
    assert done.refusal is not None
    assert done.refusal.rule == "ans-undocumented"
