"""Faults that are planted into the logs of clean restores: each knows where it fits, which line and rule are named."""

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from msgspec import Struct

from tests.faults import without
from tests.restoring import FILES, MAPPED
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


class Log(Struct, frozen=True):
    """The lines of one restore of one component: its stored method, and where its steps stand."""

    entries: list[Entry]
    method: int
    before: int
    """The index of PreRestore."""
    status: int
    """The index of SetFileRestoreStatus."""
    after: int
    """The index of PostRestore."""
    original: frozenset[str]
    """The original paths of the files that were saved, without regard to case."""
    mapped: frozenset[str]
    """Their mapped places."""

    @property
    def places(self) -> frozenset[str]:
        """Where files may go."""
        return self.original | self.mapped

    @property
    def way(self) -> str:
        """The stored restore method."""
        return str(self.entries[self.method].get("out", {}).get("pMethod"))

    @property
    def told(self) -> str:
        """The status that was set."""
        return str(self.entries[self.status]["in"]["status"])

    @property
    def by_the_method(self) -> bool:
        """Whether the writer leaves it to the method where its files go."""
        return any(e["out"]["pTarget"] == "VSS_RT_ORIGINAL" for _, e in self.calls("IVssComponent::GetRestoreTarget"))

    @property
    def renewed(self) -> bool:
        """Whether files go to new targets."""
        return any(entry.get("call") == f"{_BC}AddNewTarget" for entry in self.entries)

    def calls(self, *names: str) -> Iterator[tuple[int, Entry]]:
        """The calls of these names between PreRestore and the status."""
        for index in range(self.before, self.status):
            if self.entries[index].get("call") in names:
                yield index, self.entries[index]

    def changed(self) -> list[Entry]:
        """The lines, to be changed."""
        return copy.deepcopy(self.entries)

    def written(self, places: frozenset[str] | None = None) -> int | None:
        """The index of the first content that goes to one of these places (None: an original one)."""
        wanted = self.original if places is None else places
        for index, entry in self.calls("WriteFile", "CopyFile"):
            if self.target(entry) in wanted and entry["returns"] == "ERROR_SUCCESS":
                return index
        return None

    def target(self, entry: Entry) -> str:
        """The path that a call is about, also where it has a handle only."""
        paths = {e["out"]["hFile"]: _path(e) for _, e in self.calls("CreateFile") if "hFile" in e.get("out", {})}
        return paths.get(entry["in"].get("hFile"), _path(entry))


class PlantedBreach(Struct, frozen=True):
    """A log with a fault in it: its lines, the index of the line to be named, and the rule that it breaks."""

    entries: list[Entry]
    index: int
    rule: str
    file: str = ""
    """The file that the finding names, without regard to case."""

    @property
    def line(self) -> int:
        """The number of the line to be named, in a file with a header."""
        return self.index + 2


RestoreFault = Callable[[Log], Iterator[PlantedBreach]]


def log_of(entries: list[Entry], original: Iterable[str] = FILES, mapped: Iterable[str] = MAPPED) -> Log | None:
    """The one restore of a log; None where it has not all of its steps, or more than one of each."""
    found: dict[str, list[int]] = {}
    for index, entry in enumerate(entries):
        found.setdefault(str(entry.get("call", "")).removeprefix(_BC), []).append(index)
    steps = [found.get(name, []) for name in ("PreRestore", "SetFileRestoreStatus", "PostRestore")]
    methods = found.get("IVssExamineWriterMetadata::GetRestoreMethod", [])
    if not methods or any(len(step) != 1 for step in steps):
        return None
    before, status, after = (step[0] for step in steps)
    home, far = (frozenset(path.casefold() for path in paths) for paths in (original, mapped))
    return Log(entries, methods[-1], before, status, after, home, far)


def _path(entry: Entry) -> str:
    given = entry.get("in", {})
    return str(given.get("lpFileName", given.get("lpNewFileName", ""))).casefold()


def _changed(log: Log, index: int, **more: Any) -> list[Entry]:
    """The lines with other arguments, results or answer at one of them."""
    entries = log.changed()
    for part, values in more.items():
        if isinstance(values, dict):
            entries[index][part] = {**entries[index].get(part, {}), **values}
        else:
            entries[index][part] = values
    return entries


def leaves_empty_files(log: Log) -> Iterator[PlantedBreach]:
    """The files that the proof made are not removed."""
    made = {_path(e) for _, e in log.calls("CreateFile") if e["in"].get("dwCreationDisposition") == "CREATE_NEW"}
    removed = [i for i, e in log.calls("DeleteFile") if _path(e) in made & log.original]
    if removed and log.written() is None:
        yield PlantedBreach(
            without(log.changed(), *removed), log.status - len(removed), "rm-preflight-undo-placeholders"
        )


def overwrites_what_is_there(log: Log) -> Iterator[PlantedBreach]:
    """A file that is there is opened as if it were not."""
    for index, entry in log.calls("CreateFile"):
        if entry["returns"] == "ERROR_FILE_EXISTS" and _path(entry) in log.original:
            entries = _changed(
                log,
                index,
                returns="ERROR_SUCCESS",
                out={"hFile": "planted", "lastError": "ERROR_ALREADY_EXISTS"},
                **{"in": {"dwCreationDisposition": "CREATE_ALWAYS"}},
            )
            yield PlantedBreach(entries, index, "rint-never-overwrite-original", _path(entry))


def writes_half_a_set(log: Log) -> Iterator[PlantedBreach]:
    """One file is written, though another of the set cannot be."""
    gone = {_path(e) for _, e in log.calls("DeleteFile")}
    opened = [e for _, e in log.calls("CreateFile") if "hFile" in e.get("out", {}) and _path(e) in log.original - gone]
    failed = [i for i, e in log.calls("CreateFile") if e["returns"] == _LOCKED and _path(e) in log.original]
    if opened and failed and log.way in _BLOCKED and log.by_the_method:
        content = {"call": "WriteFile", "in": {"hFile": opened[0]["out"]["hFile"], "content": "new"}}
        entries = log.changed()
        entries.insert(failed[0] + 1, {**content, "returns": "ERROR_SUCCESS"})
        yield PlantedBreach(entries, failed[0] + 1, _BLOCKED[log.way], _path(opened[0]))


def tells_nothing_of_half_a_set(log: Log) -> Iterator[PlantedBreach]:
    """The same, at the line that says that nothing was restored."""
    for planted in writes_half_a_set(log):
        if log.told == "VSS_RS_NONE":
            yield PlantedBreach(planted.entries, log.status + 1, "frs-none")


def leaves_originals_aside(log: Log) -> Iterator[PlantedBreach]:
    """The copies of the originals are not put back after a file could not be replaced."""
    aside = {e["in"]["lpNewFileName"] for _, e in log.calls("CopyFile") if _source(e) in log.original}
    back = [i for i, e in log.calls("CopyFile", "MoveFileEx") if e["in"]["lpExistingFileName"] in aside]
    back = [i for i in back if log.entries[i]["returns"] == "ERROR_SUCCESS" and _path(log.entries[i]) in log.original]
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
    looked = any(_path(e) in log.places or _source(e) in log.original for _, e in log.calls("CreateFile", "CopyFile"))
    broke = any(entry["returns"] != "ERROR_SUCCESS" for _, entry in log.calls("WriteFile", "SetEndOfFile"))
    if log.told == "VSS_RS_NONE" and looked and not broke:
        entries = _changed(log, log.status, **{"in": {"status": "VSS_RS_FAILED"}})
        yield PlantedBreach(entries, log.status, "frs-failed")


def says_all_with_a_file_missing(log: Log) -> Iterator[PlantedBreach]:
    """A file could not be written, and the status is VSS_RS_ALL."""
    refused = [e for _, e in log.calls("CreateFile") if e["returns"] == _LOCKED and _path(e) in log.places]
    if log.told == "VSS_RS_NONE" and refused:
        entries = _changed(log, log.status, **{"in": {"status": "VSS_RS_ALL"}})
        yield PlantedBreach(entries, log.status, "frs-all")


def says_none_of_what_was_restored(log: Log) -> Iterator[PlantedBreach]:
    """The files are in place, and the status is VSS_RS_NONE."""
    if log.told == "VSS_RS_ALL" and log.written() is not None and not any(log.calls("MoveFileEx")):
        entries = _changed(log, log.status, **{"in": {"status": "VSS_RS_NONE"}})
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
                _changed(log, index, **{"in": {"lpExistingFileName": "E:\\staged"}}),
                index,
                "rar-same-volume",
                _path(entry),
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
            entries = _changed(log, index, out={"pTarget": "VSS_RT_ALTERNATE"})
            file = log.target(log.entries[written])
            yield PlantedBreach(entries, written, "rt-alternate-never-original", file)


def _by_another_method(log: Log, rule: str, **stored: str) -> Iterator[PlantedBreach]:
    written = log.written()
    if written is not None and "out" in log.entries[log.method] and not log.renewed:
        file = log.target(log.entries[written])
        yield PlantedBreach(_changed(log, log.method, out=stored), written, rule, file)


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
        entries = _changed(log, log.method, out={"pMethod": "VSS_RME_RESTORE_AT_REBOOT"})
        yield PlantedBreach(entries, used, "rar-no-mapping", log.target(log.entries[used]))


def blames_itself_for_an_error_of_the_writer(log: Log) -> Iterator[PlantedBreach]:
    """Nobody can restore what only has mapped places and no mapping, and the component is said to be corrupt."""
    touched = any(_touches(log, entry) for _, entry in log.calls("CreateFile", "CopyFile", "DeleteFile", "WriteFile"))
    unmapped = log.entries[log.method].get("out", {}).get("pcMappings") == 0
    to_mapped = log.way == "VSS_RME_RESTORE_TO_ALTERNATE_LOCATION" and log.by_the_method and not log.renewed
    if to_mapped and unmapped and not touched and log.told == "VSS_RS_NONE":
        entries = _changed(log, log.status, **{"in": {"status": "VSS_RS_FAILED"}})
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
    return _path(entry) in log.original or (_source(entry) in log.original if "in" in entry else False)


def matches_by_a_stored_instance(log: Log) -> Iterator[PlantedBreach]:
    """A component is selected for an instance that ran at backup, and does not now."""
    for index, entry in enumerate(log.entries):
        if entry.get("call") == f"{_BC}SetSelectedForRestore":
            entries = _changed(log, index, **{"in": {"instanceId": "{00000000-0000-4000-8000-0000000000aa}"}})
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
        if there and _path(entry) in log.original:
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
