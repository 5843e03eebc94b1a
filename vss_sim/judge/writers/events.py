"""Writer events of a log: whose they are, and what VSS may not have raised.

The law: an event follows the call that raises it, in the order of the table (`vss_sim.spec.events`), and nothing but
BackupShutdown follows Abort. Which object an event belongs to is certain where the line says so (`on`, or the id of the
shadow copy set) and for the events of a creation, of which a machine has one at a time; what only a requester outside
the log could explain otherwise is no more than a warning. Events that never came are judged in `missing_events`.
"""

from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.backups.protection import uninvited
from vss_sim.judge.documents.document_memory import handler_failed
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark
from vss_sim.judge.writers.identify_events import blame, judge_failed_identify, judge_identified_before
from vss_sim.judge.writers.shutdown_events import judge_restore_event, judge_set_id
from vss_sim.judge.writers.unseen_creations import judge_unseen
from vss_sim.judge.writers.whose_events import alone, may_be_of_another, shut_down
from vss_sim.judge.writers.writer_filter import judge_listed
from vss_sim.judge.writers.writer_memory import Early, Round, Session, Tie, WriterMemory, WriterView, memory_of
from vss_sim.judge.writers.writer_states import is_silent, lose_sight, stand
from vss_sim.spec.events import (
    ABORT,
    ABORT_FOLLOWS,
    BACKUP_COMPLETE,
    BACKUP_SHUTDOWN,
    EVENTS,
    IDENTIFY,
    LEVELS,
    POST_RESTORE,
    PRE_RESTORE,
    PREPARE_FOR_BACKUP,
    PREPARE_FOR_SNAPSHOT,
    RAISED_BY,
)
from vss_sim.spec.protocol.common import CREATION_SLOT, SET_BEGUN, WITH_WRITERS
from vss_sim.spec.state import Context, Phase
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_CALL: Final = {event: method for method, events in RAISED_BY.items() for event in events}
"""Event → the method that raises it."""
_DO: Final = "DoSnapshotSet"
_OF_A_CREATION: Final = RAISED_BY[_DO]
_ORDER: Final = "seq-do-event-order"
_ENDED_BY_ABORT: Final = ("seq-abort-ends-events", "writer-onabort-not-after-postsnapshot")
_TOO_LATE: Final = ("seq-abort-not-after-postsnapshot", "writer-onabort-not-after-postsnapshot")


def judge_event(history: History, number: int, line: Line) -> None:
    """Judge one event line, and remember what it shows of the writer."""
    event, instance = line.event, parse_guid(line.instance)
    if event not in EVENTS:
        return
    memory = memory_of(history, history.machine(line), line.machine or "")
    memory.advance(history, number)
    taken = _Taken(history, Step(number, line, None), memory, event, memory.view(instance) if instance else None)
    taken.take()


class _Taken:
    """One event while it is looked at."""

    def __init__(self, history: History, step: Step, memory: WriterMemory, event: str, view: WriterView | None) -> None:
        self.history = history
        self.step = step
        self.memory = memory
        self.event = event
        self.view = view
        self.known_before = view is not None and view.last > 0
        self.known = False  # whose event it is

    @property
    def failed(self) -> bool:
        """Whether the writer answered with a failure."""
        return handler_failed(self.step.line.answer) is True

    @property
    def instance(self) -> str:
        """The writer instance; empty where it was not recorded."""
        return self.view.instance if self.view else ""

    def mark(self) -> Mark:
        """This event, as a reason for something later."""
        return self.step.mark(f"{self.event} was raised")

    def take(self) -> None:
        """Judge it by its kind."""
        line = self.step.line
        if self.view is not None:
            self.view.shows(line)
            self.memory.resolve(self.history, self.view, self.event)
        if self.event in _OF_A_CREATION:
            self._of_a_creation()
        elif self.event == ABORT:
            self._abort()
        elif self.event == BACKUP_SHUTDOWN:
            self._shutdown()
        elif self.event == IDENTIFY:
            self._identify()
        else:
            self._single()
        if self.view is not None:
            self.view.last = self.step.number
            if not self.known:
                lose_sight(self.memory, self.instance, self.event)
        self.memory.kinds.add(self.event)

    def _belongs(self, session: Session) -> None:
        """The event is one of this session."""
        self.known = True
        stand(session, self.instance, self.event, self.step.line.answer, self.mark())

    def say(self, tie: Tie, rules: tuple[str, ...], says: str, *because: Mark) -> Finding:
        """The finding that VSS raised what it may not."""
        level = Level.ERROR if tie is Tie.CERTAIN else Level.WARNING
        grounds = tuple(Ground(*mark) for mark in because)
        return Finding(self.step.number, level, At.IMPLEMENTATION, rules[0], says, grounds, also=rules[1:])

    def find(self, tie: Tie, rules: tuple[str, ...], says: str, *because: Mark) -> None:
        """Say it."""
        self.history.find(self.say(tie, rules, says, *because))

    def named(self) -> Session | None:
        """The session that the line names, by the handle of the object or by the id of the shadow copy set."""
        line = self.step.line
        if line.on is not None:
            known = self.history.lookup(line)
            return self.memory.session(known) if isinstance(known, BackupObject) else None
        shown = parse_guid((line.in_ or {}).get("SnapshotSetId"))
        snapshot = self.history.machine(line).snapshots.get(shown or "")
        return self.memory.session(snapshot.owner) if snapshot is not None and snapshot.is_set else None

    def _slot(self) -> tuple[Session, Tie] | None:
        """The session whose shadow copy set is being made: a machine makes one at a time."""
        named = self.named()
        if named is not None or self.step.line.on is not None:
            return (named, Tie.CERTAIN) if named else None
        held = CREATION_SLOT.held_in
        creators = self.history.machine(self.step.line).creators
        possible = [obj for obj in creators if holds(obj.state, held) is not Certainty.NO]
        possible += [
            session.obj
            for session in self.memory.sessions.values()
            if session.running(_DO) and session.obj not in possible
        ]
        certain = [obj for obj in possible if holds(obj.state, held) is Certainty.YES]
        if len(certain) == 1:
            return self.memory.session(certain[0]), Tie.CERTAIN
        if len(possible) == 1 and (session := self.memory.session(possible[0])).running(_DO):
            return session, Tie.CERTAIN
        return None

    def _of_a_creation(self) -> None:
        slot = self._slot()
        if slot is None:
            self._not_ours()
            return
        session, tie = slot
        turn = session.running(_DO)
        obj = session.obj
        if turn is None:
            if holds(obj.state, SET_BEGUN) is Certainty.YES:
                says = f"{self.event} is raised although DoSnapshotSet was not called for the set in progress"
                self._come_early(session, self.say(tie, ("seq-no-do-no-snapshot-events",), says), tie)
            else:
                self._not_ours()
            return
        if holds(obj.state, WITH_WRITERS) is Certainty.NO:
            says = f"{self.event} is raised in a context without writers"
            self.find(tie, ("seq-writerless-no-events",), says, *obj.grounds_of(Context))
            return
        self.into(turn, session, tie)

    def into(self, turn: Round, session: Session, tie: Tie) -> None:
        """Take an event of a creation into its turn, and judge its place in the order."""
        view = self.view
        judge_listed(self, session.obj, tie)
        if view is None:
            return
        self._belongs(session)
        view.unseen = None
        events = turn.events
        place = events.index(self.event)
        before = turn.last.get(view.instance)
        done = before == len(events) - 1 or view.instance in turn.aborted
        if place == 0 and done:
            view.foreign = True
            return
        if view.instance in turn.aborted:
            says = f"{self.event} is raised for a writer that handled Abort"
            self.find(tie, _ENDED_BY_ABORT, says, turn.aborted[view.instance])
            return
        if before is not None and before >= place:
            says = f"{self.event} is raised after {events[before]}"
            self.find(tie, (_ORDER,), says, turn.marks[view.instance])
        elif turn.furthest > place:
            says = f"{self.event} is raised when other writers had {events[turn.furthest]} already"
            self.find(tie, (_ORDER,), says, turn.furthest_mark)
        elif place > (-1 if before is None else before) + 1 and (before is not None or self.known_before):
            self._left_out(turn, events[0 if before is None else before + 1], tie)
        if EVENTS[self.event].by_level:
            self._level(turn, view, tie)
        turn.note(view.instance, max(place, -1 if before is None else before), self.mark())
        if self.failed:
            turn.fail(view.instance, self.event, self.mark(), silent=is_silent(self.step.line.answer))

    def _left_out(self, turn: Round, missing: str, tie: Tie) -> None:
        level = self.memory.missing_level(missing)
        if level is not None and self.view is not None:
            says = f"{self.event} is raised for a writer that did not get {missing} before"
            because = (turn.marks[self.instance],) if self.instance in turn.marks else ()
            rules = (_ORDER, "writer-onpreparesnapshot-before-freeze") if missing == PREPARE_FOR_SNAPSHOT else (_ORDER,)
            self.find(tie if level is Level.ERROR else Tie.LIKELY, rules, says, *because)

    def _level(self, turn: Round, view: WriterView, tie: Tie) -> None:
        """Front-end writers are frozen before back-end ones, and these before system-level ones."""
        if view.level not in LEVELS:
            return
        rank = LEVELS.index(view.level)
        if turn.lowest_mark and rank < turn.lowest_level:
            says = f"a writer of {view.level} is frozen after one of {LEVELS[turn.lowest_level]}"
            self.find(tie, ("seq-freeze-by-level", "freeze-level-order"), says, turn.lowest_mark)
        elif rank > turn.lowest_level:
            turn.lowest_level, turn.lowest_mark = rank, self.mark()

    def _not_ours(self) -> None:
        if self.view is not None:
            self.view.foreign |= self.event == PREPARE_FOR_SNAPSHOT
            judge_unseen(self.history, self.memory, self.view, self.event, self.mark())

    def _abort(self) -> None:
        slot = self._slot()
        named = self.named()
        making = slot[0] if slot and self.memory.is_making(slot[0], self.instance) else None
        session = named or making or alone(self.memory, self.view, self.event)
        if session is not None and named is None and may_be_of_another(self.memory, self.instance, session):
            session = None
        if session is None or self.view is None:
            self.memory.may_be_told(self.instance)
            return
        turn = session.rounds.get(_DO)
        mark = self.mark()
        self._belongs(session)
        if self.failed and self.instance in session.aborted:
            says = "the writer fails another Abort of the same operation"
            blame(self, "wr-abort-repeatable", says, session.aborted[self.instance])
        session.remember(session.aborted, self.instance, mark)
        if turn is None:
            return
        reached = turn.last.get(self.instance)
        if reached is not None and turn.events[reached] not in ABORT_FOLLOWS:
            tie = Tie.CERTAIN if named or (slot and slot[0] is session and not turn.over) else Tie.LIKELY
            says = f"Abort is raised for a writer that handled {turn.events[reached]}"
            self.find(tie, _TOO_LATE, says, turn.marks[self.instance])
        elif not turn.over:
            turn.aborted[self.instance] = mark

    def _shutdown(self) -> None:
        named = self.named()
        session = named or shut_down(self.memory, self.view, self.event)
        if session is None:
            self.memory.may_be_told(self.instance)
            if self.view is not None:
                self.view.foreign = False
            return
        judge_set_id(self, session, Tie.CERTAIN if self.step.line.on is not None else Tie.LIKELY)
        if self.view is not None:
            self._belongs(session)
            if self.failed and self.instance in session.taking_part and self.instance not in session.completed:
                says = "the writer fails BackupShutdown after a backup that did not come to a good end"
                blame(self, "wr-shutdown-idempotent", says)
            session.remember(session.shut_down, self.instance, self.mark())

    def _identify(self) -> None:
        judge_failed_identify(self)
        running = self._running("GatherWriterMetadata")
        for session in running:
            turn = session.rounds["GatherWriterMetadata"]
            if self.view is None:
                continue
            turn.note(self.instance, 0, self.mark())
            if len(running) == 1:
                session.identify(self.instance, succeeded=not self.failed, mark=self.mark())
                judge_listed(self, session.obj, Tie.CERTAIN if self.step.line.on else Tie.LIKELY)
            else:
                session.saw_all = False
                session.identify(self.instance, succeeded=True, mark=self.mark())
        if not running:
            self._come_early(None, None, Tie.LIKELY)

    def _running(self, method: str) -> list[Session]:
        """The sessions for which the call that raises this event is under way."""
        if self.step.line.on is not None:
            named = self.named()
            return [named] if named is not None and named.running(method) else []
        return [session for session in self.memory.sessions.values() if session.running(method)]

    def _single(self) -> None:
        """An event that is all that its call raises."""
        method = _CALL[self.event]
        running = self._running(method)
        if not running:
            self._uncalled(method)
            return
        tie = Tie.CERTAIN if self.step.line.on is not None else Tie.LIKELY
        for session in running:
            if len(running) == 1:
                self.into_single(session, tie)
            elif self.view is not None:
                session.rounds[method].note(self.instance, 0, self.mark())

    def into_single(self, session: Session, tie: Tie) -> None:
        """Take the event into the turn of its call."""
        turn = session.rounds[_CALL[self.event]]
        if self.view is None or self.instance in turn.last:
            if self.view is not None:
                self.view.foreign = True
            return
        turn.note(self.instance, 0, self.mark())
        self._belongs(session)
        if self.failed:
            turn.fail(self.instance, self.event, self.mark(), silent=is_silent(self.step.line.answer))
        judge_listed(self, session.obj, tie)
        if self.event in (PREPARE_FOR_BACKUP, PRE_RESTORE):
            judge_identified_before(self, session)
        if self.event == PREPARE_FOR_BACKUP:
            session.remember(session.taking_part, self.instance, self.mark())
            if says := uninvited(session.obj, self.view.writer):
                self.find(tie, ("sel-writer-inhibited",), says)
        elif self.event == BACKUP_COMPLETE:
            self._complete(session, tie)
        else:
            judge_restore_event(self, session, tie)

    def _complete(self, session: Session, tie: Tie) -> None:
        session.completed.add(self.instance)
        if self.instance in session.shut_down:
            says = "BackupComplete is raised after BackupShutdown, which ends a backup"
            self.find(tie, ("seq-shutdown-follows-complete",), says, session.shut_down[self.instance])
        elif self.instance in session.aborted:
            says = "BackupComplete is raised for a writer that handled Abort"
            self.find(tie, _ENDED_BY_ABORT, says, session.aborted[self.instance])

    def _uncalled(self, method: str) -> None:
        """An event whose call is under way nowhere in the log: it came early, or is not ours, or should not be."""
        named = self.named()
        tie = Tie.CERTAIN if named else Tie.LIKELY
        if self.event == BACKUP_COMPLETE:
            session = named or alone(self.memory, self.view, self.event)
            if session is not None and method not in session.rounds:
                says = "BackupComplete is raised although the requester did not call BackupComplete"
                found = self.say(tie, ("seq-complete-event-on-call",), says, *session.ground(self.instance))
                self._come_early(session, found, tie)
        elif self.event in (PRE_RESTORE, POST_RESTORE):
            session = named or self._copying()
            if session is not None and holds(session.obj.state, Phase.PRE_RESTORED.bit) is Certainty.YES:
                says = f"{self.event} is raised between PreRestore and PostRestore, while files are put back"
                found = self.say(tie, ("seq-r-no-events-while-copying",), says, *session.obj.grounds_of(Phase))
                self._come_early(session, found, tie)
        elif self.view is not None:
            self.view.foreign = True
            self._come_early(None, None, Tie.LIKELY)

    def _come_early(self, session: Session | None, finding: Finding | None, tie: Tie) -> None:
        """The call may be the very next line, since recorders write a call down when it returns."""

        def take_up(taker: Session) -> None:
            if self.view is not None and session is None:
                self.view.foreign = False
            if self.event == IDENTIFY:
                taker.rounds["GatherWriterMetadata"].note(self.instance, 0, self.mark())
                taker.identify(self.instance, succeeded=not self.failed, mark=self.mark())
            elif self.event in _OF_A_CREATION:
                self.into(taker.rounds[_DO], taker, tie)
            else:
                self.into_single(taker, tie)

        self.memory.come_early(Early(self.step.number, self.event, take_up, session, finding, self.instance))

    def _copying(self) -> Session | None:
        """The restore that the instance is in, files being put back; PreRestore may be the first of another one."""
        if self.event == PRE_RESTORE or self.view is None:
            return None
        found = [
            session
            for session in self.memory.sessions.values()
            if (turn := session.rounds.get("PreRestore")) is not None and self.instance in turn.last
        ]
        return found[0] if len(found) == 1 else None
