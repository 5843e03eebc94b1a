"""COM security of a requester, as far as a log shows its calls of CoInitializeSecurity.

The law: it is called once in a process, before VSS is; the authentication level is at least that of a connection, and
the impersonation level at least identification. Programs that leave it out work all the same, so it is never an error.
"""

from typing import Final

from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step

INITIALIZES: Final = frozenset({"CoInitializeSecurity"})
_WEAK: Final[dict[str, tuple[object, ...]]] = {
    "dwAuthnLevel": ("RPC_C_AUTHN_LEVEL_NONE", 1),
    "dwImpLevel": ("RPC_C_IMP_LEVEL_ANONYMOUS", 1),
}
"""Parameter → values with which VSS cannot tell who calls."""

_PROCESSES: Final = 256
"""So many processes are remembered."""


def judge_com(history: History, step: Step, name: str) -> None:
    """Judge one call of CoInitializeSecurity."""
    del name
    line = step.line
    place = (line.machine or "", str(line.process or ""))
    before = history.com_security.get(place)
    if before is not None:
        says = "COM security is initialised a second time in one process, which COM refuses"
        history.note(step, Level.WARNING, "sec-com-once", says, (before, "it was initialised"))
    elif place in history.processes:
        made = next((obj.made for obj in history.processes[place].values() if obj.made), None)
        says = "COM security is initialised after the first call of VSS, when COM has chosen defaults already"
        history.note(step, Level.WARNING, "sec-com-defaults", says, *([made] if made else []))
    keep(history.com_security, place, step.number if before is None else before, _PROCESSES)
    for parameter, values in _WEAK.items():
        if (line.in_ or {}).get(parameter) in values:
            says = f"{parameter} is {values[0]}, with which VSS and writers cannot tell who calls"
            history.note(step, Level.WARNING, "sec-com-levels", says)
