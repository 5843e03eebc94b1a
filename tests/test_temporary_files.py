"""Temporary files in the folder of a component set, whose file set is a wildcard: they are none of the set.

The logs are written by hand (`logs_by_hand`): what a careful program does to replace files - it writes beside them, and
renames - is no breach of a restore method, and what it does to the files themselves is.
Page: https://learn.microsoft.com/windows/win32/api/vswriter/ne-vswriter-vss_restoremethod_enum
"""

from collections.abc import Callable
from typing import Final

import pytest

from tests.logs_by_hand import LOCKED, MAPPED, MAPPING, NAMES, ORIGINALS, SERVICE, Log
from tests.support import check
from vss_sim.judge.findings import Finding, Level

FIRST, SECOND, THIRD = ORIGINALS
TEMPORARY: Final = tuple(path + ".tmp" for path in ORIGINALS)
EXISTS: Final = "ERROR_ALREADY_EXISTS"


def ready(method: str = "RESTORE_IF_NOT_THERE", *specs: str) -> Log:
    """Everything is ready for the files, and no file of the set is there."""
    log = Log().to(method, specs=specs or ("*",))
    for path in ORIGINALS:
        log.look(path, "ERROR_FILE_NOT_FOUND")
    return log


def moved(log: Log, source: str, to: str, returns: str, flags: int = 0) -> Log:
    """MoveFileEx with an answer."""
    given = {"lpExistingFileName": source, "lpNewFileName": to, "dwFlags": flags}
    return log.line("MoveFileExW", returns=returns, given=given)


def renamed(log: Log, *, existed: bool = False, flags: int = 0) -> Log:
    """Every file is written beside its place, over what may be there, and renamed to it."""
    for temporary, path in zip(TEMPORARY, ORIGINALS, strict=True):
        log.put(temporary, existed=existed).move(temporary, path, flags)
    return log


def copied(log: Log) -> Log:
    """Every file is written beside its place, copied to it, and removed."""
    for temporary, path in zip(TEMPORARY, ORIGINALS, strict=True):
        given = {"lpExistingFileName": temporary, "lpNewFileName": path, "bFailIfExists": True}
        log.put(temporary, existed=True).line("CopyFileW", returns="ERROR_SUCCESS", given=given).delete(temporary)
    return log


def mapped_and_renamed() -> Log:
    """A file is there; all go to the mapped places, beside which parts of an earlier run lie."""
    log = Log().to("RESTORE_IF_NOT_THERE", MAPPING).look(FIRST)
    for path in MAPPED:
        log.put(path + ".part", existed=True).move(path + ".part", path)
    return log


def mapped_after_all() -> Log:
    """All lie beside their places, one of which is taken; all are copied to the mapped places, and removed."""
    log = Log().to("RESTORE_IF_NOT_THERE", MAPPING).put(*TEMPORARY)
    moved(log, TEMPORARY[0], FIRST, EXISTS)
    for temporary, path in zip(TEMPORARY, MAPPED, strict=True):
        given = {"lpExistingFileName": temporary, "lpNewFileName": path, "bFailIfExists": True}
        log.line("CopyFileW", returns="ERROR_SUCCESS", given=given).delete(temporary)
    return log


def renamed_while_stopped(log: Log) -> Log:
    """What lies beside its place is renamed to it, and the service started."""
    for temporary, path in zip(TEMPORARY, ORIGINALS, strict=True):
        log.move(temporary, path, 1)
    return log.start()


def second_is_in_use(method: str, *specs: str) -> Log:
    """One file is copied aside and replaced, and the next one is in use: what was new goes back beside its place."""
    log = Log().to(method, specs=specs or ("*",)).put(*TEMPORARY, how="CREATE_NEW").copy(FIRST, FIRST + ".bak")
    moved(log.move(TEMPORARY[0], FIRST, 1), TEMPORARY[1], SECOND, LOCKED, 1)
    return log.move(FIRST, TEMPORARY[0]).move(FIRST + ".bak", FIRST)


def staged_beside(log: Log) -> Log:
    """All that lies beside its place is moved there at the restart."""
    for temporary, path in zip(TEMPORARY, ORIGINALS, strict=True):
        log.move(temporary, path, 5)
    return log


def in_use_for_a_while() -> Log:
    """All lie beside their places, the first of which is in use when it is tried first."""
    log = Log().to("RESTORE_IF_CAN_REPLACE").put(*TEMPORARY, how="CREATE_NEW")
    moved(log, TEMPORARY[0], FIRST, LOCKED, 1)
    for temporary, path in zip(TEMPORARY, ORIGINALS, strict=True):
        log.move(temporary, path, 1)
    return log


def one_is_there(*mappings: tuple[str, str, bool, str]) -> Log:
    """IF_NOT_THERE: the proof makes a file that goes as it is closed, and meets one that is there."""
    log = Log().to("RESTORE_IF_NOT_THERE", *mappings)
    handle = log.open(FIRST, "CREATE_NEW")
    log.entries[-1]["in"]["dwFlagsAndAttributes"] = "FILE_FLAG_DELETE_ON_CLOSE"
    log.open(SECOND, "CREATE_NEW", "ERROR_FILE_EXISTS")
    return log.close(handle)


def one_is_in_use() -> Log:
    """IF_CAN_REPLACE: all lie beside their places, none can be renamed, and all are removed again."""
    log = Log().to("RESTORE_IF_CAN_REPLACE").put(*TEMPORARY)
    moved(log, TEMPORARY[0], FIRST, LOCKED, 1)
    return log.delete(TEMPORARY[0]).delete(TEMPORARY[1]).delete(TEMPORARY[2])


def found(log: Log) -> list[Finding]:
    """What is said of the log."""
    return list(check(log.entries).findings)


GOOD: Final[dict[str, Callable[[], Log]]] = {
    "renamed": lambda: renamed(ready()).tell().end(),
    "renamed, and left from an earlier run": lambda: renamed(ready(), existed=True).tell().end(),
    "renamed, of named files": lambda: (
        renamed(ready("RESTORE_IF_NOT_THERE", "shop.mdb", "shop.ldb", "idx.dat")).tell().end()
    ),
    "copied, and left from an earlier run": lambda: copied(ready()).tell().end(),
    "renamed over what can be replaced": lambda: renamed(Log().to("RESTORE_IF_CAN_REPLACE"), flags=1).tell().end(),
    "given up since one is there": lambda: (
        moved(ready().put(TEMPORARY[0], existed=True), TEMPORARY[0], FIRST, EXISTS)
        .delete(TEMPORARY[0])
        .tell("NONE")
        .end()
    ),
    "renamed at the mapped places": lambda: mapped_and_renamed().record().tell().end(),
    "mapped since one is there": lambda: mapped_after_all().record().tell().end(),
    "written before the service is stopped": lambda: (
        renamed_while_stopped(Log().to("STOP_RESTORE_START", service=SERVICE).put(*TEMPORARY).stop()).tell().end()
    ),
    "written while the service runs": lambda: (
        renamed_while_stopped(Log().to("STOP_RESTORE_START", service=SERVICE).start().put(*TEMPORARY).stop())
        .tell()
        .end()
    ),
    "staged since the second is in use": lambda: (
        staged_beside(second_is_in_use("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE")).tell().end().boot()
    ),
    "staged, of named files": lambda: (
        staged_beside(second_is_in_use("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", *NAMES)).tell().end().boot()
    ),
    "given up since the second is in use": lambda: (
        second_is_in_use("RESTORE_IF_CAN_REPLACE", *NAMES).delete(TEMPORARY[0]).tell("NONE").end()
    ),
    "tried again": lambda: in_use_for_a_while().tell().end(),
    "given up, and gone with its handle": lambda: one_is_there().tell("NONE").end(),
    "mapped, and gone with its handle": lambda: (
        one_is_there(MAPPING).prove_and_put(*MAPPED, how="CREATE_NEW").record().tell().end()
    ),
    "given up since one is in use": lambda: one_is_in_use().tell("NONE").end(),
}


@pytest.mark.parametrize("name", GOOD)
def test_a_temporary_file_is_none_of_the_set(name: str) -> None:
    """Rules rint-never-overwrite-original, rm-preflight-create-new, rm-preflight-whole: nothing is said."""
    assert found(GOOD[name]()) == []


def test_a_file_that_was_replaced_before_another_could_not_be_is_found() -> None:
    """Rule rm-preflight-whole: one is renamed over its place, and the next one cannot be."""
    log = Log().to("RESTORE_IF_CAN_REPLACE").put(*TEMPORARY).move(TEMPORARY[0], FIRST, 1)
    moved(log, TEMPORARY[1], SECOND, LOCKED, 1).delete(TEMPORARY[1]).delete(TEMPORARY[2])
    assert "rm-preflight-whole" in {one.rule for one in found(log.delete(FIRST).tell("NONE").end())}


def test_a_file_that_stays_is_one_of_the_set() -> None:
    """Rule rint-never-overwrite-original: it was there, matches the file set, and is renamed to nothing."""
    log = ready().put(TEMPORARY[0], existed=True).tell().end()
    (error,) = (one for one in found(log) if one.level is Level.ERROR)
    assert (error.rule, TEMPORARY[0] in error.says) == ("rint-never-overwrite-original", True)


def test_a_file_at_a_mapped_place_that_stays_is_one_of_the_set() -> None:
    """Rule rint-mapping-target-free: it was there, and is renamed to nothing."""
    log = Log().to("RESTORE_IF_NOT_THERE", MAPPING).look(FIRST).put(MAPPED[0] + ".part", existed=True)
    assert "rint-mapping-target-free" in {one.rule for one in found(log.record().tell().end())}


def test_a_file_that_a_set_names_is_no_temporary_one() -> None:
    """The writer named it, so that it is overwritten although it is renamed."""
    log = ready("RESTORE_IF_NOT_THERE", "shop.mdb", "shop.mdb.tmp")
    log.put(TEMPORARY[0], existed=True).move(TEMPORARY[0], FIRST)
    assert "rint-never-overwrite-original" in {one.rule for one in found(log.tell().end())}


def test_what_is_renamed_over_a_file_overwrites_it() -> None:
    """The temporary file is none of the set, and the one that it is renamed over is."""
    log = Log().to("RESTORE_IF_NOT_THERE").look(FIRST).put(TEMPORARY[0]).move(TEMPORARY[0], FIRST, 1)
    (error,) = (one for one in found(log.tell().end()) if one.level is Level.ERROR)
    assert (error.rule, f"({FIRST}," in error.says) == ("rint-never-overwrite-original", True)


def test_many_temporary_files_hide_none_of_the_set() -> None:
    """Past what is remembered, too; the first file that is none is told."""
    log = Log().to("RESTORE_IF_NOT_THERE")
    for number in range(100):
        log.put(f"{FIRST}{number}.tmp", existed=True)
    for number in range(100):
        log.move(f"{FIRST}{number}.tmp", f"{FIRST}{number}")
    log.put(SECOND, existed=True)
    (error,) = (one for one in found(log.tell().end()) if one.level is Level.ERROR)
    assert SECOND in error.says


def test_without_an_end_what_was_held_back_is_said() -> None:
    """The log breaks off before any status, and nothing was renamed."""
    log = Log().to("RESTORE_IF_NOT_THERE").put(FIRST, existed=True)
    assert "rint-never-overwrite-original" in {one.rule for one in found(log)}


def test_what_goes_with_its_handle_is_there_until_it_is_closed() -> None:
    """Rule rm-preflight-undo-placeholders: the handle is never closed, or closed in vain."""
    for returns in ("ERROR_INVALID_HANDLE", None):
        log = one_is_there()
        closing = log.entries.pop()
        log.entries += [{**closing, "returns": returns}] if returns else []
        assert "rm-preflight-undo-placeholders" in {one.rule for one in found(log.tell("NONE").end())}
