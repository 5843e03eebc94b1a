"""All pairs of state and method, as cases: the shortest way into the state, then the call.

A method cannot tell apart states that agree in the machines that its needs look at, so that one pair stands for all of
them. What the table refuses must be refused with its code; what it lets through is answered as the simulator does.
"""

from collections.abc import Iterator
from fnmatch import fnmatchcase
from typing import Final

from msgspec import Struct

from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.ruling import Verdict, rule_on
from vss_sim.generate.made import Made, Program
from vss_sim.generate.places import world
from vss_sim.generate.remarks import with_remarks
from vss_sim.generate.ways import CANCELLED, FAILED, FINISHED, Step, Way, told_apart
from vss_sim.model.computer import ScriptedAnswer
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.common import RELEASED
from vss_sim.spec.table import Profile

AREA: Final = "pairs"
_TURN: Final = 60
_FOREVER: Final = 1_000_000
"""Seconds that operations take which are found pending: so many a step until they end, or longer than the case."""
_UNCERTAIN: Final = "VSS_E_UNEXPECTED"


class Pair(Struct, frozen=True):
    """A method in a state, and the shortest way there."""

    method: str
    state: int
    way: Way


def pairs(profile: Profile = Profile.WINDOWS) -> Iterator[Pair]:
    """One for each method and group of states that it tells apart; an object that is gone has no answer to give."""
    for name, method in METHODS.items():
        if method.interface != "IUnknown" or name == "Release":
            for state, way in told_apart(method, profile).items():
                if not state & RELEASED:
                    yield Pair(name, state, way)


def case_of(pair: Pair, number: int, profile: Profile = Profile.WINDOWS) -> Made | None:
    """The case of a pair; None where the simulated computer does not lead into the state."""
    run = Run(pair.way, profile)
    try:
        if not run.go() or run.state != pair.state:
            return None
        done = run.call(pair.method, None)
    except (NotSimulated, BadCall):
        return None
    ruling = rule_on(pair.method, pair.state, profile)
    if ruling.verdict is Verdict.REFUSED and ruling.broken is not None and done.answer not in ruling.broken.answers:
        if done.refusal is not None:
            return None  # an argument came first
        raise Disagreement(f"{pair.method} after {[*pair.way]} is not refused")
    return run.case(pair, number, refused=done.refusal is not None)


class Disagreement(Exception):  # noqa: N818 - it is what it says
    """The simulator does not refuse what the table refuses. Never: it is made of the table."""


class Run(Program):
    """A way, made on the simulator."""

    def __init__(self, way: Way, profile: Profile) -> None:
        super().__init__(world(script(way)), profile)
        self._way = way

    def go(self) -> bool:
        """Make the way; whether each step was accepted."""
        return all(self._step(step) for step in self._way)

    def _step(self, step: Step) -> bool:
        if step.end is None:
            return self.call(step.name, step.choice).refusal is None
        if step.name not in self.operations:
            return False
        if step.end == CANCELLED:
            return self.of_operation("Cancel", step.name).refusal is None
        self.of_operation("Wait", step.name)
        self.of_operation("QueryStatus", step.name)
        return True

    def case(self, pair: Pair, number: int, *, refused: bool) -> Made:
        """What was made, as a case."""
        lines = with_remarks(self.lines(), self.remarks)
        last = lines[-1]
        broken = last.get("rules") or last.get("open") or []
        in_order = rule_on(pair.method, pair.state, self.profile).verdict is Verdict.ALLOWED
        kept = [*last.get("keeps", ()), *(need.rules[0] for need in METHODS[pair.method].needs if in_order)]
        where = ", ".join(_told(step) for step in pair.way) or "nothing"
        header = {
            "id": identifier(pair, number, self.profile),
            "about": f"{pair.method} after {where}.",
            "verdict": "conforms" if not broken else "violates" if refused else "warns",
            "rules": list(dict.fromkeys((*broken, *kept))) or ["com-call-after-release"],
        }
        return self.made(header, lines)


def script(way: Way) -> tuple[ScriptedAnswer, ...]:
    """How operations come out on the way: some fail, some have to be pending while something else happens."""
    answers = []
    seen: dict[str, int] = {}
    for place, step in enumerate(way):
        if step.end is not None or METHODS[step.name].operation is None:
            continue
        skip = seen.get(step.name, 0)
        seen[step.name] = skip + 1
        ends = [number for number, later in enumerate(way) if number > place and later.name == step.name and later.end]
        end = way[ends[0]].end if ends else None
        seconds = (ends[0] + 1) * _TURN if ends else _FOREVER
        if ends[:1] != [place + 1] or end != FINISHED:
            result = _UNCERTAIN if end == FAILED else None
            answers.append(ScriptedAnswer(to=step.name, result=result, seconds=seconds, skip=skip, times=1))
    return tuple(answers)


def _told(step: Step) -> str:
    if step.end is not None:
        return f"{step.name} {step.end}"
    return f"{step.name} ({step.choice})" if step.choice else step.name


def pair_cases(profile: Profile = Profile.WINDOWS, patterns: tuple[str, ...] = ()) -> Iterator[Made]:
    """Every pair that the simulated computer leads to, as a case; with `patterns` only those of such a name."""
    numbers: dict[str, int] = {}
    for pair in pairs(profile):
        number = numbers[pair.method] = numbers.get(pair.method, 0) + 1
        name = identifier(pair, number, profile)
        if not patterns or any(fnmatchcase(name, pattern) for pattern in patterns):
            made = case_of(pair, number, profile)
            if made is not None:
                yield made


def identifier(pair: Pair, number: int, profile: Profile) -> str:
    """The name of the case of a pair."""
    return f"{AREA}/{profile.value}/{pair.method}-{number:03}"
