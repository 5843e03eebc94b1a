"""The page of the world file: every key with its type, its default and its meaning, from the model's own classes."""

from collections.abc import Iterator
from enum import Enum
from inspect import getdoc
from types import NoneType
from typing import Annotated, Any, Final, Literal, get_args, get_origin

import msgspec

from vss_sim.model.computer import Description
from vss_sim.spec.tables import read_table
from vss_sim.spec.writer_calls import handler_calls

_OPENING: Final = """# The world file

A world is a JSON object: the simulated machines, what is on them, and what is scripted to happen to them. This page is
made from the classes of the model (`vss-sim world keys`, or `make docs`). Keys that are not here are refused with their
place; everything but what is marked **needed** has a default.

`vss-sim world new` prints a small world to start from, `vss-sim world check FILE` says all that is wrong in one, and
what leads nowhere, `vss-sim world show FILE` what is in it; `vss-sim world from-metadata FOLDER` makes one of the saved
Writer Metadata Documents of a real machine. [world.schema.json](world.schema.json) (`vss-sim world schema`) is the same
for editors that complete and check JSON.

```json
{"machines": [{"writers": [{
    "name": "Shop", "writerId": "{a1a1a1a1-0000-4000-8000-000000000001}", "freezeTimeout": 20,
    "components": [{"name": "shop", "files": [{"path": "C:\\\\shop", "filespec": "*"}]}],
    "replies": [
        {"on": "Freeze", "seconds": 3, "skip": 1},
        {"on": "PostSnapshot", "calls": [{"call": "IVssComponent::SetBackupStamp", "in": {"wszBackupStamp": "42"}}]}
    ]}],
    "providers": [{"name": "Array", "type": "VSS_PROV_SOFTWARE", "replies": [{"on": "CommitSnapshots", "seconds": 11}]}]
}]}
```

## Scripts

What has `skip` and `times` is a script, and all scripts are heard alike: of the occurrences that it could be about,
`skip` pass, then it speaks `times` times. Of several that speak at once the first in the list is heard. An occurrence
counts for every script that it fits, also when another one is heard.

## Time

The clock is virtual, its grain 1e-7 seconds; it moves when a line says `{"happens": "time passes", "seconds": 5}` and
while a program waits. Writers get an event at one moment and handle it side by side, so that it takes as long as the
slowest of them; Freeze goes to one level of writers after the other. A limit is kept on its last tick and broken on the
next one.
"""


def world_page() -> str:
    """The page as Markdown."""
    return "\n".join((_OPENING, *map(_section, described_types()), _handler_calls()))


def described_types() -> tuple[type[msgspec.Struct], ...]:
    """The classes that a world file is made of, each after the one that first has it."""
    found: list[type[msgspec.Struct]] = []
    _collect(Description, found)
    return tuple(found)


def _collect(kind: Any, found: list[type[msgspec.Struct]]) -> None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in found:
            return
        found.append(kind)
        for field in msgspec.structs.fields(kind):
            _collect(field.type, found)
    for part in get_args(kind):
        _collect(part, found)


def meanings() -> dict[tuple[str, str], str]:
    """Class and key → what the key means."""
    return {(row["of"], row["key"]): row["meaning"] for row in read_table("world.tsv")}


def _section(kind: type[msgspec.Struct]) -> str:
    rows = "\n".join(_rows(kind))
    says = (getdoc(kind) or "").partition("\n\n")[0].replace("\n", " ")
    return f"## {kind.__name__}\n\n{says}\n\n| key | type | default | meaning |\n|---|---|---|---|\n{rows}\n"


def _rows(kind: type[msgspec.Struct]) -> Iterator[str]:
    known = meanings()
    for field in msgspec.structs.fields(kind):
        meaning = known[kind.__name__, field.encode_name].replace("|", "\\|")
        yield f"| `{field.encode_name}` | {type_in_words(field.type)} | {_default(field)} | {meaning} |"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "**needed**"
    value = field.default_factory() if field.default is msgspec.NODEFAULT else field.default
    if value is None or value in ((), {}):
        return ""
    if isinstance(value, (msgspec.Struct, tuple)):
        return "the usual one"
    return f"`{msgspec.json.encode(value).decode()}`"


_WORDS: Final = {str: "text", int: "number", float: "number", bool: "true or false", NoneType: "", Any: "anything"}


def type_in_words(kind: Any) -> str:
    """A type as a reader of JSON knows it."""
    parts = get_args(kind)
    if not parts:
        return _plain(kind)
    origin = get_origin(kind)
    if origin is Annotated:
        return type_in_words(parts[0])
    if origin is Literal:
        return " \\| ".join(f"`{part}`" for part in parts)
    if origin is tuple:
        return f"list of {type_in_words(parts[0])}"
    if origin is dict:
        return f"object of {type_in_words(parts[1])}"
    return next(iter(filter(None, map(type_in_words, parts))))


def _plain(kind: Any) -> str:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return f"[{kind.__name__}](#{kind.__name__.lower()})"
    if isinstance(kind, type) and issubclass(kind, Enum):
        return " \\| ".join(f"`{member.value}`" for member in kind)
    return _WORDS[kind]


def _handler_calls() -> str:
    """The calls that a writer's script may make, and the handlers in which VSS answers them."""
    rows = [
        f"| `{name}` | {', '.join(sorted(row.handlers)) or 'none'} | {row.refusal.name} | {row.rule} |"
        for name, row in handler_calls().items()
    ]
    head = "| call | answered in the handlers of | elsewhere | rule |\n|---|---|---|---|\n"
    says = (
        "What `calls` of a [Reply](#reply) may name. In the record such a call is a line after that of its event, made"
        " on a handle of the writer (`writer1`, `writer1.component2`, `writer1.metadata`); a method that returns no"
        " HRESULT has its value in `out` as `value`. Components are given to five handlers only, and BackupComplete and"
        " PostRestore only read them (disputes C20, C21)."
    )
    return f"## Calls of a writer in a handler\n\n{says}\n\n{head}" + "\n".join(rows) + "\n"
