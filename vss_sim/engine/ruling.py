"""What the protocol table says of one call in one state, known or half-known.

A state is the packed integer of `vss_sim.spec.state`. Where a machine has several bits set, what is meant is "one of
these"; a ruling then tells what is certain (refused under every value, allowed under every value) and what is not. All
functions are pure, and a ruling of the same call in the same state is made once.
"""

from enum import Enum, IntEnum
from functools import cache, lru_cache
from typing import Final

from msgspec import Struct

from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import MACHINE_MASK, Context, machines_in
from vss_sim.spec.table import Effect, Force, Need, Operation, Profile

_RULINGS: Final = 1 << 14
"""So many rulings are kept; half-known states are many more than the known ones."""


_PASSED: Final = (Force.TOLERATED, Force.NOTED)
"""What Windows lets pass: where it is uncertain whether a need is met, nothing is doubtful."""


class Certainty(IntEnum):
    """Whether a condition holds: under no value of what is unknown, under some, under every one."""

    NO = 0
    MAYBE = 1
    YES = 2


class Verdict(Enum):
    """What a ruling comes to."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    UNSURE = "forbidden, but whether it is refused is not known"
    UNDECIDED = "allowed or refused, depending on what is unknown"


class Ruling(Struct, frozen=True):
    """What the table says of a call.

    `broken` is the need that decides a `REFUSED` or `UNSURE` verdict; `doubts` are needs that may be unmet, the first
    one first. `tolerated` are needs that are certainly unmet and that Windows lets pass. `accepted` is the state as it
    must have been if VSS accepts the call.
    """

    verdict: Verdict
    accepted: int
    broken: Need | None = None
    doubts: tuple[Need, ...] = ()
    tolerated: tuple[Need, ...] = ()

    @property
    def refusals(self) -> tuple[HResult, ...]:
        """The codes with which VSS may refuse this call because of the state."""
        needs = self.doubts if self.broken is None else (*self.doubts, self.broken)
        return tuple(dict.fromkeys(code for need in needs for code in need.answers))

    @property
    def plain(self) -> bool:
        """Whether the call is allowed under every value of what is unknown, and against no rule."""
        return self.verdict is Verdict.ALLOWED and not self.doubts and not self.tolerated

    @property
    def passes(self) -> bool:
        """Whether the call is allowed under every value of what is unknown, if against the documentation."""
        return self.verdict is Verdict.ALLOWED and not self.doubts

    @property
    def may_succeed(self) -> bool:
        """Whether VSS may accept this call."""
        return self.verdict is not Verdict.REFUSED


@cache
def _parts(mask: int) -> tuple[tuple[int, int], ...]:
    """A condition as (machine, bits allowed in it); a mask without bits can never be met."""
    return tuple((MACHINE_MASK[machine], mask & MACHINE_MASK[machine]) for machine in machines_in(mask))


def holds(state: int, mask: int) -> Certainty:
    """Whether `state` meets `mask`: every machine that the mask names has one of its bits."""
    parts = _parts(mask)
    worst = Certainty.YES if parts else Certainty.NO
    for machine, bits in parts:
        if not state & bits:
            return Certainty.NO
        if state & machine & ~bits:
            worst = Certainty.MAYBE
    return worst


def meets(state: int, need: Need) -> Certainty:
    """Whether `state` meets one of the alternatives of `need`."""
    best = Certainty.NO
    for mask in need.met:
        certainty = holds(state, mask)
        if certainty is Certainty.YES:
            return certainty
        if certainty is Certainty.MAYBE:
            best = certainty
    return best


@lru_cache(maxsize=_RULINGS)
def put(state: int, gives: int) -> int:
    """`state` with every machine that `gives` names set to the values given."""
    for machine, bits in _parts(gives):
        state = state & ~machine | bits
    return state


def narrow(state: int, mask: int) -> int:
    """`state` without the values that `mask` rules out."""
    for machine, bits in _parts(mask):
        state &= ~machine | bits
    return state


def narrow_to(state: int, need: Need) -> int:
    """`state` as it must be for `need` to be met; an alternative that is impossible rules nothing in."""
    possible = [mask for mask in need.met if holds(state, mask) is not Certainty.NO]
    return narrow(state, possible[0]) if len(possible) == 1 else state


def narrow_away(state: int, need: Need) -> int:
    """`state` as it must be for `need` to be unmet."""
    for mask in need.met:
        parts = _parts(mask)
        if len(parts) == 1 and state & parts[0][0] & ~parts[0][1]:
            state &= ~parts[0][1]
    return state


def suppose_met(state: int, need: Need) -> int:
    """`state` changed as little as it takes to meet `need`: what an observer believes when VSS accepts against it."""
    if meets(state, need) is not Certainty.NO or not need.met:
        return narrow_to(state, need)
    for machine, bits in _parts(need.met[0]):
        state = state & ~machine | (state & bits or bits)
    return state


@lru_cache(maxsize=_RULINGS)
def rule_on(name: str, state: int, profile: Profile = Profile.WINDOWS) -> Ruling:
    """What the table says of calling the method `name` in `state`.

    The first need that certainly refuses decides; where none does, the first whose refusal is not known.
    """
    doubts: list[Need] = []
    tolerated: list[Need] = []
    unsure: Need | None = None
    for need in METHODS[name].needs:
        force = need.force(profile)
        certainty = Certainty.YES if force is Force.ALLOWED else meets(state, need)
        if certainty is Certainty.MAYBE and force not in _PASSED:
            doubts.append(need)
            state = narrow_to(state, need) if force is Force.REFUSED else state
        elif certainty is Certainty.NO and force is Force.REFUSED:
            return Ruling(Verdict.REFUSED, state, need, tuple(doubts), tuple(tolerated))
        elif certainty is Certainty.NO and force is Force.UNSURE:
            unsure = unsure or need
        elif certainty is Certainty.NO:
            tolerated.append(need)
    if unsure is not None:
        return Ruling(Verdict.UNSURE, state, unsure, tuple(doubts), tuple(tolerated))
    refusable = any(need.force(profile) is Force.REFUSED for need in doubts)
    verdict = Verdict.UNDECIDED if refusable else Verdict.ALLOWED
    return Ruling(verdict, state, None, tuple(doubts), tuple(tolerated))


@cache
def _refusing(name: str, profile: Profile) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """The needs that refuse, compiled: need → alternatives → machines → bits of which one has to be set."""
    return tuple(
        tuple(tuple(bits for _, bits in _parts(mask)) or (0,) for mask in need.met)
        for need in METHODS[name].needs
        if need.force(profile) is Force.REFUSED
    )


def accepts(name: str, state: int, profile: Profile = Profile.WINDOWS) -> bool:
    """Whether VSS may accept the call in a state that is wholly known: `rule_on(...).may_succeed`, without the why."""
    for alternatives in _refusing(name, profile):
        for bits in alternatives:
            if all(state & one for one in bits):
                break
        else:
            return False
    return True


@cache
def _asking(name: str, profile: Profile) -> tuple[tuple[tuple[tuple[tuple[int, int], ...], ...], bool], ...]:
    """The needs that may be told of, compiled: need → alternatives → parts; and whether it passes where in doubt."""
    forces = [(need, need.force(profile)) for need in METHODS[name].needs]
    return tuple(
        (tuple([parts for parts in map(_parts, need.met) if parts]), force in _PASSED)
        for need, force in forces
        if force is not Force.ALLOWED
    )


def is_plain(name: str, state: int, profile: Profile = Profile.WINDOWS) -> bool:
    """Whether the call is in order for certain: `rule_on(...).plain`, without the why; a search asks it often."""
    for alternatives, passes in _asking(name, profile):
        for parts in alternatives:
            for machine, bits in parts:
                if not state & bits or (state & machine & ~bits and not passes):
                    break
            else:
                break
        else:
            return False
    return True


@lru_cache(maxsize=_RULINGS)
def accepted_against(name: str, state: int, profile: Profile = Profile.WINDOWS) -> int:
    """The state an observer supposes after VSS accepted a call that the table refuses in `state`.

    A context that was set without writers stays so (rule seq-setcontext-once): what VSS let pass tells nothing of it.
    """
    without_writers = holds(state, Context.NO_WRITERS.bit) is Certainty.YES
    for need in METHODS[name].needs:
        kept = without_writers and need.machines == MACHINE_MASK[Context]
        if need.force(profile) is Force.REFUSED and not kept:
            state = suppose_met(state, need)
    return state


def apply(state: int, effects: tuple[Effect, ...]) -> int:
    """What holds after success; an effect whose condition is uncertain may have happened or not."""
    for effect in effects:
        certainty = holds(state, effect.when)
        if certainty is Certainty.YES:
            state = put(state, effect.gives)
        elif certainty is Certainty.MAYBE:
            state |= put(narrow(state, effect.when), effect.gives)
    return state


def after_success(name: str, state: int, choice: str | None = None) -> int:
    """What holds once VSS answered success; an asynchronous operation is then under way."""
    method = METHODS[name]
    state = apply(state, method.effects_of(choice))
    return put(state, method.operation.pending) if method.operation else state


def unwatched(state: int, operation: Operation) -> int:
    """What an observer knows while nobody asks how a running operation is doing: it may have come to any end."""
    return put(state, operation.pending | operation.finished | operation.failed) if operation.pending else state


def resolve(state: int, operation: Operation, end: int) -> int:
    """`state` once it is known that `operation` came to `end` (one of its masks).

    An object that has gone on since, so that the operation shows no more in it, stays as it is.
    """
    for machine, pending in _parts(operation.pending):
        outcomes = pending | operation.finished | operation.failed | operation.cancelled
        bits = state & machine
        if not bits & ~outcomes:
            kept = bits & end
            state = state & ~machine | (kept or end & machine)
    return state
