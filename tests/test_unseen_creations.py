"""Logs of a writer alone: the events of a creation come in their order, whoever raised them."""

from typing import Any, Final

import pytest

from tests.support import check
from vss_sim.judge.findings import At, Level

WRITER: Final = "{33333333-0000-4000-8000-000000000001}"
INSTANCE: Final = "{44444444-0000-4000-8000-000000000001}"
WHOLE: Final = (
    "Identify",
    "PrepareForBackup",
    "PrepareForSnapshot",
    "Freeze",
    "Thaw",
    "PostSnapshot",
    "BackupComplete",
)
ORDER: Final = "seq-do-event-order"


def _found(*events: str, other: tuple[str, ...] = ()) -> list[tuple[int, str]]:
    """What is held against VSS in a log of these events, those of `other` of another instance before them."""
    second = INSTANCE.replace("44444444", "55555555")
    lines: list[dict[str, Any]] = [
        {"event": event, "writer": WRITER, "instance": instance, "answer": True}
        for instance, told in ((second, other), (INSTANCE, events))
        for event in told
    ]
    found = check(lines).findings
    assert all(one.because[0].line == one.line - 1 for one in found), found
    assert all((one.at, one.level, one.rule) == (At.IMPLEMENTATION, Level.WARNING, ORDER) for one in found), found
    return [(one.line - 2 - len(other), one.says) for one in found]


def test_events_in_their_order_are_held_against_nobody() -> None:
    """Identify comes at any time; a backup follows another one, and may be given up."""
    assert _found(*WHOLE, "BackupShutdown", *WHOLE[1:], "BackupShutdown") == []
    assert _found(*WHOLE[:3], "Identify", *WHOLE[3:]) == []
    assert _found(*WHOLE[:4], "Abort", "BackupShutdown", *WHOLE) == []
    assert _found(*WHOLE[:3], "Abort", *WHOLE[3:]) == []  # of another backup for which it was prepared


def test_a_log_may_begin_in_the_middle() -> None:
    """What came before was not recorded."""
    for first in range(2, len(WHOLE)):
        assert _found(*WHOLE[first:]) == []


@pytest.mark.parametrize(
    ("events", "line", "says"),
    [
        (("PrepareForSnapshot", "Thaw"), 1, "Thaw is raised for a writer that did not get Freeze before"),
        (
            ("PrepareForSnapshot", "Freeze", "PostSnapshot"),
            2,
            "PostSnapshot is raised for a writer that did not get Thaw before",
        ),
        (("PrepareForSnapshot", "Freeze", "Freeze"), 2, "Freeze is raised after Freeze"),
        (("PrepareForSnapshot", "Freeze", "Thaw", "Freeze"), 3, "Freeze is raised after Thaw"),
        (("PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot", "Thaw"), 4, "Thaw is raised after PostSnapshot"),
    ],
)
def test_an_event_out_of_its_order_is_told(events: tuple[str, ...], line: int, says: str) -> None:
    """As a warning, since the log does not show who raised it."""
    assert _found(*events, other=WHOLE) == [(line, says)]


def test_a_kind_that_a_log_never_shows_is_missed_once() -> None:
    """The recorder may leave it out."""
    shown = ("PrepareForSnapshot", "PostSnapshot")
    assert _found(*shown, *shown, *shown) == [(1, "PostSnapshot is raised for a writer that did not get Freeze before")]
