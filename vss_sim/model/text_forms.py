"""What the first bytes of a file tell of it, where JSON in UTF-8 was expected: another form, and the way out of it."""

import codecs
from typing import Final

_GZIP: Final = b"\x1f\x8b"
_UTF_16: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, b"{\0", b"\0{")
"""How JSON in UTF-16 begins, with a mark and without."""


def other_form(text: bytes) -> str | None:
    """In which form a file is that is no JSON in UTF-8, and what to do; None where its beginning does not tell.

    Whoever works in Windows PowerShell meets UTF-16: `>` writes it there.
    """
    if text.startswith(_GZIP):
        return "compressed by gzip; unpack it"
    if text.startswith(_UTF_16):
        return "text in UTF-16; save it as UTF-8 (in Windows PowerShell: | Out-File -Encoding utf8)"
    return None
