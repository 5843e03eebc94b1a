"""What files cost, beside a dictionary of directories, `fsspec`'s memory file system and `pyfakefs`: ratios of one run.

The unit is the prototype that one writes in five minutes: a dictionary of directories, the path split and folded. It
keeps nothing of the past. An operation is the mean of making, overwriting, reading and deleting a file, on a disk that
holds so many others; times are the best of some rounds, with the garbage collector as it is by default.

Run `python -m tests.benchmarks.file_cost`; `--write docs/performance.md` puts the figures there. It needs the extra
`bench`.
"""

import gc
import math
import random
import tracemalloc
from collections.abc import Callable, Iterator
from time import process_time
from typing import Any, Final

import fsspec
from msgspec.structs import replace
from pyfakefs.fake_filesystem import FakeFileOpen, FakeFilesystem

from tests.benchmarks.page import parser_for, put
from vss_sim.model.computer import Description, Machine, Volume
from vss_sim.model.disk import Disk, FileEntry
from vss_sim.model.names import parse, usual
from vss_sim.requester.simulation import Simulation

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
ROUNDS: Final = 15
TOUCHED: Final = 1_000
IN_A_FOLDER: Final = 100
SLOW: Final = 10_000
"""The others are not filled with more files than this: they would take minutes, and are not faster for it."""

Work = Callable[[str], None]


def path_of(number: int) -> str:
    """The path of a file, in folders of a hundred."""
    return f"C:\\data\\folder{number // IN_A_FOLDER:06d}\\file{number:08d}.txt"


class Prototype:
    """A dictionary of directories."""

    def __init__(self, count: int) -> None:
        self.root: dict[str, Any] = {}
        for number in range(count):
            self.write(path_of(number), b"content")

    def write(self, path: str, data: bytes) -> None:
        """Make or overwrite a file."""
        node = self.root
        *parts, name = path.casefold().split("\\")
        for part in parts:
            node = node.setdefault(part, {})
        node[name] = (path, data)

    def find(self, path: str) -> tuple[dict[str, Any], str]:
        """The directory of a file, and its key."""
        node = self.root
        *parts, name = path.casefold().split("\\")
        for part in parts:
            node = node[part]
        return node, name

    def read(self, path: str) -> bytes:
        """What is in a file."""
        node, name = self.find(path)
        data: bytes = node[name][1]
        return data

    def delete(self, path: str) -> None:
        """A file goes."""
        node, name = self.find(path)
        del node[name]


class OurDisk:
    """The disk of the model: each change makes another, and all of them stay."""

    def __init__(self, count: int) -> None:
        disk = Disk(1 << 60).with_folder("", "DATA", "data")
        for folder in range(-(-count // IN_A_FOLDER) + TOUCHED):
            disk = disk.with_folder("DATA", f"FOLDER{folder:06d}", f"folder{folder:06d}")
        self.disk = disk
        for number in range(count):
            self.write(path_of(number), b"content")

    def write(self, path: str, data: bytes) -> None:
        """Make or overwrite a file."""
        place = parse(path)
        self.disk = self.disk.with_file(place.folder, place.key, FileEntry(place.name, data))

    def read(self, path: str) -> bytes:
        """What is in a file."""
        place = parse(path)
        entry = self.disk.entry(place.folder, place.key)
        assert isinstance(entry, FileEntry)
        assert isinstance(entry.content, bytes)
        return entry.content

    def delete(self, path: str) -> None:
        """A file goes."""
        place = parse(path)
        self.disk = self.disk.without(place.folder, place.key)


class OurCalls:
    """The calls of the simulation, by path: arguments read, rights and sharing looked at, a record kept."""

    def __init__(self, count: int) -> None:
        volume = Volume(name="C:\\", capacity=1 << 60)
        self.simulation = Simulation(Description(machines=(Machine(volumes=(volume,)),)))
        world = self.simulation.world
        disks = world.machines[0].disks
        full = OurDisk(count).disk
        machine = replace(world.machines[0], disks=replace(disks, volumes=(full,)))
        self.simulation.world = replace(world, machines=(machine,))
        self.call = self.simulation.call

    def write(self, path: str, data: bytes) -> None:
        """Make or overwrite a file."""
        self.call("WriteFile", arguments={"lpFileName": path, "content": data.decode()})

    def read(self, path: str) -> bytes:
        """What is in a file."""
        out = self.call("ReadFile", arguments={"lpFileName": path}).out
        content: str = out["content"]
        return content.encode()

    def delete(self, path: str) -> None:
        """A file goes."""
        self.call("DeleteFile", arguments={"lpFileName": path})

    def looked(self) -> None:
        """The world is made, which file calls put off."""
        assert self.simulation.world.machines


class Fake:
    """`pyfakefs`."""

    def __init__(self, count: int) -> None:
        self.system = FakeFilesystem()
        self.open = FakeFileOpen(self.system)
        for number in range(0, count + TOUCHED * IN_A_FOLDER, IN_A_FOLDER):
            self.system.create_dir(_posix(path_of(number)).rpartition("/")[0])
        for number in range(count):
            self.system.create_file(_posix(path_of(number)), contents="content")

    def write(self, path: str, data: bytes) -> None:
        """Make or overwrite a file."""
        with self.open(_posix(path), "wb") as file:
            file.write(data)

    def read(self, path: str) -> bytes:
        """What is in a file."""
        with self.open(_posix(path), "rb") as file:
            data: bytes = file.read()
        return data

    def delete(self, path: str) -> None:
        """A file goes."""
        self.system.remove(_posix(path))


class Memory:
    """The memory file system of `fsspec`."""

    def __init__(self, count: int) -> None:
        self.system = fsspec.filesystem("memory", skip_instance_cache=True)
        self.system.store.clear()
        self.system.pseudo_dirs[:] = [""]
        for number in range(count):
            self.write(path_of(number), b"content")

    def write(self, path: str, data: bytes) -> None:
        """Make or overwrite a file."""
        self.system.pipe_file(_posix(path), data)

    def read(self, path: str) -> bytes:
        """What is in a file."""
        data: bytes = self.system.cat_file(_posix(path))
        return data

    def delete(self, path: str) -> None:
        """A file goes."""
        self.system.rm_file(_posix(path))


def _posix(path: str) -> str:
    return "/" + path[3:].replace("\\", "/")


def operations(systems: dict[str, Any], count: int, touched: int = TOUCHED, rounds: int = ROUNDS) -> dict[str, float]:
    """The best mean time in ns of an operation: files are overwritten, read, made and deleted at random places.

    It is the time of the processor, and the systems take turns, so that others who are at work disturb less. One whose
    name begins with `new` forgets before each of its turns which paths it has seen. At the end of its turn each is
    looked at (`looked`): what it has put off until then is part of what its operations cost.
    """
    chosen = random.Random(1)
    old = [path_of(chosen.randrange(count)) for _ in range(touched)]
    new = [path_of(chosen.randrange(count))[:-4] + ".new" for _ in range(touched)]
    new = list(dict.fromkeys(new))
    best = dict.fromkeys(systems, math.inf)
    for _ in range(rounds):
        for name, system in systems.items():
            if name.startswith("new"):
                usual.cache_clear()
            best[name] = min(best[name], _turn(system, old, new))
    return {name: time / (2 * len(old) + 2 * len(new)) * 1e9 for name, time in best.items()}


def _turn(system: Any, old: list[str], new: list[str]) -> float:
    looks = getattr(system, "looked", None)
    begin = process_time()
    for path in old:
        system.write(path, b"changed")
    for path in old:
        system.read(path)
    for path in new:
        system.write(path, b"new")
    for path in new:
        system.delete(path)
    if looks is not None:
        looks()
    return process_time() - begin


def memory_a_file(make: Callable[[int], Any], count: int = 100_000) -> float:
    """The bytes that a file takes, its path and entry included."""
    gc.collect()
    tracemalloc.start()
    made = make(count)
    gc.collect()
    taken = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del made
    return taken / count


def after_a_snapshot(count: int) -> tuple[float, float]:
    """How many bytes more there are when one file in a hundred changed after a snapshot, in all and as a share."""
    gc.collect()
    tracemalloc.start()
    ours = OurDisk(count)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    snapshot = ours.disk
    chosen = random.Random(2).sample(range(count), count // 100)
    for number in chosen:
        ours.write(path_of(number), b"changed")
    gc.collect()
    more = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert snapshot != ours.disk or not chosen
    return more, more / before


def snapshot_time(count: int) -> float:
    """The best time in us of DoSnapshotSet, called and waited for, on a volume of so many files."""
    calls = OurCalls(count)
    best = math.inf
    begun = _begun(calls.simulation)
    for _ in range(200):
        simulation, bc = begun[0].fork(), begun[1]
        begin = process_time()
        handle = simulation.call("IVssBackupComponents::DoSnapshotSet", bc).out["ppAsync"]
        simulation.call("IVssAsync::Wait", handle)
        best = min(best, process_time() - begin)
        (copy,) = simulation.world.snapshots.values()
        assert copy.disk is simulation.world.machines[0].disks.volumes[0]
    return best * 1e6


def _begun(simulation: Simulation) -> tuple[Simulation, str]:
    call = simulation.call
    bc: str = call("CreateVssBackupComponents").out["ppBackup"]
    name = "IVssBackupComponents::"
    call(name + "InitializeForBackup", bc, {"bstrXML": None})
    state = {"bSelectComponents": False, "bBackupBootableSystemState": False, "backupType": "VSS_BT_COPY"}
    call(name + "SetBackupState", bc, state)
    call("IVssAsync::Wait", call(name + "GatherWriterMetadata", bc).out["pAsync"])
    call(name + "StartSnapshotSet", bc)
    call(name + "AddToSnapshotSet", bc, {"pwszVolumeName": "C:\\", "ProviderId": None})
    call("IVssAsync::Wait", call(name + "PrepareForBackup", bc).out["ppAsync"])
    return simulation, bc


def exponent(times: dict[int, float]) -> float:
    """The slope of all files' time over their number, in logarithms."""
    points = [(math.log(count), math.log(count * time)) for count, time in times.items()]
    middle_x, middle_y = (sum(point[axis] for point in points) / len(points) for axis in (0, 1))
    above = sum((x - middle_x) * (y - middle_y) for x, y in points)
    return above / sum((x - middle_x) ** 2 for x, _ in points)


def lines() -> Iterator[str]:
    """The section, line by line."""
    times: dict[str, dict[int, float]] = {"prototype": {}, "disk": {}, "new disk": {}, "calls": {}}
    for count in SIZES:
        disk = OurDisk(count)
        systems = {"prototype": Prototype(count), "disk": disk, "new disk": disk, "calls": OurCalls(count)}
        for name, time in operations(systems, count).items():
            times[name][count] = time
        del systems, disk
        gc.collect()
    beside = {"memory": Memory(SLOW), "fake": Fake(SLOW), "calls": OurCalls(SLOW), "disk": OurDisk(SLOW)}
    others = operations(beside, SLOW, rounds=5)
    del beside
    gc.collect()
    yield "| files | prototype | a change of the disk | of it | by a new path | a file call | of the prototype |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    for count in SIZES:
        unit, one, new, calls = (times[name][count] for name in ("prototype", "disk", "new disk", "calls"))
        ratios = f"{one / 1000:.2f} us | **{one / unit:.1f}** | **{new / unit:.1f}**"
        yield f"| {count:,} | {unit / 1000:.2f} us | {ratios} | {calls / 1000:.2f} us | **{calls / unit:.1f}** |"
    yield ""
    yield "| what | measured | wanted |"
    yield "|---|---:|---:|"
    for name, words in (("disk", "a change of the disk"), ("calls", "a file call")):
        yield f"| `pyfakefs`, of {words} | {others['fake'] / others[name]:.0f} times | 50 |"
        yield f"| `fsspec` memory, of {words} | {others['memory'] / others[name]:.1f} times | |"
    yield f"| growth exponent of a change, 1,000 to 1,000,000 files | {exponent(times['disk']):.2f} | 1.1 |"
    yield f"| growth exponent of a file call | {exponent(times['calls']):.2f} | 1.1 |"
    yield f"| growth exponent of the prototype | {exponent(times['prototype']):.2f} | |"
    yield f"| bytes a file | {memory_a_file(OurDisk):.0f} | 450 |"
    yield f"| bytes a file, the prototype | {memory_a_file(Prototype):.0f} | |"
    few, many = snapshot_time(SIZES[0]), snapshot_time(SIZES[-1])
    yield f"| DoSnapshotSet on 1,000,000 files, of that on 1,000 | {many / few:.2f} times | 3 |"
    more, share = after_a_snapshot(SIZES[-1])
    yield f"| memory more after 1 % of 1,000,000 files changed since a snapshot | {share:.1%} | 3 % |"
    yield f"| the same, bytes for each changed file | {more / (SIZES[-1] // 100):.0f} | |"


def main() -> None:
    """Measure, print, and write the figures where that is asked for."""
    put("files", "\n".join(lines()), parser_for(__doc__ or "").parse_args().write)


if __name__ == "__main__":
    main()
