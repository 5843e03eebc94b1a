"""PreRestore and PostRestore, held against what the stored metadata of a writer asks, and against who took part.

Judged in logs that show the events, of writers whose metadata the log or the world in its header shows. A writer that
runs in a service which the requester stopped is gone: whoever runs in its place is new, and never saw PreRestore.
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark
from vss_sim.judge.restoring.restore_plan import Plan, plan_of
from vss_sim.judge.restoring.restores import WRITERS, Restoring
from vss_sim.spec.enums import FileRestoreStatus, RestoreMethod, WriterRestore
from vss_sim.spec.events import POST_RESTORE, PRE_RESTORE
from vss_sim.spec.protocol.common import RELEASED
from vss_sim.spec.restoring.methods import REPLACING
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_HOSTED: Final = "srs-hosted-writer-no-postrestore"
_NEW_INSTANCE: Final = "svc-instance-id-new"
_ALWAYS: Final = "wre-always"
_IF_FAILED: Final = ("wre-if-replace-fails", "writer-restore-if-replace-fails")
_HOSTED_LATER: Final = "rss-hosted-writer-ok"


def hear_restore_event(history: History, number: int, line: Line) -> None:
    """A writer instance got PreRestore or PostRestore."""
    if line.event not in (PRE_RESTORE, POST_RESTORE):
        return
    writer, instance = parse_guid(line.writer), parse_guid(line.instance)
    obj = _restore_of(history, line)
    if writer is None or instance is None or obj is None or obj.restoring is None:
        return
    step = Step(number, line, None)
    events = obj.restoring.events
    told = events.before if line.event == PRE_RESTORE else events.after
    if len(told) < WRITERS:
        told.setdefault(writer, {})[instance] = step.mark(f"{line.event} for the instance {instance}")
    if line.event == POST_RESTORE:
        _judge_post_restore(history, step, obj.restoring, writer, instance)


def _restore_of(history: History, line: Line) -> BackupObject | None:
    """The one restore that goes on; of several, none is meant for certain."""
    named = history.lookup(line) if line.on else None
    if isinstance(named, BackupObject):
        return named
    restorers = [obj for obj in history.machine(line).restorers if obj.restoring and not obj.state & RELEASED]
    return restorers[0] if len(restorers) == 1 else None


def _plan(history: History, line: Line, restoring: Restoring, writer: str) -> Plan | None:
    key = next((key for key in restoring.selected if key[0] == writer), None)
    return plan_of(history, line, restoring, key) if key is not None else None


def _judge_post_restore(history: History, step: Step, restoring: Restoring, writer: str, instance: str) -> None:
    plan = _plan(history, step.line, restoring, writer)
    if plan is None:
        return
    before = restoring.events.before.get(writer, {})
    restarted = _restarted(history, step, plan, before)
    if before and instance not in before:
        says = "PostRestore is raised for a writer instance that never got PreRestore"
        _note(history, step, _HOSTED, says, *before.values())
    elif restarted is not None:
        says = "the service of the writer was started anew, and its writer has the instance id that it had before"
        _note(history, step, _NEW_INSTANCE, says, restarted)
    if plan.document.writer_restore == WriterRestore.IF_REPLACE_FAILS and not _may_have_failed(restoring, plan, writer):
        statuses = [mark for key, (_, mark) in restoring.statuses.items() if key[0] == writer]
        says = "PostRestore is raised for a VSS_WRE_IF_REPLACE_FAILS writer whose files were all restored"
        _note(history, step, _IF_FAILED[0], says, *statuses, also=_IF_FAILED[1:])


def _restarted(history: History, step: Step, plan: Plan, before: dict[str, Mark]) -> Mark | None:
    """Where the service that the writer runs in was started anew since it got PreRestore."""
    view = history.machine(step.line).disk.services.get((plan.hosted_in or "").casefold())
    started = view.started if view is not None else None
    first = min(before.values(), default=None)
    return started if started is not None and first is not None and started > first else None


def _any_stopped(history: History, step: Step, before: dict[str, Mark], end: Mark) -> bool:
    """Whether a service was stopped in between, in which a writer may have lived of which no service is told."""
    views = history.machine(step.line).disk.services.values()
    marks = [mark for view in views for mark in (view.stopped, view.started) if mark is not None]
    return any(min(before.values()) < mark < end for mark in marks)


def _may_have_failed(restoring: Restoring, plan: Plan, writer: str) -> bool:
    """Whether replacing files of the writer failed, as the status of its components tells (C47)."""
    if plan.method not in REPLACING:
        return False
    statuses = {key: status for key, (status, _) in restoring.statuses.items() if key[0] == writer}
    selected = [key for key in restoring.selected if key[0] == writer]
    return any(statuses.get(key) != FileRestoreStatus.ALL for key in selected)


def _note(history: History, step: Step, rule: str, says: str, *because: Mark, also: tuple[str, ...] = ()) -> None:
    marks = sorted(mark for mark in because if mark[0] < step.number)
    history.note(step, Level.WARNING, rule, says, *marks, at=At.IMPLEMENTATION, also=also)


def events_missed(history: History, number: int, line: Line, obj: BackupObject) -> Iterator[Finding]:
    """When a restore is given up: writers that should have got PostRestore, and of which the log shows PreRestore."""
    restoring = obj.restoring
    if restoring is None or not restoring.events.before or restoring.post_restored is None:
        return
    step = Step(number, line, None)
    for writer, before in restoring.events.before.items():
        plan = _plan(history, line, restoring, writer)
        if plan is None or writer in restoring.events.after:
            continue
        restarted = _restarted(history, step, plan, before)
        if restarted is not None and restarted < restoring.post_restored:
            continue
        if plan.hosted_in is None and _any_stopped(history, step, before, restoring.post_restored):
            continue
        rules: tuple[str, ...] = ()
        if plan.document.writer_restore == WriterRestore.ALWAYS:
            rules = (_ALWAYS,)
        elif plan.document.writer_restore == WriterRestore.IF_REPLACE_FAILS:
            rules = _IF_FAILED if _may_have_failed(restoring, plan, writer) else ()
        if plan.method is RestoreMethod.RESTORE_STOP_START and plan.hosted_in and rules:
            rules = (*rules, _HOSTED_LATER)
        if rules:
            says = "PostRestore was raised for no instance of a writer that got PreRestore"
            grounds = tuple(Ground(*mark) for mark in (*before.values(), restoring.post_restored))
            yield Finding(number, Level.WARNING, At.IMPLEMENTATION, rules[0], says, grounds, also=rules[1:])
