"""The JSON Schema of every message, made from the table of methods, the enumerations and the HRESULTs.

`$defs` has for each call what its line may hold (`call.IVssAsync.Wait`), and what the reply (`reply.IVssAsync.Wait`).
"""

from typing import Any, Final

from vss_sim.engine.coverage import not_simulated, simulated_calls
from vss_sim.engine.file_calls import FILE_CALLS
from vss_sim.engine.inputs import LONGEST_TEXT, REQUIRED, converters
from vss_sim.engine.lifetimes import LONGEST_TIME
from vss_sim.report.world_schema import DIALECT, schema_text, world_definitions
from vss_sim.spec.answers import documented_answers
from vss_sim.spec.enums import members
from vss_sim.spec.events import EVENTS
from vss_sim.spec.happenings import HAPPENINGS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import TEXTS_THAT_ARE_DOCUMENTS, Direction, Parameter, Signature, call_names, signatures
from vss_sim.spec.structures import STRUCTURES, flags_of
from vss_sim.spec.table import Profile
from vss_sim.spec.writer_calls import GET_COMPONENT, handler_calls
from vss_sim.wire.file_schema import file_schemas

Schema = dict[str, Any]

_GUID: Final = r"\{?[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}\}?"
_NUMBER: Final = r"0[xX][0-9a-fA-F]+|[0-9]+"
_COUNTS: Final = ("AddRef", "Release")
_ASKED: Final = "QueryStatus"


def _ref(name: str) -> Schema:
    return {"$ref": f"#/$defs/{name}"}


_ID: Final[Schema] = {"type": ["string", "integer", "null"], "description": "what the client calls the message by"}
_INTEGER: Final[Schema] = {"type": "integer"}
_TEXT: Final[Schema] = {"type": ["string", "null"], "description": "null: NULL"}
_SHORT_TEXT: Final[Schema] = {**_TEXT, "maxLength": LONGEST_TEXT}
_CODE: Final[Schema] = {"type": "integer", "minimum": -(2**31), "maximum": 2**32 - 1}
_TRUTH: Final[Schema] = {"type": ["boolean", "integer"]}
_ID_OR_NULL: Final[Schema] = {"anyOf": [_ref("GUID"), {"type": "null"}]}
_FREED: Final[Schema] = {"type": ["object", "null"], "description": "memory that is given up"}

_AT: Final[Schema] = {"type": "number", "minimum": 0, "description": "seconds since the beginning, where any passed"}
_NUMBERS: Final = ("UINT", "ULONG", "DWORD", "LONG", "INT", "FILETIME", "VSS_TIMESTAMP")
_ARGUMENTS: Final[dict[str, Schema]] = {
    "VSS_ID": _ID_OR_NULL,
    "const VSS_ID*": {"type": ["array", "null"], "items": _ID_OR_NULL},
    "BSTR": _TEXT,
    "LPCWSTR": _SHORT_TEXT,
    "REFIID": _SHORT_TEXT,
    "VSS_PWSZ": _SHORT_TEXT,
    "const BYTE*": _SHORT_TEXT,
    "bool": _TRUTH,
    "BOOL": _TRUTH,
    "PVSSCOMPONENTINFO": _FREED,
    "VSS_SNAPSHOT_PROP*": _FREED,
    "HRESULT": {"anyOf": [_ref("HRESULT"), _CODE, {"type": "null"}]},
    **dict.fromkeys(_NUMBERS, _ref("number")),
    "FILETIME": {"type": "integer", "minimum": 0, "maximum": 2**64 - 1},
}
_RESULTS: Final[dict[str, Schema]] = {
    **dict.fromkeys(("VSS_ID", "CLSID"), _ref("GUID")),
    **dict.fromkeys(("BSTR", "LPCWSTR", "VSS_PWSZ", "BYTE*", "IXMLDOMDocument"), _TEXT),
    "bool": {"type": "boolean"},
    "BOOL": {"type": "boolean"},
    **dict.fromkeys(_NUMBERS, _INTEGER),
    "VSS_OBJECT_PROP": {"type": "array", "items": _ref("VSS_OBJECT_PROP")},
    "PVSSCOMPONENTINFO": _ref("VSS_COMPONENTINFO"),
}


def wire_schema() -> str:
    """The schema as a file: one definition a line."""
    head = {
        "$schema": DIALECT,
        "$id": "https://vss-sim.invalid/wire.schema.json",
        "title": "The wire of vss-sim",
        "description": "A line to `vss-sim serve`, or one from it.",
        "anyOf": [_ref("request"), _ref("reply")],
    }
    return schema_text(head, _definitions())


def _object(properties: Schema, required: tuple[str, ...] = (), **more: Any) -> Schema:
    """An object with these keys and no others."""
    needed: Schema = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, **needed, "additionalProperties": False, **more}


def _definitions() -> dict[str, Schema]:
    calls = simulated_calls()
    around = file_schemas(_place(), _ref("id"))
    named = [*map(_dotted, calls), *dict.fromkeys(name.partition(".")[2] for name in around)]
    return {
        "request": {"anyOf": [_ref(name) for name in ("start", "call", "happens", "stop")]},
        "reply": {"anyOf": [_ref(name) for name in ("started", "returned", "happened", "stopped", "skipped", "error")]},
        "call": {"anyOf": [*(_ref(f"call.{name}") for name in named), _ref("call.skipped")]},
        "returned": {"anyOf": [_ref(f"reply.{name}") for name in named]},
        **_conversation(),
        **_values(),
        **{f"call.{_dotted(signature)}": _call(signature) for signature in calls},
        **around,
        "call.skipped": _skipped_call(),
        **{f"reply.{_dotted(signature)}": _reply(signature) for signature in calls},
        **_world(),
    }


def _dotted(signature: Signature) -> str:
    return signature.full_name.replace("::", ".")


def _conversation() -> dict[str, Schema]:
    """The messages that are no calls, and the parts of replies."""
    profiles = {"enum": [profile.value for profile in Profile]}
    start = _object({"world": _ref("world.Description"), "profile": profiles})
    rule = {"rule": {"type": "string"}, "says": {"type": "string", "description": "the rule in one sentence"}}
    why = {**rule, "because": {"type": "string"}, "instead": {"type": "array", "items": {"type": "string"}}}
    why["mends"] = {"type": "string", "description": "what helps where no sequence of calls does"}
    events = _events()
    return {
        "id": _ID,
        "start": _object({"start": start, **_remarks()}, ("start",)),
        "happens": {"anyOf": [_happening(what, one.keys) for what, one in HAPPENINGS.items()]},
        "stop": _object({"stop": {"const": True}, **_remarks()}, ("stop",)),
        "started": _object(
            {
                "id": _ref("id"),
                "implementation": {"type": "string"},
                "version": {"type": "string"},
                "takes": {"type": "array", "items": {"enum": ["files", "writers"]}},
            },
            ("id", "implementation", "version", "takes"),
        ),
        "happened": _object({"id": _ref("id"), "events": events}, ("id",)),
        "scripted": {
            "type": "array",
            "items": {"anyOf": [_line("happens"), _line("note"), _ref("event"), _ref("handlerCall")]},
            "description": "what the world lets happen after the call by script, and the events that followed",
        },
        "stopped": _object({"id": _ref("id")}, ("id",)),
        "skipped": _object({"id": _ref("id"), "skipped": {"type": "string"}}, ("id", "skipped")),
        "error": _object({"id": _ref("id"), "error": {"type": "string"}}, ("id", "error")),
        "refusal": _object(
            why, ("rule", "says", "because", "instead"), description="why VSS said no, or an operation failed"
        ),
        "partly": _object(why, ("rule", "says", "because", "instead"), description="why an operation did a part only"),
        "passed": {
            "type": "array",
            "items": _object(rule, ("rule", "says")),
            "description": "rules that were broken, and that Windows lets pass",
        },
        "event": _event(),
        "handlerCall": _handler_call(),
    }


def _remarks() -> Schema:
    """What may stand on every line of a client."""
    name = {"type": ["string", "integer"]}
    return {"id": _ref("id"), "at": {"type": "number"}, "thread": name, "note": {"type": "string"}}


def _place() -> Schema:
    return {**_remarks(), "machine": {"type": "string"}, "process": {"type": ["string", "integer"]}}


def _happening(what: str, keys: tuple[str, ...]) -> Schema:
    told: Schema = {
        "seconds": {"type": "number", "minimum": 0, "maximum": LONGEST_TIME},
        "process": {"type": ["string", "integer"]},
        "service": {"type": "string"},
        "writer": {"type": "string", "description": "its name"},
        "lun": {"type": "string"},
        "path": {"type": "string", "description": "of a file"},
        "volume": {"type": "string"},
        "account": {"type": "string"},
        "groups": {"type": "array", "items": {"type": "string"}},
    }
    needed = tuple(key for key in keys if key != "process")
    properties = {"happens": {"const": what}, **{key: told[key] for key in keys}, **_remarks()}
    return _object({**properties, "machine": {"type": "string"}}, ("happens", *needed))


def _events() -> Schema:
    return {"type": "array", "items": {"anyOf": [_ref("event"), _ref("handlerCall")]}}


def _line(key: str) -> Schema:
    """A line of a trace that has this key."""
    return {"type": "object", "required": [key]}


def _event() -> Schema:
    fails = _object({"fails": _ref("HRESULT")}, ("fails",))
    properties = {
        "event": {"enum": list(EVENTS)},
        "writer": _ref("GUID"),
        "instance": _ref("GUID"),
        "answer": {"anyOf": [{"const": True}, fails]},
        "machine": {"type": "string"},
        "at": _AT,
    }
    return _object(properties, ("event", "writer", "instance", "answer"), description="an event that a writer got")


def _handler_call() -> Schema:
    """A call that a writer made while it handled the event before it."""
    properties = {
        "call": {"enum": sorted((*handler_calls(), GET_COMPONENT))},
        "on": _ref("handle"),
        "in": {"type": "object"},
        "returns": _ref("HRESULT"),
        "out": {"type": "object"},
        "machine": {"type": "string"},
        "at": _AT,
    }
    return _object(properties, ("call", "on"), description="a call of a writer while it handled the event before")


def _values() -> dict[str, Schema]:
    """The types of parameters."""
    found: dict[str, Schema] = {
        "HRESULT": {"anyOf": [{"enum": list(HResult.__members__)}, {"type": "string", "pattern": "^0x[0-9A-F]{8}$"}]},
        "GUID": {"type": "string", "pattern": f"^({_GUID}|GUID_NULL)$"},
        "handle": {"type": "string", "description": "what names an object: an `out` value of an earlier reply"},
        "number": {"anyOf": [_INTEGER, {"type": "string", "pattern": f"^({_NUMBER}|INFINITE)$"}]},
    }
    for enumeration, names in members().items():
        found[enumeration] = {"enum": list(names)}
    for signature in signatures().values():
        for parameter in signature.parameters:
            enumerations = flags_of(signature.full_name, parameter.name)
            if enumerations:
                found[_flags_name(enumerations)] = _flags(enumerations)
    for structure, fields in STRUCTURES.items():
        found[structure] = _object({name: _result_of(kind) for name, kind in fields.items()})
    return found


def _flags_name(enumerations: tuple[str, ...]) -> str:
    return f"flags.{'.'.join(enumerations)}"


def _flags(enumerations: tuple[str, ...]) -> Schema:
    names = "|".join(name for enumeration in enumerations for name in members()[enumeration])
    joined = rf"^({_NUMBER}|({names})( *\| *({names}))*)$"
    return {"anyOf": [_INTEGER, {"type": "string", "pattern": joined}], "description": "names joined by |, or a number"}


def _call(signature: Signature) -> Schema:
    """What a client may say to make this call."""
    needed = tuple(name for name, _, default in converters(signature) if default is REQUIRED)
    document = TEXTS_THAT_ARE_DOCUMENTS.get(signature.full_name)
    forms = {one.name: _TEXT if one.name == document else _argument(signature, one) for one in signature.parameters}
    arguments = _object(forms, needed)
    names = sorted(name for name, full_name in call_names().items() if full_name == signature.full_name)
    if not needed:
        arguments["type"] = ["object", "null"]
    on = _ref("handle") if signature.interface else {"type": "null"}
    properties = {"call": {"enum": names}, "on": on, "in": arguments, **_place()}
    required = ("call", *(("on",) if signature.interface else ()), *(("in",) if needed else ()))
    return _object(properties, required)


def _argument(signature: Signature, parameter: Parameter) -> Schema:
    if parameter.direction is not Direction.IN:
        return {"type": "null", "description": "NULL: no place for the result"}
    enumerations = flags_of(signature.full_name, parameter.name)
    if enumerations:
        return _ref(_flags_name(enumerations))
    if parameter.type in members():
        return {"anyOf": [_ref(parameter.type), _INTEGER]}
    return _ARGUMENTS[parameter.type]


def _skipped_call() -> Schema:
    """A documented call that the simulator does not make."""
    names = sorted(
        name for name, full_name in call_names().items() if not_simulated(full_name) and name not in FILE_CALLS
    )
    properties = {
        "call": {"enum": names},
        "on": {"type": ["string", "null"]},
        "in": {"type": ["object", "null"]},
        **_place(),
    }
    return _object(properties, ("call",), description="answered with `skipped`")


def _reply(signature: Signature) -> Schema:
    """What the reply to this call may hold."""
    results = {
        one.name: _result_of(one.type.rstrip("*")) for one in signature.parameters if one.direction is not Direction.IN
    }
    properties = {
        "id": _ref("id"),
        "returns": _returns(signature),
        "out": _object(results),
        "refusal": _ref("refusal"),
        **({"partly": _ref("partly")} if signature.name == _ASKED else {}),
        "passed": _ref("passed"),
        "events": _events(),
        "happened": _ref("scripted"),
    }
    return _object(properties, ("id", "returns"))


def _returns(signature: Signature) -> Schema:
    if signature.name in _COUNTS:
        return {"type": "integer", "minimum": 0, "description": "the number of references"}
    answers = documented_answers().get(signature.full_name, ())
    names = dict.fromkeys(
        answer.hresult for answer in answers if answer.stage == "sync" and answer.hresult in HResult.__members__
    )
    documented = {"enum": list(names), "description": "the documented answers"}
    beyond = {**_ref("HRESULT"), "description": "seen on real Windows, or scripted by the world"}
    return {"anyOf": [documented, beyond]} if names else _ref("HRESULT")


def _result_of(kind: str) -> Schema:
    """A value that is handed out, by its type in C."""
    if kind in _RESULTS:
        return _RESULTS[kind]
    named = kind == "HRESULT" or kind in STRUCTURES or kind in members()
    return _ref(kind if named else "handle")


def _world() -> dict[str, Schema]:
    """The description of a world, as its own schema has it."""
    return {f"world.{name}": one for name, one in world_definitions("#/$defs/world.{name}").items()}
