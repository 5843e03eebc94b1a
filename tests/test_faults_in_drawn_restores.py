"""Every kind of mistake is planted into drawn restores where it fits: rule, line and file or component are named."""

import json
from functools import cache

import pytest

from tests.drawn_restores import draw_restore
from tests.planted_breaches import Log, log_of
from tests.restore_faults import RESTORE_FAULTS, RestoreFault
from tests.support import Entry, check
from vss_sim.strategies.source import Seeded

_MANY = 480
_ENOUGH = 40
"""So often a mistake is planted that fits everywhere."""


@cache
def drawn_logs() -> dict[int, Log]:
    """Drawn restores of one component, as logs, by their seeds."""
    found = {}
    for seed in range(_MANY):
        machine = draw_restore(Seeded(seed), alone=True).played()
        entries: list[Entry] = json.loads(json.dumps(machine.trace()))
        saved = [file.path for file in machine.saved.files]
        mapped = [path.replace("C:\\data\\", "C:\\alt\\") for path in saved]
        log = log_of(entries, saved, mapped)
        if log is not None:
            found[seed] = log
    return found


@pytest.mark.parametrize("fault", RESTORE_FAULTS, ids=lambda fault: fault.__name__)
def test_a_mistake_is_found_where_it_fits(fault: RestoreFault) -> None:
    """With its rule and line; a mistake made with a file is told with the file."""
    tried = 0
    for seed, log in drawn_logs().items():
        for planted in fault(log) if tried < _ENOUGH else ():
            tried += 1
            findings = check(planted.entries).findings
            there = [one for one in findings if one.line == planted.line and planted.rule in (one.rule, *one.also)]
            assert there, f"seed {seed}: {planted.rule} is not found at {planted.line}"
            assert any(planted.file in one.says.casefold() for one in there), f"seed {seed}: {planted.file}"
    assert tried
