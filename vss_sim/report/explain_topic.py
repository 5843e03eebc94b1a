"""Which page of the documentation is about a word that is the name of nothing: `transport`, `shadow copy`."""

from functools import cache
from typing import Final

_TOPICS: Final = {
    "backup-types.md": ("backup", "backup type", "full backup", "incremental backup", "differential backup", "stamp"),
    "check.md": ("log", "trace", "profile", "finding", "recorder"),
    "conformance.md": ("conformance", "conformance suite", "adapter"),
    "documents.md": ("document", "metadata", "backup components document", "writer metadata document"),
    "files.md": ("file", "service", "file call"),
    "protocol.md": ("protocol", "state", "phase"),
    "rehearse.md": ("restore", "rehearsal", "restart"),
    "requester.md": ("requester", "Python"),
    "restore-methods.md": ("restore method", "restore target", "alternate location"),
    "selection.md": ("selection", "component", "component set", "subcomponent", "selectable"),
    "shadow-copies.md": (
        *("shadow copy", "shadow copy set", "snapshot", "snapshot set", "storage area", "diff area", "revert"),
        *("auto-recovery", "auto-release", "exposure", "break"),
    ),
    "timeline.md": ("timeline", "frozen"),
    "transport.md": ("transport", "transportable", "import", "LUN", "masking", "array"),
    "wire.md": ("wire", "transcript"),
    "world.md": ("world", "machine", "volume", "provider", "script"),
    "writers.md": ("writer", "express writer"),
}
"""Page of `docs/` → what it is about."""


def page_about(words: str) -> str | None:
    """The page that is about this, in whatever case, one or many of it; None where none is."""
    return _pages().get(_plain(words))


def pages() -> tuple[str, ...]:
    """Every page that is named."""
    return tuple(f"docs/{page}" for page in _TOPICS)


@cache
def _pages() -> dict[str, str]:
    found: dict[str, str] = {}
    for page, topics in _TOPICS.items():
        for topic in map(_plain, topics):
            found |= dict.fromkeys((topic, f"{topic}s", f"{topic.removesuffix('y')}ies"), f"docs/{page}")
    return found


def _plain(words: str) -> str:
    return " ".join(words.replace("-", " ").replace("_", " ").casefold().split())
