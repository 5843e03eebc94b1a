"""What calls came to before: a simulation that goes the way of an earlier one need not work out again what follows.

A world is a value and a step is pure, so the same call from the same world comes to the same. From each beginning leads
a tree of the calls that simulations made one after the other, and of what happened between them; whoever makes the same
calls walks along it: tests do, each of which begins with the calls that all of them begin with. Who leaves it by a call
that nobody made from there goes on as if there were none; who leaves it by the same call after him grows a branch, of
all calls that he makes.
"""

from collections.abc import Container, Iterable
from enum import Enum
from operator import is_
from typing import Any, Final

import msgspec

from vss_sim.engine.answers import NOTHING
from vss_sim.engine.desk import Step
from vss_sim.model.computer import Description
from vss_sim.model.weight import added, weigh
from vss_sim.model.world import World, new_world
from vss_sim.requester.record import WIDTH, Place
from vss_sim.spec.table import Profile

LONGEST: Final = 256
"""Calls of one simulation that are remembered: few others come as far on the same way."""
MOST: Final = 4096
"""Calls that are remembered, less one for so many bytes of what they are about, of what they brought into the world, or
of a description; then all are forgotten. Most that was met is thirty megabytes."""
LARGEST: Final = 1 << 16
"""Bytes of a description from which ways lead, and of what a call is about that is remembered."""

Key = tuple[Any, ...]
"""The types of a call's arguments, since 1, True and 1.0 are not the same; its name, object, machine and process; the
names of its arguments, and what they are. Of what happens to a machine: its name, the machine, and three that no call
has there."""
_BESIDE: Final = 4
"""Parts of a key beside those three of each argument."""
_TO_THE_CALL: Final = 1024
"""Bytes of what a call is about, and of why it was refused, that take as much memory as a call."""
_OF_A_WORLD: Final = 256
"""Bytes of a description whose world does."""
_IN_THE_WORLD: Final = 4096
"""Bytes that a call brings into the world and the record that take as much memory as a call; less comes with each."""
_MUCH: Final = 2 * _IN_THE_WORLD
"""So many of them are worth a look at what was there before."""
_WEIGHED: Final = 16
"""One of so many calls is weighed, by lot, and counts for all of them: to weigh takes as long as to call."""
_GOLDEN_SECTION: Final = (5**0.5 - 1) / 2


class Texts(tuple[str, ...]):
    """A list of texts as it can be looked up: ids of writers, say."""

    __slots__ = ()


class Came(msgspec.Struct, frozen=True, gc=False):
    """What a call came to: what it added to the record, where and when it was made, where it leads, and the step."""

    entries: tuple[Any, ...]
    place: Place
    after: "Known"
    done: Step
    nests: bool
    """Whether lists or structures stand in the results."""

    def step(self) -> Step:
        """The step, with results that are nobody else's, so that the caller may change them."""
        done = self.done
        if not done.out:
            return done
        out = _own(done.out) if self.nests else {**done.out}
        return Step(done.after, done.answer, out, done.events, done.refusal, done.passed)


class Known(msgspec.Struct, eq=False):
    """A world on a way, so many calls after its beginning, and the calls that were made from it."""

    world: World
    depth: int = 0
    calls: dict[Key, Came | None] = msgspec.field(default_factory=dict)
    """None: by this call one simulation left the way."""


def with_lists(key: Key) -> Key | None:
    """The key of a call to which lists of texts are given; None where something else cannot be looked up."""
    first = len(key) - (len(key) - _BESIDE) // 3
    values = [Texts(value) if _lists_texts(value) else value for value in key[first:]]
    try:
        found = (*key[:first], *values)
        hash(found)
    except TypeError:
        return None
    return found


def _lists_texts(value: object) -> bool:
    return type(value) is list and all(type(one) is str for one in value)


class _Memory:
    """The beginnings of all ways, and how much is remembered."""

    def __init__(self) -> None:
        self._beginnings: dict[tuple[bytes, Profile], tuple[Known, int] | None] = {}
        """A description as bytes → where its ways begin, and a sum of its own one's bytes."""
        self._left = MOST
        self._large: Description | None = None
        """The last one that was too large: to find that out takes many times as long as to make its world."""
        self._lot = 0.0
        """Goes on by the golden section, with which no loop of a program keeps step."""
        self._looked_through: tuple[World | None, Container[int]] = (None, ())
        """A world on the last way that was looked through, and the ids of all that is in it."""

    def forget(self) -> None:
        """Whatever was remembered; simulations that are on a way go on along it, and others begin anew."""
        self._beginnings = {}
        self._left = MOST
        self._large = None
        self._looked_through = (None, ())

    def beginning(self, description: Description, profile: Profile) -> Known | None:
        """Where the ways from a fresh world begin; None where none are remembered, and for the first that begins there.

        A program that makes one simulation pays nothing for those that do not come.
        """
        if description is self._large:
            return None
        written = _written(description)
        if written is None:
            self._large = description
            return None
        beginning, beginnings = (written, profile), self._beginnings  # another thread may forget them meanwhile
        if beginning not in beginnings:
            beginnings[beginning] = None
            self._spend(1 + len(written) // _TO_THE_CALL)
            return None
        found = beginnings[beginning]
        if found is None or hash(_written(found[0].world.description)) != found[1]:  # somebody changed it meanwhile
            own = _own(description)
            found = beginnings[beginning] = Known(new_world(own, profile)), hash(_written(own))
            self._spend(len(written) // _OF_A_WORLD)
        return found[0]

    def learn(
        self, known: Known, key: Key, done: Step, world: World, entries: tuple[Any, ...], place: Place
    ) -> Known | None:
        """A call was made that is not known from there, and led to a world: its place, if it is remembered."""
        out, given = done.out, (len(key) - _BESIDE) // 3
        nests = bool(out) and not _are_plain(out.values())
        if known.depth >= LONGEST or not _are_plain(key) or (nests and not _is_own(out)):
            return None
        if not {*map(type, key[given : len(key) - given])} <= _TEXT:  # what is like a text may be told otherwise
            return None
        told = done.refusal.words if done.refusal is not None else ""
        written = _written((key[given:], out, told))
        if written is None:
            return None
        self._spend(1 + len(written) // _TO_THE_CALL)
        self._lot = (self._lot + _GOLDEN_SECTION) % 1
        if self._lot * _WEIGHED < 1:
            self._spend(self._brought(known.world, world, entries) // _IN_THE_WORLD * _WEIGHED)
        if known.calls and key not in known.calls:
            known.calls[key] = None
            return None
        if out is not NOTHING:
            results = _own(out) if out else NOTHING
            done = Step(done.after, done.answer, results, done.events, done.refusal, done.passed)
        after = Known(world, known.depth + 1)
        known.calls[key] = Came(entries, place, after, done, nests)
        return after

    def _brought(self, before: World, world: World, entries: tuple[Any, ...]) -> int:
        """How many bytes at most a call brought into the world and the record: if few, as they come with each call.

        What is only handed on of what was in the world takes nothing.
        """
        told = entries if len(entries) > WIDTH else ()
        brought = added((world, told), (before, ()), enough=_MUCH)
        if brought < _MUCH:
            return brought
        looked_through, known = self._looked_through
        if looked_through is None or looked_through.description is not world.description:
            _, known = weigh(before)
            self._looked_through = (before, known)
        return added((world, told), (before, ()), known)

    def _spend(self, calls: int) -> None:
        self._left -= calls
        if self._left < 0:
            self.forget()


def _written(value: object) -> bytes | None:
    """A description, or what a call is about, as bytes; None where it is too much, or not such as a file may have."""
    try:
        written = msgspec.msgpack.encode(value)
    except (TypeError, ValueError, OverflowError, RecursionError):
        return None
    return written if len(written) <= LARGEST else None


_TEXT: Final = {str, type(None)}
_plain: Final = {str, int, bool, type(None), type, Texts}
"""The types met so far whose values never change and hold nothing else."""


def _are_plain(values: Iterable[object]) -> bool:
    """Whether all of them are texts, numbers, members of enumerations, types or None."""
    kinds = {*map(type, values)}
    return kinds <= _plain or all(map(_becomes_plain, kinds - _plain))


def _becomes_plain(kind: type) -> bool:
    if not issubclass(kind, (Enum, type)):
        return False
    _plain.add(kind)
    return True


def _is_own(value: object) -> bool:
    """Whether it is plain, or made of nothing but lists and structures of what is."""
    if isinstance(value, dict):
        return all(map(_is_own, value.values()))
    return all(map(_is_own, value)) if isinstance(value, list) else _are_plain((value,))


def _own(value: Any) -> Any:
    """The same value, whose lists and structures are nobody else's; what has none in it stays what it is."""
    if isinstance(value, dict):
        return {key: _own(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_own(inner) for inner in value]
    if type(value) is tuple:
        row = tuple(map(_own, value))
        return value if all(map(is_, row, value)) else row
    if isinstance(value, msgspec.Struct):
        fields = {field: getattr(value, field) for field in value.__struct_fields__}
        owned = {field: own for field, inner in fields.items() if (own := _own(inner)) is not inner}
        return msgspec.structs.replace(value, **owned) if owned else value
    return value


MEMORY: Final = _Memory()
"""That of this process."""
