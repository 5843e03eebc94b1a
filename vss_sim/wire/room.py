"""How much memory the world of one conversation may take: it is weighed now and then, and full when it is too heavy."""

from collections.abc import Mapping
from typing import Any, Final

from vss_sim.model.disk import Entry
from vss_sim.model.disks import Listing
from vss_sim.model.objects import ListObject
from vss_sim.model.weight import weigh
from vss_sim.model.world import World

ROOM: Final = 32 << 20
"""So many bytes may a world have come to, its description included."""

_PER_CALL: Final = 4096
_PER_BYTE: Final = 8


def _list_of(world: World, handle: str) -> ListObject | tuple[Entry, ...] | None:
    """What a list lists that a call handed out."""
    made = world.objects.get(handle)
    if type(made) is ListObject:
        return made
    listings = (machine.disks.handles.get(handle) for machine in world.machines)
    return next((one.entries for one in listings if isinstance(one, Listing)), None)


class Room:
    """Whether there is room for another call.

    What a call may add at most is known: some bytes, a multiple of its line, a value for each thing that is described
    but files, and the lists that it hands out. Disks weigh what calls add to those of the description. When calls may
    have added an eighth of the room, or a fourth of what was there, the world is weighed anew: it is never far beyond
    `ROOM`, and a call costs next to nothing for it.
    """

    __slots__ = ("_at_most", "_began", "_described", "_description", "_left", "_weight")

    def __init__(self, world: World) -> None:
        self._description, described = weigh(world.description)
        files = [volume.files for machine in world.description.machines for volume in machine.volumes]
        self._at_most = _PER_CALL + self._description - weigh(files)[0]
        self._began = world.machines
        self._described = described | weigh(self._began, described)[1]
        self._weight = 0
        self._left = 0
        self._weigh(world)

    @property
    def full(self) -> bool:
        """Whether the world was too heavy when it was last weighed."""
        return self._weight > ROOM

    def grown(self, world: World, size: int, results: Mapping[str, Any]) -> None:
        """A call by a line of `size` bytes was made, and handed out `results`."""
        self._left -= self._at_most + _PER_BYTE * size
        for value in results.values():
            made = _list_of(world, value) if type(value) is str else None
            if made is not None:
                self._left -= weigh(made)[0]
        if self._left < 0 or self.full:
            self._weigh(world)

    def _weigh(self, world: World) -> None:
        self._weight = self._description + weigh(world, self._described)[0]
        self._left = max(ROOM >> 3, self._weight >> 2)
