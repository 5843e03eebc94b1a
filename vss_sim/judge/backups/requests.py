"""Every request for a backup or a restore that a log shows, and what comes of it; a world in the header helps."""

from collections.abc import Iterable, Iterator

from vss_sim.engine.desk import Desk
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.engine.selection.protection import Protection, offered
from vss_sim.engine.selection.recovery import Recovery
from vss_sim.judge.backups.protection import protection_of
from vss_sim.judge.checker import Checker
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.restoring.recovery import Texts, recovery_of
from vss_sim.model.computer import Description
from vss_sim.model.world import new_world
from vss_sim.spec.protocol.common import IN_A_RESTORE, WRITERS_ASKED
from vss_sim.trace.lines import Line


def requests_in(
    lines: Iterable[tuple[int, Line]], world: Description | None = None
) -> Iterator[tuple[str, Protection | Recovery]]:
    """Handle of each object by which a backup or a restore was asked for, and the report on it, in order of the log.

    Raises:
        TraceError: a line of the log cannot be.
    """
    checker = Checker(lambda finding: None, short_cut=False)
    found: dict[int, BackupObject] = {}
    texts = Texts()
    for number, line in lines:
        checker.feed(number, line)
        obj = checker.object_of(line) if line.call is not None else None
        texts.read(line, obj)
        if obj is not None:
            found.setdefault(id(obj), obj)
    for obj in found.values():
        if _asks_for_a_backup(obj):
            machine = _machine(world, obj)
            offers = tuple(map(offered, machine.machine.writers)) if machine is not None else ()
            yield obj.handle, protection_of(obj, offers, machine)
        elif obj.restoring is not None and (obj.restoring.selected or obj.restoring.subcomponents):
            machine = _machine(world, obj)
            offers = tuple(map(offered, machine.machine.writers)) if machine is not None else ()
            yield obj.handle, recovery_of(obj, texts, checker.view_of(obj.machine), offers)


def _asks_for_a_backup(obj: BackupObject) -> bool:
    """Whether anything was asked for: components, or volumes that writers prepared for."""
    if obj.restoring is not None or holds(obj.state, IN_A_RESTORE) is Certainty.YES:
        return False
    return bool(obj.components) or (bool(obj.volumes) and holds(obj.state, WRITERS_ASKED) is Certainty.YES)


def _machine(world: Description | None, obj: BackupObject) -> Desk | None:
    """The machine as it is described, where an object lives."""
    if world is None:
        return None
    names = [machine.name for machine in world.machines]
    index = names.index(obj.machine) if obj.machine in names else 0
    return Desk(new_world(world), index)
