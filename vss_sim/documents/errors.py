"""What is said of a text that cannot be used: where it goes wrong, and what was expected there."""


class DocumentError(ValueError):
    """A text that is no such document; `line` is where it goes wrong, `says` what is wrong and what was expected."""

    def __init__(self, line: int, says: str) -> None:
        super().__init__(line, says)
        self.line = line
        self.says = says

    def __str__(self) -> str:
        return f"line {self.line}: {self.says}"

    def in_file(self, name: str) -> str:
        """The same of the file `name`: `writer.xml:4: ...`."""
        return f"{name}:{self.line}: {self.says}"


class WorldError(ValueError):
    """A text that describes no world.

    `place` is the way to the value that is wrong (`machines[0].volumes[1].name`; empty: the whole text), `line` where
    it stands, None if the description was no text.
    """

    def __init__(self, line: int | None, place: str, says: str) -> None:
        super().__init__(line, place, says)
        self.line = line
        self.place = place
        self.says = says

    def __str__(self) -> str:
        where = ([f"line {self.line}"] if self.line is not None else []) + ([self.place] if self.place else [])
        return f"{', '.join(where)}: {self.says}" if where else self.says

    def in_file(self, name: str) -> str:
        """The same of the file `name`, as editors and terminals read it: `lab.json:4: machines[0].os: ...`."""
        line = f":{self.line}" if self.line is not None else ""
        key = f"{self.place}: " if self.place else ""
        return f"{name}{line}: {key}{self.says}"
