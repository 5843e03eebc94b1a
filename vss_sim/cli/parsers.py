"""What the parsers of all commands share: what they say of words that they do not know; where a command is added."""

import argparse
import re
import sys
from collections.abc import Sequence
from difflib import get_close_matches
from typing import Any, Final, NoReturn, TypeAlias

Commands: TypeAlias = "argparse._SubParsersAction[Parser]"  # noqa: SLF001 - it has no other name
"""Where `add_parser` adds a command."""

_CHOICE: Final = re.compile(r"invalid choice: '(?P<given>.*)' \(choose from (?P<known>.*)\)")
_NO_COMMAND: Final = "the following arguments are required: COMMAND"
_OPTION: Final = re.compile(r"--[\w-]+")
_LOG: Final = ".jsonl"


class Parser(argparse.ArgumentParser):
    """A parser whose errors tell what was probably meant; of a command alone without its words, the whole help."""

    _given: Sequence[str] = ()

    def parse_known_args(self, *words: Any, **more: Any) -> tuple[Any, list[str]]:
        """As ever, but what is not known is an error of the command that it was given to, and not of the first word."""
        self._given = words[0] or () if words else ()
        found, rest = super().parse_known_args(*words, **more)
        if rest:
            options = _OPTION.findall(self.format_usage())
            self.error(f"unrecognized arguments: {' '.join(rest)}{_meant(rest[0].partition('=')[0], options)}")
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Say what is wrong, and end with exit code 2."""
        if message == _NO_COMMAND and self._given:
            options = _OPTION.findall(self.format_help())
            super().error(f"unrecognized arguments: {' '.join(self._given)}{_meant(self._given[0], options)}")
        if message == _NO_COMMAND:
            self.print_help(sys.stderr)
            self.exit(2)
        choice = _CHOICE.search(message)
        if choice is None:
            super().error(message)
        known = [name.strip("'") for name in choice["known"].split(", ")]
        is_log = choice["given"].endswith(_LOG) and "check" in known
        super().error(
            message + (f"; did you mean check {choice['given']}?" if is_log else _meant(choice["given"], known))
        )


def _meant(given: str, known: list[str]) -> str:
    close = get_close_matches(given.casefold(), known, 1) if given else []
    return f"; did you mean {close[0]}?" if close else ""
