"""Documents that do harm, are cut off, or are none: each is refused soon, by VSS and on the command line."""

import time
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.documents import METADATA_TEXT, SAVED_TEXT, WRITER
from vss_sim.cli import main
from vss_sim.documents.backup_components import read_backup_components
from vss_sim.documents.errors import DocumentError
from vss_sim.documents.world_file import read_world
from vss_sim.documents.writer_metadata import read_writer_metadata
from vss_sim.documents.xml_reader import LARGEST
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.hresult import HResult
from vss_sim.spec.tables import read_table

_BILLION: Final = (
    '<!DOCTYPE a [<!ENTITY l0 "ha">'
    + "".join(f'<!ENTITY l{number} "' + f"&l{number - 1};" * 10 + '">' for number in range(1, 10))
    + "]>"
)
_OUTSIDE: Final = '<!DOCTYPE a [<!ENTITY out SYSTEM "file:///etc/passwd">]>'


HOSTILE: Final[dict[str, str | bytes]] = {
    "nothing": "",
    "nothing at all": b"",
    "white space": " \n ",
    "no XML": "not xml",
    "JSON": '{"machines": []}',
    "another document": "<html/>",
    "entities upon entities": _BILLION + SAVED_TEXT,
    "an entity from outside": _OUTSIDE + SAVED_TEXT,
    "a document type": '<!DOCTYPE BACKUP_COMPONENTS SYSTEM "http://127.0.0.1/x.dtd">' + SAVED_TEXT,
    "an unknown entity": SAVED_TEXT.replace("Database", "&evil;"),
    "depth": "<a>" * 200_000,
    "depth inside": SAVED_TEXT.replace("<WRITER_COMPONENTS", "<WRITER_COMPONENTS>" * 100_000, 1),
    "50 MB": "<" + "a" * (50 << 20),
    "50 MB of white space": b" " * (50 << 20),
    "100 MB in one attribute": SAVED_TEXT.replace("Database", "D" * (100 << 20)).encode(),
    "many bytes of many characters": "\U0001f5c4" * (LARGEST // 4 + 1),
    "a huge id": SAVED_TEXT.replace(WRITER.strip("{}"), "a" * (20 << 20)),
    "a huge number": SAVED_TEXT.replace('backupSchema="0"', 'backupSchema="' + "9" * 100_000 + '"'),
    "100,000 attributes": "<BACKUP_COMPONENTS" + "".join(f' a{number}="x"' for number in range(100_000)) + "/>",
    "an attribute twice": SAVED_TEXT.replace('version="1.2"', 'version="1.2" version="1.2"'),
    "two roots": SAVED_TEXT * 2,
    "a zero": SAVED_TEXT + "\0",
    "half a character": "\ud83d" + SAVED_TEXT,
    "no UTF-8": SAVED_TEXT.replace("Database", "Datenbankgröße").encode("latin-1"),
    "another encoding": b'<?xml version="1.0" encoding="windows-1252"?>' + SAVED_TEXT.encode(),
    "UTF-16 cut in a character": SAVED_TEXT.encode("utf-16")[:-1],
    "UTF-16 that is none": b"\xff\xfe\x00\xd8\x00\xd8",
    "UTF-32": SAVED_TEXT.encode("utf-32"),
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
@pytest.mark.parametrize("read", [read_backup_components, read_writer_metadata])
def test_a_text_that_does_harm_is_refused_soon(text: str | bytes, read: Callable[[str | bytes], object]) -> None:
    """With a line, whatever it is; nothing hangs, nothing is fetched."""
    begin = time.process_time()
    with pytest.raises(DocumentError) as caught:
        read(text)
    assert time.process_time() - begin < 2.0
    assert caught.value.line >= 1
    assert 0 < len(str(caught.value)) < 2000


@pytest.mark.parametrize("name", [name for name, text in HOSTILE.items() if isinstance(text, str) and text])
def test_vss_refuses_a_text_that_does_harm(name: str) -> None:
    """With its own code, at each call that takes a document; Python's errors stay inside."""
    simulation = Simulation()
    simulation.call("CreateVssBackupComponents")
    (handle,) = simulation.world.objects
    given_text = {"bstrXML": HOSTILE[name]}
    invalid = HResult.VSS_E_INVALID_XML_DOCUMENT
    assert simulation.call("IVssBackupComponents::InitializeForRestore", handle, given_text).answer == invalid
    assert simulation.call("CreateVssExamineWriterMetadata", None, given_text).answer == invalid


def test_a_huge_attribute_takes_memory_in_proportion() -> None:
    """Some times its size, and no more."""
    text = SAVED_TEXT.replace(WRITER.strip("{}"), "a" * (8 << 20)).encode()
    tracemalloc.start()
    try:
        with pytest.raises(DocumentError):
            read_backup_components(text)
        assert tracemalloc.get_traced_memory()[1] < 7 * len(text)
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize(
    "text", ["<nothing/>", "not xml", METADATA_TEXT[:-9], METADATA_TEXT.replace("yes", "maybe", 1)]
)
def test_the_command_line_tells_file_line_and_reason(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """And ends with 2."""
    path = tmp_path / "WM0.xml"
    path.write_text(f"\n{text}", encoding="utf-8")
    assert main(["world", "from-metadata", str(tmp_path)]) == 2
    said = capsys.readouterr().err
    assert str(path) in said
    assert ":2: " in said or "passed over" in said


def test_a_document_cut_off_at_any_byte_is_refused_by_vss_and_at_the_command_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With VSS_E_INVALID_XML_DOCUMENT there, and exit code 2, file and line here."""
    simulation = Simulation()
    simulation.call("CreateVssBackupComponents")
    (handle,) = simulation.world.objects
    for end in range(len(METADATA_TEXT)):
        given_text = {"bstrXML": METADATA_TEXT[:end]}
        done = simulation.call("CreateVssExamineWriterMetadata", None, given_text)
        assert done.answer == HResult.VSS_E_INVALID_XML_DOCUMENT, end
        (tmp_path / f"WM{end}.xml").write_text(METADATA_TEXT[:end], encoding="utf-8")
    for end in range(1, len(SAVED_TEXT)):
        done = simulation.call("IVssBackupComponents::InitializeForRestore", handle, {"bstrXML": SAVED_TEXT[:end]})
        assert done.answer == HResult.VSS_E_INVALID_XML_DOCUMENT, end
    assert main(["world", "from-metadata", str(tmp_path)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == len(METADATA_TEXT)
    assert all(f"{tmp_path / f'WM{end}.xml'}:1: " in line for end, line in enumerate(said))


def test_no_document_earns_the_obsolete_code() -> None:
    """No page names VSS_E_CORRUPT_XML_DOCUMENT as the answer of a call; it stays open to scripts."""
    assert all(row["hresult"] != "VSS_E_CORRUPT_XML_DOCUMENT" for row in read_table("answers.tsv"))
    described = {"machines": [{"answers": [{"to": "InitializeForRestore", "returns": "VSS_E_CORRUPT_XML_DOCUMENT"}]}]}
    simulation = Simulation(read_world(described))
    simulation.call("CreateVssBackupComponents")
    (handle,) = simulation.world.objects
    done = simulation.call("IVssBackupComponents::InitializeForRestore", handle, {"bstrXML": SAVED_TEXT})
    assert done.answer == HResult.VSS_E_CORRUPT_XML_DOCUMENT
