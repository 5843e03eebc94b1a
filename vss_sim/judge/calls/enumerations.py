"""`IVssEnumObject`: what its answers and the objects that it hands out show.

A short list ends with `S_FALSE`. Shadow copies are shown only in the context that was set, providers in any.
"""

from typing import Any, Final

from vss_sim.engine.contexts import number_of
from vss_sim.judge.findings import At, Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Enumeration, MachineView, OtherObject
from vss_sim.judge.shadows.imported import judge_shown
from vss_sim.judge.shadows.masked import judge_listed
from vss_sim.judge.shadows.shadow_facts import read_properties
from vss_sim.judge.words import word_of
from vss_sim.spec.enums import ObjectType, numbers
from vss_sim.spec.state import Context
from vss_sim.trace.values import parse_guid

_ALL: Final = "VSS_CTX_ALL"
_DEFINING: Final = numbers()["VSS_CTX_CLIENT_ACCESSIBLE"]
"""The attributes that tell one context from another."""

_PROVIDERS: Final = ObjectType.PROVIDER.value
_HARDWARE: Final = numbers()["VSS_PROV_HARDWARE"]
_MANY: Final = 256
"""So many providers are remembered; a machine has a handful."""


def enumeration_made(step: Step, obj: BackupObject, made: OtherObject) -> None:
    """What was asked of `Query`, and in which context, if that was set for certain."""
    context = None if obj.state & Context.DEFAULT.bit else obj.context
    made.enumeration = Enumeration(step.number, step.arguments.get("eReturnedObjectsType"), context)


def judge_enumeration(history: History, step: Step, name: str, known: Enumeration | None) -> None:
    """Judge what a call on an `IVssEnumObject` handed out."""
    if name == "Next" and step.code is not None and step.code.succeeded:
        _judge_count(history, step)
        _read_objects(history, step, known)
    elif name == "Reset" and known is not None:
        known.unread = False
    elif name in ("Skip", "Next") and known is not None:
        known.unread = True


def _judge_count(history: History, step: Step) -> None:
    asked, got = step.arguments.get("celt"), step.results.get("pceltFetched")
    if type(asked) is not int or type(got) is not int or step.code is None:
        return
    short = step.observed == "S_FALSE"
    if short is not (got < asked):
        says = f"Next answers {step.observed} with {got} of {asked} objects; S_FALSE tells that there were fewer"
        history.note(step, Level.ERROR, "enum-next-end", says, at=At.IMPLEMENTATION)


def _read_objects(history: History, step: Step, known: Enumeration | None) -> None:
    """Learn from the `VSS_OBJECT_PROP` structures that were recorded."""
    shadows, providers = _structures(step, "Snap"), _structures(step, "Prov")
    for shadow in shadows:
        read_properties(history, step, shadow, "query-completed-only")
        _judge_context(history, step, shadow, known)
        key = parse_guid(shadow.get("m_SnapshotId")) or ""
        judge_listed(history, step, key)
        if known is not None:
            judge_shown(history, step, key, known.made)
    if shadows:
        history.handed_out.structure(step.mark("Next handed it out"), "enum-next-free", len(shadows))
    machine = history.machine(step.line)
    read = sum(_read_provider(machine, provider) for provider in providers)
    _judge_kinds(history, step, machine)
    if known is None or word_of(ObjectType, known.asked) != _PROVIDERS:
        return
    if read != step.results.get("pceltFetched"):
        known.unread = True
    elif step.observed == "S_FALSE" and not known.unread:
        machine.providers_listed = step.mark("the last provider was enumerated")


def _structures(step: Step, kind: str) -> list[dict[str, Any]]:
    """The structures of one kind among the objects that were handed out."""
    written = step.results.get("rgelt")
    inner = [one.get("Obj") for one in written if isinstance(one, dict)] if isinstance(written, list) else []
    found = [one.get(kind) for one in inner if isinstance(one, dict)]
    return [one for one in found if isinstance(one, dict)]


def _read_provider(machine: MachineView, provider: dict[str, Any]) -> bool:
    """Learn of what kind a provider is; whether that was recorded."""
    kind, identifier = number_of(provider.get("m_eProviderType")), parse_guid(provider.get("m_ProviderId"))
    if kind is None or identifier is None or len(machine.providers) >= _MANY:
        return False
    machine.providers[identifier] = kind
    return True


def _judge_kinds(history: History, step: Step, machine: MachineView) -> None:
    """Hardware providers are for servers."""
    system = history.world.system(step.line.machine)
    shown = [one.get("m_eProviderType") for one in _structures(step, "Prov")]
    if system is not None and not system.server and _HARDWARE in map(number_of, shown):
        says = f"this is {system.name}, which is no server, and a hardware provider is listed"
        history.note(step, Level.ERROR, "sn-hw-server-only", says, at=At.IMPLEMENTATION)


def _judge_context(history: History, step: Step, properties: dict[str, Any], known: Enumeration | None) -> None:
    """A shadow copy of another context than the one that was set is not shown."""
    attributes = number_of(properties.get("m_lSnapshotAttributes"))
    context = known.context if known is not None else None
    if attributes is None or context is None or context == _ALL:
        return
    if attributes & _DEFINING != numbers()[context]:
        says = f"a shadow copy with the attributes {properties['m_lSnapshotAttributes']} is shown in {context}"
        also = ("obs-context-must-match",)
        history.note(step, Level.ERROR, "query-current-context-only", says, at=At.IMPLEMENTATION, also=also)
