"""The core that a step of the world is built around, by itself: argument checks, the compiled table, a record.

Nobody needs the order of calls alone but who measures what it costs: the checker works on half-known states, the
simulator on a whole world.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from msgspec import Struct

from vss_sim.engine.arguments import argument_rules, fault_of, refuses
from vss_sim.engine.protocol import Column, Row, column
from vss_sim.spec.state import START
from vss_sim.spec.table import Need, Profile


class Verb(Struct, frozen=True, eq=False):
    """One way of calling a method: its column, and what its one argument has to be (None: anything).

    `check` gives the row of the refusal for an argument that VSS does not take.
    """

    name: str
    column: Column
    check: Callable[[Any], Row | None] | None = None


class Track:
    """One object's protocol by itself: its state as an integer, and every call in a flat record.

    A refusal is a row like any other; it leaves the state as it was. An asynchronous call stays under way.
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
