"""What is in a file: bytes, bytes that grow from a seed and are made when somebody reads them, or pieces of both.

A huge file costs as much as what was written into it. Zeros are what grows from no seed.
"""

from base64 import b64decode, b64encode
from collections.abc import Iterable, Iterator, Mapping
from hashlib import shake_128
from typing import Any, Final

from vss_sim.model.values import Value

_BLOCK: Final = 4096
_PIECE: Final = 1 << 20
"""Pieces of bytes are joined up to this size, so that a file that is written bit by bit has few of them."""


class Grown(Value, frozen=True, gc=False):
    """`size` bytes of the stream that grows from `seed`, from its byte `start` on; zeros where there is no seed."""

    size: int
    seed: int | None = None
    start: int = 0


class Pieced(Value, frozen=True, gc=False):
    """Pieces, one after the other."""

    pieces: tuple[bytes | Grown, ...]
    size: int


Content = bytes | Grown | Pieced


def bytes_of_text(text: str) -> bytes:
    """The bytes of a text: UTF-8, in which half a character of UTF-16 goes through as it is."""
    return text.encode("utf-8", "surrogatepass")


def in_json(data: bytes) -> dict[str, str]:
    """Bytes as JSON has them: text in `content` where they are UTF-8, else base64 in `contentBase64`."""
    try:
        return {"content": data.decode()}
    except UnicodeDecodeError:
        return {"contentBase64": b64encode(data).decode()}


def of_json(told: Mapping[str, Any]) -> bytes:
    """The bytes that `content` or `contentBase64` tells."""
    return b64decode(told["contentBase64"]) if "contentBase64" in told else bytes_of_text(str(told["content"]))


def size_of(content: Content) -> int:
    """The number of bytes."""
    return len(content) if isinstance(content, bytes) else content.size


def bytes_of(content: Content, begin: int = 0, end: int | None = None) -> bytes:
    """The bytes from `begin` up to `end`, which are made now."""
    if isinstance(content, bytes):
        return content[begin:end]
    wanted = _cut(content, begin, content.size if end is None else min(end, content.size))
    return b"".join(piece if isinstance(piece, bytes) else _grow(piece) for piece in wanted)


def overwritten(content: Content, offset: int, data: bytes | Grown) -> Content:
    """The content after `data` was written at `offset`; a gap before it is filled with zeros."""
    size, end = size_of(content), offset + size_of(data)
    if isinstance(content, bytes) and isinstance(data, bytes) and offset <= size and size + len(data) <= _PIECE:
        return content[:offset] + data + content[end:]
    gap = (Grown(offset - size),) if offset > size else ()
    return _joined((*_cut(content, 0, min(offset, size)), *gap, data, *_cut(content, end, size)))


def part_of(content: Content, begin: int, end: int) -> Content:
    """What is between two offsets, as a content; bytes that grow are not made."""
    return _joined(_cut(content, begin, end))


def first_piece(content: Content, begin: int, end: int) -> bytes | Grown:
    """As much of what is between two offsets as is of one kind; bytes that grow are not made."""
    return next(_cut(content, begin, end), b"")


def resized(content: Content, size: int) -> Content:
    """The content cut off, or with zeros after it."""
    more = size - size_of(content)
    return _joined((*_cut(content, 0, size), Grown(more))) if more > 0 else _joined(_cut(content, 0, size))


def same_bytes(one: Content, other: Content) -> bool:
    """Whether two contents have the same bytes, however they came to be."""
    size = size_of(one)
    if size != size_of(other):
        return False
    return one == other or all(
        bytes_of(one, begin, begin + _PIECE) == bytes_of(other, begin, begin + _PIECE)
        for begin in range(0, size, _PIECE)
    )


def _cut(content: Content, begin: int, end: int) -> Iterator[bytes | Grown]:
    """The pieces of a content between two offsets."""
    at = 0
    for piece in content.pieces if isinstance(content, Pieced) else (content,):
        size = size_of(piece)
        first, last = max(begin - at, 0), min(end - at, size)
        if first < last:
            yield piece[first:last] if isinstance(piece, bytes) else Grown(last - first, *_from(piece, first))
        at += size


def _from(piece: Grown, first: int) -> tuple[int | None, int]:
    return piece.seed, 0 if piece.seed is None else piece.start + first


def _joined(pieces: Iterable[bytes | Grown]) -> Content:
    """One content of pieces; neighbours that can be one piece are."""
    found: list[bytes | Grown] = []
    for piece in pieces:
        last = found[-1] if found else None
        if not size_of(piece):
            continue
        if isinstance(last, bytes) and isinstance(piece, bytes) and len(last) + len(piece) <= _PIECE:
            found[-1] = last + piece
        elif isinstance(last, Grown) and isinstance(piece, Grown) and _goes_on(last, piece):
            found[-1] = Grown(last.size + piece.size, last.seed, last.start)
        else:
            found.append(piece)
    if len(found) == 1:
        return found[0]
    return Pieced(tuple(found), sum(map(size_of, found))) if found else b""


def _goes_on(last: Grown, piece: Grown) -> bool:
    if last.seed is None or piece.seed is None:
        return last.seed is piece.seed
    return last.seed == piece.seed and last.start + last.size == piece.start


def _grow(piece: Grown) -> bytes:
    if piece.seed is None:
        return bytes(piece.size)
    first, end = piece.start // _BLOCK, piece.start + piece.size
    blocks = b"".join(_block(piece.seed, number) for number in range(first, -(-end // _BLOCK)))
    skipped = piece.start - first * _BLOCK
    return blocks[skipped : skipped + piece.size]


def _block(seed: int, number: int) -> bytes:
    """Every block of a stream is found without those before it."""
    return shake_128(b"%d %d" % (seed, number)).digest(_BLOCK)
