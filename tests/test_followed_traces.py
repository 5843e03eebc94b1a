"""The logs of real requesters made again on the simulator: it answers as Windows did."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.support import ROOT, TRACES, entries_of, lines_of
from vss_sim import read_world
from vss_sim.documents.backup_components import write_backup_components
from vss_sim.documents.writer_metadata import write_writer_metadata
from vss_sim.requester.follower import Followed, Follower
from vss_sim.requester.log_world import world_of
from vss_sim.requester.simulation import Simulation
from vss_sim.trace.reader import read_line

WRITER: Final = {"name": "W", "writerId": "{5affb034-969f-4919-8875-88f830d0ef89}"}
EVERY_TRACE = pytest.mark.parametrize("path", TRACES, ids=lambda path: path.stem)


def _followed(path: Path) -> list[Followed]:
    lines = lines_of(path)
    world = world_of(line for _, line in lines)
    documents = write_backup_components(world.document()), write_writer_metadata(world.writer_metadata())
    follower = Follower(Simulation(world.description()), *documents)
    steps = [follower.follow(number, line) for number, line in lines]
    return [step for step in steps if step is not None]


@EVERY_TRACE
def test_the_simulator_answers_as_recorded(path: Path) -> None:
    """Every recorded answer of every call, call by call."""
    assert [step for step in _followed(path) if not step.agrees] == []


@EVERY_TRACE
def test_operations_come_to_what_was_recorded(path: Path) -> None:
    """What QueryStatus wrote, and every other number or name that a call gave out."""
    assert {step.number: step.differences for step in _followed(path) if step.differences} == {}


def test_the_example_follows_them_all() -> None:
    """The program in the documentation finds no difference."""
    program = [
        sys.executable,
        str(ROOT / "docs" / "examples" / "follow_trace.py"),
        str(ROOT / "conformance" / "traces"),
    ]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count(", 0 answered differently") == len(TRACES)


def test_what_happened_happens_again() -> None:
    """With all that a line tells of it: the writer that is gone, the account that goes on."""
    description = read_world(json.dumps({"machines": [{"volumes": [{"name": "C:\\"}], "writers": [WRITER]}]}))
    recorded = Simulation(description)
    recorded.happens("writer crashes", writer="W")
    recorded.happens("account changes", account="backup", groups=["backup operators"])
    again = Simulation(description)
    follower = Follower(again)
    for number, line in enumerate(recorded.lines(), 2):
        assert follower.follow(number, read_line(json.dumps(line).encode(), number)) is None
    assert again.world == recorded.world


def test_what_a_world_lets_happen_by_itself_happens_once() -> None:
    """In a world that scripts it the line is passed over; in one that does not it happens."""
    script = {"after": "WriteFile", "happens": "time passes", "seconds": 5, "times": 1}
    described = [{"volumes": [{"name": "C:\\"}], "happenings": scripts} for scripts in ([script], [])]
    scripted, plain = (read_world(json.dumps({"machines": [machine]})) for machine in described)
    recorded = Simulation(scripted)
    for content in "12":
        recorded.call("WriteFile", arguments={"lpFileName": "C:\\a", "content": content})
    for description in (scripted, plain):
        again = Simulation(description)
        follower = Follower(again, has_disks=True)
        for number, line in enumerate(recorded.lines(), 2):
            follower.follow(number, read_line(json.dumps(line).encode(), number))
        assert again.world.clock == recorded.world.clock == 5
        assert again.world.machines[0].disks == recorded.world.machines[0].disks


def test_the_traces_hold_calls() -> None:
    """Each of them has at least one call that was made again."""
    assert all(entries_of(path) and _followed(path) for path in TRACES)
