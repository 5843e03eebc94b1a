"""Calls of the writer's side: on the writer's own class, on the metadata that it builds, on an express writer.

The law stands in `vss_sim.spec.writer_calls` (the handlers in which a call may be made), in `writer_arguments` (what it
may be given) and, for what is added to metadata, in the engine that builds them. A call that the log shows outside of
every handler may belong to one that was not recorded: then its time is not judged.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from vss_sim.engine.arguments import fault_in, truth_of
from vss_sim.judge.documents.document_calls import judge_forbidden, judge_refused
from vss_sim.judge.documents.document_memory import Handler
from vss_sim.judge.findings import At, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.writers.express_writers import express_troubles, is_express_call, learn_express
from vss_sim.judge.writers.writer_drafts import draft_troubles
from vss_sim.judge.writers.writer_lives import learn_life, life_troubles
from vss_sim.judge.writers.writer_memory import WriterMemory
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Signature
from vss_sim.spec.systems import Generation
from vss_sim.spec.table import Force
from vss_sim.spec.writer_arguments import DEVICE_NAME, PATH_AFFECTED, SHARES_SINCE_WINDOWS_8, WRITER_ARGUMENTS
from vss_sim.spec.writer_calls import RESERVED, SAME_FACT, HandlerCallRow, handler_calls
from vss_sim.trace.values import parse_code

_FAILURES: Final = {"SetWriterFailure": "hr", "SetWriterFailureEx": "hrWriter"}
_OF_THE_THREAD: Final = {
    "SetWriterFailure": "wr-veto-thread",
    "SetWriterFailureEx": "wr-veto-thread",
    "GetSessionId": "writer-session-id-same-thread",
}
"""Call that a handler makes on its own thread only → the rule."""
_LATE_VETO: Final = frozenset({"Thaw", "PostSnapshot", "BackupComplete", "BackupShutdown"})
_INCONSISTENT: Final = "VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT"
_ARRAY: Final = "CVssWriter::GetCurrentVolumeArray"


def judge_writer_call(history: History, step: Step, signature: Signature) -> bool:
    """Judge a call of the writer's side; whether its answer was judged with it."""
    handler = history.documents.handler_at(step.number)
    if handler is not None:
        handler.last = step.number
    for trouble in _troubles(history, step, signature, handler):
        if trouble.force is Force.REFUSED:
            judge_refused(history, step, signature, trouble, At.WRITER)
            return True
        judge_forbidden(history, step, signature, trouble, At.WRITER)
        if step.succeeded is False:
            return True
        break
    learn_life(history, step, signature)
    learn_express(history, step, signature)
    if handler is not None and step.succeeded is not False:
        _learn(history, step, signature, handler)
    return False


def is_judged(signature: Signature) -> bool:
    """Whether something is known of a call of the writer's side."""
    name = signature.full_name
    return name in handler_calls() or name in RESERVED or is_express_call(signature) or name in _ARGUMENTS


_ARGUMENTS: Final = frozenset(name for rule in WRITER_ARGUMENTS for name in rule.methods)


def _trouble(rule: str, answers: tuple[HResult, ...], words: str, force: Force, *grounds: Ground) -> Trouble:
    return Trouble(rule, answers, words, force, grounds, also=SAME_FACT.get(rule, ()))


def _troubles(history: History, step: Step, signature: Signature, handler: Handler | None) -> Iterator[Trouble]:
    """What is wrong with the call: the method, the arguments, the time, the thread, what it adds or names."""
    name = signature.full_name
    if name in RESERVED:
        yield _trouble(RESERVED[name], (HResult.E_NOTIMPL,), "it is reserved, and not supported", Force.UNSURE)
    yield from _argument_troubles(history, step, name)
    row = handler_calls().get(name)
    if row is not None:
        yield from _time_troubles(row, handler)
    if handler is not None:
        yield from _thread_troubles(step, signature, handler)
        yield from _set_troubles(history, step, name, handler)
        yield from draft_troubles(history, step, signature, handler)
    yield from life_troubles(history, step, signature)
    yield from express_troubles(history, step, signature)


def _argument_troubles(history: History, step: Step, name: str) -> Iterator[Trouble]:
    arguments = _readable(step.arguments)
    for rule in WRITER_ARGUMENTS if arguments and name in _ARGUMENTS else ():
        fault = fault_in(rule, arguments) if name in rule.methods else None
        if fault is not None:
            shown = "NULL" if arguments[rule.parameter] is None else f"{arguments[rule.parameter]!r}"[:80]
            yield _trouble(fault, rule.answers, f"{rule.parameter} is {shown}", rule.otherwise)
    parameter, share_rule = SHARES_SINCE_WINDOWS_8.get(name, ("", ""))
    path, system = arguments.get(parameter), history.world.system(step.line.machine)
    old = system is not None and system.generation < Generation.WINDOWS_8
    if old and isinstance(path, str) and path.startswith("\\\\") and path[2:3] not in ("?", "."):
        yield _trouble(share_rule, (), f"{path!r} is on a share", Force.UNSURE)


def _readable(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments, with failure codes by their names."""
    found = dict(arguments)
    for parameter in _FAILURES.values():
        value = found.get(parameter)
        if isinstance(value, (str, int)):
            try:
                found[parameter] = parse_code(value).name
            except ValueError:
                continue
    return found


def _time_troubles(row: HandlerCallRow, handler: Handler | None) -> Iterator[Trouble]:
    if row.reserved:
        yield _trouble(row.rule, (row.refusal,), "it is reserved, and not supported", Force.UNSURE)
    elif handler is not None and handler.event not in row.handlers & row.meant:
        words = f"it is called while the writer handles {handler.event}"
        answers = () if handler.event in row.handlers else (row.refusal,)
        yield _trouble(row.rule, answers, words, row.otherwise, Ground(*handler.mark))


def _thread_troubles(step: Step, signature: Signature, handler: Handler) -> Iterator[Trouble]:
    rule, thread = _OF_THE_THREAD.get(signature.name), step.line.thread
    if rule is not None and None not in (thread, handler.thread) and thread != handler.thread:
        words = f"the handler runs on thread {handler.thread}, and this is thread {thread}"
        found = _trouble(rule, (), words, Force.UNSURE, Ground(*handler.mark))
        extra = () if "writer-handlers-same-thread" in found.also else ("writer-handlers-same-thread",)
        yield Trouble(rule, (), words, Force.UNSURE, found.because, also=(*found.also, *extra))


def _set_troubles(history: History, step: Step, name: str, handler: Handler) -> Iterator[Trouble]:
    """What a call asks of the shadow copy set that is made."""
    volume = step.arguments.get("wszOriginalVolume")
    memory = history.machine(step.line).writers
    if name == DEVICE_NAME and isinstance(volume, str) and memory is not None:
        volumes = _volumes(memory, handler.instance)
        if volumes and volume.casefold() not in volumes:
            words = f"{volume!r} is not in the shadow copy set"
            answers = (HResult.VSS_E_OBJECT_NOT_FOUND,)
            grounds = (Ground(line, "added a volume") for line in volumes.values())
            yield _trouble("get-device-name-in-set", answers, words, Force.REFUSED, *grounds)


def _volumes(memory: WriterMemory, instance: str | None) -> dict[str, int]:
    """The volumes of the one set that the instance takes part in, by the names that the requester gave them."""
    found = [session.obj for session in memory.unsettled(instance or "")]
    return found[0].volumes if len(found) == 1 and all(name[1:] == ":\\" for name in found[0].volumes) else {}


def _learn(history: History, step: Step, signature: Signature, handler: Handler) -> None:
    """What a call of a handler leaves behind for its end, and for the handlers after it."""
    name, mark = signature.full_name, step.mark(f"called {signature.name}")
    handler.made[signature.name] = mark
    if "value" in step.results:
        handler.told_values[signature.name] = step.results["value"]
    parameter = _FAILURES.get(signature.name)
    if parameter is not None:
        _learn_veto(history, step, handler, str(_readable(step.arguments).get(parameter)))
    elif name == PATH_AFFECTED and truth_of(step.results.get("value")) is False:
        _learn_unaffected(history, step, handler)
    elif name == _ARRAY and isinstance(step.results.get("value"), str):
        history.documents.arrays[step.results["value"]] = mark


def _learn_veto(history: History, step: Step, handler: Handler, code: str) -> None:
    handler.veto = (code, step.mark(f"the writer set {code}"))
    if step.is_call_of("SetWriterFailureEx"):
        handler.told = True
    if code == _INCONSISTENT and handler.event in _LATE_VETO:
        says = f"the writer finds its data inconsistent at {handler.event}; Freeze was the last time to veto"
        history.note(step, Level.WARNING, "wr-freeze-last-veto", says, handler.mark, at=At.WRITER)


def _learn_unaffected(history: History, step: Step, handler: Handler) -> None:
    """A path of the writer's own is not on the volumes of the set."""
    path = step.arguments.get("wszPath")
    declared = history.documents.declared.get((handler.machine, handler.writer or ""))
    if declared is None or not isinstance(path, str):
        return
    own = {
        files.path.casefold().rstrip("\\")
        for component in declared.metadata.components
        for files in (*component.files, *component.database_files, *component.database_log_files)
    }
    if path.casefold().rstrip("\\") in own:
        handler.not_affected = step.mark(f"heard that {path} is not affected")


def array_freed(history: History, step: Step) -> None:
    """Memory is freed that belongs to the base class of a writer."""
    pointer = step.arguments.get("pv")
    mark = history.documents.arrays.get(pointer) if isinstance(pointer, str) else None
    if mark is not None:
        says = "the array of volumes belongs to the base class, and is not freed"
        history.note(step, Level.WARNING, "writer-volume-array-no-free", says, mark, at=At.WRITER)
