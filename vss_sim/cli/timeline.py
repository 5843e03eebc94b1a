"""`vss-sim timeline`: a log drawn in time, while it is read."""

import argparse
import sys
from collections.abc import Iterator
from typing import Final

from vss_sim.cli.inputs import NoSource, Source, UnreadableError, sources
from vss_sim.cli.logs import read_log
from vss_sim.cli.parsers import Commands
from vss_sim.report.timeline import Timeline, TimelineCalls
from vss_sim.trace.reader import TraceError, split_blocks

DRAWN: Final = 0
UNUSABLE: Final = 2

_HELP: Final = """\
examples:
  vss-sim timeline nightly.jsonl               calls, events, and who is frozen from when to when
  vss-sim timeline nightly.jsonl --events      of calls, only those that fail
  vss-sim timeline nightly.jsonl --every-call  each call in a row, with its values
  vss-sim serve --record run.jsonl             makes such a log, and so does rehearse --record
  vss-sim rehearse lab.json --record run.jsonl && vss-sim timeline run.jsonl

exit codes:
  0  every log was drawn
  2  an input cannot be used; the others are drawn all the same

docs/timeline.md explains what is drawn.
"""


def add_timeline(commands: Commands) -> None:
    """The words of the command."""
    told = commands.add_parser(
        "timeline",
        help="draw a log in time: who is frozen when",
        description="Draw a log in time: what the requester calls, what each writer hears, who is frozen when.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    told.add_argument("traces", nargs="+", metavar="TRACE", help="a file, a folder, a pattern, or - ")
    shown = told.add_mutually_exclusive_group()
    shown.add_argument("--every-call", action="store_true", help="a row for each call, with its values")
    shown.add_argument("--events", action="store_true", help="of calls, only those that fail")


def timeline(options: argparse.Namespace) -> int:
    """Draw every log, and return the exit code."""
    code, meant = DRAWN, list(sources(options.traces))
    calls = (
        TimelineCalls.EACH if options.every_call else TimelineCalls.FAILED if options.events else TimelineCalls.TOGETHER
    )
    for place, source in enumerate(meant):
        if len(meant) > 1:
            gap = "\n" if place else ""
            sys.stdout.write(f"{gap}{source.name}\n")
        try:
            for row in _rows(source, calls):
                sys.stdout.write(row + "\n")
        except _UnusableError as error:
            sys.stdout.flush()
            sys.stderr.write(f"vss-sim timeline: {error}\n")
            code = UNUSABLE
    return code


class _UnusableError(Exception):
    """The log cannot be read, from the line on that the message names."""


def _rows(source: Source | NoSource, calls: TimelineCalls) -> Iterator[str]:
    if isinstance(source, NoSource):
        raise _UnusableError(f"{source.name}: {source.says}")
    try:
        world, lines = read_log(split_blocks(source.chunks()), source.path)
        drawn = Timeline(world, calls)
        for number, line in lines:
            yield from drawn.feed(number, line)
    except TraceError as error:
        raise _UnusableError(f"{source.name}:{error.line}: {error.says}") from None
    except UnreadableError as fault:
        raise _UnusableError(f"{source.name}: {fault}") from None
    yield from drawn.finish()
