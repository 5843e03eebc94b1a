"""What the requester learns of writers, and owes for it: their number, and the failures of single components."""

from typing import Final

from vss_sim.engine.arguments import truth_of
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark

_PARTIAL: Final = "VSS_E_WRITERERROR_PARTIAL_FAILURE"


def counted(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """How many writers there are with metadata; it holds until they are gathered again."""
    number = step.results.get("pcWriters")
    obj.counted = (step.number, number) if certain and type(number) is int else None


def status_read(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A writer may report that only single components failed."""
    if step.results.get("phrFailureWriter") == _PARTIAL:
        obj.partial = step.mark("a writer reported failures of single components")


def status_failed(history: History, step: Step, obj: BackupObject) -> None:
    """The remarks speak of the method itself answering so."""
    if step.observed == _PARTIAL:
        obj.partial = step.mark("a writer reported failures of single components")


def partial_failure_owed(history: History, step: Step, obj: BackupObject) -> None:
    """The failures of the components are to be read before the object is given up."""
    partial: Mark | None = obj.partial
    if partial and history.machine(step.line).failures_read < partial[0]:
        obj.partial = None
        says = "no IVssComponentEx2::GetFailure told which components failed, though a writer reported that some did"
        history.note(step, Level.WARNING, "status-ex-partial-failure", says, partial)


def qualified(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Host names and fully qualified names are not mixed in one shadow copy set."""
    chosen = truth_of(step.arguments.get("bNormalizeFQDNforRootPath"))
    if chosen is None:
        return
    before = obj.qualified
    if before is None:
        obj.qualified = (step.number, chosen)
    elif before[1] is not chosen:
        says = "bNormalizeFQDNforRootPath is not what it was in an earlier call for this shadow copy set"
        mark = (before[0], "chose the other form")
        history.note(step, Level.WARNING, "root-prefix-same-fqdn-flag", says, mark)
