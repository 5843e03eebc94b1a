"""Steps that anybody may take on files, each made on the simulation and on a naive model.

The model is a dictionary of paths, copied where a shadow copy is made. It knows nothing of the engine.
"""

from typing import Any, Final

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

from tests.file_support import Computer
from vss_sim.engine.desk import Desk
from vss_sim.engine.listings import files_matching
from vss_sim.model.computer import File, Machine, Service, Volume, Win32Fault
from vss_sim.model.content import bytes_of, size_of
from vss_sim.requester.simulation import Simulation

FOLDERS: Final = ("", "a\\", "a\\b\\", "c\\")


NAMES: Final = ("one.txt", "Two.TXT", "three", "svc.log")


PATHS: Final = st.tuples(st.sampled_from("CD"), st.sampled_from(FOLDERS), st.sampled_from(NAMES)).map(
    lambda parts: f"{parts[0]}:\\{parts[1]}{parts[2]}"
)


CONTENTS: Final = st.text("xyzé", max_size=6)


SHARES: Final = st.integers(0, 7)


CAPACITY: Final = 24


SERVICE_FILE: Final = "C:\\a\\svc.log"


FAULT: Final = "IO_DEVICE"
"""What calls are scripted to answer, and nothing else here does: such a call changes nothing."""


FAULTS: Final = st.lists(
    st.builds(
        lambda to, skip, times: Win32Fault(to=to, fails=f"ERROR_{FAULT}", skip=skip, times=times),
        st.sampled_from(
            ("WriteFile", "DeleteFile", "CopyFile", "MoveFileEx", "CreateFile", "CloseHandle", "delayed move")
        ),
        st.integers(0, 4),
        st.integers(1, 2),
    ),
    max_size=4,
)


PROCESSES: Final = ("", "other")


def _machine(faults: list[Win32Fault]) -> Machine:
    folders = {"a\\b\\": File(), "c\\": File()}
    volumes = [
        Volume(
            name=f"{letter}:\\", capacity=CAPACITY, files={f"{letter}:\\{path}": one for path, one in folders.items()}
        )
        for letter in "CD"
    ]
    return Machine(
        volumes=tuple(volumes), services=(Service(name="S", opens=(SERVICE_FILE,)),), win32_faults=tuple(faults)
    )


def _key(path: str) -> str:
    return path.upper()


class Disks(RuleBasedStateMachine):
    """Steps that anybody may take, each made on the simulation and on the naive model."""

    def __init__(self) -> None:
        super().__init__()
        self.computer = Computer(_machine([]))
        self.files: dict[str, bytes] = {}
        self.open: dict[str, tuple[str, int, int]] = {}
        self.process: dict[str, str] = {}
        self.in_use: set[str] = set()
        self.service = False
        self.runs = True
        self.delayed: list[tuple[str, str | None, bool]] = []
        self.copies: list[tuple[str, str, dict[str, bytes]]] = []
        self.bystander: tuple[Simulation, bytes] | None = None

    def _holds(self, key: str) -> list[tuple[int, int]]:
        held = [(access, share) for path, access, share in self.open.values() if path == key and access]
        held += [(3, 0)] * (key in self.in_use) + [(3, 0)] * (self.service and key == _key(SERVICE_FILE))
        return held

    def _conflict(self, key: str, access: int, share: int) -> bool:
        return any(access & ~other or theirs & ~share for theirs, other in self._holds(key)) if access else False

    def _free(self, key: str) -> int:
        return CAPACITY - sum(len(data) for path, data in self.files.items() if path[0] == key[0])

    def _known(self, data: st.DataObject) -> str:
        """A path, mostly one of a file that is there."""
        there = sorted(self.files) + [key for key, *_ in self.open.values()]
        return data.draw(st.sampled_from([*there, *there, "C:\\none"])) if there else "C:\\none"

    def _is_open(self, key: str) -> bool:
        listed = any(path == key for path, _, _ in self.open.values())
        return listed or key in self.in_use or (self.service and key == _key(SERVICE_FILE))

    @initialize(faults=st.just([]) | FAULTS)
    def first_files(self, faults: list[Win32Fault]) -> None:
        """Some files to begin with, on a computer on which some calls fail."""
        self.computer = Computer(_machine(faults))
        for path in (SERVICE_FILE, "C:\\one.txt"):
            self.write(path, "v1")

    @rule(drawn=st.data(), new=st.none() | PATHS, content=CONTENTS)
    def write_somewhere(self, drawn: st.DataObject, new: str | None, content: str) -> None:
        """A new file, or one that is there."""
        self.write(new or self._known(drawn), content)

    def write(self, path: str, content: str) -> None:
        """By path, the whole content."""
        key, data = _key(path), content.encode()
        expected = "SUCCESS"
        if self._conflict(key, 2, 7):
            expected = "SHARING_VIOLATION"
        elif len(data) > len(self.files.get(key, b"")) and len(data) - len(self.files.get(key, b"")) > self._free(key):
            expected = "DISK_FULL"
        answer = self.computer.write(path, content)
        if answer == FAULT:
            return
        assert answer == expected
        if expected == "SUCCESS":
            self.files[key] = data

    @rule(drawn=st.data(), offset=st.integers(0, 7), content=CONTENTS)
    def write_at(self, drawn: st.DataObject, offset: int, content: str) -> None:
        """By path, at an offset; what was refused changed nothing, what was not is as bytes would be."""
        path = self._known(drawn)
        key, data = _key(path), content.encode()
        old = self.files.get(key)
        answer = self.computer.call("WriteFile", lpFileName=path, content=content, offset=offset)
        if old is None or answer != "SUCCESS":
            assert answer in {"FILE_NOT_FOUND", "SHARING_VIOLATION", "DISK_FULL", FAULT}
            return
        assert not self._conflict(key, 2, 7)
        padded = old.ljust(offset, b"\0")
        self.files[key] = padded[:offset] + data + padded[offset + len(data) :]

    @rule(drawn=st.data())
    def delete(self, drawn: st.DataObject) -> None:
        """At once: nothing here waits for a handle, since none shares deletion."""
        path = self._known(drawn)
        key = _key(path)
        expected = "SUCCESS" if key in self.files else "FILE_NOT_FOUND"
        if key in self.files and self._conflict(key, 4, 7):
            expected = "SHARING_VIOLATION"
        elif key in self.files and self._is_open(key):
            return
        answer = self.computer.call("DeleteFile", lpFileName=path)
        if answer == FAULT:
            return
        assert answer == expected
        if expected == "SUCCESS":
            del self.files[key]

    @rule(drawn=st.data(), new=st.none() | PATHS)
    def copy(self, drawn: st.DataObject, new: str | None) -> None:
        """Bytes are doubled, or nothing happens."""
        source = self._known(drawn)
        to = new or self._known(drawn)
        answer = self.computer.call("CopyFile", lpExistingFileName=source, lpNewFileName=to)
        if answer == "SUCCESS":
            self.files[_key(to)] = self.files[_key(source)]
        else:
            assert answer in {"FILE_NOT_FOUND", "SHARING_VIOLATION", "DISK_FULL", FAULT}

    @rule(drawn=st.data(), new=st.none() | PATHS, flags=st.integers(0, 3))
    def move(self, drawn: st.DataObject, new: str | None, flags: int) -> None:
        """To another volume by a copy, where that is allowed; what is at the target goes only where that is wished."""
        source = self._known(drawn)
        to = new or self._known(drawn)
        start, end = _key(source), _key(to)
        if start[0] != end[0] and self._is_open(start):
            return  # it would stay until its last handle is closed
        answer = self.computer.call("MoveFileEx", lpExistingFileName=source, lpNewFileName=to, dwFlags=flags)
        if answer != "SUCCESS":
            kept = {"FILE_NOT_FOUND", "SHARING_VIOLATION", "NOT_SAME_DEVICE", "ALREADY_EXISTS", "ACCESS_DENIED"}
            assert answer in kept | {"DISK_FULL", FAULT}
            return
        assert start[0] == end[0] or flags & 2
        assert start == end or end not in self.files or (flags & 1 and not self._is_open(end))
        assert not self._conflict(start, 4, 7)
        self.files[end] = self.files.pop(start)
        for handle, (path, access, share) in self.open.items():
            if path == start:
                self.open[handle] = (end, access, share)

    @rule(drawn=st.data(), access=st.integers(0, 3), share=SHARES, process=st.sampled_from(PROCESSES))
    def open_file(self, drawn: st.DataObject, access: int, share: int, process: str) -> None:
        """For reading, writing, both or neither."""
        path = self._known(drawn)
        key = _key(path)
        wanted = ["GENERIC_READ"] * (access & 1) + ["GENERIC_WRITE"] * (access >> 1)
        given = {"lpFileName": path, "dwDesiredAccess": "|".join(wanted) or 0, "dwCreationDisposition": "OPEN_EXISTING"}
        handle = self.computer.handle(process, **given, dwShareMode=share & ~4)
        if handle == FAULT:
            return
        if key not in self.files:
            assert handle == "FILE_NOT_FOUND"
        elif self._conflict(key, access, share & ~4):
            assert handle == "SHARING_VIOLATION"
        else:
            self.open[handle] = (key, access, share & ~4)
            self.process[handle] = process

    @precondition(lambda self: self.open)
    @rule(data=st.data(), content=CONTENTS)
    def write_by_handle(self, data: st.DataObject, content: str) -> None:
        """At the beginning of the file."""
        handle = data.draw(st.sampled_from(sorted(self.open)))
        key, access, _ = self.open[handle]
        process = self.process[handle]
        answer = self.computer.call("WriteFile", process, hFile=handle, content=content, offset=0)
        if answer == FAULT:
            return
        if answer == "SUCCESS":
            assert access & 2
            old, new = self.files[key], content.encode()
            self.files[key] = new + old[len(new) :]
        else:
            assert answer == ("DISK_FULL" if access & 2 else "ACCESS_DENIED")

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def close(self, data: st.DataObject) -> None:
        """A handle."""
        handle = data.draw(st.sampled_from(sorted(self.open)))
        answer = self.computer.call("CloseHandle", self.process[handle], hObject=handle)
        assert answer in {"SUCCESS", FAULT}
        if answer == "SUCCESS":
            del self.open[handle]

    @rule()
    def process_ends(self) -> None:
        """Its handles are closed, those of the other one stay."""
        self.computer.simulation.happens("process ends", process=PROCESSES[1])
        self.open = {handle: held for handle, held in self.open.items() if self.process[handle] != PROCESSES[1]}

    @rule(path=PATHS)
    def use(self, path: str) -> None:
        """Somebody has a file open without sharing."""
        if _key(path) in self.files:
            self.computer.simulation.happens("file in use", path=path)
            self.in_use.add(_key(path))

    @rule(path=PATHS)
    def release(self, path: str) -> None:
        """And closes it."""
        self.computer.simulation.happens("file released", path=path)
        self.in_use.discard(_key(path))

    @rule()
    def service_stops(self) -> None:
        """What it held is free."""
        self.computer.simulation.happens("service stops", service="S")
        self.runs = self.service = False

    @rule()
    def service_starts(self) -> None:
        """It holds its file, if nobody else does."""
        if not self.runs:
            self.service = _key(SERVICE_FILE) in self.files and not self._is_open(_key(SERVICE_FILE))
        self.computer.simulation.happens("service starts", service="S")
        self.runs = True

    @rule(
        drawn=st.data(),
        where=st.sampled_from(["nowhere", "onto", "onto", "anywhere"]),
        replace=st.booleans(),
        soon=st.booleans(),
    )
    def delay(self, drawn: st.DataObject, where: str, replace: bool, soon: bool) -> None:
        """A move, or a deletion, waits for the next start; often onto a file that is there on the same volume."""
        source = self._known(drawn)
        beside = sorted(key for key in self.files if key[0] == source[0] and key != _key(source))
        to = None
        if where == "onto":
            to = drawn.draw(st.sampled_from(beside or ["C:\\none"]))
        elif where == "anywhere":
            to = drawn.draw(PATHS)
        flags = "MOVEFILE_DELAY_UNTIL_REBOOT" + "|MOVEFILE_REPLACE_EXISTING" * replace
        answer = self.computer.call("MoveFileEx", lpExistingFileName=source, lpNewFileName=to, dwFlags=flags)
        if answer == FAULT:
            return
        if _key(source) not in self.files:
            assert answer == "FILE_NOT_FOUND"
        elif to is not None and source[0] != to[0]:
            assert answer == "NOT_SAME_DEVICE"
        else:
            assert answer == "SUCCESS"
            self.delayed.append((_key(source), to and _key(to), replace))
            if soon:
                self.boot("reboot")

    @rule(what=st.sampled_from(["reboot", "machine crashes"]))
    def start(self, what: str) -> None:
        """Sooner or later."""
        self.boot(what)

    def boot(self, what: str) -> None:
        """Nothing holds a file, delayed moves are made in order, the service runs."""
        self.computer.simulation.happens(what)
        self.open, self.in_use, self.copies = {}, set(), []
        outcomes = []
        scripted = [move.outcome == f"ERROR_{FAULT}" for move in self.computer.disks.boot_moves]
        assert len(scripted) == len(self.delayed)
        for (source, target, replace), fails in zip(self.delayed, scripted, strict=True):
            if fails:
                outcomes.append(False)
                continue
            there = source in self.files
            blocked = target is not None and target in self.files and target != source and not replace
            outcomes.append(there and not blocked)
            if there and not blocked:
                data = self.files.pop(source)
                if target is not None:
                    self.files[target] = data
        told = [move.outcome == "ERROR_SUCCESS" for move in self.computer.disks.boot_moves]
        assert told == outcomes
        self.delayed = []
        self.service, self.runs = _key(SERVICE_FILE) in self.files, True

    @precondition(lambda self: len(self.copies) < 3)
    @rule(volume=st.sampled_from("CD"), late=CONTENTS)
    def snapshot(self, volume: str, late: str) -> None:
        """What is written before the commit is in it."""
        begun = self.computer.begin_snapshot(f"{volume}:\\", "VSS_CTX_BACKUP")
        self.write(f"{volume}:\\one.txt", late)
        device = self.computer.finish_snapshot(*begun)
        shown = {path[3:]: data for path, data in self.files.items() if path[0] == volume}
        self.copies.append((begun[0], device, shown))

    @precondition(lambda self: self.copies)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        """Its object is released."""
        place = data.draw(st.integers(0, len(self.copies) - 1))
        bc, device, _ = self.copies.pop(place)
        self.computer.simulation.call("IUnknown::Release", bc)
        assert self.computer.read(device + "one.txt") == "PATH_NOT_FOUND"

    @rule()
    def fork(self) -> None:
        """Somebody keeps this world; what is done here later does not touch it, nor does what it does."""
        other = self.computer.fork()
        self.bystander = (other.simulation, _bytes(other))
        twin = self.computer.fork()
        twin.write("C:\\twin", "t")
        twin.simulation.happens("reboot")

    @rule()
    def replay(self) -> None:
        """The same lines give the same bytes, ids and answers."""
        lines = list(self.computer.simulation.lines())
        again = Simulation(self.computer.simulation.world.description)
        for line in lines:
            if "happens" in line:
                more = {key: value for key, value in line.items() if key != "happens"}
                again.happens(line["happens"], **more)
            elif "call" in line:
                again.call(line["call"], line.get("on"), line.get("in", {}), process=line.get("process", ""))
        assert list(again.lines()) == lines
        assert again.world == self.computer.simulation.world

    @invariant()
    def files_are_those_of_the_model(self) -> None:
        """On both volumes, with their bytes, and the room that they take."""
        assert _files(self.computer, "C:\\", "D:\\") == self.files
        for place, letter in enumerate("CD"):
            disk = self.computer.disks.volumes[place]
            assert disk.used == sum(len(data) for path, data in self.files.items() if path[0] == letter) <= CAPACITY

    @invariant()
    def handles_are_those_of_the_model(self) -> None:
        """Nobody holds a file who closed it, ended, or was there before the machine started."""
        assert set(self.computer.disks.handles) == set(self.open)

    @invariant()
    def shadow_copies_keep_their_moment(self) -> None:
        """Whatever happened since."""
        for _, device, shown in self.copies:
            found = _files(self.computer, device)
            assert {path[len(device) :]: data for path, data in found.items()} == shown

    @invariant()
    def bystanders_are_left_alone(self) -> None:
        """A fork has its own life."""
        if self.bystander is not None:
            simulation, seen = self.bystander
            assert _bytes(Computer(simulation=simulation)) == seen


def _files(computer: Computer, *roots: str) -> dict[str, bytes]:
    """Every file below some roots, with its bytes."""
    desk = Desk(computer.simulation.world, 0)
    found = {}
    for root in roots:
        for path, entry in files_matching(desk, root, "*", recursive=True):
            found[path[: len(root)] + _key(path[len(root) :])] = bytes_of(entry.content)
            assert len(found[path[: len(root)] + _key(path[len(root) :])]) == size_of(entry.content)
    return found


def _bytes(computer: Computer) -> bytes:
    """A world as bytes: its files, and what is open."""
    disks = computer.disks
    shown: dict[str, Any] = {path: data.hex() for path, data in _files(computer, "C:\\", "D:\\").items()}
    shown["open"] = sorted(map(repr, disks.holds.items()))
    return msgspec.json.encode(shown, order="sorted")
