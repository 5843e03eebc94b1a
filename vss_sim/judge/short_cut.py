"""The short cut for what long logs are made of: calls that are in order, in a state in which they were met before.

What a call does to the protocol state is learned once for each state and each value of the arguments that matter, and
then looked up: every state has its *acts*, one for each call that is in order there. What a call does beside that (a
handle it gives out, an id it names) is done by the same functions as on the whole way. A line that is not plainly in
order - it failed, it deserves a warning, something about it is not known - goes the whole way. Both ways say the same,
which a test holds.
"""

from collections.abc import Mapping
from typing import Final

from vss_sim.engine.arguments import broken_arguments, choices_of
from vss_sim.engine.ruling import Verdict, after_success, resolve, rule_on, unwatched
from vss_sim.judge.effects import effect_of, made_by, made_family
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import Act, AsyncObject, BackupObject, Known, OtherObject, changed_machines, remember
from vss_sim.judge.references import references_in_order
from vss_sim.spec.arguments import ARGUMENT_RULES
from vss_sim.spec.methods import ASYNC, BACKUP_COMPONENTS, CREATE, call_names, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.objects import FINISHED, PENDING, POINTER_FAMILIES, POINTERS_DIE_WITH
from vss_sim.spec.table import Method
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_code

_SUCCESS: Final = "S_OK"
_OK: Final = parse_code(_SUCCESS)
_SILENT: Final = frozenset({"BackupComplete", "PostRestore"})
"""Methods whose effect is only a warning, which an act has ruled out."""

_WHOLE_WAY: Final = frozenset({"AddRef", "QueryInterface", "ImportSnapshots", "PostRestore", "AbortBackup"})
_RELEASE: Final = "IUnknown::Release"
_UNREAD: Final = frozenset({BACKUP_COMPONENTS, ASYNC, "IVssEnumObject", "IUnknown"})


def skip(number: int, line: Line, known: Known | None) -> bool:
    """The act of a call that is in order and leaves nothing behind."""
    del number, line, known
    return True


def whole_way(number: int, line: Line, known: Known | None) -> bool:
    """The act of a call that is not plainly in order."""
    del number, line, known
    return False


def _pointer(number: int, line: Line, known: OtherObject | None) -> bool:
    """Reading through a pointer into the document, which lives until writers may have changed it."""
    del number
    if known is not None and known.owner is not None:
        died = known.owner.pointers_died
        if died is not None and died[0] > known.made[0]:
            return False
    return line.out is None or "ppComponent" not in line.out


def _skip_without_results(number: int, line: Line, known: Known | None) -> bool:
    del number, known
    return line.out is None


class ShortCut:
    """What was learned of calls in order, for the history that they are taken in."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._states: dict[int, StateActs] = {}
        self._running: Final[dict[str, Act]] = {"IVssAsync::Wait": _wait, "IVssAsync::QueryStatus": _ask(self)}
        self._handles = history.handles
        self._unknown: Final[Mapping[str, Act]] = {**_READING, CREATE: self._create}
        """The acts on a handle that is not known, and of calls without one."""

    def take(self, number: int, line: Line) -> bool:
        """Take a line by the short cut; false where it has to go the whole way."""
        if line.machine is not None or line.process is not None:
            return False
        call = line.call
        known = self._handles.get(line.on or "")
        returns = line.returns
        if returns != _SUCCESS:
            if call == _RELEASE:
                return returns is None and self.release(number, line)
            if call not in _READING or returns not in _SILENT_ANSWERS or type(known) is BackupObject:
                return False
        acts = self._unknown if known is None else known.acts or self.acts_of(known)
        try:
            act = acts[call or ""]
        except KeyError:
            return False
        return act is skip or act(number, line, known)

    def acts_of(self, known: Known) -> Mapping[str, Act]:
        """The acts on an object as it is now; kept with the object until it changes."""
        if isinstance(known, BackupObject):
            if known.undecided:  # a success settles them, which only the whole way tells
                return _NOTHING
            acts: Mapping[str, Act] = self.state_acts(known.state)
        elif known.released is not None:
            acts = _NOTHING
        elif isinstance(known, AsyncObject):
            acts = self._running if known.end is None else _ENDED
        else:
            acts = _BY_FAMILY.get(known.family, _NOTHING)
        known.acts = acts
        return acts

    def release(self, number: int, line: Line) -> bool:
        """The last Release of an object, where it leaves nothing half done; false where it goes the whole way."""
        obj = self._history.handles.get(line.on or "")
        if type(obj) is not BackupObject or obj.references != 1 or obj.spare_references or obj.suspicions:
            return False
        if not self.state_acts(obj.state)[_RELEASE](number, line, obj):
            return False
        obj.references = 0
        return True

    def state_acts(self, state: int) -> "StateActs":
        """The acts on a backup components object in this state."""
        acts = self._states.get(state)
        if acts is None:
            acts = self._states[state] = StateActs(self._history, self, state)
        return acts

    def _create(self, number: int, line: Line, known: Known | None) -> bool:
        del known
        handle = line.out.get("ppBackup") if line.out else None
        if type(handle) is not str:
            return False
        obj = BackupObject(handle, "", "")
        obj.made = (number, "CreateVssBackupComponents made the object")
        self._history.creations_seen = True
        remember(self._history.handles, handle, obj)
        return True


class StateActs(dict[str, Act]):
    """The acts in one state, learned call by call."""

    def __init__(self, history: History, short_cut: ShortCut, state: int) -> None:
        super().__init__()
        self._history = history
        self._short_cut = short_cut
        self._state = state

    def __missing__(self, call: str) -> Act:
        """Learn a call; one that is not for this kind of object goes the whole way."""
        matters = _MATTERS.get(call)
        if matters is None:
            act: Act = whole_way
        elif matters:
            act = self._by_arguments(matters)
        else:
            act = self._learn(Line(call))
        self[call] = act
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
                found = acts[values] = self._learn(line)
            return found(number, line, obj)

        return act

    def _learn(self, line: Line) -> Act:
        """What a call does in this state, where it is plainly in order."""
        history, state = self._history, self._state
        method = METHODS[signatures()[call_names()[line.call or ""]].name]
        ruling = rule_on(method.name, state, history.profile)
        in_order = ruling.verdict is Verdict.ALLOWED and not ruling.doubts and not ruling.tolerated
        if not in_order or broken_arguments(method.name, line.in_):
            return whole_way
        then = 0
        for choice in choices_of(method, line.in_):
            then |= after_success(method.name, ruling.accepted, choice)
        if method.operation:
            then = unwatched(then, method.operation)
        parts = [part for part in (_guard(history, method), _results(history, method)) if part]
        if then != state:
            says = "Release gave it up" if method.name == "Release" else f"{method.name} succeeded"
            parts.append(_move(self._short_cut, state, then, says))
        effect = _beside(history, method)
        if effect:
            parts.append(effect)
        return _chain(parts, _null_inputs(method))


def _chain(parts: list[Act], inputs: frozenset[str]) -> Act:
    """One act out of several, the first of which that is not in order ends it; NULL results go the whole way."""
    if not parts:
        return skip
    if len(parts) == 1 and not inputs:
        return parts[0]
    first, *rest = parts

    def act(number: int, line: Line, obj: BackupObject) -> bool:
        arguments = line.in_
        if arguments and None in arguments.values() and not _nulls(arguments) <= inputs:
            return False
        if not first(number, line, obj):
            return False
        for part in rest:
            part(number, line, obj)
        return True

    return act


def _nulls(arguments: Mapping[str, object]) -> set[str]:
    return {name for name, value in arguments.items() if value is None}


def _null_inputs(method: Method) -> frozenset[str]:
    parameters = signatures()[method.full_name].parameters
    return frozenset(parameter.name for parameter in parameters if parameter.direction.value != "out")


def _move(short_cut: ShortCut, state: int, then: int, says: str) -> Act:
    """The act of taking on the next state."""
    changed = changed_machines(state ^ then)

    def act(number: int, line: Line, obj: BackupObject) -> bool:
        del line
        obj.state = then
        obj.acts = short_cut.state_acts(then)
        mark = (number, says)
        grounds = obj.grounds
        for machine in changed:
            grounds[machine] = mark
        return True

    return act


def _guard(history: History, method: Method) -> Act | None:
    """What has to be looked at each time: what the arguments refer to, what others hold, what is still unmarked."""
    claim = method.claim
    if method.references:
        return references_in_order(history, method)
    if claim:
        held = claim.held_in

        def nobody_holds(number: int, line: Line, obj: BackupObject) -> bool:
            del number
            return not any(other is not obj and other.state & held for other in history.machine(line).creators)

        return nobody_holds
    if method.name == "BackupComplete":

        def all_is_marked(number: int, line: Line, obj: BackupObject) -> bool:
            del number, line
            return not obj.components or all(key[:3] in obj.succeeded for key in obj.components)

        return all_is_marked
    return None


def _results(history: History, method: Method) -> Act | None:
    """The act of remembering what a call hands out; without a recorded handle the line goes the whole way."""
    parameters = made_by(method.name)
    if not parameters:
        return None
    operation, family, handles = method.operation, made_family(method.name), history.handles
    kills = f"{method.name} ended the life of earlier pointers" if method.name in POINTERS_DIE_WITH else None
    says = f"{method.name} gave it out"
    creates = method.name == "DoSnapshotSet"

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
            remember(handles, handle, OtherObject(family, obj, (number, says)))
            return True
        begun = AsyncObject(obj, method, operation, number)
        obj.running[operation.pending] = begun
        remember(handles, handle, begun)
        if creates:
            obj.creation_ran = True
        if kills:
            obj.pointers_died = (number, kills)
        return True

    return act


def _beside(history: History, method: Method) -> Act | None:
    """The act of everything else that success changes."""
    effect = effect_of(method.name) if method.name not in _SILENT else None
    if effect is None:
        return None

    def act(number: int, line: Line, obj: BackupObject) -> bool:
        effect(history, Step(number, line, _OK), obj, certain=True)
        return True

    return act


def _wait(number: int, line: Line, known: AsyncObject) -> bool:
    del number, line
    known.waited = True
    return True


def _ask(short_cut: ShortCut) -> Act:
    """Asking for the end of an operation that is running, or has just come to its good end."""
    pending, finished = PENDING.name, FINISHED.name
    ends: dict[tuple[int, str], tuple[int, tuple[int, ...], str]] = {}

    def act(number: int, line: Line, known: AsyncObject) -> bool:
        result = line.out.get("pHrResult") if line.out else None
        if result == pending:
            return True
        if result != finished:
            return False
        known.waited = True
        known.end = "finished"
        known.ended = (number, "the operation was finished")
        known.acts = _ENDED
        owner, method = known.owner, known.method
        key = (owner.state, method.name)
        end = ends.get(key)
        if end is None:
            then = resolve(owner.state, known.operation, known.operation.finished)
            end = ends[key] = (then, changed_machines(owner.state ^ then), f"{method.name} finished")
        then, changed, says = end
        if changed:
            owner.state = then
            owner.acts = None
            mark = (number, says)
            for machine in changed:
                owner.grounds[machine] = mark
        return True

    return act


def _matters() -> dict[str, tuple[str, ...]]:
    """Call of the protocol table → the parameters whose values matter to the state."""
    matters: dict[str, tuple[str, ...]] = {_RELEASE: ()}
    for call, full_name in call_names().items():
        signature = signatures().get(full_name)
        if signature is not None and signature.family == BACKUP_COMPONENTS and signature.name not in _WHOLE_WAY:
            names = [rule.parameter for rule in ARGUMENT_RULES if signature.name in rule.methods]
            selects = METHODS[signature.name].selects
            matters[call] = tuple(dict.fromkeys([*([selects] if selects else []), *names]))
    return matters


def _reading() -> dict[str, dict[str, Act]]:
    """Family → the calls on metadata objects that only read, under every name they may have."""
    found: dict[str, dict[str, Act]] = {}
    for call, full_name in call_names().items():
        signature = signatures().get(full_name)
        if signature is None or signature.kind != "requester" or not signature.interface:
            continue
        makes = any(parameter.makes for parameter in signature.parameters)
        if signature.family in POINTER_FAMILIES:
            found.setdefault(signature.family, {})[call] = _pointer
        elif signature.family not in _UNREAD:
            found.setdefault(signature.family, {})[call] = _skip_without_results if makes else skip
    return found


_MATTERS: Final = _matters()
_BY_FAMILY: Final = _reading()
_READING: Final[dict[str, Act]] = {call: act for acts in _BY_FAMILY.values() for call, act in acts.items()}
_NOTHING: Final[Mapping[str, Act]] = {}
_SILENT_ANSWERS: Final = (None, "S_OK", "S_FALSE")
"""Answers of a call that only reads, of which none is worth a word."""

_ENDED: Final[dict[str, Act]] = {"IVssAsync::Wait": _wait}
