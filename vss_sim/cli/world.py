"""`vss-sim world ...`: look at world files, begin one, or make one of the documents of a real machine."""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from vss_sim.cli.inputs import STANDARD_INPUT
from vss_sim.cli.parsers import Commands
from vss_sim.documents.errors import DocumentError, WorldError
from vss_sim.documents.metadata_folder import in_order, writer_in
from vss_sim.documents.world_faults import COUNTED, Wrong, wrong_in
from vss_sim.documents.world_file import LARGEST, line_in, read_world, write_world_in_full
from vss_sim.model.computer import Description
from vss_sim.model.from_metadata import world_of
from vss_sim.model.loose_ends import loose_ends
from vss_sim.model.metadata import WriterMetadata
from vss_sim.model.samples import sample_world
from vss_sim.report.words import printable
from vss_sim.report.world_page import world_page
from vss_sim.report.world_schema import world_schema
from vss_sim.report.world_view import world_view
from vss_sim.spec.enums import RestoreMethod
from vss_sim.spec.systems import DEFAULT_SYSTEM, system_named

FINE: Final = 0
LOOSE: Final = 1
UNUSABLE: Final = 2
_DIGITS: Final = 12

_HELP: Final = """\
examples:
  vss-sim world new > lab.json              a small world to start from
  vss-sim world check lab.json              is it a world, and does everything in it lead somewhere?
  vss-sim world show lab.json               what is in it
  vss-sim world schema > world.schema.json  for an editor that completes and checks JSON
  vss-sim serve --world lab.json            simulate it

docs/world.md has every key.
"""
_CHECK_HELP: Final = """\
examples:
  vss-sim world check lab.json
  vss-sim world check worlds/*.json
  vss-sim world new | vss-sim world check -

exit codes:
  0  every file is a world
  1  every file is a world, but something in one leads nowhere: a service that is not there, a script that never speaks
  2  a file is no world, or cannot be read: the first 20 things that are wrong are told, and how many there are; the
     others are checked all the same
"""
_SHOW_HELP: Final = """\
examples:
  vss-sim world show lab.json
  vss-sim world show lab.json --all         no list is cut off
  vss-sim world new | vss-sim world show -

exit codes:
  0  it was shown
  2  the file is no world, or cannot be read
"""
_NEW_HELP: Final = """\
examples:
  vss-sim world new > lab.json
  vss-sim world new --restore-method VSS_RME_STOP_RESTORE_START
  vss-sim world new --os "Windows Server 2012" --no-writer
"""
_FROM_HELP: Final = """\
examples:
  vss-sim world from-metadata C/Windows/Temp/backup > machine.json
  vss-sim world from-metadata documents/ --os "Windows Server 2012" --files 3 --seed 7 > machine.json

A Writer Metadata Document is an .xml file in the folder whose root is WRITER_METADATA; other documents are passed over,
which is said on standard error. Paths have their environment variables expanded to find volumes and to make files
(docs/files.md says how); the file sets of the world keep them.

exit codes:
  0  the world was printed
  2  a document cannot be read, or there is none; nothing was printed
"""


class _Unusable(Exception):  # noqa: N818 - it says what it says
    """A file that is no world."""


def add_world(commands: Commands) -> None:
    """The command with its own commands."""
    raw = argparse.RawDescriptionHelpFormatter
    parser = commands.add_parser(
        "world",
        help="check, show and begin world files",
        description="Worlds are files that describe simulated computers: check them, look at them, begin one.",
        epilog=_HELP,
        formatter_class=raw,
    )
    inner = parser.add_subparsers(dest="world_command", metavar="COMMAND", required=True)
    checking = inner.add_parser(
        "check",
        help="say what is wrong in world files",
        description="Say of each file whether it is a world, and what in it leads nowhere.",
        epilog=_CHECK_HELP,
        formatter_class=raw,
    )
    checking.add_argument("files", nargs="+", metavar="FILE", help="a world file, or - for standard input")
    checking.set_defaults(do=_check)
    showing = inner.add_parser(
        "show",
        help="show what is in a world",
        description="Show the machines of a world, and what is on them.",
        epilog=_SHOW_HELP,
        formatter_class=raw,
    )
    showing.add_argument("file", metavar="FILE", help="a world file, or - for standard input")
    showing.add_argument("--all", action="store_true", help="show all files and file sets, however many")
    showing.set_defaults(do=_show)
    _add_new(inner)
    _add_from_metadata(inner)
    for name, page, says, kept in (
        ("schema", world_schema, "print the JSON Schema (2020-12) of the world file", "world.schema.json"),
        ("keys", world_page, "print every key of a world file as Markdown", "world.md"),
    ):
        description = f"{says[0].upper()}{says[1:]}."
        epilog = f"example:\n  vss-sim world {name} > {kept}\n"
        printing = inner.add_parser(name, help=says, description=description, epilog=epilog, formatter_class=raw)
        printing.set_defaults(do=_printer(page))


def _add_new(inner: Commands) -> None:
    making = inner.add_parser(
        "new",
        help="print a small world to start from",
        description="Print a small world: files, a service, a database's writer that runs in it, the system provider.",
        epilog=_NEW_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    making.add_argument("--os", default=DEFAULT_SYSTEM, metavar="NAME", help=f"its system (default: {DEFAULT_SYSTEM})")
    making.add_argument("--no-writer", action="store_true", help="no writer, and no service")
    making.add_argument(
        "--restore-method",
        metavar="METHOD",
        choices=[method.value for method in RestoreMethod],
        help="how the writer wants its files restored (VSS_RME_...)",
    )
    making.set_defaults(do=_new)


def _add_from_metadata(inner: Commands) -> None:
    making = inner.add_parser(
        "from-metadata",
        help="print a world with the writers of a real machine",
        description="Print a world whose writers say what the saved Writer Metadata Documents of a folder say.",
        epilog=_FROM_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    making.add_argument("folder", metavar="FOLDER", help="where the documents are")
    making.add_argument("--os", default=DEFAULT_SYSTEM, metavar="NAME", help=f"its system (default: {DEFAULT_SYSTEM})")
    making.add_argument("--files", type=_number, default=0, metavar="N", help="make N files for each file set")
    making.add_argument("--seed", type=_number, default=0, metavar="S", help="what their bytes and sizes grow from")
    making.set_defaults(do=_from_metadata)


def _number(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > _DIGITS:
        raise argparse.ArgumentTypeError(f"{text!r:.60} is no number")
    return int(text)


def world(options: argparse.Namespace) -> int:
    """Run one of the commands."""
    do: Callable[[argparse.Namespace], int] = options.do
    return do(options)


def _printer(page: Callable[[], str]) -> Callable[[argparse.Namespace], int]:
    def printed(_: argparse.Namespace) -> int:
        sys.stdout.write(page())
        return FINE

    return printed


def _new(options: argparse.Namespace) -> int:
    method = RestoreMethod(options.restore_method) if options.restore_method else None
    if method is not None and options.no_writer:
        return _complain("new: --restore-method says how a writer is restored, and --no-writer leaves it out")
    try:
        system_named(options.os)
    except ValueError as error:
        return _complain(f"new: --os: {error}")
    sys.stdout.write(write_world_in_full(sample_world(options.os, method, writer=not options.no_writer)))
    return FINE


def _from_metadata(options: argparse.Namespace) -> int:
    try:
        system_named(options.os)
        documents = _documents(Path(options.folder))
        described = world_of(documents, os=options.os, files=options.files, seed=options.seed)
    except (_Unusable, ValueError) as error:
        return _complain(f"from-metadata: {error}")
    text = write_world_in_full(described)
    if len(text.encode()) > LARGEST:
        return _complain(
            f"from-metadata: the world is larger than {LARGEST >> 20} MiB, the most that is read; ask for fewer files"
        )
    sys.stdout.write(text)
    return FINE


def _documents(folder: Path) -> list[WriterMetadata]:
    """What the writers of a folder say, in the order of the names of their documents."""
    found: list[WriterMetadata] = []
    broken: list[str] = []
    for path in _xml_in(folder):
        name = printable(str(path))
        passed_over: list[DocumentError] = []
        try:
            with path.open("rb") as source:
                told = writer_in(source.read(2 * LARGEST + 1), passed_over)
        except OSError as error:
            broken.append(f"{name}: cannot be read: {error.strerror or error}")
        except DocumentError as error:
            broken.append(printable(f"{name}:{error.line}: {error.says}"))
        else:
            for unknown in passed_over:
                _complain(printable(f"from-metadata: {name}:{unknown.line}: passed over: {unknown.says}"))
            if isinstance(told, WriterMetadata):
                found.append(told)
            else:
                _complain(f"from-metadata: {name}: passed over, its root is {printable(told)}")
    for says in broken[:-1]:
        _complain(f"from-metadata: {says}")
    if broken:
        raise _Unusable(broken[-1])
    if not found:
        raise _Unusable(f"{printable(str(folder))}: no Writer Metadata Document is in this folder (*.xml)")
    return found


def _xml_in(folder: Path) -> list[Path]:
    try:
        return sorted(
            (path for path in folder.iterdir() if path.suffix.lower() == ".xml"), key=lambda path: in_order(path.name)
        )
    except OSError as error:
        raise _Unusable(f"{printable(str(folder))}: cannot be read: {error.strerror or error}") from None


def _show(options: argparse.Namespace) -> int:
    try:
        description, _ = _read(options.file)
    except _Unusable as error:
        return _complain(f"show: {error}")
    sys.stdout.write(world_view(description, everything=options.all))
    return FINE


def _check(options: argparse.Namespace) -> int:
    code = FINE
    for file in options.files:
        try:
            description, data = _read(file, everything=True)
        except _Unusable as error:
            sys.stdout.flush()
            code = max(_complain(f"check: {line}") for line in str(error).splitlines())
            continue
        name = printable("<stdin>" if file == STANDARD_INPUT else file)
        found = list(_loose(name, description, data))
        for line in found:
            sys.stdout.write(line)
        sys.stdout.write(f"{name}: a world{_but(len(found))}\n")
        code = max(code, LOOSE if found else FINE)
    return code


def _loose(name: str, description: Description, data: bytes) -> Iterator[str]:
    for end in loose_ends(description):
        yield f"{name}:{line_in(data, end.place)}: {end.place}: {printable(end.says)}\n"


def _but(number: int) -> str:
    if not number:
        return ""
    return f", in which {number} {'thing leads' if number == 1 else 'things lead'} nowhere"


def _read(file: str, *, everything: bool = False) -> tuple[Description, bytes]:
    """The world in a file; of one that is none, the first thing that is wrong is told, or everything, a line each."""
    name = printable("<stdin>" if file == STANDARD_INPUT else file)
    try:
        with sys.stdin.buffer if file == STANDARD_INPUT else Path(file).open("rb") as source:
            data = source.read(LARGEST + 1)
        return read_world(data), data
    except OSError as error:
        raise _Unusable(f"{name}: cannot be read: {error.strerror or error}") from None
    except WorldError as error:
        wrong = wrong_in(data) if everything else Wrong((error,), 1)
        lines = [printable(one.in_file(name)) for one in wrong.told]
        if wrong.number > len(wrong.told):
            at_least = "at least " if wrong.number >= COUNTED else ""
            lines.append(f"{name}: {at_least}{wrong.number - len(wrong.told)} more things are wrong")
        raise _Unusable("\n".join(lines)) from None


def _complain(says: str) -> int:
    sys.stderr.write(f"vss-sim world {says}\n")
    return UNUSABLE
