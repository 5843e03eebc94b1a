"""`vss-sim conform fuzz`: programs made by chance, put to an implementation; the shortest that fails becomes a case.

The same seed gives the same programs. The time is kept while they are drawn and while the one that failed is
shortened: at its end the shortest that was found stands.
"""

import argparse
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Any, Final

from vss_sim.cli.suite import PROG, UNUSABLE, case_of, suite
from vss_sim.generate.chance import Chance, Drawn, made_of
from vss_sim.generate.made import Made
from vss_sim.generate.shortened import shortened

_EXAMPLES: Final = f"""\
examples:
  {PROG} fuzz -- ./mine                              400 programs
  {PROG} fuzz --seed 7 --seconds 600 --examples 100000 -- ./mine
  {PROG} fuzz --write found.jsonl -- ./mine          the shortest failing one, as a case file
  {PROG} --cases found.jsonl -- ./mine               ... put again

exit codes:
  0  no program failed
  1  one did: the shortest is printed
  2  the command cannot be started, an option is wrong, or every program was skipped
"""


def fuzz(words: list[str]) -> int:
    """Do what the words say; return the exit code."""
    place = words.index("--") if "--" in words else len(words)
    options = _parser().parse_args(words[:place])
    command = tuple(words[place + 1 :])
    if not command or shutil.which(command[0]) is None:
        sys.stderr.write(f"{PROG} fuzz: expected -- COMMAND ..., a program that is there\n")
        return UNUSABLE
    if options.write is not None and not options.write.parent.is_dir():
        sys.stderr.write(f"{PROG} fuzz: {options.write}: there is no folder {options.write.parent}\n")
        return UNUSABLE
    return _fuzz(options, command)


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    seconds = suite("command").seconds
    parser = argparse.ArgumentParser(
        f"{PROG} fuzz",
        f"{PROG} fuzz [options] -- COMMAND ...",
        "Put programs made by chance to an implementation, and shorten the first that fails.",
        _EXAMPLES,
        formatter_class=raw,
        allow_abbrev=False,
    )
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same programs (0)")
    parser.add_argument("--examples", type=_programs, default=400, metavar="N", help="at most so many programs (400)")
    parser.add_argument("--seconds", type=seconds, default=60.0, metavar="S", help="at most so long (60)")
    parser.add_argument("--limit", type=seconds, default=10.0, metavar="SECONDS", help="the time of a program (10)")
    parser.add_argument("--write", type=Path, metavar="FILE", help="where the case goes that is found")
    return parser


def _programs(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise argparse.ArgumentTypeError(f"{text!r}; expected a number of programs, 1 or more")
    return int(text)


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
        self.undecided = 0
        """Of the judged, those that ended where it went another way at a point that nothing settles."""
        self.lacking: set[str] = set()
        """The methods that the implementation said it cannot do."""
        self.bare = False
        """Whether it said so of the computer, so that it gets a bare one."""
        self.reason = ""
        """Why it skipped last."""

    @property
    def in_time(self) -> bool:
        """Whether there is time for another program."""
        return time.monotonic() < self._end

    def fails(self, made: Made) -> bool:
        """Put one program; whether it fails. After the time nothing is put, and nothing fails."""
        if not self.in_time:
            return False
        self._implementation.begin()
        result = self._put(case_of(made), self._implementation.say)
        self._implementation.end(fresh=False)
        self.programs += 1
        if result.verdict is self._verdicts.SKIPPED:
            self.reason = result.reason
            method = _last_method(result.talk)
            self.lacking.update([method] if method else [])
            self.bare = self.bare or not method
        else:
            self.judged += 1
            self.undecided += bool(result.reason)
        failed: bool = result.verdict is self._verdicts.FAILED
        if failed and (self.best is None or len(made.lines) <= len(self.best[0].lines)):
            self.best = made, result
        return failed

    def shorten(self, drawn: Drawn) -> None:
        """Shorten a program that failed, as long as there is time."""
        shortened(drawn, lambda shorter: self.in_time and self.fails(made_of(shorter)))


def _last_method(talk: tuple[str, ...]) -> str:
    """The method that was asked for last; none at the start."""
    asked = next((line for line in reversed(talk) if line.startswith("> ")), "> {}")
    return str(json.loads(asked.removeprefix("> ")).get("call", "")).rpartition("::")[2]


def _fuzz(options: argparse.Namespace, command: tuple[str, ...]) -> int:
    process = suite("implementation")
    with process.Implementation(command, options.limit) as implementation:
        search = _Search(implementation, options.seconds)
        chance = Chance(options.seed)
        try:
            for _ in range(options.examples):
                drawn, made = chance.draw(search.lacking, bare=search.bare)
                if search.fails(made):
                    search.shorten(drawn)
                    break
                if not search.in_time:
                    break
        except process.NoProgramError as error:
            sys.stderr.write(f"{PROG} fuzz: {error}\n")
            return UNUSABLE
    return _tell(search, options.write)


def _tell(search: _Search, path: Path | None) -> int:
    if search.best is None:
        none = f"{search.programs} programs, {search.judged} judged: none failed"
        if search.undecided:
            none += f"; {search.undecided} ended where nothing settles which way is right"
        if not search.judged:
            none += f"; skipped: {search.reason}"
        if search.bare:
            none += "\nthe computer was a bare one, with a volume and nothing else: it cannot make another"
        if search.lacking:
            none += f"\nleft out, as the implementation cannot do it: {', '.join(sorted(search.lacking))}"
        sys.stdout.write(f"{none}\n")
        return 0 if search.judged else UNUSABLE
    made, result = search.best
    words = suite("reports.words")
    cut = len([line for line in made.lines if "call" in line])
    said = [
        f"{search.programs} programs; the shortest that fails has {cut} calls",
        *result.talk,
        f"{words.place(result.fault)}: {result.fault.says}",
        *(f"    {line}" for line in words.argument(result.fault)),
    ]
    sys.stdout.write("".join(f"{words.printable(line)}\n" for line in said))
    if path is None:
        sys.stdout.write(f"the case, for a file of its own (--write FILE):\n{made.text()}")
    else:
        path.write_text(made.text(), encoding="utf-8", newline="\n")
        sys.stdout.write(f"the case is {path}; {PROG} --cases {path} -- COMMAND ... puts it again\n")
    return 1
