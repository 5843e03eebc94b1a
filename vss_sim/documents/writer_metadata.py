"""The Writer Metadata Document as XML.

Page: https://learn.microsoft.com/windows/win32/vss/writer-metadata-document-contents
"""

from vss_sim.documents.errors import DocumentError
from vss_sim.documents.vocabulary import WRITER_METADATA
from vss_sim.documents.xml_reader import read_xml
from vss_sim.documents.xml_writer import write_xml
from vss_sim.model.metadata import WriterMetadata


def read_writer_metadata(text: str | bytes, passed_over: list[DocumentError] | None = None) -> WriterMetadata:
    """What a writer says of itself and its data.

    What is not known in it is told to the list `passed_over`, if there is one, and left out.

    Raises:
        DocumentError: the text is no such document, or has elements or attributes that are not known here.
    """
    metadata: WriterMetadata = read_xml(WRITER_METADATA, text, passed_over)
    return metadata


def write_writer_metadata(metadata: WriterMetadata) -> str:
    """The document of a writer; of a `Writer` of a world, too, without what only the world knows of it.

    Raises:
        ValueError: a text in it has a character that XML cannot hold.
    """
    return write_xml(WRITER_METADATA, metadata)
