"""How findings reach a system for continuous integration: as JUnit XML, or as annotations of GitHub Actions."""

import sys
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Self

from vss_sim.cli.printers import SPOOL, TextPrinter, copy
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding, Level, Tally
from vss_sim.report import ci
from vss_sim.report.text import tally_text
from vss_sim.spec.table import Profile
from vss_sim.trace.reader import TraceError


class GithubPrinter(TextPrinter):
    """A line a finding, which GitHub shows at the line of the log; then the verdict."""

    shown = staticmethod(ci.github_command)

    def end(self, source: str, trace: str, tally: Tally, error: TraceError | None) -> None:
        """The verdict, or why there is none."""
        del trace
        if error is None:
            sys.stdout.write(tally_text(source, tally) + "\n")
        else:
            sys.stdout.write(ci.github_unusable(source, error.line, error.says) + "\n")

    def cannot_use(self, source: str, says: str) -> None:
        """An annotation of the file."""
        sys.stdout.write(ci.github_unusable(source, None, says) + "\n")


class JUnitPrinter:
    """A test suite a trace; what it holds is kept on disk while it grows, so that memory stays constant."""

    def __init__(self, profile: Profile, *, quiet: bool) -> None:
        self._profile = profile
        self._quiet = quiet
        self._errors: IO[bytes] = SpooledTemporaryFile(SPOOL)  # noqa: SIM115 - closed by __exit__
        self._others: IO[bytes] = SpooledTemporaryFile(SPOOL)  # noqa: SIM115 - closed by __exit__

    def __enter__(self) -> Self:
        self._write(ci.JUNIT_HEAD)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._errors.close()
        self._others.close()
        if kind is None:
            self._write(ci.JUNIT_END)

    def begin(self, source: str) -> Checker:
        """A checker that keeps its findings for `end`."""
        for spool in (self._errors, self._others):
            spool.seek(0)
            spool.truncate()

        def say(finding: Finding) -> None:
            if finding.level is Level.ERROR:
                self._errors.write(ci.junit_text(source, finding).encode())
            elif finding.level is not Level.INFO or not self._quiet:
                self._others.write(ci.junit_text(source, finding).encode())

        return Checker(say, None, self._profile)

    def end(self, source: str, trace: str, tally: Tally, error: TraceError | None) -> None:
        """Write the test suite."""
        self._write(ci.junit_begin(source, trace, tally, error))
        copy(self._errors, sys.stdout.buffer)
        self._write(ci.junit_other(tally, error))
        copy(self._others, sys.stdout.buffer)
        self._write(ci.JUNIT_TRACE_END)
        sys.stdout.buffer.flush()

    def cannot_use(self, source: str, says: str) -> None:
        """A test suite with nothing but an error."""
        self._write(ci.junit_unusable(source, says))

    @staticmethod
    def _write(text: str) -> None:
        sys.stdout.buffer.write(text.encode())
