"""What the checker remembers of a restore: the documents, what the log read in them, what was selected and reported.

All of it is bounded, and only what the log has shown: a document is known where an earlier line gave its text out, a
writer's metadata as far as its calls were recorded with their results.
"""

from fnmatch import fnmatchcase
from hashlib import blake2b
from typing import Final

ComponentKey = tuple[str, ...]
"""Writer, logical path and name, without regard to case."""

STOP_RESTORE_START: Final = "VSS_RME_STOP_RESTORE_START"
RESTORE_STOP_START: Final = "VSS_RME_RESTORE_STOP_START"
IF_REPLACE_FAILS: Final = "VSS_WRE_IF_REPLACE_FAILS"

_Mark = tuple[int, str]
_LONGEST: Final = 128
_SETS: Final = 2048
"""So many components and file sets of a writer's document are remembered; of a larger one, nothing is said."""

_DEPTH: Final = 64
"""Directories are looked at so far up, and so many file sets of one."""

WRITERS: Final = 256
"""So many writers are remembered; a machine has some dozens."""

COMPONENTS: Final = 2048
"""So many components of a restore are remembered; of a larger one, nothing is said."""


def name_of_text(text: str) -> str:
    """A document as a key: long texts are not kept."""
    return text if len(text) <= _LONGEST else blake2b(text.encode("utf-8", "surrogatepass"), digest_size=32).hexdigest()


def folder_of(path: str) -> str:
    """A directory, as paths are compared: without regard to case or to a backslash at its end."""
    return path.casefold().rstrip("\\")


class SavedDocument:
    """A text that SaveAsXML gave out: whose it is, and what it holds, as far as the log shows that (else None)."""

    def __init__(
        self,
        saved: _Mark,
        components: frozenset[ComponentKey] | None = None,
        snapshots: frozenset[str] | None = None,
        *,
        by_volumes: bool = False,
        of_a_writer: bool = False,
    ) -> None:
        self.saved = saved
        self.components = components
        self.snapshots = snapshots
        self.by_volumes = by_volumes
        self.of_a_writer = of_a_writer

    def holds_the_same(self, other: "SavedDocument") -> bool:
        """Whether two texts by one name may be one document; else the name says nothing."""
        mine = (self.components, self.snapshots, self.by_volumes, self.of_a_writer)
        return mine == (other.components, other.snapshots, other.by_volumes, other.of_a_writer)


class FileSet:
    """A file set of a component, as far as it was read."""

    def __init__(self, component: "WriterComponent") -> None:
        self.component = component
        self.path: str | None = None
        self.filespec: str | None = None
        self.recursive: bool | None = None

    @property
    def triple(self) -> tuple[str, str, bool] | None:
        """Path, file specification and recursion flag, once all are known."""
        if self.path is None or self.filespec is None or self.recursive is None:
            return None
        return self.path, self.filespec, self.recursive


class WriterComponent:
    """A component in a writer's metadata document, as far as it was read."""

    def __init__(self, document: "WriterDocument") -> None:
        self.document = document
        self.key: tuple[str, str] | None = None
        self.selectable_for_restore: bool | None = None
        self.file_count: int | None = None
        self.sets: dict[tuple[str, str, bool], FileSet] = {}

    @property
    def is_read(self) -> bool:
        """Whether every file set of it was read."""
        return self.file_count is not None and len(self.sets) >= self.file_count


class WriterDocument:
    """A writer's metadata document, stored or of the live writer, as far as it was read."""

    def __init__(self, read: _Mark) -> None:
        self.read = read
        self.schema: int | None = None
        self.mappings: int | None = None
        self.method: str | None = None
        self.service: str | None = None
        self.writer_restore: str | None = None
        self.component_count: int | None = None
        self.components: dict[tuple[str, str], WriterComponent] = {}
        self.sets = 0
        self.triples: set[tuple[str, str, bool]] = set()
        self.folders: dict[str, list[FileSet]] = {}

    @property
    def has_room(self) -> bool:
        """Whether one component or file set more can be remembered."""
        return len(self.components) + self.sets < _SETS

    @property
    def is_read(self) -> bool:
        """Whether every file set of every component was read."""
        known = self.component_count is not None and len(self.components) >= self.component_count
        return known and all(component.is_read for component in self.components.values())

    def add(self, one: FileSet) -> None:
        """Take on a file set once all of it was read."""
        if one.triple is None or one.triple in one.component.sets or not self.has_room:
            return
        one.component.sets[one.triple] = one
        self.sets += 1
        self.triples.add(one.triple)
        self.folders.setdefault(one.triple[0], []).append(one)

    def component_with(self, path: str) -> WriterComponent | None:
        """The one component whose file set a file of this name belongs to; None where it is none, or more than one."""
        folder, _, name = path.casefold().rpartition("\\")
        found: dict[int, WriterComponent] = {}
        here, depth = folder, 0
        while here and depth < _DEPTH:
            for one in self.folders.get(here, ())[:_DEPTH]:
                if (here == folder or one.recursive) and fnmatchcase(name, one.filespec or ""):
                    found[id(one.component)] = one.component
            here, depth = here.rpartition("\\")[0], depth + 1
        return next(iter(found.values())) if len(found) == 1 else None


class StoredWriter:
    """The components of one writer in the Backup Components Document."""

    writer: str | None = None


class StoredComponent:
    """A component in the Backup Components Document, as far as it was read."""

    path: str | None = None
    name: str | None = None
    partial_files: int | None = None

    def __init__(self, parent: StoredWriter) -> None:
        self.parent = parent

    @property
    def key(self) -> ComponentKey | None:
        """Which component it is, once that is known."""
        if self.parent.writer is None or self.path is None or self.name is None:
            return None
        return self.parent.writer, self.path, self.name


class RestoredService:
    """A service that a restore stops and starts: where it stopped, whether that is sure, whether it runs again."""

    stopped: _Mark | None = None
    pending = False
    refused: _Mark | None = None
    """Where it did not stop."""
    by_us = False
    """Whether it ran before, so that it has to run again."""


Described = WriterDocument | WriterComponent | FileSet | StoredWriter | StoredComponent
"""What stands behind the handle of a metadata object."""


class Restoring:
    """What one object, initialised for restore, has been told and has shown."""

    document: SavedDocument | None = None
    components_read: int | None = None
    """The line on which GetWriterComponents was last called."""
    writer_count: int | None = None
    counted = 0
    """The line on which the writers were counted."""
    first_selected: _Mark | None = None
    selection_complete = False
    status_complete = True
    structure_noted = False
    early_noted = False
    live_noted = False
    files_noted = False
    touched: ComponentKey | None = None
    place: int | None = None
    """Which of the documents that the log shows being saved it restores from."""
    more = False
    """Whether further restores are announced."""

    def __init__(self) -> None:
        self.selected: dict[ComponentKey, _Mark] = {}
        self.reported: set[ComponentKey] = set()
        self.reported_below: set[ComponentKey] = set()
        """Components of which something below was reported."""
        self.options: dict[ComponentKey, _Mark] = {}
        self.statuses: dict[ComponentKey, object] = {}
        """What was reported of each component last."""
        self.services: dict[str, RestoredService] = {}
        """Services that were stopped or started while this restore went on, by their names in small letters."""
        self.tests: dict[ComponentKey, tuple[bool, _Mark]] = {}
        """Component → whether all of its files could be opened without sharing, and the last that was tried."""
        self.stored_instances: set[str] = set()
        self.vetoes: dict[str, _Mark] = {}
        self.instances: dict[str, str] = {}
        """Instance → class of the writers that run."""
        self.live: dict[str, WriterDocument] = {}
        self.partial_files: dict[ComponentKey, tuple[int, _Mark]] = {}
        self.left: set[ComponentKey] = set()
        """Components whose files were worked on before those of another."""

    @property
    def knows_writers(self) -> bool:
        """Whether the log shows every writer that runs."""
        return self.writer_count is not None and len(self.instances) == self.writer_count
