r"""Environment variables in paths: how `%SystemRoot%\System32` becomes a directory, in one way everywhere.

As ExpandEnvironmentStrings does it: names are compared without case, what has no variable of its name stays as it is
written, and a value is not expanded again.
Page: https://learn.microsoft.com/windows/win32/api/processenv/nf-processenv-expandenvironmentstringsw
"""

import re
from collections.abc import Mapping
from typing import Final

from vss_sim.spec.environment import ENVIRONMENT

_VARIABLE: Final = re.compile(r"%([^%]+)%")
_USUAL: Final = {name.casefold(): value for name, value in ENVIRONMENT.items()}


def variables(own: Mapping[str, str]) -> Mapping[str, str]:
    """The variables of a machine by their folded names: the usual ones, and its own, which come first."""
    return {**_USUAL, **{name.casefold(): value for name, value in own.items()}} if own else _USUAL


def expand(text: str, known: Mapping[str, str] = _USUAL) -> str:
    """A text with its variables replaced; `known` is of `variables`."""
    return _expanded(text, known) if "%" in text else text


def _expanded(text: str, known: Mapping[str, str]) -> str:
    found, at = [], 0
    while at < len(text):
        match = _VARIABLE.search(text, at)
        if match is None:
            break
        value = known.get(match[1].casefold())
        end = match.end() if value is not None else match.end() - 1  # the second sign may open the next name
        found.append(text[at : match.start()])
        found.append(value if value is not None else match[0][:-1])
        at = end
    return "".join((*found, text[at:]))
