"""How much memory the world of one conversation may take: it is weighed now and then, and full when it is too heavy."""

from collections.abc import Mapping
from enum import Enum
from sys import getsizeof
from typing import Any, Final

import msgspec

from vss_sim.model.world import World

ROOM: Final = 32 << 20
"""So many bytes may a world have come to, its description included."""

_LIGHT: Final = 1 << 16
_MOST_CALLS: Final = 500
_MOST_BYTES: Final = 1 << 20


def weigh(value: object, known: set[int]) -> int:
    """The bytes of all that `value` holds and `known` has not; `known` has the ids of it afterwards."""
    weight = 0
    stack: list[Any] = [value]
    while stack:
        one = stack.pop()
        if id(one) in known or isinstance(one, Enum):
            continue
        known.add(id(one))
        weight += getsizeof(one)
        if isinstance(one, msgspec.Struct):
            stack.extend(getattr(one, field) for field in one.__struct_fields__)
        elif isinstance(one, Mapping):
            stack.extend(one.keys())
            stack.extend(one.values())
        elif isinstance(one, (tuple, list, set, frozenset)):
            stack.extend(one)
    return weight


class Room:
    """Whether there is room for another call.

    A call adds at most about what its line and the world weigh, so the world is weighed anew after so many calls or
    bytes that it cannot have grown far beyond `ROOM` unseen.
    """

    __slots__ = ("_bytes", "_calls", "_description", "_known", "_weight")

    def __init__(self, world: World) -> None:
        self._known: set[int] = set()
        self._description = weigh(world.description, self._known)
        self._weight = 0
        self.weigh(world)

    @property
    def full(self) -> bool:
        """Whether the world was too heavy when it was last weighed."""
        return self._weight > ROOM

    def grown(self, world: World, size: int) -> None:
        """A call by a line of `size` bytes was made."""
        self._calls -= 1
        self._bytes -= size
        if self._calls <= 0 or self._bytes <= 0:
            self.weigh(world)

    def weigh(self, world: World) -> None:
        """Weigh the world."""
        self._weight = self._description + weigh(world, self._known.copy())
        left = ROOM - self._weight
        self._calls = min(left // max(self._weight, _LIGHT), _MOST_CALLS)
        self._bytes = _MOST_BYTES
