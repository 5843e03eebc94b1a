"""The documents of VSS as XML: what is written is read as the same, and what is not known is refused."""

import base64
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import given
from msgspec.structs import replace

from tests.documents import (
    DATA,
    INSTANCE,
    MANY,
    METADATA_TEXT,
    SAVED_TEXT,
    SMALL,
    WRITER,
    canonical,
    real_documents,
    values,
)
from tests.soon import soon
from vss_sim.documents.backup_components import read_backup_components, write_backup_components
from vss_sim.documents.errors import DocumentError
from vss_sim.documents.vocabulary import BACKUP_COMPONENTS, WRITER_METADATA
from vss_sim.documents.writer_metadata import read_writer_metadata, write_writer_metadata
from vss_sim.model.computer import Writer
from vss_sim.model.document import BackupComponentsDocument, DocumentComponent, SnapshotRecord, WriterComponents
from vss_sim.model.metadata import FileSet, RestoreMethodDescription, WriterComponent, WriterMetadata
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.enums import ComponentType, RestoreMethod, SourceType, UsageType, WriterRestore
from vss_sim.spec.hresult import HResult

SET: Final = "{e109943b-232e-4b52-8dc4-62b7de94761b}"
SNAPSHOT: Final = SnapshotRecord(
    snapshot_id=INSTANCE, original_volume="C:\\", provider_id=WRITER, attributes=0, originating_machine="one", created=0
)


def saved_with(**fields: Any) -> BackupComponentsDocument:
    """The small document, its one component with these fields."""
    component = DocumentComponent(type=ComponentType.FILEGROUP, logical_path="", name="Database", **fields)
    return BackupComponentsDocument(
        writers=(WriterComponents(writer_id=WRITER, instance_id=INSTANCE, components=(component,)),)
    )


@MANY
@given(values(BackupComponentsDocument))
def test_a_backup_components_document_is_read_as_it_was_written(document: BackupComponentsDocument) -> None:
    """Rule seq-init-doc-valid needs it: what SaveAsXML gave, InitializeForRestore takes."""
    assert read_backup_components(write_backup_components(document)) == document


@MANY
@given(values(WriterMetadata))
def test_a_writer_metadata_document_is_read_as_it_was_written(metadata: WriterMetadata) -> None:
    """What IVssExamineWriterMetadata::SaveAsXML gave, LoadFromXML takes."""
    assert read_writer_metadata(write_writer_metadata(metadata)) == metadata


@MANY
@given(values(Writer))
def test_the_document_of_a_writer_tells_what_it_says_and_not_how_it_behaves(writer: Writer) -> None:
    """Scripted replies are the simulator's, not the document's."""
    said = {name: getattr(writer, name) for name in WriterMetadata.__struct_fields__}
    assert read_writer_metadata(write_writer_metadata(writer)) == WriterMetadata(**said)


@pytest.mark.parametrize("path", real_documents())
def test_a_real_document_is_written_as_it_was_read(path: Path) -> None:
    """But for what means nothing: order, white space, case of ids, attributes that say what their absence says."""
    text = path.read_bytes()
    if "BCDocument" in path.name:
        document = read_backup_components(text)
        written = write_backup_components(document)
        assert read_backup_components(written) == document
        assert canonical(written, BACKUP_COMPONENTS) == canonical(text, BACKUP_COMPONENTS)
    else:
        metadata = read_writer_metadata(text)
        written = write_writer_metadata(metadata)
        assert read_writer_metadata(written) == metadata
        assert canonical(written, WRITER_METADATA) == canonical(text, WRITER_METADATA)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real documents in {DATA}; VSS_SIM_DATA names the folder above it")
def test_the_system_writer_with_its_19000_file_lists_is_read_at_once() -> None:
    """The largest real document: 2.1 MB on one line."""
    text = (DATA / "ws2012-no_sql-WM3-System-Writer.xml").read_bytes()
    with soon(3):
        metadata = read_writer_metadata(text)
    assert sum(len(component.files) for component in metadata.components) > 18_000


@pytest.mark.skipif(not DATA.is_dir(), reason=f"no real documents in {DATA}; VSS_SIM_DATA names the folder above it")
def test_what_windows_wrote_in_its_own_words_is_read_as_the_members_of_vss() -> None:
    """Documents spell methods, sources and flags in another way than the enumerations."""
    sql = read_writer_metadata((DATA / "ws2012-no_sql-WM5-SqlServerWriter.xml").read_bytes())
    assert sql.restore_method is not None
    assert sql.restore_method.method is RestoreMethod.RESTORE_IF_CAN_REPLACE
    assert sql.source is SourceType.TRANSACTEDDB
    assert sql.schema == 881
    bits = read_writer_metadata((DATA / "ws2012-no_sql-WM7-BITS-Writer.xml").read_bytes())
    assert bits.restore_method is None
    assert bits.usage is UsageType.SYSTEMSERVICE


@pytest.mark.parametrize("name", ["ntds", "adam"])
def test_the_databases_of_active_directory_are_read(name: str) -> None:
    """The pages show this part of its document."""
    path = DATA / f"win32docs-{name}-backup-locations.xml"
    if not path.exists():
        pytest.skip(f"no {path}; VSS_SIM_DATA names the folder above it")
    begin = METADATA_TEXT[: METADATA_TEXT.index("<BACKUP_LOCATIONS")]
    metadata = read_writer_metadata(f"{begin}{path.read_text(encoding='utf-8')}</WRITER_METADATA>")
    (component,) = metadata.components
    assert component.type is ComponentType.DATABASE
    assert (len(component.database_files), len(component.database_log_files)) == (1, 2)
    assert component.flags == 3


def test_documents_begin_as_those_of_windows_do() -> None:
    """One line, no declaration, the namespace of an inline schema, version 1.2."""
    assert METADATA_TEXT.startswith('<WRITER_METADATA xmlns="x-schema:#VssWriterMetadataInfo" version="1.2"><IDENT')
    assert SAVED_TEXT.startswith('<BACKUP_COMPONENTS xmlns="x-schema:#VssComponentMetadata" version="1.2" ')
    assert "\n" not in SAVED_TEXT + METADATA_TEXT


@pytest.mark.parametrize("declared", ["", '<?xml version="1.0"?>', '<?xml version="1.0" encoding="UTF-16"?>\r\n'])
@pytest.mark.parametrize("codec", [None, "utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_document_is_read_in_each_encoding_it_is_saved_in(declared: str, codec: str | None) -> None:
    """DiskShadow saves UTF-8, vshadow UTF-16; byte order marks and declarations come and go."""
    metadata = WriterMetadata(name="Schöner Schreiber \U0001f5c4", writer_id=WRITER)
    text = declared + write_writer_metadata(metadata)
    given_text = text if codec is None else text.replace("UTF-16" if "8" in codec else "\0", "UTF-8").encode(codec)
    assert read_writer_metadata(given_text) == metadata


def test_indented_documents_and_comments_are_read() -> None:
    """The documents of express writers are files on disk, indented with tabs."""
    text = METADATA_TEXT.replace("><", ">\r\n\t<!-- here -->\n<")
    assert read_writer_metadata(text) == SMALL


def test_children_come_in_any_order() -> None:
    """The document of the WMI writer has its restore method last."""
    method = RestoreMethodDescription(method=RestoreMethod.CUSTOM, writer_restore=WriterRestore.ALWAYS)
    text = write_writer_metadata(WriterMetadata(name="W", writer_id=WRITER, restore_method=method))
    begin, end = text.index("<RESTORE_METHOD"), text.index("<BACKUP_LOCATIONS")
    moved = text[:begin] + text[end:].replace("</WRITER_METADATA>", text[begin:end] + "</WRITER_METADATA>")
    assert moved != text
    assert read_writer_metadata(moved) == read_writer_metadata(text)


def test_ids_are_the_same_in_any_case_with_braces_or_without() -> None:
    """Real documents mix both cases, even in one id."""
    plain = WRITER.strip("{}")
    assert plain in METADATA_TEXT
    for spelled in (plain.upper(), plain.title(), WRITER):
        assert read_writer_metadata(METADATA_TEXT.replace(plain, spelled)) == SMALL


def test_backup_metadata_stands_in_no_namespace() -> None:
    """Windows writes it so; in the namespace of the document it is read, too."""
    document = saved_with(backup_metadata="seen")
    text = write_backup_components(document)
    assert '<BACKUP_METADATA xmlns="" metadata=' in text
    assert read_backup_components(text) == document
    assert read_backup_components(text.replace(' xmlns=""', "")) == document


def test_a_backup_stamp_is_base64_of_its_length_and_its_bytes() -> None:
    """Eight bytes of a real SQL Server stamp: they are no text, and kept all the same."""
    text = SAVED_TEXT.replace(' componentType="filegroup"', ' componentType="filegroup" backupStamp="CAAAAMQv3+t4udUB"')
    document = read_backup_components(text)
    stamp = document.writers[0].components[0].backup_stamp
    assert stamp is not None
    assert stamp.encode("utf-16-le", "surrogatepass").hex() == "c42fdfeb78b9d501"
    assert write_backup_components(document) == text


@pytest.mark.parametrize(
    ("stamp", "says"),
    [
        ("!", "base64"),
        ("AAA=", "length"),
        (base64.b64encode(b"\x09\0\0\0abcdefgh").decode(), "this says 9 before 8"),
        (base64.b64encode(b"\x03\0\0\0abc").decode(), "whole characters"),
    ],
)
def test_a_stamp_that_is_cut_off_is_refused(stamp: str, says: str) -> None:
    """Its length says how much there was."""
    text = SAVED_TEXT.replace(' componentType="filegroup"', f' componentType="filegroup" backupStamp="{stamp}"')
    with pytest.raises(DocumentError, match=says):
        read_backup_components(text)


@pytest.mark.parametrize("character", ["\0", "\x01", "\x1f", "\ufffe", "\ud800"])
def test_a_character_that_xml_cannot_hold_is_refused_on_writing(character: str) -> None:
    """Nothing is written that nobody could read; stamps and metadata may hold it."""
    with pytest.raises(ValueError, match=r"restoreOptions of COMPONENT has U\+"):
        write_backup_components(saved_with(restore_options=f"a{character}b"))
    document = saved_with(backup_stamp=f"a{character}b", backup_metadata=character)
    assert read_backup_components(write_backup_components(document)) == document


def test_what_the_document_says_of_a_shadow_copy_set_it_says_once() -> None:
    """The set has its id at the root and, where its shadow copies can travel, beside them."""
    text = write_backup_components(BackupComponentsDocument(snapshot_set_id=SET, snapshots=(SNAPSHOT,)))
    plain = SET.strip("{}")
    assert text.count(plain) == 2
    assert "SNAPSHOT_SET_DESCRIPTION" not in write_backup_components(BackupComponentsDocument(snapshot_set_id=SET))
    assert read_backup_components(text.replace(f' snapshotSetId="{plain}"', "", 1)).snapshot_set_id == SET
    with pytest.raises(DocumentError, match="another snapshotSetId"):
        read_backup_components(text.replace(plain, WRITER.strip("{}"), 1))


def test_a_word_that_no_document_has_is_refused_with_those_there_are() -> None:
    """The name of the enumeration is no such word."""
    text = METADATA_TEXT.replace('usage="USER_DATA"', '\nusage="VSS_UT_USERDATA"')
    with pytest.raises(DocumentError, match=r"usage of IDENTIFICATION is 'VSS_UT_USERDATA': .*USER_DATA"):
        read_writer_metadata(text)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("<BACKUP_LOCATIONS>", "<BACKUP_LOCATIONS>\n<NEWS/>", "line 2: BACKUP_LOCATIONS has 'NEWS'"),
        ("<FILE_LIST ", '\n<FILE_LIST news="1" ', "line 2: FILE_LIST has the attribute 'news'"),
        ("<FILE_LIST ", '\n<FILE_LIST xmlns="urn:other" ', "line 2: FILE_GROUP has 'FILE_LIST' in the namespace"),
        ('path="C:\\db" ', "", "FILE_LIST has no path"),
        ('version="1.2"', 'version="7"', "version 1.2 is the one known"),
        ('version="1.2"', "", "no version"),
        ('selectable="yes"', 'selectable="1"', "one of yes, no"),
        ('componentFlags="0"', 'componentFlags="8"', "VSS_CF_"),
        ('componentFlags="0"', 'componentFlags="0x1"', "decimal number"),
        ("<BACKUP_LOCATIONS>", "some text<BACKUP_LOCATIONS>", "has the text 'some text'"),
        ("<BACKUP_LOCATIONS>", "<?php ?><BACKUP_LOCATIONS>", "processing instruction 'php'"),
        ("</WRITER_METADATA>", "<BACKUP_LOCATIONS/></WRITER_METADATA>", "occurs once"),
        (' xmlns="x-schema:#VssWriterMetadataInfo"', "", "in the namespace ''"),
        (WRITER.strip("{}"), "5affb034", "is no GUID"),
        ("<BACKUP_LOCATIONS>", '<RESTORE_METHOD method="CUSTOM"/><BACKUP_LOCATIONS>', "writerRestore and rebootReq"),
        ("<BACKUP_LOCATIONS>", '<RESTORE_METHOD service="x"/><BACKUP_LOCATIONS>', "no method"),
    ],
)
def test_what_is_not_known_is_refused_and_never_dropped(old: str, new: str, says: str) -> None:
    """With its line: a document that would come back with less in it is not read at all."""
    assert METADATA_TEXT.count(old) >= 1
    with pytest.raises(DocumentError) as caught:
        read_writer_metadata(METADATA_TEXT.replace(old, new, 1))
    assert says in str(caught.value)


def test_a_document_that_somebody_changed_loads_while_it_fits_the_schema() -> None:
    """Nothing is documented by which VSS could know; `vss-sim check` tells it where a log has both texts."""
    simulation = Simulation()
    simulation.call("CreateVssBackupComponents")
    (handle,) = simulation.world.objects
    changed = SAVED_TEXT.replace("Database", "Another")
    done = simulation.call("IVssBackupComponents::InitializeForRestore", handle, {"bstrXML": changed})
    assert done.answer == HResult.S_OK


_SETS: Final = (
    ("%WinDir%\\inf", "*.*", False),
    ("%systemroot%\\PerfC", "Perfc???.dat", False),
    ("c:\\windows\\system32\\config", "SAM", False),
    ("\\\\?\\Volume{c7463aba-f40d-11e9-80c7-806e6f6e6963}\\Boot", "*", True),
    ("\\System Volume Information\\Heat", "*", True),
    ("C:\\trailing\\", "{3808876b-c176-4e48-b7ae-04046e6cc752}*", True),
)
"""Paths and specifications as real documents have them: variables, any case, volumes by name, no drive, braces."""


@pytest.mark.parametrize("written", _SETS)
def test_paths_and_specifications_are_kept_as_the_writer_wrote_them(written: tuple[str, str, bool]) -> None:
    """What they mean is the matter of who uses them; the document has the text."""
    path, filespec, recursive = written
    one = FileSet(path=path, filespec=filespec, recursive=recursive)
    metadata = replace(SMALL, components=(WriterComponent(name="D", files=(one,)),), exclude_from_snapshot_files=(one,))
    text = write_writer_metadata(metadata)
    assert f'path="{path}" filespec="{filespec}"' in text
    assert read_writer_metadata(text) == metadata


def test_a_database_may_be_a_file_group_and_a_component_may_have_no_files() -> None:
    """SQL databases are file groups with their logs as plain file lists; ASR names disks without any file."""
    parts = (
        WriterComponent(
            logical_path="SERVER\\INSTANCE",
            name="master",
            component_flags=("VSS_CF_APP_ROLLBACK_RECOVERY",),
            files=(FileSet(path="D:\\d", filespec="master.mdf"), FileSet(path="E:\\l", filespec="mastlog.ldf")),
        ),
        WriterComponent(logical_path="Disks", name="harddisk0"),
    )
    text = write_writer_metadata(replace(SMALL, components=parts))
    assert text.count("<FILE_GROUP ") == 2
    assert "DATABASE" not in text.replace("Database", "")
    assert read_writer_metadata(text).components == parts


def test_the_same_file_may_stand_in_several_places() -> None:
    """In two components, and excluded besides."""
    one = FileSet(path="C:\\d", filespec="f")
    parts = tuple(WriterComponent(name=name, files=(one, one)) for name in "ab")
    metadata = replace(SMALL, components=parts, exclude_files=(one,))
    assert read_writer_metadata(write_writer_metadata(metadata)) == metadata


def test_a_writer_without_a_restore_method_has_none() -> None:
    """As those of BITS and of Shadow Copy Optimization; others have it before the components or behind them."""
    assert "RESTORE_METHOD" not in METADATA_TEXT
    assert read_writer_metadata(METADATA_TEXT).restore_method is None


def test_a_requester_saves_a_document_and_another_one_loads_it() -> None:
    """In the simulation documents go in and out as text; a text that is none is refused by VSS, not by Python."""
    simulation = Simulation()
    simulation.call("CreateVssBackupComponents")
    (handle,) = simulation.world.objects
    interface = "IVssBackupComponents::"
    assert simulation.call(interface + "InitializeForBackup", handle, {"bstrXML": None}).answer == HResult.S_OK
    saved = simulation.call(interface + "SaveAsXML", handle).out["pbstrXML"]
    assert read_backup_components(saved) == BackupComponentsDocument()
    simulation.call("CreateVssBackupComponents")
    other = next(name for name in simulation.world.objects if name != handle)
    refused = simulation.call(interface + "InitializeForRestore", other, {"bstrXML": saved[:-1]})
    assert refused.answer == HResult.VSS_E_INVALID_XML_DOCUMENT
    assert simulation.call(interface + "InitializeForRestore", other, {"bstrXML": saved}).answer == HResult.S_OK
