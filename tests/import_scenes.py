"""Imports that fail, each with what the requester is told: a scene, the result, the rule, the way on, some words.

Pages: https://learn.microsoft.com/windows/win32/api/vsbackup/nf-vsbackup-ivssbackupcomponents-importsnapshots,
https://learn.microsoft.com/windows/win32/vss/importing-transportable-shadow-copied-volumes
"""

from collections.abc import Callable
from typing import Any, Final

import pytest

from tests.requester_support import initialised
from tests.two_machines import ARRAY_PROVIDER, PASSING, PERSISTENT, SYSTEM, exported, hardware, importing, two_machines
from vss_sim import HResult, ObjectType, Simulation, SnapshotContext, VssError

AGAIN: Final = ("IVssBackupComponents::ImportSnapshots",)
ANEW: Final = (
    "IVssBackupComponents::DoSnapshotSet",
    "IVssBackupComponents::SaveAsXML",
    "IVssBackupComponents::InitializeForBackup(bstrXML: the document that was saved after DoSnapshotSet)",
    "IVssBackupComponents::ImportSnapshots",
)
NO_COPIES, VETO = HResult.VSS_E_NO_SNAPSHOTS_IMPORTED, HResult.VSS_E_PROVIDER_VETO
OTHER_COPY: Final = "{66666666-0000-4000-8000-000000000001}"
OTHER_PROVIDER: Final = "{55555555-0000-4000-8000-000000000001}"
CLUSTER: Final = {"cluster": "K"}

Scene = Callable[[], tuple[Simulation, str]]


def failure_of(simulation: Simulation, document: str, machine: str = "two") -> VssError:
    """What the requester is told of an import that fails."""
    with pytest.raises(VssError) as failed:
        importing(simulation, document, machine).import_snapshots().finish()
    return failed.value


def carried(
    one: dict[str, Any] | None = None,
    two: dict[str, Any] | None = None,
    context: int = PERSISTENT,
    change: Callable[[str], str] = str,
    **world: Any,
) -> Scene:
    """A set of F: that was made on machine one, and its document as it comes to machine two."""

    def scene() -> tuple[Simulation, str]:
        simulation = two_machines(one, two, **world)
        _, _, document = exported(simulation, context)
        return simulation, change(document)

    return scene


def _released() -> tuple[Simulation, str]:
    simulation = two_machines()
    source, _, document = exported(simulation, PASSING)
    source.release()
    return simulation, document


def _deleted() -> tuple[Simulation, str]:
    simulation = two_machines()
    source, (copy,), document = exported(simulation, PASSING)
    source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
    return simulation, document


def _imported_before() -> tuple[Simulation, str]:
    simulation = two_machines()
    _, _, document = exported(simulation)
    importing(simulation, document).import_snapshots().finish()
    return simulation, document


def _deleted_before_its_maker_went() -> tuple[Simulation, str]:
    simulation = two_machines()
    source, (copy,), document = exported(simulation, PASSING)
    source.delete_snapshots(copy, ObjectType.SNAPSHOT, force_delete=False)
    source.release()
    return simulation, document


def _broken_where_it_was_imported() -> tuple[Simulation, str]:
    simulation = two_machines()
    _, (copy,), document = exported(simulation)
    target = importing(simulation, document)
    target.import_snapshots().finish()
    target.break_snapshot_set(target.get_snapshot_properties(copy).snapshot_set_id)
    return simulation, document


def _released_by_its_importer() -> tuple[Simulation, str]:
    simulation = two_machines()
    _, _, document = exported(simulation, PASSING)
    target = importing(simulation, document)
    target.import_snapshots().finish()
    target.release()
    return simulation, document


def _restarted(*, importer: bool) -> Scene:
    """The maker goes with its machine; that machine two is restarted after its import leaves the maker alone."""

    def scene() -> tuple[Simulation, str]:
        simulation = two_machines()
        _, _, document = exported(simulation, PASSING)
        if importer:
            importing(simulation, document).import_snapshots().finish()
        simulation.happens("machine crashes", "two" if importer else "one")
        return simulation, document

    return scene


def _restarted_without_a_maker() -> tuple[Simulation, str]:
    """The world tells of a copy that waits for its import, and nobody of who made it."""
    waits = {
        "snapshotId": OTHER_COPY,
        "setId": OTHER_COPY,
        "volume": "F:\\",
        "context": "VSS_CTX_FILE_SHARE_BACKUP",
        "attributes": ["VSS_VOLSNAP_ATTR_TRANSPORTABLE", "VSS_VOLSNAP_ATTR_NOT_SURFACED"],
        "providerId": ARRAY_PROVIDER,
    }
    simulation = two_machines({"snapshots": [waits]})
    _, (copy,), document = exported(simulation, PASSING)
    simulation.happens("reboot", "one")
    return simulation, document.replace(copy.strip("{}"), OTHER_COPY.strip("{}"))


def _named_as_the_set() -> tuple[Simulation, str]:
    """The document names a copy by the number of its set, which the counter gave just before."""
    simulation = two_machines()
    _, (copy,), document = exported(simulation)
    number = simulation.world.snapshots[copy].set_id[-13:]
    return simulation, document.replace(copy.strip("{}"), f"{copy.strip('{}')[:-12]}{number[:-1]}")


def _named_as_a_copy_that_was_never_finished() -> tuple[Simulation, str]:
    """The document names a copy whose id was given out, and whose set was aborted."""
    simulation = two_machines()
    given_up = initialised(simulation, machine="one")
    given_up.set_context(PERSISTENT)
    given_up.start_snapshot_set()
    promised = given_up.add_to_snapshot_set("G:\\")
    given_up.abort_backup()
    given_up.release()
    _, (copy,), document = exported(simulation)
    return simulation, document.replace(copy.strip("{}"), promised.strip("{}"))


def _without_a_set() -> tuple[Simulation, str]:
    simulation = two_machines()
    return simulation, initialised(simulation, machine="one").save_as_xml()


NO_ARRAY: Final = {"arrays": [{"name": "A", "machines": ["one"]}]}
DYNAMIC: Final = [{"name": "F:\\", "dynamic": True, "files": {}}]
SCENES: Final[dict[str, tuple[Scene, HResult, str, tuple[str, ...], str]]] = {
    "no hardware provider": (
        carried(two={"providers": [SYSTEM]}),
        NO_COPIES,
        "im-hardware-only",
        AGAIN,
        "no hardware provider of this machine",
    ),
    "another hardware provider": (
        carried(two={"providers": [hardware(providerId=OTHER_PROVIDER)]}),
        NO_COPIES,
        "im-hardware-only",
        AGAIN,
        "has the id of the one that made the copy",
    ),
    "an array out of reach": (
        carried({"providers": [hardware(array="A")]}, {"providers": [hardware(array="A")]}, storage=NO_ARRAY),
        NO_COPIES,
        "im-provider-locate",
        AGAIN,
        "not connected to the array",
    ),
    "the set went with its maker": (
        _released,
        NO_COPIES,
        "im-nonpersistent-import-window",
        ANEW,
        "went with the object that held it",
    ),
    "the set was deleted": (_deleted, NO_COPIES, "sn-deleted-gone", ANEW, "was deleted"),
    "the set was deleted, and then its maker went": (
        _deleted_before_its_maker_went,
        NO_COPIES,
        "sn-deleted-gone",
        ANEW,
        "was deleted",
    ),
    "the set was broken where it was imported": (
        _broken_where_it_was_imported,
        NO_COPIES,
        "sn-break-forgets",
        ANEW,
        "its set was broken",
    ),
    "the set went with its importer": (
        _released_by_its_importer,
        NO_COPIES,
        "im-once-only",
        ANEW,
        "it was imported before",
    ),
    "the machine that imported the set was restarted": (
        _restarted(importer=True),
        NO_COPIES,
        "im-once-only",
        ANEW,
        "it was imported before",
    ),
    "a copy of the world whose machine was restarted": (
        _restarted_without_a_maker,
        NO_COPIES,
        "im-nonpersistent-import-window",
        ANEW,
        "its machine was restarted",
    ),
    "the machine that made the set was restarted": (
        _restarted(importer=False),
        NO_COPIES,
        "im-nonpersistent-import-window",
        ANEW,
        "import while the object that made it lives",
    ),
    "a document with the number of the set": (
        _named_as_the_set,
        NO_COPIES,
        "im-doc-unmodified",
        ANEW,
        "no shadow copy of this id was ever made",
    ),
    "a document with an id that was given, and of which no copy came": (
        _named_as_a_copy_that_was_never_finished,
        NO_COPIES,
        "im-doc-unmodified",
        ANEW,
        "no shadow copy of this id was ever made",
    ),
    "the set was imported before": (_imported_before, NO_COPIES, "im-once-only", ANEW, "imported before"),
    "another generation": (
        carried({"os": "Windows Server 2003 SP1"}),
        NO_COPIES,
        "im-version-mix",
        AGAIN,
        "Windows Server 2003",
    ),
    "a set that was not to travel": (
        carried(context=SnapshotContext.NAS_ROLLBACK),
        HResult.VSS_E_NONTRANSPORTABLE_BCD,
        "im-context-transportable",
        ("IVssBackupComponents::SetContext(lContext: with VSS_VOLSNAP_ATTR_TRANSPORTABLE)", *ANEW),
        "without VSS_VOLSNAP_ATTR_TRANSPORTABLE",
    ),
    "inside the cluster": (
        carried(CLUSTER, CLUSTER),
        HResult.VSS_E_CLUSTER_ERROR,
        "im-cluster-outside",
        AGAIN,
        "import on a machine outside",
    ),
    "a document without copies": (
        _without_a_set,
        NO_COPIES,
        "im-save-after-do",
        ANEW,
        "tells of no shadow copy",
    ),
    "a document with an id that was never given": (
        carried(change=lambda text: text.replace("000005aa", "000005ab")),
        NO_COPIES,
        "im-doc-unmodified",
        ANEW,
        "no shadow copy of this id was ever made",
    ),
    "a document with another LUN": (
        carried(change=lambda text: text.replace("copy 0000", "copy 9999")),
        NO_COPIES,
        "im-doc-unmodified",
        AGAIN,
        "LUNs of which the document tells are not that of the copy",
    ),
    "a document of another set": (
        carried(change=lambda text: text.replace("000005e7", "000005e8")),
        NO_COPIES,
        "im-doc-unmodified",
        AGAIN,
        "not of the set whose id the document has",
    ),
    "a provider that refuses": (
        carried(two={"providers": [hardware(replies=[{"on": "LocateLuns", "fails": "VSS_E_PROVIDER_VETO"}])]}),
        VETO,
        "ans-provider-veto",
        AGAIN,
        "LUNs that it made visible stay so",
    ),
    "a provider that refuses with a code of its own": (
        carried(two={"providers": [hardware(replies=[{"on": "LocateLuns", "fails": "E_FAIL"}])]}),
        HResult.VSS_E_UNEXPECTED_PROVIDER_ERROR,
        "sn-prov-codes",
        AGAIN,
        "have them masked",
    ),
    "a result from a script": (
        carried(two={"answers": [{"to": "ImportSnapshots", "result": "VSS_E_NO_SNAPSHOTS_IMPORTED"}]}),
        NO_COPIES,
        "im-async-result",
        AGAIN,
        "look whether a hardware provider here has the id of the set's",
    ),
}
