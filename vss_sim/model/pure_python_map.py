"""The map of `pyrsistent` as `vss_sim.model.maps` needs it, for a Python that `immutables` has no build for."""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from pyrsistent import PMap, pmap

K = TypeVar("K")
V = TypeVar("V")


class PurePythonMap(Mapping[K, V], Generic[K, V]):
    """A map of `pyrsistent` under the names that `immutables` gives to its methods."""

    __slots__ = ("_held",)

    def __init__(self, held: Mapping[K, V] | None = None) -> None:
        self._held: PMap[K, V] = pmap(held or {})

    def __getitem__(self, key: K) -> V:
        return self._held[key]

    def __contains__(self, key: object) -> bool:
        return key in self._held

    def __iter__(self) -> Iterator[K]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PurePythonMap) and self._held == other._held

    def __hash__(self) -> int:
        return hash(self._held)

    def __repr__(self) -> str:
        return f"Map({dict(self._held)!r})"

    def set(self, key: K, value: V) -> "PurePythonMap[K, V]":
        """A map with this value as well, or instead."""
        return self._holding(self._held.set(key, value))

    def update(self, more: Mapping[K, V]) -> "PurePythonMap[K, V]":
        """A map with these values as well, or instead."""
        return self._holding(self._held.update(more))

    def delete(self, key: K) -> "PurePythonMap[K, V]":
        """A map without this key.

        Raises:
            KeyError: it is not there.
        """
        return self._holding(self._held.remove(key))

    @staticmethod
    def _holding(held: PMap[K, V]) -> "PurePythonMap[K, V]":
        made: PurePythonMap[K, V] = PurePythonMap.__new__(PurePythonMap)
        made._held = held
        return made
