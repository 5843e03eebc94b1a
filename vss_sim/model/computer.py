"""The description of a world: machines with their volumes, services, writers and providers, as a world file has it.

Everything has a default, so that the shortest world is one machine with a volume and nothing on it.
"""

from base64 import b64decode
from collections.abc import Iterable
from functools import cache
from typing import Annotated, Any, Literal

import msgspec

from vss_sim.model.document import DifferencedFiles, DirectedTarget, Failure, PartialFile
from vss_sim.model.metadata import WriterMetadata
from vss_sim.model.names import fold, names_of
from vss_sim.model.values import Described, Guid, with_guids, with_names, wrong
from vss_sim.spec.enums import ApplicationLevel, ProviderType, RestoreTarget, numbers
from vss_sim.spec.events import EVENTS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.systems import DEFAULT_SYSTEM, system_named
from vss_sim.spec.win32 import FileError

SYSTEM_PROVIDER_ID = "{b5946137-7b9f-4925-af80-51abd60b20d5}"

Count = Annotated[int, msgspec.Meta(ge=0, le=2**63 - 1)]
"""A number of bytes or times."""


@cache
def _members(prefix: str) -> tuple[str, ...]:
    return tuple(name for name in numbers() if name.startswith(prefix))


def _with_members(described: Described, field: str, prefix: str) -> None:
    known = _members(prefix)
    with_names(described, field, known, f"there are {', '.join(known)}")


def _with_code(described: Described, field: str) -> None:
    with_names(described, field, HResult.__members__, "expected the name of an HRESULT")


def _with_method(described: Described, field: str) -> None:
    known = {signature.name for signature in signatures().values()}
    with_names(described, field, known, "expected the name of a method, without its interface")


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

    def __post_init__(self) -> None:
        given = [value for value in (self.content, self.content_base64, self.size, self.link_to) if value is not None]
        if len(given) > 1:
            raise wrong(self, "content", "a file has one of content, contentBase64, size and linkTo")
        if self.content_base64 is not None:
            try:
                b64decode(self.content_base64, validate=True)
            except ValueError as error:
                raise wrong(self, "content_base64", error) from None

    @property
    def bytes(self) -> int:
        """How many bytes it has."""
        if self.content_base64 is not None:
            return len(b64decode(self.content_base64))
        return len(self.content.encode("utf-8", "surrogatepass")) if self.content is not None else self.size or 0


class Volume(Described, frozen=True, kw_only=True):
    """A volume by its mount point; `volume_name` is the form with a GUID, made up where it is not given.

    `files` are named by their whole paths; one that ends with a backslash is an empty folder. `mount_points` are more
    folders in which the volume is mounted. `virtual_disk_on` names the volume that holds the virtual disk (VHD) on
    which this one lies, `lun` the LUN.
    """

    name: str
    volume_name: str | None = None
    mount_points: tuple[str, ...] = ()
    capacity: Count = 1_000_000_000
    file_system: str = "NTFS"
    drive_type: Literal["fixed", "removable", "remote", "cdrom", "ramdisk"] = "fixed"
    snapshot_compatibility: tuple[str, ...] = ()
    block_revert: bool = False
    virtual_disk_on: str | None = None
    lun: str | None = None
    dynamic: bool = False
    files: dict[str, File] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        _with_members(self, "snapshot_compatibility", "VSS_SC_")
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


class Reply(Described, frozen=True, kw_only=True):
    """How a writer answers an event, `times` times, and what it writes into its components while it handles it.

    `fails` None: it answers well. `component` names the component that it writes into (None: each of its own).
    """

    on: str
    fails: str | None = None
    times: Count | None = None
    message: str | None = None
    component: str | None = None
    set_backup_metadata: str | None = None
    set_backup_stamp: str | None = None
    set_restore_metadata: str | None = None
    set_restore_target: RestoreTarget | None = None
    add_partial_files: tuple[PartialFile, ...] = ()
    add_differenced_files: tuple[DifferencedFiles, ...] = ()
    add_directed_targets: tuple[DirectedTarget, ...] = ()
    set_failure: Failure | None = None

    def __post_init__(self) -> None:
        with_names(self, "on", EVENTS, f"there are {', '.join(EVENTS)}")
        _with_code(self, "fails")


class Writer(WriterMetadata, frozen=True, kw_only=True):
    """A writer: what its metadata says, where it runs, at which level it freezes, how it replies to events.

    `invalid_metadata`: the document that it gives at Identify does not keep to the schema.
    """

    hosted_in: str | None = None
    level: ApplicationLevel = ApplicationLevel.FRONT_END
    express: bool = False
    running: bool = True
    replies: tuple[Reply, ...] = ()
    invalid_metadata: bool = False


class ProviderFailure(Described, frozen=True, kw_only=True):
    """How a provider fails what it is asked for in a requester's call, `to`; `volume` None: for any volume."""

    to: str
    fails: str = "VSS_E_PROVIDER_VETO"
    volume: str | None = None

    def __post_init__(self) -> None:
        _with_method(self, "to")
        _with_code(self, "fails")


class Provider(Described, frozen=True, kw_only=True):
    """A provider: its kind, its ids, which volumes it takes and which attributes it can honour (None: as its kind).

    `capabilities` are names of VSS_PROVIDER_CAPABILITIES; one that states none has those of a current provider.
    """

    name: str
    type: ProviderType = ProviderType.SYSTEM
    provider_id: Guid | None = None
    version: str = "1.0.0.7"
    version_id: Guid | None = None
    class_id: Guid | None = None
    volumes: tuple[str, ...] | None = None
    attributes: tuple[str, ...] | None = None
    capabilities: tuple[str, ...] = ()
    failures: tuple[ProviderFailure, ...] = ()

    def __post_init__(self) -> None:
        with_guids(self, "provider_id", "version_id", "class_id")
        _with_members(self, "attributes", "VSS_VOLSNAP_ATTR_")
        _with_members(self, "capabilities", "VSS_PRV_CAPABILITY_")


class Requester(Described, frozen=True, kw_only=True):
    """The account that the requester runs under, the groups it is in, and the privileges it holds."""

    account: str = "requester"
    groups: tuple[str, ...] = ("Administrators",)
    privileges: tuple[str, ...] = ("SeBackupPrivilege", "SeRestorePrivilege")


class Registry(Described, frozen=True, kw_only=True):
    """The part of the registry that VSS reads, and whether paths may be longer than MAX_PATH."""

    vss_access_control: dict[str, int] = msgspec.field(default_factory=dict)
    long_paths_enabled: bool = False


class ScriptedAnswer(Described, frozen=True, kw_only=True):
    """What a method answers instead of success, or what its operation comes to; `skip` calls pass first.

    `to` is the method's name. `returns` is the answer of the call itself, `result` what its asynchronous operation
    comes to, `seconds` how long that takes, `polls` how many looks find it pending. `times` None: always.
    Any code may stand here; docs/answers.md lists those that the method's page names.
    """

    to: str
    returns: str | None = None
    result: str | None = None
    seconds: Annotated[float, msgspec.Meta(ge=0)] = 0
    polls: Count = 0
    skip: Count = 0
    times: Count | None = None

    def __post_init__(self) -> None:
        _with_method(self, "to")
        _with_code(self, "returns")
        _with_code(self, "result")


class ShadowCopy(Described, frozen=True, kw_only=True):
    """A shadow copy that is there before anything happens.

    `context` and `attributes` are names; one that is not surfaced (`VSS_VOLSNAP_ATTR_NOT_SURFACED`) is on the storage
    and waits for its import.
    """

    snapshot_id: Guid
    set_id: Guid
    volume: str = "C:\\"
    context: str = "VSS_CTX_NAS_ROLLBACK"
    attributes: tuple[str, ...] = ()
    provider_id: Guid = SYSTEM_PROVIDER_ID
    originating_machine: str | None = None


SYSTEM_PROVIDER = Provider(name="Microsoft Software Shadow Copy provider 1.0", provider_id=SYSTEM_PROVIDER_ID)
DRIVE_C = Volume(name="C:\\")


class Machine(Described, frozen=True, kw_only=True):
    """A machine: its operating system (of `vss_sim.spec.systems`), what is on it, what its calls answer by script."""

    name: str = "one"
    os: str = DEFAULT_SYSTEM
    volumes: tuple[Volume, ...] = (DRIVE_C,)
    services: tuple[Service, ...] = ()
    writers: tuple[Writer, ...] = ()
    providers: tuple[Provider, ...] = (SYSTEM_PROVIDER,)
    requester: Requester = Requester()
    registry: Registry = Registry()
    snapshots: tuple[ShadowCopy, ...] = ()
    answers: tuple[ScriptedAnswer, ...] = ()
    safe_mode: bool = False
    unsupported_contexts: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        try:
            system_named(self.os)
        except ValueError as error:
            raise wrong(self, "os", error) from None
        _with_members(self, "unsupported_contexts", "VSS_CTX_")
        _each_once(self, "volumes", (volume.name for volume in self.volumes))
        _each_once(self, "services", (service.name for service in self.services))
        _each_once(self, "providers", (provider.provider_id for provider in self.providers if provider.provider_id))


class Storage(Described, frozen=True, kw_only=True):
    """The arrays that machines share."""

    luns: tuple[dict[str, str], ...] = ()


class Description(Described, frozen=True, kw_only=True):
    """A whole world, before anything happened in it; `then` is what a rehearsal lets happen after its backup."""

    machines: tuple[Machine, ...] = (Machine(),)
    storage: Storage = Storage()
    then: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        if not self.machines:
            raise wrong(self, "machines", "a world has at least one machine")
        _each_once(self, "machines", (machine.name for machine in self.machines))
