"""What asynchronous operations do when they come to their end: events, shadow copies, and the result."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.desk import Desk
from vss_sim.engine.imports import import_snapshots, leave_luns_behind
from vss_sim.engine.provider_failures import failure_for
from vss_sim.engine.resync import resync
from vss_sim.engine.snapshot_operations import break_set, revert_status
from vss_sim.engine.volumes import provider_named, volume_place
from vss_sim.engine.writers import abort, frozen_set_failed, raise_event, running_sessions, without_writers
from vss_sim.model.disk import Disk
from vss_sim.model.document import SnapshotRecord
from vss_sim.model.objects import AsyncObject, BackupObject, Handle, VolumeInSet
from vss_sim.model.values import GUID_NULL
from vss_sim.model.world import FIRST_MOMENT, Snapshot
from vss_sim.spec.enums import ProviderType, WriterState
from vss_sim.spec.events import COMMIT_AFTER, EVENTS, RAISED_BY, FailureLeads
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.common import FILTERS_COUNT, SET_OPEN

Ended = tuple[BackupObject, HResult]
Operation = Callable[[Desk, Handle, BackupObject, AsyncObject], Ended]

_DO_SNAPSHOT_SET: Final = "IVssBackupComponents::DoSnapshotSet"
_TICKS: Final = 10_000_000


def now(desk: Desk) -> int:
    """The time of the world in 100 ns since 1601."""
    return FIRST_MOMENT + int(desk.clock * _TICKS)


def gather_writer_metadata(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """Identify goes to every writer; those that fail it are not listed (rule seq-failed-identify-hidden).

    Writers that were prepared before stand where they stood, and hear how the backup goes on.
    """
    before = {session.index: session for session in obj.sessions if session.involved and not session.aborted}
    obj = replace(obj, sessions=running_sessions(desk, obj.writer_filter))
    obj = raise_event(desk, obj, "Identify")
    heard = tuple(session for session in obj.sessions if session.state is not WriterState.FAILED_AT_IDENTIFY)
    sessions = {**{session.index: session for session in heard}, **before}
    return replace(obj, sessions=tuple(sessions.values()), identified=heard), HResult.S_OK


def gather_writer_status(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """The status of each writer that takes part and whose metadata is listed, as it is now."""
    obj = _with_sessions(desk, obj)
    gathered = not obj.state & FILTERS_COUNT
    listed = {session.index for session in (obj.identified if gathered else obj.sessions)}
    return replace(obj, statuses=tuple(one for one in obj.sessions if one.index in listed)), HResult.S_OK


def prepare_for_backup(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """PrepareForBackup goes to the writers that take part; who fails it is told by the writer's status."""
    obj = raise_event(desk, _with_sessions(desk, obj), "PrepareForBackup")
    return replace(obj, pointers=obj.pointers + 1), HResult.S_OK


def _with_sessions(desk: Desk, obj: BackupObject) -> BackupObject:
    """Writers that nobody gathered take part all the same (rule obs-gather-not-required)."""
    if obj.sessions or obj.identified:
        return obj
    return replace(obj, sessions=running_sessions(desk, obj.writer_filter))


def do_snapshot_set(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """Writers freeze, the shadow copies of all volumes come to be at one instant, writers thaw; or nothing comes to be.

    A writer that fails Freeze or Thaw ends it with VSS_E_UNEXPECTED_WRITER_ERROR (rule obs-do-failures), a provider
    that cannot commit with its code; of a set that AbortBackup gave up meanwhile nothing comes.
    """
    if not obj.state & SET_OPEN:
        return obj, HResult.VSS_S_ASYNC_CANCELLED
    obj = replace(obj, pointers=obj.pointers + 1)
    failure = _provider_failure(desk, obj)
    if without_writers(obj):
        if failure is not None:
            return give_set_up(desk, obj, made=False), failure
        return _committed(desk, handle, obj), HResult.S_OK
    obj = _with_sessions(desk, obj)
    made = False
    for event in RAISED_BY["DoSnapshotSet"]:
        obj = raise_event(desk, obj, event)
        if event == "PrepareForSnapshot" and EVENTS[event].leads(desk.profile) is FailureLeads.ABORTS_WRITER:
            obj = _abort_those_that_failed(desk, obj)
        elif event in ("Freeze", "Thaw") and frozen_set_failed(obj, event):
            return give_set_up(desk, obj, made=made), HResult.VSS_E_UNEXPECTED_WRITER_ERROR
        if event == COMMIT_AFTER:
            if failure is not None:
                return give_set_up(desk, obj, made=False), failure
            obj, made = _committed(desk, handle, obj), True
    return obj, HResult.S_OK


def _provider_failure(desk: Desk, obj: BackupObject) -> HResult | None:
    """The code with which a provider fails to commit the shadow copies."""
    for member in obj.volumes:
        failure = failure_for(desk, member.provider_id, _DO_SNAPSHOT_SET, member.volume)
        if failure is not None:
            return failure.code
    return None


def _abort_those_that_failed(desk: Desk, obj: BackupObject) -> BackupObject:
    """A writer that failed PrepareForSnapshot gets Abort, alone (rule obs-failed-prepare-snapshot-aborts)."""
    failed = WriterState.FAILED_AT_PREPARE_SNAPSHOT
    others = tuple(replace(session, aborted=True) for session in obj.sessions if session.state is not failed)
    if len(others) == len(obj.sessions):
        return obj
    marked = tuple(session if session.state is failed else replace(session, aborted=True) for session in obj.sessions)
    aborted = abort(desk, replace(obj, sessions=marked))
    sessions = tuple(
        after if before.state is failed else before
        for before, after in zip(obj.sessions, aborted.sessions, strict=True)
    )
    return replace(obj, sessions=sessions)


def _committed(desk: Desk, handle: Handle, obj: BackupObject) -> BackupObject:
    """Every volume of the set has its shadow copy; the document tells of them."""
    records = []
    for member in obj.volumes:
        attributes = _attributes(desk, obj, member)
        snapshot = Snapshot(
            snapshot_id=member.snapshot_id,
            set_id=obj.set_id,
            machine=desk.machine_index,
            volume=member.volume,
            provider_id=member.provider_id,
            attributes=attributes,
            context=obj.context,
            owner=None if attributes & bits.NO_AUTO_RELEASE else handle,
            originating_machine=desk.machine.name,
            created=now(desk),
            number=_next_number(desk),
            disk=_now_on(desk, member.volume),
        )
        desk.put_snapshot(snapshot)
        records.append(
            SnapshotRecord(
                snapshot_id=member.snapshot_id,
                original_volume=member.volume,
                provider_id=member.provider_id,
                attributes=attributes,
                originating_machine=desk.machine.name,
                created=snapshot.created,
            )
        )
    document = replace(obj.document, snapshot_set_id=obj.set_id, snapshots=tuple(records))
    return replace(obj, document=document)


def _now_on(desk: Desk, name: str) -> Disk | None:
    """What is on a volume at this moment, which the shadow copy shows from now on."""
    place = volume_place(desk, name)
    return None if place is None else desk.state.disks.volumes[place]


def _attributes(desk: Desk, obj: BackupObject, member: VolumeInSet) -> int:
    """The attributes of a shadow copy: those of its context, and those that VSS sets by itself."""
    attributes = obj.context
    provider = provider_named(desk, member.provider_id)
    if provider is not None and provider.type is ProviderType.HARDWARE:
        attributes |= bits.HARDWARE_ASSISTED
    elif not attributes & bits.PLEX:
        attributes |= bits.DIFFERENTIAL
    if attributes & bits.TRANSPORTABLE:
        attributes |= bits.NOT_SURFACED
    return attributes


def _next_number(desk: Desk) -> int:
    return 1 + max((snapshot.number for snapshot in desk.snapshots.values()), default=0)


def give_set_up(desk: Desk, obj: BackupObject, *, made: bool) -> BackupObject:
    """The set comes to nothing: the writers in progress are told, and what was made of it goes."""
    obj = abort(desk, obj)
    for member in obj.volumes if made else ():
        desk.drop_snapshot(member.snapshot_id)
    document = replace(obj.document, snapshot_set_id=GUID_NULL, snapshots=())
    return replace(obj, volumes=(), document=document)


def backup_complete(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """BackupComplete goes to the writers that took part."""
    return _restored_or_completed(desk, obj, "BackupComplete")


def pre_restore(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """PreRestore goes to the writers of which a component is selected."""
    return _restored_or_completed(desk, obj, "PreRestore")


def post_restore(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """PostRestore goes to the writers of which a component is selected."""
    return _restored_or_completed(desk, obj, "PostRestore")


def _restored_or_completed(desk: Desk, obj: BackupObject, event: str) -> Ended:
    obj = raise_event(desk, _with_sessions(desk, obj), event)
    return replace(obj, pointers=obj.pointers + 1), HResult.S_OK


OPERATIONS: Final[dict[str, Operation]] = {
    "GatherWriterMetadata": gather_writer_metadata,
    "GatherWriterStatus": gather_writer_status,
    "PrepareForBackup": prepare_for_backup,
    "DoSnapshotSet": do_snapshot_set,
    "BackupComplete": backup_complete,
    "PreRestore": pre_restore,
    "PostRestore": post_restore,
    "ImportSnapshots": import_snapshots,
    "BreakSnapshotSetEx": break_set,
    "QueryRevertStatus": revert_status,
    "RecoverSet": resync,
}
"""Method → what its operation does at its end."""


def fail(desk: Desk, obj: BackupObject, method: str) -> BackupObject:
    """What a failure from outside leaves behind, where it is more than the state of the object."""
    if method == "ImportSnapshots":
        leave_luns_behind(desk, obj)
    return give_set_up(desk, obj, made=False) if method == "DoSnapshotSet" else obj
