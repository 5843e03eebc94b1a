"""What the README has to have; that its commands print what it shows, `test_pages.py` holds."""

import re
from typing import Final

from tests.support import ROOT

README: Final = (ROOT / "README.md").read_text(encoding="utf-8")
_FIRST_SCREEN: Final = 25
"""So many lines are seen before anybody scrolls."""


def test_the_first_screen_goes_from_a_log_to_the_legal_way_on() -> None:
    """The command, the failing call, its rule with a page, what it follows from, what to do instead."""
    screen = "\n".join(README.splitlines()[:_FIRST_SCREEN])
    words = ("$ vss-sim check ", "was refused with ", "rule     ", "page     ", "because  line ", "instead  IVss")
    places = [screen.index(word) for word in words]
    assert places == sorted(places)


def test_every_page_of_the_docs_is_named() -> None:
    """With what is in it, in the table at the end."""
    table = README.partition("## All pages")[2]
    linked = set(re.findall(r"\]\(docs/([\w.-]+)\)", table))
    assert linked == {page.name for page in (ROOT / "docs").glob("*.md")}


def test_links_lead_somewhere() -> None:
    """Those of the README and of every page, to files that are there."""
    for page in (ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").glob("*.md")):
        for link in re.findall(r"\]\((?!https?:|#)([^)#\s]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / link).exists(), (page.name, link)


def test_files_that_the_page_for_contributors_names_are_there() -> None:
    """A file by its path, or by its name alone after another of its folder; a folder by its path."""
    page = (ROOT / "docs" / "contributing.md").read_text(encoding="utf-8")
    tops = [ROOT / top for top in ("vss_sim", "conformance", "tests", "docs")]
    names = {str(path.relative_to(ROOT)) for top in tops for path in top.rglob("*") if "__pycache__" not in path.parts}
    named = re.findall(r"`([\w./-]+\.(?:py|tsv|jsonl|json|md)|(?:vss_sim|conformance|tests|docs)/[\w/]+)`", page)
    assert len(named) > 100
    assert [name for name in named if not any(f"/{path}".endswith(f"/{name.rstrip('/')}") for path in names)] == []
