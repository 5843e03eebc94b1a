"""Writers: of every restore method and level, hosted in services or not, with fixed instance ids or without."""

from typing import Final

from vss_sim.model.metadata import AlternateLocationMapping, FileSet, RestoreMethodDescription, WriterComponent
from vss_sim.model.writers import Writer
from vss_sim.spec.enums import RestoreMethod, SourceType, UsageType, WriterRestore
from vss_sim.spec.events import LEVELS
from vss_sim.spec.restoring.methods import BY_A_SERVICE
from vss_sim.spec.writer_calls import EXPRESS_METHODS, EXPRESS_USAGES
from vss_sim.strategies.components import draw_components
from vss_sim.strategies.faults import draw_reply
from vss_sim.strategies.files import FOLDERS
from vss_sim.strategies.source import Source, once_in, one_of, some_of

WRITER_ID: Final = "{{00000000-0000-4000-8000-0000000000{:02x}}}"
INSTANCE_ID: Final = "{{11111111-0000-4000-8000-0000000000{:02x}}}"
_METHODS: Final = (RestoreMethod.RESTORE_IF_CAN_REPLACE, *RestoreMethod)
_USAGES: Final = (UsageType.USERDATA, UsageType.BOOTABLESYSTEMSTATE, UsageType.SYSTEMSERVICE, UsageType.OTHER)
_SCHEMA: Final = (
    "VSS_BS_DIFFERENTIAL",
    "VSS_BS_INCREMENTAL",
    "VSS_BS_LOG",
    "VSS_BS_COPY",
    "VSS_BS_TIMESTAMPED",
    "VSS_BS_LAST_MODIFY",
    "VSS_BS_WRITER_SUPPORTS_NEW_TARGET",
    "VSS_BS_WRITER_SUPPORTS_RESTORE_WITH_MOVE",
    "VSS_BS_INDEPENDENT_SYSTEM_STATE",
    "VSS_BS_AUTHORITATIVE_RESTORE",
)


def draw_writer(
    source: Source, number: int, *, volumes: tuple[str, ...], services: tuple[str, ...] = (), faults: bool = False
) -> Writer:
    """The writer with this number; its class has the number below 16, so machines have writers of the same classes."""
    if once_in(source, 8):
        return _express(source, number, volumes)
    instance = source.below(2)
    hosted_in = one_of(source, (None, *services))
    return Writer(
        name=f"Writer {number}",
        writer_id=WRITER_ID.format(number % 16),
        instance_id=INSTANCE_ID.format(number) if instance else None,
        usage=one_of(source, _USAGES),
        source=one_of(source, (SourceType.OTHER, SourceType.TRANSACTEDDB, SourceType.NONTRANSACTEDDB)),
        backup_schema=some_of(source, _SCHEMA, 4),
        restore_method=draw_restore_method(source, services),
        alternate_location_mappings=_mappings(source, volumes),
        exclude_files=_excluded(source, volumes),
        components=_at_least_one(source, volumes),
        hosted_in=hosted_in,
        level=one_of(source, LEVELS),
        replies=(draw_reply(source),) if faults and once_in(source, 3) else (),
    )


def draw_restore_method(source: Source, services: tuple[str, ...]) -> RestoreMethodDescription | None:
    """How a writer wants its files restored; None: it does not say."""
    if once_in(source, 8):
        return None
    method = one_of(source, _METHODS)
    return RestoreMethodDescription(
        method=method,
        service=one_of(source, services) if services and method in BY_A_SERVICE else None,
        writer_restore=one_of(source, (WriterRestore.ALWAYS, WriterRestore.IF_REPLACE_FAILS, WriterRestore.NEVER)),
        reboot_required=once_in(source, 4),
    )


def _at_least_one(source: Source, volumes: tuple[str, ...]) -> tuple[WriterComponent, ...]:
    components = draw_components(source, volumes)
    files = (FileSet(path=volumes[0] + FOLDERS[0], filespec="*", recursive=True),)
    return components or (WriterComponent(name="Shop", selectable_for_restore=True, files=files),)


def _mappings(source: Source, volumes: tuple[str, ...]) -> tuple[AlternateLocationMapping, ...]:
    place = one_of(source, volumes)
    mapping = AlternateLocationMapping(
        path=place + FOLDERS[0], filespec="*", recursive=True, destination=f"{place}elsewhere"
    )
    return (mapping,) if once_in(source, 3) else ()


def _excluded(source: Source, volumes: tuple[str, ...]) -> tuple[FileSet, ...]:
    excluded = FileSet(path=one_of(source, volumes) + FOLDERS[0], filespec="*.tmp", recursive=True)
    return (excluded,) if once_in(source, 3) else ()


def _express(source: Source, number: int, volumes: tuple[str, ...]) -> Writer:
    """An express writer, which may declare little."""
    return Writer(
        name=f"Writer {number}",
        writer_id=WRITER_ID.format(number % 16),
        usage=one_of(source, tuple(map(UsageType, EXPRESS_USAGES))),
        restore_method=RestoreMethodDescription(
            method=RestoreMethod(one_of(source, tuple(EXPRESS_METHODS))), writer_restore=WriterRestore.NEVER
        ),
        components=draw_components(source, volumes, 2, express=True),
        express=True,
    )
