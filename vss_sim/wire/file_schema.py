"""The part of the schema that is about file and service calls."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from vss_sim.engine.file_calls import FILE_CALLS, JSON_TYPES, FileCall
from vss_sim.spec.win32 import Win32Error

Schema = dict[str, Any]


def file_schemas(place: Mapping[str, Any], name: Schema) -> dict[str, Schema]:
    """For each call what its line may hold, and what the reply; `place` is what a line tells of where it is made."""
    calls = {call.name: call for call in FILE_CALLS.values()}
    return {
        **{f"call.{call.name}": _call(call, place) for call in calls.values()},
        **{f"reply.{call.name}": _reply(name) for call in calls.values()},
    }


def _call(call: FileCall, place: Mapping[str, Any]) -> Schema:
    parameters = {parameter: _typed(JSON_TYPES[read]) for parameter, (read, _) in call.takes.items()}
    ways = Counter(name for _, name in call.takes.values())
    needed = [parameter for parameter in call.required if ways[parameter] == 1]
    arguments = {"type": "object", "properties": parameters, "required": needed, "additionalProperties": False}
    names = [written for written, known in FILE_CALLS.items() if known is call]
    properties = {"call": {"enum": names}, "on": {"type": "null"}, "in": arguments, **place}
    return {"type": "object", "properties": properties, "required": ["call", "in"], "additionalProperties": False}


def _typed(types: tuple[str, ...]) -> Schema:
    return {"type": list(types)} if types else {}


def _reply(name: Schema) -> Schema:
    answers = [error.name for error in Win32Error]
    properties = {"id": name, "returns": {"enum": answers}, "out": {"type": "object"}}
    return {"type": "object", "properties": properties, "required": ["id", "returns"], "additionalProperties": False}
