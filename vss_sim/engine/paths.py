"""The shortest legal way from one state to another, found by searching the protocol table.

A step is a call that is allowed for certain, without a warning, and that changes something; an asynchronous call is
followed by `IVssAsync::Wait`. Where the object cannot get there any more, the way leads over giving it up and making a
new one.
"""

from collections import deque
from collections.abc import Callable, Iterator
from functools import cache, lru_cache
from typing import Final

from vss_sim.engine.ruling import Certainty, accepts, after_success, holds, put, rule_on
from vss_sim.spec.methods import CREATE
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import MACHINE_MASK, START, Context, Machine, Phase, machines_in
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


@lru_cache(maxsize=_WAYS)
def _steps(state: int, profile: Profile, names: tuple[str, ...]) -> tuple[tuple[tuple[str, ...], int], ...]:
    """Every certain step from `state` by a call of `names`: the calls it takes, and what holds then."""
    return (*_ends(state, names), *_generate(state, profile, names))


def _ends(state: int, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    """To wait for an operation that is under way, begun by one of `names`."""
    for name in names:
        operation = METHODS[name].operation
        if operation and operation.pending and holds(state, operation.pending) is Certainty.YES:
            yield (WAIT,), put(state, operation.finished)


def _generate(state: int, profile: Profile, names: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], int]]:
    for name in names:
        if not accepts(name, state, profile) or not rule_on(name, state, profile).plain:
            continue
        method = METHODS[name]
        for choice in method.ways:
            then = after_success(name, state, choice)
            calls: tuple[str, ...] = (method.full_name,)
            if method.operation:
                then, calls = put(then, method.operation.finished), (method.full_name, WAIT)
            if then != state:
                yield calls, then


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
    state: int, goal: Goal, profile: Profile, machines: frozenset[Machine]
) -> tuple[tuple[str, ...], int] | None:
    """The calls to the goal, and the state there."""
    names = _helpful(machines)
    seen = {state}
    queue: deque[tuple[int, tuple[str, ...]]] = deque([(state, ())])
    while queue and len(seen) < _LIMIT:
        here, path = queue.popleft()
        if goal(here):
            return path, here
        for calls, then in _steps(here, profile, names):
            if then not in seen:
                seen.add(then)
                queue.append((then, path + calls))
    return None


@lru_cache(maxsize=_WAYS)
def way_to_call(name: str, state: int, profile: Profile = Profile.WINDOWS) -> tuple[str, ...] | None:
    """The calls that make `name` legal on this object, or None where it has become impossible on it."""
    found = _found(name, state, profile)
    return found[0] if found is not None else None


def _found(name: str, state: int, profile: Profile) -> tuple[tuple[str, ...], int] | None:
    machines = _looks_at(METHODS[name])
    return _search(state, lambda here: rule_on(name, here, profile).plain, profile, machines)


@lru_cache(maxsize=_WAYS)
def way_to(mask: int, state: int, profile: Profile = Profile.WINDOWS) -> tuple[str, ...] | None:
    """The calls that bring the object to where `mask` holds, or None where it cannot get there any more."""
    found = _search(state, lambda here: holds(here, mask) is Certainty.YES, profile, frozenset(machines_in(mask)))
    return found[0] if found is not None else None


def _on_a_new_object(name: str, state: int, profile: Profile) -> tuple[str, ...] | None:
    """`way_to_call`; if the call names a component, that has to be added first to the document of a new object."""
    named = {reference.thing for reference in METHODS[name].references if reference.bond is Bond.USES}
    if named.isdisjoint(_COMPONENTS):
        return way_to_call(name, state, profile)
    added = _found("AddComponent", state, profile)
    onward = way_to_call(name, after_success("AddComponent", added[1]), profile) if added is not None else None
    if added is None or onward is None:
        return way_to_call(name, state, profile)
    return (*added[0], METHODS["AddComponent"].full_name, *onward)


def _purpose(method: Method) -> int:
    """What a program is after when it calls `method`: the state that the call leaves behind, as far as it is one."""
    if method.purpose or method.operation is None:
        return method.purpose
    return method.operation.finished


_MILESTONES: Final = (Phase.CREATED.bit, Phase.COMPLETED.bit, Phase.PRE_RESTORED.bit, Phase.POST_RESTORED.bit)
"""What the operations of an object come to; the way on from a needless call leads to the nearest of them."""


@lru_cache(maxsize=_WAYS)
def way_on(name: str, state: int, broken: Need, profile: Profile = Profile.WINDOWS) -> tuple[str, ...]:
    """The shortest legal way from `state` to what a program is after that calls `name` against `broken`.

    On the same object where that is possible; where the call is needless (what it would bring is there already, or its
    context does not know it), the way on to the next milestone, if there is one; else by a new object.
    """
    method = METHODS[name]
    new = holds(state, Phase.NEW.bit) is Certainty.YES
    path = (_on_a_new_object if new else way_to_call)(name, state, profile)
    if path is not None:
        return (*path, method.full_name)
    purpose = _purpose(method)
    needless = purpose and holds(state, purpose) is Certainty.YES
    if needless or broken.rules[0] in _NEEDLESS:
        onward = [way_to(mask, state, profile) for mask in _MILESTONES if holds(state, mask) is Certainty.NO]
        found = [way for way in onward if way]
        if found:
            return min(found, key=len)
        if needless:
            return ()
    release = () if holds(state, Phase.RELEASED.bit) is Certainty.YES else _give_up(state, profile)
    begin, start = _same_context(state, profile)
    fresh = _on_a_new_object(name, start, profile)
    if fresh is None:
        begin, fresh = (), _on_a_new_object(name, START, profile)
    return () if fresh is None else (*release, CREATE, *begin, *fresh, method.full_name)


def _give_up(state: int, profile: Profile) -> tuple[str, ...]:
    """How the object is given up without leaving anything half done."""
    return (*(way_to_call("Release", state, profile) or ()), RELEASE)


def _same_context(state: int, profile: Profile) -> tuple[tuple[str, ...], int]:
    """How a new object comes to the context of the old one, where that one is known and was set."""
    context = state & MACHINE_MASK[Context]
    method = METHODS["SetContext"]
    for choice in method.choices:
        if choice.effects[0].gives == context and context != Context.ALL.bit:
            start = after_success("InitializeForBackup", START, "no document")
            before = way_to_call("SetContext", START, profile) or ()
            return (*before, method.full_name), after_success("SetContext", start, choice.name)
    return (), START


_NEEDLESS: Final = frozenset({"seq-writerless-forbidden"})
"""Rules that forbid a call because this kind of operation does without it."""
