"""What changes whole disks, on the simulation and on a naive model: delayed moves, starts, shadow copies, forks.

The model is a dictionary of paths, copied where a shadow copy is made. It knows nothing of the engine.
"""

from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import invariant, precondition, rule

from tests.file_support import Computer
from tests.machine_of_files import CAPACITY, CONTENTS, FAULT, PATHS, SERVICE_FILE, Files, key_of
from vss_sim.engine.desk import Desk
from vss_sim.engine.listings import files_matching
from vss_sim.model.content import bytes_of, size_of
from vss_sim.requester.simulation import Simulation


class Disks(Files):
    """Steps that anybody may take, each made on the simulation and on the naive model."""

    def __init__(self) -> None:
        super().__init__()
        self.delayed: list[tuple[str, str | None, bool]] = []
        self.copies: list[tuple[str, str, dict[str, bytes]]] = []
        self.bystander: tuple[Simulation, bytes] | None = None

    @rule(
        drawn=st.data(),
        where=st.sampled_from(["nowhere", "onto", "onto", "anywhere"]),
        replace=st.booleans(),
        soon=st.booleans(),
    )
    def delay(self, drawn: st.DataObject, where: str, replace: bool, soon: bool) -> None:
        """A move, or a deletion, waits for the next start; often onto a file that is there on the same volume."""
        source = self.known(drawn)
        beside = sorted(key for key in self.files if key[0] == source[0] and key != key_of(source))
        to = None
        if where == "onto":
            to = drawn.draw(st.sampled_from(beside or ["C:\\none"]))
        elif where == "anywhere":
            to = drawn.draw(PATHS)
        flags = "MOVEFILE_DELAY_UNTIL_REBOOT" + "|MOVEFILE_REPLACE_EXISTING" * replace
        answer = self.computer.call("MoveFileEx", lpExistingFileName=source, lpNewFileName=to, dwFlags=flags)
        if answer == FAULT:
            return
        if key_of(source) not in self.files:
            assert answer == "FILE_NOT_FOUND"
        elif to is not None and source[0] != to[0]:
            assert answer == "NOT_SAME_DEVICE"
        else:
            assert answer == "SUCCESS"
            self.delayed.append((key_of(source), to and key_of(to), replace))
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
        self.service, self.runs = key_of(SERVICE_FILE) in self.files, True

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
            found[path[: len(root)] + key_of(path[len(root) :])] = bytes_of(entry.content)
            assert len(found[path[: len(root)] + key_of(path[len(root) :])]) == size_of(entry.content)
    return found


def _bytes(computer: Computer) -> bytes:
    """A world as bytes: its files, and what is open."""
    disks = computer.disks
    shown: dict[str, Any] = {path: data.hex() for path, data in _files(computer, "C:\\", "D:\\").items()}
    shown["open"] = sorted(map(repr, disks.holds.items()))
    return msgspec.json.encode(shown, order="sorted")
