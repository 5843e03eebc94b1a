"""A breach of the restore-method table, said of a component set: with its rules, and where method and target were told.

A breach is said once of a component set. How grave it is stands with the breach; a requester is to blame for all of
them, also where it passes over what is an error of the writer.
"""

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from vss_sim.judge.findings import Level
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject, Mark
from vss_sim.judge.restoring.put_back import PutBack, Shared
from vss_sim.judge.restoring.restore_places import Place, Role
from vss_sim.judge.restoring.restore_plan import Key, Plan, Ways, plan_of
from vss_sim.judge.restoring.restores import COMPONENTS, Restoring
from vss_sim.spec.enums import RestoreMethod, RestoreTarget, WriterRestore
from vss_sim.spec.restore_breaches import IMPLIED, OF_EACH, OF_THE_SET, Breach, Harm, rules_of

LEVELS: Final = {Harm.DATA: Level.ERROR, Harm.FORBIDDEN: Level.WARNING, Harm.WORTH_KNOWING: Level.INFO}
"""How grave a breach is → how grave its finding is."""
_OF_THEIR_OWN: Final = (None, RestoreMethod.UNDEFINED, RestoreMethod.CUSTOM)
"""What no target changes: no method, or none that says where files go."""
_BY_TARGET: Final = (
    Breach.ORIGINAL_RULED_OUT,
    Breach.ORIGINAL_LOST,
    Breach.MAPPING_RULED_OUT,
    Breach.MAPPING_NEEDLESS,
    Breach.DIRECTED_PASSED_OVER,
)
"""Breaches that may come of obeying the target of another component, or of the set's definer only."""

_BY_ALL_FILES: Final[Mapping[Breach, Shared]] = {
    Breach.MAPPING_NEEDLESS: Shared.BLOCKS,
    Breach.LOOKED_EARLY: Shared.BLOCKS,
    Breach.LOOKED_BEFORE_STOP: Shared.BLOCKS,
    Breach.STAGED_NEEDLESSLY: Shared.BLOCKS,
    Breach.GIVEN_UP_UNBLOCKED: Shared.BLOCKS | Shared.CHANGED,
    Breach.FAILED_WITH_NOTHING_LEFT: Shared.CHANGED | Shared.BROKE,
    Breach.NOT_STAGED: Shared.WAITS | Shared.BROKE,
    Breach.MAPPING_NOT_TRIED: Shared.ELSEWHERE | Shared.BROKE,
    Breach.GIVEN_UP_FOR_ORIGINALS: Shared.ELSEWHERE | Shared.BROKE,
    Breach.ALL_WITH_A_MISS: Shared.TOUCHED,
    Breach.PARTLY_STAGED: Shared.TOUCHED,
    Breach.NOT_TOGETHER: Shared.TOUCHED,
    Breach.ELSEWHERE: Shared.TOUCHED,
}
"""Breaches that may be none, if this became of a file that the log does not show to be of this set alone."""

_OF_A_FILE: Final = frozenset(
    {
        Breach.OVERWRITTEN,
        Breach.MAPPED_OVERWRITTEN,
        Breach.WRITTEN_THOUGH_BLOCKED,
        Breach.GONE_ON,
        Breach.ORIGINAL_RULED_OUT,
        Breach.ORIGINAL_LOST,
        Breach.SPLIT,
        Breach.SHARED_PROOF,
        Breach.NOT_CREATE_NEW,
        Breach.OTHER_HANDLE,
        Breach.LOOKED_EARLY,
        Breach.NOT_STOPPED,
        Breach.NO_SERVICE,
        Breach.STILL_STOPPING,
    }
)
"""Breaches that are none where the file that the deed is about is none of the set, but a temporary one."""

_GRAVER: Final = {Breach.NOT_CREATE_NEW: Breach.OVERWRITTEN.name}
"""Breach → what is said of the set in its place: who overwrites need not hear that CREATE_NEW would have failed."""

_SURE: Final = Shared(0)


class Scene(Struct):
    """One call in a restore, and the component set that it is about."""

    history: History
    step: Step
    obj: BackupObject
    restoring: Restoring
    key: Key
    component: tuple[str, str]
    put_back: PutBack
    plan: Plan | None
    file: str | None = None
    """The file that the call is about, as the line has it."""
    told: Mark | None = None
    """Where the status that it is about was told."""
    perhaps: str | None = None
    """The file, where it may turn out to be none of the set, but one that is renamed to one of it."""

    @classmethod
    def of(
        cls,
        history: History,
        step: Step,
        obj: BackupObject,
        key: Key,
        component: tuple[str, str] | None = None,
        file: str | None = None,
    ) -> "Scene":
        """The call of `step` and the component set `key`; `component` and `file` are those of the set it is about."""
        restoring = obj.restoring or Restoring()
        sets = restoring.sets
        put_back = sets.get(key)
        if put_back is None:
            put_back = PutBack()
            if len(sets) < COMPONENTS:
                sets[key] = put_back
        own = component or (key[1], key[2])
        plan = plan_of(history, step.line, restoring, key)
        return cls(history, step, obj, restoring, key, own, put_back, plan, file)

    @property
    def ways(self) -> Ways | None:
        """What the table allows, where that is known."""
        return self.plan.ways if self.plan is not None else None

    @property
    def method(self) -> RestoreMethod | None:
        """The stored method, where it is known."""
        return self.plan.method if self.plan is not None else None

    @property
    def target(self) -> RestoreTarget | None:
        """The restore target, where it is known."""
        return self.plan.target if self.plan is not None else None

    @property
    def fully_mapped(self) -> bool | None:
        """Whether every file set of the component set has a mapping, where that is known."""
        if self.put_back.mapped_wholly is None and self.plan is not None:
            mapped = self.plan.fully_mapped(self.key, self.restoring)
            self.put_back.mapped_wholly = mapped and not self._has_new_partial_file(self.plan)
        return self.put_back.mapped_wholly

    def _has_new_partial_file(self, plan: Plan) -> bool:
        """Whether a partial file is of no file set, so that no mapping is for it (rule alm-new-partial-none)."""
        if not plan.document.is_read or self.key in self.restoring.subcomponents:
            return False
        files = (path for *key, path in self.restoring.partial_ranges if tuple(key) == self.key)
        return any(not plan.document.file_sets_with(path) for path in files)

    @property
    def by_presence(self) -> bool:
        """Whether a file that is there blocks its place."""
        return self.ways is not None and self.ways.by_presence

    def say(self, breach: Breach, *because: Mark | None, also: tuple[str, ...] = (), sure: bool = False) -> None:
        """Say a breach at this line, unless it was said of the set.

        `sure`: it is one whatever happened to the files that other sets have, too.
        """
        if breach in _OF_A_FILE and (self.perhaps is not None or self.put_back.held):
            self.put_back.hold(self.perhaps, lambda: self._say(breach, *because, also=also, sure=sure))
        else:
            self._say(breach, *because, also=also, sure=sure)

    def _say(self, breach: Breach, *because: Mark | None, also: tuple[str, ...], sure: bool) -> None:
        unsure = not sure and self.put_back.shared & _BY_ALL_FILES.get(breach, _SURE)
        if not self.put_back.said.isdisjoint((breach.name, _GRAVER.get(breach))) or unsure:
            return
        self.put_back.said.add(breach.name)
        unmapped = self.fully_mapped is False
        rules = (*rules_of(breach, self.method, self.target, unmapped=unmapped), *also)
        if breach in _BY_TARGET:
            rules += self._of_targets()
        grounds = [mark for mark in because if mark is not None]
        grounds += self.plan.marks if self.plan is not None else ()
        if self.told is not None:
            grounds.append(self.told)
        if self.key in self.restoring.selected:
            grounds.append(self.restoring.selected[self.key])
        where = f"{self.file}, component" if self.file is not None else "component"
        says = f"{breach.says} ({where} {self.restoring.name_of(self.key)!r})"
        marks = dict.fromkeys(mark for mark in sorted(grounds) if mark[0] < self.step.number)
        if rules:
            self.history.note(self.step, LEVELS[breach.harm], rules[0], says, *marks, also=rules[1:])

    def _of_targets(self) -> tuple[str, ...]:
        """The rules on whose targets count: that of the set's definer, and of each set its own."""
        found = []
        if self.component != (self.key[1], self.key[2]) and self.target not in (None, RestoreTarget.ORIGINAL):
            found.append(OF_THE_SET)
        others = {
            other.name for key, other in self.restoring.targets.items() if key[0] == self.key[0] and key != self.key
        }
        if self.target is not None and others - {self.target, None}:
            found.append(OF_EACH)
        return tuple(found)

    def say_of_the_writer(self, *, by_mapping: bool = True) -> None:
        """Files are restored of a writer whose document tells that they cannot be, or not in this way."""
        plan = self.plan
        if plan is None or not plan.told:
            return
        if plan.method is None or plan.method is RestoreMethod.UNDEFINED:
            self.say(Breach.NO_METHOD if plan.method is None else Breach.UNDEFINED_METHOD)
        elif plan.method is RestoreMethod.CUSTOM:
            self.say(Breach.CUSTOM)
        if plan.document.writer_restore == WriterRestore.UNDEFINED:
            self.say(Breach.NO_WRITER_RESTORE)
        if plan.target is RestoreTarget.UNDEFINED:
            self.say(Breach.TARGET_UNDEFINED)
        if by_mapping and plan.ways is not None and not plan.ways.blockable and self.fully_mapped is False:
            self._say_unmapped(plan)

    def _say_unmapped(self, plan: Plan) -> None:
        """Only mapped places are allowed, and not every file has one: an error of the writer."""
        if plan.target is RestoreTarget.ALTERNATE or (
            plan.target is RestoreTarget.ORIGINAL and plan.method is RestoreMethod.RESTORE_TO_ALTERNATE_LOCATION
        ):
            self.say(Breach.NOT_ALL_MAPPED)

    def say_of_the_target(self) -> None:
        """The target and the directed targets are to be read after PreRestore, before anything is written."""
        read = self.restoring.targets.get(self.key)
        unread = read is None or (read.early is None and read.read is None)
        if unread and self.plan is not None and self.plan.target is None and self.plan.method not in _OF_THEIR_OWN:
            self.say(Breach.TARGET_NOT_SHOWN)
        if read is None:
            return
        if read.early is not None and read.read is None:
            self.say(Breach.TARGET_UNREAD, read.early)
        if read.name == RestoreTarget.DIRECTED and not read.directed_asked:
            self.say(Breach.DIRECTED_UNREAD, read.read)

    def say_of_declared_places(self, place: Place) -> None:
        """A file goes to another place than the one that a new target or a directed target declares for it."""
        for declared in self.restoring.new_targets.get(self.key, ()):
            if place.triple == (declared.path, declared.filespec, declared.recursive):
                self.say(Breach.NEW_TARGET_PASSED_OVER, declared.mark)
        read = self.restoring.targets.get(self.key)
        if read is None or self.target is not RestoreTarget.DIRECTED:
            return
        stays = place.role is Role.ORIGINAL
        for directed in read.directed:
            if directed.source == place.original and not (stays and directed.destination == place.original):
                implied = place.component != self.key[1:3]
                self.say(Breach.DIRECTED_PASSED_OVER, directed.mark, also=(IMPLIED,) if implied else ())

    def say_what_was_not_read(self) -> None:
        """Whether mappings are used is for the stored method and the target to say."""
        loaded = self.history.machine(self.step.line).stored_writers.get(self.key[0])
        document = getattr(loaded, "described", None)
        if document is not None and getattr(document, "method_told", None) is None and self.restoring.targets:
            self.say(Breach.METHOD_UNREAD, document.read)
