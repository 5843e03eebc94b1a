"""`vss-sim rehearse`: the shape of what it says, the page with real output, and what it says of bad input."""

import doctest
import json
from pathlib import Path
from typing import Any, Final

import pytest

from tests.drawn_restores import METHODS
from tests.restoring import MAPPING, WRITER, component, world, writer
from tests.support import ROOT, check
from vss_sim import read_world, rehearse
from vss_sim.cli.commands import run
from vss_sim.documents.backup_file import read_backup, write_backup
from vss_sim.judge.findings import Level

NEEDS: Final = {
    "RESTORE_IF_CAN_REPLACE": {},
    "STOP_RESTORE_START": {"service": "Db"},
    "RESTORE_STOP_START": {"service": "Db"},
    "RESTORE_AT_REBOOT": {"restart": "its files wait for it"},
    "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE": {},
}
"""What a restore needs by its method, where nothing is in the way."""

PAGE: Final = ROOT / "docs" / "rehearse.md"
EXAMPLES: Final = sorted(
    path
    for path in (ROOT / "docs" / "examples").glob("*.json")
    if path.stem in ("file_in_use", "moved_database", "after_the_restart")
)
REPLACING: Final = writer("RESTORE_IF_CAN_REPLACE", alternateLocationMappings=[MAPPING])


def test_the_python_of_the_page_works(monkeypatch: pytest.MonkeyPatch) -> None:
    """As it is written there."""
    monkeypatch.chdir(ROOT)
    found = doctest.testfile(str(PAGE), module_relative=False)
    assert found.attempted > 2
    assert not found.failed


def _json(description: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str], *more: str) -> tuple[int, Any]:
    path = tmp_path / "world.json"
    path.write_text(json.dumps(description), encoding="utf-8")
    code = run(["rehearse", str(path), "--json", *more])
    return code, json.loads(capsys.readouterr().out)


@pytest.mark.parametrize("asks", [False, True])
@pytest.mark.parametrize("method", NEEDS)
def test_which_service_and_which_restart_a_restore_needs(
    method: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], *, asks: bool
) -> None:
    """Rules svc-name-from-metadata, rar-boot-flag: the restart comes at the end, and the log shows it."""
    needs = {**({"restart": "its writer asks for one"} if asks else {}), **NEEDS[method]}
    how = {"rebootRequired": asks, **({"service": "Db"} if "service" in needs else {})}
    described = world(writer(method, how=how), services=[{"name": "Db"}])
    _, told = _json(described, tmp_path, capsys, "--record", str(tmp_path / "log.jsonl"))
    (shown,) = told["components"]
    assert {key: shown[key] for key in ("service", "restart") if key in shown} == needs
    assert (told["events"][-1] == "reboot") is ("restart" in needs)
    log = (tmp_path / "log.jsonl").read_text(encoding="utf-8").splitlines()
    assert "rar-boot-flag" not in {one.rule for one in check([json.loads(line) for line in log[1:]]).findings}


@pytest.mark.parametrize(
    "left_out",
    [
        {"replies": [{"on": "PreRestore", "fails": "VSS_E_WRITERERROR_NONRETRYABLE"}]},
        {"how": {"service": "Db", "writerRestore": "VSS_WRE_UNDEFINED"}},
        {"replies": [{"on": "PreRestore", "setRestoreTarget": "VSS_RT_UNDEFINED"}]},
    ],
    ids=["vetoed", "no participation", "no target"],
)
@pytest.mark.parametrize("method", ["STOP_RESTORE_START", "RESTORE_STOP_START"])
def test_no_service_is_stopped_for_a_set_that_is_left_out(
    method: str, left_out: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rules seq-r-veto-handling, wre-undefined, rt-undefined: nobody comes to its files, nor says a service stops."""
    described = world(writer(method, **{"how": {"service": "Db"}, **left_out}), services=[{"name": "Db"}])
    _, told = _json(described, tmp_path, capsys)
    (shown,) = told["components"]
    assert (shown["branch"], "service" in shown) == ("error", False)
    assert not [event for event in told["events"] if event.startswith("service")]


@pytest.mark.parametrize("method", ["STOP_RESTORE_START", "RESTORE_STOP_START"])
def test_a_service_that_nobody_named_is_told_of(
    method: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rule svc-unnamed: the one method restores nothing then, the other has nothing to stop after the files."""
    described = world(writer(method))
    code, told = _json(described, tmp_path, capsys)
    assert [one["service"] for one in told["components"]] == [None]
    assert code == (1 if method == "STOP_RESTORE_START" else 0)
    run(["rehearse", str(tmp_path / "world.json")])
    assert "service  none is named, so none is stopped (svc-unnamed)" in capsys.readouterr().out


def test_a_restart_that_writers_ask_for_comes_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rule rar-boot-flag: after the last of the restores that build on each other."""
    described = world(writer("RESTORE_IF_CAN_REPLACE", how={"rebootRequired": True}))
    described["then"] = [{"backup": "VSS_BT_INCREMENTAL"}]
    _, told = _json(described, tmp_path, capsys)
    assert [number for number, event in enumerate(told["events"]) if event == "reboot"] == [len(told["events"]) - 1]
    assert len(told["components"]) == 2


def test_the_json_has_the_documented_shape(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All keys, no other, of the types that the format gives them."""
    code, told = _json(world(REPLACING), tmp_path, capsys)
    assert code == 0
    assert told == {
        "components": [
            {
                "machine": "one",
                "writer": "Sample Writer",
                "component": "Database",
                "method": "VSS_RME_RESTORE_IF_CAN_REPLACE",
                "target": "VSS_RT_ORIGINAL",
                "branch": "original",
                "blamed": None,
                "rules": ["ricr-original-if-all-replaceable", "ricr-mixed-presence-ok"],
                "status": "VSS_RS_ALL",
                "files": [{"from": f"C:\\data\\f{n}", "to": f"C:\\data\\f{n}", "when": "now"} for n in (1, 2, 3)],
            }
        ],
        "events": ["PreRestore", "Database: original", "PostRestore"],
        "afterReboot": [],
    }


def test_what_cannot_be_restored_gives_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 1, the branch `error`, whose error it is, and files that go nowhere."""
    description = {**world(writer("RESTORE_IF_NOT_THERE"))}
    code, told = _json(description, tmp_path, capsys)
    (only,) = told["components"]
    assert code == 1
    assert (only["branch"], only["blamed"], only["status"]) == ("error", "requester", "VSS_RS_NONE")
    assert {(file["to"], file["when"]) for file in only["files"]} == {(None, "never")}


def test_a_kept_backup_is_restored_to_another_world(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A computer without the writer: its files are restored all the same, and nobody is told."""
    kept = tmp_path / "kept.json"
    _json(world(REPLACING), tmp_path, capsys, "--save", str(kept))
    bare = {"machines": [{"volumes": [{"name": "C:\\"}]}]}
    code, told = _json(bare, tmp_path, capsys, "--backup", str(kept))
    assert code == 0
    assert told["events"] == ["Database: original"]
    assert [file["to"] for file in told["components"][0]["files"]] == [f"C:\\data\\f{n}" for n in (1, 2, 3)]
    code, told = _json({**bare, "restore": {"missingWriters": False}}, tmp_path, capsys, "--backup", str(kept))
    assert code == 1


def test_a_kept_backup_is_what_was_saved() -> None:
    """Documents and bytes come back from the file, text or not, whole or in ranges."""
    binary = {"C:\\data\\bin": {"contentBase64": "AP8="}}
    partial = {"on": "PostSnapshot", "addPartialFiles": [{"path": "C:\\data", "filename": "f1", "ranges": "0:4"}]}
    rehearsal = rehearse(read_world(world(writer("RESTORE_IF_CAN_REPLACE", replies=[partial]), files=binary)))
    ((saved,),) = rehearsal.saved.values()
    assert any(file.ranges == ((0, 4),) for file in saved.files)
    assert any(file.pieces == ((0, b"\x00\xff"),) for file in saved.files)
    assert read_backup(write_backup(rehearsal.saved).encode()) == rehearsal.saved


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_run_of_an_example_is_judged_clean(path: Path) -> None:
    """The checker has nothing against the requester, neither in the backup nor in the restore."""
    rehearsal = rehearse(read_world(path.read_text(encoding="utf-8")))
    lines = json.loads(json.dumps(list(rehearsal.simulation.lines())))
    findings = check(lines).findings
    assert [finding.says for finding in findings if finding.level is not Level.INFO] == []
    assert not any("without the restart" in finding.says for finding in findings)
    assert not rehearsal.simulation.unreleased()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_record_of_a_rehearsal_conforms(path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As `vss-sim check` reads it."""
    record = tmp_path / "run.jsonl"
    run(["rehearse", str(path), "--record", str(record)])
    assert run(["check", str(record)]) == 0
    assert "conforms" in capsys.readouterr().out


@pytest.mark.parametrize("method", ["CUSTOM", "UNDEFINED"])
def test_nobody_asks_what_writers_set_in_an_event_that_was_not_raised(method: str) -> None:
    """Rule seq-r-no-component-read-early: a writer that takes no part sets no target."""
    lines = json.loads(json.dumps(list(rehearse(read_world(world(writer(method)))).simulation.lines())))
    assert not [line for line in lines if line.get("call") in _SET_IN_PRE_RESTORE]
    assert check(lines).findings == ()


_SET_IN_PRE_RESTORE = ("IVssComponent::GetRestoreTarget", "IVssComponent::GetDirectedTargetCount")


def test_two_machines_are_restored_one_after_the_other(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each from its own backup; `then` says on which machine."""
    one, two = world(REPLACING)["machines"][0], world(writer("RESTORE_AT_REBOOT"))["machines"][0]
    description = {
        "machines": [{**one, "name": "one"}, {**two, "name": "two"}],
        "then": [{"happens": "file in use", "path": "C:\\data\\f1", "machine": "one"}],
    }
    code, told = _json(description, tmp_path, capsys)
    assert code == 0
    assert [(part["machine"], part["branch"]) for part in told["components"]] == [
        ("one", "alternate"),
        ("two", "reboot"),
    ]
    assert told["events"][-1] == "two: reboot"
    assert {line["outcome"] for line in told["afterReboot"]} == {"moved"}


BAD: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "an unknown happening": ({"then": [{"happens": "flood"}]}, "then[0].happens: 'flood' is not known"),
    "a part missing": ({"then": [{"happens": "file in use"}]}, "then[0]: "),
    "an unknown key": ({"then": [{"happens": "reboot", "hard": True}]}, "then[0].hard: this key is not known"),
    "neither call nor happening": ({"then": [{"note": "hm"}]}, 'then[0]: expected {"happens": ...}'),
    "a call of VSS": ({"then": [{"call": "CreateVssBackupComponents"}]}, "then[0].call: 'CreateVssBackupComponents'"),
    "a call that fails": (
        {"then": [{"call": "DeleteFile", "in": {"lpFileName": "C:\\nothing"}}]},
        "then[0]: DeleteFile answers ERROR_FILE_NOT_FOUND",
    ),
    "an unknown argument": ({"then": [{"call": "DeleteFile", "in": {"name": "x"}}]}, "then[0]: DeleteFile: name"),
    "arguments that are none": ({"then": [{"call": "DeleteFile", "in": 7}]}, "then[0].in: expected an object"),
    "another machine": ({"then": [{"happens": "reboot", "machine": "x"}]}, "then[0]: there is no machine 'x'"),
    "an unknown reading": ({"restore": {"readings": {"unlike": "x"}}}, "restore.readings: no parameter 'unlike'"),
    "an unknown strategy": ({"restore": {"strategy": "hope"}}, "restore.strategy"),
    "a new target that its writer does not support": (
        {
            "restore": {
                "components": [
                    {
                        "writerId": WRITER,
                        "name": "Database",
                        "newTargets": [{"path": "C:\\data", "filespec": "*", "destination": "D:\\x"}],
                    }
                ]
            }
        },
        "rule nt-schema",
    ),
    "a component that was not backed up": (
        {"restore": {"components": [{"writerId": WRITER, "name": "Elsewhere"}]}},
        "restore.components[0]: no component 'Elsewhere'",
    ),
    "a procedure with a call of VSS": (
        {"restore": {"procedures": [{"writerId": WRITER, "calls": [{"call": "Query"}]}]}},
        "restore.procedures[0].calls[0].call",
    ),
    "a world without writers": ({"machines": [{}]}, "no machine has a writer"),
    "a writer that fails the backup": (
        {
            "machines": world(
                writer("RESTORE_IF_CAN_REPLACE", replies=[{"on": "Freeze", "fails": "VSS_E_WRITERERROR_NONRETRYABLE"}])
            )["machines"]
        },
        "DoSnapshotSet",
    ),
}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_told_with_its_place(what: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, the file, the line, the key, and what was expected."""
    change, says = BAD[what]
    path = tmp_path / "world.json"
    path.write_text(json.dumps({**world(REPLACING), **change}, indent=1), encoding="utf-8")
    assert run(["rehearse", str(path)]) == 2
    told = capsys.readouterr()
    assert says in told.err
    assert str(path) in told.err
    assert told.out == ""


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("{", "not JSON"),
        ('{"machines": [{"name": "one", "os": "Windows Server 2022"}]}', "this is no backup"),
        ("[]", "this is no backup"),
        ('{"vss-backup": 2, "machines": []}', "expected 1"),
        ('{"vss-backup": 1, "machines": [{"name": "x", "backupComponents": ""}]}', "the backup is of 'x'"),
        ('{"vss-backup": 1, "machines": [{"name": "one", "backupComponents": "<x>"}]}', "InitializeForRestore"),
        ('{"vss-backup": 1, "machines": [{"name": "one", "backupComponents": "", "hm": 1}]}', "hm"),
    ],
)
def test_a_bad_backup_is_told(text: str, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and what was expected."""
    (tmp_path / "world.json").write_text(json.dumps(world(REPLACING)), encoding="utf-8")
    (tmp_path / "kept.json").write_text(text, encoding="utf-8")
    assert run(["rehearse", str(tmp_path / "world.json"), "--backup", str(tmp_path / "kept.json")]) == 2
    assert says in capsys.readouterr().err


def test_a_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """By its name."""
    assert run(["rehearse", str(tmp_path / "none.json")]) == 2
    assert "none.json" in capsys.readouterr().err


def test_the_same_world_gives_the_same_words() -> None:
    """Time and ids come from the world."""
    description = read_world(EXAMPLES[0].read_text(encoding="utf-8"))
    first, second = (list(rehearse(description).simulation.lines()) for _ in range(2))
    assert first == second


@pytest.mark.parametrize("strategy", ["exclusive opens", "copy aside"])
@pytest.mark.parametrize("mapped", [True, False])
@pytest.mark.parametrize(
    "method", [one for one in METHODS if one.startswith(("RESTORE_IF", "STOP", "RESTORE_AT_REBOOT_IF"))]
)
def test_a_restore_without_the_volume_of_the_files_is_judged_clean(method: str, strategy: str, *, mapped: bool) -> None:
    """Their folder cannot be made, so that something is in the way of the set (rule ricr-directory-create-counts)."""
    maps = [{"path": "D:\\db", "filespec": "*", "destination": "C:\\alt"}] if mapped else []
    parts = [component(files=[{"path": "D:\\db", "filespec": "*"}])]
    how = {"service": "Db"} if "STOP" in method else {}
    described = writer(method, how=how, components=parts, alternateLocationMappings=maps)
    whole = world(
        described, on_d={"D:\\db\\a": {"content": "a"}, "D:\\db\\b": {"content": "b"}}, services=[{"name": "Db"}]
    )
    saved = rehearse(read_world(whole)).saved
    volumes = whole["machines"][0]["volumes"]
    del volumes[1]
    again = rehearse(read_world({**whole, "restore": {"strategy": strategy}}), saved)
    assert again.everything is (mapped and "REBOOT" not in method)
    lines = json.loads(json.dumps(list(again.simulation.lines())))
    assert [one.says for one in check(lines).findings if one.level is not Level.INFO] == []


@pytest.mark.parametrize(
    ("example", "says"),
    [
        (
            "frozen.json",
            "DoSnapshotSet: VSS_E_UNEXPECTED_WRITER_ERROR: the operation began, and failed: Mail fails",
        ),
        ("frozen.jsonl", "frozen.jsonl:1: this is a log, which begins with vss-trace, and no world"),
    ],
)
def test_what_cannot_be_rehearsed_is_told_with_its_cause(
    example: str, says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A backup that a writer fails; a log in place of its world."""
    assert run(["rehearse", str(ROOT / "docs" / "examples" / example)]) == 2
    assert says in capsys.readouterr().err


def test_a_component_without_files_has_no_empty_table(capsys: pytest.CaptureFixture[str]) -> None:
    """Its writer alone knows what it is."""
    assert run(["rehearse", str(ROOT / "docs" / "examples" / "transport.json")]) == 0
    told = capsys.readouterr().out
    assert told.count("  file ") == 1
    assert "Rows of Database" in told.partition("  it has no files\n")[0]
