"""`vss-sim world from-metadata`: the documents of a machine become writers that give back equal documents."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.documents import DATA, canonical, values
from tests.metadata_folders import BESIDE, DOCUMENTS, LISTS, write_folder
from tests.test_world_files import MANY
from vss_sim.cli import main
from vss_sim.documents.vocabulary import WRITER_METADATA
from vss_sim.documents.world_file import read_world, write_world
from vss_sim.documents.writer_metadata import read_writer_metadata
from vss_sim.model.computer import Description
from vss_sim.model.environment import expand, variables
from vss_sim.model.from_metadata import all_sets, world_of
from vss_sim.model.loose_ends import loose_ends
from vss_sim.model.made_files import absolute
from vss_sim.model.metadata import FileSet, WriterComponent, WriterMetadata
from vss_sim.model.names import fold, matches
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.enums import ComponentType
from vss_sim.spec.win32 import Win32Error

Captured = pytest.CaptureFixture[str]
REAL: Final = sorted(DATA.glob("ws2012-*WM*.xml"))
needs_real = pytest.mark.skipif(not REAL, reason=f"no real documents in {DATA}")


def said_by(world: Description) -> Iterator[str]:
    """The documents of all writers, as a requester gathers and saves them."""
    simulation = Simulation(world)
    name = "IVssBackupComponents::"
    made = simulation.call("CreateVssBackupComponents").out["ppBackup"]
    simulation.call(name + "InitializeForBackup", made, {"bstrXML": None})
    simulation.call("IVssAsync::Wait", simulation.call(name + "GatherWriterMetadata", made).out["pAsync"])
    count: Any = simulation.call(name + "GetWriterMetadataCount", made).out["pcWriters"]
    for number in range(count):
        one = simulation.call(name + "GetWriterMetadata", made, {"iWriter": number}).out["ppMetadata"]
        yield str(simulation.call("IVssExamineWriterMetadata::SaveAsXML", one).out["pbstrXML"])


def world_from(capsys: Captured, folder: Path, *words: str) -> Description:
    """The world that the command prints."""
    assert main(["world", "from-metadata", str(folder), *words]) == 0
    return read_world(capsys.readouterr().out)


def _number(name: str) -> int:
    return int("".join(filter(str.isdecimal, name.partition("-")[0])))


def test_writers_give_back_equal_documents(tmp_path: Path, capsys: Captured) -> None:
    """As values, and as XML but for what means nothing; in the order of the numbers in the names of the files."""
    world = world_from(capsys, write_folder(tmp_path, DOCUMENTS))
    for document, saved in zip(sorted(DOCUMENTS, key=_number), said_by(world), strict=True):
        given_ = DOCUMENTS[document]
        assert read_writer_metadata(saved) == read_writer_metadata(given_)
    assert len(world.machines[0].writers) == len(DOCUMENTS) == 11
    assert sum(len(component.files) for component in world.machines[0].writers[3].components) == LISTS + 1


@needs_real
def test_the_writers_of_a_real_machine_give_back_equal_documents(capsys: Captured) -> None:
    """The System Writer with its 19,000 file lists included."""
    world = world_from(capsys, DATA, "--os", "Windows Server 2012")
    documents = sorted(REAL, key=lambda path: int(path.name.partition("-WM")[2].partition("-")[0]))
    assert len(documents) == len(world.machines[0].writers) == 11
    for path, saved in zip(documents, said_by(world), strict=True):
        assert read_writer_metadata(saved) == read_writer_metadata(path.read_bytes()), path
        assert canonical(saved, WRITER_METADATA) == canonical(path.read_bytes(), WRITER_METADATA), path
    assert list(loose_ends(world)) == []


@MANY
@given(st.lists(values(WriterMetadata), max_size=3))
def test_whatever_writers_say_comes_back(documents: list[WriterMetadata]) -> None:
    """Any documents that can be built; the world is one that can be written, too."""
    world = world_of(documents, files=1)
    assert read_world(write_world(world)) == world
    assert [read_writer_metadata(saved) for saved in said_by(world)] == [
        _with_instance(document, index) for index, document in enumerate(documents)
    ]


def _with_instance(document: WriterMetadata, index: int) -> WriterMetadata:
    """A writer without an instance id gets one from the world."""
    if document.instance_id is not None:
        return document
    told = {name: getattr(document, name) for name in WriterMetadata.__struct_fields__}
    return WriterMetadata(**{**told, "instance_id": f"{{000000c0-0000-4000-8000-{index + 1:012x}}}"})


def covered(world: Description, one: FileSet, path: str) -> bool:
    """Whether there is a file for a file set in this directory of it."""
    directory = absolute(path, variables({}))
    assert directory is not None
    for volume in world.machines[0].volumes:
        for file in volume.files:
            folder, _, name = file.rpartition("\\")
            inside = fold(folder) == fold(directory) or fold(folder) == fold(f"{directory}\\below")
            if inside and matches(name, one.filespec):
                return True
    return False


def test_every_file_set_gets_files(tmp_path: Path, capsys: Captured) -> None:
    """On the volume that its path names; a share has none, and a name that is a folder of another set stays one."""
    few = {name: data for name, data in DOCUMENTS.items() if "system" not in name}
    world = world_from(capsys, write_folder(tmp_path, few), "--files", "3")
    volumes = {volume.name: sorted(volume.files) for volume in world.machines[0].volumes}
    assert list(volumes) == ["C:\\", "E:\\", "F:\\", "\\\\?\\Volume{0a0a0a0a-0000-4000-8000-00000000000a}\\"]
    assert volumes["E:\\"] == ["E:\\data\\shop.mdf"]
    assert volumes["F:\\"] == ["F:\\log\\shopmade1.ldf", "F:\\log\\shopmade2.ldf", "F:\\log\\shopmade3.ldf"]
    assert "C:\\Windows\\System32\\count002.dat" in volumes["C:\\"]
    assert "C:\\System Volume Information\\Heat\\below\\made3.dat" in volumes["C:\\"]
    assert "C:\\ProgramData\\Transfers\\queuemade1.db" in volumes["C:\\"]
    assert "c:\\Windows\\system32\\config\\SYSTEM" in volumes["C:\\"]
    assert "C:\\windows\\System32\\config" not in volumes["C:\\"]
    for writer in world.machines[0].writers:
        for one in all_sets(writer):
            if not one.path.startswith("\\\\server") and one.filespec != "config":
                assert covered(world, one, one.path), one


@needs_real
def test_every_file_set_of_a_real_machine_gets_a_file(capsys: Captured) -> None:
    """Whatever its paths look like."""
    world = world_from(capsys, DATA, "--files", "1")
    there: dict[str, set[str]] = {}
    for volume in world.machines[0].volumes:
        for file in volume.files:
            folder, _, name = file.rpartition("\\")
            there.setdefault(fold(folder), set()).add(name)
    for writer in world.machines[0].writers:
        for one in all_sets(writer):
            names = there.get(fold(str(absolute(one.path, variables({})))), set())
            plain = not set(one.filespec) & set("*?")
            assert fold(one.filespec) in map(fold, names) if plain else any(matches(n, one.filespec) for n in names), (
                one
            )


def test_the_same_seed_makes_the_same_files_and_another_one_others(tmp_path: Path, capsys: Captured) -> None:
    """Their names stay, their sizes and bytes grow from it; the computer reads them."""
    folder = write_folder(tmp_path, {"WM5.xml": DOCUMENTS["WM5-database.xml"]})
    one, same, other = (world_from(capsys, folder, "--files", "2", "--seed", seed) for seed in ("7", "7", "8"))
    assert one == same
    assert one != other
    assert [list(volume.files) for volume in one.machines[0].volumes] == [
        list(volume.files) for volume in other.machines[0].volumes
    ]
    read = Simulation(one).call("ReadFile", arguments={"lpFileName": "E:\\data\\shop.mdf"})
    assert len(str(read.out)) > 10
    assert read.answer is Win32Error.ERROR_SUCCESS


def test_where_a_backup_finds_files_elsewhere_they_are_made_there_too() -> None:
    """The alternate path of a file set is a directory of its own; there is room for all."""
    component = WriterComponent(
        name="C",
        type=ComponentType.DATABASE,
        database_files=(FileSet(path="C:\\db", filespec="a.mdf", alternate_path="D:\\copy"),),
        database_log_files=tuple(FileSet(path=f"D:\\log{n}", filespec="*") for n in range(40)),
    )
    writer = WriterMetadata(name="W", writer_id="{a1a1a1a1-0000-4000-8000-000000000001}", components=(component,))
    c, d = world_of([writer], files=1000).machines[0].volumes
    assert list(c.files) == ["C:\\db\\a.mdf"]
    assert "D:\\copy\\a.mdf" in d.files
    assert len(d.files) == 40_001
    assert d.capacity > 10 * sum(file.bytes for file in d.files.values()) - 1


def test_what_is_no_document_of_a_writer_is_passed_over_and_said(tmp_path: Path, capsys: Captured) -> None:
    """On standard error; the world is printed all the same."""
    write_folder(tmp_path, {**BESIDE, "WM1.xml": DOCUMENTS["WM1-store.xml"]})
    assert main(["world", "from-metadata", str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert len(json.loads(said.out)["machines"][0]["writers"]) == 1
    assert said.err.splitlines() == [
        f"vss-sim world from-metadata: {tmp_path / 'BCDocument.xml'}: passed over, its root is BACKUP_COMPONENTS",
        f"vss-sim world from-metadata: {tmp_path / 'Manifest.xml'}: passed over, its root is Manifest",
    ]


HOSTILE: Final = {
    "cut off": (DOCUMENTS["WM0-tasks.xml"][:300], "not XML"),
    "no XML": (b"hello", "not XML"),
    "nothing": (b"", "not XML"),
    "a billion laughs": (b'<!DOCTYPE a [<!ENTITY b "c">]>' + DOCUMENTS["WM0-tasks.xml"], "entities"),
    "unknown": (DOCUMENTS["WM0-tasks.xml"].replace(b"FILE_LIST", b"FILE_LOST"), "FILE_LOST"),
    "another version": (DOCUMENTS["WM0-tasks.xml"].replace(b'"1.2"', b'"9.9"'), "version"),
    "no text": (b'<a b="\xff"/>', "not XML"),
    "deep": (b"<WRITER_METADATA xmlns='x-schema:#VssWriterMetadataInfo' version='1.2'>" + b"<a>" * 10**5, "not XML"),
}


@pytest.mark.parametrize(("data", "says"), HOSTILE.values(), ids=HOSTILE)
def test_a_document_that_cannot_be_read_is_told_and_no_world_is_printed(
    data: bytes, says: str, tmp_path: Path, capsys: Captured
) -> None:
    """With its file and line; the other documents are looked at all the same."""
    write_folder(tmp_path, {"a.xml": data, "b.xml": b"<broken", "c.xml": DOCUMENTS["WM1-store.xml"]})
    assert main(["world", "from-metadata", str(tmp_path)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    first, second = said.err.splitlines()
    assert first.startswith(f"vss-sim world from-metadata: {tmp_path / 'a.xml'}:1: ")
    assert says in first
    assert second.startswith(f"vss-sim world from-metadata: {tmp_path / 'b.xml'}:1: this is not XML")


def test_a_folder_without_documents_is_told(tmp_path: Path, capsys: Captured) -> None:
    """So is one that is not there, an unknown system, and a number that is none."""
    for words, says in (
        ([str(tmp_path)], "no Writer Metadata Document"),
        ([str(tmp_path / "missing")], "cannot be read"),
        ([str(tmp_path), "--os", "Windows 3.1"], "'Windows 3.1' is no system"),
    ):
        assert main(["world", "from-metadata", *words]) == 2
        assert says in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["world", "from-metadata", str(tmp_path), "--files", "many"])
    assert "'many' is no number" in capsys.readouterr().err


def test_a_world_that_would_be_too_large_to_read_is_not_printed(
    tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit of a world file is that of reading it."""
    monkeypatch.setattr("vss_sim.cli.world.LARGEST", 1 << 20)
    folder = write_folder(tmp_path, {"WM0.xml": DOCUMENTS["WM0-tasks.xml"]})
    assert main(["world", "from-metadata", str(folder), "--files", "1000"]) == 0
    capsys.readouterr()
    assert main(["world", "from-metadata", str(folder), "--files", "20000"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "larger than 1 MiB" in said.err


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("%SystemRoot%\\System32", "C:\\Windows\\System32"),
        ("%systemROOT%%windir%", "C:\\WindowsC:\\Windows"),
        ("%nothing%\\x", "%nothing%\\x"),
        ("100% of %windir%", "100% of C:\\Windows"),
        ("%one%windir%", "%oneC:\\Windows"),
        ("%DB%", "%SystemRoot%\\db"),
        ("%%", "%%"),
        ("", ""),
    ],
)
def test_environment_variables_are_expanded_in_one_way(text: str, expected: str) -> None:
    """Without regard to case, each once, the unknown left as they are."""
    assert expand(text, variables({"db": "%SystemRoot%\\db"})) == expected
