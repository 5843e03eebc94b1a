"""The protocol table compiled for known states: one look-up tells whether a call is accepted and what then holds.

An object that is being simulated has exactly one value in each machine, so the relation of the table narrows to one
row. A column is the compiled table of one method called in one way: packed state → row, each made when first asked
for. What is not known of Windows (`Force.UNSURE`) is let pass in the profile `windows`, since a program may work so
every night, and refused in the profile `documented`, which keeps to the pages. What no state allows is refused always.
"""

from functools import cache

from msgspec import Struct

from vss_sim.engine.ruling import Verdict, after_success, rule_on
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.table import Need, Profile


class Row(Struct, frozen=True):
    """What the table says of one call in one state.

    `broken` is the need that refuses it (None: accepted), `after` the state that success leaves behind, `passed` the
    needs that are not met and let pass.
    """

    after: int
    broken: Need | None
    passed: tuple[Need, ...]


class Column(dict[int, Row]):
    """All rows of one method, called in one way, in one profile."""

    def __init__(self, name: str, choice: str | None, profile: Profile) -> None:
        super().__init__()
        self._call = name, choice, profile

    def __missing__(self, state: int) -> Row:
        """Look the row up in the table, and keep it."""
        name, choice, profile = self._call
        ruling = rule_on(name, state, profile)
        passed: tuple[Need, ...] = ruling.tolerated
        broken = ruling.broken
        unsure = ruling.verdict is Verdict.UNSURE and profile is Profile.WINDOWS
        if broken is not None and unsure and any(broken.met):
            passed = (broken, *passed)
            broken = None
        after = state if broken is not None else after_success(name, state, choice)
        row = self[state] = Row(after, broken, passed)
        return row


@cache
def column(name: str, choice: str | None = None, profile: Profile = Profile.WINDOWS) -> Column:
    """The compiled column of a method: `column("StartSnapshotSet")[state]`."""
    if choice not in METHODS[name].ways:
        raise ValueError(f"{name} is called in one of the ways {METHODS[name].ways}, not {choice!r}")
    return Column(name, choice, profile)
