"""`IUnknown`: references that are taken and given up, on every kind of object."""

from typing import Final

from vss_sim.engine.contexts import is_auto_release
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.calls.interfaces import note_missing
from vss_sim.judge.calls.table_calls import judge_call
from vss_sim.judge.documents.document_duties import given_up
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import OPEN_WORLD, History, Step
from vss_sim.judge.named_things import may_be_gone
from vss_sim.judge.objects import AsyncObject, BackupObject, Known, OtherObject
from vss_sim.judge.writers.writer_handlers import OWNED_BY_THE_BASE, go_on, learn_of_interface
from vss_sim.spec.protocol.common import RELEASED
from vss_sim.spec.state import Phase

AFTER_RELEASE: Final = "com-call-after-release"
GIVEN_UP: Final = "Release gave it up"
_ANSWERS: Final = {"QueryInterface": ("S_OK", "E_NOINTERFACE", "E_POINTER")}
"""Answers by method. AddRef and Release answer with a count, of which any may be."""


def judge_reference(history: History, step: Step, name: str) -> None:
    """Judge `QueryInterface`, `AddRef` or `Release` on whatever `on` is."""
    if name not in _ANSWERS:
        step = Step(step.number, step.line, None)
    known = history.lookup(step.line)
    if isinstance(known, BackupObject):
        _on_backup_object(history, step, name, known)
        return
    _tell(history, step, name)
    if known is None:
        return
    if isinstance(known, OtherObject) and known.owner is None:
        go_on(history, step.number)
        if name == "Release" and (rule := OWNED_BY_THE_BASE.get(known.maker)) is not None:
            says = f"{step.line.on!r} belongs to the base class of the writer, which gives it up itself"
            history.note(step, Level.WARNING, rule, says, known.made, at=At.WRITER)
    if known.released:
        says = f"{step.line.call} is called on {step.line.on!r}, which was released"
        history.note(step, Level.ERROR, AFTER_RELEASE, says, known.released)
        return
    if _count(step, name, known) and isinstance(known, OtherObject):
        given_up(history, step, known)
    elif name == "QueryInterface" and isinstance(known, OtherObject):
        learn_of_interface(history, step, known)
    elif name == "QueryInterface" and isinstance(known, AsyncObject) and step.succeeded is not False:
        known.waited |= step.made("ppvObject", "ppv") != step.line.on  # by whoever has the other handle


def _count(step: Step, name: str, known: AsyncObject | OtherObject) -> bool:
    """A reference more or less; whether that was the last.

    QueryInterface may give out another handle, which has a count of its own.
    """
    if name == "Release":
        known.references = _references_left(step, known)
        if known.references <= 0:
            known.released = step.mark(GIVEN_UP)
            known.acts = None
    elif name == "AddRef" or (step.succeeded and step.made("ppvObject", "ppv") == step.line.on):
        known.references += 1
    return known.released is not None


def _references_left(step: Step, known: Known) -> int:
    """The references that are left after Release: what it answered, where that was recorded, or one less."""
    return step.line.returns if isinstance(step.line.returns, int) else known.references - 1


def _tell(history: History, step: Step, name: str) -> None:
    history.tell(step, _ANSWERS.get(name, ()))


def _on_backup_object(history: History, step: Step, name: str, obj: BackupObject) -> None:
    if name == "Release":
        _release(history, step, obj)
        return
    judge_call(history, step, name, obj)
    if name == "AddRef":
        obj.references += 1
    elif step.succeeded is False:
        note_missing(step, obj)
    else:
        _query_interface(history, step, obj)


def _release(history: History, step: Step, obj: BackupObject) -> None:
    """One reference less. What was asked for by QueryInterface, and not recorded, may be given up here as well."""
    released = holds(obj.state, RELEASED) is Certainty.YES
    if obj.spare_references and (released or obj.suspicions):
        obj.spare_references -= 1
        obj.suspicions = ()
        if released:
            _tell(history, step, "Release")
            return
    obj.references = _references_left(step, obj)
    if obj.references <= 0 and obj.spare_references and holds(obj.state, Phase.NEW.bit) is Certainty.YES:
        obj.spare_references -= 1
        obj.references = 1
    if obj.references > 0:
        _tell(history, step, "Release")
        return
    judge_call(history, step, "Release", obj)


def _query_interface(history: History, step: Step, obj: BackupObject) -> None:
    """The new reference is counted on its own handle; where that was not recorded, it is somewhere."""
    handle = step.made("ppvObject", "ppv")
    if handle is None:
        obj.spare_references += 1
        return
    obj.references += 1
    if handle != step.line.on:
        history.keep(step.line, handle, obj)


def judge_former(history: History, step: Step, handle: str) -> None:
    """A handle is given to a new object: the one that it named has gone, or can be told from the new one no more.

    Who keeps smart pointers often records no Release; that is said once, and held against nobody.
    """
    former = history.handles.get(history.scoped(step.line, handle))
    if not isinstance(former, BackupObject) or holds(former.state, RELEASED) is Certainty.YES:
        return
    if not history.given_anew:
        history.given_anew = True
        says = f"{handle!r} is a new object, and no line shows the release of the one that had this handle before"
        history.note(step, Level.INFO, OPEN_WORLD, says, *([former.made] if former.made else []))
    former.forget()
    if former.context is None or is_auto_release(former.context):
        may_be_gone(history.machine(step.line), former, step.mark("the handle of its object was given to another"))
