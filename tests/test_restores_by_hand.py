"""Restores that somebody recorded and brings to `vss-sim check`: each typical mistake is found at its line.

The logs are written by hand (`logs_by_hand`). A good one, by each method, gives no finding at all.
"""

from collections.abc import Callable
from typing import Final

import pytest

from tests.logs_by_hand import DONE, FAR, HOME, LIVE, MAPPED, MAPPING, NAMES, ORIGINALS, WRITER, Log
from tests.restores_gone_astray import DIRECTED, F_NEW, blocked, leaves_nothing_out_of_the_new_target, renewed, staged
from tests.restores_gone_wrong import (
    FIRST,
    MISTAKES,
    cannot_be_rolled_back,
    cannot_register,
    makes_bare_files_at_mapped_places,
    overwrites,
    staged_at_home,
    stages_by_the_name_of_a_volume,
    written_and_removed,
)
from tests.support import Entry, check
from vss_sim.documents.world_file import read_world
from vss_sim.documents.writer_metadata import write_writer_metadata
from vss_sim.judge.findings import Level
from vss_sim.spec.table import Profile


@pytest.mark.parametrize(
    ("made", "rule", "call", "which", "names"), MISTAKES, ids=lambda one: getattr(one, "__name__", "")
)
def test_a_mistake_is_found_where_it_is_made(
    made: Callable[[], Log], rule: str, call: str, which: int, names: str
) -> None:
    """With its rule, its line, and the file or component that it is about."""
    entries = made().entries
    lines = [number for number, entry in enumerate(entries, 2) if str(entry.get("call")).rpartition("::")[2] == call]
    found = [one for one in check(entries).findings if rule in (one.rule, *one.also)]
    assert [(one.line, names in one.says) for one in found[:1]] == [(lines[which], True)], found


def copied(flags: object) -> Log:
    """IF_NOT_THERE, and the files are copied by CopyFileEx."""
    log = Log().to("RESTORE_IF_NOT_THERE")
    for name, path in zip(NAMES, ORIGINALS, strict=True):
        given = {"lpExistingFileName": "E:\\saved\\" + name, "lpNewFileName": path, "dwCopyFlags": flags}
        log.line("CopyFileExW", returns=DONE, given=given)
    return log


def found(log: Log, call: str = "FindFirstFileExW") -> Log:
    """The first file is there, as a function tells that .NET and listings call."""
    return log.line(call, returns=DONE, given={"lpFileName": FIRST})


GOOD: Final[dict[str, Callable[[], Log]]] = {
    "if not there": lambda: Log().to("RESTORE_IF_NOT_THERE").prove_and_put(*ORIGINALS, how="CREATE_NEW").tell().end(),
    "if not there, mapped": lambda: (
        Log()
        .to("RESTORE_IF_NOT_THERE", MAPPING)
        .look(FIRST)
        .prove_and_put(*MAPPED, how="CREATE_NEW")
        .record()
        .tell()
        .end()
    ),
    "if can replace": lambda: Log().to("RESTORE_IF_CAN_REPLACE").prove_and_put(*ORIGINALS).tell().end(),
    "if can replace, one by one": lambda: Log().to("RESTORE_IF_CAN_REPLACE").put(*ORIGINALS).tell().end(),
    "if can replace, blocked": lambda: blocked(Log().to("RESTORE_IF_CAN_REPLACE")).tell("NONE").end(),
    "if not there, copied where none is": lambda: copied("COPY_FILE_FAIL_IF_EXISTS").tell().end(),
    "if not there, mapped since it was found": lambda: (
        found(Log().to("RESTORE_IF_NOT_THERE", MAPPING).look(ORIGINALS[1], "ERROR_FILE_NOT_FOUND"))
        .prove_and_put(*MAPPED, how="CREATE_NEW")
        .record()
        .tell()
        .end()
    ),
    "stop, restore, start": lambda: (
        Log().to("STOP_RESTORE_START", service="ShopSvc").stop().prove_and_put(*ORIGINALS).start().tell().end()
    ),
    "to alternate location": lambda: (
        Log()
        .to("RESTORE_TO_ALTERNATE_LOCATION", MAPPING)
        .prove_and_put(*MAPPED, how="CREATE_NEW")
        .record()
        .tell()
        .end()
    ),
    "to alternate location, without bytes": lambda: makes_bare_files_at_mapped_places().record().tell().end(),
    "at reboot": lambda: staged(Log().to("RESTORE_AT_REBOOT", reboot=True), "C:\\stage\\").tell().end().boot(),
    "at reboot, by the name of a volume": stages_by_the_name_of_a_volume,
    "at reboot, beside": lambda: staged(Log().to("RESTORE_AT_REBOOT"), HOME + "~").tell().end().boot(),
    "at reboot if it must be, now": lambda: (
        Log().to("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE").prove_and_put(*ORIGINALS).tell().end()
    ),
    "at reboot if it must be": lambda: (
        staged(blocked(Log().to("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE")), "C:\\stage\\").tell().end().boot()
    ),
    "at reboot since it cannot be rolled back": lambda: (
        staged(cannot_be_rolled_back("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE"), "C:\\stage\\").tell().end().boot()
    ),
    "given up, and corrupt": lambda: cannot_be_rolled_back("RESTORE_IF_CAN_REPLACE").tell("FAILED").end(),
    "mapped after all was taken back": lambda: (
        written_and_removed().prove_and_put(*MAPPED, how="CREATE_NEW").record().tell().end()
    ),
    "custom": lambda: (
        Log()
        .begin()
        .load("VSS_RME_CUSTOM", takes_part="VSS_WRE_NEVER")
        .gather()
        .stop()
        .put(*ORIGINALS)
        .start()
        .line("IUnknown::Release", "bc", None)
    ),
    "renamed into its place": lambda: staged_at_home("RESTORE_IF_CAN_REPLACE", NAMES[0], "*.tmp"),
    "no right to move at the restart": lambda: cannot_register().tell("NONE").end(),
    "new target, tried again": lambda: leaves_nothing_out_of_the_new_target().tell().end(),
    "restore, stop, start": lambda: (
        Log().to("RESTORE_STOP_START", service="ShopSvc").prove_and_put(*ORIGINALS).tell().end(service=True)
    ),
    "new target": lambda: renewed("RESTORE_AT_REBOOT").put(*("F:\\new\\" + name for name in NAMES)).tell().end(),
    "directed": lambda: (
        Log()
        .to("RESTORE_IF_CAN_REPLACE", target="VSS_RT_DIRECTED", directed=(DIRECTED,), specs=NAMES)
        .put(F_NEW, *ORIGINALS[1:])
        .tell()
        .end()
    ),
    "stopped twice": lambda: (
        Log()
        .to("STOP_RESTORE_START", service="ShopSvc")
        .stop()
        .put(FIRST)
        .start()
        .stop()
        .put(*ORIGINALS[1:])
        .start()
        .tell()
        .end()
    ),
    "undefined": lambda: Log().to("UNDEFINED").tell("NONE").end(),
    "original location": lambda: (
        Log()
        .to("RESTORE_TO_ALTERNATE_LOCATION", MAPPING, target="VSS_RT_ORIGINAL_LOCATION")
        .put(*ORIGINALS)
        .tell()
        .end()
    ),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_good_restore_is_left_alone(name: str) -> None:
    """Neither an error, nor a warning, nor a note."""
    assert check(GOOD[name]().entries).findings == ()


def test_a_copy_says_by_a_flag_that_it_takes_no_place() -> None:
    """Rule rm-preflight-create-new: CopyFileEx without COPY_FILE_FAIL_IF_EXISTS takes the place of what is there."""
    for flags in (0, None, "COPY_FILE_RESTARTABLE", 2):
        assert rules_of(copied(flags).tell().end().entries) == [("rm-preflight-create-new", Level.INFO)]
    for flags in (1, "0x1", "COPY_FILE_RESTARTABLE|COPY_FILE_FAIL_IF_EXISTS"):
        assert rules_of(copied(flags).tell().end().entries) == []


@pytest.mark.parametrize("call", ["FindFirstFileExW", "GetFileAttributesExW", "GetFileAttributesA"])
def test_a_file_that_was_seen_is_overwritten(call: str) -> None:
    """Rule rint-never-overwrite-original: by whichever function it was seen."""
    log = found(Log().to("RESTORE_IF_NOT_THERE"), call).put(*ORIGINALS).tell().end()
    assert ("rint-never-overwrite-original", Level.ERROR) in rules_of(log.entries)
    assert "log-unknown-name" not in {rule for rule, _ in rules_of(log.entries)}


def test_where_the_pages_leave_the_target_of_a_restart_open_nothing_is_held_against_anybody() -> None:
    """Dispute C09: AT_REBOOT, and the writer sets a target; the files wait all the same, or are written at once."""
    waits = staged(Log().to("RESTORE_AT_REBOOT", MAPPING, target="VSS_RT_ALTERNATE"), "C:\\stage\\")
    now = Log().to("RESTORE_AT_REBOOT", target="VSS_RT_ORIGINAL_LOCATION").put(*ORIGINALS, existed=True)
    for log in (waits, now):
        assert rules_of(log.tell().end().boot().entries) == [("rar-target-immune", Level.INFO)]


@pytest.mark.parametrize("how", ["CreateFileW", "CopyFileW", "MoveFileExW"])
def test_what_succeeds_only_where_no_file_is_overwrites_none(how: str) -> None:
    """Rule rint-never-overwrite-original: a file that was in the way is gone, whoever took it away."""
    log = Log().to("RESTORE_IF_NOT_THERE").look(FIRST)
    if how == "CreateFileW":
        log.put(FIRST, how="CREATE_NEW")
    elif how == "CopyFileW":
        given = {"lpExistingFileName": "E:\\saved\\0", "lpNewFileName": FIRST, "bFailIfExists": True}
        log.line(how, returns=DONE, given=given)
    else:
        log.move("C:\\stage\\0", FIRST)
    log.put(*ORIGINALS[1:], how="CREATE_NEW")
    assert rules_of(log.tell().end().entries) == []


def test_a_file_is_lost_once() -> None:
    """What is overwritten as it is opened is not reported again for the bytes that follow."""
    log = Log().to("RESTORE_AT_REBOOT").put(*ORIGINALS, existed=True).tell().end().boot()
    assert rules_of(log.entries) == [("rar-final-untouched", Level.ERROR)]


MAIL: Final = "{B2014C9E-8711-4C5C-A5A9-3CF384484758}"


def dependent() -> Log:
    """W28: what is selected depends on a component of another writer, which runs."""
    log = Log().begin().load("VSS_RME_RESTORE_IF_CAN_REPLACE", depends_on=MAIL).gather().also_runs(MAIL)
    return log.select()


def test_what_a_component_depends_on_is_selected_with_it() -> None:
    """W28: rules dep-both and dep-drop-together."""
    alone = check(dependent().pre_restore().entries).findings
    (warning,) = (one for one in alone if one.level is Level.WARNING)
    assert (warning.rule, warning.also) == ("dep-both", ("dep-drop-together",))
    assert warning.says.startswith("the component 'ShopDB' depends on 'Mail'")  # as their writers wrote them
    both = check(dependent().select(MAIL, "Mail").pre_restore().entries).findings
    assert [one.rule for one in both if one.level is Level.WARNING] == []


def without(log: Log, *calls: str) -> list[Entry]:
    """The log of somebody who did not record these calls."""
    return [entry for entry in log.entries if not str(entry.get("call")).endswith(calls)]


def rules_of(entries: list[Entry], world: object = None) -> list[tuple[str, Level]]:
    """The rules of the findings, and how grave they are."""
    return [(one.rule, one.level) for one in check(entries, world=world).findings]


def test_what_the_log_does_not_show_is_said() -> None:
    """Without the restore target, or the method, the files are not judged, which is worth knowing."""
    assert rules_of(without(overwrites(), "::GetRestoreTarget")) == [("rt-read-late", Level.INFO)]
    assert rules_of(without(overwrites(), "::GetRestoreMethod")) == [("rm-respect-stored", Level.INFO)]


def test_a_target_that_is_not_found_is_the_original_one() -> None:
    """Rule restore-target-default-original: by the page of GetRestoreTarget nothing is found where no writer set one.

    On Windows it hands out the default; either way it is known where the files may go.
    """
    entries = overwrites().entries
    (place,) = (place for place, one in enumerate(entries) if str(one.get("call")).endswith("::GetRestoreTarget"))
    nothing = {**entries[place], "returns": "VSS_E_OBJECT_NOT_FOUND"}
    del nothing["out"]
    by_page = [*entries[:place], nothing, *entries[place + 1 :]]
    found = [(one.rule, one.level) for one in check(by_page, Profile.DOCUMENTED).findings]
    assert found == rules_of(entries) == [("rint-never-overwrite-original", Level.ERROR)]
    refused = [*entries[:place], {**nothing, "returns": "VSS_E_INVALID_XML_DOCUMENT"}, *entries[place + 1 :]]
    assert "rt-read-late" in [one.rule for one in check(refused, Profile.DOCUMENTED).findings]


def test_a_world_or_the_text_of_the_document_stands_for_what_was_not_read() -> None:
    """The method is known where the header describes the writer, or a line has the stored metadata as XML."""
    described = {
        "name": "Shop Writer",
        "writerId": WRITER,
        "instanceId": LIVE,
        "restoreMethod": {"method": "VSS_RME_RESTORE_IF_NOT_THERE"},
        "components": [{"name": "ShopDB", "files": [{"path": HOME[:-1], "filespec": "*"}]}],
    }
    machine = {"name": "one", "volumes": [{"name": "C:\\"}], "writers": [described]}
    entries = without(overwrites(), "::GetRestoreMethod")
    assert rules_of(entries, {"machines": [machine]})[0] == ("rint-never-overwrite-original", Level.ERROR)
    reads = ("GetRestoreMethod", "GetFileCounts", "::GetFile", "GetPath", "GetFilespec", "GetComponentInfo")
    entries = without(overwrites(), *reads)
    text = write_writer_metadata(read_world({"machines": [machine]}).machines[0].writers[0])
    for entry in entries:
        if entry.get("call") == "CreateVssExamineWriterMetadata":
            entry["in"] = {"bstrXML": text}
    assert rules_of(entries)[0] == ("rint-never-overwrite-original", Level.ERROR)
    assert FAR not in text


def test_a_mounted_volume_is_another_one() -> None:
    """Rule rar-same-volume: the drive is the same, and the world in the header tells of the volume mounted there."""
    log = staged(Log().to("RESTORE_AT_REBOOT"), "C:\\stage\\").tell().end().boot()
    assert check(log.entries).findings == ()
    volumes = [{"name": "C:\\"}, {"name": HOME}]
    found = rules_of(log.entries, {"machines": [{"name": "one", "volumes": volumes}]})
    assert ("rar-same-volume", Level.ERROR) in found
