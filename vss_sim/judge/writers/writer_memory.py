"""What the checker remembers of writers: the instances that the log shows events of, and what was raised for whom.

A log without an event line has no such memory. An instance is taken to be recorded from the line on at which it is
first seen; all of it is bounded, and what is forgotten is held against nobody.
"""

from collections.abc import Callable, Iterator
from enum import Enum
from typing import Final, NamedTuple, TypeVar

from msgspec.structs import replace

from vss_sim.judge.findings import Finding, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, MachineView, Mark
from vss_sim.spec.enums import WriterState
from vss_sim.spec.events import ABORT, FREEZE, IDENTIFY, PREPARE_FOR_BACKUP, RAISED_BY, THAW
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.common import RELEASED
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_WRITERS: Final = 512
_SESSIONS: Final = 64
_ACCUSED: Final = 8
_EARLY: Final = 64
_TOGETHER: Final = frozenset({FREEZE, THAW, ABORT})
"""Who records one of these records them all; of other kinds each has to be seen once before it is missed."""

_Kept = TypeVar("_Kept")


class Standing(NamedTuple):
    """Where a writer stands: the event that it handled last or failed, the state, the failure (empty: none told)."""

    event: str
    state: WriterState | None
    failed: bool
    code: str
    mark: Mark
    rule: str = ""
    """The rule of a failure that is no answer to an event."""
    before: WriterState | None = None
    """Where it stood before the event, and still stands while it handles it."""


def keep_within(memory: dict[str, _Kept], instance: str, value: _Kept) -> None:
    """Remember something of an instance, as far as there is room."""
    if instance in memory or len(memory) < _WRITERS:
        memory[instance] = value


OPERATIONS: Final = frozenset(method for method in RAISED_BY if METHODS[method].operation is not None)
"""The asynchronous methods that raise events."""


class Tie(Enum):
    """How surely an event belongs to an object."""

    CERTAIN = "the log says so, or nobody else could raise it"
    LIKELY = "only a requester that the log does not show could have raised it as well"


class Accusation(NamedTuple):
    """A finding that waits for proof that the writer was there: any later event of it but `clears`."""

    clears: str | None
    missing: str
    finding: Finding
    at_new_session: bool = False
    """Whether only the beginning of another backup, or the end of the log, is the proof."""


class Early(NamedTuple):
    """An event whose call is not there yet: recorders write a call down when it returns.

    It is taken up by the call if that is the very next line; otherwise `finding` is said, if there is one.
    """

    line: int
    event: str
    take_up: Callable[["Session"], None]
    session: "Session | None" = None
    finding: Finding | None = None
    instance: str = ""


class WriterView:
    """A writer instance, as its events show it."""

    writer: str | None = None
    level: str | None = None
    last = 0
    foreign = False
    """Whether a requester that the log does not show has it take part in something."""
    unseen: tuple[str, Mark] | None = None
    """The last event of a creation that the log does not show the call of, until Abort."""
    may_be_gone = False
    """Whether it may have ended since it was seen last."""

    def __init__(self, instance: str) -> None:
        self.instance = instance
        self.accused: tuple[Accusation, ...] = ()

    def shows(self, line: Line) -> None:
        """What one of its events tells of it."""
        self.writer = parse_guid(line.writer) or self.writer
        self.level = line.level or self.level
        self.may_be_gone = False
        if line.event == ABORT:
            self.unseen = None

    def accuse(self, accusation: Accusation) -> None:
        """Keep a finding until the writer is seen again."""
        if len(self.accused) < _ACCUSED:
            self.accused = (*self.accused, accusation)


class Round:
    """The events of one call: who got which, and how far it went."""

    over = False
    furthest = -1
    furthest_mark: Mark = (0, "")
    lowest_level = -1
    lowest_mark: Mark | None = None

    def __init__(self, method: str, began: int) -> None:
        self.method = method
        self.events = RAISED_BY[method]
        self.began = began
        self.last: dict[str, int] = {}
        """Instance → the last of the events that it got, as a place in `events`."""
        self.marks: dict[str, Mark] = {}
        self.failed: dict[str, tuple[str, Mark]] = {}
        self.silent: set[str] = set()
        """Those of them that gave no answer, and that may be gone: nothing more can be told them."""
        self.aborted: dict[str, Mark] = {}

    def note(self, instance: str, place: int, mark: Mark) -> None:
        """An instance got the event at this place."""
        if instance in self.last or len(self.last) < _WRITERS:
            self.last[instance] = place
            self.marks[instance] = mark
        if place > self.furthest:
            self.furthest, self.furthest_mark = place, mark

    def fail(self, instance: str, event: str, mark: Mark, *, silent: bool) -> None:
        """An instance failed an event; `silent` if it did not answer."""
        self.failed[instance] = (event, mark)
        if silent:
            self.silent.add(instance)

    @property
    def failed_frozen(self) -> bool:
        """Whether a writer failed an event whose failure fails the call."""
        return any(event in (FREEZE, THAW) for event, _ in self.failed.values())


class Session:
    """What was raised for one backup components object."""

    released: Mark | None = None

    def __init__(self, obj: BackupObject) -> None:
        self.obj = obj
        self.rounds: dict[str, Round] = {}
        self.identified: dict[str, Mark | None] = {}
        """Instance → where its Identify failed, or None where it did not."""
        self.taking_part: dict[str, Mark] = {}
        self.to_be_aborted: dict[str, Mark] = {}
        self.aborted: dict[str, Mark] = {}
        self.shut_down: dict[str, Mark] = {}
        self.may_be_told: set[str] = set()
        """The instances that got an Abort or BackupShutdown which may be of this object, or of another one."""
        self.completed: set[str] = set()
        """The instances that were told of a good end."""
        self.standing: dict[str, Standing] = {}
        """Instance → where it stands."""
        self.gathered: dict[str, Standing] = {}
        """The same when status was gathered last."""
        self.may_be_listed: frozenset[str] | None = None
        """The instances that handled Identify or took part when status was gathered; None where that is not known."""
        self.saw_all = True
        """Whether no Identify may be one of several objects at once."""

    def running(self, method: str) -> Round | None:
        """The round of a method whose end was not seen."""
        found = self.rounds.get(method)
        return found if found is not None and not found.over else None

    def failed(self, method: str) -> set[str]:
        """The instances that failed an event of this call."""
        found = self.rounds.get(method)
        return set(found.failed) if found is not None else set()

    def handled(self, last: str) -> list[str]:
        """The instances whose last event of the creation was this one."""
        found = self.rounds.get("DoSnapshotSet")
        if found is None:
            return []
        place = found.events.index(last)
        return [instance for instance, reached in found.last.items() if reached == place]

    @property
    def settled(self) -> bool:
        """Whether every writer that took part was told of its end."""
        return self.released is not None and set(self.taking_part) <= set(self.shut_down)

    def begin(self, method: str, began: int) -> None:
        """A call that raises events is under way; what went before on this object is over.

        Where a writer stands that is asked for its metadata anew, nobody says: it begins from the start.
        """
        for earlier in self.rounds.values():
            earlier.over = True
        self.rounds[method] = Round(method, began)
        if method == "GatherWriterMetadata":
            self.standing.clear()

    def remember(self, marks: dict[str, Mark], instance: str, mark: Mark) -> None:
        """Keep in `marks` what was raised for an instance, as far as there is room."""
        if instance in marks or len(marks) < _WRITERS:
            marks[instance] = mark

    def identify(self, instance: str, *, succeeded: bool, mark: Mark) -> None:
        """An instance was asked to identify itself; nobody says where it stands then."""
        self.standing.pop(instance, None)
        if instance in self.identified or len(self.identified) < _WRITERS:
            self.identified[instance] = None if succeeded else mark

    def aborted_early(self, turn: Round, first: int) -> None:
        """Abort, too, may stand before its call: after the other events that came early, from line `first` on."""
        for instance in turn.last:
            mark = self.aborted.get(instance)
            if mark is not None and mark[0] >= first:
                turn.aborted[instance] = mark

    def takes_part(self, instance: str) -> bool:
        """Whether an instance takes part in the operation of this object, as long as nobody told it of the end."""
        return instance in self.taking_part and instance not in self.shut_down and self.released is None

    def ground(self, instance: str) -> tuple[Mark, ...]:
        """Where the instance began to take part."""
        return (self.taking_part[instance],) if instance in self.taking_part else ()


class WriterMemory:
    """What one machine's events have shown."""

    def __init__(self) -> None:
        self.writers: dict[str, WriterView] = {}
        self.sessions: dict[int, Session] = {}
        self.kinds: set[str] = set()
        self.missed: set[str] = set()
        self._early: list[Early] = []
        self._run = (0, 0)

    def advance(self, history: History, number: int) -> None:
        """The next event line: unless it follows the one before at once, no call can take up what came early."""
        began, ended = self._run
        if number != ended + 1:
            self.flush(history)
            began = number
        self._run = (began, number)

    def come_early(self, early: Early) -> None:
        """Keep an event whose call may be the very next one."""
        if len(self._early) < _EARLY:
            self._early.append(early)

    def begin(self, history: History, session: Session, method: str, number: int) -> None:
        """A call that raises events is under way, and takes up those that came just before it."""
        session.begin(method, number)
        early, self._early = self._early, []
        for one in early:
            fits = one.session in (None, session) and one.event in RAISED_BY[method]
            if fits and number == self._run[1] + 1:
                one.take_up(session)
            elif one.finding is not None:
                history.find(one.finding)
        if number == self._run[1] + 1:
            session.aborted_early(session.rounds[method], self._run[0])

    def is_making(self, session: Session, instance: str) -> bool:
        """Whether the set of a session is being made: a call shows it, or an event that waits for its call."""
        return session.running("DoSnapshotSet") is not None or any(
            one.session is session and one.instance == instance for one in self._early
        )

    def flush(self, history: History) -> None:
        """Say what came early and was not taken up."""
        early, self._early = self._early, []
        for one in early:
            if one.finding is not None:
                history.find(one.finding)

    def resolve(self, history: History, view: WriterView, event: str) -> None:
        """The instance is there: what waited for the proof of that is said, but for what this event clears."""
        if not view.accused:
            return
        kept: list[Accusation] = []
        cleared = False
        for accusation in view.accused:
            if accusation.clears == event and not cleared:
                cleared = True
            elif (accusation.clears is not None and event == IDENTIFY) or (
                accusation.at_new_session and event != PREPARE_FOR_BACKUP
            ):
                kept.append(accusation)
            else:
                self.miss(history, accusation.missing, accusation.finding)
        view.accused = tuple(kept)

    def miss(self, history: History, event: str, finding: Finding) -> None:
        """Say that an event did not come, as grave as it is."""
        level = self.missing_level(event)
        if level is not None:
            history.find(replace(finding, level=level))

    def missing_level(self, event: str) -> Level | None:
        """How grave it is that an event did not come: of a kind that the log never showed it is said once."""
        if self.records(event):
            return Level.ERROR
        if event in self.missed:
            return None
        self.missed.add(event)
        return Level.WARNING

    def view(self, instance: str) -> WriterView:
        """The writer instance; where there are too many, the one that was silent the longest is forgotten."""
        found = self.writers.pop(instance, None) or WriterView(instance)
        self.writers[instance] = found
        if len(self.writers) > _WRITERS:
            del self.writers[next(iter(self.writers))]
        return found

    def session(self, obj: BackupObject) -> Session:
        """What was raised for `obj`; where there are too many objects, those are forgotten that came to their end."""
        found = self.sessions.get(id(obj))
        if found is None:
            if len(self.sessions) >= _SESSIONS:
                settled = next((key for key, session in self.sessions.items() if session.settled), None)
                del self.sessions[settled if settled is not None else next(iter(self.sessions))]
            found = self.sessions[id(obj)] = Session(obj)
        return found

    def records(self, event: str) -> bool:
        """Whether the log shows events of this kind."""
        return event in self.kinds or (event in _TOGETHER and not _TOGETHER.isdisjoint(self.kinds))

    def may_be_told(self, instance: str) -> None:
        """An event of an end came, and several objects may have raised it: none of them owes it any more.

        Where each of them may have raised one before, those that are gone have raised theirs by now.
        """
        found = list(self.unsettled(instance))
        again = all(instance in session.may_be_told for session in found)
        for session in found:
            session.may_be_told.add(instance)
            if again and session.released is not None:
                session.remember(session.shut_down, instance, session.released)

    def unsettled(self, instance: str) -> Iterator[Session]:
        """The sessions that an instance takes part in and was not told the end of."""
        for session in self.sessions.values():
            if instance in session.taking_part and instance not in session.shut_down:
                yield session


def memory_of(history: History, machine: MachineView, name: str) -> WriterMemory:
    """The memory of a machine whose events the log shows; from the first of them on, calls that raise some count."""
    memory = machine.writers
    if memory is None:
        memory = machine.writers = WriterMemory()
        history.watch()
        for (place, _), objects in history.processes.items():
            for obj in objects.values() if place == name else ():
                _take_over(memory, obj)
    return memory


def _take_over(memory: WriterMemory, obj: BackupObject) -> None:
    """What an object was at when the first event came."""
    if obj.state & RELEASED:
        return
    session = memory.session(obj)
    for running in obj.running.values():
        if running.method.name in OPERATIONS and running.end is None and running.is_current:
            session.rounds[running.method.name] = Round(running.method.name, running.began)


def session_of(history: History, step: Step, obj: BackupObject) -> Session | None:
    """What was raised for `obj`, if the log shows events at all."""
    machine = history.machines.get(step.line.machine or "")
    memory = machine.writers if machine is not None else None
    return None if memory is None else memory.sessions.get(id(obj))
