"""What the page for the authors of writers shows is what happens."""

import re
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from tests.support import ROOT
from tests.writers_at_work import Run, writer
from vss_sim import HResult, read_world
from vss_sim.spec.events import EVENTS
from vss_sim.wire.conversation import Conversation, Setting

PAGE: Final = (ROOT / "docs" / "writers.md").read_text(encoding="utf-8")
WORLD: Final = re.findall(r"```json\n(.+?)```", PAGE, re.DOTALL)[0]
PROGRAMS: Final = re.findall(r"```python\n(.+?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_program_of_the_page_runs(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Beside the world of the page; its writer hears events, or is listed."""
    (tmp_path / "ledger.json").write_text(WORLD, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    names: dict[str, Any] = {}
    exec(compile(program, "docs/writers.md", "exec"), names)  # noqa: S102 - it is our own page
    (running,) = [one for one in names["simulation"].world.machines[0].writers if one.running]
    assert running.writer.name in ("Ledger", "Notes")


def test_the_conversation_of_the_page_is_answered_so() -> None:
    """Line by line, in the world of the page."""
    shown = re.search(r"<<'END'\n(.+?)\nEND\n(.+?)\n```", PAGE, re.DOTALL)
    assert shown
    conversation = Conversation(Setting(read_world(WORLD)))
    said = [conversation.receive(line.encode()) for line in shown[1].splitlines()]
    assert [msgspec.json.decode(line) for line in said] == [msgspec.json.decode(line) for line in shown[2].splitlines()]


def test_the_way_from_the_readme() -> None:
    """The pages for those who write a world or a writer are named there."""
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert "docs/writers.md" in readme
    assert "docs/world.md" in readme


def test_the_page_tells_what_a_veto_in_each_event_leads_to() -> None:
    """As the simulator has it, with what the creation comes to."""
    rows = re.findall(r"^\| (\w+) \| (.*) \| (.*) \|$", PAGE, re.MULTILINE)
    told = {event: (status, follows) for event, status, follows in rows if event in EVENTS}
    assert set(told) == set(EVENTS)
    for event, (status, _) in told.items():
        state = EVENTS[event].failed if event != "Abort" else EVENTS[event].done
        assert event == "Identify" or f"`{state}`" in status, event
    for event in ("PrepareForBackup", "PrepareForSnapshot", "Freeze", "Thaw", "PostSnapshot"):
        run = Run(writer("sql", {"on": event, "fails": "VSS_E_WRITERERROR_RETRYABLE"}), writer("web"))
        run.prepare()
        result = run.do("DoSnapshotSet")
        failed = result is HResult.VSS_E_UNEXPECTED_WRITER_ERROR
        assert failed == (result.name in told[event][1]) == ("Abort" in run.events("web"))
        assert ("Abort" in run.events("sql")) == ("Abort" in told[event][1]), event
        assert run.status("sql")[0] == EVENTS[event].failed
