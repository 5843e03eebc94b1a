"""Where choices come from: hypothesis, which shrinks them, or anything else that gives numbers, such as a seed.

The worlds are drawn by one code, whoever chooses. The first choice is always the plainest, so that a source that gives
nothing but zeros draws the plainest world, and hypothesis shrinks towards it.
"""

from collections.abc import Sequence
from random import Random
from typing import Protocol, TypeVar

T = TypeVar("T")


class Source(Protocol):
    """What chooses."""

    def below(self, limit: int) -> int:
        """A number from 0 up to `limit`, without it."""


class Seeded:
    """A source that makes the same choices for the same seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)  # noqa: S311 - nothing secret comes of it

    def below(self, limit: int) -> int:
        """A number from 0 up to `limit`, without it."""
        return self._random.randrange(limit)


def one_of(source: Source, things: Sequence[T]) -> T:
    """One of the things; the first is the plainest."""
    return things[source.below(len(things))]


def once_in(source: Source, times: int) -> bool:
    """True once in so many times."""
    return source.below(times) == times - 1


def some_of(source: Source, things: Sequence[T], most: int) -> tuple[T, ...]:
    """Up to so many of the things, each once, in their order."""
    left = list(range(len(things)))
    chosen = sorted(left.pop(source.below(len(left))) for _ in range(source.below(min(most, len(things)) + 1)))
    return tuple(things[place] for place in chosen)
