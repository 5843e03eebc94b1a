"""The restore of a backup by components, from the saved documents to the last release.

The order of the steps is that of the course of each writer's method (`vss_sim.spec.restoring.course`): no target file
is looked at before PreRestore has been handled by all writers; a service is stopped around the files or after
PostRestore; each component set is decided and restored as one.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from msgspec import Struct, field
from msgspec.structs import replace

from vss_sim.engine.restoring.backup import read_status
from vss_sim.engine.restoring.copy_aside import temporary_name
from vss_sim.engine.restoring.deciding import Answers
from vss_sim.engine.restoring.documents import (
    Explicit,
    FileSet,
    StoredWriter,
    explicit_components,
)
from vss_sim.engine.restoring.exclusive import Damage, Exclusive, Obstacle, Wanted
from vss_sim.engine.restoring.folders import Folders
from vss_sim.engine.restoring.media import Saved, Shelf
from vss_sim.engine.restoring.places import ComponentSet, Place, at, component_set, folder_places, mapping_of, moved
from vss_sim.engine.restoring.program import BC, Caller, Program, VssSaidNo
from vss_sim.engine.restoring.requests import EVERYTHING, Request
from vss_sim.engine.restoring.results import ComponentResult, Restored, nowhere, result_of, to_places
from vss_sim.engine.restoring.selecting import Selecting
from vss_sim.engine.restoring.services import ServiceStop
from vss_sim.engine.restoring.staging import Staging
from vss_sim.model.names import fold
from vss_sim.model.objects import Handle
from vss_sim.model.values import Guid, guid
from vss_sim.spec.enums import FileRestoreStatus, RestoreMethod
from vss_sim.spec.restoring import METHODS, Decided, course, decided, reading
from vss_sim.spec.restoring.parameters import STAGED_STATUS
from vss_sim.spec.restoring.parameters import VETOED as VETO
from vss_sim.spec.restoring.targets import CORRUPT, NOT_TOGETHER, ROLLED_BACK, VETOED
from vss_sim.spec.restoring.words import Act, Branch, Outcome, Question, When
from vss_sim.spec.win32 import Win32Error

_STATUS: Final = {When.NOW: FileRestoreStatus.ALL, When.NEVER: FileRestoreStatus.NONE}


def restore(caller: Caller, saved: Saved, request: Request = EVERYTHING, machine: str | None = None) -> Restored:
    """Restore what was backed up to a machine (None: the first), as far as `request` wants it.

    Raises:
        RequestError: something is wanted that no requester may do.
        VssSaidNo: VSS refused a call that the restore cannot do without.
    """
    return _Restore(Program(caller, machine), saved, request).run()


class _Piece(Struct):
    """One component set in the middle of its restore."""

    known: ComponentSet
    selected: bool
    answers: Answers | None = None
    result: ComponentResult | None = None
    ranges_files: dict[int, Place] = field(default_factory=dict)
    """Where the ranges files are, by the numbers of their partial files."""


class _Restore(Struct):
    program: Program
    saved: Saved
    request: Request
    bc: Handle = ""
    results: list[ComponentResult] = field(default_factory=list)
    left_out: dict[int, Outcome] = field(default_factory=dict)
    """By the ids of wishes: why they are not met."""

    def run(self) -> Restored:
        """The whole sequence (protocol C)."""
        program = self.program
        self.bc = program.ask("CreateVssBackupComponents")["ppBackup"]
        program.ask(BC + "InitializeForRestore", self.bc, bstrXML=self.saved.backup_components)
        program.ask(BC + "SetRestoreState", self.bc, restoreType="VSS_RTYPE_BY_COPY")
        selecting = Selecting(program, self.request, self.bc)
        selecting.select(self.saved.writers)
        self.left_out = selecting.left_out
        names = {guid(writer.writer_id): writer.name for writer, _, _ in selecting.wanted}
        vetoed = self._pre_restore(names) if selecting.taking_part else frozenset()
        again = {
            (one.writer_id, one.instance_id, one.key): one
            for one in self._read_again(heard=bool(selecting.taking_part))
        }
        shelf = Shelf(self.saved.files, self.saved.folders)
        pieces = [
            _Piece(
                component_set(writer, again[old.writer_id, old.instance_id, old.key], wish, shelf),
                selecting.is_selected(wish),
            )
            for writer, old, wish in selecting.wanted
        ]
        late = self._work(pieces, vetoed)
        if selecting.taking_part:
            self._post_restore(names, vetoed)
        for service in late:
            service.stop()
            service.start(self.request.readings, succeeded=True)
        program.release(self.bc)
        return Restored(tuple(self.results), (*self.saved.notes, *program.events))

    def _pre_restore(self, names: Mapping[Guid, str]) -> frozenset[str]:
        """The writers that failed it."""
        self.program.wait(BC + "PreRestore", self.bc)
        self.program.events.append("PreRestore")
        return self._failed("PreRestore", names)

    def _failed(self, event: str, names: Mapping[Guid, str], before: frozenset[str] = frozenset()) -> frozenset[str]:
        """The writers that have failed; those that did not fail `before` are told (rule seq-r-prerestore-status)."""
        failed = frozenset(guid(writer) for writer in read_status(self.program, self.bc))
        for name in (names[writer] for writer in names if writer in failed - before):
            self.program.events.append(f"{name} fails {event}")
        return failed

    def _read_again(self, *, heard: bool) -> tuple[Explicit, ...]:
        """What the writers set in PreRestore (rules seq-r-reread-components, rt-read-late), where it was raised."""
        return explicit_components(self.program, self.bc, "all" if heard else "unheard")

    def _post_restore(self, names: Mapping[Guid, str], vetoed: frozenset[str]) -> None:
        """It may fail where a writer is gone that heard PreRestore, which says nothing of the files."""
        result = self.program.wait(BC + "PostRestore", self.bc)
        self.program.events.append("PostRestore" if result.succeeded else f"PostRestore fails with {result.name}")
        self._failed("PostRestore", names, vetoed)

    def _work(self, pieces: list[_Piece], vetoed: frozenset[str]) -> list[ServiceStop]:
        """Restore set by set; returns the services that are stopped and started after PostRestore."""
        late: list[tuple[ServiceStop, _Piece]] = []
        units: dict[str, tuple[ServiceStop | None, list[_Piece]]] = {}
        for piece in pieces:
            writer = piece.known.writer
            service = ServiceStop(self.program, writer.service) if writer.service else None
            acts = course(writer.method, self.request.readings).acts if writer.method else ()
            first = Act.STOP in acts and acts.index(Act.STOP) < acts.index(Act.RESTORE)
            if Act.STOP in acts and not first and service is not None:
                late.append((service, piece))
            key = f"service {fold(service.name)}" if first and service is not None else writer.instance_id
            units.setdefault(key, (service if first else None, []))[1].append(piece)
        for service, unit in units.values():
            self._unit(service, unit, vetoed)
        due: dict[str, ServiceStop] = {}
        for service, piece in late:
            if piece.result is not None and piece.result.stops:
                due.setdefault(fold(service.name), service)
        return list(due.values())

    def _unit(self, service: ServiceStop | None, unit: list[_Piece], vetoed: frozenset[str]) -> None:
        """The component sets around one stop of a service, or of one writer."""
        try:
            for piece in unit:
                self._decide(piece, service, vetoed)
            self._together(unit)
            for piece in unit:
                self._record(piece)
        finally:
            if service is not None:
                done = any(piece.result is not None and piece.result.restored for piece in unit)
                service.start(self.request.readings, succeeded=done)

    def _decide(self, piece: _Piece, service: ServiceStop | None, vetoed: frozenset[str]) -> None:
        """Walk the table, and complete or undo what it came to."""
        known, writer = piece.known, piece.known.writer
        came_over = self._from_outside(known, vetoed)
        if came_over is not None:
            piece.result = self._ended(piece, Decided(came_over, None, ()), came_over)
            return
        piece.answers = answers = Answers(self.program, known, self.request, service)
        tree = METHODS[_method(writer)].whole
        end = decided(tree, answers, known.explicit.target, self.request.readings)
        if answers.damage is Damage.SOME:
            answers.undo()
            piece.result = self._ended(piece, end, CORRUPT)
        elif end.outcome is None:
            piece.result = self._staged(piece, end)
        elif end.outcome.when is When.NEVER:
            piece.result = self._ended(piece, end, CORRUPT if answers.undo() is Damage.SOME else end.outcome)
        else:
            piece.result = self._completed(piece, end, end.outcome)

    def _from_outside(self, known: ComponentSet, vetoed: frozenset[str]) -> Outcome | None:
        """An end that no question leads to."""
        if id(known.wish) in self.left_out:
            return self.left_out[id(known.wish)]
        skips = reading(VETO, self.request.readings) == "skip"
        if skips and guid(known.writer.writer_id) in vetoed:
            return VETOED
        return None

    def _completed(self, piece: _Piece, end: Decided, outcome: Outcome) -> ComponentResult:
        answers = piece.answers
        assert answers is not None  # noqa: S101 - it answered
        places = answers.places
        if not self._ranges_files(piece):
            answers.undo()
            return self._ended(piece, end, ROLLED_BACK)
        damage = answers.complete()
        if damage is None and outcome.branch is Branch.CUSTOM:
            fault = self._procedure(piece.known.writer)
            if fault is not None:
                answers.obstacles.append(fault)
                damage = Damage.SOME
        if damage is not None:
            return self._ended(piece, end, CORRUPT if damage is Damage.SOME else ROLLED_BACK)
        self._make_folders(piece, outcome.branch)
        result = self._result(piece, end, outcome, _STATUS[outcome.when])
        self.program.events.append(f"{piece.known.explicit.name}: {outcome.branch.value}")
        beside = to_places(tuple(piece.ranges_files.values()), When.NOW)
        return replace(result, files=to_places(places, outcome.when) + beside, selected=piece.selected)

    def _make_folders(self, piece: _Piece, branch: Branch) -> None:
        """Folders of recursive sets that no file brings with it; where one cannot be made, that is told."""
        folders = Folders(self.program)
        for path, folder in folder_places(piece.known, branch, self.request.readings):
            if not folders.reaches(path + "\\", folder.saved.behind) or not folders.make(path):
                self.program.events.append(f"{piece.known.explicit.name}: folder {path} cannot be made")

    def _ranges_files(self, piece: _Piece) -> bool:
        """Put ranges files back before the bytes they tell of, or beside what is in the way (pf-ranges-file-moved)."""
        for number, file in piece.known.ranges_files:
            path = file.saved.path
            for place in (path, temporary_name(self.program, path, "restored")):
                attempt = Exclusive(self.program, (at(file, place or path),))
                if attempt.prove(Wanted.USABLE) and attempt.complete() is None:
                    piece.ranges_files[number] = attempt.places[0]
                    break
            else:
                return False
        return True

    def _procedure(self, writer: StoredWriter) -> Obstacle | None:
        """What the documentation of a custom writer says; the call of it that failed."""
        for name, arguments in self.request.procedures[writer.writer_id]:
            code, _ = self.program.win(name, **arguments)
            if code is not Win32Error.ERROR_SUCCESS:
                about = next((one for one in arguments.values() if isinstance(one, str)), name)
                return Obstacle(about, code, f"{name} of the procedure fails")
        return None

    def _staged(self, piece: _Piece, end: Decided) -> ComponentResult:
        """The files wait for the restart."""
        assert end.waiting is not None  # noqa: S101 - it waits
        assert piece.answers is not None  # noqa: S101 - it answered
        outcome = end.waiting.yes
        assert isinstance(outcome, Outcome)  # noqa: S101 - the restart is asked last
        said = reading(STAGED_STATUS, self.request.readings) == "all"
        status = FileRestoreStatus.ALL if said else FileRestoreStatus.NONE
        result = self._result(piece, end, outcome, status)
        self.program.events.append(f"{piece.known.explicit.name}: {outcome.branch.value}")
        moves = [move for one in piece.answers.held if isinstance(one, Staging) for move in one.staged.items()]
        files = to_places(piece.answers.places, When.REBOOT)
        return replace(result, files=files, staged=tuple(moves), selected=piece.selected)

    def _ended(self, piece: _Piece, end: Decided, outcome: Outcome) -> ComponentResult:
        """Nothing of the set is restored, or it is corrupt."""
        status = FileRestoreStatus.FAILED if outcome is CORRUPT else FileRestoreStatus.NONE
        result = self._result(piece, end, outcome, status)
        self.program.events.append(f"{piece.known.explicit.name}: {outcome.branch.value}")
        return replace(result, waiting=None, selected=piece.selected)

    def _result(self, piece: _Piece, end: Decided, outcome: Outcome, status: FileRestoreStatus) -> ComponentResult:
        """What became of a component set, but for its files."""
        result = result_of(self.program.machine, piece.known, end, outcome, status, self.request.readings)
        if piece.answers is None:
            return result
        return replace(result, came_to_files=piece.answers.tried, stored=piece.answers.from_the_documents())

    def _together(self, unit: list[_Piece]) -> None:
        """Where the table wants all selected sets of a writer or none (C07), one that fails takes the others along."""
        ended = [(piece, piece.result) for piece in unit if METHODS[_method(piece.known.writer)].together]
        if not any(result is not None and _not_staged(result) for _, result in ended):
            return
        for piece, result in ended:
            if result is not None and result.waiting is not None and piece.answers is not None:
                outcome = CORRUPT if piece.answers.undo() is Damage.SOME else NOT_TOGETHER
                end = Decided(outcome, None, result.way)
                piece.result = replace(self._ended(piece, end, outcome), files=nowhere(piece.known))

    def _record(self, piece: _Piece) -> None:
        """Tell VSS what became of a selected set (rules frs-every-selected, rm-reports-mapping)."""
        result = piece.result
        assert result is not None  # noqa: S101 - every piece came to an end
        obstacles = tuple(piece.answers.obstacles) if piece.answers is not None else ()
        mine = (piece.known.explicit.writer_id, piece.known.explicit.key)
        missed = tuple(one for one in self.saved.missed if (one.writer_id, one.component) == mine)
        self.results.append(replace(result, obstacles=obstacles, missed=missed))
        if not piece.selected:
            return
        explicit = piece.known.explicit
        if result.outcome.records:
            for file_set in self._used(piece.known):
                self._add_mapping(piece.known, file_set)
        named = {**explicit.arguments, "ct": explicit.type}
        for number, place in piece.ranges_files.items():
            if fold(place.path) != fold(place.file.saved.path):
                moved_to = {"iPartialFile": number, "wszRangesFile": place.path}
                self.program.ask(BC + "SetRangesFilePath", self.bc, **named, **moved_to)
        self.program.ask(BC + "SetFileRestoreStatus", self.bc, **named, status=result.status)

    def _used(self, known: ComponentSet) -> Iterable[FileSet]:
        """The file sets whose files went to mapped places, each once."""
        found = {file.file_set.triple: file.file_set for file in known.others if file.file_set is not None}
        return found.values()

    def _add_mapping(self, known: ComponentSet, file_set: FileSet) -> None:
        """The triple as the writer gave it, under the component that defines the set (rule alm-record-exact-triple)."""
        mapping = mapping_of(known.writer, file_set, self.request.readings)
        assert mapping is not None  # noqa: S101 - its files went there
        explicit = known.explicit
        whole = mapping.triple == file_set.triple
        destination = mapping.other if whole else moved(file_set.place, mapping.place, mapping.other_place or "")
        self.program.ask(
            BC + "AddAlternativeLocationMapping",
            self.bc,
            **explicit.arguments,
            componentType=explicit.type,
            wszPath=file_set.path,
            wszFilespec=file_set.filespec,
            bRecursive=file_set.recursive,
            wszDestination=destination,
        )


def _method(writer: StoredWriter) -> RestoreMethod:
    return writer.method or RestoreMethod.UNDEFINED


def _not_staged(result: ComponentResult) -> bool:
    """Whether a set could not be prepared for the restart."""
    return bool(result.way) and result.way[-1].question is Question.STAGED and not result.way[-1].answer


__all__ = ["VssSaidNo", "restore"]
