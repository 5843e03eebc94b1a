"""What VSS asks of the arguments of calls on metadata and component objects."""

from typing import Final

from vss_sim.spec.argument_rules import ArgumentRule, Condition
from vss_sim.spec.table import Force
from vss_sim.spec.writer_calls import COMPONENT_FAILURES

WILD_OR_DEEP: Final = "path-no-wild-in-path"
"""A path has no wildcards, a file specification no folders."""

DOCUMENT_ARGUMENTS: Final = (
    ArgumentRule(
        ("LoadFromXML",), "bstrXML", Condition.NOT_NULL, "ans-invalid-argument", also=("examine-load-at-restore",)
    ),
    *(
        ArgumentRule(
            ("AddPartialFile",),
            parameter,
            condition,
            "add-partial-file-args",
            otherwise=Force.UNSURE,
            also=("pf-no-wildcards",) if condition is Condition.NO_WILDCARD else (),
        )
        for parameter in ("wszPath", "wszFilename")
        for condition in (Condition.NOT_NULL, Condition.NO_WILDCARD)
    ),
    ArgumentRule(
        ("AddPartialFile",),
        "wszRanges",
        Condition.NOT_NULL,
        "add-partial-file-args",
        otherwise=Force.UNSURE,
        also=("pf-ranges-required",),
    ),
    ArgumentRule(
        ("AddPartialFile",), "wszRanges", Condition.RANGES, "add-partial-file-range-format", otherwise=Force.UNSURE
    ),
    *(
        ArgumentRule(
            ("AddDirectedTarget",),
            parameter,
            Condition.NO_WILDCARD,
            "add-directed-target-ranges-match",
            otherwise=Force.UNSURE,
            also=("dt-source-in-component",) if parameter == "wszSourceFilename" else (),
        )
        for parameter in ("wszSourceFilename", "wszDestinationFilename")
    ),
    ArgumentRule(
        ("AddDirectedTarget",),
        "wszDestinationRangeList",
        Condition.SAME_RANGES,
        "add-directed-target-ranges-match",
        ("wszSourceRangeList",),
        otherwise=Force.UNSURE,
        also=("dt-ranges-match",),
    ),
    *(
        ArgumentRule(
            ("AddDifferencedFilesByLastModifyTime",), parameter, condition, WILD_OR_DEEP, otherwise=Force.UNSURE
        )
        for parameter, condition in (("wszPath", Condition.NO_WILDCARD), ("wszFilespec", Condition.NO_BACKSLASH))
    ),
    ArgumentRule(
        ("SetFailure",), "dwReserved", Condition.ZERO, "set-failure-with-writer-failure", otherwise=Force.UNSURE
    ),
    ArgumentRule(
        ("SetFailure",),
        "hr",
        Condition.ONE_OF,
        "set-failure-with-writer-failure",
        COMPONENT_FAILURES,
        otherwise=Force.UNSURE,
    ),
    *(
        ArgumentRule(("GetFailure",), parameter, Condition.NOT_NULL, "get-failure-requester")
        for parameter in ("phr", "phrApplication", "pbstrApplicationMessage", "pdwReserved")
    ),
)
