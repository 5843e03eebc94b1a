"""Asynchronous operations as stages: each begins, takes its time, and ends; the last end is that of the operation."""

from collections.abc import Callable
from typing import Final, NamedTuple

import msgspec

from vss_sim.engine.desk import Desk
from vss_sim.model.objects import AsyncObject, BackupObject, Handle, Why
from vss_sim.spec.creation import Taker
from vss_sim.spec.hresult import HResult

_OBEYING: Final = (Taker.PROVIDERS, Taker.HARDWARE)
"""Providers that do what they are asked at once need not be asked."""


class Begun(msgspec.Struct, frozen=True):
    """A stage that has begun: the object then, how long it takes, and what the operation comes to if it is over now.

    `fails` is what it comes to when this stage is over. `holds`: for so many seconds writes are held from here on; 0
    ends that. `why` says what is wrong with a result.
    """

    obj: BackupObject
    seconds: float = 0.0
    result: HResult | None = None
    holds: float | None = None
    why: Why | None = None
    fails: HResult | None = None


class Ended(msgspec.Struct, frozen=True):
    """A stage that has ended: the object then, and what the operation comes to if that was its last stage."""

    obj: BackupObject
    result: HResult | None = None
    why: Why | None = None


Begin = Callable[[Desk, Handle, BackupObject, AsyncObject], Begun]
End = Callable[[Desk, Handle, BackupObject, AsyncObject], Ended]


class Stage(NamedTuple):
    """One stage of an operation; without an `end` it is over at once. `name` is that of its step in a creation, if any.

    `taker` says who alone takes it, so that it is passed over where there is nobody of them.
    """

    begin: Begin
    end: End | None = None
    name: str = ""
    taker: Taker | None = None


class Course:
    """All stages of an operation, one after the other.

    `onward` tells from each place the next stage that is not passed over: first for providers that do not and that do
    obey, then for writers that do and that do not take part.
    """

    __slots__ = ("onward", "stages")

    def __init__(self, *stages: Stage) -> None:
        self.stages = stages
        absent = ((), (Taker.WRITERS,)), (_OBEYING, (Taker.WRITERS, *_OBEYING))
        self.onward = tuple(tuple(self._without(takers) for takers in row) for row in absent)

    def _without(self, absent: tuple[Taker, ...]) -> tuple[int, ...]:
        """From each place the first stage of which none of these is the taker; the last is always there."""
        there = [place for place, stage in enumerate(self.stages) if stage.taker not in absent]
        return tuple(next(other for other in there if other >= place) for place in range(len(self.stages)))
