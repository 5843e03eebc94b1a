"""A backup made up to a stage, on a machine with two writers, for tests of what lives how long."""

from typing import TYPE_CHECKING, Any, Final

from tests.support import check
from vss_sim.engine.desk import Step
from vss_sim.model.computer import Description, Machine, Reply, ScriptedAnswer, Writer
from vss_sim.model.metadata import WriterComponent
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.hresult import HResult
from vss_sim.spec.table import Profile

if TYPE_CHECKING:
    from collections.abc import Callable

WRITER_ID: Final = "{00000000-0000-4000-8000-000000000001}"
INSTANCE_ID: Final = "{11111111-0000-4000-8000-000000000001}"

COMPONENT: Final = {
    "instanceId": INSTANCE_ID,
    "writerId": WRITER_ID,
    "ct": "VSS_CT_FILEGROUP",
    "wszLogicalPath": None,
    "wszComponentName": "Database",
}


def machine(name: str = "one", *replies: Reply, answers: tuple[ScriptedAnswer, ...] = ()) -> Machine:
    """A machine with a writer of one component."""
    writer = Writer(
        name="Sample Writer",
        writer_id=WRITER_ID,
        instance_id=INSTANCE_ID,
        components=(WriterComponent(name="Database"),),
        replies=replies,
    )
    return Machine(name=name, writers=(writer,), answers=answers)


class Requester:
    """One object and the calls of a program on it; `begin` goes as far as the program wants it."""

    def __init__(self, simulation: Simulation, machine_name: str | None = None, process: str = "") -> None:
        self.simulation = simulation
        self.place: dict[str, Any] = {"machine": machine_name, "process": process}
        self.handle = simulation.call("CreateVssBackupComponents", **self.place).out["ppBackup"]

    def __call__(self, name: str, on: str | None = None, **arguments: Any) -> Step:
        """Make a call, by default one of `IVssBackupComponents` on the object."""
        full_name = name if "::" in name else f"IVssBackupComponents::{name}"
        return self.simulation.call(full_name, on or self.handle, arguments, **self.place)

    def waits(self, name: str) -> str:
        """Begin an operation, wait for its end, and say what it came to."""
        step = self(name)
        operation = next(iter(step.out.values()))
        self("IVssAsync::Wait", operation)
        return self.asks(operation)

    def asks(self, operation: str) -> str:
        """What an operation came to."""
        result: HResult = self("IVssAsync::QueryStatus", operation).out["pHrResult"]
        return result.name

    def until(self, stage: str, context: str | None = None) -> "Requester":
        """A good backup of one component, up to and including `stage`."""
        steps: dict[str, Callable[[], object]] = {
            "initialised": lambda: self("InitializeForBackup"),
            "context": lambda: context and self("SetContext", lContext=context),
            "declared": lambda: self(
                "SetBackupState",
                bSelectComponents=True,
                bBackupBootableSystemState=False,
                backupType="VSS_BT_FULL",
            ),
            "gathered": lambda: self.waits("GatherWriterMetadata"),
            "added": lambda: self("AddComponent", **COMPONENT),
            "started": lambda: self("StartSnapshotSet"),
            "filled": lambda: self("AddToSnapshotSet", pwszVolumeName="C:\\"),
            "prepared": lambda: self.waits("PrepareForBackup"),
            "created": lambda: self.waits("DoSnapshotSet"),
            "completed": lambda: self.waits("BackupComplete"),
        }
        for name, make in steps.items():
            make()
            if name == stage:
                return self
        raise ValueError(f"there is no stage {stage}")

    def release(self) -> int:
        """Give a reference up; how many are left."""
        return self("IUnknown::Release").answer


def world(*machines: Machine, profile: Profile = Profile.WINDOWS) -> Simulation:
    """A simulation of these machines, or of one with a writer."""
    return Simulation(Description(machines=machines or (machine(),)), profile)


def conforms(simulation: Simulation) -> None:
    """The checker finds nothing wrong with the implementation."""
    findings = check(simulation.lines(), simulation.world.profile).findings
    assert [finding for finding in findings if finding.at.value == "implementation"] == []
