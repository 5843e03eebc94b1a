"""Writer classes that were disabled or enabled before the gather, against the writers that VSS then lists.

Each DisableWriterClasses adds to the list. The first EnableWriterClasses drops it and leaves only the classes it names;
later calls add classes to these, and a DisableWriterClasses takes away again. A class stands for all of its instances.
"""

from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, OtherObject
from vss_sim.judge.seen import FEW, WriterFacts
from vss_sim.judge.writer_metadata import seen_of
from vss_sim.spec.state import Metadata
from vss_sim.trace.values import parse_guid

_ALL_INSTANCES: Final = "disable-classes-all-instances"
_ACCUMULATE: Final = "disable-classes-accumulate"
_EXCLUSIVE: Final = "enable-classes-exclusive"
_SAME: Final = {
    _ALL_INSTANCES: ("seq-disable-class-all-instances",),
    _ACCUMULATE: ("seq-disable-accumulates",),
    _EXCLUSIVE: ("seq-enable-resets-disable",),
}
"""Rules of the overview that say the same of these calls."""


_IDENTIFIES: Final = ("GetIdentity", "GetIdentityEx")


def disable_classes(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The classes named take no part any more."""
    classes = _classes(step, obj, certain=certain)
    found = seen_of(obj).filter
    for identifier in classes:
        found.disabled.setdefault(identifier, step.mark("disabled it"))
    if found.alone is not None:
        found.alone.difference_update(classes)
    found.calls += 1


def enable_classes(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Only the classes named take part, with those that were enabled before."""
    classes = _classes(step, obj, certain=certain)
    found = seen_of(obj).filter
    if found.alone is None:
        found.alone, found.first, found.disabled = set(), step.mark("enabled other classes alone"), {}
    found.alone.update(classes)
    for identifier in classes:
        found.disabled.pop(identifier, None)


def judge_writer(history: History, step: Step, name: str, known: OtherObject) -> None:
    """A writer whose identity is read by the call `name`: its class is not disabled."""
    facts, owner = known.metadata, known.owner
    if name not in _IDENTIFIES or not isinstance(facts, WriterFacts) or facts.writer is None:
        return
    if owner is None or not owner.made:
        return
    found = seen_of(owner).filter
    if not found.certain:
        return
    by, rules = found.disabled.get(facts.writer), [_ALL_INSTANCES, *([_ACCUMULATE] if found.calls > 1 else [])]
    if by is None and found.alone is not None and facts.writer not in found.alone:
        by, rules = found.first, [_EXCLUSIVE, *([_ACCUMULATE] if found.calls else [])]
    if by is not None:
        also = (*rules[1:], *(same for rule in rules for same in _SAME[rule]))
        says = f"{facts.writer} is listed, and its class takes no part"
        history.note(step, Level.ERROR, rules[0], says, by, at=At.IMPLEMENTATION, also=also)


def _classes(step: Step, obj: BackupObject, *, certain: bool) -> set[str]:
    """The classes that a call names; one that is late, doubtful or not recorded leaves the filter unknown."""
    found = seen_of(obj).filter
    named = step.arguments.get("rgWriterClassId")
    listed = named if isinstance(named, list) else [named]
    classes = {identifier for identifier in map(parse_guid, listed) if identifier is not None}
    early = holds(obj.state, Metadata.NONE.bit) is Certainty.YES
    room = len(classes) + len(found.disabled) + len(found.alone or ()) <= FEW
    if not certain or not early or not classes or not room:
        found.certain = False
        return set()
    return classes
