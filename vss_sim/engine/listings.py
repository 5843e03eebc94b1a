"""What is in a folder: FindFirstFile and its like, and the files that a file specification of VSS means.

Pages: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-findfirstfilew and
https://learn.microsoft.com/windows/win32/vss/working-with-file-sets. The order is that of NTFS: by name.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from msgspec.structs import replace

from vss_sim.engine.desk import Desk
from vss_sim.engine.file_moves import shown_attributes
from vss_sim.engine.file_places import find
from vss_sim.engine.files import closed
from vss_sim.model.content import size_of
from vss_sim.model.disk import Disk, Entry, FileEntry, FolderEntry, LinkEntry, below
from vss_sim.model.disks import Listing
from vss_sim.model.names import fold, matches
from vss_sim.spec.win32 import FileError, Win32Error

Arguments = dict[str, Any]
Out = Mapping[str, Any]


def find_first_file(desk: Desk, arguments: Arguments, process: str) -> Out:
    """The first entry of a folder that a pattern covers, and a handle to find the others by."""
    path = arguments["lpFileName"] or ""
    folder, _, pattern = path.rpartition("\\")
    if not pattern:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    entries = _entries(desk, folder + "\\", pattern)
    if not entries:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    desk.serial += 1
    handle = f"find{desk.serial}"
    disks = desk.state.disks
    handles = disks.handles.set(handle, Listing(process=process, entries=entries))
    desk.change_disks(replace(disks, handles=handles))
    return {"hFindFile": handle, "lpFindFileData": _data(entries[0])}


def _entries(desk: Desk, path: str, pattern: str) -> tuple[Entry, ...]:
    """The entries of a folder that a pattern covers, by name; one without wildcards covers one name."""
    disk, top = _folder(desk, path)
    names = disk.names(top)
    if "*" not in pattern and "?" not in pattern:
        found = names.get(fold(pattern))
        return (found,) if found is not None else ()
    return tuple(names[key] for key in sorted(names) if matches(names[key].name, pattern))


def _folder(desk: Desk, path: str) -> tuple[Disk, str]:
    """The disk and the path on it of a folder."""
    found = find(desk, path)
    if not isinstance(found.entry, FolderEntry):
        raise FileError(Win32Error.ERROR_PATH_NOT_FOUND)
    _, folder, key = found.key
    return found.disk, below(folder, key) if key else ""


def _data(entry: Entry) -> dict[str, Any]:
    """A WIN32_FIND_DATA, as far as it is simulated."""
    size, written = (size_of(entry.content), entry.written) if isinstance(entry, FileEntry) else (0, 0)
    return {
        "cFileName": entry.name,
        "nFileSize": size,
        "dwFileAttributes": shown_attributes(entry),
        "ftLastWriteTime": written,
    }


def find_next_file(desk: Desk, arguments: Arguments, process: str) -> Out:
    """The next entry; ERROR_NO_MORE_FILES after the last."""
    handle = arguments["hFindFile"]
    disks = desk.state.disks
    listing = disks.handles.get(handle)
    if not isinstance(listing, Listing) or listing.process != process:
        raise FileError(Win32Error.ERROR_INVALID_HANDLE)
    if listing.position >= len(listing.entries):
        raise FileError(Win32Error.ERROR_NO_MORE_FILES)
    moved = replace(listing, position=listing.position + 1)
    desk.change_disks(replace(disks, handles=disks.handles.set(handle, moved)))
    return {"lpFindFileData": _data(listing.entries[listing.position])}


def find_close(desk: Desk, arguments: Arguments, process: str) -> Out:
    """The listing is given up."""
    handle = arguments["hFindFile"]
    listing = desk.state.disks.handles.get(handle)
    if not isinstance(listing, Listing) or listing.process != process:
        raise FileError(Win32Error.ERROR_INVALID_HANDLE)
    desk.change_disks(closed(desk.state.disks, handle))
    return {}


def files_matching(desk: Desk, path: str, specification: str, *, recursive: bool) -> Iterator[tuple[str, FileEntry]]:
    """The files that a file set means, with their paths as written; none where there is no such folder.

    A recursive set takes folders below with it, but goes through no reparse point, so it comes to its end.
    """
    try:
        disk, top = _folder(desk, path.rstrip("\\") + "\\")
    except FileError:
        return
    wait = [(path.rstrip("\\"), top)]
    while wait:
        shown, folder = wait.pop()
        names = disk.names(folder)
        inner = []
        for key in sorted(names):
            entry = names[key]
            if isinstance(entry, FileEntry):
                if matches(entry.name, specification):
                    yield f"{shown}\\{entry.name}", entry
            elif recursive and not isinstance(entry, LinkEntry):
                inner.append((f"{shown}\\{entry.name}", below(folder, fold(entry.name))))
        wait.extend(reversed(inner))
