"""What a JSON decoder does not tell: on which line a value stands, and whether a key is there twice."""

import json
import re
from collections import Counter
from typing import Any, Final

_STEP: Final = re.compile(r'\.?([^.\[\]]+)|\[(\d+|\.\.\.)\]|\[("(?:[^"\\]|\\.)*")\]')
_BYTE: Final = re.compile(r"\(byte (?P<byte>\d+)\)")
_SPACE: Final = re.compile(r"[ \t\n\r]*")
_KEY_ENDS: Final = re.compile(rb'"[ \t\n\r]*:')
_decode: Final = json.JSONDecoder().raw_decode


def keys_twice(data: bytes, value: object = None) -> list[str]:
    """The keys that some object of a JSON text has more than once, so that a value of theirs would be lost.

    Who has read the `value` of the text saves time by it: mostly counting shows that there are none.
    """
    if value is not None and len(_KEY_ENDS.findall(data)) <= _keys_in(value):
        return []
    found: list[str] = []

    def look(pairs: list[tuple[str, Any]]) -> None:
        if len({key for key, _ in pairs}) < len(pairs):
            found.extend(key for key, times in Counter(key for key, _ in pairs).items() if times > 1)

    try:
        json.JSONDecoder(object_pairs_hook=look, parse_int=len).decode(data.decode("utf-8"))
    except RecursionError:  # nested more deeply than this decoder goes
        return []
    return found


def _keys_in(value: object) -> int:
    """So many keys a value has, those of all objects in it."""
    if isinstance(value, dict):
        return len(value) + sum(map(_keys_in, value.values()))
    return sum(map(_keys_in, value)) if isinstance(value, list) else 0


def line_of_byte(data: bytes, place: int) -> int:
    """The line of a byte, from 1."""
    return data.count(b"\n", 0, place) + 1


def line_of_fault(data: bytes, says: str) -> int:
    """The line of a fault of which a decoder tells the byte (`(byte 33)`); where it tells none, the text ends early."""
    at = _BYTE.search(says)
    return line_of_byte(data, int(at["byte"]) if at else len(data))


def line_of(data: bytes, place: str) -> int:
    """The line of the value at a place such as `machines[0].volumes[1].name`, or of the last value on the way to it.

    The text is JSON; a step `[...]` ends the way, because it tells no member, which a key in quotation marks does.
    """
    text = data.decode("utf-8")
    at = _skip_space(text, 0)
    for key, index, quoted in _STEP.findall(place):
        name = json.loads(quoted) if quoted else key
        after = _member(text, at, name) if key or quoted else _item(text, at, index)
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


def places_twice(data: bytes) -> list[tuple[str, int]]:
    """The same keys by their places (`machines[0].name`), each with the line of its second value."""
    if not keys_twice(data):
        return []
    found: list[tuple[str, int]] = []
    text = data.decode("utf-8")
    _walk(text, _skip_space(text, 0), "", found)
    lines, line, before = [], 1, 0
    for place, at in found:
        line, before = line + text.count("\n", before, at), at
        lines.append((place, line))
    return lines


def _walk(text: str, at: int, place: str, found: list[tuple[str, int]]) -> int:
    """Gather the keys that are there again in the value that begins at `at`, each with its place; where it ends."""
    if text[at] == "[":
        at, number = _skip_space(text, at + 1), 0
        while text[at] != "]":
            at = _past_comma(text, _walk(text, at, f"{place}[{number}]", found))
            number += 1
        return at + 1
    if text[at] != "{":
        return _decode(text, at)[1]
    seen: set[str] = set()
    at = _skip_space(text, at + 1)
    while text[at] != "}":
        key, at = _decode(text, at)
        at = _skip_space(text, _skip_space(text, at) + 1)
        here = f"{place}.{key}" if place else key
        if key in seen:
            found.append((here, at))
        seen.add(key)
        at = _past_comma(text, _walk(text, at, here, found))
    return at + 1


def _past_comma(text: str, at: int) -> int:
    at = _skip_space(text, at)
    return _skip_space(text, at + 1) if text[at] == "," else at
