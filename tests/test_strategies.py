"""The strategies for users: what they draw is legal, varied, shrinks to the plainest, and costs nothing unasked."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from tests.support import ROOT
from vss_sim import strategies
from vss_sim.documents.world_file import read_world, write_world
from vss_sim.documents.writer_metadata import read_writer_metadata, write_writer_metadata
from vss_sim.model.computer import Description, File, Machine, ScriptedAnswer, ScriptedHappening, Volume, Win32Fault
from vss_sim.model.loose_ends import loose_ends
from vss_sim.model.metadata import WriterComponent
from vss_sim.model.world import new_world
from vss_sim.model.writers import Reply, Writer
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.enums import ApplicationLevel, ComponentType, RestoreMethod
from vss_sim.spec.events import EVENTS
from vss_sim.strategies.faults import Faults
from vss_sim.strategies.source import Seeded
from vss_sim.strategies.world import draw_world

ENOUGH: Final = settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])


@ENOUGH
@given(strategies.worlds(faults=True))
def test_a_drawn_world_is_a_world_in_which_everything_leads_somewhere(world: Description) -> None:
    """It can be written and read, and it begins to run; fault scripts name volumes that are there."""
    assert read_world(write_world(world)) == world
    assert list(loose_ends(world)) == []
    assert len(Simulation(world).world.machines) == len(world.machines)


@ENOUGH
@given(strategies.writers(volumes=("C:\\", "D:\\"), services=("S",), faults=True))
def test_a_drawn_writer_has_a_document(writer: Writer) -> None:
    """Which says the same of it when it is read again."""
    read = read_writer_metadata(write_writer_metadata(writer))
    assert [getattr(writer, name) for name in read.__struct_fields__] == [
        getattr(read, name) for name in read.__struct_fields__
    ]


@ENOUGH
@given(strategies.component_trees(most=6))
def test_components_of_a_tree_are_told_apart(components: tuple[WriterComponent, ...]) -> None:
    """By logical path and name; databases have database files, file groups files."""
    assert len({(one.logical_path, one.name) for one in components}) == len(components) <= 6
    for one in components:
        group = one.type is ComponentType.FILEGROUP
        assert bool(one.files) is group
        assert bool(one.database_files) is not group


@ENOUGH
@given(strategies.file_trees(most=12))
def test_a_file_tree_fits_on_a_volume(files: dict[str, File]) -> None:
    """No file is a folder of another one, no two names differ in case alone."""
    assert Volume(name="C:\\", files=files).files == files


@ENOUGH
@given(st.data())
def test_faults_come_after_what_a_machine_has_already(data: st.DataObject) -> None:
    """Express writers hear nothing and get no script."""
    machine = data.draw(strategies.machines(faults=True))
    faults = data.draw(strategies.fault_scripts(machine))
    broken = faults.on(machine)
    assert broken.answers == (*machine.answers, *faults.calls)
    for before, after, more in zip(machine.writers, broken.writers, faults.writers, strict=True):
        assert after.replies == (() if before.express else (*before.replies, *more))
    assert faults.on_first(Description(machines=(machine,))).machines == (broken,)
    assert Faults().on(machine) == machine


SINGLE: Final[dict[str, tuple[Any, type]]] = {
    "writer_replies": (strategies.writer_replies(), Reply),
    "call_faults": (strategies.call_faults(), ScriptedAnswer),
    "file_faults": (strategies.file_faults(), Win32Fault),
    "file_sets": (strategies.file_sets(), object),
    "happenings": (strategies.happenings(), ScriptedHappening),
    "provider_failures": (strategies.provider_failures(), object),
    "provider_replies": (strategies.provider_replies(), object),
}


@pytest.mark.parametrize("name", SINGLE)
def test_single_scripts_are_drawn_too(name: str) -> None:
    """Several different ones of each."""
    strategy, kind = SINGLE[name]
    found = []

    @ENOUGH
    @given(strategy)
    def collect(one: Any) -> None:
        assert isinstance(one, kind)
        found.append(one)

    collect()
    assert len(set(map(repr, found))) > 10


def _plainest(condition: Callable[[Description], bool]) -> Description:
    """What hypothesis shrinks to; always from the same beginning, since it gives up after so many steps."""
    told = settings(max_examples=300, database=None, suppress_health_check=list(HealthCheck))
    return find(strategies.worlds(), condition, settings=told, random=Random(5))


def test_failures_shrink_to_the_plainest_world() -> None:
    """One machine, one volume, and of what is looked for no more than there must be."""
    plain = _plainest(lambda _: True)
    assert plain.machines == (Machine(services=plain.machines[0].services),)
    one = _plainest(lambda world: any(machine.writers for machine in world.machines))
    (machine,) = one.machines
    assert len(machine.writers) == 1
    assert machine.volumes == (Volume(name="C:\\"),)


def test_seeded_worlds_are_varied_and_the_same_for_a_seed() -> None:
    """Every restore method, level, event and kind of component turns up."""
    worlds = [draw_world(Seeded(seed), faults=True) for seed in range(150)]
    assert worlds == [draw_world(Seeded(seed), faults=True) for seed in range(150)]
    machines = [machine for world in worlds for machine in world.machines]
    writers = [writer for machine in machines for writer in machine.writers]
    methods = {writer.restore_method.method if writer.restore_method else None for writer in writers}
    assert methods == {None, *RestoreMethod}
    assert {writer.level for writer in writers} == set(ApplicationLevel) - {
        ApplicationLevel.UNKNOWN,
        ApplicationLevel.AUTO,
    }
    replies = [reply for writer in writers for reply in writer.replies]
    assert {reply.on for reply in replies} == set(EVENTS) - {"Abort"}
    assert any(reply.silent for reply in replies)
    assert any(reply.crashes for reply in replies)
    assert {reply.skip for reply in replies} == {0, 1}
    kinds = Counter(one.type for writer in writers for one in writer.components)
    assert set(kinds) == {ComponentType.DATABASE, ComponentType.FILEGROUP}
    paths = {f"{one.logical_path}\\{one.name}" for writer in writers for one in writer.components}
    assert any(one.logical_path in paths for writer in writers for one in writer.components)
    assert any(writer.express for writer in writers)
    assert any(provider.replies for machine in machines for provider in machine.providers)


def test_the_page_s_programs_run_and_name_what_there_is() -> None:
    """Every strategy stands on the page, and every program of the page runs."""
    page = (ROOT / "docs" / "property-tests.md").read_text(encoding="utf-8")
    for name in set(strategies.__all__) - {"Faults"}:
        assert f"`{name}(" in page, name
    programs = [part.partition("```")[0] for part in page.split("```python\n")[1:]]
    assert len(programs) == 2
    for program in programs:
        exec(compile(program, "docs/property-tests.md", "exec"), {"__name__": "page"})  # noqa: S102 - our own page


@pytest.mark.parametrize(
    "program",
    [
        "import vss_sim, vss_sim.cli.commands; vss_sim.Simulation()",
        "from vss_sim.strategies import source, world; world.draw_world(source.Seeded(7), faults=True)",
    ],
    ids=["a command and a requester", "worlds from a seed"],
)
def test_nothing_loads_hypothesis_but_the_strategies(program: str) -> None:
    """Each works where it is not installed."""
    asked = f"import sys; sys.modules['hypothesis'] = None; {program}; print('done')"
    done = subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True)
    assert done.stdout == "done\n"


def test_writers_of_a_world_have_ids_of_their_own() -> None:
    """However many machines and writers there are."""
    for number in range(200):
        world = new_world(draw_world(Seeded(number), most_machines=4))
        ids = [writer.instance_id for machine in world.machines for writer in machine.writers]
        assert len(set(ids)) == len(ids), number
