"""A backup as a file: the saved documents as XML and the saved files, machine by machine, as JSON.

`{"vss-backup": 1, "machines": [{"name": "one", "backupComponents": "<...>", "writers": ["<...>"], "files": [...]}]}`

Several backups of one machine stand in the order in which they were made, each with its `backupType` and with `taken`.
"""

from base64 import b64decode
from codecs import BOM_UTF8
from collections.abc import Mapping, Sequence
from typing import Annotated, Final

import msgspec

from vss_sim.documents.backup_components import read_backup_components
from vss_sim.documents.errors import DocumentError, WorldError
from vss_sim.documents.json_places import line_of, line_of_byte, line_of_fault
from vss_sim.engine.ranges import parse_ranges
from vss_sim.engine.restoring.media import Missed, Saved, SavedFile, SavedFolder
from vss_sim.model.content import Content, Grown, bytes_of, bytes_of_text, in_json
from vss_sim.model.document import EMPTY_DOCUMENT
from vss_sim.model.names import fold
from vss_sim.model.text_forms import other_form
from vss_sim.model.values import Described, guid, with_base64, wrong
from vss_sim.spec.enums import BackupType

_VERSION: Final = 1
_WANTED: Final = 'expected {"vss-backup": 1, ...}, as `rehearse --save` writes it'


class _Grown(Described, frozen=True, kw_only=True):
    """Bytes that grow from a seed, from their byte `start` on; zeros where there is none."""

    size: Annotated[int, msgspec.Meta(ge=0)]
    seed: Annotated[int, msgspec.Meta(ge=0)] | None = None
    start: Annotated[int, msgspec.Meta(ge=0)] = 0


class _Piece(Described, frozen=True, kw_only=True):
    """Bytes at an offset."""

    offset: int
    content: str | None = None
    content_base64: str | None = msgspec.field(default=None, name="contentBase64")
    content_grown: _Grown | None = None

    def __post_init__(self) -> None:
        if [self.content, self.content_base64, self.content_grown].count(None) != 2:  # noqa: PLR2004 - one of three
            raise wrong(self, "content", "a piece has one of content, contentBase64 and contentGrown")
        with_base64(self, "content_base64")

    @property
    def data(self) -> bytes | Grown:
        """The bytes."""
        if self.content_grown is not None:
            grown = self.content_grown
            return Grown(grown.size, grown.seed, grown.start)
        if self.content_base64 is not None:
            return b64decode(self.content_base64)
        return bytes_of_text(self.content or "")


class _File(Described, frozen=True, kw_only=True):
    """A saved file; with `ranges` only those were saved. `behind` are the reparse points on its way."""

    path: str
    size: int
    pieces: tuple[_Piece, ...] = ()
    ranges: str | None = None
    behind: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.ranges is not None and parse_ranges(self.ranges) is None:
            raise wrong(self, "ranges", f"{self.ranges[:60]!r} is no list of offset:length, with commas between")


class _Folder(Described, frozen=True, kw_only=True):
    """A folder without a saved file in it."""

    path: str
    behind: tuple[str, ...] = ()


class _Missed(Described, frozen=True, kw_only=True):
    """A file that could not be saved."""

    writer_id: str
    logical_path: str = ""
    component: str
    path: str
    says: str


class _Machine(Described, frozen=True, kw_only=True):
    name: str
    backup_components: str
    writers: tuple[str, ...] = ()
    files: tuple[_File, ...] = ()
    folders: tuple[_Folder, ...] = ()
    missed: tuple[_Missed, ...] = ()
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
            folders=tuple(_Folder(path=folder.path, behind=folder.behind) for folder in one.folders),
            missed=tuple(map(_missed, one.missed)),
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
    pieces = tuple(_piece(*piece) for piece in file.pieces)
    return _File(path=file.path, size=file.size, pieces=pieces, ranges=ranges, behind=file.behind)


def _missed(one: Missed) -> _Missed:
    path, name = one.component
    return _Missed(writer_id=one.writer_id, logical_path=path, component=name, path=one.path, says=one.says)


def _piece(offset: int, data: Content) -> _Piece:
    if isinstance(data, Grown):
        return _Piece(offset=offset, content_grown=_Grown(size=data.size, seed=data.seed, start=data.start))
    told = in_json(bytes_of(data))
    return _Piece(offset=offset, content=told.get("content"), content_base64=told.get("contentBase64"))


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
    form = other_form(data)
    if form is not None:
        raise WorldError(1, "", f"this is {form}")
    data = data.removeprefix(BOM_UTF8)
    if not data.strip():
        raise WorldError(1, "", f"there is nothing in it; {_WANTED}")
    try:
        data.decode("utf-8")
        if "vss-backup" not in _keys(data):
            raise WorldError(1, "", f"this is no backup; {_WANTED}")
        backup = msgspec.json.decode(data, type=_Backup)
    except msgspec.ValidationError as error:
        says, _, place = str(error).partition(" - at `$")
        place = place.strip("`.")
        raise WorldError(line_of(data, place), place[:200], says[:800]) from None
    except UnicodeDecodeError as error:
        raise WorldError(line_of_byte(data, error.start), "", "this is not UTF-8") from None
    except msgspec.DecodeError as error:
        raise WorldError(line_of_fault(data, str(error)), "", f"this is not JSON: {error}") from None
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
    return Saved(
        backup_components=machine.backup_components,
        writers=machine.writers,
        files=_files(machine),
        folders=tuple(SavedFolder(folder.path, folder.behind) for folder in machine.folders),
        missed=tuple(
            Missed(one.writer_id, (one.logical_path, one.component), one.path, one.says) for one in machine.missed
        ),
        backup_type=machine.backup_type,
        taken=machine.taken,
        components=tuple(
            (guid(writer.writer_id), fold(one.logical_path), fold(one.name))
            for writer in document.writers
            for one in writer.components
            if one.backup_succeeded is not False
        ),
    )


def _files(machine: _Machine) -> tuple[SavedFile, ...]:
    return tuple(
        SavedFile(
            file.path,
            tuple((piece.offset, piece.data) for piece in file.pieces),
            file.size,
            parse_ranges(file.ranges) if file.ranges is not None else None,
            file.behind,
        )
        for file in machine.files
    )
