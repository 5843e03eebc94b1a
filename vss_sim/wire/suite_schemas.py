"""The JSON Schemas of the conformance suite: of a case, line by line, and of the messages that the runner exchanges."""

from typing import Any, Final

from vss_sim.report.world_schema import DIALECT, schema_text
from vss_sim.spec.events import EVENTS
from vss_sim.spec.methods import call_names

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": "string"}
_TEXTS: Final[Schema] = {"type": "array", "items": _TEXT}
_TAKES: Final[Schema] = {
    "type": "array",
    "items": {"enum": ["files", "writers"]},
    "description": "file and service calls; what writers and their programs call",
}
_NAME: Final[Schema] = {"type": ["string", "integer"]}
_WORLD: Final[Schema] = {
    "type": "object",
    "properties": {"machines": {"type": "array", "minItems": 1, "items": {"type": "object"}}},
    "description": "the computer; docs/world.schema.json has its schema",
}
_CODE: Final[Schema] = {"type": "string", "pattern": "^([A-Z][A-Z0-9]*_[A-Z0-9_]+|0x[0-9A-Fa-f]{8})$"}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


def case_schema() -> str:
    """Of a case: `#/$defs/header` is its first line, `#/$defs/line` every other."""
    definitions = {
        "header": _header(),
        "line": {"anyOf": [_ref(kind) for kind in ("call", "event", "happens", "note")]},
        **_lines(),
        "rule": {"type": "string", "pattern": "^[a-z0-9]+(-[a-z0-9]+)*$", "description": "an id of rules.json"},
        "answer": {"anyOf": [_CODE, {"type": "integer"}]},
    }
    says = "A case is JSON Lines: a header, then what a requester does, with the answers that are expected."
    return _page("case", says, {"anyOf": [_ref("header"), _ref("line")]}, definitions)


def _header() -> Schema:
    properties: Schema = {
        "vss-trace": {"const": 1},
        "id": _TEXT,
        "about": {"type": "string", "pattern": "\\.$", "description": "what is shown, in one sentence"},
        "verdict": {"enum": ["conforms", "violates", "warns", "noted"]},
        "rules": {"type": "array", "items": _ref("rule"), "minItems": 1},
        "profile": {"enum": ["windows", "documented"]},
        "world": _WORLD,
        "documents": {"type": "object", "additionalProperties": _TEXT, "description": "placeholder: the document"},
        "silence": {
            "type": "object",
            "propertyNames": _ref("rule"),
            "additionalProperties": {"type": "array", "items": {"enum": list(EVENTS)}, "minItems": 1},
            "description": "by this rule writers get no more of these events than are shown",
        },
    }
    return {"type": "object", "properties": properties, "required": ["vss-trace", "about", "verdict", "rules"]}


def _lines() -> Schema:
    remarks: Schema = {
        "rules": {"type": "array", "items": _ref("rule"), "description": "what is broken right here"},
        "open": {
            "type": "array",
            "items": _ref("rule"),
            "description": "what leaves the answer open: no page settles it",
        },
        "keeps": {
            "type": "array",
            "items": _ref("rule"),
            "description": "what is shown to be kept right here: it is broken where the line comes out otherwise",
        },
        "note": _TEXT,
        "level": _TEXT,
        "at": {"type": "number"},
        "machine": _TEXT,
        "process": _NAME,
        "thread": _NAME,
    }
    answers = {"anyOf": [_ref("answer"), {"type": "array", "items": _ref("answer"), "minItems": 1}]}
    call: Schema = {
        "call": {"enum": sorted(call_names())},
        "on": _TEXT,
        "in": {"type": "object"},
        "returns": answers,
        "fails": {"const": True, "description": "any failing answer"},
        "out": {"type": "object"},
    }
    fails = {"type": "object", "properties": {"fails": _CODE}, "required": ["fails"]}
    throws = {"type": "object", "properties": {"throws": _TEXT}, "required": ["throws"]}
    event: Schema = {
        "event": {"enum": list(EVENTS)},
        "on": {"type": "string", "description": "the components that the writer is handed"},
        "writer": _TEXT,
        "instance": _TEXT,
        "answer": {"anyOf": [{"type": "boolean"}, fails, throws]},
        "in": {"type": "object"},
    }
    return {
        "call": _object({**call, **remarks}, "call"),
        "event": _object({**event, **remarks}, "event"),
        "happens": {"type": "object", "properties": {"happens": _TEXT, **remarks}, "required": ["happens"]},
        "note": _object(remarks, "note"),
    }


def _object(properties: Schema, *required: str) -> Schema:
    return {"type": "object", "properties": properties, "required": list(required), "additionalProperties": False}


def messages_schema() -> str:
    """Of the messages: `#/$defs/request` is what the runner says, `#/$defs/reply` what an implementation may say."""
    identifier: Schema = {"type": "integer", "description": "comes back in the reply"}
    start = _object({"world": _WORLD, "profile": {"enum": ["windows", "documented"]}}, "world", "profile")
    call: Schema = {
        "call": {"enum": sorted(call_names())},
        "on": {"type": "string", "description": "a handle that the implementation handed out"},
        "in": {"type": "object", "description": "the documented parameters by name; null is NULL"},
        "machine": _TEXT,
        "process": _NAME,
        "id": identifier,
    }
    happens: Schema = {"happens": _TEXT, "id": identifier}
    definitions = {
        "request": {"anyOf": [_ref(name) for name in ("start", "call", "happens")]},
        "reply": {"anyOf": [_ref(name) for name in ("returned", "done", "skipped", "error")]},
        "start": _object({"start": start, "id": identifier}, "start", "id"),
        "call": _object(call, "call", "id"),
        "happens": {"type": "object", "properties": happens, "required": ["happens", "id"]},
        "returned": _reply({"returns": _ref("answer"), "out": {"type": "object"}, "events": _ref("events")}, "returns"),
        "done": {
            "description": "to start and happens",
            **_reply({"implementation": _TEXT, "takes": _TAKES, "events": _ref("events")}),
        },
        "skipped": _reply({"skipped": {"type": "string", "description": "why it cannot do this"}}, "skipped"),
        "error": _reply({"error": {"type": "string", "description": "what is wrong with the message"}}, "error"),
        "answer": {"anyOf": [_CODE, {"type": "integer"}]},
        "events": {
            "type": "array",
            "description": "what writers got meanwhile, if the implementation tells, and what they called then",
            "items": {
                "anyOf": [
                    {
                        "type": "object",
                        "properties": {"event": _TEXT, "writer": _TEXT, "answer": {}},
                        "required": ["event"],
                    },
                    {
                        "type": "object",
                        "properties": {"call": _TEXT, "returns": _ref("answer"), "out": {"type": "object"}},
                        "required": ["call"],
                    },
                ]
            },
        },
    }
    says = "A line from the runner to an implementation, or one back."
    return _page("messages", says, {"anyOf": [_ref("request"), _ref("reply")]}, definitions)


def _reply(properties: Schema, *required: str) -> Schema:
    known = {"id": {"type": "integer"}, **properties}
    return {"type": "object", "properties": known, "required": ["id", *required]}


def _page(name: str, says: str, body: Schema, definitions: Schema) -> str:
    head = {
        "$schema": DIALECT,
        "$id": f"https://vss-sim.invalid/conformance/{name}.schema.json",
        "title": f"The {name} of the conformance suite of VSS"
        if name != "case"
        else "A case of the conformance suite of VSS",
        "description": says,
        **body,
    }
    return schema_text(head, definitions)
