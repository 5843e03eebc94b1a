"""What comes before the tree of a method: missing words of the writer, new targets, restore targets.

New targets win over every planned place, a restore target other than VSS_RT_ORIGINAL wins over the method, and both
come after what no restore can do without. The delayed moves of a restart know no targets (C09).
"""

from typing import Final

from vss_sim.spec.enums import RestoreTarget
from vss_sim.spec.restoring.parameters import MAPPED_TO_ALTERNATE, TARGET_AT_REBOOT
from vss_sim.spec.restoring.words import Blame, Branch, Cases, Decision, Node, Outcome, Question, Split, When


def error(name: str, says: str, *rules: str, blamed: Blame = Blame.REQUESTER) -> Outcome:
    """A leaf at which nothing is restored."""
    return Outcome(name, says, Branch.ERROR, When.NEVER, rules, blamed, restores=False)


def to_original(name: str, *rules: str) -> Outcome:
    """A leaf at which the whole set goes to its original places now."""
    return Outcome(name, "Restore all files of the set to their original places.", Branch.ORIGINAL, When.NOW, rules)


def to_mapped(name: str, *rules: str) -> Outcome:
    """A leaf at which the whole set goes to its mapped places now, each mapping being recorded."""
    says = "Restore all files of the set to their mapped places and record each mapping."
    return Outcome(name, says, Branch.ALTERNATE, When.NOW, rules, records=True)


def mapped_places(prefix: str, *, rules: tuple[str, ...], usable: str, unusable: str) -> Node:
    """The question that TO_ALTERNATE asks of mapped places, by both readings of C01."""
    good = to_mapped(f"{prefix}-mapped", *rules, "rm-reports-mapping", "rm-moves-whole-set")
    bad = error(
        f"{prefix}-mapped-blocked", "A mapped place cannot be used: restore nothing and return an error.", unusable
    )
    checked = (usable, "rm-mapping-targets-checked")
    return Split(
        MAPPED_TO_ALTERNATE,
        (
            ("writable", Decision(Question.MAPPED_PLACES_USABLE, good, bad, checked)),
            ("absent", Decision(Question.MAPPED_PLACES_FREE, good, bad, checked)),
        ),
    )


ALTERNATE: Final = Decision(
    Question.MAPPED,
    yes=mapped_places(
        "target-alternate",
        rules=("rt-alternate-to-mapping", "rt-override"),
        usable="rt-alternate-to-mapping",
        unusable="rt-alternate-never-original",
    ),
    no=error(
        "target-alternate-unmapped",
        "VSS_RT_ALTERNATE without a mapping of every file: restore nothing and report a writer error.",
        "rt-alternate-no-mapping",
        "rt-alternate-only-fully-mapped",
        blamed=Blame.WRITER,
    ),
    rules=("rt-alternate-to-mapping", "rm-mapping-all-or-none"),
)
ORIGINAL_LOCATION: Final = Decision(
    Question.REPLACEABLE,
    yes=to_original("target-original-location", "rt-original-location", "rt-override"),
    no=error(
        "target-original-location-blocked",
        "A file cannot be replaced: restore nothing and return an error.",
        "rt-original-location",
        "rm-error-on-block",
    ),
    rules=("rt-original-location",),
)
DIRECTED: Final = Decision(
    Question.DIRECTED_SOUND,
    yes=Decision(
        Question.DIRECTED_PLACES_USABLE,
        yes=Outcome(
            "target-directed",
            "Write each source range to its destination range; files without a directed target go to their original "
            "places.",
            Branch.DIRECTED,
            When.NOW,
            ("rt-directed", "dt-apply-ranges", "rt-override"),
        ),
        no=error(
            "target-directed-blocked",
            "A destination cannot be written: restore nothing and return an error.",
            "rt-directed",
            "rm-error-on-block",
        ),
        rules=("rm-preflight-whole",),
    ),
    no=error(
        "target-directed-unsound",
        "VSS_RT_DIRECTED without directed targets that can be followed: report a writer error.",
        "rt-directed",
        "dt-ranges-match",
        "dt-source-in-component",
        "dt-partial-source",
        blamed=Blame.WRITER,
    ),
    rules=("dt-check-before", "dt-ranges-match"),
)
NEW_TARGET: Final = Outcome(
    "new-target",
    "Restore all files of the set to the new targets.",
    Branch.NEW_TARGET,
    When.NOW,
    ("nt-overrides", "nt-must-report"),
)
NEW_TARGET_BLOCKED: Final = error(
    "new-target-blocked",
    "A file cannot be written at its new target: restore nothing and return an error.",
    "nt-overrides",
    "rm-error-on-block",
)
TARGET_REFUSED: Final = error(
    "target-at-reboot",
    "No target changes where a delayed move goes: restore nothing and report a writer error.",
    "rar-target-immune",
    blamed=Blame.WRITER,
)
TARGET_UNDEFINED: Final = error(
    "target-undefined", "VSS_RT_UNDEFINED: report a writer error.", "rt-undefined", blamed=Blame.WRITER
)
WRITER_RESTORE_UNDEFINED: Final = error(
    "writer-restore-undefined", "VSS_WRE_UNDEFINED: report a writer error.", "wre-undefined", blamed=Blame.WRITER
)
METHOD_MISSING: Final = error(
    "method-missing", "No restore method: report a writer error.", "rm-missing-method", blamed=Blame.WRITER
)
VETOED: Final = error(
    "vetoed",
    "The writer failed PreRestore: leave its files out, and raise PostRestore all the same.",
    "seq-r-veto-handling",
    blamed=Blame.WRITER,
)
LEFT_OUT: Final = error(
    "writer-not-running",
    "The writer does not run, and nobody wants its files without it.",
    "nowriter-missing-writer",
    "nowriter-not-selected",
)
NOT_SAVED: Final = error(
    "not-saved",
    "The backup missed a file of the set, so there is no whole set to be restored: restore nothing of it.",
    "seq-succeeded-false-on-any-miss",
)
CHAIN_BROKEN: Final = error(
    "chain-broken",
    "What this backup builds on was not restored: restore nothing of it, for an increment alone is no state of data.",
    "inc-r-chain-incremental",
    "inc-r-chain-differential",
)
NOT_TOGETHER: Final = error(
    "not-staged-together",
    "Another component set of the writer cannot be staged, and all of them wait for the restart or none: remove what "
    "was staged.",
    "rar-writer-scope",
    "rar-stage-all",
)
DEPENDENCY_LEFT_OUT: Final = error(
    "dependency-left-out",
    "A component that this one depends on is not restored: leave out both.",
    "dep-drop-together",
    "dep-both",
)
ROLLED_BACK: Final = error(
    "rolled-back",
    "A file could not be written after all: everything is as before.",
    "rm-fallback-rollback",
    "frs-none",
)
CORRUPT: Final = error(
    "corrupt",
    "Only a part of what was to be done could be done, and what was there before cannot all be put back: the component "
    "is corrupt.",
    "rm-fallback-rollback",
    "frs-failed",
)
"""Ends that no question leads to: they come over a set from outside of its tree."""


def by_target(tree: Node) -> Cases:
    """The tree of a method that restores while the system runs, under each restore target."""
    return Cases(
        (
            (RestoreTarget.ALTERNATE, ALTERNATE),
            (RestoreTarget.DIRECTED, DIRECTED),
            (RestoreTarget.ORIGINAL_LOCATION, ORIGINAL_LOCATION),
        ),
        otherwise=tree,
    )


def by_target_at_reboot(tree: Node) -> Cases:
    """The tree of a method that always waits for the restart, under each restore target (C09)."""

    def reading(honoured: Node) -> Split:
        return Split(TARGET_AT_REBOOT, (("refuse", TARGET_REFUSED), ("ignore", tree), ("honour", honoured)))

    return Cases(
        (
            (RestoreTarget.ALTERNATE, reading(ALTERNATE)),
            (RestoreTarget.DIRECTED, reading(DIRECTED)),
            (RestoreTarget.ORIGINAL_LOCATION, reading(ORIGINAL_LOCATION)),
        ),
        otherwise=tree,
    )


def with_new_targets(tree: Node) -> Decision:
    """`tree` for the files that no new target takes; those that one takes go there, and all of the set or nothing."""
    return Decision(
        Question.NEW_TARGET_DECLARED,
        yes=Decision(
            Question.NEW_PLACES_USABLE,
            yes=Decision(Question.NEW_TARGET_FOR_ALL, yes=NEW_TARGET, no=tree, rules=("nt-overrides",)),
            no=NEW_TARGET_BLOCKED,
            rules=("nt-overrides",),
        ),
        no=tree,
        rules=("nt-overrides", "nt-match-file-set"),
    )


def with_target(tree: Node) -> Decision:
    """`tree` where the writer set a target that says something."""
    return Decision(Question.TARGET_GIVEN, yes=tree, no=TARGET_UNDEFINED, rules=("rt-undefined", "rt-read-late"))


def from_the_documents(tree: Node) -> Decision:
    """`tree` where the stored metadata says what no restore can do without."""
    return Decision(
        Question.WRITER_RESTORE_GIVEN,
        yes=Decision(Question.METHOD_GIVEN, yes=tree, no=METHOD_MISSING, rules=("rm-missing-method",)),
        no=WRITER_RESTORE_UNDEFINED,
        rules=("wre-undefined",),
    )
