"""Worlds drawn for the property tests: those of the strategies for users, with shadow copies and a few faults more."""

from typing import Final

from msgspec.structs import replace

from tests.choices import Choices
from vss_sim.model.computer import Description, Machine, ShadowCopy, Writer
from vss_sim.model.document import (
    BackupComponentsDocument,
    DocumentComponent,
    PartialFile,
    WriterComponents,
)
from vss_sim.model.values import GUID_NULL
from vss_sim.model.world import record_of
from vss_sim.strategies.faults import draw_reply, draw_scripted_answer
from vss_sim.strategies.world import HARDWARE, SOFTWARE, draw_machine

__all__ = ["HARDWARE", "SOFTWARE", "WAITING", "document_of", "draw_world"]

WAITING: Final = ShadowCopy(
    snapshot_id="{55555555-0000-4000-8000-000000000001}",
    set_id="{55555555-0000-4000-8000-000000000002}",
    context="VSS_CTX_BACKUP",
    attributes=(
        "VSS_VOLSNAP_ATTR_TRANSPORTABLE",
        "VSS_VOLSNAP_ATTR_HARDWARE_ASSISTED",
        "VSS_VOLSNAP_ATTR_NOT_SURFACED",
    ),
    provider_id="{99999999-0000-4000-8000-000000000001}",
    originating_machine="elsewhere",
)
"""A transportable shadow copy that waits on the storage for its import."""
_COPY: Final = "{{55555555-0000-4000-8000-0000000000{:02x}}}"
_KEPT: Final = ShadowCopy(snapshot_id=_COPY.format(3), set_id=_COPY.format(8))
_PARTIAL: Final = PartialFile(path="C:\\db", filename="a.mdf", ranges="0:10")


def draw_world(choices: Choices) -> Description:
    """A world of one or two machines; with no choice made, one machine with a volume and no writers."""
    names = ("one", "two") if choices.below(2) else ("one",)
    return Description(machines=tuple(_machine(choices, name, place) for place, name in enumerate(names)))


def _machine(choices: Choices, name: str, place: int) -> Machine:
    machine = draw_machine(choices, name, place=place, files=False)
    kept = replace(_KEPT, snapshot_id=_COPY.format(3 + place), set_id=_COPY.format(8 + place))
    snapshots = choices.of(((), (kept,), (WAITING, kept) if place == 0 else (kept,)))
    return replace(
        machine,
        writers=tuple(_failing(choices, writer) for writer in machine.writers),
        providers=machine.providers if WAITING not in snapshots else (HARDWARE,),
        snapshots=snapshots,
        answers=(draw_scripted_answer(choices),) if choices.once_in(3) else (),
    )


def _failing(choices: Choices, writer: Writer) -> Writer:
    """The writer, or once in three times one that fails an event."""
    if not choices.once_in(3) or writer.express:
        return writer
    return replace(writer, replies=(draw_reply(choices, troubles=False),))


def document_of(machine: Machine) -> BackupComponentsDocument:
    """What a backup of all components of a machine would have saved, with a shadow copy that waits for its import."""
    writers = tuple(
        WriterComponents(
            writer_id=writer.writer_id,
            instance_id=writer.instance_id or GUID_NULL,
            components=tuple(
                DocumentComponent(
                    type=one.type,
                    logical_path=one.logical_path,
                    name=one.name,
                    backup_succeeded=True,
                    partial_files=(_PARTIAL,),
                )
                for one in writer.components
            ),
        )
        for writer in machine.writers
    )
    return BackupComponentsDocument(
        select_components=True, writers=writers, snapshot_set_id=WAITING.set_id, snapshots=(record_of(WAITING),)
    )
