"""What the log has shown of a backup beside the state of its object: writers, components, choices, providers.

All of it is bounded. What does not fit any more is not remembered, and so not known; nothing that is asked here answers
"no" because something was forgotten.
"""

from typing import Final

from msgspec import Struct, field

FACTS: Final = 4096
"""So many writers, components and file sets are remembered for an object."""

FEW: Final = 256
"""So many names of a kind that an object has few of are remembered."""

Mark = tuple[int, str]


class WriterFacts(Struct, eq=False):
    """One writer instance, as its metadata describes it: `schema` is the mask of `VSS_BACKUP_SCHEMA`."""

    instance: str
    writer: str | None = None
    name: str | None = None
    usage: str | None = None
    schema: int | None = None
    count: int | None = None
    """How many components it has, where GetFileCounts told."""
    uncounted: bool = False
    """Whether it was said that nobody asked for the counts."""
    excludes: "list[FileSetFacts]" = field(default_factory=list)
    components: "dict[tuple[str, str], ComponentFacts]" = field(default_factory=dict)
    """Logical path and name, without regard to case → the component."""


class ComponentFacts(Struct, eq=False):
    """One component of a writer, as its metadata describes it."""

    owner: WriterFacts
    path: str | None = None
    name: str | None = None
    kind: str | None = None
    selectable: bool | None = None
    for_restore: bool | None = None
    flags: int = 0
    dependencies: "list[DependencyFacts]" = field(default_factory=list)
    file_sets: "list[FileSetFacts]" = field(default_factory=list)

    @property
    def key(self) -> tuple[str, str, str] | None:
        """Writer, logical path and name, without regard to case; None where one of them was not read."""
        if self.owner.writer is None or self.path is None or self.name is None:
            return None
        return self.owner.writer, self.path.casefold(), self.name.casefold()


class FileSetFacts(Struct, eq=False):
    """One file set of a component; `mask` is that of `VSS_FILE_SPEC_BACKUP_TYPE`, where it was asked for."""

    path: str | None = None
    filespec: str | None = None
    recursive: bool | None = None
    mask: int | None = None
    alternate: str | None = None
    """Where a backup finds the files instead."""
    is_log: bool = False


class DependencyFacts(Struct, eq=False):
    """What a component depends on."""

    writer: str | None = None
    path: str | None = None
    name: str | None = None


MetadataFacts = WriterFacts | ComponentFacts | FileSetFacts | DependencyFacts


class Chosen(Struct, eq=False):
    """A component that was added: where, and what its metadata says of it."""

    added: Mark
    facts: ComponentFacts


class Seen(Struct, eq=False):
    """What the log has shown of one object."""

    kept: int = 0
    """The facts that are remembered."""
    writers: dict[str, WriterFacts] = field(default_factory=dict)
    """Instance id → what its metadata says."""
    chosen: list[Chosen] = field(default_factory=list)
    volumes_complete: bool = True
    context_set: Mark | None = None
    attributes: tuple[str, ...] = ()
    identified: set[str] = field(default_factory=set)
    """The writer instances that were sent Identify since the object began to gather."""
    identified_complete: bool = True
    asked_support: set[str] = field(default_factory=set)
    """The volumes that IsVolumeSupported was asked about."""
    supporters: dict[str, tuple[str, Mark]] = field(default_factory=dict)
    """Volume → a provider other than the system provider that supports it."""
    left_open: dict[str, str] = field(default_factory=dict)
    """Shadow copy → its volume, where the choice of the provider was left to VSS."""
    files: object = None
    """The file sets that were read, by their folders (`copied_files.FileIndex`)."""
    copied: set[str] = field(default_factory=set)
    """The normal paths of files that were copied from a shadow copy."""
    copied_complete: bool = True
    partial: dict[str, tuple[str, Mark]] = field(default_factory=dict)
    """Path of each partial file → its ranges, and where they were told."""
    aside: dict[str, str] = field(default_factory=dict)
    """Path of a copy of a partial file → that file."""
    partial_support: Mark | None = None
    """Where the requester declared to support partial files."""
    partial_named: Mark | None = None
    partial_asked: bool = False
    ranges_moved: dict[tuple[tuple[str, ...], int], tuple[str, Mark]] = field(default_factory=dict)
    """Component and index of a partial file → where its ranges file was put."""
    served: set[int] = field(default_factory=set)
    """The components of which a file was copied, by their identity here."""
    turned_away: Mark | None = None
    """The StartSnapshotSet that met another creation in progress."""

    def room(self) -> bool:
        """Whether one more fact can be remembered; if so, it is counted."""
        self.kept += 1
        return self.kept <= FACTS
