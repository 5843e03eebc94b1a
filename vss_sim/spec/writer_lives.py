"""The life of a writer's object, and of an express writer: what comes first, and what is not done twice.

A writer's object is made by its own constructor, and so is named by the program that makes it.
Pages: https://learn.microsoft.com/windows/win32/api/vswriter/nl-vswriter-cvsswriter and
nl-vswriter-ivssexpresswriter
"""

from functools import cache
from typing import Final

from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import EXPRESS_METADATA, EXPRESS_WRITER, WRITER_METADATA, signatures
from vss_sim.spec.writer_arguments import CREATE_METADATA, INITIALIZES, SUBSCRIBES

CONSTRUCT: Final = "CVssWriter::CVssWriter"
DESTRUCT: Final = "CVssWriter::~CVssWriter"
UNSUBSCRIBE: Final = "CVssWriter::Unsubscribe"
CREATE_EXPRESS: Final = "CreateVssExpressWriter"
LOAD_METADATA: Final = f"{EXPRESS_WRITER}::LoadMetadata"
REGISTER: Final = f"{EXPRESS_WRITER}::Register"
UNREGISTER: Final = f"{EXPRESS_WRITER}::Unregister"

SUBSCRIBED_ONCE: Final = dict(zip(SUBSCRIBES, ("writer-subscribe-once", "writer-subscribeex-once"), strict=True))
"""Method → the rule by which a writer subscribes one time only."""
INITIALIZED_FIRST: Final = "writer-initialize-before-subscribe"
INITIALIZED_ONE_WAY: Final = "writer-init-or-initex"
OUT_OF_ORDER: Final = HResult.VSS_E_BAD_STATE
"""What a call against these two is answered, though no page names a code (dispute C79)."""
SUBSCRIBED_FIRST: Final = "writer-unsubscribe-subscribed"
"""The rule of Unsubscribe; without a subscription it changes nothing and succeeds (dispute C79)."""
METADATA_FIRST: Final = {REGISTER: "express-register-after-metadata", UNREGISTER: "express-unregister-after-create"}
"""Method → the rule by which metadata are made before it."""
REGISTERED_ONCE: Final = "express-register-once"

OF_A_WRITERS_LIFE: Final = frozenset({CONSTRUCT, DESTRUCT, UNSUBSCRIBE, *INITIALIZES, *SUBSCRIBES})
OF_AN_EXPRESS_WRITER: Final = frozenset({CREATE_METADATA, LOAD_METADATA, REGISTER, UNREGISTER})

EXPRESS_REFUSED: Final = {
    "AddFilesToFileGroup": "express-md-filegroup-alt-null",
    "SetRestoreMethod": "wre-express-never",
    "SetBackupSchema": "express-md-schema",
    "AddExcludeFilesFromSnapshot": "create-md-exclude-snapshot-report",
}
"""Method of every writer's metadata whose page says what an express writer is answered there → the rule."""


@cache
def calls_of_programs() -> frozenset[str]:
    """The calls that a writer's program makes outside of all handlers, by their full names."""
    metadata = {name for name, signature in signatures().items() if signature.interface == EXPRESS_METADATA}
    refused = {
        name
        for name, signature in signatures().items()
        if signature.family == WRITER_METADATA and signature.name in EXPRESS_REFUSED
    }
    return OF_A_WRITERS_LIFE | OF_AN_EXPRESS_WRITER | metadata | refused | {CREATE_EXPRESS}
