"""What the calls of a backup do to the world, from initialisation to the shadow copy set that is filled.

The protocol table has accepted the call before anything here runs; what is decided here depends on the arguments and on
the computer. What the asynchronous operations do when they end stands in `operations`.
"""

from functools import lru_cache
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.arguments import names_an_address
from vss_sim.engine.contexts import parse_context
from vss_sim.engine.desk import SESSION_ID, SET_ID, SNAPSHOT_ID, Desk
from vss_sim.engine.editing import added
from vss_sim.engine.provider_failures import answer_of, failure_of, reply_of
from vss_sim.engine.volumes import (
    HARDWARE,
    choose_provider,
    copies_of,
    find_volume,
    nested_too_deeply,
    no_such_volume,
    provider_id,
    providers,
)
from vss_sim.engine.writers import is_chosen
from vss_sim.model.computer import Machine, Provider, Volume
from vss_sim.model.document import EMPTY_DOCUMENT, BackupComponentsDocument, DocumentComponent, WriterComponents
from vss_sim.model.metadata import joined
from vss_sim.model.names import fold, is_share, with_host_name
from vss_sim.model.objects import BackupObject, VolumeInSet, WriterFilter, WriterSession
from vss_sim.model.values import GUID_NULL, Guid
from vss_sim.spec.arguments import REQUESTER_ATTRIBUTES
from vss_sim.spec.contexts import lacking
from vss_sim.spec.enums import numbers
from vss_sim.spec.events import INFRASTRUCTURE
from vss_sim.spec.file_systems import CLUSTERED
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.common import CREATION_SLOT, FILTERS_COUNT
from vss_sim.spec.providers import MOST_SNAPSHOTS, MOST_VOLUMES
from vss_sim.spec.systems import Generation, system_named

ATTRIBUTES_TO_ADD: Final = joined(tuple(REQUESTER_ATTRIBUTES))
"""What a requester may add to a context."""

_ADD_VOLUME: Final = "IVssBackupComponents::AddToSnapshotSet"
Arguments = dict[str, Any]
Done = tuple[BackupObject, Answer]


def initialize_for_backup(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """An empty document, or a saved one that carries a transported shadow copy set."""
    return _initialize(desk, obj, arguments["bstrXML"], may_be_empty=True)


def initialize_for_restore(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The document that a backup saved; nothing in it is selected before SetSelectedForRestore is called."""
    after, answer = _initialize(desk, obj, arguments["bstrXML"], may_be_empty=False)
    return replace(after, document=_unselected(after.document)), answer


def _unselected(document: BackupComponentsDocument) -> BackupComponentsDocument:
    writers = tuple(
        replace(
            writer,
            components=tuple(replace(one, selected_for_restore=False) for one in writer.components),
        )
        for writer in document.writers
    )
    return replace(document, writers=writers)


def _initialize(desk: Desk, obj: BackupObject, given: object, *, may_be_empty: bool) -> Done:
    document = EMPTY_DOCUMENT if may_be_empty and given in (None, "") else given
    if not isinstance(document, BackupComponentsDocument):
        words = "the text given is no Backup Components Document"
        return obj, no(HResult.VSS_E_INVALID_XML_DOCUMENT, "seq-init-doc-valid", words)
    return replace(obj, document=document, session_id=desk.new_id(SESSION_ID)), OK


def set_context(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The context holds for everything after; Windows XP knows only the default."""
    context = arguments["lContext"]
    refusal = _not_offered(desk.machine.os, desk.machine.unsupported_contexts, context)
    return (replace(obj, context=context), OK) if refusal is None else (obj, refusal)


@lru_cache(maxsize=256)
def _not_offered(system: str, unsupported: tuple[str, ...], context: int) -> Answer | None:
    """Why a system, or this edition of it, has no such context."""
    if system_named(system).generation is Generation.XP:
        return no(HResult.E_NOTIMPL, "set-context-xp", "Windows XP has no other context than VSS_CTX_BACKUP")
    if any(numbers()[name] == context & ~ATTRIBUTES_TO_ADD for name in unsupported):
        words = f"this edition of Windows lacks the context {context:#x}"
        return no(HResult.VSS_E_UNSUPPORTED_CONTEXT, "obs-context-not-on-this-edition", words)
    offer = lacking(system, *(parse_context(context) or ("", ())))
    if offer is not None:
        words = f"{system} does not know {offer.name}"
        return no(HResult.VSS_E_UNSUPPORTED_CONTEXT, offer.rules[0], words)
    return None


def set_backup_state(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """What writers will read of this backup: by components or not, bootable state, type, partial files."""
    document = replace(
        obj.document,
        select_components=arguments["bSelectComponents"],
        bootable_system_state=arguments["bBackupBootableSystemState"],
        backup_type=arguments["backupType"],
        partial_file_support=arguments["bPartialFileSupport"],
    )
    return replace(obj, document=document), OK


def enable_writer_classes(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """Only these classes; the first such call ends what DisableWriterClasses did."""
    classes = frozenset(arguments["rgWriterClassId"] or ())
    before = obj.writer_filter
    now = replace(before, enabled=classes | (before.enabled or frozenset()), disabled=frozenset())
    return _filtered(obj, now), OK


def disable_writer_classes(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """Not these classes, nor those disabled before."""
    before = obj.writer_filter
    return _filtered(obj, replace(before, disabled=before.disabled | frozenset(arguments["rgWriterClassId"] or ()))), OK


def disable_writer_instances(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """Not these instances."""
    before = obj.writer_filter
    instances = before.disabled_instances | frozenset(arguments["rgWriterInstanceId"] or ())
    return _filtered(obj, replace(before, disabled_instances=instances)), OK


def _filtered(obj: BackupObject, now: WriterFilter) -> BackupObject:
    """The object with another filter, while filters count; who was prepared already hears how it goes on."""
    if not obj.state & FILTERS_COUNT:
        return obj
    stay = tuple(
        session
        for session in obj.sessions
        if session.involved or is_chosen(now, session.metadata.writer_id, session.instance_id)
    )
    return replace(obj, writer_filter=now, sessions=stay)


def session_of(sessions: tuple[WriterSession, ...], writer_id: Guid, instance: Guid | None) -> WriterSession | None:
    """The session of a writer class, and of this instance of it if one is asked for."""
    for session in sessions:
        if session.metadata.writer_id == writer_id and instance in (None, GUID_NULL, session.instance_id):
            return session
    return None


def add_component(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The component is in the document; that it is new was seen before."""
    writer_id, instance = arguments["writerId"], arguments["instanceId"]
    session = session_of(obj.identified, writer_id, instance)
    writer = WriterComponents(
        writer_id=writer_id,
        instance_id=instance,
        instance_name=session.metadata.instance_name if session else None,
        backup_schema=session.metadata.schema if session else 0,
    )
    component = DocumentComponent(
        type=arguments["ct"], logical_path=arguments["wszLogicalPath"] or "", name=arguments["wszComponentName"]
    )
    return replace(obj, document=added(obj.document, writer, component)), OK


def start_snapshot_set(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """A new set with a new id, without a volume; an Abort of the last one is forgotten."""
    set_id = desk.new_id(SET_ID)
    sessions = tuple(_as_prepared(session) if session.aborted else session for session in obj.sessions)
    return replace(obj, set_id=set_id, volumes=(), sessions=sessions), Answer(HResult.S_OK, {"pSnapshotSetId": set_id})


def _as_prepared(session: WriterSession) -> WriterSession:
    """A writer that was aborted takes part in the next set; one that was prepared still is."""
    return replace(session, aborted=False, last_event="PrepareForBackup" if session.involved else "")


def add_to_snapshot_set(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """One volume more: it must exist, be new to the set, and have a provider that takes it."""
    name = arguments["pwszVolumeName"]
    volume = find_volume(desk, name)
    if volume is None:
        return obj, _by_its_address(name) or no_such_volume(name)
    refusal = _not_for_this_set(desk, obj, volume)
    if refusal is not None:
        return obj, refusal
    provider = choose_provider(desk, volume, arguments["ProviderId"], obj.context)
    if isinstance(provider, Answer):
        return obj, provider
    full = _has_its_copies(desk, volume, provider, obj.context)
    if full is not None:
        return obj, full
    failure = failure_of(desk, provider, _ADD_VOLUME, volume.name) or _not_prepared(desk, provider)
    if failure is not None:
        return obj, failure
    snapshot_id = desk.new_id(SNAPSHOT_ID)
    member = VolumeInSet(volume=volume.name, provider_id=provider_id(desk, provider), snapshot_id=snapshot_id)
    return replace(obj, volumes=(*obj.volumes, member)), Answer(HResult.S_OK, {"pidSnapshot": snapshot_id})


def _by_its_address(name: str) -> Answer | None:
    """The answer to a share whose server is named by its address, which no volume can have."""
    if not names_an_address(name):
        return None
    words = f"{name!r} names the server by its address; it goes by its host name, or by that with its domain"
    return no(HResult.VSS_E_OBJECT_NOT_FOUND, "add-to-set-unc-hostname", words)


def _not_prepared(desk: Desk, provider: Provider) -> Answer | None:
    """The provider is asked to begin before the call returns (BeginPrepareSnapshot)."""
    reply = reply_of(desk, provider, "BeginPrepareSnapshot")
    if reply is None or reply.fails is None:
        return None
    return replace(answer_of(provider, _ADD_VOLUME, HResult[reply.fails]), changed=True)


def _not_for_this_set(desk: Desk, obj: BackupObject, volume: Volume) -> Answer | None:
    """Why the volume cannot be in the set, whichever provider takes it."""
    if len(obj.volumes) >= MOST_VOLUMES:
        words = f"the set has {MOST_VOLUMES} volumes already"
        return no(HResult.VSS_E_MAXIMUM_NUMBER_OF_VOLUMES_REACHED, "sn-vol-max-64", words)
    members = [member.volume for member in obj.volumes]
    if volume.name in members:
        words = f"{volume.name} is in the set already"
        return no(HResult.VSS_E_OBJECT_ALREADY_EXISTS, "obs-volume-twice", words)
    if nested_too_deeply(desk, volume, members):
        words = f"{volume.name} is on a virtual disk inside another one, or beside its host"
        return no(HResult.VSS_E_NESTED_VOLUME_LIMIT, "sn-vol-nested-vhd", words)
    other = _added_elsewhere(desk, volume)
    if other is not None:
        words = f"{volume.name} is in a set that {other!r} creates"
        return no(HResult.VSS_E_SNAPSHOT_SET_IN_PROGRESS, "ans-set-in-progress-elsewhere", words)
    return None


def _added_elsewhere(desk: Desk, volume: Volume) -> str | None:
    """The other machine whose set in progress has this clustered volume, or this share."""
    if not is_share(volume.name) and volume.file_system.upper() != CLUSTERED:
        return None
    for obj in desk.objects.values():
        if isinstance(obj, BackupObject) and obj.machine != desk.machine_index and obj.state & CREATION_SLOT.held_in:
            machine = desk.world.description.machines[obj.machine]
            members = {member.volume for member in obj.volumes}
            if any(one.name in members and _is_the_same(desk, volume, machine, one) for one in machine.volumes):
                return machine.name
    return None


def _is_the_same(desk: Desk, volume: Volume, machine: Machine, other: Volume) -> bool:
    """Whether a volume is that of another machine: one LUN of their cluster, or one share of a server."""
    if is_share(volume.name):
        return is_share(other.name) and fold(with_host_name(volume.name)) == fold(with_host_name(other.name))
    in_cluster = machine.cluster is not None and machine.cluster == desk.machine.cluster
    return in_cluster and volume.lun is not None and volume.lun == other.lun


def _has_its_copies(desk: Desk, volume: Volume, provider: Provider, context: int) -> Answer | None:
    """Why a provider in software makes no more copies of a volume; copies by hardware are not counted.

    The limit of client-accessible copies is the lower one, and a machine may set it.
    Pages: https://learn.microsoft.com/windows/win32/vss/usage-conventions,
    https://learn.microsoft.com/windows/win32/backup/registry-keys-for-backup-and-restore
    """
    if provider.type is HARDWARE or not desk.snapshots:
        return None
    hardware = {provider_id(desk, one) for one in providers(desk) if one.type is HARDWARE}
    kept = [copy for copy in copies_of(desk, volume) if copy.provider_id not in hardware]
    most, kind = MOST_SNAPSHOTS, "shadow copies"
    if context & bits.CLIENT_ACCESSIBLE:
        most, kind = desk.machine.registry.max_shadow_copies, "client-accessible shadow copies"
        kept = [copy for copy in kept if copy.attributes & bits.CLIENT_ACCESSIBLE]
    if len(kept) < most:
        return None
    words = f"{volume.name} has {len(kept)} {kind}, and {most} is the most"
    return no(HResult.VSS_E_MAXIMUM_NUMBER_OF_SNAPSHOTS_REACHED, "sn-vol-max-512", words)


def needs_the_writer_infrastructure(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """Writers are reached only while the services VSS and EventSystem run (rule seq-infrastructure-down)."""
    for service, state in zip(desk.machine.services, desk.state.services, strict=True):
        if service.name.casefold() in INFRASTRUCTURE and state != "running":
            words = f"the service {service.name} is {state}"
            return obj, no(HResult.VSS_E_WRITER_INFRASTRUCTURE, "seq-infrastructure-down", words)
    return obj, OK
