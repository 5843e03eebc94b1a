"""What the test run prints at its end: the score of the conformance suite against wrong implementations."""

from typing import Any


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Every property `score` that a test recorded."""
    reports = [*terminalreporter.stats.get("passed", ()), *terminalreporter.stats.get("failed", ())]
    scores = [text for report in reports for name, text in getattr(report, "user_properties", ()) if name == "score"]
    for text in dict.fromkeys(scores):
        terminalreporter.write_line(str(text))
