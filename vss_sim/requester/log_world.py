"""The world that a log shows: the volumes, writers, components and providers it names, and what came from outside.

What VSS decides by itself is left to the simulator; only answers that the environment gives (a provider's veto, an
operation still pending, another process in the way) are scripted as they were recorded.
"""

from collections.abc import Iterable
from typing import Any, Final

from msgspec.structs import replace

from vss_sim.model.computer import (
    DRIVE_C,
    SYSTEM_PROVIDER,
    SYSTEM_PROVIDER_ID,
    Description,
    Machine,
    Provider,
    Reply,
    ShadowCopy,
    Volume,
    Writer,
)
from vss_sim.model.document import BackupComponentsDocument, DocumentComponent, WriterComponents
from vss_sim.model.metadata import (
    AlternateLocationMapping,
    ComponentDependency,
    FileSet,
    RestoreMethodDescription,
    WriterComponent,
    WriterMetadata,
)
from vss_sim.model.values import GUID_NULL, guid
from vss_sim.model.world import record_of
from vss_sim.requester.log_script import LogScript
from vss_sim.spec.enums import ComponentType, ProviderType, RestoreMethod
from vss_sim.spec.events import EVENTS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import ASYNC, call_names, signatures
from vss_sim.trace.lines import Line
from vss_sim.trace.values import Code, parse_code, parse_guid

_FILE_PATH: Final = "pwszFilePath"
_PLACES: Final = ("pwszVolumeName", "pwszVolume", "wszVolumeName")
_OTHER_WRITER: Final = "{0b5e7e00-0000-4000-8000-%012x}"
_FAILED_AT: Final[dict[str, str]] = {event.failed: event.name for event in EVENTS.values() if event.failed is not None}
"""State of a failed writer → the event that it failed."""
_NAMES_A_COMPONENT: Final = frozenset({"wszComponentName", "wszLogicalPath", "ct", "componentType"})
_NOBODY: Final = Writer(name="Writer", writer_id=_OTHER_WRITER % 1)
_NEXT: Final = "IVssEnumObject::Next"
_OF_A_WRITER: Final = ("GetWriterMetadata", "GetWriterMetadataEx", "GetWriterStatus", "GetWriterStatusEx")
_OTHER_COPY: Final = "{0c0b7e00-0000-4000-8000-%012x}"
_NAMES_A_COPY: Final = ("SnapshotId", "snapshotId", "SnapshotSetId", "SnapshotSetID", "SourceObjectId")
_MAKES_ALL: Final = ("VSS_VOLSNAP_ATTR_TRANSPORTABLE", "VSS_VOLSNAP_ATTR_DIFFERENTIAL", "VSS_VOLSNAP_ATTR_PLEX")
_HARDWARE: Final = Provider(
    name="Hardware provider",
    type=ProviderType.HARDWARE,
    provider_id="{0dad7e00-0000-4000-8000-000000000001}",
    attributes=_MAKES_ALL,
)
_PERSISTENT_CONTEXTS: Final = ("VSS_CTX_APP_ROLLBACK", "VSS_CTX_CLIENT_ACCESSIBLE", "VSS_CTX_CLIENT_ACCESSIBLE_WRITERS")
_TRAVELLING: Final = ShadowCopy(
    snapshot_id=_OTHER_COPY % 0xA,
    set_id=_OTHER_COPY % 0xB,
    context="VSS_CTX_APP_ROLLBACK",
    attributes=("VSS_VOLSNAP_ATTR_TRANSPORTABLE", "VSS_VOLSNAP_ATTR_NOT_SURFACED"),
    provider_id=_HARDWARE.provider_id or "",
)
"""The shadow copy that a log imports."""
UNRECORDED: Final = "Component"
"""The name of a component of which a log does not say the name."""
_FILES: Final = FileSet(path="C:\\data", filespec="*")
_DEPENDENCY: Final = ComponentDependency(writer_id=_OTHER_WRITER % 0, component_name="Other")
_MAPPING: Final = AlternateLocationMapping(path="C:\\data", filespec="*", destination="C:\\alternate")
_HAS_ALL: Final[dict[str, Any]] = {
    "files": (_FILES,),
    "database_files": (_FILES,),
    "database_log_files": (_FILES,),
    "dependencies": (_DEPENDENCY,),
}
"""A component of which everything that a program may read is there once."""


class LogWorld:
    """Gathers, line by line, what a log shows of its world."""

    def __init__(self) -> None:
        self._context = "VSS_CTX_NAS_ROLLBACK"
        self._volumes: dict[str, Volume] = {DRIVE_C.name.casefold(): DRIVE_C}
        self._providers: dict[str, Provider] = {}
        self._writers: dict[str, Writer] = {}
        self._instances: dict[str, str] = {}
        self._components: dict[str, dict[tuple[str, str], WriterComponent]] = {}
        self._script = LogScript()
        self._machines: list[str] = []
        self._made: set[str] = set()
        self._shadow_copies: dict[str, ShadowCopy] = {}
        self._transported = False
        self._listed_copies = 0
        self._reverted = DRIVE_C.name.casefold()
        self._failures: dict[str, str] = {}
        self._writers_counted = 0
        self._system: str | None = None

    def see(self, line: Line) -> None:
        """Learn from one line."""
        full_name = call_names().get(line.call or "")
        signature = signatures().get(full_name or "")
        if signature is None or line.call is None:
            return
        self._script.see(line, signature)
        if line.machine is not None and line.machine not in self._machines:
            self._machines.append(line.machine)
        if signature.family == ASYNC:
            return
        if signature.full_name == _NEXT and line.returns == HResult.S_OK.name:
            self._listed_copies += 1
        code = parse_code(line.returns) if isinstance(line.returns, (str, int)) else None
        self._computer(signature.name, line.in_ or {}, line.out or {}, code)

    def _computer(self, name: str, given: dict[str, Any], out: dict[str, Any], code: Code | None) -> None:
        """Volumes, providers, writers and components that a call names and VSS found."""
        if code is not None and not code.succeeded:
            if name == "SetContext" and code.known is HResult.E_NOTIMPL:
                self._system = "Windows XP"
            return
        self._shadow_copy(name, given, out)
        for place in _PLACES:
            if isinstance(given.get(place), str):
                self._volume(given[place])
        if isinstance(given.get(_FILE_PATH), str) and given[_FILE_PATH][1:3] == ":\\":
            self._volume(given[_FILE_PATH][:3])
        provider = parse_guid(given.get("ProviderId"))
        if provider is not None and guid(provider) not in (SYSTEM_PROVIDER.provider_id, guid(None)):
            self._providers[provider] = replace(
                _HARDWARE, name="Provider", type=ProviderType.SOFTWARE, provider_id=guid(provider)
            )
        self._writers_counted = max(self._writers_counted, _writers_seen(name, given, out))
        state = out.get("pnStatus")
        if isinstance(state, str) and state in _FAILED_AT:
            failure = out.get("phResultFailure") or out.get("phrFailureWriter") or "VSS_E_WRITERERROR_NONRETRYABLE"
            self._failures[_FAILED_AT[state]] = str(failure)
        writer = parse_guid(given.get("writerId") or out.get("pidWriter"))
        if writer is not None:
            self._writer(guid(writer), given.get("instanceId") or out.get("pidInstance"), out)
            self._component(guid(writer), given)

    def _shadow_copy(self, name: str, given: dict[str, Any], out: dict[str, Any]) -> None:
        """A shadow copy or set that a call names and none made was there before."""
        if name == "QueryRevertStatus" and isinstance(given.get("pwszVolume"), str):
            self._reverted = given["pwszVolume"].casefold()
        self._made |= {known for known in map(parse_guid, out.values()) if known is not None}
        if name == "SetContext" and "TRANSPORTABLE" in str(given.get("lContext")):
            self._providers[_HARDWARE.name] = _HARDWARE
        if name == "SetContext" and given.get("lContext") in _PERSISTENT_CONTEXTS:
            self._context = given["lContext"]
        if name == "ImportSnapshots":
            self._transported = True
            self._providers[_HARDWARE.name] = _HARDWARE
        for place in _NAMES_A_COPY:
            known = parse_guid(given.get(place))
            if known is None or known in self._made:
                continue
            names_a_set = place != "SnapshotId" and given.get("eSourceObjectType") != "VSS_OBJECT_SNAPSHOT"
            is_set = names_a_set and place != "snapshotId"
            other = _OTHER_COPY % (len(self._shadow_copies) + 1)
            broken = name.startswith("Break")
            self._shadow_copies[known] = ShadowCopy(
                snapshot_id=other if is_set else guid(known),
                set_id=guid(known) if is_set else other,
                provider_id=_HARDWARE.provider_id or "" if broken else SYSTEM_PROVIDER_ID,
            )
            if broken:
                self._providers[_HARDWARE.name] = _HARDWARE

    def _volume(self, name: str) -> None:
        key = name.casefold()
        if key in self._volumes or not name.endswith("\\"):
            return
        if name.startswith("\\\\?\\"):
            letter = f"{chr(ord('M') + len(self._volumes))}:\\"
            self._volumes[key] = Volume(name=letter, volume_name=name)
        else:
            self._volumes[key] = Volume(name=name)

    def _writer(self, writer_id: str, instance: object, out: dict[str, Any]) -> None:
        known = parse_guid(instance)
        if known is not None and guid(known) != guid(None):
            self._instances.setdefault(writer_id, guid(known))
        if writer_id not in self._writers:
            name = out.get("pbstrWriterName") or out.get("pbstrWriter") or f"Writer {len(self._writers) + 1}"
            self._writers[writer_id] = Writer(name=str(name), writer_id=writer_id)

    def _component(self, writer_id: str, given: dict[str, Any]) -> None:
        if _NAMES_A_COMPONENT.isdisjoint(given):
            return
        name = given.get("wszComponentName") or UNRECORDED
        path = given.get("wszLogicalPath") or ""
        kind = given.get("ct") or given.get("componentType") or ComponentType.FILEGROUP
        kept = self._components.setdefault(writer_id, {})
        if isinstance(name, str) and isinstance(path, str) and kind in tuple(ComponentType):
            made = WriterComponent(type=ComponentType(kind), logical_path=path, name=name, **_HAS_ALL)
            kept.setdefault((path, name), made)

    def within(self, described: Description) -> Description:
        """A world that is described, with what came from outside as the log recorded it."""
        spare = [provider for provider in self._providers if provider != _HARDWARE.name]
        machines: list[Machine] = []
        for machine in described.machines:
            providers = [
                replace(known, provider_id=guid(spare.pop(0))) if spare and _is_nameless(known) else known
                for known in machine.providers
            ]
            answers = self._script.answers(machine.name, first=not machines)
            machines.append(
                replace(
                    machine,
                    writers=tuple(self._named(writer) for writer in machine.writers),
                    providers=tuple(providers),
                    answers=(*machine.answers, *answers),
                )
            )
        return replace(described, machines=tuple(machines))

    def _named(self, writer: Writer) -> Writer:
        """A described writer, with the instance id that the log shows."""
        return replace(writer, instance_id=writer.instance_id or self._instances.get(guid(writer.writer_id)))

    def description(self) -> Description:
        """The world, as far as the log showed it."""
        writers = [self._described(writer) for writer in self._writers.values()]
        copies = list(self._shadow_copies.values())
        while len(copies) < self._listed_copies:
            number = 2 * len(copies) + 1
            first, second = _OTHER_COPY % number, _OTHER_COPY % (number + 1)
            copies.append(ShadowCopy(snapshot_id=first, set_id=second, context=self._context))
        if self._transported:
            copies.append(_TRAVELLING)
        volume = self._volumes.get(self._reverted, DRIVE_C).name
        while len(writers) < self._writers_counted:
            number = len(writers) + 1
            writers.append(self._described(Writer(name=f"Writer {number}", writer_id=_OTHER_WRITER % number)))
        machine = Machine(
            volumes=tuple(self._volumes.values()),
            providers=(SYSTEM_PROVIDER, *(self._serving(provider) for provider in self._providers.values())),
            writers=tuple(writers),
            snapshots=tuple(replace(copy, volume=volume) for copy in copies),
        )
        if self._system is not None:
            machine = replace(machine, os=self._system)
        names = self._machines or [machine.name]
        return Description(
            machines=tuple(
                replace(machine, name=name, answers=self._script.answers(name, first=name == names[0]))
                for name in names
            )
        )

    def _serving(self, provider: Provider) -> Provider:
        return replace(provider, volumes=tuple(volume.name for volume in self._volumes.values()))

    def _described(self, writer: Writer) -> Writer:
        components = self._components.get(writer.writer_id, {})
        return replace(
            writer,
            instance_id=self._instances.get(writer.writer_id),
            components=tuple(components.values()) or (WriterComponent(name=UNRECORDED, **_HAS_ALL),),
            alternate_location_mappings=(_MAPPING,),
            replies=tuple(Reply(on=event, fails=failure) for event, failure in self._failures.items()),
            exclude_files=(_FILES,),
            include_files=(_FILES,),
            restore_method=RestoreMethodDescription(method=RestoreMethod.RESTORE_IF_CAN_REPLACE),
        )

    def writer_metadata(self) -> WriterMetadata:
        """The metadata of the first writer, as an earlier backup may have saved it."""
        return next(iter(self.description().machines[0].writers), self._described(_NOBODY))

    def document(self) -> BackupComponentsDocument:
        """A document of an earlier backup with the components that the log names."""
        copies = [_TRAVELLING] if self._transported else []
        return BackupComponentsDocument(
            select_components=True,
            snapshot_set_id=_TRAVELLING.set_id if copies else GUID_NULL,
            snapshots=tuple(record_of(copy) for copy in copies),
            writers=tuple(
                WriterComponents(
                    writer_id=writer_id,
                    instance_id=self._instances.get(writer_id, guid(None)),
                    components=tuple(
                        DocumentComponent(type=component.type, logical_path=path, name=name, backup_succeeded=True)
                        for (path, name), component in components.items()
                    ),
                )
                for writer_id, components in self._components.items()
            ),
        )


def _writers_seen(name: str, given: dict[str, Any], out: dict[str, Any]) -> int:
    """How many writers there must be for this call to succeed, as far as it shows that."""
    counted, index = out.get("pcWriters"), given.get("iWriter")
    if isinstance(counted, int):
        return counted
    if name in _OF_A_WRITER:
        return index + 1 if isinstance(index, int) else 1
    return 0


def _is_nameless(provider: Provider) -> bool:
    """Whether the id of a described provider is left to the log."""
    return provider.provider_id is None and provider.type is not ProviderType.SYSTEM


def world_of(lines: Iterable[Line]) -> LogWorld:
    """What the lines of a log show of their world."""
    world = LogWorld()
    for line in lines:
        world.see(line)
    return world
