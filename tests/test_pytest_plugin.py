"""The plugin for pytest: a simulated computer for each test, what it left behind, and what a failing test shows."""

import json
import re
import subprocess
import sys
from importlib.metadata import entry_points
from typing import Final

import pytest

import vss_sim
from tests.support import ROOT, check
from vss_sim import Simulation
from vss_sim.cli import main
from vss_sim.documents.world_file import read_world
from vss_sim.judge.findings import Outcome
from vss_sim.report.call_log import call_log
from vss_sim.trace.reader import LONGEST_LINE

pytest_plugins = ["pytester"]

EVERYTHING: Final = [getattr(vss_sim, name) for name in dir(vss_sim)]
"""Loaded here: what a test of pytester loads is forgotten after it, and would be loaded twice by tests that follow."""

PLUGIN: Final = "vss_sim.pytest_plugin"
BEGIN: Final = """
import pathlib, pytest
from vss_sim import ObjectType, SnapshotContext, create_backup_components

def begun(vss):
    requester = create_backup_components(vss)
    requester.initialize_for_backup()
    return requester

def with_a_set(vss, volume="C:\\\\"):
    requester = begun(vss)
    requester.set_context(SnapshotContext.NAS_ROLLBACK)
    requester.start_snapshot_set()
    requester.add_to_snapshot_set(volume)
    return requester
"""
PAGE: Final = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")


def run(pytester: pytest.Pytester, test: str, *words: str) -> pytest.RunResult:
    """A test file with these lines, run with the plugin, whether or not it is installed.

    It is run in this process, where the plugin's package is imported already, of which pytest warns.
    """
    pytester.makepyfile(BEGIN + test)
    shown = ("-W", "default", "-W", "ignore::pytest.PytestAssertRewriteWarning")
    return pytester.runpytest_inprocess(*shown, *_plugin(), *words)


def _plugin() -> list[str]:
    installed = any(point.value == PLUGIN for point in entry_points(group="pytest11"))
    return [] if installed else ["-p", PLUGIN]


LEFTOVERS: Final = """
def test_tidy(vss):
    begun(vss).release()

def test_object(vss):
    begun(vss)

def test_set(vss):
    with_a_set(vss)

def test_copy(vss):
    requester = with_a_set(vss)
    requester.do_snapshot_set().finish()
    requester.release()

def test_copy_deleted(vss):
    requester = with_a_set(vss)
    requester.do_snapshot_set().finish()
    requester.delete_snapshots(next(iter(vss.world.snapshots)), ObjectType.SNAPSHOT, False)
    requester.release()

BEFORE = {"snapshotId": "{22222222-0000-0000-0000-000000000001}", "setId": "{11111111-0000-0000-0000-000000000001}"}

@pytest.mark.vss(world={"machines": [{"volumes": [{"name": "C:\\\\"}], "snapshots": [BEFORE]}]})
def test_copy_of_before(vss):
    assert vss.world.snapshots

@pytest.mark.vss(leftovers="warn")
def test_warned(vss):
    begun(vss)

@pytest.mark.vss(leftovers="ignore")
def test_ignored(vss):
    begun(vss)
"""


def test_what_a_test_leaves_behind_fails_it(pytester: pytest.Pytester) -> None:
    """An object, a set that was begun, a shadow copy that stays; each by its name, and only of the test that did it."""
    done = run(pytester, LEFTOVERS)
    done.assert_outcomes(passed=8, errors=3, warnings=1)
    done.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_object*",
            "*IVssBackupComponents bc1 was never released (1 reference, handed out by CreateVssBackupComponents)",
            "*ERROR at teardown of test_set*",
            "*bc1 began a shadow copy set and neither created nor aborted it",
            "*ERROR at teardown of test_copy*",
            "*the shadow copy {*} of C:* stays until DeleteSnapshots",
            "*LeftoverWarning: the test leaves behind*",
        ]
    )


def test_what_becomes_of_leftovers_is_chosen(pytester: pytest.Pytester) -> None:
    """In the ini file, and on the command line before it."""
    pytester.makeini("[pytest]\nvss_leftovers = ignore\n")
    untidy = "def test_it(vss):\n    begun(vss)\n"
    run(pytester, untidy).assert_outcomes(passed=1)
    run(pytester, untidy, "--vss-leftovers=warn").assert_outcomes(passed=1, warnings=1)


def test_a_failing_test_shows_its_calls_and_the_findings(pytester: pytest.Pytester) -> None:
    """And is not asked what it left behind."""
    done = run(pytester, "def test_it(vss):\n    create_backup_components(vss).start_snapshot_set()\n")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(
        [
            "*VSS calls*",
            '*2  CreateVssBackupComponents → S_OK ppBackup="bc1"',
            "*3  bc1 IVssBackupComponents::StartSnapshotSet → VSS_E_BAD_STATE",
            "line:3: error: StartSnapshotSet was refused with VSS_E_BAD_STATE: the object is not initialised*",
            "*instead*IVssBackupComponents::InitializeForBackup*",
        ]
    )
    assert "never released" not in done.stdout.str().partition("VSS calls")[0]


def test_the_findings_are_those_on_the_computer_of_the_test() -> None:
    """What only this Windows refuses is an error there; who knows no computer cannot say so."""
    machine = {"os": "Windows Server 2003", "volumes": [{"name": "C:\\"}]}
    simulation = Simulation(read_world({"machines": [machine]}))
    on = str(simulation.call("CreateVssBackupComponents").out["ppBackup"])
    simulation.call("IVssBackupComponents::InitializeForBackup", on, {"bstrXML": None})
    context = {"lContext": "VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_NO_AUTORECOVERY"}
    simulation.call("IVssBackupComponents::SetContext", on, context)
    assert "line:4: error: SetContext was refused" in call_log(simulation)
    assert "set-context-attributes-since" in call_log(simulation)


def test_a_test_without_the_fixture_shows_nothing(pytester: pytest.Pytester) -> None:
    """Its report is as ever."""
    done = run(pytester, "def test_it():\n    assert False\n")
    done.assert_outcomes(failed=1)
    done.stdout.no_fnmatch_line("*VSS calls*")


def test_the_world_comes_from_the_nearest_that_names_one(pytester: pytest.Pytester) -> None:
    """A fixture of the user's, the marker, the command line, the ini file."""
    for name in ("mark", "option", "ini", "own"):
        world = {"machines": [{"name": name, "volumes": [{"name": "C:\\"}]}]}
        (pytester.path / f"{name}.json").write_text(json.dumps(world), encoding="utf-8")
    pytester.makeini("[pytest]\nvss_world = ini.json\n")
    named = "def test_{0}(vss):\n    assert vss.world.description.machines[0].name == {0!r}\n"
    marked = '@pytest.mark.vss(world="mark.json")\n' + named.format("mark")
    run(pytester, marked + named.format("option"), "--vss-world=option.json").assert_outcomes(passed=2)
    own = "class TestOwn:\n    @pytest.fixture\n    def vss_world(self):\n        from vss_sim import read_world\n"
    own += "        return read_world(pathlib.Path('own.json').read_text())\n\n"
    own += "    def test_it(self, vss):\n        assert vss.world.description.machines[0].name == 'own'\n"
    run(pytester, named.format("ini") + own).assert_outcomes(passed=2)
    near = '    @pytest.mark.vss(world="mark.json")\n    def test_{0}(self, vss):\n'
    near += "        assert vss.world.description.machines[0].name == {0!r}\n"
    run(pytester, own + near.format("mark")).assert_outcomes(passed=2)
    built = "@pytest.fixture\ndef vss_world(vss_world):\n    from msgspec.structs import replace\n"
    built += "    (one,) = vss_world.machines\n"
    built += "    return replace(vss_world, machines=(replace(one, name='own ' + one.name),))\n"
    built += '@pytest.mark.vss(world="mark.json")\ndef test_it(vss):\n'
    built += "    assert vss.world.description.machines[0].name == 'own mark'\n"
    run(pytester, built).assert_outcomes(passed=1)


def test_the_profile_is_chosen(pytester: pytest.Pytester) -> None:
    """On the command line, or nearer by the marker."""
    said = "def test_it(vss):\n    assert vss.world.profile.value == 'documented'\n"
    nearer = (
        "@pytest.mark.vss(profile='windows')\ndef test_near(vss):\n    assert vss.world.profile.value == 'windows'\n"
    )
    run(pytester, said + nearer, "--vss-profile=documented").assert_outcomes(passed=2)


WRONG: Final = {
    "world='none.json'": "*none.json: *No such file*",
    "world={'machines': [{'volume': []}]}": "*the world of the marker: *volume*",
    "world=42": "*the world of the marker is 42; expected a file*",
    "profile='vista'": "*vss_profile is 'vista'; expected one of windows, documented*",
    "wrld='lab.json'": "*pytest.mark.vss takes world=, profile=, leftovers= and nothing else*",
}


def test_what_is_wrong_is_said_at_the_test(pytester: pytest.Pytester) -> None:
    """The file or the word, and what was expected."""
    tests = [f"@pytest.mark.vss({mark})\ndef test_{place}(vss):\n    pass\n" for place, mark in enumerate(WRONG)]
    done = run(pytester, "\n".join(tests))
    done.assert_outcomes(errors=len(WRONG))
    for says in WRONG.values():
        done.stdout.fnmatch_lines([says])
    done.stdout.no_fnmatch_line("*pytest_plugin.py:*")
    done.stdout.no_fnmatch_line("*During handling of*")


@pytest.mark.parametrize(
    ("returns", "says"),
    [
        ("42", "what the fixture vss_world returns is 42; expected a file, or what read_world takes or returns*"),
        ("{'machines': []}", "what the fixture vss_world returns: machines: a world has at least one machine*"),
    ],
)
def test_a_fixture_of_the_users_that_returns_no_world_is_named(
    returns: str, says: str, pytester: pytest.Pytester
) -> None:
    """It takes what the marker takes."""
    own = f"@pytest.fixture\ndef vss_world():\n    return {returns}\n\ndef test_it(vss):\n    pass\n"
    done = run(pytester, own)
    done.assert_outcomes(errors=1)
    done.stdout.fnmatch_lines([says.replace("[", "[[")])


def test_a_fixture_of_the_users_may_describe_the_computer_as_the_marker_does(pytester: pytest.Pytester) -> None:
    """By a mapping, or by a file beside the test."""
    world = {"machines": [{"name": "own"}]}
    (pytester.path / "own.json").write_text(json.dumps(world), encoding="utf-8")
    for returns in (world, "own.json"):
        own = f"@pytest.fixture\ndef vss_world():\n    return {returns!r}\n\n"
        run(pytester, own + "def test_it(vss):\n    assert vss.machine('own')\n").assert_outcomes(passed=1)


def test_the_calls_are_written_down(pytester: pytest.Pytester) -> None:
    """A log a test, whether it passes or fails, with a name of its own; the checker reads it.

    It takes no log without calls, so none is written.
    """
    test = "@pytest.mark.parametrize('name', ['a', 'b/c', 'b c'])\ndef test_it(vss, name):\n    begun(vss).release()\n"
    test += "def test_no_call(vss):\n    vss.happens('time passes', seconds=1)\n"
    run(pytester, test, "--vss-record=logs").assert_outcomes(passed=4)
    logs = sorted((pytester.path / "logs").glob("*.jsonl"))
    assert len(logs) == 3
    header, *lines = [json.loads(line) for line in logs[0].read_text(encoding="utf-8").splitlines()]
    assert header["vss-trace"] == 1
    assert header["id"].endswith("::test_it[a]")
    assert check(lines, world=header["world"]).outcome is Outcome.CONFORMS


def test_logs_that_have_no_place_are_told(pytester: pytest.Pytester) -> None:
    """By the option, without the lines of the plugin."""
    (pytester.path / "logs").write_text("a file")
    done = run(pytester, "def test_it(vss):\n    begun(vss).release()\n", "--vss-record=logs")
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines(["--vss-record: *logs*"])
    done.stdout.no_fnmatch_line("*pytest_plugin.py:*")


def test_who_does_not_use_it_pays_nothing() -> None:
    """The plugin alone imports nothing of the simulator."""
    program = f"import sys, {PLUGIN}; print([name for name in sys.modules if name.startswith(('vss_sim.', 'msgspec'))])"
    line = [sys.executable, "-c", program]
    done = subprocess.run(line, capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == f"['{PLUGIN}']\n"


def test_the_page_tells_the_truth(pytester: pytest.Pytester) -> None:
    """Its test is run, and shows what stands below it."""
    program, shown = re.findall(r"```(?:python|text)\n(.+?)```", PAGE, re.DOTALL)[:2]
    pytester.makepyfile(test_backup=program)
    done = pytester.runpytest_inprocess(*_plugin())
    done.assert_outcomes(passed=1, errors=1)
    done.stdout.fnmatch_lines([line.replace("[", "[[]") for line in shown.splitlines()])


REFUSED: Final = """
def ask(requester):
    requester.add_to_snapshot_set("C:\\\\")

def test_refused(vss):
    with begun(vss) as requester:
        ask(requester)

def test_not_bytes(vss):
    vss.machine().files.write_file("C:\\\\a", "text")
"""


def test_an_error_is_shown_where_the_program_made_the_call(pytester: pytest.Pytester) -> None:
    """Not how the simulator came to it, unless that is asked for, or is no word of its own."""
    shown = run(pytester, REFUSED, "-k", "refused").stdout.str()
    assert re.search(r"> +requester\.add_to_snapshot_set.*\nE +vss_sim.*VssError: .*VSS_E_BAD_STATE", shown)
    assert "interface.py" not in shown
    assert "interface.py" in run(pytester, REFUSED, "-k", "refused", "--full-trace").stdout.str()
    assert "computer.py" in run(pytester, REFUSED, "-k", "bytes").stdout.str()


def test_what_came_of_a_call_stands_in_the_log_of_calls() -> None:
    """The ids before it are told by their beginnings and ends, where the line is too long for them."""
    writer = {"name": "Shop", "writerId": "{a1a1a1a1-0000-4000-8000-00000000abcd}"}
    simulation = Simulation(read_world({"machines": [{"writers": [writer]}]}))
    with vss_sim.create_backup_components(simulation) as requester:
        requester.initialize_for_backup()
        requester.gather_writer_metadata().finish()
        requester.gather_writer_status().finish()
        requester.get_writer_status_count()
        requester.get_writer_status(0)
    (line,) = [line for line in call_log(simulation).splitlines() if "::GetWriterStatus " in line]
    assert 'pidWriter="{a1a1a1a1...abcd}", pbstrWriter="Shop"' in line
    assert line.endswith('pnStatus="VSS_WS_STABLE", phResultFailure="S_OK"')
    assert "Identify → {a1a1a1a1-0000-4000-8000-00000000abcd}: true" in call_log(simulation)


BIG: Final = r"""
PARTS = [{"name": f"c{n}", "files": [{"path": f"C:\\{n}" + "x" * 200, "filespec": "*"}]} for n in range(4500)]
WRITER = {"name": "W", "writerId": "{a1a1a1a1-0000-4000-8000-00000000abcd}", "components": PARTS}
WORLD = {"machines": [{"writers": [WRITER]}]}

@pytest.mark.vss(world=WORLD, leftovers="ignore")
def test_large(vss):
    with begun(vss) as requester:
        requester.gather_writer_metadata().finish()
        requester.get_writer_metadata(0).metadata.save_as_xml()
    vss.call("DeleteFile", None, {"lpFileName": "C:\\half \ud800"})
    assert vss is None
"""


def test_a_line_that_no_trace_takes_is_cut_for_the_report_and_for_the_log(pytester: pytest.Pytester) -> None:
    """A document of more than a line, and half a character in a name: the test fails by itself, and the log is read."""
    done = run(pytester, BIG, "--vss-record=logs")
    done.assert_outcomes(failed=1)
    done.stdout.fnmatch_lines(["*::SaveAsXML*", "the checker finds nothing wrong in these calls"])
    (log,) = (pytester.path / "logs").glob("*.jsonl")
    text = log.read_text(encoding="utf-8")
    assert max(map(len, text.splitlines())) < LONGEST_LINE
    assert "half \ufffd" in text
    assert main(["check", "--quiet", str(log)]) == 0
