"""Restores by each method, on simulated disks: every end of every tree of the restore-method table is come to."""

from typing import Final

import pytest

from tests.restore_scenes import SCENES, Scene
from tests.restoring import FILES, Machine, assert_all_or_nothing, services_of
from vss_sim.engine.restoring.requests import Strategy
from vss_sim.spec.enums import FileRestoreStatus, RestoreMethod
from vss_sim.spec.restoring import METHODS, outcomes
from vss_sim.spec.restoring.words import When

_ANYWHERE: Final = {"method-missing"}
"""An end of every tree; a writer without a method comes to it in one only."""

_STATUS: Final = {
    When.NOW: FileRestoreStatus.ALL,
    When.REBOOT: FileRestoreStatus.ALL,
    When.NEVER: FileRestoreStatus.NONE,
}


@pytest.mark.parametrize("method", RestoreMethod)
def test_every_end_of_a_tree_has_a_scene(method: RestoreMethod) -> None:
    """By whatever reading of the pages; an end that no scene comes to is a branch that nobody has seen."""
    played = {scene.leaf for scene in SCENES if f"VSS_RME_{scene.method}" == method.value}
    known = {end.name for end in outcomes(METHODS[method].whole)}
    assert known - played <= _ANYWHERE
    assert played <= known
    assert {scene.leaf for scene in SCENES} >= _ANYWHERE


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.id)
def test_a_scene_comes_to_its_end(scene: Scene) -> None:
    """The table's end, all files or none, services as before, and a log that the checker has nothing against."""
    machine = scene.played()
    services = services_of(machine)
    status = machine.result.status
    if scene.leaf != "custom":
        assert_all_or_nothing(machine)
    assert machine.leaf == scene.leaf
    assert {file.saved_as for file in machine.result.files} == (set(FILES) if scene.leaf != "custom" else set())
    assert status is _STATUS[machine.result.outcome.when]
    assert services == tuple(service.get("state", "running") for service in scene.services)
    assert machine.complaints() == [] or scene.request.readings
    assert not machine.simulation.unreleased()


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.id)
def test_the_other_strategy_comes_to_the_same_end(scene: Scene) -> None:
    """Copies aside and a roll-back instead of exclusive opens: rule rm-fallback-copy-aside."""
    machine = scene.played(Strategy.COPY_ASIDE)
    if scene.leaf != "custom":
        assert_all_or_nothing(machine)
    assert machine.leaf == scene.leaf
    assert machine.complaints() == [] or scene.request.readings


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.leaf.endswith("-mapped")], ids=lambda one: one.id)
def test_used_mappings_are_recorded(scene: Scene) -> None:
    """With the triple that the writer gave, under the component that defines the set (rule rm-reports-mapping)."""
    recorded = _mappings(scene.played())
    assert recorded == [("C:\\data", "*", False, "C:\\alt")]


@pytest.mark.parametrize(
    "scene", [scene for scene in SCENES if not scene.leaf.endswith("-mapped")], ids=lambda one: one.id
)
def test_nothing_else_is_recorded(scene: Scene) -> None:
    """Rule alm-record-only-used."""
    assert _mappings(scene.played()) == []


def _mappings(machine: Machine) -> list[tuple[str, str, bool, str]]:
    names = ("wszPath", "wszFilespec", "bRecursive", "wszDestination")
    return [
        tuple(line["in"][name] for name in names)
        for line in machine.trace()
        if line.get("call", "").endswith("AddAlternativeLocationMapping")
    ]
