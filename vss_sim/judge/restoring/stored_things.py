"""What the calls of a restore name, against what the log has shown of the documents and of the writers that run.

The demands stand in `vss_sim.spec.stored`. A demand is broken only where the log shows it: a document that no line gave
out, metadata that was read in part, a writer that was not identified leave it unbroken.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final

from msgspec import Struct

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.contexts import number_of
from vss_sim.engine.selection.components import is_below
from vss_sim.judge.findings import Ground, Level, Trouble
from vss_sim.judge.history import History
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject, Mark
from vss_sim.judge.paths import folder_of
from vss_sim.judge.restoring.restores import Restoring, SavedDocument, WriterDocument, name_of_text
from vss_sim.judge.words import graveness
from vss_sim.spec.constants import NULL_GUID
from vss_sim.spec.hresult import HResult
from vss_sim.spec.state import Metadata
from vss_sim.spec.stored import Asked, Asking, stored_demands_of
from vss_sim.spec.table import Force
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_NO_INSTANCE: Final = "no such instance of the writer runs; a saved instance id is of the time of the backup"
_FILE_NAMES: Final = ("wszFilespec", "wszFileName")


class _Call(Struct, frozen=True):
    """One call, with what is known of its object and its computer."""

    history: History
    line: Line
    obj: BackupObject
    restoring: Restoring
    demand: Asking

    @property
    def arguments(self) -> dict[str, Any]:
        return self.line.in_ or {}

    @property
    def document(self) -> SavedDocument | None:
        return self.restoring.document

    @property
    def writer(self) -> str | None:
        return parse_guid(self.arguments.get("writerId"))


Broken = tuple[str, tuple[Mark, ...]]
"""What is wrong, in words, and the earlier lines that show it."""


def stored_troubles(method: str, history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """The demands of one call that are broken, in the order of the table."""
    for demand in stored_demands_of(method):
        call = _Call(history, line, obj, obj.restoring or Restoring(), demand)
        broken = _CHECKS[demand.asks](call)
        if broken is not None:
            words, marks = broken
            rule, *also = demand.rules
            if demand.asks is Asked.IN_DOCUMENT and call.document and call.document.by_volumes and "Selected" in method:
                also += ["set-selected-component-mode", "sel-component-mode"]
            if demand.asks is Asked.IN_DOCUMENT and _went_along(call):
                also.append("sel-r-implied-unselectable")
            level = Level.ERROR if demand.otherwise is Force.REFUSED else graveness(rule)
            because = tuple(sorted(Ground(*mark) for mark in marks))
            yield Trouble(rule, demand.answers, words, demand.otherwise, because, demand.instead, level, tuple(also))


def _went_along(call: _Call) -> bool:
    """Whether a component that is not in the document lies below one that is."""
    key, document = component_key(call.line.in_), call.document
    if key is None or document is None or document.components is None:
        return False
    return any(one[0] == key[0] and is_below((key[1], key[2]), (one[1], one[2])) for one in document.components)


def _document(call: _Call) -> Broken | None:
    text = call.arguments.get("bstrXML")
    known = call.history.saved_documents.get(name_of_text(text)) if isinstance(text, str) else None
    if known is None or not known.of_a_writer:
        return None
    return "the text is a Writer Metadata Document, not a Backup Components Document", (known.saved,)


def _in_document(call: _Call) -> Broken | None:
    key, document = component_key(call.line.in_), call.document
    if key is None or document is None or document.components is None or key in document.components:
        return None
    return f"no component {key[2]!r} with the logical path {key[1]!r} was added at backup", (document.saved,)


def _by_components(call: _Call) -> Broken | None:
    document = call.document
    if document is None or not document.by_volumes:
        return None
    return "the backup was one by volumes (bSelectComponents false)", (document.saved,)


def _knows_writers(call: _Call) -> bool:
    """Whether the log shows every writer that runs, and they were not gathered again since."""
    gathered = call.obj.running.get(Metadata.GATHERING.bit)
    return call.restoring.knows_writers and (gathered is None or gathered.began < call.restoring.counted)


def _writer_runs(call: _Call) -> Broken | None:
    if call.writer is None or not _knows_writers(call) or call.writer in call.restoring.instances.values():
        return None
    return "no instance of the writer runs", ()


def _instance(call: _Call) -> str | None:
    """The instance that a component is to go to; None where it stays, or that was not recorded."""
    instance = parse_guid(call.arguments.get("instanceId"))
    return None if instance == NULL_GUID else instance


def _instance_runs(call: _Call) -> Broken | None:
    instance, instances = _instance(call), call.restoring.instances
    if instance is None or call.writer is None:
        return None
    if instance in instances:
        return None if instances[instance] == call.writer else ("this instance is one of another writer", ())
    return (_NO_INSTANCE, ()) if _knows_writers(call) else None


def _documents(call: _Call) -> list[WriterDocument]:
    """The metadata of the writer that the call names: stored and loaded for this restore, and of the live writer."""
    loaded = call.history.machine(call.line).stored_writers.get(call.writer or "")
    made = call.obj.made
    if loaded is not None and loaded.released and made and made[0] > loaded.released[0]:
        loaded = None
    stored = loaded.described if loaded is not None else None
    live = call.restoring.live.get(call.writer or "")
    return [document for document in (stored, live) if isinstance(document, WriterDocument)]


def _schema(call: _Call) -> Broken | None:
    bit = number_of(call.demand.bit) or 0
    documents = [document for document in _documents(call) if document.schema is not None]
    if not documents or any((document.schema or 0) & bit for document in documents):
        return None
    return f"the schema of the writer has no {call.demand.bit}", tuple(document.read for document in documents)


def _schema_to_move(call: _Call) -> Broken | None:
    return _schema(call) if _instance(call) is not None else None


def _selected(call: _Call) -> Broken | None:
    key = component_key(call.line.in_)
    if key is None or not call.restoring.selection_complete or key in call.restoring.selected:
        return None
    return f"the component {key[2]!r} is not selected for restore", ()


def _selectable(call: _Call) -> Broken | None:
    path, name = call.arguments.get("wszSubComponentLogicalPath"), call.arguments.get("wszSubComponentName")
    if not isinstance(path, str) or not isinstance(name, str):
        return None
    for document in _documents(call):
        component = document.components.get((path.casefold(), name.casefold()))
        if component is not None and component.selectable_for_restore is False:
            return f"the subcomponent {name!r} is not selectable for restore", (document.read,)
    return None


def _selectable_for_backup(call: _Call) -> Broken | None:
    """A component that is not selectable may have options all the same, as the pages on recovery do (C15)."""
    key = component_key(call.line.in_)
    for document in _documents(call) if key is not None else ():
        component = document.components.get((key[1], key[2])) if key is not None else None
        if component is not None and component.selectable is False:
            return f"the component {component.key} is not selectable for backup", (document.read,)
    return None


def _mapped(call: _Call) -> Broken | None:
    documents = [document for document in _documents(call) if document.mappings is not None]
    if not documents or any(document.mappings for document in documents):
        return None
    return "the writer gave no alternate location mapping", tuple(document.read for document in documents)


def _file_set(call: _Call) -> Broken | None:
    arguments = call.arguments
    path, recursive = arguments.get("wszPath"), truth_of(arguments.get("bRecursive"))
    filespec = next((arguments[name] for name in _FILE_NAMES if name in arguments), None)
    documents = [document for document in _documents(call) if document.is_read]
    if not isinstance(path, str) or not isinstance(filespec, str) or recursive is None or not documents:
        return None
    triple = folder_of(path), filespec.casefold(), recursive
    if any(triple in document.triples for document in documents):
        return None
    words = f"the writer added no file set of {path!r}, {filespec!r}, bRecursive {str(recursive).lower()}"
    return words, tuple(document.read for document in documents)


def _partial_file(call: _Call) -> Broken | None:
    key, index = component_key(call.line.in_), call.arguments.get("iPartialFile")
    known = call.restoring.partial_files.get(key) if key else None
    if known is None or not isinstance(index, int) or isinstance(index, bool) or 0 <= index < known[0]:
        return None
    return f"iPartialFile is {index}, and the component has {known[0]} partial files", (known[1],)


def _shadow_copy(call: _Call) -> Broken | None:
    named, document = parse_guid(call.arguments.get("snapshotId")), call.document
    if named is None or document is None or document.snapshots is None or named in document.snapshots:
        return None
    return "the shadow copy is none of the Backup Components Document", (document.saved,)


def _no_resync(call: _Call) -> Broken | None:
    """That VSS accepts the call shows that the resync before has come to its end."""
    running = call.history.machine(call.line).resync
    if running is None or running.end is not None or running.waited or call.line.returns == HResult.S_OK.name:
        return None
    return "a LUN resync is under way", ((running.began, "RecoverSet began"),)


def _added_since(call: _Call) -> Broken | None:
    recovered = call.obj.told.recovered
    return ("nothing was added since the resync before", (recovered,)) if recovered else None


_CHECKS: Final[dict[Asked, Callable[[_Call], Broken | None]]] = {
    Asked.BACKUP_DOCUMENT: _document,
    Asked.IN_DOCUMENT: _in_document,
    Asked.BY_COMPONENTS: _by_components,
    Asked.WRITER_RUNS: _writer_runs,
    Asked.INSTANCE_RUNS: _instance_runs,
    Asked.SCHEMA: _schema,
    Asked.SCHEMA_TO_MOVE: _schema_to_move,
    Asked.SELECTED: _selected,
    Asked.SELECTABLE: _selectable,
    Asked.SELECTABLE_FOR_BACKUP: _selectable_for_backup,
    Asked.MAPPED: _mapped,
    Asked.FILE_SET: _file_set,
    Asked.PARTIAL_FILE: _partial_file,
    Asked.SHADOW_COPY: _shadow_copy,
    Asked.NO_RESYNC: _no_resync,
    Asked.ADDED_SINCE: _added_since,
}
