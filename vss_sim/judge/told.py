"""What the calls on a backup components object told beside its state: counts, failed writers, what was saved.

Most objects are told little, so all of them share `NOTHING_TOLD` until there is something to remember; nobody writes
to that one. Whatever grows with the log has a bound, beyond which it is not remembered and so held against nobody.
"""

from typing import Final

MANY: Final = 64
"""So many failed writers, failed copies and awaited events are remembered of one object."""

Mark = tuple[int, str]
"""A line, and what it did."""


class Told:
    """What one object was told; what was not stands in the class."""

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
    writer_document: Mark | None = None
    """Where a writer's metadata document was handed out."""
    writer_document_saved = False
    status_missed: Mark | None = None
    """The first event after which writer status was not gathered before the next."""
    copied_late = False
    """Whether it was said that files are copied after BackupComplete."""
    missing_interfaces: frozenset[str] = frozenset()
    """The versions of the interface that QueryInterface did not find."""

    def __init__(self) -> None:
        self.failed_writers: dict[tuple[str, str], Mark] = {}
        """Class id and instance id of a writer whose status is a failure."""
        self.failed_copies: dict[str, Mark] = {}
        """Path on a shadow copy of a file whose copying failed."""
        self.awaits_abort: dict[str, Mark] = {}
        """Instance id of a writer that was prepared, and is to be told of AbortBackup."""


NOTHING_TOLD: Final = Told()
