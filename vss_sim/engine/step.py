"""The step: a call on a world gives an answer and the world after it. Pure, and the only way in which a world changes.

VSS looks at a call in this order (rules obs-arguments-before-state, ans-access-denied): what the machine's script lets
fail before anything else, the rights of the caller, the arguments, the state of the object, the things that the
arguments name, and then whether the computer can do it. A call that is refused changes nothing, but that its scripted
answer was given.
"""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple

import msgspec
from msgspec.structs import replace

from vss_sim.engine.answers import NOTHING, OF_THE_METHOD, Answer, Event, Refusal
from vss_sim.engine.async_calls import ASYNC_CALLS, begin
from vss_sim.engine.calls import ENTRIES, Entry, Plan, entry
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.express_writers import create_express_writer
from vss_sim.engine.file_calls import FILE_CALLS, make_file_call
from vss_sim.engine.inputs import Arguments, BadCall, Gone, NotThere, check_names
from vss_sim.engine.lifetimes import reference_call
from vss_sim.engine.object_calls import is_dead, told
from vss_sim.engine.other_calls import FUNCTIONS
from vss_sim.engine.plain_files import Moment
from vss_sim.engine.present import machine_index
from vss_sim.engine.protocol import Row
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
    WriterObject,
    family_of,
)
from vss_sim.model.world import World
from vss_sim.spec.answers import MACHINE_FAILURES, answer_rule, environment_rule
from vss_sim.spec.hresult import S_OK, HResult
from vss_sim.spec.methods import ASYNC, EXPRESS_METADATA, UNKNOWN, WRITER, WRITER_METADATA
from vss_sim.spec.protocol.objects import FRESH_POINTER
from vss_sim.spec.systems import came_with, has_method
from vss_sim.spec.table import Need
from vss_sim.spec.writer_lives import CONSTRUCT, CREATE_EXPRESS, DESTRUCT


class Call(NamedTuple):
    """A call as it comes in: the documented name, the handle (None for a function), the arguments by documented name.

    `machine` names the machine on which a function is called (None: the first), `process` the process that calls.
    """

    name: str
    on: Handle | None = None
    arguments: Arguments = NOTHING
    machine: str | None = None
    process: str = ""


class Step(msgspec.Struct, frozen=True):
    """What a call came to: the world after it, the answer (for AddRef and Release the number of references), results.

    `events` went to writers meanwhile, `refusal` says why VSS said no, `passed` are needs that were not met and that
    VSS let pass. `after` is the moment after the call, of which `world` is made when somebody looks.
    """

    after: World | Moment
    answer: int
    out: Mapping[str, Any] = NOTHING
    events: tuple[Event, ...] = ()
    refusal: Refusal | None = None
    passed: tuple[Need, ...] = ()

    @property
    def world(self) -> World:
        """The world after the call."""
        after = self.after
        return after if isinstance(after, World) else after.world()


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
    return step_of(world, *call)


def step_of(
    world: World,
    name: str,
    on: Handle | None = None,
    given: Arguments = NOTHING,
    machine: str | None = None,
    process: str = "",
) -> Step:
    """The same, with the parts of the call one by one."""
    known = ENTRIES.get(name)
    if known is None:
        if name in FILE_CALLS:
            return Step(*make_file_call(world, name, given, machine_index(world, machine), process))
        known = _entry(name)
    if given:
        plan = known.plan(world.profile, given)
        if plan is None:
            check_names(name, known.parameters, given)
    else:
        plan = known.without_arguments.get(world.profile)
    family = known.family
    if not family:
        return _function(world, known, given, plan, machine, process)
    if known.full_name == CONSTRUCT:
        return _function(world, known, given, plan, machine, process, on or "")
    obj = world.objects.get(on or "")
    if obj is None or on is None or not obj.references:
        raise Gone(f"{name}: there is no object {on!r}, or it was released")
    if family == UNKNOWN:
        return _reference(world, known, on, given)
    if known.method is not None and type(obj) is BackupObject:
        return _backup_call(world, known, on, obj, given, plan)
    return _other(world, known, on, obj, given, plan)


def _entry(name: str) -> Entry:
    try:
        return entry(name)
    except KeyError:
        raise BadCall(f"there is no call {name!r} here") from None


def _backup_call(
    world: World, known: Entry, handle: Handle, obj: BackupObject, given: Arguments, plan: Plan | None
) -> Step:
    script: ScriptedAnswer | None = None
    if not world.machines[obj.machine].plain:
        script, world, first = _scripted_first(world, known, obj.machine, handle)
        first = first or _before_the_arguments(world, known, obj.machine)
        if first is not None:
            return first
    plan = plan or known.planned(world.profile, given)
    if plan.column is None:
        return _not_taken(world, plan, obj.state)
    row = plan.column[obj.state]
    if row.broken is not None:
        return _refused_by_state(world, known, obj, row.broken)
    if script is None and known.says_it_all:
        return _moved(world, handle, obj, row)
    desk = Desk(world, obj.machine, handle)
    missing = _after_the_state(desk, known, obj, plan.arguments) if known.looks_around else None
    if missing is not None:
        return _no(world, known, missing)
    return _accepted(desk, known, obj, plan.arguments, row, script)


def _not_taken(world: World, plan: Plan, state: int = 0) -> Step:
    """VSS does not take the arguments."""
    refusal = plan.refusal
    assert refusal is not None  # noqa: S101 - arguments that are taken choose a column
    if state:
        refusal = refusal._replace(state=state, profile=world.profile)
    return Step(world, refusal.answer, NOTHING, (), refusal)


def _refused_by_state(world: World, known: Entry, obj: BackupObject, need: Need) -> Step:
    """The order of calls is against it."""
    answer = need.answers[0] if need.answers else HResult.VSS_E_BAD_STATE
    refusal = Refusal(known.full_name, answer, need.rules[0], "", need, obj.state, world.profile)
    return Step(world, answer, NOTHING, (), refusal)


def _moved(world: World, handle: Handle, obj: BackupObject, row: Row) -> Step:
    """A call of which the protocol state says it all."""
    if row.after == obj.state:
        return Step(world, S_OK, NOTHING, (), None, row.passed)
    objects = world.objects.copy()
    objects[handle] = replace(obj, state=row.after)
    after = World(
        world.description,
        world.profile,
        world.machines,
        objects,
        world.snapshots,
        world.clock,
        world.serial,
        world.luns,
    )
    return Step(after, S_OK, NOTHING, (), None, row.passed)


def _after_the_state(desk: Desk, known: Entry, obj: BackupObject, arguments: dict[str, Any]) -> Answer | None:
    """What the call claims from others, and what its arguments name."""
    method = known.method
    if method is None:
        return None
    if method.claim is not None:
        other = claimed_by_another(desk, obj, desk.handle, method.claim)
        if other is not None:
            return other
    return missing_reference(desk, method, obj, arguments) if method.references else None


def _accepted(
    desk: Desk, known: Entry, obj: BackupObject, arguments: dict[str, Any], row: Row, script: ScriptedAnswer | None
) -> Step:
    """The protocol lets the call pass; what the script and the computer say is left."""
    if script is not None and script.returns is not None:
        return _scripted_answer(desk.world, known, desk, script.returns)
    after, answer = known.body(desk, obj, arguments)
    if answer.rule:
        return _finished(desk.world, known, desk, answer)
    handle = desk.handle
    state = row.after
    desk.put(handle, after if state == after.state else replace(after, state=state))
    out = answer.out
    if known.async_result is not None:
        argument = tuple([arguments[name] for name in known.remembers]) if known.remembers else ()
        begun = begin(desk, handle, known.name, argument, script)
        out = {**out, known.async_result: begun}
    return Step(desk.done(), answer.code, out, tuple(desk.events) if desk.events else (), None, row.passed)


def _scripted_first(
    world: World, known: Entry, machine_index: int, handle: Handle = ""
) -> tuple[ScriptedAnswer | None, World, Step | None]:
    """The script's word on this call, the world in which it was given, and the step where it comes before all else."""
    if not world.description.machines[machine_index].answers:
        return None, world, None
    desk = Desk(world, machine_index, handle)
    script, counts = scripted(desk, known.full_name)
    desk.change_machine(answers=counts)
    world = desk.done()
    if script is not None and script.returns is not None and HResult[script.returns] in MACHINE_FAILURES:
        return script, world, _scripted_answer(world, known, desk, script.returns)
    return script, world, None


def _scripted_answer(world: World, known: Entry, desk: Desk, returns: str) -> Step:
    code = as_of(HResult[returns], desk.system.generation)
    return _refused(
        world, known, code, environment_rule(known.full_name, code), f"the world scripts this answer to {known.name}"
    )


def _refused(world: World, known: Entry, answer: HResult, rule: str, words: str) -> Step:
    return Step(world, answer, NOTHING, (), Refusal(known.full_name, answer, rule, words))


def _no(world: World, known: Entry, answer: Answer) -> Step:
    return _refused(world, known, answer.code, _rule_of(known, answer), answer.words)


def _rule_of(known: Entry, answer: Answer) -> str:
    return answer_rule(known.full_name, answer.code) if answer.rule == OF_THE_METHOD else answer.rule


def _before_the_arguments(world: World, known: Entry, machine_index: int) -> Step | None:
    """The answer to a caller without rights.

    Raises:
        NotThere: the machine's system has no such method.
    """
    machine = world.description.machines[machine_index]
    caller = world.machines[machine_index].requester or machine.requester
    if known.needs_rights and (rule := denied(machine, caller)) is not None:
        return _refused(world, known, HResult.E_ACCESSDENIED, rule, why_denied(rule, caller.account))
    signature = known.signature
    if not has_method(machine.os, signature.min_client, signature.min_server):
        since = came_with(signature.min_client, signature.min_server)
        raise NotThere(f"{known.full_name} is not on {machine.os}; {since}")
    return None


def _finished(world: World, known: Entry, desk: Desk, answer: Answer) -> Step:
    """The step of a call that no protocol state decides."""
    if answer.code is S_OK:
        return Step(desk.done(), answer.code, answer.out, tuple(desk.events) if desk.events else ())
    if answer.code.failed and not answer.changed:
        return _no(world, known, answer)
    rule = _rule_of(known, answer)
    refusal = Refusal(known.full_name, answer.code, rule, answer.words) if answer.code.failed else None
    return Step(desk.done(), answer.code, answer.out, tuple(desk.events) if desk.events else (), refusal)


def _before(
    world: World, known: Entry, machine_index: int, given: Arguments, plan: Plan | None
) -> tuple[World, Step | dict[str, Any]]:
    """What comes before every call without a protocol state: script, rights, arguments."""
    script: ScriptedAnswer | None = None
    if not world.machines[machine_index].plain:
        script, world, first = _scripted_first(world, known, machine_index)
        first = first or _before_the_arguments(world, known, machine_index)
        if first is not None:
            return world, first
    plan = plan or known.planned(world.profile, given)
    if plan.refusal is not None:
        return world, _not_taken(world, plan)
    if script is not None and script.returns is not None:
        return world, _scripted_answer(world, known, Desk(world, machine_index), script.returns)
    return world, plan.arguments


def _function(
    world: World,
    known: Entry,
    given: Arguments,
    plan: Plan | None,
    machine: str | None,
    process: str,
    handle: Handle = "",
) -> Step:
    """A function, or a constructor: then `handle` is what its program calls the new object."""
    index = 0 if machine is None else machine_index(world, machine)
    world, before = _before(world, known, index, given, plan)
    if isinstance(before, Step):
        return before
    desk = Desk(world, index, handle)
    return _finished(world, known, desk, _FUNCTIONS[known.name](desk, before, process))


_FUNCTIONS: Final = {**FUNCTIONS, CREATE_EXPRESS: create_express_writer, WRITER: construct}


def _reference(world: World, known: Entry, handle: Handle, given: Arguments) -> Step:
    if isinstance(world.objects[handle], WriterObject):
        raise BadCall(f"{handle!r} is no COM object: it ends with {DESTRUCT}")
    desk = Desk(world, world.objects[handle].machine, handle)
    answer, out = reference_call(desk, known.name, handle, given)
    if answer == HResult.E_NOINTERFACE:
        words = f"{handle!r} has no interface {given.get('riid')!r} on this system"
        return _refused(world, known, HResult.E_NOINTERFACE, "object-ex-by-query-interface", words)
    return Step(desk.done(), answer, out, tuple(desk.events) if desk.events else ())


def _other(world: World, known: Entry, handle: Handle, obj: AnyObject, given: Arguments, plan: Plan | None) -> Step:
    """A call on an object that has no protocol state of its own."""
    if type(obj) is AsyncObject and known.family == ASYNC:
        world, before = _before(world, known, obj.machine, given, plan)
        if isinstance(before, Step):
            return before
        desk = Desk(world, obj.machine, handle)
        return _finished(world, known, desk, ASYNC_CALLS[known.name](desk, handle, obj, before))
    family = family_of(obj)
    if family != known.family and (family, known.family) != (EXPRESS_METADATA, WRITER_METADATA):
        raise BadCall(f"{known.full_name}: {handle!r} is an {family}")
    if isinstance(obj, CutOff):
        raise NotSimulated(_CUT_OFF)
    world, before = _before(world, known, obj.machine, given, plan)
    if isinstance(before, Step):
        return before
    desk = Desk(world, obj.machine, handle)
    done = _finished(world, known, desk, told(desk, known, handle, obj, before))
    return replace(done, passed=(FRESH_POINTER,)) if is_dead(world, obj) else done
