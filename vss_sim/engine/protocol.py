"""The protocol table compiled for known states: one look-up tells whether a call is accepted and what then holds.

An object that is being simulated has exactly one value in each machine, so the relation of the table narrows to one
row. A column is the compiled table of one method called in one way: packed state → row, each made when first asked
for. What is not known of Windows (`Force.UNSURE`) is let pass in the profile `windows`, since a program may work so
every night, and refused in the profile `documented`, which keeps to the pages. What no state allows is refused always.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

from msgspec import Struct

from vss_sim.engine.arguments import argument_rules, fault_of, refuses
from vss_sim.engine.ruling import Verdict, after_success, rule_on
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.state import START
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


class Verb(Struct, frozen=True, eq=False):
    """One way of calling a method: its column, and what its one argument has to be (None: anything).

    `check` gives the row of the refusal for an argument that VSS does not take.
    """

    name: str
    column: Column
    check: Callable[[Any], Row | None] | None = None


class Track:
    """One object's protocol by itself: its state as an integer, and every call in a flat record.

    This is the core that a step of the world is built around, for whoever needs the order of calls alone: explorers,
    strategies, monitors. A refusal is a row like any other; it leaves the state as it was.
    """

    __slots__ = ("record", "state")

    def __init__(self, state: int = START) -> None:
        self.state = state
        self.record: list[tuple[Verb, Row, Any]] = []

    def call(self, verb: Verb, value: Any = None) -> Row:
        """Call a method; the row tells whether it was accepted."""
        check = verb.check
        if check is None or (row := check(value)) is None:
            row = verb.column[self.state]
            self.state = row.after
        self.record.append((verb, row, value))
        return row


def verb(name: str, choice: str | None = None, profile: Profile = Profile.WINDOWS) -> Verb:
    """A method called in one way, with the demands on its one checked argument."""
    refusals = [rule for rule in argument_rules(name) if refuses(rule, profile)]
    if not refusals:
        return Verb(name, column(name, choice, profile))
    rows = {rule: Row(START, Need((rule.rule,), (0,), answers=rule.answers), ()) for rule in refusals}

    @lru_cache(maxsize=1024)
    def check(value: Any) -> Row | None:
        return next((rows[rule] for rule in refusals if fault_of(rule, value) is not None), None)

    return Verb(name, column(name, choice, profile), check)
