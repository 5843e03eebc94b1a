"""For people who test a requester with pytest: a simulated computer for each test, and a look at what it leaves behind.

`vss` is a fresh `Simulation` in the world that a marker, the command line or the ini file names. A test that passes and
leaves something behind - an object, a set that was begun, a shadow copy that stays for ever, a LUN - fails at its
teardown; one that fails shows its calls and what the checker says of them. Nothing of the simulator is imported before
a test asks for it.
"""

import json
import re
import warnings
from collections.abc import Generator
from hashlib import sha1
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NoReturn

import pytest

if TYPE_CHECKING:
    from vss_sim import Simulation
    from vss_sim.model.computer import Description

_MARK: Final = "vss"
_KEYS: Final = ("world", "profile", "leftovers")
_PROFILES: Final = ("windows", "documented")
_DEEDS: Final = ("fail", "warn", "ignore")
_SIMULATION: "Final[pytest.StashKey[Simulation]]" = pytest.StashKey()
_PASSED: Final[pytest.StashKey[bool]] = pytest.StashKey()
_HEARD: Final[pytest.StashKey[bool]] = pytest.StashKey()
"""Whether the fixture `vss_world` of this plugin was asked, and with it the marker."""
_NO_NAME: Final = re.compile(r"[^\w.\-]+")
_LONGEST_NAME: Final = 120


class LeftoverWarning(UserWarning):
    """A test left something behind in its simulated computer, and was told to be warned only."""


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options, and the same in the ini file."""
    group = parser.getgroup("vss", "simulated Volume Shadow Copy Service")
    group.addoption("--vss-world", metavar="FILE", help="the world file of the fixture `vss`")
    group.addoption(
        "--vss-profile", choices=_PROFILES, help="what real Windows does (windows), or the pages to the letter"
    )
    group.addoption("--vss-leftovers", choices=_DEEDS, help="what a test that leaves something behind does (fail)")
    group.addoption(
        "--vss-record", metavar="DIR", help="write the calls of each test there, as a log for vss-sim check"
    )
    parser.addini("vss_world", "the world file of the fixture `vss`, from the folder of this file")
    parser.addini("vss_profile", "windows or documented", default="windows")
    parser.addini("vss_leftovers", "fail, warn or ignore", default="fail")


def pytest_configure(config: pytest.Config) -> None:
    """The marker by which a test says what it needs."""
    config.addinivalue_line(
        "markers", 'vss(world=..., profile="windows", leftovers="fail"): the simulated computer of this test'
    )


@pytest.fixture
def vss_world(request: pytest.FixtureRequest) -> "Description":
    r"""The computer that the simulation begins with; override it to describe one in Python, as the marker does.

    It is what the marker says (a file beside the test, or what `read_world` takes), else `--vss-world`, else the ini
    file, else one machine with `C:\`. A marker of the test itself is heard where it is overridden, too.
    """
    from vss_sim.model.computer import Description  # noqa: PLC0415 - loaded when a test asks for it

    request.node.stash[_HEARD] = True
    given = _world_of(request)
    return Description() if given is None else _described(given, "the world of the marker")


def _described(given: Any, what: str) -> "Description":
    """What a test says of its computer, read."""
    from vss_sim.documents.errors import WorldError  # noqa: PLC0415 - loaded when a test asks for it
    from vss_sim.documents.world_file import read_world  # noqa: PLC0415
    from vss_sim.model.computer import Description  # noqa: PLC0415

    if isinstance(given, Description):
        return given
    if not isinstance(given, (Path, dict)):
        _refuse(f"{what} is {given!r}; expected a file, or what read_world takes or returns")
    world, wrong = None, ""
    try:
        world = read_world(given.read_text(encoding="utf-8") if isinstance(given, Path) else given)
    except OSError as error:
        wrong = error.strerror or str(error)
    except (UnicodeDecodeError, WorldError) as error:
        wrong = str(error)
    if world is None:  # said here, so that pytest does not tell of the error twice
        _refuse(f"{given if isinstance(given, Path) else what}: {wrong}")
    return world


def _refuse(says: str) -> NoReturn:
    """What a test, or the ini file, says of its computer is wrong: said without the lines of this plugin."""
    pytest.fail(says, pytrace=False)


def _world_of(request: pytest.FixtureRequest) -> Any:
    """A path, a mapping, a description, or nothing."""
    marked = _beside(request, _marked(request.node, "world"))
    if marked is not None:
        return marked
    config = request.config
    option = config.getoption("vss_world")
    if option:
        return config.invocation_params.dir / option
    named = config.getini("vss_world")
    return (config.inipath or config.rootpath / "none").parent / named if named else None


def _beside(request: pytest.FixtureRequest, given: Any) -> Any:
    """A file is one beside the test."""
    return request.path.parent / given if isinstance(given, (str, Path)) else given


@pytest.fixture
def vss(request: pytest.FixtureRequest, vss_world: "Description") -> "Generator[Simulation, None, None]":
    """A simulation of its own for this test; at its end the test is asked what it left behind."""
    from vss_sim import Profile, Simulation  # noqa: PLC0415 - loaded when a test asks for it

    marked = None if _HEARD in request.node.stash else _marked(request.node, "world", itself=True)
    if marked is not None:
        world = _described(_beside(request, marked), "the world of the marker")
    else:
        world = _described(_beside(request, vss_world), "what the fixture vss_world returns")
    profile = _chosen(request.node, "profile", _PROFILES)
    leftovers = _chosen(request.node, "leftovers", _DEEDS)
    simulation = Simulation(world, Profile(profile))
    request.node.stash[_SIMULATION] = simulation
    yield simulation
    folder = request.config.getoption("vss_record")
    if folder:
        _record(simulation, request.config.invocation_params.dir / folder, request.node.nodeid)
    if leftovers != "ignore" and request.node.stash.get(_PASSED, False):
        _look_behind(simulation, fails=leftovers == "fail")


def _look_behind(simulation: "Simulation", *, fails: bool) -> None:
    from vss_sim.report.leftovers import leftovers  # noqa: PLC0415 - loaded when a test asks for it

    found = leftovers(simulation)
    if not found:
        return
    says = "\n".join(("the test leaves behind in its simulated computer:", *(f"  {one}" for one in found)))
    if fails:
        pytest.fail(says, pytrace=False)
    warnings.warn(LeftoverWarning(says), stacklevel=2)


def _marked(node: pytest.Item, key: str, *, itself: bool = False) -> Any:
    """What the nearest marker that has this key says; a key that is none is an error of the test.

    `itself`: of those of the test, without those of its class and its module.
    """
    for mark in node.iter_markers(_MARK):
        if mark.args or set(mark.kwargs) - set(_KEYS):
            says = f"pytest.mark.vss takes {', '.join(f'{name}=' for name in _KEYS)} and nothing else"
            _refuse(f"{node.nodeid}: {says}")
        if key in mark.kwargs and (not itself or mark in node.own_markers):
            return mark.kwargs[key]
    return None


def _chosen(node: pytest.Item, key: str, choices: tuple[str, ...]) -> str:
    """The word of the marker, else of the command line, else of the ini file."""
    config = node.config
    said = _marked(node, key) or config.getoption(f"vss_{key}") or config.getini(f"vss_{key}")
    if said not in choices:
        _refuse(f"vss_{key} is {said!r}; expected one of {', '.join(choices)}")
    return str(said)


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, None]:
    """A test that fails shows what it said to VSS, and what the checker says of that."""
    if call.excinfo is not None and not item.config.getoption("fulltrace") and _SIMULATION in item.stash:
        _end_at_the_program(call.excinfo.value)
    outcome = yield
    report: pytest.TestReport = outcome.get_result()
    simulation = item.stash.get(_SIMULATION, None)
    if simulation is None:
        return
    if call.when == "call":
        item.stash[_PASSED] = report.passed
    if report.failed and any(simulation.lines()):
        from vss_sim.report.call_log import call_log  # noqa: PLC0415 - loaded when a test has failed

        report.sections.append(("VSS calls", call_log(simulation)))


def _end_at_the_program(error: BaseException) -> None:
    """Leave the simulator's own lines out of an error that is its word: the last that stays is the program's call."""
    if not _is_ours(type(error).__module__):
        return
    trace, last = error.__traceback__, None
    while trace is not None:
        if not _is_ours(trace.tb_frame.f_globals.get("__name__", "")):
            last = trace
        trace = trace.tb_next
    if last is not None:
        last.tb_next = None


def _is_ours(module: str) -> bool:
    return module.startswith("vss_sim.")


def _record(simulation: "Simulation", folder: Path, nodeid: str) -> None:
    """The calls of a test as a log, in a file named for it; a test that made none is no log."""
    if not any("call" in line for line in simulation.lines()):
        return
    from vss_sim.documents.world_file import write_world  # noqa: PLC0415 - loaded when it is wanted
    from vss_sim.trace.writer import fitting  # noqa: PLC0415 - loaded when it is wanted

    world = json.loads(write_world(simulation.world.description))
    header = {"vss-trace": 1, "id": nodeid, "profile": simulation.world.profile.value, "world": world}
    lines = b"".join(fitting(line) + b"\n" for line in (header, *simulation.lines()))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{_file_name(nodeid)}.jsonl").write_bytes(lines)
    except OSError as error:
        wrong = str(error)
    else:
        return
    _refuse(f"--vss-record: {wrong}")


def _file_name(nodeid: str) -> str:
    """A name for the file system; where letters were lost, with a sum, so that no two tests share it."""
    plain = nodeid.replace("::", "-").replace("/", "-").replace(".py", "")
    name = _NO_NAME.sub("-", plain).strip("-")[:_LONGEST_NAME]
    return name if name == plain else f"{name}-{sha1(nodeid.encode(), usedforsecurity=False).hexdigest()[:8]}"
