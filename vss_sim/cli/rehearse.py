"""`vss-sim rehearse`: play the restore of a world, and say where every file would go, when, and by which rule."""

import json
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import Final

from vss_sim.cli.inputs import STANDARD_INPUT
from vss_sim.documents.backup_file import read_backup, write_backup
from vss_sim.documents.errors import WorldError
from vss_sim.documents.json_places import line_of
from vss_sim.documents.world_file import LARGEST, read_world, write_world, write_world_in_full
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.restoring.program import VssSaidNo
from vss_sim.model.as_it_is import only_computers, waiting_moves
from vss_sim.report.rehearsal import rehearsal_json, rehearsal_text
from vss_sim.report.words import printable
from vss_sim.requester.rehearsal import Rehearsal, RehearsalError, rehearse
from vss_sim.spec.table import Profile
from vss_sim.trace.writer import fitting

RESTORED: Final = 0
NOT_RESTORED: Final = 1
UNUSABLE: Final = 2


class CannotRehearse(Exception):  # noqa: N818 - it says what it says
    """The command line asks for what cannot be done."""


def rehearse_file(
    world: str,
    profile: Profile,
    *,
    backup: str | None = None,
    save: str | None = None,
    record: str | None = None,
    world_out: str | None = None,
    as_json: bool = False,
) -> int:
    """Rehearse one world and return the exit code: 0 all restored, 1 not all, 2 unusable input.

    `save` is where the backup is written, `record` where the whole run is, as a trace, `world_out` where the computers
    are as they are in the end.
    """
    try:
        rehearsal = _played(world, profile, backup)
        if save is not None:
            _write(save, write_backup(rehearsal.saved))
        if record is not None:
            _write(record, _trace(rehearsal, printable(world)))
        if world_out is not None:
            _write(world_out, _after(rehearsal, printable(world_out)))
    except CannotRehearse as reason:
        sys.stderr.write(f"vss-sim rehearse: {reason}\n")
        return UNUSABLE
    sys.stdout.write(json.dumps(rehearsal_json(rehearsal)) + "\n" if as_json else rehearsal_text(rehearsal))
    return RESTORED if rehearsal.everything else NOT_RESTORED


def _played(world: str, profile: Profile, backup: str | None) -> Rehearsal:
    name = printable("<stdin>" if world == STANDARD_INPUT else world)
    data = _read(world, LARGEST)
    try:
        description = read_world(data)
    except WorldError as error:
        raise CannotRehearse(printable(error.in_file(name))) from None
    saved = None
    if backup is not None:
        try:
            saved = read_backup(_read(backup))
        except WorldError as error:
            raise CannotRehearse(printable(error.in_file(backup))) from None
    try:
        return rehearse(description, saved, profile)
    except RehearsalError as error:
        line = line_of(data.removeprefix(b"\xef\xbb\xbf"), error.place) if error.place else 1
        raise CannotRehearse(printable(f"{name}:{line}: {error}")) from None
    except (VssSaidNo, NotSimulated) as error:
        raise CannotRehearse(f"{name}: {error}") from None


def _trace(rehearsal: Rehearsal, name: str) -> str:
    """The run as a trace, which `vss-sim check` reads, with the world that it began in."""
    world = rehearsal.simulation.world
    begun = only_computers(world.description)
    header = {"vss-trace": 1, "id": f"rehearsal of {name}", "profile": world.profile.value}
    lines = ({**header, "world": json.loads(write_world(begun))}, *rehearsal.simulation.lines())
    return "".join(fitting(line).decode() + "\n" for line in lines)


def _after(rehearsal: Rehearsal, name: str) -> str:
    """The computers as they are in the end, as a world file."""
    waiting = waiting_moves(rehearsal.simulation.world)
    if waiting:
        told = f"{waiting} delayed moves wait" if waiting > 1 else "a delayed move waits"
        sys.stderr.write(f"vss-sim rehearse: {name}: {told} for the next start, which no world file tells\n")
    try:
        return write_world_in_full(rehearsal.after)
    except ValueError as error:
        raise CannotRehearse(printable(f"{name}: {error}")) from None


def _read(name: str, largest: int = -1) -> bytes:
    """At most one byte more than `largest`, by which it is seen to be too large; negative: all that there is."""
    try:
        with nullcontext(sys.stdin.buffer) if name == STANDARD_INPUT else Path(name).open("rb") as source:
            return source.read(largest + 1 if largest >= 0 else -1)
    except OSError as error:
        raise CannotRehearse(f"{printable(name)}: cannot be read: {error.strerror or error}") from None


def _write(name: str, text: str) -> None:
    try:
        Path(name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CannotRehearse(f"{printable(name)}: cannot be written: {error.strerror or error}") from None
