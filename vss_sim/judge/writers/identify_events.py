"""Identify events, against the writers whose metadata VSS then hands out.

Where the log shows Identify of some writers during a gather, a writer of which it shows none was not asked in it. A
writer that was kept out is not asked, so that nothing is said where some were.
"""

from typing import Final

from vss_sim.judge.backups.seen import FEW
from vss_sim.judge.backups.writer_metadata import seen_of
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark
from vss_sim.judge.writers.taken_events import TakenEvent
from vss_sim.judge.writers.writer_memory import Session, Tie
from vss_sim.spec.events import IDENTIFY
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_RULE: Final = "gather-metadata-identify-event"
_SAME: Final = ("seq-gather-raises-identify",)
_GATHERERS: Final = 8
"""So many objects that gather at the same time are remembered."""


def begin_to_gather(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """From now on Identify goes to the writers for this object."""
    machine = history.machine(step.line)
    gatherers = machine.gatherers
    if obj in gatherers:
        gatherers.remove(obj)
    gatherers.append(obj)
    if len(gatherers) > _GATHERERS:
        del gatherers[0]
    if machine.identified == step.number - 1:  # a recorder that writes a call down when it returns
        seen_of(obj).identified_complete = False
    elif obj.seen is not None:
        obj.seen.identified.clear()
        obj.seen.identified_complete = True


def learn_identify(history: History, number: int, line: Line) -> None:
    """A writer instance was sent Identify."""
    if line.event != IDENTIFY:
        return
    history.machine(line).identified = number
    instance = parse_guid(line.instance)
    for obj in history.machine(line).gatherers:
        seen = seen_of(obj)
        if instance is None or len(seen.identified) >= FEW:
            seen.identified_complete = False
        else:
            seen.identified.add(instance)


def judge_identified(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The metadata of a writer is made while it handles Identify."""
    seen, instance = obj.seen, parse_guid(step.results.get("pidInstance"))
    if seen is None or instance is None or obj.writer_filter is not None or not seen.identified_complete:
        return
    if seen.identified and instance not in seen.identified:
        says = f"the writer instance {instance} is listed, and the log shows Identify of others only"
        history.note(step, Level.WARNING, _RULE, says, at=At.IMPLEMENTATION, also=_SAME)


def blame(event: TakenEvent, rule: str, says: str, *because: Mark, also: tuple[str, ...] = ()) -> None:
    """Say what a writer did wrong with an event."""
    event.history.note(event.step, Level.WARNING, rule, says, *because, at=At.WRITER, also=also)


def judge_failed_identify(event: TakenEvent) -> None:
    """Identify comes at any time, in the middle of a backup as well."""
    under_way = next(event.memory.unsettled(event.instance), None)
    if event.failed and under_way is not None:
        says = "the writer fails Identify in the middle of a backup; it may come at any time"
        because = under_way.ground(event.instance)
        blame(event, "wr-id-any-time", says, *because, also=("writer-onidentify-anytime",))


def judge_identified_before(event: TakenEvent, session: Session) -> None:
    """Identify comes before the events of a backup or a restore."""
    unseen = event.instance not in session.identified and not event.known_before
    if session.identified and session.saw_all and unseen:
        says = f"{event.event} is raised for a writer that did not handle Identify for this object"
        event.find(Tie.LIKELY, ("writer-onidentify-before-sequences",), says)
