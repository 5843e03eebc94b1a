"""How events reach writers, how writers answer, and what their status is then; `vss_sim.spec.events` is the law.

A writer gets an event, handles it for as long as its reply says, and then stands where its answer leaves it. The
writers that get an event get it at one moment; Freeze goes to one level after the other.
"""

from typing import Final, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import Event, HandlerLine
from vss_sim.engine.desk import Desk
from vss_sim.engine.handler import Handler
from vss_sim.engine.handling import handle
from vss_sim.engine.optimization import with_deletions
from vss_sim.engine.scripted import heard
from vss_sim.engine.sessions import holds_slot_after, no_slot_left, settled_session
from vss_sim.engine.taking_part import gets, is_express
from vss_sim.model.computer import Reply
from vss_sim.model.objects import BackupObject, Told, WriterFilter, WriterSession
from vss_sim.model.values import guid
from vss_sim.spec.creation import FREEZE_OVERRUN
from vss_sim.spec.enums import ApplicationLevel, WriterState
from vss_sim.spec.events import ABORT, EVENTS, FREEZE, IDENTIFY, LEVELS, PREPARE_FOR_BACKUP, THAW, WriterEvent

_NO_ANSWER: Final = "VSS_E_WRITER_NOT_RESPONDING"
_NO_SLOT: Final = "VSS_E_WRITER_STATUS_NOT_AVAILABLE"
_GOOD: Final = "S_OK"


class Raised(Struct, frozen=True):
    """An event that was raised: the object then, and how long the slowest writer takes for it."""

    obj: BackupObject
    seconds: float = 0.0


def without_writers(obj: BackupObject) -> bool:
    """Whether the context of the object keeps writers out (rule seq-writerless-no-events)."""
    return obj.context != bits.CONTEXT_ALL and bool(obj.context & bits.NO_WRITERS)


def running_sessions(desk: Desk, chosen: WriterFilter) -> tuple[WriterSession, ...]:
    """A fresh session with every writer that runs on the machine and is not filtered out."""
    sessions = []
    for index, instance in enumerate(desk.state.writers):
        writer = instance.writer
        class_id = guid(writer.writer_id)
        if instance.running and is_chosen(chosen, class_id, instance.instance_id):
            metadata = replace(writer, writer_id=class_id, instance_id=instance.instance_id)
            sessions.append(WriterSession(index=index, metadata=metadata, instance_id=instance.instance_id))
    return tuple(sessions)


def is_chosen(chosen: WriterFilter, class_id: str, instance_id: str) -> bool:
    """Whether a filter lets a writer instance take part."""
    wanted = chosen.enabled is None or class_id in chosen.enabled
    return wanted and class_id not in chosen.disabled and instance_id not in chosen.disabled_instances


def raise_event(desk: Desk, obj: BackupObject, name: str, level: ApplicationLevel | None = None) -> Raised:
    """Send an event to those that should get it (of one level, if one is given), at the time of the desk."""
    event, slowest = EVENTS[name], 0.0
    for place, session in enumerate(obj.sessions):
        if gets(obj, session, event) and level in (None, _level(desk, session)):
            obj, seconds = _delivered(desk, obj, place, event)
            slowest = max(slowest, seconds)
    return Raised(obj, slowest)


def abort(desk: Desk, obj: BackupObject) -> BackupObject:
    """Send Abort to the writers in progress; they get no more events of this operation but BackupShutdown."""
    return raise_event(desk, obj, ABORT).obj


def abort_one(desk: Desk, obj: BackupObject, place: int) -> BackupObject:
    """Send Abort to one writer alone."""
    return _delivered(desk, obj, place, EVENTS[ABORT])[0]


def thawed_too_late(desk: Desk, obj: BackupObject, place: int) -> BackupObject:
    """A writer whose time from Freeze to Thaw is over gets Abort and stands as timed out (rule wr-freeze-window)."""
    failure, _ = FREEZE_OVERRUN
    session = replace(obj.sessions[place], handling=None, state=WriterState.FAILED_AT_FREEZE, failure=failure)
    return abort_one(desk, _with_session(obj, place, session), place)


def that_failed(obj: BackupObject, name: str) -> list[WriterSession]:
    """Those that failed the event just raised, or gave no answer to it."""
    failed = (EVENTS[name].failed, WriterState.UNKNOWN)
    return [session for session in obj.sessions if session.state in failed and session.last_event == name]


def _with_session(obj: BackupObject, place: int, session: WriterSession) -> BackupObject:
    sessions = list(obj.sessions)
    sessions[place] = session
    return replace(obj, sessions=tuple(sessions))


def _level(desk: Desk, session: WriterSession) -> ApplicationLevel:
    level = desk.state.writers[session.index].writer.level
    return level if level in LEVELS else ApplicationLevel.FRONT_END


def levels_of(desk: Desk, obj: BackupObject) -> tuple[ApplicationLevel, ...]:
    """The levels at which the writers of the object freeze, in their order (rule seq-freeze-by-level)."""
    found = {_level(desk, session) for session in obj.sessions}
    return tuple(level for level in LEVELS if level in found)


def _delivered(desk: Desk, obj: BackupObject, place: int, event: WriterEvent) -> tuple[BackupObject, float]:
    """One writer gets the event: what it does with it, and after how many seconds it has answered."""
    session = settled_session(obj.sessions[place], None if event.name == ABORT else float("inf"))
    if no_slot_left(desk, obj, session, event.name):
        session = replace(session, state=WriterState.UNKNOWN, failure=_NO_SLOT)
        return _with_session(obj, place, session), 0.0
    if not _runs(desk, session):
        return _with_session(obj, place, _gone(desk, session, event)), 0.0
    reply = with_deletions(desk, obj, session, event.name, _reply(desk, session, event.name))
    obj, answered, calls = _handled(desk, _with_session(obj, place, session), session, event, reply)
    answer: bool | str = True if answered.failure == _GOOD else answered.failure
    writer_id = session.metadata.writer_id
    desk.events.append(Event(event.name, desk.machine_index, writer_id, session.instance_id, answer, desk.clock, calls))
    seconds = reply.seconds if reply is not None else 0.0
    session = _since_delivery(desk, obj.sessions[place], event)
    if event.name == ABORT:
        return _with_session(obj, place, _aborted(session, answered)), 0.0
    told = _told(desk.clock + seconds, session, event, answered)
    if seconds:
        return _with_session(obj, place, replace(session, handling=told)), seconds
    return _with_session(obj, place, settled_session(replace(session, handling=told), desk.clock)), 0.0


def _gone(desk: Desk, session: WriterSession, event: WriterEvent) -> WriterSession:
    """A writer that does not run any more, or runs anew, gets no event and is told to have not responded."""
    session = _since_delivery(desk, session, event)
    if event.name == ABORT:
        return _aborted(session)
    told = _told(desk.clock, session, event, Answered(_NO_ANSWER, fatal=True))
    return settled_session(replace(session, handling=told), desk.clock)


class Answered(NamedTuple):
    """What a writer says at the end of its handler; success where it failed nothing, `fatal` where it returns false."""

    failure: str = _GOOD
    application: str = _GOOD
    message: str | None = None
    fatal: bool = False


_WELL: Final = Answered()


def _handled(
    desk: Desk, obj: BackupObject, session: WriterSession, event: WriterEvent, reply: Reply | None
) -> tuple[BackupObject, Answered, tuple[HandlerLine, ...]]:
    """The writer handles the event: what its calls change, and what it says in the end."""
    if reply is None:
        return obj, Answered(), ()
    handler = Handler(desk, obj, session, event.name)
    calls = handle(handler, reply)
    obj = handler.obj
    if handler.draft.metadata is not session.metadata:
        place = next(i for i, one in enumerate(obj.sessions) if one.instance_id == session.instance_id)
        obj = _with_session(obj, place, replace(obj.sessions[place], metadata=handler.draft.metadata))
    if reply.crashes:
        _crash(desk, session)
    if reply.silent or reply.crashes:
        return obj, Answered(_NO_ANSWER, fatal=True), calls
    veto = handler.veto
    if reply.fails is not None:
        application = veto.application if veto is not None else _GOOD
        return obj, Answered(reply.fails, application, reply.message, reply.fatal), calls
    return obj, Answered(*veto) if veto is not None else Answered(message=reply.message), calls


def _runs(desk: Desk, session: WriterSession) -> bool:
    """Whether the instance of the session is the one that runs now."""
    instance = desk.state.writers[session.index]
    return instance.running and instance.instance_id == session.instance_id


def without_answer(desk: Desk, session: WriterSession) -> WriterSession:
    """Where a writer stands when it is asked for its status; one that is gone is told to have not responded."""
    if is_express(session) or _runs(desk, session):
        return session
    return replace(
        session,
        handling=None,
        state=WriterState.UNKNOWN,
        failure=_NO_ANSWER,
        application_failure=_GOOD,
        message=None,
    )


def _crash(desk: Desk, session: WriterSession) -> None:
    """The process of the writer is gone; its service, if it has one, starts it anew."""
    writers = list(desk.state.writers)
    writers[session.index] = replace(writers[session.index], running=False)
    desk.change_machine(writers=tuple(writers))


def _reply(desk: Desk, session: WriterSession, name: str) -> Reply | None:
    """The scripted reply of a writer to an event."""
    instance = desk.state.writers[session.index]
    replies = instance.writer.replies
    if not replies:
        return None
    reply, counts = heard(replies, instance.replies, lambda reply: reply.on == name)
    if counts != instance.replies:
        writers = list(desk.state.writers)
        writers[session.index] = replace(instance, replies=counts)
        desk.change_machine(writers=tuple(writers))
    return reply


def _since_delivery(desk: Desk, session: WriterSession, event: WriterEvent) -> WriterSession:
    """A writer is frozen from the moment it gets Freeze until it gets Thaw or Abort."""
    if event.name == IDENTIFY:
        return session
    frozen_at = desk.clock if event.name == FREEZE else session.frozen_at
    return replace(
        session,
        last_event=event.name,
        involved=session.involved or (event.name == PREPARE_FOR_BACKUP and _runs(desk, session)),
        frozen_at=None if event.name == THAW else frozen_at,
        takes_slot=holds_slot_after(desk, session, event.name),
    )


def _aborted(session: WriterSession, answered: Answered = _WELL) -> WriterSession:
    """After Abort a writer stands as the table says, unless it failed before; no state is for a failure in Abort."""
    session = replace(session, aborted=True, handling=None, frozen_at=None, takes_slot=False)
    if session.failure != _GOOD:
        return session
    failure, application, message, fatal = answered
    state = WriterState.UNKNOWN if failure == _NO_ANSWER else EVENTS[ABORT].done or session.state
    return replace(session, state=state, failure=failure, application_failure=application, message=message, fatal=fatal)


def _told(at: float, session: WriterSession, event: WriterEvent, answered: Answered) -> Told:
    """Where the writer stands after its answer; what failed stays failed in the status."""
    failure, application, message, fatal = answered
    if failure == _NO_ANSWER:
        state = WriterState.UNKNOWN
    elif failure != _GOOD:
        state = event.failed or session.state
    elif session.failure != _GOOD:
        return Told(
            at=at,
            state=session.state,
            failure=session.failure,
            application_failure=session.application_failure,
            message=session.message,
            fatal=session.fatal,
        )
    else:
        state = event.done or session.state
    return Told(at=at, state=state, failure=failure, application_failure=application, message=message, fatal=fatal)
