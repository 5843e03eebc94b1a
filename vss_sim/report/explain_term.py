"""What a word of VSS means that is the name of nothing: `transportable shadow copy`, `vssadmin list writers`."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from vss_sim.report.words import wrapped
from vss_sim.spec.terms import Term, TermKind, terms

_QUESTION: Final = re.compile(r"^(?:what|who) (?:is|are|does|do) |^(?:a|an|the) | means?$")
"""What a person writes around a word; taken away until nothing of it is left."""
_WRITER: Final = re.compile(
    r"writer name: *'?([^'\n]+?) *(?:'|\n|$)|(\b[\da-f]{8}(?:-[\da-f]{4}){3}-[\da-f]{12}\b)", re.IGNORECASE
)
"""A writer in a pasted text: its name, or the id of its class."""


def terms_named(words: str) -> tuple[Term, ...]:
    """The terms that `words` are, in whatever case, one or many of it, with or without a question around them."""
    return _by_name().get(_plain(words), ())


def message_in(text: str) -> Term | None:
    """The message of Windows of which `text` has the words; the longest where it has those of several."""
    told = f" {_plain(text)} "
    said = [
        (phrase, term)
        for term in terms()
        if term.kind is TermKind.MESSAGE
        for phrase in map(_plain, (term.name, *term.also))
        if f" {phrase} " in told
    ]
    return max(said, key=lambda one: len(one[0]))[1] if said else None


def writers_in(text: str) -> Iterator[Term]:
    """The well-known writers of which `text` has the name or the class, as tools and logs write them."""
    for name, of_class in _WRITER.findall(text):
        yield from (term for term in terms_named(name or of_class) if term.kind is TermKind.WRITER)


def explain_term(term: Term) -> Iterator[str]:
    """The explanation of a term, line by line."""
    yield f"{term.name}, {term.kind.says}"
    yield wrapped(term.meaning)
    yield ""
    if term.also and term.kind is not TermKind.EVENT:
        yield wrapped(f"also      {', '.join(term.also)}", "  ", " " * 10)
    if term.see:
        yield wrapped(f"explain   {', '.join(term.see)}", "  ", " " * 10)
    if term.docs:
        yield f"  see also  docs/{term.docs}"
    for address in term.addresses:
        yield f"  page      {address}"


@cache
def _by_name() -> dict[str, tuple[Term, ...]]:
    found: dict[str, tuple[Term, ...]] = {}
    for term in terms():
        for name in map(_plain, (term.name, *term.also)):
            for spelling in dict.fromkeys((name, f"{name}s", re.sub("y$", "ies", name))):
                if term not in found.get(spelling, ()):
                    found[spelling] = (*found.get(spelling, ()), term)
    return found


@cache
def _plain(words: str) -> str:
    plain = " ".join(re.sub(r"[^\w+]|_", " ", words).casefold().split())
    while (shorter := _QUESTION.sub("", plain, count=1).strip()) != plain:
        plain = shorter
    return plain
