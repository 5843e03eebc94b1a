"""Every refusal that `docs/answers.md` tells how to bring about rests on a rule that says what is answered.

The rule names the code; it speaks of no other method; and it is a rule of the method's own page where one gives the
code, not a sentence that fits every call. The way on that is told leads to where the call is accepted.
"""

import re
from functools import cache
from typing import Final

import pytest

from tests.answers.played import Player, play
from tests.answers.recipes import recipe_of
from tests.test_answers import PRODUCED
from vss_sim.engine.answers import Refusal
from vss_sim.model.world import new_world
from vss_sim.spec.answers import DocumentedAnswer
from vss_sim.spec.causes import Kind
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.rules import Rule, rules

_GENERAL: Final = "ans-"
"""How the ids of the rules begin that say of an answer what it means, whatever the call."""

_OTHER: Final = "(other)"
"""The page leaves the codes open."""

_NAMES: Final = re.compile(r"\b(?:[A-Z]\w+::)?([A-Z][A-Za-z]+)\b")
_NO_CODES: Final = {"status-ex-partial-failure"}
"""Rules of a code that is told in a result, and by the remarks of a page by the method, too."""


@cache
def _refusals() -> dict[DocumentedAnswer, Refusal]:
    found = {row: play(recipe_of(row, cause)).step.refusal for row, cause in PRODUCED.items()}
    return {row: refusal for row, refusal in found.items() if refusal is not None}


def _codes(rule: Rule) -> set[str]:
    """The codes that a rule names, those that are inferred as well."""
    return {code.rstrip("?") for code in rule.answers}


def _has_page_of(rule: Rule, method: str) -> bool:
    return any(page.endswith("-" + method.replace("::", "-").lower()) for page in rule.pages)


REFUSED: Final = pytest.mark.parametrize(
    "row",
    [row for row in PRODUCED if row.hresult in HResult.__members__ and HResult[row.hresult].failed],
    ids=lambda row: row.id,
)


def _cited(row: DocumentedAnswer) -> Refusal | None:
    return _refusals().get(row)


def test_there_are_refusals_to_look_at() -> None:
    """A test of none would prove nothing."""
    assert len(_refusals()) > 500


@REFUSED
def test_the_rule_of_a_refusal_names_its_code(row: DocumentedAnswer) -> None:
    """The sentence that is shown with VSS_E_LEGACY_PROVIDER is one of VSS_E_LEGACY_PROVIDER."""
    cited = _cited(row)
    if cited is not None and cited.rule not in _NO_CODES:
        assert cited.answer.name in _codes(rules()[cited.rule]), cited.rule


@REFUSED
def test_the_rule_of_a_refusal_speaks_of_no_other_method(row: DocumentedAnswer) -> None:
    """What is said of StartSnapshotSet alone is no reason for AddToSnapshotSet."""
    cited = _cited(row)
    if cited is None or cited.need is not None:  # the order of calls is a matter of other methods
        return
    methods = {signature.name for signature in signatures().values() if signature.kind == "requester"}
    named = set(_NAMES.findall(rules()[cited.rule].sentence)) & methods
    assert not named or row.method.rpartition("::")[2] in named or _has_page_of(rules()[cited.rule], row.method)


@REFUSED
def test_a_general_rule_is_cited_only_where_the_page_has_none(row: DocumentedAnswer) -> None:
    """GetFile beyond its files rests on the sentence about its index, not on one about all that may be missing."""
    cited = _cited(row)
    if cited is None or not cited.rule.startswith(_GENERAL) or row.hresult == HResult.E_INVALIDARG.name:
        return
    own = [rule.id for rule in rules().values() if row.hresult in rule.answers and _has_page_of(rule, row.method)]
    assert not own or cited.rule in own


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet-VSS_E_BAD_STATE-sync", "ans-no-resync-provider"),
        ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet-VSS_E_LEGACY_PROVIDER-sync", "ans-legacy-provider"),
        ("IVssBackupComponentsEx3::AddSnapshotToRecoverySet-VSS_E_OBJECT_NOT_FOUND-sync", "ans-resync-not-owned"),
        ("IVssBackupComponents::DoSnapshotSet-VSS_E_REBOOT_REQUIRED-sync", "ans-reboot-required"),
        ("IVssBackupComponents::QueryRevertStatus-E_POINTER-sync", "ans-null-pointer"),
        ("IVssEnumObject::Next-E_POINTER-sync", "enum-next-free"),
        ("IVssBackupComponentsEx::GetWriterMetadataEx-VSS_E_OBJECT_NOT_FOUND-sync", "metadata-ex-index"),
        ("IVssBackupComponentsEx3::GetWriterStatusEx-E_INVALIDARG-sync", "status-ex-not-null"),
        ("IVssAsync::QueryStatus-E_INVALIDARG-sync", "async-query-reserved-null"),
        ("IVssWMComponent::GetFile-VSS_E_OBJECT_NOT_FOUND-sync", "wm-component-file-index"),
        ("IVssBackupComponents::SetFileRestoreStatus-VSS_E_OBJECT_NOT_FOUND-sync", "frs-unknown-component"),
        ("IVssBackupComponents::AddAlternativeLocationMapping-VSS_E_OBJECT_NOT_FOUND-sync", "alm-record-call"),
        ("IVssBackupComponents::AddToSnapshotSet-VSS_E_SNAPSHOT_SET_IN_PROGRESS-sync", "ans-set-in-progress-elsewhere"),
        ("IVssBackupComponents::ImportSnapshots-E_INVALIDARG-sync", "im-null-pointer"),
    ],
)
def test_the_rule_is_the_one_of_the_page(row: str, rule: str) -> None:
    """By hand, from the pages: each of these has a sentence of its own for this answer."""
    assert [cited.rule for known, cited in _refusals().items() if known.id == row] == [rule]


_NEEDS_WHAT_IS_THERE: Final = ("ImportSnapshots", "GetSnapshotProperties", "ExposeSnapshot", "UnexposeSnapshot")
"""Calls on what an earlier program left: a saved document, a shadow copy that is there."""


@pytest.mark.parametrize(
    "row", [row for row, cause in PRODUCED.items() if cause.kind is Kind.STATE], ids=lambda row: row.id
)
def test_the_way_on_leads_there(row: DocumentedAnswer) -> None:
    """Call by call with usual arguments, none of them is refused; a component is added before it is spoken of."""
    refusal, recipe = _cited(row), recipe_of(row, PRODUCED[row])
    if refusal is None or row.method.rpartition("::")[2] in _NEEDS_WHAT_IS_THERE:
        return
    player = Player(new_world(recipe.world, recipe.profile))
    way = [call.partition("(")[0] for call in refusal.instead]  # which argument leads there is told in brackets
    for call in (*recipe.before, *way):
        done = player.make(call)
        assert done is None or done.refusal is None, (call, done.refusal and done.refusal.says)


def test_a_component_is_added_to_a_new_object_before_it_is_marked() -> None:
    """Also where an object that is done makes room for a new one (rule set-backup-succeeded-match-component)."""
    marked = _cited(next(row for row in PRODUCED if row.id.endswith("SetBackupSucceeded-VSS_E_BAD_STATE-sync")))
    assert marked is not None
    names = [call.rpartition("::")[2] for call in marked.instead]
    assert names.index("AddComponent") < names.index("PrepareForBackup") < names.index("SetBackupSucceeded")
