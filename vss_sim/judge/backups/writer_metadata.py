"""What writer metadata says, learned from the calls that read it: identity, schema, components and their file sets.

A metadata object leads to its components and these to their file sets; each remembers what it describes, as far as the
log shows the results of reading it.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.contexts import number_of
from vss_sim.judge.backups.seen import (
    FEW,
    ComponentFacts,
    DependencyFacts,
    FileSetFacts,
    MetadataFacts,
    Seen,
    WriterFacts,
)
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, OtherObject
from vss_sim.judge.words import word_of
from vss_sim.spec.enums import ComponentType, UsageType
from vss_sim.spec.methods import Signature
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

Results = Mapping[str, Any]

_LOG_FILE: Final = "GetDatabaseLogFile"
_FILES: Final = frozenset({"GetFile", "GetDatabaseFile", _LOG_FILE})
_Fact = TypeVar("_Fact", FileSetFacts, DependencyFacts)


def seen_of(obj: BackupObject) -> Seen:
    """What the log has shown of an object, to be added to."""
    if obj.seen is None:
        obj.seen = Seen()
    return obj.seen


def learn_writer(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """GetWriterMetadata hands out the metadata of one writer instance."""
    instance = parse_guid(step.results.get("pidInstance"))
    handle = step.made("ppMetadata")
    made = history.handles.get(history.scoped(step.line, handle)) if handle is not None else None
    if instance is None or not isinstance(made, OtherObject):
        return
    seen = seen_of(obj)
    facts = seen.writers.get(instance)
    if facts is None and seen.room():
        facts = seen.writers[instance] = WriterFacts(instance)
    made.metadata = facts


def learn_reading(history: History, step: Step, signature: Signature, known: OtherObject) -> None:
    """Take on what a call on a metadata object tells, and what it hands out."""
    facts = known.metadata
    if facts is None or step.succeeded is False:
        return
    _judge_whole(history, step, signature, facts)
    if isinstance(facts, FileSetFacts):
        describe_file_set(step.number, step.line, known)
        return
    teach = _TEACHERS.get((type(facts), signature.name))
    if teach is not None:
        teach(facts, step.results)
    elif any(parameter.makes for parameter in signature.parameters):
        _hand_out(history, step, signature, known)


def _judge_whole(history: History, step: Step, signature: Signature, facts: MetadataFacts) -> None:
    """One metadata document is of one writer, and is read from its counts on."""
    if not isinstance(facts, WriterFacts):
        return
    instance, writer = parse_guid(step.results.get("pidInstance")), parse_guid(step.results.get("pidWriter"))
    others = instance not in (None, facts.instance) or (facts.writer is not None and writer not in (None, facts.writer))
    if others:
        says = f"the metadata of the instance {facts.instance} is said to be that of another writer"
        history.note(step, Level.ERROR, "doc-wmd-one-writer", says, at=At.IMPLEMENTATION, also=("examine-identity",))
    if signature.name == "GetComponent" and step.line.out and facts.count is None and not facts.uncounted:
        facts.uncounted = True
        says = "GetComponent is called, and GetFileCounts did not tell how many components there are"
        history.note(step, Level.INFO, "doc-filecounts", says)


def describe_file_set(number: int, line: Line, known: OtherObject | None) -> bool:
    """Path, specification, recursion or mask of a file set, as one reading call tells it; never worth a finding."""
    del number
    if line.out and known is not None and isinstance(known.metadata, FileSetFacts):
        facts = known.metadata
        for parameter, value in line.out.items():
            match parameter:
                case "pbstrPath" if isinstance(value, str):
                    facts.path = value
                case "pbstrFilespec" if isinstance(value, str):
                    facts.filespec = value
                case "pbRecursive":
                    facts.recursive = truth_of(value)
                case "pdwTypeMask":
                    facts.mask = number_of(value)
                case "pbstrAlternateLocation" if isinstance(value, str):
                    facts.alternate = value
    return True


def _hand_out(history: History, step: Step, signature: Signature, known: OtherObject) -> None:
    facts = known.metadata
    seen = known.owner.seen if known.owner is not None else None
    if seen is None:
        return
    for parameter in signature.parameters:
        handle = step.made(parameter.name) if parameter.makes else None
        made = history.handles.get(history.scoped(step.line, handle)) if handle is not None else None
        if not isinstance(made, OtherObject):
            continue
        if isinstance(facts, WriterFacts) and signature.name == "GetComponent" and seen.room():
            made.metadata = ComponentFacts(facts)
        elif isinstance(facts, WriterFacts) and signature.name == "GetExcludeFile" and seen.room():
            made.metadata = _listed(facts.excludes, FileSetFacts())
        elif isinstance(facts, ComponentFacts) and signature.name in _FILES and seen.room():
            made.metadata = _listed(facts.file_sets, FileSetFacts(is_log=signature.name == _LOG_FILE))
        elif isinstance(facts, ComponentFacts) and signature.name == "GetDependency" and seen.room():
            made.metadata = _listed(facts.dependencies, DependencyFacts())


def _listed(known: list[_Fact], fact: _Fact) -> _Fact:
    """A fact that its list remembers, while that is short."""
    if len(known) < FEW:
        known.append(fact)
    return fact


def _identity(facts: MetadataFacts, results: Results) -> None:
    writer = parse_guid(results.get("pidWriter"))
    if not isinstance(facts, WriterFacts):
        return
    facts.writer = facts.writer if writer is None else writer
    name, usage = results.get("pbstrWriterName"), word_of(UsageType, results.get("pUsage"))
    facts.name = name if isinstance(name, str) else facts.name
    facts.usage = facts.usage if usage is None else usage


def _counts(facts: MetadataFacts, results: Results) -> None:
    count = results.get("pcComponents")
    if isinstance(facts, WriterFacts) and type(count) is int:
        facts.count = count


def _depends(facts: MetadataFacts, results: Results) -> None:
    if not isinstance(facts, DependencyFacts):
        return
    facts.writer = parse_guid(results.get("pWriterId")) or facts.writer
    path, name = results.get("pbstrLogicalPath"), results.get("pbstrComponentName")
    if "pbstrLogicalPath" in results and isinstance(path, (str, type(None))):
        facts.path = path or ""
    facts.name = name if isinstance(name, str) else facts.name


def _schema(facts: MetadataFacts, results: Results) -> None:
    if isinstance(facts, WriterFacts):
        facts.schema = number_of(results.get("pdwSchemaMask"))


def _component(facts: MetadataFacts, results: Results) -> None:
    """A component that is read again takes the place of what was known of it."""
    info = results.get("ppInfo")
    if not isinstance(facts, ComponentFacts) or not isinstance(info, Mapping):
        return
    path, name = info.get("bstrLogicalPath"), info.get("bstrComponentName")
    if "bstrLogicalPath" not in info or not isinstance(name, str) or not isinstance(path, (str, type(None))):
        return
    facts.path, facts.name = path or "", name
    facts.selectable = truth_of(info.get("bSelectable"))
    facts.for_restore = truth_of(info.get("bSelectableForRestore"))
    facts.kind = word_of(ComponentType, info.get("type"))
    facts.flags = number_of(info.get("dwComponentFlags")) or 0
    facts.owner.components[facts.path.casefold(), name.casefold()] = facts


_TEACHERS: Final[dict[tuple[type, str], Callable[[MetadataFacts, Results], None]]] = {
    (WriterFacts, "GetIdentity"): _identity,
    (WriterFacts, "GetIdentityEx"): _identity,
    (WriterFacts, "GetBackupSchema"): _schema,
    (WriterFacts, "GetFileCounts"): _counts,
    (DependencyFacts, "GetWriterId"): _depends,
    (DependencyFacts, "GetLogicalPath"): _depends,
    (DependencyFacts, "GetComponentName"): _depends,
    (ComponentFacts, "GetComponentInfo"): _component,
}
