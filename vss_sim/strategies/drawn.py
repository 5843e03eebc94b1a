"""The strategies themselves: every choice is made by hypothesis."""

from typing import Final

from hypothesis import strategies as st

from vss_sim.model.computer import (
    Description,
    File,
    Machine,
    ProviderFailure,
    ProviderReply,
    Reply,
    ScriptedAnswer,
    ScriptedHappening,
    Win32Fault,
)
from vss_sim.model.metadata import FileSet, WriterComponent
from vss_sim.model.writers import Writer
from vss_sim.strategies.components import draw_components, draw_file_set
from vss_sim.strategies.faults import (
    Faults,
    draw_faults,
    draw_happening,
    draw_provider_failure,
    draw_provider_reply,
    draw_reply,
    draw_scripted_answer,
    draw_win32_fault,
)
from vss_sim.strategies.files import draw_files
from vss_sim.strategies.world import draw_machine, draw_world
from vss_sim.strategies.writer import draw_writer

_C: Final = ("C:\\",)
_ONE: Final = Machine()


class _Hypothesis:
    """The choices of hypothesis."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw

    def below(self, limit: int) -> int:
        """A number from 0 up to `limit`, without it."""
        return self._draw(st.integers(0, limit - 1)) if limit > 1 else 0


@st.composite
def worlds(draw: st.DrawFn, *, most_machines: int = 2, files: bool = True, faults: bool = False) -> Description:
    """Whole worlds: up to four machines with volumes, files, services, writers and providers.

    With `faults`, writers, providers and calls fail by script; without `files`, the volumes are empty.
    """
    return draw_world(_Hypothesis(draw), most_machines=most_machines, files=files, faults=faults)


@st.composite
def machines(
    draw: st.DrawFn, name: str = "one", *, most_writers: int = 3, files: bool = True, faults: bool = False
) -> Machine:
    """One machine of a world."""
    return draw_machine(_Hypothesis(draw), name, most_writers=most_writers, files=files, faults=faults)


@st.composite
def writers(
    draw: st.DrawFn, *, volumes: tuple[str, ...] = _C, services: tuple[str, ...] = (), faults: bool = False
) -> Writer:
    """Writers whose files lie on these volumes and that run in these services or in none; express ones among them."""
    source = _Hypothesis(draw)
    return draw_writer(source, source.below(16), volumes=volumes, services=services, faults=faults)


@st.composite
def component_trees(
    draw: st.DrawFn, *, volumes: tuple[str, ...] = _C, most: int = 4, express: bool = False
) -> tuple[WriterComponent, ...]:
    """The components of a writer: under logical paths, under each other, selectable or not."""
    return draw_components(_Hypothesis(draw), volumes, most, express=express)


@st.composite
def file_sets(draw: st.DrawFn, *, volumes: tuple[str, ...] = _C) -> FileSet:
    """File sets below folders that `file_trees` has, too."""
    return draw_file_set(_Hypothesis(draw), volumes)


@st.composite
def file_trees(draw: st.DrawFn, volume: str = "C:\\", *, most: int = 6) -> dict[str, File]:
    """What `files` of a volume takes: whole path → file; a path that ends with a backslash is an empty folder."""
    return draw_files(_Hypothesis(draw), volume, most)


@st.composite
def fault_scripts(draw: st.DrawFn, machine: Machine = _ONE, *, most: int = 3) -> Faults:
    """What fails on this machine, and when: `faults.on(machine)` is the machine on which it does."""
    return draw_faults(_Hypothesis(draw), machine, most)


@st.composite
def writer_replies(draw: st.DrawFn) -> Reply:
    """How a writer handles an event: it fails, is slow, silent, or crashes, at the n-th time."""
    return draw_reply(_Hypothesis(draw))


@st.composite
def provider_failures(draw: st.DrawFn) -> ProviderFailure:
    """A call that a provider fails, at the n-th time."""
    return draw_provider_failure(_Hypothesis(draw))


@st.composite
def provider_replies(draw: st.DrawFn) -> ProviderReply:
    """How a provider takes a step of a creation: it fails, or needs up to a tick more than is allowed."""
    return draw_provider_reply(_Hypothesis(draw))


@st.composite
def call_faults(draw: st.DrawFn) -> ScriptedAnswer:
    """What an asynchronous call answers, at the n-th time, and how long it takes."""
    return draw_scripted_answer(_Hypothesis(draw))


@st.composite
def file_faults(draw: st.DrawFn, machine: Machine = _ONE) -> Win32Fault:
    """A file or service call of this machine, or a delayed move, that Windows fails at the n-th time."""
    return draw_win32_fault(_Hypothesis(draw), machine)


@st.composite
def happenings(draw: st.DrawFn, machine: Machine = _ONE) -> ScriptedHappening:
    """What happens to this machine right after the n-th call: something on it crashes, it starts anew."""
    return draw_happening(_Hypothesis(draw), machine)
