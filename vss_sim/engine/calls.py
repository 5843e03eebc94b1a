"""Every call that the engine knows: its arguments, its columns of the protocol table, and what it does."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from vss_sim.engine import (
    backup_calls,
    completion_calls,
    exposures,
    information_calls,
    restore_calls,
    snapshot_calls,
)
from vss_sim.engine.answers import OK, Answer
from vss_sim.engine.arguments import argument_rules, check_of, choices_of, refuses, writer_rules
from vss_sim.engine.coverage import NotSimulated, not_simulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.inputs import Arguments, Convert, Invalid, converters, is_member
from vss_sim.engine.protocol import Column, column
from vss_sim.model.objects import BackupObject
from vss_sim.spec.answers import documented_answers
from vss_sim.spec.argument_rules import ArgumentRule
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import BACKUP_COMPONENTS, Direction, Signature, call_names, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.table import Method, Profile

Body = Callable[[Desk, BackupObject, dict[str, Any]], tuple[BackupObject, Answer]]


def _nothing_more(desk: Desk, obj: BackupObject, arguments: dict[str, Any]) -> tuple[BackupObject, Answer]:
    """The protocol state says it all."""
    return obj, OK


_BODIES: Final[dict[str, Body]] = {
    "InitializeForBackup": backup_calls.initialize_for_backup,
    "InitializeForRestore": backup_calls.initialize_for_restore,
    "SetContext": backup_calls.set_context,
    "SetBackupState": backup_calls.set_backup_state,
    "EnableWriterClasses": backup_calls.enable_writer_classes,
    "DisableWriterClasses": backup_calls.disable_writer_classes,
    "DisableWriterInstances": backup_calls.disable_writer_instances,
    "AddComponent": backup_calls.add_component,
    "StartSnapshotSet": backup_calls.start_snapshot_set,
    "AddToSnapshotSet": backup_calls.add_to_snapshot_set,
    "GatherWriterMetadata": backup_calls.needs_the_writer_infrastructure,
    "GatherWriterStatus": backup_calls.needs_the_writer_infrastructure,
    "SetBackupSucceeded": completion_calls.set_backup_succeeded,
    "SetBackupOptions": completion_calls.set_backup_options,
    "SetPreviousBackupStamp": completion_calls.set_previous_backup_stamp,
    "SaveAsXML": completion_calls.save_as_xml,
    "AbortBackup": completion_calls.abort_backup,
    "GetWriterStatusCount": completion_calls.get_writer_status_count,
    "GetWriterStatus": completion_calls.get_writer_status,
    "GetWriterStatusEx": completion_calls.get_writer_status_ex,
    "GetSessionId": completion_calls.get_session_id,
    "GetWriterMetadataCount": information_calls.get_writer_metadata_count,
    "GetWriterMetadata": information_calls.get_writer_metadata,
    "GetWriterMetadataEx": information_calls.get_writer_metadata,
    "GetWriterComponentsCount": information_calls.get_writer_components_count,
    "GetWriterComponents": information_calls.get_writer_components,
    "Query": snapshot_calls.query,
    "GetSnapshotProperties": snapshot_calls.get_snapshot_properties,
    "IsVolumeSupported": snapshot_calls.is_volume_supported,
    "DeleteSnapshots": snapshot_calls.delete_snapshots,
    "ExposeSnapshot": exposures.expose_snapshot,
    "UnexposeSnapshot": exposures.unexpose_snapshot,
    "BreakSnapshotSet": snapshot_calls.break_snapshot_set,
    "BreakSnapshotSetEx": snapshot_calls.break_snapshot_set_ex,
    "RevertToSnapshot": snapshot_calls.revert_to_snapshot,
    "QueryRevertStatus": snapshot_calls.query_revert_status,
    "GetRootAndLogicalPrefixPaths": snapshot_calls.get_root_and_logical_prefix_paths,
    "PreFastRecovery": snapshot_calls.reserved("pre-fast-recovery-reserved"),
    "FastRecovery": snapshot_calls.reserved("fast-recovery-reserved"),
    **restore_calls.RESTORE_CALLS,
}
"""Method → what it does beyond moving the protocol state."""

_PLAIN: Final = (bool, int, type(None))
_REMEMBERED: Final = 1024


class Entry:
    """One documented call, compiled once.

    `results` are the parameters for which a place must be given; `says_it_all` tells that a call changes the protocol
    state and nothing else.
    """

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.full_name = signature.full_name
        self.name = signature.name
        self.family = signature.family
        self.parameters = {parameter.name: None for parameter in signature.parameters}
        """The names of its arguments, in their order."""
        self.inputs: tuple[tuple[str, Convert, Any], ...] = converters(signature)
        self.results = frozenset(
            parameter.name
            for parameter in signature.parameters
            if parameter.direction is Direction.OUT and parameter.default is None
        )
        self.method: Method | None = METHODS.get(signature.name) if self.family == BACKUP_COMPONENTS else None
        self.looks_around = self.method is not None and bool(self.method.claim or self.method.references)
        self.rules: tuple[ArgumentRule, ...] = (
            argument_rules(signature.name) if signature.kind == "requester" else writer_rules(signature.full_name)
        )
        self._demands = tuple(
            tuple((rule, refuses(rule, profile), check_of(rule)) for rule in self.rules if rule.answers)
            for profile in (Profile.WINDOWS, Profile.DOCUMENTED)
        )
        self.body: Body = _BODIES.get(signature.name, _nothing_more)
        self.async_result = next((p.name for p in signature.parameters if p.makes == "IVssAsync"), None)
        self.says_it_all = (
            self.method is not None
            and self.method.successes == (HResult.S_OK,)
            and not (self.looks_around or self.async_result or signature.name in _BODIES)
        )
        self.remembers = self.method.operation.about if self.method is not None and self.method.operation else ()
        answers = documented_answers().get(signature.full_name, ())
        self.needs_rights = any(answer.hresult == HResult.E_ACCESSDENIED.name for answer in answers)
        self.null_result = HResult.E_POINTER if _points(answers) else HResult.E_INVALIDARG
        self.members = tuple(name for name, make, _ in self.inputs if is_member(make))
        self._selects = self.method.selects if self.method is not None else None
        self._ways: dict[Any, str | None] = {}
        self._columns = tuple(self._compiled(profile) for profile in (Profile.WINDOWS, Profile.DOCUMENTED))

    def _compiled(self, profile: Profile) -> dict[str | None, Column]:
        method = self.method
        return {} if method is None else {way: column(method.name, way, profile) for way in method.ways}

    def column(self, profile: Profile, arguments: Arguments) -> Column:
        """The column of the protocol table for a call with these arguments."""
        columns = self._columns[profile is Profile.DOCUMENTED]
        if self._selects is None:
            return columns[None]
        value = arguments[self._selects]
        known = self._ways.get(value) if type(value) in _PLAIN else None
        if known is None:
            known = self._way(value, arguments)
        return columns[known]

    def _way(self, value: Any, arguments: Arguments) -> str | None:
        """Which way of calling the method these arguments are, remembered for values that are soon compared."""
        if self.method is None:
            return None
        way = choices_of(self.method, arguments)[0]
        if type(value) in _PLAIN and len(self._ways) < _REMEMBERED:
            self._ways[value] = way
        return way

    def broken_rule(self, profile: Profile, arguments: Arguments) -> tuple[ArgumentRule, str] | None:
        """The first demand on arguments for which VSS refuses the call, with the rule that says so."""
        for rule, certain, check in self._demands[profile is Profile.DOCUMENTED]:
            if certain or type(arguments.get(rule.parameter)) is Invalid:
                fault = check(arguments)
                if fault is not None:
                    return rule, fault
        return None


def _points(answers: tuple[Any, ...]) -> bool:
    named = {answer.hresult for answer in answers}
    return HResult.E_POINTER.name in named


ENTRIES: Final[dict[str, Entry]] = {}
"""Every name of a call that was asked for so far → the call."""


def entry(call: str) -> Entry:
    """The call of this name, written with any version of its interface.

    Raises:
        KeyError: there is no such call.
        NotSimulated: it is documented, and the engine does not make it.
    """
    known = ENTRIES.get(call)
    if known is None:
        full_name = call_names()[call]
        reason = not_simulated(full_name)
        if reason:
            raise NotSimulated(reason)
        known = ENTRIES[call] = _entry(full_name)
    return known


@cache
def _entry(full_name: str) -> Entry:
    return Entry(signatures()[full_name])
