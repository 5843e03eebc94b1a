"""What a backup keeps and a restore brings back beside plain files: huge files, reparse points, empty folders.

And what it does where a file cannot be saved, and where components of two writers depend on each other (W28).
"""

import json
from typing import Any, Final

import pytest

from tests.logs_by_hand import HOME, MAPPED, MAPPING, ORIGINALS, Log
from tests.restoring import FILES, WRITER, Machine, component, old, world, writer
from tests.support import check
from vss_sim.documents.backup_file import read_backup, write_backup
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import find
from vss_sim.engine.restoring.requests import NewTarget, Request, Strategy, Wish
from vss_sim.engine.restoring.restore import restore
from vss_sim.judge.findings import Level
from vss_sim.model.content import Grown
from vss_sim.model.disk import FileEntry
from vss_sim.spec.enums import RestoreMethod

OTHER: Final = "{5affb034-969f-4919-8875-88f830d0ef90}"
HUGE: Final = {"C:\\data\\huge.vhd": {"size": 90 << 30, "seed": 7}}


def big_world(method: str, **more: Any) -> dict[str, Any]:
    """A writer with three small files and one of 90 GiB."""
    described = world(writer(method, **more), files=HUGE)
    described["machines"][0]["volumes"][0]["capacity"] = 1 << 40
    return described


def content_at(machine: Machine, path: str) -> object:
    """The content of a file, without its bytes."""
    entry = find(Desk(machine.simulation.world, 0), path).entry
    return entry.content if isinstance(entry, FileEntry) else None


def is_there(machine: Machine, path: str) -> bool:
    """Whether there is such a file or folder."""
    return machine.simulation.call("GetFileAttributes", None, {"lpFileName": path}).answer == 0


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("method", ["RESTORE_IF_CAN_REPLACE", "RESTORE_AT_REBOOT"])
def test_a_huge_file_costs_what_its_seed_costs(method: str, strategy: Strategy) -> None:
    """90 GiB that grow from a seed are saved and restored without being made."""
    path = "C:\\data\\huge.vhd"
    machine = Machine(big_world(method)).change(path)
    (machine.saved,) = read_backup(write_backup({"": [machine.saved]}).encode())[""]
    restore(machine.simulation, machine.saved, Request(strategy=strategy))
    if method == "RESTORE_AT_REBOOT":
        machine.simulation.happens("reboot")
    assert content_at(machine, path) == Grown(90 << 30, 7)
    assert machine.complaints() == []


def test_a_part_of_a_huge_file_goes_where_the_writer_directs_it() -> None:
    """Directed ranges of it are cut out of what grows from its seed."""
    directed = {
        "sourcePath": "C:\\data",
        "sourceFilename": "huge.vhd",
        "sourceRanges": f"{50 << 30}:{20 << 30}",
        "destinationPath": "C:\\data",
        "destinationFilename": "part",
        "destinationRanges": f"0:{20 << 30}",
    }
    reply = {"on": "PreRestore", "setRestoreTarget": "VSS_RT_DIRECTED", "addDirectedTargets": [directed]}
    machine = Machine(big_world("RESTORE_IF_CAN_REPLACE", replies=[reply]))
    assert restore(machine.simulation, machine.saved).everything
    assert content_at(machine, "C:\\data\\part") == Grown(20 << 30, 7, 50 << 30)


LINKED: Final = {"path": "C:\\data", "filespec": "*.txt", "recursive": True, "destination": "C:\\alt"}


def with_links(**more: Any) -> dict[str, Any]:
    r"""A recursive file set with a volume mounted in it, a link, one that leads back, and an old junction."""
    whole = [component(files=[{"path": "C:\\data", "filespec": "*.txt", "recursive": True}])]
    described = world(
        writer("RESTORE_IF_CAN_REPLACE", components=whole, **more), on_d={"D:\\far\\l.txt": {"content": "l"}}
    )
    volumes = described["machines"][0]["volumes"]
    volumes[0]["files"].update(
        {
            "C:\\data\\a.txt": {"content": "a"},
            "C:\\data\\link": {"linkTo": "D:\\far"},
            "C:\\data\\round": {"linkTo": "C:\\data"},
            "C:\\data\\old": {"linkTo": "C:\\elsewhere", "hidden": True, "system": True},
            "C:\\elsewhere\\j.txt": {"content": "j"},
            "C:\\data\\empty\\inner\\": {},
        }
    )
    volumes.append({"name": "C:\\data\\mounted\\", "files": {"C:\\data\\mounted\\deep\\m.txt": {"content": "m"}}})
    return described


def test_what_lies_behind_reparse_points_is_read_on_its_own_shadow_copy() -> None:
    """Rules path-mounted-follow, path-compat-junctions; a way round ends."""
    machine = Machine(with_links())
    saved = {file.path: file.read(0, file.size) for file in machine.saved.files}
    assert saved == {"C:\\data\\a.txt": b"a", "C:\\data\\link\\l.txt": b"l", "C:\\data\\mounted\\deep\\m.txt": b"m"}
    copied = [line["in"]["pwszVolumeName"] for line in machine.trace() if "pwszVolumeName" in line.get("in", {})]
    assert sorted(copied) == ["C:\\", "C:\\data\\mounted\\", "D:\\"]
    assert machine.complaints() == []


@pytest.mark.parametrize("strategy", Strategy)
def test_it_goes_back_through_them(strategy: Strategy) -> None:
    """Rule path-mounted-restore: to the volumes that they lead to."""
    machine = Machine(with_links()).change("C:\\data\\a.txt", "D:\\far\\l.txt", "C:\\data\\mounted\\deep\\m.txt")
    machine.restore(Request(strategy=strategy))
    assert machine.restored.everything
    after = machine.on_disk()
    assert (after["D:\\FAR\\L.TXT"], after["C:\\DATA\\MOUNTED\\DEEP\\M.TXT"]) == (b"l", b"m")
    assert machine.complaints() == []


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("plain", [True, False])
def test_a_lost_reparse_point_blocks_the_set(strategy: Strategy, *, plain: bool) -> None:
    """Else the files would come to lie on the volume of the folder (rule path-mounted-restore)."""
    machine = Machine(with_links()).change("C:\\data\\a.txt")
    machine.win("RemoveDirectory", lpPathName="C:\\data\\link")
    if plain:
        machine.win("CreateDirectory", lpPathName="C:\\data\\link")
    machine.restore(Request(strategy=strategy))
    assert machine.leaf == "ricr-unmapped"
    assert machine.on_disk() == machine.before
    code = "ERROR_NOT_A_REPARSE_POINT" if plain else "ERROR_FILE_NOT_FOUND"
    assert [(one.path, one.code.name) for one in machine.result.obstacles] == [("C:\\data\\link\\l.txt", code)]


@pytest.mark.parametrize("strategy", Strategy)
@pytest.mark.parametrize("plain", [True, False])
def test_a_set_whose_reparse_point_is_lost_goes_to_its_mapped_place(strategy: Strategy, *, plain: bool) -> None:
    """Rules path-mounted-restore, ricr-mapping-branch: in the log, too, that is what stands in the way."""
    machine = Machine(with_links(alternateLocationMappings=[LINKED])).change("C:\\data\\a.txt")
    machine.win("RemoveDirectory", lpPathName="C:\\data\\link")
    if plain:
        machine.win("CreateDirectory", lpPathName="C:\\data\\link")
    machine.restore(Request(strategy=strategy))
    assert machine.leaf == "ricr-mapped"
    world_told = check(json.loads(json.dumps(machine.trace())), world=with_links())
    assert [one.rule for one in world_told.findings if one.level is not Level.INFO] == []
    assert machine.complaints() == []  # without a world nobody knows that it was none


def test_a_plain_folder_that_was_one_at_backup_is_in_nobodys_way() -> None:
    """Rule ricr-no-early-mapping: where the world tells that it was none, nothing is in the way."""
    described = with_links(alternateLocationMappings=[LINKED])
    machine = Machine(described).change("C:\\data\\a.txt")
    machine.win("RemoveDirectory", lpPathName="C:\\data\\link")
    machine.win("CreateDirectory", lpPathName="C:\\data\\link")
    lines = json.loads(json.dumps(machine.restore().trace()))
    del described["machines"][0]["volumes"][0]["files"]["C:\\data\\link"]
    assert "ricr-no-early-mapping" in {one.rule for one in check(lines, world=described).findings}


def mapped_after(*missing: str) -> list[tuple[str, str]]:
    """The rule and file of each warning on a set that goes to its mapped places after something was missing."""
    whole = (*MAPPING[:2], True, MAPPING[3])
    log = Log().to("RESTORE_IF_CAN_REPLACE", whole, recursive=True)
    for path in missing:
        log.look(path, "ERROR_FILE_NOT_FOUND")
    log.put(*MAPPED, how="CREATE_NEW").tell().end()
    found = (one for one in check(log.entries).findings if one.rule.startswith("ricr-"))
    return [(one.rule, one.says.rpartition("(")[2].partition(",")[0]) for one in found]


def test_files_that_are_missing_are_in_nobodys_way() -> None:
    """Rule ricr-no-early-mapping: a file of a recursive set is no reparse point; of another path nobody knows."""
    assert mapped_after(*ORIGINALS) == [("ricr-no-early-mapping", MAPPED[0])]
    assert mapped_after(*ORIGINALS, HOME + "archive") == []


def test_folders_of_a_recursive_set_come_back_empty() -> None:
    """Rule path-recursive-empty-dirs: whatever the file specification."""
    machine = Machine(with_links())
    machine.win("RemoveDirectory", lpPathName="C:\\data\\empty\\inner")
    machine.win("RemoveDirectory", lpPathName="C:\\data\\empty")
    machine.restore()
    assert is_there(machine, "C:\\data\\empty\\inner")


def test_folders_go_where_their_file_set_goes() -> None:
    """To the new target."""
    machine = Machine(with_links(backupSchema=["VSS_BS_WRITER_SUPPORTS_NEW_TARGET"]))
    new = NewTarget("C:\\data", "*.txt", recursive=True, destination="D:\\new")
    machine.restore(Request(wishes=(Wish(WRITER, "", "Database", new_targets=(new,)),)))
    assert machine.leaf == "new-target"
    assert is_there(machine, "D:\\new\\empty\\inner")


def test_a_component_with_a_file_that_could_not_be_read_is_not_restored() -> None:
    """Rule seq-succeeded-false-on-any-miss: half a set is none; other components are restored."""
    fault = {"to": "ReadFile", "path": "*ShadowCopy*\\data\\f2", "fails": "ERROR_CRC"}
    logs = component("Logs", files=[{"path": "C:\\logs", "filespec": "*"}])
    described = world(
        writer("RESTORE_IF_CAN_REPLACE", components=[component(), logs]),
        files={"C:\\logs\\l": {"content": "log"}},
        win32Faults=[fault],
    )
    machine = Machine(described).change(*FILES, "C:\\logs\\l")
    (missed,) = machine.saved.missed
    assert (missed.component, missed.path, missed.says) == (("", "Database"), FILES[1], "ReadFile answers ERROR_CRC")
    succeeded = [line["in"]["bSucceded"] for line in machine.trace() if "bSucceded" in line.get("in", {})]
    assert succeeded == [False, True]
    (machine.saved,) = read_backup(write_backup({"": [machine.saved]}).encode())[""]
    assert machine.saved.missed == (missed,)
    machine.restore()
    assert [one.outcome.name for one in machine.restored.components] == ["not-saved", "ricr-original"]
    assert machine.on_disk()["C:\\LOGS\\L"] == b"log"
    assert machine.on_disk()[FILES[0].upper()] == b"changed"
    assert machine.complaints() == []


def test_a_file_that_its_set_names_has_to_be_there() -> None:
    """Rule path-missing-file-fails (C56): a wildcard may match none; an excluded file is no loss."""
    named = [{"path": "C:\\data", "filespec": "gone"}, {"path": "C:\\data", "filespec": "*.none"}]
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", components=[component(files=named)])))
    assert [missed.path for missed in machine.saved.missed] == ["C:\\data\\gone"]
    assert machine.restore().leaf == "not-saved"
    spared = Machine(
        world(writer("RESTORE_IF_CAN_REPLACE", components=[component(files=named)], excludeFiles=named[:1]))
    )
    assert spared.saved.missed == ()


def test_ranges_that_nobody_can_read_fail_their_component() -> None:
    """The ranges file of a writer has not what a ranges file has."""
    ranges = "File=C:\\data\\f3"
    partial = {"on": "PostSnapshot", "addPartialFiles": [{"path": "C:\\data", "filename": "f1", "ranges": ranges}]}
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", replies=[partial])))
    assert [missed.path for missed in machine.saved.missed] == [FILES[0]]
    assert machine.restore().leaf == "not-saved"


def depending(**more: Any) -> dict[str, Any]:
    """W28: Database of one writer depends on internetData of another, which is implied by Connections."""
    target = {"writerId": OTHER, "logicalPath": "Connections", "componentName": "internetData"}
    other = writer(
        "RESTORE_IF_CAN_REPLACE",
        name="Connector",
        writerId=OTHER,
        components=[
            component("Connections", files=[{"path": "D:\\o", "filespec": "*"}]),
            component("internetData", logicalPath="Connections", files=[{"path": "D:\\i", "filespec": "*"}]),
        ],
        **more,
    )
    first = writer("RESTORE_IF_CAN_REPLACE", components=[component(dependencies=[target])])
    on_d = {"D:\\o\\o": {"content": "o"}, "D:\\i\\i": {"content": "i"}}
    return world(first, other, on_d=on_d, services=[{"name": "Db"}])


JUST_ONE: Final = (Wish(WRITER, "", "Database"),)


def test_what_a_component_depends_on_is_restored_with_it() -> None:
    """W28: rule dep-both; the target is implied by what is above it (dep-implicit-ok)."""
    machine = Machine(depending()).change(*FILES, "D:\\i\\i").restore(Request(wishes=JUST_ONE))
    assert [one.component for one in machine.restored.components] == ["Database", "Connections"]
    assert machine.on_disk()["D:\\I\\I"] == b"i"
    assert machine.on_disk()[FILES[0].upper()] == old(FILES[0])
    assert machine.restored.events[0] == "Connections: restored too, for another component depends on it"
    assert machine.complaints() == []


def test_without_its_target_a_component_is_left_out() -> None:
    """W28: rule dep-drop-together; the writer of the target does not run, and nobody wants its files without it."""
    machine = Machine(depending(hostedIn="Db")).change(*FILES)
    machine.simulation.happens("service stops", service="Db")
    machine.restore(Request(wishes=JUST_ONE, missing_writers=False))
    assert [one.outcome.name for one in machine.restored.components] == ["dependency-left-out", "writer-not-running"]
    assert machine.on_disk() == machine.before


def test_without_its_target_a_component_is_not_backed_up() -> None:
    """Rule wm-dependency-together: the writer of the target does not run, and what depends on it is told of."""
    described = depending()
    described["machines"][0]["writers"][1]["running"] = False
    machine = Machine(described).restore()
    assert machine.restored.events[0] == "Database: not backed up, for it depends on internetData, which is not"
    assert machine.saved.files == ()
    assert machine.restored.components == ()
    assert machine.complaints() == []


def test_a_dependency_on_another_computer_is_no_matter_of_this_restore() -> None:
    """Rule dep-remote-prefix, wherever the name of the computer stands (C71)."""
    described = depending()
    target = described["machines"][0]["writers"][0]["components"][0]["dependencies"][0]
    target["logicalPath"] = "\\\\other\\" + target["logicalPath"]
    machine = Machine(described).change(*FILES).restore(Request(wishes=JUST_ONE))
    assert [one.outcome.name for one in machine.restored.components] == ["ricr-original"]
    assert RestoreMethod.RESTORE_IF_CAN_REPLACE is machine.result.method


def test_a_file_that_its_set_names_and_that_is_not_there_fails_its_component() -> None:
    """Rule path-missing-file-fails; a wildcard may match nothing, and an excluded file is not asked for."""
    sets = [{"path": "C:\\data", "filespec": "gone.mdf"}, {"path": "C:\\data", "filespec": "*.none"}]
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", components=[component(files=sets)])))
    assert [missed.path for missed in machine.saved.missed] == ["C:\\data\\gone.mdf"]
    assert [line["in"]["bSucceded"] for line in machine.trace() if "bSucceded" in line.get("in", {})] == [False]
    excluded = [{"path": "C:\\data", "filespec": "gone.*"}]
    described = writer("RESTORE_IF_CAN_REPLACE", components=[component(files=sets)], excludeFiles=excluded)
    assert not Machine(world(described)).saved.missed
