"""What holds for the whole test run: Ctrl-C counts; at its end the score against wrong implementations is printed."""

import signal
from collections.abc import Iterator
from typing import Any

import pytest

from vss_sim.requester.known_ways import MEMORY


@pytest.fixture(scope="session", autouse=True)
def _interrupts_count() -> Iterator[None]:
    """A program that is started while Ctrl-C is ignored, as jobs in the background are, would ignore it too."""
    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.fixture(autouse=True)
def _no_way_is_known() -> None:
    """Each test works out what calls come to: one before it may have had a wrong implementation in its hands."""
    MEMORY.forget()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Every property `score` that a test recorded."""
    reports = [*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())]
    scores = [text for report in reports for name, text in getattr(report, "user_properties", ()) if name == "score"]
    for text in dict.fromkeys(scores):
        terminalreporter.write_line(str(text))
