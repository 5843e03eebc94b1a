"""The description of a world: machines with their volumes, services, writers and providers, as a world file has it.

Everything has a default, so that the shortest world is one machine with a volume and nothing on it.
"""

import msgspec

from vss_sim.model.document import DifferencedFiles, DirectedTarget, Failure, PartialFile
from vss_sim.model.metadata import WriterMetadata
from vss_sim.model.values import Described, Guid, with_guids
from vss_sim.spec.enums import ApplicationLevel, ProviderType, RestoreTarget
from vss_sim.spec.systems import DEFAULT_SYSTEM, system_named

SYSTEM_PROVIDER_ID = "{b5946137-7b9f-4925-af80-51abd60b20d5}"


class File(Described, frozen=True, kw_only=True):
    """A file: its content, or its size and the seed its bytes grow from; open without sharing where `in_use`."""

    content: str | None = None
    size: int | None = None
    seed: int = 0
    in_use: bool = False
    read_only: bool = False
    hidden: bool = False
    system: bool = False


class Volume(Described, frozen=True, kw_only=True):
    """A volume by its mount point; `volume_name` is the form with a GUID, made up where it is not given."""

    name: str
    volume_name: str | None = None
    capacity: int = 1_000_000_000
    file_system: str = "NTFS"
    drive_type: str = "fixed"
    snapshot_compatibility: tuple[str, ...] = ()
    block_revert: bool = False
    files: dict[str, File] = msgspec.field(default_factory=dict)


class Service(Described, frozen=True, kw_only=True):
    """A service of the machine, and the files it holds open while it runs."""

    name: str
    state: str = "running"
    stoppable: bool = True
    opens: tuple[str, ...] = ()


class Reply(Described, frozen=True, kw_only=True):
    """How a writer answers an event, `times` times, and what it writes into its components while it handles it.

    `fails` None: it answers well. `component` names the component that it writes into (None: each of its own).
    """

    on: str
    fails: str | None = None
    times: int | None = None
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


class Writer(WriterMetadata, frozen=True, kw_only=True):
    """A writer: what its metadata says, where it runs, at which level it freezes, how it replies to events."""

    hosted_in: str | None = None
    level: ApplicationLevel = ApplicationLevel.FRONT_END
    express: bool = False
    running: bool = True
    replies: tuple[Reply, ...] = ()


class Provider(Described, frozen=True, kw_only=True):
    """A provider: its kind, its ids, which volumes it takes and which attributes it can honour (None: as its kind)."""

    name: str
    type: ProviderType = ProviderType.SYSTEM
    provider_id: Guid | None = None
    version: str = "1.0.0.7"
    version_id: Guid | None = None
    class_id: Guid | None = None
    volumes: tuple[str, ...] | None = None
    attributes: tuple[str, ...] | None = None
    capabilities: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        with_guids(self, "provider_id", "version_id", "class_id")


class Requester(Described, frozen=True, kw_only=True):
    """The account that the requester runs under, the groups it is in, and the privileges it holds."""

    account: str = "requester"
    groups: tuple[str, ...] = ("Administrators",)
    privileges: tuple[str, ...] = ("SeBackupPrivilege", "SeRestorePrivilege")


class Registry(Described, frozen=True, kw_only=True):
    """The part of the registry that VSS reads."""

    vss_access_control: dict[str, int] = msgspec.field(default_factory=dict)


class ScriptedAnswer(Described, frozen=True, kw_only=True):
    """What a method answers instead of success, or what its operation comes to; `skip` calls pass first.

    `to` is the method's name. `returns` is the answer of the call itself, `result` what its asynchronous operation
    comes to, `seconds` how long that takes, `polls` how many looks find it pending. `times` None: always.
    """

    to: str
    returns: str | None = None
    result: str | None = None
    seconds: float = 0
    polls: int = 0
    skip: int = 0
    times: int | None = None


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
        system_named(self.os)


class Storage(Described, frozen=True, kw_only=True):
    """The arrays that machines share."""

    luns: tuple[dict[str, str], ...] = ()


class Description(Described, frozen=True, kw_only=True):
    """A whole world, before anything happened in it."""

    machines: tuple[Machine, ...] = (Machine(),)
    storage: Storage = Storage()

    def __post_init__(self) -> None:
        names = [machine.name for machine in self.machines]
        if not names or len(set(names)) != len(names):
            raise ValueError("a world has at least one machine, and no two of the same name")
