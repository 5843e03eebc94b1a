"""Lines of words fit into a terminal; in a pipe they are the same everywhere, whatever the terminal is."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import call, check, create
from vss_sim.cli.plain_output import columns
from vss_sim.report.explain import explain
from vss_sim.report.text import finding_text
from vss_sim.report.words import lines_within, width

_ROOT = Path(__file__).parents[1]
_EVENT = ["-m", "vss_sim", "explain", "Freeze"]


def _longest(text: str) -> int:
    return max(map(len, text.splitlines()))


@pytest.mark.parametrize(
    "name",
    [
        *("Freeze", "PreRestore", "seq-setcontext-once", "C22", "VSS_E_OBJECT_NOT_FOUND", "CreateFile"),
        *("CopyFileTransacted", "GetVolumePathNamesForVolumeName", "VSS_RME_RESTORE_AT_REBOOT"),
    ],
)
def test_an_explanation_fits_into_80_columns(name: str) -> None:
    """And says the same words; addresses of pages are not broken."""
    usual = explain(name)
    with lines_within(80):
        narrow = explain(name)
    assert _longest(usual) > 80 >= _longest("\n".join(line for line in narrow.splitlines() if "https://" not in line))
    assert narrow.split() == usual.split()
    assert explain(name) == usual


def test_a_finding_fits_below_its_first_line() -> None:
    """Which programs read, and which stays whole; the rule is broken anew, however often it was told before."""
    (finding,) = check([create(), call("StartSnapshotSet", returns="VSS_E_BAD_STATE")]).errors()
    usual = finding_text("log", finding)
    with lines_within(60):
        narrow = finding_text("log", finding)
    assert narrow.splitlines()[0] == usual.splitlines()[0]
    below = [line for line in narrow.splitlines()[1:] if "https://" not in line]
    assert _longest("\n".join(below)) <= 70 < _longest("\n".join(usual.splitlines()[1:]))


@pytest.mark.parametrize(("given", "taken"), [(1, 40), (80, 80), (112, 112), (300, 112)])
def test_lines_are_never_wider_than_usual_nor_too_narrow_for_words(given: int, taken: int) -> None:
    """A wide terminal does not make them harder to read."""
    with lines_within(given):
        assert width() == taken
    assert width() == 112


def test_a_pipe_has_lines_of_the_usual_width() -> None:
    """The same bytes for whoever reads them, also where the shell tells the width of its terminal."""
    run = subprocess.run(
        [sys.executable, *_EVENT], env={**os.environ, "COLUMNS": "80"}, cwd=_ROOT, capture_output=True, check=True
    )
    assert run.stdout.decode().splitlines() == explain("Freeze").splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_has_lines_that_fit() -> None:
    """As wide as it says it is."""
    ours, theirs = os.openpty()
    run = subprocess.Popen(
        [sys.executable, *_EVENT], env={**os.environ, "COLUMNS": "72"}, cwd=_ROOT, stdout=theirs, stdin=theirs
    )
    os.close(theirs)
    shown = b""
    try:
        while part := os.read(ours, 4096):
            shown += part
    except OSError:
        pass  # how Linux tells that the other side is closed
    assert run.wait() == 0
    os.close(ours)
    lines = shown.decode().splitlines()
    assert 60 < _longest("\n".join(line for line in lines if "https://" not in line)) <= 72


def test_without_a_terminal_any_width_will_do() -> None:
    """Which is that of the lines."""
    assert columns() == 1000
