"""A writer's object from its making to Unsubscribe: initialised once, then subscribed once.

What a log shows of an object whose making it does not show, may have a past that nobody recorded.
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.contexts import number_of
from vss_sim.judge.documents.document_memory import WriterLife, keep
from vss_sim.judge.findings import At, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.writers.gone_writers import writer_left
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Signature
from vss_sim.spec.table import Force
from vss_sim.spec.writer_arguments import INITIALIZES, SUBSCRIBES
from vss_sim.spec.writer_calls import SAME_FACT
from vss_sim.spec.writer_lives import (
    CONSTRUCT,
    DESTRUCT,
    INITIALIZED_FIRST,
    INITIALIZED_ONE_WAY,
    OF_A_WRITERS_LIFE,
    OUT_OF_ORDER,
    SUBSCRIBED_FIRST,
    SUBSCRIBED_ONCE,
    UNSUBSCRIBE,
)
from vss_sim.trace.values import parse_guid

_IDENTIFIES: Final = ("CVssWriter::OnIdentify", "CVssWriterEx::OnIdentifyEx")
_ALREADY: Final = (HResult.VSS_E_WRITER_ALREADY_SUBSCRIBED,)
_MILLISECONDS: Final = 1000
_OF_A_LIFE: Final = OF_A_WRITERS_LIFE | frozenset(_IDENTIFIES)


def _life(history: History, step: Step) -> WriterLife:
    key = history.scoped(step.line, step.line.on or "")
    known = history.documents.lives.get(key)
    if known is None:
        known = WriterLife(place=(step.line.machine or "", str(step.line.process or "")))
        keep(history.documents.lives, key, known)
    return known


def life_troubles(history: History, step: Step, signature: Signature) -> Iterator[Trouble]:
    """What is wrong with a call at this point of the writer's life."""
    name = signature.full_name
    if name not in _OF_A_LIFE:
        return
    life = _life(history, step)
    if name in INITIALIZES and life.initialized is not None and life.initialized[0] != name:
        words = "the writer was initialised by the other of the two methods"
        yield _unsure(INITIALIZED_ONE_WAY, (OUT_OF_ORDER,), words, life.initialized[1])
    elif name in SUBSCRIBES:
        if life.subscribed is not None:
            because = (Ground(*life.subscribed),)
            yield Trouble(SUBSCRIBED_ONCE[name], _ALREADY, "the writer has subscribed already", because=because)
        elif life.made and life.initialized is None:
            yield _unsure(INITIALIZED_FIRST, (OUT_OF_ORDER,), "the writer is not initialised")
    elif name == UNSUBSCRIBE and life.made and life.subscribed is None:
        yield _unsure(SUBSCRIBED_FIRST, (), "the writer is not subscribed")
    elif name in _IDENTIFIES and life.identify is not None and life.identify[0] != name:
        words = "the writer has the other of the two handlers as well"
        yield _unsure("writer-identify-or-identifyex", (), words, life.identify[1])


def _unsure(rule: str, answers: tuple[HResult, ...], words: str, *because: tuple[int, str]) -> Trouble:
    grounds = tuple(Ground(*mark) for mark in because)
    return Trouble(rule, answers, words, Force.UNSURE, grounds, also=SAME_FACT.get(rule, ()))


def learn_life(history: History, step: Step, signature: Signature) -> None:
    """A call of a writer's life that succeeded, or may have."""
    name = signature.full_name
    if name not in _OF_A_LIFE or step.succeeded is False:
        return
    life = _life(history, step)
    if name == CONSTRUCT:
        life.made = True
    elif name in (UNSUBSCRIBE, DESTRUCT):
        life.subscribed = None
        writer_left(history, step, life.writer)
    elif name in SUBSCRIBES:
        life.subscribed = step.mark("the writer subscribed")
    elif name in _IDENTIFIES:
        life.identify = life.identify or (name, step.mark(f"{signature.name} was called"))
    elif name in INITIALIZES and step.code is not None and step.code.known is HResult.S_FALSE:
        life.made = True  # in safe mode nothing is done, and there is nothing to subscribe
    elif name in INITIALIZES:
        life.initialized = (name, step.mark(f"{signature.name} was called"))
        life.writer = parse_guid(step.arguments.get("WriterId"))
        _learn_identity(history, step)


def _learn_identity(history: History, step: Step) -> None:
    """Who the writer is, and how long it stays frozen at most; a class with several instances names each."""
    machine, writer = step.line.machine or "", parse_guid(step.arguments.get("WriterId"))
    if writer is None:
        return
    limit = number_of(step.arguments["dwTimeoutFreeze"]) if "dwTimeoutFreeze" in step.arguments else None
    if limit is not None:
        mark = step.mark(f"the writer allows {limit} ms from Freeze to Thaw")
        keep(history.documents.windows, (machine, writer), (limit / _MILLISECONDS, mark))
    if "wszWriterInstanceName" not in step.arguments:
        return
    instance = str(step.arguments["wszWriterInstanceName"] or "").casefold()
    handle = history.scoped(step.line, step.line.on or "")
    other = history.documents.named.get((machine, writer, instance))
    if other is not None and other[0] != handle:
        says = "another instance of this class has the same instance name; a restore cannot tell them apart"
        rule = "writer-init-instance-name"
        history.note(step, Level.WARNING, rule, says, other[1], at=At.WRITER, also=SAME_FACT[rule])
    keep(history.documents.named, (machine, writer, instance), (handle, step.mark("initialised another instance")))
