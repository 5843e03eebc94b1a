"""What is generated from the table is generated anew, and compared."""

from tests.support import ROOT
from vss_sim.report.answers_page import answers_page
from vss_sim.report.protocol_page import protocol_page
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import Phase


def test_the_protocol_page_is_up_to_date() -> None:
    """`make docs` writes it."""
    assert (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8") == protocol_page()


def test_the_page_of_answers_is_up_to_date() -> None:
    """`make docs` writes it, too."""
    assert (ROOT / "docs" / "answers.md").read_text(encoding="utf-8") == answers_page()


def test_the_protocol_page_has_every_method_and_phase() -> None:
    """And a state diagram in which every phase is reached."""
    page = protocol_page()
    diagram = page.partition("```mermaid")[2].partition("```")[0]
    for phase in Phase:
        if phase is not Phase.RELEASED:
            assert f"--> {phase.name} :" in diagram
    for name in METHODS:
        assert f"### {name}\n" in page
