"""The page about shadow copies: its program prints what it shows, its worlds are worlds."""

import json
import re
import runpy
from typing import Final

import pytest

from tests.support import ROOT, check
from vss_sim import HResult, Simulation, SnapshotContext, VssError, create_backup_components, read_world
from vss_sim.engine import bits
from vss_sim.judge.findings import Level, Outcome
from vss_sim.spec.contexts import lacking
from vss_sim.spec.creation import CREATION
from vss_sim.spec.rules import rules
from vss_sim.spec.systems import SYSTEMS, Generation, system_named

PAGE: Final = (ROOT / "docs" / "shadow-copies.md").read_text(encoding="utf-8")
EXAMPLE: Final = ROOT / "docs" / "examples" / "import_on_machine_two.py"
TRANSPORT: Final = (ROOT / "docs" / "transport.md").read_text(encoding="utf-8")
STORY: Final = ROOT / "docs" / "examples" / "transport.py"


def test_the_example_keeps_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """On both machines, and it leaves nothing behind."""
    simulation = runpy.run_path(str(EXAMPLE))["main"]()
    assert capsys.readouterr().out
    checked = check(simulation.lines())
    assert checked.outcome is Outcome.CONFORMS
    assert not [finding for finding in checked.findings if finding.level is not Level.INFO]
    assert simulation.unreleased() == ()
    assert [lun.lun for lun in simulation.luns()] == ["LUN 7"]


def test_the_worlds_of_the_page_are_worlds() -> None:
    """As they stand there."""
    worlds = [read_world(world).machines[0] for world in re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)]
    assert [machine.cluster for machine in worlds] == [None, None, "K"]
    assert worlds[0].writers[0].replies[0].write_in_copy


def test_the_page_has_every_step_of_a_creation_in_order() -> None:
    """As the table has them."""
    drawn = re.search(r"StartSnapshotSet →.+?```", PAGE, re.DOTALL)
    assert drawn
    place = drawn[0].index("EndPrepareSnapshots")
    for step in CREATION:
        place = drawn[0].index(step.name, place) + 1


def test_the_contexts_of_the_page_are_those_of_the_tables() -> None:
    """How long their copies last, whether writers take part, and where they are not."""
    rows = re.findall(r"^\| `VSS_CTX_(\w+)` \| (.+?) \| (yes|no) \| (.+?) \|$", PAGE, re.MULTILINE)
    assert {name for name, *_ in rows} == set(SnapshotContext.__members__) - {"ALL"}
    for name, lasts, writers, systems in rows:
        context, whole = SnapshotContext[name], f"VSS_CTX_{name}"
        assert (lasts == "until deleted") is bool(context & bits.NO_AUTO_RELEASE)
        assert (writers == "yes") is not bool(context & bits.NO_WRITERS)
        lacks = {system for system in SYSTEMS if lacking(system, whole, ())}
        xp = {system for system in SYSTEMS if system.startswith("Windows XP")}
        old = {system for system in SYSTEMS if system_named(system).generation < Generation.VISTA}
        assert lacks == (old if "Vista" in systems else xp if "but XP" in systems else set())


def test_the_story_of_a_transport_is_what_its_program_prints(capsys: pytest.CaptureFixture[str]) -> None:
    """It keeps every rule, and nothing is left in the end."""
    simulation = runpy.run_path(str(STORY))["main"]()
    shown = re.search(r"```console\n\$ python docs/examples/transport.py\n(.+?)```", TRANSPORT, re.DOTALL)
    assert shown
    assert capsys.readouterr().out == shown[1]
    checked = check(simulation.lines())
    assert checked.outcome is Outcome.CONFORMS
    assert {finding.level for finding in checked.findings} <= {Level.INFO}
    assert simulation.unreleased() == ()
    assert [lun.lun for lun in simulation.luns()] == ["LUN 7"]


def test_the_hold_window_of_the_story_is_as_it_says() -> None:
    """With a commit of ten seconds the creation fails, and the writers hear Abort."""
    world = json.loads((ROOT / "docs" / "examples" / "transport.json").read_text(encoding="utf-8"))
    world["machines"][0]["providers"][0]["replies"][0]["seconds"] = 10
    simulation = Simulation(read_world(json.dumps(world)))
    source = create_backup_components(simulation, machine="one")
    with pytest.raises(VssError) as failed:
        runpy.run_path(str(STORY))["make"](source)
    assert failed.value.hresult is HResult.VSS_E_HOLD_WRITES_TIMEOUT
    heard = [line["event"] for line in simulation.lines() if "event" in line]
    assert heard.count("Freeze") == heard.count("Abort") == len(world["machines"][0]["writers"])
    source.release()
    assert [lun.lun for lun in simulation.luns()] == ["LUN 7"]


def test_the_rules_of_the_story_are_rules() -> None:
    """Whatever stands between backquotes and looks like the id of one."""
    named = re.findall(r"`([a-z]+(?:-[a-z]+)+)`", TRANSPORT)
    assert named
    assert set(named) <= set(rules())
