"""Faults that are planted into the logs of clean restores: each knows where it fits, which line and rule are named."""

import copy
from collections.abc import Callable, Iterator
from typing import Final

from tests.faults import without
from tests.planted_breaches import Log, PlantedBreach, changed_at, path_of
from tests.support import Entry

_BC: Final = "IVssBackupComponents::"
_LOCKED: Final = "ERROR_SHARING_VIOLATION"
_LATER: Final = "MOVEFILE_DELAY_UNTIL_REBOOT"
_BLOCKED: Final = {
    "VSS_RME_RESTORE_IF_NOT_THERE": "rint-one-present-blocks",
    "VSS_RME_RESTORE_IF_CAN_REPLACE": "ricr-one-locked-blocks",
    "VSS_RME_STOP_RESTORE_START": "srs-original",
    "VSS_RME_RESTORE_AT_REBOOT_IF_CANNOT_REPLACE": "raricr-stage-all-if-one-blocked",
}

RestoreFault = Callable[[Log], Iterator[PlantedBreach]]


def leaves_empty_files(log: Log) -> Iterator[PlantedBreach]:
    """The files that the proof made are not removed."""
    made = {path_of(e) for _, e in log.calls("CreateFile") if e["in"].get("dwCreationDisposition") == "CREATE_NEW"}
    removed = [i for i, e in log.calls("DeleteFile") if path_of(e) in made & log.original]
    if removed and log.written() is None:
        yield PlantedBreach(
            without(log.changed(), *removed), log.status - len(removed), "rm-preflight-undo-placeholders"
        )


def overwrites_what_is_there(log: Log) -> Iterator[PlantedBreach]:
    """A file that is there is opened as if it were not."""
    for index, entry in log.calls("CreateFile"):
        if entry["returns"] == "ERROR_FILE_EXISTS" and path_of(entry) in log.original:
            entries = changed_at(
                log,
                index,
                returns="ERROR_SUCCESS",
                out={"hFile": "planted", "lastError": "ERROR_ALREADY_EXISTS"},
                **{"in": {"dwCreationDisposition": "CREATE_ALWAYS"}},
            )
            yield PlantedBreach(entries, index, "rint-never-overwrite-original", path_of(entry))


def writes_half_a_set(log: Log) -> Iterator[PlantedBreach]:
    """One file is written, though another of the set cannot be."""
    gone = {path_of(e) for _, e in log.calls("DeleteFile")}
    opened = [
        e for _, e in log.calls("CreateFile") if "hFile" in e.get("out", {}) and path_of(e) in log.original - gone
    ]
    failed = [i for i, e in log.calls("CreateFile") if e["returns"] == _LOCKED and path_of(e) in log.original]
    if opened and failed and log.way in _BLOCKED and log.by_the_method:
        content = {"call": "WriteFile", "in": {"hFile": opened[0]["out"]["hFile"], "content": "new"}}
        entries = log.changed()
        entries.insert(failed[0] + 1, {**content, "returns": "ERROR_SUCCESS"})
        yield PlantedBreach(entries, failed[0] + 1, _BLOCKED[log.way], path_of(opened[0]))


def tells_nothing_of_half_a_set(log: Log) -> Iterator[PlantedBreach]:
    """The same, at the line that says that nothing was restored."""
    for planted in writes_half_a_set(log):
        if log.told == "VSS_RS_NONE":
            yield PlantedBreach(planted.entries, log.status + 1, "frs-none")


def leaves_originals_aside(log: Log) -> Iterator[PlantedBreach]:
    """The copies of the originals are not put back after a file could not be replaced."""
    aside = {e["in"]["lpNewFileName"] for _, e in log.calls("CopyFile") if _source(e) in log.original}
    back = [i for i, e in log.calls("CopyFile", "MoveFileEx") if e["in"]["lpExistingFileName"] in aside]
    back = [i for i in back if log.entries[i]["returns"] == "ERROR_SUCCESS" and path_of(log.entries[i]) in log.original]
    refused = any(
        entry["returns"] != "ERROR_SUCCESS" and log.target(entry) in log.original
        for _, entry in log.calls("CreateFile", "WriteFile")
    )
    at = log.status if log.told == "VSS_RS_NONE" else log.written(log.mapped)
    if back and refused and at is not None:
        yield PlantedBreach(without(log.changed(), *back), at - len(back), "rm-fallback-rollback")


def _source(entry: Entry) -> str:
    return str(entry["in"].get("lpExistingFileName", "")).casefold()


def records_no_mapping(log: Log) -> Iterator[PlantedBreach]:
    """The mapping that was used is not recorded."""
    recorded = [i for i, e in enumerate(log.entries) if e.get("call") == f"{_BC}AddAlternativeLocationMapping"]
    if recorded:
        yield PlantedBreach(without(log.changed(), *recorded), log.after - len(recorded), "rm-reports-mapping")


def blames_itself(log: Log) -> Iterator[PlantedBreach]:
    """Nothing was restored, and the component is said to be corrupt."""
    looked = any(path_of(e) in log.places or _source(e) in log.original for _, e in log.calls("CreateFile", "CopyFile"))
    broke = any(entry["returns"] != "ERROR_SUCCESS" for _, entry in log.calls("WriteFile", "SetEndOfFile"))
    if log.told == "VSS_RS_NONE" and looked and not broke:
        entries = changed_at(log, log.status, **{"in": {"status": "VSS_RS_FAILED"}})
        yield PlantedBreach(entries, log.status, "frs-failed")


def says_all_with_a_file_missing(log: Log) -> Iterator[PlantedBreach]:
    """A file could not be written, and the status is VSS_RS_ALL."""
    refused = [e for _, e in log.calls("CreateFile") if e["returns"] == _LOCKED and path_of(e) in log.places]
    if log.told == "VSS_RS_NONE" and refused:
        entries = changed_at(log, log.status, **{"in": {"status": "VSS_RS_ALL"}})
        yield PlantedBreach(entries, log.status, "frs-all")


def says_none_of_what_was_restored(log: Log) -> Iterator[PlantedBreach]:
    """The files are in place, and the status is VSS_RS_NONE."""
    if log.told == "VSS_RS_ALL" and log.written() is not None and not any(log.calls("MoveFileEx")):
        entries = changed_at(log, log.status, **{"in": {"status": "VSS_RS_NONE"}})
        yield PlantedBreach(entries, log.status, "frs-none")


def stops_the_service_too_early(log: Log) -> Iterator[PlantedBreach]:
    """The service is stopped before PreRestore."""
    for index, entry in log.calls("ControlService"):
        if entry["in"].get("dwControl") == "SERVICE_CONTROL_STOP" and entry["returns"] == "ERROR_SUCCESS":
            entries = without(log.changed(), index)
            entries.insert(log.before, copy.deepcopy(entry))
            yield PlantedBreach(entries, log.before, "srs-prerestore-first")


def leaves_the_service_stopped(log: Log) -> Iterator[PlantedBreach]:
    """The service is not started again before PostRestore."""
    started = [i for i in range(log.before, log.after) if log.entries[i].get("call") == "StartService"]
    if started:
        entries = without(log.changed(), *started)
        yield PlantedBreach(entries, log.after - len(started), "srs-start-before-postrestore")


def stages_on_another_volume(log: Log) -> Iterator[PlantedBreach]:
    """A delayed move goes from one volume to another."""
    for index, entry in log.calls("MoveFileEx"):
        if _LATER in str(entry["in"].get("dwFlags")) and entry["in"].get("lpNewFileName"):
            yield PlantedBreach(
                changed_at(log, index, **{"in": {"lpExistingFileName": "E:\\staged"}}),
                index,
                "rar-same-volume",
                path_of(entry),
            )
            return


def forgets_the_restart(log: Log) -> Iterator[PlantedBreach]:
    """The log ends, and files still wait for the restart."""
    if any(_LATER in str(e["in"].get("dwFlags")) for _, e in log.calls("MoveFileEx")) and log.told == "VSS_RS_ALL":
        entries = [entry for entry in log.changed() if entry.get("happens") != "reboot"]
        yield PlantedBreach(entries, len(entries) - 1, "rar-boot-flag")


def ignores_the_target(log: Log) -> Iterator[PlantedBreach]:
    """The writer wanted the alternate location, and the files go to their original places."""
    written = log.written()
    for index, entry in log.calls("IVssComponent::GetRestoreTarget"):
        if written is not None and entry["out"]["pTarget"] in ("VSS_RT_ORIGINAL", "VSS_RT_ORIGINAL_LOCATION"):
            entries = changed_at(log, index, out={"pTarget": "VSS_RT_ALTERNATE"})
            file = log.target(log.entries[written])
            yield PlantedBreach(entries, written, "rt-alternate-never-original", file)


def _by_another_method(log: Log, rule: str, **stored: str) -> Iterator[PlantedBreach]:
    written = log.written()
    if written is not None and "out" in log.entries[log.method] and not log.renewed:
        file = log.target(log.entries[written])
        yield PlantedBreach(changed_at(log, log.method, out=stored), written, rule, file)


def restores_by_no_method(log: Log) -> Iterator[PlantedBreach]:
    """The stored method is undefined, and files are restored."""
    return _by_another_method(log, "rm-undefined", pMethod="VSS_RME_UNDEFINED")


def restores_what_is_custom(log: Log) -> Iterator[PlantedBreach]:
    """The writer has a procedure of its own, and its files are written."""
    return _by_another_method(log, "custom-not-generic", pMethod="VSS_RME_CUSTOM")


def restores_originals_of_mapped_writers(log: Log) -> Iterator[PlantedBreach]:
    """The stored method knows the mapped places only, and the files go to their original ones."""
    if log.by_the_method:
        way = "VSS_RME_RESTORE_TO_ALTERNATE_LOCATION"
        yield from _by_another_method(log, "rtal-never-original", pMethod=way)


def uses_mappings_that_it_may_not(log: Log) -> Iterator[PlantedBreach]:
    """The stored method waits for the restart, which knows no mappings, and the files go to their mapped places."""
    used = log.written(log.mapped)
    if used is not None and log.by_the_method and log.written() is None:
        entries = changed_at(log, log.method, out={"pMethod": "VSS_RME_RESTORE_AT_REBOOT"})
        yield PlantedBreach(entries, used, "rar-no-mapping", log.target(log.entries[used]))


def blames_itself_for_an_error_of_the_writer(log: Log) -> Iterator[PlantedBreach]:
    """Nobody can restore what only has mapped places and no mapping, and the component is said to be corrupt."""
    touched = any(_touches(log, entry) for _, entry in log.calls("CreateFile", "CopyFile", "DeleteFile", "WriteFile"))
    unmapped = log.entries[log.method].get("out", {}).get("pcMappings") == 0
    to_mapped = log.way == "VSS_RME_RESTORE_TO_ALTERNATE_LOCATION" and log.by_the_method and not log.renewed
    if to_mapped and unmapped and not touched and log.told == "VSS_RS_NONE":
        entries = changed_at(log, log.status, **{"in": {"status": "VSS_RS_FAILED"}})
        yield PlantedBreach(entries, log.status, "rtal-mapping-required")


def restores_where_nobody_says_who_takes_part(log: Log) -> Iterator[PlantedBreach]:
    """The stored metadata does not say when the writer takes part, and files are restored."""
    return _by_another_method(log, "wre-undefined", pwriterRestore="VSS_WRE_UNDEFINED")


def looks_too_early(log: Log) -> Iterator[PlantedBreach]:
    """What is in the way is seen before PreRestore only, and the set goes to its mapped place for it."""
    on_original = [i for i in range(log.before, log.status) if _touches(log, log.entries[i])]
    blocked = [i for i in on_original if log.entries[i].get("returns") in (_LOCKED, "ERROR_FILE_EXISTS")]
    mapped = [i for i, e in log.calls("WriteFile") if i > max(on_original, default=log.status)]
    copied = any(log.calls("CopyFile"))
    if blocked and mapped and not copied and log.told == "VSS_RS_ALL" and log.way != "VSS_RME_STOP_RESTORE_START":
        entries = without(log.changed(), *on_original)
        entries.insert(log.before, copy.deepcopy(log.entries[blocked[0]]))
        yield PlantedBreach(entries, mapped[0] - len(on_original) + 1, "rm-check-after-prerestore")


def _touches(log: Log, entry: Entry) -> bool:
    return path_of(entry) in log.original or (_source(entry) in log.original if "in" in entry else False)


def matches_by_a_stored_instance(log: Log) -> Iterator[PlantedBreach]:
    """A component is selected for an instance that ran at backup, and does not now."""
    for index, entry in enumerate(log.entries):
        if entry.get("call") == f"{_BC}SetSelectedForRestore":
            entries = changed_at(log, index, **{"in": {"instanceId": "{00000000-0000-4000-8000-0000000000aa}"}})
            entries[index]["call"] = "IVssBackupComponentsEx::SetSelectedForRestoreEx"
            entries[index].pop("returns", None)
            yield PlantedBreach(entries, index, "svc-stored-instance-useless")


def reads_live_metadata(log: Log) -> Iterator[PlantedBreach]:
    """Files are read from the metadata of the live writer, where the stored one counts."""
    begun = False
    for index, entry in enumerate(log.entries):
        begun = begun or entry.get("call") == f"{_BC}InitializeForRestore"
        if begun and entry.get("call") == f"{_BC}GetWriterMetadata":
            entries = log.changed()
            read = {"call": "IVssExamineWriterMetadata::GetComponent", "on": entry["out"]["ppMetadata"]}
            entries.insert(index + 1, {**read, "in": {"iComponent": 0}, "returns": "S_OK"})
            yield PlantedBreach(entries, index + 1, "seq-r-stored-not-live")
            return


def _deletion(log: Log, index: int, path: str) -> list[Entry]:
    """The lines with a file deleted before one of them."""
    entries = log.changed()
    gone: Entry = {"call": "DeleteFile", "in": {"lpFileName": path}, "returns": "ERROR_SUCCESS"}
    entries.insert(index, {**gone, **({"machine": machine} if (machine := entries[index].get("machine")) else {})})
    return entries


def deletes_an_original_and_gives_up(log: Log) -> Iterator[PlantedBreach]:
    """An original that could be opened is deleted, and nothing of the set is restored."""
    if log.told != "VSS_RS_NONE" or not log.by_the_method or log.renewed:
        return
    for _, entry in log.calls("CreateFile"):
        there = entry.get("out", {}).get("lastError") == "ERROR_ALREADY_EXISTS"
        if there and path_of(entry) in log.original:
            entries = _deletion(log, log.status, entry["in"]["lpFileName"])
            yield PlantedBreach(entries, log.status + 1, "rm-nothing-touched-on-block")
            return


def deletes_what_waits_for_the_restart(log: Log) -> Iterator[PlantedBreach]:
    """An original is deleted before its delayed move is registered."""
    if log.way != "VSS_RME_RESTORE_AT_REBOOT" or not log.by_the_method or log.renewed:
        return
    for index, entry in log.calls("MoveFileEx"):
        final = entry["in"]["lpNewFileName"]
        if _LATER in str(entry["in"]["dwFlags"]) and final is not None and entry["returns"] == "ERROR_SUCCESS":
            yield PlantedBreach(_deletion(log, index, final), index, "rar-final-untouched")
            return


RESTORE_FAULTS: Final[tuple[RestoreFault, ...]] = (
    leaves_empty_files,
    overwrites_what_is_there,
    writes_half_a_set,
    tells_nothing_of_half_a_set,
    leaves_originals_aside,
    deletes_an_original_and_gives_up,
    deletes_what_waits_for_the_restart,
    records_no_mapping,
    blames_itself,
    says_all_with_a_file_missing,
    says_none_of_what_was_restored,
    stops_the_service_too_early,
    leaves_the_service_stopped,
    stages_on_another_volume,
    forgets_the_restart,
    ignores_the_target,
    restores_by_no_method,
    restores_what_is_custom,
    restores_originals_of_mapped_writers,
    uses_mappings_that_it_may_not,
    blames_itself_for_an_error_of_the_writer,
    restores_where_nobody_says_who_takes_part,
    looks_too_early,
    matches_by_a_stored_instance,
    reads_live_metadata,
)
