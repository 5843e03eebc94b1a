"""The words of VSS as a Markdown page: what a reader of its pages, logs and tools meets that is the name of nothing."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

from vss_sim.spec.terms import Term, TermKind, terms

_INTRODUCTION: Final = """\
# The words of VSS

<!-- Made by `vss-sim glossary > docs/glossary.md` from vss_sim/spec/terms; do not edit. -->

Words and phrases that stand in the pages of VSS, in its logs and in the output of its tools. `vss-sim explain` tells
each of them, however it is written (`vss-sim explain what is a transportable shadow copy`), and whatever it names as
what to read next; asked in other words, it tells which rules, answers and calls say something of them
(`vss-sim explain 60 seconds`). A line of a Windows log can be pasted as it is: it tells the answers of which the line
has the number.
"""
_HEADINGS: Final = {
    TermKind.GLOSSARY: "Words of VSS",
    TermKind.PROJECT: "Words of this project",
    TermKind.WRITER: "Well-known writers",
    TermKind.TOOL: "Commands of DiskShadow and vssadmin",
    TermKind.EVENT: "In the application log, from the source VSS",
    TermKind.MESSAGE: "Texts in which Windows words an answer",
}


def glossary_page() -> str:
    """The whole page, ending in a line end."""
    return "\n".join((_INTRODUCTION, *_sections()))


def _sections() -> Iterator[str]:
    for kind, some in groupby(terms(), lambda term: term.kind):
        yield f"## {_HEADINGS[kind]}\n"
        yield "| | what it means | see |\n|---|---|---|"
        yield from map(_row, some)
        yield ""


def _row(term: Term) -> str:
    see = [f"`{name}`" for name in term.see]
    see += [f"[{term.docs.removesuffix('.md')}]({term.docs})"] if term.docs else []
    see += [f"[{address.rsplit('/', 1)[-1]}]({address})" for address in term.addresses]
    also = f"<br>{', '.join(term.also)}" if term.also and term.kind is not TermKind.EVENT else ""
    return f"| **{term.name}**{also} | {term.meaning.replace('|', chr(92) + '|')} | {', '.join(see)} |"
