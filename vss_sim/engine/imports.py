"""ImportSnapshots: the transportable shadow copies of a loaded document come to this machine, stage by stage.

The provider makes the LUNs visible, VSS looks for them and takes the copies on. Where that fails, the LUNs stay as they
are: it is for the requester to clean them up (rule im-failure-no-cleanup).
Page: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-importsnapshots
"""

from typing import Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import Answer
from vss_sim.engine.desk import Desk
from vss_sim.engine.devices import new_device
from vss_sim.engine.luns import mask, show
from vss_sim.engine.obstacles import of_a_copy, of_the_set
from vss_sim.engine.provider_failures import failure_for, outcome_of_luns, passed_over, replies_of
from vss_sim.engine.stages import Begun, Ended, Stage
from vss_sim.engine.volumes import providers_named
from vss_sim.model.computer import Provider, ProviderReply
from vss_sim.model.document import SnapshotRecord
from vss_sim.model.objects import AsyncObject, BackupObject, Handle, Why
from vss_sim.model.storage import LunState
from vss_sim.spec.creation import FILL_IN_LUN_INFO, LOCATE_LUNS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import (
    AGAIN,
    ANEW,
    LISTEN,
    MASK_OR_DELETE,
    NOT_ARRIVED,
    NOT_RECOGNISED,
    Obstacle,
)

_IMPORT: Final = "IVssBackupComponents::ImportSnapshots"
_TOLD: Final = 3
"""So many shadow copies are named that one thing keeps away."""
_NOTHING: Final = HResult.VSS_E_NO_SNAPSHOTS_IMPORTED


def _locate(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The LUNs of the set become visible, volume by volume, as far as the provider comes."""
    barrier = of_the_set(desk, obj.document.snapshots)
    if barrier is not None:
        return Begun(obj, 0.0, barrier.code, why=_why({barrier.obstacle: list(barrier.copies)}))
    waiting = _waiting(desk, obj)
    hidden = [record for record in waiting if not desk.sees(desk.snapshots[record.snapshot_id])]
    for record in waiting:
        failure = failure_for(desk, record.provider_id, _IMPORT, record.original_volume)
        if failure is not None:
            return Begun(obj, 0.0, failure.code, why=_failed(desk, obj, failure))
        show(desk, _lun(desk, record))
    answered = _replies(desk, obj, LOCATE_LUNS)
    for record in _missed(desk, answered, hidden):
        mask(desk, _lun(desk, record))
    return _taken(desk, obj, *outcome_of_luns(desk, LOCATE_LUNS, answered, _IMPORT))


def _listen(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """VSS waits for LUNs that have not appeared, until its time-out, or until they have (see `all_have_arrived`)."""
    return Begun(obj, 0.0 if all_have_arrived(desk, obj) else desk.machine.lun_arrival_timeout)


def all_have_arrived(desk: Desk, obj: BackupObject) -> bool:
    """Whether the machine sees the LUNs of all shadow copies of the document that can come to it."""
    return all(desk.sees(desk.snapshots[record.snapshot_id]) for record in _waiting(desk, obj))


def _fill_in(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The providers tell of the LUNs that arrived."""
    answered = _replies(desk, obj, FILL_IN_LUN_INFO)
    missed = tuple([record.snapshot_id for record in _missed(desk, answered, _waiting(desk, obj))])
    obj = replace(obj, unrecognised=missed)
    return _taken(desk, obj, *outcome_of_luns(desk, FILL_IN_LUN_INFO, answered, _IMPORT))


def _replies(desk: Desk, obj: BackupObject, step: str) -> list[tuple[Provider, ProviderReply]]:
    """The providers of the set take a step of the import, at the same time."""
    return replies_of(desk, providers_named(desk, (record.provider_id for record in _waiting(desk, obj))), step)


def _missed(
    desk: Desk, answered: list[tuple[Provider, ProviderReply]], records: list[SnapshotRecord]
) -> list[SnapshotRecord]:
    """The shadow copies of whose LUNs their provider passes over."""
    passed = passed_over(desk, answered)
    return [record for record in records if (record.provider_id, record.original_volume.casefold()) in passed]


def _taken(desk: Desk, obj: BackupObject, slowest: float, failure: Answer | None) -> Begun:
    """A step takes as long as the slowest of the providers, and then fails, or does not."""
    if failure is None:
        return Begun(replace(obj, failing=""), slowest)
    why = _failed(desk, obj, failure)
    if not slowest:
        return Begun(obj, 0.0, failure.code, why=why)
    return Begun(replace(obj, failing=failure.code.name), slowest, why=why)


def _answered(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """The providers have answered."""
    if obj.failing:
        return Ended(replace(obj, failing=""), HResult[obj.failing])
    return Ended(obj)


def _take_on(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """All, some or none of the shadow copies of the document are this machine's from now on."""
    found: list[SnapshotRecord] = []
    left: dict[Obstacle, list[SnapshotRecord]] = {}
    for record in obj.document.snapshots:
        obstacle = of_a_copy(desk, obj, record)
        if obstacle is None and not desk.sees(desk.snapshots[record.snapshot_id]):
            obstacle = NOT_ARRIVED
        elif obstacle is None and record.snapshot_id in obj.unrecognised:
            obstacle = NOT_RECOGNISED
        if obstacle is None:
            found.append(record)
        else:
            left.setdefault(obstacle, []).append(record)
    for record in found:
        snapshot = desk.snapshots[record.snapshot_id]
        desk.put_snapshot(
            replace(
                snapshot,
                machine=desk.machine_index,
                number=new_device(desk),
                attributes=snapshot.attributes & ~bits.NOT_SURFACED | bits.IMPORTED,
                importer=None if snapshot.attributes & bits.NO_AUTO_RELEASE else handle,
            )
        )
    if not left:
        return Begun(obj, 0.0, HResult.S_OK)
    if not found:
        return Begun(obj, 0.0, _NOTHING, why=_why(left))
    partly = replace(_why(left), instead=ANEW)  # a set is imported once (rule im-once-only)
    return Begun(obj, 0.0, HResult.VSS_S_SOME_SNAPSHOTS_NOT_IMPORTED, why=partly)


def _why(left: dict[Obstacle, list[SnapshotRecord]]) -> Why:
    """What keeps which copies away, in words; the rule and the way on are those of the first."""
    first = next(iter(left))
    words = (f"{_named(records)}: {obstacle.says}" if records else obstacle.says for obstacle, records in left.items())
    return Why(rule=first.rule, words="; ".join(words), instead=first.instead)


def _named(records: list[SnapshotRecord]) -> str:
    """Shadow copies by their ids, volumes and LUNs; of many, the first."""
    luns = [", ".join(f"LUN {lun!r}" for lun in one.luns) or "no LUN" for one in records]
    names = [f"{one.snapshot_id} of {one.original_volume} ({on})" for one, on in zip(records, luns, strict=True)]
    more = [f"{len(names) - _TOLD} more"] if len(names) > _TOLD else []
    return ", ".join([*names[:_TOLD], *more])


def _failed(desk: Desk, obj: BackupObject, failure: Answer) -> Why:
    """The provider fails; what is visible by then stays so (rule im-failure-no-cleanup)."""
    left = [lun.lun for record in _waiting(desk, obj) if desk.machine_index in (lun := _lun(desk, record)).seen_by]
    words = f"{failure.words}; {MASK_OR_DELETE}: {', '.join(left)}" if left else failure.words
    return Why(rule=failure.rule, words=words, instead=AGAIN)


IMPORT_STAGES: Final = (
    Stage(_locate, _answered, LOCATE_LUNS),
    Stage(_listen, name=LISTEN),
    Stage(_fill_in, _answered, FILL_IN_LUN_INFO),
    Stage(_take_on),
)
"""ImportSnapshots from its first stage to its last."""


def leave_luns_behind(desk: Desk, obj: BackupObject) -> None:
    """What an import that came to nothing has made visible stays on this machine (dispute C39)."""
    for record in _waiting(desk, obj):
        show(desk, _lun(desk, record))


def _lun(desk: Desk, record: SnapshotRecord) -> LunState:
    return desk.luns[desk.snapshots[record.snapshot_id].lun]


def _waiting(desk: Desk, obj: BackupObject) -> list[SnapshotRecord]:
    """The shadow copies of the document that the storage holds and a hardware provider here can find."""
    return [record for record in obj.document.snapshots if of_a_copy(desk, obj, record) is None]
