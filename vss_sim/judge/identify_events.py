"""Identify events, against the writers whose metadata VSS then hands out.

Where the log shows Identify of some writers during a gather, a writer of which it shows none was not asked in it. A
writer that was kept out is not asked, so that nothing is said where some were.
"""

from typing import Final

from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.seen import FEW
from vss_sim.judge.writer_metadata import seen_of
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_EVENT: Final = "Identify"
_RULE: Final = "gather-metadata-identify-event"
_SAME: Final = ("seq-gather-raises-identify",)
_GATHERERS: Final = 8
"""So many objects that gather at the same time are remembered."""


def begin_to_gather(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """From now on Identify goes to the writers for this object."""
    machine = history.machine(step.line)
    machine.gatherers = [*(other for other in machine.gatherers if other is not obj), obj][-_GATHERERS:]
    if machine.identified == step.number - 1:  # a recorder that writes a call down when it returns
        seen_of(obj).identified_complete = False
    elif obj.seen is not None:
        obj.seen.identified.clear()
        obj.seen.identified_complete = True


def learn_identify(history: History, number: int, line: Line) -> None:
    """A writer instance was sent Identify."""
    if line.event != _EVENT:
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
