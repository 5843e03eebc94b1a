"""The end of a writer's handler: what it owes by then, and what its end says of it.

The event line tells how the handler ended; what the writer called in it stands in the lines after it. Where a handler
shows no call of the writer, its calls were not recorded, and nothing is missed.
"""

from collections.abc import Iterator
from typing import Final, NamedTuple

from vss_sim.engine.arguments import truth_of
from vss_sim.judge.documents.document_memory import Handler
from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History
from vss_sim.judge.writers.writer_drafts import judge_draft
from vss_sim.spec.enums import BackupSchema
from vss_sim.spec.writer_calls import SAME_FACT

_SETS_FAILURE: Final = ("SetWriterFailure", "SetWriterFailureEx")
_PARTIAL: Final = "VSS_E_WRITERERROR_PARTIAL_FAILURE"
_NONRETRYABLE: Final = "VSS_E_WRITERERROR_NONRETRYABLE"
_STAMPS: Final = "SetBackupStamp"


class Duty(NamedTuple):
    """What a handler left undone, or did in the end: the rule, in words, the lines it follows from."""

    rule: str
    says: str
    because: tuple[tuple[int, str], ...] = ()
    at_event: bool = False
    """Whether the event line says it, and not the last call."""


def judge_duties(history: History, handler: Handler) -> None:
    """The handler is over."""
    judge_draft(history, handler)
    _remember_stamps(history, handler)
    for duty in (*_ends(handler), *_owes(handler), *_owes_its_data(history, handler)):
        line = handler.mark[0] if duty.at_event else handler.last
        grounds = tuple(Ground(*mark) for mark in duty.because)
        also = SAME_FACT.get(duty.rule, ())
        history.find(Finding(line, Level.WARNING, At.WRITER, duty.rule, duty.says, grounds, also=also))


def _ends(handler: Handler) -> Iterator[Duty]:
    """How the handler came to its end."""
    if isinstance(handler.answer, dict) and "throws" in handler.answer:
        says = f"an exception left the handler of {handler.event}: {str(handler.answer['throws'])[:80]!r}"
        yield Duty("wr-no-exception", says, at_event=True)
    told = any(name in handler.made for name in _SETS_FAILURE)
    if handler.answer is False and handler.made and not told and handler.event != "Identify":
        says = f"the handler of {handler.event} returns false, and the writer set no failure in it"
        yield Duty("writer-handlers-fail-protocol", says, (handler.mark,))


def _owes(handler: Handler) -> Iterator[Duty]:
    """What the writer's own calls in the handler ask for."""
    veto = handler.veto
    if veto is not None and veto[0] == _PARTIAL and "SetFailure" not in handler.made:
        says = "the writer reports a partial failure, and SetFailure was called for no component"
        yield Duty("set-writer-failure-ex-partial", says, (veto[1],))
    if truth_of(handler.told_values.get("IsWriterShuttingDown")) and (veto is None or veto[0] != _NONRETRYABLE):
        says = f"the writer hears that it shuts down, and does not set {_NONRETRYABLE}"
        yield Duty("writer-shutting-down-nonretryable", says, (handler.made["IsWriterShuttingDown"],))
    decides = handler.event in ("PrepareForSnapshot", "Freeze") and handler.answer is True
    if decides and veto is None and handler.not_affected is not None:
        says = "the set lacks a volume with files of the writer, and it does not veto"
        yield Duty("wr-volumes-check", says, (handler.not_affected,))


def _owes_its_data(history: History, handler: Handler) -> Iterator[Duty]:
    """What its own metadata ask of a writer in PostSnapshot."""
    declared = history.documents.declared.get((handler.machine, handler.writer or ""))
    if declared is None or handler.event != "PostSnapshot" or not handler.made or handler.failed:
        return
    if declared.metadata.exclude_from_snapshot_files and not handler.files_deleted:
        says = "the writer declared files that are not to be in the shadow copy, and deletes none from it"
        yield Duty("wr-exclude-from-snapshot", says, (declared.mark,))
    stamps = declared.metadata.schema & BackupSchema.TIMESTAMPED
    if stamps and "GetComponent" in handler.made and handler.instance not in history.documents.stamped:
        says = "the schema of the writer has time stamps, and no new stamp is stored by the end of PostSnapshot"
        yield Duty("inc-stamp-set-by-writer", says, (declared.mark,))


def _remember_stamps(history: History, handler: Handler) -> None:
    stamped = history.documents.stamped
    if handler.event == "PrepareForBackup":
        stamped.pop(handler.instance or "", None)
    if _STAMPS in handler.made and handler.instance is not None:
        stamped[handler.instance] = handler.made[_STAMPS]
