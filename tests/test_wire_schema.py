"""The JSON Schema of the wire: made from the table, kept in the docs, and true of what is really said."""

import json
from functools import cache
from typing import Any, Final

import pytest
from jsonschema import Draft202012Validator

from tests.support import ROOT
from tests.test_wire_hostile import BROKEN
from tests.wire_clients import Message, good_backup, say
from vss_sim.cli import main
from vss_sim.documents.json_places import keys_twice
from vss_sim.engine.coverage import simulated_calls
from vss_sim.engine.inputs import BadCall, convert, converters
from vss_sim.spec.answers import documented_answers
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import Direction
from vss_sim.wire.conversation import Conversation
from vss_sim.wire.schema import wire_schema

SCHEMA: Final = json.loads(wire_schema())
SAMPLES: Final[tuple[Any, ...]] = (
    None, True, 3, -1, 3.5, "x", "", [], {}, ["x"], "GUID_NULL", ["GUID_NULL"], [None],
    "{b5946137-7b9f-4925-af80-51abd60b20d5}", "VSS_BT_FULL", "0x10", "INFINITE", "x" * 100_001,
    "VSS_CTX_BACKUP | VSS_VOLSNAP_ATTR_DIFFERENTIAL", 10**12,
)  # fmt: skip


@cache
def _validator(name: str) -> Draft202012Validator:
    return Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": SCHEMA["$defs"]})


def _dotted(full_name: str) -> str:
    return full_name.replace("::", ".")


def test_the_schema_in_the_docs_is_up_to_date(capsys: pytest.CaptureFixture[str]) -> None:
    """`make docs` writes it; it is a schema itself."""
    assert main(["wire-schema"]) == 0
    kept = (ROOT / "docs" / "wire.schema.json").read_text(encoding="utf-8")
    assert kept == capsys.readouterr().out
    Draft202012Validator.check_schema(json.loads(kept))


def test_every_reference_leads_somewhere() -> None:
    """Within the file."""
    wanted = {part.partition('"')[0] for part in wire_schema().split('"$ref": "#/$defs/')[1:]}
    assert wanted <= set(SCHEMA["$defs"])


@pytest.mark.parametrize("signature", simulated_calls(), ids=lambda signature: signature.full_name)
def test_every_call_has_its_parameters_results_and_answers(signature: Any) -> None:
    """As the table of methods and the pages have them."""
    call = SCHEMA["$defs"][f"call.{_dotted(signature.full_name)}"]["properties"]
    reply = SCHEMA["$defs"][f"reply.{_dotted(signature.full_name)}"]["properties"]
    assert signature.full_name in call["call"]["enum"]
    assert list(call["in"]["properties"]) == [one.name for one in signature.parameters]
    assert list(reply["out"]["properties"]) == [
        one.name for one in signature.parameters if one.direction is not Direction.IN
    ]
    answers = _validator(f"reply.{_dotted(signature.full_name)}")
    for answer in documented_answers().get(signature.full_name, ()):
        if answer.hresult in HResult.__members__ and signature.interface != "IUnknown":
            assert answers.is_valid({"id": 1, "returns": answer.hresult})


@pytest.mark.parametrize("signature", simulated_calls(), ids=lambda signature: signature.full_name)
def test_the_server_takes_what_the_schema_allows(signature: Any) -> None:
    """Of every argument, whatever is written for it."""
    properties = SCHEMA["$defs"][f"call.{_dotted(signature.full_name)}"]["properties"]["in"]["properties"]
    for name, make, default in converters(signature):
        allowed = Draft202012Validator({**properties[name], "$defs": SCHEMA["$defs"]})
        for value in SAMPLES:
            if allowed.is_valid(value):
                try:
                    convert(signature.full_name, ((name, make, default),), {name: value})
                except BadCall as error:
                    pytest.fail(f"{name}: {str(error)[:200]}")


def _documented_conversation() -> list[Message]:
    text = (ROOT / "docs" / "wire.md").read_text(encoding="utf-8")
    return [json.loads(line[2:]) for line in text.splitlines() if line.startswith("> {")]


@pytest.mark.parametrize("messages", [good_backup(), _documented_conversation()], ids=["plain", "documented"])
def test_real_messages_and_replies_are_valid(messages: list[Message]) -> None:
    """The whole schema takes each; the definition of a call takes its reply."""
    conversation = Conversation()
    whole = Draft202012Validator(SCHEMA)
    for message in messages:
        reply = say(conversation, message)
        whole.validate(reply)
        _validator("reply").validate(reply)
        if "error" not in reply:
            _validator("request").validate(message)
        if "returns" in reply:
            _validator(f"call.{_dotted(message['call'])}").validate(message)
            _validator(f"reply.{_dotted(message['call'])}").validate(reply)


FILES: Final[list[tuple[str, dict[str, Any], str]]] = [
    ("CreateFile", {"lpFileName": "C:\\a", "dwDesiredAccess": "GENERIC_WRITE", "dwCreationDisposition": 1}, "SUCCESS"),
    ("WriteFileW", {"hFile": "file1", "content": "x", "offset": 2}, "SUCCESS"),
    ("WriteFile", {"hFile": "file1", "contentBase64": "/w==", "offset": 2}, "SUCCESS"),
    ("CloseHandle", {"hObject": "file1"}, "SUCCESS"),
    ("ReadFile", {"lpFileName": "C:\\A"}, "SUCCESS"),
    ("FindFirstFile", {"lpFileName": "C:\\*"}, "SUCCESS"),
    ("MoveFileEx", {"lpExistingFileName": "C:\\a", "lpNewFileName": None, "dwFlags": 4}, "SUCCESS"),
    ("DeleteFile", {"lpFileName": "C:\\b"}, "FILE_NOT_FOUND"),
    ("ControlService", {"hService": "none", "dwControl": "SERVICE_CONTROL_STOP"}, "SERVICE_DOES_NOT_EXIST"),
]


def test_file_calls_are_valid() -> None:
    """By their Win32 names, with their Win32 errors."""
    conversation = Conversation()
    for name, arguments, answer in FILES:
        message: Message = {"call": name, "in": arguments, "id": 1}
        _validator("call").validate(message)
        reply = say(conversation, message)
        assert reply["returns"] == f"ERROR_{answer}"
        _validator(f"reply.{name.removesuffix('W')}").validate(reply)
    assert say(conversation, {"happens": "file in use", "path": "C:\\a", "id": 2}) == {"id": 2}
    assert say(conversation, {"happens": "volume full", "volume": "C:\\", "id": 2}) == {"id": 2}


READING: Final[list[tuple[str, str, dict[str, Any], str | None]]] = [
    ("IVssBackupComponents::GetWriterMetadata", "bc2", {"iWriter": 0}, "ppMetadata"),
    ("IVssExamineWriterMetadata::GetIdentity", "ppMetadata", {}, None),
    ("IVssExamineWriterMetadata::GetFileCounts", "ppMetadata", {}, None),
    ("IVssExamineWriterMetadata::GetRestoreMethod", "ppMetadata", {}, None),
    ("IVssExamineWriterMetadata::GetBackupSchema", "ppMetadata", {}, None),
    ("IVssExamineWriterMetadata::SaveAsXML", "ppMetadata", {}, None),
    ("IVssExamineWriterMetadata::GetDocument", "ppMetadata", {}, None),
    ("IVssExamineWriterMetadata::GetComponent", "ppMetadata", {"iComponent": 0}, "ppComponent"),
    ("IVssWMComponent::GetComponentInfo", "ppComponent", {}, None),
    ("IVssWMComponent::GetFile", "ppComponent", {"iFile": 0}, "ppFiledesc"),
    ("IVssWMFiledesc::GetPath", "ppFiledesc", {}, None),
    ("IVssWMFiledesc::GetAlternateLocation", "ppFiledesc", {}, None),
    ("IVssWMFiledesc::GetBackupTypeMask", "ppFiledesc", {}, None),
    ("IVssWMComponent::GetFile", "ppComponent", {"iFile": 9}, None),
    ("IVssBackupComponents::SaveAsXML", "bc2", {}, None),
    ("IVssBackupComponents::GetWriterStatus", "bc2", {"iWriter": 0}, None),
    (
        "IVssBackupComponents::Query",
        "bc2",
        {
            "QueriedObjectId": "GUID_NULL",
            "eQueriedObjectType": "VSS_OBJECT_NONE",
            "eReturnedObjectsType": "VSS_OBJECT_PROVIDER",
        },
        "ppEnum",
    ),
    ("IVssEnumObject::Next", "ppEnum", {"celt": 5}, None),
    ("IUnknown::QueryInterface", "ppEnum", {}, None),
    ("IUnknown::AddRef", "ppEnum", {}, None),
]


def test_what_is_read_is_valid() -> None:
    """Metadata, components, enumerations, structures, documents."""
    component = {
        "type": "VSS_CT_FILEGROUP",
        "name": "Database",
        "selectable": True,
        "files": [{"path": "C:\\db", "filespec": "*", "recursive": True}],
    }
    writer = {
        "name": "Sample Writer",
        "writerId": "{5affb034-969f-4919-8875-88f830d0ef89}",
        "usage": "VSS_UT_USERDATA",
        "source": "VSS_ST_OTHER",
        "restoreMethod": {"method": "VSS_RME_RESTORE_IF_CAN_REPLACE"},
        "components": [component],
    }
    conversation = Conversation()
    opening = {"start": {"world": {"machines": [{"writers": [writer]}]}}}
    _validator("request").validate(opening)
    assert "error" not in say(conversation, opening)
    say(conversation, {"call": "CreateVssBackupComponents"})
    say(conversation, {"call": "IVssBackupComponents::InitializeForBackup", "on": "bc2", "in": {"bstrXML": None}})
    for method in ("GatherWriterMetadata", "GatherWriterStatus"):
        began = say(conversation, {"call": f"IVssBackupComponents::{method}", "on": "bc2"})
        waited = say(conversation, {"call": "IVssAsync::Wait", "on": began["out"]["pAsync"]})
        _validator("reply.IVssAsync.Wait").validate(waited)
    handles = {"bc2": "bc2"}
    for name, on, arguments, makes in READING:
        message = {"call": name, "on": handles[on], "in": arguments}
        reply = say(conversation, message)
        _validator(f"call.{_dotted(name)}").validate(message)
        _validator(f"reply.{_dotted(name)}").validate(reply)
        if makes is not None:
            handles[makes] = reply["out"][makes]


_FITTING_IN_FORM: Final = ("nobody", "two")


@pytest.mark.parametrize("line", BROKEN, ids=[repr(line[:40]) for line in BROKEN])
def test_a_broken_message_is_not_valid(line: bytes) -> None:
    """As far as its form is at fault, and not the world.

    What is no JSON at all is for nobody to validate, nor a key that is there twice, which decoded JSON does not show.
    """
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        return
    if keys_twice(line):
        return
    in_form = any(word in line.decode() for word in _FITTING_IN_FORM) or b"IVssAsync::Wait" in line
    assert _validator("request").is_valid(message) == in_form
