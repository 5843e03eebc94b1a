"""The step: a call on a world gives an answer and the world after it. Pure, and the only way in which a world changes.

VSS looks at a call in this order (rules obs-arguments-before-state, ans-access-denied): what the machine's script lets
fail before anything else, the rights of the caller, the arguments, the state of the object, the things that the
arguments name, and then whether the computer can do it. A call that is refused changes nothing, but that its scripted
answer was given.
"""

from typing import Any, Final, NamedTuple

from msgspec.structs import replace

from vss_sim.engine.answers import NOTHING, OF_THE_METHOD, Answer, Refusal
from vss_sim.engine.async_calls import ASYNC_CALLS, begin
from vss_sim.engine.calls import ENTRIES, Entry, Plan, entry
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk, Step
from vss_sim.engine.express_writers import create_express_writer
from vss_sim.engine.file_calls import FILE_CALLS, make_file_call
from vss_sim.engine.inputs import Arguments, BadCall, Gone, NotThere, check_names, on_an_object
from vss_sim.engine.lifetimes import reference_call
from vss_sim.engine.object_calls import is_dead, told
from vss_sim.engine.other_calls import FUNCTIONS
from vss_sim.engine.present import machine_index
from vss_sim.engine.references import claimed_by_another, missing_reference
from vss_sim.engine.scripted import as_of, scripted
from vss_sim.engine.security import denied, why_denied
from vss_sim.engine.writer_programs import construct
from vss_sim.model.computer import ScriptedAnswer
from vss_sim.model.objects import (
    AnyObject,
    AsyncObject,
    BackupObject,
    CutOff,
    Handle,
    family_of,
)
from vss_sim.model.world import World
from vss_sim.spec.answers import MACHINE_FAILURES, answer_rule, environment_rule
from vss_sim.spec.hresult import S_OK, HResult
from vss_sim.spec.methods import ASYNC, EXPRESS_METADATA, UNKNOWN, WRITER, WRITER_METADATA
from vss_sim.spec.protocol.objects import FRESH_POINTER
from vss_sim.spec.systems import came_with, has_method
from vss_sim.spec.table import Need
from vss_sim.spec.writer_lives import CREATE_EXPRESS


class Call(NamedTuple):
    """A call as it comes in: the documented name, the handle (None for a function), the arguments by documented name.

    `machine` names the machine on which a function is called (None: the first), `process` the process that calls.
    """

    name: str
    on: Handle | None = None
    arguments: Arguments = NOTHING
    machine: str | None = None
    process: str = ""


_CUT_OFF: Final = (
    "VSS crashed after this object was made: no page says what its calls answer then; programs see failures of RPC"
    " (rule ans-from-below). It can be given up, and another one be made"
)


def step(world: World, call: Call) -> Step:
    """Make a call.

    Raises:
        BadCall: no program could make this call: there is no such method, object or argument.
        NotSimulated: the simulator does not make this call.
    """
    if call.name in FILE_CALLS:
        index = machine_index(world, call.machine)
        return Step(*make_file_call(world, call.name, call.arguments, index, call.process))
    return step_on(Desk(world), known_call(call.name), *call)


def known_call(name: str) -> Entry:
    """The call of VSS by this name."""
    try:
        return ENTRIES.get(name) or entry(name)
    except KeyError:
        raise BadCall(f"there is no call {name!r} here") from None


def step_on(
    desk: Desk,
    known: Entry,
    name: str,
    on: Handle | None = None,
    given: Arguments = NOTHING,
    machine: str | None = None,
    process: str = "",
) -> Step:
    """Make a call of VSS on the world in which a desk lies; where it comes to a step, the desk lies in the world after.

    Where it raises, somebody has to lay the desk anew.
    """
    world = desk.world
    if given:
        plan = known.plan(world.profile, given)
    else:
        plan = known.without_arguments.get(world.profile) if given == NOTHING else None
    if given and plan is None:
        check_names(name, known.parameters, given)
    if not known.is_on_an_object:
        if on is not None and not known.family:
            raise on_an_object(name, on)
        return _function(desk, known, on, given, plan, machine, process)
    obj = world.objects.get(on or "")
    if obj is None or on is None or not obj.references:
        raise Gone(f"{name}: there is no object {on!r}, or it was released")
    desk.handle = on
    if desk.machine_index != obj.machine:
        desk.go_to(obj.machine)
    if known.family == UNKNOWN:
        return desk.came_to(*reference_call(desk, known.signature, obj, given))
    if known.method is not None and type(obj) is BackupObject:
        return _backup_call(desk, known, obj, given, plan)
    if not (type(obj) is AsyncObject and known.family == ASYNC):
        _check_kind(known, on, obj)
    return _other(desk, known, obj, given, plan)


def _backup_call(desk: Desk, known: Entry, obj: BackupObject, given: Arguments, plan: Plan | None) -> Step:
    """A call on an object that has a protocol state."""
    script: ScriptedAnswer | None = None
    if not desk.machines[obj.machine].plain:
        script, first = _first_of_all(desk, known)
        if first is not None:
            return first
    plan = plan or known.planned(desk.profile, given)
    if plan.column is None:
        return _not_taken(desk, plan, obj.state)
    row = plan.column[obj.state]
    if row.broken is not None:
        return _refused_by_state(desk, known, obj, row.broken)
    if known.looks_around or script is not None:
        refused = _in_the_way(desk, known, obj, plan.arguments, script)
        if refused is not None:
            return refused
    after, answer = known.body(desk, obj, plan.arguments)
    if answer.rule:
        return _finished(desk, known, answer)
    if after.state != row.after:
        after = replace(after, state=row.after)
    desk.put(desk.handle, after)
    out = answer.out
    if known.async_result is not None:
        argument = tuple([plan.arguments[name] for name in known.remembers]) if known.remembers else ()
        out = {**out, known.async_result: begin(desk, obj, known.name, argument, script)}
    return desk.came_to(answer.code, out, None, row.passed)


def _not_taken(desk: Desk, plan: Plan, state: int = 0) -> Step:
    """VSS does not take the arguments."""
    refusal = plan.refusal
    assert refusal is not None  # noqa: S101 - arguments that are taken choose a column
    if state:
        refusal = refusal._replace(state=state, profile=desk.profile)
    return Step(desk.world, refusal.answer, NOTHING, (), refusal)


def _refused_by_state(desk: Desk, known: Entry, obj: BackupObject, need: Need) -> Step:
    """The order of calls is against it."""
    answer = need.answers[0] if need.answers else HResult.VSS_E_BAD_STATE
    refusal = Refusal(known.full_name, answer, need.rules[0], "", need, obj.state, desk.profile)
    return Step(desk.world, answer, NOTHING, (), refusal)


def _in_the_way(
    desk: Desk, known: Entry, obj: BackupObject, arguments: dict[str, Any], script: ScriptedAnswer | None
) -> Step | None:
    """What keeps a call back that the state lets pass: what others hold, what its arguments name, the script."""
    method, answer = known.method, None
    if method is not None and method.claim is not None:
        answer = claimed_by_another(desk, obj, desk.handle, method.claim)
    if method is not None and method.references and answer is None:
        answer = missing_reference(desk, method, obj, arguments)
    if answer is not None:
        return _no(desk, known, answer)
    return None if script is None or script.returns is None else _scripted_answer(desk, known, script.returns)


def _first_of_all(desk: Desk, known: Entry) -> tuple[ScriptedAnswer | None, Step | None]:
    """What comes before the arguments: the machine's script, then the rights of the caller.

    The script's word on this call, and the step where the call goes no further. The desk lies in the world in which the
    script was heard.

    Raises:
        NotThere: the machine's system has no such method.
    """
    script: ScriptedAnswer | None = None
    if desk.machine.answers:
        script, counts = scripted(desk, known.full_name)
        desk.change_machine(answers=counts)
        desk.done()
        if script is not None and script.returns is not None and HResult[script.returns] in MACHINE_FAILURES:
            return script, _scripted_answer(desk, known, script.returns)
    machine, caller = desk.machine, desk.requester
    if known.needs_rights and (rule := denied(machine, caller, known.grants)) is not None:
        return script, _refused(desk, known, HResult.E_ACCESSDENIED, rule, why_denied(rule, caller.account))
    signature = known.signature
    if not has_method(machine.os, signature.min_client, signature.min_server):
        since = came_with(signature.min_client, signature.min_server)
        raise NotThere(f"{known.full_name} is not on {machine.os}; {since}")
    return script, None


def _scripted_answer(desk: Desk, known: Entry, returns: str) -> Step:
    code = as_of(HResult[returns], desk.system.generation)
    rule = environment_rule(known.full_name, code)
    return _refused(desk, known, code, rule, f"the world scripts this answer to {known.name}")


def _refused(desk: Desk, known: Entry, answer: HResult, rule: str, words: str, ways: tuple[str, ...] = ()) -> Step:
    """A call that changes nothing, whatever was worked out."""
    desk.lie_in(desk.world)
    return Step(desk.world, answer, NOTHING, (), Refusal(known.full_name, answer, rule, words, ways=ways))


def _no(desk: Desk, known: Entry, answer: Answer) -> Step:
    return _refused(desk, known, answer.code, _rule_of(known, answer), answer.words, answer.ways)


def _rule_of(known: Entry, answer: Answer) -> str:
    return answer_rule(known.full_name, answer.code) if answer.rule == OF_THE_METHOD else answer.rule


def _finished(desk: Desk, known: Entry, answer: Answer) -> Step:
    """The step of a call that no protocol state decides."""
    code = answer.code
    if not code.failed:
        return desk.came_to(code, answer.out)
    if not answer.changed:
        return _no(desk, known, answer)
    return desk.came_to(code, answer.out, Refusal(known.full_name, code, _rule_of(known, answer), answer.words))


def _before(desk: Desk, known: Entry, given: Arguments, plan: Plan | None) -> Step | dict[str, Any]:
    """What comes before every call without a protocol state: script, rights, arguments."""
    script: ScriptedAnswer | None = None
    if not desk.machines[desk.machine_index].plain:
        script, first = _first_of_all(desk, known)
        if first is not None:
            return first
    plan = plan or known.planned(desk.profile, given)
    if plan.refusal is not None:
        return _not_taken(desk, plan)
    if script is not None and script.returns is not None:
        return _scripted_answer(desk, known, script.returns)
    return plan.arguments


def _function(
    desk: Desk,
    known: Entry,
    on: Handle | None,
    given: Arguments,
    plan: Plan | None,
    machine: str | None,
    process: str,
) -> Step:
    """A function, or a constructor: then `on` is what its program calls the new object."""
    index = 0 if machine is None else machine_index(desk.world, machine)
    if desk.machine_index != index:
        desk.go_to(index)
    desk.handle = (on or "") if known.family else ""
    before = _before(desk, known, given, plan)
    if isinstance(before, Step):
        return before
    return _finished(desk, known, _FUNCTIONS[known.name](desk, before, process))


_FUNCTIONS: Final = {**FUNCTIONS, CREATE_EXPRESS: create_express_writer, WRITER: construct}


def _check_kind(known: Entry, handle: Handle, obj: AnyObject) -> None:
    family = family_of(obj)
    if family != known.family and (family, known.family) != (EXPRESS_METADATA, WRITER_METADATA):
        raise BadCall(f"{known.full_name}: {handle!r} is an {family}")
    if isinstance(obj, CutOff):
        raise NotSimulated(_CUT_OFF)


def _other(desk: Desk, known: Entry, obj: AnyObject, given: Arguments, plan: Plan | None) -> Step:
    """A call on an object that has no protocol state of its own."""
    if plan is not None and plan.refusal is None and desk.machines[obj.machine].plain:
        arguments = plan.arguments
    else:
        before = _before(desk, known, given, plan)
        if isinstance(before, Step):
            return before
        arguments = before
    if type(obj) is AsyncObject:
        answer = ASYNC_CALLS[known.name](desk, desk.handle, obj, arguments)
        return desk.came_to(S_OK, answer.out) if answer.code is S_OK else _finished(desk, known, answer)
    was_dead = is_dead(desk.world, obj)
    done = _finished(desk, known, told(desk, known, desk.handle, obj, arguments))
    return replace(done, passed=(FRESH_POINTER,)) if was_dead else done
