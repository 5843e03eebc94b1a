"""The codes that a writer passes to VSS: by name or by number, as C and .NET print them."""

from typing import Any, Final

import pytest

from tests.writers_at_work import Run, calling, writer
from vss_sim.documents.errors import WorldError
from vss_sim.spec.enums import WriterState

RETRYABLE: Final = "VSS_E_WRITERERROR_RETRYABLE"
SAME: Final = (RETRYABLE, "0x800423f3", "0x800423F3", 0x800423F3, -2147212301, "2147754995", "-2147212301")
SET: Final = "CVssWriter::SetWriterFailure"
SET_EX: Final = "CVssWriterEx2::SetWriterFailureEx"
SET_COMPONENT: Final = "IVssComponentEx2::SetFailure"


def _after(name: str, **given: Any) -> Run:
    """A creation in which a writer makes this call in PostSnapshot."""
    run = Run(writer("sql", calling("PostSnapshot", (name, given))), writer("web"))
    run.prepare()
    run.do("DoSnapshotSet")
    return run


@pytest.mark.parametrize("code", SAME)
def test_a_writer_fails_with_a_code_however_it_is_written(code: str | int) -> None:
    """Rule wr-veto-code."""
    run = _after(SET, hr=code)
    assert run.answers("PostSnapshot") == [("SetWriterFailure", "S_OK")]
    assert run.status("sql") == (WriterState.FAILED_AT_POST_SNAPSHOT, RETRYABLE)
    run = _after(SET_EX, hrWriter=code, hrApplication=-2147024864, wszApplicationMessage="shared")
    assert run.status("sql")[1] == RETRYABLE
    assert run.call("GetWriterStatusEx", iWriter=0).out["phrApplication"] == "0x80070020"
    run = _after(SET_COMPONENT, hr=code, hrApplication="0x80070020", wszApplicationMessage=None, dwReserved=0)
    failure = run.object().document.writers[0].components[0].failure
    assert failure is not None
    assert (failure.hresult, failure.application) == (RETRYABLE, "0x80070020")


def test_no_code_is_success() -> None:
    """What C passes as 0 or NULL is S_OK, which SetWriterFailure does not take."""
    assert _after(SET, hr=None).answers("PostSnapshot") == [("SetWriterFailure", "E_INVALIDARG")]
    run = _after(SET_EX, hrWriter=RETRYABLE, hrApplication=None, wszApplicationMessage=None)
    run.status("sql")
    assert run.call("GetWriterStatusEx", iWriter=0).out["phrApplication"] == "S_OK"


@pytest.mark.parametrize("code", [[1], [], {}, 0.0, 1.5, True, "xyz", "0xyz", 1 << 33, "VSS_E_WRITERERROR_RETRYABL"])
@pytest.mark.parametrize("name", [SET, SET_EX, SET_COMPONENT])
def test_what_is_no_code_is_said_to_be_none(name: str, code: object) -> None:
    """It is no veto that VSS refuses, but a slip in the script, which is told when the world is read."""
    first = "hrWriter" if name == SET_EX else "hr"
    given = {SET: {}, SET_EX: {"hrApplication": "S_OK", "wszApplicationMessage": None}}.get(
        name, {"hrApplication": "S_OK", "wszApplicationMessage": None, "dwReserved": 0}
    )
    with pytest.raises(WorldError, match=rf"calls\[0\].in: .* {first} is") as refused:
        _after(name, **{first: code, **given})
    assert ("did you mean VSS_E_WRITERERROR_RETRYABLE?" in str(refused.value)) == (code == RETRYABLE[:-1])


@pytest.mark.parametrize("returned", [True, False])
def test_what_a_writer_fails_abort_with_is_told(returned: bool) -> None:
    """OnAbort calls SetWriterFailure as every handler does (rule writer-handlers-fail-protocol); no state is for it."""
    failing = calling(
        "Abort", (SET_EX, {"hrWriter": RETRYABLE, "hrApplication": "E_FAIL", "wszApplicationMessage": "disk"})
    )
    run = Run(writer("sql", failing if returned else {"on": "Abort", "fails": RETRYABLE}), writer("web"))
    run.prepare()
    run.call("AbortBackup")
    assert run.status("sql") == (WriterState.STABLE, RETRYABLE)
    assert run.status("web") == (WriterState.STABLE, "S_OK")
    told = run.call("GetWriterStatusEx", iWriter=0).out
    assert (told["phrApplication"], told["pbstrApplicationMessage"]) == (
        ("E_FAIL", "disk") if returned else ("S_OK", None)
    )
    assert not run.blamed_on_vss()


def test_a_writer_that_failed_before_stands_as_it_did() -> None:
    """What failed first is what is told."""
    run = Run(
        writer(
            "sql", {"on": "Freeze", "fails": "VSS_E_WRITERERROR_OUTOFRESOURCES"}, {"on": "Abort", "fails": RETRYABLE}
        )
    )
    run.prepare(components=("sql",))
    run.do("DoSnapshotSet")
    assert run.status("sql") == (WriterState.FAILED_AT_FREEZE, "VSS_E_WRITERERROR_OUTOFRESOURCES")


def test_a_writer_that_ends_in_abort_sends_no_status() -> None:
    """Rule wr-status-not-responding."""
    run = Run(writer("sql", {"on": "Abort", "silent": True}), writer("web"))
    run.prepare()
    run.call("AbortBackup")
    assert run.status("sql") == (WriterState.UNKNOWN, "VSS_E_WRITER_NOT_RESPONDING")
