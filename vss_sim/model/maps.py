"""A map that is a value: to change it is to make another, which shares what stays.

`immutables` has it, compiled. Where that is not installed, having no build for this Python yet, a dictionary that is
copied at each change does the same, slower.
"""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Generic, TypeVar

K = TypeVar("K")
V = TypeVar("V")


class CopiedMap(Mapping[K, V], Generic[K, V]):
    """A dictionary that is copied at a change."""

    __slots__ = ("_held",)

    def __init__(self, held: Mapping[K, V] | None = None) -> None:
        self._held: dict[K, V] = dict(held or {})

    def __getitem__(self, key: K) -> V:
        return self._held[key]

    def __iter__(self) -> Iterator[K]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, CopiedMap) and self._held == other._held

    def __hash__(self) -> int:
        return hash(frozenset(self._held.items()))

    def set(self, key: K, value: V) -> "CopiedMap[K, V]":
        """A map with this value as well, or instead."""
        return CopiedMap({**self._held, key: value})

    def delete(self, key: K) -> "CopiedMap[K, V]":
        """A map without this key.

        Raises:
            KeyError: it is not there.
        """
        left: dict[Any, Any] = dict(self._held)
        del left[key]
        return CopiedMap(left)


if TYPE_CHECKING:
    Map = CopiedMap
else:
    try:
        from immutables import Map
    except ImportError:
        Map = CopiedMap

__all__ = ["CopiedMap", "Map"]
