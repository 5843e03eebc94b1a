"""Whatever fails, whoever stops: no writer stays frozen, and each hears Thaw or Abort after Freeze, never both.

The witness is the stream of events alone; it reads no table.
"""

from collections.abc import Iterable
from types import ModuleType
from typing import Any, Final

import pytest
from hypothesis import Phase, event, given, settings
from hypothesis import strategies as st

from tests.writers_at_work import Run, writer
from vss_sim.engine import completion_calls, creation, operations
from vss_sim.engine.answers import Event
from vss_sim.engine.commit import undo_set
from vss_sim.spec.creation import PROVIDER_EVENTS
from vss_sim.spec.events import EVENTS

NAMES: Final = ("sql", "web", "mail")
SECONDS: Final = st.sampled_from([0, 0, 0, 1e-7, 1, 9.9999999, 10, 10.0000001, 30, 59, 60, 60.0000001, 61, 100])
COUNTS: Final = st.integers(0, 2)
CODES: Final = st.sampled_from(["VSS_E_WRITERERROR_RETRYABLE", "VSS_E_WRITERERROR_TIMEOUT", "VSS_E_OUTOFMEMORY"][:2])
ANSWERS: Final = st.one_of(
    st.just({}),
    st.builds(lambda code, fatal: {"fails": code, "fatal": fatal}, CODES, st.booleans()),
    st.just({"silent": True}),
    st.just({"crashes": True}),
)
REPLIES: Final = st.builds(
    lambda on, answer, seconds, skip, times: {"on": on, "seconds": seconds, "skip": skip, **answer, **times},
    st.sampled_from(sorted(set(EVENTS) - {"Identify"})),
    ANSWERS,
    SECONDS,
    COUNTS,
    st.just({}) | st.builds(lambda times: {"times": times}, COUNTS),
)
LEVELS: Final = st.sampled_from(["VSS_APP_FRONT_END", "VSS_APP_BACK_END", "VSS_APP_SYSTEM", "VSS_APP_SYSTEM_RM"])
WINDOWS: Final = st.sampled_from([60, 60, 20, 5, 1e-7, 1000])
PROVIDER_REPLIES: Final = st.builds(
    lambda on, seconds, failing: {"on": on, "seconds": seconds, **failing},
    st.sampled_from(PROVIDER_EVENTS[1:]),
    SECONDS,
    st.just({}) | st.just({}) | st.just({"fails": "VSS_E_PROVIDER_VETO"}),
)
STOPS: Final = ("wait", "cancel", "AbortBackup", "Release", "process ends", "service stops", "GatherWriterMetadata")


@st.composite
def machines(draw: st.DrawFn) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Writers that reply in all ways, a provider that does, volumes that are slow to flush."""
    writers = [
        writer(
            name,
            *draw(st.lists(REPLIES, max_size=3)),
            level=draw(LEVELS),
            freezeTimeout=draw(WINDOWS),
            hostedIn="svc" if name == "mail" else None,
        )
        for name in NAMES
    ]
    provider = {"name": "p", "type": "VSS_PROV_SOFTWARE", "replies": draw(st.lists(PROVIDER_REPLIES, max_size=2))}
    volume = {"name": "C:\\", "flushSeconds": draw(SECONDS)}
    return writers, {"providers": [provider], "volumes": [volume], "services": [{"name": "svc"}]}


def left_frozen(events: Iterable[Event]) -> set[str]:
    """The writers that got Freeze and neither Thaw nor Abort after it; they hear one of the two once."""
    frozen: set[str] = set()
    for one in events:
        if one.name == "Freeze":
            assert one.instance_id not in frozen
            frozen.add(one.instance_id)
        elif one.name in ("Thaw", "Abort"):
            assert one.name == "Abort" or one.instance_id in frozen
            frozen.discard(one.instance_id)
    return frozen


def gone(run: Run) -> set[str]:
    """The writers that do not run any more: nobody is there to be thawed."""
    return {instance.instance_id for instance in run.simulation.world.machines[0].writers if not instance.running}


def _stop(run: Run, how: str) -> None:
    if how == "cancel":
        run.call("IVssAsync::Cancel", run.asyncs["bc"])
    elif how == "process ends":
        run.happen(how, process="backup.exe")
    elif how == "service stops":
        run.happen(how, service="svc")
        run.wait()
    elif how == "GatherWriterMetadata":
        operation = run.asyncs["bc"]
        run.do(how)
        run.asyncs["bc"] = operation
        run.wait()
    elif how == "wait":
        run.wait()
    else:
        run.call(how)


@settings(max_examples=400, deadline=None)
@given(machines(), st.sampled_from(STOPS), st.lists(st.sampled_from([0.5, 1, 9, 10, 30, 61]), max_size=4))
def test_no_writer_stays_frozen_whatever_fails(
    described: tuple[list[dict[str, Any]], dict[str, Any]], stop: str, pauses: list[float]
) -> None:
    """After the operation, or after it was stopped in the middle (rule seq-freeze-then-thaw-or-abort)."""
    writers, machine = described
    run = Run(*writers, **machine)
    run.prepare(components=NAMES, process="backup.exe")
    run.call("DoSnapshotSet")
    run.ask()
    for pause in pauses:
        run.pass_time(pause)
    event(f"frozen when stopped: {bool(run.frozen())}")
    _stop(run, stop)
    run.pass_time(10_000)
    assert left_frozen(run.seen) <= gone(run)
    lasting = {name: session.frozen_at for name, session in _sessions(run)}
    assert set(lasting.values()) <= {None}
    at = [one.at for one in run.seen]
    assert at == sorted(at)
    _nobody_hears_anything_after_abort(run)
    assert not run.blamed_on_vss()


@pytest.mark.parametrize("where", [creation, completion_calls, operations])
def test_a_writer_that_is_left_frozen_is_noticed(where: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """A set that is given up without Abort: after a veto or a time-out, by its requester, or when it is cancelled."""
    monkeypatch.setattr(where, "give_set_up", undo_set)
    told = vars(test_no_writer_stays_frozen_whatever_fails)["hypothesis"].inner_test
    again = given(machines(), st.sampled_from(STOPS), st.lists(st.sampled_from([0.5, 9, 61]), max_size=4))(told)
    with pytest.raises(AssertionError):
        settings(
            max_examples=2000, deadline=None, derandomize=True, phases=[Phase.generate], report_multiple_bugs=False
        )(again)()


def _sessions(run: Run) -> list[tuple[str, Any]]:
    if run.handles["bc"] not in run.simulation.world.objects:
        return []
    return [(session.metadata.name, session) for session in run.sessions()]


def _nobody_hears_anything_after_abort(run: Run) -> None:
    """But BackupShutdown, and Identify which belongs to no operation (rule seq-abort-ends-events)."""
    aborted: set[str] = set()
    for one in run.seen:
        assert one.instance_id not in aborted or one.name in ("BackupShutdown", "Identify"), one.name
        if one.name == "Abort":
            aborted.add(one.instance_id)


@settings(max_examples=200, deadline=None)
@given(machines(), CODES, SECONDS, st.booleans(), st.sampled_from(STOPS))
def test_who_fails_prepare_for_snapshot_is_aborted_and_not_frozen(
    described: tuple[list[dict[str, Any]], dict[str, Any]], code: str, seconds: float, fatal: bool, stop: str
) -> None:
    """Whatever the others do; who returned false is told by Abort (rule obs-failed-prepare-snapshot-aborts)."""
    (first, *others), machine = described
    failing = {"on": "PrepareForSnapshot", "fails": code, "fatal": fatal, "seconds": seconds}
    run = Run(writer(NAMES[0], failing, level=first["level"], freezeTimeout=first["freezeTimeout"]), *others, **machine)
    run.prepare(components=NAMES, process="backup.exe")
    run.call("DoSnapshotSet")
    run.ask()
    _stop(run, stop)
    run.pass_time(10_000)
    heard = run.events(NAMES[0])
    assert not {"Freeze", "Thaw", "PostSnapshot"} & set(heard)
    if fatal and "PrepareForSnapshot" in heard:
        assert heard.count("Abort") == 1
    assert left_frozen(run.seen) <= gone(run)


@settings(max_examples=100, deadline=None)
@given(machines(), st.lists(st.sampled_from([0.5, 1, 9, 10, 30, 61]), max_size=6))
def test_how_it_went_does_not_depend_on_who_looks(
    described: tuple[list[dict[str, Any]], dict[str, Any]], pauses: list[float]
) -> None:
    """One waits, the other asks now and then: the same events at the same times, and the same result."""
    writers, machine = described
    waiting, asking = (Run(*writers, **machine) for _ in range(2))
    for run in (waiting, asking):
        run.prepare(components=NAMES)
        run.call("DoSnapshotSet")
    waiting.wait()
    for pause in pauses:
        asking.ask()
        asking.pass_time(pause)
    assert asking.wait() is waiting.ask()
    assert [one[:6] for one in asking.seen] == [one[:6] for one in waiting.seen]
