"""Every branch of the restore-method table, as cases: what VSS has its part in, when a requester goes that way.

VSS restores no file. It hands out the method, the mappings and the targets of the writer, takes down what the requester
did, and hands that to the writer: so a branch is a restore in which these are asked for, told, and read back.
"""

from collections.abc import Iterator
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from vss_sim.generate.made import Made, Program
from vss_sim.generate.places import world
from vss_sim.model.computer import Description, Reply
from vss_sim.model.document import DirectedTarget
from vss_sim.model.metadata import AlternateLocationMapping, RestoreMethodDescription
from vss_sim.spec.enums import RestoreMethod, RestoreTarget
from vss_sim.spec.restoring import METHODS, reading
from vss_sim.spec.restoring.words import Branch, Cases, Decision, Node, Outcome, Split, When

AREA: Final = "restore-methods"
_PATH: Final = "C:\\db"
_ELSEWHERE: Final = "C:\\elsewhere"
_MAPPING: Final = AlternateLocationMapping(path=_PATH, filespec="*", destination=_ELSEWHERE)
_DIRECTED: Final = DirectedTarget(
    source_path=_PATH,
    source_filename="a.mdf",
    source_ranges="0:10",
    destination_path=_ELSEWHERE,
    destination_filename="a.mdf",
    destination_ranges="0:10",
)
_TARGETS: Final = (
    RestoreTarget.UNDEFINED,
    RestoreTarget.ORIGINAL,
    RestoreTarget.ALTERNATE,
    RestoreTarget.DIRECTED,
)


class BranchOfMethod(Struct, frozen=True):
    """A method, the target that the writer sets in PreRestore, and where the tree ends."""

    method: RestoreMethod
    target: RestoreTarget
    outcome: Outcome


def branches() -> Iterator[BranchOfMethod]:
    """Every end of every tree under every target, each once, at the stance where pages contradict each other."""
    for method, restoration in METHODS.items():
        for target in _TARGETS:
            found = {outcome.name: outcome for outcome in _ends(restoration.whole, target)}
            for outcome in found.values():
                yield BranchOfMethod(method, target, outcome)


def _ends(node: Node, target: RestoreTarget) -> Iterator[Outcome]:
    match node:
        case Outcome():
            yield node
        case Split():
            yield from _ends(dict(node.readings)[reading(node.parameter, {})], target)
        case Cases():
            yield from _ends(node.of(target), target)
        case Decision():
            yield from _ends(node.yes, target)
            yield from _ends(node.no, target)


def restore_cases() -> Iterator[Made]:
    """A case for each branch."""
    for branch in branches():
        run = _Restore(_world(branch))
        run.go(branch)
        method, target = branch.method.value, branch.target.value
        name = "-".join(text.lower().replace("_", "-").removeprefix("vss-") for text in (method, target))
        header = {
            "id": f"{AREA}/{name}-{branch.outcome.name}",
            "about": f"{method}, {target}: {branch.outcome.says.rstrip('.')}.",
            "verdict": "conforms",
            "rules": list(branch.outcome.rules),
        }
        yield run.made(header, run.lines())


def _world(branch: BranchOfMethod) -> Description:
    """The computer of all generated cases, whose writer restores so and sets this target."""
    described = world()
    machine = described.machines[0]
    reply = Reply(on="PreRestore", component="Database")
    if branch.target is RestoreTarget.DIRECTED:
        reply = replace(reply, add_directed_targets=(_DIRECTED,))
    if branch.target is not RestoreTarget.UNDEFINED:
        reply = replace(reply, set_restore_target=branch.target)
    writer = replace(
        machine.writers[0],
        restore_method=RestoreMethodDescription(method=branch.method, service="Ledger"),
        alternate_location_mappings=(_MAPPING,),
        replies=(reply,),
    )
    return replace(described, machines=(replace(machine, writers=(writer,)),))


class _Restore(Program):
    """A restore of one component."""

    def go(self, branch: BranchOfMethod) -> None:
        """From the saved document to the end."""
        self.call("InitializeForRestore")
        self._finished("GatherWriterMetadata")
        metadata = str(self.call("GetWriterMetadata").out["ppMetadata"])
        self._read("IVssExamineWriterMetadata::GetRestoreMethod", metadata)
        mapping = self._read("IVssExamineWriterMetadata::GetAlternateLocationMapping", metadata, iMapping=0)
        self._destination(mapping)
        self.call("SetSelectedForRestore", "selected")
        if branch.outcome.branch is Branch.NEW_TARGET:
            self.call("AddNewTarget", more={"bRecursive": False})
        self._finished("PreRestore")
        self._component(branch)
        if branch.outcome.records:
            more = {"wszPath": _PATH, "wszFilespec": "*", "bRecursive": False, "wszDestination": _ELSEWHERE}
            self.call("AddAlternativeLocationMapping", more=more)
        restored = branch.outcome.when is not When.NEVER
        self.call("SetFileRestoreStatus", more={"status": "VSS_RS_ALL" if restored else "VSS_RS_NONE"})
        self._finished("PostRestore")
        component = self._component(branch)
        self._read("IVssComponent::GetFileRestoreStatus", component)
        self._read("IVssComponent::GetAlternateLocationMappingCount", component)
        if branch.outcome.records:
            self._destination(self._read("IVssComponent::GetAlternateLocationMapping", component, iMapping=0))
        self.call("Release")

    def _finished(self, name: str) -> None:
        self.call(name)
        self.of_operation("Wait", name)
        self.of_operation("QueryStatus", name)

    def _read(self, method: str, on: str, **given: Any) -> str:
        """What a call on another object hands out, if that is an object."""
        out = self.simulation.call(method, on, given).out
        return str(next(iter(out.values()), ""))

    def _destination(self, mapping: str) -> None:
        """Where a mapping leads."""
        if mapping:
            self._read("IVssWMFiledesc::GetAlternateLocation", mapping)

    def _component(self, branch: BranchOfMethod) -> str:
        """The component as the document has it now, with the target of the writer."""
        writer = str(self.call("GetWriterComponents").out["ppWriter"])
        component = self._read("IVssWriterComponents::GetComponent", writer, iComponent=0)
        self._read("IVssComponent::GetRestoreTarget", component)
        if branch.target is RestoreTarget.DIRECTED:
            self._read("IVssComponent::GetDirectedTargetCount", component)
            self._read("IVssComponent::GetDirectedTarget", component, iDirectedTarget=0)
        return component
