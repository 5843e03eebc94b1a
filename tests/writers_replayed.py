"""The writers of a case made again: what a case shows them calling becomes the script of its world.

A case shows an event, and behind it what its writer called while it handled it. The world that is simulated has a
writer whose reply to that very event makes these calls, so that their answers can be compared. What the writer built at
Identify is built by calls there, too: its description then says no more than who it is.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from msgspec import Struct, field

from conformance.binding import guid_of
from conformance.case import Case, Line, read_case
from conformance.dialogue import Dialogue
from conformance.results import Result
from conformance.tables import Call, call_named
from tests.complete_cases import InProcess, completed
from vss_sim.documents.writer_metadata import write_writer_metadata
from vss_sim.judge.writers.writer_drafts import HARMLESS
from vss_sim.model.metadata import WriterMetadata
from vss_sim.spec.methods import EXPRESS_METADATA, WRITER, signatures
from vss_sim.spec.writer_arguments import CREATE_METADATA
from vss_sim.spec.writer_calls import DISPUTED_REFUSALS, handler_calls
from vss_sim.spec.writer_lives import CREATE_EXPRESS, LOAD_METADATA, calls_of_programs

POINTERS: Final = ("IVssWriterComponents", "IVssComponent")
_METADATA: Final = "IVssCreateWriterMetadata"
_BUILT: Final = ("components", "restoreMethod", "alternateLocationMappings", "backupSchema", "excludeFiles")
_ENDS: Final = ("fails", "fatal", "seconds", "silent", "crashes")
_GET_COMPONENT: Final = "IVssWriterComponents::GetComponent"
_SAVED: Final = WriterMetadata(name="Notes", writer_id="{55555555-0000-0000-0000-000000000001}")

Occurrence = tuple[str, str, int]
"""Event, class of the writer, and how many such events came before."""


class Asked(Struct, frozen=True):
    """A call that a writer makes in a handler: its line, and the component that it is made on, if it is on one."""

    number: int
    line: Line
    component: str | None = None


class Handled(Struct, frozen=True):
    """What a case shows of writers: the event → what was called while it was handled, and how it ended."""

    calls: dict[Occurrence, list[Asked]] = field(default_factory=dict)
    ends: dict[Occurrence, Any] = field(default_factory=dict)


def handled(case: Case) -> Handled:
    """The calls of a case that writers make while they handle events."""
    found = Handled()
    seen: Counter[tuple[str, str]] = Counter()
    at: Occurrence | None = None
    handed_out: set[object] = set()
    components: dict[object, str] = {}
    added = _added(case)
    of_programs = calls_of_programs() - handler_calls().keys()
    for number, line in case.lines:
        if "event" in line:
            key = str(line["event"]), guid_of(line.get("writer")) or ""
            at = (*key, seen[key])
            seen[key] += 1
            found.ends[at] = line.get("answer", True)
            continue
        call = call_named(line["call"]) if "call" in line else None
        if call is None:
            continue
        if at is None or call.name in of_programs or not _is_a_writers(line, call, handed_out):
            at = at if call.by == "writer" or call.family == "IUnknown" else None
            handed_out |= {value for value in (line.get("out") or {}).values() if isinstance(value, str)}
        elif call.name == _GET_COMPONENT:
            names = added.get(at[1], [])
            index = (line.get("in") or {}).get("iComponent", 0)
            if isinstance(index, int) and index < len(names):
                components[(line.get("out") or {}).get("ppComponent")] = names[index]
        elif call.name in handler_calls():
            component = components.get(line.get("on")) if call.family in POINTERS else None
            found.calls.setdefault(at, []).append(Asked(number, line, component))
    return found


def _is_a_writers(line: Line, call: Call, handed_out: set[object]) -> bool:
    return (call.by == "writer" and call.family not in POINTERS) or (
        call.family in POINTERS and line.get("on") not in handed_out
    )


def _added(case: Case) -> dict[str, list[str]]:
    """Class of a writer → the names of its components, in the order in which the requester added them."""
    names: dict[str, list[str]] = {}
    for _, line in case.lines:
        given = line.get("in") or {}
        if line.get("call") == "IVssBackupComponents::AddComponent" and isinstance(given.get("wszComponentName"), str):
            names.setdefault(guid_of(given.get("writerId")) or "", []).append(given["wszComponentName"])
    return names


def scripted(case: Case, script: Handled) -> Case:
    """The case in a world whose writers make the calls that it shows."""
    world = {**case.world, "machines": [dict(machine) for machine in case.world["machines"]]}
    for machine in world["machines"]:
        machine["writers"] = [_with_script(dict(writer), script) for writer in machine.get("writers", ())]
    documents = {
        (line.get("in") or {}).get("metadata"): write_writer_metadata(_SAVED)
        for _, line in case.lines
        if line.get("call") == LOAD_METADATA and line.get("returns") == "S_OK"
    }
    header = {**case.header, "world": world, "documents": {**documents, **(case.header.get("documents") or {})}}
    return Case(case.id, case.about, case.verdict, case.rules, header, case.lines)


def _with_script(writer: dict[str, Any], script: Handled) -> dict[str, Any]:
    own = guid_of(writer["writerId"])
    mine = {at: asked for at, asked in script.calls.items() if at[1] == own}
    built = any(one.line["call"].startswith(_METADATA) for one in _of_identify(mine))
    if built:
        writer = {key: value for key, value in writer.items() if key not in _BUILT}
    replies = writer.get("replies", [])
    made = [
        {**_spoken(replies, at), "on": at[0], "skip": at[2], "times": 1, "calls": [_call(one) for one in asked]}
        for at, asked in mine.items()
    ]
    return {**writer, "replies": [*made, *replies]}


def _of_identify(calls: dict[Occurrence, list[Asked]]) -> Iterator[Asked]:
    for at, asked in calls.items():
        if at[0] == "Identify":
            yield from asked


def _spoken(replies: list[dict[str, Any]], at: Occurrence) -> dict[str, Any]:
    """How the handler ends at this occurrence, by its description; what it calls there, the case shows."""
    for reply in replies:
        skip, times = reply.get("skip", 0), reply.get("times")
        if reply["on"] == at[0] and skip <= at[2] and (times is None or at[2] < skip + times):
            return {key: value for key, value in reply.items() if key in _ENDS}
    return {}


def _call(asked: Asked) -> dict[str, Any]:
    name = asked.line["call"]
    left_out = {one.name: HARMLESS[one.name] for one in signatures()[name].parameters if one.name in HARMLESS}
    made = {"call": name, "in": {**left_out, **(asked.line.get("in") or {})}}
    return made if asked.component is None else {**made, "component": asked.component}


class Stage(Dialogue):
    """A case put to the simulator with what its writers' programs call; `reported` are the events with their calls."""

    def __init__(self, case: Case, script: Handled) -> None:
        self.reported: list[Line] = []
        self._in_handlers = {one.number for asked in script.calls.values() for one in asked}
        simulator = InProcess()

        def say(message: Line) -> Line:
            reply = simulator.say(message)
            self.reported.extend(reply.get("events") or ())
            return reply

        super().__init__(case, say)

    def _follow(self, line: Line) -> None:
        call = call_named(line["call"]) if "call" in line else None
        if self._number in self._in_handlers or ("call" in line and call is None):
            return  # a script makes the calls in handlers; files are no part of it
        if call is None or call.name not in calls_of_programs():
            super()._follow(line)
        elif call.family == WRITER:
            message = {"call": line["call"], "on": line["on"], "in": self._binding.arguments(line.get("in") or {})}
            reply = self._exchange(message)
            self._calls += 1
            self._judge(line, call, str(reply.get("returns", reply.get("error"))), reply.get("out") or {})
        elif call.family != _METADATA:
            if call.family == EXPRESS_METADATA and not self._binding.knows(line):
                self._make_metadata(line)
            self._call(line, call)

    def _make_metadata(self, line: Line) -> None:
        """The metadata of an express writer, of which the case does not show how they were made."""
        express = self._exchange({"call": CREATE_EXPRESS})["out"]["ppWriter"]
        given = {"writerId": _SAVED.writer_id, "writerName": _SAVED.name, "usageType": _SAVED.usage}
        versions = {"versionMajor": 0, "versionMinor": 0}
        out = self._exchange({"call": CREATE_METADATA, "on": express, "in": {**given, **versions}})["out"]
        creation = call_named(CREATE_METADATA)
        assert creation is not None
        self._binding.learn_handles({**line, "out": {"ppMetadata": line["on"]}}, creation, out)

    def answers(self) -> dict[Occurrence, list[Line]]:
        """The event → the calls that its writer made, with their answers."""
        found: dict[Occurrence, list[Line]] = {}
        seen: Counter[tuple[str, str]] = Counter()
        at: Occurrence = ("", "", 0)
        for line in self.reported:
            if "event" in line:
                key = line["event"], guid_of(line["writer"]) or ""
                at = (*key, seen[key])
                seen[key] += 1
            else:
                found.setdefault(at, []).append(line)
        return found


def played(path: Path) -> tuple[Result, Handled, dict[Occurrence, list[Line]]]:
    """A case played: what the requester and the programs got, and what was answered to writers in their handlers."""
    case = read_case(path)
    if case.only_for_checkers:
        case = _as_shown(case, completed(case, path))
    script = handled(case)
    stage = Stage(scripted(case, script), script)
    return stage.hold(), script, stage.answers()


def _as_shown(case: Case, complete: Case) -> Case:
    """A case that nobody is asked, with the documents and the ids of writers that its lines show."""
    world, shown = case.world, complete.world
    machines = [_with_ids(*pair) for pair in zip(world["machines"], shown["machines"], strict=True)]
    documents = {**(complete.header.get("documents") or {}), **(case.header.get("documents") or {})}
    header = {**case.header, "world": {**world, "machines": machines}, "documents": documents}
    return Case(case.id, case.about, case.verdict, case.rules, header, case.lines)


def _with_ids(machine: dict[str, Any], shown: dict[str, Any]) -> dict[str, Any]:
    ids = {guid_of(writer["writerId"]): writer.get("instanceId") for writer in shown.get("writers", ())}
    writers = [
        {**writer, "instanceId": writer.get("instanceId") or ids.get(guid_of(writer["writerId"]))}
        for writer in machine.get("writers", ())
    ]
    return {**machine, "writers": writers}


def differences(script: Handled, answers: dict[Occurrence, list[Line]]) -> Iterator[str]:
    """Where a writer was answered otherwise than the case says, in words."""
    for at, asked in script.calls.items():
        got = answers.get(at, [])
        if len(got) != len(asked):
            yield f"{at[0]}: {len(asked)} calls, {len(got)} were made"
            continue
        for one, line in zip(asked, got, strict=True):
            yield from _differs(one, line)


def _differs(asked: Asked, line: Line) -> Iterator[str]:
    expected = asked.line.get("returns")
    where = f"line {asked.number}, {asked.line['call']}"
    if line["call"] != asked.line["call"]:
        yield f"{where}: {line['call']} was made"
    wanted = expected if isinstance(expected, list) else [expected]
    if not DISPUTED_REFUSALS.isdisjoint(asked.line.get("rules", ())):
        return  # no page says an answer: the simulator refuses it, and Windows may not
    if expected is not None and line.get("returns") not in wanted:
        yield f"{where}: it answered {line.get('returns')}; expected {expected}"
    told = {} if "rules" in asked.line else asked.line.get("out") or {}  # what nobody should ask has no known answer
    for name, value in told.items():
        got = (line.get("out") or {}).get(name)
        if _comparable(value) and got != value:
            yield f"{where}: {name} is {got!r}; expected {value!r}"


def _comparable(value: object) -> bool:
    """Ids, handles and names of devices differ from run to run; numbers, truths and names of VSS do not."""
    return isinstance(value, (bool, int)) or (isinstance(value, str) and value.startswith("VSS_"))
