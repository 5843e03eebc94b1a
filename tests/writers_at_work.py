"""What the tests of writers share: worlds of writers that reply, operations driven through the documented calls."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from tests.support import blamed_on_vss
from vss_sim.documents.world_file import read_world
from vss_sim.engine.answers import Event
from vss_sim.engine.desk import Step
from vss_sim.judge.findings import Finding
from vss_sim.model.objects import BackupObject, WriterSession
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import CREATE, call_names, signatures
from vss_sim.spec.table import Profile

SQL: Final = "{a65faa63-5ea8-4ebc-9dbd-a0c4db26912a}"
WEB: Final = "{a1a1a1a1-0000-4000-8000-000000000002}"
TICK: Final = 1e-7
WRITERS: Final = {"sql": SQL, "web": WEB}
SNAPSHOT_EVENTS: Final = ["PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot"]


def writer(name: str, *replies: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """A writer with one component, its own, and these replies."""
    return {
        "name": name,
        "writerId": WRITERS.get(name, f"{{00000000-0000-4000-8000-{sum(map(ord, name)):012}}}"),
        "restoreMethod": {"method": "VSS_RME_RESTORE_IF_CAN_REPLACE"},
        "components": [{"name": f"{name} data", "files": [{"path": "C:\\data", "filespec": "*"}]}],
        "replies": list(replies),
        **more,
    }


def calling(event: str, *calls: tuple[str, dict[str, Any]], **more: Any) -> dict[str, Any]:
    """A reply that makes these calls."""
    return {"on": event, "calls": [{"call": name, "in": given} for name, given in calls], **more}


class Run:
    """A world in which calls are made on objects by their names, with the writers that take part in them."""

    def __init__(self, *writers: dict[str, Any], profile: Profile = Profile.WINDOWS, **machine: Any) -> None:
        self.writers = writers or (writer("sql"), writer("web"))
        described = {"machines": [{"writers": list(self.writers), **machine}]}
        self.simulation = Simulation(read_world(described), profile)
        self.handles: dict[str, str] = {}
        self.asyncs: dict[str, str] = {}
        self.seen: list[Event] = []

    def call(self, name: str, on: str = "bc", /, **arguments: Any) -> Step:
        """A call on an object; its events are remembered."""
        full_name = call_names().get(f"IVssBackupComponents::{name}", name)
        step = self.simulation.call(full_name, self.handles.get(on, on), arguments)
        self.seen += step.events
        for parameter in signatures()[full_name].parameters:
            if parameter.makes == "IVssAsync" and parameter.name in step.out:
                self.asyncs[on] = step.out[parameter.name]
        return step

    def create(self, on: str = "bc", process: str = "") -> None:
        """An object more."""
        step = self.simulation.call(CREATE, process=process)
        self.handles[on] = step.out["ppBackup"]

    def wait(self, on: str = "bc") -> HResult:
        """Wait for the operation last begun on an object: what it came to."""
        self.call("IVssAsync::Wait", self.asyncs[on])
        return self.ask(on)

    def ask(self, on: str = "bc") -> HResult:
        """How the operation last begun on an object is doing."""
        result = self.call("IVssAsync::QueryStatus", self.asyncs[on]).out["pHrResult"]
        return HResult[result] if isinstance(result, str) else result

    def do(self, name: str, on: str = "bc") -> HResult:
        """An asynchronous call, waited for."""
        step = self.call(name, on)
        assert step.answer == HResult.S_OK, step.refusal and step.refusal.says
        return self.wait(on)

    def pass_time(self, seconds: float) -> None:
        """So much time passes."""
        self.seen += self.simulation.happens("time passes", seconds=seconds)

    def happen(self, what: str, **more: Any) -> None:
        """Something happens to the machine."""
        self.seen += self.simulation.happens(what, **more)

    def begin(
        self,
        on: str = "bc",
        components: Iterable[str] = ("sql", "web"),
        context: str | None = None,
        process: str = "",
        **state: Any,
    ) -> None:
        """A backup up to the components that are added; by volumes where `components` is None."""
        self.create(on, process)
        self.call("InitializeForBackup", on, bstrXML=None)
        if context:
            self.call("SetContext", on, lContext=context)
        declared = {"bSelectComponents": True, "bBackupBootableSystemState": False, "backupType": "VSS_BT_FULL"}
        self.call("SetBackupState", on, **{**declared, **state})
        assert self.do("GatherWriterMetadata", on) is HResult.VSS_S_ASYNC_FINISHED
        for session in self.sessions(on):
            if session.metadata.name in components and state.get("bSelectComponents", True):
                self._add(session, on)

    def _add(self, session: WriterSession, on: str) -> None:
        component = session.metadata.components[0]
        self.call(
            "AddComponent",
            on,
            instanceId=session.instance_id,
            writerId=session.metadata.writer_id,
            ct=component.type,
            wszLogicalPath=component.logical_path,
            wszComponentName=component.name,
        )

    def prepare(self, on: str = "bc", volumes: Iterable[str] = ("C:\\",), **begun: Any) -> HResult:
        """A backup up to PrepareForBackup."""
        self.begin(on, **begun)
        self.call("StartSnapshotSet", on)
        for volume in volumes:
            assert self.call("AddToSnapshotSet", on, pwszVolumeName=volume).answer == HResult.S_OK
        return self.do("PrepareForBackup", on)

    def restore(self, selected: Iterable[str] = ("sql", "web"), on: str = "restore") -> None:
        """A restore of the object's saved document up to the selection."""
        document = self.call("SaveAsXML").out["pbstrXML"]
        self.call("Release")
        self.create(on)
        self.call("InitializeForRestore", on, bstrXML=document)
        self.do("GatherWriterMetadata", on)
        for session in self.sessions(on):
            if session.metadata.name in selected:
                names = {"wszLogicalPath": "", "wszComponentName": session.metadata.components[0].name}
                kind = {"ct": session.metadata.components[0].type, "bSelectedForRestore": True}
                self.call("SetSelectedForRestore", on, writerId=session.metadata.writer_id, **names, **kind)

    def blamed_on_vss(self) -> list[Finding]:
        """What the checker holds against VSS in the record of this run."""
        return blamed_on_vss(self.simulation.lines(), self.simulation.world.profile)

    def object(self, on: str = "bc") -> BackupObject:
        """The object as it is."""
        known = self.simulation.world.objects[self.handles[on]]
        assert isinstance(known, BackupObject)
        return known

    def sessions(self, on: str = "bc") -> tuple[WriterSession, ...]:
        """The writers of an object."""
        return self.object(on).sessions

    def session(self, name: str, on: str = "bc") -> WriterSession:
        """One of them."""
        return next(session for session in self.sessions(on) if session.metadata.name == name)

    def status(self, name: str, on: str = "bc") -> tuple[str, str]:
        """The state and the failure of a writer, as VSS tells them."""
        self.do("GatherWriterStatus", on)
        for number in range(self.call("GetWriterStatusCount", on).out["pcWriters"]):
            told = self.call("GetWriterStatus", on, iWriter=number).out
            if told["pbstrWriter"] == name:
                return str(told["pnStatus"]), str(told["phResultFailure"])
        raise AssertionError(f"{name} has no status")

    def events(self, name: str | None = None) -> list[str]:
        """The events so far, or those of one writer."""
        wanted = next((one["writerId"] for one in self.writers if one["name"] == name), None)
        return [event.name for event in self.seen if wanted in (None, event.writer_id)]

    def times(self, name: str) -> list[tuple[str, float]]:
        """The events of one writer, each with its time."""
        wanted = next(one["writerId"] for one in self.writers if one["name"] == name)
        return [(event.name, event.at) for event in self.seen if event.writer_id == wanted]

    def answers(self, event: str) -> list[tuple[str, str | None]]:
        """What the calls in the handlers of an event answered."""
        return [
            (call.name.rpartition("::")[2], call.answer.name if call.answer is not None else None)
            for one in self.seen
            if one.name == event
            for call in one.calls
        ]

    def frozen(self, on: str = "bc") -> set[str]:
        """The writers that are frozen now."""
        return {session.metadata.name for session in self.sessions(on) if session.frozen_at is not None}
