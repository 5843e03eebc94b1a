"""A shadow copy has what was there at the instant of its commit, however long writers and providers take."""

from typing import Final

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.file_support import Computer
from tests.machine_of_files import CONTENTS
from vss_sim.documents.world_file import read_world
from vss_sim.model.content import bytes_of
from vss_sim.model.disk import FileEntry
from vss_sim.requester.simulation import Simulation

_MOMENTS: Final = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.sampled_from(["C:\\a", "C:\\b", "D:\\a"]), CONTENTS),
        st.tuples(st.just("delete"), st.sampled_from(["C:\\a", "D:\\a"]), st.just("")),
        st.tuples(st.just("pass"), st.just(""), st.sampled_from(["1", "2", "3"])),
    ),
    min_size=1,
    max_size=14,
)


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    steps=_MOMENTS,
    frozen=st.integers(1, 4),
    committing=st.integers(0, 4),
    thawing=st.integers(0, 4),
)
def test_a_shadow_copy_has_what_was_there_at_the_commit_whenever_that_is(
    steps: list[tuple[str, str, str]], frozen: int, committing: int, thawing: int
) -> None:
    """Writers and providers take their time, a program goes on writing: one instant for all volumes of the set."""
    replies = [{"on": "Freeze", "seconds": frozen}, {"on": "PostSnapshot", "seconds": thawing}]
    writer = {"name": "W", "writerId": "{5affb034-969f-4919-8875-88f830d0ef89}", "replies": replies}
    provider = {"name": "P", "replies": [{"on": "CommitSnapshots", "seconds": committing}]}
    volumes = [{"name": "C:\\"}, {"name": "D:\\"}]
    world = read_world({"machines": [{"writers": [writer], "providers": [provider], "volumes": volumes}]})
    simulation = Simulation(world)
    computer = Computer(simulation=simulation)
    bc, _ = computer.begin_snapshot("C:\\", "VSS_CTX_BACKUP", "D:\\")
    simulation.call("IVssBackupComponents::DoSnapshotSet", bc)
    commit = frozen + committing
    for what, path, content in steps:
        if what == "pass":
            simulation.happens("time passes", seconds=int(content))
        elif what == "write":
            assert computer.write(path, content) == "SUCCESS"
        else:
            computer.call("DeleteFile", lpFileName=path)
        if simulation.world.clock < commit:
            assert simulation.world.snapshots == {}
    simulation.happens("time passes", seconds=30)
    found: dict[str, bytes] = {}
    for copy in simulation.world.snapshots.values():
        assert copy.disk is not None
        root = copy.disk.names("").values()
        found |= {
            f"{copy.volume}{entry.name}": bytes_of(entry.content) for entry in root if isinstance(entry, FileEntry)
        }
    assert found == _at(steps, commit)
    assert len(simulation.world.snapshots) == 2


def _at(steps: list[tuple[str, str, str]], commit: int) -> dict[str, bytes]:
    """The files at an instant, by a program that knows nothing of VSS: what was done before the clock reached it."""
    files: dict[str, bytes] = {}
    clock = 0
    for what, path, content in steps:
        if what == "pass":
            clock += int(content)
        if clock >= commit:
            break
        if what == "write":
            files[path] = content.encode()
        elif what == "delete":
            files.pop(path, None)
    return files
