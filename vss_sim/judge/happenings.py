"""What happens beside the calls: restarts, ends of processes, services that stop and what they end, other accounts."""

from typing import Final

from vss_sim.engine.contexts import is_auto_release
from vss_sim.engine.ruling import apply
from vss_sim.judge.calls.access import account_changes
from vss_sim.judge.history import History
from vss_sim.judge.named_things import may_be_gone
from vss_sim.judge.objects import BackupObject, MachineView, Mark
from vss_sim.judge.restoring.restore_services import happened_to_service
from vss_sim.judge.shadows.failed_imports import import_cut_off
from vss_sim.judge.shadows.masked import judge_masking
from vss_sim.judge.writers.gone_writers import process_ended, writers_may_be_gone
from vss_sim.judge.writers.missing_events import released
from vss_sim.spec.happenings import MASKING
from vss_sim.spec.protocol.lifetime import PROCESS_ENDS, SERVICE_STOPS
from vss_sim.trace.lines import Line

_CRASH: Final = "machine crashes"
_BOOT: Final = ("reboot", _CRASH)
_VSS: Final = ("vss", "volume shadow copy")
_EVENT_SYSTEM: Final = ("eventsystem", "com+ event system")
_WRITER_ENDS: Final = ("writer crashes", "service stops")
"""What may end a writer; which service hosts which, a log does not tell."""

_EXIT: Final = ("process ends", "requester crashes")


def judge_happening(history: History, number: int, line: Line) -> None:
    """A reboot ends every object of its machine, the end of a process its own; a stop of the service leaves doubt."""
    happened_to_service(history, number, line)
    _writers_may_end(history, line)
    if line.happens == "account changes":
        account_changes(history, line)
    if line.happens in (*_BOOT, *_EXIT):
        _end(history, number, line)
    elif line.happens in MASKING:
        judge_masking(history, number, line)
    elif _is_event_system(line):
        history.watch()
        down = (number, "the event system stopped") if line.happens == "service stops" else None
        history.machine(line).infrastructure_down = down
    elif line.happens == "VSS crashes" or _is_vss(line):
        machine = history.machine(line)
        machine.creators, machine.importers, machine.stopped = [], [], number
        for place, objects in history.processes.items():
            for obj in objects.values() if place[0] == (line.machine or "") else ():
                _goes(machine, obj, (number, "the service VSS stopped"))
                obj.move(apply(obj.state, (SERVICE_STOPS,)), (number, "the service VSS stopped"))


def _end(history: History, number: int, line: Line) -> None:
    """A process or a machine ends; writers are told of it, but by nobody when the machine crashes."""
    process = None if line.happens in _BOOT else str(line.process or "")
    ended = history.ended(line.machine or "", process)
    process_ended(history, line, of_a_requester=bool(ended))
    for obj in ended:
        if line.happens != _CRASH:
            released(history, number, line.machine or "", obj)
        _goes(history.machine(line), obj, (number, line.happens or ""), surely=line.happens in _BOOT)
        obj.move(apply(obj.state, (PROCESS_ENDS,)), (number, line.happens or ""))
    if line.happens in _BOOT:
        machine = history.machine(line)
        machine.booted, machine.writers, machine.infrastructure_down = number, None, None
        machine.importers = []


def _goes(machine: MachineView, obj: BackupObject, mark: Mark, *, surely: bool = False) -> None:
    """An object goes, or what VSS held for it: its auto-release shadow copies go along, surely or some time after."""
    import_cut_off(machine, obj, mark)
    if not surely and (obj.context is None or is_auto_release(obj.context)):
        may_be_gone(machine, obj, mark)


def _writers_may_end(history: History, line: Line) -> None:
    if line.happens in _WRITER_ENDS and not (_is_vss(line) or _is_event_system(line)):
        writers_may_be_gone(history.machine(line).writers)


def _is_vss(line: Line) -> bool:
    return line.happens == "service stops" and str(line.service or "").casefold() in _VSS


def _is_event_system(line: Line) -> bool:
    stops_or_starts = line.happens in ("service stops", "service starts")
    return stops_or_starts and str(line.service or "").casefold() in _EVENT_SYSTEM
