"""What is owed to metadata and component objects: a structure got is freed, an object got is released."""

from vss_sim.judge.findings import At, Finding, Ground, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import OtherObject
from vss_sim.spec.protocol.documents import (
    COMPONENT_INFO_FREED,
    DOCUMENT_METHODS,
    WRITER_COMPONENTS_RELEASED,
)

_WRITER_COMPONENTS = "IVssWriterComponents"


def given_up(history: History, step: Step, known: OtherObject) -> None:
    """An object is released: the log shows such calls, and what it gave out is to be freed by now."""
    history.documents.releases_recorded = True
    info = known.known.info if known.known is not None else None
    if info is not None:
        says = "the component is released, and its component info was not freed with FreeComponentInfo"
        history.note(step, Level.WARNING, COMPONENT_INFO_FREED, says, info)


def left_unreleased(history: History, last: int) -> None:
    """The log is over: where it shows that such objects are released at all, those that were not are told once."""
    if not history.documents.releases_recorded:
        return
    left: dict[str, tuple[int, str]] = {}
    for handle, known in history.handles.items():
        if isinstance(known, OtherObject) and known.released is None and (rule := _rule(known)):
            left.setdefault(rule, (known.made[0], f"gave out {handle!r}"))
    for rule, mark in left.items():
        says = "an object that was got is never released"
        history.find(Finding(last, Level.INFO, At.REQUESTER, rule, says, (Ground(*mark),)))


def _rule(known: OtherObject) -> str:
    """The rule that has the object released; none where it was only lent to a writer."""
    if known.family == _WRITER_COMPONENTS:
        return WRITER_COMPONENTS_RELEASED if known.owner is not None else ""
    row = DOCUMENT_METHODS.get(known.maker)
    return row.index.rule if row is not None and row.index is not None and known.owner is not None else ""
