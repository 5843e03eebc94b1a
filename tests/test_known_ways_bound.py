"""How much is remembered of known ways is bounded by what it takes: calls, texts, refusals, worlds."""

from typing import Final

import pytest

from tests.ways import CREATE, REQUESTER, is_on_a_way, prepared, remembered, second
from vss_sim.model.computer import Description, File, Machine, Provider, Volume, Writer
from vss_sim.model.values import GUID_NULL, numbered_guid
from vss_sim.requester import known_ways
from vss_sim.requester.simulation import Simulation
from vss_sim.spec.enums import ProviderType, SnapshotContext

_FILES: Final = {f"C:\\{number}": File(content="") for number in range(1500)}
_PROVIDERS: Final = tuple(
    Provider(name=f"P{number}", type=ProviderType.SOFTWARE, provider_id=numbered_guid(3, number))
    for number in range(300)
)
_WRITERS: Final = tuple(Writer(name="a", writer_id=numbered_guid(1, number)) for number in range(400))


def test_a_listing_that_a_call_makes_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not in the results, and takes memory all the same: a place for each file, and no more."""
    monkeypatch.setattr(known_ways, "_WEIGHED", 1)
    there = second(Description(machines=(Machine(volumes=(Volume(name="C:\\", files=_FILES),)),)))
    there.call(CREATE)
    before = remembered()
    for _ in range(50):
        there.call("FindFirstFile", None, {"lpFileName": "C:\\*"})
    assert 100 < remembered() - before < 300


def test_what_writers_say_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Events, and sessions of the requester with each writer: half a kilobyte of each."""
    monkeypatch.setattr(known_ways, "_WEIGHED", 1)
    there = second(Description(machines=(Machine(writers=_WRITERS),)))
    handle = prepared(there)
    made = there.call(f"{REQUESTER}GatherWriterMetadata", handle)
    before = remembered()
    there.call("IVssAsync::Wait", str(made.out["pAsync"]))
    found = (remembered() - before) * 4096 / len(_WRITERS)
    assert 400 < found < 1600


def test_worlds_count_by_their_size() -> None:
    """What a world file describes takes many times its room in memory."""
    description = Description(machines=(Machine(environment={"X": "y" * 50_000}),))
    Simulation(description)
    before = remembered()
    Simulation(description)
    assert remembered() > before + 150


def test_long_texts_count_for_more() -> None:
    """A document is worth many calls."""
    there = second()
    handle = str(there.call(CREATE).out["ppBackup"])
    before = remembered()
    there.call(f"{REQUESTER}InitializeForRestore", handle, {"bstrXML": "x" * 60_000})
    assert remembered() > before + 50


def test_the_words_of_a_refusal_count() -> None:
    """Why no provider makes a copy is told of each of them, and kept with the call."""
    fat = Volume(name="F:\\", file_system="FAT")
    there = second(Description(machines=(Machine(providers=_PROVIDERS, volumes=(fat,)),)))
    handle = prepared(there)
    there.call(f"{REQUESTER}SetContext", handle, {"lContext": SnapshotContext.NAS_ROLLBACK})
    there.call(f"{REQUESTER}StartSnapshotSet", handle)
    before = remembered()
    asked = {"pwszVolumeName": fat.name, "ProviderId": GUID_NULL}
    refusal = there.call(f"{REQUESTER}AddToSnapshotSet", handle, asked).refusal
    assert refusal is not None
    assert len(refusal.words) > 20_000
    assert remembered() - before > len(refusal.words) // 1024


def test_what_is_remembered_is_bounded() -> None:
    """A simulation that goes on and on, and many that go different ways, leave little behind."""
    there, most = second(), 0
    for _ in range(2 * known_ways.LONGEST):
        there.call(CREATE)
    assert not is_on_a_way(there)
    assert known_ways.LONGEST < remembered() < 2 * known_ways.LONGEST
    for number in range(known_ways.MOST):
        there = Simulation()
        handle = str(there.call(CREATE).out["ppBackup"])
        there.call(
            f"{REQUESTER}IsVolumeSupported", handle, {"ProviderId": numbered_guid(9, number), "pwszVolumeName": "C:\\"}
        )
        most = max(most, remembered())
    assert known_ways.MOST * 0.9 < most <= known_ways.MOST
