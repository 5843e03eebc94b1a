"""Arguments drawn for a call: mostly of things that are there, now and then of things that are not."""

from collections.abc import Callable
from typing import Any, Final

from tests.choices import Choices
from tests.drawn_worlds import HARDWARE, SOFTWARE
from tests.support import FOREIGN_ID
from vss_sim.engine.inputs import ENUMERATIONS
from vss_sim.engine.snapshot_calls import of_context
from vss_sim.model.computer import SYSTEM_PROVIDER_ID, Machine
from vss_sim.model.objects import BackupObject
from vss_sim.model.world import Snapshot, World
from vss_sim.spec import enums
from vss_sim.spec.methods import Direction, Parameter, Signature

_CONTEXTS: Final = (
    *("VSS_CTX_BACKUP",) * 3,
    "VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_TRANSPORTABLE",
    "VSS_CTX_APP_ROLLBACK",
    "VSS_CTX_NAS_ROLLBACK",
    "VSS_CTX_FILE_SHARE_BACKUP",
    "VSS_CTX_CLIENT_ACCESSIBLE",
    "VSS_CTX_CLIENT_ACCESSIBLE_WRITERS",
    "VSS_CTX_ALL",
    "VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_DIFFERENTIAL",
)
_BAD_CONTEXTS: Final = (
    "VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_DIFFERENTIAL|VSS_VOLSNAP_ATTR_PLEX",
    "VSS_CTX_CLIENT_ACCESSIBLE|VSS_VOLSNAP_ATTR_PLEX",
    "VSS_CTX_BACKUP|VSS_VOLSNAP_ATTR_PERSISTENT",
    3,
)
_TEXTS: Final = ("text", "", None)
_USUAL: Final[dict[str, Any]] = {
    "backupType": "VSS_BT_FULL",
    "QueriedObjectId": None,
    "eQueriedObjectType": "VSS_OBJECT_NONE",
    "eReturnedObjectsType": "VSS_OBJECT_SNAPSHOT",
    "lAttributes": "VSS_VOLSNAP_ATTR_EXPOSED_LOCALLY",
    "wszExpose": "X:",
    "wszPathFromRoot": None,
    "dwMilliseconds": 0xFFFFFFFF,
    "pReserved": None,
    "iPartialFile": 0,
    "pwszDestinationVolume": None,
}
"""Parameter → what most programs pass."""
_SOME: Final[dict[str, tuple[Any, ...]]] = {
    "QueriedObjectId": (FOREIGN_ID,),
    "lAttributes": ("VSS_VOLSNAP_ATTR_EXPOSED_REMOTELY", 0),
    "wszExpose": ("C:", "share", None),
    "wszPathFromRoot": ("db", "d*"),
    "dwMilliseconds": (0, 1000, 60_000),
    "iPartialFile": (1,),
    "dwBreakFlags": (0, "VSS_BREAKEX_FLAG_MASK_LUNS", 3),
    "pwszFilePath": ("C:\\db\\a.mdf", "\\\\server\\share\\a", "Q:\\a", ""),
    "rgWriterInstanceId": ([FOREIGN_ID],),
}


class Drawer:
    """Draws the arguments of calls in one world, for one object of it."""

    def __init__(self, world: World, machine: Machine, obj: BackupObject | None, documents: list[str]) -> None:
        self._world = world
        self._machine = machine
        self._obj = obj
        self._documents = documents

    def arguments(self, signature: Signature, choices: Choices) -> dict[str, Any]:
        """The arguments of one call."""
        wrong = choices.once_in(8)
        component = self._component(choices, wrong=wrong)
        drawn: dict[str, Any] = {}
        for parameter in signature.parameters:
            if parameter.direction is not Direction.IN:
                continue
            name = parameter.name
            if name in component:
                drawn[name] = component[name]
            elif name in ("cClassId", "cInstanceId"):
                drawn[name] = 1
            elif parameter.default is None or choices.below(2):
                drawn[name] = self._value(parameter, choices, wrong=wrong)
        if "bstrXML" in drawn and signature.name != "InitializeForBackup":
            drawn["bstrXML"] = self._document(choices, wrong)
        if not wrong:
            self._fit(signature.name, drawn, choices)
        if choices.once_in(48):
            results = [parameter.name for parameter in signature.parameters if parameter.direction is Direction.OUT]
            drawn.update(dict.fromkeys(results[:1]))
        return drawn

    def _fit(self, name: str, drawn: dict[str, Any], choices: Choices) -> None:
        """Make arguments fit what is there: the kind of an id, an exposed copy, a volume that is there."""
        copies = self._world.snapshots.values()
        exposed = [copy.snapshot_id for copy in copies if copy.exposed_name]
        reverting = [revert.volume for machine in self._world.machines for revert in machine.reverts]
        if name == "DeleteSnapshots":
            whole = drawn["SourceObjectId"] in {copy.set_id for copy in copies}
            drawn["eSourceObjectType"] = "VSS_OBJECT_SNAPSHOT_SET" if whole else "VSS_OBJECT_SNAPSHOT"
        elif name == "UnexposeSnapshot" and exposed:
            drawn["snapshotId"] = choices.of(exposed)
        elif name == "QueryRevertStatus" and reverting:
            drawn["pwszVolume"] = choices.of(reverting)
        elif name == "AddSnapshotToRecoverySet" and self._obj is not None:
            drawn["pwszDestinationVolume"] = self._world.description.machines[self._obj.machine].volumes[0].name

    def _value(self, parameter: Parameter, choices: Choices, *, wrong: bool) -> Any:
        draw = _DRAWN.get(parameter.name)
        if draw is not None:
            return draw(self, choices, wrong)
        if parameter.name in _USUAL and not wrong:
            return _USUAL[parameter.name]
        if parameter.name in _SOME:
            return choices.of(_SOME[parameter.name])
        return self._of_type(parameter.type, choices, wrong=wrong)

    def _of_type(self, kind: str, choices: Choices, *, wrong: bool) -> Any:
        if kind in ENUMERATIONS:
            return 99 if wrong and choices.below(2) else choices.of(tuple(ENUMERATIONS[kind])).value
        if kind in ("bool", "BOOL"):
            return not choices.below(2)
        if kind in ("UINT", "ULONG", "DWORD", "LONG"):
            return choices.below(4) if wrong else 0
        return FOREIGN_ID if kind == "VSS_ID" else choices.of(_TEXTS)

    def _component(self, choices: Choices, *, wrong: bool) -> dict[str, Any]:
        """The parameters that name one component: of the document or, where there is none, of a writer."""
        found = []
        if self._obj is not None and choices.below(4):
            found = [
                (writer.writer_id, writer.instance_id, one.type, one.logical_path, one.name)
                for writer in self._obj.document.writers
                for one in writer.components
            ]
        index = self._world.description.machines.index(self._machine)
        instances = self._world.machines[index].writers
        found = found or [
            (writer.writer_id, instance.instance_id, one.type, one.logical_path, one.name)
            for writer, instance in zip(self._machine.writers, instances, strict=True)
            for one in writer.components
        ]
        unknown = (FOREIGN_ID, FOREIGN_ID, enums.ComponentType.FILEGROUP, "", "Nothing")
        writer, instance, kind, path, named = choices.of(found) if found and not wrong else unknown
        name = None if wrong and not choices.below(3) else named
        values = {"writerId": writer, "instanceId": instance, "ct": str(kind), "componentType": str(kind)}
        return {**values, "wszLogicalPath": path or choices.of(("", None)), "wszComponentName": name}

    def _volume(self, choices: Choices, wrong: bool) -> Any:
        if wrong:
            return choices.of(("C:", "Q:\\", None, "c:\\"))
        return choices.of(self._machine.volumes).name

    def _document(self, choices: Choices, wrong: bool) -> Any:
        if wrong:
            return choices.of((None, "", "<no document>"))
        return self._documents[-1 - choices.below(len(self._documents))]

    def _perhaps_a_document(self, choices: Choices, wrong: bool) -> Any:
        return self._document(choices, wrong) if choices.below(4) == 3 else None

    def _snapshot(self, choices: Choices, wrong: bool) -> Any:
        copies = self._copies(choices)
        return FOREIGN_ID if wrong or not copies else choices.of([copy.snapshot_id for copy in copies])

    def _copies(self, choices: Choices) -> list[Snapshot]:
        """Mostly the shadow copies that the object's context shows."""
        copies = list(self._world.snapshots.values())
        obj = self._obj
        if obj is None or choices.below(6) == 5:
            return copies
        return [copy for copy in copies if copy.machine == obj.machine and of_context(copy, obj)] or copies

    def _set(self, choices: Choices, wrong: bool) -> Any:
        sets = list(dict.fromkeys(copy.set_id for copy in self._copies(choices)))
        return FOREIGN_ID if wrong or not sets else choices.of(sets)

    def _snapshot_or_set(self, choices: Choices, wrong: bool) -> Any:
        return (self._set if choices.below(3) == 2 else self._snapshot)(choices, wrong)

    def _provider(self, choices: Choices, wrong: bool) -> Any:
        if wrong:
            return FOREIGN_ID
        named = (SYSTEM_PROVIDER_ID, HARDWARE.provider_id, SOFTWARE.provider_id)
        return choices.of((None, None, None, None, *named))

    def _context(self, choices: Choices, wrong: bool) -> Any:
        if self._world.snapshots and choices.below(3) == 2:
            return "VSS_CTX_ALL"
        return choices.of(_BAD_CONTEXTS if wrong else _CONTEXTS)

    def _classes(self, choices: Choices, wrong: bool) -> Any:
        classes = [writer.writer_id for writer in self._machine.writers]
        return [FOREIGN_ID] if wrong or not classes else [choices.of(classes)]


_DRAWN: Final[dict[str, Callable[[Drawer, Choices, bool], Any]]] = {
    "pwszVolumeName": Drawer._volume,
    "pwszVolume": Drawer._volume,
    "wszVolumeName": Drawer._volume,
    "ProviderId": Drawer._provider,
    "lContext": Drawer._context,
    "SnapshotId": Drawer._snapshot,
    "snapshotId": Drawer._snapshot,
    "SnapshotSetId": Drawer._set,
    "SnapshotSetID": Drawer._set,
    "SourceObjectId": Drawer._snapshot_or_set,
    "rgWriterClassId": Drawer._classes,
    "bstrXML": Drawer._perhaps_a_document,
}
"""Parameter → how its value is drawn."""
