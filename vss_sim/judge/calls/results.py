"""Results that cannot be, given what the object was told or its system: an answer is news about the implementation."""

from typing import Final

from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.spec.hresult import HResult
from vss_sim.spec.systems import Generation
from vss_sim.trace.values import Code

_UNEXPECTED: Final = frozenset({HResult.VSS_E_UNEXPECTED, HResult.E_UNEXPECTED})
_NOT_TRANSACTED: Final = "VSS_VOLSNAP_ATTR_NOT_TRANSACTED"


def judge_unexpected(history: History, step: Step, code: Code) -> None:
    """By which code an unexpected failure is told depends on the system, where the header names it.

    E_UNEXPECTED may come from below VSS on any of them, so on a newer one it is only worth knowing.
    """
    system = history.world.system(step.line.machine) if code.known in _UNEXPECTED else None
    if system is None:
        return
    newer = system.generation >= Generation.WINDOWS_7
    if newer is (code.known is HResult.VSS_E_UNEXPECTED):
        return
    right = HResult.VSS_E_UNEXPECTED if newer else HResult.E_UNEXPECTED
    says = f"the answer is {code.name}, and {system.name} tells an unexpected failure by {right.name}"
    level = Level.INFO if newer else Level.WARNING
    history.note(step, level, "ans-unexpected-by-system", says, at=At.IMPLEMENTATION)


def judge_result(history: History, step: Step, obj: BackupObject, name: str, code: Code) -> None:
    """No transaction manager is frozen for a context with NOT_TRANSACTED, so none can be late."""
    if name != "DoSnapshotSet" or code.known is not HResult.VSS_E_TRANSACTION_FREEZE_TIMEOUT:
        return
    seen = obj.seen
    if seen is not None and seen.context_set is not None and _NOT_TRANSACTED in seen.attributes:
        says = f"the answer is {code.name}, but the context leaves transactions alone"
        history.note(step, Level.ERROR, "do-set-not-transacted", says, seen.context_set, at=At.IMPLEMENTATION)
