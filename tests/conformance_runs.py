"""Runs of the suite for tests: some cases, an implementation that misbehaves, the command line of the folder."""

import subprocess
import sys
from typing import Any, Final

from conformance.case import Case, Selection, find_cases
from conformance.results import Run
from conformance.runner import Setting, run
from tests.support import ROOT
from tests.wire_clients import SERVE

PYTHON: Final = sys.executable
CASES: Final = find_cases()
SOME: Final = Selection(run=("backup/*",)).of(CASES)


def unsteady(how: str, every: int) -> tuple[str, ...]:
    """The command of an implementation that misbehaves."""
    return (PYTHON, "-m", "tests.unsteady", how, str(every))


def put(command: tuple[str, ...], cases: list[Case], **setting: Any) -> Run:
    """A run with two workers."""
    return run(command, cases, Setting(**{"jobs": 2, "limit": 5.0, **setting}))


def conform(*words: str, command: tuple[str, ...] = tuple(SERVE)) -> subprocess.CompletedProcess[str]:
    """The command line of the folder."""
    line = [PYTHON, "-m", "conformance", *words, "--", *command]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)
