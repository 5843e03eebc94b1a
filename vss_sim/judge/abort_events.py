"""Abort reaches every writer that takes part in a backup.

A writer takes part from its PrepareForBackup until it has handled PostSnapshot or was told of the end. Only writers
whose events are in the log are looked at; what AbortBackup raised is known when the object is released.
"""

from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, MachineView
from vss_sim.judge.told import MANY, without
from vss_sim.spec.protocol.common import WRITERS_INVOLVED
from vss_sim.spec.state import Phase
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_BEGINS: Final = "PrepareForBackup"
_ENDS: Final = frozenset({"Abort", "PostSnapshot", "BackupComplete", "BackupShutdown"})
_TAKES: Final = "Abort"


def hear_event(history: History, number: int, line: Line) -> None:
    """Take on an event that a writer handled."""
    instance = parse_guid(line.instance)
    if instance is None:
        return
    machine = history.machine(line)
    if line.event == _BEGINS:
        if len(machine.taking_part) < MANY:
            machine.taking_part[instance] = (number, "the writer was prepared")
    elif line.event in _ENDS:
        machine.taking_part.pop(instance, None)
        if line.event == _TAKES:
            _heard(machine, instance)


def _heard(machine: MachineView, instance: str) -> None:
    for obj in machine.aborted:
        if instance in obj.told.awaits_abort:
            obj.telling().awaits_abort = without(obj.told.awaits_abort, instance)


def _may_have_prepared(obj: BackupObject) -> bool:
    return holds(obj.state, WRITERS_INVOLVED) is not Certainty.NO


def _others_may_have(history: History, obj: BackupObject) -> bool:
    return any(
        other is not obj and _may_have_prepared(other)
        for (machine, _), living in history.processes.items()
        for other in (living.values() if machine == obj.machine else ())
    )


def expect_abort(history: History, step: Step, obj: BackupObject) -> None:
    """AbortBackup was accepted while writers take part: each of them is to be told.

    Whose backup they take part in is known only where no other object of the machine may have prepared writers.
    """
    machine = history.machine(step.line)
    if not machine.taking_part or not _may_have_prepared(obj) or _others_may_have(history, obj):
        return
    if holds(obj.state, Phase.ABORTED.bit) is Certainty.YES:
        obj.telling().awaits_abort = dict(machine.taking_part)
        machine.taking_part = {}
        machine.aborted = [*machine.aborted[1 - MANY :], obj]
