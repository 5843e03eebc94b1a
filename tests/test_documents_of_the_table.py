"""What is generated from the table is generated anew, and compared."""

import msgspec

from tests.support import ROOT
from vss_sim.report.answers_page import answers_page
from vss_sim.report.glossary_page import glossary_page
from vss_sim.report.protocol_page import protocol_page
from vss_sim.report.restore_page import restore_page
from vss_sim.report.world_page import described_types, meanings, world_page
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import Phase


def test_the_page_of_the_world_file_is_up_to_date() -> None:
    """`make docs` writes it."""
    assert (ROOT / "docs" / "world.md").read_text(encoding="utf-8") == world_page()


def test_every_key_of_a_world_file_has_its_meaning_and_no_other_has() -> None:
    """The table of meanings and the classes of the model have the same keys."""
    keys = {(kind.__name__, field.encode_name) for kind in described_types() for field in msgspec.structs.fields(kind)}
    assert set(meanings()) == keys


def test_the_protocol_page_is_up_to_date() -> None:
    """`make docs` writes it."""
    assert (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8") == protocol_page()


def test_the_page_of_answers_is_up_to_date() -> None:
    """`make docs` writes it, too."""
    assert (ROOT / "docs" / "answers.md").read_text(encoding="utf-8") == answers_page()


def test_the_glossary_is_up_to_date() -> None:
    """`make docs` writes it."""
    assert (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8") == glossary_page()


def test_the_page_of_restore_methods_is_up_to_date() -> None:
    """`make docs` writes it."""
    assert (ROOT / "docs" / "restore-methods.md").read_text(encoding="utf-8") == restore_page()


def test_the_protocol_page_has_every_method_and_phase() -> None:
    """And a state diagram in which every phase is reached."""
    page = protocol_page()
    diagram = page.partition("```mermaid")[2].partition("```")[0]
    for phase in Phase:
        if phase is not Phase.RELEASED:
            assert f"--> {phase.name} :" in diagram
    for name in METHODS:
        assert f"### {name}\n" in page
