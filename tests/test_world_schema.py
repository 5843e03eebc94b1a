"""The JSON Schema of the world file says what the model takes: no world is refused, and names are the model's own."""

import json
from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from jsonschema import Draft202012Validator

from tests.documents import values
from tests.support import ROOT
from tests.test_world_files import EXAMPLE, MANY
from vss_sim.documents.errors import WorldError
from vss_sim.documents.world_file import read_world, write_world
from vss_sim.model.computer import Description
from vss_sim.report.world_page import described_types, meanings
from vss_sim.report.world_schema import world_schema

SCHEMA: Final = json.loads(world_schema())
VALIDATOR: Final = Draft202012Validator(SCHEMA)


def test_the_schema_is_one_and_every_reference_leads_somewhere() -> None:
    """By the dialect that it names."""
    Draft202012Validator.check_schema(SCHEMA)
    wanted = {part.partition('"')[0] for part in world_schema().split('"$ref": "#/$defs/')[1:]}
    assert wanted == set(SCHEMA["$defs"])


def test_every_key_has_its_meaning() -> None:
    """The same that the page says."""
    for kind in described_types():
        for key, told in SCHEMA["$defs"][kind.__name__]["properties"].items():
            assert told["description"] == meanings()[kind.__name__, key]
        assert SCHEMA["$defs"][kind.__name__]["additionalProperties"] is False


@MANY
@given(values(Description))
def test_no_world_is_refused(world: Description) -> None:
    """Whatever is in it."""
    VALIDATOR.validate(json.loads(write_world(world)))


def test_the_examples_are_worlds_by_the_schema() -> None:
    """The format's own, and those of the docs."""
    for text in (EXAMPLE, (ROOT / "docs" / "examples" / "two_writers.json").read_text(encoding="utf-8")):
        VALIDATOR.validate(json.loads(text))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"services"', '"service"'),
        ("Windows Server 2022", "Windows 3.1"),
        ("1000000000", '"much"'),
        ("1000000000", "-1"),
        ("5AFFB034-969F", "5AFFB034"),
        ("VSS_UT_USERDATA", "USER_DATA"),
        ("VSS_BS_COPY", "COPY"),
        ('"on": "Freeze"', '"on": "Melt"'),
        ("VSS_E_WRITERERROR_RETRYABLE", "0x800423f3"),
        ("VSS_RT_ALTERNATE", "ELSEWHERE"),
        ('"state": "running"', '"state": "walking"'),
        ('"storage": {"luns": []}', '"storage": []'),
        ('"name": "Sample Writer", ', ""),
    ],
)
def test_what_the_model_refuses_in_a_single_value_the_schema_refuses(old: str, new: str) -> None:
    """So that an editor shows it."""
    assert EXAMPLE.count(old) == 1
    wrong = json.loads(EXAMPLE.replace(old, new))
    with pytest.raises(WorldError):
        read_world(wrong)
    assert not VALIDATOR.is_valid(wrong)


def _named(part: Any) -> bool:
    return isinstance(part, dict) and ("enum" in part or "pattern" in part)


def test_the_model_takes_every_name_that_the_schema_lists_and_no_other() -> None:
    """Each text of the model that is one of many names, in each of its classes."""
    checked = 0
    for kind in described_types():
        keys = SCHEMA["$defs"][kind.__name__]["properties"]
        for key, told in keys.items():
            names = _names(told)
            for name in names[:400]:
                _makes(kind, key, name, told)
            if names:
                with pytest.raises((msgspec.ValidationError, ValueError)):
                    _makes(kind, key, "NOTHING_OF_THAT_NAME", told)
                checked += 1
    assert checked > 25


def _names(told: dict[str, Any]) -> list[Any]:
    """The names that the schema of a key lists."""
    if "$ref" in told:
        return _names(SCHEMA["$defs"][told["$ref"].rpartition("/")[2]])
    inner = told.get("items") or next(iter(told.get("anyOf", ())), None)
    return told.get("enum") or (_names(inner) if inner else [])


_NEEDED: Final[dict[str, dict[str, Any]]] = {
    "HandlerCall": {"call": "IVssComponent::GetBackupStamp"},
    "Writer": {"express": False},
    "WriterComponent": {"type": "VSS_CT_DATABASE"},
    "Volume": {"name": "C:\\"},
    "ScriptedAnswer": {"to": "DoSnapshotSet"},
    "ScriptedHappening": {"happens": "reboot"},
    "ProviderReply": {"on": "OnLunStateChange"},
}
_ONLY_SOMETIMES: Final = {("HandlerCall", "call"), ("WriterComponent", "type"), ("ScriptedHappening", "happens")}
"""What else has to fit where a name is taken: its arguments; that a component is something; what a happening needs."""


def _makes(kind: type[msgspec.Struct], key: str, name: Any, told: dict[str, Any]) -> None:
    """Make a value of the class with this name for the key."""
    required = SCHEMA["$defs"][kind.__name__].get("required", ())
    usual = {one: _usual(SCHEMA["$defs"][kind.__name__]["properties"][one]) for one in required}
    value = [name] if told.get("type") == "array" or _is_list(told) else name
    given = {**usual, **_NEEDED.get(kind.__name__, {}), key: value}
    try:
        msgspec.convert(given, kind)
    except (msgspec.ValidationError, ValueError):
        if name != "NOTHING_OF_THAT_NAME" and (kind.__name__, key) in _ONLY_SOMETIMES:
            return
        raise


def _is_list(told: dict[str, Any]) -> bool:
    return any(one.get("type") == "array" for one in told.get("anyOf", ()))


def _usual(told: dict[str, Any]) -> Any:
    names = _names(told)
    if names:
        return names[0]
    if told.get("type") == "boolean":
        return False
    return "{5affb034-969f-4919-8875-88f830d0ef89}"
