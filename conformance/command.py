"""The command line: `python -m conformance [options] -- COMMAND ...`, and `vss-sim conform` likewise."""

import argparse
import io
import os
import shutil
import sys
from collections.abc import Callable
from difflib import get_close_matches
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Final

from .case import Case, CaseError, Selection, find_cases
from .dialogue import put
from .implementation import Implementation, NoProgramError
from .known import KnownError, read_known
from .manifest import manifest
from .reports.html_page import html_report
from .reports.json_report import json_report
from .reports.junit import junit_report
from .reports.text import text_report
from .reports.words import argument, place, printable
from .results import Result, Run, Verdict
from .runner import INTERRUPTED, Setting, run

UNUSABLE: Final = 2
EXIT_INTERRUPTED: Final = 130
_MOST_JOBS: Final = 256
_DAY: Final = 86400.0
_FORMATS: Final[dict[str, Callable[[Run], str]]] = {
    "text": text_report,
    "json": json_report,
    "junit": junit_report,
    "html": html_report,
}
_BY_ENDING: Final = {".txt": "text", ".json": "json", ".xml": "junit", ".html": "html"}
_EXAMPLES: Final = """\
examples:
  {prog} -- vss-sim serve                      every case, against the simulator
  {prog} -- node adapter.mjs                   your own implementation, in any language
  {prog} --run 'restore/*' --jobs 1 -- ./mine   one area, one case at a time
  {prog} --rule seq-setcontext-once -- ./mine   the cases of a rule
  {prog} --reproduce restore/name -- ./mine     one case, with the whole conversation
  {prog} --report out.html --report junit.xml -- ./mine
  {prog} --list                                what would be run

exit codes:
  0    every case passed, was skipped with a reason, or is a known failure
  1    a case failed, or a known failure passes
  2    nothing was judged, the command cannot be started, or an option or a file is wrong
  130  interrupted; the report has what was reached
"""


class UsageError(Exception):
    """The command line cannot be followed."""


def parser(prog: str, more: str = "") -> argparse.ArgumentParser:
    """The options; `more` is what `--help` says at its end."""
    found = argparse.ArgumentParser(
        prog=prog,
        usage=f"{prog} [options] -- COMMAND ...",
        description="Put the conformance suite to an implementation of VSS: a program that speaks the wire on its "
        "standard input and output.",
        epilog=_EXAMPLES.format(prog=prog) + more,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    choosing = found.add_argument_group("which cases")
    choosing.add_argument("--run", action="append", default=[], metavar="GLOB", help="only cases of this name")
    choosing.add_argument("--skip", action="append", default=[], metavar="GLOB", help="no cases of this name")
    choosing.add_argument("--rule", action="append", default=[], metavar="GLOB", help="only cases of this rule")
    choosing.add_argument("--level", choices=("must", "should"), help="must: only cases of a rule that is a must")
    choosing.add_argument("--profile", choices=("windows", "documented"), help="only cases of this profile")
    choosing.add_argument("--os", action="append", default=[], metavar="GLOB", help="only cases on this Windows")
    choosing.add_argument("--shard", type=_shard, default=(1, 1), metavar="I/N", help="the I-th of N equal parts")
    choosing.add_argument(
        "--cases", action="append", default=[], type=Path, metavar="PATH", help="these in place of the suite's"
    )
    doing = found.add_argument_group("what is done")
    doing.add_argument("--list", action="store_true", help="print the names of the cases, and end")
    doing.add_argument("--manifest", action="store_true", help="print cases and their rules as JSON, and end")
    doing.add_argument("--reproduce", metavar="CASE", help="one case, with its whole conversation")
    running = found.add_argument_group("how")
    running.add_argument("--jobs", type=_count, default=os.cpu_count() or 1, metavar="N", help="so many at a time")
    running.add_argument("--limit", type=seconds, default=10.0, metavar="SECONDS", help="the time of a case (10)")
    running.add_argument("--fresh", action="store_true", help="a process of its own for every case")
    running.add_argument("--known", type=Path, metavar="FILE", help="known failures: a case, a colon, the reason")
    telling = found.add_argument_group("what is told")
    telling.add_argument("--format", choices=tuple(_FORMATS), default="text", help="on standard output")
    telling.add_argument(
        "--report",
        action="append",
        default=[],
        type=Path,
        metavar="FILE",
        help="also there, by its ending: .txt .json .xml .html",
    )
    return found


def _shard(text: str) -> tuple[int, int]:
    part, _, parts = text.partition("/")
    if not (part.isdecimal() and parts.isdecimal() and 1 <= int(part) <= int(parts)):
        raise argparse.ArgumentTypeError(f"{text!r} is no part; expected I/N with I from 1 to N, such as 1/4")
    return int(part), int(parts)


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_JOBS:
        raise argparse.ArgumentTypeError(f"{text!r}; expected a number from 1 to {_MOST_JOBS}")
    return int(text)


def seconds(text: str) -> float:
    """A time that an option names: more than 0, at most a day."""
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= _DAY:
        raise argparse.ArgumentTypeError(f"{text!r}; expected seconds, more than 0 and at most a day")
    return value


def main(
    words: list[str] | None = None,
    prog: str = "python -m conformance",
    generated: list[Case] | None = None,
    more: str = "",
) -> int:
    """Do what the words say, with the cases of the suite or with others; return the exit code."""
    given = sys.argv[1:] if words is None else words
    place = given.index("--") if "--" in given else len(given)
    options = parser(prog, more).parse_args(given[:place])
    try:
        return follow(options, tuple(given[place + 1 :]), generated)
    except (CaseError, KnownError, NoProgramError, UsageError, OSError) as error:
        sys.stderr.write(f"{prog}: {error}\n")
        return UNUSABLE
    except KeyboardInterrupt:
        sys.stderr.write(f"{prog}: interrupted before the run; nothing was judged\n")
        return EXIT_INTERRUPTED


def follow(options: argparse.Namespace, command: tuple[str, ...], generated: list[Case] | None = None) -> int:
    """Do what the options say."""
    everything = find_cases(options.cases) if generated is None else generated
    cases = _selection(options).of(everything)
    if options.manifest:
        sys.stdout.write(manifest(everything))
        return 0
    if options.list:
        if not cases:
            raise UsageError(_nothing_selected(options, everything))
        sys.stdout.write("".join(f"{case.id}\n" for case in cases))
        return 0
    if not command:
        raise UsageError("no command; expected -- COMMAND ... after the options")
    if shutil.which(command[0]) is None:
        raise NoProgramError(f"{command[0]}: there is no such program")
    if options.reproduce is not None:
        return _reproduce(options.reproduce, everything, command, options.limit)
    if not cases:
        raise UsageError(_nothing_selected(options, everything))
    _check_reports(options.report)
    known = read_known(options.known, everything) if options.known else {}
    setting = Setting(options.jobs, options.limit, options.fresh, tuple(known.items()))
    done = run(command, cases, setting, _progress(len(cases)))
    if not _tell(done, options):
        return UNUSABLE
    return EXIT_INTERRUPTED if done.stopped == INTERRUPTED else done.exit_code


def _selection(options: argparse.Namespace) -> Selection:
    return Selection(
        run=tuple(options.run),
        skip=tuple(options.skip),
        rules=tuple(options.rule),
        level=options.level,
        profile=options.profile,
        systems=tuple(options.os),
        shard=options.shard,
    )


def _nothing_selected(options: argparse.Namespace, cases: list[Case]) -> str:
    """That no case is selected; of those that are named in full, why; of what no case has, what was probably meant."""
    why = [_put_to_nobody(case) for case in cases if case.id in options.run and case.only_for_checkers]
    told = {
        "--run": (options.run, {name for case in cases for name in (case.id, f"{case.area}/*")}),
        "--rule": (options.rule, {rule for case in cases for rule in case.rules}),
        "--os": (options.os, {system for case in cases for system in case.systems}),
    }
    for option, (patterns, names) in told.items():
        for pattern in patterns:
            if not any(fnmatchcase(name, pattern) for name in names):
                near = get_close_matches(pattern, sorted(names), 1)
                why.append(f"no case has {option} {pattern}" + (f" (did you mean {near[0]}?)" if near else ""))
    return "; ".join(["no case is selected", *why])


def _put_to_nobody(case: Case) -> str:
    return f"{case.id} is put to nobody: {case.why_not_asked}"


def _check_reports(paths: list[Path]) -> None:
    for path in paths:
        if path.suffix not in _BY_ENDING:
            raise UsageError(f"--report {path}: the ending says the form; expected one of {', '.join(_BY_ENDING)}")
        if path.is_dir() or not path.absolute().parent.is_dir():
            raise UsageError(f"--report {path}: expected a file in a folder that is there")


def _tell(done: Run, options: argparse.Namespace) -> bool:
    """Write every report that can be written; whether that was all of them."""
    _say_anything(utf_8=options.format != "text")
    sys.stdout.write(_FORMATS[options.format](done))
    sys.stdout.flush()
    whole = True
    for path in options.report:
        text = _FORMATS[_BY_ENDING[path.suffix]](done)
        try:
            path.write_text(text, encoding="utf-8", errors="backslashreplace", newline="\n")
        except OSError as error:
            sys.stderr.write(f"{path}: cannot be written: {error.strerror or error}\n")
            whole = False
    return whole


def _say_anything(*, utf_8: bool) -> None:
    """What an implementation says may be no text at all, and a terminal may not have its letters."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8" if utf_8 else None, errors="backslashreplace")


def _progress(total: int) -> Callable[[Result], None] | None:
    """A line that counts, on a terminal only."""
    if not sys.stderr.isatty():
        return None
    seen = {"cases": 0, "failed": 0}

    def heard(result: Result) -> None:
        seen["cases"] += 1
        seen["failed"] += result.verdict is Verdict.FAILED
        end = "\r\x1b[K" if seen["cases"] == total else ""
        sys.stderr.write(f"\r{seen['cases']} of {total} cases, {seen['failed']} failed{end}")
        sys.stderr.flush()

    return heard


def _reproduce(name: str, cases: list[Case], command: tuple[str, ...], limit: float) -> int:
    case = next((one for one in cases if one.id == name), None)
    if case is None:
        raise UsageError(f"there is no case {name!r}; --list prints their names")
    if case.only_for_checkers:
        raise UsageError(_put_to_nobody(case))
    with Implementation(command, limit) as implementation:
        implementation.begin()
        result = put(case, implementation.say)
        implementation.end(fresh=False)
    said = list(result.talk)
    said += [f"line {point.line}: {point.call}: {point.says}; nothing settles it" for point in result.told]
    if result.fault is not None:
        said.append(f"{place(result.fault)}: {result.fault.says}")
        said += [f"  {line}" for line in argument(result.fault)]
    said.append(f"{case.id}: {result.verdict.value}{': ' + result.reason if result.reason else ''}")
    _say_anything(utf_8=False)
    sys.stdout.write("".join(f"{printable(line)}\n" for line in said))
    if result.verdict is Verdict.SKIPPED:
        return UNUSABLE
    return 0 if result.verdict is Verdict.PASSED else 1
