"""The words in which the restore-method table is written: questions, what follows, and disputed readings.

A tree is read from its root. A `Decision` asks one question of a component set and goes on at `yes` or `no`; `Cases`
goes on by the restore target that the writer set; a `Split` goes on by the reading that is taken where the pages
contradict each other; an `Outcome` is what happens in the end. Every answer counts for the whole component set: nothing
is decided file by file (C02).
"""

from collections.abc import Iterator
from enum import Enum
from typing import Final

from msgspec import Struct

from vss_sim.spec.enums import RestoreMethod, RestoreTarget


class Moment(Enum):
    """When a question can be answered at the earliest."""

    __hash__ = object.__hash__  # a name is hashed in Python

    STORED = "from the stored documents"
    AFTER_PRE_RESTORE = "after PreRestore was handled"
    BEFORE_RESTART = "before the restart"
    AFTER_RESTART = "after the restart"


class Question(Enum):
    """What is asked of a component set; its files are those of it that are to be restored."""

    __hash__ = object.__hash__

    asks: str
    moment: Moment

    def __init__(self, asks: str, moment: Moment) -> None:
        self.asks = asks
        self.moment = moment

    WRITER_RESTORE_GIVEN = "Does the stored metadata say when the writer takes part in a restore?", Moment.STORED
    METHOD_GIVEN = "Does the stored metadata have a restore method?", Moment.STORED
    PROCEDURE_KNOWN = "Is the procedure known that the writer documents for its restore?", Moment.STORED
    TARGET_GIVEN = "Is the restore target anything but VSS_RT_UNDEFINED?", Moment.AFTER_PRE_RESTORE
    SERVICE_NAMED = "Does the stored metadata name the service that is to be stopped?", Moment.STORED
    SERVICE_STOPS = "Can the service be stopped, or is it stopped already?", Moment.AFTER_PRE_RESTORE
    NEW_TARGET_DECLARED = "Did the requester declare a new target for a file set of the set?", Moment.STORED
    NEW_PLACES_USABLE = "Can every file at a new target be written or created?", Moment.AFTER_PRE_RESTORE
    NEW_TARGET_FOR_ALL = "Do all files of the set go to new targets?", Moment.STORED
    NONE_THERE = "Is none of the files at its original place?", Moment.AFTER_PRE_RESTORE
    REPLACEABLE = (
        "Can every file that is at its original place be overwritten, and every other one be created there?",
        Moment.AFTER_PRE_RESTORE,
    )
    ALL_REPLACEABLE_OR_NONE_THERE = (
        "Are all files at their original places and can be overwritten, or is none of them there?",
        Moment.AFTER_PRE_RESTORE,
    )
    MAPPED = "Has every file of the set an alternate location mapping?", Moment.STORED
    MAPPED_PLACES_USABLE = "Can every file at its mapped place be written or created?", Moment.AFTER_PRE_RESTORE
    MAPPED_PLACES_FREE = "Is none of the files at its mapped place, and can each be created?", Moment.AFTER_PRE_RESTORE
    DIRECTED_SOUND = (
        "Are there directed targets, of files of the set, with ranges that go together in pairs and were saved?",
        Moment.AFTER_PRE_RESTORE,
    )
    DIRECTED_PLACES_USABLE = (
        "Can every destination, and every other file of the set at its original place, be written or created?",
        Moment.AFTER_PRE_RESTORE,
    )
    STAGED = (
        "Can every file be copied to a temporary place on the volume of its final place, and its move be registered?",
        Moment.BEFORE_RESTART,
    )
    ARRIVED = "Did every registered move bring its file to its place?", Moment.AFTER_RESTART


IMPLIED_BY: Final = {
    Question.MAPPED_PLACES_USABLE: Question.MAPPED_PLACES_FREE,
    Question.REPLACEABLE: Question.ALL_REPLACEABLE_OR_NONE_THERE,
}
"""Question → one that asks for more: its yes is a yes to the first, too, and a no to the first is a no to it."""


class Branch(Enum):
    """Where a component set goes, as a rehearsal names it."""

    __hash__ = object.__hash__

    ORIGINAL = "original"
    ALTERNATE = "alternate"
    REBOOT = "reboot"
    NEW_TARGET = "new-target"
    DIRECTED = "directed"
    CUSTOM = "custom"
    ERROR = "error"


class Blame(Enum):
    """Whose error it is that a component set is not restored."""

    __hash__ = object.__hash__

    REQUESTER = "requester"
    WRITER = "writer"


class When(Enum):
    """When the files of a component set are at their places."""

    __hash__ = object.__hash__

    NOW = "now"
    REBOOT = "reboot"
    NEVER = "never"


class Act(Enum):
    """A step of a restore that has its place in an order; a requester waits for the end of each.

    `START` comes whether files were restored or not.
    """

    __hash__ = object.__hash__

    PRE_RESTORE = "PreRestore"
    STOP = "stop the service"
    RESTORE = "restore the files"
    START = "start the service"
    POST_RESTORE = "PostRestore"


class Standing(Enum):
    """What a tree rests on."""

    __hash__ = object.__hash__

    FIGURE = "a figure of the documentation"
    TEXT = "the text of the pages; there is no figure"


class Outcome(Struct, frozen=True):
    """What happens in the end to a component set: the leaf `name`, the rules it rests on, and who is to blame.

    `records` is whether each mapping used is recorded with AddAlternativeLocationMapping, `restores` whether all files
    of the set are at their places then.
    """

    name: str
    says: str
    branch: Branch
    when: When
    rules: tuple[str, ...]
    blamed: Blame | None = None
    records: bool = False
    restores: bool = True


class Decision(Struct, frozen=True):
    """One question, and where its answers lead."""

    question: Question
    yes: "Node"
    no: "Node"
    rules: tuple[str, ...] = ()


class Parameter(Struct, frozen=True):
    """A dispute of the pages as a choice: its readings by name, each with what it says, and the one taken here.

    `dispute` is the id in `disputes.tsv`. Where `open` is false only the stance is simulated.
    """

    name: str
    dispute: str
    readings: tuple[tuple[str, str], ...]
    stance: str
    open: bool = True


class Split(Struct, frozen=True):
    """Where the pages contradict each other: the node that each reading leads to."""

    parameter: Parameter
    readings: tuple[tuple[str, "Node"], ...]


class Cases(Struct, frozen=True):
    """What follows by the restore target of the set's defining component; a target left out leads to `otherwise`."""

    targets: tuple[tuple[RestoreTarget, "Node"], ...]
    otherwise: "Node"

    def of(self, target: RestoreTarget) -> "Node":
        """Where `target` leads."""
        return next((node for case, node in self.targets if case is target), self.otherwise)


Node = Decision | Outcome | Split | Cases


class Course(Struct, frozen=True):
    """The order of the steps of a restore around the files."""

    acts: tuple[Act, ...]

    @property
    def stops(self) -> bool:
        """Whether a service is stopped on the way."""
        return Act.STOP in self.acts


class Restoration(Struct, frozen=True):
    """One restore method: its own tree, as the pages give it, and the course of its steps.

    `whole` is the tree from the stored documents on, with restore targets and new targets before the method's own.
    `courses` names the course by the reading of a parameter, where that is disputed. `together`: what is restored of a
    writer is restored for all its selected component sets, or for none (C07).
    """

    method: RestoreMethod
    standing: Standing
    figure: str | None
    tree: Node
    whole: Node
    course: Course
    rules: tuple[str, ...]
    course_rules: tuple[str, ...] = ()
    courses: tuple[tuple[Parameter, str, Course], ...] = ()
    together: bool = False


def children(node: Node) -> tuple[tuple[str, Node], ...]:
    """Every way on from `node` with what leads there."""
    match node:
        case Decision():
            return ("yes", node.yes), ("no", node.no)
        case Split():
            return tuple((f"{node.parameter.dispute}: {name}", way) for name, way in node.readings)
        case Cases():
            return (*((target.value, way) for target, way in node.targets), ("otherwise", node.otherwise))
        case Outcome():
            return ()


def nodes(node: Node) -> Iterator[Node]:
    """`node` and all that it leads to, each once, in the order of the tree."""
    seen: dict[int, Node] = {}
    waiting: list[Node] = [node]
    while waiting:
        here = waiting.pop()
        if id(here) not in seen:
            seen[id(here)] = here
            yield here
            waiting.extend(way for _, way in reversed(children(here)))


def outcomes(node: Node) -> tuple[Outcome, ...]:
    """Every leaf that `node` leads to, under any reading."""
    found = {way.name: way for way in nodes(node) if isinstance(way, Outcome)}
    return tuple(found.values())


NO_READINGS: Final[dict[str, str]] = {}
"""Every parameter at its stance."""
