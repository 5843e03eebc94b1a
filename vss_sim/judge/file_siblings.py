"""Functions that do to a file what another does, read as that one: CopyFile2 as CopyFileEx, and their like.

SetFileInformationByHandle does what MoveFileEx, DeleteFile and SetEndOfFile do, to the file behind its handle; one that
is marked for deletion goes when the handle is closed. What was not recorded of its structure is not known. A new name
is a whole path, or one from the directory of a handle on, or from that of the process, which no log tells; behind a
colon it is that of a stream, and the file keeps its own.
Pages: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfileinformationbyhandle and
https://learn.microsoft.com/windows/win32/api/winbase/ns-winbase-file_rename_info
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from vss_sim.judge.history import History, Step
from vss_sim.judge.win32_words import bits_of, is_true, number_of, succeeded
from vss_sim.spec.win32 import (
    BY_HANDLE,
    COPY_FLAGS,
    FILE_INFORMATION,
    INFORMATION_FLAGS,
    REPLACE_EXISTING,
    SIBLINGS,
    SPELT_BY_SIBLINGS,
)

Read = tuple[str, dict[str, Any]]
"""A function, and what it was given."""

_BACKSLASH: Final = "\\"

MARKED: Final = "DeleteFile"
"""The argument that tells whether the file behind a handle goes with it."""

RENAMED: Final = "FileName"
"""The argument that tells the new name of the file behind a handle, where that does not tell its path."""


def as_known(history: History, step: Step, name: str) -> tuple[Step, str]:
    """The call as the function makes it that is known to do the same; the call itself, where there is none."""
    read: Read | None = None
    if name == BY_HANDLE:
        handle = str(step.arguments.get("hFile"))
        opened = history.machine(step.line).disk.opened(step.line.process)
        path = opened.get(handle)
        read = _by_handle(step, path, opened) if path is not None else None
    elif name in SIBLINGS:
        read = SIBLINGS[name], _renamed(step.arguments)
    if read is None:
        return step, name
    name, arguments = read
    other = Step(step.number, step.line, step.code)
    other.arguments, other.results = arguments, step.results
    return other, name


def _renamed(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of a sibling; flags that it has in a structure stand for themselves."""
    given = {SPELT_BY_SIBLINGS.get(name, name): value for name, value in arguments.items()}
    more, opened = given.get("pExtendedParameters"), given.get("pCreateExParams")
    if isinstance(more, dict):
        given["dwCopyFlags"] = bits_of(more.get("dwCopyFlags"), COPY_FLAGS)
    if isinstance(opened, dict):
        given["dwFlagsAndAttributes"] = bits_of(opened.get("dwFileFlags")) | bits_of(opened.get("dwFileAttributes"))
    return given


def _by_handle(step: Step, path: str, opened: Mapping[str, str]) -> Read | None:
    kind, told = step.arguments.get("FileInformationClass"), step.arguments.get("lpFileInformation")
    number = FILE_INFORMATION[kind] if isinstance(kind, str) and kind in FILE_INFORMATION else number_of(kind)
    reader = _READERS.get(number) if number is not None else None
    if reader is None or not isinstance(told, dict):
        return None
    root = told.get("RootDirectory")
    return reader(step, path, {**told, "RootDirectory": opened.get(str(root)) if root else None})


def _rename(step: Step, path: str, told: Mapping[str, Any]) -> Read | None:
    new, root = told.get("FileName"), told.get("RootDirectory")
    if not isinstance(new, str) or not new or new.startswith(":"):
        return None
    if not (new.startswith("\\\\") or new[1:3] in (":\\", ":/")):
        if root is None or new.startswith("\\"):
            return (BY_HANDLE, {"hFile": step.arguments.get("hFile"), RENAMED: new}) if succeeded(step) else None
        new = f"{root.rstrip(_BACKSLASH)}\\{new}"
    replaces = is_true(told.get("ReplaceIfExists")) or bool(bits_of(told.get("Flags"), INFORMATION_FLAGS) & 1)
    flags = REPLACE_EXISTING if replaces else 0
    moved = {"lpExistingFileName": path, "lpNewFileName": new, "dwFlags": flags}
    return "MoveFileEx", {**moved, "hFile": step.arguments.get("hFile")}


def _dispose(step: Step, path: str, told: Mapping[str, Any]) -> Read | None:
    goes = is_true(told.get(MARKED)) or bool(bits_of(told.get("Flags"), INFORMATION_FLAGS) & 1)
    if not succeeded(step):
        return ("DeleteFile", {"lpFileName": path}) if goes else None
    return BY_HANDLE, {"hFile": step.arguments.get("hFile"), MARKED: goes}


def _set_end(step: Step, path: str, told: Mapping[str, Any]) -> Read | None:
    del path
    at = next((number_of(told[name]) for name in ("EndOfFile", "AllocationSize") if name in told), None)
    return None if at is None else ("SetEndOfFile", {"hFile": step.arguments.get("hFile"), "offset": at})


_READERS: Final[dict[int, Callable[[Step, str, Mapping[str, Any]], Read | None]]] = {
    FILE_INFORMATION["FileRenameInfo"]: _rename,
    FILE_INFORMATION["FileRenameInfoEx"]: _rename,
    FILE_INFORMATION["FileDispositionInfo"]: _dispose,
    FILE_INFORMATION["FileDispositionInfoEx"]: _dispose,
    FILE_INFORMATION["FileAllocationInfo"]: _set_end,
    FILE_INFORMATION["FileEndOfFileInfo"]: _set_end,
}
