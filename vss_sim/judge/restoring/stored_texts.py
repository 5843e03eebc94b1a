"""What the text of a stored document tells, where a log has the text itself.

A log may have the whole XML that a requester loads. It counts as what the calls on the document would read, where no
call reads it.
"""

from typing import Final

import msgspec

from vss_sim.judge.history import History, Step
from vss_sim.judge.restoring.restores import WRITERS
from vss_sim.judge.world_machine import document_of
from vss_sim.trace.values import parse_guid

_LONGEST: Final = 4 << 20
"""Signs; a longer text is left alone."""


def learn_text(history: History, step: Step) -> None:
    """Take on the metadata of a writer that a line has as XML; a text that is none, or is unreadable, tells nothing."""
    text = step.arguments.get("bstrXML")
    if not isinstance(text, str) or len(text) > _LONGEST or not text.lstrip("\ufeff \t\r\n").startswith("<"):
        return
    from vss_sim.documents.errors import DocumentError  # noqa: PLC0415 - few logs have such a text
    from vss_sim.documents.writer_metadata import read_writer_metadata  # noqa: PLC0415

    try:
        metadata = read_writer_metadata(text, [])
    except DocumentError:
        return
    writer = parse_guid(str(metadata.writer_id))
    texts = history.machine(step.line).stored_texts
    if writer is not None and (writer in texts or len(texts) < WRITERS):
        told = step.mark("the text of the stored metadata")
        texts[writer] = document_of(msgspec.json.decode(msgspec.json.encode(metadata)), told)
