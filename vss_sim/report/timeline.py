"""A log drawn in time: what the requester called, which writers heard what, and who was frozen from when to when.

Each writer has a column, in the order in which the log meets them; rows say how each writer stands after them. Calls
that succeed one after the other share a row, and so do writers that hear the same event; a service that is stopped or
started has a row of its own. Of calls on what a backup components object hands out, a row tells the number. However
long the log is, only that row and the writers are kept.
"""

import json
from collections.abc import Generator, Iterator
from enum import Enum
from typing import TYPE_CHECKING, Any, Final

from vss_sim.judge.documents.document_memory import handler_failed, keep
from vss_sim.judge.recorded import code_of
from vss_sim.judge.win32_words import bits_of, named_answer
from vss_sim.judge.writers.writer_states import code_in
from vss_sim.model.computer import Description
from vss_sim.report.frozen_writers import FrozenWriters, Sign, Writer
from vss_sim.report.text import counted
from vss_sim.report.words import labelled, printable, values_in_words
from vss_sim.spec.events import ENDS_FREEZE, FREEZE
from vss_sim.spec.happenings import BOOTS, ENDS, WRITERS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import BACKUP_COMPONENTS, CREATE, Signature, call_names, signatures
from vss_sim.spec.win32 import FLAGS
from vss_sim.spec.writer_arguments import INITIALIZES
from vss_sim.spec.writer_lives import DESTRUCT, UNSUBSCRIBE
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import read_line

if TYPE_CHECKING:
    from vss_sim.requester.simulation import Simulation

_MOST: Final = 24
"""So many names stand in a row; of the others, only how many they are."""
_LONGEST: Final = 60
"""Of a value, in characters."""
_OF_OTHERS: Final = "writer"
"""The kind of calls that a writer makes in its handlers."""
_LEAVES: Final = (UNSUBSCRIBE, DESTRUCT)
_GONE_WELL: Final = ("ERROR_SUCCESS", "ERROR_NO_MORE_FILES", "S_OK")
_STARTS: Final = "StartService"
_SERVICE_CALLS: Final = (_STARTS, "ControlService")
_STOP: Final = FLAGS["SERVICE_CONTROL_STOP"]
_STILL_WELL: Final = (HResult.VSS_S_ASYNC_FINISHED, HResult.VSS_S_ASYNC_PENDING)
_OF_HAPPENINGS: Final = ("service", "seconds", "path", "volume", "lun", "account", "writer")


class TimelineCalls(Enum):
    """Which calls have a row."""

    TOGETHER = "those that succeed share one"
    EACH = "each, with its values"
    FAILED = "only those that fail, and those that stop or start a service"


class _Row:
    """Lines that are told together: those of the same `kind`; one of the kind None stands alone."""

    def __init__(self, number: int, line: Line, kind: tuple[object, ...] | None, prefix: str) -> None:
        self.number = number
        self.at = line.at
        self.kind = kind
        self.prefix = prefix
        self.signs: dict[Writer, Sign] = {}
        self.words: list[str] = []
        self.counts: list[int] = []
        self.more = self.elsewhere = 0

    def add(self, word: str) -> None:
        """One more call, or one more writer."""
        if self.words and self.words[-1] == word and not self.more:
            self.counts[-1] += 1
        elif len(self.words) < _MOST:
            self.words.append(word)
            self.counts.append(1)
        else:
            self.more += 1

    def text(self) -> str:
        """What the row says."""
        told = zip(self.words, self.counts, strict=True)
        said = [f"{word} ({count}x)" if count > 1 else word for word, count in told]
        said += [f"and {self.more} more"] if self.more else []
        said += [f"{counted(self.elsewhere, 'other call')}"] if self.elsewhere else []
        return printable(f"{self.prefix}{', '.join(said)}")


class Timeline:
    """The lines of one log, fed in their order, as rows of text; a row comes when the next one begins."""

    def __init__(self, world: Description | None = None, calls: TimelineCalls = TimelineCalls.TOGETHER) -> None:
        """`world` is that of the log's header, which knows the names of writers."""
        self._shown = calls
        self._writers = FrozenWriters(world)
        self._backups: dict[str, None] = {}
        self._row: _Row | None = None
        self._calls = self._events = 0

    def feed(self, number: int, line: Line) -> Iterator[str]:
        """Take line `number` of the log; yield what is complete by now, without line ends."""
        if line.call is not None:
            yield from self._call(number, line, line.call)
        elif line.event is not None:
            yield from self._event(number, line, line.event)
        elif line.happens is not None:
            yield from self._alone(number, line, f"--- {line.happens}{values_in_words(_of_happening(line), _LONGEST)}")
            if line.happens in BOOTS:
                self._writers.boot(line)
            elif line.happens in ENDS:
                self._writers.process_ended(line)
            elif line.happens == WRITERS[0]:
                self._writers.crashed(line)
        else:
            yield from self._alone(number, line, f"# {line.note}")

    def finish(self) -> Iterator[str]:
        """The last row, who is still frozen, and the sum of it all."""
        yield from self._told()
        for writer in self._writers.still_frozen():
            yield printable(f"{writer} is frozen at the end of the log: neither Thaw nor Abort came to it")
        said = counted(self._calls, "call")
        if not self._events:
            yield f"{said}; no event of a writer was recorded"
        else:
            heard = f"{counted(self._events, 'event')} to {self._writers.told()}"
            yield printable(f"{said}, {heard}{self._writers.longest()}")

    def _call(self, number: int, line: Line, call: str) -> Iterator[str]:
        self._calls += 1
        if line.out:
            self._writers.learn(line.out)
        signature = signatures().get(call_names().get(call, call))
        failure = _failure(line, of_vss=signature is not None)
        method = call.rpartition("::")[2]
        if call in INITIALIZES and not failure:
            self._writers.initialized(line)
        if self._shown is TimelineCalls.EACH:
            yield from self._alone(number, line, _in_full(line, method))
        elif failure:
            yield from self._alone(number, line, f"{method}{values_in_words(line.in_, _LONGEST)} → {failure}")
        elif _stops_or_starts(line, method):
            yield from self._alone(number, line, f"{method}{values_in_words(line.in_, _LONGEST)}")
        elif self._shown is TimelineCalls.TOGETHER:
            row = yield from self._row_of(number, line, ("calls", line.machine, line.process), _prefix(line))
            if self._is_told(line, signature):
                row.add(method)
            else:
                row.elsewhere += 1
        if call_names().get(call) in _LEAVES and not failure:
            self._writers.left(line)

    def _is_told(self, line: Line, signature: Signature | None) -> bool:
        """Whether a call stands in a row by its name: it is no mere question to what a backup hands out."""
        if signature is None or not signature.interface:
            if signature is not None and signature.name == CREATE and line.out:
                keep(self._backups, str(line.out.get("ppBackup")), None)
            return True
        if line.on in self._backups or signature.family == BACKUP_COMPONENTS:
            return True
        return signature.kind == _OF_OTHERS

    def _event(self, number: int, line: Line, event: str) -> Iterator[str]:
        self._events += 1
        failed = handler_failed(line.answer)
        kind = None if failed else (event, line.at, line.machine)
        row = yield from self._row_of(number, line, kind, f"{_machine(line)}{event}: ")
        writer = self._writers.met(line)
        how, sign = "", Sign.HEARS
        if event in ENDS_FREEZE and self._writers.is_frozen(writer):
            how, sign = self._writers.goes_on(writer, line.at), Sign.GOES_ON
        elif event == FREEZE and not failed:
            sign = self._writers.freeze(writer, line.at)
        if failed:
            code = code_in(line.answer)
            how, sign = f" fails{f' with {code}' if code else ''}{how}", Sign.FAILS
        row.add(self._writers.name(writer) + how)
        if writer in self._writers.columns:
            row.signs[writer] = sign

    def _alone(self, number: int, line: Line, says: str) -> Iterator[str]:
        row = yield from self._row_of(number, line, None, _prefix(line))
        row.add(says)

    def _row_of(
        self, number: int, line: Line, kind: tuple[object, ...] | None, prefix: str
    ) -> Generator[str, None, _Row]:
        """The row that is open, where it is of this kind; else a new one, after the open one was told."""
        if self._row is not None and kind is not None and kind == self._row.kind:
            return self._row
        yield from self._told()
        self._row = _Row(number, line, kind, prefix)
        return self._row

    def _told(self) -> Iterator[str]:
        row, self._row = self._row, None
        if row is None:
            return
        at = "" if row.at is None else f"{row.at:.1f} s"
        columns, below = self._writers.drawn(row.signs), self._writers.drawn({})
        yield labelled(f"{row.number:>6}  {at:>9}  {columns}", row.text(), f"{'':17}  {below}  ")


def timeline(simulation: "Simulation", calls: TimelineCalls = TimelineCalls.TOGETHER) -> str:
    """What was called on a simulation, what its writers heard, and who was frozen when, as lines of text.

    `calls` says which calls have a row. Rows have the numbers of the lines that a recorded log would have, whose line 1
    is the header; times are the simulation's seconds.

    Raises:
        TypeError: `calls` is no `TimelineCalls`.
    """
    if not isinstance(calls, TimelineCalls):
        raise TypeError(f"calls is {calls!r:.60}; expected one of TimelineCalls")
    drawn = Timeline(simulation.world.description, calls)
    rows: list[str] = []
    for number, line in enumerate(simulation.lines(), 2):
        rows += drawn.feed(number, read_line(json.dumps(line).encode(), number))
    return "\n".join([*rows, *drawn.finish()])


def _machine(line: Line) -> str:
    return f"{line.machine}: " if line.machine else ""


def _prefix(line: Line) -> str:
    return f"{_machine(line)}{f'{line.process}: ' if line.process else ''}"


def _in_full(line: Line, method: str) -> str:
    on = f"{line.on} " if line.on else ""
    answer = f" → {line.returns}" if line.returns is not None else ""
    return f"{on}{method}{values_in_words(line.in_, _LONGEST)}{answer}{values_in_words(line.out, _LONGEST)}"


def _failure(line: Line, *, of_vss: bool) -> str:
    """The name of the failure that a call came to, or that of the operation it asks for; empty where there is none."""
    if not of_vss:
        named = named_answer(line.returns)
        return "" if named is None or named in _GONE_WELL else named
    answer = code_of(line.returns)
    if answer is not None and not answer.succeeded:
        return answer.name
    result = code_of(line.out.get("pHrResult")) if line.out else None
    return "" if result is None or result.known in _STILL_WELL else result.name


def _stops_or_starts(line: Line, method: str) -> bool:
    """Whether a call changes what a service does."""
    if not method.startswith(_SERVICE_CALLS):
        return False
    return method.startswith(_STARTS) or bits_of((line.in_ or {}).get("dwControl")) == _STOP


def _of_happening(line: Line) -> dict[str, Any]:
    """What a line tells of what happens, beside when and where."""
    told = {key: getattr(line, key) for key in _OF_HAPPENINGS}
    if line.seconds is not None and line.seconds.is_integer():
        told["seconds"] = int(line.seconds)
    return {key: value for key, value in told.items() if value is not None}
