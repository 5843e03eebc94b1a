"""What all descriptions share: they are frozen, written in camelCase, and know no other keys than their own."""

import re
from functools import lru_cache
from typing import Final

import msgspec
from msgspec.structs import force_setattr

_FORM: Final = re.compile(r"\{?([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})\}?", re.ASCII)

Guid = str
"""A GUID as `guid` writes it."""
GUID_NULL: Final = "{00000000-0000-0000-0000-000000000000}"


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
        raise ValueError(f"{text!r} is no GUID")
    return f"{{{form[1]}}}"


class Described(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """A value that a world file can describe: its keys are the camelCase of its fields."""


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
                raise ValueError(f"{field}: {error}") from None


class Value(msgspec.Struct, frozen=True):
    """A value that comes to be while the world runs."""
