"""The proof before writing: every target opened without sharing, all written through these very handles.

Rules rm-preflight-whole, rm-preflight-exclusive-open, rm-preflight-create-new, rm-preflight-same-handles. Room is part
of the proof: every file is made as long as it will be before the first byte is overwritten. Where one file fails, all
is as before: files that came to be are gone again (rule rm-preflight-undo-placeholders), longer ones are cut off. What
could not even be undone is damage, and is told as such.
"""

from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final, Protocol

from msgspec import Struct

from vss_sim.engine.restoring.folders import Folders
from vss_sim.engine.restoring.places import Place
from vss_sim.engine.restoring.program import LONGEST, PIECE, Program, content
from vss_sim.model.content import Grown, part_of, size_of
from vss_sim.model.names import fold
from vss_sim.spec.win32 import Win32Error


class Wanted(Enum):
    """What the places must be like."""

    __hash__ = object.__hash__

    FREE = "no file is there, and it can be created"
    USABLE = "a file that is there can be overwritten, another can be created"
    ALL_OR_NONE = "the same, and either all files are there or none is"


DISPOSITION: Final = {
    Wanted.FREE: "CREATE_NEW",
    Wanted.USABLE: "OPEN_ALWAYS",
    Wanted.ALL_OR_NONE: "OPEN_ALWAYS",
}


class Damage(Enum):
    """What an attempt that did not succeed left on disk."""

    __hash__ = object.__hash__

    NONE = "all is as before"
    SOME = "some files are restored, and could not be put back"


TWICE: Final = "another file of the set goes there, too"


class Obstacle(Struct, frozen=True):
    """What kept a file from its place: its path, or a service in words, and what Windows answered.

    `says` is what that comes from, where the meaning of the answer does not tell it; all that is said where Windows was
    not asked (ERROR_SUCCESS).
    """

    path: str
    code: Win32Error
    says: str = ""


class Trying(Protocol):
    """An attempt that tells what was in its way."""

    program: Program
    obstacle: Obstacle | None


def each(attempt: Trying, places: tuple[Place, ...], step: Callable[[Place], bool]) -> bool:
    """Whether a step succeeds at all places; the first at which it does not is the obstacle."""
    for number, place in enumerate(places):
        if not step(place):
            shared = any(fold(other.path) == fold(place.path) for other in places[:number])
            attempt.obstacle = Obstacle(place.path, attempt.program.last_error, TWICE if shared else "")
            return False
    return True


def are_apart(attempt: Trying, places: tuple[Place, ...]) -> bool:
    """Whether no two files go to one place, where the second would take that of the first; if they do, it is told."""
    seen: set[str] = set()
    for place in places:
        if fold(place.path) in seen:
            attempt.obstacle = Obstacle(place.path, Win32Error.ERROR_SHARING_VIOLATION, TWICE)
            return False
        seen.add(fold(place.path))
    return True


class _Opened(Struct):
    place: Place
    handle: str
    existed: bool
    size: int
    """Of the file before."""


class Exclusive:
    """An attempt to restore files to places, with all of them held open until they are written or given up."""

    def __init__(self, program: Program, places: tuple[Place, ...]) -> None:
        self.program = program
        self.places = places
        self.obstacle: Obstacle | None = None
        self.damage = Damage.NONE
        """What undoing a failed proof left."""
        self._opened: list[_Opened] = []
        self._folders = Folders(program)

    def prove(self, wanted: Wanted) -> bool:
        """Open every place and make room there; where that fails, all is as before."""
        if each(self, self.places, lambda place: self._open(place, wanted)) and self._fits(wanted):
            return True
        self.damage = self.undo()
        return False

    def _fits(self, wanted: Wanted) -> bool:
        there = {one.existed for one in self._opened}
        mixed = wanted is Wanted.ALL_OR_NONE and len(there) > 1
        if mixed:
            return False
        for one in self._opened:
            if not self._reserve(one):
                self.obstacle = Obstacle(one.place.path, self.program.last_error)
                return False
        return True

    def _open(self, place: Place, wanted: Wanted) -> bool:
        out = open_to_write(self.program, self._folders, place, wanted)
        if out is None:
            return False
        existed = "lastError" in out
        handle = out["hFile"]
        self._opened.append(_Opened(place, handle, existed, self.program.size_of(handle) if existed else 0))
        return True

    def _reserve(self, one: _Opened) -> bool:
        if one.place.end <= one.size:
            return True
        return self.program.does("SetEndOfFile", hFile=one.handle, offset=one.place.end)

    def complete(self) -> Damage | None:
        """Write every file; None where that succeeded."""
        for index, one in enumerate(self._opened):
            if not write(self.program, one.place, one.handle, one.size):
                self.obstacle = Obstacle(one.place.path, self.program.last_error)
                return self._give_up(index)
        for one in self._opened:
            self.program.does("CloseHandle", hObject=one.handle)
        self._opened.clear()
        return None

    def _give_up(self, failed: int) -> Damage:
        """A file could not be written after all: what was not there goes, what was overwritten cannot come back.

        The file at which it failed counts as overwritten: a write that fails does not say how far it came.
        """
        lost = [one for one in self._opened[: failed + 1] if one.existed]
        for one in lost:
            self.program.does("CloseHandle", hObject=one.handle)
        self._opened = [one for index, one in enumerate(self._opened) if index > failed or not one.existed]
        left = self.undo()
        return Damage.SOME if lost else left

    def undo(self) -> Damage:
        """Everything as before the proof, as far as that can be done."""
        back = [self._put_back(one) for one in reversed(self._opened)]
        self._opened.clear()
        self._folders.remove()
        return Damage.NONE if all(back) else Damage.SOME

    def _put_back(self, one: _Opened) -> bool:
        longer = one.existed and one.place.end > one.size
        done = not longer or self.program.does("SetEndOfFile", hFile=one.handle, offset=one.size)
        self.program.does("CloseHandle", hObject=one.handle)
        return done if one.existed else self.program.does("DeleteFile", lpFileName=one.place.path)


def open_to_write(program: Program, folders: Folders, place: Place, wanted: Wanted) -> Mapping[str, Any] | None:
    """What CreateFile gives for a place that nobody shares; its folders are made. None where it cannot be opened."""
    if not folders.reaches(place.path, place.file.saved.behind):
        return None
    arguments = {
        "lpFileName": place.path,
        "dwDesiredAccess": "GENERIC_WRITE",
        "dwShareMode": 0,
        "dwCreationDisposition": DISPOSITION[wanted],
    }
    code, out = program.win("CreateFile", **arguments)
    if code is Win32Error.ERROR_PATH_NOT_FOUND and folders.make_for(place.path):
        code, out = program.win("CreateFile", **arguments)
    return out if code is Win32Error.ERROR_SUCCESS else None


def write_and_close(program: Program, place: Place, handle: str) -> bool:
    """Write the pieces of a file that is opened for them alone."""
    done = write(program, place, handle, program.size_of(handle))
    program.does("CloseHandle", hObject=handle)
    return done


def write(program: Program, place: Place, handle: str, size: int) -> bool:
    """Write the pieces of a file, and cut it off where it was longer."""
    for offset, data in place.pieces:
        size_of_it = size_of(data)
        step = LONGEST if isinstance(data, Grown) else PIECE
        for start in range(0, size_of_it, step):
            part = content(part_of(data, start, min(start + step, size_of_it)))
            if not program.does("WriteFile", hFile=handle, offset=offset + start, **part):
                return False
    wanted = place.size
    if wanted is None or wanted == max(size, place.end):
        return True
    return program.does("SetEndOfFile", hFile=handle, offset=wanted)
