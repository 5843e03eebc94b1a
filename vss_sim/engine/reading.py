"""What the objects answer that only tell: writer metadata, components, file descriptions, dependencies, documents.

Each function gets the desk, what the object holds and the arguments; where a thing is not there, the pages say with
which code that is told (rule obs-unset-is-s-false).
"""

from collections.abc import Callable
from typing import Any, Final

from vss_sim.engine.answers import OF_THE_METHOD, OK, Answer, no
from vss_sim.engine.desk import Desk
from vss_sim.model.metadata import (
    AlternateLocationMapping,
    ComponentDependency,
    FileSet,
    WriterComponent,
    WriterMetadata,
)
from vss_sim.model.objects import ReadObject
from vss_sim.model.values import GUID_NULL, guid
from vss_sim.spec.hresult import HResult

Arguments = dict[str, Any]
Reader = Callable[[Desk, Any, Arguments], Answer]

FILEDESC: Final = "IVssWMFiledesc"
COMPONENT: Final = "IVssWMComponent"
DEPENDENCY: Final = "IVssWMDependency"
METADATA: Final = "IVssExamineWriterMetadata"


_UINT: Final = 1 << 32
"""So many values a UINT has."""

Otherwise = tuple[HResult, str]
"""What an index beyond the list is answered with, and by which rule."""

_NOT_FOUND: Final = (HResult.VSS_E_OBJECT_NOT_FOUND, OF_THE_METHOD)
_NO_SUCH_INDEX: Final = (HResult.E_INVALIDARG, OF_THE_METHOD)
"""The page of GetExcludeFromSnapshotFile knows no VSS_E_OBJECT_NOT_FOUND."""


def told(**out: Any) -> Answer:
    """Success, with these results."""
    return Answer(HResult.S_OK, out)


def text(parameter: str, value: str | None) -> Answer:
    """A text, or S_FALSE and NULL where there is none."""
    return Answer(HResult.S_FALSE if value is None else HResult.S_OK, {parameter: value})


def _hand_out(desk: Desk, family: str, parameter: str, content: Any) -> Answer:
    made = ReadObject(machine=desk.machine_index, process=desk.process, family=family, content=content)
    return told(**{parameter: desk.make(family.removeprefix("IVss"), made)})


def _nth(parameter: str, index: int, things: tuple[Any, ...], what: str, otherwise: Otherwise) -> Answer | Any:
    if index < len(things):
        return things[index]
    return no(*otherwise, beyond(parameter, index, len(things), what))


def beyond(parameter: str, index: int, count: int, what: str) -> str:
    """Why an index names nothing: what was asked for, and what there is."""
    given = f"{index} ({index - _UINT})" if index > _UINT // 2 else f"{index}"  # what C makes of -1
    if not count:
        return f"{parameter} is {given}; there are no {what}"
    return f"{parameter} is {given}; of the {what} there {'is' if count == 1 else 'are'} {count}, counted from 0"


def _listing(field: str, parameter: str, out: str, family: str, what: str, otherwise: Otherwise = _NOT_FOUND) -> Reader:
    """A method that hands out one thing of a list by its index."""

    def read(desk: Desk, content: Any, arguments: Arguments) -> Answer:
        found = _nth(parameter, arguments[parameter], getattr(content, field), what, otherwise)
        return found if isinstance(found, Answer) else _hand_out(desk, family, out, found)

    return read


def get_identity(desk: Desk, content: WriterMetadata, arguments: Arguments) -> Answer:
    """Who the writer is."""
    return told(
        pidInstance=guid(content.instance_id),
        pidWriter=guid(content.writer_id),
        pbstrWriterName=content.name,
        pUsage=content.usage,
        pSource=content.source,
    )


def get_identity_ex(desk: Desk, content: WriterMetadata, arguments: Arguments) -> Answer:
    """Who the writer is, and the name of its instance."""
    identity = get_identity(desk, content, arguments)
    return told(**identity.out, pbstrInstanceName=content.instance_name)


def get_file_counts(desk: Desk, content: WriterMetadata, arguments: Arguments) -> Answer:
    """How many file sets and components there are."""
    return told(
        pcIncludeFiles=len(content.include_files),
        pcExcludeFiles=len(content.exclude_files),
        pcComponents=len(content.components),
    )


def get_restore_method(desk: Desk, content: WriterMetadata, arguments: Arguments) -> Answer:
    """How files are restored; S_FALSE where the writer gave no method."""
    method = content.restore_method
    if method is None:
        return Answer(HResult.S_FALSE)
    return told(
        pMethod=method.method,
        pbstrService=method.service,
        pbstrUserProcedure=method.user_procedure,
        pwriterRestore=method.writer_restore,
        pbRebootRequired=method.reboot_required,
        pcMappings=len(content.alternate_location_mappings),
    )


def get_component_info(desk: Desk, content: WriterComponent, arguments: Arguments) -> Answer:
    """A VSS_COMPONENTINFO, by the names of its members."""
    info = {
        "type": content.type,
        "bstrLogicalPath": content.logical_path or None,
        "bstrComponentName": content.name,
        "bstrCaption": content.caption,
        "pbIcon": content.icon,
        "bRestoreMetadata": content.restore_metadata,
        "bNotifyOnBackupComplete": content.notify_on_backup_complete,
        "bSelectable": content.selectable,
        "bSelectableForRestore": content.selectable_for_restore,
        "dwComponentFlags": content.flags,
        "cFileCount": len(content.files),
        "cDatabases": len(content.database_files),
        "cLogFiles": len(content.database_log_files),
        "cDependencies": len(content.dependencies),
    }
    return told(ppInfo=info)


def _alternate(desk: Desk, content: FileSet | AlternateLocationMapping, arguments: Arguments) -> Answer:
    where = content.destination if isinstance(content, AlternateLocationMapping) else content.alternate_path
    return text("pbstrAlternateLocation", where)


def _mask(desk: Desk, content: FileSet | AlternateLocationMapping, arguments: Arguments) -> Answer:
    return told(pdwTypeMask=content.backup_type if isinstance(content, FileSet) else 0)


def _dependency(field: str, parameter: str) -> Reader:
    def read(desk: Desk, content: ComponentDependency, arguments: Arguments) -> Answer:
        if guid(content.writer_id) == GUID_NULL:
            return Answer(HResult.S_FALSE)
        value = getattr(content, field)
        return told(**{parameter: guid(value) if field == "writer_id" else value})

    return read


READERS: Final[dict[tuple[str, str], Reader]] = {
    (METADATA, "GetIdentity"): get_identity,
    (METADATA, "GetIdentityEx"): get_identity_ex,
    (METADATA, "GetFileCounts"): get_file_counts,
    (METADATA, "GetIncludeFile"): _listing("include_files", "iFile", "ppFiledesc", FILEDESC, "include file sets"),
    (METADATA, "GetExcludeFile"): _listing("exclude_files", "iFile", "ppFiledesc", FILEDESC, "exclude file sets"),
    (METADATA, "GetComponent"): _listing("components", "iComponent", "ppComponent", COMPONENT, "components"),
    (METADATA, "GetRestoreMethod"): get_restore_method,
    (METADATA, "GetAlternateLocationMapping"): _listing(
        "alternate_location_mappings", "iMapping", "ppFiledesc", FILEDESC, "alternate location mappings"
    ),
    (METADATA, "GetBackupSchema"): lambda desk, content, arguments: told(pdwSchemaMask=content.schema),
    (METADATA, "GetDocument"): lambda desk, content, arguments: told(pDoc=content),
    (METADATA, "SaveAsXML"): lambda desk, content, arguments: told(pbstrXML=content),
    (METADATA, "GetVersion"): lambda desk, content, arguments: told(
        pdwMajorVersion=content.major_version, pdwMinorVersion=content.minor_version
    ),
    (METADATA, "GetExcludeFromSnapshotCount"): lambda desk, content, arguments: told(
        pcExcludedFromSnapshot=len(content.exclude_from_snapshot_files)
    ),
    (METADATA, "GetExcludeFromSnapshotFile"): _listing(
        "exclude_from_snapshot_files",
        "iFile",
        "ppFiledesc",
        FILEDESC,
        "file sets excluded from shadow copies",
        _NO_SUCH_INDEX,
    ),
    (COMPONENT, "GetComponentInfo"): get_component_info,
    (COMPONENT, "FreeComponentInfo"): lambda desk, content, arguments: told(),
    (COMPONENT, "GetFile"): _listing("files", "iFile", "ppFiledesc", FILEDESC, "file sets"),
    (COMPONENT, "GetDatabaseFile"): _listing("database_files", "iDBFile", "ppFiledesc", FILEDESC, "database files"),
    (COMPONENT, "GetDatabaseLogFile"): _listing(
        "database_log_files", "iDbLogFile", "ppFiledesc", FILEDESC, "database log files"
    ),
    (COMPONENT, "GetDependency"): _listing("dependencies", "iDependency", "ppDependency", DEPENDENCY, "dependencies"),
    (FILEDESC, "GetPath"): lambda desk, content, arguments: told(pbstrPath=content.path),
    (FILEDESC, "GetFilespec"): lambda desk, content, arguments: told(pbstrFilespec=content.filespec),
    (FILEDESC, "GetRecursive"): lambda desk, content, arguments: told(pbRecursive=content.recursive),
    (FILEDESC, "GetAlternateLocation"): _alternate,
    (FILEDESC, "GetBackupTypeMask"): _mask,
    (DEPENDENCY, "GetWriterId"): _dependency("writer_id", "pWriterId"),
    (DEPENDENCY, "GetLogicalPath"): _dependency("logical_path", "pbstrLogicalPath"),
    (DEPENDENCY, "GetComponentName"): _dependency("component_name", "pbstrComponentName"),
}
"""Family and method → what it tells."""


def load(content: object) -> Answer:
    """Another document into an examining object: S_FALSE where there is none, a failure where the text is none."""
    if isinstance(content, WriterMetadata):
        return OK
    if content is None:
        return no(HResult.E_INVALIDARG, OF_THE_METHOD, "bstrXML is NULL")
    if content == "":
        return Answer(HResult.S_FALSE)
    words = "the text given is no Writer Metadata Document"
    return no(HResult.VSS_E_INVALID_XML_DOCUMENT, OF_THE_METHOD, words)
