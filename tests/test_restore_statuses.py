"""What a requester tells of a component set is held against its files until PostRestore, where writers read it.

The logs are written by hand (`logs_by_hand`). A status may be told before the last file call, and told again; the pages
say only that it comes between PreRestore and PostRestore.
Pages: https://learn.microsoft.com/windows/win32/api/vswriter/ne-vswriter-vss_file_restore_status and that of
SetFileRestoreStatus.
"""

from collections.abc import Callable
from typing import Final

import pytest

from tests.logs_by_hand import LOCKED, MAPPED, MAPPING, NAMES, ORIGINALS, Log
from tests.restores_gone_wrong import deletes_an_original
from tests.support import Entry, check
from vss_sim.judge.findings import Level

FIRST, SECOND, THIRD = ORIGINALS
FAR: Final = "F:\\new"
NEW: Final = tuple(f"{FAR}\\{name}" for name in NAMES)
DIRECTED: Final = {
    "pbstrSourcePath": FIRST.rpartition("\\")[0],
    "pbstrSourceFileName": NAMES[0],
    "pbstrSourceRangeList": "0:65536",
    "pbstrDestinationPath": FAR,
    "pbstrDestinationFilename": NAMES[0],
    "pbstrDestinationRangeList": "0:65536",
}


def found(entries: list[Entry]) -> list[tuple[str, str]]:
    """The call and the rule of every finding."""
    calls = {number: str(entry.get("call")).rpartition("::")[2] for number, entry in enumerate(entries, 2)}
    return [(calls[one.line], one.rule) for one in check(entries).findings]


def replaced(*specs: str) -> Log:
    """IF_CAN_REPLACE, and everything is ready for the files."""
    return Log().to("RESTORE_IF_CAN_REPLACE", specs=specs or ("*",))


def renewed(*mappings: tuple[str, str, bool, str]) -> Log:
    """A new target is declared, and everything is ready for the files."""
    log = Log().begin().load("VSS_RME_RESTORE_IF_CAN_REPLACE", *mappings).gather().select().new_target(FAR)
    return log.pre_restore().read_target()


def directed() -> Log:
    """The writer directs the first file elsewhere, and everything is ready for the files."""
    return Log().to("RESTORE_IF_CAN_REPLACE", target="VSS_RT_DIRECTED", directed=(DIRECTED,))


def locked(log: Log, path: str) -> Log:
    """A file cannot be opened."""
    log.open(path, returns=LOCKED)
    return log


def tells_all_before_a_file_fails() -> Log:
    """Two files are restored, VSS_RS_ALL is told, and the third file is in use."""
    return locked(replaced().put(FIRST, SECOND).tell("ALL"), THIRD).end()


def tells_all_before_it_takes_a_file_away() -> Log:
    """All are restored, VSS_RS_ALL is told, and bytes of one find no room."""
    log = replaced()
    handle = log.put(FIRST, SECOND).open(THIRD, "CREATE_ALWAYS")
    log.write(handle).tell("ALL").line("WriteFile", returns="ERROR_DISK_FULL", given={"hFile": handle})
    return log.close(handle).end()


def tells_all_before_anything() -> Log:
    """VSS_RS_ALL is told first; of three files two are restored then."""
    return replaced(*NAMES).tell("ALL").put(FIRST, SECOND).end()


def tells_none_before_anything() -> Log:
    """VSS_RS_NONE is told first, and the files are restored then."""
    return replaced().tell("NONE").put(*ORIGINALS).end()


def tells_none_of_a_new_target() -> Log:
    """The files lie at their new target, and the status says that none was restored."""
    return renewed().put(*NEW).tell("NONE").end()


def tells_none_of_half_a_new_target() -> Log:
    """One file lies at its new target, the other could not be made."""
    log = renewed().put(NEW[0])
    log.open(NEW[1], "CREATE_ALWAYS", LOCKED)
    return log.tell("NONE").end()


def tells_none_of_a_directed_file() -> Log:
    """The directed file was written."""
    return directed().put(NEW[0]).tell("NONE").end()


def one_is_bare(*, existed: bool) -> Log:
    """The first file is opened by OPEN_ALWAYS, and nothing is written; of others the log tells what was there."""
    log = replaced(*NAMES)
    log.close(log.open(FIRST, "OPEN_ALWAYS")).put(SECOND, THIRD, how="OPEN_ALWAYS", existed=existed)
    return log.tell("ALL").end()


WRONG: Final[tuple[tuple[Callable[[], Log], str, str], ...]] = (
    (tells_all_before_a_file_fails, "PostRestore", "frs-all"),
    (tells_all_before_it_takes_a_file_away, "PostRestore", "frs-all"),
    (tells_all_before_anything, "PostRestore", "frs-all"),
    (lambda: one_is_bare(existed=False), "SetFileRestoreStatus", "frs-all"),
    (tells_none_before_anything, "PostRestore", "frs-none"),
    (tells_none_of_a_new_target, "SetFileRestoreStatus", "frs-none"),
    (tells_none_of_half_a_new_target, "SetFileRestoreStatus", "frs-none"),
    (tells_none_of_a_directed_file, "SetFileRestoreStatus", "frs-none"),
)


@pytest.mark.parametrize(("made", "call", "rule"), WRONG, ids=lambda one: getattr(one, "__name__", ""))
def test_a_status_that_is_not_true_in_the_end_is_found(made: Callable[[], Log], call: str, rule: str) -> None:
    """Rules frs-all, frs-none: at the status where the files are wrong by then, else at PostRestore."""
    assert (call, rule) in found(made().entries)


RIGHT: Final[dict[str, Callable[[], Log]]] = {
    "told first, and true in the end": lambda: replaced(*NAMES).tell("ALL").prove_and_put(*ORIGINALS).end(),
    "told again after a file failed": lambda: (
        locked(replaced().put(FIRST, SECOND).tell("ALL"), THIRD).tell("FAILED").end()
    ),
    "told before the files are removed again": lambda: (
        locked(replaced().put(FIRST, SECOND, how="CREATE_NEW"), THIRD).tell("NONE").delete(FIRST).delete(SECOND).end()
    ),
    "told between two files": lambda: replaced(*NAMES).put(FIRST, SECOND).tell("ALL").put(THIRD).end(),
    "new target, given up": lambda: (
        locked(renewed().put(NEW[0], how="CREATE_NEW"), NEW[1]).delete(NEW[0]).tell("NONE").end()
    ),
    "new target, put back as it was": lambda: (
        locked(renewed().copy(NEW[0], NEW[0] + ".old").put(NEW[0]), NEW[1])
        .copy(NEW[0] + ".old", NEW[0])
        .tell("NONE")
        .end()
    ),
    "new target, renamed back": lambda: (
        locked(renewed().move(NEW[0], NEW[0] + ".old").put(NEW[0], how="CREATE_NEW"), NEW[1])
        .delete(NEW[0])
        .move(NEW[0] + ".old", NEW[0])
        .tell("NONE")
        .end()
    ),
    "directed, put back as it was": lambda: (
        directed().copy(NEW[0], NEW[0] + ".old").put(NEW[0]).copy(NEW[0] + ".old", NEW[0]).tell("NONE").end()
    ),
    "new target of a directed file": lambda: (
        Log()
        .begin()
        .load("VSS_RME_RESTORE_IF_CAN_REPLACE")
        .gather()
        .select()
        .new_target(FAR)
        .pre_restore()
        .read_target("VSS_RT_DIRECTED", {**DIRECTED, "pbstrDestinationPath": "G:\\made"})
        .put(*NEW)
        .tell("ALL")
        .end()
    ),
    "two new targets at one place": lambda: (
        Log()
        .begin()
        .load("VSS_RME_RESTORE_IF_CAN_REPLACE", specs=NAMES[:1])
        .gather()
        .select()
        .new_target(FAR, "*", f"{FIRST}.below")
        .new_target(FAR, NAMES[0])
        .pre_restore()
        .read_target()
        .put(NEW[0])
        .tell("ALL")
        .end()
    ),
    "one is empty, and was not there": lambda: one_is_bare(existed=True),
    "mapped though there is a new target": lambda: renewed(MAPPING).put(*NEW).tell("ALL").end(),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_status_that_is_true_in_the_end_is_left_alone(name: str) -> None:
    """Whenever it is told: no rule on statuses is broken."""
    rules = {rule for _, rule in found(RIGHT[name]().entries)}
    assert not rules & {"frs-all", "frs-none", "frs-failed", "frs-default-undefined"}, rules


def test_an_original_that_is_deleted_is_no_set_that_nothing_was_done_to() -> None:
    """Rule rm-nothing-touched-on-block: data is lost, and it is worse where the writer is told that nothing was done.

    A file that the proof or the requester itself made is no original.
    """
    for status, level in (("NONE", Level.ERROR), ("FAILED", Level.WARNING)):
        for written in (False, True):
            (one,) = check(deletes_an_original(status, written=written).entries).findings
            assert (one.rule, one.level) == ("rm-nothing-touched-on-block", level)
    proof = replaced()
    made = proof.open(FIRST, "OPEN_ALWAYS")
    own = Log().begin().load("VSS_RME_RESTORE_IF_CAN_REPLACE").gather().select().put(FIRST + ".new").pre_restore()
    for log, path in ((proof.close(made), FIRST), (own.read_target(), FIRST + ".new")):
        rules = {rule for _, rule in found(locked(log.delete(path), SECOND).tell("NONE").end().entries)}
        assert not {rule for rule in rules if rule.startswith("rm-")}


def taken_back_from_mapped_places() -> Log:
    """A file is in use, the mapped place is full and left again, and then nothing is in the way any more."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", MAPPING).look(THIRD, "ERROR_FILE_NOT_FOUND")
    log.close(log.open(FIRST))
    locked(log, SECOND).put(MAPPED[0], how="CREATE_NEW").open(MAPPED[1], "CREATE_NEW", "ERROR_DISK_FULL")
    log.delete(MAPPED[0])
    return log.close(log.open(SECOND))


def test_what_was_taken_back_from_mapped_places_was_tried() -> None:
    """Rules ricr-no-early-mapping, ricr-original-if-all-replaceable: why the set goes elsewhere again is not shown."""
    again = taken_back_from_mapped_places().prove_and_put(*MAPPED, how="CREATE_NEW").record().tell("ALL")
    for log in (again, taken_back_from_mapped_places().tell("NONE")):
        rules = {rule for _, rule in found(log.end().entries)}
        assert not {rule for rule in rules if rule.startswith("ricr-")}


def test_what_is_found_at_post_restore_leads_back_to_the_status() -> None:
    """The finding names the component and the line where the status was told."""
    entries = tells_all_before_a_file_fails().entries
    status = next(n for n, entry in enumerate(entries, 2) if str(entry.get("call")).endswith("SetFileRestoreStatus"))
    (one,) = (one for one in check(entries).findings if one.rule == "frs-all")
    assert "'ShopDB'" in one.says
    assert status in [ground.line for ground in one.because]
