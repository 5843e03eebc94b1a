"""The rules: what VSS demands and promises, each with an id that is never renumbered.

`documented.tsv` holds what the conceptual pages say, `reference.tsv` what the reference pages say method by method,
`observed.tsv` what real Windows does beyond the pages (with the recorded case or the shipped program as its evidence),
`failures.tsv` why a call that is allowed may still fail.
"""

import re
from enum import Enum
from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.spec.tables import read_table, tables_in

_SITES: Final = {
    "api": "https://learn.microsoft.com/windows/win32/api/",
    "page": "https://learn.microsoft.com/windows/win32/vss/",
}
_HEADERS: Final = ("vsbackup", "vswriter", "vsprov", "vsmgmt", "vss", "winbase", "unknwn")


_CONSTANT: Final = re.compile(r"[A-Z_]{3,}( with(out)? .*)?")
"""A sentence may begin with the restore method or target that it is about, and with which files."""

_CONDITION: Final = re.compile(r"when [^,]*, ")
"""Behind it, a condition may stand first."""

_STANDS_ALONE: Final = "reference.tsv"
"""The table whose sentences name their subject; all others say in the imperative what `who` must, should or may do."""


class RuleForce(Enum):
    """How strongly a rule binds."""

    MUST = "must"
    MUST_NOT = "must-not"
    SHOULD = "should"
    MAY = "may"


class Standing(Enum):
    """What a rule rests on."""

    DOCUMENTED = "documented"
    DISPUTED = "disputed"
    OBSERVED = "observed"
    ASSUMED = "assumed"


class Rule(Struct, frozen=True):
    """One rule.

    `who` is the actor it binds, `sentence` the rule in one sentence, `answers` the HRESULT names of a violation (a name
    that ends in ``?`` is inferred: neither a page names it for this breach, nor does the page of the call that has the
    rule name it for a call out of sequence or a parameter that is not valid), `pages` what it rests on, `disputes` the
    ids of the contradictions that touch it, `imperative` whether the sentence is said to `who`, `advisory` whether it
    is for the program alone: no answer of VSS shows that it is kept.
    """

    id: str
    area: str
    who: str
    force: RuleForce
    standing: Standing
    sentence: str
    answers: tuple[str, ...]
    pages: tuple[str, ...]
    disputes: tuple[str, ...]
    advisory: bool
    imperative: bool

    @property
    def statement(self) -> str:
        """The rule as a sentence that stands alone: "The requester must not ..."."""
        if not self.imperative:
            return self.sentence
        actor = "VSS" if self.who == "vss" else f"the {self.who}"
        force = self.force.value.replace("-", " ")
        about, colon, rest = self.sentence.partition(": ")
        if colon and _CONSTANT.fullmatch(about):
            first = _CONDITION.match(rest)
            condition, rest = (first[0], rest[first.end() :]) if first is not None else ("", rest)
            return f"{about}: {condition}{actor} {force} {rest[:1].lower()}{rest[1:]}"
        return f"{actor[:1].upper()}{actor[1:]} {force} {self.sentence[:1].lower()}{self.sentence[1:]}"


class Dispute(Struct, frozen=True):
    """Two pages contradict each other: what they say, and which reading this project takes."""

    id: str
    sentence: str
    stance: str


@cache
def _cells(text: str) -> tuple[str, ...]:
    return tuple([cell.strip() for cell in text.split(";")]) if text else ()


@cache
def rules() -> dict[str, Rule]:
    """Every rule by its id."""
    found: dict[str, Rule] = {}
    for table in tables_in("rules"):
        for row in read_table("rules", table):
            if row["id"] in found:
                raise ValueError(f"rule {row['id']} stands in two tables")
            found[row["id"]] = Rule(
                id=row["id"],
                area=row["area"],
                who=row["who"],
                force=RuleForce(row["force"]),
                standing=Standing(row["standing"]),
                sentence=row["sentence"],
                answers=_cells(row["answer"]),
                pages=_cells(row["pages"]),
                disputes=_cells(row["dispute"]),
                advisory=row["advisory"] == "yes",
                imperative=table != _STANDS_ALONE,
            )
    return found


class Unjudged(Struct, frozen=True):
    """Why no log can show a rule broken: `kind` is permission, advisory or state (which a simulator keeps)."""

    kind: str
    why: str


@cache
def unjudged() -> dict[str, Unjudged]:
    """Every rule that no log can show broken."""
    return {row["id"]: Unjudged(row["kind"], row["why"]) for row in read_table("unjudged.tsv")}


@cache
def disputes() -> dict[str, Dispute]:
    """Every known contradiction of the pages by its id (`C22`)."""
    return {row["id"]: Dispute(row["id"], row["sentence"], row["stance"]) for row in read_table("disputes.tsv")}


def is_page(page: str) -> bool:
    """Whether a page id is a page, and no evidence recorded on real Windows or in the source of a shipped program."""
    return not page.startswith(("field:", "source:"))


def page_address(page: str) -> str:
    """The web address of a page id; evidence that is no page (`field:...`, `source:...`) stays as it is."""
    kind, colon, stem = page.partition(":")
    if not colon:
        return _SITES["page"] + page
    if kind != "api":
        return page
    for header in _HEADERS:
        if stem.startswith(header + "-"):
            return f"{_SITES['api']}{header}/nf-{stem}"
        if stem.split("-", 1)[-1].startswith(header + "-"):
            return f"{_SITES['api']}{header}/{stem}"
    return page


@cache
def same_facts() -> dict[str, tuple[str, ...]]:
    """Rule → further rules that say the same fact, of another page or seen from the other side."""
    found: dict[str, list[str]] = {}
    for row in read_table("same_facts.tsv"):
        found.setdefault(row["rule"], []).append(row["also"])
    return {rule: tuple(also) for rule, also in found.items()}
