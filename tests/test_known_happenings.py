"""What happens to a machine is of a known way as calls are."""

from typing import Any, Final

import pytest

from tests.requester_support import OnNoWay
from tests.ways import is_on_a_way, prepared, remembered
from vss_sim.engine.coverage import NotSimulated
from vss_sim.engine.inputs import BadCall
from vss_sim.model.computer import Description, Machine, Service, Writer
from vss_sim.requester.simulation import Simulation

_WRITER: Final = Writer(name="a", writer_id="{5affb034-969f-4919-8875-88f830d0ef89}")
_WORLD: Final = Description(machines=(Machine(services=(Service(name="VSS"),), writers=(_WRITER,)),))


def test_what_happens_is_known_again() -> None:
    """A test that begins by taking a volume out, or a service, gains as much as one that does not."""
    gone = {"account": "CORP\\backup", "groups": ["Backup Operators"]}
    happenings: list[tuple[str, dict[str, Any]]] = [
        ("time passes", {"seconds": 5}),
        ("service stops", {"service": "VSS"}),
        ("account changes", gone),
        ("reboot", {}),
    ]
    told: list[Any] = []
    for kind in (Simulation, Simulation, Simulation, OnNoWay):
        there = kind(_WORLD)
        prepared(there)
        events = [there.happens(what, **more) for what, more in happenings]
        assert kind is OnNoWay or not told or is_on_a_way(there)
        prepared(there)
        told.append((events, there.world, [*there.lines()]))
    assert all(one == told[0] for one in told)
    learned = remembered()
    again = Simulation(_WORLD)
    prepared(again)
    for what, more in happenings:
        again.happens(what, **more)
    assert remembered() == learned


@pytest.mark.parametrize("seconds", [1, True, 1.0, 2, "1", -1, None, [1]])
def test_what_happens_otherwise_is_another_thing(seconds: Any) -> None:
    """Or nothing, and then the world and the record are as before."""
    for _ in range(3):
        Simulation().happens("time passes", seconds=1)
    told = []
    for kind in (Simulation, OnNoWay):
        there, wrong = kind(), ""
        try:
            there.happens("time passes", seconds=seconds)
        except BadCall as error:
            wrong = str(error)
        told.append((wrong, there.world, repr([*there.lines()])))
    assert told[0] == told[1]


@pytest.mark.parametrize("machine", [None, "", "happens"])
@pytest.mark.parametrize("process", ["", "happens"])
def test_no_call_is_taken_for_what_happens(machine: str | None, process: str) -> None:
    """Whatever it is called, and on whichever handle."""
    for _ in range(3):
        there = Simulation()
        there.happens("reboot")
    for name, on in (("reboot", None), ("reboot", "happens"), ("happens", "reboot"), ("happens", None)):
        there = Simulation()
        with pytest.raises((BadCall, NotSimulated)):
            there.call(name, on, machine=machine, process=process)
        assert [*there.lines()] == []
