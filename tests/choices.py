"""Choices that a row of bytes makes: random bytes make any, hypothesis shrinks them, and no byte left is the first."""

from collections.abc import Sequence
from random import Random
from typing import Final, TypeVar

T = TypeVar("T")

STEP: Final = 12
"""The bytes of one step; a step that asks for more gets zeros."""
WORLD: Final = 400
"""The bytes of a world."""
_ONE_BYTE: Final = 32


class Choices:
    """A row of bytes read choice by choice."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def _byte(self) -> int:
        self._at += 1
        return self._data[self._at - 1] if self._at <= len(self._data) else 0

    def below(self, limit: int) -> int:
        """A number from 0 up to `limit`, without it."""
        if limit <= 1:
            return 0
        number = self._byte() if limit <= _ONE_BYTE else self._byte() << 8 | self._byte()
        return number % limit

    def of(self, things: Sequence[T]) -> T:
        """One of the things."""
        return things[self.below(len(things))]

    def once_in(self, times: int) -> bool:
        """True once in so many times; never where no bytes are left."""
        return self.below(times) == times - 1

    def some_of(self, things: Sequence[T]) -> tuple[T, ...]:
        """Each of the things, or not."""
        return tuple(thing for thing in things if self.below(2))


def programs(seed: int, length: int) -> tuple[bytes, list[bytes]]:
    """A world and a program of so many steps, the same for the same seed."""
    random = Random(seed)
    return random.randbytes(WORLD), [random.randbytes(STEP) for _ in range(length)]
