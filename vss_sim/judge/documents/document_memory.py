"""What the log has shown of metadata and component objects, of the writers behind them, and of a writer's handler.

All of it is bounded, and made only when there is something to remember.
"""

from typing import Any, Final, TypeVar

from msgspec import Struct, field

from vss_sim.engine.drafts import Draft
from vss_sim.model.metadata import WriterMetadata

BOUND: Final = 256
"""So many file sets, dependencies, stamps and writers of a kind are remembered; beyond, nothing is concluded."""

Mark = tuple[int, str]
"""A line, and what it did, as in `vss_sim.judge.objects`."""

_READ: Final = 4
"""So many readings of the metadata of one writer are remembered."""

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

ANSWERS_THAT_FAIL: Final = frozenset({"fails", "throws"})
"""Keys of an event's answer: the code that the writer set, or the exception that left its handler."""


def handler_failed(answer: object) -> bool | None:
    """Whether the answer to an event tells of a failure; None where the log does not say."""
    if isinstance(answer, dict):
        return not ANSWERS_THAT_FAIL.isdisjoint(answer)
    return None if answer is None else answer is False


FileSet = tuple[str, str, bool]
"""Path, file specification and recursion flag, without regard to case."""


class Facts(Struct, eq=False):
    """What is known of one document object: its counts, whom it names, and what was done with it."""

    counts: dict[str, tuple[int, int]] = field(default_factory=dict)
    """Name of a count → its value, and the line that told it."""
    writer: str | None = None
    path: str | None = None
    name: str | None = None
    filespec: str | None = None
    recursive: bool | None = None
    schema: tuple[int, Mark] | None = None
    file_sets: dict[FileSet, Mark] = field(default_factory=dict)
    done: dict[str, Mark] = field(default_factory=dict)
    """Method that a writer may call once for a component → where it did."""
    partial: dict[tuple[str, str], Mark] = field(default_factory=dict)
    info: Mark | None = None
    """The component info that is not freed yet."""
    refused: dict[str, Mark] = field(default_factory=dict)
    """Interface that QueryInterface did not give → where."""
    target: tuple[str, Mark] | None = None
    unselected: Mark | None = None


class Tie(Struct, eq=False):
    """A dependency: the component that has it, the metadata it stands in, and the component it is on."""

    component: Facts
    metadata: Facts
    on: Facts
    mark: Mark


class Requests(Struct, eq=False):
    """What a requester told its backup components object, as far as component objects show it again."""

    stamps: set[str] | None = field(default_factory=set)
    """The previous stamps that were set; None where one of them was not recorded, or there are too many."""
    stamped: set[tuple[str, ...] | None] = field(default_factory=set)
    """The components for which one was set; None is one that was not recorded in full."""
    additional: bool = False
    mappings: int = 0
    changed: int = 0
    """The last line that may have made a list of a component longer."""
    ties: list[Tie] = field(default_factory=list)

    def has_stamp(self, component: tuple[str, ...] | None) -> bool:
        """Whether a previous stamp may have been set for a component; of one that is not known, for any."""
        return bool(self.stamped) if component is None else not self.stamped.isdisjoint((component, None))


class WriterDraft(Struct, eq=False):
    """The metadata that a writer's calls build: as far as they were recorded, and whether none is missing."""

    draft: Draft
    whole: bool = True
    method: Mark | None = None
    """Where the restore method was set."""


class Handler(Struct, eq=False):
    """A writer's handler at work: the event, the class of the writer, and the last line that belongs to it.

    `answer` is how the event line says that it ended, `made` the writer's calls in it, each with its last line.
    """

    event: str
    writer: str | None
    mark: Mark
    last: int
    machine: str = ""
    instance: str | None = None
    process: str | None = None
    thread: str | int | None = None
    answer: Any = None
    made: dict[str, Mark] = field(default_factory=dict)
    told_values: dict[str, Any] = field(default_factory=dict)
    """Call → the plain value that it last returned."""
    draft: WriterDraft | None = None
    veto: tuple[str, Mark] | None = None
    not_affected: Mark | None = None
    """Where the writer heard that one of its own paths is not on the volumes of the set."""
    files_deleted: bool = False
    failure: Mark | None = None
    """A failure of a component, told without one of the writer."""
    told: bool = False
    called: set[str] = field(default_factory=set)
    """What it called on its components."""

    @property
    def failed(self) -> bool | None:
        """Whether the handler failed; None where the log does not say."""
        return handler_failed(self.answer)


class WriterLife(Struct, eq=False):
    """A writer's object: the machine and process in which it is, how far it came, as the log shows it."""

    place: tuple[str, str] = ("", "")
    writer: str | None = None
    """The id of its class."""
    made: bool = False
    """Whether the log shows its making."""
    initialized: tuple[str, Mark] | None = None
    """The call that initialised it."""
    subscribed: Mark | None = None
    identify: tuple[str, Mark] | None = None


class ExpressLife(Struct, eq=False):
    """An express writer's object: whose it is, once that is known, and whether there are metadata to register."""

    writer: str | None = None
    has_metadata: Mark | None = None


class Declared(Struct, eq=False):
    """What a writer declared in its last Identify."""

    metadata: WriterMetadata
    mark: Mark


class DocumentMemory(Struct, eq=False):
    """What a trace has shown of documents beyond the single object."""

    handler: Handler | None = None
    writers: dict[tuple[str, str], tuple[Facts, ...]] = field(default_factory=dict)
    """Machine and class of a writer → what its metadata told, the last read first."""
    before_vista: dict[str, Mark] = field(default_factory=dict)
    """Machines that do not know an interface which came with Windows Vista."""
    releases_recorded: bool = False
    lives: dict[str, WriterLife] = field(default_factory=dict)
    """Handle of a writer's object → how far it came."""
    named: dict[tuple[str, str, str], tuple[str, Mark]] = field(default_factory=dict)
    """Machine, class and instance name of a writer → the handle that was initialised so."""
    windows: dict[tuple[str, str], tuple[float, Mark]] = field(default_factory=dict)
    """Machine and class of a writer → the seconds that it allows from Freeze to Thaw."""
    frozen: dict[str, tuple[float, Mark]] = field(default_factory=dict)
    """Instance → when it was frozen."""
    declared: dict[tuple[str, str], Declared] = field(default_factory=dict)
    """Machine and class of a writer → what it declared."""
    stamped: dict[str, Mark] = field(default_factory=dict)
    """Instance → where it stored a stamp in the backup that goes on."""
    arrays: dict[str, Mark] = field(default_factory=dict)
    """Memory that belongs to the base class of a writer."""
    express: dict[str, ExpressLife] = field(default_factory=dict)
    """Handle of an express writer's object → how far it came."""
    express_drafts: dict[str, WriterDraft] = field(default_factory=dict)
    """Handle of its metadata → what they hold."""
    registered: dict[tuple[str, str], tuple[bool, Mark]] = field(default_factory=dict)
    """Machine and class of an express writer → whether it is registered, and by which line."""

    def learn_writer(self, machine: str, writer: str, facts: Facts) -> None:
        """What is learned of `facts` is learned of this writer."""
        before = self.writers.pop((machine, writer), ())
        self.writers[machine, writer] = (facts, *(other for other in before if other is not facts))[:_READ]
        if len(self.writers) > BOUND:
            del self.writers[next(iter(self.writers))]

    def schema_of(self, machine: str, writer: str | None) -> tuple[int, Mark] | None:
        """The schema that the writer declared, and where it was told."""
        return next((facts.schema for facts in self._about(machine, writer) if facts.schema is not None), None)

    def mappings_of(self, machine: str, writer: str | None) -> tuple[int, int] | None:
        """How many alternate location mappings the writer has, and the line that told it."""
        counts = (facts.counts.get("pcMappings") for facts in self._about(machine, writer))
        return next((count for count in counts if count is not None), None)

    def file_sets_of(self, machine: str, writer: str | None) -> dict[FileSet, Mark]:
        """The file sets of the writer, as far as they were told."""
        return next((facts.file_sets for facts in self._about(machine, writer) if facts.file_sets), {})

    def _about(self, machine: str, writer: str | None) -> tuple[Facts, ...]:
        return self.writers.get((machine, writer or ""), ())

    def handler_at(self, number: int) -> Handler | None:
        """The handler that line `number` belongs to, if nothing else came between."""
        handler = self.handler
        if handler is not None and handler.last >= number - 1:
            return handler
        return None


def keep(memory: dict[_Key, _Value], key: _Key, value: _Value, most: int = BOUND) -> None:
    """Remember one thing more; where there are more than `most`, the oldest is forgotten."""
    memory.pop(key, None)
    memory[key] = value
    if len(memory) > most:
        del memory[next(iter(memory))]
