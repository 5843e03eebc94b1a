"""The recorder for C++: what it writes is a log, and the checker says of it what there is to say."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support import ROOT
from vss_sim.cli import main

FOLDER: Final = ROOT / "docs" / "examples" / "recorder"
pytestmark = pytest.mark.skipif(shutil.which("g++") is None, reason="there is no C++ compiler here")

VALUES: Final = r"""
#include <cstdint>
#include "vss_recorder.h"
struct GUID { uint32_t Data1; uint16_t Data2, Data3; uint8_t Data4[8]; };
enum Plain { LAST = 7 };
enum class Scoped : unsigned { ALL = 0xFFFFFFFF };
int main(int, char** words) {
    vss_recorder::Recorder log(words[1]);
    GUID guid = {0x0badcafe, 0x12, 0xabcd, {0, 1, 2, 3, 4, 5, 6, 0xff}};
    wchar_t changeable[] = L"x";
    wchar_t halves[] = {wchar_t(0xD83D), wchar_t(0xDCDA), L' ', wchar_t(0xD83D), 0};
    const wchar_t* none = nullptr;
    int* object = nullptr;
    log.call("IVssBackupComponents::AddComponent", &guid)
        .in("literal", L"\u00e9 \u20ac \"C:\\\"\n\x01").in("changeable", changeable).in("halves", halves)
        .in("narrow", "ASCII").in("foreign", "\xfc").in("null", none).in("nothing", nullptr).in("object", object)
        .in("guid", guid).in("yes", true).in("no", false).in("plain", LAST).in("scoped", Scoped::ALL)
        .in("negative", -1L).in("unsigned", 0xFFFFFFFFu).in("large", 0x7FFFFFFFFFFFFFFFLL)
        .returned(-2147212543).out("a", 1).out("b", 2u);
    log.call("CreateVssBackupComponents");
}
"""


def _compiled(source: Path, folder: Path) -> Path:
    program = folder / "program"
    words = ["-std=c++17", "-Wall", "-Wextra", "-Wpedantic", "-Werror", f"-I{FOLDER}", "-o", str(program), str(source)]
    subprocess.run([str(shutil.which("g++")), *words], check=True, timeout=120)
    return program


def _recorded(source: Path, folder: Path) -> list[dict[str, Any]]:
    log = folder / "log.jsonl"
    subprocess.run([str(_compiled(source, folder)), str(log)], check=True, timeout=60)
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]


def test_a_recorded_program_is_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """It adds a volume too early; the finding stands at the line of that call."""
    lines = _recorded(FOLDER / "early.cpp", tmp_path)
    assert lines[0] == {"vss-trace": 1}
    assert [line.get("call", "").rpartition("::")[2] for line in lines[1:]] == [
        "CreateVssBackupComponents",
        "InitializeForBackup",
        "SetContext",
        "",
        "AddToSnapshotSet",
        "Release",
    ]
    assert lines[5]["in"]["pwszVolumeName"] == "D:\\B\u00fccher \U0001f4da\\"
    assert lines[1]["out"]["ppBackup"] == lines[6]["on"]
    assert main(["check", str(tmp_path / "log.jsonl")]) == 1
    out = capsys.readouterr().out
    assert f"{tmp_path / 'log.jsonl'}:6: error: AddToSnapshotSet was refused with VSS_E_BAD_STATE" in out
    assert out.count(": error") == 1


def test_every_kind_of_value_is_written(tmp_path: Path) -> None:
    """As the format wants it; what is no character is marked as such."""
    source = tmp_path / "values.cpp"
    source.write_text(VALUES, encoding="utf-8")
    _, line, last = _recorded(source, tmp_path)
    assert line["in"] == {
        "literal": '\u00e9 \u20ac "C:\\"\n\x01',
        "changeable": "x",
        "halves": "\U0001f4da \ufffd",
        "narrow": "ASCII",
        "foreign": "\ufffd",
        "null": None,
        "nothing": None,
        "object": None,
        "guid": "{0badcafe-0012-abcd-0001-0203040506ff}",
        "yes": True,
        "no": False,
        "plain": 7,
        "scoped": 0xFFFFFFFF,
        "negative": -1,
        "unsigned": 0xFFFFFFFF,
        "large": 0x7FFFFFFFFFFFFFFF,
    }
    assert (line["returns"], line["out"]) == ("0x80042301", {"a": 1, "b": 2})
    assert line["at"] >= 0
    assert last.keys() == {"call", "at"}
