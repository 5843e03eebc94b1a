"""Indices against the counts that the log has shown, and a count against what was added."""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.writer_metadata import seen_of
from vss_sim.spec.indices import COUNT_OF_WRITERS, INDICES, Indexed
from vss_sim.spec.protocol.common import IN_A_BACKUP
from vss_sim.spec.state import BackupState, Document, all_but
from vss_sim.trace.lines import Line

_BY_METHOD: Final = {indexed.method: indexed for indexed in INDICES}
_BY_COUNTER: Final = {indexed.counter: indexed for indexed in INDICES}
_COUNTED: Final = IN_A_BACKUP | Document.NONE | all_but(BackupState.VOLUMES)
"""Where every component of the document came in by AddComponent on this object."""

INDEXED: Final = tuple(_BY_METHOD)
COUNTERS: Final = tuple(_BY_COUNTER)


def index_troubles(indexed: Indexed, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """An index that is not below the count is found nowhere."""
    index = (line.in_ or {}).get(indexed.parameter)
    known = obj.seen.counts.get(indexed.method) if obj.seen is not None else None
    if known is None or isinstance(index, bool) or not isinstance(index, int) or 0 <= index < known[0]:
        return
    words = f"{indexed.parameter} is {index}, and {indexed.counter} answered {known[0]}"
    yield Trouble(indexed.rule, (indexed.answer,), words, because=(Ground(*known[1]),))


def metadata_index(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """The index of a writer's metadata."""
    return index_troubles(_BY_METHOD["GetWriterMetadata"], line, obj)


def components_index(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """The index of a writer's components in the document."""
    return index_troubles(_BY_METHOD["GetWriterComponents"], line, obj)


def _learn(indexed: Indexed, step: Step, obj: BackupObject) -> int | None:
    count = step.results.get(indexed.result)
    if isinstance(count, bool) or not isinstance(count, int):
        return None
    seen_of(obj).counts[indexed.method] = count, step.mark(f"{indexed.counter} answered {count}")
    return count


def learn_metadata_count(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """How many writers there are."""
    _learn(_BY_COUNTER["GetWriterMetadataCount"], step, obj)


def learn_components_count(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Only writers with a component in the document are counted."""
    count = _learn(_BY_COUNTER["GetWriterComponentsCount"], step, obj)
    seen = obj.seen
    if count is None or seen is None or not obj.made or not obj.components_complete or not seen.added_complete:
        return
    if holds(obj.state, _COUNTED) is Certainty.YES and count != len(seen.added):
        says = f"pcComponents is {count}, and components of {len(seen.added)} writers were added"
        history.note(step, Level.ERROR, COUNT_OF_WRITERS, says, at=At.IMPLEMENTATION)


def forget_metadata_count(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Metadata that is gathered again may be of other writers."""
    if obj.seen is not None:
        obj.seen.counts.pop("GetWriterMetadata", None)
