"""Whatever is done to files: the disks do as a naive model does, shadow copies keep their moment, nothing is lost."""

from collections.abc import Callable
from typing import Final

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import (
    run_state_machine_as_test,
)

from tests.machine_of_disks import Disks
from vss_sim.engine import commit, file_moves, file_places, files, lifetimes
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import find
from vss_sim.model.content import bytes_of
from vss_sim.model.disk import FileEntry
from vss_sim.model.disks import DelayedMove
from vss_sim.spec.win32 import FileError

TestDisks = Disks.TestCase
TestDisks.settings = settings(
    max_examples=60, stateful_step_count=45, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
)


def _loses_a_byte(patch: pytest.MonkeyPatch) -> None:
    """The start of the machine shortens what was moved."""
    move = file_moves.move

    def short(desk: Desk, source: str | None, target: str, flags: int, *, by_system: bool = False) -> None:
        move(desk, source, target, flags, by_system=by_system)
        found = find(desk, target)
        if by_system and isinstance(found.entry, FileEntry):
            files.put_file(
                desk, found, msgspec.structs.replace(found.entry, content=bytes_of(found.entry.content)[:-1])
            )

    patch.setattr(file_moves, "move", short)


def _deletes_what_is_blocked(patch: pytest.MonkeyPatch) -> None:
    """A delayed move that cannot be made deletes its source."""
    make = file_moves._boot_move

    def deleting(desk: Desk, wanted: DelayedMove) -> None:
        try:
            make(desk, wanted)
        except FileError:
            file_moves._delete(desk, wanted.source, by_system=True)
            raise

    patch.setattr(file_moves, "_boot_move", deleting)


MISTAKES: Final[dict[str, Callable[[pytest.MonkeyPatch], None]]] = {
    "a start of the machine loses a byte": _loses_a_byte,
    "a delayed move that fails deletes": _deletes_what_is_blocked,
    "a delayed move crosses volumes": lambda patch: patch.setattr(file_moves, "_volume_of", lambda desk, path: 0),
    "sharing is not looked at": lambda patch: patch.setattr(file_places, "goes_with", lambda *_: True),
    "the end of a process leaves its handles": lambda patch: patch.setattr(lifetimes, "_end_handles", lambda *_: None),
    "a shadow copy shows another moment": lambda patch: patch.setattr(
        commit, "_now_on", lambda desk, name: desk.state.disks.volumes[0]
    ),
}
"""Mistakes of the engine, each of which loses or invents bytes, or lets somebody change what others hold."""


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_of_the_engine_is_noticed(mistake: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The properties above could not hold by themselves."""
    MISTAKES[mistake](monkeypatch)
    without_shrinking = settings(
        TestDisks.settings, phases=[Phase.generate], report_multiple_bugs=False, max_examples=300
    )
    with pytest.raises(AssertionError):
        run_state_machine_as_test(Disks, settings=without_shrinking)
