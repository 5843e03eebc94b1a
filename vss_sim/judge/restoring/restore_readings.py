"""What a log shows where a restore reads: stored writers' metadata, live writers, components of the backup document.

At restore the stored metadata of the writers counts, never that of the live ones, which only tell who runs; and what a
writer says of a component - where it is to be restored - counts from PreRestore on. Both can be seen by the object that
a reading call is made on.
"""

from collections.abc import Callable
from typing import Any, Final

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.contexts import number_of
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, OtherObject
from vss_sim.judge.paths import folder_of, path_of
from vss_sim.judge.recorded import whole_number
from vss_sim.judge.restoring.restore_targets import (
    judge_told_status,
    judge_used_mappings,
    learn_directed,
    learn_partial_file,
    learn_target,
    making_of,
)
from vss_sim.judge.restoring.restores import (
    WRITERS,
    FileSet,
    MappedSet,
    SavedDocument,
    StoredComponent,
    StoredWriter,
    WriterComponent,
    WriterDocument,
    name_of_text,
)
from vss_sim.judge.restoring.stored_texts import learn_text
from vss_sim.judge.words import word_of
from vss_sim.model.shown import shown
from vss_sim.spec.enums import RestoreMethod, WriterRestore
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Signature
from vss_sim.spec.protocol.common import IN_A_RESTORE
from vss_sim.spec.protocol.objects import LIVE_DATA, TARGETS
from vss_sim.spec.state import Phase
from vss_sim.spec.systems import Generation
from vss_sim.trace.values import parse_guid

_SYSTEM_WRITER: Final = parse_guid("{e8132975-6f93-4464-a53e-1050253ae220}")
"""The System Writer of Windows."""
_DOCUMENTS: Final = 64
_COUNTS: Final = ("cFileCount", "cDatabases", "cLogFiles")


def learn_for_restores(history: History, step: Step, signature: Signature, known: OtherObject) -> None:
    """Take on what a reading call on `known` shows, and say what is wrong with reading it now.

    A call that fails shows nothing, but that no writer set a target.
    """
    teach = _TEACHERS.get(f"{signature.family}::{signature.name}")
    if step.succeeded is False:
        if teach is learn_target and step.code is not None and step.code.known is HResult.VSS_E_OBJECT_NOT_FOUND:
            teach(history, step, known)
        return
    if known.owner is not None and known.owner.restoring is not None:
        _judge_time(history, step, signature, known, known.owner)
    if teach is not None:
        teach(history, step, known)


def _judge_time(history: History, step: Step, signature: Signature, known: OtherObject, owner: BackupObject) -> None:
    if signature.full_name in LIVE_DATA and holds(owner.state, IN_A_RESTORE) is Certainty.YES:
        _judge_live_data(history, step, signature, known, owner)
    elif signature.full_name in TARGETS and holds(owner.state, Phase.RESTORE.bit) is Certainty.YES:
        _judge_early_target(history, step, signature, owner)


def _judge_live_data(
    history: History, step: Step, signature: Signature, known: OtherObject, owner: BackupObject
) -> None:
    """Said once for each restore; a handle may since have come to name a stored document that was not recorded."""
    restoring = owner.restoring
    unseen = history.machine(step.line).unseen_documents
    if restoring is not None and not restoring.live_noted and not known.loaded and unseen <= known.made[0]:
        restoring.live_noted = True
        says = f"{signature.name} reads the metadata of a live writer; at restore the stored one counts"
        history.note(step, Level.WARNING, "seq-r-stored-not-live", says, known.made)


def _judge_early_target(history: History, step: Step, signature: Signature, owner: BackupObject) -> None:
    """Said once for each restore."""
    restoring = owner.restoring
    if restoring is not None and not restoring.early_noted:
        restoring.early_noted = True
        says = f"{signature.name} before PreRestore tells nothing yet; writers set it while they handle PreRestore"
        history.note(step, Level.INFO, "seq-r-no-component-read-early", says, *making_of(owner))


def keep_document(history: History, text: object, document: SavedDocument) -> None:
    """Remember what a text is; two documents by one name leave it unknown."""
    if not isinstance(text, str):
        return
    name, documents = name_of_text(text), history.saved_documents
    former = documents.pop(name, document)
    documents[name] = document if former is not None and former.holds_the_same(document) else None
    if len(documents) > _DOCUMENTS:
        del documents[next(iter(documents))]


def loaded(history: History, step: Step) -> None:
    """A stored document was loaded: behind its handle, if that was recorded, stands a writer's metadata."""
    machine = history.machine(step.line)
    machine.documents_loaded = True
    learn_text(history, step)
    handle = step.made("ppMetadata")
    known = history.handles.get(history.scoped(step.line, handle)) if handle is not None else None
    if isinstance(known, OtherObject):
        known.described = WriterDocument(step.mark("loaded the stored metadata"))
    else:
        machine.unseen_documents = step.number


def _child(history: History, step: Step, parameter: str) -> OtherObject | None:
    handle = step.made(parameter)
    made = history.handles.get(history.scoped(step.line, handle)) if handle is not None else None
    return made if isinstance(made, OtherObject) else None


def _writer_document(step: Step, known: OtherObject) -> WriterDocument:
    if not isinstance(known.described, WriterDocument):
        known.described = WriterDocument(step.mark("read the metadata of the live writer"))
    return known.described


def _load(history: History, step: Step, known: OtherObject) -> None:
    history.machine(step.line).documents_loaded = True
    learn_text(history, step)
    known.loaded = True
    known.described = WriterDocument(step.mark("loaded the stored metadata"))


def _identity(history: History, step: Step, known: OtherObject) -> None:
    writer, instance = parse_guid(step.results.get("pidWriter")), parse_guid(step.results.get("pidInstance"))
    if writer is None:
        return
    document = _writer_document(step, known)
    document.writer = writer
    owner = known.owner
    if owner is None or known.loaded:
        _put(history.machine(step.line).stored_writers, writer, known)
    elif owner.restoring is not None:
        _put(owner.restoring.live, writer, document)
        if instance is not None:
            _put(owner.restoring.instances, instance, writer)


def _put(table: dict[str, Any], key: str, value: object) -> None:
    table.pop(key, None)
    table[key] = value
    if len(table) > WRITERS:
        del table[next(iter(table))]


def _schema(history: History, step: Step, known: OtherObject) -> None:
    del history
    _writer_document(step, known).schema = number_of(step.results.get("pdwSchemaMask"))


def _restore_method(history: History, step: Step, known: OtherObject) -> None:
    """S_FALSE tells that the writer set no method."""
    document, results = _writer_document(step, known), step.results
    document.mappings = whole_number(results.get("pcMappings"))
    if step.code is not None and step.code.known is HResult.S_FALSE:
        document.method_told, document.method = step.mark("the writer has no restore method"), None
        return
    method = word_of(RestoreMethod, results.get("pMethod"))
    if method is None:
        return
    document.method_told, document.method = step.mark(f"the stored restore method is {method}"), method
    _judge_protected(history, step, document)
    service = results.get("pbstrService")
    document.service = service if isinstance(service, str) and service else None
    document.service_unnamed = "pbstrService" in results and not service
    document.writer_restore = word_of(WriterRestore, results.get("pwriterRestore"))
    reboots = results.get("pbRebootRequired", results.get("pbRebootRequred"))
    document.reboots = truth_of(reboots)


def _judge_protected(history: History, step: Step, document: WriterDocument) -> None:
    """The writer of the protected system files asks for the restart, as the page on Windows Server 2003 has it."""
    system = history.world.system(step.line.machine)
    before_vista = system is not None and system.generation < Generation.VISTA
    if document.writer == _SYSTEM_WRITER and before_vista and document.method != RestoreMethod.RESTORE_AT_REBOOT:
        says = f"protected system files are replaced at the restart only, and their writer has {document.method}"
        history.note(step, Level.INFO, "rar-wfp-writer", says, at=At.WRITER)


def _mapping(history: History, step: Step, known: OtherObject) -> None:
    child, document = _child(history, step, "ppFiledesc"), _writer_document(step, known)
    if child is not None and len(document.mapped) < WRITERS:
        child.described = MappedSet()
        document.mapped.append(child.described)


def _file_counts(history: History, step: Step, known: OtherObject) -> None:
    del history
    _writer_document(step, known).component_count = whole_number(step.results.get("pcComponents"))


def _component(history: History, step: Step, known: OtherObject) -> None:
    child = _child(history, step, "ppComponent")
    if child is not None:
        child.described = WriterComponent(_writer_document(step, known))


def _component_info(history: History, step: Step, known: OtherObject) -> None:
    del history
    component, info = known.described, step.results.get("ppInfo")
    if not isinstance(component, WriterComponent) or not isinstance(info, dict):
        return
    path, name = info.get("bstrLogicalPath", info), info.get("bstrComponentName")
    if not isinstance(name, str) or not isinstance(path, str | None) or not component.document.has_room:
        return
    component.key = shown(path or ""), shown(name)
    component.selectable = truth_of(info.get("bSelectable"))
    component.selectable_for_restore = truth_of(info.get("bSelectableForRestore"))
    counts = [whole_number(info.get(field)) for field in _COUNTS]
    component.file_count = None if None in counts else sum(count or 0 for count in counts)
    component.document.components[component.key] = component


def _file(history: History, step: Step, known: OtherObject) -> None:
    child = _child(history, step, "ppFiledesc")
    if child is not None and isinstance(known.described, WriterComponent):
        child.described = FileSet(known.described)


def _file_detail(history: History, step: Step, known: OtherObject) -> None:
    del history
    one, results = known.described, step.results
    if not isinstance(one, FileSet | MappedSet):
        return
    path, filespec = results.get("pbstrPath"), results.get("pbstrFilespec")
    recursive = truth_of(results.get("pbRecursive"))
    one.path = folder_of(path) if isinstance(path, str) else one.path
    one.filespec = shown(filespec) if isinstance(filespec, str) else one.filespec
    one.recursive = one.recursive if recursive is None else recursive
    other = path_of(results.get("pbstrAlternateLocation"))
    if isinstance(one, MappedSet):
        one.destination = other or one.destination
    else:
        if other is not None and one.alternate is None:
            one.component.document.alternates.append(one)
        one.alternate = other or one.alternate
        one.component.document.add(one)


def _save(history: History, step: Step, known: OtherObject) -> None:
    del known
    saved = SavedDocument(step.mark("gave out a Writer Metadata Document"), of_a_writer=True)
    keep_document(history, step.results.get("pbstrXML"), saved)


def _writer_info(history: History, step: Step, known: OtherObject) -> None:
    del history
    _stored_writer(known).writer = parse_guid(step.results.get("pidWriter"))


def _stored_writer(known: OtherObject) -> StoredWriter:
    if not isinstance(known.described, StoredWriter):
        known.described = StoredWriter()
    return known.described


def _stored_component(history: History, step: Step, known: OtherObject) -> None:
    child = _child(history, step, "ppComponent")
    if child is not None:
        child.described = StoredComponent(_stored_writer(known))


def _stored_detail(history: History, step: Step, known: OtherObject) -> None:
    del history
    component, results = known.described, step.results
    if not isinstance(component, StoredComponent):
        return
    if "pbstrPath" in results and isinstance(results["pbstrPath"], str | None):
        component.path = shown(results["pbstrPath"] or "")
    if isinstance(results.get("pbstrName"), str):
        component.name = shown(results["pbstrName"])
    if "pcPartialFiles" in results:
        component.partial_files = whole_number(results["pcPartialFiles"])
    restoring = known.owner.restoring if known.owner else None
    if restoring is None or component.key is None or component.partial_files is None:
        return
    if len(restoring.partial_files) < WRITERS:
        restoring.partial_files[component.key] = component.partial_files, step.mark("the component was read")


_TEACHERS: Final[dict[str, Callable[[History, Step, OtherObject], None]]] = {
    "IVssExamineWriterMetadata::LoadFromXML": _load,
    "IVssExamineWriterMetadata::SaveAsXML": _save,
    "IVssExamineWriterMetadata::GetIdentity": _identity,
    "IVssExamineWriterMetadata::GetIdentityEx": _identity,
    "IVssExamineWriterMetadata::GetBackupSchema": _schema,
    "IVssExamineWriterMetadata::GetRestoreMethod": _restore_method,
    "IVssExamineWriterMetadata::GetFileCounts": _file_counts,
    "IVssExamineWriterMetadata::GetComponent": _component,
    "IVssWMComponent::GetComponentInfo": _component_info,
    "IVssWMComponent::GetFile": _file,
    "IVssWMComponent::GetDatabaseFile": _file,
    "IVssWMComponent::GetDatabaseLogFile": _file,
    "IVssWMFiledesc::GetPath": _file_detail,
    "IVssWMFiledesc::GetFilespec": _file_detail,
    "IVssWMFiledesc::GetRecursive": _file_detail,
    "IVssWMFiledesc::GetAlternateLocation": _file_detail,
    "IVssExamineWriterMetadata::GetAlternateLocationMapping": _mapping,
    "IVssWriterComponents::GetWriterInfo": _writer_info,
    "IVssWriterComponents::GetComponent": _stored_component,
    "IVssComponent::GetLogicalPath": _stored_detail,
    "IVssComponent::GetComponentName": _stored_detail,
    "IVssComponent::GetPartialFileCount": _stored_detail,
    "IVssComponent::GetPartialFile": learn_partial_file,
    "IVssComponent::GetFileRestoreStatus": judge_told_status,
    "IVssComponent::GetRestoreTarget": learn_target,
    "IVssComponent::GetAlternateLocationMappingCount": judge_used_mappings,
    "IVssComponent::GetDirectedTargetCount": learn_directed,
    "IVssComponent::GetDirectedTarget": learn_directed,
}
"""Family and method → what its results teach."""
