"""The words of the table: needs, forces and states, as people say them."""

from vss_sim.spec.state import MACHINE_MASK, machines_in, values_in
from vss_sim.spec.table import Force, Need, Profile


def state_words(mask: int) -> str:
    """What `mask` says of each machine that it names; the negative where that is shorter."""
    said = []
    for machine in machines_in(mask):
        inside = values_in(mask & MACHINE_MASK[machine])
        outside = values_in(MACHINE_MASK[machine] & ~mask)
        if outside and len(outside) < len(inside):
            said.append("not: " + ", nor: ".join(value.meaning for value in outside))
        else:
            said.append(" or ".join(value.meaning for value in inside))
    return " and ".join(said)


def needs_in_words(need: Need) -> str:
    """What a need asks for; alternatives are joined by `or else`."""
    return "; or else ".join(state_words(mask) for mask in need.met if mask) or "never"


def force_words(need: Need, profile: Profile) -> str:
    """What happens when the need is not met."""
    codes = " or ".join(code.name for code in need.answers) or "no answer is defined"
    return {
        Force.REFUSED: codes,
        Force.UNSURE: f"forbidden; whether Windows refuses it ({codes}) is not known",
        Force.TOLERATED: "forbidden by the documentation; Windows lets it pass",
        Force.NOTED: "not as documented; Windows lets it pass, and programs do it every night",
        Force.ALLOWED: "allowed",
    }[need.force(profile)]
