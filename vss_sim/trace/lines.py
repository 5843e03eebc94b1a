"""What a line of a trace is, once it is read: a call, a writer event, something that happens, or a note for people."""

from typing import Any

import msgspec

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
    note: str | None = None
    at: float | None = None
    machine: str | None = None
    process: str | int | None = None
    thread: str | int | None = None
    writer: str | None = None
    instance: str | None = None
    answer: Any = None


class Header(msgspec.Struct, rename={"version": "vss-trace"}):
    """The first line of a trace; keys that are not known are kept by nobody and harm nobody."""

    version: int
    id: str | None = None
    about: str | None = None
    source: str | None = None
    world: dict[str, Any] | str | None = None
    rules: list[str] | None = None
