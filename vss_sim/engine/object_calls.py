"""The calls on objects without a protocol state: lists, readers, writers' objects, pointers."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import OK, Answer
from vss_sim.engine.calls import Entry
from vss_sim.engine.desk import Desk
from vss_sim.engine.document_pointers import WRITER_COMPONENTS, component, writer_components
from vss_sim.engine.express_writers import EXPRESS_CALLS, METADATA_BODIES
from vss_sim.engine.inputs import Gone
from vss_sim.engine.other_calls import ENUMERATION_CALLS
from vss_sim.engine.reading import READERS, load
from vss_sim.engine.writer_programs import PROGRAM_CALLS
from vss_sim.model.objects import (
    AnyObject,
    BackupObject,
    DocumentPointer,
    ExpressMetadata,
    ExpressWriter,
    Handle,
    ListObject,
    ReadObject,
    WriterObject,
)
from vss_sim.model.world import World
from vss_sim.spec.table import Profile


def is_dead(world: World, obj: AnyObject) -> bool:
    """Whether an object points into a document that writers may have changed since it was got."""
    owner = world.objects.get(obj.owner) if isinstance(obj, DocumentPointer) else None
    return isinstance(obj, DocumentPointer) and isinstance(owner, BackupObject) and owner.pointers != obj.made_at


_CALLS: Final[Mapping[type, Mapping[str, Callable[..., Answer]]]] = {
    ListObject: ENUMERATION_CALLS,
    WriterObject: PROGRAM_CALLS,
    ExpressWriter: EXPRESS_CALLS,
    ExpressMetadata: METADATA_BODIES,
}
"""Kind of object → what its calls do."""


def told(desk: Desk, known: Entry, handle: Handle, obj: AnyObject, arguments: dict[str, Any]) -> Answer:
    """What an object answers whose calls no protocol state decides.

    Raises:
        Gone: it points into a document that is no more.
    """
    calls = _CALLS.get(type(obj))
    if calls is not None:
        return calls[known.name](desk, handle, obj, arguments)
    if isinstance(obj, ReadObject):
        if known.name == "LoadFromXML":
            answer = load(arguments["bstrXML"])
            desk.put(handle, replace(obj, content=arguments["bstrXML"]) if answer is OK else obj)
            return answer
        return READERS[obj.family, known.name](desk, obj.content, arguments)
    assert isinstance(obj, DocumentPointer)  # noqa: S101 - there is no other kind of object
    if not isinstance(desk.objects.get(obj.owner), BackupObject):
        raise Gone(f"{known.full_name}: the object of the document was released")
    if desk.profile is Profile.DOCUMENTED and is_dead(desk.world, obj):
        raise Gone(f"{known.full_name}: the pointer died, since writers may have changed the document; get it anew")
    if obj.family == WRITER_COMPONENTS:
        return writer_components(desk, obj, known.name, arguments)
    return component(desk, obj, known.full_name, arguments)
