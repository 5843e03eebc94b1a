"""The memory of one trace while it is read: handles, machines, and where findings go."""

from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from vss_sim.judge.calls.handed_out import HandedOut
from vss_sim.judge.documents.document_memory import DocumentMemory
from vss_sim.judge.findings import At, CallReport, Finding, Ground, Level
from vss_sim.judge.objects import AsyncObject, BackupObject, Known, MachineView, Mark
from vss_sim.judge.restoring.restores import SavedDocument
from vss_sim.judge.shadows.known_copies import Transport
from vss_sim.judge.world import UNKNOWN_WORLD, World
from vss_sim.judge.world_machine import NOTHING_KNOWN, WorldMachine
from vss_sim.spec.rules import same_facts
from vss_sim.spec.table import Profile
from vss_sim.trace.lines import Line
from vss_sim.trace.values import Code

if TYPE_CHECKING:
    from vss_sim.judge.backups.increments import Chains
    from vss_sim.judge.backups.retries import Attempt
    from vss_sim.judge.calls.access import Account

OPEN_WORLD: Final = "log-open-world"
MEMORY: Final = 2048
"""So many handles and ids of a kind are remembered; what is older is forgotten, and so unknown."""

_SCOPE: Final = "\x00"
_NOTHING: Final[Mapping[str, Any]] = {}


class Step:
    """One call of the trace: the line, the answer that was recorded, if any, and whether that is a success."""

    __slots__ = ("arguments", "code", "line", "number", "results", "succeeded")

    def __init__(self, number: int, line: Line, code: Code | None) -> None:
        self.number = number
        self.line = line
        self.code = code
        self.succeeded = None if code is None else code.succeeded
        self.arguments = line.in_ or _NOTHING
        """What was recorded of the arguments."""
        self.results = line.out or _NOTHING
        """What was recorded of the results."""

    @property
    def observed(self) -> str | None:
        """The answer by name."""
        return None if self.code is None else self.code.name

    def is_call_of(self, name: str) -> bool:
        """Whether the line calls the method `name`, of whatever interface."""
        return (self.line.call or "").rpartition("::")[2] == name

    def mark(self, says: str) -> Mark:
        """This line, as a reason for something later."""
        return self.number, says

    def made(self, *parameters: str) -> str | None:
        """The handle that one of `parameters` handed out, where it was recorded."""
        for parameter in parameters:
            handle = self.results.get(parameter)
            if isinstance(handle, str):
                return handle
        return None


@lru_cache(maxsize=MEMORY)
def _also(named: tuple[str, ...]) -> tuple[str, ...]:
    """The rules that a finding names beside its first, and those of other pages that say the same."""
    more = [rule for one in named for rule in same_facts().get(one, ()) if rule not in named]
    return (*named[1:], *dict.fromkeys(more))


class History(Struct, eq=False):
    """What the lines so far have shown, and the counters of what was said about them."""

    profile: Profile
    say: Callable[[Finding], None]
    tell_call: Callable[[CallReport], None] | None
    memory: int = MEMORY
    handles: dict[str, Known] = field(default_factory=dict)
    machines: dict[str, MachineView] = field(default_factory=dict)
    processes: dict[tuple[str, str], dict[int, BackupObject]] = field(default_factory=dict)
    """Machine and process → the objects that live there."""
    saved_documents: dict[str, SavedDocument | None] = field(default_factory=dict)
    """What each text is that SaveAsXML gave out; None where two documents have one name."""
    unseen_creations: int = 0
    """Objects that were made by calls whose result was not recorded, and that no line was called on yet."""
    creations_seen: bool = False
    world: World = UNKNOWN_WORLD
    """What the header tells of the computers."""
    described: dict[str, WorldMachine] = field(default_factory=dict)
    """Machine → what a world in the header tells of it."""
    accounts: "dict[str, Account]" = field(default_factory=dict)
    """Machine → the account of its requester, where a world tells."""
    access_said: set[tuple[str, tuple[str, ...]]] = field(default_factory=set)
    unknown_names: set[tuple[str, str, str]] = field(default_factory=set)
    """Names that were said to be unknown: of what kind they are, and of which call."""
    numbers_are_errors: bool = False
    """Whether a function of Windows returned a number that can only be an error."""
    com_security: dict[tuple[str, str], int] = field(default_factory=dict)
    """Machine and process → the line that initialised COM security."""
    watching: bool = False
    """Whether the log shows events, so that calls which raise some are looked at."""
    counts: dict[Level, int] = field(default_factory=lambda: dict.fromkeys(Level, 0))
    handed_out: HandedOut = field(default_factory=HandedOut)
    chains: "dict[str, Chains]" = field(default_factory=dict)
    """Machine → its backups and restores that build on each other."""
    saved_texts: "dict[str, tuple[tuple[str, Mark], ...]]" = field(default_factory=dict)
    """Shadow copy set → the Backup Components Documents that were saved of it."""
    texts_known: bool = True
    """Whether every document that was saved was recorded."""
    attempts: "dict[tuple[str, str], Attempt]" = field(default_factory=dict)
    """Machine and process → its last backup in which a writer failed."""
    given_anew: bool = False
    """Whether it was said that a handle names a new object, and the one before was not released."""
    undecided: int = 0
    not_judged: int = 0
    transports: dict[str, Transport | None] = field(default_factory=dict)
    """What the document of a transportable set is a document of; None where two have one name."""
    machines_masked: bool = False
    """Whether the log shows that LUNs are masked."""
    documents: DocumentMemory = field(default_factory=DocumentMemory)

    def watch(self) -> None:
        """From now on the calls that raise events, and the ends they come to, go the whole way."""
        self.watching = True
        for known in self.handles.values():
            known.acts = None

    def find(self, finding: Finding) -> None:
        """Say a finding, and count it; rules of other pages that say the same come along."""
        also = _also((finding.rule, *finding.also))
        if len(also) > len(finding.also):
            finding = replace(finding, also=also)
        self.counts[finding.level] += 1
        self.say(finding)

    def note(
        self,
        step: Step,
        level: Level,
        rule: str,
        says: str,
        *because: Mark,
        at: At = At.REQUESTER,
        also: tuple[str, ...] = (),
        mends: str = "",
    ) -> None:
        """Say a finding about the line of `step` that needs no legal way on."""
        grounds = tuple(Ground(*mark) for mark in because)
        self.find(Finding(step.number, level, at, rule, says, grounds, also=also, mends=mends))

    def tell(self, step: Step, allowed: tuple[str, ...]) -> None:
        """Tell what was observed of a call and what is allowed, if anybody listens."""
        if self.tell_call:
            self.tell_call(CallReport(step.number, step.line.call or "", step.observed, allowed))

    def machine(self, line: Line) -> MachineView:
        """The machine that a line belongs to."""
        name = line.machine or ""
        view = self.machines.get(name)
        if view is None:
            if len(self.machines) >= self.memory:
                del self.machines[next(iter(self.machines))]
            view = self.machines[name] = MachineView()
        return view

    def world_machine(self, line: Line) -> WorldMachine:
        """What a world in the header tells of the machine that a line belongs to."""
        return self.described.get(line.machine or "", NOTHING_KNOWN)

    def scoped(self, line: Line, handle: str) -> str:
        """The key of a handle: recorders may use the same text in several processes and machines."""
        if line.machine is None and line.process is None:
            return handle
        return f"{line.machine}{_SCOPE}{line.process}{_SCOPE}{handle}"

    def lookup(self, line: Line) -> Known | None:
        """The object that a line is called on, if it is known."""
        return self.handles.get(self.scoped(line, line.on or ""))

    def keep(self, line: Line, handle: str, known: Known) -> None:
        """Remember the object behind a handle that a line has shown."""
        self.remember(self.scoped(line, handle), known)

    def remember(self, key: str, known: Known) -> None:
        """Keep `known` under a handle; where there are too many, the oldest are forgotten, backup objects last."""
        handles = self.handles
        former = handles.pop(key, None)
        if former is not None and former is not known:
            self._lose_name(former)
        handles[key] = known
        if type(known) is BackupObject and former is not known:
            known.names += 1
            self.processes.setdefault((known.machine, known.process), {})[id(known)] = known
        if len(handles) > 2 * self.memory:
            older = list(handles)[: -self.memory]
            backups_last = [old for old in older if type(handles[old]) is not BackupObject]
            backups_last += [old for old in older if type(handles[old]) is BackupObject]
            for old in backups_last[: max(self.memory // 2, 1)]:
                self._lose_name(handles.pop(old))

    def _lose_name(self, obj: Known) -> None:
        """A handle names this object no more; with the last one goes the chance to learn more of it."""
        if type(obj) is AsyncObject:
            obj.leave()
        if type(obj) is not BackupObject:
            return
        obj.names -= 1
        if obj.names == 0:
            self.close(obj)
            self._leave(obj)
            obj.forget()

    def _leave(self, obj: BackupObject) -> None:
        place = (obj.machine, obj.process)
        living = self.processes.get(place, {})
        living.pop(id(obj), None)
        if not living:
            self.processes.pop(place, None)

    def ended(self, machine: str, process: str | None) -> list[BackupObject]:
        """The objects of a process that came to its end, or of all of a machine's; they are not named here again."""
        for place in [one for one in self.com_security if one[0] == machine and process in (None, one[1])]:
            del self.com_security[place]
        places = [place for place in self.processes if place[0] == machine] if process is None else [(machine, process)]
        return [obj for place in places for obj in self.processes.pop(place, {}).values()]

    def close(self, obj: BackupObject) -> None:
        """Say what waited for something later in the log to clear it."""
        for suspicion in obj.suspicions:
            self.find(suspicion)
        if obj.restoring is not None:
            obj.restoring.judge_what_was_told()
        for doubt in obj.undecided:
            self.find(Finding(doubt.line, Level.INFO, At.REQUESTER, OPEN_WORLD, doubt.says))
        self.undecided += len(obj.undecided) + obj.more_undecided
        obj.suspicions, obj.undecided, obj.more_undecided = (), (), 0
