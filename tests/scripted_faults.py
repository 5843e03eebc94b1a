"""What the tests of scripted faults share: a script in the world file and in Python, the occurrences it is about."""

import json
from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest
from msgspec.structs import replace

from tests.writers_at_work import Run, writer
from vss_sim.documents.world_file import read_world, write_world
from vss_sim.model.computer import Description, Machine, Provider, Volume, Writer
from vss_sim.model.scripts import Timed

OCCURRENCES: Final = (1, 2, 4)
MADE: Final = 4
"""So many occurrences are looked at; the script is about one of them."""
EACH_OCCURRENCE: Final = pytest.mark.parametrize("nth", OCCURRENCES)

Owner = Machine | Writer | Provider | Volume


def nth_of(script: Timed, nth: int, before: int = 0) -> Timed:
    """The script for the n-th occurrence alone, where so many have been before."""
    return replace(script, skip=before + nth - 1, times=1)


def described(world: Description, key: str, script: Timed, place: tuple[str, int] | None = None) -> Description:
    """The world with a script more, built in Python, which is the one that its file with the script describes.

    `key` is where scripts of the kind stand on the first machine, or on the thing of it at `place` (`("writers", 0)`).
    """
    machine, *others = world.machines
    field = next(one.name for one in msgspec.structs.fields(_owner(machine, place)) if one.encode_name == key)
    owner = _owner(machine, place)
    scripted: Owner = replace(owner, **{field: (*getattr(owner, field), script)})
    if place is not None:
        several = list(getattr(machine, place[0]))
        several[place[1]] = scripted
        scripted = replace(machine, **{place[0]: tuple(several)})
    assert isinstance(scripted, Machine)
    built = replace(world, machines=(scripted, *others))
    text = json.loads(write_world(world))
    there = text["machines"][0]
    if place is not None:
        things, number = place
        there = there.setdefault(things, [msgspec.to_builtins(one) for one in getattr(machine, things)])[number]
    there.setdefault(key, []).append(msgspec.to_builtins(script))
    read = read_world(json.dumps(text))
    assert read == built
    return read


def _owner(machine: Machine, place: tuple[str, int] | None) -> Owner:
    return machine if place is None else getattr(machine, place[0])[place[1]]


def only_the(nth: int, outcomes: list[Any], fault: Any, usual: Any) -> None:
    """Exactly the n-th occurrence came to the fault, those before and after it to what is usual."""
    assert outcomes[:MADE] == [fault if number == nth else usual for number in range(1, MADE + 1)]


class Rounds:
    """Backups and restores one after the other, each by objects of its own, whatever fails in them."""

    def __init__(self, world: Description) -> None:
        self.run = Run(*(msgspec.to_builtins(one) for one in world.machines[0].writers))
        self.run.simulation = type(self.run.simulation)(world)
        self.results: dict[str, list[str]] = {}
        """Method → what each of its calls came to, or its operation."""

    def play(self, after: Callable[["Rounds"], None] | None = None, *, aborted: bool = False) -> None:
        """As many rounds as occurrences are looked at."""
        for _ in range(MADE):
            self._back_up(aborted)
            if after is not None:
                after(self)

    def _back_up(self, aborted: bool) -> None:
        self.run.create()
        self._call("InitializeForBackup", bstrXML=None)
        self._call("SetBackupState", bSelectComponents=True, bBackupBootableSystemState=False, backupType=1)
        self._do("GatherWriterMetadata")
        for session in self.run.sessions():
            names = {"wszLogicalPath": "", "wszComponentName": session.metadata.components[0].name}
            ids = {"instanceId": session.instance_id, "writerId": session.metadata.writer_id}
            self._call("AddComponent", **ids, ct="VSS_CT_FILEGROUP", **names)
        self._call("StartSnapshotSet")
        self._call("AddToSnapshotSet", pwszVolumeName="C:\\")
        self._do("PrepareForBackup")
        if aborted:
            self._call("AbortBackup")
        else:
            self._do("DoSnapshotSet")
            self._do("BackupComplete")
            self._restore(self.run.call("SaveAsXML").out["pbstrXML"])
        self.run.call("Release")

    def _restore(self, document: str) -> None:
        self.run.create("restore")
        self._call("InitializeForRestore", "restore", bstrXML=document)
        self._do("GatherWriterMetadata", "restore")
        for number, one in enumerate(self.run.object("restore").document.writers):
            names = {"wszLogicalPath": "", "wszComponentName": one.components[0].name}
            kind = {"ct": "VSS_CT_FILEGROUP", "bSelectedForRestore": True}
            assert number < MADE
            self._call("SetSelectedForRestore", "restore", writerId=one.writer_id, **names, **kind)
        self._do("PreRestore", "restore")
        self._do("PostRestore", "restore")
        self.run.call("Release", "restore")

    def _call(self, name: str, on: str = "bc", **arguments: Any) -> int:
        answer = self.run.call(name, on, **arguments).answer
        self.results.setdefault(name, []).append(getattr(answer, "name", str(answer)))
        return answer

    def _do(self, name: str, on: str = "bc") -> None:
        if self._call(name, on) == 0:
            self.results[name][-1] = self.run.wait(on).name

    def answers(self, event: str) -> list[bool | str]:
        """How the writers answered each event of this name."""
        return [one.answer for one in self.run.seen if one.name == event]


ONE_WRITER: Final = read_world({"machines": [{"writers": [writer("sql")]}]})
