"""The runner of the suite: whatever an implementation does, every case has its result, and the report is whole."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.case import Selection
from conformance.command import main
from conformance.dialogue import BrokenError
from conformance.dialogue import put as put_case
from conformance.implementation import Implementation, NoProgramError
from conformance.reports.words import argument
from conformance.results import Verdict, rule_verdicts
from tests.conformance_runs import CASES, PYTHON, SOME, conform, put, unsteady
from tests.support import ROOT
from tests.unsteady import MARK


def test_the_simulator_behind_its_own_wire_passes_everything() -> None:
    """Every case of the suite, by the command that a user gives."""
    done = conform("--format", "json", "--jobs", "2")
    report = json.loads(done.stdout)
    verdicts = [case["verdict"] for case in report["cases"]]
    assert done.returncode == 0, done.stdout[-2000:]
    assert set(verdicts) == {"passed", "skipped"}
    assert report["implementation"].startswith("vss-sim ")
    assert {case["case"] for case in report["cases"]} == {case.id for case in Selection().of(CASES)}
    assert not [rule for rule in report["rules"] if rule["verdict"] == "broken"]


HOWS: Final = (
    "crashes",
    "hangs",
    "says half",
    "writes garbage",
    "writes a list",
    "writes deep",
    "writes without end",
    "answers twice",
    "answers another",
)


@pytest.mark.parametrize("how", HOWS)
def test_what_goes_wrong_costs_the_one_case(how: str) -> None:
    """Results reached before stay, the program is started anew, and the other cases are judged as ever."""
    done = put(unsteady(how, 400), SOME, limit=4.0 if how == "hangs" else 60.0, jobs=1)
    assert [result.case.id for result in done.results] == [case.id for case in SOME]
    failed = [result for result in done.results if result.verdict is Verdict.FAILED]
    assert 1 <= len(failed) <= 12
    assert done.count(Verdict.PASSED) == len(SOME) - len(failed)
    assert all(result.fault is not None and result.talk for result in failed)
    assert done.exit_code == 1
    assert not done.stopped


def test_a_crash_is_held_against_it_in_a_disputed_case_too() -> None:
    """No page allows that; whether it dies at the first message or later."""
    disputed = [case for case in SOME if not case.settled]
    assert disputed
    for every in (1, 2):
        done = put(unsteady("crashes", every), disputed[:1])
        assert [result.verdict for result in done.results] == [Verdict.FAILED]


def test_a_crash_is_told_with_its_last_words() -> None:
    """How it ended, and what it said on standard error."""
    done = put(unsteady("crashes", 2), SOME[:1])
    fault = done.results[0].fault
    assert fault is not None
    assert "exit code 3" in fault.says
    assert "said the unsteady one" in fault.says
    assert argument(fault)[0] == "no rule is broken by that; it was asked about"


LEAVES_A_CHILD: Final = """
import subprocess, sys
subprocess.Popen([sys.executable, "-S", "-c", "import time; time.sleep(20)"], start_new_session=True)
"""


def test_a_child_that_outlives_the_program_keeps_nobody_waiting() -> None:
    """It holds the pipes of a program that has ended, in a session of its own: the case is over all the same."""
    begun = time.monotonic()
    with Implementation((PYTHON, "-S", "-c", LEAVES_A_CHILD), 15.0) as program:
        program.begin()
        with pytest.raises(BrokenError, match="it ended instead of a reply with exit code 0"):
            program.say({"start": {}, "id": 1})
        program.end(fresh=True)
    assert time.monotonic() - begun < 12


def test_a_program_that_reads_nothing_is_ended_in_time() -> None:
    """However much it is told: no pipe is waited for longer than the case may take."""
    with Implementation((PYTHON, "-S", "-c", "import time; time.sleep(60)"), 0.7) as program:
        program.begin()
        with pytest.raises(BrokenError, match=r"no reply within 0\.7 seconds"):
            program.say({"start": {"world": "x" * 5_000_000}, "id": 1})
        program.end(fresh=True)


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"skipped": None}, "expected the reason"),
        ({"skipped": " "}, "expected the reason"),
        ({"events": 7}, "expected a list of objects"),
        ({"events": [1]}, "expected a list of objects"),
        ({"returns": "S_OK", "out": [1]}, "expected a reply with"),
        (
            {"out": {}},
            'expected a reply with "returns", the answer by name, and "out", an object; got {"returns": null',
        ),
        ({"returns": True}, "it answered true, which is no name or number of an HRESULT; expected S_OK"),
        ({"returns": None}, "it answered null, which is no name or number of an HRESULT; expected S_OK"),
        ({"returns": 2**32}, "it answered 4294967296, which is no name or number"),
        ({"returns": 0.0}, "it answered 0.0, which is no name or number"),
        ({"returns": "S_OK", "out": {}}, "ppBackup is None; expected 'a handle'"),
    ],
)
def test_a_reply_of_the_wrong_form_breaks_no_rule(more: dict[str, Any], says: str) -> None:
    """The case fails, and says what was expected; there was nothing to judge."""
    result = put_case(SOME[0], lambda said: {"id": said["id"], **({} if "start" in said else more)})
    assert result.verdict is Verdict.FAILED
    assert result.fault is not None
    assert says in result.fault.says
    assert {one.verdict for one in rule_verdicts([result])} == {"not judged"}


def test_killed_at_any_moment_it_loses_no_result() -> None:
    """The program is killed over and over, whenever it happens to be; each case has a result, and most pass."""
    done = put(unsteady("dies at any moment", 20), SOME)
    assert [result.case.id for result in done.results] == [case.id for case in SOME]
    judged = {Verdict.PASSED, Verdict.FAILED}
    assert [(one.case.id, one.reason, one.talk) for one in done.results if one.verdict not in judged] == []
    assert done.count(Verdict.PASSED) > 0
    assert done.count(Verdict.FAILED) > 0
    for result in done.results:
        assert result.fault is None or "it ended" in result.fault.says


def test_a_program_that_never_answers_is_given_up() -> None:
    """No hour is spent on a command that does not speak the wire; what was not run is said to be so."""
    done = put((PYTHON, "-S", "-c", "pass"), SOME)
    assert "does not speak the wire" in done.stopped
    assert done.count(Verdict.NOT_RUN) > 0
    assert done.exit_code == 1


def test_a_command_that_is_not_there_cannot_be_judged() -> None:
    """Exit code 2, and what is wrong."""
    with pytest.raises(NoProgramError):
        put(("/nowhere/at/all",), SOME)
    done = conform(command=("/nowhere/at/all",))
    assert done.returncode == 2
    assert "there is no such program" in done.stderr


def test_an_implementation_may_skip_with_a_reason(tmp_path: Path) -> None:
    """What it cannot do is no failure; where it skips everything, nothing was judged, which is one."""
    program = tmp_path / "lazy.py"
    program.write_text(
        "import json, sys\n"
        "for line in sys.stdin:\n"
        "    print(json.dumps({'id': json.loads(line)['id'], 'skipped': 'not today'}), flush=True)\n"
    )
    done = put((PYTHON, str(program)), SOME[:3])
    assert {result.verdict for result in done.results} == {Verdict.SKIPPED}
    assert {result.reason for result in done.results} == {"not today"}
    assert done.exit_code == 2


def test_the_interrupted_run_tells_what_it_reached(tmp_path: Path) -> None:
    """Ctrl-C ends the run in order: a whole report, exit code 130."""
    command = unsteady("hangs", 300)
    line = [PYTHON, "-m", "conformance", "--format", "json", "--jobs", "1", "--limit", "60", "--", *command]
    hangs = tmp_path / "hangs"
    environment = {**os.environ, MARK: str(hangs)}
    with subprocess.Popen(line, stdout=subprocess.PIPE, cwd=ROOT, start_new_session=True, env=environment) as process:
        while not hangs.exists() and process.poll() is None:
            time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        try:
            out, _ = process.communicate(timeout=20)
        finally:
            process.kill()
    report = json.loads(out)
    assert len(report["cases"]) == len(Selection().of(CASES))
    verdicts = [case["verdict"] for case in report["cases"]]
    assert report["stopped"] == "interrupted"
    assert process.returncode == 130
    assert set(verdicts) == {"passed", "not run"}


def test_interrupted_before_the_run_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """While the cases are read: with the exit code of an interrupted run, and no traceback."""

    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("conformance.command.find_cases", interrupted)
    assert main(["--", "true"]) == 130
    assert capsys.readouterr().err == "python -m conformance: interrupted before the run; nothing was judged\n"
