"""What the calls on a backup components object told beside its state: counts, failed writers, what was saved.

Most objects are told little, so all of them share `NOTHING_TOLD` until there is something to remember, and what was not
told stands in the class. Whatever grows with the log has a bound, beyond which it is not remembered and so held against
nobody.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeVar

from vss_sim.spec.table import Thing

MANY: Final = 64
"""So many failed writers, failed copies and awaited events are remembered of one object."""

Mark = tuple[int, str]
"""A line, and what it did."""


class Told:
    """What one object was told; its mappings are replaced, never changed."""

    document_saved: Mark | None = None
    """The last SaveAsXML of the Backup Components Document."""
    marked: Mark | None = None
    """The last SetBackupSucceeded."""
    marked_as_failed = False
    """Whether a component was marked as failed."""
    transportable = False
    """Whether the shadow copies may be meant for another machine, for which the document is saved early."""
    writer_document: Mark | None = None
    """Where a writer's metadata document was handed out."""
    writer_document_saved = False
    status_missed: Mark | None = None
    """The first event after which writer status was not gathered before the next."""
    copied_late = False
    """Whether it was said that files are copied after BackupComplete."""
    copied_live = False
    """Whether it was said that a file is copied from the volume itself."""
    qualified: tuple[int, bool] | None = None
    """The line of a path that was normalised, and whether to a fully qualified name."""
    partial: Mark | None = None
    """A writer reported failures of single components."""
    orphans: Mark | None = None
    """An import failed, and may have left LUNs behind."""
    stays: Mark | None = None
    """Where the document it began with was saved, if that is of a set which was not made to be transported."""
    partly: Mark | None = None
    """Where an import was said to have brought some copies of its set alone."""
    brought: int = 0
    """The line that last showed a copy which an import of the object brought."""
    recovered: Mark | None = None
    """A LUN resync came to its end, and no shadow copy was added for another one since."""
    missing_interfaces: frozenset[str] = frozenset()
    """The versions of the interface that QueryInterface did not find."""

    counts: Mapping[Thing, tuple[int, Mark]] = MappingProxyType({})
    """How many there are of what calls name by an index, and the line that told."""
    failed_writers: Mapping[tuple[str, str], Mark] = MappingProxyType({})
    """Class id and instance id of each writer whose status is a failure."""
    failed_components: Mapping[tuple[str, ...], Mark] = MappingProxyType({})
    """Components that were marked as failed."""
    failed_copies: Mapping[str, Mark] = MappingProxyType({})
    """Path on a shadow copy of each file whose copying failed."""


NOTHING_TOLD: Final = Told()

Key = TypeVar("Key")
Value = TypeVar("Value")


def added(known: Mapping[Key, Mark], key: Key, mark: Mark) -> Mapping[Key, Mark]:
    """What is known with one more, unless that is too many."""
    return {**known, key: mark} if len(known) < MANY else known


def without(known: Mapping[Key, Value], key: Key) -> Mapping[Key, Value]:
    """What is known without one of it."""
    return {other: value for other, value in known.items() if other != key}
