"""Restores that are drawn: a machine and its writers, what changes after its backup, and how it is restored.

Every choice is a `Source`'s, so hypothesis shrinks what fails, and a seed draws the same restore again. Among what is
drawn are reparse points, huge files, components that depend on each other, services that hold files and host writers,
several writers, partial files, directed and new targets, wildcards, and calls that Windows fails.
"""

from typing import Any, Final

from msgspec import Struct

from tests.restoring import FILES, WRITER, Machine, component, world, writer
from vss_sim.engine.restoring.requests import NewTarget, Request, Strategy, Wish
from vss_sim.spec.enums import RestoreMethod
from vss_sim.strategies.source import Source, once_in, one_of, some_of

IDS: Final = (WRITER, "{5affb034-969f-4919-8875-88f830d0ef90}", "{5affb034-969f-4919-8875-88f830d0ef91}")
METHODS: Final = tuple(method.value.removeprefix("VSS_RME_") for method in RestoreMethod)
TARGETS: Final = (None, None, None, "ORIGINAL", "ALTERNATE", "DIRECTED", "ORIGINAL_LOCATION", "UNDEFINED")
SERVICES: Final = ("Db", "Mail", "Stubborn", "Unknown")
PLACES: Final = (
    *FILES,
    "C:\\data\\sub\\f4",
    "C:\\data\\link\\l1",
    "D:\\far\\l1",
    "D:\\own\\g1",
    "D:\\own\\g2",
    "D:\\beside\\b1",
    "C:\\below\\0\\s1",
    "C:\\logs\\f5",
    "C:\\alt\\f1",
    "C:\\alt\\f2",
    "C:\\alt\\sub\\f4",
    "D:\\else\\f3",
    "D:\\kept\\f5",
    "D:\\new\\f1",
    "C:\\spit\\f1",
)
MAPPINGS: Final[tuple[dict[str, Any], ...]] = (
    {"path": "C:\\data", "filespec": "*", "recursive": True, "destination": "C:\\alt"},
    {"path": "C:\\data", "filespec": "*", "destination": "C:\\alt"},
    {"path": "C:\\data", "filespec": "f3", "destination": "D:\\else"},
    {"path": "C:\\logs", "filespec": "*", "recursive": True, "destination": "D:\\kept"},
    {"path": "D:\\own", "filespec": "*", "destination": "D:\\kept"},
    {"path": "C:\\data\\sub", "filespec": "*", "destination": "Z:\\nowhere"},
)
DATA: Final[tuple[list[dict[str, Any]], ...]] = (
    [{"path": "C:\\data", "filespec": "*"}],
    [{"path": "C:\\data", "filespec": "*", "recursive": True}],
    [{"path": "C:\\data", "filespec": "f?"}],
    [{"path": "C:\\data", "filespec": "f1"}, {"path": "C:\\data", "filespec": "f3"}],
    [{"path": "C:\\data\\sub", "filespec": "*"}, {"path": "C:\\data", "filespec": "f2"}],
    [{"path": "C:\\data", "filespec": "*", "alternatePath": "C:\\spit"}],
)
LOGS: Final = ([{"path": "C:\\logs", "filespec": "*", "recursive": True}], [{"path": "C:\\logs", "filespec": "f5"}])
OWN: Final = ([{"path": "D:\\own", "filespec": "*"}], [{"path": "D:\\own", "filespec": "g1"}])
BESIDE: Final = ([{"path": "D:\\beside", "filespec": "*"}], [{"path": "D:\\beside", "filespec": "b1"}])
RANGES: Final = ("0:5", "3:4", "0:5, 7:2", "0:0x4", "100:5")
LINK: Final = "C:\\data\\link"
HAPPENINGS: Final = (
    *("lock", "delete", "put", "change", "read only", "lock", "delete"),
    *("full", "drop rights", "no link", "plain folder", "writer gone", "service stopped"),
)
_ON_D: Final = ("D:\\far\\l1", "D:\\own\\g1", "D:\\own\\g2", "D:\\beside\\b1", "D:\\beside\\b2")
_FAULTS: Final = ("CreateFile", "WriteFile", "SetEndOfFile", "CopyFile", "DeleteFile", "MoveFileEx", "CreateDirectory")
_ERRORS: Final = ("ERROR_ACCESS_DENIED", "ERROR_SHARING_VIOLATION", "ERROR_IO_DEVICE", "ERROR_DISK_FULL")


class DrawnRestore(Struct, frozen=True):
    """A world before its backup, what changes after it, and how it is restored."""

    described: dict[str, Any]
    changes: tuple[tuple[str, str], ...]
    request: Request

    def played(self) -> Machine:
        """The machine after the restore."""
        machine = Machine(self.described)
        for what, path in self.changes:
            _apply(machine, what, path)
        return machine.restore(self.request)


def draw_restore(source: Source, *, faults: bool = True, alone: bool = False) -> DrawnRestore:
    """A restore; with `faults`, file calls may fail in the middle of it; `alone`: of one component."""
    count = 1 + source.below(1 if alone else 3)
    writers = [_writer(source, number, alone=alone) for number in range(count)]
    if not alone:
        _let_depend(source, writers)
    services = [
        {"name": "Db", "opens": [] if alone and source.below(2) else ["C:\\data\\f2"]},
        {"name": "Mail", "opens": ["D:\\own\\g1"]},
        {"name": "Stubborn", "stoppable": False},
    ]
    files: dict[str, dict[str, Any]] = {
        "C:\\data\\sub\\f4": {"content": "deep"},
        "C:\\logs\\f5": {"size": one_of(source, (5, 0, 3 << 20, 3 << 30)), "seed": 7},
        "C:\\spit\\f1": {"content": "spat out"},
        **{f"C:\\below\\{number}\\s1": {"content": "below"} for number in range(3)},
    }
    if once_in(source, 2):
        files[LINK] = {"linkTo": "D:\\far"}
    if once_in(source, 3):
        files["C:\\data\\sub\\empty\\"] = {}
    on_d = {path: {"content": f"{path} as it was"} for path in _ON_D}
    described = world(*writers, files=files, on_d=on_d, services=services)
    for volume in described["machines"][0]["volumes"]:
        volume["capacity"] = 1 << 40
    described["machines"][0]["win32Faults"] = [_fault(source)] if faults and once_in(source, 4) else []
    return DrawnRestore(described, _changes(source, alone=alone), _request(source, writers))


def _changes(source: Source, *, alone: bool) -> tuple[tuple[str, str], ...]:
    """Of a single component, what happens is likely to concern it."""
    places = tuple(place for place in PLACES if place.startswith(("C:\\data", "C:\\alt"))) if alone else PLACES
    happenings = (*HAPPENINGS, *("read only",) * 4) if alone else HAPPENINGS
    return tuple((one_of(source, happenings), one_of(source, places)) for _ in range(source.below(6)))


def _writer(source: Source, number: int, *, alone: bool) -> dict[str, Any]:
    method = one_of(source, (*METHODS, *(name for name in METHODS * 2 if "RESTORE" in name)) if alone else METHODS)
    how = {"writerRestore": f"VSS_WRE_{one_of(source, ('ALWAYS', 'ALWAYS', 'NEVER', 'IF_REPLACE_FAILS'))}"}
    how["rebootRequired"] = once_in(source, 6)  # type: ignore[assignment]
    if "STOP" in method:
        how["service"] = one_of(source, SERVICES)
    return writer(
        method if not once_in(source, 12) else None,
        how=how,
        name=f"Writer {number}",
        writerId=IDS[number],
        components=_components(source, number, alone=alone),
        alternateLocationMappings=list(some_of(source, MAPPINGS, 3)),
        replies=_replies(source, number),
        hostedIn=one_of(source, (None, None, "Db", "Mail")),
        backupSchema=["VSS_BS_WRITER_SUPPORTS_NEW_TARGET"] if source.below(2) else [],
    )


def _components(source: Source, number: int, *, alone: bool) -> list[dict[str, Any]]:
    sets = ((DATA, "Database"), (LOGS, "Logs"), (OWN, "Own"))
    own, name = sets[number]
    found = [component(name, files=one_of(source, own), selectable=not once_in(source, 5))]
    if alone:
        return found
    if once_in(source, 3):
        found.append(component("Sub", logicalPath=name, selectable=bool(source.below(2)), files=[_below(number)]))
    if not number and once_in(source, 3):
        found.append(component("Beside", selectable=True, files=one_of(source, BESIDE)))
    return found


def _below(number: int) -> dict[str, Any]:
    return {"path": f"C:\\below\\{number}", "filespec": ("s1", "*")[number % 2]}


def _let_depend(source: Source, writers: list[dict[str, Any]]) -> None:
    """A component depends on one of the next writer, or of its own."""
    for number, one in enumerate(writers):
        if once_in(source, 3):
            other = writers[(number + 1) % len(writers)]
            target = one_of(source, other["components"])
            on = {
                "writerId": other["writerId"],
                "logicalPath": target.get("logicalPath", ""),
                "componentName": target["name"],
            }
            one["components"][0]["dependencies"] = [on]


def _replies(source: Source, number: int) -> list[dict[str, Any]]:
    reply: dict[str, Any] = {"on": "PreRestore"}
    target = one_of(source, TARGETS)
    if target is not None:
        reply["setRestoreTarget"] = f"VSS_RT_{target}"
    if target == "DIRECTED":
        reply["addDirectedTargets"] = [_directed(source) for _ in range(source.below(3))]
    if once_in(source, 10):
        reply["fails"] = "VSS_E_WRITERERROR_NONRETRYABLE"
    replies = [reply]
    if not number and once_in(source, 5):
        partial = {"path": "C:\\data", "filename": one_of(source, ("f1", "f2", "f3")), "ranges": "2:6"}
        replies.append({"on": "PostSnapshot", "component": "Database", "addPartialFiles": [partial]})
    return replies


def _directed(source: Source) -> dict[str, Any]:
    return {
        "sourcePath": "C:\\data",
        "sourceFilename": one_of(source, ("f1", "f3")),
        "sourceRanges": one_of(source, RANGES),
        "destinationPath": one_of(source, ("C:\\data", "C:\\made", "Z:\\nowhere")),
        "destinationFilename": one_of(source, ("made", "f2")),
        "destinationRanges": one_of(source, RANGES),
    }


def _fault(source: Source) -> dict[str, Any]:
    return {
        "to": one_of(source, _FAULTS),
        "fails": one_of(source, _ERRORS),
        "path": one_of(source, (None, *PLACES)),
        "skip": source.below(5),
        "times": one_of(source, (1, 2, None)),
    }


def _request(source: Source, writers: list[dict[str, Any]]) -> Request:
    strategy = one_of(source, tuple(Strategy))
    missing = not once_in(source, 4)
    tied = any("dependencies" in part for one in writers for part in one["components"])
    if tied or not once_in(source, 3):
        return Request(strategy=strategy, missing_writers=missing)
    wishes = [_wish(source, one, part) for one in writers for part in one["components"] if _is_added(one, part)]
    chosen = some_of(source, wishes, len(wishes)) or (wishes[0],)
    writers_chosen = {wish.writer_id for wish in chosen}
    required = {(one["writerId"], part["name"]) for one in writers for part in one["components"] if _required(part)}
    whole = (wish for wish in wishes if wish.writer_id in writers_chosen and (wish.writer_id, wish.name) in required)
    return Request(wishes=tuple(dict.fromkeys((*chosen, *whole))), strategy=strategy, missing_writers=missing)


def _required(part: dict[str, Any]) -> bool:
    """Whether a component goes with its writer (rule sel-r-required-together)."""
    return not part["selectable"]


def _is_added(one: dict[str, Any], part: dict[str, Any]) -> bool:
    """Whether a component is none that another one implies."""
    above = [other for other in one["components"] if other["name"] == part.get("logicalPath")]
    return not any(other["selectable"] for other in above)


def _wish(source: Source, one: dict[str, Any], part: dict[str, Any]) -> Wish:
    below = [other for other in one["components"] if other.get("logicalPath") == part["name"]]
    by_part = part["selectable"] and below and source.below(2)
    new: tuple[NewTarget, ...] = ()
    if one["backupSchema"] and not by_part and source.below(2):
        new = tuple(
            NewTarget(files["path"], files["filespec"], files.get("recursive", False), "D:\\new")
            for files in some_of(source, part["files"], 2)
        )
    subcomponents = ((part["name"], "Sub"),) if by_part else ()
    return Wish(
        one["writerId"], part.get("logicalPath", ""), part["name"], subcomponents=subcomponents, new_targets=new
    )


def _apply(machine: Machine, what: str, path: str) -> None:
    """Something happens on the machine, as far as it can."""
    call, happens = machine.simulation.call, machine.simulation.happens
    if what in ("put", "change", "delete", "read only", "lock"):
        _touch(machine, what, path)
    elif what == "full":
        happens("volume full", volume=path[:3])
    elif what == "drop rights":
        happens("account changes", account="operator", groups=("Backup Operators",))
    elif what == "writer gone" and len(machine.simulation.world.machine(0).writers) > 1:
        happens("writer crashes", writer="Writer 1")
    elif what == "service stopped":
        happens("service stops", service="Db")
    elif what != "writer gone" and call("RemoveDirectory", None, {"lpPathName": LINK}).answer == 0:
        call("CreateDirectory", None, {"lpPathName": LINK if what == "plain folder" else "C:\\other"})


def _touch(machine: Machine, what: str, path: str) -> None:
    """Something happens to a file, as far as it can."""
    if what != "lock":
        machine.touch(what, path)
    elif machine.simulation.call("GetFileAttributes", None, {"lpFileName": path}).answer == 0:
        machine.lock(path)
