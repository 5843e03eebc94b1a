"""A restore is held to its own files, also where other component sets and other writers have some of them.

What happened to a file of several sets is nobody's for certain; what happened to the others still is.
"""

import json
from typing import Any, Final

import pytest

from tests import logs_by_hand
from tests.logs_by_hand import HOME, Log
from tests.restoring import WRITER, Machine, component, world, writer
from tests.support import Entry, check
from vss_sim.documents.world_file import read_world
from vss_sim.documents.writer_metadata import write_writer_metadata
from vss_sim.engine.restoring.requests import Request, Wish
from vss_sim.judge.findings import Level

OTHER: Final = "{5affb034-969f-4919-8875-88f830d0ef90}"
SHARED: Final = {"path": "C:\\data", "filespec": "f1"}
OWN: Final = [{"path": "C:\\data", "filespec": "f2"}, {"path": "C:\\data", "filespec": "f3"}]
LAST: Final = "C:\\data\\f3"


def lines_of(machine: Machine) -> list[Entry]:
    """The run as a log."""
    entries: list[Entry] = json.loads(json.dumps(machine.trace()))
    return entries


def without_file(entries: list[Entry], path: str) -> list[Entry]:
    """The log of somebody who forgot a file in the restore."""
    begun = next(number for number, one in enumerate(entries) if str(one.get("call")).endswith("::PreRestore"))
    left, handles = entries[:begun], set()
    for entry in entries[begun:]:
        given = entry.get("in") or {}
        if path in given.values():
            handles.add((entry.get("out") or {}).get("hFile"))
        elif given.get("hFile", given.get("hObject", "")) not in handles:
            left.append(entry)
    return left


def rules_told(entries: list[Entry]) -> set[str]:
    """The rules of all errors and warnings."""
    return {one.rule for one in check(entries).findings if one.level is not Level.INFO}


def test_a_forgotten_file_is_missed_though_another_one_is_of_two_sets() -> None:
    """Rule frs-all: the file set names a file of this component alone, and nothing happened to it."""
    parts = [component("Both", files=[SHARED, *OWN]), component("One", files=[SHARED])]
    entries = lines_of(Machine(world(writer("RESTORE_IF_CAN_REPLACE", components=parts))).restore())
    assert rules_told(entries) == set()
    assert rules_told(without_file(entries, LAST)) == {"frs-all"}


def test_so_is_one_that_could_not_be_opened() -> None:
    """Rule frs-all: it is of this component alone, and nobody wrote it later."""
    parts = [component("Both", files=[SHARED, *OWN]), component("One", files=[SHARED])]
    entries = lines_of(Machine(world(writer("RESTORE_IF_CAN_REPLACE", components=parts))).restore())
    left = without_file(entries, LAST)
    refused = next(one for one in entries[len(entries) // 2 :] if (one.get("in") or {}).get("lpFileName") == LAST)
    first = next(number for number, one in enumerate(left) if one.get("call") == "WriteFile")
    refused = {**refused, "returns": "ERROR_SHARING_VIOLATION"}
    refused.pop("out")
    assert "frs-all" in rules_told([*left[:first], refused, *left[first:]])


def test_a_file_of_two_sets_is_not_missed_of_either() -> None:
    """Whoever put it back once put it back for both."""
    parts = [component("Both", files=[SHARED, *OWN]), component("One", files=[SHARED, *OWN[:1]])]
    entries = lines_of(Machine(world(writer("RESTORE_IF_CAN_REPLACE", components=parts))).restore())
    opened = [number for number, one in enumerate(entries) if (one.get("in") or {}).get("lpFileName") == "C:\\data\\f1"]
    assert len(opened) > 1
    assert rules_told(entries) == set()


def overwriting(how: dict[str, Any]) -> list[Entry]:
    """IF_NOT_THERE, and the files are there; another writer has them, too, and nothing of it is selected."""
    wide = [component("Wide", files=[{"path": "C:\\data", "filespec": "*", "recursive": True}])]
    second = writer("RESTORE_IF_CAN_REPLACE", name="Wide Writer", writerId=OTHER, components=wide, how=how)
    machine = Machine(world(writer("RESTORE_IF_NOT_THERE"), second))
    machine.delete("C:\\data\\f1", "C:\\data\\f2", "C:\\data\\f3")
    entries = lines_of(machine.restore(Request(wishes=(Wish(WRITER, "", "Database"),))))
    for entry in entries:
        if (entry.get("in") or {}).get("dwCreationDisposition") == "CREATE_NEW":
            entry["in"]["dwCreationDisposition"] = "CREATE_ALWAYS"
            entry["out"]["lastError"] = "ERROR_ALREADY_EXISTS"
    return entries


def test_files_that_an_unselected_writer_has_too_are_judged() -> None:
    """Rule rint-never-overwrite-original: the other writer runs and takes part, so nothing of it is restored."""
    assert "rint-never-overwrite-original" in rules_told(overwriting({}))


def test_files_may_be_those_of_a_writer_that_takes_no_part() -> None:
    """Rule wre-never: its files are restored though it is not selected, by a method of its own."""
    assert "rint-never-overwrite-original" not in rules_told(overwriting({"writerRestore": "VSS_WRE_NEVER"}))


def by_text() -> list[Entry]:
    """A restore of one subcomponent; the stored metadata stand in the log as XML, and nobody reads them."""
    parts = [
        {"name": "ShopDB", "files": [{"path": HOME[:-1], "filespec": "*"}], "selectable": True},
        {
            "name": "A",
            "logicalPath": "ShopDB",
            "selectableForRestore": True,
            "files": [{"path": HOME + "a", "filespec": "*"}],
        },
        {
            "name": "B",
            "logicalPath": "ShopDB",
            "selectableForRestore": True,
            "files": [{"path": HOME + "b", "filespec": "*"}],
        },
    ]
    described = writer("RESTORE_IF_CAN_REPLACE", writerId=logs_by_hand.WRITER, components=parts)
    stored = read_world({"machines": [{"volumes": [{"name": "C:\\"}], "writers": [described]}]}).machines[0].writers[0]
    log = Log().begin()
    given = {"bstrXML": write_writer_metadata(stored)}
    log.line("CreateVssExamineWriterMetadata", given=given, gives={"ppMetadata": "stored"})
    log.gather().select()
    root: dict[str, Any] = {"wszLogicalPath": None, "wszComponentName": "ShopDB"}
    sub: dict[str, Any] = {"wszSubComponentLogicalPath": "ShopDB", "wszSubComponentName": "A", "bRepair": False}
    given = {"writerId": logs_by_hand.WRITER, "componentType": "VSS_CT_FILEGROUP", **root, **sub}
    log.line("IVssBackupComponents::AddRestoreSubcomponent", "bc", given=given)
    log.pre_restore().read_target()
    return log.entries


@pytest.mark.parametrize(("folder", "told"), [("a", set()), ("b", {"sel-r-sub-exclusive"})])
def test_the_text_of_the_metadata_tells_whose_a_file_is(folder: str, told: set[str]) -> None:
    """Of a set with an added subcomponent only its files are restored."""
    log = Log()
    log.entries = by_text()
    assert rules_told(log.put(f"{HOME}{folder}\\rows").tell().end().entries) == told


SPARE: Final = "C:\\data\\f4"
TWO: Final = [
    component("Both", files=[SHARED, *OWN]),
    component("One", files=[SHARED, {"path": "C:\\data", "filespec": "f4"}]),
]


def two_sets(*locked: str, **more: Any) -> list[Entry]:
    """IF_CAN_REPLACE for two sets that have a file in common, of which some files are in use."""
    described = world(writer("RESTORE_IF_CAN_REPLACE", components=TWO, **more), files={SPARE: {"content": "f4"}})
    return lines_of(Machine(described).lock(*locked).restore())


def with_words(entries: list[Entry], *changes: tuple[str, str]) -> list[Entry]:
    """The same log with other words."""
    text = json.dumps(entries)
    for old, new in changes:
        text = text.replace(old, new)
    changed: list[Entry] = json.loads(text)
    return changed


def at_reboot(entries: list[Entry]) -> list[Entry]:
    """The same log of a writer whose files wait for the restart where they cannot be replaced."""
    xml = ("RESTORE_IF_CAN_BE_REPLACED", "REPLACE_AT_REBOOT_IF_CANNOT_REPLACE")
    return with_words(entries, xml, ("RME_RESTORE_IF_CAN_REPLACE", "RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE"))


def test_a_set_that_is_given_up_and_not_staged_is_told_beside_a_shared_file() -> None:
    """Rule raricr-stage-all-if-one-blocked: each set has a file of its own that cannot be replaced."""
    given_up = two_sets(LAST, SPARE)
    assert rules_told(given_up) == set()
    assert rules_told(at_reboot(given_up)) == {"raricr-stage-all-if-one-blocked"}


def test_a_failure_with_nothing_left_is_told_beside_a_shared_file() -> None:
    """Rule frs-failed: the shared file was opened for the proof, and nothing more."""
    given_up = two_sets(LAST, SPARE)
    assert rules_told(with_words(given_up, ("VSS_RS_NONE", "VSS_RS_FAILED"))) == {"frs-failed"}


def test_it_is_none_where_the_shared_file_was_written() -> None:
    """The other set was restored, so that a file of this one is another than before, and the rest is not."""
    half = two_sets(LAST)
    assert rules_told(half) == set()
    assert rules_told(with_words(half, ("VSS_RS_NONE", "VSS_RS_FAILED"))) == set()


MAPS: Final = {
    "alternateLocationMappings": [
        {"path": "C:\\data", "filespec": f"f{n}", "destination": "C:\\alt"} for n in (1, 2, 3, 4)
    ]
}


def opened_after_all(entries: list[Entry]) -> list[Entry]:
    """The same log, where every file could be opened."""
    for number, entry in enumerate(entries):
        if entry.get("call") == "CreateFile" and entry.get("returns") == "ERROR_SHARING_VIOLATION":
            entry.update(returns="ERROR_SUCCESS", out={"hFile": f"h{number}", "lastError": "ERROR_ALREADY_EXISTS"})
    return entries


def test_a_mapping_that_is_not_needed_is_told_beside_a_shared_file() -> None:
    """Rule ricr-no-early-mapping: every file could be opened, the shared one, too."""
    moved = two_sets(LAST, SPARE, **MAPS)
    assert rules_told(moved) == set()
    assert "ricr-no-early-mapping" in rules_told(opened_after_all(moved))


def test_the_shared_file_may_be_what_the_mapping_is_needed_for() -> None:
    """It is in the way of both sets."""
    assert rules_told(two_sets("C:\\data\\f1", **MAPS)) == set()


def test_staging_that_is_not_needed_is_told_beside_a_shared_file() -> None:
    """Rule raricr-immediate: every file could be opened, the shared one, too."""
    described = writer("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", components=TWO)
    machine = Machine(world(described, files={SPARE: {"content": "f4"}})).lock(LAST, SPARE).restore()
    staged = lines_of(machine)
    assert rules_told(staged) == set()
    assert "raricr-immediate" in rules_told(opened_after_all(staged))


def beside_a_mapping_for_nothing(files: dict[str, Any]) -> list[Entry]:
    """A set that goes to its mapped place, which the mapping of a writer that takes no part names, too."""
    mapping = {"path": "C:\\data", "filespec": "*", "destination": "C:\\alt"}
    second = writer(
        "RESTORE_IF_CAN_REPLACE",
        name="Idle Writer",
        writerId=OTHER,
        components=[component("Idle", files=[files])],
        how={"writerRestore": "VSS_WRE_NEVER"},
        alternateLocationMappings=[mapping],
    )
    first = writer("RESTORE_IF_CAN_REPLACE", alternateLocationMappings=[mapping])
    machine = Machine(world(first, second, files={"C:\\idle\\i": {"content": "i"}})).lock(LAST)
    return lines_of(machine.restore(Request(wishes=(Wish(WRITER, "", "Database"),))))


def unrecorded(entries: list[Entry]) -> list[Entry]:
    """The log of somebody who records no mapping."""
    return [one for one in entries if not str(one.get("call")).endswith("::AddAlternativeLocationMapping")]


def test_a_mapping_of_others_that_leads_none_of_their_files_there_excuses_nothing() -> None:
    """Rule rm-reports-mapping: the other writer has no file that its mapping is for."""
    entries = beside_a_mapping_for_nothing({"path": "C:\\idle", "filespec": "*"})
    assert rules_told(entries) == set()
    assert rules_told(unrecorded(entries)) == {"rm-reports-mapping"}


def test_one_that_may_have_led_its_files_there_does() -> None:
    """It has the same files, which may have been restored for it."""
    assert rules_told(unrecorded(beside_a_mapping_for_nothing({"path": "C:\\data", "filespec": "*"}))) == set()


def of_a_service(*names: str) -> list[Entry]:
    """A restore of a writer that takes no part, whose method stops a service, beside one that does."""
    how = {"service": "Db", "writerRestore": "VSS_WRE_NEVER"}
    idle = component("Idle", files=[{"path": "C:\\idle", "filespec": "*"}])
    second = writer("STOP_RESTORE_START", name="Idle Writer", writerId=OTHER, components=[idle], how=how)
    described = world(
        writer("RESTORE_IF_CAN_REPLACE"),
        second,
        files={"C:\\idle\\i": {"content": "i"}},
        services=[{"name": "Db"}],
    )
    entries = lines_of(Machine(described).restore())
    return [one for one in entries if one.get("call") not in names]


def test_a_service_that_was_stopped_for_a_writer_that_takes_no_part_is_started_again() -> None:
    """Rule srs-restart-after-error: whoever stops a service starts it, whether the writer is selected or not."""
    assert rules_told(of_a_service()) == set()
    assert rules_told(of_a_service("StartService")) == {"srs-restart-after-error"}


PARTIAL: Final = {"on": "PostSnapshot", "addPartialFiles": [{"path": "C:\\more", "filename": "part", "ranges": "0:4"}]}


def with_a_new_partial_file(*, locked: bool = False) -> list[Entry]:
    """A set with a partial file that its writer named at backup, beside its file sets."""
    described = world(
        writer("RESTORE_IF_CAN_REPLACE", replies=[PARTIAL]), files={"C:\\more\\part": {"content": "some bytes"}}
    )
    return lines_of(Machine(described).lock(*["C:\\more\\part"] * locked).restore())


def test_a_partial_file_that_the_writer_named_is_one_of_the_set() -> None:
    """Rules ricr-one-locked-blocks, frs-all: it blocks the set, and is missed where it is forgotten."""
    assert rules_told(with_a_new_partial_file()) == set()
    assert rules_told(without_file(with_a_new_partial_file(), "C:\\more\\part")) == {"frs-all"}
    given_up = with_a_new_partial_file(locked=True)
    assert rules_told(given_up) == set()
    refused = next(number for number, one in enumerate(given_up) if one.get("returns") == "ERROR_SHARING_VIOLATION")
    handle = given_up[refused - 1]
    opened = next(one for one in reversed(given_up[:refused]) if one.get("call") == "CreateFile")
    del handle
    written = {
        "call": "WriteFile",
        "in": {"hFile": opened["out"]["hFile"], "content": "new"},
        "returns": "ERROR_SUCCESS",
    }
    assert "ricr-one-locked-blocks" in rules_told([*given_up[: refused + 1], written, *given_up[refused + 1 :]])


def test_a_component_of_which_nothing_was_put_back_is_missed() -> None:
    """Rule frs-all: the log shows how the files of another component were put back, and none of this one."""
    parts = [component("One", files=[SHARED]), component("Other", files=OWN[:1])]
    entries = lines_of(Machine(world(writer("RESTORE_IF_CAN_REPLACE", components=parts))).restore())
    assert rules_told(entries) == set()
    assert rules_told(without_file(entries, "C:\\data\\f2")) == {"frs-all"}
