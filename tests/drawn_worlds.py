"""Worlds drawn for the property tests: machines, writers that fail now and then, providers, scripted answers."""

from typing import Final

from msgspec.structs import replace

from tests.choices import Choices
from vss_sim.model.computer import (
    SYSTEM_PROVIDER,
    Description,
    Machine,
    Provider,
    Reply,
    ScriptedAnswer,
    Service,
    ShadowCopy,
    Volume,
    Writer,
)
from vss_sim.model.document import (
    BackupComponentsDocument,
    DocumentComponent,
    PartialFile,
    SnapshotRecord,
    WriterComponents,
)
from vss_sim.model.metadata import FileSet, WriterComponent, joined
from vss_sim.model.values import GUID_NULL
from vss_sim.spec.answers import call_failures, result_failures
from vss_sim.spec.enums import ApplicationLevel, ComponentType, ProviderType, RestoreTarget
from vss_sim.spec.events import EVENTS
from vss_sim.spec.protocol import METHODS

_SYSTEMS: Final = (*("Windows Server 2022",) * 5, "Windows Server 2003", "Windows 10", "Windows Server 2008 R2")
_WRITER: Final = "{{00000000-0000-4000-8000-0000000000{:02x}}}"
_INSTANCE: Final = "{{11111111-0000-4000-8000-0000000000{:02x}}}"
_LEVELS: Final = (
    ApplicationLevel.FRONT_END,
    ApplicationLevel.BACK_END,
    ApplicationLevel.SYSTEM,
    ApplicationLevel.SYSTEM_RM,
)
_FAILURES: Final = (
    "VSS_E_WRITERERROR_RETRYABLE",
    "VSS_E_WRITERERROR_NONRETRYABLE",
    "VSS_E_WRITERERROR_TIMEOUT",
    "VSS_E_WRITERERROR_OUTOFRESOURCES",
)
HARDWARE: Final = Provider(
    name="Array", type=ProviderType.HARDWARE, provider_id="{99999999-0000-4000-8000-000000000001}"
)
SOFTWARE: Final = Provider(
    name="Copier", type=ProviderType.SOFTWARE, provider_id="{99999999-0000-4000-8000-000000000002}"
)
_VOLUMES: Final = (
    Volume(name="C:\\"),
    Volume(name="D:\\"),
    Volume(name="F:\\", file_system="FAT32"),
    Volume(name="R:\\", drive_type="removable", file_system="UDF"),
)
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
_ATTRIBUTES: Final = joined(WAITING.attributes)
_COPY: Final = "{{55555555-0000-4000-8000-0000000000{:02x}}}"
_KEPT: Final = ShadowCopy(snapshot_id=_COPY.format(3), set_id=_COPY.format(8))
_PROVIDERS: Final = (
    (SYSTEM_PROVIDER,),
    (SYSTEM_PROVIDER, HARDWARE),
    (SYSTEM_PROVIDER, HARDWARE, SOFTWARE),
    (SOFTWARE,),
)
_SCRIPTED: Final = (
    "GatherWriterMetadata",
    "GatherWriterStatus",
    "PrepareForBackup",
    "DoSnapshotSet",
    "BackupComplete",
    "PreRestore",
    "PostRestore",
    "ImportSnapshots",
)
_PARTIAL: Final = PartialFile(path="C:\\db", filename="a.mdf", ranges="0:10")
_CALLS_FAIL: Final = ("E_OUTOFMEMORY", "E_UNEXPECTED")


def draw_world(choices: Choices) -> Description:
    """A world of one or two machines; with no choice made, one machine with a volume and no writers."""
    names = ("one", "two") if choices.below(2) else ("one",)
    machines = tuple(_machine(choices, name, place) for place, name in enumerate(names))
    return Description(machines=machines)


def _machine(choices: Choices, name: str, place: int) -> Machine:
    writers = tuple(_writer(choices, 16 * place + number) for number in range(choices.below(4)))
    kept = replace(_KEPT, snapshot_id=_COPY.format(3 + place), set_id=_COPY.format(8 + place))
    snapshots = choices.of(((), (kept,), (WAITING, kept) if place == 0 else (kept,)))
    return Machine(
        name=name,
        os=choices.of(_SYSTEMS),
        volumes=_VOLUMES[: 1 + choices.below(len(_VOLUMES))],
        services=(Service(name="SERVICE"),),
        writers=writers,
        providers=choices.of(_PROVIDERS) if WAITING not in snapshots else (HARDWARE,),
        snapshots=snapshots,
        answers=(_scripted(choices),) if choices.once_in(3) else (),
    )


def _writer(choices: Choices, number: int) -> Writer:
    fixed = choices.below(2)
    level = choices.of(_LEVELS)
    hosted_in = "SERVICE" if choices.below(2) else None
    express = choices.once_in(8)
    components = tuple(_component(place) for place in range(1 + choices.below(2)))
    replies = (_reply(choices),) if choices.once_in(3) else ()
    return Writer(
        name=f"Writer {number}",
        writer_id=_WRITER.format(number % 16),  # machines have writers of the same classes
        instance_id=_INSTANCE.format(number) if fixed else None,
        level=level,
        hosted_in=hosted_in,
        express=express,
        components=components[:1] if express else components,
        replies=() if express else replies,
    )


def _component(number: int) -> WriterComponent:
    return WriterComponent(
        type=ComponentType.DATABASE if number else ComponentType.FILEGROUP,
        logical_path="Server" if number else "",
        name=f"Component {number}",
        selectable=True,
        selectable_for_restore=True,
        files=(FileSet(path="C:\\db", filespec="*", recursive=True),),
    )


def _reply(choices: Choices) -> Reply:
    event = choices.of(tuple(name for name in EVENTS if name != "Abort"))
    fails = choices.of((*_FAILURES, None))
    return Reply(
        on=event,
        fails=fails,
        times=choices.of((1, 2, None)),
        message="no" if fails else None,
        set_backup_metadata="metadata" if event == "PostSnapshot" else None,
        set_restore_target=RestoreTarget.ALTERNATE if event == "PreRestore" else None,
        add_partial_files=(_PARTIAL,) if event == "PrepareForBackup" else (),
    )


def _scripted(choices: Choices) -> ScriptedAnswer:
    to = choices.of(_SCRIPTED)
    full_name = METHODS[to].full_name
    returns = choices.of((None, None, None, *_CALLS_FAIL))
    if returns not in {code.name for code in call_failures(full_name)}:
        returns = None
    results = (None, None, *(code.name for code in result_failures(full_name)))
    return ScriptedAnswer(
        to=to,
        returns=returns,
        result=None if returns else choices.of(results),
        seconds=choices.of((0, 5, 60)),
        polls=choices.below(3),
        skip=choices.below(2),
        times=choices.of((1, 2, None)),
    )


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
    record = SnapshotRecord(
        snapshot_id=WAITING.snapshot_id,
        original_volume="C:\\",
        provider_id=WAITING.provider_id,
        attributes=_ATTRIBUTES,
        originating_machine="elsewhere",
        created=0,
    )
    return BackupComponentsDocument(
        select_components=True, writers=writers, snapshot_set_id=WAITING.set_id, snapshots=(record,)
    )
