"""What a restore is about, and what is said to its writers before PreRestore.

Components are selected of writers that run, by their classes and the names of their instances (rule
svc-stored-instance-useless); what cannot be restored as a whole, or without what it depends on, is left out.
"""

from collections.abc import Iterator

from msgspec import Struct, field

from vss_sim.engine.restoring.dependencies import Wanted, completed, without_targets
from vss_sim.engine.restoring.documents import (
    Explicit,
    Running,
    StoredWriter,
    explicit_components,
    running_writers,
    stored_writer,
)
from vss_sim.engine.restoring.program import BC, Program
from vss_sim.engine.restoring.requests import Request, RequestError, Wish, name_of, see_allowed
from vss_sim.engine.selection.file_sets import type_for
from vss_sim.model.objects import Handle
from vss_sim.model.values import guid
from vss_sim.spec.enums import BackupType, RestoreMethod, WriterRestore
from vss_sim.spec.restoring import reading
from vss_sim.spec.restoring.parameters import CUSTOM_WRITER
from vss_sim.spec.restoring.targets import CHAIN_BROKEN, DEPENDENCY_LEFT_OUT, LEFT_OUT, NOT_SAVED
from vss_sim.spec.restoring.words import Outcome


class Selecting(Struct):
    """The components of a restore on an object that is initialised for it."""

    program: Program
    request: Request
    bc: Handle
    running: tuple[Running, ...] = ()
    wanted: tuple[Wanted, ...] = ()
    """What is restored, with what it depends on."""
    left_out: dict[int, Outcome] = field(default_factory=dict)
    """By the ids of wishes: why they are not met."""
    _selected: set[int] = field(default_factory=set)

    def select(self, documents: tuple[object, ...]) -> None:
        """Read the stored documents, learn who runs, decide what is restored, and select it."""
        writers = {
            one.writer_id + one.instance_id: one for one in (stored_writer(self.program, it) for it in documents)
        }
        self.program.finish(BC + "GatherWriterMetadata", self.bc)
        self.running = running_writers(self.program, self.bc)
        self._decide(writers)
        self._selected = {id(wish) for writer, explicit, wish in self.wanted if self._select(writer, explicit, wish)}

    @property
    def taking_part(self) -> bool:
        """Whether any component is selected."""
        return bool(self._selected)

    def is_selected(self, wish: Wish) -> bool:
        """Whether the component of a wish is."""
        return id(wish) in self._selected

    def _decide(self, writers: dict[str, StoredWriter]) -> None:
        known = explicit_components(self.program, self.bc, "names")
        stored = [(writer, one) for one in known if (writer := writers.get(one.writer_id + one.instance_id))]
        asked = tuple(self._asked(known, writers))
        self.wanted = completed(asked, stored)
        for _, explicit, _ in self.wanted[len(asked) :]:
            self.program.events.append(f"{explicit.name}: restored too, for another component depends on it")
        for writer, explicit, wish in self.wanted:
            if not explicit.succeeded:
                self.left_out[id(wish)] = NOT_SAVED
            elif self._builds_on_nothing(writer, explicit):
                self.left_out[id(wish)] = CHAIN_BROKEN
            elif not self.request.missing_writers and not self._live(writer):
                self.left_out[id(wish)] = LEFT_OUT
        dropped = {id(wish) for writer, _, wish in self.wanted if self._has_no_way(writer)}
        for without in without_targets(self.wanted, dropped | set(self.left_out)):
            self.left_out[without] = DEPENDENCY_LEFT_OUT

    def _asked(self, known: tuple[Explicit, ...], writers: dict[str, StoredWriter]) -> Iterator[Wanted]:
        for number, asked in enumerate(self.request.wishes):
            if not any(map(asked.is_of, known)):
                raise RequestError(f"[{number}]: no component {asked.name!r} of {asked.writer_id} was added at backup")
        for explicit in known:
            wish = self.request.wish_for(explicit)
            writer = writers.get(explicit.writer_id + explicit.instance_id)
            if wish is None:
                continue
            if writer is None:
                raise RequestError(
                    f"{explicit.name}: the backup has no Writer Metadata Document of {explicit.writer_id}, so nothing "
                    "says how it is restored (rule seq-r-load-writer-documents)"
                )
            see_allowed(wish, writer)
            yield writer, explicit, wish

    def _live(self, writer: StoredWriter) -> tuple[Running, ...]:
        """The instances that run of a stored writer, by its class and the name of its instance."""
        same = [one for one in self.running if guid(one.writer_id) == guid(writer.writer_id)]
        named = [one for one in same if one.instance_name == writer.instance_name]
        return tuple(named or same)

    def _builds_on_nothing(self, writer: StoredWriter, explicit: Explicit) -> bool:
        """Whether an earlier step of the chain was not restored, where the backup is no full one for the writer."""
        kind = type_for(writer.schema, self.request.backup_type.value)
        return name_of(explicit) in self.request.broken and kind != BackupType.FULL.value

    def _has_no_way(self, writer: StoredWriter) -> bool:
        """Whether nothing tells how its files are restored, so that they are not (wre-undefined, rm-undefined)."""
        unknown = writer.method is RestoreMethod.CUSTOM and writer.writer_id not in self.request.procedures
        undefined = writer.method in (None, RestoreMethod.UNDEFINED)
        return unknown or undefined or writer.writer_restore is WriterRestore.UNDEFINED

    def _takes_part(self, writer: StoredWriter) -> bool:
        """Whether the components of a writer are selected (rules wre-never, custom-writer-not-involved)."""
        if writer.method is None or writer.method is RestoreMethod.UNDEFINED:
            return False
        if writer.writer_restore in (WriterRestore.NEVER, WriterRestore.UNDEFINED):
            return False
        custom = writer.method is RestoreMethod.CUSTOM
        involved = not custom or reading(CUSTOM_WRITER, self.request.readings) == "involved"
        return involved and bool(self._live(writer))

    def _select(self, writer: StoredWriter, explicit: Explicit, wish: Wish) -> bool:
        """Select a component, and say to its writer what is wished; whether it is selected."""
        if id(wish) in self.left_out or not self._takes_part(writer):
            return False
        ask, live = self.program.ask, self._live(writer)
        of_class = [one for one in self.running if guid(one.writer_id) == guid(writer.writer_id)]
        named = {**explicit.arguments, "ct": explicit.type}
        if len(of_class) > 1:
            only = live[0].instance_id
            call = "IVssBackupComponentsEx::SetSelectedForRestoreEx"
            ask(call, self.bc, **named, bSelectedForRestore=True, instanceId=only)
        else:
            ask(BC + "SetSelectedForRestore", self.bc, **named, bSelectedForRestore=True)
        for path, name in wish.subcomponents:
            ask(
                BC + "AddRestoreSubcomponent",
                self.bc,
                **explicit.arguments,
                componentType=explicit.type,
                wszSubComponentLogicalPath=path,
                wszSubComponentName=name,
                bRepair=False,
            )
        self._tell(named, wish)
        return True

    def _tell(self, named: dict[str, object], wish: Wish) -> None:
        """What a requester may say to a writer before PreRestore."""
        more = "IVssBackupComponentsEx2::"

        def tell(call: str, **what: object) -> None:
            self.program.ask(call, self.bc, **named, **what)
            told = ", ".join(str(getattr(value, "value", value)) for value in what.values() if value is not None)
            self.program.events.append(f"{wish.name}: {call.rpartition('::')[2]} {told}")

        if wish.options is not None:
            tell(BC + "SetRestoreOptions", wszRestoreOptions=wish.options)
        if wish.additional_restores is not None:
            tell(BC + "SetAdditionalRestores", bAdditionalRestores=wish.additional_restores)
        if wish.authoritative is not None:
            tell(more + "SetAuthoritativeRestore", bAuth=wish.authoritative)
        if wish.roll_forward is not None:
            kind, point = wish.roll_forward
            tell(more + "SetRollForward", rollType=kind, wszRollForwardPoint=point)
        if wish.restore_name is not None:
            tell(more + "SetRestoreName", wszRestoreName=wish.restore_name)
        for target in wish.new_targets:
            tell(
                BC + "AddNewTarget",
                wszPath=target.path,
                wszFileName=target.filespec,
                bRecursive=target.recursive,
                wszAlternatePath=target.destination,
            )
