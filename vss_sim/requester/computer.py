r"""The files and services of a simulated machine as typed methods: what a program does beside its calls of VSS.

`simulation.machine("one").files.write_file("C:\\db\\a", b"v1")`. Each method is one Win32 function, stands in the
record as such, and raises `Win32CallError` with the name of the error where Windows would say no.
"""

from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any, Final, NamedTuple, Protocol, Self

from vss_sim.engine.desk import Step
from vss_sim.model.content import in_json, of_json
from vss_sim.model.disks import BootMove
from vss_sim.model.world import MachineState, World
from vss_sim.requester.win32_flags import Disposition, FileAccess, FileAttributes, FileFlags, FileShare, MoveFlags
from vss_sim.spec.win32 import FLAGS, Win32Error

_ERRORS: Final = {int(error): error for error in Win32Error}
_NO_SHARE: Final = FileShare(0)
_NO_FLAGS: Final = FileFlags(0)
_NO_MOVE: Final = MoveFlags(0)


_NAMES: Final = ("lpFileName", "lpExistingFileName", "lpPathName", "lpServiceName")


class Win32CallError(Exception):
    """A file or service call to which Windows says no: `error` is the answer, `call` the function.

    `about` is the path or the service that the call named; None for a call on a handle.
    """

    def __init__(self, call: str, error: Win32Error, about: str | None = None) -> None:
        super().__init__(call, error, about)
        self.call = call
        self.error = error
        self.about = about

    def __str__(self) -> str:
        named = "" if self.about is None else f" {self.about}"
        return f"{self.call}{named}: {self.error.name}: {self.error.meaning}"


class Caller(Protocol):
    """What calls are made on: a simulation."""

    world: World

    def call(
        self,
        name: str,
        on: str | None = None,
        arguments: Mapping[str, Any] = ...,
        *,
        machine: str | None = None,
        process: str = "",
    ) -> Step:
        """Make a call by its documented name."""


class FindData(NamedTuple):
    """An entry of a folder: its name, its attributes, its size in bytes.

    `last_write_time` is when the bytes of a file last changed, in 100 ns since 1601; 0 of what is no file.
    """

    name: str
    attributes: FileAttributes
    size: int
    last_write_time: int = 0


class _Calls:
    """Calls of one process on one machine."""

    def __init__(self, caller: Caller, machine: str, process: str) -> None:
        self._caller = caller
        self._machine = machine
        self._process = process
        self._told = machine if len(caller.world.description.machines) > 1 else None
        """The machine as calls are told it: not at all where there is but one."""

    def _call(self, name: str, **arguments: Any) -> Mapping[str, Any]:
        given = {parameter: value for parameter, value in arguments.items() if value is not None}
        done = self._caller.call(name, None, given, machine=self._told, process=self._process)
        if done.answer:
            about = next((given[parameter] for parameter in _NAMES if parameter in given), None)
            raise Win32CallError(name, _ERRORS[done.answer], about)
        return done.out


class FileHandle:
    """An open file; closed by `close`, or at the end of a `with` block."""

    def __init__(self, files: "Files", handle: str, *, existed: bool) -> None:
        self._files = files
        self.handle = handle
        """As lines of a trace name it."""
        self.existed = existed
        """Whether the file was there before (CREATE_ALWAYS, OPEN_ALWAYS)."""

    def read(self, count: int | None = None, *, offset: int | None = None) -> bytes:
        """ReadFile: `count` bytes (None: to the end) from where the handle stands, or from `offset` on."""
        return self._files._read(hFile=self.handle, nNumberOfBytesToRead=count, offset=offset)  # noqa: SLF001 - its own

    def write(self, data: bytes, *, offset: int | None = None) -> int:
        """WriteFile, where the handle stands or at `offset`: the number of bytes written."""
        return self._files._write(data, hFile=self.handle, offset=offset)  # noqa: SLF001 - its own

    def set_end_of_file(self, offset: int | None = None) -> None:
        """SetEndOfFile: the file ends where the handle stands, or at `offset`."""
        self._files._call("SetEndOfFile", hFile=self.handle, offset=offset)  # noqa: SLF001 - its own

    def size(self) -> int:
        """GetFileSizeEx: how many bytes the file has."""
        return int(self._files._call("GetFileSizeEx", hFile=self.handle)["lpFileSize"])  # noqa: SLF001 - its own

    def close(self) -> None:
        """CloseHandle."""
        self._files._call("CloseHandle", hObject=self.handle)  # noqa: SLF001 - its own

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it, if it is open still: it may have been closed, or gone with its process."""
        if self._files.has_open(self.handle):
            self.close()


class Files(_Calls):
    """The files of a machine, for one process.

    Every method raises `Win32CallError`; docs/files.md says what is simplified.
    """

    def create_file(
        self,
        path: str,
        access: FileAccess = FileAccess.GENERIC_READ,
        share: FileShare = _NO_SHARE,
        disposition: Disposition = Disposition.OPEN_EXISTING,
        flags: FileFlags = _NO_FLAGS,
        attributes: FileAttributes = FileAttributes.NORMAL,
    ) -> FileHandle:
        """CreateFile: a handle to a file that is there, or comes to be."""
        out = self._call(
            "CreateFile",
            lpFileName=path,
            dwDesiredAccess=int(access),
            dwShareMode=int(share),
            dwCreationDisposition=int(disposition),
            dwFlagsAndAttributes=int(flags) | int(attributes),
        )
        return FileHandle(self, str(out["hFile"]), existed="lastError" in out)

    def read_file(self, path: str, count: int | None = None, *, offset: int | None = None) -> bytes:
        """What is in a file: opened, read and closed."""
        return self._read(lpFileName=path, nNumberOfBytesToRead=count, offset=offset)

    def write_file(self, path: str, data: bytes, *, offset: int | None = None) -> int:
        """The whole content of a file, or bytes at `offset`: opened, written and closed; how many were written."""
        return self._write(data, lpFileName=path, offset=offset)

    def _read(self, **arguments: Any) -> bytes:
        return of_json(self._call("ReadFile", **arguments))

    def _write(self, data: bytes, **arguments: Any) -> int:
        if not isinstance(data, (bytes, bytearray)):
            raise TypeError(f"data is {data!r:.60}; expected bytes")
        return int(self._call("WriteFile", **arguments, **in_json(data))["lpNumberOfBytesWritten"])

    def copy_file(self, source: str, target: str, *, fail_if_exists: bool = False) -> None:
        """CopyFile."""
        self._call("CopyFile", lpExistingFileName=source, lpNewFileName=target, bFailIfExists=fail_if_exists)

    def move_file(self, source: str, target: str | None, flags: MoveFlags = _NO_MOVE) -> None:
        """MoveFileEx; no target with DELAY_UNTIL_REBOOT: the file goes at the next start."""
        self._call("MoveFileEx", lpExistingFileName=source, lpNewFileName=target, dwFlags=int(flags))

    def delete_file(self, path: str) -> None:
        """DeleteFile."""
        self._call("DeleteFile", lpFileName=path)

    def create_directory(self, path: str) -> None:
        """CreateDirectory."""
        self._call("CreateDirectory", lpPathName=path)

    def remove_directory(self, path: str) -> None:
        """RemoveDirectory."""
        self._call("RemoveDirectory", lpPathName=path)

    def get_file_attributes(self, path: str) -> FileAttributes:
        """GetFileAttributes."""
        return _attributes(self._call("GetFileAttributes", lpFileName=path)["dwFileAttributes"])

    def set_file_attributes(self, path: str, attributes: FileAttributes) -> None:
        """SetFileAttributes."""
        self._call("SetFileAttributes", lpFileName=path, dwFileAttributes=int(attributes))

    def exists(self, path: str) -> bool:
        """Whether there is a file or folder of this name, as a program asks by GetFileAttributes."""
        try:
            self.get_file_attributes(path)
        except Win32CallError as error:
            if error.error in {Win32Error.ERROR_FILE_NOT_FOUND, Win32Error.ERROR_PATH_NOT_FOUND}:
                return False
            raise
        return True

    def find_files(self, pattern: str) -> Iterator[FindData]:
        """FindFirstFile, FindNextFile, FindClose: the entries of a folder that the pattern in the last part covers."""
        try:
            out = self._call("FindFirstFile", lpFileName=pattern)
        except Win32CallError as error:
            if error.error is Win32Error.ERROR_FILE_NOT_FOUND:
                return
            raise
        handle = out["hFindFile"]
        try:
            while True:
                yield _found(out["lpFindFileData"])
                out = self._call("FindNextFile", hFindFile=handle)
        except Win32CallError as error:
            if error.error is not Win32Error.ERROR_NO_MORE_FILES:
                raise
        finally:
            self._call("FindClose", hFindFile=handle)

    def has_open(self, handle: str) -> bool:
        """Whether a handle is open."""
        return handle in self._state().disks.handles

    def boot_moves(self) -> tuple[BootMove, ...]:
        """What the last start of the machine made of the delayed moves, in their order."""
        return self._state().disks.boot_moves

    def _state(self) -> MachineState:
        world = self._caller.world
        names = [machine.name for machine in world.description.machines]
        return world.machines[names.index(self._machine)]


def _found(data: Mapping[str, Any]) -> FindData:
    attributes = _attributes(data["dwFileAttributes"])
    return FindData(str(data["cFileName"]), attributes, int(data["nFileSize"]), int(data["ftLastWriteTime"]))


def _attributes(names: str) -> FileAttributes:
    number = 0
    for name in names.split("|"):
        number |= FLAGS[name]
    return FileAttributes(number)


class Services(_Calls):
    """The services of a machine; every method raises `Win32CallError`."""

    def stop(self, name: str) -> None:
        """ControlService with SERVICE_CONTROL_STOP."""
        self._call("ControlService", lpServiceName=name, dwControl="SERVICE_CONTROL_STOP")

    def start(self, name: str) -> None:
        """StartService."""
        self._call("StartService", lpServiceName=name)

    def is_running(self, name: str) -> bool:
        """Whether it runs, as ControlService with SERVICE_CONTROL_INTERROGATE tells."""
        try:
            out = self._call("ControlService", lpServiceName=name, dwControl="SERVICE_CONTROL_INTERROGATE")
        except Win32CallError as error:
            if error.error is Win32Error.ERROR_SERVICE_NOT_ACTIVE:
                return False
            raise
        return bool(out["lpServiceStatus"]["dwCurrentState"] == "SERVICE_RUNNING")


class Computer(NamedTuple):
    """What a process sees of a machine beside VSS."""

    files: Files
    services: Services


def computer(caller: Caller, machine: str | None, process: str) -> Computer:
    """The files and services of a machine (None: the first) for one process.

    Raises:
        ValueError: there is no such machine.
    """
    names = [one.name for one in caller.world.description.machines]
    name = names[0] if machine is None else machine
    if name not in names:
        raise ValueError(f"machine: there is no {name!r}; there are {', '.join(names)}")
    return Computer(Files(caller, name, process), Services(caller, name, process))
