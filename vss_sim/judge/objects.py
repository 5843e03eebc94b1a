"""What the checker remembers of each object, machine and handle of a log: bounded, and only what the log has shown."""

from collections.abc import Callable, Mapping
from enum import Enum
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from vss_sim.judge.backups.seen import MetadataFacts, Seen
from vss_sim.judge.documents.document_memory import Facts, Requests, Tie
from vss_sim.judge.findings import Finding, Ground, Trouble
from vss_sim.judge.restoring.disk_view import DiskView
from vss_sim.judge.restoring.restores import Described, Restoring, WriterDocument
from vss_sim.judge.shadows.known_copies import ShadowFacts, Snapshot, Transport
from vss_sim.judge.told import NOTHING_TOLD, Told
from vss_sim.spec.methods import ASYNC
from vss_sim.spec.protocol.common import RELEASED
from vss_sim.spec.state import ANYTHING, MACHINE_MASK, START, Machine, Phase
from vss_sim.spec.table import Method, Operation
from vss_sim.trace.lines import Line

if TYPE_CHECKING:
    from vss_sim.judge.writers.writer_filter import WriterFilter
    from vss_sim.judge.writers.writer_memory import WriterMemory

_SUSPICIONS: Final = 8
_DOUBTS: Final = 16

Act = Callable[[int, Line, Any], bool]
"""What a call in order does: a function of line number, line and object; false where the call is not in order."""

UNRECORDED: Final = ANYTHING & ~RELEASED
"""What is known of an object whose making is not in the log, when it is first used."""


Mark = tuple[int, str]
"""A line, and what it did: a `Ground` that nobody has asked for yet, since long logs make millions of them."""


class Doubt(NamedTuple):
    """A call that may have been accepted or refused: its line, what to say of it, the bits that its success sets."""

    line: int
    says: str
    changes: int


class BackupObject:
    """A backup components object: what is known of its state, and where each part of it comes from.

    What an object has not been told stands in the class; only what differs is kept with the object.
    """

    acts: Mapping[str, Act] | None = None
    made: Mark | None = None
    references = 1
    spare_references = 0
    context: str | None = "VSS_CTX_BACKUP"
    components_complete = True
    succeeded_complete = True
    base: object = None
    """What further backups may build on (`judge.increments.Base`), once a stamp of it was told."""
    snapshots: tuple[str, ...] = ()
    snapshots_complete = True
    earlier_snapshots: tuple[str, ...] = ()
    """Those of the sets that it made before this one."""
    creation_ran = False
    restoring: Restoring | None = None
    pointers_died: Mark | None = None
    writer_filter: "WriterFilter | None" = None
    suspicions: tuple[Finding, ...] = ()
    undecided: tuple[Doubt, ...] = ()
    more_undecided = 0
    """Undecided calls beyond those that are kept."""
    names = 0
    """The handles that name this object."""
    partial_files: bool | None = None
    """Whether the requester saves parts of files."""
    backup_type: str | None = None
    """What SetBackupState declared, where that says which files a backup is of."""
    bootable: bool | None = None
    """Whether it declared a backup of the bootable system state."""
    seen: Seen | None = None
    """What the log has shown of the backup beside its state; made when there is something."""
    asked: Requests | None = None
    """What its component objects show again."""
    told: Told = NOTHING_TOLD
    transports: tuple[Transport, ...] = ()
    """The documents of its transportable set that were given out."""
    arriving: Transport | None = None
    """The set of the document that it began with, where the log shows who made that."""

    def __init__(self, handle: str, machine: str, process: str, state: int = START) -> None:
        self.handle = handle
        self.machine = machine
        self.process = process
        self.state = state
        self.grounds: dict[int, Mark] = {}
        self.components: dict[tuple[str, ...], Mark] = {}
        self.succeeded: set[tuple[str, ...]] = set()
        self.volumes: dict[str, int] = {}
        self.running: dict[int, AsyncObject] = {}

    def move(self, state: int, mark: Mark) -> None:
        """Take on `state`; every machine that changed has `mark` for its reason."""
        changed = self.state ^ state
        if changed:
            self.state = state
            self.acts = None
            for mask in changed_machines(changed):
                self.grounds[mask] = mark

    def forget(self) -> None:
        """Nothing shows any more what becomes of it: it may be in any state, and given up, unless it is."""
        if not self.state & ~RELEASED & MACHINE_MASK[Phase]:
            return
        self.state |= ANYTHING
        self.acts = None

    def telling(self) -> Told:
        """What it was told, to be added to."""
        if self.told is NOTHING_TOLD:
            self.told = Told()
        return self.told

    def suspect(self, finding: Finding) -> None:
        """Keep a finding that a later Release would clear: an unrecorded reference may keep the object alive."""
        if len(self.suspicions) < _SUSPICIONS:
            self.suspicions = (*self.suspicions, finding)

    def doubt(self, doubt: Doubt) -> None:
        """Keep that a call may have been accepted or refused, until something settles it."""
        self.acts = None
        if len(self.undecided) < _DOUBTS:
            self.undecided = (*self.undecided, doubt)
        else:
            self.more_undecided += 1

    @property
    def requests(self) -> Requests:
        """What its component objects show again, to be added to."""
        if self.asked is None:
            self.asked = Requests()
        return self.asked

    def reasons(self, mask: int) -> tuple[Ground, ...]:
        """Why the machines that `mask` names are as they are, earliest line first."""
        found = {self.grounds.get(machine, self.made) for machine in _MASKS if mask & machine}
        return tuple(sorted(Ground(*mark) for mark in found if mark))

    def grounds_of(self, machine: Machine) -> tuple[Mark, ...]:
        """Why one machine is as it is, where the log shows it."""
        mark = self.grounds.get(MACHINE_MASK[machine], self.made)
        return (mark,) if mark else ()


class End(Enum):
    """What an asynchronous operation came to."""

    FINISHED = "finished"
    FAILED = "failed"
    CANCELLED = "cancelled"


class AsyncObject:
    """An asynchronous operation of an object, as its `IVssAsync` shows it.

    `waited` tells whether somebody waited or asked for its end, `asked` whether somebody asked for its result, `end` is
    the last word on it, once that was given.
    """

    family: Final = ASYNC
    acts: Mapping[str, Act] | None = None
    has_handle = True
    references = 1
    overlaps = False
    """Whether another of its kind ran on the object at the same time, so that its end alone shows nothing."""
    waited = False
    asked = False
    """Whether QueryStatus was called for it, with a result that was recorded or not."""
    warned = False
    """Whether it was said that nobody waits, or that nobody read its result."""
    end: End | None = None
    ended: Mark | None = None
    released: Mark | None = None
    suspected: Trouble | None = None
    """What spoke against the operation when it began."""
    at_end: "Callable[[Any, End, Any], None] | None" = None
    """What its end does beside the state of its object, as a function of the step, the end and what was said."""

    def __init__(self, owner: BackupObject, method: Method, operation: Operation, began: int) -> None:
        self.owner = owner
        self.method = method
        self.operation = operation
        self.began = began

    def take_its_place(self) -> None:
        """From now on this is the object's operation of its kind."""
        before = self.owner.running.get(self.operation.pending)
        if before is not None and (before.end is None or before.overlaps):
            self.overlaps = before.overlaps = True
            before.acts = None
        self.owner.running[self.operation.pending] = self

    def leave(self) -> None:
        """No handle names it any more: no call comes to it, and its object alone remembers it.

        So the two are no circle, and what a long log has forgotten is gone at once.
        """
        self.owner, self.at_end = _NOBODY, None

    @property
    def is_current(self) -> bool:
        """Whether no later operation of its kind began on its object: of an earlier one the state shows no more."""
        return self.owner.running.get(self.operation.pending) is self

    @property
    def ground(self) -> Ground:
        """Where it began."""
        return Ground(self.began, f"{self.method.name} began")


_NOBODY: Final = BackupObject("", "", "")
_MASKS: Final = tuple(MACHINE_MASK.values())


@lru_cache(maxsize=4096)
def changed_machines(changed: int) -> tuple[int, ...]:
    """The masks of the machines that `changed` has bits of."""
    return tuple(mask for mask in _MASKS if changed & mask)


class Enumeration:
    """What an `IVssEnumObject` goes through: the line of the Query, the type that it asked for, and its context."""

    unread = False
    """Whether an element was not recorded."""

    def __init__(self, made: int, asked: object, context: str | None) -> None:
        self.made = made
        self.asked = asked
        self.context = context


class OtherObject:
    """A metadata, component or enumeration object: what it is, who made it, and whether it was given up."""

    acts: Mapping[str, Act] | None = None
    references = 1
    released: Mark | None = None
    described: Described | None = None
    """What the log has shown of what stands behind it, where that matters to a restore."""
    loaded = False
    """Whether LoadFromXML put a stored document into it."""
    metadata: MetadataFacts | None = None
    """What the log has shown of the writer, component or file set that it describes."""
    enumeration: Enumeration | None = None
    parent: "OtherObject | None" = None
    """The document object that gave it out."""
    maker = ""
    """The full name of the call that did."""
    known: Facts | None = None

    def __init__(self, family: str, owner: BackupObject | None, made: Mark) -> None:
        self.family = family
        self.owner = owner
        self.made = made

    @property
    def facts(self) -> Facts:
        """What its calls told, to be added to."""
        if self.known is None:
            self.known = Facts()
        return self.known


class MachineView:
    """What the log has shown of one machine."""

    forgot_snapshots = False
    enumerated = False
    documents_loaded = False
    unseen_documents = 0
    """The last line that loaded a stored document whose handle was not recorded."""
    resync: AsyncObject | None = None
    """The LUN resync that began last."""
    exposed_unseen = False
    """A shadow copy was exposed whose id was not recorded."""
    providers_listed: Mark | None = None
    """Where an enumeration of the providers came to its end, each of them recorded."""
    masked: Mark | None = None
    """The last time a LUN was masked from it."""
    booted = 0
    """The line at which it was last restarted."""
    stopped = 0
    """The line at which VSS last ended there, and what its objects held with it."""
    cleaned = 0
    """The last line on which shadow copies were deleted or broken."""
    came = 0
    """The last line at which an import was seen to have brought its whole set."""
    failures_read = 0
    """The last line on which the failure of a component was read."""
    writers: "WriterMemory | None" = None
    """What events have shown, if the log shows any of this machine."""
    infrastructure_down: Mark | None = None
    identified = 0
    """The line of the last Identify."""

    def __init__(self) -> None:
        self.shadows: dict[str, ShadowFacts] = {}
        self.members: dict[str, set[str]] = {}
        """Shadow copy sets and which of those are of them."""
        self.providers: dict[str, int] = {}
        self.reverts: dict[str, Mark] = {}
        self.full_volumes: dict[str, Mark] = {}
        self.breaks: dict[Mark, str | None] = {}
        """Where breaks were begun whose ends may not be shown, and of which set each."""
        self.creators: list[BackupObject] = []
        self.imported: dict[str, Transport] = {}
        """Shadow copies and sets that were imported, until they are deleted or broken."""
        self.masked_copies: dict[str, Mark] = {}
        """Shadow copies and sets whose LUNs were masked by their ids, and not unmasked since."""
        self.exposed_names: dict[str, tuple[str, Mark]] = {}
        """Name of an exposure → whose it is."""
        self.shadow_devices: dict[str, ShadowFacts] = {}
        self.importers: list[BackupObject] = []
        """Objects that began an import of late."""
        self.leavers: list[BackupObject] = []
        """Objects whose imports failed, and may have left LUNs behind."""
        self.gatherers: list[BackupObject] = []
        """Objects that gathered writer metadata of late."""
        self.devices: dict[str, BackupObject] = {}
        """Device object of a shadow copy → the object that made it."""
        self.device_volumes: dict[str, str] = {}
        """Device object of a shadow copy → the volume that it shows."""
        self.snapshots: dict[str, Snapshot] = {}
        self.stored_writers: dict[str, OtherObject] = {}
        """Writer → the stored metadata of it that was loaded last."""
        self.stored_texts: dict[str, WriterDocument] = {}
        """Writer → its stored metadata, where the log has the text of it."""
        self.stored_ties: list[Tie] = []
        """What components of stored metadata depend on."""
        self.restorers: list[BackupObject] = []
        self.disk = DiskView()


Known = BackupObject | AsyncObject | OtherObject
