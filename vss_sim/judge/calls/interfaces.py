"""The versions of IVssBackupComponents are got by QueryInterface.

A log writes all versions of the interface under one handle, so nothing is said of a version that nobody asked for. But
a version that QueryInterface did not find is not there, and no method can be called through it.
"""

from typing import Final

from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import BACKUP_COMPONENTS, FAMILIES
from vss_sim.spec.remedies import remedy

_RULE: Final = "object-ex-by-query-interface"
_NOT_THERE: Final = "E_NOINTERFACE"
_PREFIX: Final = "IID_"


def note_missing(step: Step, obj: BackupObject) -> None:
    """QueryInterface failed: if it says so, the interface that was asked for is not there."""
    asked = step.arguments.get("riid")
    if step.observed != _NOT_THERE or not isinstance(asked, str):
        return
    name = asked.removeprefix(_PREFIX)
    if FAMILIES.get(name) == BACKUP_COMPONENTS and name != BACKUP_COMPONENTS:
        told = obj.telling()
        told.missing_interfaces |= {name}
        obj.acts = None


def judge_interface(history: History, step: Step, obj: BackupObject) -> None:
    """Whether a method is called through a version of the interface that is not there."""
    name = (step.line.call or "").partition("::")[0]
    if name in obj.told.missing_interfaces:
        says = f"QueryInterface did not find {name}, so there is no pointer to call it through"
        mends = remedy(step.line.call or "", HResult[_NOT_THERE])
        history.note(step, Level.ERROR, _RULE, says, mends=mends)
