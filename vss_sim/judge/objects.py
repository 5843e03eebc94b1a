"""What the checker remembers of each object, machine and handle of a log: bounded, and only what the log has shown."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

from vss_sim.judge.findings import Finding, Ground
from vss_sim.spec.methods import ASYNC
from vss_sim.spec.state import ANYTHING, MACHINE_MASK, START, Phase
from vss_sim.spec.table import Method, Operation
from vss_sim.trace.lines import Line

MEMORY: Final = 4096
"""So many handles and ids of a kind are remembered; what is older is forgotten, and so unknown."""

_SUSPICIONS: Final = 8

Act = Callable[[int, Line, Any], bool]
"""What a call in order does: a function of line number, line and object; false where the call is not in order."""

UNRECORDED: Final = ANYTHING & ~Phase.RELEASED.bit
"""What is known of an object whose making is not in the log, when it is first used."""


Mark = tuple[int, str]
"""A line, and what it did: a `Ground` that nobody has asked for yet, since long logs make millions of them."""


class BackupObject:
    """A backup components object: what is known of its state, and where each part of it comes from.

    What an object has not been told stands in the class; only what differs is kept with the object.
    """

    acts: Mapping[str, Act] | None = None
    made: Mark | None = None
    references = 1
    spare_references = 0
    context: str | None = "VSS_CTX_BACKUP"
    components: Mapping[tuple[str, ...], int] = MappingProxyType({})
    components_complete = True
    succeeded: frozenset[tuple[str, ...]] = frozenset()
    succeeded_complete = True
    volumes: Mapping[str, int] = MappingProxyType({})
    snapshots: tuple[str, ...] = ()
    snapshots_complete = True
    creation_ran = False
    selected: Mark | None = None
    restores_judged = False
    pointers_died: Mark | None = None
    suspicions: tuple[Finding, ...] = ()
    undecided: tuple[tuple[int, str], ...] = ()

    def __init__(self, handle: str, machine: str, process: str, state: int = START) -> None:
        self.handle = handle
        self.machine = machine
        self.process = process
        self.state = state
        self.grounds: dict[int, Mark] = {}
        self.running: dict[int, AsyncObject] = {}

    def move(self, state: int, mark: Mark) -> None:
        """Take on `state`; every machine that changed has `mark` for its reason."""
        changed = self.state ^ state
        if changed:
            self.state = state
            self.acts = None
            for mask in changed_machines(changed):
                self.grounds[mask] = mark

    def suspect(self, finding: Finding) -> None:
        """Keep a finding that a later Release would clear: an unrecorded reference may keep the object alive."""
        if len(self.suspicions) < _SUSPICIONS:
            self.suspicions = (*self.suspicions, finding)

    def reasons(self, mask: int) -> tuple[Ground, ...]:
        """Why the machines that `mask` names are as they are, earliest line first."""
        found = {self.grounds.get(machine, self.made) for machine in _MASKS if mask & machine}
        return tuple(sorted(Ground(*mark) for mark in found if mark))


class AsyncObject:
    """An asynchronous operation of an object, as its `IVssAsync` shows it.

    `waited` tells whether somebody asked for its end, `end` is the last word on it, once that was given.
    """

    family: Final = ASYNC
    acts: Mapping[str, Act] | None = None
    has_handle = True
    waited = False
    end: str | None = None
    ended: Mark | None = None
    released: Mark | None = None

    def __init__(self, owner: BackupObject, method: Method, operation: Operation, began: int) -> None:
        self.owner = owner
        self.method = method
        self.operation = operation
        self.began = began

    @property
    def ground(self) -> Ground:
        """Where it began."""
        return Ground(self.began, f"{self.method.name} began")


_MASKS: Final = tuple(MACHINE_MASK.values())


@lru_cache(maxsize=4096)
def changed_machines(changed: int) -> tuple[int, ...]:
    """The masks of the machines that `changed` has bits of."""
    return tuple(mask for mask in _MASKS if changed & mask)


class OtherObject:
    """A metadata, component or enumeration object: what it is, who made it, and whether it was given up."""

    acts: Mapping[str, Act] | None = None
    released: Mark | None = None

    def __init__(self, family: str, owner: BackupObject | None, made: Mark) -> None:
        self.family = family
        self.owner = owner
        self.made = made


class Snapshot:
    """A shadow copy or set whose id the log has shown: the object that made it, and whether it is there."""

    gone: Mark | None = None
    never: Mark | None = None
    lost: Mark | None = None
    """Since when it may be gone: its set was aborted, or its object released."""

    def __init__(self, owner: BackupObject, made: Mark) -> None:
        self.owner = owner
        self.made = made


class MachineView:
    """What the log has shown of one machine."""

    forgot_snapshots = False
    enumerated = False

    def __init__(self) -> None:
        self.creators: list[BackupObject] = []
        self.snapshots: dict[str, Snapshot] = {}


Known = BackupObject | AsyncObject | OtherObject


def remember(memory: dict[str, Known], handle: str, known: Known) -> None:
    """Keep `known` under `handle`; the oldest handles are forgotten where there are too many."""
    memory[handle] = known
    if len(memory) > 2 * MEMORY:
        for old in list(memory)[:MEMORY]:
            del memory[old]
