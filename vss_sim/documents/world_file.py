"""A world as JSON: the file that describes machines, what is on them and what they share.

The keys are the camelCase of the model's fields; what is not known there is refused, with its place.
"""

import re
from typing import Any, Final

import msgspec

from vss_sim.documents.errors import WorldError
from vss_sim.documents.json_places import line_of, line_of_byte
from vss_sim.model.computer import Description

LARGEST: Final = 32 << 20
"""Bytes that a world file may have."""

_decode: Final = msgspec.json.Decoder(Description).decode
_PLACE: Final = re.compile(r"(?P<says>.*?) - at `(?P<key>key in )?\$(?P<place>.*)`", re.DOTALL)
_BYTE: Final = re.compile(r"\(byte (?P<byte>\d+)\)")


def read_world(text: str | bytes | dict[str, Any]) -> Description:
    """The world that a text, or the JSON object already read from one, describes.

    Raises:
        WorldError: it describes none; the error has the line, the place of the value and what was expected.
    """
    if isinstance(text, dict):
        return _converted(text)
    data = _as_bytes(text)
    try:
        return _decode(data)
    except msgspec.ValidationError as error:
        place, says = _told(error)
        raise WorldError(line_of(data, place), place, says) from None
    except msgspec.DecodeError as error:
        at = _BYTE.search(str(error))
        line = line_of_byte(data, int(at["byte"]) if at else len(data))
        raise WorldError(line, "", f"this is not JSON: {error}") from None
    except RecursionError:
        raise WorldError(None, "", "the description is nested too deeply; a world has few levels") from None


def write_world(description: Description) -> str:
    """The world as a file that `read_world` reads; what has its default is left out.

    Raises:
        ValueError: a text in it has a half of a character that stands alone.
    """
    return msgspec.json.format(msgspec.json.encode(description), indent=2).decode("utf-8") + "\n"


def _converted(content: dict[str, Any]) -> Description:
    try:
        return msgspec.convert(content, Description)
    except msgspec.ValidationError as error:
        place, says = _told(error)
        raise WorldError(None, place, says) from None
    except RecursionError:
        raise WorldError(None, "", "the description is nested too deeply; a world has few levels") from None


def _as_bytes(text: str | bytes) -> bytes:
    if len(text) > LARGEST:
        raise WorldError(1, "", f"the description is too large; {LARGEST >> 20} MiB is the most")
    try:
        data = text.encode("utf-8") if isinstance(text, str) else text
        data.decode("utf-8")
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        begin = text[:start]
        line = (begin.count("\n") if isinstance(begin, str) else begin.count(b"\n")) + 1
        raise WorldError(line, "", "this is not UTF-8") from None
    return data.removeprefix(b"\xef\xbb\xbf")


def _told(error: msgspec.ValidationError) -> tuple[str, str]:
    """Where the wrong value stands, and what is said of it."""
    found = _PLACE.fullmatch(str(error))
    if found is None:
        return "", str(error)
    says = f"a key: {found['says']}" if found["key"] else found["says"]
    return found["place"].removeprefix("."), says
