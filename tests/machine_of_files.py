"""Steps on files, handles and services, each made on the simulation and on a naive model.

The model is a dictionary of paths. It knows nothing of the engine.
"""

from typing import Final

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from tests.file_support import Computer
from vss_sim.model.computer import File, Machine, Service, Volume, Win32Fault

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


def machine(faults: list[Win32Fault]) -> Machine:
    """Two volumes with little room, two folders on each, and a service that opens a file."""
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


def key_of(path: str) -> str:
    """How the model names a path."""
    return path.upper()


class Files(RuleBasedStateMachine):
    """Steps on files, handles and the service, each made on the simulation and on the naive model."""

    def __init__(self) -> None:
        super().__init__()
        self.computer = Computer(machine([]))
        self.files: dict[str, bytes] = {}
        self.open: dict[str, tuple[str, int, int]] = {}
        self.process: dict[str, str] = {}
        self.in_use: set[str] = set()
        self.service = False
        self.runs = True

    def holds(self, key: str) -> list[tuple[int, int]]:
        """What those who have a file open do with it, and what they let others do."""
        held = [(access, share) for path, access, share in self.open.values() if path == key and access]
        held += [(3, 0)] * (key in self.in_use) + [(3, 0)] * (self.service and key == key_of(SERVICE_FILE))
        return held

    def conflict(self, key: str, access: int, share: int) -> bool:
        """Whether somebody who has a file open does not let it be opened so."""
        return any(access & ~other or theirs & ~share for theirs, other in self.holds(key)) if access else False

    def free(self, key: str) -> int:
        """The room on the volume of a path."""
        return CAPACITY - sum(len(data) for path, data in self.files.items() if path[0] == key[0])

    def known(self, data: st.DataObject) -> str:
        """A path, mostly one of a file that is there."""
        there = sorted(self.files) + [key for key, *_ in self.open.values()]
        return data.draw(st.sampled_from([*there, *there, "C:\\none"])) if there else "C:\\none"

    def is_open(self, key: str) -> bool:
        """Whether anybody has a file open."""
        listed = any(path == key for path, _, _ in self.open.values())
        return listed or key in self.in_use or (self.service and key == key_of(SERVICE_FILE))

    @initialize(faults=st.just([]) | FAULTS)
    def first_files(self, faults: list[Win32Fault]) -> None:
        """Some files to begin with, on a computer on which some calls fail."""
        self.computer = Computer(machine(faults))
        for path in (SERVICE_FILE, "C:\\one.txt"):
            self.write(path, "v1")

    @rule(drawn=st.data(), new=st.none() | PATHS, content=CONTENTS)
    def write_somewhere(self, drawn: st.DataObject, new: str | None, content: str) -> None:
        """A new file, or one that is there."""
        self.write(new or self.known(drawn), content)

    def write(self, path: str, content: str) -> None:
        """By path, the whole content."""
        key, data = key_of(path), content.encode()
        expected = "SUCCESS"
        if self.conflict(key, 2, 7):
            expected = "SHARING_VIOLATION"
        elif len(data) > len(self.files.get(key, b"")) and len(data) - len(self.files.get(key, b"")) > self.free(key):
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
        path = self.known(drawn)
        key, data = key_of(path), content.encode()
        old = self.files.get(key)
        answer = self.computer.call("WriteFile", lpFileName=path, content=content, offset=offset)
        if old is None or answer != "SUCCESS":
            assert answer in {"FILE_NOT_FOUND", "SHARING_VIOLATION", "DISK_FULL", FAULT}
            return
        assert not self.conflict(key, 2, 7)
        padded = old.ljust(offset, b"\0")
        self.files[key] = padded[:offset] + data + padded[offset + len(data) :]

    @rule(drawn=st.data())
    def delete(self, drawn: st.DataObject) -> None:
        """At once: nothing here waits for a handle, since none shares deletion."""
        path = self.known(drawn)
        key = key_of(path)
        expected = "SUCCESS" if key in self.files else "FILE_NOT_FOUND"
        if key in self.files and self.conflict(key, 4, 7):
            expected = "SHARING_VIOLATION"
        elif key in self.files and self.is_open(key):
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
        source = self.known(drawn)
        to = new or self.known(drawn)
        answer = self.computer.call("CopyFile", lpExistingFileName=source, lpNewFileName=to)
        if answer == "SUCCESS":
            self.files[key_of(to)] = self.files[key_of(source)]
        else:
            assert answer in {"FILE_NOT_FOUND", "SHARING_VIOLATION", "DISK_FULL", FAULT}

    @rule(drawn=st.data(), new=st.none() | PATHS, flags=st.integers(0, 3))
    def move(self, drawn: st.DataObject, new: str | None, flags: int) -> None:
        """To another volume by a copy, where that is allowed; what is at the target goes only where that is wished."""
        source = self.known(drawn)
        to = new or self.known(drawn)
        start, end = key_of(source), key_of(to)
        if start[0] != end[0] and self.is_open(start):
            return  # it would stay until its last handle is closed
        answer = self.computer.call("MoveFileEx", lpExistingFileName=source, lpNewFileName=to, dwFlags=flags)
        if answer != "SUCCESS":
            kept = {"FILE_NOT_FOUND", "SHARING_VIOLATION", "NOT_SAME_DEVICE", "ALREADY_EXISTS", "ACCESS_DENIED"}
            assert answer in kept | {"DISK_FULL", FAULT}
            return
        assert start[0] == end[0] or flags & 2
        assert start == end or end not in self.files or (flags & 1 and not self.is_open(end))
        assert not self.conflict(start, 4, 7)
        self.files[end] = self.files.pop(start)
        for handle, (path, access, share) in self.open.items():
            if path == start:
                self.open[handle] = (end, access, share)

    @rule(drawn=st.data(), access=st.integers(0, 3), share=SHARES, process=st.sampled_from(PROCESSES))
    def open_file(self, drawn: st.DataObject, access: int, share: int, process: str) -> None:
        """For reading, writing, both or neither."""
        path = self.known(drawn)
        key = key_of(path)
        wanted = ["GENERIC_READ"] * (access & 1) + ["GENERIC_WRITE"] * (access >> 1)
        given = {"lpFileName": path, "dwDesiredAccess": "|".join(wanted) or 0, "dwCreationDisposition": "OPEN_EXISTING"}
        handle = self.computer.handle(process, **given, dwShareMode=share & ~4)
        if handle == FAULT:
            return
        if key not in self.files:
            assert handle == "FILE_NOT_FOUND"
        elif self.conflict(key, access, share & ~4):
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
        if key_of(path) in self.files:
            self.computer.simulation.happens("file in use", path=path)
            self.in_use.add(key_of(path))

    @rule(path=PATHS)
    def release(self, path: str) -> None:
        """And closes it."""
        self.computer.simulation.happens("file released", path=path)
        self.in_use.discard(key_of(path))

    @rule()
    def service_stops(self) -> None:
        """What it held is free."""
        self.computer.simulation.happens("service stops", service="S")
        self.runs = self.service = False

    @rule()
    def service_starts(self) -> None:
        """It holds its file, if nobody else does."""
        if not self.runs:
            self.service = key_of(SERVICE_FILE) in self.files and not self.is_open(key_of(SERVICE_FILE))
        self.computer.simulation.happens("service starts", service="S")
        self.runs = True
