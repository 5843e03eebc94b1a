"""How an implementation goes wrong: the simulator behind a mistake, in what it is told or in what it answers."""

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any, Final

from msgspec import Struct

from tests.complete_cases import InProcess

Line = dict[str, Any]
Before = Callable[[Line], Line]
After = Callable[[Line, Line], Line]


def _as_it_is(message: Line) -> Line:
    return message


def _as_it_comes(_: Line, reply: Line) -> Line:
    return reply


class Wrong(Struct, frozen=True):
    """What is wrong with it, and how messages and replies are changed."""

    name: str
    after: After = _as_it_comes
    before: Before = _as_it_is
    remembers: Callable[[], After] | None = None
    """Makes an `after` that remembers what was said to one implementation."""

    def say(self) -> Callable[[Line], Line]:
        """A fresh implementation of this kind."""
        partner = InProcess()
        after = self.after if self.remembers is None else self.remembers()
        return lambda message: after(message, partner.say(self.before(deepcopy(message))))


def _method(message: Line) -> str:
    return str(message.get("call", "")).rpartition("::")[2]


def out(methods: str, change: Callable[[Line], Any]) -> After:
    """What these methods (joined by a blank) hand out is changed."""
    names = methods.split()

    def after(message: Line, reply: Line) -> Line:
        if _method(message) in names and isinstance(reply.get("out"), dict):
            reply = {**reply, "out": dict(reply["out"])}
            change(reply["out"])
        return reply

    return after


def to_writers(methods: str, change: Callable[[Line], Line]) -> After:
    """What writers are answered in their handlers to these methods (none: to all) is changed."""
    names = methods.split()

    def after(_: Line, reply: Line) -> Line:
        if "events" not in reply:
            return reply
        told = [
            change(one) if _is_a_call(one) and (not names or _method(one) in names) else one for one in reply["events"]
        ]
        return {**reply, "events": told}

    return after


def _is_a_call(item: Line) -> bool:
    return "call" in item


def other_code(before: str, instead: str) -> Callable[[Line], Line]:
    """A code is another one."""
    return lambda line: {**line, "returns": instead} if line.get("returns") == before else line


def other_result(value: Any) -> Callable[[Line], Line]:
    """Each result is another one."""
    return lambda line: {
        **line,
        "out": {name: value(old) if callable(value) else value for name, old in line.get("out", {}).items()},
    }


def setting(methods: str, name: str, value: Any) -> After:
    """A result has another value, if it is there."""

    def change(found: Line) -> None:
        if name in found:
            found[name] = value(found[name]) if callable(value) else value

    return out(methods, change)


def within(methods: str, structure: str, name: str, value: Any) -> After:
    """A member of a structure has another value."""

    def change(found: Line) -> None:
        inner = found.get(structure)
        if isinstance(inner, dict) and name in inner:
            found[structure] = {**inner, name: value(inner[name]) if callable(value) else value}

    return out(methods, change)


def answering(methods: str, instead: dict[str, str]) -> After:
    """Codes of these methods (none: of all) are others."""
    names = methods.split()

    def after(message: Line, reply: Line) -> Line:
        code = reply.get("returns")
        if isinstance(code, str) and code in instead and (not names or _method(message) in names):
            return {**reply, "returns": instead[code]}
        return reply

    return after


def without(event: str) -> After:
    """An event is never raised."""

    def after(_: Line, reply: Line) -> Line:
        kept = [one for one in reply.get("events", ()) if one.get("event") != event]
        return {**reply, "events": kept} if "events" in reply else reply

    return after


def from_the_last(_: Line, reply: Line) -> Line:
    """Events go to writers in the reverse order."""
    return {**reply, "events": reply["events"][::-1]} if "events" in reply else reply


def given(methods: str, name: str, value: Any) -> Before:
    """An argument is taken for another one."""
    names = methods.split()

    def before(message: Line) -> Line:
        if _method(message) in names and name in (message.get("in") or {}):
            old = message["in"][name]
            message["in"] = {**message["in"], name: value(old) if callable(value) else value}
        return message

    return before


def world(change: Callable[[Line], Any]) -> Before:
    """Something of the computer is not heeded."""

    def before(message: Line) -> Line:
        if "start" in message:
            for machine in message["start"]["world"]["machines"]:
                change(machine)
        return message

    return before


def writers(change: Callable[[Line], Any]) -> Before:
    """Something of the writers is not heeded."""

    def each(machine: Line) -> None:
        for writer in machine.get("writers", ()):
            change(writer)

    return world(each)


def deaf(what: str) -> Before:
    """Something that happens does not."""

    def before(message: Line) -> Line:
        if message.get("happens") == what:
            return {"happens": "time passes", "seconds": 0, "id": message["id"]}
        return message

    return before


def lost_moves(message: Line) -> Line:
    """What is to be moved at the restart is registered nowhere."""
    if message.get("call") == "MoveFileEx" and "DELAY" in str(message["in"].get("dwFlags")):
        return {"happens": "time passes", "seconds": 0, "id": message["id"]}
    return message


def registered_all_the_same(message: Line, reply: Line) -> Line:
    """A move of the restart that went nowhere is said to be registered."""
    lost = message.get("call") == "MoveFileEx" and "returns" not in reply
    return {**reply, "returns": "ERROR_SUCCESS"} if lost else reply


def without_services(message: Line) -> Line:
    """There are no services, and what becomes of them is not heard."""
    if str(message.get("happens", "")).startswith("service "):
        return deaf(message["happens"])(message)
    return world(lambda machine: machine.pop("services", None))(message)


def state_first() -> After:
    """The state of an object is looked at before the arguments."""
    initialised: set[object] = set()

    def after(message: Line, reply: Line) -> Line:
        if _method(message).startswith("Initialize") and reply.get("returns") == "S_OK":
            initialised.add(message["on"])
        asked = str(message.get("call", "")).startswith("IVssBackupComponents") and message["on"] not in initialised
        if asked and not _method(message).startswith("Initialize") and reply.get("returns") == "E_INVALIDARG":
            return {**reply, "returns": "VSS_E_BAD_STATE"}
        return reply

    return after


def revert_cancelled() -> After:
    """What watches a revert tells that it was cancelled, once somebody asked for that."""
    watches: set[object] = set()
    cancelled: set[object] = set()

    def after(message: Line, reply: Line) -> Line:
        if _method(message) == "QueryRevertStatus":
            watches.add((reply.get("out") or {}).get("ppAsync"))
        elif _method(message) == "Cancel" and message["on"] in watches:
            cancelled.add(message["on"])
        elif _method(message) == "QueryStatus" and message["on"] in cancelled:
            return {**reply, "out": {**reply["out"], "pHrResult": "VSS_S_ASYNC_CANCELLED"}}
        return reply

    return after


def named_all_the_same(message: Line, reply: Line) -> Line:
    """An exposure that fails hands out the name that was asked for."""
    if _method(message) == "ExposeSnapshot" and reply.get("returns") != "S_OK":
        return {**reply, "out": {**reply.get("out", {}), "pwszExposed": message["in"]["wszExpose"]}}
    return reply


def nothing_recovered(message: Line, reply: Line) -> Line:
    """GUID_NULL is taken into a recovery set."""
    named = (message.get("in") or {}).get("snapshotId")
    null = named is not None and not str(named).strip("{}0-")
    return {**reply, "returns": "S_OK"} if _method(message) == "AddSnapshotToRecoverySet" and null else reply


_DEVICE: Final = re.compile(r"(?i)^\\\\\?\\globalroot\\device\\harddiskvolumeshadowcopy1\\")


def live(message: Line) -> Line:
    """The device of the first shadow copy is the volume C:."""
    given = message.get("in") or {}
    if "lpFileName" in given:
        message["in"] = {**given, "lpFileName": _DEVICE.sub(r"C:\\", str(given["lpFileName"]))}
    return message


def one_more(value: Any) -> Any:
    """A number that is counted wrongly."""
    return value + 1 if type(value) is int else value


def other(value: Any) -> Any:
    """A truth value turned round."""
    return not value if type(value) is bool else value
