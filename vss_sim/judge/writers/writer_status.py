"""What the status of writers tells.

GetWriterStatus answers S_OK for a failed writer as well, so what it hands out is what counts; and status that is
gathered on an object without an operation says nothing of the operation of another one.
"""

from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import AsyncObject, BackupObject, End, Mark
from vss_sim.judge.recorded import writer_failure
from vss_sim.judge.told import added, without
from vss_sim.spec.state import Phase, Prepare, Status, any_of
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_EVENTS: Final = (
    Prepare.PENDING.bit,
    Phase.CREATING.bit,
    Phase.COMPLETING.bit,
    Phase.PRE_RESTORING.bit,
    Phase.POST_RESTORING.bit,
)
_OWN_SEQUENCE: Final = any_of(Phase.SET_STARTED, Phase.SET_FILLED, Phase.CREATING, Phase.CREATED, Phase.COMPLETING)
_NO_SEQUENCE: Final = Phase.BACKUP.bit


def last_event(obj: BackupObject, before: int) -> AsyncObject | None:
    """The last call on `obj` that raised an event of a backup or restore, before a line."""
    found: AsyncObject | None = None
    for pending in _EVENTS:
        running = obj.running.get(pending)
        if running is not None and running.began < before and (found is None or running.began > found.began):
            found = running
    return found


def unread_event(obj: BackupObject, before: int) -> AsyncObject | None:
    """The last event before a line, where it came to its end and status was not gathered since."""
    event = last_event(obj, before)
    if event is None or event.end in (End.FAILED, End.CANCELLED):
        return None
    gathered = obj.running.get(Status.GATHERING.bit)
    return event if gathered is None or gathered.began < event.began else None


def next_event(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Remember the first event after which nobody asked the writers how they took it."""
    del history, certain
    if obj.told.status_missed is None:
        event = unread_event(obj, step.number)
        if event is not None and event.operation.pending != Phase.PRE_RESTORING.bit:
            obj.telling().status_missed = (event.began, f"{event.method.name} began")


def judge_gather(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """GatherWriterStatus belongs into the sequence of its own object."""
    if certain and last_event(obj, step.number) is None and holds(obj.state, _NO_SEQUENCE) is Certainty.YES:
        other = _operation_elsewhere(history, step, obj)
        if other is not None:
            says = f"{obj.handle!r} raised no event; what it is told says nothing of the backup of {other.handle!r}"
            because = other.reasons(_OWN_SEQUENCE)
            finding = Finding(step.number, Level.INFO, At.REQUESTER, "seq-status-own-object", says, because)
            history.find(finding)


def _operation_elsewhere(history: History, step: Step, obj: BackupObject) -> BackupObject | None:
    """Another object of the same process whose backup is under way."""
    for other in history.machine(step.line).creators:
        same = other is not obj and other.process == obj.process
        if same and holds(other.state, _OWN_SEQUENCE) is Certainty.YES:
            return other
    return None


def read_status(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Remember which writers failed in the operation of this object; a later good status takes it back."""
    del history
    writer = parse_guid(step.results.get("pidWriter"))
    failure = writer_failure(step)
    if not certain or writer is None or failure is None:
        return
    key = (writer, parse_guid(step.results.get("pidInstance")) or "")
    known = obj.told.failed_writers
    if failure.succeeded and key in known:
        obj.telling().failed_writers = without(known, key)
    elif not failure.succeeded and last_event(obj, step.number) is not None:
        obj.telling().failed_writers = added(known, key, step.mark(f"the status of this writer is {failure.name}"))


def failed_writer(line: Line, obj: BackupObject) -> Mark | None:
    """Where the writer that a call names was seen to have failed."""
    arguments = line.in_ or {}
    writer = parse_guid(arguments.get("writerId"))
    instance = parse_guid(arguments.get("instanceId"))
    for (known, at), mark in obj.told.failed_writers.items():
        if known == writer and (not at or instance is None or at == instance):
            return mark
    return None


def because(*marks: Mark | None) -> tuple[Ground, ...]:
    """The marks that there are, as grounds."""
    return tuple(Ground(*mark) for mark in marks if mark)
