"""`vss-sim check`: read traces, judge them, print what was found as it is found."""

import gc
import sys
from pathlib import Path
from typing import Final

from vss_sim.cli.header_worlds import world_in
from vss_sim.cli.inputs import NoSource, Source, UnreadableError, sources
from vss_sim.cli.printers import JsonPrinter, Printer, TextPrinter
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Outcome
from vss_sim.report.text import summary_text
from vss_sim.spec.table import Profile
from vss_sim.trace.reader import TraceError, empty, read_header, split_blocks

CONFORMS: Final = 0
VIOLATES: Final = 1
UNUSABLE: Final = 2

FORMS: Final = ("text", "json", "junit", "github")
FOR_PEOPLE: Final = ("text", "github")
"""Forms that end with a summary of all inputs."""

_BOM: Final = b"\xef\xbb\xbf"
_PROGRESS: Final = 100_000
_GARBAGE: Final = 200_000
"""The checker makes few and small reference cycles, and remembers some half of so many objects of a long log: to look
for cycles as rarely as that saves time."""


def check(names: list[str], form: str, profile: Profile | None, *, quiet: bool = False) -> int:
    """Check every trace that `names` mean and return the exit code.

    Without a `profile` each is judged by that of its header, or as real Windows behaves.
    """
    gc.set_threshold(_GARBAGE)
    outcomes = dict.fromkeys(Outcome, 0)
    unusable = 0
    with _printer(form, profile or Profile.WINDOWS, quiet=quiet) as printer:
        for source in sources(names):
            outcome = _check_one(source, printer, by_header=profile is None)
            if outcome is None:
                unusable += 1
            else:
                outcomes[outcome] += 1
    if form in FOR_PEOPLE and sum(outcomes.values()) + unusable > 1:
        sys.stdout.write(summary_text(outcomes, unusable) + "\n")
    if unusable:
        return UNUSABLE
    return VIOLATES if outcomes[Outcome.VIOLATES] else CONFORMS


def _printer(form: str, profile: Profile, *, quiet: bool) -> Printer:
    if form == "json":
        return JsonPrinter(profile)
    if form == "text":
        return TextPrinter(profile, quiet=quiet)
    from vss_sim.cli.ci_printers import GithubPrinter, JUnitPrinter  # noqa: PLC0415 - keeps the usual forms fast

    return JUnitPrinter(profile, quiet=quiet) if form == "junit" else GithubPrinter(profile, quiet=quiet)


def _check_one(source: Source | NoSource, printer: Printer, *, by_header: bool) -> Outcome | None:
    """The outcome of one trace; None where it cannot be used, which is said on standard error."""
    if isinstance(source, NoSource):
        printer.cannot_use(source.name, source.says)
        _complain(f"{source.name}: {source.says}")
        return None
    checker = printer.begin(source.name)
    progress = Progress(source.name)
    state = _Reading(source.name, source.path, by_header=by_header)
    error: TraceError | None = None
    try:
        _read(source, checker, state, progress)
    except TraceError as fault:
        error = fault
    except UnreadableError as fault:
        progress.clear()
        printer.cannot_use(source.name, str(fault))
        _complain(f"{source.name}: {fault}")
        return None
    progress.clear()
    tally = checker.finish(complete=error is None)
    if error is None and not state.header_seen:
        error = empty()
    elif error is None and not tally.calls:
        error = TraceError(state.number, "the trace has no call in it; expected at least one")
    printer.end(source.name, state.trace, tally, error)
    if error is not None:
        _complain(f"{source.name}:{error.line}: {error.says}")
        return None
    return tally.outcome


class _Reading:
    """How far a trace has been read."""

    def __init__(self, name: str, path: Path | None, *, by_header: bool) -> None:
        self.path = path
        self.by_header = by_header
        self.trace = name.replace("\\", "/").rpartition("/")[2].removesuffix(".jsonl")
        self.number = 0
        self.header_seen = False


def _read(source: Source, checker: Checker, state: _Reading, progress: "Progress") -> None:
    for block in split_blocks(source.chunks()):
        rest = block if state.header_seen else _read_header(block, state, checker)
        if rest is not None:
            state.number = checker.feed_block(rest, state.number)
        progress.show(state.number)


def _read_header(block: bytes, state: _Reading, checker: Checker) -> bytes | None:
    """The lines after the header, once that is found: it is the first line that is not blank."""
    rest: bytes | None = block
    while rest is not None:
        raw, more, after = rest.partition(b"\n")
        rest = after if more else None
        state.number += 1
        text = raw.removeprefix(_BOM) if state.number == 1 else raw
        if text and not text.isspace():
            header = read_header(text, state.number)
            state.header_seen = True
            state.trace = header.id or state.trace
            told = world_in(header, state.number, state.path)
            checker.know(told[0] if told is not None else None)
            if state.by_header:
                checker.judge_by(header.profile, state.number)
            return rest
    return None


class Progress:
    """How many lines were read, on a terminal; nothing in a pipe."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._shown = False
        self._last = 0

    def show(self, number: int) -> None:
        """Say so on standard error, if a person is watching."""
        if number - self._last >= _PROGRESS and sys.stderr.isatty():
            self._last = number
            sys.stderr.write(f"\r{self._name}: {number:,} lines ")
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        """Take the progress off the terminal again."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")


def _complain(says: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"vss-sim check: {says}\n")
