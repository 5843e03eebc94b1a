"""What the header tells of volumes and providers, against the shadow copies that VSS begins of them.

Persistent copies are of NTFS volumes and what goes for them, the system provider needs such a volume for its storage,
a volume of another computer is shadow copied there, and a node of a cluster imports no hardware copy by itself.
"""

from collections.abc import Iterator
from typing import Final

from vss_sim.engine.contexts import is_auto_release
from vss_sim.judge.findings import At, Level, Trouble
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import BackupObject
from vss_sim.spec.enums import numbers
from vss_sim.spec.file_systems import PERSISTENT_FILE_SYSTEMS
from vss_sim.spec.hresult import HResult
from vss_sim.spec.providers import SYSTEM_PROVIDER
from vss_sim.spec.table import Force
from vss_sim.trace.lines import Line
from vss_sim.trace.values import parse_guid

_HARDWARE: Final = numbers()["VSS_PROV_HARDWARE"]
_NOT_HERE: Final = (HResult.VSS_E_VOLUME_NOT_SUPPORTED, HResult.VSS_E_OBJECT_NOT_FOUND)


def volume_troubles(history: History, line: Line, obj: BackupObject) -> Iterator[Trouble]:
    """A volume that another computer has is shadow copied there."""
    del obj
    name = (line.in_ or {}).get("pwszVolumeName")
    if isinstance(name, str) and history.world.volume(line.machine, name).get("driveType") == "remote":
        words = f"{name} is a volume of another computer"
        yield Trouble("sn-vol-local-only", _NOT_HERE, words, Force.UNSURE, level=Level.WARNING)


def judge_added(history: History, step: Step, obj: BackupObject, *, certain: bool) -> None:
    """AddToSnapshotSet succeeded: no rule of the volume's file system, provider or machine stands against that."""
    name = step.arguments.get("pwszVolumeName")
    volumes = history.world.volumes_of(step.line.machine)
    if not certain or not isinstance(name, str) or name.casefold() not in volumes:
        return
    system = str(volumes[name.casefold()].get("fileSystem", "NTFS")).upper()
    persistent = obj.context is not None and not is_auto_release(obj.context)
    if persistent and system not in PERSISTENT_FILE_SYSTEMS:
        says = f"a persistent shadow copy of {name} is begun, whose file system is {system}"
        history.note(step, Level.ERROR, "sn-persistent-ntfs", says, at=At.IMPLEMENTATION)
    provider = parse_guid(step.arguments.get("ProviderId"))
    kinds = {str(one.get("fileSystem", "NTFS")).upper() for one in volumes.values()}
    if provider == SYSTEM_PROVIDER and kinds.isdisjoint(PERSISTENT_FILE_SYSTEMS):
        says = f"the system provider takes {name}, and the machine has no NTFS volume for its storage area"
        history.note(step, Level.ERROR, "sn-vol-ntfs-present", says, at=At.IMPLEMENTATION)
    cluster = history.world.cluster(step.line.machine)
    hardware = history.machine(step.line).providers.get(provider or "") == _HARDWARE
    if cluster is not None and hardware and not obj.told.transportable:
        says = f"a hardware copy of {name} is to be imported by its creation, on a node of the cluster {cluster!r}"
        history.note(step, Level.ERROR, "im-no-autoimport-in-cluster", says, at=At.IMPLEMENTATION)


def not_supported(history: History, step: Step, obj: BackupObject) -> None:
    """Who asks IsVolumeSupported first is not refused."""
    name = step.arguments.get("pwszVolumeName")
    unsupported = (HResult.VSS_E_VOLUME_NOT_SUPPORTED, HResult.VSS_E_VOLUME_NOT_SUPPORTED_BY_PROVIDER)
    if step.code is None or not step.code.is_one_of(unsupported) or not isinstance(name, str):
        return
    asked = obj.seen.asked_support if obj.seen is not None else ()
    if name.casefold() not in asked and obj.made is not None:
        says = f"{name} is not supported, and nothing in the log asked IsVolumeSupported for it"
        history.note(step, Level.INFO, "sn-vol-check-support", says)
