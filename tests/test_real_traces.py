"""The logs of real, shipped requesters: no false alarm, and every refusal that was recorded is predicted."""

from pathlib import Path

import pytest

from tests.support import TRACES, Checked, check, entries_of
from vss_sim.judge.findings import At, Level, Outcome
from vss_sim.spec.rules import rules
from vss_sim.trace.values import parse_code

EVERY_TRACE = pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)


def _checked(path: Path) -> Checked:
    return check(entries_of(path))


def test_the_traces_are_there() -> None:
    """A run over no trace would prove nothing."""
    assert len(TRACES) == 42


@EVERY_TRACE
def test_no_recorded_answer_is_news_about_the_model(path: Path) -> None:
    """Nothing that real Windows answered is outside of what the table allows."""
    checked = _checked(path)
    assert not [finding for finding in checked.findings if finding.at is At.IMPLEMENTATION]
    assert not [call for call in checked.calls if call.observed and call.observed not in call.allowed]


@EVERY_TRACE
def test_a_call_that_succeeded_is_no_error(path: Path) -> None:
    """What the pages forbid and Windows lets pass is a warning at most."""
    entries = entries_of(path)
    for finding in _checked(path).errors():
        returned = entries[finding.line - 2].get("returns")
        assert returned is not None, finding
        assert not parse_code(returned).succeeded, finding


@EVERY_TRACE
def test_every_recorded_refusal_is_predicted_with_its_rule(path: Path) -> None:
    """Each failing answer is among those allowed at its line, and a finding there names the rule."""
    checked = _checked(path)
    for number, entry in enumerate(entries_of(path), 2):
        answer = entry.get("returns")
        if answer and entry["call"].startswith("IVssBackupComponents") and not parse_code(answer).succeeded:
            assert answer in checked.allowed_at(number)
            assert checked.rules_at(number)


@EVERY_TRACE
def test_every_finding_rests_on_a_rule(path: Path) -> None:
    """A finding names a rule that there is, and earlier lines only."""
    for finding in _checked(path).findings:
        assert finding.rule in rules()
        assert all(ground.line <= finding.line for ground in finding.because)


def test_shipped_programs_that_work_conform() -> None:
    """A trace without a recorded refusal that the requester is to blame for conforms, with warnings or without."""
    violating = {path.stem for path in TRACES if _checked(path).outcome is Outcome.VIOLATES}
    assert violating == {
        "bareos-snapshot-fails-close",
        "field-alphavss-51-nas-rollback-prepare",
        "field-bareos-1923",
        "field-breeze-add-no-backslash",
        "field-breeze-add-without-start",
        "field-sqldocs-5339-additional",
    }
    assert not [path.stem for path in TRACES if _checked(path).outcome is Outcome.INCONCLUSIVE]


def test_retrying_while_another_process_creates_is_legal() -> None:
    """VSS_E_SNAPSHOT_SET_IN_PROGRESS from outside the log is worth knowing, and no fault (seq-in-progress-wait)."""
    path = next(path for path in TRACES if path.stem == "restic-in-progress-retry")
    checked = _checked(path)
    assert {finding.level for finding in checked.findings} == {Level.INFO}
