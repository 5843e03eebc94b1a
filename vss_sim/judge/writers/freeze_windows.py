"""How long a writer stays frozen: from Freeze to Thaw no longer than the window that it declared, or 60 seconds.

Times are those of the event lines (`at`, seconds). Where the log does not show how the writer was initialised, its
window is not known, and one that is longer than 60 seconds is only suspected to be overrun.
"""

from typing import Final

from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History
from vss_sim.spec.creation import FREEZE_OVERRUN, FREEZE_WINDOW, ticks
from vss_sim.spec.events import ENDS_FREEZE, FREEZE, THAW
from vss_sim.spec.writer_calls import SAME_FACT
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_RULE: Final = FREEZE_OVERRUN[1]


def judge_window(history: History, number: int, line: Line) -> None:
    """A writer freezes, or the freeze ends."""
    instance, frozen = parse_guid(line.instance), history.documents.frozen
    if instance is None or line.event not in (FREEZE, *ENDS_FREEZE):
        return
    began = frozen.pop(instance, None)
    if line.event == FREEZE and line.at is not None:
        keep(frozen, instance, (line.at, (number, "the writer was frozen")))
    elif line.event == THAW and began is not None and line.at is not None:
        _judge(history, number, line, line.at - began[0], began[1])


def _judge(history: History, number: int, line: Line, seconds: float, mark: tuple[int, str]) -> None:
    declared = history.documents.windows.get((line.machine or "", parse_guid(line.writer) or ""))
    window = declared[0] if declared is not None else FREEZE_WINDOW
    if ticks(seconds) <= ticks(window):
        return
    level = Level.ERROR if declared is not None else Level.WARNING
    says = f"Thaw is raised {seconds:g} seconds after Freeze; after {window:g} the writer is to get Abort"
    grounds = (Ground(*mark), *((Ground(*declared[1]),) if declared is not None else ()))
    finding = Finding(number, level, At.IMPLEMENTATION, _RULE, says, grounds, also=SAME_FACT[_RULE])
    history.find(finding)
