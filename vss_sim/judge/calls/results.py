"""Results that cannot be, given what the object was told: an answer is then news about the implementation."""

from typing import Final

from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.spec.hresult import HResult
from vss_sim.trace.values import Code

_NOT_TRANSACTED: Final = "VSS_VOLSNAP_ATTR_NOT_TRANSACTED"


def judge_result(history: History, step: Step, obj: BackupObject, name: str, code: Code) -> None:
    """No transaction manager is frozen for a context with NOT_TRANSACTED, so none can be late."""
    if name != "DoSnapshotSet" or code.known is not HResult.VSS_E_TRANSACTION_FREEZE_TIMEOUT:
        return
    seen = obj.seen
    if seen is not None and seen.context_set is not None and _NOT_TRANSACTED in seen.attributes:
        says = f"the answer is {code.name}, but the context leaves transactions alone"
        history.note(step, Level.ERROR, "do-set-not-transacted", says, seen.context_set, at=At.IMPLEMENTATION)
