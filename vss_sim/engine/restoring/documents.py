"""What a program reads in the documents of a backup, call by call: writers with components and mappings, components.

At a restore only stored documents count: a writer that runs tells who it is, and nothing else (rules
seq-r-stored-not-live, svc-stored-instance-useless).
"""

from collections.abc import Iterator
from typing import Any, Final, Literal

from msgspec import Struct

from vss_sim.engine.ranges import names_a_file, ranges_file_of
from vss_sim.engine.restoring.program import BC, Program, VssSaidNo
from vss_sim.model.names import component_path, fold
from vss_sim.model.objects import Handle
from vss_sim.spec.enums import ComponentType, RestoreMethod, RestoreTarget, WriterRestore
from vss_sim.spec.hresult import HResult

_WRITER: Final = "IVssExamineWriterMetadata::"
_PART: Final = "IVssWMComponent::"
_FILES: Final = "IVssWMFiledesc::"
_DEPENDENCY: Final = "IVssWMDependency::"
_COMPONENT: Final = "IVssComponent::"
_WRITERS: Final = "IVssWriterComponents::"


class FileSet(Struct, frozen=True):
    """A file set of a component, or a mapping; `other` is its alternate path, or the destination of a mapping.

    Texts are as the writer gave them; `place` and `other_place` are the same with environment variables replaced.
    `mask` says which backups need its files, and from where; `is_log`: it is one of database log files.
    """

    path: str
    filespec: str
    recursive: bool
    other: str | None = None
    place: str = ""
    other_place: str | None = None
    mask: int = 0
    is_log: bool = False

    @property
    def source(self) -> str:
        """Where a backup finds its files (rule path-alternate-source)."""
        return self.other_place or self.place

    @property
    def names_a_file(self) -> bool:
        """Whether it means one file, which has to be there."""
        return not ("*" in self.filespec or "?" in self.filespec or self.recursive)

    @property
    def triple(self) -> tuple[str, str, bool]:
        """What ties a mapping to a file set: path, specification and recursion, as they are compared."""
        return fold(self.path.rstrip("\\")), fold(self.filespec), self.recursive


class Dependency(Struct, frozen=True):
    """A component of a writer, by its class, that another component depends on."""

    writer_id: str
    logical_path: str
    name: str

    @property
    def remote(self) -> bool:
        """Whether it is on another computer; pages differ where its name stands (C71)."""
        return self.logical_path.startswith("\\\\") or self.name.startswith("\\\\")


Key = tuple[str, str]
"""A component among those of its writer: logical path and name."""


class StoredComponent(Struct, frozen=True):
    """A component as its writer declared it."""

    type: ComponentType
    logical_path: str
    name: str
    selectable: bool
    selectable_for_restore: bool
    file_sets: tuple[FileSet, ...]
    dependencies: tuple[Dependency, ...] = ()

    @property
    def key(self) -> Key:
        """What names it among the components of its writer."""
        return self.logical_path, self.name

    @property
    def path_of_children(self) -> str:
        """The logical path that the components directly below it have."""
        return component_path(self.logical_path, self.name)

    def is_above(self, other: "StoredComponent") -> bool:
        """Whether `other` lies below it."""
        return fold(other.logical_path + "\\").startswith(fold(self.path_of_children + "\\"))


class StoredWriter(Struct, frozen=True):
    """A Writer Metadata Document as a program reads it; `method` None: it has no restore method."""

    writer_id: str
    instance_id: str
    name: str
    instance_name: str | None
    schema: int
    method: RestoreMethod | None
    service: str | None
    writer_restore: WriterRestore
    reboot_required: bool
    components: tuple[StoredComponent, ...]
    mappings: tuple[FileSet, ...]
    excluded: tuple[FileSet, ...] = ()

    def component(self, key: Key) -> StoredComponent | None:
        """The component of this name; names compare without case."""
        wanted = fold(key[0]), fold(key[1])
        return next((one for one in self.components if (fold(one.logical_path), fold(one.name)) == wanted), None)


def read_writer(program: Program, handle: Handle) -> StoredWriter:
    """Everything that a document says which a backup or a restore needs."""
    identity = program.ask(_WRITER[:-2] + "Ex::GetIdentityEx", handle)
    schema = program.ask(_WRITER + "GetBackupSchema", handle)["pdwSchemaMask"]
    how = program.ask(_WRITER + "GetRestoreMethod", handle)
    counts = program.ask(_WRITER + "GetFileCounts", handle)
    named = how.get("pMethod")
    mappings = range(how.get("pcMappings") or 0)
    return StoredWriter(
        writer_id=str(identity["pidWriter"]),
        instance_id=str(identity["pidInstance"]),
        name=str(identity["pbstrWriterName"]),
        instance_name=identity["pbstrInstanceName"],
        schema=int(schema),
        method=RestoreMethod(named) if named else None,
        service=how.get("pbstrService"),
        writer_restore=WriterRestore(how.get("pwriterRestore") or WriterRestore.ALWAYS),
        reboot_required=bool(how.get("pbRebootRequired")),
        components=tuple(_component(program, handle, index) for index in range(counts["pcComponents"])),
        mappings=tuple(_file_set(program, handle, _WRITER, "GetAlternateLocationMapping", i) for i in mappings),
        excluded=tuple(
            _file_set(program, handle, _WRITER, "GetExcludeFile", index) for index in range(counts["pcExcludeFiles"])
        ),
    )


_NUMBERS: Final = {
    "GetAlternateLocationMapping": "iMapping",
    "GetExcludeFile": "iFile",
    "GetFile": "iFile",
    "GetDatabaseFile": "iDBFile",
    "GetDatabaseLogFile": "iDbLogFile",
}


def _component(program: Program, writer: Handle, index: int) -> StoredComponent:
    handle = program.ask(_WRITER + "GetComponent", writer, iComponent=index)["ppComponent"]
    info = program.ask(_PART + "GetComponentInfo", handle)["ppInfo"]
    lists = (("GetFile", "cFileCount"), ("GetDatabaseFile", "cDatabases"), ("GetDatabaseLogFile", "cLogFiles"))
    file_sets = tuple(
        _file_set(program, handle, _PART, call, number) for call, count in lists for number in range(info[count])
    )
    dependencies = tuple(_dependency(program, handle, number) for number in range(info["cDependencies"]))
    program.ask(_PART + "FreeComponentInfo", handle)
    program.release(handle)
    return StoredComponent(
        type=ComponentType(info["type"]),
        logical_path=info["bstrLogicalPath"] or "",
        name=str(info["bstrComponentName"]),
        selectable=bool(info["bSelectable"]),
        selectable_for_restore=bool(info["bSelectableForRestore"]),
        file_sets=file_sets,
        dependencies=dependencies,
    )


def _dependency(program: Program, component: Handle, number: int) -> Dependency:
    handle = program.ask(_PART + "GetDependency", component, iDependency=number)["ppDependency"]
    found = Dependency(
        str(program.ask(_DEPENDENCY + "GetWriterId", handle).get("pWriterId")),
        program.ask(_DEPENDENCY + "GetLogicalPath", handle).get("pbstrLogicalPath") or "",
        program.ask(_DEPENDENCY + "GetComponentName", handle).get("pbstrComponentName") or "",
    )
    program.release(handle)
    return found


def _file_set(program: Program, on: Handle, interface: str, call: str, number: int) -> FileSet:
    handle = program.ask(interface + call, on, **{_NUMBERS[call]: number})["ppFiledesc"]
    of_a_component = interface == _PART
    path = program.ask(_FILES + "GetPath", handle)["pbstrPath"] or ""
    other = program.ask(_FILES + "GetAlternateLocation", handle)["pbstrAlternateLocation"]
    found = FileSet(
        path=path,
        filespec=program.ask(_FILES + "GetFilespec", handle)["pbstrFilespec"] or "",
        recursive=bool(program.ask(_FILES + "GetRecursive", handle)["pbRecursive"]),
        other=other,
        place=program.expanded(path).rstrip("\\"),
        other_place=program.expanded(other).rstrip("\\") if other else None,
        mask=int(program.ask(_FILES + "GetBackupTypeMask", handle)["pdwTypeMask"]) if of_a_component else 0,
        is_log=call == "GetDatabaseLogFile",
    )
    program.release(handle)
    return found


def stored_writer(program: Program, document: object) -> StoredWriter:
    """A writer by the document that the backup saved."""
    handle = program.ask("CreateVssExamineWriterMetadata", bstrXML=document)["ppMetadata"]
    writer = read_writer(program, handle)
    program.release(handle)
    return writer


class Running(Struct, frozen=True):
    """A writer instance that runs now."""

    writer_id: str
    instance_id: str
    instance_name: str | None


def running_writers(program: Program, bc: Handle) -> tuple[Running, ...]:
    """Who runs, from the metadata that was gathered; nothing else is taken from it."""
    found = []
    for number in range(program.ask(BC + "GetWriterMetadataCount", bc)["pcWriters"]):
        handle = program.ask(BC + "GetWriterMetadata", bc, iWriter=number)["ppMetadata"]
        identity = program.ask(_WRITER[:-2] + "Ex::GetIdentityEx", handle)
        found.append(Running(str(identity["pidWriter"]), str(identity["pidInstance"]), identity["pbstrInstanceName"]))
        program.release(handle)
    program.ask(BC + "FreeWriterMetadata", bc)
    return tuple(found)


class Partial(Struct, frozen=True):
    """A file of which ranges were saved."""

    path: str
    name: str
    ranges: str
    ranges_file: str = ""
    """Where it was at backup, if the ranges stand in a file."""


class Differenced(Struct, frozen=True):
    """Files that are saved if they changed since a time (100 ns since 1601; 0: by the requester's own records)."""

    place: str
    filespec: str
    recursive: bool
    since: int


class Directed(Struct, frozen=True):
    """Ranges of a saved file, and where the writer wants them."""

    source: str
    source_ranges: str
    destination: str
    destination_ranges: str


class Explicit(Struct, frozen=True):
    """A component of the Backup Components Document, as a program reads it again after PreRestore."""

    writer_id: str
    instance_id: str
    type: ComponentType
    logical_path: str
    name: str
    target: RestoreTarget = RestoreTarget.ORIGINAL
    partial: tuple[Partial, ...] = ()
    differenced: tuple[Differenced, ...] = ()
    stamp: str | None = None
    directed: tuple[Directed, ...] = ()
    succeeded: bool = True
    """Whether all of it was saved, as SetBackupSucceeded said."""

    @property
    def key(self) -> Key:
        """What names it among the components of its writer."""
        return self.logical_path, self.name

    @property
    def arguments(self) -> dict[str, Any]:
        """What names it to a call; the parameter of the type has two names in VSS."""
        return {"writerId": self.writer_id, "wszLogicalPath": self.logical_path, "wszComponentName": self.name}


Reads = Literal["names", "stamps", "backup", "unheard", "all"]
"""What is asked of a component: who it is, its stamp, what a backup needs to know of it, or a restore.

A restore of which no writer hears asks all but what writers set in PreRestore.
"""


def explicit_components(program: Program, bc: Handle, reads: Reads) -> tuple[Explicit, ...]:
    """The components that were added at backup, writer by writer."""
    found: list[Explicit] = []
    for number in range(program.ask(BC + "GetWriterComponentsCount", bc)["pcComponents"]):
        writer = program.ask(BC + "GetWriterComponents", bc, iWriter=number)["ppWriter"]
        info = program.ask(_WRITERS + "GetWriterInfo", writer)
        for index in range(program.ask(_WRITERS + "GetComponentCount", writer)["pcComponents"]):
            handle = program.ask(_WRITERS + "GetComponent", writer, iComponent=index)["ppComponent"]
            found.append(_explicit(program, handle, str(info["pidWriter"]), str(info["pidInstance"]), reads))
            program.release(handle)
        program.release(writer)
    return tuple(found)


def _explicit(program: Program, handle: Handle, writer_id: str, instance_id: str, reads: Reads) -> Explicit:
    return Explicit(
        writer_id=writer_id,
        instance_id=instance_id,
        type=ComponentType(program.ask(_COMPONENT + "GetComponentType", handle)["pct"]),
        logical_path=program.ask(_COMPONENT + "GetLogicalPath", handle)["pbstrPath"] or "",
        name=str(program.ask(_COMPONENT + "GetComponentName", handle)["pbstrName"]),
        target=_target(program, handle) if reads == "all" else RestoreTarget.ORIGINAL,
        partial=tuple(_partial_files(program, handle)) if reads in ("backup", "unheard", "all") else (),
        differenced=tuple(_differenced_files(program, handle)) if reads in ("backup", "unheard", "all") else (),
        stamp=program.ask(_COMPONENT + "GetBackupStamp", handle)["pbstrBackupStamp"] if reads == "stamps" else None,
        directed=tuple(_directed_targets(program, handle)) if reads == "all" else (),
        succeeded=reads == "backup" or _succeeded(program, handle),
    )


def _succeeded(program: Program, handle: Handle) -> bool:
    """What nobody said is taken for good."""
    return program.ask(_COMPONENT + "GetBackupSucceeded", handle).get("pbSucceeded") is not False


def _target(program: Program, handle: Handle) -> RestoreTarget:
    """What no writer set is the original place (rule restore-target-default-original)."""
    try:
        return RestoreTarget(program.ask(_COMPONENT + "GetRestoreTarget", handle)["pTarget"])
    except VssSaidNo as no:
        if no.answer is HResult.VSS_E_OBJECT_NOT_FOUND:
            return RestoreTarget.ORIGINAL
        raise


def _partial_files(program: Program, handle: Handle) -> Iterator[Partial]:
    for number in range(program.ask(_COMPONENT + "GetPartialFileCount", handle)["pcPartialFiles"]):
        out = program.ask(_COMPONENT + "GetPartialFile", handle, iPartialFile=number)
        ranges = out["pbstrRange"] or ""
        place = program.expanded(ranges_file_of(ranges)) if names_a_file(ranges) else ""
        yield Partial(program.expanded(out["pbstrPath"] or ""), out["pbstrFilename"] or "", ranges, place)


def _differenced_files(program: Program, handle: Handle) -> Iterator[Differenced]:
    for number in range(program.ask(_COMPONENT + "GetDifferencedFilesCount", handle)["pcDifferencedFiles"]):
        out = program.ask(_COMPONENT + "GetDifferencedFile", handle, iDifferencedFile=number)
        place = program.expanded(out["pbstrPath"] or "").rstrip("\\")
        since = int(out["pftLastModifyTime"] or 0)
        yield Differenced(place, out["pbstrFilespec"] or "", bool(out["pbRecursive"]), since)


def _directed_targets(program: Program, handle: Handle) -> Iterator[Directed]:
    for number in range(program.ask(_COMPONENT + "GetDirectedTargetCount", handle)["pcDirectedTarget"]):
        out = program.ask(_COMPONENT + "GetDirectedTarget", handle, iDirectedTarget=number)
        yield Directed(
            source=joined(out["pbstrSourcePath"], out["pbstrSourceFileName"]),
            source_ranges=out["pbstrSourceRangeList"] or "",
            destination=joined(out["pbstrDestinationPath"], out["pbstrDestinationFilename"]),
            destination_ranges=out["pbstrDestinationRangeList"] or "",
        )


def joined(folder: str | None, name: str | None) -> str:
    """The path of a file in a folder."""
    return (folder or "").rstrip("\\") + "\\" + (name or "")
