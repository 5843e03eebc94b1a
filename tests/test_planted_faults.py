"""Faults that are planted into real traces are found, at the right line, whatever was recorded of the answer."""

import copy
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.faults import FAULTS, Planted
from tests.support import TRACES, Entry, check, entries_of
from vss_sim.judge.findings import At, Outcome

CLEAN: Final = [path for path in TRACES if not check(entries_of(path)).errors()]
PLANTED: Final[list[tuple[str, str, Planted]]] = [
    (path.stem, fault.__name__, planted) for path in CLEAN for fault in FAULTS for planted in fault(entries_of(path))
]


def test_every_fault_fits_into_some_trace() -> None:
    """A fault that fits nowhere would be a test that cannot fail."""
    assert {name for _, name, _ in PLANTED} == {fault.__name__ for fault in FAULTS}
    assert len(PLANTED) > 500


@pytest.mark.parametrize("fault", [fault.__name__ for fault in FAULTS])
@pytest.mark.parametrize("answer", ["accepted", "not recorded", "refused"])
def test_a_planted_fault_is_the_first_error(fault: str, answer: str) -> None:
    """Planted into every clean trace where it fits, the fault is named at its line, and no earlier line is."""
    for trace, name, planted in PLANTED:
        if name == fault:
            entries = _answered(planted, answer)
            checked = check(entries)
            lines = [finding.line for finding in checked.errors() if finding.at is At.REQUESTER]
            assert lines, f"{trace}: {name} is not found"
            assert min(lines) == planted.line, f"{trace}: {name} is found at {lines}, not at {planted.line}"
            assert checked.outcome is Outcome.VIOLATES


def _answered(planted: Planted, answer: str) -> list[Entry]:
    """The planted call with the answer as it may have been recorded."""
    entries = copy.deepcopy(planted.entries)
    if answer == "accepted":
        entries[planted.index]["returns"] = "S_OK"
    else:
        entries[planted.index].pop("returns", None)
    if answer == "refused":
        allowed = check(entries).allowed_at(planted.line)
        if allowed:
            entries[planted.index]["returns"] = allowed[0]
    return entries


@pytest.mark.parametrize("fault", [fault.__name__ for fault in FAULTS])
def test_the_recorded_refusal_of_a_fault_is_what_the_table_expects(fault: str) -> None:
    """Where the log shows the refusal that the table predicts, nothing is held against the implementation there."""
    for trace, name, planted in PLANTED:
        if name == fault:
            checked = check(_answered(planted, "refused"))
            blamed = [f for f in checked.findings if f.at is At.IMPLEMENTATION and f.line == planted.line]
            assert not blamed, f"{trace}: {blamed}"


NOISE: Final[tuple[Entry, ...]] = (
    {"note": "nothing of VSS"},
    {"happens": "time passes", "seconds": 3},
    {"call": "CreateFile", "in": {"lpFileName": "C:\\x"}, "returns": "ERROR_SUCCESS"},
    {"event": "Freeze", "writer": "{5affb034-969f-4919-8875-88f830d0ef89}", "answer": True},
    {"call": "IUnknown::AddRef", "on": "elsewhere"},
    {"call": "IVssBackupComponents::GetWriterMetadataCount", "on": "stranger", "returns": "S_OK"},
)


@settings(max_examples=200, deadline=None)
@given(data=st.data())
def test_noise_between_the_lines_hides_no_fault(data: st.DataObject) -> None:
    """Lines of other objects, notes, events and file calls move a finding, and take nothing from it."""
    _, _, planted = data.draw(st.sampled_from(PLANTED))
    entries = copy.deepcopy(planted.entries)
    index = planted.index
    for _ in range(data.draw(st.integers(0, 8))):
        at = data.draw(st.integers(0, len(entries)))
        entries.insert(at, dict(data.draw(st.sampled_from(NOISE))))
        index += at <= index
    lines = [finding.line for finding in check(entries).errors() if finding.at is At.REQUESTER]
    assert index + 2 in lines


@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_handles_are_only_texts(data: st.DataObject) -> None:
    """Renaming every handle, or putting all lines into one process of one machine, changes no finding."""
    trace, _, planted = data.draw(st.sampled_from(PLANTED))
    entries = copy.deepcopy(planted.entries)
    prefix = data.draw(st.text(min_size=1, max_size=5))
    process = data.draw(st.sampled_from([None, "4242", 17]))
    for entry in entries:
        if "on" in entry:
            entry["on"] = prefix + entry["on"]
        if process is not None:
            entry["process"] = process
        for key, value in (entry.get("out") or {}).items():
            if key.startswith(("pp", "pAsync")) and isinstance(value, str):
                entry["out"][key] = prefix + value
    before = [(f.line, f.rule, f.level) for f in check(planted.entries).findings]
    assert [(f.line, f.rule, f.level) for f in check(entries).findings] == before, trace
