"""The state of each writer, as its events leave it, against what GetWriterStatus then shows.

The law is the table of events (`vss_sim.spec.events`): each says where a writer stands after it, done well or failed. A
failure stands until the backup or restore is over. The states after a success are told by their names alone, so that
another one is no more than a warning; a failure that is not shown is an error. What VSS says by itself of a writer that
is silent or has no session left is never held against it, nor the state that it shows beside it: no page tells that.
When a handler ended, a log does not say: while the operation that raised the event runs, its writer may still stand
where it stood before.
"""

from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.documents.document_memory import handler_failed
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark
from vss_sim.judge.recorded import code_of, writer_failure
from vss_sim.judge.words import word_of
from vss_sim.judge.writers.writer_memory import Session, Standing, WriterMemory, keep_within
from vss_sim.spec.creation import FREEZE_OVERRUN
from vss_sim.spec.enums import WriterState
from vss_sim.spec.events import ABORT, EVENTS, FREEZE, IDENTIFY, RAISED_BY, STATE_RULES, THAW
from vss_sim.spec.hresult import HResult
from vss_sim.spec.state import Status
from vss_sim.trace.values import parse_guid

NOT_RESPONDING: Final = "VSS_E_WRITER_NOT_RESPONDING"
_BY_VSS: Final = (NOT_RESPONDING, "VSS_E_WRITER_STATUS_NOT_AVAILABLE")
_SHOWN: Final = "wr-status-shown"
_LISTED: Final = "wr-status-only-identified"
_SILENT: Final = "wr-status-not-responding"


def is_silent(answer: object) -> bool:
    """Whether a writer gave no answer to an event; it may have crashed."""
    return code_in(answer) == NOT_RESPONDING


def code_in(answer: object) -> str:
    """The code of the failure that a handler's answer tells, by name; empty where there is none that can be read."""
    told = code_of(answer.get("fails")) if isinstance(answer, dict) else None
    return told.name if told is not None else ""


def stand(session: Session, instance: str, event: str, answer: object, mark: Mark) -> None:
    """A writer handled an event of this session; a status that is gathered meanwhile is of before or after it."""
    before = session.standing.get(instance)
    earlier = before.state if before is not None else WriterState.STABLE
    told = EVENTS[event]
    if holds(session.obj.state, Status.GATHERING.bit) is not Certainty.NO:
        session.gathered.pop(instance, None)
    code = code_in(answer)
    failed = handler_failed(answer)
    if instance in session.aborted and event != ABORT:
        return
    if answer is None:
        session.standing.pop(instance, None)
        return
    if failed and event != ABORT:
        silent = is_silent(answer)
        state = WriterState.UNKNOWN if silent else told.failed
        now = Standing(event, state, True, code, mark, _SILENT if silent else "", earlier)
    elif before is not None and before.failed:
        return
    elif event == ABORT:
        session.standing.pop(instance, None)
        return
    else:
        now = Standing(event, told.done, False, "", mark, before=earlier)
    keep_within(session.standing, instance, now)


def lose_sight(memory: WriterMemory, instance: str, event: str) -> None:
    """An event of which nobody knows whose it is: where the writer stands is not known any more."""
    for session in memory.sessions.values() if event != IDENTIFY else ():
        session.standing.pop(instance, None)


def gather(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """What status is gathered of is how writers stand now."""
    del certain
    memory = history.machine(step.line).writers
    session = memory.sessions.get(id(obj)) if memory is not None else None
    if session is not None:
        session.gathered = {instance: _as_of_now(session, one) for instance, one in session.standing.items()}
        asked = session.rounds.get("GatherWriterMetadata")
        wholly = asked is not None and asked.over and session.saw_all
        session.may_be_listed = frozenset({*session.identified, *session.taking_part}) if wholly else None


def _as_of_now(session: Session, standing: Standing) -> Standing:
    """Where a writer stands, without where it stood before: the operation that raised the event is over."""
    running = any(standing.event in events and session.running(method) for method, events in RAISED_BY.items())
    return standing if running else standing._replace(before=None)


def judge_shown_state(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """GetWriterStatus shows one writer."""
    memory = history.machine(step.line).writers
    session = memory.sessions.get(id(obj)) if memory is not None else None
    instance = parse_guid(step.results.get("pidInstance"))
    if session is None or instance is None or not certain:
        return
    if session.may_be_listed and instance not in session.may_be_listed:
        says = "a writer is listed that did not handle Identify for this object; only an express writer needs not"
        history.note(step, Level.INFO, _LISTED, says, at=At.IMPLEMENTATION)
    standing = session.gathered.get(instance)
    if standing is not None:
        _judge(history, step, standing)


def _judge(history: History, step: Step, standing: Standing) -> None:
    told = writer_failure(step)
    failure = told.name if told is not None else None
    state = word_of(WriterState, step.results.get("pnStatus"))
    if failure in _BY_VSS:
        return
    if failure == FREEZE_OVERRUN[0] and standing.code == NOT_RESPONDING and standing.event in (FREEZE, THAW):
        return  # it did not answer while it was frozen, and its time was over first
    if state is not None and state == standing.before:
        return
    rule = standing.rule or STATE_RULES.get(standing.event, _SHOWN)
    if standing.failed and (failure == HResult.S_OK.name or state in _GOOD):
        says = f"the writer failed at {standing.event or 'the end of its process'}, and its status shows no failure"
        also = (_SHOWN,) if rule != _SHOWN else ()
        history.note(step, Level.ERROR, rule, says, standing.mark, at=At.IMPLEMENTATION, also=also)
    elif standing.failed and standing.code and failure not in (None, standing.code):
        says = f"the writer failed with {standing.code}, and its status shows {failure}"
        history.note(step, Level.WARNING, _SHOWN, says, standing.mark, at=At.IMPLEMENTATION)
    elif state is not None and standing.state is not None and state not in (standing.state, WriterState.UNKNOWN):
        says = f"after {standing.event} the writer stands at {standing.state}, and its status shows {state}"
        history.note(step, Level.WARNING, rule, says, standing.mark, at=At.IMPLEMENTATION)


_GOOD: Final = frozenset(str(event.done) for event in EVENTS.values() if event.done is not None)
