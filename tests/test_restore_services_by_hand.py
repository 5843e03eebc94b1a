"""Services around the files of a restore: what a requester tried in vain is not held against it.

The logs are written by hand (`logs_by_hand`).
Page: https://learn.microsoft.com/windows/win32/vss/stopping-services-for-restore-by-requestors
"""

from collections.abc import Callable
from typing import Final

import pytest

from tests.logs_by_hand import ORIGINALS, SERVICE, Log
from tests.support import check
from vss_sim.judge.findings import Finding, Level


def stopped() -> Log:
    """STOP_RESTORE_START: the service is stopped, and the files are restored."""
    return Log().to("STOP_RESTORE_START", service=SERVICE).stop().put(*ORIGINALS)


def not_started(log: Log, error: str = "ERROR_SERVICE_LOGON_FAILED") -> Log:
    """The service does not start."""
    return log.line("StartServiceW", returns=error, given={"lpServiceName": SERVICE})


def starts_after_postrestore_in_vain() -> Log:
    """RESTORE_STOP_START, and the service does not start."""
    log = Log().to("RESTORE_STOP_START", service=SERVICE).put(*ORIGINALS).tell().end()
    released = log.entries.pop()
    not_started(log.stop()).entries.append(released)
    return log


TRIED: Final[dict[str, Callable[[], Log]]] = {
    "it does not start": lambda: not_started(stopped()).tell().end(),
    "it does not start twice": lambda: (
        not_started(not_started(stopped(), "ERROR_SERVICE_REQUEST_TIMEOUT")).tell().end()
    ),
    "after PostRestore": starts_after_postrestore_in_vain,
}


def about_services(log: Log) -> list[Finding]:
    """The findings on the service."""
    return [one for one in check(log.entries).findings if one.rule.startswith(("srs-", "rss-", "svc-"))]


@pytest.mark.parametrize("name", TRIED)
def test_whoever_tried_to_start_the_service_did_what_it_could(name: str) -> None:
    """Rules srs-start-before-postrestore, srs-restart-after-error, rss-restart: that it stays stopped is noted once."""
    (one,) = about_services(TRIED[name]())
    assert one.level is Level.INFO
    assert repr(SERVICE) in one.says
    assert "could not be started" in one.says


def test_a_start_that_succeeds_in_the_end_is_none_to_speak_of() -> None:
    """The second try starts it."""
    assert about_services(not_started(stopped()).start().tell().end()) == []


def test_a_service_that_runs_after_all_was_stopped_and_started() -> None:
    """The start times out, and the service is seen to run; or it starts again by itself."""
    state = {"lpServiceStatus": {"dwCurrentState": "SERVICE_RUNNING"}}
    for log in (not_started(stopped(), "ERROR_SERVICE_REQUEST_TIMEOUT"), stopped()):
        log.line("QueryServiceStatus", returns="ERROR_SUCCESS", given={"lpServiceName": SERVICE}, gives=state)
        assert about_services(log.tell().end()) == []


def test_a_start_before_the_stop_is_no_try() -> None:
    """It was tried before the service was stopped, and not after."""
    log = not_started(Log().to("STOP_RESTORE_START", service=SERVICE)).stop().put(*ORIGINALS).tell().end()
    assert [one.level for one in about_services(log)] == [Level.WARNING, Level.WARNING]
