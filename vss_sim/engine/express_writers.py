"""Express writers: metadata are made or loaded, and VSS stores them; requesters list the writer from then on.

Page: https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-ivssexpresswriter
"""

from collections.abc import Callable
from typing import Any, Final

import msgspec
from msgspec.structs import replace

from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import INSTANCE_ID, Desk
from vss_sim.engine.drafts import Draft, DraftBody
from vss_sim.engine.express_metadata_calls import EXPRESS_METADATA_CALLS
from vss_sim.model.computer import Writer
from vss_sim.model.metadata import WriterMetadata
from vss_sim.model.objects import ExpressMetadata, ExpressWriter, Handle
from vss_sim.model.values import Guid, guid
from vss_sim.model.world import WriterInstance
from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Profile
from vss_sim.spec.writer_calls import EXPRESS_USAGES
from vss_sim.spec.writer_lives import EXPRESS_REFUSED, METADATA_FIRST, REGISTER, REGISTERED_ONCE, UNREGISTER

Arguments = dict[str, Any]


def create_express_writer(desk: Desk, arguments: Arguments, process: str) -> Answer:
    """A new express writer, without metadata."""
    made = ExpressWriter(machine=desk.machine_index, process=process)
    return Answer(HResult.S_OK, {"ppWriter": desk.make("express", made)})


def create_metadata(desk: Desk, handle: Handle, obj: ExpressWriter, arguments: Arguments) -> Answer:
    """Empty metadata to be filled; registered is what they hold then."""
    if arguments["usageType"] not in EXPRESS_USAGES:
        return no(HResult.E_INVALIDARG, "express-create-usage", f"usageType is {arguments['usageType']}")
    metadata = WriterMetadata(
        name=arguments["writerName"] or "",
        writer_id=arguments["writerId"],
        usage=arguments["usageType"],
        major_version=arguments["versionMajor"],
        minor_version=arguments["versionMinor"],
    )
    made = ExpressMetadata(machine=obj.machine, process=obj.process, owner=handle, metadata=metadata)
    result = desk.make("metadata", made)
    desk.put(handle, replace(obj, metadata=metadata, made_by=result))
    return Answer(HResult.S_OK, {"ppMetadata": result})


def load_metadata(desk: Desk, handle: Handle, obj: ExpressWriter, arguments: Arguments) -> Answer:
    """Metadata that were saved as XML are those of the writer."""
    metadata = arguments["metadata"]
    if not isinstance(metadata, WriterMetadata):
        words = "the text given is no Writer Metadata Document"
        return no(HResult.VSS_E_INVALID_XML_DOCUMENT, "ans-invalid-document", words)
    try:
        _as_writer(metadata)
    except ValueError as error:
        raise NotSimulated(f"no page says what becomes of what no express writer declares: {error}") from None
    desk.put(handle, replace(obj, metadata=metadata, made_by=None))
    return OK


def _as_writer(metadata: WriterMetadata) -> Writer:
    """Raises ValueError where the metadata declare what an express writer may not."""
    return Writer(**msgspec.structs.asdict(metadata), express=True)


def _stored(desk: Desk, writer_id: Guid) -> list[tuple[int, WriterInstance]]:
    """The places of the express writers of this class whose metadata are or were stored; those that are come first."""
    found = [
        (place, one)
        for place, one in enumerate(desk.state.writers)
        if one.writer.express and guid(one.writer.writer_id) == guid(writer_id)
    ]
    return sorted(found, key=lambda pair: not pair[1].running)


def register(desk: Desk, handle: Handle, obj: ExpressWriter, arguments: Arguments) -> Answer:
    """The metadata are stored, one time for a writer."""
    if obj.metadata is None:
        words = "neither CreateMetadata nor LoadMetadata was called before"
        return no(HResult.VSS_E_BAD_STATE, METADATA_FIRST[REGISTER], words)
    stored = _stored(desk, obj.metadata.writer_id)
    if stored and stored[0][1].running:
        words = f"the writer {guid(obj.metadata.writer_id)} is registered"
        return no(HResult.VSS_E_OBJECT_ALREADY_EXISTS, REGISTERED_ONCE, words)
    instance = WriterInstance(
        writer=_as_writer(obj.metadata),
        instance_id=desk.new_id(INSTANCE_ID),
        running=True,
    )
    _put(desk, stored[0][0] if stored else len(desk.state.writers), instance)
    return OK


def unregister(desk: Desk, handle: Handle, obj: ExpressWriter, arguments: Arguments) -> Answer:
    """Stored metadata are deleted; by its page only after CreateMetadata (rule express-unregister-after-create)."""
    rule = METADATA_FIRST[UNREGISTER]
    if obj.made_by is None and desk.profile is Profile.DOCUMENTED:
        return no(HResult.VSS_E_BAD_STATE, rule, "CreateMetadata was not called before")
    stored = _stored(desk, arguments["writerId"])
    if not stored or not stored[0][1].running:
        words = f"no express writer {guid(arguments['writerId'])} is registered"
        return no(HResult.VSS_E_OBJECT_NOT_FOUND, rule, words)
    place, instance = stored[0]
    _put(desk, place, replace(instance, running=False))
    return OK


def _put(desk: Desk, place: int, instance: WriterInstance) -> None:
    writers = desk.state.writers
    desk.change_machine(writers=(*writers[:place], instance, *writers[place + 1 :]))


ExpressBody = Callable[[Desk, Handle, ExpressWriter, Arguments], Answer]

EXPRESS_CALLS: Final[dict[str, ExpressBody]] = {
    "CreateMetadata": create_metadata,
    "LoadMetadata": load_metadata,
    "Register": register,
    "Unregister": unregister,
}
"""Method → what it does with the express writer."""


def _on_metadata(build: DraftBody) -> Callable[[Desk, Handle, ExpressMetadata, Arguments], Answer]:
    def made(desk: Desk, handle: Handle, obj: ExpressMetadata, arguments: Arguments) -> Answer:
        draft = Draft(obj.metadata, desk.system)
        answer = build(draft, arguments)
        if draft.metadata is not obj.metadata:
            desk.put(handle, replace(obj, metadata=draft.metadata))
            owner = desk.objects.get(obj.owner)
            if isinstance(owner, ExpressWriter) and owner.made_by == handle:
                desk.put(obj.owner, replace(owner, metadata=draft.metadata))
        return answer

    return made


def _not_for_express(name: str) -> DraftBody:
    rule = EXPRESS_REFUSED[name]
    return lambda draft, arguments: no(HResult.VSS_E_NOT_SUPPORTED, rule, "it is not for express writers")


METADATA_BODIES: Final = {
    **{name.rpartition("::")[2]: _on_metadata(build) for name, build in EXPRESS_METADATA_CALLS.items()},
    **{
        name: _on_metadata(_not_for_express(name))
        for name in EXPRESS_REFUSED
        if f"IVssCreateExpressWriterMetadata::{name}" not in EXPRESS_METADATA_CALLS
    },
}
"""Method → what it does with the metadata of an express writer; some may be called as if it were any writer's."""
