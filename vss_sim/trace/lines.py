"""What a line of a trace is, once it is read: a call, a writer event, something that happens, or a note for people."""

from collections.abc import Iterable
from types import GenericAlias
from typing import Any, Final, Literal, NewType, cast

import msgspec

from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import call_names, signatures
from vss_sim.spec.win32 import Win32Error

Answer = str | int | list[str] | None
"""`returns` as written: a name, a number, the names of which a case accepts any, or nothing recorded."""


class Line(msgspec.Struct, rename={"in_": "in"}, gc=False):
    """One line; exactly one of `call`, `event`, `happens` and `note` says what it is.

    `in_` and `out` carry the documented parameter names; a key that is left out was not recorded. `at` counts seconds
    since the first line.
    """

    call: str | None = None
    on: str | None = None
    in_: dict[str, Any] | None = None
    returns: Answer = None
    out: dict[str, Any] | None = None
    fails: bool = False
    event: str | None = None
    happens: str | None = None
    service: str | None = None
    seconds: float | None = None
    path: str | None = None
    volume: str | None = None
    lun: str | None = None
    account: str | None = None
    groups: list[str] | None = None
    note: str | None = None
    at: float | None = None
    machine: str | None = None
    process: str | int | None = None
    thread: str | int | None = None
    writer: str | None = None
    instance: str | None = None
    level: str | None = None
    answer: Any = None


def one_of(names: Iterable[str]) -> Any:
    """The type of a text that is one of `names`; the decoder hands out one and the same object for each of them."""
    return NewType("OneOf", Literal[tuple(names)])  # which is hashed, and evaluated, as one


def by_name(names: Iterable[str], values: Any) -> Any:
    """The type of arguments, or of results, by these names."""
    return GenericAlias(dict, (one_of(names), values))


_ANSWER: Final = one_of([*HResult.__members__, *Win32Error.__members__]) | int | list[str] | None


def call_line(arguments: Any, results: Any, more: Iterable[str] = (), *, call: str | None = None) -> "type[Line]":
    """The part of a `Line` that a checker needs of a call, with its answer among the known names.

    It is faster to make. A line that names a machine or a process is an error here, and so is one with a key that is
    neither known nor one of `more`: they are for others to look at. Of lines of one `call`, that is the tag.
    """
    made = msgspec.defstruct(
        "KnownLine",
        [
            *([("call", one_of(call_names()) | None, None)] if call is None else []),
            ("on", str | None, None),
            ("in_", arguments | None, None),
            ("returns", _ANSWER, None),
            ("out", results | None, None),
            ("fails", bool, False),
            ("at", float | None, None),
            ("thread", str | int | None, None),
            ("note", str | None, None),
            ("machine", None, None),
            ("process", None, None),
            *((f"more{place}", Any, None) for place, _ in enumerate(more)),
        ],
        rename={"in_": "in", **{f"more{place}": key for place, key in enumerate(more)}},
        gc=False,
        forbid_unknown_fields=True,
        tag_field=None if call is None else "call",
        tag=call,
        namespace=None if call is None else {"call": call},
    )
    return cast("type[Line]", made)


PLAIN: Final = str | int | bool | None
"""What most arguments are: neither structures nor lists."""

_NAMES: Final = frozenset(parameter.name for one in signatures().values() for parameter in one.parameters)
KnownLine = call_line(by_name(_NAMES, PLAIN), by_name(_NAMES, Any))
"""Of whatever call, with arguments and results by names that some call has."""


class Header(msgspec.Struct, rename={"version": "vss-trace"}):
    """The first line of a trace; keys that are not known are kept by nobody and harm nobody."""

    version: int
    id: str | None = None
    about: str | None = None
    source: str | None = None
    world: dict[str, Any] | str | None = None
    rules: list[str] | None = None
    profile: Any = None
