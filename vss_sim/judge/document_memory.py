"""What the log has shown of metadata and component objects, of the writers behind them, and of a writer's handler.

All of it is bounded, and made only when there is something to remember.
"""

from typing import Final

from attrs import define, field

BOUND: Final = 256
"""So many file sets, dependencies, stamps and writers of a kind are remembered; beyond, nothing is concluded."""

Mark = tuple[int, str]
"""A line, and what it did, as in `vss_sim.judge.objects`."""

_READ: Final = 4
"""So many readings of the metadata of one writer are remembered."""

FileSet = tuple[str, str, bool]
"""Path, file specification and recursion flag, without regard to case."""


@define(eq=False)
class Facts:
    """What is known of one document object: its counts, whom it names, and what was done with it."""

    counts: dict[str, tuple[int, int]] = field(factory=dict)
    """Name of a count → its value, and the line that told it."""
    writer: str | None = None
    path: str | None = None
    name: str | None = None
    filespec: str | None = None
    recursive: bool | None = None
    schema: tuple[int, Mark] | None = None
    file_sets: dict[FileSet, Mark] = field(factory=dict)
    done: dict[str, Mark] = field(factory=dict)
    """Method that a writer may call once for a component → where it did."""
    partial: dict[tuple[str, str], Mark] = field(factory=dict)
    info: Mark | None = None
    """The component info that is not freed yet."""
    refused: dict[str, Mark] = field(factory=dict)
    """Interface that QueryInterface did not give → where."""
    target: tuple[str, Mark] | None = None
    unselected: Mark | None = None


@define(eq=False)
class Tie:
    """A dependency: the component that has it, the metadata it stands in, and the component it is on."""

    component: Facts
    metadata: Facts
    on: Facts
    mark: Mark


@define(eq=False)
class Requests:
    """What a requester told its backup components object, as far as component objects show it again."""

    stamps: set[str] | None = field(factory=set)
    """The previous stamps that were set; None where one of them was not recorded, or there are too many."""
    additional: bool = False
    mappings: int = 0
    changed: int = 0
    """The last line that may have made a list of a component longer."""
    ties: list[Tie] = field(factory=list)


@define(eq=False)
class MadeMetadata:
    """What one Writer Metadata Document was given while it was made."""

    method: Mark | None = None
    """Where SetRestoreMethod was called."""
    sets: set[FileSet] = field(factory=set)
    mappings: dict[FileSet, Mark] = field(factory=dict)
    complete: bool = True
    """Whether every file set is remembered."""


@define(eq=False)
class Handler:
    """A writer's handler at work: the event, the class of the writer, and the last line that belongs to it."""

    event: str
    writer: str | None
    mark: Mark
    last: int
    failure: Mark | None = None
    """A failure of a component, told without one of the writer."""
    told: bool = False
    made: MadeMetadata = field(factory=MadeMetadata)
    """The Writer Metadata Document that it makes."""
    called: set[str] = field(factory=set)
    """What it called on its components."""


@define(eq=False)
class DocumentMemory:
    """What a trace has shown of documents beyond the single object."""

    handler: Handler | None = None
    writers: dict[tuple[str, str], tuple[Facts, ...]] = field(factory=dict)
    """Machine and class of a writer → what its metadata told, the last read first."""
    before_vista: dict[str, Mark] = field(factory=dict)
    """Machines that do not know an interface which came with Windows Vista."""
    releases_recorded: bool = False

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
