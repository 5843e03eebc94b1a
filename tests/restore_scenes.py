"""Scenes of restores, each with the end of the restore-method table that it comes to: every end has one.

A scene is a writer, what changed since its backup, and what is wanted. They are written by hand from the trees; the
tests play them, and hold what must be true of every restore against each.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from tests.restoring import FILES, MAPPED, MAPPING, WRITER, Machine, component, world, writer
from vss_sim.engine.restoring.requests import EVERYTHING, NewTarget, Request, Strategy, Wish

TO_D: Final = NewTarget("C:\\data", "*", recursive=False, destination="D:\\new")
F1_TO_D: Final = NewTarget("C:\\data", "f1", recursive=False, destination="D:\\new")
BY_NAME: Final = component(files=[{"path": "C:\\data", "filespec": name} for name in ("f1", "f2", "f3")])
BESIDE_A_NEW_TARGET: Final = {
    "RESTORE_IF_NOT_THERE": "rint-original",
    "RESTORE_IF_CAN_REPLACE": "ricr-original",
    "STOP_RESTORE_START": "srr-original",
    "RESTORE_TO_ALTERNATE_LOCATION": "rtal-unmapped",
    "RESTORE_AT_REBOOT": "rar-arrived",
    "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE": "raricr-original",
    "RESTORE_STOP_START": "rss-original",
}
"""Where files go for which no new target was declared, though one was for another of the set."""
NEW_TARGET: Final = Wish(WRITER, "", "Database", new_targets=(TO_D,))
SCHEMA: Final = ("VSS_BS_WRITER_SUPPORTS_NEW_TARGET",)
MOVED: Final = {
    "sourcePath": "C:\\data",
    "sourceFilename": "f1",
    "sourceRanges": "0:10",
    "destinationPath": "C:\\data",
    "destinationFilename": "f1.old",
    "destinationRanges": "5:10",
}

Change = Callable[[Machine], Machine]


class Scene(Struct, frozen=True):
    """A restore: by which method, of which writer, after which change; the leaf it comes to."""

    leaf: str
    method: str
    writer: Mapping[str, Any] = {}
    change: Change = lambda machine: machine
    request: Request = EVERYTHING
    services: tuple[Mapping[str, Any], ...] = ({"name": "Db"},)
    machine: Mapping[str, Any] = {}

    @property
    def id(self) -> str:
        """What a test calls it."""
        readings = "-".join(self.request.readings.values()).replace(" ", "-")
        renewed = "new-target" if self.request.wishes and "new" not in self.leaf else ""
        return "-".join(part for part in (self.method, self.leaf, readings, renewed) if part)

    def description(self) -> dict[str, Any]:
        """The world before its backup."""
        how = dict(self.writer.get("how", {}))
        if "STOP" in self.method:
            how.setdefault("service", "Db")
        rest = {key: value for key, value in self.writer.items() if key != "how"}
        method = None if self.leaf == "method-missing" else self.method
        return world(writer(method, how=how, **rest), services=list(self.services), **self.machine)

    def played(self, strategy: Strategy = Strategy.EXCLUSIVE) -> Machine:
        """The machine after the restore; files that are there were changed since the backup."""
        machine = Machine(self.description())
        holding = [service["name"] for service in self.services if "opens" in service]
        for name in holding:
            machine.simulation.happens("service stops", service=name)
        machine.change(*FILES)
        for name in holding:
            machine.simulation.happens("service starts", service=name)
        machine = self.change(machine)
        wanted = Request(
            wishes=self.request.wishes,
            strategy=strategy,
            procedures=self.request.procedures,
            missing_writers=self.request.missing_writers,
            readings=self.request.readings,
        )
        return machine.restore(wanted)


def _mapped(**more: Any) -> dict[str, Any]:
    return {"alternateLocationMappings": [MAPPING], **more}


def _target(target: str, **more: Any) -> dict[str, Any]:
    return {"replies": [{"on": "PreRestore", "setRestoreTarget": f"VSS_RT_{target}", **more}]}


def by(**readings: str) -> Request:
    """The restore of everything, by these readings of the pages."""
    return Request(readings={name.replace("_", "-"): taken for name, taken in readings.items()})


def lock(*paths: str) -> Change:
    """Files are in use."""
    return lambda machine: machine.lock(*paths)


def put_and_lock(path: str) -> Change:
    """Somebody made a file, and uses it."""
    return lambda machine: machine.put(path).lock(path)


def delete(*paths: str) -> Change:
    """Files are gone."""
    return lambda machine: machine.delete(*paths)


READ_ONLY: Final = {"files": {"C:\\data\\f2": {"content": "C:\\data\\f2 as it was at backup", "readOnly": True}}}


def read_only(machine: Machine) -> Machine:
    """A file became read-only."""
    machine.win("SetFileAttributes", lpFileName=FILES[1], dwFileAttributes="FILE_ATTRIBUTE_READONLY")
    return machine


def _full(machine: Machine) -> Machine:
    machine.simulation.happens("volume full", volume="C:\\")
    return machine


def _not_administrator(machine: Machine) -> Machine:
    machine.simulation.happens("account changes", account="operator", groups=("Backup Operators",))
    return machine


_F2: Final = FILES[1]
_ALT2: Final = MAPPED[1]
PROCEDURE: Final = Request(
    procedures={WRITER: (("WriteFile", {"lpFileName": FILES[0], "content": f"{FILES[0]} as it was at backup"}),)}
)

OWN: Final = (
    Scene("method-undefined", "UNDEFINED"),
    Scene("method-missing", "UNDEFINED"),
    Scene("rint-original", "RESTORE_IF_NOT_THERE", change=delete(*FILES)),
    Scene("rint-mapped", "RESTORE_IF_NOT_THERE", _mapped(), delete(FILES[0])),
    Scene("rint-mapped", "RESTORE_IF_NOT_THERE", _mapped(), delete(FILES[0]), by(mapped_place_if_not_there="writable")),
    Scene("rint-mapped-blocked", "RESTORE_IF_NOT_THERE", _mapped(), lambda machine: machine.put(_ALT2)),
    Scene(
        "rint-mapped-blocked",
        "RESTORE_IF_NOT_THERE",
        _mapped(),
        put_and_lock(_ALT2),
        by(mapped_place_if_not_there="writable"),
    ),
    Scene("rint-unmapped", "RESTORE_IF_NOT_THERE", change=delete(FILES[0], FILES[2])),
    Scene("rint-unmapped-writer", "RESTORE_IF_NOT_THERE", request=by(blame_when_blocked="writer")),
    Scene("rint-unmapped", "RESTORE_IF_NOT_THERE", request=by(mapped_place_if_not_there="writable")),
    Scene(
        "rint-unmapped-writer",
        "RESTORE_IF_NOT_THERE",
        request=by(mapped_place_if_not_there="writable", blame_when_blocked="writer"),
    ),
    Scene("ricr-original", "RESTORE_IF_CAN_REPLACE", change=delete(FILES[0])),
    Scene("ricr-original", "RESTORE_IF_CAN_REPLACE", request=by(mapping_of_if_can_replace="whenever mapped")),
    Scene("ricr-mapped", "RESTORE_IF_CAN_REPLACE", _mapped(), lock(_F2)),
    Scene("ricr-mapped", "RESTORE_IF_CAN_REPLACE", _mapped(), request=by(mapping_of_if_can_replace="whenever mapped")),
    Scene("ricr-mapped-blocked", "RESTORE_IF_CAN_REPLACE", _mapped(), lambda m: m.lock(_F2).put(_ALT2).lock(_ALT2)),
    Scene("ricr-unmapped", "RESTORE_IF_CAN_REPLACE", change=lambda machine: machine.delete(FILES[0]).lock(FILES[2])),
    Scene("ricr-unmapped-writer", "RESTORE_IF_CAN_REPLACE", {}, lock(_F2), by(blame_when_blocked="writer")),
    Scene("srr-original", "STOP_RESTORE_START", services=({"name": "Db", "opens": list(FILES)},)),
    Scene("srr-mapped", "STOP_RESTORE_START", _mapped(), lock(_F2)),
    Scene("srr-mapped-blocked", "STOP_RESTORE_START", _mapped(), lambda m: m.lock(_F2).put(_ALT2).lock(_ALT2)),
    Scene("srr-unmapped", "STOP_RESTORE_START", change=lock(_F2)),
    Scene("srr-unmapped-writer", "STOP_RESTORE_START", {}, lock(_F2), by(blame_when_blocked="writer")),
    Scene("srr-blocked", "STOP_RESTORE_START", _mapped(), lock(_F2), by(mapping_of_stop_restore_start="text")),
    Scene("srr-unnamed", "STOP_RESTORE_START", writer={"how": {"service": ""}}),
    Scene("srr-not-stopped", "STOP_RESTORE_START", services=({"name": "Db", "stoppable": False},)),
    Scene("rtal-mapped", "RESTORE_TO_ALTERNATE_LOCATION", _mapped(), lambda m: m.lock(_F2).put(_ALT2)),
    Scene("rtal-mapped", "RESTORE_TO_ALTERNATE_LOCATION", _mapped(), request=by(mapped_place_to_alternate="absent")),
    Scene("rtal-mapped-blocked", "RESTORE_TO_ALTERNATE_LOCATION", _mapped(), put_and_lock(_ALT2)),
    Scene(
        "rtal-mapped-blocked",
        "RESTORE_TO_ALTERNATE_LOCATION",
        _mapped(),
        lambda machine: machine.put(_ALT2),
        by(mapped_place_to_alternate="absent"),
    ),
    Scene("rtal-unmapped", "RESTORE_TO_ALTERNATE_LOCATION"),
    Scene("rar-arrived", "RESTORE_AT_REBOOT", _mapped(), lock(_F2)),
    Scene("rar-not-arrived", "RESTORE_AT_REBOOT", change=read_only),
    Scene("rar-not-staged", "RESTORE_AT_REBOOT", change=_full),
    Scene("rar-not-staged", "RESTORE_AT_REBOOT", change=_not_administrator),
    Scene("raricr-original", "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", change=delete(_F2)),
    Scene("raricr-arrived", "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", _mapped(), lock(_F2)),
    Scene(
        "raricr-arrived",
        "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE",
        change=delete(_F2),
        request=by(mixed_presence_before_reboot="figure"),
    ),
    Scene(
        "raricr-original",
        "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE",
        request=by(mixed_presence_before_reboot="figure"),
    ),
    Scene(
        "raricr-arrived",
        "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE",
        change=lock(_F2),
        request=by(mapping_before_reboot="text"),
    ),
    Scene(
        "raricr-arrived",
        "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE",
        _mapped(),
        lambda machine: machine.lock(_F2).put(_ALT2).lock(_ALT2),
        by(mapping_before_reboot="text"),
    ),
    Scene("raricr-not-arrived", "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", change=read_only),
    Scene(
        "raricr-not-staged",
        "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE",
        change=lambda machine: _not_administrator(machine.lock(_F2)),
    ),
    Scene(
        "raricr-mapped", "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", _mapped(), lock(_F2), by(mapping_before_reboot="text")
    ),
    Scene("custom", "CUSTOM", request=PROCEDURE),
    Scene("custom-unknown", "CUSTOM"),
    Scene("rss-original", "RESTORE_STOP_START"),
    Scene("rss-original", "RESTORE_STOP_START", request=by(order_of_restore_stop_start="before the files")),
    Scene("rss-blocked", "RESTORE_STOP_START", _mapped(), lock(_F2)),
    Scene(
        "rss-unnamed",
        "RESTORE_STOP_START",
        writer={"how": {"service": ""}},
        request=by(order_of_restore_stop_start="before the files"),
    ),
    Scene(
        "rss-not-stopped",
        "RESTORE_STOP_START",
        request=by(order_of_restore_stop_start="before the files"),
        services=({"name": "Db", "stoppable": False},),
    ),
)
"""The ends of the methods' own trees."""

WITH_TARGETS: Final = (
    "RESTORE_IF_NOT_THERE",
    "RESTORE_IF_CAN_REPLACE",
    "STOP_RESTORE_START",
    "RESTORE_TO_ALTERNATE_LOCATION",
    "RESTORE_AT_REBOOT",
    "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE",
    "RESTORE_STOP_START",
)


def _overridden(method: str) -> Iterator[Scene]:
    """The ends that targets and new targets lead to, whatever the method."""
    wins = {"target_with_at_reboot": "honour"} if method == "RESTORE_AT_REBOOT" else {}
    honour, absent = by(**wins), by(mapped_place_to_alternate="absent", **wins)
    alternate, location = _target("ALTERNATE"), _target("ORIGINAL_LOCATION")
    directed = _target("DIRECTED", addDirectedTargets=[MOVED])
    new = {"backupSchema": SCHEMA}
    wanted = Request(wishes=(NEW_TARGET,))
    yield Scene("target-undefined", method, _target("UNDEFINED"))
    yield Scene("target-alternate-mapped", method, _mapped(**alternate), request=honour)
    yield Scene("target-alternate-mapped-blocked", method, _mapped(**alternate), put_and_lock(_ALT2), honour)
    yield Scene("target-alternate-mapped", method, _mapped(**alternate), request=absent)
    yield Scene(
        "target-alternate-mapped-blocked", method, _mapped(**alternate), lambda machine: machine.put(_ALT2), absent
    )
    yield Scene("target-alternate-unmapped", method, alternate, request=honour)
    yield Scene("target-directed", method, directed, request=honour)
    yield Scene("target-directed-blocked", method, directed, lock(_F2), honour)
    yield Scene("target-directed-unsound", method, _target("DIRECTED"), request=honour)
    yield Scene("target-original-location", method, location, request=honour)
    yield Scene("target-original-location-blocked", method, location, lock(_F2), honour)
    yield Scene("new-target", method, new, request=wanted)
    yield Scene("new-target-blocked", method, new, put_and_lock("D:\\new\\f2"), wanted)
    one = Request(wishes=(Wish(WRITER, "", "Database", new_targets=(F1_TO_D,)),))
    yield Scene(BESIDE_A_NEW_TARGET[method], method, {**new, "components": [BY_NAME]}, delete(*FILES), one)


SCENES: Final = (
    *OWN,
    *(scene for method in WITH_TARGETS for scene in _overridden(method)),
    *(
        Scene("writer-restore-undefined", method, {"how": {"writerRestore": "VSS_WRE_UNDEFINED"}})
        for method in ("UNDEFINED", "CUSTOM", *WITH_TARGETS)
    ),
    *(
        scene
        for target in ("ORIGINAL_LOCATION", "ALTERNATE", "DIRECTED")
        for scene in (
            Scene("target-at-reboot", "RESTORE_AT_REBOOT", _target(target)),
            Scene("rar-arrived", "RESTORE_AT_REBOOT", _target(target), request=by(target_with_at_reboot="ignore")),
        )
    ),
)
