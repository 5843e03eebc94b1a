"""The trees of the nine restore methods, as their figures draw them, before targets and new targets come into play.

The figures are images of the page of VSS_RESTOREMETHOD_ENUM; `fig:rint` and its like name them. Their footnotes put the
checks after PreRestore, which the questions carry (`Question.moment`). Methods without a figure follow their text.
"""

from typing import Final

from vss_sim.spec.restoring.parameters import (
    BLAME,
    EARLY_MAPPING,
    MAPPED_IF_NOT_THERE,
    MAPPING_BEFORE_REBOOT,
    MIXED_PRESENCE,
    RESTORE_STOP_START_ORDER,
    STOP_START_MAPPING,
)
from vss_sim.spec.restoring.targets import (
    error,
    mapped_places,
    to_mapped,
    to_original,
)
from vss_sim.spec.restoring.words import (
    Blame,
    Branch,
    Decision,
    Node,
    Outcome,
    Question,
    Split,
    When,
)


def _unmapped(name: str, *rules: str) -> Split:
    """Blocked, and a file has no mapping: whose error it is depends on the page (C03)."""
    says = "The original places cannot be used, and not every file is mapped: restore nothing and return an error."
    return Split(
        BLAME,
        (
            ("requester", error(name, says, *rules)),
            ("writer", error(f"{name}-writer", says, *rules, blamed=Blame.WRITER)),
        ),
    )


def _mapped_or_error(prefix: str, question: Question, mapping: str, unmapped: str, unusable: str) -> Decision:
    """The right half of the figures: mapped? mapped places usable? mapped places, or an error."""
    return Decision(
        Question.MAPPED,
        yes=Decision(
            question,
            yes=to_mapped(f"{prefix}-mapped", mapping, "rm-moves-whole-set", "rm-reports-mapping"),
            no=error(
                f"{prefix}-mapped-blocked",
                "A mapped place cannot be used: restore nothing and return an error.",
                unusable,
                "rm-nothing-touched-on-block",
            ),
            rules=("rm-mapping-targets-checked",),
        ),
        no=_unmapped(f"{prefix}-unmapped", unmapped, "rm-error-on-block", "rm-nothing-touched-on-block"),
        rules=(mapping, "rm-mapping-all-or-none"),
    )


IF_NOT_THERE: Final = Decision(
    Question.NONE_THERE,
    yes=to_original("rint-original", "rint-original-if-all-absent"),
    no=Split(
        MAPPED_IF_NOT_THERE,
        tuple(
            (
                reading,
                _mapped_or_error(
                    "rint", question, "rint-mapping-branch", "rint-no-mapping-error", "rint-mapping-unusable-error"
                ),
            )
            for reading, question in (
                ("absent", Question.MAPPED_PLACES_FREE),
                ("writable", Question.MAPPED_PLACES_USABLE),
            )
        ),
    ),
    rules=("rint-one-present-blocks", "rint-never-overwrite-original", "rm-check-after-prerestore"),
)

_CAN_REPLACE: Final = Decision(
    Question.REPLACEABLE,
    yes=to_original("ricr-original", "ricr-original-if-all-replaceable", "ricr-mixed-presence-ok"),
    no=_mapped_or_error(
        "ricr",
        Question.MAPPED_PLACES_USABLE,
        "ricr-mapping-branch",
        "ricr-no-mapping-error",
        "ricr-mapping-unusable-error",
    ),
    rules=("ricr-one-locked-blocks", "ricr-directory-create-counts", "rm-check-after-prerestore"),
)
IF_CAN_REPLACE: Final = Split(
    EARLY_MAPPING,
    (
        ("when blocked", _CAN_REPLACE),
        (
            "whenever mapped",
            Decision(Question.MAPPED, yes=_CAN_REPLACE.no, no=_CAN_REPLACE, rules=("ricr-no-early-mapping",)),
        ),
    ),
)

_STOP_BLOCKED: Final = error(
    "srr-blocked", "A file cannot be replaced: restore nothing and return an error.", "rm-error-on-block"
)
STOPPED: Final = Decision(
    Question.REPLACEABLE,
    yes=to_original("srr-original", "srs-original"),
    no=Split(
        STOP_START_MAPPING,
        (
            (
                "figure",
                _mapped_or_error(
                    "srr",
                    Question.MAPPED_PLACES_USABLE,
                    "srs-mapping-branch",
                    "srs-mapping-error",
                    "srs-mapping-error",
                ),
            ),
            ("text", _STOP_BLOCKED),
        ),
    ),
    rules=("srs-check-after-stop", "rm-check-after-prerestore"),
)


def with_the_service(prefix: str, rule: str, tree: Node) -> Decision:
    """The first questions of a method that stops a service before the files."""
    refused = error(f"{prefix}-not-stopped", "The service cannot be stopped: touch no file and return an error.", rule)
    unnamed = error(
        f"{prefix}-unnamed",
        "The writer names no service: touch no file and report a writer error.",
        "svc-unnamed",
        blamed=Blame.WRITER,
    )
    stops = Decision(Question.SERVICE_STOPS, yes=tree, no=refused, rules=(rule, "svc-name-from-metadata"))
    return Decision(Question.SERVICE_NAMED, yes=stops, no=unnamed, rules=("svc-unnamed", "svc-name-from-metadata"))


IN_PLACE_OR_ERROR: Final = Decision(
    Question.REPLACEABLE,
    yes=to_original("rss-original", "rss-original-only"),
    no=error(
        "rss-blocked",
        "A file cannot be replaced: restore nothing and return an error.",
        "rss-original-only",
        "rm-error-on-block",
    ),
    rules=("rss-original-only",),
)


def late_stop(tree: Node) -> Split:
    """RESTORE_STOP_START by both orders of C04; only the one that stops the service first asks whether it stops."""
    before = with_the_service("rss", "rss-order", tree)
    return Split(RESTORE_STOP_START_ORDER, (("after PostRestore", tree), ("before the files", before)))


TO_ALTERNATE: Final = Decision(
    Question.MAPPED,
    yes=mapped_places(
        "rtal",
        rules=("restore-method-mapping-use", "rtal-record"),
        usable="rtal-targets-ok",
        unusable="rtal-target-blocked-error",
    ),
    no=error(
        "rtal-unmapped",
        "A file has no mapping: restore nothing and report a writer error.",
        "rtal-mapping-required",
        blamed=Blame.WRITER,
    ),
    rules=("rtal-mapping-required", "rtal-never-original", "rtal-original-state-irrelevant"),
)


def _staged(prefix: str, *rules: str) -> Decision:
    """All files of the set to a temporary place, and what the restart makes of the registered moves."""
    return Decision(
        Question.STAGED,
        yes=Decision(
            Question.ARRIVED,
            yes=Outcome(
                f"{prefix}-arrived",
                "The files came to their original places at the restart.",
                Branch.REBOOT,
                When.REBOOT,
                (*rules, "rar-order"),
            ),
            no=Outcome(
                f"{prefix}-not-arrived",
                "A file is there and cannot be overwritten: the system logs an error, and nobody else is told.",
                Branch.REBOOT,
                When.REBOOT,
                ("rar-os-logs-failure", *rules),
                restores=False,
            ),
            rules=("rar-return-code-is-registration",),
        ),
        no=error(
            f"{prefix}-not-staged",
            "The files cannot be staged: remove what was staged and registered, and return an error.",
            rules[0],
            "rm-error-on-block",
        ),
        rules=("rar-stage-all", "rar-register-each", "rar-same-volume", "rar-no-mapping"),
    )


AT_REBOOT: Final = _staged("rar", "rar-stage-all", "rar-final-untouched", "rar-register-each")

_WAITS: Final = _staged("raricr", "raricr-stage-all-if-one-blocked", "raricr-untouched-when-staged")
_CANNOT_REPLACE: Final = Split(
    MAPPING_BEFORE_REBOOT,
    (
        ("figure", _WAITS),
        (
            "text",
            Decision(
                Question.MAPPED,
                yes=Decision(
                    Question.MAPPED_PLACES_USABLE,
                    yes=to_mapped("raricr-mapped", "rm-fallback-rollback", "rm-reports-mapping"),
                    no=_WAITS,
                ),
                no=_WAITS,
                rules=("rm-fallback-rollback",),
            ),
        ),
    ),
)
AT_REBOOT_IF_CANNOT_REPLACE: Final = Split(
    MIXED_PRESENCE,
    tuple(
        (
            reading,
            Decision(
                question,
                yes=to_original("raricr-original", "raricr-immediate", "raricr-mixed-presence"),
                no=_CANNOT_REPLACE,
                rules=("raricr-check-after-prerestore", "raricr-no-mapping"),
            ),
        )
        for reading, question in (
            ("text", Question.REPLACEABLE),
            ("figure", Question.ALL_REPLACEABLE_OR_NONE_THERE),
        )
    ),
)

CUSTOM: Final = Decision(
    Question.PROCEDURE_KNOWN,
    yes=Outcome(
        "custom",
        "Follow the procedure that the writer documents.",
        Branch.CUSTOM,
        When.NOW,
        ("custom-writer-procedure", "custom-writer-not-involved", "rt-custom-optional"),
    ),
    no=error(
        "custom-unknown",
        "Nothing generic restores such a writer: touch nothing and return an error.",
        "custom-not-generic",
    ),
    rules=("custom-writer-procedure",),
)
UNDEFINED: Final = error(
    "method-undefined",
    "VSS_RME_UNDEFINED: restore nothing by method and report a writer error.",
    "rm-undefined",
    blamed=Blame.WRITER,
)
