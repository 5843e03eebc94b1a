"""The other way, for very large components: current files are copied aside, then replaced one after the other.

At the first file that fails everything is put back (rules rm-fallback-copy-aside, rm-fallback-stop-on-first-failure,
rm-fallback-rollback). It is the less reliable way (rule rm-fallback-weaker): a roll-back can fail, too, and then the
copies stay.
"""

from vss_sim.engine.restoring.exclusive import Damage, Obstacle, Wanted, are_apart, each, open_to_write, write_and_close
from vss_sim.engine.restoring.folders import Folders
from vss_sim.engine.restoring.places import Place
from vss_sim.engine.restoring.program import Program, folder_of
from vss_sim.model.names import VERBATIM
from vss_sim.spec.win32 import MAX_PATH, Win32Error


class CopyAside:
    """An attempt to restore files to places, with a copy of each file that is there."""

    def __init__(self, program: Program, places: tuple[Place, ...]) -> None:
        self.program = program
        self.places = places
        self.obstacle: Obstacle | None = None
        self.damage = Damage.NONE
        """What putting back after a failed proof left."""
        self._aside: dict[str, str] = {}
        self._written: list[Place] = []
        self._folders = Folders(program)

    def prove(self, wanted: Wanted) -> bool:
        """Copy what is there aside and replace it; where one file fails, all is put back."""
        if (
            are_apart(self, self.places)
            and self._copy_all(wanted)
            and each(self, self.places, lambda place: self._replace(place, wanted))
        ):
            return True
        self.damage = self.undo()
        return False

    def _copy_all(self, wanted: Wanted) -> bool:
        there = tuple(place for place in self.places if self.program.does("GetFileAttributes", lpFileName=place.path))
        if wanted is Wanted.FREE and there:
            self.obstacle = Obstacle(there[0].path, Win32Error.ERROR_FILE_EXISTS)
            return False
        if wanted is Wanted.ALL_OR_NONE and len(there) not in (0, len(self.places)):
            return False
        return each(self, there, self._copy)

    def _copy(self, place: Place) -> bool:
        copy = temporary_name(self.program, place.path, "aside")
        if copy is None or not self.program.does(
            "CopyFile", lpExistingFileName=place.path, lpNewFileName=copy, bFailIfExists=True
        ):
            return False
        self._aside[place.path] = copy
        return True

    def _replace(self, place: Place, wanted: Wanted) -> bool:
        out = open_to_write(self.program, self._folders, place, wanted)
        if out is None:
            return False
        self._written.append(place)
        return write_and_close(self.program, place, out["hFile"])

    def complete(self) -> Damage | None:
        """The copies are not needed any more; one that stays all the same is told of, and is no damage to the set."""
        for copy in self._aside.values():
            if not remove(self.program, copy):
                self.program.events.append(f"{copy} cannot be removed")
        return None

    def undo(self) -> Damage:
        """Put all originals back, and remove files that were not there before."""
        back = [self._put_back(place) for place in reversed(self._written)]
        self._written.clear()
        if not all(back):
            return Damage.SOME
        self.complete()
        self._aside.clear()
        self._folders.remove()
        return Damage.NONE

    def _put_back(self, place: Place) -> bool:
        copy = self._aside.get(place.path)
        if copy is None:
            return self.program.does("DeleteFile", lpFileName=place.path)
        return self.program.does("CopyFile", lpExistingFileName=copy, lpNewFileName=place.path, bFailIfExists=False)


def remove(program: Program, copy: str) -> bool:
    """Delete a copy of a file, which may be read-only as the file is; whether that succeeded."""
    if program.does("DeleteFile", lpFileName=copy):
        return True
    program.does("SetFileAttributes", lpFileName=copy, dwFileAttributes="FILE_ATTRIBUTE_NORMAL")
    return program.does("DeleteFile", lpFileName=copy)


def temporary_name(program: Program, path: str, what: str) -> str | None:
    """A name beside a file, on the same volume therefore, that nothing has; None where there is no folder.

    It begins as the file's own does, as far as the path stays short enough, where that of the file is.
    """
    folder = folder_of(path)
    name = path.rpartition("\\")[2]
    for number in range(1, 1000):
        found = f"{folder}\\{name}.{what}{number}"
        if len(path) < MAX_PATH <= len(found) and not path.startswith(VERBATIM):
            room = max(0, MAX_PATH - 1 - len(f"{folder}\\.{what}{number}"))
            found = f"{folder}\\{name[:room]}.{what}{number}" if room else f"{folder}\\{number}"
        code, _ = program.win("GetFileAttributes", lpFileName=found)
        if code is Win32Error.ERROR_FILE_NOT_FOUND:
            return found
        if code is not Win32Error.ERROR_SUCCESS:
            return None
    return None
