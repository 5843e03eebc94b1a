"""What the writers of a case call while they handle events, asked of an implementation that takes `writers`.

A case shows an event, and behind it what its writer called while it handled it. In the world that is sent, the writer's
reply to this very event makes these calls (`replies`, with `calls`); what the case has the writer build in Identify,
its description leaves out. The implementation has its writers make them, and reports each, with its answer, behind the
event.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final

from .ids import guid_of
from .tables import Call, call_named, protocol

Line = dict[str, Any]
Occurrence = tuple[str, str, int]
"""Event, class of the writer, and how many such events came before."""

OF_WRITERS: Final = "CVssWriter"
"""The class of which a writer's program makes an object, under a name of its own."""
POINTERS: Final = ("IVssWriterComponents", "IVssComponent")
_METADATA: Final = "IVssCreateWriterMetadata"
_BUILT: Final = ("components", "restoreMethod", "alternateLocationMappings", "backupSchema", "excludeFiles")
_ENDS: Final = ("fails", "fatal", "seconds", "silent", "crashes")
_GET_COMPONENT: Final = "IVssWriterComponents::GetComponent"


@dataclass(frozen=True)
class Asked:
    """A call that a writer makes in a handler: its line, and the component that it is made on, if it is on one."""

    number: int
    line: Line
    component: str | None = None


@dataclass(frozen=True)
class Script:
    """What a case shows of handlers: the event → what was called while it was handled, and how it ended."""

    calls: dict[Occurrence, list[Asked]] = field(default_factory=dict)
    ends: dict[Occurrence, Any] = field(default_factory=dict)

    @cached_property
    def _lines(self) -> frozenset[int]:
        return frozenset(id(one.line) for asked in self.calls.values() for one in asked)

    def makes(self, line: Line) -> bool:
        """Whether a line of the case is one of these calls."""
        return id(line) in self._lines


def script_of(lines: Iterable[tuple[int, Line]]) -> Script:
    """The calls of a case that writers make while they handle events."""
    found = Script()
    numbered = tuple(lines)
    seen: Counter[tuple[str, str]] = Counter()
    at: Occurrence | None = None
    handed_out: set[object] = set()
    components: dict[object, str] = {}
    added = _added(numbered)
    known, programs = frozenset(protocol()["handlers"]), frozenset(protocol()["programs"])
    for number, line in numbered:
        if "event" in line:
            key = str(line["event"]), guid_of(line.get("writer")) or ""
            at = (*key, seen[key])
            seen[key] += 1
            found.ends[at] = line.get("answer", True)
            continue
        call = call_named(line["call"]) if "call" in line else None
        if call is None:
            continue
        if at is None or call.name in programs - known or not _is_a_writers(line, call, handed_out):
            at = at if call.by == "writer" or call.family == "IUnknown" else None
            handed_out |= {value for value in (line.get("out") or {}).values() if isinstance(value, str)}
        elif call.name == _GET_COMPONENT:
            names = added.get(at[1], [])
            index = (line.get("in") or {}).get("iComponent", 0)
            if isinstance(index, int) and index < len(names):
                components[(line.get("out") or {}).get("ppComponent")] = names[index]
        elif call.name in known:
            component = components.get(line.get("on")) if call.family in POINTERS else None
            found.calls.setdefault(at, []).append(Asked(number, line, component))
    return found


def _is_a_writers(line: Line, call: Call, handed_out: set[object]) -> bool:
    return (call.by == "writer" and call.family not in POINTERS) or (
        call.family in POINTERS and line.get("on") not in handed_out
    )


def _added(lines: Iterable[tuple[int, Line]]) -> dict[str, list[str]]:
    """Class of a writer → the names of its components, in the order in which the requester added them."""
    names: dict[str, list[str]] = {}
    for _, line in lines:
        given = line.get("in") or {}
        if line.get("call") == "IVssBackupComponents::AddComponent" and isinstance(given.get("wszComponentName"), str):
            names.setdefault(guid_of(given.get("writerId")) or "", []).append(given["wszComponentName"])
    return names


def scripted(world: dict[str, Any], script: Script) -> dict[str, Any]:
    """A world whose writers make the calls of the script."""
    machines = [dict(machine) for machine in world["machines"]]
    for machine in machines:
        machine["writers"] = [_with_script(dict(writer), script) for writer in machine.get("writers", ())]
    return {**world, "machines": machines}


def _with_script(writer: dict[str, Any], script: Script) -> dict[str, Any]:
    own = guid_of(writer["writerId"])
    mine = {at: asked for at, asked in script.calls.items() if at[1] == own}
    if any(one.line["call"].startswith(_METADATA) for one in _of_identify(mine)):
        writer = {key: value for key, value in writer.items() if key not in _BUILT}
    replies = writer.get("replies", [])
    made = [
        {**_spoken(replies, at), "on": at[0], "skip": at[2], "times": 1, "calls": [_made(one) for one in asked]}
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


def _made(asked: Asked) -> dict[str, Any]:
    call = call_named(asked.line["call"])
    harmless = protocol()["harmless"]
    names = [parameter["name"] for parameter in call.parameters] if call is not None else []
    left_out = {name: harmless[name] for name in names if name in harmless}
    made = {"call": asked.line["call"], "in": {**left_out, **(asked.line.get("in") or {})}}
    return made if asked.component is None else {**made, "component": asked.component}


class Reported:
    """What an implementation reports that its writers called: the event → the calls, with their answers."""

    def __init__(self) -> None:
        self._calls: dict[Occurrence, list[Line]] = {}
        self._seen: Counter[tuple[str, str]] = Counter()
        self._at: Occurrence | None = None

    def heard(self, item: Line) -> None:
        """An event, or a call while the last one was handled."""
        if "event" in item:
            key = str(item["event"]), guid_of(item.get("writer")) or ""
            self._at = (*key, self._seen[key])
            self._seen[key] += 1
            self._calls[self._at] = []
        elif "call" in item and self._at is not None:
            self._calls[self._at].append(item)

    def of(self, at: Occurrence) -> list[Line] | None:
        """The calls at an event; None where it was not reported."""
        return self._calls.get(at)
