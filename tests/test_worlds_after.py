"""A world as it came to be, described: what begins from the description is the same."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.restoring import FILES, component, world, writer
from tests.support import ROOT
from vss_sim import read_world, rehearse
from vss_sim.cli.commands import run
from vss_sim.documents.world_file import write_world
from vss_sim.model.as_it_is import LARGEST_WRITTEN, described_now
from vss_sim.model.disk import Disk, Entry
from vss_sim.model.world import World, new_world
from vss_sim.requester.simulation import Simulation

EXAMPLES: Final = sorted((ROOT / "docs" / "examples").glob("*.json"))
ODD: Final[dict[str, Any]] = {
    "C:\\data\\Empty\\": {},
    "C:\\data\\bytes": {"contentBase64": "/wD+"},
    "C:\\data\\nothing": {},
    "C:\\data\\large": {"size": 5_000_000, "seed": 7},
    "C:\\data\\Locked": {"content": "x", "inUse": True, "readOnly": True, "hidden": True},
    "C:\\data\\secret": {"content": "y", "deniedTo": ["Administrators"], "lastWriteTime": 133_000_000_000_000_000},
    "C:\\data\\link": {"linkTo": "D:\\far"},
}
MOUNTED: Final = {"name": "E:\\", "mountPoints": ["C:\\data\\deep\\mounted\\"], "files": {"E:\\one": {"content": "1"}}}


def same(one: World, other: World) -> bool:
    """Whether files, who holds them, services and writers are the same."""
    for state, again in zip(one.machines, other.machines, strict=True):
        if [_on(disk) for disk in state.disks.volumes] != [_on(disk) for disk in again.disks.volumes]:
            return False
        if state.disks.holds != again.disks.holds or state.services != again.services:
            return False
        if [now.running for now in state.writers] != [now.running for now in again.writers]:
            return False
    return True


def _on(disk: Disk) -> tuple[dict[str, dict[str, Entry]], int, int]:
    return {path: dict(names) for path, names in disk.folders.items()}, disk.used, disk.free


def began_again(now: World) -> World:
    """A world that begins as this one is, through a file."""
    return new_world(read_world(write_world(described_now(now))))


def odd_world() -> dict[str, Any]:
    """Everything that a file can be, a service that holds one, a mounted volume."""
    described = world(writer("RESTORE_IF_CAN_REPLACE"), files=ODD, services=[{"name": "Db", "opens": [FILES[0]]}])
    described["machines"][0]["volumes"].append(MOUNTED)
    return described


def test_a_world_in_which_nothing_happened_is_the_same() -> None:
    """Files of every kind, a reparse point, a mounted volume, what is open."""
    begun = new_world(read_world(odd_world()))
    assert same(begun, began_again(begun))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_worlds_of_the_pages_are_the_same(path: Path) -> None:
    """What is no world among them is passed over."""
    told = json.loads(path.read_text(encoding="utf-8"))
    if "machines" in told and "vss-backup" not in told:
        begun = new_world(read_world(told))
        assert same(begun, began_again(begun))


def test_what_happened_is_there_when_it_begins_again() -> None:
    """Files written, deleted and made, a full volume, a service that stopped with its writer."""
    hosted = {"name": "Hosted", "writerId": "{5affb034-969f-4919-8875-88f830d0ef90}", "hostedIn": "Db"}
    described = odd_world()
    described["machines"][0]["writers"].append(hosted)
    simulation = Simulation(read_world(described))
    simulation.call("WriteFile", None, {"lpFileName": FILES[1], "content": "new", "offset": 3})
    simulation.call("DeleteFile", None, {"lpFileName": FILES[2]})
    simulation.call("CreateDirectory", None, {"lpPathName": "D:\\Made"})
    simulation.happens("file in use", path=FILES[1])
    begun = new_world(read_world(described))
    assert not same(simulation.world, begun)
    simulation.happens("service stops", service="Db")
    simulation.happens("volume full", volume="D:\\")
    assert same(simulation.world, began_again(simulation.world))


def test_a_rehearsal_goes_on_from_the_world_of_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The files that the first restore sent elsewhere are in the way of the second, which wants none there."""
    maps = [{"path": "C:\\data", "filespec": "*", "destination": "D:\\alt"}]
    described = world(writer("RESTORE_IF_NOT_THERE", alternateLocationMappings=maps))
    first, after = tmp_path / "first.json", tmp_path / "after.json"
    first.write_text(json.dumps(described), encoding="utf-8")
    assert run(["rehearse", str(first), "--world-out", str(after)]) == 0
    assert list(json.loads(after.read_text(encoding="utf-8"))) == ["machines"]
    assert run(["rehearse", str(after)]) == 1
    assert "in the way D:\\alt\\f1: ERROR_FILE_EXISTS" in capsys.readouterr().out


def test_what_no_world_file_tells_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A move that waits for the next start; a large file of bytes that were written one by one is refused."""
    moved = {"lpExistingFileName": FILES[0], "lpNewFileName": "C:\\moved", "dwFlags": "MOVEFILE_DELAY_UNTIL_REBOOT"}
    described = world(writer("RESTORE_IF_CAN_REPLACE"))
    described["then"] = [{"call": "MoveFileEx", "in": moved}]
    path, after = tmp_path / "world.json", tmp_path / "after.json"
    path.write_text(json.dumps(described), encoding="utf-8")
    assert run(["rehearse", str(path), "--world-out", str(after)]) == 0
    assert "a delayed move waits for the next start" in capsys.readouterr().err
    large = {"lpFileName": "C:\\large", "content": "x", "offset": LARGEST_WRITTEN}
    described["machines"][0]["volumes"][0]["files"]["C:\\large"] = {"content": "small"}
    described["then"] = [{"call": "WriteFile", "in": large}]
    path.write_text(json.dumps(described), encoding="utf-8")
    assert run(["rehearse", str(path), "--world-out", str(after)]) == 2
    assert "C:\\large has 1048577 bytes" in capsys.readouterr().err


def test_the_log_of_a_rehearsal_has_the_world_that_it_began_in(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """As `serve --record` writes it, without what was to be done; a document that is too long is left out."""
    many = [{"path": f"C:\\data\\{number:0>200}", "filespec": "*"} for number in range(5000)]
    for files, long in (([{"path": "C:\\data", "filespec": "*"}], False), (many, True)):
        described = world(writer("RESTORE_IF_CAN_REPLACE", components=[component(files=files)]))
        path, log = tmp_path / "world.json", tmp_path / "log.jsonl"
        path.write_text(json.dumps({**described, "then": [{"happens": "reboot"}]}), encoding="utf-8")
        assert run(["rehearse", str(path), "--record", str(log)]) == 0
        header, *_ = map(json.loads, log.read_text(encoding="utf-8").splitlines())
        begun = None if long else json.loads(write_world(read_world(described)))
        assert header.get("world") == begun
        capsys.readouterr()
        assert run(["check", str(log)]) == 0
        assert "conforms" in capsys.readouterr().out


def test_a_rehearsal_has_its_world_in_python() -> None:
    """`then` and `restore` are not in it: they were played."""
    described = world(writer("RESTORE_IF_CAN_REPLACE", components=[component()]))
    described["then"] = [{"call": "DeleteFile", "in": {"lpFileName": FILES[0]}}]
    rehearsal = rehearse(read_world(described))
    assert rehearsal.after.then == ()
    assert FILES[0] in rehearsal.after.machines[0].volumes[0].files
