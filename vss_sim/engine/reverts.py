"""A volume goes back to a shadow copy: who may ask for it, how long it takes, how it is watched.

A revert takes its time by the clock, whether anybody watches it or not; nothing cancels it, and it goes on after a
restart (rules revert-final, revert-status-no-cancel). The volume shows the copy from the beginning on.
Page: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-reverttosnapshot
"""

from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.desk import Desk
from vss_sim.engine.files import dismounted
from vss_sim.engine.stages import Begun, Ended
from vss_sim.engine.storage import settle_storage
from vss_sim.engine.volumes import choose_provider, find_volume, no_such_volume, provider_named, volume_place
from vss_sim.model.computer import Provider, Volume
from vss_sim.model.disks import Disks
from vss_sim.model.objects import AsyncObject, BackupObject, Handle
from vss_sim.model.values import GUID_NULL
from vss_sim.model.world import Revert, Snapshot
from vss_sim.spec.creation import ticks
from vss_sim.spec.enums import ProviderType
from vss_sim.spec.hresult import S_OK, HResult

Arguments = dict[str, Any]
Done = tuple[BackupObject, Answer]

_WATCHED: Final = "QueryRevertStatus"


def revert_to_snapshot(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The volume begins to go back to the shadow copy; one revert a volume, of persistent shadow copies only."""
    snapshot = desk.snapshots[arguments["SnapshotId"]]
    volume, refusal = _cannot_revert(desk, snapshot)
    refusal = refusal or _not_now(desk, snapshot, forced=arguments["bForceDismount"])
    if refusal is None and volume is not None:
        begun = Revert(volume.name, desk.clock + volume.revert_seconds, snapshot.snapshot_id)
        _note(desk, begun)
        desk.change_machine(disks=_gone_back(desk, snapshot))
        settle_storage(desk)
    return obj, refusal or OK


def _note(desk: Desk, revert: Revert) -> None:
    others = (one for one in desk.state.reverts if one.volume != revert.volume)
    desk.change_machine(reverts=(*others, revert))


def _gone_back(desk: Desk, snapshot: Snapshot) -> Disks:
    """The disks with the volume as the shadow copy shows it; dismounting it closed what was open on it."""
    disks, place = desk.state.disks, volume_place(desk, snapshot.volume)
    if place is None or snapshot.disk is None:
        return disks
    return dismounted(disks, place, snapshot.disk)


def _cannot_revert(desk: Desk, snapshot: Snapshot) -> tuple[Volume | None, Answer | None]:
    """The volume of a shadow copy, and why it can never be reverted to it."""
    volume = find_volume(desk, snapshot.volume)
    if not snapshot.attributes & bits.PERSISTENT:
        words = "the shadow copy is not persistent"
        return volume, no(HResult.VSS_E_UNSUPPORTED_CONTEXT, "revert-persistent-only", words)
    provider = provider_named(desk, snapshot.provider_id)
    if provider is None:
        words = "the provider of the shadow copy is not registered"
        return volume, no(HResult.VSS_E_PROVIDER_NOT_REGISTERED, "sn-prov-unknown", words)
    if provider.type is not ProviderType.SYSTEM:
        return volume, no(HResult.E_NOTIMPL, "sn-revert-unsupported", f"{provider.name} cannot revert")
    if volume is None or volume.drive_type != "fixed":
        words = f"{snapshot.volume} cannot be reverted"
        return volume, no(HResult.VSS_E_VOLUME_NOT_SUPPORTED, "sn-revert-unsupported", words)
    return volume, None


def _not_now(desk: Desk, snapshot: Snapshot, *, forced: bool) -> Answer | None:
    """Why the volume cannot be reverted as things are."""
    if _runs(desk, snapshot.volume):
        words = f"{snapshot.volume} is being reverted"
        return no(HResult.VSS_E_REVERT_IN_PROGRESS, "sn-revert-one-at-a-time", words)
    place = volume_place(desk, snapshot.volume)
    if not forced and any(key[0] == place for key in desk.state.disks.holds):
        words = f"{snapshot.volume} is in use and bForceDismount is FALSE"
        return no(HResult.VSS_E_VOLUME_IN_USE, "revert-volume-in-use", words)
    return None


def _last(desk: Desk, name: str) -> Revert | None:
    """The last revert of a volume, if there was one."""
    return next((one for one in desk.state.reverts if one.volume.casefold() == name.casefold()), None)


def _runs(desk: Desk, name: str) -> bool:
    """Whether a volume is being reverted; one that took no time is over when any has passed, unless it is watched."""
    last = _last(desk, name)
    if last is None:
        return False
    watching = (one for one in desk.objects.values() if isinstance(one, AsyncObject) and one.method == _WATCHED)
    watched = (one for one in watching if one.machine == desk.machine_index and one.end is None)
    return ticks(desk.clock) <= ticks(last.ends) or any(_watched(desk, one) == last.volume for one in watched)


def query_revert_status(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The revert of a volume; one that is over is found no more (rule obs-revert-already-done)."""
    volume = find_volume(desk, arguments["pwszVolume"] or "")
    if volume is None:
        return obj, no_such_volume(arguments["pwszVolume"])
    if _runs(desk, volume.name):
        return obj, OK
    refusal = _never_reverted(desk, volume) if _last(desk, volume.name) is None else None
    words = f"{volume.name} is not being reverted"
    return obj, refusal or no(HResult.VSS_E_OBJECT_NOT_FOUND, "obs-revert-already-done", words)


def _never_reverted(desk: Desk, volume: Volume) -> Answer | None:
    """Why no revert of the volume can ever be asked for: the volume, or the provider that makes its shadow copies.

    One that was reverted once is not asked so.
    """
    if volume.drive_type != "fixed":
        return no(HResult.VSS_E_VOLUME_NOT_SUPPORTED, "sn-revert-unsupported", f"{volume.name} cannot be reverted")
    provider = choose_provider(desk, volume, GUID_NULL, bits.CONTEXT_BACKUP)
    if isinstance(provider, Provider) and provider.type is not ProviderType.SYSTEM:
        return no(HResult.E_NOTIMPL, "sn-revert-unsupported", f"{provider.name} cannot revert")
    return None


def watch_revert(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """Somebody watches until the revert is over."""
    last = _last(desk, _watched(desk, operation))
    return Begun(obj, max(last.ends - desk.clock, 0.0) if last is not None else 0.0)


def reverted(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """Who watched a revert to its end has seen it: it is over from then on, and not from the next moment."""
    last = _last(desk, _watched(desk, operation))
    if last is not None and ticks(last.ends) <= ticks(desk.clock):
        _note(desk, replace(last, ends=-1.0))
    return Ended(obj, S_OK)


def _watched(desk: Desk, operation: AsyncObject) -> str:
    name: str = operation.argument[0]
    volume = find_volume(desk, name)
    return volume.name if volume is not None else name
