"""The events of a creation whose requester the log does not show, as in the log of a writer alone.

A machine makes one shadow copy set at a time, and who records events of a writer records them all: so they come in
their order. After an Abort nobody knows whose it was, since a writer may be prepared for several backups.
"""

from typing import Final

from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History
from vss_sim.judge.objects import Mark
from vss_sim.judge.writers.writer_memory import WriterMemory, WriterView
from vss_sim.spec.events import PREPARE_FOR_SNAPSHOT, RAISED_BY

_ORDER: Final = "seq-do-event-order"
_EVENTS: Final = RAISED_BY["DoSnapshotSet"]


def judge_unseen(history: History, memory: WriterMemory, view: WriterView, event: str, mark: Mark) -> None:
    """Hold an event against its place in the order; nothing is asked before the first PrepareForSnapshot is seen."""
    last = view.unseen
    if last is not None or event == PREPARE_FOR_SNAPSHOT:
        view.unseen = event, mark
    if last is None or event == PREPARE_FOR_SNAPSHOT:
        return
    before, place = _EVENTS.index(last[0]), _EVENTS.index(event)
    if place <= before:
        says = f"{event} is raised after {last[0]}"
    elif place > before + 1 and memory.missing_level(_EVENTS[before + 1]) is not None:
        says = f"{event} is raised for a writer that did not get {_EVENTS[before + 1]} before"
    else:
        return
    history.find(Finding(mark[0], Level.WARNING, At.IMPLEMENTATION, _ORDER, says, (Ground(*last[1]),)))
