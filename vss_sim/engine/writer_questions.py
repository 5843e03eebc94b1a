"""What a writer asks VSS inside a handler, and how it sets its failure: the methods of `CVssWriter` and its versions.

Page: https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-cvsswriter
"""

from collections.abc import Callable
from typing import Any, Final

from vss_sim.engine import bits
from vss_sim.engine.answers import OK, Answer, no
from vss_sim.engine.devices import device_of
from vss_sim.engine.drafts import Arguments
from vss_sim.engine.handler import Body, Handler, Veto
from vss_sim.engine.reading import METADATA
from vss_sim.engine.volumes import find_volume, volume_holding
from vss_sim.model.environment import expand, variables
from vss_sim.model.objects import ReadObject
from vss_sim.model.values import GUID_NULL
from vss_sim.spec.enums import SnapshotContext
from vss_sim.spec.hresult import CODES, HResult
from vss_sim.spec.writer_calls import VETO_CODES

_SUCCESS_OR_PARTIAL: Final = (HResult.S_OK, HResult.VSS_E_WRITERERROR_PARTIAL_FAILURE)


def _value(what: Callable[[Handler], Any]) -> Body:
    return lambda handler, arguments: Answer(HResult.S_OK, {"value": what(handler)})


def _is_path_affected(handler: Handler, arguments: Arguments) -> Answer:
    """Whether the path lies on a volume or share of the set; it may have environment variables."""
    path = expand(arguments["wszPath"] or "", variables(handler.desk.machine.environment))
    volume = volume_holding(handler.desk, path)
    members = {member.volume for member in handler.obj.volumes}
    return Answer(HResult.S_OK, {"value": volume is not None and volume.name in members})


def _set_id(handler: Handler) -> str:
    return handler.obj.set_id


def _context(handler: Handler) -> SnapshotContext:
    """The context of the set; once it is there, with the attribute by which a writer is asked to recover its data."""
    context = handler.obj.context
    if context == bits.CONTEXT_ALL:
        context = bits.CONTEXT_BACKUP
    copies = (handler.desk.snapshots.get(member.snapshot_id) for member in handler.obj.volumes)
    asked = any(copy.attributes & bits.AUTORECOVER for copy in copies if copy is not None)
    return SnapshotContext(context | bits.AUTORECOVER if asked else context)


def _device_name(handler: Handler, arguments: Arguments) -> Answer:
    """The device of the shadow copy of a volume in the set, by the name with its backslash."""
    name = arguments["wszOriginalVolume"]
    if name is None:
        return no(HResult.E_INVALIDARG, "ans-invalid-argument", "wszOriginalVolume is NULL")
    volume = find_volume(handler.desk, name)
    for member in handler.obj.volumes:
        snapshot = handler.desk.snapshots.get(member.snapshot_id)
        if volume is not None and member.volume == volume.name and snapshot is not None:
            return Answer(HResult.S_OK, {"ppwszSnapshotDevice": device_of(snapshot)})
    words = f"{name!r} is not in the shadow copy set"
    return no(HResult.VSS_E_OBJECT_NOT_FOUND, "get-device-name-in-set", words)


def _set_failure(handler: Handler, arguments: Arguments) -> Answer:
    """One of five codes (rule wr-veto-code)."""
    code = CODES.get(arguments["hr"])
    if code not in VETO_CODES:
        return no(HResult.E_INVALIDARG, "wr-veto-code", f"hr is {arguments['hr']!r}")
    handler.veto = Veto(code.name)
    return OK


def _set_failure_ex(handler: Handler, arguments: Arguments) -> Answer:
    """The same with what the application says; success and a partial failure are taken, too."""
    code = CODES.get(arguments["hrWriter"])
    if code is None or code not in (*VETO_CODES, *_SUCCESS_OR_PARTIAL):
        return no(HResult.E_INVALIDARG, "wr-veto-code", f"hrWriter is {arguments['hrWriter']!r}")
    handler.veto = Veto(code.name, arguments["hrApplication"], arguments["wszApplicationMessage"])
    return OK


def _identify_information(handler: Handler, arguments: Arguments) -> Answer:
    """What the writer said of itself at Identify, to be read, not to be released (rule writer-identify-info-window)."""
    known, obj = handler.session.metadata, handler.obj
    made = ReadObject(machine=obj.machine, process=obj.process, family=METADATA, content=known, lent=True)
    return Answer(HResult.S_OK, {"ppMetadata": handler.desk.make("metadata", made)})


QUESTIONS: Final[dict[str, Body]] = {
    "CVssWriter::IsPathAffected": _is_path_affected,
    "CVssWriter::AreComponentsSelected": _value(lambda handler: handler.obj.document.select_components),
    "CVssWriter::IsBootableSystemStateBackedUp": _value(lambda handler: handler.obj.document.bootable_system_state),
    "CVssWriter::GetBackupType": _value(lambda handler: handler.obj.document.backup_type),
    "CVssWriter::GetRestoreType": _value(lambda handler: handler.obj.document.restore_type),
    "CVssWriter::IsPartialFileSupportEnabled": _value(lambda handler: handler.obj.document.partial_file_support),
    "CVssWriter::GetCurrentSnapshotSetId": _value(_set_id),
    "CVssWriter::GetCurrentVolumeArray": _value(lambda handler: [member.volume for member in handler.obj.volumes]),
    "CVssWriter::GetCurrentVolumeCount": _value(lambda handler: len(handler.obj.volumes)),
    "CVssWriter::GetCurrentLevel": _value(lambda handler: handler.writer.level),
    "CVssWriter::GetContext": _value(_context),
    "CVssWriter::GetSnapshotDeviceName": _device_name,
    "CVssWriterEx::GetIdentifyInformation": _identify_information,
    "CVssWriterEx2::GetSessionId": lambda handler, arguments: Answer(
        HResult.S_OK, {"idSession": handler.obj.session_id}
    ),
    "CVssWriterEx2::IsWriterShuttingDown": _value(lambda handler: handler.writer.shutting_down),
    "CVssWriter::SetWriterFailure": _set_failure,
    "CVssWriterEx2::SetWriterFailureEx": _set_failure_ex,
}
"""Full name → what it does."""

VALUES_ELSEWHERE: Final[dict[str, Any]] = {"CVssWriter::GetCurrentSnapshotSetId": GUID_NULL}
"""What a method without an HRESULT returns in handlers in which it tells nothing."""
