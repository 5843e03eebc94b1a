"""The sessions of writers: where a writer stands at a moment, and how many operations it can take part in at a time."""

from typing import Final

from msgspec.structs import replace

from vss_sim.engine.desk import Desk
from vss_sim.model.objects import BackupObject, WriterSession
from vss_sim.spec.creation import ticks
from vss_sim.spec.systems import Generation

_OPENS: Final = ("PrepareForBackup", "PreRestore")
_ENDS: Final = ("BackupComplete", "PostRestore", "BackupShutdown")


def settled_session(session: WriterSession, until: float | None) -> WriterSession:
    """The session as it stands at a time (None: at once, its handler never comes to its end)."""
    told = session.handling
    if told is None:
        return session
    if until is None:
        return replace(session, handling=None)
    if until != float("inf") and ticks(told.at) > ticks(until):
        return session
    return replace(
        session,
        handling=None,
        state=told.state,
        failure=told.failure,
        application_failure=told.application_failure,
        message=told.message,
        fatal=told.fatal,
    )


def settled(obj: BackupObject, clock: float) -> BackupObject:
    """The object with every writer where it stands at this time."""
    for session in obj.sessions:
        if session.handling is not None:
            return replace(obj, sessions=tuple(settled_session(one, clock) for one in obj.sessions))
    return obj


def no_slot_left(desk: Desk, obj: BackupObject, session: WriterSession, event: str) -> bool:
    """Whether the writer takes part in as many operations as it can already (rule req-session-limit)."""
    most = desk.state.writers[session.index].writer.max_sessions
    if most is None or event not in _OPENS or session.takes_slot:
        return False
    taken = sum(
        other.takes_slot
        for known in desk.objects.values()
        if isinstance(known, BackupObject) and known.machine == obj.machine
        for other in known.sessions
        if other.index == session.index and other.instance_id == session.instance_id
    )
    return taken >= most


def holds_slot_after(desk: Desk, session: WriterSession, event: str) -> bool:
    """Whether the writer counts this operation after an event.

    Up to Windows Server 2008 only GatherWriterStatus ends the session of a completed backup (rule
    gather-status-after-backup-complete).
    """
    if event in _OPENS:
        return True
    if event == "BackupComplete" and desk.system.generation <= Generation.VISTA:
        return session.takes_slot
    return session.takes_slot and event not in _ENDS


def without_slots(obj: BackupObject) -> BackupObject:
    """The object with its sessions ended."""
    if not any(session.takes_slot for session in obj.sessions):
        return obj
    return replace(obj, sessions=tuple(replace(session, takes_slot=False) for session in obj.sessions))
