"""The operating systems on which VSS runs: their order, and which are servers.

Pages give the oldest client and server that has a method; what answers differ by version asks this table.
"""

from enum import IntEnum
from functools import cache
from typing import Final

from msgspec import Struct


class Generation(IntEnum):
    """The generations of Windows in their order; client and server of a generation share a kernel."""

    XP = 0
    SERVER_2003 = 1
    VISTA = 2
    WINDOWS_7 = 3
    WINDOWS_8 = 4
    WINDOWS_8_1 = 5
    WINDOWS_10 = 6
    WINDOWS_11 = 7


class System(Struct, frozen=True):
    """An operating system by name; `editions` are words that may follow it."""

    name: str
    generation: Generation
    server: bool
    service_pack: int = 0
    preinstallation: bool = False


EDITIONS: Final = ("Home", "Professional", "Pro", "Ultimate", "Web", "Standard", "Enterprise", "Datacenter")

_SYSTEMS: Final = (
    System("Windows XP", Generation.XP, server=False),
    System("Windows XP SP2", Generation.XP, server=False, service_pack=2),
    System("Windows Server 2003", Generation.SERVER_2003, server=True),
    System("Windows Server 2003 SP1", Generation.SERVER_2003, server=True, service_pack=1),
    System("Windows Server 2003 SP2", Generation.SERVER_2003, server=True, service_pack=2),
    System("Windows Server 2003 R2", Generation.SERVER_2003, server=True, service_pack=2),
    System("Windows Vista", Generation.VISTA, server=False),
    System("Windows Vista SP1", Generation.VISTA, server=False, service_pack=1),
    System("Windows Server 2008", Generation.VISTA, server=True, service_pack=1),
    System("Windows Server 2008 SP2", Generation.VISTA, server=True, service_pack=2),
    System("Windows 7", Generation.WINDOWS_7, server=False),
    System("Windows Server 2008 R2", Generation.WINDOWS_7, server=True),
    System("Windows 8", Generation.WINDOWS_8, server=False),
    System("Windows Server 2012", Generation.WINDOWS_8, server=True),
    System("Windows 8.1", Generation.WINDOWS_8_1, server=False),
    System("Windows Server 2012 R2", Generation.WINDOWS_8_1, server=True),
    System("Windows 10", Generation.WINDOWS_10, server=False),
    System("Windows Server 2016", Generation.WINDOWS_10, server=True),
    System("Windows Server 2019", Generation.WINDOWS_10, server=True),
    System("Windows Server 2022", Generation.WINDOWS_10, server=True),
    System("Windows PE", Generation.WINDOWS_10, server=True, preinstallation=True),
    System("Windows 11", Generation.WINDOWS_11, server=False),
    System("Windows Server 2025", Generation.WINDOWS_11, server=True),
)

SYSTEMS: Final[dict[str, System]] = {system.name: system for system in _SYSTEMS}
DEFAULT_SYSTEM: Final = "Windows Server 2022"


@cache
def system_named(name: str) -> System:
    """The system of this name, an edition after it or not.

    Raises:
        ValueError: there is no such system.
    """
    first, _, last = name.rpartition(" ")
    system = SYSTEMS.get(name) or (SYSTEMS.get(first) if last in EDITIONS else None)
    if system is None:
        raise ValueError(f"{name!r} is no system known here; there are {', '.join(SYSTEMS)}")
    return system


@cache
def edition_of(name: str) -> str | None:
    """The edition in a system's name, where it has one."""
    last = name.rpartition(" ")[2]
    return last if last in EDITIONS else None


def has_auto_recovery(system: System) -> bool:
    """Whether writers can change a shadow copy before it is read-only for ever: from Windows Server 2003 SP1 on.

    Page: https://learn.microsoft.com/windows/win32/vss/what-s-new-in-vss-in-windows-server-2003-sp1
    """
    return _is_of_sp1(system)


def knows_remote_components(system: System) -> bool:
    """Whether a component can depend on one of another computer: from Windows Server 2003 SP1 on.

    Rule create-md-dependency-remote.
    """
    return _is_of_sp1(system)


def _is_of_sp1(system: System) -> bool:
    return (system.generation, system.service_pack) >= (Generation.SERVER_2003, 1)


def recovers_transportable(system: System) -> bool:
    """Whether writers can recover data in copies that are to be transported: servers from Windows Server 2008 on.

    Page: https://learn.microsoft.com/windows/win32/api/vswriter/ne-vswriter-vss_component_flags
    """
    return system.server and system.generation >= Generation.VISTA


def is_of_server_2003(system: System) -> bool:
    """Whether a system is of the generation of Windows Server 2003, or before it.

    It hears what FillInLunInfo returns, keeps copies of dynamic disks from the machine that made them, and exchanges no
    shadow copies with later ones (rules im-fill-in-result-ignored, im-dynamic-other-host, im-version-mix).
    """
    return system.generation < Generation.VISTA


NO_CLIENT: Final = "none"
"""How the table of methods writes that no client has one."""

_CLIENTS: Final = {
    "XP": "Windows XP",
    "Vista": "Windows Vista",
    "Vista SP1": "Windows Vista SP1",
    "7": "Windows 7",
    "8": "Windows 8",
    "8.1": "Windows 8.1",
}
"""How the table of methods writes the oldest client that has one."""


def _at_least(system: System, oldest: System) -> bool:
    return (system.generation, system.service_pack) >= (oldest.generation, oldest.service_pack)


@cache
def has_method(system_name: str, min_client: str, min_server: str) -> bool:
    """Whether a system has a method that came with these.

    `min_server` may name several: the first counts for its generation and all after it, the others beside it. One that
    names editions counts for a system of its generation of which no edition is told, too (dispute C69).
    """
    system = system_named(system_name)
    if not system.server:
        return min_client != NO_CLIENT and _at_least(system, SYSTEMS[_CLIENTS[min_client]])
    first, *others = (f"Windows Server {name.removeprefix('Server ')}" for name in min_server.split(" / "))
    if _at_least(system, SYSTEMS[first]):
        return True
    return any(_is_beside(system, edition_of(system_name), name) for name in others)


def came_with(min_client: str, min_server: str) -> str:
    """In words, which systems have a method that came with these."""
    client = "no client has it" if min_client == NO_CLIENT else f"it came with Windows {min_client}"
    return f"{client}, and Windows {min_server} has it"


def _is_beside(system: System, edition: str | None, other: str) -> bool:
    """Whether a system is the `other` one, which may name editions, or a later service pack of it."""
    name, editions = other, {edition}
    if other not in SYSTEMS:
        words = other.replace(",", "").split(" ")
        named = {word for word in words if word in EDITIONS}
        name, editions = " ".join(word for word in words if word not in named), {None, *named}
    oldest = SYSTEMS[name]
    return system.generation == oldest.generation and _at_least(system, oldest) and edition in editions
