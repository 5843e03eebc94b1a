"""What the tests of restores share: a machine with a writer of three files, its backup, a change, and the restore."""

import json
from collections.abc import Callable, Mapping
from typing import Any, Final

from tests.support import Checked, check
from vss_sim import Simulation, read_world
from vss_sim.engine.desk import Desk
from vss_sim.engine.file_places import find
from vss_sim.engine.restoring.backup import back_up
from vss_sim.engine.restoring.media import Saved
from vss_sim.engine.restoring.requests import EVERYTHING, Request
from vss_sim.engine.restoring.restore import restore
from vss_sim.engine.restoring.results import ComponentResult, Restored, after_restart
from vss_sim.judge.findings import Level
from vss_sim.model.content import Content, bytes_of, part_of, same_bytes, size_of
from vss_sim.model.disk import FileEntry
from vss_sim.model.world import World
from vss_sim.spec.restoring.targets import CORRUPT
from vss_sim.spec.restoring.words import Branch, When

WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"
FILES: Final = ("C:\\data\\f1", "C:\\data\\f2", "C:\\data\\f3")
MAPPED: Final = ("C:\\alt\\f1", "C:\\alt\\f2", "C:\\alt\\f3")
MAPPING: Final = {"path": "C:\\data", "filespec": "*", "destination": "C:\\alt"}
OLD: Final = "as it was at backup"
_HUGE: Final = 1 << 20
_STAYS: Final = " cannot be removed"
"""What is told of a copy aside that stays."""


def component(name: str = "Database", **more: Any) -> dict[str, Any]:
    r"""A component with all files of C:\data, or what is given."""
    return {"name": name, "selectableForRestore": True, "files": [{"path": "C:\\data", "filespec": "*"}], **more}


def writer(method: str | None, **more: Any) -> dict[str, Any]:
    """A writer that restores by `method` (`IF_CAN_REPLACE` ...; None: it has no method)."""
    how = more.pop("how", {})
    described = {"restoreMethod": {"method": f"VSS_RME_{method}", **how}} if method else {}
    return {
        "name": "Sample Writer",
        "writerId": WRITER,
        "components": [component()],
        **described,
        **more,
    }


def world(*writers: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    r"""A machine with C:\data\f1 to f3, a second volume and these writers."""
    files = {path: {"content": f"{path} {OLD}"} for path in FILES}
    files.update(more.pop("files", {}))
    volumes = [{"name": "C:\\", "files": files}, {"name": "D:\\", "files": more.pop("on_d", {})}]
    return {"machines": [{"volumes": volumes, "writers": list(writers), **more}]}


class Machine:
    """A simulated machine after its backup: things are done to it, and then it is restored."""

    def __init__(self, description: Mapping[str, Any]) -> None:
        self.simulation = Simulation(read_world(dict(description)))
        self.saved: Saved = back_up(self.simulation)
        self.before: dict[str, Content] = {}
        self.restored: Restored

    def win(self, call: str, **arguments: Any) -> None:
        """A file or service call that succeeds."""
        done = self.simulation.call(call, None, arguments)
        assert done.answer == 0, (call, arguments, done.answer)

    def change(self, *paths: str) -> "Machine":
        """Write something else into files."""
        for path in paths:
            self.win("WriteFile", lpFileName=path, content="changed")
        return self

    def delete(self, *paths: str) -> "Machine":
        """Delete files."""
        for path in paths:
            self.win("DeleteFile", lpFileName=path)
        return self

    def put(self, *paths: str) -> "Machine":
        """Make files, and the folders that they lie in."""
        for path in paths:
            self.simulation.call("CreateDirectory", None, {"lpPathName": path.rpartition("\\")[0]})
            self.win("WriteFile", lpFileName=path, content="somebody's")
        return self

    def lock(self, *paths: str) -> "Machine":
        """Files are in use."""
        for path in paths:
            self.simulation.happens("file in use", path=path)
        return self

    def touch(self, what: str, path: str) -> None:
        """One of four things happens to a file, as far as it can: `put`, `change`, `delete` or `read only`."""
        call = self.simulation.call
        if what == "put":
            folder = path.rpartition("\\")[0]
            for above in (folder.rpartition("\\")[0], folder):
                call("CreateDirectory", None, {"lpPathName": above})
        if what in ("put", "change"):
            call("WriteFile", None, {"lpFileName": path, "content": f"{what} since, and longer than before: {path}"})
        elif what == "delete":
            call("DeleteFile", None, {"lpFileName": path})
        elif what == "read only":
            call("SetFileAttributes", None, {"lpFileName": path, "dwFileAttributes": "FILE_ATTRIBUTE_READONLY"})
        else:
            raise ValueError(f"{what!r} happens to no file")

    def restore(self, request: Request = EVERYTHING) -> "Machine":
        """Restore; what was on the disks before is kept in `before`."""
        self.before = self.on_disk()
        self.restored = restore(self.simulation, self.saved, request)
        return self

    @property
    def result(self) -> ComponentResult:
        """What became of the only component."""
        (only,) = self.restored.components
        return only

    @property
    def leaf(self) -> str:
        """The end that the table came to."""
        return self.result.outcome.name

    def on_disk(self) -> dict[str, Content]:
        """Every file of every volume, with its content."""
        return files_of(self.simulation.world)

    def trace(self) -> list[dict[str, Any]]:
        """The run as a log."""
        return list(self.simulation.lines())

    def judged(self) -> Checked:
        """What the checker says of the run."""
        return check(json.loads(json.dumps(self.trace())))

    def complaints(self) -> list[str]:
        """The errors and warnings of the checker about what the requester did."""
        return [
            f"{finding.line} {finding.rule}: {finding.says}"
            for finding in self.judged().findings
            if finding.level is not Level.INFO and finding.at.value == "requester"
        ]


def files_of(world: World) -> dict[str, Content]:
    """Every file of the first machine, with its bytes; of a huge one they are not made."""
    found = {}
    machine, state = world.machine(0), world.machines[0]
    for volume, disk in zip(machine.volumes, state.disks.volumes, strict=True):
        for folder, names in disk.folders.items():
            for entry in names.values():
                if isinstance(entry, FileEntry):
                    middle = f"{folder}\\" if folder else ""
                    found[f"{volume.name}{middle}{entry.name}".upper()] = _bytes_unless_huge(entry.content)
    return found


def _bytes_unless_huge(content: Content) -> Content:
    return bytes_of(content) if size_of(content) <= _HUGE else content


def there(machine: Machine, path: str) -> str:
    """Where the bytes of a file are, behind all reparse points, as `files_of` names it."""
    desk = Desk(machine.simulation.world, 0)
    store, folder, name = find(desk, path).key
    assert isinstance(store, int)
    return (desk.machine.volumes[store].name + "\\".join(filter(None, (folder, name)))).upper()


def old(path: str) -> bytes:
    """The bytes of a file at backup."""
    return f"{path} {OLD}".encode()


def backed_up(machine: Machine, moved: Callable[[str], str] = str) -> bool:
    """Whether all three files have their bytes of the backup, at their places or where `moved` puts them."""
    here = machine.on_disk()
    return all(here.get(moved(path).upper()) == old(path) for path in FILES)


def to_alt(path: str) -> str:
    """The mapped place of a file."""
    return path.replace("C:\\data", "C:\\alt")


def assert_all_or_nothing(machine: Machine) -> None:
    """The law of every restore: the whole set at the places that the table names, or every byte as before.

    Of a set that is told to be corrupt its own files alone may be neither. What is staged leaves everything else as it
    was, and comes to its places at the restart or is reported.
    """
    before, after = machine.before, machine.on_disk()
    expected = dict(before)
    staged: dict[str, str] = {}
    for one in machine.restored.components:
        staged.update({there(machine, temporary): final for final, temporary in one.staged})
        for file in one.files:
            if file.when is When.NOW and file.to is not None:
                expected[there(machine, file.to)] = after[there(machine, file.to)]
                if one.outcome.branch is not Branch.DIRECTED:
                    assert has_what_was_saved(machine, file.saved_as, after[there(machine, file.to)]), file
        if not one.outcome.restores:
            assert all(file.when is When.NEVER and file.to is None for file in one.files)
    left = {there(machine, event.removesuffix(_STAYS)) for event in machine.restored.events if event.endswith(_STAYS)}
    damaged = _damaged(machine)
    kept = {path: data for path, data in after.items() if path not in staged and path not in left}
    assert {path: kept[path] for path in kept if not _is_one_of(path, damaged)} == {
        path: expected[path] for path in expected if not _is_one_of(path, damaged)
    }
    if staged:
        _assert_staged_arrives(machine, staged)


def _damaged(machine: Machine) -> frozenset[str]:
    """The names of the files of corrupt component sets, wherever they were to go; of other sets none may be damaged."""
    found: set[str] = set()
    for one in machine.restored.components:
        if one.outcome is CORRUPT:
            found |= {file.saved_as.rpartition("\\")[2] for file in one.files}
            writers = [known for known in machine.simulation.world.machine(0).writers if known.name == one.writer]
            replies = [reply for known in writers for reply in known.replies]
            found |= {target.destination_filename for reply in replies for target in reply.add_directed_targets}
    return frozenset(name.upper() for name in found)


def _is_one_of(path: str, names: frozenset[str]) -> bool:
    """Whether a file has one of the names, or is a copy of one that has."""
    name = path.rpartition("\\")[2]
    return name in names or name.rpartition(".")[0] in names


def _assert_staged_arrives(machine: Machine, staged: dict[str, str]) -> None:
    before = machine.on_disk()
    machine.simulation.happens("reboot")
    machine.restored, arrivals = after_restart(machine.restored, machine.simulation.world)
    after = machine.on_disk()
    assert {arrival.path for arrival in arrivals} == set(staged.values())
    for arrival in arrivals:
        temporary = next(name for name, final in staged.items() if final == arrival.path)
        final = there(machine, arrival.path)
        if arrival.moved:
            assert after[final] == before[temporary]
            assert temporary not in after
        else:
            assert after.get(final) == before.get(final)
    for one in machine.restored.components:
        if one.staged:
            assert one.outcome.restores == all(
                arrival.moved for arrival in arrivals if arrival.path in dict(one.staged)
            )


def has_what_was_saved(machine: Machine, path: str, data: Content) -> bool:
    """Whether these are the bytes of a file that was saved; of one that was saved in part, those parts."""
    saved = next(file for file in machine.saved.files if file.path == path)
    whole = saved.ranges is not None or size_of(data) == saved.size
    return whole and all(
        same_bytes(part_of(data, offset, offset + size_of(piece)), piece) for offset, piece in saved.pieces
    )


def services_of(machine: Machine) -> tuple[str, ...]:
    """How the services of the machine are."""
    return machine.simulation.world.machines[0].services
