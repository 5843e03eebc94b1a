"""Files of the registry, which no delayed move restores: a set in which one is in use is given up.

Page: https://learn.microsoft.com/windows/win32/vss/setting-vss-restore-methods
"""

from typing import Final

import pytest

from tests.restoring import Machine, component, world, writer

CONFIG: Final = "C:\\Windows\\System32\\config"


@pytest.mark.parametrize("method", ["RESTORE_AT_REBOOT", "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE"])
def test_files_of_the_registry_do_not_wait_for_the_restart(method: str) -> None:
    """Rule rar-not-registry: what is in use of them is an error; nobody complains that the set was not staged.

    By the Registry Writer's own document its files wait for the restart where they cannot be replaced.
    """
    hives = {f"{CONFIG}\\{name}": {"content": name} for name in ("SYSTEM", "notes")}
    parts = [component("Registry", files=[{"path": CONFIG, "filespec": name} for name in ("notes", "SYSTEM")])]
    described = world(writer(method, components=parts), files=hives)
    machine = Machine(described).lock(f"{CONFIG}\\notes").restore()
    assert machine.leaf.endswith("-not-staged")
    assert machine.result.obstacles[-1].says.startswith("a file of the registry")
    assert not [one for one in machine.trace() if one.get("call") == "MoveFileEx"]
    assert machine.complaints() == []
    if method != "RESTORE_AT_REBOOT":
        assert Machine(described).restore().leaf == "raricr-original"


@pytest.mark.parametrize("spec", ["*", "?*M"])
def test_a_file_of_the_registry_may_be_meant_by_a_mask(spec: str) -> None:
    """Rule rar-not-registry: nobody needs to have tried the file to give the set up for its sake."""
    hives = {f"{CONFIG}\\{name}": {"content": name} for name in ("SYSTEM", "a.dat")}
    parts = [component("Registry", files=[{"path": CONFIG, "filespec": name} for name in ("a.dat", spec)])]
    described = world(writer("RESTORE_AT_REBOOT_IF_CANNOT_REPLACE", components=parts), files=hives)
    machine = Machine(described).lock(f"{CONFIG}\\a.dat")
    machine.restore()
    assert machine.leaf == "raricr-not-staged"
    assert machine.complaints() == []
