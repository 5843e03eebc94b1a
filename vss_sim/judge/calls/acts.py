"""The acts on a backup components object: what a call in order does in a state, learned from the table and looked up.

An act is a function of line number, line and object that does what the call does and is true, or does nothing and is
false because something about this very call is not plainly in order.
"""

from collections.abc import Callable, Mapping
from typing import Final

from vss_sim.engine.arguments import argument_rules, broken_arguments, choices_of
from vss_sim.engine.ruling import Ruling, after_success, rule_on, unwatched
from vss_sim.judge.backups.undone import has_duties, undone
from vss_sim.judge.calls.aftermath import aftermath_of, made_by, made_family
from vss_sim.judge.calls.enumerations import enumeration_made
from vss_sim.judge.calls.fitting import fitting, not_in_order, skip
from vss_sim.judge.calls.table_calls import tolerated
from vss_sim.judge.history import History, Step
from vss_sim.judge.named_things import references_in_order
from vss_sim.judge.objects import Act, AsyncObject, BackupObject, OtherObject, changed_machines
from vss_sim.judge.watches import WATCHES
from vss_sim.judge.words import took_effect
from vss_sim.spec.events import RAISED_BY
from vss_sim.spec.methods import BACKUP_COMPONENTS, call_names, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.objects import POINTERS_DIE_WITH
from vss_sim.spec.table import Method
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import argument_forms
from vss_sim.trace.values import parse_code

RELEASE: Final = "IUnknown::Release"
_VALUES: Final = 64
"""So many values of an argument are learned; a log may hold any number of them."""

_LONGEST: Final = 128
"""Longer texts, such as whole documents, are not kept to look anything up by."""

_OK: Final = parse_code("S_OK")
_WHOLE_WAY: Final = frozenset(
    {
        "AddRef",
        "QueryInterface",
        "ImportSnapshots",
        "PostRestore",
        "AbortBackup",
        "RecoverSet",
        "ExposeSnapshot",
        "UnexposeSnapshot",
        "BreakSnapshotSet",
        "BreakSnapshotSetEx",
        "RevertToSnapshot",
        "QueryRevertStatus",
    }
)
"""Calls that are rare, or whose aftermath depends on more than success."""

States = Callable[[int], Mapping[str, Act]]
"""State → the acts in it."""


class StateActs(dict[str, Act]):
    """The acts in one state, learned call by call."""

    def __init__(self, history: History, states: States, state: int) -> None:
        super().__init__()
        self._history = history
        self._states = states
        self._state = state
        self._met: set[str] = set()

    def __missing__(self, call: str) -> Act:
        """Learn a call that is met again; one that is not for this kind of object goes the whole way."""
        if call not in self._met:
            self._met.add(call)
            return not_in_order
        matters = _MATTERS.get(call)
        if matters is None:
            act: Act = not_in_order
        elif matters:
            act = self._by_arguments(matters)
        else:
            act = self._learn(Line(call))
        self[call] = act = fitting(act, call_names()[call])
        return act

    def _by_arguments(self, names: tuple[str, ...]) -> Act:
        """The act of a call whose arguments matter: one for each value that is met."""
        acts: dict[tuple[object, ...], Act] = {}

        def act(number: int, line: Line, obj: BackupObject) -> bool:
            arguments = line.in_
            if arguments is None:
                return False
            values = tuple([arguments.get(name, skip) for name in names])
            try:
                found = acts.get(values)
            except TypeError:  # a value that cannot be looked up, such as a list
                return False
            if found is None:
                if len(acts) == _VALUES or any(type(value) is str and len(value) > _LONGEST for value in values):
                    return False
                found = acts[values] = self._learn(line)
            return found(number, line, obj)

        return act

    def _learn(self, line: Line) -> Act:
        """What a call does in this state, where it is plainly in order."""
        history, state = self._history, self._state
        method = METHODS[signatures()[call_names()[line.call or ""]].name]
        ruling = rule_on(method.name, state, history.profile)
        in_order = ruling.plain or (ruling.passes and not made_by(method.name))
        if not in_order or broken_arguments(method.name, line.in_):
            return not_in_order
        then = 0
        for choice in choices_of(method, line.in_):
            then |= after_success(method.name, ruling.accepted, choice)
        if method.operation:
            then = unwatched(then, method.operation)
        looks = (
            _unwatched(history, method),
            _guard(history, method),
            _watched(history, method),
            _tolerated(history, method, ruling),
            _nothing_undone(history, method),
            _results(history, method),
        )
        tests = [test for test in looks if test]
        deeds: list[Act] = []
        if then != state:
            says = "Release gave it up" if method.name == "Release" else took_effect(method)
            deeds.append(_move(self._states, state, then, says))
        beside = _beside(history, method, state)
        if beside:
            deeds.append(beside)
        return _chain(method.full_name, tests, deeds, _null_inputs(method))


def _chain(name: str, tests: list[Act], deeds: list[Act], inputs: frozenset[str]) -> Act:
    """One act out of several: all tests have to be met, the last of which may do something, then the deeds are done."""
    if not tests and not deeds and not inputs:
        return skip

    forms = argument_forms(name)

    def act(number: int, line: Line, obj: BackupObject) -> bool:
        arguments = line.in_
        if arguments:
            for parameter, value in arguments.items():
                if type(value) is str:
                    continue
                if parameter not in inputs if value is None else not isinstance(value, forms.get(parameter, object)):
                    return False
        for test in tests:
            if not test(number, line, obj):
                return False
        for deed in deeds:
            deed(number, line, obj)
        return True

    return act


def _null_inputs(method: Method) -> frozenset[str]:
    parameters = signatures()[method.full_name].parameters
    return frozenset(parameter.name for parameter in parameters if parameter.direction.value != "out")


def _move(states: States, state: int, then: int, says: str) -> Act:
    """The act of taking on the next state."""
    changed = changed_machines(state ^ then)
    acts: Mapping[str, Act] | None = None

    def act(number: int, line: Line, obj: BackupObject) -> bool:
        nonlocal acts
        del line
        if acts is None:
            acts = states(then)
        obj.state = then
        obj.acts = acts
        mark = (number, says)
        grounds = obj.grounds
        for machine in changed:
            grounds[machine] = mark
        return True

    return act


def _guard(history: History, method: Method) -> Act | None:
    """What has to be looked at each time: what the arguments refer to, what others hold."""
    claim = method.claim
    if method.references:
        return references_in_order(history, method)
    if claim:
        held = claim.held_in

        def nobody_holds(number: int, line: Line, obj: BackupObject) -> bool:
            del number
            return not any(other is not obj and other.state & held for other in history.machine(line).creators)

        return nobody_holds
    return None


def _unwatched(history: History, method: Method) -> Act | None:
    """Where the log shows events, calls that raise some are looked at."""
    if method.name not in RAISED_BY:
        return None

    def nobody_watches(number: int, line: Line, obj: BackupObject) -> bool:
        del number, line, obj
        return not history.watching

    return nobody_watches


def _tolerated(history: History, method: Method, ruling: Ruling) -> Act | None:
    """What Windows lets pass is said."""
    if not ruling.tolerated:
        return None

    def act(number: int, line: Line, obj: BackupObject) -> bool:
        del line
        for finding in tolerated(history, number, method, obj, ruling.tolerated):
            history.find(finding)
        return True

    return act


def _nothing_undone(history: History, method: Method) -> Act | None:
    """What the call leaves undone is said; where the call hands out an object, its line goes the whole way instead."""
    if not has_duties(method.name):
        return None
    name, makes = method.name, bool(made_by(method.name))

    def act(number: int, line: Line, obj: BackupObject) -> bool:
        for finding in undone(history, name, number, line, obj):
            if makes:
                return False
            history.find(finding)
        return True

    return act


def _results(history: History, method: Method) -> Act | None:
    """The act of remembering what a call hands out; without a recorded handle the line goes the whole way."""
    parameters = made_by(method.name)
    if not parameters:
        return None
    operation, family, remember = method.operation, made_family(method.name), history.remember
    kills = f"{method.name} ended the life of earlier pointers" if method.name in POINTERS_DIE_WITH else None
    says = f"{method.name} gave it out"
    creates, queries = method.name == "DoSnapshotSet", method.name == "Query"

    def act(number: int, line: Line, obj: BackupObject) -> bool:
        out = line.out
        if out is None:
            return False
        for parameter in parameters:
            handle = out.get(parameter)
            if type(handle) is str:
                break
        else:
            return False
        if operation is None:
            made = OtherObject(family, obj, (number, says))
            if queries:
                enumeration_made(Step(number, line, _OK), obj, made)
            remember(handle, made)
            return True
        begun = AsyncObject(obj, method, operation, number)
        begun.take_its_place()
        remember(handle, begun)
        if creates:
            obj.creation_ran = True
        if kills:
            obj.pointers_died = (number, kills)
        return True

    return act


def _watched(history: History, method: Method) -> Act | None:
    """What the log has shown beside the state has to be looked at each time."""
    if method.name not in WATCHES:
        return None
    watches = WATCHES[method.name]

    def nothing_wrong(number: int, line: Line, obj: BackupObject) -> bool:
        del number
        for watch in watches:
            for _ in watch(history, line, obj):
                return False
        return True

    return nothing_wrong


def _beside(history: History, method: Method, state: int) -> Act | None:
    """The act of everything else that success changes."""
    lessons = aftermath_of(method.name, state)
    if not lessons:
        return None

    def act(number: int, line: Line, obj: BackupObject) -> bool:
        step = Step(number, line, _OK)
        for lesson in lessons:
            lesson(history, step, obj, certain=True)
        return True

    return act


def _matters() -> dict[str, tuple[str, ...]]:
    """Call of the protocol table → the parameters whose values matter to the state."""
    matters: dict[str, tuple[str, ...]] = {RELEASE: ()}
    for call, full_name in call_names().items():
        signature = signatures().get(full_name)
        if signature is not None and signature.family == BACKUP_COMPONENTS and signature.name not in _WHOLE_WAY:
            names = [rule.parameter for rule in argument_rules(signature.name)]
            selects = METHODS[signature.name].selects
            matters[call] = tuple(dict.fromkeys([*([selects] if selects else []), *names]))
    return matters


_MATTERS: Final = _matters()
