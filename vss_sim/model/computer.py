"""The description of a world: machines with their volumes, services, writers and providers, as a world file has it.

Everything has a default, so that the shortest world is one machine with a volume and nothing on it.
"""

from base64 import b64decode
from collections.abc import Iterable
from typing import Annotated, Any, Final, Literal

import msgspec

from vss_sim.model.content import bytes_of_text
from vss_sim.model.names import VERBATIM, fold, names_of
from vss_sim.model.providers import Provider, ProviderFailure, ProviderReply
from vss_sim.model.registry import Registry
from vss_sim.model.scripted_happenings import ScriptedHappening
from vss_sim.model.scripts import (
    ContextName,
    Count,
    FailingCode,
    ScriptedName,
    Seconds,
    SnapshotAttribute,
    Timed,
    members,
    with_failure,
    with_members,
    with_scripted_name,
)
from vss_sim.model.storage import Array, Lun, Storage
from vss_sim.model.values import (
    Described,
    Guid,
    VolumeName,
    one_of,
    own,
    with_base64,
    with_guids,
    with_volume_names,
    wrong,
)
from vss_sim.model.win32_faults import Win32Fault
from vss_sim.model.wishes import RestoreWishes
from vss_sim.model.writers import HandlerCall, Reply, Writer
from vss_sim.spec.creation import FIRST_MOMENT
from vss_sim.spec.methods import signatures
from vss_sim.spec.scripts import begins_an_operation
from vss_sim.spec.systems import DEFAULT_SYSTEM, EDITIONS, SYSTEMS, came_with, has_method, system_named
from vss_sim.spec.win32 import FileError

__all__ = [
    "DRIVE_C",
    "SYSTEM_PROVIDER",
    "SYSTEM_PROVIDER_ID",
    "Array",
    "Count",
    "Description",
    "File",
    "HandlerCall",
    "Lun",
    "Machine",
    "Provider",
    "ProviderFailure",
    "ProviderReply",
    "Registry",
    "Reply",
    "Requester",
    "ScriptedAnswer",
    "ScriptedHappening",
    "Service",
    "ShadowCopy",
    "Storage",
    "StorageArea",
    "Volume",
    "Win32Fault",
    "Writer",
]

_SYSTEM: Final = "|".join(SYSTEMS).replace(".", r"\.")
SystemName = Annotated[
    str, msgspec.Meta(title="System", extra_json_schema={"pattern": f"^({_SYSTEM})( ({'|'.join(EDITIONS)}))?$"})
]
Compatibility = Annotated[str, one_of("VSS_SNAPSHOT_COMPATIBILITY", members("VSS_SC_"))]

SYSTEM_PROVIDER_ID = "{b5946137-7b9f-4925-af80-51abd60b20d5}"


def _each_once(described: Described, field: str, names: Iterable[str]) -> None:
    """Raises ValueError where two of the things in a field have one name; VSS compares names without case."""
    seen = set()
    for name in names:
        if name.casefold() in seen:
            raise wrong(described, field, f"{name!r} is there twice")
        seen.add(name.casefold())


class File(Described, frozen=True, kw_only=True):
    """A file: its content, or its size and the seed its bytes grow from; open without sharing where `in_use`.

    `denied_to` names the accounts and groups that its security keeps out. With `link_to` it is a reparse point.
    `last_write_time` is in 100 ns since 1601.
    """

    content: str | None = None
    content_base64: str | None = msgspec.field(default=None, name="contentBase64")
    size: Count | None = None
    seed: Count = 0
    in_use: bool = False
    read_only: bool = False
    hidden: bool = False
    system: bool = False
    denied_to: tuple[str, ...] = ()
    link_to: str | None = None
    last_write_time: Count = FIRST_MOMENT

    def __post_init__(self) -> None:
        given = [value for value in (self.content, self.content_base64, self.size, self.link_to) if value is not None]
        if len(given) > 1:
            raise wrong(self, "content", "a file has one of content, contentBase64, size and linkTo")
        with_base64(self, "content_base64")

    @property
    def bytes(self) -> int:
        """How many bytes it has."""
        if self.content_base64 is not None:
            return len(b64decode(self.content_base64))
        return len(bytes_of_text(self.content)) if self.content is not None else self.size or 0


class SlowFlush(Timed, frozen=True, kw_only=True):
    """A flush of the volume's writes that takes another time than usual."""

    seconds: Seconds


class Volume(Described, frozen=True, kw_only=True):
    """A volume by its mount point; `volume_name` is the form with a GUID, made up where it is not given.

    `files` are named by their whole paths; one that ends with a backslash is an empty folder. `mount_points` are more
    folders in which the volume is mounted. `virtual_disk_on` names the volume that holds the virtual disk (VHD) on
    which this one lies, `lun` the LUN. `flush_seconds` is how long its writes take to be flushed before the commit of
    a shadow copy, but where one of the `slow_flushes` speaks; `revert_seconds` how long it goes back to one.
    """

    name: VolumeName
    volume_name: VolumeName | None = None
    mount_points: tuple[VolumeName, ...] = ()
    capacity: Count = 1_000_000_000
    file_system: str = "NTFS"
    drive_type: Literal["fixed", "removable", "remote", "cdrom", "ramdisk"] = "fixed"
    snapshot_compatibility: tuple[Compatibility, ...] = ()
    block_revert: bool = False
    virtual_disk_on: str | None = None
    lun: str | None = None
    dynamic: bool = False
    flush_seconds: Seconds = 0
    slow_flushes: tuple[SlowFlush, ...] = ()
    revert_seconds: Seconds = 0
    files: dict[str, File] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        own(self, "files")
        with_members(self, "snapshot_compatibility", "VSS_SC_")
        with_volume_names(self, "name", self.name)
        with_volume_names(self, "mount_points", *self.mount_points)
        if self.volume_name is not None:
            with_volume_names(self, "volume_name", self.volume_name)
        if self.files:
            self._check_files()

    def _check_files(self) -> None:
        """Raises ValueError where a file's name is none or a folder's, lies elsewhere, or there is no room for it."""
        files: set[str] = set()
        folders: set[str] = set()
        above: set[str] = set()
        for path, file in self.files.items():
            key = fold("\\".join(self._names(path)))
            same = folders if path.endswith("\\") else files
            if key in same:
                raise wrong(self, "files", f"{path!r} is there twice")
            same.add(key)
            if same is folders and file != File():
                raise wrong(self, "files", f"{path!r} is a folder, of which nothing can be said")
            while "\\" in key and (key := key.rpartition("\\")[0]) not in above:
                above.add(key)
        both = files & (folders | above)
        if both:
            raise wrong(self, "files", f"{min(both)!r} is a file and a folder")
        needed = sum(file.bytes for file in self.files.values())
        if needed > self.capacity:
            raise wrong(self, "files", f"they take {needed} bytes, and the volume has {self.capacity}")

    def _names(self, path: str) -> tuple[str, ...]:
        if fold(path[: len(self.name)]) != fold(self.name) or len(path) == len(self.name):
            raise wrong(self, "files", f"{path[:200]!r} does not lie on {self.name!r}")
        try:
            return names_of(path[len(self.name) :], verbatim=True)
        except FileError as error:
            raise wrong(self, "files", f"{path[:200]!r}: {error.code.name}") from None


class Service(Described, frozen=True, kw_only=True):
    """A service of the machine, and the files it holds open while it runs."""

    name: str
    state: Literal["running", "stopped", "paused"] = "running"
    stoppable: bool = True
    opens: tuple[str, ...] = ()


class Requester(Described, frozen=True, kw_only=True):
    """The account that the requester runs under, the groups it is in, and the privileges it holds."""

    account: str = "requester"
    groups: tuple[str, ...] = ("Administrators",)
    privileges: tuple[str, ...] = ("SeBackupPrivilege", "SeRestorePrivilege")


class ScriptedAnswer(Timed, frozen=True, kw_only=True):
    """What a method answers instead of success, or what its operation comes to; `skip` calls pass first.

    `to` is the method's name, with its interface or without. `returns` is the answer of the call itself, `result` what
    its asynchronous operation comes to, `seconds` how long it takes until it begins, `polls` how many looks find it
    pending. Any failure may stand here; docs/answers.md lists those that the method's page names.
    """

    to: ScriptedName
    returns: FailingCode | None = None
    result: FailingCode | None = None
    seconds: Seconds = 0
    polls: Count = 0

    def __post_init__(self) -> None:
        with_scripted_name(self, "to")
        with_failure(self, "returns")
        with_failure(self, "result")
        of_an_operation = [field for field in ("result", "seconds", "polls") if getattr(self, field)]
        if of_an_operation and not begins_an_operation(self.to):
            raise wrong(self, of_an_operation[0], f"{self.to} begins no operation; only `returns` says what it answers")
        if self.returns and self.result:
            raise wrong(self, "result", f"a call that answers {self.returns} begins no operation")


class ShadowCopy(Described, frozen=True, kw_only=True):
    """A shadow copy that is there before anything happens.

    `context` and `attributes` are names; one that is not surfaced (`VSS_VOLSNAP_ATTR_NOT_SURFACED`) is on the storage
    and waits for its import.
    """

    snapshot_id: Guid
    set_id: Guid
    volume: str = "C:\\"
    context: ContextName = "VSS_CTX_NAS_ROLLBACK"
    attributes: tuple[SnapshotAttribute, ...] = ()
    provider_id: Guid = SYSTEM_PROVIDER_ID
    originating_machine: str | None = None

    def __post_init__(self) -> None:
        with_guids(self, "snapshot_id", "set_id", "provider_id")
        with_members(self, "context", "VSS_CTX_")
        with_members(self, "attributes", "VSS_VOLSNAP_ATTR_")


class StorageArea(Described, frozen=True, kw_only=True):
    """Where the shadow copies of a volume keep what is overwritten on it: on which volume, and so many bytes at most.

    `maximum` None: as much as there is room. With no storage area described, what is kept takes no room.
    """

    volume: str
    on: str
    maximum: Count | None = None


SYSTEM_PROVIDER = Provider(name="Microsoft Software Shadow Copy provider 1.0", provider_id=SYSTEM_PROVIDER_ID)
DRIVE_C = Volume(name="C:\\")


class Machine(Described, frozen=True, kw_only=True):
    """A machine: its operating system (of `vss_sim.spec.systems`), what is on it, what its calls answer by script.

    Machines with the same `cluster` are its nodes. For `lun_arrival_timeout` seconds VSS waits for LUNs of an import
    that do not appear.
    """

    name: str = "one"
    os: SystemName = DEFAULT_SYSTEM
    volumes: tuple[Volume, ...] = (DRIVE_C,)
    services: tuple[Service, ...] = ()
    writers: tuple[Writer, ...] = ()
    providers: tuple[Provider, ...] = (SYSTEM_PROVIDER,)
    requester: Requester = Requester()
    registry: Registry = Registry()
    snapshots: tuple[ShadowCopy, ...] = ()
    storage_areas: tuple[StorageArea, ...] = ()
    answers: tuple[ScriptedAnswer, ...] = ()
    win32_faults: tuple[Win32Fault, ...] = ()
    happenings: tuple[ScriptedHappening, ...] = ()
    environment: dict[str, str] = msgspec.field(default_factory=dict)
    safe_mode: bool = False
    cluster: str | None = None
    unsupported_contexts: tuple[ContextName, ...] = ()
    lun_arrival_timeout: Seconds = 0

    def __post_init__(self) -> None:
        try:
            system_named(self.os)
        except ValueError as error:
            raise wrong(self, "os", error) from None
        own(self, "environment")
        with_members(self, "unsupported_contexts", "VSS_CTX_")
        _each_once(self, "environment", self.environment)
        _each_once(self, "volumes", (volume.name for volume in self.volumes))
        _each_once(self, "storage_areas", (area.volume for area in self.storage_areas))
        named = {volume.name.casefold() for volume in self.volumes}
        for area in self.storage_areas:
            for name in (area.volume, area.on):
                if name.casefold() not in named:
                    raise wrong(self, "storage_areas", f"there is no volume {name!r}")
        self._check_happenings()
        self._check_handlers()
        _each_once(self, "services", (service.name for service in self.services))
        _each_once(self, "providers", (provider.provider_id for provider in self.providers if provider.provider_id))

    def _check_handlers(self) -> None:
        """Raises ValueError where a writer calls what its system does not have."""
        for writer in self.writers:
            for name in writer.called:
                known = signatures()[name]
                if not has_method(self.os, known.min_client, known.min_server):
                    since = came_with(known.min_client, known.min_server)
                    raise wrong(self, "writers", f"{writer.name!r} calls {name}, not on {self.os}; {since}")

    def _check_happenings(self) -> None:
        """Raises ValueError where something is to happen to a service, writer or volume that is not there.

        Which GUIDs the volumes have is only known in the world (`vss_sim.model.loose_ends`).
        """
        there = {
            "service": [service.name for service in self.services],
            "writer": [writer.name for writer in self.writers],
            "volume": [name for volume in self.volumes for name in (volume.name, *volume.mount_points)],
        }
        for script in self.happenings:
            for kind, names in there.items():
                name = getattr(script, kind)
                if name is None or (kind == "volume" and name.startswith(VERBATIM)):
                    continue
                if name.casefold() not in map(str.casefold, names):
                    raise wrong(self, "happenings", f"there is no {kind} {name!r}; there are {names}")


class Description(Described, frozen=True, kw_only=True):
    """A whole world, before anything happened in it.

    `then` is what a rehearsal lets happen after its backup, `restore` how it restores.
    """

    machines: tuple[Machine, ...] = (Machine(),)
    storage: Storage = Storage()
    then: tuple[dict[str, Any], ...] = ()
    restore: RestoreWishes = RestoreWishes()

    def __post_init__(self) -> None:
        own(self, "then")
        if not self.machines:
            raise wrong(self, "machines", "a world has at least one machine")
        _each_once(self, "machines", (machine.name for machine in self.machines))
        self._check_storage()

    def _check_storage(self) -> None:
        """Raises ValueError where the storage names a machine or an array that is not there."""
        _each_once(self, "storage", (array.name for array in self.storage.arrays))
        _each_once(self, "storage", (lun.lun for lun in self.storage.luns))
        names = {machine.name for machine in self.machines}
        arrays = {array.name for array in self.storage.arrays}
        known = {name for array in self.storage.arrays for name in array.machines or ()}
        known |= {name for lun in self.storage.luns for name in lun.machines or ()}
        if known - names:
            raise wrong(self, "storage", f"there is no machine {min(known - names)!r}")
        used = {lun.array for lun in self.storage.luns if lun.array is not None}
        used |= {one.array for machine in self.machines for one in machine.providers if one.array is not None}
        if used - arrays:
            raise wrong(self, "storage", f"there is no array {min(used - arrays)!r}")
