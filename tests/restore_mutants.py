"""Which mistake of a restore breaks which rule, and the check that notices it: a scene, or a walk that is a test."""

from collections.abc import Callable
from typing import Final

from msgspec.structs import replace

from tests import test_restore_targets as targets
from tests import test_restore_walkthroughs as ways
from tests import test_restore_what_is_saved as kept
from tests import test_restored_parts as parts
from tests import test_restores_and_writers as with_writers
from tests.restore_mistakes import (
    Mutant,
    NoFolders,
    always,
    as_if,
    asks,
    at_source_ranges,
    by_stored_instance,
    cut_to_fit,
    ends,
    half,
    instead,
    leaves_placeholders,
    looks_early,
    moves_without_replacing,
    nothing,
    only_after_success,
    only_mapped,
    only_what_is_there,
    reads,
    records_the_mapping,
    says_all,
    says_none,
    stages_one,
    stops_early,
    the_whole_set,
    to_the_spit_folder,
    touches_final,
    tree,
    without,
)
from tests.restore_scenes import SCENES
from tests.test_restores_by_method import (
    test_a_scene_comes_to_its_end as scene_holds,
)
from tests.test_restores_by_method import (
    test_nothing_else_is_recorded as nothing_recorded,
)
from tests.test_restores_by_method import (
    test_used_mappings_are_recorded as mappings_recorded,
)
from vss_sim.engine import writers
from vss_sim.engine.restoring import (
    copy_aside,
    deciding,
    documents,
    exclusive,
    folders,
    places,
    restore,
    results,
    saving,
    selecting,
    staging,
)
from vss_sim.engine.restoring.documents import explicit_components
from vss_sim.engine.restoring.media import SavedFile
from vss_sim.engine.restoring.requests import Strategy
from vss_sim.engine.restoring.services import ServiceStop
from vss_sim.engine.restoring.staging import Staging
from vss_sim.spec.enums import RestoreMethod
from vss_sim.spec.restoring.parameters import (
    EARLY_MAPPING,
    MAPPING_BEFORE_REBOOT,
    MIXED_PRESENCE,
    RESTORE_STOP_START_ORDER,
    START_IF_FOUND_STOPPED,
    TARGET_AT_REBOOT,
)
from vss_sim.spec.restoring.words import Blame, Cases, Question

Check = Callable[[], None]


def scene(leaf: str, method: str = "") -> Check:
    """The first scene of an end holds."""
    found = next(one for one in SCENES if one.leaf == leaf and method in ("", one.method))
    return lambda: scene_holds(found)


def recorded(leaf: str) -> Check:
    """What the scene records."""
    found = next(one for one in SCENES if one.leaf == leaf)
    return lambda: (mappings_recorded if leaf.endswith("-mapped") else nothing_recorded)(found)


NOT_THERE, CAN_REPLACE = RestoreMethod.RESTORE_IF_NOT_THERE, RestoreMethod.RESTORE_IF_CAN_REPLACE
STOPS, STOPS_LATE = RestoreMethod.STOP_RESTORE_START, RestoreMethod.RESTORE_STOP_START
ALTERNATE, AT_REBOOT = RestoreMethod.RESTORE_TO_ALTERNATE_LOCATION, RestoreMethod.RESTORE_AT_REBOOT

_STOPPED: Final = replace(
    next(one for one in SCENES if one.leaf == "srr-original"), services=({"name": "Db", "state": "stopped"},)
)

MUTANTS: Final[tuple[tuple[str, str, Mutant, Check], ...]] = (
    ("rm-decide-per-set", "half a set", instead(exclusive.Exclusive, "prove", half), scene("ricr-unmapped")),
    (
        "rm-preflight-undo-placeholders",
        "probe leftovers",
        instead(exclusive.Exclusive, "undo", leaves_placeholders),
        lambda: ways.test_if_not_there_leaves_no_placeholder_behind(Strategy.EXCLUSIVE),
    ),
    (
        "rm-preflight-whole",
        "a full disk is found half way",
        instead(exclusive.Exclusive, "_reserve", always(True)),
        ways.test_a_full_disk_is_found_before_the_first_byte_is_overwritten,
    ),
    (
        "rint-never-overwrite-original",
        "what is there is overwritten",
        instead(exclusive, "DISPOSITION", lambda real: {**real, exclusive.Wanted.FREE: "OPEN_ALWAYS"}),
        scene("rint-unmapped"),
    ),
    (
        "rm-preflight-create-new",
        "the proof opens what somebody made meanwhile",
        instead(exclusive, "DISPOSITION", lambda real: dict.fromkeys(real, "CREATE_ALWAYS")),
        ways.test_if_not_there_proves_by_create_new_and_writes_through_the_same_handles,
    ),
    (
        "rm-mapping-all-or-none",
        "a set is split over two places",
        instead(deciding, "mapped_places", only_mapped),
        ways.test_a_set_that_is_partly_mapped_goes_nowhere,
    ),
    (
        "rm-moves-whole-set",
        "files whose places are free stay behind",
        instead(deciding.Answers, "mapped", only_what_is_there),
        ways.test_if_not_there_moves_the_whole_set,
    ),
    (
        "rint-mapping-target-free",
        "an older restored copy is overwritten",
        tree(NOT_THERE, asks(Question.MAPPED_PLACES_FREE, Question.MAPPED_PLACES_USABLE)),
        scene("rint-mapped-blocked"),
    ),
    (
        "ricr-no-early-mapping",
        "the mapping is used although nothing is in the way",
        reads(EARLY_MAPPING, "whenever mapped"),
        ways.test_a_mapping_is_used_only_if_a_file_is_in_the_way,
    ),
    (
        "ricr-mixed-presence-ok",
        "a missing file blocks",
        tree(CAN_REPLACE, asks(Question.REPLACEABLE, Question.ALL_REPLACEABLE_OR_NONE_THERE)),
        ways.test_a_mix_of_present_and_absent_files_is_restored_in_place,
    ),
    (
        "ricr-directory-create-counts",
        "a missing folder blocks",
        instead(exclusive, "Folders", lambda real: lambda program: NoFolders()),
        ways.test_a_mix_of_present_and_absent_files_is_restored_in_place,
    ),
    (
        "rtal-never-original",
        "original places are looked at",
        as_if(ALTERNATE, CAN_REPLACE),
        ways.test_to_alternate_does_not_even_open_the_original_places,
    ),
    (
        "rtal-mapping-required",
        "the requester is blamed for a writer's error",
        tree(ALTERNATE, ends("rtal-unmapped", blamed=Blame.REQUESTER)),
        ways.test_to_alternate_without_mapping_is_a_writer_error,
    ),
    (
        "rm-reports-mapping",
        "used mappings are not recorded",
        instead(restore._Restore, "_add_mapping", nothing),
        recorded("ricr-mapped"),
    ),
    (
        "alm-record-exact-triple",
        "the mapping's own triple is recorded",
        instead(restore._Restore, "_add_mapping", records_the_mapping),
        parts.test_a_mapping_that_a_file_set_lies_wholly_inside_is_its_mapping_too,
    ),
    (
        "alm-record-only-used",
        "mappings are recorded whether they are used or not",
        tree(CAN_REPLACE, ends("ricr-original", records=True)),
        ways.test_a_mapping_is_used_only_if_a_file_is_in_the_way,
    ),
    (
        "alm-not-backup-path",
        "files go to the folder that the backup read",
        instead(deciding, "original_places", to_the_spit_folder),
        parts.test_files_come_from_the_alternate_path_and_go_to_their_own,
    ),
    (
        "rm-check-after-prerestore",
        "files are looked at before PreRestore",
        instead(selecting.Selecting, "_select", looks_early),
        ways.test_nothing_is_looked_at_before_pre_restore,
    ),
    (
        "rt-read-late",
        "targets are read before PreRestore",
        instead(
            restore._Restore,
            "_read_again",
            lambda real: lambda self, *, heard: explicit_components(self.program, self.bc, "names"),
        ),
        ways.test_original_location_wins_over_to_alternate,
    ),
    (
        "rt-alternate-never-original",
        "target ALTERNATE falls back to the original place",
        tree(CAN_REPLACE, lambda node: node.otherwise if isinstance(node, Cases) else node),
        scene("target-alternate-unmapped", "RESTORE_IF_CAN_REPLACE"),
    ),
    (
        "srs-prerestore-first",
        "the service is stopped before PreRestore",
        instead(selecting.Selecting, "_select", stops_early),
        ways.test_a_service_is_stopped_after_pre_restore_and_started_before_post_restore,
    ),
    (
        "srs-restart-after-error",
        "the service stays down after an error",
        instead(ServiceStop, "start", only_after_success),
        lambda: ways.test_a_service_runs_again_after_an_error("always", "running"),
    ),
    (
        "srs-wait-stopped",
        "nobody waits until the service is stopped",
        instead(ServiceStop, "_has_stopped", always(True)),
        ways.test_a_service_is_stopped_after_pre_restore_and_started_before_post_restore,
    ),
    (
        "srs-stop-or-already-stopped",
        "files are touched although the service runs",
        tree(STOPS, without(Question.SERVICE_STOPS)),
        ways.test_a_service_that_refuses_leaves_everything_alone,
    ),
    (
        "srs-start-before-postrestore",
        "the service is stopped and started after PostRestore",
        as_if(STOPS, STOPS_LATE),
        ways.test_a_service_is_stopped_after_pre_restore_and_started_before_post_restore,
    ),
    (
        "srs-original",
        "a service that somebody stopped is started",
        reads(START_IF_FOUND_STOPPED, "start"),
        lambda: scene_holds(_STOPPED),
    ),
    (
        "rss-no-stop-before-postrestore",
        "a hosted writer loses PostRestore",
        reads(RESTORE_STOP_START_ORDER, "before the files"),
        ways.test_a_writer_in_a_service_that_is_stopped_late_hears_both,
    ),
    (
        "rss-original-only",
        "a late stop uses mappings",
        as_if(STOPS_LATE, STOPS),
        ways.test_a_late_stop_knows_no_mapping,
    ),
    (
        "raricr-stage-all-if-one-blocked",
        "only the blocked file waits for the restart",
        instead(deciding, "_ANSWERS", lambda real: {**real, Question.STAGED: stages_one(None)}),
        ways.test_one_locked_file_sends_all_to_the_restart,
    ),
    (
        "raricr-no-mapping",
        "a mapping is used before the restart",
        reads(MAPPING_BEFORE_REBOOT, "text"),
        ways.test_one_locked_file_sends_all_to_the_restart,
    ),
    (
        "raricr-mixed-presence",
        "one deleted file costs a restart",
        reads(MIXED_PRESENCE, "figure"),
        scene("raricr-original"),
    ),
    (
        "rar-same-volume",
        "files are staged on another volume",
        instead(staging, "temporary_name", lambda real: lambda program, path, what: "D:\\" + path.rpartition("\\")[2]),
        ways.test_files_for_the_restart_leave_their_places_alone_until_then,
    ),
    (
        "rar-replace-existing",
        "the delayed move replaces nothing",
        instead(Staging, "_register", moves_without_replacing),
        scene("rar-arrived"),
    ),
    (
        "rar-final-untouched",
        "final places are written before the restart",
        instead(Staging, "_register", touches_final),
        ways.test_files_for_the_restart_leave_their_places_alone_until_then,
    ),
    (
        "rar-writer-scope",
        "one set of a writer is staged without the other",
        instead(restore._Restore, "_together", nothing),
        ways.test_all_sets_of_a_writer_are_staged_or_none_is,
    ),
    (
        "rar-target-immune",
        "a target changes where a delayed move goes",
        reads(TARGET_AT_REBOOT, "honour"),
        scene("target-at-reboot"),
    ),
    (
        "rar-return-code-is-registration",
        "a registered move is taken for a made one",
        instead(results, "_moved", always(True)),
        ways.test_what_the_boot_cannot_move_is_reported,
    ),
    ("frs-all", "ALL with nothing restored", instead(restore, "result_of", says_all), scene("ricr-unmapped")),
    (
        "frs-failed",
        "a corrupt component is told to be untouched",
        instead(restore._Restore, "_ended", says_none),
        ways.test_a_roll_back_that_fails_leaves_a_corrupt_component,
    ),
    (
        "rm-fallback-rollback",
        "originals are not put back",
        instead(copy_aside.CopyAside, "_put_back", always(True)),
        ways.test_copies_aside_are_put_back_before_the_mapping_is_used,
    ),
    (
        "dt-apply-ranges",
        "directed bytes land at their source ranges",
        instead(places, "directed_pieces", at_source_ranges),
        targets.test_directed_targets_move_ranges,
    ),
    (
        "dt-ranges-match",
        "ranges that do not go together are followed",
        instead(places, "directed_pieces", cut_to_fit),
        targets.test_ranges_that_do_not_go_together_are_not_followed,
    ),
    (
        "dt-partial-source",
        "bytes that were not saved are restored",
        instead(SavedFile, "has", always(True)),
        lambda: targets.test_directed_targets_that_cannot_be_followed_are_a_writer_error(
            {"sourceRanges": "1000:4", "destinationRanges": "0:4"}
        ),
    ),
    (
        "nt-overrides",
        "a new target is ignored",
        instead(places.ComponentSet, "new_target", always(None)),
        targets.test_a_new_target_wins_over_method_and_mapping,
    ),
    (
        "custom-not-generic",
        "a custom writer is restored like any other",
        as_if(RestoreMethod.CUSTOM, CAN_REPLACE),
        with_writers.test_a_custom_writer_is_left_alone,
    ),
    (
        "rm-undefined",
        "a writer without method is restored like any other",
        as_if(RestoreMethod.UNDEFINED, CAN_REPLACE),
        scene("method-undefined"),
    ),
    (
        "wre-never",
        "a writer that wants no events is selected",
        instead(selecting.Selecting, "_takes_part", always(True)),
        with_writers.test_an_express_writer_is_restored_without_events,
    ),
    (
        "seq-r-veto-handling",
        "files of a writer that failed PreRestore are restored",
        instead(restore._Restore, "_from_outside", nothing),
        with_writers.test_a_veto_leaves_out_the_files_of_its_writer,
    ),
    (
        "svc-stored-instance-useless",
        "writers are looked for by their stored instance ids",
        instead(selecting.Selecting, "_live", by_stored_instance),
        with_writers.test_writers_are_told_apart_by_the_names_of_their_instances,
    ),
    (
        "pf-restore-into-existing",
        "a file that was saved in part is cut off",
        instead(places, "at", lambda real: lambda file, path: replace(real(file, path), size=real(file, path).end)),
        parts.test_ranges_go_into_the_file_that_is_there,
    ),
    (
        "sel-r-sub-exclusive",
        "the whole set is restored where a part was chosen",
        instead(restore, "component_set", the_whole_set),
        parts.test_one_subcomponent_is_restored_with_what_is_below_it,
    ),
    (
        "srs-hosted-writer-no-postrestore",
        "VSS takes the new instance of a hosted writer for the old one",
        instead(writers, "_runs", lambda real: lambda desk, session: desk.state.writers[session.index].running),
        ways.test_a_writer_in_the_stopped_service_hears_no_post_restore,
    ),
    (
        "path-mounted-restore",
        "files go into a plain folder where a reparse point was",
        instead(folders.Folders, "reaches", always(True)),
        lambda: kept.test_a_lost_reparse_point_blocks_the_set(Strategy.EXCLUSIVE, plain=True),
    ),
    (
        "path-mounted-follow",
        "what lies behind reparse points is not backed up",
        instead(saving.Saving, "_inner", nothing),
        kept.test_what_lies_behind_reparse_points_is_read_on_its_own_shadow_copy,
    ),
    (
        "dep-both",
        "a component is restored without what it depends on",
        instead(selecting, "completed", lambda real: lambda wanted, known: tuple(wanted)),
        kept.test_what_a_component_depends_on_is_restored_with_it,
    ),
    (
        "dep-drop-together",
        "a component is restored though its target cannot be",
        instead(selecting, "without_targets", always(set())),
        kept.test_without_its_target_a_component_is_left_out,
    ),
    (
        "seq-succeeded-false-on-any-miss",
        "a component is restored of which a file was missed at backup",
        instead(documents, "_succeeded", always(True)),
        kept.test_a_component_with_a_file_that_could_not_be_read_is_not_restored,
    ),
    (
        "path-missing-file-fails",
        "a file that its set names may be missing",
        instead(saving.Saving, "_miss_named", nothing),
        kept.test_a_file_that_its_set_names_has_to_be_there,
    ),
    (
        "path-recursive-empty-dirs",
        "empty folders do not come back",
        instead(restore._Restore, "_make_folders", nothing),
        kept.test_folders_of_a_recursive_set_come_back_empty,
    ),
)
