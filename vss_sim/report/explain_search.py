"""Which rules, answers, calls and words say something of what a person asks for in words: `60 seconds`."""

import re
from collections.abc import Iterable, Iterator
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
_SHADOW_COPY: Final = re.compile("shadow[- ]?cop(?:y|ies)", re.IGNORECASE)
_SAME: Final = {"reboot": "restart", "frozen": "freez", "froz": "freez"}
"""Stem → the stem of a word that means the same."""
_LITTLE: Final = re.compile(
    "a|an|and|are|as|at|be|but|by|can|could|did|do|does|error|event|for|from|had|happens|has|have|how|i|if|in|is|it|its"
    "|me|mean|means|my|no|not|of|on|or|s|should|so|t|that|the|their|there|they|this|to|was|what|when|where|which|while"
    "|who|why|will|vs|with|would|you|your"
)
"""Words that say nothing of what is meant."""


def search(words: str) -> str | None:
    """What says something of all that `words` name, or every name that fits a pattern (`sec-*`); None: nothing.

    Of a single word with capitals, digits or hyphens it is that very word: a misspelt name is not taken apart.
    """
    if "*" in words:
        return _fitting(words)
    if " " in words or (words.isalpha() and words.islower()):
        wanted = _stems(word for word in _words(words) if not _LITTLE.fullmatch(word.casefold()))
        found = _with_all(wanted, 0) or (_with_all(wanted, 1) if len(wanted) >= _MANY_WORDS else [])
    elif not words[:1].isalnum():
        return None
    else:
        whole = re.compile(rf"(?<![\w-]){re.escape(words)}(?![\w-])", re.IGNORECASE)
        found = [(name, says) for name, says, *_ in _sentences() if whole.search(says)]
    return "\n".join(_told(words, found)) + "\n" if found else None


def _fitting(pattern: str) -> str | None:
    fits = re.compile(re.escape(pattern).replace(r"\*", ".*"), re.IGNORECASE).fullmatch
    found = [wrapped(f"{name}: {says}", "  ", "    ") for name, says, *_ in _sentences() if fits(name)]
    return "\n".join((f"names that fit {pattern!r:.200} (vss-sim explain NAME):", *found)) + "\n" if found else None


def _with_all(wanted: frozenset[str], missing: int) -> list[tuple[str, str]]:
    """What has all of these stems but so many; first what lacks none of them, and has most of them in its name."""
    if not wanted:
        return []
    found = [(len(wanted - stems), -len(wanted & of_name), name, says) for name, says, of_name, stems in _sentences()]
    return [(name, says) for lacks, _, name, says in sorted(found, key=lambda one: one[:2]) if lacks <= missing]


def _told(words: str, found: list[tuple[str, str]]) -> Iterator[str]:
    yield f"no name is {words!r:.200}, but these say something of it (vss-sim explain NAME):"
    for name, says in found[:_MOST]:
        yield wrapped(f"{name}: {says}", "  ", "    ")
    if len(found) > _MOST:
        yield f"  and {len(found) - _MOST} more; another word makes them fewer"


@cache
def _sentences() -> tuple[tuple[str, str, frozenset[str], frozenset[str]], ...]:
    """Whatever has a name, what is said of it, and the stems of the words of the name, and of both."""
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
    return tuple((name, says, _stems(_words(name)), _stems(_words(f"{name} {says}"))) for name, says in told)


def _words(text: str) -> list[str]:
    """The words of a text; a snapshot is a shadow copy, and a restart a reboot."""
    return _WORD.findall(_SHADOW_COPY.sub("snapshot", text))


def _stems(words: Iterable[str]) -> frozenset[str]:
    return frozenset(_SAME.get(stem, stem) for stem in (_ENDING.sub("", word.casefold()) for word in words))
