"""A writer at work on its components: which handler it is in, and what it may not do there.

An event line begins the handler; what the writer calls in the lines right after it belongs to it, until the next event
or a call of somebody else. What a writer tells of its files is held against what its metadata said, where the log has
shown that.
"""

import re
from typing import Final

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.contexts import number_of
from vss_sim.judge.documents.document_memory import BOUND, FileSet, Handler
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark, OtherObject
from vss_sim.judge.writers.handler_duties import judge_duties
from vss_sim.model.names import matches
from vss_sim.spec.enums import DROPPED_TARGET, numbers
from vss_sim.spec.methods import Signature
from vss_sim.spec.protocol.documents import (
    COMPONENTS_GIVEN,
    COMPONENTS_PARAMETER,
    HANDLERS,
    SNAPSHOT_HANDLERS,
    WITH_COMPONENTS,
)
from vss_sim.spec.protocol.objects import POINTER_FAMILIES
from vss_sim.spec.state import Phase, any_of
from vss_sim.spec.writer_calls import SAME_FACT
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_DRIVE: Final = re.compile(r"[A-Za-z]:\\")
_SET_THERE: Final = any_of(Phase.SET_STARTED, Phase.SET_FILLED, Phase.CREATING, Phase.CREATED)
SEES_OWN: Final = "doc-bcd-writer-sees-own"
"""A writer sees its own components only, in the handlers that are given any."""

_REFUSED: Final = "E_NOINTERFACE"
GIVEN_WITH_AN_EVENT: Final = "the event"
"""The maker of an object that comes with an event."""
OWNED_BY_THE_BASE: Final = {
    GIVEN_WITH_AN_EVENT: "writer-interfaces-owned-by-base",
    "CVssWriterEx::GetIdentifyInformation": "writer-identify-info-window",
}
"""Maker of an object that the base class of a writer owns → the rule that the writer does not release it."""
_BEFORE_VISTA: Final = "IVssComponentEx"
"""An interface that Windows Vista and Windows Server 2008 brought."""
_BEFORE_THE_SNAPSHOT: Final = "writer-onpreparebackup-last-before-snapshot"
_MORE_RESTORES: Final = "GetAdditionalRestores"
_MODIFY: Final = "VSS_BS_LAST_MODIFY"
_CHANGES: Final = ("VSS_BS_INCREMENTAL", "VSS_BS_DIFFERENTIAL")


def begin_handler(history: History, number: int, line: Line) -> None:
    """An event line: the handler before it is over, this one begins."""
    leave_handler(history, number)
    event = line.event or ""
    memory = history.documents
    memory.handler = Handler(
        event,
        parse_guid(line.writer),
        (number, f"the writer is given {event}"),
        number,
        machine=line.machine or "",
        instance=parse_guid(line.instance),
        process=None if line.process is None else str(line.process),
        thread=line.thread,
        answer=line.answer,
    )
    components = (line.in_ or {}).get(COMPONENTS_PARAMETER)
    if components is None:
        return
    if event in HANDLERS and event not in WITH_COMPONENTS:
        says = f"the writer is given components with {event}"
        also = (SEES_OWN, _BEFORE_THE_SNAPSHOT) if event in SNAPSHOT_HANDLERS else (SEES_OWN,)
        history.find(Finding(number, Level.ERROR, At.IMPLEMENTATION, COMPONENTS_GIVEN, says, also=also))
    if isinstance(components, str):
        given = OtherObject("IVssWriterComponents", None, (number, f"{event} gave it"))
        given.maker = GIVEN_WITH_AN_EVENT
        history.keep(line, components, given)


def leave_handler(history: History, number: int) -> None:
    """A handler is over: a component's failure goes with one of the writer."""
    handler = history.documents.handler
    if handler is not None:
        judge_duties(history, handler)
        _new_targets_unread(history, handler)
    if handler is not None and handler.failure is not None and not handler.told and handler.event != "Identify":
        says = "SetFailure was called for a component, and no SetWriterFailureEx with it"
        because = (Ground(*handler.failure),)
        finding = Finding(number, Level.WARNING, At.WRITER, "set-failure-with-writer-failure", says, because)
        history.find(finding)
    history.documents.handler = None


def _new_targets_unread(history: History, handler: Handler) -> None:
    """A writer that supports new targets looks in PostRestore where its files went."""
    if handler.event != "PostRestore" or not handler.called or "GetNewTargetCount" in handler.called:
        return
    for machine in history.machines.values():
        for obj in machine.restorers:
            declared = obj.restoring.new_targets if obj.restoring is not None else {}
            marks = [one.mark for key, found in declared.items() if key[0] == handler.writer for one in found]
            if marks and marks[0] < handler.mark:
                says = "the writer read its components in PostRestore, and did not look for the new target declared"
                because = (Ground(*marks[0]), Ground(*handler.mark))
                history.find(Finding(handler.last, Level.INFO, At.WRITER, "nt-writer-checks", says, because))


def go_on(history: History, number: int) -> None:
    """A line that is no call, or a reference taken and given up, may stand between the calls of a handler."""
    handler = history.documents.handler_at(number)
    if handler is not None:
        handler.last = number


def handler_of(history: History, step: Step, signature: Signature, known: OtherObject | None) -> Handler | None:
    """The handler that a call on a component belongs to; a component got by a requester belongs to none."""
    theirs = signature.family in POINTER_FAMILIES and (known is None or known.owner is None)
    handler = history.documents.handler_at(step.number) if theirs else None
    if handler is not None:
        handler.last = step.number
        handler.made[signature.name] = step.mark(f"called {signature.name}")
        if signature.name == _MORE_RESTORES:
            handler.told_values[signature.name] = step.results.get("pbAdditionalRestores")
    return handler


def learn_of_interface(history: History, step: Step, known: OtherObject) -> None:
    """QueryInterface: another handle of the same object, or an interface that is not there."""
    interface = str(step.arguments.get("riid") or "").removeprefix("IID_")
    if step.observed == _REFUSED and interface:
        mark = step.mark(f"QueryInterface did not give {interface}")
        known.facts.refused[interface[:BOUND]] = mark
        if interface == _BEFORE_VISTA:
            history.documents.before_vista[step.line.machine or ""] = mark
    handle = step.made("ppvObject", "ppv")
    if handle is not None and handle != step.line.on:
        again = OtherObject(known.family, known.owner, known.made)
        again.parent, again.maker, again.known = known.parent, known.maker, known.facts
        history.keep(step.line, handle, again)


def judge_setter(history: History, step: Step, signature: Signature, known: OtherObject | None) -> None:
    """What a writer tells VSS in a handler, against what its metadata and its other calls said."""
    handler = history.documents.handler_at(step.number)
    if handler is None or (known is not None and known.owner is not None):
        return
    if len(handler.called) < BOUND:
        handler.called.add(signature.name)
    match signature.name:
        case "AddPartialFile":
            _partial_file(history, step, known)
        case "AddDifferencedFilesByLastModifyTime":
            _differenced_files(history, step, known, handler.writer)
        case "SetRestoreTarget":
            _restore_target(history, step, handler.writer)
        case "GetAuthoritativeRestore":
            _authoritative(history, step, handler.writer)
        case "SetFailure" if step.succeeded is not False:
            handler.failure = handler.failure or step.mark("SetFailure told a component's failure")


def _note(history: History, step: Step, rule: str, says: str, *because: Mark, also: tuple[str, ...] = ()) -> None:
    same = (*also, *SAME_FACT.get(rule, ()))
    history.note(step, Level.WARNING, rule, says, *because, at=At.WRITER, also=same)


def _text(step: Step, parameter: str) -> str | None:
    value = step.arguments.get(parameter)
    return value.casefold() if isinstance(value, str) else None


def _partial_file(history: History, step: Step, known: OtherObject | None) -> None:
    path, name = _text(step, "wszPath"), _text(step, "wszFilename")
    if path is None:
        return
    backup = backup_in_progress(history, step)
    if backup is not None and backup.partial_files is False:
        says = "the requester declared that it saves whole files only"
        _note(history, step, "wr-prep-partial-support", says)
    volumes = backup.volumes if backup is not None and all(map(_DRIVE.fullmatch, backup.volumes)) else {}
    if volumes and _DRIVE.match(path) and path[:3] not in volumes:
        says = f"the file lies on {path[:3]}, which is not in the shadow copy set"
        marks = ((line, "added") for line in volumes.values())
        _note(history, step, "add-partial-file-new-file", says, *marks, also=("pf-new-file-volume",))
    if known is not None and name is not None and len(known.facts.partial) < BOUND:
        known.facts.partial[path.rstrip("\\"), name] = step.mark("AddPartialFile named it")


def backup_in_progress(history: History, step: Step) -> BackupObject | None:
    """The object of the machine that a set was begun on last, if its set is not given up."""
    creators = history.machine(step.line).creators
    return creators[-1] if creators and creators[-1].state & _SET_THERE else None


def _differenced_files(history: History, step: Step, known: OtherObject | None, writer: str | None) -> None:
    path, filespec = _text(step, "wszPath"), _text(step, "wszFilespec")
    machine = step.line.machine or ""
    schema = history.documents.schema_of(machine, writer)
    if schema is not None:
        mask, mark = schema
        asked = [_MODIFY] if not mask & numbers()[_MODIFY] else []
        if not any(mask & numbers()[name] for name in _CHANGES):
            asked.append(" or ".join(_CHANGES))
        if asked:
            says = f"the schema of the writer has no {' and no '.join(asked)}"
            _note(history, step, "add-differenced-schema", says, mark)
    if path is None or filespec is None:
        return
    path = path.rstrip("\\")
    if known is not None and known.known and (path, filespec) in known.known.partial:
        says = "the file is a partial file of the component already"
        _note(history, step, "add-differenced-not-partial", says, known.known.partial[path, filespec])
    recursive = step.arguments.get("bRecursive")
    if isinstance(recursive, (bool, int)):
        file_sets = history.documents.file_sets_of(machine, writer)
        _matches(history, step, (path, filespec, bool(recursive)), file_sets)


def _matches(history: History, step: Step, wanted: FileSet, file_sets: dict[FileSet, Mark]) -> None:
    """Differenced files are a file set of the writer, or touch none (C51)."""
    if wanted in file_sets or len(file_sets) >= BOUND:
        return
    for (path, filespec, _), mark in file_sets.items():
        if path == wanted[0] and matches(wanted[1], filespec):
            says = "a file set of the writer has these files, with another specification or recursion flag"
            _note(history, step, "add-differenced-match", says, mark)
            return


def _restore_target(history: History, step: Step, writer: str | None) -> None:
    if step.arguments.get("target") == DROPPED_TARGET and step.succeeded:
        says = f"{DROPPED_TARGET} is accepted, which Windows Server 2003 dropped"
        history.note(step, Level.WARNING, "rt-new-removed", says, at=At.IMPLEMENTATION)
    target = number_of(step.arguments.get("target"))
    if target == numbers()["VSS_RT_ALTERNATE"]:
        needs_mappings(history, step, writer)
    old = history.documents.before_vista.get(step.line.machine or "")
    if target == numbers()["VSS_RT_ORIGINAL_LOCATION"] and old is not None:
        says = "VSS_RT_ORIGINAL_LOCATION is not for Windows Server 2003 and Windows XP, which lack IVssComponentEx"
        _note(history, step, "restore-target-express-limits", says, old)


def needs_mappings(history: History, step: Step, writer: str | None) -> None:
    """The target is an alternate location: the writer has to have mappings."""
    count = history.documents.mappings_of(step.line.machine or "", writer)
    if count is not None and count[0] == 0:
        says = "the target is VSS_RT_ALTERNATE, and the writer has no alternate location mapping: a writer error"
        also = ("rt-alternate-only-fully-mapped", "rt-alternate-no-mapping", "create-md-mapping-needed")
        rule = "restore-target-alternate-needs-mappings"
        _note(history, step, rule, says, (count[1], "told pcMappings"), also=also)


def _authoritative(history: History, step: Step, writer: str | None) -> None:
    schema = history.documents.schema_of(step.line.machine or "", writer)
    if not truth_of(step.results.get("pbAuth")) or schema is None:
        return
    mask, mark = schema
    if not mask & numbers()["VSS_BS_AUTHORITATIVE_RESTORE"]:
        says = "the writer asks for an authoritative restore, which its schema does not have"
        _note(history, step, "get-auth-schema", says, mark)
