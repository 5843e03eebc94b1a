"""Answers that the world's description scripts: faults from the environment that no call brings about by itself."""

from typing import NamedTuple

from vss_sim.engine.desk import Desk
from vss_sim.model.computer import ScriptedAnswer
from vss_sim.spec.hresult import HResult
from vss_sim.spec.systems import Generation


class Script(NamedTuple):
    """The scripted answer that a call meets, if any, and how often each of the machine's was given then."""

    answer: ScriptedAnswer | None
    counts: tuple[int, ...]


def scripted(desk: Desk, method: str) -> Script:
    """What the script says to this call of `method`; of several scripted answers the first that applies."""
    counts = list(desk.state.answers)
    found = None
    for place, answer in enumerate(desk.machine.answers):
        if answer.to != method:
            continue
        counts[place] += 1
        passed = counts[place] - 1 - answer.skip
        applies = passed >= 0 and (answer.times is None or passed < answer.times)
        if applies and found is None:
            found = answer
    return Script(found, tuple(counts))


def as_of(code: HResult, generation: Generation) -> HResult:
    """The code as a system of this generation says it: VSS_E_UNEXPECTED came with Windows 7 and Server 2008 R2."""
    if code is HResult.VSS_E_UNEXPECTED and generation < Generation.WINDOWS_7:
        return HResult.E_UNEXPECTED
    return code
