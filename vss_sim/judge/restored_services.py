"""Services that a requester stops and starts in a restore, as the stored metadata of the writers ask for it.

VSS_RME_STOP_RESTORE_START: PreRestore, stop, look whether the files can be replaced, put them back, start, PostRestore.
VSS_RME_RESTORE_STOP_START: PreRestore, put them back, PostRestore, stop, start. Which service is meant is known where
the log read the restore method; a service is named by `hService` or `lpServiceName`. What a log does not show of
services is missed by nobody.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import component_key
from vss_sim.judge.objects import BackupObject, OtherObject
from vss_sim.judge.restore_duties import has_ended
from vss_sim.judge.restored_files import selected_components
from vss_sim.judge.restores import (
    RESTORE_STOP_START,
    STOP_RESTORE_START,
    ComponentKey,
    RestoredService,
    Restoring,
    WriterDocument,
)
from vss_sim.judge.writer_states import lose
from vss_sim.spec.state import Phase
from vss_sim.trace.lines import Line

_STOP_FIRST: Final = "restore-method-stop-restore-start-order"
_STOP_LAST: Final = ("rss-order", "restore-method-restore-stop-start-order")
_IF_CAN_REPLACE: Final = "VSS_RME_RESTORE_IF_CAN_REPLACE"
_DONE: Final = (None, "ERROR_SUCCESS", 0)
_SERVICES: Final = 64
CONTROLS: Final = frozenset({"ControlService", "StartService", "QueryServiceStatus"})
PUTS_BACK: Final = frozenset({"CopyFile", "CopyFileEx", "MoveFile", "MoveFileEx", "WriteFile", "CreateFile"})
_TARGET: Final = {"CreateFile": "lpFileName", "WriteFile": "lpFileName"}
_TESTS: Final = ("OPEN_EXISTING", "CREATE_NEW")


def _of_us(history: History, line: Line) -> Iterator[tuple[BackupObject, Restoring]]:
    """The restores of the process that a line is of."""
    for obj in history.machine(line).restorers:
        if obj.restoring is not None and obj.restoring.selected and obj.process == str(line.process or ""):
            yield obj, obj.restoring


def _documents(history: History, line: Line, restoring: Restoring) -> dict[str, WriterDocument]:
    """The stored metadata of the writers of which a component is selected, as far as they were read."""
    found: dict[str, WriterDocument] = {}
    for writer in dict.fromkeys(key[0] for key in restoring.selected):
        loaded = history.machine(line).stored_writers.get(writer)
        document = loaded.described if loaded is not None else None
        if isinstance(document, WriterDocument):
            found[writer] = document
    return found


def judge_control(history: History, step: Step, name: str) -> None:
    """A service is stopped, started, or asked how it is."""
    service = step.arguments.get("hService") or step.arguments.get("lpServiceName")
    if not isinstance(service, str):
        return
    _lose_writers(history, step, name, service.casefold())
    for obj, restoring in _of_us(history, step.line):
        if len(restoring.services) >= _SERVICES:
            return
        known = restoring.services.setdefault(service.casefold(), RestoredService())
        stops = name == "ControlService" and "STOP" in str(step.arguments.get("dwControl", "STOP"))
        if stops:
            _judge_stop(history, step, obj, restoring, service.casefold())
        _learn(step, name, known, stops=stops)


def _lose_writers(history: History, step: Step, name: str, service: str) -> None:
    """Writers that live in a service are gone when it stops."""
    memory = history.machine(step.line).writers
    if name != "ControlService" or memory is None or step.line.returns not in _DONE:
        return
    for view in memory.writers.values():
        if history.world.host(step.line.machine, view.writer) == service:
            for session in memory.sessions.values():
                turn = session.rounds.get("PreRestore")
                if turn is not None and view.instance in turn.last and "PostRestore" not in session.rounds:
                    lose(session, view.instance, step.mark(f"{service} stopped, in which the writer lives"))


def _learn(step: Step, name: str, known: RestoredService, *, stops: bool) -> None:
    state = str(step.results.get("lpServiceStatus") or "")
    if stops and step.line.returns in _DONE:
        known.stopped, known.by_us, known.refused = step.mark("stopped the service"), True, None
        known.pending = "STOP_PENDING" in state
    elif stops and step.line.returns == "ERROR_SERVICE_NOT_ACTIVE":
        known.stopped = step.mark("found the service stopped")
    elif stops:
        known.refused = step.mark(f"the service did not stop: {step.line.returns}")
    elif name == "StartService" and step.line.returns in _DONE:
        known.stopped, known.by_us, known.pending = None, False, False
    elif "SERVICE_STOPPED" in state:
        known.pending = False


def _judge_stop(history: History, step: Step, obj: BackupObject, restoring: Restoring, service: str) -> None:
    """Only the service that a writer names, and in its time."""
    documents = _documents(history, step.line, restoring)
    named = {document.service for document in documents.values() if document.service}
    if named and service not in named and len(documents) == len({key[0] for key in restoring.selected}):
        says = f"{service} is stopped, and the writers name {', '.join(sorted(named))}"
        history.note(step, Level.WARNING, "svc-name-from-metadata", says)
    for document in documents.values():
        if document.service != service:
            continue
        if document.method == STOP_RESTORE_START and not _pre_restored(obj):
            says = "the service is stopped before the writers have handled PreRestore"
            history.note(step, Level.WARNING, "srs-prerestore-first", says, document.read, also=(_STOP_FIRST,))
        elif document.method == RESTORE_STOP_START and not _post_restored(obj):
            says = "the service is stopped before every writer has handled PostRestore"
            rule = "rss-no-stop-before-postrestore"
            history.note(step, Level.INFO, rule, says, document.read, also=_STOP_LAST)  # dispute C04


def _pre_restored(obj: BackupObject) -> bool:
    running = obj.running.get(Phase.PRE_RESTORING.bit)
    return holds(obj.state, Phase.RESTORE.bit) is not Certainty.YES and (running is None or has_ended(obj, running))


def _post_restored(obj: BackupObject) -> bool:
    running = obj.running.get(Phase.POST_RESTORING.bit)
    return running is not None and has_ended(obj, running)


def judge_putting_back(history: History, step: Step, name: str) -> None:
    """A file of a writer whose service is to be stopped is tried, or put back."""
    path = step.arguments.get(_TARGET.get(name, "lpNewFileName"))
    if not isinstance(path, str):
        return
    tries = name == "CreateFile" and step.arguments.get("dwShareMode") == 0
    tries = tries and step.arguments.get("dwCreationDisposition") in _TESTS
    for _, restoring in _of_us(history, step.line):
        for key in selected_components(history, step.line, restoring, path):
            document = _documents(history, step.line, restoring).get(key[0])
            if document is not None and document.method == _IF_CAN_REPLACE:
                _judge_whole(history, step, restoring, key, tries=tries)
            if document is None or document.method != STOP_RESTORE_START or document.service is None:
                continue
            if tries:
                _judge_test(history, step, restoring, key, document.service)
            elif step.line.returns in _DONE and name != "CreateFile":
                _judge_restored(history, step, restoring, key, document)


def _judge_whole(history: History, step: Step, restoring: Restoring, key: ComponentKey, *, tries: bool) -> None:
    """All files of a component are put back, or none."""
    good, tried = restoring.tests.get(key, (True, (0, "")))
    if tries:
        restoring.tests[key] = (good and step.line.returns in _DONE, step.mark("tried a file"))
    elif not good and step.line.returns in _DONE and not step.is_call_of("CreateFile"):
        says = "a file is put back although another one of its component could not be replaced"
        history.note(step, Level.WARNING, "restore-method-per-component", says, tried)


def _judge_test(history: History, step: Step, restoring: Restoring, key: ComponentKey, name: str) -> None:
    good, _ = restoring.tests.get(key, (True, (0, "")))
    restoring.tests[key] = (good and step.line.returns in _DONE, step.mark("tried a file"))
    service = restoring.services.get(name)
    if service is None or service.stopped is None:
        says = "it is tried whether a file can be replaced before the service is stopped"
        history.note(step, Level.WARNING, "srs-check-after-stop", says, restoring.selected[key])


def _judge_restored(
    history: History, step: Step, restoring: Restoring, key: ComponentKey, document: WriterDocument
) -> None:
    """A file is put back at its original place."""
    service = restoring.services.get(document.service or "")
    good, tried = restoring.tests.get(key, (True, (0, "")))
    if service is not None and service.refused is not None and service.stopped is None:
        says = "a file is put back although the service did not stop"
        history.note(step, Level.WARNING, "srs-stop-or-already-stopped", says, service.refused)
    elif service is not None and service.pending and service.stopped is not None:
        says = "a file is put back while the service is still stopping"
        history.note(step, Level.WARNING, "srs-wait-stopped", says, service.stopped)
    if not good and document.mappings == 0:
        says = "a file is put back although one of its component could not be replaced, and there is no mapping"
        history.note(step, Level.WARNING, "srs-mapping-error", says, tried)
    elif not good:
        says = "a file is put back at its original place although one of its component could not be replaced"
        history.note(step, Level.WARNING, "srs-mapping-branch", says, tried)


def mapping_used(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """An alternate location is recorded, where the method has none or the original places could be used."""
    restoring, key = obj.restoring, component_key(step.line.in_)
    document = _documents(history, step.line, restoring).get(key[0]) if restoring and key and certain else None
    if restoring is None or key is None or document is None:
        return
    if document.method == RESTORE_STOP_START:
        says = "files of a writer whose service is restarted after the restore go to their original places"
        history.note(step, Level.INFO, "rss-original-only", says, document.read)  # no page gives a mapping branch
    good, tried = restoring.tests.get(key, (False, (0, "")))
    if document.method == STOP_RESTORE_START and good:
        says = "all files that were tried can be replaced, and the files go to an alternate location"
        history.note(step, Level.WARNING, "srs-original", says, tried)


def before_post_restore(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A service that was stopped for the restore runs again before PostRestore."""
    restoring = obj.restoring
    if restoring is None or not certain:
        return
    for document in _documents(history, step.line, restoring).values():
        service = restoring.services.get(document.service or "")
        if document.method == STOP_RESTORE_START and service is not None and service.by_us and service.stopped:
            says = f"PostRestore is called while the service {document.service} is stopped"
            rule = "srs-start-before-postrestore"
            history.note(step, Level.WARNING, rule, says, service.stopped, also=(_STOP_FIRST,))


def left_stopped(history: History, last: int) -> Iterator[Finding]:
    """At the end of the log: services that were stopped and do not run again."""
    for machine in history.machines.values():
        for obj in machine.restorers:
            restoring = obj.restoring
            for name, service in restoring.services.items() if restoring is not None else ():
                rule = _rule_of(machine.stored_writers.values(), name)
                if rule is not None and service.by_us and service.stopped is not None:
                    grounds = (Ground(*service.stopped),)
                    says = f"the service {name} was stopped for the restore, and is not started again"
                    yield Finding(last, Level.WARNING, At.REQUESTER, rule, says, grounds)


def _rule_of(stored: Iterable[OtherObject], service: str) -> str | None:
    """By which rule a service has to run again."""
    rules = {STOP_RESTORE_START: "srs-restart-after-error", RESTORE_STOP_START: "rss-restart"}
    for known in stored:
        document = known.described
        if isinstance(document, WriterDocument) and document.service == service:
            return rules.get(document.method or "")
    return None
