"""The world: the description it began with, and all that has come to be since. A value: every step makes another.

Its ids and handles come from one counter and its time is a number of seconds, so the same calls give the same world.
"""

from typing import Final, Self

import msgspec
from msgspec.structs import replace

from vss_sim.model.computer import Description, Machine, Requester, ShadowCopy, Writer
from vss_sim.model.disk import Disk
from vss_sim.model.disks import Disks, new_disks, taken_away
from vss_sim.model.document import SnapshotRecord
from vss_sim.model.maps import Map
from vss_sim.model.metadata import joined
from vss_sim.model.names import fold
from vss_sim.model.objects import AnyObject, Handle
from vss_sim.model.storage import MARKED, LunState, new_luns
from vss_sim.model.values import Guid, Value, guid, numbered_guid
from vss_sim.spec.creation import FIRST_MOMENT
from vss_sim.spec.enums import ProviderType
from vss_sim.spec.importing import Fate
from vss_sim.spec.table import Profile


class WriterInstance(Value, frozen=True, kw_only=True):
    """A writer of a machine as it is now; `replies` counts the events that each of its scripts could be about.

    `writer` is what it declares and does. It is `running` while it hears events; an express writer, which hears none,
    while its metadata are stored.
    """

    writer: Writer
    instance_id: Guid
    running: bool
    replies: tuple[int, ...] = ()


def described_instance(machine: Machine, place: int, made: Guid, stopped: frozenset[str]) -> WriterInstance:
    """A described writer when its machine starts; `stopped` are the services that do not run then, in lower case."""
    writer = machine.writers[place]
    hosted = not writer.express and (writer.hosted_in or "").casefold() in stopped
    running = writer.running and not hosted
    return WriterInstance(writer=writer, instance_id=made, running=running, replies=(0,) * len(writer.replies))


class ProviderCounts(Value, frozen=True, kw_only=True):
    """How often each script of a provider could have spoken."""

    failures: tuple[int, ...] = ()
    replies: tuple[int, ...] = ()


class Snapshot(Value, frozen=True, kw_only=True):
    """A shadow copy that exists on a machine; `owner` is the object whose release lets an auto-release copy go."""

    snapshot_id: Guid
    set_id: Guid
    machine: int
    volume: str
    provider_id: Guid
    attributes: int
    context: int
    owner: Handle | None
    originating_machine: str
    created: int
    number: int
    """That of its device on its machine; while it is not surfaced, its device leads nowhere."""
    in_set: int = 1
    """How many copies its set was made with."""
    exposed_name: str | None = None
    exposed_path: str | None = None
    importer: Handle | None = None
    """The object that imported it, whose release lets an auto-release copy go as well (dispute C36)."""
    lun: str = ""
    """The LUN on which a hardware provider keeps it."""
    disk: Disk | None = None
    """The volume as it was when the shadow copy came to be; None where the machine has no such volume."""
    beside: tuple[tuple[str, Disk], ...] = ()
    """The other volumes on the LUN of the original, as they were then: a copy of a LUN has them, too."""


class Revert(Value, frozen=True):
    """A volume goes back to a shadow copy, or has gone: it is over when the clock has passed `ends`."""

    volume: str
    ends: float
    snapshot_id: Guid


class MachineState(Value, frozen=True, kw_only=True, gc=False):
    """What changes on a machine: its writers, disks and services (by their states, in the order of the description).

    `reverts` has the last revert of each volume, `devices` is the highest number that the device of a
    shadow copy was given since the machine started, `answers`, `providers`, `win32_faults`, `happenings` and
    `flushes` (volume by volume) count how often each script could have spoken, `requester` is the account that calls
    are made under now, where it is not the one of the description any more.
    """

    writers: tuple[WriterInstance, ...]
    disks: Disks = Disks()
    services: tuple[str, ...] = ()
    reverts: tuple[Revert, ...] = ()
    devices: int = 0
    answers: tuple[int, ...] = ()
    providers: tuple[ProviderCounts, ...] = ()
    win32_faults: tuple[int, ...] = ()
    happenings: tuple[int, ...] = ()
    flushes: tuple[tuple[int, ...], ...] = ()
    requester: Requester | None = None
    plain: bool = True
    """Nothing about the machine makes calls fail before VSS looks at them: no script, no denial, no older system."""
    plain_storage: bool = True
    """No file call is scripted to fail or to be followed by something, and no shadow copy has a storage area."""
    providers_obey: bool = True
    """No provider of the machine fails a creation, or takes its time for it."""


class World(msgspec.Struct, frozen=True, gc=False):
    """Everything there is at one moment. Its maps are never written to; a step that changes one makes another."""

    description: Description
    profile: Profile
    machines: tuple[MachineState, ...]
    objects: dict[Handle, AnyObject]
    snapshots: dict[Guid, Snapshot]
    clock: float
    serial: int
    luns: dict[str, LunState]
    gone: Map[Guid, Fate] = Map()
    """Shadow copies that were on a LUN, of which a document may still tell, and how each went."""

    def __deepcopy__(self, _: object) -> Self:
        """The same, since a world is a value."""
        return self

    def machine(self, index: int) -> Machine:
        """The description of a machine."""
        return self.description.machines[index]


def _is_plain(machine: Machine) -> bool:
    usual = Machine()
    may_call = machine.requester == usual.requester and machine.registry == usual.registry
    return may_call and machine.os == usual.os and not machine.answers


def new_world(description: Description | None = None, profile: Profile = Profile.WINDOWS) -> World:
    """The world as `description` has it (one machine with a volume and no writers, if none is given)."""
    description = description or Description()
    serial = 0
    machines = []
    for index, machine in enumerate(description.machines):
        stopped = frozenset(service.name.casefold() for service in machine.services if service.state == "stopped")
        instances = []
        for place, writer in enumerate(machine.writers):
            serial += 1
            made = guid(writer.instance_id) if writer.instance_id else numbered_guid(0xC0, serial)
            instances.append(described_instance(machine, place, made, stopped))
        counts = tuple(
            ProviderCounts(failures=(0,) * len(provider.failures), replies=(0,) * len(provider.replies))
            for provider in machine.providers
        )
        machines.append(
            MachineState(
                writers=tuple(instances),
                disks=new_disks(index, machine),
                services=tuple(service.state for service in machine.services),
                answers=(0,) * len(machine.answers),
                win32_faults=(0,) * len(machine.win32_faults),
                happenings=(0,) * len(machine.happenings),
                flushes=tuple((0,) * len(volume.slow_flushes) for volume in machine.volumes),
                providers=counts,
                plain=_is_plain(machine),
                plain_storage=not (machine.win32_faults or machine.happenings or machine.storage_areas),
                providers_obey=all(provider.never_fails for provider in machine.providers),
            )
        )
    luns = _luns(description)
    snapshots = _shadow_copies(description, machines, luns)
    for copy in snapshots.values():
        if copy.number:
            machines[copy.machine] = replace(machines[copy.machine], devices=copy.number)
    seen = tuple(_without_masked(place, description, state, luns) for place, state in enumerate(machines))
    return World(description, profile, seen, {}, snapshots, 0.0, serial, luns)


def _without_masked(
    place: int, description: Description, state: MachineState, luns: dict[str, LunState]
) -> MachineState:
    """The machine without the volumes whose LUN is masked from it."""
    volumes = enumerate(description.machines[place].volumes)
    away = {number for number, volume in volumes if volume.lun is not None and place not in luns[volume.lun].seen_by}
    return replace(state, disks=taken_away(state.disks, frozenset(away))) if away else state


def _luns(description: Description) -> dict[str, LunState]:
    """The LUNs that are described and those on which volumes lie."""
    on = (
        (place, volume.lun, _array_of(machine, volume.name))
        for place, machine in enumerate(description.machines)
        for volume in machine.volumes
        if volume.lun is not None
    )
    return new_luns(description.storage, on, tuple(machine.name for machine in description.machines))


def _array_of(machine: Machine, volume: str) -> str:
    """The array of the first hardware provider that takes a volume."""
    for provider in machine.providers:
        if provider.array is not None and (provider.volumes is None or volume in provider.volumes):
            return provider.array
    return ""


def _lun_with(copy: ShadowCopy, lun: str, machine: Machine, seen: frozenset[int]) -> LunState:
    """The LUN on which a shadow copy of the beginning lies."""
    return LunState(
        lun=lun,
        array=_array_of(machine, copy.volume),
        seen_by=seen,
        marks=MARKED,
        identity=lun,
        copy_of=copy.volume,
        snapshot_id=guid(copy.snapshot_id),
    )


def _shadow_copies(
    description: Description, machines: list[MachineState], luns: dict[str, LunState]
) -> dict[Guid, Snapshot]:
    """The shadow copies that are there before anything happens; they show the volumes as they are then.

    One that its description says is on the storage, or whose provider is of hardware, lies on a LUN.
    """
    found: dict[Guid, Snapshot] = {}
    for index, machine in enumerate(description.machines):
        disks = machines[index].disks
        volumes = {fold(volume.name): disk for volume, disk in zip(machine.volumes, disks.volumes, strict=True)}
        devices = 0
        for copy in machine.snapshots:
            context = joined((copy.context,))
            attributes = context | joined(copy.attributes)
            lun, surfaced = _lun_of(machine, copy), not attributes & _NOT_SURFACED
            devices += surfaced
            if lun:
                luns[lun] = _lun_with(copy, lun, machine, frozenset({index} if surfaced else ()))
            found[guid(copy.snapshot_id)] = Snapshot(
                snapshot_id=guid(copy.snapshot_id),
                set_id=guid(copy.set_id),
                machine=index,
                volume=copy.volume,
                provider_id=guid(copy.provider_id),
                attributes=attributes,
                context=context,
                owner=None,
                in_set=sum(guid(other.set_id) == guid(copy.set_id) for other in machine.snapshots),
                lun=lun,
                originating_machine=copy.originating_machine or machine.name,
                created=FIRST_MOMENT,
                number=devices if surfaced else 0,
                disk=volumes.get(fold(copy.volume)),
                beside=beside_on_lun(machine, disks, copy.volume) if lun else (),
            )
    return found


def beside_on_lun(machine: Machine, disks: Disks, name: str) -> tuple[tuple[str, Disk], ...]:
    """The volumes that lie on one LUN with a volume, as they are."""
    lun = next((volume.lun for volume in machine.volumes if fold(volume.name) == fold(name)), None)
    if lun is None:
        return ()
    there = zip(machine.volumes, disks.volumes, strict=False)
    return tuple((volume.name, disk) for volume, disk in there if volume.lun == lun and fold(volume.name) != fold(name))


_NOT_SURFACED: Final = joined(("VSS_VOLSNAP_ATTR_NOT_SURFACED",))


def _lun_of(machine: Machine, copy: ShadowCopy) -> str:
    """The LUN of a shadow copy that is there before anything happens; none for one of a provider without LUNs."""
    hardware = any(
        provider.type is ProviderType.HARDWARE
        and provider.provider_id is not None
        and guid(provider.provider_id) == guid(copy.provider_id)
        for provider in machine.providers
    )
    return lun_named(guid(copy.snapshot_id)) if hardware or "VSS_VOLSNAP_ATTR_NOT_SURFACED" in copy.attributes else ""


def lun_named(snapshot_id: Guid) -> str:
    """The identifier of the LUN that a provider makes for a shadow copy."""
    return f"copy {snapshot_id.strip('{}')}"


def record_of(copy: ShadowCopy) -> SnapshotRecord:
    """What the document of its backup says of a described shadow copy that waits on the storage to be imported."""
    return SnapshotRecord(
        snapshot_id=guid(copy.snapshot_id),
        original_volume=copy.volume,
        provider_id=guid(copy.provider_id),
        attributes=joined((copy.context, *copy.attributes)),
        originating_machine=copy.originating_machine or "elsewhere",
        created=FIRST_MOMENT,
        luns=(lun_named(guid(copy.snapshot_id)),),
    )
