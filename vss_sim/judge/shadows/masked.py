"""Shadow copies whose LUN is masked from the machine on which they were surfaced: what lies on it is not found there.

A log tells of the LUN by the id of a copy or set, or by a name of the array's, by which nobody knows what lies on it.

Page: https://learn.microsoft.com/windows/win32/api/vss/ne-vss-vss_hardware_options
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.findings import At, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, MachineView, Mark
from vss_sim.judge.shadows.exposures import waits_for_import
from vss_sim.spec.happenings import MASKING
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.table import Force
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_RULE: Final = "sn-masked-not-found"
_MANY: Final = 64
"""So many masked LUNs are remembered."""


def judge_masking(history: History, number: int, line: Line) -> None:
    """Somebody masks LUNs from a machine, or unmasks them, with the tools of the array."""
    machine, key = history.machine(line), parse_guid(line.lun)
    if line.happens != MASKING[0]:
        if machine.masked_copies.pop(key or "", None) is None:
            machine.masked_copies.clear()  # by another name, or by that of its set, it may be any of them
        return
    history.machines_masked = True
    machine.cleaned, machine.masked = number, (number, "a LUN was masked")
    if key is not None:
        keep(machine.masked_copies, key, (number, "its LUN was masked"), _MANY)


def where_masked(machine: MachineView, key: str) -> Mark | None:
    """Where the log shows that the LUN of a surfaced copy, or of a set, was masked, if it was not unmasked since."""
    if not machine.masked_copies or waits_for_import(machine, key):
        return None
    facts = machine.shadows.get(key)
    whole = facts.set_id if facts is not None else None
    own = machine.masked_copies.get(key) or machine.masked_copies.get(whole or "")
    copies = [machine.masked_copies.get(one) for one in _copies_of(machine, key)]
    return own or (copies[-1] if copies and all(copies) else None)


def _copies_of(machine: MachineView, key: str) -> tuple[str, ...]:
    """All copies of a set, where this is the id of one, and the log shows all of them."""
    known, transport = machine.snapshots.get(key), machine.imported.get(key)
    if transport is not None:
        return transport.copies if key == transport.set_id else ()
    keys = known.owner.snapshots if known is not None and known.is_set and known.owner.snapshots_complete else ()
    return keys[1:] if keys[:1] == (key,) else ()


def masked_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """A call names a copy or set whose LUN is masked; no page tells the code."""
    del obj
    machine, arguments = history.machine(line), line.in_ or {}
    method = METHODS[(line.call or "").rpartition("::")[2]]
    for reference in method.references if machine.masked_copies else ():
        masked = where_masked(machine, parse_guid(arguments.get(reference.parameters[0])) or "")
        if masked is not None:
            words = "the LUN of the shadow copy is masked from this machine; have it unmasked"
            because, answers = (Ground(*masked),), (HResult.VSS_E_OBJECT_NOT_FOUND,)
            yield Trouble(_RULE, answers, words, Force.UNSURE, because, level=Level.WARNING)


def judge_listed(history: History, step: Step, key: str) -> None:
    """A copy is listed on a machine that does not see its LUN; no page says that it must not be."""
    masked = where_masked(history.machine(step.line), key)
    if masked is not None:
        says = "the shadow copy is listed, and its LUN is masked from this machine"
        history.note(step, Level.INFO, _RULE, says, masked, at=At.IMPLEMENTATION)
