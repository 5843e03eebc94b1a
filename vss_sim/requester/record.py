"""The record of a run: flat entries while it runs, the lines of a trace when somebody looks."""

import sys
from collections.abc import Iterator, Mapping
from enum import IntFlag
from functools import cache
from itertools import islice
from typing import Any, Final, Self

from vss_sim.documents.writer_metadata import write_writer_metadata
from vss_sim.engine.answers import NOTHING, Event, HandlerLine, as_it_is
from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.engine.plain_files import SUCCESS, told
from vss_sim.engine.words import flags_by_name
from vss_sim.model.computer import Description
from vss_sim.model.metadata import WriterMetadata
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import call_names, signatures
from vss_sim.spec.win32 import Win32Error

_NO_HRESULT: Final = ("AddRef", "Release", "VssFreeSnapshotProperties", "CVssWriter", "~CVssWriter")
"""Calls that answer with a count, or with nothing."""

_NO_CALLS: Final = frozenset({"event", "handler", "happens", "note"})
_WITHOUT_OBJECTS: Final = frozenset({*_NO_CALLS, *FILE_CALLS})
"""Entries that hand out no object of VSS; what is in a file may be spelt like one."""
WIDTH: Final = 6
"""Places that an entry takes."""
SHORT: Final = None
"""Stands for the answer of a call that went the short way. Its arguments and results are made when somebody looks: so
a row of such calls leaves no dictionaries behind, nor the garbage collector anything to do."""
Place = tuple[str | None, str, float]
"""The machine and the process of a call, and when it returned."""
_Entry = tuple[Any, Any, Any, Any, Any, Any]


class Record:
    """What was called and answered, what writers got, what happened: one entry each, in order.

    All entries lie in one list, `WIDTH` places each: a tuple for each would be a hundred bytes more, which the garbage
    collector looks through again and again. What was recorded before a fork is shared and not added to any more.
    """

    __slots__ = ("_past", "entries", "last")

    def __init__(self, past: tuple[list[Any], ...] = (), last: Place = (None, "", 0.0)) -> None:
        self._past = past
        self.entries: list[Any] = []
        """What came after that. To it a call without events may be added: its name, handle, arguments, answer, results,
        and `last`; one that went the short way with its path, `SHORT` and its content in place of the middle three."""
        self.last = last
        """Where and when the last call was made, which the next ones share as long as it is the same."""

    def __len__(self) -> int:
        return sum(map(len, (*self._past, self.entries))) // WIDTH

    def __iter__(self) -> Iterator[_Entry]:
        for part in (*self._past, self.entries):
            yield from zip(*[iter(part)] * WIDTH, strict=True)

    def calls(self) -> int:
        """How many calls were made, without those that writers made in handlers."""
        parts = (*self._past, self.entries)
        return sum(name not in _NO_CALLS for part in parts for name in islice(part, 0, None, WIDTH))

    def size(self) -> int:
        """The bytes that the entries take, without the values that the caller and the world hold themselves."""
        return sum(map(sys.getsizeof, (*self._past, self.entries)))

    def since(self, begun: int) -> tuple[Any, ...]:
        """What was added since the entries took so many places."""
        return tuple(self.entries[begun:])

    def copy(self) -> Self:
        """A record that goes on by itself."""
        past, entries = self._past, self.entries
        if entries:
            try:
                self._past, self.entries = (*past, entries), []
            except BaseException:  # interrupted in between, it would tell everything twice
                self._past, self.entries = past, entries
                raise
        return type(self)(self._past, self.last)

    def __deepcopy__(self, _: object) -> Self:
        """What was recorded is not changed any more."""
        return self.copy()

    def called(
        self,
        name: str,
        on: str | None,
        arguments: Mapping[str, Any],
        answer: int,
        out: Mapping[str, Any],
        place: Place,
        events: tuple[Event, ...],
    ) -> None:
        """A call and its answer, after the events that it raised. The arguments stay as they are now."""
        if events:
            self._heard(events)
        self.last = place
        self.entries.extend((name, on, {**arguments} if arguments else NOTHING, answer, out, self.last))

    def happened(
        self, what: str, machine: str | None, more: Mapping[str, Any], events: tuple[Event, ...], at: float = 0.0
    ) -> None:
        """Something that began to happen to a machine at a time, and the events that followed."""
        self._add("happens", what, machine, as_it_is(more), at)
        self._heard(events)

    def noted(self, text: str) -> None:
        """Something for people, which is never judged."""
        self._add("note", text)

    def _heard(self, events: tuple[Event, ...]) -> None:
        """Events that writers got, each followed by what its writer called while it handled it."""
        for event in events:
            self._add("event", event)
            for call in event.calls:
                said = call._replace(arguments=as_it_is(call.arguments), out=as_it_is(call.out))
                self._add("handler", said, event)

    def _add(self, *entry: Any) -> None:
        self.entries.extend((*entry, None, None, None, None)[:WIDTH])

    def makers(self) -> dict[str, str]:
        """Every handle that was handed out → the call that did; another result may be spelt like one."""
        return {
            entry[4][result]: entry[0]
            for entry in self
            if entry[0] not in _WITHOUT_OBJECTS and entry[3] is not SHORT
            for result in _handles_of(entry[0])
            if isinstance(entry[4].get(result), str)
        }

    def take(self, description: Description) -> list[dict[str, Any]]:
        """The entries as lines of a trace; they are forgotten here, so that a run of any length costs no memory."""
        try:
            return list(self.lines(description))
        finally:
            self._past, self.entries = (), []

    def lines(self, description: Description) -> Iterator[dict[str, Any]]:
        """The entries as lines of a trace; machines and processes are named where there are several."""
        several = len(description.machines) > 1
        names = [machine.name for machine in description.machines] if several else None
        for entry in self:
            if entry[0] == "event":
                yield event_line(entry[1], names)
            elif entry[0] == "handler":
                yield handler_line(entry[1], entry[2], names)
            elif entry[0] == "note":
                yield {"note": entry[1]}
            elif entry[0] == "happens":
                _, what, machine, more, at, _ = entry
                where = {} if names is None else {"machine": machine or names[0]}
                yield {"happens": what, **more, **where, **_at(at)}
            else:
                name, on, arguments, answer, out, (machine, process, at) = entry
                if answer is SHORT:
                    answer = SUCCESS
                    arguments, out = told(name, arguments, out)
                place = None if names is None else machine or names[0]
                yield call_line(name, on, arguments, answer, out, place, process, at)


@cache
def _handles_of(call: str) -> tuple[str, ...]:
    """The results of a call that are objects."""
    known = signatures().get(call_names().get(call, call))
    return tuple(parameter.name for parameter in known.parameters if parameter.makes) if known is not None else ()


def event_line(event: Event, machines: list[str] | None = None) -> dict[str, Any]:
    """An event that a writer got, as a line."""
    answer: Any = True if event.answer is True else {"fails": event.answer}
    line = {"event": event.name, "writer": event.writer_id, "instance": event.instance_id, "answer": answer}
    process = next((call.process for call in event.calls if call.process), None)
    if process is not None:
        line["process"] = process
    return {**line, **_where_and_when(event, machines)}


def _where_and_when(event: Event, machines: list[str] | None) -> dict[str, Any]:
    return {**({} if machines is None else {"machine": machines[event.machine]}), **_at(event.at)}


def handler_line(call: HandlerLine, event: Event, machines: list[str] | None = None) -> dict[str, Any]:
    """A call that a writer made while it handled an event, as a line."""
    line: dict[str, Any] = {"call": call.name, **({"on": call.on} if call.on else {"process": call.process})}
    if call.arguments:
        line["in"] = plain(call.arguments)
    if call.answer is not None:
        line["returns"] = call.answer.name
    if call.out:
        line["out"] = plain(call.out)
    return {**line, **_where_and_when(event, machines)}


def _at(at: float) -> dict[str, float]:
    """The time of a line, where any has passed since the first."""
    return {"at": round(at, 7)} if at else {}


def call_line(
    name: str,
    on: str | None,
    arguments: Mapping[str, Any],
    answer: int,
    out: Mapping[str, Any],
    machine: str | None = None,
    process: str = "",
    at: float = 0.0,
) -> dict[str, Any]:
    """A call and its answer, as a line; `at` is when it returned."""
    line: dict[str, Any] = {"call": name}
    if on is not None:
        line["on"] = on
    if arguments:
        line["in"] = {parameter: plain(value) for parameter, value in arguments.items()}
    if name.rpartition("::")[2] not in _NO_HRESULT:
        line["returns"] = answer_name(answer)
    if out:
        line["out"] = {parameter: plain(value) for parameter, value in out.items()}
    if machine:
        line["machine"] = machine
    if process:
        line["process"] = process
    line.update(_at(at))
    return line


def answer_name(answer: int) -> str:
    """An answer by its name."""
    if isinstance(answer, Win32Error):
        return answer.name
    known = HResult.of(answer)
    return known.name if known is not None else f"0x{answer & 0xFFFFFFFF:08X}"


def plain(value: Any) -> Any:
    """A value as JSON has it: answers, members and flags by their names, documents as their text."""
    if isinstance(value, (HResult, IntFlag, WriterMetadata, str)):
        return _text(value)
    if isinstance(value, Mapping):
        return {key: plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    return value


def _text(value: HResult | IntFlag | WriterMetadata | str) -> str | int:
    """What is a name, or a document."""
    if isinstance(value, HResult):
        return value.name
    if isinstance(value, WriterMetadata):
        return write_writer_metadata(value)
    return flags_by_name(value) if isinstance(value, IntFlag) else str(value)
