"""Every fault from outside is scripted at the n-th occurrence, in the world file and in Python, and comes at that one.

What the environment answers to calls, how writers and providers fail and how long they take, what Windows answers to
file and service calls, what happens to the machine: each kind at its first, its second and a later occurrence.
"""

from typing import Any, Final

import msgspec
import pytest
from msgspec.structs import replace

from tests.answers.handlers import WAYS, Way
from tests.answers.played import Player, Recipe, came_to, full, names_of
from tests.answers.ready import before
from tests.answers.worlds import ARRAY_SNAPSHOT, WORLDS
from tests.file_support import machine as machine_with_files
from tests.scripted_faults import (
    EACH_OCCURRENCE,
    MADE,
    OCCURRENCES,
    ONE_WRITER,
    Rounds,
    described,
    nth_of,
    only_the,
)
from tests.test_win32_faults import BY_HANDLE, FILE
from tests.test_win32_faults import MADE as FILE_CALLS
from tests.two_machines import SYSTEM, exported, hardware, importing, two_machines
from vss_sim import Simulation
from vss_sim.model.computer import (
    Description,
    HandlerCall,
    ProviderFailure,
    ProviderReply,
    Reply,
    ScriptedAnswer,
    ScriptedHappening,
    SlowFlush,
    Win32Fault,
)
from vss_sim.model.world import World, new_world
from vss_sim.spec.answers import MACHINE_FAILURES, call_failures, documented_answers, result_failures
from vss_sim.spec.creation import PROVIDER_EVENTS
from vss_sim.spec.events import ABORT, EVENTS, FREEZE
from vss_sim.spec.happenings import HAPPENINGS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import signatures
from vss_sim.spec.scripts import PROVIDER_CALLS, begins_an_operation, scripted_calls
from vss_sim.spec.win32 import CALLS, DELAYED_MOVE, Win32Error
from vss_sim.spec.writer_calls import VETO_CODES, handler_calls

_LISTED_AGAIN: Final = "IVssWriterComponentsExt::"
CALLED: Final = sorted(name for name in scripted_calls() if not name.startswith(_LISTED_AGAIN))
RESERVED: Final = ("IVssBackupComponentsEx2::FastRecovery", "IVssBackupComponentsEx2::PreFastRecovery")
"""They answer E_NOTIMPL, and begin nothing."""
OPERATIONS: Final = [name for name in CALLED if begins_an_operation(name) and name not in RESERVED]


def carried(start: Player, seen: World) -> Player:
    """A player in the state of `start`, in whose world each script has counted what it saw in another."""
    again = start.fork()
    machines = zip(start.world.machines, seen.machines, strict=True)
    counted = tuple(replace(old, answers=new.answers, providers=new.providers) for old, new in machines)
    again.world = replace(start.world, machines=counted)
    return again


def occurrences(recipe: Recipe) -> list[int]:
    """What the call of a recipe comes to each time, always in the same state."""
    start = Player(new_world(recipe.world, recipe.profile))
    for call in recipe.before:
        start.make(call)
    outcomes, seen = [], start.world
    for _ in range(MADE):
        player = carried(start, seen)
        outcomes.append(came_to(player, recipe))
        seen = player.world
    return outcomes


def plain(full_name: str, out: str | None = None) -> Recipe:
    """The call as it should be."""
    return Recipe(full_name, HResult.S_OK, before(full_name), out=out)


def times_before(recipe: Recipe) -> int:
    """How often the calls before the one that counts are the same call."""
    return sum(full(call) == recipe.call for call in names_of(recipe.before))


@pytest.mark.parametrize("full_name", CALLED)
def test_what_the_environment_answers_to_a_call(full_name: str) -> None:
    """Each failure that the pages name for the call, and one that may come before VSS looks at anything."""
    named = {row.hresult for row in documented_answers().get(full_name, ()) if row.stage == "sync"}
    codes = {HResult[name] for name in named if name in HResult.__members__ and HResult[name].failed}
    recipe = plain(full_name)
    usual = occurrences(recipe)
    scripted = {*codes, *call_failures(full_name), HResult.E_OUTOFMEMORY} - set(usual)
    for code in sorted(scripted & MACHINE_FAILURES if full_name in RESERVED else scripted):
        for nth in OCCURRENCES:
            script = nth_of(ScriptedAnswer(to=full_name, returns=code.name), nth, times_before(recipe))
            told = occurrences(replace(recipe, world=described(recipe.world, "answers", script)))
            assert told == [*usual[: nth - 1], code, *usual[nth:]]


@pytest.mark.parametrize("full_name", OPERATIONS)
def test_what_the_environment_makes_of_an_operation(full_name: str) -> None:
    """Each failure that its operation may come to."""
    recipe = plain(full_name, "pHrResult")
    usual = occurrences(recipe)
    for code in result_failures(full_name).keys() - set(usual):
        for nth in OCCURRENCES:
            script = nth_of(ScriptedAnswer(to=full_name, result=code.name), nth, times_before(recipe))
            told = occurrences(replace(recipe, world=described(recipe.world, "answers", script)))
            assert told == [*usual[: nth - 1], code, *usual[nth:]]


@EACH_OCCURRENCE
@pytest.mark.parametrize("long", [{"seconds": 10.0}, {"polls": 2}])
@pytest.mark.parametrize("full_name", OPERATIONS)
def test_an_operation_that_takes_its_time(full_name: str, long: dict[str, float], nth: int) -> None:
    """A look finds it pending; the others are over."""
    recipe = plain(full_name, "pHrResult")
    script = nth_of(ScriptedAnswer(to=full_name, **long), nth, times_before(recipe))  # type: ignore[arg-type]
    usual = occurrences(recipe)
    told = occurrences(replace(recipe, world=described(recipe.world, "answers", script)))
    assert told == [*usual[: nth - 1], HResult.VSS_S_ASYNC_PENDING, *usual[nth:]]


_ARRAYS: Final = ("BreakSnapshotSet", "BreakSnapshotSetEx", "RecoverSet", "ImportSnapshots")
"""What hardware providers are asked; the others go to the one of the system."""


@EACH_OCCURRENCE
@pytest.mark.parametrize("code", ["VSS_E_PROVIDER_VETO", "VSS_E_UNEXPECTED_PROVIDER_ERROR"])
@pytest.mark.parametrize("name", [name for name in PROVIDER_CALLS if name != "ImportSnapshots"])
def test_a_provider_that_fails_what_it_is_asked_for(name: str, code: str, nth: int) -> None:
    """In the call itself, or in its operation."""
    full_name = full(name)
    recipe = plain(full_name, "pHrResult" if begins_an_operation(full_name) else None)
    usual = occurrences(recipe)
    script = nth_of(ProviderFailure(to=name, fails=code), nth, times_before(recipe))
    world = described(recipe.world, "failures", script, ("providers", int(name in _ARRAYS)))
    told = occurrences(replace(recipe, world=world))
    assert [one != other for one, other in zip(told, usual, strict=True)] == [
        number == nth for number in range(1, MADE + 1)
    ]
    failure = HResult.of(told[nth - 1])
    assert failure is not None
    assert failure.failed


@EACH_OCCURRENCE
@pytest.mark.parametrize(
    "script",
    [
        ProviderFailure(to="ImportSnapshots", fails="VSS_E_PROVIDER_VETO"),
        ProviderReply(on="LocateLuns", fails="VSS_E_PROVIDER_VETO"),
    ],
)
def test_a_provider_that_fails_in_an_import(script: ProviderFailure | ProviderReply, nth: int) -> None:
    """The import of a set on a second machine: each is tried in the same world."""
    key = "failures" if isinstance(script, ProviderFailure) else "replies"
    scripted = msgspec.to_builtins(nth_of(script, nth))
    start = two_machines(two={"providers": [hardware(**{key: [scripted]}), SYSTEM]})
    _, _, document = exported(start)
    outcomes, providers = [], start.world.machines[1].providers
    for _ in range(MADE):
        again = start.fork()
        one, two = again.world.machines
        again.world = replace(again.world, machines=(one, replace(two, providers=providers)))
        operation = importing(again, document).import_snapshots()
        operation.wait()
        outcomes.append(operation.query_status().name)
        providers = again.world.machines[1].providers
    only_the(nth, outcomes, "VSS_E_PROVIDER_VETO", "VSS_S_ASYNC_FINISHED")


def played(key: str, script: Any, place: tuple[str, int] | None, **how: Any) -> Rounds:
    """Rounds in a world with one writer and this script."""
    rounds = Rounds(described(ONE_WRITER, key, script, place))
    rounds.play(**how)
    return rounds


def starts_again(rounds: Rounds) -> None:
    """A writer that crashed is started."""
    rounds.run.happen("writer starts", writer="sql")


TROUBLES: Final[dict[str, dict[str, Any]]] = {
    **{code.name: {"fails": code.name} for code in VETO_CODES},
    "not fatal": {"fails": "VSS_E_WRITERERROR_RETRYABLE", "fatal": False},
    "silent": {"silent": True, "seconds": 5.0},
    "crashes": {"crashes": True},
}
"""How a writer fails an event."""


@EACH_OCCURRENCE
@pytest.mark.parametrize("trouble", TROUBLES)
@pytest.mark.parametrize("event", EVENTS)
def test_a_writer_that_fails_an_event(event: str, trouble: str, nth: int) -> None:
    """A veto, retryable or not, a writer that never answers, one that is gone."""
    reply = nth_of(Reply(on=event, **TROUBLES[trouble]), nth)
    after = starts_again if trouble == "crashes" else None
    rounds = played("replies", reply, ("writers", 0), after=after, aborted=event == ABORT)
    failure = TROUBLES[trouble].get("fails", "VSS_E_WRITER_NOT_RESPONDING")
    only_the(nth, rounds.answers(event), failure, True)


@EACH_OCCURRENCE
@pytest.mark.parametrize(
    "event", sorted({one for name, row in handler_calls().items() if call_failures(name) for one in row.handlers})
)
def test_what_the_environment_answers_to_a_writer(event: str, nth: int) -> None:
    """Each failure that the pages name for a call in its handler."""
    calls = []
    for name, row in handler_calls().items():
        codes = [code.name for code in call_failures(name)]
        if event in row.handlers and codes:
            way = WAYS.get(name) or Way(event, dict.fromkeys(_inputs(name)))
            calls += [HandlerCall(call=name, arguments=way.good, returns=code) for code in codes]
    reply = nth_of(Reply(on=event, calls=tuple(calls)), nth)
    rounds = played("replies", reply, ("writers", 0), aborted=event == ABORT)
    heard = [one.calls for one in rounds.run.seen if one.name == event][:MADE]
    assert [len(lines) for lines in heard] == [len(calls) * (number == nth) for number in range(1, MADE + 1)]
    assert [line.answer and line.answer.name for line in heard[nth - 1]] == [call.returns for call in calls]


def _inputs(name: str) -> list[str]:
    return [one.name for one in signatures()[name].parameters if one.direction.value == "in"]


PROVIDER_TROUBLES: Final = (
    "VSS_E_PROVIDER_VETO",
    "VSS_E_INSUFFICIENT_STORAGE",
    "VSS_E_FLUSH_WRITES_TIMEOUT",
    "VSS_E_HOLD_WRITES_TIMEOUT",
    "VSS_E_UNEXPECTED_PROVIDER_ERROR",
)


@EACH_OCCURRENCE
@pytest.mark.parametrize("code", PROVIDER_TROUBLES)
@pytest.mark.parametrize("event", PROVIDER_EVENTS)
def test_a_provider_that_fails_a_step_of_a_creation(event: str, code: str, nth: int) -> None:
    """A veto, a lack of room, writes that could not be flushed or held."""
    rounds = played("replies", nth_of(ProviderReply(on=event, fails=code), nth), ("providers", 0))
    method = "AddToSnapshotSet" if event == PROVIDER_EVENTS[0] else "DoSnapshotSet"
    good = "S_OK" if event == PROVIDER_EVENTS[0] else "VSS_S_ASYNC_FINISHED"
    known = {**call_failures(full(method)), **result_failures(full(method))}
    told = code if HResult[code] in known else "VSS_E_UNEXPECTED_PROVIDER_ERROR"
    only_the(nth, rounds.results[method], told, good)


TICK: Final = 1e-7


@EACH_OCCURRENCE
@pytest.mark.parametrize("late", [False, True])
def test_the_hold_of_writes_that_takes_too_long(nth: int, late: bool) -> None:
    """Ten seconds are the limit, for the commit of a provider and for the flush of a volume; one tick more is late."""
    seconds = 10 + TICK * late
    commit = ProviderReply(on="CommitSnapshots", seconds=seconds)
    held = played("replies", nth_of(commit, nth), ("providers", 0)).results["DoSnapshotSet"]
    flush = SlowFlush(seconds=seconds)
    flushed = played("slowFlushes", nth_of(flush, nth), ("volumes", 0)).results["DoSnapshotSet"]
    good = "VSS_S_ASYNC_FINISHED"
    only_the(nth, held, "VSS_E_HOLD_WRITES_TIMEOUT" if late else good, good)
    only_the(nth, flushed, "VSS_E_FLUSH_WRITES_TIMEOUT" if late else good, good)


@EACH_OCCURRENCE
@pytest.mark.parametrize("late", [False, True])
def test_a_writer_that_is_frozen_too_long(nth: int, late: bool) -> None:
    """Sixty seconds from Freeze; after the last tick it gets Abort in place of Thaw."""
    reply = nth_of(Reply(on=FREEZE, seconds=60 + TICK * late), nth)
    rounds = played("replies", reply, ("writers", 0))
    names = [one.name for one in rounds.run.seen if one.name in (FREEZE, "Thaw", ABORT)]
    ends = [names[place + 1] for place, name in enumerate(names) if name == FREEZE]
    only_the(nth, ends, ABORT if late else "Thaw", "Thaw")


HANDLED: Final = {**FILE_CALLS, **BY_HANDLE}


def error_name(code: int) -> str:
    """The name of an answer of Windows."""
    return next(error.name for error in Win32Error if error == code)


def file_outcomes(world: Description, name: str) -> list[str]:
    """What a file or service call comes to each time, always in the same state of the disks."""
    start = Simulation(world)
    given = dict(HANDLED[name])
    if name in BY_HANDLE:
        opener = ("FindFirstFile", {"lpFileName": "C:\\db\\*"}) if name.startswith("Find") else ("CreateFile", _OPENED)
        handle = next(iter(start.call(opener[0], arguments=opener[1]).out.values()))
        given |= {"hFindFile" if name.startswith("Find") else "hObject" if name == "CloseHandle" else "hFile": handle}
    outcomes, counts = [], start.world.machines[0].win32_faults
    for _ in range(MADE):
        again = start.fork()
        state = replace(again.world.machines[0], win32_faults=counts)
        again.world = replace(again.world, machines=(state,))
        outcomes.append(error_name(again.call(name, arguments=given).answer))
        counts = again.world.machines[0].win32_faults
    return outcomes


_OPENED: Final = {"lpFileName": FILE, "dwDesiredAccess": "GENERIC_READ|GENERIC_WRITE", "dwShareMode": 7,
                  "dwCreationDisposition": "OPEN_EXISTING"}  # fmt: skip
WITH_FILES: Final = Description(machines=(machine_with_files(),))


@EACH_OCCURRENCE
@pytest.mark.parametrize("name", CALLS)
def test_a_file_or_service_call_that_windows_fails(name: str, nth: int) -> None:
    """Also one that a service refuses."""
    assert set(CALLS) == set(HANDLED)
    script = nth_of(Win32Fault(to=name, fails="ERROR_ACCESS_DENIED"), nth)
    told = file_outcomes(described(WITH_FILES, "win32Faults", script), name)
    only_the(nth, told, "ERROR_ACCESS_DENIED", "ERROR_SUCCESS")


@EACH_OCCURRENCE
@pytest.mark.parametrize("error", [error.name for error in Win32Error if error])
def test_every_error_of_windows(error: str, nth: int) -> None:
    """Whatever it is about; the bytes are there at the other times."""
    script = nth_of(Win32Fault(to="ReadFile", fails=error, path="C:\\db\\data.*"), nth)
    told = file_outcomes(described(WITH_FILES, "win32Faults", script), "ReadFile")
    only_the(nth, told, error, "ERROR_SUCCESS")


@EACH_OCCURRENCE
def test_a_delayed_move_that_fails(nth: int) -> None:
    """At the start of the machine, of those that were registered."""
    script = nth_of(Win32Fault(to=DELAYED_MOVE, fails="ERROR_SHARING_VIOLATION"), nth)
    simulation = Simulation(described(WITH_FILES, "win32Faults", script))
    for number in range(MADE):
        new = f"C:\\new{number}"
        simulation.call("WriteFile", arguments={"lpFileName": new, "content": "x"})
        move = {"lpExistingFileName": new, "lpNewFileName": f"{new}.moved", "dwFlags": "MOVEFILE_DELAY_UNTIL_REBOOT"}
        simulation.call("MoveFileEx", arguments=move)
    simulation.happens("reboot")
    names = [f"C:\\new{number}.moved" for number in range(MADE)]
    told = [error_name(simulation.call("ReadFile", arguments={"lpFileName": name}).answer) for name in names]
    only_the(nth, told, "ERROR_FILE_NOT_FOUND", "ERROR_SUCCESS")


KEYS: Final[dict[str, Any]] = {
    "seconds": 5.0,
    "process": "p",
    "writer": "W",
    "service": "SQL",
    "path": FILE,
    "volume": "D:\\",
    "lun": ARRAY_SNAPSHOT,
    "account": "guest",
    "groups": ("Users",),
}
"""What the keys of happenings say here."""


@EACH_OCCURRENCE
@pytest.mark.parametrize("after", ["GetFileAttributes", "CreateVssBackupComponents", "IUnknown::Release"])
@pytest.mark.parametrize("what", HAPPENINGS)
def test_what_happens_to_the_machine(what: str, after: str, nth: int) -> None:
    """Right after the call: crashes of a requester, a writer, VSS, a restart, services, files, room, rights, LUNs."""
    told = {key: KEYS[key] for key in HAPPENINGS[what].keys}
    script = nth_of(ScriptedHappening(after=after, happens=what, **told), nth)
    world = described(WORLDS["usual"] if "LUN" in what else WITH_FILES, "happenings", script)
    simulation = Simulation(world)
    for _ in range(MADE):
        simulation.call("GetFileAttributes", arguments={"lpFileName": "C:\\db"})
        made = simulation.call("CreateVssBackupComponents").out.get("ppBackup")
        if made in simulation.world.objects:
            simulation.call("IUnknown::Release", made)
    lines = list(simulation.lines())
    happened = [place for place, line in enumerate(lines) if line.get("happens") == what]
    assert len(happened) == 1
    for place in happened:
        assert lines[place - 1]["call"] == after
        assert sum(line.get("call") == after for line in lines[:place]) == nth
