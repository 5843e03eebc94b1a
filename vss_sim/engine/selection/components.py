"""Which components are in a backup or a restore, and why: a pure function of what is declared and what is asked.

Names are compared without case. An ancestor is a component whose logical path and name are the first elements of
another's logical path, whole elements; not every element is a component (rules sel-path-elements, sel-root-null). A
selectable component stands for all below it, one that is not selectable only for itself (sel-set-definition,
sel-nonselectable-parent-no-set).
"""

from collections.abc import Collection, Iterator, Mapping
from typing import NamedTuple

from vss_sim.model.names import component_path
from vss_sim.model.shown import shown, written
from vss_sim.spec.selection import Backup, Restore

Key = tuple[str, str]
"""Logical path and name as they are compared."""


class Declared(NamedTuple):
    """A component as its writer declares it; None: not known."""

    path: str
    name: str
    selectable: bool | None = None
    for_restore: bool | None = None

    @property
    def key(self) -> Key:
        """What it is compared by."""
        return key_of(self.path, self.name)


class Stand(NamedTuple):
    """Why a component is in or out, and the component that brings it about, if one does."""

    why: Backup
    by: Key | None = None


class RestoreStand(NamedTuple):
    """The same of a restore."""

    why: Restore
    by: Key | None = None


def key_of(path: str | None, name: str) -> Key:
    """The key of a component; no path is the top level (rule sel-root-null)."""
    return shown(written(path or "").strip("\\")), shown(written(name))


def whole(key: Key) -> str:
    """The path of what lies below a component."""
    return component_path(*key)


def spelt(key: Key) -> str:
    """A component with its path, as it was written where its key came from."""
    return whole((written(key[0]), written(key[1])))


def is_below(key: Key, above: Key) -> bool:
    """Whether a component lies below another, by whole elements of the path (rule sel-path-elements)."""
    root = whole(above)
    return key[0] == root or key[0].startswith(root + "\\")


def ancestors(key: Key) -> Iterator[Key]:
    """The keys that components above could have, the nearest first."""
    elements = key[0].split("\\") if key[0] else []
    for depth in range(len(elements) - 1, -1, -1):
        yield "\\".join(elements[:depth]), elements[depth]


def backup_stand(key: Key, declared: Mapping[Key, Declared], added: Collection[Key], *, complete: bool = True) -> Stand:
    """Why a component that its writer declares is in a backup by components, or is not.

    `complete` tells whether `declared` has every component of the writer; where it has not, an ancestor may be missing.
    """
    if key in added:
        return Stand(Backup.ADDED)
    above = [(one, declared[one]) for one in ancestors(key) if one in declared]
    definers = [one for one, component in above if component.selectable]
    implied = next((one for one in definers if one in added), None)
    if implied is not None:
        return Stand(Backup.IMPLIED, implied)
    hidden = any(component.selectable is None for _, component in above) or not (complete or definers or not key[0])
    if hidden or (added and declared[key].selectable is None):
        return Stand(Backup.UNKNOWN)
    return _left_out(key, declared, added, [one for one, _ in above], definers)


def _left_out(
    key: Key, declared: Mapping[Key, Declared], added: Collection[Key], above: list[Key], definers: list[Key]
) -> Stand:
    if not added:
        return Stand(Backup.NOTHING_OF_WRITER)
    if declared[key].selectable:
        return Stand(Backup.NOT_CHOSEN)
    if definers:
        return Stand(Backup.BELOW_NOT_ADDED, definers[0])
    parent = next((one for one in above if one in added), None)
    return Stand(Backup.REQUIRED) if parent is None else Stand(Backup.BELOW_NO_SET, parent)


def full_selection(declared: Mapping[Key, Declared]) -> tuple[Key, ...]:
    """What a requester adds to back everything of a writer up, and nothing twice, in the order declared.

    Page: https://learn.microsoft.com/windows/win32/vss/selectability-and-working-with-component-properties
    """
    return tuple(key for key in declared if not any(_forms_a_set(one, declared) for one in ancestors(key)))


def _forms_a_set(key: Key, declared: Mapping[Key, Declared]) -> bool:
    return key in declared and bool(declared[key].selectable)


def definer_of(key: Key, declared: Mapping[Key, Declared], added: Collection[Key]) -> Key | None:
    """The nearest component that was added and stands for this one; None where nothing does."""
    return next((one for one in ancestors(key) if one in added and _forms_a_set(one, declared)), None)


def restore_stand(
    key: Key,
    declared: Mapping[Key, Declared],
    added: Collection[Key],
    selected: Collection[Key],
    subcomponents: Mapping[Key, Collection[Key]],
) -> RestoreStand:
    """Why a component that its writer declared at backup is in a restore, or is not.

    `added` are the components of the stored document, `selected` those that are selected now, `subcomponents` what
    AddRestoreSubcomponent added under each (dispute C45: of such a set only these are restored, and what lies below).
    """
    if key in added:
        if key in selected:
            return RestoreStand(Restore.ONLY_SUBCOMPONENTS if subcomponents.get(key) else Restore.SELECTED, key)
        stand = _required_at_restore(key, declared, added, selected)
        return RestoreStand(Restore.REQUIRED_TOGETHER if stand else Restore.NOT_SELECTED)
    definer = definer_of(key, declared, added)
    if definer is None:
        return RestoreStand(Restore.NOT_BACKED_UP)
    if definer not in selected:
        return RestoreStand(Restore.MAY_BE_ADDED if declared[key].for_restore else Restore.ONLY_WITH_SET, definer)
    return _of_the_set(key, definer, subcomponents.get(definer, ()))


def _of_the_set(key: Key, definer: Key, chosen: Collection[Key]) -> RestoreStand:
    """A component that a selected one stands for."""
    if not chosen:
        return RestoreStand(Restore.IMPLIED, definer)
    if key in chosen:
        return RestoreStand(Restore.SUBCOMPONENT, definer)
    below = next((one for one in chosen if is_below(key, one)), None)
    return RestoreStand(Restore.ONLY_SUBCOMPONENTS if below is None else Restore.BELOW_SUBCOMPONENT, below or definer)


def _required_at_restore(
    key: Key, declared: Mapping[Key, Declared], added: Collection[Key], selected: Collection[Key]
) -> bool:
    """Whether a required component is left out while another of its writer is restored (dispute C44)."""
    if not selected or key not in declared or declared[key].selectable is not False:
        return False
    return not any(_forms_a_set(one, declared) for one in ancestors(key)) and any(one in added for one in selected)
