"""What the requester is told of single components, and of the names of servers."""

from typing import Final

from vss_sim.engine.arguments import truth_of
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.recorded import writer_failure

_PARTIAL: Final = "VSS_E_WRITERERROR_PARTIAL_FAILURE"


def status_read(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A writer may report that only single components failed."""
    told = writer_failure(step) if "phrFailureWriter" in step.results else None
    if told is not None and told.name == _PARTIAL:
        obj.telling().partial = step.mark("a writer reported failures of single components")


def status_failed(history: History, step: Step, obj: BackupObject) -> None:
    """The remarks speak of the method itself answering so."""
    if step.observed == _PARTIAL:
        obj.telling().partial = step.mark("a writer reported failures of single components")


def qualified(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Host names and fully qualified names are not mixed in one shadow copy set."""
    chosen = truth_of(step.arguments.get("bNormalizeFQDNforRootPath"))
    if chosen is None:
        return
    before = obj.told.qualified
    if before is None:
        obj.telling().qualified = (step.number, chosen)
    elif before[1] is not chosen:
        says = "bNormalizeFQDNforRootPath is not what it was in an earlier call for this shadow copy set"
        mark = (before[0], "chose the other form")
        history.note(step, Level.WARNING, "root-prefix-same-fqdn-flag", says, mark)
