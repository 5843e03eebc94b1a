"""How far a backup components object came: small machines side by side, never their product.

Each machine is a closed list of values, and each value owns one bit of a single integer. An object whose state is known
sets exactly one bit a machine; an observer who does not know sets the bits of all that is possible. So "yes", "no" and
"unknown" are the same integer arithmetic, and a condition is a mask: `Phase.SET_FILLED | Phase.SET_STARTED` is met for
certain when no other bit of that machine is set, and impossible when none of its bits is.

No other module compares phases; they ask the protocol table (`vss_sim.spec.protocol`), which is written in these words.
"""

from enum import Enum
from functools import lru_cache
from itertools import count
from typing import Final, Self

_next_bit = count()


class State(Enum):
    """A value of one machine: `bit` in the packed integer, `meaning` in words."""

    bit: int
    meaning: str

    def __new__(cls, meaning: str) -> Self:
        """A member with the next bit."""
        member = object.__new__(cls)
        member.bit = 1 << next(_next_bit)
        member._value_ = member.bit
        member.meaning = meaning
        return member

    def __or__(self, other: "State | int") -> int:
        return self.bit | (other.bit if isinstance(other, State) else other)

    __ror__ = __or__


class Phase(State):
    """How far the object came in its one operation."""

    NEW = "the object is not initialised"
    BACKUP = "the object is initialised for backup"
    SET_STARTED = "a shadow copy set is begun, without a volume"
    SET_FILLED = "the shadow copy set has a volume"
    CREATING = "DoSnapshotSet is under way"
    CREATED = "the shadow copy set exists"
    CREATION_FAILED = "DoSnapshotSet failed or was cancelled"
    COMPLETING = "BackupComplete is under way"
    COMPLETED = "BackupComplete is done"
    ABORTED = "the backup was aborted"
    RESTORE = "the object is initialised for restore"
    PRE_RESTORING = "PreRestore is under way"
    PRE_RESTORED = "PreRestore is done"
    POST_RESTORING = "PostRestore is under way"
    POST_RESTORED = "PostRestore is done"
    RELEASED = "the object is gone"


class Context(State):
    """The shadow copy context, as far as the order of calls depends on it."""

    DEFAULT = "the context was never set"
    WRITERS = "the context has writers"
    NO_WRITERS = "the context has no writers"
    ALL = "the context is VSS_CTX_ALL"


class BackupState(State):
    """What SetBackupState declared."""

    UNSET = "SetBackupState was not called"
    VOLUMES = "the backup is by volumes (bSelectComponents false)"
    COMPONENTS = "the backup is by components (bSelectComponents true)"


class Metadata(State):
    """Writer metadata on this object."""

    NONE = "writer metadata was not gathered"
    GATHERING = "GatherWriterMetadata is under way"
    GATHERED = "writer metadata is gathered"
    FREED = "writer metadata was gathered and freed"


class Status(State):
    """Writer status on this object."""

    NONE = "writer status was not gathered"
    GATHERING = "GatherWriterStatus is under way"
    GATHERED = "writer status is gathered"
    FREED = "writer status was gathered and freed"


class Prepare(State):
    """PrepareForBackup on this object."""

    NONE = "PrepareForBackup was not called"
    PENDING = "PrepareForBackup is under way"
    DONE = "the writers are prepared"
    FAILED = "PrepareForBackup failed or was cancelled"


class Import(State):
    """ImportSnapshots on this object."""

    NONE = "nothing was imported"
    PENDING = "ImportSnapshots is under way"
    DONE = "the set is imported"
    FAILED = "the import failed"


class Document(State):
    """The Backup Components Document that the object began with."""

    NONE = "the object began with an empty document"
    LOADED = "the object began with a saved document"


class Selection(State):
    """Components selected for restore."""

    NONE = "nothing is selected for restore"
    SOME = "a component is selected for restore"


class RecoverySet(State):
    """Shadow copies chosen for a LUN resync."""

    EMPTY = "no shadow copy was added to the recovery set"
    FILLED = "a shadow copy was added to the recovery set"


class Earlier(State):
    """What the object had made before the shadow copy set that it began last; forgotten when its backup ends."""

    NONE = "no earlier shadow copy set was made"
    MADE = "the object made a shadow copy set, or completed a backup, before this one"


Machine = type[State]

MACHINES: Final[tuple[Machine, ...]] = (
    Phase,
    Context,
    BackupState,
    Metadata,
    Status,
    Prepare,
    Import,
    Document,
    Selection,
    RecoverySet,
    Earlier,
)
"""All machines; a state is one value of each."""


def any_of(*values: State) -> int:
    """The mask that holds the bits of `values`."""
    mask = 0
    for value in values:
        mask |= value.bit
    return mask


def all_but(*values: State) -> int:
    """The mask of every other value of the machine that `values` (one or more, of one machine) belong to."""
    return MACHINE_MASK[type(values[0])] & ~any_of(*values)


MACHINE_MASK: Final[dict[Machine, int]] = {machine: any_of(*machine) for machine in MACHINES}
"""Machine → all of its bits."""

ANYTHING: Final[int] = any_of(*(value for machine in MACHINES for value in machine))
"""Nothing is known: every bit of every machine."""

START: Final[int] = any_of(*(next(iter(machine)) for machine in MACHINES))
"""A fresh object: the first value of every machine."""


def values_in(mask: int) -> tuple[State, ...]:
    """The values whose bits `mask` holds, in the order of the machines."""
    return tuple(value for machine in MACHINES for value in machine if mask & value.bit)


@lru_cache(maxsize=4096)
def machines_in(mask: int) -> tuple[Machine, ...]:
    """The machines that `mask` has bits of."""
    return tuple(machine for machine in MACHINES if mask & MACHINE_MASK[machine])
