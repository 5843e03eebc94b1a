"""The events that writers got, where an implementation reports them beside its answers.

What a case shows must have been reported, writer by writer, in that order. Between writers, only what VSS promises is
compared: a stage of the creation of a shadow copy set begins when all writers are through the one before, and Freeze
reaches writers by their level. More events may have been reported, but for those of which the case says that it shows
them all (`silence`). An implementation that reports no event in a case is not judged by them.
"""

from typing import Any, Final, NamedTuple

from .binding import Binding
from .ids import guid_of

Line = dict[str, Any]

_FREEZE: Final = "Freeze"
_STAGES: Final = ("PrepareForSnapshot", _FREEZE, "Thaw", "PostSnapshot")
BY_STAGE: Final = ("seq-do-event-order",)
"""The rule by which all writers are through a stage before the next one begins."""
BY_LEVEL: Final = ("seq-freeze-by-level", "freeze-level-order")
"""Those by which Freeze goes from level to level."""


class Event(NamedTuple):
    """An event, of which writer, on which machine, and whether it handled it well."""

    name: str
    writer: str
    good: bool
    machine: str = ""

    @property
    def told(self) -> str:
        """In words."""
        return self.name if self.good else f"{self.name} (failed by the writer)"


class EventOrder:
    """Gathers what a case shows and what was reported."""

    def __init__(self, levels: dict[str, str]) -> None:
        """`levels`: the class of a writer, as a GUID → its level."""
        self._levels = levels
        self._shown: list[Event] = []
        self._reported: list[tuple[Event, int]] = []

    @property
    def any_shown(self) -> bool:
        """Whether the case has shown an event."""
        return bool(self._shown)

    @property
    def any_reported(self) -> bool:
        """Whether the implementation has reported an event."""
        return bool(self._reported)

    def others_than_shown(self, binding: Binding) -> bool:
        """Whether a writer got other events than the case shows, or in another order; or one of which it shows none."""
        writers = {event.writer for event in self._shown}
        if not all(any(_is_of(event, writer, binding) for writer in writers) for event, _ in self._reported):
            return True
        for writer in dict.fromkeys(event.writer for event in self._shown):
            due = [(event.name, event.good) for event in self._shown if event.writer == writer]
            if due != [(event.name, event.good) for event, _ in self._reported if _is_of(event, writer, binding)]:
                return True
        return False

    def shown(self, line: Line) -> None:
        """An event as the case has it."""
        self._shown.append(_event(line))

    def reported(self, line: Line, number: int) -> None:
        """An event as the implementation reports it, in reply to the line of this number."""
        if "event" in line:
            self._reported.append((_event(line), number))

    def missing(self, binding: Binding) -> tuple[int, str, tuple[str, ...]] | None:
        """Which of the shown events was not reported in its place, and that in words; None where nothing is missing.

        Where it came to one writer before another, with the rules that promise this order.
        """
        if not self._reported:
            return None
        places = self._places(binding)
        for place, event in enumerate(self._shown):
            if places[place] is None:
                got = ", ".join(other.name for other in self._shown[:place] if other.writer == event.writer)
                return place, f"writer {event.writer} did not get {event.told} after {got or 'nothing'}", ()
            for earlier, other in enumerate(self._shown[:place]):
                promise, at, before = self._promise(other, event), places[place] or 0, places[earlier] or 0
                if promise and before > at:
                    says = f"writer {event.writer} got {event.told} before writer {other.writer} got {other.told}"
                    return place, f"{says}, in reply to line {self._reported[at][1]}", promise
        return None

    def _places(self, binding: Binding) -> list[int | None]:
        """Where each of the shown events was reported, in the order of its writer."""
        left = {event.writer: iter(self._of(event.writer, binding)) for event in self._shown}
        return [next((at for at in left[one.writer] if self._is_same(at, one)), None) for one in self._shown]

    def _is_same(self, at: int, shown: Event) -> bool:
        reported, _ = self._reported[at]
        return (reported.name, reported.good) == (shown.name, shown.good)

    def _of(self, writer: str, binding: Binding) -> list[int]:
        return [at for at, (event, _) in enumerate(self._reported) if _is_of(event, writer, binding)]

    def _promise(self, first: Event, then: Event) -> tuple[str, ...]:
        """The rules by which these events of two writers come in this order; none where no page says so."""
        if first.writer == then.writer or first.machine != then.machine:
            return ()
        if first.name == then.name == _FREEZE:
            return BY_LEVEL if self._level_of(first) != self._level_of(then) else ()
        return BY_STAGE if first.name != then.name and {first.name, then.name} <= {*_STAGES} else ()

    def _level_of(self, event: Event) -> str:
        return self._levels.get(guid_of(event.writer) or "", "")

    def unasked(self, names: frozenset[str], binding: Binding) -> tuple[int, str] | None:
        """An event of these names that the case does not show: in reply to which line it came, and that in words."""
        places = set(self._places(binding))
        for at, (event, number) in enumerate(self._reported):
            if event.name in names and at not in places:
                return number, f"writer {event.writer} got {event.told}, which is an event too many"
        return None


def _is_of(event: Event, writer: str, binding: Binding) -> bool:
    theirs = guid_of(binding.theirs(writer)) or guid_of(writer) or writer
    return (guid_of(event.writer) or event.writer) == theirs


def _event(line: Line) -> Event:
    good = line.get("answer", True) is True
    return Event(str(line["event"]), str(line.get("writer", "")), good, str(line.get("machine", "")))
