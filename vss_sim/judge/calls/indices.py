"""Indices of writers against the counts that the log has shown, and the counts against each other and what was added.

A count holds until what it counted may be another: until the writers are gathered again, or a component is added.
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.ruling import Certainty, holds
from vss_sim.judge.findings import At, Finding, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.told import without
from vss_sim.judge.words import legal_index
from vss_sim.spec.methods import call_names
from vss_sim.spec.protocol.common import IN_A_BACKUP
from vss_sim.spec.state import BackupState, Document, all_but
from vss_sim.spec.table import Reference, Thing
from vss_sim.trace.lines import Line

_METADATA: Final = "metadata-count-equals-status-count"
_STATUS: Final = "status-count-equals-metadata-count"
_COMPONENTS: Final = "get-writer-components-count-meaning"
_ALL_ADDED: Final = IN_A_BACKUP | Document.NONE | all_but(BackupState.VOLUMES)
"""Where every component of the document came in by AddComponent on this object."""


def index_troubles(reference: Reference, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """An index that the count, as far as it was asked for, does not reach."""
    index, counted = (line.in_ or {}).get(reference.parameters[0]), obj.told.counts.get(reference.thing)
    if type(index) is not int or not (index < 0 or (counted is not None and index >= counted[0])):
        return
    words = f"{reference.parameters[0]} is {index}" + (f" of {counted[0]} writers" if counted else "")
    because = (Ground(*counted[1]),) if counted else ()
    legal = legal_index(call_names()[line.call or ""], reference.parameters[0], counted[0]) if counted else ()
    yield Trouble(reference.rule, (reference.answer,), words, because=because, instead=legal, also=reference.also)


def count_metadata(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """How many writers have metadata."""
    if _count(step, obj, Thing.WRITER_METADATA, "pcWriters", certain=certain) is not None:
        _compare(history, step, obj, _METADATA, _STATUS)


def count_status(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """How many writers have a status."""
    if _count(step, obj, Thing.WRITER_STATUS, "pcWriters", certain=certain) is not None:
        _compare(history, step, obj, _STATUS, _METADATA)


def count_components(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Only writers with a component in the document are counted."""
    count = _count(step, obj, Thing.WRITER_COMPONENTS, "pcComponents", certain=certain)
    if count is None or not obj.made or not obj.components_complete:
        return
    writers = {(key[0], key[3]) for key in obj.components}
    known = all(instance for _, instance in writers)
    if known and holds(obj.state, _ALL_ADDED) is Certainty.YES and count != len(writers):
        says = f"pcComponents is {count}, and components of {len(writers)} writers were added"
        history.note(step, Level.ERROR, _COMPONENTS, says, at=At.IMPLEMENTATION, also=("doc-bcd-writer-count",))


def forget_metadata(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """GatherWriterMetadata may find other writers than before."""
    _forget(obj, Thing.WRITER_METADATA)


def forget_status(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """GatherWriterStatus may find other writers than before."""
    _forget(obj, Thing.WRITER_STATUS)


def forget_components(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """AddComponent may bring in another writer."""
    _forget(obj, Thing.WRITER_COMPONENTS)


def _forget(obj: BackupObject, thing: Thing) -> None:
    if thing in obj.told.counts:
        obj.telling().counts = without(obj.told.counts, thing)


def _count(step: Step, obj: BackupObject, thing: Thing, parameter: str, *, certain: bool) -> int | None:
    count = step.results.get(parameter)
    if not certain or type(count) is not int:
        _forget(obj, thing)
        return None
    obj.telling().counts = {**obj.told.counts, thing: (count, step.mark(f"there are {count}"))}
    return count


def _compare(history: History, step: Step, obj: BackupObject, rule: str, other: str) -> None:
    """Metadata and status count the same writers."""
    metadata, status = obj.told.counts.get(Thing.WRITER_METADATA), obj.told.counts.get(Thing.WRITER_STATUS)
    if metadata is not None and status is not None and metadata[0] != status[0]:
        says = f"{metadata[0]} writers have metadata, but {status[0]} have a status"
        history.find(Finding(step.number, Level.INFO, At.IMPLEMENTATION, rule, says, also=(other,)))
