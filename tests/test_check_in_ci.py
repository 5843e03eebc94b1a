"""`vss-sim check` for continuous integration: JUnit XML, and annotations of GitHub Actions."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from tests.junit import strictly
from tests.support import ROOT, asking_for_status, backup_until, call, create
from tests.test_check_command import BAD_BACKUP, HEADER, write
from vss_sim.cli import main

REFUSED = "conformance/traces/field-breeze-add-without-start.jsonl"


@pytest.fixture
def logs(tmp_path: Path) -> list[str]:
    """One that conforms, one that violates, an inconclusive one, one that ends badly, and one that is not there."""
    undecided = [
        *backup_until("gather"),
        call("StartSnapshotSet", returns=None),
        call("AddToSnapshotSet", returns=None),
    ]
    broken = tmp_path / "broken.jsonl"
    broken.write_text("\n".join([HEADER, *map(json.dumps, BAD_BACKUP), "no line", ""]), encoding="utf-8")
    return [
        write(tmp_path / "good.jsonl", list(asking_for_status(backup_until("release")))),
        write(tmp_path / "bad.jsonl", BAD_BACKUP),
        write(tmp_path / "undecided.jsonl", undecided),
        str(broken),
        str(tmp_path / "missing.jsonl"),
    ]


def reported(words: list[str], capsysbinary: pytest.CaptureFixture[bytes]) -> ET.Element:
    """The JUnit report of a run."""
    main(["check", "--format", "junit", *words])
    return strictly(capsysbinary.readouterr().out)


def test_a_log_is_a_test_case(logs: list[str], capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """It passes, fails, is skipped, or cannot be run; the counts say the same."""
    suites = list(reported(logs, capsysbinary))
    cases = [suite[-1] for suite in suites]
    assert [[element.tag for element in case] for case in cases] == [
        ["system-out"],
        ["failure", "system-out"],
        ["skipped", "system-out"],
        ["error", "system-out"],
        ["error"],
    ]
    for suite in suites:
        inside = [element.tag for element in suite[-1]]
        assert suite.attrib["tests"] == "1"
        for key, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
            assert suite.attrib[key] == str(inside.count(tag))
    assert [case.attrib["name"] for case in cases] == logs
    assert "seq-addvolume-after-startset" in (cases[3][0].text or "")


def test_a_failure_argues(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> None:
    """As the text does, to the letter."""
    monkeypatch.chdir(ROOT)
    main(["check", REFUSED])
    text = capsysbinary.readouterr().out.decode()
    (failure,) = reported([REFUSED], capsysbinary).iter("failure")
    assert (failure.text or "").strip() in text
    assert "instead  IVssBackupComponents::StartSnapshotSet → " in (failure.text or "")
    assert failure.attrib["message"] == text.splitlines()[-1]


def test_what_is_no_error_is_output(logs: list[str], capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Quietly, without the notes."""
    noted = [str(ROOT / "docs" / "examples" / "frozen.jsonl")]
    (told,) = reported(noted, capsysbinary).iter("system-out")
    assert "obs-do-failures" in (told.text or "")
    (told,) = reported(["--quiet", *noted], capsysbinary).iter("system-out")
    assert not told.text


def test_a_report_is_xml_whatever_a_log_says(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """Tags, quotes and control characters of a name are told as what they are."""
    name = '"\x01]]></failure><b>\x1b&'
    header = '{"vss-trace": 1, "id": "\\u0001<b>\\"&"}'
    log = write(tmp_path / "a&b.jsonl", [create(), call("AddToSnapshotSet", returns=None, pwszVolumeName=name)], header)
    root = reported([log], capsysbinary)
    assert root[0].attrib["name"] == '\ufffd<b>"&'
    assert root[0][-1].attrib["name"] == log


def test_annotations_stand_at_their_line(logs: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """A command a finding, on one line; what cannot be used is an error of its file."""
    assert main(["check", "--format", "github", *logs]) == 2
    out = capsys.readouterr().out.splitlines()
    commands = [line for line in out if line.startswith("::")]
    refused = next(line for line in commands if "seq-addvolume-after-startset" in line)
    assert refused.startswith(f"::error file={logs[1]},line={len(BAD_BACKUP) + 1},title=seq-addvolume-after-startset::")
    assert "%0A    rule     seq-addvolume-after-startset: " in refused
    assert f"::error file={logs[3]},line={len(BAD_BACKUP) + 2},title=cannot be used::" in "\n".join(commands)
    assert commands[-1].startswith(f"::error file={logs[4]},title=cannot be used::")
    assert out[-1] == "3 traces: 1 conforms, 1 violates, 1 inconclusive, 2 cannot be used"


def test_a_command_is_one_line_whatever_a_file_is_called(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Its name has no comma or colon in it that would end a property."""
    main(["check", "--format", "github", write(tmp_path / "a,b%c.jsonl", BAD_BACKUP)])
    command = next(line for line in capsys.readouterr().out.splitlines() if line.startswith("::error"))
    assert re.match(r"::error file=[^,:]*a%2Cb%25c\.jsonl,line=\d+,title=[\w-]+::", command)


@pytest.mark.parametrize(("quietly", "expected"), [([], True), (["--quiet"], False)])
def test_notes_are_notices(quietly: list[str], expected: bool, capsys: pytest.CaptureFixture[str]) -> None:
    """And left out, if that is wanted; whose concern a finding is stands before it."""
    main(["check", "--format", "github", *quietly, str(ROOT / "docs" / "examples" / "frozen.jsonl")])
    out = capsys.readouterr().out
    assert ("::notice " in out) is expected
    assert ("::[writer] DoSnapshotSet came to" in out) is expected


def test_who_judged_is_told(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    """The profile of a header, or of an option, in every form; of the usual one where machines read it."""
    good = list(asking_for_status(backup_until("release")))
    names = [
        write(tmp_path / "a.jsonl", good, '{"vss-trace": 1, "profile": "documented"}'),
        write(tmp_path / "b.jsonl", good),
    ]
    for option, profiles in ([], ["documented", "windows"]), (["--profile", "documented"], ["documented"] * 2):
        told = [one.attrib for one in reported([*option, *names], capsysbinary).iter("property")]
        assert told == [{"name": "profile", "value": profile} for profile in profiles]
        main(["check", "--format", "json", *option, *names])
        assert [json.loads(line)["profile"] for line in capsysbinary.readouterr().out.splitlines()] == profiles
        for form in ("text", "github"):
            main(["check", "--format", form, *option, *names])
            lines = capsysbinary.readouterr().out.decode().splitlines()
            verdicts = [line for line in lines if ": conforms (" in line]
            assert ["; by the profile documented)" in line for line in verdicts] == [
                one != "windows" for one in profiles
            ]
