"""The short cut for what long logs are made of: calls that are in order, in a state in which they were met before.

What a call does to the protocol state is learned once for each state and each value of the arguments that matter - when
it is met for the second time, since most calls of a short log are met once -, and then looked up: every state has its
*acts* (`vss_sim.judge.calls.acts`), one for each call that is in order there. What a call does beside that (a handle it
gives out, an id it names) is done by the same functions as on the whole way. A line that is not plainly in order - it
failed, it deserves a warning, something about it is not known - goes the whole way. Both ways say the same, which a
test holds.
"""

from collections import defaultdict
from collections.abc import Callable, Mapping
from functools import cache
from itertools import filterfalse
from operator import length_hint
from typing import Any, Final

from vss_sim.engine.ruling import resolve
from vss_sim.judge.backups.undone import SAVE_WRITER_DOCUMENT, note_saved
from vss_sim.judge.calls.acts import RELEASE, StateActs
from vss_sim.judge.calls.fitting import SKIPS_WITHOUT_RESULTS, fitting, not_in_order, skip, skip_without_results
from vss_sim.judge.calls.reference_counts import GIVEN_UP
from vss_sim.judge.documents.document_acts import act_on_known, act_on_unknown
from vss_sim.judge.exact_lines import ExactLines
from vss_sim.judge.history import History
from vss_sim.judge.idle_lines import IdleLines
from vss_sim.judge.objects import Act, AsyncObject, BackupObject, End, Known, OtherObject, changed_machines
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import ASYNC, BACKUP_COMPONENTS, CREATE, Signature, call_names, signatures
from vss_sim.spec.protocol.documents import DOCUMENT_FAMILIES
from vss_sim.spec.protocol.objects import FINISHED, PENDING
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import NOTHING_KNOWN, UNDECODABLE, divider_like

_STATES: Final = 4096
"""So many states are learned; a log may come to any number of half-known ones."""

_SUCCESS: Final = HResult.S_OK.name
"""The name itself, which the decoder hands out: there is no other text by it."""

_ANY: Final = object()
"""In place of a handle: the next may be any, the same again among them."""

_NO_ARGUMENTS: Final[set[bytes]] = set()

_UNPARTED: Final = (b"", b"", b"")
"""The halves of a line that is not looked for."""

_SILENT_ANSWERS: Final = (None, _SUCCESS, "S_FALSE")
"""Answers of a call that only reads, of which none is worth a word."""

_UNREAD: Final = frozenset({BACKUP_COMPONENTS, ASYNC, "IVssEnumObject", "IUnknown"})

WholeWay = Callable[[int, Line, bytes], None]
"""What becomes of a line that cannot take the short cut: its number, what is known of it, and its text."""


class ShortCut:
    """What was learned of calls in order, for the history that they are taken in."""

    def __init__(self, history: History) -> None:
        self._history = history
        self._states: dict[int, StateActs] = {}
        self._by_family: Final[dict[str, dict[str, Act]]] = {family: {} for family in _reading()}
        """Family of metadata objects → the acts on one of it, each made when it is first asked for."""
        self._unknown: Final[dict[str, Act]] = {}
        """The acts on a handle that is not known."""
        self._bare: Final[dict[str, Act]] = defaultdict(lambda: not_in_order, {CREATE: self._create})
        """The acts of calls without a handle; one that needs a handle goes the whole way, where it is refused."""
        self._running: Final[dict[str, Act]] = {}
        """The acts on an operation whose end is not known."""
        self._idle: Final = IdleLines()
        self.lines: Final = ExactLines()
        self.taken = 0
        """So many calls took the short cut."""

    def read(self, texts: list[bytes], before: int, whole_way: WholeWay) -> None:
        """Read the texts of lines, `before` of which came before them.

        What cannot take the short cut is given to `whole_way`. All of it is one loop over local names, since this is
        where the time of a long log goes. What is known of a handle is looked up again only where another one follows,
        or where something was done; a line that left nothing behind is read once until then.
        """
        object_of, acts_of, unknown, bare = self._history.handles.get, self.acts_of, self._unknown, self._bare
        other_answer, idle, divider = self._other_answer, self._idle, divider_like(texts[0])
        lines, succeeded, skips_without = self.lines, _SUCCESS, SKIPS_WITHOUT_RESULTS
        decode = lines.decode
        looks = idle.begin_block(len(texts))
        keep, arguments_of, nothing = idle.keep if looks else _forget, idle.calls.get, _NO_ARGUMENTS
        line: Any
        handle: Any = _ANY
        last, sent = before + len(texts), 0
        rest = iter(texts)
        try:
            for text in filterfalse(idle.whole.__contains__, rest) if looks else rest:
                call, _, arguments = text.partition(divider) if looks else _UNPARTED
                if arguments in arguments_of(call, nothing):
                    continue
                try:
                    line = decode(text)
                except UNDECODABLE:
                    line = NOTHING_KNOWN
                if line.on != handle:
                    handle = line.on
                    known = object_of(handle)
                    acts = (bare if handle is None else unknown) if known is None else known.acts or acts_of(known)
                if line.returns is succeeded:
                    try:
                        act = acts[line.call]
                    except KeyError:
                        act = self._first(known, line.call)
                    if act is skip or (line.out is None and act in skips_without):
                        keep(line, text, call, arguments)
                        continue
                else:
                    act = other_answer
                handle = _ANY
                idle.forget()
                number = last - length_hint(rest)
                if act(number, line, known):
                    if act is _ASK and line.out.get("pHrResult") == _PENDING:
                        idle.whole.add(text)
                    continue
                sent += 1
                whole_way(number, line, text)
                decode = lines.decode
        finally:
            self.taken += len(texts) - length_hint(rest) - sent

    def _other_answer(self, number: int, line: Line, known: Known | None) -> bool:
        """A call that answered something else than S_OK, or nothing: a Release, or a call that reads."""
        if line.on is None or line.fails:
            return False
        if line.call == RELEASE:
            return line.returns is None and self.release(number, line)
        if line.call not in _all_reading() or line.returns not in _SILENT_ANSWERS or type(known) is BackupObject:
            return False
        acts = self._unknown if known is None else known.acts or self.acts_of(known)
        act = acts.get(line.call) or self._first(known, line.call)
        return act(number, line, known)

    def _first(self, known: Known | None, call: str) -> Act:
        """Keep the act of a call that such an object was not called with before, for the next of them.

        This one goes the whole way, where the names in its line are looked at.
        """
        if type(known) is AsyncObject and known.acts is self._running:
            self._running[call] = _RUNNING.get(call, not_in_order)
            return not_in_order
        if known is None:
            acts, calls, make = self._unknown, _all_reading(), _act_on_unknown
        elif type(known) is OtherObject and known.acts is self._by_family.get(known.family):
            acts, calls, make = self._by_family[known.family], _reading()[known.family], _act_on_known
        else:
            return not_in_order
        signature = calls.get(call)
        acts[call] = not_in_order if signature is None else fitting(make(self._history, signature), signature.full_name)
        return not_in_order

    def acts_of(self, known: Known) -> Mapping[str, Act]:
        """The acts on an object as it is now; kept with the object until it changes."""
        if isinstance(known, BackupObject):
            if known.undecided or known.told.missing_interfaces:  # which only the whole way looks at
                return _NOTHING
            acts: Mapping[str, Act] = self.state_acts(known.state)
        elif known.released is not None or (isinstance(known, AsyncObject) and known.overlaps):
            acts = _NOTHING
        elif isinstance(known, AsyncObject):
            acts = self._running if known.end is None else _ENDED
            acts = _NOTHING if self._history.watching else acts
        elif known.family in DOCUMENT_FAMILIES and known.owner is None:
            acts = _NOTHING
        else:
            acts = self._by_family.get(known.family, _NOTHING)
        known.acts = acts
        return acts

    def release(self, number: int, line: Line) -> bool:
        """The last Release of an object, where it leaves nothing half done; false where it goes the whole way."""
        obj = self._history.handles.get(line.on or "")
        if not isinstance(obj, BackupObject):
            if line.on is None or line.in_ is not None or line.out is not None:
                return False
            return obj is None or _give_up(self._history, number, obj)
        if obj.references != 1 or obj.spare_references or obj.suspicions:
            return False
        if not self.state_acts(obj.state)[RELEASE](number, line, obj):
            return False
        obj.references = 0
        return True

    def state_acts(self, state: int) -> "StateActs":
        """The acts on a backup components object in this state."""
        acts = self._states.get(state)
        if acts is None:
            if len(self._states) == _STATES:
                self._states.clear()
            acts = self._states[state] = StateActs(self._history, self.state_acts, state)
        return acts

    def _create(self, number: int, line: Line, known: Known | None) -> bool:
        del known
        handle = line.out.get("ppBackup") if line.out else None
        if type(handle) is not str or handle in self._history.handles:
            return False
        obj = BackupObject(handle, "", "")
        obj.made = (number, "CreateVssBackupComponents made the object")
        self._history.creations_seen = True
        self._history.remember(handle, obj)
        return True


def read_wholly(texts: list[bytes], before: int, whole_way: WholeWay) -> None:
    """The same without a short cut: every line is given to `whole_way`."""
    for number, text in enumerate(texts, before + 1):
        whole_way(number, NOTHING_KNOWN, text)


def _forget(line: Line, text: bytes, call: bytes, arguments: bytes) -> None:
    """A line that is not worth to be remembered."""
    del line, text, call, arguments


def _save(number: int, line: Line, known: OtherObject | None) -> bool:
    """A writer's metadata document is saved; its text is remembered on the whole way."""
    del number
    if line.out is not None:
        return False
    if known is not None:
        note_saved(known.owner)
    return True


def _give_up(history: History, number: int, known: AsyncObject | OtherObject) -> bool:
    """The Release of an object that lives, and that nothing is owed to."""
    if known.released is not None or known.references != 1:
        return False
    if isinstance(known, OtherObject):
        if known.owner is None or (known.known is not None and known.known.info is not None):
            return False
        history.documents.releases_recorded = True
    known.released = (number, GIVEN_UP)
    known.acts = None
    return True


def _wait(number: int, line: Line, known: AsyncObject) -> bool:
    del number, line
    known.waited = True
    return True


def _ask() -> Act:
    """Asking for the end of an operation that is running, or has just come to its good end."""
    pending, finished = PENDING.name, FINISHED.name
    ends: dict[tuple[int, str], tuple[int, tuple[int, ...], str]] = {}

    def act(number: int, line: Line, known: AsyncObject) -> bool:
        if line.in_ and line.in_.get("pReserved") is not None:
            return False
        result = line.out.get("pHrResult") if line.out and len(line.out) == 1 else None
        if result == pending:
            known.waited, known.asked = False, True
            return True
        if result != finished or known.at_end is not None:
            return False
        known.waited = known.asked = True
        known.end = End.FINISHED
        known.ended = (number, "the operation was finished")
        known.acts = _ENDED
        if not known.is_current:
            return True
        owner, method = known.owner, known.method
        key = (owner.state, method.name)
        end = ends.get(key)
        if end is None:
            if len(ends) == _STATES:
                ends.clear()
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


@cache
def _reading() -> dict[str, dict[str, Signature]]:
    """Family → the calls on metadata objects that only read, under every name."""
    found: dict[str, dict[str, Signature]] = {}
    for call, full_name in call_names().items():
        signature = signatures().get(full_name)
        if signature is None or signature.kind != "requester" or not signature.interface:
            continue
        if signature.name == "GetFailure":  # what is owed for it is settled on the whole way
            continue
        if signature.family not in _UNREAD:
            found.setdefault(signature.family, {})[call] = signature
    return found


@cache
def _all_reading() -> dict[str, Signature]:
    return {call: signature for calls in _reading().values() for call, signature in calls.items()}


def _act_on_known(history: History, signature: Signature) -> Act:
    if signature.family in DOCUMENT_FAMILIES and signature.full_name != SAVE_WRITER_DOCUMENT:
        return act_on_known(history, signature)
    return _plain_act(signature)


def _act_on_unknown(history: History, signature: Signature) -> Act:
    act = _plain_act(signature)
    if signature.family in DOCUMENT_FAMILIES and signature.full_name != SAVE_WRITER_DOCUMENT:
        return act_on_unknown(history, signature, act)
    return act


def _plain_act(signature: Signature) -> Act:
    """The act of a call of which the rules on documents say nothing."""
    if signature.full_name == SAVE_WRITER_DOCUMENT:
        return _save
    return skip_without_results if any(parameter.makes for parameter in signature.parameters) else skip


_NOTHING: Final[Mapping[str, Act]] = {}
_PENDING: Final = PENDING.name
_ASK: Final = _ask()
_RUNNING: Final[dict[str, Act]] = {"IVssAsync::Wait": _wait, "IVssAsync::QueryStatus": _ASK}
_ENDED: Final[dict[str, Act]] = {"IVssAsync::Wait": _wait}
