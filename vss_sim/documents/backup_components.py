"""The Backup Components Document as XML.

Page: https://learn.microsoft.com/windows/win32/vss/backup-components-document-contents
"""

import re
from typing import Final

from vss_sim.documents import words
from vss_sim.documents.errors import DocumentError
from vss_sim.documents.vocabulary import BACKUP_COMPONENTS
from vss_sim.documents.xml_reader import read_xml
from vss_sim.documents.xml_writer import write_xml
from vss_sim.model.document import BackupComponentsDocument
from vss_sim.spec.enums import BackupType

_TYPE: Final = re.compile(r'\ufeff?<BACKUP_COMPONENTS(?= )[^<>]{0,1000}? backupType="(\w{1,20})"')


def read_backup_components(
    text: str | bytes, passed_over: list[DocumentError] | None = None
) -> BackupComponentsDocument:
    """The document that a backup saved.

    What is not known in it is told to the list `passed_over`, if there is one, and left out.

    Raises:
        DocumentError: the text is none, or has elements or attributes that are not known here.
    """
    document: BackupComponentsDocument = read_xml(BACKUP_COMPONENTS, text, passed_over)
    return document


def backup_type_in(text: str) -> BackupType | None:
    """The type of the backup that a document is of, from its first element; None where it is not told there.

    No call tells it (dispute C59), and so it is for who looks at the text of a log, and for no requester.
    """
    found = _TYPE.match(text)
    try:
        return words.BACKUP_TYPE.read(found[1]) if found else None
    except ValueError:
        return None


def write_backup_components(document: BackupComponentsDocument) -> str:
    """The document as a requester saves it.

    Raises:
        ValueError: a text in it has a character that XML cannot hold.
    """
    return write_xml(BACKUP_COMPONENTS, document)
