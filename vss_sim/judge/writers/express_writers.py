"""Express writers: their metadata are made or loaded, then registered once; what they may declare is less.

Page: https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-ivssexpresswriter
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.drafts import Draft
from vss_sim.engine.express_metadata_calls import EXPRESS_METADATA_CALLS
from vss_sim.judge.documents.document_memory import ExpressLife, WriterDraft, keep
from vss_sim.judge.findings import At, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.writers.writer_drafts import recorded_arguments, refusal, system_of
from vss_sim.model.metadata import WriterMetadata
from vss_sim.model.values import GUID_NULL, guid
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Signature
from vss_sim.spec.table import Force
from vss_sim.spec.writer_arguments import CREATE_METADATA
from vss_sim.spec.writer_lives import (
    CREATE_EXPRESS,
    LOAD_METADATA,
    METADATA_FIRST,
    OF_AN_EXPRESS_WRITER,
    REGISTER,
    REGISTERED_ONCE,
    UNREGISTER,
)
from vss_sim.trace.values import parse_guid

_NO_METADATA: Final = "neither CreateMetadata nor LoadMetadata was called before"


def is_express_call(signature: Signature) -> bool:
    """Whether it is a call on an express writer or its metadata."""
    return signature.full_name in OF_AN_EXPRESS_WRITER or signature.full_name in EXPRESS_METADATA_CALLS


def express_troubles(history: History, step: Step, signature: Signature) -> Iterator[Trouble]:
    """What is wrong with a call on an express writer, or on its metadata."""
    name = signature.full_name
    if name in EXPRESS_METADATA_CALLS:
        yield from _metadata_troubles(history, step, signature)
    if name not in (REGISTER, UNREGISTER):
        return
    life = history.documents.express.get(history.scoped(step.line, step.line.on or ""))
    machine = step.line.machine or ""
    if life is not None and life.has_metadata is None:
        yield Trouble(METADATA_FIRST[name], (), _NO_METADATA, Force.UNSURE)
    elif name == REGISTER and life is not None and life.writer is not None:
        stored, mark = history.documents.registered.get((machine, life.writer), (False, (0, "")))
        if stored:
            answers, because = (HResult.VSS_E_OBJECT_ALREADY_EXISTS,), (Ground(*mark),)
            yield Trouble(REGISTERED_ONCE, answers, "the writer is registered", because=because)
    elif name == UNREGISTER:
        writer = parse_guid(step.arguments.get("writerId")) or ""
        stored, mark = history.documents.registered.get((machine, writer), (True, (0, "")))
        if not stored:
            answers, because = (HResult.VSS_E_OBJECT_NOT_FOUND,), (Ground(*mark),)
            yield Trouble(METADATA_FIRST[UNREGISTER], answers, "it is not registered", because=because)


def _metadata_troubles(history: History, step: Step, signature: Signature) -> Iterator[Trouble]:
    key = history.scoped(step.line, step.line.on or "")
    written = history.documents.express_drafts.get(key)
    if written is None:
        empty = WriterMetadata(name="", writer_id=GUID_NULL)
        written = WriterDraft(Draft(empty, system_of(history, step.line.machine)), whole=False)
    before = written.draft.metadata
    arguments = recorded_arguments(step, signature)
    if arguments is None:
        written.whole = False
        return
    answer = EXPRESS_METADATA_CALLS[signature.full_name](written.draft, arguments)
    if step.succeeded is False:
        written.draft.metadata = before
    unknown = answer.code is HResult.VSS_E_OBJECT_NOT_FOUND and not written.whole
    if answer.code.failed and not unknown:
        yield refusal(answer, answer.code, HResult.E_INVALIDARG)
    elif signature.name == "AddComponentDependency" and written.whole:
        _note_own(history, step, written)


def _note_own(history: History, step: Step, written: WriterDraft) -> None:
    if parse_guid(step.arguments.get("onWriterId")) == parse_guid(written.draft.metadata.writer_id):
        says = "the component depends on one of the same writer, which the page of every other writer forbids"
        history.note(step, Level.WARNING, "express-md-dependency-same-writer", says, at=At.WRITER)


def learn_express(history: History, step: Step, signature: Signature) -> None:
    """A call that makes, registers or removes an express writer succeeded, or may have."""
    name, documents = signature.full_name, history.documents
    if step.succeeded is False or (name not in OF_AN_EXPRESS_WRITER and signature.name != CREATE_EXPRESS):
        return
    if signature.name == CREATE_EXPRESS:
        handle = step.made("ppWriter")
        if handle is not None:
            keep(documents.express, history.scoped(step.line, handle), ExpressLife())
        return
    life = documents.express.get(history.scoped(step.line, step.line.on or "")) or ExpressLife()
    machine = step.line.machine or ""
    if name == CREATE_METADATA:
        life.has_metadata = step.mark("made the metadata")
        life.writer = parse_guid(step.arguments.get("writerId"))
        _begin_metadata(history, step, life)
    elif name == LOAD_METADATA:
        life.has_metadata, life.writer = step.mark("loaded the metadata"), None
    elif name == REGISTER and life.writer is not None:
        keep(documents.registered, (machine, life.writer), (True, step.mark("registered the writer")))
    elif name == UNREGISTER:
        writer = parse_guid(step.arguments.get("writerId"))
        if writer is not None:
            keep(documents.registered, (machine, writer), (False, step.mark("unregistered the writer")))


def _begin_metadata(history: History, step: Step, life: ExpressLife) -> None:
    handle = step.made("ppMetadata")
    if handle is not None:
        known = WriterMetadata(name="", writer_id=guid(life.writer) if life.writer else GUID_NULL)
        draft = WriterDraft(Draft(known, system_of(history, step.line.machine)))
        keep(history.documents.express_drafts, history.scoped(step.line, handle), draft)
