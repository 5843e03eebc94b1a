"""What a world lets happen to a machine by itself, right after the n-th call: `happenings`."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import check
from vss_sim import NotSimulated, Simulation, read_world
from vss_sim.documents.errors import WorldError
from vss_sim.model.computer import Volume
from vss_sim.model.disks import volume_name
from vss_sim.model.loose_ends import loose_ends
from vss_sim.requester.rehearsal import rehearse
from vss_sim.spec.table import Profile
from vss_sim.spec.win32 import Win32Error
from vss_sim.wire.conversation import Conversation, Setting

EXAMPLES: Final = Path(__file__).parents[1] / "docs" / "examples"
FILES: Final = {"C:\\a.txt": {"content": "x"}}
REBOOT: Final = {"happens": "reboot", "note": "scripted after WriteFile"}
"""Who makes a record again leaves out lines with such a note: the world lets them happen by itself."""
WRITE: Final = {"lpFileName": "C:\\a.txt", "content": "y"}


def world(*scripts: dict[str, Any], **more: Any) -> str:
    """A world file with these scripts."""
    machine = {"volumes": [{"name": "C:\\", "files": FILES}], "happenings": list(scripts), **more}
    return json.dumps({"machines": [machine]})


def test_the_next_call_is_made_on_what_is_left() -> None:
    """A handle does not outlive the crash of its machine; what was written before it is there."""
    simulation = Simulation(
        read_world(world({"after": "WriteFile", "happens": "machine crashes", "skip": 1, "times": 1}))
    )
    opened = {"lpFileName": "C:\\a.txt", "dwDesiredAccess": "GENERIC_WRITE", "dwCreationDisposition": "OPEN_EXISTING"}
    handle = simulation.call("CreateFile", arguments=opened).out["hFile"]
    answers = [simulation.call("WriteFile", arguments={"hFile": handle, "content": text}).answer for text in "123"]
    assert answers == [0, 0, Win32Error.ERROR_INVALID_HANDLE]
    assert simulation.call("ReadFile", arguments={"lpFileName": "C:\\a.txt"}).out["content"] == "12"


@pytest.mark.parametrize("given", [None, "\\\\?\\Volume{cccccccc-0000-4000-8000-000000000003}\\"])
def test_a_volume_is_told_by_any_of_its_names(given: str | None) -> None:
    """Its drive, the folder in which it is mounted, its name with a GUID, be that the world's or the counter's."""
    volume = {"name": "D:\\", "mountPoints": ["C:\\mnt\\d\\"], **({"volumeName": given} if given else {})}
    volumes = [{"name": "C:\\", "files": FILES}, volume]
    names = given or volume_name(0, 2, Volume(name="D:\\"))
    for name in ("d:\\", "C:\\MNT\\d\\", names):
        script = {"after": "ReadFile", "happens": "volume full", "volume": name, "times": 1}
        description = read_world(world(script, volumes=volumes))
        assert not list(loose_ends(description))
        simulation = Simulation(description)
        for text, answer in (("1", Win32Error.ERROR_SUCCESS), ("22", Win32Error.ERROR_DISK_FULL)):
            assert simulation.call("WriteFile", arguments={"lpFileName": "D:\\x", "content": text}).answer is answer
            simulation.call("ReadFile", arguments={"lpFileName": "C:\\a.txt"})
    with pytest.raises(WorldError, match="there is no volume 'E:"):
        read_world(world({"after": "ReadFile", "happens": "volume full", "volume": "E:\\"}, volumes=volumes))


def test_vss_crashes_between_two_calls_of_a_backup() -> None:
    """What it did for its objects ends; a new object begins anew, and the log of it all conforms."""
    simulation = Simulation(read_world(world({"after": "StartSnapshotSet", "happens": "VSS crashes", "times": 1})))
    for number in range(2):
        made = simulation.call("CreateVssBackupComponents").out["ppBackup"]
        simulation.call("IVssBackupComponents::InitializeForBackup", made)
        simulation.call("IVssBackupComponents::StartSnapshotSet", made)
        if number == 0:
            with pytest.raises(NotSimulated, match="VSS crashed after this object was made"):
                simulation.call("IVssBackupComponents::AddToSnapshotSet", made, {"pwszVolumeName": "C:\\"})
        else:
            simulation.call("IVssBackupComponents::AddToSnapshotSet", made, {"pwszVolumeName": "C:\\"})
        simulation.call("IUnknown::Release", made)
    assert [line["happens"] for line in simulation.lines() if "happens" in line] == ["VSS crashes"]
    assert not [one for one in check(simulation.lines()).findings if one.level.value == "error"]


@pytest.mark.parametrize("told", ["ours", ""])
def test_it_is_the_process_of_the_call_that_ends(told: str) -> None:
    """Where the script names no other; a call on an object is made by its process, which nobody has to tell again."""
    simulation = Simulation(
        read_world(world({"after": "IVssBackupComponents::InitializeForBackup", "happens": "requester crashes"}))
    )
    theirs = {simulation.call("CreateVssBackupComponents", process=name).out["ppBackup"] for name in ("theirs", "")}
    made = simulation.call("CreateVssBackupComponents", process="ours").out["ppBackup"]
    simulation.call("IVssBackupComponents::InitializeForBackup", made, process=told)
    assert set(simulation.world.objects) == theirs


def test_a_fork_and_its_original_count_for_themselves() -> None:
    """An occurrence in the one is none in the other; a world that is kept comes back with its counts."""
    simulation = Simulation(read_world(world({"after": "WriteFile", "happens": "reboot", "skip": 1, "times": 1})))
    simulation.call("WriteFile", arguments=WRITE)
    other = simulation.fork()
    for one in (other, simulation):
        one.call("WriteFile", arguments=WRITE)
        assert [line["happens"] for line in one.lines() if "happens" in line] == ["reboot"]


def test_the_record_made_again_is_the_same() -> None:
    """Without the lines that the world lets happen by itself, which a note tells."""
    description = read_world(world({"after": "WriteFile", "happens": "reboot", "skip": 1, "times": 1}))
    simulation = Simulation(description)
    for _ in range(3):
        simulation.call("WriteFile", arguments=WRITE)
    lines = list(simulation.lines())
    assert lines.count(REBOOT) == 1
    again = Simulation(description)
    for line in lines:
        if line != REBOOT:
            again.call(line["call"], arguments=line["in"])
    assert list(again.lines()) == lines
    assert again.world == simulation.world


def test_what_cannot_happen_then_is_noted() -> None:
    """The file is gone; the record says so, and the run goes on."""
    script = {"after": "DeleteFile", "happens": "file in use", "path": "C:\\a.txt"}
    simulation = Simulation(read_world(world(script)))
    simulation.call("DeleteFile", arguments={"lpFileName": "C:\\a.txt"})
    (note,) = [line["note"] for line in simulation.lines() if "note" in line]
    assert "DeleteFile" in note
    assert "ERROR_FILE_NOT_FOUND" in note


def test_the_wire_tells_what_happened_after_the_call() -> None:
    """Beside the events before it."""
    setting = Setting(read_world(world({"after": "WriteFile", "happens": "reboot", "times": 1})), Profile.WINDOWS, None)
    conversation = Conversation(setting)
    message = json.dumps({"call": "WriteFile", "in": WRITE, "id": 1}).encode()
    replies = [json.loads(conversation.receive(message)) for _ in range(2)]
    assert [reply.get("happened") for reply in replies] == [[REBOOT], None]
    assert [reply["returns"] for reply in replies] == ["ERROR_SUCCESS"] * 2


@pytest.mark.parametrize(
    ("script", "place", "says"),
    [
        ({"after": "Write", "happens": "reboot"}, "happenings[0].after", "expected a documented method"),
        ({"after": "WriteFile", "happens": "restart"}, "happenings[0].happens", "there are time passes"),
        ({"after": "WriteFile", "happens": "time passes"}, "happenings[0].seconds", "'time passes' needs it"),
        ({"after": "WriteFile", "happens": "reboot", "path": "C:\\a"}, "happenings[0].path", "has no such key"),
        ({"after": "WriteFile", "happens": "service stops", "service": "Sql"}, "happenings", "no service 'Sql'"),
        ({"after": "WriteFile", "happens": "writer crashes", "writer": "W"}, "happenings", "no writer 'W'"),
        ({"after": "WriteFile", "happens": "volume full", "volume": "Z:\\"}, "happenings", "no volume 'Z:"),
    ],
)
def test_what_could_not_happen_is_refused(script: dict[str, Any], place: str, says: str) -> None:
    """With its place in the file."""
    with pytest.raises(WorldError) as refused:
        read_world(world(script))
    assert f"machines[0].{place}" in str(refused.value)
    assert says in str(refused.value)


@pytest.mark.parametrize(
    ("after", "happens", "branch"),
    [
        ("PreRestore", {"happens": "file in use", "path": "D:\\db\\shop.ldf"}, "alternate"),
        ("PostRestore", {"happens": "file in use", "path": "D:\\db\\shop.ldf"}, "original"),
        ("PreRestore", {"happens": "writer crashes", "writer": "Shop Database Writer"}, "error"),
        ("PostRestore", {"happens": "writer crashes", "writer": "Shop Database Writer"}, "original"),
        ("PreRestore", {"happens": "time passes", "seconds": 5}, "original"),
    ],
)
def test_something_happens_in_the_middle_of_a_rehearsal(after: str, happens: dict[str, Any], branch: str) -> None:
    """A restore looks for files in use after PreRestore (rule ricr-one-locked-blocks), and needs its writer then."""
    described = json.loads((EXAMPLES / "file_in_use.json").read_text())
    described["machines"][0]["happenings"] = [{"after": after, "times": 1, **happens}]
    (view,) = rehearse(read_world({**described, "then": []})).components
    assert view.result.outcome.branch.value == branch


@pytest.mark.parametrize("happens", ["reboot", "machine crashes", "requester crashes", "VSS crashes"])
def test_a_rehearsal_does_not_begin_again(happens: str) -> None:
    """Its program is over when that happens to it; its own list is `then`."""
    with pytest.raises(NotSimulated, match=f"'{happens}' .*use `then`"):
        rehearse(read_world(world({"after": "WriteFile", "happens": happens})))
