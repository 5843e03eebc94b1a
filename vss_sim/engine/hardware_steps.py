"""The steps that hardware providers alone take: target LUNs, the automatic import of a creation, changes of LUNs.

Shadow copies that are not to travel are imported by DoSnapshotSet itself (rule sn-prov-auto-import): LocateLuns makes
their LUNs visible. One that is to travel is visible while writers recover their data in it, and is masked again. Where
no page says what a creation comes to, nothing is simulated (dispute C83).
Page: https://learn.microsoft.com/windows/win32/vss/the-shadow-copy-creation-process
"""

from collections.abc import Sequence
from typing import Final

from vss_sim.engine import bits
from vss_sim.engine.answers import Answer
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.luns import mask, show
from vss_sim.engine.provider_failures import outcome, outcome_of_luns, passed_over, replies_of
from vss_sim.engine.volumes import providers_named
from vss_sim.model.computer import Provider, ProviderReply
from vss_sim.model.objects import BackupObject
from vss_sim.model.world import Snapshot
from vss_sim.spec.creation import (
    GET_TARGET_LUNS,
    LOCATE_LUNS,
    ON_LUN_STATE_CHANGE,
    TO_MASK,
    CreationStep,
)
from vss_sim.spec.systems import is_of_server_2003

_DO: Final = "IVssBackupComponents::DoSnapshotSet"
Outcome = tuple[float, Answer | None]


def take(step: CreationStep, desk: Desk, obj: BackupObject) -> Outcome:
    """What a step comes to: the seconds of the slowest provider, and how DoSnapshotSet fails.

    Raises:
        NotSimulated: the LUN of a copy does not arrive.
    """
    copies = _concerned(step, desk, obj) if desk.luns else []
    if not copies:
        return 0.0, None
    if step.name == ON_LUN_STATE_CHANGE:
        return change(desk, copies, step.change, _DO)
    for copy in copies if step.name == LOCATE_LUNS else ():
        show(desk, desk.luns[copy.lun])
    answered = replies_of(desk, _providers_of(desk, copies), step.name)
    if _misses(desk, copies, answered):
        raise NotSimulated(f"no page says what DoSnapshotSet comes to where {step.name} misses a LUN (dispute C83)")
    return outcome_of_luns(desk, step.name, answered, _DO)


def _misses(desk: Desk, copies: Sequence[Snapshot], answered: Sequence[tuple[Provider, ProviderReply]]) -> bool:
    """Whether a provider passes over the LUN of one of these copies; another volume may be missed in another set."""
    passed = passed_over(desk, answered)
    return any((copy.provider_id, copy.volume.casefold()) in passed for copy in copies)


def change(desk: Desk, copies: Sequence[Snapshot], what: str, call: str) -> Outcome:
    """The providers of shadow copies hear what becomes of the LUNs: how long that takes, and how `call` fails."""
    if is_of_server_2003(desk.system):
        return 0.0, None
    answered: list[tuple[Provider, ProviderReply]] = replies_of(
        desk, _providers_of(desk, copies), ON_LUN_STATE_CHANGE, what
    )
    return outcome(answered, call)


def taken(step: CreationStep, desk: Desk, obj: BackupObject) -> None:
    """The step is over: what was shown for its recovery alone is masked again."""
    for copy in _concerned(step, desk, obj) if step.change == TO_MASK and desk.luns else ():
        mask(desk, desk.luns[copy.lun])


def _concerned(step: CreationStep, desk: Desk, obj: BackupObject) -> list[Snapshot]:
    """The shadow copies of the set that a step is about."""
    made = (desk.snapshots.get(member.snapshot_id) for member in obj.volumes)
    on_luns = [copy for copy in made if copy is not None and copy.lun]
    if step.name == GET_TARGET_LUNS:
        return on_luns
    if step.name != ON_LUN_STATE_CHANGE:
        return [copy for copy in on_luns if not _travels(copy) or _recovers(copy)]
    return [copy for copy in on_luns if _recovers(copy) and (step.change != TO_MASK or _travels(copy))]


def _travels(copy: Snapshot) -> bool:
    return bool(copy.attributes & bits.TRANSPORTABLE)


def _recovers(copy: Snapshot) -> bool:
    """By writers, or as the context enforces it for TxF, for which no copy that travels is surfaced."""
    kinds = bits.AUTORECOVER if _travels(copy) else bits.AUTORECOVER | bits.TXF_RECOVERY
    return bool(copy.attributes & kinds)


def _providers_of(desk: Desk, copies: Sequence[Snapshot]) -> list[Provider]:
    return providers_named(desk, (copy.provider_id for copy in copies))
