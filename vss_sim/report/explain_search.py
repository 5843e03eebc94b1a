"""Which rules, answers, calls and words say something of what a person asks for in words: `60 seconds`."""

import re
from collections.abc import Iterator
from functools import cache
from itertools import chain
from typing import Final

from vss_sim.report.explain_constant import notes
from vss_sim.report.words import wrapped
from vss_sim.spec.events import EVENTS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.rules import disputes, rules
from vss_sim.spec.terms import terms
from vss_sim.spec.win32 import Win32Error

_MOST: Final = 10
"""So many are told; more are counted."""
_MANY_WORDS: Final = 3
"""Of so many words, one may be missing."""

_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
"""A word in prose, or in a name: of `DoSnapshotSet` and `VSS_E_BAD_STATE` each has three or four."""
_ENDING: Final = re.compile(r"(?<=...)(?:ing|ed|es|s|e)$")
_LITTLE: Final = re.compile(
    "a|an|and|are|as|at|be|but|by|can|could|did|do|does|error|event|for|from|had|happens|has|have|how|i|if|in|is|it|its"
    "|me|mean|means|my|no|not|of|on|or|s|should|so|t|that|the|their|there|they|this|to|was|what|when|where|which|while"
    "|who|why|will|with|would|you|your"
)
"""Words that say nothing of what is meant."""


def search(words: str) -> str | None:
    """What says something of all that `words` name, as text; None where nothing does, or `words` are no prose."""
    if not _is_prose(words):
        return None
    wanted = {_stem(word) for word in _WORD.findall(words) if not _LITTLE.fullmatch(word.casefold())}
    found = _with_all(wanted, 0) or (_with_all(wanted, 1) if len(wanted) >= _MANY_WORDS else [])
    return "\n".join(_told(words.strip(), found)) + "\n" if found and wanted else None


def _is_prose(words: str) -> bool:
    """A name that is misspelt has no blank, and mostly more than small letters."""
    return " " in words.strip() or (words.isalpha() and words.islower())


def _with_all(wanted: set[str], missing: int) -> list[tuple[str, str]]:
    return [(name, says) for name, says, stems in _sentences() if len(wanted - stems) <= missing]


def _told(words: str, found: list[tuple[str, str]]) -> Iterator[str]:
    yield f"no name is {words!r:.200}, but these say something of it (vss-sim explain NAME):"
    for name, says in found[:_MOST]:
        yield wrapped(f"{name}: {says}", "  ", "    ")
    if len(found) > _MOST:
        yield f"  and {len(found) - _MOST} more; another word makes them fewer"


@cache
def _sentences() -> tuple[tuple[str, str, frozenset[str]], ...]:
    """Whatever has a name, what is said of it, and the stems of the words of both."""
    told = chain(
        ((term.name, term.meaning) for term in terms()),
        ((event.name, event.means) for event in EVENTS.values()),
        ((code.name, code.meaning) for code in HResult),
        ((signature.full_name, signature.does) for signature in signatures().values()),
        ((rule.id, rule.statement) for rule in rules().values()),
        notes().items(),
        ((error.name, error.meaning) for error in Win32Error),
        ((dispute.id, dispute.sentence) for dispute in disputes().values()),
    )
    return tuple((name, says, frozenset(map(_stem, _WORD.findall(f"{name} {says}")))) for name, says in told)


def _stem(word: str) -> str:
    return _ENDING.sub("", word.casefold())
