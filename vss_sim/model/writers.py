"""The writers of a simulated computer as values: what they declare, how they run, how they reply to events."""

import re
from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

from vss_sim.model.document import DifferencedFiles, DirectedTarget, Failure, PartialFile
from vss_sim.model.metadata import FileSet, WriterMetadata
from vss_sim.model.scripts import Count, FailingCode, Seconds, Timed, Window, with_failure
from vss_sim.model.values import Described, meant_by, missing, one_of, own, with_enumerations, with_names, wrong
from vss_sim.spec.creation import FREEZE_WINDOW
from vss_sim.spec.enums import ApplicationLevel, ComponentType, RestoreTarget, WriterRestore
from vss_sim.spec.events import EVENTS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Direction, signatures
from vss_sim.spec.writer_calls import (
    COMPONENT,
    COMPONENT_FAILURES,
    EXPRESS_FLAGS,
    EXPRESS_MASK,
    EXPRESS_METHODS,
    EXPRESS_SCHEMA,
    EXPRESS_USAGES,
    handler_calls,
)

WriterEvent = Annotated[str, one_of("WriterEvent", EVENTS)]
CallInHandler = Annotated[str, one_of("WriterCall", handler_calls())]


class HandlerCall(Described, frozen=True, kw_only=True):
    """A call that a writer makes while it handles an event, in VSS's own words.

    A call on a component is made on the one named `component` under `logical_path` (None: any), or, where no component
    is named, on each of the writer's. `returns`: what VSS answers where the environment decides that; such a call does
    nothing.
    """

    call: CallInHandler
    arguments: dict[str, Any] = msgspec.field(default_factory=dict, name="in")
    component: str | None = None
    logical_path: str | None = None
    returns: FailingCode | None = None

    def __post_init__(self) -> None:
        own(self, "arguments")
        with_failure(self, "returns")
        with_names(self, "call", handler_calls(), "expected a call that a writer makes in a handler (docs/world.md)")
        takes = {one.name: one for one in signatures()[self.call].parameters if one.direction is Direction.IN}
        for name in self.arguments:
            if name not in takes:
                raise wrong(self, "arguments", f"{name!r} is no parameter of {self.call}; it has {sorted(takes)}")
        left_out = [repr(name) for name, one in takes.items() if one.default is None and name not in self.arguments]
        if left_out:
            needs = f"{self.call} needs {'them' if left_out[1:] else 'it'}, or null"
            raise wrong(self, "arguments", f"{missing(left_out)}; {needs}")
        if self.component is not None and not self.call.startswith(COMPONENT):
            raise wrong(self, "component", f"{self.call} is not made on a component")


class Reply(Timed, frozen=True, kw_only=True):
    """How a writer answers an event, after how many seconds, and what it does while it handles it.

    `fails` None: it answers well. `fatal`: its handler returns false, which is how a writer fails; where it is not, the
    writer sets the failure and returns true. A `silent` writer never answers, one that `crashes` is gone from then on:
    VSS gives them up after `seconds`. `write_in_copy` maps paths of the live volumes to what the writer writes to the
    file in the shadow copy, `delete_in_copy` are the files that it deletes there; PostSnapshot is the event for it.
    `calls` are made in their order, after those that the short forms stand for;
    `component` names the component that the short forms are about (None: each of its own).
    """

    on: WriterEvent
    fails: FailingCode | None = None
    fatal: bool = True
    seconds: Seconds = 0
    silent: bool = False
    crashes: bool = False
    message: str | None = None
    component: str | None = None
    set_backup_metadata: str | None = None
    set_backup_stamp: str | None = None
    set_restore_metadata: str | None = None
    set_restore_target: RestoreTarget | None = None
    add_partial_files: tuple[PartialFile, ...] = ()
    add_differenced_files: tuple[DifferencedFiles, ...] = ()
    add_directed_targets: tuple[DirectedTarget, ...] = ()
    set_failure: Failure | None = None
    write_in_copy: dict[str, str] = msgspec.field(default_factory=dict)
    delete_in_copy: tuple[FileSet, ...] = ()
    calls: tuple[HandlerCall, ...] = ()

    def __post_init__(self) -> None:
        own(self, "write_in_copy")
        with_names(self, "on", EVENTS, f"there are {', '.join(EVENTS)}")
        with_failure(self, "fails")
        if self.fails is not None and (self.silent or self.crashes):
            raise wrong(self, "fails", "a writer that is silent or crashes gives no answer")
        if self.set_failure is not None:
            self._check_failure(self.set_failure)

    def _check_failure(self, failure: Failure) -> None:
        """Raises ValueError where a component fails with what SetFailure does not take."""
        code, application = failure.hresult, failure.application
        if code not in COMPONENT_FAILURES:
            says = f"{meant_by(code, COMPONENT_FAILURES)}{_SET_FAILURE} takes {', '.join(COMPONENT_FAILURES)}"
            raise wrong(self, "set_failure", f"{code[:60]!r} is not for a component; {says}")
        if application not in HResult.__members__ and _NUMBER.fullmatch(application) is None:
            meant = meant_by(application, HResult.__members__)
            says = f"{application[:60]!r} is not known; {meant}expected the name of an HRESULT, or 0x and eight digits"
            raise wrong(self, "set_failure", says)


_NUMBER = re.compile("0x[0-9A-Fa-f]{8}")
_SET_FAILURE = "IVssComponentEx2::SetFailure"


class Writer(WriterMetadata, frozen=True, kw_only=True):
    """A writer: what its metadata says, where it runs, at which level it freezes, how it replies to events.

    `invalid_metadata`: the document that it gives at Identify does not keep to the schema. `freeze_timeout`: the
    seconds that it allows from Freeze to Thaw. `max_sessions`: the backups and restores that it takes part in at a time
    (None: any number). `shutting_down`: what it hears when it asks whether it shuts down. `status_seconds`: how long it
    takes to tell GatherWriterStatus where it stands.
    """

    hosted_in: str | None = None
    level: ApplicationLevel = ApplicationLevel.FRONT_END
    express: bool = False
    running: bool = True
    replies: tuple[Reply, ...] = ()
    invalid_metadata: bool = False
    freeze_timeout: Window = FREEZE_WINDOW
    max_sessions: Count | None = None
    shutting_down: bool = False
    status_seconds: Seconds = 0

    def __post_init__(self) -> None:
        super().__post_init__()
        with_enumerations(self, level=ApplicationLevel)
        if self.express:
            _see_that_express_writers_may(self)

    @property
    def called(self) -> Iterator[str]:
        """The calls that its replies name. Of the short forms only SetFailure: the others are there on every system."""
        for reply in self.replies:
            yield from (call.call for call in reply.calls)
            yield from (_SET_FAILURE,) if reply.set_failure is not None else ()


def _see_that_express_writers_may(writer: Writer) -> None:
    """An express writer declares less than others; each limit with its rule.

    Raises:
        ValueError: it declares what it may not.
    """
    for field, broken, says in (*_express_limits(writer), *_express_restore_limits(writer)):
        if broken:
            raise wrong(writer, field, says)
    for component in writer.components:
        if component.type is not ComponentType.FILEGROUP or set(component.component_flags) - set(EXPRESS_FLAGS):
            says = f"{component.name!r}: a file group without recovery flags (rule express-md-component-filegroup)"
            raise wrong(writer, "components", says)
        if any(map(_is_more_than_full, component.files)):
            says = f"{component.name!r}: full backups, no alternate path (rule express-md-filegroup-alt-null)"
            raise wrong(writer, "components", says)


def _express_limits(writer: Writer) -> tuple[tuple[str, bool, str], ...]:
    """Field, whether it breaks a rule, and what is said then."""
    usage = f"an express writer has one of {', '.join(EXPRESS_USAGES)} (rule express-create-usage)"
    schema = f"an express writer has no other than {', '.join(EXPRESS_SCHEMA)} (rule express-md-schema)"
    snapshot = "not for express writers (rule create-md-exclude-snapshot-report)"
    return (
        ("replies", bool(writer.replies), "an express writer gets no events (rule wr-express-limits)"),
        ("usage", writer.usage not in EXPRESS_USAGES, usage),
        ("backup_schema", not set(writer.backup_schema) <= set(EXPRESS_SCHEMA), schema),
        ("exclude_from_snapshot_files", bool(writer.exclude_from_snapshot_files), snapshot),
    )


def _express_restore_limits(writer: Writer) -> tuple[tuple[str, bool, str], ...]:
    """The same for what is said of a restore; a writer without a method has nothing to be asked."""
    method = writer.restore_method
    mappings = "an express writer has no way to give them (rule wr-express-limits)"
    limits = (("alternate_location_mappings", bool(writer.alternate_location_mappings), mappings),)
    if method is None:
        return limits
    declares = f"an express writer may not declare {method.method} (rule express-md-restore-method)"
    takes_part = method.writer_restore is not WriterRestore.NEVER
    never = "writerRestore of an express writer is VSS_WRE_NEVER (rule wre-express-never)"
    return (
        *limits,
        ("restore_method", method.method not in EXPRESS_METHODS, declares),
        ("restore_method", takes_part, never),
    )


_DEFAULT_MASK = FileSet(path="", filespec="").backup_type


def _is_more_than_full(files: FileSet) -> bool:
    mask = 0 if files.backup_type == _DEFAULT_MASK else files.backup_type
    return files.alternate_path is not None or bool(mask & ~EXPRESS_MASK)
