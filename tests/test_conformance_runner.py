"""The runner of the suite: whatever an implementation does, every case has its result, and the report is whole."""

import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.case import Case, CaseError, Selection, find_cases, read_case
from conformance.command import main
from conformance.dialogue import BrokenError
from conformance.dialogue import put as put_case
from conformance.implementation import Implementation, NoProgramError
from conformance.reports.text import text_report
from conformance.reports.words import argument
from conformance.results import Run, Verdict, rule_verdicts
from conformance.runner import Setting, run
from tests.complete_cases import InProcess
from tests.support import ROOT
from tests.unsteady import MARK
from tests.wire_clients import SERVE

PYTHON: Final = sys.executable
CASES: Final = find_cases()
SOME: Final = Selection(run=("backup/*",)).of(CASES)


def unsteady(how: str, every: int) -> tuple[str, ...]:
    """The command of an implementation that misbehaves."""
    return (PYTHON, "-m", "tests.unsteady", how, str(every))


def put(command: tuple[str, ...], cases: list[Case], **setting: Any) -> Run:
    """A run with two workers."""
    return run(command, cases, Setting(**{"jobs": 2, "limit": 5.0, **setting}))


def conform(*words: str, command: tuple[str, ...] = tuple(SERVE)) -> subprocess.CompletedProcess[str]:
    """The command line of the folder."""
    line = [PYTHON, "-m", "conformance", *words, "--", *command]
    return subprocess.run(line, capture_output=True, text=True, check=False, timeout=120, cwd=ROOT)


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


def test_the_text_says_which_rules_are_broken_and_why_most_was_skipped() -> None:
    """A verdict for a rule is looked for by its name; a hundred reasons for skipping are not read."""
    partner = InProcess()

    def say(said: dict[str, Any]) -> dict[str, Any]:
        reply = partner.say(said)
        return {**reply, "returns": "S_OK"} if str(said.get("call")).endswith("::SetContext") else reply

    result = put_case(next(case for case in CASES if case.id == "contexts/set-context-twice"), say)
    assert result.fault is not None
    said = text_report(Run(("mine",), "mine", (result,), 0.0))
    assert f"broken: {result.fault.rules[0]}: contexts/set-context-twice\n" in said
    cases = [replace(result, verdict=Verdict.SKIPPED, fault=None, reason=f"no {number}") for number in range(30)]
    assert "skipped 20: for 20 other reasons (--format json)\n" in text_report(
        Run(("mine",), "mine", tuple(cases), 0.0)
    )


def test_zero_cases_are_a_failure() -> None:
    """A run over nothing proves nothing."""
    done = conform("--run", "nothing/*")
    assert done.returncode == 2
    assert "no case is selected" in done.stderr


@pytest.mark.parametrize(
    "words", [["--shard", "3/2"], ["--jobs", "0"], ["--limit", "-1"], ["--level", "may"], ["--ru"]]
)
def test_an_option_that_is_wrong_says_so(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, with the option and what was expected."""
    with pytest.raises(SystemExit) as end:
        main([*words, "--", "true"])
    assert end.value.code == 2
    assert words[0] in capsys.readouterr().err


def test_what_is_selected_is_run() -> None:
    """Globs, rules, level, profile, system; the shards together are the whole, none twice."""
    whole = Selection().of(CASES)
    assert all(case.id.startswith("restore/") for case in Selection(run=("restore/*",)).of(CASES))
    assert not [case for case in Selection(skip=("restore/*",)).of(CASES) if case.area == "restore"]
    once = Selection(rules=("seq-setcontext-once",)).of(CASES)
    assert once
    assert all("seq-setcontext-once" in case.rules for case in once)
    musts = Selection(level="must").of(CASES)
    assert 0 < len(musts) < len(whole)
    assert all(any(rule.level == "must" for rule in case.known_rules) for case in musts)
    assert Selection(level="should").of(CASES) == whole
    assert {case.profile for case in Selection(profile="documented").of(CASES)} == {"documented"}
    assert {case.systems for case in Selection(systems=("Windows Server 2003*",)).of(CASES)} != set()
    parts = [case.id for part in (1, 2, 3) for case in Selection(shard=(part, 3)).of(CASES)]
    assert sorted(parts) == [case.id for case in whole]


def test_known_failures_have_reasons_and_stay_true(tmp_path: Path) -> None:
    """A listed case that passes fails the run; one without a reason, or of no case, is refused with its line."""
    known = tmp_path / "known.txt"
    name = SOME[0].id
    known.write_text(f"# why we know\n{name}: our Freeze is late\n")
    done = conform("--run", name, "--known", str(known))
    assert done.returncode == 1
    assert "unexpected pass" in done.stdout
    assert "our Freeze is late" in done.stdout
    broken = conform("--run", name, "--known", str(known), command=unsteady("crashes", 2))
    assert broken.returncode == 0
    assert "1 known failure" in broken.stdout
    for text, says in ((f"{name}\n", "expected a case, a colon and a reason"), ("a/b: c\n", "there is no case 'a/b'")):
        known.write_text(text)
        wrong = conform("--known", str(known))
        assert wrong.returncode == 2
        assert f"known.txt:1: {says}" in wrong.stderr


def test_one_case_is_reproduced_with_its_whole_conversation() -> None:
    """Every line as it went over the wire, then the verdict."""
    name = next(case.id for case in SOME if case.verdict == "conforms")
    done = conform("--reproduce", name)
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert json.loads(lines[0].removeprefix("> "))["start"]["world"]["machines"]
    assert all(line.startswith("> " if number % 2 == 0 else "< ") for number, line in enumerate(lines[:-1]))
    assert lines[-1] == f"{name}: passed"


@pytest.mark.parametrize("option", ["--reproduce", "--run"])
def test_a_case_for_checkers_is_put_to_nobody_and_says_why(option: str) -> None:
    """Abort without a cause is the fault of a VSS: the right one, which sends none, is not blamed for that."""
    done = conform(option, "events/abort-without-a-cause")
    assert done.returncode == 2
    assert not done.stdout
    assert "is put to nobody: VSS is at fault (Abort, writer-onabort-causes)" in done.stderr


def test_the_reports_say_the_same(tmp_path: Path) -> None:
    """Text, JSON, JUnit XML and HTML of one run: the same cases, the same failures."""
    names = [tmp_path / f"report{ending}" for ending in (".txt", ".json", ".xml", ".html")]
    reports = [word for name in names for word in ("--report", str(name))]
    done = conform("--run", "backup/*", "--jobs", "1", *reports, command=unsteady("answers another", 397))
    text, json_text, xml, html = (name.read_text(encoding="utf-8") for name in names)
    assert text == done.stdout
    report = json.loads(json_text)
    failed = {case["case"]: case for case in report["cases"] if case["verdict"] == "failed"}
    assert failed
    suites = ET.fromstring(xml)  # noqa: S314 - as above
    assert int(suites.attrib["tests"]) == len(report["cases"])
    assert int(suites.attrib["failures"]) == len(failed)
    for name, case in failed.items():
        assert f"{name}: line {case['fault']['line']}" in text
        assert f'<section id="{name}">' in html
        assert case["conversation"]
        assert case["fault"]["because"][0]["says"]
    assert not re.search(r'(src|href)="(?!#|https://learn)', html)
    for rule in report["rules"]:
        assert f'id="{rule["rule"]}"' in html


def test_progress_is_for_terminals_only() -> None:
    """Nothing is on standard error where it is a file or a pipe."""
    assert conform("--run", "backup/a*").stderr == ""


@pytest.mark.skipif(not hasattr(os, "openpty"), reason="there are no pseudo terminals")
def test_progress_is_shown_on_a_terminal() -> None:
    """A line that counts."""
    ours, theirs = os.openpty()
    line = [PYTHON, "-m", "conformance", "--run", "backup/a*", "--", *SERVE]
    subprocess.run(line, stdout=subprocess.DEVNULL, stderr=theirs, check=True, timeout=60, cwd=ROOT)
    os.close(theirs)
    assert b" cases, 0 failed" in os.read(ours, 1 << 16)
    os.close(ours)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1: expected a header"),
        ("{}\n", "1: expected a header"),
        ("[]\n", "1: expected one JSON object a line"),
        ('{"vss-trace": 1}\n', '1: expected "about"'),
        ('{"vss-trace": 1, "about": "", "verdict": "fine", "rules": []}\n', "1: \"verdict\" is 'fine'"),
        ('{"vss-trace": 1, "about": "", "verdict": "warns", "rules": [1]}\n', '1: expected "rules"'),
        ('{"vss-trace": 1, "about": "", "verdict": "warns", "rules": []}\n\n{"call": 3}\n', '3: "call" is 3'),
        ('{"vss-trace": 1, "about": "", "verdict": "warns", "rules": []}\n{"on": "a"}\n', "2: expected one of"),
    ],
)
def test_a_file_that_is_no_case_is_named_with_its_line(tmp_path: Path, text: str, says: str) -> None:
    """And with what was expected."""
    path = tmp_path / "case.jsonl"
    path.write_text(text)
    with pytest.raises(CaseError, match=r"case\.jsonl:") as error:
        read_case(path)
    assert f"case.jsonl:{says}" in str(error.value)


def test_a_report_that_has_no_place_is_refused_before_the_run(tmp_path: Path) -> None:
    """Nothing is run for a report that could not be written; what cannot be written later costs no other report."""
    done = conform("--run", "backup/a*", "--report", str(tmp_path / "none" / "report.html"), command=("/bin/false",))
    assert done.returncode == 2
    assert "expected a file in a folder that is there" in done.stderr
    full = tmp_path / "full.html"
    full.symlink_to("/dev/full")
    other = tmp_path / "report.json"
    done = conform("--run", "backup/abort-before-i*", "--report", str(full), "--report", str(other))
    assert done.returncode == 2
    assert "full.html: cannot be written" in done.stderr
    assert "1 passed" in done.stdout
    assert json.loads(other.read_text(encoding="utf-8"))["exit"] == 0


HOSTILE: Final = r"""
import json, sys
starts = 0
for line in sys.stdin:
    said = json.loads(line)
    if "start" in said:
        starts += 1
        name = "<script>alert(1)</script>\u0007"
        print(json.dumps({"id": said["id"], "implementation": name, "version": "\ud800"}), flush=True)
    elif starts % 2:
        print(json.dumps({"id": said["id"], "skipped": "no\u001b[2J\n</td><script>\u202e\ud83d"}), flush=True)
    else:
        sys.stderr.write("\x1b[31m</pre><script>\n")
        sys.stderr.flush()
        print(json.dumps({"id": said["id"], "returns": "<b>\u001b[1m\udfff"}), flush=True)
"""


@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_what_an_implementation_says_does_nothing_to_a_report(tmp_path: Path, encoding: str) -> None:
    """Nor to a terminal: control characters, tags and half letters are written as what they are."""
    program = tmp_path / "hostile.py"
    program.write_text(HOSTILE)
    names = [tmp_path / f"report{ending}" for ending in (".txt", ".json", ".xml", ".html")]
    reports = [word for name in names for word in ("--report", str(name))]
    line = [PYTHON, "-m", "conformance", "--jobs", "1", "--run", "backup/a*", *reports, "--", PYTHON, str(program)]
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    done = subprocess.run(line, capture_output=True, check=False, timeout=60, cwd=ROOT, env=environment)
    assert done.returncode == 1
    assert not done.stderr
    assert not re.search(rb"[\x00-\x09\x0b-\x1f\x7f]", done.stdout)
    text, json_text, xml, html = (name.read_text(encoding="utf-8") for name in names)
    assert "expected S_OK" in text
    assert r"\x1b[2J\n" in text
    assert json.loads(json_text)["implementation"].startswith("<script>")
    assert ET.fromstring(xml).attrib["tests"]  # noqa: S314 - we wrote it
    assert "<script" not in html
