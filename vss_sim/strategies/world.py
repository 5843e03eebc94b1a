"""Whole worlds: one or two machines with volumes, files, services, writers and providers that take their volumes."""

from typing import Final

from msgspec.structs import replace

from vss_sim.model.computer import SYSTEM_PROVIDER, Description, Machine, Provider, Service, Volume
from vss_sim.spec.enums import ProviderType
from vss_sim.strategies.faults import draw_faults
from vss_sim.strategies.files import draw_files
from vss_sim.strategies.source import Source, one_of
from vss_sim.strategies.writer import draw_writer

HARDWARE: Final = Provider(
    name="Array", type=ProviderType.HARDWARE, provider_id="{99999999-0000-4000-8000-000000000001}"
)
SOFTWARE: Final = Provider(
    name="Copier", type=ProviderType.SOFTWARE, provider_id="{99999999-0000-4000-8000-000000000002}"
)
PROVIDERS: Final = (
    (SYSTEM_PROVIDER,),
    (SYSTEM_PROVIDER, HARDWARE),
    (SYSTEM_PROVIDER, HARDWARE, SOFTWARE),
    (SOFTWARE,),
)
SYSTEMS: Final = (*("Windows Server 2022",) * 5, "Windows Server 2003", "Windows 10", "Windows Server 2008 R2")
VOLUMES: Final = (
    Volume(name="C:\\"),
    Volume(name="D:\\"),
    Volume(name="F:\\", file_system="FAT32"),
    Volume(name="R:\\", drive_type="removable", file_system="UDF"),
)
_SERVICES: Final = (
    Service(name="SERVICE"),
    Service(name="OTHER", state="stopped"),
    Service(name="FIRM", stoppable=False),
)


def draw_machine(
    source: Source,
    name: str = "one",
    *,
    place: int = 0,
    most_writers: int = 3,
    files: bool = True,
    faults: bool = False,
) -> Machine:
    """A machine; with `faults`, things on it fail by script. `place` sets its writers apart from other machines'."""
    bare = VOLUMES[: 1 + source.below(len(VOLUMES))]
    volumes = tuple(
        replace(volume, files=draw_files(source, volume.name)) if files and volume.file_system == "NTFS" else volume
        for volume in bare
    )
    services = _SERVICES[: 1 + source.below(len(_SERVICES))]
    held = tuple(
        path
        for volume in volumes
        for path, file in volume.files.items()
        if file.link_to is None and not path.endswith("\\")
    )
    services = tuple(
        replace(service, opens=(one_of(source, held),)) if held and source.below(2) else service for service in services
    )
    writers = tuple(
        draw_writer(
            source,
            16 * place + number,
            volumes=tuple(volume.name for volume in volumes),
            services=tuple(service.name for service in services),
        )
        for number in range(source.below(most_writers + 1))
    )
    machine = Machine(
        name=name,
        os=one_of(source, SYSTEMS),
        volumes=volumes,
        services=services,
        writers=writers,
        providers=one_of(source, PROVIDERS),
    )
    return draw_faults(source, machine).on(machine) if faults else machine


def draw_world(source: Source, *, most_machines: int = 2, files: bool = True, faults: bool = False) -> Description:
    """A world; with nothing but first choices made, one machine with a volume and no writers."""
    names = ("one", "two", "three", "four")[: 1 + source.below(most_machines)]
    machines = tuple(
        draw_machine(source, name, place=place, files=files, faults=faults) for place, name in enumerate(names)
    )
    return Description(machines=machines)
