"""Handles to files: CreateFile, ReadFile, WriteFile, SetEndOfFile, CloseHandle - and the same by path, without one.

Pages: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-createfilew and those beside it. What is written
is on the disk at once: nothing is lost in a crash but deletions that waited for a handle to close.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import NOTHING
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import (
    disk_of,
    file_at,
    find,
    is_folder,
    see_permitted,
    see_shared,
    see_writable,
    with_disk,
)
from vss_sim.model.content import Content, Grown, bytes_of, first_piece, in_json, overwritten, resized, size_of
from vss_sim.model.disk import Disk, FileEntry
from vss_sim.model.disks import Disks, Found, Hold, Key, OpenFile
from vss_sim.spec.creation import filetime
from vss_sim.spec.win32 import (
    ALL_SHARED,
    APPEND_DATA,
    ARCHIVE,
    BACKUP_SEMANTICS,
    CREATE_ALWAYS,
    CREATE_NEW,
    DELETE,
    DELETE_ON_CLOSE,
    GENERIC_WRITE,
    HIDDEN,
    OPEN_ALWAYS,
    OPEN_EXISTING,
    OPEN_REPARSE_POINT,
    READ,
    READ_ONLY,
    SETTABLE,
    SYSTEM,
    TRUNCATE_EXISTING,
    WRITE,
    FileError,
    Win32Error,
    does,
)

Arguments = dict[str, Any]
Out = Mapping[str, Any]

LARGEST_READ: Final = 16 << 20
"""So many bytes are read at once at most; the seed of a file is short, and its bytes are not."""
_WRITES: Final = GENERIC_WRITE | 0x2


def create_file(desk: Desk, arguments: Arguments, process: str) -> Out:
    """A handle to a file that is there or comes to be, by the table of dispositions."""
    disposition, desired = arguments["dwCreationDisposition"], arguments["dwDesiredAccess"]
    flags, share = arguments["dwFlagsAndAttributes"], arguments["dwShareMode"] & ALL_SHARED
    if not CREATE_NEW <= disposition <= TRUNCATE_EXISTING:
        raise FileError(Win32Error.ERROR_INVALID_PARAMETER)
    if disposition == TRUNCATE_EXISTING and not desired & GENERIC_WRITE:
        raise FileError(Win32Error.ERROR_INVALID_PARAMETER)
    found = find(desk, arguments["lpFileName"], follow=not flags & OPEN_REPARSE_POINT)
    entry = found.entry
    if entry is None:
        _make(desk, found, arguments["lpFileName"], disposition, flags)
    elif disposition == CREATE_NEW:
        raise FileError(Win32Error.ERROR_FILE_EXISTS)
    elif is_folder(entry):
        if not flags & BACKUP_SEMANTICS or disposition not in {OPEN_EXISTING, OPEN_ALWAYS}:
            raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    else:
        _open(desk, found, arguments, share)
    existed = entry is not None and disposition in {CREATE_ALWAYS, OPEN_ALWAYS}
    handle = _opened(desk, found.key, arguments, share, process)
    return {"hFile": handle, "lastError": Win32Error.ERROR_ALREADY_EXISTS.name} if existed else {"hFile": handle}


def _make(desk: Desk, found: Found, path: str, disposition: int, flags: int) -> None:
    if disposition in {OPEN_EXISTING, TRUNCATE_EXISTING}:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    if path.endswith("\\"):
        raise FileError(Win32Error.ERROR_INVALID_NAME)
    see_writable(desk.state.disks, found.key)
    put_file(desk, found, FileEntry(found.name, b"", flags & SETTABLE | ARCHIVE, (), filetime(desk.clock)))


def _open(desk: Desk, found: Found, arguments: Arguments, share: int) -> None:
    """Open a file that is there; CREATE_ALWAYS and TRUNCATE_EXISTING empty it."""
    flags, disposition = arguments["dwFlagsAndAttributes"], arguments["dwCreationDisposition"]
    entry = file_at(found)
    if arguments["lpFileName"].endswith("\\"):
        raise FileError(Win32Error.ERROR_INVALID_NAME)
    empties = disposition in {CREATE_ALWAYS, TRUNCATE_EXISTING}
    access = does(arguments["dwDesiredAccess"]) | (DELETE if flags & DELETE_ON_CLOSE else 0)
    needed = access | (WRITE if empties else 0)
    if needed & (WRITE | DELETE):
        see_writable(desk.state.disks, found.key)
    see_permitted(desk, entry, needed, as_backup=bool(flags & BACKUP_SEMANTICS))
    hides = entry.attributes & (HIDDEN | SYSTEM) & ~flags
    if (disposition == CREATE_ALWAYS and hides) or (flags & DELETE_ON_CLOSE and entry.attributes & READ_ONLY):
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    see_shared(desk.state.disks, found.key, needed, share)
    if empties:
        attributes = entry.attributes | ARCHIVE | (flags & SETTABLE if disposition == CREATE_ALWAYS else 0)
        put_file(desk, found, FileEntry(entry.name, b"", attributes, entry.denied_to, filetime(desk.clock)))


def _opened(desk: Desk, key: Key, arguments: Arguments, share: int, process: str) -> str:
    """The new handle."""
    desk.serial += 1
    handle = f"file{desk.serial}"
    delete = bool(arguments["dwFlagsAndAttributes"] & DELETE_ON_CLOSE)
    desired = arguments["dwDesiredAccess"]
    opened = OpenFile(process=process, key=key, desired_access=desired, delete_on_close=delete)
    disks = desk.state.disks
    hold = Hold(handle, does(desired) | (DELETE if delete else 0), share)
    holds = disks.holds.set(key, (*disks.holds.get(key, ()), hold))
    desk.change_disks(replace(disks, handles=disks.handles.set(handle, opened), holds=holds))
    return handle


def put_file(desk: Desk, found: Found, entry: FileEntry) -> None:
    """A file is new, or not as it was."""
    store, folder, key = found.key
    desk.change_disks(with_disk(desk.state.disks, store, found.disk.with_file(folder, key, entry)))


def _by_handle(desk: Desk, handle: str, process: str) -> tuple[OpenFile, Found]:
    """An open file, and where it lies now."""
    opened = desk.state.disks.handles.get(handle)
    if not isinstance(opened, OpenFile) or opened.process != process:
        raise FileError(Win32Error.ERROR_INVALID_HANDLE)
    disk = disk_of(desk, opened.key[0])
    if disk is None or not disk.has_folder(opened.key[1]):
        raise FileError(Win32Error.ERROR_FILE_INVALID)
    entry = disk.entry(opened.key[1], opened.key[2])
    if entry is None:
        raise FileError(Win32Error.ERROR_FILE_INVALID)
    return opened, Found(opened.key, "", disk, entry)


def _data(found: Found) -> FileEntry:
    entry = found.entry
    if not isinstance(entry, FileEntry):
        raise FileError(Win32Error.ERROR_INVALID_PARAMETER)
    return entry


def read_file(desk: Desk, arguments: Arguments, process: str) -> Out:
    """Bytes of a file: as text in `content` where they are UTF-8, else in `contentBase64`.

    With `asGrown` bytes that grow from a seed are not made: `contentGrown` tells of them, as far as they reach.
    """
    offset, count = arguments["offset"], arguments["nNumberOfBytesToRead"]
    handle, read = arguments["hFile"], _read_as_grown if arguments["asGrown"] else _read
    if handle is None:
        found = find(desk, arguments["lpFileName"])
        entry = file_at(found)
        see_permitted(desk, entry, READ)
        see_shared(desk.state.disks, found.key, READ, ALL_SHARED)
        return read(entry.content, offset or 0, count)
    opened, found = _by_handle(desk, handle, process)
    if not does(opened.desired_access) & READ:
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    content = _data(found).content
    if offset is not None and offset >= size_of(content) and count != 0:
        raise FileError(Win32Error.ERROR_HANDLE_EOF)
    start = opened.position if offset is None else offset
    out = read(content, start, count)
    _move_on(desk, handle, opened, start + out["lpNumberOfBytesRead"])
    return out


def _read(content: Content, offset: int, count: int | None) -> dict[str, Any]:
    left = max(0, size_of(content) - offset)
    wanted = left if count is None else min(count, left)
    if wanted > LARGEST_READ:
        raise FileError(Win32Error.ERROR_NO_SYSTEM_RESOURCES)
    data = bytes_of(content, offset, offset + wanted)
    return {**in_json(data), "lpNumberOfBytesRead": len(data)}


def _read_as_grown(content: Content, offset: int, count: int | None) -> dict[str, Any]:
    size = size_of(content)
    piece = first_piece(content, offset, size if count is None else min(size, offset + count))
    if not isinstance(piece, Grown):
        return _read(content, offset, min(len(piece), LARGEST_READ))
    shown = {"size": piece.size} if piece.seed is None else {"size": piece.size, "seed": piece.seed}
    more = {"start": piece.start} if piece.start else {}
    return {"contentGrown": {**shown, **more}, "lpNumberOfBytesRead": piece.size}


def _move_on(desk: Desk, handle: str, opened: OpenFile, position: int) -> None:
    if position != opened.position:
        disks = desk.state.disks
        handles = disks.handles.set(handle, replace(opened, position=position))
        desk.change_disks(replace(disks, handles=handles))


def write_file(desk: Desk, arguments: Arguments, process: str) -> Out:
    """Bytes go into a file: by handle where it stands or at `offset`, by path as its whole content or at `offset`."""
    data, offset, handle = arguments["content"], arguments["offset"], arguments["hFile"]
    if handle is None:
        _write_by_path(desk, arguments["lpFileName"], data, offset)
        return {"lpNumberOfBytesWritten": size_of(data)}
    opened, found = _by_handle(desk, handle, process)
    appends = opened.desired_access & APPEND_DATA and not opened.desired_access & _WRITES
    if not does(opened.desired_access) & WRITE:
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    entry = _data(found)
    start = opened.position if offset is None else offset
    start = size_of(entry.content) if appends else start
    _see_room(found, entry, start + size_of(data))
    put_file(desk, found, _with(desk, entry, overwritten(entry.content, start, data)))
    _move_on(desk, handle, opened, start + size_of(data))
    return {"lpNumberOfBytesWritten": size_of(data)}


def _see_room(found: Found, entry: FileEntry, size: int) -> None:
    """Raises FileError before bytes are made for which there is no room."""
    if size - size_of(entry.content) > found.disk.free:
        raise FileError(Win32Error.ERROR_DISK_FULL)


def _with(desk: Desk, entry: FileEntry, content: Content) -> FileEntry:
    return FileEntry(entry.name, content, entry.attributes | ARCHIVE, entry.denied_to, filetime(desk.clock))


def _write_by_path(desk: Desk, path: str | None, data: bytes | Grown, offset: int | None) -> None:
    """Open, write and close; without `offset` the file is made where it is not there, and has nothing but the data."""
    found = find(desk, path)
    disks = desk.state.disks
    if found.entry is None and offset is not None:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    see_writable(disks, found.key)
    if found.entry is None:
        if not found.key[2] or (path or "").endswith("\\"):
            raise FileError(Win32Error.ERROR_INVALID_NAME)
        put_file(desk, found, FileEntry(found.name, data, ARCHIVE, (), filetime(desk.clock)))
        return
    entry = file_at(found)
    see_permitted(desk, entry, WRITE)
    see_shared(disks, found.key, WRITE, ALL_SHARED)
    if offset is not None:
        _see_room(found, entry, offset + size_of(data))
    put_file(desk, found, _with(desk, entry, data if offset is None else overwritten(entry.content, offset, data)))


def get_file_size_ex(desk: Desk, arguments: Arguments, process: str) -> Out:
    """How many bytes an open file has."""
    return {"lpFileSize": size_of(_data(_by_handle(desk, arguments["hFile"], process)[1]).content)}


def set_end_of_file(desk: Desk, arguments: Arguments, process: str) -> Out:
    """The file ends where its handle stands, or at `offset`; what is new is zeros."""
    handle, offset = arguments["hFile"], arguments["offset"]
    opened, found = _by_handle(desk, handle, process)
    if not does(opened.desired_access) & WRITE:
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    entry = _data(found)
    size = opened.position if offset is None else offset
    _see_room(found, entry, size)
    put_file(desk, found, _with(desk, entry, resized(entry.content, size)))
    return NOTHING


def close_handle(desk: Desk, arguments: Arguments, process: str) -> Out:
    """The handle is no more; with the last one a file goes that is to be deleted."""
    handle = arguments["hObject"]
    opened = desk.state.disks.handles.get(handle)
    if opened is None or opened.process != process:
        raise FileError(Win32Error.ERROR_INVALID_HANDLE)
    desk.change_disks(closed(desk.state.disks, handle))
    return NOTHING


def closed(disks: Disks, handle: str) -> Disks:
    """The disks after a handle was closed."""
    opened = disks.handles[handle]
    disks = replace(disks, handles=disks.handles.delete(handle))
    if not isinstance(opened, OpenFile):
        return disks
    if opened.delete_on_close:
        disks = replace(disks, deleting=disks.deleting | {opened.key})
    return let_go(disks, opened.key, handle)


def let_go(disks: Disks, key: Key, by: str) -> Disks:
    """The disks after somebody no longer holds a file."""
    left = tuple(hold for hold in disks.holds.get(key, ()) if hold.by != by)
    if left:
        return replace(disks, holds=disks.holds.set(key, left))
    holds = disks.holds.delete(key) if key in disks.holds else disks.holds
    disks = replace(disks, holds=holds)
    if key not in disks.deleting:
        return disks
    store, folder, name = key
    disks = replace(disks, deleting=disks.deleting - {key})
    if isinstance(store, str):
        return disks
    disk = disks.volumes[store]
    there = disk.has_folder(folder) and disk.entry(folder, name) is not None
    return with_disk(disks, store, disk.without(folder, name)) if there else disks


def dismounted(disks: Disks, store: int, disk: Disk) -> Disks:
    """The disks with another content of a volume; everything that was open on it is closed, and deletes nothing."""
    handles = disks.handles
    for handle, opened in disks.handles.items():
        if isinstance(opened, OpenFile) and opened.key[0] == store:
            handles = handles.delete(handle)
    holds = disks.holds
    for key in disks.holds:
        if key[0] == store:
            holds = holds.delete(key)
    kept = frozenset(key for key in disks.deleting if key[0] != store)
    return with_disk(replace(disks, handles=handles, holds=holds, deleting=kept), store, disk)
