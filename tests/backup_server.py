"""A server that is backed up again and again, in backups of each type."""

from typing import Any, Final

from vss_sim import Simulation, read_world
from vss_sim.engine.restoring.backup import back_up
from vss_sim.engine.restoring.media import Saved
from vss_sim.spec.creation import FIRST_MOMENT, TICKS
from vss_sim.spec.enums import BackupType

FULL, COPY, LOG = BackupType.FULL, BackupType.COPY, BackupType.LOG
INCREMENTAL, DIFFERENTIAL = BackupType.INCREMENTAL, BackupType.DIFFERENTIAL
WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"


DAY: Final = 86_400


EVERY: Final = 0x0F00
"""The bits of a mask that ask for a shadow copy, whatever the type of the backup."""


def at(days: float) -> int:
    """A time, in days since the world began, as a FILETIME."""
    return FIRST_MOMENT + round(days * DAY * TICKS)


class Server:
    """A server whose writer has one component, or several; it is backed up again and again, and files are written."""

    def __init__(
        self, *schema: str, replies: Any = (), sets: Any = None, logs: Any = (), files: Any = None, several: int = 1
    ) -> None:
        names = files or {"a": "Sunday a", "b": "Sunday b"}
        component = {
            "name": "Database", "selectableForRestore": True, "databaseLogFiles": list(logs),
            "files": sets or [{"path": "C:\\db", "filespec": "*"}],
        }  # fmt: skip
        components = [component, *({**component, "name": f"Database {number}"} for number in range(2, several + 1))]
        writer = {
            "name": "Writer", "writerId": WRITER, "components": components, "replies": list(replies),
            "backupSchema": [f"VSS_BS_{name}" for name in schema],
            "restoreMethod": {"method": "VSS_RME_RESTORE_IF_CAN_REPLACE"},
        }  # fmt: skip
        content = {f"C:\\db\\{name}": {"content": text} for name, text in names.items()}
        volumes = [{"name": "C:\\", "files": content}]
        self.simulation: Final = Simulation(read_world({"machines": [{"volumes": volumes, "writers": [writer]}]}))
        self.backups: list[Saved] = []

    def back_up(self, *kinds: BackupType) -> "Server":
        """Backups of these types, and half a day after each; the first when the files are there for a minute."""
        for kind in kinds:
            self.simulation.happens("time passes", seconds=0 if self.backups else 60)
            self.backups.append(back_up(self.simulation, backup_type=kind, earlier=self.backups))
            self.simulation.happens("time passes", seconds=DAY / 2)
        return self

    def write(self, **files: str) -> "Server":
        """Files get another content, and a minute passes."""
        for name, text in files.items():
            self.simulation.call("WriteFile", None, {"lpFileName": f"C:\\db\\{name}", "content": text})
        self.simulation.happens("time passes", seconds=60)
        return self

    def saved(self) -> dict[str, str]:
        """What the last backup has: the name of each file, and its bytes."""
        files = self.backups[-1].files
        return {one.path.rpartition("\\")[2]: one.read(0, one.size).decode() for one in files}

    def stamps_passed(self) -> list[str]:
        """What was told with SetPreviousBackupStamp, in order."""
        calls = [one for one in self.simulation.lines() if one.get("call", "").endswith("::SetPreviousBackupStamp")]
        return [one["in"]["wszPreviousBackupStamp"] for one in calls]


STAMPED: Final = tuple(
    {"on": "PostSnapshot", "skip": number, "times": 1, "setBackupStamp": f"stamp {number}"} for number in range(6)
)
