"""Why a component, or a file of one, is in a backup or a restore: every reason, in words, with the rules it rests on.

What decides between the reasons is `vss_sim.engine.selection`; nothing else in the project says why.
Pages: https://learn.microsoft.com/windows/win32/vss/working-with-selectability-for-backup,
https://learn.microsoft.com/windows/win32/vss/working-with-selectability-for-restore-and-subcomponents
"""

from enum import Enum
from typing import Final

from msgspec import Struct

NOT_SELECTABLE: Final = "add-component-selectability"
"""What a selectable ancestor stands for is never added by itself."""

NEVER_BY_ITSELF: Final = ("sel-nonselectable-sub-never",)
UNREACHABLE: Final = "sel-sub-unreachable"
NOT_TWICE: Final = "sel-sub-not-twice"
IDENTITY: Final = "sel-add-identity"
THROUGH_DEFINER: Final = "sel-props-through-definer"
"""What went along has no entry of its own; its properties are those of what stands for it."""

OWN_DEPENDENCY: Final = "dep-not-same-writer"
REMOTE_PREFIX: Final = "dep-remote-prefix"
REMOTE: Final = "\\\\"
"""What a logical path begins with that leads to another computer."""

WHOLE_ELEMENTS: Final = "sel-path-elements"

ASR: Final = "sel-asr-included"
ASR_WRITER: Final = "be000cbe-11fe-4426-9c58-531aa6355fc4"
"""The class of the writer of Automated System Recovery, without which no bare machine is recovered."""

SYSTEM_STATE_USAGES: Final = ("VSS_UT_BOOTABLESYSTEMSTATE", "VSS_UT_SYSTEMSERVICE")
NOT_SYSTEM_STATE: Final = "VSS_CF_NOT_SYSTEM_STATE"


class Verdict(Enum):
    """What becomes of a component or a file."""

    IN = "in"
    OUT = "out"
    UNPROTECTED = "unprotected"
    """Out, and it should not be: somebody relies on it."""
    UNKNOWN = "unknown"


class Ground(Struct, frozen=True):
    """A reason: what becomes of whom it holds for, in words, by which rules; `{by}` names what brings it about."""

    verdict: Verdict
    says: str
    rules: tuple[str, ...]


class Backup(Enum):
    """Why a component is in a backup, or is not."""

    ADDED = Ground(Verdict.IN, "it was added", ("sel-add-identity", "sel-optional"))
    IMPLIED = Ground(
        Verdict.IN,
        "it goes with {by}, which is selectable, above it, and was added",
        ("sel-sub-implied", "sel-set-definition"),
    )
    WHOLE_VOLUMES = Ground(
        Verdict.IN, "the backup is one of whole volumes, of which every writer hears", ("sel-writer-inhibited",)
    )
    VOLUME_OUTSIDE = Ground(
        Verdict.UNPROTECTED,
        "the backup is one of whole volumes, and {by} is none of them",
        ("seq-volumes-cover-components",),
    )
    NOTHING_OF_WRITER = Ground(
        Verdict.OUT,
        "nothing of its writer was added; the writer takes no part and hears nothing",
        ("sel-skip-writer", "sel-writer-inhibited"),
    )
    REQUIRED = Ground(
        Verdict.UNPROTECTED,
        "it is not selectable, nothing selectable is above it, and others of its writer were added without it",
        ("sel-required-explicit",),
    )
    BELOW_NO_SET = Ground(
        Verdict.UNPROTECTED,
        "it is not selectable, and {by} above it, which was added, is not either and stands for nothing but itself",
        ("sel-nonselectable-parent-no-set", "sel-required-explicit"),
    )
    BELOW_NOT_ADDED = Ground(
        Verdict.OUT, "it is not selectable and could only go with {by}, which was not added", ("sel-sub-unreachable",)
    )
    NOT_CHOSEN = Ground(
        Verdict.OUT, "it is selectable, and neither it nor anything above it was added", ("sel-optional",)
    )
    SYSTEM_STATE_MISSING = Ground(
        Verdict.UNPROTECTED,
        "the backup is one of the bootable system state, of which it is a part, and it was not added",
        ("sel-system-state-all",),
    )
    TARGET_OF_DEPENDENCY = Ground(
        Verdict.UNPROTECTED, "{by} depends on it and was added without it", ("dep-both", "dep-drop-together")
    )
    NOT_DECLARED = Ground(
        Verdict.UNPROTECTED, "it was added, and its writer declares no such component", ("sel-add-identity",)
    )
    WRITER_NOT_THERE = Ground(
        Verdict.UNPROTECTED, "it was added, and its writer gave no metadata", ("sel-add-identity",)
    )
    FAILED = Ground(
        Verdict.UNPROTECTED,
        "it was added, and marked as failed",
        ("seq-succeeded-false-on-any-miss", "seq-succeeded-per-component"),
    )
    WRITER_FAILED = Ground(
        Verdict.UNPROTECTED,
        "it was added, and its writer failed: {by}",
        ("seq-status-both-fields", "req-veto-no-success"),
    )
    UNMARKED = Ground(
        Verdict.UNPROTECTED,
        "it was added, and never marked with SetBackupSucceeded; its writer sees a failed backup",
        ("seq-succeeded-per-component",),
    )
    UNKNOWN = Ground(Verdict.UNKNOWN, "what would decide it is not known", ("log-open-world",))

    @property
    def ground(self) -> Ground:
        """The reason."""
        return self.value


class Restore(Enum):
    """Why a component is in a restore, or is not."""

    SELECTED = Ground(Verdict.IN, "it was added at backup and is selected now", ("sel-r-explicit-any",))
    IMPLIED = Ground(Verdict.IN, "it goes with {by}, which is selected", ("sel-r-implied", "sel-r-set-definition"))
    SUBCOMPONENT = Ground(
        Verdict.IN, "it was added as a subcomponent of {by}", ("sel-r-sub-flag", "sel-r-use-restore-flag")
    )
    BELOW_SUBCOMPONENT = Ground(
        Verdict.IN, "it lies below {by}, which was added as a subcomponent", ("sel-r-sub-exclusive",)
    )
    ONLY_SUBCOMPONENTS = Ground(
        Verdict.OUT, "of the set of {by} only the added subcomponents are restored", ("sel-r-sub-exclusive",)
    )
    NOT_SELECTED = Ground(Verdict.OUT, "it was added at backup and is not selected", ("sel-r-explicit-any",))
    REQUIRED_TOGETHER = Ground(
        Verdict.UNPROTECTED,
        "it is not selectable, nothing selectable is above it, and others of its writer are restored without it",
        ("sel-r-required-together",),
    )
    MAY_BE_ADDED = Ground(
        Verdict.OUT,
        "it went with {by} into the backup; it may be added as a subcomponent once {by} is selected",
        ("sel-r-sub-sequence", "sel-r-sub-flag"),
    )
    ONLY_WITH_SET = Ground(
        Verdict.OUT,
        "it went with {by} into the backup and is not selectable for restore: it is restored with {by} only",
        ("sel-r-implied-unselectable", "sel-r-default-false"),
    )
    NOT_BACKED_UP = Ground(Verdict.OUT, "it is not in the backup", ("sel-r-unknown-component",))
    SELECTED_IN_VAIN = Ground(
        Verdict.UNPROTECTED, "it is selected, and was not added at backup", ("sel-r-unknown-component",)
    )
    NOT_SAVED = Ground(
        Verdict.UNPROTECTED,
        "it is selected, and its backup was marked as failed",
        ("seq-succeeded-false-on-any-miss", "seq-succeeded-per-component"),
    )
    NO_SUBCOMPONENT = Ground(
        Verdict.UNPROTECTED,
        "it is added as a subcomponent of {by}, and is not selectable for restore",
        ("sel-r-sub-flag",),
    )
    TARGET_OF_DEPENDENCY = Ground(
        Verdict.UNPROTECTED, "{by} depends on it and is restored without it", ("dep-both", "dep-drop-together")
    )
    WRITER_GONE = Ground(
        Verdict.UNPROTECTED,
        "it is selected, and no instance of its writer runs, so that VSS refuses it",
        ("sel-r-writer-not-running",),
    )
    METHOD_UNDEFINED = Ground(
        Verdict.UNPROTECTED,
        "the restore method of its writer is VSS_RME_UNDEFINED, an error of the writer, by which nothing is restored",
        ("rm-undefined",),
    )
    PART_UNDEFINED = Ground(
        Verdict.UNPROTECTED,
        "whether its writer takes part is VSS_WRE_UNDEFINED, an error of the writer, by which nothing is restored",
        ("wre-undefined",),
    )
    SERVICE_UNNAMED = Ground(
        Verdict.UNPROTECTED,
        "its writer wants a service stopped before the files and names none, so that no file is touched",
        ("svc-unnamed",),
    )
    METHOD_MISSING = Ground(
        Verdict.UNKNOWN,
        "its writer gives no restore method: no page tells how its files come back, and who takes that for an error of "
        "the writer restores none",
        ("rm-missing-method",),
    )
    OWN_PROCEDURE = Ground(
        Verdict.UNKNOWN,
        "only the procedure that its writer documents restores it, and no component of the writer is selected for that",
        ("custom-not-generic", "custom-writer-not-involved"),
    )
    UNKNOWN = Ground(Verdict.UNKNOWN, "what would decide it is not known", ("log-open-world",))

    @property
    def ground(self) -> Ground:
        """The reason."""
        return self.value


class File(Enum):
    """Why a file of a component that is in a backup is saved, or is not."""

    SHADOW_COPY = Ground(
        Verdict.IN, "it comes from the shadow copy of {by}", ("path-set-triple", "sel-mask-beats-selectability")
    )
    LIVE = Ground(
        Verdict.IN,
        "it may come from the volume itself: the mask of its set asks for no shadow copy",
        ("path-mask-snapshot-only-where-set",),
    )
    PARTIAL = Ground(Verdict.IN, "only its ranges are saved", ("pf-only-ranges", "pf-override-set"))
    DIFFERENCED = Ground(Verdict.IN, "it is saved if it changed {by}", ("inc-diff-overrides-mask", "inc-order"))
    EXCLUDED = Ground(Verdict.OUT, "its writer excludes it: {by}", ("sel-exclude-wins", "path-exclude-by-default-path"))
    NOT_OF_TYPE = Ground(
        Verdict.OUT, "the mask of its set asks for no copy in a backup of this type", ("sel-mask-beats-selectability",)
    )
    VOLUME_OUTSIDE = Ground(
        Verdict.UNPROTECTED,
        "it has to come from a shadow copy, and {by} is not in the shadow copy set",
        ("seq-volumes-cover-components",),
    )
    MOUNTED_OUTSIDE = Ground(
        Verdict.UNPROTECTED,
        "it lies on {by}, which is mounted in a folder of the set and is not in the shadow copy set",
        ("path-mounted-follow", "seq-volumes-cover-components"),
    )
    MISSING = Ground(Verdict.UNPROTECTED, "the set names it, and it is not there", ("path-missing-file-fails",))
    JUNCTION = Ground(Verdict.OUT, "behind a compatibility junction, which is not entered", ("path-compat-junctions",))

    @property
    def ground(self) -> Ground:
        """The reason."""
        return self.value
