"""Programs made by chance: most calls lead on, and every third asks for what the protocol table refuses there.

A need that an implementation forgets shows only where a call breaks that need and no other. So the programs of a run
know what was asked before: a refused call is one that breaks the needs least asked for, those that stand alone first,
and a call that leads on goes where the run was least. The draws rest on the seed and the tables alone. What is drawn is
kept as a list of calls, each of which means the same whatever stands before it, so that the list can be shortened.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from functools import cache, lru_cache, reduce
from operator import or_
from random import Random
from typing import Any, Final, NamedTuple, TypeVar

from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.inputs import BadCall
from vss_sim.engine.ruling import Certainty, Verdict, after_success, is_plain, meets, rule_on
from vss_sim.generate.made import Made, Program
from vss_sim.generate.pairs import script
from vss_sim.generate.places import HARDWARE, KEPT, arguments, world
from vss_sim.generate.remarks import with_remarks
from vss_sim.generate.ways import CANCELLED, FINISHED, Step, Way, ways
from vss_sim.model.computer import ScriptedAnswer
from vss_sim.spec.methods import signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.protocol.common import RELEASED
from vss_sim.spec.state import MACHINE_MASK, Phase
from vss_sim.spec.table import Force

AREA: Final = "fuzz"
_CALLS: Final = tuple(
    (name, choice)
    for name, method in METHODS.items()
    if method.interface.startswith("IVssBackupComponents")
    for choice in method.ways
)
_OPERATIONS: Final = tuple(name for name, method in METHODS.items() if method.operation is not None)
_ASYNC: Final = ("Wait", "QueryStatus", "Wait", "QueryStatus", "Cancel")
_LED: Final = 1 / 2
"""So many programs begin with a shortest way into a state, so that every phase comes often."""
_STAGED: Final = 1 / 10
"""Of the others so many begin with a scene: calls that need something of the computer, and the one that made it."""
_LENGTHS: Final = (5, 40)
"""The least and the most calls of a program, after such a way."""
_ABOUT_OPERATIONS: Final = 0.25
_REFUSED: Final = 0.35
_ANY: Final = 0.05
"""So many calls are about an operation; of the others so many are refused, and so many are any."""
_HASTE: Final = (0.1, 0.3, 0.6)
"""So many of the allowed calls lead into another phase, where one does: a program is in haste, or it is not."""
_ODD_SHARE: Final = 1 / 6
_FAILING: Final = 0.1
_SLOW: Final = 0.1
"""So many operations fail, and so many are under way until the program ends."""
_LONG: Final = 1_000_000
"""Seconds: longer than a program."""
_ODD: Final[dict[str, tuple[Any, ...]]] = {
    "VSS_ID": ("GUID_NULL", KEPT.set_id, HARDWARE.provider_id, "{77777777-0000-4000-8000-000000000001}"),
    "LPCWSTR": (None, "", "Nothing", "C:"),
    "VSS_PWSZ": (None, "", "D:\\", "C:"),
    "UINT": (1, 7),
    "LONG": (0, 0x41),
    "bool": (False, True),
    "VSS_COMPONENT_TYPE": ("VSS_CT_UNDEFINED", "VSS_CT_DATABASE"),
    "VSS_OBJECT_TYPE": ("VSS_OBJECT_SNAPSHOT_SET", "VSS_OBJECT_PROVIDER", "VSS_OBJECT_UNKNOWN"),
    "VSS_BACKUP_TYPE": ("VSS_BT_UNDEFINED", "VSS_BT_COPY"),
}
_INITIALISED: Final = Step("InitializeForBackup", "no document")
_IN_ITS_CONTEXT: Final = (_INITIALISED, Step("SetContext", "without writers"))
_COMPONENTS: Final = (
    _INITIALISED,
    Step("SetBackupState", "components"),
    Step("GatherWriterMetadata"),
    Step("GatherWriterMetadata", end=FINISHED),
    Step("AddComponent"),
)
_SCENES: Final[tuple[Way, ...]] = (
    (*_IN_ITS_CONTEXT, Step("ExposeSnapshot"), Step("UnexposeSnapshot")),
    (*_IN_ITS_CONTEXT, Step("RevertToSnapshot"), Step("QueryRevertStatus")),
    (*_IN_ITS_CONTEXT, Step("BreakSnapshotSet")),
    (*_IN_ITS_CONTEXT, Step("BreakSnapshotSetEx")),
    (_INITIALISED, Step("GatherWriterStatus"), Step("GatherWriterStatus", end=FINISHED), Step("GetWriterStatus")),
    (*_COMPONENTS, Step("PrepareForBackup"), Step("PrepareForBackup", end=FINISHED), Step("SetBackupSucceeded")),
    (Step("InitializeForRestore"), Step("AddSnapshotToRecoverySet"), Step("RecoverSet")),
)
"""What chance seldom puts together: the call succeeds where the one before it made what it is about."""
_ANY_RULE: Final = "seq-init-before-anything"
_PHASES: Final = MACHINE_MASK[Phase]
_Of = TypeVar("_Of")


class Call(NamedTuple):
    """One call: of a method of the object, in one of its ways; or, with `of`, on the operation begun last by `of`.

    `odd` is a parameter that gets another value than most programs pass, with that value.
    """

    name: str
    choice: str | None = None
    odd: tuple[str, Any] | None = None
    of: str = ""


class Drawn(NamedTuple):
    """A program: its calls, how operations of its computer come out, and whether that is a bare one."""

    calls: tuple[Call, ...]
    answers: tuple[ScriptedAnswer, ...] = ()
    bare: bool = False


def made_of(drawn: Drawn) -> Made:
    """The case of a program. Calls that cannot be made - on an operation that nobody began - are left out."""
    run = Program(world(drawn.answers, bare=drawn.bare))
    for call in drawn.calls:
        _make(run, call)
    return _case(run)


class Chance:
    """Draws programs one after another; the same seed gives the same ones."""

    def __init__(self, seed: int) -> None:
        """Nothing was asked yet."""
        self._random = Random(seed)  # noqa: S311 - chance that can be had again
        self._asked: Counter[object] = Counter()
        self._visited: Counter[int] = Counter()
        self._led: Counter[int] = Counter()
        self._staged: Counter[Way] = Counter()
        self._called: Counter[tuple[tuple[str, str | None], int]] = Counter()

    def draw(self, without: AbstractSet[str] = frozenset(), *, bare: bool = False) -> tuple[Drawn, Made]:
        """The next program, and its case; calls of these methods are left out, and what a bare computer lacks."""
        way = self._beginning()
        answers = script(way) or self._answers()
        run = Program(world(answers, bare=bare))
        calls: list[Call] = []
        for call in self._calls(run, way):
            if call.name not in without and _make(run, call):
                calls.append(call)
                self._visited[run.state & _PHASES] += 1
        return Drawn(tuple(calls), answers, bare), _case(run)

    def _calls(self, run: Program, way: Way) -> Iterator[Call]:
        """Along the way, with refused calls beside it, which lead nowhere else; then wherever it goes."""
        for step in way:
            while self._random.random() < _REFUSED and (refused := _menu(run.state).refused):
                yield Call(*self._refused(refused))
            yield from _of_step(step)
        haste = self._random.choice(_HASTE)
        for _ in range(self._random.randint(*_LENGTHS)):
            if run.state & RELEASED:
                break
            yield self._next(run, haste)

    def _beginning(self) -> Way:
        """A way into some phase, a scene, or nothing."""
        if self._random.random() < _LED:
            return self._way()
        if self._random.random() < _STAGED:
            scene = self._least(_SCENES, lambda scene: self._staged[scene])
            self._staged[scene] += 1
            return scene
        return ()

    def _way(self) -> Way:
        """A way into the phase that was least led into."""
        phase, some = self._least(tuple(_ways().items()), lambda one: self._led[one[0]])
        self._led[phase] += 1
        return self._random.choice(some)

    def _answers(self) -> tuple[ScriptedAnswer, ...]:
        """An operation may fail, or be long under way, each as it happens."""
        answers = []
        for name in _OPERATIONS:
            chance = self._random.random()
            if chance < _FAILING:
                answers.append(ScriptedAnswer(to=name, result="VSS_E_UNEXPECTED", times=1))
            elif chance < _FAILING + _SLOW:
                answers.append(ScriptedAnswer(to=name, seconds=_LONG, times=1))
        return tuple(answers)

    def _next(self, run: Program, haste: float) -> Call:
        chance = self._random.random
        if run.operations and chance() < _ABOUT_OPERATIONS:
            names = list(run.operations)
            of = names[-1] if chance() < 1 / 2 else self._random.choice(names)
            return Call(self._random.choice(_ASYNC), of=of)
        name, choice = self._chosen(run.state, haste)
        return Call(name, choice, self._odd(name) if chance() < _ODD_SHARE else None)

    def _chosen(self, state: int, haste: float) -> tuple[str, str | None]:
        menu = _menu(state)
        chance = self._random.random()
        if chance < _REFUSED and menu.refused:
            return self._refused(menu.refused)
        if chance < _REFUSED + _ANY or not menu.allowed:
            return self._random.choice(_CALLS)
        if menu.onward and self._random.random() < haste:
            return self._least(menu.onward, lambda one: self._visited[one.phase]).call
        return self._allowed(menu.allowed, state & _PHASES)

    def _allowed(self, menu: tuple["_Allowed", ...], phase: int) -> tuple[str, str | None]:
        """What was least called in this phase."""
        one = self._least(menu, lambda one: self._called[one.call, phase])
        self._called[one.call, phase] += 1
        return one.call

    def _refused(self, menu: tuple["_Refused", ...]) -> tuple[str, str | None]:
        """What breaks the needs that were least asked for; of these one need alone; of these in a new place."""
        asked = self._asked
        one = self._least(menu, lambda one: (asked[one.breaks] * one.many, one.many, asked[one.place]))
        asked[one.breaks] += 1
        asked[one.place] += 1
        return one.call

    def _least(self, menu: Sequence[_Of], key: Callable[[_Of], Any]) -> _Of:
        """One of those with the least key."""
        keys = [key(one) for one in menu]
        least = min(keys)
        return self._random.choice([one for one, of_it in zip(menu, keys, strict=True) if of_it == least])

    def _odd(self, name: str) -> tuple[str, Any] | None:
        signature = signatures()[METHODS[name].full_name]
        given = arguments(signature)
        known = [one for one in signature.parameters if one.type in _ODD and one.name in given]
        if not known:
            return None
        parameter = self._random.choice(known)
        return parameter.name, self._random.choice(_ODD[parameter.type])


class _Allowed(NamedTuple):
    """A call that is in order, and the phase it leads into."""

    call: tuple[str, str | None]
    phase: int


class _Refused(NamedTuple):
    """A call that VSS refuses, the needs of the method that it breaks, and the same with where they are broken."""

    call: tuple[str, str | None]
    breaks: tuple[str, tuple[int, ...]]
    place: tuple[str, tuple[int, ...], int]

    @property
    def many(self) -> int:
        """How many needs it breaks."""
        return len(self.breaks[1])


class _Menu(NamedTuple):
    """What can be called in a state; `onward` are the allowed calls that lead into another phase."""

    allowed: tuple[_Allowed, ...]
    onward: tuple[_Allowed, ...]
    refused: tuple[_Refused, ...]


@lru_cache(maxsize=1024)
def _menu(state: int) -> _Menu:
    allowed, refused = [], []
    for name, choice in _CALLS:
        ruling = rule_on(name, state)
        if ruling.plain:
            allowed.append(_Allowed((name, choice), after_success(name, state, choice) & _PHASES))
        elif ruling.verdict is Verdict.REFUSED:
            refused.append(_refusal(name, choice, state))
    onward = tuple(one for one in allowed if one.phase != state & _PHASES)
    return _Menu(tuple(allowed), onward, tuple(refused))


def _refusal(name: str, choice: str | None, state: int) -> _Refused:
    needs = METHODS[name].needs
    broken = tuple(
        place
        for place, need in enumerate(needs)
        if need.otherwise is Force.REFUSED and meets(state, need) is Certainty.NO
    )
    seen = reduce(or_, (needs[place].machines for place in broken), 0)
    return _Refused((name, choice), (name, broken), (name, broken, state & seen))


@cache
def _ways() -> dict[int, tuple[Way, ...]]:
    """Phase → the shortest ways into its states, by calls that are in order."""
    found: dict[int, list[Way]] = {}
    for state, way in ways(takes=is_plain).items():
        if not state & RELEASED:
            found.setdefault(state & _PHASES, []).append(way)
    return {phase: tuple(some) for phase, some in found.items()}


def _of_step(step: Step) -> Iterator[Call]:
    """The calls of a step."""
    if step.end is None:
        yield Call(step.name, step.choice)
    elif step.end == CANCELLED:
        yield Call("Cancel", of=step.name)
    else:
        yield Call("Wait", of=step.name)
        yield Call("QueryStatus", of=step.name)


def _make(run: Program, call: Call) -> bool:
    """Make the call; whether it could be made."""
    with suppress(NotSimulated, BadCall):
        if not call.of:
            run.call(call.name, call.choice, None if call.odd is None else dict([call.odd]))
            return True
        if call.of in run.operations:
            run.of_operation(call.name, call.of)
            return True
    return False


def _case(run: Program) -> Made:
    lines = with_remarks(run.lines(), run.remarks)
    named = dict.fromkeys(rule for line in lines for key in ("rules", "open", "keeps") for rule in line.get(key, ()))
    header = {
        "id": f"{AREA}/found",
        "about": f"A program of {len(lines)} calls, made by chance.",
        "verdict": "violates" if any("rules" in line for line in lines) else "conforms",
        "rules": list(dict.fromkeys((*named, *_rules(lines)))) or [_ANY_RULE],
    }
    return run.made(header, lines)


def _rules(lines: list[dict[str, Any]]) -> list[str]:
    """The rules of the methods that were called, as far as the table names them."""
    found: dict[str, None] = {}
    for line in lines:
        method = METHODS.get(str(line.get("call", "")).rpartition("::")[2])
        if method is not None:
            found.update(dict.fromkeys(need.rules[0] for need in method.needs))
    return list(found)
