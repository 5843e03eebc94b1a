"""The context of an object: which providers and which versions of Windows go with it, and what its copies are like."""

from collections.abc import Iterator, Mapping
from typing import Final

from vss_sim.engine.arguments import truth_of
from vss_sim.engine.contexts import parse_context
from vss_sim.judge.backups.seen import FEW
from vss_sim.judge.backups.writer_metadata import seen_of
from vss_sim.judge.findings import At, Ground, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.spec.constants import NULL_GUID
from vss_sim.spec.contexts import lacking
from vss_sim.spec.hresult import HResult
from vss_sim.spec.providers import (
    CLIENT_ACCESSIBLE,
    CLIENT_ACCESSIBLE_RULES,
    DEFAULT_PROVIDER_RULES,
    NO_CONTEXT_ON_XP,
    REMOTE_SHARE,
    SYSTEM_PROVIDER,
    TRANSPORTABLE,
    TRANSPORTABLE_RULES,
)
from vss_sim.spec.systems import Generation
from vss_sim.spec.table import Force
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_NOT_ON_THIS_EDITION: Final = (HResult.VSS_E_UNSUPPORTED_CONTEXT,)
_NOT_BY_THIS_PROVIDER: Final = (HResult.VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER, HResult.VSS_E_VOLUME_NOT_SUPPORTED)
_NO_SUCH_VOLUME: Final = (HResult.VSS_E_OBJECT_NOT_FOUND, HResult.VSS_E_VOLUME_NOT_SUPPORTED)


def context_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """Contexts that the edition of Windows does not have, where the header tells which it is."""
    system, name = history.world.system(line.machine), history.world.os(line.machine)
    parsed = parse_context((line.in_ or {}).get("lContext"))
    if system is None or name is None or parsed is None or system.generation is Generation.XP:
        return
    offer = lacking(name, *parsed)
    if offer is not None:
        rule, *also = offer.rules
        yield _unsure(rule, _NOT_ON_THIS_EDITION, f"this is {name}, which does not know {offer.name}", also)


def provider_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """A volume given to a provider that makes no shadow copies of the context; a share, on too old a Windows."""
    arguments = line.in_ or {}
    provider, seen = parse_guid(arguments.get("ProviderId")), obj.seen
    if provider is not None and provider != NULL_GUID and seen is not None and seen.context_set is not None:
        because = (Ground(*seen.context_set),)
        if obj.context in CLIENT_ACCESSIBLE and provider != SYSTEM_PROVIDER:
            rule, *also = CLIENT_ACCESSIBLE_RULES
            yield _unsure(rule, _NOT_BY_THIS_PROVIDER, "the context is for the system provider only", also, because)
        elif TRANSPORTABLE in seen.attributes and provider == SYSTEM_PROVIDER:
            rule, *also = TRANSPORTABLE_RULES
            words = "the system provider makes no transportable shadow copies"
            yield _unsure(rule, _NOT_BY_THIS_PROVIDER, words, also, because)
    volume, system = arguments.get("pwszVolumeName"), history.world.system(line.machine)
    is_share = isinstance(volume, str) and volume.startswith("\\\\") and not volume.startswith(("\\\\?", "\\\\."))
    if is_share and system is not None and system.generation < Generation.WINDOWS_8:
        yield _unsure(REMOTE_SHARE, _NO_SUCH_VOLUME, f"{volume} is a share, and this is {system.name}", [])


def _unsure(
    rule: str, answers: tuple[HResult, ...], words: str, also: list[str], because: tuple[Ground, ...] = ()
) -> Trouble:
    return Trouble(rule, answers, words, Force.UNSURE, because, level=Level.WARNING, also=tuple(also))


def learn_context(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """The attributes that were added to the context. Windows XP takes no context at all."""
    parsed = parse_context(step.arguments.get("lContext"))
    if certain and parsed is not None and (parsed[1] or parsed[0] in CLIENT_ACCESSIBLE):
        seen = seen_of(obj)
        seen.context_set, seen.attributes = step.mark(f"set {'|'.join((parsed[0], *parsed[1]))}"), parsed[1]
    system = history.world.system(step.line.machine)
    if step.succeeded and system is not None and system.generation is Generation.XP:
        rule, *also = NO_CONTEXT_ON_XP
        says = f"the answer is {step.observed}; on {system.name} it is E_NOTIMPL"
        history.note(step, Level.ERROR, rule, says, at=At.IMPLEMENTATION, also=tuple(also))


def learn_support(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A provider that supports a volume comes before the system provider."""
    provider = parse_guid(step.arguments.get("ProviderId"))
    volume = step.arguments.get("pwszVolumeName")
    if not isinstance(volume, str):
        return
    seen = seen_of(obj)
    if len(seen.asked_support) < FEW:
        seen.asked_support.add(volume.casefold())
    if provider in (None, NULL_GUID, SYSTEM_PROVIDER):
        return
    if truth_of(step.results.get("pbSupportedByThisProvider")) and len(seen.supporters) < FEW:
        seen.supporters[volume.casefold()] = str(provider), step.mark(f"the provider {provider} supports {volume}")


def learn_choice_left_open(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """GUID_NULL leaves the choice of the provider to VSS, which matters where one is known to support the volume."""
    volume, snapshot = step.arguments.get("pwszVolumeName"), parse_guid(step.results.get("pidSnapshot"))
    left_open = "ProviderId" in step.arguments and parse_guid(step.arguments["ProviderId"]) == NULL_GUID
    seen = obj.seen
    if seen is None or not certain or not left_open or snapshot is None or not isinstance(volume, str):
        return
    if volume.casefold() in seen.supporters and len(seen.left_open) < FEW:
        seen.left_open[snapshot] = volume.casefold()


def judge_choice(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """A shadow copy is of the provider that was to make it."""
    properties = step.results.get("pProp")
    snapshot = parse_guid(step.arguments.get("SnapshotId"))
    known = history.machine(step.line).snapshots.get(snapshot or "")
    if not certain or not isinstance(properties, Mapping) or snapshot is None:
        return
    if known is None or known.owner is not obj:
        return
    if parse_guid(properties.get("m_ProviderId")) == SYSTEM_PROVIDER:
        _judge_system_provider(history, step, obj, snapshot)


def _judge_system_provider(history: History, step: Step, obj: BackupObject, snapshot: str) -> None:
    """The system provider comes last."""
    seen = obj.seen
    volume = seen.left_open.get(snapshot) if seen is not None else None
    supporter = seen.supporters.get(volume) if seen is not None and volume is not None else None
    if supporter is not None and obj.context is not None and obj.context not in CLIENT_ACCESSIBLE:
        rule, *also = DEFAULT_PROVIDER_RULES
        says = f"VSS chose the system provider for {volume}, which the provider {supporter[0]} supports"
        history.note(step, Level.WARNING, rule, says, supporter[1], at=At.IMPLEMENTATION, also=tuple(also))
