"""Text for every terminal and pipe: a sign that its code page has not is written in plain letters, and never refused.

A pipe on Windows has the code page of the system, which is seldom UTF-8. Lines of words fit into the terminal; in a
pipe or a file they are the same everywhere.
"""

import codecs
import io
import shutil
import sys
from typing import Final

_ANY: Final = 1000
"""Columns where there is no terminal to fit into."""
_NAME: Final = "vss_sim.plain"
_PLAIN: Final = {
    "→": "->",
    "·": ".",
    "○": "( )",
    "◐": "(o)",
    "●": "(*)",
    "┏": "+",
    "┃": "|",
    "┗": "+",
    "«": "<<",
    "»": ">>",
}


def _in_plain_letters(error: UnicodeError) -> tuple[str | bytes, int]:
    """What stands for the signs that cannot be encoded: their plain form, else their number as Python writes it."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    signs = error.object[error.start : error.end]
    plain = [_PLAIN.get(sign) or sign.encode("ascii", "backslashreplace").decode() for sign in signs]
    return "".join(plain), error.end


codecs.register_error(_NAME, _in_plain_letters)


def write_anything() -> None:
    """Let standard output take every text from now on."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors=_NAME)


def columns() -> int:
    """How wide the lines may be that standard output takes."""
    return shutil.get_terminal_size((_ANY, 0)).columns if sys.stdout.isatty() else _ANY
