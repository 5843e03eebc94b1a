"""World files: a computer described in JSON comes back as it was written; what describes none is told."""

import json
import time
from enum import StrEnum
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings

from tests.documents import values
from vss_sim.documents.errors import WorldError
from vss_sim.documents.world_file import LARGEST, read_world, write_world
from vss_sim.model.computer import Description, Machine, Provider, Reply, Volume, Writer
from vss_sim.model.metadata import WriterComponent
from vss_sim.model.values import Described
from vss_sim.model.wishes import WishedComponent
from vss_sim.model.world import new_world
from vss_sim.spec.enums import (
    ApplicationLevel,
    ComponentType,
    ProviderType,
    RestoreMethod,
    RestoreTarget,
    RollForwardType,
    UsageType,
)

WRITER: Final = "{5affb034-969f-4919-8875-88f830d0ef89}"
EXAMPLE: Final = """{"machines": [{
   "name": "one", "os": "Windows Server 2022",
   "volumes": [{"name": "C:\\\\", "capacity": 1000000000, "files": {
       "C:\\\\db\\\\data.mdf": {"content": "v1"}, "C:\\\\db\\\\log.ldf": {"content": "v1", "inUse": true},
       "C:\\\\db\\\\old.txt": {"content": "x", "readOnly": true}}}],
   "services": [{"name": "MSSQLSERVER", "state": "running", "stoppable": true, "opens": ["C:\\\\db\\\\log.ldf"]}],
   "writers": [{
       "name": "Sample Writer", "writerId": "{5AFFB034-969F-4919-8875-88f830d0ef89}", "usage": "VSS_UT_USERDATA",
       "source": "VSS_ST_OTHER", "hostedIn": "MSSQLSERVER", "backupSchema": ["VSS_BS_COPY"],
       "restoreMethod": {"method": "VSS_RME_RESTORE_IF_CAN_REPLACE", "service": null,
                         "writerRestore": "VSS_WRE_ALWAYS", "rebootRequired": false},
       "alternateLocationMappings": [{"path": "C:\\\\db", "filespec": "*.mdf", "recursive": false,
                                      "destination": "C:\\\\alt"}],
       "excludeFiles": [{"path": "C:\\\\db", "filespec": "*.tmp", "recursive": true}],
       "components": [{"type": "VSS_CT_FILEGROUP", "logicalPath": "", "name": "Database", "selectable": true,
                       "selectableForRestore": true,
                       "files": [{"path": "C:\\\\db", "filespec": "*", "recursive": true}],
                       "databaseFiles": [], "databaseLogFiles": [], "dependencies": []}],
       "replies": [{"on": "Freeze", "fails": "VSS_E_WRITERERROR_RETRYABLE", "times": 1},
                   {"on": "PreRestore", "component": "Database", "setRestoreTarget": "VSS_RT_ALTERNATE"}]}],
   "providers": [{"name": "Microsoft Software Shadow Copy provider 1.0", "type": "VSS_PROV_SYSTEM"}]}],
 "storage": {"luns": []},
 "then": [{"happens": "file in use", "path": "C:\\\\db\\\\log.ldf"}]}
"""
MANY: Final = settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


def refused(text: Any) -> WorldError:
    """What is said of a text that describes no world."""
    with pytest.raises(WorldError) as caught:
        read_world(text)
    return caught.value


def test_the_world_of_the_format_s_own_example_is_read() -> None:
    """Keys in camelCase, enumerations by their VSS names, ids with braces or without, in any case."""
    (machine,) = read_world(EXAMPLE).machines
    (volume,) = machine.volumes
    assert volume.files["C:\\db\\log.ldf"].in_use
    assert volume.files["C:\\db\\old.txt"].read_only
    (writer,) = machine.writers
    assert writer.writer_id == WRITER
    assert writer.restore_method is not None
    assert writer.restore_method.method is RestoreMethod.RESTORE_IF_CAN_REPLACE
    assert writer.components[0].type is ComponentType.FILEGROUP
    assert writer.replies[1] == Reply(on="PreRestore", component="Database", set_restore_target=RestoreTarget.ALTERNATE)
    assert machine.providers[0].type is ProviderType.SYSTEM
    assert machine.services[0].opens == ("C:\\db\\log.ldf",)
    assert new_world(read_world(EXAMPLE)).machine(0) == machine


def test_a_world_is_read_from_text_bytes_and_json_alike() -> None:
    """The header of a trace and a message on the wire carry it as an object."""
    world = read_world(EXAMPLE)
    assert read_world(EXAMPLE.encode()) == read_world(b"\xef\xbb\xbf" + EXAMPLE.encode()) == world
    assert read_world(json.loads(EXAMPLE)) == world


def test_the_shortest_world_is_one_machine_with_a_volume() -> None:
    """Everything has a default, and what has it is left out on writing."""
    assert read_world("{}") == Description()
    assert json.loads(write_world(Description())) == {}
    written = write_world(Description(machines=(Machine(volumes=(Volume(name="D:\\"),)),)))
    assert json.loads(written) == {"machines": [{"volumes": [{"name": "D:\\"}]}]}


@MANY
@given(values(Description))
def test_a_world_is_read_as_it_was_written(world: Description) -> None:
    """Whatever machines, volumes, writers and providers it has."""
    assert read_world(write_world(world)) == world


def test_flags_have_one_order_and_ids_one_spelling() -> None:
    """So that two descriptions of the same writer are equal."""
    one = Writer(name="W", writer_id=WRITER.upper().strip("{}"), backup_schema=("VSS_BS_LOG", "VSS_BS_COPY"))
    other = Writer(name="W", writer_id=WRITER, backup_schema=("VSS_BS_COPY", "VSS_BS_LOG", "VSS_BS_UNDEFINED"))
    assert one == other
    assert one.backup_schema == ("VSS_BS_LOG", "VSS_BS_COPY")


@pytest.mark.parametrize(
    ("old", "new", "line", "place", "says"),
    [
        ('"services"', '"service"', 6, "machines[0].service", "did you mean services?"),
        ('"inUse"', '"in_use"', 3, "files[...].in_use", "did you mean inUse?"),
        ("Windows Server 2022", "Windows 3.1", 2, "machines[0].os", "no system known"),
        ("1000000000", '"much"', 3, "machines[0].volumes[0].capacity", "Expected `int`"),
        ("1000000000", "-1", 3, "machines[0].volumes[0].capacity", ">= 0"),
        ("5AFFB034-969F", "5AFFB034", 8, "machines[0].writers[0].writerId", "no GUID"),
        ("VSS_UT_USERDATA", "USER_DATA", 8, "machines[0].writers[0].usage", "VSS_UT_USERDATA"),
        ("VSS_BS_COPY", "COPY", 9, "machines[0].writers[0].backupSchema", "VSS_BS_COPY"),
        ("VSS_CT_FILEGROUP", "VSS_CT_UNDEFINED", 15, "components[0].type", "a database or a file group"),
        ('"on": "Freeze"', '"on": "Melt"', 19, "replies[0].on", "Freeze"),
        ("VSS_E_WRITERERROR_RETRYABLE", "0x800423f3", 19, "replies[0].fails", "name of an HRESULT"),
        ("VSS_RT_ALTERNATE", "ELSEWHERE", 20, "replies[1].setRestoreTarget", "VSS_RT_DIRECTED"),
        ('"state": "running"', '"state": "walking"', 6, "machines[0].services[0].state", "walking"),
        ('"type": "VSS_PROV_SYSTEM"', '"providerId": "{}"', 21, "machines[0].providers[0].providerId", "no GUID"),
        ('"storage": {"luns": []}', '"storage": []', 22, "storage", "Expected `object`"),
    ],
)
def test_what_is_wrong_in_a_world_is_told_with_its_line_its_key_and_what_was_expected(
    old: str, new: str, line: int, place: str, says: str
) -> None:
    """A key that is not known is an error, too: a misspelt one would change the world silently."""
    assert EXAMPLE.count(old) == 1
    error = refused(EXAMPLE.replace(old, new))
    assert (error.line, error.place[-len(place) :]) == (line, place)
    assert says in error.says
    assert str(error) == f"line {line}, {error.place}: {error.says}"
    as_json = refused(json.loads(EXAMPLE.replace(old, new)))
    assert (as_json.line, as_json.place, as_json.says) == (None, error.place, error.says)


@pytest.mark.parametrize(
    ("text", "place", "says"),
    [
        ('{"machines": [{"name": "a"}, {"name": "A"}]}', "machines", "'A' is there twice"),
        ('{"machines": []}', "machines", "at least one machine"),
        ('{"machines": [{"volumes": [{"name": "C:\\\\"}, {"name": "c:\\\\"}]}]}', "machines[0].volumes", "twice"),
        ('{"machines": [{"name": "a", "name": "b"}]}', "machines[0].name", "there twice in one object"),
        ('{"machines": [{"answers": [{"to": "DoSnapshot"}]}]}', "machines[0].answers[0].to", "documented method"),
        ('{"machines": [{"unsupportedContexts": ["ALL"]}]}', "machines[0].unsupportedContexts", "VSS_CTX_ALL"),
        (
            '{"machines": [{"writers": [{}]}]}',
            "machines[0].writers[0]",
            "name is missing; there must be name, writerId",
        ),
    ],
)
def test_a_world_whose_things_cannot_be_told_apart_is_refused(text: str, place: str, says: str) -> None:
    """Names are compared without case, as Windows does."""
    error = refused(text)
    assert (error.place, says in error.says) == (place, True), error


HOSTILE: Final[dict[str, str | bytes | dict[Any, Any]]] = {
    "nothing": "",
    "white space": "\n\n",
    "no JSON": "<xml/>",
    "cut off": EXAMPLE[:700],
    "two values": "{}{}",
    "a list": "[]",
    "a number": "3",
    "nothing known": "null",
    "no UTF-8": b'{"machines": "\xff"}',
    "UTF-16": EXAMPLE.encode("utf-16"),
    "half a character": '{"\ud83d": 1}',
    "nested lists": "[" * 100_000,
    "nested objects": '{"machines":' * 100_000,
    "nested in an unknown key": '{"x":' + "[" * 100_000 + "]" * 100_000 + "}",
    "nested where all may stand": '{"then": [{"a":' + "[" * 100_000 + "]" * 100_000 + "}]}",
    "50 MB": " " * (50 << 20),
    "much of nothing": '{"machines": "' + "x" * (LARGEST - 100) + '"}',
    "a huge key": '{"' + "x" * (20 << 20) + '": 1}',
    "a huge number": '{"machines": [{"volumes": [{"name": "C:\\\\", "capacity": ' + "9" * 100_000 + "}]}]}",
    "a huge id": '{"machines": [{"providers": [{"name": "x", "classId": "' + "a" * (20 << 20) + '"}]}]}',
    "not a number": '{"machines": [{"volumes": [{"name": "C:\\\\", "capacity": NaN}]}]}',
    "a key that is no text": {1: 2},
    "the wrong type": {"machines": {"name": "one"}},
    "an object of Python": {"machines": [object()]},
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_text_that_does_harm_is_refused_soon(text: Any) -> None:
    """With a word on what was expected, and no other error than WorldError."""
    begin = time.process_time()
    error = refused(text)
    assert time.process_time() - begin < 2.0
    assert 0 < len(str(error)) < 2000


def test_a_description_that_holds_itself_is_refused() -> None:
    """It has no end."""
    endless: list[Any] = []
    endless.append(endless)
    assert "machines[0]" in refused({"machines": endless}).place


def test_what_python_makes_is_checked_as_what_a_file_says() -> None:
    """The values themselves refuse what no world has."""
    with pytest.raises(ValueError, match="providerId: 'x' is no GUID"):
        Provider(name="P", provider_id="x")
    with pytest.raises(ValueError, match="type: a component is"):
        WriterComponent(name="C", type=ComponentType.UNDEFINED)


NAMED: Final[list[tuple[type[Described], dict[str, Any], StrEnum]]] = [
    (Provider, {"type": "VSS_PROV_HARDWARE"}, ProviderType.HARDWARE),
    (WriterComponent, {"type": "VSS_CT_DATABASE"}, ComponentType.DATABASE),
    (Writer, {"writer_id": "GUID_NULL", "usage": "VSS_UT_OTHER"}, UsageType.OTHER),
    (Writer, {"writer_id": "GUID_NULL", "level": "VSS_APP_BACK_END"}, ApplicationLevel.BACK_END),
    (WishedComponent, {"writer_id": "GUID_NULL", "roll_forward": "VSS_RF_ALL"}, RollForwardType.ALL),
]


@pytest.mark.parametrize(("kind", "given", "member"), NAMED)
def test_the_name_of_a_member_is_that_member(kind: type[Described], given: dict[str, Any], member: StrEnum) -> None:
    """In what Python makes: there only a type checker would see that a hardware provider is none."""
    field = next(reversed(given))
    made: Any = kind
    assert getattr(made(name="X", **given), field) is member
    with pytest.raises(
        ValueError, match=f": '{member.name}' is not known; did you mean '{member}'. expected one of VSS_"
    ):
        made(name="X", **{**given, field: member.name})
    with pytest.raises(ValueError, match=": '3' is not known; expected one of VSS_"):
        made(name="X", **{**given, field: 3})


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("name", '"C"'),
        ("name", '"C:"'),
        ("name", '"C:/"'),
        ("name", '"\\\\\\\\server\\\\"'),
        ("name", '""'),
        ("mountPoints", '["C:\\\\mnt\\\\e"]'),
        ("volumeName", '"D15C"'),
    ],
)
def test_a_volume_has_the_name_that_vss_takes(key: str, value: str) -> None:
    """Drive, mounted folder, volume GUID path or share, with a backslash at the end (rule sn-vol-name-form)."""
    other = "" if key == "name" else '"name": "D:\\\\", '
    world = f'{{"machines": [{{"volumes": [{{{other}"{key}": {value}}}]}}]}}'
    with pytest.raises(WorldError, match=rf"volumes\[0\].*{key}: .*with a backslash at the end"):
        read_world(world)


@pytest.mark.parametrize(
    "name", ["C:\\", "z:\\mnt\\e\\", "\\\\?\\Volume{11111111-0000-0000-0000-000000000001}\\", "\\\\server\\share\\"]
)
def test_names_of_volumes_that_vss_takes(name: str) -> None:
    """As the page of AddToSnapshotSet lists them."""
    read_world(json.dumps({"machines": [{"volumes": [{"name": name}]}]}))
