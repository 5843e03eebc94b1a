"""Files for the restart: a copy beside the final place, and a delayed move that brings it there.

The copy lies in the folder of its final place, on the same volume for certain: delayed moves do not cross volumes
(rules rar-same-volume, rar-register-each, rar-replace-existing). Success of the call is registration and no more (rule
rar-return-code-is-registration). All files of the sets are staged, or none is.
"""

from typing import Final

from vss_sim.engine.restoring.copy_aside import temporary_name
from vss_sim.engine.restoring.exclusive import Damage, Obstacle, are_apart, each, write_and_close
from vss_sim.engine.restoring.folders import Folders
from vss_sim.engine.restoring.places import Place
from vss_sim.engine.restoring.program import Program
from vss_sim.spec.hives import is_hive
from vss_sim.spec.win32 import Win32Error

STAGED_AS = "staged"
_OF_THE_REGISTRY: Final = (
    "a file of the registry, which no delayed move restores (rar-not-registry); RegReplaceKey does"
)


class Staging:
    """The files of a set at temporary places, and their moves."""

    def __init__(self, program: Program, places: tuple[Place, ...]) -> None:
        self.program = program
        self.places = places
        self.staged: dict[str, str] = {}
        """Final path → temporary path."""
        self.obstacle: Obstacle | None = None
        self.damage = Damage.NONE
        """What undoing a failed attempt left."""
        self._registered: set[str] = set()
        self._folders = Folders(program)

    def prove(self) -> bool:
        """Copy all files to temporary places, then register all moves; where one fails, all is as before."""
        if (
            are_apart(self, self.places)
            and self._may_wait()
            and each(self, self.places, self._stage)
            and each(self, self.places, self._register)
        ):
            return True
        self.damage = self.undo()
        return False

    def _may_wait(self) -> bool:
        """Whether no file is one of the registry (rule rar-not-registry)."""
        hive = next((place.path for place in self.places if is_hive(place.path)), None)
        if hive is not None:
            self.obstacle = Obstacle(hive, Win32Error.ERROR_SUCCESS, _OF_THE_REGISTRY)
        return hive is None

    def _stage(self, place: Place) -> bool:
        if not self._folders.reaches(place.path, place.file.saved.behind) or not self._folders.make_for(place.path):
            return False
        temporary = temporary_name(self.program, place.path, STAGED_AS)
        if temporary is None or not self._base(place, temporary):
            return False
        self.staged[place.path] = temporary
        code, out = self.program.win(
            "CreateFile",
            lpFileName=temporary,
            dwDesiredAccess="GENERIC_WRITE",
            dwShareMode=0,
            dwCreationDisposition="OPEN_ALWAYS",
        )
        return code is Win32Error.ERROR_SUCCESS and write_and_close(self.program, place, out["hFile"])

    def _base(self, place: Place, temporary: str) -> bool:
        """Ranges go into what is there now, so that is what they are staged in."""
        if place.size is not None or not self.program.does("GetFileAttributes", lpFileName=place.path):
            return True
        copied = self.program.does(
            "CopyFile", lpExistingFileName=place.path, lpNewFileName=temporary, bFailIfExists=True
        )
        return copied and self.program.does(
            "SetFileAttributes", lpFileName=temporary, dwFileAttributes="FILE_ATTRIBUTE_NORMAL"
        )

    def _register(self, place: Place) -> bool:
        done = self.program.does(
            "MoveFileEx",
            lpExistingFileName=self.staged[place.path],
            lpNewFileName=place.path,
            dwFlags="MOVEFILE_DELAY_UNTIL_REBOOT|MOVEFILE_REPLACE_EXISTING",
        )
        if done:
            self._registered.add(place.path)
        return done

    def complete(self) -> Damage | None:
        """Nothing is left to do before the restart."""
        return None

    def undo(self) -> Damage:
        """Remove what was staged; a move that was registered finds nothing at the restart.

        Where a file of a registered move stays, the restart will bring it to its place, which nobody can prevent.
        """
        left = {
            final: temporary
            for final, temporary in self.staged.items()
            if self.program.does("GetFileAttributes", lpFileName=temporary)
            and not self.program.does("DeleteFile", lpFileName=temporary)
        }
        for temporary in left.values():
            self.program.events.append(f"{temporary} cannot be removed")
        self.staged.clear()
        self._folders.remove()
        return Damage.SOME if self._registered & left.keys() else Damage.NONE
