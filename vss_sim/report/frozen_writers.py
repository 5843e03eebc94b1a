"""The writers of a log: their names, their columns in a drawing, and since when each of them is frozen.

A writer is frozen from a Freeze that it did not fail to Thaw or Abort, or until it is gone: its machine starts anew, it
crashes or unsubscribes, or its process ends. Whoever may be meant is taken to be gone. Names come from the world of the
header, and from the calls that tell them.
"""

from collections.abc import Collection, Iterator, Mapping
from enum import StrEnum
from typing import Any, Final

from vss_sim.judge.documents.document_memory import keep
from vss_sim.model.computer import Description
from vss_sim.report.text import counted
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_NAMES: Final = ("pbstrWriterName", "pbstrWriter")
"""Results of GetIdentity and GetWriterStatus."""
_COLUMNS: Final = 40
"""So many writers have a column; others are told by their names alone."""

Writer = tuple[str, str]
"""Its machine, and its instance, or else its class or its name."""
_Program = tuple[str, str, str]
"""A writer as its program has it: machine, process and handle."""


class Sign(StrEnum):
    """How a writer stands after a row, or what it hears in it."""

    AT_WORK = "·"
    HEARS = "*"
    FREEZES = "┏"
    FROZEN = "┃"
    GOES_ON = "┗"
    FAILS = "!"


class FrozenWriters:
    """Who was met, in which column, and who is frozen since when (seconds; None where the log does not say)."""

    def __init__(self, world: Description | None) -> None:
        """`world` is that of the log's header."""
        self.columns: dict[Writer, None] = {}
        self._names: dict[str, str] = {}
        self._frozen: dict[Writer, float | None] = {}
        self._classes: dict[Writer, str] = {}
        self._programs: dict[_Program, str] = {}
        self._longest: tuple[float, str] | None = None
        self._froze = False
        self._left_out = False
        for machine in world.machines if world is not None else ():
            for writer in machine.writers:
                self._names[parse_guid(writer.writer_id) or ""] = writer.name

    def learn(self, out: Mapping[str, Any]) -> None:
        """Keep the name of a writer that a call tells, by its class and by its instance."""
        name = next((out[key] for key in _NAMES if isinstance(out.get(key), str)), "")
        if not name:
            return
        instance = out.get("pbstrInstanceName")
        of_instance = f"{name} {instance}" if isinstance(instance, str) and instance else name
        for key, told in (("pidWriter", name), ("pidInstance", of_instance)):
            if (guid := parse_guid(out.get(key))) is not None:
                keep(self._names, guid, told)

    def initialized(self, line: Line) -> None:
        """Keep the name that a writer's own program gives it: its class is what Initialize tells."""
        given = line.in_ or {}
        name, guid = given.get("wszWriterName"), parse_guid(given.get("WriterId"))
        if guid is not None:
            keep(self._programs, _program(line), guid)
        if isinstance(name, str) and name and guid is not None:
            keep(self._names, guid, name)

    def met(self, line: Line) -> Writer:
        """The writer of an event; from now on it has a column, if there is room for one."""
        of_class = parse_guid(line.writer) or line.writer or ""
        writer = line.machine or "", parse_guid(line.instance) or of_class
        if len(self.columns) < _COLUMNS:
            self.columns.setdefault(writer)
        elif writer not in self.columns:
            self._left_out = True
        keep(self._classes, writer, of_class)
        if writer[1] not in self._names:
            known = self._names.get(of_class)
            keep(self._names, writer[1], known or (line.writer if of_class else None) or "a writer")
        return writer

    def told(self) -> str:
        """How many writers were met: of those without a column nobody keeps a list."""
        return f"{'more than ' if self._left_out else ''}{counted(len(self.columns), 'writer')}"

    def name(self, writer: Writer) -> str:
        """What people call it, as far as the log has told."""
        return self._names.get(writer[1], writer[1])

    def freeze(self, writer: Writer, at: float | None) -> Sign:
        """It is frozen from now on, or was already: a second Freeze does not begin anew."""
        if writer not in self._frozen:
            keep(self._frozen, writer, at)
        self._froze = True
        return Sign.FREEZES

    def is_frozen(self, writer: Writer) -> bool:
        """Whether it is."""
        return writer in self._frozen

    def goes_on(self, writer: Writer, at: float | None) -> str:
        """It is frozen no more; in words, for how long it was: nobody knows where the clock of a log went back."""
        began = self._frozen.pop(writer)
        if began is None or at is None or at < began:
            return ""
        seconds = at - began
        if self._longest is None or seconds > self._longest[0]:
            self._longest = seconds, self.name(writer)
        return f" (frozen for {_in_seconds(seconds)})"

    def boot(self, line: Line) -> None:
        """A machine starts anew: nobody on it is frozen."""
        for writer in [writer for writer in self._frozen if writer[0] == (line.machine or "")]:
            del self._frozen[writer]

    def left(self, line: Line) -> None:
        """A writer unsubscribed, or its object was given up."""
        self._gone(line, {self._programs[_program(line)]} if _program(line) in self._programs else set())

    def process_ended(self, line: Line) -> None:
        """A process is gone, and the writers that it initialized."""
        here = _program(line)[:2]
        self._gone(line, {guid for program, guid in self._programs.items() if program[:2] == here})

    def crashed(self, line: Line) -> None:
        """The writers of a name, or of a class, are gone."""
        told = parse_guid(line.writer) or line.writer or ""
        self._gone(line, {told, *(known for known, name in self._names.items() if name == told)})

    def _gone(self, line: Line, classes: Collection[str]) -> None:
        for writer in list(self._frozen):
            if writer[0] == (line.machine or "") and (writer[1] in classes or self._classes.get(writer) in classes):
                del self._frozen[writer]

    def still_frozen(self) -> Iterator[str]:
        """The names of those that are."""
        return map(self.name, self._frozen)

    def longest(self) -> str:
        """Who was frozen for longest, in words that follow others; empty where nobody was."""
        if self._longest is not None:
            return f"; {self._longest[1]} was frozen for longest, {_in_seconds(self._longest[0])}"
        return "; how long they were frozen is not recorded (Freeze and Thaw without `at`)" if self._froze else ""

    def drawn(self, signs: Mapping[Writer, Sign]) -> str:
        """The columns of a row: `signs` for those that have one, else how each writer stands."""
        drawn = [signs.get(one) or (Sign.FROZEN if one in self._frozen else Sign.AT_WORK) for one in self.columns]
        return " ".join(drawn) + ("  " if drawn else "")


def _program(line: Line) -> _Program:
    return line.machine or "", str(line.process or ""), line.on or ""


def _in_seconds(seconds: float) -> str:
    """A time without what subtracting left of it, and without exponents."""
    return f"{round(seconds, 7):.15g} s"
