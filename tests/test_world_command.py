"""`vss-sim world`: world files are checked, shown and begun."""

import io
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from tests.support import ROOT
from tests.test_world_files import EXAMPLE, HOSTILE
from vss_sim.cli import main
from vss_sim.documents.errors import WorldError
from vss_sim.documents.json_places import places_twice
from vss_sim.documents.world_file import read_world, write_world
from vss_sim.model.computer import Description, File, Machine, Volume, Writer
from vss_sim.model.loose_ends import loose_ends
from vss_sim.model.metadata import WriterComponent
from vss_sim.model.samples import sample_world
from vss_sim.report.world_view import world_view
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.enums import RestoreMethod

WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"
Captured = pytest.CaptureFixture[str]


def run(capsys: Captured, *words: str) -> tuple[int, str, str]:
    """The exit code, what was printed, what was complained of."""
    code = main(["world", *words])
    said = capsys.readouterr()
    return code, said.out, said.err


def file(tmp_path: Path, text: str | bytes, name: str = "lab.json") -> str:
    """A file with this in it."""
    path = tmp_path / name
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return str(path)


def test_a_world_passes_the_check(tmp_path: Path, capsys: Captured) -> None:
    """Exit code 0, a line for each file."""
    one, other = file(tmp_path, EXAMPLE), file(tmp_path, "{}", "other.json")
    assert run(capsys, "check", one, other) == (0, f"{one}: a world\n{other}: a world\n", "")


def test_a_file_that_is_no_world_is_told_with_line_key_and_what_was_expected(tmp_path: Path, capsys: Captured) -> None:
    """Exit code 2, near names are proposed, and the other files are checked all the same."""
    bad = file(tmp_path, EXAMPLE.replace('"services"', '"servces"'))
    good = file(tmp_path, "{}", "good.json")
    code, out, err = run(capsys, "check", bad, str(tmp_path / "missing.json"), good)
    assert (code, out) == (2, f"{good}: a world\n")
    first, second = err.splitlines()
    assert first.startswith(f"vss-sim world check: {bad}:6: machines[0].servces: this key is not known; did you mean ")
    assert "services" in first
    assert second == f"vss-sim world check: {tmp_path / 'missing.json'}: cannot be read: No such file or directory"


FAULTY: Final = """{"machines": [{"os": "Windows Sever 2022", "servces": [],
  "volumes": [{"name": "C:\\\\", "capacity": "big", "files": {"C:\\\\a.b": {"contnt": "x"}, "C:\\\\b": {"size": -1}}}],
  "writers": [{"name": "W", "writerId": "nope", "usage": "VSS_UT_X", "components": [{"name": 3}, {"name": ""}],
     "replies": [{"on": "Freze"}, {"on": "Freeze"}]}]}],
 "storage": {"luns": 7}}
"""
WRONG: Final = (
    ("1: machines[0].os:", "'Windows Sever 2022'"),
    ("1: machines[0].servces:", "this key is not known; did you mean services?"),
    ("2: machines[0].volumes[0].capacity:", "Expected `int`, got `str`"),
    ('2: machines[0].volumes[0].files["C:\\\\a.b"].contnt:', "did you mean content?"),
    ('2: machines[0].volumes[0].files["C:\\\\b"].size:', "Expected `int` >= 0"),
    ("3: machines[0].writers[0].writerId:", "'nope' is no GUID"),
    ("3: machines[0].writers[0].usage:", "there are VSS_UT_UNDEFINED"),
    ("3: machines[0].writers[0].components[0].name:", "Expected `str`, got `int`"),
    ("4: machines[0].writers[0].replies[0].on:", "'Freze' is not known; did you mean 'Freeze'? there are Identify"),
    ("5: storage.luns:", "Expected `array`, got `int`"),
)
"""Where something is wrong in that file, and what is said of it."""


def test_everything_that_is_wrong_is_told_each_on_its_line(tmp_path: Path, capsys: Captured) -> None:
    """Not the first thing alone: line, place, what was expected; in the order in which it stands there."""
    bad = file(tmp_path, FAULTY)
    code, out, err = run(capsys, "check", bad)
    assert (code, out) == (2, "")
    lines = err.splitlines()
    assert len(lines) == len(WRONG)
    told = sorted(lines)
    for line, (place, says) in zip(told, sorted(WRONG), strict=True):
        assert line.startswith(f"vss-sim world check: {bad}:{place}")
        assert says in line
    numbers = [int(line.removeprefix(f"vss-sim world check: {bad}:").partition(":")[0]) for line in lines]
    assert numbers == sorted(numbers)


@pytest.mark.parametrize(
    ("written", "meant"),
    [("componentType", "type"), ("componentName", "name"), ("componentFlag", "componentFlags"), ("naem", "name")],
)
def test_the_key_that_was_meant_is_the_nearest(written: str, meant: str, tmp_path: Path, capsys: Captured) -> None:
    """Somebody who writes a longer name means its last word, and no other key that begins alike."""
    component = f'{{"name": "W", "components": [{{"{written}": 1}}]}}'
    bad = file(tmp_path, f'{{"machines": [{{"writers": [{component}]}}]}}')
    _, _, err = run(capsys, "check", bad)
    assert f"this key is not known; did you mean {meant}?" in err


def test_what_is_told_of_a_file_has_an_end(tmp_path: Path, capsys: Captured) -> None:
    """Twenty things, and how many more there are; keys that are there twice among them."""
    many = {"machines": [{"writers": [{"name": 1, "writerId": WRITER}] * 50_000}]}
    bad = file(tmp_path, json.dumps(many))
    began = time.perf_counter()
    code, _, err = run(capsys, "check", bad)
    assert code == 2
    assert time.perf_counter() - began < 10
    assert len(err.splitlines()) == 21
    assert err.splitlines()[-1] == f"vss-sim world check: {bad}: at least 980 more things are wrong"
    twice = file(
        tmp_path, '{"machines": [{"name": "a", "name": "b", "os": 1}], "storage": {}, "storage": {}}', "t.json"
    )
    _, _, err = run(capsys, "check", twice)
    assert [line.partition("t.json")[2] for line in err.splitlines()] == [
        ":1: machines[0].os: Expected `str`, got `int`",
        ":1: machines[0].name: this key is there twice in one object",
        ":1: storage: this key is there twice in one object",
    ]


def test_keys_that_are_there_twice_are_told_by_their_places() -> None:
    """In the order in which they stand there, each with the line of its second value; many take no longer."""
    text = '{"a": [1, {"b": 1,\n"b": 2}],\n "c": {"d": [], "d": {"e": 1, "e": 2}}, "c": 3}'
    assert places_twice(text.encode()) == [("a[1].b", 2), ("c.d", 3), ("c.d.e", 3), ("c", 3)]
    began = time.perf_counter()
    assert len(places_twice(b'{"a": 1' + b',\n"a": 1' * 50_000 + b"}")) == 50_000
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("text", ["", "{", "[]", '{"machines": []}', '{"machines": {}}', "7", "[" * 100_000])
def test_a_file_with_one_fault_is_told_as_ever(text: str, tmp_path: Path, capsys: Captured) -> None:
    """What `read_world` says of it, once."""
    bad = file(tmp_path, text)
    with pytest.raises(WorldError) as refused:
        read_world(text)
    code, _, err = run(capsys, "check", bad)
    assert (code, len(err.splitlines())) == (2, 1)
    assert refused.value.says in err


def test_what_leads_nowhere_is_told_with_its_line(tmp_path: Path, capsys: Captured) -> None:
    """Exit code 1: the file is a world, and somebody probably misspelt a name."""
    path = file(tmp_path, EXAMPLE.replace('"hostedIn": "MSSQLSERVER"', '"hostedIn": "MSSQLSEVER"'))
    code, out, err = run(capsys, "check", path)
    assert (code, err) == (1, "")
    assert out.splitlines() == [
        f"{path}:9: machines[0].writers[0].hostedIn: there is no service 'MSSQLSEVER'; did you mean 'MSSQLSERVER'?",
        f"{path}: a world, in which 1 thing leads nowhere",
    ]


@pytest.mark.parametrize("text", [text for text in HOSTILE.values() if isinstance(text, (str, bytes))])
def test_hostile_files_are_refused_soon_by_check_and_show(text: str | bytes, tmp_path: Path, capsys: Captured) -> None:
    """Exit code 2, one line that can be printed, no traceback."""
    path = file(tmp_path, text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text)
    for command in ("check", "show"):
        begin = time.process_time()
        code, out, err = run(capsys, command, path)
        assert (code, out) == (2, "")
        assert err.startswith(f"vss-sim world {command}: {path}")
        assert len(err.splitlines()) == 1
        assert len(err) < 2000
        assert time.process_time() - begin < 2.0


def test_standard_input_is_read_for_a_dash(monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    """`vss-sim world new | vss-sim world check -`."""
    _, made, _ = run(capsys, "new")
    for command, expected in (("check", "<stdin>: a world\n"), ("show", world_view(read_world(made)))):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(made.encode())))
        assert run(capsys, command, "-") == (0, expected, "")


@pytest.mark.parametrize("method", [None, *RestoreMethod])
def test_a_new_world_is_one_in_which_everything_leads_somewhere(method: RestoreMethod | None, capsys: Captured) -> None:
    """For each restore method, with what this method needs; it can be simulated."""
    words = ("--restore-method", method.value) if method else ()
    code, text, err = run(capsys, "new", *words)
    assert (code, err) == (0, "")
    world = read_world(text)
    assert world == sample_world(method=method)
    assert list(loose_ends(world)) == []
    (writer,) = world.machines[0].writers
    assert writer.restore_method is not None
    assert writer.restore_method.method == (method or RestoreMethod.RESTORE_IF_CAN_REPLACE)
    simulation = Simulation(world)
    made = simulation.call("CreateVssBackupComponents").out["ppBackup"]
    simulation.call("IVssBackupComponents::InitializeForBackup", made, {"bstrXML": None})
    asked = simulation.call("IVssBackupComponents::GatherWriterMetadata", made).out["pAsync"]
    simulation.call("IVssAsync::Wait", asked)
    count = simulation.call("IVssBackupComponents::GetWriterMetadataCount", made).out["pcWriters"]
    assert count == 1


def test_a_new_world_has_the_system_that_is_asked_for(capsys: Captured) -> None:
    """Name and system of the machine stand in the file, also where they are the usual ones."""
    code, text, _ = run(capsys, "new", "--os", "Windows Server 2012", "--no-writer")
    (machine,) = json.loads(text)["machines"]
    assert (code, machine["name"], machine["os"]) == (0, "one", "Windows Server 2012")
    assert "writers" not in machine
    assert json.loads(run(capsys, "new")[1])["machines"][0]["os"] == "Windows Server 2022"
    code, out, err = run(capsys, "new", "--os", "Windows 3.1")
    assert (code, out) == (2, "")
    assert "'Windows 3.1' is no system known here" in err
    assert run(capsys, "new", "--no-writer", "--restore-method", "VSS_RME_CUSTOM")[0] == 2


def test_the_overview_shows_what_is_there(capsys: Captured, tmp_path: Path) -> None:
    """Machines, volumes, files below their folders, services, writers with their components, providers, scripts."""
    code, out, err = run(capsys, "show", file(tmp_path, EXAMPLE))
    assert (code, err) == (0, "")
    assert (
        out
        == """\
one: Windows Server 2022
  volumes
    C:\\ NTFS, fixed, 1 GB, 5 bytes in 3 files
  files on C:\\
    db\\
      data.mdf  2 bytes
      log.ldf  2 bytes, in use
      old.txt  1 byte, read only
  services
    MSSQLSERVER: running, holds C:\\db\\log.ldf
  writers
    Sample Writer {5affb034-969f-4919-8875-88f830d0ef89}
      VSS_UT_USERDATA, VSS_ST_OTHER, VSS_APP_FRONT_END, VSS_BS_COPY, in the service MSSQLSERVER
      restore: VSS_RME_RESTORE_IF_CAN_REPLACE
      restored instead
        C:\\db\\*.mdf, to C:\\alt
      excluded
        C:\\db\\*.tmp, and below
      components
        Database (filegroup, selectable for backup and restore)
            C:\\db\\*, and below
      script
        Freeze: times 1, fails VSS_E_WRITERERROR_RETRYABLE
        PreRestore: component Database, setRestoreTarget VSS_RT_ALTERNATE
  providers
    Microsoft Software Shadow Copy provider 1.0 (VSS_PROV_SYSTEM)
  requester requester, in Administrators, with SeBackupPrivilege, SeRestorePrivilege
then
  {"happens":"file in use","path":"C:\\\\db\\\\log.ldf"}
"""
    )


def test_components_stand_below_what_their_logical_paths_name() -> None:
    """A logical path that is a component's is not said again; another one stands as a folder."""
    components = tuple(
        WriterComponent(logical_path=path, name=name)
        for path, name in (("Server\\Group", "b"), ("", "Server"), ("Server", "a"), ("Else", "c"))
    )
    writer = Writer(name="W", writer_id=WRITER, components=components)
    lines = world_view(Description(machines=(Machine(writers=(writer,)),))).splitlines()
    begin = lines.index("      components") + 1
    shown = [line[8:].partition(" (")[0] for line in lines[begin : begin + 6]]
    assert shown == ["Else\\", "  c", "Server", "  a", "  Group\\", "    b"]


def test_long_lists_are_cut_off_unless_everything_is_asked_for(capsys: Captured, tmp_path: Path) -> None:
    """With the number of what is not shown."""
    files = {f"C:\\f{number:04}": File() for number in range(1000)}
    world = Description(machines=(Machine(volumes=(Volume(name="C:\\", files=files),)),))
    path = file(tmp_path, write_world(world))
    _, short, _ = run(capsys, "show", path)
    assert "... and 970 more lines" in short
    assert len(short.splitlines()) < 50
    _, whole, _ = run(capsys, "show", path, "--all")
    assert sum(line.strip().startswith("f0") for line in whole.splitlines()) == 1000


def test_a_world_does_nothing_to_the_terminal_that_shows_it() -> None:
    """Control characters in its texts are written as escapes."""
    writer = Writer(name="\x1b[2J\ud800\r\n", writer_id=WRITER)
    shown = world_view(Description(machines=(Machine(writers=(writer,)),)))
    assert "\\x1b[2J\\ud800\\r\\n {5affb034" in shown
    assert shown.replace("\n", "").isprintable()


def test_the_schema_and_the_keys_are_printed_as_the_docs_have_them(capsys: Captured) -> None:
    """`make docs` is these commands."""
    for command, page in (("schema", "world.schema.json"), ("keys", "world.md")):
        code, out, _ = run(capsys, command)
        assert (code, out) == (0, (ROOT / "docs" / page).read_text(encoding="utf-8"))


@pytest.mark.parametrize("words", [["world"], ["world", "--help"], ["world", "check", "--help"], ["world", "melt"]])
def test_the_command_explains_itself(words: list[str]) -> None:
    """Examples and exit codes in the help; without a command, or with an unknown one, the usage and exit code 2."""
    done = subprocess.run([sys.executable, "-m", "vss_sim", *words], capture_output=True, text=True, check=False)
    asked = "--help" in words
    assert done.returncode == (0 if asked else 2)
    assert ("examples:" in done.stdout) == asked
    assert done.stderr == "" if asked else done.stderr.startswith("usage: vss-sim world")


KEYS: Final[dict[str, tuple[Any, str]]] = {
    "name": ("marked", "marked:"),
    "os": ("Windows 10", "Windows 10"),
    "volumes": ([{"name": "Q:\\", "blockRevert": True}], "blockRevert true"),
    "services": ([{"name": "marked"}], "marked: running"),
    "writers": ([{"name": "marked", "writerId": WRITER}], "marked {5affb034"),
    "providers": ([{"name": "marked"}], "marked (VSS_PROV_SYSTEM)"),
    "requester": ({"account": "marked"}, "requester marked"),
    "registry": ({"maxShadowCopies": 7}, "maxShadowCopies: 7"),
    "snapshots": ([{"snapshotId": WRITER, "setId": WRITER, "volume": "C:\\"}], WRITER),
    "storageAreas": ([{"volume": "C:\\", "on": "C:\\"}], "storageAreas: "),
    "happenings": ([{"after": "WriteFile", "happens": "reboot", "skip": 77}], "reboot: skip 77, after WriteFile"),
    "answers": ([{"to": "PreRestore", "polls": 77}], "PreRestore: polls 77"),
    "win32Faults": ([{"to": "ReadFile", "fails": "ERROR_CRC"}], "ReadFile: fails ERROR_CRC"),
    "environment": ({"marked": "x"}, "%marked% = x"),
    "safeMode": (True, "in safe mode"),
    "cluster": ("marked", 'cluster: "marked"'),
    "unsupportedContexts": (["VSS_CTX_NAS_ROLLBACK"], "unsupportedContexts: "),
    "lunArrivalTimeout": (30, "lunArrivalTimeout: 30"),
}


def test_nothing_that_a_machine_has_is_left_out_of_its_overview() -> None:
    """Each of its keys is seen where it is not as usual."""
    assert set(KEYS) == {field.encode_name for field in msgspec.structs.fields(Machine)}
    usual = world_view(Description())
    for key, (value, shown) in KEYS.items():
        assert shown not in usual
        assert shown in world_view(read_world({"machines": [{key: value}]})), key
