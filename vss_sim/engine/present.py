"""The world of now in the hand of somebody who makes calls and goes on in the world after each.

Calls on plain files go the short way (`plain_files`), which makes no world before somebody looks at `world`: then it
has all that they did, and is a value like any other.
"""

import gc
from collections.abc import Mapping
from typing import Any

from vss_sim.engine.desk import Desk
from vss_sim.engine.file_calls import FILE_CALLS, make_file_call
from vss_sim.engine.inputs import Arguments, BadCall
from vss_sim.engine.plain_files import SUCCESS, Moment, PlainFiles
from vss_sim.model.world import World
from vss_sim.spec.win32 import Win32Error


class Present:
    """The world of now, in which a desk lies; calls on plain files wait to come into it until somebody looks."""

    __slots__ = ("_desk", "_files")

    def __init__(self, world: World) -> None:
        self._desk = Desk(world)
        self._files: PlainFiles | None = None

    @property
    def world(self) -> World:
        """The present world. A world is a value, so keep it to come back to it."""
        if self._files is not None:
            self.settle(self._files)
        return self._desk.world

    @world.setter
    def world(self, world: World) -> None:
        self._desk.lie_in(world)
        self._files = None

    def plain_files(self) -> PlainFiles:
        """What takes calls on plain files from now on."""
        if self._files is None:
            self._files = PlainFiles(self._desk.world)
        return self._files

    def settle(self, files: PlainFiles) -> None:
        """Bring what calls on plain files did into the world.

        Meanwhile the garbage collector rests: it would look through all maps that are new, which are as many as go with
        the world before, and find nothing; that would cost more than to make them.
        """
        collects = gc.isenabled()
        gc.disable()
        try:
            self._desk.lie_in(files.world())
        finally:
            if collects:
                gc.enable()

    def file_call(
        self, name: str, given: Arguments, machine: str | None, process: str
    ) -> tuple[World | Moment, Win32Error, Mapping[str, Any]]:
        """Make a file or service call: the world after it or its moment, the answer, what it hands out.

        Raises:
            BadCall: no program could make this call.
            NotSimulated: the simulator does not know what becomes of it.
        """
        short = FILE_CALLS[name].short
        if short is not None:
            files = self._files or self.plain_files()
            out = files.call(short, given, 0 if machine is None else machine_index(self._desk.world, machine))
            if out is not None:
                now = files.now
                if files.is_full:
                    self.settle(files)
                return now, SUCCESS, out
        return self.long_file_call(name, given, machine, process)

    def long_file_call(
        self, name: str, given: Arguments, machine: str | None, process: str
    ) -> tuple[World, Win32Error, Mapping[str, Any]]:
        """The same for one for which the short way is not."""
        world = self.world
        index = 0 if machine is None else machine_index(world, machine)
        after, code, out = make_file_call(world, name, given, index, process)
        if after is not world:
            self.world = after
        return after, code, out


def machine_index(world: World, name: str | None) -> int:
    """The place of a machine of this name (None: of the first)."""
    for place, machine in enumerate(world.description.machines):
        if name in (None, machine.name):
            return place
    raise BadCall(f"there is no machine {name!r}; there are {[machine.name for machine in world.description.machines]}")
