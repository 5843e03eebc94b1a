"""What a requester can do wrong when it puts files back: each breach with the rules it goes against, by restore method.

The restore-method table says where a component set may go (`vss_sim.spec.restoring`); a breach is a way to leave it
that a log of file and service calls can show. A row holds under the methods and restore targets that it names, or under
all. The first rule that holds is the one shown, the others say the same. `Harm` is how grave it is.
"""

from enum import Enum
from functools import cache
from typing import Final

from msgspec import Struct

from vss_sim.spec.enums import RestoreMethod, RestoreTarget


class Harm(Enum):
    """How grave a breach is: data is at risk for certain, the pages forbid it, or it is worth knowing."""

    __hash__ = object.__hash__  # a name is hashed in Python

    DATA = "data is at risk"
    FORBIDDEN = "the pages forbid it"
    WORTH_KNOWING = "worth knowing"


class Breach(Enum):
    """What was done, or left undone."""

    __hash__ = object.__hash__

    harm: Harm
    says: str

    def __init__(self, says: str, harm: Harm = Harm.FORBIDDEN) -> None:
        self.says = says
        self.harm = harm

    NO_METHOD = "files are restored of a writer whose stored metadata has no restore method"
    UNDEFINED_METHOD = "files are restored of a writer whose stored metadata has VSS_RME_UNDEFINED"
    NO_WRITER_RESTORE = "files are restored of a writer whose stored metadata has VSS_WRE_UNDEFINED"
    CUSTOM = "files are restored by hand of a writer that has a procedure of its own", Harm.WORTH_KNOWING
    TARGET_UNDEFINED = "files are restored though the writer set VSS_RT_UNDEFINED"
    OVERWRITTEN = "a file that is there is overwritten, which the restore method rules out", Harm.DATA
    WRITTEN_THOUGH_BLOCKED = "a file goes to its original place though another file of the set blocks it"
    GONE_ON = "the restore goes on to another file after one could not be replaced"
    ORIGINAL_RULED_OUT = "a file goes to its original place, which restore method and target rule out"
    ORIGINAL_LOST = (
        "a file that is there is overwritten or deleted at a place that restore method and target rule out",
        Harm.DATA,
    )
    MAPPING_RULED_OUT = "a file goes to a mapped place, which restore method and target rule out"
    MAPPING_NEEDLESS = "a file goes to a mapped place though nothing is in the way at the original ones"
    NOT_ALL_MAPPED = "a file of the set is restored though not every file of it has the mapping it needs"
    MAPPED_OVERWRITTEN = "a file that is there already is overwritten or deleted at the mapped place", Harm.DATA
    MAPPED_UNPROVEN = "a mapped place cannot be used, and others of the set are written already"
    SPLIT = "the files of one set go to two places", Harm.DATA
    UNPROVEN = "a file cannot be replaced, and others of the set are overwritten already"
    SHARED_PROOF = "a file is opened for the proof with sharing, so that others can still take it", Harm.WORTH_KNOWING
    NOT_CREATE_NEW = "a file is written without CREATE_NEW, which alone fails where one is there", Harm.WORTH_KNOWING
    OTHER_HANDLE = "a file is written through another handle than that of the proof", Harm.WORTH_KNOWING
    LOOKED_EARLY = "what is in the way was looked at before PreRestore was handled, and not again after"
    LOOKED_BEFORE_STOP = "what is in the way was looked at before the service was stopped, and not again after"
    HALF_LEFT = "some files of the set are restored and left, and another could not be", Harm.DATA
    HALF_TOLD = "some files of the set are restored and left, and another could not be, as the status says"
    ORIGINALS_LEFT_ASIDE = "the originals were copied aside, and are not put back after a file failed", Harm.DATA
    DELETED = "an original is deleted, and nothing takes its place: the set goes elsewhere or is given up", Harm.DATA
    DELETED_TOLD = "an original is deleted, and nothing takes its place, as the status says"
    PLACEHOLDER_LEFT = "an empty file that the proof made is left behind"
    ALL_WITH_A_MISS = "the status is VSS_RS_ALL, and a file of the set was not restored"
    NONE_WITH_FILES_LEFT = "the status is VSS_RS_NONE, and files of the set were restored and left"
    FAILED_WITH_NOTHING_LEFT = "the status is VSS_RS_FAILED, and nothing of the set was restored and left"
    FAILED_FOR_THE_WRITER = "the status is VSS_RS_FAILED for what is an error of the writer: nothing is to be restored"
    MAPPING_NOT_TRIED = "the set is blocked and wholly mapped, and given up without a look at the mapped places"
    NOT_STAGED = "a file cannot be replaced, and the set is given up instead of being staged for the restart"
    GIVEN_UP_UNBLOCKED = "the set is given up though every file of it could be replaced or created"
    GIVEN_UP_FOR_ORIGINALS = "the set is given up for what is at the original places, which do not matter"
    MAPPING_UNRECORDED = "files went to a mapped place, and AddAlternativeLocationMapping did not record it"
    STAGED_NEEDLESSLY = "a file is staged for the restart though every file of the set could be replaced"
    STAGED_RULED_OUT = "a file is staged for the restart, which restore method and target rule out"
    TARGET_AT_RESTART = (
        "the files are to wait for the restart, and the writer set a restore target, which no delayed move can follow",
        Harm.WORTH_KNOWING,
    )
    PARTLY_STAGED = "one file of the set is staged for the restart, and another is not"
    STAGED_FILE_GONE = (
        "a file that waits for the restart is taken away before it, so that its delayed move moves nothing"
    )
    NONE_REGISTERED = (
        "the status is VSS_RS_ALL, and the log shows no delayed move of files that wait for the restart",
        Harm.WORTH_KNOWING,
    )
    STAGED_ELSEWHERE = "a delayed move goes to another place than the original one"
    NEW_TARGET_PASSED_OVER = "a file goes to another place than the new target that was declared for it"
    DIRECTED_PASSED_OVER = "a file with a directed target is copied whole to another place than that"
    OTHER_RANGE = "what is written lies outside of the destination ranges of the directed target"
    OUTSIDE_SAVED = "bytes of a file that was saved in part are written where none of its saved ranges lies"
    TARGET_UNREAD = "files are restored, and the restore target was read before PreRestore only"
    DIRECTED_UNREAD = "files are restored, and nobody looked which directed targets go with VSS_RT_DIRECTED"
    METHOD_UNREAD = "a mapping is used, and the stored restore method was never read", Harm.WORTH_KNOWING
    MISPLACED = "a file at the mapped place has not the name or folder that it has at the original one"
    BACKUP_PATH = "a file goes to the alternate path of its file set, from which it is only backed up"
    STOPPED_EARLY = "the service is stopped before the writers have handled the event that comes first"
    OTHER_SERVICE = "a service is stopped that no stored metadata names, and the one that it names is not"
    NOT_STOPPED = "files are restored while the service runs that the restore method stops"
    NO_SERVICE = "files are restored though no service is named that the restore method stops for them"
    STILL_STOPPING = "files are restored while the service is stopping, which nobody waited for"
    POST_RESTORE_WHILE_STOPPED = "PostRestore is raised while the service is stopped that was stopped for the files"
    LEFT_STOPPED = "the service that was stopped for the restore is left stopped"
    NOT_STARTED = "the service that was stopped for the restore could not be started again", Harm.WORTH_KNOWING
    NEVER_STOPPED = "the restore ends without the stop and start of the service that its method asks for"
    HOSTED = "the writer runs in the service that it asks requesters to stop, and misses PostRestore"
    OTHER_STATUS = "staged components of one restore are given different statuses", Harm.WORTH_KNOWING
    NOT_TOGETHER = "of a writer whose files wait for the restart, one component is staged and another not"
    NO_RESTART = "the log ends without the restart that the restore needs", Harm.WORTH_KNOWING
    TARGET_NOT_SHOWN = (
        "the log does not show the restore target after PreRestore, so what depends on it is not judged",
        Harm.WORTH_KNOWING,
    )
    METHOD_NOT_SHOWN = (
        "the log does not show the stored restore method of the writer, so where its files go is not judged",
        Harm.WORTH_KNOWING,
    )
    ELSEWHERE = "files of a selected component went to a place that nobody is told of"


class Row(Struct, frozen=True):
    """The rules that a breach goes against, under these methods (none: any) and these targets (none: any)."""

    rules: tuple[str, ...]
    methods: tuple[RestoreMethod, ...] = ()
    targets: tuple[RestoreTarget, ...] = ()
    unmapped: bool | None = None
    """True: only where it is known that not every file of the set is mapped; None: either way."""
    any_target: bool = False
    """Whether the methods count under every target, too."""

    def holds(self, method: RestoreMethod | None, target: RestoreTarget | None, *, unmapped: bool) -> bool:
        """Whether the row is about this method and target; a target that counts sets the method aside."""
        if self.unmapped is not None and self.unmapped is not unmapped:
            return False
        if self.targets and target not in self.targets:
            return False
        if not self.methods:
            return True
        by_the_method = self.any_target or bool(self.targets) or target in (None, RestoreTarget.ORIGINAL)
        return method in self.methods and by_the_method


_THERE: Final = (RestoreMethod.RESTORE_IF_NOT_THERE,)
_REPLACE: Final = (RestoreMethod.RESTORE_IF_CAN_REPLACE,)
_STOP: Final = (RestoreMethod.STOP_RESTORE_START,)
_ALTERNATE: Final = (RestoreMethod.RESTORE_TO_ALTERNATE_LOCATION,)
_REBOOT: Final = (RestoreMethod.RESTORE_AT_REBOOT,)
_ELSE_REBOOT: Final = (RestoreMethod.RESTORE_AT_REBOOT_IF_CANNOT_REPLACE,)
_LATER_STOP: Final = (RestoreMethod.RESTORE_STOP_START,)
_TO_MAPPED: Final = (RestoreTarget.ALTERNATE,)
_TO_ORIGINAL: Final = (RestoreTarget.ORIGINAL_LOCATION,)
_SAID_ORIGINAL: Final = (RestoreTarget.ORIGINAL,)
_BY_THE_METHOD: Final = ("rm-respect-stored", "rm-writer-wide")
_BY_THE_SET: Final = ("rm-decide-per-set", "restore-method-per-component")

_BLOCKED: Final = (
    Row(("rint-one-present-blocks", "rint-original-if-all-absent"), _THERE),
    Row(("rint-no-mapping-error",), _THERE, unmapped=True),
    Row(("ricr-one-locked-blocks", "ricr-original-if-all-replaceable"), _REPLACE),
    Row(("ricr-no-mapping-error",), _REPLACE, unmapped=True),
    Row(("srs-original",), _STOP),
    Row(("srs-mapping-error",), _STOP, unmapped=True),
    Row(("raricr-stage-all-if-one-blocked", "raricr-immediate", "raricr-untouched-when-staged"), _ELSE_REBOOT),
    Row(_BY_THE_SET),
)
_RULED_OUT: Final = (
    Row(("rt-alternate-never-original", "rt-alternate-to-mapping", "rt-override"), targets=_TO_MAPPED),
    Row(("rtal-never-original",), _ALTERNATE),
    Row(("rar-final-untouched", "rar-stage-all"), _REBOOT),
    Row(("raricr-untouched-when-staged", "raricr-stage-all-if-one-blocked"), _ELSE_REBOOT),
    Row(("rt-original-is-method",), _ALTERNATE + _REBOOT + _ELSE_REBOOT, _SAID_ORIGINAL),
    Row(_BY_THE_METHOD, _ALTERNATE + _REBOOT + _ELSE_REBOOT),
)
_NO_WAY: Final = (
    Row(("rint-mapping-unusable-error",), _THERE),
    Row(("ricr-mapping-unusable-error",), _REPLACE),
    Row(("srs-mapping-error",), _STOP),
    Row(("rtal-target-blocked-error", "rtal-targets-ok"), _ALTERNATE),
    Row(("rt-alternate-to-mapping",), targets=_TO_MAPPED),
)

BREACHES: Final[dict[Breach, tuple[Row, ...]]] = {
    Breach.NO_METHOD: (Row(("rm-missing-method",)),),
    Breach.UNDEFINED_METHOD: (Row(("rm-undefined",)),),
    Breach.NO_WRITER_RESTORE: (Row(("wre-undefined",)),),
    Breach.CUSTOM: (Row(("custom-not-generic", "custom-writer-procedure")),),
    Breach.TARGET_UNDEFINED: (Row(("rt-undefined",)),),
    Breach.OVERWRITTEN: (
        Row(("rint-never-overwrite-original", "rint-one-present-blocks", "rint-original-if-all-absent")),
        Row(("rint-no-mapping-error",), unmapped=True),
        Row(_BY_THE_METHOD),
    ),
    Breach.WRITTEN_THOUGH_BLOCKED: _BLOCKED,
    Breach.GONE_ON: (Row(("rm-fallback-stop-on-first-failure",)), *_BLOCKED),
    Breach.ORIGINAL_RULED_OUT: _RULED_OUT,
    Breach.ORIGINAL_LOST: _RULED_OUT,
    Breach.MAPPING_RULED_OUT: (
        Row(("rt-original-location", "rt-override"), targets=_TO_ORIGINAL),
        Row(("rar-target-immune", "rar-no-mapping"), _REBOOT, _TO_MAPPED),
        Row(("rar-no-mapping",), _REBOOT),
        Row(("raricr-no-mapping",), _ELSE_REBOOT),
        Row(("rss-original-only",), _LATER_STOP),
        Row(("alm-subset-of-methods", "restore-method-mapping-use")),
    ),
    Breach.MAPPING_NEEDLESS: (
        Row(("rint-original-if-all-absent",), _THERE),
        Row(("ricr-no-early-mapping", "ricr-original-if-all-replaceable"), _REPLACE),
        Row(("srs-original",), _STOP),
        Row(("alm-subset-of-methods", "restore-method-mapping-use")),
    ),
    Breach.NOT_ALL_MAPPED: (
        Row(("rt-alternate-no-mapping",), targets=_TO_MAPPED),
        Row(("rtal-mapping-required",), _ALTERNATE),
        Row(("rint-no-mapping-error",), _THERE),
        Row(("ricr-no-mapping-error",), _REPLACE),
        Row(("srs-mapping-error",), _STOP),
        Row(("rm-mapping-all-or-none", "restore-method-mapping-use")),
    ),
    Breach.MAPPED_OVERWRITTEN: (Row(("rint-mapping-target-free",)),),
    Breach.MAPPED_UNPROVEN: (Row(("rm-mapping-targets-checked",)), *_NO_WAY),
    Breach.SPLIT: (Row(("rm-moves-whole-set", "rm-mapping-all-or-none", *_BY_THE_SET)),),
    Breach.UNPROVEN: (Row(("rm-preflight-whole",)),),
    Breach.SHARED_PROOF: (Row(("rm-preflight-exclusive-open",)),),
    Breach.NOT_CREATE_NEW: (Row(("rm-preflight-create-new",)),),
    Breach.OTHER_HANDLE: (Row(("rm-preflight-same-handles",)),),
    Breach.LOOKED_EARLY: (
        Row(("raricr-check-after-prerestore",), _ELSE_REBOOT),
        Row(("rm-check-after-prerestore", "alm-after-prerestore")),
    ),
    Breach.LOOKED_BEFORE_STOP: (Row(("srs-check-after-stop",)),),
    Breach.HALF_LEFT: (Row(("rm-nothing-touched-on-block",)), *_BLOCKED),
    Breach.HALF_TOLD: (Row(("rm-nothing-touched-on-block",)), *_BLOCKED),
    Breach.ORIGINALS_LEFT_ASIDE: (Row(("rm-fallback-rollback", "rm-nothing-touched-on-block")),),
    **dict.fromkeys(
        (Breach.DELETED, Breach.DELETED_TOLD), (Row(("rm-nothing-touched-on-block", "rm-fallback-rollback")),)
    ),
    Breach.PLACEHOLDER_LEFT: (Row(("rm-preflight-undo-placeholders",)),),
    Breach.ALL_WITH_A_MISS: (
        Row(("frs-all", "rm-error-on-block")),
        *_NO_WAY,
    ),
    Breach.NONE_WITH_FILES_LEFT: (Row(("frs-none",)),),
    Breach.FAILED_WITH_NOTHING_LEFT: (Row(("frs-failed", "frs-none")),),
    Breach.FAILED_FOR_THE_WRITER: (
        Row(("frs-failed", "frs-none")),
        Row(("rtal-mapping-required",), _ALTERNATE),
        Row(("rt-alternate-no-mapping",), targets=_TO_MAPPED),
        Row(("rm-undefined",), (RestoreMethod.UNDEFINED,)),
    ),
    Breach.MAPPING_NOT_TRIED: (
        Row(("rt-alternate-to-mapping", "rt-override"), targets=_TO_MAPPED),
        Row(("rint-mapping-branch",), _THERE),
        Row(("ricr-mapping-branch",), _REPLACE),
        Row(("srs-mapping-branch",), _STOP),
    ),
    Breach.NOT_STAGED: (Row(("raricr-stage-all-if-one-blocked",)),),
    Breach.GIVEN_UP_UNBLOCKED: (
        Row(("rint-original-if-all-absent",), _THERE),
        Row(("ricr-original-if-all-replaceable",), _REPLACE),
        Row(("srs-original",), _STOP),
        Row(("raricr-immediate",), _ELSE_REBOOT),
    ),
    Breach.GIVEN_UP_FOR_ORIGINALS: (Row(("rtal-original-state-irrelevant",)),),
    Breach.MAPPING_UNRECORDED: (Row(("rm-reports-mapping", "alm-record-call")), Row(("rtal-record",), _ALTERNATE)),
    Breach.STAGED_NEEDLESSLY: (Row(("raricr-immediate",)),),
    Breach.STAGED_RULED_OUT: (
        Row(("rt-alternate-to-mapping", "rt-override"), targets=_TO_MAPPED),
        Row(("rt-original-location", "rt-override"), targets=_TO_ORIGINAL),
        Row(("rm-respect-stored",)),
    ),
    Breach.TARGET_AT_RESTART: (Row(("rar-target-immune",)),),
    Breach.PARTLY_STAGED: (
        Row(("rar-stage-all", "rar-register-each"), _REBOOT),
        Row(("raricr-stage-all-if-one-blocked",), _ELSE_REBOOT),
        Row(_BY_THE_SET),
    ),
    Breach.STAGED_FILE_GONE: (Row(("rar-stage-all",)),),
    Breach.NONE_REGISTERED: (Row(("rar-register-each",)),),
    Breach.STAGED_ELSEWHERE: (
        Row(("rar-target-immune",), _REBOOT, _TO_MAPPED),
        Row(("rar-no-mapping",), _REBOOT),
        Row(("raricr-no-mapping",), _ELSE_REBOOT),
        Row(("rar-no-mapping", "alm-subset-of-methods")),
    ),
    Breach.NEW_TARGET_PASSED_OVER: (Row(("nt-overrides",)),),
    Breach.DIRECTED_PASSED_OVER: (Row(("rt-directed", "dt-apply-ranges", "rt-override")),),
    Breach.OTHER_RANGE: (Row(("dt-apply-ranges",)),),
    Breach.OUTSIDE_SAVED: (Row(("pf-restore-into-existing",)),),
    Breach.TARGET_UNREAD: (Row(("rt-read-late", "alm-after-prerestore")),),
    Breach.DIRECTED_UNREAD: (Row(("dt-check-before",)),),
    Breach.METHOD_UNREAD: (Row(("alm-check-method-and-target",)),),
    Breach.MISPLACED: (Row(("alm-keeps-names",)),),
    Breach.BACKUP_PATH: (Row(("alm-not-backup-path",)),),
    Breach.STOPPED_EARLY: (
        Row(("srs-prerestore-first", "restore-method-stop-restore-start-order"), _STOP, any_target=True),
        Row(
            ("rss-no-stop-before-postrestore", "rss-order", "restore-method-restore-stop-start-order"),
            _LATER_STOP,
            any_target=True,
        ),
    ),
    Breach.OTHER_SERVICE: (Row(("svc-name-from-metadata",)),),
    Breach.NOT_STOPPED: (Row(("srs-stop-or-already-stopped", "restore-method-stop-restore-start-order")),),
    Breach.NO_SERVICE: (Row(("svc-unnamed", "srs-stop-or-already-stopped")),),
    Breach.STILL_STOPPING: (Row(("srs-wait-stopped",)),),
    Breach.POST_RESTORE_WHILE_STOPPED: (
        Row(("srs-start-before-postrestore", "restore-method-stop-restore-start-order")),
    ),
    Breach.LEFT_STOPPED: (
        Row(("srs-restart-after-error",), _STOP, any_target=True),
        Row(("rss-restart",), _LATER_STOP, any_target=True),
    ),
    Breach.NOT_STARTED: (
        Row(("srs-restart-after-error",), _STOP, any_target=True),
        Row(("rss-restart",), _LATER_STOP, any_target=True),
    ),
    Breach.TARGET_NOT_SHOWN: (Row(("rt-read-late",)),),
    Breach.METHOD_NOT_SHOWN: (Row(("rm-respect-stored",)),),
    Breach.NEVER_STOPPED: (
        Row(("srs-stop-or-already-stopped", "restore-method-stop-restore-start-order"), _STOP, any_target=True),
        Row(("rss-order", "restore-method-restore-stop-start-order"), _LATER_STOP, any_target=True),
    ),
    Breach.HOSTED: (Row(("svc-writer-outside",)),),
    Breach.OTHER_STATUS: (Row(("rar-status",)),),
    Breach.NOT_TOGETHER: (Row(("rar-writer-scope",)),),
    Breach.NO_RESTART: (Row(("rar-boot-flag",)),),
    Breach.ELSEWHERE: (Row(("nt-must-report", "nowriter-not-selected")),),
}

MIXED_PRESENCE: Final = {
    RestoreMethod.RESTORE_IF_CAN_REPLACE: "ricr-mixed-presence-ok",
    RestoreMethod.RESTORE_AT_REBOOT_IF_CANNOT_REPLACE: "raricr-mixed-presence",
}
"""Some files there and some not: the rule that says that this blocks nothing."""

MISSING_FOLDER: Final = "ricr-directory-create-counts"
"""A folder that is not there can be made, and so blocks nothing."""

OF_THE_SET: Final = "rt-scope-set"
"""The restore target of a set holds for what is implied below it."""

OF_EACH: Final = "rt-per-component"
"""Component sets of one writer may have different restore targets."""

IMPLIED: Final = "dt-implied-components"
"""Directed targets of implied components stand with the component that defines their set."""


@cache
def rules_of(
    breach: Breach, method: RestoreMethod | None, target: RestoreTarget | None, *, unmapped: bool = False
) -> tuple[str, ...]:
    """The rules that a breach goes against, the one to show first."""
    rows = (row for row in BREACHES[breach] if row.holds(method, target, unmapped=unmapped))
    return tuple(dict.fromkeys(rule for row in rows for rule in row.rules))
