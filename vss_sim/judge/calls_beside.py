"""Calls that are none of VSS, and tell something of a backup or a restore all the same."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from vss_sim.judge.backups.copied_files import judge_copied
from vss_sim.judge.backups.file_copies import READS, judge_read
from vss_sim.judge.backups.partial_files import WRITTEN, judge_restored
from vss_sim.judge.backups.saved_files import judge_copy
from vss_sim.judge.calls.com_security import INITIALIZES, judge_com
from vss_sim.judge.file_siblings import as_known
from vss_sim.judge.history import History, Step
from vss_sim.judge.restoring.delayed_moves import DELAYABLE, judge_move
from vss_sim.judge.restoring.putting_back import JUDGED, judge_file_call
from vss_sim.judge.restoring.restore_services import SERVICE_FUNCTIONS, judge_service_call
from vss_sim.judge.restoring.restored_files import WRITES, judge_write
from vss_sim.judge.restoring.restored_sets import PUTS, judge_put_back
from vss_sim.judge.shadows.shadow_files import TOUCHES, judge_file
from vss_sim.judge.transactions import waits
from vss_sim.judge.unknown_names import look_at_function
from vss_sim.judge.win32_returns import as_answered
from vss_sim.judge.writers.writer_calls import array_freed
from vss_sim.judge.writers.writer_deeds import DEEDS, judge_deed
from vss_sim.spec.methods import call_names
from vss_sim.spec.win32 import COPIES, HANDLES

_HANDLES: Final = frozenset(
    {*HANDLES, "hService", "hSCObject", "hTransaction", "TransactionHandle", "SC_HANDLE", "return"}
)
"""Arguments and results that are handles of Windows."""

_LOOKS: Final = re.compile("(?:Get|Is|Query|Sleep|Wait)(?![a-z])")
"""How the names of functions begin that leave every file and service as it is."""

JudgeBeside = Callable[[History, Step, str], None]

FREES: Final = frozenset({"CoTaskMemFree"})


def _free(history: History, step: Step, name: str) -> None:
    """A text that VSS handed out may be freed."""
    del name
    history.handed_out.memory_freed(step.arguments.get("pv"))
    array_freed(history, step)


OF_RESTORES: Final = JUDGED | DELAYABLE | SERVICE_FUNCTIONS
"""Functions that are judged wherever a restore goes on."""

_SUBJECTS: Final[tuple[tuple[frozenset[str], JudgeBeside], ...]] = (
    (INITIALIZES, judge_com),
    (FREES, _free),
    (COPIES, judge_copy),
    (COPIES, judge_copied),
    (READS, judge_read),
    (WRITES, judge_write),
    (DEEDS, judge_deed),
    (WRITTEN, judge_restored),
    (PUTS, judge_put_back),
    (TOUCHES, judge_file),
    (DELAYABLE, judge_move),
    (SERVICE_FUNCTIONS, judge_service_call),
    (JUDGED, judge_file_call),
)

CALLS_BESIDE_VSS: Final[dict[str, tuple[JudgeBeside, ...]]] = {
    name: tuple(judge for names, judge in _SUBJECTS if name in names)
    for name in frozenset().union(*(names for names, _ in _SUBJECTS))
}
"""Function → who looks at it."""


def judge_beside(history: History, step: Step, full_name: str) -> None:
    """Judge a call that is none of VSS, as far as it is known."""
    history.not_judged += 1
    step.arguments, step.results = _with_handles(step.arguments), _with_handles(step.results)
    step = as_answered(history, step, full_name)
    if full_name not in call_names():
        if not _only_looks(step, full_name):
            history.machine(step.line).disk.unread = step.number
        look_at_function(history, step.number, full_name)
    if waits(history, step, full_name, _judge):
        history.not_judged -= 1
    else:
        history.not_judged -= _judge(history, step, full_name)


def _only_looks(step: Step, name: str) -> bool:
    """Whether a function that nobody lists asks or waits, by its name, and was given no path."""
    given = (value for value in step.arguments.values() if isinstance(value, str))
    return _LOOKS.match(name) is not None and not any("\\" in value or "/" in value for value in given)


def _with_handles(given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What a line has, with handles that were recorded as numbers as texts; 0 is no handle."""
    numbers = {
        name: str(value)
        for name, value in given.items()
        if name in _HANDLES and isinstance(value, int) and value and not isinstance(value, bool)
    }
    return {**given, **numbers} if numbers else given


def _judge(history: History, step: Step, full_name: str) -> bool:
    """Give a call to everybody who looks at it; whether it is judged by a restore that goes on."""
    step, name = as_known(history, step, full_name)
    for judge in CALLS_BESIDE_VSS.get(name, ()):
        judge(history, step, name)
    return name in OF_RESTORES and bool(history.machine(step.line).restorers)
