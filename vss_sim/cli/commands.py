"""The words of the command line, and which command they mean.

A command imports what it needs when it is given: logs of tests are short, and to import everything takes longer than to
check one of them.
"""

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vss_sim import __version__
from vss_sim.cli.check import FORMS, check
from vss_sim.cli.parsers import Commands, Parser
from vss_sim.cli.plain_output import columns, write_anything
from vss_sim.report.words import lines_within
from vss_sim.spec.table import Profile

if TYPE_CHECKING:
    from collections.abc import Callable

UNUSABLE: Final = 2
CLOSED_PIPE: Final = 141

_CHECK_HELP: Final = """\
examples:
  vss-sim check nightly.jsonl              one log
  vss-sim check logs/ 'old/*.jsonl'        every .jsonl below a folder, and what a pattern matches
  my-recorder | vss-sim check -            a log from standard input
  vss-sim check logs/ --format json        one JSON object a trace
  vss-sim check logs/ --format junit > vss.xml
                                           for the test report of a CI system
  vss-sim check logs/ --format github      annotations, in a step of GitHub Actions

exit codes:
  0  no trace violates the protocol
  1  a trace violates it
  2  an input cannot be used; the others are checked all the same
"""

_EXPLAIN_HELP: Final = """\
examples:
  vss-sim explain VSS_E_BAD_STATE          an answer by name, 0x80042301 or -2147212543
  vss-sim explain seq-setcontext-once      a rule
  vss-sim explain DoSnapshotSet            a method
  vss-sim explain Freeze                   an event that VSS sends to writers
  vss-sim explain C22                      a contradiction between pages
  vss-sim explain VSS_RME_RESTORE_AT_REBOOT
                                           a constant; of a restore method, its tree in words
  vss-sim explain wszLogicalPath           a parameter: which calls have it, and what VSS asks of it
  vss-sim explain 0x19                     a number: the context, the flags or the members that it may be
  vss-sim explain 'VSS_BS_LOG|VSS_BS_COPY' flags that are joined
  vss-sim explain 80070020                 an error of Win32, as it is pasted from an event log
  vss-sim explain transportable shadow copy
                                           a word of VSS; the name of a writer, a command of vssadmin or DiskShadow
  vss-sim explain event 12293              an event of the application log; a line of it, pasted, or an error's text
  vss-sim explain 'sec-*'                  every name that fits a pattern, with what it says
  vss-sim explain 60 seconds               other words: which rules, answers and calls say something of them

exit codes:
  0  it is explained, or something that says the words is told
  2  nothing is known by this name; near ones are told
"""

_SERVE_HELP: Final = """\
examples:
  vss-sim serve                             one conversation, over standard input and output
  vss-sim serve --record run.jsonl          and a transcript, which vss-sim check reads
  vss-sim serve --tcp 127.0.0.1:0           many clients, each in its own world; standard error tells the port
  vss-sim serve --world lab.json            what a simulation begins with where a client gives no world
  echo '{"call": "CreateVssBackupComponents", "id": 1}' | vss-sim serve

exit codes:
  0    the input ended, or the client said {"stop": true}
  2    a file or an address cannot be used, or the transcript is not complete
  130  interrupted
  141  nobody reads the replies any more
  143  terminated

docs/wire.md has the messages, docs/wire.schema.json their JSON Schema.
"""


_REHEARSE_HELP: Final = """\
examples:
  vss-sim rehearse lab.json                 a backup of the world, its restore, tables
  vss-sim rehearse lab.json --json          for machines
  vss-sim rehearse lab.json --save b.json   keep the backup
  vss-sim rehearse other.json --backup b.json
                                            restore it on another computer
  vss-sim rehearse lab.json --world-out after.json
                                            go on with the computer as it is then

exit codes:
  0  everything was restored
  1  something was not: an error branch of its method, or the restart could not move a file
  2  an input cannot be used

docs/rehearse.md has worlds with their output, docs/restore-methods.md the trees.
"""


def _parser(command: str) -> argparse.ArgumentParser:
    """The parser of all words, or of as many as `command` needs."""
    parser = Parser(
        prog="vss-sim",
        description="The protocol of Windows' Volume Shadow Copy Service, to check programs against.",
        epilog="vss-sim COMMAND --help shows examples.",
    )
    parser.add_argument("-V", "--version", action="version", version=f"vss-sim {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_check(commands)
    _add_explain(commands)
    _add_tables(commands)
    _add_serve(commands)
    commands.add_parser("conform", help="put the conformance suite to an implementation", add_help=False)
    _add_rehearse(commands)
    if command not in _OWN_WORDS_ONLY:
        from vss_sim.cli.selection import add_selection
        from vss_sim.cli.timeline import add_timeline
        from vss_sim.cli.world import add_world

        add_timeline(commands)
        add_selection(commands)
        add_world(commands)
    commands.add_parser(
        "wire-schema",
        help="print the JSON Schema of the messages of `serve`",
        description="Print the JSON Schema (2020-12) of every message that `vss-sim serve` takes and gives.",
        epilog="example:\n  vss-sim wire-schema > wire.schema.json\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    return parser


def _add_check(commands: Commands) -> None:
    checking = commands.add_parser(
        "check",
        help="check recorded call logs against the protocol",
        description="Check recorded logs of VSS calls (JSON Lines) against the protocol of VSS.",
        epilog=_CHECK_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    checking.add_argument("traces", nargs="+", metavar="TRACE", help="a file, a folder, a pattern, or - ")
    checking.add_argument(
        "--format", choices=FORMS, default="text", help="for people (text) or machines; github: annotations for Actions"
    )
    _add_profile(checking, None, "that of the log's header, or windows")
    checking.add_argument("--quiet", action="store_true", help="no notes, only errors and warnings (not in json)")


def _add_explain(commands: Commands) -> None:
    explaining = commands.add_parser(
        "explain",
        help="explain a rule, an HRESULT, a method or an event",
        description="What a rule, an HRESULT, a constant, a method, a parameter, an event, a word of VSS or a "
        "contradiction of\nthe pages means. A number tells every constant that it may be.",
        epilog=_EXPLAIN_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    explaining.add_argument(
        "name",
        nargs="+",
        metavar="NAME",
        help="a rule, a code, a constant, a number, flags joined by |, a method, a parameter, an event, C22, words ...",
    )


def _add_tables(commands: Commands) -> None:
    """The words that print a table of the project as a page."""
    commands.add_parser(
        "protocol",
        help="print the protocol table as Markdown",
        description="Print the protocol table as Markdown: methods by phases, needs, rules, a state diagram.",
        epilog="example:\n  vss-sim protocol > protocol.md\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands.add_parser(
        "restore-methods",
        help="print the restore methods as Markdown, with their trees",
        description="Print as Markdown how each restore method and target decides where files go, with drawn trees.",
        epilog="example:\n  vss-sim restore-methods > restore-methods.md\n\n"
        "vss-sim explain VSS_RME_RESTORE_IF_CAN_REPLACE prints one of them.\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands.add_parser(
        "glossary",
        help="print the words of VSS as Markdown",
        description="Print as Markdown what the words of VSS, of its tools and of its events in the log mean.",
        epilog="example:\n  vss-sim glossary > glossary.md\n\nvss-sim explain WORD prints one of them.\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    answering = commands.add_parser(
        "answers",
        help="how to bring about every documented answer",
        description="Print as Markdown how a simulated world is made to give each answer that the documentation names.",
        epilog="examples:\n"
        "  vss-sim answers > answers.md             every method\n"
        "  vss-sim answers AddToSnapshotSet         one\n",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    answering.add_argument("method", nargs="?", metavar="METHOD", help="a method, with its interface or without")


def _add_serve(commands: Commands) -> None:
    serving = commands.add_parser(
        "serve",
        help="simulate VSS for a program in any language",
        description="Simulate VSS for programs in any language: a JSON object a line in, a JSON object a line out.",
        epilog=_SERVE_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    serving.add_argument("--tcp", metavar="HOST:PORT", help="serve TCP clients there; port 0: any that is free")
    serving.add_argument("--world", metavar="FILE", help="the world of simulations for which the client gives none")
    serving.add_argument(
        "--record", metavar="FILE", help="write each simulation down as a trace: FILE, FILE-2, FILE-3, ..."
    )
    _add_profile(serving)


def _add_rehearse(commands: Commands) -> None:
    rehearsing = commands.add_parser(
        "rehearse",
        help="play the restore of a simulated computer",
        description="Back a world up, let happen what its `then` says, restore, and say where every file went and why.",
        epilog=_REHEARSE_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    rehearsing.add_argument("world", metavar="WORLD", help="a world file, or -")
    rehearsing.add_argument("--backup", metavar="SAVED", help="restore this backup, which --save wrote")
    rehearsing.add_argument("--save", metavar="FILE", help="write the backup to FILE")
    rehearsing.add_argument("--record", metavar="FILE", help="write the whole run to FILE, as a trace for `check`")
    rehearsing.add_argument(
        "--world-out", metavar="FILE", help="write the computers as they are in the end to FILE, as a world"
    )
    rehearsing.add_argument("--json", action="store_true", help="one JSON object, for machines")
    _add_profile(rehearsing)


def _add_profile(
    command: argparse.ArgumentParser, default: str | None = Profile.WINDOWS.value, which: str = Profile.WINDOWS.value
) -> None:
    command.add_argument(
        "--profile",
        choices=[profile.value for profile in Profile],
        default=default,
        help=f"windows: as real Windows behaves; documented: by the letter of the pages (default: {which})",
    )


def run(words: list[str]) -> int:
    """Run one command; the exit code tells how it went."""
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w")  # noqa: SIM115 - as long as the process
    if sys.stdout is None:
        sys.stderr.write("vss-sim: the output cannot be written: it is closed\n")
        return UNUSABLE
    write_anything()
    try:
        with lines_within(columns()):
            code = _conform(words[1:]) if words[:1] == ["conform"] else _run(_parsed(words))
        sys.stdout.flush()
    except BrokenPipeError:
        _give_output_up()
        return CLOSED_PIPE
    except OSError as error:  # inputs were opened, and their errors told, elsewhere
        _give_output_up()
        sys.stderr.write(f"vss-sim: the output cannot be written: {error.strerror or error}\n")
        return UNUSABLE
    except KeyboardInterrupt:
        return 130
    return code


def _parsed(words: list[str]) -> argparse.Namespace:
    return _parser(words[0] if words else "").parse_args(_protect(words))


def _give_output_up() -> None:
    """Nothing is left to be flushed into the void at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _protect(words: list[str]) -> list[str]:
    """A negative number, such as an HRESULT in signed decimal, is a name and no option."""
    if words[:1] == ["explain"] and "--" not in words:
        return [
            piece for word in words for piece in (["--", word] if word[:1] == "-" and word[1:2].isdigit() else [word])
        ]
    return words


def _conform(words: list[str]) -> int:
    from vss_sim.cli.conform import conform

    return conform(words)


def _check(options: argparse.Namespace) -> int:
    profile = Profile(options.profile) if options.profile is not None else None
    return check(options.traces, options.format, profile, quiet=options.quiet)


def _serve(options: argparse.Namespace) -> int:
    from vss_sim.cli.serve import serve

    return serve(options.world, Profile(options.profile), options.record, options.tcp)


def _rehearse(options: argparse.Namespace) -> int:
    from vss_sim.cli.rehearse import rehearse_file

    return rehearse_file(
        options.world,
        Profile(options.profile),
        backup=options.backup,
        save=options.save,
        record=options.record,
        world_out=options.world_out,
        as_json=options.json,
    )


def _timeline(options: argparse.Namespace) -> int:
    from vss_sim.cli.timeline import timeline

    return timeline(options)


def _selection(options: argparse.Namespace) -> int:
    from vss_sim.cli.selection import selection

    return selection(options)


def _world(options: argparse.Namespace) -> int:
    from vss_sim.cli.world import world

    return world(options)


_ACTS: Final = {
    "check": _check,
    "timeline": _timeline,
    "serve": _serve,
    "rehearse": _rehearse,
    "selection": _selection,
    "world": _world,
}
_OWN_WORDS_ONLY: Final = ("check", "serve", "rehearse")
"""Commands that are given often, of which no other command's words have to be known."""


def _run(options: argparse.Namespace) -> int:
    if options.command in _ACTS:
        return _ACTS[options.command](options)
    return _print_page(options)


def _print_page(options: argparse.Namespace) -> int:
    """Print what the tables say."""
    from vss_sim.report.answers_page import UnknownMethodError, answers_of, answers_page
    from vss_sim.report.explain import UnknownNameError, explain
    from vss_sim.report.glossary_page import glossary_page
    from vss_sim.report.protocol_page import protocol_page
    from vss_sim.report.restore_page import restore_page
    from vss_sim.wire.schema import wire_schema

    pages: dict[str, Callable[[], str]] = {
        "protocol": protocol_page,
        "restore-methods": restore_page,
        "wire-schema": wire_schema,
        "glossary": glossary_page,
        "answers": lambda: answers_of(options.method) if options.method else answers_page(),
        "explain": lambda: explain(" ".join(options.name)),
    }
    try:
        sys.stdout.write(pages[options.command]())
    except (UnknownNameError, UnknownMethodError) as error:
        sys.stderr.write(f"vss-sim {options.command}: {error}\n")
        return UNUSABLE
    return 0
