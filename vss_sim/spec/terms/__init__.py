"""The words of VSS, of its tools and of its messages that are no names: what each means, and what to read next.

`glossary.tsv` holds the words of VSS itself, `known_writers.tsv` the writers of Windows and of some products,
`tools.tsv` the commands of DiskShadow and vssadmin, `event_log.tsv` what the application log has by numbers,
`messages.tsv` parts of the texts in which Windows words an answer, `project.tsv` the words that are this project's own.
"""

from enum import Enum
from functools import cache

from msgspec import Struct

from vss_sim.spec.rules import page_address
from vss_sim.spec.tables import read_table


class TermKind(Enum):
    """Whose word it is; each kind has its table, which is named in the second place."""

    GLOSSARY = "a word of VSS", "glossary"
    PROJECT = "a word of this project", "project"
    WRITER = "a well-known writer", "known_writers"
    TOOL = "a command of Windows", "tools"
    EVENT = "in the application log of Windows, from the source VSS", "event_log"
    MESSAGE = "a text of Windows", "messages"

    @property
    def says(self) -> str:
        """The kind, as words."""
        return self.value[0]

    @property
    def table(self) -> str:
        """The table that has the terms of this kind."""
        return f"{self.value[1]}.tsv"


class Term(Struct, frozen=True):
    """One word or phrase.

    `also` are other ways to say it (of a writer the id of its class, too), `see` names that belong to it, each of which
    can be explained, `docs` the page of this project that is about it, or empty, `pages` page ids or addresses.
    """

    name: str
    kind: TermKind
    also: tuple[str, ...]
    meaning: str
    see: tuple[str, ...]
    docs: str
    pages: tuple[str, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where its pages are on the web."""
        return tuple(page if page.startswith("https:") else page_address(page) for page in self.pages)


@cache
def terms() -> tuple[Term, ...]:
    """Every term, kind after kind, as the tables have them."""
    return tuple(
        Term(
            name=row["term"],
            kind=kind,
            also=_cells(row["also"]),
            meaning=row["meaning"],
            see=_cells(row["see"]),
            docs=row["docs"],
            pages=_cells(row["pages"]),
        )
        for kind in TermKind
        for row in read_table("terms", kind.table)
    )


def _cells(text: str) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()
