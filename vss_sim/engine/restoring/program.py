"""The program that makes the calls: VSS by documented names, files and services by those of Win32.

It runs on whatever takes calls: a `Simulation`, which writes them down, or `OnAWorld`, which only goes on.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final, Protocol

from vss_sim.engine.answers import NOTHING, Refusal
from vss_sim.engine.desk import Step
from vss_sim.engine.failed_operations import why_failed
from vss_sim.engine.step import Call, step
from vss_sim.model.content import Content, Grown, bytes_of, in_json, of_json
from vss_sim.model.environment import expand, variables
from vss_sim.model.objects import Handle
from vss_sim.model.world import World
from vss_sim.spec.hresult import HResult
from vss_sim.spec.win32 import Win32Error

PIECE: Final = 1 << 17
"""So many bytes are read or written by one call: also where each takes six signs, the line of it is not too long."""
LONGEST: Final = 1 << 30
"""So many, if they grow from a seed and are only told of."""
BC: Final = "IVssBackupComponents::"
_DONE: Final = Win32Error.ERROR_SUCCESS


class Caller(Protocol):
    """What takes calls: the world of now, and a call that changes it."""

    world: World

    def call(
        self,
        name: str,
        on: Handle | None = None,
        arguments: Mapping[str, Any] = NOTHING,
        *,
        machine: str | None = None,
        process: str = "",
    ) -> Step:
        """Make a call; `world` is the one after it."""


class OnAWorld:
    """A world that calls are made on, without a record; documents go in and come out as values."""

    def __init__(self, world: World) -> None:
        self.world = world

    def call(
        self,
        name: str,
        on: Handle | None = None,
        arguments: Mapping[str, Any] = NOTHING,
        *,
        machine: str | None = None,
        process: str = "",
    ) -> Step:
        """Make a call."""
        done = step(self.world, Call(name, on, arguments, machine, process))
        self.world = done.world
        return done


class VssSaidNo(Exception):  # noqa: N818 - it says who
    """A call that the program cannot do without was refused, or its operation failed."""

    def __init__(self, name: str, answer: HResult, says: str) -> None:
        super().__init__(f"{name}: {says}")
        self.name: Final = name
        self.answer: Final = answer


class Program:
    """A requester on one machine; `events` is what it did that people want to hear of, in order."""

    def __init__(self, caller: Caller, machine: str | None = None, process: str = "") -> None:
        self.caller: Final = caller
        self.events: list[str] = []
        names = [one.name for one in caller.world.description.machines]
        self.index: Final = names.index(machine) if machine is not None else 0
        self.machine: Final = names[self.index]
        self.last_error: Win32Error = _DONE
        """What the last file or service call answered that failed."""
        self._told: Final = self.machine if self.index else None
        self._process: Final = process

    def ask(self, name: str, on: Handle | None = None, **arguments: Any) -> Mapping[str, Any]:
        """What a call hands out.

        Raises:
            VssSaidNo: it was refused.
        """
        done = self._call(name, on, arguments)
        answer = HResult.of(done.answer)
        if answer is None or answer.failed:
            answer = answer or HResult.E_UNEXPECTED
            raise VssSaidNo(name, answer, done.refusal.says if done.refusal is not None else answer.name)
        return done.out

    def release(self, handle: Handle) -> None:
        """Give an object up."""
        self._call("IUnknown::Release", handle, {})

    def wait(self, name: str, on: Handle) -> HResult:
        """Begin an operation, wait for it, and say what it came to."""
        return self._waited(name, on)[0]

    def _waited(self, name: str, on: Handle) -> tuple[HResult, Refusal | None]:
        """The same, and why it failed."""
        out = self.ask(name, on)
        operation = out.get("pAsync") or out["ppAsync"]
        self.ask("IVssAsync::Wait", operation, dwMilliseconds=0xFFFFFFFF)
        result = self.ask("IVssAsync::QueryStatus", operation)["pHrResult"]
        why = why_failed(self.caller.world, operation)
        self.release(operation)
        return HResult[result.name] if isinstance(result, HResult) else HResult[result], why

    def finish(self, name: str, on: Handle) -> None:
        """The same for an operation that has to succeed.

        Raises:
            VssSaidNo: it failed.
        """
        result, why = self._waited(name, on)
        if result.failed:
            raise VssSaidNo(name, result, f"{result.name}: {why.because if why is not None else result.meaning}")

    def expanded(self, path: str) -> str:
        """A path with the environment variables of the machine replaced."""
        return expand(path, variables(self.caller.world.machine(self.index).environment))

    def win(self, call: str, **arguments: Any) -> tuple[Win32Error, Mapping[str, Any]]:
        """A file or service call: its answer, and what it gives."""
        done = self._call(call, None, arguments)
        assert isinstance(done.answer, Win32Error)  # noqa: S101 - of a file or service call
        if done.answer is not _DONE:
            self.last_error = done.answer
        return done.answer, done.out

    def does(self, call: str, **arguments: Any) -> bool:
        """A file or service call, and whether it succeeded."""
        return self.win(call, **arguments)[0] is _DONE

    def size_of(self, handle: str) -> int:
        """How long an open file is, in bytes."""
        return int(self.win("GetFileSizeEx", hFile=handle)[1]["lpFileSize"])

    def _call(self, name: str, on: Handle | None, arguments: Mapping[str, Any]) -> Step:
        machine = self._told if on is None else None
        return self.caller.call(name, on, arguments, machine=machine, process=self._process)


def content(data: Content) -> dict[str, Any]:
    """What WriteFile takes: bytes as text where they are UTF-8, else in base64; what grows from a seed by that."""
    if isinstance(data, Grown):
        told = {"size": data.size, "seed": data.seed, "start": data.start}
        return {"contentGrown": {key: told[key] for key in told if told[key] is not None}}
    return in_json(bytes_of(data))


def data_of(out: Mapping[str, Any]) -> bytes | Grown:
    """The bytes that ReadFile gave, or told of."""
    if "contentGrown" in out:
        return Grown(**out["contentGrown"])
    return of_json(out)


def folder_of(path: str) -> str:
    """The folder that a path lies in, without its last backslash; empty where it is a root."""
    return path.rstrip("\\").rpartition("\\")[0]


def listing(program: Program, folder: str, pattern: str = "*") -> Iterator[Mapping[str, Any]]:
    """What is in a folder and covered by a pattern, entry by entry; nothing where there is no such folder."""
    code, out = program.win("FindFirstFile", lpFileName=folder.rstrip("\\") + "\\" + pattern)
    if code is not _DONE:
        return
    found = out["hFindFile"]
    while code is _DONE:
        yield out["lpFindFileData"]
        code, out = program.win("FindNextFile", hFindFile=found)
    program.does("FindClose", hFindFile=found)
