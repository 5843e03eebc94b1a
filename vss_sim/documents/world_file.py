"""A world as JSON: the file that describes machines, what is on them and what they share.

The keys are the camelCase of the model's fields; what is not known there is refused, with its place.
"""

import re
from difflib import get_close_matches
from enum import Enum
from typing import Any, Final, get_args

import msgspec

from vss_sim.documents.errors import WorldError
from vss_sim.documents.json_places import line_of, line_of_fault, places_twice
from vss_sim.documents.writer_scripts import wrong_arguments
from vss_sim.model.computer import Description
from vss_sim.model.text_forms import other_form

LARGEST: Final = 32 << 20
"""Bytes that a world file may have."""
_HEADER: Final = "vss-trace"
_SHOWN: Final = 800
_NAME_GIVEN: Final = "; what is read is the text of a world file, not its name"
_WANTED: Final = "expected a JSON object, such as `vss-sim world new` prints"
_MARK: Final = b"\xef\xbb\xbf"

_decode: Final = msgspec.json.Decoder(Description).decode
_PLACE: Final = re.compile(r"(?P<says>.*?) - at `(?P<key>key` in `)?\$(?P<place>.*)`", re.DOTALL)
_UNKNOWN: Final = re.compile(r"Object contains unknown field `(?P<key>.*)`", re.DOTALL)
_LEFT_OUT: Final = re.compile(r"Object missing required field `(?P<key>.*)`", re.DOTALL)
_OWN: Final = re.compile(r"(?P<key>[a-zA-Z0-9]+): (?P<says>.*)", re.DOTALL)
_ITEMS: Final = re.compile(r'\["(?:[^"\\]|\\.)*"\]|\[[^\]]*\]')
_NO_OBJECT: Final = "Expected `object`"


def read_world(text: str | bytes | dict[str, Any]) -> Description:
    """The world that a text, or the JSON object already read from one, describes.

    Raises:
        TypeError: it is neither a text, bytes nor an object.
        WorldError: it describes none; the error has the line, the place of the value and what was expected.
    """
    if not isinstance(text, (str, bytes, dict)):
        raise TypeError(f"text is {text!r:.60}; expected the text of a world, its bytes, or the object read from it")
    data = None if isinstance(text, dict) else as_bytes(text)
    twice: list[tuple[str, int]] = []
    try:
        description = msgspec.convert(text, Description) if data is None else _decode(data)
        twice = [] if data is None else places_twice(data)
    except msgspec.ValidationError as error:
        place, says = _told(error)
        raise WorldError(None if data is None else line_of(data, place), place, says) from None
    except msgspec.DecodeError as error:
        hint = _NAME_GIVEN if isinstance(text, str) and text.endswith(".json") else ""
        raise WorldError(line_of_fault(data or b"", str(error)), "", f"this is not JSON: {error}{hint}") from None
    except RecursionError:
        raise WorldError(None, "", "the description is nested too deeply; a world has few levels") from None
    for place, line in twice:
        raise there_twice(place, line)
    for place, says in wrong_arguments(description):
        raise WorldError(None if data is None else line_of(data, place), cut(place), cut(says))
    return description


def there_twice(place: str, line: int) -> WorldError:
    """What is said of a key that an object has more than once."""
    return WorldError(line, cut(place), "this key is there twice in one object")


def write_world(description: Description) -> str:
    """The world as a file that `read_world` reads; what has its default is left out.

    Raises:
        ValueError: a text in it has a half of a character that stands alone.
    """
    return msgspec.json.format(msgspec.json.encode(description), indent=2).decode("utf-8") + "\n"


def write_world_in_full(description: Description) -> str:
    """The same with the names and systems of the machines, also where they are the usual ones: a file to begin with."""
    written: dict[str, Any] = msgspec.to_builtins(description)
    named = [{"name": machine.name, "os": machine.os} for machine in description.machines]
    machines = written.get("machines", [{}])
    written = {**written, "machines": [{**first, **rest} for first, rest in zip(named, machines, strict=True)]}
    return msgspec.json.format(msgspec.json.encode(written), indent=2).decode("utf-8") + "\n"


def line_in(data: bytes, place: str) -> int:
    """The line of the value at a place (`machines[0].volumes[1].name`) in a world file."""
    return line_of(data.removeprefix(_MARK), place)


def as_bytes(text: str | bytes) -> bytes:
    """The bytes of a world file, without a mark at its beginning.

    Raises:
        WorldError: it is too large, empty, or not UTF-8.
    """
    if len(text) > LARGEST:
        raise WorldError(1, "", f"the description is too large; {LARGEST >> 20} MiB is the most")
    form = other_form(text) if isinstance(text, bytes) else None
    if form is not None:
        raise WorldError(1, "", f"this is {form}")
    if not text.strip():
        raise WorldError(1, "", f"there is nothing in it; {_WANTED}")
    try:
        data = text.encode("utf-8") if isinstance(text, str) else text
        data.decode("utf-8")
    except UnicodeError as error:
        start = getattr(error, "start", 0)
        begin = text[:start]
        line = (begin.count("\n") if isinstance(begin, str) else begin.count(b"\n")) + 1
        raise WorldError(line, "", "this is not UTF-8") from None
    return data.removeprefix(_MARK)


def _told(error: msgspec.ValidationError) -> tuple[str, str]:
    """Where the wrong value stands, and what is said of it, neither too long."""
    place, says = explained(error)
    if not place and says.startswith(_NO_OBJECT):
        says = f"{_WANTED}, got {says.rpartition('got ')[2].strip('`')}"
    return cut(place), cut(says)


def cut(text: str) -> str:
    """A text that is not too long to be read."""
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


def _meant_keys(key: str, known: list[str]) -> list[str]:
    """The key that was probably meant: a slip of the pen, or the last word of a longer name (`componentName`)."""
    slips = get_close_matches(key, known, 1, cutoff=0.8)
    ends = [short for short in known if key.endswith(short[:1].upper() + short[1:])]
    return slips or ends or get_close_matches(key, known, 1)


def explained(error: msgspec.ValidationError, base: str = "") -> tuple[str, str]:
    """Where the wrong value stands, and what is said of it; the model's own errors begin with the key.

    `base` is the place of what was read when it turned out to be wrong.
    """
    found = _PLACE.fullmatch(str(error))
    place, says = (found["place"].removeprefix("."), found["says"]) if found else ("", str(error))
    place = f"{base}{place}" if place.startswith("[") or not (base and place) else f"{base}.{place}"
    if found is not None and found["key"]:
        return place, f"a key: {says}"
    unknown = _UNKNOWN.fullmatch(says)
    if unknown is not None and not place and unknown["key"] == _HEADER:
        return (
            "",
            f"this is a log, which begins with {_HEADER}, and no world; its header may have one (`world`)",
        )
    if unknown is not None:
        known = _keys_at(place)
        close = _meant_keys(unknown["key"][:_SHOWN], known)
        meant = f"did you mean {close[0]}? " if close else ""
        return inside(place, unknown["key"]), f"this key is not known; {meant}there are {', '.join(known)}"
    left_out = _LEFT_OUT.fullmatch(says)
    if left_out is not None:
        return place, f"{left_out['key']} is missing; there must be {', '.join(_keys_at(place, only_required=True))}"
    own = _OWN.fullmatch(says)
    if own is not None and own["key"] in _keys_at(place):
        return inside(place, own["key"]), own["says"]
    if says.startswith("Invalid enum value"):
        members = [member for kind in _classes_in(_type_at(place), Enum) for member in kind]
        says = f"{says}; there are {', '.join(members)}"
    return place, says


def inside(place: str, key: str) -> str:
    """The place of a key of the object at a place."""
    return f"{place}.{key}" if place else key


def _type_at(place: str) -> Any:
    """The type of the value at a place, by the model."""
    kind: Any = Description
    for key in re.findall(r"[^.]+", _ITEMS.sub("", place)):
        fields = [field for struct in _classes_in(kind, msgspec.Struct) for field in msgspec.structs.fields(struct)]
        kind = next((field.type for field in fields if field.encode_name == key), None)
    return kind


def _keys_at(place: str, *, only_required: bool = False) -> list[str]:
    """The keys of the object at a place, by the model; those that it cannot be without, if only those are asked for."""
    structs = _classes_in(_type_at(place), msgspec.Struct)
    fields = [field for struct in structs for field in msgspec.structs.fields(struct)]
    return [field.encode_name for field in fields if field.required or not only_required]


def _classes_in(kind: Any, wanted: type) -> list[Any]:
    """The classes of a sort that a type is made of."""
    if isinstance(kind, type) and issubclass(kind, wanted):
        return [kind]
    return [found for part in get_args(kind) for found in _classes_in(part, wanted)]
