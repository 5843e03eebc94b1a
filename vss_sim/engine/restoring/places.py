"""Component sets, and the places of their files: original, mapped, new, directed.

A mapping belongs to a file set whose triple of path, specification and recursion it has; failing that, one that the
file set lies wholly inside (C65). It replaces the directory and nothing else (rule alm-keeps-names).
"""

from collections.abc import Iterable, Iterator, Mapping

from msgspec import Struct

from vss_sim.engine.ranges import names_a_file, parse_ranges
from vss_sim.engine.restoring.backup import members_of
from vss_sim.engine.restoring.documents import Directed, Explicit, FileSet, StoredComponent, StoredWriter
from vss_sim.engine.restoring.media import Piece, SavedFile, SavedFolder, Shelf
from vss_sim.engine.restoring.requests import NewTarget, Wish
from vss_sim.model.content import size_of
from vss_sim.model.names import fold
from vss_sim.spec.file_sets import lies_inside
from vss_sim.spec.restoring import reading
from vss_sim.spec.restoring.parameters import MAPPING_MATCH
from vss_sim.spec.restoring.words import Branch


class SetFile(Struct, frozen=True):
    """A saved file of a component set; without `file_set` the writer added it as a new partial or differenced file."""

    saved: SavedFile
    file_set: FileSet | None


class SetFolder(Struct, frozen=True):
    """A folder of a recursive file set that no file of the set lies in."""

    saved: SavedFolder
    file_set: FileSet


class ComponentSet(Struct, frozen=True):
    """What is decided about as one: the component that defines it, its files, what was wished for it."""

    writer: StoredWriter
    explicit: Explicit
    wish: Wish
    files: tuple[SetFile, ...]
    ranges_files: tuple[tuple[int, SetFile], ...]
    """By the numbers of their partial files."""
    new_targets: Mapping[tuple[str, str, bool], NewTarget]
    folders: tuple[SetFolder, ...] = ()

    @property
    def pinned(self) -> tuple[SetFile, ...]:
        """The files that a new target takes."""
        return tuple(file for file in self.files if self.new_target(file) is not None)

    @property
    def others(self) -> tuple[SetFile, ...]:
        """The files that no new target takes."""
        return tuple(file for file in self.files if self.new_target(file) is None)

    def new_target(self, file: SetFile) -> NewTarget | None:
        """The new target of a file."""
        return self.new_targets.get(file.file_set.triple) if file.file_set is not None else None


class Place(Struct, frozen=True):
    """Where bytes of a saved file go: `pieces` with their offsets there; `size` of the file then (None: as it is)."""

    file: SetFile
    path: str
    pieces: tuple[Piece, ...]
    size: int | None

    @property
    def end(self) -> int:
        """So many bytes the file has at least, when all is written."""
        return max((offset + size_of(data) for offset, data in self.pieces), default=0)


def members_wanted(writer: StoredWriter, explicit: Explicit, wish: Wish) -> tuple[StoredComponent, ...]:
    """The components of the set that a component defines, or that its chosen subcomponents define."""
    definer = writer.component(explicit.key)
    roots = [writer.component(key) for key in wish.subcomponents] if wish.subcomponents else [definer]
    return tuple({one.key: one for root in roots if root is not None for one in members_of(writer, root)}.values())


def component_set(writer: StoredWriter, explicit: Explicit, wish: Wish, shelf: Shelf) -> ComponentSet:
    """The set that a component defines, or that its chosen subcomponents define, with the files saved of it."""
    found: dict[str, SetFile] = {}
    folders: dict[str, SetFolder] = {}
    for member in members_wanted(writer, explicit, wish):
        for file_set in member.file_sets:
            for saved in shelf.matching(file_set.place, file_set.filespec, recursive=file_set.recursive):
                found.setdefault(fold(saved.path), SetFile(saved, file_set))
            for folder in shelf.folders_below(file_set.place) if file_set.recursive else ():
                folders.setdefault(fold(folder.path), SetFolder(folder, file_set))
    if not wish.subcomponents:
        for saved in _new_files(explicit, shelf):
            found.setdefault(fold(saved.path), SetFile(saved, None))
    targets = {FileSet(one.path, one.filespec, one.recursive).triple: one for one in wish.new_targets}
    ranges_files = tuple(_ranges_files(explicit, shelf))
    return ComponentSet(writer, explicit, wish, tuple(found.values()), ranges_files, targets, tuple(folders.values()))


def _ranges_files(explicit: Explicit, shelf: Shelf) -> Iterable[tuple[int, SetFile]]:
    for number, one in enumerate(explicit.partial):
        if names_a_file(one.ranges):
            folder, _, name = one.ranges_file.rpartition("\\")
            yield from ((number, SetFile(saved, None)) for saved in shelf.matching(folder, name, recursive=False))


def _new_files(explicit: Explicit, shelf: Shelf) -> Iterable[SavedFile]:
    for one in explicit.partial:
        yield from shelf.matching(one.path, one.name, recursive=False)
    for entry in explicit.differenced:
        yield from shelf.matching(entry.place, entry.filespec, recursive=entry.recursive)


def moved(path: str, origin: str, destination: str) -> str:
    """A path below `origin`, below `destination` instead."""
    return destination.rstrip("\\") + path[len(origin.rstrip("\\")) :]


def at(file: SetFile, path: str) -> Place:
    """The whole file, or the ranges that were saved, at a path."""
    saved = file.saved
    return Place(file, path, saved.pieces, saved.size if saved.ranges is None else None)


def original_places(files: Iterable[SetFile]) -> tuple[Place, ...]:
    """Every file where it was at backup; an alternate path of a backup is never a place (rule alm-not-backup-path)."""
    return tuple(at(file, file.saved.path) for file in files)


def new_places(known: ComponentSet, files: Iterable[SetFile]) -> tuple[Place, ...]:
    """Every file that a new target takes, there."""
    found = []
    for file in files:
        target = known.new_target(file)
        if target is not None and file.file_set is not None:
            found.append(at(file, moved(file.saved.path, file.file_set.place, target.destination)))
    return tuple(found)


def mapping_of(writer: StoredWriter, file_set: FileSet, readings: Mapping[str, str]) -> FileSet | None:
    """The mapping of a file set among those of the stored metadata."""
    for mapping in writer.mappings:
        if mapping.triple == file_set.triple:
            return mapping
    if reading(MAPPING_MATCH, readings) == "triple":
        return None
    return next((mapping for mapping in writer.mappings if lies_inside(file_set.triple, mapping.triple)), None)


def mapped_places(
    known: ComponentSet, files: Iterable[SetFile], readings: Mapping[str, str]
) -> tuple[Place, ...] | None:
    """Every file at its mapped place; None where one has no mapping (rule rm-mapping-all-or-none)."""
    found = []
    for file in files:
        mapping = mapping_of(known.writer, file.file_set, readings) if file.file_set is not None else None
        if mapping is None:
            return None
        found.append(at(file, moved(file.saved.path, mapping.place, mapping.other_place or "")))
    return tuple(found)


def folder_places(known: ComponentSet, branch: Branch, readings: Mapping[str, str]) -> Iterator[tuple[str, SetFolder]]:
    """Where the folders without files go, as the files of their sets do (rule path-recursive-empty-dirs)."""
    for folder in known.folders:
        target = known.new_targets.get(folder.file_set.triple)
        mapping = mapping_of(known.writer, folder.file_set, readings) if branch is Branch.ALTERNATE else None
        path, home = folder.saved.path, folder.file_set.place
        if target is not None:
            yield moved(path, home, target.destination), folder
        elif mapping is not None:
            yield moved(path, mapping.place, mapping.other_place or ""), folder
        else:
            yield path, folder


def directed_places(known: ComponentSet, files: tuple[SetFile, ...]) -> tuple[Place, ...] | None:
    """Source ranges at destination ranges, and files without a directed target at their original places.

    None where there is no directed target, or one that cannot be followed: another file than one of the set, lists of
    ranges that do not go together (rule dt-ranges-match), bytes that were not saved (rule dt-partial-source).
    """
    by_path = {fold(file.saved.path): file for file in files}
    pieces: dict[str, tuple[SetFile, str, list[Piece]]] = {}
    directed: set[str] = set()
    for one in known.explicit.directed:
        file = by_path.get(fold(one.source))
        parts = directed_pieces(one, file.saved) if file is not None else None
        if file is None or parts is None:
            return None
        directed.add(fold(one.source))
        pieces.setdefault(fold(one.destination), (file, one.destination, []))[2].extend(parts)
    if not directed:
        return None
    rest = (file for path, file in by_path.items() if path not in directed)
    return (
        *(Place(file, path, tuple(parts), None) for file, path, parts in pieces.values()),
        *original_places(rest),
    )


def directed_pieces(one: Directed, saved: SavedFile) -> list[Piece] | None:
    """The bytes of the source ranges at the destination ranges; None where the target cannot be followed."""
    sources, destinations = parse_ranges(one.source_ranges), parse_ranges(one.destination_ranges)
    if sources is None or destinations is None or any(sign in one.destination for sign in "*?"):
        return None
    if [length for _, length in sources] != [length for _, length in destinations]:
        return None
    if not all(saved.has(offset, length) for offset, length in sources):
        return None
    return [
        (there + at - offset, data)
        for (offset, length), (there, _) in zip(sources, destinations, strict=True)
        for at, data in saved.cut(offset, length)
    ]
