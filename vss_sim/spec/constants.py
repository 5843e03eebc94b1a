"""The values that calls take by a name which belongs to no enumeration."""

from typing import Final

from msgspec import Struct

from vss_sim.spec.enums import DROPPED_TARGET

INFINITE: Final = 0xFFFFFFFF
"""A time in milliseconds that has no end."""

NULL_GUID: Final = "00000000-0000-0000-0000-000000000000"
"""What GUID_NULL stands for."""


class Constant(Struct, frozen=True):
    """A value by its name: how C programs see it, what it means, and how a line of a log writes it."""

    value: str
    means: str
    written: str


CONSTANTS: Final[dict[str, Constant]] = {
    "NULL": Constant("0", "A pointer to nothing: no text, no list, no place for a result.", "null"),
    "GUID_NULL": Constant(
        f"{{{NULL_GUID}}}", "The id of nothing: no shadow copy, no set, no provider in particular.", '"GUID_NULL"'
    ),
    "INFINITE": Constant(f"0x{INFINITE:08X} = {INFINITE}", "A time in milliseconds that has no end.", '"INFINITE"'),
    "TRUE": Constant("1", "Yes.", "true"),
    "FALSE": Constant("0", "No.", "false"),
    DROPPED_TARGET: Constant(
        "of no later header",
        "A restore target of Windows XP; Windows Server 2003 dropped it.",
        f'"{DROPPED_TARGET}"',
    ),
}
"""Name → what it stands for."""
