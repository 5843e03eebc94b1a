"""What a requester asked in a simulated world, and what it could ask: from objects and worlds to the report.

Page: https://learn.microsoft.com/windows/win32/vss/overview-of-pre-backup-tasks
"""

from collections.abc import Iterable
from typing import NamedTuple

from vss_sim.engine.desk import Desk
from vss_sim.engine.ruling import Certainty, holds
from vss_sim.engine.selection.components import Key, definer_of, full_selection, key_of, whole
from vss_sim.engine.selection.protection import Added, Asked, Offered, Place, Protection, offered, protection
from vss_sim.engine.selection.recovery import Recovery, Wanted, recovery, stored_writers
from vss_sim.model.document import BackupComponentsDocument
from vss_sim.model.metadata import WriterMetadata
from vss_sim.model.objects import BackupObject, Handle, WriterSession
from vss_sim.model.values import Guid
from vss_sim.model.world import World
from vss_sim.spec.enums import BackupType
from vss_sim.spec.hresult import HResult
from vss_sim.spec.protocol.common import COMPLETE_BEGUN
from vss_sim.spec.state import BackupState


class Plan(NamedTuple):
    r"""What a requester means to ask: None is everything there is, nothing twice.

    A component is its path with its name (`Database\Logs`), with its writer's name or class id and a colon before it
    where several have one of that name. `bootable` declares a backup of the bootable system state.
    """

    components: tuple[str, ...] | None = None
    volumes: tuple[str, ...] | None = None
    backup_type: str = BackupType.FULL.value
    by_components: bool = True
    bootable: bool = False


class RestorePlan(NamedTuple):
    """What a requester means to restore, by names as in `Plan`: None is all that was added at backup."""

    components: tuple[str, ...] | None = None
    subcomponents: tuple[str, ...] = ()


def recovery_of_saved(
    document: BackupComponentsDocument,
    writers: Iterable[WriterMetadata],
    plan: RestorePlan = RestorePlan(),  # noqa: B008 - a value
    running: frozenset[Guid] | None = None,
) -> Recovery:
    """What a restore by this plan brings back of a backup, by its stored documents.

    Raises:
        LookupError: the plan names a component that no stored writer has.
    """
    stored = stored_writers(document, map(offered, writers))
    offers = tuple(one.offered for one in stored)
    selected = [(one.writer_id, one.key) for name in plan.components or () for one in _wanted(offers, name)]
    chosen: dict[Place, tuple[Key, ...]] = {}
    for name in plan.subcomponents:
        for part in _wanted(offers, name):
            writer = next(one for one in stored if one.offered.writer_id == part.writer_id)
            definer = definer_of(part.key, writer.offered.declared, writer.added)
            if definer is None:
                raise LookupError(f"{name!r} goes with no component that was added at backup, and is none of a set")
            place = part.writer_id, definer
            chosen[place] = (*chosen.get(place, ()), part.key)
            selected += [place] if place not in selected else []
    everything = plan.components is None and not plan.subcomponents
    return recovery(stored, Wanted(None if everything else tuple(selected), chosen, running))


def running_classes(world: World, machine: int = 0) -> frozenset[Guid]:
    """The classes of the writers that run on a machine."""
    desk = Desk(world, machine)
    pairs = zip(desk.machine.writers, desk.state.writers, strict=True)
    return frozenset(writer.writer_id for writer, state in pairs if state.running or writer.express)


def protection_of_object(world: World, handle: Handle) -> Protection:
    """What one backup components object has asked for, what came of it so far, and what is unprotected.

    Raises:
        LookupError: the handle names no backup components object.
    """
    obj = world.objects.get(handle)
    if isinstance(obj, BackupObject):
        return _of_object(world, handle, obj)
    raise LookupError(f"{handle!r} is no backup components object of this world")


def _of_object(world: World, handle: Handle, obj: BackupObject) -> Protection:
    latest = {session.instance_id: session for session in (*obj.identified, *obj.sessions, *obj.statuses)}
    writers = tuple(offered(one.metadata, one.instance_id, _failure(one)) for one in latest.values())
    return protection(writers, _asked(obj), Desk(world, obj.machine, handle))


def _failure(session: WriterSession) -> str | None:
    """The state and the code of a writer that failed."""
    failed = session.failure != HResult.S_OK.name
    return f"{session.failure} ({session.state.value})" if failed else None


def _asked(obj: BackupObject) -> Asked:
    document = obj.document
    completed = holds(obj.state, COMPLETE_BEGUN) is Certainty.YES
    chosen = holds(obj.state, BackupState.COMPONENTS.bit) is Certainty.YES
    return Asked(
        by_components=chosen,
        bootable=document.bootable_system_state,
        backup_type=document.backup_type.value,
        added=tuple(
            Added(writer.writer_id, writer.instance_id, one.logical_path, one.name, one, succeeded=one.backup_succeeded)
            for writer in document.writers
            for one in writer.components
        ),
        volumes=tuple(member.volume for member in obj.volumes) if obj.volumes or completed else None,
        completed=completed,
    )


def protection_of_world(world: World, machine: int = 0, plan: Plan = Plan()) -> Protection:  # noqa: B008 - a value
    """What a backup by this plan protects of a machine, as its writers and files are now.

    Raises:
        LookupError: the plan names a volume or a writer that the machine does not have.
    """
    desk = Desk(world, machine)
    writers = tuple(offered(one.writer, one.instance_id) for one in desk.state.writers if one.running)
    names = tuple(volume.name for volume in desk.machine.volumes)
    unknown = next((name for name in plan.volumes or () if name.casefold() not in map(str.casefold, names)), None)
    if unknown is not None:
        raise LookupError(f"the machine has no volume {unknown!r}; it has {', '.join(names)}")
    asked = Asked(
        by_components=plan.by_components,
        bootable=plan.bootable,
        backup_type=plan.backup_type,
        added=tuple(_added(writers, plan)) if plan.by_components else (),
        volumes=names if plan.volumes is None else plan.volumes,
    )
    return protection(writers, asked, desk)


def _added(writers: tuple[Offered, ...], plan: Plan) -> Iterable[Added]:
    if plan.components is None:
        for writer in writers:
            for key in full_selection(writer.declared):
                declared = writer.declared[key]
                yield Added(writer.writer_id, writer.instance_id, declared.path, declared.name)
        return
    for wanted in plan.components:
        yield from _wanted(writers, wanted)


def _wanted(writers: tuple[Offered, ...], wanted: str) -> Iterable[Added]:
    """The component that is meant; where no writer is named, that of each writer which has one of this name."""
    named, colon, rest = wanted.partition(":")
    of = [writer for writer in writers if colon and _is_called(writer, named)]
    path, _, name = (rest if of else wanted).rpartition("\\")
    having = [writer for writer in of or writers if key_of(path, name) in writer.declared]
    if not having and not of:
        raise LookupError(f"no writer has a component {wanted!r}; there are {', '.join(_all_names(writers)) or 'none'}")
    for writer in having or of:
        yield Added(writer.writer_id, writer.instance_id, path, name)


def _all_names(writers: tuple[Offered, ...]) -> list[str]:
    """The components of all writers, as they can be asked for."""
    return [f"{writer.name}:{whole((one.path, one.name))}" for writer in writers for one in writer.declared.values()]


def _is_called(writer: Offered, wanted: str) -> bool:
    names = (writer.name, writer.writer_id, writer.writer_id.strip("{}"), writer.instance_id or "")
    return wanted.casefold() in map(str.casefold, names)
