"""What the calls on a backup components object told beside its state: counts, failed writers, what was saved.

Most objects are told little, so all of them share `NOTHING_TOLD` until there is something to remember, and what was not
told stands in the class. Whatever grows with the log has a bound, beyond which it is not remembered and so held against
nobody.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, TypeVar

MANY: Final = 64
"""So many failed writers, failed copies and awaited events are remembered of one object."""

Mark = tuple[int, str]
"""A line, and what it did."""


class Told:
    """What one object was told; its mappings are replaced, never changed."""

    metadata_count: int | None = None
    """How many writers GetWriterMetadataCount gave, since the last GatherWriterMetadata."""
    status_count: int | None = None
    """How many writers GetWriterStatusCount gave, since the last GatherWriterStatus."""
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
    missing_interfaces: frozenset[str] = frozenset()
    """The versions of the interface that QueryInterface did not find."""

    failed_writers: Mapping[tuple[str, str], Mark] = MappingProxyType({})
    """Class id and instance id of each writer whose status is a failure."""
    failed_copies: Mapping[str, Mark] = MappingProxyType({})
    """Path on a shadow copy of each file whose copying failed."""


NOTHING_TOLD: Final = Told()

Key = TypeVar("Key")


def added(known: Mapping[Key, Mark], key: Key, mark: Mark) -> Mapping[Key, Mark]:
    """What is known with one more, unless that is too many."""
    return {**known, key: mark} if len(known) < MANY else known


def without(known: Mapping[Key, Mark], key: Key) -> Mapping[Key, Mark]:
    """What is known without one of it."""
    return {other: mark for other, mark in known.items() if other != key}
