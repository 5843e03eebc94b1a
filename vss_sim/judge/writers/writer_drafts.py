"""The metadata that a writer builds in Identify: what VSS refuses to add, and what is missing or wrong in the end.

The engine's own way of building metadata is followed call by call. A log shows all calls of a writer on its metadata in
a handler or none; where a call was not recorded wholly, or VSS answered otherwise, nothing is concluded from what the
metadata hold in the end.
"""

from collections.abc import Iterator
from typing import Any, Final

from vss_sim.engine.answers import Answer
from vss_sim.engine.drafts import Draft
from vss_sim.engine.inputs import BadCall, convert, converters
from vss_sim.engine.writer_metadata_calls import METADATA_CALLS
from vss_sim.judge.documents.document_memory import BOUND, Declared, Facts, Handler, WriterDraft, keep
from vss_sim.judge.findings import At, Finding, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.model.metadata import FileSet, WriterComponent, WriterMetadata
from vss_sim.model.shown import shown
from vss_sim.model.shown import written as as_written
from vss_sim.model.values import GUID_NULL, guid
from vss_sim.spec.enums import BackupSchema, RestoreMethod
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Signature
from vss_sim.spec.systems import DEFAULT_SYSTEM, System, system_named
from vss_sim.spec.table import Force
from vss_sim.spec.writer_calls import DISPUTED_REFUSALS, SAME_FACT

_FILES: Final = ("AddFilesToFileGroup", "AddDatabaseFiles", "AddDatabaseLogFiles")

HARMLESS: Final = {
    "wszCaption": None,
    "pbIcon": None,
    "cbIcon": 0,
    "bRestoreMetadata": False,
    "bNotifyOnBackupComplete": False,
    "bSelectable": True,
    "wszAlternateLocation": None,
    "wszUserProcedure": None,
    "bRebootRequired": False,
}
"""Parameters that decide nothing here, for where they were not recorded."""


def system_of(history: History, machine: str | None) -> System:
    """The Windows of a machine; the newest server where the log does not tell."""
    return history.world.system(machine) or system_named(DEFAULT_SYSTEM)


def recorded_arguments(step: Step, signature: Signature) -> dict[str, Any] | None:
    """The arguments of a call that adds to metadata, as the engine takes them; None where one of weight is missing."""
    try:
        return convert(signature.full_name, converters(signature), {**HARMLESS, **step.arguments})
    except BadCall:
        return None


def refusal(answer: Answer, *codes: HResult) -> Trouble:
    """That VSS refuses what the engine refuses, with one of these codes; whether it does may be disputed."""
    force = Force.UNSURE if answer.rule in DISPUTED_REFUSALS else Force.REFUSED
    return Trouble(answer.rule, codes, answer.words, force, also=SAME_FACT.get(answer.rule, ()))


def draft_troubles(history: History, step: Step, signature: Signature, handler: Handler) -> Iterator[Trouble]:
    """What is wrong with a call on the metadata that a writer builds in the handler."""
    build = METADATA_CALLS.get(signature.full_name)
    if build is None:
        return
    if handler.draft is None:
        known = WriterMetadata(name="", writer_id=guid(handler.writer) if handler.writer else GUID_NULL)
        handler.draft = WriterDraft(Draft(known, system_of(history, step.line.machine)))
    written = handler.draft
    before = written.draft.metadata
    arguments = recorded_arguments(step, signature)
    if arguments is None:
        written.whole = False
        return
    answer = build(written.draft, arguments)
    if answer.code is HResult.VSS_E_OBJECT_NOT_FOUND and not written.whole:
        return
    if answer.code.failed:
        written.whole = written.whole and step.succeeded is not True
        yield refusal(answer, answer.code)
        return
    if step.succeeded is False:
        written.draft.metadata, written.whole = before, False
        return
    _note_repeats(history, step, signature, written, before)


def _note_repeats(
    history: History, step: Step, signature: Signature, written: WriterDraft, before: WriterMetadata
) -> None:
    """What VSS may take and a writer does not do: a file named twice, a second restore method."""
    if signature.name == "SetRestoreMethod":
        if written.method is not None:
            says = "the restore method of the writer is set again; there is one for all of its components"
            history.note(step, Level.WARNING, "create-md-restore-method-single", says, written.method, at=At.WRITER)
        written.method = step.mark("set the restore method")
        _note_home(history, step)
    if signature.name not in _FILES:
        return
    for old, new in zip(before.components, written.draft.metadata.components, strict=True):
        added = [one for one in _all_files(new) if one not in _all_files(old)] or list(_all_files(new)[-1:])
        if len(_all_files(new)) > len(_all_files(old)) and _key(added[-1]) in map(_key, _all_files(old)):
            says = f"{added[-1].path} {added[-1].filespec} is in the component {new.name!r} already"
            history.note(step, Level.WARNING, "create-md-filegroup-no-overlap", says, at=At.WRITER)


def _note_home(history: History, step: Step) -> None:
    """A writer that lives in the service which the requester is to stop does not hear how the restore ended."""
    handler, service = history.documents.handler_at(step.number), step.arguments.get("wszService")
    home = history.world.host(step.line.machine, handler.writer) if handler is not None else None
    if isinstance(service, str) and home == service.casefold():
        says = f"the writer lives in {service}, which it asks the requester to stop"
        history.note(step, Level.WARNING, "svc-writer-outside", says, at=At.WRITER)


def _all_files(component: WriterComponent) -> tuple[FileSet, ...]:
    return (*component.files, *component.database_files, *component.database_log_files)


def _key(files: FileSet) -> tuple[str, str, bool]:
    return shown(files.path.rstrip("\\")), shown(files.filespec), files.recursive


def judge_draft(history: History, handler: Handler) -> None:
    """Identify is over: what the metadata lack, and what is remembered of them."""
    written = handler.draft
    if handler.event != "Identify" or written is None or not written.whole or handler.failed:
        return
    metadata = written.draft.metadata
    for rule, says in _faults(metadata):
        because = (Ground(*handler.mark),)
        also = SAME_FACT.get(rule, ())
        history.find(Finding(handler.last, Level.WARNING, At.WRITER, rule, says, because, also=also))
    if handler.writer is not None:
        key = (handler.machine, handler.writer)
        mark = (handler.last, "the writer declared its metadata")
        keep(history.documents.declared, key, Declared(metadata, mark))
        history.documents.learn_writer(*key, _facts_of(metadata, handler.writer, mark))


def _faults(metadata: WriterMetadata) -> Iterator[tuple[str, str]]:
    """What a writer's metadata have to hold and do not: the rule, and what is wrong."""
    method = metadata.restore_method
    if method is None:
        yield "wr-id-method", "Identify is over, and no restore method was set"
    if not metadata.components:
        yield "wr-id-component", "Identify is over, and no component was added"
    logs = any(component.database_log_files for component in metadata.components)
    if metadata.schema & BackupSchema.LOG and not logs:
        yield "wr-schema-log-needs-logfile", "log backups are declared, and no component has log files"
    to_alternate = method is not None and method.method is RestoreMethod.RESTORE_TO_ALTERNATE_LOCATION
    if to_alternate and not metadata.alternate_location_mappings:
        yield "create-md-mapping-needed", "all files go to an alternate location, and there is no mapping to one"
    own = {_key(files) for component in metadata.components for files in _all_files(component)}
    for mapping in metadata.alternate_location_mappings:
        wanted = (mapping.path.casefold().rstrip("\\"), mapping.filespec.casefold(), mapping.recursive)
        if wanted not in own:
            words = f"{mapping.path} {mapping.filespec} is mapped, and is no file set of a component"
            yield "create-md-mapping-match", words
    yield from _in_several(metadata)


def _in_several(metadata: WriterMetadata) -> Iterator[tuple[str, str]]:
    owners: dict[tuple[str, str, bool], str] = {}
    for component in metadata.components:
        for key in dict.fromkeys(map(_key, _all_files(component))):
            if key in owners:
                files = " ".join(map(as_written, key[:2]))
                words = f"{files} is in the components {owners[key]!r} and {component.name!r}"
                yield "wr-comp-files-once", words
            owners.setdefault(key, component.name)


def _facts_of(metadata: WriterMetadata, writer: str, mark: tuple[int, str]) -> Facts:
    """The same as what a requester reads in the metadata."""
    facts = Facts(writer=writer, schema=(metadata.schema, mark))
    facts.counts["pcMappings"] = (len(metadata.alternate_location_mappings), mark[0])
    for component in metadata.components:
        for files in _all_files(component):
            if len(facts.file_sets) < BOUND:
                facts.file_sets[_key(files)] = mark
    return facts
