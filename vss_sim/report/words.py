"""The words of the table: needs, forces and states, as people say them; and the lines that words are broken into."""

import json
import textwrap
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Final

from vss_sim.spec.hresult import HResult
from vss_sim.spec.state import MACHINE_MASK, machines_in, values_in
from vss_sim.spec.table import Force, Need, Profile

_WIDEST: Final = 112
"""Of a line, in characters: it fits on a screen beside a margin."""
_NARROWEST: Final = 40
_WIDTH: ContextVar[int] = ContextVar("width", default=_WIDEST)


def width() -> int:
    """Of a line, in characters."""
    return _WIDTH.get()


@contextmanager
def lines_within(columns: int) -> Iterator[None]:
    """Lines of words have at most so many characters here, and never more than usual."""
    before = _WIDTH.set(max(_NARROWEST, min(columns, _WIDEST)))
    try:
        yield
    finally:
        _WIDTH.reset(before)


def state_words(mask: int) -> str:
    """What `mask` says of each machine that it names; the negative where that is shorter."""
    said = []
    for machine in machines_in(mask):
        inside = values_in(mask & MACHINE_MASK[machine])
        outside = values_in(MACHINE_MASK[machine] & ~mask)
        if outside and len(outside) < len(inside):
            said.append("not: " + ", nor: ".join(value.meaning for value in outside))
        else:
            said.append(" or ".join(value.meaning for value in inside))
    return " and ".join(said)


def needs_in_words(need: Need) -> str:
    """What a need asks for; alternatives are joined by `or else`."""
    return "; or else ".join(state_words(mask) for mask in need.met if mask) or "never"


def force_words(need: Need, profile: Profile) -> str:
    """What happens when the need is not met."""
    return unmet_words(need.force(profile), need.answers)


def unmet_words(force: Force, answers: tuple[HResult, ...]) -> str:
    """What happens to a call that does not meet what is asked with this force; `answers` are those of a refusal."""
    codes = " or ".join(code.name for code in answers) or "no answer is defined"
    return {
        Force.REFUSED: codes,
        Force.UNSURE: f"forbidden; whether Windows refuses it ({codes}) is not known",
        Force.TOLERATED: "forbidden by the documentation; Windows lets it pass",
        Force.NOTED: "not as documented; Windows lets it pass, and programs do it every night",
        Force.ALLOWED: "allowed",
    }[force]


def wrapped(text: str, indent: str = "  ", hanging: str = "") -> str:
    """A text in lines after `indent`, whose second and later ones stand further in by `hanging`; no word is broken."""
    return labelled(indent, text, indent + hanging)


def labelled(head: str, text: str, under: str | None = None) -> str:
    """A text in lines, the first after `head`, the others after `under` (None: as far in as the first)."""
    if len(head) + len(text) <= width() and text.isprintable():
        return head + text
    return textwrap.fill(
        text,
        width(),
        initial_indent=head,
        subsequent_indent=" " * len(head) if under is None else under,
        break_long_words=False,
        break_on_hyphens=False,
    )


def cut(text: str, longest: int) -> str:
    """A text that is no longer than so many characters."""
    return text if len(text) <= longest else text[: longest - 3] + "..."


def values_in_words(values: Mapping[str, Any] | None, longest: int) -> str:
    """What was given or handed out, after a blank: each by its name, as JSON, cut; empty where nothing was."""
    told = ((name, json.dumps(value, ensure_ascii=False)) for name, value in (values or {}).items())
    return " " + ", ".join(f"{name}={cut(value, longest)}" for name, value in told) if values else ""


def printable(text: str) -> str:
    """`text` without what breaks a line, a terminal or an encoder: such characters are written as escapes."""
    plain = text.encode("utf-8", "backslashreplace").decode()
    return plain if plain.isprintable() else "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in plain)
