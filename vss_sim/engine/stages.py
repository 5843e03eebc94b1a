"""Asynchronous operations as stages: each begins, takes its time, and ends; the last end is that of the operation."""

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from vss_sim.engine.desk import Desk
from vss_sim.model.objects import AsyncObject, BackupObject, Handle, Why
from vss_sim.spec.creation import Taker
from vss_sim.spec.hresult import HResult


class Begun(msgspec.Struct, frozen=True):
    """A stage that has begun: the object then, how long it takes, and what the operation comes to if it is over now.

    `holds`: for so many seconds writes are held from here on; 0 ends that. `why` says what is wrong with a result.
    """

    obj: BackupObject
    seconds: float = 0.0
    result: HResult | None = None
    holds: float | None = None
    why: Why | None = None


class Ended(msgspec.Struct, frozen=True):
    """A stage that has ended: the object then, and what the operation comes to if that was its last stage."""

    obj: BackupObject
    result: HResult | None = None
    why: Why | None = None


Begin = Callable[[Desk, Handle, BackupObject, AsyncObject], Begun]
End = Callable[[Desk, Handle, BackupObject, AsyncObject], Ended]


def _nothing(desk: Desk, handle: Handle, obj: BackupObject, operation: AsyncObject) -> Ended:
    return Ended(obj)


class Stage(NamedTuple):
    """One stage of an operation; `name` is that of a step of the creation, where it is one.

    `taker` says who alone takes it, so that it is passed over where there is nobody of them.
    """

    begin: Begin
    end: End = _nothing
    name: str = ""
    taker: Taker | None = None
