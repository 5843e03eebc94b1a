"""The wire and those who mean it no good: each costs only itself, and every line gets its one reply."""

import re
import socket
import struct
import sys
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import suppress
from typing import Any, Final

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.wire_clients import (
    PATIENCE,
    Client,
    Message,
    Server,
    as_lines,
    create,
    good_backup,
    one_reply,
    say,
    served,
    server,
)
from vss_sim.cli import tcp
from vss_sim.engine.coverage import simulated_calls
from vss_sim.spec.enums import members
from vss_sim.spec.methods import Direction, Parameter
from vss_sim.trace.reader import LONGEST_LINE
from vss_sim.wire import room
from vss_sim.wire.conversation import Conversation
from vss_sim.wire.lines import Lines

AT_ONCE: Final = 2.0
"""A client that behaves is answered within so many seconds, whatever the others do."""
MEBIBYTE: Final = 1 << 20
CREATE: Final = b'{"call": "CreateVssBackupComponents", "id": 5}'

BROKEN: Final = {
    b"x": "not JSON .*; expected one JSON object a line",
    b'{"call": "Create': "not JSON .*; expected one JSON object",
    b'{"call": "\xff"}': "byte 11 of the line is not UTF-8",
    b"[1, 2]": "no JSON object; expected one",
    b'{"id": 1}': 'exactly one of "start", "call", "happens" and "stop"',
    b'{"call": "x", "stop": true}': "exactly one of",
    b'{"call": "IVssBackupComponents::SetContext", "on": "bc1", "im": {}}': "unknown field .*im.*expected {",
    b'{"call": "IVssBackupComponents::SetContex", "on": "bc1"}': "did you mean IVssBackupComponents::SetContext",
    b'{"call": "IVssBackupComponents::SetContext", "in": {"lContext": 0}}': 'has no "on"; expected the handle',
    b'{"call": "IVssBackupComponents::SetContext", "on": 5}': '"on" is a number, not text or null',
    b'{"call": "IVssBackupComponents::SetContext", "on": "nobody", "in": {"lContext": 0}}': "no object 'nobody'",
    b'{"call": "IVssBackupComponents::SetContext", "on": "bc1"}': "SetContext: lContext is missing",
    b'{"call": "IVssBackupComponents::SetContext", "on": "bc1", "in": {"lContex": 0}}': "did you mean lContext",
    b'{"call": "IVssBackupComponents::SetContext", "on": "bc1", "in": {"lContext": []}}': "expected a name, a number",
    b'{"call": "IVssBackupComponents::SetContext", "on": "bc1", "in": {"lContext": null}}': "lContext is None; it is",
    b'{"call": "IVssBackupComponents::SetContext", "on": "bc1", "in": {"lContext": NaN}}': "not JSON",
    b'{"call": "IVssBackupComponents::SetContext", "on": "bc1", "in": {"lContext": 1e999}}': "out of range",
    b'{"call": "IVssBackupComponents::InitializeForBackup", "on": "bc1", "in": {"bstrXML": 7}}': "bstrXML is 7; it is",
    b'{"call": "IVssAsync::Wait", "on": "bc1"}': "'bc1' is an IVssBackupComponents",
    b'{"call": "CreateVssBackupComponents", "on": "bc1"}': "a function; it is not called on 'bc1': expected no 'on'$",
    b'{"call": "CreateVssBackupComponents", "machine": "two"}': "there is no machine 'two'",
    b'{"call": "CreateVssBackupComponents", "id"\t: 1, "id"  : 1}': '"id" is there twice; expected each key once',
    b'{"call": "CreateVssBackupComponents", "id": 1, "id": 1}': '"id" is there twice; expected each key once',
    b'{"call": "CreateFile", "in": {"lpFileName": "C:\\\\a", "lpFileName": "C:\\\\b"}}': '"lpFileName" is there twice',
    b'{"start": {"world": {"machines": [{"name": "one", "name": "two"}]}}}': '"name" is there twice',
    b'{"happens": "time passes"}': '"seconds", a number from 0',
    b'{"happens": "time passes", "seconds": -Infinity}': "not JSON",
    b'{"happens": "time passes", "seconds": 1e300}': '"seconds", a number from 0',
    b'{"happens": "reboot", "service": "x"}': '"reboot" has no key "service"; expected',
    b'{"happens": "service stops", "service": "nobody"}': "there is no service 'nobody'",
    b'{"start": {"world": {"machines": [{"nam": "x"}]}}}': "machines.0..nam: this key is not known",
    b'{"start": {"world": []}}': '"start.world" is a list, not an object or null',
    b'{"start": {"profile": "linux"}}': "Invalid enum value 'linux'",
    b'{"start": {"word": {}}}': "unknown field .*word",
    b'{"stop": false}': '"stop" is false; expected {"stop": true',
    b'{"id": [], "stop": true}': '"id" is neither a text nor an integer',
    b'{"id": ' + b"9" * 5000 + b"}": "out of range",
    b"[" * 100_000: "nested too deeply",
    b'{"call": "IVssWMComponent::FreeComponentInfo", "on": "x", "in": {"pInfo": '
    + b"[" * 900
    + b"]" * 900
    + b"}}": "nested too deeply",
    b'{"call": "' + b"x" * LONGEST_LINE + b'"}': f"longer than {LONGEST_LINE} bytes; expected one JSON object a line",
}


@pytest.mark.parametrize(("line", "says"), BROKEN.items(), ids=[repr(line[:40]) for line in BROKEN])
def test_a_broken_message_is_told_what_was_expected(line: bytes, says: str) -> None:
    """And the conversation goes on, in the world as it was."""
    conversation = Conversation()
    assert create(conversation) == "bc1"
    error = one_reply(conversation.receive(line))["error"]
    assert re.search(says, error), error
    assert len(error) <= 1100
    assert "a fault of" not in error
    assert say(conversation, {"call": "IUnknown::AddRef", "on": "bc1"})["returns"] == 2


def test_an_error_names_the_message_where_that_can_be_read() -> None:
    """Else its id is null."""
    conversation = Conversation()
    assert say(conversation, {"id": "seven", "call": "Nobody"})["id"] == "seven"
    assert one_reply(conversation.receive(b'{"id": 7, "call"'))["id"] is None


def test_blank_lines_and_the_marks_of_other_systems_are_read_over() -> None:
    """CRLF, and the mark that some writers of UTF-8 begin with."""
    conversation = Conversation()
    assert conversation.receive(b"") == conversation.receive(b" \t\r") == b""
    assert one_reply(conversation.receive(b"\xef\xbb\xbf" + CREATE + b"\r"))["returns"] == "S_OK"


@given(st.lists(st.binary(max_size=200), max_size=20))
@example([b"\xef\xbb\xbf"])
@settings(deadline=None)
def test_any_bytes_get_one_reply_a_line(pieces: list[bytes]) -> None:
    """However they are cut into pieces; blank lines get none."""
    conversation, lines = Conversation(), Lines()
    heard = [line for piece in pieces for line in lines.feed(piece)] + list(lines.end())
    assert b"\n".join(heard) == b"".join(pieces).removesuffix(b"\n")
    for line in heard:
        reply = conversation.receive(line)
        blank = not line.removeprefix(b"\xef\xbb\xbf").strip()
        assert blank if reply == b"" else "error" in one_reply(reply)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)
_WORLD: Final[Message] = {
    "machines": [
        {
            "volumes": [{"name": "C:\\", "files": {"C:\\db\\a.mdf": {"content": "v1"}}}, {"name": "D:\\"}],
            "services": [{"name": "S"}],
            "writers": [
                {
                    "name": "Sample Writer",
                    "writerId": "{5affb034-969f-4919-8875-88f830d0ef89}",
                    "instanceId": "{5affb034-969f-4919-8875-88f830d0ef80}",
                    "usage": "VSS_UT_USERDATA",
                    "source": "VSS_ST_OTHER",
                    "hostedIn": "S",
                    "restoreMethod": {"method": "VSS_RME_RESTORE_IF_CAN_REPLACE"},
                    "components": [{"type": "VSS_CT_FILEGROUP", "name": "Database", "selectable": True}],
                }
            ],
        }
    ]
}
_TEXTS: Final = st.sampled_from(["C:\\", "Database", "", None, "<x/>", "{5affb034-969f-4919-8875-88f830d0ef89}"])
_HANDLES: Final = st.sampled_from(["bc2", "bc3", "async4", "async5", "metadata6", "enum7", "nobody"])


@st.composite
def _calls(draw: st.DrawFn) -> Message:
    """A call with arguments that a program might pass, or nearly so."""
    signature = draw(st.sampled_from(simulated_calls()))
    arguments = {one.name: draw(_value(one)) for one in signature.parameters if one.direction is Direction.IN}
    message: Message = {"call": signature.full_name, "in": arguments}
    return {**message, "on": draw(_HANDLES)} if signature.interface else message


def _value(parameter: Parameter) -> st.SearchStrategy[Any]:
    if parameter.type in members():
        return st.sampled_from(members()[parameter.type])
    if parameter.type in ("UINT", "ULONG", "DWORD", "LONG", "bool", "BOOL"):
        return st.integers(-1, 40) | st.booleans() | st.just("INFINITE")
    return _TEXTS


_happenings: Final = st.sampled_from(
    [
        {"happens": "reboot"},
        {"happens": "process ends"},
        {"happens": "time passes", "seconds": 1e9},
        {"happens": "service stops", "service": "S"},
        {"happens": "service starts", "service": "S"},
    ]
)


@given(st.lists(_calls() | _happenings, max_size=30))
@settings(deadline=None)
def test_no_sequence_of_calls_shows_a_fault_of_the_simulator(messages: list[Message]) -> None:
    """Refused, wrong or fine, but never ours."""
    conversation = Conversation()
    assert "error" not in say(conversation, {"start": {"world": _WORLD}})
    for message in [{"call": "CreateVssBackupComponents"}, *messages]:
        assert "a fault of" not in say(conversation, message).get("error", "")


@given(st.dictionaries(st.sampled_from(["call", "on", "in", "start", "happens", "stop", "id", "seconds"]), _json))
@settings(deadline=None)
def test_any_object_gets_one_reply(message: Message) -> None:
    """Which says nothing of a fault of the simulator."""
    reply = say(Conversation(), message)
    assert "a fault of" not in reply.get("error", "")


def test_a_line_without_end_costs_no_memory() -> None:
    """Fifty mebibytes pass through; no more is kept than shows that it is too long."""
    lines = Lines()
    chunk = b"x" * (MEBIBYTE // 16)
    tracemalloc.start()
    for _ in range(50 * 16):
        assert list(lines.feed(chunk)) == []
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert [len(line) for line in lines.feed(b"\n" + CREATE + b"\n")] == [LONGEST_LINE + 1, len(CREATE)]
    assert peak < 4 * MEBIBYTE


def test_a_huge_line_and_half_a_line_are_errors_like_others() -> None:
    """Over the streams: the call between them is answered."""
    code, replies, said = served(b'{"id": "' + b"x" * (50 * MEBIBYTE) + b'"}\n' + CREATE + b'\n{"call": "Create')
    assert (code, said) == (0, "")
    assert [reply.get("returns") for reply in replies] == [None, "S_OK", None]
    assert "longer than" in replies[0]["error"]
    assert "not JSON" in replies[2]["error"]


def test_a_last_line_without_its_end_is_a_line() -> None:
    """Half of a JSON object is never one, so nothing can be mistaken."""
    assert served(CREATE)[1][0]["returns"] == "S_OK"


def test_a_world_that_grows_without_end_is_full_one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """What makes room is still done; then the conversation goes on."""
    monkeypatch.setattr(room, "ROOM", MEBIBYTE // 4)
    conversation = Conversation()
    handles: list[str] = []
    while "error" not in (reply := say(conversation, {"call": "CreateVssBackupComponents"})):
        handles.append(reply["out"]["ppBackup"])
        assert len(handles) < 20_000
    assert "release objects or start anew" in reply["error"]
    for handle in handles:
        assert say(conversation, {"call": "IUnknown::Release", "on": handle})["returns"] == 0
    assert create(conversation)


def test_a_world_that_is_too_large_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one before goes on."""
    monkeypatch.setattr(room, "ROOM", MEBIBYTE // 4)
    conversation = Conversation()
    bc = create(conversation)
    files = {f"C:\\{number}": {"content": ""} for number in range(3000)}
    world = {"machines": [{"volumes": [{"name": "C:\\", "files": files}]}]}
    assert "the world is too large" in say(conversation, {"start": {"world": world}})["error"]
    assert say(conversation, {"call": "IUnknown::AddRef", "on": bc})["returns"] == 2


def test_a_conversation_of_any_length_keeps_nothing_of_it() -> None:
    """Calls that leave the world as it was cost no memory."""
    conversation = Conversation()
    bc = create(conversation)
    references = [{"call": f"IUnknown::{name}", "on": bc} for name in ("AddRef", "Release")]
    lines = as_lines(references).splitlines()

    def talk(times: int) -> int:
        for _ in range(times):
            for line in lines:
                conversation.receive(line)
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    first = talk(200)
    assert talk(2000) - first < 20_000
    tracemalloc.stop()


@pytest.fixture(scope="module")
def here() -> Iterator[Server]:
    """One server for all that follow: what one of them does must not be felt by the next."""
    with server() as running:
        yield running


def _is_served_at_once(here: Server) -> None:
    """A whole backup of a client that behaves."""
    began = time.monotonic()
    with here.client() as client:
        for message in good_backup():
            assert "returns" in client.say(message)
    assert time.monotonic() - began < AT_ONCE


def test_one_that_dies_in_the_middle_costs_only_itself(here: Server) -> None:
    """With half a line, and with a reset instead of a goodbye."""
    for farewell in (CREATE[:20], CREATE + b"\n" + CREATE[:10]):
        client = here.client()
        client.socket.sendall(farewell)
        client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        client.__exit__()
        _is_served_at_once(here)


def test_one_that_sends_byte_by_byte_holds_nobody_up(here: Server) -> None:
    """And is answered in the end."""
    with here.client() as slow:
        for byte in CREATE[:10]:
            slow.socket.sendall(bytes([byte]))
            _is_served_at_once(here)
        slow.socket.sendall(CREATE[10:] + b"\n")
        assert slow.hear()["returns"] == "S_OK"


def test_one_that_never_reads_is_not_listened_to(here: Server) -> None:
    """It can send until the pipes between are full; the server keeps next to nothing of it."""
    floods = [here.client() for _ in range(4)]
    line = b'{"call": "CreateFile", "id": "' + b"x" * 1000 + b'"}\n'
    for client in floods:
        _flood(client, line)
    _is_served_at_once(here)
    for client in floods:
        client.__exit__()
    if sys.platform == "linux":
        assert here.peak_memory() < 200 * MEBIBYTE


def _flood(client: Client, line: bytes) -> None:
    """Send until nothing more is taken for a while."""
    client.socket.settimeout(0.5)
    with suppress(TimeoutError):
        while True:
            client.socket.sendall(line * 100)


def test_those_that_keep_the_server_busy_share_it_with_others(here: Server) -> None:
    """Some megabytes of calls are being worked on; another client is served meanwhile."""
    busy = [here.client() for _ in range(4)]
    for client in busy:
        client.socket.sendall(b'{"call": "Nobody::Nothing"}\n' * 1000)
    _is_served_at_once(here)
    for client in busy:
        client.__exit__()


def test_bombs_cost_only_their_line(here: Server) -> None:
    """Depth, length, numbers that are none: each is one error on a connection that goes on."""
    with here.client() as client:
        for bomb in (b"[" * 500_000, b'{"id": ' + b"9" * 500_000 + b"}", b"x" * (3 * MEBIBYTE), b'{"id": NaN}'):
            client.socket.sendall(bomb + b"\n")
            assert "error" in client.hear()
        assert client.say({"call": "CreateVssBackupComponents"})["returns"] == "S_OK"


def test_one_client_too_many_is_told_so(here: Server) -> None:
    """And gets a place as soon as another one leaves."""
    clients: list[Client] = []
    until = time.monotonic() + PATIENCE
    while len(clients) < tcp.CLIENTS:
        client = here.client()
        try:
            assert client.say({"start": {}})["version"]
            clients.append(client)
        except (OSError, KeyError):
            client.__exit__()
            assert time.monotonic() < until, "those of before should be gone by now"
    with here.client() as late:
        assert "expected fewer" in late.hear()["error"]
        assert late.over()
    for client in clients:
        client.say({"stop": True})
        client.__exit__()
    _is_served_at_once(here)
