"""What a reading call on a metadata or component object teaches: every subject that listens is told of it here."""

from vss_sim.judge.backups.partial_files import learn_partial
from vss_sim.judge.backups.writer_metadata import learn_reading
from vss_sim.judge.documents.document_contents import learn_of_document
from vss_sim.judge.history import History, Step
from vss_sim.judge.objects import OtherObject
from vss_sim.judge.restoring.restore_readings import learn_for_restores
from vss_sim.judge.restoring.restored_sets import judge_entry, judge_saved, learn_moved
from vss_sim.judge.writers.writer_filter import judge_shown
from vss_sim.spec.methods import Signature


def read_object(history: History, step: Step, signature: Signature, known: OtherObject | None) -> None:
    """Take on what the call told; `known` is None where the log does not show what the object is."""
    if known is not None:
        if known.owner is not None and signature.name == "GetIdentity" and step.succeeded is not False:
            judge_shown(history, step, known.owner)
        learn_for_restores(history, step, signature, known)
        learn_reading(history, step, signature, known)
        if signature.name == "GetComponentName":
            judge_entry(history, step, known)
        if signature.name == "GetRestoreTarget":
            learn_moved(step, known)
        if signature.name == "GetBackupSucceeded":
            judge_saved(history, step, known)
    learn_partial(history, step, signature, known)
    learn_of_document(history, step, signature, known)
