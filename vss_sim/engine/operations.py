"""What asynchronous operations do, stage by stage: events, shadow copies, and the result."""

from collections.abc import Callable
from functools import partial
from typing import Final

from msgspec.structs import replace

from vss_sim.engine.commit import give_set_up
from vss_sim.engine.creation import STAGES, with_sessions
from vss_sim.engine.desk import Desk
from vss_sim.engine.imports import IMPORT_STAGES, leave_luns_behind
from vss_sim.engine.resync import resync
from vss_sim.engine.reverts import reverted, watch_revert
from vss_sim.engine.sessions import settled, without_slots
from vss_sim.engine.snapshot_operations import begin_break, break_set
from vss_sim.engine.stages import Begun, Course, Ended, Stage
from vss_sim.engine.writers import raise_event, running_sessions, without_answer
from vss_sim.model.objects import AsyncObject, BackupObject, Handle, WriterSession
from vss_sim.spec.enums import WriterState
from vss_sim.spec.events import ABORT_FOLLOWS, IDENTIFY
from vss_sim.spec.hresult import S_OK, HResult
from vss_sim.spec.importing import TOUCHES_NO_LUN
from vss_sim.spec.protocol.common import FILTERS_COUNT, SESSIONS_END

Whole = Callable[[Desk, Handle, BackupObject, AsyncObject], tuple[BackupObject, HResult]]
"""An operation that is done at one moment."""


def _identify(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """Identify goes to every writer, at any time, whatever it is in the middle of (rule wr-id-any-time)."""
    fresh = running_sessions(desk, obj.writer_filter)
    if not fresh:
        return Begun(replace(obj, identifying=()) if obj.identifying else obj)
    raised = raise_event(desk, replace(obj, sessions=fresh), IDENTIFY)
    return Begun(replace(obj, identifying=raised.obj.sessions), raised.seconds)


def _identified(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """Those that failed are not listed (rule seq-failed-identify-hidden).

    Writers that were prepared before stand where they stood, and hear how the backup goes on.
    """
    if not (obj.identifying or obj.identified or obj.sessions):
        return Ended(obj, S_OK)
    silent = (WriterState.FAILED_AT_IDENTIFY, WriterState.UNKNOWN)
    answered = settled(replace(obj, sessions=obj.identifying), desk.clock).sessions
    heard = tuple(session for session in answered if session.state not in silent)
    sessions = {session.index: session for session in heard}
    sessions |= {session.index: session for session in obj.sessions if _stands_in_a_backup(session)}
    return Ended(replace(obj, sessions=tuple(sessions.values()), identified=heard, identifying=()), S_OK)


def _stands_in_a_backup(session: WriterSession) -> bool:
    return not session.aborted and (session.involved or session.last_event in ABORT_FOLLOWS)


def _ask_for_status(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The writers are asked at the same time where they stand; the slowest of them makes the others wait."""
    obj = with_sessions(desk, obj)
    writers = desk.state.writers
    asked = (writers[session.index] for session in obj.sessions)
    slowest = max((one.writer.status_seconds for one in asked if one.running), default=0.0)
    return Begun(obj, slowest)


def _status_told(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """The status of each writer that takes part and whose metadata is listed, as it is now.

    Each is asked anew; one that is gone tells nothing (rule wr-status-not-responding). After a backup it ends the
    sessions of the writers.
    """
    obj = settled(obj, desk.clock)
    if obj.state & SESSIONS_END:
        obj = without_slots(obj)
    gathered = not obj.state & FILTERS_COUNT
    listed = {session.index for session in (obj.identified if gathered else obj.sessions)}
    told = (without_answer(desk, one) for one in obj.sessions if one.index in listed)
    return Ended(replace(obj, statuses=tuple(told)), S_OK)


def _raise(event: str, desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
    """The event goes to the writers that should get it."""
    raised = raise_event(desk, with_sessions(desk, obj), event)
    return Begun(raised.obj, raised.seconds)


def _answered(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    """All have answered: who failed is told by its status, and pointers into the document are dead."""
    return Ended(replace(settled(obj, desk.clock), pointers=obj.pointers + 1), S_OK)


def _event(name: str) -> Course:
    return Course(Stage(partial(_raise, name), _answered))


def _at_once(whole: Whole) -> Course:
    def begin(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Begun:
        after, result = whole(desk, handle, obj, operation)
        return Begun(after, 0.0, result)

    return Course(Stage(begin))


OPERATIONS: Final[dict[str, Course]] = {
    "GatherWriterMetadata": Course(Stage(_identify, _identified)),
    "GatherWriterStatus": Course(Stage(_ask_for_status, _status_told)),
    "PrepareForBackup": _event("PrepareForBackup"),
    "DoSnapshotSet": Course(*STAGES),
    "BackupComplete": _event("BackupComplete"),
    "PreRestore": _event("PreRestore"),
    "PostRestore": _event("PostRestore"),
    "ImportSnapshots": Course(*IMPORT_STAGES),
    "BreakSnapshotSetEx": Course(Stage(begin_break), Stage(break_set)),
    "QueryRevertStatus": Course(Stage(watch_revert, reverted)),
    "RecoverSet": _at_once(resync),
}
"""Method → the stages of its operation."""


def fail(desk: Desk, obj: BackupObject, method: str, result: HResult) -> BackupObject:
    """What a failure from outside leaves behind, where it is more than the state of the object."""
    if method == "ImportSnapshots" and result.name not in TOUCHES_NO_LUN:
        leave_luns_behind(desk, obj)
    return stop(desk, obj, method)


def stop(desk: Desk, obj: BackupObject, method: str) -> BackupObject:
    """What an operation that is cancelled gives up; LUNs that an import has located by then stay as they are."""
    return give_set_up(desk, replace(obj, failing="")) if method == "DoSnapshotSet" else obj
