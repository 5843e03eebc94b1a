"""ImportSnapshots: the transportable shadow copies of a loaded document come to this machine, stage by stage.

The provider makes the LUNs visible, VSS looks for them and takes the copies on. Where that fails, the LUNs stay as they
are: it is for the requester to clean them up (rule im-failure-no-cleanup).
Page: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-importsnapshots
"""

from functools import partial
from typing import Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.desk import Desk
from vss_sim.engine.luns import reaches, show
from vss_sim.engine.provider_failures import ask_all, failure_for
from vss_sim.engine.stages import Begun, Ended, Stage
from vss_sim.engine.volumes import provider_named, providers_named
from vss_sim.model.computer import Machine
from vss_sim.model.document import SnapshotRecord
from vss_sim.model.objects import AsyncObject, BackupObject, Handle
from vss_sim.spec.enums import ProviderType
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import DYNAMIC_HERE, FILL_IN_LUN_INFO, IN_THE_CLUSTER, LOCATE_LUNS, NOT_TRANSPORTABLE
from vss_sim.spec.systems import Generation, system_named

_IMPORT: Final = "IVssBackupComponents::ImportSnapshots"


def _locate(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The LUNs of the set become visible, volume by volume, as far as the provider comes."""
    refusal = _cannot_import(desk, obj.document.snapshots)
    if refusal is not None:
        return Begun(obj, 0.0, refusal)
    for record in _waiting(desk, obj):
        failure = failure_for(desk, record.provider_id, _IMPORT, record.original_volume)
        if failure is not None:
            return Begun(obj, 0.0, failure.code)
        show(desk, desk.luns[desk.snapshots[record.snapshot_id].lun])
    return _ask(LOCATE_LUNS, desk, handle, obj, operation)


def _ask(name: str, desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The providers of the set take a step of the import, at the same time."""
    asked = providers_named(desk, (record.provider_id for record in _waiting(desk, obj)))
    slowest, failed = ask_all(desk, asked, name, _IMPORT)
    if failed is not None and not slowest:
        return Begun(obj, 0.0, failed)
    return Begun(replace(obj, failing=failed.name if failed is not None else ""), slowest)


def _answered(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """The providers have answered."""
    if obj.failing:
        return Ended(replace(obj, failing=""), HResult[obj.failing])
    return Ended(obj)


def _take_on(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """All, some or none of the shadow copies of the document are this machine's from now on."""
    found = [record for record in _waiting(desk, obj) if _is_seen(desk, record)]
    for record in found:
        snapshot = desk.snapshots[record.snapshot_id]
        desk.put_snapshot(
            replace(
                snapshot,
                machine=desk.machine_index,
                attributes=snapshot.attributes & ~bits.NOT_SURFACED | bits.IMPORTED,
                importer=None if snapshot.attributes & bits.NO_AUTO_RELEASE else handle,
            )
        )
    if not found:
        return Begun(obj, 0.0, HResult.VSS_E_NO_SNAPSHOTS_IMPORTED)
    if len(found) < len(obj.document.snapshots):
        return Begun(obj, 0.0, HResult.VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED)
    return Begun(obj, 0.0, HResult.S_OK)


IMPORT_STAGES: Final = (
    Stage(_locate, _answered, LOCATE_LUNS),
    Stage(partial(_ask, FILL_IN_LUN_INFO), _answered, FILL_IN_LUN_INFO),
    Stage(_take_on),
)
"""ImportSnapshots from its first stage to its last."""


def leave_luns_behind(desk: Desk, obj: BackupObject) -> None:
    """What an import that came to nothing has made visible stays on this machine (dispute C39)."""
    for record in _waiting(desk, obj):
        show(desk, desk.luns[desk.snapshots[record.snapshot_id].lun])


def _cannot_import(desk: Desk, records: tuple[SnapshotRecord, ...]) -> HResult | None:
    """Why nothing of the document can be imported here, before a LUN is touched."""
    if records and not any(record.attributes & bits.TRANSPORTABLE for record in records):
        return HResult[NOT_TRANSPORTABLE]
    if any(_collides(desk, record) for record in records):
        return HResult[IN_THE_CLUSTER]
    dynamic = any(_is_dynamic_here(desk, record) for record in records)
    return HResult[DYNAMIC_HERE] if dynamic and desk.system.generation < Generation.VISTA else None


def _collides(desk: Desk, record: SnapshotRecord) -> bool:
    """Whether the original volume is mounted in the cluster whose node this is (rule im-cluster-outside)."""
    cluster = desk.machine.cluster
    maker = _maker(desk, record)
    if cluster is None or maker is None or maker.cluster != cluster:
        return False
    original = next((one for one in maker.volumes if one.name == record.original_volume), None)
    lun = desk.luns.get(original.lun) if original is not None and original.lun is not None else None
    nodes = {place for place, one in enumerate(desk.world.description.machines) if one.cluster == cluster}
    return original is not None and (lun is None or bool(lun.seen_by & nodes))


def _maker(desk: Desk, record: SnapshotRecord) -> Machine | None:
    machines = desk.world.description.machines
    return next((one for one in machines if one.name == record.originating_machine), None)


def _is_dynamic_here(desk: Desk, record: SnapshotRecord) -> bool:
    here = record.originating_machine == desk.machine.name
    return here and any(one.dynamic and one.name == record.original_volume for one in desk.machine.volumes)


def _waiting(desk: Desk, obj: BackupObject) -> list[SnapshotRecord]:
    """The shadow copies of the document that the storage holds and a hardware provider here can find."""
    return [record for record in obj.document.snapshots if _can_come(desk, record)]


def _is_seen(desk: Desk, record: SnapshotRecord) -> bool:
    """Whether the LUN is visible here: somebody may have masked it since the provider located it."""
    return desk.machine_index in desk.luns[desk.snapshots[record.snapshot_id].lun].seen_by


def _can_come(desk: Desk, record: SnapshotRecord) -> bool:
    snapshot = desk.snapshots.get(record.snapshot_id)
    if snapshot is None or not snapshot.attributes & bits.NOT_SURFACED or _is_older(desk, record):
        return False
    provider = provider_named(desk, record.provider_id)
    lun = desk.luns.get(snapshot.lun)
    if provider is None or provider.type is not ProviderType.HARDWARE or lun is None:
        return False
    return bool(record.attributes & bits.TRANSPORTABLE) and reaches(desk, lun)


def _is_older(desk: Desk, record: SnapshotRecord) -> bool:
    """Whether one of the two machines is of Windows Server 2003 and the other is not (rule im-version-mix)."""
    maker = _maker(desk, record)
    if maker is None:
        return False
    old = [one.generation < Generation.VISTA for one in (system_named(maker.os), desk.system)]
    return old[0] is not old[1]
