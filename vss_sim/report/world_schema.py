"""The JSON Schema of the world file, from the model's own classes: it says what they take, and nothing of its own.

A value that is one of many names or has a form of its own (`HRESULT`, `GUID`) is a definition; what a key means is
added from the table that the page of the world file has, too.
"""

from collections.abc import Mapping
from inspect import cleandoc
from typing import Any, Final

import msgspec

from vss_sim.model.computer import Description
from vss_sim.report.world_page import meanings

Schema = dict[str, Any]

DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
_TEMPLATE: Final = "#/$defs/{name}"


def world_schema() -> str:
    """The schema as a file: one definition a line."""
    definitions = world_definitions()
    head = {
        "$schema": DIALECT,
        "$id": "https://vss-sim.invalid/world.schema.json",
        "title": "A world of vss-sim",
        "description": "The simulated machines, what is on them, and what is scripted to happen to them.",
        **_ref("Description", _TEMPLATE),
    }
    return schema_text(head, definitions)


def schema_text(head: Schema, definitions: Mapping[str, Schema]) -> str:
    """A schema as a file: its keys, then its definitions, each on a line of its own."""
    lines = [f"  {_json(name)}: {_json(one)}" for name, one in definitions.items()]
    keys = [f"{_json(key)}: {_json(value)}" for key, value in head.items()]
    return "{\n" + ",\n".join([*keys, '"$defs": {\n' + ",\n".join(lines) + "\n}"]) + "\n}\n"


def world_definitions(template: str = _TEMPLATE) -> dict[str, Schema]:
    """The definitions that a world is made of, by name; `template` is how one is referred to."""
    _, components = msgspec.json.schema_components((Description,), ref_template=template)
    named: dict[str, Schema] = {}
    found: dict[str, Schema] = {}
    known = meanings()
    for name, component in components.items():
        one: Schema = _hoisted(component, named, template, own=True)
        if "description" in one:  # indented as in the source, or not, by the version of Python
            one["description"] = cleandoc(one["description"])
        for key, value in one.get("properties", {}).items():
            if (name, key) in known:
                value["description"] = known[name, key]
        found[name] = one
    return {**found, **named}


def _hoisted(part: Any, named: dict[str, Schema], template: str, *, own: bool = False) -> Any:
    """The part of a schema with a reference in place of each titled text; `named` gets what they refer to."""
    if isinstance(part, list):
        return [_hoisted(item, named, template) for item in part]
    if not isinstance(part, dict):
        return part
    if part.get("type") == "string" and "title" in part and not own:
        title = part["title"]
        named[title] = {key: value for key, value in part.items() if key not in {"title", "default"}}
        default = {"default": part["default"]} if "default" in part else {}
        return {**_ref(title, template), **default}
    return {key: value if key == "default" else _hoisted(value, named, template) for key, value in part.items()}


def _ref(name: str, template: str) -> Schema:
    return {"$ref": template.format(name=name)}


def _json(value: object) -> str:
    return msgspec.json.format(msgspec.json.encode(value), indent=0).decode()
