"""What a program that is done left behind in a simulated computer, in sentences: objects, sets, shadow copies, LUNs."""

from collections.abc import Iterator

from vss_sim.engine import bits
from vss_sim.model.computer import Description
from vss_sim.model.objects import BackupObject
from vss_sim.model.values import guid
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.protocol.common import SET_OPEN


def leftovers(simulation: Simulation) -> list[str]:
    """Each thing in one sentence, with what gives it up; nothing where the computer is as tidy as it was."""
    return [*_objects(simulation), *_copies(simulation), *_luns(simulation)]


def _objects(simulation: Simulation) -> Iterator[str]:
    objects = simulation.world.objects
    for one in simulation.unreleased():
        where = f" on {one.machine}" if len(simulation.world.machines) > 1 else ""
        counted = "1 reference" if one.references == 1 else f"{one.references} references"
        made = f", handed out by {one.made_by}" if one.made_by else ""
        yield f"{one.interface} {one.handle}{where} was never released ({counted}{made})"
        known = objects[one.handle]
        if isinstance(known, BackupObject) and known.state & SET_OPEN:
            yield f"{one.handle} began a shadow copy set and neither created nor aborted it"


def _copies(simulation: Simulation) -> Iterator[str]:
    world = simulation.world
    before = _described(world.description)
    for copy in world.snapshots.values():
        stays = copy.attributes & (bits.PERSISTENT | bits.NO_AUTO_RELEASE)
        if stays and copy.snapshot_id not in before:
            where = f"{world.description.machines[copy.machine].name}: " if len(world.machines) > 1 else ""
            yield f"{where}the shadow copy {copy.snapshot_id} of {copy.volume} stays until DeleteSnapshots"


def _described(description: Description) -> set[str]:
    return {guid(copy.snapshot_id) for machine in description.machines for copy in machine.snapshots}


def _luns(simulation: Simulation) -> Iterator[str]:
    for lun in simulation.luns():
        for machine in lun.left_behind:
            yield f"the LUN {lun.lun!r} is seen by {machine}, where no shadow copy tells of it: clean it up"
