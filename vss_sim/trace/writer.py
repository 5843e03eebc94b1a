"""Lines of a trace as a reader takes them: no longer than `LONGEST_LINE`, and of whole characters."""

import json
import re
from typing import Any, Final

import msgspec

from vss_sim.trace.reader import LONGEST_LINE

_LONG_TEXT: Final = 1 << 14
"""Where a line would be too long, texts longer than this are left out of it first."""
_SURROGATE: Final = re.compile("[\ud800-\udfff]")
_REPLACEMENT: Final = "\ufffd"

_encode = msgspec.json.Encoder().encode


def fitting(line: dict[str, Any]) -> bytes:
    """The line as a trace can have it: what makes it too long is left out, which a trace says as "not recorded".

    Half a character of UTF-16, which a name on Windows may have and no trace can, becomes U+FFFD.
    """
    text = _written(line)
    if len(text) <= LONGEST_LINE:
        return text
    for key in ("in", "out"):
        if key in line:
            line = {**line, key: {name: value for name, value in line[key].items() if not _is_long(value)}}
    return _written({key: value for key, value in line.items() if not _is_long(value)})


def _written(value: object) -> bytes:
    try:
        return _encode(value)
    except UnicodeEncodeError:
        return _SURROGATE.sub(_REPLACEMENT, json.dumps(value, ensure_ascii=False)).encode()


def _is_long(value: object) -> bool:
    return len(_written(value)) > _LONG_TEXT
