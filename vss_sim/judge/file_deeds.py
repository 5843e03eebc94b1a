"""What one recorded file call did to a file: looked at it, opened it, wrote it, moved it, or met with a refusal.

Only what the call itself shows: a success without a recorded answer counts as one, as everywhere; whether a file was
there before shows in the disposition, in the error, or in what GetLastError told after a success (`lastError`).
"""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from vss_sim.judge.file_positions import Positions, length_of, offset_of
from vss_sim.judge.history import Step
from vss_sim.judge.paths import path_of
from vss_sim.judge.recorded import whole_number
from vss_sim.judge.win32_words import answer_of, bits_of, is_true, succeeded
from vss_sim.spec.win32 import (
    CHANGED_FILE,
    CHANGED_FOLDER,
    COPIES,
    COPY_FLAGS,
    CREATE_ALWAYS,
    CREATE_NEW,
    DELAY_UNTIL_REBOOT,
    FAIL_IF_EXISTS,
    FLAGS,
    LOOKS,
    MOVES,
    OPEN_ALWAYS,
    OPEN_EXISTING,
    PATHS,
    READ_FILE,
    REPLACE_EXISTING,
    TRUNCATE_EXISTING,
    WRITE,
    Win32Error,
    does,
)

_THERE_ALREADY: Final = (Win32Error.ERROR_ALREADY_EXISTS.name, int(Win32Error.ERROR_ALREADY_EXISTS))
_IN_THE_WAY: Final = (Win32Error.ERROR_FILE_EXISTS.name, Win32Error.ERROR_ALREADY_EXISTS.name)
_PENDING: Final = Win32Error.ERROR_IO_PENDING.name
_CANNOT_MOVE: Final = Win32Error.ERROR_UNABLE_TO_MOVE_REPLACEMENT.name
_CANNOT_MOVE_ON: Final = Win32Error.ERROR_UNABLE_TO_MOVE_REPLACEMENT_2.name
_TAKEN: Final = Win32Error.ERROR_SHARING_VIOLATION.name
_NOT_THERE: Final = (Win32Error.ERROR_FILE_NOT_FOUND.name, Win32Error.ERROR_PATH_NOT_FOUND.name)
_NO_FOLDER: Final = Win32Error.ERROR_PATH_NOT_FOUND.name
_SOMEWHERE: Final = ""
"""Another name of a file, which no call tells."""
_EMPTIES: Final = (CREATE_ALWAYS, TRUNCATE_EXISTING)


_BY_HANDLE: Final = frozenset({"CreateFile", "WriteFile", "BackupWrite"})

Sources = tuple[tuple[str, int], ...]
"""Files that bytes may come from, each with the line that opened or read it; the likeliest is the last."""


class Deed(Enum):
    """What became of the file."""

    __hash__ = object.__hash__  # a name is hashed in Python

    LOOK = "looked at, and left as it is"
    OPEN = "opened for writing, and left as it is"
    MAKE = "made, with nothing in it"
    WRITE = "given content"
    REMOVE = "taken away"
    REFUSED = "left as it is, the call having failed"


class FileDeed(Struct, frozen=True):
    """One deed; `there` is whether the file was there before, where the call shows it.

    `source` is the file that it was copied or moved from, `taken` where it was moved or copied to. `shared`, `created`
    and `handle` are of CreateFile: whether others could open the file meanwhile, with CREATE_NEW, and its handle.
    A copy or move that fails where a file is there is as good as CREATE_NEW.
    """

    path: str
    deed: Deed
    there: bool | None = None
    blocked: bool = False
    error: str | None = None
    source: str | None = None
    taken: str | None = None
    shared: bool = False
    created_new: bool = False
    handle: str | None = None
    offset: int | None = None
    length: int | None = None
    opening: bool = False
    """Of CreateFile."""
    moves: bool = False
    """Whether `source` was moved, or was to be, and not copied."""
    emptied: bool = False
    """Of SetEndOfFile: nothing of the file may be left; of GetFileSizeEx: nothing is in it."""
    writing: bool = False
    """Of a refusal: bytes were to go through a handle that was open for them."""
    removing: bool = False
    """Of a refusal: the file was to be deleted."""
    read: Sources = ()
    """Of CreateFile and what writes through its handle: the files that the bytes may come from (`file_sources`)."""
    shown: str = ""
    """The path as the line has it."""


def file_read(step: Step, name: str) -> str | None:
    """The file that a call reads or opens by its path, as the line has it."""
    path = step.arguments.get(READ_FILE.get(name, ""))
    return path if isinstance(path, str) else None


def file_changed(step: Step, name: str) -> str | None:
    """The file or folder that a call makes, writes, replaces or removes by its path, as the line has it.

    CreateFile counts whatever it opens the file for: `access_of` and `empties` tell that.
    """
    path = step.arguments.get(CHANGED_FILE.get(name) or CHANGED_FOLDER.get(name, ""))
    return path if isinstance(path, str) else None


def access_of(step: Step) -> int:
    """What CreateFile asks to do with the file, of READ, WRITE and DELETE; MAXIMUM_ALLOWED may be any of them."""
    return does(bits_of(step.arguments.get("dwDesiredAccess")) & ~FLAGS["MAXIMUM_ALLOWED"])


def disposition_of(step: Step) -> int:
    """Whether CreateFile makes, empties or only opens the file; that it opens it where nothing was recorded."""
    return bits_of(step.arguments.get("dwCreationDisposition")) or OPEN_EXISTING


def empties(step: Step) -> bool:
    """Whether CreateFile leaves nothing of what was in the file."""
    return disposition_of(step) in _EMPTIES


def makes_file(step: Step) -> bool:
    """Whether CreateFile makes a file, or empties one: a folder it opens only as it is."""
    return disposition_of(step) in (CREATE_NEW, *_EMPTIES)


def deeds_of(
    step: Step, name: str, opened: Mapping[str, str], positions: Positions, read: Sources = ()
) -> tuple[FileDeed, ...]:
    """What a call did, file by file.

    `opened` tells the path behind a handle, as it was written, `positions` where the handle stands, and `read` what its
    bytes may be of.
    """
    reader = _READERS.get(name)
    deeds: tuple[FileDeed, ...] = reader(step, opened) if reader is not None else ()
    named = [step.arguments.get(name) for name in PATHS]
    named.append(opened.get(str(step.arguments.get("hFile"))))
    written = {path_of(value): value for value in named if isinstance(value, str)}
    if name in ("WriteFile", "SetEndOfFile") and len(deeds) == 1:
        deeds = (_placed(step, deeds[0], positions),)
    read = read if name in _BY_HANDLE else ()
    return tuple(replace(deed, shown=written.get(deed.path, deed.path), read=read) for deed in deeds)


def _placed(step: Step, deed: FileDeed, positions: Positions) -> FileDeed:
    """The deed, with where in the file it was done: what is cut off at its beginning leaves nothing."""
    at = offset_of(step, positions)
    if deed.deed is Deed.WRITE:
        return replace(deed, offset=at)
    return replace(deed, emptied=deed.emptied and at in (0, None))


def _refused(path: str, step: Step, *, writes: bool, there: bool | None = None) -> FileDeed:
    answer = answer_of(step)
    if answer in _IN_THE_WAY:
        there = True
    elif answer in _NOT_THERE:
        there = False
    elif answer == _TAKEN:
        there = True if writes else there
    blocked = writes and answer not in (*_IN_THE_WAY, *_NOT_THERE, None)
    return FileDeed(path, Deed.REFUSED, there, blocked, answer)


def _create_file(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    del opened
    arguments = step.arguments
    path = path_of(arguments.get("lpFileName"))
    if path is None:
        return ()
    writes = bool(does(bits_of(arguments.get("dwDesiredAccess"))) & WRITE)
    how = disposition_of(step)
    writes = writes or how in (CREATE_NEW, *_EMPTIES)
    if not succeeded(step):
        return (replace(_refused(path, step, writes=writes), opening=True),)
    there: bool | None = {CREATE_NEW: False, OPEN_EXISTING: True, TRUNCATE_EXISTING: True}.get(how)
    if there is None and "lastError" in step.results:
        there = step.results["lastError"] in _THERE_ALREADY
    if how == CREATE_NEW or (how in (CREATE_ALWAYS, OPEN_ALWAYS) and there is False):
        deed = Deed.MAKE
    elif how in _EMPTIES:
        deed = Deed.WRITE
    else:
        deed = Deed.OPEN if writes else Deed.LOOK
    shared = bits_of(arguments.get("dwShareMode")) != 0
    new = how == CREATE_NEW
    return (FileDeed(path, deed, there, shared=shared, created_new=new, handle=step.made("hFile"), opening=True),)


def _write_file(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    arguments = step.arguments
    by_handle = arguments.get("hFile")
    path = path_of(opened.get(by_handle)) if isinstance(by_handle, str) else path_of(arguments.get("lpFileName"))
    if path is None:
        return ()
    handle = by_handle if isinstance(by_handle, str) else None
    if not succeeded(step) and answer_of(step) != _PENDING:
        return (replace(_refused(path, step, writes=True), handle=handle, writing=handle is not None),)
    return (FileDeed(path, Deed.WRITE, handle=handle, length=length_of(step)),)


def _backup_write(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    """A stream of BackupRead comes back; where in the file its bytes go, only the stream tells."""
    if is_true(step.arguments.get("bAbort")):
        return ()
    return tuple(replace(deed, length=None) for deed in _write_file(step, opened))


def _set_end(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    """Room that is made, or given back; the bytes that count are written later, if there are any."""
    handle = step.arguments.get("hFile")
    path = path_of(opened.get(handle)) if isinstance(handle, str) else None
    if path is None:
        return ()
    if succeeded(step):
        return (FileDeed(path, Deed.LOOK, emptied=True),)
    return (replace(_refused(path, step, writes=True), handle=handle),)


def _size(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    handle = step.arguments.get("hFile")
    path = path_of(opened.get(handle)) if isinstance(handle, str) else None
    if path is None or not succeeded(step):
        return ()
    return (FileDeed(path, Deed.LOOK, emptied=whole_number(step.results.get("lpFileSize")) == 0),)


def _copy_file(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    del opened
    source, path = path_of(step.arguments.get("lpExistingFileName")), path_of(step.arguments.get("lpNewFileName"))
    if path is None:
        return ()
    by_flag = bool(bits_of(step.arguments.get("dwCopyFlags"), COPY_FLAGS) & FAIL_IF_EXISTS)
    only_new = by_flag or is_true(step.arguments.get("bFailIfExists"))
    if not succeeded(step):
        refused = replace(_refused(path, step, writes=True), source=source)
        return () if answer_of(step) in _NOT_THERE else (refused,)
    there = False if only_new else None
    return (FileDeed(path, Deed.WRITE, there, source=source, created_new=only_new),)


def _move_file(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    del opened
    source, path = path_of(step.arguments.get("lpExistingFileName")), path_of(step.arguments.get("lpNewFileName"))
    flags = bits_of(step.arguments.get("dwFlags"))
    if source is None or flags & DELAY_UNTIL_REBOOT:
        return ()
    if not succeeded(step):
        return (replace(_refused(path, step, writes=True), source=source, moves=True),) if path is not None else ()
    gone = FileDeed(source, Deed.REMOVE, there=True, taken=path)
    if path is None:
        return (gone,)
    replaces = bool(flags & REPLACE_EXISTING)
    there = None if replaces else False
    return gone, FileDeed(path, Deed.WRITE, there, source=source, created_new=not replaces, moves=True)


def _replace_file(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    """One file takes the place of another that is there, which may be kept under a third name.

    What is left of a call that failed, the page tells by its error.
    """
    del opened
    arguments, answer = step.arguments, answer_of(step)
    path, source = path_of(arguments.get("lpReplacedFileName")), path_of(arguments.get("lpReplacementFileName"))
    aside = path_of(arguments.get("lpBackupFileName"))
    if path is None or answer in _NOT_THERE:
        return ()
    goes = FileDeed(path, Deed.REMOVE, there=True, taken=aside)
    kept = (goes, FileDeed(aside, Deed.WRITE, source=path, moves=True)) if aside is not None else ()
    if succeeded(step):
        gone = (FileDeed(source, Deed.REMOVE, there=True, taken=path),) if source is not None else ()
        return *kept, *gone, FileDeed(path, Deed.WRITE, there=True, source=source, moves=True)
    refused = replace(_refused(path, step, writes=True, there=True), source=source, moves=True)
    if answer == _CANNOT_MOVE_ON:
        return *(kept or (replace(goes, taken=_SOMEWHERE),)), refused
    return (goes, refused) if answer == _CANNOT_MOVE and aside is None else (refused,)


def _delete_file(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    del opened
    path = path_of(step.arguments.get("lpFileName"))
    if path is None:
        return ()
    if succeeded(step):
        return (FileDeed(path, Deed.REMOVE, there=True),)
    return (replace(_refused(path, step, writes=True), removing=True),)


def _look(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    del opened
    path = path_of(step.arguments.get("lpFileName"))
    if path is None or "*" in path or "?" in path:
        return ()
    if succeeded(step):
        return (FileDeed(path, Deed.LOOK, there=True),)
    missing = answer_of(step) in _NOT_THERE
    return (FileDeed(path, Deed.LOOK, there=False, error=answer_of(step)),) if missing else ()


def _read_file(step: Step, opened: Mapping[str, str]) -> tuple[FileDeed, ...]:
    by_handle = step.arguments.get("hFile")
    path = path_of(opened.get(by_handle)) if isinstance(by_handle, str) else path_of(step.arguments.get("lpFileName"))
    return (FileDeed(path, Deed.LOOK, there=True),) if path is not None and succeeded(step) else ()


def missing_folder(deed: FileDeed) -> bool:
    """Whether the call failed since a folder is not there, which can be made."""
    return deed.error == _NO_FOLDER


_READERS: Final[dict[str, Any]] = {
    "CreateFile": _create_file,
    "WriteFile": _write_file,
    "BackupWrite": _backup_write,
    "SetEndOfFile": _set_end,
    "GetFileSizeEx": _size,
    **dict.fromkeys(("ReadFile", "BackupRead"), _read_file),
    **dict.fromkeys(COPIES, _copy_file),
    **dict.fromkeys(MOVES, _move_file),
    "ReplaceFile": _replace_file,
    "DeleteFile": _delete_file,
    **dict.fromkeys(LOOKS, _look),
}

FILE_FUNCTIONS: Final = frozenset(_READERS)
"""The functions that are read."""
