"""What a component depends on is restored with it, or neither is (rules dep-both, dep-drop-together).

The target may be explicit, or implied by what is above it (rule dep-implicit-ok). A target on another computer is no
matter of this restore (rule dep-remote-prefix).
"""

from collections.abc import Iterable, Iterator

from vss_sim.engine.restoring.documents import Dependency, Explicit, StoredWriter
from vss_sim.engine.restoring.places import members_wanted
from vss_sim.engine.restoring.requests import Wish
from vss_sim.model.names import fold
from vss_sim.model.values import guid

Wanted = tuple[StoredWriter, Explicit, Wish]


def completed(wanted: Iterable[Wanted], known: Iterable[tuple[StoredWriter, Explicit]]) -> tuple[Wanted, ...]:
    """What is wanted, with what it depends on; `known` is all that was added at backup."""
    found, everything = list(wanted), tuple(known)
    for one in found:  # which grows meanwhile
        for dependency in _dependencies(one):
            for writer, explicit in _targets(dependency, everything):
                if not any(explicit is other for _, other, _ in found):
                    found.append((writer, explicit, Wish(explicit.writer_id, explicit.logical_path, explicit.name)))
    return tuple(found)


def without_targets(wanted: tuple[Wanted, ...], dropped: set[int]) -> set[int]:
    """The ids of the wishes that cannot be met, since they depend on nothing that is restored; `dropped` is not."""
    left_out: set[int] = set()
    while True:
        kept = [(one[0], one[1]) for one in wanted if id(one[2]) not in dropped | left_out]
        more = {
            id(one[2])
            for one in wanted
            if id(one[2]) not in dropped | left_out
            and not all(any(True for _ in _targets(dependency, kept)) for dependency in _dependencies(one))
        }
        if not more:
            return left_out
        left_out |= more


def _dependencies(one: Wanted) -> Iterator[Dependency]:
    writer, explicit, wish = one
    for member in members_wanted(writer, explicit, wish):
        yield from (dependency for dependency in member.dependencies if not dependency.remote)


def _targets(
    dependency: Dependency, known: Iterable[tuple[StoredWriter, Explicit]]
) -> Iterator[tuple[StoredWriter, Explicit]]:
    """The component that is depended on, or the one that implies it."""
    wanted = fold(dependency.logical_path), fold(dependency.name)
    for writer, explicit in known:
        if guid(writer.writer_id) == guid(dependency.writer_id):
            members = members_wanted(writer, explicit, Wish(explicit.writer_id, *explicit.key))
            if any((fold(one.logical_path), fold(one.name)) == wanted for one in members):
                yield writer, explicit
