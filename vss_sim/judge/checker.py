"""The checker of one trace: line by line, in constant memory."""

from collections.abc import Callable
from typing import Final

from vss_sim.judge.backups.undone import SAVE_WRITER_DOCUMENT, note_saved
from vss_sim.judge.blocks import Blocks
from vss_sim.judge.calls.access import accounts_in, judge_access
from vss_sim.judge.calls.async_calls import judge_async
from vss_sim.judge.calls.enumerations import judge_enumeration
from vss_sim.judge.calls.left_behind import left_behind
from vss_sim.judge.calls.plain_calls import judge_arguments
from vss_sim.judge.calls.reference_counts import AFTER_RELEASE, judge_former, judge_reference
from vss_sim.judge.calls.results import judge_unexpected
from vss_sim.judge.calls.table_calls import judge_call, undocumented
from vss_sim.judge.calls_beside import judge_beside
from vss_sim.judge.documents.document_calls import judge_document
from vss_sim.judge.documents.document_duties import left_unreleased
from vss_sim.judge.findings import At, CallReport, Finding, Ground, Level, Outcome, Tally
from vss_sim.judge.happenings import judge_happening
from vss_sim.judge.history import MEMORY, OPEN_WORLD, History, Step
from vss_sim.judge.objects import UNRECORDED, AsyncObject, BackupObject, Known, MachineView, Mark, OtherObject
from vss_sim.judge.readings import read_object
from vss_sim.judge.restoring.delayed_moves import restarts_owed
from vss_sim.judge.restoring.restore_events import hear_restore_event
from vss_sim.judge.restoring.restore_readings import loaded
from vss_sim.judge.shadows.failed_imports import luns_never_cleaned_up
from vss_sim.judge.shadows.transports import left_on_machine_two
from vss_sim.judge.short_cut import ShortCut
from vss_sim.judge.unknown_names import look_at_arguments, look_at_event, look_at_profile
from vss_sim.judge.world import machines_in, world_of
from vss_sim.judge.world_machine import world_machines
from vss_sim.judge.writers.events import judge_event
from vss_sim.judge.writers.freeze_windows import judge_window
from vss_sim.judge.writers.identify_events import learn_identify
from vss_sim.judge.writers.missing_events import at_the_end
from vss_sim.judge.writers.writer_calls import is_judged, judge_writer_call
from vss_sim.judge.writers.writer_handlers import begin_handler, go_on, leave_handler
from vss_sim.spec.answers import call_failures, documented_answers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import (
    ASYNC,
    BACKUP_COMPONENTS,
    CREATE,
    ENUMERATION,
    EXAMINE,
    UNKNOWN,
    Signature,
    call_names,
    signatures,
)
from vss_sim.spec.protocol.common import RELEASED
from vss_sim.spec.protocol.documents import DOCUMENT_FAMILIES
from vss_sim.spec.protocol.objects import DEAD_POINTER, POINTER_FAMILIES
from vss_sim.spec.remedies import remedy
from vss_sim.spec.table import Profile
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import TraceError
from vss_sim.trace.values import Code, parse_code

_LEFT: Final = "object-release-after-operation"
_PROFILES: Final = {profile.value: profile for profile in Profile}
_GIVEN_IDS: Final = ("pSnapshotSetId", "pidSnapshot")
_HEARERS: Final = (learn_identify, begin_handler, judge_window, judge_event, hear_restore_event)
"""Who hears of an event that a writer was sent."""


class Checker:
    """Checks one trace: `feed` it every line after the header, then `finish`.

    `say` gets each finding, `tell_call` (if given) each call with the answers that the table allows there. `short_cut`
    is for tests, which hold that the way without it says the same; `memory` is how many handles are remembered.
    """

    def __init__(
        self,
        say: Callable[[Finding], None],
        tell_call: Callable[[CallReport], None] | None = None,
        profile: Profile = Profile.WINDOWS,
        *,
        short_cut: bool = True,
        memory: int = MEMORY,
    ) -> None:
        self._history = History(profile, say, tell_call, memory)
        self._short_cut = ShortCut(self._history) if short_cut and tell_call is None else None
        self._blocks = Blocks(self._history, self._short_cut, self.feed)
        self._calls = 0
        self._last = 1
        self._only_machine: str | None = None
        """The name of the machine, where the world has one: lines that name it are of the same as those that do not."""

    def know(self, world: object) -> None:
        """Take on what the header of the trace says of the computer, before any line is fed."""
        self._history.world, self._history.accounts = world_of(world), accounts_in(world)
        self._history.described = world_machines(world)
        names = [name for name, _ in machines_in(world)]
        self._only_machine = names[0] if len(names) == 1 else None
        if self._history.accounts:
            self._short_cut = None
            self._blocks = Blocks(self._history, None, self.feed)

    def judge_by(self, profile: object, number: int) -> None:
        """Take on which witness wins where Windows and the pages differ, by the header in this line, before any other.

        What is none of a profile changes nothing, and is told.
        """
        if isinstance(profile, str) and profile in _PROFILES:
            self._history.profile = _PROFILES[profile]
        elif profile is not None:
            look_at_profile(self._history, number, profile)

    def feed(self, number: int, line: Line) -> None:
        """Judge the line with this number.

        Raises:
            TraceError: the line cannot be: it calls a method on a handle that is known to be something else.
        """
        self._last = number
        if line.machine is not None and line.machine == self._only_machine:
            line.machine = None
        if line.call is not None:
            self._calls += 1
            self._call(number, line, line.call)
        elif line.event is not None:
            look_at_event(self._history, number, line)
            for hear in _HEARERS:
                hear(self._history, number, line)
        elif line.happens is not None:
            look_at_event(self._history, number, line)
            judge_happening(self._history, number, line)
        else:
            go_on(self._history, number)

    def feed_block(self, block: bytes, before: int) -> int:
        """Judge whole lines as they stand in the file, without the last line end; return the number of the last.

        Raises:
            TraceError: a line is not of the format, or cannot be.
        """
        try:
            self._blocks.read(block, before)
        finally:
            self._last = max(self._last, self._blocks.last)
        return self._blocks.last

    def object_of(self, line: Line) -> BackupObject | None:
        """The backup components object that a line that was fed made, or was called on."""
        handle = line.on or next((made for made in (line.out or {}).values() if isinstance(made, str)), None)
        known = self._history.handles.get(self._history.scoped(line, handle)) if handle else None
        return known if isinstance(known, BackupObject) else None

    def view_of(self, machine: str) -> MachineView:
        """What the lines that were fed have shown of a machine."""
        return self._history.machines.get(machine) or MachineView()

    def finish(self, *, complete: bool = True) -> Tally:
        """Say what only the end of the trace shows (if this is the end, and `complete`), and sum up."""
        history = self._history
        leave_handler(history, self._last)
        if complete:
            left_unreleased(history, self._last)
        objects = {id(known): known for known in history.handles.values() if isinstance(known, BackupObject)}
        at_the_end(history, complete=complete)
        for obj in objects.values():
            _at_the_end(history, self._last, obj, complete=complete)
        for finding in left_behind(history, self._last) if complete else ():
            history.find(finding)
        for finding in (*left_on_machine_two(history), *luns_never_cleaned_up(history, self._last)) if complete else ():
            history.find(finding)
        for finding in restarts_owed(history, self._last) if complete else ():
            history.find(finding)
        for finding in history.handed_out.owed(self._last) if complete else ():
            history.find(finding)
        errors, warnings, infos = (history.counts[level] for level in (Level.ERROR, Level.WARNING, Level.INFO))
        calls = self._calls + (self._short_cut.taken if self._short_cut is not None else 0)
        if errors:
            outcome = Outcome.VIOLATES
        elif history.undecided or calls == history.not_judged:
            outcome = Outcome.INCONCLUSIVE
        else:
            outcome = Outcome.CONFORMS
        counts = calls, errors, warnings, infos, history.undecided, history.not_judged
        return Tally(outcome, history.profile, self._last, *counts)

    def _call(self, number: int, line: Line, call: str) -> None:
        history = self._history
        full_name = call_names().get(call, call)
        if line.in_ or line.out:
            look_at_arguments(history, number, line, full_name)
        if full_name not in signatures():
            judge_beside(history, Step(number, line, None), full_name)
            return
        step = Step(number, line, _code(line, full_name))
        if step.code is not None and not step.code.succeeded:
            judge_unexpected(history, step, step.code)
        signature = signatures()[full_name]
        if signature.interface == UNKNOWN:
            judge_reference(history, step, signature.name)
        elif signature.family == BACKUP_COMPONENTS:
            judge_call(history, step, signature.name, _backup_object(history, step, signature))
        elif signature.family == ASYNC:
            judge_async(history, step, signature.name, _async_object(history, step))
        elif signature.family not in DOCUMENT_FAMILIES and (signature.kind != "requester" or not signature.interface):
            _function(history, step, signature)
        else:
            _other(history, step, signature)
        if history.accounts and (account := history.accounts.get(line.machine or "")):
            judge_access(history, step, signature, account)


def _code(line: Line, full_name: str) -> Code | None:
    """The answer that was recorded; a call that handed out an object or an id succeeded, answer or not."""
    answer = line.returns
    if isinstance(answer, list):
        return None
    if answer is not None:
        return parse_code(answer)
    if line.out:
        made = [parameter.name for parameter in signatures()[full_name].parameters if parameter.makes]
        if Step(0, line, None).made(*made, *_GIVEN_IDS) is not None:
            return parse_code("S_OK")
    return None


def _made_unseen(history: History, signature: Signature) -> bool:
    """Whether a released handle may be a new object: one was made and its handle not recorded, or none ever is."""
    initialises = signature.name.startswith("Initialize")
    return history.unseen_creations > 0 or (initialises and not history.creations_seen)


def _backup_object(history: History, step: Step, signature: Signature) -> BackupObject:
    known = history.lookup(step.line)
    line = step.line
    if isinstance(known, BackupObject) and not (known.state & RELEASED and _made_unseen(history, signature)):
        return known
    _expect_free(step, known, BACKUP_COMPONENTS)
    if history.unseen_creations:
        history.unseen_creations -= 1
        obj = BackupObject(line.on or "", line.machine or "", str(line.process or ""))
        obj.made = step.mark("the object is new, made by a call whose result was not recorded")
        history.keep(line, line.on or "", obj)
        return obj
    obj = BackupObject(line.on or "", line.machine or "", str(line.process or ""), UNRECORDED)
    obj.context, obj.components_complete, obj.snapshots_complete = None, False, False
    history.keep(line, line.on or "", obj)
    says = f"the making of {line.on!r} is not in the log; what came before is unknown and not held against it"
    history.note(step, Level.INFO, OPEN_WORLD, says)
    return obj


def _async_object(history: History, step: Step) -> AsyncObject | None:
    known = history.lookup(step.line)
    if isinstance(known, AsyncObject):
        if known.released:
            _after_release(history, step, known.released)
        return known
    _expect_free(step, known, ASYNC)
    return None


def _expect_free(step: Step, known: Known | None, family: str) -> None:
    """A handle that is known as something else cannot be meant, unless that one is gone and its address used again."""
    if known is None:
        return
    if isinstance(known, BackupObject):
        kind, gone = BACKUP_COMPONENTS, bool(known.state & RELEASED)
    else:
        kind, gone = known.family, known.released is not None
    if not gone and kind != family:
        says = f"the handle {step.line.on!r} is an {kind}; {step.line.call} expects an {family}"
        raise TraceError(step.number, says)


def _after_release(history: History, step: Step, released: Mark) -> None:
    says = f"{step.line.call} is called on {step.line.on!r}, which was released"
    history.note(step, Level.ERROR, AFTER_RELEASE, says, released)


def _function(history: History, step: Step, signature: Signature) -> None:
    """Functions without an object, and methods of the writer's and provider's side."""
    if signature.name == CREATE:
        _create(history, step)
    elif signature.interface or signature.kind == "writer":
        _writers_side(history, step, signature)
        return
    else:
        _keep_made(history, step, signature, None)
        if signature.name == EXAMINE and step.succeeded is not False:
            loaded(history, step)
    _judge_answer(history, step, signature)


def _writers_side(history: History, step: Step, signature: Signature) -> None:
    """A call of a writer, or on a provider, of which nothing is known here."""
    if signature.kind != "writer" or not is_judged(signature):
        history.not_judged += 1
    if step.succeeded is not False:
        _keep_made(history, step, signature, None)
    if signature.kind != "writer" or not judge_writer_call(history, step, signature):
        _judge_answer(history, step, signature)


def _create(history: History, step: Step) -> None:
    handle = step.made("ppBackup")
    if step.succeeded is False:
        return
    if handle is None:
        history.unseen_creations += 1
    else:
        history.creations_seen = True
        judge_former(history, step, handle)
        obj = BackupObject(handle, step.line.machine or "", str(step.line.process or ""))
        obj.made = step.mark("CreateVssBackupComponents made the object")
        history.keep(step.line, handle, obj)


def _keep_made(
    history: History,
    step: Step,
    signature: Signature,
    owner: BackupObject | None,
    parent: OtherObject | None = None,
) -> None:
    """Remember the objects that a call handed out."""
    for parameter in signature.parameters:
        handle = step.made(parameter.name)
        if parameter.makes and handle is not None:
            made = OtherObject(parameter.makes, owner, step.mark(f"{signature.name} gave it out"))
            made.parent, made.maker = parent, signature.full_name
            history.keep(step.line, handle, made)


def _other(history: History, step: Step, signature: Signature) -> None:
    """A metadata, component or enumeration object: whether it lives, and what it hands out."""
    known = history.lookup(step.line)
    other = known if isinstance(known, OtherObject) and known.family == signature.family else None
    if other is not None:
        _judge_life(history, step, other)
    else:
        _expect_free(step, known, signature.family)
    opinion = judge_document(history, step, signature, other)
    owner = other.owner if other is not None else None
    if signature.full_name == SAVE_WRITER_DOCUMENT and step.succeeded is not False:
        note_saved(owner)
    _keep_made(history, step, signature, other.owner if other is not None else None, other)
    read_object(history, step, signature, other)
    if signature.family == ENUMERATION:
        if known is None:
            history.machine(step.line).enumerated = True
        judge_enumeration(history, step, signature.name, other.enumeration if other is not None else None)
    elif signature.name == "GetFailure":
        history.machine(step.line).failures_read = step.number
    if opinion is None:
        _judge_answer(history, step, signature)
    else:
        history.tell(step, opinion)


def _judge_life(history: History, step: Step, known: OtherObject) -> None:
    if known.released:
        _after_release(history, step, known.released)
        return
    died = known.owner.pointers_died if known.owner and known.family in POINTER_FAMILIES else None
    if died and died[0] > known.made[0]:
        says = f"{step.line.on!r} was got before writers may have changed the document, and is used after"
        history.note(step, Level.WARNING, DEAD_POINTER, says, known.made, died)


def _judge_answer(history: History, step: Step, signature: Signature) -> None:
    """The answer of a call that no state decides."""
    failures = call_failures(signature.full_name)
    if history.tell_call:
        documented = [answer.hresult for answer in documented_answers().get(signature.full_name, ())]
        successes = [name for name in documented if name in HResult.__members__ and HResult[name].succeeded]
        history.tell(step, tuple(dict.fromkeys([*(successes or ["S_OK"]), "S_FALSE", *(c.name for c in failures)])))
    code = step.code
    if judge_arguments(history, step, signature) or code is None or code.succeeded:
        return
    failure = failures.get(code.known) if code.known else None
    if failure:
        says = f"{signature.name} failed with {code.name}"
        mends = remedy(signature.full_name, failure.hresult)
        history.note(step, Level(failure.level), failure.rule, says, at=At(failure.at), also=failure.also, mends=mends)
    else:
        undocumented(history, step, code)


def _at_the_end(history: History, last: int, obj: BackupObject, *, complete: bool) -> None:
    suspected = bool(obj.suspicions)
    history.close(obj)
    if complete and obj.made and not obj.state & RELEASED and not suspected:
        says = f"{obj.handle!r} is released less often than it was taken, or never"
        history.find(Finding(last, Level.INFO, At.REQUESTER, _LEFT, says, (Ground(*obj.made),)))
