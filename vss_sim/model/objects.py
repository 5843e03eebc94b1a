"""The objects that a requester holds: what each of them knows. Handles name them; a released object is gone.

Each is of a machine and of the process that made it, whose end is its end.

A backup components object carries its protocol state as the packed integer of `vss_sim.spec.state`.
"""

from typing import Any, Final

from vss_sim.model.document import EMPTY_DOCUMENT, BackupComponentsDocument
from vss_sim.model.metadata import WriterMetadata
from vss_sim.model.values import GUID_NULL, Guid, Value
from vss_sim.spec.enums import ApplicationLevel, SourceType, UsageType, WriterState
from vss_sim.spec.methods import ASYNC, BACKUP_COMPONENTS, ENUMERATION, EXPRESS_METADATA, EXPRESS_WRITER, WRITER
from vss_sim.spec.state import START

Handle = str


class Told(Value, frozen=True, kw_only=True):
    """What a writer that is handling an event will have said of itself at `at`, the end of its handler."""

    at: float
    state: WriterState
    failure: str
    application_failure: str = "S_OK"
    message: str | None = None
    fatal: bool = False


class WriterSession(Value, frozen=True, kw_only=True):
    """A writer instance in one operation: the document it made at Identify, where it stands, how it failed.

    `last_event` is the event of the operation that it got last, `handling` is set while it handles it; `fatal`: the
    handler that failed returned false. `frozen_at` is set since it got Freeze until it gets Thaw or Abort;
    `takes_slot`: it counts among the sessions that the writer can have.
    """

    index: int
    metadata: WriterMetadata
    instance_id: Guid
    state: WriterState = WriterState.STABLE
    failure: str = "S_OK"
    application_failure: str = "S_OK"
    message: str | None = None
    fatal: bool = False
    involved: bool = False
    """Whether PrepareForBackup reached it: the events that follow go to those writers, whatever is added later."""
    aborted: bool = False
    last_event: str = ""
    handling: Told | None = None
    frozen_at: float | None = None
    takes_slot: bool = False


class VolumeInSet(Value, frozen=True, kw_only=True):
    """A volume of a shadow copy set that is being made."""

    volume: str
    provider_id: Guid
    snapshot_id: Guid


class WriterFilter(Value, frozen=True, kw_only=True):
    """Which writers take part: classes enabled (None: all), classes and instances disabled."""

    enabled: frozenset[Guid] | None = None
    disabled: frozenset[Guid] = frozenset()
    disabled_instances: frozenset[Guid] = frozenset()


NO_FILTER = WriterFilter()


class BackupObject(Value, frozen=True, kw_only=True):
    """A backup components object."""

    machine: int = 0
    process: str = ""
    state: int = START
    references: int = 1
    context: int = 0
    document: BackupComponentsDocument = EMPTY_DOCUMENT
    writer_filter: WriterFilter = NO_FILTER
    sessions: tuple[WriterSession, ...] = ()
    identified: tuple[WriterSession, ...] = ()
    identifying: tuple[WriterSession, ...] = ()
    statuses: tuple[WriterSession, ...] = ()
    set_id: Guid = GUID_NULL
    volumes: tuple[VolumeInSet, ...] = ()
    session_id: Guid = GUID_NULL
    failing: str = ""
    """What a provider that is at work will fail the creation with, once it is done."""
    unrecognised: tuple[Guid, ...] = ()
    """Shadow copies of whose LUNs the provider did not tell in an import what it told when they were made."""
    recovery_set: tuple[tuple[Guid, str | None], ...] = ()
    moved: tuple[tuple[Guid, tuple[str, str], Guid], ...] = ()
    """Components that are restored to an instance of their writer that was named: class, key, and that instance."""
    pointers: int = 0
    """How often writers may have changed the document: pointers into an earlier one are dead."""


class Why(Value, frozen=True, kw_only=True):
    """Why an operation failed, or did a part only: the rule, in words, and the calls of the legal way on."""

    rule: str
    words: str
    instead: tuple[str, ...] = ()


class AsyncObject(Value, frozen=True, kw_only=True):
    """An asynchronous operation: whose, begun by which method; its end, once it came to one.

    `due` is the time of the world at which it ends, `polls` how many looks still find it pending, `result` what the
    script lets it come to. `argument` are those of its call that the operation needs. One without references was
    abandoned, and is here until its end. `why` tells what kept it from its end, where that is known; `fails` what it
    comes to when the stage that is on is over.

    An operation has stages: `stage` is the next one, or, where it is `busy`, the one that ends at `due`. Writes are
    held until `hold_ends`, unless the stages inside that window end before.
    """

    machine: int
    process: str
    owner: Handle
    method: str
    due: float
    polls: int = 0
    result: str | None = None
    end: str | None = None
    argument: tuple[Any, ...] = ()
    stage: int = 0
    busy: bool = False
    hold_ends: float | None = None
    why: Why | None = None
    fails: str = ""
    references: int = 1


class ListObject(Value, frozen=True, kw_only=True):
    """An enumeration: what it lists, and how far it was read."""

    machine: int
    process: str
    items: tuple[dict[str, Any], ...]
    position: int = 0
    references: int = 1


class ReadObject(Value, frozen=True, kw_only=True):
    """An object that only tells what it holds: metadata, a component, a file description, a dependency.

    `lent` says that the reference is VSS's own: who was handed the object must not release it.
    """

    machine: int
    process: str
    family: str
    content: Any
    references: int = 1
    lent: bool = False


class WriterIdentity(Value, frozen=True, kw_only=True):
    """What a writer says of itself when it is initialised; its version is 0.0 where the method has no place for it.

    `freeze_timeout` is in seconds.
    """

    writer_id: Guid
    name: str
    usage: UsageType
    source: SourceType
    level: ApplicationLevel
    freeze_timeout: float
    instance_name: str | None
    version: tuple[int, int]


class DocumentPointer(Value, frozen=True, kw_only=True):
    """A pointer into the document of `owner`: a writer's components, or one of them, by their places."""

    machine: int
    process: str
    family: str
    owner: Handle
    made_at: int
    writer: int
    component: int | None = None
    references: int = 1


class WriterObject(Value, frozen=True, kw_only=True):
    """The object of a writer's program, of a class derived from `CVssWriter`.

    `initialized` is the method that did it, with what the program said of itself in `identity`; `place` is where the
    writer stands among those of its machine, while it is subscribed. It is no COM object and counts no references.
    """

    machine: int
    process: str
    initialized: str = ""
    identity: WriterIdentity | None = None
    place: int | None = None
    references: int = 1


class ExpressWriter(Value, frozen=True, kw_only=True):
    """An `IVssExpressWriter`: the metadata that it would register, and the object by which they are still made."""

    machine: int
    process: str
    metadata: WriterMetadata | None = None
    made_by: Handle | None = None
    references: int = 1


class ExpressMetadata(Value, frozen=True, kw_only=True):
    """The metadata of an express writer while they are made; `owner` is the express writer."""

    machine: int
    process: str
    owner: Handle
    metadata: WriterMetadata
    references: int = 1


class CutOff(Value, frozen=True, kw_only=True):
    """What is left of an object when VSS itself crashed: a handle that can be given up, and nothing behind it.

    `was` is the backup components object then, of whose end its writers are told when it is given up.
    """

    machine: int
    process: str
    family: str
    references: int = 1
    was: BackupObject | None = None


AnyObject = (
    BackupObject
    | AsyncObject
    | ListObject
    | ReadObject
    | DocumentPointer
    | WriterObject
    | ExpressWriter
    | ExpressMetadata
    | CutOff
)


_FAMILIES: Final[dict[type, str]] = {
    BackupObject: BACKUP_COMPONENTS,
    AsyncObject: ASYNC,
    ListObject: ENUMERATION,
    WriterObject: WRITER,
    ExpressWriter: EXPRESS_WRITER,
    ExpressMetadata: EXPRESS_METADATA,
}


def is_lent(obj: AnyObject) -> bool:
    """Whether the reference to an object is VSS's own, so that nobody has to release it."""
    return isinstance(obj, ReadObject) and obj.lent


def family_of(known: AnyObject) -> str:
    """The interface, in its first version, of an object."""
    return known.family if isinstance(known, (ReadObject, DocumentPointer, CutOff)) else _FAMILIES[type(known)]
