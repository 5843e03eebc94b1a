"""A file that two component sets name is staged once, for both (rule rar-writer-scope)."""

from typing import Any, Final

from tests.restoring import Machine, component, world, writer
from tests.support import check

OTHER: Final = "{5affb034-969f-4919-8875-88f830d0ef90}"
F1: Final = {"path": "C:\\data", "filespec": "f1"}
F2: Final = {"path": "C:\\data", "filespec": "f2"}


def together(*writers: dict[str, Any]) -> list[str]:
    """What the checker says against a requester that stages every file of these writers once."""
    machine = Machine(world(*writers)).restore()
    seen: set[str] = set()
    told = []
    for line in machine.trace():
        if line.get("call") == "MoveFileEx":
            final = line["in"]["lpNewFileName"]
            if final in seen:
                continue
            seen.add(final)
        told.append(line)
    assert seen
    return [finding.rule for finding in check(told).findings if finding.rule == "rar-writer-scope"]


def test_of_two_components_with_the_same_file_both_are_staged() -> None:
    """The one has another file, too."""
    parts = [component("Both", files=[F1, F2]), component("One", files=[F1])]
    assert together(writer("RESTORE_AT_REBOOT", components=parts)) == []


def test_of_two_writers_with_the_same_file_both_are_staged() -> None:
    """Each has a component with another file, too."""
    own = [component("Own", files=[F2]), component("Shared", files=[F1])]
    more = {"name": "Other Writer", "writerId": OTHER}
    found = together(writer("RESTORE_AT_REBOOT", components=own), writer("RESTORE_AT_REBOOT", components=own, **more))
    assert found == []


def test_a_component_with_files_of_its_own_is_staged_with_the_others() -> None:
    """One component is staged and the other is not."""
    parts = [component("One", files=[F1]), component("Other", files=[F2])]
    machine = Machine(world(writer("RESTORE_AT_REBOOT", components=parts))).restore()
    told = [
        line
        for line in machine.trace()
        if line.get("call") != "MoveFileEx" or line["in"]["lpNewFileName"].endswith("f1")
    ]
    for line in told:
        if str(line.get("call", "")).endswith("SetFileRestoreStatus") and line["in"]["wszComponentName"] == "Other":
            line["in"]["status"] = "VSS_RS_FAILED"
    assert "rar-writer-scope" in {finding.rule for finding in check(told).findings}
