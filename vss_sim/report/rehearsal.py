"""A restore rehearsal for people, as tables, and for machines, as JSON of the documented shape."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from vss_sim.engine.restoring.results import ComponentResult
from vss_sim.report.words import wrapped
from vss_sim.requester.hearings import Hearing
from vss_sim.requester.rehearsal import ComponentView, FileView, Rehearsal
from vss_sim.spec.enums import FileRestoreStatus
from vss_sim.spec.restoring import METHODS, otherwise
from vss_sim.spec.restoring.words import Act, Branch, Outcome, Question, When
from vss_sim.spec.rules import rules
from vss_sim.spec.win32 import Win32Error

_USUAL: Final = frozenset(
    {
        (Question.WRITER_RESTORE_GIVEN, True),
        (Question.METHOD_GIVEN, True),
        (Question.SERVICE_NAMED, True),
        (Question.TARGET_GIVEN, True),
        (Question.NEW_TARGET_DECLARED, False),
    }
)
"""Answers that go without saying."""

_HEAD: Final = ("file", "before", "goes to", "when", "after")


def rehearsal_json(rehearsal: Rehearsal) -> dict[str, Any]:
    """The rehearsal as one JSON object."""
    return {
        "components": [_component(view) for view in rehearsal.components],
        "events": list(rehearsal.events),
        "afterReboot": [
            {"path": arrival.path, "outcome": "moved" if arrival.moved else "failed"} for arrival in rehearsal.arrivals
        ],
    }


def _component(view: ComponentView) -> dict[str, Any]:
    result, outcome = view.result, view.result.outcome
    chained = {"backupType": view.backup_type.value} if view.backup_type is not None else {}
    return {
        **chained,
        "machine": result.machine,
        "writer": result.writer,
        "component": result.component,
        "method": result.method.value if result.method is not None else None,
        "target": result.target.value,
        "branch": outcome.branch.value,
        "blamed": outcome.blamed.value if outcome.blamed is not None else None,
        "rules": list(outcome.rules),
        "status": _status(result),
        **({"service": result.service} if result.stops else {}),
        **({"restart": _restart(result)} if result.wants_reboot else {}),
        "files": [
            *({"from": one.file.saved_as, "to": one.file.to, "when": one.file.when.value} for one in view.files),
            *({"from": missed.path, "to": None, "when": When.NEVER.value} for missed in result.missed),
        ],
    }


def _restart(result: ComponentResult) -> str | None:
    """Why a restart has to follow."""
    if result.waits:
        return "its files wait for it"
    return "its writer asks for one" if result.wants_reboot else None


def _service(result: ComponentResult) -> str | None:
    """Which service is stopped and started, and when."""
    if result.course is None or not result.stops:
        return None
    if not result.service:
        return "none is named, so none is stopped (svc-unnamed)"
    acts = result.course.acts
    if acts.index(Act.STOP) < acts.index(Act.RESTORE):
        return f"{result.service}, to be stopped before the files and started before PostRestore"
    also = "" if result.restored else ", also after an error, of which the page says nothing (rss-stop-after-error)"
    return f"{result.service}, to be stopped and started after PostRestore{also}"


def _status(result: ComponentResult) -> str:
    """What SetFileRestoreStatus told; nobody tells it of a component that is not selected."""
    return (result.status if result.selected else FileRestoreStatus.UNDEFINED).value


def rehearsal_text(rehearsal: Rehearsal) -> str:
    """The rehearsal for a terminal, ending in a line end."""
    return "\n".join(_text(rehearsal)) + "\n"


def _text(rehearsal: Rehearsal) -> Iterator[str]:
    for view in rehearsal.components:
        yield from _shown(view, rehearsal.readings)
        yield ""
    yield wrapped("in order: " + " → ".join(rehearsal.events), "", "  ")
    yield from dict.fromkeys(map(_heard, rehearsal.hearings))  # each step of a chain is heard in the same way
    for arrival in rehearsal.arrivals:
        yield f"at the restart: {arrival.path} {'moved to its place' if arrival.moved else 'could not be moved'}"
    restored = sum(view.result.restored for view in rehearsal.components)
    yield f"{restored} of {len(rehearsal.components)} component sets restored"


def _shown(view: ComponentView, readings: Mapping[str, str]) -> Iterator[str]:
    result, outcome = view.result, view.result.outcome
    method = result.method.value if result.method is not None else "no restore method"
    chained = f", from {view.backup_type.value}" if view.backup_type is not None else ""
    yield f"{result.component} of {result.writer} on {result.machine}{chained}: {method}, {result.target.value}"
    blamed = f", {outcome.blamed.value} error" if outcome.blamed is not None else ""
    yield wrapped(f"{outcome.branch.value} ({_status(result)}{blamed}): {outcome.says}", "  ", "  ")
    if not result.selected:
        yield wrapped("not told to its writer, which takes no part: no component of it is selected", "  ", "  ")
    yield wrapped(f"rule     {outcome.rules[0]}: {rules()[outcome.rules[0]].statement}", "  ", "         ")
    yield from _hindered(result)
    for step in result.way:
        if (step.question, step.answer) in _USUAL:
            continue
        yield wrapped(f"asked    {step.question.asks} {'yes' if step.answer else 'no'}", "  ", "         ")
    for other in _disputed(result, readings):
        yield wrapped(f"disputed {other}", "  ", "         ")
    for about, told in (("service", _service(result)), ("restart", _restart(result))):
        if told is not None:
            yield wrapped(f"{about}  {told}", "  ", "         ")
    if view.files:
        yield from _table([_HEAD, *map(_row, view.files)])
    else:
        custom = outcome.branch is Branch.CUSTOM
        yield "  its files go where its procedure brings them" if custom else "  it has no files"


def _hindered(result: ComponentResult) -> Iterator[str]:
    """What the backup missed, and what was in the way of the restore."""
    for missed in result.missed:
        yield wrapped(f"missed   {missed.path}: {missed.says}", "  ", "         ")
    for obstacle in result.obstacles:
        says = obstacle.says or obstacle.code.meaning
        answer = "" if obstacle.code is Win32Error.ERROR_SUCCESS else f"{obstacle.code.name} - "
        yield wrapped(f"in the way {obstacle.path}: {answer}{says}", "  ", "         ")


def _disputed(result: ComponentResult, readings: Mapping[str, str]) -> Iterator[str]:
    """Where another reading of the pages leads; to mere questions only where nothing was restored."""
    if result.method is None:
        return
    for other in otherwise(METHODS[result.method].whole, result.way, result.target, readings, result.stored):
        if isinstance(other.end, Outcome):
            leads = f"{other.end.branch.value}{_blame(other.end)}: {other.end.says}"
        elif result.outcome.branch is not Branch.ERROR:
            continue
        else:
            leads = f"it would be asked: {other.end.asks}"
        yield f"{other.parameter.dispute}, by the reading {other.reading!r}: {leads}"


def _blame(outcome: Outcome) -> str:
    return f" ({outcome.blamed.value} error)" if outcome.blamed is not None else ""


def _row(view: FileView) -> tuple[str, ...]:
    file = view.file
    to = "its place" if file.to == file.saved_as else file.to or "nowhere"
    when = {When.NOW: "now", When.REBOOT: "at the restart", When.NEVER: "never"}[file.when]
    return file.saved_as, view.before.value, to, when, view.after.value


def _heard(one: Hearing) -> str:
    """The events of a writer; why one did not come to it stands among what happened."""
    return wrapped(f"{one.writer} on {one.machine} heard {' and '.join(one.events)}", "", "  ")


def _table(rows: list[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    for number, row in enumerate(rows):
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        if number == 0:
            yield "  " + "  ".join("-" * width for width in widths)
