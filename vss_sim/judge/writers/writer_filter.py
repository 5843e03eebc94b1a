"""Which writers an object lets take part, and what it may then be shown of them.

The law: without a filter every class takes part; each DisableWriterClasses adds to the disabled ones, and the first
EnableWriterClasses cancels them and lets only its own classes in. A writer that is kept out, or that failed Identify,
gets no event and stands in no list. A filter that the log does not wholly show is held against nobody.
"""

from typing import Any, Final, Protocol

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark
from vss_sim.judge.writers.writer_memory import Tie, WriterView
from vss_sim.spec.state import Metadata, Prepare, Status
from vss_sim.trace.values import parse_guid

_CLASSES: Final = 256
_DEFAULT: Final = ("seq-writer-filter-default",)
_ONLY_LISTED: Final = ("seq-enable-resets-disable", "enable-classes-exclusive")
_ADDED_UP: Final = ("seq-disable-accumulates", "disable-classes-accumulate")
_EACH_INSTANCE: Final = ("seq-disable-class-all-instances", "disable-classes-all-instances")
_HIDDEN: Final = ("seq-failed-identify-hidden",)


class WriterFilter:
    """What Enable- and DisableWriterClasses and DisableWriterInstances came to."""

    unsure = False
    calls = 0
    mark: Mark = (0, "")

    def __init__(self) -> None:
        self.disabled: dict[str, int] = {}
        """Class → the number of the call that disabled it."""
        self.was_disabled: set[str] = set()
        self.enabled: set[str] | None = None
        self.instances: set[str] = set()

    def blocked(self, writer: str | None) -> tuple[str, ...] | None:
        """The rules by which a writer class is kept out; None where it is not, or nobody knows."""
        if self.unsure or writer is None:
            return None
        if self.enabled is not None:
            if writer in self.enabled:
                return None
            return _ONLY_LISTED if self.was_disabled else _ONLY_LISTED[1:]
        if writer not in self.disabled:
            return None
        return _ADDED_UP if self.disabled[writer] < self.calls else _EACH_INSTANCE

    def lets_pass(self, writer: str | None, instance: str) -> bool:
        """Whether a writer instance takes part for certain."""
        if self.unsure or instance in self.instances:
            return False
        if writer is None:
            return not self.disabled and self.enabled is None
        return self.blocked(writer) is None

    def enabling_rules(self, writer: str | None) -> tuple[str, ...]:
        """The rules by which a writer that could have been kept out is not."""
        if self.enabled is None and not self.disabled and not self.instances:
            return _DEFAULT
        return _ONLY_LISTED[:1] if self.enabled is not None and writer in self.was_disabled else ()


def filter_of(obj: BackupObject) -> WriterFilter:
    """The filter of an object; nothing is sure of one whose making the log does not show."""
    if obj.writer_filter is None:
        found = WriterFilter()
        found.unsure = obj.made is None
        return found
    return obj.writer_filter


def note_filter(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A filter call succeeded, or may have; once the metadata are gathered it has no effect.

    Who was prepared without that hears on; no page says what a filter is to the others then.
    """
    ungathered = holds(obj.state, Metadata.NONE.bit)
    if ungathered is Certainty.NO:
        return
    found = obj.writer_filter = filter_of(obj)
    instances = "DisableWriterInstances" in (step.line.call or "")
    named = _guids(step.arguments.get("rgWriterInstanceId" if instances else "rgWriterClassId"))
    unprepared = holds(obj.state, Prepare.NONE.bit)
    if named is None or not certain or {ungathered, unprepared} != {Certainty.YES}:
        found.unsure = True
        return
    found.calls += 1
    found.mark = step.mark("the filter was set")
    if instances:
        found.instances |= named
    elif "Enable" in (step.line.call or ""):
        found.was_disabled |= set(found.disabled)
        found.disabled = {}
        found.enabled = (found.enabled or set()) | named
    elif found.enabled is not None:
        found.unsure = True
    else:
        for writer in named:
            found.disabled.setdefault(writer, found.calls)
    if len(found.disabled) + len(found.instances) + len(found.enabled or ()) > _CLASSES:
        found.unsure = True
        found.disabled, found.instances = {}, set()


def _guids(value: Any) -> set[str] | None:
    """The ids of an array as it was recorded; a single one may stand without its list."""
    items = value if isinstance(value, list) else [value]
    found = {parse_guid(item) for item in items}
    return None if None in found or len(items) > _CLASSES else {item for item in found if item}


class _Event(Protocol):
    """An event line while it is looked at."""

    view: WriterView | None
    step: Step

    def find(self, tie: Tie, rules: tuple[str, ...], says: str, *because: Mark) -> None:
        """Say that VSS raised what it may not."""


def judge_listed(event: _Event, obj: BackupObject, tie: Tie) -> None:
    """An event for a writer that the object keeps out."""
    listed = filter_of(obj)
    writer = event.view.writer if event.view else parse_guid(event.step.line.writer)
    rules = listed.blocked(writer)
    if rules is not None:
        says = f"{event.step.line.event} is raised for a writer that this object keeps out"
        event.find(tie, rules, says, listed.mark)


def judge_shown(history: History, step: Step, obj: BackupObject) -> None:
    """A writer that a call shows: by its instance, by its class, or by both."""
    instance, writer = parse_guid(step.results.get("pidInstance")), parse_guid(step.results.get("pidWriter"))
    memory = history.machine(step.line).writers
    session = memory.sessions.get(id(obj)) if memory is not None else None
    failed = session.identified.get(instance) if session is not None and instance else None
    if failed is not None and not _is_older_list(step, obj, failed):
        says = f"{step.line.call} shows a writer whose Identify handler failed"
        _find(history, step, _HIDDEN, says, failed)
        return
    if writer is None and memory is not None and instance in memory.writers:
        writer = memory.writers[instance].writer
    listed = filter_of(obj)
    rules = listed.blocked(writer)
    if rules is not None and not _is_older_list(step, obj, listed.mark):
        _find(history, step, rules, f"{step.line.call} shows a writer that this object keeps out", listed.mark)


def _is_older_list(step: Step, obj: BackupObject, mark: Mark) -> bool:
    """A list of statuses that was gathered before a writer was kept out, or failed, has it still."""
    gathered = obj.running.get(Status.GATHERING.bit) if "Status" in (step.line.call or "") else None
    return gathered is not None and gathered.began < mark[0]


def _find(history: History, step: Step, rules: tuple[str, ...], says: str, *because: Mark) -> None:
    history.note(step, Level.ERROR, rules[0], says, *because, at=At.IMPLEMENTATION, also=rules[1:])


def judge_listing(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A call that shows one writer of a list succeeded."""
    if certain and step.line.out and (history.watching or obj.writer_filter is not None):
        judge_shown(history, step, obj)
