"""`vss-sim conform fuzz`: programs made by chance, put to an implementation; the shortest that fails becomes a case.

Hypothesis draws and shortens; the same seed gives the same programs. The time is kept while it draws and while it
shortens: at its end the shortest that was found stands.
"""

import argparse
import shutil
import sys
import time
from pathlib import Path
from typing import Any, Final

from vss_sim.cli.conform import PROG, UNUSABLE, case_of, suite
from vss_sim.generate.chance import LARGEST, program
from vss_sim.generate.made import Made

_EXAMPLES: Final = f"""\
examples:
  {PROG} fuzz -- ./mine                              400 programs
  {PROG} fuzz --seed 7 --seconds 600 --examples 100000 -- ./mine
  {PROG} fuzz --write found.jsonl -- ./mine          the shortest failing one, as a case file
  {PROG} --cases found.jsonl -- ./mine               ... put again

exit codes:
  0  no program failed
  1  one did: the shortest is printed
  2  the command cannot be started, an option is wrong, hypothesis is not installed, or every program was skipped
"""
_LONG: Final = 25
_LONGEST: Final = 40
"""Half of the programs have at least `_LONG` steps: what is wrong late in a backup is found by them."""


class _FoundError(AssertionError):
    """A program failed."""


def fuzz(words: list[str]) -> int:
    """Do what the words say; return the exit code."""
    place = words.index("--") if "--" in words else len(words)
    options = _parser().parse_args(words[:place])
    command = tuple(words[place + 1 :])
    if not command or shutil.which(command[0]) is None:
        sys.stderr.write(f"{PROG} fuzz: expected -- COMMAND ..., a program that is there\n")
        return UNUSABLE
    try:
        return _fuzz(options, command)
    except ModuleNotFoundError as error:
        if error.name != "hypothesis":
            raise
        sys.stderr.write(f'{PROG} fuzz: hypothesis is not installed: pip install "vss-sim[hypothesis]"\n')
        return UNUSABLE


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        f"{PROG} fuzz",
        f"{PROG} fuzz [options] -- COMMAND ...",
        "Put programs made by chance to an implementation, and shorten the first that fails.",
        _EXAMPLES,
        formatter_class=raw,
        allow_abbrev=False,
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same programs (0)")
    parser.add_argument("--examples", type=int, default=400, metavar="N", help="at most so many programs (400)")
    parser.add_argument("--seconds", type=float, default=60.0, metavar="S", help="at most so long (60)")
    parser.add_argument("--limit", type=float, default=10.0, metavar="SECONDS", help="the time of a program (10)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="where the case goes that is found")
    return parser


class _Search:
    """Puts programs, and keeps the shortest that failed."""

    def __init__(self, implementation: Any, seconds: float) -> None:
        self._implementation = implementation
        self._put = suite("dialogue").put
        self._verdicts = suite("results").Verdict
        self._end = time.monotonic() + seconds
        self.best: tuple[Made, Any] | None = None
        self.programs = 0
        self.judged = 0

    def look(self, numbers: list[int]) -> None:
        """Put one program; raises where it fails. After the time nothing is put, and nothing fails."""
        if time.monotonic() > self._end:
            return
        made = program(numbers)
        self._implementation.begin()
        result = self._put(case_of(made), self._implementation.say)
        self._implementation.end(fresh=False)
        self.programs += 1
        self.judged += result.verdict is not self._verdicts.SKIPPED
        if result.verdict is self._verdicts.FAILED:
            if self.best is None or len(made.lines) < len(self.best[0].lines):
                self.best = made, result
            raise _FoundError


def _fuzz(options: argparse.Namespace, command: tuple[str, ...]) -> int:
    from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: PLC0415 - loaded where it is used
    from hypothesis import strategies as st  # noqa: PLC0415
    from hypothesis.errors import Flaky  # noqa: PLC0415

    process = suite("implementation")
    with process.Implementation(command, options.limit) as implementation:
        search = _Search(implementation, options.seconds)
        number = st.integers(0, LARGEST)
        short, long = (st.lists(number, min_size=least, max_size=_LONGEST) for least in (1, _LONG))
        numbers = short | long
        kept = settings(
            max_examples=options.examples,
            database=None,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            phases=(Phase.generate, Phase.shrink),
            print_blob=False,
        )
        try:
            seed(options.seed)(kept(given(numbers)(search.look)))()
        except (_FoundError, Flaky):
            pass
        except process.NoProgramError as error:
            sys.stderr.write(f"{PROG} fuzz: {error}\n")
            return UNUSABLE
    return _tell(search, options.write)


def _tell(search: _Search, path: Path | None) -> int:
    if search.best is None:
        sys.stdout.write(f"{search.programs} programs, {search.judged} judged: none failed\n")
        return 0 if search.judged else UNUSABLE
    made, result = search.best
    cut = len([line for line in made.lines if "call" in line])
    fault = result.fault
    sys.stdout.write(f"{search.programs} programs; the shortest that fails has {cut} calls\n")
    sys.stdout.write("".join(f"{line}\n" for line in result.talk))
    sys.stdout.write(f"line {fault.line}: {fault.call}: {fault.says}\n")
    if path is None:
        sys.stdout.write(f"the case, for a file of its own (--write FILE):\n{made.text()}")
    else:
        path.write_text(made.text(), encoding="utf-8", newline="\n")
        sys.stdout.write(f"the case is {path}; {PROG} --cases {path} -- COMMAND ... puts it again\n")
    return 1
