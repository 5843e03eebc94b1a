"""How values stand in attributes: yes and no, numbers, ids, words of the documents, lengths before bytes."""

import base64
import binascii
import re
from collections.abc import Callable, Mapping
from enum import IntFlag
from typing import Any, Final

from msgspec import Struct

from vss_sim.model.values import guid
from vss_sim.spec.enums import numbers

_SHOWN: Final = 60
_NUMBER: Final = re.compile(r"-?[0-9]{1,20}", re.ASCII)
_LENGTH: Final = 4
"""Bytes of the length that stands before the bytes of a stamp."""


class Form(Struct, frozen=True):
    """One way of writing values; both directions raise ValueError for what does not fit."""

    read: Callable[[str], Any]
    write: Callable[[Any], str]


def shown(text: str) -> str:
    """A text for a message: quoted, and not too long."""
    return repr(text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...")


def _identity(text: str) -> str:
    return text


def _written_id(value: str) -> str:
    return guid(value).strip("{}")


def words(known: Mapping[Any, str]) -> Form:
    """The words that stand for members of an enumeration."""
    back = {word: member for member, word in known.items()}

    def read(text: str) -> Any:
        try:
            return back[text]
        except KeyError:
            raise ValueError(f"it is one of {', '.join(back)}") from None

    def write(member: Any) -> str:
        try:
            return known[member]
        except KeyError:
            raise ValueError(f"the documents have no word for {member}") from None

    return Form(read, write)


def mask(kind: type[IntFlag], prefix: str) -> Form:
    """Flags: a decimal number in the document, their names in the model."""
    known = {prefix + str(name): int(flag) for name, flag in kind.__members__.items() if int(flag).bit_count() == 1}
    every = sum(known.values())

    def read(text: str) -> tuple[str, ...]:
        number = _read_number(text)
        if number < 0 or number & ~every:
            raise ValueError(f"it has bits that no {prefix}... has")
        return tuple(name for name, bit in known.items() if number & bit)

    def write(names: tuple[str, ...]) -> str:
        number = 0
        for name in names:
            number |= numbers()[name]
        return str(number)

    return Form(read, write)


def _read_number(text: str) -> int:
    if _NUMBER.fullmatch(text) is None:
        raise ValueError("it is a decimal number")
    return int(text)


def _written_number(value: int) -> str:
    text = str(int(value)) if -(10**20) < value < 10**20 else "-"
    if _NUMBER.fullmatch(text) is None:
        raise ValueError("a number in a document has at most twenty digits")
    return text


def _read_stamp(text: str) -> str:
    """Four bytes of length, the lowest first, then so many bytes: the text as Windows holds it in memory."""
    try:
        stored = base64.b64decode("".join(text.split()), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError("it is base64") from None
    length, payload = int.from_bytes(stored[:_LENGTH], "little"), stored[_LENGTH:]
    if len(stored) < _LENGTH or length != len(payload):
        raise ValueError(
            f"it is a length in {_LENGTH} bytes, and so many bytes; this says {length} before {len(payload)}"
        )
    if length % 2:
        raise ValueError(f"it holds a text of whole characters of two bytes each; this has {length} bytes")
    return payload.decode("utf-16-le", "surrogatepass")


def _written_stamp(text: str) -> str:
    payload = text.encode("utf-16-le", "surrogatepass")
    return base64.b64encode(len(payload).to_bytes(_LENGTH, "little") + payload).decode("ascii")


TEXT: Final = Form(_identity, _identity)
ID: Final = Form(guid, _written_id)
YES_NO: Final = words({True: "yes", False: "no"})
NUMBER: Final = Form(_read_number, _written_number)
STAMP: Final = Form(_read_stamp, _written_stamp)
