"""What is said of a text that cannot be used: where it goes wrong, and what was expected there."""


class DocumentError(ValueError):
    """A text that is no such document; `line` is where it goes wrong, `says` what is wrong and what was expected."""

    def __init__(self, line: int, says: str) -> None:
        super().__init__(f"line {line}: {says}")
        self.line = line
        self.says = says


class WorldError(ValueError):
    """A text that describes no world.

    `place` is the way to the value that is wrong (`machines[0].volumes[1].name`; empty: the whole text), `line` where
    it stands, None if the description was no text.
    """

    def __init__(self, line: int | None, place: str, says: str) -> None:
        where = ([f"line {line}"] if line is not None else []) + ([place] if place else [])
        super().__init__(f"{', '.join(where)}: {says}" if where else says)
        self.line = line
        self.place = place
        self.says = says
