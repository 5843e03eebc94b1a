"""What the pages dispute about restoring, as parameters: C01 to C15, and the later ones that concern files.

A parameter that is not `open` names its other readings for people; only its stance is simulated.
"""

from collections.abc import Mapping
from typing import Final

from vss_sim.spec.restoring.words import NO_READINGS, Parameter

MAPPED_IF_NOT_THERE: Final = Parameter(
    "mapped-place-if-not-there",
    "C01",
    (
        ("absent", "a mapped place is used only if no version of the file is there"),
        ("writable", "a mapped place is used if its file can be overwritten"),
    ),
    stance="absent",
)
MAPPED_TO_ALTERNATE: Final = Parameter(
    "mapped-place-to-alternate",
    "C01",
    (
        ("writable", "a mapped place is used if its file can be overwritten or is not there (box of the figure)"),
        ("absent", "a mapped place is used only if no version of the file is there (footnote of the figure)"),
    ),
    stance="writable",
)
UNIT: Final = Parameter(
    "unit",
    "C02",
    (
        ("component set", "one decision for a component set"),
        ("file", "one decision for each file"),
        ("writer", "one decision for all files of a writer"),
    ),
    stance="component set",
    open=False,
)
BLAME: Final = Parameter(
    "blame-when-blocked",
    "C03",
    (
        ("requester", "a blocked set without mapping is the requester's error (figures)"),
        ("writer", "a blocked set without mapping is the writer's error (reference pages)"),
    ),
    stance="requester",
)
RESTORE_STOP_START_ORDER: Final = Parameter(
    "order-of-restore-stop-start",
    "C04",
    (
        ("after PostRestore", "the service is stopped and started after PostRestore"),
        ("before the files", "the service is stopped before the files are restored, as for STOP_RESTORE_START"),
    ),
    stance="after PostRestore",
)
RESTART_AFTER_ERROR: Final = Parameter(
    "restart-after-error",
    "C05",
    (
        ("always", "a service that the requester stopped is started again, also after an error"),
        ("only after success", "the error arrows of the figure end without a start"),
    ),
    stance="always",
)
START_IF_FOUND_STOPPED: Final = Parameter(
    "start-of-a-service-found-stopped",
    "C05",
    (
        ("leave", "a service that was stopped before stays stopped"),
        ("start", "the figure starts it whoever stopped it"),
    ),
    stance="leave",
)
LATE_STOP_AFTER_ERROR: Final = Parameter(
    "late-stop-after-error",
    "C05",
    (
        ("always", "RESTORE_STOP_START stops and starts the service in the end, also where its files were in the way"),
        ("if files came back", "where none did there is nothing to stop RESTORE_STOP_START's service for"),
    ),
    stance="always",
)
STOP_START_MAPPING: Final = Parameter(
    "mapping-of-stop-restore-start",
    "C05",
    (
        ("figure", "a blocked set goes to its mapped places"),
        ("text", "no page but the figure knows a mapping for this method: a blocked set is an error"),
    ),
    stance="figure",
)
PARTLY_MAPPED: Final = Parameter(
    "partly-mapped-set",
    "C06",
    (
        ("all or error", "the mapped places are used only if every file has one"),
        ("mapped files only", "the files that have a mapping go there"),
    ),
    stance="all or error",
    open=False,
)
STAGED_SCOPE: Final = Parameter(
    "what-is-staged-at-reboot",
    "C07",
    (
        ("selected sets", "all selected component sets of the writer are staged together"),
        ("writer", "all files of the writer are staged, whatever was selected"),
    ),
    stance="selected sets",
    open=False,
)
MIXED_PRESENCE: Final = Parameter(
    "mixed-presence-before-reboot",
    "C08",
    (
        ("text", "files that are missing do not send the set to the restart"),
        ("figure", "a set of which some files are there and some are not waits for the restart"),
    ),
    stance="text",
)
TARGET_AT_REBOOT: Final = Parameter(
    "target-with-at-reboot",
    "C09",
    (
        ("refuse", "a restore target cannot change a delayed move: any but VSS_RT_ORIGINAL is an error"),
        ("ignore", "the files are staged for their original places, whatever the target"),
        ("honour", "the target wins over the restart, and its place is written now"),
    ),
    stance="refuse",
)
MAPPING_BEFORE_REBOOT: Final = Parameter(
    "mapping-before-reboot",
    "C10",
    (
        ("figure", "a set that cannot be replaced waits for the restart, whatever is mapped"),
        ("text", "a set that cannot be replaced goes to its mapped places if it can, else it waits for the restart"),
    ),
    stance="figure",
)
TARGET_SCOPE: Final = Parameter(
    "scope-of-a-target",
    "C11",
    (
        ("all implied", "a target holds for its component and all implied subcomponents"),
        ("not selectable", "a target holds for implied subcomponents that are not selectable"),
    ),
    stance="all implied",
    open=False,
)
DESTINATIONS: Final = Parameter(
    "destinations-of-a-writer",
    "C12",
    (("directed", "a writer names destinations by directed targets only, a requester by new targets only"),),
    stance="directed",
    open=False,
)
NEW_TARGET_TIME: Final = Parameter(
    "time-of-a-new-target",
    "C13",
    (("before", "before PreRestore"), ("late", "also when nothing else worked")),
    stance="before",
    open=False,
)
ADDITIONAL_TIME: Final = Parameter(
    "time-of-additional-restores",
    "C14",
    (("before", "before PreRestore"), ("late", "while files are copied")),
    stance="before",
    open=False,
)
OPTIONS_SCOPE: Final = Parameter(
    "components-with-restore-options",
    "C15",
    (("explicit", "any explicit component"), ("selectable", "only components selectable for backup")),
    stance="explicit",
    open=False,
)
CUSTOM_WRITER: Final = Parameter(
    "writer-of-a-custom-restore",
    "C48",
    (
        ("not involved", "no component of the writer is selected"),
        ("involved", "the writer takes part, as its documentation asks"),
    ),
    stance="not involved",
)
STAGED_STATUS: Final = Parameter(
    "status-of-staged-files",
    "C60",
    (
        ("all", "VSS_RS_ALL, although the files arrive at the restart only"),
        ("none", "VSS_RS_NONE, although the files will arrive"),
    ),
    stance="all",
)
VETOED: Final = Parameter(
    "after-a-pre-restore-veto",
    "C61",
    (
        ("skip", "the files of the writer are left out, with VSS_RS_NONE, and PostRestore is sent all the same"),
        ("go on", "the files are restored as if the writer had agreed"),
    ),
    stance="skip",
)
MAPPING_MATCH: Final = Parameter(
    "match-of-a-mapping",
    "C65",
    (
        (
            "triple first",
            "equal path, specification and recursion; else a mapping that the file set lies wholly inside",
        ),
        ("triple", "equal path, specification and recursion only"),
    ),
    stance="triple first",
)
EARLY_MAPPING: Final = Parameter(
    "mapping-of-if-can-replace",
    "C68",
    (
        ("when blocked", "the mapped places are used only if a file cannot be replaced"),
        ("whenever mapped", "the text, read literally: the mapped places are used whenever there are any"),
    ),
    stance="when blocked",
)

PARAMETERS: Final[dict[str, Parameter]] = {
    parameter.name: parameter
    for parameter in (
        MAPPED_IF_NOT_THERE,
        MAPPED_TO_ALTERNATE,
        UNIT,
        BLAME,
        RESTORE_STOP_START_ORDER,
        RESTART_AFTER_ERROR,
        START_IF_FOUND_STOPPED,
        LATE_STOP_AFTER_ERROR,
        STOP_START_MAPPING,
        PARTLY_MAPPED,
        STAGED_SCOPE,
        MIXED_PRESENCE,
        TARGET_AT_REBOOT,
        MAPPING_BEFORE_REBOOT,
        TARGET_SCOPE,
        DESTINATIONS,
        NEW_TARGET_TIME,
        ADDITIONAL_TIME,
        OPTIONS_SCOPE,
        CUSTOM_WRITER,
        STAGED_STATUS,
        VETOED,
        MAPPING_MATCH,
        EARLY_MAPPING,
    )
}
"""Every parameter by its name."""


def reading(parameter: Parameter, readings: Mapping[str, str] = NO_READINGS) -> str:
    """The reading that is taken of `parameter`: the one in `readings` (parameter name → reading), or the stance."""
    return readings.get(parameter.name, parameter.stance)
