"""What a writer does inside the handler of an event: the calls of its reply, in their order, and what VSS answers them.

A call is looked at as every other: its arguments, then whether this is the handler for it, then what it names. One that
VSS refuses changes nothing; the record shows it with its answer.
"""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from vss_sim.engine.answers import Answer, HandlerLine, as_it_is
from vss_sim.engine.copy_changes import change_copies
from vss_sim.engine.document_pointers import TELLERS
from vss_sim.engine.drafts import Arguments
from vss_sim.engine.editing import Place, changed, component_at
from vss_sim.engine.handler import Handler
from vss_sim.engine.inputs import convert, converters
from vss_sim.engine.scripted import as_of
from vss_sim.engine.taking_part import components_of
from vss_sim.engine.writer_metadata_calls import METADATA_CALLS
from vss_sim.engine.writer_questions import QUESTIONS, VALUES_ELSEWHERE
from vss_sim.engine.writer_setters import SETTERS
from vss_sim.model.computer import HandlerCall, Reply
from vss_sim.spec.answers import environment_rule
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.systems import has_method
from vss_sim.spec.writer_arguments import DEVICE_NAME
from vss_sim.spec.writer_calls import (
    COMPONENT,
    GET_COMPONENT,
    READ_ONLY_RULES,
    HandlerCallRow,
    handler_calls,
    is_setter,
)

_MESSAGES: Final = {
    "PrepareForBackup": ("IVssComponentEx::SetPrepareForBackupFailureMsg", "wszFailureMsg"),
    "PostSnapshot": ("IVssComponentEx::SetPostSnapshotFailureMsg", "wszFailureMsg"),
    "PreRestore": ("IVssComponent::SetPreRestoreFailureMsg", "wszPreRestoreFailureMsg"),
    "PostRestore": ("IVssComponent::SetPostRestoreFailureMsg", "wszPostRestoreFailureMsg"),
}
"""Event → the call that stores the message of a failure with a component, and its parameter."""

_TEXTS: Final = (
    ("set_backup_metadata", "IVssComponent::SetBackupMetadata", "wszData"),
    ("set_backup_stamp", "IVssComponent::SetBackupStamp", "wszBackupStamp"),
    ("set_restore_metadata", "IVssComponent::SetRestoreMetadata", "wszRestoreMetadata"),
    ("set_restore_target", "IVssComponent::SetRestoreTarget", "target"),
)
"""Short form → the call that it stands for, and its parameter."""


class Asked(NamedTuple):
    """A call to make: its full name, its arguments as written, the component it is made on (None: each)."""

    name: str
    given: Arguments
    component: str | None = None
    logical_path: str | None = None
    returns: str | None = None


def handle(handler: Handler, reply: Reply) -> tuple[HandlerLine, ...]:
    """Make the calls of a reply; the handler then holds what they brought about."""

    def device_of(volume: str) -> HandlerLine:
        return next(_made(handler, Asked(DEVICE_NAME, {"wszOriginalVolume": volume})))

    lines: list[HandlerLine] = list(change_copies(handler, reply, device_of))
    for asked in (*_short_forms(handler, reply), *map(_asked, reply.calls)):
        lines.extend(_made(handler, asked))
    return tuple(lines)


def _asked(call: HandlerCall) -> Asked:
    return Asked(call.call, as_it_is(call.arguments), call.component, call.logical_path, call.returns)


def _short_forms(handler: Handler, reply: Reply) -> Iterator[Asked]:
    """The calls that the short forms of a reply stand for."""
    for field, name, parameter in _TEXTS:
        value = getattr(reply, field)
        if value is not None:
            yield Asked(name, {parameter: value}, reply.component)
    for name, given in _things(reply):
        yield Asked(name, given, reply.component)
    if reply.message is not None and handler.event in _MESSAGES:
        name, parameter = _MESSAGES[handler.event]
        known = signatures()[name]
        if has_method(handler.desk.machine.os, known.min_client, known.min_server):
            yield Asked(name, {parameter: reply.message}, reply.component)


def _things(reply: Reply) -> Iterator[tuple[str, Arguments]]:
    given: Arguments
    for file in reply.add_partial_files:
        given = {"wszPath": file.path, "wszFilename": file.filename, "wszRanges": file.ranges}
        yield "IVssComponent::AddPartialFile", {**given, "wszMetadata": file.metadata}
    for files in reply.add_differenced_files:
        given = {"wszPath": files.path, "wszFilespec": files.filespec, "bRecursive": files.recursive}
        if files.lsn is None:
            last = {"ftLastModifyTime": files.last_modify_time}
            yield "IVssComponent::AddDifferencedFilesByLastModifyTime", {**given, **last}
        else:
            yield "IVssComponent::AddDifferencedFilesByLastModifyLSN", {**given, "bstrLsnString": files.lsn}
    for target in reply.add_directed_targets:
        yield (
            "IVssComponent::AddDirectedTarget",
            {
                "wszSourcePath": target.source_path,
                "wszSourceFilename": target.source_filename,
                "wszSourceRangeList": target.source_ranges,
                "wszDestinationPath": target.destination_path,
                "wszDestinationFilename": target.destination_filename,
                "wszDestinationRangeList": target.destination_ranges,
            },
        )
    if reply.set_failure is not None:
        failure = reply.set_failure
        given = {"hr": failure.hresult, "hrApplication": failure.application}
        yield "IVssComponentEx2::SetFailure", {**given, "wszApplicationMessage": failure.message, "dwReserved": 0}


def _made(handler: Handler, asked: Asked) -> Iterator[HandlerLine]:
    """A call made, on each component that it is about; what it answered, as lines."""
    signature, row = signatures()[asked.name], handler_calls()[asked.name]
    on = f"{handler.handle}.metadata" if asked.name in METADATA_CALLS else handler.handle
    if asked.returns is not None:
        told = as_of(HResult[asked.returns], handler.desk.system.generation)
        rule = environment_rule(asked.name, told)
        for one in _components_of(handler, asked, row) if signature.family == COMPONENT else [on]:
            yield HandlerLine(asked.name, one, asked.given, told, rule=rule)
        return
    arguments = convert(asked.name, converters(signature), asked.given)
    if signature.family == COMPONENT:
        yield from _on_components(handler, asked, row, arguments)
        return
    if handler.event not in row.handlers:
        if asked.name in VALUES_ELSEWHERE:
            yield HandlerLine(asked.name, on, asked.given, None, {"value": VALUES_ELSEWHERE[asked.name]})
        else:
            yield _refused(handler, asked, on, row)
        return
    build = METADATA_CALLS.get(asked.name)
    answer = build(handler.draft, arguments) if build is not None else QUESTIONS[asked.name](handler, arguments)
    code = None if "value" in answer.out else answer.code
    yield HandlerLine(asked.name, on, asked.given, code, answer.out, answer.rule)


def _refused(handler: Handler, asked: Asked, on: str, row: HandlerCallRow) -> HandlerLine:
    """The handler is not one for this call; a setter is refused where the document is only read."""
    rule = READ_ONLY_RULES.get(handler.event, row.rule) if is_setter(asked.name) else row.rule
    return HandlerLine(asked.name, on, asked.given, row.refusal, rule=rule)


def _components_of(handler: Handler, asked: Asked, row: HandlerCallRow) -> list[str]:
    """The handles of the components that a call is about; that of any, where the writer is given none of them."""
    found = _places(handler, asked) if handler.event in row.handlers else []
    return [on for on, _ in found] or [f"{handler.handle}.component"]


def _on_components(handler: Handler, asked: Asked, row: HandlerCallRow, arguments: Arguments) -> Iterator[HandlerLine]:
    """The call on each component that it is about; where there is none, the writer gets none to call it on."""
    if handler.event not in row.handlers:
        yield _refused(handler, asked, f"{handler.handle}.component", row)
        return
    places = _places(handler, asked)
    for on, place in places:
        answer = _on_component(handler, asked.name, place, arguments)
        yield HandlerLine(asked.name, on, asked.given, answer.code, answer.out, answer.rule)
    if not places:
        have = len(components_of(handler.obj, handler.session))
        on, given = f"{handler.handle}.components", {"iComponent": have}
        rule = "writer-components-index"
        yield HandlerLine(GET_COMPONENT, on, given, HResult.VSS_E_OBJECT_NOT_FOUND, rule=rule)


def _places(handler: Handler, asked: Asked) -> list[tuple[str, Place]]:
    """The components that a call is about, each with its handle: they are counted as the writer is given them."""
    found = []
    for number, place in enumerate(components_of(handler.obj, handler.session), 1):
        part = component_at(handler.obj.document, place)
        if asked.component in (None, part.name) and asked.logical_path in (None, part.logical_path):
            found.append((f"{handler.handle}.component{number}", place))
    return found


def _on_component(handler: Handler, full_name: str, place: Place, arguments: Arguments) -> Answer:
    name = full_name.rpartition("::")[2]
    part = component_at(handler.obj.document, place)
    if not is_setter(full_name):
        told = TELLERS[name](handler.desk, handler.obj, part, arguments)
        at_the_end = name == "GetBackupSucceeded" and handler.event == "BackupComplete"
        return replace(told, code=HResult.S_OK) if at_the_end else told
    changes: dict[str, Any] | Answer = SETTERS[name](part, arguments)
    if isinstance(changes, Answer):
        return changes
    handler.obj = replace(handler.obj, document=changed(handler.obj.document, place, **changes))
    return Answer(HResult.S_OK)
