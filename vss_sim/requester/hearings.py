"""Which writers heard the events of a restore, as its record shows them, and why PostRestore did not come to one."""

from collections.abc import Iterator
from itertools import islice

from msgspec import Struct

from vss_sim.engine.answers import Event
from vss_sim.model.world import World, WriterInstance
from vss_sim.requester.record import Record
from vss_sim.spec.events import POST_RESTORE, PRE_RESTORE
from vss_sim.spec.restoring.unheard import Unheard


class Hearing(Struct, frozen=True):
    """A writer instance that took part in a restore: the events that it heard, and why PostRestore was none of them."""

    machine: str
    writer: str
    writer_id: str
    instance_id: str
    events: tuple[str, ...]
    missed: Unheard | None = None

    @property
    def told(self) -> str:
        """One sentence of an event that was missed, with its rule; empty where none was."""
        if self.missed is None:
            return ""
        return f"{self.writer} misses {POST_RESTORE}: {self.missed.because} (rule {self.missed.rule})"


def hearings(record: Record, since: int, before: World, after: World) -> tuple[Hearing, ...]:
    """Who took part in a restore that is in the record from entry `since` on, with the worlds before and after it."""
    heard: dict[tuple[int, str, str], list[str]] = {}
    for event in _events(record, since):
        heard.setdefault((event.machine, event.writer_id, event.instance_id), []).append(event.name)
    return tuple(_hearing(before, after, *writer, tuple(events)) for writer, events in heard.items())


def _events(record: Record, since: int) -> Iterator[Event]:
    for kind, event, *_ in islice(record, since, None):
        if kind == "event" and event.name in (PRE_RESTORE, POST_RESTORE):
            yield event


def _hearing(
    before: World, after: World, machine: int, writer_id: str, instance_id: str, events: tuple[str, ...]
) -> Hearing:
    there = [one.instance_id for one in before.machines[machine].writers]
    now = after.machines[machine].writers[there.index(instance_id)]
    missed = None
    if POST_RESTORE not in events:
        missed = _reason(now, instance_id)
    name = after.description.machines[machine].name
    return Hearing(name, now.writer.name, writer_id, instance_id, events, missed)


def _reason(now: WriterInstance, instance_id: str) -> Unheard:
    """A writer that is the one that heard PreRestore gets PostRestore, unless it asked to be spared."""
    if not now.running:
        return Unheard.NOT_RUNNING
    return Unheard.SPARED if now.instance_id == instance_id else Unheard.STARTED_ANEW
