"""Cases with disks and services, made again on the simulator with every call on those: it answers as each expects."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support import ROOT, lines_of
from vss_sim.documents.backup_components import write_backup_components
from vss_sim.documents.world_file import read_world
from vss_sim.documents.writer_metadata import write_writer_metadata
from vss_sim.engine.inputs import Gone, NotThere
from vss_sim.requester.follower import Followed, Follower
from vss_sim.requester.log_world import world_of
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.rules import rules
from vss_sim.spec.table import Profile

WITH_DISKS = ("restore-method", "restore-target", "reboot", "service")
"""Cases whose worlds have every file and service that they are about, so that calls on those are made again, too."""

CASES = sorted((ROOT / "conformance" / "cases").rglob("*.jsonl"))


def _header(path: Path) -> dict[str, Any]:
    header: dict[str, Any] = json.loads(path.read_text(encoding="utf-8").splitlines()[0])
    return header


def _shows_a_wrong_implementation(path: Path) -> bool:
    """A case whose broken rules bind VSS itself shows what no implementation should do."""
    marked = [json.loads(text).get("rules", []) for text in path.read_text(encoding="utf-8").splitlines()[1:]]
    broken = {rule for found in marked for rule in found}
    return bool(broken) and all(rules()[rule].who != "requester" for rule in broken)


def followed(path: Path) -> Iterator[Followed]:
    """Every call of the case, made again."""
    header, lines = _header(path), lines_of(path)
    seen = world_of(line for _, line in lines)
    world = seen.within(read_world(header["world"])) if isinstance(header.get("world"), dict) else seen.description()
    has_disks = isinstance(header.get("world"), dict) and path.parent.name in WITH_DISKS
    stored = world.machines[0].writers if has_disks else (seen.writer_metadata(),)
    documents = write_backup_components(seen.document()), tuple(map(write_writer_metadata, stored))
    follower = Follower(Simulation(world, Profile(header.get("profile", "windows"))), *documents, has_disks=has_disks)
    for number, line in lines:
        try:
            step = follower.follow(number, line)
        except (Gone, NotThere):
            assert line.returns is None or line.fails
            continue
        if step is not None:
            yield step


REPLAYED = [path for path in CASES if path.parent.name in WITH_DISKS and not _shows_a_wrong_implementation(path)]


@pytest.mark.parametrize("path", REPLAYED, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_the_simulator_answers_as_the_case_expects(path: Path) -> None:
    """Call by call, the answer is one of those that the case allows."""
    assert next((step for step in followed(path) if not step.agrees), None) is None
