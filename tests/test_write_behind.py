"""Whoever looks when: calls that write behind come to what they come to when each makes its world at once.

A program of file calls, of calls of VSS and of things that happen runs four times: as it is, with no short way, with a
look at the world after each call, and with a desk that is laid anew for each call. Answers, worlds of all steps, forks
and records are the same.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.choices import STEP, Choices
from tests.file_support import WRITER
from vss_sim.engine import plain_files
from vss_sim.engine.answers import Answer, no
from vss_sim.engine.bits import EXPOSED_LOCALLY
from vss_sim.engine.calls import entry
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk, Step
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.plain_files import PlainFiles
from vss_sim.engine.step import Call, step
from vss_sim.model import disk
from vss_sim.model.computer import (
    Description,
    File,
    Machine,
    ScriptedAnswer,
    ScriptedHappening,
    Service,
    StorageArea,
    Volume,
    Win32Fault,
    Writer,
)
from vss_sim.model.objects import BackupObject
from vss_sim.model.world import World
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.hresult import HResult

FILES: Final = {
    "P:\\a\\one": File(content="one"),
    "P:\\a\\old": File(content="x", read_only=True),
    "P:\\a\\mine": File(content="s", denied_to=("bob",)),
    "P:\\log": File(content="l"),
    "P:\\shown\\": File(),
}
VOLUMES: Final = (Volume(name="P:\\", capacity=300, files=FILES), Volume(name="D:\\", capacity=120))
KINDS: Final[dict[str, dict[str, Any]]] = {
    "plain": {},
    "a storage area": {"storage_areas": (StorageArea(volume="P:\\", on="D:\\", maximum=40),)},
    "a fault": {"win32_faults": (Win32Fault(to="ReadFile", fails="ERROR_CRC", skip=2, times=1),)},
    "an answer": {"answers": (ScriptedAnswer(to="DoSnapshotSet", returns="E_OUTOFMEMORY", skip=1, times=2),)},
    "a happening": {"happenings": (ScriptedHappening(after="WriteFile", happens="reboot", skip=2, times=1),)},
}


def _described(kind: str) -> Description:
    """Two machines, of which the first has what its kind says."""
    writer = Writer(name="W", writer_id=WRITER, hosted_in="S")
    services = (Service(name="S", opens=("P:\\log",)),)
    one = Machine(volumes=VOLUMES, services=services, writers=(writer,), **KINDS[kind])
    return Description(machines=(one, Machine(name="two", volumes=VOLUMES)))


_COPY: Final = "\\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\a\\one"
PATHS: Final = (
    *("P:\\a\\one", "P:\\a\\one", "p:\\A\\ONE", "P:\\a\\new", "P:\\a\\new", "P:\\1", "P:\\1", "D:\\1", "D:\\1"),
    *("P:\\a\\old", "P:\\a\\mine", "P:\\log", "P:\\shown\\new", "P:\\shown\\a\\one", "P:\\made\\x", _COPY),
)
PLAIN: Final = ("ReadFile", "WriteFile", "WriteFile", "WriteFile", "DeleteFile")
CONTENTS: Final = ("", "v", "w", "x" * 60, "y" * 200, "bc1")
MACHINES: Final = (None, None, None, "two")
PROCESSES: Final = ("", "", "p")
OTHERS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("CreateDirectory", {"lpPathName": "P:\\made"}),
    ("CopyFile", {"lpExistingFileName": "P:\\a\\new", "lpNewFileName": "P:\\made\\x"}),
    ("MoveFileEx", {"lpExistingFileName": "P:\\a\\new", "lpNewFileName": "P:\\a\\one", "dwFlags": 1}),
    ("MoveFileEx", {"lpExistingFileName": "P:\\a\\new", "lpNewFileName": "P:\\a\\one", "dwFlags": 5}),
    ("SetFileAttributes", {"lpFileName": "P:\\a\\new", "dwFileAttributes": 1}),
    ("FindFirstFile", {"lpFileName": "P:\\a\\*"}),
)
HAPPENS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("time passes", {"seconds": 5}),
    ("reboot", {}),
    ("machine crashes", {}),
    ("process ends", {"process": "p"}),
    ("VSS crashes", {}),
    ("service stops", {"service": "S"}),
    ("file in use", {"path": "P:\\a\\one"}),
    ("volume full", {"volume": "P:\\"}),
    ("volume has room", {"volume": "P:\\"}),
    ("account changes", {"account": "bob", "groups": ["administrators"]}),
)
OF_VSS: Final = ("begin", "copy", "copy", "wait", "revert", "show", "all that", "all that", "delete", "release")
OF_ME: Final = ("forks", "is the fork", "keeps", "goes back", "looks", "looks back")
VERBS: Final = (*["plain"] * 12, "open", "held", "file", "happens", "vss", "vss", "me")


def _step(row: bytes) -> tuple[Any, ...]:
    """What a run does next: a verb of it and what goes with that."""
    choices = Choices(row)
    verb = choices.of(VERBS)
    if verb == "plain":
        what = (choices.of(PLAIN), choices.of(PATHS), choices.of(CONTENTS), choices.below(10), choices.of(MACHINES))
        return (verb, *what, choices.of(PROCESSES))
    if verb == "open":
        return verb, choices.of(PATHS), 1 + choices.below(5), choices.below(8), choices.of(PROCESSES)
    if verb == "held":
        return verb, choices.of(("WriteFile", "ReadFile", "CloseHandle")), choices.of(CONTENTS)
    if verb == "happens":
        return verb, choices.of(HAPPENS), choices.of(MACHINES)
    return verb, choices.of(OTHERS if verb == "file" else OF_VSS if verb == "vss" else OF_ME)


class _Run:
    """A program on a simulation, and all that came of it."""

    def __init__(self, simulation: Simulation) -> None:
        self.simulation = simulation
        self.seen: list[Any] = []
        self.steps: list[Step] = []
        self.forks: list[Simulation] = []
        self.left_alone: list[tuple[Simulation, World, list[dict[str, Any]]]] = []
        self.kept = simulation.world
        self._held = ("h", "")
        self._backup, self._copy, self._async = "bc", "", ""

    def plain(self, name: str, path: str, content: str, more: int, machine: str | None, process: str) -> None:
        given: dict[str, Any] = {"lpFileName": path}
        if name == "WriteFile":
            given = {"content": content, **given} if more == 1 else {**given, "content": content}
        self._call(name, None, {**given, "offset": 0} if not more and name != "DeleteFile" else given, machine, process)

    def open(self, path: str, disposition: int, share: int, process: str) -> None:
        access = {"dwDesiredAccess": "GENERIC_READ|GENERIC_WRITE", "dwShareMode": share}
        given = {"lpFileName": path, "dwCreationDisposition": disposition, **access}
        out = self._call("CreateFile", None, given, None, process)
        self._held = (out.get("hFile", self._held[0]), process)

    def held(self, name: str, content: str) -> None:
        given = {"hFile": self._held[0], **({"content": content} if name == "WriteFile" else {})}
        self._call(name, None, given, None, self._held[1])

    def file(self, call: tuple[str, dict[str, Any]]) -> None:
        self._call(call[0], None, call[1])

    def happens(self, what: tuple[str, dict[str, Any]], machine: str | None) -> None:
        try:
            self.seen.append(self.simulation.happens(what[0], machine, **what[1]))
        except BadCall as error:
            self.seen.append(str(error))

    def vss(self, what: str) -> None:
        name, copy = "IVssBackupComponents::", {"SnapshotId": self._copy}
        if what == "begin":
            self._backup = self._call("CreateVssBackupComponents", None, {}).get("ppBackup", "")
            self._call(name + "InitializeForBackup", self._backup, {})
            self._call(name + "SetContext", self._backup, {"lContext": "VSS_CTX_NAS_ROLLBACK"})
            self._call(name + "StartSnapshotSet", self._backup, {})
            added = self._call(name + "AddToSnapshotSet", self._backup, {"pwszVolumeName": "P:\\"})
            self._copy = added.get("pidSnapshot", self._copy)
            return
        if what == "all that":
            for one in ("begin", "copy", "wait", "show"):
                self.vss(one)
        elif what == "copy":
            self._async = self._call(name + "DoSnapshotSet", self._backup, {}).get("ppAsync", self._async)
        elif what == "wait":
            self._call("IVssAsync::Wait", self._async, {})
        elif what == "revert":
            self._call(name + "RevertToSnapshot", self._backup, {**copy, "bForceDismount": True})
        elif what == "show":
            shown = {"wszPathFromRoot": None, "lAttributes": EXPOSED_LOCALLY, "wszExpose": "P:\\shown\\"}
            self._call(name + "ExposeSnapshot", self._backup, {**copy, **shown})
        elif what == "delete":
            given = {"SourceObjectId": self._copy, "eSourceObjectType": "VSS_OBJECT_SNAPSHOT", "bForceDelete": True}
            self._call(name + "DeleteSnapshots", self._backup, given)
        else:
            self._call("IUnknown::Release", self._backup, {})

    def me(self, what: str) -> None:
        if what == "forks":
            other = self.simulation.fork()
            self.left_alone.append((other, other.world, list(other.lines())))
        elif what == "is the fork":
            self.forks.append(self.simulation)
            self.simulation = self.simulation.fork()
            self.forks[-1].call("WriteFile", arguments={"lpFileName": "D:\\1", "content": "of another"})
        elif what == "keeps":
            self.kept = self.simulation.world
        elif what == "goes back":
            self.simulation.world = self.kept
        elif what == "looks":
            self.seen.append(self.simulation.world)
        elif self.steps:
            self.seen.append(self.steps[len(self.steps) // 2].world)

    def _call(self, name: str, on: str | None, given: dict[str, Any], machine: Any = None, process: str = "") -> Any:
        try:
            done = self.simulation.call(name, on, given, machine=machine, process=process)
        except (BadCall, NotSimulated) as error:
            self.seen.append(str(error))
            return {}
        self.steps.append(done)
        self.seen.append((done.answer, done.out, done.events, done.refusal))
        return done.out


class _Looking(Simulation):
    """Makes a world of each call at once."""

    __slots__ = ()

    def call(self, *call: Any, **more: Any) -> Step:
        done = super().call(*call, **more)
        assert self.world is not None
        return done


class _Anew(Simulation):
    """Forgets with each call on which desk the last one was made."""

    __slots__ = ()

    def call(self, *call: Any, **more: Any) -> Step:
        self.world = self.world
        return super().call(*call, **more)


class _NoShortWay(PlainFiles):
    __slots__ = ()

    def found(self, *_: Any) -> None:
        return None


class _Long(Simulation):
    """Goes no short way."""

    __slots__ = ()

    def plain_files(self) -> PlainFiles:
        return _NoShortWay(self.world)


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.lists(st.binary(min_size=STEP, max_size=STEP), min_size=30, max_size=50), st.sampled_from((3, 9, 1000)))
def test_it_makes_no_difference_who_looks_when(kind: str, program: list[bytes], most_changes: int) -> None:
    """Nor whether the short way is gone at all."""
    runs = [_Run(way(_described(kind))) for way in (Simulation, _Looking, _Long, _Anew)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(plain_files, "_MOST_CHANGES", most_changes)
        patch.setattr(disk, "_FEW", 1)
        patch.setattr(plain_files, "_MOST_PATHS", 2)
        for verb, *rest in map(_step, program):
            for run in runs:
                getattr(run, verb)(*rest)
        behind, *others = runs
        for other in others:
            assert behind.seen == other.seen
            assert [step.world for step in reversed(behind.steps)] == [step.world for step in reversed(other.steps)]
            for one, same in zip((behind.simulation, *behind.forks), (other.simulation, *other.forks), strict=True):
                assert one.world == same.world
                assert one.unreleased() == same.unreleased()
                assert json.dumps(list(one.lines())) == json.dumps(list(same.lines()))
        for fork, world, lines in behind.left_alone:
            assert fork.world == world
            assert list(fork.lines()) == lines


def _not_simulated() -> Any:
    raise NotSimulated("nobody knows")


@pytest.mark.parametrize("says", [_not_simulated, lambda: no(HResult.E_INVALIDARG, "ans-invalid-argument", "not that")])
def test_a_call_that_comes_to_nothing_leaves_nothing_behind(
    says: Callable[[], Answer], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever was worked out before that was seen: the next call is made on the world before it."""
    name, simulation = "IVssBackupComponents::InitializeForBackup", Simulation()
    backup = simulation.call("CreateVssBackupComponents").out["ppBackup"]
    before = simulation.world

    def fails(desk: Desk, obj: BackupObject, arguments: dict[str, Any]) -> tuple[BackupObject, Answer]:
        desk.put(backup, replace(obj, context=7))
        desk.new_id(1)
        return obj, says()

    with monkeypatch.context() as patch, suppress(NotSimulated):
        patch.setattr(entry(name), "body", fails)
        assert simulation.call(name, backup).answer == HResult.E_INVALIDARG
    assert simulation.world == before
    assert simulation.call(name, backup).world == step(before, Call(name, backup)).world
