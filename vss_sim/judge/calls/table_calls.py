"""Calls on a backup components object: what the table says of them, against what was observed."""

from collections.abc import Iterable

from msgspec.structs import replace

from vss_sim.engine.arguments import choices_of
from vss_sim.engine.paths import WAIT, way_on, way_to_call
from vss_sim.engine.ruling import (
    Certainty,
    Ruling,
    Verdict,
    accepted_against,
    after_success,
    holds,
    meets,
    narrow_away,
    rule_on,
    unwatched,
)
from vss_sim.engine.words import against
from vss_sim.judge.backups.undone import undone
from vss_sim.judge.calls.aftermath import changes_something, note_success
from vss_sim.judge.calls.interfaces import judge_interface
from vss_sim.judge.calls.named_failures import of_what_it_names
from vss_sim.judge.calls.results import judge_result
from vss_sim.judge.calls.troubles import allowed_answers, is_settled, possible_holders, troubles_of
from vss_sim.judge.findings import At, Finding, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import is_there_after_all
from vss_sim.judge.objects import UNRECORDED, BackupObject, Doubt
from vss_sim.judge.watches import note_failure
from vss_sim.judge.words import graveness, names, note_trouble, refused, took_effect
from vss_sim.spec.answers import (
    MACHINE_FAILURES,
    call_failures,
    documented_answers,
    leaves_failures_open,
    ruled_out,
)
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import call_names
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.common import RELEASED
from vss_sim.spec.protocol.objects import READ_RESULT, RESULT_CHANNEL, WAIT_FIRST
from vss_sim.spec.remedies import remedy
from vss_sim.spec.rules import Standing, rules
from vss_sim.spec.table import Force, Method, Need
from vss_sim.trace.values import Code


def judge_call(history: History, step: Step, name: str, obj: BackupObject) -> None:
    """Judge one call of a method of the protocol table, and take on what then holds."""
    method = METHODS[name]
    if obj.told.missing_interfaces:
        judge_interface(history, step, obj)
    ruling = rule_on(name, obj.state, history.profile)
    troubles = troubles_of(history, step, method, obj, ruling)
    if history.tell_call:
        history.tell(step, allowed_answers(method, ruling, troubles))
    certain = [trouble for trouble in troubles if trouble.force is Force.REFUSED]
    succeeded = step.succeeded
    if certain and not _blames_the_state(step, ruling, certain[0]):
        _judge_refused(history, step, method, obj, _meant(step, troubles, certain[0]))
    elif succeeded is False and step.code is not None:
        _judge_failure(history, step, method, obj, step.code, ruling, troubles)
    else:
        _judge_passed(history, step, method, obj, ruling, troubles)
    if succeeded:
        if ruling.may_succeed:
            supposed = ruling.accepted
        else:
            state = UNRECORDED if obj.state & RELEASED else obj.state
            supposed = accepted_against(name, state, history.profile)
        if certain:
            is_there_after_all(history.machine(step.line), method, step.line)
        _succeed(history, step, method, obj, supposed)
    elif succeeded is None and not certain and not step.line.fails:
        _maybe_succeed(history, step, method, obj, ruling.accepted)
    elif succeeded is False:
        note_failure(history, step, name, obj)


def _blames_the_state(step: Step, ruling: Ruling, certain: Trouble) -> bool:
    """Whether the answer tells of the state, which the log does not show, and not of what is wrong as well."""
    code = step.code
    if code is None or code.succeeded or code.is_one_of(certain.answers):
        return False
    return any(code.is_one_of(need.answers) for need in ruling.doubts)


def _meant(step: Step, troubles: list[Trouble], certain: Trouble) -> Trouble:
    """What the answer to a call that VSS refuses for certain means: it may be what VSS looks at before that."""
    code = step.code
    if code is None or code.succeeded:
        return certain
    for trouble in troubles[: troubles.index(certain)]:
        if code.is_one_of(trouble.answers):
            same = (certain.rule, *certain.also) if code.is_one_of(certain.answers) else ()
            return replace(trouble, also=(*trouble.also, *same))
    return certain


def _judge_refused(history: History, step: Step, method: Method, obj: BackupObject, trouble: Trouble) -> None:
    """A call that VSS refuses for certain: the requester's error, and the implementation's if it answers otherwise.

    Where no page settles that it is refused, the implementation is blamed for nothing.
    """
    if obj.spare_references and not trouble.answers:
        says = f"{refused(method.full_name, (), None)}; {trouble.words}"
        obj.suspect(Finding(step.number, Level.ERROR, At.REQUESTER, trouble.rule, says, trouble.because))
        return
    code = step.code
    agrees = code is None or code.is_one_of(trouble.answers) or code.is_one_of(MACHINE_FAILURES)
    level = Level.ERROR if step.succeeded else trouble.level
    says = f"{refused(method.full_name, trouble.answers, step.observed if agrees else None)}: {trouble.words}"
    note_trouble(history, step, method.full_name, level, trouble, says)
    if not agrees and trouble.answers and is_settled(trouble):
        says = f"the answer is {step.observed}, the table allows only {names(trouble.answers)} here"
        history.note(step, Level.ERROR, trouble.rule, says, *trouble.because, at=At.IMPLEMENTATION)


def _judge_passed(
    history: History, step: Step, method: Method, obj: BackupObject, ruling: Ruling, troubles: list[Trouble]
) -> None:
    """A call that succeeded, or may have: warn of what the documentation forbids."""
    for trouble in troubles:
        level = Level.INFO if Level.INFO in (trouble.level, graveness(trouble.rule)) else Level.WARNING
        says = f"whether Windows refuses {method.name} here is not known: {trouble.words}"
        if trouble.force is Force.TOLERATED:
            says = f"Windows lets {method.name} pass here, against the documentation: {trouble.words}"
        note_trouble(history, step, method.full_name, level, trouble, says)
    for finding in tolerated(history, step.number, method, obj, ruling.tolerated):
        history.find(finding)
    for finding in undone(history, method.name, step.number, step.line, obj):
        history.find(finding)
    _warn_unwaited(history, step, method, obj, ruling)
    if step.succeeded:
        settle(obj, ruling.accepted)
    elif ruling.verdict is Verdict.UNDECIDED and not step.line.fails and changes_something(method.name):
        says = f"whether VSS accepted {method.name} cannot be told: neither its answer was recorded nor a later success"
        obj.doubt(Doubt(step.number, says, method.changes))


def tolerated(
    history: History, number: int, method: Method, obj: BackupObject, needs: Iterable[Need]
) -> Iterable[Finding]:
    """What there is to say of needs that are not met, and that Windows lets pass: once where one way mends them all."""
    found: dict[tuple[Level, tuple[str, ...]], Finding] = {}
    for place, one in enumerate(_tolerated(history, number, method, obj, need) for need in needs):
        key = (one.level, one.instead or (str(place),))
        first = found.get(key)
        found[key] = one if first is None else replace(first, also=(*first.also, one.rule, *one.also))
    return found.values()


def _tolerated(history: History, number: int, method: Method, obj: BackupObject, need: Need) -> Finding:
    """What there is to say of a need that is not met, and that Windows lets pass."""
    says = f"Windows lets {method.name} pass here, against the documentation: {against(obj.state, need)}"
    noted = need.force(history.profile) is Force.NOTED
    way = () if noted else way_to_call(method.name, obj.state, history.profile)
    level = Level.INFO if noted else graveness(need.rules[0])
    instead = (*way, method.full_name) if way else ()
    reasons = obj.reasons(need.machines)
    return Finding(number, level, At.REQUESTER, need.rules[0], says, reasons, instead, need.rules[1:])


def settle(obj: BackupObject, known: int) -> None:
    """A success showed the state that `known` is: what it tells of calls without an answer is undecided no more."""
    if obj.undecided:
        obj.undecided = tuple(doubt for doubt in obj.undecided if holds(known, doubt.changes) is Certainty.MAYBE)
        obj.acts = None


def _warn_unwaited(history: History, step: Step, method: Method, obj: BackupObject, ruling: Ruling) -> None:
    """A call that depends on an operation nobody waited for may meet it half done, or failed if nobody asked."""
    for running in obj.running.values():
        if not running.has_handle or not running.operation.pending or running.warned or running.end is not None:
            continue
        if running.waited and running.asked:
            continue
        unmet = [need for need in ruling.doubts if running.operation.pending & need.machines]
        if unmet:
            running.warned = True
            says = f"{method.name} may come while {running.method.name} is still running"
            rules: tuple[str, ...] = (WAIT_FIRST,)
            if running.waited:
                rules = READ_RESULT, RESULT_CHANNEL
                says = f"{method.name} rests on the result of {running.method.name}, which nobody read"
            same = (rule for need in unmet if WAIT_FIRST in need.rules for rule in need.rules if rule != WAIT_FIRST)
            history.note(step, Level.WARNING, rules[0], says, running.ground, also=(*rules[1:], *same))


def _judge_failure(
    history: History,
    step: Step,
    method: Method,
    obj: BackupObject,
    code: Code,
    ruling: Ruling,
    troubles: list[Trouble],
) -> None:
    """A call that failed and need not have: what the answer tells, and whose concern it is."""
    trouble = next((one for one in troubles if code.is_one_of(one.answers)), None)
    if trouble is not None:
        says = f"{refused(method.full_name, trouble.answers, code.name)}: {trouble.words}"
        note_trouble(history, step, method.full_name, _of_a_refusal(trouble), trouble, says)
        return
    suspects = [need for need in ruling.doubts if code.is_one_of(need.answers)]
    if not suspects and not _promised(method, obj.state):
        suspects = [need for need in ruling.tolerated if code.is_one_of(need.answers)]
    failure = call_failures(method.full_name).get(code.known) if code.known else None
    if failure is None and suspects:
        _blame_doubt(history, step, method, obj, suspects)
        return
    held = possible_holders(history, step, method, obj)
    if failure is None:
        _judge_unknown_failure(history, step, method, obj, code, troubles, held)
        return
    judge_result(history, step, obj, method.name, code)
    if method.references and of_what_it_names(history, step, method, obj, code, failure):
        return
    says, mends = f"{method.name} failed with {code.name}", remedy(method.full_name, failure.hresult)
    at = At(failure.at)
    history.note(step, Level(failure.level), failure.rule, says, *held, at=at, also=failure.also, mends=mends)


def _judge_unknown_failure(
    history: History,
    step: Step,
    method: Method,
    obj: BackupObject,
    code: Code,
    troubles: list[Trouble],
    held: tuple[Ground, ...],
) -> None:
    """A failure that is nobody's concern by itself: another object is at it, or it means what another code means."""
    claim = method.claim
    if claim is not None and held and code.is_one_of((claim.answer,)):
        says = f"{method.name} was refused with {code.name}, while another object may be at it"
        mends = remedy(method.full_name, claim.answer, claim.rule)
        history.note(step, Level.ERROR, claim.rule, says, *held, also=claim.also, mends=mends)
        return
    inferred = _by_another_code(code, troubles)
    if inferred is None:
        undocumented(history, step, code, _promised(method, obj.state))
        return
    says = f"{method.name} was refused with {code.name}; it may be for this: {inferred.words}"
    note_trouble(history, step, method.full_name, _of_a_refusal(inferred), inferred, says)


_SAYS_LITTLE = frozenset(
    {
        HResult.VSS_E_BAD_STATE,
        HResult.E_INVALIDARG,
        HResult.VSS_E_OBJECT_NOT_FOUND,
        HResult.VSS_E_OBJECT_ALREADY_EXISTS,
    }
)
"""Answers to calls that are wrong in one way or another."""


def _of_a_refusal(trouble: Trouble) -> Level:
    """How grave it is that VSS refused a call for this."""
    return Level.INFO if trouble.level is Level.INFO else Level.ERROR


def _by_another_code(code: Code, troubles: list[Trouble]) -> Trouble | None:
    """What is against a call, by a rule for which no page names the code: this may be it, if none gives it either."""
    if not code.is_one_of(_SAYS_LITTLE):
        return None
    unsure = (one for one in troubles if one.force is Force.UNSURE)
    return next((one for one in unsure if all(told.endswith("?") for told in rules()[one.rule].answers)), None)


def _blame_doubt(history: History, step: Step, method: Method, obj: BackupObject, suspects: list[Need]) -> None:
    """A refusal that was possible, and now tells something of the state; of several causes none is certain.

    The nearest one leads, a rule that no page disputes before others.
    """
    refusing = [need for need in suspects if need.force(history.profile) is Force.REFUSED]
    certain = [need for need in refusing if rules()[need.rules[0]].standing is not Standing.DISPUTED]
    need = (certain or refusing or suspects)[-1]
    level = Level.INFO if graveness(need.rules[0]) is Level.INFO else Level.ERROR
    because = obj.reasons(need.machines)
    if len(suspects) == 1:
        obj.move(_running_on(obj, narrow_away(obj.state, need)), step.mark(f"{method.name} was refused"))
    unmet = meets(obj.state, need) is Certainty.NO
    instead = way_on(method.name, obj.state, need, history.profile) if unmet and level is Level.ERROR else ()
    if level is Level.ERROR and not instead:
        instead = _once_waited(method, obj, need)
    trouble = Trouble(need.rules[0], need.answers, "", Force.REFUSED, because, instead, also=need.rules[1:])
    says = f"{method.name} was refused with {step.observed}"
    if unmet:
        says += f": {against(obj.state, need)}"
    if len(suspects) > 1:
        causes = ", ".join(dict.fromkeys(suspect.rules[0] for suspect in (need, *suspects)))
        says += f"; the log does not show which rule was broken, one of {causes}"
    note_trouble(history, step, method.full_name, level, trouble, says)


def _once_waited(method: Method, obj: BackupObject, need: Need) -> tuple[str, ...]:
    """The way on where an operation may be under way that meets the need when it ends."""
    waits = (
        running.end is None and obj.state & running.operation.pending and running.operation.pending & need.machines
        for running in obj.running.values()
    )
    return (WAIT, method.full_name) if any(waits) else ()


def _running_on(obj: BackupObject, state: int) -> int:
    """What a refusal shows was so at that moment; an operation that was under way may have come to its end since.

    Where several of a kind overlap, one that has ended says nothing of the others.
    """
    for running in obj.running.values():
        if (running.end is None or running.overlaps) and state & running.operation.pending:
            state |= running.operation.finished | running.operation.failed
    return state


def _promised(method: Method, state: int) -> tuple[str, ...]:
    """The rules by which VSS accepts this call for certain."""
    kept = (promise for promise in method.promises if any(holds(state, when) is Certainty.YES for when in promise.when))
    return tuple(rule for promise in kept for rule in promise.rules)


_OF_PROVIDERS = HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR.name
"""What every other code of a provider is turned into."""


def undocumented(history: History, step: Step, code: Code, promised: tuple[str, ...] = ()) -> None:
    """A failing answer that the table has no place for: from below VSS, or news about the model."""
    if code.known is None:
        history.note(step, Level.INFO, "ans-from-below", f"the answer is {code.name}, which is no code of VSS")
        return
    never = ruled_out(call_names()[step.line.call or ""]).get(code.known)
    if never is not None:
        says = f"the answer is {code.name}, which never comes here"
        history.note(step, Level(never.level), never.rule, says, at=At(never.at), also=never.also)
        return
    if leaves_failures_open(call_names()[step.line.call or ""]):
        return
    by_state = code.known is HResult.VSS_E_BAD_STATE
    why = "nothing in the log is against this call" if by_state else "no page gives it for this method"
    level = Level.ERROR if by_state else Level.WARNING
    documented = documented_answers().get(call_names()[step.line.call or ""], ())
    turned = not by_state and any(answer.hresult == _OF_PROVIDERS for answer in documented)
    rule, *also = *promised, "ans-undocumented"
    also += ["sn-prov-codes"] if turned else []
    says = f"the answer is {code.name}; {why}"
    history.find(Finding(step.number, level, At.IMPLEMENTATION, rule, says, also=tuple(also)))


def _succeed(history: History, step: Step, method: Method, obj: BackupObject, accepted: int) -> None:
    obj.move(_after(method, accepted, step), step.mark(took_effect(method)))
    note_success(history, step, method, obj, certain=True)


def _maybe_succeed(history: History, step: Step, method: Method, obj: BackupObject, accepted: int) -> None:
    """The answer was not recorded: what the call does may have happened, or not."""
    state = _after(method, accepted, step)
    if method.name == "Release":
        obj.move(state, step.mark("Release gave it up"))
    else:
        obj.move(state | obj.state, step.mark(f"{method.name} may have succeeded"))
    note_success(history, step, method, obj, certain=method.name == "Release")


def _after(method: Method, accepted: int, step: Step) -> int:
    """What holds after success, over every way in which the call may have been made."""
    state = 0
    for choice in choices_of(method, step.line.in_):
        state |= after_success(method.name, accepted, choice)
    state = unwatched(state, method.operation) if method.operation else state
    return state | accepted & method.may_stay
