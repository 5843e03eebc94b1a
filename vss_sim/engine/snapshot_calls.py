"""What the calls on shadow copies that exist do: query, properties, delete, break."""

from collections.abc import Callable
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.engine import bits
from vss_sim.engine.answers import OF_THE_METHOD, OK, Answer, no
from vss_sim.engine.arguments import legal_call, names_an_address, unmet_demands
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.devices import device_of
from vss_sim.engine.provider_failures import failure_for, failure_of_any
from vss_sim.engine.snapshot_operations import break_up
from vss_sim.engine.storage import not_while_reverted_to, settle_storage
from vss_sim.engine.volumes import (
    choose_provider,
    find_volume,
    nested_too_deeply,
    no_such_volume,
    provider_id,
    provider_named,
    providers,
    volume_guid,
    volume_holding,
)
from vss_sim.engine.words import demanded, shown
from vss_sim.model.disks import volume_name
from vss_sim.model.metadata import joined
from vss_sim.model.names import is_share, with_host_name
from vss_sim.model.objects import BackupObject, ListObject
from vss_sim.model.values import GUID_NULL, guid, numbered_guid
from vss_sim.model.world import Snapshot
from vss_sim.spec.enums import (
    HardwareOptions,
    ObjectType,
    ProviderType,
    SnapshotState,
)
from vss_sim.spec.hresult import HResult
from vss_sim.spec.importing import Fate
from vss_sim.spec.protocol.common import BEING_CREATED
from vss_sim.spec.providers import NOT_OF_THE_DEFAULT
from vss_sim.spec.table import Profile

Arguments = dict[str, Any]
Done = tuple[BackupObject, Answer]

_BREAK_OPTIONS: Final = sum(HardwareOptions)
_BY_CONTEXT: Final = joined(NOT_OF_THE_DEFAULT)
"""The attributes that make a context what it is."""


def completed(desk: Desk) -> list[Snapshot]:
    """The shadow copies of the machine, without those of a set that is being created still, and those masked from it.

    Rules query-completed-only, get-props-not-during-creation, sn-masked-not-found.
    """
    copies = [copy for copy in desk.local_snapshots() if travels(copy) or desk.sees(copy)]
    if not copies:
        return copies
    makers = (
        obj for obj in desk.objects.values() if isinstance(obj, BackupObject) and obj.machine == desk.machine_index
    )
    creating = {obj.set_id for obj in makers if obj.state & BEING_CREATED}
    return [copy for copy in copies if copy.set_id not in creating] if creating else copies


def masked(desk: Desk) -> list[Snapshot]:
    """The shadow copies that are surfaced on the machine, and whose LUN was masked from it since."""
    return [copy for copy in desk.local_snapshots() if not (travels(copy) or desk.sees(copy))]


def visible(desk: Desk, obj: BackupObject) -> list[Snapshot]:
    """The completed shadow copies of the object's context (rules sn-query-context-filter, obs-context-must-match)."""
    return [copy for copy in completed(desk) if not travels(copy) and of_context(copy, obj)]


def of_context(snapshot: Snapshot, obj: BackupObject) -> bool:
    """Whether the object's context shows this shadow copy."""
    return obj.context == bits.CONTEXT_ALL or snapshot.context & _BY_CONTEXT == obj.context & _BY_CONTEXT


def travels(snapshot: Snapshot) -> bool:
    """A transportable copy that was not imported yet is on no machine."""
    return bool(snapshot.attributes & bits.NOT_SURFACED)


def left_behind(desk: Desk, obj: BackupObject) -> list[Snapshot]:
    """The copies of the object's document whose LUNs a failed import has left visible here (dispute C39)."""
    found = (desk.snapshots.get(record.snapshot_id) for record in obj.document.snapshots)
    return [copy for copy in found if copy is not None and travels(copy) and desk.sees(copy)]


def original_volume_name(desk: Desk, copy: Snapshot) -> str:
    """The volume of which a shadow copy was made, by the name that never changes, as far as its machine is known."""
    if copy.attributes & bits.FILE_SHARE:
        return copy.volume
    for place, machine in enumerate(desk.world.description.machines):
        if machine.name == copy.originating_machine:
            for number, volume in enumerate(machine.volumes, 1):
                if volume.name == copy.volume:
                    return volume_name(place, number, volume)
    return copy.volume


def properties(desk: Desk, snapshot: Snapshot) -> dict[str, Any]:
    """A VSS_SNAPSHOT_PROP, by the names of its members; a copy that is not surfaced has no device object.

    Here the volume and the service that made its copy are on one machine, wherever the copy is imported.
    """
    return {
        "m_SnapshotId": snapshot.snapshot_id,
        "m_SnapshotSetId": snapshot.set_id,
        "m_lSnapshotsCount": snapshot.in_set,
        "m_pwszSnapshotDeviceObject": "" if travels(snapshot) else device_of(snapshot),
        "m_pwszOriginalVolumeName": original_volume_name(desk, snapshot),
        "m_pwszOriginatingMachine": snapshot.originating_machine,
        "m_pwszServiceMachine": snapshot.originating_machine,
        "m_pwszExposedName": snapshot.exposed_name,
        "m_pwszExposedPath": snapshot.exposed_path,
        "m_ProviderId": snapshot.provider_id,
        "m_lSnapshotAttributes": _shown_attributes(desk, snapshot),
        "m_tsCreationTimestamp": snapshot.created,
        "m_eStatus": SnapshotState.CREATED,
    }


def _shown_attributes(desk: Desk, snapshot: Snapshot) -> int:
    """What a shadow copy shows of itself; by the letter of the pages, that nobody exposed it, too (dispute C80)."""
    if desk.profile is Profile.DOCUMENTED and not snapshot.attributes & bits.EXPOSED:
        return snapshot.attributes | bits.NOT_SURFACED
    return snapshot.attributes


def query(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """An enumeration of shadow copies or providers; S_FALSE where there is none."""
    failure = failure_of_any(desk, "IVssBackupComponents::Query")
    if failure is not None:
        return obj, failure
    if arguments["eReturnedObjectsType"] == ObjectType.PROVIDER:
        items = [{"Type": ObjectType.PROVIDER, "Obj": {"Prov": prov}} for prov in _provider_properties(desk)]
    else:
        items = [
            {"Type": ObjectType.SNAPSHOT, "Obj": {"Snap": properties(desk, snapshot)}}
            for snapshot in visible(desk, obj)
        ]
    listed = desk.make("enum", ListObject(machine=desk.machine_index, process=desk.process, items=tuple(items)))
    return obj, Answer(HResult.S_OK if items else HResult.S_FALSE, {"ppEnum": listed})


def _provider_properties(desk: Desk) -> list[dict[str, Any]]:
    return [
        {
            "m_ProviderId": provider_id(desk, provider),
            "m_pwszProviderName": provider.name,
            "m_eProviderType": provider.type,
            "m_pwszProviderVersion": provider.version,
            "m_ProviderVersionId": guid(provider.version_id) if provider.version_id else numbered_guid(0x961, number),
            "m_ClassId": guid(provider.class_id) if provider.class_id else numbered_guid(0x962, number),
        }
        for number, provider in enumerate(providers(desk), 1)
    ]


def get_snapshot_properties(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The properties of one shadow copy."""
    snapshot = desk.snapshots[arguments["SnapshotId"]]
    failure = provider_failure(desk, "IVssBackupComponents::GetSnapshotProperties", snapshot)
    if failure is not None:
        return obj, failure
    return obj, Answer(HResult.S_OK, {"pProp": properties(desk, snapshot)})


def provider_failure(desk: Desk, call: str, snapshot: Snapshot) -> Answer | None:
    """How the provider of a shadow copy fails a call on it, or None."""
    return failure_for(desk, snapshot.provider_id, call, snapshot.volume)


def is_volume_supported(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """Whether the provider (any, for the null id) can make a shadow copy of the volume, whatever its limits."""
    volume = find_volume(desk, arguments["pwszVolumeName"])
    if volume is None:
        return obj, no_such_volume(arguments["pwszVolumeName"])
    wanted = arguments["ProviderId"]
    if wanted != GUID_NULL and provider_named(desk, wanted) is None:
        words = f"no provider has the id {wanted}"
        return obj, no(HResult.VSS_E_OBJECT_NOT_FOUND, "ans-object-not-found", words)
    if nested_too_deeply(desk, volume, []):
        words = f"{volume.name} is on a virtual disk inside another one"
        return obj, no(HResult.VSS_E_NESTED_VOLUME_LIMIT, OF_THE_METHOD, words)
    chosen = choose_provider(desk, volume, wanted, obj.context)
    return obj, Answer(HResult.S_OK, {"pbSupportedByThisProvider": not isinstance(chosen, Answer)})


def delete_snapshots(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """One shadow copy, or all of a set, one by one until a provider fails (rule delete-stops-at-first-error).

    Raises:
        NotSimulated: a volume is being reverted to one of them.
    """
    source = arguments["SourceObjectId"]
    whole = arguments["eSourceObjectType"] == ObjectType.SNAPSHOT_SET
    chosen = [
        snapshot
        for snapshot in (*completed(desk), *_from_elsewhere(desk, obj))
        if (snapshot.set_id if whole else snapshot.snapshot_id) == source
    ]
    if not chosen:
        kinds = ("shadow copy", "shadow copy set")
        words = f"{source} is the id of a {kinds[not whole]}, not of a {kinds[whole]}"
        return obj, no(HResult.VSS_E_OBJECT_NOT_FOUND, "sn-delete-unknown", words)
    not_while_reverted_to(desk, *chosen)
    for deleted, snapshot in enumerate(chosen):
        failure = provider_failure(desk, "IVssBackupComponents::DeleteSnapshots", snapshot)
        if failure is not None:
            told = {"plDeletedSnapshots": deleted, "pNondeletedSnapshotID": snapshot.snapshot_id}
            settle_storage(desk)
            return obj, replace(failure, out=told, changed=True)
        desk.drop_snapshot(snapshot.snapshot_id, Fate.DELETED)
    settle_storage(desk)
    return obj, Answer(HResult.S_OK, {"plDeletedSnapshots": len(chosen), "pNondeletedSnapshotID": GUID_NULL})


def _from_elsewhere(desk: Desk, obj: BackupObject) -> list[Snapshot]:
    return [copy for copy in left_behind(desk, obj) if copy.machine != desk.machine_index]


def _cannot_break(desk: Desk, set_id: str) -> Answer | None:
    members = [snapshot for snapshot in completed(desk) if snapshot.set_id == set_id]
    if any(travels(snapshot) for snapshot in members):
        words = "the set is transportable and was not imported"
        return no(HResult.VSS_E_OBJECT_NOT_FOUND, "sn-break-imported-first", words)
    for snapshot in members:
        provider = provider_named(desk, snapshot.provider_id)
        if provider is None or provider.type is not ProviderType.HARDWARE:
            words = "the set was made by a provider that is none of hardware"
            return no(HResult.VSS_E_PROVIDER_VETO, "sn-break-hardware-only", words)
    return None


def _provider_vetoes(desk: Desk, set_id: str, call: str) -> Answer | None:
    failures = (provider_failure(desk, call, copy) for copy in completed(desk) if copy.set_id == set_id)
    return next((failure for failure in failures if failure is not None), None)


def break_snapshot_set(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The set is broken at once."""
    set_id = arguments["SnapshotSetId"]
    refusal = _cannot_break(desk, set_id)
    if refusal is None:
        refusal = _provider_vetoes(desk, set_id, "IVssBackupComponents::BreakSnapshotSet")
    if refusal is None:
        break_up(desk, set_id, HardwareOptions(0))
    return obj, refusal or OK


def break_snapshot_set_ex(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The break begins, if its flags are a requester's and go together; no page says what comes of others."""
    flags = arguments["dwBreakFlags"]
    if flags & ~_BREAK_OPTIONS:
        return obj, no(HResult.E_INVALIDARG, "ans-invalid-argument", f"dwBreakFlags is {flags:#x}")
    for demand, rule in unmet_demands("BreakSnapshotSetEx", {"dwBreakFlags": flags}):
        words = f"dwBreakFlags is {shown(HardwareOptions(flags))} - expected: {demanded(demand)}"
        ways = (legal_call("IVssBackupComponentsEx2::BreakSnapshotSetEx", demand),)
        return obj, Answer(HResult.E_INVALIDARG, rule=rule, words=words, ways=ways)
    return obj, _cannot_break(desk, arguments["SnapshotSetID"]) or OK


def get_root_and_logical_prefix_paths(desk: Desk, obj: BackupObject, arguments: Arguments) -> Done:
    """The volume or share that a path lies on, as AddToSnapshotSet takes it, and as shadow copies are told apart by.

    Raises:
        NotSimulated: the world does not tell the name of the server in the form that is asked for.
    """
    path = arguments["pwszFilePath"] or ""
    if is_share(path):
        return obj, _root_of_share(desk, path, in_full=bool(arguments["bNormalizeFQDNforRootPath"]))
    volume = volume_holding(desk, path)
    if volume is None:
        return obj, no(HResult.E_INVALIDARG, "ans-invalid-argument", f"pwszFilePath is {path!r}")
    name = volume_guid(desk, volume)
    return obj, Answer(HResult.S_OK, {"ppwszRootPath": volume.name, "ppwszLogicalPrefix": name})


def _root_of_share(desk: Desk, path: str, *, in_full: bool) -> Answer:
    """The share of a path by the host name of its server, or by the name with its domain."""
    server, _, rest = path[2:].partition("\\")
    share = rest.partition("\\")[0]
    if not server or not share:
        return no(HResult.E_INVALIDARG, "ans-invalid-argument", f"pwszFilePath is {path!r}")
    asked = f"\\\\{server}\\{share}\\"
    volume = find_volume(desk, asked)
    known = volume.name if volume is not None else asked
    if names_an_address(asked):
        raise NotSimulated(f"GetRootAndLogicalPrefixPaths: the world has no server by the address {server}")
    if in_full and "." not in known[2:].partition("\\")[0]:
        raise NotSimulated(f"GetRootAndLogicalPrefixPaths: the world does not tell the domain of {server!r}")
    root = known if in_full else with_host_name(known)
    return Answer(HResult.S_OK, {"ppwszRootPath": root, "ppwszLogicalPrefix": known})


def reserved(rule: str) -> Callable[[Desk, BackupObject, Arguments], Done]:
    """A method that is the system's own, by a rule that says so."""
    return lambda desk, obj, arguments: (obj, no(HResult.E_NOTIMPL, rule, "the method is reserved for the system"))
