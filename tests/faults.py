"""Faults that are planted into real traces: each knows where it fits, and which line must then be named."""

import copy
from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec import Struct

from tests.support import FOREIGN_ID, Entry, call, create

_BC: Final = "IVssBackupComponents"


class Planted(Struct, frozen=True):
    """A trace with a fault in it: the lines, the index of the line to be named, and whether an answer is to be set."""

    entries: list[Entry]
    index: int

    @property
    def line(self) -> int:
        """The number of the line to be named, in a file with a header."""
        return self.index + 2


Fault = Callable[[list[Entry]], Iterator[Planted]]


def _is(entry: Entry, *names: str) -> bool:
    interface, _, name = str(entry.get("call", "")).rpartition("::")
    return name in names and interface.startswith((_BC, "IUnknown"))


def _succeeded(entry: Entry) -> bool:
    return bool(entry.get("returns", "S_OK") == "S_OK")


def _find(entries: list[Entry], *names: str, on: str | None = None, after: int = -1) -> int | None:
    for index in range(after + 1, len(entries)):
        entry = entries[index]
        if _is(entry, *names) and _succeeded(entry) and (on is None or entry["on"] == on):
            return index
    return None


def _objects(entries: list[Entry], initialise: str) -> Iterator[tuple[str, int]]:
    """The objects that a trace makes and initialises so: handle, index of the initialising line."""
    made = {entry["out"]["ppBackup"] for entry in entries if entry.get("call") == "CreateVssBackupComponents"}
    for index, entry in enumerate(entries):
        if _is(entry, initialise) and entry["on"] in made:
            yield entry["on"], index


def without(entries: list[Entry], *indices: int) -> list[Entry]:
    """The lines but those at these places."""
    return [entry for index, entry in enumerate(entries) if index not in indices]


def _with(entries: list[Entry], index: int, *more: Entry) -> list[Entry]:
    return [*entries[:index], *copy.deepcopy(list(more)), *entries[index:]]


def _operation(entries: list[Entry], index: int) -> list[int]:
    """The lines of an asynchronous operation: its start and what is called on its handle."""
    handles = set((entries[index].get("out") or {}).values())
    return [index, *(other for other in range(index + 1, len(entries)) if entries[other].get("on") in handles)]


def _operation_end(entries: list[Entry], index: int) -> int:
    return _operation(entries, index)[-1]


def no_initialise(entries: list[Entry]) -> Iterator[Planted]:
    """Drop the initialisation; the next call on the object is the one that VSS refuses."""
    for handle, index in [*_objects(entries, "InitializeForBackup"), *_objects(entries, "InitializeForRestore")]:
        rest = without(entries, index)
        later = [
            number
            for number in range(index, len(rest))
            if rest[number].get("on") == handle and rest[number]["call"].startswith(_BC)
        ]
        if later:
            yield Planted(rest, later[0])


def two_initialises(entries: list[Entry]) -> Iterator[Planted]:
    """Initialise a second time, in either mode."""
    for name in ("InitializeForBackup", "InitializeForRestore"):
        for handle, index in _objects(entries, name):
            for again in ("InitializeForBackup", "InitializeForRestore"):
                yield Planted(_with(entries, index + 1, call(again, handle, bstrXML=None)), index + 1)


def backup_call_in_restore(entries: list[Entry]) -> Iterator[Planted]:
    """Call a method for backups on an object initialised for restore."""
    names = (
        "SetContext",
        "AddComponent",
        "StartSnapshotSet",
        "AddToSnapshotSet",
        "PrepareForBackup",
        "DoSnapshotSet",
        "ImportSnapshots",
        "Query",
        "BackupComplete",
    )
    for handle, index in _objects(entries, "InitializeForRestore"):
        for name in names:
            yield Planted(_with(entries, index + 1, call(name, handle)), index + 1)


def restore_call_in_backup(entries: list[Entry]) -> Iterator[Planted]:
    """Call a method for restores on an object initialised for backup."""
    for handle, index in _objects(entries, "InitializeForBackup"):
        for name in ("SetSelectedForRestore", "AddRestoreSubcomponent", "PreRestore", "PostRestore"):
            yield Planted(_with(entries, index + 1, call(name, handle)), index + 1)


def call_after_release(entries: list[Entry]) -> Iterator[Planted]:
    """Go on with an object after its last release."""
    for index, entry in enumerate(entries):
        if _is(entry, "Release") and _find(entries, "Release", on=entry["on"], after=index) is None:
            for name in ("GetWriterStatusCount", "SetBackupState", "GatherWriterMetadata"):
                yield Planted(_with(entries, index + 1, call(name, entry["on"])), index + 1)


def add_without_set(entries: list[Entry]) -> Iterator[Planted]:
    """Add a volume although no set was begun."""
    start = _find(entries, "StartSnapshotSet")
    if start is None:
        return
    rest = without(entries, start)
    add = _find(rest, "AddToSnapshotSet", on=entries[start]["on"], after=start - 1)
    if add is not None:
        yield Planted(rest, add)


def add_after_set(entries: list[Entry]) -> Iterator[Planted]:
    """Add a volume to a set that is created already."""
    do = _find(entries, "DoSnapshotSet")
    if do is not None:
        end = _operation_end(entries, do)
        yield Planted(
            _with(entries, end + 1, call("AddToSnapshotSet", entries[do]["on"], pwszVolumeName="Z:\\")), end + 1
        )


def do_without_volumes(entries: list[Entry]) -> Iterator[Planted]:
    """Create a set without a volume."""
    do = _find(entries, "DoSnapshotSet")
    if do is None:
        return
    volumes = [index for index, entry in enumerate(entries) if _is(entry, "AddToSnapshotSet")]
    rest = without(entries, *volumes)
    found = _find(rest, "DoSnapshotSet")
    if volumes and found is not None:
        yield Planted(rest, found)


def do_twice(entries: list[Entry]) -> Iterator[Planted]:
    """Create one set twice."""
    do = _find(entries, "DoSnapshotSet")
    if do is not None and _result(entries, do) == "VSS_S_ASYNC_FINISHED":
        end = _operation_end(entries, do)
        yield Planted(_with(entries, end + 1, call("DoSnapshotSet", entries[do]["on"])), end + 1)


def _result(entries: list[Entry], index: int) -> Any:
    results = [(entries[line].get("out") or {}).get("pHrResult") for line in _operation(entries, index)]
    return next((result for result in reversed(results) if result), None)


def prepare_without_writers(entries: list[Entry]) -> Iterator[Planted]:
    """Prepare writers in a context that has none."""
    context = _find(entries, "SetContext")
    for name in ("VSS_CTX_NAS_ROLLBACK", "VSS_CTX_FILE_SHARE_BACKUP", "VSS_CTX_CLIENT_ACCESSIBLE"):
        if context is None:
            continue
        changed = copy.deepcopy(entries)
        changed[context]["in"] = {"lContext": name}
        prepare = _find(changed, "PrepareForBackup")
        component = _find(changed, "AddComponent")
        if prepare is not None:
            yield Planted(changed, component if component is not None else prepare)


def complete_without_set(entries: list[Entry]) -> Iterator[Planted]:
    """Complete a backup whose set was never created."""
    do, complete = _find(entries, "DoSnapshotSet"), _find(entries, "BackupComplete")
    if do is not None and complete is not None:
        reads = [index for index, entry in enumerate(entries[:complete]) if _is(entry, "GetSnapshotProperties")]
        gone = [*_operation(entries, do), *reads]
        rest = without(entries, *gone)
        yield Planted(rest, complete - sum(index < complete for index in gone))


def post_without_pre(entries: list[Entry]) -> Iterator[Planted]:
    """Raise PostRestore although PreRestore never was."""
    pre, post = _find(entries, "PreRestore"), _find(entries, "PostRestore")
    if pre is not None and post is not None:
        gone = _operation(entries, pre)
        yield Planted(without(entries, *gone), post - sum(index < post for index in gone))


def context_after_start(entries: list[Entry]) -> Iterator[Planted]:
    """Set the context once the set is begun."""
    start = _find(entries, "StartSnapshotSet")
    if start is not None:
        late = call("SetContext", entries[start]["on"], lContext="VSS_CTX_APP_ROLLBACK")
        yield Planted(_with(entries, start + 1, late), start + 1)


def second_set(entries: list[Entry]) -> Iterator[Planted]:
    """Begin a set while another object of the machine has one in progress."""
    start = _find(entries, "StartSnapshotSet")
    if start is not None:
        other = [create("other"), call("InitializeForBackup", "other", bstrXML=None)]
        more = _with(entries, start + 1, *other, call("StartSnapshotSet", "other", None))
        yield Planted(more, start + 3)


def read_before_gather(entries: list[Entry]) -> Iterator[Planted]:
    """Read writer metadata that nobody gathered yet."""
    gather = _find(entries, "GatherWriterMetadata")
    if gather is not None:
        for name in ("GetWriterMetadataCount", "GetWriterMetadata"):
            yield Planted(_with(entries, gather, call(name, entries[gather]["on"])), gather)


def unknown_snapshot(entries: list[Entry]) -> Iterator[Planted]:
    """Ask an object that made its own set for a shadow copy that no line ever named."""
    do, context = _find(entries, "DoSnapshotSet"), _find(entries, "SetContext")
    if do is None or any(_is(entry, "Query") for entry in entries[:do]):
        return
    name = "VSS_CTX_BACKUP" if context is None else entries[context]["in"]["lContext"]
    if name.partition("|")[0] not in ("VSS_CTX_BACKUP", "VSS_CTX_FILE_SHARE_BACKUP"):
        return
    end = _operation_end(entries, do)
    for method, parameter in (("GetSnapshotProperties", "SnapshotId"), ("DeleteSnapshots", "SourceObjectId")):
        more = {"eSourceObjectType": "VSS_OBJECT_SNAPSHOT"} if method == "DeleteSnapshots" else {}
        asked = call(method, entries[do]["on"], **{parameter: FOREIGN_ID}, **more)
        yield Planted(_with(entries, end + 1, asked), end + 1)


FAULTS: Final[tuple[Fault, ...]] = (
    no_initialise,
    two_initialises,
    backup_call_in_restore,
    restore_call_in_backup,
    call_after_release,
    add_without_set,
    add_after_set,
    do_without_volumes,
    do_twice,
    prepare_without_writers,
    complete_without_set,
    post_without_pre,
    context_after_start,
    second_set,
    read_before_gather,
    unknown_snapshot,
)
