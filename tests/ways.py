"""Simulations on known ways, and how much is remembered of those."""

from typing import Final

from vss_sim.model.computer import Description
from vss_sim.requester import known_ways
from vss_sim.requester.known_ways import MEMORY
from vss_sim.requester.simulation import Simulation

CREATE: Final = "CreateVssBackupComponents"
REQUESTER: Final = "IVssBackupComponents::"
FIRST: Final = "bc1"


def second(description: Description | None = None) -> Simulation:
    """A simulation that learns, as the second of a world does."""
    Simulation(description)
    return Simulation(description)


def remembered() -> int:
    """How many calls are remembered."""
    return known_ways.MOST - MEMORY._left


def prepared(there: Simulation) -> str:
    """A backup components object that was initialised."""
    handle = str(there.call(CREATE).out["ppBackup"])
    there.call(f"{REQUESTER}InitializeForBackup", handle, {"bstrXML": None})
    return handle


def is_on_a_way(there: Simulation) -> bool:
    """Whether it finds what others did from here, or teaches it."""
    return there._known is not None and there._known.world is there.world
