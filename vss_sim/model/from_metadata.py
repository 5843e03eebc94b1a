"""A world whose writers say what the documents of a real machine say: with the volumes that their file sets lie on.

What a Writer Metadata Document does not tell - the level at which a writer freezes, its service, what else is on the
machine - is as usual.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from msgspec.structs import fields

from vss_sim.model.computer import DRIVE_C, Description, Machine, Service, Volume
from vss_sim.model.environment import variables
from vss_sim.model.made_files import absolute, volume_of, with_files
from vss_sim.model.metadata import FileSet, WriterMetadata
from vss_sim.model.names import fold
from vss_sim.model.writers import Writer
from vss_sim.spec.systems import DEFAULT_SYSTEM

_TOLD: Final = tuple(field.name for field in fields(WriterMetadata))


def world_of(
    documents: Sequence[WriterMetadata], *, os: str = DEFAULT_SYSTEM, files: int = 0, seed: int = 0
) -> Description:
    """A machine on which these writers run, with `files` files for each of their file sets.

    Raises:
        ValueError: there is no such operating system.
    """
    known = variables({})
    sets = [one for document in documents for one in all_sets(document)]
    volumes: Iterable[Volume] = _volumes(sets)
    if files:
        volumes = with_files(volumes, sets, files, seed, known)
    machine = Machine(
        os=os,
        volumes=tuple(volumes),
        services=tuple(_services(documents)),
        writers=tuple(Writer(**{name: getattr(document, name) for name in _TOLD}) for document in documents),
    )
    return Description(machines=(machine,))


def all_sets(document: WriterMetadata) -> Iterator[FileSet]:
    """The file sets of a writer: of its components, and those that it includes and excludes."""
    for component in document.components:
        yield from (*component.files, *component.database_files, *component.database_log_files)
    yield from (*document.include_files, *document.exclude_files, *document.exclude_from_snapshot_files)


def _volumes(sets: Iterable[FileSet]) -> Iterator[Volume]:
    """The drive of the system, and every other that a file set lies on."""
    known = variables({})
    found: dict[str, str] = {}
    for one in sets:
        for path in filter(None, (one.path, one.alternate_path)):
            directory = absolute(path, known)
            if directory is not None and _is_rooted(volume_of(directory)):
                name = volume_of(directory)
                found.setdefault(fold(name), name)
    yield DRIVE_C
    for key in sorted(found):
        if key != fold(DRIVE_C.name):
            yield Volume(name=found[key])


def _is_rooted(volume: str) -> bool:
    return volume.startswith("\\\\?\\Volume{") or (len(volume) == len("C:\\") and volume[1] == ":")


def _services(documents: Iterable[WriterMetadata]) -> Iterator[Service]:
    """The services that are stopped and started in a restore."""
    methods = (document.restore_method for document in documents)
    named = {method.service.casefold(): method.service for method in methods if method and method.service}
    return (Service(name=name) for name in named.values())
