"""Faults that are planted into the logs of clean restores are found, at their line and under their rule."""

import json
from functools import cache

import pytest

from tests.planted_breaches import Log, log_of
from tests.restore_faults import RESTORE_FAULTS, RestoreFault
from tests.restore_scenes import SCENES, Scene, read_only
from tests.support import Entry, check
from vss_sim.engine.restoring.requests import Strategy

_REPLACED_IN_PART = Scene(
    "ricr-unmapped",
    "RESTORE_IF_CAN_REPLACE",
    change=read_only,
)
"""A file is read-only, which a restore by copies aside meets after it replaced another."""


@cache
def clean_logs() -> dict[str, Log]:
    """The restores of the engine by every method and target, with either strategy, as logs."""
    logs: dict[str, Log] = {}
    for scene in (*SCENES, _REPLACED_IN_PART):
        for strategy in Strategy if not scene.request.readings else ():
            entries: list[Entry] = json.loads(json.dumps(scene.played(strategy).trace()))
            log = log_of(entries)
            if log is not None:
                logs[f"{scene.id}-{strategy.name}"] = log
    return logs


def test_there_are_logs() -> None:
    """A run over no log would prove nothing."""
    assert len(clean_logs()) > 100


@pytest.mark.parametrize("fault", RESTORE_FAULTS, ids=lambda fault: fault.__name__)
def test_a_planted_fault_is_found_at_its_line(fault: RestoreFault) -> None:
    """In every log where it fits, and in one at least."""
    found = 0
    for name, log in clean_logs().items():
        for planted in fault(log):
            found += 1
            findings = check(planted.entries).findings
            named = {(finding.line, rule) for finding in findings for rule in (finding.rule, *finding.also)}
            assert (planted.line, planted.rule) in named, f"{name}: {planted.rule} is not found at {planted.line}"
    assert found


_OF_VSS = ("matches_by_a_stored_instance", "reads_live_metadata", "blames_itself_for_an_error_of_the_writer")
"""Faults that the calls of VSS show by themselves."""
_FILES = ("CopyFile", "MoveFileEx", "DeleteFile", "WriteFile", "CloseHandle", "ControlService", "StartService")


@pytest.mark.parametrize("fault", [fault for fault in RESTORE_FAULTS if fault.__name__ not in _OF_VSS])
def test_nothing_is_said_without_file_calls(fault: RestoreFault) -> None:
    """A log without file and service calls shows nothing of what was done to files, and nothing is held against it."""
    planted = next(planted for log in clean_logs().values() for planted in fault(log))
    told = [entry for entry in planted.entries if not _is_of_files(entry)]
    assert len(told) < len(planted.entries)
    rules = {rule for finding in check(told).findings for rule in (finding.rule, *finding.also)}
    assert planted.rule not in rules


def _is_of_files(entry: Entry) -> bool:
    name = str(entry.get("call", ""))
    return name in _FILES or name.startswith(
        ("CreateFile", "CreateDirectory", "GetFile", "SetFile", "SetEndOf", "Find")
    )
