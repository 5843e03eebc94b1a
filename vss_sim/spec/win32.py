"""What the file and service functions of Windows answer, and the names of the flags that they take.

Pages: https://learn.microsoft.com/windows/win32/debug/system-error-codes and the pages of fileapi.h and winsvc.h. The
numbers of errors and flags are those of the Windows headers; each is written once, here.
"""

from enum import IntEnum
from typing import Final, Self


class Win32Error(IntEnum):
    """An answer of a Win32 function, by its documented name; `meaning` is one clause for people."""

    meaning: str

    def __new__(cls, value: int, meaning: str) -> Self:
        """A member from its number and what it means."""
        member = int.__new__(cls, value)
        member._value_ = value
        member.meaning = meaning
        return member

    ERROR_SUCCESS = 0, "Done."
    ERROR_FILE_NOT_FOUND = 2, "There is no such file."
    ERROR_PATH_NOT_FOUND = 3, "A folder or volume of the path is not there, or the path is not absolute."
    ERROR_ACCESS_DENIED = 5, "The account, an attribute or a pending deletion forbids it."
    ERROR_INVALID_HANDLE = 6, "There is no such handle in this process."
    ERROR_NOT_ENOUGH_MEMORY = 8, "There is no memory for it; only by script."
    ERROR_NOT_SAME_DEVICE = 17, "Source and target lie on different volumes."
    ERROR_NO_MORE_FILES = 18, "The listing has come to its end."
    ERROR_WRITE_PROTECT = (
        19,
        "The volume is read-only: a shadow copy, or of a set that was not broken read-write.",
    )
    ERROR_NOT_READY = 21, "The drive is not ready; only by script."
    ERROR_CRC = 23, "The bytes cannot be read as they were written; only by script."
    ERROR_SHARING_VIOLATION = 32, "Another handle is open, and its sharing or this one's does not go with it."
    ERROR_LOCK_VIOLATION = 33, "Another process has locked this part of the file; only by script."
    ERROR_HANDLE_EOF = 38, "The offset lies behind the end of the file."
    ERROR_BAD_NETPATH = 53, "There is no such share."
    ERROR_FILE_EXISTS = 80, "The file is there already (CREATE_NEW, CopyFile)."
    ERROR_INVALID_PARAMETER = 87, "Arguments that do not go together."
    ERROR_DISK_FULL = 112, "The volume has no room for it."
    ERROR_INVALID_NAME = 123, "No file can have this name."
    ERROR_DIR_NOT_EMPTY = 145, "Something is left in the folder."
    ERROR_ALREADY_EXISTS = 183, "The folder or the target of a move is there already."
    ERROR_FILENAME_EXCED_RANGE = 206, "The path is longer than any path can be."
    ERROR_DIRECTORY = 267, "It is no folder."
    ERROR_IO_PENDING = 997, "The call goes on by itself, which is no failure; only in a log."
    ERROR_UNRECOGNIZED_VOLUME = 1005, "The volume has no file system that is known."
    ERROR_FILE_INVALID = 1006, "The volume changed beneath the handle."
    ERROR_SERVICE_REQUEST_TIMEOUT = 1053, "The service does not answer in time; only by script."
    ERROR_INVALID_SERVICE_CONTROL = 1052, "The service does not take this control."
    ERROR_SERVICE_ALREADY_RUNNING = 1056, "The service runs already."
    ERROR_SERVICE_DOES_NOT_EXIST = 1060, "There is no such service."
    ERROR_SERVICE_NOT_ACTIVE = 1062, "The service does not run."
    ERROR_IO_DEVICE = 1117, "The device fails; only by script."
    ERROR_UNABLE_TO_REMOVE_REPLACED = 1175, "ReplaceFile cannot delete the file; both have their names; only in a log."
    ERROR_UNABLE_TO_MOVE_REPLACEMENT = (
        1176,
        "ReplaceFile cannot rename the new file; without a copy, the old one is gone; only in a log.",
    )
    ERROR_UNABLE_TO_MOVE_REPLACEMENT_2 = (
        1177,
        "ReplaceFile cannot move the new file; the old one has another name; only in a log.",
    )
    ERROR_NO_SYSTEM_RESOURCES = 1450, "More is asked for at once than the system can give."
    ERROR_CANT_RESOLVE_FILENAME = 1921, "Its reparse points lead in a circle, or too far."
    ERROR_NOT_A_REPARSE_POINT = 4390, "It is a plain file or folder, and no reparse point."


SERVICE_CALLS: Final = ("ControlService", "StartService")
CALLS: Final = (
    "CreateFile",
    "ReadFile",
    "WriteFile",
    "SetEndOfFile",
    "CloseHandle",
    "CopyFile",
    "DeleteFile",
    "CreateDirectory",
    "RemoveDirectory",
    "MoveFileEx",
    "SetFileAttributes",
    "GetFileAttributes",
    "GetFileSizeEx",
    "FindFirstFile",
    "FindNextFile",
    "FindClose",
    *SERVICE_CALLS,
)
"""The file and service calls, without the A or W that may stand after their names."""

NOT_LOOKED_AT: Final[dict[str, tuple[str, ...]]] = {
    "ReadFile": ("lpBuffer", "lpNumberOfBytesRead", "lpOverlapped"),
    "WriteFile": ("lpNumberOfBytesWritten", "lpOverlapped"),
    "GetFileSizeEx": ("lpFileSize",),
    "FindFirstFile": ("lpFindFileData",),
    "FindNextFile": ("lpFindFileData",),
    "ControlService": ("lpServiceStatus",),
}
"""Function → parameters that it has and that decide nothing here."""

SIBLINGS: Final[dict[str, str]] = {
    "CopyFile2": "CopyFileEx",
    "CopyFileTransacted": "CopyFileEx",
    "CreateDirectoryEx": "CreateDirectory",
    "CreateDirectoryTransacted": "CreateDirectory",
    "CreateFile2": "CreateFile",
    "CreateFileTransacted": "CreateFile",
    "DeleteFileTransacted": "DeleteFile",
    "FindFirstFileTransacted": "FindFirstFileEx",
    "GetFileAttributesTransacted": "GetFileAttributesEx",
    "ReadFileEx": "ReadFile",
    "ReadFileScatter": "ReadFile",
    "MoveFileTransacted": "MoveFileEx",
    "MoveFileWithProgress": "MoveFileEx",
    "RemoveDirectoryTransacted": "RemoveDirectory",
    "WriteFileEx": "WriteFile",
    "WriteFileGather": "WriteFile",
}
"""Function → the one that does the same to a file, at once or in a transaction."""

SPELT_BY_SIBLINGS: Final[dict[str, str]] = {
    "pwszExistingFileName": "lpExistingFileName",
    "pwszNewFileName": "lpNewFileName",
    "lpNewDirectory": "lpPathName",
}
"""Parameter of a sibling → what the other function calls it."""

BY_HANDLE: Final = "SetFileInformationByHandle"
TRANSACTION_ENDS: Final[dict[str, bool]] = {"CommitTransaction": True, "RollbackTransaction": False}
"""Function → whether what was done in a transaction is done."""

FILE_INFORMATION: Final[dict[str, int]] = {
    "FileRenameInfo": 3,
    "FileDispositionInfo": 4,
    "FileAllocationInfo": 5,
    "FileEndOfFileInfo": 6,
    "FileDispositionInfoEx": 21,
    "FileRenameInfoEx": 22,
}
"""What SetFileInformationByHandle changes of a file's name, length and life.

Pages: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfileinformationbyhandle and
https://learn.microsoft.com/windows/win32/api/minwinbase/ne-minwinbase-file_info_by_handle_class
"""
INFORMATION_FLAGS: Final[dict[str, int]] = {
    "FILE_DISPOSITION_FLAG_DELETE": 0x1,
    "FILE_RENAME_FLAG_REPLACE_IF_EXISTS": 0x1,
}
"""The flag of its structures for deletion and renaming that says so."""

RETURN_HANDLES: Final = {
    "CreateFile": "hFile",
    "CreateFile2": "hFile",
    "CreateFileTransacted": "hFile",
    "CreateTransaction": "hTransaction",
    "OpenService": "hService",
}
"""Function that returns a handle → the result of a line that is that handle."""

RETURN_BOOL: Final = frozenset(
    {
        *(one for one in SIBLINGS if one not in RETURN_HANDLES and one not in {"CopyFile2", "FindFirstFileTransacted"}),
        *("BackupRead", "BackupWrite", "CloseHandle", "CloseServiceHandle", "CommitTransaction", "ControlService"),
        *("CopyFile", "CopyFileEx", "CreateDirectory", "DeleteFile", "MoveFile", "MoveFileEx", "QueryServiceStatus"),
        *("QueryServiceStatusEx", "ReadFile", "RemoveDirectory", "ReplaceFile", "RollbackTransaction", "SetEndOfFile"),
        *("SetFileAttributes", "SetFileInformationByHandle", "SetFilePointerEx", "StartService", "WriteFile"),
    }
)
"""Functions that return whether they did their work."""

COPIES: Final = frozenset({"CopyFile", "CopyFileEx"})
"""Functions that copy a file."""

MOVES: Final = frozenset({"MoveFile", "MoveFileEx"})
"""Functions that move a file."""

LOOKS: Final = frozenset({"FindFirstFile", "FindFirstFileEx", "GetFileAttributes", "GetFileAttributesEx"})
"""Functions that tell whether a file is there."""

READ_FILE: Final = {**dict.fromkeys(sorted(COPIES), "lpExistingFileName"), "CreateFile": "lpFileName"}
"""Function → the parameter that names the file which it reads, or opens to be read."""

CHANGED_FILE: Final = {
    **dict.fromkeys(sorted(COPIES | MOVES), "lpNewFileName"),
    "CreateFile": "lpFileName",
    "WriteFile": "lpFileName",
    "ReplaceFile": "lpReplacedFileName",
    "DeleteFile": "lpFileName",
}
"""Function → the parameter that names the file which it makes, writes, replaces or deletes."""

CHANGED_FOLDER: Final = {"CreateDirectory": "lpPathName", "RemoveDirectory": "lpPathName"}
"""Function → the parameter that names the folder which it makes or removes."""

PATHS: Final = (
    *("lpFileName", "lpExistingFileName", "lpNewFileName", "lpPathName"),
    *("lpReplacedFileName", "lpReplacementFileName", "lpBackupFileName"),
)
"""The parameters that name a file or folder."""

HANDLES: Final = ("hFile", "hObject")
"""The parameters that take the handle of an open file."""

DELAYED_MOVE: Final = "delayed move"
"""What scripts of faults call a move that MoveFileEx left for the next start of the machine."""


class FileError(Exception):
    """Windows says no to a file or service call. Raised inside of the engine, and an answer outside of it."""

    def __init__(self, code: Win32Error) -> None:
        super().__init__(code)
        self.code: Final = code


class StreamError(FileError):
    """A path names an alternate stream of a file (`name:stream`), which the disks here do not have.

    Page: https://learn.microsoft.com/windows/win32/fileio/file-streams
    """

    def __init__(self) -> None:
        super().__init__(Win32Error.ERROR_INVALID_NAME)


READ: Final = 1
WRITE: Final = 2
DELETE: Final = 4
ALL_SHARED: Final = READ | WRITE | DELETE
"""What a handle does with a file's bytes and name, and what it lets others do; FILE_SHARE_* has these values."""

READ_ONLY: Final = 0x1
HIDDEN: Final = 0x2
SYSTEM: Final = 0x4
DIRECTORY: Final = 0x10
ARCHIVE: Final = 0x20
NORMAL: Final = 0x80
REPARSE_POINT: Final = 0x400
SETTABLE: Final = READ_ONLY | HIDDEN | SYSTEM | ARCHIVE
"""The attributes of a file that a program sets; the others say what it is."""

OPEN_REPARSE_POINT: Final = 0x00200000
BACKUP_SEMANTICS: Final = 0x02000000
DELETE_ON_CLOSE: Final = 0x04000000

CREATE_NEW, CREATE_ALWAYS, OPEN_EXISTING, OPEN_ALWAYS, TRUNCATE_EXISTING = range(1, 6)

REPLACE_EXISTING: Final = 0x1
COPY_ALLOWED: Final = 0x2
DELAY_UNTIL_REBOOT: Final = 0x4

GENERIC_WRITE: Final = 0x40000000
APPEND_DATA: Final = 0x4
_WRITE_DATA: Final = 0x2

MAX_PATH: Final = 260
"""Paths without `\\\\?\\` are shorter than this, unless the machine allows long ones."""

SERVICE_STATES: Final[dict[str, int]] = {
    "SERVICE_STOPPED": 1,
    "SERVICE_START_PENDING": 2,
    "SERVICE_STOP_PENDING": 3,
    "SERVICE_RUNNING": 4,
    "SERVICE_CONTINUE_PENDING": 5,
    "SERVICE_PAUSE_PENDING": 6,
    "SERVICE_PAUSED": 7,
}
"""How a service is, as its status tells."""

ACCESS: Final[dict[str, int]] = {
    "GENERIC_READ": 0x80000000,
    "GENERIC_WRITE": GENERIC_WRITE,
    "GENERIC_EXECUTE": 0x20000000,
    "GENERIC_ALL": 0x10000000,
    "MAXIMUM_ALLOWED": 0x02000000,
    "DELETE": 0x00010000,
    "READ_CONTROL": 0x00020000,
    "WRITE_DAC": 0x00040000,
    "WRITE_OWNER": 0x00080000,
    "SYNCHRONIZE": 0x00100000,
    "FILE_READ_DATA": 0x1,
    "FILE_WRITE_DATA": _WRITE_DATA,
    "FILE_APPEND_DATA": APPEND_DATA,
    "FILE_READ_EA": 0x8,
    "FILE_WRITE_EA": 0x10,
    "FILE_EXECUTE": 0x20,
    "FILE_READ_ATTRIBUTES": 0x80,
    "FILE_WRITE_ATTRIBUTES": 0x100,
}
SHARING: Final[dict[str, int]] = {
    "FILE_SHARE_READ": READ,
    "FILE_SHARE_WRITE": WRITE,
    "FILE_SHARE_DELETE": DELETE,
}
DISPOSITIONS: Final[dict[str, int]] = {
    "CREATE_NEW": CREATE_NEW,
    "CREATE_ALWAYS": CREATE_ALWAYS,
    "OPEN_EXISTING": OPEN_EXISTING,
    "OPEN_ALWAYS": OPEN_ALWAYS,
    "TRUNCATE_EXISTING": TRUNCATE_EXISTING,
}
ATTRIBUTES: Final[dict[str, int]] = {
    "FILE_ATTRIBUTE_READONLY": READ_ONLY,
    "FILE_ATTRIBUTE_HIDDEN": HIDDEN,
    "FILE_ATTRIBUTE_SYSTEM": SYSTEM,
    "FILE_ATTRIBUTE_DIRECTORY": DIRECTORY,
    "FILE_ATTRIBUTE_ARCHIVE": ARCHIVE,
    "FILE_ATTRIBUTE_NORMAL": NORMAL,
    "FILE_ATTRIBUTE_TEMPORARY": 0x100,
    "FILE_ATTRIBUTE_REPARSE_POINT": REPARSE_POINT,
    "FILE_ATTRIBUTE_OFFLINE": 0x1000,
    "FILE_ATTRIBUTE_ENCRYPTED": 0x4000,
}
FILE_FLAGS: Final[dict[str, int]] = {
    "FILE_FLAG_OPEN_NO_RECALL": 0x00100000,
    "FILE_FLAG_OPEN_REPARSE_POINT": OPEN_REPARSE_POINT,
    "FILE_FLAG_SESSION_AWARE": 0x00800000,
    "FILE_FLAG_POSIX_SEMANTICS": 0x01000000,
    "FILE_FLAG_BACKUP_SEMANTICS": BACKUP_SEMANTICS,
    "FILE_FLAG_DELETE_ON_CLOSE": DELETE_ON_CLOSE,
    "FILE_FLAG_SEQUENTIAL_SCAN": 0x08000000,
    "FILE_FLAG_RANDOM_ACCESS": 0x10000000,
    "FILE_FLAG_NO_BUFFERING": 0x20000000,
    "FILE_FLAG_OVERLAPPED": 0x40000000,
    "FILE_FLAG_WRITE_THROUGH": 0x80000000,
}
MOVE_FLAGS: Final[dict[str, int]] = {
    "MOVEFILE_REPLACE_EXISTING": REPLACE_EXISTING,
    "MOVEFILE_COPY_ALLOWED": COPY_ALLOWED,
    "MOVEFILE_DELAY_UNTIL_REBOOT": DELAY_UNTIL_REBOOT,
    "MOVEFILE_WRITE_THROUGH": 0x8,
    "MOVEFILE_CREATE_HARDLINK": 0x10,
    "MOVEFILE_FAIL_IF_NOT_TRACKABLE": 0x20,
}
CONTROLS: Final[dict[str, int]] = {
    "SERVICE_CONTROL_STOP": 1,
    "SERVICE_CONTROL_PAUSE": 2,
    "SERVICE_CONTROL_CONTINUE": 3,
    "SERVICE_CONTROL_INTERROGATE": 4,
}
FLAGS: Final[dict[str, int]] = ACCESS | SHARING | DISPOSITIONS | ATTRIBUTES | FILE_FLAGS | MOVE_FLAGS | CONTROLS
"""Every flag, disposition and control that a call may name → its number."""

MOVE_METHODS: Final[dict[str, int]] = {"FILE_BEGIN": 0, "FILE_CURRENT": 1, "FILE_END": 2}
"""From where SetFilePointerEx counts."""

FAIL_IF_EXISTS: Final = 0x1
COPY_FLAGS: Final[dict[str, int]] = {"COPY_FILE_FAIL_IF_EXISTS": FAIL_IF_EXISTS}
"""The flag of CopyFileEx that says what bFailIfExists says to CopyFile."""

NAMES_IN: Final[dict[str, dict[str, dict[str, int]]]] = {
    "CreateFile": {
        "dwDesiredAccess": ACCESS,
        "dwShareMode": SHARING,
        "dwCreationDisposition": DISPOSITIONS,
        "dwFlagsAndAttributes": ATTRIBUTES | FILE_FLAGS,
    },
    "MoveFileEx": {"dwFlags": MOVE_FLAGS},
    "SetFileAttributes": {"dwFileAttributes": ATTRIBUTES},
    "ControlService": {"dwControl": CONTROLS},
    "SetFilePointerEx": {"dwMoveMethod": MOVE_METHODS},
    "CopyFileEx": {"dwCopyFlags": COPY_FLAGS},
}
"""Function → its parameters that take a number by names → those names."""

_DOES: Final = (
    (FLAGS["GENERIC_READ"] | FLAGS["GENERIC_EXECUTE"] | FLAGS["FILE_READ_DATA"] | FLAGS["FILE_EXECUTE"], READ),
    (GENERIC_WRITE | _WRITE_DATA | APPEND_DATA, WRITE),
    (FLAGS["DELETE"], DELETE),
    (FLAGS["GENERIC_ALL"] | FLAGS["MAXIMUM_ALLOWED"], ALL_SHARED),
)


def does(desired_access: int) -> int:
    """What a handle with this access does with the file, of READ, WRITE and DELETE; 0: it looks at attributes only."""
    mask = 0
    for access, sharing in _DOES:
        if desired_access & access:
            mask |= sharing
    return mask


def attribute_names(attributes: int) -> str:
    """Attributes as a line writes them."""
    return "|".join(name for name, bit in ATTRIBUTES.items() if bit & attributes) or "FILE_ATTRIBUTE_NORMAL"
