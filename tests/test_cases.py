"""The cases: each tells a rule apart from its breach, and the checker sees it as the case says."""

import json
from pathlib import Path

import pytest

from tests.support import CASES, check, entries_of
from vss_sim.judge.findings import Level, Outcome
from vss_sim.spec.rules import rules
from vss_sim.spec.table import Profile

EVERY_CASE = pytest.mark.parametrize("path", CASES, ids=lambda path: f"{path.parent.name}/{path.stem}")
VERDICTS = ("conforms", "violates", "warns", "noted")
"""What a case shows: nothing wrong, or a finding that is an error, a warning, an info, on the lines that say so."""


def test_there_are_cases() -> None:
    """A run over no case would prove nothing."""
    assert CASES


@EVERY_CASE
def test_a_case_is_well_formed(path: Path) -> None:
    """Named for its place, about something, with rules that exist; a breach is marked on the line where it happens."""
    header = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    assert header["vss-trace"] == 1
    assert header["id"] == f"{path.parent.name}/{path.stem}"
    assert header["about"].endswith(".")
    assert header["verdict"] in VERDICTS
    marked = {rule for entry in entries_of(path) for rule in entry.get("rules", ())}
    assert header["rules"]
    assert set(header["rules"]) | marked <= set(rules())
    assert bool(marked) == (header["verdict"] != "conforms")
    assert marked <= set(header["rules"])


@EVERY_CASE
def test_the_checker_sees_what_the_case_shows(path: Path) -> None:
    """A breach is found on its line, under its rule, as grave as the case says; a conforming case earns nothing."""
    header = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    entries = entries_of(path)
    checked = check(entries, Profile(header.get("profile", "windows")), header.get("world"))
    grave = [finding for finding in checked.findings if finding.level is not Level.INFO]
    if header["verdict"] == "conforms":
        assert not grave
        assert checked.outcome is Outcome.CONFORMS
        return
    level = {"violates": Level.ERROR, "warns": Level.WARNING, "noted": Level.INFO}[header["verdict"]]
    marks = [(number, rule) for number, entry in enumerate(entries, 2) for rule in entry.get("rules", ())]
    found = {(finding.line, rule): finding for finding in checked.findings for rule in (finding.rule, *finding.also)}
    for mark in marks:
        assert mark in found, checked.findings
        assert found[mark].level is level
    lines = {number for number, _ in marks}
    assert not [finding for finding in grave if finding.line not in lines]
