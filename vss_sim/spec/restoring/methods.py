"""The nine restore methods: the tree of each with what comes before it, and the order of its steps."""

from typing import Final

from vss_sim.spec.enums import RestoreMethod
from vss_sim.spec.restoring.parameters import (
    RESTORE_STOP_START_ORDER,
)
from vss_sim.spec.restoring.targets import (
    by_target,
    by_target_at_reboot,
    from_the_documents,
    with_new_targets,
    with_target,
)
from vss_sim.spec.restoring.trees import (
    AT_REBOOT,
    AT_REBOOT_IF_CANNOT_REPLACE,
    CUSTOM,
    IF_CAN_REPLACE,
    IF_NOT_THERE,
    IN_PLACE_OR_ERROR,
    STOPPED,
    TO_ALTERNATE,
    UNDEFINED,
    late_stop,
    with_the_service,
)
from vss_sim.spec.restoring.words import (
    Act,
    Course,
    Decision,
    Node,
    Restoration,
    Standing,
)

_PLAIN: Final = Course((Act.PRE_RESTORE, Act.RESTORE, Act.POST_RESTORE))
_STOPPED_FOR_FILES: Final = Course((Act.PRE_RESTORE, Act.STOP, Act.RESTORE, Act.START, Act.POST_RESTORE))
_STOPPED_AT_THE_END: Final = Course((Act.PRE_RESTORE, Act.RESTORE, Act.POST_RESTORE, Act.STOP, Act.START))


def _whole(tree: Node) -> Decision:
    return from_the_documents(with_target(with_new_targets(by_target(tree))))


METHODS: Final[dict[RestoreMethod, Restoration]] = {
    restoration.method: restoration
    for restoration in (
        Restoration(
            RestoreMethod.UNDEFINED,
            Standing.TEXT,
            None,
            UNDEFINED,
            from_the_documents(UNDEFINED),
            _PLAIN,
            ("rm-undefined",),
        ),
        Restoration(
            RestoreMethod.RESTORE_IF_NOT_THERE,
            Standing.FIGURE,
            "fig:rint",
            IF_NOT_THERE,
            _whole(IF_NOT_THERE),
            _PLAIN,
            ("rint-original-if-all-absent", "rint-one-present-blocks", "rint-never-overwrite-original"),
        ),
        Restoration(
            RestoreMethod.RESTORE_IF_CAN_REPLACE,
            Standing.FIGURE,
            "fig:ricr",
            IF_CAN_REPLACE,
            _whole(IF_CAN_REPLACE),
            _PLAIN,
            ("ricr-original-if-all-replaceable", "ricr-one-locked-blocks", "ricr-no-early-mapping"),
        ),
        Restoration(
            RestoreMethod.STOP_RESTORE_START,
            Standing.FIGURE,
            "fig:srr",
            with_the_service("srr", "srs-stop-or-already-stopped", STOPPED),
            from_the_documents(
                with_target(
                    with_the_service("srr", "srs-stop-or-already-stopped", with_new_targets(by_target(STOPPED)))
                )
            ),
            _STOPPED_FOR_FILES,
            ("srs-original", "srs-mapping-branch"),
            (
                "srs-prerestore-first",
                "srs-wait-stopped",
                "srs-start-before-postrestore",
                "srs-restart-after-error",
                "svc-name-from-metadata",
            ),
        ),
        Restoration(
            RestoreMethod.RESTORE_TO_ALTERNATE_LOCATION,
            Standing.FIGURE,
            "fig:rtal",
            TO_ALTERNATE,
            _whole(TO_ALTERNATE),
            _PLAIN,
            ("rtal-mapping-required", "rtal-never-original", "rtal-record"),
        ),
        Restoration(
            RestoreMethod.RESTORE_AT_REBOOT,
            Standing.FIGURE,
            "fig:rar",
            AT_REBOOT,
            from_the_documents(with_target(with_new_targets(by_target_at_reboot(AT_REBOOT)))),
            _PLAIN,
            ("rar-stage-all", "rar-register-each", "rar-final-untouched", "rar-no-mapping", "rar-writer-scope"),
            together=True,
        ),
        Restoration(
            RestoreMethod.RESTORE_AT_REBOOT_IF_CANNOT_REPLACE,
            Standing.FIGURE,
            "fig:raricr",
            AT_REBOOT_IF_CANNOT_REPLACE,
            _whole(AT_REBOOT_IF_CANNOT_REPLACE),
            _PLAIN,
            ("raricr-immediate", "raricr-stage-all-if-one-blocked", "raricr-no-mapping"),
        ),
        Restoration(
            RestoreMethod.CUSTOM,
            Standing.TEXT,
            None,
            CUSTOM,
            from_the_documents(CUSTOM),
            _PLAIN,
            ("custom-writer-procedure", "custom-not-generic"),
        ),
        Restoration(
            RestoreMethod.RESTORE_STOP_START,
            Standing.TEXT,
            None,
            late_stop(IN_PLACE_OR_ERROR),
            from_the_documents(with_target(late_stop(with_new_targets(by_target(IN_PLACE_OR_ERROR))))),
            _STOPPED_AT_THE_END,
            ("rss-original-only",),
            (
                "rss-order",
                "rss-no-stop-before-postrestore",
                "rss-restart",
                "rss-stop-after-error",
                "svc-name-from-metadata",
            ),
            courses=((RESTORE_STOP_START_ORDER, "before the files", _STOPPED_FOR_FILES),),
        ),
    )
}
"""Every restore method with its tree."""

BY_A_SERVICE: Final = frozenset(method for method, way in METHODS.items() if Act.STOP in way.course.acts)
"""The methods that stop a service, which the writer names in SetRestoreMethod."""

REPLACING: Final = frozenset({RestoreMethod.RESTORE_IF_NOT_THERE, RestoreMethod.RESTORE_IF_CAN_REPLACE})
"""The methods that VSS_WRE_IF_REPLACE_FAILS speaks of: they replace files in place, or fail (dispute C47)."""
