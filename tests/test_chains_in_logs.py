"""What a log shows of chains of backups: which stamp is passed, and what a restore builds on."""

import json
from typing import Any

import pytest

from tests.backup_server import FULL, INCREMENTAL, STAMPED, Server
from tests.support import ROOT, check, entries_of


def test_a_component_that_got_no_stamp_since_keeps_its_older_one() -> None:
    """Its writer may have stored none in the last backup: nobody is told to pass another's."""
    server = Server("INCREMENTAL", "TIMESTAMPED", replies=STAMPED)
    server.back_up(FULL, INCREMENTAL, INCREMENTAL)
    lines = json.loads(json.dumps(list(server.simulation.lines())))
    passed = [one for one in lines if one.get("call", "").endswith("::SetPreviousBackupStamp")]
    passed[-1]["in"]["wszPreviousBackupStamp"] = "stamp 0"
    assert [one.rule for one in check(lines).findings if one.rule.startswith("inc-")] == ["inc-stamp-passed"]
    told = [one for one in lines if one.get("call") == "IVssComponent::GetBackupStamp"]
    told[-1]["out"] = {"pbstrBackupStamp": None}
    told[-1]["returns"] = "S_FALSE"
    assert [one.rule for one in check(lines).findings if one.rule.startswith("inc-")] == []


def _chain_rules(lines: list[Any]) -> list[str]:
    return [one.rule for one in check(lines).findings if one.rule.startswith("inc-")]


def _case(name: str) -> list[Any]:
    return entries_of(ROOT / "conformance" / "cases" / "increments" / f"{name}.jsonl")


def _calls(lines: list[Any], method: str) -> list[Any]:
    return [one for one in lines if (one.get("call") or "").endswith(f"::{method}")]


def _set_types(lines: list[Any], *types: str) -> None:
    for one, kind in zip(_calls(lines, "SetBackupState"), types, strict=True):
        one["in"]["backupType"] = f"VSS_BT_{kind}"


def test_a_backup_that_was_marked_as_failed_is_no_step_of_a_chain() -> None:
    """The second increment builds on the full backup where the first has nothing of the component."""
    lines = _case("increment-left-out")
    assert _chain_rules(lines) == ["inc-r-chain-incremental"]
    _calls(lines, "SetBackupSucceeded")[1]["in"]["bSucceded"] = False
    assert _chain_rules(lines) == []


def test_a_backup_of_other_components_is_no_step_of_a_chain() -> None:
    """Each component has its own chain: jobs of several applications take turns in one log."""
    lines = _case("increment-left-out")
    for method in ("AddComponent", "SetBackupSucceeded"):
        _calls(lines, method)[1]["in"]["wszComponentName"] = "Other"
    assert _chain_rules(lines) == []


@pytest.mark.parametrize(
    ("case", "types", "rules"),
    [
        ("chain-restored-in-order", ("FULL", "DIFFERENTIAL", "LOG"), []),
        ("chain-restored-in-order", ("FULL", "LOG", "LOG"), []),
        ("increment-left-out", ("FULL", "LOG", "DIFFERENTIAL"), []),
        ("increment-left-out", ("FULL", "LOG", "LOG"), ["inc-r-chain-incremental"]),
        ("increment-left-out", ("FULL", "DIFFERENTIAL", "LOG"), []),
    ],
)
def test_logs_are_restored_upon_the_backup_before_them_or_a_later_differential_one(
    case: str, types: tuple[str, ...], rules: list[str]
) -> None:
    """What is in a differential backup need not come back by the logs before it."""
    lines = _case(case)
    _set_types(lines, *types)
    assert _chain_rules(lines) == rules


def test_a_finding_names_a_component_as_the_requester_wrote_it() -> None:
    """Not by the key by which components are compared, without regard to case."""
    (finding,) = [one for one in check(_case("increment-left-out")).findings if one.rule.startswith("inc-")]
    assert finding.says.startswith("'Ledger' is restored from")


def test_where_no_writer_stored_a_stamp_none_has_to_be_passed() -> None:
    """GetBackupStamp answers S_FALSE, so that there is nothing to hand back."""
    server = Server("INCREMENTAL", "TIMESTAMPED", replies=STAMPED).back_up(FULL, INCREMENTAL)
    lines = json.loads(json.dumps(list(server.simulation.lines())))
    lines.remove(_calls(lines, "SetPreviousBackupStamp")[0])
    assert _chain_rules(lines) == ["inc-stamp-passed"]
    for one in _calls(lines, "GetBackupStamp"):
        one.update(returns="S_FALSE", out={"pbstrBackupStamp": None})
    assert _chain_rules(lines) == []


def test_each_component_is_passed_the_stamp_of_its_own() -> None:
    """That of another one does not stand in; which has none is told none (rule inc-stamp-passed)."""
    server = Server("INCREMENTAL", "TIMESTAMPED", replies=STAMPED, several=2).back_up(FULL, INCREMENTAL)
    lines = json.loads(json.dumps(list(server.simulation.lines())))
    assert _chain_rules(lines) == []
    (second,) = [one for one in _calls(lines, "SetPreviousBackupStamp") if one["in"]["wszComponentName"][-1] == "2"]
    lines.remove(second)
    (finding,) = [one for one in check(lines).findings if one.rule == "inc-stamp-passed"]
    assert "'Database 2'" in finding.says
    for one in _calls(lines, "GetBackupStamp")[1::2]:
        one.update(returns="S_FALSE", out={"pbstrBackupStamp": None})
    assert _chain_rules(lines) == []


def test_the_stamp_of_a_later_backup_that_failed_is_not_wanted() -> None:
    """The increment goes on from the last backup that has the component."""
    server = Server("INCREMENTAL", "TIMESTAMPED", replies=STAMPED).back_up(FULL, INCREMENTAL, INCREMENTAL)
    lines = json.loads(json.dumps(list(server.simulation.lines())))
    _calls(lines, "SetPreviousBackupStamp")[-1]["in"]["wszPreviousBackupStamp"] = "stamp 0"
    assert _chain_rules(lines) == ["inc-stamp-passed"]
    _calls(lines, "SetBackupSucceeded")[1]["in"]["bSucceded"] = False
    assert _chain_rules(lines) == []
