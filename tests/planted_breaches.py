"""The log of a clean restore, step by step, and the same with a breach that is planted into it."""

import copy
from collections.abc import Iterable, Iterator
from typing import Any, Final

from msgspec import Struct

from tests.restoring import FILES, MAPPED
from tests.support import Entry

_BC: Final = "IVssBackupComponents::"


class Log(Struct, frozen=True):
    """The lines of one restore of one component: its stored method, and where its steps stand."""

    entries: list[Entry]
    method: int
    before: int
    """The index of PreRestore."""
    status: int
    """The index of SetFileRestoreStatus."""
    after: int
    """The index of PostRestore."""
    original: frozenset[str]
    """The original paths of the files that were saved, without regard to case."""
    mapped: frozenset[str]
    """Their mapped places."""

    @property
    def places(self) -> frozenset[str]:
        """Where files may go."""
        return self.original | self.mapped

    @property
    def way(self) -> str:
        """The stored restore method."""
        return str(self.entries[self.method].get("out", {}).get("pMethod"))

    @property
    def told(self) -> str:
        """The status that was set."""
        return str(self.entries[self.status]["in"]["status"])

    @property
    def by_the_method(self) -> bool:
        """Whether the writer leaves it to the method where its files go."""
        return any(e["out"]["pTarget"] == "VSS_RT_ORIGINAL" for _, e in self.calls("IVssComponent::GetRestoreTarget"))

    @property
    def renewed(self) -> bool:
        """Whether files go to new targets."""
        return any(entry.get("call") == f"{_BC}AddNewTarget" for entry in self.entries)

    def calls(self, *names: str) -> Iterator[tuple[int, Entry]]:
        """The calls of these names between PreRestore and the status."""
        for index in range(self.before, self.status):
            if self.entries[index].get("call") in names:
                yield index, self.entries[index]

    def changed(self) -> list[Entry]:
        """The lines, to be changed."""
        return copy.deepcopy(self.entries)

    def written(self, places: frozenset[str] | None = None) -> int | None:
        """The index of the first content that goes to one of these places (None: an original one)."""
        wanted = self.original if places is None else places
        for index, entry in self.calls("WriteFile", "CopyFile"):
            if self.target(entry) in wanted and entry["returns"] == "ERROR_SUCCESS":
                return index
        return None

    def target(self, entry: Entry) -> str:
        """The path that a call is about, also where it has a handle only."""
        paths = {e["out"]["hFile"]: path_of(e) for _, e in self.calls("CreateFile") if "hFile" in e.get("out", {})}
        return paths.get(entry["in"].get("hFile"), path_of(entry))


class PlantedBreach(Struct, frozen=True):
    """A log with a fault in it: its lines, the index of the line to be named, and the rule that it breaks."""

    entries: list[Entry]
    index: int
    rule: str
    file: str = ""
    """The file that the finding names, without regard to case."""

    @property
    def line(self) -> int:
        """The number of the line to be named, in a file with a header."""
        return self.index + 2


def log_of(entries: list[Entry], original: Iterable[str] = FILES, mapped: Iterable[str] = MAPPED) -> Log | None:
    """The one restore of a log; None where it has not all of its steps, or more than one of each."""
    found: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        found.setdefault(str(entry.get("call", "")).removeprefix(_BC), []).append(index)
    steps = [found.get(name, []) for name in ("PreRestore", "SetFileRestoreStatus", "PostRestore")]
    methods = found.get("IVssExamineWriterMetadata::GetRestoreMethod", [])
    if not methods or any(len(step) != 1 for step in steps):
        return None
    before, status, after = (step[0] for step in steps)
    home, far = (frozenset(path.casefold() for path in paths) for paths in (original, mapped))
    return Log(entries, methods[-1], before, status, after, home, far)


def path_of(entry: Entry) -> str:
    """The path of a file call, without regard to case."""
    given = entry.get("in", {})
    return str(given.get("lpFileName", given.get("lpNewFileName", ""))).casefold()


def changed_at(log: Log, index: int, **more: Any) -> list[Entry]:
    """The lines with other arguments, results or answer at one of them."""
    entries = log.changed()
    for part, values in more.items():
        if isinstance(values, dict):
            entries[index][part] = {**entries[index].get(part, {}), **values}
        else:
            entries[index][part] = values
    return entries
