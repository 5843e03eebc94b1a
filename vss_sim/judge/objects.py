"""What the checker remembers of each object, machine and handle of a log: bounded, and only what the log has shown."""

from typing import Final

from attrs import define, field

from vss_sim.judge.findings import Finding, Ground
from vss_sim.spec.methods import ASYNC
from vss_sim.spec.state import ANYTHING, MACHINE_MASK, START, Phase
from vss_sim.spec.table import Operation

MEMORY: Final = 4096
"""So many handles and ids of a kind are remembered; what is older is forgotten, and so unknown."""

_SUSPICIONS: Final = 8

UNRECORDED: Final = ANYTHING & ~(Phase.RELEASED | Phase.NEW)
"""What is known of an object whose making is not in the log, when it is first used."""


@define(eq=False)
class Running:
    """An asynchronous operation of an object: where it began, and whether somebody asked for its end."""

    method: str
    operation: Operation
    ground: Ground
    has_handle: bool
    waited: bool = False


@define(eq=False)
class BackupObject:
    """A backup components object: what is known of its state, and where each part of it comes from."""

    handle: str
    machine: str
    process: str
    state: int = START
    made: Ground | None = None
    grounds: dict[int, Ground] = field(factory=dict)
    references: int = 1
    spare_references: int = 0
    context: str | None = "VSS_CTX_BACKUP"
    components: dict[tuple[str, ...], int] = field(factory=dict)
    components_complete: bool = True
    succeeded: set[tuple[str, ...]] = field(factory=set)
    succeeded_complete: bool = True
    volumes: dict[str, int] = field(factory=dict)
    snapshots: list[str] = field(factory=list)
    snapshots_complete: bool = True
    creation_ran: bool = False
    selected: Ground | None = None
    restores_judged: bool = False
    pointers_died: Ground | None = None
    running: list[Running] = field(factory=list)
    suspicions: list[Finding] = field(factory=list)

    def move(self, state: int, ground: Ground) -> None:
        """Take on `state`; every machine that changed has `ground` for its reason."""
        changed = self.state ^ state
        if changed:
            self.state = state
            for mask in _MASKS:
                if changed & mask:
                    self.grounds[mask] = ground

    def suspect(self, finding: Finding) -> None:
        """Keep a finding that a later Release would clear: a reference that was not recorded may keep the object alive."""
        if len(self.suspicions) < _SUSPICIONS:
            self.suspicions.append(finding)

    def reasons(self, mask: int) -> tuple[Ground, ...]:
        """Why the machines that `mask` names are as they are, earliest line first."""
        found = {self.grounds.get(machine, self.made) for machine in _MASKS if mask & machine}
        return tuple(sorted((ground for ground in found if ground), key=lambda ground: ground.line))


_MASKS: Final = tuple(MACHINE_MASK.values())


@define(eq=False)
class AsyncObject:
    """An asynchronous operation as its `IVssAsync` shows it; `end` is the last word, once it was given."""

    owner: BackupObject | None
    running: Running | None
    end: str | None = None
    ended: Ground | None = None
    released: Ground | None = None
    family: str = ASYNC


@define(eq=False)
class OtherObject:
    """A metadata, component or enumeration object: what it is, who made it, and whether it was given up."""

    family: str
    owner: BackupObject | None
    made: Ground
    released: Ground | None = None


@define(eq=False)
class Snapshot:
    """A shadow copy or set whose id the log has shown: the object that made it, and whether it is there."""

    owner: BackupObject
    made: Ground
    gone: Ground | None = None
    never: Ground | None = None


@define(eq=False)
class MachineView:
    """What the log has shown of one machine."""

    creators: list[BackupObject] = field(factory=list)
    snapshots: dict[str, Snapshot] = field(factory=dict)
    forgot_snapshots: bool = False
    enumerated: bool = False


Known = BackupObject | AsyncObject | OtherObject


def remember(memory: dict[str, Known], handle: str, known: Known) -> None:
    """Keep `known` under `handle`; the oldest handle is forgotten where there are too many."""
    memory.pop(handle, None)
    memory[handle] = known
    if len(memory) > MEMORY:
        del memory[next(iter(memory))]
