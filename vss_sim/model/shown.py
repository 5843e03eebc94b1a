"""Names that are compared without regard to case, and shown in sentences as they were written."""


class Shown(str):
    """A name without regard to case; `!r` in a sentence shows how it was written where it came from."""

    __slots__ = ("written",)
    written: str

    def __repr__(self) -> str:
        return repr(self.written)


def shown(written: str) -> str:
    """The name as it is compared, which remembers how it was written."""
    folded = written.casefold()
    if folded == written:
        return folded
    name = Shown(folded)
    name.written = written
    return name


def joined(*parts: str) -> str:
    """The parts as one name, which remembers how each was written."""
    return shown("".join(map(written, parts)))


def written(name: str) -> str:
    """How a name was written, as far as it remembers that."""
    return name.written if isinstance(name, Shown) else name
