"""What the tests of files share: a machine with some files, calls by name, and a shadow copy taken on the way."""

from typing import Any, Final

from vss_sim.engine.desk import Step
from vss_sim.model.computer import Description, File, Machine, Service, Volume, Writer
from vss_sim.model.disks import Disks
from vss_sim.requester.simulation import Simulation

WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"
FILES: Final = {
    "C:\\db\\Data.mdf": File(content="v1"),
    "C:\\db\\log.ldf": File(content="log"),
    "C:\\db\\used.ldf": File(content="u", in_use=True),
    "C:\\db\\old.txt": File(content="x", read_only=True),
    "C:\\db\\hidden.txt": File(content="h", hidden=True),
    "C:\\db\\secret.key": File(content="s", denied_to=("administrators",)),
    "C:\\db\\deep\\er\\a.tmp": File(content="t"),
    "C:\\huge": File(size=10**15, seed=7),
    "C:\\here": File(link_to="C:\\db"),
    "C:\\loop": File(link_to="C:\\pool"),
    "C:\\pool": File(link_to="C:\\loop\\x"),
    "C:\\empty\\": File(),
}
SQL: Final = Service(name="SQL", opens=("C:\\db\\log.ldf", "C:\\db\\missing"))


def machine(**more: Any) -> Machine:
    """A machine with files, a small volume, one in a folder, one that is unknown, a service and a writer in it."""
    usual: dict[str, Any] = {
        "volumes": (
            Volume(name="C:\\", capacity=10**16, files=FILES),
            Volume(name="D:\\", capacity=100, mount_points=("C:\\mnt\\d\\",)),
            Volume(name="C:\\mnt\\e\\", files={"C:\\mnt\\e\\in.txt": File(content="inside")}),
            Volume(name="R:\\", file_system="RAW"),
            Volume(name="X:\\", drive_type="cdrom", files={"X:\\setup.exe": File(content="MZ")}),
        ),
        "services": (SQL, Service(name="Spooler", stoppable=False), Service(name="Idle", state="stopped")),
        "writers": (
            Writer(name="W", writer_id=WRITER, hosted_in="SQL"),
            Writer(name="I", writer_id=WRITER, hosted_in="idle"),
        ),
    }
    return Machine(**{**usual, **more})


class Computer:
    """A simulation on which file calls are short to write."""

    def __init__(self, one: Machine | None = None, simulation: Simulation | None = None) -> None:
        self.simulation = simulation or Simulation(Description(machines=(one or machine(),)))

    @property
    def disks(self) -> Disks:
        """The disks as they are now."""
        return self.simulation.world.machines[0].disks

    def fork(self) -> "Computer":
        """Another one in the same world."""
        return Computer(simulation=self.simulation.fork())

    def step(self, name: str, process: str = "", **arguments: Any) -> Step:
        """A call with all that it came to."""
        return self.simulation.call(name, arguments=arguments, process=process)

    def call(self, name: str, process: str = "", **arguments: Any) -> str:
        """The name of what a call answers, without its ERROR_."""
        code: Any = self.step(name, process, **arguments).answer
        return str(code.name).removeprefix("ERROR_")

    def open(self, path: str, access: str = "GENERIC_READ", share: Any = 0, how: str = "OPEN_EXISTING") -> str:
        """A handle, or the name of the error."""
        return self.handle(lpFileName=path, dwDesiredAccess=access, dwShareMode=share, dwCreationDisposition=how)

    def handle(self, process: str = "", **arguments: Any) -> str:
        """What CreateFile hands out, or the name of the error."""
        done = self.step("CreateFile", process, **arguments)
        code: Any = done.answer
        return str(done.out.get("hFile", code.name)).removeprefix("ERROR_")

    def read(self, path: str, **more: Any) -> Any:
        """The text of a file, or the name of the error."""
        done = self.step("ReadFile", lpFileName=path, **more)
        code: Any = done.answer
        return done.out.get("content", str(code.name).removeprefix("ERROR_"))

    def write(self, path: str, content: str, **more: Any) -> str:
        """A file's whole content."""
        return self.call("WriteFile", lpFileName=path, content=content, **more)

    def snapshot(self, volume: str = "C:\\", context: str = "VSS_CTX_BACKUP") -> tuple[str, str, str]:
        """A shadow copy: its object, its id, and its device with a backslash."""
        begun = self.begin_snapshot(volume, context)
        return (*begun, self.finish_snapshot(*begun))

    def begin_snapshot(self, volume: str, context: str, *more: str) -> tuple[str, str]:
        """The object and the id of a shadow copy that is about to be made, of more volumes in the same set."""
        call, name = self.simulation.call, "IVssBackupComponents::"
        bc = call("CreateVssBackupComponents").out["ppBackup"]
        call(name + "InitializeForBackup", bc, {"bstrXML": None})
        call(name + "SetContext", bc, {"lContext": context})
        state = {"bSelectComponents": False, "bBackupBootableSystemState": False, "backupType": "VSS_BT_COPY"}
        call(name + "SetBackupState", bc, state)
        if context in {"VSS_CTX_BACKUP", "VSS_CTX_APP_ROLLBACK"}:
            call("IVssAsync::Wait", call(name + "GatherWriterMetadata", bc).out["pAsync"])
        call(name + "StartSnapshotSet", bc)
        copy = call(name + "AddToSnapshotSet", bc, {"pwszVolumeName": volume, "ProviderId": None}).out["pidSnapshot"]
        for other in more:
            call(name + "AddToSnapshotSet", bc, {"pwszVolumeName": other, "ProviderId": None})
        if context in {"VSS_CTX_BACKUP", "VSS_CTX_APP_ROLLBACK"}:
            call("IVssAsync::Wait", call(name + "PrepareForBackup", bc).out["ppAsync"])
        return str(bc), str(copy)

    def finish_snapshot(self, bc: str, copy: str) -> str:
        """The device of a shadow copy that is made now."""
        call, name = self.simulation.call, "IVssBackupComponents::"
        call("IVssAsync::Wait", call(name + "DoSnapshotSet", bc).out["ppAsync"])
        properties = call(name + "GetSnapshotProperties", bc, {"SnapshotId": copy}).out["pProp"]
        return str(properties["m_pwszSnapshotDeviceObject"]) + "\\"
