"""The calls of a simulation as a log for people: a line a call, event and happening, then what the checker finds.

The checker knows the world, so that it judges what depends on the Windows, the writers and providers there.
"""

import json
import re
from typing import Any, Final

from vss_sim.documents.world_file import write_world
from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding, Level
from vss_sim.report.text import finding_text
from vss_sim.report.words import cut, printable, values_in_words
from vss_sim.requester.simulation import Simulation
from vss_sim.trace.reader import read_line
from vss_sim.trace.writer import fitting

_SHOWN: Final = 200
_WIDEST: Final = 160
_WIDEST_AT_ALL: Final = 240
_GUID: Final = re.compile(r"\{([0-9a-f]{8})(?:-[0-9a-f]{4}){3}-[0-9a-f]{8}([0-9a-f]{4})\}")
_SOURCE: Final = "line"


def call_log(simulation: Simulation) -> str:
    """The last calls, numbered as in a recorded log (whose line 1 is the header), and what the checker finds wrong."""
    lines = list(simulation.lines())
    findings: list[Finding] = []
    checker = Checker(findings.append, profile=simulation.world.profile)
    checker.know(json.loads(write_world(simulation.world.description)))
    shown = []
    for number, line in enumerate(lines, 2):
        checker.feed(number, read_line(fitting(line), number))
        shown.append(f"{number:>4}  {printable(_fitting(_told(line)))}")
    checker.finish()
    left_out = len(shown) - _SHOWN
    head = [f"      ... {left_out} lines before"] if left_out > 0 else []
    grave = [finding_text(_SOURCE, finding) for finding in findings if finding.level is not Level.INFO]
    said = grave or ["the checker finds nothing wrong in these calls"]
    return "\n".join([*head, *shown[-_SHOWN:], "", *said])


def _fitting(text: str) -> str:
    """A line that is too long tells of its ids only how they begin and end: what came of a call stands behind them."""
    return text if len(text) <= _WIDEST else cut(_GUID.sub(r"{\1...\2}", text), _WIDEST_AT_ALL)


def _told(line: dict[str, Any]) -> str:
    if "event" in line:
        answer = line["answer"]
        return f"{line['event']} → {line['writer']}: {'true' if answer is True else answer['fails']}"
    if "happens" in line:
        more = {key: value for key, value in line.items() if key not in ("happens", "at")}
        return f"happens: {line['happens']}{values_in_words(more, _WIDEST)}"
    if "note" in line:
        return f"note: {line['note']}"
    on = f"{line['on']} " if line.get("on") else ""
    answer = f" → {line['returns']}" if "returns" in line else ""
    given, out = (values_in_words(line.get(side), _WIDEST) for side in ("in", "out"))
    return f"{on}{line['call']}{given}{answer}{out}"
