"""How findings reach standard output: as text while they come, or as one JSON object a trace."""

import shutil
import sys
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Final, Protocol, Self

from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import CallReport, Finding, Level, Outcome, Tally
from vss_sim.report.json_lines import call_json, finding_json, value_json
from vss_sim.report.text import finding_text, tally_text
from vss_sim.spec.table import Profile
from vss_sim.trace.reader import TraceError

SPOOL: Final = 1 << 23
"""So many bytes of a report are kept in memory before the disk takes them."""


class Printer(Protocol):
    """How the checker's words reach standard output."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def begin(self, source: str) -> Checker:
        """A new trace: the checker to feed."""

    def end(self, source: str, trace: str, tally: Tally, error: TraceError | None) -> None:
        """The trace is over, or cannot be used from `error` on."""

    def cannot_use(self, source: str, says: str) -> None:
        """An input is no trace at all; standard error has it, too."""


class TextPrinter:
    """Findings as they come, then the verdict."""

    shown = staticmethod(finding_text)
    """How a finding is shown."""

    def __init__(self, profile: Profile, *, quiet: bool) -> None:
        self._profile = profile
        self._quiet = quiet

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        pass

    def begin(self, source: str) -> Checker:
        """A checker that prints its findings at once."""

        def say(finding: Finding) -> None:
            if finding.level is not Level.INFO or not self._quiet:
                sys.stdout.write(self.shown(source, finding) + "\n")

        return Checker(say, None, self._profile)

    def end(self, source: str, trace: str, tally: Tally, error: TraceError | None) -> None:
        """The verdict, unless there is none."""
        del trace
        if error is None:
            sys.stdout.write(tally_text(source, tally) + "\n")

    def cannot_use(self, source: str, says: str) -> None:
        """Standard error has it."""


class JsonPrinter:
    """One JSON object a trace; what it holds is kept on disk while it grows, so that memory stays constant."""

    def __init__(self, profile: Profile) -> None:
        self._profile = profile
        self._lines: IO[bytes] = SpooledTemporaryFile(SPOOL)  # noqa: SIM115 - closed by __exit__
        self._findings: IO[bytes] = SpooledTemporaryFile(SPOOL)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lines.close()
        self._findings.close()

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
        out.write(b',"profile":' + value_json(tally.profile.value))
        out.write(b',"verdict":' + value_json(outcome.value) + b',"lines":[')
        copy(self._lines, out)
        out.write(b'],"findings":[')
        copy(self._findings, out)
        out.write(b"]")
        if error is not None:
            out.write(b',"error":' + value_json({"line": error.line, "says": error.says}))
        out.write(b"}\n")
        out.flush()

    def cannot_use(self, source: str, says: str) -> None:
        """There is no trace to write of."""


def _append(spool: IO[bytes], item: bytes) -> None:
    if spool.tell():
        spool.write(b",")
    spool.write(item)


def copy(spool: IO[bytes], out: IO[bytes]) -> None:
    """Write what a spool holds."""
    spool.seek(0)
    shutil.copyfileobj(spool, out)
