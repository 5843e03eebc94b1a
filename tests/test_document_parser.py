"""The parser below the documents of VSS: both ways of reading say the same, and what is broken is refused."""

from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.documents import MANY, METADATA_TEXT, SAVED_TEXT, SMALL, TEXTS, WRITER, values
from vss_sim.documents.backup_components import read_backup_components, write_backup_components
from vss_sim.documents.elements import Element, Known, Vocabulary
from vss_sim.documents.errors import DocumentError
from vss_sim.documents.leaf_batches import NotPlainError
from vss_sim.documents.vocabulary import BACKUP_COMPONENTS, WRITER_METADATA
from vss_sim.documents.words import known_as
from vss_sim.documents.writer_metadata import read_writer_metadata, write_writer_metadata
from vss_sim.documents.xml_reader import _Reading
from vss_sim.model.metadata import FileSet, WriterComponent, WriterMetadata
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.enums import BackupType
from vss_sim.spec.hresult import HResult

LATER: Final = METADATA_TEXT.replace("<FILE_LIST ", '<FILE_LIST newer="yes" ').replace(
    "</FILE_GROUP>", '<NEWER a="1">text<INNER/>\n<FILE_LIST path="x" filespec="y"/></NEWER></FILE_GROUP>'
)


def test_what_a_later_windows_adds_makes_no_document_unreadable() -> None:
    """Who wants to be told is told of each name with its line, and gets the rest."""
    passed_over: list[DocumentError] = []
    assert read_writer_metadata(LATER, passed_over) == SMALL
    assert [error.line for error in passed_over] == [1, 1]
    assert ["'newer'" in str(passed_over[0]), "'NEWER'" in str(passed_over[1])] == [True, True]
    with pytest.raises(DocumentError, match="newer"):
        read_writer_metadata(LATER)
    many = METADATA_TEXT.replace("<FILE_LIST ", "<NEW/>" * 1000 + "<FILE_LIST ")
    assert read_writer_metadata(many, passed_over) == SMALL
    assert len(passed_over) == 102


def test_a_requester_loads_a_document_of_a_later_windows() -> None:
    """The record has a note of what was passed over."""
    simulation = Simulation()
    loaded = simulation.call("CreateVssExamineWriterMetadata", None, {"bstrXML": LATER})
    assert loaded.answer == HResult.S_OK
    notes = [line["note"] for line in simulation.lines() if "note" in line]
    assert len(notes) == 2
    assert "FILE_LIST has the attribute 'newer'" in notes[0]


@MANY
@given(values(WriterMetadata), st.data())
def test_both_ways_of_reading_say_the_same(metadata: WriterMetadata, data: st.DataObject) -> None:
    """Whether elements are read in batches or one by one: the same value, or no value."""
    text = write_writer_metadata(metadata)
    place = data.draw(st.integers(0, len(text)))
    put = data.draw(st.sampled_from(["", "<FILE_LIST/>", ' recursive="yes"', '"', "<!-- -->", "x", "/>"]))
    found: list[object] = []
    for in_batches in (True, False):
        try:
            raw = (text[:place] + put + text[place:]).encode()
            found.append(_Reading(WRITER_METADATA, in_batches=in_batches).of(raw))
        except (DocumentError, NotPlainError):
            found.append(None)
    assert found[0] == found[1]


_LONG: Final = write_writer_metadata(
    WriterMetadata(
        name="W",
        writer_id=WRITER,
        components=tuple(
            WriterComponent(
                name=name,
                files=tuple(
                    FileSet(path="C:\\p", filespec=f"{name}{number}", recursive=number == 20) for number in range(40)
                ),
            )
            for name in ("one", "two")
        ),
    )
)


_PUT: Final = (
    "", "\n", "\t", " ", "x", '"', "'", ">", "/>", "<", "&amp;", "&", "\x7f", "\x01", "\ufffe", "\u00e9", "<!-- -->",
    "<![CDATA[ ]]>", "]]>", "<?x y?>", '<FILE_LIST path="p" filespec="&lt;" filespecBackupType="1"></FILE_LIST>',
    '<FILE_LIST path="p" path="q" filespec="f"/>', "</FILE_GROUP>", ' path="q"', ' xmlns=""', ' recursive="maybe"',
    '<FILE_LIST path="p" filespec="f" filespecBackupType="1"/>', "<NEWER><FILE_LIST/>",
)  # fmt: skip


@settings(MANY, max_examples=300)
@given(st.integers(0, len(_LONG)), st.sampled_from(_PUT), st.integers(0, 60))
def test_a_run_of_leaves_is_read_as_the_parser_reads_it(place: int, put: str, less: int) -> None:
    """Whatever is put among them or taken from them: the same value, or an error both times."""
    raw = (_LONG[:place] + put + _LONG[place + less :]).encode()
    try:
        quick: object = _Reading(WRITER_METADATA, in_batches=True).of(raw)
    except (DocumentError, NotPlainError):
        return
    assert quick == _Reading(WRITER_METADATA).of(raw)


def test_the_first_error_is_told_however_late_its_element_is_looked_at() -> None:
    """A file list without a specification, and after it text that should not be there."""
    broken = _LONG.replace(' filespec="one20"', "", 1).replace("</FILE_GROUP>", "\nx</FILE_GROUP>", 1)
    with pytest.raises(DocumentError, match="line 1: FILE_LIST has no filespec"):
        read_writer_metadata(broken)


def test_elements_are_written_together_as_one_by_one() -> None:
    """Also where one of them needs an escape, or has a sign beyond ASCII, and its neighbours do not."""
    odd = ["a", "b & c", 'd"', "\u00e9", "tab\t", "<", "plain"]
    files = tuple(
        FileSet(path="C:\\p", filespec=name, recursive=place % 2 == 0) for place, name in enumerate(odd * 200)
    )
    metadata = WriterMetadata(name="W", writer_id=WRITER, components=(WriterComponent(name="D", files=files),))
    text = write_writer_metadata(metadata)
    assert read_writer_metadata(text) == metadata
    one_by_one = [
        write_writer_metadata(
            WriterMetadata(name="W", writer_id=WRITER, components=(WriterComponent(name="D", files=(one,)),))
        )
        for one in files[:7]
    ]
    for alone in one_by_one:
        element = alone[alone.index("<FILE_LIST") : alone.index("</FILE_GROUP>")]
        assert element in text


def test_a_line_break_in_an_attribute_is_a_space_and_an_escaped_one_is_kept() -> None:
    """As XML has it; what is written has escapes, so that captions of several lines survive."""
    raw = METADATA_TEXT.replace('friendlyName="Sample Writer"', 'friendlyName="Sample\nWriter"')
    assert read_writer_metadata(raw).name == "Sample Writer"
    escaped = METADATA_TEXT.replace('friendlyName="Sample Writer"', 'friendlyName="Sample&#10;Writer"')
    assert read_writer_metadata(escaped).name == "Sample\nWriter"
    assert write_writer_metadata(read_writer_metadata(escaped)) == escaped


@MANY
@given(st.integers(0, len(SAVED_TEXT) - 1), TEXTS)
def test_a_document_cut_off_or_broken_is_refused_or_read(place: int, put: str) -> None:
    """Never another error than DocumentError."""
    with pytest.raises(DocumentError):
        read_backup_components(SAVED_TEXT[:place])
    try:
        document = read_backup_components(SAVED_TEXT[:place] + put + SAVED_TEXT[place:])
    except DocumentError:
        return
    assert read_backup_components(write_backup_components(document)) == document


def _all_elements(element: Element) -> list[Element]:
    return [element, *(inner for child in element.children for inner in _all_elements(child))]


@pytest.mark.parametrize("vocabulary", [BACKUP_COMPONENTS, WRITER_METADATA], ids=lambda kind: kind.root.name)
def test_the_vocabulary_says_of_each_name_how_it_is_known(vocabulary: Vocabulary) -> None:
    """What was chosen here is marked, and no name was chosen twice in one place."""
    for element in _all_elements(vocabulary.root):
        assert len(element.attribute_named) == len(element.attributes)
        assert len(element.child_named) == len(element.children)
        if element.known is Known.OURS:
            assert {attribute.known for attribute in element.attributes} <= {Known.OURS, Known.REAL}
    assert known_as(BackupType.FULL) is Known.REAL
    assert known_as(BackupType.LOG) is Known.OURS
