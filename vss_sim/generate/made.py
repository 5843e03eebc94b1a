"""A program that is made on the simulator, call by call, and the case that comes of it."""

import json
from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from vss_sim.documents.world_file import write_world
from vss_sim.engine.desk import Step
from vss_sim.generate.places import DOCUMENT, arguments, document
from vss_sim.model.computer import Description
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.methods import CREATE, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.table import Profile

_OPERATIONS = ("pAsync", "ppAsync")


class Made(Struct, frozen=True):
    """A case: its header, its lines."""

    header: dict[str, Any]
    lines: tuple[dict[str, Any], ...]

    def text(self) -> str:
        """The case as a file."""
        return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in (self.header, *self.lines))


class Program:
    """Calls on one backup components object, in a world of its own."""

    def __init__(self, description: Description, profile: Profile = Profile.WINDOWS) -> None:
        """The object is made."""
        self.operations: dict[str, str] = {}
        self.refused: dict[str, None] = {}
        """The rules by which calls were refused."""
        self.simulation = Simulation(description, profile)
        self.profile = profile
        self._document = document()
        self._described = description
        self.on = str(self.simulation.call(CREATE).out["ppBackup"])

    @property
    def state(self) -> int:
        """The state of the object."""
        known = self.simulation.world.objects.get(self.on)
        return int(getattr(known, "state", 0))

    def call(self, name: str, choice: str | None = None, more: Mapping[str, Any] | None = None) -> Step:
        """A call of a method of the object, with what most programs pass, or with `more`."""
        full_name = METHODS[name].full_name
        given = {**arguments(signatures()[full_name], choice), **(more or {})}
        told = {key: self._document if value == DOCUMENT else value for key, value in given.items()}
        done = self.simulation.call(full_name, self.on if METHODS[name].interface else None, told)
        if done.refusal is not None:
            self.refused[done.refusal.rule] = None
        made = next((out for key, out in done.out.items() if key in _OPERATIONS), None)
        if made is not None:
            self.operations[name] = str(made)
        return done

    def of_operation(self, method: str, name: str) -> Step:
        """A call of a method of `IVssAsync` on the operation that `name` began last."""
        return self.simulation.call(f"IVssAsync::{method}", self.operations[name])

    def lines(self) -> list[dict[str, Any]]:
        """What was called and what came of it, with the placeholder of the document."""
        return [self._plain(line) for line in self.simulation.lines()]

    def _plain(self, line: dict[str, Any]) -> dict[str, Any]:
        given = line.get("in")
        if not given:
            return line
        return {**line, "in": {key: DOCUMENT if value == self._document else value for key, value in given.items()}}

    def made(self, header: Mapping[str, Any], lines: list[dict[str, Any]]) -> Made:
        """The case of these lines."""
        whole: dict[str, Any] = {"vss-trace": 1, **header, "world": json.loads(write_world(self._described))}
        if any(DOCUMENT in (line.get("in") or {}).values() for line in lines):
            whole["documents"] = {DOCUMENT: self._document}
        if self.profile is Profile.DOCUMENTED:
            whole["profile"] = self.profile.value
        return Made(whole, tuple(lines))
