"""What metadata and component objects tell: remembered, and held against what was told and asked for before.

Metadata of a writer tells its schema, its mappings and its file sets. A component object shows again what the
requester told its backup components object. Only what was recorded counts.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.contexts import number_of
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.backups.increments import learn_stamp
from vss_sim.judge.documents.document_memory import BOUND, Tie
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark, OtherObject
from vss_sim.judge.writers.writer_handlers import judge_setter, needs_mappings
from vss_sim.model.names import VERBATIM
from vss_sim.model.shown import shown
from vss_sim.spec.enums import numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Signature
from vss_sim.spec.protocol.common import IN_A_BACKUP, IN_A_RESTORE
from vss_sim.spec.protocol.documents import (
    DESCRIPTOR_METHODS,
    DOCUMENT_FAMILIES,
    DOCUMENT_METHODS,
    SERVICE_METHODS,
)
from vss_sim.spec.selection import OWN_DEPENDENCY
from vss_sim.spec.state import Document, Selection
from vss_sim.trace.values import parse_guid

_MAPPING: Final = "::GetAlternateLocationMapping"
_COUNTS: Final = frozenset(row.index.count for row in DOCUMENT_METHODS.values() if row.index)
_NAMES: Final = {
    "IVssWMDependency::GetWriterId": "pWriterId",
    "IVssWMDependency::GetLogicalPath": "pbstrLogicalPath",
    "IVssWMDependency::GetComponentName": "pbstrComponentName",
}

Learn = Callable[[History, Step, OtherObject], None]


def learn_of_document(history: History, step: Step, signature: Signature, known: OtherObject | None) -> None:
    """Take on what a call that was answered told, and say where that cannot be."""
    if signature.family not in DOCUMENT_FAMILIES:
        return
    judge_setter(history, step, signature, known)
    if known is None or step.succeeded is False:
        return
    row = DOCUMENT_METHODS.get(signature.full_name)
    if row is not None and row.once and step.succeeded:
        known.facts.done[row.full_name] = step.mark(f"{signature.name} gave it")
    if signature.kind == "writer" and known.known is not None:
        known.known.counts.clear()
    if step.line.out:
        _learn_counts(known, step.line.out, step.number)
    learn = _LEARN.get(signature.full_name)
    if learn is not None:
        learn(history, step, known)


def _learn_counts(known: OtherObject, results: Mapping[str, Any], number: int) -> None:
    for name, value in results.items():
        if name in _COUNTS and type(value) is int:
            known.facts.counts[name] = (value, number)


def _wrong(
    history: History,
    step: Step,
    rule: str,
    says: str,
    *because: Mark,
    level: Level = Level.ERROR,
    also: tuple[str, ...] = (),
) -> None:
    history.note(step, level, rule, says, *because, at=At.IMPLEMENTATION, also=also)


_EXPLICIT: Final = ("sel-one-icomponent-per-explicit", "doc-bcd-explicit-only")


def _fresh(known: OtherObject) -> BackupObject | None:
    """The object that a component was got from, where the log has all of its document: a backup begun with none."""
    owner = known.owner
    if owner is None or owner.made is None or holds(owner.state, Document.NONE.bit | IN_A_BACKUP) is not Certainty.YES:
        return None
    return owner


# Writer metadata


def _identity(history: History, step: Step, known: OtherObject) -> None:
    writer = parse_guid(step.results.get("pidWriter"))
    if writer is None:
        return
    known.facts.writer = writer
    history.documents.learn_writer(step.line.machine or "", writer, known.facts)


def _schema(history: History, step: Step, known: OtherObject) -> None:
    mask = number_of(step.results.get("pdwSchemaMask"))
    if mask is not None:
        known.facts.schema = (mask, step.mark("told the schema of the writer"))


def _restore_method(history: History, step: Step, known: OtherObject) -> None:
    method, service = step.results.get("pMethod"), step.results.get("pbstrService")
    number = number_of(method)
    stops = number in {numbers()[name] for name in SERVICE_METHODS}
    if stops and "pbstrService" in step.results and not service:
        says = f"the restore method is {method}, and the writer names no service"
        also = ("create-md-restore-method-service",)
        history.note(step, Level.INFO, "svc-name-given", says, at=At.WRITER, also=also)
    if number is None or not service or stops:
        return
    says = f"the restore method is {method}, and a service is named: {service}"
    _wrong(history, step, "examine-restore-method-service", says, level=Level.WARNING)


def _component_info(history: History, step: Step, known: OtherObject) -> None:
    if step.succeeded or step.line.out:  # else it may have been refused, as where there is no place for it
        known.facts.info = step.mark("GetComponentInfo gave the structure")
    info = step.results.get("ppInfo")
    if not isinstance(info, dict):
        return
    _learn_counts(known, info, step.number)
    name, path = info.get("bstrComponentName"), info.get("bstrLogicalPath", "")
    if isinstance(name, str) and (path is None or isinstance(path, str)):
        known.facts.name, known.facts.path = shown(name), (path or "").casefold()


def _freed(history: History, step: Step, known: OtherObject) -> None:
    known.facts.info = None


_OF_A_DATABASE: Final = ("IVssWMComponent::GetDatabaseFile", "IVssWMComponent::GetDatabaseLogFile")


def _wild(history: History, step: Step, broken: object, says: str) -> None:
    """A path has no wildcard, a file specification no backslash; who declares a file set otherwise is its writer."""
    if broken:
        history.note(step, Level.WARNING, "path-no-wild-in-path", says, at=At.WRITER)


def learn_descriptor(history: History, step: Step, known: OtherObject) -> None:
    """Path, specification and recursion flag come one by one; together they are a file set of the writer."""
    facts = known.facts
    path, filespec = step.results.get("pbstrPath"), step.results.get("pbstrFilespec")
    recursive = truth_of(step.results.get("pbRecursive"))
    if isinstance(path, str):
        facts.path = path.casefold().rstrip("\\")
        _wild(history, step, "*" in path or "?" in path.removeprefix(VERBATIM), f"the path is {path!r}")
    if isinstance(filespec, str):
        facts.filespec = filespec.casefold()
        _wild(history, step, "\\" in filespec, f"the file specification is {filespec!r}")
    if isinstance(recursive, (bool, int)):
        facts.recursive = bool(recursive)
    if recursive is True and known.maker in _OF_A_DATABASE:
        says = "the files of a database are named with recursion, for which its calls have no parameter"
        history.note(step, Level.WARNING, "wr-db-no-recursion", says, at=At.WRITER)
    component = known.parent if known.parent is not None and known.parent.family == "IVssWMComponent" else None
    metadata = component.parent if component is not None else None
    if metadata is None or facts.path is None or facts.filespec is None or facts.recursive is None:
        return
    file_sets = metadata.facts.file_sets
    if len(file_sets) < BOUND:
        file_sets[facts.path, facts.filespec, facts.recursive] = step.mark("told a file set of the writer")


def _alternate(history: History, step: Step, known: OtherObject) -> None:
    nothing = step.code is not None and step.code.known is HResult.S_FALSE
    if known.maker.endswith(_MAPPING) and (nothing or step.results.get("pbstrAlternateLocation", "") is None):
        says = "the mapping has no alternate location, which is the place to restore to"
        _wrong(history, step, "wm-filedesc-altloc-meaning", says, known.made)


def _dependency(history: History, step: Step, known: OtherObject) -> None:
    facts = known.facts
    if facts.writer is None and facts.path is None and facts.name is None:
        _tie(history, step, known)
    for name, value in step.results.items():
        if name == "pWriterId":
            facts.writer = parse_guid(value)
            _of_another_writer(history, step, known)
        elif name == "pbstrLogicalPath":
            facts.path = (value or "").casefold() if value is None or isinstance(value, str) else None
        elif name == "pbstrComponentName" and isinstance(value, str):
            facts.name = shown(value)


def _of_another_writer(history: History, step: Step, known: OtherObject) -> None:
    """A dependency is on a component of another writer."""
    metadata = known.parent.parent if known.parent is not None else None
    if metadata is not None and known.facts.writer is not None and known.facts.writer == metadata.facts.writer:
        says = "the writer declares that its component depends on another one of its own"
        history.note(step, Level.WARNING, OWN_DEPENDENCY, says, metadata.made, at=At.WRITER)


def _tie(history: History, step: Step, known: OtherObject) -> None:
    """The metadata of a live writer tells it of a backup, a stored one of the restores of the machine."""
    component = known.parent
    if component is None or component.parent is None:
        return
    ties = known.owner.requests.ties if known.owner is not None else history.machine(step.line).stored_ties
    if len(ties) < BOUND:
        ties.append(Tie(component.facts, component.parent.facts, known.facts, step.mark("told a dependency")))


# Components


def _writer_info(history: History, step: Step, known: OtherObject) -> None:
    known.facts.writer = parse_guid(step.results.get("pidWriter"))


def _component_count(history: History, step: Step, known: OtherObject) -> None:
    count, owner = step.results.get("pcComponents"), _fresh(known)
    if owner is None or type(count) is not int or not owner.components_complete or count <= len(owner.components):
        return
    says = f"there are {count} components, and AddComponent added {len(owner.components)}"
    _wrong(history, step, "comp-only-explicit", says, known.made, also=_EXPLICIT)


def _component_name(history: History, step: Step, known: OtherObject) -> None:
    name, owner = step.results.get("pbstrName"), _fresh(known)
    if owner is None or not isinstance(name, str) or not owner.components_complete:
        return
    if not any(key[2] == name.casefold() for key in owner.components):
        says = f"AddComponent added no component {name!r}"
        _wrong(history, step, "comp-only-explicit", says, known.made, also=_EXPLICIT)


def _mapping_count(history: History, step: Step, known: OtherObject) -> None:
    count, owner = step.results.get("pcMappings"), known.owner
    if owner is None or owner.made is None or type(count) is not int:
        return
    used = owner.asked.mappings if owner.asked else 0
    if count > used and holds(owner.state, IN_A_RESTORE) is Certainty.YES:
        says = f"there are {count} mappings, and AddAlternativeLocationMapping told of {used}"
        _wrong(history, step, "comp-alt-mapping-used", says, known.made, level=Level.WARNING)


def _additional(history: History, step: Step, known: OtherObject) -> None:
    owner = known.owner
    if owner is None or owner.made is None or not truth_of(step.results.get("pbAdditionalRestores")):
        return
    if not (owner.asked and owner.asked.additional):
        says = "the answer is true, and the requester did not call SetAdditionalRestores"
        also = ("get-additional-restores-default",)
        _wrong(history, step, "get-additional-restores-told", says, owner.made, level=Level.WARNING, also=also)


def _previous_stamp(history: History, step: Step, known: OtherObject) -> None:
    stamp, owner = step.results.get("pbstrBackupStamp"), _fresh(known)
    if owner is None or not isinstance(stamp, str):
        return
    stamps = owner.asked.stamps if owner.asked else set()
    if stamps is not None and stamp not in stamps:
        says = f"SetPreviousBackupStamp set no stamp {stamp!r}"
        _wrong(history, step, "get-previous-stamp-source", says, known.made, also=("doc-bcd-state",))


def _selected(history: History, step: Step, known: OtherObject) -> None:
    selected = truth_of(step.results.get("pbSelectedForRestore"))
    if selected is not None:
        known.facts.unselected = None if selected else step.mark("the component is not selected for restore")


def _file_restore_status(history: History, step: Step, known: OtherObject) -> None:
    seen = known.owner is not None and holds(known.owner.state, Selection.SOME.bit) is Certainty.NO
    if known.known is not None and known.known.unselected is not None and not seen:
        says = "the status of a component that is not selected for restore is not defined"
        at = At.REQUESTER if known.owner is not None else At.WRITER
        rule = "get-file-restore-status-unselected"
        history.note(step, Level.WARNING, rule, says, known.known.unselected, at=at)


def _target(history: History, step: Step, known: OtherObject) -> None:
    target = step.results.get("pTarget")
    if target is None:
        return
    known.facts.target = (str(target), step.mark(f"the restore target is {target}"))
    writer = known.parent.known.writer if known.parent is not None and known.parent.known is not None else None
    if number_of(target) == numbers()["VSS_RT_ALTERNATE"]:
        needs_mappings(history, step, writer)


def _directed(history: History, step: Step, known: OtherObject) -> None:
    target = known.known.target if known.known is not None else None
    if target is not None and number_of(target[0]) != numbers()["VSS_RT_DIRECTED"]:
        says = "directed targets count only where the restore target is VSS_RT_DIRECTED"
        also = ("dt-needs-directed", "dt-set-target-first")
        history.note(step, Level.INFO, "directed-target-needs-rt-directed", says, target[1], also=also)


_LEARN: Final[dict[str, Learn]] = {
    "IVssComponent::GetBackupStamp": learn_stamp,
    "IVssExamineWriterMetadata::GetIdentity": _identity,
    "IVssExamineWriterMetadataEx::GetIdentityEx": _identity,
    "IVssExamineWriterMetadata::GetBackupSchema": _schema,
    "IVssExamineWriterMetadata::GetRestoreMethod": _restore_method,
    "IVssWMComponent::GetComponentInfo": _component_info,
    "IVssWMComponent::FreeComponentInfo": _freed,
    **dict.fromkeys(DESCRIPTOR_METHODS, learn_descriptor),
    "IVssWMFiledesc::GetAlternateLocation": _alternate,
    **dict.fromkeys(_NAMES, _dependency),
    "IVssWriterComponents::GetWriterInfo": _writer_info,
    "IVssWriterComponents::GetComponentCount": _component_count,
    "IVssComponent::GetComponentName": _component_name,
    "IVssComponent::GetAlternateLocationMappingCount": _mapping_count,
    "IVssComponent::GetAdditionalRestores": _additional,
    "IVssComponent::GetPreviousBackupStamp": _previous_stamp,
    "IVssComponent::IsSelectedForRestore": _selected,
    "IVssComponent::GetFileRestoreStatus": _file_restore_status,
    "IVssComponent::GetRestoreTarget": _target,
    "IVssComponent::GetDirectedTarget": _directed,
}
