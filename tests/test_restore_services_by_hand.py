"""Services around the files of a restore: what a requester tried in vain is not held against it.

The logs are written by hand (`logs_by_hand`).
Page: https://learn.microsoft.com/windows/win32/vss/stopping-services-for-restore-by-requestors
"""

import json
import re
from collections.abc import Callable
from typing import Final

import pytest

from tests.logs_by_hand import DONE, LOCKED, ORIGINALS, SERVICE, Log
from tests.support import Entry, check
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


def other(log: Log, call: str, name: str, **given: object) -> Log:
    """A call on a service of another name."""
    return log.line(call, returns=DONE, given={"lpServiceName": name, **given})


def test_a_service_that_depends_on_it_is_stopped_before_it() -> None:
    """Rule svc-name-from-metadata: the named service is stopped, too, and both run again before PostRestore."""
    log = Log().to("STOP_RESTORE_START", service=SERVICE)
    other(log, "EnumDependentServicesW", SERVICE)
    other(log, "ControlService", "ShopWeb", dwControl=1).stop().put(*ORIGINALS).start()
    assert check(other(log, "StartServiceW", "ShopWeb").tell().end().entries).findings == ()


def test_another_service_does_not_do_for_the_one_that_is_named() -> None:
    """Rule svc-name-from-metadata, at the stop; with files after it and without."""
    for files in (ORIGINALS, ()):
        log = other(Log().to("STOP_RESTORE_START", service=SERVICE), "ControlService", "ShopWeb", dwControl=1)
        line = len(log.entries) + 1
        found = about_services(log.put(*files).tell("ALL" if files else "NONE").end())
        assert [(one.line, one.level) for one in found if one.rule == "svc-name-from-metadata"] == [
            (line, Level.WARNING)
        ]
    tried = other(Log().to("STOP_RESTORE_START", service=SERVICE), "ControlService", "ShopWeb", dwControl=1)
    assert about_services(tried.cannot_stop().tell("NONE").end()) == []


def beside(log: Log) -> list[Entry]:
    """The lines of another restore of the same component, with objects of its own."""
    handles = r'"(bc|async\d+|stored\d+|part\d+|files\d+|components?\d+)"'
    text = re.sub(handles, r'"\1 of another"', json.dumps(log.entries))
    entries: list[Entry] = json.loads(text)
    return entries


def test_another_service_is_no_substitute_in_each_of_two_restores() -> None:
    """Rule svc-name-from-metadata: two objects restore the same component; each is told, whichever goes on first."""
    one, other_one = Log().to("STOP_RESTORE_START", service=SERVICE), Log().to("STOP_RESTORE_START", service=SERVICE)
    begun, beside_it = len(one.entries), beside(other_one)
    other(one, "ControlService", "ShopWeb", dwControl=1).put(*ORIGINALS).tell().end()
    entries = [*one.entries[:begun], *beside_it, *one.entries[begun:]]
    entries += beside(other_one.put(*ORIGINALS).tell().end())[len(beside_it) :]
    found = [one.line for one in check(entries).findings if one.rule == "svc-name-from-metadata"]
    assert found == [begun + len(beside_it) + 2] * 2


def test_a_service_that_was_seen_to_stop_is_no_longer_stopping() -> None:
    """Rule srs-wait-stopped: it was told to stop, and did."""
    log = Log().to("STOP_RESTORE_START", service=SERVICE)
    pending = {"lpServiceStatus": {"dwCurrentState": "SERVICE_STOP_PENDING"}}
    given = {"lpServiceName": SERVICE, "dwControl": 1}
    log.line("ControlService", returns=DONE, given=given, gives=pending)
    log.entries.append({"happens": "service stops", "service": SERVICE})
    assert about_services(log.put(*ORIGINALS).start().tell().end()) == []


def test_what_was_in_the_way_while_the_service_ran_need_not_be_afterwards() -> None:
    """Rule srs-check-after-stop: the set is given up for a file in use before the stop, and not looked at after.

    One that is in use after it, too, is a reason to give up.
    """
    for again in (False, True):
        log = Log().to("STOP_RESTORE_START", service=SERVICE)
        log.open(ORIGINALS[1], returns=LOCKED)
        log.stop()
        if again:
            log.open(ORIGINALS[1], returns=LOCKED)
        found = check(log.start().tell("NONE").end().entries).findings
        assert [one.rule for one in found] == ([] if again else ["srs-check-after-stop"])
