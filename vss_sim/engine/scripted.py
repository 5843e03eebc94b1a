"""What the description of the world scripts: faults from the environment that no call brings about by itself.

All scripts - of calls, of writers, of providers - are heard in one way: see `vss_sim.model.scripts`.
"""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple, TypeVar

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.desk import Desk
from vss_sim.model.computer import ScriptedAnswer
from vss_sim.model.objects import BackupObject
from vss_sim.model.scripts import Timed
from vss_sim.spec.hresult import HResult
from vss_sim.spec.systems import Generation


class Script(NamedTuple):
    """The scripted answer that a call meets, if any, and how often each of the machine's was given then."""

    answer: ScriptedAnswer | None
    counts: tuple[int, ...]


_Script = TypeVar("_Script", bound=Timed)
_FREEZE_TIMEOUT: Final = HResult.VSS_E_TRANSACTION_FREEZE_TIMEOUT.name


def heard(
    scripts: Sequence[_Script], counts: Sequence[int], fits: Callable[[_Script], bool]
) -> tuple[_Script | None, tuple[int, ...]]:
    """The first of the scripts that speaks at an occurrence which `fits` some of them; the counts after it.

    Of a script that always speaks nothing is counted.
    """
    after = list(counts)
    found = None
    for place, script in enumerate(scripts):
        if not fits(script):
            continue
        if found is None and script.speaks(after[place]):
            found = script
        if script.skip or script.times is not None:
            after[place] += 1
    return found, tuple(after)


def scripted(desk: Desk, full_name: str) -> Script:
    """What the script says to this call; of several scripted answers the first that applies."""
    names = (full_name, full_name.rpartition("::")[2])
    answer, counts = heard(desk.machine.answers, desk.state.answers, lambda answer: answer.to in names)
    if answer is not None and _FREEZE_TIMEOUT in (answer.returns, answer.result) and _leaves_transactions_alone(desk):
        answer = replace(answer, returns=None, result=None)
    return Script(answer, counts)


def _leaves_transactions_alone(desk: Desk) -> bool:
    """Whether nobody freezes transactions for the object of the call (rule do-set-not-transacted)."""
    obj = desk.objects.get(desk.handle)
    return isinstance(obj, BackupObject) and bool(obj.context & bits.NOT_TRANSACTED)


def as_of(code: HResult, generation: Generation) -> HResult:
    """The code as a system of this generation says it: VSS_E_UNEXPECTED came with Windows 7 and Server 2008 R2."""
    if code is HResult.VSS_E_UNEXPECTED and generation < Generation.WINDOWS_7:
        return HResult.E_UNEXPECTED
    return code
