"""How the metadata of an express writer are built: `IVssCreateExpressWriterMetadata`, with what it refuses.

An express writer hears no event, so it may declare only what needs none: file groups that are restored by the
requester alone. What it may declare is built as every writer's metadata are.
Page: https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-ivsscreateexpresswritermetadata
"""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from vss_sim.engine.answers import Answer, no
from vss_sim.engine.drafts import Arguments, Draft, DraftBody
from vss_sim.engine.inputs import Invalid
from vss_sim.engine.words import shown
from vss_sim.engine.writer_metadata_calls import METADATA_CALLS, add_dependency_on_any
from vss_sim.model.metadata import joined
from vss_sim.spec.enums import BackupSchema, ComponentType, RestoreMethod, WriterRestore
from vss_sim.spec.hresult import HResult
from vss_sim.spec.writer_calls import EXPRESS_FLAGS, EXPRESS_MASK, EXPRESS_METHODS, EXPRESS_SCHEMA

_CREATE: Final = "IVssCreateWriterMetadata::"
_EXPRESS: Final = "IVssCreateExpressWriterMetadata::"
_DEFAULT_MASK: Final = 0xF0F
_OWN_RULES: Final = {
    "create-md-local-paths": "express-md-local-paths",
    "create-md-component-unique": "express-md-component-unique",
    "create-md-component-args": "express-md-component-filegroup",
    "create-md-filegroup-type": "express-md-filegroup-type",
    "create-md-dependency-own-exists": "express-md-dependency-own-exists",
}
"""Rule of every writer's metadata → the rule of the same for an express writer."""


Limit = Callable[[Draft, Arguments], Answer | None]


def _add_exclude_files(draft: Draft, arguments: Arguments) -> Answer | None:
    """On volumes of this computer, on every Windows."""
    path = arguments["wszPath"] or ""
    if path.startswith("\\\\"):
        return no(HResult.E_INVALIDARG, "express-md-local-paths", f"{path!r} is on a share")
    return None


def _add_component(draft: Draft, arguments: Arguments) -> Answer | None:
    kind, flags = arguments["ct"], arguments["dwComponentFlags"]
    if kind is not ComponentType.FILEGROUP or flags & ~joined(EXPRESS_FLAGS):
        words = f"ct is {kind}, dwComponentFlags is {flags:#x}"
        return no(HResult.E_INVALIDARG, "express-md-component-filegroup", words)
    return None


def _add_files(draft: Draft, arguments: Arguments) -> Answer | None:
    """No alternate place, and nothing but full backups."""
    mask, place = arguments["dwBackupTypeMask"], arguments["wszAlternateLocation"]
    if place is not None or (mask != _DEFAULT_MASK and mask & ~EXPRESS_MASK):
        words = f"wszAlternateLocation is {place!r}, dwBackupTypeMask is {mask:#x}"
        return no(HResult.VSS_E_NOT_SUPPORTED, "express-md-filegroup-alt-null", words)
    return _add_exclude_files(draft, arguments)


def _set_restore_method(draft: Draft, arguments: Arguments) -> Answer | None:
    """A method that needs neither events nor mappings, and no part of the writer in a restore."""
    method, part = arguments["method"], arguments["writerRestore"]
    if isinstance(method, Invalid):
        return no(HResult.E_INVALIDARG, "ans-invalid-argument", f"method is {shown(method)}")
    if method not in EXPRESS_METHODS:
        to_alternate = method is RestoreMethod.RESTORE_TO_ALTERNATE_LOCATION
        rule = "rtal-not-for-express" if to_alternate else "custom-not-for-express"
        return no(HResult.E_INVALIDARG, rule, f"method is {shown(method)}")
    if part is not WriterRestore.NEVER:
        return no(HResult.VSS_E_NOT_SUPPORTED, "wre-express-never", f"writerRestore is {shown(part)}")
    return None


def _set_backup_schema(draft: Draft, arguments: Arguments) -> Answer | None:
    """Of the schemas that there are; a bit that is none of them is refused for every writer."""
    mask = arguments["dwSchemaMask"]
    known = sum(int(member) for member in BackupSchema)
    if mask & known & ~joined(EXPRESS_SCHEMA):
        return no(HResult.VSS_E_NOT_SUPPORTED, "express-md-schema", f"dwSchemaMask is {mask:#x}")
    return None


def _limited(name: str, limit: Limit | None) -> DraftBody:
    """A call as every writer makes it, after what an express writer is refused."""
    build = add_dependency_on_any if name == "AddComponentDependency" else METADATA_CALLS[_CREATE + name]

    def made(draft: Draft, arguments: Arguments) -> Answer:
        refusal = limit(draft, arguments) if limit is not None else None
        answer = refusal or build(draft, arguments)
        rule = _OWN_RULES.get(answer.rule, answer.rule)
        if answer.rule == "create-md-filegroup-type" and answer.code is HResult.VSS_E_OBJECT_NOT_FOUND:
            rule = "express-md-filegroup-component-exists"
        return replace(answer, rule=rule)

    return made


EXPRESS_METADATA_CALLS: Final[dict[str, DraftBody]] = {
    _EXPRESS + name: _limited(name, limit)
    for name, limit in (
        ("AddExcludeFiles", _add_exclude_files),
        ("AddComponent", _add_component),
        ("AddFilesToFileGroup", _add_files),
        ("SetRestoreMethod", _set_restore_method),
        ("AddComponentDependency", None),  # on its own components as well: its page does not forbid it
        ("SetBackupSchema", _set_backup_schema),
        ("SaveAsXML", None),
    )
}
"""Full name → what it adds to the metadata of an express writer, or why it is refused."""
