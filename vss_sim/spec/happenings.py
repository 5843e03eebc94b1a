"""What may happen to a computer beside the calls that are made on it, and what a line tells of it."""

from typing import Final, NamedTuple


class Happening(NamedTuple):
    """What happens, in one sentence, and the keys of a line that tells it."""

    means: str
    keys: tuple[str, ...] = ()


ENDS: Final = ("process ends", "requester crashes")
BOOTS: Final = ("reboot", "machine crashes")
VSS_CRASHES: Final = "VSS crashes"
ENDS_A_BACKUP: Final = (*ENDS, *BOOTS, VSS_CRASHES)
"""After these a requester, if it is there still, has to begin anew: its objects lead nowhere."""
WRITERS: Final = ("writer crashes", "writer starts")
SERVICES: Final = ("service stops", "service starts")
FILES: Final = ("file in use", "file released")
ROOM: Final = ("volume full", "volume has room")
MASKING: Final = ("LUN masked", "LUN unmasked")
OTHER_ACCOUNT: Final = "account changes"

_END: Final = "A process ends without a word: its objects are given up, its handles closed."

HAPPENINGS: Final[dict[str, Happening]] = {
    "time passes": Happening("So many seconds pass; operations that are under way go on meanwhile.", ("seconds",)),
    **dict.fromkeys(ENDS, Happening(_END, ("process",))),
    "reboot": Happening("The machine starts anew: delayed moves are made, shadow copies stay that are persistent."),
    "machine crashes": Happening("The same without shutting down: files that were to go with their handles stay."),
    VSS_CRASHES: Happening(
        "The service ends: what it did is given up, and the objects that programs have lead nowhere."
    ),
    "writer crashes": Happening("The writers of a name are gone and answer nothing.", ("writer",)),
    "writer starts": Happening("The writers of a name run again, with new instance ids.", ("writer",)),
    "service stops": Happening("A service stops, and the writers that it hosts with it.", ("service",)),
    "service starts": Happening("A service starts, and the writers that it hosts with it.", ("service",)),
    "file in use": Happening("Somebody opens a file without sharing.", ("path",)),
    "file released": Happening("Who had the file open closes it.", ("path",)),
    "volume full": Happening("A volume has no room left.", ("volume",)),
    "volume has room": Happening("It has room again.", ("volume",)),
    "LUN masked": Happening("A machine sees a LUN no more.", ("lun",)),
    "LUN unmasked": Happening("A machine sees a LUN.", ("lun",)),
    OTHER_ACCOUNT: Happening("The requester goes on under another account, in other groups.", ("account", "groups")),
}
"""What may happen to a machine."""

OTHER_WORDS: Final = {
    **dict.fromkeys(("restart", "restarts", "boot", "shutdown", "shut down", "machine restarts"), "reboot"),
    **dict.fromkeys(("power failure", "power loss", "blue screen", "bugcheck"), "machine crashes"),
    **dict.fromkeys(("exit", "process exits", "process killed", "process dies", "crash"), "process ends"),
    **dict.fromkeys(("sleep", "wait", "pause", "delay"), "time passes"),
}
"""What people say in place of these names."""
