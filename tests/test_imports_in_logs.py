"""What a log alone shows of an import: a world without a hardware provider, two at a time, files read too late.

Page: https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from typing import Any

import pytest

from tests.support import ROOT, call, check, create, entries_of
from tests.two_machines import SYSTEM, hardware


def _import(on: str, **more: Any) -> list[dict[str, Any]]:
    """A program begins an import in a log."""
    return [
        {**create(on), **more},
        {**call("InitializeForBackup", on, bstrXML=f"document of {on}"), **more},
        {**call("ImportSnapshots", on, out={"ppAsync": f"import of {on}"}), **more},
    ]


@pytest.mark.parametrize(
    ("providers", "lacks"),
    [
        ([SYSTEM], True),
        ([SYSTEM, {**hardware(), "type": "VSS_PROV_SOFTWARE"}], True),
        ([], True),
        ([SYSTEM, hardware()], False),
        (None, False),
    ],
    ids=["the system's", "one of software", "none", "one of hardware", "not told"],
)
@pytest.mark.parametrize("result", ["VSS_S_ASYNC_FINISHED", "VSS_E_NO_SNAPSHOTS_IMPORTED"])
def test_a_world_without_a_hardware_provider_tells_what_is_wrong_with_an_import(
    providers: list[dict[str, Any]] | None, lacks: bool, result: str
) -> None:
    """Rule im-hardware-only: the header tells it as Query does; and where nobody makes a LUN visible, none stays."""
    two = {"name": "two", "providers": providers} if providers is not None else {"name": "two"}
    seen = call("IVssAsync::QueryStatus", "import of a", out={"pHrResult": result}) | {"machine": "two"}
    lines = [*_import("a", machine="two"), seen, {"call": "IUnknown::Release", "on": "a", "machine": "two"}]
    found = check(lines, world={"machines": [{"name": "one"}, two]})
    assert ("import-server-hardware-only" in found.rules_at(4)) is lacks
    left = result != "VSS_S_ASYNC_FINISHED" and not lacks
    assert ("import-failure-cleanup" in found.rules_at(6)) is left


@pytest.mark.parametrize(
    ("other", "seen", "said"),
    [
        ({}, [], True),
        ({"process": "another"}, [], False),
        ({"machine": "another"}, [], False),
        ({}, [call("IVssAsync::Wait", "import of a", dwMilliseconds="INFINITE")], False),
        ({}, [call("IVssAsync::QueryStatus", "import of a", out={"pHrResult": "VSS_S_ASYNC_FINISHED"})], False),
        ({}, [call("IVssAsync::Cancel", "import of a")], False),
        ({}, [{"happens": "reboot"}], False),
        ({}, [{"happens": "VSS crashes"}], False),
        ({}, [{"happens": "reboot", "machine": "another"}], True),
    ],
)
def test_a_program_sees_the_end_of_an_import_before_it_begins_the_next(
    other: dict[str, Any], seen: list[dict[str, Any]], said: bool
) -> None:
    """Rule im-serialise; on another machine, and in another program, imports may run beside it; none outlives VSS."""
    lines = [*_import("a"), *seen, *_import("b", **other)]
    assert ("im-serialise" in check(lines).rules_at(len(lines) + 1)) is said


def test_that_files_are_read_too_late_is_said_once() -> None:
    """Rule im-signal-back: however many files the program copies then."""
    path = ROOT / "conformance" / "cases" / "import" / "files-read-after-the-writers-were-told.jsonl"
    lines = entries_of(path)
    late = next(place for place, line in enumerate(lines) if "rules" in line)
    found = check([*lines[:late], *[lines[late]] * 3, *lines[late + 1 :]]).findings
    assert [finding.line for finding in found if finding.rule == "im-signal-back"] == [late + 2]
