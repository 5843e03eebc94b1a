"""What leads nowhere in a world is found, and a name that is nearly right is told as it is written."""

from typing import Any, Final

import pytest

from vss_sim.documents.errors import WorldError
from vss_sim.documents.world_file import read_world
from vss_sim.model.loose_ends import loose_ends

WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"


ENDS: Final[tuple[tuple[dict[str, Any], str, str], ...]] = (
    (
        {"registry": {"filesNotToSnapshot": {"Shop": ["C:\\Temp\\*"]}}},
        "registry.filesNotToSnapshot",
        "the shadow copy optimization writer",
    ),
    ({"services": [{"name": "S", "opens": ["C:\\no"]}]}, "services[0].opens", "no file of this machine"),
    ({"volumes": [{"name": "C:\\", "virtualDiskOn": "D:\\"}]}, "volumes[0].virtualDiskOn", "there are 'C:\\\\'"),
    ({"providers": [{"name": "P", "volumes": ["D:\\"]}]}, "providers[0].volumes", "no volume 'D:\\\\'"),
    (
        {"providers": [{"name": "P", "replies": [{"on": "BeginPrepareSnapshot", "times": 0}]}]},
        "providers[0].replies[0].times",
        "never speaks",
    ),
    (
        {"providers": [{"name": "P", "failures": [{"to": "AddToSnapshotSet", "volume": "X:\\"}]}]},
        "providers[0].failures[0].volume",
        "no volume",
    ),
    (
        {"snapshots": [{"snapshotId": WRITER, "setId": WRITER, "volume": "E:\\"}]},
        "snapshots[0].volume",
        "no volume 'E:\\\\'",
    ),
    ({"answers": [{"to": "DoSnapshotSet", "times": 0}]}, "answers[0].times", "never speaks"),
    (
        {"volumes": [{"name": "C:\\", "slowFlushes": [{"seconds": 9, "times": 0}]}]},
        "volumes[0].slowFlushes[0].times",
        "never speaks",
    ),
    ({"happenings": [{"after": "WriteFile", "happens": "reboot", "times": 0}]}, "happenings[0].times", "never speaks"),
    *(
        ({"happenings": [{"after": "WriteFile", "happens": happens, key: name}]}, f"happenings[0].{key}", says)
        for happens, key, name, says in (
            ("file in use", "path", "C:\\none", "'C:\\\\none' is no file of this machine"),
            ("LUN masked", "lun", "lun-9", "there is no LUN 'lun-9'"),
            ("volume full", "volume", "\\\\?\\Volume{00000000-0000-0000-0000-000000000009}\\", "there is no volume"),
        )
    ),
)


WRITERS_ENDS: Final[tuple[tuple[dict[str, Any], str, str], ...]] = (
    (
        {"components": [{"name": "A", "files": [{"path": "C:\\", "filespec": "db\\*.mdf"}]}]},
        "writers[0].components[0].files[0].filespec",
        "has a backslash; folders belong into the path",
    ),
    (
        {"components": [{"name": "A", "files": [{"path": "C:\\db*", "filespec": "*"}]}]},
        "writers[0].components[0].files[0].path",
        "has a wildcard",
    ),
    (
        {"restoreMethod": {"method": "VSS_RME_STOP_RESTORE_START", "service": "S"}},
        "writers[0].restoreMethod",
        "no service",
    ),
    ({"components": [{"name": "A"}, {"name": "A"}]}, "writers[0].components[1]", "another component has the name 'A'"),
    (
        {"components": [{"name": "A"}], "replies": [{"on": "Freeze", "component": "B"}]},
        "writers[0].replies[0].component",
        "no component 'B'; there are 'A'",
    ),
    (
        {
            "replies": [
                {
                    "on": "PostSnapshot",
                    "calls": [
                        {
                            "call": "IVssComponent::SetBackupStamp",
                            "in": {"wszBackupStamp": "1"},
                            "component": "B",
                        }
                    ],
                }
            ]
        },
        "writers[0].replies[0].calls[0].component",
        "no component 'B'",
    ),
    (
        {"components": [{"name": "A", "files": [{"path": "X:\\db", "filespec": "*"}]}]},
        "writers[0].components[0].files",
        "'X:\\\\db' lies on no volume",
    ),
    (
        {"components": [{"name": "A", "dependencies": [{"writerId": WRITER, "componentName": "B"}]}]},
        "writers[0].components[0].dependencies[0].componentName",
        "that writer has 'A' under ''",
    ),
    (
        {"components": [{"name": "A", "dependencies": [{"writerId": "GUID_NULL", "componentName": "B"}]}]},
        "writers[0].components[0].dependencies[0].writerId",
        "no writer here",
    ),
)


@pytest.mark.parametrize(
    ("machine", "place", "says"),
    [
        *ENDS,
        *(({"writers": [{"name": "W", "writerId": WRITER, **writer}]}, *rest) for writer, *rest in WRITERS_ENDS),
    ],
)
def test_every_sort_of_loose_end_is_found(machine: dict[str, Any], place: str, says: str) -> None:
    """And nothing else is complained of."""
    (end,) = loose_ends(read_world({"machines": [machine]}))
    assert end.place == f"machines[0].{place}"
    assert says in end.says


@pytest.mark.parametrize(
    ("provider", "place"),
    [
        ({"replies": [{"on": "LocateLuns", "misses": ["F:\\"]}]}, None),
        ({"replies": [{"on": "LocateLuns", "misses": ["F:\\", "F:"]}]}, "replies[0].misses"),
        ({"replies": [{"on": "FillInLunInfo", "misses": ["Q:\\"]}]}, "replies[0].misses"),
        ({"failures": [{"to": "ImportSnapshots", "volume": "F:\\"}]}, None),
        ({"failures": [{"to": "ImportSnapshots", "volume": "F:"}]}, "failures[0].volume"),
        ({"failures": [{"to": "GetSnapshotProperties", "volume": "F:\\"}]}, None),
        ({"failures": [{"to": "AddToSnapshotSet", "volume": "F:\\"}]}, "failures[0].volume"),
    ],
)
def test_a_provider_is_asked_for_copies_of_volumes_of_other_machines(
    provider: dict[str, Any], place: str | None
) -> None:
    """Of those that come by an import; a volume of no machine is misspelt, and its LUN would arrive all the same."""
    one = {"name": "one", "volumes": [{"name": "F:\\"}]}
    two = {"name": "two", "volumes": [{"name": "C:\\"}], "providers": [{"name": "P", **provider}]}
    found = [end.place for end in loose_ends(read_world({"machines": [one, two]}))]
    assert found == ([f"machines[1].providers[0].{place}"] if place is not None else [])


@pytest.mark.parametrize(
    ("line", "place", "says"),
    [
        ({"happens": "file in use"}, "then[0]", "'file in use' needs 'path'"),
        ({"happens": "rebot"}, "then[0].happens", "did you mean 'reboot'?"),
        ({"happens": "the end"}, "then[0].happens", "there are time passes"),
    ],
)
def test_what_a_rehearsal_could_not_let_happen_is_found(line: dict[str, Any], place: str, says: str) -> None:
    """Before somebody rehearses."""
    (end,) = loose_ends(read_world({"then": [line, {"happens": "process ends"}, {"call": "DeleteFile"}]}))
    assert (end.place, says in end.says) == (place, True), end


NAMES: Final[tuple[tuple[dict[str, Any], str], ...]] = (
    ({"answers": [{"to": "DoSnapshot"}]}, "'DoSnapshotSet'"),
    ({"win32Faults": [{"to": "WriteFile", "fails": "DISK_FULL"}]}, "'ERROR_DISK_FULL'"),
    ({"win32Faults": [{"to": "WriteFileA", "fails": "ERROR_DISK_FULL"}]}, "'WriteFile'"),
    ({"writers": [{"name": "W", "writerId": WRITER, "replies": [{"on": "OnFreeze"}]}]}, "'Freeze'"),
    (
        {
            "writers": [
                {"name": "W", "writerId": WRITER, "replies": [{"on": "Freeze", "calls": [{"call": "GetContext"}]}]}
            ]
        },
        "'CVssWriter::GetContext'",
    ),
    ({"happenings": [{"after": "WriteFile", "happens": "service stop"}]}, "'service stops'"),
    (
        {
            "writers": [
                {"name": "W", "writerId": WRITER, "replies": [{"on": "Freeze", "setFailure": {"hresult": "RETRYABLE"}}]}
            ]
        },
        "'VSS_E_WRITERERROR_RETRYABLE'",
    ),
)


@pytest.mark.parametrize(("machine", "meant"), NAMES)
def test_a_name_that_is_nearly_right_is_told_as_it_is_written(machine: dict[str, Any], meant: str) -> None:
    """What somebody probably meant, before all that there is."""
    with pytest.raises(WorldError, match=f"did you mean {meant}"):
        read_world({"machines": [machine]})


def test_a_name_is_found_without_regard_to_case_and_a_path_through_mount_points_and_variables() -> None:
    """As the simulated computer itself finds them."""
    world = {
        "volumes": [
            {"name": "C:\\", "files": {"C:\\here": {"linkTo": "C:\\db"}, "C:\\db\\a": {}}},
            {"name": "D:\\", "mountPoints": ["C:\\mnt\\"], "files": {"D:\\b": {}}},
        ],
        "services": [{"name": "Sql", "opens": ["c:\\HERE\\A", "C:\\mnt\\b"]}],
        "environment": {"DB": "D:\\data"},
        "writers": [
            {
                "name": "W",
                "writerId": WRITER,
                "hostedIn": "SQL",
                "components": [
                    {
                        "name": "A",
                        "files": [
                            {"path": "%db%\\x", "filespec": "*"},
                            {"path": "%SystemRoot%", "filespec": "*"},
                            {"path": "\\\\server\\share", "filespec": "*"},
                        ],
                    }
                ],
            }
        ],
    }
    assert list(loose_ends(read_world({"machines": [world]}))) == []
