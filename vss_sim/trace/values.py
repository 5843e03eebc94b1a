"""The values that a line writes by name: HRESULTs and GUIDs."""

import re
from collections.abc import Container
from functools import lru_cache
from typing import Final

from msgspec import Struct

from vss_sim.spec.constants import NULL_GUID
from vss_sim.spec.hresult import SIGN_BIT, HResult

_WORD: Final = re.compile(r"[A-Z][A-Z0-9]*_\w+", re.ASCII)
_GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE | re.ASCII)
_GUID_LENGTH: Final = 36
_LONGEST: Final = 80
"""A longer text is the name of no code."""


class Code(Struct, frozen=True):
    """An answer as it was recorded: the name it goes by, and the HRESULT it is, where VSS knows it."""

    name: str
    succeeded: bool
    known: HResult | None

    def is_one_of(self, codes: Container[HResult]) -> bool:
        """Whether it is one of these answers."""
        return self.known is not None and self.known in codes


def _of_number(value: int) -> Code:
    if not -SIGN_BIT <= value < 2 * SIGN_BIT:
        raise ValueError("the number does not fit into 32 bits")
    known = HResult.of(value)
    value &= 0xFFFFFFFF
    return Code(known.name if known is not None else f"0x{value:08X}", value < SIGN_BIT, known)


def parse_code(answer: str | int) -> Code:
    """An HRESULT by name, as `0x8004xxxx` or in decimal, signed or not; or as a number.

    A name that VSS does not know, such as `RPC_E_DISCONNECTED`, is a failure unless it looks like a success.

    Raises:
        ValueError: it is none of these, does not fit into 32 bits, or begins like a name of VSS or of the
            plain successes (`S_OK`, `S_FALSE`) and is none: a typing error must not pass for a success.
    """
    if isinstance(answer, int):
        return _of_number(answer)
    if len(answer) > _LONGEST:
        raise ValueError(f"{answer[:_LONGEST]!r}... is no HRESULT")
    return _parse_code(answer)


@lru_cache(maxsize=4096)
def _parse_code(text: str) -> Code:
    if text in HResult.__members__:
        return _of_number(HResult[text])
    if text[:1] == "-" or text[:1].isdigit():
        return _of_number(int(text, 0))
    if text.startswith(("VSS_", "S_")) or not _WORD.fullmatch(text):
        raise ValueError(f"{text!r} is no HRESULT")
    return Code(text, text == "ERROR_SUCCESS" or "S_" in text[:6], None)


def parse_guid(value: object) -> str | None:
    """A GUID in lower case without braces, `GUID_NULL` included; None where the value has not the form of one."""
    return _parse_guid(value) if type(value) is str and len(value) <= _GUID_LENGTH + 2 else None


@lru_cache(maxsize=256)
def _parse_guid(value: str) -> str | None:
    """The same id is asked for by many in turn."""
    text = value[1:-1] if value[:1] == "{" and value[-1:] == "}" else value
    if _GUID.fullmatch(text):
        return text.lower()
    return NULL_GUID if value == "GUID_NULL" else None
