"""Why a restore went as it did, as a rehearsal tells it: for whose sake a set is given up, who failed, and what."""

import pytest

from tests.restoring import FILES, WRITER, component, world, writer
from vss_sim import read_world, rehearse
from vss_sim.report.rehearsal import rehearsal_text


def test_a_set_that_is_given_up_for_another_one_says_so() -> None:
    """Rule rar-writer-scope: what a restart brings to a writer it brings to all its sets, or to none."""
    parts = [component("One"), component("Far", files=[{"path": "D:\\far", "filespec": "*"}])]
    described = world(writer("RESTORE_AT_REBOOT", components=parts), on_d={"D:\\far\\f": {"content": "far"}})
    described["then"] = [{"happens": "volume full", "volume": "D:\\"}]
    one, far = rehearse(read_world(described)).components
    assert one.result.outcome.name == "not-staged-together"
    assert "Another component set of the writer cannot be staged" in one.result.outcome.says
    assert (one.result.outcome.rules[0], far.result.outcome.name) == ("rar-writer-scope", "rar-not-staged")


def test_a_writer_that_fails_an_event_is_told() -> None:
    """Rules seq-r-prerestore-status, seq-r-postrestore-status: what the status of the writers shows."""
    for event in ("PreRestore", "PostRestore"):
        fails = {"replies": [{"on": event, "fails": "VSS_E_WRITERERROR_NONRETRYABLE"}]}
        events = rehearse(read_world(world(writer("RESTORE_IF_CAN_REPLACE", **fails)))).events
        assert events[events.index(event) + 1] == f"Sample Writer fails {event}"
        assert len([one for one in events if " fails " in one]) == 1


def test_a_procedure_tells_the_call_that_failed() -> None:
    """Rule custom-writer-procedure: which of its calls, and what Windows answered."""
    calls = [{"call": "WriteFile", "in": {"lpFileName": FILES[1], "content": "x"}}]
    described = world(writer("CUSTOM"))
    described["then"] = [{"happens": "file in use", "path": FILES[1]}]
    described["restore"] = {"procedures": [{"writerId": WRITER, "calls": calls}]}
    text = rehearsal_text(rehearse(read_world(described)))
    assert f"in the way {FILES[1]}: ERROR_SHARING_VIOLATION - WriteFile of the procedure fails" in text
    described["then"] = []
    assert "its files go where its procedure brings them" in rehearsal_text(rehearse(read_world(described)))


@pytest.mark.parametrize("schema", [["VSS_BS_INCREMENTAL"], []])
def test_an_increment_is_not_restored_upon_what_was_not(schema: list[str]) -> None:
    """Rule inc-r-chain-incremental: one that its writer has as a full backup (dispute C52) builds on nothing."""
    every, full = {"backupType": 3855}, {"backupType": 257}
    files = [{"path": "C:\\data", "filespec": "f1", **every}, {"path": "C:\\data", "filespec": "f2", **full}]
    described = world(writer("RESTORE_IF_CAN_REPLACE", components=[component(files=files)], backupSchema=schema))
    change = {"call": "WriteFile", "in": {"lpFileName": FILES[0], "content": "since"}}
    again = {**change, "in": {"lpFileName": FILES[0], "content": "of now"}}
    lock = {"happens": "file in use", "path": FILES[1]}
    described["then"] = [change, {"backup": "VSS_BT_INCREMENTAL"}, again, lock]
    first, second = rehearse(read_world(described)).components
    assert first.result.outcome.name == "ricr-unmapped"
    assert second.result.outcome.name == ("chain-broken" if schema else "ricr-unmapped")
    assert [view.after.value for view in second.files][:1] == ["other bytes"]
    assert second.result.selected is not bool(schema)
