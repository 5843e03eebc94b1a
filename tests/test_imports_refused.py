"""Who may not import what, and when: the machine, its edition, its providers, the set, the object, another import.

Pages: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-importsnapshots,
https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from typing import Any

import pytest

from tests.two_machines import (
    ARRAY_PROVIDER,
    FINISHED,
    NOTHING,
    SYSTEM,
    exported,
    hardware,
    importing,
    left_behind,
    result,
    two_machines,
)
from vss_sim import HResult, SnapshotContext, VssError, create_backup_components
from vss_sim.engine.inputs import NotThere


@pytest.mark.parametrize("before", ["nothing", "InitializeForRestore", "InitializeForBackup"])
def test_an_object_that_did_not_begin_with_the_document_for_a_backup(before: str) -> None:
    """VSS_E_BAD_STATE: not initialised, in a restore, with an empty document (im-uninitialised, im-init-with-doc)."""
    simulation = two_machines()
    _, _, document = exported(simulation)
    target = create_backup_components(simulation, machine="two")
    if before == "InitializeForRestore":
        target.initialize_for_restore(document)
    elif before == "InitializeForBackup":
        target.initialize_for_backup()
    with pytest.raises(VssError) as refused:
        target.import_snapshots()
    assert refused.value.hresult is HResult.VSS_E_BAD_STATE


def test_a_client_has_no_import() -> None:
    """The method is on servers only, and no page tells what it answers elsewhere (rule im-server-only)."""
    simulation = two_machines(two={"os": "Windows 10"})
    _, _, document = exported(simulation)
    with pytest.raises(NotThere, match="ImportSnapshots is not on Windows 10"):
        importing(simulation, document).import_snapshots()


def test_the_refusal_on_a_client_says_that_no_client_has_it() -> None:
    """And which servers have it: the way on is another machine."""
    simulation = two_machines(two={"os": "Windows 10"})
    _, _, document = exported(simulation)
    with pytest.raises(NotThere, match="no client has it, and Windows Server 2008"):
        importing(simulation, document).import_snapshots()


@pytest.mark.parametrize(
    ("system", "there"),
    [
        ("Windows Server 2003", True),
        ("Windows Server 2003 Enterprise", True),
        ("Windows Server 2003 Datacenter", True),
        ("Windows Server 2003 Standard", False),
        ("Windows Server 2003 Web", False),
        ("Windows Server 2003 SP1 Standard", True),
        ("Windows Server 2003 SP2 Web", True),
    ],
)
def test_which_editions_of_server_2003_import(system: str, there: bool) -> None:
    """From SP1 on all, before it all but Standard and Web (rule im-server-only, dispute C69)."""
    simulation = two_machines({"os": "Windows Server 2003 SP1"}, {"os": system})
    _, _, document = exported(simulation)
    target = importing(simulation, document)
    if there:
        assert result(target) is FINISHED
    else:
        with pytest.raises(NotThere):
            target.import_snapshots()


@pytest.mark.parametrize(
    "two",
    [
        {"providers": [SYSTEM]},
        {"providers": [SYSTEM, hardware(providerId="{55555555-0000-4000-8000-000000000001}")]},
        {"providers": [SYSTEM, {**hardware(), "type": "VSS_PROV_SOFTWARE"}]},
    ],
    ids=["no hardware provider", "another one", "one of software"],
)
def test_nothing_comes_without_the_hardware_provider_of_the_set(two: dict[str, Any]) -> None:
    """Rule im-hardware-only; nothing that could be cleaned up was made visible."""
    simulation = two_machines(two=two)
    _, _, document = exported(simulation)
    assert result(importing(simulation, document)) is NOTHING
    assert left_behind(simulation) == []


def test_nothing_comes_from_an_array_that_the_machine_is_not_connected_to() -> None:
    """The provider locates the LUNs that it reaches."""
    arrays = {"arrays": [{"name": "A", "machines": ["one"]}]}
    one, two = {"providers": [hardware(array="A")]}, {"providers": [hardware(array="A")]}
    simulation = two_machines(one, two, storage=arrays)
    _, _, document = exported(simulation)
    assert result(importing(simulation, document)) is NOTHING
    assert result(importing(simulation, document, "one")) is FINISHED


def test_a_set_is_imported_once() -> None:
    """Rule im-once-only: it is on a machine, and no storage has it any more."""
    simulation = two_machines()
    _, copies, document = exported(simulation)
    first = importing(simulation, document)
    assert result(first) is FINISHED
    assert result(importing(simulation, document)) is NOTHING
    assert result(importing(simulation, document, "one")) is NOTHING
    assert first.get_snapshot_properties(copies[0]).snapshot_device_object


def test_one_import_runs_on_a_machine_at_a_time() -> None:
    """Rule im-one-at-a-time; machines do not block each other."""
    simulation = two_machines(two={"answers": [{"to": "ImportSnapshots", "polls": 3}]})
    _, _, first = exported(simulation)
    _, _, second = exported(simulation, volumes="G")
    running = importing(simulation, first).import_snapshots()
    waiting = importing(simulation, second)
    with pytest.raises(VssError) as refused:
        waiting.import_snapshots()
    assert (refused.value.hresult, refused.value.rule) == (HResult.VSS_E_BAD_STATE, "im-serialise")
    assert result(importing(simulation, second, "one")) is FINISHED
    assert running.finish() is FINISHED


def test_a_set_that_was_not_made_to_be_transported_is_refused() -> None:
    """Rule im-context-transportable, dispute C73: VSS_E_NONTRANSPORTABLE_BCD."""
    simulation = two_machines()
    _, _, document = exported(simulation, SnapshotContext.NAS_ROLLBACK)
    assert result(importing(simulation, document)) is HResult.VSS_E_NONTRANSPORTABLE_BCD


def test_a_node_of_the_cluster_does_not_import_while_the_original_is_mounted_in_it() -> None:
    """Rule im-cluster-outside; outside, or with the original masked from all nodes, it does (rule im-fr-order)."""
    volume = [{"name": "F:\\", "lun": "original"}]
    simulation = two_machines({"cluster": "K", "volumes": volume}, {"cluster": "K"})
    _, _, document = exported(simulation)
    target = importing(simulation, document)
    assert result(target) is HResult.VSS_E_CLUSTER_ERROR
    assert left_behind(simulation) == []
    simulation.happens("LUN masked", "one", lun="original")
    assert result(target) is FINISHED
    outside = two_machines({"cluster": "K", "volumes": volume})
    _, _, document = exported(outside)
    assert result(importing(outside, document)) is FINISHED


@pytest.mark.parametrize(
    ("system", "code"),
    [("Windows Server 2003 SP1", HResult.VSS_E_DYNAMIC_DISK_ERROR), ("Windows Server 2008", FINISHED)],
)
def test_a_dynamic_disk_comes_back_to_its_machine_since_windows_server_2008(system: str, code: HResult) -> None:
    """Rule im-dynamic-other-host."""
    volume = [{"name": "F:\\", "dynamic": True}]
    simulation = two_machines({"os": system, "volumes": volume}, {"os": system})
    _, _, document = exported(simulation)
    assert result(importing(simulation, document, "one")) is code


def test_a_set_does_not_cross_the_generations() -> None:
    """Rule im-version-mix: made by Windows Server 2003, it is nothing to a later one."""
    simulation = two_machines({"os": "Windows Server 2003 SP1"})
    _, _, document = exported(simulation)
    assert result(importing(simulation, document)) is NOTHING


def test_a_guest_may_not_import() -> None:
    """Rule im-privilege: E_ACCESSDENIED."""
    simulation = two_machines()
    _, _, document = exported(simulation)
    target = importing(simulation, document)
    simulation.happens("account changes", "two", account="guest", groups=["Users"])
    with pytest.raises(VssError) as refused:
        target.import_snapshots()
    assert refused.value.hresult is HResult.E_ACCESSDENIED
    assert ARRAY_PROVIDER in {provider.provider_id for provider in simulation.world.machine(1).providers}
