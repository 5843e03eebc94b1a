"""Which components and files a backup has: the writer of the pages, small disks, and properties of all selections."""

import json
import re
from pathlib import Path
from time import process_time
from typing import Any, Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import ROOT, entries_of
from vss_sim.cli import main
from vss_sim.documents.world_file import read_world
from vss_sim.engine.selection.components import Declared, Key, backup_stand, full_selection, key_of, restore_stand
from vss_sim.engine.selection.protection import Offered, OfferedComponent, Protection
from vss_sim.engine.selection.recovery import Entry, StoredWriter, Wanted, recovery
from vss_sim.engine.selection.requests import Plan, protection_of_world
from vss_sim.model.world import new_world
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.rules import rules
from vss_sim.spec.selection import Backup, File, Restore, Verdict

_TREE: Final = """
    Executables no
    Executables\\ConfigFiles no
    LicenseInfo yes
    Security yes
    Security\\UserInfo no
    Security\\Certificates no
    writerData yes
    writerData\\Set1 no
    writerData\\Set1\\Jan no
    writerData\\Set1\\Dec no
    writerData\\Set2 no
    writerData\\Set2\\Jan no
    writerData\\Set2\\Dec no
    writerData\\QueryLogs\\Query no
    writerData\\Usage yes
    writerData\\Usage\\Jan no
    writerData\\Usage\\Dec no
"""


def _declared(tree: str) -> dict[Key, Declared]:
    """A component a line: its path with its name, and whether it is selectable."""
    found = {}
    for line in filter(str.strip, tree.splitlines()):
        whole, selectable = line.split()
        path, _, name = whole.rpartition("\\")
        found[key_of(path, name)] = Declared(path, name, selectable == "yes")
    return found


MY_WRITER: Final = _declared(_TREE)
"""The writer of https://learn.microsoft.com/windows/win32/vss/logical-pathing-of-components."""


def _key(whole: str) -> Key:
    path, _, name = whole.rpartition("\\")
    return key_of(path, name)


def test_everything_of_the_example_is_chosen_by_five_components() -> None:
    """Rules sel-required-explicit, sel-sub-not-twice: two required ones, three sets, nothing that these imply."""
    chosen = [MY_WRITER[key].name for key in full_selection(MY_WRITER)]
    assert chosen == ["Executables", "ConfigFiles", "LicenseInfo", "Security", "writerData"]


@pytest.mark.parametrize(
    ("whole", "added", "why"),
    [
        ("Executables", ["LicenseInfo"], Backup.REQUIRED),
        ("Executables\\ConfigFiles", ["Executables"], Backup.BELOW_NO_SET),
        ("Executables\\ConfigFiles", ["LicenseInfo"], Backup.REQUIRED),
        ("Executables\\ConfigFiles", ["Executables\\ConfigFiles"], Backup.ADDED),
        ("Security\\UserInfo", ["Security"], Backup.IMPLIED),
        ("Security\\UserInfo", ["LicenseInfo"], Backup.BELOW_NOT_ADDED),
        ("Security", ["LicenseInfo"], Backup.NOT_CHOSEN),
        ("writerData\\QueryLogs\\Query", ["writerData"], Backup.IMPLIED),
        ("writerData\\Usage", ["writerData"], Backup.IMPLIED),
        ("writerData\\Usage\\Jan", ["writerData\\Usage"], Backup.IMPLIED),
        ("writerData\\Usage\\Jan", ["writerData"], Backup.IMPLIED),
        ("writerData\\Set1\\Jan", ["writerData\\Usage"], Backup.BELOW_NOT_ADDED),
        ("WRITERDATA\\usage", ["WriterData"], Backup.IMPLIED),
        ("Executables", [], Backup.NOTHING_OF_WRITER),
    ],
)
def test_a_component_of_the_example_is_in_or_out_for_a_reason(whole: str, added: list[str], why: Backup) -> None:
    """The tables of working-with-selectability-for-backup, and the stances C41 and C43."""
    assert backup_stand(_key(whole), MY_WRITER, [_key(one) for one in added]).why is why


def test_what_only_begins_alike_is_not_below() -> None:
    """Rule sel-path-elements: `Security` stands for nothing in `SecurityOld`."""
    declared = _declared("Security yes\n SecurityOld\\Keys no")
    assert backup_stand(_key("SecurityOld\\Keys"), declared, [_key("Security")]).why is Backup.REQUIRED


def test_what_is_not_known_is_not_said_to_be_left_out() -> None:
    """Whoever did not read all components may have missed the one above."""
    declared = _declared("Data\\Logs no\n Other yes")
    added = [_key("Other")]
    assert backup_stand(_key("Data\\Logs"), declared, added, complete=False).why is Backup.UNKNOWN
    assert backup_stand(_key("Data\\Logs"), declared, added).why is Backup.REQUIRED


_RESTORABLE: Final = _declared("writerData yes\n writerData\\Set1 no\n writerData\\Set1\\Jan no\n writerData\\Set2 no")
_RESTORABLE[_key("writerData\\Set1")] = Declared("writerData", "Set1", selectable=False, for_restore=True)


@pytest.mark.parametrize(
    ("whole", "selected", "subcomponents", "why"),
    [
        ("writerData", ["writerData"], [], Restore.SELECTED),
        ("writerData\\Set2", ["writerData"], [], Restore.IMPLIED),
        ("writerData\\Set1", ["writerData"], ["writerData\\Set1"], Restore.SUBCOMPONENT),
        ("writerData\\Set1\\Jan", ["writerData"], ["writerData\\Set1"], Restore.BELOW_SUBCOMPONENT),
        ("writerData\\Set2", ["writerData"], ["writerData\\Set1"], Restore.ONLY_SUBCOMPONENTS),
        ("writerData", ["writerData"], ["writerData\\Set1"], Restore.ONLY_SUBCOMPONENTS),
        ("writerData\\Set1", [], [], Restore.MAY_BE_ADDED),
        ("writerData\\Set2", [], [], Restore.ONLY_WITH_SET),
        ("writerData", [], [], Restore.NOT_SELECTED),
    ],
)
def test_a_component_is_restored_or_not_for_a_reason(
    whole: str, selected: list[str], subcomponents: list[str], why: Restore
) -> None:
    """The table of working-with-selectability-for-restore-and-subcomponents, and the stance C45."""
    root = _key("writerData")
    chosen = {root: [_key(one) for one in subcomponents]}
    stand = restore_stand(_key(whole), _RESTORABLE, [root], [_key(one) for one in selected], chosen)
    assert stand.why is why


def test_what_was_not_backed_up_is_not_restored() -> None:
    """Rule sel-r-unknown-component."""
    assert restore_stand(_key("Security"), MY_WRITER, [_key("writerData")], [], {}).why is Restore.NOT_BACKED_UP


def test_required_components_are_restored_together() -> None:
    """Rule sel-r-required-together; dispute C44 has it as advice."""
    added = list(full_selection(MY_WRITER))
    stand = restore_stand(_key("Executables"), MY_WRITER, added, [_key("LicenseInfo")], {})
    assert stand.why is Restore.REQUIRED_TOGETHER


_NAMES: Final = st.sampled_from(["A", "B", "AB", "a"])
_PATHS: Final = st.lists(_NAMES, max_size=3).map("\\".join)
_TREES: Final = st.lists(st.builds(Declared, _PATHS, _NAMES, st.booleans(), st.booleans()), max_size=8).map(
    lambda found: {one.key: one for one in found}
)


@settings(max_examples=200, deadline=None, derandomize=True)
@given(_TREES)
def test_a_full_selection_leaves_nothing_out_and_names_nothing_twice(declared: dict[Key, Declared]) -> None:
    """Every component is in, and none that was added would be in without being added, too."""
    added = full_selection(declared)
    for key in declared:
        assert backup_stand(key, declared, added).why.ground.verdict is Verdict.IN
    for key in added:
        rest = [one for one in added if one != key]
        assert backup_stand(key, declared, rest).why is not Backup.IMPLIED


@settings(max_examples=200, deadline=None, derandomize=True)
@given(_TREES, st.data())
def test_to_ask_for_more_protects_no_less(declared: dict[Key, Declared], data: st.DataObject) -> None:
    """Whatever is in with some components is in with one more."""
    keys = list(declared)
    added = data.draw(st.lists(st.sampled_from(keys), unique=True)) if keys else []
    more = [*added, *(keys[:1])]
    for key in keys:
        before = backup_stand(key, declared, added).why.ground.verdict
        assert before is not Verdict.IN or backup_stand(key, declared, more).why.ground.verdict is Verdict.IN


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
                        "writerId": "{5affb034-969f-4919-8875-88f830d0ef89}",
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


def test_every_reason_rests_on_rules_that_there_are() -> None:
    """Each with at least one."""
    for kind in (Backup, Restore, File):
        for reason in kind:
            assert reason.ground.rules
            assert set(reason.ground.rules) <= set(rules())


def test_a_simulation_tells_what_its_requester_left_out() -> None:
    """By the handle of a backup components object, at any time."""
    simulation = Simulation(read_world((ROOT / "docs" / "examples" / "shop.json").read_text(encoding="utf-8")))
    with pytest.raises(LookupError, match="no backup components object"):
        simulation.protection("bc1")
    simulation.call("CreateVssBackupComponents")
    (handle,) = simulation.world.objects
    assert not simulation.protection(handle).rows


PAGE: Final = (ROOT / "docs" / "selection.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("words", "output"), re.findall(r"```console\n\$ vss-sim (.+)\n([^`]+)```", PAGE))
def test_the_page_shows_what_is_printed(
    words: str, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the letter."""
    monkeypatch.chdir(ROOT)
    main([word.strip("'") for word in words.split()])
    assert capsys.readouterr().out == output


@pytest.mark.parametrize(
    ("program", "output"), re.findall(r"```python\n(.+?)```\n\n```text\n(.+?)```", PAGE, re.DOTALL)
)
def test_the_program_of_the_page_prints_what_stands_below_it(
    program: str, output: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the letter."""
    monkeypatch.chdir(ROOT)
    exec(compile(program, "docs/selection.md", "exec"), {})  # noqa: S102 - it is our own page
    assert capsys.readouterr().out == output


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["docs/examples/shop.json"], 0, ""),
        (["docs/examples/shop.json", "--volume", "D:\\"], 1, ""),
        (["docs/examples/shop.json", "--volume", "Q:\\"], 2, "no volume 'Q:\\\\'"),
        (["docs/examples/shop.json", "--add", "Nothing"], 2, "Shop Writer:Shop\\Export"),
        (["docs/examples/shop.json", "--machine", "other"], 2, "it has shop"),
        (["README.md"], 2, "line 1: this is not JSON"),
        (["nowhere.json"], 2, "cannot be read"),
        (["conformance/traces/vshadow-query-all.jsonl"], 2, "asks for no backup"),
    ],
)
def test_the_exit_code_tells_whether_all_is_protected(
    words: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """0: all; 1: not all; 2: the input cannot be used, and why."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", *words]) == code
    assert says in capsys.readouterr().err


def test_the_report_is_there_as_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One object a backup, with a reason and its rules for each component and file."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", "docs/examples/shop.json", "--add", "Shop", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["unprotected"] == ["Shop Writer: Settings", "Shop Writer: Settings\\Licence"]
    assert {row["component"]: row["verdict"] for row in told["components"]}["Export"] == "in"
    assert told["components"][0]["files"][0]["rules"]


def test_a_log_of_a_whole_backup_with_its_world_is_told_file_by_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The header's world stands for what the program did not read."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", "conformance/cases/components/differenced-files-of-a-file-set.jsonl", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["components"]
    assert [file["path"] for file in row["files"]] == ["C:\\db\\data.mdf", "C:\\db\\old.mdf"]


_WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"
_OTHER: Final = "{5affb034-969f-4919-8875-88f830d0ef8a}"


def _recovered(
    *,
    selected: list[str] | None = None,
    subs: dict[str, list[str]] | None = None,
    added: tuple[Entry, ...] = (Entry("", "writerData"),),
    running: frozenset[str] | None = None,
) -> dict[str, tuple[Restore | Backup, str]]:
    """What becomes of each component of a stored writer, and what brings it about."""
    known = [one._replace(for_restore=bool(one.for_restore)) for one in _RESTORABLE.values()]
    parts = tuple(map(OfferedComponent, known))
    other = OfferedComponent(Declared("", "front", True, True), dependencies=((_WRITER, _key("writerData")),))
    stored = (
        StoredWriter(Offered(_WRITER, None, "Writer", parts), added),
        StoredWriter(Offered(_OTHER, None, "Other", (other,)), (Entry("", "front"),)),
    )
    places = None if selected is None else tuple((_OTHER if one == "front" else _WRITER, _key(one)) for one in selected)
    chosen = {(_WRITER, _key(one)): tuple(map(_key, keys)) for one, keys in (subs or {}).items()}
    return {row.shown: (row.why, row.by) for row in recovery(stored, Wanted(places, chosen, running)).rows}


def test_a_restore_of_everything_takes_what_was_added_and_what_goes_with_it() -> None:
    """Rules sel-r-explicit-any, sel-r-implied."""
    told = _recovered()
    assert told["writerData"][0] is Restore.SELECTED
    assert told["writerData\\Set1"] == (Restore.IMPLIED, "writerData")


def test_what_is_selected_and_was_not_backed_up_is_lost() -> None:
    """Rule sel-r-unknown-component; be it declared by its writer or not."""
    assert _recovered(selected=["writerData"], added=())["writerData"][0] is Restore.SELECTED_IN_VAIN
    assert _recovered(selected=["nothing"])["nothing"][0] is Restore.SELECTED_IN_VAIN


def test_what_was_marked_as_failed_at_backup_is_lost_with_its_set() -> None:
    """Rule seq-succeeded-false-on-any-miss."""
    told = _recovered(added=(Entry("", "writerData", succeeded=False),))
    assert told["writerData"][0] is told["writerData\\Set1"][0] is Restore.NOT_SAVED


def test_a_subcomponent_that_is_not_selectable_for_restore_is_lost() -> None:
    """Rule sel-r-sub-flag."""
    told = _recovered(selected=["writerData"], subs={"writerData": ["writerData\\Set2"]})
    assert told["writerData\\Set2"] == (Restore.NO_SUBCOMPONENT, "writerData")


def test_what_a_restored_component_depends_on_is_lost_without_it() -> None:
    """Rule dep-both, across writers."""
    assert _recovered(selected=["front"])["writerData"] == (Restore.TARGET_OF_DEPENDENCY, "Other: front")
    assert _recovered(selected=["front", "writerData"])["writerData"][0] is Restore.SELECTED


def test_a_writer_that_does_not_run_is_none_to_select() -> None:
    """Rule sel-r-writer-not-running; where it is not known who runs, nothing is said."""
    assert _recovered(running=frozenset({_OTHER}))["writerData"][0] is Restore.WRITER_GONE
    assert _recovered(running=None)["writerData"][0] is Restore.SELECTED


def test_the_saved_backup_of_the_page_is_that_of_its_world(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `rehearse --save` writes it."""
    monkeypatch.chdir(ROOT)
    main(["rehearse", "docs/examples/shop.json", "--save", str(tmp_path / "saved.json")])
    capsys.readouterr()
    kept = ROOT / "docs" / "examples" / "shop_backup.json"
    assert (tmp_path / "saved.json").read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["docs/examples/shop_backup.json"], 0, ""),
        (["docs/examples/shop_backup.json", "--select", "Shop"], 1, ""),
        (["docs/examples/shop_backup.json", "--select", "Nothing"], 2, "Shop Writer:Shop\\Export"),
        (["docs/examples/shop_backup.json", "--sub", "Settings\\Licence"], 2, "goes with no component"),
        (["docs/examples"], 2, "no Backup Components Document"),
        (["nowhere"], 2, "cannot be read"),
        (["README.md"], 2, "not JSON"),
    ],
)
def test_the_exit_code_tells_whether_all_comes_back(
    words: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """0: all; 1: not all; 2: the saved documents cannot be used, and why."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", "docs/examples/shop.json", "--restore", *words]) == code
    assert says in capsys.readouterr().err


def test_the_saved_documents_may_be_a_folder_as_a_real_backup_leaves_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """XML beside each other; the manifest is passed over, two documents of a backup are one too many."""
    monkeypatch.chdir(ROOT)
    kept = json.loads((ROOT / "docs" / "examples" / "shop_backup.json").read_text(encoding="utf-8"))["machines"][0]
    (tmp_path / "BCDocument.xml").write_text(kept["backupComponents"], encoding="utf-16")
    (tmp_path / "Manifest.xml").write_text("<Manifest/>", encoding="utf-8")
    for number, text in enumerate(kept["writers"]):
        (tmp_path / f"WM{number}.xml").write_text(text, encoding="utf-8")
    words = ["selection", "docs/examples/shop.json", "--restore", str(tmp_path), "--select", "Print Writer:Queues"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["component"] for row in told["components"] if row["verdict"] == "in"] == ["Queues"]
    (tmp_path / "Another.xml").write_text(kept["backupComponents"], encoding="utf-8")
    assert main(words) == 2
    assert "more than one" in capsys.readouterr().err


def test_a_log_tells_what_its_restore_leaves_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the stored documents that the requester read."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", "conformance/cases/selection/required-component-not-restored.jsonl", "--json"]) == 1
    backup, restored = map(json.loads, capsys.readouterr().out.splitlines())
    assert backup["unprotected"] == []
    assert restored["lost"] == ["Sample Writer: settings"]


def test_a_type_that_a_writer_lacks_is_said_to_be_a_full_backup_for_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its schema has increments, and no logs: dispute C52."""
    monkeypatch.chdir(ROOT)
    world = "docs/examples/sunday_and_monday.json"
    assert main(["selection", world, "--type", "log"]) == 0
    assert "  Ledger Writer: VSS_BT_FULL, for its schema lacks VSS_BS_LOG\n" in capsys.readouterr().out
    assert main(["selection", world, "--type", "incremental"]) == 0
    assert "  Ledger Writer\n" in capsys.readouterr().out
    for asked, own in (("log", "VSS_BT_FULL"), ("incremental", "VSS_BT_INCREMENTAL")):
        assert main(["selection", world, "--type", asked, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert {row["backupType"] for row in told["components"]} == {own}


def test_a_schema_that_was_not_read_lacks_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What the log does not show is not known: the backup counts as one of the type that was asked for."""
    lines = entries_of(ROOT / "conformance" / "cases" / "selection" / "required-component-left-out.jsonl")
    text = "\n".join(map(json.dumps, [{"vss-trace": 1}, *lines])).replace("VSS_BT_FULL", "VSS_BT_INCREMENTAL")
    assert "GetBackupSchema" not in text
    log = tmp_path / "log.jsonl"
    log.write_text(text, encoding="utf-8")
    main(["selection", str(log), "--json"])
    told = json.loads(capsys.readouterr().out.splitlines()[0])
    assert {row["backupType"] for row in told["components"]} == {"VSS_BT_INCREMENTAL"}


def test_a_log_without_a_header_is_told_so(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It is no world with odd keys."""
    (tmp_path / "log.jsonl").write_text('{"call": "CreateVssBackupComponents"}\n', encoding="utf-8")
    assert main(["selection", str(tmp_path / "log.jsonl")]) == 2
    assert ':1: the first line has no "vss-trace"' in capsys.readouterr().err


@pytest.mark.parametrize("trace", ["betest-restore", "urbackup-restore", "vshadow-restore"])
def test_what_is_selected_is_not_lost_where_no_stored_document_was_read(
    trace: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """VSS accepted the selection, so it was added at backup; what else its writer has is not known."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", f"conformance/traces/{trace}.jsonl", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(row["component"], row["verdict"]) for row in told["components"]] == [("Component C", "in")]
    assert told["lost"] == []


def test_thousands_of_sets_that_name_one_file_in_one_folder_are_looked_up_each() -> None:
    """As those of the System Writer: 19,000 in two folders."""
    names = [f"library{number}.dll" for number in range(4000)]
    sets = [{"path": "C:\\windows", "filespec": name} for name in names]
    writer = {"name": "W", "writerId": _WRITER, "components": [{"name": "System Files", "files": sets}]}
    volume = {"name": "C:\\", "files": {f"C:\\windows\\{name}": {} for name in names}}
    world = new_world(read_world({"machines": [{"volumes": [volume], "writers": [writer]}]}))
    begin = process_time()
    (row,) = protection_of_world(world).rows
    assert [stand.meant.path for stand in row.files] == [f"C:\\windows\\{name}" for name in names]
    assert process_time() - begin < 3
