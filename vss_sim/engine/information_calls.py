"""What an object tells of the writers it gathered and of the components in its document."""

from typing import Any

from vss_sim.engine.answers import OF_THE_METHOD, Answer, no
from vss_sim.engine.desk import Desk
from vss_sim.engine.document_pointers import WRITER_COMPONENTS
from vss_sim.engine.reading import METADATA, beyond
from vss_sim.model.computer import Writer
from vss_sim.model.objects import BackupObject, DocumentPointer, ReadObject
from vss_sim.spec.hresult import HResult

Arguments = dict[str, Any]
Done = tuple[BackupObject, Answer]


def get_writer_metadata_count(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """How many writers gave metadata."""
    return obj, Answer(HResult.S_OK, {"pcWriters": len(obj.identified)})


def get_writer_metadata(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The metadata of one writer, by its index."""
    index = arguments["iWriter"]
    if index >= len(obj.identified):
        words = beyond("iWriter", index, len(obj.identified), "writers with metadata")
        return obj, no(HResult.VSS_E_OBJECT_NOT_FOUND, OF_THE_METHOD, words)
    session = obj.identified[index]
    if isinstance(session.metadata, Writer) and session.metadata.invalid_metadata:
        words = f"the document of {session.metadata.name} does not keep to the schema"
        return obj, no(HResult.VSS_E_INVALID_XML_DOCUMENT, OF_THE_METHOD, words)
    made = ReadObject(machine=desk.machine_index, process=obj.process, family=METADATA, content=session.metadata)
    out = {"pidInstance": session.instance_id, "ppMetadata": desk.make("metadata", made)}
    return obj, Answer(HResult.S_OK, out)


def _with_components(obj: BackupObject) -> list[int]:
    """The writers that have a component in the document (rule get-writer-components-count-meaning)."""
    return [number for number, writer in enumerate(obj.document.writers) if writer.components]


def get_writer_components_count(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """How many writers have a component in the document."""
    return obj, Answer(HResult.S_OK, {"pcComponents": len(_with_components(obj))})


def get_writer_components(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """A pointer to the components of one writer, by its index."""
    index, writers = arguments["iWriter"], _with_components(obj)
    if index >= len(writers):
        words = beyond("iWriter", index, len(writers), "writers with components in the document")
        return obj, no(HResult.VSS_E_OBJECT_NOT_FOUND, OF_THE_METHOD, words)
    made = DocumentPointer(
        machine=desk.machine_index,
        process=obj.process,
        family=WRITER_COMPONENTS,
        owner=desk.handle,
        made_at=obj.pointers,
        writer=writers[index],
    )
    return obj, Answer(HResult.S_OK, {"ppWriter": desk.make("components", made)})
