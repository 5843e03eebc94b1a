"""Writer events that did not come: seen when the call that raises them is over, or when the object is given up.

The law: a call raises its events for everybody of its audience before it is over. A writer that the log showed in the
middle of a creation is held against VSS at once; one that got nothing is named only when a later event proves that it
was there. A log that never showed an event of a kind may not record that kind: then it is one warning.
"""

from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import AsyncObject, BackupObject, End, Mark
from vss_sim.judge.writers.gone_writers import can_be_told
from vss_sim.judge.writers.writer_filter import filter_of
from vss_sim.judge.writers.writer_memory import OPERATIONS, Accusation, Round, Session, WriterMemory
from vss_sim.spec.events import (
    ABORT,
    ABORT_FOLLOWS,
    BACKUP_SHUTDOWN,
    EVENTS,
    FREEZE,
    IDENTIFY,
    NOT_RAISED,
    POST_SNAPSHOT,
    PREPARE_FOR_SNAPSHOT,
    PROVIDER_FAILURE_ABORTS,
    RAISED_IN,
    THAW,
    Audience,
    FailureLeads,
)
from vss_sim.spec.state import BackupState, Phase
from vss_sim.trace.values import Code

_DO: Final = "DoSnapshotSet"
_THAW_OR_ABORT: Final = ("seq-freeze-then-thaw-or-abort", "writer-onfreeze-then-thaw-or-abort")
_FROZEN_FAILURE: Final = "seq-abort-event-on-freeze-thaw"
_NO_CAUSE: Final = "seq-no-abort-on-prep-post"
_CAUSES: Final = "writer-onabort-causes"
_ABORT: Final = "AbortBackup"
_RELEASE: Final = "Release"


def called(history: History, step: Step, method: str, obj: BackupObject) -> None:
    """A call succeeded, in a log that shows events."""
    if method in OPERATIONS:
        began(history, step, method, obj)
    elif method == _ABORT:
        aborted(history, step, obj)
    elif method == _RELEASE:
        released(history, step.number, step.line.machine or "", obj)


def began(history: History, step: Step, method: str, obj: BackupObject) -> None:
    """A call that raises events succeeded, in a log that shows some."""
    memory = history.machine(step.line).writers
    if memory is not None and method in OPERATIONS:
        memory.begin(history, memory.session(obj), method, step.number)


def ended(history: History, step: Step, known: AsyncObject, end: End, result: Code) -> None:
    """An operation was seen to be over: whoever was to get its events has got them."""
    machine = history.machine(step.line)
    if machine.infrastructure_down and end is End.FINISHED and known.method.name.startswith("GatherWriter"):
        says = f"{known.method.name} finished well although the event system had stopped"
        rule = "seq-infrastructure-down"
        history.note(step, Level.WARNING, rule, says, machine.infrastructure_down, at=At.IMPLEMENTATION)
    memory = machine.writers
    session = memory.sessions.get(id(known.owner)) if memory is not None else None
    turn = session.rounds.get(known.method.name) if session is not None else None
    if memory is None or session is None or turn is None or turn.began != known.began or turn.over:
        return
    memory.flush(history)
    turn.over = True
    judge = _Over(history, step.number, memory, session, turn)
    if end is End.CANCELLED or holds(session.obj.state, RAISED_IN[turn.method]) is not Certainty.YES:
        return
    if known.method.name != _DO:
        if end is End.FINISHED:
            judge.single()
    elif end is End.FINISHED:
        judge.created()
    else:
        judge.failed(result)


class _Over:
    """One call that is over."""

    def __init__(self, history: History, number: int, memory: WriterMemory, session: Session, turn: Round) -> None:
        self.history = history
        self.number = number
        self.memory = memory
        self.session = session
        self.turn = turn

    def finding(self, missing: str, rules: tuple[str, ...], instance: str, *because: Mark) -> Finding:
        """The finding that an event did not come."""
        says = f"{self.turn.method} is over, and {missing} was not raised for the writer {{{instance}}}"
        grounds = tuple(Ground(*mark) for mark in because)
        return Finding(self.number, Level.ERROR, At.IMPLEMENTATION, rules[0], says, grounds, also=rules[1:])

    def find(self, missing: str, rules: tuple[str, ...], instance: str, *because: Mark) -> None:
        """Say it."""
        self.memory.miss(self.history, missing, self.finding(missing, rules, instance, *because))

    def created(self) -> None:
        """The set was created: every writer that began to take part in it got all of its events."""
        turn, events = self.turn, self.turn.events
        for instance, place in turn.last.items():
            failure = turn.failed.get(instance)
            if instance in turn.silent:
                continue
            if failure and failure[0] in (FREEZE, THAW) and instance not in turn.aborted:
                self.find(ABORT, (_FROZEN_FAILURE,), instance, failure[1])
            elif place < len(events) - 1 and not failure and instance not in turn.aborted:
                missing = events[place + 1]
                self.find(missing, NOT_RAISED[missing], instance, turn.marks[instance])
        if not turn.failed_frozen and turn.failed:
            self._aborted_without_cause()
        elif not turn.failed:
            for mark in turn.aborted.values():
                says = "Abort is raised although no handler failed and the shadow copy set was created"
                self.history.find(Finding(mark[0], Level.ERROR, At.IMPLEMENTATION, _CAUSES, says))
        if turn.last:
            self._silent(events[0])

    def _aborted_without_cause(self) -> None:
        """Abort was raised, and all that went wrong is a PrepareForSnapshot or PostSnapshot handler."""
        because = next(mark for _, mark in self.turn.failed.values())
        for instance, mark in self.turn.aborted.items():
            own = self.turn.failed.get(instance)
            if own and EVENTS[own[0]].leads(self.history.profile) is FailureLeads.ABORTS_WRITER:
                continue
            says = "Abort is raised merely because a handler failed that is none of Freeze and Thaw"
            grounds = (Ground(*because),) if because[0] <= mark[0] else ()
            finding = Finding(mark[0], Level.ERROR, At.IMPLEMENTATION, _NO_CAUSE, says, grounds, also=(_CAUSES,))
            self.history.find(finding)

    def failed(self, result: Code) -> None:
        """The creation failed: who was on the way is told by Abort."""
        turn = self.turn
        by_writer = turn.failed_frozen or "WRITER" in result.name
        for instance, place in turn.last.items():
            last = turn.events[place]
            failure = turn.failed.get(instance)
            if instance in turn.aborted or instance in turn.silent or last not in ABORT_FOLLOWS:
                continue
            if failure and failure[0] == PREPARE_FOR_SNAPSHOT:
                continue
            rules = list(_THAW_OR_ABORT) if last == FREEZE else []
            if failure:
                rules.insert(0, _FROZEN_FAILURE)
            elif not by_writer:
                rules.insert(0, PROVIDER_FAILURE_ABORTS)
            if rules:
                self.find(ABORT, tuple(rules), instance, turn.marks[instance])

    def single(self) -> None:
        """A call with one event is over."""
        event = self.turn.events[0]
        if EVENTS[event].audience is not Audience.SELECTED:
            self._silent(event)

    def _silent(self, event: str) -> None:
        """Who got nothing at all is named when it is seen again."""
        for instance, rules in self._expected().items():
            if instance in self.turn.last:
                continue
            view = self.memory.writers.get(instance)
            if view is None or not 0 < view.last < self.number:
                continue
            finding = self.finding(event, rules, instance, (view.last, "this writer was seen"))
            view.accuse(Accusation(None if event == IDENTIFY else event, event, finding))

    def _expected(self) -> dict[str, tuple[str, ...]]:
        """The instances that should have got the event, each with the rules that say so."""
        session, method = self.session, self.turn.method
        rules = NOT_RAISED[self.turn.events[0]]
        if self.turn.events[0] == IDENTIFY:
            listed = filter_of(session.obj)
            return {
                view.instance: rules + listed.enabling_rules(view.writer)
                for view in self.memory.writers.values()
                if view.last < self.turn.began and listed.lets_pass(view.writer, view.instance)
            }
        if method == "PrepareForBackup":
            return {instance: rules for instance in self._chosen() if not self._may_have_no_session_left(instance)}
        gone = {*session.aborted, *session.shut_down, *session.failed("PrepareForBackup"), *session.failed(_DO)}
        if method != _DO and session.obj.creation_ran:
            return {instance: rules for instance in session.handled(POST_SNAPSHOT) if instance not in gone}
        return {instance: rules for instance in session.taking_part if instance not in gone}

    def _may_have_no_session_left(self, instance: str) -> bool:
        """A writer takes part in so many operations at a time, and how many is not told (rule req-session-limit)."""
        others = (one for one in self.memory.sessions.values() if one is not self.session)
        return any(one.takes_part(instance) for one in others)

    def _chosen(self) -> list[str]:
        """The instances that take part: by volumes all that identified themselves, by components those chosen."""
        obj = self.session.obj
        if holds(obj.state, BackupState.VOLUMES.bit) is Certainty.YES:
            return [instance for instance, failure in self.session.identified.items() if failure is None]
        if holds(obj.state, BackupState.COMPONENTS.bit) is Certainty.YES:
            return list({key[3] for key in obj.components if key[3]})
        return []


def aborted(history: History, step: Step, obj: BackupObject) -> None:
    """AbortBackup succeeded: whoever is on the way is told, before the object is given up at the latest."""
    memory = history.machine(step.line).writers
    session = memory.sessions.get(id(obj)) if memory is not None else None
    if memory is None or session is None or holds(obj.state, Phase.ABORTED.bit) is Certainty.NO:
        return
    memory.flush(history)
    creation = session.rounds.get(_DO)
    for instance in session.taking_part:
        place = creation.last.get(instance) if creation is not None else None
        done = place is None and obj.creation_ran
        if place is not None and creation is not None:
            done = creation.events[place] not in ABORT_FOLLOWS
        done |= instance in session.completed
        told = instance in session.aborted or instance in session.shut_down
        if not done and not told and can_be_told(memory, session, instance):
            session.remember(session.to_be_aborted, instance, step.mark("AbortBackup was accepted"))
    for turn in session.rounds.values():
        turn.over = True


def released(history: History, line: int, machine: str, obj: BackupObject) -> None:
    """The object is given up: whoever took part in its backup is told by BackupShutdown."""
    view_of = history.machines.get(machine)
    memory = view_of.writers if view_of is not None else None
    session = memory.sessions.get(id(obj)) if memory is not None else None
    if memory is None or session is None or session.released:
        return
    memory.flush(history)
    session.released = (line, "the object was given up")
    for turn in session.rounds.values():
        turn.over = True
    over = _Over(history, line, memory, session, Round(_ABORT, line))
    for instance, mark in session.to_be_aborted.items():
        if instance not in session.aborted and instance not in session.may_be_told and instance in memory.writers:
            over.find(ABORT, NOT_RAISED[ABORT], instance, session.taking_part[instance], mark)
    over = _Over(history, line, memory, session, Round(_RELEASE, line))
    for instance, mark in session.taking_part.items():
        view = memory.writers.get(instance)
        if view is None or instance in session.shut_down or instance in session.may_be_told:
            continue
        finding = over.finding(BACKUP_SHUTDOWN, NOT_RAISED[BACKUP_SHUTDOWN], instance, mark)
        view.accuse(Accusation(BACKUP_SHUTDOWN, BACKUP_SHUTDOWN, finding, at_new_session=True))


def at_the_end(history: History, *, complete: bool) -> None:
    """The log is over: what came early is said, and who of several was not told of the end of a backup."""
    for machine in history.machines.values():
        memory = machine.writers
        if memory is None:
            continue
        memory.flush(history)
        for view in memory.writers.values() if complete else ():
            for accusation in view.accused:
                if accusation.at_new_session and view.last > accusation.finding.line:
                    memory.miss(history, accusation.missing, accusation.finding)
