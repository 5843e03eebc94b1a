"""Whose an event of an end is - Abort, BackupShutdown, BackupComplete - where the line does not say so.

A writer may be in several backups at a time, and such an event stands before the call that raises it. It is that of one
object where it can be of no other.
"""

from typing import Final

from vss_sim.judge.writers.writer_memory import Session, WriterMemory, WriterView
from vss_sim.spec.events import ABORT, ABORT_FOLLOWS

_DO: Final = "DoSnapshotSet"


def alone(memory: WriterMemory, view: WriterView | None, event: str, *, released: bool | None = None) -> Session | None:
    """The one session that the instance takes part in, where nothing speaks of another."""
    if view is None or view.foreign:
        return None
    found = [
        session
        for session in memory.unsettled(view.instance)
        if (released is None or released is (session.released is not None))
        and not (event == ABORT and view.instance in session.completed)
    ]
    return found[0] if len(found) == 1 else None


def shut_down(memory: WriterMemory, view: WriterView | None, event: str) -> Session | None:
    """The one session whose end it is: one that was released, and cannot have heard of its end before."""
    found = alone(memory, view, event, released=True)
    if found is None or view is None:
        return alone(memory, view, event, released=False)
    return alone(memory, view, event) if view.instance in found.may_be_told else found


def may_be_of_another(memory: WriterMemory, instance: str, session: Session) -> bool:
    """Whether an Abort comes too late for this session, and the instance takes part in another one as well."""
    turn = session.rounds.get(_DO)
    reached = turn.last.get(instance) if turn is not None else None
    if turn is None or reached is None or turn.events[reached] in ABORT_FOLLOWS:
        return False
    return any(one is not session for one in memory.unsettled(instance))
