"""What the checker remembers of a restore: the documents, what the log read in them, what was selected and reported.

All of it is bounded, and only what the log has shown: a document is known where an earlier line gave its text out, a
writer's metadata as far as its calls were recorded with their results.
"""

from hashlib import blake2b
from typing import TYPE_CHECKING, Final

from vss_sim.judge.restoring.put_back import PutBack
from vss_sim.judge.restoring.told_places import NewTarget, StagedFile, Target
from vss_sim.model.names import matches
from vss_sim.model.shown import written
from vss_sim.spec.enums import BackupType

if TYPE_CHECKING:
    from collections.abc import Callable

    from vss_sim.judge.history import Step

ComponentKey = tuple[str, ...]
"""Writer, logical path and name, without regard to case."""

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


def belongs(component: tuple[str, str], selected: ComponentKey) -> bool:
    """Whether a component is the selected one, or one of the set below it."""
    path, name = component
    _, root, root_name = selected
    below = f"{root}\\{root_name}" if root else root_name
    return (path, name) == (root, root_name) or path == below or path.startswith(below + "\\")


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
        partial: _Mark | None = None,
        succeeded: frozenset[ComponentKey] = frozenset(),
    ) -> None:
        self.saved = saved
        self.components = components
        self.snapshots = snapshots
        self.by_volumes = by_volumes
        self.of_a_writer = of_a_writer
        self.succeeded = succeeded
        """The components that were marked as saved."""
        self.partial = partial
        """Where a writer named a partial file."""

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
        self.alternate: str | None = None
        """Where a backup finds its files instead."""

    @property
    def triple(self) -> tuple[str, str, bool] | None:
        """Path, file specification and recursion flag, once all are known."""
        if self.path is None or self.filespec is None or self.recursive is None:
            return None
        return self.path, self.filespec, self.recursive


class MappedSet:
    """An alternate location mapping of a writer, as far as it was read."""

    path: str | None = None
    filespec: str | None = None
    recursive: bool | None = None
    destination: str | None = None

    @property
    def triple(self) -> tuple[str, str, bool] | None:
        """The file set that it is of, once all is known."""
        if self.path is None or self.filespec is None or self.recursive is None or self.destination is None:
            return None
        return self.path, self.filespec, self.recursive


class WriterComponent:
    """A component in a writer's metadata document, as far as it was read."""

    def __init__(self, document: "WriterDocument") -> None:
        self.document = document
        self.key: tuple[str, str] | None = None
        self.selectable: bool | None = None
        self.selectable_for_restore: bool | None = None
        self.file_count: int | None = None
        self.sets: dict[tuple[str, str, bool], FileSet] = {}

    @property
    def is_read(self) -> bool:
        """Whether every file set of it was read."""
        return self.file_count is not None and len(self.sets) >= self.file_count


class WriterDocument:
    """A writer's metadata document, stored or of the live writer, as far as it was read."""

    writer: str | None = None
    """The class of the writer."""
    method_told: _Mark | None = None
    """Where GetRestoreMethod told the method, or that there is none."""
    method: str | None = None
    service: str | None = None
    service_unnamed = False
    """Whether it was read that no service is named."""
    writer_restore: str | None = None
    reboots: bool | None = None
    schema: int | None = None
    mappings: int | None = None
    """How many mappings the writer gave."""
    component_count: int | None = None

    def __init__(self, read: _Mark) -> None:
        self.read = read
        self.components: dict[tuple[str, str], WriterComponent] = {}
        self.sets = 0
        self.triples: set[tuple[str, str, bool]] = set()
        self.folders: dict[str, list[FileSet]] = {}
        self.mapped: list[MappedSet] = []
        self.owners: dict[tuple[str, str, bool], WriterComponent] = {}
        """File set → the component that it is of."""
        self.named: dict[str, list[WriterComponent]] = {}
        """File name → the components that name this one file."""
        self.alternates: list[FileSet] = []
        """File sets that a backup finds elsewhere."""

    @property
    def mappings_read(self) -> bool:
        """Whether every mapping of the writer was read."""
        read = {id(one) for one in self.mapped if one.triple is not None}
        return self.mappings is not None and len(read) >= self.mappings

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
        self.owners.setdefault(one.triple, one.component)
        if not any(sign in one.triple[1] for sign in "*?"):
            self.named.setdefault(one.triple[1], []).append(one.component)
        self.folders.setdefault(one.triple[0], []).append(one)

    def component_with(self, path: str) -> WriterComponent | None:
        """The one component whose file set a file of this name belongs to; None where it is none, or more than one."""
        found = {id(one.component): one.component for one in self.file_sets_with(path)}
        return next(iter(found.values())) if len(found) == 1 else None

    def file_sets_with(self, path: str) -> list[FileSet]:
        """The file sets that a file of this name belongs to."""
        folder, _, name = path.casefold().rpartition("\\")
        found: list[FileSet] = []
        here, depth = folder, 0
        while here and depth < _DEPTH:
            found += [
                one
                for one in self.folders.get(here, ())[:_DEPTH]
                if (here == folder or one.recursive) and matches(name, one.filespec or "")
            ]
            here, depth = here.rpartition("\\")[0], depth + 1
        return found


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


Described = WriterDocument | WriterComponent | FileSet | MappedSet | StoredWriter | StoredComponent
"""What stands behind the handle of a metadata object."""


class RestoreEvents:
    """The events of a restore that the log shows: writer → instance → where it was told."""

    def __init__(self) -> None:
        self.before: dict[str, dict[str, _Mark]] = {}
        self.after: dict[str, dict[str, _Mark]] = {}


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
    files_late = False
    """Whether it was said that files are put back after PostRestore."""
    put_back_complete = True
    any_written = False
    """Whether a file of a component set was written, so that the log shows how files are put back."""
    busy_elsewhere = False
    """Whether files were written at places that are none of the selected components."""
    copy_asked: tuple[str, tuple[str, ...]] | None = None
    """The file that was last written through a handle, and those that it may be a copy of: block after block is."""
    other_names: set[str]
    """Names of files that were written at places that are none of the selected components."""
    by_others: set[str]
    """Files that other processes wrote between PreRestore and PostRestore."""
    behind_noted = False
    """Whether it was said that files of a writer go back without it."""
    post_restored: _Mark | None = None
    """Where PostRestore was called."""
    touched: ComponentKey | None = None
    place: int | None = None
    """Which of the documents that the log shows being saved it restores from."""
    more = False
    """Whether further restores are announced."""
    backup_type: BackupType | None = None
    """The type of the backup that is restored, as far as the log tells it."""

    def __init__(self) -> None:
        self.selected: dict[ComponentKey, _Mark] = {}
        self.by_writer: dict[str, list[ComponentKey]] = {}
        self._definers: dict[ComponentKey, ComponentKey | None] = {}
        self._names: dict[ComponentKey, str] = {}
        self.reported: set[ComponentKey] = set()
        self.reported_below: set[ComponentKey] = set()
        """Components of which something below was reported."""
        self.options: dict[ComponentKey, _Mark] = {}
        self.vetoes: dict[str, _Mark] = {}
        self.instances: dict[str, str] = {}
        """Instance → class of the writers that run."""
        self.live: dict[str, WriterDocument] = {}
        self.partial_ranges: dict[tuple[str, ...], tuple[tuple[int, int], ...] | None] = {}
        """Component and path → the ranges that were saved of a file; None where they were not recorded."""
        self.partial_files: dict[ComponentKey, tuple[int, _Mark]] = {}
        self.subcomponents: dict[ComponentKey, dict[tuple[str, str], _Mark]] = {}
        """Component → the subcomponents that were added under it."""
        self.other_names = set()
        self.by_others = set()
        self.put_back: set[str] = set()
        """The files that were copied to somewhere."""
        self.left: set[ComponentKey] = set()
        """Components whose files were worked on before those of another."""
        self.events = RestoreEvents()
        self.sets: dict[ComponentKey, PutBack] = {}
        """What became of the files of each component."""
        self.staged_for: set[ComponentKey] = set()
        """The selected components that name a file which waits for the restart, also one that others name, too."""
        self.staged_files: dict[str, StagedFile] = {}
        """Where files lie that wait for the restart → which they are."""
        self.new_targets: dict[ComponentKey, list[NewTarget]] = {}
        self.targets: dict[ComponentKey, Target] = {}
        self.recorded: dict[ComponentKey, list[tuple[str, str, bool]]] = {}
        """The mappings that were recorded as used."""
        self.not_saved: set[ComponentKey] = set()
        """Components of which the document says that the backup missed a file."""
        self.moves_noted: set[str] = set()
        """What was said of delayed moves."""
        self.reboots_asked: list[_Mark] = []
        """Writers whose stored metadata asks for a restart."""
        self.statuses: dict[ComponentKey, tuple[str | None, _Mark]] = {}
        self.untold: dict[ComponentKey, Callable[[Step | None], None]] = {}
        """What holds each status against the files once they are where they stay, with the call that ends them."""

    def judge_what_was_told(self, end: "Step | None" = None) -> None:
        """Hold the statuses against the files as they are; `end`: PostRestore, in which writers read them."""
        for put_back in self.sets.values():
            put_back.settle()
        waiting, self.untold = self.untold, {}
        for judge in waiting.values():
            judge(end)

    def name_of(self, key: ComponentKey) -> str:
        """The name of a component as it was written where it was selected."""
        return self._names.get(key, written(key[2]))

    def choose(self, key: ComponentKey, mark: _Mark | None) -> None:
        """A component is selected (`mark` tells where), or is not any more."""
        if mark is not None:
            self._names[key] = written(key[2])
        if mark is None and self.selected.pop(key, None) is not None:
            self.by_writer[key[0]].remove(key)
            self._names.pop(key, None)
        elif mark is not None and key not in self.selected:
            self.selected[key] = mark
            self.by_writer.setdefault(key[0], []).append(key)
        self._definers.clear()

    def definer(self, writer: str, component: tuple[str, str]) -> ComponentKey | None:
        """The selected component that this one is, else the next above it."""
        found = self._definers.get((writer, *component), component)
        if found is component:
            above = (key for key in self.by_writer.get(writer, ()) if belongs(component, key))
            found = max(above, key=lambda key: len(key[1]), default=None)
            if len(self._definers) < COMPONENTS:
                self._definers[(writer, *component)] = found
        return found

    @property
    def knows_writers(self) -> bool:
        """Whether the log shows every writer that runs."""
        return self.writer_count is not None and len(self.instances) == self.writer_count
