"""Small worlds to start from: a machine with a writer of some restore method, and everything that this method needs.

What a restore method needs beside files - a service to stop, another place, a start of the machine - is there, so that
the world shows it by its structure.
"""

from typing import Final

from vss_sim.model.computer import SYSTEM_PROVIDER, Description, File, Machine, Service, Volume
from vss_sim.model.metadata import (
    AlternateLocationMapping,
    FileSet,
    RestoreMethodDescription,
    WriterComponent,
)
from vss_sim.model.writers import Reply, Writer
from vss_sim.spec.enums import ComponentType, RestoreMethod, SourceType, WriterRestore
from vss_sim.spec.restoring.methods import BY_A_SERVICE
from vss_sim.spec.systems import DEFAULT_SYSTEM

SAMPLE_METHOD: Final = RestoreMethod.RESTORE_IF_CAN_REPLACE
_SERVICE: Final = "ShopDatabase"
_AT_START: Final = (RestoreMethod.RESTORE_AT_REBOOT, RestoreMethod.RESTORE_AT_REBOOT_IF_CANNOT_REPLACE)
_FOLDER: Final = "C:\\Shop"
_FILES: Final = {
    f"{_FOLDER}\\shop.mdf": File(content="rows of the shop"),
    f"{_FOLDER}\\shop.ldf": File(content="log of the shop"),
    f"{_FOLDER}\\work\\scratch.tmp": File(size=4096, seed=1),
    "C:\\Users\\Public\\notes.txt": File(content="no writer knows of this file"),
}


def sample_world(os: str = DEFAULT_SYSTEM, method: RestoreMethod | None = None, *, writer: bool = True) -> Description:
    """A machine with a few files and, unless there is to be no writer, a database's writer and its service.

    Raises:
        ValueError: there is no such operating system.
    """
    machine = Machine(os=os, volumes=(Volume(name="C:\\", files=_FILES),), providers=(SYSTEM_PROVIDER,))
    if not writer:
        return Description(machines=(machine,))
    service = Service(name=_SERVICE, opens=(f"{_FOLDER}\\shop.mdf", f"{_FOLDER}\\shop.ldf"))
    made = Machine(
        os=os,
        volumes=machine.volumes,
        services=(service,),
        writers=(_writer(method or SAMPLE_METHOD),),
        providers=machine.providers,
    )
    return Description(machines=(made,))


def _writer(method: RestoreMethod) -> Writer:
    return Writer(
        name="Shop Database Writer",
        writer_id="{a1a1a1a1-0000-4000-8000-000000000001}",
        source=SourceType.TRANSACTEDDB,
        backup_schema=("VSS_BS_COPY",),
        restore_method=RestoreMethodDescription(
            method=method,
            service=_SERVICE if method in BY_A_SERVICE else None,
            writer_restore=WriterRestore.ALWAYS,
            reboot_required=method in _AT_START,
        ),
        alternate_location_mappings=(
            AlternateLocationMapping(path=_FOLDER, filespec="*", recursive=True, destination="C:\\Restored\\Shop"),
        ),
        exclude_files=(FileSet(path=f"{_FOLDER}\\work", filespec="*.tmp"),),
        components=(
            WriterComponent(
                type=ComponentType.DATABASE,
                logical_path="Server",
                name="Shop",
                caption="The database of the shop",
                selectable_for_restore=True,
                database_files=(FileSet(path=_FOLDER, filespec="shop.mdf"),),
                database_log_files=(FileSet(path=_FOLDER, filespec="shop.ldf"),),
            ),
            WriterComponent(
                logical_path="Server",
                name="Work",
                selectable_for_restore=True,
                files=(FileSet(path=f"{_FOLDER}\\work", filespec="*", recursive=True),),
            ),
        ),
        hosted_in=_SERVICE,
        replies=(Reply(on="PostSnapshot", component="Shop", set_backup_metadata="what the writer wants back"),),
    )
