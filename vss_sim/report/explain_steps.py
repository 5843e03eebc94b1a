"""What happens inside an operation of a requester, step by step, and where among the steps a provider is asked.

Page: https://learn.microsoft.com/windows/win32/vss/the-shadow-copy-creation-process
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.report.words import wrapped
from vss_sim.spec.creation import (
    CREATION,
    FILL_IN_LUN_INFO,
    LOCATE_LUNS,
    ON_LUN_STATE_CHANGE,
    PROVIDER_EVENTS,
    TO_MASK,
    TO_READ_WRITE,
    CreationStep,
    Taker,
)
from vss_sim.spec.importing import IMPORT_EVENTS

_BEGINS: Final = PROVIDER_EVENTS[0]
_ONLY: Final = {
    LOCATE_LUNS: "where the shadow copies are not to travel, or are recovered",
    FILL_IN_LUN_INFO: "where the shadow copies are not to travel, or are recovered",
    ON_LUN_STATE_CHANGE: "where writers, or TxF by the context, recover data in the shadow copies",
}
_HARDWARE: Final = Taker.HARDWARE.value
_INSIDE: Final = {
    "AddToSnapshotSet": (f"{_BEGINS}: the provider of the volume",),
    "ImportSnapshots": tuple(f"{name}: {_HARDWARE}" for name in IMPORT_EVENTS),
    "BreakSnapshotSetEx": (
        f"{ON_LUN_STATE_CHANGE}({TO_READ_WRITE} or {TO_MASK}): {_HARDWARE}, where the break has such a flag",
    ),
}
_ASKED_ELSEWHERE: Final = {
    _BEGINS: ("in AddToSnapshotSet, for each volume",),
    **dict.fromkeys(IMPORT_EVENTS, ("inside ImportSnapshots, LocateLuns first and FillInLunInfo then",)),
    ON_LUN_STATE_CHANGE: (f"in BreakSnapshotSetEx, with {TO_READ_WRITE} or {TO_MASK}, before the set is broken",),
}


def steps_inside(name: str) -> Iterator[str]:
    """What happens inside the call of this name, in order; nothing for other calls."""
    steps = tuple(map(_in_words, CREATION)) if name == "DoSnapshotSet" else _INSIDE.get(name, ())
    if steps:
        yield ""
        yield "  inside it, in this order:"
    for step in steps:
        yield wrapped(f"- {step}", "    ", "  ")


def _in_words(step: CreationStep) -> str:
    flag = f"({step.change})" if step.change else ""
    only = "where the shadow copies travel, and were recovered" if step.change == TO_MASK else _ONLY.get(step.name)
    return f"{step.name}{flag}: {step.taker.value}" + (f", {only}" if only else "")


def when_asked(name: str) -> Iterator[str]:
    """When VSS calls this method of a provider; nothing for others."""
    asked = [*_ASKED_ELSEWHERE.get(name, ()), *(_between(place) for place in _places_of(name))]
    if asked:
        yield ""
        yield "  VSS asks:"
    for when in asked:
        yield wrapped(f"- {when}", "    ", "  ")


def _places_of(name: str) -> list[int]:
    return [place for place, step in enumerate(CREATION) if step.name == name and step.taker is not Taker.WRITERS]


def _between(place: int) -> str:
    step = CREATION[place]
    after = f", after {CREATION[place - 1].name}" if place else ""
    before = f" and before {CREATION[place + 1].name}" if place + 1 < len(CREATION) else ""
    flag = f" with {step.change}" if step.change else ""
    only = _in_words(step).partition(f": {step.taker.value}")[2]
    return f"inside DoSnapshotSet{flag}{after}{before or ''}{only}"
