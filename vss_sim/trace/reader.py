"""From bytes to lines, in constant memory: what cannot be a trace is refused with its line and what was expected."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from functools import cache
from io import BytesIO
from typing import Any, Final

import msgspec

from vss_sim.model.text_forms import other_form
from vss_sim.spec.foreign_calls import is_foreign
from vss_sim.spec.hresult import HResult
from vss_sim.spec.methods import BACKUP_COMPONENTS, Direction, Forms, call_names, signatures
from vss_sim.trace.lines import Header, KnownLine, Line
from vss_sim.trace.values import parse_code

FORMAT_VERSION: Final = 1
LONGEST_LINE: Final = 1 << 20
"""A line of a trace is at most so many bytes long; real ones have a few hundred."""

_SHOWN: Final = 60
_FEW: Final = 3
"""So many names are told at most that may have been meant."""
_CONVERSATION: Final = "a log has calls and answers on one line, as `vss-sim serve --record FILE` writes them"
_ANSWER_WANTED: Final = (
    'the code that the call answered, such as "S_OK" or "ERROR_FILE_NOT_FOUND", or "TRUE" or "FALSE" of a BOOL'
)
_HEADER_WANTED: Final = 'expected the header {"vss-trace": 1, ...}'

_KINDS: Final = ("call", "event", "happens", "note")


class TraceError(Exception):
    """A trace that cannot be used, from `line` on; `says` tells what is wrong and what was expected."""

    def __init__(self, line: int, says: str) -> None:
        super().__init__(line, says)
        self.line = line
        self.says = says

    def __str__(self) -> str:
        return f"line {self.line}: {self.says}"


_decode_line = msgspec.json.Decoder(Line).decode
decode_known: Final = msgspec.json.Decoder(KnownLine).decode
"""What is known of a line that is no longer than `LONGEST_LINE`: nothing of one that is no call. One that is no line at
all, or not among the known names on the only machine, raises one of `UNDECODABLE`, and is for `read_line` to judge."""

UNDECODABLE: Final = (msgspec.MsgspecError, UnicodeDecodeError, RecursionError)
NOTHING_KNOWN: Final = KnownLine()
"""In place of a line that is for `read_line` to judge."""

_decode_header = msgspec.json.Decoder(Header).decode
_decode_anything = msgspec.json.Decoder().decode
_encode = msgspec.json.Encoder().encode


def split_blocks(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """A stream of bytes as blocks of whole lines, each without its last line end; holds a chunk and a line at most.

    A line that is longer than `LONGEST_LINE` ends the stream: what was read of it is the last block, and refused by
    whoever reads it.
    """
    rest = b""
    for chunk in chunks:
        end = chunk.rfind(b"\n")
        if end < 0:
            rest += chunk
        else:
            yield rest + memoryview(chunk)[:end]
            rest = chunk[end + 1 :]
        if len(rest) > LONGEST_LINE:
            break
    if rest:
        yield rest


def divider_like(text: bytes) -> bytes:
    """What parts a line in two halves: which call on which object, and with which arguments and answer.

    Lines are written as `text` is, with blanks between their tokens or without.
    """
    return b', "in": ' if b'": ' in text[:_SHOWN] else b',"in":'


def are_halves(call: bytes, arguments: bytes) -> bool:
    """Whether these halves of a line, which is one, have its call and its object in the first, and all else after that.

    Then each half with a bracket more is an object of its own. A line that is put together of the first half of one
    such line and the second half of another is a line, too, and says what the two halves say.
    """
    if b'"on"' not in call:
        return False
    try:
        first, second = decode_known(call + b"}"), decode_known(b'{"in":' + arguments)
    except UNDECODABLE:
        return False
    return first.call is not None and (first.returns, first.out, second.call, second.on) == (None,) * 4


def lines_in(block: bytes) -> list[bytes]:
    """The lines of a block as they stand there, each but the last with its line end."""
    texts = list(BytesIO(block))  # the fastest way to count them, too
    if not block or block.endswith(b"\n"):
        texts.append(b"")
    return texts


def _check_length(text: bytes, number: int) -> None:
    if len(text) > LONGEST_LINE:
        raise TraceError(number, f"the line is longer than {LONGEST_LINE} bytes; expected one JSON object a line")


def _too_deep(number: int) -> TraceError:
    return TraceError(number, "the line is nested too deeply; expected the arguments of a call, some levels deep")


def read_json(text: bytes) -> Any:
    """Any JSON value.

    Raises:
        ValueError: it is none; the message says what is wrong.
    """
    try:
        return _decode_anything(text)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise ValueError(_json_fault(text, error)) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def read_header(text: bytes, number: int) -> Header:
    """The header of a trace.

    Raises:
        TraceError: this is no header, or one of a version that this program does not know.
    """
    _check_length(text, number)
    try:
        header = _decode_header(text)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise _not_a_header(text, number, error) from None
    except RecursionError:
        raise _too_deep(number) from None
    if header.version != FORMAT_VERSION:
        says = f"the trace is of version {header.version}; expected version {FORMAT_VERSION}, which this program reads"
        raise TraceError(number, says)
    return header


def empty() -> TraceError:
    """What is wrong with a trace of blank lines, or of none."""
    return TraceError(1, f"the trace is empty; {_HEADER_WANTED}")


def _not_a_header(text: bytes, number: int, error: Exception) -> TraceError:
    form = other_form(text)
    if form is not None:
        return TraceError(number, f"this is {form}; {_HEADER_WANTED}")
    try:
        value = _decode_anything(text)
    except (msgspec.MsgspecError, UnicodeDecodeError) as fault:
        parted = "; an object stands on one line" if text.rstrip() in (b"{", b"[", b"[{") else ""
        return TraceError(number, f"{_json_fault(text, fault)}{parted}; {_HEADER_WANTED}")
    except RecursionError:
        return _too_deep(number)
    if isinstance(value, list):
        return TraceError(number, f"this is one list; {_HEADER_WANTED}, and then one object a line")
    if isinstance(value, dict) and "vss-trace" not in value:
        is_message = "start" in value or ("id" in value and value.keys() & {"call", "returns"})
        talk = f"; {_CONVERSATION}" if is_message else ""
        return TraceError(number, f'the first line has no "vss-trace"; {_HEADER_WANTED}{talk}')
    return TraceError(number, f"{plain_fault(error)}; {_HEADER_WANTED}")


def read_line(text: bytes, number: int) -> Line:
    """One line after the header, checked as far as its form goes.

    Raises:
        TraceError: the line is not JSON, not of the format, or names a call that does not exist.
    """
    _check_length(text, number)
    try:
        line = _decode_line(text)
    except msgspec.ValidationError as error:
        says = plain_fault(error)
        wanted = _ANSWER_WANTED if says.startswith('"returns"') else "a line as in the trace format"
        raise TraceError(number, f"{says}; expected {wanted}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise TraceError(number, f"{_json_fault(text, error)}; expected one JSON object") from None
    except RecursionError:
        raise _too_deep(number) from None
    if type(line.answer) is int and line.answer in (0, 1):  # how a program in C prints what its handler returns
        line.answer = bool(line.answer)
    check_line(line, number)
    return line


def check_line(line: Line, number: int) -> None:
    """Whether the line is one of the four kinds; a call of VSS is one that there is, on an object if it needs one.

    Raises:
        TraceError: it is not.
    """
    if line.call is None:
        kinds = [kind for kind in _KINDS if getattr(line, kind) is not None]
        if kinds not in (["event"], ["happens"], ["note"], ["event", "note"], ["happens", "note"]):
            reply = f"; {_CONVERSATION}" if not kinds and line.returns is not None else ""
            raise TraceError(number, f'expected exactly one of "call", "event", "happens" and "note"{reply}')
        return
    full_name = call_names().get(line.call)
    if full_name is None and not is_foreign(line.call):
        raise TraceError(number, _unknown_call(line.call))
    if full_name not in signatures():
        return
    if line.on is None and signatures()[full_name].interface:
        raise TraceError(number, f'{line.call} has no "on"; expected the handle of the object that it is called on')
    if line.returns is not None:
        _check_answer(line.returns, number)
    if line.in_:
        _check_arguments(full_name, line.in_, number)


def _check_answer(returns: str | int | list[str], number: int) -> None:
    answers = returns if isinstance(returns, list) else [returns]
    if not answers:
        raise TraceError(number, '"returns" is an empty list; expected at least one answer')
    for answer in answers:
        try:
            parse_code(answer)
        except ValueError:
            meant = near(answer, _code_names()) if isinstance(answer, str) else ""
            says = f'"returns": {shown(answer)} is no HRESULT; expected a name or 0x8004xxxx{meant}'
            raise TraceError(number, says) from None


def _check_arguments(full_name: str, arguments: Mapping[str, object], number: int) -> None:
    forms = argument_forms(full_name)
    for name, value in arguments.items():
        if value is not None and name in forms and not isinstance(value, forms[name]):
            raise TraceError(number, f'"{name}" is {shown(value)}; expected {_WANTED[forms[name]]}')


@cache
def argument_forms(full_name: str) -> dict[str, Forms]:
    """Parameter → the types in which a line may write its value, text always among them; unbound ones are left out."""
    parameters = signatures()[full_name].parameters
    return {one.name: one.forms for one in parameters if one.forms and one.direction is not Direction.OUT}


_WANTED: Final[dict[Forms, str]] = {(str,): "text or null", (str, int): "a name, a number or null"}


def shown(value: object) -> str:
    """A value as a line writes it, or the beginning of it."""
    return _encode(value).decode()[:_SHOWN]


def _code_names() -> list[str]:
    return list(HResult.__members__)


def _unknown_call(call: str) -> str:
    if "::" not in call and (method := _after_the_dot(call)) is not None:
        return f"there is no call {call[:_SHOWN]!r}; expected a documented method, written Interface::Method{method}"
    interface, colons, method = call.partition("::") if "::" in call else (BACKUP_COMPONENTS, "", call)
    methods = {name.partition("::")[2]: name for name in call_names() if name.startswith(f"{interface}::")}
    if not colons:
        methods |= {name: name for name in call_names() if "::" not in name}
    meant = _with_its_interface(call) or (near(method, methods, told=methods) if methods else near(call, call_names()))
    return f"there is no call {call[:_SHOWN]!r}; expected a documented method, written Interface::Method{meant}"


def _after_the_dot(call: str) -> str | None:
    """Which method was meant by `object.Method`."""
    return _with_its_interface(call.rpartition(".")[2]) or None


def _with_its_interface(method: str) -> str:
    """The full name of a method that was written without its interface, in brackets; empty where there is none."""
    full_names = [name for name, one in signatures().items() if one.name.casefold() == method.casefold()]
    return f" (did you mean {' or '.join(full_names[:_FEW])}?)" if full_names else ""


def near(word: str, words: Iterable[str], like: float = 0.7, *, told: Mapping[str, str] | None = None) -> str:
    """The one of `words` that was probably meant, in brackets; empty where none is so like it (0 to 1).

    `told` says by what each is told, where that is more than the word.
    """
    close = get_close_matches(word[:200], words, n=1, cutoff=like)
    return f" (did you mean {told[close[0]] if told else close[0]}?)" if close else ""


def _json_fault(text: bytes, error: Exception) -> str:
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as fault:
        return f"byte {fault.start + 1} of the line is not UTF-8"
    half = _half_of_a_character(text)
    if half is not None:
        return f"{half} is half of a character of UTF-16, and stands alone; write \\ufffd in its place"
    return f"not JSON ({plain_fault(error)})"


def _half_of_a_character(text: bytes) -> str | None:
    """The first surrogate without its other half, as JSON writes it: a name of a file may have one, Unicode has not."""
    try:
        found = _SURROGATE.search(json.dumps(json.loads(text), ensure_ascii=False))
    except (ValueError, RecursionError):
        return None
    return f"\\u{ord(found[0]):04x}" if found is not None else None


_SURROGATE: Final = re.compile("[\ud800-\udfff]")


def plain_fault(error: Exception) -> str:
    """What the decoder found, in the words of the format."""
    found = _WRONG_FORM.fullmatch(str(error))
    if found is not None:
        wanted, seen, place = found.groups()
        forms = " or ".join(dict.fromkeys(_IN_WORDS.get(form, form) for form in wanted.split(" | ")))
        what = f'"{place}"' if place else "the line"
        return f"{what} is {_IN_WORDS.get(seen, seen)}, not {forms}"
    return str(error).replace("`", '"').replace('"$.', '"').replace('"$"', "the line")


_WRONG_FORM: Final = re.compile(r"Expected `([^`]+)`, got `(\w+)`(?: - at `\$\.?([^`]*)`)?")
_IN_WORDS: Final = {
    "str": "text",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "array": "a list",
    "object": "an object",
}
"""The forms of JSON values, which the decoder calls as Python does."""
