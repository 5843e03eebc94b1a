"""Files and folders are copied, moved, deleted and made: CopyFile, MoveFileEx, DeleteFile, CreateDirectory, ...

Pages: https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-movefileexw and those beside it. A delayed move
is registered here and made by the next start, in order; success of the call says nothing of the move
(rules rar-order, rar-return-code-is-registration, rar-same-volume, rar-replace-existing).
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import NOTHING
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import (
    file_at,
    find,
    goes_with,
    is_folder,
    see_all_shared,
    see_permitted,
    see_shared,
    see_writable,
    with_disk,
)
from vss_sim.engine.files import put_file
from vss_sim.engine.win32_faults import fault_of_move
from vss_sim.model.disk import Entry, FileEntry, FolderEntry, LinkEntry, below, renamed
from vss_sim.model.disks import BootMove, DelayedMove, Disks, Found, Key, OpenFile, Store, locate
from vss_sim.model.names import parse, where
from vss_sim.spec.win32 import (
    ALL_SHARED,
    COPY_ALLOWED,
    DELAY_UNTIL_REBOOT,
    DELETE,
    DIRECTORY,
    HIDDEN,
    NORMAL,
    READ,
    READ_ONLY,
    REPLACE_EXISTING,
    SETTABLE,
    WRITE,
    FileError,
    Win32Error,
    attribute_names,
)

Arguments = dict[str, Any]
Out = Mapping[str, Any]

_ADMINISTRATORS: Final = frozenset({"administrators", "local system"})
_KNOWN_MOVES: Final = REPLACE_EXISTING | COPY_ALLOWED | DELAY_UNTIL_REBOOT | 0x8


def copy_file(desk: Desk, arguments: Arguments, process: str) -> Out:
    """A file beside another, with its content and attributes; not over one that is hidden or read-only."""
    source = find(desk, arguments["lpExistingFileName"])
    entry = file_at(source)
    see_permitted(desk, entry, READ)
    disks = desk.state.disks
    see_shared(disks, source.key, READ, READ | WRITE)
    target = find(desk, arguments["lpNewFileName"])
    if target.key == source.key:
        raise FileError(Win32Error.ERROR_SHARING_VIOLATION)
    if target.entry is None:
        see_writable(disks, target.key)
        see_name(target, arguments["lpNewFileName"])
        put_file(desk, target, FileEntry(target.name, entry.content, entry.attributes, (), entry.written))
        return NOTHING
    if arguments["bFailIfExists"]:
        raise FileError(Win32Error.ERROR_FILE_EXISTS)
    old = file_at(target)
    see_writable(disks, target.key)
    see_permitted(desk, old, WRITE)
    if old.attributes & HIDDEN:
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    see_shared(disks, target.key, WRITE, READ)
    put_file(desk, target, FileEntry(old.name, entry.content, entry.attributes, old.denied_to, entry.written))
    return NOTHING


def see_name(found: Found, path: str) -> None:
    """Raises FileError where a path names a folder's place, and a file is to come there."""
    if not found.key[2] or path.endswith("\\"):
        raise FileError(Win32Error.ERROR_INVALID_NAME)


def delete_file(desk: Desk, arguments: Arguments, process: str) -> Out:
    """A file goes; where handles are open that let it, with the last of them."""
    _delete(desk, arguments["lpFileName"])
    return NOTHING


def _delete(desk: Desk, path: str | None, *, by_system: bool = False) -> None:
    found = find(desk, path, follow=False)
    entry = found.entry
    if isinstance(entry, FolderEntry):
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    if entry is None:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    see_writable(desk.state.disks, found.key)
    if isinstance(entry, FileEntry):
        if entry.attributes & READ_ONLY:
            raise FileError(Win32Error.ERROR_ACCESS_DENIED)
        if not by_system:
            see_permitted(desk, entry, DELETE)
    disks = desk.state.disks
    see_all_shared(disks, found.key)
    desk.change_disks(_without(disks, found))


def _without(disks: Disks, found: Found) -> Disks:
    """The disks without a file, or with one that waits for its last handle."""
    store, folder, key = found.key
    if found.key in disks.holds:
        return replace(disks, deleting=disks.deleting | {found.key})
    return with_disk(disks, store, found.disk.without(folder, key))


def create_directory(desk: Desk, arguments: Arguments, process: str) -> Out:
    """A new folder in one that is there."""
    found = find(desk, arguments["lpPathName"], follow=False)
    if found.entry is not None:
        raise FileError(Win32Error.ERROR_ALREADY_EXISTS)
    disks = desk.state.disks
    see_writable(disks, found.key)
    store, folder, key = found.key
    desk.change_disks(with_disk(disks, store, found.disk.with_folder(folder, key, found.name)))
    return NOTHING


def remove_directory(desk: Desk, arguments: Arguments, process: str) -> Out:
    """An empty folder, or a reparse point, goes."""
    found = find(desk, arguments["lpPathName"], follow=False)
    see_writable(desk.state.disks, found.key)
    entry, (store, folder, key) = found.entry, found.key
    if entry is None:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    if not is_folder(entry):
        raise FileError(Win32Error.ERROR_DIRECTORY)
    disks = desk.state.disks
    if not key or found.key in disks.holds:
        raise FileError(Win32Error.ERROR_SHARING_VIOLATION)
    _see_empty(found, entry)
    desk.change_disks(with_disk(disks, store, found.disk.without(folder, key)))
    return NOTHING


def _see_empty(found: Found, entry: Entry) -> None:
    if isinstance(entry, FolderEntry) and found.disk.names(below(found.key[1], found.key[2])):
        raise FileError(Win32Error.ERROR_DIR_NOT_EMPTY)


def move_file_ex(desk: Desk, arguments: Arguments, process: str) -> Out:
    """A file or folder gets another name, now or at the next start."""
    source, target = arguments["lpExistingFileName"], arguments["lpNewFileName"]
    flags = arguments["dwFlags"]
    if flags & ~_KNOWN_MOVES or (flags & DELAY_UNTIL_REBOOT and flags & COPY_ALLOWED):
        raise FileError(Win32Error.ERROR_INVALID_PARAMETER)
    if flags & DELAY_UNTIL_REBOOT:
        _register(desk, source, target, flags)
    elif target is None:
        raise FileError(Win32Error.ERROR_INVALID_PARAMETER)
    else:
        move(desk, source, target, flags)
    return NOTHING


def _register(desk: Desk, source: str, target: str | None, flags: int) -> None:
    """A move waits for the next start; a target on another volume is refused, since no start could reach it."""
    if not is_administrator(desk):
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    found = find(desk, source, follow=False)
    if found.entry is None:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    see_writable(desk.state.disks, found.key)
    if target is not None and _volume_of(desk, target) != found.key[0]:
        raise FileError(Win32Error.ERROR_NOT_SAME_DEVICE)
    if flags & REPLACE_EXISTING and (_is_folder(found) or (target is not None and _leads_to_folder(desk, target))):
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    disks = desk.state.disks
    delayed = (*disks.delayed, DelayedMove(source, target, flags & REPLACE_EXISTING))
    desk.change_disks(replace(disks, delayed=delayed))


def _is_folder(found: Found) -> bool:
    return found.entry is not None and not isinstance(found.entry, FileEntry)


def _leads_to_folder(desk: Desk, path: str) -> bool:
    """Whether there is a folder at a path, onto which no move replaces anything (rule rar-replace-not-directory)."""
    try:
        return _is_folder(find(desk, path, follow=False))
    except FileError:
        return False


def _volume_of(desk: Desk, path: str) -> Store:
    """The volume that a path lies on, where its folders may come to be before the start."""
    try:
        return find(desk, path, follow=False).key[0]
    except FileError as error:
        if error.code is not Win32Error.ERROR_PATH_NOT_FOUND:
            raise
    disks = desk.state.disks
    place = parse(path, long_paths=disks.long_paths)
    store = locate(disks, where(place.root, ())).key[0]
    names = tuple(place.folder.split("\\"))
    for count in range(1, len(names) + 1):
        try:
            found = locate(disks, where(place.root, names[:count]))
        except FileError:
            break
        if found.entry is None:
            break
        store = found.key[0]
    return store


def is_administrator(desk: Desk) -> bool:
    """Whether the requester's account is one of administrators or the local system."""
    return any(group.casefold() in _ADMINISTRATORS for group in desk.requester.groups)


def move(desk: Desk, source: str | None, target: str, flags: int, *, by_system: bool = False) -> None:
    """A file or folder gets another name now.

    Raises:
        FileError: it stays where it is.
    """
    start, end = find(desk, source, follow=False), find(desk, target, follow=False)
    entry = start.entry
    if entry is None or not start.key[2]:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND if entry is None else Win32Error.ERROR_ACCESS_DENIED)
    disks = desk.state.disks
    see_writable(disks, start.key)
    see_writable(disks, end.key)
    if isinstance(entry, FileEntry):
        if not by_system:
            see_permitted(desk, entry, DELETE)
        see_name(end, target)
    see_all_shared(disks, start.key)
    if start.key[0] != end.key[0]:
        _move_across(desk, start, end, entry, flags)
    else:
        _move_within(desk, start, end, entry, flags, by_system=by_system)


def _move_within(desk: Desk, start: Found, end: Found, entry: Entry, flags: int, *, by_system: bool) -> None:
    disks = desk.state.disks
    store, folder, key = start.key
    if isinstance(entry, FolderEntry):
        _see_folder_free(disks, start.key, end.key)
    disk = start.disk
    if end.entry is not None and end.key != start.key:
        _see_replaceable(desk, end, entry, flags, by_system=by_system)
        disk = disk.without(end.key[1], end.key[2])
    disk = disk.moved(folder, key, end.key[1], end.name)
    desk.change_disks(with_disk(_held_elsewhere(disks, start.key, end.key), store, disk))


def _see_folder_free(disks: Disks, start: Key, end: Key) -> None:
    """A folder with open files in it stays (ERROR_ACCESS_DENIED), and none goes into itself."""
    store, folder, key = start
    path = below(folder, key)
    inside = (held[1] == path or held[1].startswith(path + "\\") for held in disks.holds if held[0] == store)
    if any(inside):
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    if end[1] == path or end[1].startswith(path + "\\"):
        raise FileError(Win32Error.ERROR_INVALID_PARAMETER)


def _see_replaceable(desk: Desk, end: Found, entry: Entry, flags: int, *, by_system: bool = False) -> None:
    """Raises FileError where what is at the target stays: it was not to be replaced, or cannot be."""
    if not flags & REPLACE_EXISTING:
        raise FileError(Win32Error.ERROR_ALREADY_EXISTS)
    there = end.entry
    if not isinstance(entry, FileEntry) or not isinstance(there, FileEntry) or there.attributes & READ_ONLY:
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    if not by_system:
        see_permitted(desk, there, DELETE)
    if end.key in desk.state.disks.holds:
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)


def _held_elsewhere(disks: Disks, start: Key, end: Key) -> Disks:
    """The disks with the handles of a moved file at its new place."""
    held = disks.holds.get(start)
    if held is None or start == end:
        return disks
    handles = disks.handles
    for hold in held:
        opened = handles.get(hold.by)
        if isinstance(opened, OpenFile):
            handles = handles.set(hold.by, replace(opened, key=end))
    return replace(disks, holds=disks.holds.delete(start).set(end, held), handles=handles)


def _move_across(desk: Desk, start: Found, end: Found, entry: Entry, flags: int) -> None:
    """A file is copied to another volume and deleted, where that is allowed; folders are not."""
    if not flags & COPY_ALLOWED:
        raise FileError(Win32Error.ERROR_NOT_SAME_DEVICE)
    if not isinstance(entry, FileEntry):
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    holds = desk.state.disks.holds.get(start.key, ())
    if not goes_with(holds, READ, ALL_SHARED):
        raise FileError(Win32Error.ERROR_SHARING_VIOLATION)
    if entry.attributes & READ_ONLY:
        raise FileError(Win32Error.ERROR_ACCESS_DENIED)
    if end.entry is not None:
        _see_replaceable(desk, end, entry, flags)
    there = renamed(entry, end.name)
    assert isinstance(there, FileEntry)  # noqa: S101 - it was one
    put_file(desk, end, there)
    desk.change_disks(_without(desk.state.disks, start))


def make_delayed_moves(desk: Desk) -> None:
    """What the start of the machine makes of the delayed moves, in order; it tells those that failed.

    Rule rar-os-logs-failure.
    """
    disks = desk.state.disks
    desk.change_disks(replace(disks, delayed=(), boot_moves=()))
    outcomes = []
    for wanted in disks.delayed:
        code = fault_of_move(desk, wanted) if desk.machine.win32_faults else None
        outcomes.append(BootMove(wanted.source, wanted.target, (code or _moved_at_boot(desk, wanted)).name))
    desk.change_disks(replace(desk.state.disks, boot_moves=tuple(outcomes)))


def _moved_at_boot(desk: Desk, wanted: DelayedMove) -> Win32Error:
    try:
        _boot_move(desk, wanted)
    except FileError as error:
        return error.code
    return Win32Error.ERROR_SUCCESS


def _boot_move(desk: Desk, wanted: DelayedMove) -> None:
    """The system makes the move, which no file's security keeps out."""
    if wanted.target is not None:
        move(desk, wanted.source, wanted.target, wanted.flags, by_system=True)
    elif is_folder(find(desk, wanted.source, follow=False).entry):
        remove_directory(desk, {"lpPathName": wanted.source}, "")
    else:
        _delete(desk, wanted.source, by_system=True)


def set_file_attributes(desk: Desk, arguments: Arguments, process: str) -> Out:
    """The attributes of a file that a program sets; an open handle does not mind."""
    found = find(desk, arguments["lpFileName"])
    entry = found.entry
    if entry is None:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    see_writable(desk.state.disks, found.key)
    if not isinstance(entry, FileEntry):
        return NOTHING
    see_permitted(desk, entry, 0)
    put_file(desk, found, replace(entry, attributes=arguments["dwFileAttributes"] & SETTABLE))
    return NOTHING


def get_file_attributes(desk: Desk, arguments: Arguments, process: str) -> Out:
    """The attributes of a file or folder, by their names."""
    entry = find(desk, arguments["lpFileName"], follow=False).entry
    if entry is None:
        raise FileError(Win32Error.ERROR_FILE_NOT_FOUND)
    return {"dwFileAttributes": shown_attributes(entry)}


def shown_attributes(entry: Entry) -> str:
    """The attributes of an entry by their names; FILE_ATTRIBUTE_NORMAL where there is none."""
    more = DIRECTORY if isinstance(entry, (FolderEntry, LinkEntry)) else 0
    return attribute_names(entry.attributes | more or NORMAL)
