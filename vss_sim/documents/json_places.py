"""What a JSON decoder does not tell: on which line a value stands, and whether a key is there twice."""

import json
import re
from typing import Any, Final

_STEP: Final = re.compile(r"\.?([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_decode: Final = json.JSONDecoder().raw_decode


class KeyTwiceError(ValueError):
    """An object has a key twice, so one of its values would be lost."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def check_keys(data: bytes) -> None:
    """See that no object of a JSON text has a key twice.

    Raises:
        KeyTwiceError: one has.
    """
    _all_keys(data.decode("utf-8"))


def _once(pairs: list[tuple[str, Any]]) -> None:
    keys = {key for key, _ in pairs}
    if len(keys) < len(pairs):
        for key, _ in pairs:
            if key not in keys:
                raise KeyTwiceError(key)
            keys.discard(key)


_all_keys: Final = json.JSONDecoder(object_pairs_hook=_once).decode


def line_of_byte(data: bytes, place: int) -> int:
    """The line of a byte, from 1."""
    return data.count(b"\n", 0, place) + 1


def line_of(data: bytes, place: str) -> int:
    """The line of the value at a place such as `machines[0].volumes[1].name`, or of the last value on the way to it.

    The text is JSON; a step `[...]` ends the way, because it tells no member.
    """
    text = data.decode("utf-8")
    at = _skip_space(text, 0)
    for key, index in _STEP.findall(place):
        after = _member(text, at, key) if key else _item(text, at, index)
        if after is None:
            break
        at = after
    return text.count("\n", 0, at) + 1


def _skip_space(text: str, at: int) -> int:
    found = _SPACE.match(text, at)
    return found.end() if found else at


def _member(text: str, at: int, wanted: str) -> int | None:
    """Where the value of a key begins in the object that begins at `at`."""
    if text[at] != "{":
        return None
    at = _skip_space(text, at + 1)
    while text[at] == '"':
        key, at = _decode(text, at)
        at = _skip_space(text, _skip_space(text, at) + 1)
        if key == wanted:
            return at
        at = _skip_space(text, _decode(text, at)[1])
        if text[at] != ",":
            break
        at = _skip_space(text, at + 1)
    return None


def _item(text: str, at: int, index: str) -> int | None:
    """Where an item begins in the array that begins at `at`."""
    if text[at] != "[" or index == "...":
        return None
    at = _skip_space(text, at + 1)
    for _ in range(int(index)):
        at = _skip_space(text, _skip_space(text, _decode(text, at)[1]) + 1)
    return at
