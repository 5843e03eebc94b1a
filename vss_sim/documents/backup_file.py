"""A backup as a file: the saved documents as XML and the saved files, machine by machine, as JSON.

`{"vss-backup": 1, "machines": [{"name": "one", "backupComponents": "<...>", "writers": ["<...>"], "files": [...]}]}`

Several backups of one machine stand in the order in which they were made, each with its `backupType` and with `taken`.
"""

from base64 import b64decode, b64encode
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from vss_sim.documents.backup_components import read_backup_components
from vss_sim.documents.errors import DocumentError, WorldError
from vss_sim.documents.json_places import line_of_byte
from vss_sim.engine.ranges import parse_ranges
from vss_sim.engine.restoring.media import Saved, SavedFile
from vss_sim.model.document import EMPTY_DOCUMENT
from vss_sim.model.names import fold
from vss_sim.model.values import Described, guid, wrong
from vss_sim.spec.enums import BackupType

_VERSION: Final = 1


class _Piece(Described, frozen=True, kw_only=True):
    """Bytes at an offset."""

    offset: int
    content: str | None = None
    content_base64: str | None = msgspec.field(default=None, name="contentBase64")

    def __post_init__(self) -> None:
        if (self.content is None) is (self.content_base64 is None):
            raise wrong(self, "content", "a piece has one of content and contentBase64")
        if self.content_base64 is not None:
            try:
                b64decode(self.content_base64, validate=True)
            except ValueError as error:
                raise wrong(self, "content_base64", error) from None

    @property
    def data(self) -> bytes:
        """The bytes."""
        if self.content_base64 is not None:
            return b64decode(self.content_base64)
        return (self.content or "").encode("utf-8", "surrogatepass")


class _File(Described, frozen=True, kw_only=True):
    """A saved file; with `ranges` only those were saved."""

    path: str
    size: int
    pieces: tuple[_Piece, ...] = ()
    ranges: str | None = None

    def __post_init__(self) -> None:
        if self.ranges is not None and parse_ranges(self.ranges) is None:
            raise wrong(self, "ranges", f"{self.ranges[:60]!r} is no list of offset:length, with commas between")


class _Machine(Described, frozen=True, kw_only=True):
    name: str
    backup_components: str
    writers: tuple[str, ...] = ()
    files: tuple[_File, ...] = ()
    backup_type: BackupType = BackupType.FULL
    taken: int = 0


class _Backup(Described, frozen=True, kw_only=True):
    version: int = msgspec.field(name="vss-backup")
    machines: tuple[_Machine, ...]

    def __post_init__(self) -> None:
        if self.version != _VERSION:
            raise wrong(self, "version", f"expected {_VERSION}, the version of the format")


def write_backup(saved: Mapping[str, Sequence[Saved]]) -> str:
    """Backups by their machines, in their order, as a text that `read_backup` reads; their documents are XML."""
    machines = tuple(
        _Machine(
            name=name,
            backup_components=str(one.backup_components),
            writers=tuple(map(str, one.writers)),
            files=tuple(map(_written, one.files)),
            backup_type=one.backup_type,
            taken=one.taken,
        )
        for name, chain in saved.items()
        for one in chain
    )
    return (
        msgspec.json.format(msgspec.json.encode(_Backup(version=_VERSION, machines=machines)), indent=1).decode() + "\n"
    )


def _written(file: SavedFile) -> _File:
    ranges = None if file.ranges is None else ", ".join(f"{offset}:{length}" for offset, length in file.ranges)
    return _File(path=file.path, size=file.size, pieces=tuple(_piece(*piece) for piece in file.pieces), ranges=ranges)


def _piece(offset: int, data: bytes) -> _Piece:
    try:
        return _Piece(offset=offset, content=data.decode())
    except UnicodeDecodeError:
        return _Piece(offset=offset, content_base64=b64encode(data).decode())


def _keys(data: bytes) -> dict[str, msgspec.Raw]:
    """The outermost keys of a text; none where it is another value than an object."""
    try:
        return msgspec.json.decode(data, type=dict[str, msgspec.Raw])
    except msgspec.ValidationError:
        return {}


def read_backup(data: bytes) -> dict[str, tuple[Saved, ...]]:
    """The backups of a text, by their machines, in their order.

    Raises:
        WorldError: it is none; with line or place, and what was expected.
    """
    try:
        if "vss-backup" not in _keys(data):
            raise WorldError(
                1, "", 'this is no backup; expected {"vss-backup": 1, ...}, as `rehearse --save` writes it'
            )
        backup = msgspec.json.decode(data, type=_Backup)
    except msgspec.ValidationError as error:
        says, _, place = str(error).partition(" - at `$")
        raise WorldError(None, place.strip("`.")[:200], says[:800]) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WorldError(line_of_byte(data, 0), "", f"this is not JSON: {error}") from None
    except RecursionError:
        raise WorldError(None, "", "the text is nested too deeply") from None
    found: dict[str, tuple[Saved, ...]] = {}
    for machine in backup.machines:
        found[machine.name] = (*found.get(machine.name, ()), _saved(machine))
    return found


def _saved(machine: _Machine) -> Saved:
    """A backup; a document that is none is for VSS to refuse."""
    try:
        document = read_backup_components(machine.backup_components)
    except DocumentError:
        document = EMPTY_DOCUMENT
    keys = tuple(
        (guid(writer.writer_id), fold(one.logical_path), fold(one.name))
        for writer in document.writers
        for one in writer.components
    )
    return Saved(machine.backup_components, machine.writers, _files(machine), machine.backup_type, machine.taken, keys)


def _files(machine: _Machine) -> tuple[SavedFile, ...]:
    return tuple(
        SavedFile(
            file.path,
            tuple((piece.offset, piece.data) for piece in file.pieces),
            file.size,
            parse_ranges(file.ranges) if file.ranges is not None else None,
        )
        for file in machine.files
    )
