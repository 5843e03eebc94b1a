"""Which components a backup or a restore means, and why: the writer of the pages, and properties of all selections."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vss_sim import read_world
from vss_sim.engine.selection.components import Declared, Key, backup_stand, full_selection, key_of, restore_stand
from vss_sim.engine.selection.protection import Offered, OfferedComponent, offered
from vss_sim.engine.selection.recovery import Entry, StoredWriter, Wanted, recovery
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


def test_every_reason_rests_on_rules_that_there_are() -> None:
    """Each with at least one."""
    for kind in (Backup, Restore, File):
        for reason in kind:
            assert reason.ground.rules
            assert set(reason.ground.rules) <= set(rules())


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


@pytest.mark.parametrize(
    ("way", "why"),
    [
        ({"method": "VSS_RME_UNDEFINED"}, Restore.METHOD_UNDEFINED),
        ({"method": "VSS_RME_RESTORE_AT_REBOOT", "writerRestore": "VSS_WRE_UNDEFINED"}, Restore.PART_UNDEFINED),
        ({"method": "VSS_RME_STOP_RESTORE_START"}, Restore.SERVICE_UNNAMED),
        ({"method": "VSS_RME_CUSTOM"}, Restore.OWN_PROCEDURE),
        (None, Restore.METHOD_MISSING),
        ({"method": "VSS_RME_RESTORE_STOP_START"}, Restore.SELECTED),
        ({"method": "VSS_RME_STOP_RESTORE_START", "service": "Shop"}, Restore.SELECTED),
    ],
)
def test_what_no_method_brings_back_is_told(way: dict[str, str] | None, why: Restore) -> None:
    """Rules rm-undefined, rm-missing-method, wre-undefined, svc-unnamed, custom-not-generic: whatever is selected."""
    part = {"name": "writerData", "files": [{"path": "C:\\data", "filespec": "*"}]}
    described: dict[str, object] = {"name": "Writer", "writerId": _WRITER, "components": [part]}
    described |= {} if way is None else {"restoreMethod": way}
    (writer,) = read_world({"machines": [{"writers": [described]}]}).machines[0].writers
    (row,) = recovery((StoredWriter(offered(writer), (Entry("", "writerData"),)),), Wanted()).rows
    assert row.why is why


def test_a_writer_that_does_not_run_is_none_to_select() -> None:
    """Rule sel-r-writer-not-running; where it is not known who runs, nothing is said."""
    assert _recovered(running=frozenset({_OTHER}))["writerData"][0] is Restore.WRITER_GONE
    assert _recovered(running=None)["writerData"][0] is Restore.SELECTED
