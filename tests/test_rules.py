"""The rule tables: well formed, and each rule that is cited is there."""

import ast
import re

import pytest

from tests.support import ROOT
from vss_sim.spec.answers import call_failures, documented_answers, result_failures, ruled_out
from vss_sim.spec.arguments import ARGUMENT_RULES, demanded_by
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.rules import Rule, RuleForce, Standing, disputes, is_page, page_address, rules
from vss_sim.spec.stored import STORED_DEMANDS

ACTORS = {"requester", "writer", "provider", "vss"}


def test_the_rules_are_counted() -> None:
    """684 of the conceptual pages, 404 of the reference, what was observed beyond; 73 disputes, eleven of our own."""
    assert len(rules()) >= 684 + 404 + 50
    assert len(disputes()) == 73 + 11


@pytest.mark.parametrize("rule", rules().values(), ids=lambda rule: rule.id)
def test_a_rule_is_well_formed(rule: Rule) -> None:
    """An id that reads, one sentence, somebody it binds, something it rests on."""
    found = rules()[rule.id]
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)+", found.id)
    assert found.who in ACTORS
    assert found.sentence.endswith(".")
    assert found.statement[0].isupper()
    assert not re.search(r"\b(must|should|may)( not)? [a-z][A-Z]", found.statement)  # nobody "must vSS_RT_ALTERNATE"
    assert found.pages
    assert set(found.disputes) <= set(disputes())
    assert {answer.rstrip("?") for answer in found.answers} <= set(HResult.__members__)
    assert isinstance(found.force, RuleForce)
    if found.standing is Standing.OBSERVED:
        assert not any(is_page(page) for page in found.pages)


def test_pages_have_addresses() -> None:
    """Every page of the documentation leads somewhere; evidence is named as it is."""
    for rule in rules().values():
        for page in rule.pages:
            if is_page(page) and not page.startswith(("fig:", "ds:")):
                assert page_address(page).startswith("https://learn.microsoft.com/windows/win32/"), page


def test_rules_that_are_cited_exist() -> None:
    """By the argument rules, by the failures, and by name anywhere in the code."""
    cited = {rule for demand in ARGUMENT_RULES for rule in demanded_by(demand)}
    cited |= {rule_id for demand in STORED_DEMANDS for rule_id in demand.rules}
    for signature in signatures().values():
        for failures_of in (call_failures, result_failures, ruled_out):
            cited |= {
                rule for failure in failures_of(signature.full_name).values() for rule in (failure.rule, *failure.also)
            }
    for path in (ROOT / "vss_sim" / "judge").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            value = node.value if isinstance(node, ast.Constant) else None
            if isinstance(value, str) and re.fullmatch(r"(seq|obs|sn|im|com|ans|log)-[a-z0-9-]+", value):
                cited.add(value)
    assert cited <= set(rules())


@pytest.mark.parametrize("name", METHODS)
def test_every_documented_failure_has_somebody_whose_concern_it_is(name: str) -> None:
    """A failing answer in the documentation is the table's, or stands in failures.tsv."""
    full_name = METHODS[name].full_name
    for answer in documented_answers().get(full_name, ()):
        if answer.stage == "sync" and answer.hresult in HResult.__members__:
            code = HResult[answer.hresult]
            assert code.succeeded or code is HResult.VSS_E_BAD_STATE or code in call_failures(full_name)


def test_codes_are_what_windows_prints() -> None:
    """Unsigned, signed, and found again."""
    assert HResult.VSS_E_BAD_STATE.signed == -2147212543
    assert HResult.of(-2147212543) is HResult.of(0x80042301) is HResult.VSS_E_BAD_STATE
    assert HResult.of(0x12345678) is None
    assert all(code.succeeded == (code < 0x80000000) for code in HResult)
