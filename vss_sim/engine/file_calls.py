"""The file and service calls of a requester: what each takes, by its documented parameters, and what does it.

A handle comes out as `hFile` and is passed as `hFile` or `hObject`. Contents are texts (`content`, also under the
documented `lpBuffer`), `contentBase64`, or `contentGrown`: `size` bytes that grow from `seed` (zeros without one), from
their byte `start` on. ReadFile and WriteFile take `lpFileName` in place of a handle, and `offset`.
"""

from base64 import b64decode
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import lru_cache
from typing import Any, Final, NamedTuple

from vss_sim.engine import file_moves, files, listings, services
from vss_sim.engine.answers import NOTHING
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.inputs import REQUIRED, Arguments, BadCall
from vss_sim.engine.plain_files import SHORT_WAYS
from vss_sim.engine.storage import settle_storage
from vss_sim.engine.win32_faults import fault_of
from vss_sim.model.content import Grown, bytes_of_text
from vss_sim.model.values import missing
from vss_sim.model.world import World
from vss_sim.spec.win32 import FLAGS, FileError, StreamError, Win32Error

_SUCCESS: Final = Win32Error.ERROR_SUCCESS
_MOST: Final = 2**63 - 1
_LONGEST: Final = 64 << 20


def _text(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise BadCall(f"is {value!r:.100}; it is a text or null")
    return value


def _handle(value: Any) -> str:
    if not isinstance(value, str):
        raise BadCall(f"is {value!r:.100}; it is a handle that a call gave")
    return value


def _optional_handle(value: Any) -> str | None:
    return None if value is None else _handle(value)


def _flags(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, str)):
        raise BadCall(f"is {value!r:.100}; it is a number, or names joined by |")
    if isinstance(value, int):
        return value & 0xFFFFFFFF
    return _named(value)


@lru_cache(maxsize=1024)
def _named(text: str) -> int:
    number = 0
    for name in text.split("|"):
        word = name.strip()
        if word.isdecimal() and word.isascii() and len(word) <= len(str(_MOST)):
            number |= int(word) & 0xFFFFFFFF
        elif word in FLAGS:
            number |= FLAGS[word]
        else:
            close = get_close_matches(word[:60], FLAGS, n=1, cutoff=0.7)
            meant = f" (did you mean {close[0]}?)" if close else ""
            raise BadCall(f"has the unknown flag {word[:60]!r}{meant}")
    return number


def _count(value: Any) -> int | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= _MOST:
        raise BadCall(f"is {value!r:.100}; it is a number of bytes")
    return value


def _truth(value: Any) -> bool:
    if value in (0, 1):
        return bool(value)
    truth = {"true": True, "false": False}.get(str(value).casefold()) if isinstance(value, str) else None
    if truth is None:
        raise BadCall(f"is {value!r:.100}; it is true or false")
    return truth


def _bytes(value: Any) -> bytes:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise BadCall("is no text, or too long a one")
    return bytes_of_text(value)


def _base64(value: Any) -> bytes:
    if not isinstance(value, str) or len(value) > _LONGEST:
        raise BadCall("is no text, or too long a one")
    try:
        return b64decode(value, validate=True)
    except ValueError as error:
        raise BadCall(f"is not in base64: {error}") from None


def _grown(value: Any) -> Grown:
    if not isinstance(value, dict) or not {"size"} <= value.keys() <= {"size", "seed", "start"}:
        raise BadCall(f"is {value!r:.100}; it is an object with size and, if there are, seed and start")
    numbers = (value["size"], value.get("seed", 0), value.get("start", 0))
    if any(isinstance(one, bool) or not isinstance(one, int) or not 0 <= one <= _MOST for one in numbers):
        raise BadCall(f"is {value!r:.100}; its size, seed and start are numbers from 0 on")
    return Grown(value["size"], value.get("seed"), numbers[2] if "seed" in value else 0)


def _anything(value: Any) -> Any:
    return value


JSON_TYPES: Final[Mapping[Callable[[Any], Any], tuple[str, ...]]] = {
    _text: ("string", "null"),
    _handle: ("string",),
    _optional_handle: ("string", "null"),
    _flags: ("string", "integer"),
    _count: ("integer", "null"),
    _truth: ("boolean", "integer", "string"),
    _bytes: ("string",),
    _base64: ("string",),
    _grown: ("object",),
    _anything: (),
}
"""What reads a parameter → the types that a line may write for it; none: anything."""


class Taken(NamedTuple):
    """How a parameter is read, what it is where it is left out, and its name in the engine."""

    read: Callable[[Any], Any]
    default: Any = REQUIRED
    name: str | None = None


Body = Callable[[Desk, dict[str, Any], str], Mapping[str, Any]]
_ONE_OF: Final = (("hFile", "lpFileName"), ("hService", "lpServiceName"))
"""A handle, or the name of what one would be opened for only to make the call."""


class FileCall:
    """A call, compiled: its parameters, what stands for those that are left out, and its short way, if it has one.

    One at least of the parameters `one_of` says what it is about, if there are such.
    """

    __slots__ = ("body", "defaults", "name", "one_of", "required", "short", "takes")

    def __init__(self, name: str, body: Body, **takes: Taken) -> None:
        self.name = name
        self.body = body
        self.short = SHORT_WAYS.get(name)
        self.takes = {parameter: (taken.read, taken.name or parameter) for parameter, taken in takes.items()}
        names = {taken.name or parameter: taken.default for parameter, taken in takes.items()}
        self.defaults = {target: default for target, default in names.items() if default is not REQUIRED}
        self.required = tuple(target for target in names if target not in self.defaults)
        self.one_of = next((these for these in _ONE_OF if names.keys() >= set(these)), None)

    def arguments(self, given: Arguments) -> dict[str, Any]:
        """The arguments, read and complete.

        Raises:
            BadCall: one is missing, not known, or of a type that no program could pass.
        """
        arguments = self.defaults.copy()
        for parameter, value in given.items():
            taken = self.takes.get(parameter)
            if taken is None:
                raise BadCall(
                    f"{self.name}: {str(parameter)[:60]} is no parameter of it; there are {', '.join(self.takes)}"
                )
            try:
                arguments[taken[1]] = taken[0](value)
            except BadCall as error:
                raise BadCall(f"{self.name}: {parameter} {error}") from None
        for name in self.required:
            if name not in arguments:
                raise self._incomplete(arguments, given)
        one_of = self.one_of
        if one_of is not None and one_of[0] not in given and one_of[1] not in given:
            raise self._incomplete(arguments, given)
        return arguments

    def _incomplete(self, arguments: Arguments, given: Arguments) -> BadCall:
        left_out = [name for name in self.required if name not in arguments]
        if self.one_of is not None and not given.keys() & self.one_of:
            left_out.append(" or ".join(self.one_of))
        return BadCall(f"{self.name}: {missing(left_out)}")


_PATH: Final = Taken(_text)
_IGNORED: Final = Taken(_anything, None)
_OFFSET: Final = Taken(_count, None)
_OWN: Final = Taken(_optional_handle, None)
_SERVICE: Final = Taken(_text, None)
_CONTENT: Final = {
    "content": Taken(_bytes),
    "lpBuffer": Taken(_bytes, name="content"),
    "contentBase64": Taken(_base64, name="content"),
    "contentGrown": Taken(_grown, name="content"),
}

_CALLS: Final = (
    FileCall(
        "CreateFile",
        files.create_file,
        lpFileName=_PATH,
        dwDesiredAccess=Taken(_flags, FLAGS["GENERIC_READ"]),
        dwShareMode=Taken(_flags, 0),
        lpSecurityAttributes=_IGNORED,
        dwCreationDisposition=Taken(_flags, FLAGS["OPEN_EXISTING"]),
        dwFlagsAndAttributes=Taken(_flags, FLAGS["FILE_ATTRIBUTE_NORMAL"]),
        hTemplateFile=_IGNORED,
    ),
    FileCall(
        "ReadFile",
        files.read_file,
        hFile=_OWN,
        lpFileName=Taken(_text, None),
        nNumberOfBytesToRead=Taken(_count, None),
        offset=_OFFSET,
        asGrown=Taken(_truth, False),
    ),
    FileCall(
        "WriteFile",
        files.write_file,
        hFile=_OWN,
        lpFileName=Taken(_text, None),
        nNumberOfBytesToWrite=_IGNORED,
        offset=_OFFSET,
        **_CONTENT,
    ),
    FileCall("GetFileSizeEx", files.get_file_size_ex, hFile=Taken(_handle)),
    FileCall("SetEndOfFile", files.set_end_of_file, hFile=Taken(_handle), offset=_OFFSET),
    FileCall("CloseHandle", files.close_handle, hObject=Taken(_handle), hFile=Taken(_handle, name="hObject")),
    FileCall(
        "CopyFile",
        file_moves.copy_file,
        lpExistingFileName=_PATH,
        lpNewFileName=_PATH,
        bFailIfExists=Taken(_truth, False),
    ),
    FileCall("DeleteFile", file_moves.delete_file, lpFileName=_PATH),
    FileCall("CreateDirectory", file_moves.create_directory, lpPathName=_PATH, lpSecurityAttributes=_IGNORED),
    FileCall("RemoveDirectory", file_moves.remove_directory, lpPathName=_PATH),
    FileCall(
        "MoveFileEx",
        file_moves.move_file_ex,
        lpExistingFileName=_PATH,
        lpNewFileName=Taken(_text, None),
        dwFlags=Taken(_flags, 0),
    ),
    FileCall("SetFileAttributes", file_moves.set_file_attributes, lpFileName=_PATH, dwFileAttributes=Taken(_flags)),
    FileCall("GetFileAttributes", file_moves.get_file_attributes, lpFileName=_PATH),
    FileCall("FindFirstFile", listings.find_first_file, lpFileName=_PATH),
    FileCall("FindNextFile", listings.find_next_file, hFindFile=Taken(_handle)),
    FileCall("FindClose", listings.find_close, hFindFile=Taken(_handle)),
    FileCall(
        "ControlService",
        services.control_service,
        hService=_SERVICE,
        lpServiceName=_SERVICE,
        dwControl=Taken(_flags),
    ),
    FileCall(
        "StartService",
        services.start_service,
        hService=_SERVICE,
        lpServiceName=_SERVICE,
        dwNumServiceArgs=_IGNORED,
        lpServiceArgVectors=_IGNORED,
    ),
)

FILE_CALLS: Final[dict[str, FileCall]] = {
    f"{call.name}{form}": call for call in _CALLS for form in ("", "A", "W") if not form or call.name != "CloseHandle"
}
"""Every name of a file or service call → the call."""


def make_file_call(
    world: World, name: str, given: Arguments, machine: int, process: str
) -> tuple[World, Win32Error, Mapping[str, Any]]:
    """The world after a call, its answer and what it gives; a call that fails changes nothing.

    Raises:
        BadCall: no program could make this call.
        NotSimulated: the simulator does not know what becomes of it.
    """
    call = FILE_CALLS[name]
    desk = Desk(world, machine)
    arguments = call.arguments(given)
    if desk.machine.win32_faults:
        fault = fault_of(desk, call.name, arguments)
        world = desk.done()
        if fault is not None:
            return world, fault, NOTHING
    try:
        out = call.body(desk, arguments, process)
    except StreamError:
        raise NotSimulated(f"{name}: alternate streams of files (name:stream) are not simulated") from None
    except FileError as refused:
        return world, refused.code, NOTHING
    settle_storage(desk)
    if desk.machines is world.machines and desk.snapshots is world.snapshots and desk.serial == world.serial:
        return world, _SUCCESS, out  # it was only looked at
    return desk.done(), _SUCCESS, out
