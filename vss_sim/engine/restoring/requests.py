"""What somebody wants of a restore: which components, where, by which strategy and by which readings of the pages."""

from collections.abc import Mapping
from enum import Enum
from typing import Any, Final

from msgspec import Struct, field
from msgspec.structs import replace

from vss_sim.engine.restoring.documents import Explicit, FileSet, Key, StoredWriter
from vss_sim.model.names import fold
from vss_sim.model.values import guid
from vss_sim.spec.enums import BackupSchema, BackupType, RollForwardType
from vss_sim.spec.restoring import NO_READINGS, check_readings


class Strategy(Enum):
    """How it is made sure that a component set is restored as a whole or not at all."""

    __hash__ = object.__hash__

    EXCLUSIVE = "exclusive opens"
    COPY_ASIDE = "copy aside"


class RequestError(ValueError):
    """A restore is asked for that no requester may make; the message says why, with the rule.

    It begins with the number of the wish, where it is about one.
    """


class NewTarget(Struct, frozen=True):
    """The files of a file set, named by its triple, go to `destination`."""

    path: str
    filespec: str
    recursive: bool
    destination: str


class Wish(Struct, frozen=True):
    """What is wanted of one component that was added at backup, or of `subcomponents` of it (logical path and name).

    None: nothing is said to the writer.
    """

    writer_id: str
    logical_path: str
    name: str
    subcomponents: tuple[Key, ...] = ()
    new_targets: tuple[NewTarget, ...] = ()
    options: str | None = None
    additional_restores: bool | None = None
    authoritative: bool | None = None
    roll_forward: tuple[RollForwardType, str | None] | None = None
    restore_name: str | None = None

    def is_of(self, explicit: Explicit) -> bool:
        """Whether it is about this component; names compare without case."""
        wanted = guid(self.writer_id), self.logical_path.casefold(), self.name.casefold()
        return wanted == (guid(explicit.writer_id), explicit.logical_path.casefold(), explicit.name.casefold())


ComponentName = tuple[str, str, str]
"""The class of a component's writer, its path and its name, as they are compared."""


def name_of(explicit: Explicit) -> ComponentName:
    """What a component of a backup goes by in another one."""
    return guid(explicit.writer_id), fold(explicit.logical_path), fold(explicit.name)


Calls = tuple[tuple[str, Mapping[str, Any]], ...]


class Request(Struct, frozen=True):
    """A whole restore. No `wishes`: everything that was backed up, by the writers' methods alone.

    `procedures` is what the documentation of a CUSTOM writer says: its class id → file and service calls.
    `missing_writers`: whether files of a writer that does not run are restored all the same.
    `readings` chooses among what the pages dispute (parameter name → reading).
    `more_follow` are the components of which more is restored after this step of a chain (class of the writer, path and
    name, compared without case), and every writer is told; None: this is no such step.
    `backup_type` is that of the backup, `broken` are the components of which an earlier step was not restored.
    """

    wishes: tuple[Wish, ...] = ()
    strategy: Strategy = Strategy.EXCLUSIVE
    procedures: Mapping[str, Calls] = field(default_factory=dict)
    missing_writers: bool = True
    readings: Mapping[str, str] = NO_READINGS
    more_follow: frozenset[ComponentName] | None = None
    backup_type: BackupType = BackupType.FULL
    broken: frozenset[ComponentName] = frozenset()

    def __post_init__(self) -> None:
        check_readings(self.readings)

    def wish_for(self, explicit: Explicit) -> Wish | None:
        """What is wanted of a component; None where it stays as it is."""
        own = Wish(explicit.writer_id, explicit.logical_path, explicit.name)
        wish = next((wish for wish in self.wishes if wish.is_of(explicit)), None) if self.wishes else own
        if wish is None or self.more_follow is None:
            return wish
        return replace(wish, additional_restores=name_of(explicit) in self.more_follow)


EVERYTHING: Final = Request()

_SCHEMA: Final = (
    ("new_targets", BackupSchema.WRITER_SUPPORTS_NEW_TARGET, "nt-schema"),
    ("roll_forward", BackupSchema.ROLLFORWARD_RESTORE, "ex-rollforward-schema"),
    ("restore_name", BackupSchema.RESTORE_RENAME, "ex-rename-schema"),
    ("authoritative", BackupSchema.AUTHORITATIVE_RESTORE, "ex-authoritative-schema"),
)
"""What is asked of a writer only if its schema has the bit, and the rule."""


def see_allowed(wish: Wish, writer: StoredWriter) -> None:
    """Raises RequestError where a wish asks for what the writer does not support or does not have."""
    for name, bit, rule in _SCHEMA:
        if getattr(wish, name) and not writer.schema & bit:
            raise RequestError(f"{wish.name}: the schema of {writer.name!r} lacks VSS_BS_{bit.name} (rule {rule})")
    for key in wish.subcomponents:
        found = writer.component(key)
        if found is None or not found.selectable_for_restore:
            raise RequestError(f"{key[1]!r} is no component selectable for restore (rule sel-r-sub-flag)")
    definer = writer.component((wish.logical_path, wish.name))
    members = [definer, *(one for one in writer.components if definer and definer.is_above(one))]
    triples = {file_set.triple for one in members if one for file_set in one.file_sets}
    for target in wish.new_targets:
        if _triple(target) not in triples:
            raise RequestError(
                f"{wish.name}: no file set has path {target.path!r}, specification {target.filespec!r}, recursion "
                f"{target.recursive} (rule nt-match-file-set)"
            )


def _triple(target: NewTarget) -> tuple[str, str, bool]:
    return FileSet(target.path, target.filespec, target.recursive).triple
