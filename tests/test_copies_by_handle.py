"""Originals that are copied aside byte by byte, and come back so: ReadFile and WriteFile do what CopyFile does.

The logs are written by hand (`logs_by_hand`). Which bytes were written, no log shows: where they may be those of a copy
aside, nothing is said; who leaves a set half restored, or restores without a proof and without copies, is told.
Pages: https://learn.microsoft.com/windows/win32/api/vswriter/ne-vswriter-vss_restoremethod_enum and
https://learn.microsoft.com/windows/win32/api/fileapi/nf-fileapi-readfile
"""

from typing import Any, Final

import pytest

from tests.copies_by_handle import (
    ASIDE,
    BESIDE,
    FIRST,
    SECOND,
    THIRD,
    Copying,
    aside,
    back,
    found,
    ready,
    rules,
    second_fails,
)
from tests.logs_by_hand import DONE, LOCKED, MAPPED, MAPPING, NAMES, ORIGINALS, Log

SET: Final = "D:\\backups\\shop.bkf"


@pytest.mark.parametrize("copy", ["stream", "whole"])
@pytest.mark.parametrize("places", [ASIDE, BESIDE], ids=["elsewhere", "beside"])
@pytest.mark.parametrize("specs", [("*",), NAMES], ids=["wild", "named"])
@pytest.mark.parametrize("by_streams", [False, True], ids=["ReadFile", "BackupRead"])
@pytest.mark.parametrize("sizes", [True, False])
def test_what_comes_back_was_copied_aside(copy: str, places: Any, specs: Any, by_streams: bool, sizes: bool) -> None:
    """Rules rm-fallback-copy-aside, rm-fallback-rollback: all is as it was, and the status says so."""
    log = ready(specs=specs)
    log.by_streams, log.sizes = by_streams, sizes
    log = back(second_fails(aside(log, places, copy)), places[0], copy)
    for place in places[1:]:
        log.delete(place)
    assert found(log.tell("NONE").end()) == []


def all_at_once(log: Copying) -> Copying:
    """All originals are read, and then all are copied aside from memory."""
    for path in ORIGINALS:
        handle = log.reading(path)
        log.read(handle).close(handle)
    log.put(*ASIDE, how="CREATE_NEW")
    second_fails(log)
    for place in ASIDE:
        handle = log.reading(place)
        log.read(handle).close(handle)
    log.put(FIRST, existed=True)
    return log


def in_one_file(log: Copying) -> Copying:
    """All originals go to one file, and the first comes back from there."""
    handle = log.open("D:\\aside\\all.tar", "CREATE_NEW")
    for path in ORIGINALS:
        source = log.reading(path)
        log.write(handle).read(source).write(handle).close(source)
    log.close(handle)
    second_fails(log)
    log.stream("D:\\aside\\all.tar", FIRST, existed=True).delete("D:\\aside\\all.tar")
    return log


def without_readings(log: Log) -> Log:
    """The recorder has no line for ReadFile."""
    log.entries = [entry for entry in log.entries if entry.get("call") != "ReadFile"]
    return log


def target_first(log: Copying) -> Copying:
    """What comes back is emptied before its copy is opened."""
    second_fails(aside(log))
    handle = log.open(FIRST, "CREATE_ALWAYS", existed=True)
    source = log.reading(ASIDE[0])
    log.read(source).write(handle).close(source, handle)
    return log


def by_the_same_handle(log: Copying) -> Copying:
    """All are open for the proof; the second cannot be written, and the first is written back through its handle."""
    for path, place in zip(ORIGINALS, ASIDE, strict=True):
        log.stream(path, place, "CREATE_NEW")
    first, second = log.open(FIRST), log.open(SECOND)
    log.write(first).write(second)
    log.entries[-1].update(returns="ERROR_DISK_FULL", out={})
    source = log.reading(ASIDE[0])
    given = {"hFile": first, "liDistanceToMove": 0, "dwMoveMethod": 0}
    log.line("SetFilePointerEx", None, DONE, given=given, gives={"lpNewFilePointer": 0})
    log.read(source).write(first).write(first)
    log.close(source, first, second)
    return log


def deleted_before(log: Copying) -> Copying:
    """What was restored is deleted before the original comes back."""
    second_fails(aside(log)).delete(FIRST)
    log.stream(ASIDE[0], FIRST, "CREATE_NEW")
    return log


def moved_back(log: Copying) -> Copying:
    """The copies are made by handles, and the first takes the place of what was restored."""
    second_fails(aside(log)).move(ASIDE[0], FIRST, 3)
    return log


def renamed_aside(log: Copying) -> Copying:
    """The original is renamed, and comes back by handles."""
    log.move(FIRST, FIRST + ".old").put(FIRST, how="CREATE_NEW").open(SECOND, "CREATE_ALWAYS", LOCKED)
    return back(log, FIRST + ".old")


def verified(log: Copying) -> Copying:
    """Every copy is read again before anything is restored."""
    aside(log)
    for place in ASIDE:
        handle = log.reading(place)
        log.read(handle).close(handle)
    return back(second_fails(log))


def by_threads(log: Copying) -> Copying:
    """Two threads copy at the same time, each its own file."""
    other = Copying()
    other._made = 1000
    start = len(log.entries)
    log.stream(FIRST, ASIDE[0], "CREATE_NEW")
    other.stream(SECOND, ASIDE[1], "CREATE_NEW")
    mine = log.entries[start:]
    log.entries[start:] = [
        {**entry, "thread": thread}
        for both in zip(mine, other.entries, strict=True)
        for thread, entry in enumerate(both, 1)
    ]
    return back(second_fails(log))


def early(log: Copying) -> Copying:
    """The copies are made before PreRestore."""
    del log
    made = Copying()
    made.begin().load("VSS_RME_RESTORE_IF_CAN_REPLACE").gather().select()
    aside(made).pre_restore().read_target()
    return back(second_fails(made))


def early_by_name(log: Copying) -> Copying:
    """The copies are made by CopyFile, before PreRestore."""
    del log
    made = Copying()
    made.begin().load("VSS_RME_RESTORE_IF_CAN_REPLACE").gather().select()
    for path, place in zip(ORIGINALS, ASIDE, strict=True):
        made.copy(path, place)
    made.pre_restore().read_target()
    second_fails(made).copy(ASIDE[0], FIRST)
    return made


GIVEN_UP: Final = {
    made.__name__: made
    for made in (
        *(all_at_once, in_one_file, target_first, by_the_same_handle, deleted_before, moved_back, renamed_aside),
        *(verified, by_threads, early, early_by_name),
    )
}


@pytest.mark.parametrize("name", GIVEN_UP)
def test_however_it_was_copied_it_comes_back(name: str) -> None:
    """Rules frs-none, rm-nothing-touched-on-block: nothing of the set is left restored."""
    assert found(GIVEN_UP[name](ready()).tell("NONE").end()) == []


@pytest.mark.parametrize("places", [ASIDE, BESIDE], ids=["elsewhere", "beside"])
def test_a_log_without_readings_shows_what_was_open(places: Any) -> None:
    """A file that is open for reading only may be what is written."""
    log = back(second_fails(aside(ready(), places)), places[0])
    for place in places[1:]:
        log.delete(place)
    assert found(without_readings(log).tell("NONE").end()) == []


def test_the_mapped_places_are_used_once_all_is_back() -> None:
    """Rule rm-fallback-rollback: the originals come back, and the mapping branch follows."""
    log = back(second_fails(aside(ready("RESTORE_IF_CAN_REPLACE", MAPPING))))
    assert found(log.prove_and_put(*MAPPED, how="CREATE_NEW").record().tell().end()) == []


def test_what_was_retried_is_whole() -> None:
    """Rule rm-preflight-whole: the second file can be written later; copies of all lie aside."""
    log = second_fails(aside(ready()))
    assert found(log.put(*ORIGINALS[1:], existed=True).tell().end()) == []


@pytest.mark.parametrize("places", [ASIDE, BESIDE], ids=["elsewhere", "beside"])
def test_a_restore_that_succeeds_removes_its_copies(places: Any) -> None:
    """All files are restored, from a file that is read by handle, and the copies go."""
    log = aside(ready(), places)
    for path in ORIGINALS:
        log.stream(SET, path, existed=True)
    for place in places:
        log.delete(place)
    assert found(log.tell().end()) == []


@pytest.mark.parametrize("target_is_first", [True, False])
def test_what_cannot_come_back_is_told(*, target_is_first: bool) -> None:
    """Rule frs-failed: somebody took the restored file, so that its original stays aside, as the status says."""
    log = second_fails(aside(ready()))
    if target_is_first:
        log.open(FIRST, "CREATE_ALWAYS", LOCKED)
    log.reading(ASIDE[0])
    if not target_is_first:
        log.open(FIRST, "CREATE_ALWAYS", LOCKED)
    assert found(log.tell("FAILED").end()) == []


def test_what_was_at_a_new_target_comes_back() -> None:
    """Rule frs-none: the first file goes to its new target, and what was there comes back."""
    log = Copying()
    log.begin().load("VSS_RME_RESTORE_IF_CAN_REPLACE").gather().select().new_target("F:\\new")
    log.pre_restore().read_target()
    new = "F:\\new\\" + NAMES[0]
    log.stream(new, ASIDE[0]).put(new, existed=True).open("F:\\new\\" + NAMES[1], "CREATE_ALWAYS", LOCKED)
    log.stream(ASIDE[0], new, existed=True)
    assert found(log.tell("NONE").end()) == []


HALF: Final = {"frs-none", "rm-nothing-touched-on-block"}


def test_a_half_restored_set_is_found_though_copies_lie_aside() -> None:
    """Rules frs-none, rm-nothing-touched-on-block: nothing was put back."""
    assert rules(second_fails(aside(ready())).tell("NONE").end()) == HALF


def test_a_restore_from_a_file_that_is_read_is_no_putting_back() -> None:
    """Rule rm-preflight-whole: the backup is read by handle, and the first file is written before the second fails."""
    log = ready().stream(SET, FIRST, existed=True)
    log.open(SECOND, "CREATE_ALWAYS", LOCKED)
    log.stream(SET, FIRST, existed=True)
    assert rules(log.tell("NONE").end()) >= {*HALF, "rm-preflight-whole"}


@pytest.mark.parametrize("source", [SET, ASIDE[1]])
def test_other_bytes_do_not_put_an_original_back(source: str) -> None:
    """Rule rm-nothing-touched-on-block: copies lie aside, and the first file gets other bytes."""
    log = second_fails(aside(ready())).stream(source, FIRST, existed=True)
    assert rules(log.tell("NONE").end()) >= HALF


def test_a_copy_of_what_was_restored_is_no_original() -> None:
    """Rule rm-nothing-touched-on-block: the first file is copied after it was restored."""
    log = second_fails(ready()).stream(FIRST, ASIDE[0], "CREATE_NEW").stream(ASIDE[0], FIRST, existed=True)
    assert rules(log.tell("NONE").end()) >= HALF


def test_what_was_read_before_the_restore_is_not_put_back_by_it() -> None:
    """Rule rm-nothing-touched-on-block: each copy is read again, and then the files are restored from elsewhere."""
    log = aside(ready())
    for place in ASIDE:
        handle = log.reading(place)
        log.read(handle).close(handle)
    log.put(THIRD, existed=True).open(SECOND, "CREATE_ALWAYS", LOCKED)
    assert rules(log.tell("NONE").end()) == HALF


def test_one_file_that_does_not_come_back_is_found() -> None:
    """Rule rm-nothing-touched-on-block: two files were restored, and one comes back."""
    log = aside(ready())
    log.put(FIRST, SECOND, existed=True).open(THIRD, "CREATE_ALWAYS", LOCKED)
    assert rules(back(log).tell("NONE").end()) == HALF


def test_a_file_restored_after_all_is_no_longer_the_original() -> None:
    """Rule frs-none: the original came back, and then the file was restored."""
    log = back(second_fails(aside(ready())))
    log.put(FIRST, existed=True)
    assert "frs-none" in rules(log.tell("NONE").end())


def test_a_file_written_after_it_was_compared_is_no_copy() -> None:
    """Rule rm-preflight-whole: originals are read and compared, one is written, and another one is in use."""
    log = ready(specs=NAMES)
    for path in ORIGINALS:
        handle = log.reading(path)
        log.read(handle).close(handle)
    assert rules(second_fails(log).tell("NONE").end()) >= {*HALF, "rm-preflight-whole"}


def test_a_new_version_that_was_made_from_the_old_one_is_no_copy_of_it() -> None:
    """Rule rm-preflight-whole: the new first file is made from blocks of the old one, and renamed over it."""
    log = ready(specs=NAMES).stream(FIRST, FIRST + ".new", "CREATE_NEW").move(FIRST + ".new", FIRST, 1)
    log.open(SECOND, "CREATE_ALWAYS", LOCKED)
    assert rules(log.tell("NONE").end()) >= {*HALF, "rm-preflight-whole"}


def test_a_file_that_the_set_names_is_no_copy() -> None:
    """Rule rm-preflight-whole: the first file is looked into, the second made, and the third is in use."""
    log = ready(specs=NAMES).look(SECOND, "ERROR_FILE_NOT_FOUND")
    assert isinstance(log, Copying)
    handle = log.reading(FIRST)
    log.read(handle).close(handle).put(SECOND, how="CREATE_NEW").open(THIRD, "CREATE_ALWAYS", LOCKED)
    assert rules(log.delete(SECOND).tell("NONE").end()) == {"rm-preflight-whole"}


def test_copies_among_the_files_of_a_set_may_stay() -> None:
    """Rule frs-none: what was copied beside the originals is none of the set."""
    assert found(back(second_fails(aside(ready(), BESIDE)), BESIDE[0]).tell("NONE").end()) == []


def test_what_another_thread_reads_is_not_written() -> None:
    """Rule rm-nothing-touched-on-block: a copy is read by one thread, and another one restores the file again."""
    log = second_fails(aside(ready()))
    handle = log.reading(ASIDE[0])
    log.read(handle).close(handle)
    log.entries[-2]["thread"] = 7
    assert rules(log.put(FIRST, existed=True).tell("NONE").end()) >= HALF


def test_what_was_closed_unread_is_not_written() -> None:
    """Rule rm-nothing-touched-on-block: no reading is in the log, and the copy was opened and closed."""
    log = second_fails(aside(ready()))
    log.close(log.reading(ASIDE[0]))
    log.put(FIRST, existed=True)
    assert rules(without_readings(log).tell("NONE").end()) >= HALF


def looked_into(method: str, **more: Any) -> Copying:
    """All files are read before PreRestore, and then the first is restored over."""
    log = Copying()
    log.begin().load(f"VSS_RME_{method}", **more).gather().select()
    for path in ORIGINALS:
        handle = log.reading(path)
        log.read(handle).close(handle)
    log.pre_restore().read_target().put(FIRST, existed=True)
    return log


def test_a_file_that_was_read_with_the_others_is_no_copy_of_one() -> None:
    """Rules srs-stop-or-already-stopped, rm-preflight-whole: it was there, as its reading shows."""
    log = looked_into("STOP_RESTORE_START", service="ShopSvc")
    log.stop().put(SECOND, THIRD, existed=True).start()
    assert "srs-stop-or-already-stopped" in rules(log.tell().end())
    log = looked_into("RESTORE_IF_CAN_REPLACE")
    log.open(SECOND, "CREATE_ALWAYS", LOCKED)
    assert rules(log.tell("NONE").end()) >= {*HALF, "rm-preflight-whole"}
