"""Scripts of faults: writers that fail, are slow, silent or crash, providers that do, calls that the machine fails.

A script speaks at the n-th occurrence (`skip`), so many times; times lie on the limits of VSS and one tick beside them.
"""

from itertools import chain, repeat
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

from vss_sim.model.computer import (
    Description,
    Machine,
    ProviderFailure,
    ProviderReply,
    Reply,
    ScriptedAnswer,
    ScriptedHappening,
    Win32Fault,
)
from vss_sim.model.document import PartialFile
from vss_sim.model.writers import Writer
from vss_sim.spec.answers import call_failures, result_failures
from vss_sim.spec.creation import FREEZE_WINDOW, HARDWARE_EVENTS, HOLD_WINDOW, PROVIDER_EVENTS, TICKS
from vss_sim.spec.enums import RestoreTarget
from vss_sim.spec.events import ABORT, EVENTS
from vss_sim.spec.happenings import BOOTS, ENDS, VSS_CRASHES
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.win32 import CALLS, DELAYED_MOVE, SERVICE_CALLS
from vss_sim.strategies.source import Source, once_in, one_of

WRITER_FAILURES: Final = (
    "VSS_E_WRITERERROR_RETRYABLE",
    "VSS_E_WRITERERROR_NONRETRYABLE",
    "VSS_E_WRITERERROR_TIMEOUT",
    "VSS_E_WRITERERROR_OUTOFRESOURCES",
    "VSS_E_WRITERERROR_INCONSISTENTSNAPSHOT",
)
PROVIDER_FAILURES: Final = (
    "VSS_E_PROVIDER_VETO",
    "VSS_E_INSUFFICIENT_STORAGE",
    "VSS_E_FLUSH_WRITES_TIMEOUT",
    "VSS_E_HOLD_WRITES_TIMEOUT",
    "VSS_E_UNEXPECTED_PROVIDER_ERROR",
)
ASYNCHRONOUS: Final = (
    "GatherWriterMetadata",
    "PrepareForBackup",
    "DoSnapshotSet",
    "GatherWriterStatus",
    "BackupComplete",
    "PreRestore",
    "PostRestore",
    "ImportSnapshots",
)
_ASKED: Final = ("AddToSnapshotSet", "DoSnapshotSet", "DeleteSnapshots", "GetSnapshotProperties", "Query")
_ERRORS: Final = ("ERROR_ACCESS_DENIED", "ERROR_SHARING_VIOLATION", "ERROR_IO_DEVICE", "ERROR_DISK_FULL")
_TICK: Final = 1 / TICKS
_SECONDS: Final = (0.0, 5.0, FREEZE_WINDOW, FREEZE_WINDOW + _TICK)
_HELD: Final = (0.0, 5.0, HOLD_WINDOW, HOLD_WINDOW + _TICK)
_TIMES: Final = (1, 2, None)
_CALLS_FAIL: Final = ("E_OUTOFMEMORY", "E_UNEXPECTED", "E_ACCESSDENIED")
_PARTIAL: Final = PartialFile(path="C:\\db", filename="data.mdf", ranges="0:10")


class Faults(Struct, frozen=True):
    """What is to fail on a machine: of each writer and provider by its place, and of the calls that are made."""

    writers: tuple[tuple[Reply, ...], ...] = ()
    providers: tuple[tuple[tuple[ProviderFailure, ...], tuple[ProviderReply, ...]], ...] = ()
    calls: tuple[ScriptedAnswer, ...] = ()
    files: tuple[Win32Fault, ...] = ()

    def on(self, machine: Machine) -> Machine:
        """The machine with these scripts after its own; express writers have none."""
        writers = tuple(
            writer if writer.express else replace(writer, replies=(*writer.replies, *more))
            for writer, more in zip(machine.writers, chain(self.writers, repeat(())), strict=False)
        )
        providers = tuple(
            replace(provider, failures=(*provider.failures, *failures), replies=(*provider.replies, *replies))
            for provider, (failures, replies) in zip(
                machine.providers, chain(self.providers, repeat(((), ()))), strict=False
            )
        )
        return replace(
            machine,
            writers=writers,
            providers=providers,
            answers=(*machine.answers, *self.calls),
            win32_faults=(*machine.win32_faults, *self.files),
        )

    def on_first(self, description: Description) -> Description:
        """The world with these scripts on its first machine."""
        first, *others = description.machines
        return replace(description, machines=(self.on(first), *others))


def draw_faults(source: Source, machine: Machine, most: int = 3) -> Faults:
    """Up to so many scripts for each writer and provider of a machine, and for its calls."""
    writers = tuple(_some_replies(source, writer, most) for writer in machine.writers)
    providers = tuple(
        (
            tuple(draw_provider_failure(source) for _ in range(source.below(most))),
            tuple(draw_provider_reply(source) for _ in range(source.below(most))),
        )
        for _ in machine.providers
    )
    calls = tuple(draw_scripted_answer(source) for _ in range(source.below(most + 1)))
    files = tuple(draw_win32_fault(source, machine) for _ in range(source.below(most + 1)))
    return Faults(writers, providers, calls, files)


def _some_replies(source: Source, writer: Writer, most: int) -> tuple[Reply, ...]:
    return () if writer.express else tuple(draw_reply(source) for _ in range(source.below(most + 1)))


def draw_reply(source: Source, *, troubles: bool = True) -> Reply:
    """How a writer handles an event; without `troubles` it fails or answers well, at once."""
    event = one_of(source, tuple(name for name in EVENTS if name != ABORT))
    fails = one_of(source, (*WRITER_FAILURES, None))
    trouble = one_of(source, ("", "", "", "silent", "crashes")) if troubles else ""
    return Reply(
        on=event,
        fails=None if trouble else fails,
        fatal=not (troubles and once_in(source, 4)),
        silent=trouble == "silent",
        crashes=trouble == "crashes",
        seconds=one_of(source, _SECONDS) if troubles else 0,
        skip=source.below(2) if troubles else 0,
        times=one_of(source, _TIMES),
        message="no" if fails and not trouble else None,
        set_backup_metadata="metadata" if event == "PostSnapshot" else None,
        set_restore_target=RestoreTarget.ALTERNATE if event == "PreRestore" else None,
        add_partial_files=(_PARTIAL,) if event == "PrepareForBackup" else (),
    )


def draw_provider_failure(source: Source) -> ProviderFailure:
    """A call of a requester that a provider fails."""
    return ProviderFailure(
        to=one_of(source, _ASKED),
        fails=one_of(source, PROVIDER_FAILURES),
        volume=one_of(source, (None, "C:\\")),
        skip=source.below(3),
        times=one_of(source, _TIMES),
    )


def draw_provider_reply(source: Source) -> ProviderReply:
    """A step of a creation, an import or a break that a provider fails, or for which it needs time."""
    event = one_of(source, (*PROVIDER_EVENTS, *HARDWARE_EVENTS))
    return ProviderReply(
        on=event,
        fails=one_of(source, (*PROVIDER_FAILURES, None)),
        seconds=0 if event == PROVIDER_EVENTS[0] else one_of(source, _HELD),
        skip=source.below(3),
        times=one_of(source, _TIMES),
    )


def draw_win32_fault(source: Source, machine: Machine) -> Win32Fault:
    """A file or service call that Windows fails, or a delayed move."""
    call = one_of(source, (*CALLS, DELAYED_MOVE))
    services = [service.name for service in machine.services] if call in SERVICE_CALLS else []
    paths = [path for volume in machine.volumes for path in volume.files] if call not in SERVICE_CALLS else []
    return Win32Fault(
        to=call,
        fails=one_of(source, _ERRORS),
        path=one_of(source, (None, *paths)),
        service=one_of(source, (None, *services)),
        skip=source.below(3),
        times=one_of(source, _TIMES),
    )


def draw_happening(source: Source, machine: Machine) -> ScriptedHappening:
    """What happens to the machine after a call: something on it crashes or stops, or it starts anew."""
    writers = [writer.name for writer in machine.writers if not writer.express]
    services = [service.name for service in machine.services]
    names = {"writer crashes": writers, "service stops": services}
    known = (name for name in (*BOOTS, VSS_CRASHES, ENDS[1], *names) if names.get(name, ["there"]))
    happens = one_of(source, tuple(known))
    return ScriptedHappening(
        after=one_of(source, (*_ASKED, *ASYNCHRONOUS, "WriteFile", "MoveFileEx")),
        happens=happens,
        writer=one_of(source, tuple(writers)) if happens == "writer crashes" else None,
        service=one_of(source, tuple(services)) if happens == "service stops" else None,
        skip=source.below(3),
        times=one_of(source, _TIMES),
    )


def draw_scripted_answer(source: Source) -> ScriptedAnswer:
    """What an asynchronous call answers, or what its operation comes to, and how long that takes."""
    to = one_of(source, ASYNCHRONOUS)
    full_name = METHODS[to].full_name
    returns = one_of(source, (None, None, None, *_CALLS_FAIL))
    if returns not in {code.name for code in call_failures(full_name)}:
        returns = None
    results = (None, None, *(code.name for code in result_failures(full_name)))
    return ScriptedAnswer(
        to=to,
        returns=returns,
        result=None if returns else one_of(source, results),
        seconds=one_of(source, (0, 5, 60)),
        polls=source.below(3),
        skip=source.below(2),
        times=one_of(source, _TIMES),
    )
