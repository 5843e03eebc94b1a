"""The world that the header of a log describes, in itself or in a file beside the log."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from vss_sim.report.words import printable
from vss_sim.trace.lines import Header
from vss_sim.trace.reader import TraceError, read_json

if TYPE_CHECKING:
    from vss_sim.model.computer import Description

_MARK: Final = b"\xef\xbb\xbf"


def world_in(header: Header, number: int, log: Path | None) -> "tuple[dict[str, Any], Description] | None":
    """The world as JSON and as the computer that it describes; None where the header has none.

    A file is named from the folder of the log; of one from standard input, from the folder in which the command runs.

    Raises:
        TraceError: it cannot be read, or describes no world; the message has the key, or the line of the file.
    """
    if header.world is None:
        return None
    from vss_sim.documents.errors import WorldError  # noqa: PLC0415 - most logs have no world
    from vss_sim.documents.world_file import read_world  # noqa: PLC0415

    if isinstance(header.world, dict):
        told, whose = header.world, "the world of the header"
    else:
        data = _bytes_of(header.world, number, log)
        whose = f'the world "{printable(header.world)}" of the header'
    try:
        if isinstance(header.world, dict):
            return told, read_world(told)
        description = read_world(data)
        return read_json(data.removeprefix(_MARK)), description
    except WorldError as error:
        raise TraceError(number, f"{whose}: {error}") from None


def _bytes_of(named: str, number: int, log: Path | None) -> bytes:
    from vss_sim.documents.world_file import LARGEST  # noqa: PLC0415

    path = (log.parent if log is not None else Path()) / named
    says = "it is no file; expected one, or the world itself"
    try:
        if path.is_file():
            with path.open("rb") as file:
                return file.read(LARGEST + 1)
    except (OSError, ValueError) as fault:
        says = getattr(fault, "strerror", None) or str(fault)
    raise TraceError(number, f'the world "{printable(named)}" of the header cannot be read: {says}')
