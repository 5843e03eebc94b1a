"""The program of a writer: its object is made, initialised and subscribed, and from then on the writer hears events.

What the writer does when it hears them is no part of these calls: a writer of the same class that the world describes
and no other object stands for is what the program is, with its components and replies. Of a class that is not
described, the handlers are those of the base class: it declares itself and nothing else, and answers every event well.
Page: https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-cvsswriter
"""

from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import INSTANCE_ID, Desk
from vss_sim.engine.inputs import BadCall
from vss_sim.model.computer import Writer
from vss_sim.model.objects import Handle, WriterIdentity, WriterObject
from vss_sim.model.values import guid
from vss_sim.model.world import WriterInstance
from vss_sim.spec.hresult import HResult
from vss_sim.spec.writer_arguments import INITIALIZES, SUBSCRIBES
from vss_sim.spec.writer_lives import CONSTRUCT, INITIALIZED_FIRST, INITIALIZED_ONE_WAY, OUT_OF_ORDER, SUBSCRIBED_ONCE

Arguments = dict[str, Any]

_MILLISECONDS: Final = 1000
_NO_VERSION: Final = (0, 0)
"""What a requester is told of a writer that called Initialize (page api:nf-vswriter-cvsswriterex-initializeex)."""
_INITIALIZE, _INITIALIZE_EX = INITIALIZES


def construct(desk: Desk, arguments: Arguments, process: str) -> Answer:
    """A new object under the name that its program gives it."""
    handle = desk.handle
    if not handle:
        raise BadCall(f'{CONSTRUCT} needs "on", the name of the new object: later calls of the writer are made on it')
    if handle in desk.objects:
        raise BadCall(f"{CONSTRUCT}: there is an object {handle!r} already")
    desk.put(handle, WriterObject(machine=desk.machine_index, process=process))
    return OK


def destroy(desk: Desk, handle: Handle, obj: WriterObject, arguments: Arguments) -> Answer:
    """The object is gone; a writer that was subscribed hears nothing more."""
    leave(desk, obj)
    desk.put(handle, None)
    return OK


def leave(desk: Desk, obj: WriterObject) -> None:
    """The writer of an object hears no events any more."""
    if obj.place is not None:
        writers = desk.state.writers
        gone = replace(writers[obj.place], running=False)
        desk.change_machine(writers=(*writers[: obj.place], gone, *writers[obj.place + 1 :]))


def _initialized(desk: Desk, handle: Handle, obj: WriterObject, arguments: Arguments, method: str) -> Answer:
    """The program says who its writer is; in safe mode there is nobody to say it to."""
    if obj.initialized == method:
        raise NotSimulated(f"no page says what a second {method} of one object answers")
    if obj.initialized:
        words = f"the writer was initialised by {obj.initialized}"
        return no(OUT_OF_ORDER, INITIALIZED_ONE_WAY, words)
    if desk.machine.safe_mode:
        return Answer(HResult.S_FALSE)
    if not arguments["dwTimeoutFreeze"]:
        raise NotSimulated("no page says what a time of 0 from Freeze to Thaw means")
    version = (arguments["dwMajorVersion"], arguments["dwMinorVersion"]) if method == _INITIALIZE_EX else _NO_VERSION
    identity = WriterIdentity(
        writer_id=guid(arguments["WriterId"]),
        name=arguments["wszWriterName"],
        usage=arguments["ut"],
        source=arguments["st"],
        level=arguments["nLevel"],
        freeze_timeout=arguments["dwTimeoutFreeze"] / _MILLISECONDS,
        instance_name=arguments["wszWriterInstanceName"],
        version=version,
    )
    desk.put(handle, replace(obj, initialized=method, identity=identity))
    return OK


def _subscribed(desk: Desk, handle: Handle, obj: WriterObject, arguments: Arguments, method: str) -> Answer:
    """The writer hears events from now on: all, as the mask is reserved (writer-subscribe-default-flags)."""
    if obj.place is not None:
        return no(HResult.VSS_E_WRITER_ALREADY_SUBSCRIBED, SUBSCRIBED_ONCE[method], "the writer is subscribed")
    if obj.identity is None:
        return no(OUT_OF_ORDER, INITIALIZED_FIRST, "the writer is not initialised")
    place = _place(desk, obj.identity)
    writers = desk.state.writers
    known = writers[place] if place < len(writers) else None
    is_described = known is not None and place < len(desk.machine.writers)
    writer = _declared(obj.identity, desk.machine.writers[place] if is_described else None)
    running = known is not None and known.running
    made = known.instance_id if known is not None and running else desk.new_id(INSTANCE_ID)
    replies = known.replies if known is not None else ()
    instance = WriterInstance(writer=writer, instance_id=made, running=True, replies=replies)
    desk.change_machine(writers=(*writers[:place], instance, *writers[place + 1 :]))
    desk.put(handle, replace(obj, place=place))
    return OK


def _place(desk: Desk, identity: WriterIdentity) -> int:
    """Where the writer stands: that of its class which no other object stands for, or a new place behind the others."""
    taken = {
        known.place
        for known in desk.objects.values()
        if isinstance(known, WriterObject) and known.machine == desk.machine_index
    }
    described = len(desk.machine.writers)
    for place, instance in enumerate(desk.state.writers):
        writer = instance.writer
        same = not writer.express and guid(writer.writer_id) == identity.writer_id
        if same and place not in taken and (place >= described or _same_instance(writer, identity)):
            return place
    return len(desk.state.writers)


def _same_instance(writer: Writer, identity: WriterIdentity) -> bool:
    """Whether a described writer may be this instance of its class; one without an instance name may be any."""
    names = [name.casefold() for name in (writer.instance_name, identity.instance_name) if name is not None]
    return len(set(names)) <= 1


def _declared(identity: WriterIdentity, described: Writer | None) -> Writer:
    """The writer as its program declares it; what else is known of it stands in the description."""
    writer = described or Writer(name=identity.name, writer_id=identity.writer_id)
    major, minor = identity.version
    return replace(
        writer,
        name=identity.name,
        usage=identity.usage,
        source=identity.source,
        level=identity.level,
        freeze_timeout=identity.freeze_timeout,
        instance_name=identity.instance_name or writer.instance_name,
        major_version=major,
        minor_version=minor,
    )


def unsubscribe(desk: Desk, handle: Handle, obj: WriterObject, arguments: Arguments) -> Answer:
    """The writer hears nothing more; one that is not subscribed heard nothing before (dispute C79)."""
    leave(desk, obj)
    desk.put(handle, replace(obj, place=None))
    return OK


def _by(method: str) -> Any:
    body = _initialized if method in INITIALIZES else _subscribed
    return lambda desk, handle, obj, arguments: body(desk, handle, obj, arguments, method)


PROGRAM_CALLS: Final = {
    "~CVssWriter": destroy,
    "Unsubscribe": unsubscribe,
    **{method.rpartition("::")[2]: _by(method) for method in (*INITIALIZES, *SUBSCRIBES)},
}
"""Method → what it does with the writer's object."""
