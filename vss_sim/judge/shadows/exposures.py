"""What may be exposed and broken, as far as the log shows how a shadow copy was made; which names are taken.

Locally, only copies of the contexts NAS_ROLLBACK and APP_ROLLBACK are exposed; what clients of a share see is exposed
in no other way (dispute C34). A transportable set is imported before it is broken. No page names the codes.

Pages: https://learn.microsoft.com/windows/win32/vss/exposing-and-surfacing-shadow-copied-volumes,
https://learn.microsoft.com/windows/win32/vss/breaking-shadow-copies
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.contexts import is_auto_release, number_of
from vss_sim.judge.documents.document_memory import keep
from vss_sim.judge.findings import Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, MachineView, Mark
from vss_sim.judge.shadows.imported import may_be_gone
from vss_sim.spec.enums import numbers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.providers import CLIENT_ACCESSIBLE, TRANSPORTABLE
from vss_sim.spec.table import Force
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_LOCALLY: Final = numbers()["VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY"]
_PERSISTENT: Final = numbers()["VSS_VOLSNAP_ATTR_PERSISTENT"]
_CLIENTS: Final = numbers()["VSS_VOLSNAP_ATTR_CLIENT_ACCESSIBLE"]
_NOT_SO: Final = (HResult.E_INVALIDARG, HResult.VSS_E_BAD_STATE)
_NAMES: Final = 64
"""So many names of exposures are remembered."""


def expose_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """A copy of a kind that is not exposed so, that is exposed or not surfaced, or a name that another copy has."""
    del obj
    arguments, machine = line.in_ or {}, history.machine(line)
    key = parse_guid(arguments.get("SnapshotId"))
    if key is None:
        return
    persistent, for_clients, made = _kind(machine, key)
    if for_clients:
        words = "the shadow copy is client-accessible"
        yield _unsure("sn-expose-not-client-accessible", words, made)
    if persistent is False and number_of(arguments.get("lAttributes")) == _LOCALLY:
        words = "the shadow copy is not persistent, and only such a one gets a drive letter or folder"
        yield _unsure("sn-expose-local-persistent", words, made)
    yield from _as_it_is(history, machine, key)
    name = arguments.get("wszExpose")
    taken = machine.exposed_names.get(_plain(name)) if isinstance(name, str) and name else None
    if taken is not None and taken[0] != key and _is_exposed(history, machine, *taken):
        yield _unsure("sn-expose-name-free", f"{name!r} is the name of another shadow copy", taken[1])


def _as_it_is(history: History, machine: MachineView, key: str) -> Iterator[Trouble]:
    """A copy that is exposed already, or that waits for its import: no page says what comes of it."""
    facts = machine.shadows.get(key)
    if facts is not None and facts.exposed is not None and _is_exposed(history, machine, key, facts.exposed):
        words = "the shadow copy is exposed already, and was not hidden since"
        yield _unsure("expose-hide-first", words, facts.exposed)
    made = waits_for_import(machine, key)
    lost = machine.snapshots[key].lost if made is not None else None
    if lost is not None:
        words = "the set was made to be transported, and was imported on another machine, where it is used"
        yield _unsure("im-not-surfaced-locally", words, lost, HResult.VSS_E_OBJECT_NOT_FOUND)
    elif made is not None:
        words = "the set was made to be transported, and is surfaced nowhere before its import"
        yield _unsure("im-not-surfaced-locally", words, made, HResult.VSS_E_OBJECT_NOT_FOUND)


def waits_for_import(machine: MachineView, key: str) -> Mark | None:
    """Where a copy or set came to be that was made to be transported, and that nothing imported on this machine."""
    known = machine.snapshots.get(key)
    seen = known.owner.seen if known is not None else None
    if known is None or seen is None or TRANSPORTABLE not in seen.attributes or machine.forgot_snapshots:
        return None
    return known.made


def _is_exposed(history: History, machine: MachineView, key: str, since: Mark) -> bool:
    """Whether a copy is exposed still, for certain: nothing may have taken it away, no object and no restart."""
    facts, known, transport = machine.shadows.get(key), machine.snapshots.get(key), machine.imported.get(key)
    if facts is None or facts.exposed is None:
        return False
    if transport is not None:
        return not may_be_gone(history, transport)
    if known is None or known.lost or known.gone:
        return False
    return machine.booted < since[0] or facts.persistent


def _kind(machine: MachineView, key: str) -> tuple[bool | None, bool, Mark | None]:
    """Whether a copy is persistent (None: not known) and client-accessible, and the line that shows it."""
    facts, known = machine.shadows.get(key), machine.snapshots.get(key)
    if facts is not None and facts.attributes is not None:
        return bool(facts.attributes & _PERSISTENT), bool(facts.attributes & _CLIENTS), facts.read
    transport = machine.imported.get(key)
    maker, made = (transport.source, transport.imported) if transport is not None else (None, None)
    if known is not None and not known.lost:
        maker, made = known.owner, known.made
    if maker is None or maker.context is None:
        return None, False, None
    return not is_auto_release(maker.context), maker.context in CLIENT_ACCESSIBLE, made


def _plain(name: str) -> str:
    return name.casefold().rstrip("\\")


def _unsure(rule: str, words: str, because: Mark | None, *answers: HResult) -> Trouble:
    grounds = (Ground(*because),) if because else ()
    return Trouble(rule, answers or _NOT_SO, words, Force.UNSURE, grounds, level=Level.WARNING)


def learn_name(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The name of an exposure is taken from here on."""
    del obj
    machine, key = history.machine(step.line), parse_guid(step.arguments.get("SnapshotId"))
    name = step.results.get("pwszExposed") or step.arguments.get("wszExpose")
    if certain and key is not None and isinstance(name, str) and name:
        keep(machine.exposed_names, _plain(name), (key, step.mark("ExposeSnapshot gave it out")), _NAMES)


def forget_name(machine: MachineView, key: str | None) -> None:
    """A copy is exposed no more, or gone: its names are free."""
    for name in [name for name, (owner, _) in machine.exposed_names.items() if owner == key or key is None]:
        del machine.exposed_names[name]


def break_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """A set that was made to be transported, and that nothing in the log imported on this machine."""
    del obj
    arguments, machine = line.in_ or {}, history.machine(line)
    key = parse_guid(arguments.get("SnapshotSetId") or arguments.get("SnapshotSetID"))
    made = waits_for_import(machine, key or "")
    if made is not None:
        lost = machine.snapshots[key or ""].lost
        words = "the set was made to be transported, and was not imported here"
        words = words if lost is None else f"{words}, but on another machine"
        yield _unsure("sn-break-imported-first", words, lost or made, HResult.VSS_E_OBJECT_NOT_FOUND)
