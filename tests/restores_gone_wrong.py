"""Logs of restores in which the requester makes one mistake, and what is found of each."""

from collections.abc import Callable
from typing import Final

from tests.logs_by_hand import HOME, LOCKED, MAPPED, MAPPING, NAMES, ORIGINALS, STORED, WRITER, Log
from tests.restores_gone_astray import (
    blocked,
    forgets_a_directed_file,
    forgets_a_file_beside_a_directed_one,
    ignores_a_directed_target,
    ignores_a_target,
    leaves_one_out_of_the_new_target,
    maps_a_directed_file,
    maps_at_reboot_by_a_target,
    maps_what_has_a_new_target,
    records_a_mapping_for_a_new_target,
    staged,
    stages_against_the_target,
    stages_what_has_a_new_target,
)

FIRST: Final = ORIGINALS[0]


def looks_early() -> Log:
    """It sees before PreRestore that a file is there, and gives up."""
    log = Log().begin().load("VSS_RME_RESTORE_IF_NOT_THERE").gather().select()
    log.look(ORIGINALS[0], "ERROR_FILE_NOT_FOUND").look(ORIGINALS[1]).pre_restore().read_target()
    return log.tell("NONE").end()


def relies_on_an_early_look() -> Log:
    """It sees before PreRestore that no file is there, and writes."""
    log = Log().begin().load("VSS_RME_RESTORE_IF_NOT_THERE").gather().select()
    for path in ORIGINALS:
        log.look(path, "ERROR_FILE_NOT_FOUND")
    return log.pre_restore().read_target().put(*ORIGINALS).tell().end()


def overwrites() -> Log:
    """IF_NOT_THERE, and the files are there."""
    return Log().to("RESTORE_IF_NOT_THERE").put(*ORIGINALS, existed=True).tell().end()


def moves_what_is_there_aside() -> Log:
    """IF_NOT_THERE, and a file is there: it is renamed, and another one made in its place."""
    return Log().to("RESTORE_IF_NOT_THERE").move(FIRST, FIRST + ".old").put(FIRST, how="CREATE_NEW").tell("ALL").end()


def writes_half_a_set() -> Log:
    """One of three files is held open."""
    log = Log().to("RESTORE_IF_CAN_REPLACE").put(ORIGINALS[0])
    log.open(ORIGINALS[1], returns=LOCKED)
    return log.put(ORIGINALS[2]).tell().end()


def forgets_to_roll_back() -> Log:
    """The originals lie aside, and the third file finds no room."""
    log = Log().to("RESTORE_IF_CAN_REPLACE")
    for path in ORIGINALS:
        log.move(path, path + ".bak")
    log.put(*ORIGINALS[:2], how="CREATE_NEW")
    log.open(ORIGINALS[2], "CREATE_NEW", "ERROR_DISK_FULL")
    return log.tell("NONE").end()


def deletes_an_original(status: str = "NONE", *, written: bool = False) -> Log:
    """The first file is deleted, as it was or after it was overwritten, and the second is held open."""
    log = Log().to("RESTORE_IF_CAN_REPLACE")
    if written:
        log.put(FIRST, existed=True)
    log.delete(FIRST).open(ORIGINALS[1], returns=LOCKED)
    return log.tell(status).end()


def deletes_an_original_and_maps() -> Log:
    """The first file is deleted, the second is held open, and the set goes to its mapped places."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", MAPPING).delete(FIRST)
    log.open(ORIGINALS[1], returns=LOCKED)
    return log.prove_and_put(*MAPPED, how="CREATE_NEW").record().tell().end()


def leaves_an_original_aside_and_maps() -> Log:
    """The first file is renamed, the second is held open, and the set goes to its mapped places."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", MAPPING).move(FIRST, FIRST + ".old")
    log.open(ORIGINALS[1], returns=LOCKED)
    return log.prove_and_put(*MAPPED, how="CREATE_NEW").record().tell().end()


def deletes_what_is_at_the_mapped_place() -> Log:
    """IF_NOT_THERE: a file is there at the mapped place, too, and makes room."""
    log = Log().to("RESTORE_IF_NOT_THERE", MAPPING).look(FIRST).delete(MAPPED[0])
    return log.prove_and_put(*MAPPED, how="CREATE_NEW").record().tell().end()


def deletes_what_waits_for_the_restart() -> Log:
    """AT_REBOOT: the first file is deleted before its delayed move is registered."""
    return staged(Log().to("RESTORE_AT_REBOOT").delete(FIRST), "C:\\stage\\").tell().end().boot()


def deletes_an_original_that_stays() -> Log:
    """TO_ALTERNATE_LOCATION: the old file is deleted, and its new version goes to the mapped place."""
    log = Log().to("RESTORE_TO_ALTERNATE_LOCATION", MAPPING).delete(FIRST)
    return log.prove_and_put(*MAPPED, how="CREATE_NEW").record().tell().end()


def stages_against_the_method() -> Log:
    """IF_CAN_REPLACE, a file is in use, and the set waits for the restart."""
    return staged(blocked(Log().to("RESTORE_IF_CAN_REPLACE")), "C:\\stage\\").tell().end().boot()


def maps_at_reboot() -> Log:
    """AT_REBOOT knows no mappings."""
    return Log().to("RESTORE_AT_REBOOT", MAPPING).put(*MAPPED).record().tell().end()


def stages_by_the_name_of_a_volume() -> Log:
    """Which volume a name of this kind stands for the log does not tell."""
    log = Log().to("RESTORE_AT_REBOOT")
    for name in NAMES:
        log.move("\\\\?\\Volume{11111111-0000-0000-0000-000000000001}\\stage\\" + name, HOME + name, 5)
    return log.tell().end().boot()


def maps_though_nothing_is_in_the_way() -> Log:
    """All files could be replaced."""
    log = Log().to("RESTORE_IF_CAN_REPLACE", MAPPING)
    for path in ORIGINALS:
        log.close(log.open(path))
    return log.put(*MAPPED).record().tell().end()


def forgets_to_record() -> Log:
    """The files go to their mapped places, and nobody is told."""
    return Log().to("RESTORE_IF_NOT_THERE", MAPPING).look(FIRST).put(*MAPPED, how="CREATE_NEW").tell().end()


def makes_bare_files_at_mapped_places() -> Log:
    """The files have no bytes; they are made at their mapped places."""
    log = Log().to("RESTORE_TO_ALTERNATE_LOCATION", MAPPING)
    return log.close(*(log.open(path, "CREATE_NEW") for path in MAPPED))


def forgets_to_record_bare_files() -> Log:
    """Nobody is told where they went."""
    return makes_bare_files_at_mapped_places().tell().end()


def takes_the_blame() -> Log:
    """TO_ALTERNATE without a mapping is an error of the writer."""
    return Log().to("RESTORE_TO_ALTERNATE_LOCATION").tell("FAILED").end()


def stops_too_early() -> Log:
    """The service is stopped before PreRestore."""
    log = Log().begin().load("VSS_RME_STOP_RESTORE_START", service="ShopSvc").gather().select()
    return log.stop().pre_restore().read_target().put(*ORIGINALS).start().tell().end()


def leaves_it_stopped() -> Log:
    """Nobody starts the service again."""
    return Log().to("STOP_RESTORE_START", service="ShopSvc").stop().put(*ORIGINALS).tell().end()


def never_stops_it() -> Log:
    """Nobody stops the service."""
    return Log().to("STOP_RESTORE_START", service="ShopSvc").put(*ORIGINALS).tell().end()


def moves_across_volumes() -> Log:
    """Delayed moves from D: to C:."""
    return staged(Log().to("RESTORE_AT_REBOOT"), "D:\\stage\\").tell().end().boot()


def misses_a_file() -> Log:
    """Two of three files, and VSS_RS_ALL."""
    return Log().to("RESTORE_IF_CAN_REPLACE", specs=NAMES).put(*ORIGINALS[:2]).tell().end()


def copies_one_elsewhere() -> Log:
    """Two of three files go home, and the third, which somebody looked for there, to another folder."""
    log = Log().to("RESTORE_IF_CAN_REPLACE").put(*ORIGINALS[:2]).look(ORIGINALS[2], "ERROR_FILE_NOT_FOUND")
    elsewhere = {"lpExistingFileName": "E:\\saved\\" + NAMES[2], "lpNewFileName": "C:\\elsewhere\\" + NAMES[2]}
    return log.line("CopyFileW", returns="ERROR_SUCCESS", given=elsewhere).tell().end()


def leaves_an_empty_file_at_the_mapped_place() -> Log:
    """The proof at the mapped places makes a file that was not there, fails, and the file stays."""
    log = blocked(Log().to("RESTORE_IF_CAN_REPLACE", MAPPING)).look(MAPPED[0], "ERROR_FILE_NOT_FOUND")
    handle = log.open(MAPPED[0], "OPEN_ALWAYS")
    log.open(MAPPED[1], "OPEN_ALWAYS", LOCKED)
    return log.close(handle).tell("NONE").end()


def matches_by_the_stored_instance() -> Log:
    """The instance id of the saved document is taken for one that runs."""
    log = Log().begin().load("VSS_RME_RESTORE_IF_CAN_REPLACE").gather()
    component = {"ct": "VSS_CT_FILEGROUP", "wszLogicalPath": None, "wszComponentName": "ShopDB"}
    given = {"writerId": WRITER, **component, "bSelectedForRestore": True, "instanceId": STORED}
    call = "IVssBackupComponentsEx::SetSelectedForRestoreEx"
    return log.line(call, "bc", "VSS_E_OBJECT_NOT_FOUND", given=given).line("IUnknown::Release", "bc", None)


def takes_the_writer_for_missing() -> Log:
    """Nothing is selected, since no writer runs with the saved instance id."""
    log = Log().begin().load("VSS_RME_RESTORE_IF_CAN_REPLACE").gather()
    return log.put(*ORIGINALS).line("IUnknown::Release", "bc", None)


def uses_live_metadata() -> Log:
    """Method and files are those of the live writer."""
    log = Log().begin().gather(read="VSS_RME_RESTORE_IF_CAN_REPLACE").select().pre_restore().read_target()
    return log.put(*ORIGINALS).tell().end()


def cannot_be_rolled_back(method: str) -> Log:
    """The originals lie aside, the second file fails, and the first one cannot be put back."""
    log = Log().to(method)
    for path in ORIGINALS[:2]:
        log.copy(path, path + ".bak")
    log.put(ORIGINALS[0], existed=True)
    log.open(ORIGINALS[1], returns=LOCKED)
    return log.copy(ORIGINALS[0] + ".bak", ORIGINALS[0], LOCKED)


def written_and_removed() -> Log:
    """All files are written, and removed again, for what the log does not show."""
    log = Log().to("RESTORE_IF_NOT_THERE", MAPPING)
    for path in ORIGINALS:
        log.look(path, "ERROR_FILE_NOT_FOUND")
    log.put(*ORIGINALS, how="CREATE_NEW")
    for path in ORIGINALS:
        log.delete(path)
    return log


def goes_on_though_the_service_runs() -> Log:
    """The service does not stop, and the files are written."""
    return Log().to("STOP_RESTORE_START", service="ShopSvc").cannot_stop().put(*ORIGINALS).tell().end()


def stops_it_for_the_second_file() -> Log:
    """The first file is written before the service is stopped, which shows that it ran."""
    log = Log().to("STOP_RESTORE_START", service="ShopSvc").put(FIRST)
    return log.stop().put(*ORIGINALS[1:]).start().tell().end()


def staged_at_home(method: str, *specs: str) -> Log:
    """The first file is written beside its place, among the files of the set, and renamed over what is there."""
    log = Log().to(method, specs=specs).look(FIRST).put(FIRST + ".tmp", how="CREATE_NEW")
    return log.move(FIRST + ".tmp", FIRST, 1).tell().end()


def renames_over_a_file() -> Log:
    """IF_NOT_THERE."""
    return staged_at_home("RESTORE_IF_NOT_THERE", "*")


def allows_copies_at_the_restart() -> Log:
    """REPLACE_EXISTING, COPY_ALLOWED and DELAY_UNTIL_REBOOT, from and to C:."""
    return Log().to("RESTORE_AT_REBOOT").move("C:\\stage\\shop.mdb", FIRST, 7).tell().end().boot()


def does_not_replace_at_the_restart() -> Log:
    """The requester saw that the file is there, and asks for a move that does not replace it."""
    return Log().to("RESTORE_AT_REBOOT").look(FIRST).move("C:\\stage\\shop.mdb", FIRST, 4).tell().end().boot()


def cannot_register() -> Log:
    """The account may not register delayed moves."""
    given = {"lpExistingFileName": "C:\\stage\\shop.mdb", "lpNewFileName": FIRST, "dwFlags": 5}
    return Log().to("RESTORE_AT_REBOOT").line("MoveFileExW", returns="ERROR_ACCESS_DENIED", given=given)


def registers_nothing() -> Log:
    """And VSS_RS_ALL."""
    return cannot_register().tell().end()


def writes_a_stream_over_a_file() -> Log:
    """IF_NOT_THERE, and a file that is there gets the stream that BackupRead gave of it."""
    log = Log().to("RESTORE_IF_NOT_THERE")
    handle = log.open(FIRST)
    log.line("BackupWrite", returns="ERROR_SUCCESS", given={"hFile": handle, "nNumberOfBytesToWrite": 65536})
    return log.close(handle).tell().end()


def writes_slashes() -> Log:
    """Slashes are backslashes to Windows."""
    path = FIRST.replace("\\", "/")
    return Log().to("RESTORE_IF_NOT_THERE").look(FIRST).put(path, existed=True).tell().end()


def puts_files_back_too_late() -> Log:
    """PostRestore is raised first."""
    log = Log().to("RESTORE_IF_CAN_REPLACE").tell().end()
    released = log.entries.pop()
    log.put(*ORIGINALS).entries.append(released)
    return log


Mistake = tuple[Callable[[], Log], str, str, int, str]
"""The log, the rule, the call of the line, which of those calls, and what the finding names."""


MISTAKES: Final[tuple[Mistake, ...]] = (
    (looks_early, "rm-check-after-prerestore", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (relies_on_an_early_look, "rm-check-after-prerestore", "CreateFileW", 0, FIRST),
    (overwrites, "rint-never-overwrite-original", "CreateFileW", 0, FIRST),
    (moves_what_is_there_aside, "rint-never-overwrite-original", "WriteFile", 0, FIRST),
    (maps_at_reboot_by_a_target, "rar-target-immune", "CreateFileW", 0, MAPPED[0]),
    (maps_what_has_a_new_target, "nt-overrides", "WriteFile", 0, MAPPED[0]),
    (stages_what_has_a_new_target, "nt-overrides", "MoveFileExW", 0, FIRST),
    (maps_a_directed_file, "rt-directed", "WriteFile", 0, MAPPED[0]),
    (forgets_a_directed_file, "frs-all", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (forgets_a_file_beside_a_directed_one, "frs-all", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (goes_on_though_the_service_runs, "srs-stop-or-already-stopped", "CreateFileW", 0, FIRST),
    (stops_it_for_the_second_file, "srs-stop-or-already-stopped", "ControlService", 0, "'ShopDB'"),
    (renames_over_a_file, "rint-never-overwrite-original", "MoveFileExW", 0, FIRST),
    (leaves_one_out_of_the_new_target, "frs-all", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (records_a_mapping_for_a_new_target, "alm-record-only-used", "AddAlternativeLocationMapping", 0, "new targets"),
    (allows_copies_at_the_restart, "rar-same-volume", "MoveFileExW", 0, "MOVEFILE_COPY_ALLOWED"),
    (does_not_replace_at_the_restart, "rar-replace-existing", "MoveFileExW", 0, FIRST),
    (registers_nothing, "frs-all", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (writes_a_stream_over_a_file, "rint-never-overwrite-original", "BackupWrite", 0, FIRST),
    (writes_slashes, "rint-never-overwrite-original", "CreateFileW", 0, FIRST.replace("\\", "/")),
    (puts_files_back_too_late, "seq-r-postrestore", "CreateFileW", 0, "'ShopDB'"),
    (writes_half_a_set, "rm-preflight-whole", "CreateFileW", 1, ORIGINALS[1]),
    (writes_half_a_set, "ricr-one-locked-blocks", "CreateFileW", 2, ORIGINALS[2]),
    (writes_half_a_set, "rm-nothing-touched-on-block", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (forgets_to_roll_back, "rm-fallback-rollback", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (deletes_an_original, "rm-nothing-touched-on-block", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (deletes_an_original_and_maps, "rm-nothing-touched-on-block", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (leaves_an_original_aside_and_maps, "rm-fallback-rollback", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (deletes_what_is_at_the_mapped_place, "rint-mapping-target-free", "DeleteFileW", 0, MAPPED[0]),
    (deletes_what_waits_for_the_restart, "rar-final-untouched", "DeleteFileW", 0, FIRST),
    (deletes_an_original_that_stays, "rtal-never-original", "DeleteFileW", 0, FIRST),
    (stages_against_the_method, "rm-respect-stored", "MoveFileExW", 0, "rule out"),
    (stages_against_the_target, "rt-alternate-to-mapping", "MoveFileExW", 0, "rule out"),
    (maps_at_reboot, "rar-no-mapping", "CreateFileW", 0, MAPPED[0]),
    (maps_though_nothing_is_in_the_way, "ricr-no-early-mapping", "CreateFileW", 3, MAPPED[0]),
    (forgets_to_record, "rm-reports-mapping", "PostRestore", 0, "'ShopDB'"),
    (forgets_to_record_bare_files, "rm-reports-mapping", "PostRestore", 0, "'ShopDB'"),
    (takes_the_blame, "rtal-mapping-required", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (stops_too_early, "srs-prerestore-first", "ControlService", 0, "'ShopDB'"),
    (leaves_it_stopped, "srs-start-before-postrestore", "PostRestore", 0, "'ShopDB'"),
    (leaves_it_stopped, "srs-restart-after-error", "Release", -1, "'ShopSvc'"),
    (never_stops_it, "srs-stop-or-already-stopped", "Release", -1, "'ShopSvc'"),
    (moves_across_volumes, "rar-same-volume", "MoveFileExW", 0, "from one volume to another"),
    (misses_a_file, "frs-all", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (copies_one_elsewhere, "frs-all", "SetFileRestoreStatus", 0, "'ShopDB'"),
    (
        leaves_an_empty_file_at_the_mapped_place,
        "rm-preflight-undo-placeholders",
        "SetFileRestoreStatus",
        0,
        "'ShopDB'",
    ),
    (matches_by_the_stored_instance, "svc-stored-instance-useless", "SetSelectedForRestoreEx", 0, "saved instance id"),
    (takes_the_writer_for_missing, "nowriter-prefer-participation", "CreateFileW", 0, FIRST),
    (uses_live_metadata, "seq-r-stored-not-live", "GetComponent", 0, "live writer"),
    (ignores_a_target, "rt-alternate-never-original", "CreateFileW", 0, FIRST),
    (ignores_a_directed_target, "rt-directed", "CreateFileW", 0, FIRST),
)
