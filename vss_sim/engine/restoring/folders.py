"""The folders of places: made where they are missing, removed again where nothing came of it."""

from msgspec import Struct, field

from vss_sim.engine.restoring.program import Program, folder_of
from vss_sim.model.names import fold
from vss_sim.spec.win32 import Win32Error


class Folders(Struct):
    """What folders a program made, and which it knows to be there."""

    program: Program
    made: list[str] = field(default_factory=list)
    _known: set[str] = field(default_factory=set)

    def reaches(self, path: str, behind: tuple[str, ...]) -> bool:
        """Whether the reparse points are there through which a path led at backup; else its bytes belong elsewhere.

        Where one is missing or a plain folder, what is written would lie on another volume (path-mounted-restore).
        """
        for link in behind:
            if not fold(path).startswith(fold(link) + "\\"):
                continue
            code, out = self.program.win("GetFileAttributes", lpFileName=link)
            if code is not Win32Error.ERROR_SUCCESS:
                return False
            if "FILE_ATTRIBUTE_REPARSE_POINT" not in out["dwFileAttributes"]:
                self.program.last_error = Win32Error.ERROR_NOT_A_REPARSE_POINT
                return False
        return True

    def make_for(self, path: str) -> bool:
        """Make the folders that a path lies in; whether they are there now (rule ricr-directory-create-counts)."""
        return self.make(folder_of(path))

    def make(self, folder: str) -> bool:
        """Make a folder with those above it; whether it is there now."""
        missing: list[str] = []
        while folder and fold(folder) not in self._known:
            code, _ = self.program.win("CreateDirectory", lpPathName=folder)
            if code is Win32Error.ERROR_SUCCESS:
                self._note(folder)
            elif code is Win32Error.ERROR_PATH_NOT_FOUND and folder_of(folder):
                missing.append(folder)
                folder = folder_of(folder)
                continue
            elif code is not Win32Error.ERROR_ALREADY_EXISTS:
                return False
            self._known.add(fold(folder))
            break
        return all(self._make_one(inner) for inner in reversed(missing))

    def _make_one(self, folder: str) -> bool:
        if not self.program.does("CreateDirectory", lpPathName=folder):
            return False
        self._note(folder)
        self._known.add(fold(folder))
        return True

    def _note(self, folder: str) -> None:
        self.made.append(folder)

    def remove(self) -> None:
        """Remove the folders that were made, inner ones first."""
        for folder in reversed(self.made):
            self.program.does("RemoveDirectory", lpPathName=folder)
        self.made.clear()
