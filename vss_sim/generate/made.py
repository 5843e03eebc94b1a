"""A program that is made on the simulator, call by call, and the case that comes of it."""

import json
from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from vss_sim.documents.world_file import write_world
from vss_sim.engine.desk import Step
from vss_sim.engine.failed_operations import why_it_failed
from vss_sim.engine.ruling import rule_on
from vss_sim.generate.places import arguments, documents
from vss_sim.generate.remarks import Remark, remark_on
from vss_sim.model.computer import Description
from vss_sim.model.objects import AsyncObject
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.methods import CREATE, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.table import Profile

_OPERATIONS = ("pAsync", "ppAsync")
_WAIT: Final = "Wait"
_WAIT_TELLS: Final = "async-wait-tells-failure"


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
        self.remarks: dict[int, Remark] = {}
        """What is to be said of the lines of calls, by their place among them."""
        self.simulation = Simulation(description, profile)
        self.profile = profile
        self._described = description
        self.on = str(self.simulation.call(CREATE).out["ppBackup"])
        self._calls = 0
        self._may_stay = 0
        """Phases that a call may have left, or not; of what comes after it, the answer is open."""

    @property
    def state(self) -> int:
        """The state of the object."""
        known = self.simulation.world.objects.get(self.on)
        return int(getattr(known, "state", 0))

    def call(self, name: str, choice: str | None = None, more: Mapping[str, Any] | None = None) -> Step:
        """A call of a method of the object, with what most programs pass, or with `more`."""
        full_name = METHODS[name].full_name
        given = {**arguments(signatures()[full_name], choice), **(more or {})}
        told = {key: _text(value) for key, value in given.items()}
        before, ruling = self.state, rule_on(name, self.state | self._may_stay, self.profile)
        done = self.simulation.call(full_name, self.on if METHODS[name].interface else None, told)
        self._calls += 1
        self.remarks[self._calls] = remark_on(name, ruling, done)
        if done.refusal is None:
            self._may_stay |= before & METHODS[name].may_stay
        made = next((out for key, out in done.out.items() if key in _OPERATIONS), None)
        if made is not None:
            self.operations[name] = str(made)
        return done

    def of_operation(self, method: str, name: str) -> Step:
        """A call of a method of `IVssAsync` on the operation that `name` began last."""
        done = self.simulation.call(f"IVssAsync::{method}", self.operations[name])
        self._calls += 1
        known = self.simulation.world.objects.get(self.operations[name])
        if method == _WAIT and isinstance(known, AsyncObject) and why_it_failed(known) is not None:
            self.remarks[self._calls] = {"open": [_WAIT_TELLS]}
        return done

    def lines(self) -> list[dict[str, Any]]:
        """What was called and what came of it, with the placeholders of documents."""
        return [self._plain(line) for line in self.simulation.lines()]

    def _plain(self, line: dict[str, Any]) -> dict[str, Any]:
        given = line.get("in")
        if not given:
            return line
        stands = {text: placeholder for placeholder, text in documents().items()}
        return {**line, "in": {key: _known(value, stands) for key, value in given.items()}}

    def made(self, header: Mapping[str, Any], lines: list[dict[str, Any]]) -> Made:
        """The case of these lines."""
        whole: dict[str, Any] = {"vss-trace": 1, **header, "world": json.loads(write_world(self._described))}
        passed = [value for line in lines for value in (line.get("in") or {}).values() if isinstance(value, str)]
        if used := {stands: text for stands, text in documents().items() if stands in passed}:
            whole["documents"] = used
        if self.profile is Profile.DOCUMENTED:
            whole["profile"] = self.profile.value
        return Made(whole, tuple(lines))


def _text(value: Any) -> Any:
    """An argument, or the document that it stands for."""
    return _known(value, documents())


def _known(value: Any, known: Mapping[str, str]) -> Any:
    return known.get(value, value) if isinstance(value, str) else value
