"""Writers that end in the middle of something: nothing more can be told them, and nobody is blamed that it was not.

A log tells that a process or a service ended, or that a writer unsubscribed, but not always which instance that was.
Whoever may be meant is taken to be gone until an event shows it again.
"""

from vss_sim.judge.history import History, Step
from vss_sim.judge.writers.writer_memory import Session, WriterMemory
from vss_sim.trace.lines import Line


def writers_may_be_gone(memory: WriterMemory | None, writer: str | None = None) -> None:
    """The instances of a class may be gone (None: of any); none in the middle of a call need get more of its events."""
    if memory is None:
        return
    gone = [view for view in memory.writers.values() if writer is None or view.writer in (None, writer)]
    for view in gone:
        view.may_be_gone = True
    for session in memory.sessions.values():
        for turn in session.rounds.values():
            if not turn.over:
                turn.silent.update(view.instance for view in gone if view.instance in turn.last)


def writer_left(history: History, step: Step, writer: str | None) -> None:
    """A writer unsubscribed, or its object was given up."""
    writers_may_be_gone(history.machine(step.line).writers, writer)


def process_ended(history: History, line: Line, *, of_a_requester: bool) -> None:
    """The writers of a process are gone; a process of which nothing is known may have been that of any writer."""
    place = (line.machine or "", str(line.process or ""))
    here = [life for life in history.documents.lives.values() if life.place == place]
    classes = {life.writer for life in here}
    if not here and of_a_requester:
        return
    for writer in classes if here and None not in classes else {None}:
        writers_may_be_gone(history.machine(line).writers, writer)


def can_be_told(memory: WriterMemory, session: Session, instance: str) -> bool:
    """Whether an instance that takes part is there for sure, and answered what it was told."""
    view = memory.writers.get(instance)
    if view is None or view.may_be_gone:
        return False
    return not any(instance in turn.silent for turn in session.rounds.values())
