"""How a shadow copy set is broken: VSS forgets it, and its LUNs stay as volumes."""

from typing import Final

from msgspec.structs import replace

from vss_sim.engine.desk import Desk
from vss_sim.engine.hardware_steps import change
from vss_sim.engine.luns import leave_as_volume, mask
from vss_sim.engine.provider_failures import failure_for
from vss_sim.engine.stages import Begun
from vss_sim.engine.volumes import find_volume
from vss_sim.model.objects import AsyncObject, BackupObject, Handle, Why
from vss_sim.model.world import Snapshot
from vss_sim.spec.creation import ON_LUN_STATE_CHANGE, TO_MASK, TO_READ_WRITE
from vss_sim.spec.enums import HardwareOptions
from vss_sim.spec.hresult import HResult

_BREAK: Final = "IVssBackupComponentsEx2::BreakSnapshotSetEx"
_CHANGES: Final = {HardwareOptions.MASK_LUNS: TO_MASK, HardwareOptions.MAKE_READ_WRITE: TO_READ_WRITE}
"""What a provider hears of in a break; who masks a LUN does not make it writable (rule sn-breakex-mask-exclusive)."""


def break_up(desk: Desk, set_id: str, flags: HardwareOptions) -> None:
    """VSS knows the shadow copies of the set no more; their volumes stay (rule sn-break-forgets)."""
    for copy in _members(desk, set_id):
        desk.forget_snapshot(copy.snapshot_id)
        leave_as_volume(desk, copy, writable=bool(flags & HardwareOptions.MAKE_READ_WRITE))
        lun = desk.luns.get(copy.lun)
        if lun is not None and flags & HardwareOptions.REVERT_IDENTITY_ALL:
            desk.put_lun(lun.lun, replace(lun, identity=lun.copy_of))
        elif lun is not None and flags & HardwareOptions.MASK_LUNS:
            mask(desk, lun)


def _members(desk: Desk, set_id: str) -> list[Snapshot]:
    return [copy for copy in desk.local_snapshots() if copy.set_id == set_id and desk.sees(copy)]


def begin_break(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The set whose id the call named is about to be broken, and its provider hears what becomes of the LUNs.

    Unless the set went since the call was made, its provider fails, or an identity cannot be given back.
    """
    set_id, flags = operation.argument
    members = _members(desk, set_id)
    if not members:
        return _gone(obj, set_id)
    for copy in members:
        failure = failure_for(desk, copy.provider_id, _BREAK, copy.volume)
        if failure is not None:
            return Begun(obj, 0.0, failure.code, why=Why(rule=failure.rule, words=failure.words))
    if flags & HardwareOptions.REVERT_IDENTITY_ALL and any(_original_is_here(desk, one) for one in members):
        return Begun(obj, 0.0, HResult.VSS_E_BREAK_REVERT_ID_FAILED)
    what = next((change for option, change in _CHANGES.items() if flags & option), None)
    if what is None:
        return Begun(obj)
    slowest, failure = change(desk, members, what, _BREAK)
    if failure is None:
        return Begun(obj, slowest)
    why = Why(rule=failure.rule, words=f"{failure.words} at {ON_LUN_STATE_CHANGE}")
    return Begun(obj, slowest, why=why, fails=failure.code)


def break_set(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The set is broken, if it did not go meanwhile."""
    set_id, flags = operation.argument
    if not _members(desk, set_id):
        return _gone(obj, set_id)
    break_up(desk, set_id, HardwareOptions(flags))
    return Begun(obj, 0.0, HResult.S_OK)


def _gone(obj: BackupObject, set_id: str) -> Begun:
    gone = Why(rule="sn-break-forgets", words=f"the shadow copy set {set_id} went since the call was made")
    return Begun(obj, 0.0, HResult.VSS_E_OBJECT_NOT_FOUND, why=gone)


def _original_is_here(desk: Desk, copy: Snapshot) -> bool:
    """Whether the machine sees the LUN of which the copy was made (rule sn-breakex-revert-collision)."""
    lun = desk.luns.get(copy.lun)
    original = desk.luns.get(lun.copy_of) if lun is not None else None
    if original is not None:
        return desk.machine_index in original.seen_by
    return copy.originating_machine == desk.machine.name and find_volume(desk, copy.volume) is not None
