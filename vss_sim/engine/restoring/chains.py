"""Chains of backups: what a new one builds on, what a restore takes, and what no requester may do with them.

All that is known of earlier backups is what the requester kept of them (`Saved`), in the order in which they were made.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from vss_sim.engine.restoring.documents import StoredWriter
from vss_sim.engine.restoring.media import Saved
from vss_sim.engine.restoring.requests import ComponentName, Request
from vss_sim.spec.backup_types import BASES, CHAIN_RULES, INCREMENTS, base_of, chain_of
from vss_sim.spec.enums import BackupSchema, BackupType


class ChainError(ValueError):
    """A backup or a restore is asked for that its chain does not allow; the message ends with the rule."""


def base_for(kind: BackupType, earlier: Sequence[Saved]) -> Saved | None:
    """The backup that a new one of this type builds on; None where it builds on none.

    Raises:
        ChainError: there is none that it could build on.
    """
    kinds = [*(one.backup_type for one in earlier), kind]
    place = base_of(kinds, len(earlier))
    if place is None and kind in BASES:
        copies = any(one.backup_type is BackupType.COPY for one in earlier)
        rule = "inc-copy-not-base" if copies else "inc-base-exists"
        had = "only a copy, which is no base" if copies else "none"
        raise ChainError(f"a backup of type {kind.value} builds on a full one, and there is {had} (rule {rule})")
    return None if place is None else earlier[place]


def see_mixed(writer: StoredWriter, kind: BackupType, earlier: Sequence[Saved]) -> None:
    """Raises ChainError where a writer that declares its increments exclusive would get both kinds of them."""
    if kind not in INCREMENTS or not writer.schema & BackupSchema.EXCLUSIVE_INCREMENTAL_DIFFERENTIAL:
        return
    since: list[BackupType] = []
    for one in earlier:
        since = [] if one.backup_type is BackupType.FULL else [*since, one.backup_type]
    other = next((one for one in since if one in INCREMENTS and one is not kind), None)
    if other is not None:
        raise ChainError(
            f"{writer.name!r} takes no backup of type {kind.value} after one of type {other.value} until the next full "
            "one: its schema has VSS_BS_EXCLUSIVE_INCREMENTAL_DIFFERENTIAL (rule inc-exclusive)"
        )


def steps_to(backups: Sequence[Saved], place: int = -1) -> tuple[Saved, ...]:
    """The backups that are restored one after the other, so that what the one at `place` has is there (the last).

    Raises:
        ChainError: one that it builds on is not among them.
    """
    place %= len(backups)
    kinds = [one.backup_type for one in backups]
    chain = chain_of(kinds, place)
    first = kinds[chain[0]]
    if first in BASES:
        raise ChainError(
            f"a backup of type {first.value} is restored after the one that it builds on, which is missing "
            f"(rule {CHAIN_RULES[first]})"
        )
    return tuple(backups[one] for one in chain)


def request_of_step(
    request: Request, steps: Sequence[Saved], number: int, broken: frozenset[ComponentName] = frozenset()
) -> Request:
    """What is wanted of one step: each component of a later step, too, hears of more restores (inc-r-additional).

    Of components in `broken` an earlier step was not restored.
    """
    later = {component for step in steps[number + 1 :] for component in step.components}
    more = frozenset(later) if len(steps) > 1 else None
    return replace(request, more_follow=more, backup_type=steps[number].backup_type, broken=broken)
