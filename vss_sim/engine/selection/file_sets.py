"""Which files a file set means on a simulated machine, and what becomes of each in a backup of a type.

A set is path, file specification and recursion together; the path has environment variables and, or has not, a
backslash at its end. A recursive set goes on through reparse points and into mounted volumes, whose files come from a
shadow copy of their own (dispute C57); compatibility junctions are passed by. Files are read from the alternate path
where there is one, and excluded, stored and restored under their normal path.
Pages: https://learn.microsoft.com/windows/win32/vss/definition-of-components-by-writers,
https://learn.microsoft.com/windows/win32/vss/generating-a-backup-set
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import find
from vss_sim.model.disk import FileEntry, FolderEntry, LinkEntry, below
from vss_sim.model.disks import Store
from vss_sim.model.environment import expand
from vss_sim.model.metadata import FileSet
from vss_sim.model.names import fold, matches
from vss_sim.spec.enums import numbers
from vss_sim.spec.file_sets import BACKUP_OF_TYPE, JUNCTION_ATTRIBUTES, SCHEMA_OF_TYPE, SNAPSHOT_OF_TYPE
from vss_sim.spec.selection import File
from vss_sim.spec.win32 import FileError

WILD: Final = frozenset("*?")


class Meant(NamedTuple):
    """A file that a set means: its normal path, where it is read, its volume by its place on the machine.

    `mounted` tells that the volume is another one than that of the set. `why` is set where the file is none to be read.
    """

    path: str
    source: str
    store: Store | None
    mounted: bool = False
    why: File | None = None


def folder_of(file_set: FileSet, variables: Mapping[str, str]) -> str:
    """The directory of a file set, without a backslash at its end (rule path-trailing-backslash)."""
    return expand(file_set.path, variables).rstrip("\\")


def source_of(file_set: FileSet, variables: Mapping[str, str]) -> str:
    """The directory that its files are read from (rule path-alternate-source)."""
    return expand(file_set.alternate_path or file_set.path, variables).rstrip("\\")


def covers(file_set: FileSet, path: str, variables: Mapping[str, str]) -> bool:
    """Whether a file set means the file of this normal path."""
    folder, _, name = path.rpartition("\\")
    root, here = fold(folder_of(file_set, variables)), fold(folder)
    inside = here == root or (file_set.recursive and here.startswith(root + "\\"))
    return inside and matches(name, file_set.filespec)


def files_meant(desk: Desk, file_set: FileSet, variables: Mapping[str, str]) -> Iterator[Meant]:
    """Every file that a set means on this machine now, folder by folder in the order of names.

    A set that names one file, which is not there, gives that one (dispute C56: a wildcard may match nothing).
    """
    normal, source = folder_of(file_set, variables), source_of(file_set, variables)
    named = not WILD & set(file_set.filespec)
    found = False
    for meant in _walk(desk, normal, source, file_set):
        found = True
        yield meant
    if not found and named:
        yield Meant(f"{normal}\\{file_set.filespec}", f"{source}\\{file_set.filespec}", None, why=File.MISSING)


def _walk(desk: Desk, normal: str, source: str, file_set: FileSet) -> Iterator[Meant]:
    """Depth first; a folder that is reached twice, through whatever links, is gone through once.

    Of a set that names one file in one folder only that is looked at: a writer may have thousands of such sets there.
    """
    only = fold(file_set.filespec) if not (file_set.recursive or WILD & set(file_set.filespec)) else None
    seen: set[tuple[Store, str]] = set()
    own: Store | None = None
    wait = [(normal, source)]
    while wait:
        shown, read = wait.pop()
        place = _folder_at(desk, read)
        if place is None or (place[0], place[2]) in seen:
            continue
        store, names, folder = place
        seen.add((store, folder))
        own = store if own is None else own
        inner = []
        for key in sorted(names) if only is None else (only,) if only in names else ():
            entry = names[key]
            path, at = f"{shown}\\{entry.name}", f"{read}\\{entry.name}"
            if isinstance(entry, FileEntry):
                if matches(entry.name, file_set.filespec):
                    yield Meant(path, at, store, store != own)
            elif file_set.recursive and isinstance(entry, LinkEntry) and _is_junction(entry):
                yield Meant(path, at, store, store != own, File.JUNCTION)
            elif file_set.recursive:
                inner.append((path, at))
        wait.extend(reversed(inner))


def _folder_at(desk: Desk, path: str) -> tuple[Store, Mapping[str, FileEntry | FolderEntry | LinkEntry], str] | None:
    try:
        found = find(desk, path + "\\")
    except FileError:
        return None
    if not isinstance(found.entry, FolderEntry):
        return None
    store, folder, key = found.key
    inside = below(folder, key) if key else ""
    return store, found.disk.names(inside), inside


def _is_junction(entry: LinkEntry) -> bool:
    """A compatibility junction is hidden and of the system (rule path-compat-junctions)."""
    return entry.attributes & JUNCTION_ATTRIBUTES == JUNCTION_ATTRIBUTES


def is_copied(mask: int, backup_type: str, *, is_log: bool) -> bool:
    """Whether a backup of this type copies the files of a set (rules sel-mask-beats-selectability, inc-log-files)."""
    if backup_type == "VSS_BT_LOG" and not is_log:
        return False
    wanted = BACKUP_OF_TYPE.get(backup_type)
    return wanted is None or bool(mask & numbers()[wanted])


def needs_shadow_copy(file_set: FileSet, backup_type: str) -> bool:
    """Whether they have to come from a shadow copy (rules path-mask-default, path-mask-snapshot-only-where-set)."""
    wanted = SNAPSHOT_OF_TYPE.get(backup_type)
    return wanted is None or bool(file_set.backup_type & numbers()[wanted])


def type_for(schema: int | None, backup_type: str) -> str:
    """The type that a backup has for a writer: one that its schema lacks is a full one (dispute C52).

    Of a schema that was not read (None) nothing is known to be lacking.
    """
    wanted = SCHEMA_OF_TYPE.get(backup_type)
    return backup_type if wanted is None or schema is None or schema & numbers()[wanted] else "VSS_BT_FULL"
