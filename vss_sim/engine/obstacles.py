"""What keeps the shadow copies of a document from a machine: their set, where they are now, systems, providers, LUNs.

VSS finds a copy by the LUNs of which the document tells; what of a hand-changed document fits no copy or no LUN is
noticed by that, and nothing else is (rule im-doc-unmodified).
Page: https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from typing import NamedTuple

from vss_sim.engine import bits
from vss_sim.engine.desk import Desk
from vss_sim.engine.luns import reaches
from vss_sim.engine.volumes import provider_named
from vss_sim.model.computer import Machine
from vss_sim.model.document import SnapshotRecord
from vss_sim.model.objects import BackupObject
from vss_sim.model.values import GUID_NULL
from vss_sim.model.world import Snapshot
from vss_sim.spec import importing
from vss_sim.spec.enums import ProviderType
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import Obstacle
from vss_sim.spec.systems import is_of_server_2003, system_named


class Barrier(NamedTuple):
    """Why nothing of a document can be imported: what the import comes to, and the copies that it is because of."""

    code: HResult
    obstacle: Obstacle
    copies: tuple[SnapshotRecord, ...] = ()


def of_the_set(desk: Desk, records: tuple[SnapshotRecord, ...]) -> Barrier | None:
    """Why nothing of a document can be imported here, before a LUN is touched."""
    if not records:
        return Barrier(HResult.VSS_E_NO_SNAPSHOTS_IMPORTED, importing.NOTHING_IN_DOCUMENT)
    if not any(record.attributes & bits.TRANSPORTABLE for record in records):
        return Barrier(HResult[importing.NOT_TRANSPORTABLE], importing.NOT_MADE_TO_TRAVEL)
    mounted = tuple([record for record in records if _collides(desk, record)])
    if mounted:
        return Barrier(HResult[importing.IN_THE_CLUSTER], importing.IN_ITS_CLUSTER, mounted)
    dynamic = tuple([record for record in records if _is_dynamic_here(desk, record)])
    if dynamic and is_of_server_2003(desk.system):
        return Barrier(HResult[importing.DYNAMIC_HERE], importing.DYNAMIC_DISK, dynamic)
    return None


def of_a_copy(desk: Desk, obj: BackupObject, record: SnapshotRecord) -> Obstacle | None:
    """Why a shadow copy of the document cannot come here; None where it can."""
    copy = desk.snapshots.get(record.snapshot_id)
    if copy is None:
        return _gone(desk, record)
    return _where_it_is(copy, record) or _by_the_document(obj, copy, record) or _on_this_machine(desk, copy, record)


def _where_it_is(copy: Snapshot, record: SnapshotRecord) -> Obstacle | None:
    if copy.attributes & bits.IMPORTED:
        return importing.IMPORTED_BEFORE
    waits = copy.attributes & bits.NOT_SURFACED and record.attributes & bits.TRANSPORTABLE
    return None if waits else importing.NOT_MADE_TO_TRAVEL


def _by_the_document(obj: BackupObject, copy: Snapshot, record: SnapshotRecord) -> Obstacle | None:
    if obj.document.snapshot_set_id not in (copy.set_id, GUID_NULL):
        return importing.OTHER_SET
    return None if copy.lun in record.luns else importing.OTHER_LUN


def _on_this_machine(desk: Desk, copy: Snapshot, record: SnapshotRecord) -> Obstacle | None:
    if _is_older(desk, record):
        return importing.OTHER_GENERATION
    provider, lun = provider_named(desk, record.provider_id), desk.luns.get(copy.lun)
    if provider is None or provider.type is not ProviderType.HARDWARE:
        return importing.NO_PROVIDER
    return None if lun is not None and reaches(desk, lun) else importing.OUT_OF_REACH


def _gone(desk: Desk, record: SnapshotRecord) -> Obstacle:
    """Why the shadow copy is not there."""
    fate = desk.gone.get(record.snapshot_id)
    return importing.NEVER_MADE if fate is None else importing.GONE[fate]


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


def _is_older(desk: Desk, record: SnapshotRecord) -> bool:
    """Whether one of the two machines is of Windows Server 2003 and the other is not (rule im-version-mix)."""
    maker = _maker(desk, record)
    if maker is None:
        return False
    old = [is_of_server_2003(one) for one in (system_named(maker.os), desk.system)]
    return old[0] is not old[1]
