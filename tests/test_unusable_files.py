"""Files that are no world, no backup and no log, as every command that reads one tells it."""

import io
import sys
from pathlib import Path
from typing import Final

import pytest

from vss_sim.cli import main

_WORLD: Final = '{"machines": [{"name": "one"}]}'
_POWERSHELL: Final = "this is text in UTF-16; save it as UTF-8 (in Windows PowerShell: | Out-File -Encoding utf8)"
_READERS: Final = {
    "rehearse": ["rehearse"],
    "selection": ["selection"],
    "serve": ["serve", "--world"],
    "world check": ["world", "check"],
    "world show": ["world", "show"],
}


def told(words: list[str], file: Path, capsys: pytest.CaptureFixture[str]) -> str:
    """What a command complains of, without its name and the folder; nothing else is printed."""
    assert main([*words, str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("vss-sim ")
    return err.partition(": ")[2].removeprefix(f"{file.parent}/").rstrip("\n")


@pytest.mark.parametrize("name", _READERS)
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (_WORLD.encode("utf-16"), f":1: {_POWERSHELL}"),
        (_WORLD.encode("utf-16-le"), f":1: {_POWERSHELL}"),
        (b"\x1f\x8b\x08\x00rest", ":1: this is compressed by gzip; unpack it"),
        (b"", ":1: there is nothing in it; expected a JSON object, such as `vss-sim world new` prints"),
        (b" \r\n\n", ":1: there is nothing in it; expected a JSON object, such as `vss-sim world new` prints"),
        (b"null", ":1: expected a JSON object, such as `vss-sim world new` prints, got null"),
        (b"[]", ":1: expected a JSON object, such as `vss-sim world new` prints, got array"),
        (b'{\n"machines": [{"nmae": "one"}]}', ":2: machines[0].nmae: this key is not known; did you mean name? there"),
        (b'{\n\xff"machines": []}', ":2: this is not UTF-8"),
    ],
)
def test_a_file_that_is_no_world_is_told_alike_by_all(
    name: str, data: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With file and line, as editors and terminals read them, and what to do."""
    file = tmp_path / "lab.json"
    file.write_bytes(data)
    assert told(_READERS[name], file, capsys).startswith(f"lab.json{says}")


@pytest.mark.parametrize("name", _READERS)
def test_a_folder_or_nothing_cannot_be_read(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The system says why."""
    (tmp_path / "lab.json").mkdir()
    assert told(_READERS[name], tmp_path / "lab.json", capsys) == "lab.json: cannot be read: Is a directory"
    assert told(_READERS[name], tmp_path / "b.json", capsys) == "b.json: cannot be read: No such file or directory"


@pytest.mark.parametrize("words", [["check"], ["timeline"]])
def test_a_log_in_another_form_is_told_likewise(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its header is expected in place of a world."""
    file = tmp_path / "log.jsonl"
    file.write_bytes('{"vss-trace": 1}\n'.encode("utf-16"))
    assert told(words, file, capsys) == f'log.jsonl:1: {_POWERSHELL}; expected the header {{"vss-trace": 1, ...}}'


@pytest.mark.parametrize("option", ["rehearse --backup", "selection --restore"])
def test_a_backup_in_another_form_is_told_likewise(
    option: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What `rehearse --save` wrote may have been saved anew by an editor."""
    (tmp_path / "lab.json").write_text(_WORLD, encoding="utf-8")
    file = tmp_path / "saved.json"
    file.write_bytes('{"vss-backup": 1}'.encode("utf-16"))
    command, word = option.split()
    assert told([command, str(tmp_path / "lab.json"), word], file, capsys) == f"saved.json:1: {_POWERSHELL}"


@pytest.mark.parametrize("option", ["rehearse --backup", "selection --restore"])
@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b" \n", ":1: there is nothing in it; expected {"),
        (b'{"vss-backup": 1,\n"machines": [\n{,]}', ":3: this is not JSON: "),
        (b'{"vss-backup": 1,\n"machines": [\n{"name": ', ":3: this is not JSON: "),
        (b'{"vss-backup": 1,\n"machines": [\n{"name": 7}]}', ":3: machines[0].name: "),
        (b'{"vss-backup": 1,\n"machines": 7,\n"\xff": 1}', ":3: this is not UTF-8"),
        (b'\xef\xbb\xbf{"vss-backup": 1, "machines": 7}', ":1: machines: "),
        (b'\xef\xbb\xbf\n{"vss-backup": 7}', ":2: "),
    ],
)
def test_what_is_wrong_in_a_backup_is_told_with_its_line(
    option: str, data: bytes, says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The mark that Windows PowerShell writes before UTF-8 is none of it."""
    (tmp_path / "lab.json").write_text(_WORLD, encoding="utf-8")
    file = tmp_path / "saved.json"
    file.write_bytes(data)
    command, word = option.split()
    assert told([command, str(tmp_path / "lab.json"), word], file, capsys).startswith(f"saved.json{says}")


def test_a_world_without_end_is_not_kept(capsys: pytest.CaptureFixture[str]) -> None:
    """No more is read than a world may have."""
    zeros = Path("/dev/zero")
    if not zeros.exists():
        pytest.skip("there is no file without end")
    assert main(["rehearse", str(zeros)]) == 2
    assert "the description is too large; 32 MiB is the most" in capsys.readouterr().err


def test_standard_input_is_read_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where it is to be the world and the backup, nothing is left for the backup; it is not closed meanwhile."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(_WORLD.encode())))
    assert main(["rehearse", "-", "--backup", "-"]) == 2
    assert capsys.readouterr().err.startswith("vss-sim rehearse: -:1: there is nothing in it")
    assert not sys.stdin.closed
