"""`vss-sim selection`: what a backup protects, or a restore brings back, of a world or the computer of a log."""

import argparse
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from vss_sim.cli.inputs import STANDARD_INPUT
from vss_sim.cli.logs import read_log
from vss_sim.cli.parsers import Commands
from vss_sim.cli.saved import UnusableError, saved_documents
from vss_sim.documents.errors import WorldError
from vss_sim.documents.world_file import LARGEST, read_world
from vss_sim.engine.selection.protection import Protection
from vss_sim.engine.selection.recovery import Recovery
from vss_sim.engine.selection.requests import (
    Plan,
    RestorePlan,
    protection_of_world,
    recovery_of_saved,
    running_classes,
)
from vss_sim.judge.backups.requests import requests_in
from vss_sim.model.computer import Description
from vss_sim.model.world import new_world
from vss_sim.report.json_lines import value_json
from vss_sim.report.protection import protection_json, protection_text, recovery_json, recovery_text
from vss_sim.report.words import printable
from vss_sim.spec.enums import BackupType
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import TraceError

PROTECTED: Final = 0
UNPROTECTED: Final = 1
UNUSABLE: Final = 2

_TRACE: Final = b'"vss-trace"'
_KEYS_OF_LINES: Final = frozenset(field.encode_name.encode() for field in msgspec.structs.fields(Line))
_FIRST_KEY: Final = re.compile(rb'\{\s*"(\w+)"\s*:')
"""A world begins with another key than any line of a log: no word is a key of both."""

_HELP: Final = """\
examples:
  vss-sim selection lab.json                       all that the writers of a world have, from all volumes
  vss-sim selection lab.json --add Database        one component, of whichever writer has it
  vss-sim selection lab.json --add "SqlServerWriter:master" --type incremental --volume C:\\\\
  vss-sim selection lab.json --restore saved.json  what a restore of a saved backup brings back on this computer
  vss-sim selection lab.json --restore documents/ --select Database --sub "Database\\Logs"
  vss-sim selection nightly.jsonl                  what backups and restores in a log asked for, and what they left out
  vss-sim selection nightly.jsonl --json           one JSON object a backup

exit codes:
  0  everything that was asked for is protected, or comes back, and all that goes with it
  1  something is not, or does not
  2  the file is neither a world nor a log, or names something that is not there

docs/selection.md explains the reasons.
"""


def add_selection(commands: Commands) -> None:
    """The words of the command."""
    told = commands.add_parser(
        "selection",
        help="which components and files a backup protects or a restore brings back, and why",
        description="Explain which components a backup or a restore has and which it leaves out, each with the rule.",
        epilog=_HELP,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    told.add_argument("file", metavar="WORLD|TRACE", help="a world file or a log, or - ")
    told.add_argument(
        "--add", action="append", metavar="[WRITER:]COMPONENT", help="a component with its path, of a world"
    )
    told.add_argument(
        "--volume", action="append", metavar="VOLUME", help="a volume of the shadow copy set (all of them)"
    )
    told.add_argument("--type", choices=_types(), default="full", help="the type of the backup (full)")
    told.add_argument("--whole-volumes", action="store_true", help="a backup that is not by components")
    told.add_argument("--bootable", action="store_true", help="declare a backup of the bootable system state")
    told.add_argument(
        "--restore", metavar="SAVED", help="a restore of this: a file of `rehearse --save`, or a folder of documents"
    )
    told.add_argument(
        "--select", action="append", metavar="[WRITER:]COMPONENT", help="with --restore: a component that is selected"
    )
    told.add_argument(
        "--sub", action="append", default=[], metavar="[WRITER:]COMPONENT", help="with --restore: a subcomponent"
    )
    told.add_argument("--machine", metavar="NAME", help="the machine of the world (its first)")
    told.add_argument("--files", action="store_true", help="in text: name every file")
    told.add_argument("--json", action="store_true", help="one JSON object a backup")


def _types() -> dict[str, str]:
    """The words for types of backups, and their names."""
    return {member.name.lower(): member.value for member in BackupType if member is not BackupType.UNDEFINED}


def selection(options: argparse.Namespace) -> int:
    """Say what is protected, or comes back; the exit code tells whether anything does not."""
    name = "<stdin>" if options.file == STANDARD_INPUT else printable(options.file)
    try:
        reports = _reports(name, options)
    except UnusableError as error:
        sys.stdout.flush()
        sys.stderr.write(f"vss-sim selection: {error}\n")
        return UNUSABLE
    for title, report in reports:
        sys.stdout.write(_shown(title, report, options))
    left = [report.lost if isinstance(report, Recovery) else report.unprotected for _, report in reports]
    return UNPROTECTED if any(left) else PROTECTED


def _reports(name: str, options: argparse.Namespace) -> list[tuple[str, Protection | Recovery]]:
    """Raises UnusableError where there is nothing to report on."""
    try:
        path = None if options.file == STANDARD_INPUT else Path(options.file)
        data = sys.stdin.buffer.read(LARGEST + 1) if path is None else path.read_bytes()
        is_log = _is_log(data)
        if is_log and options.restore is not None:
            raise UnusableError(f"{name}: --restore goes with a world; a log shows by itself what is restored")
        reports = list(_of_log(data, path) if is_log else _of_world(data, options))
    except OSError as error:
        raise UnusableError(f"{name}: cannot be read: {error.strerror or error}") from None
    except TraceError as error:
        raise UnusableError(f"{name}:{error.line}: {error.says}") from None
    except WorldError as error:
        raise UnusableError(printable(error.in_file(name))) from None
    except LookupError as error:
        raise UnusableError(f"{name}: {error.args[0]}") from None
    if not reports:
        says = "expected AddComponent, AddToSnapshotSet and PrepareForBackup, or SetSelectedForRestore in it"
        raise UnusableError(f"{name}: the log asks for no backup and no restore; {says}")
    return reports


def _shown(title: str, report: Protection | Recovery, options: argparse.Namespace) -> str:
    if isinstance(report, Recovery):
        return _line(recovery_json(title, report)) if options.json else recovery_text(title, report)
    if options.json:
        return _line(protection_json(title, report))
    return protection_text(title, report, files=options.files)


def _line(value: dict[str, Any]) -> str:
    return value_json(value).decode() + "\n"


def _is_log(data: bytes) -> bool:
    """A log has its header in its first line that is not blank; lines of a log without one are told what is missing."""
    first = data.lstrip(b"\xef\xbb\xbf\r\n\t ").partition(b"\n")[0]
    begins = _FIRST_KEY.match(first)
    return _TRACE in first or (begins is not None and begins[1] in _KEYS_OF_LINES)


def _of_log(data: bytes, path: Path | None) -> Iterator[tuple[str, Protection | Recovery]]:
    world, lines = read_log([data], path)
    yield from requests_in(lines, world)


def _of_world(data: bytes, options: argparse.Namespace) -> Iterator[tuple[str, Protection | Recovery]]:
    description = read_world(data)
    index = _machine(description, options.machine)
    if options.restore is not None:
        running = running_classes(new_world(description), index)
        wanted = RestorePlan(None if options.select is None else tuple(options.select), tuple(options.sub))
        for saved in saved_documents(options.restore, description.machines[index].name):
            yield saved.title, recovery_of_saved(saved.document, saved.writers, wanted, running)
        return
    plan = Plan(
        components=None if options.add is None else tuple(options.add),
        volumes=None if options.volume is None else tuple(options.volume),
        backup_type=_types()[options.type],
        by_components=not options.whole_volumes,
        bootable=options.bootable,
    )
    yield description.machines[index].name, protection_of_world(new_world(description), index, plan)


def _machine(description: Description, name: str | None) -> int:
    names = [machine.name for machine in description.machines]
    if name is None:
        return 0
    if name not in names:
        raise LookupError(f"the world has no machine {name!r}; it has {', '.join(names)}")
    return names.index(name)
