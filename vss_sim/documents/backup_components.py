"""The Backup Components Document as XML.

Page: https://learn.microsoft.com/windows/win32/vss/backup-components-document-contents
"""

from vss_sim.documents.vocabulary import BACKUP_COMPONENTS
from vss_sim.documents.xml_reader import read_xml
from vss_sim.documents.xml_writer import write_xml
from vss_sim.model.document import BackupComponentsDocument


def read_backup_components(text: str | bytes) -> BackupComponentsDocument:
    """The document that a backup saved.

    Raises:
        DocumentError: the text is none, or has elements or attributes that are not known here.
    """
    document: BackupComponentsDocument = read_xml(BACKUP_COMPONENTS, text)
    return document


def write_backup_components(document: BackupComponentsDocument) -> str:
    """The document as a requester saves it.

    Raises:
        ValueError: a text in it has a character that XML cannot hold.
    """
    return write_xml(BACKUP_COMPONENTS, document)
