"""What the tests of the Python interface share: worlds, a backup up to a stage, whether a value fits its annotation."""

from collections.abc import Callable
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Final, NewType, Union, get_args, get_origin, get_type_hints

from msgspec.structs import replace

from tests.support import ROOT
from vss_sim import (
    BackupComponents,
    BackupType,
    ObjectType,
    Profile,
    Simulation,
    SnapshotContext,
    SnapshotId,
    SnapshotProperties,
    create_backup_components,
    read_world,
)
from vss_sim.engine.answers import Event
from vss_sim.engine.desk import Step

WORLD: Final = (ROOT / "docs" / "examples" / "two_writers.json").read_text(encoding="utf-8")
EXAMPLE: Final = Path(ROOT / "docs" / "examples" / "backup_and_restore.py")


class OnNoWay(Simulation):
    """Finds out for itself what each call comes to, on a desk that is laid anew: nothing is left of calls before."""

    __slots__ = ()

    def call(self, *call: Any, **more: Any) -> Step:
        """The same, where nobody was before."""
        self.world = replace(self.world)
        return super().call(*call, **more)

    def happens(self, *what: Any, **more: Any) -> tuple[Event, ...]:
        """The same, where it happened to nobody before."""
        self.world = replace(self.world)
        return super().happens(*what, **more)


def simulation(world: str | dict[str, Any] = WORLD, profile: Profile = Profile.WINDOWS) -> Simulation:
    """A simulation of a world; that of the example, if none is given."""
    return Simulation(read_world(world), profile)


def initialised(world: Simulation, **where: str) -> BackupComponents:
    """An object initialised for backup."""
    requester = create_backup_components(world, **where)
    requester.initialize_for_backup()
    return requester


def with_a_set(world: Simulation, context: int = SnapshotContext.BACKUP, **where: str) -> BackupComponents:
    """An object with a shadow copy set that was begun, without a volume."""
    requester = initialised(world, **where)
    requester.set_context(context)
    requester.set_backup_state(
        select_components=False, bootable_system_state=False, backup_type=BackupType.FULL, partial_file_support=False
    )
    requester.gather_writer_metadata().finish()
    requester.start_snapshot_set()
    return requester


def with_a_snapshot(
    world: Simulation, context: int = SnapshotContext.BACKUP, volume: str = "C:\\", **where: str
) -> tuple[BackupComponents, SnapshotProperties]:
    """An object with a shadow copy of a volume, and what VSS tells of it."""
    requester = with_a_set(world, context, **where)
    snapshot_id: SnapshotId = requester.add_to_snapshot_set(volume)
    requester.prepare_for_backup().finish()
    requester.do_snapshot_set().finish()
    return requester, requester.get_snapshot_properties(snapshot_id)


def snapshots(requester: BackupComponents) -> int:
    """How many shadow copies a query finds."""
    with requester.query(None, ObjectType.NONE, ObjectType.SNAPSHOT).objects as found:
        return found.next(100).fetched


def ask(method: Callable[..., Any], *arguments: Any, **more: Any) -> Any:
    """What a call gives back, which must fit what the method says of it."""
    told = method(*arguments, **more)
    hint = get_type_hints(method)["return"]
    assert fits(told, hint), f"{method.__qualname__} gave {told!r}, which is no {hint}"
    return told


def fits(value: object, hint: Any) -> bool:
    """Whether a value is of a type, and the fields of a tuple or record of theirs."""
    origin = get_origin(hint)
    if hint in (None, NoneType):
        return value is None
    if isinstance(hint, NewType):
        return fits(value, hint.__supertype__)
    if origin in (Union, UnionType):
        return any(fits(value, option) for option in get_args(hint))
    if origin is tuple:
        return isinstance(value, tuple) and all(fits(item, get_args(hint)[0]) for item in value)
    is_one = isinstance(value, hint) and (hint is bool or not isinstance(value, bool))
    return is_one and all(fits(getattr(value, name), kind) for name, kind in _fields(hint).items())


def _fields(hint: type) -> dict[str, Any]:
    names = getattr(hint, "_fields", ()) or getattr(hint, "__struct_fields__", ())
    return {name: kind for name, kind in get_type_hints(hint).items() if name in names}
