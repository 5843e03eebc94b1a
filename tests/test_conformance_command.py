"""The command of the suite: what is selected, options that are wrong, one case, progress, reports, known failures."""

import json
import os
import re
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import pytest

from conformance.case import CaseError, Selection, read_case
from conformance.command import main
from conformance.dialogue import put as put_case
from conformance.reports.text import text_report
from conformance.results import Run, Verdict
from tests.complete_cases import InProcess
from tests.conformance_runs import CASES, PYTHON, SOME, conform, unsteady
from tests.junit import strictly
from tests.support import ROOT
from tests.wire_clients import SERVE


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
    ("words", "says"),
    [
        (
            ["--rule", "seq-setcontext-onse"],
            "has --rule seq-setcontext-onse (did you mean seq-setcontext-once?)",
        ),
        (["--run", "restores/*"], "no case has --run restores/* (did you mean restore/*?)"),
        (["--run", "selection"], "no case has --run selection (did you mean selection/*?)"),
        (["--os", "Windows Server 2049"], "no case has --os Windows Server 2049 (did you mean Windows Server 20"),
    ],
)
def test_what_no_case_has_is_told_with_what_was_meant(
    words: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A misspelt rule, area or system."""
    assert main([*words, "--", "true"]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (None, "case.jsonl: cannot be read: No such file or directory"),
        (b'{"vss-case": 1}\n\xff', "case.jsonl:2: this is not UTF-8; a case is JSON Lines in UTF-8"),
    ],
)
def test_a_case_that_cannot_be_read_says_why(
    data: bytes | None, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With its line, where it has one."""
    if data is not None:
        (tmp_path / "case.jsonl").write_bytes(data)
    assert main(["--cases", str(tmp_path / "case.jsonl"), "--", "true"]) == 2
    assert capsys.readouterr().err.endswith(f"/{says}\n")


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
    suites = strictly(xml)
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


def _silent(silence: str) -> str:
    """A case with this silence."""
    return f'{{"vss-trace": 1, "about": "", "verdict": "conforms", "rules": ["rule"], "silence": {silence}}}\n'


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "1: expected a header"),
        ("{}\n", "1: expected a header"),
        ("[]\n", "1: expected one JSON object a line"),
        ('{"vss-trace": 1}\n', '1: expected "about"'),
        ('{"vss-trace": 1, "about": "", "verdict": "fine", "rules": []}\n', "1: \"verdict\" is 'fine'"),
        ('{"vss-trace": 1, "about": "", "verdict": "warns", "rules": [1]}\n', '1: expected "rules"'),
        (_silent('{"rule": "Freeze"}'), "1: \"silence\" is {'rule': 'Freeze'}; expected rule ids"),
        (_silent('{"rule": [["Freeze"]]}'), "1: \"silence\" is {'rule': [['Freeze']]}; expected rule ids"),
        (_silent('{"ruel": ["Freeze"]}'), '1: "silence" names ruel; expected some of "rules"'),
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
    assert strictly(xml).attrib["tests"]
    assert "<script" not in html
