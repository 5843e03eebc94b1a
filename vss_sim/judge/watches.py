"""What is watched beside the protocol state: by method, what a call may ask for, and what its success teaches or shows.

Each subject has a module of its own; this one says which methods it looks at.
"""

from collections.abc import Callable, Iterator
from typing import Final, Protocol

from vss_sim.judge.contexts_and_providers import (
    context_troubles,
    judge_properties,
    learn_choice_left_open,
    learn_context,
    learn_support,
    provider_troubles,
)
from vss_sim.judge.findings import Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.identify_events import begin_to_gather, judge_identified, keep_out
from vss_sim.judge.indices import (
    components_index,
    forget_metadata_count,
    learn_components_count,
    learn_metadata_count,
    metadata_index,
)
from vss_sim.judge.listed_writers import disable_classes, enable_classes
from vss_sim.judge.objects import BackupObject
from vss_sim.judge.selection import (
    judge_volumes,
    learn_backup_type,
    learn_selection,
    learn_volume_name,
    selection_troubles,
)
from vss_sim.judge.turned_away import begun
from vss_sim.judge.writer_metadata import learn_writer
from vss_sim.trace.lines import Line

Watch = Callable[[History, Line, BackupObject], Iterator[Trouble]]
"""What is wrong with a call, as far as its arguments and what the log has shown tell."""


class Lesson(Protocol):
    """What success of one method teaches or shows; `certain` is false where the answer was not recorded."""

    def __call__(self, history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
        """Take it on."""


WATCHES: Final[dict[str, tuple[Watch, ...]]] = {
    "SetContext": (context_troubles,),
    "AddComponent": (selection_troubles,),
    "AddToSnapshotSet": (provider_troubles,),
    "GetWriterMetadata": (metadata_index,),
    "GetWriterComponents": (components_index,),
}

LESSONS: Final[dict[str, tuple[Lesson, ...]]] = {
    "SetContext": (learn_context,),
    "SetBackupState": (learn_backup_type,),
    "DisableWriterClasses": (disable_classes, keep_out),
    "EnableWriterClasses": (enable_classes, keep_out),
    "DisableWriterInstances": (keep_out,),
    "StartSnapshotSet": (begun,),
    "GatherWriterMetadata": (begin_to_gather, forget_metadata_count),
    "GetWriterMetadataCount": (learn_metadata_count,),
    "GetWriterMetadata": (judge_identified, learn_writer),
    "GetWriterComponentsCount": (learn_components_count,),
    "AddComponent": (learn_selection,),
    "IsVolumeSupported": (learn_support,),
    "AddToSnapshotSet": (learn_volume_name, learn_choice_left_open),
    "DoSnapshotSet": (judge_volumes,),
    "GetSnapshotProperties": (judge_properties,),
}


def watch_troubles(name: str, history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """What the watches have to say of a call."""
    for watch in WATCHES.get(name, ()):
        yield from watch(history, line, obj)


def teach(name: str, history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """Take on what success of a call teaches."""
    for lesson in LESSONS.get(name, ()):
        lesson(history, step, obj, certain=certain)
