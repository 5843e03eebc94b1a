"""Mistakes that implementers of a restore make, planted one by one into the engine or its table: a check kills each.

A check is a scene or a walkthrough that is a test of its own; with the mistake it must fail.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final

import pytest
from msgspec.structs import force_setattr, replace

from tests import test_restore_walkthroughs as ways
from tests import test_restore_what_is_saved as kept
from tests.restore_cases import CASES, hold
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
from vss_sim.spec.enums import FileRestoreStatus, RestoreMethod
from vss_sim.spec.restoring import METHODS
from vss_sim.spec.restoring.parameters import (
    EARLY_MAPPING,
    MAPPING_BEFORE_REBOOT,
    MIXED_PRESENCE,
    RESTORE_STOP_START_ORDER,
    START_IF_FOUND_STOPPED,
    TARGET_AT_REBOOT,
)
from vss_sim.spec.restoring.words import Blame, Cases, Decision, Node, Outcome, Parameter, Question, Split
from vss_sim.spec.rules import rules

Mutant = Callable[[pytest.MonkeyPatch], AbstractContextManager[None]]
Check = Callable[[], None]


def instead(owner: Any, name: str, make: Callable[[Any], Any]) -> Mutant:
    """Another function or value in the place of `name`; `make` gets what was there."""

    @contextmanager
    def planted(patch: pytest.MonkeyPatch) -> Iterator[None]:
        patch.setattr(owner, name, make(getattr(owner, name)))
        yield

    return planted


def reads(parameter: Parameter, reading: str) -> Mutant:
    """The stance that is not ours."""

    @contextmanager
    def planted(_: pytest.MonkeyPatch) -> Iterator[None]:
        stance = parameter.stance
        force_setattr(parameter, "stance", reading)
        try:
            yield
        finally:
            force_setattr(parameter, "stance", stance)

    return planted


def rewritten(node: Node, change: Callable[[Node], Node]) -> Node:
    """A tree with every node changed, from its leaves up."""
    match node:
        case Decision():
            node = replace(node, yes=rewritten(node.yes, change), no=rewritten(node.no, change))
        case Split():
            node = replace(node, readings=tuple((name, rewritten(way, change)) for name, way in node.readings))
        case Cases():
            targets = tuple((target, rewritten(way, change)) for target, way in node.targets)
            node = replace(node, targets=targets, otherwise=rewritten(node.otherwise, change))
        case Outcome():
            pass
    return change(node)


def tree(method: RestoreMethod, change: Callable[[Node], Node]) -> Mutant:
    """The tree of a method with another entry."""

    @contextmanager
    def planted(patch: pytest.MonkeyPatch) -> Iterator[None]:
        patch.setitem(METHODS, method, replace(METHODS[method], whole=rewritten(METHODS[method].whole, change)))
        yield

    return planted


def as_if(method: RestoreMethod, other: RestoreMethod) -> Mutant:
    """A method that is taken for another one."""

    @contextmanager
    def planted(patch: pytest.MonkeyPatch) -> Iterator[None]:
        patch.setitem(METHODS, method, METHODS[other])
        yield

    return planted


def asks(old: Question, new: Question) -> Callable[[Node], Node]:
    """Another question in the place of one."""
    return lambda node: replace(node, question=new) if isinstance(node, Decision) and node.question is old else node


def ends(name: str, **change: Any) -> Callable[[Node], Node]:
    """A leaf that is another one."""
    return lambda node: replace(node, **change) if isinstance(node, Outcome) and node.name == name else node


def scene(leaf: str, method: str = "") -> Check:
    """The first scene of an end holds."""
    found = next(one for one in SCENES if one.leaf == leaf and method in ("", one.method))
    return lambda: scene_holds(found)


def recorded(leaf: str) -> Check:
    """What the scene records."""
    found = next(one for one in SCENES if one.leaf == leaf)
    return lambda: (mappings_recorded if leaf.endswith("-mapped") else nothing_recorded)(found)


def _half(real: Any) -> Any:
    """Files that cannot be opened are passed over."""

    def prove(self: Any, wanted: Any) -> bool:
        for place in self.places:
            self._open(place, wanted)
        return bool(self._opened)

    return prove


def _leaves_placeholders(real: Any) -> Any:
    def undo(self: Any) -> Any:
        for one in self._opened:
            self.program.does("CloseHandle", hObject=one.handle)
        self._opened.clear()
        return exclusive.Damage.NONE

    return undo


def _only_mapped(real: Any) -> Any:
    return lambda known, files, readings: tuple(
        place for file in files for place in real(known, (file,), readings) or ()
    )


def _only_what_is_there(real: Any) -> Any:
    def mapped(self: Any) -> Any:
        there = [
            file for file in self.known.others if self.program.does("GetFileAttributes", lpFileName=file.saved.path)
        ]
        return places.mapped_places(self.known, there, self.request.readings)

    return mapped


def _looks_early(real: Any) -> Any:
    def select(self: Any, writer: Any, explicit: Any, wish: Any) -> Any:
        self.program.does("GetFileAttributes", lpFileName="C:\\data\\f1")
        return real(self, writer, explicit, wish)

    return select


def _stops_early(real: Any) -> Any:
    def select(self: Any, writer: Any, explicit: Any, wish: Any) -> Any:
        if writer.service:
            ServiceStop(self.program, writer.service).stop()
        return real(self, writer, explicit, wish)

    return select


def _stages_one(real: Any) -> Any:
    def staged(self: Any) -> bool:
        attempt = Staging(self.program, places.original_places(self.known.others)[1:2])
        done = attempt.prove()
        self.held.append(attempt)
        return done

    return staged


def _touches_final(real: Any) -> Any:
    def register(self: Any, place: Any) -> bool:
        self.program.does("CopyFile", lpExistingFileName=self.staged[place.path], lpNewFileName=place.path)
        return bool(real(self, place))

    return register


def _moves_without_replacing(real: Any) -> Any:
    def register(self: Any, place: Any) -> bool:
        moved = {"lpExistingFileName": self.staged[place.path], "lpNewFileName": place.path}
        return bool(self.program.does("MoveFileEx", **moved, dwFlags="MOVEFILE_DELAY_UNTIL_REBOOT"))

    return register


def _by_stored_instance(real: Any) -> Any:
    return lambda self, writer: tuple(one for one in self.running if one.instance_id == writer.instance_id)


def _at_source_ranges(real: Any) -> Any:
    def directed(one: Any, saved: Any) -> Any:
        return real(replace(one, destination_ranges=one.source_ranges), saved)

    return directed


def _cut_to_fit(real: Any) -> Any:
    def directed(one: Any, saved: Any) -> Any:
        return real(replace(one, destination_ranges=one.source_ranges), saved) or [(0, b"?")]

    return directed


def _to_the_spit_folder(real: Any) -> Any:
    def spat(file: Any) -> Any:
        known = file.file_set
        return places.at(file, places.moved(file.saved.path, known.place, known.other_place or known.place))

    return lambda files: tuple(map(spat, files))


def _records_the_mapping(real: Any) -> Any:
    def add(self: Any, known: Any, file_set: Any) -> None:
        mapping: Any = places.mapping_of(known.writer, file_set, self.request.readings)
        real(self, known, replace(file_set, recursive=mapping.recursive, path=mapping.path))

    return add


def _says_all(real: Any) -> Any:
    return lambda machine, known, end, outcome, status: real(machine, known, end, outcome, FileRestoreStatus.ALL)


def _says_none(real: Any) -> Any:
    return lambda self, piece, end, outcome: replace(real(self, piece, end, outcome), status=FileRestoreStatus.NONE)


def _only_after_success(real: Any) -> Any:
    def start(self: Any, readings: Any, *, succeeded: bool) -> None:
        if succeeded:
            real(self, readings, succeeded=True)

    return start


def _without(question: Question) -> Callable[[Node], Node]:
    """A tree that takes an answer for granted."""
    return lambda node: node.yes if isinstance(node, Decision) and node.question is question else node


def _the_whole_set(real: Any) -> Any:
    def made(writer: Any, explicit: Any, wish: Any, shelf: Any) -> Any:
        return real(writer, explicit, replace(wish, subcomponents=()), shelf)

    return made


class _NoFolders:
    """Folders that nobody makes."""

    def reaches(self, *_: Any) -> bool:
        """Whether a path leads where it led at backup."""
        return True

    def make_for(self, _: str) -> bool:
        """Whether the folders are there now."""
        return False

    def remove(self) -> None:
        """Nothing was made."""


def _nothing(real: Any) -> Any:
    return lambda *_, **__: None


def _always(value: Any) -> Callable[[Any], Any]:
    return lambda real: lambda *_, **__: value


NOT_THERE, CAN_REPLACE = RestoreMethod.RESTORE_IF_NOT_THERE, RestoreMethod.RESTORE_IF_CAN_REPLACE
STOPS, STOPS_LATE = RestoreMethod.STOP_RESTORE_START, RestoreMethod.RESTORE_STOP_START
ALTERNATE, AT_REBOOT = RestoreMethod.RESTORE_TO_ALTERNATE_LOCATION, RestoreMethod.RESTORE_AT_REBOOT

_STOPPED: Final = replace(
    next(one for one in SCENES if one.leaf == "srr-original"), services=({"name": "Db", "state": "stopped"},)
)

MUTANTS: Final[tuple[tuple[str, str, Mutant, Check], ...]] = (
    ("rm-decide-per-set", "half a set", instead(exclusive.Exclusive, "prove", _half), scene("ricr-unmapped")),
    (
        "rm-preflight-undo-placeholders",
        "probe leftovers",
        instead(exclusive.Exclusive, "undo", _leaves_placeholders),
        lambda: ways.test_if_not_there_leaves_no_placeholder_behind(Strategy.EXCLUSIVE),
    ),
    (
        "rm-preflight-whole",
        "a full disk is found half way",
        instead(exclusive.Exclusive, "_reserve", _always(True)),
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
        instead(deciding, "mapped_places", _only_mapped),
        ways.test_a_set_that_is_partly_mapped_goes_nowhere,
    ),
    (
        "rm-moves-whole-set",
        "files whose places are free stay behind",
        instead(deciding.Answers, "mapped", _only_what_is_there),
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
        instead(exclusive, "Folders", lambda real: lambda program: _NoFolders()),
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
        instead(restore._Restore, "_add_mapping", _nothing),
        recorded("ricr-mapped"),
    ),
    (
        "alm-record-exact-triple",
        "the mapping's own triple is recorded",
        instead(restore._Restore, "_add_mapping", _records_the_mapping),
        ways.test_a_mapping_that_a_file_set_lies_wholly_inside_is_its_mapping_too,
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
        instead(deciding, "original_places", _to_the_spit_folder),
        ways.test_files_come_from_the_alternate_path_and_go_to_their_own,
    ),
    (
        "rm-check-after-prerestore",
        "files are looked at before PreRestore",
        instead(selecting.Selecting, "_select", _looks_early),
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
        instead(selecting.Selecting, "_select", _stops_early),
        ways.test_a_service_is_stopped_after_pre_restore_and_started_before_post_restore,
    ),
    (
        "srs-restart-after-error",
        "the service stays down after an error",
        instead(ServiceStop, "start", _only_after_success),
        lambda: ways.test_a_service_runs_again_after_an_error("always", "running"),
    ),
    (
        "srs-wait-stopped",
        "nobody waits until the service is stopped",
        instead(ServiceStop, "_has_stopped", _always(True)),
        ways.test_a_service_is_stopped_after_pre_restore_and_started_before_post_restore,
    ),
    (
        "srs-stop-or-already-stopped",
        "files are touched although the service runs",
        tree(STOPS, _without(Question.SERVICE_STOPS)),
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
        instead(deciding, "_ANSWERS", lambda real: {**real, Question.STAGED: _stages_one(None)}),
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
        instead(Staging, "_register", _moves_without_replacing),
        scene("rar-arrived"),
    ),
    (
        "rar-final-untouched",
        "final places are written before the restart",
        instead(Staging, "_register", _touches_final),
        ways.test_files_for_the_restart_leave_their_places_alone_until_then,
    ),
    (
        "rar-writer-scope",
        "one set of a writer is staged without the other",
        instead(restore._Restore, "_together", _nothing),
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
        instead(results, "_moved", _always(True)),
        ways.test_what_the_boot_cannot_move_is_reported,
    ),
    ("frs-all", "ALL with nothing restored", instead(restore, "result_of", _says_all), scene("ricr-unmapped")),
    (
        "frs-failed",
        "a corrupt component is told to be untouched",
        instead(restore._Restore, "_ended", _says_none),
        ways.test_a_roll_back_that_fails_leaves_a_corrupt_component,
    ),
    (
        "rm-fallback-rollback",
        "originals are not put back",
        instead(copy_aside.CopyAside, "_put_back", _always(True)),
        ways.test_copies_aside_are_put_back_before_the_mapping_is_used,
    ),
    (
        "dt-apply-ranges",
        "directed bytes land at their source ranges",
        instead(places, "directed_pieces", _at_source_ranges),
        ways.test_directed_targets_move_ranges,
    ),
    (
        "dt-ranges-match",
        "ranges that do not go together are followed",
        instead(places, "directed_pieces", _cut_to_fit),
        ways.test_ranges_that_do_not_go_together_are_not_followed,
    ),
    (
        "dt-partial-source",
        "bytes that were not saved are restored",
        instead(SavedFile, "has", _always(True)),
        lambda: ways.test_directed_targets_that_cannot_be_followed_are_a_writer_error(
            {"sourceRanges": "1000:4", "destinationRanges": "0:4"}
        ),
    ),
    (
        "nt-overrides",
        "a new target is ignored",
        instead(places.ComponentSet, "new_target", _always(None)),
        ways.test_a_new_target_wins_over_method_and_mapping,
    ),
    (
        "custom-not-generic",
        "a custom writer is restored like any other",
        as_if(RestoreMethod.CUSTOM, CAN_REPLACE),
        ways.test_a_custom_writer_is_left_alone,
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
        instead(selecting.Selecting, "_takes_part", _always(True)),
        ways.test_an_express_writer_is_restored_without_events,
    ),
    (
        "seq-r-veto-handling",
        "files of a writer that failed PreRestore are restored",
        instead(restore._Restore, "_from_outside", _nothing),
        ways.test_a_veto_leaves_out_the_files_of_its_writer,
    ),
    (
        "svc-stored-instance-useless",
        "writers are looked for by their stored instance ids",
        instead(selecting.Selecting, "_live", _by_stored_instance),
        ways.test_writers_are_told_apart_by_the_names_of_their_instances,
    ),
    (
        "pf-restore-into-existing",
        "a file that was saved in part is cut off",
        instead(places, "at", lambda real: lambda file, path: replace(real(file, path), size=real(file, path).end)),
        ways.test_ranges_go_into_the_file_that_is_there,
    ),
    (
        "sel-r-sub-exclusive",
        "the whole set is restored where a part was chosen",
        instead(restore, "component_set", _the_whole_set),
        ways.test_one_subcomponent_is_restored_with_what_is_below_it,
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
        instead(folders.Folders, "reaches", _always(True)),
        lambda: kept.test_a_lost_reparse_point_blocks_the_set(Strategy.EXCLUSIVE, plain=True),
    ),
    (
        "path-mounted-follow",
        "what lies behind reparse points is not backed up",
        instead(saving.Saving, "_inner", _nothing),
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
        instead(selecting, "without_targets", _always(set())),
        kept.test_without_its_target_a_component_is_left_out,
    ),
    (
        "seq-succeeded-false-on-any-miss",
        "a component is restored of which a file was missed at backup",
        instead(documents, "_succeeded", _always(True)),
        kept.test_a_component_with_a_file_that_could_not_be_read_is_not_restored,
    ),
    (
        "path-missing-file-fails",
        "a file that its set names may be missing",
        instead(saving.Saving, "_miss_named", _nothing),
        kept.test_a_file_that_its_set_names_has_to_be_there,
    ),
    (
        "path-recursive-empty-dirs",
        "empty folders do not come back",
        instead(restore._Restore, "_make_folders", _nothing),
        kept.test_folders_of_a_recursive_set_come_back_empty,
    ),
)


def test_there_are_mutants_of_the_rules_that_are_most_often_broken() -> None:
    """Each of a rule that the project has."""
    assert len(MUTANTS) >= 30
    assert {rule for rule, *_ in MUTANTS} <= set(rules())


@pytest.mark.parametrize(("mutant", "holds"), [mutant[2:] for mutant in MUTANTS], ids=[mutant[1] for mutant in MUTANTS])
def test_a_mistake_is_noticed(mutant: Mutant, holds: Check, monkeypatch: pytest.MonkeyPatch) -> None:
    """The check holds without the mistake, and fails with it."""
    holds()
    with mutant(monkeypatch), pytest.raises(AssertionError):
        holds()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["rules"][0])
def test_a_case_holds(case: dict[str, Any]) -> None:
    """A restore that was written down by hand comes to the end that the page says."""
    assert set(case["rules"]) <= set(rules())
    hold(case)


KILLED: Final = [
    (rule, mistake, mutant, case) for rule, mistake, mutant, _ in MUTANTS for case in CASES if rule in case["rules"]
]


def test_each_rule_has_a_mutant_that_a_case_kills() -> None:
    """No mutant is left to the checks that are written in Python."""
    assert {rule for rule, *_ in KILLED} == {rule for rule, *_ in MUTANTS}


@pytest.mark.parametrize(("mutant", "case"), [killed[2:] for killed in KILLED], ids=[killed[1] for killed in KILLED])
def test_a_case_notices_a_mistake(mutant: Mutant, case: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """The case of the rule that the mistake is against fails with it."""
    with mutant(monkeypatch), pytest.raises(AssertionError):
        hold(case)
