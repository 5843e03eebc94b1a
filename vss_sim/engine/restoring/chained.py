"""The restore of a chain of backups, step by step: each is a restore of its own, and all but the last announce more.

A component of which one step was not restored is left out of those that build on it; what a backup has as failed is no
step of its chain.

Page: https://learn.microsoft.com/windows/win32/vss/restoring-incremental-and-differential-backups
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from vss_sim.engine.restoring.chains import request_of_step, steps_to
from vss_sim.engine.restoring.media import Saved
from vss_sim.engine.restoring.program import Caller
from vss_sim.engine.restoring.requests import EVERYTHING, ComponentName, Request
from vss_sim.engine.restoring.restore import restore
from vss_sim.engine.restoring.results import Restored
from vss_sim.model.names import fold
from vss_sim.model.values import guid
from vss_sim.spec.restoring.targets import NOT_SAVED


class RestoredStep(NamedTuple):
    """A backup of a chain, and what became of its restore."""

    backup: Saved
    restored: Restored


def restore_chain(
    caller: Caller, backups: Sequence[Saved], request: Request = EVERYTHING, machine: str | None = None
) -> Iterator[RestoredStep]:
    """Restore the last of the backups of a machine, and before it those that it builds on; the steps as they are done.

    Raises:
        ChainError: a backup that another builds on is missing.
        RequestError: something is wanted that no requester may do.
        VssSaidNo: VSS refused a call that the restore cannot do without.
    """
    steps = steps_to(backups)
    broken: frozenset[ComponentName] = frozenset()
    for number, step in enumerate(steps):
        restored = restore(caller, step, request_of_step(request, steps, number, broken), machine)
        broken |= {
            (guid(one.writer_id), fold(one.logical_path), fold(one.component))
            for one in restored.components
            if not one.restored and one.outcome is not NOT_SAVED
        }
        yield RestoredStep(step, restored)
