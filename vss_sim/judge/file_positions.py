"""Where in a file the next bytes of a handle go, as far as the log shows it.

A handle stands where SetFilePointerEx put it, and moves on with what is read and written; a log without that call says
nothing of it. OVERLAPPED tells the place of one call itself. A handle that was opened to append, or for overlapped
calls, stands nowhere.
Pages: https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-setfilepointerex and
https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-writefile
"""

from typing import Final

from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.history import Step
from vss_sim.judge.recorded import whole_number
from vss_sim.judge.win32_words import bits_of, number_of, succeeded
from vss_sim.model.content import bytes_of_text
from vss_sim.spec.win32 import APPEND_DATA, FLAGS, MOVE_METHODS

Positions = dict[str, int | None]
"""Handle → where it stands; None: nowhere."""

SEEKS: Final = frozenset({"SetFilePointer", "SetFilePointerEx"})
"""Functions that put a handle elsewhere in its file."""

_ANSWERS_WITH_THE_PLACE: Final = "SetFilePointer"
"""Its answer is a part of the new position, or an error: a log does not tell which, so that the place is not known."""

_BEGIN: Final = MOVE_METHODS["FILE_BEGIN"]
_CURRENT: Final = MOVE_METHODS["FILE_CURRENT"]
_WRITES_ANYWHERE: Final = FLAGS["GENERIC_WRITE"] | FLAGS["GENERIC_ALL"] | FLAGS["FILE_WRITE_DATA"]
_OVERLAPPED: Final = FLAGS["FILE_FLAG_OVERLAPPED"]
_LOW: Final = 0xFFFFFFFF
_AT_THE_END: Final = (_LOW << 32) | _LOW
_MOST: Final = 4096
"""So many handles of a process are remembered; where those stand that are forgotten, nobody knows."""


def offset_of(step: Step, positions: Positions) -> int | None:
    """Where the bytes of a call go: as this format's own key has it, OVERLAPPED, or the position of the handle."""
    arguments = step.arguments
    if "offset" in arguments:
        return whole_number(arguments["offset"])
    overlapped = arguments.get("lpOverlapped")
    if isinstance(overlapped, dict):
        low, high = number_of(overlapped.get("Offset")), number_of(overlapped.get("OffsetHigh", 0))
        at = None if low is None or high is None else high << 32 | low
        return None if at == _AT_THE_END else at
    return None if overlapped is not None else positions.get(str(arguments.get("hFile")))


def length_of(step: Step) -> int | None:
    """How many bytes were written or read: as the call says, or as its content has."""
    for part in ("Written", "Read"):
        told = whole_number(step.results.get(f"lpNumberOfBytes{part}"))
        if told is not None:
            return told
    told = whole_number(step.arguments.get("nNumberOfBytesToWrite"))
    content = step.arguments.get("content", step.arguments.get("lpBuffer"))
    return len(bytes_of_text(content)) if told is None and isinstance(content, str) else told


def follow(step: Step, name: str, positions: Positions) -> None:
    """Take on where a call leaves its handle."""
    handle = step.made("hFile") if name == "CreateFile" else step.arguments.get("hFile", step.arguments.get("hObject"))
    if not isinstance(handle, str):
        return
    if name == "CreateFile":
        positions.pop(handle, None)
        if _stands_nowhere(step):
            keep(positions, handle, None, _MOST)
    elif name in SEEKS:
        if positions.get(handle, 0) is not None and (succeeded(step) or name == _ANSWERS_WITH_THE_PLACE):
            _put(positions, handle, _sought(step, positions.pop(handle, None)))
    elif positions.get(handle) is not None:
        _move_on(step, name, handle, positions)
    elif name == "CloseHandle":
        positions.pop(handle, None)


def _stands_nowhere(step: Step) -> bool:
    access = bits_of(step.arguments.get("dwDesiredAccess"))
    appends = access & APPEND_DATA and not access & _WRITES_ANYWHERE
    return bool(appends or bits_of(step.arguments.get("dwFlagsAndAttributes")) & _OVERLAPPED)


def _put(positions: Positions, handle: str, at: int | None) -> None:
    if at is not None:
        keep(positions, handle, at, _MOST)


def _sought(step: Step, before: int | None) -> int | None:
    """Where SetFilePointerEx puts a handle."""
    told = number_of(step.results.get("lpNewFilePointer"))
    distance = number_of(step.arguments.get("liDistanceToMove"))
    how = step.arguments.get("dwMoveMethod")
    how = MOVE_METHODS[how] if isinstance(how, str) and how in MOVE_METHODS else number_of(how)
    if told is not None or distance is None:
        return told
    if how == _BEGIN:
        return distance
    return before + distance if how == _CURRENT and before is not None else None


def _move_on(step: Step, name: str, handle: str, positions: Positions) -> None:
    at, size = offset_of(step, positions), length_of(step)
    plain = name in ("ReadFile", "WriteFile") and step.arguments.get("lpOverlapped") is None
    if plain and succeeded(step) and at is not None and size is not None:
        positions[handle] = at + size
    elif name not in ("GetFileSizeEx", "SetEndOfFile"):
        positions.pop(handle)
