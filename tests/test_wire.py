"""The wire: one conversation, its transcript, several clients at once, the command line around it."""

import json
import signal
import socket
import subprocess
from pathlib import Path
from typing import Any

import pytest

import vss_sim
from tests.wire_clients import PATIENCE, SERVE, Client, as_lines, create, good_backup, say, served, server
from vss_sim.cli import main
from vss_sim.spec.table import Profile
from vss_sim.trace.reader import LONGEST_LINE
from vss_sim.trace.writer import fitting
from vss_sim.wire.conversation import Conversation, Setting

SNAPSHOT_DEVICE = r"\\?\GLOBALROOT\Device\HarddiskVolumeShadowCopy1"
WRITER = {
    "name": "Sample Writer",
    "writerId": "{5affb034-969f-4919-8875-88f830d0ef89}",
    "usage": "VSS_UT_USERDATA",
    "source": "VSS_ST_OTHER",
}
WITH_WRITER = {"machines": [{"writers": [WRITER]}]}


class Kept:
    """A transcript that is kept in memory: a list of lines for each trace."""

    def __init__(self) -> None:
        self.traces: list[list[Any]] = []

    def begin(self) -> None:
        """A new trace."""
        self.traces.append([])

    def write(self, line: bytes) -> None:
        """One line."""
        self.traces[-1].append(json.loads(line))


def test_a_backup_over_the_wire() -> None:
    """Every call answers S_OK, and the shadow copy has a device object."""
    conversation = Conversation()
    replies = [say(conversation, {**message, "id": number}) for number, message in enumerate(good_backup())]
    assert [reply["id"] for reply in replies] == list(range(len(replies)))
    assert {reply["returns"] for reply in replies} == {"S_OK", 0}
    devices = [reply["out"]["pProp"] for reply in replies if "pProp" in reply.get("out", {})]
    assert [one["m_pwszSnapshotDeviceObject"] for one in devices] == [SNAPSHOT_DEVICE]


def test_a_refusal_says_which_rule_was_broken_and_the_way_on() -> None:
    """`AddToSnapshotSet` before `StartSnapshotSet` (rule seq-addvolume-after-startset)."""
    conversation = Conversation()
    for message in good_backup()[:7]:
        say(conversation, message)
    reply = say(
        conversation, {"call": "IVssBackupComponents::AddToSnapshotSet", "on": "bc1", "in": {"pwszVolumeName": "C:\\"}}
    )
    assert reply["returns"] == "VSS_E_BAD_STATE"
    assert "out" not in reply
    refusal = reply["refusal"]
    assert refusal["rule"] == "seq-addvolume-after-startset"
    assert refusal["says"].startswith("The requester must call AddToSnapshotSet between")
    assert "is initialised for backup" in refusal["because"]
    assert refusal["instead"] == ["IVssBackupComponents::StartSnapshotSet", "IVssBackupComponents::AddToSnapshotSet"]


def _without_metadata() -> list[dict[str, Any]]:
    """The good backup up to PrepareForBackup, but for GatherWriterMetadata."""
    messages = [one for one in good_backup() if one.get("on") != "async3" and "GatherWriterMetadata" not in one["call"]]
    return messages[: [one["call"].endswith("::PrepareForBackup") for one in messages].index(True) + 1]


def test_what_windows_lets_pass_is_told() -> None:
    """PrepareForBackup without GatherWriterMetadata (rule seq-gather-metadata-always)."""
    conversation = Conversation()
    *before, last = [say(conversation, message) for message in _without_metadata()]
    assert not any("passed" in reply for reply in before)
    assert last["returns"] == "S_OK"
    assert [passed["rule"] for passed in last["passed"]] == ["seq-gather-metadata-always"]


def test_events_come_with_the_call_that_raised_them() -> None:
    """Identify is raised while the requester waits (rule seq-gather-raises-identify)."""
    conversation = Conversation()
    say(conversation, {"start": {"world": WITH_WRITER}})
    bc = create(conversation)
    say(conversation, {"call": "IVssBackupComponents::InitializeForBackup", "on": bc, "in": {"bstrXML": None}})
    gathering = say(conversation, {"call": "IVssBackupComponents::GatherWriterMetadata", "on": bc})
    done = say(conversation, {"call": "IVssAsync::Wait", "on": gathering["out"]["pAsync"]})
    assert [event["event"] for event in done["events"]] == ["Identify"]
    assert done["events"][0]["writer"] == WRITER["writerId"]


def test_a_start_tells_who_speaks_and_forgets_what_was() -> None:
    """Objects of the simulation before are gone."""
    conversation = Conversation()
    bc = create(conversation)
    assert say(conversation, {"start": {}, "id": "x"}) == {
        "id": "x",
        "implementation": "vss-sim",
        "version": vss_sim.__version__,
        "takes": ["files", "writers"],
    }
    gone = say(conversation, {"call": "IVssBackupComponents::AbortBackup", "on": bc})
    assert "there is no object 'bc1'" in gone["error"]


@pytest.mark.parametrize(
    ("opening", "answer"),
    [(None, "VSS_E_BAD_STATE"), ({}, "VSS_E_BAD_STATE"), ({"profile": "windows"}, "S_OK")],
)
def test_the_profile_is_that_of_the_server_unless_the_client_says(opening: dict[str, str] | None, answer: str) -> None:
    """By the letter of the pages, PrepareForBackup without GatherWriterMetadata is refused."""
    conversation = Conversation(Setting(profile=Profile.DOCUMENTED))
    if opening is not None:
        say(conversation, {"start": opening})
    replies = [say(conversation, message) for message in _without_metadata()]
    assert replies[-1]["returns"] == answer


def test_what_happens_is_answered_and_what_is_not_simulated_is_skipped() -> None:
    """Time passes; the moon is not simulated, nor are pipes, nor a writer's calls."""
    conversation = Conversation()
    assert say(conversation, {"happens": "time passes", "seconds": 61, "id": 8}) == {"id": 8}
    assert "no such happening" in say(conversation, {"happens": "the moon rises"})["skipped"]
    assert "is no call of VSS" in say(conversation, {"call": "BackupRead", "in": {"hFile": "C:\\a"}})["skipped"]
    assert "is no call of VSS" in say(conversation, {"call": "CloseServiceHandle", "in": {"hSCObject": 5}})["skipped"]
    assert "makes in a handler" in say(conversation, {"call": "CVssWriter::GetContext", "on": "w"})["skipped"]


def test_release_answers_the_number_of_references() -> None:
    """As COM does; the last one gives the object up."""
    conversation = Conversation()
    bc = create(conversation)
    assert say(conversation, {"call": "IUnknown::AddRef", "on": bc})["returns"] == 2
    assert say(conversation, {"call": "IVssBackupComponents::Release", "on": bc})["returns"] == 1
    assert say(conversation, {"call": "IUnknown::Release", "on": bc})["returns"] == 0
    assert "error" in say(conversation, {"call": "IUnknown::Release", "on": bc})


def test_an_object_lives_on_its_machine() -> None:
    """A call names the machine or leaves it out; another one is an error."""
    conversation = Conversation()
    say(conversation, {"start": {"world": {"machines": [{"name": "one"}, {"name": "two"}]}}})
    bc = say(conversation, {"call": "CreateVssBackupComponents", "machine": "two"})["out"]["ppBackup"]
    initialize = {"call": "IVssBackupComponents::InitializeForBackup", "on": bc, "in": {"bstrXML": None}}
    assert "is an object on 'two'" in say(conversation, {**initialize, "machine": "one"})["error"]
    unknown = say(conversation, {**initialize, "machine": "three"})["error"]
    assert unknown.endswith("there is no machine 'three'; there are 'one', 'two'")
    assert say(conversation, initialize)["returns"] == "S_OK"


def test_a_transcript_is_a_trace_for_each_start() -> None:
    """With what the client remarked, the events, and the world it gave."""
    kept = Kept()
    conversation = Conversation(transcript=kept)
    create(conversation)
    say(conversation, {"start": {"world": WITH_WRITER}})
    say(conversation, {"call": "CreateVssBackupComponents", "note": "mine", "at": 1.5, "thread": 7, "process": 3})
    say(conversation, {"happens": "process ends", "process": 3})
    say(conversation, {"nonsense": 1})
    first, second = kept.traces
    assert [line.get("call") for line in first] == [None, "CreateVssBackupComponents"]
    header, call, happened = second
    assert header["vss-trace"] == 1
    assert header["world"] == WITH_WRITER
    assert (call["note"], call["at"], call["thread"], call["process"]) == ("mine", 1.5, 7, "3")
    assert happened == {"happens": "process ends", "process": "3"}


def test_a_line_that_a_trace_cannot_have_is_cut_to_what_was_not_recorded() -> None:
    """Long texts go first; what is left is the call and its answer."""
    long = "x" * LONGEST_LINE
    line = {"call": "c", "in": {"a": long, "b": 1}, "returns": "S_OK", "out": {"ppAsync": "async1"}, "note": long}
    cut = json.loads(fitting(line))
    assert cut == {"call": "c", "in": {"b": 1}, "returns": "S_OK", "out": {"ppAsync": "async1"}}


def test_a_transcript_conforms_when_the_program_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`vss-sim check` reads it as it is, and finds neither an error nor a warning."""
    path = tmp_path / "run.jsonl"
    code, replies, said = served(as_lines(good_backup()), "--record", str(path))
    assert (code, len(replies), said) == (0, len(good_backup()), "")
    assert main(["check", "--quiet", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: conforms (28 calls, 1 note)\n"


def test_a_transcript_violates_where_the_program_was_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The checker says the same rule as the reply did; the second simulation has a file of its own."""
    path = tmp_path / "run.jsonl"
    early = {"call": "IVssBackupComponents::StartSnapshotSet", "on": "bc1"}
    messages = [*good_backup(), {"start": {}}, good_backup()[0], early]
    _, replies, _ = served(as_lines(messages), "--record", str(path))
    assert sorted(one.name for one in tmp_path.iterdir()) == ["run-2.jsonl", "run.jsonl"]
    assert main(["check", str(path)]) == 0
    assert main(["check", str(tmp_path / "run-2.jsonl")]) == 1
    assert replies[-1]["refusal"]["rule"] in capsys.readouterr().out


def test_the_world_of_the_server_is_a_file(tmp_path: Path) -> None:
    """Its volume is there, and the transcript names it."""
    world = tmp_path / "lab.json"
    world.write_text('{"machines": [{"volumes": [{"name": "E:\\\\"}]}]}', encoding="utf-8")
    record = tmp_path / "run.jsonl"
    asked = [{"call": "IsVolumeSnapshotted", "in": {"pwszVolumeName": name}} for name in ("E:\\", "C:\\")]
    _, replies, _ = served(as_lines(asked), "--world", str(world), "--record", str(record))
    assert [reply["returns"] for reply in replies] == ["S_OK", "VSS_E_OBJECT_NOT_FOUND"]
    assert json.loads(record.read_bytes().splitlines()[0])["world"] == str(world)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--world", "missing.json"], "missing.json: cannot be read: No such file"),
        (["--world", "bad.json"], "bad.json:1: machine: "),
        (["--record", "no/such/folder.jsonl"], "no/such/folder.jsonl: cannot be written: No such file"),
        (["--tcp", "7777"], "'7777' is no address; expected HOST:PORT"),
        (["--tcp", "127.0.0.1:99999"], "is no address"),
        (["--tcp", "256.0.0.1:0"], "cannot listen on 256.0.0.1:0"),
    ],
)
def test_what_cannot_be_served_is_told_in_a_line(
    options: list[str],
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Exit code 2, as for an input of the other commands that cannot be used."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "bad.json").write_text('{"machine": 1}', encoding="utf-8")
    before = signal.getsignal(signal.SIGTERM)
    try:
        assert main(["serve", *options]) == 2
    finally:
        signal.signal(signal.SIGTERM, before)
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("vss-sim serve: ")
    assert says in printed.err


def test_stop_ends_the_process_after_its_reply() -> None:
    """What comes after it is not answered."""
    code, replies, said = served(b'{"stop": true, "id": 9}\n{"call": "CreateVssBackupComponents"}\n')
    assert (code, replies, said) == (0, [{"id": 9}], "")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_without_a_word(number: signal.Signals, tmp_path: Path) -> None:
    """The replies so far were sent, the transcript is complete."""
    path = tmp_path / "run.jsonl"
    with subprocess.Popen(
        [*SERVE, "--record", str(path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdin.write(as_lines(good_backup()[:1]))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["returns"] == "S_OK"
        process.send_signal(number)
        assert process.wait(PATIENCE) == 128 + number
        assert (process.stdout.read(), process.stderr.read()) == (b"", b"")
    assert main(["check", str(path)]) == 0


def test_a_reader_that_goes_away_is_no_traceback() -> None:
    """As for the other commands: 141."""
    with subprocess.Popen(SERVE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        process.stdout.close()
        process.stdin.write(as_lines(good_backup()))
        process.stdin.close()
        assert process.wait(PATIENCE) == 141
        assert process.stderr.read() == b""


def test_each_tcp_client_has_a_world_of_its_own(tmp_path: Path) -> None:
    """The same handles, other volumes; a transcript each; `stop` ends one conversation and not the server."""
    with server("--record", str(tmp_path / "run.jsonl")) as here:
        clients = [here.client() for _ in range(4)]
        for place, client in enumerate(clients):
            volume = {"name": f"{chr(ord('D') + place)}:\\"}
            assert client.say({"start": {"world": {"machines": [{"volumes": [volume]}]}}})["version"]
        for client in clients:
            assert client.say({"call": "CreateVssBackupComponents"})["out"] == {"ppBackup": "bc1"}
        for place, client in enumerate(clients):
            _only_volume(client, chr(ord("D") + place))
        assert clients[0].say({"stop": True, "id": 1}) == {"id": 1}
        assert clients[0].over()
        _only_volume(clients[1], "E")
        for client in clients:
            client.__exit__()
    traces = sorted(path.name for path in tmp_path.iterdir())
    assert traces == ["run-2.jsonl", "run-3.jsonl", "run-4.jsonl", "run.jsonl"]
    assert main(["check", "--quiet", str(tmp_path)]) == 1, (
        "a volume that is not there is an error, and the traces are fit"
    )


def _only_volume(client: Client, letter: str) -> None:
    for other in "DEFG":
        reply = client.say({"call": "IsVolumeSnapshotted", "in": {"pwszVolumeName": f"{other}:\\"}})
        assert (reply["returns"] == "S_OK") == (other == letter)


def test_a_port_that_is_taken_is_told() -> None:
    """And nothing else happens."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*SERVE, "--tcp", f"127.0.0.1:{port}"], capture_output=True, text=True, check=False, timeout=PATIENCE
        )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith(f"vss-sim serve: cannot listen on 127.0.0.1:{port}: ")


def test_the_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    """Of every way to serve."""
    with pytest.raises(SystemExit):
        main(["serve", "--help"])
    shown = capsys.readouterr().out
    for option in ("--tcp 127.0.0.1:0", "--record run.jsonl", "--world lab.json", "exit codes"):
        assert option in shown
