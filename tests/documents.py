"""What the tests of documents share: values of the model in all their variety, and real documents to read."""

import os
from collections.abc import Mapping
from enum import Enum
from functools import cache
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, Final, Literal, get_args, get_origin
from xml.etree import ElementTree as ET

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.support import ROOT
from vss_sim.documents.backup_components import write_backup_components
from vss_sim.documents.elements import Element, Vocabulary
from vss_sim.documents.writer_metadata import write_writer_metadata
from vss_sim.model.computer import Array, Description, File, Machine, Provider, Storage, Volume
from vss_sim.model.document import BackupComponentsDocument, DocumentComponent, WriterComponents
from vss_sim.model.metadata import FileSet, WriterComponent, WriterMetadata
from vss_sim.model.values import guid
from vss_sim.spec.enums import BackupSchema, ComponentFlags, ComponentType
from vss_sim.spec.events import EVENTS
from vss_sim.spec.happenings import HAPPENINGS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import IMPORT_EVENTS
from vss_sim.spec.scripts import PROVIDER_CALLS, begins_an_operation, scripted_names
from vss_sim.spec.systems import SYSTEMS

DATA: Final = Path(os.environ.get("VSS_SIM_DATA") or ROOT.parent / "shared" / "data") / "documents"
GUIDS: Final = st.uuids().map(lambda made: guid(str(made)))
_NOT_IN_XML: Final = [*map(chr, sorted({*range(32)} - {9, 10, 13})), "\ufffe", "\uffff"]
_ODD: Final = ["", ' "quoted" & <angled> ', "\t\r\n\r", "  two  ", "\U0001f5c4", "]]>", "&amp;", "C:\\%TEMP%\\"]
TEXTS: Final = st.sampled_from(_ODD) | st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters=_NOT_IN_XML), max_size=12
)
VOLUMES: Final = st.sampled_from(["C:\\", "d:\\", "C:\\mnt\\e\\", "\\\\server\\share\\"])
FAILURES: Final = st.sampled_from([code.name for code in HResult if code.failed])
WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"
INSTANCE: Final = "{0bada1de-01a9-4625-8278-69e735f39dd2}"
SMALL: Final = WriterMetadata(
    name="Sample Writer",
    writer_id=WRITER,
    instance_id=INSTANCE,
    components=(WriterComponent(name="Database", files=(FileSet(path="C:\\db", filespec="*"),)),),
)
COMPONENT: Final = DocumentComponent(type=ComponentType.FILEGROUP, logical_path="", name="Database")
SAVED: Final = BackupComponentsDocument(
    writers=(WriterComponents(writer_id=WRITER, instance_id=INSTANCE, components=(COMPONENT,)),)
)
METADATA_TEXT: Final = write_writer_metadata(SMALL)
SAVED_TEXT: Final = write_backup_components(SAVED)
MANY: Final = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
ANY_TEXTS: Final = st.text(max_size=12)


def _some(names: list[str]) -> st.SearchStrategy[tuple[str, ...]]:
    return st.lists(st.sampled_from(names), max_size=4).map(tuple)


_MADE_SO: Final[Mapping[str, st.SearchStrategy[Any]]] = {
    "backup_stamp": st.none() | ANY_TEXTS,
    "previous_backup_stamp": st.none() | ANY_TEXTS,
    "backup_metadata": st.none() | ANY_TEXTS,
    "restore_metadata": st.none() | ANY_TEXTS,
    "component_flags": _some([f"VSS_CF_{flag}" for flag in ComponentFlags.__members__]),
    "snapshot_compatibility": _some(["VSS_SC_DISABLE_DEFRAG", "VSS_SC_DISABLE_CONTENTINDEX"]),
    "capabilities": _some(["VSS_PRV_CAPABILITY_PLEX"]),
    "unsupported_contexts": _some(["VSS_CTX_NAS_ROLLBACK", "VSS_CTX_CLIENT_ACCESSIBLE"]),
    "os": st.sampled_from(sorted(SYSTEMS)),
    "on": st.sampled_from(sorted(EVENTS)),
    "fails": st.none() | FAILURES,
    "returns": st.none() | FAILURES,
    "array": st.sampled_from([None, "Array"]),
    "context": st.sampled_from(["VSS_CTX_NAS_ROLLBACK", "VSS_CTX_CLIENT_ACCESSIBLE"]),
    "environment": st.dictionaries(st.sampled_from(["SystemRoot", "DB"]), TEXTS, max_size=2),
    "then": st.just(({"happens": "file in use", "path": "C:\\db\\log.ldf"},)),
}
_OF_A_HAPPENING: Final = tuple(dict.fromkeys(key for one in HAPPENINGS.values() for key in one.keys))
_MADE_SO_THERE: Final[Mapping[tuple[str, str], st.SearchStrategy[Any]]] = {
    ("Volume", "name"): VOLUMES,
    ("Volume", "volume_name"): st.none() | st.just("\\\\?\\Volume{11111111-0000-0000-0000-000000000001}\\"),
    ("Volume", "mount_points"): st.lists(VOLUMES, max_size=2).map(tuple),
    ("ProviderReply", "on"): st.sampled_from(IMPORT_EVENTS),
    ("ProviderReply", "change"): st.none(),
    ("ProviderFailure", "fails"): FAILURES,
    ("ProviderFailure", "to"): st.sampled_from(PROVIDER_CALLS),
    ("ScriptedAnswer", "to"): st.sampled_from(list(filter(begins_an_operation, scripted_names().values()))),
    ("ScriptedAnswer", "result"): st.none(),
    ("ScriptedHappening", "after"): st.sampled_from(["WriteFile", "IVssBackupComponents::DoSnapshotSet", "Release"]),
    ("ScriptedHappening", "happens"): st.sampled_from(["reboot", "VSS crashes", "machine crashes"]),
    **{("ScriptedHappening", key): st.none() for key in _OF_A_HAPPENING},
    ("Reply", "silent"): st.just(False),
    ("Reply", "crashes"): st.just(False),
    ("Reply", "set_failure"): st.none(),
    ("Registry", "max_shadow_copies"): st.integers(1, 512),
    ("Win32Fault", "to"): st.sampled_from(["ReadFile", "delayed move"]),
    ("Win32Fault", "fails"): st.sampled_from(["ERROR_CRC", "ERROR_DISK_FULL"]),
    ("Win32Fault", "service"): st.none(),
    ("Writer", "express"): st.just(False),
    ("Writer", "freeze_timeout"): st.floats(1e-7, 1e9),
    ("Procedure", "calls"): st.just(({"call": "StartService", "in": {"lpServiceName": "Db"}},)),
    ("RestoreWishes", "readings"): st.just({"mapped-place-if-not-there": "writable"}),
    ("HandlerCall", "call"): st.just("IVssComponent::SetBackupMetadata"),
    ("HandlerCall", "arguments"): st.builds(lambda text: {"wszData": text}, ANY_TEXTS),
}
"""Fields that keep to what another field of the same thing says, or have a type of their own."""
_SCHEMAS: Final = _some([f"VSS_BS_{flag}" for flag in BackupSchema.__members__])


def values(kind: Any) -> st.SearchStrategy[Any]:
    """Every sort of value of a type of the model."""
    parts = get_args(kind)
    if parts:
        return _of_parts(get_origin(kind), parts)
    if issubclass(kind, msgspec.Struct):
        return _made(kind)
    return st.sampled_from(kind) if issubclass(kind, Enum) else _SIMPLE[kind]


def _of_parts(origin: Any, parts: tuple[Any, ...]) -> st.SearchStrategy[Any]:
    if origin is Annotated:
        return values(parts[0])
    if origin is Literal:
        return st.sampled_from(parts)
    if origin is tuple:
        least, most = int(parts[0] is Machine), 1 + (parts[0] in _NAMED)
        return st.lists(values(parts[0]), min_size=least, max_size=most, unique_by=_name).map(tuple)
    if origin is dict:
        return st.dictionaries(TEXTS.map(str.casefold), values(parts[1]), max_size=2)
    return st.one_of(*map(values, parts))


_NAMED: Final = (Machine, Volume, Provider, FileSet, DocumentComponent)
"""Things of which there are two at times."""

_SIMPLE: Final[dict[type, st.SearchStrategy[Any]]] = {
    NoneType: st.none(),
    bool: st.booleans(),
    int: st.integers(0, 2**32),
    float: st.floats(0, 1e9),
    str: TEXTS,
}


@st.composite
def _made(draw: st.DrawFn, kind: type[msgspec.Struct]) -> msgspec.Struct:
    parts = {name: draw(strategy) for name, strategy in _strategies(kind).items()}
    if kind is Volume:
        parts["files"] = {parts["name"] + path: file for path, file in draw(_files()).items()}
        parts["capacity"] += sum(file.bytes for file in parts["files"].values())
    if kind is Machine:
        named = [volume.name for volume in parts["volumes"]]
        areas = parts["storage_areas"] if named else ()
        parts["storage_areas"] = tuple(replace(area, volume=named[0], on=named[-1]) for area in areas)
    if kind is Description:
        parts["storage"] = _storage(parts["machines"], parts["storage"])
    return kind(**parts)


def _storage(machines: tuple[Machine, ...], storage: Storage) -> Storage:
    """Storage that names the machines and arrays that are there."""
    arrays = {one.array for machine in machines for one in machine.providers if one.array is not None}
    arrays |= {lun.array for lun in storage.luns if lun.array is not None}
    luns = (replace(lun, machines=lun.machines and (machines[0].name,)) for lun in storage.luns)
    connected = tuple(Array(name=name, machines=(machines[-1].name,)) for name in sorted(arrays))
    return Storage(arrays=connected, luns=tuple(luns))


@st.composite
def _files(draw: st.DrawFn) -> dict[str, File]:
    """Files by their names on their volume."""
    names = ["a.txt", "Gr\u00f6\u00dfe", "db\\data.mdf", "db\\log.ldf", "empty\\", "trailing. "]
    return {
        name: File() if name.endswith("\\") else draw(_file())
        for name in draw(st.lists(st.sampled_from(names), unique=True, max_size=2))
    }


@st.composite
def _file(draw: st.DrawFn) -> File:
    """A file: with one of the kinds of content, or none."""
    parts: dict[str, Any] = {name: draw(strategy) for name, strategy in _strategies(File).items()}
    kinds = ("content", "content_base64", "size", "link_to")
    chosen = draw(st.sampled_from(kinds))
    parts["content_base64"] = draw(st.sampled_from(["", "/w==", "AAEC"]))
    return File(**{**parts, **{name: None for name in kinds if name != chosen}})


@cache
def _strategies(kind: type[msgspec.Struct]) -> dict[str, st.SearchStrategy[Any]]:
    own = {"files"} if kind is Volume else set()
    fields = [field for field in msgspec.structs.fields(kind) if field.name not in own]
    return {
        field.name: _MADE_SO_THERE[kind.__name__, field.name]
        if (kind.__name__, field.name) in _MADE_SO_THERE
        else _field(kind, field)
        for field in fields
    }


def _field(kind: type[msgspec.Struct], field: msgspec.structs.FieldInfo) -> st.SearchStrategy[Any]:
    if field.name.endswith("_id"):
        return GUIDS | st.none() if field.default is None else GUIDS
    if field.name == "attributes" and field.type is not int:
        return _some(["VSS_VOLSNAP_ATTR_DIFFERENTIAL", "VSS_VOLSNAP_ATTR_PLEX"])
    if field.name == "backup_schema" and field.type is not int:
        return _SCHEMAS
    if field.name == "type" and kind.__name__ == "WriterComponent":
        return st.sampled_from([ComponentType.DATABASE, ComponentType.FILEGROUP])
    if field.name == "fails" and NoneType not in get_args(field.type):
        return st.sampled_from(sorted(HResult.__members__))
    return _MADE_SO[field.name] if field.name in _MADE_SO and field.type is not bool else values(field.type)


def _name(value: Any) -> Any:
    """What tells the machines, volumes, services and providers of a world apart."""
    for field in ("provider_id", "name"):
        if getattr(value, field, None) is not None:
            return getattr(value, field).casefold()
    return id(value)


def real_documents() -> list[Any]:
    """The saved documents of a real machine, each a case of its own; one that skips where they are not at hand."""
    paths = sorted(DATA.glob("ws2012-*WM*.xml")) + sorted(DATA.glob("ws2012-*BCDocument.xml"))
    if paths:
        return [pytest.param(path, id=path.stem) for path in paths]
    return [
        pytest.param(
            None, marks=pytest.mark.skip(f"no real documents in {DATA}; VSS_SIM_DATA names the folder above it")
        )
    ]


def canonical(text: str | bytes, vocabulary: Vocabulary) -> Any:
    """A document but for what means nothing in it.

    That is the order of attributes and of children of different names, white space between elements, the case of ids,
    and whether an attribute says what it stands for when it is absent.
    """
    return _canonical(ET.fromstring(text), vocabulary.root)  # noqa: S314 - documents that were read before


def _canonical(node: ET.Element, known: Element) -> Any:
    attributes = dict(node.attrib)
    for attribute in known.attributes:
        if attribute.absent is False:
            attributes.setdefault(attribute.name, "no")
        if attribute.name.endswith("Id") and attribute.name in attributes:
            attributes[attribute.name] = attributes[attribute.name].lower()
    children = [_canonical(child, known.child_named[child.tag.rpartition("}")[2]]) for child in node]
    text = (node.text or "").strip()
    return node.tag, sorted(attributes.items()), sorted(children, key=lambda child: child[0]), text
