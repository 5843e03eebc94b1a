"""Every state of a backup components object that some sequence of calls leads to: a witness beside `generate.ways`."""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.ruling import accepts, after_success, put, resolve
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import MACHINE_MASK, MACHINES, START, values_in
from vss_sim.spec.table import Method, Operation, Profile

_CHANGING: Final[dict[str, Method]] = {name: method for name, method in METHODS.items() if method.changes}


def reachable(profile: Profile = Profile.WINDOWS) -> frozenset[int]:
    """The states reached from a fresh object by calls that may succeed and operations that come to any end."""
    seen = {START}
    frontier = [START]
    while frontier:
        state = frontier.pop()
        for then in successors(state, profile):
            if then not in seen:
                seen.add(then)
                frontier.append(then)
    return frozenset(seen)


def successors(state: int, profile: Profile = Profile.WINDOWS) -> Iterator[int]:
    """The states that one call, or one end of a running operation, leads to."""
    for name, method in _CHANGING.items():
        if accepts(name, state, profile):
            for choice in method.ways:
                yield from concrete(after_success(name, state, choice))
        if method.operation and method.operation.pending & state:
            yield from _ends(method.operation, state)


def _ends(operation: Operation, state: int) -> Iterator[int]:
    for end in (operation.finished, operation.failed, operation.cancelled):
        yield from concrete(resolve(state, operation, end))


def concrete(state: int) -> Iterator[int]:
    """The known states that a half-known one may be."""
    if state.bit_count() == len(MACHINES):
        yield state
        return
    machine = next(machine for machine in MACHINES if (state & MACHINE_MASK[machine]).bit_count() > 1)
    for value in values_in(state & MACHINE_MASK[machine]):
        yield from concrete(put(state, value.bit))
