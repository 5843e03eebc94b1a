"""`vss-sim conform`: the edge that calls the conformance suite, which knows nothing of this package.

Cases that are generated are made here and put like the others.
"""

import sys
from collections.abc import Callable, Iterable, Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from vss_sim.cli.suite import PROG, UNUSABLE, case_of, suite
from vss_sim.generate.made import Made
from vss_sim.spec.table import Profile

_WRITE: Final = "--write"


def conform(words: list[str]) -> int:
    """Do what the words say; return the exit code."""
    if words[:1] == ["fuzz"]:
        from vss_sim.cli.fuzz import fuzz  # noqa: PLC0415 - needs hypothesis

        done: int = fuzz(words[1:])
        return done
    if words[:1] and words[0] in _GENERATED:
        return _generated(words[0], words[1:])
    if words[:1] and not words[0].startswith("-"):
        near = get_close_matches(words[0], _WORDS, n=1)
        meant = f" (did you mean {near[0]}?)" if near else ""
        sys.stderr.write(f"{PROG}: there is no {words[0]!r}; expected {', '.join(_WORDS)}, or options{meant}\n")
        return UNUSABLE
    code: int = suite("command").main(words, PROG, more=_MORE)
    return code


def _generated(what: str, words: list[str]) -> int:
    """Put generated cases, or write them into a folder."""
    prog, make = f"{PROG} {what}", _GENERATED[what]
    if words[:1] == [_WRITE]:
        if len(words) != 2:  # noqa: PLR2004 - the option and its folder
            sys.stderr.write(f"{prog}: expected {_WRITE} FOLDER, and nothing else\n")
            return UNUSABLE
        return _write(make(()), Path(words[1]), prog)
    command = suite("command")
    options = command.parser(prog).parse_args(words[: words.index("--") if "--" in words else len(words)])
    cases = sorted(map(case_of, make(tuple(options.run))), key=lambda case: case.id)
    code: int = command.main(words, prog, cases)
    return code


def _pairs(patterns: tuple[str, ...]) -> Iterator[Made]:
    """Every state that a method tells apart, with the method."""
    from vss_sim.generate.pairs import AREA, pair_cases  # noqa: PLC0415 - takes a while

    for profile in Profile:
        folders = [pattern.rpartition("/")[0] for pattern in patterns]
        if not patterns or any(fnmatchcase(f"{AREA}/{profile.value}", folder or "*") for folder in folders):
            yield from pair_cases(profile, patterns)


def _arguments(_: tuple[str, ...]) -> Iterator[Made]:
    """Every demand on an argument, broken."""
    from vss_sim.generate.refused_arguments import argument_cases  # noqa: PLC0415 - as above

    for profile in Profile:
        yield from argument_cases(profile)


def _restores(_: tuple[str, ...]) -> Iterator[Made]:
    """Every branch of the restore-method table."""
    from vss_sim.generate.restores import restore_cases  # noqa: PLC0415 - as above

    yield from restore_cases()


_GENERATED: Final[dict[str, Callable[[tuple[str, ...]], Iterator[Made]]]] = {
    "pairs": _pairs,
    "arguments": _arguments,
    "restores": _restores,
}
"""What is made of the tables, by the word of the command line; it gets the globs of `--run`."""

_WORDS: Final = (*_GENERATED, "fuzz")
_MORE: Final = f"""
cases that nobody wrote, put the same way:
  {PROG} pairs -- ./mine                   every method in every state that it tells apart
  {PROG} arguments -- ./mine               every demand on an argument, broken
  {PROG} restores -- ./mine                every branch of the restore methods
  {PROG} pairs --write FOLDER              as files, for --cases FOLDER
  {PROG} fuzz --seed 7 -- ./mine           programs made by chance; {PROG} fuzz --help
"""


def _write(cases: Iterable[Made], folder: Path, prog: str) -> int:
    try:
        for made in cases:
            path = folder / f"{made.header['id']}.jsonl"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made.text(), encoding="utf-8", newline="\n")
    except OSError as error:
        sys.stderr.write(f"{prog}: {error}\n")
        return UNUSABLE
    return 0
