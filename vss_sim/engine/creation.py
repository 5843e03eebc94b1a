"""DoSnapshotSet, stage by stage: writers freeze, all shadow copies come to be at one instant, writers thaw.

The steps and their order are those of `vss_sim.spec.creation`. Each may fail the creation: a writer at Freeze or Thaw
with VSS_E_UNEXPECTED_WRITER_ERROR (rule obs-do-failures), a provider with its code, the time with that of its window.
"""

from functools import partial
from typing import Final

from msgspec.structs import replace

from vss_sim.engine import hardware_steps
from vss_sim.engine.answers import Answer, no
from vss_sim.engine.commit import committed, give_set_up
from vss_sim.engine.desk import Desk
from vss_sim.engine.luns import mark_originals
from vss_sim.engine.provider_failures import ask_all, failure_for
from vss_sim.engine.scripted import heard
from vss_sim.engine.sessions import settled
from vss_sim.engine.stages import Begun, Ended, Stage
from vss_sim.engine.storage import lacks_storage
from vss_sim.engine.volumes import providers_named, volume_place
from vss_sim.engine.writers import (
    Raised,
    abort_one,
    levels_of,
    raise_event,
    running_sessions,
    that_failed,
    thawed_too_late,
    without_writers,
)
from vss_sim.model.objects import AsyncObject, BackupObject, Handle, Why, WriterSession
from vss_sim.spec.answers import result_failures
from vss_sim.spec.creation import (
    COMMIT,
    CREATION,
    END_PREPARE,
    FLUSH_AND_HOLD,
    HELD_DURING,
    HOLD_WINDOW,
    LOCATE_LUNS,
    TO_MASK,
    CreationStep,
    Taker,
    ticks,
)
from vss_sim.spec.enums import ApplicationLevel, WriterState
from vss_sim.spec.events import EVENTS, LEVELS, FailureLeads
from vss_sim.spec.hresult import S_OK, HResult

_DO: Final = "IVssBackupComponents::DoSnapshotSet"
_WRITER_ERROR: Final = HResult.VSS_E_UNEXPECTED_WRITER_ERROR
_NO_ROOM: Final = HResult.VSS_E_INSUFFICIENT_STORAGE


def with_sessions(desk: Desk, obj: BackupObject) -> BackupObject:
    """Writers that nobody gathered take part all the same (rule obs-gather-not-required)."""
    if obj.sessions or obj.identified or not desk.machine.writers:
        return obj
    sessions = running_sessions(desk, obj.writer_filter)
    return replace(obj, sessions=sessions) if sessions else obj


def _begin(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """Pointers into the document die, since writers may change it from here on."""
    obj = replace(obj, pointers=obj.pointers + 1)
    return Begun(obj if without_writers(obj) else with_sessions(desk, obj))


def _raise(
    name: str,
    level: ApplicationLevel | None,
    desk: Desk,
    handle: Handle,
    obj: BackupObject,
    operation: AsyncObject,
) -> Begun:
    """An event goes to the writers, at Freeze to those of one level."""
    if without_writers(obj) or (level is not None and level not in levels_of(desk, obj)):
        return Begun(obj)
    raised: Raised = raise_event(desk, obj, name, level)
    return Begun(raised.obj, raised.seconds)


def _answered(name: str, desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """All writers have answered the event."""
    if not obj.sessions or without_writers(obj):
        return Ended(obj)
    obj = settled(obj, desk.clock)
    leads = EVENTS[name].leads(desk.profile)
    if leads is FailureLeads.ABORTS_WRITER:
        return Ended(_abort_those_that_failed(desk, obj))
    if leads is FailureLeads.ABORTS_SET and (failed := that_failed(obj, name)):
        words = " and ".join(f"{_name(desk, session)} fails {name} with {session.failure}" for session in failed)
        return Ended(give_set_up(desk, obj), _WRITER_ERROR, _why(_WRITER_ERROR, words))
    return Ended(obj)


def _name(desk: Desk, session: WriterSession) -> str:
    return desk.state.writers[session.index].writer.name


def _why(code: HResult, words: str) -> Why:
    """What the simulator knows of a failure, under the rule of the answer."""
    return Why(rule=result_failures(_DO)[code].rule, words=words)


def _abort_those_that_failed(desk: Desk, obj: BackupObject) -> BackupObject:
    """A writer whose PrepareForSnapshot handler returned false gets Abort, alone.

    So it is seen on real Windows (rule obs-failed-prepare-snapshot-aborts); the pages send it none (dispute C17).
    """
    for place, session in enumerate(obj.sessions):
        failed = session.state in (WriterState.FAILED_AT_PREPARE_SNAPSHOT, WriterState.UNKNOWN)
        if failed and session.fatal and not session.aborted and session.last_event == "PrepareForSnapshot":
            obj = abort_one(desk, obj, place)
    return obj


def _ask_providers(name: str, desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The providers of the set take a step; each is asked once, and they work at the same time."""
    if desk.state.providers_obey:
        return Begun(obj)
    slowest, failure = ask_all(desk, providers_named(desk, (member.provider_id for member in obj.volumes)), name, _DO)
    return _asked(name, desk, obj, slowest, failure or _cannot(name, desk, obj))


def _asked(name: str, desk: Desk, obj: BackupObject, slowest: float, failure: Answer | None) -> Begun:
    """A step takes as long as the slowest of the providers, and then fails the creation, or does not."""
    if failure is None:
        return Begun(replace(obj, failing=""), slowest)
    why = Why(rule=failure.rule, words=f"{failure.words} at {name}")
    if not slowest:
        return Begun(give_set_up(desk, obj), 0.0, failure.code, why=why)
    return Begun(replace(obj, failing=failure.code.name), slowest, why=why)


def _ask_hardware(step: CreationStep, desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The hardware providers of the set take a step of theirs."""
    return _asked(step.name, desk, obj, *hardware_steps.take(step, desk, obj))


def _hardware_worked(
    step: CreationStep, desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject
) -> Ended:
    if not obj.failing:
        hardware_steps.taken(step, desk, obj)
    return _worked(step.name, desk, handle, obj, operation)


def _cannot(name: str, desk: Desk, obj: BackupObject) -> Answer | None:
    """How a provider fails that has no room, or that fails DoSnapshotSet as its description says."""
    for member in obj.volumes:
        if name == END_PREPARE and lacks_storage(desk, member):
            words = f"there is no room for a shadow copy of {member.volume}"
            return no(_NO_ROOM, result_failures(_DO)[_NO_ROOM].rule, words)
        failure = failure_for(desk, member.provider_id, _DO, member.volume) if name == COMMIT else None
        if failure is not None:
            return failure
    return None


def _worked(name: str, desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """The providers have answered; with the commit the shadow copies are there, and writes go on."""
    if obj.failing:
        return Ended(give_set_up(desk, replace(obj, failing="")), HResult[obj.failing])
    if name == COMMIT:
        gone = next((member.volume for member in obj.volumes if volume_place(desk, member.volume) is None), None)
        if gone is not None:
            why = Why(rule="obs-do-failures", words=f"{gone} is there no more: its LUN was masked before the commit")
            return Ended(give_set_up(desk, obj), HResult.VSS_E_OBJECT_NOT_FOUND, why)
        mark_originals(desk, obj, marked=False)
        return Ended(committed(desk, handle, obj))
    if name == END_PREPARE:
        mark_originals(desk, obj, marked=True)
    return Ended(obj)


def _flush(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """Writes are flushed and held on all volumes of the set at once; the window is open from here on."""
    slowest = 0.0
    if any(volume.flush_seconds or volume.slow_flushes for volume in desk.machine.volumes):
        places = (volume_place(desk, member.volume) for member in obj.volumes)
        slowest = max((_flushed(desk, place) for place in places if place is not None), default=0.0)
    return Begun(obj, slowest, holds=HOLD_WINDOW)


def _flushed(desk: Desk, place: int) -> float:
    """The seconds that a volume takes for it, by its script or as usual."""
    volume, flushes = desk.machine.volumes[place], desk.state.flushes
    slow, counts = heard(volume.slow_flushes, flushes[place], lambda script: True)
    desk.change_machine(flushes=(*flushes[:place], counts, *flushes[place + 1 :]))
    return volume.flush_seconds if slow is None else slow.seconds


def _release_writes(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    return Begun(obj, holds=0)


def _finish(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The set is there, unless the storage area had no room for a copy of it meanwhile."""
    gone = next((member.volume for member in obj.volumes if member.snapshot_id not in desk.snapshots), None)
    if gone is not None:
        why = _why(_NO_ROOM, f"the storage area of {gone} had no room for what was overwritten meanwhile")
        return Begun(give_set_up(desk, obj), 0.0, _NO_ROOM, why=why)
    return Begun(obj, 0.0, S_OK)


def _stages() -> tuple[Stage, ...]:
    stages = [Stage(_begin)]
    for step in CREATION:
        name = step.name
        if step.taker is Taker.WRITERS:
            levels = LEVELS if EVENTS[name].by_level else (None,)
            stages += [
                Stage(partial(_raise, name, level), partial(_answered, name), name, step.taker) for level in levels
            ]
        elif step.taker is Taker.PROVIDERS:
            alone = None if name in (END_PREPARE, COMMIT) else step.taker  # in those VSS has a part of its own
            stages.append(Stage(partial(_ask_providers, name), partial(_worked, name), name, alone))
        elif step.taker is Taker.HARDWARE:
            only = None if name == LOCATE_LUNS or step.change == TO_MASK else step.taker  # in those LUNs come and go
            stages.append(Stage(partial(_ask_hardware, step), partial(_hardware_worked, step), name, only))
        else:
            stages.append(Stage(_flush, name=FLUSH_AND_HOLD))
        if name == COMMIT:
            stages.append(Stage(_release_writes))
    return (*stages, Stage(_finish))


STAGES: Final = _stages()
"""DoSnapshotSet from its first stage to its last."""


def next_overrun(desk: Desk, obj: BackupObject, operation: AsyncObject) -> float | None:
    """When the first window closes that is open now: that of the held writes, or that of a frozen writer."""
    closing = [operation.hold_ends] if operation.hold_ends is not None else []
    closing += [
        session.frozen_at + desk.state.writers[session.index].writer.freeze_timeout
        for session in obj.sessions
        if session.frozen_at is not None
    ]
    return min(closing, default=None)


def overrun(desk: Desk, obj: BackupObject, operation: AsyncObject) -> Ended:
    """A window has closed at the time of the desk: the creation fails (rules sn-prov-commit-10s, wr-freeze-window)."""
    if operation.hold_ends is not None and ticks(operation.hold_ends) <= ticks(desk.clock):
        code = HResult[HELD_DURING.get(STAGES[operation.stage].name, HELD_DURING[COMMIT])]
        words = f"flush and commit were not over within {HOLD_WINDOW:g} s"
        return Ended(give_set_up(desk, replace(obj, failing="")), code, _why(code, words))
    late = []
    for place, session in enumerate(obj.sessions):
        if session.frozen_at is None:
            continue
        window = desk.state.writers[session.index].writer.freeze_timeout
        if ticks(session.frozen_at + window) <= ticks(desk.clock):
            obj = thawed_too_late(desk, obj, place)
            late.append(f"{_name(desk, session)} was frozen for {window:g} s, and got no Thaw")
    return Ended(give_set_up(desk, replace(obj, failing="")), _WRITER_ERROR, _why(_WRITER_ERROR, " and ".join(late)))
