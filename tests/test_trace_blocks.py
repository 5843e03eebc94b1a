"""A log is read in blocks: where lines and blocks end changes nothing of what is said, and of which line."""

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vss_sim.judge.checker import Checker
from vss_sim.judge.findings import Finding, Tally
from vss_sim.trace.lines import Line
from vss_sim.trace.reader import (
    LONGEST_LINE,
    UNDECODABLE,
    TraceError,
    are_halves,
    divider_like,
    lines_in,
    read_line,
    split_blocks,
)

DECODE = msgspec.json.Decoder(Line).decode
CREATE = b'{"call": "CreateVssBackupComponents", "returns": "S_OK", "out": {"ppBackup": "bc"}}'
STATUS = b'{"call": "IVssBackupComponents::GetWriterStatusCount", "on": "bc"}'
LINES = [
    CREATE,
    STATUS,
    CREATE + b" ",
    b"\t" + STATUS,
    b'{"call": "CreateVssBackupComponents",',
    b'"returns": "S_OK"}',
    b'{"call": "CreateVssBackupComponents", "out":',
    b'{"ppBackup": "bc"}}',
    b'{"note": "}{"}',
    b'{"note": "}\\n{"}',
    b'{"event": "Freeze", "writer": "w", "answer": true}',
    b'{"call": "CreateFile", "returns": "ERROR_SHARING_VIOLATION"}',
    b'{"call": "NoVssCall"}',
    b'{"call": "OpenService"}',
    b'{"note": "\xff"}',
    b"[1]",
    b"",
    b"  ",
]
DOUBLE = [CREATE + STATUS, CREATE + b" " + STATUS]
"""Two objects on one line."""
WHOLE = [line for line in LINES if line.startswith(b'{"') and line.endswith(b"}") and b"}}" not in line] + [CREATE]


def _said(lines: list[bytes], end: bytes, size: int, *, short_cut: bool = True) -> tuple[Tally | str, list[Finding]]:
    """What is said of a log that comes in pieces of `size` bytes."""
    log = end.join(lines) + end
    findings: list[Finding] = []
    checker = Checker(findings.append, short_cut=short_cut)
    number = 0
    try:
        for block in split_blocks(log[at : at + size] for at in range(0, len(log), size)):
            number = checker.feed_block(block, number)
    except TraceError as error:
        return str(error), findings
    assert number == len(lines)
    return checker.finish(), findings


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.lists(st.sampled_from([*LINES, *DOUBLE]), min_size=1, max_size=8),
    st.sampled_from([b"\n", b"\r\n"]),
    st.integers(1, 400),
)
def test_where_blocks_end_changes_nothing(lines: list[bytes], end: bytes, size: int) -> None:
    """Nor do objects over several lines, line ends of either kind, or empty lines."""
    said = _said(lines, end, size)
    assert said == _said(lines, end, 1 << 20)
    assert said == _said(lines, end, size, short_cut=False)


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([*WHOLE, *DOUBLE]), min_size=1, max_size=8), st.integers(1, 400))
def test_two_objects_on_a_line_are_refused(lines: list[bytes], size: int) -> None:
    """With the number of the line, wherever blocks end."""
    said, findings = _said(lines, b"\n", size)
    assert (said, findings) == _said(lines, b"\n", 1 << 20, short_cut=False)
    if DOUBLE[0] in lines and not {b'{"call": "NoVssCall"}', b'{"note": "\xff"}', DOUBLE[1]} & {*lines}:
        assert f"line {lines.index(DOUBLE[0]) + 1}: not JSON" in str(said)


def test_two_objects_on_a_line_do_not_make_up_for_an_object_on_two() -> None:
    """There are as many objects as lines, and still the line is told on which the first one does not end."""
    lines = [CREATE, b'{"call": "IVssBackupComponents::StartSnapshotSet", "in":', b'{"x": 1}}', STATUS + STATUS]
    for end in (b"\n", b"\r\n"):
        said, _ = _said(lines, end, 1 << 16)
        assert "line 2: not JSON" in str(said)


@pytest.mark.parametrize("size", [1 << 10, 1 << 16, 1 << 22])
def test_a_line_that_is_too_long_is_named(size: int) -> None:
    """Wherever it stands, with its number, and what came before is judged."""
    long = b'{"note": "' + b"x" * LONGEST_LINE + b'"}'
    said, findings = _said([CREATE, STATUS, long, CREATE], b"\n", size)
    assert f"line 3: the line is longer than {LONGEST_LINE} bytes" in str(said)
    assert findings
    with pytest.raises(TraceError, match="line 7: the line is longer"):
        read_line(long, 7)


def test_no_more_of_a_stream_is_read_than_shows_that_a_line_is_too_long() -> None:
    """An endless line ends."""
    read = 0

    def endless() -> Iterator[bytes]:
        nonlocal read
        while True:
            read += 1
            yield b"x" * (1 << 16)

    blocks = list(split_blocks(endless()))
    assert len(blocks) == 1
    assert read <= (LONGEST_LINE >> 16) + 2


def test_real_traces_are_read_line_by_line_as_they_stand() -> None:
    """Each line of a block is the line of the file."""
    traces = Path(__file__).parent.parent / "conformance" / "traces"
    for path in sorted(traces.glob("*.jsonl")):
        lines = path.read_bytes().splitlines()[1:]
        calls = [json.loads(line).get("call") for line in lines]
        block = b"\n".join(lines)
        assert [DECODE(text).call for text in lines_in(block)] == calls


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from([b"", b"\r", b"{}", b"\xff", b" "]), min_size=1, max_size=8))
def test_the_lines_of_a_block_are_what_stands_between_its_line_ends(lines: list[bytes]) -> None:
    """Empty ones too, at the end as well."""
    assert [text.removesuffix(b"\n") for text in lines_in(b"\n".join(lines))] == lines


FIRST_HALVES = [
    b'{"call": "IVssWMComponent::GetFile", "on": "c"',
    b'{"on": "d", "call": "IVssWMComponent::GetDependency", "at": 1.5',
    b'{"call":"IVssWMComponent::GetFile","on":"c"',
    b'{"call": "IVssWMComponent::GetFile", "on": "c", "returns": "S_FALSE"',
    b'{"call": "IVssWMComponent::GetFile", "on": "c", "out": {}',
    b'{"call": "IVssWMComponent::GetFile", "on": "c", "out": {"a": 1',
    b'{"call": "IVssWMComponent::GetFile", "on": "c", "note": "a',
    b'{"call": "NoVssCall", "on": "c"',
    b'{"call": "IVssWMComponent::GetFile"',
    b'{"on": "c"',
    b"{",
]
SECOND_HALVES = [
    b'{"iFile": 7}, "returns": "S_OK"}\n',
    b'{"iFile": 8},"returns":"S_OK"}',
    b'{"iFile": 8}, "returns": "S_OK", "out": {"ppFiledesc": "f"}}',
    b'null, "returns": "S_OK"}',
    b'{"iFile": 9}}',
    b'{"iFile": "}{"}, "returns": "S_OK"} ',
    b'{"iFile": 7}, "on": "e", "returns": "S_OK"}',
    b'{"iFile": 7}, "call": "IVssWMComponent::GetFile"}',
    b'{"iFile": 07}, "returns": "S_OK"}',
    b'{"iFile": 7}, "returns": "S_OK"}}',
    b'{"iFile": 7}, "returns": "S_OK"}{}',
    b'{"iFile": "\xff"}, "returns": "S_OK"}',
    b'7, "returns": "S_OK"}',
    b"",
]


@pytest.mark.parametrize("divider", [b', "in": ', b',"in":'])
def test_halves_of_lines_make_a_line_that_says_what_they_say(divider: bytes) -> None:
    """Call and object are those of the line that the first half is of, all else is that of the other."""
    lines = []
    for call in FIRST_HALVES:
        for arguments in SECOND_HALVES:
            try:
                lines.append((call, arguments, DECODE(call + divider + arguments)))
            except UNDECODABLE:
                continue
    halved = [one for one in lines if are_halves(*one[:2])]
    assert {call for call, _, _ in halved} == {*FIRST_HALVES[:3]}
    assert {arguments for _, arguments, _ in halved} == {*SECOND_HALVES[:6]}
    for call, _, one in halved:
        for _, arguments, other in halved:
            line = DECODE(call + divider + arguments)
            assert (line.call, line.on) == (one.call, one.on)
            assert (line.in_, line.returns, line.out) == (other.in_, other.returns, other.out)


def test_a_line_is_parted_as_it_is_written() -> None:
    """With blanks between its tokens, or without."""
    entry = {"call": "IVssWMComponent::GetFile", "on": "c", "in": {"iFile": 7}, "returns": "S_OK"}
    for separators in ((", ", ": "), (",", ":")):
        text = json.dumps(entry, separators=separators).encode()
        call, divider, arguments = text.partition(divider_like(text))
        assert divider
        assert are_halves(call, arguments)


def _read(index: int, **more: object) -> bytes:
    read = {"call": "IVssWMComponent::GetFile", "on": "c", "in": {"iFile": index}, "returns": "S_OK", **more}
    return json.dumps(read).encode()


def test_names_that_nobody_knows_are_told_alike_wherever_blocks_end() -> None:
    """In their order, and as many."""
    lines = [CREATE, _read(1, frist=1), *(_read(index) for index in range(200))]
    lines += [_read(index, duration=index) for index in range(300)]
    lines += [_read(7, durtion=1), _read(8, **{"in": {"iFle": 8}})]
    said = _said(lines, b"\n", 1 << 20)
    assert [finding.line for finding in said[1] if finding.rule == "log-unknown-name"] == [2, 203, 503, 504]
    for size in (200, 1000, 10000):
        assert _said(lines, b"\n", size) == said


@pytest.mark.parametrize("size", [100, 1 << 20])
def test_a_name_that_nobody_knows_is_told_before_the_line_that_is_refused(size: int) -> None:
    """It may be why: with the one that was meant, whether both lines came in one block or not."""
    said, findings = _said([CREATE, _read(1, retruns=0), b'{"cal": "AddToSnapshotSet", "on": "b"}'], b"\n", size)
    assert 'line 3: expected exactly one of "call"' in str(said)
    told = [(finding.line, finding.says.partition(":")[0]) for finding in findings]
    assert told == [
        (2, "there is no key 'retruns' (did you mean returns?)"),
        (3, "there is no key 'cal' (did you mean call?)"),
    ]
