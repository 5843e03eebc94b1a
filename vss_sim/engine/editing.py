"""How the Backup Components Document is read and changed: components are found by writer, logical path and name."""

from typing import Any, NamedTuple

from msgspec.structs import replace

from vss_sim.engine.answers import OF_THE_METHOD, Answer, no
from vss_sim.model.document import BackupComponentsDocument, DocumentComponent, WriterComponents
from vss_sim.model.values import Guid
from vss_sim.spec.hresult import HResult


class Place(NamedTuple):
    """Where a component stands in the document: its writer and itself, by index."""

    writer: int
    component: int


def find(
    document: BackupComponentsDocument,
    writer_id: Guid,
    path: str | None,
    name: str | None,
    instance: Guid | None = None,
) -> Place | None:
    """The component of this writer class (and instance, if one is given) with this logical path and name."""
    key = (path or "", name or "")
    for number, writer in enumerate(document.writers):
        if writer.writer_id != writer_id or (instance is not None and writer.instance_id != instance):
            continue
        for place, component in enumerate(writer.components):
            if component.key == key:
                return Place(number, place)
    return None


def component_at(document: BackupComponentsDocument, place: Place) -> DocumentComponent:
    """The component at a place."""
    return document.writers[place.writer].components[place.component]


def changed(document: BackupComponentsDocument, place: Place, **changes: Any) -> BackupComponentsDocument:
    """The document with one component changed."""
    writer = document.writers[place.writer]
    components = list(writer.components)
    components[place.component] = replace(components[place.component], **changes)
    return with_writer(document, place.writer, replace(writer, components=tuple(components)))


def with_writer(document: BackupComponentsDocument, number: int, writer: WriterComponents) -> BackupComponentsDocument:
    """The document with one writer's components replaced."""
    writers = list(document.writers)
    writers[number] = writer
    return replace(document, writers=tuple(writers))


def added(
    document: BackupComponentsDocument, writer: WriterComponents, component: DocumentComponent
) -> BackupComponentsDocument:
    """The document with a component more; `writer` describes its writer, should it be the first of it."""
    for number, known in enumerate(document.writers):
        if known.writer_id == writer.writer_id and known.instance_id == writer.instance_id:
            more = replace(known, components=(*known.components, component))
            return with_writer(document, number, more)
    return replace(document, writers=(*document.writers, replace(writer, components=(component,))))


def not_in_document(path: str | None, name: str | None) -> Answer:
    """The answer to a component that the document does not have."""
    shown = f"{path}\\{name}" if path else f"{name}"
    return no(HResult.VSS_E_OBJECT_NOT_FOUND, OF_THE_METHOD, f"the document has no component {shown!r} of this writer")
