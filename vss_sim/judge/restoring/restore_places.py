"""What a path is to the component sets of a restore: where a file of them is at home, mapped, or declared to go.

The file sets and mappings are those of the stored metadata, partial files those that the writers named at backup. What
several sets have, or a writer that is restored though nothing of it is selected, is nobody's for certain.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final

from msgspec import Struct

from vss_sim.engine.selection.file_sets import WILD
from vss_sim.judge.history import History, Step
from vss_sim.judge.paths import is_below, is_in_set
from vss_sim.judge.restoring.restore_plan import Key, definer_of, stored_document, takes_part
from vss_sim.judge.restoring.restores import Restoring, WriterComponent, WriterDocument
from vss_sim.judge.restoring.told_places import NewTarget
from vss_sim.model.names import matches
from vss_sim.spec.file_sets import Triple, lies_inside
from vss_sim.trace.lines import Line


class Role(Enum):
    """What a place is to a component set."""

    __hash__ = object.__hash__  # a name is hashed in Python

    ORIGINAL = "an original place"
    MAPPED = "a mapped place"
    MISPLACED = "below a mapped place, where no file of the set goes"
    BACKUP_PATH = "the alternate path from which a backup takes the files"
    NEW_TARGET = "a new target"
    DIRECTED = "a directed target"


_IMPROPER: Final = (Role.MISPLACED, Role.BACKUP_PATH)


class Place(Struct, frozen=True):
    """What one path is to one component set; `original` is the original path of the file that belongs there."""

    key: Key
    component: tuple[str, str]
    role: Role
    original: str
    triple: tuple[str, str, bool] | None = None

    @property
    def is_named(self) -> bool:
        """Whether its file set names this one file."""
        return self.triple is not None and not WILD & set(self.triple[1])


def places_of(history: History, line: Line, restoring: Restoring, path: str) -> tuple[Place, ...]:
    """What a path is to the selected component sets, one place for each.

    Of the places of one set the declared one counts before the mapped one, and that before the original. Where a file
    of one set goes, none is misplaced of another.
    """
    found: dict[Key, Place] = {}
    improper: dict[Key, Place] = {}
    for place in _each_place(history, line, restoring, path):
        if place.key in restoring.selected:
            (improper if place.role in _IMPROPER else found).setdefault(place.key, place)
    if found or not improper or _is_of_others(history, line, restoring, path, _may_lead_to):
        return tuple(found.values())
    return tuple(improper.values())[:1]


def is_of_others(history: History, line: Line, restoring: Restoring, path: str) -> bool:
    """Whether a path is an original or mapped place of writers that are restored though nothing of them is selected.

    They do not run, or take no part; of one that runs and does, nothing is restored.
    """
    return _is_of_others(history, line, restoring, path, _leads_to)


def _is_of_others(
    history: History, line: Line, restoring: Restoring, path: str, leads: Callable[[WriterDocument, str], bool]
) -> bool:
    running = set(restoring.instances.values())
    for writer in history.machine(line).stored_writers:
        document = stored_document(history, line, writer) if writer not in restoring.by_writer else None
        if document is None or (writer in running and takes_part(document)):
            continue
        if document.file_sets_with(path) or leads(document, path):
            return True
    return False


def _may_lead_to(document: WriterDocument, path: str) -> bool:
    """Whether a path lies below a mapped place, whichever files go there."""
    return any(one.destination is not None and is_below(path, one.destination) for one in document.mapped)


def _leads_to(document: WriterDocument, path: str) -> bool:
    """Whether a mapping leads a file of a writer to a path; of one whose file sets are not all known, any."""
    if not document.is_read:
        return _may_lead_to(document, path)
    mapped = ((one.destination, one.triple) for one in document.mapped)
    originals = (
        _moved(path, destination, *triple[:2], recursive=triple[2])
        for destination, triple in mapped
        if destination is not None and triple is not None
    )
    return any(original is not None and document.file_sets_with(original) for original in originals)


def _each_place(history: History, line: Line, restoring: Restoring, path: str) -> Iterator[Place]:
    yield from _declared(history, line, restoring, path)
    for writer in restoring.by_writer:
        document = stored_document(history, line, writer)
        if document is not None:
            yield from _of_a_writer(document, restoring, writer, path)
    for key in restoring.selected if restoring.partial_ranges else ():
        if (*key, path) in restoring.partial_ranges:
            folder, _, name = path.rpartition("\\")
            yield Place(key, (key[1], key[2]), Role.ORIGINAL, path, (folder, name, False))


def _declared(history: History, line: Line, restoring: Restoring, path: str) -> Iterator[Place]:
    """The places to which new targets and directed targets send files; a file set that names one comes first."""
    for key, declared in restoring.new_targets.items():
        for one in sorted(declared, key=_is_wild):
            original = _moved(path, one.destination, one.path, one.filespec, recursive=one.recursive)
            if original is not None:
                yield Place(key, (key[1], key[2]), Role.NEW_TARGET, original)
    for key, target in restoring.targets.items():
        for directed in target.directed:
            if directed.destination == path and _has(history, line, restoring, key, directed.source):
                yield Place(key, (key[1], key[2]), Role.DIRECTED, directed.source)


def _is_wild(declared: NewTarget) -> bool:
    return bool(WILD & set(declared.filespec))


def _has(history: History, line: Line, restoring: Restoring, key: Key, path: str) -> bool:
    """Whether a file may be one of a component set; else a directed target of it leads nowhere."""
    document = stored_document(history, line, key[0])
    sets = document.file_sets_with(path) if document is not None and document.is_read else None
    return sets is None or any(definer_of(restoring, key[0], one.component) == key for one in sets)


def _of_a_writer(document: WriterDocument, restoring: Restoring, writer: str, path: str) -> Iterator[Place]:
    sets = document.file_sets_with(path)
    if document.mapped:
        yield from _mapped(document, restoring, writer, path, misplaced=not sets)
    owners = [(one, definer_of(restoring, writer, one.component)) for one in sets]
    if all(key is not None for _, key in owners):
        for one, key in owners:
            if key is not None and one.component.key is not None:
                yield Place(key, one.component.key, Role.ORIGINAL, path, one.triple)
    if not sets:
        yield from _backup_path(document, restoring, writer, path)


def originals_named(history: History, step: Step, restoring: Restoring, name: str) -> Iterator[tuple[Key, str]]:
    """The selected component sets that have a file of this name for certain, and its original path.

    A file set names it, it was touched at its original place, or it is there in the world of the header.
    """
    for key, put_back in restoring.sets.items():
        touched = put_back.originals.by_name.get(name)
        if touched is not None and key in restoring.selected:
            yield key, touched
    in_the_world = history.world_machine(step.line).named(name)
    for writer in restoring.by_writer:
        document = stored_document(history, step.line, writer)
        if document is None:
            continue
        named = [one for part in document.named.get(name, ()) for one in part.sets.values() if one.filespec == name]
        found = [(one, f"{one.path}\\{name}") for one in named]
        found += [(one, path) for path in in_the_world for one in document.file_sets_with(path)]
        for one, path in found:
            definer = definer_of(restoring, writer, one.component)
            if definer is not None:
                yield definer, path


def sets_that_name(history: History, line: Line, restoring: Restoring, path: str) -> Iterator[Key]:
    """The selected component sets with a file set that a file is of; there may be several, of one writer or more."""
    for writer in restoring.by_writer:
        document = stored_document(history, line, writer)
        for one in document.file_sets_with(path) if document is not None else ():
            key = definer_of(restoring, writer, one.component)
            if key is not None:
                yield key


def sets_around(history: History, line: Line, restoring: Restoring, folder: str) -> Iterator[Key]:
    """The selected component sets of which a folder among the files is one."""
    for writer in restoring.by_writer:
        document = stored_document(history, line, writer)
        for (home, _, recursive), owner in document.owners.items() if document is not None else ():
            key = definer_of(restoring, writer, owner)
            if key is not None and recursive and is_below(folder, home):
                yield key


def _mapped(
    document: WriterDocument, restoring: Restoring, writer: str, path: str, *, misplaced: bool
) -> Iterator[Place]:
    """The mapped places that a path is; below one, but none of them, it is misplaced where that is asked for."""
    for one in document.mapped:
        if one.triple is None or one.destination is None or not is_below(path, one.destination):
            continue
        original = _moved(path, one.destination, *one.triple[:2], recursive=one.triple[2])
        for owner, triple in _owners(document, one.triple):
            key = definer_of(restoring, writer, owner)
            if owner.key is None or key is None:
                continue
            if original is not None and _is_of(original, triple):
                yield Place(key, owner.key, Role.MAPPED, original, triple)
            elif misplaced:
                yield Place(key, owner.key, Role.MISPLACED, path, triple)


def _is_of(path: str, triple: Triple) -> bool:
    """Whether a file is one of a file set."""
    folder, filespec, recursive = triple
    return is_in_set(path, folder, filespec, recursive=recursive)


def _owners(document: WriterDocument, mapping: Triple) -> list[tuple[WriterComponent, Triple]]:
    """The file sets that a mapping is of: the one with its triple, else those that lie wholly inside (C65)."""
    exact = document.owners.get(mapping)
    if exact is not None:
        return [(exact, mapping)]
    return [(owner, triple) for triple, owner in document.owners.items() if lies_inside(triple, mapping)]


def _backup_path(document: WriterDocument, restoring: Restoring, writer: str, path: str) -> Iterator[Place]:
    for one in document.alternates:
        key = definer_of(restoring, writer, one.component)
        if one.alternate is None or one.path is None or key is None or one.component.key is None:
            continue
        original = _moved(path, one.alternate, one.path, one.filespec or "", recursive=bool(one.recursive))
        if original is not None:
            yield Place(key, one.component.key, Role.BACKUP_PATH, original)
            return


def _moved(path: str, place: str, home: str, filespec: str, *, recursive: bool) -> str | None:
    """The original path of a file at another place of its file set; None where it is none of its files."""
    if not is_below(path, place):
        return None
    rest = path[len(place) + 1 :]
    folder, _, name = rest.rpartition("\\")
    if (folder and not recursive) or not matches(name, filespec):
        return None
    return f"{home}\\{rest}"
