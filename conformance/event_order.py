"""The events that writers got, where an implementation reports them beside its answers.

What a case shows must have been reported, writer by writer, in that order; more may have been. An implementation
that reports no event in a case is not judged by them.
"""

from typing import Any

from .binding import Binding
from .ids import guid_of

Line = dict[str, Any]
Event = tuple[str, str, bool]


class EventOrder:
    """Gathers what a case shows and what was reported."""

    def __init__(self) -> None:
        self._shown: list[tuple[str, str, bool]] = []
        self._reported: list[tuple[str, str, bool]] = []

    @property
    def any_shown(self) -> bool:
        """Whether the case has shown an event."""
        return bool(self._shown)

    @property
    def any_reported(self) -> bool:
        """Whether the implementation has reported an event."""
        return bool(self._reported)

    def others_than_shown(self, binding: Binding) -> bool:
        """Whether a writer of the case got other events, or in another order, than the case shows."""
        writers = dict.fromkeys(writer for _, writer, _ in self._shown)
        return any(self._due(writer) != self._got(writer, binding) for writer in writers)

    def _due(self, writer: str) -> list[tuple[str, bool]]:
        return [(name, answer) for name, whose, answer in self._shown if whose == writer]

    def _got(self, writer: str, binding: Binding) -> list[tuple[str, bool]]:
        theirs = guid_of(binding.theirs(writer)) or guid_of(writer) or writer
        return [(name, answer) for name, whose, answer in self._reported if (guid_of(whose) or whose) == theirs]

    def shown(self, line: Line) -> None:
        """An event as the case has it."""
        self._shown.append(_event(line))

    def reported(self, line: Line) -> None:
        """An event as the implementation reports it."""
        if "event" in line:
            self._reported.append(_event(line))

    def missing(self, binding: Binding) -> tuple[int, str] | None:
        """Which of the shown events was not reported in its place, and that in words; None where nothing is missing."""
        if not self._reported:
            return None
        writers = dict.fromkeys(writer for _, writer, _ in self._shown)
        for writer in writers:
            due = self._due(writer)
            got = iter(self._got(writer, binding))
            for place, one in enumerate(due):
                if one not in got:
                    before = ", ".join(name for name, _ in due[:place]) or "nothing"
                    ended = "" if one[1] else " (failed by the writer)"
                    places = [number for number, event in enumerate(self._shown) if event[1] == writer]
                    return places[place], f"writer {writer} did not get {one[0]}{ended} after {before}"
        return None


def _event(line: Line) -> Event:
    return str(line["event"]), str(line.get("writer", "")), line.get("answer", True) is True
