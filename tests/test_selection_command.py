"""`vss-sim selection`: what it prints of worlds and logs, its exit codes, its page."""

import json
from pathlib import Path

import msgspec
import pytest

from tests.support import ROOT, entries_of
from vss_sim.cli import main
from vss_sim.model.computer import Description
from vss_sim.trace.lines import Line


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["docs/examples/shop.json"], 0, ""),
        (["docs/examples/shop.json", "--volume", "D:\\"], 1, ""),
        (["docs/examples/shop.json", "--volume", "Q:\\"], 2, "no volume 'Q:\\\\'"),
        (["docs/examples/shop.json", "--add", "Nothing"], 2, "Shop Writer:Shop\\Export"),
        (["docs/examples/shop.json", "--machine", "other"], 2, "it has shop"),
        (["README.md"], 2, "README.md:1: this is not JSON"),
        (["nowhere.json"], 2, "cannot be read"),
        (["conformance/traces/vshadow-query-all.jsonl"], 2, "asks for no backup"),
    ],
)
def test_the_exit_code_tells_whether_all_is_protected(
    words: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """0: all; 1: not all; 2: the input cannot be used, and why."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", *words]) == code
    assert says in capsys.readouterr().err


def test_the_report_is_there_as_json(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """One object a backup, with a reason and its rules for each component and file."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", "docs/examples/shop.json", "--add", "Shop", "--json"]) == 1
    told = json.loads(capsys.readouterr().out)
    assert told["unprotected"] == ["Shop Writer: Settings", "Shop Writer: Settings\\Licence"]
    assert {row["component"]: row["verdict"] for row in told["components"]}["Export"] == "in"
    assert told["components"][0]["files"][0]["rules"]


def test_a_log_of_a_whole_backup_with_its_world_is_told_file_by_file(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The header's world stands for what the program did not read."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", "conformance/cases/components/differenced-files-of-a-file-set.jsonl", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["components"]
    assert [file["path"] for file in row["files"]] == ["C:\\db\\data.mdf", "C:\\db\\old.mdf"]


def test_the_saved_backup_of_the_page_is_that_of_its_world(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As `rehearse --save` writes it."""
    monkeypatch.chdir(ROOT)
    main(["rehearse", "docs/examples/shop.json", "--save", str(tmp_path / "saved.json")])
    capsys.readouterr()
    kept = ROOT / "docs" / "examples" / "shop_backup.json"
    assert (tmp_path / "saved.json").read_text(encoding="utf-8") == kept.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (["docs/examples/shop_backup.json"], 0, ""),
        (["docs/examples/shop_backup.json", "--select", "Shop"], 1, ""),
        (["docs/examples/shop_backup.json", "--select", "Nothing"], 2, "Shop Writer:Shop\\Export"),
        (["docs/examples/shop_backup.json", "--sub", "Settings\\Licence"], 2, "goes with no component"),
        (["docs/examples"], 2, "no Backup Components Document"),
        (["nowhere"], 2, "cannot be read"),
        (["README.md"], 2, "not JSON"),
    ],
)
def test_the_exit_code_tells_whether_all_comes_back(
    words: list[str], code: int, says: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """0: all; 1: not all; 2: the saved documents cannot be used, and why."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", "docs/examples/shop.json", "--restore", *words]) == code
    assert says in capsys.readouterr().err


def test_the_saved_documents_may_be_a_folder_as_a_real_backup_leaves_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """XML beside each other; the manifest is passed over, two documents of a backup are one too many."""
    monkeypatch.chdir(ROOT)
    kept = json.loads((ROOT / "docs" / "examples" / "shop_backup.json").read_text(encoding="utf-8"))["machines"][0]
    (tmp_path / "BCDocument.xml").write_text(kept["backupComponents"], encoding="utf-16")
    (tmp_path / "Manifest.xml").write_text("<Manifest/>", encoding="utf-8")
    for number, text in enumerate(kept["writers"]):
        (tmp_path / f"WM{number}.xml").write_text(text, encoding="utf-8")
    words = ["selection", "docs/examples/shop.json", "--restore", str(tmp_path), "--select", "Print Writer:Queues"]
    assert main([*words, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [row["component"] for row in told["components"] if row["verdict"] == "in"] == ["Queues"]
    (tmp_path / "Another.xml").write_text(kept["backupComponents"], encoding="utf-8")
    assert main(words) == 2
    assert "more than one" in capsys.readouterr().err


def test_a_log_tells_what_its_restore_leaves_out(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the stored documents that the requester read."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", "conformance/cases/selection/required-component-not-restored.jsonl", "--json"]) == 1
    backup, restored = map(json.loads, capsys.readouterr().out.splitlines())
    assert backup["unprotected"] == []
    assert restored["lost"] == ["Sample Writer: Settings"]


def test_a_type_that_a_writer_lacks_is_said_to_be_a_full_backup_for_it(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its schema has increments, and no logs: dispute C52."""
    monkeypatch.chdir(ROOT)
    world = "docs/examples/sunday_and_monday.json"
    assert main(["selection", world, "--type", "log"]) == 0
    assert "  Ledger Writer: VSS_BT_FULL, for its schema lacks VSS_BS_LOG\n" in capsys.readouterr().out
    assert main(["selection", world, "--type", "incremental"]) == 0
    assert "  Ledger Writer\n" in capsys.readouterr().out
    for asked, own in (("log", "VSS_BT_FULL"), ("incremental", "VSS_BT_INCREMENTAL")):
        assert main(["selection", world, "--type", asked, "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert {row["backupType"] for row in told["components"]} == {own}


def test_a_schema_that_was_not_read_lacks_nothing(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """What the log does not show is not known: the backup counts as one of the type that was asked for."""
    lines = entries_of(ROOT / "conformance" / "cases" / "selection" / "required-component-left-out.jsonl")
    text = "\n".join(map(json.dumps, [{"vss-trace": 1}, *lines])).replace("VSS_BT_FULL", "VSS_BT_INCREMENTAL")
    assert "GetBackupSchema" not in text
    log = tmp_path / "log.jsonl"
    log.write_text(text, encoding="utf-8")
    main(["selection", str(log), "--json"])
    told = json.loads(capsys.readouterr().out.splitlines()[0])
    assert {row["backupType"] for row in told["components"]} == {"VSS_BT_INCREMENTAL"}


@pytest.mark.parametrize(
    "line",
    [
        '{"call": "CreateVssBackupComponents"}',
        '{"machine": "one", "call": "CreateVssBackupComponents"}',
        '{ "returns" : "S_OK", "call": "CreateVssBackupComponents"}',
        '{"service": "MSSQLSERVER", "happens": "service stops"}',
    ],
)
def test_a_log_without_a_header_is_told_so(line: str, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """It is no world with odd keys, with whatever key its first line begins."""
    (tmp_path / "log.jsonl").write_text(f"{line}\n", encoding="utf-8")
    assert main(["selection", str(tmp_path / "log.jsonl")]) == 2
    assert ':1: the first line has no "vss-trace"' in capsys.readouterr().err


@pytest.mark.parametrize("trace", ["betest-restore", "urbackup-restore", "vshadow-restore"])
def test_what_is_selected_is_not_lost_where_no_stored_document_was_read(
    trace: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """VSS accepted the selection, so it was added at backup; what else its writer has is not known."""
    monkeypatch.chdir(ROOT)
    assert main(["selection", f"conformance/traces/{trace}.jsonl", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert [(row["component"], row["verdict"]) for row in told["components"]] == [("Component C", "in")]
    assert told["lost"] == []


@pytest.mark.parametrize("with_world", [True, False])
def test_of_a_writer_without_a_restore_method_it_is_not_known_what_comes_back(
    *, with_world: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rule rm-missing-method: by the header, or by GetRestoreMethod with S_FALSE, and not before that was asked."""
    monkeypatch.chdir(ROOT)
    case = "conformance/cases/restore-method/no-method-and-nothing-restored.jsonl"
    header, *lines = Path(case).read_text(encoding="utf-8").splitlines()
    kept = json.loads(header)
    if not with_world:
        del kept["world"]
    log = tmp_path / "log.jsonl"
    for unread, verdict in ((False, "unknown"), (True, "unknown" if with_world else "in")):
        told = [line for line in lines if not (unread and "::GetRestoreMethod" in line)]
        log.write_text("\n".join([json.dumps(kept), *told]), encoding="utf-8")
        main(["selection", str(log), "--json"])
        (row,) = json.loads(capsys.readouterr().out)["components"]
        assert (row["component"], row["verdict"]) == ("Ledger", verdict)


def test_no_key_begins_both_a_world_and_a_line_of_a_log() -> None:
    """By its first key a file is known for what it is."""
    world, line = ({field.encode_name for field in msgspec.structs.fields(kind)} for kind in (Description, Line))
    assert world
    assert world.isdisjoint(line)
