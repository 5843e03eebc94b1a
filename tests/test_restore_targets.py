"""Where a restore goes by the targets that writers set, and by the new targets that are wished for."""

from typing import Any, Final

import pytest

from tests.restore_walks import F1, F2, F3, MAPS, calls, order
from tests.restoring import (
    FILES,
    MAPPING,
    WRITER,
    Machine,
    backed_up,
    component,
    old,
    world,
    writer,
)
from vss_sim.engine.restoring import places
from vss_sim.engine.restoring.documents import Directed
from vss_sim.engine.restoring.media import SavedFile
from vss_sim.engine.restoring.requests import NewTarget, Request, RequestError, Wish
from vss_sim.spec.enums import RollForwardType
from vss_sim.spec.restoring.words import Branch

NEW: Final = NewTarget("C:\\data", "*", recursive=False, destination="D:\\new")
DIRECTED: Final = {
    "sourcePath": "C:\\data",
    "sourceFilename": "f1",
    "sourceRanges": "0:4",
    "destinationPath": "C:\\data",
    "destinationFilename": "short",
    "destinationRanges": "0:4",
}
SCHEMA: Final = {"backupSchema": ["VSS_BS_WRITER_SUPPORTS_NEW_TARGET"]}


def test_the_target_of_a_set_holds_for_its_subcomponents() -> None:
    """W18a: rules rt-scope-set, rt-override; with one file unmapped it is a writer error."""
    parts = [
        component("Data", files=[{"path": "C:\\data", "filespec": "f1"}]),
        component(
            "Part", logicalPath="Data", selectableForRestore=False, files=[{"path": "C:\\data", "filespec": "f2"}]
        ),
    ]
    reply = {"on": "PreRestore", "setRestoreTarget": "VSS_RT_ALTERNATE"}
    for specs, leaf in ((("f1", "f2"), "target-alternate-mapped"), (("f1",), "target-alternate-unmapped")):
        maps = [{**MAPPING, "filespec": spec} for spec in specs]
        machine = Machine(
            world(writer("RESTORE_IF_CAN_REPLACE", components=parts, replies=[reply], alternateLocationMappings=maps))
        ).restore()
        assert machine.leaf == leaf
        assert [file.saved_as for file in machine.result.files] == [F1, F2]


def test_directed_targets_move_ranges() -> None:
    """W18c: header and tail of f1 into another file; files without a directed target go to their own places."""
    targets = [{**DIRECTED, "sourceRanges": "0:4, 0xB:5", "destinationRanges": "0:4, 4:5"}]
    reply = {"on": "PreRestore", "setRestoreTarget": "VSS_RT_DIRECTED", "addDirectedTargets": targets}
    machine = Machine(world(writer("RESTORE_TO_ALTERNATE_LOCATION", replies=[reply]))).change(*FILES).restore()
    source = old(F1)
    disk = machine.on_disk()
    assert machine.leaf == "target-directed"
    assert disk["C:\\DATA\\SHORT"] == source[:4] + source[11:16]
    assert disk[F1.upper()] == b"changed"
    assert (disk[F2.upper()], disk[F3.upper()]) == (old(F2), old(F3))


@pytest.mark.parametrize(
    "change",
    [
        {"destinationRanges": "0:5"},
        {"destinationRanges": "0:4, 4:1"},
        {"sourceFilename": "elsewhere"},
        {"sourceRanges": "1000:4", "destinationRanges": "0:4"},
        {"sourceRanges": "all of it"},
    ],
)
def test_directed_targets_that_cannot_be_followed_are_a_writer_error(change: dict[str, str]) -> None:
    """Rules dt-ranges-match, dt-source-in-component, dt-partial-source."""
    reply = {"on": "PreRestore", "setRestoreTarget": "VSS_RT_DIRECTED", "addDirectedTargets": [{**DIRECTED, **change}]}
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", replies=[reply]))).restore()
    assert machine.leaf == "target-directed-unsound"
    assert machine.on_disk() == machine.before


@pytest.mark.parametrize("method", ["RESTORE_AT_REBOOT", "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE"])
def test_two_files_for_one_place_are_not_staged(method: str) -> None:
    """Rules rar-stage-all, rar-register-each: of two delayed moves to one place the second takes what the first left.

    A new target sends one set to the place of the other, which waits for the restart.
    """
    parts = [component(files=[{"path": "C:\\data", "filespec": "*"}, {"path": "C:\\more", "filespec": "*"}])]
    files = {"C:\\more\\F1": {"content": "of another folder"}}
    machine = Machine(world(writer(method, components=parts, **SCHEMA), files=files))
    onto = NewTarget("C:\\data", "*", recursive=False, destination="C:\\more")
    machine.restore(Request(wishes=(Wish(WRITER, "", "Database", new_targets=(onto,)),)))
    assert machine.result.outcome.branch is Branch.ERROR
    assert machine.result.obstacles[-1].says == "another file of the set goes there, too"
    assert not machine.restored.wants_reboot
    assert machine.complaints() == []


def test_ranges_that_do_not_go_together_are_not_followed() -> None:
    """VSS refuses such directed targets of a writer; a document of another VSS may have them (dt-ranges-match)."""
    saved = SavedFile(F1, ((0, b"0123456789"),), 10)
    assert places.directed_pieces(Directed(F1, "0:4, 6:2", F2, "2:4, 0:2"), saved) == [(2, b"0123"), (0, b"67")]
    for source, destination in (("0:4", "0:5"), ("0:4", "0:4, 4:1"), ("0:4, 4:1", "0:5"), ("0:4", "x")):
        assert places.directed_pieces(Directed(F1, source, F2, destination), saved) is None


def test_directed_targets_need_their_target() -> None:
    """W18d: rule dt-needs-directed."""
    reply = {"on": "PreRestore", "addDirectedTargets": [DIRECTED]}
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", replies=[reply]))).change(F1).restore()
    assert machine.leaf == "ricr-original"
    assert "C:\\DATA\\SHORT" not in machine.on_disk()


def test_a_new_target_wins_over_method_and_mapping() -> None:
    """W19: rules nt-overrides, nt-must-report, nt-explicit-component; declared before PreRestore."""
    machine = Machine(world(writer("RESTORE_TO_ALTERNATE_LOCATION", **SCHEMA, **MAPS))).change(*FILES)
    machine.restore(Request(wishes=(Wish(WRITER, "", "Database", new_targets=(NEW,)),)))
    assert backed_up(machine, lambda path: path.replace("C:\\data", "D:\\new"))
    found = order(machine)
    assert found.index("AddNewTarget") < found.index("PreRestore")
    assert not calls(machine, "AddAlternativeLocationMapping")


def test_files_without_a_new_target_go_by_the_method() -> None:
    """Some file sets have one: those go there, the others by the method, and all of them or none."""
    sets = [{"path": "C:\\data", "filespec": name} for name in ("f1", "f2", "f3")]
    described = world(writer("RESTORE_IF_CAN_REPLACE", components=[component(files=sets)], **SCHEMA))
    one = NewTarget("C:\\data", "f1", recursive=False, destination="D:\\new")
    request = Request(wishes=(Wish(WRITER, "", "Database", new_targets=(one,)),))
    machine = Machine(described).change(*FILES).restore(request)
    assert [file.to for file in machine.result.files] == ["D:\\new\\f1", F2, F3]
    assert machine.on_disk()["D:\\NEW\\F1"] == old(F1)
    assert machine.on_disk()[F1.upper()] == b"changed"
    blocked = Machine(described).change(*FILES).lock(F2).restore(request)
    assert blocked.leaf == "ricr-unmapped"
    assert blocked.on_disk() == blocked.before


@pytest.mark.parametrize(
    ("wish", "more", "says"),
    [
        (Wish(WRITER, "", "Database", new_targets=(NEW,)), {}, "nt-schema"),
        (
            Wish(WRITER, "", "Database", new_targets=(NewTarget("C:\\data", "*", True, "D:\\x"),)),
            SCHEMA,
            "nt-match-file-set",
        ),
        (Wish(WRITER, "", "Database", subcomponents=(("Database", "Part"),)), {}, "sel-r-sub-flag"),
        (Wish(WRITER, "", "Database", roll_forward=(RollForwardType.ALL, None)), {}, "ex-rollforward-schema"),
        (Wish(WRITER, "", "Database", restore_name="Other"), {}, "ex-rename-schema"),
        (Wish(WRITER, "", "Database", authoritative=True), {}, "ex-authoritative-schema"),
        (Wish(WRITER, "", "Elsewhere"), {}, "was added at backup"),
    ],
)
def test_what_a_writer_does_not_support_is_not_asked_of_it(wish: Wish, more: dict[str, Any], says: str) -> None:
    """The restore is refused with the rule before anything is touched."""
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", **more)))
    with pytest.raises(RequestError, match=says):
        machine.restore(Request(wishes=(wish,)))
    assert machine.on_disk() == machine.before


def test_what_is_wished_is_said_to_the_writer_before_pre_restore() -> None:
    """Options, additional restores, roll-forward, authoritative, another name."""
    schema = ["VSS_BS_ROLLFORWARD_RESTORE", "VSS_BS_RESTORE_RENAME", "VSS_BS_AUTHORITATIVE_RESTORE"]
    machine = Machine(world(writer("RESTORE_IF_CAN_REPLACE", backupSchema=schema)))
    wish = Wish(
        WRITER,
        "",
        "Database",
        options='"Authoritative"="All"',
        additional_restores=True,
        authoritative=True,
        roll_forward=(RollForwardType.PARTIAL, "point"),
        restore_name="Other",
    )
    machine.restore(Request(wishes=(wish,)))
    said = ("SetRestoreOptions", "SetAdditionalRestores", "SetAuthoritativeRestore", "SetRollForward", "SetRestoreName")
    found = order(machine)
    assert [line["call"].rpartition("::")[2] for line in calls(machine, *said)] == list(said)
    assert all(found.index(name) < found.index("PreRestore") for name in said)
    assert machine.complaints() == []
