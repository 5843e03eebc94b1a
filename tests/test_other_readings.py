"""Where another reading of what the pages dispute is told to lead a restore, it leads when it is played by that."""

import pytest
from msgspec.structs import replace

from tests.restore_scenes import SCENES, Scene
from tests.restoring import MAPPING, Machine, world, writer
from vss_sim import read_world, rehearse
from vss_sim.report.rehearsal import rehearsal_text
from vss_sim.spec.restoring import METHODS, Otherwise, otherwise
from vss_sim.spec.restoring.words import Moment, Outcome


def others(machine: Machine, scene: Scene) -> tuple[Otherwise, ...]:
    """What is told of other readings."""
    result = machine.result
    if result.method is None:
        return ()
    return otherwise(METHODS[result.method].whole, result.way, result.target, scene.request.readings, result.stored)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.id)
def test_another_reading_leads_where_it_is_told_to(scene: Scene) -> None:
    """The same restore by that reading comes to that end, or asks that question, which was not asked before."""
    for other in others(scene.played(), scene):
        readings = {**scene.request.readings, other.parameter.name: other.reading}
        played = replace(scene, request=replace(scene.request, readings=readings)).played()
        if isinstance(other.end, Outcome):
            assert played.leaf == other.end.name
        else:
            assert other.end.moment is not Moment.STORED, "the documents have the answer"
            assert other.end in {step.question for step in played.result.way}


def test_most_disputes_are_told_of_some_restore() -> None:
    """Those with a branch in a tree; C68 sends a set to places that nobody has looked at."""
    told = {other.parameter.dispute for scene in SCENES for other in others(scene.played(), scene)}
    assert told >= {"C01", "C03", "C04", "C05", "C08", "C09", "C10"}


def test_the_text_tells_of_a_restore_that_failed_what_would_have_been_asked() -> None:
    """Dispute C09: AT_REBOOT and a target. Where files are restored, only what leads elsewhere for certain is told."""
    target = {"replies": [{"on": "PreRestore", "setRestoreTarget": "VSS_RT_ALTERNATE"}]}
    refused = world(writer("RESTORE_AT_REBOOT", alternateLocationMappings=[MAPPING], **target))
    text = rehearsal_text(rehearse(read_world(refused)))
    assert "disputed C09, by the reading 'honour': it would be asked: Can every file at its mapped" in text
    unmapped = rehearsal_text(rehearse(read_world(world(writer("RESTORE_AT_REBOOT", **target)))))
    assert "disputed C09, by the reading 'honour': error (writer error): VSS_RT_ALTERNATE without" in unmapped
    replaced = world(writer("RESTORE_IF_CAN_REPLACE", alternateLocationMappings=[MAPPING]))
    assert "disputed" not in rehearsal_text(rehearse(read_world(replaced)))


def test_what_follows_from_an_answer_is_not_said_to_be_asked() -> None:
    """Disputes C01, C08: a file that cannot be overwritten is in the way by either reading, and leads to one end."""
    taken = {"C:\\alt\\f1": {"content": "x", "inUse": True}}
    mapped = {"alternateLocationMappings": [MAPPING]}
    for method in ("RESTORE_TO_ALTERNATE_LOCATION", "RESTORE_AT_REBOOT_IF_CANNOT_REPLACE"):
        files = taken if method == "RESTORE_TO_ALTERNATE_LOCATION" else {"C:\\data\\f1": {"inUse": True}}
        described = world(writer(method, **mapped), files=files)
        described["then"] = [{"happens": "volume full", "volume": "C:\\"}]
        text = rehearsal_text(rehearse(read_world(described)))
        assert "error (VSS_RS_NONE" in text
        assert "C01" not in text
        assert "C08" not in text
