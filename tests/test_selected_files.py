"""Which files a component of a backup means: file sets, alternate paths, the exclude list, masks, links, volumes."""

import json
from time import process_time
from typing import Any, Final

import pytest

from tests.support import ROOT
from vss_sim.documents.world_file import read_world
from vss_sim.engine.selection.protection import Protection
from vss_sim.engine.selection.requests import Plan, protection_of_world
from vss_sim.model.world import new_world
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.selection import Backup, File

WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"


def _world(files: dict[str, Any], component: dict[str, Any], **writer: Any) -> Any:
    volumes: dict[str, dict[str, Any]] = {}
    for path, file in files.items():
        volumes.setdefault(path[:3], {})[path] = file
    described = {
        "machines": [
            {
                "volumes": [{"name": name, "files": found} for name, found in volumes.items()],
                "writers": [
                    {
                        "name": "W",
                        "writerId": WRITER,
                        "components": [{"name": "D", **component}],
                        **writer,
                    }
                ],
            }
        ]
    }
    return new_world(read_world(json.dumps(described)))


def _files(report: Protection) -> dict[str, File]:
    return {stand.meant.path: stand.why for row in report.rows for stand in row.files}


SMALL: Final[dict[str, Any]] = {
    "C:\\d\\a.mdf": {"content": "1"},
    "C:\\d\\b.ldf": {"content": "1"},
    "C:\\d\\s\\c.mdf": {"content": "1"},
    "C:\\alt\\a.mdf": {"content": "2"},
    "C:\\Windows\\w.ini": {"content": "1"},
}


@pytest.mark.parametrize(
    ("file_set", "found"),
    [
        ({"path": "C:\\d", "filespec": "*"}, {"C:\\d\\a.mdf", "C:\\d\\b.ldf"}),
        (
            {"path": "C:\\D\\", "filespec": "*.*", "recursive": True},
            {"C:\\D\\a.mdf", "C:\\D\\b.ldf", "C:\\D\\s\\c.mdf"},
        ),
        ({"path": "C:\\d", "filespec": "?.MDF", "recursive": True}, {"C:\\d\\a.mdf", "C:\\d\\s\\c.mdf"}),
        ({"path": "%windir%", "filespec": "w.ini"}, {"C:\\Windows\\w.ini"}),
        ({"path": "%SystemDrive%\\Windows", "filespec": "*"}, {"C:\\Windows\\w.ini"}),
        ({"path": "C:\\nowhere", "filespec": "*"}, set()),
    ],
)
def test_a_file_set_means_these_files(file_set: dict[str, Any], found: set[str]) -> None:
    """Rules path-set-triple, path-wildcards, path-trailing-backslash, path-nonrecursive."""
    assert set(_files(protection_of_world(_world(SMALL, {"files": [file_set]})))) == found


def test_a_file_that_is_named_and_not_there_is_missed_and_a_wildcard_misses_nothing() -> None:
    """Rule path-missing-file-fails, by the stance C56."""
    sets = [{"path": "C:\\d", "filespec": "gone.mdf"}, {"path": "C:\\d", "filespec": "*.gone"}]
    report = protection_of_world(_world(SMALL, {"files": sets}))
    assert _files(report) == {"C:\\d\\gone.mdf": File.MISSING}
    assert report.unprotected


def test_files_are_read_from_the_alternate_path_and_excluded_by_the_normal_one() -> None:
    """Rules path-alternate-source, path-exclude-by-default-path."""
    sets = [{"path": "C:\\d", "filespec": "a.mdf", "alternatePath": "C:\\alt"}]
    world = _world(SMALL, {"files": sets}, excludeFiles=[{"path": "C:\\alt", "filespec": "*"}])
    (stand,) = protection_of_world(world).rows[0].files
    assert (stand.meant.path, stand.meant.source, stand.why) == ("C:\\d\\a.mdf", "C:\\alt\\a.mdf", File.SHADOW_COPY)
    world = _world(SMALL, {"files": sets}, excludeFiles=[{"path": "C:\\d", "filespec": "*.mdf"}])
    assert _files(protection_of_world(world)) == {"C:\\d\\a.mdf": File.EXCLUDED}


def test_the_exclude_list_beats_the_component() -> None:
    """Rule sel-exclude-wins."""
    sets = [{"path": "C:\\d", "filespec": "*", "recursive": True}]
    world = _world(SMALL, {"files": sets}, excludeFiles=[{"path": "C:\\", "filespec": "*.mdf", "recursive": True}])
    assert _files(protection_of_world(world)) == {
        "C:\\d\\a.mdf": File.EXCLUDED,
        "C:\\d\\b.ldf": File.SHADOW_COPY,
        "C:\\d\\s\\c.mdf": File.EXCLUDED,
    }


@pytest.mark.parametrize(
    ("backup_type", "mask", "schema", "why"),
    [
        ("VSS_BT_FULL", 0x101, [], File.SHADOW_COPY),
        ("VSS_BT_FULL", 0x001, [], File.LIVE),
        ("VSS_BT_FULL", 0x202, [], File.NOT_OF_TYPE),
        ("VSS_BT_DIFFERENTIAL", 0x202, ["VSS_BS_DIFFERENTIAL"], File.SHADOW_COPY),
        ("VSS_BT_DIFFERENTIAL", 0x101, ["VSS_BS_DIFFERENTIAL"], File.NOT_OF_TYPE),
        ("VSS_BT_DIFFERENTIAL", 0x101, [], File.SHADOW_COPY),
        ("VSS_BT_INCREMENTAL", 0x404, ["VSS_BS_INCREMENTAL"], File.SHADOW_COPY),
        ("VSS_BT_COPY", 0x101, ["VSS_BS_COPY"], File.SHADOW_COPY),
        ("VSS_BT_LOG", 0xF0F, ["VSS_BS_LOG"], File.NOT_OF_TYPE),
        ("VSS_BT_LOG", 0xF0F, [], File.SHADOW_COPY),
    ],
)
def test_the_mask_and_the_schema_decide_what_a_backup_of_a_type_copies(
    backup_type: str, mask: int, schema: list[str], why: File
) -> None:
    """Rules sel-mask-beats-selectability, inc-log-files; a type that the schema lacks is a full one (C52)."""
    sets = [{"path": "C:\\d", "filespec": "a.mdf", "backupType": mask}]
    world = _world(SMALL, {"files": sets}, backupSchema=schema)
    assert _files(protection_of_world(world, 0, Plan(backup_type=backup_type))) == {"C:\\d\\a.mdf": why}


def test_a_log_backup_is_one_of_the_log_files_of_databases() -> None:
    """Rule inc-log-files."""
    component = {
        "type": "VSS_CT_DATABASE",
        "databaseFiles": [{"path": "C:\\d", "filespec": "a.mdf"}],
        "databaseLogFiles": [{"path": "C:\\d", "filespec": "b.ldf"}],
    }
    world = _world(SMALL, component, backupSchema=["VSS_BS_LOG"])
    assert _files(protection_of_world(world, 0, Plan(backup_type="VSS_BT_LOG"))) == {
        "C:\\d\\a.mdf": File.NOT_OF_TYPE,
        "C:\\d\\b.ldf": File.SHADOW_COPY,
    }


def test_compatibility_junctions_are_not_entered_and_links_in_a_circle_come_to_an_end() -> None:
    """Rules path-compat-junctions, path-mounted-follow."""
    files = {
        **SMALL,
        "C:\\d\\Application Data": {"linkTo": "C:\\d", "hidden": True, "system": True},
        "C:\\d\\round": {"linkTo": "C:\\d"},
        "C:\\d\\other": {"linkTo": "C:\\alt"},
    }
    sets = [{"path": "C:\\d", "filespec": "a.mdf", "recursive": True}]
    assert _files(protection_of_world(_world(files, {"files": sets}))) == {
        "C:\\d\\a.mdf": File.SHADOW_COPY,
        "C:\\d\\Application Data": File.JUNCTION,
        "C:\\d\\other\\a.mdf": File.SHADOW_COPY,
    }


def test_a_volume_outside_the_set_leaves_files_unprotected() -> None:
    """Rules seq-volumes-cover-components and path-mounted-follow, in the world of the page."""
    text = (ROOT / "docs" / "examples" / "shop.json").read_text(encoding="utf-8")
    world = new_world(read_world(text))
    report = protection_of_world(world, 0, Plan(volumes=("D:\\",)))
    lost = {stand.meant.path: stand.why for row in report.unprotected for stand in row.unprotected}
    assert lost["D:\\shop\\pictures\\archive\\two.png"] is File.MOUNTED_OUTSIDE
    assert lost["C:\\ProgramData\\Shop\\shop.ini"] is File.VOLUME_OUTSIDE
    assert not protection_of_world(world).unprotected


def test_instances_of_a_writer_class_are_chosen_each_for_itself() -> None:
    """Rule sel-add-identity: what is added of one instance is not added of the other."""
    text = json.loads((ROOT / "docs" / "examples" / "shop.json").read_text(encoding="utf-8"))
    writers = text["machines"][0]["writers"]
    twin = "{33333333-0000-0000-0000-000000000002}"
    writers[0]["instanceId"] = "{33333333-0000-0000-0000-000000000001}"
    writers.append({**writers[0], "instanceId": twin, "instanceName": "second"})
    report = protection_of_world(new_world(read_world(json.dumps(text))), 0, Plan(components=(f"{twin}:Shop",)))
    found = {(row.writer.instance_id, row.shown): row.why for row in report.rows}
    assert found[twin, "Shop"] is Backup.ADDED
    assert found[writers[0]["instanceId"], "Shop"] is Backup.NOTHING_OF_WRITER


def test_a_simulation_tells_what_its_requester_left_out() -> None:
    """By the handle of a backup components object, at any time."""
    simulation = Simulation(read_world((ROOT / "docs" / "examples" / "shop.json").read_text(encoding="utf-8")))
    with pytest.raises(LookupError, match="no backup components object"):
        simulation.protection("bc1")
    simulation.call("CreateVssBackupComponents")
    (handle,) = simulation.world.objects
    assert not simulation.protection(handle).rows


def test_thousands_of_sets_that_name_one_file_in_one_folder_are_looked_up_each() -> None:
    """As those of the System Writer: 19,000 in two folders."""
    names = [f"library{number}.dll" for number in range(4000)]
    sets = [{"path": "C:\\windows", "filespec": name} for name in names]
    writer = {"name": "W", "writerId": WRITER, "components": [{"name": "System Files", "files": sets}]}
    volume = {"name": "C:\\", "files": {f"C:\\windows\\{name}": {} for name in names}}
    world = new_world(read_world({"machines": [{"volumes": [volume], "writers": [writer]}]}))
    begin = process_time()
    (row,) = protection_of_world(world).rows
    assert [stand.meant.path for stand in row.files] == [f"C:\\windows\\{name}" for name in names]
    assert process_time() - begin < 3
