"""`vss-sim check`: read traces, judge them, print what was found as it is found."""

import shutil
import sys
from tempfile import SpooledTemporaryFile
from typing import IO, Final, Protocol

from vss_sim.cli.inputs import NoSource, Source, sources
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import CallReport, Finding, Level, Outcome, Tally
from vss_sim.report.json_lines import call_json, finding_json, value_json
from vss_sim.report.text import finding_text, summary_text, tally_text
from vss_sim.spec.table import Profile
from vss_sim.trace.reader import TraceError, read_header, split_lines

CONFORMS: Final = 0
VIOLATES: Final = 1
UNUSABLE: Final = 2

_BOM: Final = b"\xef\xbb\xbf"
_SPOOL: Final = 1 << 23
_PROGRESS: Final = 100_000


class Printer(Protocol):
    """How the checker's words reach standard output."""

    def begin(self, source: str) -> Checker:
        """A new trace: the checker to feed."""

    def end(self, source: str, trace: str, tally: Tally, error: TraceError | None) -> None:
        """The trace is over, or cannot be used from `error` on."""


def check(names: list[str], form: str, profile: Profile, *, quiet: bool = False) -> int:
    """Check every trace that `names` mean and return the exit code."""
    printer: Printer = JsonPrinter(profile) if form == "json" else TextPrinter(profile, quiet=quiet)
    outcomes = dict.fromkeys(Outcome, 0)
    unusable = 0
    for source in sources(names):
        outcome = _check_one(source, printer)
        if outcome is None:
            unusable += 1
        else:
            outcomes[outcome] += 1
    if form == "text" and sum(outcomes.values()) + unusable > 1:
        print(summary_text(outcomes, unusable))
    if unusable:
        return UNUSABLE
    return VIOLATES if outcomes[Outcome.VIOLATES] else CONFORMS


def _check_one(source: Source | NoSource, printer: Printer) -> Outcome | None:
    """The outcome of one trace; None where it cannot be used, which is said on standard error."""
    if isinstance(source, NoSource):
        _complain(f"{source.name}: {source.says}")
        return None
    checker = printer.begin(source.name)
    progress = Progress(source.name)
    state = _Reading(source.name)
    error: TraceError | None = None
    try:
        _read(source, checker, state, progress)
    except TraceError as fault:
        error = fault
    except OSError as fault:
        progress.clear()
        _complain(f"{source.name}: cannot be read: {fault.strerror or fault}")
        return None
    progress.clear()
    tally = checker.finish(complete=error is None)
    if error is None and not state.header_seen:
        error = TraceError(1, 'the trace is empty; expected the header {"vss-trace": 1, ...}')
    elif error is None and not tally.calls:
        error = TraceError(state.number, "the trace has no call in it; expected at least one")
    printer.end(source.name, state.trace, tally, error)
    if error is not None:
        _complain(f"{source.name}:{error.line}: {error.says}")
        return None
    return tally.outcome


class _Reading:
    """How far a trace has been read."""

    def __init__(self, name: str) -> None:
        self.trace = name.replace("\\", "/").rpartition("/")[2].removesuffix(".jsonl")
        self.number = 0
        self.header_seen = False


def _read(source: Source, checker: Checker, state: _Reading, progress: "Progress") -> None:
    for lines in split_lines(source.chunks()):
        rest = lines if state.header_seen else _read_header(lines, state)
        state.number = checker.feed_texts(rest, state.number)
        progress.show(state.number)


def _read_header(lines: list[bytes], state: _Reading) -> list[bytes]:
    """The lines after the header, once that is found: it is the first line that is not blank."""
    for index, text in enumerate(lines, 1):
        state.number += 1
        if text and not text.isspace():
            header = read_header(text.removeprefix(_BOM), state.number)
            state.header_seen = True
            state.trace = header.id or state.trace
            return lines[index:]
    return []


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


class TextPrinter:
    """Findings as they come, then the verdict."""

    def __init__(self, profile: Profile, *, quiet: bool) -> None:
        self._profile = profile
        self._quiet = quiet

    def begin(self, source: str) -> Checker:
        """A checker that prints its findings at once."""

        def say(finding: Finding) -> None:
            if finding.level is not Level.INFO or not self._quiet:
                print(finding_text(source, finding))

        return Checker(say, None, self._profile)

    def end(self, source: str, trace: str, tally: Tally, error: TraceError | None) -> None:
        """The verdict, unless there is none."""
        del trace
        if error is None:
            print(tally_text(source, tally))


class JsonPrinter:
    """One JSON object a trace; what it holds is kept on disk while it grows, so that memory stays constant."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._lines: IO[bytes] = SpooledTemporaryFile(_SPOOL)
        self._findings: IO[bytes] = SpooledTemporaryFile(_SPOOL)

    def begin(self, source: str) -> Checker:
        """A checker that keeps its findings and calls for `end`."""
        del source
        for spool in (self._lines, self._findings):
            spool.seek(0)
            spool.truncate()

        def say(finding: Finding) -> None:
            _append(self._findings, finding_json(finding))

        def tell(report: CallReport) -> None:
            _append(self._lines, call_json(report))

        return Checker(say, tell, self._profile)

    def end(self, source: str, trace: str, tally: Tally, error: TraceError | None) -> None:
        """Write the object; an unusable trace has an `error` and is inconclusive as far as it goes."""
        outcome = Outcome.INCONCLUSIVE if error is not None and not tally.errors else tally.outcome
        out = sys.stdout.buffer
        out.write(b'{"trace":' + value_json(trace) + b',"file":' + value_json(source))
        out.write(b',"verdict":' + value_json(outcome.value) + b',"lines":[')
        _copy(self._lines, out)
        out.write(b'],"findings":[')
        _copy(self._findings, out)
        out.write(b"]")
        if error is not None:
            out.write(b',"error":' + value_json({"line": error.line, "says": error.says}))
        out.write(b"}\n")
        out.flush()


def _append(spool: IO[bytes], item: bytes) -> None:
    if spool.tell():
        spool.write(b",")
    spool.write(item)


def _copy(spool: IO[bytes], out: IO[bytes]) -> None:
    spool.seek(0)
    shutil.copyfileobj(spool, out)


def _complain(says: str) -> None:
    sys.stdout.flush()
    sys.stderr.write(f"vss-sim check: {says}\n")
