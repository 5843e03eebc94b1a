"""What a client may say: a line is read as one of four messages, or refused with what was expected instead."""

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from vss_sim.documents.json_places import keys_twice
from vss_sim.engine.inputs import check_names, on_an_object
from vss_sim.spec.happenings import HAPPENINGS
from vss_sim.spec.methods import call_names, signatures
from vss_sim.spec.table import Profile
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import LONGEST_LINE, TraceError, check_line, plain_fault, read_json

Id = str | int | None
"""What a client calls a message by; the reply has it again."""

_LEVELS: Final = 6
"""Arguments are nested no deeper than this; those of VSS need three levels."""

KINDS: Final = ("start", "call", "happens", "stop")
_ON_EVERY_LINE: Final = ("id", "at", "thread", "note", "machine")
_FORMS: Final = {
    "start": '{"start": {"world": {...}, "profile": "windows" or "documented"}, "id": 1}',
    "call": '{"call": "Interface::Method", "on": "handle", "in": {...}, "id": 2}',
    "happens": '{"happens": "time passes", "seconds": 61, "id": 3}',
    "stop": '{"stop": true, "id": 4}',
}


class Message(msgspec.Struct, forbid_unknown_fields=True, kw_only=True):
    """What may stand on every line; `at`, `thread` and `note` are only kept for the transcript."""

    id: Id = None
    at: float | None = None
    thread: str | int | None = None
    note: str | None = None

    def remarks(self) -> dict[str, Any]:
        """What the transcript keeps as it was said."""
        said = {"at": self.at, "thread": self.thread, "note": self.note}
        return {key: value for key, value in said.items() if value is not None}


class Opening(msgspec.Struct, forbid_unknown_fields=True):
    """The world to begin with and the profile; what is left out is as the server has it."""

    world: dict[str, Any] | None = None
    profile: Profile | None = None


class Start(Message):
    """A new simulation."""

    start: Opening


class Call(Message, rename={"in_": "in"}):
    """A documented call: one line in, the answer out."""

    call: str
    on: str | None = None
    in_: dict[str, Any] | None = None
    machine: str | None = None
    process: str | int = ""


class Stop(Message):
    """The end of the conversation."""

    stop: bool


class Happens(Message):
    """Something that happens to a machine, with what is told of it."""

    happens: str
    machine: str | None = None
    more: dict[str, Any] = {}


class MessageError(Exception):
    """A line that is no message: what is wrong with it, what was expected, and the id if it has one."""

    def __init__(self, says: str, message_id: Id = None) -> None:
        super().__init__(says, message_id)
        self.says = says
        self.id = message_id


def read_message(text: bytes) -> Start | Call | Happens | Stop:
    """The message that a line is.

    Raises:
        MessageError: it is none.
    """
    if len(text) > LONGEST_LINE:
        raise MessageError(f"the line is longer than {LONGEST_LINE} bytes; expected one JSON object a line")
    try:
        value = read_json(text)
    except ValueError as error:
        raise MessageError(f"{error}; expected one JSON object a line, such as {_FORMS['call']}") from None
    if not isinstance(value, dict):
        raise MessageError(f"the line is no JSON object; expected one, such as {_FORMS['call']}")
    name = _id(value)
    for key in keys_twice(text, value):
        raise MessageError(f'"{key[:60]}" is there twice; expected each key once', name)
    return _message(value, name)


def _id(value: dict[str, Any]) -> Id:
    name = value.get("id")
    if name is None or (isinstance(name, (str, int)) and not isinstance(name, bool)):
        return name
    raise MessageError('"id" is neither a text nor an integer; expected one of them, or none')


def _message(value: dict[str, Any], name: Id) -> Start | Call | Happens | Stop:
    kinds = [kind for kind in KINDS if kind in value]
    if len(kinds) != 1:
        raise MessageError('expected exactly one of "start", "call", "happens" and "stop"', name)
    try:
        match kinds[0]:
            case "start":
                return msgspec.convert(value, Start)
            case "call":
                return _checked_call(msgspec.convert(value, Call))
            case "happens":
                return _happens(value)
            case _:
                return _checked_stop(msgspec.convert(value, Stop))
    except (msgspec.ValidationError, ValueError) as error:
        says = plain_fault(error)
        wanted = "" if "expected" in says else f"; expected {_FORMS[kinds[0]]}"
        raise MessageError(says + wanted, name) from None


def _checked_stop(message: Stop) -> Stop:
    if not message.stop:
        raise ValueError(f'"stop" is false; expected {_FORMS["stop"]}')
    return message


def _checked_call(message: Call) -> Call:
    try:
        check_line(Line(call=message.call, on=message.on, in_=message.in_), 0)
    except TraceError as error:
        raise ValueError(error.says) from None
    if not _is_shallow(message.in_, _LEVELS):
        raise ValueError(f'"in" is nested too deeply; expected at most {_LEVELS} levels')
    full_name = call_names().get(message.call)
    if full_name in signatures():
        _check_names(full_name, message)
    return message


def _is_shallow(value: object, levels: int) -> bool:
    if not isinstance(value, (dict, list)):
        return True
    inner = value.values() if isinstance(value, dict) else value
    return levels > 0 and all(_is_shallow(one, levels - 1) for one in inner)


def _check_names(full_name: str, message: Call) -> None:
    """Whether every argument is one of the documented parameters."""
    signature = signatures()[full_name]
    if message.on is not None and not signature.interface:
        raise on_an_object(message.call, message.on)
    check_names(message.call, [parameter.name for parameter in signature.parameters], message.in_ or ())


def _happens(value: dict[str, Any]) -> Happens:
    """What happens; of a happening that is known here, no other keys are told than those that it has."""
    told = {key: one for key, one in value.items() if key not in (*_ON_EVERY_LINE, "happens")}
    rest = {key: one for key, one in value.items() if key not in told}
    message = msgspec.convert({**rest, "more": told}, Happens)
    _check_keys(message.happens, told)
    return message


def _check_keys(what: str, told: Mapping[str, Any]) -> None:
    if what not in HAPPENINGS:
        return
    for key in told:
        if key not in HAPPENINGS[what].keys:
            expected = ", ".join(f'"{one}"' for one in (*HAPPENINGS[what].keys, *_ON_EVERY_LINE))
            raise ValueError(f'"{what}" has no key "{key[:60]}"; expected {expected}')
    for key in ("process", "service", "path", "volume", "lun"):
        if key in told and not isinstance(told[key], str) and (key != "process" or type(told[key]) is not int):
            raise ValueError(f'"{key}" is neither a text nor a number; expected one')
