"""Each rule that a log can show is cited by the code, kept by one case and broken by another."""

import ast
import json
import re
from functools import cache
from typing import Any, Final

import pytest

from tests.support import CASES, ROOT
from vss_sim.spec.rules import rules, unjudged
from vss_sim.spec.tables import read_table

_AREAS: Final = (
    "sequence",
    "security",
    "snapshot",
    "import",
    "restore-method",
    "restore-target",
    "reboot",
    "service",
    "document",
    "selection",
    "path",
    "writer",
)
_DOCUMENTS: Final = ("document", "selection", "path")
_PAGES: Final = re.compile(
    r"api:n[a-z]-\w+-(ivssbackupcomponents|ivssasync|ivssenumobject|ivssexaminewritermetadata|ivsswm"
    r"|ivsswritercomponents|ivsscomponent|cvsswriter|ivsscreatewritermetadata|ivssexpresswriter"
    r"|ivsscreateexpresswritermetadata)|api:nf-[a-z]+-[a-z]+$|api:ne-"
)
"""The pages of the requester's and of the writer's side: their interfaces, the functions, the enumerations."""

_OTHERS: Final = ("restore-method",)
"""The area of the enumerations whose rules tell how files are put back."""

_NO_BREACH: Final = "permission"


def _scope() -> list[str]:
    """The rules of these areas, and those of the requester's side of the reference."""
    found = [row["id"] for row in read_table("rules", "documented.tsv") if row["area"] in _AREAS]
    for table in ("observed.tsv", "failures.tsv"):
        found += [row["id"] for row in read_table("rules", table) if row["area"] in _DOCUMENTS]
    for row in read_table("rules", "reference.tsv"):
        pages = [page.strip() for page in row["pages"].split(";")]
        others = row["area"] in _OTHERS and all(page.startswith("api:ne-") for page in pages)
        if any(map(_PAGES.match, pages)) and not others:
            found.append(row["id"])
    return found


_SCOPE: Final = _scope()


@cache
def _unjudged() -> dict[str, str]:
    """Rule that no log can show broken → of what kind that is."""
    return {name: one.kind for name, one in unjudged().items() if one.why}


@cache
def _cited() -> frozenset[str]:
    """The rules that the code names, or the tables that it reads."""
    found: set[str] = set()
    for path in (ROOT / "vss_sim").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    for row in read_table("failures.tsv"):
        found.update(row["rule"].split(";"))
    for row in read_table("same_facts.tsv"):
        if row["rule"] in found:
            found.add(row["also"])
    return frozenset(found & set(rules()))


@cache
def _shown() -> tuple[frozenset[str], frozenset[str]]:
    """The rules that a conforming case names, and those that a breaking case marks on the line of the breach."""
    kept: set[str] = set()
    broken: set[str] = set()
    for path in CASES:
        header, *lines = path.read_text(encoding="utf-8").splitlines()
        case: dict[str, Any] = json.loads(header)
        if case["verdict"] == "conforms":
            kept.update(case["rules"])
        else:
            broken.update(rule for line in lines for rule in json.loads(line).get("rules", ()))
    return frozenset(kept), frozenset(broken)


def test_there_are_rules_to_cover() -> None:
    """A test of no rule would prove nothing."""
    assert len(_SCOPE) > 400


@pytest.mark.parametrize("rule", _SCOPE)
def test_a_rule_is_told_apart_from_its_breach(rule: str) -> None:
    """Cited, kept and broken; what cannot be broken or seen is said to be so, and what is permitted is done once."""
    kept, broken = _shown()
    kind = _unjudged().get(rule)
    if kind is None:
        assert rule in _cited()
        assert rule in kept
        assert rule in broken
    elif kind == _NO_BREACH:
        assert rule in kept


def test_what_is_not_judged_is_not_judged() -> None:
    """A rule in the table of those that no log can show has no breaking case."""
    assert not _shown()[1] & set(_unjudged())
