"""The versions of Windows, in the order in which VSS grew."""

from typing import Final

from attrs import frozen


@frozen
class System:
    """A version of Windows: its place in the order, and whether it is a server."""

    name: str
    age: int
    server: bool


XP: Final = 1
SERVER_2003: Final = 2
VISTA: Final = 3
WINDOWS_7: Final = 4
WINDOWS_8: Final = 5
"""Windows 8 and Windows Server 2012, from which on shares can be shadow copied."""

_AGES: Final = {
    "Windows XP": XP,
    "Windows Server 2003": SERVER_2003,
    "Windows Vista": VISTA,
    "Windows Server 2008": VISTA,
    "Windows 7": WINDOWS_7,
    "Windows Server 2008 R2": WINDOWS_7,
    "Windows 8": WINDOWS_8,
    "Windows Server 2012": WINDOWS_8,
    "Windows 8.1": 6,
    "Windows Server 2012 R2": 6,
    "Windows 10": 7,
    "Windows Server 2016": 7,
    "Windows Server 2019": 8,
    "Windows 11": 9,
    "Windows Server 2022": 9,
    "Windows Server 2025": 10,
}


def system_of(name: str) -> System | None:
    """The version that a name begins with, as in "Windows Server 2003 Enterprise"; None where it is not known."""
    found = max((known for known in _AGES if (name + " ").startswith(known + " ")), key=len, default=None)
    return None if found is None else System(name, _AGES[found], "Server" in found)
