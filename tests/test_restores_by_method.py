"""Restores by each method, on simulated disks: every end of every tree of the restore-method table is come to."""

from typing import Final

import pytest

from tests.restore_scenes import SCENES, Scene
from tests.restoring import FILES, Machine, assert_all_or_nothing, services_of
from vss_sim.engine.restoring.requests import Strategy
from vss_sim.spec.enums import FileRestoreStatus, RestoreMethod
from vss_sim.spec.restoring import METHODS, nodes, outcomes, reading
from vss_sim.spec.restoring.words import Cases, Decision, Node, Outcome, Question, Split, When, children

_ANYWHERE: Final = {"method-missing"}
"""An end of every tree; a writer without a method comes to it in one only."""

_NO_METHOD: Final = Question.METHOD_GIVEN.asks
"""A writer without a method is asked for it in the tree of one method only."""

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


Edge = tuple[int, str]
"""A node of a tree, by its identity, and one way on from it."""


def edges(method: RestoreMethod) -> dict[Edge, str]:
    """Every way on from every node of a tree, in words: the answers, the restore targets, the readings of a dispute."""
    found = {}
    for node in nodes(METHODS[method].whole):
        for answer, _ in children(node):
            found[id(node), answer] = f"{_asked(node)} {answer}"
    return found


def _asked(node: Node) -> str:
    match node:
        case Decision():
            return node.question.asks
        case Split():
            return node.parameter.name
        case _:
            return "restore target"


def taken(scene: Scene) -> set[Edge]:
    """The ways that a scene goes through the tree of its method, down to its leaf."""
    machine = scene.played()
    method, target = RestoreMethod[scene.method], machine.result.target
    left = [step.answer for step in machine.result.way]
    node, found = METHODS[method].whole, set()
    while not isinstance(node, Outcome):
        match node:
            case Split():
                name = reading(node.parameter, scene.request.readings)
                answer = f"{node.parameter.dispute}: {name}"
            case Cases():
                answer = target.value if target in dict(node.targets) else "otherwise"
            case Decision():
                yes = left.pop(0) if left else _leads_to(node.yes, scene.leaf)
                answer = "yes" if yes else "no"
        found.add((id(node), answer))
        node = dict(children(node))[answer]
    assert node.name == scene.leaf
    return found


def _leads_to(node: Node, leaf: str) -> bool:
    """What only the restart tells stands in no way."""
    return leaf in {end.name for end in outcomes(node)}


@pytest.mark.parametrize("method", RestoreMethod)
def test_every_branch_of_a_tree_is_taken(method: RestoreMethod) -> None:
    """Yes and no of every question, every restore target, every reading of the pages: a scene goes that way."""
    ways = [(scene.leaf, taken(scene)) for scene in SCENES if RestoreMethod[scene.method] is method]
    gone = {edge for _, way in ways for edge in way}
    known = edges(method)
    missing = {known[edge] for edge in known.keys() - gone}
    assert {words for words in missing if not words.startswith(_NO_METHOD)} == set()
    for leaf in {leaf for leaf, _ in ways}:
        without = {edge for other, way in ways if other != leaf for edge in way}
        assert without != gone, f"nothing shows that {leaf} is a branch of its own"


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
