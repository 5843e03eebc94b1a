"""What all objects of the Python interface have in common: a handle in a simulation, references, how they answer."""

from collections.abc import Mapping
from contextlib import suppress
from copy import copy
from types import TracebackType
from typing import Any, NamedTuple, Self

from vss_sim.engine.answers import NOTHING
from vss_sim.engine.desk import Step
from vss_sim.engine.inputs import Gone
from vss_sim.model.objects import Handle
from vss_sim.requester.errors import VssError
from vss_sim.requester.simulation import Simulation


class Origin(NamedTuple):
    """Where an object lives: its simulation, and the machine and process of which its calls are made."""

    simulation: Simulation
    machine: str | None = None
    process: str = ""


class Interface:
    """An object of VSS. It lives until its last reference is released, as on Windows; a `with` block releases it.

    Nothing releases an object that is merely forgotten: what it holds stays held.
    """

    __slots__ = ("handle", "origin")

    def __init__(self, origin: Origin, handle: Handle) -> None:
        """The object that `handle` names."""
        self.origin = origin
        self.handle = handle

    def add_ref(self) -> int:
        """One more reference.

        Returns:
            How many there are.

        Raises:
            BadCall: the object was released.

        `IUnknown::AddRef`: https://learn.microsoft.com/windows/win32/api/unknwn/nf-unknwn-iunknown-addref
        """
        return self._call("IUnknown::AddRef").answer

    def release(self) -> int:
        """Give a reference up; with the last one the object goes.

        Returns:
            How many are left.

        Raises:
            BadCall: the object was released before.

        `IUnknown::Release`: https://learn.microsoft.com/windows/win32/api/unknwn/nf-unknwn-iunknown-release
        """
        return self._call("IUnknown::Release").answer

    def in_fork(self, fork: Simulation) -> Self:
        """The same object as it is in a fork of its simulation: its calls are made there.

        Args:
            fork: what `Simulation.fork` gave, or a copy.

        Returns:
            An object of the same handle, machine and process; this one stays where it is.

        Raises:
            TypeError: `fork` is no simulation.
        """
        if not isinstance(fork, Simulation):
            raise TypeError(f"fork is {fork!r:.60}; expected a Simulation")
        there = copy(self)
        there.origin = self.origin._replace(simulation=fork)
        return there

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release it, if it is there still: it may have been released, or gone with its process."""
        with suppress(Gone):
            self.release()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.handle}>"

    def _call(self, name: str, arguments: Mapping[str, Any] = NOTHING) -> Step:
        """Make a call on this object; a failing answer is raised."""
        origin = self.origin
        done = origin.simulation.call(name, self.handle, arguments, machine=origin.machine, process=origin.process)
        if done.refusal is not None:
            raise VssError(done.refusal, done.out)
        return done


def make_call(origin: Origin, name: str, arguments: Mapping[str, Any] = NOTHING) -> Step:
    """Call a function; a failing answer is raised.

    Raises:
        TypeError: the simulation is none, or the machine or process is no text.
    """
    if not isinstance(origin.simulation, Simulation):
        raise TypeError(f"simulation is {origin.simulation!r:.60}; expected a Simulation")
    for name_of, value in (("machine", origin.machine), ("process", origin.process)):
        if not isinstance(value, str) and (value is not None or name_of == "process"):
            raise TypeError(f"{name_of} is {value!r:.60}; expected a text")
    done = origin.simulation.call(name, None, arguments, machine=origin.machine, process=origin.process)
    if done.refusal is not None:
        raise VssError(done.refusal, done.out)
    return done
