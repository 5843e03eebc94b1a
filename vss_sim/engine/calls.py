"""Every call that the engine knows: its arguments, its columns of the protocol table, and what it does."""

from collections.abc import Callable
from functools import cache
from typing import Any, Final

from msgspec import Struct

from vss_sim.engine import (
    backup_calls,
    completion_calls,
    exposures,
    information_calls,
    restore_calls,
    reverts,
    snapshot_calls,
)
from vss_sim.engine.answers import OK, Answer, Refusal
from vss_sim.engine.arguments import (
    argument_rules,
    check_of,
    choices_of,
    legal_call,
    places_of_results,
    refuses,
    writer_rules,
)
from vss_sim.engine.coverage import NotSimulated, beside_vss, not_simulated
from vss_sim.engine.desk import Desk
from vss_sim.engine.inputs import Arguments, Convert, Invalid, convert, converters, is_soon_compared
from vss_sim.engine.protocol import Column, column
from vss_sim.engine.words import demanded, shown
from vss_sim.model.objects import BackupObject
from vss_sim.spec.answers import documented_answers
from vss_sim.spec.argument_rules import ArgumentRule, Condition
from vss_sim.spec.foreign_calls import is_foreign
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import BACKUP_COMPONENTS, TEXTS_THAT_ARE_DOCUMENTS, Signature, call_names, signatures
from vss_sim.spec.protocol import METHODS
from vss_sim.spec.security import GRANTED_TO_REQUESTERS, GRANTED_TO_WRITERS
from vss_sim.spec.structures import structure_of
from vss_sim.spec.table import Method, Profile
from vss_sim.spec.writer_lives import CONSTRUCT, calls_of_programs

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
    "BackupComplete": completion_calls.backup_complete,
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
    "RevertToSnapshot": reverts.revert_to_snapshot,
    "QueryRevertStatus": reverts.query_revert_status,
    "GetRootAndLogicalPrefixPaths": snapshot_calls.get_root_and_logical_prefix_paths,
    "PreFastRecovery": snapshot_calls.reserved("pre-fast-recovery-reserved"),
    "FastRecovery": snapshot_calls.reserved("fast-recovery-reserved"),
    **restore_calls.RESTORE_CALLS,
}
"""Method → what it does beyond moving the protocol state."""

_DOCUMENTS_OUT: Final = ("pbstrXML", "pDoc")
_REMEMBERED: Final = 1024
_LONGEST: Final = 128
"""Longer texts are not kept to look a call up by."""


class Plan(Struct, frozen=True):
    """What the arguments of a call come to in a profile, whatever the state of the object.

    `arguments` are those that the engine works with, `refusal` says why VSS does not take them, `column` is that of the
    protocol table which they choose.
    """

    arguments: dict[str, Any]
    refusal: Refusal | None
    column: Column | None


_LIST_OF_IDS: Final = "const VSS_ID*"


def _is_nested(type_name: str) -> bool:
    return type_name == _LIST_OF_IDS or structure_of(type_name) is not None


class Entry:
    """One documented call, compiled once.

    `results` are the demands for a place, by the result; `document` is the argument that is one, if any is.
    """

    def __init__(self, signature: Signature) -> None:
        self.signature = signature
        self.full_name = signature.full_name
        self.name = signature.name
        self.family = signature.family
        self.is_on_an_object = bool(self.family) and self.full_name != CONSTRUCT
        self.parameters = {parameter.name: None for parameter in signature.parameters}
        """The names of its arguments, in their order."""
        self.inputs: tuple[tuple[str, Convert, Any], ...] = converters(signature)
        self.results = places_of_results(signature.full_name)
        self.method: Method | None = METHODS.get(signature.name) if self.family == BACKUP_COMPONENTS else None
        self.nests = any(_is_nested(parameter.type) for parameter in signature.parameters)
        """Whether a list or a structure stands in its arguments or results, which somebody else may change."""
        self.hands_out_a_document = any(parameter.name in _DOCUMENTS_OUT for parameter in signature.parameters)
        self.document = TEXTS_THAT_ARE_DOCUMENTS.get(self.full_name, "bstrXML")
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
        self.remembers = self.method.operation.about if self.method is not None and self.method.operation else ()
        answers = documented_answers().get(signature.full_name, ())
        self.needs_rights = any(answer.hresult == HResult.E_ACCESSDENIED.name for answer in answers)
        is_a_writers = self.full_name in calls_of_programs()
        self.grants = GRANTED_TO_WRITERS if is_a_writers else GRANTED_TO_REQUESTERS
        """The values of VssAccessControl by which an account may make it."""
        self.without_arguments: dict[Profile, Plan] = {}
        """The plan for a call without arguments, once such a one was made."""
        self._plans: dict[tuple[object, ...], Plan] = {}
        self._can_remember = all(is_soon_compared(make) for _, make, _ in self.inputs)
        self._columns = tuple(self._compiled(profile) for profile in (Profile.WINDOWS, Profile.DOCUMENTED))

    def _compiled(self, profile: Profile) -> dict[str | None, Column]:
        method = self.method
        return {} if method is None else {way: column(method.name, way, profile) for way in method.ways}

    def plan(self, profile: Profile, given: Arguments) -> Plan | None:
        """The plan for a call with these arguments, some at least, where such a one was made before."""
        values = given.values()
        if not self._can_remember:
            for value in values:
                if value is not None:
                    return None
        try:
            return self._plans.get((profile, *given, *values, *map(type, values)))
        except TypeError:  # a value that cannot be looked up, such as a list
            return None

    def planned(self, profile: Profile, given: Arguments) -> Plan:
        """The plan for a call with these arguments, made anew and remembered.

        Raises:
            BadCall: an argument is missing or of a type that no program could pass.
        """
        arguments = convert(self.full_name, self.inputs, given)
        refusal = self._refusal(profile, given, arguments) if given else None
        plan = Plan(arguments, refusal, self._column(profile, arguments) if refusal is None else None)
        if not given:
            self.without_arguments[profile] = plan
        elif len(self._plans) < _REMEMBERED and self._may_remember(given):
            values = given.values()
            self._plans[profile, *given, *values, *map(type, values)] = plan
        return plan

    def _may_remember(self, given: Arguments) -> bool:
        if self._can_remember:
            return all(_is_short(value) for value in given.values())
        return all(value is None for value in given.values())

    def _column(self, profile: Profile, arguments: Arguments) -> Column | None:
        """The column of the protocol table for a call with these arguments."""
        if self.method is None:
            return None
        return self._columns[profile is Profile.DOCUMENTED][choices_of(self.method, arguments)[0]]

    def _refusal(self, profile: Profile, given: Arguments, arguments: Arguments) -> Refusal | None:
        """Why VSS does not take these arguments; a result for which there is no place is one of them."""
        if self.rules and (broken := self.broken_rule(profile, arguments)) is not None:
            demand, fault = broken
            passed = given.get(demand.parameter, arguments.get(demand.parameter))
            words = f"{demand.parameter} is {shown(passed)}"
            if demand.condition is not Condition.NOT_NULL:
                words += f" - expected: {demanded(demand)}"
            return Refusal(self.full_name, demand.answers[0], fault, words, ways=(legal_call(self.full_name, demand),))
        for name, place in self.results.items():
            if given.get(name, name) is None:
                words = f"{name} is NULL; it is where the result goes"
                ways = (legal_call(self.full_name, place),)
                return Refusal(self.full_name, place.answers[0], place.rule, words, ways=ways)
        return None

    def broken_rule(self, profile: Profile, arguments: Arguments) -> tuple[ArgumentRule, str] | None:
        """The first demand on arguments for which VSS refuses the call, with the rule that says so."""
        for rule, certain, check in self._demands[profile is Profile.DOCUMENTED]:
            if certain or type(arguments.get(rule.parameter)) is Invalid:
                fault = check(arguments)
                if fault is not None:
                    return rule, fault
        return None


def _is_short(value: object) -> bool:
    return value is None or isinstance(value, int) or (isinstance(value, str) and len(value) <= _LONGEST)


ENTRIES: Final[dict[str, Entry]] = {}
"""Every name of a call that was asked for so far → the call."""


def entry(call: str) -> Entry:
    """The call of this name, written with any version of its interface.

    Raises:
        KeyError: there is no such call.
        NotSimulated: it is documented, or none of VSS, and the engine does not make it.
    """
    known = ENTRIES.get(call)
    if known is None:
        if call not in call_names() and is_foreign(call):
            raise NotSimulated(beside_vss(call))
        full_name = call_names()[call]
        reason = not_simulated(full_name)
        if reason:
            raise NotSimulated(reason)
        known = ENTRIES[call] = _entry(full_name)
    return known


@cache
def _entry(full_name: str) -> Entry:
    return Entry(signatures()[full_name])
