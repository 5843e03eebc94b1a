"""The engine's own trace is judged clean, whatever world and restore are drawn; and files keep their law.

Either a component set is restored whole or every byte is as before; services run as before; the checker has nothing
against the requester. Some of the restores that were once judged wrongly stand here by their seeds.
"""

import json
from copy import deepcopy
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.drawn_restores import DrawnRestore, draw_restore
from tests.restoring import FILES, Machine, assert_all_or_nothing, world, writer
from tests.support import check
from vss_sim import Simulation, read_world
from vss_sim.engine.restoring.requests import Request, Strategy
from vss_sim.strategies.source import Seeded


class Drawing:
    """The choices of hypothesis."""

    def __init__(self, data: st.DataObject) -> None:
        self._data = data

    def below(self, limit: int) -> int:
        """A number from 0 up to `limit`, without it."""
        return self._data.draw(st.integers(0, limit - 1)) if limit > 1 else 0


def hold_the_laws(drawn: DrawnRestore) -> Machine:
    """What is true of every restore; the machine after it."""
    machine = drawn.played()
    assert machine.complaints() == []
    assert not machine.simulation.unreleased()
    assert not machine.simulation.world.machines[0].disks.handles
    assert_all_or_nothing(machine)
    return machine


@settings(max_examples=150, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_a_drawn_restore_is_judged_clean(data: st.DataObject) -> None:
    """Links, huge files, dependencies, services, delayed moves, several writers, targets, faults; both strategies."""
    hold_the_laws(draw_restore(Drawing(data)))


JUDGED_WRONGLY: Final = (
    *(6, 11, 40, 101, 119, 292, 387, 531, 557, 660, 686, 790, 852, 860, 930, 948, 984, 1033, 1429, 2341, 2654, 3722),
    *(4179, 4649, 5727, 8929, 50124, 200626, 200892, 700054, 700277, 720685, 77810278),
)
"""Seeds of restores that were called wrong once: components below one that is not selectable, services of writers that
are not selected, copies aside that are put back, files that a mapping of another writer leads to,
files without bytes at their mapped places, and so on."""


@pytest.mark.parametrize("seed", JUDGED_WRONGLY)
def test_a_restore_that_was_judged_wrongly_is_judged_clean(seed: int) -> None:
    """One of each kind."""
    hold_the_laws(draw_restore(Seeded(seed)))


@pytest.mark.parametrize("seed", [6821, 6963, 55510021])
def test_so_is_one_without_faults(seed: int) -> None:
    """A reparse point became a folder; files at new targets wait for the restart."""
    hold_the_laws(draw_restore(Seeded(seed), faults=False))


def broken(seed: int) -> DrawnRestore:
    """A restore in which the last file of a set cannot be written, and the first one not be put back."""
    drawn = draw_restore(Seeded(seed), faults=False)
    drawn.described["machines"][0]["win32Faults"] = [
        {"to": "WriteFile", "fails": "ERROR_IO_DEVICE", "path": FILES[2]},
        {"to": "CopyFile", "fails": "ERROR_CRC", "path": f"{FILES[0]}.aside1", "skip": 1},
    ]
    return drawn


def test_a_set_that_is_corrupt_takes_no_other_along() -> None:
    """Rule rm-decide-per-set: beside it every other set is restored whole, or every byte of it is as before."""
    ends = [[one.outcome.name for one in hold_the_laws(broken(seed)).restored.components] for seed in range(150)]
    assert sum("corrupt" in names and len(names) > 1 for names in ends) >= 5


def other_computer(described: dict[str, Any], lost: str) -> dict[str, Any]:
    """The same computer without the volume D:, without the files of most components, or without its writers."""
    other = deepcopy(described)
    machine = other["machines"][0]
    if lost == "writers":
        machine["writers"] = []
        return other
    if lost == "volume":
        machine["volumes"] = [volume for volume in machine["volumes"] if not volume["name"].startswith("D:")]
    for volume in machine["volumes"]:
        volume["files"] = {
            path: file
            for path, file in volume["files"].items()
            if not (path.startswith("C:\\data") if lost == "files" else "linkTo" in file)
        }
    return other


@pytest.mark.parametrize("lost", ["volume", "files", "writers"])
def test_a_restore_to_a_computer_that_lost_something_is_judged_clean(lost: str) -> None:
    """The requester has nothing to be told; 181 took back what it had written for a reason that no call shows."""
    for seed in (*range(24), 181):
        drawn = draw_restore(Seeded(seed), faults=False)
        machine = Machine(drawn.described)
        machine.simulation = Simulation(read_world(other_computer(drawn.described, lost)))
        assert machine.restore(drawn.request).complaints() == [], seed


def test_absent_files_can_be_copied_aside_without_a_copy() -> None:
    """Rules rm-fallback-copy-aside, rm-preflight-whole: what was looked for and is not there is removed to undo it."""
    described = world(writer("RESTORE_IF_CAN_REPLACE"))
    described["machines"][0]["win32Faults"] = [{"to": "CreateFile", "fails": "ERROR_ACCESS_DENIED", "path": FILES[1]}]
    machine = Machine(described).delete(*FILES).restore(Request(strategy=Strategy.COPY_ASIDE))
    assert machine.leaf == "ricr-unmapped"
    assert machine.complaints() == []
    assert_all_or_nothing(machine)


def test_whoever_did_not_look_has_nothing_to_undo_with() -> None:
    """The same without the looks before: the second file fails when the first one is written (rm-preflight-whole)."""
    described = world(writer("RESTORE_IF_CAN_REPLACE"))
    described["machines"][0]["win32Faults"] = [{"to": "CreateFile", "fails": "ERROR_ACCESS_DENIED", "path": FILES[1]}]
    machine = Machine(described).delete(*FILES).restore(Request(strategy=Strategy.COPY_ASIDE))
    blind = [line for line in machine.trace() if line.get("call") != "GetFileAttributes"]
    rules = {finding.rule for finding in check(json.loads(json.dumps(blind))).findings}
    assert "rm-preflight-whole" in rules
