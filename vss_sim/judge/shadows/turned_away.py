"""A requester that met another creation in progress, and goes on as if its shadow copy set had been begun."""

from typing import Final, NamedTuple

from vss_sim.judge.backups.writer_metadata import seen_of
from vss_sim.judge.findings import Ground
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.spec.hresult import HResult

_WAIT: Final = "seq-in-progress-wait"
_ELSEWHERE: Final = "im-complete-on-source"
_GOES_ON: Final = frozenset({"AddToSnapshotSet", "DoSnapshotSet"})


def turned_away_by_another(history: History, step: Step, obj: BackupObject) -> None:
    """StartSnapshotSet was refused because of a creation in progress."""
    if step.code is not None and step.code.known is HResult.VSS_E_SNAPSHOT_SET_IN_PROGRESS:
        seen_of(obj).turned_away = step.mark("StartSnapshotSet met another creation in progress")


def begun(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The set is begun after all."""
    if obj.seen is not None:
        obj.seen.turned_away = None


class WentOn(NamedTuple):
    """The rule that a refused call breaks beside its own, the lines that show it, and what is said of it."""

    also: tuple[str, ...] = ()
    because: tuple[Ground, ...] = ()
    says: str = ""


def went_on(name: str, obj: BackupObject) -> WentOn:
    """What is wrong with a refused call beside the state of its object.

    It goes on with a set that was not begun, or completes a backup whose writers are on the machine that made the set.
    """
    if name == "BackupComplete" and obj.arriving is not None:
        says = "; the writers took part on the machine that made the set, whose object tells them of the end"
        return WentOn((_ELSEWHERE,), (Ground(*obj.arriving.saved),), says)
    turned_away = obj.seen.turned_away if obj.seen is not None else None
    if turned_away is None or name not in _GOES_ON:
        return WentOn()
    return WentOn((_WAIT,), (Ground(*turned_away),))
