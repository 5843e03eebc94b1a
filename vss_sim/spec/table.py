"""The words in which the protocol table is written.

The table is a relation: for a call in a state it gives every answer that VSS may give, each with what then holds. A
method lists its *needs* in the order in which VSS checks them. The first refusing need that the state does not meet
decides the row; where all are met the call is allowed, and its *effect* (for an asynchronous call: its *operation*)
says what holds afterwards. So exactly one row fits a state, absent permission is refusal, staying put is the default.
"""

from enum import Enum
from functools import cache, reduce
from operator import or_
from typing import Final

from msgspec import Struct

from vss_sim.spec.hresult import HResult
from vss_sim.spec.state import ANYTHING, MACHINE_MASK, machines_in


class Profile(Enum):
    """Which witness wins where real Windows and the page differ."""

    __hash__ = object.__hash__  # a name is hashed in Python

    WINDOWS = "windows"
    DOCUMENTED = "documented"


class Force(Enum):
    """What happens to a call whose need is not met."""

    __hash__ = object.__hash__  # a name is hashed in Python

    REFUSED = "VSS refuses the call"
    UNSURE = "the documentation forbids the call; whether Windows refuses it is not known"
    TOLERATED = "the documentation forbids the call; Windows lets it pass"
    NOTED = "the documentation asks for something else; Windows lets it pass, and programs do it every night"
    ALLOWED = "nothing is wrong with it in this profile"


@cache
def _machines(masks: tuple[int, ...]) -> int:
    """The bits of every machine that the masks, which stand in the table, name."""
    return reduce(or_, (MACHINE_MASK[machine] for mask in masks for machine in machines_in(mask)), 0)


class Need(Struct, frozen=True):
    """What a method asks of the state, and the rule that says so.

    The need is met when one of the masks of `met` is (see `vss_sim.spec.state`). `otherwise` tells what happens on
    Windows when none is, `documented` the same by the letter of the pages (None: no difference). `rules` begins with
    the one that a finding names.
    """

    rules: tuple[str, ...]
    met: tuple[int, ...]
    otherwise: Force = Force.REFUSED
    answers: tuple[HResult, ...] = (HResult.VSS_E_BAD_STATE,)
    documented: Force | None = None

    @property
    def machines(self) -> int:
        """The bits of every machine that the need looks at."""
        return _machines(self.met)

    def force(self, profile: Profile) -> Force:
        """What happens in `profile` when the need is not met."""
        if profile is Profile.DOCUMENTED and self.documented is not None:
            return self.documented
        return self.otherwise


class Effect(Struct, frozen=True):
    """After success, in a state that meets `when`: the machines named in `gives` take the values given there."""

    gives: int
    when: int = ANYTHING


class Operation(Struct, frozen=True):
    """What an asynchronous call makes of the state while it runs and at each end it can come to.

    `about` are the parameters that the operation needs when it ends; `irrevocable`: Cancel does not stop it.
    """

    pending: int
    finished: int
    failed: int
    cancelled: int
    about: tuple[str, ...] = ()
    irrevocable: bool = False


NO_TRACE: Final = Operation(0, 0, 0, 0)
"""An operation that leaves no trace in the state of its object."""


class Choice(Struct, frozen=True):
    """One of the ways to call a method that the order of calls depends on: the name, what it does.

    `asks` is what the argument is then, in words that a way on can say.
    """

    name: str
    effects: tuple[Effect, ...]
    asks: str = ""


class Selector(Enum):
    """How the choice is read from the argument `Method.selects`."""

    BOOLEAN = "true or false"
    DOCUMENT = "an XML document, or nothing"
    CONTEXT = "a shadow copy context with attributes"


class Thing(Enum):
    """What an argument refers to."""

    __hash__ = object.__hash__  # a name is hashed in Python

    COMPONENT = "component"
    SNAPSHOT = "shadow copy"
    SNAPSHOT_OR_SET = "shadow copy or shadow copy set"
    SNAPSHOT_SET = "shadow copy set"
    VOLUME = "volume"
    WRITER_METADATA = "writer metadata"
    WRITER_STATUS = "writer status"
    WRITER_COMPONENTS = "components of a writer"


class Bond(Enum):
    """How a method is bound to the thing its arguments name."""

    ADDS = "the thing must be new, and is there afterwards"
    USES = "the thing must be there"


class Quality(Enum):
    """What a call may ask of the shadow copy that it names, or of the machine."""

    PERSISTENT = "the shadow copy is not persistent"
    HARDWARE = "the shadow copy was not made by a hardware provider"
    EXPOSED = "the shadow copy is not exposed"
    NO_REVERT = "a revert of its volume was begun, and nobody saw it end"
    HARDWARE_PROVIDER = "the machine has no hardware provider"


class Demand(Struct, frozen=True):
    """A quality that a call asks for, by which rules, and the answers where it is known to be missing."""

    quality: Quality
    rules: tuple[str, ...]
    answers: tuple[HResult, ...]
    otherwise: Force = Force.REFUSED


class Limit(Struct, frozen=True):
    """So many things may be added, and no more: the rules that say so, and the answer to one more."""

    most: int
    rules: tuple[str, ...]
    answer: HResult


class Reference(Struct, frozen=True):
    """A method's arguments name a thing: which one, what must be true of it, and the answer when it is not.

    `limit` is how many of them there may be, `also` names further rules that say the same as `rule`.
    """

    thing: Thing
    bond: Bond
    parameters: tuple[str, ...]
    rule: str
    answer: HResult
    demands: tuple[Demand, ...] = ()
    limit: Limit | None = None
    also: tuple[str, ...] = ()


def rules_of(reference: Reference) -> tuple[str, ...]:
    """Every rule that `reference` rests on."""
    demanded = tuple(rule for demand in reference.demands for rule in demand.rules)
    return (reference.rule, *reference.also, *(reference.limit.rules if reference.limit else ()), *demanded)


class Promise(Struct, frozen=True):
    """What VSS promises of a call: in a state that meets one of `when` it is accepted, because `rules` say so."""

    rules: tuple[str, ...]
    when: tuple[int, ...]


class Claim(Struct, frozen=True):
    """A resource that one object of a machine can have at a time: the phases that hold it, the rule, the answer."""

    held_in: int
    rule: str
    answer: HResult
    also: tuple[str, ...] = ()
    """Further rules that say the same."""
    otherwise: Force = Force.REFUSED
    """What happens to a call that claims what another object has."""


class Method(Struct, frozen=True):
    """A method of the table; `interface` is where it is documented, empty for a function."""

    interface: str
    name: str
    needs: tuple[Need, ...] = ()
    effects: tuple[Effect, ...] = ()
    operation: Operation | None = None
    may_stay: int = 0
    """Where it is called in these phases against the pages, and VSS takes it, nobody knows whether they are left."""
    successes: tuple[HResult, ...] = (HResult.S_OK,)
    selects: str | None = None
    selector: Selector | None = None
    choices: tuple[Choice, ...] = ()
    references: tuple[Reference, ...] = ()
    claim: Claim | None = None
    demands: tuple[Demand, ...] = ()
    """What the call asks of the machine."""
    promises: tuple[Promise, ...] = ()
    purpose: int = 0
    """What a program is after that makes this call, as a mask; for an operation, if not given, its good end."""
    notes: tuple[str, ...] = ()
    """Rules that this entry keeps without a need of its own, for `explain`."""
    asks: str = ""
    """What an argument is in every good call that nobody would guess, in words: `bstrXML: the saved document`."""

    @property
    def full_name(self) -> str:
        """The name as traces write it: `IVssBackupComponents::SetContext`."""
        return f"{self.interface}::{self.name}" if self.interface else self.name

    def asked(self, choice: str | None) -> str:
        """The full name, with what has to be said of the argument that makes it a call of this way."""
        asks = next(
            (f"{self.selects}: {one.asks}" for one in self.choices if one.name == choice and one.asks), self.asks
        )
        return f"{self.full_name}({asks})" if asks else self.full_name

    @property
    def ways(self) -> tuple[str | None, ...]:
        """The names of the ways to call it; one without a name where there is no choice."""
        return tuple(choice.name for choice in self.choices) or (None,)

    @property
    def changes(self) -> int:
        """The bits that success can set; none where the call leaves the state as it is."""
        mask = self.operation.pending if self.operation else 0
        for effect in (*self.effects, *(effect for choice in self.choices for effect in choice.effects)):
            mask |= effect.gives
        return mask

    def effects_of(self, choice: str | None) -> tuple[Effect, ...]:
        """What success does when the call is made in the way named `choice`."""
        for candidate in self.choices:
            if candidate.name == choice:
                return self.effects + candidate.effects
        return self.effects


BAD_STATE: Final = (HResult.VSS_E_BAD_STATE,)


def need(
    *rules: str,
    met: int | tuple[int, ...],
    otherwise: Force = Force.REFUSED,
    answers: tuple[HResult, ...] = BAD_STATE,
    documented: Force | None = None,
) -> Need:
    """A `Need` in one line; `met` is one mask or several alternatives."""
    alternatives = met if isinstance(met, tuple) else (met,)
    return Need(rules, alternatives, otherwise, answers, documented)
