"""What the properties of a shadow copy show of promises that VSS gave: its context, and that it goes with its object.

The law: an object whose context was never set makes shadow copies of VSS_CTX_BACKUP, and auto-release copies are
deleted with the object that made them. Real Windows deletes them some time after, so there only a restart is proof.
"""

from typing import Any, Final

from vss_sim.engine import bits
from vss_sim.engine.contexts import is_auto_release, number_of
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.shadows.known_copies import Snapshot
from vss_sim.spec.enums import numbers
from vss_sim.spec.protocol.common import BEING_CREATED, NOT_DURING_CREATION, RELEASED
from vss_sim.spec.protocol.objects import WAIT_FIRST
from vss_sim.spec.providers import TRANSPORTABLE
from vss_sim.spec.state import MACHINE_MASK, Context, Phase
from vss_sim.spec.table import Profile
from vss_sim.trace.values import parse_guid

_DEFAULT: Final = ("seq-setcontext-default", "set-context-default")
_GOES: Final = ("seq-release-deletes-autorelease", "delete-auto-release")
_NOT_OF_BACKUP: Final = (
    "VSS_VOLSNAP_ATTR_PERSISTENT",
    "VSS_VOLSNAP_ATTR_NO_AUTO_RELEASE",
    "VSS_VOLSNAP_ATTR_NO_WRITERS",
    "VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE",
)


def judge_properties(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """GetSnapshotProperties succeeded: the shadow copy is there, with the attributes that it shows."""
    key = parse_guid(step.arguments.get("SnapshotId"))
    if certain and key in obj.snapshots:
        _nobody_waited(history, step, obj)
    known = history.machine(step.line).snapshots.get(key or "")
    if known is None or not certain:
        return
    _is_there(history, step, known)
    _of_the_default_context(history, step, known)
    _to_be_transported(history, step, known)


def _nobody_waited(history: History, step: Step, obj: BackupObject) -> None:
    """The creation may still run: its IVssAsync was given up before anybody waited or asked."""
    creation = obj.running.get(BEING_CREATED)
    if creation is None or creation.end is not None or creation.waited or creation.warned or not creation.released:
        return
    creation.warned = True
    says = "GetSnapshotProperties may come while DoSnapshotSet is still running; nobody waited for its end"
    history.note(step, Level.WARNING, WAIT_FIRST, says, creation.ground, creation.released, also=(NOT_DURING_CREATION,))


def _is_there(history: History, step: Step, known: Snapshot) -> None:
    owner, booted = known.owner, history.machine(step.line).booted
    if owner.context is None or not is_auto_release(owner.context):
        return
    released = holds(owner.state, RELEASED) is Certainty.YES
    if known.made[0] < booted:
        because = booted, "the machine was restarted"
    elif released and history.profile is Profile.DOCUMENTED:
        because = owner.grounds.get(MACHINE_MASK[Phase], known.made)
    else:
        return
    says = "an auto-release shadow copy is still there, though the object that made it is gone"
    history.note(step, Level.ERROR, _GOES[0], says, known.made, because, at=At.IMPLEMENTATION, also=_GOES[1:])


def _of_the_default_context(history: History, step: Step, known: Snapshot) -> None:
    properties: Any = step.results.get("pProp")
    attributes = number_of(properties.get("m_lSnapshotAttributes")) if isinstance(properties, dict) else None
    owner = known.owner
    if attributes is None or owner.made is None or holds(owner.state, Context.DEFAULT.bit) is not Certainty.YES:
        return
    wrong = [name for name in _NOT_OF_BACKUP if attributes & numbers()[name]]
    if wrong:
        says = f"the context was never set, so it is VSS_CTX_BACKUP; the shadow copy has {' and '.join(wrong)}"
        history.note(step, Level.ERROR, _DEFAULT[0], says, known.made, at=At.IMPLEMENTATION, also=_DEFAULT[1:])


def _to_be_transported(history: History, step: Step, known: Snapshot) -> None:
    """Each copy of a transportable set is transportable, and is not surfaced on the machine that made it."""
    properties: Any = step.results.get("pProp")
    attributes = number_of(properties.get("m_lSnapshotAttributes")) if isinstance(properties, dict) else None
    seen = known.owner.seen
    if attributes is None or seen is None or TRANSPORTABLE not in seen.attributes:
        return
    if not attributes & numbers()[TRANSPORTABLE]:
        says = "the context makes transportable copies, and this one is not"
        history.note(step, Level.ERROR, "im-all-volumes-transportable", says, known.made, at=At.IMPLEMENTATION)
    elif not attributes & (bits.NOT_SURFACED | bits.IMPORTED):
        says = "the set was made to be transported, and is surfaced where it was made"
        history.note(step, Level.ERROR, "im-not-surfaced-locally", says, known.made, at=At.IMPLEMENTATION)
