"""What is remembered of one shadow copy, of a set, and of a set on its way to another machine."""

from typing import TYPE_CHECKING

from vss_sim.judge.told import Mark

if TYPE_CHECKING:
    from vss_sim.judge.objects import AsyncObject, BackupObject


class Snapshot:
    """A shadow copy or set whose id the log has shown: the object that made it, and whether it is there."""

    gone: Mark | None = None
    gone_by: tuple[str, ...] = ("sn-deleted-gone",)
    """The rules by which it is gone."""
    never: Mark | None = None
    lost: Mark | None = None
    """Since when it may be gone: its set was aborted, its object released, or it went to another machine."""

    def __init__(self, owner: "BackupObject", made: Mark, *, is_set: bool) -> None:
        self.owner = owner
        self.made = made
        self.is_set = is_set


class Transport:
    """A transportable set by a document of it: who made it, who imports it, and what became of that."""

    importer: "BackupObject | None" = None
    importing: "AsyncObject | None" = None
    imported: Mark | None = None
    failed: Mark | None = None
    stays = False
    """Whether the set was not made to be transported."""
    read_late = False
    """Whether it was said that a copy is read after the writers were told of the end."""
    may_be_broken: Mark | None = None
    """Where a break was begun whose end may not be shown."""
    let_go = 0
    """The line at which who imported it was released."""

    def __init__(self, source: "BackupObject", saved: Mark, set_id: str | None, copies: tuple[str, ...]) -> None:
        self.source = source
        self.saved = saved
        self.set_id = set_id
        self.copies = copies

    @property
    def partly(self) -> Mark | None:
        """Where its import was said to have brought a part of the set alone."""
        return self.importer.told.partly if self.importer is not None else None


class ShadowFacts:
    """What the log tells of a shadow copy beside its id: how it was asked for, and what its properties say."""

    attributes: int | None = None
    read: Mark | None = None
    """Where its properties were read."""
    set_id: str | None = None
    provider: str | None = None
    volume: str | None = None
    exposed: Mark | None = None
    hidden: Mark | None = None
    """Where it was exposed no more, by a call."""
    created: int | None = None
    """When it came to be, in 100 ns since 1601."""
    transport: Transport | None = None
    """By which it was imported."""
    writable = False
    broken: Mark | None = None
    """Where its set was broken; it is writable where it was made so."""
    may_be_broken: Mark | None = None
    """Where a break was begun, of its set or of one that the log does not tell, whose end may not be shown."""
    persistent = False
    """Whether it is known to be persistent by the context it was made in."""
    deleted: Mark | None = None
    """Where it was deleted, by itself or with its set."""
    read_gone = False
    """Whether it was said that a file of it is read after that."""
