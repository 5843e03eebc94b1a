"""GUIDs as traces write them: with or without braces, in any case."""

import re
from typing import Final

GUID: Final = re.compile(r"\{?[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\}?")
NULL_GUID: Final = "00000000-0000-0000-0000-000000000000"


def guid_of(value: object) -> str | None:
    """A GUID in lower case without braces; None for what is none."""
    if not isinstance(value, str):
        return None
    if value == "GUID_NULL":
        return NULL_GUID
    return value.strip("{}").lower() if GUID.fullmatch(value) else None
