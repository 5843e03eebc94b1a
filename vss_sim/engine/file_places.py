"""Where the paths of file calls lead, and who may do what with what is there.

A path leads to a volume, to a shadow copy by its device or by the name under which it is exposed, or nowhere. The
reparse points in a shadow copy lead to the volumes as they are now, as on Windows.
"""

from functools import partial
from typing import Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.desk import Desk
from vss_sim.engine.devices import DEVICE, device_of, device_root
from vss_sim.model.disk import Disk, FileEntry, FolderEntry, LinkEntry
from vss_sim.model.disks import Disks, Found, Hold, Key, Store, locate
from vss_sim.model.names import fold, parse
from vss_sim.model.world import Snapshot
from vss_sim.spec.win32 import (
    ALL_SHARED,
    READ_ONLY,
    WRITE,
    FileError,
    Win32Error,
)

_EVERYONE: Final = "everyone"
_DRIVE: Final = 2


def find(desk: Desk, path: str | None, *, follow: bool = True) -> Found:
    """Where a path leads; through the reparse point that it names itself, where `follow` says so.

    Raises:
        FileError: there can be nothing.
    """
    disks = desk.state.disks
    if not desk.snapshots:
        return locate(disks, parse(path, long_paths=disks.long_paths), follow=follow)
    place = parse(_exposed_in_a_folder(desk, path) if path else path, long_paths=disks.long_paths)
    return locate(disks, place, partial(_copy, desk), follow=follow)


def _shown(desk: Desk) -> list[Snapshot]:
    """The shadow copies of the machine that are there to be read."""
    return [
        copy
        for copy in desk.local_snapshots()
        if copy.disk is not None and not copy.attributes & bits.NOT_SURFACED and desk.sees(copy)
    ]


def _copy(desk: Desk, root: str) -> tuple[Store, Disk, str] | None:
    """The shadow copy that a root means: its device, its drive letter or its share."""
    server = f"\\\\{fold(desk.machine.name)}\\"
    for copy in _shown(desk):
        assert copy.disk is not None  # noqa: S101 - of those that are shown
        if root in {device_root(copy.number), fold(device_of(copy))}:
            return copy.snapshot_id, copy.disk, ""
        shown = fold((copy.exposed_name or "").rstrip("\\"))
        if shown and root in {shown, server + shown}:
            return copy.snapshot_id, copy.disk, fold((copy.exposed_path or "").strip("\\"))
    return None


def _exposed_in_a_folder(desk: Desk, path: str) -> str:
    """The path by the device of the shadow copy that is exposed in a folder of it."""
    for copy in _shown(desk):
        shown = (copy.exposed_name or "").rstrip("\\") + "\\"
        in_a_folder = copy.attributes & bits.EXPOSED_LOCALLY and len(shown) > _DRIVE + 1
        if in_a_folder and len(path) >= len(shown) and fold(path[: len(shown)]) == fold(shown):
            return f"{DEVICE}{copy.number}\\{path[len(shown) :]}"
    return path


def write_protected(disks: Disks, key: Key) -> bool:
    """Whether nothing can be written there: shadow copies (rule sn-read-only), and media of which that is so."""
    return isinstance(key[0], str) or key[0] in disks.read_only


def see_writable(disks: Disks, key: Key) -> None:
    """Raises FileError where nothing can be written."""
    if write_protected(disks, key):
        raise FileError(Win32Error.ERROR_WRITE_PROTECT)


def see_shared(disks: Disks, key: Key, access: int, share: int) -> None:
    """Raises FileError where a handle with this access and sharing does not go with the handles that are open.

    Page: https://learn.microsoft.com/windows/win32/fileio/creating-and-opening-files
    """
    holds = disks.holds.get(key)
    if not holds:
        return
    if key in disks.deleting:
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    if access and not goes_with(holds, access, share):
        raise FileError(Win32Error.ERROR_SHARING_VIOLATION)


def goes_with(holds: tuple[Hold, ...], access: int, share: int) -> bool:
    """Whether a handle may be opened beside others; those that look at attributes only are in nobody's way."""
    return not any(hold.access and (access & ~hold.share or hold.access & ~share) for hold in holds)


def see_permitted(desk: Desk, entry: FileEntry, access: int, *, as_backup: bool = False) -> None:
    """Raises FileError where the file's security or its read-only attribute forbids this access.

    A backup opens what it may not read by FILE_FLAG_BACKUP_SEMANTICS and its privileges.
    Page: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew
    """
    if access & WRITE and entry.attributes & READ_ONLY:
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    if entry.denied_to and not (as_backup and _privileged(desk, access)) and _is_denied(desk, entry.denied_to):
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)


def _privileged(desk: Desk, access: int) -> bool:
    needed = {"SeRestorePrivilege"} if access & ~1 else {"SeBackupPrivilege"}
    return needed <= set(desk.requester.privileges)


def _is_denied(desk: Desk, denied: tuple[str, ...]) -> bool:
    requester = desk.requester
    names = {_EVERYONE, requester.account.casefold(), *(group.casefold() for group in requester.groups)}
    return any(name.casefold() in names for name in denied)


def file_at(found: Found) -> FileEntry:
    """The file at a place.

    Raises:
        FileError: there is none, or it is a folder.
    """
    entry = found.entry
    if entry is None:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    if not isinstance(entry, FileEntry):
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    return entry


def with_disk(disks: Disks, store: Store, disk: Disk) -> Disks:
    """The disks after one of them changed."""
    assert isinstance(store, int)  # noqa: S101 - a shadow copy is never written to
    volumes = disks.volumes
    return replace(disks, volumes=(*volumes[:store], disk, *volumes[store + 1 :]))


def disk_of(desk: Desk, store: Store) -> Disk | None:
    """The disk that a file lies on; None where its shadow copy is gone."""
    if isinstance(store, int):
        return desk.state.disks.volumes[store]
    copy = desk.snapshots.get(store)
    return copy.disk if copy is not None else None


def is_folder(entry: object) -> bool:
    """Whether an entry is a folder, or a reparse point in the place of one."""
    return isinstance(entry, (FolderEntry, LinkEntry))


def see_all_shared(disks: Disks, key: Key) -> None:
    """Raises FileError where a file cannot be opened for deletion beside the handles that are open."""
    see_shared(disks, key, 4, ALL_SHARED)
