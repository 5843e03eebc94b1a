"""What a checker says: findings about lines, and the verdict on a trace."""

from enum import Enum
from typing import NamedTuple

from msgspec import Struct

from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Force, Profile


class Level(Enum):
    """How grave a finding is; only an error makes a trace violate."""

    __hash__ = object.__hash__  # a name is hashed in Python

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class At(Enum):
    """Whose concern a finding is."""

    REQUESTER = "requester"
    IMPLEMENTATION = "implementation"
    WRITER = "writer"
    PROVIDER = "provider"


class Outcome(Enum):
    """The verdict on a trace."""

    CONFORMS = "conforms"
    VIOLATES = "violates"
    INCONCLUSIVE = "inconclusive"


class Ground(NamedTuple):
    """An earlier line that a finding follows from, and what that line did."""

    line: int
    says: str


class Finding(Struct, frozen=True):
    """One thing that the checker has to say about one line.

    `rule` is the id of the rule it rests on, `because` the earlier lines it follows from, `instead` the shortest legal
    calls from there to what the program was after, `also` further rules that say the same of this call. Where no call
    mends it, `mends` tells what does, as far as that is known.
    """

    line: int
    level: Level
    at: At
    rule: str
    says: str
    because: tuple[Ground, ...] = ()
    instead: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    mends: str = ""


class Trouble(Struct, frozen=True):
    """Why a call is refused, or forbidden without it being known whether Windows refuses it."""

    rule: str
    answers: tuple[HResult, ...]
    words: str
    force: Force = Force.REFUSED
    because: tuple[Ground, ...] = ()
    instead: tuple[str, ...] = ()
    level: Level = Level.ERROR
    also: tuple[str, ...] = ()


class CallReport(Struct, frozen=True):
    """What was observed of one call, and which answers the table allows there, by name."""

    line: int
    call: str
    observed: str | None
    allowed: tuple[str, ...]


class Tally(Struct, frozen=True):
    """What a trace came to: the verdict, by which profile, and how many lines, calls and findings it had."""

    outcome: Outcome
    profile: Profile
    lines: int
    calls: int
    errors: int
    warnings: int
    infos: int
    undecided: int
    not_judged: int
