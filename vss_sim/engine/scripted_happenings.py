"""What the script of a machine lets happen after a call: which one, and that the occurrence was counted."""

from vss_sim.engine.desk import Desk
from vss_sim.engine.scripted import heard
from vss_sim.model.scripted_happenings import ScriptedHappening
from vss_sim.model.world import World
from vss_sim.spec.methods import call_names


def has_happenings(world: World) -> bool:
    """Whether anything is scripted to happen in a world."""
    return any(machine.happenings for machine in world.description.machines)


def what_follows(world: World, call: str, machine: int) -> tuple[World, ScriptedHappening | None]:
    """What happens to a machine after this call on it, and the world in which the call was counted."""
    full_name = call_names().get(call, call)
    names = (full_name, full_name.rpartition("::")[2])
    desk = Desk(world, machine)
    counts = desk.state.happenings
    found, after = heard(desk.machine.happenings, counts, lambda script: script.after in names)
    if after == counts:
        return world, found
    desk.change_machine(happenings=after)
    return desk.done(), found
