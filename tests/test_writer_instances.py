"""Several instances of one writer: who takes part in a backup, and who is given which components in a restore."""

from typing import Any, Final

import pytest

from tests.writers_at_work import SQL, Run, calling, writer
from vss_sim.spec.hresult import HResult

NAMES: Final = ("first", "second")
ADDED: Final = "IVssBackupComponentsEx::SetSelectedForRestoreEx"


def _instance(number: int, name: str | None, *replies: dict[str, Any]) -> dict[str, Any]:
    """One of the instances, with a component of its own."""
    files = [{"path": f"C:\\{NAMES[number]}", "filespec": "*"}]
    named = {"instanceName": name} if name is not None else {}
    return writer("sql", *replies, **named, components=[{"name": NAMES[number], "files": files}])


def _run(*names: str | None) -> Run:
    """A computer with two instances, each of which asks its components whether they are selected."""
    asks = calling("PreRestore", ("IVssComponent::IsSelectedForRestore", {}))
    return Run(*(_instance(number, name, asks) for number, name in enumerate(names)))


def _backed_up(*names: str | None) -> tuple[Run, str]:
    """A backup of both, and its document."""
    run = _run(*names)
    run.prepare(components=("sql",))
    run.do("DoSnapshotSet")
    run.do("BackupComplete")
    document = run.call("SaveAsXML").out["pbstrXML"]
    run.call("Release")
    run.seen.clear()
    return run, document


def _restoring(run: Run, document: str) -> list[str]:
    """A restore up to the selection; the ids of the instances that run."""
    run.create("restore")
    run.call("InitializeForRestore", "restore", bstrXML=document)
    run.do("GatherWriterMetadata", "restore")
    return [session.instance_id for session in run.sessions("restore")]


def _select(run: Run, number: int, instance: str | None = None) -> None:
    """The component of an instance is selected."""
    given = {"writerId": SQL, "ct": "VSS_CT_FILEGROUP", "wszLogicalPath": "", "wszComponentName": NAMES[number]}
    more = {} if instance is None else {"instanceId": instance}
    call = "SetSelectedForRestore" if instance is None else ADDED
    assert run.call(call, "restore", **given, bSelectedForRestore=True, **more).answer == HResult.S_OK


def _heard(run: Run, live: list[str]) -> list[tuple[int, list[tuple[str, object]]]]:
    """Which instances heard PreRestore, and the components that each was given, with what they told."""
    return [
        (
            live.index(event.instance_id),
            [(line.on.rpartition(".")[2], line.out.get("pbSelectedForRestore")) for line in event.calls],
        )
        for event in run.seen
        if event.name == "PreRestore"
    ]


def test_an_instance_without_a_component_takes_no_part_in_a_backup() -> None:
    """Components are added by instance (rule sel-add-identity, dispute C26)."""
    run = _run(*NAMES)
    run.begin(components=())
    first = run.sessions()[0]
    run._add(first, "bc")
    run.call("StartSnapshotSet")
    run.call("AddToSnapshotSet", pwszVolumeName="C:\\")
    run.do("PrepareForBackup")
    run.do("DoSnapshotSet")
    assert {event.instance_id for event in run.seen if event.name != "Identify"} == {first.instance_id}
    assert not run.blamed_on_vss()


@pytest.mark.parametrize("anew", [False, True])
@pytest.mark.parametrize("number", [0, 1])
def test_the_name_of_an_instance_tells_who_is_given_a_component(number: int, anew: bool) -> None:
    """Also after they were started anew, with other ids (rules sel-r-multi-instance, seq-r-unselected-silent)."""
    run, document = _backed_up(*NAMES)
    if anew:
        run.happen("writer crashes", writer="sql")
        run.happen("writer starts", writer="sql")
    live = _restoring(run, document)
    _select(run, number)
    run.do("PreRestore", "restore")
    assert _heard(run, live) == [(number, [("component1", True)])]
    run.do("PostRestore", "restore")
    assert not run.blamed_on_vss()


def test_names_are_held_against_each_other_in_any_case() -> None:
    """As names are on Windows."""
    run, document = _backed_up("A", "B")
    run.happen("writer crashes", writer="sql")
    run.happen("writer starts", writer="sql")
    live = _restoring(run, document.replace('instanceName="B"', 'instanceName="b"'))
    _select(run, 1)
    run.do("PreRestore", "restore")
    assert [number for number, _ in _heard(run, live)] == [1]


def test_without_names_one_of_them_gets_the_events() -> None:
    """Which one is open (rule sel-r-multi-instance): here the first that runs, with all the components."""
    run, document = _backed_up(None, None)
    run.happen("writer crashes", writer="sql")
    run.happen("writer starts", writer="sql")
    live = _restoring(run, document)
    _select(run, 1)
    run.do("PreRestore", "restore")
    assert _heard(run, live) == [(0, [("component1", False), ("component2", True)])]


@pytest.mark.parametrize("back", [False, True])
def test_a_component_is_moved_to_the_instance_that_is_named(back: bool) -> None:
    """That one is given it, beside its own (rule set-selected-ex-instance-match); GUID_NULL takes it back."""
    run, document = _backed_up(*NAMES)
    live = _restoring(run, document)
    _select(run, 0, live[1])
    if back:
        _select(run, 0, "GUID_NULL")
    run.do("PreRestore", "restore")
    moved = [(1, [("component1", True), ("component2", False)])]
    assert _heard(run, live) == ([(0, [("component1", True)])] if back else moved)
    assert not run.blamed_on_vss()
