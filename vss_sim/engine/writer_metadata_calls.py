"""How a writer builds its metadata inside Identify: the methods of `IVssCreateWriterMetadata` and its later version.

What the description of the writer says is there already; calls add to it.
Page: https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-ivsscreatewritermetadata
"""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.drafts import Arguments, Draft, DraftBody
from vss_sim.engine.inputs import Invalid
from vss_sim.model.metadata import (
    AlternateLocationMapping,
    ComponentDependency,
    FileSet,
    RestoreMethodDescription,
    WriterComponent,
    WriterMetadata,
)
from vss_sim.model.values import guid
from vss_sim.spec.enums import BackupSchema, ComponentFlags, ComponentType
from vss_sim.spec.hresult import HResult
from vss_sim.spec.restoring.methods import BY_A_SERVICE
from vss_sim.spec.systems import Generation, knows_remote_components

_INCREMENTS: Final = int(BackupSchema.INCREMENTAL | BackupSchema.DIFFERENTIAL)


def _invalid(rule: str, words: str) -> Answer:
    return no(HResult.E_INVALIDARG, rule, words)


def _not_a_file_set(draft: Draft, path: str | None, filespec: str | None) -> Answer | None:
    """A path without wildcards on a local volume, a specification without a backslash (create-md-local-paths)."""
    rule = "create-md-local-paths"
    if not path or not filespec:
        return _invalid("ans-invalid-argument", f"the path is {path!r}, the file specification {filespec!r}")
    if "*" in path or "?" in path:
        return _invalid(rule, f"the path is {path!r}")
    if "\\" in filespec:
        return _invalid(rule, f"the file specification is {filespec!r}")
    if path.startswith("\\\\") and draft.system.generation < Generation.WINDOWS_8:
        return _invalid(rule, f"{path!r} is on a share")
    return None


def _add(draft: Draft, field: str, thing: Any) -> Answer:
    metadata = draft.metadata
    draft.metadata = replace(metadata, **{field: (*getattr(metadata, field), thing)})
    return OK


def _exclude(field: str) -> DraftBody:
    def add(draft: Draft, arguments: Arguments) -> Answer:
        path, filespec = arguments["wszPath"], arguments["wszFilespec"]
        wrong = _not_a_file_set(draft, path, filespec)
        return wrong or _add(draft, field, FileSet(path=path, filespec=filespec, recursive=arguments["bRecursive"]))

    return add


def _names(kind: type[BackupSchema] | type[ComponentFlags], prefix: str, mask: int) -> tuple[str, ...] | None:
    """The flags of a mask by name; None where one has none."""
    known = {int(member): prefix + str(member.name) for member in kind if member}
    if mask & ~sum(known):
        return None
    return tuple(name for bit, name in known.items() if mask & bit)


def _key(component: WriterComponent) -> tuple[str, str]:
    return component.logical_path.casefold(), component.name.casefold()


def _find(metadata: WriterMetadata, path: str | None, name: str | None) -> int | None:
    wanted = (path or "").casefold(), (name or "").casefold()
    return next((place for place, one in enumerate(metadata.components) if _key(one) == wanted), None)


def _add_component(draft: Draft, arguments: Arguments) -> Answer:
    """A component: a pair of path and name that is new (create-md-component-unique, create-md-component-args)."""
    name, path = arguments["wszComponentName"], arguments["wszLogicalPath"]
    flags = _names(ComponentFlags, "VSS_CF_", arguments["dwComponentFlags"])
    kind = arguments["ct"]
    if isinstance(kind, Invalid) or flags is None:
        return _invalid("ans-invalid-argument", f"ct is {kind}, dwComponentFlags is {arguments['dwComponentFlags']}")
    if kind is ComponentType.UNDEFINED:
        return _invalid("create-md-component-args", f"ct is {kind}")
    if not name or "\\" in name or arguments["bRestoreMetadata"] or arguments["bNotifyOnBackupComplete"]:
        words = f"wszComponentName is {name!r}; bRestoreMetadata and bNotifyOnBackupComplete are always false"
        return _invalid("create-md-component-args", words)
    if arguments["pbIcon"] is None and arguments["cbIcon"]:
        return _invalid("create-md-component-args", f"pbIcon is NULL, and cbIcon {arguments['cbIcon']}")
    if _find(draft.metadata, path, name) is not None:
        words = f"there is a component {name!r} under {path!r}"
        return no(HResult.VSS_E_OBJECT_ALREADY_EXISTS, "create-md-component-unique", words)
    component = WriterComponent(
        type=kind,
        logical_path=path or "",
        name=name,
        caption=arguments["wszCaption"],
        icon=arguments["pbIcon"],
        selectable=arguments["bSelectable"],
        selectable_for_restore=arguments["bSelectableForRestore"],
        component_flags=flags,
    )
    return _add(draft, "components", component)


def _to_component(
    draft: Draft, place: int | None, names: str, rule: str, change: Callable[[WriterComponent], WriterComponent]
) -> Answer:
    """A component of the metadata changed, or the answer that it is not there."""
    if place is None:
        return no(HResult.VSS_E_OBJECT_NOT_FOUND, rule, f"there is no component {names!r}")
    components = list(draft.metadata.components)
    components[place] = change(components[place])
    draft.metadata = replace(draft.metadata, components=tuple(components))
    return OK


def _files(name: str, field: str, kind: ComponentType, not_there: str, wrong_type: str) -> DraftBody:
    """File sets of a component that was added before and is of the right type."""

    def add(draft: Draft, arguments: Arguments) -> Answer:
        path, filespec = arguments["wszPath"], arguments["wszFilespec"]
        wrong = _not_a_file_set(draft, path, filespec)
        if wrong is not None:
            return wrong
        place = _find(draft.metadata, arguments["wszLogicalPath"], arguments[name])
        if place is not None and draft.metadata.components[place].type is not kind:
            return _invalid(wrong_type, f"{arguments[name]!r} is no {kind}")
        files = FileSet(
            path=path,
            filespec=filespec,
            recursive=arguments.get("bRecursive", False),
            alternate_path=arguments.get("wszAlternateLocation"),
            backup_type=arguments["dwBackupTypeMask"],
        )
        return _to_component(
            draft,
            place,
            arguments[name],
            not_there,
            lambda known: replace(known, **{field: (*getattr(known, field), files)}),
        )

    return add


def _set_restore_method(draft: Draft, arguments: Arguments) -> Answer:
    """One method for the writer; a service where the method has one (create-md-restore-method-service)."""
    method, service = arguments["method"], arguments["wszService"]
    if isinstance(method, Invalid) or isinstance(arguments["writerRestore"], Invalid):
        return _invalid("ans-invalid-argument", f"method is {method}")
    if bool(service) != (method in BY_A_SERVICE) or arguments["wszUserProcedure"] is not None:
        words = f"method is {method}, wszService {service!r}, wszUserProcedure {arguments['wszUserProcedure']!r}"
        return _invalid("create-md-restore-method-service", words)
    described = RestoreMethodDescription(
        method=method,
        service=service,
        writer_restore=arguments["writerRestore"],
        reboot_required=arguments["bRebootRequired"],
    )
    draft.metadata = replace(draft.metadata, restore_method=described)
    return OK


def _add_mapping(draft: Draft, arguments: Arguments) -> Answer:
    """After SetRestoreMethod only (create-md-mapping-after-method)."""
    path, filespec = arguments["wszSourcePath"], arguments["wszSourceFilespec"]
    wrong = _not_a_file_set(draft, path, filespec)
    if wrong is not None:
        return wrong
    if arguments["wszDestination"] is None:
        return _invalid("ans-invalid-argument", "wszDestination is NULL")
    if draft.metadata.restore_method is None:
        words = "SetRestoreMethod was not called"
        return no(HResult.VSS_E_OBJECT_NOT_FOUND, "create-md-mapping-after-method", words)
    mapping = AlternateLocationMapping(
        path=path, filespec=filespec, recursive=arguments["bRecursive"], destination=arguments["wszDestination"]
    )
    return _add(draft, "alternate_location_mappings", mapping)


def _add_dependency(draft: Draft, arguments: Arguments) -> Answer:
    """On a component of another writer (create-md-dependency-other-writer)."""
    if guid(arguments["onWriterId"]) == draft.metadata.writer_id:
        return _invalid("create-md-dependency-other-writer", f"onWriterId is {arguments['onWriterId']}, its own")
    return add_dependency_on_any(draft, arguments)


def add_dependency_on_any(draft: Draft, arguments: Arguments) -> Answer:
    """On a component of any writer, for one of its own, which is there (create-md-dependency-own-exists)."""
    on, name = arguments["onWriterId"], arguments["wszOnComponentName"]
    if name is None:
        return _invalid("ans-invalid-argument", "wszOnComponentName is NULL")
    if (arguments["wszOnLogicalPath"] or "").startswith("\\\\") and not knows_remote_components(draft.system):
        return _invalid("create-md-dependency-remote", f"wszOnLogicalPath is {arguments['wszOnLogicalPath']!r}")
    made = ComponentDependency(writer_id=on, logical_path=arguments["wszOnLogicalPath"] or "", component_name=name)
    own = arguments["wszForComponentName"]
    return _to_component(
        draft,
        _find(draft.metadata, arguments["wszForLogicalPath"], own),
        str(own),
        "create-md-dependency-own-exists",
        lambda known: replace(known, dependencies=(*known.dependencies, made)),
    )


def _set_backup_schema(draft: Draft, arguments: Arguments) -> Answer:
    """Known bits only; some need others (wr-schema-exclusive-needs-both, wr-schema-stamp-needs-incdiff)."""
    mask = arguments["dwSchemaMask"]
    names = _names(BackupSchema, "VSS_BS_", mask)
    if names is None:
        return _invalid("ans-invalid-argument", f"dwSchemaMask is {mask:#x}")
    increments = mask & _INCREMENTS
    if mask & BackupSchema.EXCLUSIVE_INCREMENTAL_DIFFERENTIAL and increments != _INCREMENTS:
        return _invalid("wr-schema-exclusive-needs-both", f"dwSchemaMask is {mask:#x}")
    if mask & (BackupSchema.TIMESTAMPED | BackupSchema.LAST_MODIFY) and not increments:
        return _invalid("wr-schema-stamp-needs-incdiff", f"dwSchemaMask is {mask:#x}")
    draft.metadata = replace(draft.metadata, backup_schema=names)
    return OK


_CREATE: Final = "IVssCreateWriterMetadata::"
_DATABASE: Final = ComponentType.DATABASE

METADATA_CALLS: Final[dict[str, DraftBody]] = {
    _CREATE + "AddExcludeFiles": _exclude("exclude_files"),
    "IVssCreateWriterMetadataEx::AddExcludeFilesFromSnapshot": _exclude("exclude_from_snapshot_files"),
    _CREATE + "AddComponent": _add_component,
    _CREATE + "AddDatabaseFiles": _files(
        "wszDatabaseName",
        "database_files",
        _DATABASE,
        "create-md-dbfiles-after-component",
        "create-md-logfiles-db-type",
    ),
    _CREATE + "AddDatabaseLogFiles": _files(
        "wszDatabaseName",
        "database_log_files",
        _DATABASE,
        "create-md-logfiles-after-component",
        "create-md-logfiles-db-type",
    ),
    _CREATE + "AddFilesToFileGroup": _files(
        "wszGroupName", "files", ComponentType.FILEGROUP, "create-md-filegroup-type", "create-md-filegroup-type"
    ),
    _CREATE + "SetRestoreMethod": _set_restore_method,
    _CREATE + "AddAlternateLocationMapping": _add_mapping,
    _CREATE + "AddComponentDependency": _add_dependency,
    _CREATE + "SetBackupSchema": _set_backup_schema,
    _CREATE + "SaveAsXML": lambda draft, arguments: Answer(HResult.S_OK, {"pbstrXML": draft.metadata}),
}
"""Full name → what it adds to the metadata."""
