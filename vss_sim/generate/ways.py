"""The shortest way into every state that a backup components object can come to, as steps that a program can make."""

from collections import deque
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, NamedTuple

from vss_sim.engine.ruling import accepts, after_success, resolve
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import MACHINES, START
from vss_sim.spec.table import Method, Profile

FINISHED: Final = "finished"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
_ENDS: Final = (FINISHED, FAILED, CANCELLED)


class Step(NamedTuple):
    """A call, in one of the ways to make it; or, with `end`, how the operation that it began came to its end."""

    name: str
    choice: str | None = None
    end: str | None = None


Way = tuple[Step, ...]
Takes = Callable[[str, int, Profile], bool]
"""Whether a method may be called in a state: `accepts`, or, for ways without a doubtful call, `is_plain`."""


@cache
def ways(profile: Profile = Profile.WINDOWS, takes: Takes = accepts) -> dict[int, Way]:
    """State → the shortest way into it from a fresh object, nearest states first; by the calls that `takes` takes."""
    found: dict[int, Way] = {START: ()}
    waiting = deque([START])
    while waiting:
        state = waiting.popleft()
        for step, then in _steps(state, profile, takes):
            if then not in found and then.bit_count() == len(MACHINES):
                found[then] = (*found[state], step)
                waiting.append(then)
    return found


def _steps(state: int, profile: Profile, takes: Takes) -> Iterator[tuple[Step, int]]:
    for name, method in METHODS.items():
        if not method.changes:
            continue
        if takes(name, state, profile):
            for choice in method.ways:
                yield Step(name, choice), after_success(name, state, choice)
        operation = method.operation
        if operation is not None and operation.pending & state:
            for end in _ENDS:
                yield Step(name, end=end), resolve(state, operation, getattr(operation, end))


def told_apart(method: Method, profile: Profile = Profile.WINDOWS) -> dict[int, Way]:
    """One state, with its way, of each group that the needs of a method do not tell apart: the nearest."""
    looked_at = 0
    for need in method.needs:
        looked_at |= need.machines
    found: dict[int, tuple[int, Way]] = {}
    for state, way in ways(profile).items():
        found.setdefault(state & looked_at, (state, way))
    return dict(found.values())
