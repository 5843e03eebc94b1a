"""The world of now in the hand of somebody who makes calls and goes on in the world after each.

Calls on plain files go the short way (`plain_files`), which makes no world before somebody looks at `world`: then it
has all that they did, and is a value like any other.
"""

import gc
from collections.abc import Mapping
from typing import Any

from vss_sim.engine.desk import Desk
from vss_sim.engine.file_calls import make_file_call
from vss_sim.engine.inputs import Arguments, no_machine
from vss_sim.engine.plain_files import Moment, PlainFiles
from vss_sim.model.world import World
from vss_sim.spec.win32 import Win32Error


class Present:
    """The world of now, in which a desk lies; calls on plain files wait to come into it until somebody looks."""

    __slots__ = ("_desk", "_files", "_rests")

    def __init__(self, world: World) -> None:
        self._desk = Desk(world)
        self._files: PlainFiles | None = None
        self._rests = False
        """Whether the garbage collector has to be woken."""

    @property
    def world(self) -> World:
        """The present world. A world is a value, so keep it to come back to it."""
        if self._files is not None:
            self.settle(self._files)
        return self._desk.world

    @world.setter
    def world(self, world: World) -> None:
        desk, files = self._desk, self._files
        is_another = world.description is not desk.world.description
        try:
            self._desk, self._files = Desk(world), None
            if is_another:
                self.look_around(world)
        except BaseException:  # interrupted in between, it would be in one world and have looked around in another
            self._desk, self._files = desk, files
            if is_another:
                self.look_around(desk.world)
            raise

    def go_back(self, moment: World | Moment) -> None:
        """Be in a moment of before again, whatever was being done when an exception came.

        The desk may have been left lying in two worlds, so another one is laid.
        """
        self._desk = Desk(moment if isinstance(moment, World) else moment.world())
        self._files = None
        if self._rests:
            self._wake()

    def look_around(self, world: World) -> None:
        """The world is of another description: what was asked of that once is asked again."""

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
        self._rests = self._rests or gc.isenabled()
        try:
            gc.disable()
            self._desk.lie_in(files.world())
        finally:
            if self._rests:
                self._wake()

    def _wake(self) -> None:
        gc.enable()
        self._rests = False

    def long_file_call(
        self, name: str, given: Arguments, machine: str | None, process: str
    ) -> tuple[World, Win32Error, Mapping[str, Any]]:
        """Make a file or service call for which the short way is not: the world after it, the answer, results.

        Raises:
            BadCall: no program could make this call.
            NotSimulated: the simulator does not know what becomes of it.
        """
        world = self.world
        after, code, out = make_file_call(world, name, given, machine_index(world, machine), process)
        if after is not world:
            self.world = after
        return after, code, out


def machine_index(world: World, name: str | None) -> int:
    """The place of a machine of this name (None: of the first)."""
    for place, machine in enumerate(world.description.machines):
        if name in (None, machine.name):
            return place
    raise no_machine(name, (machine.name for machine in world.description.machines))
