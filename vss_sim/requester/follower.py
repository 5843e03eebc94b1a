"""A recorded log made again: the same calls, line by line, on a simulation, with its own handles and ids.

What an earlier line handed out (a handle, an id, a document) and a later line passes on is the same thing, so the
simulation is given what it handed out itself. What was not recorded is filled in with what most programs pass.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.engine.inputs import REQUIRED, BadCall, converters
from vss_sim.engine.scripted_happenings import has_happenings
from vss_sim.requester.calling import BY_ITSELF
from vss_sim.requester.log_world import UNRECORDED
from vss_sim.requester.record import answer_name, plain
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import ASYNC, BACKUP_COMPONENTS, CREATE, UNKNOWN, Signature, call_names, signatures
from vss_sim.spec.protocol.objects import POINTER_FAMILIES
from vss_sim.spec.systems import Generation, system_named
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_code, parse_guid

_USUAL: Final[dict[str, Any]] = {
    "VSS_ID": None,
    "const VSS_ID*": [],
    "VSS_COMPONENT_TYPE": "VSS_CT_FILEGROUP",
    "VSS_BACKUP_TYPE": "VSS_BT_FULL",
    "VSS_RESTORE_TYPE": "VSS_RTYPE_BY_COPY",
    "VSS_ROLLFORWARD_TYPE": "VSS_RF_NONE",
    "VSS_FILE_RESTORE_STATUS": "VSS_RS_ALL",
    "VSS_RESTORE_TARGET": "VSS_RT_ORIGINAL",
    "VSS_OBJECT_TYPE": "VSS_OBJECT_SNAPSHOT",
    "BSTR": None,
}
_USUAL_NAMES: Final[dict[str, Any]] = {
    "pwszVolumeName": "C:\\",
    "pwszVolume": "C:\\",
    "wszVolumeName": "C:\\",
    "eQueriedObjectType": "VSS_OBJECT_NONE",
    "wszComponentName": UNRECORDED,
    "wszLogicalPath": None,
    "celt": 1,
    "bSucceded": True,
    "bSelectedForRestore": True,
    "lAttributes": "VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY",
}
"""What is passed for parameters that a line leaves out, by type and, where that is not enough, by name."""
_COUNTS: Final = ("AddRef", "Release")
_DOCUMENT: Final = "bstrXML"
_METADATA: Final = "IVssExamineWriterMetadata"
_COMPONENT: Final = "IVssWMComponent"
_GET_COMPONENT: Final = f"{_METADATA}::GetComponent"
_PATIENCE: Final = 60_000
"""So many milliseconds a Wait lasts of which the log does not say how long it lasts."""


class Followed(Struct, frozen=True):
    """A line that was made again: what was expected (None: nothing was recorded), and what the simulation answered."""

    number: int
    call: str
    expected: tuple[str, ...] | None
    fails: bool
    answered: str
    out: Mapping[str, Any]
    recorded: Mapping[str, Any]

    @property
    def agrees(self) -> bool:
        """Whether the answer is one of those expected."""
        if self.fails:
            return not parse_code(self.answered).succeeded
        return self.expected is None or self.answered in self.expected

    @property
    def differences(self) -> dict[str, tuple[Any, Any]]:
        """Results that were recorded and are not what the simulation handed out, ids and handles aside."""
        return {
            name: (value, self.out[name])
            for name, value in self.recorded.items()
            if name in self.out and _comparable(value) and not _same(value, self.out[name])
        }


class Follower:
    """Makes the lines of one log again on a simulation."""

    def __init__(
        self,
        simulation: Simulation,
        document: str | None = None,
        writer_document: str | tuple[str, ...] | None = None,
        *,
        has_disks: bool = False,
    ) -> None:
        """Documents that a log loads and does not show being saved are these, in the order in which it names them.

        `has_disks` is whether the world has the files and services that the log is about, so that calls on them can be
        made again, too.
        """
        self.simulation = simulation
        self._has_disks = has_disks
        self._ours: dict[Any, Any] = {}
        self._unnamed: dict[str, list[str]] = {}
        self._metadata: str | None = None
        self._events_shown = False
        self._document = document
        self._writer_documents = (writer_document,) if isinstance(writer_document, str) else writer_document or ()
        self._named_documents: list[str] = []

    def follow(self, number: int, line: Line) -> Followed | None:
        """Make one line again; None for notes, events and calls that are no calls of VSS.

        Raises:
            NotSimulated: the simulator does not model what happens there.
            BadCall: the line is a call that no program could make.
        """
        if line.happens is not None:
            if (line.note or "").startswith(BY_ITSELF) and has_happenings(self.simulation.world):
                return None  # it happened again by itself
            more: dict[str, Any] = {} if line.seconds is None else {"seconds": line.seconds}
            if line.process is not None:
                more["process"] = str(line.process)
            for name in ("writer", "service", "path", "volume", "account", "groups"):
                if getattr(line, name) is not None:
                    more[name] = getattr(line, name)
            if line.lun is not None:
                more["lun"] = self._translated(line.lun)
            self.simulation.happens(line.happens, line.machine, **more)
            return None
        if line.event is not None:
            self._events_shown = True
        full_name = call_names().get(line.call or "")
        if line.call in FILE_CALLS and self._has_disks:
            return self._file_call(number, line, line.call)
        if full_name not in signatures() or self._is_a_writers(line, signatures()[full_name]):
            return None
        return self._call(number, line, signatures()[full_name])

    def _is_a_writers(self, line: Line, signature: Signature) -> bool:
        """A call on components that were handed to a writer with an event, which no requester makes."""
        if signature.kind == "writer" and signature.family not in POINTER_FAMILIES:
            return True
        unknown = self._scoped(line, line.on) not in self._ours
        return self._events_shown and unknown and signature.family in POINTER_FAMILIES

    def _call(self, number: int, line: Line, signature: Signature) -> Followed:
        handle = self._handle(line, signature) if signature.interface else None
        refused = line.returns == HResult.VSS_E_INVALID_XML_DOCUMENT.name
        arguments = self._arguments(signature, line.in_ or {}, refused=refused)
        process = "" if line.process is None else str(line.process)
        assert line.call is not None  # noqa: S101 - the caller saw it
        done = self.simulation.call(line.call, handle, arguments, machine=line.machine, process=process)
        counts = signature.interface == UNKNOWN and signature.name in _COUNTS
        self._learn(signature, line, done.out)
        return Followed(
            number=number,
            call=line.call,
            expected=None if counts else _expected(line),
            fails=line.fails,
            answered=answer_name(done.answer),
            out=plain(dict(done.out)),
            recorded=line.out or {},
        )

    def _file_call(self, number: int, line: Line, name: str) -> Followed:
        """A file or service call is made again; its handles are those that the simulation gave."""
        given = (line.in_ or {}).items()
        arguments = {key: self._ours.get(("file", str(value)), value) for key, value in given}
        process = "" if line.process is None else str(line.process)
        done = self.simulation.call(name, None, arguments, machine=line.machine, process=process)
        for key, handle in (line.out or {}).items():
            if key in done.out and isinstance(handle, str):
                self._ours["file", handle] = done.out[key]
        expected = line.returns if isinstance(line.returns, list) else [line.returns]
        return Followed(
            number=number,
            call=name,
            expected=None if line.returns is None else tuple(map(str, expected)),
            fails=line.fails,
            answered=answer_name(done.answer),
            out=plain(dict(done.out)),
            recorded=line.out or {},
        )

    def _handle(self, line: Line, signature: Signature) -> str:
        """The simulation's object for the handle of a line; one that no line has shown is made now."""
        key = self._scoped(line, line.on)
        known = self._ours.get(key)
        if known is not None:
            return str(known)
        if self._unnamed.get(signature.family):
            made = self._unnamed[signature.family].pop()
        elif signature.family in (BACKUP_COMPONENTS, UNKNOWN):
            process = "" if line.process is None else str(line.process)
            made = str(self.simulation.call(CREATE, machine=line.machine, process=process).out["ppBackup"])
        elif signature.family == _COMPONENT and self._metadata is not None:
            done = self.simulation.call(_GET_COMPONENT, self._metadata, {"iComponent": 0})
            made = str(done.out.get("ppComponent"))
        else:
            raise BadCall(f"{line.call}: nothing before this line handed out {line.on!r}")
        self._ours[key] = made
        return made

    def _scoped(self, line: Line, handle: str | None) -> tuple[Any, ...]:
        return (line.machine, line.process, handle)

    def _arguments(self, signature: Signature, given: Mapping[str, Any], *, refused: bool) -> dict[str, Any]:
        arguments = {name: self._translated(value) for name, value in given.items()}
        text = given.get(_DOCUMENT)
        stored = self._stored_metadata(text) if signature.family != BACKUP_COMPONENTS else self._document
        if stored and not refused and isinstance(text, str) and text and arguments[_DOCUMENT] == text:
            arguments[_DOCUMENT] = stored
        if signature.family == ASYNC and signature.name == "Wait" and _waits_in_time(self.simulation):
            arguments.setdefault("dwMilliseconds", _PATIENCE)
        types = {parameter.name: parameter.type for parameter in signature.parameters}
        for name, _, default in converters(signature):
            if name not in arguments and default is REQUIRED:
                arguments[name] = stored if name == _DOCUMENT else _usual(name, types[name])
        return arguments

    def _stored_metadata(self, text: object) -> str | None:
        """The stored document of a writer that stands for a text which no line gave out."""
        if not self._writer_documents:
            return None
        name = str(text)
        if name not in self._named_documents and len(self._named_documents) < len(self._writer_documents):
            self._named_documents.append(name)
        place = self._named_documents.index(name) if name in self._named_documents else -1
        return self._writer_documents[place]

    def _translated(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self._translated(one) for one in value]
        if not isinstance(value, str):
            return value
        key = parse_guid(value) or value
        return self._ours.get(("value", key), value)

    def _learn(self, signature: Signature, line: Line, out: Mapping[str, Any]) -> None:
        """What the line handed out is what the simulation handed out."""
        recorded = line.out or {}
        for parameter in signature.parameters:
            name = parameter.name
            if name not in out:
                continue
            ours, theirs = out[name], recorded.get(name)
            if parameter.makes == _METADATA:
                self._metadata = str(ours)
            if (parameter.makes or name == "ppvObject") and isinstance(theirs, str):
                self._ours[self._scoped(line, theirs)] = ours
            elif parameter.makes:
                self._unnamed.setdefault(parameter.makes, []).append(str(ours))
            elif isinstance(theirs, str) and isinstance(ours, str):
                self._ours["value", parse_guid(theirs) or theirs] = ours
            if name == "pbstrXML" and signature.family == BACKUP_COMPONENTS:
                self._document = str(ours)


def _usual(name: str, kind: str) -> Any:
    if name in _USUAL_NAMES:
        return _USUAL_NAMES[name]
    if kind in _USUAL:
        return _USUAL[kind]
    return "text" if kind in ("LPCWSTR", "VSS_PWSZ") else 0


def _waits_in_time(simulation: Simulation) -> bool:
    """Whether IVssAsync::Wait knows a time-out on the machine (rule async-wait-2003-infinite)."""
    system = system_named(simulation.world.description.machines[0].os)
    return system.generation >= Generation.VISTA


def _expected(line: Line) -> tuple[str, ...] | None:
    if line.returns is None:
        return None
    answers = line.returns if isinstance(line.returns, list) else [line.returns]
    return tuple(parse_code(answer).name for answer in answers)


def _comparable(value: Any) -> bool:
    """Ids, handles and documents differ from run to run; numbers, truths and names do not."""
    if isinstance(value, (bool, int)):
        return True
    return isinstance(value, str) and value.startswith(("VSS_", "S_", "E_"))


def _same(recorded: Any, ours: Any) -> bool:
    if isinstance(recorded, str) and isinstance(ours, str):
        try:
            return parse_code(recorded).name == parse_code(ours).name
        except ValueError:
            return recorded == ours
    return bool(recorded == ours)


def follow(
    simulation: Simulation,
    lines: Iterator[tuple[int, Line]],
    document: str | None = None,
    writer_document: str | None = None,
) -> Iterator[Followed]:
    """Make a log again; what the simulator does not model is passed over.

    The documents are those that the log loads and does not show being saved.
    """
    follower = Follower(simulation, document, writer_document)
    for number, line in lines:
        try:
            followed = follower.follow(number, line)
        except NotSimulated:
            continue
        if followed is not None:
            yield followed
