"""Every answer that the documentation names for a requester's call is brought about, and in the way that is told.

`docs/answers.md` lists them; a recipe comes from `tests/answers`, by the kind of cause in `vss_sim/spec/causes.tsv`.
"""

from typing import Final

import pytest
from msgspec.structs import replace

from tests.answers.played import Played, Recipe, play
from tests.answers.recipes import recipe_of
from vss_sim.model.world import World
from vss_sim.spec.answers import DocumentedAnswer, documented_answers
from vss_sim.spec.causes import Kind, cause_of
from vss_sim.spec.hresult import HResult
from vss_sim.spec.rules import rules

ROWS: Final = [answer for answers in documented_answers().values() for answer in answers]
CAUSES: Final = {row: cause for row in ROWS if (cause := cause_of(row)) is not None}
PRODUCED: Final = {row: cause for row, cause in CAUSES.items() if cause.kind is not Kind.NOT_MODELLED}
_SCRIPTS_TELL: Final = (Kind.SCRIPT,)


def _played(row: DocumentedAnswer) -> tuple[Recipe, Played]:
    recipe = recipe_of(row, PRODUCED[row])
    return recipe, play(recipe)


def _without_counts(world: World) -> World:
    machines = tuple(replace(machine, answers=()) for machine in world.machines)
    return World(world.description, world.profile, machines, world.objects, world.snapshots, world.clock, world.serial)


def test_every_row_of_the_table_has_a_cause() -> None:
    """Or says why it is not modelled."""
    assert [row for row in ROWS if row not in CAUSES] == []


@pytest.mark.parametrize("row", PRODUCED, ids=lambda row: row.id)
def test_the_answer_is_brought_about(row: DocumentedAnswer) -> None:
    """Exactly this one, by the cause that is told; a refused call names a rule and changes nothing."""
    recipe, played = _played(row)
    assert played.answer == recipe.answer, HResult.of(played.answer)
    refusal = played.step.refusal
    assert refusal is None or refusal.rule in rules()
    if refusal is not None and row.method != "IVssAsync::Wait":
        assert _without_counts(played.step.world) == _without_counts(played.world)
    if row.stage == "sync" and recipe.answer.failed and recipe.out is None:
        assert refusal is not None


@pytest.mark.parametrize("row", PRODUCED, ids=lambda row: row.id)
def test_only_what_the_environment_decides_is_scripted(row: DocumentedAnswer) -> None:
    """A world with scripted answers belongs to the kind `script`, and to no other."""
    scripted = any(machine.answers for machine in recipe_of(row, PRODUCED[row]).world.machines)
    assert scripted is (PRODUCED[row].kind in _SCRIPTS_TELL)
