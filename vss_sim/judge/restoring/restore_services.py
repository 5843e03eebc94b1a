"""Services that a requester stops and starts around the files, against the order that the restore method gives.

The service is the one that the stored metadata names. A log without service calls says nothing of them; whether a
service runs is known from calls, happenings and the world in the header.
"""

from collections.abc import Iterator
from functools import partial
from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.restoring.breaches import LEVELS, Scene
from vss_sim.judge.restoring.disk_view import DiskView, ServiceView
from vss_sim.judge.restoring.restore_duties import has_ended
from vss_sim.judge.restoring.restore_plan import stored_document
from vss_sim.judge.restoring.restores import WriterDocument
from vss_sim.judge.win32_words import answer_of, bits_of, state_of, succeeded
from vss_sim.judge.words import word_of
from vss_sim.spec.enums import RestoreMethod
from vss_sim.spec.protocol.common import COPYING_BACK, POST_RESTORE_BEGUN
from vss_sim.spec.restore_breaches import Breach, rules_of
from vss_sim.spec.restoring import METHODS
from vss_sim.spec.restoring.methods import BY_A_SERVICE
from vss_sim.spec.restoring.words import Act
from vss_sim.spec.state import Phase
from vss_sim.spec.win32 import FLAGS, SERVICE_CALLS, Win32Error
from vss_sim.trace.lines import Line

_SERVICES: Final = 4096
_HANDLES: Final = 4096
"""So many services, and handles of a process, are remembered; the oldest are forgotten."""
_STOP: Final = FLAGS["SERVICE_CONTROL_STOP"]
_NOT_ACTIVE: Final = Win32Error.ERROR_SERVICE_NOT_ACTIVE.name
_RUNS: Final = Win32Error.ERROR_SERVICE_ALREADY_RUNNING.name
_CLOSE: Final = "CloseServiceHandle"
_STOPPED: Final = "SERVICE_STOPPED"
_STOPPING: Final = "SERVICE_STOP_PENDING"
_PRE_BEGUN: Final = COPYING_BACK | POST_RESTORE_BEGUN
_FOR_THE_FILES: Final = frozenset(
    method
    for method in BY_A_SERVICE
    if METHODS[method].course.acts.index(Act.STOP) < METHODS[method].course.acts.index(Act.RESTORE)
)

SERVICE_FUNCTIONS: Final = frozenset(
    {*SERVICE_CALLS, "ControlServiceEx", "OpenService", _CLOSE, "QueryServiceStatus", "QueryServiceStatusEx"}
)
"""The functions that are judged."""


def judge_service_call(history: History, step: Step, name: str) -> None:
    """A service is stopped, started or asked how it is; OpenService only tells whose handle one is."""
    machine = history.machine(step.line)
    disk = machine.disk
    if name == _CLOSE:
        disk.opened(step.line.process).pop(str(step.arguments.get("hSCObject")), None)
        return
    service = _service_of(step, disk)
    if name == "OpenService":
        handle = step.made("hService", "SC_HANDLE", "return")
        opened = disk.opened(step.line.process)
        if handle is not None and service is not None:
            keep(opened, handle, service, _HANDLES)
        return
    if service is None:
        return
    view = _view(history, step, service)
    disk.service_calls += 1
    if name == "StartService":
        _start(step, view)
    elif name.startswith("ControlService") and bits_of(step.arguments.get("dwControl")) == _STOP:
        _judge_stop(history, step, service)
        _stop(history, step, service, view)
    else:
        _asked(step, view)


def _service_of(step: Step, disk: DiskView) -> str | None:
    named = step.arguments.get("lpServiceName") or step.arguments.get("hService")
    return disk.opened(step.line.process).get(named, named.casefold()) if isinstance(named, str) else None


def _view(history: History, step: Step, service: str) -> ServiceView:
    """What is known of a service; the world tells how it was at first."""
    services = history.machine(step.line).disk.services
    view = services.get(service)
    if view is None:
        view = ServiceView()
        state = history.world_machine(step.line).services.get(service)
        view.running = None if state is None else state != "stopped"
        keep(services, service, view, _SERVICES)
    return view


def happened_to_service(history: History, number: int, line: Line) -> None:
    """A service stopped or started by itself."""
    if line.happens in ("service stops", "service starts") and line.service:
        view = _view(history, Step(number, line, None), line.service.casefold())
        view.running, view.stopping = line.happens == "service starts", False
        if view.running:
            view.stopped, view.started = None, (number, "the service was started")


def _start(step: Step, view: ServiceView) -> None:
    if succeeded(step) or answer_of(step) == _RUNS:
        view.running, view.stopping, view.stopped = True, False, None
        view.started, view.not_started = step.mark("the service was started"), None
    else:
        view.not_started = step.mark(f"the service could not be started: {answer_of(step)}")


def _asked(step: Step, view: ServiceView) -> None:
    state = _state_in(step)
    if state == _STOPPED or answer_of(step) == _NOT_ACTIVE:
        view.running, view.stopping = False, False
    elif state is not None and state != _STOPPING:
        view.running, view.stopping = True, False


def _state_in(step: Step) -> str | None:
    status = step.results.get("lpServiceStatus", step.results.get("lpBuffer"))
    return state_of(status.get("dwCurrentState")) if isinstance(status, dict) else None


def _stop(history: History, step: Step, service: str, view: ServiceView) -> None:
    view.passed_over.clear()
    if answer_of(step) == _NOT_ACTIVE:
        view.running, view.stopping = False, False
    elif succeeded(step):
        _judge_before_stop(history, step, service, view)
        view.running, view.refused, view.not_started = False, None, None
        view.stopping = _state_in(step) == _STOPPING
        view.stopped = step.mark("the service was stopped")
        view.process = str(step.line.process or "")
        _look_again(history, step, service)
    else:
        view.refused = step.mark(f"the service could not be stopped: {answer_of(step)}")


def _judge_before_stop(history: History, step: Step, service: str, view: ServiceView) -> None:
    """That the service stops shows that it ran, as files were restored for which it is to be stopped."""
    if view.running is False:
        return
    for scene in _scenes(history, step, service):
        originals = scene.put_back.originals
        last = max(originals.written, key=lambda path: originals.written[path], default=None)
        if scene.method not in _FOR_THE_FILES or last is None:
            continue
        written = originals.written[last]
        scene.perhaps = None if originals.known[last].named else last
        if view.started is None or written > view.started:
            scene.say(Breach.NOT_STOPPED, written)


def _look_again(history: History, step: Step, service: str) -> None:
    """What was in the way while the service ran need not be so any more."""
    for scene in _scenes(history, step, service):
        if scene.method not in _FOR_THE_FILES:
            continue
        put_back = scene.put_back
        put_back.block_before_stop = put_back.block(by_presence=False)
        put_back.originals.look_again()


def _scenes(history: History, step: Step, service: str | None) -> Iterator[Scene]:
    """The selected component sets of this process whose stored metadata names the service (None: any service)."""
    for obj in history.machine(step.line).restorers:
        restoring = obj.restoring
        if restoring is None or obj.process != str(step.line.process or ""):
            continue
        for key in restoring.selected:
            scene = Scene.of(history, step, obj, key)
            named = _named(scene)
            if named is not None and (service is None or named == service):
                yield scene


def _is_named(history: History, step: Step, service: str) -> bool:
    """Whether stored metadata name the service, of a writer from which nothing is selected among them."""
    return any(True for _ in _naming(history, step, service))


def _is_due_for_others(history: History, step: Step, service: str) -> bool:
    """Whether a writer from which nothing may be selected has its files restored while the service is stopped."""
    methods = {word_of(RestoreMethod, document.method) for document in _naming(history, step, service)}
    return bool(methods & _FOR_THE_FILES)


def _naming(history: History, step: Step, service: str) -> Iterator[WriterDocument]:
    """The stored metadata that name a service."""
    for writer in history.machine(step.line).stored_writers:
        document = stored_document(history, step.line, writer)
        if document is not None and (document.service or "").casefold() == service:
            yield document


def _named(scene: Scene) -> str | None:
    """The service that is to be stopped for a component set."""
    plan = scene.plan
    if plan is None or plan.method not in BY_A_SERVICE or not plan.document.service:
        return None
    return plan.document.service.casefold()


def _judge_stop(history: History, step: Step, service: str) -> None:
    """A stop that is due for one writer is early for no other that names the same service."""
    scenes = list(_scenes(history, step, service))
    copying = any(holds(scene.obj.state, COPYING_BACK) is Certainty.YES for scene in scenes)
    due = any(not _comes_early(scene) for scene in scenes) or (copying and _is_due_for_others(history, step, service))
    for scene in scenes:
        if succeeded(step) and not due:
            scene.say(Breach.STOPPED_EARLY)
        if scene.method in _FOR_THE_FILES and scene.plan and (scene.plan.hosted_in or "").casefold() == service:
            _say_hosted(scene)
    if scenes or not succeeded(step) or _is_named(history, step, service):
        return
    for scene in _scenes(history, step, None):
        view = _view(history, step, _named(scene) or "")
        copying = holds(scene.obj.state, COPYING_BACK) is Certainty.YES
        if copying and scene.method in _FOR_THE_FILES and view.running is not False and view.refused is None:
            view.passed_over.setdefault((scene.obj, scene.key), partial(scene.say, Breach.OTHER_SERVICE))


def _say_passed_over(scene: Scene, view: ServiceView) -> None:
    """Another service was stopped, and this one was not; a service that depends on this one is stopped before it."""
    say = view.passed_over.pop((scene.obj, scene.key), None)
    if say is not None and view.running is not False:
        say()


def _comes_early(scene: Scene) -> bool:
    """Whether the event that the stop comes after has not been handled, for certain."""
    state, running = scene.obj.state, scene.obj.running
    if scene.method in _FOR_THE_FILES:
        begun = running.get(Phase.PRE_RESTORING.bit)
        return holds(state, _PRE_BEGUN) is Certainty.NO or (begun is not None and not has_ended(scene.obj, begun))
    begun = running.get(Phase.POST_RESTORING.bit)
    return holds(state, POST_RESTORE_BEGUN) is Certainty.NO or (begun is not None and not has_ended(scene.obj, begun))


def _say_hosted(scene: Scene) -> None:
    rules, name = rules_of(Breach.HOSTED, scene.method, scene.target), Breach.HOSTED.name
    if name not in scene.put_back.said:
        scene.put_back.said.add(name)
        marks = scene.plan.marks if scene.plan else ()
        scene.history.note(scene.step, Level.WARNING, rules[0], Breach.HOSTED.says, *marks, at=At.WRITER)


def judge_files_and_services(scene: Scene) -> None:
    """A file is written: the service that is to be stopped for it has to be."""
    service = _named(scene)
    if scene.method not in _FOR_THE_FILES:
        return
    if service is None:
        unnamed = scene.plan is not None and scene.plan.document.service_unnamed
        if unnamed and not scene.history.machine(scene.step.line).disk.service_calls:
            scene.say(Breach.NO_SERVICE)
        return
    view = _view(scene.history, scene.step, service)
    _say_passed_over(scene, view)
    if view.stopping:
        scene.say(Breach.STILL_STOPPING, view.stopped)
    elif view.running or (view.running is None and view.refused is not None):
        scene.say(Breach.NOT_STOPPED, view.refused, view.started)


def judge_services_at_post_restore(history: History, step: Step, obj: BackupObject) -> None:
    """A service that was stopped for the files runs again before PostRestore."""
    for scene in _scenes(history, step, None):
        if scene.obj is obj and scene.method in _FOR_THE_FILES:
            view = _view(history, step, _named(scene) or "")
            if view.stopped is not None and not view.running and view.not_started is None:
                scene.say(Breach.POST_RESTORE_WHILE_STOPPED, view.stopped, also=_after_an_error(scene))


def _after_an_error(scene: Scene) -> tuple[str, ...]:
    status = scene.restoring.statuses.get(scene.key)
    failed = status is not None and status[0] != "VSS_RS_ALL"
    return rules_of(Breach.LEFT_STOPPED, scene.method, scene.target) if failed else ()


def _tried(view: ServiceView) -> bool:
    """Whether the requester stopped it, started it, found it stopped (C05), or was refused."""
    return any(mark is not None for mark in (view.stopped, view.started, view.refused)) or view.running is False


def services_left(history: History, number: int, line: Line, obj: BackupObject) -> Iterator[Finding]:
    """What is owed to services when the object of a restore is given up."""
    if obj.restoring is None:
        return
    step = Step(number, line, None)
    disk = history.machine(line).disk
    said: set[str] = set()
    for scene in _scenes(history, step, None):
        service = _named(scene) or ""
        if scene.obj is not obj:
            continue
        view = _view(history, step, service)
        _say_passed_over(scene, view)
        if service in said:
            continue
        told = Breach.NOT_STOPPED.name in scene.put_back.said
        breach = None
        if view.stopped is not None and view.running is False:
            breach = Breach.LEFT_STOPPED if view.not_started is None else Breach.NOT_STARTED
        elif disk.calls and not _tried(view) and not told and disk.unread <= (obj.made[0] if obj.made else 0):
            breach = Breach.NEVER_STOPPED
        written = scene.put_back.restored is not None
        if breach is not None and (breach is not Breach.NEVER_STOPPED or written):
            said.add(service)
            yield _of_a_service(scene, breach, view)
    yield from _left_for_others(history, step, obj, said)


def _left_for_others(history: History, step: Step, obj: BackupObject, said: set[str]) -> Iterator[Finding]:
    """Services that were stopped for writers of which nothing is selected."""
    for service, view in history.machine(step.line).disk.services.items():
        mine = view.stopped is not None and obj.made is not None and view.stopped > obj.made
        if service in said or not mine or view.running is not False or view.process != obj.process:
            continue
        for document in _naming(history, step, service):
            method = word_of(RestoreMethod, document.method)
            if method not in BY_A_SERVICE or view.stopped is None:
                continue
            breach = Breach.LEFT_STOPPED if view.not_started is None else Breach.NOT_STARTED
            rules = rules_of(breach, RestoreMethod(method), None)
            says = f"{breach.says} (service {document.service!r})"
            because = tuple(Ground(*mark) for mark in (view.stopped, view.not_started) if mark is not None)
            yield Finding(step.number, LEVELS[breach.harm], At.REQUESTER, rules[0], says, because, also=rules[1:])
            break


def _of_a_service(scene: Scene, breach: Breach, view: ServiceView) -> Finding:
    rules = rules_of(breach, scene.method, scene.target)
    if breach is Breach.LEFT_STOPPED and not _after_an_error(scene) and scene.method in _FOR_THE_FILES:
        rules = (*rules_of(Breach.POST_RESTORE_WHILE_STOPPED, scene.method, scene.target), *rules)
    marks = [
        mark for mark in (view.stopped, view.not_started, *(scene.plan.marks if scene.plan else ())) if mark is not None
    ]
    service = scene.plan.document.service if scene.plan else ""
    says = f"{breach.says} (service {service!r})"
    earlier = sorted(mark for mark in dict.fromkeys(marks) if mark[0] < scene.step.number)
    because = tuple(Ground(*mark) for mark in earlier)
    return Finding(scene.step.number, LEVELS[breach.harm], At.REQUESTER, rules[0], says, because, also=rules[1:])
