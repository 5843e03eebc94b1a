"""Every answer that the documentation names for a requester's call is brought about, and in the way that is told.

`docs/answers.md` lists them; a recipe comes from `tests/answers`, by the kind of cause in `vss_sim/spec/causes.tsv`.
"""

import re
from collections import Counter
from typing import Final

import pytest
from msgspec.structs import replace

from tests.answers.handlers import HANDLERS, answer_in_a_handler, answer_to_an_event
from tests.answers.played import Recipe, play
from tests.answers.recipes import recipe_of
from tests.answers.worlds import WORLDS
from tests.support import ROOT
from vss_sim.model.computer import Description
from vss_sim.model.world import World
from vss_sim.report.answers_page import TEST
from vss_sim.spec.answers import DocumentedAnswer, documented_answers
from vss_sim.spec.causes import Kind, cause_of
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import CREATE, signatures
from vss_sim.spec.rules import rules
from vss_sim.spec.systems import has_method

ROWS: Final = [answer for answers in documented_answers().values() for answer in answers]
CAUSES: Final = {row: cause for row in ROWS if (cause := cause_of(row)) is not None}
PRODUCED: Final = {row: cause for row, cause in CAUSES.items() if cause.kind is not Kind.HANDLER}
"""What the calls of a requester bring about, and those of a writer's program outside of its handlers."""
IN_HANDLERS: Final = [row for row, cause in CAUSES.items() if cause.kind is Kind.HANDLER]
"""What a writer brings about."""
EVERY_ROW: Final = pytest.mark.parametrize("row", PRODUCED, ids=lambda row: row.id)
ARGUMENTS_OF_AN_OBJECT: Final = [
    row
    for row, cause in PRODUCED.items()
    if cause.kind is Kind.ARGUMENT
    and row.hresult in ("E_INVALIDARG", "E_POINTER")
    and row.method.startswith("IVssBackupComponents")
]
OLDER: Final = "Windows Server 2008"
TOLD_OTHERWISE_BEFORE: Final = [
    row
    for row in PRODUCED
    if row.hresult == "VSS_E_UNEXPECTED"
    and has_method(OLDER, signatures()[row.method].min_client, signatures()[row.method].min_server)
]

COUNTS: Final = {
    Kind.SUCCESS: 156,
    Kind.STATE: 60,
    Kind.ARGUMENT: 136,
    Kind.OBJECT: 99,
    Kind.ACCOUNT: 32,
    Kind.SYSTEM: 7,
    Kind.WRITER: 28,
    Kind.PROVIDER: 22,
    Kind.SCRIPT: 324,
    Kind.HANDLER: 181,
}
"""How many rows each kind of cause has; a change deserves a look."""


def _recipe(row: DocumentedAnswer) -> Recipe:
    return recipe_of(row, PRODUCED[row])


def _failed(answer: int) -> bool:
    code = HResult.of(answer)
    return code is not None and code.failed


def _without_counts(world: World) -> World:
    machines = tuple(replace(machine, answers=()) for machine in world.machines)
    return replace(world, machines=machines)


def test_every_row_of_the_table_has_a_cause() -> None:
    """No row is forgotten, and none goes to a kind without a look."""
    assert [row for row in ROWS if row not in CAUSES] == []
    assert Counter(cause.kind for cause in CAUSES.values()) == COUNTS


@pytest.mark.parametrize("row", IN_HANDLERS, ids=lambda row: row.id)
def test_the_answer_is_brought_about_in_a_handler(row: DocumentedAnswer) -> None:
    """A writer calls it by the script of the world, and VSS answers so; or its handler ends so."""
    method = row.method.rpartition("::")[2]
    if method in HANDLERS:
        answer = answer_to_an_event(row)
        assert (answer is True) is (row.hresult == "(bool true)")
        return
    answer = answer_in_a_handler(row)
    match row.hresult:
        case "(value)":
            assert not isinstance(answer, HResult)
        case "(bool true)" | "(bool false)":
            assert answer is (row.hresult == "(bool true)")
        case "(other)":
            assert answer == "E_FAIL"
        case _:
            assert answer == (row.hresult if row.stage == "sync" else "S_OK")


@EVERY_ROW
def test_the_answer_is_brought_about(row: DocumentedAnswer) -> None:
    """Exactly this one; a refused call names a rule, and changes nothing but how often a script was followed."""
    recipe = _recipe(row)
    played = play(recipe)
    assert played.answer == recipe.answer, HResult.of(played.answer)
    refusal = played.step.refusal
    assert (refusal is not None) is _failed(played.step.answer)
    if refusal is not None:
        assert refusal.rule in rules()
        if row.method != "IVssAsync::Wait":
            assert _without_counts(played.step.world) == _without_counts(played.world)


@EVERY_ROW
def test_only_what_the_environment_decides_is_scripted(row: DocumentedAnswer) -> None:
    """A world with scripted answers belongs to the kind `script`, and to no other."""
    scripted = any(machine.answers for machine in _recipe(row).world.machines)
    assert scripted is (PRODUCED[row].kind is Kind.SCRIPT)


@EVERY_ROW
def test_without_its_cause_the_answer_does_not_come(row: DocumentedAnswer) -> None:
    """A scripted answer, an account, a provider's or a writer's failure: taken away, the call succeeds."""
    recipe = _recipe(row)
    without = replace(recipe, before=tuple(call for call in recipe.before if not isinstance(call, dict)))
    if PRODUCED[row].kind in (Kind.SCRIPT, Kind.ACCOUNT, Kind.PROVIDER, Kind.WRITER):
        played = play(replace(without, world=WORLDS["usual"]))
        assert played.answer != recipe.answer
        assert not _failed(played.answer)


@pytest.mark.parametrize("row", ARGUMENTS_OF_AN_OBJECT, ids=lambda row: row.id)
def test_arguments_come_before_the_state(row: DocumentedAnswer) -> None:
    """Rule obs-arguments-before-state: a bad argument is told even on an object that is not initialised."""
    assert play(replace(_recipe(row), before=(CREATE,))).answer == HResult[row.hresult]


@pytest.mark.parametrize("row", TOLD_OTHERWISE_BEFORE, ids=lambda row: row.id)
def test_older_systems_say_e_unexpected(row: DocumentedAnswer) -> None:
    """Rule ans-unexpected: VSS_E_UNEXPECTED came with Windows 7 and Windows Server 2008 R2."""
    recipe = _recipe(row)
    machines = tuple(replace(machine, os=OLDER) for machine in recipe.world.machines)
    assert play(replace(recipe, world=Description(machines=machines))).answer == HResult.E_UNEXPECTED


def test_the_page_names_every_test_and_no_other() -> None:
    """The last column of `docs/answers.md` is what pytest calls the rows here."""
    page = (ROOT / "docs" / "answers.md").read_text(encoding="utf-8")
    assert re.findall(r"\| `([^`]+)` \|$", page, re.MULTILINE) == [row.id for row in CAUSES]
    assert TEST.endswith(test_the_answer_is_brought_about.__name__)
