"""An express writer stores its metadata, from Register to Unregister, and runs no program."""

import pytest

from tests.support import check
from tests.writer_programs import DESCRIBED, NOTES, events, filled, gathered, identities, simulation, taken
from vss_sim import (
    BadCall,
    HResult,
    NotSimulated,
    Profile,
    UsageType,
    VssError,
    create_express_writer,
)


def test_a_registered_express_writer_is_listed_and_hears_nothing() -> None:
    """Rule wr-express-limits: from Register to Unregister, and across restarts, without a program."""
    world = simulation()
    express = create_express_writer(world)
    filled(express)
    assert identities(world) == []
    express.register()
    express.release()
    world.happens("reboot")
    assert identities(world) == [(NOTES, "Notes")]
    taken(world)
    assert events(world) == []
    metadata = gathered(world).get_writer_metadata(0).metadata
    assert metadata.get_version().major_version == 1
    assert metadata.get_component(0).get_file(0).get_path() == "C:\\notes"
    express = create_express_writer(world)
    express.unregister(NOTES)
    assert identities(world) == []
    with pytest.raises(VssError) as refused:
        express.unregister(NOTES)
    assert refused.value.hresult is HResult.VSS_E_OBJECT_NOT_FOUND


def test_what_an_express_writer_saved_can_be_loaded_and_registered_elsewhere() -> None:
    """LoadMetadata takes what SaveAsXML of its metadata gave."""
    express = create_express_writer(simulation())
    metadata = express.create_metadata(NOTES, "Notes", UsageType.SYSTEMSERVICE, 0, 0)
    metadata.add_exclude_files("C:\\notes", "*.tmp", False)
    document = metadata.save_as_xml()
    world = simulation()
    other = create_express_writer(world)
    other.load_metadata(document)
    other.register()
    assert gathered(world).get_writer_metadata(0).metadata.get_file_counts().exclude_files == 1


def test_what_is_registered_is_what_the_metadata_held_then() -> None:
    """Later calls on the metadata are of the next registration."""
    world = simulation()
    express = create_express_writer(world)
    metadata = express.create_metadata(NOTES, "Notes", UsageType.USERDATA, 0, 0)
    express.register()
    metadata.add_exclude_files("C:\\notes", "*", False)
    assert gathered(world).get_writer_metadata(0).metadata.get_file_counts().exclude_files == 0
    express.unregister(NOTES)
    express.register()
    assert gathered(world).get_writer_metadata(0).metadata.get_file_counts().exclude_files == 1


def test_an_express_writer_that_the_world_describes_is_registered() -> None:
    """Rule express-register-once; with `running` false it is not yet, and may be."""
    described = {"name": "Notes", "writerId": NOTES, "express": True}
    world = simulation(described)
    express = create_express_writer(world)
    filled(express)
    with pytest.raises(VssError, match="express-register-once"):
        express.register()
    express.unregister(NOTES)
    express.register()
    assert identities(world) == [(NOTES, "Notes")]
    assert identities(simulation({**described, "running": False})) == []


def test_nothing_is_registered_without_metadata() -> None:
    """Rules express-register-after-metadata; express-unregister-after-create, by the letter of its page only."""
    with pytest.raises(VssError, match="express-register-after-metadata"):
        create_express_writer(simulation()).register()
    described = {"name": "Notes", "writerId": NOTES, "express": True}
    create_express_writer(simulation(described)).unregister(NOTES)
    with pytest.raises(VssError, match="express-unregister-after-create"):
        create_express_writer(simulation(described, profile=Profile.DOCUMENTED)).unregister(NOTES)


def test_a_document_that_no_express_writer_could_have_is_not_guessed_about() -> None:
    """No page says what LoadMetadata makes of it."""
    world = simulation({**DESCRIBED, "running": True, "backupSchema": ["VSS_BS_LOG"]})
    document = gathered(world).get_writer_metadata(0).metadata.save_as_xml()
    with pytest.raises(NotSimulated, match="express-md-schema"):
        create_express_writer(world).load_metadata(document)


def test_express_writers_came_with_windows_7() -> None:
    """An older system has no such function."""
    with pytest.raises(BadCall, match="is not on Windows Server 2008"):
        create_express_writer(simulation(os="Windows Server 2008"))


@pytest.mark.parametrize("code", ["E_OUTOFMEMORY", "VSS_E_BAD_STATE", "E_UNEXPECTED"])
def test_a_page_that_names_no_code_allows_each(code: str) -> None:
    """Page of IVssExpressWriter::CreateMetadata: another HRESULT than S_OK where it fails, and it says no more."""
    given = {"writerId": NOTES, "writerName": "Notes", "usageType": "VSS_UT_USERDATA", "versionMajor": 1}
    lines = [
        {"call": "CreateVssExpressWriter", "returns": "S_OK", "out": {"ppWriter": "express"}},
        {"call": "IVssExpressWriter::CreateMetadata", "on": "express", "in": given, "returns": code},
    ]
    assert [finding.rule for finding in check(lines).findings if "ans" in finding.rule] == []
