"""Delayed moves whose source is gone, methods without a service, targets without directions: what a log shows of them.

The logs are written by hand (`logs_by_hand`).
Pages: https://learn.microsoft.com/windows/win32/api/winbase/nf-winbase-movefileexw,
https://learn.microsoft.com/windows/win32/vss/stopping-services-for-restore-by-requestors and
https://learn.microsoft.com/windows/win32/vss/writer-role-in-backing-up-complex-stores
"""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.logs_by_hand import DONE, FAR, HOME, LIVE, NAMES, ORIGINALS, SERVICE, WRITER, Log
from tests.support import check
from vss_sim.judge.findings import At, Finding, Level

STAGE: Final = "C:\\stage\\"
STAGED: Final = tuple(STAGE + name for name in NAMES)


def found(log: Log) -> list[Finding]:
    """What is said of the log."""
    return list(check(log.entries).findings)


def rules(log: Log) -> list[str]:
    """The rules that are broken."""
    return [one.rule for one in found(log)]


def staged(*specs: str) -> Log:
    """All files wait for the restart."""
    log = Log().to("RESTORE_AT_REBOOT", specs=specs or ("*",)).put(*STAGED, how="CREATE_NEW")
    for name in NAMES:
        log.move(STAGE + name, HOME + name, 5)
    return log


def released(log: Log, *lines: Callable[[Log], Log]) -> Log:
    """The end of the restore, with something before the object is released."""
    last = log.tell().end().entries.pop()
    for line in lines:
        line(log)
    log.entries.append(last)
    return log


GONE: Final[dict[str, tuple[Callable[[], Log], str]]] = {
    "cleaned up after PostRestore": (lambda: released(staged(), lambda log: log.delete(STAGED[0])), "DeleteFileW"),
    "moved on after PostRestore": (
        lambda: released(staged(), lambda log: log.move(STAGED[0], STAGE + "old")),
        "MoveFileExW",
    ),
    "deleted at the restart before it moves": (
        lambda: (
            Log()
            .to("RESTORE_AT_REBOOT")
            .put(STAGED[0])
            .line(
                "MoveFileExW",
                returns=DONE,
                given={"lpExistingFileName": STAGED[0], "lpNewFileName": None, "dwFlags": 4},
            )
            .move(STAGED[0], ORIGINALS[0], 5)
            .tell()
            .end()
        ),
        "MoveFileExW",
    ),
}


@pytest.mark.parametrize("name", GONE)
def test_a_staged_file_stays_until_the_restart(name: str) -> None:
    """Rule rar-stage-all: a delayed move has nothing to move, and nobody is told."""
    made, call = GONE[name]
    log = made().boot()
    lines = [number for number, entry in enumerate(log.entries, 2) if entry.get("call") == call]
    assert [(one.line, one.level) for one in found(log) if one.rule == "rar-stage-all"] == [(lines[-1], Level.WARNING)]


def test_a_staged_file_that_is_gone_by_then_was_not_restored() -> None:
    """Rule frs-all: it was removed before the status is read."""
    assert "frs-all" in rules(staged().delete(STAGED[0]).tell().end().boot())
    assert "frs-all" in rules(staged().tell().delete(STAGED[0]).end().boot())


STAYS: Final[dict[str, Callable[[], Log]]] = {
    "all stay": lambda: staged().tell().end().boot(),
    "given up, and cleaned up": lambda: (
        staged().delete(STAGED[0]).delete(STAGED[1]).delete(STAGED[2]).tell("NONE").end()
    ),
    "told first, and cleaned up": lambda: (
        staged().tell("NONE").delete(STAGED[0]).delete(STAGED[1]).delete(STAGED[2]).end()
    ),
    "written again": lambda: staged().delete(STAGED[0]).put(STAGED[0], how="CREATE_NEW").tell().end().boot(),
    "cleaned up after the restart": lambda: staged().tell().end().boot().delete(STAGED[0]),
}


@pytest.mark.parametrize("name", STAYS)
def test_a_staged_file_that_nobody_needs_may_go(name: str) -> None:
    """Nothing but the note that the log has no restart."""
    assert {one.rule for one in found(STAYS[name]()) if one.rule != "rar-boot-flag"} == set()


def test_nothing_waits_for_the_restart_that_was_cleaned_up() -> None:
    """Rule rar-boot-flag: the set was given up, and its staged files are gone, though after PostRestore only."""
    for cleaned in (STAGED, STAGED[:2]):
        log = staged().tell("NONE").end()
        last = log.entries.pop()
        for one in cleaned:
            log.delete(one)
        log.entries.append(last)
        assert rules(log) == ([] if cleaned == STAGED else ["rar-boot-flag"])


@pytest.mark.parametrize("status", ["ALL", "NONE", "FAILED"])
def test_who_told_that_nothing_was_restored_or_all_is_broken_may_clean_up(status: str) -> None:
    """Rule rar-stage-all: after PostRestore nobody relies on the moves of a restore that was given up."""
    log = staged().tell(status).end()
    last = log.entries.pop()
    log.delete(STAGED[0]).entries.append(last)
    assert ("rar-stage-all" in rules(log.boot())) is (status == "ALL")


def test_a_mistake_with_delayed_moves_is_told_once_of_a_restore() -> None:
    """Rules rar-same-volume, rar-replace-existing: at the first file of thousands; another mistake is told, too."""
    far = [f"D:\\stage\\{name}" for name in NAMES]
    log = Log().to("RESTORE_AT_REBOOT").put(*far, *STAGED)
    for source, path in zip(far, ORIGINALS, strict=True):
        log.move(source, path, 5)
    for source, path in zip(STAGED, ORIGINALS, strict=True):
        log.move(source, path, 7)
    told = [one.says.partition(" (")[0] for one in found(log) if one.rule == "rar-same-volume"]
    assert len(told) == len(set(told)) == 2
    both = Log().to("RESTORE_AT_REBOOT").look(ORIGINALS[0]).look(ORIGINALS[1]).put(*STAGED)
    for source, path in zip(STAGED, ORIGINALS, strict=True):
        both.move(source, path, 4)
    assert rules(both.tell().end().boot()).count("rar-replace-existing") == 1


def test_who_overwrites_without_create_new_is_told_that_he_overwrites() -> None:
    """Rule rint-never-overwrite-original: that CREATE_NEW would have failed there goes without saying."""
    log = Log().to("RESTORE_IF_NOT_THERE").put(ORIGINALS[0], existed=True).tell().end()
    assert [one.rule for one in found(log) if one.line == found(log)[0].line] == ["rint-never-overwrite-original"]


def copied_only(status: str = "ALL", *specs: str) -> Log:
    """All files are copied to the folder, and no move is registered."""
    return Log().to("RESTORE_AT_REBOOT", specs=specs or ("*",)).put(*STAGED).tell(status).end()


def test_files_of_which_no_move_was_registered_do_not_arrive() -> None:
    """Rule rar-register-each, noted, since a recorder may not know the call; named files are missed for certain."""
    (one,) = (one for one in found(copied_only()) if one.rule == "rar-register-each")
    assert one.level is Level.INFO
    assert "rar-register-each" not in rules(copied_only("NONE"))
    assert "rar-register-each" not in rules(staged().tell().end().boot())
    assert "rar-register-each" not in rules(Log().to("RESTORE_AT_REBOOT").tell().end())


def unnamed(method: str) -> Log:
    """The stored metadata name no service."""
    return Log().to(method, service=None)


def test_a_method_with_a_service_needs_its_name() -> None:
    """Rule svc-name-given: the writer did not say which; that is told where it is read."""
    for method in ("STOP_RESTORE_START", "RESTORE_STOP_START"):
        (one,) = found(unnamed(method).tell("NONE").end())
        assert (one.rule, one.level, one.at) == ("svc-name-given", Level.INFO, At.WRITER)
    assert rules(Log().to("STOP_RESTORE_START", service=SERVICE).tell("NONE").end()) == []


def test_a_service_without_a_name_is_no_corrupt_component() -> None:
    """Rules svc-unnamed, frs-failed: nothing is restored, which is VSS_RS_NONE."""
    assert "frs-failed" in rules(unnamed("STOP_RESTORE_START").tell("FAILED").end())
    assert "frs-failed" not in rules(Log().to("STOP_RESTORE_START", service=SERVICE).tell("FAILED").end())


def test_a_world_may_tell_that_no_service_is_named() -> None:
    """Rule svc-unnamed: the header describes the writer, and the log does not show that its method was read."""
    log = unnamed("STOP_RESTORE_START").put(*ORIGINALS).tell().end()
    entries = [entry for entry in log.entries if not str(entry.get("call")).endswith("::GetRestoreMethod")]
    described = {
        "name": "Shop Writer",
        "writerId": WRITER,
        "instanceId": LIVE,
        "restoreMethod": {"method": "VSS_RME_STOP_RESTORE_START"},
        "components": [{"name": "ShopDB", "files": [{"path": HOME[:-1], "filespec": "*"}]}],
    }
    told = check(entries, world={"machines": [{"name": "one", "volumes": [{"name": "C:\\"}], "writers": [described]}]})
    assert "svc-unnamed" in [one.rule for one in told.findings]


def test_files_are_not_restored_while_an_unnamed_service_may_run() -> None:
    """Rule svc-unnamed: which service is to be stopped nobody knows, so that nothing is restored; later, it may."""
    warnings = [
        one for one in found(unnamed("STOP_RESTORE_START").put(*ORIGINALS).tell().end()) if one.level is Level.WARNING
    ]
    assert [one.rule for one in warnings] == ["svc-unnamed"]
    assert "svc-unnamed" not in rules(unnamed("RESTORE_STOP_START").put(*ORIGINALS).tell().end())
    assert "svc-unnamed" not in rules(unnamed("STOP_RESTORE_START").stop().put(*ORIGINALS).start().tell().end())


def test_directions_go_with_their_target() -> None:
    """Rule rt-directed: VSS_RT_DIRECTED, and the component has no directed target; an error of its writer."""
    (one,) = found(Log().to("RESTORE_IF_CAN_REPLACE", target="VSS_RT_DIRECTED").tell("NONE").end())
    assert (one.rule, one.level, one.at) == ("rt-directed", Level.INFO, At.WRITER)
    assert "rt-directed" not in rules(Log().to("RESTORE_IF_CAN_REPLACE").tell("NONE").end())


def left_out(method: str, takes_part: str = "VSS_WRE_NEVER") -> Log:
    """Nothing is selected of the writer, and its files are restored."""
    return Log().begin().load(f"VSS_RME_{method}", takes_part=takes_part).gather()


def without_it(log: Log, *paths: str, **more: Any) -> Log:
    """Files are put back, and the object is released."""
    return log.put(*paths, **more).line("IUnknown::Release", "bc", None)


def test_the_method_of_a_writer_that_takes_no_part_counts() -> None:
    """Rule rint-never-overwrite-original: a writer with VSS_WRE_NEVER has a restore method all the same."""
    (one,) = found(without_it(left_out("RESTORE_IF_NOT_THERE"), *ORIGINALS, existed=True))
    assert (one.rule, one.level, ORIGINALS[0] in one.says) == ("rint-never-overwrite-original", Level.WARNING, True)
    for log in (
        without_it(left_out("RESTORE_IF_NOT_THERE"), *ORIGINALS, how="CREATE_NEW"),
        without_it(left_out("RESTORE_IF_CAN_REPLACE"), *ORIGINALS, existed=True),
        without_it(left_out("RESTORE_IF_NOT_THERE"), FAR + NAMES[0], existed=True),
    ):
        assert found(log) == []
