"""Calls on an `IVssAsync`: waiting, asking, cancelling, and what each answer tells of the operation behind it."""

from typing import Final

from vss_sim.engine.ruling import resolve
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import AsyncObject
from vss_sim.judge.references import never_came
from vss_sim.spec.answers import result_failures
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.objects import (
    CANCEL_CODES,
    CANCELLED,
    FINISHED,
    ONE_END,
    PARTLY_DONE,
    PENDING,
    RESULT_CODES,
)
from vss_sim.trace.values import Code, parse_code

_DENIED: Final = (HResult.E_ACCESSDENIED, HResult.E_OUTOFMEMORY, HResult.VSS_E_UNEXPECTED, HResult.E_UNEXPECTED)
_DONE: Final = "finished"
_FAILED: Final = "failed"
_STOPPED: Final = "cancelled"


def judge_async(history: History, step: Step, name: str, known: AsyncObject | None) -> None:
    """Judge one call on an `IVssAsync`; `known` is None where the log does not show what it belongs to."""
    if known is None:
        _wait_for_anything(history)
    elif name == "Wait":
        _waited(history, step, known)
    elif name == "QueryStatus":
        _asked(history, step, known)
    else:
        _cancelled(history, step, known)
    if history.tell_call:
        history.tell(step, _allowed(name, known))


def _allowed(name: str, known: AsyncObject | None) -> tuple[str, ...]:
    """The answers of the call itself; the result of an operation stands in `pHrResult`."""
    machine = [code.name for code in _DENIED]
    if name == "QueryStatus":
        return ("S_OK", *machine, "E_INVALIDARG")
    failures = [code.name for code in result_failures(known.method.full_name)] if known else []
    if name == "Wait":
        return tuple(dict.fromkeys(("S_OK", *machine, "E_INVALIDARG", *failures)))
    return tuple(dict.fromkeys(("S_OK", FINISHED.name, CANCELLED.name, *machine, *failures)))


def _wait_for_anything(history: History) -> None:
    """An operation whose handle was not recorded may be the one that is waited for here."""
    for machine in history.machines.values():
        for obj in machine.creators:
            for running in obj.running.values():
                running.waited = running.waited or not running.has_handle


def _waited(history: History, step: Step, known: AsyncObject) -> None:
    known.waited = True
    code = step.code
    if code is None or code.succeeded:
        return
    if code.is_one_of(_DENIED) or code.known is HResult.E_INVALIDARG:
        history.note(step, Level.INFO, "ans-unexpected", f"Wait failed with {code.name}")
        return
    _failed(history, step, known, code)


def _asked(history: History, step: Step, known: AsyncObject) -> None:
    code = step.code
    if code is not None and not code.succeeded:
        wrong = code.known is HResult.E_INVALIDARG
        rule = "async-query-reserved-null" if wrong else "ans-unexpected"
        history.note(step, Level.ERROR if wrong else Level.INFO, rule, f"QueryStatus failed with {code.name}")
        return
    written = step.results.get("pHrResult")
    if written is None or isinstance(written, bool) or not isinstance(written, (str, int)):
        return
    try:
        result = parse_code(str(written))
    except ValueError:
        history.note(step, Level.WARNING, RESULT_CODES, f"pHrResult is {written!r}, which is no HRESULT")
        return
    _result(history, step, known, result)


def _result(history: History, step: Step, known: AsyncObject, result: Code) -> None:
    """What `pHrResult` says of the operation."""
    if result.known is PENDING:
        if known.end:
            _contradicts(history, step, known, result)
        return
    known.waited = True
    if not result.succeeded:
        _failed(history, step, known, result)
        return
    if result.known is HResult.S_OK:
        says = "pHrResult is S_OK; a finished operation says VSS_S_ASYNC_FINISHED"
        history.note(step, Level.WARNING, RESULT_CODES, says, at=At.IMPLEMENTATION)
    elif not result.is_one_of({FINISHED, CANCELLED, *PARTLY_DONE}):
        says = f"pHrResult is {result.name}, which is no result of an operation"
        history.note(step, Level.ERROR, RESULT_CODES, says, at=At.IMPLEMENTATION)
        return
    _end(history, step, known, _STOPPED if result.known is CANCELLED else _DONE, result)


def _failed(history: History, step: Step, known: AsyncObject, result: Code) -> None:
    name = known.method.name
    failure = result_failures(known.method.full_name).get(result.known) if result.known else None
    first_time = known.end is None
    _end(history, step, known, _FAILED, result)
    if not first_time:
        return
    if failure is None:
        says = f"{name} came to {result.name}, which no page gives for it"
        history.note(step, Level.WARNING, "ans-undocumented", says, known.ground, at=At.IMPLEMENTATION)
        return
    says = f"{name} came to {result.name}"
    history.note(step, Level.INFO, failure.rule, says, known.ground, at=At(failure.at))


def _cancelled(history: History, step: Step, known: AsyncObject) -> None:
    code = step.code
    if code is None:
        return
    known.waited = True
    if code.known is HResult.S_OK:
        if known.end == _DONE:
            _contradicts(history, step, known, code, CANCEL_CODES)
        else:
            _asked_to_stop(step, known)
    elif code.known is FINISHED:
        _end(history, step, known, _DONE, code)
    elif code.known is CANCELLED:
        _end(history, step, known, _STOPPED, code)
    elif not code.succeeded and not code.is_one_of(_DENIED):
        _failed(history, step, known, code)


def _asked_to_stop(step: Step, known: AsyncObject) -> None:
    """Cancel took effect, and the operation may have come to its end first all the same."""
    owner, operation = known.owner, known.operation
    ends = operation.cancelled | operation.finished | operation.failed
    owner.move(resolve(owner.state, operation, ends), step.mark(f"{known.method.name} was cancelled"))


def _end(history: History, step: Step, known: AsyncObject, end: str, result: Code) -> None:
    """The operation is over; its object goes where the table says."""
    if known.end and known.end != end:
        _contradicts(history, step, known, result)
        return
    known.end = end
    known.ended = known.ended or step.mark(f"the operation was {end}")
    known.acts = None
    owner, operation = known.owner, known.operation
    mask = {_DONE: operation.finished, _FAILED: operation.failed, _STOPPED: operation.cancelled}[end]
    ground = step.mark(f"{known.method.name} {end}")
    owner.move(resolve(owner.state, operation, mask), ground)
    if known.method.name == "DoSnapshotSet" and end != _DONE:
        never_came(history.machine(step.line), owner, ground)


def _contradicts(history: History, step: Step, known: AsyncObject, code: Code, rule: str = ONE_END) -> None:
    says = f"the answer is {code.name}, but the operation was {known.end} before"
    history.note(step, Level.ERROR, rule, says, *([known.ended] if known.ended else []), at=At.IMPLEMENTATION)
