"""Every sentence of the pages on how files are restored has its rule, a case that keeps it and one that breaks it.

`restore_sentences.tsv` goes through the pages of the restore methods and targets, of mappings, new and directed
targets, statuses, services and participation, sentence by sentence, in our own words. That the cases say what they say
is held by test_cases.py.
"""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import ROOT
from vss_sim.spec.rules import rules, unjudged

CASES_AT: Final = ROOT / "conformance" / "cases"
ROWS: Final = [
    tuple(line.split("\t"))
    for line in Path(__file__).with_name("restore_sentences.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
]
_NONE: Final = "-"


def case(name: str) -> tuple[dict[str, Any], set[str]]:
    """The header of a case, and the rules that its lines break."""
    text = (CASES_AT / f"{name}.jsonl").read_text(encoding="utf-8")
    first, *lines = (json.loads(line) for line in text.splitlines())
    return first, {rule for line in lines for rule in line.get("rules", ())}


@pytest.mark.parametrize("row", ROWS, ids=[f"{row[0]} {row[1]}" for row in ROWS])
def test_a_sentence_has_a_rule_with_its_cases(row: tuple[str, ...]) -> None:
    """One of its rules rests on its page; what no log can show kept or broken, unjudged.tsv says why."""
    page, _, named, keeps, breaks = row
    ids = set(named.split(";"))
    assert any(page in rules()[rule].pages for rule in ids)
    if keeps != _NONE:
        first, _ = case(keeps)
        assert first["verdict"] == "conforms"
        assert ids & set(first["rules"])
    if breaks != _NONE:
        assert ids & case(breaks)[1]
    if _NONE in (keeps, breaks):
        assert any(rule in unjudged() and unjudged()[rule].why for rule in ids)


def test_no_method_is_missing() -> None:
    """The page of VSS_RESTOREMETHOD_ENUM has a sentence for each of its members."""
    told = " ".join(row[1] for row in ROWS if row[0] == "api:ne-vswriter-vss_restoremethod_enum")
    members = ("UNDEFINED", "IF_NOT_THERE", "IF_CAN_REPLACE", "STOP_RESTORE_START:", "TO_ALTERNATE_LOCATION")
    later = ("AT_REBOOT:", "AT_REBOOT_IF_CANNOT_REPLACE", "CUSTOM", "RESTORE_STOP_START:")
    assert [name for name in (*members, *later) if name not in told] == []
