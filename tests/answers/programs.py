"""For the calls of a writer's program outside of handlers: the calls before, the usual and the wrong arguments."""

from typing import Any, Final

from tests.answers import worlds as w
from tests.answers.handlers import WAYS
from vss_sim.model.metadata import WriterMetadata
from vss_sim.spec.methods import EXPRESS_METADATA, EXPRESS_WRITER, WRITER, WRITER_METADATA, signatures
from vss_sim.spec.writer_lives import CONSTRUCT, CREATE_EXPRESS

Arguments = dict[str, Any]
Particular = dict[str, Any]

OBJECT: Final = "w"
"""What the program calls its writer."""
ID: Final = "{00000000-0000-4000-8000-00000000abba}"
STANDS_FOR: Final = {WRITER_METADATA: EXPRESS_METADATA}
"""Family of a call → the family of the object on which an express writer makes it."""

_INITIALIZE: Final = f"{WRITER}::Initialize"
_SUBSCRIBE: Final = f"{WRITER}::Subscribe"
_CREATE: Final = f"{EXPRESS_WRITER}::CreateMetadata"
_ADD: Final = f"{EXPRESS_METADATA}::AddComponent"
_SAVED: Final = WriterMetadata(name="Program", writer_id=ID)
_WHO: Final = {"WriterId": ID, "wszWriterName": "Program", "ut": "VSS_UT_USERDATA", "st": "VSS_ST_OTHER"}
_GROUP: Final = {**WAYS["IVssCreateWriterMetadata::AddComponent"].good, "ct": "VSS_CT_FILEGROUP"}
_METHOD: Final = {**WAYS["IVssCreateWriterMetadata::SetRestoreMethod"].good, "writerRestore": "VSS_WRE_NEVER"}

USUAL: Final[dict[str, Arguments]] = {
    _INITIALIZE: _WHO,
    f"{WRITER}Ex::InitializeEx": {**_WHO, "dwMajorVersion": 2, "dwMinorVersion": 1},
    f"{WRITER}Ex::SubscribeEx": {"dwUnsubscribeTimeout": 1000},
    _CREATE: {
        "writerId": ID, "writerName": "Program", "usageType": "VSS_UT_USERDATA", "versionMajor": 0, "versionMinor": 0,
        "reserved": 0,
    },
    f"{EXPRESS_WRITER}::LoadMetadata": {"metadata": _SAVED, "reserved": 0},
    f"{EXPRESS_WRITER}::Unregister": {"writerId": ID},
    **{
        name.replace(WRITER_METADATA, EXPRESS_METADATA): way.good
        for name, way in WAYS.items()
        if name.startswith(f"{WRITER_METADATA}::")
    },
    _ADD: {**_GROUP, "bSelectableForRestore": True, "dwComponentFlags": 0, "wszComponentName": "papers"},
    f"{EXPRESS_METADATA}::SetRestoreMethod": _METHOD,
    f"{WRITER_METADATA}::SetRestoreMethod": {**_METHOD, "writerRestore": "VSS_WRE_ALWAYS"},
    f"{WRITER_METADATA}::SetBackupSchema": {"dwSchemaMask": "VSS_BS_LOG"},
    f"{WRITER_METADATA}::AddFilesToFileGroup": {
        **WAYS["IVssCreateWriterMetadata::AddFilesToFileGroup"].good, "wszAlternateLocation": "C:\\aside",
    },
    "IVssCreateWriterMetadataEx::AddExcludeFilesFromSnapshot": WAYS[
        "IVssCreateWriterMetadataEx::AddExcludeFilesFromSnapshot"
    ].good,
}  # fmt: skip
"""Full name → the arguments of a call that is as it should be; of the last four, as no express writer makes it."""

_MADE: Final = (CREATE_EXPRESS, _CREATE)
_BEFORE: Final[dict[str, tuple[str, ...]]] = {
    CREATE_EXPRESS: (),
    CONSTRUCT: (),
    _SUBSCRIBE: (CONSTRUCT, _INITIALIZE),
    f"{WRITER}Ex::SubscribeEx": (CONSTRUCT, f"{WRITER}Ex::InitializeEx"),
    f"{WRITER}::Unsubscribe": (CONSTRUCT, _INITIALIZE, _SUBSCRIBE),
    _CREATE: (CREATE_EXPRESS,),
    f"{EXPRESS_WRITER}::LoadMetadata": (CREATE_EXPRESS,),
    f"{EXPRESS_WRITER}::Unregister": (*_MADE, f"{EXPRESS_WRITER}::Register"),
    f"{EXPRESS_METADATA}::AddComponent": _MADE,
}


def before(full_name: str) -> tuple[str, ...] | None:
    """The calls that lead to a call of a writer's program; None for a call of somebody else."""
    if full_name in _BEFORE:
        return _BEFORE[full_name]
    family = signatures()[full_name].family
    if family == WRITER:
        return (CONSTRUCT,)
    if family == EXPRESS_WRITER:
        return _MADE
    return (*_MADE, _ADD) if family in (EXPRESS_METADATA, WRITER_METADATA) else None


def _wrong(**arguments: Any) -> Particular:
    return {"arguments": arguments}


_NOT_ADDED: Final = ("VSS_E_OBJECT_NOT_FOUND", "sync")
PARTICULAR: Final[dict[tuple[str, str, str], Particular]] = {
    **{
        (method, "S_FALSE", "sync"): {"world": w.WORLDS["safe mode"]}
        for method in (_INITIALIZE, f"{WRITER}Ex::InitializeEx")
    },
    **{
        (method, "E_INVALIDARG", "sync"): _wrong(wszWriterName=None)
        for method in (_INITIALIZE, f"{WRITER}Ex::InitializeEx")
    },
    **{
        (method, "VSS_E_WRITER_ALREADY_SUBSCRIBED", "sync"): {"and_then": (method,)}
        for method in (_SUBSCRIBE, f"{WRITER}Ex::SubscribeEx")
    },
    (f"{EXPRESS_WRITER}::LoadMetadata", "VSS_E_INVALID_XML_DOCUMENT", "sync"): _wrong(metadata="no document"),
    (f"{EXPRESS_WRITER}::Register", "VSS_E_OBJECT_ALREADY_EXISTS", "sync"): {
        "and_then": (f"{EXPRESS_WRITER}::Register",)
    },
    (_ADD, "VSS_E_OBJECT_ALREADY_EXISTS", "sync"): {"and_then": (_ADD,)},
    (f"{EXPRESS_METADATA}::AddExcludeFiles", "E_INVALIDARG", "sync"): _wrong(wszPath=None),
    (f"{EXPRESS_METADATA}::AddFilesToFileGroup", "E_INVALIDARG", "sync"): _wrong(wszPath=None),
    (f"{EXPRESS_METADATA}::AddFilesToFileGroup", *_NOT_ADDED): _wrong(wszGroupName="missing"),
    (f"{EXPRESS_METADATA}::AddComponentDependency", "E_INVALIDARG", "sync"): _wrong(wszOnComponentName=None),
    (f"{EXPRESS_METADATA}::AddComponentDependency", *_NOT_ADDED): _wrong(wszForComponentName="missing"),
    (f"{EXPRESS_METADATA}::SetRestoreMethod", "E_INVALIDARG", "sync"): _wrong(method="VSS_RME_CUSTOM"),
    (f"{EXPRESS_METADATA}::SetBackupSchema", "E_INVALIDARG", "sync"): _wrong(dwSchemaMask=0x8000_0000),
    **{
        (f"{WRITER_METADATA}::{name}", "VSS_E_NOT_SUPPORTED", "sync"): _wrong(**USUAL[f"{WRITER_METADATA}::{name}"])
        for name in ("AddFilesToFileGroup", "SetRestoreMethod", "SetBackupSchema")
    },
    ("IVssCreateWriterMetadataEx::AddExcludeFilesFromSnapshot", "VSS_E_NOT_SUPPORTED", "sync"): _wrong(
        **USUAL["IVssCreateWriterMetadataEx::AddExcludeFilesFromSnapshot"]
    ),
}
"""As in `particular.py`."""
