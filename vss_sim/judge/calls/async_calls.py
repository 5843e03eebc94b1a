"""Calls on an `IVssAsync`: waiting, asking, cancelling, and what each answer tells of the operation behind it."""

from vss_sim.engine.arguments import broken_arguments
from vss_sim.engine.contexts import number_of
from vss_sim.engine.ruling import Certainty, holds, resolve
from vss_sim.judge.calls.results import judge_result, judge_unexpected
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import never_came
from vss_sim.judge.objects import AsyncObject, End
from vss_sim.judge.shadows.failed_imports import import_failed
from vss_sim.judge.words import argument_words
from vss_sim.judge.writers.missing_events import ended
from vss_sim.spec.answers import MACHINE_FAILURES, documented_answers, never_answers, result_failures
from vss_sim.spec.constants import INFINITE
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import ASYNC
from vss_sim.spec.protocol.objects import (
    CANCEL_CODES,
    CANCELLED,
    ENDED_CODES,
    FINISHED,
    ONE_END,
    PARTLY_DONE,
    PENDING,
    RESERVED,
    RESULT_CODES,
    WAIT_FAILED,
)
from vss_sim.spec.remedies import remedy
from vss_sim.spec.systems import Generation
from vss_sim.trace.values import Code, parse_code


def judge_async(history: History, step: Step, name: str, known: AsyncObject | None) -> None:
    """Judge one call on an `IVssAsync`; `known` is None where the log does not show what it belongs to."""
    if known is not None:
        judge = {"Wait": _waited, "QueryStatus": _asked, "Cancel": _cancelled}[name]
        judge(history, step, known)
    if history.tell_call:
        history.tell(step, _allowed(name, known))


def _allowed(name: str, known: AsyncObject | None) -> tuple[str, ...]:
    """The answers of the call itself; of a failed operation, Wait and Cancel answer its failure."""
    documented = [answer.hresult for answer in documented_answers()[f"{ASYNC}::{name}"] if answer.stage == "sync"]
    codes = [answer for answer in documented if answer in HResult.__members__]
    if known is not None and name != "QueryStatus":
        codes += [code.name for code in result_failures(known.method.full_name)]
    return tuple(dict.fromkeys([*codes, *(code.name for code in MACHINE_FAILURES)]))


def _waited(history: History, step: Step, known: AsyncObject) -> None:
    code = step.code
    if code is None or code.succeeded:
        known.waited = True
    elif code.known is HResult.E_INVALIDARG and not _may_wait_so(history, step):
        _refused(history, step, known)
    elif code.is_one_of(MACHINE_FAILURES):
        history.note(step, Level.INFO, "ans-unexpected", f"Wait failed with {code.name}")
    elif _is_of_com(code):
        known.waited = True
        says = f"Wait failed with {code.name}; what {known.method.name} came to is not known"
        history.note(step, Level.INFO, "ans-from-below", says, known.ground)
    else:
        known.waited = True
        _failed(history, step, known, code)


def _may_wait_so(history: History, step: Step) -> bool:
    """Whether the time-out is one that Wait takes, so that a failure is what the operation encountered."""
    system = history.world.system(step.line.machine)
    since_vista = system is not None and system.generation >= Generation.VISTA
    given = step.arguments.get("dwMilliseconds")
    return since_vista or given == "INFINITE" or number_of(given) == INFINITE


def _refused(history: History, step: Step, known: AsyncObject) -> None:
    """Wait failed with E_INVALIDARG: for its time-out, where that and a system before Windows Vista are told."""
    if history.world.system(step.line.machine) is not None and step.arguments.get("dwMilliseconds") is not None:
        mends = remedy(f"{ASYNC}::Wait", HResult.E_INVALIDARG)
        history.note(step, Level.ERROR, WAIT_FAILED, "Wait failed with E_INVALIDARG", mends=mends)
        return
    known.waited = True
    says = f"Wait failed with E_INVALIDARG, for its time-out or as {known.method.name} did"
    history.note(step, Level.INFO, WAIT_FAILED, says, known.ground)


def _is_of_com(code: Code) -> bool:
    """Whether an answer is of COM or RPC: the call did not come to VSS, or its service ended meanwhile."""
    return code.known is None and code.name.startswith(_OF_COM)


_OF_COM = ("RPC_", "CO_", "0x800100", "0x800101", "0x800706")
"""How codes of COM and RPC begin, by name and by number; the last are the errors of Windows that are of RPC."""


def _asked(history: History, step: Step, known: AsyncObject) -> None:
    code = step.code
    known.asked = True
    if code is not None and not code.succeeded:
        wrong = code.known is HResult.E_INVALIDARG
        rule = RESERVED if wrong else "ans-unexpected"
        mends = "" if code.known is None else remedy(f"{ASYNC}::QueryStatus", code.known)
        level = Level.ERROR if wrong else Level.INFO
        history.note(step, level, rule, f"QueryStatus failed with {code.name}", mends=mends)
        return
    known.asked = True
    _judge_reserved(history, step)
    written = step.results.get("pHrResult")
    if "pHrResult" not in step.results:
        known.waited = True  # somebody asked; what was told was not recorded
    if written is None or isinstance(written, bool) or not isinstance(written, (str, int)):
        known.waited = True
        return
    try:
        result = parse_code(written)
    except ValueError:
        known.waited = True  # told as a constant that nobody knows, and read over
        return
    _result(history, step, known, result)


def _judge_reserved(history: History, step: Step) -> None:
    """The second parameter is reserved, the first is needed."""
    for rule, fault in broken_arguments("QueryStatus", step.line.in_):
        says = f"QueryStatus is called against its page: {argument_words(rule, step.arguments)}"
        history.note(step, Level.WARNING, fault, says, also=rule.also)


def _result(history: History, step: Step, known: AsyncObject, result: Code) -> None:
    """What `pHrResult` says of the operation."""
    if result.known is PENDING:
        if known.end:
            _contradicts(history, step, known, result)
        known.waited = False
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
    if result.known is CANCELLED:
        _judge_cancelled(history, step, known)
    _end(history, step, known, End.CANCELLED if result.known is CANCELLED else End.FINISHED, result)


def _judge_cancelled(history: History, step: Step, known: AsyncObject) -> None:
    """Some operations cannot be cancelled."""
    never = never_answers(known.method.full_name).get(CANCELLED)
    if never is not None and known.end is None:
        says = f"the operation of {known.method.name} is said to be cancelled, which cannot be"
        history.note(step, Level(never.level), never.rule, says, known.ground, at=At(never.at), also=never.also)


def _failed(history: History, step: Step, known: AsyncObject, result: Code) -> None:
    name = known.method.name
    failure = result_failures(known.method.full_name).get(result.known) if result.known else None
    first_time = known.end is None
    _end(history, step, known, End.FAILED, result)
    if not first_time:
        return
    judge_unexpected(history, step, result)
    if failure is None:
        says = f"{name} came to {result.name}, which no page gives for it"
        turned = HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR in result_failures(known.method.full_name)
        also = ("sn-prov-codes",) if turned else ()
        history.note(step, Level.WARNING, "ans-undocumented", says, known.ground, at=At.IMPLEMENTATION, also=also)
        return
    if not import_failed(history, step, known, result, failure):
        says, mends = f"{name} came to {result.name}", remedy(known.method.full_name, failure.hresult)
        at = At(failure.at)
        history.note(step, Level.INFO, failure.rule, says, known.ground, at=at, also=failure.also, mends=mends)
    judge_result(history, step, known.owner, name, result)


def _cancelled(history: History, step: Step, known: AsyncObject) -> None:
    code = step.code
    known.asked = True
    if code is None or code.is_one_of(MACHINE_FAILURES):
        return
    known.waited = known.asked = True
    if not code.succeeded:
        _failed(history, step, known, code)
    elif code.known is FINISHED:
        _end(history, step, known, End.FINISHED, code)
    elif code.known is CANCELLED:
        _judge_cancelled(history, step, known)
        _end(history, step, known, End.CANCELLED, code)
    elif known.end is not None:
        _contradicts(history, step, known, code)
    else:
        _asked_to_stop(step, known)


def _asked_to_stop(step: Step, known: AsyncObject) -> None:
    """Cancel took effect, and the operation may have come to its end first all the same."""
    owner, operation = known.owner, known.operation
    if known.overlaps:
        _any_end(step, known)
    elif known.is_current:
        ends = operation.cancelled | operation.finished | operation.failed
        owner.move(resolve(owner.state, operation, ends), step.mark(f"{known.method.name} was cancelled"))


def _end(history: History, step: Step, known: AsyncObject, end: End, result: Code) -> None:
    """The operation is over; its object goes where the table says, unless a later operation of the kind has begun."""
    if known.end is end:
        return
    if known.end is not None:
        _contradicts(history, step, known, result)
        return
    known.end = end
    known.asked = True
    known.ended = step.mark(f"the operation was {end.value}")
    known.acts = None
    if known.at_end is not None:
        known.at_end(step, end, result)
    if history.watching:
        ended(history, step, known, end, result)
    if known.overlaps:
        _any_end(step, known)
        return
    if not known.is_current:
        return
    owner, operation = known.owner, known.operation
    mask = {
        End.FINISHED: operation.finished,
        End.FAILED: operation.failed,
        End.CANCELLED: operation.cancelled,
    }[end]
    mark = step.mark(f"{known.method.name} {end.value}")
    owner.move(resolve(owner.state, operation, mask), mark)
    if known.method.name == "DoSnapshotSet" and end is not End.FINISHED:
        never_came(history.machine(step.line), owner, mark, known.began)


def _any_end(step: Step, known: AsyncObject) -> None:
    """Of several operations of a kind one came to its end: what they leave together is not known."""
    owner, operation = known.owner, known.operation
    outcomes = operation.pending | operation.finished | operation.failed | operation.cancelled
    if holds(owner.state, outcomes) is Certainty.YES:
        owner.move(owner.state | outcomes, step.mark(f"one of several {known.method.name} came to its end"))


def _contradicts(history: History, step: Step, known: AsyncObject, code: Code) -> None:
    before = known.end.value if known.end else "over"
    says = f"the answer is {code.name}, but the operation was {before} before"
    rule, also = (CANCEL_CODES, (ENDED_CODES,)) if step.is_call_of("Cancel") else (ONE_END, ())
    because = [known.ended] if known.ended else []
    history.note(step, Level.ERROR, rule, says, *because, at=At.IMPLEMENTATION, also=also)
