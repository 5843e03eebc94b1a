"""What all descriptions share: they are frozen, written in camelCase, and know no other keys than their own."""

import re
from base64 import b64decode
from collections.abc import Collection, Iterable
from difflib import get_close_matches
from enum import StrEnum
from functools import cache, lru_cache
from typing import Annotated, Final

import msgspec
from msgspec.structs import force_setattr

from vss_sim.spec.constants import NULL_GUID

_FORM: Final = re.compile(r"\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?", re.ASCII)
_SHOWN: Final = 60
_NEAR: Final = 0.75

_HEX: Final = "[0-9a-fA-F]"
_ANY_FORM: Final = rf"\{{?{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}\}}?"

Guid = Annotated[str, msgspec.Meta(title="GUID", extra_json_schema={"pattern": f"^({_ANY_FORM}|GUID_NULL)$"})]
"""A GUID as `guid` writes it; a file may write it in any of its forms."""
GUID_NULL: Final = f"{{{NULL_GUID}}}"


_VOLUME: Final = r"([A-Za-z]:|\\\\\?\\[Vv]olume\{[^\\{}]+\}|\\\\[^\\?.][^\\]*\\[^\\]+)\\([^\\]+\\)*"
_A_VOLUME: Final = re.compile(_VOLUME)
VolumeName = Annotated[str, msgspec.Meta(title="Volume name", extra_json_schema={"pattern": f"^{_VOLUME}$"})]
"""A name that AddToSnapshotSet takes (rule sn-vol-name-form)."""


@lru_cache(maxsize=8192)
def guid(text: str | None) -> Guid:
    """The one way in which ids are written here: in braces, in lower case; None and `GUID_NULL` are the null id.

    Raises:
        ValueError: the text is no GUID.
    """
    if text is None or text == "GUID_NULL":
        return GUID_NULL
    form = _FORM.fullmatch(text.lower())
    if form is None:
        raise ValueError(f"{text[:_SHOWN]!r} is no GUID")
    return f"{{{form[1]}}}"


def numbered_guid(kind: int, number: int) -> Guid:
    """The id that the counter gives: readable, and never the same twice for one kind."""
    return f"{_head(kind)}{number:012x}}}"


@cache
def _head(kind: int) -> str:
    return f"{{{kind:08x}-0000-4000-8000-"


def one_of(title: str, names: Iterable[str]) -> msgspec.Meta:
    """What a schema says of a text that is one of these names; `with_names` sees to it when a value is made."""
    return msgspec.Meta(title=title, extra_json_schema={"enum": list(names)})


class Described(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True, omit_defaults=True):
    """A value that a world file can describe: its keys are the camelCase of its fields."""


def own(described: Described, *fields: str) -> None:
    """Keep what a field has now, while a description is made, whatever becomes of the caller's dictionary."""
    for field in fields:
        force_setattr(described, field, _copied(getattr(described, field)))


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {key: _copied(inner) for key, inner in value.items()}
    return type(value)(map(_copied, value)) if isinstance(value, (list, tuple)) else value


def wrong(described: Described, field: str, says: object) -> ValueError:
    """What is said of a field that cannot be as it is; the message begins with the key of the field."""
    keys = {known.name: known.encode_name for known in msgspec.structs.fields(described)}
    return ValueError(f"{keys[field]}: {says}")


def with_volume_names(described: Described, field: str, *names: str) -> None:
    """See that these names in a field are such as VSS takes for a volume.

    Raises:
        ValueError: one is not.
    """
    for name in names:
        if _A_VOLUME.fullmatch(name) is None:
            expected = "a drive, a mounted folder, a volume GUID path or a share, with a backslash at the end"
            raise wrong(described, field, f"{name[:_SHOWN]!r} names no volume; expected {expected}")


def with_guids(described: Described, *fields: str) -> None:
    """Write the ids of a description in the one way, while it is made; what is None stays so.

    Raises:
        ValueError: one is no GUID.
    """
    for field in fields:
        given = getattr(described, field)
        if given is not None:
            try:
                force_setattr(described, field, guid(given))
            except ValueError as error:
                raise wrong(described, field, error) from None


def with_base64(described: Described, field: str) -> None:
    """See that a text is base64, while a description is made; None may stand for none.

    Raises:
        ValueError: it is not.
    """
    given = getattr(described, field)
    if given is not None:
        try:
            b64decode(given, validate=True)
        except ValueError as error:
            raise wrong(described, field, error) from None


def with_names(described: Described, field: str, known: Collection[str], expected: str) -> None:
    """See that names are known ones, while a description is made; `expected` says which those are.

    Raises:
        ValueError: one is not.
    """
    given = getattr(described, field)
    for name in (given,) if isinstance(given, str) else given or ():
        if name not in known:
            raise wrong(described, field, f"{name[:_SHOWN]!r} is not known; {meant_by(name, known)}{expected}")


def with_enumerations(described: Described, **kinds: type[StrEnum]) -> None:
    """Let names of members be these members, by the field, while a description is made; None may stand for none.

    Raises:
        ValueError: there is no such member.
    """
    for field, kind in kinds.items():
        given = getattr(described, field)
        if given is None or type(given) is kind:
            continue
        try:
            force_setattr(described, field, kind(given))
        except ValueError:
            text, names = str(given)[:_SHOWN], [member.value for member in kind]
            said = f"{text!r} is not known; {meant_by(text, names)}expected one of {', '.join(names)}"
            raise wrong(described, field, said) from None


def missing(names: Iterable[str]) -> str:
    """What is said of parameters that were left out."""
    *others, last = names
    return f"{', '.join(others)} and {last} are missing" if others else f"{last} is missing"


def meant_by(name: str, known: Iterable[str]) -> str:
    """What somebody may have meant by a name, for a message; empty where nothing comes near."""
    names = list(known)
    parts = {one.rpartition("::")[2]: one for one in names}
    short = name[:_SHOWN]
    close = [parts[short]] if short in parts else get_close_matches(short, names, 1, _NEAR)
    close = close or [one for one in names if one.endswith(f"_{short}")][:1]
    return f"did you mean {close[0]!r}? " if close else ""


class Value(msgspec.Struct, frozen=True):
    """A value that comes to be while the world runs."""
