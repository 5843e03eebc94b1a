"""Objects that were handed out and never given up.

Whoever gets an interface pointer releases it. A log that shows no Release of a kind of object at all was made by a
recorder that does not record them, or stops too early; only where others of the kind were released, and the object
that handed this one out is gone, it was forgotten.
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History
from vss_sim.judge.objects import AsyncObject, BackupObject, OtherObject
from vss_sim.spec.methods import ASYNC
from vss_sim.spec.protocol.common import RELEASED

_ASYNC_RULES: Final = ("seq-async-release", "async-caller-releases")
_RULES: Final[dict[str, tuple[str, ...]]] = {
    "IVssWriterComponents": ("get-writer-components-release", "ext-release"),
}
_OF_METHODS: Final = {"GatherWriterMetadata": ("async-release",), "ImportSnapshots": ("im-async-release",)}
"""Rules of single methods that say the same."""


def left_behind(history: History, last: int) -> Iterator[Finding]:
    """The first object of each kind that was forgotten, and how many there are."""
    handed_out = [known for known in history.handles.values() if not isinstance(known, BackupObject)]
    recorded = {known.family for known in handed_out if known.released}
    forgotten: dict[tuple[str, ...], list[AsyncObject | OtherObject]] = {}
    for known in handed_out:
        rules = _rules_for(known)
        if rules and known.family in recorded and not known.released and _orphaned(history, known):
            forgotten.setdefault(rules, []).append(known)
    for rules, (first, *more) in forgotten.items():
        ground = first.ground if isinstance(first, AsyncObject) else Ground(*first.made)
        says = f"an {first.family} was not released" + (f", nor were {len(more)} more" if len(more) > 1 else "")
        says += ", nor was another" if len(more) == 1 else ""
        yield Finding(last, Level.WARNING, At.REQUESTER, rules[0], says, (ground,), also=rules[1:])


def _rules_for(known: AsyncObject | OtherObject) -> tuple[str, ...]:
    if known.family != ASYNC:
        return _RULES.get(known.family, ())
    more = _OF_METHODS.get(known.method.name, ()) if isinstance(known, AsyncObject) else ()
    return (*_ASYNC_RULES, *more)


def _orphaned(history: History, known: AsyncObject | OtherObject) -> bool:
    """Whether the object that handed it out was released, in a process that lives on."""
    owner = known.owner
    if owner is None or holds(owner.state, RELEASED) is not Certainty.YES:
        return False
    return id(owner) in history.processes.get((owner.machine, owner.process), {})
