"""Every documented method says what it does, and what each of its parameters means."""

import pytest

from vss_sim.report.explain import explain
from vss_sim.spec.methods import signatures
from vss_sim.spec.parameters import naming
from vss_sim.spec.structures import STRUCTURES
from vss_sim.spec.tables import read_table


@pytest.mark.parametrize("full_name", sorted(signatures()))
def test_a_method_and_each_of_its_parameters_have_a_meaning(full_name: str) -> None:
    """Of requesters, writers, providers and management alike: a sentence, and a clause for each parameter."""
    signature = signatures()[full_name]
    assert signature.does.endswith(".")
    assert signature.does[0].isupper()
    for parameter in signature.parameters:
        meaning = naming(signature, parameter).meaning
        assert meaning, parameter.name
        assert not meaning.endswith("."), parameter.name


def test_each_row_means_a_parameter_or_a_member() -> None:
    """A row that nothing reads would be a meaning that nobody sees; none stands twice."""
    methods = {name for one in signatures().values() for name in (one.full_name, one.name)}
    parameters = {parameter.name for one in signatures().values() for parameter in one.parameters}
    rows = [(row["of"], row["name"]) for row in read_table("parameters.tsv")]
    assert len(rows) == len(set(rows))
    for owner, name in rows:
        if owner in STRUCTURES:
            assert name in STRUCTURES[owner]
        else:
            assert owner == "*" or owner in methods, owner
            assert name in parameters, name


def test_every_row_of_one_method_is_what_its_parameter_means() -> None:
    """The row of the method wins over the row for all, as `explain` shows it."""
    named = {(row["of"], row["name"]): row["meaning"] for row in read_table("parameters.tsv")}
    for signature in signatures().values():
        for parameter in signature.parameters:
            own = named.get((signature.full_name, parameter.name)) or named.get((signature.name, parameter.name))
            if own is not None:
                assert naming(signature, parameter).meaning == own


@pytest.mark.parametrize(
    ("method", "parameter", "says"),
    [
        ("IVssComponent::AddDirectedTarget", "wszDestinationRangeList", "as many ranges"),
        ("IVssComponent::AddDifferencedFilesByLastModifyTime", "ftLastModifyTime", "0 leaves it to the requester"),
        ("CVssWriter::OnBackupShutdown", "SnapshotSetId", "GUID_NULL where none was made"),
        ("IVssCreateWriterMetadata::AddAlternateLocationMapping", "wszDestination", "may go to at a restore"),
        ("IVssBackupComponents::AddAlternativeLocationMapping", "wszDestination", "went to"),
        ("CVssWriter::OnBackOffIOOnVolume", "snapshotId", "reserved"),
        ("IVssHardwareSnapshotProviderEx::OnLunStateChange", "dwFlags", "VSS_ONLUNSTATECHANGE"),
        ("CVssWriter::OnPrepareBackup", "pComponent", "NULL where the requester chooses none"),
    ],
)
def test_explain_tells_the_meaning_in_the_place_of_the_parameter(method: str, parameter: str, says: str) -> None:
    """The same name may mean another thing in another method."""
    after = " ".join(explain(method).split()).partition(" parameters")[2].partition(f" {parameter}")[2]
    assert says in after[:200]
