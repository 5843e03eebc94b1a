"""What a script of a world may be about, by which name, and by which rule it fails: `ScriptedAnswer`, `HandlerCall`."""

import json
from typing import Any, Final

import pytest

from tests.writers_at_work import SQL, Run, writer
from vss_sim import HResult, Simulation, read_world
from vss_sim.documents.errors import WorldError
from vss_sim.engine.answers import HandlerLine
from vss_sim.engine.coverage import simulated_calls
from vss_sim.spec.answers import leaves_failures_open
from vss_sim.spec.methods import UNKNOWN, Signature, signatures
from vss_sim.spec.scripts import PROVIDER_CALLS, scripted_calls
from vss_sim.spec.writer_calls import COMPONENT, is_setter

OPEN: Final = [name for name in signatures() if leaves_failures_open(name)]


def one_machine(**more: Any) -> str:
    """The text of a world file with one machine."""
    return json.dumps({"machines": [more]})


def refusal(**more: Any) -> str:
    """What the loader says against a machine."""
    with pytest.raises(WorldError) as refused:
        read_world(one_machine(**more))
    return str(refused.value)


def is_a_writers(call: Signature) -> bool:
    """Whether a call changes a component: a writer's, with `returns` of its own, and refused to a requester anyway."""
    return call.family == COMPONENT and is_setter(call.full_name)


def test_every_call_that_the_simulator_answers_can_be_scripted() -> None:
    """But references, constructors and the function that frees: they return no HRESULT."""
    answered = {call.full_name for call in simulated_calls() if call.family != UNKNOWN and not is_a_writers(call)}
    without = {"CVssWriter::CVssWriter", "CVssWriter::~CVssWriter", "VssFreeSnapshotProperties"}
    listed_again = {name for name in scripted_calls() - answered if "WriterComponentsExt" in name}
    assert scripted_calls() - listed_again == answered - without


def session(simulation: Simulation) -> int:
    """What the later method of a requester's object answers."""
    made = simulation.call("CreateVssBackupComponents").out["ppBackup"]
    simulation.call("IVssBackupComponents::InitializeForBackup", made)
    return simulation.call("IVssBackupComponentsEx3::GetSessionId", made).answer


@pytest.mark.parametrize(
    ("name", "fails"),
    [
        ("GetSessionId", True),
        ("IVssBackupComponentsEx3::GetSessionId", True),
        ("IVssBackupComponentsEx4::GetSessionId", True),
        ("IVssAsync::Wait", False),
    ],
)
def test_a_call_is_named_with_its_interface_or_without(name: str, fails: bool) -> None:
    """Any version of the interface that has it names the same call."""
    world = read_world(one_machine(answers=[{"to": name, "returns": "E_FAIL"}]))
    assert (session(Simulation(world)) == HResult.E_FAIL) is fails


def test_a_name_with_its_interface_speaks_of_that_method_only() -> None:
    """IVssComponent and IVssWMDependency both have GetComponentName; a script of the one leaves the other alone."""
    both = read_world(one_machine(answers=[{"to": "GetComponentName", "returns": "E_OUTOFMEMORY"}]))
    one = read_world(one_machine(answers=[{"to": "IVssWMDependency::GetComponentName", "returns": "E_OUTOFMEMORY"}]))
    assert [world.machines[0].answers[0].to for world in (both, one)] == [
        "GetComponentName",
        "IVssWMDependency::GetComponentName",
    ]


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("OnFreeze", "what VSS calls of a writer, which fails by its own `replies`"),
        ("CVssWriter::OnFreeze", "what VSS calls of a writer"),
        ("SetBackupMetadata", "by its own `returns` among the `calls` of a reply"),
        ("CVssWriter::SetWriterFailure", "by its own `returns`"),
        ("CommitSnapshots", "asked of a provider, which fails by its own `replies` and `failures`"),
        ("WriteFile", "a file or service call, which fails by `win32Faults`"),
        ("CreateFileW", "by `win32Faults`"),
        ("Release", "no call that could fail here"),
        ("VssFreeSnapshotProperties", "no call that could fail here"),
        ("DoSnapshot", "expected a documented method, with or without its interface"),
    ],
)
def test_a_script_that_could_never_speak_is_refused(name: str, says: str) -> None:
    """It says where such a fault is scripted instead."""
    told = refusal(answers=[{"to": name, "returns": "E_FAIL"}])
    assert "machines[0].answers[0].to" in told
    assert says in told


@pytest.mark.parametrize(
    ("script", "place", "says"),
    [
        ({"to": "SetContext", "result": "E_FAIL"}, "result", "begins no operation"),
        ({"to": "SetContext", "seconds": 5}, "seconds", "begins no operation"),
        ({"to": "IVssAsync::QueryStatus", "polls": 1}, "polls", "begins no operation"),
        ({"to": "DoSnapshotSet", "returns": "E_FAIL", "result": "E_FAIL"}, "result", "begins no operation"),
        ({"to": "DoSnapshotSet", "returns": "S_OK"}, "returns", "S_OK is no failure"),
        ({"to": "DoSnapshotSet", "result": "VSS_S_ASYNC_CANCELLED"}, "result", "is no failure"),
    ],
)
def test_a_script_that_says_nothing_is_refused(script: dict[str, Any], place: str, says: str) -> None:
    """An operation that does not begin takes no time; a success is what happens anyway."""
    told = refusal(answers=[script])
    assert f"machines[0].answers[0].{place}" in told
    assert says in told


def test_a_provider_is_scripted_for_what_it_is_asked() -> None:
    """The calls in which VSS asks one, and no other."""
    told = refusal(providers=[{"name": "P", "failures": [{"to": "SetContext"}]}])
    assert "machines[0].providers[0].failures[0].to" in told
    assert all(name in told for name in PROVIDER_CALLS)
    assert "S_OK is no failure" in refusal(providers=[{"name": "P", "failures": [{"to": "Query", "fails": "S_OK"}]}])


def in_post_snapshot(call: dict[str, Any]) -> list[HandlerLine]:
    """What a writer's script made of a call in the handler of PostSnapshot."""
    run = Run(writer("sql", {"on": "PostSnapshot", "calls": [call]}))
    run.prepare(components=["sql"])
    run.do("DoSnapshotSet")
    return [line for event in run.seen for line in event.calls if line.name == call["call"]]


@pytest.mark.parametrize("code", ["E_FAIL", "VSS_E_VOLUME_IN_USE", "E_OUTOFMEMORY", "VSS_E_BAD_STATE"])
@pytest.mark.parametrize("full_name", OPEN)
def test_where_a_page_leaves_the_codes_open_any_may_be_scripted(full_name: str, code: str) -> None:
    """Rule ans-any-code: it is an answer of the method like any other, not one that no page gives."""
    if signatures()[full_name].kind == "requester":
        world = read_world(one_machine(answers=[{"to": full_name, "returns": code}]))
        simulation = Simulation(world)
        made = simulation.call("CreateVssBackupComponents").out["ppBackup"]
        simulation.call("IVssBackupComponents::InitializeForBackup", made)
        refused = simulation.call(full_name, made)
        assert (refused.answer, refused.refusal and refused.refusal.rule) == (HResult[code], "ans-any-code")
    elif full_name.startswith("IVssExpressWriter"):
        world = read_world(one_machine(answers=[{"to": full_name, "returns": code}]))
        simulation = Simulation(world)
        made = simulation.call("CreateVssExpressWriter").out["ppWriter"]
        arguments: dict[str, Any] = {"writerId": SQL, "writerName": "W", "usageType": "VSS_UT_USERDATA"}
        arguments |= {"versionMajor": 1, "versionMinor": 0, "reserved": 0}
        refused = simulation.call(full_name, made, arguments)
        assert (refused.answer, refused.refusal and refused.refusal.rule) == (HResult[code], "ans-any-code")
    else:
        names = [one.name for one in signatures()[full_name].parameters if one.direction.value == "in"]
        scripted = {"call": full_name, "in": dict.fromkeys(names), "returns": code}
        (line,) = in_post_snapshot(scripted)
        assert (line.answer, line.rule) == (HResult[code], "ans-any-code")


def test_a_documented_failure_in_a_handler_has_its_rule() -> None:
    """The same as for a call of a requester."""
    scripted = {"call": "IVssComponent::SetBackupStamp", "in": {"wszBackupStamp": "1"}, "returns": "E_OUTOFMEMORY"}
    (line,) = in_post_snapshot(scripted)
    assert line.rule == "ans-out-of-memory"
