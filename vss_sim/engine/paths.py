"""The shortest legal way from one state to another, found by searching the protocol table.

A step is a call that is allowed for certain, without a warning, and that changes something; an asynchronous call is
followed by `IVssAsync::Wait`. Where the object cannot get there any more, the way leads over giving it up and making a
new one. Where the way leads on only with one value of an argument, the step tells it:
`IVssBackupComponents::InitializeForBackup(bstrXML: the document that was saved after DoSnapshotSet)`; the default of an
argument is not told.
"""

from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Final, NamedTuple

from vss_sim.engine.ruling import Certainty, after_success, holds, is_plain, put, rule_on
from vss_sim.spec.methods import CREATE
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.common import COPIES_HELD, MILESTONES, NEW, OVER, RELEASED
from vss_sim.spec.state import MACHINE_MASK, START, Context, Machine, machines_in
from vss_sim.spec.table import Bond, Method, Need, Profile, Thing

WAIT: Final = "IVssAsync::Wait"
RELEASE: Final = "IUnknown::Release"
_NO_DETOUR: Final = frozenset({"Release", "SetContext"})
"""Calls that no way leads over: they end the object, or change what it is about."""

_LIMIT: Final = 20_000
"""So many states are looked at before the search gives up; the longest real way needs far fewer."""

_WAYS: Final = 4096

Goal = Callable[[int], bool]

_COMPONENTS: Final = (Thing.COMPONENT, Thing.WRITER_COMPONENTS)
"""What a new object's document has not."""


class Move(NamedTuple):
    """A call on the way: of a method in the way named `choice`, or the wait for the operation that it began."""

    method: str
    choice: str | None = None
    waits: bool = False

    def after(self, state: int) -> int:
        """What holds then."""
        operation = METHODS[self.method].operation
        if self.waits and operation:
            return put(state, operation.finished)
        return after_success(self.method, state, self.choice)


Moves = tuple[Move, ...]


@lru_cache(maxsize=_WAYS)
def _steps(state: int, profile: Profile, names: tuple[str, ...]) -> tuple[tuple[Moves, int], ...]:
    """Every certain step from `state` by a call of `names`: the calls it takes, and what holds then."""
    return (*_ends(state, names), *_generate(state, profile, names))


def _ends(state: int, names: tuple[str, ...]) -> Iterator[tuple[Moves, int]]:
    """To wait for an operation that is under way, begun by one of `names`."""
    for name in names:
        operation = METHODS[name].operation
        if operation and operation.pending and holds(state, operation.pending) is Certainty.YES:
            wait = Move(name, waits=True)
            yield (wait,), wait.after(state)


def _generate(state: int, profile: Profile, names: tuple[str, ...]) -> Iterator[tuple[Moves, int]]:
    for name in names:
        if not is_plain(name, state, profile):
            continue
        method = METHODS[name]
        for choice in method.ways:
            moves: Moves = (Move(name, choice),)
            then = moves[0].after(state)
            if method.operation:
                moves = (*moves, Move(name, waits=True))
                then = moves[1].after(then)
            if then != state:
                yield moves, then


def _in_words(moves: Moves, state: int, goal: Goal, profile: Profile) -> tuple[str, ...]:
    """The calls from `state` to the goal, each with the argument without which it would not lead there."""
    told = []
    for at, move in enumerate(moves):
        method = METHODS[move.method]
        others = [Move(move.method, choice) for choice in method.ways if choice != move.choice and not move.waits]
        decides = not all(_leads((*moves[:at], other, *moves[at + 1 :]), state, goal, profile) for other in others)
        told.append(WAIT if move.waits else method.asked(move.choice) if decides or not others else method.full_name)
    return tuple(told)


def _leads(moves: Moves, state: int, goal: Goal, profile: Profile) -> bool:
    for move in moves:
        if not (move.waits or is_plain(move.method, state, profile)):
            return False
        state = move.after(state)
    return goal(state)


@cache
def _helpful(machines: frozenset[Machine]) -> tuple[str, ...]:
    """The methods that may help to change these machines: those that do, what these need, and so on."""
    helpful: dict[str, None] = {}
    while True:
        more = [
            name
            for name, method in METHODS.items()
            if name not in helpful and name not in _NO_DETOUR and machines.intersection(machines_in(method.changes))
        ]
        if not more:
            return tuple(name for name in METHODS if name in helpful)
        helpful.update(dict.fromkeys(more))
        machines = machines.union(*(_looks_at(METHODS[name]) for name in more))


def _looks_at(method: Method) -> frozenset[Machine]:
    return frozenset(machine for need in method.needs for machine in machines_in(need.machines))


def _search(
    state: int, goal: Goal, profile: Profile, machines: frozenset[Machine], also: tuple[str, ...] = ()
) -> tuple[Moves, int] | None:
    """The calls to the goal, and the state there; of ways of as many steps, the one without waiting.

    `also` are calls that no way leads over otherwise.
    """
    names = (*_helpful(machines), *also)
    seen = {state}
    level: list[tuple[int, Moves]] = [(state, ())]
    while level and len(seen) < _LIMIT:
        there = [(path, here) for here, path in level if goal(here)]
        if there:
            return min(there, key=lambda way: len(way[0]))
        onward = []
        for here, path in level:
            for moves, then in _steps(here, profile, names):
                if then not in seen:
                    seen.add(then)
                    onward.append((then, path + moves))
        level = onward
    return None


def _goal_of(name: str, profile: Profile) -> Goal:
    """To be where `name` may be called."""
    return lambda here: is_plain(name, here, profile)


@lru_cache(maxsize=_WAYS)
def way_to_call(name: str, state: int, profile: Profile = Profile.WINDOWS) -> tuple[str, ...] | None:
    """The calls that make `name` legal on this object, or None where it has become impossible on it."""
    found = _found(name, state, profile)
    return _in_words(found[0], state, _goal_of(name, profile), profile) if found is not None else None


def _found(name: str, state: int, profile: Profile) -> tuple[Moves, int] | None:
    """The way leads over SetContext only where a call asks that it was called, and nobody did."""
    machines = _looks_at(METHODS[name])
    found = _search(state, _goal_of(name, profile), profile, machines)
    if found is None and Context in machines and holds(state, Context.DEFAULT.bit) is Certainty.YES:
        return _search(state, _goal_of(name, profile), profile, machines, ("SetContext",))
    return found


@lru_cache(maxsize=_WAYS)
def way_to(mask: int, state: int, profile: Profile = Profile.WINDOWS) -> tuple[str, ...] | None:
    """The calls that bring the object to where `mask` holds, or None where it cannot get there any more."""

    def goal(here: int) -> bool:
        return holds(here, mask) is Certainty.YES

    found = _search(state, goal, profile, frozenset(machines_in(mask)))
    return _in_words(found[0], state, goal, profile) if found is not None else None


def _on_a_new_object(name: str, state: int, profile: Profile) -> tuple[str, ...] | None:
    """`way_to_call`; if the call names a component, that has to be added first to the document of a new object."""
    named = {reference.thing for reference in METHODS[name].references if reference.bond is Bond.USES}
    added = _found("AddComponent", state, profile) if not named.isdisjoint(_COMPONENTS) else None
    if added is None:
        return way_to_call(name, state, profile)
    moves = (*added[0], Move("AddComponent"))
    onward = _found(name, moves[-1].after(added[1]), profile)
    if onward is None:
        return way_to_call(name, state, profile)
    return _in_words((*moves, *onward[0]), state, _goal_of(name, profile), profile)


def _purpose(method: Method) -> int:
    """What a program is after when it calls `method`: the state that the call leaves behind, as far as it is one."""
    if method.purpose or method.operation is None:
        return method.purpose
    return method.operation.finished


@lru_cache(maxsize=_WAYS)
def way_on(name: str, state: int, broken: Need, profile: Profile = Profile.WINDOWS) -> tuple[str, ...]:
    """The shortest legal way from `state` to what a program is after that calls `name` against `broken`.

    On the same object where that is possible; where the call is needless (what it would bring is there already, or its
    context does not know it), the way on to the next milestone, or the end of the object; else by a new object, beside
    this one where that is needed for its shadow copies. What the same call brings that is under way needs only to be
    waited for, and what was released is not released again.
    """
    method = METHODS[name]
    operation = method.operation
    if name == "Release" and holds(state, RELEASED) is Certainty.YES:
        return ()
    if operation and operation.pending and holds(state, operation.pending) is Certainty.YES:
        return (WAIT,)
    new = holds(state, NEW) is Certainty.YES
    path = (_on_a_new_object if new else way_to_call)(name, state, profile)
    if path is not None:
        return (*path, method.full_name)
    kept = broken.rules[0] in _BESIDE and any(holds(state, held) is not Certainty.NO for held in COPIES_HELD)
    release = () if kept or holds(state, RELEASED) is Certainty.YES else _give_up(state, profile)
    purpose = _purpose(method)
    needless = purpose and holds(state, purpose) is Certainty.YES
    if needless or broken.rules[0] in _NEEDLESS:
        onward = [way_to(mask, state, profile) for mask in MILESTONES if holds(state, mask) is Certainty.NO]
        found = [way for way in onward if way]
        if found:
            return min(found, key=len)
        if needless:
            return release if holds(state, OVER) is Certainty.YES else ()
    begin, start = _same_context(state, profile)
    fresh = _on_a_new_object(name, start, profile)
    if fresh is None:
        begin, fresh = (), _on_a_new_object(name, START, profile)
    return () if fresh is None else (*release, CREATE, *begin, *fresh, method.full_name)


def way_on_with(legal: str, name: str, state: int, profile: Profile = Profile.WINDOWS) -> tuple[str, ...]:
    """`legal`, a call of `name` with an argument that VSS takes, after what the state asks for before it."""
    broken = rule_on(name, state, profile).broken
    if broken is None:
        return (legal,)
    way = way_on(name, state, broken, profile)
    return (*way[:-1], legal) if way[-1:] == (METHODS[name].full_name,) else ()


def _give_up(state: int, profile: Profile) -> tuple[str, ...]:
    """How the object is given up without leaving anything half done."""
    return (*(way_to_call("Release", state, profile) or ()), RELEASE)


def _same_context(state: int, profile: Profile) -> tuple[tuple[str, ...], int]:
    """How a new object comes to the context of the old one, where that one is known and was set."""
    context = state & MACHINE_MASK[Context]
    method = METHODS["SetContext"]
    for choice in method.choices:
        if choice.effects[0].gives == context:
            start = after_success("InitializeForBackup", START, "no document")
            before = way_to_call("SetContext", START, profile) or ()
            return (*before, f"{method.full_name}(lContext: as before)"), after_success(
                "SetContext", start, choice.name
            )
    return (), START


_NEEDLESS: Final = frozenset({"seq-writerless-forbidden"})
"""Rules that forbid a call because this kind of operation does without it."""

_BESIDE: Final = frozenset({"im-init-with-doc"})
"""Rules that ask for another object, while the one that made the set lives on: copies may go with it."""
