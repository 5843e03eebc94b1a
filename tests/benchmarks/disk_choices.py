"""Five ways to hold the files of a volume as a value, and what each costs: why the model's disk is as it is.

Each holds a hundred thousand files in folders of a hundred, and one in a hundred changes after a snapshot was taken.
Run `python -m tests.benchmarks.disk_choices`.
"""

import gc
import random
import sys
import tracemalloc
from time import process_time
from typing import Any, Final, Protocol

from immutables import Map

from vss_sim.model.names import parse

COUNT: Final = 100_000
CHANGED: Final = COUNT // 100
_FOLDERS: Final = 1000


class Choice(Protocol):
    """A disk: written to, and forked into one that lives by itself."""

    def write(self, folder: str, key: str, entry: object) -> None:
        """A file is new, or not as it was."""

    def fork(self) -> "Choice":
        """Another disk with the same content."""


class OfLate:
    """A persistent map of folders, before it a small one of what changed of late: the model's disk does so."""

    def __init__(self, settled: Any = None, recent: Any = None) -> None:
        self.settled: Any = settled or Map()
        self.recent: Any = recent or Map()

    def write(self, folder: str, key: str, entry: object) -> None:
        """Two small maps change; the large ones, once in as many changes as the folder has names, and thirty."""
        names, changed = self.settled.get(folder, Map()), self.recent.get(folder, Map())
        if key not in changed and len(changed) >= len(names) + 32:
            self.settled = self.settled.set(folder, names.update(changed))
            changed = Map()
        self.recent = self.recent.set(folder, changed.set(key, entry))

    def fork(self) -> "OfLate":
        """Nothing to do."""
        return OfLate(self.settled, self.recent)


class MapOfMaps:
    """A persistent map of folders, each a persistent map of names."""

    def __init__(self, folders: Any = None) -> None:
        self.folders: Any = folders or Map()

    def write(self, folder: str, key: str, entry: object) -> None:
        """Two maps change."""
        self.folders = self.folders.set(folder, self.folders.get(folder, Map()).set(key, entry))

    def fork(self) -> "MapOfMaps":
        """Nothing to do."""
        return MapOfMaps(self.folders)


class OneMap:
    """A persistent map of paths."""

    def __init__(self, files: Any = None) -> None:
        self.files: Any = files or Map()

    def write(self, folder: str, key: str, entry: object) -> None:
        """One map changes; a folder could not be listed."""
        self.files = self.files.set(f"{folder}\\{key}", entry)

    def fork(self) -> "OneMap":
        """Nothing to do."""
        return OneMap(self.files)


class CopiedFolders:
    """A persistent map of folders, each a dictionary that is copied when a name in it changes."""

    def __init__(self, folders: Any = None) -> None:
        self.folders: Any = folders or Map()

    def write(self, folder: str, key: str, entry: object) -> None:
        """The time goes with the size of the folder."""
        self.folders = self.folders.set(folder, {**self.folders.get(folder, {}), key: entry})

    def fork(self) -> "CopiedFolders":
        """Nothing to do."""
        return CopiedFolders(self.folders)


class DiffArea:
    """Dictionaries that are written to; what they held at the snapshot is kept aside, at its first change."""

    def __init__(self, folders: dict[str, dict[str, object]] | None = None) -> None:
        self.folders: dict[str, dict[str, object]] = folders or {}
        self.aside: dict[tuple[str, str], object] = {}

    def write(self, folder: str, key: str, entry: object) -> None:
        """The old entry is kept for the snapshot."""
        names = self.folders.setdefault(folder, {})
        self.aside.setdefault((folder, key), names.get(key))
        names[key] = entry

    def fork(self) -> "DiffArea":
        """Both go on by themselves, so one of them needs its own dictionaries."""
        return DiffArea({folder: names.copy() for folder, names in self.folders.items()})


def _places(count: int, in_a_folder: int) -> list[tuple[str, str]]:
    found = [parse(f"C:\\data\\folder{number // in_a_folder:06d}\\file{number:08d}.txt") for number in range(count)]
    return [(place.folder, place.key) for place in found]


def _filled(kind: type[Any], places: list[tuple[str, str]]) -> Any:
    disk = kind()
    for folder, key in places:
        disk.write(folder, key, (key, b"content"))
    if isinstance(disk, DiffArea):
        disk.aside = {}
    return disk


def _changes(disk: Choice, chosen: list[tuple[str, str]]) -> float:
    """The time of a change in us."""
    begin = process_time()
    for folder, key in chosen:
        disk.write(folder, key, (key, b"changed"))
    return (process_time() - begin) / len(chosen) * 1e6


def row(kind: type[Any]) -> str:
    """One way, as a line of the table."""
    places = _places(COUNT, COUNT // _FOLDERS)
    chosen = random.Random(3).sample(places, CHANGED)
    disk = _filled(kind, places)
    best = min(_changes(disk.fork(), chosen) for _ in range(15))
    begin = process_time()
    for _ in range(5):
        disk.fork()
    fork = (process_time() - begin) / 5 * 1e6
    wide = _filled(kind, _places(10_000, 10_000))
    wide_time = min(_changes(wide, places[:20]) for _ in range(3))
    del disk, wide
    gc.collect()
    tracemalloc.start()
    disk = _filled(kind, places)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    snapshot = disk.fork() if not isinstance(disk, DiffArea) else None
    _changes(disk, chosen)
    gc.collect()
    more = (tracemalloc.get_traced_memory()[0] - before) / before
    tracemalloc.stop()
    del snapshot
    name = (kind.__doc__ or "").partition(":")[0].rstrip(".")
    return f"| {name} | {best:.2f} us | {wide_time:.2f} us | {more:.1%} | {fork:.1f} us |"


def main() -> int:
    """Measure and print."""
    lines = [
        "| the files of a volume are | a change | in a folder of 10,000 | 1 % changed since a snapshot | a fork |",
        "|---|---:|---:|---:|---:|",
        *map(row, (OfLate, MapOfMaps, OneMap, CopiedFolders, DiffArea)),
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
